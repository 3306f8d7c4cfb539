"""ICMP echo (RFC 792)."""

from struct import Struct
from typing import NamedTuple

from awase.protocols.ip import ipv4
from awase.wire.errors import DecodeError

ECHO_REPLY = 0
ECHO_REQUEST = 8

_HEADER = Struct("!BBHHH")


class Echo(NamedTuple):
    """An echo request or reply; `type` is ECHO_REQUEST or ECHO_REPLY."""

    type: int
    identifier: int
    sequence_number: int
    data: bytes = b""


def encode(echo: Echo) -> bytes:
    """The octets, with checksum."""
    head = _HEADER.pack(echo.type, 0, 0, echo.identifier, echo.sequence_number)
    return head[:2] + ipv4.checksum(head + echo.data).to_bytes(2, "big") + head[4:] + echo.data


def encode_packet(echo: Echo, source: bytes, destination: bytes) -> bytes:
    """The whole IPv4 packet."""
    return ipv4.encode(ipv4.Ipv4(source, destination, ipv4.ICMP, encode(echo)))


def decode(packet: ipv4.Ipv4) -> Echo:
    """The echo in an IPv4 packet. Raises DecodeError, also for other ICMP messages."""
    payload = packet.payload
    if len(payload) < 8:
        raise DecodeError("shorter than an ICMP header", offset=len(payload))
    kind, code, _, identifier, sequence_number = _HEADER.unpack_from(payload)
    if kind not in (ECHO_REPLY, ECHO_REQUEST) or code:
        raise DecodeError(f"ICMP type {kind} code {code} is no echo", offset=0)
    if ipv4.checksum(payload):
        raise DecodeError("the ICMP checksum is wrong", offset=2)
    return Echo(kind, identifier, sequence_number, payload[8:])


def reply_to(octets: bytes) -> bytes:
    """The echo reply to an IPv4 packet that carries an echo request. Raises DecodeError."""
    packet = ipv4.decode(octets)
    echo = decode(packet)
    if echo.type != ECHO_REQUEST:
        raise DecodeError("no echo request", offset=0)
    answer = Echo(ECHO_REPLY, echo.identifier, echo.sequence_number, echo.data)
    return encode_packet(answer, packet.destination, packet.source)
