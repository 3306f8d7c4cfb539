"""Whether what a part hands out is what the contract allows (DESIGN section 2): a stranger's may be anything."""

from collections.abc import Mapping, Sequence
from typing import Any

from awase.model import ip_session
from awase.model.part import Event, Packet
from awase.model.reference_points import REFERENCE_POINTS, Transport

BATCH_PORTS = frozenset(("n3", "n9", "f1u", "n6", ip_session.PORT))
"""Where a payload may be a sequence of octet strings."""
IDLE_WAKES = 100_000
"""How often a part may ask to be woken at the time that it is before it is held to be in a loop."""

_KINDS: Mapping[Transport, frozenset[str]] = {
    "sctp": frozenset(("data", "connect", "down", "abort")),
    "http": frozenset(("request", "response", "abort")),
    "udp": frozenset(("data",)),
    "rls": frozenset(("data",)),
    "ip": frozenset(("data",)),
}
"""What a part may send, by what carries it."""
_SESSION_KINDS = frozenset(("data", "up", "down"))
"""On port app (model/ip_session.py), which no reference point joins."""
_TRANSPORTS: Mapping[str, Transport] = {
    port: row.transport for row in REFERENCE_POINTS.values() for port in (row.client_port, row.server_port)
}
_NUMBERS = (("association", 1 << 63), ("stream", 1 << 16), ("ppid", 1 << 32), ("exchange", 1 << 63))
_NOTHING = ()
_LEVELS = ("info", "warning", "error")


class ContractError(Exception):
    """A part handed out what the contract does not allow."""


def packets_of(handed_out: Any, ports: Sequence[str]) -> Sequence[Packet]:
    """What `take_packets` gave. Raises ContractError."""
    if type(handed_out) is list:
        if not handed_out:
            return _NOTHING
    elif not _is_sequence(handed_out):
        raise ContractError(f"take_packets gave {_kind(handed_out)}, not a sequence of packets")
    packets: Sequence[Packet] = handed_out
    for packet in packets:
        _check_packet(packet, ports)
    return packets


def events_of(handed_out: Any) -> Sequence[Event]:
    """What `take_events` gave, as our events. Raises ContractError."""
    if type(handed_out) is list:
        if not handed_out:
            return _NOTHING
    elif not _is_sequence(handed_out):
        raise ContractError(f"take_events gave {_kind(handed_out)}, not a sequence of events")
    return [_event(event) for event in handed_out]


def wake_of(handed_out: Any) -> int | None:
    """What `wake_at_ns` gave. Raises ContractError."""
    if handed_out is None or type(handed_out) is int:
        return handed_out
    raise ContractError(f"wake_at_ns gave {_kind(handed_out)}, neither nanoseconds as an integer nor None")


def check_key(record: Any) -> None:
    """What is given to `key_log`. Raises ContractError."""
    if not isinstance(record, Mapping) or not all(
        isinstance(key, str) and isinstance(value, str | int) for key, value in record.items()
    ):
        raise ContractError("key_log takes a mapping of names to text or integers")


def _check_packet(packet: Any, ports: Sequence[str]) -> None:
    try:
        port, kind, payload, peer = packet.port, packet.kind, packet.payload, packet.peer
        numbers = (packet.association, packet.stream, packet.ppid, packet.exchange)
    except AttributeError as error:
        raise ContractError(f"take_packets gave {_kind(packet)} among its packets: {error}") from None
    if port not in ports:
        raise ContractError(f"it sent a packet to port {port!r:.60}, and has {', '.join(ports)}")
    if type(payload) is not bytes:
        _check_batch(port, payload)
    transport = _TRANSPORTS.get(port, "udp")
    kinds = _SESSION_KINDS if port == ip_session.PORT else _KINDS[transport]
    if type(kind) is not str or kind not in kinds:
        raise ContractError(f"it sent a packet of kind {kind!r:.60} to {port}")
    if type(peer) is not str:
        raise ContractError(f"it sent a packet whose peer is {_kind(peer)}, not text")
    if transport == "sctp" and kind != "connect" and numbers[0] is None:
        raise ContractError(f"it sent a packet of kind {kind} to {port} on no association")
    if numbers != (None, None, None, None):
        for (name, limit), number in zip(_NUMBERS, numbers, strict=True):
            if number is not None and (type(number) is not int or not 0 <= number < limit):
                raise ContractError(f"it sent a packet whose {name} is {number!r:.60}")


def _check_batch(port: str, payload: Any) -> None:
    if port not in BATCH_PORTS:
        raise ContractError(f"it sent a packet to {port} whose payload is {_kind(payload)}, not bytes")
    if not isinstance(payload, list | tuple) or not all(type(octets) is bytes for octets in payload):
        raise ContractError(f"it sent a packet to {port} whose payload is neither bytes nor a sequence of bytes")


def _event(event: Any) -> Event:
    try:
        name, text, level = event.name, event.text, event.level
        subject, config, fields = event.subject, event.config, event.fields
    except AttributeError as error:
        raise ContractError(f"take_events gave {_kind(event)} among its events: {error}") from None
    if not all(type(word) is str for word in (name, text, subject, config)) or level not in _LEVELS:
        raise ContractError(f"its event {name!r:.60} has a name, text, level, subject or config that is none")
    try:
        "".join((name, text, subject, config)).encode()
    except UnicodeEncodeError:
        raise ContractError("an event of it has text that is no Unicode") from None
    if not (type(fields) is dict or isinstance(fields, Mapping)) or not all(
        type(key) is str and isinstance(value, str | int) for key, value in fields.items()
    ):
        raise ContractError(f"the fields of its event {name:.60} are not text or integers by name")
    return event if type(event) is Event else Event(name, text, level, subject, config, dict(fields))


def _is_sequence(value: object) -> bool:
    return isinstance(value, tuple | Sequence) and not isinstance(value, str | bytes)


def _kind(value: object) -> str:
    return "None" if value is None else f"a {type(value).__name__}"
