"""multipart/related bodies: JSON with the NAS and NGAP octets it refers to (RFC 2387, TS 29.500)."""

from collections.abc import Sequence
from functools import lru_cache

import msgspec

from awase.protocols.sbi.messages import JSON, MULTIPART, NAS_5GS, NGAP
from awase.wire.errors import DecodeError, EncodeError

N1_CONTENT_ID = "5gnas-sm"
N2_CONTENT_ID = "ngap-sm"

_BOUNDARY = b"awase-boundary"
_MAX_PARTS = 32
_MAX_PART_HEADER_OCTETS = 2048
_MAX_BOUNDARY_OCTETS = 70


class BodyPart(msgspec.Struct, frozen=True):
    """One body part: its media type, its Content-Id without angle brackets ("" where it has none)."""

    content_type: str
    content_id: str
    content: bytes


def n1_part(content: bytes, content_id: str = N1_CONTENT_ID) -> BodyPart:
    """A NAS message as a body part."""
    return BodyPart(NAS_5GS, content_id, content)


def n2_part(content: bytes, content_id: str = N2_CONTENT_ID) -> BodyPart:
    """An NGAP transfer as a body part."""
    return BodyPart(NGAP, content_id, content)


def encode(root: bytes, parts: Sequence[BodyPart], root_type: str = JSON) -> tuple[str, bytes]:
    """The value of Content-Type, and the body. The same octets for the same parts."""
    boundary = _BOUNDARY
    counter = 0
    while boundary in root or any(boundary in part.content for part in parts):
        counter += 1
        boundary = b"%s-%d" % (_BOUNDARY, counter)
    pieces = [b"--", boundary, b"\r\nContent-Type: ", _field_value(root_type), b"\r\n\r\n", root]
    for part in parts:
        pieces += (
            b"\r\n--",
            boundary,
            b"\r\nContent-Id: ",
            _field_value(part.content_id),
            b"\r\nContent-Type: ",
            _field_value(part.content_type),
            b"\r\n\r\n",
            part.content,
        )
    pieces += (b"\r\n--", boundary, b"--\r\n")
    return f'{MULTIPART}; boundary="{boundary.decode()}"', b"".join(pieces)


def decode(content_type: str, body: bytes) -> tuple[BodyPart, ...]:
    """The body parts, the root first (RFC 2387 clause 3.2: `start` names it, else it is the first)."""
    boundary, start = _boundary_and_start(content_type)
    parts = [_part(piece, offset) for piece, offset in _pieces(body, b"--" + boundary)]
    ids = [part.content_id for part in parts if part.content_id]
    if len(set(ids)) != len(ids):
        raise DecodeError("two body parts have one Content-Id", path="content-id")
    if start:
        wanted = _bare_id(start)
        root = next((part for part in parts if part.content_id == wanted), None)
        if root is None:
            raise DecodeError(f"no body part has the Content-Id {wanted[:80]!r} of start", path="content-type")
        parts.remove(root)
        parts.insert(0, root)
    return tuple(parts)


def media_type(content_type: str) -> str:
    """The media type without parameters, in lower case."""
    return content_type.partition(";")[0].strip().lower()


def _field_value(text: str) -> bytes:
    try:
        octets = text.encode("ascii")
    except UnicodeEncodeError:
        raise EncodeError(f"{text!r} is no header value of a body part") from None
    if b"\r" in octets or b"\n" in octets:
        raise EncodeError("a header value of a body part holds a line end")
    return octets


def _pieces(body: bytes, delimiter: bytes) -> list[tuple[bytes, int]]:
    # RFC 2046 clause 5.1.1: a delimiter stands at the start of a line, and the line end before it is its own.
    if body.startswith(delimiter):
        at = len(delimiter)
    else:
        found = body.find(b"\r\n" + delimiter)
        if found < 0:
            raise DecodeError("no boundary found", offset=0, path="multipart")
        at = found + 2 + len(delimiter)
    pieces: list[tuple[bytes, int]] = []
    separator = b"\r\n" + delimiter
    while not body.startswith(b"--", at):
        line_end = body.find(b"\r\n", at)
        if line_end < 0 or body[at:line_end].strip(b" \t"):
            raise DecodeError("a boundary is not followed by a line end", offset=at, path="multipart")
        start = line_end + 2
        # An empty part: the delimiter follows at once, and shares its line end with the one before.
        end = body.find(separator, line_end)
        if end < 0:
            raise DecodeError("no closing boundary", offset=start, path="multipart")
        if len(pieces) >= _MAX_PARTS:
            raise DecodeError("too many body parts", offset=start, path="multipart")
        pieces.append((body[start:end] if end > line_end else b"", start))
        at = end + len(separator)
    if not pieces:
        raise DecodeError("no body part", offset=at, path="multipart")
    return pieces


def _part(piece: bytes, offset: int) -> BodyPart:
    if piece.startswith(b"\r\n"):
        header, content = b"", piece[2:]
    else:
        end = piece.find(b"\r\n\r\n", 0, _MAX_PART_HEADER_OCTETS)
        if end < 0:
            raise DecodeError("a body part has no header", offset=offset, path="multipart")
        header, content = piece[:end], piece[end + 4 :]
    content_type, content_id = "text/plain", ""
    for line in header.split(b"\r\n") if header else ():
        name, colon, value = line.partition(b":")
        key = name.strip().lower()
        if not colon or not key:
            raise DecodeError("a header line of a body part has no name", offset=offset, path="multipart")
        if key == b"content-type":
            content_type = media_type(value.decode("latin-1"))
        elif key == b"content-id":
            content_id = _bare_id(value.decode("latin-1"))
    return BodyPart(content_type, content_id, content)


def _bare_id(text: str) -> str:
    text = text.strip()
    return text[1:-1] if text.startswith("<") and text.endswith(">") and len(text) > 1 else text


@lru_cache(maxsize=64)
def _boundary_and_start(content_type: str) -> tuple[bytes, str]:
    boundary = _parameter(content_type, "boundary")
    if not boundary or len(boundary) > _MAX_BOUNDARY_OCTETS or not boundary.isascii():
        raise DecodeError("multipart without a usable boundary", path="content-type")
    return boundary.encode(), _parameter(content_type, "start")


def _parameter(content_type: str, name: str) -> str:
    # RFC 9110 clause 5.6.6; a quoted value may hold a semicolon.
    rest = content_type.partition(";")[2]
    while rest:
        key, equals, rest = rest.partition("=")
        if not equals:
            return ""
        value, rest = _parameter_value(rest)
        if key.strip().lower() == name:
            return value
    return ""


def _parameter_value(text: str) -> tuple[str, str]:
    text = text.lstrip(" \t")
    if not text.startswith('"'):
        value, _, rest = text.partition(";")
        return value.strip(), rest
    value = ""
    at = 1
    while at < len(text) and text[at] != '"':
        if text[at] == "\\" and at + 1 < len(text):
            at += 1
        value += text[at]
        at += 1
        if len(value) > _MAX_PART_HEADER_OCTETS:
            return "", ""
    return value, text[at + 1 :].partition(";")[2]
