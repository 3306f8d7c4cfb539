"""From a text to a value of a field's type: numbers, quarters, dates, money, shares, units, words."""

import datetime
import math
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from awase.model.calendar import Date, Quarter, quarter, quarter_of
from awase.model.plan import Country, Currency, Gbps, Km, Ms, Share, Watt
from awase.planner.loading.words import CURRENCIES, KINDS, SYMBOLS, UNITS
from awase.planner.problems import choose


class Refusal(NamedTuple):
    """Why a cell cannot be read, and what to write."""

    what: str
    hint: str


_NUMBER = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]{1,2})?\Z")
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}\Z")
_QUARTER = re.compile(r"([12][0-9]{3})[- ]?[qQ]([1-4])\Z|[qQ]([1-4])[- /]?([12][0-9]{3})\Z")
_MONTH = re.compile(r"([12][0-9]{3})-(0[1-9]|1[0-2])\Z")
_ISO_DATE = re.compile(r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}\Z")
_WITH_UNIT = re.compile(r"([-+0-9.,eE]+)\s*([^0-9\s].*)\Z")


def _plain(text: str) -> str:
    """A number without its separators, for a hint; a comma that parts no thousands may stand for a decimal point."""
    plain = re.sub(r"[ _'’](?=[0-9])", "", text)
    return re.sub(r",(?=[0-9]{3}(?:[,.]|\Z))", "", plain).replace(",", ".")


def is_bare_number(text: str) -> bool:
    """Whether a cell is a number without a unit."""
    return _NUMBER.match(text) is not None


def number(text: str) -> float | Refusal:
    """A decimal number, with a point."""
    if _NUMBER.match(text):
        value = float(text)
        if math.isfinite(value):
            return value
    plain = _plain(text)
    hint = f"write {plain}" if _NUMBER.match(plain) else "write a number with a decimal point, such as 12.5"
    return Refusal(f"{text!r} is no number", hint)


def integer(text: str) -> int | Refusal:
    """A whole number."""
    if _INTEGER.match(text):
        return int(text)
    plain = _plain(text)
    hint = f"write {plain}" if _INTEGER.match(plain) else "write a whole number, such as 12000"
    return Refusal(f"{text!r} is no whole number", hint)


def share(text: str) -> float | Refusal:
    """A share between 0 and 1, or in per cent: "0.35", "35 %"."""
    per_cent = text.endswith("%")
    value = number(text[:-1].strip() if per_cent else text)
    if isinstance(value, Refusal):
        return Refusal(f"{text!r} is no share", "write 0.35 or 35 %")
    value = value / 100 if per_cent else value
    if 0 <= value <= 1:
        return value
    hint = f"write {value / 100:g} or {value:g} %" if 1 < value <= 100 and not per_cent else "write 0.35 or 35 %"
    return Refusal(f"{text!r} is no share between 0 and 1", hint)


def date(text: str) -> Date | Refusal:
    """A day as ISO 8601 has it."""
    if _ISO_DATE.match(text):
        try:
            datetime.date.fromisoformat(text)
        except ValueError:
            return Refusal(f"there is no day {text}", "write a day that exists, such as 2027-12-31")
        return Date(text)
    return Refusal(f"{text!r} is no date", "write YEAR-MONTH-DAY, such as 2027-12-31: other orders are ambiguous")


def quarter_cell(text: str) -> Quarter | Refusal:
    """A quarter, or the one in which a month or a day lies."""
    match = _QUARTER.match(text)
    if match:
        return quarter(int(match[1] or match[4]), int(match[2] or match[3]))
    month = _MONTH.match(text)
    if month:
        return quarter(int(month[1]), (int(month[2]) + 2) // 3)
    if _ISO_DATE.match(text):
        day = date(text)
        return day if isinstance(day, Refusal) else quarter_of(day)
    hint = f"write {text}Q4, or another quarter of that year" if text.isdigit() and len(text) == 4 else ""
    return Refusal(f"{text!r} is no quarter", hint or "write 2027Q4, 2027-12 or 2027-12-31")


def currency(text: str) -> Currency | Refusal:
    """A code of ISO 4217."""
    if text in CURRENCIES:
        return Currency(text)
    if text.upper() in CURRENCIES:
        return Refusal(f"{text!r} is no currency", f"write {text.upper()}")
    known = SYMBOLS.get(text.upper())
    return Refusal(f"{text!r} is no currency", f"write {known}" if known else "write a code of ISO 4217, such as GBP")


def country(text: str) -> Country | Refusal:
    """A code of ISO 3166-1 alpha-2, in its form: which codes are given out is not checked."""
    if re.fullmatch(r"[A-Z]{2}", text) and text != "UK":
        return Country(text)
    hint = "write GB" if text.upper() == "UK" else "write the two letters of ISO 3166-1, such as JP"
    return Refusal(f"{text!r} is no country", hint)


def truth(text: str) -> bool | Refusal:
    """Yes or no."""
    value = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(text.lower())
    return Refusal(f"{text!r} is neither true nor false", "write true or false") if value is None else value


def _with_unit(own: str) -> Callable[[str], float | Refusal]:
    def read(text: str) -> float | Refusal:
        match = _WITH_UNIT.match(text)
        if not match or _NUMBER.match(text):
            value, factor = number(text), 1.0
        else:
            unit = match[2].strip().lower()
            if unit not in UNITS[own]:
                return Refusal(f"{match[2].strip()!r} is no unit for this", f"known: {', '.join(UNITS[own])}")
            value, factor = number(match[1]), UNITS[own][unit]
        if isinstance(value, Refusal):
            return value
        if value < 0:
            return Refusal(f"{text!r} is less than nothing", "write 0 or more")
        return value * factor

    return read


YEARS = range(1950, 2201)


def bounds(name: str, value: float) -> Refusal | None:
    """Why a field of this name cannot have this value: hardly any number here may be below 0."""
    most = {"latitude_deg": 90, "longitude_deg": 180}.get(name)
    if most is not None:
        hint = f"write degrees from -{most} to {most}"
        return None if -most <= value <= most else Refusal(f"{value:g} is no {name[:-4]}", hint)
    if name == "year" and value not in YEARS:
        return Refusal(f"{value:g} is no year", "write four digits, such as 2026")
    if name in ("count", "number") and value < 1:
        return Refusal(f"{value:g} is too few", "write 1 or more")
    if name == "rate" and value <= 0:
        return Refusal(f"a rate of {value:g} cannot be", "write a number above 0")
    if name == "discount_per_year" and value >= 1:
        return Refusal(f"a discount of {value:g} a year", "write a share, such as 0.035")
    return Refusal(f"{value:g} is below 0", "write 0 or more") if value < 0 else None


def word(text: str, known: tuple[str, ...]) -> str | Refusal:
    """One of the known words, in any of the ways people write it: "O-RU", "o_ru"."""
    plain = re.sub(r"[^0-9a-z]+", "_", text.lower()).strip("_")
    plainly = {one.lower(): one for one in known}
    for candidate in (plain, KINDS.get(plain, ""), plain.replace("_", "")):
        if candidate in plainly:
            return plainly[candidate]
    return Refusal(f"{text!r} is not known here", choose(plain, known))


READERS: dict[Any, Callable[[str], Any]] = {
    str: str,
    int: integer,
    float: number,
    bool: truth,
    Share: share,
    Date: date,
    Quarter: quarter_cell,
    Currency: currency,
    Country: country,
    Gbps: _with_unit("gbps"),
    Km: _with_unit("km"),
    Ms: _with_unit("ms"),
    Watt: _with_unit("w"),
}
"""How a text becomes a value, by the type of its field."""

UNIT_OF: dict[Any, str] = {Gbps: "gbps", Km: "km", Ms: "ms", Watt: "w"}
