"""SCTP packets to octets and back (RFC 9260 clause 3 and appendix A).

`decode` and `encode` are for any packet. What passes most often has a shorter way: `chunks_of` finds the chunks,
and the association reads DATA and SACK where they lie.
"""

from collections.abc import Callable, Iterable
from struct import Struct, error, unpack_from
from typing import TypeVar

import google_crc32c

from awase.protocols.sctp.messages import (
    TAG_REFLECTED,
    Abort,
    Cause,
    Chunk,
    ChunkType,
    CookieAck,
    CookieEcho,
    Data,
    Error,
    Heartbeat,
    HeartbeatAck,
    Init,
    InitAck,
    Packet,
    Parameter,
    Sack,
    Shutdown,
    ShutdownAck,
    ShutdownComplete,
    UnknownChunk,
)
from awase.wire.errors import DecodeError, EncodeError

COMMON_HEADER_BYTES = 12
DATA_HEADER_BYTES = 16

Frame = tuple[int, int, int, int]
"""A chunk in a packet: its type, its flags, where its value begins and ends."""

PADDING = (b"", b"\0\0\0", b"\0\0", b"\0")
"""What follows so many octets, modulo four."""

HEAD = Struct("!HHI")
DATA_CHUNK = Struct("!BBHIHHI")
DATA_VALUE = Struct("!IHHI")
SACK_VALUE = Struct("!IIHH")
_CHUNK = Struct("!BBH")
_TLV = Struct("!HH")
_INIT_VALUE = Struct("!IIHHI")
_U32 = Struct("!I")
_CRC = Struct("<I")
_crc32c: Callable[[bytes], int] = google_crc32c.value
_extend: Callable[[int, bytes], int] = google_crc32c.extend


class ChecksumError(DecodeError):
    """The CRC32c is another: to be discarded in silence (clause 6.8)."""


def checksum(octets: bytes) -> bytes:
    """The CRC32c of a packet whose checksum field is zero, as it stands there (appendix A)."""
    return _crc32c(octets).to_bytes(4, "little")


def seed(head: bytes) -> int:
    """The CRC32c of ports and tag (eight octets) and an empty checksum: where that of a packet goes on from."""
    return _crc32c(head + b"\0\0\0\0")


def seal(head: bytes, chunks: bytes) -> bytes:
    """A packet from ports and tag (eight octets) and chunks."""
    return head + _extend(_crc32c(head + b"\0\0\0\0"), chunks).to_bytes(4, "little") + chunks


def verify(octets: bytes) -> None:
    """Raises DecodeError for a packet that is too short, ChecksumError for one whose CRC32c is wrong."""
    if len(octets) < COMMON_HEADER_BYTES + 4:
        raise DecodeError(f"{len(octets)} octets are no SCTP packet", offset=len(octets))
    if _extend(_crc32c(octets[:8] + b"\0\0\0\0"), octets[12:]) != _CRC.unpack_from(octets, 8)[0]:
        raise ChecksumError("the CRC32c is wrong", offset=8)


def chunks_of(octets: bytes) -> list[Frame]:
    """The chunks of a packet (clause 3.2). Raises DecodeError where one does not fit."""
    at, end = COMMON_HEADER_BYTES, len(octets)
    unpack = _CHUNK.unpack_from
    if at + 4 <= end:
        kind, flags, length = unpack(octets, at)
        if length >= 4 and at + (length + 3 & ~3) == end:
            return [(kind, flags, at + 4, at + length)]
    found = []
    while at < end:
        if at + 4 > end:
            raise DecodeError("a chunk header is cut off", offset=at)
        kind, flags, length = unpack(octets, at)
        following = at + (length + 3 & ~3)
        if length < 4 or following > end:
            raise DecodeError(f"a chunk of {length} octets does not fit", offset=at + 2)
        found.append((kind, flags, at + 4, at + length))
        at = following
    return found


def chunk(kind: int, flags: int, value: bytes) -> bytes:
    """A chunk with its padding. Raises EncodeError if it is too long."""
    length = len(value)
    if length > 0xFFFF - 4:
        raise EncodeError(f"a chunk value of {length} octets")
    return _CHUNK.pack(kind, flags, length + 4) + value + PADDING[length & 3]


def tlvs(octets: bytes, at: int, end: int) -> list[tuple[int, bytes]]:
    """Parameters or causes: type and value (clause 3.2.1). Raises DecodeError."""
    found = []
    while at < end:
        if at + 4 > end:
            raise DecodeError("a parameter header is cut off", offset=at)
        kind, length = _TLV.unpack_from(octets, at)
        if length < 4 or at + length > end:
            raise DecodeError(f"a parameter of {length} octets does not fit", offset=at + 2)
        found.append((kind, octets[at + 4 : at + length]))
        at += length + 3 & ~3
    return found


def tlv(kind: int, value: bytes) -> bytes:
    """A parameter or a cause with its padding. Raises EncodeError if it is too long."""
    length = len(value)
    if length > 0xFFFF - 4:
        raise EncodeError(f"a parameter of {length} octets")
    return _TLV.pack(kind, length + 4) + value + PADDING[length & 3]


def _unpadded(items: Iterable[tuple[int, bytes]]) -> bytes:
    """Parameters or causes; the padding of the last is the chunk's (clause 3.2.1)."""
    out, surplus = b"", 0
    for kind, value in items:
        out += tlv(kind, value)
        surplus = -len(value) & 3
    return out[: len(out) - surplus]


def parameters_value(parameters: Iterable[Parameter]) -> bytes:
    """Parameters as the end of a chunk's value."""
    return _unpadded((p.type, p.value) for p in parameters)


def causes_value(causes: Iterable[Cause]) -> bytes:
    """Error causes as a chunk's value."""
    return _unpadded((c.code, c.information) for c in causes)


def decode_causes(octets: bytes, first: int, end: int) -> tuple[Cause, ...]:
    """The causes of an ABORT or ERROR. Raises DecodeError."""
    return tuple(Cause(code=code, information=value) for code, value in tlvs(octets, first, end))


def decode_sack(octets: bytes, first: int, end: int) -> tuple[int, int, tuple[int, ...], tuple[int, ...]]:
    """Cumulative TSN ack, window, gap block offsets (start and end in turn), duplicates. Raises DecodeError."""
    if end - first < 12:
        raise DecodeError("a SACK is cut off", offset=end)
    cumulative, window, gaps, duplicates = SACK_VALUE.unpack_from(octets, first)
    if end - first == 12 and not gaps and not duplicates:
        return cumulative, window, (), ()
    if end - first != 12 + 4 * (gaps + duplicates):
        raise DecodeError(f"a SACK with {gaps} gaps and {duplicates} duplicates has {end - first} octets", offset=end)
    blocks = unpack_from(f"!{2 * gaps}H", octets, first + 12)
    return cumulative, window, blocks, unpack_from(f"!{duplicates}I", octets, first + 12 + 4 * gaps)


def init_fields(octets: bytes, first: int, end: int) -> tuple[int, int, int, int, int, tuple[Parameter, ...]]:
    """The fixed fields of an INIT or INIT ACK in their order, and the parameters. Raises DecodeError."""
    if end - first < 16:
        raise DecodeError("an INIT is cut off", offset=end)
    parameters = tuple(Parameter(type=t, value=v) for t, v in tlvs(octets, first + 16, end))
    tag, window, outbound, inbound, tsn = _INIT_VALUE.unpack_from(octets, first)
    return tag, window, outbound, inbound, tsn, parameters


_I = TypeVar("_I", Init, InitAck)


def _decode_init(cls: type[_I], octets: bytes, first: int, end: int) -> _I:
    tag, window, outbound, inbound, tsn, parameters = init_fields(octets, first, end)
    return cls(
        initiate_tag=tag,
        advertised_receiver_window_credit=window,
        number_of_outbound_streams=outbound,
        number_of_inbound_streams=inbound,
        initial_tsn=tsn,
        parameters=parameters,
    )


def _data(octets: bytes, flags: int, first: int, end: int) -> Chunk:
    if end - first < 12:
        raise DecodeError("a DATA chunk is cut off", offset=end)
    tsn, stream, number, ppid = DATA_VALUE.unpack_from(octets, first)
    return Data(
        tsn=tsn,
        stream_identifier=stream,
        stream_sequence_number=number,
        payload_protocol_identifier=ppid,
        user_data=octets[first + 12 : end],
        flags=flags & 15,
    )


def _sack(octets: bytes, _: int, first: int, end: int) -> Chunk:
    cumulative, window, blocks, duplicates = decode_sack(octets, first, end)
    return Sack(
        cumulative_tsn_ack=cumulative,
        advertised_receiver_window_credit=window,
        gap_ack_blocks=tuple(zip(blocks[::2], blocks[1::2], strict=True)),
        duplicate_tsns=duplicates,
    )


def cumulative_tsn_ack(octets: bytes, first: int, end: int) -> int:
    """The value of a SHUTDOWN (clause 3.3.8). Raises DecodeError."""
    if end - first != 4:
        raise DecodeError(f"a SHUTDOWN of {end - first} octets", offset=first)
    return int(_U32.unpack_from(octets, first)[0])


def heartbeat_information(octets: bytes, first: int, end: int) -> bytes:
    """The parameter in a HEARTBEAT, whole (clause 3.3.5). Raises DecodeError."""
    tlvs(octets, first, end)
    return octets[first:end]


def _nothing(cls: Callable[[], Chunk]) -> Callable[[bytes, int, int, int], Chunk]:
    def read(_: bytes, __: int, first: int, end: int) -> Chunk:
        if end != first:
            raise DecodeError(f"{end - first} octets in a chunk without value", offset=first)
        return cls()

    return read


def _shutdown_complete(_: bytes, flags: int, first: int, end: int) -> Chunk:
    if end != first:
        raise DecodeError(f"{end - first} octets in a SHUTDOWN COMPLETE", offset=first)
    return ShutdownComplete(tag_reflected=bool(flags & TAG_REFLECTED))


_READ: dict[int, Callable[[bytes, int, int, int], Chunk]] = {
    ChunkType.DATA: _data,
    ChunkType.INIT: lambda o, _, i, e: _decode_init(Init, o, i, e),
    ChunkType.INIT_ACK: lambda o, _, i, e: _decode_init(InitAck, o, i, e),
    ChunkType.SACK: _sack,
    ChunkType.HEARTBEAT: lambda o, _, i, e: Heartbeat(heartbeat_information=heartbeat_information(o, i, e)),
    ChunkType.HEARTBEAT_ACK: lambda o, _, i, e: HeartbeatAck(heartbeat_information=heartbeat_information(o, i, e)),
    ChunkType.ABORT: lambda o, f, i, e: Abort(causes=decode_causes(o, i, e), tag_reflected=bool(f & TAG_REFLECTED)),
    ChunkType.SHUTDOWN: lambda o, _, i, e: Shutdown(cumulative_tsn_ack=cumulative_tsn_ack(o, i, e)),
    ChunkType.SHUTDOWN_ACK: _nothing(ShutdownAck),
    ChunkType.ERROR: lambda o, _, i, e: Error(causes=decode_causes(o, i, e)),
    ChunkType.COOKIE_ECHO: lambda o, _, i, e: CookieEcho(cookie=o[i:e]),
    ChunkType.COOKIE_ACK: _nothing(CookieAck),
    ChunkType.SHUTDOWN_COMPLETE: _shutdown_complete,
}


def decode(octets: bytes) -> Packet:
    """The packet that octets are. Raises DecodeError, of it ChecksumError where only the CRC32c is wrong."""
    verify(octets)
    source, destination, tag = HEAD.unpack_from(octets)
    chunks: list[Chunk] = []
    for kind, flags, first, end in chunks_of(octets):
        read = _READ.get(kind)
        if read is None:
            chunks.append(UnknownChunk(type=kind, flags=flags, value=octets[first:end]))
        else:
            chunks.append(read(octets, flags, first, end))
    return Packet(source_port=source, destination_port=destination, verification_tag=tag, chunks=tuple(chunks))


def _init_value(c: Init | InitAck) -> bytes:
    fixed = _INIT_VALUE.pack(
        c.initiate_tag,
        c.advertised_receiver_window_credit,
        c.number_of_outbound_streams,
        c.number_of_inbound_streams,
        c.initial_tsn,
    )
    return fixed + parameters_value(c.parameters)


def _data_value(c: Data) -> bytes:
    head = (c.tsn, c.stream_identifier, c.stream_sequence_number, c.payload_protocol_identifier)
    return DATA_VALUE.pack(*head) + c.user_data


def _sack_value(c: Sack) -> bytes:
    gaps, duplicates = c.gap_ack_blocks, c.duplicate_tsns
    head = SACK_VALUE.pack(c.cumulative_tsn_ack, c.advertised_receiver_window_credit, len(gaps), len(duplicates))
    blocks = b"".join(_TLV.pack(start, end) for start, end in gaps)
    return head + blocks + b"".join(_U32.pack(tsn) for tsn in duplicates)


_WRITE: dict[type, tuple[int, Callable[..., bytes]]] = {
    Data: (ChunkType.DATA, _data_value),
    Init: (ChunkType.INIT, _init_value),
    InitAck: (ChunkType.INIT_ACK, _init_value),
    Sack: (ChunkType.SACK, _sack_value),
    Heartbeat: (ChunkType.HEARTBEAT, lambda c: c.heartbeat_information),
    HeartbeatAck: (ChunkType.HEARTBEAT_ACK, lambda c: c.heartbeat_information),
    Abort: (ChunkType.ABORT, lambda c: causes_value(c.causes)),
    Shutdown: (ChunkType.SHUTDOWN, lambda c: _U32.pack(c.cumulative_tsn_ack)),
    ShutdownAck: (ChunkType.SHUTDOWN_ACK, lambda _: b""),
    Error: (ChunkType.ERROR, lambda c: causes_value(c.causes)),
    CookieEcho: (ChunkType.COOKIE_ECHO, lambda c: c.cookie),
    CookieAck: (ChunkType.COOKIE_ACK, lambda _: b""),
    ShutdownComplete: (ChunkType.SHUTDOWN_COMPLETE, lambda _: b""),
}


def encode_chunk(message: Chunk) -> bytes:
    """A chunk with its padding. Raises EncodeError where a field is out of range."""
    try:
        if isinstance(message, UnknownChunk):
            return chunk(message.type, message.flags, message.value)
        kind, write = _WRITE[type(message)]
        flags = 0
        if isinstance(message, Data):
            flags = message.flags
        elif isinstance(message, Abort | ShutdownComplete):
            flags = TAG_REFLECTED if message.tag_reflected else 0
        return chunk(kind, flags, write(message))
    except error as fault:
        raise EncodeError(f"{type(message).__name__}: {fault}") from None


def encode(packet: Packet) -> bytes:
    """The octets of a packet. Raises EncodeError where a field is out of range."""
    chunks = b"".join(encode_chunk(c) for c in packet.chunks)
    try:
        head = HEAD.pack(packet.source_port, packet.destination_port, packet.verification_tag)
    except error as fault:
        raise EncodeError(f"common header: {fault}") from None
    return seal(head, chunks)
