"""SCTP packets, chunks, parameters and error causes (RFC 9260 clause 3)."""

from enum import IntEnum

from msgspec import Struct

UDP_PORT = 9899
"""Where SCTP over UDP is listened for (RFC 6951 clause 5.1)."""


class ChunkType(IntEnum):
    """Table 1 of clause 3.2."""

    DATA = 0
    INIT = 1
    INIT_ACK = 2
    SACK = 3
    HEARTBEAT = 4
    HEARTBEAT_ACK = 5
    ABORT = 6
    SHUTDOWN = 7
    SHUTDOWN_ACK = 8
    ERROR = 9
    COOKIE_ECHO = 10
    COOKIE_ACK = 11
    SHUTDOWN_COMPLETE = 14


class ParameterType(IntEnum):
    """Clauses 3.3.2, 3.3.3 and 3.3.5; extensions by name only."""

    HEARTBEAT_INFO = 1
    IPV4_ADDRESS = 5
    IPV6_ADDRESS = 6
    STATE_COOKIE = 7
    UNRECOGNIZED_PARAMETER = 8
    COOKIE_PRESERVATIVE = 9
    HOST_NAME_ADDRESS = 11
    SUPPORTED_ADDRESS_TYPES = 12


class CauseCode(IntEnum):
    """Table 9 of clause 3.3.10."""

    INVALID_STREAM_IDENTIFIER = 1
    MISSING_MANDATORY_PARAMETER = 2
    STALE_COOKIE = 3
    OUT_OF_RESOURCE = 4
    UNRESOLVABLE_ADDRESS = 5
    UNRECOGNIZED_CHUNK_TYPE = 6
    INVALID_MANDATORY_PARAMETER = 7
    UNRECOGNIZED_PARAMETERS = 8
    NO_USER_DATA = 9
    COOKIE_RECEIVED_WHILE_SHUTTING_DOWN = 10
    RESTART_WITH_NEW_ADDRESSES = 11
    USER_INITIATED_ABORT = 12
    PROTOCOL_VIOLATION = 13


END, BEGINNING, UNORDERED, IMMEDIATE = 1, 2, 4, 8
"""Flags of DATA (clause 3.3.1): E, B, U and I."""

TAG_REFLECTED = 1
"""The T bit of ABORT and SHUTDOWN COMPLETE (clauses 3.3.7 and 3.3.13)."""


class Parameter(Struct, frozen=True, kw_only=True, gc=False):
    """A parameter of a chunk: type and value without padding (clause 3.2.1)."""

    type: int
    value: bytes = b""


class Cause(Struct, frozen=True, kw_only=True, gc=False):
    """An error cause: code and cause-specific information without padding (clause 3.3.10)."""

    code: int
    information: bytes = b""


class Data(Struct, frozen=True, kw_only=True, gc=False):
    """DATA (clause 3.3.1): a user message or a fragment of one."""

    tsn: int
    stream_identifier: int
    stream_sequence_number: int
    payload_protocol_identifier: int
    user_data: bytes
    flags: int = BEGINNING | END


class Init(Struct, frozen=True, kw_only=True):
    """INIT (clause 3.3.2)."""

    initiate_tag: int
    advertised_receiver_window_credit: int
    number_of_outbound_streams: int
    number_of_inbound_streams: int
    initial_tsn: int
    parameters: tuple[Parameter, ...] = ()


class InitAck(Struct, frozen=True, kw_only=True):
    """INIT ACK (clause 3.3.3)."""

    initiate_tag: int
    advertised_receiver_window_credit: int
    number_of_outbound_streams: int
    number_of_inbound_streams: int
    initial_tsn: int
    parameters: tuple[Parameter, ...] = ()


class Sack(Struct, frozen=True, kw_only=True):
    """SACK (clause 3.3.4); gap ack blocks are (start, end), counted from the cumulative TSN ack."""

    cumulative_tsn_ack: int
    advertised_receiver_window_credit: int
    gap_ack_blocks: tuple[tuple[int, int], ...] = ()
    duplicate_tsns: tuple[int, ...] = ()


class Heartbeat(Struct, frozen=True, kw_only=True):
    """HEARTBEAT (clause 3.3.5): the Heartbeat Info parameter whole, since it comes back as it went."""

    heartbeat_information: bytes


class HeartbeatAck(Struct, frozen=True, kw_only=True):
    """HEARTBEAT ACK (clause 3.3.6)."""

    heartbeat_information: bytes


class Abort(Struct, frozen=True, kw_only=True):
    """ABORT (clause 3.3.7)."""

    causes: tuple[Cause, ...] = ()
    tag_reflected: bool = False


class Shutdown(Struct, frozen=True, kw_only=True):
    """SHUTDOWN (clause 3.3.8)."""

    cumulative_tsn_ack: int


class ShutdownAck(Struct, frozen=True, kw_only=True):
    """SHUTDOWN ACK (clause 3.3.9)."""


class Error(Struct, frozen=True, kw_only=True):
    """ERROR (clause 3.3.10)."""

    causes: tuple[Cause, ...]


class CookieEcho(Struct, frozen=True, kw_only=True):
    """COOKIE ECHO (clause 3.3.11)."""

    cookie: bytes


class CookieAck(Struct, frozen=True, kw_only=True):
    """COOKIE ACK (clause 3.3.12)."""


class ShutdownComplete(Struct, frozen=True, kw_only=True):
    """SHUTDOWN COMPLETE (clause 3.3.13)."""

    tag_reflected: bool = False


class UnknownChunk(Struct, frozen=True, kw_only=True):
    """A chunk of a type that is not in table 1, or of an extension (clause 3.2)."""

    type: int
    flags: int = 0
    value: bytes = b""


Chunk = (
    Data
    | Init
    | InitAck
    | Sack
    | Heartbeat
    | HeartbeatAck
    | Abort
    | Shutdown
    | ShutdownAck
    | Error
    | CookieEcho
    | CookieAck
    | ShutdownComplete
    | UnknownChunk
)


class Packet(Struct, frozen=True, kw_only=True):
    """An SCTP packet: common header and chunks (clause 3)."""

    source_port: int
    destination_port: int
    verification_tag: int
    chunks: tuple[Chunk, ...]
