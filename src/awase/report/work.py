"""What the plan does, summed up: by region and year, by crew, as packages of equal work, and as data for the table."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from awase.model.calendar import Quarter, index, year_of
from awase.model.plan import Action, CatalogueItem, Crew, Estate, Limits, Market, Range, Site
from awase.report.words import kind

MOST_PACKAGES = 1_000
MOST_ROWS = 1_000
"""Up to so many actions are all in the page's own markup; of more, the first few, and all of them as data."""
FIRST_ROWS = 100

Sites = Mapping[str, Site]


@dataclass(slots=True)
class Package:
    """Equal work: the same swap in the same region, year or quarter; what one item stands in for goes together."""

    when: str
    region: str
    operator: str
    from_supplier: str
    to_supplier: str
    crew: str
    item: str
    kinds: dict[str, None] = field(default_factory=dict)
    sites: set[str] = field(default_factory=set)
    low: int = 0
    mid: int = 0
    high: int = 0


def sites_by_region_and_year(actions: Iterable[Action], sites: Sites) -> dict[str, dict[int, int]]:
    """How many sites are worked on in a region in a year."""
    seen = sorted({(_region(action, sites), year_of(action.quarter), action.site) for action in actions})
    found: dict[str, dict[int, int]] = {}
    for region, year, _ in seen:
        row = found.setdefault(region, {})
        row[year] = row.get(year, 0) + 1
    return found


def finished(actions: Iterable[Action]) -> dict[Quarter, float]:
    """How many sites have all their work behind them at the end of each quarter with work."""
    last: dict[str, Quarter] = {}
    for action in actions:
        last[action.site] = max(last.get(action.site, action.quarter), action.quarter)
    done: dict[Quarter, float] = {}
    for quarter in last.values():
        done[quarter] = done.get(quarter, 0) + 1
    total = 0.0
    for quarter in sorted(done):
        total += done[quarter]
        done[quarter] = total
    return {quarter: done[quarter] for quarter in sorted(done)}


def packages(actions: Sequence[Action], sites: Sites) -> tuple[list[Package], str]:
    """Packages by quarter, or by year where there are too many, and which of both it is."""
    found = _packages(actions, sites, lambda action: str(action.quarter))
    if len(found) <= MOST_PACKAGES:
        return found, "quarter"
    return _packages(actions, sites, lambda action: str(year_of(action.quarter))), "year"


def _packages(actions: Iterable[Action], sites: Sites, when: Callable[[Action], str]) -> list[Package]:
    found: dict[tuple[str, ...], Package] = {}
    for one in actions:
        site = sites.get(one.site)
        operator = site.operator if site else ""
        swap = (one.from_supplier, one.to_supplier, one.crew, one.item or one.kind)
        key = (when(one), _region(one, sites), operator, *swap)
        package = found.get(key)
        if package is None:
            package = found[key] = Package(*key)
        package.kinds[kind(one.kind)] = None
        package.sites.add(one.site)
        package.low += one.cost_low
        package.mid += one.cost_mid
        package.high += one.cost_high
    return [found[key] for key in sorted(found)]


def _region(action: Action, sites: Sites) -> str:
    site = sites.get(action.site)
    return str(site.region) if site else ""


@dataclass(slots=True)
class CrewUse:
    """What a crew does: visits per year, and the fullest quarter's share of what it can do."""

    name: str
    people: int
    visits: dict[int, float]
    fullest: float
    fullest_in: str


def crew_use(actions: Iterable[Action], sites: Sites, limits: Limits, market: Market) -> list[CrewUse]:
    """Visits by crew, reckoned as the limits are: an item of several kinds is put in with one set of visits."""
    items = {item.id: item for item in market.catalogue}
    per_quarter: dict[str, dict[Quarter, float]] = {crew.name: {} for crew in limits.crews}
    seen: dict[tuple[str, ...], None] = {}
    for action in actions:
        key = _placing(action, sites, items)
        if key not in seen:
            seen[key] = None
            quarters = per_quarter.setdefault(action.crew, {})
            quarters[action.quarter] = quarters.get(action.quarter, 0.0) + _visits(action.item, items)
    crews = {crew.name: crew for crew in limits.crews}
    return [_use(name, crews.get(name), quarters) for name, quarters in per_quarter.items() if name or quarters]


def _placing(action: Action, sites: Sites, items: Mapping[str, CatalogueItem]) -> tuple[str, ...]:
    item = items.get(action.item)
    key = (action.site, action.quarter, action.item, action.crew)
    if item is None or len(item.kinds) > 1:
        return key if action.item else (*key, action.equipment, action.kind)
    site = sites.get(action.site)
    pieces = site.equipment if site else ()
    layers: tuple[str, ...] = next((piece.layers for piece in pieces if piece.id == action.equipment), ())
    return (*key, action.from_supplier, *(layers or (action.equipment,)))


def _visits(name: str, items: Mapping[str, CatalogueItem]) -> float:
    """A kit is named by its parts, joined with a plus sign."""
    if name in items:
        return items[name].crew_visits
    return sum(items[part].crew_visits for part in name.split("+") if part in items) or 1.0


def _use(name: str, crew: Crew | None, quarters: Mapping[Quarter, float]) -> CrewUse:
    visits: dict[int, float] = {}
    for quarter in sorted(quarters):
        visits[year_of(quarter)] = visits.get(year_of(quarter), 0.0) + quarters[quarter]
    fullest = max(quarters, key=lambda quarter: (quarters[quarter], -index(quarter)), default=None)
    can = crew.visits_per_quarter if crew else 0.0
    share = quarters[fullest] / can if fullest and can else 0.0
    return CrewUse(name, crew.people if crew else 0, visits, share, str(fullest or ""))


def budgets(limits: Limits, currency: str) -> dict[str, float]:
    """What may be spent per year, all operators together, of budgets in this currency."""
    found: dict[str, float] = {}
    for one in limits.budgets:
        if one.currency == currency:
            found[str(one.year)] = found.get(str(one.year), 0.0) + one.amount
    return found


def sums(actions: Iterable[Action]) -> Range:
    """What actions cost together."""
    low = mid = high = 0
    for action in actions:
        low, mid, high = low + action.cost_low, mid + action.cost_mid, high + action.cost_high
    return Range(low, mid, high)


def action_data(actions: Sequence[Action], estate: Estate) -> str:
    """All actions as JSON that may stand in a script element: words once, and numbers that point at them.

    `sites`: id, region and 1 if synthetic, one after the other; `what`: kind, from, to, crew, item, low, mid, high;
    `rows`: site, quarter, what, one after the other.
    """
    known = {site.id: site for site in estate.sites}
    words: dict[str, int] = {}
    sites: dict[str, int] = {}
    what: dict[tuple[int, ...], int] = {}
    flat: list[str | int] = []
    rows: list[int] = []

    def word(text: str) -> int:
        return words.setdefault(text, len(words))

    for one in actions:
        if one.site not in sites:
            site = known.get(one.site)
            flat += [one.site, word(site.region if site else ""), int(bool(site and site.synthetic))]
            sites[one.site] = len(sites)
        names = (word(kind(one.kind)), word(one.from_supplier), word(one.to_supplier), word(one.crew), word(one.item))
        key = (*names, one.cost_low, one.cost_mid, one.cost_high)
        rows += [sites[one.site], word(one.quarter), what.setdefault(key, len(what))]
    record = {"words": list(words), "sites": flat, "what": [list(key) for key in what], "rows": rows}
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    # What could end the element, or open a comment in it, is written as an escape of JSON.
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text
