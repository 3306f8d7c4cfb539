"""Addresses, routes and rules of network devices by rtnetlink (RFC 3549), without another program."""

import errno
import os
import socket
import struct
from collections.abc import Iterator
from ipaddress import IPv4Interface, IPv4Network, IPv6Interface, IPv6Network

import msgspec

_ERROR, _DONE, _NEW_LINK, _NEW_ADDRESS, _NEW_ROUTE, _NEW_RULE, _DELETE_RULE, _GET_RULE = 2, 3, 16, 20, 24, 32, 33, 34
_REQUEST_ACK, _REPLACE, _EXCLUSIVE, _CREATE = 0x5, 0x100, 0x200, 0x400
_REQUEST_DUMP = 0x301
_IFF_UP = 1
_IFLA_MTU, _IFA_ADDRESS, _IFA_LOCAL, _IFA_FLAGS = 4, 1, 2, 8
_RTA_DST, _RTA_OIF, _RTA_PRIORITY, _RTA_TABLE = 1, 4, 6, 15
_FRA_SRC, _FRA_PRIORITY, _FRA_TABLE, _FRA_PROTOCOL = 2, 6, 15, 21
_FR_ACT_TO_TBL = 1
_IFA_F_NODAD = 2
_RT_TABLE_UNSPEC, _RT_TABLE_MAIN, _RTPROT_BOOT, _RT_SCOPE_LINK, _RTN_UNICAST = 0, 254, 3, 253, 1
OUR_RULES = 165
"""The protocol (`ip rule show protocol 165`) that tells our rules from everybody else's."""
PRIORITY = 10_000
"""Before the main table's, 32766."""

_HEADER = struct.Struct("=IHHII")
_ATTRIBUTE = struct.Struct("=HH")
_RULE = struct.Struct("=BBBBBBBBI")


class SourceRule(msgspec.Struct, frozen=True):
    """`ip rule from SOURCE table TABLE`."""

    source: IPv4Network | IPv6Network
    table: int


def set_up(device: str, mtu_bytes: int) -> None:
    """Give a device its MTU and switch it on. Raises OSError."""
    index = socket.if_nametoindex(device)
    body = struct.pack("=BxHiII", 0, 0, index, _IFF_UP, _IFF_UP)
    _ask(_NEW_LINK, 0, body + _attribute(_IFLA_MTU, struct.pack("=I", mtu_bytes)))


def add_address(device: str, address: IPv4Interface | IPv6Interface) -> None:
    """Give a device an address; one that is there stays. Raises OSError."""
    family = _family(address.version)
    body = struct.pack("=BBBBI", family, address.network.prefixlen, 0, 0, socket.if_nametoindex(device))
    body += _attribute(_IFA_LOCAL, address.packed) + _attribute(_IFA_ADDRESS, address.packed)
    if family == socket.AF_INET6:
        # Nobody else is on a TUN device: duplicate address detection would only delay.
        body += _attribute(_IFA_FLAGS, struct.pack("=I", _IFA_F_NODAD))
    _ask(_NEW_ADDRESS, _CREATE | _REPLACE, body)


def add_route(
    device: str, destination: IPv4Network | IPv6Network, *, table: int = _RT_TABLE_MAIN, metric: int = 0
) -> None:
    """Lead a destination to a device; one that is there (of this metric) is replaced. Raises OSError."""
    family = _family(destination.version)
    short = table if table < 256 else _RT_TABLE_UNSPEC
    head = (family, destination.prefixlen, 0, 0, short, _RTPROT_BOOT, _RT_SCOPE_LINK, _RTN_UNICAST, 0)
    body = struct.pack("=BBBBBBBBI", *head)
    body += _attribute(_RTA_DST, destination.network_address.packed)
    body += _attribute(_RTA_OIF, struct.pack("=I", socket.if_nametoindex(device)))
    body += _attribute(_RTA_TABLE, struct.pack("=I", table))
    if metric:
        body += _attribute(_RTA_PRIORITY, struct.pack("=I", metric))
    _ask(_NEW_ROUTE, _CREATE | _REPLACE, body)


def add_rule(rule: SourceRule) -> None:
    """Let what comes from a source be routed by a table; one that is there stays. Raises OSError."""
    try:
        _ask(_NEW_RULE, _CREATE | _EXCLUSIVE, _rule_body(rule))
    except FileExistsError:
        return


def delete_rule(rule: SourceRule) -> None:
    """Take one of our rules away; nothing where it is not. Raises OSError."""
    try:
        _ask(_DELETE_RULE, 0, _rule_body(rule))
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.ESRCH):
            raise


def our_rules() -> list[SourceRule]:
    """The rules that carry our protocol, whoever of us made them. Raises OSError."""
    found = []
    for family in (socket.AF_INET, socket.AF_INET6):
        for body in _dump(_GET_RULE, _RULE.pack(family, *(0,) * 8)):
            rule = _read_rule(family, body)
            if rule is not None:
                found.append(rule)
    return found


def _rule_body(rule: SourceRule) -> bytes:
    source = rule.source
    head = (_family(source.version), 0, source.prefixlen, 0, _RT_TABLE_UNSPEC, 0, 0, _FR_ACT_TO_TBL, 0)
    body = _RULE.pack(*head) + _attribute(_FRA_SRC, source.network_address.packed)
    body += _attribute(_FRA_PRIORITY, struct.pack("=I", PRIORITY))
    body += _attribute(_FRA_TABLE, struct.pack("=I", rule.table))
    return body + _attribute(_FRA_PROTOCOL, bytes((OUR_RULES,)))


def _read_rule(family: int, body: bytes) -> SourceRule | None:
    if len(body) < _RULE.size or body[0] != family:
        return None
    values = dict(_attributes(body[_RULE.size :]))
    source, table = values.get(_FRA_SRC, b""), values.get(_FRA_TABLE, b"")
    if values.get(_FRA_PROTOCOL) != bytes((OUR_RULES,)) or not source or len(table) != 4:
        return None
    network = (IPv4Network if family == socket.AF_INET else IPv6Network)((source, body[2]))
    return SourceRule(network, int(struct.unpack("=I", table)[0]))


def _family(version: int) -> int:
    return socket.AF_INET if version == 4 else socket.AF_INET6


def _attribute(kind: int, value: bytes) -> bytes:
    return _ATTRIBUTE.pack(len(value) + 4, kind) + value + bytes(-len(value) % 4)


def _attributes(octets: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(octets):
        length, kind = _ATTRIBUTE.unpack_from(octets, at)
        if length < 4:
            return
        yield kind, octets[at + 4 : at + length]
        at += length + -length % 4


def _opened() -> socket.socket:
    link = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, socket.NETLINK_ROUTE)
    link.settimeout(2)
    link.bind((0, 0))
    return link


def _ask(kind: int, flags: int, body: bytes) -> None:
    """Send one request, and take its acknowledgement. Raises OSError with what the kernel answers."""
    with _opened() as link:
        link.send(_HEADER.pack(16 + len(body), kind, _REQUEST_ACK | flags, 1, 0) + body)
        answer = link.recv(8192)
    if len(answer) >= 20 and _HEADER.unpack_from(answer)[1] == _ERROR:
        _raise(answer, 0)


def _dump(kind: int, body: bytes) -> Iterator[bytes]:
    """What there is of a kind, each without its header. Raises OSError."""
    with _opened() as link:
        link.send(_HEADER.pack(16 + len(body), kind, _REQUEST_DUMP, 1, 0) + body)
        while True:
            answer = link.recv(1 << 16)
            at = 0
            while at + 16 <= len(answer):
                length, what = _HEADER.unpack_from(answer, at)[:2]
                if what == _DONE or length < 16:
                    return
                if what == _ERROR:
                    _raise(answer, at)
                    return
                yield answer[at + 16 : at + length]
                at += length + -length % 4


def _raise(answer: bytes, at: int) -> None:
    number = -struct.unpack_from("=i", answer, at + 16)[0]
    if number:
        raise OSError(number, os.strerror(number))
