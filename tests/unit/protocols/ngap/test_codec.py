"""Typed NGAP messages: round trips, and the same octets as the generic layer makes of the same value."""

import pytest

from awase.protocols.ngap import codec
from unit.protocols.ngap.examples import EXAMPLES, TRANSFERS


def named(value):
    return type(value).__name__


@pytest.mark.parametrize("message", EXAMPLES, ids=named)
def test_a_message_survives_encoding_and_decoding(message):
    octets = codec.encode(message)
    assert codec.decode(octets) == message
    value = codec.generic().decode("NGAP-PDU", octets)
    assert codec.generic().encode("NGAP-PDU", value) == octets
    assert codec.describe(octets) == named(message)


@pytest.mark.parametrize("transfer", TRANSFERS, ids=named)
def test_a_transfer_survives_encoding_and_decoding(transfer):
    octets = codec.encode_transfer(transfer)
    assert codec.decode_transfer(type(transfer), octets) == transfer
    value = codec.generic().decode(named(transfer), octets)
    assert codec.generic().encode(named(transfer), value) == octets
