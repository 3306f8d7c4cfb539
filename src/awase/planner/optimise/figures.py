"""What is told of a plan beside its actions: concentration, money, power, what binds and at which price."""

from collections.abc import Iterable

from awase.model.calendar import at as quarter_at
from awase.model.calendar import year_of
from awase.model.plan import Action, Binding, Equipment, PlannedTest, Power, Range
from awase.planner.optimise.model import Model
from awase.planner.optimise.objectives import risk_costs
from awase.planner.optimise.programme import Effort, Row

MOST_BINDING = 10
LEAST_PRICE = 1.0
NEGLIGIBLE = 1e-6
"""What costs less binds nobody: a unit of money, and a share of one where the constraint is money itself."""
ONE_MORE = {
    "sites": "one site",
    "equipment": "one piece",
    "pieces": "one piece",
    "visits": "one visit",
    "people": "one person",
    "traffic": "one Gbit/s",
    "suppliers": "one supplier",
    "of the HHI": "an index of one",
}


def standing(model: Model, values: list[float], t: int) -> Iterable[tuple[int, tuple[Equipment, ...]]]:
    """How many units stand with which pieces at the end of a quarter."""
    for number, unit in enumerate(model.units):
        configurations = model.options[number].configurations
        if len(configurations) == 1:
            yield unit.count, configurations[0].pieces
            continue
        for s, configuration in enumerate(configurations):
            count = round(values[model.stays[number][s][t]])
            if count:
                yield count, configuration.pieces


def hhi_of(model: Model, values: list[float]) -> dict[str, dict[str, float]]:
    """The HHI over pieces per kind at the end of each quarter; the estate's own quarter is the first."""
    found: dict[str, dict[str, float]] = {}
    today = [(unit.count, unit.pieces) for unit in model.units]
    _note_hhi(found, today, quarter_at(model.start - 1))
    for t in range(model.quarters):
        _note_hhi(found, standing(model, values, t), quarter_at(model.start + t))
    return found


def _note_hhi(
    found: dict[str, dict[str, float]], stands: Iterable[tuple[int, tuple[Equipment, ...]]], when: str
) -> None:
    counts: dict[str, dict[str, int]] = {}
    for number, pieces in stands:
        for piece in pieces:
            of_kind = counts.setdefault(piece.kind, {})
            of_kind[piece.supplier] = of_kind.get(piece.supplier, 0) + number * piece.count
    for kind in sorted(counts):
        whole = sum(counts[kind].values())
        if whole:
            value = sum((count / whole) ** 2 for count in counts[kind].values())
            found.setdefault(kind, {})[when] = round(value, 6)


def spent_of(actions: Iterable[Action], tests: Iterable[PlannedTest], start: int) -> dict[str, Range]:
    """What actions, and tests in the year in which the plan begins, cost per calendar year."""
    years: dict[str, list[float]] = {}
    for action in actions:
        year = years.setdefault(str(year_of(action.quarter)), [0, 0, 0])
        for place, cost in enumerate((action.cost_low, action.cost_mid, action.cost_high)):
            year[place] += cost
    for test in tests:
        year = years.setdefault(str(year_of(quarter_at(start))), [0, 0, 0])
        for place, amount in enumerate((test.cost.low, test.cost.mid, test.cost.high)):
            year[place] += amount
    return {year: Range(float(low), float(mid), float(high)) for year, (low, mid, high) in sorted(years.items())}


def power_of(model: Model, values: list[float]) -> dict[str, Range]:
    """What equipment draws whose power the catalogue knows, at the ends of years: idle, in between, fully loaded."""
    known = {item.id: item.power for item in model.case.market.catalogue if item.power is not None}
    if not known:
        return {}
    found: dict[str, Range] = {}
    for t in range(model.quarters):
        when = quarter_at(model.start + t)
        if when.endswith("Q4") or t == model.quarters - 1:
            found[when] = _power(known, standing(model, values, t))
    return found


def _power(known: dict[str, Power], stands: Iterable[tuple[int, tuple[Equipment, ...]]]) -> Range:
    low = mid = high = 0.0
    for number, pieces in stands:
        for piece in pieces:
            power = known.get(piece.item)
            if power is not None:
                pieces_kw = number * piece.count / 1000.0
                low += pieces_kw * power.idle_w.low
                mid += pieces_kw * (power.idle_w.mid + power.full_w.mid) / 2
                high += pieces_kw * power.full_w.high
    return Range(round(low, 3), round(mid, 3), round(high, 3))


def late_risk_of(model: Model, values: list[float]) -> dict[str, float]:
    """Expected site-quarters late per dated rule, if work slips as the limits say."""
    found: dict[str, float] = {}
    for dated in model.dated:
        costs = risk_costs(model, [dated])
        late = costs.constant + sum(cost * values[column] for column, cost in costs.columns.items())
        found[str(dated.rule.id)] = round(late, 3)
    return found


def binding_of(model: Model, effort: Effort) -> tuple[Binding, ...]:
    """The rows that cost most: the duals of the linear programme for cost alone."""
    answer = model.programme.minimise(model.cost, effort, integer=False)
    if not answer.duals:
        return ()
    priced: dict[str, tuple[float, float, Row]] = {}
    for row, dual in zip(model.programme.rows, answer.duals, strict=True):
        price = _price(model, row, dual)
        least = NEGLIGIBLE if row.group.startswith("budget") else LEAST_PRICE
        if row.group and price >= least and price * row.size > priced.get(row.name, (0.0,))[0]:
            priced[row.name] = (price * row.size, price, row)
    worst = sorted(priced.values(), key=lambda one: (-one[0], one[2].name))[:MOST_BINDING]
    return tuple(_binding(model, row, price) for _, price, row in worst)


def _price(model: Model, row: Row, dual: float) -> float:
    """What one unit more of a row would save, in money; the unit of a budget is money already."""
    return abs(dual) * (1.0 if row.group.startswith("budget") else model.money_scale)


def _binding(model: Model, row: Row, price: float) -> Binding:
    currency = model.market.currency
    unit = ONE_MORE.get(row.unit, row.unit)
    if row.group.startswith("budget"):
        text = f"one {currency} more in the {row.name} would save {price:,.2f} {currency}"
    elif row.group.startswith("rule "):
        text = f"if {unit} more were left out of {row.name}, that would save {price:,.0f} {currency}"
    else:
        text = f"{unit} more for {row.name} would save {price:,.0f} {currency}"
    return Binding(name=row.name, text=text, price=round(price, 2), unit=f"{currency} per {unit}")
