"""A port on a UDP socket: n3, n4, n9, f1u, and RLS on uu.

Up to READ_AT_ONCE datagrams are read a turn; on ports that take batches those of one peer go to the part as one
packet. `_read` and `_write` are where UDP_GRO and UDP_SEGMENT would come in.
"""

import socket
from collections import deque
from contextlib import suppress

from awase.model.part import Packet
from awase.transports.ports import BATCH_PORTS, Context, HostPort, host_port, text_of

BUFFER_BYTES = 4 << 20
READ_AT_ONCE = 64
MAX_DATAGRAM_BYTES = 65_535
_SO_SNDBUFFORCE, _SO_RCVBUFFORCE = 32, 33
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

    async def open(self) -> None:
        """Bind the socket. Raises TransportError."""
        try:
            self._socket = open_udp(host_port(self.context.address))
        except (OSError, ValueError) as error:
            fault = error if isinstance(error, OSError) else OSError(str(error))
            hint = "is another program there, or the address not this host's?"
            raise self.context.unusable("UDP cannot be opened", fault, hint) from error
        self.context.loop.add_reader(self._socket, self._read)

    def send(self, packet: Packet) -> None:
        """Send at once."""
        try:
            peer = host_port(packet.peer)
        except ValueError:
            return
        payload = packet.payload
        if isinstance(payload, bytes):
            self._write(payload, peer)
        else:
            for octets in payload:
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
        receive = sock.recvfrom
        come: list[tuple[bytes, HostPort]] = []
        for _ in range(READ_AT_ONCE):
            try:
                come.append(receive(MAX_DATAGRAM_BYTES))
            except BlockingIOError:
                break
            except OSError:
                # An ICMP error of something sent before.
                continue
        if self._batches and len(come) > 1:
            self._deliver_batches(come)
            return
        deliver, port = self.context.deliver, self.context.port
        for octets, peer in come:
            deliver(Packet(port, text_of(peer), octets))

    def _deliver_batches(self, come: list[tuple[bytes, HostPort]]) -> None:
        first = 0
        for at in range(1, len(come) + 1):
            if at < len(come) and come[at][1] == come[first][1]:
                continue
            peer = text_of(come[first][1])
            payload = come[first][0] if at - first == 1 else [octets for octets, _ in come[first:at]]
            self.context.deliver(Packet(self.context.port, peer, payload))
            first = at

    def flush(self) -> None:
        """Nothing waits."""

    async def close(self, limit_s: float) -> None:
        """Close the socket."""
        del limit_s
        sock, self._socket = self._socket, None
        if sock is not None:
            self.context.loop.remove_reader(sock)
            self.context.loop.remove_writer(sock)
            sock.close()

    def open_links(self) -> int:
        """UDP has none."""
        return 0
