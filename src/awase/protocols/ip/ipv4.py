"""IPv4 (RFC 791) and the Internet checksum (RFC 1071)."""

from struct import Struct
from typing import NamedTuple

from awase.wire.errors import DecodeError, EncodeError

ICMP = 1
TCP = 6
UDP = 17

_HEADER = Struct("!BBHHHBBH4s4s")
_PSEUDO = Struct("!4s4sBBH")


class Ipv4(NamedTuple):
    """An IPv4 packet taken apart; addresses are four octets, `payload` what follows the header."""

    source: bytes
    destination: bytes
    protocol: int
    payload: bytes
    ttl: int = 64
    tos: int = 0
    identification: int = 0
    flags_and_offset: int = 0x4000


def checksum(octets: bytes) -> int:
    """The Internet checksum: read as one big number, the sum of 16 bit words is its remainder by 65535."""
    if len(octets) & 1:
        octets += b"\0"
    remainder = int.from_bytes(octets, "big") % 0xFFFF
    if remainder:
        return 0xFFFF - remainder
    # In ones' complement zero has two forms: a sum of words is 0 only where every word is.
    return 0 if any(octets) else 0xFFFF


def pseudo_header(source: bytes, destination: bytes, protocol: int, length: int) -> bytes:
    """What UDP and TCP sum before their own octets (RFC 768)."""
    return _PSEUDO.pack(source, destination, 0, protocol, length)


def encode(packet: Ipv4) -> bytes:
    """The octets, with total length and header checksum. Raises EncodeError for over 65535 octets."""
    source, destination, protocol, payload, ttl, tos, identification, flags_and_offset = packet
    length = 20 + len(payload)
    if length > 0xFFFF:
        raise EncodeError(f"an IPv4 packet has at most 65535 octets, not {length}")
    head = _HEADER.pack(0x45, tos, length, identification, flags_and_offset, ttl, protocol, 0, source, destination)
    return head[:10] + checksum(head).to_bytes(2, "big") + head[12:] + payload


def decode(octets: bytes) -> Ipv4:
    """An IPv4 packet, its header checksum checked; options are skipped. Raises DecodeError."""
    if len(octets) < 20:
        raise DecodeError("shorter than an IPv4 header", offset=len(octets))
    first, tos, length, identification, offset, ttl, protocol, _, source, destination = _HEADER.unpack_from(octets)
    header_length = (first & 0x0F) * 4
    if first >> 4 != 4:
        raise DecodeError(f"IP version {first >> 4}, not 4", offset=0)
    if header_length < 20 or not header_length <= length <= len(octets):
        raise DecodeError(f"header of {header_length} and total length {length} do not fit", offset=2)
    if int.from_bytes(octets[:header_length], "big") % 0xFFFF:
        raise DecodeError("the header checksum is wrong", offset=10)
    return Ipv4(source, destination, protocol, octets[header_length:length], ttl, tos, identification, offset)
