"""GTP-U, as much as this UPF needs (TS 29.281, TS 38.415)."""

from __future__ import annotations

import struct
from typing import NamedTuple

ECHO_REQUEST, ECHO_RESPONSE, ERROR_INDICATION, G_PDU = 1, 2, 26, 255
PDU_SESSION_CONTAINER = 0x85


class Malformed(ValueError):
    """Octets that are no GTP-U message."""


class Message(NamedTuple):
    """A message; `qfi` is that of its PDU session container."""

    kind: int
    teid: int
    sequence_number: int
    qfi: int | None
    payload: bytes


def decode(octets: bytes) -> Message:
    """The message in a datagram."""
    if len(octets) < 8:
        raise Malformed("shorter than a header")
    flags, kind, length, teid = struct.unpack_from("!BBHI", octets)
    stop = 8 + length
    if flags >> 4 != 3 or stop > len(octets):
        raise Malformed("not GTP version 1, or cut off")
    if not flags & 7:
        return Message(kind, teid, 0, None, octets[8:stop])
    if stop < 12:
        raise Malformed("the optional fields are cut off")
    sequence_number = int.from_bytes(octets[8:10], "big")
    qfi = None
    position = 12
    extension = octets[11] if flags & 4 else 0
    while extension:
        if position >= stop or not octets[position]:
            raise Malformed("an extension header is cut off")
        end = position + 4 * octets[position]
        if end > stop:
            raise Malformed("an extension header is cut off")
        if extension == PDU_SESSION_CONTAINER:
            qfi = octets[position + 2] & 0x3F
        extension = octets[end - 1]
        position = end
    return Message(kind, teid, sequence_number, qfi, octets[position:stop])


def g_pdu(teid: int, qfi: int | None, payload: bytes) -> bytes:
    """A downlink G-PDU, with a PDU session container where the flow is known."""
    if qfi is None:
        return struct.pack("!BBHI", 0x30, G_PDU, len(payload), teid) + payload
    head = struct.pack("!BBHIHBB", 0x34, G_PDU, len(payload) + 8, teid, 0, 0, PDU_SESSION_CONTAINER)
    return head + bytes([1, 0, qfi, 0]) + payload


def echo_response(sequence_number: int) -> bytes:
    """The answer to an echo, with the Recovery element that must be there and says nothing."""
    return struct.pack("!BBHIHBBBB", 0x32, ECHO_RESPONSE, 6, 0, sequence_number, 0, 0, 14, 0)


def error_indication(teid: int, own_address: bytes) -> bytes:
    """Says that nobody here has this TEID."""
    body = struct.pack("!BIBH", 16, teid, 133, 4) + own_address
    return struct.pack("!BBHIHBB", 0x32, ERROR_INDICATION, 4 + len(body), 0, 0, 0, 0) + body
