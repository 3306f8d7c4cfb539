"""What a failure does to traffic: lost, rerouted, overloaded, later; reckoned for any set of links, one at a time."""

from collections.abc import Collection, Sequence
from operator import mul

import msgspec

from awase.planner.backbone.commodities import Commodity, loads
from awase.planner.backbone.network import KBPS
from awase.planner.backbone.routing import INFINITE, SHIFT, Graph, paths, shortest

NS_PER_MS = 1_000_000
UNLIMITED = 1 << 62


class Effect(msgspec.Struct):
    """Sums over demands, in whole numbers: kbit/s lost and rerouted, kbit/s times ns, the worst ns, [arc] kbit/s."""

    lost: int
    rerouted: int
    later: int
    worst_ns: int
    load: Sequence[int]


class Overload(msgspec.Struct, frozen=True):
    """How full links are: how many arcs have more than their capacity, by how much in all, and the fullest share."""

    links: int
    excess: int
    utilisation: float


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a failure does, by rerouting what it hits over the surviving shortest paths.

    `lost_gbps`: what has no way left, beyond what had none before; `overloaded_links` and `excess_gbps`: links that
    are asked for more than their capacity, and by how much in all; `utilisation` of the fullest link (0: no capacity
    is known); `added_delay_ms`: the mean over rerouted traffic, and the worst of any demand, one way;
    `carried_gbps`: what the flow programme could still carry, where it was asked.
    """

    failures: tuple[str, ...]
    lost_gbps: float
    rerouted_gbps: float
    overloaded_links: int
    excess_gbps: float
    utilisation: float
    mean_added_delay_ms: float
    worst_added_delay_ms: float
    repair_days: float
    lost_gbps_days: float
    carried_gbps: float | None = None


class Reckoner:
    """Reckons failures of one backbone with its demands."""

    def __init__(self, graph: Graph, parts: Sequence[Commodity]) -> None:
        self.graph = graph
        self.parts = parts
        self.load = loads(graph, parts)
        rooms = [graph.capacity[arc >> 1] for arc in range(len(self.load))]
        self._room = [UNLIMITED if room is None else room for room in rooms]
        self._share = [0.0 if room is None else 1.0 / room for room in rooms]
        self.cut_off = sum(
            there + back for part in parts for node, (there, back) in part.wants.items() if part.routes[node] is None
        )
        self.total = sum(there + back for part in parts for there, back in part.wants.values())

    def effect(self, dead: Collection[int]) -> Effect:
        """What the loss of links does."""
        gone = frozenset(dead)
        effect = Effect(0, 0, 0, 0, list(self.load))
        for part in self.parts:
            hit = [node for node in part.wants if any(arc >> 1 in gone for arc in part.routes[node] or ())]
            if hit:
                self._reroute(part, hit, gone, effect)
        return effect

    def _reroute(self, part: Commodity, hit: list[int], gone: frozenset[int], effect: Effect) -> None:
        tree = shortest(part.adjacency, part.source, gone)
        routes = paths(self.graph, tree)
        load = effect.load
        assert isinstance(load, list)
        for node in hit:
            there, back = part.wants[node]
            for arc in part.routes[node] or ():
                load[arc] -= there
                load[arc ^ 1] -= back
            route = routes[node]
            if tree.length[node] == INFINITE or route is None:
                effect.lost += there + back
                continue
            for arc in route:
                load[arc] += there
                load[arc ^ 1] += back
            later = (tree.length[node] >> SHIFT) - (part.base.length[node] >> SHIFT)
            effect.rerouted += there + back
            effect.later += later * (there + back)
            effect.worst_ns = max(effect.worst_ns, later)

    def overload(self, load: Sequence[int]) -> Overload:
        """How full the links are under these loads."""
        excess = [used - room for used, room in zip(load, self._room, strict=True) if used > room]
        return Overload(len(excess), sum(excess), max(map(mul, load, self._share), default=0.0))


def outcome(failures: tuple[str, ...], effect: Effect, overload: Overload, repair_days: float) -> Outcome:
    """The figures of an effect in the units that people read."""
    mean = effect.later / effect.rerouted / NS_PER_MS if effect.rerouted else 0.0
    return Outcome(
        failures=failures,
        lost_gbps=effect.lost / KBPS,
        rerouted_gbps=effect.rerouted / KBPS,
        overloaded_links=overload.links,
        excess_gbps=overload.excess / KBPS,
        utilisation=round(overload.utilisation, 6),
        mean_added_delay_ms=round(mean, 6),
        worst_added_delay_ms=effect.worst_ns / NS_PER_MS,
        repair_days=repair_days,
        lost_gbps_days=round(effect.lost / KBPS * repair_days, 6),
    )


def worst_first(one: Outcome) -> tuple[float, float, float, tuple[str, ...]]:
    """The order of outcomes: most lost or over capacity, then most lost, then the longest detours, then by name."""
    harm = round(one.lost_gbps + one.excess_gbps, 6)
    return (-harm, -one.lost_gbps, -one.mean_added_delay_ms * one.rerouted_gbps, one.failures)
