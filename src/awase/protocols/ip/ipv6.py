"""IPv6 (RFC 8200) and the addresses that a UE forms of a prefix and its interface identifier (RFC 4291, RFC 4862)."""

from struct import Struct
from typing import NamedTuple

from awase.wire.errors import DecodeError, EncodeError

UDP = 17
ICMPV6 = 58

ALL_NODES = bytes.fromhex("ff020000000000000000000000000001")
ALL_ROUTERS = bytes.fromhex("ff020000000000000000000000000002")
_LINK_LOCAL_PREFIX = bytes.fromhex("fe80000000000000")

_HEADER = Struct("!IHBB16s16s")
_PSEUDO = Struct("!16s16sIxxxB")
_EXTENSIONS = frozenset({0, 43, 60})
"""Hop-by-Hop Options, Routing, Destination Options: skipped on the way to the payload."""
_FRAGMENT = 44


class Ipv6(NamedTuple):
    """An IPv6 packet taken apart; addresses are 16 octets, `payload` what follows the extension headers."""

    source: bytes
    destination: bytes
    protocol: int
    payload: bytes
    hop_limit: int = 64
    traffic_class: int = 0
    flow_label: int = 0


def link_local(interface_identifier: bytes) -> bytes:
    """The link-local address of an interface identifier of eight octets (RFC 4291 clause 2.5.6)."""
    return _LINK_LOCAL_PREFIX + interface_identifier


def is_link_local(address: bytes) -> bool:
    """Whether an address is in fe80::/10."""
    return len(address) == 16 and address[0] == 0xFE and address[1] & 0xC0 == 0x80


def pseudo_header(source: bytes, destination: bytes, protocol: int, length: int) -> bytes:
    """What UDP, TCP and ICMPv6 sum before their own octets (RFC 8200 clause 8.1)."""
    return _PSEUDO.pack(source, destination, length, protocol)


def encode(packet: Ipv6) -> bytes:
    """The octets, without extension headers. Raises EncodeError for more than 65535 octets of payload."""
    source, destination, protocol, payload, hop_limit, traffic_class, flow_label = packet
    if len(payload) > 0xFFFF:
        raise EncodeError(f"an IPv6 packet has at most 65535 octets of payload, not {len(payload)}")
    first = 6 << 28 | traffic_class << 20 | flow_label
    return _HEADER.pack(first, len(payload), protocol, hop_limit, source, destination) + payload


def decode(octets: bytes) -> Ipv6:
    """An IPv6 packet; extension headers are skipped. Raises DecodeError, also for a fragment."""
    if len(octets) < 40:
        raise DecodeError("shorter than an IPv6 header", offset=len(octets))
    first, length, protocol, hop_limit, source, destination = _HEADER.unpack_from(octets)
    if first >> 28 != 6:
        raise DecodeError(f"IP version {first >> 28}, not 6", offset=0)
    end = 40 + length
    if end > len(octets):
        raise DecodeError(f"a payload of {length} does not fit {len(octets)} octets", offset=4)
    i = 40
    while protocol in _EXTENSIONS:
        if i + 8 > end:
            raise DecodeError("an extension header ends after the packet", offset=i)
        protocol, i = octets[i], i + 8 + octets[i + 1] * 8
    if i > end:
        raise DecodeError("an extension header ends after the packet", offset=40)
    if protocol == _FRAGMENT:
        raise DecodeError("a fragment, and nothing here reassembles", offset=i)
    payload = octets[i:end]
    return Ipv6(source, destination, protocol, payload, hop_limit, first >> 20 & 0xFF, first & 0xFFFFF)
