"""Synthetic sites from a short description: classes of equal sites, strewn over regions, always the same ones.

Positions come from a keyed hash (BLAKE2b) of the seed and the site's name, so that another class never moves a site.
The sites of a class share one tuple of equipment: whatever aggregates equal sites need not look for them.
"""

import hashlib
import math
from collections.abc import Mapping, Sequence

import msgspec

from awase.model.plan import Country, Equipment, Gbps, Km, Mark, OperatorName, Region, Role, Site, SiteId

_KM_PER_DEGREE = 111.2
"""Length of a degree of latitude: a quarter of the meridian, 10,002 km, over 90."""


class SiteClass(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """So many equal synthetic sites. `operator` may be one of `operators` many: "carrier-{n}".

    `regions`: how the sites are shared out, by weight; none: by the weights of the regions themselves.
    """

    name: str
    count: int
    operator: OperatorName = OperatorName("")
    operators: int = 1
    regions: Mapping[Region, float] = {}
    roles: tuple[Role, ...] = ("macro",)
    people: int = 0
    traffic_gbps: Gbps = Gbps(0.0)
    served_by: tuple[SiteId, ...] = ()
    equipment: tuple[Equipment, ...] = ()
    source: str
    mark: Mark = "synthetic"


class RegionArea(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where synthetic sites of a region are strewn: a disc, and its share of the sites by weight."""

    name: Region
    latitude_deg: float
    longitude_deg: float
    radius_km: Km
    weight: float = 1.0
    country: Country = Country("")
    source: str = ""
    mark: Mark = "synthetic"


def apportion(count: int, weights: Sequence[float]) -> list[int]:
    """`count` shared out by weight, by largest remainders; the first of equals. Raises ValueError if none weighs."""
    total = math.fsum(weights)
    if total <= 0:
        raise ValueError("no weight is above 0")
    exact = [count * weight / total for weight in weights]
    shares = [math.floor(value) for value in exact]
    order = sorted(range(len(weights)), key=lambda number: (shares[number] - exact[number], number))
    for number in order[: count - sum(shares)]:
        shares[number] += 1
    return shares


def make_sites(site_class: SiteClass, areas: Mapping[Region, RegionArea], seed: int) -> list[Site]:
    """The sites of a class, in order: by region, then by number. Raises ValueError if no region weighs anything."""
    weights = site_class.regions or {name: area.weight for name, area in areas.items()}
    if not weights:
        return _in_region(site_class, range(1, site_class.count + 1), Region(""), None, seed)
    shares = apportion(site_class.count, list(weights.values()))
    sites: list[Site] = []
    for name, share in zip(weights, shares, strict=True):
        numbers = range(len(sites) + 1, len(sites) + share + 1)
        sites.extend(_in_region(site_class, numbers, name, areas.get(name), seed))
    return sites


def _in_region(site_class: SiteClass, numbers: range, region: Region, area: RegionArea | None, seed: int) -> list[Site]:
    sites = []
    width = len(str(site_class.count))
    for number in numbers:
        name = f"{site_class.name}-{number:0{width}}"
        place = _strewn(area, f"{seed}/{name}") if area is not None else (None, None)
        which = (number - 1) % site_class.operators + 1
        sites.append(
            Site(
                id=SiteId(name),
                operator=OperatorName(site_class.operator.replace("{n}", str(which))),
                region=region,
                country=area.country if area is not None else Country(""),
                latitude_deg=place[0],
                longitude_deg=place[1],
                roles=site_class.roles,
                people=site_class.people,
                traffic_gbps=site_class.traffic_gbps,
                served_by=tuple(SiteId(hub.replace("{region}", region)) for hub in site_class.served_by),
                equipment=site_class.equipment,
                site_class=site_class.name,
                synthetic=True,
            )
        )
    return sites


def _strewn(area: RegionArea, label: str) -> tuple[float, float]:
    """A point of the area's disc, evenly by surface, to 0.0001 degrees (about 11 m)."""
    octets = hashlib.blake2b(label.encode(), digest_size=16).digest()
    radius_km = area.radius_km * math.sqrt(int.from_bytes(octets[:8], "big") / 2**64)
    angle = 2 * math.pi * int.from_bytes(octets[8:], "big") / 2**64
    latitude = area.latitude_deg + radius_km * math.sin(angle) / _KM_PER_DEGREE
    shrink = math.cos(math.radians(area.latitude_deg))
    longitude = area.longitude_deg + radius_km * math.cos(angle) / (_KM_PER_DEGREE * shrink)
    return round(latitude, 4), round(longitude, 4)
