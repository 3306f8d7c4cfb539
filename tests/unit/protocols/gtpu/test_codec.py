import warnings
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from awase.protocols.gtpu import messages as m
from awase.protocols.gtpu.codec import (
    UnsupportedExtensionHeaderError,
    VersionError,
    decode,
    decode_g_pdu,
    encode,
    encode_g_pdu,
)
from awase.wire.errors import DecodeError, EncodeError

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from pycrate_mobile.TS29281_GTPU import parse_GTPU

VECTORS = Path(__file__).parents[3] / "vectors" / "gtpu"
PACKETS = [
    pytest.param(bytes.fromhex(line.split()[1]), id=f"{path.stem}-frame-{line.split()[0]}")
    for path in sorted(VECTORS.glob("*/*.txt"))
    for line in path.read_text().splitlines()
]


@pytest.mark.parametrize("octets", PACKETS)
def test_a_packet_of_a_real_network_reencodes_octet_for_octet(octets):
    message = decode(octets)
    assert encode(message) == octets
    assert isinstance(message, m.GPdu)
    assert message.container.qfi == 1


@pytest.mark.parametrize("octets", PACKETS)
def test_the_fast_path_agrees_on_real_packets(octets):
    message = decode(octets)
    assert decode_g_pdu(octets) == (message.teid, 1, message.payload)
    uplink = isinstance(message.container, m.UlPduSessionInformation)
    assert encode_g_pdu(message.teid, message.payload, 1, uplink=uplink) == octets


def test_the_captures_have_every_packet():
    assert len(PACKETS) == 30


U8, U16, U32, U64 = (st.integers(0, 2 ** (8 * n) - 1) for n in (1, 2, 4, 8))
QFI = st.integers(0, 63)
DL = st.builds(
    m.DlPduSessionInformation,
    qfi=QFI,
    rqi=st.booleans(),
    ppi=st.none() | st.integers(0, 7),
    dl_sending_time_stamp=st.none() | U64,
    dl_qfi_sequence_number=st.none() | st.integers(0, 2**24 - 1),
    dl_mbs_qfi_sequence_number=st.none() | U32,
)
UL = st.builds(
    m.UlPduSessionInformation,
    qfi=QFI,
    dl_delay_result=st.none() | U32,
    ul_delay_result=st.none() | U32,
    ul_qfi_sequence_number=st.none() | st.integers(0, 2**24 - 1),
    n3_n9_delay_result=st.none() | U32,
) | st.builds(
    m.UlPduSessionInformation,
    qfi=QFI,
    dl_sending_time_stamp_repeated=U64,
    dl_received_time_stamp=U64,
    ul_sending_time_stamp=U64,
    new_ie_flags=st.none() | U8,
)
EXTENSIONS = st.lists(
    st.builds(
        m.ExtensionHeader,
        type=st.sampled_from((0x40, 0x84, 0xC0, 0x7F)),
        content=st.integers(0, 3).map(lambda n: bytes(4 * n + 2)),
    ),
    max_size=2,
).map(tuple)
COMMON = {
    "teid": U32,
    "sequence_number": st.none() | U16,
    "n_pdu_number": st.none() | U8,
    "extension_headers": EXTENSIONS,
}
UNKNOWN = st.lists(
    st.builds(m.UnknownElement, type=st.integers(142, 255), content=st.binary(max_size=5)), max_size=1
).map(tuple)
MESSAGES = st.one_of(
    st.builds(m.GPdu, **COMMON, payload=st.binary(max_size=40), container=st.none() | DL | UL),
    st.builds(m.EchoRequest, **COMMON, unknown=UNKNOWN),
    st.builds(m.EchoResponse, **COMMON, recovery=U8, unknown=UNKNOWN),
    st.builds(
        m.ErrorIndication,
        **COMMON,
        tunnel_endpoint_identifier_data_i=U32,
        gtp_u_peer_address=st.sampled_from(("10.1.2.3", "2001:db8::1")),
        unknown=UNKNOWN,
    ),
    st.builds(
        m.SupportedExtensionHeadersNotification,
        **COMMON,
        extension_header_types=st.binary(max_size=5).map(tuple),
        unknown=UNKNOWN,
    ),
    st.builds(m.EndMarker, **COMMON, container=st.none() | DL, unknown=UNKNOWN),
)


@settings(max_examples=300, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(MESSAGES)
def test_any_message_survives_encoding(message):
    assert decode(encode(message)) == message


PLAIN = st.builds(
    m.GPdu,
    teid=U32,
    payload=st.binary(max_size=40),
    container=st.none() | st.builds(m.DlPduSessionInformation, qfi=QFI) | st.builds(m.UlPduSessionInformation, qfi=QFI),
)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(PLAIN)
def test_the_fast_path_agrees_with_the_other(message):
    octets = encode(message)
    qfi = None if message.container is None else message.container.qfi
    assert decode_g_pdu(octets) == (message.teid, qfi, message.payload)
    if qfi is not None:
        uplink = isinstance(message.container, m.UlPduSessionInformation)
        assert encode_g_pdu(message.teid, message.payload, qfi, uplink=uplink) == octets


@settings(max_examples=100, derandomize=True, deadline=None)
@given(PLAIN)
def test_pycrate_reads_and_writes_the_same_octets(message):
    octets = encode(message)
    parsed, error = parse_GTPU(octets)
    assert error == 0
    assert parsed.to_bytes() == octets


@pytest.mark.parametrize(
    "message",
    [
        m.EchoRequest(sequence_number=3),
        m.EchoResponse(sequence_number=3),
        m.ErrorIndication(sequence_number=0, tunnel_endpoint_identifier_data_i=99, gtp_u_peer_address="10.1.2.3"),
        m.EndMarker(teid=5),
        m.SupportedExtensionHeadersNotification(sequence_number=0, extension_header_types=(0x85, 0x40)),
    ],
)
def test_pycrate_reads_the_other_messages(message):
    octets = encode(message)
    parsed, error = parse_GTPU(octets)
    assert error == 0
    assert parsed.to_bytes() == octets


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        ("34ff000c00000001000000", "length"),
        ("30ff000500000001" + "00", "length"),
        ("34ff000400000001" + "00000085", "cut off"),
        ("34ff000800000001" + "00000085" + "00000000", "words"),
        ("34ff000800000001" + "00000085" + "01200100", "PDU type"),
        ("34ff000800000001" + "00000085" + "01080100", "too soon"),
        ("301a000000000000", "missing"),
        ("3002000200000000" + "1000", "beyond"),
        ("30", "header"),
    ],
)
def test_malformed_octets_are_a_decode_error(octets, reason):
    with pytest.raises(DecodeError, match=reason):
        decode(bytes.fromhex(octets))


def test_another_version_is_told():
    with pytest.raises(VersionError):
        decode(bytes.fromhex("48ff000000000001"))


def test_an_unknown_extension_header_that_must_be_understood_is_told():
    with pytest.raises(UnsupportedExtensionHeaderError) as caught:
        decode(bytes.fromhex("34ff000800000001" + "000000c5" + "01000000"))
    assert caught.value.extension_header_type == 0xC5


def test_an_unknown_extension_header_that_need_not_be_understood_is_kept():
    octets = bytes.fromhex("34ff000a00000001" + "00000033" + "01abcd00" + "4500")
    assert decode(octets).extension_headers == (m.ExtensionHeader(0x33, b"\xab\xcd"),)
    assert encode(decode(octets)) == octets


def test_an_nr_ran_container_is_kept_as_octets():
    octets = bytes.fromhex("34ff000a00000001" + "00000084" + "0201020304050600")
    with pytest.raises(DecodeError):
        decode(octets)
    octets = bytes.fromhex("34ff000c00000001" + "00000084" + "0201020304050600")
    assert decode(octets).extension_headers == (m.ExtensionHeader(0x84, bytes(range(1, 7))),)


@pytest.mark.parametrize(
    "message",
    [
        m.GPdu(payload=b"", container=m.DlPduSessionInformation(qfi=64)),
        m.GPdu(payload=b"", container=m.DlPduSessionInformation(qfi=1, ppi=8)),
        m.GPdu(payload=b"", container=m.UlPduSessionInformation(qfi=1, ul_sending_time_stamp=5)),
        m.GPdu(payload=b"", container=m.DlPduSessionInformation(qfi=1, dl_sending_time_stamp=1 << 64)),
        m.GPdu(payload=b"", teid=1 << 32),
        m.GPdu(payload=b"", extension_headers=(m.ExtensionHeader(0x84, b"1"),)),
        m.GPdu(payload=bytes(70000)),
    ],
)
def test_a_value_that_does_not_fit_is_our_callers_mistake(message):
    with pytest.raises(EncodeError):
        encode(message)
