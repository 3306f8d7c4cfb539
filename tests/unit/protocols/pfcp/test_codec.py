import warnings
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from awase.protocols.pfcp import messages as m
from awase.protocols.pfcp.codec import (
    ElementError,
    UnknownMessageError,
    VersionError,
    decode,
    decode_group,
    encode,
    encode_group,
    is_session_message,
)
from awase.protocols.pfcp.element_table import ELEMENTS
from awase.protocols.pfcp.elements import (
    Cause,
    FSeid,
    FTeid,
    NodeId,
    OuterHeaderCreation,
    UeIpAddress,
    UnknownElement,
    UpFunctionFeature,
    UserId,
    features,
    has_feature,
)
from awase.wire.errors import DecodeError, EncodeError
from unit.protocols.pfcp.strategies import MESSAGES, READ_MESSAGES

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from pycrate_mobile.TS29244_PFCP import parse_PFCP

VECTORS = Path(__file__).parents[3] / "vectors" / "pfcp"
PACKETS = [
    pytest.param(bytes.fromhex(line.split()[1]), id=f"{path.stem}-frame-{line.split()[0]}")
    for path in sorted(VECTORS.glob("*/*.txt"))
    for line in path.read_text().splitlines()
]


def again(header, message):
    return encode(
        message,
        sequence_number=header.sequence_number,
        seid=header.seid,
        message_priority=header.message_priority,
    )


@pytest.mark.parametrize("octets", PACKETS)
def test_a_packet_of_a_real_core_reencodes_octet_for_octet(octets):
    header, message = decode(octets)
    assert message.unknown == ()
    assert again(header, message) == octets


def test_the_captures_have_every_packet():
    assert len(PACKETS) == 60


@settings(max_examples=100, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(MESSAGES)
def test_any_message_survives_encoding(message):
    number = m.NUMBER_OF_MESSAGE[type(message)]
    seid = 0xFEDCBA9876543210 if is_session_message(number) else None
    octets = encode(message, sequence_number=0xABCDEF, seid=seid, message_priority=5)
    header, decoded = decode(octets)
    assert decoded == message
    assert header == m.Header(message_type=number, sequence_number=0xABCDEF, seid=seid, message_priority=5)


@settings(max_examples=60, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(READ_MESSAGES)
def test_pycrate_reads_and_writes_the_same_octets(message):
    number = m.NUMBER_OF_MESSAGE[type(message)]
    octets = encode(message, sequence_number=7, seid=1 if is_session_message(number) else None)
    parsed, error = parse_PFCP(octets)
    assert error == 0
    assert parsed.to_bytes() == octets


def test_pycrate_sees_the_elements_that_we_wrote():
    message = m.SessionEstablishmentRequest(
        node_id=NodeId(ipv4_address="10.0.0.1"),
        cp_f_seid=FSeid(seid=77, ipv4_address="10.0.0.1"),
        create_pdr=(
            m.CreatePdr(
                pdr_id=1,
                precedence=255,
                pdi=m.Pdi(
                    source_interface=0,
                    f_teid=FTeid(choose_ipv4=True, choose_id=5),
                    ue_ip_address=(UeIpAddress(ipv4_address="10.45.0.2"),),
                    qfi=(9,),
                ),
                far_id=3,
            ),
        ),
        create_far=(
            m.CreateFar(
                far_id=3,
                apply_action=2,
                forwarding_parameters=m.ForwardingParameters(
                    destination_interface=1,
                    outer_header_creation=OuterHeaderCreation(
                        description=0x0100, teid=0xAABBCCDD, ipv4_address="10.0.0.9"
                    ),
                ),
            ),
        ),
        user_id=UserId(imsi="001010000000001"),
    )
    parsed, error = parse_PFCP(encode(message, sequence_number=1, seid=0))
    assert error == 0
    shown = parsed.show()
    for text in ("10.45.0.2", "10.0.0.9", "<CHOOSE_ID : 5>", "<TEID : 2864434397>"):
        assert text in shown


def test_every_field_of_every_message_is_in_the_element_table():
    for cls in m.MESSAGE_TYPES.values():
        for name in cls.__struct_fields__:
            assert name == "unknown" or name in ELEMENTS


HEARTBEAT = encode(m.HeartbeatRequest(recovery_time_stamp=1), sequence_number=9)


def test_another_version_is_told_from_a_malformed_message():
    with pytest.raises(VersionError) as caught:
        decode(b"\x40" + HEARTBEAT[1:])
    assert caught.value.sequence_number == 9


def test_an_unknown_message_type_is_told_from_a_malformed_message():
    with pytest.raises(UnknownMessageError):
        decode(b"\x20\x63" + HEARTBEAT[2:])


def test_a_missing_mandatory_element_names_itself():
    with pytest.raises(ElementError) as caught:
        decode(bytes.fromhex("20010004" + "00000900"))
    assert (caught.value.cause, caught.value.offending_ie) == (Cause.MANDATORY_IE_MISSING, 96)
    assert caught.value.header.sequence_number == 9


def test_an_element_that_is_too_short_names_itself():
    with pytest.raises(ElementError) as caught:
        decode(bytes.fromhex("2001000a" + "00000900" + "006000021234"))
    assert (caught.value.cause, caught.value.offending_ie) == (Cause.INVALID_LENGTH, 96)


def test_an_element_that_goes_beyond_the_message_names_itself():
    with pytest.raises(ElementError) as caught:
        decode(bytes.fromhex("2001000a" + "00000900" + "0060000a1234"))
    assert (caught.value.cause, caught.value.offending_ie) == (Cause.INVALID_LENGTH, 96)


def test_an_f_teid_without_a_version_of_ip_is_incorrect():
    octets = bytes.fromhex("2135001a" + "0000000000000001" + "00000100" + "000c000a" + "003800020001" + "00150000")
    with pytest.raises(DecodeError):
        decode(octets)


def test_vendor_elements_survive():
    vendor = UnknownElement(type=0x8002, content=b"\x01\x02", enterprise_id=18681)
    message = m.HeartbeatRequest(recovery_time_stamp=1, unknown=(vendor,))
    assert decode(encode(message, sequence_number=1))[1] == message


def test_the_first_of_an_element_that_may_not_repeat_counts():
    twice = HEARTBEAT[:2] + b"\x00\x14" + HEARTBEAT[4:] + b"\x00\x60\x00\x04\x00\x00\x00\x02"
    assert decode(twice)[1].recovery_time_stamp == 1


def test_a_network_instance_is_sent_as_labels_and_understood_as_plain_text():
    pdi = m.Pdi(source_interface=0, network_instance="internet")
    octets = encode_group(pdi)
    assert b"\x00\x16\x00\x09\x08internet" in octets
    plain = octets.replace(b"\x00\x09\x08internet", b"\x00\x08internet")
    assert decode_group(m.Pdi, plain, 0, len(plain)) == pdi


def test_function_features_count_bits_from_octet_5():
    octets = features(UpFunctionFeature.FTUP, UpFunctionFeature.UEIP)
    assert octets == b"\x10\x00\x04"
    assert has_feature(octets, UpFunctionFeature.FTUP)
    assert not has_feature(octets, UpFunctionFeature.EMPU)
    assert not has_feature(None, UpFunctionFeature.FTUP)
    assert not has_feature(b"\x10", UpFunctionFeature.UEIP)


@pytest.mark.parametrize(
    "message",
    [
        m.HeartbeatRequest(recovery_time_stamp=1 << 32),
        m.AssociationReleaseRequest(node_id=NodeId()),
        m.AssociationReleaseRequest(node_id=NodeId(ipv4_address="10.0.0.256")),
        m.AssociationReleaseRequest(node_id=NodeId(fqdn="a..b")),
        m.Pdi(source_interface=0),
    ],
)
def test_a_value_that_does_not_fit_is_our_callers_mistake(message):
    with pytest.raises(EncodeError):
        encode(message, sequence_number=1)


def test_a_session_message_needs_an_seid():
    with pytest.raises(EncodeError):
        encode(m.SessionDeletionRequest(), sequence_number=1)
    with pytest.raises(EncodeError):
        encode(m.HeartbeatRequest(recovery_time_stamp=1), sequence_number=1, seid=1)
