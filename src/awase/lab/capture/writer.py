"""The Run's capture.pcapng: every link an interface, every packet as it left its port, deciphered NAS in a last one."""

import heapq
import struct
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import BinaryIO

from awase import __version__
from awase.lab.assembly import Assembly
from awase.lab.capture.framing import Flow
from awase.lab.capture.http2 import DELAYED_ACK_NS as TCP_ACK_NS
from awase.lab.capture.http2 import Http2Framing, field_block, literal
from awase.lab.capture.pcapng import LINKTYPE_WIRESHARK_UPPER_PDU, PcapngWriter
from awase.lab.capture.sctp import DELAYED_ACK_NS as SCTP_ACK_NS
from awase.lab.capture.sctp import SctpFraming
from awase.lab.seats import Path
from awase.model.part import Packet
from awase.model.reference_points import REFERENCE_POINTS
from awase.protocols.sbi.bhttp import glance
from awase.protocols.sbi.messages import Request
from awase.wire.errors import DecodeError

Frame = Sequence[bytes]

_UDP_PORTS = {"rls", "udp"}

EPHEMERAL = 49_152
"""The first of the dynamic ports (RFC 6335 clause 6)."""


class CaptureWriter:
    """Writes frames in order of time; what is due later (acknowledgements, handshakes) waits in a heap."""

    def __init__(self, file: BinaryIO, assembly: Assembly, *, clear: bool) -> None:
        self._file = file
        self._pcapng = PcapngWriter(file, f"awase {__version__}")
        self._flows: dict[Path, Flow] = {}
        self._sctp: dict[int, SctpFraming] = {}
        self._http: dict[Path, Http2Framing] = {}
        self._times: list[int] = []
        """A heap of the times at which something is due."""
        self._due: dict[int, list[tuple[Callable[..., None], tuple[object, ...]]]] = {}
        """What is due at each of them, in the order in which it was put off."""
        self._transports = []
        for link in assembly.links:
            (client, _), (server, _) = link.ends
            point = REFERENCE_POINTS[link.reference_point]
            self._transports.append(point.transport)
            self._pcapng.add_interface(f"{link.reference_point} {client}-{server}", link.name)
        self.clear = clear
        self._clear = None
        if clear:
            self._clear = self._pcapng.add_interface(
                "deciphered NAS", "each ciphered NAS message again, deciphered", LINKTYPE_WIRESHARK_UPPER_PDU
            )

    def packet(self, sent_ns: int, path: Path, packet: Packet, arrivals_ns: tuple[int, ...]) -> None:
        """A packet left a port."""
        if self._times and self._times[0] <= sent_ns:
            self._write_due(sent_ns)
        transport = self._transports[path.link_index]
        if transport in _UDP_PORTS:
            flow = self._flows.get(path) or self._flow(path)
            payload = packet.payload
            if isinstance(payload, bytes):
                self._pcapng.write(path.link_index, sent_ns, flow.udp(payload))
                return
            for octets in payload:
                self._pcapng.write(path.link_index, sent_ns, flow.udp(octets))
        elif transport == "sctp":
            self._associated(sent_ns, path, packet, arrivals_ns)
        elif transport == "http":
            self._exchanged(sent_ns, path, packet, arrivals_ns)
        else:
            flow = self._flow(path)
            for octets in _each(packet.payload):
                self._pcapng.write(path.link_index, sent_ns, flow.ethernet(octets))

    def deciphered(self, time_ns: int, source: bytes, destination: bytes, plain: bytes) -> None:
        """A ciphered NAS message again, deciphered (WIRESHARK_UPPER_PDU: tags 12, 20, 21, 0)."""
        if self._clear is None:
            return
        tags = struct.pack("!HH8s", 12, 8, b"nas-5gs") + struct.pack("!HH4s", 20, 4, source)
        tags += struct.pack("!HH4s", 21, 4, destination) + b"\0\0\0\0"
        self._pcapng.write(self._clear, time_ns, (tags, plain))

    def comment(self, text: str) -> None:
        """What goes wrong by order of the network file: a comment at the next packet."""
        self._pcapng.comment(text)

    def flush(self) -> None:
        """Hand to the operating system what was written so far."""
        self._file.flush()

    def finish(self, time_ns: int) -> None:
        """Write what is still due, and no later than it would have been."""
        self._write_due(time_ns)
        self.flush()

    def _flow(self, path: Path) -> Flow:
        flow = self._flows.get(path)
        if flow is None:
            flow = (
                Flow.between(path.source, path.target)
                if path.source and path.target
                else Flow.of_link(path.link_index, path.to_server)
            )
            self._flows[path] = flow
        return flow

    def _write_due(self, until_ns: int) -> None:
        times = self._times
        while times and times[0] <= until_ns:
            at_ns = heapq.heappop(times)
            for action, arguments in self._due.pop(at_ns):
                action(at_ns, *arguments)

    def _later(self, at_ns: int, action: Callable[..., None], *arguments: object) -> None:
        due = self._due.get(at_ns)
        if due is None:
            due = self._due[at_ns] = []
            heapq.heappush(self._times, at_ns)
        due.append((action, arguments))

    def _frames(self, index: int, time_ns: int, frames: Iterable[Frame]) -> None:
        for frame in frames:
            self._pcapng.write(index, time_ns, frame)

    def _frame_due(self, time_ns: int, index: int, frame: Frame) -> None:
        self._pcapng.write(index, time_ns, frame)

    def _handshake(self, sent_ns: int, index: int, frames: Sequence[Frame], passages_ns: tuple[int, ...]) -> None:
        self._pcapng.write(index, sent_ns, frames[0])
        for frame, at_ns in zip(frames[1:], passages_ns, strict=False):
            self._later(at_ns, self._frame_due, index, frame)

    def _acknowledge(
        self,
        framing: "SctpFraming | Http2Framing",
        to_server: bool,
        index: int,
        arrivals_ns: tuple[int, ...],
        delay_ns: int,
    ) -> None:
        """Let what was sent arrive, and the acknowledgement follow unless data carried it."""
        self._later(arrivals_ns[0], self._arrived, framing, to_server, framing.sent(to_server), index, delay_ns)

    def _arrived(  # noqa: PLR0917
        self, time_ns: int, framing: "SctpFraming | Http2Framing", to_server: bool, sent: int, index: int, delay_ns: int
    ) -> None:
        due_ns = time_ns + delay_ns
        if framing.arrived(to_server, sent, due_ns):
            self._later(due_ns, self._acknowledgement_due, framing, to_server, index)

    def _acknowledgement_due(
        self, time_ns: int, framing: "SctpFraming | Http2Framing", to_server: bool, index: int
    ) -> None:
        frame = framing.acknowledgement(to_server)
        if frame is not None:
            self._pcapng.write(index, time_ns, frame)

    def _associated(self, sent_ns: int, path: Path, packet: Packet, arrivals_ns: tuple[int, ...]) -> None:
        association = packet.association or 0
        index = path.link_index
        if packet.kind == "up":
            name = f"{path.link.name}/{association}"
            framing = SctpFraming(name, self._flow(path), self._flow(path.reverse))
            self._sctp[association] = framing
            self._handshake(sent_ns, index, framing.handshake(), arrivals_ns)
            return
        known = self._sctp.get(association)
        if known is None:
            return
        if not arrivals_ns:
            # Nothing passes: it is in the capture when it is sent again.
            return
        if packet.kind == "data" and isinstance(packet.payload, bytes):
            frames = known.data(path.to_server, packet.stream or 0, packet.ppid or 0, packet.payload)
            self._frames(index, sent_ns, frames)
            self._acknowledge(known, path.to_server, index, arrivals_ns, SCTP_ACK_NS)
            return
        del self._sctp[association]
        if packet.kind == "abort":
            self._pcapng.write(index, sent_ns, known.abort(path.to_server))
        else:
            back_ns = arrivals_ns[0] + (arrivals_ns[0] - sent_ns)
            self._handshake(sent_ns, index, known.shutdown(path.to_server), (arrivals_ns[0], back_ns))

    def _exchanged(self, sent_ns: int, path: Path, packet: Packet, arrivals_ns: tuple[int, ...]) -> None:
        """Each end of a link that asks the other has a connection of its own."""
        index = path.link_index
        from_client = packet.kind != "response"
        client = path if from_client else path.reverse
        if packet.kind == "up":
            self._connected(sent_ns, client, arrivals_ns)
            return
        if packet.kind == "abort":
            broken = self._http.pop(path.reverse, None)
            if broken is not None:
                self._frames(index, sent_ns, [broken.reset()])
            return
        connection = self._http.get(client)
        if connection is None or not isinstance(packet.payload, bytes) or not arrivals_ns:
            return
        try:
            block, content = _block(packet)
        except DecodeError:
            return
        frames = connection.message(from_client, packet.exchange or 0, block, content)
        self._frames(index, sent_ns, frames)
        self._acknowledge(connection, from_client, index, arrivals_ns, TCP_ACK_NS)

    def _connected(self, sent_ns: int, client: Path, passages_ns: tuple[int, ...]) -> None:
        index = client.link_index
        flow = self._flow(client)
        # The lab's clients have one address a port; on the wire each connection has its ephemeral port.
        port = EPHEMERAL + (2 * index + client.to_server) % (0x10000 - EPHEMERAL)
        near, far = (flow.source, port), (flow.destination, flow.destination_port)
        name = f"{client.link.name}/{client.sender}"
        framing = self._http[client] = Http2Framing(name, Flow(*near, *far), Flow(*far, *near))
        self._handshake(sent_ns, index, framing.handshake(), passages_ns)


def _each(payload: bytes | Sequence[bytes]) -> Sequence[bytes]:
    return (payload,) if isinstance(payload, bytes) else payload


def _block(packet: Packet) -> tuple[bytes, bytes]:
    """Field block, pseudo-header fields first, and content, of a message in Binary HTTP. Raises DecodeError."""
    assert isinstance(packet.payload, bytes)
    message = glance(packet.payload, is_request=packet.kind == "request")
    if isinstance(message, Request):
        pseudo = _asked(message.method, packet.peer) + literal(b":path", message.path.encode())
        return pseudo + field_block(message.headers), message.body
    return _answered(message.status) + field_block(message.headers), message.body


@lru_cache(maxsize=1024)
def _asked(method: str, authority: str) -> bytes:
    fields = (":method", method), (":scheme", "http"), (":authority", authority)
    return field_block(fields)


@lru_cache(maxsize=1024)
def _answered(status: int) -> bytes:
    return literal(b":status", str(status).encode())
