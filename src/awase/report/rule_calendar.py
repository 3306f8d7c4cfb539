"""The rules by their day: whether the plan keeps them, how much room is left, who says so; and a drawing of it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from awase.model.calendar import Date, Quarter, index, last_quarter_by, months_after, plus
from awase.model.plan import RuleId, RuleOutcome
from awase.model.rules import After, MustNotCarry, Rule, RuleSet, Subsidy
from awase.report.charts import years
from awase.report.inputs import StudyShown
from awase.report.svg import Frame, element, label, number, picture, titled
from awase.report.words import RULES, slack

MOST_ROWS = 300
MOST_DRAWN = 30
ROW = 22.0

JUDGED = ("kept", "broken", "paid for")
DAYS = (("after", "after"), ("by", "by"), ("complete_by", "done by"))
"""The days of rules, by attribute, and how they are told."""
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A rule at one place. `verdict`: kept, broken, paid for, money, not judged; `day`: its last day, "" if none."""

    id: str
    title: str
    what: str
    days: str
    day: str
    verdict: str
    slack: str
    slack_quarters: float | None
    group: str
    text: str
    source: str
    mark: str


def entries(outcomes: Iterable[RuleOutcome], rules: RuleSet, backbone: StudyShown | None = None) -> list[Entry]:
    """All rules and outcomes, by day; at the same day the broken ones and those with the least room first.

    What may pass where is judged by the study of the backbone, if there is one. Money with conditions breaks no law.
    """
    known = {rule.id: rule for rule in rules.rules}
    routed = {rule.id for rule in rules.rules if isinstance(rule, MustNotCarry)}
    judged = [one for one in outcomes if one.id not in routed]
    if backbone is not None:
        judged += [_carried(rule.id, backbone) for rule in rules.rules if rule.id in routed]
    found = [(_order(one), _entry(known.get(one.id), one, rules.events)) for one in judged]
    seen = {one.id for one in judged}
    found += [((1, 0.0), _entry(rule, None, rules.events)) for rule in rules.rules if rule.id not in seen]
    found.sort(key=lambda pair: (pair[1].day or "9999", pair[0], pair[1].id, pair[1].group))
    return [entry for _, entry in found]


def _carried(rule: RuleId, backbone: StudyShown) -> RuleOutcome:
    """What the study of the backbone says of a rule on what may pass where."""
    unmet = [one.text for one in backbone.unmet if rule in one.rules]
    if not unmet:
        return RuleOutcome(id=rule, met=True, text="on the backbone of today all such traffic has a way that keeps it")
    more = f" (and {len(unmet) - 1} more like it)" if len(unmet) > 1 else ""
    return RuleOutcome(id=rule, met=False, text=f"{unmet[0]}{more}")


def _verdict(rule: Rule | None, outcome: RuleOutcome | None) -> str:
    if outcome is None:
        return "not judged"
    if isinstance(rule, Subsidy) and outcome.met:
        return "money"
    if not outcome.met and outcome.priced:
        return "paid for"
    return "kept" if outcome.met else "broken"


def _order(outcome: RuleOutcome) -> tuple[int, float]:
    return int(outcome.met), outcome.slack if outcome.slack is not None else 1e9


def _entry(rule: Rule | None, outcome: RuleOutcome | None, events: Mapping[str, Date]) -> Entry:
    days = _days(rule, events) if rule else []
    in_quarters = outcome is not None and outcome.unit.startswith("quarter")
    return Entry(
        id=rule.id if rule else outcome.id if outcome else "",
        title=rule.title if rule else "",
        what=RULES.get(_tag(rule), "") if rule else "",
        days=", ".join(f"{told} {day}" for told, day in days),
        day=max((day for _, day in days if _DAY.match(day)), default=""),
        verdict=_verdict(rule, outcome),
        slack=slack(outcome) if outcome else "",
        slack_quarters=outcome.slack if outcome and in_quarters else None,
        group=outcome.group if outcome else "",
        text=_text(outcome),
        source=rule.source if rule else "",
        mark=rule.mark if rule else "",
    )


def _text(outcome: RuleOutcome | None) -> str:
    if outcome is None:
        return ""
    if outcome.met or not outcome.from_date:
        return outcome.text
    paid = f"; it may be, at its price: the plan pays {outcome.penalty:,.0f} for it" if outcome.priced else ""
    return f"{outcome.text} (broken after {outcome.from_date}, at {outcome.sites:,} sites{paid})"


def _tag(rule: Rule) -> str:
    tag: Any = rule.__struct_config__.tag
    return str(tag)


def _days(rule: Rule, events: Mapping[str, Date]) -> list[tuple[str, str]]:
    """A rule's days; one that hangs on an event whose day nobody has said is told by the event."""
    found = []
    for name, told in DAYS:
        day = getattr(rule, name, None)
        if isinstance(day, After):
            event = events.get(day.after)
            after = f"{day.months} months after {day.after}"
            day = months_after(event, day.months) if event else after
        if day is not None:
            found.append((told, str(day)))
    return found


def draw(rows: Sequence[Entry], first: Quarter, last: Quarter) -> str:
    """A line of time per rule: its day as a mark (a cross: broken), before it the quarters of slack as a bar."""
    shown = _one_each([row for row in rows if row.day and row.verdict in JUDGED])[:MOST_DRAWN]
    if not shown:
        return ""
    begin = min(index(first), *(index(_quarter(row)) for row in shown))
    end = max(index(last), *(index(_quarter(row)) for row in shown))
    height = 34 + ROW * 1.6 * len(shown)
    frame = Frame(first_x=begin, last_x=end + 1, last_y=1, height=height, left=12)
    drawn = years(frame)
    for place, row in enumerate(shown):
        drawn += _line(frame, row, 22 + place * ROW * 1.6)
    return picture(f"Calendar of {len(shown)} rules", frame.width, height, drawn)


def _one_each(rows: Iterable[Entry]) -> list[Entry]:
    """Of each rule the first entry: the broken one, or that with the least room."""
    found: dict[str, Entry] = {}
    for row in rows:
        found.setdefault(row.id, row)
    return list(found.values())


def _quarter(row: Entry) -> Quarter:
    return last_quarter_by(Date(row.day))


def _line(frame: Frame, row: Entry, y: float) -> str:
    x = frame.x(index(plus(_quarter(row), 1)))
    drawn = element("line", x1=frame.left, x2=frame.width - frame.right, y1=y, y2=y, class_="grid")
    if row.slack_quarters is not None and row.slack_quarters:
        until = frame.x(max(frame.first_x, min(frame.last_x, index(_quarter(row)) + 1 - row.slack_quarters)))
        class_ = "room" if row.slack_quarters > 0 else "lack"
        drawn += element("rect", x=min(x, until), y=y - 4, width=abs(x - until), height=8, class_=class_)
    at, beside = number(x), number(y)
    if row.verdict == "kept":
        drawn += element("circle", cx=x, cy=y, r=4.5, class_="kept")
    else:
        drawn += element("path", d=f"M{at} {beside}m-5 -5l10 10m0 -10l-10 10", class_="broken")
    text = row.id if len(row.id) <= 40 else f"{row.id[:39]}…"
    drawn += label(f"{text}, {row.day}: {row.verdict}", frame.left, y - 8)
    return element("g", titled(f"{row.title or row.id}: {row.days}, {row.verdict} {row.slack}".strip()) + drawn)
