"""Binary HTTP, known-length requests and responses (RFC 9292).

A decoder gives a message or DecodeError for any octets. Trailers are checked and left out: no service
based interface uses them.
"""

import re
from typing import TypeVar

from awase.protocols.sbi.messages import Headers, Request, Response
from awase.wire.errors import DecodeError, EncodeError

K = TypeVar("K")
V = TypeVar("V")

MAX_MESSAGE_OCTETS = 16 << 20
_MAX_FIELDS = 128
_MAX_SECTION_OCTETS = 64 << 10
_MAX_LINE_OCTETS = 16 << 10

# A field section that holds none of these is the same in thousands of messages.
_VARYING = ("location", "date", "content-length", "3gpp-sbi-sender-timestamp")
_CACHE_ENTRIES = 512
_CACHED_SECTION_OCTETS = 1024

_SHORT = tuple(bytes((n,)) for n in range(0x40))
_controls: dict[tuple[str, str, str], bytes] = {}
_decoded_controls: dict[bytes, tuple[str, str, str]] = {}
_encoded: dict[Headers, bytes] = {}
_decoded: dict[bytes, Headers] = {}
_names: dict[str, None] = {}
"""Caches of what is the same in message after message; what is in them changes no result."""

_GLANCED_ENTRIES = 4096
_glanced: dict[bytes, Request | Response] = {}
"""What was read on its way, until it is read where it arrives: so it is decoded once."""

_TOKEN = frozenset(b"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")
_METHOD = _TOKEN | frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_LINE_END = re.compile("[\0\r\n]")


def encode_request(request: Request) -> bytes:
    """RFC 9292 clauses 3.1 and 3.4. Raises EncodeError for what a field line cannot hold."""
    return b"".join(
        (
            _control(request.method, request.scheme, request.authority),
            _text(request.path),
            _field_section(request.headers),
            _varint(len(request.body)),
            request.body,
            b"\0",
        )
    )


def encode_response(response: Response) -> bytes:
    """RFC 9292 clauses 3.1 and 3.5. Raises EncodeError for a status that is not final."""
    if not 200 <= response.status <= 599:
        raise EncodeError(f"{response.status} is no final HTTP status")
    return b"".join(
        (
            b"\1",
            _varint(response.status),
            _field_section(response.headers),
            _varint(len(response.body)),
            response.body,
            b"\0",
        )
    )


def glance(octets: bytes, *, is_request: bool) -> Request | Response:
    """What decode_request or decode_response gives, to who reads a message before its receiver does."""
    known = _glanced.get(octets)
    if known is not None and isinstance(known, Request) is is_request:
        return known
    message = _decode_request(octets) if is_request else _decode_response(octets)
    if len(_glanced) >= _GLANCED_ENTRIES:
        _glanced.clear()
    _glanced[octets] = message
    return message


def decode_request(octets: bytes) -> Request:
    """RFC 9292 clauses 3.1 and 3.4."""
    known = _glanced.pop(octets, None)
    return known if isinstance(known, Request) else _decode_request(octets)


def decode_response(octets: bytes) -> Response:
    """RFC 9292 clauses 3.1 and 3.5. Informational responses are skipped."""
    known = _glanced.pop(octets, None)
    return known if isinstance(known, Response) else _decode_response(octets)


def _decode_request(octets: bytes) -> Request:
    (method, scheme, authority), offset = _read_control(octets)
    path, offset = _read_target(octets, offset, "path")
    headers, offset = _read_field_section(octets, offset, "header")
    body, offset = _read_content(octets, offset)
    _finish(octets, offset)
    return Request(method, path, headers, body, authority, scheme)


def _decode_response(octets: bytes) -> Response:
    offset = _start(octets, 1, "response")
    while True:
        at = offset
        status, offset = _read_varint(octets, offset, "status")
        if not 100 <= status <= 599:
            raise DecodeError(f"{status} is no HTTP status", offset=at, path="status")
        headers, offset = _read_field_section(octets, offset, "header")
        if status >= 200:
            break
    body, offset = _read_content(octets, offset)
    _finish(octets, offset)
    return Response(status, headers, body)


def _varint(value: int) -> bytes:
    # RFC 9000 clause 16.
    if value < 0x40:
        return value.to_bytes(1, "big")
    if value < 0x4000:
        return (value | 0x4000).to_bytes(2, "big")
    if value < 0x4000_0000:
        return (value | 0x8000_0000).to_bytes(4, "big")
    return (value | 0xC000_0000_0000_0000).to_bytes(8, "big")


def _text(text: str) -> bytes:
    try:
        octets = text.encode("latin-1")
    except UnicodeEncodeError:
        raise EncodeError(f"{text!r} is no HTTP text") from None
    length = len(octets)
    return (_SHORT[length] if length < 0x40 else _varint(length)) + octets


def _control(method: str, scheme: str, authority: str) -> bytes:
    # The framing indicator too; a function asks few others.
    key = (method, scheme, authority)
    control = _controls.get(key)
    if control is None:
        control = b"\0" + _text(method) + _text(scheme) + _text(authority)
        _keep(_controls, key, control)
    return control


def _keep(cache: dict[K, V], key: K, value: V) -> None:
    if len(cache) >= _CACHE_ENTRIES:
        cache.clear()
    cache[key] = value


def _field_section(headers: Headers) -> bytes:
    section = _encoded.get(headers)
    if section is not None:
        return section
    lines: list[bytes] = []
    for name, value in headers:
        if name not in _names:
            if not name.isascii() or not name or not _TOKEN.issuperset(name.encode()):
                raise EncodeError(f"{name!r} is no field name")
            _keep(_names, name, None)
        if not value.isprintable() and _LINE_END.search(value):
            raise EncodeError(f"the value of {name} holds a line end")
        lines += (_text(name), _text(value))
    joined = b"".join(lines)
    section = _varint(len(joined)) + joined
    if len(section) <= _CACHED_SECTION_OCTETS and not any(name in _VARYING for name, _ in headers):
        _keep(_encoded, headers, section)
    return section


def _read_control(octets: bytes) -> tuple[tuple[str, str, str], int]:
    # Where framing indicator, method, scheme and authority end, if each length is one octet.
    try:
        scheme_at = 2 + octets[1]
        authority_at = scheme_at + 1 + octets[scheme_at]
        end = authority_at + 1 + octets[authority_at]
        control = _decoded_controls.get(octets[:end])
    except IndexError:
        control = None
    if control is not None:
        return control, end
    offset = _start(octets, 0, "request")
    method, offset = _read_text(octets, offset, "method")
    if not method or not _METHOD.issuperset(method.encode("latin-1")):
        raise DecodeError("method is no token", offset=1, path="method")
    scheme, offset = _read_target(octets, offset, "scheme")
    authority, offset = _read_target(octets, offset, "authority")
    control = (method, scheme, authority)
    if offset <= _CACHED_SECTION_OCTETS:
        _keep(_decoded_controls, octets[:offset], control)
    return control, offset


def _start(octets: bytes, framing: int, what: str) -> int:
    if octets[:1] == _SHORT[framing] and len(octets) <= MAX_MESSAGE_OCTETS:
        return 1
    if len(octets) > MAX_MESSAGE_OCTETS:
        raise DecodeError(f"a message of {len(octets)} octets is too long")
    indicator, offset = _read_varint(octets, 0, "framing indicator")
    if indicator != framing:
        raise DecodeError(f"framing indicator {indicator} is no known-length {what}", offset=0)
    return offset


def _read_varint(octets: bytes, offset: int, path: str) -> tuple[int, int]:
    if offset >= len(octets):
        raise DecodeError("ends too early", offset=offset, path=path)
    first = octets[offset]
    if first < 0x40:
        return first, offset + 1
    end = offset + (1 << (first >> 6))
    if end > len(octets):
        raise DecodeError("ends too early", offset=offset, path=path)
    value = int.from_bytes(octets[offset:end], "big")
    return value & ((1 << ((end - offset) * 8 - 2)) - 1), end


def _read_octets(octets: bytes, offset: int, path: str) -> tuple[bytes, int]:
    size = len(octets)
    first = octets[offset] if offset + 1 < size else 0xFF
    if first < 0x40:
        length, start = first, offset + 1
    elif first < 0x80:
        length, start = (first & 0x3F) << 8 | octets[offset + 1], offset + 2
    else:
        length, start = _read_varint(octets, offset, path)
    end = start + length
    if end > size:
        raise DecodeError(f"{length} octets announced, {len(octets) - start} left", offset=offset, path=path)
    return octets[start:end], end


def _read_text(octets: bytes, offset: int, path: str) -> tuple[str, int]:
    value, end = _read_octets(octets, offset, path)
    if len(value) > _MAX_LINE_OCTETS:
        raise DecodeError("is too long", offset=offset, path=path)
    return value.decode("latin-1"), end


def _read_target(octets: bytes, offset: int, what: str) -> tuple[str, int]:
    # RFC 3986: visible US-ASCII; so a path can stand in a field line again.
    text, end = _read_text(octets, offset, what)
    if not (text.isascii() and text.isprintable()) or " " in text:
        raise DecodeError("holds what no URI does", offset=offset, path=what)
    return text, end


def _read_field_section(octets: bytes, offset: int, path: str) -> tuple[Headers, int]:
    if offset == len(octets):
        # Clause 3.8: empty sections at the end may be left out.
        return (), offset
    section, end = _read_octets(octets, offset, path)
    headers = _decoded.get(section)
    if headers is None:
        headers = _read_fields(section, end - len(section), path)
    return headers, end


def _read_fields(section: bytes, base: int, path: str) -> Headers:
    if len(section) > _MAX_SECTION_OCTETS:
        raise DecodeError("is too long", offset=base, path=path)
    lines: list[tuple[str, str]] = []
    at = 0
    cacheable = len(section) <= _CACHED_SECTION_OCTETS
    while at < len(section):
        try:
            name, value_at = _read_text(section, at, path)
            value, end = _read_text(section, value_at, path)
        except DecodeError as error:
            raise DecodeError(error.what, offset=base + (error.offset or 0), path=path) from None
        if name not in _names and (not name or not _TOKEN.issuperset(name.encode("latin-1"))):
            raise DecodeError(f"{name[:40]!r} is no field name", offset=base + at, path=path)
        if not value.isprintable() and _LINE_END.search(value):
            raise DecodeError(f"the value of {name} holds a line end", offset=base + at, path=path)
        cacheable = cacheable and name not in _VARYING
        lines.append((name, value))
        if len(lines) > _MAX_FIELDS:
            raise DecodeError("has too many fields", offset=base, path=path)
        at = end
    headers = tuple(lines)
    if cacheable:
        _keep(_decoded, section, headers)
    return headers


def _read_content(octets: bytes, offset: int) -> tuple[bytes, int]:
    if offset == len(octets):
        return b"", offset
    return _read_octets(octets, offset, "content")


def _finish(octets: bytes, offset: int) -> None:
    if octets[offset:] == b"\0":
        # An empty trailer, and no padding: as we write it.
        return
    _, offset = _read_field_section(octets, offset, "trailer")
    # Clause 3.8: what follows is padding, all zero.
    if offset < len(octets) and octets.count(0, offset) != len(octets) - offset:
        raise DecodeError("octets after the message are not zero", offset=offset, path="padding")
