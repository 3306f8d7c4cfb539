"""How an element lies in a message: the IEI, format and length columns of TS 24.501 clause 8."""

from collections.abc import Iterator
from enum import IntEnum
from typing import Literal, NamedTuple, Self

from awase.wire.errors import DecodeError, EncodeError

Format = Literal["V1/2", "V", "LV", "LV-E", "T", "TV1/2", "TV", "TLV", "TLV-E"]


class Ie(NamedTuple):
    """A row of a message table. Lengths are in octets and include IEI and length, as in the standard."""

    format: Format
    iei: int
    shortest: int
    longest: int | None


def HALF() -> Ie:
    """Format V, half an octet: the first of a pair is the lower half."""
    return Ie("V1/2", 0, 1, 1)


def V(length: int) -> Ie:
    """Format V."""
    return Ie("V", 0, length, length)


def LV(shortest: int, longest: int | None = None) -> Ie:
    """Format LV."""
    return Ie("LV", 0, shortest, longest)


def LVE(shortest: int, longest: int | None = None) -> Ie:
    """Format LV-E."""
    return Ie("LV-E", 0, shortest, longest)


def TV1(iei: int) -> Ie:
    """Format TV of one octet: `iei` is its upper half."""
    return Ie("TV1/2", iei, 1, 1)


def TV(iei: int, length: int) -> Ie:
    """Format TV."""
    return Ie("TV", iei, length, length)


def TLV(iei: int, shortest: int, longest: int | None = None) -> Ie:
    """Format TLV."""
    return Ie("TLV", iei, shortest, longest)


def TLVE(iei: int, shortest: int, longest: int | None = None) -> Ie:
    """Format TLV-E."""
    return Ie("TLV-E", iei, shortest, longest)


class OpenEnum(IntEnum):
    """An enumeration of the standard in which a value without a name is kept, as later releases add some."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, int) or not 0 <= value <= 0xFFFF:
            return None
        member = int.__new__(cls, value)
        member._name_ = f"unassigned_{value}"
        member._value_ = value
        return member


def cut(octets: bytes, i: int, length: int) -> tuple[bytes, int]:
    """So many octets from `i`, and where they end. Raises DecodeError."""
    end = i + length
    if end > len(octets):
        raise DecodeError("an entry ends after its list")
    return octets[i:end], end


def counted(octets: bytes, i: int, size: int = 1) -> tuple[bytes, int]:
    """The octets that a length of `size` octets at `i` counts, and where they end. Raises DecodeError."""
    length, i = cut(octets, i, size)
    return cut(octets, i, int.from_bytes(length, "big"))


def entries(octets: bytes) -> Iterator[bytes]:
    """Entries up to the end, each behind its length in an octet. Raises DecodeError."""
    i = 0
    while i < len(octets):
        entry, i = counted(octets, i)
        yield entry


def with_length(octets: bytes, size: int = 1) -> bytes:
    """The octets behind their length in `size` octets. Raises EncodeError."""
    if len(octets) >= 1 << 8 * size:
        raise EncodeError(f"an entry of more than {(1 << 8 * size) - 1} octets")
    return len(octets).to_bytes(size, "big") + octets
