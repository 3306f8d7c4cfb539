"""JSON Patch on objects (RFC 6902): all operations, on members of objects (no resource here holds arrays)."""

from collections.abc import Sequence
from typing import Any

import msgspec

from awase.protocols.sbi.data_types import PatchItem
from awase.wire.errors import DecodeError

_MAX_DEPTH = 16
_MAX_OPERATIONS = 64


class PatchConflict(ValueError):
    """A patch that does not fit the document: nothing of it is applied."""


def apply(document: bytes, operations: Sequence[PatchItem]) -> bytes:
    """The patched JSON object. Raises PatchConflict (RFC 6902 clause 5), or DecodeError for no patch."""
    if len(operations) > _MAX_OPERATIONS:
        raise DecodeError("too many operations")
    try:
        members: dict[str, Any] = msgspec.json.decode(document)
        for operation in operations:
            _apply(members, operation)
        return msgspec.json.encode(members)
    except RecursionError:
        raise DecodeError("a value is nested too deeply", path="/value") from None


def _apply(document: dict[str, Any], operation: PatchItem) -> None:
    parent, name = _locate(document, operation.path)
    match operation.op:
        case "add":
            parent[name] = _value(operation)
        case "replace":
            _existing(parent, name, operation.path)
            parent[name] = _value(operation)
        case "remove":
            _existing(parent, name, operation.path)
            del parent[name]
        case "test":
            if _existing(parent, name, operation.path) != _value(operation):
                raise PatchConflict(f"{operation.path[:80]} has another value")
        case "move" | "copy":
            source, source_name = _locate(document, operation.from_ or "")
            value = _existing(source, source_name, operation.from_ or "")
            if operation.op == "move":
                if operation.path.startswith(f"{operation.from_}/"):
                    raise PatchConflict("a member cannot be moved into itself")
                del source[source_name]
            parent[name] = msgspec.json.decode(msgspec.json.encode(value))
        case _:
            raise DecodeError(f"{operation.op[:40]!r} is no operation", path="/op")


def _existing(parent: dict[str, Any], name: str, path: str) -> object:
    if name not in parent:
        raise PatchConflict(f"there is no {path[:80]}")
    return parent[name]


def _value(operation: PatchItem) -> object:
    octets = bytes(operation.value)
    if not octets:
        raise DecodeError(f"{operation.op} has no value", path="/value")
    return msgspec.json.decode(octets)


def _locate(document: dict[str, Any], path: str) -> tuple[dict[str, Any], str]:
    # RFC 6901: ~1 is a slash, ~0 a tilde.
    if not path.startswith("/"):
        raise DecodeError(f"{path[:80]!r} names no member", path="/path")
    *above, name = (token.replace("~1", "/").replace("~0", "~") for token in path[1:].split("/"))
    if len(above) >= _MAX_DEPTH:
        raise DecodeError("path is too deep", path="/path")
    parent: object = document
    for token in above:
        parent = parent.get(token) if isinstance(parent, dict) else None
    if not isinstance(parent, dict):
        raise PatchConflict(f"there is no object at {path[:80]}")
    return parent, name
