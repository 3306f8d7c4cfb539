"""A plan boiled down to what chance works on: cells of equal work, rules with their days, prices by item."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from awase.model.calendar import index, last_quarter_by, months_after
from awase.model.plan import Action, Equipment, PlannedTest, Site
from awase.model.rules import After, Case, Removal, ShareCap, Support, TrustedList

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
NEVER = -1


@dataclass(frozen=True, slots=True)
class Work:
    """Work that shares its fate: planned quarters from the start, and whom and what it hangs on.

    cluster, supplier, test: [cell], indices; NEVER where there is none. planned: [cell], quarters until it is done.
    """

    planned: Floats
    cluster: Ints
    supplier: Ints
    test: Ints


@dataclass(frozen=True, slots=True)
class Goal:
    """A rule as chance sees it: `amount` of each cell must be done within `allowed` quarters, but for `spare`."""

    rule: str
    group: str
    allowed: float
    spare: float
    cells: Ints
    sites: Floats
    amount: Floats
    never: float


@dataclass(frozen=True, slots=True)
class Spending:
    """What is bought: [line], with its cell, item and the three costs."""

    cell: Ints
    item: Ints
    low: Floats
    mid: Floats
    high: Floats


@dataclass(frozen=True, slots=True)
class Exposure:
    """All of a plan that a draw needs; small enough to be sent to another process or machine."""

    name: str
    start: int
    work: Work
    goals: tuple[Goal, ...]
    spending: Spending
    clusters: tuple[str, ...]
    suppliers: tuple[str, ...]
    items: tuple[str, ...]
    tests: tuple[str, ...]
    fixed_cost: float
    late_price: float
    left_out: tuple[str, ...]


@dataclass(slots=True)
class _Cells:
    """Cells by their keys, in the order in which they come up."""

    found: dict[tuple[int, int, int, int], int] = field(default_factory=dict)

    def number(self, key: tuple[int, int, int, int]) -> int:
        return self.found.setdefault(key, len(self.found))


class _Names:
    """The same names in the same order for all plans of a case: draws are then the same for all of them."""

    def __init__(self, case: Case, tests: tuple[PlannedTest, ...]) -> None:
        self.clusters = sorted({f"{site.operator}/{site.region}" for site in case.estate.sites})
        suppliers = {item.supplier for item in case.market.catalogue}
        self.suppliers = sorted(suppliers)
        self.items = sorted({item.id for item in case.market.catalogue})
        self.tests = [f"{test.a} with {test.b} over {test.interface}" for test in tests]
        self.cluster = {name: number for number, name in enumerate(self.clusters)}
        self.supplier = {name: number for number, name in enumerate(self.suppliers)}
        self.item = {name: number for number, name in enumerate(self.items)}


def exposure_of(
    case: Case, name: str, actions: tuple[Action, ...], tests: tuple[PlannedTest, ...], start: int
) -> Exposure:
    """A plan's exposure; `start`: the index of its first quarter."""
    names = _Names(case, tests)
    cells = _Cells()
    done: dict[tuple[str, str], tuple[Action, int]] = {}
    sites = {site.id: site for site in case.estate.sites}
    lines: dict[tuple[int, int], list[float]] = {}
    for action in actions:
        site = sites[action.site]
        cell = cells.number(_key(names, site, action, tests, start))
        done[action.site, action.equipment] = (action, cell)
        line = lines.setdefault((cell, names.item[action.item.split("+")[0]]), [0.0, 0.0, 0.0])
        for place, cost in enumerate((action.cost_low, action.cost_mid, action.cost_high)):
            line[place] += cost
    goals, left_out = _goals(case, done, start)
    keys = np.array(list(cells.found) or [(0, 0, 0, NEVER)], dtype=np.int64).reshape(-1, 4)
    costs = np.array(list(lines.values()), dtype=float).reshape(-1, 3)
    places = np.array(list(lines), dtype=np.int64).reshape(-1, 2)
    return Exposure(
        name=name,
        start=start,
        work=Work(keys[:, 0].astype(float), keys[:, 1], keys[:, 2], keys[:, 3]),
        goals=goals,
        spending=Spending(places[:, 0], places[:, 1], costs[:, 0], costs[:, 1], costs[:, 2]),
        clusters=tuple(names.clusters),
        suppliers=tuple(names.suppliers),
        items=tuple(names.items),
        tests=tuple(names.tests),
        fixed_cost=float(sum(test.cost.mid for test in tests)),
        late_price=_late_price(case),
        left_out=left_out,
    )


def _key(
    names: _Names, site: Site, action: Action, tests: tuple[PlannedTest, ...], start: int
) -> tuple[int, int, int, int]:
    planned = index(action.quarter) - start + 1
    test = next((number for number, one in enumerate(tests) if _hangs_on(action, one)), NEVER)
    return planned, names.cluster[f"{site.operator}/{site.region}"], names.supplier[action.to_supplier], test


def _hangs_on(action: Action, test: PlannedTest) -> bool:
    """Whether a test names the supplier and kind that an action puts in."""
    sides = (test.a, test.b)
    return any(side.startswith(f"{action.to_supplier} ") and side.endswith(f" {action.kind}") for side in sides)


def _late_price(case: Case) -> float:
    price = case.limits.late_per_site_quarter
    if price is None:
        return 0.0
    rates = {rate.currency: rate.rate for rate in case.market.exchange if rate.into == case.estate.currency}
    return price.mid * rates.get(price.currency, 1.0)


def _due(case: Case, deadline: Any) -> int | None:
    if isinstance(deadline, After):
        event = case.rules.events.get(deadline.after)
        deadline = None if event is None else months_after(event, deadline.months)
    return None if deadline is None else index(last_quarter_by(deadline))


def _goals(
    case: Case, done: dict[tuple[str, str], tuple[Action, int]], start: int
) -> tuple[tuple[Goal, ...], tuple[str, ...]]:
    goals: list[Goal] = []
    left_out: list[str] = []
    for rule in case.rules.rules:
        due = _due(case, getattr(rule, "by", None))
        is_drawn = isinstance(rule, Removal | TrustedList | Support) or (isinstance(rule, ShareCap) and not rule.each)
        if due is None:
            continue
        if not is_drawn or (isinstance(rule, ShareCap) and not rule.suppliers):
            left_out.append(rule.id)
            continue
        goals.extend(_goal(case, rule, (due, start), done))
    return tuple(goals), tuple(left_out)


@dataclass(slots=True)
class _Heap:
    """What one group of a rule has to get done."""

    whole: float = 0.0
    never: float = 0.0
    cells: dict[int, list[float]] = field(default_factory=dict)


def _goal(case: Case, rule: Any, when: tuple[int, int], done: dict[tuple[str, str], tuple[Action, int]]) -> list[Goal]:
    due, start = when
    heaps: dict[str, _Heap] = {}
    for site in case.estate.sites:
        sees = [piece for piece in site.equipment if _in_scope(rule, site, piece)]
        if not sees:
            continue
        heap = heaps.setdefault(_group(rule, site), _Heap())
        weight = _weight(rule, site)
        heap.whole += weight
        wrong = [piece for piece in sees if _is_wrong(case, rule, piece, due)]
        if not wrong:
            continue
        acts = [done.get((site.id, piece.id)) for piece in wrong]
        if any(act is None or _is_named(case, rule, act[0].to_supplier) for act in acts):
            heap.never += weight
            continue
        # The last of a site's actions is what it waits for.
        last = max((act for act in acts if act is not None), key=lambda act: (act[0].quarter, act[1]))
        cell = heap.cells.setdefault(last[1], [0.0, 0.0])
        cell[0] += 1
        cell[1] += weight
    return [_made(rule, name, heap, due - start + 1) for name, heap in heaps.items()]


def _made(rule: Any, group: str, heap: _Heap, allowed: int) -> Goal:
    values = np.array(list(heap.cells.values()), dtype=float).reshape(-1, 2)
    spare = rule.cap * heap.whole if isinstance(rule, ShareCap) else 0.0
    cells = np.array(list(heap.cells), dtype=np.int64)
    return Goal(str(rule.id), group, float(allowed), spare, cells, values[:, 0], values[:, 1], heap.never)


def _in_scope(rule: Any, site: Site, piece: Equipment) -> bool:
    scope = rule.scope
    return (
        (not scope.kinds or piece.kind in scope.kinds)
        and (not scope.layers or any(layer in scope.layers for layer in piece.layers))
        and (not scope.roles or any(role in scope.roles for role in site.roles))
        and (not scope.regions or site.region in scope.regions)
        and (not scope.operators or site.operator in scope.operators)
    )


def _is_wrong(case: Case, rule: Any, piece: Equipment, due: int) -> bool:
    if isinstance(rule, Support):
        return piece.end_of_support is not None and index(piece.end_of_support) <= due
    return _is_named(case, rule, piece.supplier)


def _is_named(case: Case, rule: Any, supplier: str) -> bool:
    """Whether a rule is against a supplier."""
    if isinstance(rule, Support):
        return False
    named: list[str] = []
    for name in rule.suppliers:
        named.extend(case.rules.lists.get(name[5:], ()) if name.startswith("list:") else (name,))
    if not isinstance(rule, TrustedList):
        return supplier in named
    country = next((one.country for one in case.estate.suppliers if one.name == supplier), "")
    return supplier not in named and country not in rule.countries


def _group(rule: Any, site: Site) -> str:
    per = getattr(rule, "per", "estate")
    names = {"operator": site.operator, "region": site.region, "operator_region": f"{site.operator}, {site.region}"}
    return str(names.get(per, ""))


def _weight(rule: Any, site: Site) -> float:
    measure = getattr(rule, "measure", "sites")
    return {"people": float(site.people), "traffic": site.traffic_gbps}.get(measure, 1.0)
