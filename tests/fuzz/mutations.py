"""How the octets of a datagram protocol are spoilt."""

import random
from collections.abc import Sequence


def mutated(rng: random.Random, seeds: Sequence[bytes], head: int) -> bytes:
    """One of some messages, spoilt; mostly with a length that fits, so that what is spoilt is read.

    The length stands in octets 3 and 4, and counts what follows the first `head` octets.
    """
    octets = bytearray(rng.choice(seeds))
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        kind = rng.randrange(4)
        at = rng.randrange(len(octets)) if octets else 0
        if kind == 0 and octets:
            octets[at] = rng.choice((0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)))
        elif kind == 1:
            del octets[at:]
        elif kind == 2:
            octets[at:at] = rng.randbytes(rng.randint(1, 4))
        else:
            del octets[at : at + rng.randint(1, 4)]
    if rng.random() < 0.7 and len(octets) >= 8:
        octets[2:4] = (len(octets) - head).to_bytes(2, "big")
    return bytes(octets)
