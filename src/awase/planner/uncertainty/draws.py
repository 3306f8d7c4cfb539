"""Draws: what a plan costs and when it is done if work slips, prices move, suppliers leave and tests fail.

A draw is a function of the seed, its number and the plan alone, so that any process or machine may take any draws;
and plans of one case meet the same chances, so that they can be compared draw by draw.
"""

import hashlib
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from awase.planner.uncertainty.exposure import Exposure, Floats, Goal
from awase.planner.uncertainty.slips import STRETCHES, Stretch

FIELDS = ("cost", "loss", "late", "met", "done")
CHUNK = 50
"""Draws that are taken together."""


class Chances(msgspec.Struct, frozen=True, kw_only=True):
    """How likely what is. All but the stretch are assumptions of the user; the defaults say so in the notes.

    `together`: the share of the stretch's variance that all regions have in common. A supplier that leaves, or a test
    that fails, delays what is not yet done by `again_quarters` and makes it dearer by the share `again_cost`.
    """

    stretch: str = "uk"
    together: float = 0.5
    exit_per_year: float = 0.02
    fail: float = 0.2
    again_quarters: float = 4.0
    again_cost: float = 0.2


@dataclass(frozen=True, slots=True)
class Drawn:
    """What came of some draws: cost, loss: [draw]; late (site-quarters), met, done: [draw, goal].

    `done`: quarters from the start until a goal is reached, infinite if it never is.
    """

    cost: Floats
    loss: Floats
    late: Floats
    met: Floats
    done: Floats


Spread = Callable[[Callable[[Any], Drawn], Iterable[Any]], Iterable[Drawn]]
"""`map`, or a pool's: how the chunks are shared out."""


def draw_all(exposure: Exposure, chances: Chances, draws: int, seed: int, spread: Spread = map) -> Drawn:
    """So many draws, in chunks, in order."""
    chunks = [
        (exposure, chances, seed, range(first, min(first + CHUNK, draws))) for first in range(0, max(draws, 1), CHUNK)
    ]
    parts = list(spread(draw_some, chunks))
    return Drawn(*(np.concatenate([getattr(part, name) for part in parts]) for name in FIELDS))


def draw_some(work: tuple[Exposure, Chances, int, Sequence[int]]) -> Drawn:
    """The draws of these numbers."""
    exposure, chances, seed, numbers = work
    stretch = STRETCHES[chances.stretch]
    results = [_draw(exposure, chances, stretch, (seed, number)) for number in numbers]
    cost, loss, late, done = zip(*results, strict=True)
    goals = len(exposure.goals)
    when = np.array(done, dtype=float).reshape(-1, goals)
    met = (when <= np.array([goal.allowed for goal in exposure.goals]) + 1e-9).astype(float)
    return Drawn(np.array(cost), np.array(loss), np.array(late).reshape(-1, goals), met, when)


def _draw(
    exposure: Exposure, chances: Chances, stretch: Stretch, which: tuple[int, int]
) -> tuple[float, float, Floats, Floats]:
    generator = np.random.Generator(np.random.Philox(key=[which[0] % 2**64, which[1]]))
    common, price_level = generator.standard_normal(2)
    local = generator.standard_normal(len(exposure.clusters))
    left = generator.exponential(1.0, len(exposure.suppliers))
    prices = generator.standard_normal(len(exposure.items))
    work = exposure.work
    share = math.sqrt(chances.together)
    mixed = share * common + math.sqrt(1.0 - chances.together) * local
    factor = stretch.median * np.exp(stretch.sigma * mixed)
    done = work.planned * factor[work.cluster]
    rate = chances.exit_per_year / 4.0
    leaves = left / rate if rate > 0 else np.full(len(left), math.inf)
    failed = np.array([_unit(which, name) < chances.fail for name in (*exposure.tests, "")])
    failed[-1] = False
    again = (done > leaves[work.supplier]) | failed[work.test]
    done = done + chances.again_quarters * again
    cost = exposure.fixed_cost + _cost(exposure, again, prices, price_level, chances)
    late = np.array([_late(goal, done[goal.cells]) for goal in exposure.goals])
    reached = np.array([_reached(goal, done[goal.cells]) for goal in exposure.goals])
    return cost, cost + exposure.late_price * float(late.sum()), late, reached


def _late(goal: Goal, done: Floats) -> float:
    """Site-quarters late: what is spared does not have to be done, and is not late. done: [cell of the goal]."""
    if goal.spare <= 0.0:
        return float(np.sum(goal.sites * np.maximum(0.0, done - goal.allowed)))
    order = np.argsort(done, kind="stable")
    amount = goal.amount[order]
    left = amount.sum() - np.cumsum(amount) + amount
    since = np.maximum(goal.allowed, np.concatenate(([0.0], done[order][:-1])))
    length = np.maximum(0.0, done[order] - since)
    over = np.maximum(0.0, left - max(0.0, goal.spare - goal.never) - 1e-6)
    return float(np.sum(length * over)) * float(goal.sites.sum()) / max(float(amount.sum()), 1e-12)


def _reached(goal: Goal, done: Floats) -> float:
    """When so much is done that what is left is spared. done: [cell of the goal]."""
    if goal.never > goal.spare + 1e-6:
        return math.inf
    order = np.argsort(-done, kind="stable")
    left = goal.never + np.cumsum(goal.amount[order])
    waits = np.flatnonzero(left > goal.spare + 1e-6)
    return float(done[order[waits[0]]]) if waits.size else 0.0


def _unit(which: tuple[int, int], name: str) -> float:
    """A number between 0 and 1 that hangs on the draw and a name alone, whatever else a plan has."""
    octets = hashlib.blake2b(f"{which[0]}/{which[1]}/{name}".encode(), digest_size=8).digest()
    return int.from_bytes(octets, "big") / 2**64


def _cost(exposure: Exposure, again: Any, prices: Floats, level: float, chances: Chances) -> float:
    """Prices are triangular between low and high; half of their variance is common to all items."""
    lines = exposure.spending
    if not len(lines.cell):
        return 0.0
    mixed = math.sqrt(0.5) * level + math.sqrt(0.5) * prices[lines.item]
    uniform = np.array([0.5 * (1.0 + math.erf(value / math.sqrt(2.0))) for value in mixed])
    paid = triangular(uniform, lines.low, lines.mid, lines.high)
    return float(np.sum(paid * np.where(again[lines.cell], 1.0 + chances.again_cost, 1.0)))


def triangular(uniform: Floats, low: Floats, mid: Floats, high: Floats) -> Floats:
    """The quantiles of triangular distributions. All: [line]."""
    width = np.maximum(high - low, 1e-12)
    turn = (mid - low) / width
    rising = low + np.sqrt(uniform * width * np.maximum(mid - low, 0.0))
    falling = high - np.sqrt((1.0 - uniform) * width * np.maximum(high - mid, 0.0))
    return np.where(uniform < turn, rising, falling)
