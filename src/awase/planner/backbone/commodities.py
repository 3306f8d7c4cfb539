"""Demands by where they may go and whence: what all the routing works on."""

from collections.abc import Mapping, Sequence

import msgspec

from awase.planner.backbone.network import KBPS
from awase.planner.backbone.routing import Adjacency, Graph, Path, Tree, paths, shortest


class Commodity(msgspec.Struct):
    """The demands of one source under one set of barred links, which its adjacency lists are without.

    `wants`: [node] (kbit/s from the source, kbit/s to it); `base` and `routes`: the paths of the intact backbone.
    """

    source: int
    barred: tuple[int, ...]
    adjacency: Adjacency
    wants: dict[int, tuple[int, int]]
    base: Tree
    routes: list[Path | None]


def commodities(graph: Graph, closed: Mapping[str, Sequence[int]] | None = None) -> list[Commodity]:
    """The demands of a backbone; `closed`: for a class of traffic, the links that it must not use."""
    barred = {kind: tuple(sorted(dict.fromkeys(links))) for kind, links in (closed or {}).items()}
    wants: dict[tuple[tuple[int, ...], int], dict[int, tuple[int, int]]] = {}
    for demand in graph.backbone.demands:
        a, b, traffic = graph.nodes[demand.a], graph.nodes[demand.b], round(demand.traffic_gbps * KBPS)
        if a == b or not traffic:
            continue
        key = (barred.get(demand.traffic_class, ()), min(a, b))
        there, back = wants.setdefault(key, {}).get(max(a, b), (0, 0))
        wants[key][max(a, b)] = (there + traffic, back) if a < b else (there, back + traffic)
    adjacencies: dict[tuple[int, ...], Adjacency] = {(): graph.adjacency}
    made = []
    for (links, source), targets in sorted(wants.items()):
        if links not in adjacencies:
            adjacencies[links] = graph.without(links)
        tree = shortest(adjacencies[links], source)
        ordered = dict(sorted(targets.items()))
        made.append(Commodity(source, links, adjacencies[links], ordered, tree, paths(graph, tree)))
    return made


def loads(graph: Graph, parts: Sequence[Commodity]) -> list[int]:
    """[arc]: kbit/s over it in the intact backbone."""
    load = [0] * (2 * len(graph.ends))
    for part in parts:
        for node, (there, back) in part.wants.items():
            for arc in part.routes[node] or ():
                load[arc] += there
                load[arc ^ 1] += back
    return load
