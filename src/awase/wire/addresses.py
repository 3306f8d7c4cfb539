"""Internet addresses between text and octets (RFC 791, RFC 4291)."""

from functools import lru_cache
from ipaddress import AddressValueError, IPv6Address

from awase.wire.errors import EncodeError


def ipv4_text(octets: bytes) -> str:
    """Dotted text of four octets."""
    a, b, c, d = octets
    return f"{a}.{b}.{c}.{d}"


@lru_cache(maxsize=4096)
def ipv4_octets(text: str) -> bytes:
    """The four octets of dotted text. Raises EncodeError."""
    fields = text.split(".")
    if len(fields) == 4 and all(f.isascii() and f.isdigit() and len(f) <= 3 for f in fields):
        numbers = [int(f) for f in fields]
        if max(numbers) <= 255:
            return bytes(numbers)
    raise EncodeError(f"{text!r} is no IPv4 address")


def ipv6_text(octets: bytes) -> str:
    """The canonical text (RFC 5952) of sixteen octets."""
    return str(IPv6Address(octets))


def ipv6_octets(text: str) -> bytes:
    """The sixteen octets of an IPv6 address. Raises EncodeError."""
    try:
        return IPv6Address(text).packed
    except AddressValueError:
        raise EncodeError(f"{text!r} is no IPv6 address") from None
