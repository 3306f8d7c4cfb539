"""What part of the world a map shows, and where a position lies on the paper: an equirectangular projection."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

Point = tuple[float, float]
"""Longitude and latitude in degrees, or x and y on the paper."""

WIDTH = 640.0
FLATTEST, TALLEST = 0.55, 1.15
"""Bounds of a map's height by its width."""
LEAST_SPAN_DEG = 0.5
LEAST_CROWD = 20
MUCH_SMALLER = 0.3


@dataclass(frozen=True, slots=True)
class Window:
    """Degrees; `west` is at least -180, `east` may go beyond 180 where the map crosses the date line."""

    west: float
    south: float
    east: float
    north: float

    @property
    def _squeeze(self) -> float:
        """How much narrower a degree of longitude is than one of latitude, in the middle of the map."""
        return max(0.05, math.cos(math.radians((self.south + self.north) / 2)))

    @property
    def height(self) -> float:
        """The paper's height."""
        return WIDTH * (self.north - self.south) / ((self.east - self.west) * self._squeeze)

    def holds(self, point: Point) -> bool:
        """Whether a position is inside."""
        x, y = self.place(*point)
        return 0 <= x <= WIDTH and 0 <= y <= self.height

    def place(self, longitude_deg: float, latitude_deg: float) -> Point:
        """The place of a position on the paper."""
        turns = round(((self.west + self.east) / 2 - longitude_deg) / 360.0)
        x = (longitude_deg + 360.0 * turns - self.west) / (self.east - self.west) * WIDTH
        return x, (self.north - latitude_deg) / (self.north - self.south) * self.height


def window_of(positions: Sequence[Point]) -> Window:
    """The window that shows all positions with a margin, cut where there is the widest gap around the globe."""
    west, east = _narrowest(sorted({longitude for longitude, _ in positions}))
    latitudes = [latitude for _, latitude in positions]
    south, north = min(latitudes), max(latitudes)
    squeeze = max(0.05, math.cos(math.radians((south + north) / 2)))
    wide = max((east - west) * 1.12, LEAST_SPAN_DEG)
    high = max((north - south) * 1.12, LEAST_SPAN_DEG)
    wide = max(wide, high / TALLEST / squeeze)
    high = max(high, wide * squeeze * FLATTEST)
    wide = min(wide, 360.0)
    middle, centre = (west + east) / 2, (south + north) / 2
    left = middle - wide / 2
    left = left + 360.0 if left < -180.0 else left
    bottom, top = max(-90.0, centre - high / 2), min(90.0, centre + high / 2)
    return Window(left, bottom, left + wide, top)


def _narrowest(longitudes: Sequence[float]) -> tuple[float, float]:
    """The shortest stretch around the globe that holds all longitudes."""
    gaps = [(after - before, before, after) for before, after in pairwise(longitudes)]
    around = (longitudes[0] + 360.0 - longitudes[-1], longitudes[-1], longitudes[0] + 360.0)
    gap, before, after = max([around, *gaps])
    return (after, before + 360.0) if gap > around[0] else (longitudes[0], longitudes[-1])


def crowded_window(positions: Sequence[Point], whole: Window) -> Window | None:
    """The window of nine tenths of the positions, if it is so much smaller that they want a map of their own."""
    if len(positions) < LEAST_CROWD:
        return None
    longitudes, latitudes = (sorted(axis) for axis in zip(*positions, strict=True))
    first, last = len(positions) // 20, len(positions) - 1 - len(positions) // 20
    corners = [(longitudes[first], latitudes[first]), (longitudes[last], latitudes[last])]
    window = window_of(corners)
    return window if window.east - window.west < (whole.east - whole.west) * MUCH_SMALLER else None
