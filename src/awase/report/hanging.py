"""What hangs on each supplier: the sites with at least one piece of it, who lives by them, now and after the plan."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from awase.model.plan import Action, Estate, Role, Site, SupplierName

CRITICAL: tuple[Role, ...] = ("core", "national_security", "emergency", "air_traffic")


@dataclass(slots=True)
class Reach:
    """How far a supplier reaches."""

    sites: int = 0
    people: int = 0
    traffic_gbps: float = 0.0
    critical: int = 0


@dataclass(slots=True)
class Hanging:
    """A supplier now and after the last action."""

    supplier: str
    now: Reach = field(default_factory=Reach)
    then: Reach = field(default_factory=Reach)


def hanging(estate: Estate, actions: Iterable[Action]) -> list[Hanging]:
    """All suppliers, those with most sites now first."""
    work: dict[str, list[Action]] = {}
    for action in actions:
        work.setdefault(action.site, []).append(action)
    found: dict[str, Hanging] = {}
    for site in estate.sites:
        now = dict.fromkeys(piece.supplier for piece in site.equipment)
        then = _after(site, work[site.id]) if site.id in work else now
        for name in now:
            _add(found.setdefault(name, Hanging(name)).now, site)
        for name in then:
            _add(found.setdefault(name, Hanging(name)).then, site)
    return sorted(found.values(), key=lambda one: (-one.now.sites, -one.then.sites, one.supplier))


def _after(site: Site, actions: list[Action]) -> dict[SupplierName, None]:
    """Whose pieces stand at a site when all its actions are done."""
    suppliers = [piece.supplier for piece in site.equipment]
    for action in sorted(actions, key=lambda one: one.quarter):
        for place, piece in enumerate(site.equipment):
            is_meant = piece.id == action.equipment if action.equipment else piece.kind == action.kind
            if is_meant and suppliers[place] == action.from_supplier:
                suppliers[place] = action.to_supplier
                break
    return dict.fromkeys(suppliers)


def _add(reach: Reach, site: Site) -> None:
    reach.sites += 1
    reach.people += site.people
    reach.traffic_gbps += site.traffic_gbps
    reach.critical += any(role in CRITICAL for role in site.roles)
