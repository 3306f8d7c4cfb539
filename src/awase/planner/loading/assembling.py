"""From sections to a case: sites with their equipment, suppliers under one name each, rules with their sets."""

from difflib import get_close_matches
from operator import attrgetter
from typing import Any, TypeVar

import msgspec

from awase.model.calendar import Quarter
from awase.model.plan import (
    Currency,
    Equipment,
    Estate,
    Limits,
    Market,
    Site,
    SiteId,
    SupplierName,
)
from awase.model.rules import Case
from awase.planner.loading.cells import Refusal, quarter_cell
from awase.planner.loading.checking import (
    NO_CURRENCY,
    check_market,
    check_references,
    check_rules,
    check_sites,
)
from awase.planner.loading.rule_sets import LIST, gather_rules
from awase.planner.loading.sections import Head, Row, Sections, Testing
from awase.planner.problems import Place, choose
from awase.planner.synthesis import RegionArea, SiteClass, make_sites

_EQUIPMENT_FIELDS = Equipment.__struct_fields__
_EQUIPMENT_CELLS = attrgetter(*_EQUIPMENT_FIELDS)
_SITE_CELLS = ("operator", "region", "latitude_deg", "longitude_deg", "roles", "people", "traffic_gbps")
MAX_SITES = 1_000_000

T = TypeVar("T", bound=msgspec.Struct)


class Names:
    """The one spelling of each supplier: that of the section `suppliers`, else the first that was read."""

    def __init__(self, sections: Sections) -> None:
        self._sections = sections
        self._names: dict[str, SupplierName] = {}
        self.strict = bool(sections.rows("suppliers"))
        for row in sections.rows("suppliers"):
            for spelling in (row.value.name, *row.value.aliases):
                known = self._names.setdefault(_folded(spelling), row.value.name)
                if known != row.value.name or (spelling == row.value.name and self._is_twice(row)):
                    sections.problems.add(row.place, f"{spelling} is there twice", "one row for each supplier")

    def _is_twice(self, row: Row) -> bool:
        return [other.value.name for other in self._sections.rows("suppliers")].count(row.value.name) > 1

    def of(self, name: SupplierName, place: Place) -> SupplierName:
        """A name as it is spelled here; a problem if there is a list of suppliers, and it is not on it."""
        known = self._names.get(_folded(name))
        if known is None and self.strict and name and name not in self._sections.lost:
            hint = "; ".join(
                text
                for text in (choose(name, {str(one) for one in self._names.values()}), "or add it to suppliers")
                if text
            )
            self._sections.problems.add(_cell(place, "supplier"), f"{name} is none of the suppliers", hint)
            return name
        return self._names.setdefault(_folded(name), name) if known is None else known

    def loose(self, name: SupplierName) -> SupplierName:
        """A name as it is spelled here; it need not be known."""
        return self._names.get(_folded(name), name)

    def equipment(self, one: Equipment, place: Place) -> Equipment:
        """A piece under its supplier's one name; the same object if nothing changes."""
        name = self.of(one.supplier, place)
        inside = {key: self.loose(inner) for key, inner in one.components.items()}
        if name == one.supplier and inside == one.components:
            return one
        return msgspec.structs.replace(one, supplier=name, components=inside)

    def replaced(self, thing: T) -> T:
        """A struct with `supplier` under its one name."""
        name = self.loose(thing.supplier)  # type: ignore[attr-defined]
        return thing if name == thing.supplier else msgspec.structs.replace(thing, supplier=name)  # type: ignore[attr-defined]


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())


def assemble(sections: Sections, *, as_of: Quarter | None, sets: tuple[str, ...]) -> Case | None:
    """The case, or None if there are problems: they are all noted."""
    head = sections.one("estate", Head())
    start = _start(sections, head, as_of)
    names = Names(sections)
    sites = _sites(sections, names, head.seed)
    rules = gather_rules(sections, names.loose, sets)
    market = _market(sections, names)
    limits = sections.one("limits", Limits())
    currency = head.currency or _no_currency(sections, market, limits)
    estate = Estate(
        name=head.name or "estate",
        title=head.title,
        as_of=start,
        currency=currency,
        operators=sections.values("operators"),
        suppliers=sections.values("suppliers"),
        sites=tuple(row.value for row in sites),
        links=tuple(names.replaced(row.value) for row in sections.rows("links")),
        cables=tuple(names.replaced(row.value) for row in sections.rows("cables")),
        demands=sections.values("demands"),
        figures=sections.values("figures"),
    )
    case = Case(estate=estate, rules=rules, market=market, limits=limits)
    _check_named(case, names, sections)
    check_sites(sites, start, sections)
    check_references(case, sections)
    check_rules(case, sections)
    check_market(case, sections)
    return None if sections.problems.found else case


def _check_named(case: Case, names: Names, sections: Sections) -> None:
    """Who is named by the market, the links and the user's own rules is known, or is not nearly somebody who is."""
    here = {piece.supplier: True for site in case.estate.sites for piece in site.equipment}
    here.update((supplier.name, True) for supplier in case.estate.suppliers)
    for name in ("catalogue", "links", "cables"):
        for row in sections.rows(name):
            if row.value.supplier:
                here[names.of(row.value.supplier, row.place)] = True
    known = {str(name) for name in here}
    for row in sections.rows("rules"):
        for name in (*getattr(row.value, "suppliers", ()), *getattr(row.value, "removes", ())):
            said = names.loose(name)
            near = get_close_matches(said, sorted(known), n=1, cutoff=0.75)
            if said not in known and not said.startswith(LIST) and near:
                hint = f"did you mean {near[0]}? if not, add {said} to suppliers"
                sections.problems.add(_cell(row.place, "suppliers"), f"nobody here is called {said}", hint)


def _start(sections: Sections, head: Head, as_of: Quarter | None) -> Quarter:
    if as_of is not None:
        read = quarter_cell(as_of)
        if not isinstance(read, Refusal):
            return read
        sections.problems.add(Place("--as-of"), read.what, read.hint)
    elif head.as_of is not None:
        return head.as_of
    elif not sections.refused("estate"):
        hint = "write `as_of: 2026Q4` under `estate:` in estate.yaml, or give --as-of 2026Q4"
        sections.problems.add(
            Place("estate", column="as_of"), "as_of is missing: the quarter at whose end this is so", hint
        )
    return Quarter("2000Q1")


def _no_currency(sections: Sections, market: Market, limits: Limits) -> Currency:
    if (market.catalogue or limits.budgets) and not sections.refused("estate"):
        hint = "write `currency: GBP` under `estate:` in estate.yaml"
        sections.problems.add(Place("estate", column="currency"), "currency is missing, and there are prices", hint)
    return NO_CURRENCY


def _sites(sections: Sections, names: Names, seed: int) -> list[Row]:
    """All sites: listed, of an inventory, and made from classes, with their equipment."""
    stands: dict[SiteId, list[Equipment]] = {}
    places: dict[SiteId, Place] = {}
    rows = list(sections.rows("sites"))
    for row in rows:
        places.setdefault(row.value.id, row.place)
    inventory = _inventory(sections)
    rows.extend(row for row in inventory if row.value.id not in places)
    places.update((row.value.id, row.place) for row in inventory)
    for row in (*sections.rows("equipment"), *sections.rows("inventory")):
        if row.value.site in places:
            piece = Equipment(**dict(zip(_EQUIPMENT_FIELDS, _EQUIPMENT_CELLS(row.value), strict=True)))
            stands.setdefault(row.value.site, []).append(names.equipment(piece, row.place))
        elif row.value.site not in sections.lost:
            hint = choose(row.value.site, places) if len(places) < 20_000 else ""
            sections.problems.add(_cell(row.place, "site"), f"there is no site {row.value.site}", hint)
    for site, place in sections.loose_ends:
        if site not in places and site not in sections.lost:
            sections.problems.add(
                place, f"there is no site {site}", choose(site, places) if len(places) < 20_000 else ""
            )
    result = []
    same: dict[tuple[Any, ...], tuple[Equipment, ...]] = {}
    for row in rows:
        own = tuple(names.equipment(one, row.place) for one in row.value.equipment)
        pieces = _named((*own, *stands.get(row.value.id, ())), row.place, sections)
        pieces = same.setdefault(tuple(_key(piece) for piece in pieces), pieces)
        result.append(Row(msgspec.structs.replace(row.value, equipment=pieces), row.place))
    return result + _made(sections, names, seed)


def _key(piece: Equipment) -> tuple[Any, ...]:
    """What makes two pieces equal, so that equal sites come to share their equipment."""
    fields = msgspec.structs.astuple(piece)
    return (*(field for field in fields if not isinstance(field, dict)), *sorted(piece.components.items()))


def _cell(place: Place, column: str) -> Place:
    return place if place.column else Place(place.file, place.row, column)


def _inventory(sections: Sections) -> list[Row]:
    """The sites of an inventory, each once; a site whose rows disagree is a problem."""
    found: dict[SiteId, Row] = {}
    for row in sections.rows("inventory"):
        cells = {name: getattr(row.value, name) for name in _SITE_CELLS}
        site = Site(id=row.value.site, **cells)
        first = found.setdefault(site.id, Row(site, row.place))
        for name in _SITE_CELLS:
            said, before = cells[name], getattr(first.value, name)
            if said != before:
                what = f"{said!r}, but {before!r} for the same site in row {first.place.row}"
                sections.problems.add(_cell(row.place, name), what, "write the same in all rows of a site")
    return list(found.values())


def _named(pieces: tuple[Equipment, ...], place: Place, sections: Sections) -> tuple[Equipment, ...]:
    """Pieces with names: one that has none is called after its kind and its place in the list."""
    seen: dict[str, Equipment] = {}
    for number, piece in enumerate(pieces, 1):
        name = piece.id or f"{piece.kind}-{number}"
        if name in seen:
            what = f"{name} is there twice at this site"
            sections.problems.add(place, what, "give each piece of equipment at a site an id of its own")
        seen[name] = piece if piece.id else msgspec.structs.replace(piece, id=name)
    return tuple(seen.values())


def _made(sections: Sections, names: Names, seed: int) -> list[Row]:
    areas: dict[Any, RegionArea] = {area.name: area for area in sections.values("regions")}
    made: list[Row] = []
    for row in sections.rows("classes"):
        site_class: SiteClass = row.value
        unknown = [region for region in site_class.regions if region not in areas]
        if site_class.count < 0 or site_class.operators < 1 or len(made) + site_class.count > MAX_SITES:
            what = f"{site_class.count} sites of {site_class.operators} operators"
            sections.problems.add(row.place, what, f"write 0 to {MAX_SITES} sites, and 1 operator or more")
        elif unknown:
            hint = choose(unknown[0], areas)
            sections.problems.add(row.place, f"there is no region {unknown[0]}", hint or "add it to regions")
        else:
            pieces = tuple(names.equipment(one, row.place) for one in site_class.equipment)
            whole = msgspec.structs.replace(site_class, equipment=_named(pieces, row.place, sections))
            try:
                made.extend(Row(site, row.place) for site in make_sites(whole, areas, seed))
            except ValueError as error:
                sections.problems.add(row.place, str(error), "give a region a weight above 0")
    return made


def _market(sections: Sections, names: Names) -> Market:
    testing = sections.one("testing", Testing())
    evidence = tuple(
        msgspec.structs.replace(record, a=names.replaced(record.a), b=names.replaced(record.b))
        for record in sections.values("evidence")
    )
    return Market(
        catalogue=tuple(names.replaced(item) for item in sections.values("catalogue")),
        evidence=evidence,
        exchange=sections.values("exchange"),
        untested_cost=testing.untested_cost,
        untested_quarters=testing.untested_quarters,
    )
