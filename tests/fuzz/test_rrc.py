"""Whatever the octets on whatever channel: an RRC message, or DecodeError."""

import random

from awase.protocols.rrc import codec
from awase.protocols.rrc.messages import Message
from awase.wire.errors import DecodeError
from unit.protocols.rrc.test_codec import EXAMPLES


def mutated(rng: random.Random, octets: bytes) -> bytes:
    changed = bytearray(octets)
    for _ in range(rng.randint(1, 3)):
        kind = rng.randrange(4)
        if kind == 0:
            changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
        elif kind == 1:
            del changed[rng.randrange(len(changed)) + 1 :]
        elif kind == 2:
            changed[rng.randrange(len(changed))] = rng.randrange(256)
        else:
            changed += rng.randbytes(rng.randint(1, 4))
    return bytes(changed)


def decoded(channel: str, octets: bytes) -> Message | None:
    """What the octets are, None if they are nothing; any other exception fails the test."""
    try:
        return codec.decode(channel, octets)
    except DecodeError:
        return None


def test_any_octets_are_a_message_or_a_decode_error():
    rng = random.Random(38331)
    seeds = [(channel, codec.encode(channel, message)[:300]) for channel, message in EXAMPLES]
    understood = 0
    for turn in range(20_000):
        channel, octets = seeds[turn % len(seeds)]
        octets = mutated(rng, octets)
        message = decoded(channel, octets)
        if message is None:
            continue
        understood += 1
        assert codec.decode(channel, codec.encode(channel, message)) == message
    assert understood > 1000


def test_random_octets_on_any_channel_are_a_message_or_a_decode_error():
    rng = random.Random(7)
    for turn in range(10_000):
        channel = codec.CHANNELS[turn % len(codec.CHANNELS)]
        decoded(channel, rng.randbytes(rng.randint(0, 40)))
