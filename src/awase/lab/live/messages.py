"""What passes between the supervisor and its processes: frames of MessagePack over a socket pair."""

import struct
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from awase.model.part import Event
from awase.transports.hosting import TapRecord

HEAD = struct.Struct("!I")
MAX_FRAME = 1 << 26
"""Nothing that a process reports is longer."""


class Seen(msgspec.Struct, frozen=True, array_like=True, tag="p"):
    """A packet passed a port."""

    record: TapRecord


class Said(msgspec.Struct, frozen=True, array_like=True, tag="e"):
    """A part raised an event."""

    time_ns: int
    part: str
    event: Event


class Logged(msgspec.Struct, frozen=True, array_like=True, tag="k"):
    """A part logged a key."""

    time_ns: int
    part: str
    record: dict[str, str | int]


class Serving(msgspec.Struct, frozen=True, array_like=True, tag="r"):
    """All parts of the process serve; what carries their ports."""

    time_ns: int
    carriers: dict[str, str]


class Warm(msgspec.Struct, frozen=True, array_like=True, tag="w"):
    """The parts of a process that is held can be made; it opens their ports when it is told to."""

    pid: int


class Refused(msgspec.Struct, frozen=True, array_like=True, tag="x"):
    """A part could not be made or a port not be opened: the process gives up."""

    part: str
    text: str


class Answer(msgspec.Struct, frozen=True, array_like=True, tag="a"):
    """What a request came to."""

    number: int
    result: Any


class LeftOut(msgspec.Struct, frozen=True, array_like=True, tag="o"):
    """So many packets were not shown, because they came faster than they could be written."""

    packets: int


Report = Seen | Said | Logged | Warm | Serving | Refused | Answer | LeftOut


class Request(msgspec.Struct, frozen=True):
    """What the supervisor asks of a process."""

    number: int
    do: Literal["stop", "kill_part", "remove_part", "figures", "books", "tap", "go"]
    part: str = ""
    value: bool = True


_encode_report = msgspec.msgpack.Encoder().encode
_decode_report = msgspec.msgpack.Decoder(Report).decode
_decode_request = msgspec.msgpack.Decoder(Request).decode


def report_frame(report: Report) -> bytes:
    """A report as it is written."""
    body = _encode_report(report)
    return HEAD.pack(len(body)) + body


def request_frame(request: Request) -> bytes:
    """A request as it is written."""
    body = _encode_report(request)
    return HEAD.pack(len(body)) + body


class Frames:
    """Cuts a stream of octets into frames. Raises ValueError for what is no such stream."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, octets: bytes) -> list[bytes]:
        """The frames that are whole."""
        buffer = self._buffer
        buffer += octets
        found = []
        at = 0
        while len(buffer) - at >= 4:
            (length,) = HEAD.unpack_from(buffer, at)
            if length > MAX_FRAME:
                raise ValueError(f"a frame of {length} octets")
            if len(buffer) - at - 4 < length:
                break
            found.append(bytes(buffer[at + 4 : at + 4 + length]))
            at += 4 + length
        if at:
            del buffer[:at]
        return found


def read_report(body: bytes) -> Report:
    """Raises msgspec.DecodeError, which is a ValueError."""
    report: Report = _decode_report(body)
    return report


def read_request(body: bytes) -> Request:
    """Raises msgspec.DecodeError, which is a ValueError."""
    return _decode_request(body)


def plain_event(event: Event) -> Event:
    """An event whose fields any encoder takes."""
    fields: Mapping[str, str | int | bool] = event.fields
    return event if type(fields) is dict else msgspec.structs.replace(event, fields=dict(fields))
