"""Units as they end the names of settings (`delay_us`), and how one is turned into another."""

import re

_SCALES = {
    "time": {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0},
    "rate": {"bps": 1.0, "kbps": 1e3, "mbps": 1e6, "gbps": 1e9},
    "size": {"bytes": 1.0, "kb": 1e3, "mb": 1e6, "gb": 1e9},
    "frequency": {"hz": 1.0, "khz": 1e3, "mhz": 1e6, "ghz": 1e9},
}
_DIMENSION = {unit: name for name, units in _SCALES.items() for unit in units}
_QUANTITY = re.compile(r"\s*(-?[0-9]+(?:\.[0-9]+)?)\s*([A-Za-z%]+)\s*\Z")


def unit_of(key: str) -> str:
    """The unit that ends a setting's name; "" if none does."""
    unit = key.rpartition("_")[2]
    return unit if unit in _DIMENSION and unit != key else ""


def base_of(key: str) -> str:
    """A setting's name without its unit."""
    unit = unit_of(key)
    return key[: -len(unit) - 1] if unit else key


def converted(value: float, unit: str, wanted: str) -> str | None:
    """A value in another unit, as one would write it; None if there is no way."""
    dimension = _DIMENSION.get(unit.lower())
    if dimension is None or dimension != _DIMENSION.get(wanted):
        return None
    scale = _SCALES[dimension]
    return f"{value * scale[unit.lower()] / scale[wanted]:.12g}"


def quantity(text: str, key: str) -> str | None:
    """What to write for "5 ms" under a key that names its unit, or for "5 %" under a share."""
    match = _QUANTITY.match(text)
    if match is None:
        return None
    value, unit = float(match[1]), match[2]
    if unit == "%":
        return f"{value / 100:.12g}"
    return converted(value, unit, unit_of(key))


def respelled(key: str, value: object, known: str) -> str | None:
    """What to write under a known key for a key that differs from it in the unit only."""
    if base_of(key) != base_of(known) or not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return converted(value, unit_of(key), unit_of(known)) if unit_of(key) else None
