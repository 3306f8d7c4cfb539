"""The TCP segments and HTTP/2 frames that a lab connection stands for (RFC 9293, RFC 9113, RFC 7541).

Headers and content are the octets of the exchange as taken at the ports; HPACK is literal and unindexed.
"""

import struct
from functools import lru_cache
from hashlib import blake2b

from awase.lab.capture.framing import IP_TCP, Flow

Frames = tuple[bytes, ...]

FIN, SYN, RST, PSH, ACK = 0x01, 0x02, 0x04, 0x08, 0x10
SEGMENT = 60_000
DELAYED_ACK_NS = 40_000_000
"""Well under the 500 ms that RFC 9293 clause 3.8.6.3 allows; what Linux does."""

_TCP = struct.Struct("!HHIIHHHH")
_FRAME = struct.Struct("!IBI")
"""Length (24 bits) and type, flags, stream (RFC 9113 clause 4.1)."""

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_DATA, _HEADERS, _SETTINGS, _WINDOW_UPDATE = 0, 1, 4, 8
_END_STREAM, _END_HEADERS, _SETTINGS_ACK = 1, 4, 1
_MAX_FRAME = 16_384
_WINDOW = 2**31 - 1


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return _FRAME.pack(len(payload) << 8 | kind, flags, stream) + payload


# SETTINGS_INITIAL_WINDOW_SIZE, and the connection's window as wide: the lab never waits for one.
_OPENING = _frame(_SETTINGS, 0, 0, struct.pack("!HI", 4, _WINDOW)) + _frame(
    _WINDOW_UPDATE, 0, 0, struct.pack("!I", _WINDOW - 65_535)
)
_SETTINGS_ACKNOWLEDGED = _frame(_SETTINGS, _SETTINGS_ACK, 0, b"")


def _length(length: int) -> bytes:
    """A string length with a 7 bit prefix, no Huffman code (RFC 7541 clause 5.1)."""
    if length < 127:
        return bytes((length,))
    octets = bytearray((127,))
    length -= 127
    while length >= 128:
        octets.append(length & 0x7F | 0x80)
        length >>= 7
    octets.append(length)
    return bytes(octets)


def literal(name: bytes, value: bytes) -> bytes:
    """A literal field line without indexing (RFC 7541 clause 6.2.2)."""
    return b"\0" + _length(len(name)) + name + _length(len(value)) + value


@lru_cache(maxsize=1024)
def field_block(fields: tuple[tuple[str, str], ...]) -> bytes:
    """Field lines; most messages of a run have the same."""
    return b"".join(literal(name.encode(), value.encode()) for name, value in fields)


def message_frames(stream: int, block: bytes, content: bytes) -> bytes:
    """A request or response: HEADERS (and CONTINUATION where the block is long), DATA where there is content."""
    pieces = []
    first, rest = block[:_MAX_FRAME], block[_MAX_FRAME:]
    flags = (0 if rest else _END_HEADERS) | (0 if content else _END_STREAM)
    pieces.append(_frame(_HEADERS, flags, stream, first))
    while rest:
        first, rest = rest[:_MAX_FRAME], rest[_MAX_FRAME:]
        pieces.append(_frame(9, 0 if rest else _END_HEADERS, stream, first))
    for start in range(0, len(content), _MAX_FRAME):
        last = start + _MAX_FRAME >= len(content)
        pieces.append(_frame(_DATA, _END_STREAM if last else 0, stream, content[start : start + _MAX_FRAME]))
    return b"".join(pieces)


class _Side:
    """One end: its next sequence number, and what it has received."""

    __slots__ = ("ack_due_ns", "first", "flow", "owes_ack", "peer", "received", "sequence")

    def __init__(self, flow: Flow, sequence: int) -> None:
        self.flow = flow
        self.sequence = sequence
        self.received = 0
        self.owes_ack = False
        self.ack_due_ns = 0
        """When its latest delayed acknowledgement is looked for."""
        self.first = b""
        """What goes before the next message: preface, SETTINGS, their acknowledgement."""
        self.peer = self

    def segment(self, flags: int, payload: bytes = b"") -> Frames:
        """A TCP segment that this end sends."""
        flow = self.flow
        ack = self.received if flags & ACK else 0
        offset_flags = 5 << 12 | flags
        sequence = self.sequence
        words = (
            flow.source_port + flow.destination_port + (sequence >> 16) + (sequence & 0xFFFF)
            + (ack >> 16) + (ack & 0xFFFF) + offset_flags + 0xFFFF
        )  # fmt: skip
        checksum = flow.transport_checksum(IP_TCP, 20 + len(payload), words, payload)
        head = _TCP.pack(flow.source_port, flow.destination_port, sequence, ack, offset_flags, 0xFFFF, checksum, 0)
        self.sequence = (sequence + len(payload) + (1 if flags & (SYN | FIN) else 0)) & 0xFFFFFFFF
        if flags & ACK:
            self.owes_ack = False
        return flow.ip(IP_TCP, head, payload)

    def data(self, octets: bytes) -> list[Frames]:
        """The segments that carry octets."""
        return [self.segment(PSH | ACK, octets[start : start + SEGMENT]) for start in range(0, len(octets), SEGMENT)]


class Http2Framing:
    """One connection from a client part to a server part."""

    __slots__ = ("_client", "_greeted", "_server", "_streams")

    def __init__(self, name: str, to_server: Flow, to_client: Flow) -> None:
        draw = struct.unpack("!II", blake2b(name.encode(), digest_size=8).digest())
        self._client = _Side(to_server, draw[0])
        self._server = _Side(to_client, draw[1])
        self._client.peer, self._server.peer = self._server, self._client
        self._client.first = PREFACE + _OPENING
        self._server.first = _OPENING + _SETTINGS_ACKNOWLEDGED
        self._greeted = False
        self._streams = _Streams()

    def handshake(self) -> tuple[Frames, Frames, Frames]:
        """SYN, SYN ACK, ACK; the second comes from the server."""
        client, server = self._client, self._server
        syn = client.segment(SYN)
        server.received = client.sequence
        syn_ack = server.segment(SYN | ACK)
        client.received = server.sequence
        return syn, syn_ack, client.segment(ACK)

    def message(self, to_server: bool, exchange: int, block: bytes, content: bytes) -> list[Frames]:
        """The segments that carry a request or a response."""
        side = self._client if to_server else self._server
        stream = self._streams.opened(exchange) if to_server else self._streams.closed(exchange)
        octets = side.first + message_frames(stream, block, content)
        side.first = b""
        return side.data(octets)

    def reset(self) -> Frames:
        """RST of a server that is gone (RFC 9293 clause 3.5.2)."""
        return self._server.segment(RST | ACK)

    def sent(self, to_server: bool) -> int:
        """How far what was sent that way goes."""
        return (self._client if to_server else self._server).sequence

    def arrived(self, to_server: bool, sent: int, ack_due_ns: int) -> bool:
        """What was sent that way has arrived so far; whether its receiver's debt is not yet looked for then."""
        side = self._server if to_server else self._client
        side.received = sent
        side.owes_ack = True
        if not (to_server or self._greeted):
            self._greeted = True
            side.first = _SETTINGS_ACKNOWLEDGED
        known, side.ack_due_ns = side.ack_due_ns, ack_due_ns
        return known != ack_due_ns

    def acknowledgement(self, to_server: bool) -> Frames | None:
        """The pure ACK of whoever received what went that way, if it is still owed."""
        side = self._server if to_server else self._client
        return side.segment(ACK) if side.owes_ack else None


class _Streams:
    """Which exchange has which stream of a connection (RFC 9113 clause 5.1.1: odd numbers, rising)."""

    __slots__ = ("_open", "count")

    def __init__(self) -> None:
        self._open: dict[int, int] = {}
        self.count = 0

    def opened(self, exchange: int) -> int:
        self.count += 1
        stream = self._open[exchange] = 2 * self.count - 1
        return stream

    def closed(self, exchange: int) -> int:
        return self._open.pop(exchange, 0) or 1
