"""The states of an association and what each chunk does in each (RFC 9260 clauses 4, 5, 6 and 9)."""

from collections.abc import Mapping
from enum import Enum, IntEnum

from awase.protocols.sctp.messages import ChunkType as C


class State(IntEnum):
    """Figure 3 of clause 4; CLOSED is having no association."""

    CLOSED = 0
    COOKIE_WAIT = 1
    COOKIE_ECHOED = 2
    ESTABLISHED = 3
    SHUTDOWN_PENDING = 4
    SHUTDOWN_SENT = 5
    SHUTDOWN_RECEIVED = 6
    SHUTDOWN_ACK_SENT = 7


class Reaction(Enum):
    """What is done with a chunk whose packet has the right verification tag."""

    DISCARD = "discard"
    ACCEPT_DATA = "accept_data"
    ACCEPT_SACK = "accept_sack"
    ANSWER_HEARTBEAT = "answer_heartbeat"
    ACCEPT_HEARTBEAT_ACK = "accept_heartbeat_ack"
    ACCEPT_ABORT = "accept_abort"
    ACCEPT_ERROR = "accept_error"
    ACCEPT_INIT_ACK = "accept_init_ack"
    ACCEPT_COOKIE_ECHO = "accept_cookie_echo"
    ACCEPT_COOKIE_ACK = "accept_cookie_ack"
    ACCEPT_SHUTDOWN = "accept_shutdown"
    ACCEPT_SHUTDOWN_ACK = "accept_shutdown_ack"
    ANSWER_STRAY_SHUTDOWN_ACK = "answer_stray_shutdown_ack"
    ACCEPT_SHUTDOWN_COMPLETE = "accept_shutdown_complete"


R = Reaction

_NOTHING = dict.fromkeys(C, R.DISCARD)
_TRANSFER = {
    **_NOTHING,
    C.DATA: R.ACCEPT_DATA,
    C.SACK: R.ACCEPT_SACK,
    C.HEARTBEAT: R.ANSWER_HEARTBEAT,
    C.HEARTBEAT_ACK: R.ACCEPT_HEARTBEAT_ACK,
    C.ABORT: R.ACCEPT_ABORT,
    C.ERROR: R.ACCEPT_ERROR,
    C.COOKIE_ECHO: R.ACCEPT_COOKIE_ECHO,
    C.SHUTDOWN: R.ACCEPT_SHUTDOWN,
}

TABLE: Mapping[State, Mapping[C, Reaction]] = {
    State.CLOSED: _NOTHING,
    # An INIT in the company of other chunks is never right; one alone has tag 0 and does not come here (8.5.1, A).
    State.COOKIE_WAIT: {
        **_NOTHING,
        C.INIT_ACK: R.ACCEPT_INIT_ACK,
        C.ABORT: R.ACCEPT_ABORT,
        C.SHUTDOWN_ACK: R.ANSWER_STRAY_SHUTDOWN_ACK,
        C.COOKIE_ECHO: R.ACCEPT_COOKIE_ECHO,
    },
    # An INIT ACK outside COOKIE-WAIT is of an old or doubled INIT (clause 5.2.3).
    State.COOKIE_ECHOED: {
        **_NOTHING,
        C.COOKIE_ACK: R.ACCEPT_COOKIE_ACK,
        C.ERROR: R.ACCEPT_ERROR,
        C.ABORT: R.ACCEPT_ABORT,
        C.HEARTBEAT: R.ANSWER_HEARTBEAT,
        C.SHUTDOWN_ACK: R.ANSWER_STRAY_SHUTDOWN_ACK,
        C.COOKIE_ECHO: R.ACCEPT_COOKIE_ECHO,
    },
    State.ESTABLISHED: _TRANSFER,
    State.SHUTDOWN_PENDING: _TRANSFER,
    State.SHUTDOWN_SENT: {**_TRANSFER, C.SHUTDOWN_ACK: R.ACCEPT_SHUTDOWN_ACK},
    # After its SHUTDOWN the peer has no more data (clause 9.2).
    State.SHUTDOWN_RECEIVED: {**_TRANSFER, C.DATA: R.DISCARD},
    State.SHUTDOWN_ACK_SENT: {
        **_TRANSFER,
        C.DATA: R.DISCARD,
        C.SACK: R.DISCARD,
        C.SHUTDOWN_ACK: R.ACCEPT_SHUTDOWN_ACK,
        C.SHUTDOWN_COMPLETE: R.ACCEPT_SHUTDOWN_COMPLETE,
    },
}
