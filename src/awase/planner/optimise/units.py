"""Classes of equal sites: what moves together at a site is a unit, and equal units are one class.

Aggregation is exact: two units are of one class only if no rule, price or limit can tell them apart.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from awase.model.plan import JOINTS, Country, Equipment, Market, OperatorName, Region, Role
from awase.model.rules import Case, ConcentrationCap, MinimumSuppliers, ShareCap, Subsidy
from awase.planner.optimise.words import in_scope


@dataclass(slots=True)
class Unit:
    """Equal units: `members` are (number of the site, places of its pieces in the site's equipment)."""

    operator: OperatorName
    region: Region
    country: Country
    roles: tuple[Role, ...]
    pieces: tuple[Equipment, ...]
    people: float
    traffic: float
    members: list[tuple[int, tuple[int, ...]]] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.members)


def units_of(case: Case, *, by_operator: bool = False) -> list[Unit]:
    """The classes, in the order in which the estate first has one of them.

    `by_operator`: operators are told apart even where no rule or limit does.
    """
    seen = _Seen(case, by_operator)
    found: dict[object, Unit] = {}
    splits: dict[object, list[tuple[tuple[int, ...], object]]] = {}
    shared = _shared_scopes(case)
    for number, site in enumerate(case.estate.sites):
        place = (site.operator, site.region, site.country, site.roles)
        whole = (id(site.equipment), place)
        split = splits.get(whole)
        if split is None:
            parts = split_site(site.equipment, case.market, [scope(place) for scope in shared])
            split = splits[whole] = [(part, tuple(signature(site.equipment[i]) for i in part)) for part in parts]
        people = float(site.people) if seen.people else 0.0
        traffic = float(site.traffic_gbps) if seen.traffic else 0.0
        for part, signed in split:
            key = (seen.place(place), signed, people, traffic)
            unit = found.get(key)
            if unit is None:
                pieces = tuple(site.equipment[i] for i in part)
                unit = found[key] = Unit(*place, pieces, people, traffic)
            unit.members.append((number, part))
    return list(found.values())


class _Seen:
    """What rules and limits can tell of a site; what they cannot does not make a class."""

    def __init__(self, case: Case, by_operator: bool) -> None:
        rules, limits = case.rules.rules, case.limits
        pers = [rule.per for rule in rules if isinstance(rule, ShareCap | MinimumSuppliers | ConcentrationCap)]
        measures = [rule.measure for rule in rules if isinstance(rule, ShareCap | ConcentrationCap)]
        self.people, self.traffic = "people" in measures, "traffic" in measures
        covered = limits.down_share_of_region < 1.0
        self._operators = (
            by_operator
            or covered
            or any(per in ("operator", "operator_region") for per in pers)
            or any(rule.scope.operators for rule in rules)
            or any(crew.operators for crew in limits.crews)
            or any(budget.operator for budget in limits.budgets)
        )
        self._regions = (
            covered
            or any(per in ("region", "operator_region") for per in pers)
            or any(rule.scope.regions for rule in rules)
            or any(crew.regions for crew in limits.crews)
            or any(freeze.regions for freeze in limits.freezes)
        )
        self._roles = tuple(dict.fromkeys(role for rule in rules for role in rule.scope.roles))
        most = [rule.max_customers for rule in rules if isinstance(rule, Subsidy) and rule.max_customers is not None]
        customers = {operator.name: operator.customers for operator in case.estate.operators}
        self._subsidised = {
            name: tuple(count is not None and count <= one for one in most) for name, count in customers.items()
        }

    def place(self, place: "Place") -> object:
        """What of a place counts."""
        operator, region, _, roles = place
        return (
            operator if self._operators else self._subsidised.get(operator, ()),
            region if self._regions else "",
            tuple(role in roles for role in self._roles),
        )


def signature(piece: Equipment) -> tuple[object, ...]:
    """All that can be told of a piece but its name."""
    return (
        piece.kind,
        piece.supplier,
        piece.product,
        piece.release,
        piece.layers,
        piece.count,
        piece.share_of_traffic,
        piece.bought,
        piece.end_of_support,
        piece.leans_on,
        tuple(sorted(piece.components.items())),
        piece.item,
    )


Place = tuple[OperatorName, Region, Country, tuple[Role, ...]]
Shared = Callable[[Place], Callable[[Equipment], bool]]


def _shared_scopes(case: Case) -> list[Shared]:
    """Rules that count a site once, whatever it has: all that they see at a site is one unit."""

    def of(rule: ShareCap | ConcentrationCap) -> Shared:
        return lambda place: lambda piece: in_scope(rule.scope, piece, place[0], place[1], place[3])

    rules = [rule for rule in case.rules.rules if isinstance(rule, ShareCap | ConcentrationCap)]
    return [of(rule) for rule in rules if rule.measure != "equipment"]


def split_site(
    pieces: tuple[Equipment, ...], market: Market, shared: Iterable[Callable[[Equipment], bool]] = ()
) -> list[tuple[int, ...]]:
    """The places of pieces that hang together, each in one tuple."""
    parent = list(range(len(pieces)))

    def root(i: int) -> int:
        while parent[i] != i:
            i = parent[i]
        return i

    def join(i: int, j: int) -> None:
        low, high = sorted((root(i), root(j)))
        parent[high] = low

    for j, second in enumerate(pieces):
        for i, first in enumerate(pieces[:j]):
            if hang_together(first, second, market):
                join(i, j)
    for sees in shared:
        seen = [i for i, piece in enumerate(pieces) if sees(piece)]
        for i in seen[1:]:
            join(seen[0], i)
    parts: dict[int, list[int]] = {}
    for i in range(len(pieces)):
        parts.setdefault(root(i), []).append(i)
    return [tuple(part) for part in parts.values()]


def overlap(a: Equipment, b: Equipment) -> bool:
    """Whether two pieces serve a common layer; one that names none serves all."""
    return not a.layers or not b.layers or any(layer in b.layers for layer in a.layers)


def leans(a: Equipment, b: Equipment) -> bool:
    """Whether one of two pieces must be of the same supplier as the other."""
    return any(layer in b.layers for layer in a.leans_on) or any(layer in a.layers for layer in b.leans_on)


def hang_together(a: Equipment, b: Equipment, market: Market) -> bool:
    """Whether two pieces at a site cannot be planned apart."""
    kinds = (a.kind, b.kind)
    if any(kinds in ((joint.a, joint.b), (joint.b, joint.a)) for joint in JOINTS) and overlap(a, b):
        return True
    if leans(a, b):
        return True
    return any(len(item.kinds) > 1 and a.kind in item.kinds and b.kind in item.kinds for item in market.catalogue)


def per_group(rule: ShareCap | MinimumSuppliers | ConcentrationCap, unit: Unit) -> str:
    """The name of the group of a rule in which a unit counts."""
    names = {
        "estate": "",
        "operator": unit.operator,
        "region": unit.region,
        "operator_region": f"{unit.operator}, {unit.region}",
    }
    return names[rule.per]
