"""GTP-U packets to octets and back (TS 29.281 clause 5; TS 38.415 clause 5.5).

Two ways in: `decode` and `encode` for every message; `decode_g_pdu` and `encode_g_pdu`, which know the one
form that user data nearly always has (flags 0x34, a PDU session container of four octets) and cost a
fraction of it.
"""

from collections.abc import Callable, Sequence
from struct import Struct
from typing import Any

from awase.protocols.gtpu.messages import (
    AnyMessage,
    DlPduSessionInformation,
    EchoRequest,
    EchoResponse,
    EndMarker,
    ErrorIndication,
    ExtensionHeader,
    ExtensionHeaderType,
    GPdu,
    MessageType,
    PduSessionInformation,
    SupportedExtensionHeadersNotification,
    UlPduSessionInformation,
    UnknownElement,
    UnknownMessage,
)
from awase.wire.addresses import ipv4_octets, ipv4_text, ipv6_octets, ipv6_text
from awase.wire.errors import DecodeError, EncodeError

_HEAD = Struct("!BBHI")
_LONG = Struct("!BBHIHBB")
_FAST = Struct("!BBHIHBBBBBB")
G_PDU_BYTES = _FAST.size
"""How long the header of a G-PDU is that has a PDU session container with a QFI only."""

_CONTAINER = int(ExtensionHeaderType.PDU_SESSION_CONTAINER)
_G_PDU = int(MessageType.G_PDU)
_E, _S, _PN = 4, 2, 1

_KNOWN_EXTENSIONS = frozenset(int(t) for t in ExtensionHeaderType)

RECOVERY = 14
TEID_DATA_I = 16
GTP_U_PEER_ADDRESS = 133
EXTENSION_HEADER_TYPE_LIST = 141


class VersionError(DecodeError):
    """Not GTP version 1: to be discarded, since GTP-U has no answer to it."""


class UnsupportedExtensionHeaderError(DecodeError):
    """An extension header that must be understood is not known (clause 5.2.1).

    To be answered with Supported Extension Headers Notification.
    """

    def __init__(self, extension_header_type: int, offset: int) -> None:
        super().__init__(f"unknown extension header {extension_header_type:#04x} is required", offset=offset)
        self.extension_header_type = extension_header_type


# The fast path.


def encode_g_pdu(teid: int, payload: bytes, qfi: int, *, uplink: bool = False) -> bytes:
    """A G-PDU with a PDU session container that has a QFI only; TEID, QFI in range, payload an IP packet."""
    return _FAST.pack(0x34, 255, len(payload) + 8, teid, 0, 0, 0x85, 1, 0x10 if uplink else 0, qfi, 0) + payload


def encode_g_pdus(teid: int, payloads: Sequence[bytes], qfi: int, *, uplink: bool = False) -> list[bytes]:
    """The same of several packets."""
    fixed = _FAST.pack(0x34, 255, 0, teid, 0, 0, 0x85, 1, 0x10 if uplink else 0, qfi, 0)[4:]
    return [b"\x34\xff%b%b%b" % ((len(p) + 8).to_bytes(2, "big"), fixed, p) for p in payloads]


def decode_g_pdu(octets: bytes) -> tuple[int, int | None, bytes] | None:
    """TEID, QFI and payload of a G-PDU in one of the two plain forms; None where `decode` must look."""
    if len(octets) < 8:
        return None
    flags, message_type, length, teid = _HEAD.unpack_from(octets)
    if message_type != 255 or length + 8 != len(octets):
        return None
    if flags == 0x34:
        # E only; one PDU session container of four octets without optional fields, nothing after it.
        if length < 8 or octets[11:13] != b"\x85\x01" or octets[13] & 0xEF or octets[14] & 0xC0 or octets[15]:
            return None
        return teid, octets[14], octets[16:]
    if flags == 0x30:
        return teid, None, octets[8:]
    return None


# PDU session containers.


def encode_container(container: PduSessionInformation) -> bytes:
    """The content of the extension header: 4n - 2 octets. Raises EncodeError."""
    if not 0 <= container.qfi <= 63:
        raise EncodeError(f"QFI {container.qfi} is above 63")
    try:
        octets = _encode_information(container)
    except OverflowError:
        raise EncodeError("a time stamp, delay or sequence number is too large") from None
    octets += container.rest
    return octets + bytes(-(len(octets) + 2) % 4)


def _encode_information(container: PduSessionInformation) -> bytes:
    if isinstance(container, DlPduSessionInformation):
        return _encode_dl(container)
    return _encode_ul(container)


def _encode_dl(c: DlPduSessionInformation) -> bytes:
    time_stamp, number = c.dl_sending_time_stamp, c.dl_qfi_sequence_number
    mbs_number = c.dl_mbs_qfi_sequence_number
    out = bytes(
        (
            (8 if time_stamp is not None else 0)
            | (4 if number is not None else 0)
            | (2 if mbs_number is not None else 0),
            (0x80 if c.ppi is not None else 0) | c.rqi << 6 | c.qfi,
        )
    )
    if c.ppi is not None:
        if not 0 <= c.ppi <= 7:
            raise EncodeError(f"PPI {c.ppi} is above 7")
        out += bytes((c.ppi << 5,))
    if time_stamp is not None:
        out += time_stamp.to_bytes(8, "big")
    if number is not None:
        out += number.to_bytes(3, "big")
    if mbs_number is not None:
        out += mbs_number.to_bytes(4, "big")
    return out


def _encode_ul(c: UlPduSessionInformation) -> bytes:
    repeated, received, sent = (
        c.dl_sending_time_stamp_repeated,
        c.dl_received_time_stamp,
        c.ul_sending_time_stamp,
    )
    stamps = (repeated, received, sent)
    qmp = stamps != (None, None, None)
    if qmp and None in stamps:
        raise EncodeError("QMP brings all three time stamps or none")
    dl, ul, number = c.dl_delay_result, c.ul_delay_result, c.ul_qfi_sequence_number
    first = 0x10 | (8 if qmp else 0) | (4 if dl is not None else 0) | (2 if ul is not None else 0)
    second = c.qfi | (c.n3_n9_delay_result is not None) << 7 | (c.new_ie_flags is not None) << 6
    out = bytes((first | (number is not None), second))
    results = ((dl, 4), (ul, 4), (number, 3), (c.n3_n9_delay_result, 4), (c.new_ie_flags, 1))
    for value, n in ((repeated, 8), (received, 8), (sent, 8), *results):
        if value is not None:
            out += value.to_bytes(n, "big")
    return out


def decode_container(content: bytes) -> PduSessionInformation:
    """The content of a PDU session container. Raises DecodeError."""
    pdu_type = content[0] >> 4
    fields = _Fields(content)
    if pdu_type == 0:
        second = content[1]
        return DlPduSessionInformation(
            qfi=second & 0x3F,
            rqi=bool(second & 0x40),
            ppi=fields.number(1, second & 0x80, shift=5),
            dl_sending_time_stamp=fields.number(8, content[0] & 8),
            dl_qfi_sequence_number=fields.number(3, content[0] & 4),
            dl_mbs_qfi_sequence_number=fields.number(4, content[0] & 2),
            rest=fields.rest(),
        )
    if pdu_type == 1:
        first = content[0]
        return UlPduSessionInformation(
            qfi=content[1] & 0x3F,
            dl_sending_time_stamp_repeated=fields.number(8, first & 8),
            dl_received_time_stamp=fields.number(8, first & 8),
            ul_sending_time_stamp=fields.number(8, first & 8),
            dl_delay_result=fields.number(4, first & 4),
            ul_delay_result=fields.number(4, first & 2),
            ul_qfi_sequence_number=fields.number(3, first & 1),
            n3_n9_delay_result=fields.number(4, content[1] & 0x80),
            new_ie_flags=fields.number(1, content[1] & 0x40),
            rest=fields.rest(),
        )
    raise DecodeError(f"PDU session container of PDU type {pdu_type}", offset=0)


class _Fields:
    """Reads the optional fields of a container in turn."""

    __slots__ = ("content", "position")

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.position = 2

    def number(self, n: int, present: int, *, shift: int = 0) -> int | None:
        if not present:
            return None
        stop = self.position + n
        if stop > len(self.content):
            raise DecodeError("the PDU session container ends too soon", offset=self.position)
        value = int.from_bytes(self.content[self.position : stop], "big")
        self.position = stop
        return value >> shift

    def rest(self) -> bytes:
        # Padding fills up to a multiple of four; more than that, or anything but zeros, is content.
        rest = self.content[self.position :]
        return rest if any(rest) or len(rest) > 3 else b""


# Every message.


def encode(message: AnyMessage) -> bytes:
    """The octets of a message. Raises EncodeError."""
    message_type, body = _body(message)
    headers = message.extension_headers
    if isinstance(message, GPdu | EndMarker) and message.container is not None:
        headers = (ExtensionHeader(_CONTAINER, encode_container(message.container)), *headers)
    number, n_pdu = message.sequence_number, message.n_pdu_number
    flags = 0x30 | (_E if headers else 0) | (_S if number is not None else 0)
    flags |= _PN if n_pdu is not None else 0
    chain = _encode_chain(headers)
    try:
        if flags == 0x30:
            return _HEAD.pack(flags, message_type, len(body), message.teid) + body
        length = 4 + len(chain) - 1 + len(body)
        head = _LONG.pack(flags, message_type, length, message.teid, number or 0, n_pdu or 0, chain[0])
    except Exception as error:
        raise EncodeError(f"{type(message).__name__}: {error}") from None
    return head + chain[1:] + body


def _encode_chain(headers: tuple[ExtensionHeader, ...]) -> bytes:
    """The types and headers in turn, from the first type to the closing zero."""
    out = b""
    for header in headers:
        length = len(header.content) + 2
        if length % 4 or not 4 <= length <= 1020:
            raise EncodeError(f"an extension header has 4n - 2 octets of content, not {len(header.content)}")
        if not 1 <= header.type <= 255:
            raise EncodeError(f"extension header type {header.type}")
        out += bytes((header.type, length // 4)) + header.content
    return out + b"\0"


def _tlv(number: int, content: bytes) -> bytes:
    return bytes((number,)) + len(content).to_bytes(2, "big") + content


def _encode_unknown(elements: tuple[UnknownElement, ...]) -> bytes:
    out = b""
    # An element in TV form of unknown length takes the rest of the message, so it goes last.
    for element in sorted(elements, key=lambda e: e.type < 0x80 and e.type not in _LENGTH_OF_TV):
        if element.type == EXTENSION_HEADER_TYPE_LIST:
            out += bytes((element.type, len(element.content))) + element.content
        elif element.type & 0x80:
            out += _tlv(element.type, element.content)
        else:
            out += bytes((element.type,)) + element.content
    return out


def _body(message: AnyMessage) -> tuple[int, bytes]:
    if isinstance(message, GPdu):
        return _G_PDU, message.payload
    if isinstance(message, UnknownMessage):
        return message.message_type, message.content
    rest = _encode_unknown(message.unknown)
    if isinstance(message, EchoRequest):
        return MessageType.ECHO_REQUEST, rest
    if isinstance(message, EchoResponse):
        return MessageType.ECHO_RESPONSE, bytes((RECOVERY, message.recovery)) + rest
    if isinstance(message, EndMarker):
        return MessageType.END_MARKER, rest
    if isinstance(message, ErrorIndication):
        return MessageType.ERROR_INDICATION, _error_indication(message) + rest
    types = bytes(message.extension_header_types)
    return (
        MessageType.SUPPORTED_EXTENSION_HEADERS_NOTIFICATION,
        bytes((EXTENSION_HEADER_TYPE_LIST, len(types))) + types + rest,
    )


def _error_indication(message: ErrorIndication) -> bytes:
    address = message.gtp_u_peer_address
    octets = ipv6_octets(address) if ":" in address else ipv4_octets(address)
    teid = message.tunnel_endpoint_identifier_data_i.to_bytes(4, "big")
    return bytes((TEID_DATA_I,)) + teid + _tlv(GTP_U_PEER_ADDRESS, octets)


def decode(octets: bytes) -> AnyMessage:
    """A message. Raises DecodeError: VersionError, UnsupportedExtensionHeaderError or another."""
    if len(octets) < 8:
        raise DecodeError("shorter than a GTP-U header", offset=len(octets))
    flags, message_type, length, teid = _HEAD.unpack_from(octets)
    if flags >> 5 != 1 or not flags & 0x10:
        raise VersionError(f"GTP version {flags >> 5}, protocol type {flags >> 4 & 1}", offset=0)
    stop = 8 + length
    if stop > len(octets):
        raise DecodeError(f"length {length} does not fit {len(octets)} octets", offset=2)
    number = n_pdu = None
    position = 8
    headers: list[ExtensionHeader] = []
    container: PduSessionInformation | None = None
    if flags & 7:
        if stop < 12:
            raise DecodeError("the optional fields are cut off", offset=8)
        number = int.from_bytes(octets[8:10], "big") if flags & _S else None
        n_pdu = octets[10] if flags & _PN else None
        position = 12
        if flags & _E:
            position, headers, container = _decode_chain(octets, stop, message_type)
    common: dict[str, Any] = {
        "teid": teid,
        "sequence_number": number,
        "n_pdu_number": n_pdu,
        "extension_headers": tuple(headers),
    }
    body = octets[position:stop]
    if message_type == _G_PDU:
        return GPdu(**common, payload=body, container=container)
    make = _MAKERS.get(message_type)
    if make is None:
        return UnknownMessage(**common, message_type=message_type, content=body)
    try:
        return make(common, container, *_elements(body))
    except KeyError as missing:
        raise DecodeError(f"element {missing} of message {message_type} is missing", offset=stop) from None


def _decode_chain(
    octets: bytes, stop: int, message_type: int
) -> tuple[int, list[ExtensionHeader], PduSessionInformation | None]:
    headers: list[ExtensionHeader] = []
    container: PduSessionInformation | None = None
    position = 12
    kind = octets[11]
    while kind:
        if position >= stop:
            raise DecodeError("the extension headers are cut off", offset=position)
        end = position + 4 * octets[position]
        if end == position or end > stop:
            raise DecodeError(f"extension header of {octets[position]} words", offset=position)
        content = octets[position + 1 : end - 1]
        if kind == _CONTAINER and container is None and message_type >= MessageType.END_MARKER:
            container = decode_container(content)
        elif kind in _KNOWN_EXTENSIONS or kind < 0x80:
            # Types up to 0x7F need not be understood by an endpoint, or not by anyone (figure 5.2.1-2).
            headers.append(ExtensionHeader(kind, content))
        else:
            raise UnsupportedExtensionHeaderError(kind, position)
        kind = octets[end - 1]
        position = end
    return position, headers, container


_LENGTH_OF_TV = {RECOVERY: 1, TEID_DATA_I: 4}


def _elements(body: bytes) -> tuple[dict[int, bytes], tuple[UnknownElement, ...]]:
    """The elements that we know, by type, and the others (clause 8.1). Raises DecodeError."""
    known: dict[int, bytes] = {}
    unknown: list[UnknownElement] = []
    position, end = 0, len(body)
    while position < end:
        kind = body[position]
        at = position + 1
        if kind in _LENGTH_OF_TV:
            length = _LENGTH_OF_TV[kind]
        elif kind < 0x80:
            # How long an unknown TV element is cannot be known: what follows goes with it.
            length = end - at
        else:
            width = 1 if kind == EXTENSION_HEADER_TYPE_LIST else 2
            length = int.from_bytes(body[at : at + width], "big")
            at += width
        position = at + length
        if position > end:
            raise DecodeError(f"element {kind} goes beyond the message's end", offset=at)
        if kind in _KNOWN_ELEMENTS and kind not in known:
            known[kind] = body[at:position]
        else:
            unknown.append(UnknownElement(kind, body[at:position]))
    return known, tuple(unknown)


_KNOWN_ELEMENTS = frozenset((RECOVERY, TEID_DATA_I, GTP_U_PEER_ADDRESS, EXTENSION_HEADER_TYPE_LIST))

_Common = dict[str, Any]
_Known = dict[int, bytes]
_Unknown = tuple[UnknownElement, ...]
_Container = PduSessionInformation | None


def _echo_request(common: _Common, _: _Container, known: _Known, unknown: _Unknown) -> EchoRequest:
    return EchoRequest(**common, unknown=_with(unknown, known, ()))


def _echo_response(common: _Common, _: _Container, known: _Known, unknown: _Unknown) -> EchoResponse:
    rest = _with(unknown, known, (RECOVERY,))
    return EchoResponse(**common, recovery=known[RECOVERY][0], unknown=rest)


def _error_indication_of(common: _Common, _: _Container, known: _Known, unknown: _Unknown) -> ErrorIndication:
    address = known[GTP_U_PEER_ADDRESS]
    if len(address) not in (4, 16):
        raise DecodeError(f"a GTP-U Peer Address of {len(address)} octets")
    return ErrorIndication(
        **common,
        tunnel_endpoint_identifier_data_i=int.from_bytes(known[TEID_DATA_I], "big"),
        gtp_u_peer_address=ipv4_text(address) if len(address) == 4 else ipv6_text(address),
        unknown=_with(unknown, known, (TEID_DATA_I, GTP_U_PEER_ADDRESS)),
    )


def _supported(
    common: _Common, _: _Container, known: _Known, unknown: _Unknown
) -> SupportedExtensionHeadersNotification:
    return SupportedExtensionHeadersNotification(
        **common,
        extension_header_types=tuple(known[EXTENSION_HEADER_TYPE_LIST]),
        unknown=_with(unknown, known, (EXTENSION_HEADER_TYPE_LIST,)),
    )


def _end_marker(common: _Common, container: _Container, known: _Known, unknown: _Unknown) -> EndMarker:
    return EndMarker(**common, container=container, unknown=_with(unknown, known, ()))


def _with(unknown: _Unknown, known: _Known, wanted: tuple[int, ...]) -> _Unknown:
    """The unknown elements, and those that we know but that this message does not have."""
    stray = tuple(UnknownElement(kind, octets) for kind, octets in known.items() if kind not in wanted)
    return stray + unknown


_MAKERS: dict[int, Callable[[_Common, _Container, _Known, _Unknown], AnyMessage]] = {
    MessageType.ECHO_REQUEST: _echo_request,
    MessageType.ECHO_RESPONSE: _echo_response,
    MessageType.ERROR_INDICATION: _error_indication_of,
    MessageType.SUPPORTED_EXTENSION_HEADERS_NOTIFICATION: _supported,
    MessageType.END_MARKER: _end_marker,
}
