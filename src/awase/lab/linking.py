"""Links: those that the functions imply, those that the file names, and what each does to packets."""

from collections.abc import Mapping, Sequence
from itertools import combinations

import msgspec

from awase.lab.assembly import PlacedLink
from awase.lab.problems import Problems, a, choose
from awase.lab.strict_yaml import Document, Path, show
from awase.model.network import LinkEntry, Network
from awase.model.reference_points import REFERENCE_POINTS, ReferencePoint

DEFAULT_DELAY_US = 100.0
AIR_DELAY_US = 5000.0
"""One way over the air interface: what a scheduled transmission in a 30 kHz carrier typically takes."""

Pair = tuple[str, str]
"""Two parts, the client first."""


class Named(msgspec.Struct, frozen=True):
    """A link that the file names: its reference point, the parts it joins, and its entry."""

    point: ReferencePoint
    pair: Pair
    entry: LinkEntry


def named_links(network: Network, document: Document, problems: Problems) -> list[Named]:
    """The links that the file names, checked."""
    found: list[Named] = []
    seen: dict[tuple[str, Pair], int] = {}
    for index, entry in enumerate(network.links):
        path: Path = ("links", index)
        place = document.place(path)
        if entry.ends is None:
            if entry.reference_point is None:
                hint = "write ends: [a, b], or reference_point: N3 for all links of N3"
                problems.add(place, show(path), "neither ends nor reference_point", hint)
            continue
        unknown = [name for name in entry.ends if name not in network.parts]
        for name in unknown:
            end = (*path, "ends")
            problems.add(document.place(end), show(end), f"no part {name}", choose(name, network.parts))
        if unknown:
            continue
        named = _named(entry, network, place, show(path), problems)
        if named is not None:
            key = (named.point.name, named.pair)
            if key in seen:
                what = f"{named.point.name} between {' and '.join(named.pair)} is there twice"
                first = document.place(("links", seen[key]))
                problems.add(place, show(path), what, f"remove one of the two; the first is at {first}")
            seen[key] = index
            found.append(named)
    return found


def _named(entry: LinkEntry, network: Network, place: str, path: str, problems: Problems) -> Named | None:
    one, other = entry.ends or ("", "")
    functions = (network.parts[one].function, network.parts[other].function)
    fitting = [point for point in REFERENCE_POINTS.values() if functions == (point.client, point.server)]
    if not fitting:
        fitting = [point for point in REFERENCE_POINTS.values() if functions == (point.server, point.client)]
        one, other = other, one
    if entry.reference_point is not None:
        asked = REFERENCE_POINTS[entry.reference_point]
        if asked not in fitting:
            joined = " and ".join(map(a, functions))
            what = f"{asked.name} joins {a(asked.client)} and {a(asked.server)}, not {joined}"
            hint = f"between these it is {' or '.join(point.name for point in fitting)}" if fitting else ""
            problems.add(place, path, what, hint)
            return None
        return Named(asked, (one, other), entry)
    if not fitting:
        what = f"no reference point joins {a(functions[0])} and {a(functions[1])}"
        problems.add(place, path, what, "link functions that have one: see model/reference_points.py")
        return None
    return Named(fitting[0], (one, other), entry)


def pairs(functions: Mapping[str, str], later: Sequence[str], named: Sequence[Named]) -> list[tuple[str, Pair]]:
    """Reference point and parts of each link, in the order of the table, then of the file.

    Every client is joined to every server, but for Uu: a UE without a named Uu link is joined to one gNB, in
    turn. Parts of one function (UPFs by N9) are joined each to each. Parts of `later` (a provocation's) take no
    UEs but their own.
    """
    by_function: dict[str, list[str]] = {}
    for name, function in functions.items():
        by_function.setdefault(function, []).append(name)
    found: list[tuple[str, Pair]] = []
    for point in REFERENCE_POINTS.values():
        clients, servers = by_function.get(point.client, []), by_function.get(point.server, [])
        if point.name == "Uu":
            found.extend((point.name, pair) for pair in _radio(clients, servers, set(later), named))
        elif point.client == point.server:
            found.extend((point.name, pair) for pair in combinations(clients, 2))
        else:
            found.extend((point.name, (client, server)) for client in clients for server in servers)
    return found


def _radio(ues: Sequence[str], gnbs: Sequence[str], later: set[str], named: Sequence[Named]) -> list[Pair]:
    attached: dict[str, list[Pair]] = {}
    for link in named:
        if link.point.name == "Uu":
            attached.setdefault(link.pair[0], []).append(link.pair)
    settled = [gnb for gnb in gnbs if gnb not in later] or list(gnbs)
    provoking = [gnb for gnb in gnbs if gnb in later] or settled
    found: list[Pair] = []
    turns = [0, 0]
    for ue in ues:
        if ue in attached:
            found.extend(attached[ue])
            continue
        group = ue in later
        choices = provoking if group else settled
        if choices:
            found.append((ue, choices[turns[group] % len(choices)]))
            turns[group] += 1
    return found


def place_links(wanted: Sequence[tuple[str, Pair]], network: Network, named: Sequence[Named]) -> tuple[PlacedLink, ...]:
    """The links with what they do to packets: the link's own entry, the reference point's, the default."""
    general: dict[str, LinkEntry] = {}
    for entry in network.links:
        if entry.ends is None and entry.reference_point is not None:
            before = general.get(entry.reference_point)
            general[entry.reference_point] = entry if before is None else _over(entry, before)
    own = {(link.point.name, link.pair): link.entry for link in named}
    return tuple(_placed(name, pair, own.get((name, pair)), general.get(name)) for name, pair in wanted)


def _over(entry: LinkEntry, under: LinkEntry) -> LinkEntry:
    values = {name: getattr(entry, name) for name in entry.__struct_fields__}
    return msgspec.structs.replace(under, **{name: value for name, value in values.items() if value is not None})


def _placed(name: str, pair: Pair, own: LinkEntry | None, general: LinkEntry | None) -> PlacedLink:
    point = REFERENCE_POINTS[name]
    ends = ((pair[0], point.client_port), (pair[1], point.server_port))
    delay_us = AIR_DELAY_US if name == "Uu" else DEFAULT_DELAY_US
    entry = own if general is None else general if own is None else _over(own, general)
    title = f"{name}:{pair[0]}-{pair[1]}"
    if entry is None:
        return PlacedLink(name=title, reference_point=name, ends=ends, delay_us=delay_us)
    return PlacedLink(
        name=title,
        reference_point=name,
        ends=ends,
        delay_us=delay_us if entry.delay_us is None else entry.delay_us,
        jitter_us=entry.jitter_us or 0.0,
        loss=entry.loss or 0.0,
        duplication=entry.duplication or 0.0,
        reordering=entry.reordering or 0.0,
        rate_mbps=entry.rate_mbps,
    )
