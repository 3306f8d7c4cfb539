"""The octets of elements that are a number, flags, a name or little else (TS 29.244 clause 8.2)."""

from collections.abc import Callable
from functools import lru_cache

from awase.protocols.pfcp.elements import DownlinkDataServiceInformation
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


def encode_count(value: int) -> bytes:
    """DL Buffering Suggested Packet Count (clause 8.2.29): one octet, or two above 255."""
    return value.to_bytes(1 if value < 256 else 2, "big")


def decode_count(octets: bytes) -> int:
    """DL Buffering Suggested Packet Count (clause 8.2.29)."""
    if not octets:
        raise IndexError("the element is empty")
    return int.from_bytes(octets[:2], "big")


def encode_downlink_data_service_information(value: DownlinkDataServiceInformation) -> bytes:
    """Clause 8.2.27."""
    present = [value.paging_policy_indication, value.qfi]
    out = bytes((sum(1 << bit for bit, number in enumerate(present) if number is not None),))
    for number in present:
        if number is not None:
            if not 0 <= number <= 63:
                raise EncodeError(f"{number} is above 63")
            out += bytes((number,))
    return out + value.rest


def decode_downlink_data_service_information(octets: bytes) -> DownlinkDataServiceInformation:
    """Clause 8.2.27."""
    present, at = octets[0], 1
    ppi = qfi = None
    if present & 1:
        ppi, at = octets[at] & 0x3F, at + 1
    if present & 2:
        qfi, at = octets[at] & 0x3F, at + 1
    return DownlinkDataServiceInformation(paging_policy_indication=ppi, qfi=qfi, rest=octets[at:])


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
