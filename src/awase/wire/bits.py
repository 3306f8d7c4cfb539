"""What generated PER functions call for the rare and the long: length determinants, fragments, odd positions.

Positions are in octets (`i`) where PER aligns, in bits (`p`) elsewhere. Clauses are those of ITU-T X.691.
"""

from collections.abc import Callable, Sequence

from msgspec import Struct

from awase.wire.errors import DecodeError, EncodeError

FRAGMENT = 16384
MOST_OCTETS = 1 << 20
"""A fragmented field of more octets than this is refused: no transport of ours carries it."""

number = int.from_bytes


class BitString(Struct, frozen=True):
    """A BIT STRING whose size is not fixed: the bits as a number, and how many."""

    value: int
    length: int


class OtherAlignmentError(Exception):
    """Raised in a function that was generated for the usual alignment, on meeting an extension."""


def take(b: bytes, p: int, n: int) -> int:
    """The n bits at bit p, as a number."""
    end = p + n
    if end > len(b) << 3:
        raise IndexError
    return (number(b[p >> 3 : (end + 7) >> 3]) >> (-end & 7)) & ((1 << n) - 1)


def octets_at(b: bytes, p: int, n: int) -> bytes:
    """The n octets at bit p."""
    return take(b, p, 8 * n).to_bytes(n)


def length_at(b: bytes, p: int) -> tuple[int, bool, int]:
    """A length determinant at bit p (clause 11.9): how many, whether a fragment follows, the next bit."""
    first = take(b, p, 8)
    if first < 128:
        return first, False, p + 8
    if first < 192:
        return (first & 63) << 8 | take(b, p + 8, 8), False, p + 16
    blocks = first & 63
    if not 1 <= blocks <= 4:
        raise DecodeError(f"a fragment of {blocks} times 16K", offset=p >> 3)
    return blocks * FRAGMENT, True, p + 8


def octet_string_at(b: bytes, p: int) -> tuple[bytes, int]:
    """Octets with their length determinant at bit p, fragments joined; the next bit."""
    count, more, p = length_at(b, p)
    found = octets_at(b, p, count)
    p += 8 * count
    while more:
        count, more, p = length_at(b, p)
        found += octets_at(b, p, count)
        p += 8 * count
        if len(found) > MOST_OCTETS:
            raise DecodeError("too many fragments", offset=p >> 3)
    return found, p


def octet_string(b: bytes, i: int) -> tuple[bytes, int]:
    """Octets with their length determinant at octet i; the next octet."""
    found, p = octet_string_at(b, i << 3)
    return found, p >> 3


def open_type(b: bytes, i: int) -> tuple[bytes, int, int, int]:
    """An open type of 128 octets or more at octet i: where its content is (octets, first, end), the next octet."""
    if b[i] < 192:
        first = i + 2
        end = first + ((b[i] & 63) << 8 | b[i + 1])
        if end > len(b):
            raise IndexError
        return b, first, end, end
    found, i = octet_string(b, i)
    return found, 0, len(found), i


def bit_string_at(b: bytes, p: int) -> tuple[int, int, int]:
    """A BIT STRING with its length determinant at bit p: its value, its size, the next bit."""
    value = size = 0
    more = True
    while more:
        count, more, p = length_at(b, p)
        value = value << count | take(b, p, count)
        size += count
        p += count
        if size > 8 * MOST_OCTETS:
            raise DecodeError("too many fragments", offset=p >> 3)
    return value, size, p


def integer_at(b: bytes, p: int, signed: bool) -> tuple[int, int]:
    """An integer with its length determinant at bit p (clauses 11.7 and 11.8)."""
    found, p = octet_string_at(b, p)
    return number(found, signed=signed), p


def small_at(b: bytes, p: int, aligned: bool) -> tuple[int, int]:
    """A normally small number at bit p (clause 11.6)."""
    if not take(b, p, 1):
        return take(b, p + 1, 6), p + 7
    p += 1
    return integer_at(b, (p + 7) & -8 if aligned else p, False)


def additions_at(
    b: bytes, p: int, aligned: bool, known: Sequence[tuple[str, Callable[[bytes, int, int], object]]]
) -> tuple[dict[str, object], int]:
    """The extension additions of a SEQUENCE at bit p (clause 19.7 to 19.9): by name, the unknown as `_ext_<index>`."""
    found: dict[str, object] = {}
    if take(b, p, 1):
        p = (p + 8) & -8 if aligned else p + 1
        count, more, p = length_at(b, p)
        if more:
            raise DecodeError("too many extension additions", offset=p >> 3)
    else:
        count, p = take(b, p + 1, 6) + 1, p + 7
    present = take(b, p, count)
    p += count
    for index in range(count):
        if not present >> (count - 1 - index) & 1:
            continue
        content, p = octet_string_at(b, (p + 7) & -8 if aligned else p)
        if index >= len(known):
            found[f"_ext_{index}"] = content
            continue
        name, decode = known[index]
        value = decode(content, 0, len(content))
        if name:
            found[name] = value
        else:
            found.update(value)  # type: ignore[call-overload]
    return found, p


def surplus(first: int, got: int, end: int) -> None:
    """Raises unless the content of an open type, read up to octet `got`, ends at `end` (an empty one has an octet)."""
    if got > end:
        raise DecodeError("the content is cut off", offset=end)
    if got != first or end != first + 1:
        raise DecodeError(f"{end - got} octets too many", offset=got)


def out_of_range(value: object, low: object, high: object) -> None:
    """Raises for a number that its constraint does not allow."""
    raise DecodeError(f"{value} is not between {low} and {high}")


def put_length(o: bytearray, count: int) -> None:
    """A length determinant below 16384, aligned."""
    if count < 128:
        o.append(count)
    elif count < FRAGMENT:
        o += (0x8000 | count).to_bytes(2)
    else:
        raise EncodeError(f"a length of {count} needs fragments")


def put_octets(o: bytearray, octets: bytes | bytearray) -> None:
    """Octets with their length determinant, fragmented from 16384 on (clause 11.9.3.8)."""
    count = len(octets)
    if count < FRAGMENT:
        put_length(o, count)
        o += octets
        return
    at = 0
    while count - at >= FRAGMENT:
        blocks = min(4, (count - at) // FRAGMENT)
        o.append(0xC0 | blocks)
        o += octets[at : at + blocks * FRAGMENT]
        at += blocks * FRAGMENT
    put_length(o, count - at)
    o += octets[at:]


def length_bits(octets: bytes | bytearray) -> tuple[int, int]:
    """Octets with their length determinant, as a number and how many bits."""
    o = bytearray()
    put_octets(o, octets)
    return number(o), 8 * len(o)


def integer_octets(value: int, signed: bool) -> bytes:
    """An integer in as few octets as it takes (clauses 11.3 and 11.4)."""
    bits = (value if value >= 0 else ~value).bit_length() + 1 if signed else value.bit_length() or 1
    return value.to_bytes((bits + 7) >> 3, signed=signed)


def bit_string_bits(value: int, size: int) -> tuple[int, int]:
    """A BIT STRING with its length determinant, as a number and how many bits."""
    if size < 128:
        return size << size | value, 8 + size
    if size < FRAGMENT:
        return (0x8000 | size) << size | value, 16 + size
    raise EncodeError(f"a BIT STRING of {size} bits needs fragments")


def put_small(o: bytearray, pending: tuple[int, int], value: int, aligned: bool) -> tuple[int, int]:
    """A normally small number (clause 11.6) after pending bits (their value, how many); the bits then pending."""
    a, n = pending
    if value < 64:
        return a << 7 | value, n + 7
    a, n = a << 1 | 1, n + 1
    if not aligned:
        more, width = length_bits(integer_octets(value, False))
        return a << width | more, n + width
    put_pending(o, a, n)
    put_octets(o, integer_octets(value, False))
    return 0, 0


def put_small_length(o: bytearray, pending: tuple[int, int], count: int, aligned: bool) -> tuple[int, int]:
    """A normally small length, of 1 or more (clause 11.9.3.4), after pending bits; the bits then pending."""
    if count <= 64:
        return put_small(o, pending, count - 1, aligned)
    a, n = pending[0] << 1 | 1, pending[1] + 1
    if not aligned:
        return (a << 8 | count, n + 8) if count < 128 else (a << 16 | 0x8000 | count, n + 16)
    put_pending(o, a, n)
    put_length(o, count)
    return 0, 0


def put_pending(o: bytearray, a: int, n: int) -> None:
    """The n bits a, filled up to an octet."""
    pad = -n & 7
    o += (a << pad).to_bytes((n + pad) >> 3)
