"""The kernel's SCTP: sockets with ancillary data and notifications (RFC 6458, octets as in linux/sctp.h).

Each own port has a one-to-many socket that listens and connects. An association that is up is branched off to a socket
of its own (RFC 6458 clause 9.2): the kernel's buffers are a socket's, and a peer that does not read would fill them
for all others.
"""

import resource
import socket
import struct
from asyncio import AbstractEventLoop
from collections import deque
from contextlib import suppress
from errno import EADDRINUSE, ECONNRESET, EMFILE, ENOTCONN, EPIPE, ESHUTDOWN
from typing import Final, Literal

from awase.protocols.sctp.closing import in_words
from awase.protocols.sctp.codec import decode_causes
from awase.transports.hosting import SctpOptions
from awase.transports.ports import Context, HostPort, text_of
from awase.transports.sctp_branch import IPPROTO_SCTP, KernelSockets, SctpSocket, SocketSource
from awase.transports.sctp_user import Port
from awase.wire.errors import DecodeError

SNDINFO, RCVINFO = 2, 3
MSG_NOTIFICATION = 0x8000
ASSOC_CHANGE = 0x8001
_COMM_UP, _COMM_LOST, _RESTART, _SHUTDOWN_COMP, _CANT_START = 0, 1, 2, 3, 4
ABORT, EOF = 0x0004, 0x0200
MAX_QUEUED_BYTES = 4 << 20
MAX_UNREAD_BYTES = 64 << 20
"""What waits for all peers of a hub together; beyond it the one for which most waits is aborted."""
MAX_MESSAGE_BYTES = 256 << 10
MAX_ASSOCIATIONS = 16_384
MAX_ASSOCIATIONS_PER_HOST = 4_096
READ_AT_ONCE = 64
_MAX_REASON_BYTES = 200
_GONE = (EPIPE, ENOTCONN, ESHUTDOWN, ECONNRESET)
SEND: Final = struct.Struct("=HHIIi")
"""sctp_sndinfo: stream, flags, PPID, context, association."""
RECEIVED: Final = struct.Struct("=HHHxxIIIIi")
"""sctp_rcvinfo: stream, SSN, flags, PPID, TSN, cumulative TSN, context, association."""
CHANGE: Final = struct.Struct("=HHIHHHHi")
"""sctp_assoc_change: type, flags, length, state, error, outbound and inbound streams, association."""
_ANCILLARY_BYTES = 256
_buffer = memoryview(bytearray(MAX_MESSAGE_BYTES))
"""What is read is copied from here at its own length: one buffer does for all sockets."""

_Ancillary = list[tuple[int, int, bytes]]


class _Bound:
    """An own port: its one-to-many socket."""

    __slots__ = ("port", "socket")

    def __init__(self, port: Port, sock: SctpSocket) -> None:
        self.port = port
        self.socket = sock


class _Link:
    """An association: its socket, its streams, what waits for room, what came without its end."""

    __slots__ = (
        "association", "closing", "number", "parts", "peer", "port", "queue", "queued_bytes", "socket", "streams",
    )  # fmt: skip

    def __init__(self, number: int, port: Port, sock: SctpSocket, association: int, peer: HostPort) -> None:
        self.number = number
        self.port = port
        self.socket = sock
        self.association = association
        self.peer = peer
        self.streams = 0
        self.closing = False
        self.parts = bytearray()
        self.queue: deque[tuple[bytes, bytes]] = deque()
        self.queued_bytes = 0


class KernelHub:
    """The SCTP sockets at one own address."""

    def __init__(self, context: Context, options: SctpOptions, host: str, sockets: SocketSource | None = None) -> None:
        self.carrier = f"kernel SCTP, {host}"
        self._context = context
        self._loop: AbstractEventLoop = context.loop
        self._options = options
        self._host = host
        self._source = sockets or KernelSockets()
        self._bound: dict[int, _Bound] = {}
        self._links: dict[int, _Link] = {}
        self._hosts: dict[str, int] = {}
        self._asked: dict[tuple[int, HostPort], Port] = {}
        self._count = 0
        self._queued_bytes = 0
        self._refused = 0
        files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        self._most = MAX_ASSOCIATIONS if files == resource.RLIM_INFINITY else min(MAX_ASSOCIATIONS, files * 3 // 4)

    # What ports ask.

    def open(self, port: Port, number: int, serves: bool) -> None:
        """Make and bind a socket. Raises OSError."""
        if number in self._bound:
            raise OSError(EADDRINUSE, f"SCTP port {number} of {self._host} is taken by another part of this process")
        made = self._source.open((self._host, number), self._options.streams)
        try:
            if serves:
                made.listen(128)
        except OSError:
            made.close()
            raise
        self._bound[number] = _Bound(port, made)
        self._loop.add_reader(made.fileno(), self._read_bound, number)

    def connect(self, port: Port, number: int, peer: HostPort) -> None:
        """Ask for an association. Raises OSError."""
        self._asked[number, peer] = port
        try:
            self._bound[number].socket.connect(peer)
        except BlockingIOError:
            return
        except OSError:
            self._asked.pop((number, peer), None)
            raise

    def send(self, link: int, stream: int, ppid: int, octets: bytes) -> str:
        """Hand the kernel a user message, or queue it; "" or why it cannot be."""
        known = self._links.get(link)
        if known is None or known.closing:
            return ""
        if not 0 <= stream < known.streams:
            return f"stream {stream} of {known.streams}"
        if not 0 < len(octets) <= MAX_MESSAGE_BYTES:
            return f"a user message of {len(octets)} octets"
        info = SEND.pack(stream, 0, socket.htonl(ppid), 0, known.association)
        if known.queue:
            return self._queue(known, octets, info)
        try:
            known.socket.sendmsg([octets], [(IPPROTO_SCTP, SNDINFO, info)], socket.MSG_NOSIGNAL)
        except BlockingIOError:
            return self._queue(known, octets, info)
        except OSError as error:
            # What ended it is told by a notification.
            return "" if error.errno in _GONE else str(error)
        return ""

    def queued(self, link: int) -> int:
        """How many octets wait for room in the kernel's buffer."""
        known = self._links.get(link)
        return 0 if known is None else known.queued_bytes

    def shutdown(self, link: int) -> None:
        """Close in order, after all that was sent."""
        known = self._links.get(link)
        if known is not None and not known.closing:
            known.closing = True
            if not known.queue:
                self._say(known, EOF)

    def abort(self, link: int, reason: str) -> None:
        """Close at once."""
        known = self._links.get(link)
        if known is not None:
            self._say(known, ABORT, reason.encode()[:_MAX_REASON_BYTES])
            self._forget(known)

    def flush(self) -> None:
        """Nothing waits here."""

    def close(self, port: Port, number: int) -> bool:
        """Close a port's sockets; True where they were the last. The kernel brings to its end what is closing."""
        bound = self._bound.get(number)
        if bound is not None and bound.port is port:
            del self._bound[number]
            self._asked = {key: asker for key, asker in self._asked.items() if asker is not port}
            for link in [link for link in self._links.values() if link.port is port]:
                self._forget(link)
            self._drop(bound.socket)
        return not self._bound

    # Sending.

    def _queue(self, link: _Link, octets: bytes, info: bytes) -> str:
        if link.queued_bytes + len(octets) > MAX_QUEUED_BYTES:
            return f"it reads too slowly: {link.queued_bytes} octets wait"
        if not link.queue:
            self._loop.add_writer(link.socket.fileno(), self._write_waiting, link.number)
        link.queue.append((octets, info))
        link.queued_bytes += len(octets)
        self._queued_bytes += len(octets)
        if self._queued_bytes > MAX_UNREAD_BYTES:
            slowest = max(self._links.values(), key=lambda each: each.queued_bytes)
            peer = text_of(slowest.peer)
            words = f"{peer} was aborted: it reads too slowly: {slowest.queued_bytes} octets wait"
            self._context.report("AssociationAborted", words, peer=peer)
            self._say(slowest, ABORT, b"reads too slowly")
            self._end(slowest, "abort")
        return ""

    def _write_waiting(self, number: int) -> None:
        link = self._links.get(number)
        if link is None:
            return
        while link.queue:
            octets, info = link.queue[0]
            try:
                link.socket.sendmsg([octets], [(IPPROTO_SCTP, SNDINFO, info)], socket.MSG_NOSIGNAL)
            except BlockingIOError:
                return
            except OSError:
                # The notification of its end says why.
                self._throw_away(link)
                break
            link.queue.popleft()
            link.queued_bytes -= len(octets)
            self._queued_bytes -= len(octets)
        self._loop.remove_writer(link.socket.fileno())
        if link.closing:
            self._say(link, EOF)

    def _say(self, link: _Link, flag: int, octets: bytes = b"") -> None:
        info = SEND.pack(0, flag, 0, 0, link.association)
        try:
            link.socket.sendmsg([octets], [(IPPROTO_SCTP, SNDINFO, info)], socket.MSG_NOSIGNAL)
        except OSError:
            # It is gone already, or going.
            return

    # What comes to an own port: associations begin, or cannot.

    def _read_bound(self, number: int) -> None:
        for _ in range(READ_AT_ONCE):
            bound = self._bound.get(number)
            if bound is None:
                return
            try:
                size, _, flags, address = bound.socket.recvmsg_into([_buffer], _ANCILLARY_BYTES)
            except BlockingIOError:
                return
            except OSError:
                # The error of an association that did not come about; the notification tells which.
                continue
            if flags & MSG_NOTIFICATION and size >= CHANGE.size:
                self._began(number, bound, bytes(_buffer[:size]), (address[0], address[1]))

    def _began(self, number: int, bound: _Bound, octets: bytes, peer: HostPort) -> None:
        kind, _, _, state, _, streams, _, association = CHANGE.unpack_from(octets)
        if kind != ASSOC_CHANGE:
            return
        if state == _COMM_UP:
            self._up(number, bound, association, peer, streams)
        elif state in (_CANT_START, _COMM_LOST):
            port = self._asked.pop((number, peer), None)
            if port is not None:
                port.refused(text_of(peer))

    def _up(self, number: int, bound: _Bound, association: int, peer: HostPort, streams: int) -> None:
        asker = self._asked.pop((number, peer), None)
        try:
            if asker is None and not self._has_room(peer[0]):
                raise OSError(EMFILE, "too many associations")
            branch = self._source.branch(bound.socket, association)
        except OSError as error:
            self._refuse(bound.socket, association, peer, error)
            if asker is not None:
                asker.refused(text_of(peer))
            return
        self._count += 1
        link = _Link(self._count, asker or bound.port, branch, association, peer)
        link.streams = streams
        self._links[self._count] = link
        self._hosts[peer[0]] = self._hosts.get(peer[0], 0) + 1
        link.port.up(link.number, peer)
        if link.number in self._links:
            self._loop.add_reader(branch.fileno(), self._read, link.number)

    def _has_room(self, host: str) -> bool:
        return len(self._links) < self._most and self._hosts.get(host, 0) < MAX_ASSOCIATIONS_PER_HOST

    def _refuse(self, sock: SctpSocket, association: int, peer: HostPort, error: OSError) -> None:
        """No room: abort it, and say so, but not each time."""
        info = SEND.pack(0, ABORT, 0, 0, association)
        with suppress(OSError):
            sock.sendmsg([b""], [(IPPROTO_SCTP, SNDINFO, info)], socket.MSG_NOSIGNAL)
        self._refused += 1
        if self._refused & (self._refused - 1) == 0:
            text = f"{text_of(peer)} was refused: {error.strerror}; {len(self._links)} associations are up (ulimit -n)"
            self._context.report("AssociationRefused", text, peer=text_of(peer), refused=self._refused)

    # What comes on an association.

    def _read(self, number: int) -> None:
        for _ in range(READ_AT_ONCE):
            link = self._links.get(number)
            if link is None:
                return
            try:
                size, ancillary, flags, _ = link.socket.recvmsg_into([_buffer], _ANCILLARY_BYTES)
            except BlockingIOError:
                return
            except OSError:
                # Its notification follows.
                continue
            if flags & MSG_NOTIFICATION:
                self._changed(link, bytes(_buffer[:size]))
            elif size:
                self._data(link, bytes(_buffer[:size]), ancillary, bool(flags & socket.MSG_EOR))
            else:
                self._end(link, "down")

    def _data(self, link: _Link, octets: bytes, ancillary: _Ancillary, whole: bool) -> None:
        info = next((value for level, kind, value in ancillary if (level, kind) == (IPPROTO_SCTP, RCVINFO)), b"")
        if len(info) < RECEIVED.size:
            return
        stream, _, _, ppid, _, _, _, _ = RECEIVED.unpack_from(info)
        if not whole or link.parts:
            link.parts += octets
            if len(link.parts) > MAX_MESSAGE_BYTES:
                peer = text_of(link.peer)
                why = f"a user message of more than {MAX_MESSAGE_BYTES} octets"
                self._context.report("AssociationAborted", f"{peer} was aborted: it sends {why}", peer=peer)
                self._say(link, ABORT, why.encode())
                self._end(link, "abort")
                return
            if not whole:
                return
            octets = bytes(link.parts)
            link.parts.clear()
        link.port.data(link.number, stream, socket.ntohl(ppid), octets)

    def _changed(self, link: _Link, octets: bytes) -> None:
        if len(octets) < CHANGE.size:
            return
        kind, _, length, state, _, streams, _, association = CHANGE.unpack_from(octets)
        if kind != ASSOC_CHANGE:
            return
        if state == _RESTART:
            self._restarted(link, association, streams)
        elif state == _SHUTDOWN_COMP:
            self._end(link, "down")
        elif state in (_COMM_LOST, _CANT_START):
            self._lost(link, octets[CHANGE.size : length])

    def _restarted(self, link: _Link, association: int, streams: int) -> None:
        """To the part the old association has gone and another come: nothing of the old one holds."""
        peer = text_of(link.peer)
        self._context.report("AssociationRestarted", f"{peer} lost its state and came again", peer=peer)
        self._loop.remove_reader(link.socket.fileno())
        self._loop.remove_writer(link.socket.fileno())
        del self._links[link.number]
        self._throw_away(link)
        self._count += 1
        again = _Link(self._count, link.port, link.socket, association, link.peer)
        again.streams = streams
        self._links[self._count] = again
        link.port.down(link.number, "abort")
        link.port.up(again.number, link.peer)
        if again.number in self._links:
            self._loop.add_reader(link.socket.fileno(), self._read, again.number)

    def _lost(self, link: _Link, causes: bytes) -> None:
        """COMM_LOST carries the causes of the peer's ABORT; none where the peer is silent."""
        peer = text_of(link.peer)
        try:
            words = "; ".join(map(in_words, decode_causes(causes, 0, len(causes))[:4]))
        except DecodeError:
            words = ""
        text = f"an SCTP association with {peer} was lost or aborted by it: {words or 'no cause given'}"
        self._context.report("AssociationLost", text, peer=peer)
        self._end(link, "abort")

    # The end.

    def _end(self, link: _Link, kind: Literal["down", "abort"]) -> None:
        if link.number in self._links:
            self._forget(link)
            link.port.down(link.number, kind)

    def _forget(self, link: _Link) -> None:
        if self._links.pop(link.number, None) is None:
            return
        host = link.peer[0]
        self._hosts[host] -= 1
        if not self._hosts[host]:
            del self._hosts[host]
        self._throw_away(link)
        self._drop(link.socket)

    def _throw_away(self, link: _Link) -> None:
        self._queued_bytes -= link.queued_bytes
        link.queued_bytes = 0
        link.queue.clear()

    def _drop(self, sock: SctpSocket) -> None:
        self._loop.remove_reader(sock.fileno())
        self._loop.remove_writer(sock.fileno())
        sock.close()
