"""SCTP packets and octets: published checksums, captures of other implementations, round trips (RFC 9260 clause 3)."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from awase.protocols.sctp import messages as m
from awase.protocols.sctp.codec import ChecksumError, checksum, decode, encode
from awase.wire.errors import DecodeError, EncodeError

VECTORS = Path(__file__).parents[3] / "vectors" / "sctp" / "open5gs-2.8-ueransim-3.3"
LINES = [(path.stem, *line.split()) for path in sorted(VECTORS.glob("*.txt")) for line in path.read_text().splitlines()]

ISCSI_READ = bytes.fromhex(
    "01c00000000000000000000000000000140000000000040000000014000000182800000000000000020000000000000000"
)[:48]


@pytest.mark.parametrize(
    ("octets", "crc"),
    [
        (bytes(32), "aa36918a"),
        (b"\xff" * 32, "43aba862"),
        (bytes(range(32)), "4e79dd46"),
        (bytes(range(31, -1, -1)), "5cdb3f11"),
        (ISCSI_READ, "563a96d9"),
    ],
    ids=["zeros", "ones", "rising", "falling", "iSCSI read"],
)
def test_crc32c_is_that_of_rfc_3720_appendix_b_4(octets, crc):
    assert checksum(octets).hex() == crc


def test_the_captures_have_kernel_and_usrsctp_packets():
    assert len(LINES) == 129


@pytest.mark.parametrize("capture", ["nea0-kernel-sctp", "nea0-usrsctp", "nea2-kernel-sctp"])
def test_every_captured_packet_is_decoded_and_encoded_octet_for_octet(capture):
    kinds = set()
    for name, number, _, text in LINES:
        if name == capture:
            octets = bytes.fromhex(text)
            packet = decode(octets)
            assert encode(packet) == octets, f"frame {number}"
            kinds |= {type(chunk) for chunk in packet.chunks}
    assert {m.Data, m.Sack, m.Init, m.InitAck, m.CookieEcho, m.CookieAck} <= kinds
    assert m.UnknownChunk not in kinds


def test_the_ngap_messages_of_the_captures_have_ppid_60():
    for *_, text in LINES:
        for chunk in decode(bytes.fromhex(text)).chunks:
            if isinstance(chunk, m.Data):
                assert chunk.payload_protocol_identifier == 60
                assert chunk.flags & 3 == 3


u16, u32 = st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF)
octets = st.binary(max_size=60)
parameters = st.lists(st.builds(m.Parameter, type=u16, value=octets), max_size=4).map(tuple)
causes = st.lists(st.builds(m.Cause, code=u16, information=octets), max_size=4).map(tuple)
init = {
    "initiate_tag": u32,
    "advertised_receiver_window_credit": u32,
    "number_of_outbound_streams": u16,
    "number_of_inbound_streams": u16,
    "initial_tsn": u32,
    "parameters": parameters,
}
information = octets.map(lambda o: b"\0\1" + (4 + len(o)).to_bytes(2, "big") + o)
chunks = st.one_of(
    st.builds(
        m.Data,
        tsn=u32,
        stream_identifier=u16,
        stream_sequence_number=u16,
        payload_protocol_identifier=u32,
        user_data=st.binary(max_size=300),
        flags=st.integers(0, 15),
    ),
    st.builds(m.Init, **init),
    st.builds(m.InitAck, **init),
    st.builds(
        m.Sack,
        cumulative_tsn_ack=u32,
        advertised_receiver_window_credit=u32,
        gap_ack_blocks=st.lists(st.tuples(u16, u16), max_size=5).map(tuple),
        duplicate_tsns=st.lists(u32, max_size=5).map(tuple),
    ),
    st.builds(m.Heartbeat, heartbeat_information=information),
    st.builds(m.HeartbeatAck, heartbeat_information=information),
    st.builds(m.Abort, causes=causes, tag_reflected=st.booleans()),
    st.builds(m.Shutdown, cumulative_tsn_ack=u32),
    st.builds(m.ShutdownAck),
    st.builds(m.Error, causes=causes),
    st.builds(m.CookieEcho, cookie=octets),
    st.builds(m.CookieAck),
    st.builds(m.ShutdownComplete, tag_reflected=st.booleans()),
    st.builds(m.UnknownChunk, type=st.integers(15, 255), flags=st.integers(0, 255), value=octets),
)
packets = st.builds(
    m.Packet,
    source_port=u16,
    destination_port=u16,
    verification_tag=u32,
    chunks=st.lists(chunks, min_size=1, max_size=5).map(tuple),
)


@settings(derandomize=True, max_examples=150, deadline=None)
@given(packets)
def test_what_is_encoded_is_decoded_the_same(packet):
    assert decode(encode(packet)) == packet


@settings(derandomize=True, max_examples=80, deadline=None)
@given(packets, st.data())
def test_a_flipped_bit_is_noticed_by_the_checksum(packet, data):
    octets = bytearray(encode(packet))
    bit = data.draw(st.integers(0, 8 * len(octets) - 1))
    octets[bit >> 3] ^= 1 << (bit & 7)
    with pytest.raises(ChecksumError):
        decode(bytes(octets))


HEAD = b"\x13\x88\x13\x88\0\0\0\1"


def sealed(chunk_octets):
    return HEAD + checksum(HEAD + bytes(4) + chunk_octets) + chunk_octets


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("0b000003", "a chunk of 3 octets"),
        ("0b000008", "does not fit"),
        ("0b0000040b00", "a chunk header is cut off"),
        ("0b0000050b", "does not fit"),
        ("00000004", "a DATA chunk is cut off"),
        ("01000004", "an INIT is cut off"),
        ("0300000c0000000000000000", "a SACK is cut off"),
        ("030000100000000000000000 00010000", "a SACK with 1 gaps"),
        ("04000008 00010003", "a parameter of 3 octets"),
        ("04000006 00010000", "a parameter header is cut off"),
        ("06000008 000c0008", "does not fit"),
        ("07000004", "a SHUTDOWN of 0 octets"),
        ("0800000800000000", "without value"),
        ("0e00000800000000", "SHUTDOWN COMPLETE"),
    ],
)
def test_what_does_not_fit_is_a_decode_error(text, what):
    with pytest.raises(DecodeError, match=what):
        decode(sealed(bytes.fromhex(text)))


def test_a_packet_without_chunks_is_none():
    with pytest.raises(DecodeError, match="12 octets are no SCTP packet"):
        decode(sealed(b""))


@pytest.mark.parametrize(
    "packet",
    [
        m.Packet(source_port=70000, destination_port=1, verification_tag=1, chunks=(m.CookieAck(),)),
        m.Packet(
            source_port=1, destination_port=1, verification_tag=1, chunks=(m.Shutdown(cumulative_tsn_ack=1 << 32),)
        ),
        m.Packet(source_port=1, destination_port=1, verification_tag=1, chunks=(m.CookieEcho(cookie=bytes(65536)),)),
        m.Packet(
            source_port=1,
            destination_port=1,
            verification_tag=1,
            chunks=(m.Abort(causes=(m.Cause(code=1, information=bytes(65534)),)),),
        ),
    ],
)
def test_what_no_packet_can_carry_is_an_encode_error(packet):
    with pytest.raises(EncodeError):
        encode(packet)
