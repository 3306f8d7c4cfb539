"""Whatever the octets: an NGAP message (or transfer), or DecodeError."""

import random
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from awase.protocols.ngap import codec, transfers
from awase.protocols.ngap.messages import PDUSessionResourceSetupRequest, PDUSessionResourceSetupResponse
from awase.wire.errors import DecodeError
from unit.protocols.ngap.examples import EXAMPLES, TRANSFERS

VECTORS = Path(__file__).parent.parent / "vectors" / "ngap"
CAPTURED = sorted({line for path in sorted(VECTORS.glob("*/pdus.txt")) for line in path.read_text().split()})


def mutated(rng: random.Random, octets: bytes) -> bytes:
    changed = bytearray(octets)
    for _ in range(rng.randint(1, 3)):
        kind = rng.randrange(5)
        if kind == 0:
            changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
        elif kind == 1:
            del changed[rng.randrange(len(changed)) + 1 :]
        elif kind == 2:
            changed[rng.randrange(len(changed))] = rng.choice((0, 0x7F, 0x80, 0xBF, 0xC4, 0xFF))
        elif kind == 3:
            at = rng.randrange(len(changed))
            changed[at:at] = rng.randbytes(rng.randint(1, 4))
        else:
            changed += rng.randbytes(rng.randint(1, 4))
    return bytes(changed)


def decoded(decode: Callable[[bytes], Any], octets: bytes) -> Any:
    """What the octets are, None if they are nothing; any other exception fails the test."""
    try:
        return decode(octets)
    except DecodeError:
        return None


def test_any_octets_are_a_message_or_a_decode_error():
    rng = random.Random(38413)
    seeds = [bytes.fromhex(line) for line in CAPTURED] + [codec.encode(message) for message in EXAMPLES]
    understood = 0
    for turn in range(20_000):
        octets = mutated(rng, seeds[turn % len(seeds)])
        message = decoded(codec.decode, octets)
        if message is not None:
            understood += 1
            assert codec.decode(codec.encode(message)) == message
    assert understood > 1000


def test_any_octets_are_a_generic_value_or_a_decode_error():
    rng = random.Random(38413)
    seeds = [bytes.fromhex(line) for line in CAPTURED] + [codec.encode(message) for message in EXAMPLES]
    for turn in range(10_000):
        octets = mutated(rng, seeds[turn % len(seeds)])
        decoded(partial(codec.generic().decode, "NGAP-PDU"), octets)


def test_any_octets_are_a_transfer_or_a_decode_error():
    rng = random.Random(38413)
    seeds = [(type(transfer), codec.encode_transfer(transfer)) for transfer in TRANSFERS]
    for turn in range(20_000):
        kind, octets = seeds[turn % len(seeds)]
        octets = mutated(rng, octets)
        transfer = decoded(partial(codec.decode_transfer, kind), octets)
        if transfer is not None:
            assert codec.decode_transfer(kind, codec.encode_transfer(transfer)) == transfer


def test_random_octets_are_a_message_or_a_decode_error():
    rng = random.Random(7)
    for _ in range(5_000):
        octets = rng.randbytes(rng.randint(0, 60))
        decoded(codec.decode, octets)
        decoded(partial(codec.decode_transfer, transfers.PDUSessionResourceSetupRequestTransfer), octets)


@pytest.mark.parametrize("length", [0, 1, 2, 3, 4, 5])
def test_what_is_cut_off_is_a_decode_error(length):
    octets = codec.encode(EXAMPLES[0])[:length]
    with pytest.raises(DecodeError):
        codec.decode(octets)


def test_a_list_that_claims_65535_items_takes_no_memory():
    head = bytes.fromhex("000f40") + bytes([0x80, 8]) + bytes.fromhex("00ffff0055ffff00")
    with pytest.raises(DecodeError):
        codec.decode(head)
    with pytest.raises(DecodeError):
        codec.generic().decode("NGAP-PDU", head)


def test_examples_hold_the_messages_of_a_session():
    kinds = {type(message) for message in EXAMPLES}
    assert {PDUSessionResourceSetupRequest, PDUSessionResourceSetupResponse} <= kinds
