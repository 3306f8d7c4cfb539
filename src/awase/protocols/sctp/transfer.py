"""DATA and SACK of an association (RFC 9260 clauses 6.1, 6.2, 6.5 and 6.7)."""

from struct import pack

from awase.protocols.sctp.association import Arrival, Association
from awase.protocols.sctp.codec import DATA_VALUE, Frame, decode_sack
from awase.protocols.sctp.events import Writable
from awase.protocols.sctp.messages import IMMEDIATE, CauseCode
from awase.protocols.sctp.outbound import LEAST_CHUNK_BYTES
from awase.protocols.sctp.path import NEVER
from awase.protocols.sctp.states import State
from awase.protocols.sctp.violation import ViolationError
from awase.wire.errors import DecodeError


def accept_data(a: Association, arrival: Arrival, frame: Frame) -> None:
    """DATA: one user message or a fragment (clause 6.2). Raises DecodeError or ViolationError."""
    octets = arrival.octets
    _, flags, first, end = frame
    if end - first <= 12:
        if end - first < 12:
            raise DecodeError("a DATA chunk is cut off", offset=end)
        raise ViolationError("a DATA chunk has no user data", CauseCode.NO_USER_DATA, octets[first : first + 4])
    tsn, stream, number, ppid = DATA_VALUE.unpack_from(octets, first)
    if stream >= a.inbound.streams:
        # Acknowledged, reported, thrown away (clause 6.5).
        a.say_error(((CauseCode.INVALID_STREAM_IDENTIFIER, pack("!HH", stream, 0)),))
    a.inbound.data(tsn, (flags, stream, number, ppid, octets[first + 12 : end]))
    a.data_came = True
    if flags & IMMEDIATE:
        a.sack_now = True


def after_data(a: Association, now_ns: int) -> None:
    """A packet with DATA was taken: acknowledge it now or soon (clause 6.2)."""
    a.data_came = False
    inbound = a.inbound
    a.unacknowledged += 1
    if (
        a.unacknowledged >= a.config.sack_frequency
        or a.sack_now
        or inbound.gaps
        or inbound.filled
        or inbound.duplicates
        or not inbound.new
        or a.state is State.SHUTDOWN_SENT
    ):
        a.sack_due = True
    elif a.sack_ns == NEVER:
        a.sack_ns = now_ns + a.config.sack_period_ns
        a.arm(a.sack_ns)
    inbound.new = 0
    inbound.filled = False


def accept_sack(a: Association, arrival: Arrival, frame: Frame) -> None:
    """SACK (clause 6.2.1). Raises DecodeError or ViolationError."""
    cumulative, window, blocks, _ = decode_sack(arrival.octets, frame[2], frame[3])
    acknowledge(a, cumulative, window, blocks, arrival.now_ns)


def acknowledge(a: Association, cumulative: int, window: int | None, blocks: tuple[int, ...], now_ns: int) -> None:
    """What the peer says it has, in a SACK, or in a SHUTDOWN (without a window)."""
    out = a.outbound
    was_closed = out.probing
    touched, moved = out.acknowledge(cumulative, window, blocks, now_ns)
    a.probe_answered = True
    a.occasions += moved
    if touched:
        a.errors = 0
        for path in touched:
            path.errors = 0
            if not path.flight:
                path.t3_ns = NEVER
            elif moved:
                # R3 of clause 6.3.2.
                path.t3_ns = now_ns + path.rto_ns
                a.arm(path.t3_ns)
        if not out.lost:
            a.detour = None
    if was_closed and not out.probing:
        _window_opened(a)
    if a.told_full and 2 * max(out.queued_bytes, LEAST_CHUNK_BYTES * out.unacknowledged) <= a.config.send_buffer_bytes:
        a.told_full = False
        a.owner.events.append(Writable(association=a.id))
    _keep_timing(a, now_ns)


def _window_opened(a: Association) -> None:
    """The timer that ran for the next probe is not wanted."""
    for path in a.paths.values():
        if not path.flight:
            path.t3_ns = NEVER


def _keep_timing(a: Association, now_ns: int) -> None:
    """What is in flight is timed, also what was reported and no longer is (clause 6.3.2, R4)."""
    for path in a.paths.values():
        if path.flight and path.t3_ns == NEVER:
            path.t3_ns = now_ns + path.rto_ns
            a.arm(path.t3_ns)
