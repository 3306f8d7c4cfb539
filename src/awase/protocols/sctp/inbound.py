"""The receiving half of an association: TSNs, reassembly, order, the window (RFC 9260 clauses 6.2, 6.5, 6.6, 6.9)."""

from bisect import bisect_right
from struct import Struct, pack

from awase.protocols.sctp.codec import SACK_VALUE, chunk
from awase.protocols.sctp.config import Config
from awase.protocols.sctp.events import Event, Message
from awase.protocols.sctp.messages import BEGINNING, END, UNORDERED, CauseCode, ChunkType
from awase.protocols.sctp.violation import ViolationError

MASK = 0xFFFFFFFF
_PLAIN_SACK = Struct("!BBHIII")
_SACK = int(ChunkType.SACK)
HELD_CHUNK_BYTES = 512
"""What keeping one chunk costs beside its octets; the window shrinks by it, so that tiny ones cannot exhaust us."""
MAX_AHEAD = 0xFFFF
"""How far behind the cumulative TSN ack a gap ack block reaches (clause 3.3.4)."""
MAX_DUPLICATES = 32
MAX_GAPS = 256
_MAX_FRAGMENTS = 256

_Piece = tuple[int, int, int, int, bytes]
"""A DATA chunk that waits: flags, stream, sequence number, PPID, octets."""
_Head = tuple[int, int, int, int]
"""The same without its octets."""


class Inbound:
    """What came, and what it makes. TSNs are kept as numbers that grow for ever."""

    __slots__ = (
        "_association", "_config", "_events", "_fragments", "_kept", "_most", "_next", "_partial", "_ranges", "_stored",
        "_waiting", "cumulative", "duplicates", "filled", "held", "new", "streams", "undelivered",
    )  # fmt: skip

    def __init__(self, association: int, initial_tsn: int, streams: int, config: Config, events: list[Event]) -> None:
        self._association = association
        self._config = config
        self._most = config.receive_buffer_bytes
        self._events = events
        self.streams = streams
        # Never 0, so that no TSN is below it.
        self.cumulative = (1 << 32) + initial_tsn - 1
        self.duplicates: list[int] = []
        self.filled = False
        """Whether a gap became smaller, which the sender should know at once."""
        self.new = 0
        """How many chunks were new since this was last set to 0."""
        self.undelivered = 0
        """Octets in events that have not been taken."""
        self.held = 0
        """What chunks and messages that wait take of the window."""
        self._stored: dict[int, _Piece | None] = {}
        self._ranges: list[list[int]] = []
        self._partial: tuple[int, int, int, int] | None = None
        """Flags, stream, sequence number and PPID of a user message of which all came in sequence but the end."""
        self._fragments: list[bytes] = []
        """What came of it; joined now and then, so that many short ones cost little more than their octets."""
        self._kept = 0
        """How many octets that is."""
        self._next: dict[int, int] = {}
        self._waiting: dict[int, dict[int, Message]] = {}

    @property
    def waiting(self) -> int:
        """How many chunks came ahead of something that is missing."""
        return len(self._stored)

    @property
    def gaps(self) -> bool:
        """Whether something is missing before what came."""
        return bool(self._ranges)

    @property
    def window(self) -> int:
        """The a_rwnd to advertise (clause 6.2)."""
        return max(0, self._config.receive_buffer_bytes - self.held - self.undelivered)

    def sack(self, room: int) -> bytes:
        """The SACK chunk for the present state, of at most so many octets (clause 6.2)."""
        cumulative = self.cumulative
        if not self._ranges and not self.duplicates:
            window = self._most - self.held - self.undelivered
            return _PLAIN_SACK.pack(_SACK, 0, 16, cumulative & MASK, window if window > 0 else 0, 0)
        blocks = self._ranges[: min(MAX_GAPS, (room - 16) >> 2)]
        duplicates = self.duplicates[: max(0, (room - 16 - 4 * len(blocks)) >> 2)]
        self.duplicates = []
        value = SACK_VALUE.pack(cumulative & MASK, self.window, len(blocks), len(duplicates))
        value += b"".join(pack("!HH", start - cumulative, end - cumulative) for start, end in blocks)
        return chunk(ChunkType.SACK, 0, value + b"".join(pack("!I", tsn) for tsn in duplicates))

    def data(self, tsn: int, piece: _Piece) -> None:
        """A DATA chunk came. Raises ViolationError where the association cannot go on."""
        ahead = (tsn - self.cumulative) & MASK
        if ahead == 1:
            if self._is_full():
                return
            self.new += 1
            self.cumulative += 1
            self._in_order(piece)
            if self._ranges:
                self.filled = True
                self._fill()
        elif ahead == 0 or ahead > MASK >> 1 or self.cumulative + ahead in self._stored:
            if len(self.duplicates) < MAX_DUPLICATES:
                self.duplicates.append(tsn)
        elif ahead <= MAX_AHEAD and len(piece[4]) + HELD_CHUNK_BYTES <= self.window:
            self.new += 1
            self._ahead_of_order(self.cumulative + ahead, piece)

    def follows(self, tsn: int, piece: _Piece) -> bool:
        """Take a chunk that is next in sequence and in order, with nothing missing; False: all is as it was."""
        if self._ranges or self.duplicates or (tsn - self.cumulative) & MASK != 1:
            return False
        if self.held + self.undelivered >= self._most:
            return False
        flags, stream, number, _, octets = piece
        partial = self._partial
        if flags & END and not flags & UNORDERED and number != self._next.get(stream, 0):
            return False
        if flags & BEGINNING:
            if partial is not None or stream >= self.streams:
                return False
        elif partial is None or not self._continues(partial, piece):
            return False
        self.cumulative += 1
        if flags & 3 == 3:
            self._in_turn(piece, octets)
        elif self._joins(piece):
            whole = self._joined_fragments()
            self._in_turn(self._partial or piece, whole)
            self._partial = None
        return True

    def _continues(self, partial: _Head, piece: _Piece) -> bool:
        """Whether a chunk goes on with the user message that was begun, and that may become so long."""
        if partial[1] != piece[1] or partial[2] != piece[2] or (partial[0] ^ piece[0]) & UNORDERED:
            return False
        return self._kept + len(piece[4]) <= self._config.max_message_bytes

    def _joins(self, piece: _Piece) -> bool:
        """Keep a fragment; whether it was the last."""
        self._keep(piece[4])
        if piece[0] & BEGINNING:
            self._partial = piece[:4]
        return bool(piece[0] & END)

    def _keep(self, octets: bytes) -> None:
        fragments, size = self._fragments, len(octets)
        fragments.append(octets)
        self._kept += size
        self.held += size
        if len(fragments) > _MAX_FRAGMENTS:
            self._fragments = [b"".join(fragments)]

    def _joined_fragments(self) -> bytes:
        octets = b"".join(self._fragments)
        self._fragments = []
        self._kept = 0
        self.held -= len(octets)
        return octets

    def _in_turn(self, head: _Piece | _Head, octets: bytes) -> None:
        """Deliver a user message whose turn it is."""
        flags, stream, number, ppid = head[:4]
        self.undelivered += len(octets)
        if flags & UNORDERED:
            self._events.append(Message(self._association, stream, ppid, octets, True))
            return
        self._events.append(Message(self._association, stream, ppid, octets))
        expected = number + 1 & 0xFFFF
        self._next[stream] = self._release(stream, expected) if self._waiting else expected

    def _is_full(self) -> bool:
        """Whether even the chunk that is missed most must be dropped: it may free what is held, and the reader not."""
        used, most = self.held + self.undelivered, self._config.receive_buffer_bytes
        return used >= most and (not self.held or used >= 2 * most)

    def _fill(self) -> None:
        """The cumulative TSN ack point moves over what had come before."""
        first = self._ranges[0]
        if first[0] != self.cumulative + 1:
            return
        stored = self._stored
        for tsn in range(first[0], first[1] + 1):
            piece = stored.pop(tsn)
            self.cumulative = tsn
            if piece is not None:
                self.held -= len(piece[4]) + HELD_CHUNK_BYTES
                self._in_order(piece)
        del self._ranges[0]

    def _in_order(self, piece: _Piece) -> None:
        """A chunk with nothing missing before it."""
        flags, stream, number, ppid, octets = piece
        partial = self._partial
        if flags & 3 == 3 and not partial:
            self._complete(Message(self._association, stream, ppid, octets, bool(flags & UNORDERED)), number)
            return
        if bool(flags & BEGINNING) == bool(partial):
            raise ViolationError("fragments of a user message are not in sequence")
        if partial and (partial[1:3] != (stream, number) or (partial[0] ^ flags) & UNORDERED):
            raise ViolationError("fragments of two user messages are mixed")
        self._partial = (flags | (partial[0] if partial else 0), stream, number, ppid if not partial else partial[3])
        self._keep(octets)
        if self._kept > self._config.max_message_bytes:
            raise ViolationError("a user message is too long", CauseCode.OUT_OF_RESOURCE)
        if flags & END:
            self._finish(*self._partial)

    def _finish(self, flags: int, stream: int, number: int, ppid: int) -> None:
        """The last fragment of a user message came in sequence."""
        octets = self._joined_fragments()
        self._partial = None
        self._complete(Message(self._association, stream, ppid, octets, bool(flags & UNORDERED)), number)

    def _joined(self, pieces: list[_Piece]) -> Message:
        flags, stream, _, ppid, _ = pieces[0]
        octets = b"".join([piece[4] for piece in pieces])
        return Message(self._association, stream, ppid, octets, bool(flags & UNORDERED))

    def _complete(self, message: Message, number: int) -> None:
        """A whole user message: deliver it, or let it wait for its turn (clause 6.6)."""
        if message.unordered:
            self._deliver(message)
            return
        stream = message.stream
        expected = self._next.get(stream, 0)
        if number != expected:
            waiting = self._waiting.setdefault(stream, {})
            if (number - expected) & 0xFFFF > 0x7FFF or number in waiting:
                raise ViolationError(f"stream sequence number {number} of stream {stream} came twice")
            waiting[number] = message
            self.held += len(message.octets) + HELD_CHUNK_BYTES
            return
        self._deliver(message)
        expected = expected + 1 & 0xFFFF
        if self._waiting:
            expected = self._release(stream, expected)
        self._next[stream] = expected

    def _release(self, stream: int, expected: int) -> int:
        """Deliver what waited for its turn; the next sequence number expected."""
        waiting = self._waiting.get(stream)
        while waiting and expected in waiting:
            message = waiting.pop(expected)
            self.held -= len(message.octets) + HELD_CHUNK_BYTES
            self._deliver(message)
            expected = expected + 1 & 0xFFFF
        if waiting is not None and not waiting:
            del self._waiting[stream]
        return expected

    def _deliver(self, message: Message) -> None:
        if message.stream >= self.streams:
            # Acknowledged and reported (clause 6.5), by the association.
            return
        self.undelivered += len(message.octets)
        self._events.append(message)

    def _ahead_of_order(self, tsn: int, piece: _Piece) -> None:
        """A chunk with something missing before it: keep it, and deliver what it completes (clause 6.6)."""
        self._stored[tsn] = piece
        self.held += len(piece[4]) + HELD_CHUNK_BYTES
        joined = self._note(tsn)
        if piece[0] & 3 or joined:
            self._assemble(tsn)

    def _note(self, tsn: int) -> bool:
        """Put a TSN into the ranges; whether it joined two of them."""
        ranges = self._ranges
        at = bisect_right(ranges, [tsn, MASK << 32])
        before = at > 0 and ranges[at - 1][1] == tsn - 1
        after = at < len(ranges) and ranges[at][0] == tsn + 1
        if before and after:
            ranges[at - 1][1] = ranges[at][1]
            del ranges[at]
        elif before:
            ranges[at - 1][1] = tsn
        elif after:
            ranges[at][0] = tsn
        else:
            ranges.insert(at, [tsn, tsn])
        return before and after

    def _assemble(self, tsn: int) -> None:
        """Deliver the user message around a TSN if all of its fragments are there."""
        stored = self._stored
        first = last = tsn
        while (piece := stored.get(first)) and not piece[0] & BEGINNING:
            first -= 1
            if (before := stored.get(first)) and before[0] & END:
                return
        while piece and (end := stored.get(last)):
            if end[0] & END:
                break
            last += 1
        else:
            return
        pieces = [p for p in (stored[n] for n in range(first, last + 1)) if p is not None]
        key = pieces[0][1:3]
        if any(p[1:3] != key for p in pieces) or any(p[0] & BEGINNING for p in pieces[1:]):
            raise ViolationError("fragments of two user messages are mixed")
        size = sum(len(p[4]) for p in pieces)
        if size > self._config.max_message_bytes:
            raise ViolationError("a user message is too long", CauseCode.OUT_OF_RESOURCE)
        self.held -= size + len(pieces) * HELD_CHUNK_BYTES
        for n in range(first, last + 1):
            stored[n] = None
        self._complete(self._joined(pieces), key[1])
