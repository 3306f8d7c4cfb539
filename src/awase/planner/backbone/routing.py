"""Shortest paths by delay over what survives: Dijkstra's algorithm on whole numbers, ties broken once and for all.

A link `i` is two arcs: `2 * i` from its end `a` to its end `b`, and `2 * i + 1` back. A length is the delay in ns,
shifted left by 40 bits, plus 32 bits that belong to the link: two routes of equal delay are never equally long, so
that routes do not hang on the order of anything.
"""

from collections.abc import Collection, Iterable
from heapq import heappop, heappush

from awase.planner.backbone.network import KBPS, Backbone, delay_ns

SHIFT = 40
INFINITE = 1 << 200

Adjacency = list[list[tuple[int, int, int]]]
"""[node]: (neighbour, length, arc to it)."""
Path = tuple[int, ...]
"""Arcs from the source on."""


class Graph:
    """A backbone as numbers: nodes and links by their places in it. `capacity` in kbit/s, None if not known."""

    __slots__ = ("adjacency", "backbone", "capacity", "ends", "length", "nodes")

    def __init__(self, backbone: Backbone) -> None:
        self.backbone = backbone
        self.nodes = {site.id: number for number, site in enumerate(backbone.sites)}
        self.ends = [(self.nodes[link.a], self.nodes[link.b]) for link in backbone.links]
        self.capacity = [round(link.capacity_gbps * KBPS) or None for link in backbone.links]
        sites = {site.id: site for site in backbone.sites}
        self.length = [
            ((delay_ns(link, sites) or 0) << SHIFT) + _mix(number) for number, link in enumerate(backbone.links)
        ]
        self.adjacency = self.without(())

    def without(self, links: Collection[int]) -> Adjacency:
        """The adjacency lists, without some links."""
        adjacency: Adjacency = [[] for _ in self.nodes]
        for number, (a, b) in enumerate(self.ends):
            if number not in links:
                adjacency[a].append((b, self.length[number], 2 * number))
                adjacency[b].append((a, self.length[number], 2 * number + 1))
        return adjacency


def _mix(number: int) -> int:
    """32 bits that look random, always the same for a number (the finaliser of MurmurHash3)."""
    bits = (number + 1) * 0x9E3779B1 & 0xFFFFFFFF
    bits = (bits ^ bits >> 16) * 0x85EBCA6B & 0xFFFFFFFF
    bits = (bits ^ bits >> 13) * 0xC2B2AE35 & 0xFFFFFFFF
    return bits ^ bits >> 16


class Tree:
    """All shortest paths from a source: [node] its length (INFINITE: unreachable), the last arc, in settled order."""

    __slots__ = ("arc", "length", "order")

    def __init__(self, nodes: int) -> None:
        self.length = [INFINITE] * nodes
        self.arc = [-1] * nodes
        self.order: list[int] = []


def shortest(adjacency: Adjacency, source: int, dead: Collection[int] = ()) -> Tree:
    """The shortest paths from a source over links that are not dead."""
    tree = Tree(len(adjacency))
    length, last = tree.length, tree.arc
    length[source] = 0
    heap = [(0, source)]
    while heap:
        reached, node = heappop(heap)
        if reached > length[node]:
            continue
        tree.order.append(node)
        for neighbour, more, arc in adjacency[node]:
            if reached + more < length[neighbour] and arc >> 1 not in dead:
                length[neighbour] = reached + more
                last[neighbour] = arc
                heappush(heap, (reached + more, neighbour))
    return tree


def paths(graph: Graph, tree: Tree) -> list[Path | None]:
    """[node]: the path that a tree has to it; None if there is none."""
    found: list[Path | None] = [None] * len(tree.arc)
    for node in tree.order:
        arc = tree.arc[node]
        before = found[graph.ends[arc >> 1][arc & 1]] if arc >= 0 else None
        found[node] = (*before, arc) if before is not None else ()
    return found


def components(adjacency: Adjacency, dead: Collection[int] = ()) -> list[int]:
    """[node]: the least node that it is still joined with."""
    label = [-1] * len(adjacency)
    for start in range(len(adjacency)):
        if label[start] >= 0:
            continue
        label[start] = start
        stack = [start]
        while stack:
            for neighbour, _, arc in adjacency[stack.pop()]:
                if label[neighbour] < 0 and arc >> 1 not in dead:
                    label[neighbour] = start
                    stack.append(neighbour)
    return label


def nodes_of(path: Iterable[int], graph: Graph, source: int) -> list[int]:
    """The nodes along a path, its source first."""
    return [source, *(graph.ends[arc >> 1][1 - (arc & 1)] for arc in path)]
