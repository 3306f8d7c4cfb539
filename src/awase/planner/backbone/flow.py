"""How much traffic a backbone can carry at all, split over any routes: a multi-commodity flow programme (HiGHS).

Least traffic lost, subject to the capacities: for each origin (and each set of links barred to its traffic) a flow over
every link direction, kept at every site, and what is lost of each demand. Small programmes are solved by the simplex
method; large ones by the interior point method, whose answer is within `ROUNDED_GBPS`.
"""

from collections.abc import Collection, Sequence
from typing import Any

import msgspec

from awase.planner.backbone.commodities import Commodity
from awase.planner.backbone.network import KBPS
from awase.planner.backbone.outcomes import Reckoner
from awase.planner.backbone.routing import Graph
from awase.planner.backbone.solver import failed, programme, solver

ROUNDED_GBPS = 1e-4
_DIGITS = 4
LARGE = 20_000
"""Columns from which on the interior point method is quicker; it was, by ten times, at 37,000."""


class Flow(msgspec.Struct, frozen=True, kw_only=True):
    """The most that can be carried. `prices`: [arc] what one more Gbit/s on it would save, in Gbit/s."""

    lost_gbps: float
    carried_gbps: float
    cut_off_gbps: float
    prices: tuple[float, ...]


class Columns(msgspec.Struct):
    """A programme by columns, as HiGHS takes it: `column_of` [arc] the columns that are flows over it."""

    starts: list[int]
    rows: list[int]
    values: list[float]
    costs: list[float]
    most: list[float]
    column_of: list[list[int]]

    def add(self, cost: float, most: float, entries: Sequence[tuple[int, float]]) -> int:
        """One more column."""
        for row, value in entries:
            self.rows.append(row)
            self.values.append(value)
        self.starts.append(len(self.rows))
        self.costs.append(cost)
        self.most.append(most)
        return len(self.costs) - 1


class FlowProgramme:
    """Answers for one backbone, its demands and any links that failed."""

    def __init__(self, graph: Graph, parts: Sequence[Commodity]) -> None:
        self.graph = graph
        self.parts = parts
        self.reckoner = Reckoner(graph, parts)
        self.arcs = 2 * len(graph.ends)
        self._columns: Columns | None = None
        self._needs: list[float] = []
        self._limited = [arc for arc in range(self.arcs) if graph.capacity[arc >> 1] is not None]

    def most(self, dead: Collection[int] = ()) -> Flow:
        """The most that can be carried without these links."""
        effect = self.reckoner.effect(dead)
        cut_off = self.reckoner.cut_off + effect.lost
        lost, prices = cut_off / KBPS, [0.0] * self.arcs
        if self.reckoner.overload(effect.load).links:
            lost, prices = self._solve(frozenset(dead))
            lost = round(max(lost, cut_off / KBPS), _DIGITS)
        return Flow(
            lost_gbps=lost,
            carried_gbps=round(self.reckoner.total / KBPS - lost, _DIGITS + 2),
            cut_off_gbps=cut_off / KBPS,
            prices=tuple(prices),
        )

    def _solve(self, dead: frozenset[int]) -> tuple[float, list[float]]:
        columns = self._columns or self._build()
        most = columns.most.copy()
        for arc in (arc for link in sorted(dead) for arc in (2 * link, 2 * link + 1)):
            for column in columns.column_of[arc]:
                most[column] = 0.0
        rooms = [(self.graph.capacity[arc >> 1] or 0) / KBPS for arc in self._limited]
        lower = [*self._needs, *([-float("inf")] * len(rooms))]
        large = len(columns.costs) >= LARGE
        highs = solver(**({"solver": "ipm", "run_crossover": "off", "presolve": "off"} if large else {}))
        highs.passModel(
            programme(
                (columns.starts, columns.rows, columns.values), (columns.costs, most), (lower, [*self._needs, *rooms])
            )
        )
        highs.run()
        if failed(highs):
            raise ArithmeticError(f"HiGHS did not solve the flow programme: {highs.getModelStatus()}")
        duals: Any = highs.getSolution().row_dual
        prices = [0.0] * self.arcs
        for number, arc in enumerate(self._limited):
            prices[arc] = max(0.0, -float(duals[len(self._needs) + number]))
        return float(highs.getObjectiveValue()), prices

    def _build(self) -> Columns:
        """The whole programme, without any failure: rows of flow first, then those of the capacities."""
        flows = self._by_origin()
        sites = len(self.graph.nodes)
        first_room = len(flows) * sites
        row_of_room = {arc: first_room + number for number, arc in enumerate(self._limited)}
        columns = Columns([0], [], [], [], [], [[] for _ in range(self.arcs)])
        self._needs = [0.0] * first_room
        for number, ((barred, origin), targets) in enumerate(flows.items()):
            first = number * sites
            for arc in range(self.arcs):
                tail, head = self.graph.ends[arc >> 1][arc & 1], self.graph.ends[arc >> 1][1 - (arc & 1)]
                if head == origin or arc >> 1 in barred:
                    continue
                entries = [(first + head, 1.0)]
                if tail != origin:
                    entries.append((first + tail, -1.0))
                if arc in row_of_room:
                    entries.append((row_of_room[arc], 1.0))
                columns.column_of[arc].append(columns.add(0.0, float("inf"), entries))
            for target, kbps in targets.items():
                self._needs[first + target] = kbps / KBPS
                columns.add(1.0, kbps / KBPS, [(first + target, 1.0)])
        self._columns = columns
        return columns

    def _by_origin(self) -> dict[tuple[tuple[int, ...], int], dict[int, int]]:
        """(barred links, origin): [target] kbit/s."""
        flows: dict[tuple[tuple[int, ...], int], dict[int, int]] = {}
        for part in self.parts:
            for node, (there, back) in part.wants.items():
                if there:
                    flows.setdefault((part.barred, part.source), {})[node] = there
                if back:
                    flows.setdefault((part.barred, node), {})[part.source] = back
        return flows
