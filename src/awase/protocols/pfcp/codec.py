"""PFCP messages to octets and back (TS 29.244 clauses 7.2 and 8.1), by the tables of `element_table`.

    octets = encode(HeartbeatRequest(recovery_time_stamp=t), sequence_number=1)
    header, message = decode(octets)

What of an element's coding a later release may extend is kept in `rest`, unknown and vendor elements in
`unknown`; elements are sent in the order of the standard's tables.
"""

from collections.abc import Callable
from functools import cache
from struct import Struct
from struct import error as struct_error
from typing import Any, NamedTuple, TypeVar

from msgspec.structs import fields

from awase.protocols.pfcp.element_table import ELEMENTS
from awase.protocols.pfcp.elements import Cause, UnknownElement
from awase.protocols.pfcp.messages import MESSAGE_TYPES, NUMBER_OF_MESSAGE, Group, Header, Message
from awase.wire.errors import DecodeError, EncodeError

G = TypeVar("G", bound=Group)

VERSION = 1

_TL = Struct("!HH")
_VENDOR = 0x8000


class VersionError(DecodeError):
    """Another version of PFCP: to be answered with Version Not Supported Response (clause 7.6.2)."""

    def __init__(self, version: int, sequence_number: int) -> None:
        super().__init__(f"PFCP version {version}, not {VERSION}", offset=0)
        self.sequence_number = sequence_number


class ElementError(DecodeError):
    """A wrong element in a message whose header is right: the answer has this cause and offending IE."""

    def __init__(
        self, what: str, *, cause: Cause, offending_ie: int, offset: int | None = None, path: str = ""
    ) -> None:
        super().__init__(what, offset=offset, path=path)
        self.cause = cause
        self.offending_ie = offending_ie
        self.header: Header | None = None


class UnknownMessageError(DecodeError):
    """A message type that nobody defined; it is discarded silently (clause 7.6.4)."""


def is_session_message(message_type: int) -> bool:
    """Whether messages of this type are about a session, and have an SEID (clause 7.2.2.1)."""
    return 50 <= message_type <= 99


def encode(
    message: Message, *, sequence_number: int, seid: int | None = None, message_priority: int | None = None
) -> bytes:
    """The octets of a message. `seid` is the receiver's, for messages about sessions. Raises EncodeError."""
    message_type = NUMBER_OF_MESSAGE.get(type(message))
    if message_type is None:
        raise EncodeError(f"{type(message).__name__} is no message")
    if not 0 <= sequence_number < 1 << 24:
        raise EncodeError(f"sequence number {sequence_number} is above 24 bits")
    if is_session_message(message_type) != (seid is not None):
        raise EncodeError(f"{type(message).__name__} has {'an' if seid is None else 'no'} SEID")
    body = encode_group(message)
    mp = 0 if message_priority is None else 2
    if message_priority is not None and not 0 <= message_priority <= 15:
        raise EncodeError(f"message priority {message_priority} is above 15")
    last = (sequence_number << 8 | (message_priority or 0) << 4).to_bytes(4, "big")
    length = len(body) + (4 if seid is None else 12)
    if length > 0xFFFF:
        raise EncodeError(f"a message of {length} octets is too long")
    if seid is None:
        return bytes((0x20 | mp, message_type)) + length.to_bytes(2, "big") + last + body
    if not 0 <= seid < 1 << 64:
        raise EncodeError("an SEID has 64 bits")
    return bytes((0x21 | mp, message_type)) + length.to_bytes(2, "big") + seid.to_bytes(8, "big") + last + body


def decode_header(octets: bytes) -> tuple[Header, int, int]:
    """The header, and where its elements start and stop. Raises DecodeError."""
    if len(octets) < 8:
        raise DecodeError("shorter than a PFCP header", offset=len(octets))
    first, message_type = octets[0], octets[1]
    has_seid = first & 1
    if first >> 5 != VERSION:
        # Where the sequence number stands is the one thing that all versions share with the S flag.
        at = 12 if has_seid and len(octets) >= 16 else 4
        raise VersionError(first >> 5, int.from_bytes(octets[at : at + 3], "big"))
    start = 16 if has_seid else 8
    stop = 4 + int.from_bytes(octets[2:4], "big")
    if not start <= stop <= len(octets):
        raise DecodeError(f"message length {stop - 4} does not fit {len(octets)} octets", offset=2)
    if message_type not in MESSAGE_TYPES:
        raise UnknownMessageError(f"unknown message type {message_type}", offset=1)
    if has_seid != is_session_message(message_type):
        raise DecodeError(f"S flag {has_seid} in a message of type {message_type}", offset=0)
    header = Header(
        message_type=message_type,
        sequence_number=int.from_bytes(octets[start - 4 : start - 1], "big"),
        seid=int.from_bytes(octets[4:12], "big") if has_seid else None,
        message_priority=octets[start - 1] >> 4 if first & 2 else None,
    )
    return header, start, stop


def decode(octets: bytes) -> tuple[Header, Message]:
    """A message. Raises DecodeError: VersionError, UnknownMessageError, ElementError or another."""
    header, start, stop = decode_header(octets)
    try:
        return header, decode_group(MESSAGE_TYPES[header.message_type], octets, start, stop)
    except ElementError as error:
        error.header = header
        raise


class _Plan(NamedTuple):
    """How a group is coded, made from its fields the first time that it is needed."""

    encoders: tuple[tuple[str, int, bool, Callable[[Any], bytes]], ...]
    rows: dict[int, tuple[str, bool, bool, Any]]
    mandatory: tuple[tuple[str, int], ...]


@cache
def _plan(cls: type[Group]) -> _Plan:
    encoders: list[tuple[str, int, bool, Callable[[Any], bytes]]] = []
    rows: dict[int, tuple[str, bool, bool, Any]] = {}
    mandatory = []
    # A subclass's own fields come before those it shares, so that identifiers are sent first.
    inherited = [field.name for field in fields(cls.__mro__[1])] if cls is not Group else []
    ordered = sorted(fields(cls), key=lambda field: field.name in inherited)
    for field in ordered:
        if field.name == "unknown":
            continue
        number, what = ELEMENTS[field.name]
        many = field.default == () or str(field.type).startswith("tuple[")
        if isinstance(what, type):
            encoders.append((field.name, number, many, encode_group))
            rows[number] = (field.name, many, True, what)
        else:
            encoders.append((field.name, number, many, what[0]))
            rows[number] = (field.name, many, False, what[1])
        if field.required:
            mandatory.append((field.name, number))
    return _Plan(tuple(encoders), rows, tuple(mandatory))


def encode_group(group: Group) -> bytes:
    """The elements of a group, without its own type and length. Raises EncodeError."""
    out: list[bytes] = []
    append, pack = out.append, _TL.pack
    name = ""
    try:
        for name, number, many, encode_value in _plan(type(group)).encoders:
            value = getattr(group, name)
            if value is None:
                continue
            if many:
                for item in value:
                    octets = encode_value(item)
                    append(pack(number, len(octets)))
                    append(octets)
            else:
                octets = encode_value(value)
                append(pack(number, len(octets)))
                append(octets)
        for element in group.unknown:
            append(_encode_unknown(element))
    except EncodeError:
        raise
    except (struct_error, OverflowError, ValueError, TypeError, KeyError) as error:
        raise EncodeError(f"{type(group).__name__}.{name}: {error}") from None
    return b"".join(out)


def _encode_unknown(element: UnknownElement) -> bytes:
    content = element.content
    if element.enterprise_id is not None:
        content = element.enterprise_id.to_bytes(2, "big") + content
    return _TL.pack(element.type, len(content)) + content


def _unknown(number: int, octets: bytes) -> UnknownElement:
    if number & _VENDOR:
        if len(octets) < 2:
            raise IndexError("a vendor's element without enterprise ID")
        return UnknownElement(number, octets[2:], int.from_bytes(octets[:2], "big"))
    return UnknownElement(number, octets)


def decode_group(cls: type[G], octets: bytes, start: int, stop: int) -> G:
    """The elements between two offsets as a group. Raises ElementError."""
    _, rows, mandatory = _plan(cls)
    values: dict[str, Any] = {}
    number, at = 0, start
    try:
        for number, at, end in _split(octets, start, stop):
            row = rows.get(number)
            if row is None:
                values.setdefault("unknown", []).append(_unknown(number, octets[at:end]))
                continue
            name, many, is_group, what = row
            value = decode_group(what, octets, at, end) if is_group else what(octets[at:end])
            if many:
                values.setdefault(name, []).append(value)
            else:
                # Of an element that may not repeat, the first counts (clause 7.6.9).
                values.setdefault(name, value)
    except ElementError:
        raise
    except (IndexError, struct_error) as error:
        raise _element_error(cls, str(error), Cause.INVALID_LENGTH, number, at) from None
    except ValueError as error:
        raise _element_error(cls, str(error), Cause.MANDATORY_IE_INCORRECT, number, at) from None
    for name, number in mandatory:
        if name not in values:
            raise _element_error(cls, f"{name} is missing", Cause.MANDATORY_IE_MISSING, number, start)
    return _made(cls, values)


def _made(cls: type[G], values: dict[str, Any]) -> G:
    for name, value in values.items():
        if type(value) is list:
            values[name] = tuple(value)
    return cls(**values)


def _split(octets: bytes, start: int, stop: int) -> list[tuple[int, int, int]]:
    """The elements between two offsets: type, where the content starts, where it stops."""
    found = []
    unpack = _TL.unpack_from
    while start < stop:
        if start + 4 > stop:
            raise _element_error(Group, "an element's header is cut off", Cause.INVALID_LENGTH, 0, start)
        number, length = unpack(octets, start)
        at = start + 4
        start = at + length
        if start > stop:
            what = f"an element of {length} octets goes beyond its end"
            raise _element_error(Group, what, Cause.INVALID_LENGTH, number, at)
        found.append((number, at, start))
    return found


def _element_error(cls: type[Group], what: str, cause: Cause, number: int, offset: int) -> ElementError:
    return ElementError(what, cause=cause, offending_ie=number, offset=offset, path=cls.__name__)
