"""The sending half of an association: queue, TSNs, acknowledgement, retransmission (RFC 9260 clauses 6.1, 6.3, 7.2)."""

from collections import deque
from collections.abc import Sequence

from msgspec import Struct

from awase.protocols.sctp.codec import DATA_CHUNK, DATA_HEADER_BYTES, PADDING
from awase.protocols.sctp.messages import BEGINNING, END, IMMEDIATE, UNORDERED
from awase.protocols.sctp.path import NEVER, Path
from awase.protocols.sctp.violation import ViolationError

MASK = 0xFFFFFFFF
_IN_FLIGHT, _LOST, _ACKED = 0, 1, 2
_MISSES = 3
"""Reports that a TSN is missing, before it is sent again (clause 7.2.4)."""
LEAST_CHUNK_BYTES = 256
"""A chunk in the send buffer counts as this many octets at least, since it costs as much to keep."""
_FIRST = DATA_HEADER_BYTES + 3


class _Sent(Struct):
    """A DATA chunk that was sent and is not acknowledged cumulatively."""

    chunk: bytes
    size: int
    path: Path
    state: int = _IN_FLIGHT
    misses: int = 0
    quick: bool = False
    """It had its fast retransmission."""
    twice: bool = False
    """It was sent more than once, so that it times nothing (Karn's rule, C5)."""


class Outbound:
    """What is to be sent, and what was and may have to be sent again. TSNs are numbers that grow for ever."""

    __slots__ = (
        "_gapped", "_next", "_queue", "_recover", "acked", "flight", "hurry", "lost", "next_tsn", "peer_window",
        "probe", "probing", "queued_bytes", "sent", "single", "streams", "urgent",
    )  # fmt: skip

    def __init__(self, initial_tsn: int, streams: int, peer_window: int) -> None:
        self.streams = streams
        self.next_tsn = (1 << 32) + initial_tsn
        self.acked = self.next_tsn - 1
        """The cumulative TSN ack point."""
        self.peer_window = peer_window
        self.flight = 0
        self.lost = 0
        """How many chunks are marked for retransmission."""
        self.urgent = False
        """One packet of lost chunks may go whatever the congestion window (clause 7.2.4)."""
        self.single = False
        """A time-out is to be followed by one packet (clause 6.3.3, E3)."""
        self.probe = False
        """One chunk may go although the peer's window is closed (clause 6.1, A)."""
        self.probing = False
        """The peer's window was closed when last heard."""
        self.hurry = False
        """An acknowledgement is wanted at once: we want to shut down."""
        self.queued_bytes = 0
        self.sent: dict[int, _Sent] = {}
        self._queue: deque[tuple[int, int, int, int, bytes]] = deque()
        self._next: dict[int, int] = {}
        self._recover = 0
        self._gapped = 0
        """How many chunks are acknowledged by gap ack blocks only."""

    @property
    def busy(self) -> bool:
        """Whether anything is queued or not acknowledged."""
        return bool(self.sent or self._queue)

    @property
    def waiting(self) -> bool:
        """Whether there is anything to send, now or later."""
        return bool(self._queue or self.lost)

    @property
    def unacknowledged(self) -> int:
        """How many user messages and fragments the peer has not acknowledged."""
        return len(self.sent) + len(self._queue)

    def put(self, stream: int, ppid: int, octets: bytes, unordered: bool, room: int) -> None:
        """Queue a user message, in fragments of at most so many octets (clause 6.9)."""
        size = len(octets)
        self.queued_bytes += size
        if unordered:
            order, number = UNORDERED, 0
        else:
            order, number = 0, self._next.get(stream, 0)
            self._next[stream] = number + 1 & 0xFFFF
        if size <= room:
            self._queue.append((order | BEGINNING | END, stream, number, ppid, octets))
            return
        last = (size - 1) // room * room
        for at in range(0, size, room):
            flags = order | (0 if at else BEGINNING) | (END if at == last else 0)
            self._queue.append((flags, stream, number, ppid, octets[at : at + room]))

    def take(self, path: Path, room: int, limit: int, now_ns: int) -> list[bytes]:
        """DATA chunks for one packet to a path: lost ones first, then new ones while flight is below the limit."""
        taken: list[bytes] = []
        if self.lost:
            room = self._take_lost(path, room, limit, taken)
            if self.lost:
                return taken
        if self._queue:
            self._take_new(path, room, limit, taken, now_ns)
        return taken

    def _take_new(self, path: Path, room: int, limit: int, taken: list[bytes], now_ns: int) -> None:
        queue, sent, pack = self._queue, self.sent, DATA_CHUNK.pack
        tsn = first = self.next_tsn
        flight, window = path.flight, self.peer_window
        while queue and flight < limit and room > DATA_HEADER_BYTES:
            flags, stream, number, ppid, octets = queue[0]
            size = len(octets)
            if size + _FIRST & ~3 > room or (size > window and not self._may_probe(flight)):
                break
            queue.popleft()
            if self.hurry and not queue:
                flags |= IMMEDIATE
            chunk = pack(0, flags, size + DATA_HEADER_BYTES, tsn & MASK, stream, number, ppid) + octets
            if size & 3:
                chunk += PADDING[size & 3]
            sent[tsn] = _Sent(chunk, size, path)
            tsn += 1
            flight += size
            window = window - size if size < window else 0
            taken.append(chunk)
            room -= len(chunk)
        if tsn != first:
            self.flight += flight - path.flight
            path.flight = flight
            self.peer_window = window
            self.next_tsn = tsn
            if path.timed_tsn < 0:
                path.timed_tsn, path.timed_sent_ns = first, now_ns

    def _may_probe(self, flight: int) -> bool:
        """Whether a chunk may go beyond the peer's window: the only one in flight, and in time (clause 6.1, A)."""
        if flight or self.flight or not (self.peer_window or self.probe):
            return False
        self.probe = False
        return True

    def _take_lost(self, path: Path, room: int, limit: int, taken: list[bytes]) -> int:
        """Chunks to send again, in the order of their TSNs; the room that is left."""
        urgent, self.urgent = self.urgent, False
        for record in self.sent.values():
            if record.state != _LOST:
                continue
            if len(record.chunk) > room or not (urgent or path.flight < limit):
                break
            record.state = _IN_FLIGHT
            record.twice = True
            record.misses = 0
            record.path = path
            path.flight += record.size
            self.flight += record.size
            self.peer_window = max(0, self.peer_window - record.size)
            self.lost -= 1
            taken.append(record.chunk)
            room -= len(record.chunk)
            if not self.lost:
                break
        return room

    def acknowledge(
        self, cumulative: int, window: int | None, blocks: Sequence[int], now_ns: int
    ) -> tuple[list[Path], bool]:
        """A SACK or SHUTDOWN came: the paths on which something is newly acknowledged, and whether the point moved.

        Raises ViolationError where it acknowledges what was never sent.
        """
        ahead = (cumulative - self.acked) & MASK
        if ahead > MASK >> 1:
            return [], False
        if self.acked + ahead >= self.next_tsn:
            raise ViolationError(f"TSN {cumulative} is acknowledged and was never sent")
        touched: list[Path] = []
        flight_before = self.flight
        if ahead:
            self._move_to(self.acked + ahead, touched, now_ns)
        recovering = self._recover > self.acked
        if blocks:
            self._gaps(blocks, touched, recovering and ahead > 0, now_ns)
        elif self._gapped:
            self._renege(self.next_tsn)
        for path in touched:
            if ahead and not recovering:
                path.acked(path.newly_acked, flight_before if len(touched) == 1 else path.flight + path.newly_acked)
            path.newly_acked = 0
        if window is not None:
            self._open(window)
        return touched, ahead > 0

    @property
    def smooth(self) -> bool:
        """Whether nothing is lost or missed, and the window was open: all that was sent is on its way."""
        return not (self.lost or self._gapped or self.probing or self._recover > self.acked)

    def advance(self, ahead: int, window: int, path: Path, now_ns: int) -> None:
        """As `acknowledge`, where all is smooth, there is but one path, and the cumulative TSN ack is that far on."""
        pop, flight = self.sent.pop, self.flight
        timed, acked = path.timed_tsn, 0
        for tsn in range(self.acked + 1, self.acked + ahead + 1):
            record = pop(tsn)
            acked += record.size
            if tsn == timed:
                path.timed_tsn = -1
                if not record.twice:
                    path.measured(now_ns - path.timed_sent_ns)
        self.acked += ahead
        self.queued_bytes -= acked
        path.flight = self.flight = flight - acked
        path.acked(acked, flight)
        self.peer_window = max(0, window - self.flight)
        self.probe = False

    def _open(self, window: int) -> None:
        """The peer's window (clause 6.2.1, D ii)."""
        self.peer_window = max(0, window - self.flight)
        self.probing = window == 0
        if window:
            self.probe = False

    def _move_to(self, point: int, touched: list[Path], now_ns: int) -> None:
        pop = self.sent.pop
        freed = 0
        for tsn in range(self.acked + 1, point + 1):
            record = pop(tsn)
            freed += record.size
            if record.state == _ACKED:
                self._gapped -= 1
            else:
                self._arrived(tsn, record, touched, now_ns)
        self.queued_bytes -= freed
        self.acked = point

    def _arrived(self, tsn: int, record: _Sent, touched: list[Path], now_ns: int) -> None:
        path = record.path
        if record.state == _IN_FLIGHT:
            path.flight -= record.size
            self.flight -= record.size
        else:
            self.lost -= 1
        record.state = _ACKED
        if path not in touched:
            touched.append(path)
        path.newly_acked += record.size
        if path.timed_tsn == tsn:
            path.timed_tsn = -1
            if not record.twice:
                path.measured(now_ns - path.timed_sent_ns)

    def _gaps(self, blocks: Sequence[int], touched: list[Path], all_missing: bool, now_ns: int) -> None:
        """Gap ack blocks: what arrived, what did not, what is to be sent again (clauses 6.2.1 and 7.2.4)."""
        point, highest = self.acked, 0
        end = point
        for start, stop in zip(blocks[::2], blocks[1::2], strict=True):
            first, last = point + start, point + stop
            if first <= end or last < first or last >= self.next_tsn:
                return
            self._renege(first, end + 1)
            for tsn in range(first, last + 1):
                record = self.sent[tsn]
                if record.state != _ACKED:
                    highest = tsn
                    self._gapped += 1
                    self._arrived(tsn, record, touched, now_ns)
            end = last
        self._renege(self.next_tsn, end + 1)
        self._count_misses(end if all_missing else highest)

    def _renege(self, stop: int, start: int = 0) -> None:
        """What was reported in a gap ack block and no longer is was dropped by the peer (clause 6.2.1, D iii)."""
        if not self._gapped:
            return
        for tsn in range(start or self.acked + 1, stop):
            record = self.sent[tsn]
            if record.state == _ACKED:
                record.state = _IN_FLIGHT
                record.twice = True
                record.path.flight += record.size
                self.flight += record.size
                self._gapped -= 1

    def _count_misses(self, limit: int) -> None:
        for tsn, record in self.sent.items():
            if tsn >= limit:
                return
            if record.state != _IN_FLIGHT or record.quick:
                continue
            record.misses += 1
            if record.misses >= _MISSES:
                self._fast_retransmit(tsn, record)

    def _fast_retransmit(self, tsn: int, record: _Sent) -> None:
        if self._recover <= self.acked:
            record.path.lost_some()
            self._recover = self.next_tsn - 1
        if tsn == self.acked + 1:
            # Its timer starts anew when it is sent (clause 7.2.4, 4).
            record.path.t3_ns = NEVER
        record.quick = True
        self.urgent = True
        self._mark(record)

    def _mark(self, record: _Sent) -> None:
        record.state = _LOST
        record.twice = True
        record.path.flight -= record.size
        self.flight -= record.size
        self.peer_window += record.size
        self.lost += 1

    def timed_out(self, path: Path) -> None:
        """T3-rtx of a path ran out: all that is in flight there is lost (clause 6.3.3, E3)."""
        for record in self.sent.values():
            if record.state == _IN_FLIGHT and record.path is path:
                record.quick = False
                self._mark(record)
        # A time-out ends fast recovery; what is sent anew counts anew.
        self._recover = 0
        self.single = self.lost > 0
        if not self.sent:
            self.probe = True

    def blocked(self) -> bool:
        """Whether the peer's closed window is all that keeps the queue, with nothing in flight to tell us more."""
        return bool(self._queue) and not self.sent and self.peer_window == 0 and not self.probe

    def arm(self, path: Path, now_ns: int) -> None:
        """Start T3-rtx unless it runs (clause 6.3.2, R1)."""
        if path.t3_ns == NEVER:
            path.t3_ns = now_ns + path.rto_ns
