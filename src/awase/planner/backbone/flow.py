"""How much traffic a backbone can carry at all, split over any routes: a multi-commodity flow programme.

Most traffic carried, subject to the capacities, in the form of Dantzig and Wolfe (1960): each origin sends in a mixture
of ways, and at the prices of full links the cheapest routes are its best way. Ways are added until those prices prove
that no others could carry `CLOSE_GBPS` more.
"""

from collections.abc import Collection, Sequence

import msgspec
import numpy as np

from awase.planner.backbone.commodities import Commodity
from awase.planner.backbone.network import KBPS
from awase.planner.backbone.outcomes import Reckoner
from awase.planner.backbone.pricing import Floats, Pricing, origins_of
from awase.planner.backbone.routing import Graph
from awase.planner.backbone.sending import Sending

ROUNDED_GBPS = 1e-4
CLOSE_GBPS = 2e-5
"""What an answer may lack of the best one: less than it is rounded by."""
CLOSE_SHARE = 1e-9
"""The same as a share of all traffic, for what a floating point number holds."""
MOST_ROUNDS = 2_000
_DIGITS = 4


class Flow(msgspec.Struct, frozen=True, kw_only=True):
    """The most that can be carried. `prices`: [arc] what one more Gbit/s on it would save, in Gbit/s."""

    lost_gbps: float
    carried_gbps: float
    cut_off_gbps: float
    prices: tuple[float, ...]


class FlowProgramme:
    """Answers for one backbone, its demands and any links that failed."""

    def __init__(self, graph: Graph, parts: Sequence[Commodity]) -> None:
        self.graph = graph
        self.parts = parts
        self.reckoner = Reckoner(graph, parts)
        self.arcs = 2 * len(graph.ends)
        self._ready: tuple[Floats, Pricing, int] | None = None

    def most(self, dead: Collection[int] = ()) -> Flow:
        """The most that can be carried without these links."""
        effect = self.reckoner.effect(dead)
        cut_off = self.reckoner.cut_off + effect.lost
        lost, prices = cut_off / KBPS, [0.0] * self.arcs
        if self.reckoner.overload(effect.load).links:
            carried, prices = self._solve(frozenset(dead))
            lost = round(max(self.reckoner.total / KBPS - carried, lost), _DIGITS)
        return Flow(
            lost_gbps=lost,
            carried_gbps=round(self.reckoner.total / KBPS - lost, _DIGITS + 2),
            cut_off_gbps=cut_off / KBPS,
            prices=tuple(prices),
        )

    def _solve(self, dead: frozenset[int]) -> tuple[float, list[float]]:
        """What is carried, and the prices of the arcs."""
        rooms, pricing, origins = self._ready or self._begin()
        pricing.close(dead)
        sending = Sending(origins, rooms)
        close = max(CLOSE_GBPS, CLOSE_SHARE * self.reckoner.total / KBPS)
        for _ in range(MOST_ROUNDS):
            offers = pricing.offers(sending.prices)
            missing = float(offers.worth.sum()) + sending.rent() - sending.carried
            wanted = np.flatnonzero(offers.worth - sending.shares > close / (2 * origins))
            if missing <= close or not wanted.size:
                return sending.carried, sending.prices.tolist()
            sending.add(offers, wanted.tolist())
            sending.solve()
        raise ArithmeticError("the flow programme has not come to an end")

    def _begin(self) -> tuple[Floats, Pricing, int]:
        origins = origins_of(self.parts, len(self.graph.nodes))
        rooms = np.array([np.inf if room is None else room / KBPS for room in self.graph.capacity]).repeat(2)
        self._ready = rooms, Pricing(self.graph, origins), len(origins)
        return self._ready
