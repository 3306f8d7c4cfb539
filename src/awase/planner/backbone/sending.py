"""The flow programme as HiGHS holds it: a column for each way in which an origin may send."""

from collections.abc import Sequence

import numpy as np

from awase.planner.backbone.pricing import Floats, Ints, Offers
from awase.planner.backbone.solver import failed, solver

PRIMAL = 4
"""A simplex method of HiGHS, by its number."""


class Sending:
    """Most carried, each origin sending in a mixture of the ways known. rooms_gbps: [arc], infinite if not known.

    Rows of origins come first, then those of the arcs whose capacity is known.
    """

    def __init__(self, origins: int, rooms_gbps: Floats) -> None:
        self._origins = origins
        self._rooms = rooms_gbps
        self._limited: Ints = np.flatnonzero(np.isfinite(rooms_gbps))
        # New ways leave an answer that the primal simplex method can start from.
        self._highs = solver(solver="simplex", presolve="off", simplex_strategy=PRIMAL)
        most = np.concatenate((np.ones(origins), rooms_gbps[self._limited]))
        none = np.zeros(0, dtype=np.int32)
        starts, least = np.zeros(len(most), dtype=np.int32), np.full(len(most), -np.inf)
        self._highs.addRows(len(most), least, most, 0, starts, none, np.zeros(0))
        self.prices: Floats = np.zeros(len(rooms_gbps))
        self.shares: Floats = np.zeros(origins)
        """[origin]: what it is worth in the programme as it is."""
        self.carried = 0.0

    def add(self, offers: Offers, wanted: Sequence[int]) -> None:
        """More ways: the offers of these origins. Solve then."""
        starts, rows, values = [0], list[int](), list[float]()
        loads = offers.load_gbps[list(wanted)][:, self._limited]
        for origin, load in zip(wanted, loads, strict=True):
            used = np.flatnonzero(load)
            rows.extend((origin, *(self._origins + used).tolist()))
            values.extend((1.0, *load[used].tolist()))
            starts.append(len(rows))
        count = len(wanted)
        costs, ends = -offers.carried_gbps[list(wanted)], (np.zeros(count), np.ones(count))
        places, index = np.array(starts[:-1], dtype=np.int32), np.array(rows, dtype=np.int32)
        self._highs.addCols(count, costs, *ends, len(rows), places, index, np.array(values))

    def solve(self) -> None:
        """The most with these ways, the prices of the arcs, and what each origin has of it."""
        self._highs.run()
        if failed(self._highs):
            raise ArithmeticError(f"HiGHS did not solve the flow programme: {self._highs.getModelStatus()}")
        duals = np.maximum(0.0, -np.array(self._highs.getSolution().row_dual))
        self.shares = duals[: self._origins]
        self.prices[self._limited] = duals[self._origins :]
        self.carried = -float(self._highs.getObjectiveValue())

    def rent(self) -> float:
        """What the capacities are worth at the prices."""
        return float(self.prices[self._limited] @ self._rooms[self._limited])
