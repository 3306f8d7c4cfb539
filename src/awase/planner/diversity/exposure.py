"""What hangs on one supplier: what its disappearance, a ban or the end of its support would take down, and when."""

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Literal, TypeVar

import msgspec

from awase.model.calendar import Quarter
from awase.model.plan import Equipment, Estate, Kind, Role, Site, SiteId, SupplierName
from awase.planner.stock import Origins, touched

CRITICAL: tuple[Role, ...] = ("national_security", "emergency", "air_traffic")


class Exposure(msgspec.Struct, frozen=True, kw_only=True):
    """What is lost. `hit`: sites with such equipment; `down`: without any traffic, of themselves or for want of a hub.

    `cut_off` of those have no such equipment themselves: they lose their hubs. `people` are those at sites that
    are down; `traffic_gbps` is all that is lost. `critical`: sites down by role.
    """

    supplier: str
    pieces: int = 0
    hit: int = 0
    down: int = 0
    cut_off: int = 0
    people: int = 0
    people_degraded: int = 0
    traffic_gbps: float = 0.0
    share_of_traffic: float = 0.0
    kinds: tuple[Kind, ...] = ()
    critical: Mapping[str, int] = {}


class Loss(msgspec.Struct, frozen=True, kw_only=True):
    """Something that will happen to an estate: from `quarter` on, a supplier's equipment stands alone."""

    quarter: Quarter
    supplier: SupplierName
    what: Literal["leaves the market", "support ends"]
    pieces: int
    sites: int


Key = TypeVar("Key")
Lost = Callable[[Equipment], bool]


def takes_down(estate: Estate, supplier: SupplierName, *, component: str = "") -> Exposure:
    """What an estate would lose without a supplier's equipment (without all with its `component`, if one is named)."""
    origins = Origins(estate.suppliers)
    return without(estate, lambda piece: origins.of(piece, component) == supplier, name=supplier)


def without(estate: Estate, lost: Lost, *, name: str = "") -> Exposure:
    """What an estate would lose without the pieces that `lost` picks.

    A site whose pieces of one kind carry all of its traffic loses all of it with them, since kinds stand one behind the
    other; a site all of whose hubs are down is down.
    """
    remains: dict[int, tuple[float, tuple[Equipment, ...]]] = {}
    left: dict[SiteId, float] = {}
    gone: dict[SiteId, tuple[Equipment, ...]] = {}
    for site in estate.sites:
        key = id(site.equipment)
        if key not in remains:
            pieces = tuple(piece for piece in site.equipment if lost(piece))
            remains[key] = (1.0 - touched(pieces), pieces)
        left[site.id], gone[site.id] = remains[key]
    cut = _cut_off(estate.sites, left)
    return _summed(estate, name, left, gone, cut)


def _cut_off(sites: Iterable[Site], left: Mapping[SiteId, float]) -> dict[SiteId, bool]:
    """The sites that are up but reach no hub that is: service spreads from the top; a loop of hubs holds nobody up."""
    below: dict[SiteId, list[SiteId]] = {}
    reached: dict[SiteId, bool] = {}
    hung: list[SiteId] = []
    for site in sites:
        if site.served_by:
            hung.append(site.id)
            for hub in site.served_by:
                below.setdefault(hub, []).append(site.id)
        elif left[site.id] > 0:
            reached[site.id] = True
    queue = [name for name in reached if name in below]
    while queue:
        for name in below.get(queue.pop(), ()):
            if left[name] > 0 and name not in reached:
                reached[name] = True
                queue.append(name)
    return {name: True for name in hung if left[name] > 0 and name not in reached}


def _summed(
    estate: Estate,
    name: str,
    left: Mapping[SiteId, float],
    gone: Mapping[SiteId, tuple[Equipment, ...]],
    cut: Mapping[SiteId, bool],
) -> Exposure:
    critical: dict[str, int] = {}
    kinds: dict[Kind, bool] = {}
    pieces = hit = down = people = degraded = 0
    lost: list[float] = []
    for site in estate.sites:
        own = gone[site.id]
        share = 0.0 if site.id in cut else left[site.id]
        hit += bool(own)
        pieces += sum(piece.count for piece in own)
        kinds.update((piece.kind, True) for piece in own)
        lost.append(site.traffic_gbps * (1.0 - share))
        if share <= 0:
            down += 1
            people += site.people
            for role in site.roles:
                if role in CRITICAL:
                    critical[role] = critical.get(role, 0) + 1
        elif share < 1:
            degraded += site.people
    traffic, total = math.fsum(lost), math.fsum(site.traffic_gbps for site in estate.sites)
    return Exposure(
        supplier=name,
        pieces=pieces,
        hit=hit,
        down=down,
        cut_off=len(cut),
        people=people,
        people_degraded=degraded,
        traffic_gbps=traffic,
        share_of_traffic=traffic / total if total else 0.0,
        kinds=tuple(sorted(kinds)),
        critical=dict(sorted(critical.items())),
    )


def exposures(estate: Estate, *, component: str = "") -> list[Exposure]:
    """What hangs on each supplier (on each behind the brands, for a `component`), the most traffic first."""
    origins = Origins(estate.suppliers)
    names = {origins.of(piece, component): True for site in estate.sites for piece in site.equipment}
    found = [takes_down(estate, name, component=component) for name in names]
    return sorted(found, key=lambda one: (-one.traffic_gbps, -one.hit, one.supplier))


def losses(estate: Estate, until: Quarter) -> list[Loss]:
    """What will happen to an estate that nobody changes, up to a quarter: suppliers leave, support ends."""
    ends: dict[tuple[Quarter, SupplierName], list[int]] = {}
    standing: dict[SupplierName, list[int]] = {}
    brands = {supplier.name: supplier for supplier in estate.suppliers}
    for site in estate.sites:
        here: dict[SupplierName, int] = {}
        due: dict[tuple[Quarter, SupplierName], int] = {}
        for piece in site.equipment:
            here[piece.supplier] = here.get(piece.supplier, 0) + piece.count
            end = support_end(piece, brands[piece.supplier].support_ends if piece.supplier in brands else None)
            if end is not None and end <= until:
                due[end, piece.supplier] = due.get((end, piece.supplier), 0) + piece.count
        _add(standing, here)
        _add(ends, due)
    found = [
        Loss(quarter=end, supplier=name, what="support ends", pieces=pieces, sites=sites)
        for (end, name), (pieces, sites) in ends.items()
    ]
    for supplier in estate.suppliers:
        if supplier.leaves is not None and supplier.leaves <= until and supplier.name in standing:
            pieces, sites = standing[supplier.name]
            what: Literal["leaves the market"] = "leaves the market"
            found.append(Loss(quarter=supplier.leaves, supplier=supplier.name, what=what, pieces=pieces, sites=sites))
    return sorted(found, key=lambda loss: (loss.quarter, loss.supplier, loss.what))


def support_end(piece: Equipment, brand_ends: Quarter | None) -> Quarter | None:
    """The last quarter with support: the piece's own, or its brand's where that is earlier or the only one."""
    if piece.end_of_support is None or brand_ends is None:
        return piece.end_of_support or brand_ends
    return min(piece.end_of_support, brand_ends)


def _add(sums: dict[Key, list[int]], pieces: Mapping[Key, int]) -> None:
    """One more site: its pieces, and itself."""
    for key, number in pieces.items():
        counted = sums.setdefault(key, [0, 0])
        counted[0] += number
        counted[1] += 1
