"""All single cuts and all pairs of cuts at once, without routing anything twice.

For each source: the shortest paths after a single cut differ from the intact ones only below the cut. After a pair of
cuts {e, f} a node's path is that after e alone if it avoids f, or that after f alone if it avoids e; only nodes of
which neither holds are routed again, from neighbours whose distances are known already. Sums over pairs are those of
the two single cuts plus a correction for the demands that both of them hit. `outcomes.Reckoner` reckons the same one
by one, and the tests hold the two against each other.
"""

from array import array
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from heapq import heapify, heappop, heappush
from operator import add

import msgspec

from awase.planner.backbone.commodities import Commodity
from awase.planner.backbone.outcomes import Effect, Overload, Reckoner
from awase.planner.backbone.routing import INFINITE, SHIFT, Adjacency, Path

MEMORY_BYTES = 192 * 1024 * 1024
"""What the corrections of one block of pairs may take; more pairs are done in blocks."""


class Way(msgspec.Struct):
    """A node's path after cuts: its length, its arcs, the cuts that it crosses."""

    length: int
    arcs: Path
    crosses: tuple[int, ...]


Ways = dict[int, Way | None]
"""[node] its way; None: there is none any more."""


class Correction:
    """What must be added to two single cuts' sums to have their pair's."""

    __slots__ = ("later", "load", "lost", "rerouted", "stranded", "worst_ns")

    def __init__(self, arcs: int) -> None:
        self.lost = 0
        self.rerouted = 0
        self.later = 0
        self.worst_ns = 0
        self.load = array("q", bytes(8 * arcs))
        self.stranded: set[tuple[int, int]] = set()
        """(commodity, node) of demands that one cut alone only delays, and both lose: their delay counts no more."""


class Sweep:
    """Single cuts and pairs of one backbone; `cuts`: the links of each cut, disjoint."""

    def __init__(self, reckoner: Reckoner, cuts: Sequence[Sequence[int]]) -> None:
        self.reckoner = reckoner
        self.cuts = cuts
        self.cut_of = [-1] * len(reckoner.graph.ends)
        for number, links in enumerate(cuts):
            for link in links:
                self.cut_of[link] = number
        self.arcs = len(reckoner.load)
        self._singles: list[Effect] = []
        self._delays: list[list[tuple[int, int, int]]] = []
        """[cut]: what it delays, worst first: (ns less than nothing, commodity, node)."""

    def singles(self) -> list[Effect]:
        """[cut]: what it does alone."""
        if not self._singles:
            self._singles = [Effect(0, 0, 0, 0, [0] * self.arcs) for _ in self.cuts]
            self._delays = [[] for _ in self.cuts]
            for number in range(len(self.reckoner.parts)):
                _Source(self, number).add_singles(self._singles, self._delays)
            for delays in self._delays:
                delays.sort()
        base = self.reckoner.load
        return [
            Effect(one.lost, one.rerouted, one.later, one.worst_ns, list(map(add, base, one.load)))
            for one in self._singles
        ]

    def pairs(self) -> Iterator[tuple[int, int, Effect, Overload]]:
        """Each pair of cuts, in order, with what it does."""
        loads = [one.load for one in self.singles()]
        for first, last in self._blocks():
            corrections: dict[tuple[int, int], Correction] = {}
            for number in range(len(self.reckoner.parts)):
                _Source(self, number).add_pairs(corrections, first, last)
            for e in range(first, last):
                for f in range(e + 1, len(self.cuts)):
                    more = corrections.get((e, f))
                    load = list(map(add, loads[e], self._singles[f].load))
                    if more is not None:
                        load = list(map(add, load, more.load))
                    yield e, f, self._pair(e, f, more, load), self.reckoner.overload(load)

    def _pair(self, e: int, f: int, more: Correction | None, load: list[int]) -> Effect:
        one, two = self._singles[e], self._singles[f]
        effect = Effect(
            one.lost + two.lost,
            one.rerouted + two.rerouted,
            one.later + two.later,
            max(one.worst_ns, two.worst_ns),
            load,
        )
        if more is not None:
            effect.lost += more.lost
            effect.rerouted += more.rerouted
            effect.later += more.later
            if more.stranded:
                effect.worst_ns = max(self._worst(e, more.stranded), self._worst(f, more.stranded))
            effect.worst_ns = max(effect.worst_ns, more.worst_ns)
        return effect

    def _worst(self, cut: int, stranded: set[tuple[int, int]]) -> int:
        """The worst delay of a cut over demands that are not stranded."""
        return next((-less for less, number, node in self._delays[cut] if (number, node) not in stranded), 0)

    def _blocks(self) -> Iterator[tuple[int, int]]:
        """Ranges of the first cut of a pair, so that their corrections fit the memory."""
        room = max(1, MEMORY_BYTES // (8 * self.arcs + 200))
        first = 0
        while first < len(self.cuts):
            last, pairs = first, 0
            while last < len(self.cuts) and (last == first or pairs + len(self.cuts) - last <= room):
                pairs += len(self.cuts) - last
                last += 1
            yield first, last
            first = last


class _Source:
    """One commodity: its ways after each single cut, and what two cuts change of them."""

    def __init__(self, sweep: Sweep, number: int) -> None:
        self.number = number
        self.part: Commodity = sweep.reckoner.parts[number]
        part = self.part
        self.cut_of = sweep.cut_of
        self.ends = sweep.reckoner.graph.ends
        self.arcs = sweep.arcs
        nodes = len(part.adjacency)
        self.crosses: list[tuple[int, ...]] = [()] * nodes
        self.below: dict[int, list[int]] = {}
        for node in part.base.order:
            arc = part.base.arc[node]
            if arc < 0:
                continue
            before = self.crosses[self.ends[arc >> 1][arc & 1]]
            cut = self.cut_of[arc >> 1]
            self.crosses[node] = before if cut < 0 or cut in before else (*before, cut)
            for one in self.crosses[node]:
                self.below.setdefault(one, []).append(node)
        self.base = [
            Way(length, route, crosses) if route is not None else None
            for length, route, crosses in zip(part.base.length, part.routes, self.crosses, strict=True)
        ]
        self.after: dict[int, Ways] = {
            cut: self._again(nodes, (cut,), self.base.__getitem__) for cut, nodes in sorted(self.below.items())
        }

    def _again(self, nodes: list[int], cuts: tuple[int, ...], known: Callable[[int], Way | None]) -> Ways:
        """The ways to nodes after cuts, where the ways to all others are known."""
        adjacency: Adjacency = self.part.adjacency
        cut_of = self.cut_of
        ways: Ways = dict.fromkeys(nodes)
        heap = self._borders(ways, cuts, known)
        best = {node: length for length, node, _, _ in heap}
        heapify(heap)
        while heap:
            length, node, before, arc = heappop(heap)
            if length > best[node] or ways[node] is not None:
                continue
            way = ways[before] if before in ways else known(before)
            assert way is not None
            cut = cut_of[arc >> 1]
            crosses = way.crosses if cut < 0 or cut in way.crosses else (*way.crosses, cut)
            ways[node] = Way(length, (*way.arcs, arc), crosses)
            for neighbour, more, out in adjacency[node]:
                inside = neighbour in ways and ways[neighbour] is None and cut_of[out >> 1] not in cuts
                if inside and length + more < best.get(neighbour, INFINITE):
                    best[neighbour] = length + more
                    heappush(heap, (length + more, neighbour, node, out))
        return ways

    def _borders(
        self, ways: Ways, cuts: tuple[int, ...], known: Callable[[int], Way | None]
    ) -> list[tuple[int, int, int, int]]:
        """The shortest way to each node straight from one whose way is known: (length, node, from, arc)."""
        heap = []
        for node in ways:
            shortest = INFINITE
            for neighbour, more, arc in self.part.adjacency[node]:
                if neighbour in ways or self.cut_of[arc >> 1] in cuts:
                    continue
                way = known(neighbour)
                if way is not None and way.length + more < shortest:
                    shortest = way.length + more
                    entry = (shortest, node, neighbour, arc ^ 1)
            if shortest < INFINITE:
                heap.append(entry)
        return heap

    def add_singles(self, singles: list[Effect], delays: list[list[tuple[int, int, int]]]) -> None:
        """Add what each cut does to this source's demands."""
        for cut, ways in self.after.items():
            effect = singles[cut]
            load = effect.load
            assert isinstance(load, list)
            for node, way in ways.items():
                if node not in self.part.wants:
                    continue
                wants = self.part.wants[node]
                _put(load, self.part.routes[node], wants, -1)
                if way is None:
                    effect.lost += sum(wants)
                    continue
                _put(load, way.arcs, wants, 1)
                later = self._later(node, way)
                effect.rerouted += sum(wants)
                effect.later += later * sum(wants)
                effect.worst_ns = max(effect.worst_ns, later)
                delays[cut].append((-later, self.number, node))

    def _later(self, node: int, way: Way) -> int:
        return (way.length >> SHIFT) - (self.part.base.length[node] >> SHIFT)

    def add_pairs(self, corrections: dict[tuple[int, int], Correction], first: int, last: int) -> None:
        """Add the corrections of all pairs whose lower cut is in a range."""
        again = self._to_route_again(first, last)
        for (e, f), nodes in again.items():
            ways = self._again(nodes, (e, f), partial(self._known, e, f))
            for node in nodes:
                if node in self.part.wants:
                    self._correct(corrections, (e, f), node, ways[node])
        for node in self.part.wants:
            cuts = self.crosses[node]
            for place, one in enumerate(cuts):
                for other in cuts[place + 1 :]:
                    e, f = (one, other) if one < other else (other, one)
                    if first <= e < last and node not in again.get((e, f), ()):
                        self._correct(corrections, (e, f), node, self._known(e, f, node))

    def _to_route_again(self, first: int, last: int) -> dict[tuple[int, int], list[int]]:
        """The pairs, and the nodes whose way after either cut crosses the other."""
        again: dict[tuple[int, int], list[int]] = {}
        for e, ways in self.after.items():
            for node, way in ways.items():
                for f in way.crosses if way is not None else ():
                    pair = (e, f) if e < f else (f, e)
                    if not first <= pair[0] < last:
                        continue
                    if f in self.crosses[node]:
                        other = self.after[f][node]
                        if e > f or other is None or e not in other.crosses:
                            continue
                    again.setdefault(pair, []).append(node)
        return again

    def _known(self, e: int, f: int, node: int) -> Way | None:
        """The way after both cuts of a node that need not be routed again."""
        crosses = self.crosses[node]
        if e in crosses:
            way = self.after[e][node]
            if way is None or f not in way.crosses:
                return way
            return self.after[f][node] if f in crosses else None
        return self.after[f][node] if f in crosses else self.base[node]

    def _correct(
        self, corrections: dict[tuple[int, int], Correction], pair: tuple[int, int], node: int, way: Way | None
    ) -> None:
        """Take back what the two cuts alone did to a demand, and put what both together do."""
        wants = self.part.wants[node]
        more = corrections.get(pair)
        if more is None:
            more = corrections[pair] = Correction(self.arcs)
        alone = [self.after[cut][node] for cut in pair if cut in self.crosses[node]]
        if len(alone) == 2:
            _put(more.load, self.part.routes[node], wants, 1)
        if way is None:
            if any(one is not None for one in alone):
                more.stranded.add((self.number, node))
        else:
            more.worst_ns = max(more.worst_ns, self._later(node, way))
        same = next((place for place, one in enumerate(alone) if one is way), None)
        if same is None:
            self._count(more, node, way, 1)
        for place, one in enumerate(alone):
            if place != same:
                self._count(more, node, one, -1)

    def _count(self, more: Correction, node: int, way: Way | None, sign: int) -> None:
        wants = self.part.wants[node]
        volume = sum(wants) * sign
        if way is None:
            more.lost += volume
            return
        _put(more.load, way.arcs, wants, sign)
        more.rerouted += volume
        more.later += self._later(node, way) * volume


def _put(load: "list[int] | array[int]", route: Path | None, wants: tuple[int, int], sign: int) -> None:
    there, back = wants[0] * sign, wants[1] * sign
    if back:
        for arc in route or ():
            load[arc] += there
            load[arc ^ 1] += back
    else:
        for arc in route or ():
            load[arc] += there
