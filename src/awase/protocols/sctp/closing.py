"""How an association ends: SHUTDOWN, ABORT, and what ERROR says (RFC 9260 clauses 8.5.1, 9.1, 9.2 and 3.3.10)."""

from struct import pack

from awase.protocols.sctp import opening, transfer
from awase.protocols.sctp.association import Arrival, Association
from awase.protocols.sctp.codec import Frame, chunk, cumulative_tsn_ack, decode_causes
from awase.protocols.sctp.events import AssociationDown, PeerError
from awase.protocols.sctp.inbound import MASK
from awase.protocols.sctp.messages import TAG_REFLECTED, Cause, CauseCode, ChunkType
from awase.protocols.sctp.path import NEVER
from awase.protocols.sctp.states import State
from awase.wire.errors import DecodeError

_WORDS = {int(code): code.name.lower().replace("_", " ") for code in CauseCode}
_WITH_TEXT = (CauseCode.USER_INITIATED_ABORT, CauseCode.PROTOCOL_VIOLATION)
_MAX_TEXT = 120


def ask(a: Association) -> None:
    """The user wants to shut down (clause 9.2): what was handed in is delivered first."""
    if a.state is State.COOKIE_ECHOED:
        a.closing_asked = True
    elif a.state in (State.CLOSED, State.COOKIE_WAIT):
        shut_down(a)
    elif a.state is State.ESTABLISHED:
        a.state = State.SHUTDOWN_PENDING
        a.outbound.hurry = True


def progress(a: Association, now_ns: int) -> None:
    """Send SHUTDOWN or SHUTDOWN ACK once all data is acknowledged (clause 9.2)."""
    if a.state is State.SHUTDOWN_PENDING and not a.outbound.busy:
        a.state = State.SHUTDOWN_SENT
        _start_guard(a, now_ns)
        _say(a, now_ns)
    elif a.state is State.SHUTDOWN_RECEIVED and not a.outbound.busy:
        _acknowledge(a, now_ns)


def _start_guard(a: Association, now_ns: int) -> None:
    a.t5_ns = now_ns + 5 * a.config.rto_max_ns
    a.arm(a.t5_ns)


def _acknowledge(a: Association, now_ns: int) -> None:
    a.state = State.SHUTDOWN_ACK_SENT
    if a.t5_ns == NEVER:
        _start_guard(a, now_ns)
    _say(a, now_ns)


def _say(a: Association, now_ns: int) -> None:
    """Send SHUTDOWN or SHUTDOWN ACK, and time it by T2-shutdown."""
    path = a.data_path()
    if a.state is State.SHUTDOWN_SENT:
        a.emit(path, chunk(ChunkType.SHUTDOWN, 0, pack("!I", a.inbound.cumulative & MASK)))
    else:
        a.emit(path, chunk(ChunkType.SHUTDOWN_ACK, 0, b""))
    a.t2_ns = now_ns + path.rto_ns
    a.arm(a.t2_ns)


def retry(a: Association, now_ns: int) -> None:
    """T2-shutdown ran out (clause 9.2)."""
    path = a.data_path()
    path.back_off()
    path.errors += 1
    a.errors += 1
    if a.errors > a.config.association_max_retrans:
        a.lose(f"{a.primary.host} has not answered the shutdown")
        return
    _say(a, now_ns)


def data_while_shutting_down(a: Association, now_ns: int) -> None:
    """DATA came after our SHUTDOWN: say how far it got, and time that anew (clause 9.2)."""
    a.sack_due = False
    if a.inbound.gaps or a.inbound.duplicates:
        a.emit_sack()
    _say(a, now_ns)


def accept_shutdown(a: Association, arrival: Arrival, frame: Frame) -> None:
    """SHUTDOWN: the peer has nothing more to send (clause 9.2). Raises DecodeError or ViolationError."""
    point = cumulative_tsn_ack(arrival.octets, frame[2], frame[3])
    transfer.acknowledge(a, point, None, (), arrival.now_ns)
    if a.state in (State.SHUTDOWN_SENT, State.SHUTDOWN_ACK_SENT):
        _acknowledge(a, arrival.now_ns)
        return
    a.state = State.SHUTDOWN_RECEIVED


def accept_shutdown_ack(a: Association, arrival: Arrival, frame: Frame) -> None:
    """SHUTDOWN ACK: done; tell the peer and forget it (clause 9.2)."""
    del frame
    a.emit(arrival.path, chunk(ChunkType.SHUTDOWN_COMPLETE, 0, b""))
    shut_down(a)


def shut_down(a: Association) -> None:
    """Closed in order: tell the user."""
    a.owner.events.append(AssociationDown(association=a.id))
    a.close(in_order=True)


def answer_stray_shutdown_ack(a: Association, arrival: Arrival, frame: Frame) -> None:
    """SHUTDOWN ACK while we are opening: of an association before; end it there (clause 8.5.1, E)."""
    del frame
    tag = a.peer_tag
    a.address(int.from_bytes(arrival.octets[4:8], "big"))
    a.emit(arrival.path, chunk(ChunkType.SHUTDOWN_COMPLETE, TAG_REFLECTED, b""))
    a.address(tag)


def accept_shutdown_complete(a: Association, arrival: Arrival, frame: Frame) -> None:
    """SHUTDOWN COMPLETE: done (clause 9.2); the tag was right, unless it is the peer's and does not say so."""
    if frame[1] & TAG_REFLECTED and a.local_tag != a.peer_tag:
        return
    del arrival
    shut_down(a)


def accept_abort(a: Association, arrival: Arrival, frame: Frame) -> None:
    """ABORT: gone, without an answer (clause 9.1)."""
    if frame[1] & TAG_REFLECTED and a.local_tag != a.peer_tag:
        return
    aborted_by_peer(a, arrival.octets, frame)


def aborted_by_peer(a: Association, octets: bytes, frame: Frame) -> None:
    """An ABORT with a right tag of either kind came (clause 8.5.1, B)."""
    try:
        causes = decode_causes(octets, frame[2], frame[3])
    except DecodeError:
        causes = ()
    a.aborted(True, causes[0].code if causes else 0, "; ".join(map(in_words, causes[:4])) or "no cause given")


def in_words(cause: Cause) -> str:
    """An error cause for a person."""
    words = _WORDS.get(cause.code, f"cause {cause.code}")
    if cause.code in _WITH_TEXT and cause.information:
        text = cause.information[:_MAX_TEXT].decode("ascii", "backslashreplace").strip("\0")
        return f"{words}: {text}" if text.isprintable() else words
    return words


def accept_error(a: Association, arrival: Arrival, frame: Frame) -> None:
    """ERROR: what the peer could not use (clause 3.3.10). Raises DecodeError."""
    causes = decode_causes(arrival.octets, frame[2], frame[3])
    for cause in causes[:4]:
        if cause.code == CauseCode.STALE_COOKIE and a.state is State.COOKIE_ECHOED:
            opening.cookie_was_stale(a, cause.information, arrival.now_ns)
            return
        # That our offer had parameters unknown to it is no error of the association.
        if cause.code != CauseCode.UNRECOGNIZED_PARAMETERS:
            a.owner.events.append(PeerError(association=a.id, cause=cause.code, reason=in_words(cause)))
