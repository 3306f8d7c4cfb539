"""The backbone: sites, links, cables and demands in a fixed order, with delays and countries worked out."""

import itertools
import math
from collections.abc import Iterable, Mapping

import msgspec

from awase.model.plan import Cable, Country, Demand, Estate, Figure, Link, Operator, Site, SiteId, Supplier
from awase.planner.problems import Place, PlanInputError, Problem

NS_PER_KM = 4_897
"""Light in standard single-mode fibre: a group index of 1.468 over 299,792.458 km/s."""
EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the Earth (IUGG)."""
DETOUR = 1.0
"""A route is taken to be as long as its great circle, where no length is given: a lower bound, and said so."""
DEFAULT_REPAIR_DAYS: Mapping[str, float] = {
    "submarine": 20.0,
    "fibre": 1.0,
    "copper": 1.0,
    "microwave": 0.5,
    "satellite": 0.5,
}
"""Days to repair, where an estate names none: a declared assumption, to be replaced by the user's own figures."""
KBPS = 1_000_000
"""Traffic is counted in whole kbit/s, so that sums do not depend on their order."""


class Backbone(msgspec.Struct, frozen=True, kw_only=True):
    """Sites and links by id, cables by id, demands by ends and class; `assumptions` says what was filled in."""

    name: str
    sites: tuple[Site, ...]
    links: tuple[Link, ...]
    cables: tuple[Cable, ...] = ()
    demands: tuple[Demand, ...] = ()
    suppliers: tuple[Supplier, ...] = ()
    operators: tuple[Operator, ...] = ()
    figures: tuple[Figure, ...] = ()
    assumptions: tuple[str, ...] = ()


class Parts(msgspec.Struct, kw_only=True):
    """What a backbone is made of, before it is checked and put in order."""

    name: str
    sites: Iterable[Site]
    links: Iterable[Link]
    cables: Iterable[Cable] = ()
    demands: Iterable[Demand] = ()
    suppliers: Iterable[Supplier] = ()
    operators: Iterable[Operator] = ()
    figures: Iterable[Figure] = ()
    assumptions: tuple[str, ...] = ()


def great_circle_km(a: Site, b: Site) -> float | None:
    """The distance of two sites on a sphere, to 10 m; None if one of them has no position."""
    if a.latitude_deg is None or a.longitude_deg is None or b.latitude_deg is None or b.longitude_deg is None:
        return None
    first, second = math.radians(a.latitude_deg), math.radians(b.latitude_deg)
    turn = math.radians(b.longitude_deg - a.longitude_deg)
    half = math.sin((second - first) / 2) ** 2 + math.cos(first) * math.cos(second) * math.sin(turn / 2) ** 2
    return round(2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(half))), 2)


def delay_ns(link: Link, sites: Mapping[SiteId, Site]) -> int | None:
    """A link's delay one way: as given, or by its length, or by the great circle; None if nothing is known."""
    if link.delay_ms is not None:
        return round(link.delay_ms * 1_000_000)
    length = link.length_km
    direct = great_circle_km(sites[link.a], sites[link.b]) if length is None else None
    km = length if length is not None else direct * DETOUR if direct is not None else None
    return None if km is None else round(km * NS_PER_KM)


def of_estate(estate: Estate) -> Backbone:
    """The backbone of an estate: its links, the sites they join, its cables and demands. Raises PlanInputError."""
    ends = dict.fromkeys(end for link in estate.links for end in (link.a, link.b))
    ends.update(dict.fromkeys(end for demand in estate.demands for end in (demand.a, demand.b)))
    ends.update(dict.fromkeys(one.site for cable in estate.cables for one in cable.landings if one.site))
    return make(
        Parts(
            name=estate.name,
            sites=[site for site in estate.sites if site.id in ends],
            links=estate.links,
            cables=estate.cables,
            demands=estate.demands,
            suppliers=estate.suppliers,
            operators=estate.operators,
            figures=estate.figures,
        )
    )


def make(parts: Parts) -> Backbone:
    """A backbone of its parts, in order, with the links of cables that no link names. Raises PlanInputError."""
    sites = sorted(parts.sites, key=lambda site: site.id)
    cables = tuple(sorted(parts.cables, key=lambda cable: cable.id))
    links = [*parts.links, *_links_of_cables(cables, parts.links)]
    links.sort(key=lambda link: link.id)
    demands = sorted(parts.demands, key=lambda one: (one.a, one.b, one.traffic_class, one.traffic_gbps))
    _check(parts.name, sites, links, demands)
    by_id = {site.id: site for site in sites}
    assumptions = list(parts.assumptions)
    assumptions.extend(_assumed(links, by_id, cables))
    return Backbone(
        name=parts.name,
        sites=tuple(sites),
        links=tuple(links),
        cables=cables,
        demands=tuple(demands),
        suppliers=tuple(sorted(parts.suppliers, key=lambda one: one.name)),
        operators=tuple(sorted(parts.operators, key=lambda one: one.name)),
        figures=tuple(parts.figures),
        assumptions=tuple(assumptions),
    )


def _links_of_cables(cables: Iterable[Cable], links: Iterable[Link]) -> list[Link]:
    """A cable that no link names joins its landing stations in the order in which they are listed."""
    named = {link.cable for link in links if link.cable}
    made = []
    for cable in cables:
        stations = [one.site for one in cable.landings if one.site]
        if cable.id in named or cable.name in named:
            continue
        for number, (a, b) in enumerate(itertools.pairwise(stations), 1):
            made.append(
                Link(
                    id=f"{cable.id}#{number}" if len(stations) > 2 else cable.id,
                    a=a,
                    b=b,
                    medium="submarine",
                    owner=" & ".join(cable.owners),
                    supplier=cable.supplier,
                    capacity_gbps=cable.capacity_gbps or 0.0,  # type: ignore[arg-type]
                    cable=cable.id,
                    risk_groups=cable.risk_groups,
                    repair_days=cable.repair_days,
                )
            )
    return made


def _check(name: str, sites: list[Site], links: list[Link], demands: list[Demand]) -> None:
    problems = []
    known = {site.id for site in sites}
    for what, ids in (("site", [site.id for site in sites]), ("link", [link.id for link in links])):
        twice = sorted({first for first, second in itertools.pairwise(ids) if first == second})
        problems += [Problem(Place(name), f"{what} {one} is there twice", "ids are unique") for one in twice]
    for link in links:
        problems += _ends(name, f"link {link.id}", (link.a, link.b), known)
        if link.a == link.b:
            problems.append(Problem(Place(name), f"link {link.id} joins {link.a} with itself", "name two sites"))
    for demand in demands:
        problems += _ends(name, f"demand {demand.a} to {demand.b}", (demand.a, demand.b), known)
    if not links:
        problems.append(Problem(Place(name), "there are no links", "a backbone needs a section `links`, or cables"))
    if problems:
        raise PlanInputError(dict.fromkeys(problems))


def _ends(name: str, what: str, ends: tuple[SiteId, SiteId], known: set[SiteId]) -> list[Problem]:
    return [
        Problem(Place(name), f"{what} ends at {end}, which is no site", "add the site, or correct its id")
        for end in ends
        if end not in known
    ]


def _assumed(links: list[Link], sites: Mapping[SiteId, Site], cables: tuple[Cable, ...]) -> list[str]:
    """What is not known and was filled in, one sentence each."""
    no_length = [link for link in links if link.delay_ms is None and link.length_km is None]
    unknown = [link.id for link in no_length if delay_ns(link, sites) is None]
    unlimited = [link.id for link in links if not link.capacity_gbps]
    no_repair = [link.id for link in links if repair_days_of(link, cables) is None]
    said = []
    if len(no_length) > len(unknown):
        count = len(no_length) - len(unknown)
        said.append(f"{count} links have no length: their great circle was taken, which is the least it can be")
    if unknown:
        said.append(f"{len(unknown)} links have neither delay, length nor positions: their delay counts as 0")
    if unlimited:
        said.append(f"{len(unlimited)} of {len(links)} links have no capacity: they are never overloaded here")
    if no_repair:
        days = ", ".join(f"{medium} {value:g}" for medium, value in DEFAULT_REPAIR_DAYS.items())
        said.append(f"{len(no_repair)} links have no repair time: assumed days are {days} (declared)")
    return said


def repair_days_of(link: Link, cables: Iterable[Cable]) -> float | None:
    """A link's days of repair, or its cable's; None if neither has any."""
    if link.repair_days is not None:
        return link.repair_days
    return next((one.repair_days for one in cables if link.cable and link.cable in (one.id, one.name)), None)


def countries_of(link: Link, backbone: Backbone) -> tuple[Country, ...]:
    """Where a link runs: the countries of its ends, and of all landings of its cable."""
    sites = {site.id: site.country for site in backbone.sites if site.id in (link.a, link.b)}
    found = [sites.get(link.a, Country("")), sites.get(link.b, Country(""))]
    for cable in backbone.cables:
        if link.cable and link.cable in (cable.id, cable.name):
            found.extend(landing.country for landing in cable.landings)
    return tuple(sorted({one for one in found if one}))


def seats(backbone: Backbone) -> dict[str, Country]:
    """The countries of suppliers and operators, by name."""
    found = {str(one.name): one.country for one in backbone.operators}
    found.update({str(one.name): one.country for one in backbone.suppliers})
    return found
