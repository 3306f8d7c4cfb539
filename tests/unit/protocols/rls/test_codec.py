"""RLS 3.3.0 as octets (layout: UERANSIM's)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from awase.protocols.rls.codec import decode, encode
from awase.protocols.rls.messages import (
    Heartbeat,
    HeartbeatAck,
    PduTransmission,
    PduTransmissionAck,
    PduType,
    RrcChannel,
)
from awase.wire.errors import DecodeError, EncodeError

STI = 0x0102030405060708


@pytest.mark.parametrize(
    ("message", "octets"),
    [
        (Heartbeat(sti=STI), "03030300040102030405060708000000000000000000000000"),
        (Heartbeat(sti=STI, x=1, y=-1, z=2), "0303030004010203040506070800000001ffffffff00000002"),
        (HeartbeatAck(sti=STI, dbm=-1), "03030300050102030405060708ffffffff"),
        (
            PduTransmission(sti=STI, pdu_type=PduType.RRC, pdu_id=0, payload=RrcChannel.UL_CCCH, pdu=b"\x1d\x00"),
            "03030300060102030405060708010000000000000005000000021d00",
        ),
        (
            PduTransmission(sti=STI, pdu_type=PduType.DATA, pdu_id=7, payload=1, pdu=b"\x45"),
            "030303000601020304050607080200000007000000010000000145",
        ),
        (
            PduTransmissionAck(sti=STI, pdu_ids=(1, 0xA5010002)),
            "030303000701020304050607080000000200000001a5010002",
        ),
    ],
)
def test_a_message_is_written_as_ueransim_writes_it(message, octets):
    assert encode(message).hex() == octets
    assert decode(bytes.fromhex(octets)) == message


u32 = st.integers(0, 2**32 - 1)
i32 = st.integers(-(2**31), 2**31 - 1)
stis = st.integers(0, 2**64 - 1)
messages = st.one_of(
    st.builds(Heartbeat, sti=stis, x=i32, y=i32, z=i32),
    st.builds(HeartbeatAck, sti=stis, dbm=i32),
    st.builds(
        PduTransmission,
        sti=stis,
        pdu_type=st.just(PduType.RRC),
        pdu_id=u32,
        payload=st.integers(0, 7),
        pdu=st.binary(max_size=100),
    ),
    st.builds(
        PduTransmission,
        sti=stis,
        pdu_type=st.just(PduType.DATA),
        pdu_id=u32,
        payload=u32,
        pdu=st.binary(max_size=100),
    ),
    st.builds(PduTransmissionAck, sti=stis, pdu_ids=st.lists(u32, max_size=20).map(tuple)),
)


@settings(derandomize=True, deadline=None)
@given(messages)
def test_every_message_survives_the_wire(message):
    assert decode(encode(message)) == message


@pytest.mark.parametrize(
    ("octets", "what"),
    [
        ("", "0 octets"),
        ("0303020004" + "00" * 20, "RLS version 3.2.0, not 3.3.0"),
        ("0203030004" + "00" * 20, "first octet 0x02"),
        ("0303030003" + "00" * 20, "unknown RLS message type 3"),
        ("0303030004" + "00" * 19, "heartbeat of 24 octets, not 25"),
        ("0303030006" + "00" * 20, "truncated"),
        ("0303030006" + "00" * 8 + "03" + "00" * 12, "unknown PDU type 3"),
        ("0303030006" + "00" * 8 + "01" + "000000000000000800000000", "unknown RRC channel 8"),
        ("0303030006" + "00" * 8 + "01" + "000000000000000000004001" + "00" * 16385, "above 16384"),
        ("0303030007" + "00" * 8 + "00001001", "4097 acks are above 4096"),
        ("0303030007" + "00" * 8 + "0000000200000001", "not 25"),
    ],
)
def test_what_is_no_rls_message_says_what_was_wrong(octets, what):
    with pytest.raises(DecodeError, match=what):
        decode(bytes.fromhex(octets))


@pytest.mark.parametrize(
    "message",
    [
        Heartbeat(sti=2**64),
        Heartbeat(sti=1, x=2**31),
        PduTransmission(sti=1, pdu_type=PduType.RRC, payload=8, pdu=b""),
        PduTransmission(sti=1, pdu_type=PduType.DATA, payload=1, pdu=bytes(16385)),
        PduTransmissionAck(sti=1, pdu_ids=(1,) * 4097),
        PduTransmissionAck(sti=1, pdu_ids=(-1,)),
    ],
)
def test_what_rls_cannot_carry_is_refused(message):
    with pytest.raises(EncodeError):
        encode(message)
