"""What it costs to keep what stands: operation and maintenance, and electricity where a price of it is given."""

from awase.model.calendar import at as quarter_at
from awase.model.calendar import year_of
from awase.model.plan import Equipment, Range
from awase.planner.optimise.figures import standing
from awase.planner.optimise.market import FREE, Cost, MarketView, add, times
from awase.planner.optimise.model import Model

QUARTERS_A_YEAR = 4


def keeping(pieces: tuple[Equipment, ...], market: MarketView) -> Cost:
    """What some pieces of one site cost a year, as far as the catalogue has them."""
    counts: dict[str, dict[str, int]] = {}
    for piece in pieces:
        if piece.item in market.keep:
            of_item = counts.setdefault(piece.item, {})
            of_item[piece.kind] = of_item.get(piece.kind, 0) + piece.count
    cost = FREE
    for item, kinds in counts.items():
        cost = add(cost, times(market.keep[item], min(kinds.values())))
    return cost


def add_operating(model: Model) -> None:
    """What stands at the end of a quarter costs a quarter of its year: part of what is to be small."""
    if not model.market.keep:
        return
    for stays, options in zip(model.stays, model.options, strict=True):
        for configuration, columns in zip(options.configurations, stays, strict=False):
            yearly = keeping(configuration.pieces, model.market)[1]
            for t, column in enumerate(columns if yearly else ()):
                worth = model.discount(t) / QUARTERS_A_YEAR / model.money_scale
                model.cost[column] = model.cost.get(column, 0.0) + yearly * worth


def operating_of(model: Model, values: list[float]) -> dict[str, Range]:
    """What keeping costs per calendar year of the plan, as far as the catalogue says."""
    if not model.market.keep:
        return {}
    years: dict[str, list[float]] = {}
    for t in range(model.quarters):
        year = years.setdefault(str(year_of(quarter_at(model.start + t))), [0.0, 0.0, 0.0])
        for number, pieces in standing(model, values, t):
            for place, cost in enumerate(keeping(pieces, model.market)):
                year[place] += number * cost / QUARTERS_A_YEAR
    return {year: Range(*(round(value, 2) for value in costs)) for year, costs in years.items()}
