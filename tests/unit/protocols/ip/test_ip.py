import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from awase.protocols.ip import icmp, ipv4, udp
from awase.wire.errors import DecodeError, EncodeError

A, B = bytes((10, 45, 0, 2)), bytes((10, 45, 0, 1))


def folded_sum(octets: bytes) -> int:
    """RFC 1071 as it is written, word by word."""
    octets += bytes(len(octets) % 2)
    total = sum(int.from_bytes(octets[i : i + 2], "big") for i in range(0, len(octets), 2))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def test_the_checksum_of_the_example_in_rfc_1071():
    assert ipv4.checksum(bytes.fromhex("0001f203f4f5f6f7")) == 0x220D


@settings(max_examples=300, derandomize=True)
@given(st.binary(max_size=80) | st.sampled_from((b"\0\0", b"\xff\xff", b"\xff\xff\xff\xff", b"\0" * 9)))
def test_the_checksum_is_that_of_the_rfc(octets):
    assert ipv4.checksum(octets) == folded_sum(octets)


@settings(max_examples=200, derandomize=True)
@given(st.binary(max_size=60), st.integers(0, 65535), st.integers(0, 65535))
def test_udp_in_ipv4_survives(payload, source_port, destination_port):
    octets = udp.encode_packet(udp.Udp(source_port, destination_port, payload), A, B)
    packet = ipv4.decode(octets)
    assert (packet.source, packet.destination, packet.protocol) == (A, B, ipv4.UDP)
    assert udp.decode(packet) == udp.Udp(source_port, destination_port, payload)


def test_an_echo_request_is_answered():
    request = icmp.encode_packet(icmp.Echo(icmp.ECHO_REQUEST, 7, 3, b"data"), A, B)
    reply = ipv4.decode(icmp.reply_to(request))
    assert (reply.source, reply.destination) == (B, A)
    assert icmp.decode(reply) == icmp.Echo(icmp.ECHO_REPLY, 7, 3, b"data")


def test_a_reply_is_not_answered():
    reply = icmp.encode_packet(icmp.Echo(icmp.ECHO_REPLY, 7, 3, b"data"), A, B)
    with pytest.raises(DecodeError):
        icmp.reply_to(reply)


def test_options_are_skipped_and_padding_ignored():
    octets = bytearray(ipv4.encode(ipv4.Ipv4(A, B, 99, b"\1\1\1\1abc")))
    octets[0] = 0x46
    octets[10:12] = b"\0\0"
    octets[10:12] = ipv4.checksum(bytes(octets[:24])).to_bytes(2, "big")
    assert ipv4.decode(bytes(octets) + b"padding").payload == b"abc"


@pytest.mark.parametrize("at", range(20))
def test_one_wrong_bit_in_the_header_is_found(at):
    octets = bytearray(udp.encode_packet(udp.Udp(1, 2, b"x"), A, B))
    octets[at] ^= 0x10
    with pytest.raises(DecodeError):
        ipv4.decode(bytes(octets))


def test_a_wrong_udp_checksum_is_found():
    octets = bytearray(udp.encode_packet(udp.Udp(1, 2, b"x"), A, B))
    octets[-1] ^= 1
    with pytest.raises(DecodeError):
        udp.decode(ipv4.decode(bytes(octets)))


def test_a_packet_above_64_kib_is_our_callers_mistake():
    with pytest.raises(EncodeError):
        ipv4.encode(ipv4.Ipv4(A, B, 17, bytes(65536)))
