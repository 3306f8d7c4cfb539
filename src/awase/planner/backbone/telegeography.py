"""Reads a user's own copy of TeleGeography's submarine cable map; none of its data ships with Awase.

Its licence (CC BY-NC-SA 3.0) lets a user keep a copy. A folder holds `cable/*.json` (one cable each, or a list of them:
id, name, landing_points, length, rfs, owners, suppliers) and `landing-point/landing-point-geo.json` (points). Where the
details are missing, `cable-geo.json` (line strings) is taken, and a cable lands where its lines end. The map has no
capacities and no traffic: they are given, or every two landing countries of a cable want the same, and this is said.
"""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from awase.model.plan import Cable, Country, Figure, Km, Landing, Site, SiteId, SupplierName
from awase.planner.backbone.countries import code_of
from awase.planner.backbone.landings import cable_backbone
from awase.planner.backbone.network import Backbone, great_circle_km
from awase.planner.problems import Place, PlanInputError, Problem, Problems

NEAR_KM = 30.0
"""How far from a landing point a line may end and still land there: the map is drawn, not surveyed."""
SOURCE = "the user's own copy of TeleGeography's submarine cable map (CC BY-NC-SA 3.0; not shipped)"
MAX_OCTETS = 64 * 1024 * 1024
_LENGTH = re.compile(r"([0-9][0-9,.]*)\s*km", re.IGNORECASE)


def load_telegeography(folder: str, home: Country) -> Backbone:
    """The cables of a copy of the map that land in a country, as its backbone abroad. Raises PlanInputError."""
    path = Path(folder)
    files = [path] if path.is_file() else sorted(path.rglob("*.json"))
    if not path.exists() or not files:
        raise PlanInputError([Problem(Place(folder), "there is no JSON file", "name the folder of your copy")])
    octets = {(one.name if one is path else one.relative_to(path).as_posix()): one.read_bytes() for one in files}
    cables = read_telegeography(octets)
    return cable_backbone(cables, home, name=f"{path.name}:{home}")


def read_telegeography(files: Mapping[str, bytes]) -> tuple[Cable, ...]:
    """All cables of a copy of the map, from its files' octets by name. Raises PlanInputError."""
    problems = Problems()
    points: dict[str, Landing] = {}
    details: dict[str, tuple[str, dict[str, Any]]] = {}
    lines: dict[str, tuple[str, list[list[list[float]]], str]] = {}
    for file, octets in files.items():
        found = _json(file, octets, problems)
        if isinstance(found, dict) and "features" in found:
            _features(file, found, (points, lines), problems)
        else:
            for one in found if isinstance(found, list) else [found]:
                if isinstance(one, dict) and "landing_points" in one:
                    details[str(one.get("id", ""))] = (file, one)
    cables = [_detailed(file, one, points, problems) for file, one in details.values()]
    for key, (file, drawn, name) in lines.items():
        if key not in details:
            cables.append(_drawn(key, name, drawn, points))
            if not cables[-1].landings:
                problems.add(Place(file), f"{name} ends at no landing point", "is landing-point-geo.json there?")
    if not cables and not problems.found:
        problems.add(Place(", ".join(files)), "there is no cable", "cable-geo.json or cable/*.json holds them")
    problems.check()
    return tuple(sorted(cables, key=lambda cable: cable.id))


def _json(file: str, octets: bytes, problems: Problems) -> Any:
    if len(octets) > MAX_OCTETS:
        problems.add(Place(file), f"more than {MAX_OCTETS} octets", "the map is much smaller")
        return None
    try:
        return json.loads(octets.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        problems.add(Place(file, getattr(error, "lineno", 0)), "cannot be read as JSON", str(error)[:120])
        return None


def _features(
    file: str,
    found: dict[str, Any],
    into: tuple[dict[str, Landing], dict[str, tuple[str, list[list[list[float]]], str]]],
    problems: Problems,
) -> None:
    """Points are landing points, line strings are cables."""
    points, lines = into
    features = found["features"]
    for number, feature in enumerate(features if isinstance(features, list) else [features], 1):
        try:
            properties, geometry = feature["properties"], feature["geometry"]
            key, name = str(properties["id"]), str(properties["name"])
            coordinates = geometry["coordinates"]
            if geometry["type"] == "Point":
                points[key] = _landing(name, float(coordinates[1]), float(coordinates[0]))
            else:
                drawn = coordinates if geometry["type"] == "MultiLineString" else [coordinates]
                drawn = [[[float(value) for value in one[:2]] for one in line] for line in drawn if len(line) > 1]
                before = lines.get(key, (file, [], name))[1]
                lines[key] = (file, [*before, *drawn], name)
        except (KeyError, TypeError, ValueError, IndexError, AttributeError):
            hint = "a feature has properties id and name, and a point or lines of [longitude, latitude]"
            problems.add(Place(file, column=f"features[{number}]"), "is no cable and no landing point", hint)


def _landing(name: str, latitude: float | None, longitude: float | None) -> Landing:
    if latitude is not None and longitude is not None and not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise ValueError(name)
    country = code_of(name.rpartition(",")[2])
    return Landing(place=name, country=country, latitude_deg=latitude, longitude_deg=longitude)


def _detailed(file: str, one: dict[str, Any], points: Mapping[str, Landing], problems: Problems) -> Cable:
    """A cable with its details."""
    key, name = str(one.get("id") or ""), str(one.get("name") or "")
    places = one["landing_points"]
    landings = []
    for number, point in enumerate(places if isinstance(places, list) else [places], 1):
        try:
            known = points.get(str(point.get("id", "")))
            landings.append(known if known is not None else _listed(point))
        except (KeyError, TypeError, ValueError, AttributeError):
            problems.add(Place(file, column=f"landing_points[{number}]"), "is no landing point", "it has id and name")
    if not key or not name or not landings:
        problems.add(Place(file, column="id"), "is no cable: id, name or landing points are missing", "")
    match = _LENGTH.search(str(one.get("length") or ""))
    try:
        length = Km(float(match[1].replace(",", ""))) if match else None
    except ValueError:
        length = None
    return Cable(
        id=key,
        name=name,
        landings=tuple(landings),
        owners=_names(one.get("owners")),
        supplier=SupplierName(", ".join(_names(one.get("suppliers")))),
        ready_for_service=str(one.get("rfs") or one.get("rfs_year") or ""),
        length_km=length,
        source=SOURCE,
        mark="declared",
    )


def _listed(point: dict[str, Any]) -> Landing:
    """A landing point that only its cable describes: `latlon` is "latitude,longitude"."""
    latitude, _, longitude = str(point.get("latlon") or "").partition(",")
    return _landing(str(point["name"]), float(latitude) if longitude else None, float(longitude) if longitude else None)


def _names(owners: Any) -> tuple[str, ...]:
    listed = owners if isinstance(owners, list) else str(owners or "").split(",")
    return tuple(name for name in (str(one).strip() for one in listed) if name and name != "n.a.")


def _drawn(key: str, name: str, lines: Sequence[Sequence[Sequence[float]]], points: Mapping[str, Landing]) -> Cable:
    """A cable of which only the lines are known: it lands where they end."""
    landings: dict[str, Landing] = {}
    for line in lines:
        for end in (line[0], line[-1]):
            near = _nearest(end, points)
            if near is not None:
                landings.setdefault(near.place, near)
    return Cable(id=key, name=name, landings=tuple(landings.values()), source=SOURCE, mark="declared")


def _nearest(end: Sequence[float], points: Mapping[str, Landing]) -> Landing | None:
    here = Site(id=SiteId(""), latitude_deg=end[1], longitude_deg=end[0])
    best: tuple[float, str] | None = None
    for key, point in points.items():
        there = Site(id=SiteId(""), latitude_deg=point.latitude_deg, longitude_deg=point.longitude_deg)
        km = great_circle_km(here, there)
        if km is not None and km <= NEAR_KM and (best is None or (km, key) < best):
            best = (km, key)
    return points[best[1]] if best is not None else None


NOTICE = Figure(id="telegeography", text="cables and landing points", value="imported", source=SOURCE, mark="declared")
"""What a page that shows imported cables must say."""
