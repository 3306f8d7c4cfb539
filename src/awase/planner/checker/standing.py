"""Walks through the actions in time: what stands where at the end of each quarter, and which actions are impossible."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import msgspec

from awase.model.calendar import at, index, last_day
from awase.model.plan import (
    JOINTS,
    Action,
    CatalogueItem,
    Equipment,
    PairRecord,
    PlannedTest,
    Price,
    Product,
    Site,
)
from awase.model.rules import After, Case


class Violation(msgspec.Struct, frozen=True):
    """One thing that is wrong with a plan: what is broken, where, and how."""

    what: str
    where: str
    text: str

    def __str__(self) -> str:
        return f"{self.what}: {self.where}: {self.text}"


@dataclass(slots=True)
class Visit:
    """All that is done at a site in a quarter."""

    site: Site
    quarter: int
    actions: list[tuple[Action, Equipment, CatalogueItem]] = field(default_factory=list)


@dataclass(slots=True)
class Walked:
    """A plan, walked through. `history`: per site, what stands from which quarter (index) on."""

    case: Case
    start: int
    end: int
    visits: list[Visit]
    tests: Sequence[PlannedTest]
    violations: list[Violation]
    history: list[tuple[Site, list[tuple[int, tuple[Equipment, ...], tuple[int, ...]]]]]
    """(from, pieces, for each piece the quarter in which the plan put it in, or -1)."""

    def money(self, price: Price | None) -> tuple[int, int, int]:
        """A price in the estate's currency, low, mid and high; -1 if it cannot be converted."""
        if price is None:
            return 0, 0, 0
        rate = rate_of(self.case, price.currency)
        return int(price.low * rate + 0.5), int(price.mid * rate + 0.5), int(price.high * rate + 0.5)


def rate_of(case: Case, currency: str) -> float:
    """What a unit of a currency is worth in the estate's; below 0 if nobody says."""
    own = case.estate.currency
    if currency == own:
        return 1.0
    for rate in case.market.exchange:
        if rate.currency == currency and rate.into == own:
            return rate.rate
    for rate in case.market.exchange:
        if rate.currency == own and rate.into == currency:
            return 1.0 / rate.rate
    return -1.0


def window(case: Case) -> tuple[int, int]:
    """The first and the last quarter with actions."""
    limits = case.limits
    start = index(limits.start) if limits.start is not None else index(case.estate.as_of) + 1
    if limits.end is not None:
        return start, index(limits.end)
    end = start
    for rule in case.rules.rules:
        for name in ("by", "after"):
            last = last_full_quarter(case, getattr(rule, name, None))
            if last is not None:
                end = max(end, last)
    return start, end


def last_full_quarter(case: Case, deadline: object) -> int | None:
    """The index of the last quarter that is over on the day of a deadline; none if there is no such day."""
    if isinstance(deadline, After):
        event = case.rules.events.get(deadline.after)
        if event is None:
            return None
        year, month, day = (int(part) for part in event.split("-"))
        months = year * 12 + month - 1 + deadline.months
        deadline = f"{months // 12:04}-{months % 12 + 1:02}-{day:02}"
    if not isinstance(deadline, str):
        return None
    year, month = int(deadline[:4]), int(deadline[5:7])
    within = year * 4 + (month - 1) // 3
    # A day past the month's last one (31 in a month of 30) is at its end.
    return within if month % 3 == 0 and deadline >= last_day(at(within)) else within - 1


def walk(case: Case, actions: list[Action], tests: Sequence[PlannedTest]) -> Walked:
    """Carry out all actions, in time."""
    start, end = window(case)
    walked = Walked(case, start, end, [], tests, [], [])
    by_site: dict[str, dict[int, list[Action]]] = {}
    for action in actions:
        by_site.setdefault(action.site, {}).setdefault(index(action.quarter), []).append(action)
    items = dict(_items(walked, actions))
    for site in case.estate.sites:
        mine = by_site.pop(site.id, {})
        history = [(index(case.estate.as_of), site.equipment, (-1,) * len(site.equipment))]
        for quarter in sorted(mine):
            visit = Visit(site, quarter)
            history.append(_carry_out(walked, visit, mine[quarter], history[-1], items))
            walked.visits.append(visit)
        walked.history.append((site, history))
    for name in by_site:
        walked.violations.append(Violation("site", name, "is no site of the estate"))
    return walked


def _items(walked: Walked, actions: list[Action]) -> Iterator[tuple[str, CatalogueItem]]:
    """The catalogue, and kits that actions speak of: an O-DU and an O-CU of one supplier, in a baseband's place."""
    known = {item.id: item for item in walked.case.market.catalogue}
    yield from known.items()
    for name in dict.fromkeys(action.item for action in actions if action.item not in known):
        parts = [known[part] for part in name.split("+") if part in known]
        if [part.kinds for part in parts] == [("o_du",), ("o_cu",)] and parts[0].supplier == parts[1].supplier:
            yield name, _kit(walked, name, parts)


def _kit(walked: Walked, name: str, parts: list[CatalogueItem]) -> CatalogueItem:
    prices = [walked.money(part.price) for part in parts]
    installs = [walked.money(part.install) for part in parts]
    own = walked.case.estate.currency

    def summed(costs: list[tuple[int, int, int]]) -> Price:
        low, mid, high = (sum(cost[place] for cost in costs) for place in range(3))
        return msgspec.structs.replace(parts[0].price, low=low, mid=mid, high=high, currency=own)

    named = [set(part.layers) for part in parts if part.layers]
    both = named[0].intersection(*named[1:]) if named else ()
    return msgspec.structs.replace(
        parts[0],
        id=name,
        kinds=("baseband",),
        product="",
        release="",
        layers=tuple(layer for layer in parts[0].layers or parts[1].layers if layer in both),
        interfaces=(*parts[0].interfaces, *parts[1].interfaces),
        price=summed(prices),
        install=summed(installs),
        crew_visits=sum(part.crew_visits for part in parts),
        lead_time_quarters=max(part.lead_time_quarters for part in parts),
        available_from=max((part.available_from for part in parts if part.available_from), default=None),
        available_until=min((part.available_until for part in parts if part.available_until), default=None),
        end_of_support=min((part.end_of_support for part in parts if part.end_of_support), default=None),
        supply_per_quarter=None,
    )


def _carry_out(
    walked: Walked,
    visit: Visit,
    actions: list[Action],
    before: tuple[int, tuple[Equipment, ...], tuple[int, ...]],
    items: dict[str, CatalogueItem],
) -> tuple[int, tuple[Equipment, ...], tuple[int, ...]]:
    pieces, since = list(before[1]), list(before[2])
    names = {piece.id: place for place, piece in enumerate(pieces)}
    done: list[int] = []
    for action in actions:
        place, item = names.get(action.equipment), items.get(action.item)
        wrong = _wrong(walked, action, None if place is None else pieces[place], item, place in done)
        if wrong:
            where = f"{action.site} {action.equipment} in {action.quarter}"
            walked.violations.append(Violation("action", where, wrong))
        if place is None or item is None or place in done:
            continue
        done.append(place)
        visit.actions.append((action, pieces[place], item))
        since[place] = visit.quarter
    for action, piece, item in visit.actions:
        pieces[names[action.equipment]] = msgspec.structs.replace(
            piece,
            supplier=action.to_supplier,
            product=item.product,
            release=item.release,
            bought=at(visit.quarter),
            end_of_support=item.end_of_support,
            components=item.components,
            item=item.id,
        )
    _meet(walked, visit, pieces, done, items)
    return visit.quarter, tuple(pieces), tuple(since)


def _wrong(walked: Walked, action: Action, piece: Equipment | None, item: CatalogueItem | None, again: bool) -> str:
    """What is wrong with an action by itself; empty if nothing."""
    when = index(action.quarter)
    if piece is None:
        return "there is no such piece at the site"
    if item is None:
        return f"{action.item} is not in the catalogue"
    if again:
        return "is replaced twice in a quarter"
    if (piece.kind, piece.supplier) != (action.kind, action.from_supplier):
        return f"stands there as {piece.kind} of {piece.supplier}"
    split = action.kind == "radio" and item.kinds == ("o_ru",)
    if (action.kind not in item.kinds and not split) or any(
        layer not in item.layers for layer in piece.layers if item.layers
    ):
        return f"{item.id} does not stand in for it"
    if item.supplier != action.to_supplier:
        return f"{item.id} is of {item.supplier}, not of {action.to_supplier}"
    if not walked.start <= when <= walked.end:
        return "is outside of the plan's quarters"
    return _not_to_be_had(walked, item, when)


def _not_to_be_had(walked: Walked, item: CatalogueItem, when: int) -> str:
    if when < walked.start + item.lead_time_quarters:
        return f"{item.id} takes {item.lead_time_quarters} quarters to arrive"
    if item.available_from is not None and when < index(item.available_from):
        return f"{item.id} is to be had from {item.available_from} on"
    if item.available_until is not None and when > index(item.available_until):
        return f"{item.id} is to be had until {item.available_until}"
    for supplier in walked.case.estate.suppliers:
        if supplier.name == item.supplier and supplier.leaves is not None and when >= index(supplier.leaves):
            return f"{supplier.name} leaves in {supplier.leaves}"
    return ""


def _meet(
    walked: Walked, visit: Visit, pieces: list[Equipment], done: list[int], items: dict[str, CatalogueItem]
) -> None:
    """Whether all that stands there now goes together, where something new is in it."""
    for i in done:
        for j in range(len(pieces)):
            if j == i or (j in done and j < i):
                continue
            wrong = _clash(walked, visit.quarter, pieces[i], pieces[j], items)
            if wrong:
                text = f"{pieces[i].kind} of {pieces[i].supplier} and {pieces[j].kind} of {pieces[j].supplier}: {wrong}"
                walked.violations.append(Violation("fit", f"{visit.site.id} in {at(visit.quarter)}", text))


def _clash(walked: Walked, when: int, a: Equipment, b: Equipment, items: dict[str, CatalogueItem]) -> str:
    if a.supplier == b.supplier:
        return ""
    lean = [layer for layer in a.leans_on if layer in b.layers] + [layer for layer in b.leans_on if layer in a.layers]
    if lean and a.kind == b.kind:
        return "one leans on the other and must be of its supplier"
    if a.layers and b.layers and not any(layer in b.layers for layer in a.layers):
        return ""
    interface = interface_of(a, b)
    if interface is None:
        return ""
    if interface == "CPRI":
        offers = [items.get(piece.item) for piece in (a, b)]
        if not all(offer is not None and "OFH" in offer.interfaces for offer in offers):
            return "their interface is closed"
        interface = "OFH"
    return _unproven(walked, when, a, b, interface)


def interface_of(a: Equipment, b: Equipment) -> str | None:
    """The name of the interface between two kinds, if they have one."""
    for joint in JOINTS:
        if {joint.a, joint.b} == {a.kind, b.kind} and joint.a != joint.b:
            return joint.interface
    return None


def _unproven(walked: Walked, when: int, a: Equipment, b: Equipment, interface: str) -> str:
    verdict = latest_verdict(walked.case.market.evidence, a, b, interface)
    if verdict:
        return "" if verdict[1] == "pass" else "the latest record says that they do not work together"
    test = test_of(walked.tests, a, b, interface)
    if test is None:
        return f"no record, and no test, says that they work together over {interface}"
    if when < walked.start + test.quarters:
        return f"their test takes {test.quarters} quarters"
    return ""


def latest_verdict(records: Sequence[PairRecord], a: Equipment, b: Equipment, interface: str) -> tuple[str, str] | None:
    """The day and the verdict of the latest record that proves something; a fail counts before a pass."""
    best: tuple[str, str] | None = None
    for record in records:
        if record.interface != interface or record.date is None or record.verdict not in ("pass", "fail"):
            continue
        straight = _about(record.a, a, interface) and _about(record.b, b, interface)
        if not straight and not (_about(record.a, b, interface) and _about(record.b, a, interface)):
            continue
        if best is None or record.date > best[0] or (record.date == best[0] and record.verdict == "fail"):
            best = (record.date, record.verdict)
    return best


def _about(product: Product, piece: Equipment, interface: str) -> bool:
    """Whether a record speaks of a piece; a radio and a baseband in parts are known by their parts' names too."""
    baseband = "o_du" if interface == "OFH" else "o_cu"
    split = {"radio": "o_ru", "baseband": baseband}
    if product.supplier != piece.supplier or product.kind not in (piece.kind, split.get(piece.kind)):
        return False
    return product.product in ("", piece.product) and product.release in ("", piece.release)


def test_of(tests: Sequence[PlannedTest], a: Equipment, b: Equipment, interface: str) -> PlannedTest | None:
    """The plan's test of two pieces, if it has one."""
    names = sorted(" ".join(filter(None, (one.supplier, one.product, one.release, one.kind))) for one in (a, b))
    return next((test for test in tests if [test.a, test.b] == names and test.interface == interface), None)
