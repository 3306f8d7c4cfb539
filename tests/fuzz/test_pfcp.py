"""The PFCP decoder gives a message or DecodeError, whatever the octets."""

import random
from pathlib import Path

from awase.protocols.pfcp.codec import decode, encode
from awase.wire.errors import DecodeError
from fuzz.mutations import mutated

VECTORS = Path(__file__).parents[1] / "vectors" / "pfcp"
SEEDS = [
    bytes.fromhex(line.split()[1]) for path in sorted(VECTORS.glob("*/*.txt")) for line in path.read_text().splitlines()
]
HEAD = 4
"""Octets that the length does not count."""


def test_mutated_messages_are_messages_or_decode_errors():
    rng = random.Random(1)
    read = 0
    for _ in range(20_000):
        octets = mutated(rng, SEEDS, HEAD)
        try:
            header, message = decode(octets)
        except DecodeError:
            continue
        again = encode(message, sequence_number=header.sequence_number, seid=header.seid)
        assert decode(again)[1] == message
        read += 1
    assert read > 1_000


def test_random_octets_are_messages_or_decode_errors():
    rng = random.Random(2)
    for _ in range(5_000):
        octets = bytearray(rng.randbytes(rng.randint(0, 60)))
        if len(octets) > 4:
            octets[0] = rng.choice((0x20, 0x21))
            octets[1] = rng.choice((1, 5, 50, 52, 56))
            octets[2:4] = (len(octets) - 4).to_bytes(2, "big")
        try:
            decode(bytes(octets))
        except DecodeError:
            continue
