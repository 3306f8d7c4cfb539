"""Whether the peer and the ways to it live: T3-rtx, HEARTBEAT, errors counted (RFC 9260 clauses 6.3.3 and 8)."""

from awase.protocols.sctp import closing, opening
from awase.protocols.sctp.association import Arrival, Association
from awase.protocols.sctp.codec import Frame, chunk, heartbeat_information, tlv
from awase.protocols.sctp.events import PathFailed, PathRestored
from awase.protocols.sctp.messages import CauseCode, ChunkType, ParameterType
from awase.protocols.sctp.path import NEVER, Path

NONCE_BYTES = 16


def expire(a: Association, now_ns: int) -> None:
    """Do what is due."""
    if a.t1_ns <= now_ns:
        a.t1_ns = NEVER
        opening.retry(a, now_ns)
    elif a.t5_ns <= now_ns:
        a.abort(CauseCode.PROTOCOL_VIOLATION, "the peer did not shut down in time")
    elif a.t2_ns <= now_ns:
        a.t2_ns = NEVER
        closing.retry(a, now_ns)
    if a.sack_ns <= now_ns:
        a.sack_ns = NEVER
        a.sack_due = True
    for path in tuple(a.paths.values()):
        if a.gone:
            return
        if path.t3_ns <= now_ns:
            _retransmission_timed_out(a, path)
        if path.heartbeat_answer_ns <= now_ns and not a.gone:
            path.heartbeat_answer_ns = NEVER
            path.back_off()
            count_error(a, path)
        if path.heartbeat_at_ns <= now_ns and not a.gone:
            _beat(a, path, now_ns)


def _retransmission_timed_out(a: Association, path: Path) -> None:
    """T3-rtx ran out (clause 6.3.3)."""
    path.t3_ns = NEVER
    out = a.outbound
    if out.sent:
        path.timed_out()
        path.back_off()
        a.detour = a.another_than(path)
        answered, a.probe_answered = a.probe_answered, False
        if not (out.probing and answered):
            # A closed window whose probes are answered is no failure (clause 6.1, A).
            count_error(a, path)
    elif out.probing:
        path.back_off()
    out.timed_out(path)


def count_error(a: Association, path: Path) -> None:
    """One more silence: of the path, and of the peer (clauses 8.1 and 8.2)."""
    path.errors += 1
    if path.confirmed:
        a.errors += 1
    if path.active and path.errors > a.config.path_max_retrans:
        path.active = False
        if path.confirmed:
            a.owner.events.append(PathFailed(association=a.id, host=path.host))
    if a.errors > a.config.association_max_retrans:
        a.lose(f"{a.primary.host} has been silent {a.errors} times")


def _beat(a: Association, path: Path, now_ns: int) -> None:
    """Send a HEARTBEAT if the path is idle; settle when to look again (clause 8.3)."""
    interval = a.config.hb_interval_ns
    if path.confirmed and path.active and now_ns - path.last_sent_ns < interval:
        path.heartbeat_at_ns = path.last_sent_ns + interval
        return
    draw = a.owner.random_bytes(NONCE_BYTES, "sctp heartbeat")
    path.heartbeat_nonce = draw
    path.heartbeat_sent_ns = now_ns
    path.heartbeat_answer_ns = now_ns + path.rto_ns
    a.emit(path, chunk(ChunkType.HEARTBEAT, 0, tlv(ParameterType.HEARTBEAT_INFO, draw)))
    # RTO and interval, give or take half an RTO.
    jitter = int.from_bytes(draw[:2], "big") * path.rto_ns >> 16
    path.heartbeat_at_ns = now_ns + interval + path.rto_ns // 2 + jitter


def answer_heartbeat(a: Association, arrival: Arrival, frame: Frame) -> None:
    """HEARTBEAT: send it back to where it came from (clause 8.3). Raises DecodeError."""
    information = heartbeat_information(arrival.octets, frame[2], frame[3])
    if len(a.owner.datagrams) < a.config.max_waiting_datagrams:
        a.emit(arrival.path, chunk(ChunkType.HEARTBEAT_ACK, 0, information))


def accept_heartbeat_ack(a: Association, arrival: Arrival, frame: Frame) -> None:
    """HEARTBEAT ACK: the path that it was sent on lives (clauses 5.4 and 8.3). Raises DecodeError."""
    information = heartbeat_information(arrival.octets, frame[2], frame[3])
    nonce = information[4:]
    for path in a.paths.values():
        if not path.heartbeat_nonce or path.heartbeat_nonce != nonce:
            continue
        path.heartbeat_nonce = b""
        path.heartbeat_answer_ns = NEVER
        path.measured(arrival.now_ns - path.heartbeat_sent_ns)
        path.errors = a.errors = 0
        if not path.confirmed:
            path.confirmed = True
            a.owner.confirmed(a, path)
        if not path.active:
            path.active = True
            a.owner.events.append(PathRestored(association=a.id, host=path.host))
        return
