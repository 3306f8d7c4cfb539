"""How many suppliers, and how evenly: minimum numbers, caps on the HHI, and the HHI as an objective.

The HHI is a sum of squares of shares, which is convex: each square is kept above its tangents, and where a solution
lies above them a tangent is added there (`refine`), until the programme and the true HHI agree.
"""

from typing import Any

from awase.model.calendar import at as quarter_at
from awase.model.plan import Equipment, Kind, Measure
from awase.model.rules import ConcentrationCap, MinimumSuppliers
from awase.planner.optimise.model import Model, Spread
from awase.planner.optimise.options import Configuration
from awase.planner.optimise.programme import INFINITE, Row
from awase.planner.optimise.units import Unit
from awase.planner.optimise.words import in_scope, last_index_by, measured

TANGENTS = tuple(number / 20 for number in range(1, 21))
TOLERANCE = 1e-7


class Counting:
    """What a rule counts of one kind of equipment in one group."""

    def __init__(self, model: Model, rule: Any, kind: Kind, units: list[int]) -> None:
        self.model = model
        self.rule = rule
        self.kind = kind
        self.measure: Measure = getattr(rule, "measure", "equipment")
        self.component: str = getattr(rule, "component", "")
        self.units = [number for number in units if self.of(model.units[number], model.units[number].pieces)]

    def of(self, unit: Unit, pieces: tuple[Equipment, ...], supplier: str | None = None) -> float:
        """How much there is in a unit, of one supplier or of all."""
        found = [
            piece
            for piece in pieces
            if piece.kind == self.kind
            and (self.rule is None or in_scope(self.rule.scope, piece, unit.operator, unit.region, unit.roles))
            and (supplier is None or self.model.market.behind(piece, self.component) == supplier)
        ]
        return measured(self.measure, unit.people, unit.traffic, found)

    def suppliers(self) -> list[str]:
        """Everyone who may have a share."""
        names: dict[str, None] = {}
        for number in self.units:
            for configuration in self.model.options[number].configurations:
                for piece in configuration.pieces:
                    if piece.kind == self.kind:
                        names[self.model.market.behind(piece, self.component)] = None
        return list(names)

    def whole(self) -> float:
        """All there is: replacing keeps it."""
        units = [self.model.units[number] for number in self.units]
        return float(sum(unit.count * self.of(unit, unit.pieces) for unit in units))

    def row(self, supplier: str, t: int) -> tuple[list[int], list[float], float]:
        """What a supplier has at the end of a quarter."""

        def weight(unit: Unit, configuration: Configuration) -> float:
            return self.of(unit, configuration.pieces, supplier)

        return self.model.sum(weight, t, self.units)


def _kinds(model: Model, units: list[int]) -> list[Kind]:
    return list(dict.fromkeys(piece.kind for number in units for piece in model.units[number].pieces))


def add_minimum_suppliers(model: Model, rule: MinimumSuppliers, groups: dict[str, list[int]]) -> None:
    """So many suppliers with enough pieces each, per group and kind, from the deadline on."""
    deadline = last_index_by(rule.by, model.case.rules)
    if deadline is None:
        return
    for group, units in groups.items():
        for kind in _kinds(model, units):
            counting = Counting(model, rule, kind, units)
            whole = counting.whole()
            least = max(1.0, rule.share * whole)
            for when in range(max(deadline, model.start), model.end + 1) if whole else ():
                _enough(model, rule, counting, f"{group}, {kind}" if group else kind, (when, least))


def _enough(model: Model, rule: MinimumSuppliers, counting: Counting, name: str, at: tuple[int, float]) -> None:
    when, least = at
    counted = []
    for supplier in counting.suppliers():
        columns, coefficients, constant = counting.row(supplier, when - model.start)
        present = model.programme.column(0.0, 1.0, integer=True)
        negative = [-value for value in coefficients]
        model.programme.add(Row([*columns, present], [*negative, least], -INFINITE, constant))
        counted.append(present)
    title = f"{rule.id} in {name} at the end of {quarter_at(when)}"
    row = Row(counted, [-1.0] * len(counted), -INFINITE, -float(rule.number), "", title, "suppliers", 1.0)
    model.at_most(rule, row, when - model.start)


def add_concentration_cap(model: Model, rule: ConcentrationCap, groups: dict[str, list[int]]) -> None:
    """The HHI of each group and kind stays below the cap from the deadline on."""
    deadline = last_index_by(rule.by, model.case.rules)
    if deadline is None:
        return
    for group, units in groups.items():
        for kind in _kinds(model, units):
            counting = Counting(model, rule, kind, units)
            for when in range(max(deadline, model.start), model.end + 1):
                name = f"{group}, {kind}" if group else kind
                spread = add_spread(model, counting, name, when - model.start)
                if spread is not None:
                    title = f"{rule.id} in {name} at the end of {quarter_at(when)}"
                    ones = [1.0] * len(spread.squares)
                    upper = rule.cap - spread.fixed
                    row = Row(list(spread.squares), ones, -INFINITE, upper, "", title, "of the HHI", 1.0)
                    model.at_most(rule, row, when - model.start)


def add_spread(model: Model, counting: Counting, name: str, t: int) -> Spread | None:
    """Columns for the shares in a group at the end of a quarter and for their squares; none if nothing stands there."""
    whole = counting.whole()
    if not whole:
        return None
    spread = Spread(name, t, [], [])
    for supplier in counting.suppliers():
        columns, coefficients, constant = counting.row(supplier, t)
        if not columns:
            spread.fixed += (constant / whole) ** 2
            continue
        share, square = model.programme.column(0.0, 1.0), model.programme.column(0.0, 1.0)
        scaled = [value / whole for value in coefficients]
        right = -constant / whole
        model.programme.add(Row([*columns, share], [*scaled, -1.0], right, right))
        spread.shares.append(share)
        spread.squares.append(square)
        for point in TANGENTS:
            _tangent(model, share, square, point)
    model.spreads.append(spread)
    return spread


def _tangent(model: Model, share: int, square: int, point: float) -> None:
    """The tangent at a point: square >= point**2 + 2 * point * (share - point)."""
    model.programme.add(Row([share, square], [2 * point, -1.0], -INFINITE, point * point))


def refine(model: Model, values: list[float]) -> tuple[float, float]:
    """Add tangents where a solution's squares are too small, and put them right in the solution.

    The largest error there was in one HHI of a rule, and the mean of those that are to be small.
    """
    worst, errors = 0.0, [0.0]
    for spread in model.spreads:
        error = 0.0
        for share, square in zip(spread.shares, spread.squares, strict=True):
            missing = values[share] ** 2 - values[square]
            if missing > TOLERANCE:
                error += missing
                _tangent(model, share, square, values[share])
            values[square] = values[share] ** 2
        if spread.wanted:
            errors.append(error)
        else:
            worst = max(worst, error)
    return worst, sum(errors) / max(1, len(errors) - 1)


def add_diversity(model: Model) -> dict[int, float]:
    """The mean HHI per operator and kind at the ends of years and of the plan: the costs of its columns."""
    times = [t for t in range(model.quarters) if quarter_at(model.start + t).endswith("Q4")]
    times = list(dict.fromkeys([*times, model.quarters - 1]))
    operators: dict[str, list[int]] = {}
    for number, unit in enumerate(model.units):
        operators.setdefault(unit.operator, []).append(number)
    spreads = []
    for operator, units in operators.items():
        for kind in _kinds(model, units):
            counting = Counting(model, None, kind, units)
            name = f"{operator}, {kind}" if operator else kind
            spreads += [spread for t in times if (spread := add_spread(model, counting, name, t)) is not None]
    for spread in spreads:
        spread.wanted = True
    return {square: 1.0 / len(spreads) for spread in spreads for square in spread.squares}


def fixed_part(model: Model, costs: dict[int, float]) -> float:
    """What the mean HHI has of shares that no action changes."""
    mine = [spread for spread in model.spreads if any(square in costs for square in spread.squares)]
    weight = next(iter(costs.values()), 0.0)
    return weight * sum(spread.fixed for spread in mine)
