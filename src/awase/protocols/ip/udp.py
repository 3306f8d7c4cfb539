"""UDP (RFC 768)."""

from struct import Struct
from typing import NamedTuple

from awase.protocols.ip import ipv4
from awase.wire.errors import DecodeError

_HEADER = Struct("!HHHH")


class Udp(NamedTuple):
    """A UDP datagram."""

    source_port: int
    destination_port: int
    payload: bytes


def encode(datagram: Udp, source: bytes, destination: bytes) -> bytes:
    """The octets with the checksum over the IPv4 pseudo header."""
    source_port, destination_port, payload = datagram
    length = 8 + len(payload)
    head = _HEADER.pack(source_port, destination_port, length, 0)
    whole = ipv4.pseudo_header(source, destination, ipv4.UDP, length) + head + payload
    # A computed zero is sent as all ones, since zero says that there is none.
    return head[:6] + (ipv4.checksum(whole) or 0xFFFF).to_bytes(2, "big") + payload


def encode_packet(datagram: Udp, source: bytes, destination: bytes) -> bytes:
    """The whole IPv4 packet."""
    return ipv4.encode(ipv4.Ipv4(source, destination, ipv4.UDP, encode(datagram, source, destination)))


def decode(packet: ipv4.Ipv4) -> Udp:
    """The datagram in an IPv4 packet, its checksum checked where there is one. Raises DecodeError."""
    payload = packet.payload
    if len(payload) < 8:
        raise DecodeError("shorter than a UDP header", offset=len(payload))
    source_port, destination_port, length, check = _HEADER.unpack_from(payload)
    if not 8 <= length <= len(payload):
        raise DecodeError(f"UDP length {length} does not fit {len(payload)} octets", offset=4)
    if length != len(payload):
        payload = payload[:length]
    if check:
        whole = ipv4.pseudo_header(packet.source, packet.destination, ipv4.UDP, length) + payload
        if ipv4.checksum(whole):
            raise DecodeError("the UDP checksum is wrong", offset=6)
    return Udp(source_port, destination_port, payload[8:])
