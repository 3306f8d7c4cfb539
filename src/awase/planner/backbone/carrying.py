"""Traffic that must not be carried over a supplier, an owner or a country unless encrypted: where it may go instead.

A link is barred to a class of traffic if it, its cable or the country it runs through is named by a rule
(model.rules.MustNotCarry) and it is not encrypted, or encryption does not help.
"""

from collections.abc import Iterable, Mapping, Sequence
from heapq import heappop, heappush

import msgspec

from awase.model.calendar import Date, months_after
from awase.model.plan import Cable, Demand, Link
from awase.model.rules import After, MustNotCarry
from awase.planner.backbone.network import Backbone, countries_of, seats
from awase.planner.backbone.routing import Graph, Path, components, nodes_of


class Barred(msgspec.Struct, frozen=True):
    """A link that a rule bars, and why, in words."""

    link: int
    rule: str
    why: str
    after: str = ""
    """The day after which it is."""


class Unmet(msgspec.Struct, frozen=True, kw_only=True):
    """Traffic of a class that cannot get through without breaking a rule.

    `encrypt`: the fewest links that would have to be encrypted (empty: that would not help); `crossing`: a fewest set
    of barred links such that every route crosses one of them.
    """

    a: str
    b: str
    traffic_class: str
    traffic_gbps: float
    rules: tuple[str, ...]
    crossing: tuple[str, ...]
    encrypt: tuple[str, ...]
    text: str


def in_force(
    rules: Iterable[MustNotCarry], events: Mapping[str, Date], on: Date | None = None
) -> tuple[tuple[MustNotCarry, ...], tuple[str, ...]]:
    """The rules that bind on a day (none: once the last of their days has passed), and what was assumed, in words.

    One that hangs on an event that has no day binds nobody.
    """
    kept, said = [], []
    for rule in rules:
        day = day_of(rule, events)
        if day is None:
            said.append(f"rule {rule.id} hangs on an event that has no day yet: it binds nobody here")
        elif on is not None and on <= day:
            said.append(f"rule {rule.id} binds after {day}: not yet on {on}")
        else:
            kept.append(msgspec.structs.replace(rule, by=day))
            said.append(f"rule {rule.id}, which binds after {day}, is taken to be in force")
    return tuple(kept), tuple(said)


def day_of(rule: MustNotCarry, events: Mapping[str, Date]) -> Date | None:
    """The day after which a rule binds; none if it hangs on an event that has not been."""
    if not isinstance(rule.by, After):
        return rule.by
    event = events.get(rule.by.after)
    return None if event is None else months_after(event, rule.by.months)


def barred(backbone: Backbone, rules: Iterable[MustNotCarry]) -> dict[str, list[Barred]]:
    """For each class of traffic that a rule names: the links that it must not use."""
    found: dict[str, list[Barred]] = {}
    for rule in rules:
        kept = found.setdefault(rule.traffic_class, [])
        for number, link in enumerate(backbone.links):
            if link.encrypted and rule.unless_encrypted:
                continue
            why = _why(link, backbone, rule)
            if why:
                after = "" if isinstance(rule.by, After) else rule.by
                kept.append(Barred(number, rule.id, f"link {link.id} {why}", after))
    return found


def _why(link: Link, backbone: Backbone, rule: MustNotCarry) -> str:
    cables = [one for one in backbone.cables if link.cable and link.cable in (one.id, one.name)]
    suppliers = _named((link.supplier, *(one.supplier for one in cables)), rule.suppliers)
    owners = _named(_owners(link, cables), rule.owners)
    if suppliers:
        return f"has equipment of {suppliers}"
    if owners:
        return f"belongs to {owners}"
    runs = _named(countries_of(link, backbone), rule.countries)
    if runs:
        return f"runs through {runs}"
    country_of = seats(backbone)
    for name in (link.supplier, *(one.supplier for one in cables), *_owners(link, cables)):
        if country_of.get(name, "") in rule.countries and name in country_of:
            return f"is of {name}, which is of {country_of[name]}"
    return ""


def _owners(link: Link, cables: Iterable[Cable]) -> list[str]:
    return [link.owner, *(owner for cable in cables for owner in cable.owners)]


def _named(names: Iterable[str], wanted: Sequence[str]) -> str:
    return next((name for name in names if name and name in wanted), "")


def explain(graph: Graph, rules: Sequence[MustNotCarry]) -> tuple[Unmet, ...]:
    """The demands that cannot be carried as the rules want, and what would help. Those cut off anyway are not among."""
    closed = barred(graph.backbone, rules)
    hard = barred(graph.backbone, (rule for rule in rules if not rule.unless_encrypted))
    whole = components(graph.adjacency)
    labels = {kind: components(graph.adjacency, {one.link for one in ones}) for kind, ones in closed.items()}
    unmet = []
    for demand in graph.backbone.demands:
        a, b = graph.nodes[demand.a], graph.nodes[demand.b]
        label = labels.get(demand.traffic_class, whole)
        if whole[a] == whole[b] and label[a] != label[b]:
            beyond = {one.link for one in hard.get(demand.traffic_class, ())}
            unmet.append(_unmet(graph, closed[demand.traffic_class], beyond, demand))
    return tuple(unmet)


def _unmet(graph: Graph, closed: list[Barred], hard: set[int], demand: Demand) -> Unmet:
    backbone = graph.backbone
    a, b, traffic = graph.nodes[demand.a], graph.nodes[demand.b], demand.traffic_gbps
    links = {one.link for one in closed}
    crossing = _fewest_crossing(graph, links, a, b)
    cheapest = _fewest_barred(graph, links, hard, a, b)
    encrypt = tuple(backbone.links[arc >> 1].id for arc in cheapest or () if arc >> 1 in links)
    by_link = {one.link: one for one in reversed(closed)}
    kind = demand.traffic_class or "unclassed traffic"
    reasons = "; ".join(by_link[link].why for link in crossing)
    text = f"{traffic:g} Gbit/s of {kind} from {demand.a} to {demand.b} cannot avoid it: {reasons}"
    if encrypt:
        sites = " - ".join(backbone.sites[node].id for node in nodes_of(cheapest or (), graph, a))
        text += f". Encrypting {', '.join(encrypt)} would be enough (route {sites})"
    else:
        text += ". Encryption would not help: another route must be built"
    days = sorted(by_link[link].after for link in crossing if by_link[link].after)
    text += f" (forbidden after {days[0]})" if days else ""
    return Unmet(
        a=demand.a,
        b=demand.b,
        traffic_class=demand.traffic_class,
        traffic_gbps=traffic,
        rules=tuple(dict.fromkeys(by_link[link].rule for link in crossing)),
        crossing=tuple(backbone.links[link].id for link in crossing),
        encrypt=encrypt,
        text=text,
    )


def _fewest_barred(graph: Graph, links: set[int], hard: set[int], a: int, b: int) -> Path | None:
    """The route with the fewest barred links, of these the shortest; none over links that encryption cannot open."""
    start = (0, 0, a, ())
    heap: list[tuple[int, int, int, Path]] = [start]
    settled: set[int] = set()
    while heap:
        closed, length, node, path = heappop(heap)
        if node == b:
            return path
        if node in settled:
            continue
        settled.add(node)
        for neighbour, more, arc in graph.adjacency[node]:
            if neighbour not in settled and arc >> 1 not in hard:
                worse = closed + (arc >> 1 in links)
                heappush(heap, (worse, length + more, neighbour, (*path, arc)))
    return None


def _fewest_crossing(graph: Graph, links: set[int], a: int, b: int) -> list[int]:
    """A smallest cut of barred links between two sites: augmenting paths (Ford and Fulkerson), others unlimited."""
    room: dict[int, int] = {}
    while True:
        came = _augmenting(graph, links, room, a, b)
        if b not in came:
            cut = (number for number, (x, y) in enumerate(graph.ends) if (x in came) != (y in came))
            return sorted(number for number in cut if number in links)
        node = b
        while node != a:
            arc = came[node]
            room[arc] = room.get(arc, 0) - 1
            room[arc ^ 1] = room.get(arc ^ 1, 0) + 1
            node = graph.ends[arc >> 1][arc & 1]


def _augmenting(graph: Graph, links: set[int], room: dict[int, int], a: int, b: int) -> dict[int, int]:
    """The nodes that more flow can reach, each with the arc into it."""
    came = {a: -1}
    queue = [a]
    for node in queue:
        for neighbour, _, arc in graph.adjacency[node]:
            if neighbour not in came and (arc >> 1 not in links or 1 + room.get(arc, 0) > 0):
                came[neighbour] = arc
                if neighbour == b:
                    return came
                queue.append(neighbour)
    return came
