"""What the operator can do, as rows: crews, supply, money, freezes, coverage, tests that come first, subsidies."""

from collections.abc import Iterable
from typing import Any

from awase.model.calendar import at as quarter_at
from awase.model.calendar import index, year_of
from awase.model.rules import Subsidy
from awase.planner.optimise.market import JOIN
from awase.planner.optimise.model import Model, Move
from awase.planner.optimise.options import Placing
from awase.planner.optimise.programme import INFINITE, Row
from awase.planner.optimise.words import in_scope, last_index_by, suppliers_of


def add_limits(model: Model) -> None:
    """All rows of the limits."""
    _tests(model)
    _crews(model)
    _supply(model)
    _budgets(model)
    _freezes(model)
    _coverage(model)
    _subsidies(model)


def _grouped(moves: Iterable[tuple[Any, int, float]]) -> dict[Any, tuple[list[int], list[float]]]:
    found: dict[Any, dict[int, float]] = {}
    for key, column, coefficient in moves:
        row = found.setdefault(key, {})
        row[column] = row.get(column, 0.0) + coefficient
    return {key: (list(row), list(row.values())) for key, row in found.items()}


def _crews(model: Model) -> None:
    capacity = {crew.name: crew.visits_per_quarter for crew in model.case.limits.crews}
    taken = _grouped(((move.crew, move.t), move.column, move.step.visits) for move in model.moves if move.crew)
    for (crew, t), (columns, coefficients) in sorted(taken.items()):
        name = f"crew {crew} in {quarter_at(model.start + t)}"
        group = f"crew {crew}"
        model.programme.add(
            Row(columns, coefficients, -INFINITE, capacity[crew], group, name, "visits", max(capacity[crew], 1.0))
        )


def _supply(model: Model) -> None:
    limits = {
        item.id: item.supply_per_quarter for item in model.case.market.catalogue if item.supply_per_quarter is not None
    }
    taken = _grouped(
        ((part, move.t), move.column, float(placing.number))
        for move in model.moves
        for placing in move.step.placings
        for part in placing.offer.item.id.split(JOIN)
        if part in limits
    )
    for (item, t), (columns, coefficients) in sorted(taken.items()):
        name = f"supply of {item} in {quarter_at(model.start + t)}"
        upper = float(limits[item] or 0)
        group = f"supply of {item}"
        model.programme.add(Row(columns, coefficients, -INFINITE, upper, group, name, "pieces", max(upper, 1.0)))


def _budgets(model: Model) -> None:
    for budget in model.case.limits.budgets:
        wanted = [
            move
            for move in model.moves
            if year_of(quarter_at(model.start + move.t)) == budget.year
            and budget.operator in ("", model.units[move.unit].operator)
        ]
        columns = [move.column for move in wanted]
        coefficients = [move.step.cost[1] / model.money_scale for move in wanted]
        if not budget.operator and year_of(quarter_at(model.start)) == budget.year:
            columns.extend(model.tests.values())
            coefficients.extend(test.cost[1] / model.money_scale for test in model.tests)
        amount = model.market.amount(budget.amount, budget.currency)
        whose = f" of {budget.operator}" if budget.operator else ""
        name = f"budget {budget.year}{whose}"
        upper = amount / model.money_scale
        unit = model.market.currency
        model.programme.add(Row(columns, coefficients, -INFINITE, upper, name, name, unit, max(upper, 1e-3)))


def _freezes(model: Model) -> None:
    for freeze in model.case.limits.freezes:
        times = [index(when) - model.start for when in freeze.quarters]
        for t in times:
            columns = [
                move.column
                for move in model.moves
                if move.t == t and (not freeze.regions or model.units[move.unit].region in freeze.regions)
            ]
            if columns:
                where = ", ".join(freeze.regions) or "everywhere"
                group = f"freeze {freeze.reason or where}"
                name = f"{group} in {quarter_at(model.start + t)}"
                ones = [1.0] * len(columns)
                model.programme.add(Row(columns, ones, -INFINITE, 0.0, group, name, "sites", 1.0))


def down_limit(share: float, sites: int) -> int:
    """How many sites of a region may be worked on in a quarter: a share of them, but one at least."""
    return max(1, int(share * sites + 1e-9))


def _coverage(model: Model) -> None:
    share = model.case.limits.down_share_of_region
    if share >= 1.0:
        return
    sites: dict[tuple[str, str], int] = {}
    for site in model.case.estate.sites:
        sites[site.operator, site.region] = sites.get((site.operator, site.region), 0) + 1

    def place(move: Move) -> tuple[str, str]:
        return model.units[move.unit].operator, model.units[move.unit].region

    taken = _grouped(((place(move), move.t), move.column, 1.0) for move in model.moves)
    for ((operator, region), t), (columns, coefficients) in sorted(taken.items()):
        upper = float(down_limit(share, sites[operator, region]))
        where = ", ".join(text for text in (operator, region) if text) or "the estate"
        name = f"coverage of {where} in {quarter_at(model.start + t)}"
        group = f"coverage of {where}"
        model.programme.add(Row(columns, coefficients, -INFINITE, upper, group, name, "sites", upper))


def _tests(model: Model) -> None:
    """A combination without evidence is used only if its test is paid for."""
    using = _grouped((test, move.column, 1.0) for move in model.moves for test in move.step.tests)
    counts = {test: [move for move in model.moves if test in move.step.tests] for test in using}
    for test, (columns, coefficients) in sorted(using.items()):
        made = model.programme.column(0.0, 1.0, integer=True)
        model.tests[test] = made
        model.cost[made] = test.cost[1] / model.money_scale
        most = sum(model.units[number].count for number in sorted({move.unit for move in counts[test]}))
        model.programme.add(Row([*columns, made], [*coefficients, -float(most)], -INFINITE, 0.0))


def qualifies(model: Model, rule: Subsidy, number: int, placing: Placing) -> bool:
    """Whether a subsidy pays for an item that is put in at a unit, if it comes in time."""
    unit = model.units[number]
    customers = next((one.customers for one in model.case.estate.operators if one.name == unit.operator), None)
    if rule.max_customers is not None and (customers is None or customers > rule.max_customers):
        return False
    item = placing.offer.item
    if rule.buys_from and model.market.country(item.supplier) not in rule.buys_from:
        return False
    if not all(interface in item.interfaces for interface in rule.interfaces):
        return False
    removes = suppliers_of(rule.removes, model.case.rules)
    return subsidised(rule, unit, placing) and (
        not removes or any(unit.pieces[place].supplier in removes for place in placing.places)
    )


def subsidised(rule: Subsidy, unit: Any, placing: Placing) -> bool:
    """Whether what is replaced is in the subsidy's scope."""
    pieces = [unit.pieces[place] for place in placing.places]
    return any(in_scope(rule.scope, piece, unit.operator, unit.region, unit.roles) for piece in pieces)


def _subsidies(model: Model) -> None:
    """Money that comes back, when it is there: at most what the programme has, and its share of what qualifies.

    A quarter of money is worth what money of that quarter is; work that is done before the money is there is paid then.
    """
    rules = [rule for rule in model.case.rules.rules if isinstance(rule, Subsidy)]
    whole: dict[int, float] = {}
    for rule in rules:
        first = _first_paid(model, rule)
        paid = [model.programme.column() for _ in range(first, model.quarters)]
        model.subsidies[rule.id] = paid
        for t, column in enumerate(paid, first):
            model.cost[column] = -model.discount(t)
        qualified = _qualified(model, rule)
        for move, cost in qualified:
            whole[move.column] = max(whole.get(move.column, 0.0), cost / model.money_scale)
        for t in range(first, model.quarters):
            due = [(move.column, -rule.share * cost / model.money_scale) for move, cost in qualified if move.t <= t]
            so_far = paid[: t - first + 1]
            columns, coefficients = [*so_far, *(one for one, _ in due)], [*([1.0] * len(so_far)), *(c for _, c in due)]
            model.programme.add(Row(columns, coefficients, -INFINITE, 0.0))
        if rule.amount is not None and paid:
            most = model.market.amount(rule.amount.amount, rule.amount.currency) / model.money_scale
            model.programme.add(Row(list(paid), [1.0] * len(paid), -INFINITE, most))
    if len(rules) > 1:
        columns = [column for paid in model.subsidies.values() for column in paid]
        coefficients = [*([1.0] * len(columns)), *(-cost for cost in whole.values())]
        model.programme.add(Row([*columns, *whole], coefficients, -INFINITE, 0.0))


def _first_paid(model: Model, rule: Subsidy) -> int:
    """The first quarter of the plan in which there is money; after the last if its day hangs on what has not been."""
    if rule.after is None:
        return 0
    after = last_index_by(rule.after, model.case.rules)
    return model.quarters if after is None else min(model.quarters, max(0, after + 1 - model.start))


def _qualified(model: Model, rule: Subsidy) -> list[tuple[Move, int]]:
    """The work that a programme pays for, and what it costs."""
    last = model.end if rule.complete_by is None else last_index_by(rule.complete_by, model.case.rules)
    costs: dict[tuple[int, int, int], int] = {}
    found = []
    for move in model.moves:
        if last is None or model.start + move.t > last:
            continue
        key = (move.unit, move.step.source, move.step.target)
        if key not in costs:
            costs[key] = sum(one.cost[1] for one in move.step.placings if qualifies(model, rule, move.unit, one))
        if costs[key]:
            found.append((move, costs[key]))
    return found
