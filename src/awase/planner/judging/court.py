"""What the judges of rules share: the estate in groups, the day, and how a verdict is written down."""

from collections.abc import Iterable

import msgspec

from awase.model.calendar import Date, Quarter, index, last_day, last_quarter_by
from awase.model.plan import Equipment, RuleOutcome, Supplier
from awase.model.rules import AnyRule, Case, Deadline
from awase.planner.rulebook import day_of, horizon
from awase.planner.stock import Group, Origins, groups_of, weigh

NEARLY = 1e-9
"""Shares and indices that miss their limit by less than this have not missed it: they are sums of fractions."""


def counted(number: int, word: str) -> str:
    """A number of things: "1 site", "12,000 sites"."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


Held = list[tuple[Group, tuple[Equipment, ...]]]
"""Groups of sites, and some of their pieces each."""


class Damage(msgspec.Struct, frozen=True):
    """How much is concerned."""

    sites: int = 0
    pieces: int = 0
    people: int = 0
    traffic_gbps: float = 0.0

    def __str__(self) -> str:
        return f"{counted(self.sites, 'site')}, {counted(self.pieces, 'piece')}"


NONE = Damage()


class Court:
    """A case, prepared for its judges."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.groups = groups_of(case.estate)
        self.origins = Origins(case.estate.suppliers)
        self.suppliers: dict[str, Supplier] = {supplier.name: supplier for supplier in case.estate.suppliers}
        self.today: Date = last_day(case.estate.as_of)
        self.until: Quarter = horizon(case)

    def day(self, deadline: Deadline | None) -> Date | None:
        """The day of a deadline, if it is known."""
        return day_of(deadline, self.case.rules.events)

    def quarters_left(self, day: Date) -> int:
        """Quarters in which something can still be done by a day; none or fewer if it is over."""
        return index(last_quarter_by(day)) - index(self.case.estate.as_of)


def damage(held: Iterable[tuple[Group, tuple[Equipment, ...]]]) -> Damage:
    """What some pieces of some groups amount to."""
    sites = pieces = people = 0
    traffic = 0.0
    for group, own in held:
        if own:
            sites += group.sites
            people += group.people
            pieces += group.sites * sum(piece.count for piece in own)
            traffic += weigh("traffic", group, own)
    return Damage(sites, pieces, people, traffic)


def kept(rule: AnyRule, text: str, *, slack: float | None = None, unit: str = "", group: str = "") -> RuleOutcome:
    """A rule that is met."""
    return RuleOutcome(id=rule.id, met=True, slack=slack, unit=unit, group=group, text=text)


def broken(
    rule: AnyRule, text: str, *, after: Date, done: Damage = NONE, slack: float | None, unit: str, group: str = ""
) -> RuleOutcome:
    """A rule that is, or will be, broken after a day."""
    return RuleOutcome(
        id=rule.id,
        met=False,
        slack=slack,
        unit=unit,
        group=group,
        from_date=after,
        sites=done.sites,
        pieces=done.pieces,
        people=done.people,
        traffic_gbps=done.traffic_gbps,
        text=text,
    )


def listed(names: Iterable[str], at_most: int = 5) -> str:
    """Names for a person: the first few, and how many more."""
    every = [name or "(not named)" for name in names]
    shown = ", ".join(every[:at_most])
    return f"{shown} and {len(every) - at_most} more" if len(every) > at_most else shown
