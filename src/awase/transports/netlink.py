"""Addresses and routes of a network device by rtnetlink (RFC 3549), without another program."""

import os
import socket
import struct
from ipaddress import IPv4Interface, IPv4Network, IPv6Interface, IPv6Network

_ERROR, _NEW_LINK, _NEW_ADDRESS, _NEW_ROUTE = 2, 16, 20, 24
_REQUEST_ACK, _CREATE, _REPLACE = 0x5, 0x400, 0x100
_IFF_UP = 1
_IFLA_MTU, _IFA_ADDRESS, _IFA_LOCAL, _IFA_FLAGS, _RTA_DST, _RTA_OIF = 4, 1, 2, 8, 1, 4
_IFA_F_NODAD = 2
_RT_TABLE_MAIN, _RTPROT_BOOT, _RT_SCOPE_LINK, _RTN_UNICAST = 254, 3, 253, 1

_HEADER = struct.Struct("=IHHII")
_ATTRIBUTE = struct.Struct("=HH")


def set_up(device: str, mtu_bytes: int) -> None:
    """Give a device its MTU and switch it on. Raises OSError."""
    index = socket.if_nametoindex(device)
    body = struct.pack("=BxHiII", 0, 0, index, _IFF_UP, _IFF_UP)
    _ask(_NEW_LINK, 0, body + _attribute(_IFLA_MTU, struct.pack("=I", mtu_bytes)))


def add_address(device: str, address: IPv4Interface | IPv6Interface) -> None:
    """Give a device an address; one that is there stays. Raises OSError."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    body = struct.pack("=BBBBI", family, address.network.prefixlen, 0, 0, socket.if_nametoindex(device))
    body += _attribute(_IFA_LOCAL, address.packed) + _attribute(_IFA_ADDRESS, address.packed)
    if family == socket.AF_INET6:
        # Nobody else is on a TUN device: duplicate address detection would only delay.
        body += _attribute(_IFA_FLAGS, struct.pack("=I", _IFA_F_NODAD))
    _ask(_NEW_ADDRESS, _CREATE | _REPLACE, body)


def add_route(device: str, destination: IPv4Network | IPv6Network) -> None:
    """Lead a destination to a device; one that is there is replaced. Raises OSError."""
    family = socket.AF_INET if destination.version == 4 else socket.AF_INET6
    head = (family, destination.prefixlen, 0, 0, _RT_TABLE_MAIN, _RTPROT_BOOT, _RT_SCOPE_LINK, _RTN_UNICAST, 0)
    body = struct.pack("=BBBBBBBBI", *head)
    body += _attribute(_RTA_DST, destination.network_address.packed)
    body += _attribute(_RTA_OIF, struct.pack("=I", socket.if_nametoindex(device)))
    _ask(_NEW_ROUTE, _CREATE | _REPLACE, body)


def _attribute(kind: int, value: bytes) -> bytes:
    return _ATTRIBUTE.pack(len(value) + 4, kind) + value + bytes(-len(value) % 4)


def _ask(kind: int, flags: int, body: bytes) -> None:
    """Send one request, and take its acknowledgement. Raises OSError with what the kernel answers."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, socket.NETLINK_ROUTE) as link:
        link.settimeout(2)
        link.bind((0, 0))
        link.send(_HEADER.pack(16 + len(body), kind, _REQUEST_ACK | flags, 1, 0) + body)
        answer = link.recv(8192)
    if len(answer) >= 20 and _HEADER.unpack_from(answer)[1] == _ERROR:
        number = -struct.unpack_from("=i", answer, 16)[0]
        if number:
            raise OSError(number, os.strerror(number))
