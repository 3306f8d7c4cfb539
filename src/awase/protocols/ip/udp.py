"""UDP (RFC 768)."""

from struct import Struct
from typing import NamedTuple

from awase.protocols.ip import ipv4, ipv6
from awase.wire.errors import DecodeError

_HEADER = Struct("!HHHH")


class Udp(NamedTuple):
    """A UDP datagram."""

    source_port: int
    destination_port: int
    payload: bytes


def encode(datagram: Udp, source: bytes, destination: bytes) -> bytes:
    """The octets with the checksum over the pseudo header; addresses are of 4 or of 16 octets."""
    source_port, destination_port, payload = datagram
    length = 8 + len(payload)
    head = _HEADER.pack(source_port, destination_port, length, 0)
    whole = _pseudo_header(source, destination, length) + head + payload
    # A computed zero is sent as all ones, since zero says that there is none.
    return head[:6] + (ipv4.checksum(whole) or 0xFFFF).to_bytes(2, "big") + payload


def encode_packet(datagram: Udp, source: bytes, destination: bytes) -> bytes:
    """The whole packet, of IPv4 or IPv6 as its addresses are."""
    payload = encode(datagram, source, destination)
    if len(source) == 16:
        return ipv6.encode(ipv6.Ipv6(source, destination, ipv6.UDP, payload))
    return ipv4.encode(ipv4.Ipv4(source, destination, ipv4.UDP, payload))


def _pseudo_header(source: bytes, destination: bytes, length: int) -> bytes:
    if len(source) == 16:
        return ipv6.pseudo_header(source, destination, ipv6.UDP, length)
    return ipv4.pseudo_header(source, destination, ipv4.UDP, length)


def decode(packet: ipv4.Ipv4 | ipv6.Ipv6) -> Udp:
    """The datagram in an IP packet, its checksum checked; over IPv6 there must be one. Raises DecodeError."""
    payload = packet.payload
    if len(payload) < 8:
        raise DecodeError("shorter than a UDP header", offset=len(payload))
    source_port, destination_port, length, check = _HEADER.unpack_from(payload)
    if not 8 <= length <= len(payload):
        raise DecodeError(f"UDP length {length} does not fit {len(payload)} octets", offset=4)
    if length != len(payload):
        payload = payload[:length]
    if check:
        if ipv4.checksum(_pseudo_header(packet.source, packet.destination, length) + payload):
            raise DecodeError("the UDP checksum is wrong", offset=6)
    elif len(packet.source) == 16:
        raise DecodeError("UDP over IPv6 without a checksum (RFC 8200 clause 8.1)", offset=6)
    return Udp(source_port, destination_port, payload[8:])
