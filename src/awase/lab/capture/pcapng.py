"""Writes pcapng (draft-ietf-opsawg-pcapng): section, interfaces, packets with times in nanoseconds."""

import struct
from collections.abc import Sequence
from typing import BinaryIO

LINKTYPE_ETHERNET = 1
LINKTYPE_WIRESHARK_UPPER_PDU = 252

_EPB = struct.Struct("<IIIIIII")
_PADDING = (b"", b"\0\0\0", b"\0\0", b"\0")


def _option(code: int, value: bytes) -> bytes:
    return struct.pack("<HH", code, len(value)) + value + _PADDING[len(value) % 4]


def _block(block_type: int, body: bytes) -> bytes:
    length = len(body) + 12
    return struct.pack("<II", block_type, length) + body + struct.pack("<I", length)


class PcapngWriter:
    """A capture file that is readable up to the last packet handed in before a flush."""

    def __init__(self, file: BinaryIO, application: str) -> None:
        self._file = file
        self._interfaces = 0
        self._comments: list[str] = []
        section = struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)
        options = _option(4, application.encode()) + _option(0, b"")
        file.write(_block(0x0A0D0D0A, section + options))

    def add_interface(self, name: str, description: str, link_type: int = LINKTYPE_ETHERNET) -> int:
        """Add an interface block; its number."""
        options = _option(2, name.encode()) + _option(3, description.encode()) + _option(9, b"\x09")
        body = struct.pack("<HHI", link_type, 0, 0) + options + _option(0, b"")
        self._file.write(_block(1, body))
        self._interfaces += 1
        return self._interfaces - 1

    def comment(self, text: str) -> None:
        """Something to be read at the next packet."""
        self._comments.append(text)

    def write(self, interface: int, time_ns: int, pieces: Sequence[bytes]) -> None:
        """Add a packet, given in pieces."""
        size = sum(map(len, pieces))
        padding = _PADDING[size % 4]
        if self._comments:
            # Options follow the padded packet (section 4.3).
            padding += b"".join(_option(1, text.encode()) for text in self._comments) + _option(0, b"")
            self._comments.clear()
        length = 32 + size + len(padding)
        head = _EPB.pack(6, length, interface, time_ns >> 32, time_ns & 0xFFFFFFFF, size, size)
        self._file.write(b"".join((head, *pieces, padding, length.to_bytes(4, "little"))))


def whole_blocks(file: BinaryIO, size: int) -> int:
    """How many of a capture's first `size` octets are whole blocks."""
    at = 0
    while True:
        file.seek(at)
        head = file.read(8)
        length = int.from_bytes(head[4:8], "little")
        if len(head) < 8 or length < 12 or at + length > size:
            return at
        at += length
