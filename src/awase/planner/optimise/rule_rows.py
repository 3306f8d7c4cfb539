"""Each kind of rule as rows of the programme, at the end of every quarter from its deadline on."""

from collections.abc import Callable
from typing import Any

from awase.model.calendar import Date, index, last_day, months_after
from awase.model.calendar import at as quarter_at
from awase.model.plan import Equipment, SupplierName
from awase.model.rules import (
    ConcentrationCap,
    DomesticContent,
    EvidenceRequired,
    MinimumRelease,
    MinimumSuppliers,
    PurchaseBan,
    Removal,
    ShareCap,
    Support,
    TrustedList,
)
from awase.planner.optimise.concentration import add_concentration_cap, add_minimum_suppliers
from awase.planner.optimise.market import Test
from awase.planner.optimise.model import Dated, Model
from awase.planner.optimise.options import FRONTHAUL, Configuration, joint_of
from awase.planner.optimise.programme import INFINITE, Row
from awase.planner.optimise.units import Unit, per_group
from awase.planner.optimise.words import in_scope, last_index_by, measured, release_key, suppliers_of

IsBad = Callable[[Unit, Configuration, int], bool]
"""Whether a configuration breaks a rule at the end of a quarter (index)."""


def add_rules(model: Model) -> None:
    """All rows of the rules. Subsidies are limits; what traffic must not pass is the backbone's to say."""
    for rule in model.case.rules.rules:
        adder = _ADDERS.get(type(rule))
        if adder is not None:
            adder(model, rule)


def _scoped(rule: Any, unit: Unit) -> Callable[[Equipment], bool]:
    return lambda piece: in_scope(rule.scope, piece, unit.operator, unit.region, unit.roles)


def _add_dated(model: Model, rule: Any, is_bad: IsBad) -> None:
    """Nothing bad stands at the end of any quarter from the deadline on."""
    deadline = last_index_by(rule.by, model.case.rules)
    if deadline is None:
        return
    dated = Dated(rule, deadline)
    for number, unit in enumerate(model.units):
        for s, configuration in enumerate(model.options[number].configurations):
            if is_bad(unit, configuration, max(deadline, model.start)):
                dated.bad.append((number, s))
    model.dated.append(dated)
    size = float(sum(model.units[number].count for number, s in dated.bad if s == 0))
    for when in range(max(deadline, model.start), model.end + 1):
        bad = lambda unit, configuration, when=when: float(is_bad(unit, configuration, when))  # noqa: E731
        columns, coefficients, constant = model.sum(bad, when - model.start)
        if columns or constant:
            name = f"{rule.id} at the end of {quarter_at(when)}"
            row = Row(columns, coefficients, -INFINITE, -constant, "", name, "sites", max(size, 1.0))
            model.at_most(rule, row, when - model.start)


def _add_purchase_limit(model: Model, rule: Any, after: int, forbids: Callable[[str], bool]) -> None:
    """Nothing forbidden is put in after a quarter."""
    columns: dict[int, None] = {}
    for move in model.moves:
        if model.start + move.t <= after:
            continue
        unit, target = model.units[move.unit], model.options[move.unit].configurations[move.step.target]
        sees = _scoped(rule, unit)
        places = [place for placing in move.step.placings for place in placing.places]
        if any(forbids(target.pieces[place].supplier) and sees(target.pieces[place]) for place in places):
            columns[move.column] = None
    if columns:
        name = f"{rule.id}: purchases after {quarter_at(after)}"
        row = Row(list(columns), [1.0] * len(columns), -INFINITE, 0.0, "", name, "sites", 1.0)
        model.at_most(rule, row)


def _purchase_ban(model: Model, rule: PurchaseBan) -> None:
    after = last_index_by(rule.after, model.case.rules)
    named = suppliers_of(rule.suppliers, model.case.rules)
    if after is not None:
        _add_purchase_limit(model, rule, after, lambda supplier: supplier in named)


def _removal(model: Model, rule: Removal) -> None:
    named = suppliers_of(rule.suppliers, model.case.rules)

    def is_bad(unit: Unit, configuration: Configuration, when: int) -> bool:
        sees = _scoped(rule, unit)
        return any(
            model.market.behind(piece, rule.component) in named and sees(piece) for piece in configuration.pieces
        )

    _add_dated(model, rule, is_bad)


def _trusted_list(model: Model, rule: TrustedList) -> None:
    named = suppliers_of(rule.suppliers, model.case.rules)

    def distrusted(supplier: str) -> bool:
        return supplier not in named and model.market.country(supplier) not in rule.countries

    def is_bad(unit: Unit, configuration: Configuration, when: int) -> bool:
        sees = _scoped(rule, unit)
        return any(distrusted(piece.supplier) and sees(piece) for piece in configuration.pieces)

    if not named and not rule.countries:
        return
    after = last_index_by(rule.after, model.case.rules)
    if after is not None:
        _add_purchase_limit(model, rule, after, distrusted)
    _add_dated(model, rule, is_bad)


def _support(model: Model, rule: Support) -> None:
    def is_bad(unit: Unit, configuration: Configuration, when: int) -> bool:
        sees = _scoped(rule, unit)
        ends = [model.market.support_ends(piece) for piece in configuration.pieces if sees(piece)]
        return any(end is not None and end <= when for end in ends)

    _add_dated(model, rule, is_bad)


def _minimum_release(model: Model, rule: MinimumRelease) -> None:
    named = suppliers_of(rule.suppliers, model.case.rules)

    def is_old(piece: Equipment) -> bool:
        concerned = (not named or piece.supplier in named) and rule.product in ("", piece.product)
        return concerned and release_key(piece.release) < release_key(rule.release)

    def is_bad(unit: Unit, configuration: Configuration, when: int) -> bool:
        sees = _scoped(rule, unit)
        return any(is_old(piece) and sees(piece) for piece in configuration.pieces)

    _add_dated(model, rule, is_bad)


def _evidence_required(model: Model, rule: EvidenceRequired) -> None:
    months = rule.max_age_months

    def fresh(made: Date, when: int) -> bool:
        day = last_day(quarter_at(when))
        return made <= day and (months is None or months_after(made, months) >= day)

    def lacks(a: Equipment, b: Equipment, tests: tuple[Test, ...], when: int) -> bool:
        joint = joint_of(a, b)
        if joint is not None and not joint.is_open and a.supplier != b.supplier:
            joint = FRONTHAUL
        if joint is None or not joint.is_open or (rule.interfaces and joint.interface not in rule.interfaces):
            return False
        if a.supplier == b.supplier and not rule.same_supplier_too:
            return False
        proof = model.market.proof(a, b, joint.interface)
        if isinstance(proof, Test):
            tested = last_day(quarter_at(model.start + proof.quarters - 1))
            return proof not in tests or not fresh(tested, when)
        made = model.market.passed(a, b, joint.interface)
        return made is None or not fresh(made, when)

    def is_bad(unit: Unit, configuration: Configuration, when: int) -> bool:
        sees = _scoped(rule, unit)
        pieces = configuration.pieces
        return any(
            (sees(first) or sees(second)) and lacks(first, second, configuration.tests, when)
            for place, second in enumerate(pieces)
            for first in pieces[:place]
        )

    _add_dated(model, rule, is_bad)


def matched_weight(rule: Any, unit: Unit, configuration: Configuration, matches: Callable[[Equipment], bool]) -> float:
    """How much of a unit counts for a share, by the rule's measure."""
    sees = _scoped(rule, unit)
    pieces = [piece for piece in configuration.pieces if sees(piece) and matches(piece)]
    return measured(rule.measure, unit.people, unit.traffic, pieces)


def groups_of(model: Model, rule: Any) -> dict[str, list[int]]:
    """The units in each group of a rule, where it sees any of them."""
    found: dict[str, list[int]] = {}
    for number, unit in enumerate(model.units):
        sees = _scoped(rule, unit)
        if any(sees(piece) for piece in unit.pieces):
            found.setdefault(per_group(rule, unit), []).append(number)
    return found


def all_suppliers(model: Model) -> list[SupplierName]:
    """Every supplier that stands somewhere or can be bought."""
    names = [piece.supplier for unit in model.units for piece in unit.pieces]
    return list(dict.fromkeys([*names, *(offer.item.supplier for offer in model.market.offers)]))


def _share_cap(model: Model, rule: ShareCap) -> None:
    deadline = last_index_by(rule.by, model.case.rules)
    if deadline is None:
        return
    named = suppliers_of(rule.suppliers, model.case.rules) or tuple(all_suppliers(model))
    each = rule.each or not rule.suppliers
    for group, units in groups_of(model, rule).items():
        today = [(model.units[number], model.options[number].configurations[0]) for number in units]
        whole = sum(unit.count * matched_weight(rule, unit, first, lambda piece: True) for unit, first in today)
        for names in [(name,) for name in named] if each else [tuple(named)]:
            _cap_rows(model, rule, (group, units), names, whole)


def _cap_rows(model: Model, rule: ShareCap, group: tuple[str, list[int]], names: tuple[str, ...], whole: float) -> None:
    def weight(unit: Unit, configuration: Configuration) -> float:
        return matched_weight(rule, unit, configuration, lambda piece: piece.supplier in names)

    for when in range(max(last_index_by(rule.by, model.case.rules) or 0, model.start), model.end + 1):
        columns, coefficients, constant = model.sum(weight, when - model.start, group[1])
        upper = rule.cap * whole - constant
        if not columns and upper >= 0:
            continue
        where = f" of {group[0]}" if group[0] else ""
        name = f"{rule.id}{where} at the end of {quarter_at(when)}"
        row = Row(columns, coefficients, -INFINITE, upper, "", name, rule.measure, max(whole, 1.0))
        model.at_most(rule, row, when - model.start)


def _domestic_content(model: Model, rule: DomesticContent) -> None:
    after, by = (last_index_by(day, model.case.rules) for day in (rule.after, rule.by))
    if after is None or by is None:
        return
    owed = 0.0
    for unit in model.units:
        sees = _scoped(rule, unit)
        for piece in unit.pieces:
            if piece.bought and index(piece.bought) > after and sees(piece):
                owed += unit.count * piece.count * _content(model, rule, piece.supplier)
    for when in range(max(by, model.start), model.end + 1):
        columns, coefficients = [], []
        for move in model.moves:
            if after < model.start + move.t <= when:
                value = sum(_bought(model, rule, move.unit, move.step.target, one) for one in move.step.placings)
                if value:
                    columns.append(move.column)
                    coefficients.append(value)
        if columns or owed > 0:
            name = f"{rule.id} at the end of {quarter_at(when)}"
            row = Row(columns, coefficients, -INFINITE, -owed, "", name, "pieces", 100.0)
            model.at_most(rule, row, when - model.start)


def _content(model: Model, rule: DomesticContent, supplier: str) -> float:
    return rule.share - (1.0 if model.market.country(supplier) in rule.countries else 0.0)


def _bought(model: Model, rule: DomesticContent, number: int, target: int, placing: Any) -> float:
    unit, pieces = model.units[number], model.options[number].configurations[target].pieces
    sees = _scoped(rule, unit)
    counted = sum(pieces[place].count for place in placing.places if sees(pieces[place]))
    return float(counted) * _content(model, rule, placing.offer.item.supplier)


def _minimum_suppliers(model: Model, rule: MinimumSuppliers) -> None:
    add_minimum_suppliers(model, rule, groups_of(model, rule))


def _concentration_cap(model: Model, rule: ConcentrationCap) -> None:
    add_concentration_cap(model, rule, groups_of(model, rule))


_ADDERS: dict[Any, Callable[[Model, Any], None]] = {
    PurchaseBan: _purchase_ban,
    Removal: _removal,
    ShareCap: _share_cap,
    MinimumSuppliers: _minimum_suppliers,
    ConcentrationCap: _concentration_cap,
    TrustedList: _trusted_list,
    DomesticContent: _domestic_content,
    Support: _support,
    MinimumRelease: _minimum_release,
    EvidenceRequired: _evidence_required,
}
