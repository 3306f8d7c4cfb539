"""A network in which one part is shot at: what it would receive, and packets that nobody should send, at any moment.

`Ambush` runs a network in virtual time. Before each of some of the clockwork's steps its shots are handed to the part
under fire; what that sends back is judged, and reaches nobody: so a run in which the shots changed nothing is the run
without them, octet for octet.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from awase.lab.assemble import assemble
from awase.lab.assembly import Assembly, PlacedPart
from awase.lab.clockwork import Clockwork
from awase.lab.network_file import load_network
from awase.model.part import NS_PER_S, Event, Packet, Part, Services
from awase.protocols.gtpu import codec as gtpu
from awase.protocols.ngap import codec as ngap
from awase.protocols.pfcp import codec as pfcp
from awase.protocols.rls import codec as rls
from awase.protocols.sbi import bhttp
from awase.wire.errors import DecodeError

NETWORK = Path(__file__).parent / "ambush.yaml"

PORTS = (
    ("ue1", "uu"), ("gnb1", "uu"), ("gnb1", "n2"), ("gnb1", "n3"), ("amf", "n2"), ("amf", "sbi"), ("smf", "n4"),
    ("smf", "n4u"), ("smf", "sbi"), ("upf", "n3"), ("upf", "n4"), ("upf", "n6"), ("ausf", "sbi"), ("udm", "sbi"),
    ("udr", "sbi"), ("internet", "n6"),
)  # fmt: skip
"""Every port of every function."""

KINDS = ("data", "up", "down", "abort", "connect", "request", "response", "nonsense")
STRANGER = "203.0.113.9:4711"
STRANGERS_ASSOCIATION = 4711
MOMENTS = 12


class PartUnderFire:
    """A part as it is, that can be handed packets past the clockwork."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.receive, self.wake, self.wake_at_ns = part.receive, part.wake, part.wake_at_ns
        self.take_packets, self.take_events = part.take_packets, part.take_events

    def shoot(self, packet: Packet, now_ns: int) -> tuple[list[Packet], list[Event]]:
        """What it answers and reports. Whatever it raises is the test's to see."""
        self.part.receive(packet, now_ns)
        self.part.wake_at_ns()
        return list(self.part.take_packets()), list(self.part.take_events())


class _UnderFire:
    """A part type whose part can be shot at."""

    def __init__(self, part_type: Any) -> None:
        self.part_type = part_type
        self.function, self.ports, self.versions = part_type.function, part_type.ports, part_type.versions
        self.config_schema = part_type.config_schema
        self.made: PartUnderFire | None = None

    def build(self, name: str, config: Mapping[str, Any], services: Services) -> PartUnderFire:
        self.made = PartUnderFire(self.part_type.build(name, config, services))
        return self.made


class Tape:
    """All that the network's parts said to one another, and its events."""

    def __init__(self) -> None:
        self.packets: list[tuple[int, str, str, str, Packet]] = []
        self.arrivals_ns: list[int] = []
        self.events: list[tuple[str, Event]] = []

    def packet(self, sent_ns: int, path: Any, packet: Packet, arrivals_ns: tuple[int, ...]) -> None:
        received = Packet(
            path.receiver_port, path.source, packet.payload, packet.kind, packet.association, packet.stream,
            packet.ppid, packet.exchange,
        )  # fmt: skip
        self.packets.append((sent_ns, path.sender, path.receiver, path.receiver_port, received))
        self.arrivals_ns.append(arrivals_ns[0])

    def event(self, _time_ns: int, part: PlacedPart, event: Event) -> None:
        self.events.append((part.name, event))

    def key(self, _record: Mapping[str, str | int]) -> None:
        pass

    def fault(self, *_fault: object) -> None:
        pass

    def received(self, name: str, port: str, until_ns: int | None = None) -> list[Packet]:
        """What came to a port, up to a time."""
        return [
            packet
            for (_, _, receiver, to_port, packet), arrival_ns in zip(self.packets, self.arrivals_ns, strict=True)
            if (receiver, to_port) == (name, port) and (until_ns is None or arrival_ns < until_ns)
        ]

    def names(self, part: str) -> list[str]:
        """The names of a part's events."""
        return [event.name for name, event in self.events if name == part]


Shots = Callable[["Ambush"], Iterable[Packet]]
Judge = Callable[[Packet, list[Packet], list[Event]], None]


class Ambush:
    """One run. `shots` gives, at each moment, what `name` is shot at with."""

    def __init__(
        self, name: str = "", shots: Shots | None = None, judge: Judge | None = None, end_s: float = 8
    ) -> None:
        self.name, self._shots, self._judge = name, shots, judge
        assembly = assemble(load_network(str(NETWORK)))
        self.tape = Tape()
        self.times_ns: list[int] = []
        """When each step of the clockwork was."""
        self.shot = 0
        self._types = {part.name: _UnderFire(part.part_type) for part in assembly.parts}
        assembly = msgspec.structs.replace(
            assembly,
            parts=tuple(msgspec.structs.replace(part, part_type=self._types[part.name]) for part in assembly.parts),
        )
        self.assembly: Assembly = assembly
        self.addresses = {part.name: dict(part.addresses) for part in assembly.parts}
        self.clockwork = Clockwork(assembly, self.tape)
        self._end_ns = assembly.epoch_ns + round(end_s * NS_PER_S)

    def part(self, name: str) -> PartUnderFire:
        made = self._types[name].made
        assert made is not None
        return made

    def run(self, moments_ns: Sequence[int] = ()) -> "Ambush":
        """Let the network live, and shoot when it has come to each of these times."""
        due = list(moments_ns)

        def before_each_step() -> bool:
            now_ns = self.clockwork.now_ns
            self.times_ns.append(now_ns)
            while due and due[0] <= now_ns and len(self.times_ns) > len(self._types):
                del due[0]
                if self._shots is not None:
                    self._fire(self._shots)
            return False

        self.clockwork.run(self._end_ns, before_each_step)
        return self

    def _fire(self, shots: Shots) -> None:
        target = self.part(self.name)
        for packet in shots(self):
            answers, events = target.shoot(packet, self.clockwork.now_ns)
            self.shot += 1
            assert len(answers) <= 64, packet
            assert len(events) <= 16, packet
            for answer in answers:
                assert answer.kind in KINDS[:-1], answer
                assert isinstance(answer.payload, bytes), answer
            if self._judge is not None:
                self._judge(packet, answers, events)


def moments(times_ns: Sequence[int]) -> list[int]:
    """Moments of a run of which these are the steps: early ones, while everything is set up, then evenly."""
    steps = len(times_ns)
    # Every part has been woken, before anything has arrived; then during NG Setup and the first authentication.
    early = (len(PORTS), steps // 12, steps // 8)
    evenly = (steps * number // (MOMENTS - len(early) + 1) for number in range(1, MOMENTS - len(early) + 1))
    return sorted(times_ns[step] for step in (*early, *evenly))


def decodes(packet: Packet) -> bool:
    """Whether a port's codec makes a message of it."""
    decoder = _DECODERS.get(packet.port)
    assert isinstance(packet.payload, bytes)
    if packet.port == "sbi":
        decoder = bhttp.decode_request if packet.kind == "request" else bhttp.decode_response
    assert decoder is not None
    try:
        decoder(packet.payload)
    except ngap.AbstractSyntaxError:
        # What there is of the message is acted on (TS 38.413 clause 10.3).
        return True
    except DecodeError:
        return False
    return True


def _ip_packet(octets: bytes) -> None:
    size = len(octets)
    if size >= 40 and octets[0] >> 4 == 6 and int.from_bytes(octets[4:6], "big") + 40 <= size:
        return
    if size < 20 or octets[0] >> 4 != 4 or not 20 <= int.from_bytes(octets[2:4], "big") <= size:
        raise DecodeError("no IP packet", offset=0)


_DECODERS: dict[str, Callable[[bytes], object]] = {
    "uu": rls.decode,
    "n2": ngap.decode,
    "n3": gtpu.decode,
    "n4u": gtpu.decode,
    "n4": pfcp.decode,
    "n6": _ip_packet,
}


def mutated(rng: random.Random, octets: bytes) -> bytes:
    """Some octets changed, cut off, put in or doubled."""
    changed = bytearray(octets)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
        at = rng.randrange(len(changed) + 1)
        match rng.randrange(7):
            case 0 if at < len(changed):
                changed[at] ^= 1 << rng.randrange(8)
            case 1 if at < len(changed):
                changed[at] = rng.choice((0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)))
            case 2:
                del changed[at:]
            case 3:
                changed[at:at] = rng.randbytes(rng.randint(1, 4))
            case 4:
                del changed[at : at + rng.randint(1, 8)]
            case 5:
                changed[at:at] = changed[max(0, at - 16) : at]
            case _:
                changed += rng.randbytes(rng.randint(1, 24))
    return bytes(changed)


def with_payload(packet: Packet, payload: bytes, **other: Any) -> Packet:
    """A packet with another payload."""
    return msgspec.structs.replace(packet, payload=payload, **other)


def random_octets(rng: random.Random) -> bytes:
    """Nothing, little or much."""
    return rng.randbytes(rng.choice((0, 1, 2, 3, 4, 7, 8, 12, 20, 40, 100, 400)))


def undecodable(rng: random.Random, stock: Sequence[Packet]) -> Iterator[Packet]:
    """For ever, packets of the right peers and associations that no codec makes a message of."""
    stock = [packet for packet in stock if packet.kind in ("data", "request", "response")]
    while True:
        packet = rng.choice(stock)
        assert isinstance(packet.payload, bytes)
        match rng.randrange(4):
            case 0:
                octets = random_octets(rng)
            case 1:
                octets = packet.payload[: rng.randrange(len(packet.payload) + 1)]
            case 2:
                octets = packet.payload[: rng.randrange(1, 9)] + random_octets(rng)
            case _:
                octets = mutated(rng, packet.payload)
        bad = with_payload(packet, octets)
        if packet.kind == "response" and packet.exchange is not None:
            # An answer to an open exchange ends it, legible or not.
            bad = with_payload(packet, octets, exchange=packet.exchange + (1 << 20))
        if not decodes(bad):
            yield bad


def hostile(rng: random.Random, stock: Sequence[Packet]) -> Iterator[Packet]:
    """For ever, anything: also good messages at the wrong time, and of the wrong kind."""
    while True:
        packet = rng.choice(stock)
        assert isinstance(packet.payload, bytes)
        octets = packet.payload
        match rng.randrange(8):
            case 0:
                octets = random_octets(rng)
            case 1:
                octets = octets[: rng.randrange(len(octets) + 1)]
            case 2 | 3 | 4 | 5:
                octets = mutated(rng, octets)
            case _:
                pass
        changes = {name: rng.choice(values) for name, values in _WRONG.items() if rng.randrange(8) == 0}
        yield with_payload(packet, octets, **changes)


_WRONG: dict[str, tuple[Any, ...]] = {
    "kind": KINDS,
    "association": (None, 0, 1, 2, -1, STRANGERS_ASSOCIATION, 1 << 40),
    "stream": (None, 0, 1, 65535, -1),
    "ppid": (None, 0, 18, 60, 66),
    "exchange": (None, 0, 1, 2, 3, 5, 1 << 40),
    "peer": (STRANGER, "", "nonsense", "[::1]:1", "1.2.3.4:999999"),
}


def of_a_stranger(rng: random.Random, stock: Sequence[Packet]) -> Iterator[Packet]:
    """For ever, what anybody can send who is not the right peer, from another address and on another association.

    What it may do by right is left out: to set up NG as a node that says it is the right one, and to use a service,
    since nothing here authenticates a base station or a consumer.
    """
    for packet in hostile(rng, stock):
        if packet.port == "sbi" and packet.kind == "request":
            continue
        if packet.port == "n2" and _sets_up(packet):
            continue
        association = STRANGERS_ASSOCIATION if packet.port == "n2" else packet.association
        yield msgspec.structs.replace(packet, peer=STRANGER, association=association)


def _sets_up(packet: Packet) -> bool:
    assert isinstance(packet.payload, bytes)
    return packet.payload[1:2] == b"\x15"


def size(root: object, limit: int = 2_000_000) -> dict[str, int]:
    """How many entries the containers that a part holds have, by attribute path of the part (two levels)."""
    seen: set[int] = set()
    sizes: dict[str, int] = {}

    def walk(value: object, path: str, depth: int) -> None:
        stack = [(value, path, depth)]
        while stack and len(seen) < limit:
            item, where, level = stack.pop()
            if id(item) in seen or isinstance(item, str | bytes | int | float | type(None) | type):
                continue
            seen.add(id(item))
            if isinstance(item, dict):
                sizes[where] = sizes.get(where, 0) + len(item)
                stack += [(each, where, level) for pair in item.items() for each in pair]
            elif isinstance(item, list | tuple | set | frozenset) or type(item).__name__ == "deque":
                sizes[where] = sizes.get(where, 0) + len(item)  # type: ignore[arg-type]
                stack += [(each, where, level) for each in item]  # type: ignore[attr-defined]
            elif type(item).__module__.startswith("awase."):
                for name in _attributes(item):
                    inner = f"{where}.{name}" if level < 3 else where
                    stack.append((getattr(item, name, None), inner, level + 1))

    walk(root, "", 0)
    return sizes


def _attributes(item: object) -> list[str]:
    names = list(getattr(item, "__dict__", ()))
    for owner in type(item).__mro__:
        slots = owner.__dict__.get("__slots__", ())
        names += [slots] if isinstance(slots, str) else list(slots)
    return names
