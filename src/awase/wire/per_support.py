"""What generated PER functions call for open types, extension additions and object identifiers."""

from collections.abc import Callable, Mapping, Sequence

from awase.wire.bits import length_bits, put_octets, put_pending, put_small_length
from awase.wire.errors import DecodeError, EncodeError

LABELS = {
    "B": "BOOLEAN",
    "N": "NULL",
    "I": "INTEGER",
    "E": "ENUMERATED",
    "b": "BIT STRING",
    "o": "OCTET STRING",
    "D": "OBJECT IDENTIFIER",
    "S": "SEQUENCE",
    "C": "CHOICE",
    "L": "SEQUENCE OF",
}


class Later:
    """A function that is made when it is first called."""

    __slots__ = ("function", "make")

    def __init__(self, make: Callable[[], object]) -> None:
        self.make = make
        self.function: Callable[..., object] | None = None

    def __call__(self, *arguments: object) -> object:
        """Makes the function if need be."""
        if self.function is None:
            self.function = self.make()  # type: ignore[assignment]
        return self.function(*arguments)  # type: ignore[misc]


def out_of_bounds(value: object, low: object, high: object) -> EncodeError:
    """The error for a value (or a size) that its constraint does not allow."""
    return EncodeError(f"{value} is not between {low} and {high}")


def open_octets(value: tuple[str, object], row: tuple[str, Callable[[object], bytes]] | None) -> bytes:
    """The content of an open type: (name of its type, value), or ("_unk_004", octets)."""
    name, content = value
    if name.startswith("_unk_"):
        return content if isinstance(content, bytes) else b""
    if row is None or row[0] != name:
        raise EncodeError(f"{name} is not what the table has here")
    return row[1](content)


def addition_index(value: str, known: Mapping[str, int]) -> int:
    """The index of an addition to an ENUMERATED, `_ext_<index>` if it is not known."""
    if value in known:
        return known[value]
    if not value.startswith("_ext_"):
        raise EncodeError(f"{value!r} is not in the ENUMERATED")
    return int(value[5:])


def choice_addition(
    value: tuple[str, object], known: Sequence[tuple[Sequence[str], bool, Callable[..., bytes]]]
) -> tuple[int, bytes]:
    """Index and content of an addition to a CHOICE."""
    name, content = value
    for index, (names, _, encode) in enumerate(known):
        if names[0] == name:
            return index, encode(content)
    if name.startswith("_ext_") and isinstance(content, bytes):
        return int(name[5:]), content
    raise EncodeError(f"{name!r} is not in the CHOICE")


def has_additions(value: Mapping[str, object], known: Sequence[str]) -> bool:
    """True if a SEQUENCE has an addition, known or not."""
    return any(name in value for name in known) or any(name.startswith("_ext_") for name in value)


def put_additions(
    o: bytearray,
    pending: tuple[int, int],
    value: Mapping[str, object],
    aligned: bool,
    known: Sequence[tuple[Sequence[str], bool, Callable[[object], bytes]]],
) -> tuple[int, int]:
    """The extension additions of a SEQUENCE (clause 19.7 to 19.9), after pending bits; the bits then pending."""
    contents: dict[int, bytes] = {}
    for index, (names, group, encode) in enumerate(known):
        there = {name: value[name] for name in names if name in value}
        if there:
            contents[index] = encode(there if group else there[names[0]])
    for name, content in value.items():
        if name.startswith("_ext_") and isinstance(content, bytes):
            contents[int(name[5:])] = content
    count = max(len(known), max(contents) + 1)
    a, n = put_small_length(o, pending, count, aligned)
    a, n = a << count | sum(1 << (count - 1 - index) for index in contents), n + count
    if aligned:
        put_pending(o, a, n)
        for index in sorted(contents):
            put_octets(o, contents[index])
        return 0, 0
    for index in sorted(contents):
        more, width = length_bits(contents[index])
        a, n = a << width | more, n + width
    return a, n


def object_identifier(octets: bytes) -> tuple[int, ...]:
    """An OBJECT IDENTIFIER (ITU-T X.690 clause 8.19)."""
    arcs: list[int] = []
    value = 0
    for octet in octets:
        value = value << 7 | octet & 127
        if octet < 128:
            arcs.append(value)
            value = 0
    if not octets or octets[-1] > 127 or len(octets) > 256:
        raise DecodeError("an OBJECT IDENTIFIER that is cut off, or too long")
    first = min(arcs[0] // 40, 2)
    return (first, arcs[0] - 40 * first, *arcs[1:])


def object_identifier_octets(arcs: Sequence[int]) -> bytes:
    """The content of an OBJECT IDENTIFIER (ITU-T X.690 clause 8.19)."""
    o = bytearray()
    for arc in (40 * arcs[0] + arcs[1], *arcs[2:]):
        groups = [arc & 127]
        while arc := arc >> 7:
            groups.append(arc & 127 | 128)
        o += bytes(reversed(groups))
    return bytes(o)
