"""One association: its state, its peer, what leaves for it (RFC 9260 clauses 4, 6.1, 6.10 and 14.2).

What chunks and timers do to it is in opening, transfer, supervision and closing.
"""

from collections.abc import Sequence
from heapq import heappush
from typing import NamedTuple, Protocol

import google_crc32c

from awase.protocols.sctp.codec import HEAD, chunk, encode_chunk, seed, tlv
from awase.protocols.sctp.config import Config
from awase.protocols.sctp.cookie import RandomBytes
from awase.protocols.sctp.events import AssociationAborted, AssociationLost, Event
from awase.protocols.sctp.inbound import Inbound
from awase.protocols.sctp.messages import Abort, Cause, ChunkType
from awase.protocols.sctp.outbound import Outbound
from awase.protocols.sctp.path import NEVER, Path
from awase.protocols.sctp.states import State

_SENDING = (State.ESTABLISHED, State.SHUTDOWN_PENDING, State.SHUTDOWN_RECEIVED)
_MAX_CONTROL = 8
"""Control chunks that may wait: a peer that provokes more gets no more."""
_extend = google_crc32c.extend


Datagram = tuple[str, int, bytes]
"""An SCTP packet and where it goes: the host, the UDP port where it is encapsulated (RFC 6951), the packet."""


class Arrival(NamedTuple):
    """An SCTP packet of an association, with a right verification tag: from where and when."""

    octets: bytes
    path: Path
    now_ns: int


class Owner(Protocol):
    """The endpoint, as its associations see it."""

    config: Config
    events: list[Event]
    datagrams: list[Datagram]
    timers: list[tuple[int, int, "Association"]]
    timer_count: int
    random_bytes: RandomBytes
    held: int
    dirty: list["Association"]
    """Those that may have something to send."""
    readers: list["Association"]
    """Those whose user has something to read."""

    def shed(self) -> None:
        """All together hold too much."""

    def closed(self, association: "Association", in_order: bool) -> None:
        """The association is no more."""

    def confirmed(self, association: "Association", path: Path) -> None:
        """A further address is proven to be the peer's."""

    def cookie_echoed(self, association: "Association", cookie: bytes, arrival: Arrival) -> None:
        """A COOKIE ECHO came on an association that exists (clause 5.2.4)."""


class Association:
    """The transmission control block (clause 14)."""

    __slots__ = (
        "closing_asked", "config", "connected", "control", "cookie", "counted", "data_came", "detour", "dirty",
        "errors", "head", "id", "inbound", "init_retries", "local_initial_tsn", "local_port", "local_tag", "occasions",
        "outbound", "owner", "paths", "peer_port", "peer_tag", "preservative_ms", "primary", "probe_answered",
        "reply_path", "room", "sack_due", "sack_now", "sack_ns", "seed_in", "seed_out", "state", "t1_ns", "t2_ns",
        "t5_ns", "told_full", "unacknowledged", "wake_ns",
    )  # fmt: skip

    def __init__(self, owner: Owner, number: int, ports: tuple[int, int], tag: int, initial_tsn: int) -> None:
        self.owner = owner
        self.config = owner.config
        self.id = number
        self.local_port, self.peer_port = ports
        self.local_tag, self.peer_tag = tag, 0
        self.local_initial_tsn = initial_tsn
        self.head = b""
        self.seed_in = self.seed_out = 0
        """The CRC32c of the head of what comes and of what goes."""
        self.state = State.CLOSED
        self.connected = False
        self.paths: dict[str, Path] = {}
        self.primary: Path
        self.reply_path: Path
        self.detour: Path | None = None
        """Where lost chunks are sent again after a time-out (clause 6.4.1)."""
        self.room = self.config.max_packet_bytes - 12 & ~3
        self.cookie = b""
        self.preservative_ms = 0
        self.init_retries = 0
        self.errors = 0
        self.closing_asked = False
        self.dirty = False
        self.told_full = False
        self.wake_ns = NEVER
        self.t1_ns = self.t2_ns = self.t5_ns = NEVER
        self.counted = 0
        """How much of what the endpoint holds is ours."""
        self.begin_transfer(0, 0, (0, 0), 0)

    def count_held(self) -> None:
        """Tell the endpoint what the association holds."""
        held = 0 if self.gone else self.inbound.held
        if held != self.counted:
            self.owner.held += held - self.counted
            self.counted = held

    def begin_transfer(self, local_tsn: int, peer_tsn: int, streams: tuple[int, int], peer_window: int) -> None:
        """Start from nothing: streams are outbound and inbound."""
        self.outbound = Outbound(local_tsn, streams[0], peer_window)
        self.inbound = Inbound(self.id, peer_tsn, streams[1], self.config, self.owner.events)
        self.seed_in = seed(HEAD.pack(self.peer_port, self.local_port, self.local_tag))
        self.control: list[bytes] = []
        self.sack_due = False
        self.sack_now = False
        self.sack_ns = NEVER
        self.data_came = False
        self.unacknowledged = 0
        self.occasions = 0
        """How many acknowledgements came since data was sent."""
        self.probe_answered = False
        for path in self.paths.values():
            path.t3_ns = NEVER
            path.flight = 0
            path.timed_tsn = -1

    @property
    def gone(self) -> bool:
        """Whether it is closed."""
        return self.state is State.CLOSED

    # The peer.

    def add_path(self, host: str, port: int, confirmed: bool) -> Path:
        """A further address of the peer; the first is the primary."""
        path = Path(host, port, self.config, confirmed)
        if not self.paths:
            self.primary = self.reply_path = path
        self.paths[host] = path
        return path

    def address(self, peer_tag: int) -> None:
        """Send with this verification tag from now on."""
        self.peer_tag = peer_tag
        self.head = HEAD.pack(self.local_port, self.peer_port, peer_tag)
        self.seed_out = seed(self.head)

    def data_path(self) -> Path:
        """Where data goes: the primary path, or another that answers where it does not (clause 6.4)."""
        primary = self.primary
        return primary if primary.active else self.another_than(primary) or primary

    def another_than(self, path: Path) -> Path | None:
        """An active, confirmed path that is not this one."""
        for other in self.paths.values():
            if other is not path and other.active and other.confirmed:
                return other
        return None

    # Time.

    def arm(self, at_ns: int) -> None:
        """Ask to be woken no later than then."""
        if at_ns < self.wake_ns:
            self.wake_ns = at_ns
            owner = self.owner
            owner.timer_count += 1
            heappush(owner.timers, (at_ns, owner.timer_count, self))

    def earliest_ns(self) -> int:
        """The first of all timers."""
        earliest = min(self.t1_ns, self.t2_ns, self.t5_ns, self.sack_ns)
        for path in self.paths.values():
            earliest = min(earliest, path.t3_ns, path.heartbeat_at_ns, path.heartbeat_answer_ns)
        return earliest

    # What leaves.

    def emit(self, path: Path, chunks: bytes) -> None:
        """Send a packet."""
        octets = self.head + _extend(self.seed_out, chunks).to_bytes(4, "little") + chunks
        self.owner.datagrams.append((path.host, path.port, octets))

    def emit_sack(self) -> None:
        """Send a SACK alone, to where the data came from (clause 6.4)."""
        self.emit(self.reply_path, self._sack(self.room))

    def _sack(self, room: int) -> bytes:
        self.sack_due = self.sack_now = False
        self.sack_ns = NEVER
        self.unacknowledged = 0
        return self.inbound.sack(room)

    def flush(self, now_ns: int) -> None:
        """Send what may be sent now: control chunks, an acknowledgement, data, bundled (clause 6.10)."""
        out = self.outbound
        sending = out.waiting and self.state in _SENDING
        lead = b""
        for piece in self.control:
            if len(lead) + len(piece) > self.room:
                self.emit(self.data_path(), lead)
                lead = b""
            lead += piece
        if self.control:
            self.control = []
        if self.sack_due or (sending and self.unacknowledged):
            if not (lead or sending):
                self.emit_sack()
                return
            if len(lead) + 64 > self.room:
                self.emit(self.data_path(), lead)
                lead = b""
            lead += self._sack(self.room - len(lead))
        if sending:
            self._send_data(lead, now_ns)
        elif lead:
            self.emit(self.data_path(), lead)

    def _send_data(self, lead: bytes, now_ns: int) -> None:
        out = self.outbound
        path = self.detour if self.detour is not None and out.lost else self.data_path()
        size = path.data_chunk_bytes
        if not path.flight and now_ns - path.last_sent_ns > path.rto_ns:
            path.idle()
        # Max.Burst keeps a window that opened at once from becoming a burst (clause 6.1, D).
        # Each acknowledgement since the last time would have been an occasion of its own.
        limit = min(path.cwnd, path.flight + self.config.max_burst * size * max(1, self.occasions))
        self.occasions = 0
        sent = False
        while True:
            taken = out.take(path, self.room - len(lead), limit, now_ns)
            if taken:
                sent = True
                self.emit(path, lead + b"".join(taken) if lead or len(taken) > 1 else taken[0])
            elif lead:
                self.emit(path, lead)
            else:
                break
            lead = b""
            if out.single:
                break
        out.single = False
        if sent:
            path.last_sent_ns = now_ns
        if (path.flight or out.blocked()) and path.t3_ns == NEVER:
            # R1 of clause 6.3.2; with a closed window and nothing in flight, the time of the next probe.
            path.t3_ns = now_ns + path.rto_ns
            self.arm(path.t3_ns)

    # The end.

    def close(self, in_order: bool = False) -> None:
        """Forget the association, without a word."""
        self.state = State.CLOSED
        self.count_held()
        self.owner.closed(self, in_order)

    def abort(self, cause: int, reason: str, information: bytes = b"") -> None:
        """Send ABORT and forget the association (clause 9.1)."""
        if self.peer_tag:
            causes = (Cause(code=cause, information=information[: self.room - 8]),)
            self.emit(self.data_path(), encode_chunk(Abort(causes=causes)))
        self.aborted(False, cause, reason)

    def aborted(self, by_peer: bool, cause: int, reason: str) -> None:
        """An ABORT went or came."""
        self.owner.events.append(
            AssociationAborted(
                association=self.id,
                by_peer=by_peer,
                cause=cause,
                reason=reason,
                unacknowledged=self.outbound.unacknowledged,
            )
        )
        self.close()

    def lose(self, reason: str) -> None:
        """The peer is unreachable (clause 8.1): no word to it, one to the user."""
        unacknowledged = self.outbound.unacknowledged
        self.owner.events.append(AssociationLost(association=self.id, reason=reason, unacknowledged=unacknowledged))
        self.close()

    def say_error(self, causes: Sequence[tuple[int, bytes]]) -> None:
        """Queue an ERROR chunk (clause 3.3.10); what does not fit one packet is cut."""
        value = b""
        for code, information in causes:
            piece = tlv(code, information[: self.room - 8])
            if len(value) + len(piece) + 4 <= self.room:
                value += piece
        if len(self.control) < _MAX_CONTROL:
            self.control.append(chunk(ChunkType.ERROR, 0, value))
