"""Small parts that send what a test tells them to, for tests of the lab itself."""

from collections.abc import Callable, Mapping
from typing import Any

from awase.lab.assembly import Assembly, PlacedLink, PlacedPart
from awase.model.machine import Machine
from awase.model.network import Network
from awase.model.part import Event, Packet, Services
from awase.model.reference_points import REFERENCE_POINTS

Script = Callable[["Toy"], None]
Reaction = Callable[["Toy", Packet], None]


class Toy(Machine):
    """A part that remembers what it receives."""

    def __init__(self, name: str, services: Services, script: Script | None, reaction: Reaction | None) -> None:
        super().__init__(name, services)
        self.received: list[tuple[int, Packet]] = []
        self._script, self._reaction = script, reaction

    def start(self) -> None:
        if self._script is not None:
            self._script(self)

    def handle(self, packet: Packet) -> None:
        self.received.append((self.now_ns, packet))
        if self._reaction is not None:
            self._reaction(self, packet)


class ToyType:
    """Offers toys; keeps the one that it made."""

    config_schema: Mapping[str, Any] = {}
    versions: Mapping[str, str] = {}

    def __init__(self, function: str, script: Script | None = None, reaction: Reaction | None = None) -> None:
        self.function = function
        self.ports = sorted({port for row in REFERENCE_POINTS.values() for port in (row.client_port, row.server_port)})
        self._script, self._reaction = script, reaction
        self.toy: Toy | None = None

    def build(self, name: str, _config: Mapping[str, Any], services: Services) -> Toy:
        self.toy = Toy(name, services, self._script, self._reaction)
        return self.toy


class Tape:
    """A tap that keeps everything."""

    def __init__(self) -> None:
        self.packets: list[tuple[int, str, Packet, tuple[int, ...]]] = []
        self.events: list[tuple[int, str, Event]] = []
        self.keys: list[Mapping[str, str | int]] = []
        self.faults: list[tuple[int, str, str, str]] = []

    def packet(self, sent_ns: int, path: Any, packet: Packet, arrivals_ns: tuple[int, ...]) -> None:
        self.packets.append((sent_ns, path.sender, packet, arrivals_ns))

    def event(self, time_ns: int, part: PlacedPart, event: Event) -> None:
        self.events.append((time_ns, part.name, event))

    def key(self, record: Mapping[str, str | int]) -> None:
        self.keys.append(record)

    def fault(self, time_ns: int, part: str, name: str, text: str) -> None:
        self.faults.append((time_ns, part, name, text))


EPOCH_NS = 1_767_225_600_000_000_000


def pair(point: str, client: ToyType, server: ToyType, *, seed: int = 1, **faults: float) -> Assembly:
    """Two toys joined at a reference point."""
    row = REFERENCE_POINTS[point]
    number = row.port_number

    def placed(name: str, part_type: ToyType, port: str, host: int) -> PlacedPart:
        addresses = {} if row.transport == "ip" else {port: f"10.0.0.{host}:{number}"}
        return PlacedPart(
            name=name,
            function=part_type.function,
            supplier="toys",
            quirks=(),
            part_type=part_type,
            config={},
            addresses=addresses,
            where=lambda path: f"toys.yaml:{len(path)}",
        )

    link = PlacedLink(
        name=f"{point} a-b",
        reference_point=point,
        ends=(("a", row.client_port), ("b", row.server_port)),
        **{"delay_us": 1000, **faults},
    )
    return Assembly(
        network=Network(name="toys", parts={}),
        parts=(placed("a", client, row.client_port, 1), placed("b", server, row.server_port, 2)),
        links=(link,),
        expectations={},
        seed=seed,
        epoch_ns=EPOCH_NS,
    )


def star(clients: list[ToyType], server: ToyType) -> Assembly:
    """Several toys joined to one at N6, which has no addresses."""
    assemblies = [pair("N6", client, server) for client in clients]
    parts = [
        PlacedPart(
            name=f"a{number}",
            function="upf",
            supplier="toys",
            quirks=(),
            part_type=client,
            config={},
            addresses={},
            where=str,
        )
        for number, client in enumerate(clients)
    ]
    links = [
        PlacedLink(name=f"N6 {part.name}-b", reference_point="N6", ends=((part.name, "n6"), ("b", "n6")))
        for part in parts
    ]
    return Assembly(
        network=assemblies[0].network,
        parts=(*parts, assemblies[0].parts[1]),
        links=tuple(links),
        expectations={},
        seed=1,
        epoch_ns=EPOCH_NS,
    )
