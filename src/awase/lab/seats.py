"""A part in the run, and one direction of a link: what the clockwork moves packets between."""

from collections.abc import Callable

from awase.lab.assembly import PlacedLink, PlacedPart
from awase.lab.contract import IDLE_WAKES, ContractError
from awase.lab.links import Channel
from awase.lab.outages import Outage
from awase.lab.services import VirtualServices
from awase.model.part import Address, Part
from awase.model.reference_points import REFERENCE_POINTS

LIFETIME = 1 << 40
"""By how much the numbers of a part's exchanges differ from those of its life before: each answer finds its own."""


class Path:
    """One direction of a link: from whom, to whom."""

    __slots__ = (
        "channel", "link", "link_index", "outage", "receiver", "receiver_port", "reverse", "sender", "shown", "source",
        "target", "to_server", "transport",
    )  # fmt: skip

    def __init__(self, link: PlacedLink, link_index: int, seed: int, to_server: bool) -> None:
        self.link = link
        self.link_index = link_index
        self.to_server = to_server
        self.transport = REFERENCE_POINTS[link.reference_point].transport
        name = f"{link.name}/{'up' if to_server else 'down'}"
        self.channel = Channel(name, seed=seed, reliable=self.reliable, quality=link.quality)
        self.outage: Outage | None = None
        """What waits while nothing passes."""
        self.sender, _ = link.ends[0 if to_server else 1]
        self.receiver, self.receiver_port = link.ends[1 if to_server else 0]
        self.source: Address = ""
        self.target: Address = ""
        self.shown: Address = ""
        """The sender as its receiver sees it: by address, where there is none by name."""
        self.reverse: Path = self

    @property
    def reliable(self) -> bool:
        """Whether what is lost is sent again."""
        return self.transport in ("sctp", "http")


class Seat:
    """A part in the run, from its start to its end: where its packets go, and when it is woken."""

    __slots__ = (
        "_idle_ns", "_idle_wakes", "first_exchange", "gone", "on_gone", "part", "placed", "ports", "routes", "services",
        "skew_ns", "unaddressed", "wake_ns",
    )  # fmt: skip

    def __init__(self, placed: PlacedPart, services: VirtualServices, before: "Seat | None" = None) -> None:
        self.placed = placed
        self.services = services
        self.part: Part = placed.build(services)
        self.routes: dict[tuple[str, Address], Path] = {} if before is None else before.routes
        self.unaddressed: dict[str, list[Path]] = {} if before is None else before.unaddressed
        """The ways out of a port without addresses (n6)."""
        self.ports = tuple(placed.part_type.ports)
        self.wake_ns: int | None = None
        self.gone = False
        """Whether it was killed, has stopped, or broke the contract."""
        self.on_gone: Callable[[], None] | None = None
        """What follows when it has stopped, as it was asked to."""
        self.skew_ns: int = 0 if before is None else before.skew_ns
        """By how much its clock is wrong."""
        self.first_exchange: int = 0 if before is None else before.first_exchange + LIFETIME
        self._idle_ns = self._idle_wakes = 0

    def count_idle(self, now_ns: int) -> None:
        """It asks to be woken at once. Raises ContractError if it does so for ever."""
        if now_ns != self._idle_ns:
            self._idle_ns, self._idle_wakes = now_ns, 0
        self._idle_wakes += 1
        if self._idle_wakes > IDLE_WAKES:
            raise ContractError("wake_at_ns asks again and again for the time that it is, so that no time passes")
