"""The SCTP packets that a lab association stands for (RFC 9260), from INIT to SHUTDOWN COMPLETE, with valid CRC32c.

The user messages are the octets taken at the ports; the chunks around them follow from when they were sent and arrived.
"""

import struct
from hashlib import blake2b

import google_crc32c

from awase.lab.capture.framing import IP_SCTP, Flow

DATA, INIT, INIT_ACK, SACK, ABORT, SHUTDOWN, SHUTDOWN_ACK, COOKIE_ECHO, COOKIE_ACK, SHUTDOWN_COMPLETE = (
    0, 1, 2, 3, 6, 7, 8, 10, 11, 14,
)  # fmt: skip

STREAMS = 64
RECEIVER_WINDOW = 1 << 20
FRAGMENT = 60_000
DELAYED_ACK_NS = 200_000_000
"""RFC 9260 clause 6.2: an acknowledgement is delayed by 200 ms at most."""

_PADDING = (b"", b"\0\0\0", b"\0\0", b"\0")


def _chunk(kind: int, flags: int, value: bytes) -> bytes:
    return struct.pack("!BBH", kind, flags, 4 + len(value)) + value + _PADDING[len(value) % 4]


class _Side:
    """One end: its tag, what it sends next, what it has received."""

    __slots__ = ("ack_due_ns", "flow", "owes_ack", "peer", "received_tsn", "stream_numbers", "tag", "tsn")

    def __init__(self, flow: Flow, tag: int, tsn: int) -> None:
        self.flow = flow
        self.tag = tag
        self.tsn = tsn
        self.stream_numbers: dict[int, int] = {}
        self.received_tsn = 0
        self.owes_ack = False
        self.ack_due_ns = 0
        """When its latest delayed acknowledgement is looked for."""
        self.peer = self

    def packet(self, chunks: bytes, tag: int | None = None) -> tuple[bytes, ...]:
        """A frame that this end sends."""
        flow = self.flow
        head = struct.pack("!HHI", flow.source_port, flow.destination_port, self.peer.tag if tag is None else tag)
        crc = google_crc32c.value(head + b"\0\0\0\0" + chunks)
        return flow.ip(IP_SCTP, head + crc.to_bytes(4, "little") + chunks)

    def sack(self) -> bytes:
        """The SACK chunk for all that has come."""
        self.owes_ack = False
        return struct.pack("!BBHIIHH", SACK, 0, 16, self.received_tsn, RECEIVER_WINDOW, 0, 0)


class SctpFraming:
    """One association."""

    __slots__ = ("_client", "_closed", "_server")

    def __init__(self, name: str, to_server: Flow, to_client: Flow) -> None:
        self._closed = False
        draw = blake2b(name.encode(), digest_size=16).digest()
        tags = struct.unpack("!IIII", draw)
        self._client = _Side(to_server, tags[0] | 1, tags[1])
        self._server = _Side(to_client, tags[2] | 1, tags[3])
        self._client.peer, self._server.peer = self._server, self._client
        self._client.received_tsn = (self._server.tsn - 1) & 0xFFFFFFFF
        self._server.received_tsn = (self._client.tsn - 1) & 0xFFFFFFFF

    def handshake(self) -> tuple[tuple[bytes, ...], ...]:
        """INIT, INIT ACK, COOKIE ECHO, COOKIE ACK; the client's come first and third."""
        client, server = self._client, self._server
        cookie = blake2b(struct.pack("!II", client.tag, server.tag), digest_size=32).digest()

        def init(side: _Side) -> bytes:
            return struct.pack("!IIHHI", side.tag, RECEIVER_WINDOW, STREAMS, STREAMS, side.tsn)

        state_cookie = struct.pack("!HH", 7, 4 + len(cookie)) + cookie
        return (
            client.packet(_chunk(INIT, 0, init(client)), 0),
            server.packet(_chunk(INIT_ACK, 0, init(server) + state_cookie)),
            client.packet(_chunk(COOKIE_ECHO, 0, cookie)),
            server.packet(_chunk(COOKIE_ACK, 0, b"")),
        )

    def data(self, to_server: bool, stream: int, ppid: int, message: bytes) -> list[tuple[bytes, ...]]:
        """The packets that carry a user message; an acknowledgement that is owed goes with them."""
        side = self._client if to_server else self._server
        number = side.stream_numbers.get(stream, 0)
        side.stream_numbers[stream] = (number + 1) & 0xFFFF
        frames = []
        for start in range(0, len(message) or 1, FRAGMENT):
            piece = message[start : start + FRAGMENT]
            flags = (2 if start == 0 else 0) | (1 if start + FRAGMENT >= len(message) else 0)
            head = struct.pack("!BBHIHHI", DATA, flags, 16 + len(piece), side.tsn, stream, number, ppid)
            side.tsn = (side.tsn + 1) & 0xFFFFFFFF
            chunks = head + piece + _PADDING[len(piece) % 4]
            frames.append(side.packet(side.sack() + chunks if side.owes_ack else chunks))
        return frames

    def sent(self, to_server: bool) -> int:
        """The last TSN sent that way."""
        return ((self._client if to_server else self._server).tsn - 1) & 0xFFFFFFFF

    def arrived(self, to_server: bool, sent: int, ack_due_ns: int) -> bool:
        """What was sent that way has arrived so far; whether its receiver's debt is not yet looked for then."""
        side = self._server if to_server else self._client
        side.received_tsn = sent
        side.owes_ack = not self._closed
        known, side.ack_due_ns = side.ack_due_ns, ack_due_ns
        return known != ack_due_ns

    def acknowledgement(self, to_server: bool) -> tuple[bytes, ...] | None:
        """The SACK of whoever received what went that way, if it is still owed."""
        side = self._server if to_server else self._client
        return side.packet(side.sack()) if side.owes_ack else None

    def shutdown(self, to_server: bool) -> tuple[tuple[bytes, ...], ...]:
        """SHUTDOWN, SHUTDOWN ACK, SHUTDOWN COMPLETE; the second comes from the other end."""
        side = self._client if to_server else self._server
        self._closed = True
        return (
            side.packet(_chunk(SHUTDOWN, 0, struct.pack("!I", side.received_tsn))),
            side.peer.packet(_chunk(SHUTDOWN_ACK, 0, b"")),
            side.packet(_chunk(SHUTDOWN_COMPLETE, 0, b"")),
        )

    def abort(self, to_server: bool) -> tuple[bytes, ...]:
        """ABORT."""
        self._closed = True
        return (self._client if to_server else self._server).packet(_chunk(ABORT, 0, b""))
