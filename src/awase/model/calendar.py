"""Quarters and dates of plans: text that compares as time does, and arithmetic on it.

A state holds at the end of its quarter. What must be done by a day is done in the last quarter that ends on or before
it: a deadline of 28 January 2023 is that of 2022Q4.
"""

import datetime
import re
from typing import NewType

Quarter = NewType("Quarter", str)
"""A quarter of a calendar year: "2027Q4"."""
Date = NewType("Date", str)
"""A day as ISO 8601 writes it: "2027-12-31"."""

_QUARTER = re.compile(r"([12][0-9]{3})Q([1-4])\Z")
_LAST_DAYS = ("03-31", "06-30", "09-30", "12-31")


def quarter(year: int, number: int) -> Quarter:
    """The quarter 1 to 4 of a year. Raises ValueError."""
    if not (1000 <= year <= 2999 and 1 <= number <= 4):
        raise ValueError(f"{year}Q{number} is no quarter")
    return Quarter(f"{year}Q{number}")


def index(when: Quarter) -> int:
    """Quarters since the year 0: differences are numbers of quarters. Raises ValueError."""
    match = _QUARTER.match(when)
    if not match:
        raise ValueError(f"{when!r} is no quarter: write 2027Q4")
    return int(match[1]) * 4 + int(match[2]) - 1


def at(number: int) -> Quarter:
    """The quarter of an index."""
    return quarter(number // 4, number % 4 + 1)


def plus(when: Quarter, quarters: int) -> Quarter:
    """The quarter so many later (earlier, if negative)."""
    return at(index(when) + quarters)


def between(first: Quarter, last: Quarter) -> tuple[Quarter, ...]:
    """The quarters from the first to the last, both included; none if the last is earlier."""
    return tuple(at(number) for number in range(index(first), index(last) + 1))


def year_of(when: Quarter) -> int:
    """The calendar year of a quarter."""
    return index(when) // 4


def last_day(when: Quarter) -> Date:
    """The last day of a quarter."""
    return Date(f"{year_of(when)}-{_LAST_DAYS[index(when) % 4]}")


def first_day(when: Quarter) -> Date:
    """The first day of a quarter."""
    return Date(f"{year_of(when)}-{index(when) % 4 * 3 + 1:02}-01")


def quarter_of(day: Date) -> Quarter:
    """The quarter in which a day lies."""
    date = datetime.date.fromisoformat(day)
    return quarter(date.year, (date.month + 2) // 3)


def last_quarter_by(day: Date) -> Quarter:
    """The last quarter that has ended when the day has: by then it must be done."""
    within = quarter_of(day)
    return within if last_day(within) == day else plus(within, -1)


def months_after(day: Date, months: int) -> Date:
    """The same day so many months later, or the last day of that month if it is shorter."""
    date = datetime.date.fromisoformat(day)
    year, month = divmod(date.year * 12 + date.month - 1 + months, 12)
    following = datetime.date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = (following - datetime.timedelta(days=1)).day
    return Date(datetime.date(year, month + 1, min(date.day, last)).isoformat())


def days_between(first: Date, last: Date) -> int:
    """Days from the first to the last; negative if the last is earlier."""
    return (datetime.date.fromisoformat(last) - datetime.date.fromisoformat(first)).days
