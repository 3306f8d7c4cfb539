"""ICMPv6: echo (RFC 4443), router solicitation and advertisement (RFC 4861; TS 29.061 clause 11.2.1.3)."""

from struct import Struct
from typing import NamedTuple

from awase.protocols.ip import ipv4, ipv6
from awase.wire.errors import DecodeError

ECHO_REQUEST = 128
ECHO_REPLY = 129
ROUTER_SOLICITATION = 133
ROUTER_ADVERTISEMENT = 134

_PREFIX_INFORMATION = 3
_MTU = 5
_RDNSS = 25
"""Recursive DNS Server option (RFC 8106 clause 5.1)."""

ND_HOP_LIMIT = 255
"""So that a receiver knows that no router has forwarded it (RFC 4861 clauses 6.1.1 and 6.1.2)."""

_ECHO = Struct("!BBHHH")
_RA = Struct("!BBHBBHII")
_PREFIX = Struct("!BBBBIII16s")
_ON_LINK, _AUTONOMOUS = 0x80, 0x40
INFINITE_S = 0xFFFFFFFF


class Echo(NamedTuple):
    """An echo request or reply; `type` is ECHO_REQUEST or ECHO_REPLY."""

    type: int
    identifier: int
    sequence_number: int
    data: bytes = b""


class RouterSolicitation(NamedTuple):
    """A router solicitation (RFC 4861 clause 4.1)."""


class PrefixInformation(NamedTuple):
    """A prefix to form addresses of (RFC 4861 clause 4.6.2); `prefix` is 16 octets."""

    prefix: bytes
    prefix_length: int = 64
    on_link: bool = False
    autonomous: bool = True
    valid_lifetime_s: int = INFINITE_S
    preferred_lifetime_s: int = INFINITE_S


class RouterAdvertisement(NamedTuple):
    """A router advertisement (RFC 4861 clause 4.2): `dns` from the RDNSS option, `mtu_bytes` 0 where unsaid."""

    prefixes: tuple[PrefixInformation, ...] = ()
    router_lifetime_s: int = 9000
    current_hop_limit: int = 64
    managed: bool = False
    other: bool = False
    mtu_bytes: int = 0
    dns: tuple[bytes, ...] = ()


Message = Echo | RouterSolicitation | RouterAdvertisement


def encode(message: Message, source: bytes, destination: bytes) -> bytes:
    """The octets, with the checksum over the pseudo header."""
    body = _body(message)
    whole = ipv6.pseudo_header(source, destination, ipv6.ICMPV6, len(body)) + body
    return body[:2] + ipv4.checksum(whole).to_bytes(2, "big") + body[4:]


def encode_packet(message: Message, source: bytes, destination: bytes) -> bytes:
    """The whole IPv6 packet; neighbour discovery goes with hop limit 255."""
    hop_limit = 64 if isinstance(message, Echo) else ND_HOP_LIMIT
    payload = encode(message, source, destination)
    return ipv6.encode(ipv6.Ipv6(source, destination, ipv6.ICMPV6, payload, hop_limit))


def _body(message: Message) -> bytes:
    if isinstance(message, Echo):
        return _ECHO.pack(message.type, 0, 0, message.identifier, message.sequence_number) + message.data
    if isinstance(message, RouterSolicitation):
        return bytes((ROUTER_SOLICITATION,)) + bytes(7)
    flags = message.managed << 7 | message.other << 6
    head = _RA.pack(ROUTER_ADVERTISEMENT, 0, 0, message.current_hop_limit, flags, message.router_lifetime_s, 0, 0)
    options = b"".join(_prefix_option(p) for p in message.prefixes)
    if message.mtu_bytes:
        options += bytes((_MTU, 1, 0, 0)) + message.mtu_bytes.to_bytes(4, "big")
    if message.dns:
        head_rdnss = bytes((_RDNSS, 1 + 2 * len(message.dns), 0, 0)) + INFINITE_S.to_bytes(4, "big")
        options += head_rdnss + b"".join(message.dns)
    return head + options


def _prefix_option(prefix: PrefixInformation) -> bytes:
    flags = (_ON_LINK if prefix.on_link else 0) | (_AUTONOMOUS if prefix.autonomous else 0)
    lifetimes = (prefix.valid_lifetime_s, prefix.preferred_lifetime_s)
    return _PREFIX.pack(_PREFIX_INFORMATION, 4, prefix.prefix_length, flags, *lifetimes, 0, prefix.prefix)


def decode(packet: ipv6.Ipv6) -> Message:
    """The message in an IPv6 packet, its checksum checked. Raises DecodeError, also for other ICMPv6 messages."""
    payload = packet.payload
    if len(payload) < 8:
        raise DecodeError("shorter than an ICMPv6 header", offset=len(payload))
    kind, code = payload[0], payload[1]
    head = ipv6.pseudo_header(packet.source, packet.destination, ipv6.ICMPV6, len(payload))
    if ipv4.checksum(head + payload):
        raise DecodeError("the ICMPv6 checksum is wrong", offset=2)
    if kind in (ECHO_REQUEST, ECHO_REPLY) and not code:
        _, _, _, identifier, sequence_number = _ECHO.unpack_from(payload)
        return Echo(kind, identifier, sequence_number, payload[8:])
    if kind not in (ROUTER_SOLICITATION, ROUTER_ADVERTISEMENT) or code:
        raise DecodeError(f"ICMPv6 type {kind} code {code} is neither echo nor router discovery", offset=0)
    if packet.hop_limit != ND_HOP_LIMIT:
        raise DecodeError("router discovery that a router has forwarded (RFC 4861 clause 6.1)", offset=0)
    if kind == ROUTER_SOLICITATION:
        return RouterSolicitation()
    if not ipv6.is_link_local(packet.source):
        raise DecodeError("a router advertisement not from a link-local address (RFC 4861 clause 6.1.2)")
    return _router_advertisement(payload)


def _router_advertisement(payload: bytes) -> RouterAdvertisement:
    if len(payload) < 16:
        raise DecodeError("shorter than a router advertisement", offset=len(payload))
    _, _, _, hop_limit, flags, lifetime_s, _, _ = _RA.unpack_from(payload)
    prefixes: list[PrefixInformation] = []
    dns: list[bytes] = []
    mtu_bytes = 0
    i = 16
    while i < len(payload):
        end = i + 8 * payload[i + 1] if i + 1 < len(payload) else i
        if end == i or end > len(payload):
            raise DecodeError("an option of no length, or that ends after the message", offset=i)
        if payload[i] == _PREFIX_INFORMATION and end - i == 32:
            prefixes.append(_prefix(payload[i:end]))
        elif payload[i] == _MTU and end - i == 8:
            mtu_bytes = int.from_bytes(payload[i + 4 : end], "big")
        elif payload[i] == _RDNSS and (end - i) % 16 == 8:
            dns += [payload[j : j + 16] for j in range(i + 8, end, 16)]
        i = end
    return RouterAdvertisement(
        tuple(prefixes), lifetime_s, hop_limit, flags & 0x80 != 0, flags & 0x40 != 0, mtu_bytes, tuple(dns)
    )


def _prefix(option: bytes) -> PrefixInformation:
    _, _, length, flags, valid_s, preferred_s, _, prefix = _PREFIX.unpack(option)
    return PrefixInformation(prefix, length, flags & _ON_LINK != 0, flags & _AUTONOMOUS != 0, valid_s, preferred_s)


def reply_to(octets: bytes) -> bytes:
    """The echo reply to an IPv6 packet that carries an echo request. Raises DecodeError."""
    packet = ipv6.decode(octets)
    echo = decode(packet)
    if not isinstance(echo, Echo) or echo.type != ECHO_REQUEST:
        raise DecodeError("no echo request", offset=0)
    answer = Echo(ECHO_REPLY, echo.identifier, echo.sequence_number, echo.data)
    return encode_packet(answer, packet.destination, packet.source)
