"""How long failures hurt: the order in which crews or cable ships repair them, and what is lost until all is mended."""

from collections.abc import Callable, Sequence
from itertools import permutations

import msgspec

from awase.planner.backbone.failures import Failure, together
from awase.planner.backbone.network import KBPS
from awase.planner.backbone.outcomes import Reckoner

Left = Callable[[tuple[Failure, ...]], int]
"""From what is mended to what is still lost."""
MOST_TRIED = 6
"""Up to so many failures every order is tried; beyond it the repair that saves most per day of work goes first."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """From this day on this much is lost, since `mended` is; the first step is the day of the failures."""

    day: float
    mended: str
    lost_gbps: float


class Repair(msgspec.Struct, frozen=True, kw_only=True):
    """The best order for so many ships (crews): the one with the fewest Gbit/s times days lost."""

    ships: int
    order: tuple[str, ...]
    steps: tuple[Step, ...]
    days: float
    lost_gbps_days: float
    proven_best: bool


def best_repair(reckoner: Reckoner, failures: Sequence[Failure], *, ships: int = 1) -> Repair:
    """The order of repair that loses the least, each ship taking the next failure when it is free.

    Raises ValueError for less than one ship, or no failures.
    """
    if ships < 1 or not failures:
        raise ValueError("a repair needs a ship and a failure")
    lost: dict[tuple[str, ...], int] = {}

    def left(mended: tuple[Failure, ...]) -> int:
        rest = [one for one in failures if one not in mended]
        key = tuple(one.id for one in rest)
        if key not in lost:
            lost[key] = reckoner.effect(together(rest)).lost
        return lost[key]

    proven = len(failures) <= MOST_TRIED
    orders = permutations(failures) if proven else iter([tuple(_greedy(failures, left))])
    best = min((_run(order, ships, left) for order in orders), key=lambda one: (one.lost_gbps_days, one.order))
    return msgspec.structs.replace(best, proven_best=proven)


def _greedy(failures: Sequence[Failure], left: Left) -> list[Failure]:
    """Whatever alone saves most per day first."""
    whole = left(())
    return sorted(failures, key=lambda one: (-(whole - left((one,))) / max(one.repair_days, 1e-9), one.id))


def _run(order: Sequence[Failure], ships: int, left: Left) -> Repair:
    free = [0.0] * ships
    ends = []
    for one in order:
        ship = min(range(ships), key=free.__getitem__)
        free[ship] += one.repair_days
        ends.append((free[ship], one.id, one))
    ends.sort(key=lambda end: end[:2])
    now, total = 0.0, 0.0
    steps = [Step(day=0.0, mended="", lost_gbps=left(()) / KBPS)]
    done: list[Failure] = []
    for day, name, one in ends:
        total += steps[-1].lost_gbps * (day - now)
        now = day
        done.append(one)
        steps.append(Step(day=day, mended=name, lost_gbps=left(tuple(done)) / KBPS))
    return Repair(
        ships=ships,
        order=tuple(one.id for one in order),
        steps=tuple(steps),
        days=now,
        lost_gbps_days=round(total, 6),
        proven_best=True,
    )
