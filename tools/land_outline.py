"""Write src/awase/report/data/land.txt from the land outline of the npm package world-atlas (Natural Earth).

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    python tools/land_outline.py package/land-50m.json src/awase/report/data/land.txt

A line is a ring: the first longitude and latitude in units of 0.02 degrees, then differences.
"""

import json
import sys
from collections.abc import Iterator
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

UNITS_PER_DEG = 50
LEAST_AREA = 6.0
"""Rings of a smaller area, in squared units, are left out: less than a dot on any map that we draw."""

Point = tuple[int, int]


def main(source: str, target: str) -> None:
    """Read TopoJSON, write rings."""
    rings = [ring for ring in _rings(json.loads(Path(source).read_text())) if _area(ring) >= LEAST_AREA]
    Path(target).write_text("".join(f"{_line(ring)}\n" for ring in sorted(rings)), encoding="ascii")


def _rings(topology: dict[str, Any]) -> Iterator[list[Point]]:
    scale, translate = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        xs, ys = (accumulate(axis) for axis in zip(*arc, strict=True))
        arcs.append([(x * scale[0] + translate[0], y * scale[1] + translate[1]) for x, y in zip(xs, ys, strict=True)])
    for geometry in topology["objects"]["land"]["geometries"]:
        polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        for polygon in polygons:
            for indexes in polygon:
                points: list[tuple[float, float]] = []
                for index in indexes:
                    arc = arcs[index] if index >= 0 else arcs[~index][::-1]
                    points += arc[1:] if points else arc
                yield _thinned([(round(x * UNITS_PER_DEG), round(y * UNITS_PER_DEG)) for x, y in points])


def _thinned(points: list[Point]) -> list[Point]:
    """Without points that lie where the one before does, or on the line between their neighbours."""
    kept: list[Point] = []
    for point in points:
        if kept and kept[-1] == point:
            continue
        if len(kept) > 1 and _straight(kept[-2], kept[-1], point):
            kept.pop()
        kept.append(point)
    return kept


def _straight(a: Point, b: Point, c: Point) -> bool:
    cross = (b[0] - a[0]) * (c[1] - b[1]) - (b[1] - a[1]) * (c[0] - b[0])
    ahead = (b[0] - a[0]) * (c[0] - b[0]) + (b[1] - a[1]) * (c[1] - b[1])
    return cross == 0 and ahead >= 0


def _area(ring: list[Point]) -> float:
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:] + ring[:1], strict=True))) / 2


def _line(ring: list[Point]) -> str:
    numbers = [*ring[0]]
    for before, after in pairwise(ring):
        numbers += [after[0] - before[0], after[1] - before[1]]
    return " ".join(map(str, numbers))


if __name__ == "__main__":
    main(*sys.argv[1:])
