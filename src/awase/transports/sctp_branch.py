"""Sockets of the kernel's SCTP: made, set and branched off (RFC 6458 clauses 8.1 and 9.2, linux/sctp.h)."""

import ctypes
import os
import socket
import struct
from collections.abc import Sequence
from typing import Final, Protocol

from awase.transports.ports import HostPort

IPPROTO_SCTP = 132
RTOINFO, INITMSG, NODELAY, EVENTS, FRAGMENT_INTERLEAVE, RECVRCVINFO, PEELOFF = 0, 2, 3, 11, 18, 32, 102
BUFFER_BYTES = 1 << 20
MAX_INIT_ATTEMPTS = 4
_SUBSCRIBED: Final = bytes((0, 1, 0, 0, 0, 0, 0, 0))
"""sctp_event_subscribe, as far as of interest: association events alone."""
_PEELOFF = struct.Struct("=ii")
"""sctp_peeloff_arg_t: association, descriptor."""
_RTO = struct.Struct("=iIII")
"""sctp_rtoinfo: association, initial, most, least, in ms."""


class SctpSocket(Protocol):
    """What the hub needs of a socket."""

    def fileno(self) -> int:
        """Its descriptor."""
        ...

    def listen(self, backlog: int, /) -> None:
        """Let others come."""
        ...

    def connect(self, address: HostPort, /) -> None:
        """Ask for an association. Raises OSError."""
        ...

    def sendmsg(self, buffers: Sequence[bytes], ancdata: Sequence[tuple[int, int, bytes]], flags: int, /) -> int:
        """Send a user message. Raises OSError."""
        ...

    def recvmsg_into(
        self, buffers: Sequence[memoryview], ancbufsize: int, /
    ) -> tuple[int, list[tuple[int, int, bytes]], int, HostPort]:
        """Octets, ancillary data, flags and address of what came. Raises OSError."""
        ...

    def close(self) -> None:
        """Close it."""
        ...


class SocketSource(Protocol):
    """Where sockets come from."""

    def open(self, address: HostPort, streams: int) -> SctpSocket:
        """A bound one-to-many socket. Raises OSError."""
        ...

    def branch(self, sock: SctpSocket, association: int) -> SctpSocket:
        """A socket for one association of a one-to-many socket. Raises OSError."""
        ...


class KernelSockets:
    """The kernel's own."""

    def open(self, address: HostPort, streams: int) -> SctpSocket:
        """A bound one-to-many socket that tells what becomes of associations. Raises OSError."""
        made = socket.socket(socket.AF_INET, socket.SOCK_SEQPACKET, IPPROTO_SCTP)
        try:
            made.setsockopt(IPPROTO_SCTP, INITMSG, struct.pack("=HHHH", streams, streams, MAX_INIT_ATTEMPTS, 0))
            made.setsockopt(IPPROTO_SCTP, NODELAY, 1)
            made.setsockopt(IPPROTO_SCTP, EVENTS, _SUBSCRIBED)
            made.setsockopt(IPPROTO_SCTP, RECVRCVINFO, 1)
            made.setsockopt(IPPROTO_SCTP, FRAGMENT_INTERLEAVE, 0)
            if address[0].startswith("127."):
                made.setsockopt(IPPROTO_SCTP, RTOINFO, _RTO.pack(0, 1000, 60_000, 200))
            for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
                made.setsockopt(socket.SOL_SOCKET, option, BUFFER_BYTES)
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made.setblocking(False)
            made.bind(address)
        except OSError:
            made.close()
            raise
        return made

    def branch(self, sock: SctpSocket, association: int) -> SctpSocket:
        """Branch off one association (clause 9.2). Raises OSError."""
        # socket.getsockopt hands the kernel no octets, and this option wants the association in them.
        argument = ctypes.create_string_buffer(_PEELOFF.pack(association, -1), _PEELOFF.size)
        size = ctypes.c_uint32(_PEELOFF.size)
        call = ctypes.CDLL(None, use_errno=True).getsockopt
        if call(sock.fileno(), IPPROTO_SCTP, PEELOFF, argument, ctypes.byref(size)) < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        made = socket.socket(fileno=_PEELOFF.unpack(argument.raw)[1])
        made.setblocking(False)
        return made
