"""A port on a UDP socket: n3, n4, n9, f1u, and RLS on uu.

Up to READ_AT_ONCE datagrams are read a turn; on ports that take batches those of one peer go to the part as one
packet. There the kernel cuts what is sent, and joins what comes, where it can (UDP_SEGMENT and UDP_GRO, Linux 5.0):
one system call moves up to 64 KB then, and the datagrams are the same.
"""

import socket
import sys
from array import array
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from itertools import groupby

from awase.model.part import Packet
from awase.transports.guard import READS_AT_ONCE, Shield, attach_dropping
from awase.transports.ports import BATCH_PORTS, Context, HostPort, host_port, text_of

BUFFER_BYTES = 4 << 20
READ_AT_ONCE = 64
MAX_DATAGRAM_BYTES = 65_535
_SO_SNDBUFFORCE, _SO_RCVBUFFORCE = 32, 33
_SOL_UDP, _UDP_SEGMENT, _UDP_GRO = 17, 103, 104
_ANCILLARY_BYTES = socket.CMSG_SPACE(4)
MOST_SEGMENTS = 64
"""What the kernel cuts from one call."""
FEWEST_SEGMENTS = 8
"""Fewer datagrams go one by one, so that whoever looks at the loopback interface sees light traffic as it is."""
_MOST_OCTETS = 65_507
MAX_WAITING = 4096
"""Datagrams that wait for room in the socket; more are lost, as UDP may."""


def open_udp(address: HostPort) -> socket.socket:
    """A bound socket with large buffers, not blocking. Raises OSError."""
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        for option, forced in ((socket.SO_RCVBUF, _SO_RCVBUFFORCE), (socket.SO_SNDBUF, _SO_SNDBUFFORCE)):
            made.setsockopt(socket.SOL_SOCKET, option, BUFFER_BYTES)
            # The kernel cuts it to net.core.rmem_max, of anyone but root.
            with suppress(OSError):
                made.setsockopt(socket.SOL_SOCKET, forced, BUFFER_BYTES)
        made.setblocking(False)
        made.bind(address)
    except OSError:
        made.close()
        raise
    return made


class UdpTransport:
    """One socket."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.carrier = f"UDP, {context.address}"
        self.lost = 0
        """Datagrams for which there was no room."""
        self._socket: socket.socket | None = None
        self._waiting: deque[tuple[bytes, HostPort]] = deque()
        self._batches = context.port in BATCH_PORTS
        self._taken: list[tuple[HostPort, list[bytes]]] = []
        """What this turn has brought for each peer in turn."""
        self._segments = self._batches
        """Whether the kernel cuts what is sent."""
        self._shield = Shield(context, context.familiar, lambda: attach_dropping(self._socket, self._shield.blocked))
        self._guard = self._shield.guard

    async def open(self) -> None:
        """Bind the socket. Raises TransportError."""
        try:
            self._socket = open_udp(host_port(self.context.address))
        except (OSError, ValueError) as error:
            fault = error if isinstance(error, OSError) else OSError(str(error))
            hint = "is another program there, or the address not this host's?"
            raise self.context.unusable("UDP cannot be opened", fault, hint) from error
        if self._batches:
            with suppress(OSError):
                self._socket.setsockopt(_SOL_UDP, _UDP_GRO, 1)
        self.context.loop.add_reader(self._socket, self._read_batches if self._batches else self._read)

    def send(self, packet: Packet) -> None:
        """Send at once; on a port that takes batches, at the end of the turn."""
        try:
            peer = host_port(packet.peer)
        except ValueError:
            return
        payload = packet.payload
        if not self._batches:
            for octets in (payload,) if isinstance(payload, bytes) else payload:
                self._write(octets, peer)
            return
        if not self._taken:
            self.context.flush_soon(self)
        elif self._taken[-1][0] == peer:
            self._add(self._taken[-1][1], payload)
            return
        self._taken.append((peer, []))
        self._add(self._taken[-1][1], payload)

    @staticmethod
    def _add(taken: list[bytes], payload: bytes | Sequence[bytes]) -> None:
        if isinstance(payload, bytes):
            taken.append(payload)
        else:
            taken += payload

    def flush(self) -> None:
        """Send what was taken in this turn."""
        taken, self._taken = self._taken, []
        for peer, payload in taken:
            if self._segments and len(payload) >= FEWEST_SEGMENTS:
                for _, alike in groupby(payload, len):
                    self._write_alike(list(alike), peer)
            else:
                for octets in payload:
                    self._write(octets, peer)

    def _write_alike(self, payload: Sequence[bytes], peer: HostPort) -> None:
        """Datagrams of one length, as many at once as the kernel takes."""
        sock, size = self._socket, len(payload[0])
        # Nothing can be cut into empty ones.
        at_once = min(MOST_SEGMENTS, _MOST_OCTETS // size) if size else 0
        first = 0
        while sock is not None and self._segments and not self._waiting:
            count = min(at_once, len(payload) - first)
            if count < FEWEST_SEGMENTS:
                break
            try:
                sock.sendmsg(payload[first : first + count], [(_SOL_UDP, _UDP_SEGMENT, array("H", (size,)))], 0, peer)
            except BlockingIOError:
                break
            except OSError:
                # A kernel or a device that cannot, or a datagram that the path's MTU does not hold.
                self._segments = False
                break
            first += count
        for octets in payload[first:]:
            self._write(octets, peer)

    def _write(self, octets: bytes, peer: HostPort) -> None:
        sock = self._socket
        if sock is None:
            return
        if not self._waiting:
            try:
                sock.sendto(octets, peer)
                return
            except BlockingIOError:
                self.context.loop.add_writer(sock, self._write_waiting)
            except OSError:
                # Unreachable just now, or too long for the path: to UDP both are a loss.
                self.lost += 1
                return
        if len(self._waiting) < MAX_WAITING:
            self._waiting.append((octets, peer))
        else:
            self.lost += 1

    def _write_waiting(self) -> None:
        sock, waiting = self._socket, self._waiting
        while sock is not None and waiting:
            try:
                sock.sendto(*waiting[0])
            except BlockingIOError:
                return
            except OSError:
                self.lost += 1
            waiting.popleft()
        if sock is not None:
            self.context.loop.remove_writer(sock)

    def _read(self) -> None:
        sock = self._socket
        if sock is None:
            return
        guard = self._guard
        if guard.active and guard.begin(self.context.now_ns()):
            self._read_guarded(sock)
            return
        receive, deliver, port = sock.recvfrom, self.context.deliver, self.context.port
        for _ in range(READ_AT_ONCE):
            try:
                octets, peer = receive(MAX_DATAGRAM_BYTES)
            except BlockingIOError:
                guard.emptied()
                return
            except OSError:
                # An ICMP error of something sent before.
                continue
            deliver(Packet(port, text_of(peer), octets))
        guard.not_emptied(self.context.now_ns())

    def _read_guarded(self, sock: socket.socket) -> None:
        context, admits, now_ns = self.context, self._guard.admits, self.context.now_ns()
        admitted = 0
        for _ in range(READS_AT_ONCE):
            try:
                octets, peer = sock.recvfrom(MAX_DATAGRAM_BYTES)
            except BlockingIOError:
                break
            except OSError:
                continue
            if admits(peer[0], now_ns):
                context.deliver(Packet(context.port, text_of(peer), octets))
                admitted += 1
                if admitted == READ_AT_ONCE:
                    self._guard.not_emptied(now_ns)
                    break
        self._shield.settle()

    def _read_batches(self) -> None:
        sock = self._socket
        if sock is None:
            return
        guard = self._guard
        now_ns = self.context.now_ns() if guard.active else 0
        guarded = guard.active and guard.begin(now_ns)
        receive = sock.recvmsg
        come: list[tuple[bytes, HostPort]] = []
        reads = READS_AT_ONCE
        while len(come) < READ_AT_ONCE and reads:
            reads -= 1
            try:
                octets, ancillary, _, peer = receive(MAX_DATAGRAM_BYTES, _ANCILLARY_BYTES)
            except BlockingIOError:
                guard.emptied()
                break
            except OSError:
                continue
            if guarded and not guard.admits(peer[0], now_ns):
                continue
            if ancillary:
                size = int.from_bytes(ancillary[0][2][:4], sys.byteorder)
                if 0 < size < len(octets):
                    come += [(octets[at : at + size], peer) for at in range(0, len(octets), size)]
                    continue
            come.append((octets, peer))
        else:
            guard.not_emptied(self.context.now_ns())
        if guarded:
            self._shield.settle()
        if come:
            self._deliver_batches(come)

    def _deliver_batches(self, come: list[tuple[bytes, HostPort]]) -> None:
        first = 0
        for at in range(1, len(come) + 1):
            if at < len(come) and come[at][1] == come[first][1]:
                continue
            peer = text_of(come[first][1])
            payload = come[first][0] if at - first == 1 else [octets for octets, _ in come[first:at]]
            self.context.deliver(Packet(self.context.port, peer, payload))
            first = at

    async def close(self, limit_s: float) -> None:
        """Close the socket."""
        del limit_s
        sock, self._socket = self._socket, None
        self._shield.close()
        if sock is not None:
            self.context.loop.remove_reader(sock)
            self.context.loop.remove_writer(sock)
            sock.close()

    def open_links(self) -> int:
        """UDP has none."""
        return 0
