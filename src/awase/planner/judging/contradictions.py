"""Rules that cannot all be kept, whatever anybody plans; each is explained in words, with the cheapest way out."""

from collections.abc import Iterator

from awase.model.calendar import Date, last_day
from awase.model.plan import CatalogueItem, Contradiction, Equipment, Kind, SupplierName
from awase.model.rules import (
    AnyRule,
    Case,
    DomesticContent,
    MinimumSuppliers,
    PurchaseBan,
    Removal,
    Scope,
    ShareCap,
    TrustedList,
)
from awase.planner.judging.court import listed
from awase.planner.rulebook import day_of, suppliers_of, waits_for
from awase.planner.stock import Group, Origins, group_name, groups_of, pieces_in


def contradictions(case: Case) -> tuple[Contradiction, ...]:
    """All that is found, in the order of the rules."""
    rules = [rule for rule in case.rules.rules if not waits_for(rule, case.rules)]
    docket = _Docket(case, rules)
    found = [
        *_both_trusted_and_banned(docket),
        *_too_few_left(docket),
        *_nobody_left(docket),
        *_caps_leave_a_gap(docket),
        *_content_from_nowhere(docket),
        *_too_few_sites(docket),
    ]
    return tuple(dict.fromkeys(found))


class _Docket:
    """The rules that bind, and who may supply what under them."""

    def __init__(self, case: Case, rules: list[AnyRule]) -> None:
        self.case = case
        self.rules = rules
        self.groups = groups_of(case.estate)
        self.origins = Origins(case.estate.suppliers)

    def day(self, rule: AnyRule, name: str = "by") -> Date | None:
        return day_of(getattr(rule, name, None), self.case.rules.events)

    def named(self, rule: AnyRule) -> tuple[SupplierName, ...]:
        return suppliers_of(rule, self.case.rules)

    def kinds(self, scope: Scope) -> list[Kind]:
        """The kinds that stand within a scope."""
        return sorted({piece.kind for _, pieces in pieces_in(scope, self.groups) for piece in pieces})

    def known(self, kind: Kind) -> list[SupplierName]:
        """Who supplies a kind: here, by the catalogue, or, where there is none, by a list that trusts them."""
        here = {piece.supplier for group in self.groups for piece in group.equipment if piece.kind == kind}
        catalogue = self.case.market.catalogue
        listed_ones = [rule for rule in self.rules if isinstance(rule, TrustedList) and not catalogue]
        trusted = {name for rule in listed_ones for name in self.named(rule)}
        return sorted(here | trusted | {item.supplier for item in catalogue if kind in item.kinds})

    def is_closed(self, kind: Kind, scope: Scope) -> bool:
        """Whether it is known who could come in: by the catalogue, or since a list names all who may."""
        return bool(self.case.market.catalogue) or any(
            self._closes(rule) and self.day(rule) is not None and _covers(rule.scope, kind, scope)
            for rule in self.rules
        )

    def allowed(self, kind: Kind, day: Date, scope: Scope) -> tuple[list[SupplierName], list[AnyRule]]:
        """Who may still stand there with a kind after a day, and the rules that shut the others out."""
        left, why = self.known(kind), []
        for rule in self.rules:
            by = self.day(rule)
            if by is None or by > day or not _covers(rule.scope, kind, scope):
                continue
            out = self._shut_out(rule, left)
            if out or self._closes(rule):
                why.append(rule)
                left = [name for name in left if name not in out]
        return left, why

    def _closes(self, rule: AnyRule) -> bool:
        """Whether it is a list that says who may come in, where there is no catalogue to say who could."""
        is_list = isinstance(rule, TrustedList) and not rule.countries and bool(self.named(rule))
        return is_list and not self.case.market.catalogue

    def _shut_out(self, rule: AnyRule, names: list[SupplierName]) -> list[SupplierName]:
        if isinstance(rule, Removal) and not rule.component:
            return [name for name in names if name in self.named(rule)]
        if isinstance(rule, TrustedList) and (self.named(rule) or rule.countries):
            trusted = self.named(rule)
            return [name for name in names if name not in trusted and self.origins.country(name) not in rule.countries]
        return []


def _covers(outer: Scope, kind: Kind, inner: Scope) -> bool:
    """Whether a rule of the scope `outer` bears on all that a rule of the scope `inner` looks at, for a kind."""
    pairs = (
        (outer.layers, inner.layers),
        (outer.roles, inner.roles),
        (outer.regions, inner.regions),
        (outer.operators, inner.operators),
    )
    return (not outer.kinds or kind in outer.kinds) and all(
        not wide or (bool(narrow) and all(one in wide for one in narrow)) for wide, narrow in pairs
    )


def _said(rule: AnyRule) -> str:
    return f"{rule.id} ({rule.title})"


def _both_trusted_and_banned(docket: _Docket) -> Iterator[Contradiction]:
    lists = [rule for rule in docket.rules if isinstance(rule, TrustedList)]
    bans = [rule for rule in docket.rules if isinstance(rule, Removal | PurchaseBan)]
    for trusting in lists:
        for ban in bans:
            kinds = trusting.scope.kinds or docket.kinds(trusting.scope)
            both = [name for name in docket.named(trusting) if name in docket.named(ban)]
            if both and any(_covers(ban.scope, kind, trusting.scope) for kind in kinds):
                yield Contradiction(
                    rules=(trusting.id, ban.id),
                    text=f"{listed(both)} is on the list of {_said(trusting)}, and shut out by {_said(ban)}.",
                    relaxation=f"Take {listed(both)} off one of the two.",
                )


def _too_few_left(docket: _Docket) -> Iterator[Contradiction]:
    for rule in docket.rules:
        if not isinstance(rule, MinimumSuppliers):
            continue
        for kind in rule.scope.kinds or docket.kinds(rule.scope):
            day = max(filter(None, (docket.day(other) for other in docket.rules)), default=None)
            left, why = docket.allowed(kind, day, rule.scope) if day is not None else (docket.known(kind), [])
            if len(left) < rule.number and docket.is_closed(kind, rule.scope):
                because = f" once {'; '.join(_said(other) for other in why)} apply" if why else ""
                yield Contradiction(
                    rules=(rule.id, *(other.id for other in why)),
                    text=(
                        f"{_said(rule)} asks for {rule.number} suppliers of {kind}, "
                        f"but only {len(left)} can be there{because}: {listed(left) or 'none'}."
                    ),
                    relaxation=f"Ask for {len(left)}, or add a supplier of {kind} to the catalogue.",
                )


def _nobody_left(docket: _Docket) -> Iterator[Contradiction]:
    """Something must go by a day, and nobody who is allowed can deliver in its place until then."""
    if not docket.case.market.catalogue:
        return
    for rule in docket.rules:
        by = docket.day(rule)
        if not isinstance(rule, Removal) or rule.component or by is None:
            continue
        banned = docket.named(rule)
        held = [
            piece for _, pieces in pieces_in(rule.scope, docket.groups) for piece in pieces if piece.supplier in banned
        ]
        for kind in sorted({piece.kind for piece in held}):
            allowed = [
                name for one in (kind, *_INSTEAD.get(kind, ())) for name in docket.allowed(one, by, rule.scope)[0]
            ]
            items = [item for item in docket.case.market.catalogue if _stands_in(item, kind)]
            early = [item for item in items if item.supplier in allowed and _is_in_time(item, by)]
            if not early:
                names = listed(sorted({item.supplier for item in items})) if items else "nobody"
                yield Contradiction(
                    rules=(rule.id,),
                    text=(
                        f"{_said(rule)} takes out {kind} of {listed(banned)} by {by}, but the catalogue has nothing "
                        f"that may take its place by then: {names} has {kind} at all."
                    ),
                    relaxation=f"Add an item for {kind} that can be had before {by}, or move the day.",
                )


_INSTEAD: dict[Kind, tuple[Kind, ...]] = {"radio": ("o_ru",), "baseband": ("o_du", "o_cu")}
"""What else can do a kind's work."""


def _stands_in(item: CatalogueItem, kind: Kind) -> bool:
    return any(one in item.kinds for one in (kind, *_INSTEAD.get(kind, ())))


def _is_in_time(item: CatalogueItem, by: Date) -> bool:
    return item.available_from is None or last_day(item.available_from) <= by


def _caps_leave_a_gap(docket: _Docket) -> Iterator[Contradiction]:
    """Caps on all who are left that do not add up to the whole; of equal scope, or their wholes would differ."""
    caps = [rule for rule in docket.rules if isinstance(rule, ShareCap)]
    for first in caps:
        own = [rule for rule in caps if (rule.measure, rule.scope) == (first.measure, first.scope)]
        kinds = first.scope.kinds or tuple(docket.kinds(first.scope))
        if own[0] is not first or not all(docket.is_closed(kind, first.scope) for kind in kinds):
            continue
        day = max(day for day in map(docket.day, own) if day is not None)
        names: dict[SupplierName, bool] = {}
        why: dict[str, bool] = {}
        for kind in kinds:
            allowed, shutting = docket.allowed(kind, day, first.scope)
            names.update((name, True) for name in allowed)
            why.update((rule.id, True) for rule in shutting)
        room = [min((rule.cap for rule in own if _is_capped(rule, name, docket)), default=1.0) for name in names]
        if names and sum(room) < 1.0 - 1e-9:
            yield Contradiction(
                rules=(*(rule.id for rule in own), *why),
                text=(
                    f"The caps of {', '.join(rule.id for rule in own)} leave room for {sum(room):.0%} of "
                    f"{first.measure} only: {listed(names)} may be there after {day}."
                ),
                relaxation=f"Raise the caps by {1 - sum(room):.0%} together, or add a supplier.",
            )


def _is_capped(rule: ShareCap, name: SupplierName, docket: _Docket) -> bool:
    named = docket.named(rule)
    return not named or name in named


def _content_from_nowhere(docket: _Docket) -> Iterator[Contradiction]:
    for rule in docket.rules:
        if not isinstance(rule, DomesticContent) or rule.share <= 0 or not docket.case.market.catalogue:
            continue
        kinds = rule.scope.kinds or tuple(docket.kinds(rule.scope))
        makers = [name for kind in kinds for name in docket.known(kind)]
        if makers and not any(docket.origins.country(name) in rule.countries for name in makers):
            where, what = listed(rule.countries), listed(kinds)
            yield Contradiction(
                rules=(rule.id,),
                text=f"{_said(rule)} asks for {rule.share:.0%} of {what} from {where}: none is made there.",
                relaxation=f"Add a supplier from {where} to the catalogue, or leave {what} out of the rule.",
            )


def _too_few_sites(docket: _Docket) -> Iterator[Contradiction]:
    """A number of suppliers that a group has not pieces enough for."""
    for rule in docket.rules:
        if not isinstance(rule, MinimumSuppliers):
            continue
        pieces: dict[tuple[str, Kind], int] = {}
        for group, own in pieces_in(rule.scope, docket.groups):
            _count(pieces, group_name(rule.per, group), group, own)
        for (name, kind), number in pieces.items():
            if number < rule.number:
                yield Contradiction(
                    rules=(rule.id,),
                    text=f"{_said(rule)} asks for {rule.number} suppliers of {kind} in {name or 'the estate'}, "
                    f"which has {number} pieces.",
                    relaxation=f"Leave {name or kind} out of the rule, or ask for {number}.",
                )


def _count(pieces: dict[tuple[str, Kind], int], name: str, group: Group, own: tuple[Equipment, ...]) -> None:
    for piece in own:
        pieces[name, piece.kind] = pieces.get((name, piece.kind), 0) + piece.count * group.sites
