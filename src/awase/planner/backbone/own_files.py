"""A backbone out of a user's own files: the sections of an estate that it needs, and no more; or a GeoJSON map.

CSV: `sites.csv`, `links.csv`, `cables.csv`, `demands.csv`. YAML: the same names as keys. GeoJSON (RFC 7946): points are
sites, line strings are links, whose properties are their columns; `a` and `b` may be left out where the line begins and
ends at a site. Every broken cell is reported, in one pass, as for an estate.
"""

import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path

from awase.model.calendar import Quarter
from awase.model.plan import Link, Site
from awase.model.rules import MustNotCarry
from awase.planner.backbone.network import Backbone, Parts, great_circle_km, make
from awase.planner.loading.checking import check_sites
from awase.planner.loading.fields import Converter
from awase.planner.loading.sections import Row, Sections
from awase.planner.loading.trees import Branch, Leaf, Tree, Twigs, read_csv, read_yaml
from awase.planner.problems import Place, PlanInputError, Problem, Problems, choose

SECTIONS = ("sites", "links", "cables", "demands", "suppliers", "operators", "figures", "rules")
"""What a backbone takes of an estate."""
ENDINGS = (".csv", ".yaml", ".yml", ".geojson", ".json")
NEAR_KM = 1.0
"""How far from a site a line may end and still end at it."""
_NEVER = Quarter("2999Q4")


def load_files(name: str) -> tuple[Backbone, tuple[MustNotCarry, ...]]:
    """A backbone and its rules, by the path of a file or a folder. Raises PlanInputError."""
    path = Path(name)
    if not path.exists():
        raise PlanInputError([Problem(Place(name), "is not there", "name a file, a folder or a topology")])
    files = [path] if path.is_file() else sorted(path.iterdir())
    octets = {one.name: one.read_bytes() for one in files if one.is_file() and (one is path or _is_read(one.name))}
    return read_files(octets, path.stem)


def _is_read(name: str) -> bool:
    return name.endswith(ENDINGS) and not name.startswith(".")


def read_files(files: Mapping[str, bytes], name: str) -> tuple[Backbone, tuple[MustNotCarry, ...]]:
    """A backbone and its rules from files' octets by name. Raises PlanInputError with all that is wrong."""
    problems = Problems()
    sections = Sections(Converter(problems), problems)
    if not files:
        problems.add(Place(name), "there is no CSV, YAML or GeoJSON file", f"sections: {', '.join(SECTIONS)}")
    for file, octets in files.items():
        _take(file, octets, sections, len(files) == 1)
    check_sites(sections.rows("sites"), _NEVER, sections)
    _check_links(sections)
    problems.check()
    rules = tuple(rule for rule in sections.values("rules") if isinstance(rule, MustNotCarry))
    backbone = make(
        Parts(
            name=name,
            sites=sections.values("sites"),
            links=sections.values("links"),
            cables=sections.values("cables"),
            demands=sections.values("demands"),
            suppliers=sections.values("suppliers"),
            operators=sections.values("operators"),
            figures=sections.values("figures"),
        )
    )
    return backbone, rules


def _take(file: str, octets: bytes, sections: Sections, alone: bool) -> None:
    stem, _, ending = file.rpartition(".")
    if ending.lower() == "csv":
        rows = read_csv(octets, file, sections.problems)
        section = "links" if alone and stem not in SECTIONS else stem
        if rows is not None:
            _named(section, rows, sections)
        return
    tree = read_yaml(octets, file, sections.problems)
    if isinstance(tree, Branch) and "features" in tree.items:
        _take_map(tree, sections)
    elif isinstance(tree, Branch):
        for key, inner in tree.items.items():
            _named(key, inner, sections)
    elif tree is not None:
        _named(stem, tree, sections)


def _named(section: str, tree: Tree, sections: Sections) -> None:
    if section in SECTIONS:
        sections.take(section, tree)
    elif not section.startswith("x_"):
        hint = choose(section, SECTIONS)
        sections.problems.add(tree.place, f"{section} is no section of a backbone", hint)


def _take_map(tree: Branch, sections: Sections) -> None:
    features = tree.items["features"]
    points, lines = Twigs([], tree.place), Twigs([], tree.place)
    for feature in features.items if isinstance(features, Twigs) else []:
        row, positions = _feature(feature)
        if row is None or not positions:
            hint = "a backbone has points (its sites) and line strings (its links)"
            sections.problems.add(feature.place, "a feature that is neither point nor line", hint)
        elif len(positions) == 1:
            row.items["longitude_deg"], row.items["latitude_deg"] = positions[0]
            points.items.append(row)
        else:
            lines.items.append(_line(row, positions, points))
    sections.take("sites", points)
    sections.take("links", lines)


Position = tuple[Tree, Tree]


def _feature(feature: Tree) -> tuple[Branch | None, list[Position]]:
    """A feature's properties as a row, and its positions (longitude, latitude): one for a point."""
    geometry = feature.items.get("geometry") if isinstance(feature, Branch) else None
    if not isinstance(feature, Branch) or not isinstance(geometry, Branch):
        return None, []
    kind, where = geometry.items.get("type"), geometry.items.get("coordinates")
    properties = feature.items.get("properties")
    row = Branch(dict(properties.items) if isinstance(properties, Branch) else {}, feature.place)
    if "id" in feature.items:
        row.items.setdefault("id", feature.items["id"])
    if not isinstance(kind, Leaf) or not isinstance(where, Twigs):
        return None, []
    pairs = [where] if kind.text == "Point" else where.items if kind.text == "LineString" else []
    found = [(one.items[0], one.items[1]) for one in pairs if isinstance(one, Twigs) and len(one.items) >= 2]
    return row, found if len(found) == len(pairs) and (kind.text == "Point" or len(found) > 1) else []


def _line(row: Branch, positions: Sequence[Position], points: Twigs) -> Branch:
    """A link's row; its ends and its length by its positions, where it does not say."""
    for name, position in (("a", positions[0]), ("b", positions[-1])):
        near = _site_at(position, points)
        if name not in row.items and near is not None:
            row.items[name] = near
    places = [_place(position) for position in positions]
    lengths = [great_circle_km(one, two) for one, two in itertools.pairwise(places) if one and two]
    if not any(key.startswith(("length", "delay", "latency")) for key in row.items) and len(lengths) == len(places) - 1:
        total = sum(length or 0.0 for length in lengths)
        row.items["length_km"] = Leaf(f"{total:.2f}", row.place)
    return row


def _place(position: Position) -> Site | None:
    longitude, latitude = position
    try:
        where = float(latitude.text), float(longitude.text)  # type: ignore[union-attr]
    except (AttributeError, ValueError):
        return None
    return Site(id="", latitude_deg=where[0], longitude_deg=where[1])  # type: ignore[arg-type]


def _site_at(position: Position, points: Twigs) -> Tree | None:
    """The id of the nearest site, if it is near enough."""
    here = _place(position)
    best: tuple[float, Tree] | None = None
    for point in points.items:
        if here is None or not isinstance(point, Branch) or "id" not in point.items:
            continue
        there = _place((point.items["longitude_deg"], point.items["latitude_deg"]))
        km = great_circle_km(here, there) if there is not None else None
        if km is not None and km <= NEAR_KM and (best is None or km < best[0]):
            best = (km, point.items["id"])
    return best[1] if best is not None else None


def _check_links(sections: Sections) -> None:
    """Links and demands end at sites, each link once; cables' landing stations are sites."""
    sites = {row.value.id: row for row in sections.rows("sites")}
    cables = {name: row for row in sections.rows("cables") for name in (row.value.id, row.value.name)}
    seen: dict[str, Row] = {}
    for row in sections.rows("links"):
        link: Link = row.value
        if link.id in seen:
            sections.problems.add(_at(row, "id"), f"{link.id} is there twice, first in {seen[link.id].place}", "")
        seen[link.id] = row
        if link.a == link.b:
            sections.problems.add(_at(row, "b"), f"{link.id} joins {link.a} with itself", "name two sites")
        if link.cable and cables and link.cable not in cables:
            sections.problems.add(_at(row, "cable"), f"{link.cable} is no cable", choose(link.cable, cables))
    _check_ends(sections, sites)


def _check_ends(sections: Sections, sites: Mapping[str, Row]) -> None:
    for name in ("links", "demands"):
        for row in sections.rows(name):
            for column in ("a", "b"):
                _check_site(getattr(row.value, column), _at(row, column), sites, sections)
    for row in sections.rows("cables"):
        for landing in row.value.landings:
            if landing.site:
                _check_site(landing.site, _at(row, "landings"), sites, sections)


def _check_site(site: str, place: Place, sites: Mapping[str, Row], sections: Sections) -> None:
    if site not in sites and site not in sections.lost:
        sections.problems.add(place, f"{site} is no site", choose(site, sites) or "add it to sites")


def _at(row: Row, column: str) -> Place:
    place = row.place
    return Place(place.file, place.row, f"{place.column}.{column}" if place.column else column)
