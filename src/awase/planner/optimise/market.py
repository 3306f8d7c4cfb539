"""What the market offers, ready for a plan: prices in one currency, when an item can be had, what fits with what."""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from awase.model.calendar import Date, index
from awase.model.plan import (
    CatalogueItem,
    Currency,
    Equipment,
    Kind,
    PairRecord,
    Power,
    Price,
    Product,
    Range,
    Supplier,
)
from awase.model.rules import Case
from awase.planner.problems import Place, PlanInputError, Problem

Cost = tuple[int, int, int]
"""Low, mid and high, in whole units of the estate's currency."""
FREE: Cost = (0, 0, 0)
HOURS = 8_766
"""In a year."""


def add(a: Cost, b: Cost) -> Cost:
    """The sum, each by itself."""
    return a[0] + b[0], a[1] + b[1], a[2] + b[2]


def times(a: Cost, number: int) -> Cost:
    """So many of it."""
    return a[0] * number, a[1] * number, a[2] * number


@dataclass(frozen=True, slots=True, order=True)
class Test:
    """A combination that no record speaks of: it may be used when it has been tested."""

    a: str
    b: str
    interface: str
    cost: Cost
    quarters: int


@dataclass(frozen=True, slots=True)
class Offer:
    """A catalogue item: what a piece and what its work at a site cost, and between which quarters it can be put in."""

    item: CatalogueItem
    price: Cost
    install: Cost
    first: int
    last: int


class MarketView:
    """The market as one estate sees it in the quarters from `start` to `end` (indices)."""

    def __init__(self, case: Case, start: int, end: int) -> None:
        self.currency = case.estate.currency
        self._rates: dict[Currency, float] = {self.currency: 1.0}
        for rate in case.market.exchange:
            if rate.into == self.currency:
                self._rates[rate.currency] = rate.rate
            elif rate.currency == self.currency and rate.rate > 0:
                self._rates.setdefault(rate.into, 1.0 / rate.rate)
        self._suppliers = {supplier.name: supplier for supplier in case.estate.suppliers}
        self._records = case.market.evidence
        self._untested = case.market.untested_cost, case.market.untested_quarters
        self._proofs: dict[object, Test | bool] = {}
        catalogue = (*case.market.catalogue, *_bundles(case.market.catalogue, self._sum))
        self._energy = self.cost(case.limits.energy_per_mwh)
        self.keep = {item.id: cost for item in catalogue if (cost := self._keeping(item)) != FREE}
        """What one of an item costs a year, by its id; what costs nothing, or is not known to, is left out."""
        self.offers = tuple(self._offer(item, start, end) for item in catalogue)

    def amount(self, amount: float, currency: Currency) -> int:
        """An amount in the estate's currency."""
        rate = self._rates.get(currency)
        if rate is None:
            what = f"there is no exchange rate from {currency} into {self.currency}"
            raise PlanInputError([Problem(Place("market"), what, "add one under exchange")])
        return int(amount * rate + 0.5)

    def cost(self, price: Price | None) -> Cost:
        """A price in the estate's currency."""
        if price is None:
            return FREE
        low, mid, high = (self.amount(value, price.currency) for value in (price.low, price.mid, price.high))
        return low, mid, high

    def _keeping(self, item: CatalogueItem) -> Cost:
        """Operation and maintenance of a year, and electricity: idle, in between and fully loaded."""
        low, mid, high = self.cost(item.operate_per_year)
        if item.power is None:
            return low, mid, high
        idle, full = item.power.idle_w, item.power.full_w
        watts = idle.low, (idle.mid + full.mid) / 2, full.high
        extra = tuple(int(HOURS / 1e6 * w * rate + 0.5) for w, rate in zip(watts, self._energy, strict=True))
        return low + extra[0], mid + extra[1], high + extra[2]

    def _sum(self, a: Price | None, b: Price | None) -> Price | None:
        """Two prices as one, in the estate's currency."""
        one = a or b
        if one is None:
            return None
        low, mid, high = add(self.cost(a), self.cost(b))
        return msgspec.structs.replace(one, low=low, mid=mid, high=high, currency=self.currency)

    def supplier(self, name: str) -> Supplier | None:
        """What the estate knows of a supplier."""
        return self._suppliers.get(name)  # type: ignore[call-overload, no-any-return]

    def country(self, name: str) -> str:
        """Where a supplier comes from; empty if unknown."""
        known = self.supplier(name)
        return known.country if known else ""

    def behind(self, piece: Equipment, component: str) -> str:
        """Who is behind a piece: its brand, or whose component is in it, where that is known."""
        if not component:
            return piece.supplier
        known = self.supplier(piece.supplier)
        declared = known.components.get(component) if known else None
        return piece.components.get(component) or declared or piece.supplier

    def support_ends(self, piece: Equipment) -> int | None:
        """The index of the quarter at whose end a piece is without support; none if nobody says."""
        known = self.supplier(piece.supplier)
        ends = [when for when in (piece.end_of_support, known.support_ends if known else None) if when]
        return min(index(when) for when in ends) if ends else None

    def _offer(self, item: CatalogueItem, start: int, end: int) -> Offer:
        first, last = start + item.lead_time_quarters, end
        if item.available_from:
            first = max(first, index(item.available_from))
        if item.available_until:
            last = min(last, index(item.available_until))
        known = self.supplier(item.supplier)
        if known and known.leaves:
            last = min(last, index(known.leaves) - 1)
        return Offer(item, self.cost(item.price), self.cost(item.install), first, last)

    def proof(self, a: Equipment, b: Equipment, interface: str) -> Test | bool:
        """True if a record proves that two pieces fit, a test if it may be found out, False if they may not meet."""
        key = (_side(a), _side(b), interface)
        known = self._proofs.get(key)
        if known is None:
            known = self._proofs[key] = self._prove(a, b, interface)
        return known

    def _prove(self, a: Equipment, b: Equipment, interface: str) -> Test | bool:
        records = [record for record in self._records if _speaks_of(record, a, b, interface)]
        dated = [(record.date, record.verdict == "fail") for record in records if _judges(record)]
        if dated:
            return not max(dated)[1]
        declared = [record for record in records if record.test_cost is not None]
        if declared:
            cost = min(self.cost(record.test_cost) for record in declared)
            return _test(a, b, interface, cost, min(record.test_quarters for record in declared))
        price, quarters = self._untested
        return False if price is None else _test(a, b, interface, self.cost(price), quarters)

    def passed(self, a: Equipment, b: Equipment, interface: str) -> Date | None:
        """The day of the latest judgement on two pieces, if it is a pass."""
        dated = [
            (record.date, record.verdict == "fail")
            for record in self._records
            if _judges(record) and _speaks_of(record, a, b, interface)
        ]
        return None if not dated or max(dated)[1] else max(dated)[0]


JOIN = "+"
"""Between the ids of items that are put in together."""


def _bundles(
    catalogue: tuple[CatalogueItem, ...], add_up: Callable[[Price | None, Price | None], Price | None]
) -> list[CatalogueItem]:
    """An O-DU and an O-CU of one supplier, which together take the place of a baseband."""
    found = []
    for unit in catalogue:
        for centre in catalogue:
            if unit.kinds != ("o_du",) or centre.kinds != ("o_cu",) or unit.supplier != centre.supplier:
                continue
            layers = tuple(layer for layer in unit.layers if not centre.layers or layer in centre.layers)
            price, supply = add_up(unit.price, centre.price), [unit.supply_per_quarter, centre.supply_per_quarter]
            assert price is not None, "both have one"
            bundle = msgspec.structs.replace(
                unit,
                id=unit.id + JOIN + centre.id,
                kinds=("baseband",),
                product="",
                release="",
                layers=layers if unit.layers else centre.layers,
                interfaces=tuple(dict.fromkeys((*unit.interfaces, *centre.interfaces))),
                price=price,
                install=add_up(unit.install, centre.install),
                operate_per_year=add_up(unit.operate_per_year, centre.operate_per_year),
                crew_visits=unit.crew_visits + centre.crew_visits,
                lead_time_quarters=max(unit.lead_time_quarters, centre.lead_time_quarters),
                supply_per_quarter=min((one for one in supply if one is not None), default=None),
                available_from=max(filter(None, (unit.available_from, centre.available_from)), default=None),
                available_until=min(filter(None, (unit.available_until, centre.available_until)), default=None),
                end_of_support=min(filter(None, (unit.end_of_support, centre.end_of_support)), default=None),
                power=_together(unit.power, centre.power),
            )
            # Two skills are one that both have, or none: a bundle of two skills is not offered.
            if unit.skill == centre.skill and (layers or not (unit.layers and centre.layers)):
                found.append(bundle)
    return found


def _together(a: Power | None, b: Power | None) -> Power | None:
    """What two draw together; none unless both are known."""
    if a is None or b is None:
        return None
    sums = [
        Range(one.low + other.low, one.mid + other.mid, one.high + other.high)
        for one, other in ((a.idle_w, b.idle_w), (a.full_w, b.full_w))
    ]
    return msgspec.structs.replace(a, idle_w=sums[0], full_w=sums[1])


def _judges(record: PairRecord) -> bool:
    """Whether a record proves anything: one without a day, or that is only declared, does not."""
    return record.date is not None and record.verdict in ("pass", "fail")


def _test(a: Equipment, b: Equipment, interface: str, cost: Cost, quarters: int) -> Test:
    first, second = sorted((_name(a), _name(b)))
    return Test(first, second, interface, cost, quarters)


def _name(piece: Equipment) -> str:
    return " ".join(text for text in (piece.supplier, piece.product, piece.release, piece.kind) if text)


def _side(piece: Equipment) -> tuple[str, str, str, str]:
    return piece.kind, piece.supplier, piece.product, piece.release


ALIKE: dict[tuple[Kind, str], Kind] = {
    ("radio", "OFH"): "o_ru",
    ("baseband", "OFH"): "o_du",
    ("baseband", "N2/N3"): "o_cu",
}
"""What a radio and a baseband that are split where O-RAN splits them are to a record, by interface."""


def _speaks_of(record: PairRecord, a: Equipment, b: Equipment, interface: str) -> bool:
    if record.interface != interface:
        return False
    straight = _is(record.a, a, interface) and _is(record.b, b, interface)
    return straight or (_is(record.a, b, interface) and _is(record.b, a, interface))


def _is(product: Product, piece: Equipment, interface: str) -> bool:
    return (
        (product.kind == piece.kind or product.kind == ALIKE.get((piece.kind, interface)))
        and product.supplier == piece.supplier
        and product.product in ("", piece.product)
        and product.release in ("", piece.release)
    )
