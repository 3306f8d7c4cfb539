"""PFCP, as much as this UPF needs (TS 29.244 clauses 7.2 and 8)."""

from __future__ import annotations

import struct
from typing import NamedTuple

# Message types (table 7.3-1).
HEARTBEAT_REQUEST, HEARTBEAT_RESPONSE = 1, 2
ASSOCIATION_SETUP_REQUEST, ASSOCIATION_SETUP_RESPONSE = 5, 6
ASSOCIATION_RELEASE_REQUEST, ASSOCIATION_RELEASE_RESPONSE = 9, 10
VERSION_NOT_SUPPORTED_RESPONSE = 11
ESTABLISHMENT_REQUEST, ESTABLISHMENT_RESPONSE = 50, 51
MODIFICATION_REQUEST, MODIFICATION_RESPONSE = 52, 53
DELETION_REQUEST, DELETION_RESPONSE = 54, 55

# Element types (table 8.1.2-1).
CREATE_PDR, PDI, CREATE_FAR, FORWARDING_PARAMETERS, CREATE_QER, CREATED_PDR = 1, 2, 3, 4, 7, 8
UPDATE_PDR, UPDATE_FAR, UPDATE_FORWARDING_PARAMETERS, UPDATE_QER = 9, 10, 11, 14
REMOVE_PDR, REMOVE_FAR, REMOVE_QER = 15, 16, 18
CAUSE, SOURCE_INTERFACE, F_TEID, GATE_STATUS, PRECEDENCE, SDF_FILTER = 19, 20, 21, 25, 29, 23
OFFENDING_IE, DESTINATION_INTERFACE, UP_FUNCTION_FEATURES, APPLY_ACTION = 40, 42, 43, 44
PDR_ID, F_SEID, NODE_ID, OUTER_HEADER_CREATION = 56, 57, 60, 84
UE_IP_ADDRESS, OUTER_HEADER_REMOVAL, RECOVERY_TIME_STAMP = 93, 95, 96
FAR_ID, QER_ID, QFI, CREATE_TRAFFIC_ENDPOINT = 108, 109, 124, 127

# Causes (table 8.2.1-1).
ACCEPTED, SESSION_NOT_FOUND, MANDATORY_IE_MISSING, INVALID_LENGTH = 1, 65, 66, 68
MANDATORY_IE_INCORRECT, NO_ASSOCIATION, RULE_FAILURE, NO_RESOURCES, NOT_SUPPORTED = 69, 72, 73, 75, 76


class Malformed(ValueError):
    """Octets that are no PFCP message."""


class Refused(Exception):
    """A request that is answered with a cause, and with the element that is to blame."""

    def __init__(self, cause: int, why: str, offending_ie: int | None = None) -> None:
        super().__init__(why)
        self.cause = cause
        self.offending_ie = offending_ie


class Elements:
    """The elements of a message or of a group, by their type."""

    def __init__(self, octets: bytes) -> None:
        self._found: dict[int, list[bytes]] = {}
        position = 0
        while position < len(octets):
            if position + 4 > len(octets):
                raise Refused(INVALID_LENGTH, "an element's header is cut off", 0)
            kind, length = struct.unpack_from("!HH", octets, position)
            position += 4
            value = octets[position : position + length]
            if len(value) != length:
                raise Refused(INVALID_LENGTH, f"element {kind} is cut off", kind)
            self._found.setdefault(kind, []).append(value)
            position += length

    def all(self, kind: int) -> list[bytes]:
        """Every element of this type."""
        return self._found.get(kind, [])

    def get(self, kind: int, shortest: int = 1) -> bytes | None:
        """The first element of this type, or None. Refuses one with fewer octets than `shortest`."""
        values = self._found.get(kind)
        if not values:
            return None
        if len(values[0]) < shortest:
            raise Refused(INVALID_LENGTH, f"element {kind} is too short", kind)
        return values[0]

    def need(self, kind: int, shortest: int = 1) -> bytes:
        """The first element of this type; it must be there."""
        value = self.get(kind, shortest)
        if value is None:
            raise Refused(MANDATORY_IE_MISSING, f"element {kind} is missing", kind)
        return value

    def number(self, kind: int, octets: int) -> int:
        """A number of so many octets, which must be there."""
        return int.from_bytes(self.need(kind, octets)[:octets], "big")


class Message(NamedTuple):
    """A message: its header, and its elements still as octets."""

    version: int
    kind: int
    seid: int | None
    sequence_number: int
    body: bytes


def decode(octets: bytes) -> Message:
    """The message in a datagram (clause 7.2.2)."""
    if len(octets) < 8:
        raise Malformed("shorter than a header")
    first, kind, length = struct.unpack_from("!BBH", octets)
    start = 16 if first & 1 else 8
    if not start <= length + 4 <= len(octets):
        raise Malformed(f"length {length} does not fit")
    seid = int.from_bytes(octets[4:12], "big") if first & 1 else None
    sequence_number = int.from_bytes(octets[start - 4 : start - 1], "big")
    return Message(first >> 5, kind, seid, sequence_number, octets[start : length + 4])


def encode(kind: int, sequence_number: int, body: bytes, seid: int | None = None) -> bytes:
    """A datagram."""
    tail = sequence_number.to_bytes(3, "big") + b"\0" + body
    if seid is not None:
        tail = seid.to_bytes(8, "big") + tail
    return struct.pack("!BBH", 0x20 if seid is None else 0x21, kind, len(tail)) + tail


def element(kind: int, value: bytes) -> bytes:
    """An element with its header."""
    return struct.pack("!HH", kind, len(value)) + value


def cause(value: int, offending_ie: int | None = None) -> bytes:
    """The Cause element, and the Offending IE where there is one."""
    out = element(CAUSE, bytes([value]))
    if offending_ie is not None:
        out += element(OFFENDING_IE, offending_ie.to_bytes(2, "big"))
    return out
