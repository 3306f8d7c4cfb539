"""The cheapest links to add so that traffic survives any one cut, or any two: proven cheapest of the candidates.

A covering programme (HiGHS) that learns: it proposes the cheapest links, every failure is tried on the result, and
each failure that still loses traffic adds a constraint that any remedy must meet: one of the links across the gap, or,
where capacities count, enough capacity at the prices of the flow programme (Benders' decomposition).
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Literal

import msgspec

from awase.model.plan import Currency, Gbps, Km, Link, Range
from awase.model.rules import MustNotCarry
from awase.planner.backbone.carrying import barred
from awase.planner.backbone.commodities import Commodity, commodities
from awase.planner.backbone.failures import Failure, cuts
from awase.planner.backbone.flow import FlowProgramme
from awase.planner.backbone.network import Backbone, Parts, great_circle_km, make
from awase.planner.backbone.routing import Adjacency, Graph, components
from awase.planner.backbone.solver import failed as without_optimum
from awase.planner.backbone.solver import integer, solver

Keep = Literal["connected", "carried"]
"""Every demand still has a way; or all of it still fits the capacities, split as need be."""
LOST_GBPS = 1e-4
MOST_ROUNDS = 400
MOST_NEEDS = 200
"""Learnt in one round: the cheapest choice is made again before more failures are tried."""


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A link that could be built, and what it costs."""

    link: Link
    cost: Range
    currency: Currency


class Additions(msgspec.Struct, frozen=True, kw_only=True):
    """The cheapest additions, or why there are none. `cost` is the sum of their ranges; chosen by the middle."""

    survives: int
    keep: Keep
    possible: bool
    links: tuple[Candidate, ...]
    cost: Range | None
    failures_tried: int
    text: str


class UnitCost(msgspec.Struct, frozen=True, kw_only=True):
    """What a new link costs: a part for its two ends, and a part for each km of route."""

    ends: Range
    per_km: Range
    currency: Currency
    detour: float = 1.3
    """How much longer a route is than its great circle: a declared assumption."""


def candidates(backbone: Backbone, cost: UnitCost, *, nearest: int = 4, capacity_gbps: float = 0.0) -> list[Candidate]:
    """For each site a new fibre link to each of its nearest sites with which it has no link yet; it is encrypted."""
    joined = {tuple(sorted((link.a, link.b))) for link in backbone.links}
    sites = {site.id: site for site in backbone.sites}
    found: dict[tuple[str, str], float] = {}
    for site in backbone.sites:
        near = []
        for other in backbone.sites:
            km = great_circle_km(site, other)
            if km is not None and other.id != site.id and tuple(sorted((site.id, other.id))) not in joined:
                near.append((km, other.id))
        for km, other_id in sorted(near)[:nearest]:
            first, second = sorted((site.id, other_id))
            found[first, second] = km
    made = []
    for (a, b), km in sorted(found.items()):
        length = round(km * cost.detour, 2)
        link = Link(
            id=f"new {a} - {b}",
            a=sites[a].id,  # type: ignore[index]
            b=sites[b].id,  # type: ignore[index]
            capacity_gbps=Gbps(capacity_gbps),
            length_km=Km(length),
            encrypted=True,
        )
        money = [
            round(end + per_km * length) for end, per_km in zip(_three(cost.ends), _three(cost.per_km), strict=True)
        ]
        made.append(Candidate(link=link, cost=Range(*money), currency=cost.currency))
    return made


def _three(money: Range) -> tuple[float, float, float]:
    return money.low, money.mid, money.high


def cheapest(
    backbone: Backbone,
    offers: Sequence[Candidate],
    *,
    survives: int = 1,
    keep: Keep = "connected",
    rules: Sequence[MustNotCarry] = (),
) -> Additions:
    """The cheapest of the candidates so that any `survives` cuts lose nothing that has a way today, as `rules` want."""
    problem = _Problem(backbone, offers, keep, rules)
    built: list[int] = []
    tried = 0
    for _ in range(MOST_ROUNDS):
        tried, needs = problem.needs(built, survives)
        if not needs:
            return problem.answer(built, survives, tried)
        hopeless = next((need for need in needs if not need.room()), None)
        chosen = None if hopeless else problem.choose(needs)
        if chosen is None:
            return problem.impossible(hopeless, survives, tried)
        built = chosen
    return problem.impossible(None, survives, tried)


class _Need(msgspec.Struct):
    """At least `least` of these shares of the candidates: [candidate] share."""

    shares: dict[int, float]
    least: float
    why: str

    def room(self) -> bool:
        """Whether all candidates together would do."""
        return sum(self.shares.values()) >= self.least - 1e-9


class _Space(msgspec.Struct):
    """Where some demands may go: `today` the components before any cut, `shut` the candidates barred to them."""

    adjacency: Adjacency
    today: list[int]
    shut: list[int]
    parts: list[Commodity]


class _Problem:
    def __init__(
        self, backbone: Backbone, offers: Sequence[Candidate], keep: Keep, rules: Sequence[MustNotCarry]
    ) -> None:
        self.rules = rules
        self.backbone = backbone
        self.offers = list(offers)
        self.keep = keep
        self.learnt: list[_Need] = []
        self.today = Graph(backbone)
        self.known: dict[tuple[str, ...], list[int]] = {}

    def _with(self, built: Sequence[int]) -> Backbone:
        return make(
            Parts(
                name=self.backbone.name,
                sites=self.backbone.sites,
                links=[*self.backbone.links, *(self.offers[number].link for number in built)],
                cables=self.backbone.cables,
                demands=self.backbone.demands,
            )
        )

    def needs(self, built: Sequence[int], survives: int) -> tuple[int, list[_Need]]:
        """How many failures were tried, and what those that lose traffic ask for."""
        backbone = self._with(built)
        graph = Graph(backbone)
        parts = commodities(
            graph, {kind: [one.link for one in ones] for kind, ones in barred(backbone, self.rules).items()}
        )
        place = {link.id: number for number, link in enumerate(backbone.links)}
        mine = {place[one.link.id]: number for number, one in enumerate(self.offers) if one.link.id in place}
        spaces = self._spaces(graph, parts, mine)
        needs: list[_Need] = []
        tried = 0
        for failed in _failures(cuts(backbone), survives):
            tried += 1
            dead = frozenset(link for one in failed for link in one.links)
            lost = {mine[link] for link in dead if link in mine}
            gone = [one.name for one in failed if one.kind == "cable"]
            open_to = [
                number for number, one in enumerate(self.offers) if number not in lost and one.link.cable not in gone
            ]
            why = " and ".join(one.name for one in failed) or "nothing"
            gaps = [need for space in spaces for need in self._gaps(graph, space, dead, (open_to, why))]
            needs.extend(gaps)
            if not gaps and self.keep == "carried":
                needs.extend(self._shortage(graph, parts, dead, (open_to, built, why)))
            if len(needs) >= MOST_NEEDS:
                break
        return tried, needs

    def _spaces(self, graph: Graph, parts: Sequence[Commodity], mine: Mapping[int, int]) -> list[_Space]:
        """The parts by the links that are barred to them, and what had no way from the start."""
        spaces: dict[tuple[int, ...], _Space] = {}
        for part in parts:
            if part.barred not in spaces:
                names = tuple(graph.backbone.links[link].id for link in part.barred if link not in mine)
                if names not in self.known:
                    places = [number for number, link in enumerate(self.backbone.links) if link.id in names]
                    self.known[names] = components(self.today.adjacency, places)
                shut = [mine[link] for link in part.barred if link in mine]
                spaces[part.barred] = _Space(part.adjacency, self.known[names], shut, [])
            spaces[part.barred].parts.append(part)
        return list(spaces.values())

    def _gaps(self, graph: Graph, space: _Space, dead: frozenset[int], context: tuple[list[int], str]) -> list[_Need]:
        """For each part of the backbone that demands are cut off in: one link across its border."""
        open_to, why = context
        label = components(space.adjacency, dead)
        if label == space.today:
            return []
        apart: dict[int, None] = {}
        for part in space.parts:
            for node in part.wants:
                if label[node] != label[part.source] and space.today[node] == space.today[part.source]:
                    apart[label[node]] = apart[label[part.source]] = None
        needs = []
        for island in sorted(apart):
            across = [
                number for number in open_to if number not in space.shut and self._crosses(graph, number, label, island)
            ]
            inside = [graph.backbone.sites[node].id for node, one in enumerate(label) if one == island]
            names = ", ".join(inside[:6]) + (f" and {len(inside) - 6} more" if len(inside) > 6 else "")
            needs.append(_Need(dict.fromkeys(across, 1.0), 1.0, f"without {why}, {names} are cut off from the rest"))
        return needs

    def _crosses(self, graph: Graph, number: int, label: list[int], island: int) -> bool:
        link = self.offers[number].link
        return (label[graph.nodes[link.a]] == island) != (label[graph.nodes[link.b]] == island)

    def _shortage(
        self,
        graph: Graph,
        parts: Sequence[Commodity],
        dead: frozenset[int],
        context: tuple[list[int], Sequence[int], str],
    ) -> list[_Need]:
        """At the prices of the links that are full, enough new capacity for what is lost (a metric inequality)."""
        open_to, built, why = context
        flow = FlowProgramme(graph, parts).most(dead)
        lost = flow.lost_gbps - flow.cut_off_gbps
        if lost <= LOST_GBPS:
            return []
        reach = _reach(graph, parts, dead, flow.prices)
        shares: dict[int, float] = {}
        least = lost
        for number in open_to:
            link = self.offers[number].link
            if number in built:
                here = next(place for place, one in enumerate(graph.backbone.links) if one.id == link.id)
                share = sum(flow.prices[2 * here + way] for way in (0, 1)) * link.capacity_gbps
                least += share if link.capacity_gbps else 0.0
            else:
                ends = (graph.nodes[link.a], graph.nodes[link.b])
                gain = _gain(reach, *ends) + _gain(reach, *reversed(ends))
                share = gain * link.capacity_gbps if link.capacity_gbps else float(gain > 1e-9) * 1e12
            if share > 1e-9:
                shares[number] = share
        shares = {number: min(share, least) for number, share in shares.items()}
        return [_Need(shares, least, f"without {why}, {lost:g} Gbit/s do not fit")]

    def choose(self, needs: list[_Need]) -> list[int] | None:
        """The cheapest candidates that meet all that was learnt; None if there are none."""
        self.learnt.extend(needs)
        highs = solver(mip_rel_gap=0.0)
        for offer in self.offers:
            highs.addCol(offer.cost.mid, 0.0, 1.0, 0, [], [])
        for number in range(len(self.offers)):
            highs.changeColIntegrality(number, integer())
        for need in self.learnt:
            numbers = sorted(need.shares)
            values = [need.shares[number] / need.least for number in numbers]
            highs.addRow(1.0 - 1e-9, highs.inf, len(numbers), numbers, values)
        highs.run()
        if without_optimum(highs):
            return None
        return [number for number, value in enumerate(highs.getSolution().col_value) if value > 0.5]

    def answer(self, built: list[int], survives: int, tried: int) -> Additions:
        """The links, their cost, and a sentence."""
        links = tuple(self.offers[number] for number in built)
        cost = Range(*(float(sum(_three(one.cost)[place] for one in links)) for place in range(3)))
        what = {"connected": "stays joined", "carried": "is carried in full"}[self.keep]
        many = {1: "any one cut", 2: "any two cuts"}.get(survives, f"any {survives} cuts")
        if not links:
            text = f"nothing to add: every demand {what} after {many} ({tried} tried)"
        else:
            money = f"{cost.low:,.0f} to {cost.high:,.0f} {links[0].currency} (middle {cost.mid:,.0f})"
            text = f"with {len(links)} links for {money}, every demand {what} after {many} ({tried} tried)"
        return Additions(
            survives=survives, keep=self.keep, possible=True, links=links, cost=cost, failures_tried=tried, text=text
        )

    def impossible(self, need: _Need | None, survives: int, tried: int) -> Additions:
        """That it cannot be done, and where."""
        text = f"no choice of the {len(self.offers)} candidates is enough"
        text += f": {need.why}, and no candidate helps" if need else ", taken together"
        return Additions(
            survives=survives, keep=self.keep, possible=False, links=(), cost=None, failures_tried=tried, text=text
        )


def _failures(units: Sequence[Failure], survives: int) -> Iterator[tuple[Failure, ...]]:
    """No failure, then all sets of exactly so many (fewer if there are fewer): what survives these survives less."""
    if survives:
        yield ()
    yield from combinations(units, min(survives, len(units)))


def _reach(
    graph: Graph, parts: Sequence[Commodity], dead: frozenset[int], prices: Sequence[float]
) -> tuple[list[list[float]], list[list[float]]]:
    """[way][commodity][node]: the price of the cheapest route from, or to, each source; at most 1."""
    both: tuple[list[list[float]], list[list[float]]] = ([], [])
    for way, rows in enumerate(both):
        for part in parts:
            row = [1.0] * len(part.adjacency)
            row[part.source] = 0.0
            # Few prices are above nothing: settling in rounds is simple, and quick enough.
            queue = [part.source]
            while queue:
                node = queue.pop(0)
                for neighbour, _, arc in part.adjacency[node]:
                    total = row[node] + prices[arc ^ way]
                    if arc >> 1 not in dead and total < row[neighbour] - 1e-12:
                        row[neighbour] = total
                        queue.append(neighbour)
            rows.append(row)
    return both


def _gain(reach: tuple[list[list[float]], list[list[float]]], a: int, b: int) -> float:
    """The least price at which an arc from a to b would make no route cheaper: what a Gbit/s on it may save."""
    there = max((row[b] - row[a] for row in reach[0]), default=0.0)
    back = max((row[a] - row[b] for row in reach[1]), default=0.0)
    return max(0.0, there, back)
