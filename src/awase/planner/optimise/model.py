"""The variables of a plan: how many of a class stand in a configuration at the end of a quarter, and who moves when."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from awase.model.calendar import at as quarter_at
from awase.model.calendar import index, last_quarter_by, year_of
from awase.model.plan import Crew, Equipment, SupplierName
from awase.model.rules import Case, EvidenceRequired, MinimumRelease, PurchaseBan, Removal, Support, TrustedList
from awase.planner.optimise.market import MarketView
from awase.planner.optimise.options import Configuration, Options, Step, options_of
from awase.planner.optimise.programme import Programme, Row
from awase.planner.optimise.units import Unit, units_of
from awase.planner.optimise.words import day_of, in_scope, last_index_by, suppliers_of
from awase.planner.problems import Place, PlanInputError, Problem

MOST_QUARTERS = 200
MOST_STAGED_MOVES = 30_000
"""Beyond so many columns of work, pieces of a site that hang together change in one visit unless rules differ."""


@dataclass(frozen=True, slots=True)
class Move:
    """A column: how many of a unit take a step in the quarter `start + t` with a crew."""

    unit: int
    step: Step
    t: int
    crew: str
    column: int


@dataclass(slots=True)
class Spread:
    """The shares of suppliers in a group, and columns for their squares: what an HHI is made of."""

    name: str
    t: int
    shares: list[int]
    squares: list[int]
    fixed: float = 0.0
    wanted: bool = False
    """Whether it is part of an objective, and may be a little wrong, rather than of a rule."""


Weight = Callable[[Unit, Configuration], float]


@dataclass(slots=True)
class Dated:
    """A rule by which something must have gone by the end of a quarter; `bad`: (unit, configuration)."""

    rule: Any
    deadline: int
    bad: list[tuple[int, int]] = field(default_factory=list)


class Model:
    """A case as a programme. Limits and rules add their rows (`limits`, `rule_rows`, `concentration`)."""

    def __init__(self, case: Case, *, diverse: bool = False) -> None:
        self.case = case
        self.start, self.end = horizon(case)
        self.market = MarketView(case, self.start, self.end)
        self.units = units_of(case, by_operator=diverse)
        self.programme = Programme()
        self.options: list[Options] = []
        for unit in self.units:
            fixed = not diverse and not self.market.keep and not _may_change(unit, case)
            staged = not fixed and _has_stages(unit, case)
            self.options.append(options_of(unit, self.market, (self.start, self.end), fixed=fixed, in_stages=staged))
        self._in_stages()
        self.money_scale = self._scale()
        self.cost: dict[int, float] = {}
        self.dated: list[Dated] = []
        self.spreads: list[Spread] = []
        self.subsidies: dict[str, list[int]] = {}
        self.priced: dict[str, dict[int, int]] = {}
        self.tests: dict[Any, int] = {}
        self.moves: list[Move] = []
        self.stays: list[list[list[int]]] = []
        self._crews: dict[object, list[Crew]] = {}
        for number in range(len(self.units)):
            self._columns(number)

    @property
    def quarters(self) -> int:
        """How many quarters there are to plan."""
        return self.end - self.start + 1

    def discount(self, t: int) -> float:
        """What money of a quarter is worth at the start."""
        rate = self.case.limits.discount_per_year
        return float((1.0 + rate) ** -(year_of(quarter_at(self.start + t)) - year_of(quarter_at(self.start))))

    def _in_stages(self) -> None:
        """Let pieces of a site change at different visits, whatever the rules ask, if the programme stays small."""
        horizon = (self.start, self.end)
        staged = [
            one if _is_staged(one) or not _has_parts(one) else options_of(unit, self.market, horizon, in_stages=True)
            for unit, one in zip(self.units, self.options, strict=True)
        ]
        crews = max(1, len(self.case.limits.crews))
        if sum(len(one.steps) for one in staged) * self.quarters * crews <= MOST_STAGED_MOVES:
            self.options = staged

    def _scale(self) -> float:
        most = max((step.cost[1] for options in self.options for step in options.steps), default=1)
        return 10.0 ** max(0, len(str(most)) - 1)

    def _columns(self, number: int) -> None:
        unit, options = self.units[number], self.options[number]
        if len(options.configurations) == 1:
            self.stays.append([])
            return
        programme, count = self.programme, float(unit.count)
        stays = [[programme.column(0.0, count) for _ in range(self.quarters)] for _ in options.configurations]
        flows = [
            [Row([stays[s][t]], [1.0], *(2 * (count if s == 0 and t == 0 else 0.0,))) for t in range(self.quarters)]
            for s in range(len(stays))
        ]
        for s in range(len(stays)):
            for t in range(1, self.quarters):
                flows[s][t].columns.append(stays[s][t - 1])
                flows[s][t].coefficients.append(-1.0)
        for step in options.steps:
            for move in self._moves(number, step, count):
                for s, sign in ((step.source, 1.0), (step.target, -1.0)):
                    flows[s][move.t].columns.append(move.column)
                    flows[s][move.t].coefficients.append(sign)
        self.stays.append(stays)
        for rows in flows:
            for row in rows:
                programme.add(row)

    def _moves(self, number: int, step: Step, count: float) -> list[Move]:
        moves = []
        for t in range(max(0, step.first - self.start), min(self.end, step.last) - self.start + 1):
            for crew in self.crews(self.units[number], step, self.start + t):
                column = self.programme.column(0.0, count, integer=True)
                move = Move(number, step, t, crew, column)
                self.cost[column] = step.cost[1] * self.discount(t) / self.money_scale
                moves.append(move)
        self.moves.extend(moves)
        return moves

    def crews(self, unit: Unit, step: Step, when: int) -> list[str]:
        """Who can do a step in a quarter; one nameless crew without end where the limits name none at all."""
        if not self.case.limits.crews:
            return [""]
        key = (unit.operator, unit.region, step.skills)
        able = self._crews.get(key)
        if able is None:
            able = self._crews[key] = [
                crew
                for crew in self.case.limits.crews
                if (not crew.regions or unit.region in crew.regions)
                and (not crew.operators or unit.operator in crew.operators)
                and (not crew.skills or all(skill in crew.skills for skill in step.skills))
            ]
        return [
            crew.name
            for crew in able
            if (not crew.start or index(crew.start) <= when) and (not crew.end or when <= index(crew.end))
        ]

    def sum(self, weight: Weight, t: int, units: Sequence[int] | None = None) -> tuple[list[int], list[float], float]:
        """What stands at the end of a quarter, weighed: columns, coefficients, and the part that is constant."""
        columns: list[int] = []
        coefficients: list[float] = []
        constant = 0.0
        for number in units if units is not None else range(len(self.units)):
            unit, configurations = self.units[number], self.options[number].configurations
            if len(configurations) == 1:
                constant += unit.count * weight(unit, configurations[0])
                continue
            for s, configuration in enumerate(configurations):
                value = weight(unit, configuration)
                if value:
                    columns.append(self.stays[number][s][t])
                    coefficients.append(value)
        return columns, coefficients, constant

    def at_most(self, rule: Any, row: Row, t: int = 0) -> None:
        """A row of a rule in a quarter: hard, or priced if it has a penalty (by site, or what is counted)."""
        row.group = f"rule {rule.id}"
        if rule.penalty is not None:
            slack = self.programme.column()
            row.columns.append(slack)
            row.coefficients.append(-1.0)
            price = self.market.amount(rule.penalty.amount, rule.penalty.currency)
            self.cost[slack] = self.discount(t) * price / self.money_scale
            self.priced.setdefault(rule.id, {})[slack] = price
            row.group = ""
        self.programme.add(row)


def horizon(case: Case) -> tuple[int, int]:
    """The first and the last quarter of a plan, as indices. Raises PlanInputError."""
    limits = case.limits
    start = index(limits.start) if limits.start else index(case.estate.as_of) + 1
    if limits.end:
        end = index(limits.end)
    else:
        days = [
            index(last_quarter_by(day))
            for rule in case.rules.rules
            for day in (day_of(getattr(rule, "by", None), case.rules), day_of(getattr(rule, "after", None), case.rules))
            if day
        ]
        end = max([start, *days])
    if not start <= end < start + MOST_QUARTERS:
        what = f"a plan from {quarter_at(start)} to {quarter_at(end)} has no quarters, or more than {MOST_QUARTERS}"
        raise PlanInputError([Problem(Place("limits"), what, "set limits: start and end")])
    return start, end


def _may_change(unit: Unit, case: Case) -> bool:
    """Whether any rule could ask a unit to change; if not, it stays as it is."""
    asks = (Removal, TrustedList, Support, MinimumRelease, EvidenceRequired)
    for rule in case.rules.rules:
        if isinstance(rule, PurchaseBan):
            continue
        if isinstance(rule, asks) and last_index_by(rule.by, case.rules) is None:
            continue
        named = suppliers_of(getattr(rule, "suppliers", ()), case.rules)
        forbids = isinstance(rule, TrustedList) or not named or bool(getattr(rule, "component", ""))
        if forbids or any(_names(named, piece) for piece in unit.pieces):
            return True
    return False


def _has_stages(unit: Unit, case: Case) -> bool:
    """Whether rules ask for different pieces of a unit at different times: only then it is changed in stages."""
    asked: dict[tuple[int, ...], None] = {}
    for piece in unit.pieces:
        days = [
            deadline
            for rule in case.rules.rules
            if isinstance(rule, Removal | TrustedList)
            and (deadline := last_index_by(rule.by, case.rules)) is not None
            and in_scope(rule.scope, piece, unit.operator, unit.region, unit.roles)
            and (isinstance(rule, TrustedList) or piece.supplier in suppliers_of(rule.suppliers, case.rules))
        ]
        asked[tuple(sorted(days)[:1])] = None
    return len(asked) > 1


def _has_parts(options: Options) -> bool:
    """Whether there is more than one item to put in at a site, so that it might be done one after the other."""
    return any(len(one.placings) > 1 for one in options.configurations)


def _is_staged(options: Options) -> bool:
    return any(step.source for step in options.steps)


def _names(names: Sequence[SupplierName], piece: Equipment) -> bool:
    return piece.supplier in names
