"""An element's octets, changed at random: a decoder gives a value that comes back equal, or DecodeError."""

import random
from typing import Any


def values(kind: Any, octets: bytes, rounds: int = 3_000) -> int:
    """How many of so many mutations still are a value; each of them encodes to octets of the same value."""
    rng = random.Random(len(octets))
    good = 0
    for _ in range(rounds):
        changed = bytearray(octets)
        for _ in range(rng.randint(1, 3)):
            changed[rng.randrange(len(changed))] = rng.choice((0, 1, rng.randrange(256), 255))
        if rng.random() < 0.5:
            del changed[rng.randint(1, len(changed)) :]
        try:
            value = kind.decode(bytes(changed))
        except (ValueError, IndexError):
            continue
        good += 1
        assert kind.decode(value.encode()) == value, changed.hex()
        assert value.encode() == kind.decode(value.encode()).encode()
    return good
