"""Containers of protocol IEs, and the messages that are such."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from awase.wire.bits import put_octets
from awase.wire.errors import DecodeError
from awase.wire.per import Row
from awase.wire.per_typed import RawIE, put_raw, read_raw


class Kind(Struct, frozen=True):
    """A message or container: its class and where it belongs."""

    name: str
    cls: type
    rows: Sequence[Row]
    outcome: int = 0
    procedure_code: int = -1
    criticality: str = "reject"


def container(ies: Sequence[RawIE]) -> bytearray:
    """A container of protocol IEs, with its count."""
    o = bytearray(len(ies).to_bytes(2))
    for ie in ies:
        put_raw(o, ie)
    return o


def parse_container(octets: bytes) -> tuple[RawIE, ...]:
    """The protocol IEs of a message's content. Raises DecodeError."""
    found: list[RawIE] = []
    try:
        i = 3
        for _ in range(octets[1] << 8 | octets[2]):
            ie, i = read_raw(octets, i)
            found.append(ie)
    except IndexError:
        raise DecodeError("cut off", offset=len(octets)) from None
    return tuple(found)


def merged(o: bytearray, unknown: Sequence[RawIE], order: Mapping[int, int]) -> bytearray:
    """A message's content with the IEs that have no field, at their place in the standard's order."""
    ies = [*parse_container(bytes(o)), *unknown]
    ies.sort(key=lambda ie: order.get(ie.id, len(order)))
    return bytearray(1) + container(ies)


def long_content(o: bytearray, at: int) -> None:
    """Sets the length determinant of the content that starts at `at`, for which one octet was left."""
    content = bytes(o[at:]) or b"\0"
    del o[at - 1 :]
    put_octets(o, content)
