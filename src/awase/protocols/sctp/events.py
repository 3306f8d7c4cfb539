"""What an endpoint tells its user (the notifications of RFC 9260 clause 11.2, in our words)."""

from msgspec import Struct


class AssociationUp(Struct, frozen=True, kw_only=True):
    """COMMUNICATION UP: messages may be sent on streams 0 to outbound_streams - 1."""

    association: int
    host: str
    port: int
    """The peer's SCTP port."""
    local_port: int
    outbound_streams: int
    inbound_streams: int
    connected: bool
    """Whether this side called `connect`."""


class Message(Struct, frozen=True, gc=False):
    """DATA ARRIVE: one user message."""

    association: int
    stream: int
    ppid: int
    octets: bytes
    unordered: bool = False


class AssociationDown(Struct, frozen=True, kw_only=True):
    """SHUTDOWN COMPLETE: closed in order, with everything delivered."""

    association: int


class AssociationAborted(Struct, frozen=True, kw_only=True):
    """COMMUNICATION LOST by ABORT, the peer's or ours: the first cause's code (0: none) in words."""

    association: int
    by_peer: bool
    cause: int
    reason: str
    unacknowledged: int
    """User messages and fragments that the peer had not acknowledged."""


class AssociationLost(Struct, frozen=True, kw_only=True):
    """COMMUNICATION LOST: the peer is silent, or never answered `connect`."""

    association: int
    reason: str
    unacknowledged: int


class AssociationRestarted(Struct, frozen=True, kw_only=True):
    """RESTART: the peer lost its state and came again; sequence numbers of all streams begin anew (clause 5.2)."""

    association: int
    outbound_streams: int
    inbound_streams: int
    unacknowledged: int


class PathFailed(Struct, frozen=True, kw_only=True):
    """NETWORK STATUS CHANGE: a peer address no longer answers (clause 8.2)."""

    association: int
    host: str


class PathRestored(Struct, frozen=True, kw_only=True):
    """NETWORK STATUS CHANGE: a peer address answers (again) (clause 8.3)."""

    association: int
    host: str


class PeerError(Struct, frozen=True, kw_only=True):
    """COMMUNICATION ERROR: the peer reports an operational error that does not end the association."""

    association: int
    cause: int
    reason: str


class Writable(Struct, frozen=True, kw_only=True):
    """After SendBufferFullError: half of the send buffer is free again."""

    association: int


class Malformed(Struct, frozen=True, kw_only=True):
    """Octets that are no SCTP packet came; at most a few a second are reported."""

    host: str
    port: int
    what: str
    offset: int


Event = (
    AssociationUp
    | Message
    | AssociationDown
    | AssociationAborted
    | AssociationLost
    | AssociationRestarted
    | PathFailed
    | PathRestored
    | PeerError
    | Writable
    | Malformed
)
