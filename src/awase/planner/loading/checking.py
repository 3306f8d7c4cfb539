"""What a cell alone does not show: names that lead nowhere, numbers that cannot be, currencies without a rate."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from awase.model.calendar import Quarter
from awase.model.plan import Currency, Equipment, Price, Range, Site
from awase.model.rules import AnyRule, Case, ConcentrationCap
from awase.planner.loading.rule_sets import LIST
from awase.planner.loading.sections import Row, Sections
from awase.planner.problems import Place, Problems, choose

_FEW = 20_000
"""Up to so many names the nearest is looked for."""
NO_CURRENCY = Currency("XXX")
"""Of an estate that has none, or whose own could not be read: that has been said already."""


def _at(place: Place, column: str) -> Place:
    """The cell of a column, where the place is a whole row."""
    return Place(place.file, place.row, f"{place.column}.{column}" if place.column else column)


def check_sites(rows: list[Row], as_of: Quarter, sections: Sections) -> None:
    """Each site once, where it can be, with equipment that can be."""
    problems = sections.problems
    seen: dict[str, Place] = {}
    operators = {operator.name for operator in sections.values("operators")}
    for row in rows:
        site: Site = row.value
        if site.id in seen:
            problems.add(_at(row.place, "id"), f"{site.id} is there twice, first in {seen[site.id]}", "one row a site")
        seen[site.id] = row.place
        _check_position(site, row.place, problems)
        if operators and site.operator not in operators:
            what = f"{site.operator} is none of the operators" if site.operator else "operator is missing"
            problems.add(_at(row.place, "operator"), what, choose(site.operator, operators))
    for row in (*sections.rows("sites"), *sections.rows("classes")):
        for piece in row.value.equipment:
            _check_piece(piece, as_of, row.place, problems)
    for row in (*sections.rows("equipment"), *sections.rows("inventory")):
        _check_piece(row.value, as_of, row.place, problems)


def _check_position(site: Site, place: Place, problems: Problems) -> None:
    if (site.latitude_deg is None) != (site.longitude_deg is None):
        problems.add(_at(place, "latitude_deg"), "one of latitude and longitude is missing", "write both, or none")


def _check_piece(piece: Equipment, as_of: Quarter, place: Place, problems: Problems) -> None:
    where = f" ({piece.id or piece.kind})"
    if piece.bought is not None and piece.bought > as_of:
        hint = f"the estate is as of {as_of}: leave out what is not there yet"
        problems.add(_at(place, "bought"), f"{piece.bought} is after the estate's own quarter{where}", hint)
    if piece.bought is not None and piece.end_of_support is not None and piece.end_of_support < piece.bought:
        what = f"{piece.end_of_support} is before it was bought, {piece.bought}{where}"
        problems.add(_at(place, "end_of_support"), what, "check which of the two is right")


def check_references(case: Case, sections: Sections) -> None:
    """What names a site, a cable or a catalogue item names one that is there."""
    sites: dict[str, bool] = {site.id: True for site in case.estate.sites}
    _check_hubs(sites, sections)
    _check_ends(case, sites, sections)
    items = {item.id: True for item in case.market.catalogue}
    for row in (*sections.rows("equipment"), *sections.rows("inventory")):
        if row.value.item and items:
            _known(row.value.item, items, _at(row.place, "item"), "catalogue item", sections)
    for name in ("links", "cables", "demands", "regions", "classes", "operators", "catalogue", "figures"):
        _each_once(name, sections)


def _check_hubs(sites: Mapping[str, bool], sections: Sections) -> None:
    regions = [area.name for area in sections.values("regions")]
    for row in (*sections.rows("sites"), *sections.rows("classes")):
        for hub in row.value.served_by:
            for name in [hub.replace("{region}", region) for region in regions] if "{region}" in hub else [hub]:
                _known(name, sites, _at(row.place, "served_by"), "site", sections)
        for name in getattr(row.value, "neighbours", ()):
            _known(name, sites, _at(row.place, "neighbours"), "site", sections)


def _check_ends(case: Case, sites: Mapping[str, bool], sections: Sections) -> None:
    cables = {cable.id: True for cable in case.estate.cables}
    for row in (*sections.rows("links"), *sections.rows("demands")):
        for end in ("a", "b"):
            _known(getattr(row.value, end), sites, _at(row.place, end), "site", sections)
        if getattr(row.value, "cable", ""):
            _known(row.value.cable, cables, _at(row.place, "cable"), "cable", sections)
    for row in sections.rows("cables"):
        for landing in row.value.landings:
            if landing.site:
                _known(landing.site, sites, _at(row.place, "landings"), "site", sections)


def _known(name: str, known: Mapping[str, Any], place: Place, what: str, sections: Sections) -> None:
    if name not in known and name not in sections.lost:
        sections.problems.add(place, f"there is no {what} {name}", choose(name, known) if len(known) < _FEW else "")


def _each_once(name: str, sections: Sections) -> None:
    seen: dict[str, Place] = {}
    for row in sections.rows(name):
        key = getattr(row.value, "id", None) or getattr(row.value, "name", None)
        if key is None:
            return
        if key in seen:
            sections.problems.add(row.place, f"{key} is there twice, first in {seen[key]}", "give each its own name")
        seen[key] = row.place


def check_rules(case: Case, sections: Sections) -> None:
    """Rules name lists that are there, and ask for what can be."""
    places = {row.value.id: row.place for row in sections.rows("rules")}
    regions = {site.region for site in case.estate.sites}
    for rule in case.rules.rules:
        place = places.get(rule.id, Place(f"rule {rule.id}"))
        for name in (*getattr(rule, "suppliers", ()), *getattr(rule, "removes", ())):
            if name.startswith(LIST) and name[len(LIST) :] not in case.rules.lists:
                hint = f"write `lists: {{{name[len(LIST) :]}: [SUPPLIER, ...]}}`"
                sections.problems.add(_at(place, "suppliers"), f"there is no {name}", hint)
        for region in rule.scope.regions:
            if region not in regions:
                hint = choose(region, {str(one) for one in regions})
                sections.problems.add(_at(place, "scope"), f"no site is in region {region}", hint)
        _check_numbers(rule, place, sections.problems)


def _check_numbers(rule: AnyRule, place: Place, problems: Problems) -> None:
    if isinstance(rule, ConcentrationCap) and rule.cap <= 0:
        problems.add(_at(place, "cap"), "an index of 0 cannot be", "one supplier has 1, n equal ones have 1/n")


def check_market(case: Case, sections: Sections) -> None:
    """Prices are in order, and in a currency that can be turned into the estate's."""
    own = case.estate.currency
    known = {own} | {rate.currency for rate in case.market.exchange if rate.into == own}
    for name in ("catalogue", "evidence", "testing", "limits", "rules"):
        for row in sections.rows(name):
            for path, amount in _amounts(row.value, ""):
                currency = getattr(amount, "currency", own)
                if own != NO_CURRENCY and currency not in known:
                    rate = f"{{currency: {currency}, into: {own}, rate: ...}}"
                    hint = f"write the rate under `exchange:` ({rate}), or write the amount in {own}"
                    sections.problems.add(_at(row.place, path), f"{currency} cannot be turned into {own}", hint)
                if isinstance(amount, Price | Range) and not 0 <= amount.low <= amount.mid <= amount.high:
                    what = f"{amount.low:g}, {amount.mid:g}, {amount.high:g} are not in order"
                    hint = "write low, mid and high from small to large, 0 or more"
                    sections.problems.add(_at(row.place, path), what, hint)


def _amounts(thing: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Everything in a struct that has a currency, or is a range."""
    if isinstance(thing, Range) or hasattr(thing, "currency"):
        yield path, thing
    elif isinstance(thing, msgspec.Struct):
        for name in thing.__struct_fields__:
            yield from _amounts(getattr(thing, name), f"{path}.{name}" if path else name)
    elif isinstance(thing, tuple):
        for number, inner in enumerate(thing):
            yield from _amounts(inner, f"{path}[{number}]")
