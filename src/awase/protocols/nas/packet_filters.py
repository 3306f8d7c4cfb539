"""Packet filters between text and components (TS 24.501 table 9.11.4.13.1, TS 29.212 clause 5.4.2).

Text is an IPFilterRule, "permit out 17 from 10.45.0.1 5000 to assigned": towards the UE, so that "from" is
the remote end and "to" the local one. "uplink" or "downlink" before it keeps a filter to one direction.
"""

from ipaddress import IPv4Network, IPv6Network

from awase.protocols.nas.session_elements import (
    MATCH_ALL,
    PacketFilter,
    PacketFilterComponent,
    PacketFilterDirection,
)
from awase.wire.errors import DecodeError, EncodeError

_IPV4_REMOTE, _IPV4_LOCAL = 16, 17
_IPV6_REMOTE, _IPV6_LOCAL = 33, 35
_PROTOCOL = 48
_LOCAL_PORT, _LOCAL_PORTS = 64, 65
_REMOTE_PORT, _REMOTE_PORTS = 80, 81

_DIRECTIONS = {
    "downlink": PacketFilterDirection.downlink_only,
    "uplink": PacketFilterDirection.uplink_only,
}
_WORDS = {direction: word for word, direction in _DIRECTIONS.items()}


def packet_filter(identifier: int, text: str) -> PacketFilter:
    """The packet filter of a text. Raises EncodeError in words."""
    direction, rule = split(text)
    return PacketFilter(identifier=identifier, direction=direction, components=_components(rule))


def text_of(filter_: PacketFilter) -> str:
    """The text of a packet filter. Raises DecodeError for components that an IPFilterRule has no words for."""
    rule = _description(filter_.components)
    word = _WORDS.get(filter_.direction or PacketFilterDirection.bidirectional)
    return f"{word} {rule}" if word else rule


def split(text: str) -> tuple[PacketFilterDirection, str]:
    """A text's direction, and its IPFilterRule."""
    word, _, rest = text.strip().partition(" ")
    direction = _DIRECTIONS.get(word)
    return (PacketFilterDirection.bidirectional, text.strip()) if direction is None else (direction, rest.strip())


def _components(rule: str) -> tuple[PacketFilterComponent, ...]:
    words = rule.split()
    if len(words) < 6 or words[0] != "permit" or words[1] not in ("out", "in") or words[3] != "from":
        raise EncodeError(f"{rule!r} is not 'permit out PROTOCOL from ... to ...'")
    if "to" not in words[4:]:
        raise EncodeError(f"{rule!r} has no 'to'")
    at = words.index("to", 4)
    remote, local = words[4:at], words[at + 1 :]
    if words[1] == "in":
        remote, local = local, remote
    found = [
        *_address(remote, _IPV4_REMOTE, _IPV6_REMOTE),
        *_address(local, _IPV4_LOCAL, _IPV6_LOCAL),
    ]
    if words[2] != "ip":
        found.append(PacketFilterComponent(type=_PROTOCOL, value=bytes((_number(words[2], 255),))))
    found += _ports(local, _LOCAL_PORT, _LOCAL_PORTS)
    found += _ports(remote, _REMOTE_PORT, _REMOTE_PORTS)
    return tuple(found) or (PacketFilterComponent(type=MATCH_ALL),)


def _address(end: list[str], ipv4: int, ipv6: int) -> list[PacketFilterComponent]:
    if not 1 <= len(end) <= 2:
        raise EncodeError("an end of a filter is an address and at most one port or range of ports")
    address = end[0]
    if address in ("any", "assigned"):
        return []
    try:
        if ":" in address:
            net6 = IPv6Network(address, strict=False)
            value = net6.network_address.packed + bytes((net6.prefixlen,))
            return [PacketFilterComponent(type=ipv6, value=value)]
        net4 = IPv4Network(address, strict=False)
    except ValueError:
        raise EncodeError(f"{address!r} is no address") from None
    return [PacketFilterComponent(type=ipv4, value=net4.network_address.packed + net4.netmask.packed)]


def _ports(end: list[str], single: int, several: int) -> list[PacketFilterComponent]:
    if len(end) < 2:
        return []
    low, dash, high = end[1].partition("-")
    first = _number(low, 65535).to_bytes(2, "big")
    if not dash:
        return [PacketFilterComponent(type=single, value=first)]
    return [PacketFilterComponent(type=several, value=first + _number(high, 65535).to_bytes(2, "big"))]


def _number(word: str, most: int) -> int:
    if not (word.isascii() and word.isdigit()) or len(word) > 5 or int(word) > most:
        raise EncodeError(f"{word!r} is no number up to {most}")
    return int(word)


def _description(components: tuple[PacketFilterComponent, ...]) -> str:
    values: dict[int, bytes] = {}
    for component in components:
        if component.type in values:
            raise DecodeError(f"packet filter component {component.type} is there twice")
        values[component.type] = component.value
    if not values:
        raise DecodeError("a packet filter without components")
    if MATCH_ALL in values and len(values) > 1:
        raise DecodeError("match-all goes with no other component")
    unknown = [kind for kind in values if kind != MATCH_ALL and kind not in _KNOWN]
    if unknown:
        raise DecodeError(f"packet filter component {unknown[0]} is not supported")
    protocol = str(values[_PROTOCOL][0]) if _PROTOCOL in values else "ip"
    remote = _end(values, (_IPV4_REMOTE, _IPV6_REMOTE, _REMOTE_PORT, _REMOTE_PORTS), "any")
    local = _end(values, (_IPV4_LOCAL, _IPV6_LOCAL, _LOCAL_PORT, _LOCAL_PORTS), "assigned")
    return f"permit out {protocol} from {remote} to {local}"


_KNOWN = frozenset(
    (
        _IPV4_REMOTE,
        _IPV4_LOCAL,
        _IPV6_REMOTE,
        _IPV6_LOCAL,
        _PROTOCOL,
        _LOCAL_PORT,
        _LOCAL_PORTS,
        _REMOTE_PORT,
        _REMOTE_PORTS,
    )
)


def _end(values: dict[int, bytes], kinds: tuple[int, int, int, int], nothing: str) -> str:
    ipv4, ipv6, single, several = kinds
    if (ipv4 in values and ipv6 in values) or (single in values and several in values):
        raise DecodeError("two addresses, or a port and a range of ports, at one end of a packet filter")
    address = nothing
    try:
        if ipv4 in values:
            octets = values[ipv4]
            address = str(IPv4Network((octets[:4], str(IPv4Network((octets[4:8], 32)).network_address)), strict=False))
        elif ipv6 in values:
            octets = values[ipv6]
            address = str(IPv6Network((octets[:16], octets[16]), strict=False))
    except (ValueError, IndexError):
        raise DecodeError("an address with a mask that is no prefix") from None
    if single in values:
        return f"{address} {int.from_bytes(values[single], 'big')}"
    if several in values:
        low, high = int.from_bytes(values[several][:2], "big"), int.from_bytes(values[several][2:], "big")
        if low > high:
            raise DecodeError(f"the range of ports {low}-{high} is empty")
        return f"{address} {low}-{high}"
    return address
