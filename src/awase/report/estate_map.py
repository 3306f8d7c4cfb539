"""The map: where sites stand and which of them the plan works on, routes by medium, undersea cables by landings."""

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from awase.model.plan import Cable, Estate, Role, Site
from awase.report.land import land
from awase.report.svg import element, label, number, picture, titled
from awase.report.window import WIDTH, Point, Window, crowded_window, window_of
from awase.report.words import whole

MOST_SITES = 500
"""Up to so many sites are drawn each by itself, more of them as circles of neighbours."""
MOST_LINKS = 1500
MOST_CABLES = 300
MOST_NAMES = 40
CELL = 16.0
"""The side of a cell of neighbours on the paper."""

HUBS: tuple[Role, ...] = ("core", "aggregation", "landing_station")
"""Sites that are drawn by themselves, by their shape."""


@dataclass(slots=True)
class Drawing:
    """A map and what is to be said about it. `legend`: a symbol and its meaning."""

    panels: list[str] = field(default_factory=list)
    legend: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def draw(estate: Estate, changed: Collection[str]) -> Drawing:
    """The map of an estate, and one of where most sites are; `changed` are the sites that the plan works on."""
    drawing = Drawing()
    placed: dict[str, Point] = {site.id: point for site in estate.sites if (point := _position(site))}
    if len(placed) < len(estate.sites):
        missing = len(estate.sites) - len(placed)
        drawing.notes.append(f"{whole(missing)} of {whole(len(estate.sites))} sites have no position.")
    ashore = [point for cable in estate.cables for point in _landings(cable, placed)]
    positions = [*placed.values(), *ashore]
    if not positions:
        return drawing
    window = window_of(positions)
    _draw(drawing, window, estate, placed, changed)
    crowd = crowded_window(list(placed.values()), window)
    if crowd:
        closer = Drawing()
        _draw(closer, crowd, estate, placed, changed)
        drawing.panels += closer.panels
        drawing.legend += [row for row in closer.legend if row not in drawing.legend]
    if any(site.synthetic for site in estate.sites if site.id in placed):
        drawing.notes.append("Synthetic sites stand at made-up places in their regions.")
    return drawing


def _draw(
    drawing: Drawing, window: Window, estate: Estate, placed: Mapping[str, Point], changed: Collection[str]
) -> None:
    at = {site: window.place(*point) for site, point in placed.items()}
    content = _shore(window)
    content += _cables(drawing, estate, window, placed)
    content += _links(drawing, estate, at)
    shown = [site for site in estate.sites if site.id in placed and window.holds(placed[site.id])]
    content += _sites(drawing, shown, at, changed)
    title = f"Map of {whole(len(shown))} sites, with {len(estate.links)} routes and {len(estate.cables)} cables"
    drawing.panels.append(picture(title, WIDTH, window.height, content, "map"))


def _position(site: Site) -> Point | None:
    return _inside(site.longitude_deg, site.latitude_deg)


def _inside(longitude_deg: float | None, latitude_deg: float | None) -> Point | None:
    if longitude_deg is None or latitude_deg is None or not -90 <= latitude_deg <= 90:
        return None
    return (longitude_deg, latitude_deg) if -180 <= longitude_deg <= 180 else None


def _shore(window: Window) -> str:
    """Land and its outline, in steps of half a unit of the paper."""
    path = []
    for ring in land(window):
        points: list[str] = []
        for longitude, latitude in ring:
            x, y = window.place(longitude, latitude)
            point = f"{number(round(x * 2) / 2)} {number(round(y * 2) / 2)}"
            if not points or points[-1] != point:
                points.append(point)
        if len(points) > 2:
            path.append(f"M{'L'.join(points)}Z")
    sea = element("rect", width=WIDTH, height=window.height, class_="sea")
    return sea + (element("path", d="".join(path), class_="land") if path else "")


def _landings(cable: Cable, placed: Mapping[str, Point]) -> list[Point]:
    """Where a cable comes ashore: its own positions, or those of the estate's landing stations."""
    points = (_inside(one.longitude_deg, one.latitude_deg) or placed.get(one.site) for one in cable.landings)
    return [point for point in points if point is not None]


def _cables(drawing: Drawing, estate: Estate, window: Window, placed: Mapping[str, Point]) -> str:
    carried = {link.cable for link in estate.links if link.a in placed and link.b in placed}
    drawn: list[str] = []
    names: list[str] = []
    missing = 0
    for cable in estate.cables[:MOST_CABLES]:
        places = [window.place(*point) for point in _landings(cable, placed)]
        if len(places) < 2:
            missing += not ({cable.id, cable.name} & carried)
            continue
        path = "M" + "L".join(f"{number(x)} {number(y)}" for x, y in places)
        said = f"{cable.name}: {', '.join(landing.place for landing in cable.landings)}"
        drawn.append(element("path", titled(said), d=path, class_="cable"))
        (x1, y1), (x2, y2) = places[0], places[1]
        share = (0.5, 0.35, 0.65)[len(names) % 3]
        names.append(label(cable.name, x1 + share * (x2 - x1), y1 + share * (y2 - y1) - 4, "t halo", "middle"))
    if drawn:
        drawing.legend.append((_sample("cable"), "undersea cable, straight between its landings in their order"))
    if missing:
        drawing.notes.append(f"Not drawn for want of two landings with positions: {missing} of the cables.")
    if len(estate.cables) > MOST_CABLES:
        drawing.notes.append(f"{whole(len(estate.cables) - MOST_CABLES)} further cables are not drawn.")
    return "".join(drawn) + "".join(names[:MOST_NAMES])


def _sample(class_: str) -> str:
    line = element("line", x1=2, y1=8, x2=34, y2=8, class_=class_)
    return element("svg", line, viewBox="0 0 36 16", class_="key", aria_hidden="true")


def _links(drawing: Drawing, estate: Estate, at: Mapping[str, Point]) -> str:
    """Routes; those over a cable that is drawn are not drawn once more."""
    drawn_cables = {name for one in estate.cables if len(_landings(one, at)) > 1 for name in (one.id, one.name)}
    links = [link for link in estate.links if not link.cable or link.cable not in drawn_cables]
    media: dict[str, list[str]] = {}
    ends = [link for link in links if link.a in at and link.b in at]
    for link in ends[:MOST_LINKS]:
        (x1, y1), (x2, y2) = at[link.a], at[link.b]
        path = f"M{number(x1)} {number(y1)}L{number(x2)} {number(y2)}"
        said = f"{link.id}: {link.a} to {link.b}, {link.medium}, {link.capacity_gbps:g} Gbit/s"
        route = element("path", titled(said), d=path, class_=f"link {link.medium}")
        media.setdefault(link.medium, []).append(route)
    for medium in sorted(media):
        drawing.legend.append((_sample(f"link {medium}"), f"route: {medium}"))
    if len(ends) < len(links):
        drawing.notes.append(
            f"Not drawn for want of a position at an end: {whole(len(links) - len(ends))} of the routes."
        )
    if len(ends) > MOST_LINKS:
        drawing.notes.append(f"{whole(len(ends) - MOST_LINKS)} further routes are not drawn.")
    return "".join("".join(media[medium]) for medium in sorted(media))


def _sites(drawing: Drawing, sites: list[Site], at: Mapping[str, Point], changed: Collection[str]) -> str:
    hubs = [site for site in sites if any(role in HUBS for role in site.roles)]
    hubs = hubs if len(hubs) <= MOST_SITES else []
    apart = {site.id for site in hubs}
    rest = [site for site in sites if site.id not in apart]
    drawn = _crowds(drawing, rest, at, changed) if len(rest) > MOST_SITES else _dots(drawing, rest, at, changed)
    drawn += "".join(_hub(site, at[site.id], site.id in changed) for site in hubs)
    for role in HUBS:
        if any(_shape(site) == role for site in hubs):
            symbol = element("path", d=_path(role, 8, 8), class_="hub")
            drawing.legend.append((_symbol(symbol), f"{role.replace('_', ' ')} site (filled: the plan works on it)"))
    return drawn


def _symbol(content: str) -> str:
    return element("svg", content, viewBox="0 0 16 16", class_="key", aria_hidden="true")


def _shape(site: Site) -> Role:
    return next(role for role in HUBS if role in site.roles)


def _path(role: Role, x: float, y: float) -> str:
    if role == "core":
        return f"M{number(x - 5)} {number(y - 5)}h10v10h-10z"
    if role == "aggregation":
        return f"M{number(x)} {number(y - 6)}l6 6l-6 6l-6 -6z"
    return f"M{number(x)} {number(y - 6)}l6 11h-12z"


def _hub(site: Site, point: Point, is_changed: bool) -> str:
    said = f"{site.id}, {', '.join(site.roles)}{', synthetic' if site.synthetic else ''}"
    class_ = "hub changed" if is_changed else "hub"
    return element("path", titled(said), d=_path(_shape(site), *point), class_=class_)


def _dots(drawing: Drawing, sites: Iterable[Site], at: Mapping[str, Point], changed: Collection[str]) -> str:
    drawn = []
    for site in sites:
        x, y = at[site.id]
        said = f"{site.id}, {site.region}{', synthetic' if site.synthetic else ''}"
        class_ = "site changed" if site.id in changed else "site"
        drawn.append(element("circle", titled(said), cx=x, cy=y, r=3, class_=class_))
    if drawn:
        drawing.legend += [
            (_symbol(element("circle", cx=8, cy=8, r=4, class_="site")), "site that stays as it is"),
            (_symbol(element("circle", cx=8, cy=8, r=4, class_="site changed")), "site that the plan works on"),
        ]
    return "".join(drawn)


def _crowds(drawing: Drawing, sites: list[Site], at: Mapping[str, Point], changed: Collection[str]) -> str:
    """A circle for all sites of a cell, its area by their number; in it one for those the plan works on."""
    cells: dict[tuple[int, int], list[float]] = {}
    for site in sites:
        x, y = at[site.id]
        cell = cells.setdefault((int(y // CELL), int(x // CELL)), [0, 0, 0, 0])
        cell[0] += 1
        cell[1] += site.id in changed
        cell[2] += x
        cell[3] += y
    most = max(cell[0] for cell in cells.values())
    drawn = []
    for key in sorted(cells):
        count, worked, x, y = cells[key]
        said = f"{whole(count)} sites, the plan works on {whole(worked)}"
        x, y, radius = x / count, y / count, max(1.5, CELL * 0.75 * math.sqrt(count / most))
        inner = radius * math.sqrt(worked / count)
        rings = element("circle", cx=x, cy=y, r=radius, class_="site")
        rings += element("circle", cx=x, cy=y, r=inner, class_="site changed") if worked else ""
        drawn.append(element("g", titled(said) + rings))
    outer = element("circle", cx=8, cy=8, r=7, class_="site")
    inside = element("circle", cx=8, cy=8, r=4.5, class_="site changed")
    text = f"sites nearby together, the largest circle {whole(most)} of them; dark: those the plan works on"
    drawing.legend.append((_symbol(outer + inside), text))
    return "".join(drawn)
