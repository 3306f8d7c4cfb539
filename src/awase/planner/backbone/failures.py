"""What can fail together: cuts of links and cables, landing stations, declared groups, suppliers, owners, countries."""

from collections.abc import Iterable
from typing import Literal

import msgspec

from awase.model.plan import Cable, Link, Site
from awase.planner.backbone.network import DEFAULT_REPAIR_DAYS, Backbone, countries_of, repair_days_of, seats
from awase.planner.problems import Place, PlanInputError, Problem, choose

FailureKind = Literal["cable", "link", "site", "risk_group", "supplier", "owner", "country"]
EQUIPMENT_OF_LINKS = ("transport", "optical", "submarine")
"""Kinds of equipment without which a site's links are dark."""


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """Links that fail together, by their places in the backbone; `id` is its kind and name: "cable:Apricot"."""

    id: str
    kind: FailureKind
    name: str
    links: tuple[int, ...]
    repair_days: float


def cuts(backbone: Backbone) -> list[Failure]:
    """What one anchor or excavator takes: each cable with all its links, and each link that is of no cable."""
    named = {cable.id: cable for cable in backbone.cables}
    named.update({cable.name: cable for cable in backbone.cables if cable.name not in named})
    found: dict[tuple[FailureKind, str], list[int]] = {}
    for number, link in enumerate(backbone.links):
        cable = named.get(link.cable)
        key: tuple[FailureKind, str] = ("cable", cable.id if cable else link.cable) if link.cable else ("link", link.id)
        found.setdefault(key, []).append(number)
    return sorted((_failure(backbone, *key, links) for key, links in found.items()), key=lambda one: one.id)


def groups(backbone: Backbone) -> list[Failure]:
    """All that takes down more than a cut: sites, declared groups, suppliers, owners, countries."""
    found: dict[tuple[FailureKind, str], list[int]] = {}
    sites = {site.id: site for site in backbone.sites}
    dark = {site.id: _dark_without(site) for site in backbone.sites}
    country_of = seats(backbone)
    for number, link in enumerate(backbone.links):
        keys = _groups_of(link, backbone)
        for end in (link.a, link.b):
            keys.append(("site", end))
            keys.extend(("supplier", one) for one in dark[end])
        homes = [country_of.get(name, "") for name in (link.supplier, link.owner)]
        keys.extend(("country", one) for one in (*countries_of(link, backbone), *homes) if one)
        for key in dict.fromkeys(keys):
            found.setdefault(key, []).append(number)
    kept = {key: links for key, links in found.items() if key[0] != "site" or key[1] in sites}
    return sorted((_failure(backbone, *key, links) for key, links in kept.items()), key=lambda one: one.id)


def _groups_of(link: Link, backbone: Backbone) -> list[tuple[FailureKind, str]]:
    keys: list[tuple[FailureKind, str]] = [("risk_group", group) for group in link.risk_groups]
    for cable in _cables_of(link, backbone):
        keys.extend(("risk_group", group) for group in cable.risk_groups)
        keys.extend(("owner", owner) for owner in cable.owners)
        if cable.supplier:
            keys.append(("supplier", cable.supplier))
    if link.supplier:
        keys.append(("supplier", link.supplier))
    if link.owner and not any(link.owner == " & ".join(one.owners) for one in _cables_of(link, backbone)):
        keys.append(("owner", link.owner))
    return keys


def _cables_of(link: Link, backbone: Backbone) -> Iterable[Cable]:
    return [cable for cable in backbone.cables if link.cable and link.cable in (cable.id, cable.name)]


def _dark_without(site: Site) -> list[str]:
    """The suppliers that are the only ones at a site for a kind of equipment that its links need."""
    only: list[str] = []
    for kind in EQUIPMENT_OF_LINKS:
        names = sorted({one.supplier for one in site.equipment if one.kind == kind})
        only.extend(names if len(names) == 1 else [])
    return only


def _failure(backbone: Backbone, kind: FailureKind, name: str, links: list[int]) -> Failure:
    days = [
        repair_days_of(link, backbone.cables) or DEFAULT_REPAIR_DAYS.get(link.medium, 1.0)
        for link in (backbone.links[number] for number in links)
    ]
    return Failure(id=f"{kind}:{name}", kind=kind, name=name, links=tuple(sorted(links)), repair_days=max(days))


def find(backbone: Backbone, words: str) -> Failure:
    """A failure by its id, its name, a cable's full name or a link's id. Raises PlanInputError with what there is."""
    known = [*cuts(backbone), *groups(backbone)]
    for number, link in enumerate(backbone.links):
        known.append(_failure(backbone, "link", link.id, [number]))
    full = {cable.name: cable.id for cable in backbone.cables}
    wanted = words.strip()
    exact = [one for one in known if wanted in (one.id, one.name) or full.get(wanted) == one.name]
    plain = wanted.casefold()
    loose = [one for one in known if plain in (one.id.casefold(), one.name.casefold())]
    by_name = [one for one in known if one.kind == "cable" and full_name(backbone, one).casefold() == plain]
    for chosen in (exact, loose, by_name):
        if chosen:
            return chosen[0]
    names = dict.fromkeys([*(one.name for one in known), *full])
    hint = choose(wanted, names) or "name a link, a cable, a site, a risk group, a supplier, an owner or a country"
    raise PlanInputError([Problem(Place(backbone.name), f"there is nothing called {wanted!r} to cut", hint)])


def full_name(backbone: Backbone, failure: Failure) -> str:
    """What people call it: a cable's full name."""
    return next((cable.name for cable in backbone.cables if cable.id == failure.name), failure.name)


def together(failures: Iterable[Failure]) -> tuple[int, ...]:
    """The links of several failures at once."""
    return tuple(sorted({link for failure in failures for link in failure.links}))
