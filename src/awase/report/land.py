"""The outline of land (data/ORIGIN) within a window of the map, clipped to it."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from itertools import accumulate

from awase.report.window import Point, Window

UNITS_PER_DEG = 50.0


@cache
def _rings() -> tuple[tuple[tuple[float, ...], tuple[float, ...]], ...]:
    """All rings: longitudes and latitudes in degrees."""
    found = []
    for line in files("awase.report").joinpath("data/land.txt").read_text(encoding="ascii").splitlines():
        numbers = [int(word) for word in line.split()]
        xs = tuple(at / UNITS_PER_DEG for at in accumulate(numbers[::2]))
        ys = tuple(at / UNITS_PER_DEG for at in accumulate(numbers[1::2]))
        found.append((xs, ys))
    return tuple(found)


def land(shown: Window) -> Iterator[list[Point]]:
    """Rings of (longitude, latitude) inside a window and a little beyond, so that no cut is seen at its edges.

    The window's longitudes may go beyond 180 degrees.
    """
    room = (shown.east - shown.west) * 0.01
    window = Window(shown.west - room, shown.south - room, shown.east + room, shown.north + room)
    for turn in (-360.0, 0.0, 360.0):
        if turn - 180.0 > window.east or turn + 180.0 < window.west:
            continue
        for xs, ys in _rings():
            if max(ys) < window.south or min(ys) > window.north:
                continue
            if max(xs) + turn < window.west or min(xs) + turn > window.east:
                continue
            ring = _clipped([(x + turn, y) for x, y in zip(xs, ys, strict=True)], window)
            if len(ring) > 2:
                yield ring


def _clipped(ring: list[Point], window: Window) -> list[Point]:
    """The part of a ring inside the window, one edge of it after the other (Sutherland and Hodgman)."""
    for axis, edge, sign in (
        (0, window.west, 1.0),
        (0, window.east, -1.0),
        (1, window.south, 1.0),
        (1, window.north, -1.0),
    ):
        kept: list[Point] = []
        for before, after in zip(ring[-1:] + ring[:-1], ring, strict=True):
            was, now = (sign * (point[axis] - edge) for point in (before, after))
            if (was < 0) != (now < 0):
                share = was / (was - now)
                kept.append((before[0] + share * (after[0] - before[0]), before[1] + share * (after[1] - before[1])))
            if now >= 0:
                kept.append(after)
        ring = kept
    return ring
