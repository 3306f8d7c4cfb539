"""An estate as groups of equal sites: the same operator, region, roles and equipment, counted together."""

import math
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from awase.model.plan import (
    Equipment,
    Estate,
    Kind,
    Measure,
    OperatorName,
    Per,
    Region,
    Role,
    Site,
    Supplier,
    SupplierName,
)
from awase.model.rules import Scope


class Group(msgspec.Struct):
    """Equal sites. `first` is one of them; `people` and `traffic_gbps` are those of all together."""

    operator: OperatorName
    region: Region
    roles: tuple[Role, ...]
    equipment: tuple[Equipment, ...]
    first: Site
    sites: int = 0
    people: int = 0
    traffic_gbps: float = 0.0


def groups_of(estate: Estate) -> list[Group]:
    """The groups of an estate, in the order in which their first sites stand there."""
    found: dict[tuple[str, str, tuple[Role, ...], int], Group] = {}
    traffic: dict[int, list[float]] = {}
    for site in estate.sites:
        # Sites of a class share their equipment, so that its identity is enough to know equal ones by.
        key = (site.operator, site.region, site.roles, id(site.equipment))
        group = found.get(key)
        if group is None:
            group = found[key] = Group(site.operator, site.region, site.roles, site.equipment, site)
            traffic[id(group)] = []
        group.sites += 1
        group.people += site.people
        traffic[id(group)].append(site.traffic_gbps)
    for group in found.values():
        group.traffic_gbps = math.fsum(traffic[id(group)])
    return list(found.values())


def includes_group(scope: Scope, group: Group) -> bool:
    """Whether a rule of this scope looks at these sites."""
    return (
        (not scope.operators or group.operator in scope.operators)
        and (not scope.regions or group.region in scope.regions)
        and (not scope.roles or any(role in scope.roles for role in group.roles))
    )


def includes_piece(scope: Scope, piece: Equipment) -> bool:
    """Whether a rule of this scope looks at this piece, wherever it stands."""
    return (not scope.kinds or piece.kind in scope.kinds) and (
        not scope.layers or any(layer in scope.layers for layer in piece.layers)
    )


def pieces_in(scope: Scope, groups: Iterable[Group]) -> Iterator[tuple[Group, tuple[Equipment, ...]]]:
    """The groups that a scope includes, each with those of its pieces that it includes; none without any."""
    for group in groups:
        if includes_group(scope, group):
            pieces = tuple(piece for piece in group.equipment if includes_piece(scope, piece))
            if pieces:
                yield group, pieces


def group_name(per: Per, group: Group) -> str:
    """The name of that over which a rule counts by itself: "" for the whole estate."""
    return {
        "estate": "",
        "operator": str(group.operator),
        "region": str(group.region),
        "operator_region": f"{group.operator}, {group.region}",
    }[per]


class Origins:
    """Who is behind a piece: its country, and whose chip, software or management is inside."""

    def __init__(self, suppliers: Iterable[Supplier]) -> None:
        self._suppliers: Mapping[SupplierName, Supplier] = {supplier.name: supplier for supplier in suppliers}

    def country(self, supplier: SupplierName) -> str:
        """A supplier's country; "" if it is not known."""
        known = self._suppliers.get(supplier)
        return known.country if known is not None else ""

    def said(self, piece: Equipment, component: str) -> SupplierName | None:
        """Who supplied a component as the estate says it, of the piece or of its brand; None if nothing is said."""
        inside = piece.components.get(component)
        if inside is None and piece.supplier in self._suppliers:
            inside = self._suppliers[piece.supplier].components.get(component)
        return inside

    def of(self, piece: Equipment, component: str = "") -> SupplierName:
        """Who supplied a component; the brand if nothing else is said, or no component is asked for."""
        return (self.said(piece, component) or piece.supplier) if component else piece.supplier

    def components(self, piece: Equipment) -> tuple[str, ...]:
        """The components of which something is said."""
        known = self._suppliers.get(piece.supplier)
        return tuple(sorted({**(known.components if known is not None else {}), **piece.components}))


def touched(pieces: Iterable[Equipment]) -> float:
    """The share of a site's traffic that passes these pieces.

    Pieces of a kind carry different traffic, so their shares add up; the kinds are one behind the other.
    """
    by_kind: dict[Kind, float] = {}
    for piece in pieces:
        by_kind[piece.kind] = by_kind.get(piece.kind, 0.0) + piece.share_of_traffic
    return min(1.0, max(by_kind.values(), default=0.0))


def weigh(measure: Measure, group: Group, pieces: tuple[Equipment, ...]) -> float:
    """What these pieces of a group amount to: a site counts once, however many of them stand there."""
    if not pieces:
        return 0.0
    if measure == "equipment":
        return float(group.sites * sum(piece.count for piece in pieces))
    if measure == "traffic":
        return group.traffic_gbps * touched(pieces)
    return float(group.people if measure == "people" else group.sites)
