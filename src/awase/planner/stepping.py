"""An estate as a plan leaves it at the end of a quarter."""

from collections.abc import Iterable, Mapping

import msgspec

from awase.model.calendar import Quarter
from awase.model.plan import Action, CatalogueItem, Equipment, Estate, SiteId
from awase.model.rules import Case


def estate_after(case: Case, actions: Iterable[Action], quarter: Quarter) -> Estate:
    """The estate with all actions up to the end of a quarter done. Raises KeyError for a site or piece not there.

    Sites with equal equipment before, and the same actions, share their equipment afterwards as well.
    """
    items = {item.id: item for item in case.market.catalogue}
    due: dict[SiteId, list[Action]] = {}
    for action in actions:
        if action.quarter <= quarter:
            due.setdefault(action.site, []).append(action)
    made: dict[tuple[object, ...], tuple[Equipment, ...]] = {}
    sites = []
    for site in case.estate.sites:
        own = due.pop(site.id, None)
        if own is None:
            sites.append(site)
            continue
        own.sort(key=lambda action: action.quarter)
        key = (
            id(site.equipment),
            *((one.equipment, one.kind, one.to_supplier, one.item, one.quarter) for one in own),
        )
        if key not in made:
            made[key] = _done(site.equipment, own, items)
        sites.append(msgspec.structs.replace(site, equipment=made[key]))
    if due:
        raise KeyError(next(iter(due)))
    return msgspec.structs.replace(case.estate, as_of=max(quarter, case.estate.as_of), sites=tuple(sites))


def _done(
    pieces: tuple[Equipment, ...], actions: list[Action], items: Mapping[str, CatalogueItem]
) -> tuple[Equipment, ...]:
    now = {piece.id: piece for piece in pieces}
    for action in actions:
        meant = [action.equipment] if action.equipment else _of_kind(now, action)
        for name in meant:
            now[name] = _replaced(now[name], action, items.get(action.item))
    return tuple(now.values())


def _of_kind(now: Mapping[str, Equipment], action: Action) -> list[str]:
    """An action that names no piece means all of its kind and old supplier."""
    names = [piece.id for piece in now.values() if piece.kind == action.kind and piece.supplier == action.from_supplier]
    if not names:
        raise KeyError(f"{action.site}: no {action.kind} of {action.from_supplier}")
    return names


def _replaced(piece: Equipment, action: Action, item: CatalogueItem | None) -> Equipment:
    if item is None:
        return msgspec.structs.replace(
            piece, supplier=action.to_supplier, bought=action.quarter, product="", release="", components={}, item=""
        )
    return msgspec.structs.replace(
        piece,
        kind=piece.kind if piece.kind in item.kinds else item.kinds[0],
        supplier=item.supplier,
        product=item.product,
        release=item.release,
        bought=action.quarter,
        end_of_support=item.end_of_support,
        components=item.components,
        item=item.id,
    )
