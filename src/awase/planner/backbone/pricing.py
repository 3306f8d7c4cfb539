"""The cheapest routes of all demands at the prices of full links: for each origin at once, as what it would load.

Floyd and Warshall's algorithm (1962) on whole rows of arrays. Among routes of one price the shortest is taken.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from awase.planner.backbone.commodities import Commodity
from awase.planner.backbone.network import KBPS
from awase.planner.backbone.routing import SHIFT, Graph

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

FAR = 1e6
"""A price that no route has."""
TIE = 1e-9
"""What the longest way round may weigh against prices."""


@dataclass(frozen=True, slots=True)
class Origin:
    """A site whence demands come that the same links are barred to. wants_gbps: [node]."""

    node: int
    barred: tuple[int, ...]
    wants_gbps: Floats


@dataclass(frozen=True, slots=True)
class Offers:
    """What each origin would send at some prices. carried_gbps, worth: [origin]; load_gbps: [origin, arc].

    `worth` is what it carries, less what that costs at the prices: no other way of sending is worth more.
    """

    carried_gbps: Floats
    worth: Floats
    load_gbps: Floats


def origins_of(parts: Sequence[Commodity], nodes: int) -> list[Origin]:
    """The demands, each way by itself, by where they come from."""
    found: dict[tuple[tuple[int, ...], int], Floats] = {}
    for part in parts:
        for node, (there, back) in part.wants.items():
            for source, target, kbps in ((part.source, node, there), (node, part.source, back)):
                if kbps:
                    found.setdefault((part.barred, source), np.zeros(nodes))[target] += kbps / KBPS
    return [Origin(node, barred, wants) for (barred, node), wants in found.items()]


class Pricing:
    """The cheapest routes at given prices, for one backbone and some links that are dead."""

    def __init__(self, graph: Graph, origins: Sequence[Origin]) -> None:
        self._nodes = len(graph.nodes)
        ends = np.array(graph.ends, dtype=np.int64).reshape(-1, 2)
        self._tails, self._heads = ends.reshape(-1), ends[:, ::-1].reshape(-1)
        lengths = np.array([float(length >> SHIFT) + 1.0 for length in graph.length]).repeat(2)
        self._tie = lengths * (TIE / max(1.0, float(lengths.sum())))
        self._gone: Flags = np.zeros(2 * len(graph.ends), dtype=bool)
        self._count = len(origins)
        self._spaces: dict[tuple[int, ...], list[int]] = {}
        for number, origin in enumerate(origins):
            self._spaces.setdefault(origin.barred, []).append(number)
        self._from: Ints = np.array([origin.node for origin in origins], dtype=np.int64)
        self._wants: Floats = np.array([origin.wants_gbps for origin in origins]).reshape(-1, self._nodes)

    def close(self, dead: Collection[int]) -> None:
        """From here on without these links."""
        self._gone[:] = False
        self._gone[[arc for link in dead for arc in (2 * link, 2 * link + 1)]] = True

    def offers(self, prices: Floats) -> Offers:
        """What each origin sends over its cheapest routes, where they cost less than 1. prices: [arc]."""
        carried, worth = np.zeros(self._count), np.zeros(self._count)
        load = np.zeros((self._count, len(prices)))
        for barred, numbers in self._spaces.items():
            length, last = self._cheapest(prices, barred)
            price, arcs = length[self._from[numbers]], last[self._from[numbers]]
            sent = np.where(price < 1.0, self._wants[numbers], 0.0)
            carried[numbers] = sent.sum(axis=1)
            worth[numbers] = (sent * (1.0 - price)).sum(axis=1)
            load[numbers] = self._load(price, arcs, sent)
        return Offers(carried, worth, load)

    def _cheapest(self, prices: Floats, barred: tuple[int, ...]) -> tuple[Floats, Ints]:
        """[from, to]: the price of the cheapest route, and its last arc (-1: there is none)."""
        length = np.full((self._nodes, self._nodes), FAR)
        last = np.full((self._nodes, self._nodes), -1, dtype=np.int64)
        closed = self._gone.copy()
        closed[[arc for link in barred for arc in (2 * link, 2 * link + 1)]] = True
        weights = prices + self._tie
        # The dearest first, so that of parallel links the cheapest is what stays; of equals the first.
        open_arcs = np.flatnonzero(~closed)[::-1]
        order = open_arcs[np.argsort(-weights[open_arcs], kind="stable")]
        length[self._tails[order], self._heads[order]] = weights[order]
        last[self._tails[order], self._heads[order]] = order
        np.fill_diagonal(length, 0.0)
        for middle in range(self._nodes):
            onward = length[:, middle, None] + length[middle]
            better = onward < length
            np.copyto(length, onward, where=better)
            np.copyto(last, np.broadcast_to(last[middle], last.shape), where=better)
        return length, last

    def _load(self, price: Floats, arcs: Ints, sent: Floats) -> Floats:
        """[origin, arc]: all that is sent, gathered from the farthest nodes towards the origins."""
        load = np.zeros((len(sent), len(self._tails)))
        passing = sent.copy()
        order = np.argsort(-price, axis=1, kind="stable")
        rows = np.arange(len(sent))
        for place in range(self._nodes):
            node = order[:, place]
            arc = arcs[rows, node]
            active = (arc >= 0) & (passing[rows, node] > 0.0)
            row, over = rows[active], arc[active]
            amount = passing[row, node[active]]
            load[row, over] += amount
            passing[row, self._tails[over]] += amount
        return load
