"""SDF filters (TS 29.244 clause 8.2.5): IPFilterRules (RFC 6733 clause 4.3.1, TS 29.212 clause 5.4.2).

A rule is written in the downlink direction: from the remote end to the UE ("assigned").
"""

from ipaddress import AddressValueError, IPv4Network, IPv6Network, NetmaskValueError
from typing import NamedTuple

from awase.protocols.pfcp.elements import SdfFilter

_PORTS = frozenset((6, 17, 132))
"""Protocols whose header starts with two ports: TCP, UDP, SCTP."""

_HOP_BY_HOP, _ROUTING, _FRAGMENT, _ESP, _AH, _DESTINATION_OPTIONS = 0, 43, 44, 50, 51, 60
_EXTENSIONS = frozenset((_HOP_BY_HOP, _ROUTING, _FRAGMENT, _AH, _DESTINATION_OPTIONS))
"""IPv6 extension headers, after which another header comes (RFC 8200 clause 4)."""

Range = tuple[int, int]


class End(NamedTuple):
    """One end of a rule: addresses as network and mask (mask 0: any), port ranges (none: any)."""

    network: int
    mask: int
    ports: tuple[Range, ...]


_ANY = End(0, 0, ())


class Rule(NamedTuple):
    """A rule; None is any: protocol, IP version, TOS and its mask, Security Parameter Index, flow label."""

    protocol: int | None = None
    remote: End = _ANY
    ue: End = _ANY
    version: int | None = None
    tos: tuple[int, int] | None = None
    spi: int | None = None
    flow_label: int | None = None


def rule_of(element: SdfFilter) -> Rule:
    """The rule of an SDF Filter. Raises ValueError in words."""
    text, tos = element.flow_description, element.tos_traffic_class
    spi, label = element.security_parameter_index, element.flow_label
    if text is None and tos is None and spi is None and label is None:
        raise ValueError("it describes no packet")
    rule = Rule() if text is None else parse(text)
    if tos is not None:
        rule = rule._replace(tos=(tos[0] & tos[1], tos[1]))
    if spi is not None:
        rule = rule._replace(spi=int.from_bytes(spi, "big"))
    if label is not None:
        if rule.version == 4:
            raise ValueError("a flow label is IPv6's, and its addresses are IPv4's")
        rule = rule._replace(flow_label=int.from_bytes(label, "big") & 0xFFFFF, version=6)
    return rule


def parse(text: str) -> Rule:
    """The rule in a Flow Description. Raises ValueError in words."""
    words = text.split()
    if len(words) < 6 or words[0] != "permit" or words[1] not in ("out", "in"):
        raise ValueError(f"{text!r} is not 'permit out PROTOCOL from ... to ...'")
    if words[3] != "from" or "to" not in words[4:]:
        raise ValueError(f"{text!r} has no 'from ... to ...'")
    protocol = None if words[2] == "ip" else _number(words[2], 255)
    at = words.index("to", 4)
    source, version = _end(words[4:at])
    # Options (frag, established...) are not allowed by TS 29.212.
    destination, other_version = _end(words[at + 1 :])
    if version is not None and other_version not in (None, version):
        raise ValueError(f"{text!r} is from one version of IP to another")
    if words[1] == "in":
        source, destination = destination, source
    return Rule(protocol, source, destination, version or other_version)


def _number(word: str, most: int) -> int:
    if not word.isascii() or not word.isdigit() or len(word) > 6 or int(word) > most:
        raise ValueError(f"{word!r} is no number up to {most}")
    return int(word)


def _end(words: list[str]) -> tuple[End, int | None]:
    if not words or len(words) > 2:
        raise ValueError("an end of a filter is an address and ports")
    address = words[0]
    ports = tuple(_range(part) for part in words[1].split(",")) if len(words) == 2 else ()
    if len(ports) > 16:
        raise ValueError("more than 16 port ranges")
    if address in ("any", "assigned"):
        # The UE's address is checked before the filters are.
        return End(0, 0, ports), None
    try:
        network = IPv6Network(address, strict=False) if ":" in address else IPv4Network(address, strict=False)
    except (AddressValueError, NetmaskValueError, ValueError):
        raise ValueError(f"{address!r} is no address") from None
    return End(int(network.network_address), int(network.netmask), ports), network.version


def _range(text: str) -> Range:
    low, dash, high = text.partition("-")
    first = _number(low, 65535)
    return first, _number(high, 65535) if dash else first


def matches(rule: Rule, packet: bytes, uplink: bool) -> bool:
    """Whether an IP packet, whose header is whole, is of the rule's flow."""
    version = packet[0] >> 4
    if rule.version is not None and rule.version != version:
        return False
    if version == 4:
        protocol, start, first = packet[9], (packet[0] & 0x0F) * 4, not (packet[6] & 0x1F or packet[7])
        source, destination = packet[12:16], packet[16:20]
    else:
        protocol, start, first = _upper_layer(packet, rule.spi is not None)
        source, destination = packet[8:24], packet[24:40]
    if rule.protocol is not None and rule.protocol != protocol:
        return False
    one, other = (rule.ue, rule.remote) if uplink else (rule.remote, rule.ue)
    if not (_is_within(one, source) and _is_within(other, destination)):
        return False
    if (rule.tos or rule.flow_label is not None) and not _is_marked(rule, packet, version):
        return False
    if rule.spi is not None and not _has_spi(rule.spi, packet, protocol, start):
        return False
    if not one.ports and not other.ports:
        return True
    # Later fragments have no ports, so they match no rule that has some.
    if protocol not in _PORTS or not first or len(packet) < start + 4:
        return False
    ports = packet[start : start + 4]
    return _in(one.ports, int.from_bytes(ports[:2], "big")) and _in(other.ports, int.from_bytes(ports[2:], "big"))


def _is_within(end: End, address: bytes) -> bool:
    return not end.mask or int.from_bytes(address, "big") & end.mask == end.network


def _is_marked(rule: Rule, packet: bytes, version: int) -> bool:
    """Whether the packet has the rule's class (TOS, Traffic Class) and flow label."""
    if rule.tos is not None:
        octet = packet[1] if version == 4 else (packet[0] << 8 | packet[1]) >> 4 & 0xFF
        if octet & rule.tos[1] != rule.tos[0]:
            return False
    return rule.flow_label is None or rule.flow_label == int.from_bytes(packet[1:4], "big") & 0xFFFFF


def _upper_layer(packet: bytes, stop_at_ah: bool) -> tuple[int, int, bool]:
    """Of an IPv6 packet: the protocol after the extension headers, where it starts, whether it is the first part."""
    protocol, at, first = packet[6], 40, True
    while protocol in _EXTENSIONS and at + 8 <= len(packet) and not (stop_at_ah and protocol == _AH):
        following = packet[at]
        if protocol == _FRAGMENT:
            first = first and not (packet[at + 2] or packet[at + 3] & 0xF8)
            at += 8
        elif protocol == _AH:
            at += 4 * (packet[at + 1] + 2)
        else:
            at += 8 * (packet[at + 1] + 1)
        protocol = following
        if not first:
            break
    return protocol, at, first


def _has_spi(spi: int, packet: bytes, protocol: int, start: int) -> bool:
    """ESP has its index first, AH after four octets (RFC 4303, RFC 4302)."""
    at = start if protocol == _ESP else start + 4 if protocol == _AH else -1
    return at >= 0 and len(packet) >= at + 4 and int.from_bytes(packet[at : at + 4], "big") == spi


def _in(ranges: tuple[Range, ...], port: int) -> bool:
    return not ranges or any(low <= port <= high for low, high in ranges)
