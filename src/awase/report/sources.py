"""Whatever in a plan has a source and a mark, in one list: figures, rules, prices, power, suppliers, cables."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from awase.model.plan import Estate, Figure, Market, PlanResult, Price, Range
from awase.model.rules import RuleSet
from awase.report.words import short

MOST_ROWS = 500


@dataclass(frozen=True, slots=True)
class Source:
    """A statement, its figure, who says so, and how well it is known."""

    what: str
    text: str
    figure: str
    source: str
    mark: str


def sources(result: PlanResult, estate: Estate, rules: RuleSet, market: Market, more: Iterable[Figure]) -> list[Source]:
    """All of them; of the catalogue and of the evidence what the plan uses, or all where there is no plan."""
    figures = {figure.id: figure for figure in (*estate.figures, *result.figures, *more)}
    found = [Source("figure", one.text, _figure(one), one.source, one.mark) for one in figures.values()]
    found += [Source("rule", f"{one.id}: {one.title}", "", one.source, one.mark) for one in rules.rules]
    found += _market(market, {part for action in result.actions for part in (action.item, *action.item.split("+"))})
    for supplier in estate.suppliers:
        found.append(Source("supplier", supplier.name, supplier.country, supplier.source, supplier.mark))
    for operator in estate.operators:
        customers = "" if operator.customers is None else f"{operator.customers:,} customers"
        found.append(Source("operator", operator.name, customers, operator.source, operator.mark))
    for cable in estate.cables:
        landings = ", ".join(landing.place for landing in cable.landings)
        found.append(Source("cable", f"{cable.name}: {landings}", cable.ready_for_service, cable.source, cable.mark))
    return found


def _figure(figure: Figure) -> str:
    value = figure.value if isinstance(figure.value, str) else f"{figure.value:,.6g}"
    if not isinstance(figure.value, str) and abs(figure.value) >= 1e6:
        value = f"{figure.value:,.0f}"
    return f"{value} {figure.unit}".strip()


def _market(market: Market, used: Iterable[str]) -> list[Source]:
    names = frozenset(used)
    found = []
    for item in market.catalogue:
        if names and item.id not in names:
            continue
        for what, price in (("price", item.price), ("work", item.install), ("upkeep a year", item.operate_per_year)):
            if price is not None:
                found.append(Source(what, f"{item.id} of {item.supplier}", _price(price), price.source, price.mark))
        if item.power is not None:
            drawn = f"idle {_range(item.power.idle_w)} W, full {_range(item.power.full_w)} W"
            found.append(Source("power", f"{item.id} of {item.supplier}", drawn, item.power.source, item.power.mark))
    for rate in market.exchange:
        worth = f"{rate.rate:g} {rate.into}"
        found.append(Source("exchange", f"one {rate.currency} in {rate.year}", worth, rate.source, rate.mark))
    return found


def _price(price: Price) -> str:
    return f"{price.low:,} / {price.mid:,} / {price.high:,} {price.currency} ({price.year})"


def _range(known: Range) -> str:
    return f"{short(known.low)} to {short(known.high)}"


def marks(found: Sequence[Source]) -> dict[str, int]:
    """How many statements have which mark."""
    counts: dict[str, int] = {}
    for one in found:
        counts[one.mark] = counts.get(one.mark, 0) + 1
    return {name: counts[name] for name in sorted(counts)}
