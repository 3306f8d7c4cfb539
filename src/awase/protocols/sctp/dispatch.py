"""What a packet does to an association that it belongs to (RFC 9260 clauses 3.2, 6.10 and 8.5)."""

from collections.abc import Callable, Sequence

from awase.protocols.sctp import closing, opening, supervision, transfer
from awase.protocols.sctp.association import Arrival, Association
from awase.protocols.sctp.codec import Frame
from awase.protocols.sctp.messages import CauseCode
from awase.protocols.sctp.states import TABLE, Reaction, State
from awase.protocols.sctp.violation import ViolationError

_STOP, _REPORT = 0x80, 0x40


def _discard(a: Association, arrival: Arrival, frame: Frame) -> None:
    del a, arrival, frame


def _cookie_echoed(a: Association, arrival: Arrival, frame: Frame) -> None:
    a.owner.cookie_echoed(a, arrival.octets[frame[2] : frame[3]], arrival)


_DO: dict[Reaction, Callable[[Association, Arrival, Frame], None]] = {
    Reaction.DISCARD: _discard,
    Reaction.ACCEPT_DATA: transfer.accept_data,
    Reaction.ACCEPT_SACK: transfer.accept_sack,
    Reaction.ANSWER_HEARTBEAT: supervision.answer_heartbeat,
    Reaction.ACCEPT_HEARTBEAT_ACK: supervision.accept_heartbeat_ack,
    Reaction.ACCEPT_ABORT: closing.accept_abort,
    Reaction.ACCEPT_ERROR: closing.accept_error,
    Reaction.ACCEPT_INIT_ACK: opening.accept_init_ack,
    Reaction.ACCEPT_COOKIE_ECHO: _cookie_echoed,
    Reaction.ACCEPT_COOKIE_ACK: opening.accept_cookie_ack,
    Reaction.ACCEPT_SHUTDOWN: closing.accept_shutdown,
    Reaction.ACCEPT_SHUTDOWN_ACK: closing.accept_shutdown_ack,
    Reaction.ANSWER_STRAY_SHUTDOWN_ACK: closing.answer_stray_shutdown_ack,
    Reaction.ACCEPT_SHUTDOWN_COMPLETE: closing.accept_shutdown_complete,
}
_ROWS = [{int(kind): _DO[reaction] for kind, reaction in TABLE[state].items()} for state in State]


def process(a: Association, arrival: Arrival, frames: Sequence[Frame]) -> None:
    """Take the chunks of a packet in turn. Raises DecodeError where one cannot be read; then the rest is dropped."""
    a.reply_path = arrival.path
    try:
        for frame in frames:
            reaction = _ROWS[a.state].get(frame[0])
            if reaction is not None:
                reaction(a, arrival, frame)
            elif not _skip_unknown(a, arrival, frame):
                break
    except ViolationError as fault:
        a.abort(fault.cause, fault.reason, fault.information or fault.reason.encode())
    finally:
        if a.data_came and a.state is not State.CLOSED:
            transfer.after_data(a, arrival.now_ns)
            if a.state is State.SHUTDOWN_SENT:
                closing.data_while_shutting_down(a, arrival.now_ns)


def _skip_unknown(a: Association, arrival: Arrival, frame: Frame) -> bool:
    """A chunk of unknown type: the high bits say whether to report it, and whether to go on (clause 3.2)."""
    kind, _, first, end = frame
    if kind & _REPORT and a.state not in (State.COOKIE_WAIT, State.CLOSED):
        a.say_error(((CauseCode.UNRECOGNIZED_CHUNK_TYPE, arrival.octets[first - 4 : end]),))
    return bool(kind & _STOP)


def after(a: Association, now_ns: int) -> None:
    """Send what may be sent, and end what is to end: after whatever happened."""
    a.flush(now_ns)
    if a.state in (State.SHUTDOWN_PENDING, State.SHUTDOWN_RECEIVED):
        closing.progress(a, now_ns)
