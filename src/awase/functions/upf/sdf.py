"""SDF filters: IPFilterRules (RFC 6733 clause 4.3.1, as TS 29.212 clause 5.4.2 restricts them) on IPv4.

A rule is written in the downlink direction: from the remote end to the UE ("assigned").
"""

from ipaddress import AddressValueError, IPv4Network, IPv6Network, NetmaskValueError
from typing import NamedTuple

_PORTS = frozenset((6, 17, 132))
"""Protocols whose header starts with two ports: TCP, UDP, SCTP."""

Range = tuple[int, int]


class End(NamedTuple):
    """One end of a rule: addresses as network and mask (mask 0: any), port ranges (none: any)."""

    network: int
    mask: int
    ports: tuple[Range, ...]


class Rule(NamedTuple):
    """A rule; `protocol` None is any. `permit` False never matches; `ipv4` False is about IPv6 only."""

    protocol: int | None
    remote: End
    ue: End
    ipv4: bool = True


_ANY = End(0, 0, ())


def parse(text: str) -> Rule:
    """The rule in a Flow Description. Raises ValueError in words."""
    words = text.split()
    if len(words) < 6 or words[0] != "permit" or words[1] not in ("out", "in"):
        raise ValueError(f"{text!r} is not 'permit out PROTOCOL from ... to ...'")
    if words[3] != "from" or "to" not in words[4:]:
        raise ValueError(f"{text!r} has no 'from ... to ...'")
    protocol = None if words[2] == "ip" else _number(words[2], 255)
    at = words.index("to", 4)
    source, source_is_v6 = _end(words[4:at])
    # Options (frag, established...) are not allowed by TS 29.212.
    destination, destination_is_v6 = _end(words[at + 1 :])
    ipv4 = not (source_is_v6 or destination_is_v6)
    if words[1] == "in":
        source, destination = destination, source
    return Rule(protocol, source, destination, ipv4)


def _number(word: str, most: int) -> int:
    if not word.isascii() or not word.isdigit() or len(word) > 6 or int(word) > most:
        raise ValueError(f"{word!r} is no number up to {most}")
    return int(word)


def _end(words: list[str]) -> tuple[End, bool]:
    if not words or len(words) > 2:
        raise ValueError("an end of a filter is an address and ports")
    address = words[0]
    ports = tuple(_range(part) for part in words[1].split(",")) if len(words) == 2 else ()
    if len(ports) > 16:
        raise ValueError("more than 16 port ranges")
    if address in ("any", "assigned"):
        # The UE's address is checked before the filters are.
        return End(0, 0, ports), False
    try:
        if ":" in address:
            IPv6Network(address, strict=False)
            return End(0, 0, ports), True
        network = IPv4Network(address, strict=False)
    except (AddressValueError, NetmaskValueError, ValueError):
        raise ValueError(f"{address!r} is no address") from None
    return End(int(network.network_address), int(network.netmask), ports), False


def _range(text: str) -> Range:
    low, dash, high = text.partition("-")
    first = _number(low, 65535)
    return first, _number(high, 65535) if dash else first


def matches(rule: Rule, packet: bytes, uplink: bool) -> bool:
    """Whether an IPv4 packet, whose header is whole, is of the rule's flow."""
    if not rule.ipv4:
        return False
    protocol = packet[9]
    if rule.protocol is not None and rule.protocol != protocol:
        return False
    source, destination = (rule.ue, rule.remote) if uplink else (rule.remote, rule.ue)
    if int.from_bytes(packet[12:16], "big") & source.mask != source.network:
        return False
    if int.from_bytes(packet[16:20], "big") & destination.mask != destination.network:
        return False
    if not source.ports and not destination.ports:
        return True
    start = (packet[0] & 0x0F) * 4
    # Later fragments have no ports, so they match no rule that has some.
    if protocol not in _PORTS or packet[6] & 0x1F or packet[7] or len(packet) < start + 4:
        return False
    ports = packet[start : start + 4]
    return _in(source.ports, int.from_bytes(ports[:2], "big")) and _in(
        destination.ports, int.from_bytes(ports[2:], "big")
    )


def _in(ranges: tuple[Range, ...], port: int) -> bool:
    return not ranges or any(low <= port <= high for low, high in ranges)
