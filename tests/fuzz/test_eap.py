"""EAP from a hostile UE or core: a packet, or DecodeError, for any octets."""

import random

from awase.protocols.eap.codec import decode, encode, verify
from awase.protocols.eap.messages import OtherMethod
from awase.wire.errors import DecodeError
from unit.protocols.eap.test_codec import PACKETS

SEEDS = [encode(packet) for packet, _ in PACKETS]


def mutated(rng: random.Random) -> bytes:
    octets = bytearray(rng.choice(SEEDS))
    for _ in range(rng.randrange(4)):
        place = rng.randrange(len(octets) + 1)
        match rng.randrange(4):
            case 0:
                octets[place:] = b""
            case 1:
                octets[place:place] = rng.randbytes(rng.randrange(1, 9))
            case 2:
                octets[place : place + 1] = rng.randbytes(1)
            case _:
                octets += rng.choice(SEEDS)[rng.randrange(12) :]
        octets = octets or bytearray(1)
    if rng.random() < 0.8 and len(octets) >= 4:
        octets[2:4] = len(octets).to_bytes(2)
    return bytes(octets)


def test_any_octets_are_a_packet_or_a_decode_error() -> None:
    rng = random.Random(35)
    decoded = 0
    for _ in range(20_000):
        octets = mutated(rng)
        try:
            packet = decode(octets)
            verify(octets, bytes(32))
        except DecodeError:
            continue
        decoded += 1
        length = int.from_bytes(octets[2:4])
        assert decode(encode(packet)) == packet
        assert len(encode(packet)) == length
        if isinstance(packet, OtherMethod):
            assert encode(packet) == octets[:length]
    assert decoded > 5_000
