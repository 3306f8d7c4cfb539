"""Plain NAS messages to octets and back, by the tables of `messages` (TS 24.501 clauses 7 and 9).

A message's table is compiled once, the first time that the message is met.
"""

from collections.abc import Callable
from enum import IntFlag
from operator import attrgetter
from types import UnionType
from typing import Any, NamedTuple, Union, get_args, get_origin, get_type_hints

from awase.model.ids import Plmn, Tai
from awase.protocols.nas import elements as e
from awase.protocols.nas import session_elements as s
from awase.protocols.nas.causes import FiveGMMCause
from awase.protocols.nas.layout import Ie, OpenEnum
from awase.protocols.nas.messages import (
    FIVE_GMM_MESSAGES,
    FIVE_GSM_MESSAGES,
    FiveGMMMessage,
    FiveGSMMessage,
    Message,
    UnknownIe,
)
from awase.wire.errors import DecodeError, EncodeError

EPD_5GMM = 0x7E
"""Extended protocol discriminator of 5GS mobility management messages (TS 24.007 clause 11.2.3.1A)."""

EPD_5GSM = 0x2E
"""Extended protocol discriminator of 5GS session management messages."""


class NasDecodeError(DecodeError):
    """Octets that are no message, in the terms of TS 24.501 clause 7.

    `cause` is the number that a 5GMM or 5GSM STATUS message would carry (96 invalid mandatory information, 97
    message type non-existent, 111 protocol error), or None where the octets are to be ignored (clause 7.2).
    """

    def __init__(
        self,
        what: str,
        *,
        cause: int | None = None,
        epd: int | None = None,
        message_type: int | None = None,
        pdu_session_id: int | None = None,
        pti: int | None = None,
        offset: int | None = None,
        path: str = "",
    ) -> None:
        super().__init__(what, offset=offset, path=path)
        self.cause = cause
        self.epd = epd
        self.message_type = message_type
        self.pdu_session_id = pdu_session_id
        self.pti = pti


class _Codec(NamedTuple):
    decode: Callable[[Any], Any]
    encode: Callable[[Any], Any]


def _same(value: Any) -> Any:
    return value


_BY_TYPE: dict[Any, _Codec] = {
    bytes: _Codec(bytes, bytes),
    str: _Codec(s.decode_dnn, s.encode_dnn),
    Tai: _Codec(e.decode_tai, e.encode_tai),
    tuple[Plmn, ...]: _Codec(e.decode_plmns, e.encode_plmns),
    e.Nssai: _Codec(e.decode_nssai, e.encode_nssai),
    e.RejectedNssai: _Codec(e.decode_rejected_nssai, e.encode_rejected_nssai),
    s.QosRules: _Codec(s.decode_qos_rules, s.encode_qos_rules),
    s.QosFlowDescriptions: _Codec(s.decode_qos_flow_descriptions, s.encode_qos_flow_descriptions),
}

_MOBILE_IDENTITY = _Codec(e.decode_mobile_identity, e.encode_mobile_identity)


def _number(length: int) -> _Codec:
    return _Codec(lambda octets: int.from_bytes(octets, "big"), lambda value: value.to_bytes(length, "big"))


def _enumeration(kind: type[OpenEnum] | type[IntFlag]) -> _Codec:
    return _Codec(lambda octets: kind(octets[0]), lambda value: bytes((value,)))


def _codec_of(hint: Any, ie: Ie) -> _Codec:
    """How an element of this Python type is coded."""
    if get_origin(hint) in (Union, UnionType):
        members = [member for member in get_args(hint) if member is not type(None)]
        if e.Suci in members:
            return _MOBILE_IDENTITY
        (hint,) = members
    if get_origin(hint) is not None and hint not in _BY_TYPE:
        hint = get_args(hint)[0]
    half = ie.format in ("V1/2", "TV1/2")
    if hint is int:
        return _Codec(_same, _same) if half else _number(ie.shortest - (ie.format == "TV"))
    if isinstance(hint, type) and issubclass(hint, OpenEnum | IntFlag):
        return _Codec(hint, int) if half else _enumeration(hint)
    if half:
        return _Codec(hint.of_half_octet, hint.half_octet)
    return _BY_TYPE.get(hint) or _Codec(hint.decode, hint.encode)


class _Row(NamedTuple):
    name: str
    ie: Ie
    codec: _Codec


class _Layout(NamedTuple):
    message: type[Any]
    imperative: tuple[_Row, ...]
    optional: tuple[_Row, ...]
    by_iei: dict[int, _Row]
    optional_values: Callable[[Any], tuple[Any, ...]]


def _layout(message: type[Any]) -> _Layout:
    """A message's table, compiled."""
    rows = []
    for name, hint in get_type_hints(message, include_extras=True).items():
        ie = next((m for m in getattr(hint, "__metadata__", ()) if isinstance(m, Ie)), None)
        if ie is not None:
            rows.append(_Row(name, ie, _codec_of(hint.__origin__, ie)))
    optional = tuple(row for row in rows if row.ie.iei)
    by_iei = {row.ie.iei << 4 if row.ie.format == "TV1/2" else row.ie.iei: row for row in optional}
    imperative = tuple(row for row in rows if not row.ie.iei)
    # Two names at least, so that it gives a tuple; what goes beyond the rows is left out by zip.
    values = attrgetter(*(row.name for row in optional), "unknown_ies", "unknown_ies")
    return _Layout(message, imperative, optional, by_iei, values)


_LAYOUTS: dict[type[Any], _Layout] = {}


def layout(message: type[Any]) -> _Layout:
    """A message's table, compiled the first time."""
    found = _LAYOUTS.get(message)
    if found is None:
        found = _LAYOUTS[message] = _layout(message)
    return found


def decode(octets: bytes) -> Message:
    """A plain 5GMM or 5GSM message. Raises NasDecodeError (a DecodeError) for any other octets."""
    epd = octets[0] if octets else None
    if epd == EPD_5GMM:
        return _decode_five_gmm(octets)
    if epd == EPD_5GSM:
        return _decode_five_gsm(octets)
    raise NasDecodeError("neither a 5GMM nor a 5GSM message", offset=0, epd=epd)


def _decode_five_gmm(octets: bytes) -> FiveGMMMessage:
    if len(octets) < 3:
        raise NasDecodeError("too short for a 5GMM message", epd=EPD_5GMM)
    if octets[1] & 15:
        raise NasDecodeError("a security protected message, not a plain one", offset=1, epd=EPD_5GMM)
    kind = FIVE_GMM_MESSAGES.get(octets[2])
    if kind is None:
        raise NasDecodeError(
            f"5GMM message type {octets[2]:#04x} is not implemented",
            cause=FiveGMMCause.message_type_non_existent_or_not_implemented,
            epd=EPD_5GMM,
            message_type=octets[2],
            offset=2,
        )
    found: FiveGMMMessage = _decode_elements(layout(kind), octets, 3, {})
    return found


def _decode_five_gsm(octets: bytes) -> FiveGSMMessage:
    if len(octets) < 4:
        raise NasDecodeError("too short for a 5GSM message", epd=EPD_5GSM)
    kind = FIVE_GSM_MESSAGES.get(octets[3])
    if kind is None:
        raise NasDecodeError(
            f"5GSM message type {octets[3]:#04x} is not implemented",
            cause=FiveGMMCause.message_type_non_existent_or_not_implemented,
            epd=EPD_5GSM,
            message_type=octets[3],
            pdu_session_id=octets[1],
            pti=octets[2],
            offset=3,
        )
    found: FiveGSMMessage = _decode_elements(layout(kind), octets, 4, {"pdu_session_id": octets[1], "pti": octets[2]})
    return found


def _decode_elements(table: _Layout, octets: bytes, start: int, fields: dict[str, Any]) -> Any:
    try:
        i = _decode_imperative(table, octets, start, fields)
        unknown = _decode_optional(table, octets, i, fields) if i < len(octets) else None
    except (ValueError, IndexError) as error:
        what = error.what if isinstance(error, DecodeError) else str(error)
        raise NasDecodeError(
            what,
            cause=FiveGMMCause.invalid_mandatory_information,
            epd=octets[0],
            message_type=table.message.message_type,
            pdu_session_id=fields.get("pdu_session_id"),
            pti=fields.get("pti"),
            offset=error.offset if isinstance(error, DecodeError) else None,
            path=table.message.__name__,
        ) from None
    if unknown:
        fields["unknown_ies"] = tuple(unknown)
    return table.message(**fields)


def _decode_imperative(table: _Layout, octets: bytes, i: int, fields: dict[str, Any]) -> int:
    """The mandatory elements; where they end. Whatever is wrong in them is a ValueError or IndexError."""
    half = False
    for name, ie, codec in table.imperative:
        if ie.format == "V1/2":
            fields[name] = codec.decode(octets[i] >> 4 if half else octets[i] & 15)
            i += half
            half = not half
            continue
        if half:
            half = False
            i += 1
        if ie.format == "V":
            end = i + ie.shortest
        elif ie.format == "LV":
            end = i + 1 + octets[i]
        else:
            end = i + 2 + (octets[i] << 8 | octets[i + 1])
        if end > len(octets) or end - i < ie.shortest:
            raise DecodeError(f"mandatory {name} is too short", offset=i)
        head = 0 if ie.format == "V" else 1 if ie.format == "LV" else 2
        try:
            fields[name] = codec.decode(octets[i + head : end])
        except (ValueError, IndexError) as error:
            raise DecodeError(f"mandatory {name}: {error}", offset=i) from None
        i = end
    return i + half


def _decode_optional(table: _Layout, octets: bytes, i: int, fields: dict[str, Any]) -> list[UnknownIe] | None:
    """The other elements, in any order; of repeated ones the first (clause 7.6.3).

    One that is not what it should be counts as not present (clause 7.7.1) and is kept among the unknown ones.
    """
    unknown: list[UnknownIe] | None = None
    n, by_iei = len(octets), table.by_iei
    while i < n:
        iei = octets[i]
        row = by_iei.get(iei & 0xF0 if iei > 0x7F else iei)
        value: Any
        if iei > 0x7F:
            value, end = iei & 15, i + 1
        else:
            begin, end = _extent(row, octets, i)
            if end > n:
                break
            value = octets[begin:end]
        if row is None and iei < 0x10:
            raise DecodeError(f"element {iei:#04x} requires comprehension and is not known", offset=i)
        if row is None or not _take(row, value, end - i, fields):
            unknown = unknown or []
            unknown.append(UnknownIe(iei, b"" if iei > 0x7F else value))
        i = end
    return unknown


def _extent(row: _Row | None, octets: bytes, i: int) -> tuple[int, int]:
    """Where the value of an element begins and ends; beyond the message if it is cut off."""
    if row is not None and row.ie.format == "TV":
        return i + 1, i + row.ie.shortest
    head = octets[i + 1 : i + 3]
    if (row.ie.format == "TLV-E") if row is not None else octets[i] >> 4 == 7:
        return i + 3, i + 3 + (head[0] << 8 | head[1]) if len(head) == 2 else len(octets) + 1
    return i + 2, i + 2 + head[0] if head else len(octets) + 1


def _take(row: _Row, value: Any, length: int, fields: dict[str, Any]) -> bool:
    if row.name in fields:
        return True
    if length < row.ie.shortest:
        return False
    try:
        fields[row.name] = row.codec.decode(value)
    except (ValueError, IndexError):
        return False
    return True


def encode(message: Message) -> bytes:
    """A message to its octets. Raises EncodeError where a value does not fit."""
    table = layout(type(message))
    head: tuple[int, ...]
    if isinstance(message, FiveGSMMessage):
        head = (EPD_5GSM, message.pdu_session_id, message.pti, message.message_type)
    else:
        head = (EPD_5GMM, 0, message.message_type)
    try:
        out = bytearray(head)
        _encode_imperative(table, message, out)
        for row, value in zip(table.optional, table.optional_values(message), strict=False):
            if value is not None:
                _put(out, row.ie, row.codec.encode(value))
    except (OverflowError, TypeError, ValueError, IndexError) as error:
        raise EncodeError(f"{table.message.__name__}: {error}") from error
    for unknown in message.unknown_ies:
        _put_unknown(out, table, unknown)
    return bytes(out)


def _encode_imperative(table: _Layout, message: Message, out: bytearray) -> None:
    half: int | None = None
    for name, ie, codec in table.imperative:
        value = codec.encode(getattr(message, name))
        if ie.format == "V1/2":
            if not 0 <= value <= 15:
                raise EncodeError(f"{name} does not fit half an octet")
            if half is None:
                half = value
            else:
                out.append(value << 4 | half)
                half = None
            continue
        if half is not None:
            out.append(half)
            half = None
        if ie.format == "LV":
            out.append(len(value))
        elif ie.format == "LV-E":
            out += len(value).to_bytes(2, "big")
        out += value
    if half is not None:
        out.append(half)


def _put(out: bytearray, ie: Ie, value: Any) -> None:
    if ie.format == "TV1/2":
        if not 0 <= value <= 15:
            raise EncodeError(f"element {ie.iei:x}- does not fit half an octet")
        out.append(ie.iei << 4 | value)
        return
    out.append(ie.iei)
    if ie.format == "TLV":
        out.append(len(value))
    elif ie.format == "TLV-E":
        out += len(value).to_bytes(2, "big")
    elif len(value) != ie.shortest - 1:
        raise EncodeError(f"element {ie.iei:#04x} has {ie.shortest - 1} octets, not {len(value)}")
    out += value


def _put_unknown(out: bytearray, table: _Layout, unknown: UnknownIe) -> None:
    iei, value = unknown.iei, unknown.octets
    row = table.by_iei.get(iei)
    out.append(iei)
    if iei > 0x7F or (row is not None and row.ie.format == "TV"):
        out += value
        return
    long = row.ie.format == "TLV-E" if row is not None else iei >> 4 == 7
    out += len(value).to_bytes(2 if long else 1, "big")
    out += value
