"""The octets of elements that are a number, flags or a name (TS 29.244 clause 8.2)."""

from collections.abc import Callable
from functools import lru_cache

from awase.wire.errors import EncodeError


def unsigned(n: int) -> tuple[Callable[[int], bytes], Callable[[bytes], int]]:
    """The codec of a number of `n` octets; what a later release adds behind it is ignored."""

    def encode(value: int) -> bytes:
        return value.to_bytes(n, "big")

    def decode(octets: bytes) -> int:
        if len(octets) < n:
            raise IndexError("the element ends too soon")
        return int.from_bytes(octets[:n], "big")

    return encode, decode


def masked(mask: int) -> tuple[Callable[[int], bytes], Callable[[bytes], int]]:
    """The codec of a number in the low bits of one octet."""

    def encode(value: int) -> bytes:
        if value & ~mask:
            raise EncodeError(f"{value} is above {mask}")
        return bytes((value,))

    def decode(octets: bytes) -> int:
        return octets[0] & mask

    return encode, decode


def flags(n: int) -> tuple[Callable[[int], bytes], Callable[[bytes], int]]:
    """The codec of flags in octets of which the first is the low one: we send `n`, read up to 8."""

    def encode(value: int) -> bytes:
        return value.to_bytes(n, "little")

    def decode(octets: bytes) -> int:
        if not octets:
            raise IndexError("the element is empty")
        return int.from_bytes(octets[:n], "little")

    return encode, decode


@lru_cache(maxsize=256)
def encode_name(text: str) -> bytes:
    """A domain name or APN as labels (TS 23.003 clauses 9.1 and 19.4.2)."""
    out = b""
    for label in text.split("."):
        octets = label.encode("latin-1")
        if not 1 <= len(octets) <= 63:
            raise EncodeError(f"a label of {text!r} has not 1 to 63 octets")
        out += bytes((len(octets),)) + octets
    return out


def decode_name(octets: bytes) -> str:
    """The name; peers that send the plain text instead of labels are understood."""
    return _remembered(octets) if len(octets) <= 100 else _name(octets)


def _name(octets: bytes) -> str:
    labels = []
    position, end = 0, len(octets)
    while position < end:
        length = octets[position]
        label = octets[position + 1 : position + 1 + length]
        if not 1 <= length <= 63 or len(label) != length or b"." in label:
            return octets.decode("latin-1")
        labels.append(label.decode("latin-1"))
        position += 1 + length
    return ".".join(labels)


_remembered = lru_cache(maxsize=256)(_name)
