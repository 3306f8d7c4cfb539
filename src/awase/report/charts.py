"""The charts of the page: concentration over time, money and power as ranges, chances, costs by their likelihood."""

import math
from collections.abc import Mapping, Sequence

from awase.model.calendar import Quarter, index
from awase.model.plan import Range
from awase.report.svg import Frame, element, label, number, picture, ticks, titled
from awase.report.words import percent, short

LETTER = 7.6
"""The width of a letter of a label, and a little more."""
MOST_YEARS = 7
"""So many years get a label."""

EFFECTIVE = ((1.0, "1"), (1 / 2, "2"), (1 / 3, "3"), (1 / 5, "5"), (1 / 10, "10"))
"""Places on the axis of the index, and the effective numbers of suppliers they stand for: one by the other."""


def years(frame: Frame) -> str:
    """The x axis of quarters: a line, and years where they begin."""
    first, last = int(frame.first_x), int(frame.last_x)
    begins = [at for at in range(first, last + 1) if at % 4 == 0] or [first]
    every = -(-len(begins) // MOST_YEARS)
    drawn = [frame.ground()]
    for at in begins[::every]:
        place = frame.x(at)
        drawn.append(element("line", x1=place, x2=place, y1=frame.floor, y2=frame.floor + 4, class_="axis"))
        if place < frame.width - frame.right - 10:
            drawn.append(label(str(at // 4), place, frame.height - 6, anchor="middle" if place > 40 else "start"))
    return "".join(drawn)


def _steps(frame: Frame, values: Mapping[Quarter, float]) -> str:
    """A path that stays level within a quarter: a state holds from one end of a quarter to the next."""
    path = ""
    for at, value in sorted((index(quarter), value) for quarter, value in values.items()):
        x, y = number(frame.x(at)), number(frame.y(value))
        path += f"H{x}V{y}" if path else f"M{x} {y}"
    return f"{path}H{number(frame.x(frame.last_x))}" if path else ""


def concentration(title: str, values: Mapping[Quarter, float], caps: Sequence[float] = ()) -> str:
    """The index of a kind over time; at the right, the effective number of suppliers that it stands for."""
    places = [index(quarter) for quarter in values]
    frame = Frame(first_x=min(places), last_x=max(places) + 1, last_y=1.0, right=34)
    drawn = frame.rules([(at / 4, f"{at / 4:g}") for at in range(5)]) + years(frame)
    for at, text in EFFECTIVE:
        drawn += label(text, frame.width - frame.right + 8, frame.y(at) + 4)
    for cap in caps:
        y = frame.y(cap)
        drawn += element("line", x1=frame.left, x2=frame.width - frame.right, y1=y, y2=y, class_="cap")
        drawn += label("cap", frame.width - frame.right - 4, y - 3, anchor="end")
    drawn += element("path", d=_steps(frame, values), class_="line")
    return picture(title, frame.width, frame.height, drawn)


def progress(title: str, values: Mapping[Quarter, float], until: Quarter) -> str:
    """A count that grows from quarter to quarter, as steps over an area."""
    places = [index(quarter) for quarter in values]
    marks = ticks(max(values.values()))
    frame = Frame(first_x=min(places), last_x=max(*places, index(until)) + 1, last_y=marks[-1])
    drawn = frame.rules([(mark, short(mark)) for mark in marks if mark == int(mark)]) + years(frame)
    path = _steps(frame, values)
    drawn += element("path", d=f"{path}V{number(frame.floor)}H{number(frame.x(frame.first_x))}Z", class_="area")
    drawn += element("path", d=path, class_="line")
    return picture(title, frame.width, frame.height, drawn)


def chances(title: str, values: Mapping[Quarter, float], due: Quarter) -> str:
    """The probability of being done by the end of each quarter, and the quarter by whose end it should be."""
    places = [index(quarter) for quarter in values]
    frame = Frame(first_x=min(places), last_x=max(*places, min(places) + 1), last_y=1.0)
    drawn = frame.rules([(at / 4, percent(at / 4)) for at in range(5)]) + years(frame)
    if due and frame.first_x <= index(due) <= frame.last_x:
        x = frame.x(index(due))
        drawn += element("line", x1=x, x2=x, y1=frame.top, y2=frame.floor, class_="cap")
        right = x > frame.width / 2
        drawn += label(f"due {due}", x - 4 if right else x + 4, frame.top + 10, anchor="end" if right else "start")
    points = [(frame.x(index(quarter)), frame.y(value)) for quarter, value in values.items()]
    drawn += element("path", d="M" + "L".join(f"{number(x)} {number(y)}" for x, y in points), class_="line")
    return picture(title, frame.width, frame.height, drawn)


def ranges(title: str, rows: Mapping[str, Range], limits: Mapping[str, float] | None = None) -> str:
    """A bar up to the middle of each range and a whisker from low to high; `limits` are lines across."""
    limits = limits or {}
    most = max((*(row.high for row in rows.values()), *(limits.get(name, 0.0) for name in rows)), default=0.0)
    marks = ticks(most)
    frame = Frame(first_x=0, last_x=len(rows), last_y=marks[-1], left=54)
    drawn = frame.rules([(mark, short(mark)) for mark in marks])
    wide = (frame.width - frame.left - frame.right) / max(1, len(rows))
    every = max(1, math.ceil(max(map(len, rows), default=0) * LETTER / wide))
    for place, (name, row) in enumerate(rows.items()):
        middle = frame.x(place + 0.5)
        half = min(wide * 0.32, 22)
        said = f"{name}: {short(row.low)}, {short(row.mid)}, {short(row.high)} (low, mid, high)"
        top = frame.y(row.mid)
        bar = element("rect", x=middle - half, y=top, width=2 * half, height=max(0.0, frame.floor - top), class_="bar")
        low, high = frame.y(row.low), frame.y(row.high)
        cross = min(half, 6)
        path = f"M{number(middle)} {number(low)}V{number(high)}"
        path += "".join(f"M{number(middle - cross)} {number(at)}H{number(middle + cross)}" for at in (low, high))
        drawn += element("g", titled(said) + bar + element("path", d=path, class_="whisker"))
        if name in limits:
            y = frame.y(limits[name])
            drawn += element("line", x1=middle - half - 3, x2=middle + half + 3, y1=y, y2=y, class_="cap")
        if place % every == 0:
            drawn += label(name, middle, frame.height - 6, anchor="middle")
    drawn += frame.ground()
    return picture(title, frame.width, frame.height, drawn)


def likelihood(title: str, quantiles: Sequence[tuple[float, float]], mean: float) -> str:
    """Which share of the draws costs no more than an amount: through the quantiles (share, amount), and the mean."""
    amounts = [amount for _, amount in quantiles]
    low, high = min(*amounts, mean), max(*amounts, mean)
    room = (high - low) * 0.06 or abs(high) * 0.01 or 1.0
    frame = Frame(first_x=low - room, last_x=high + room, last_y=1.0, right=24)
    drawn = frame.rules([(at / 4, percent(at / 4)) for at in range(5)])
    drawn += frame.ground()
    for amount, anchor in ((amounts[0], "start"), (amounts[-1], "end")):
        drawn += label(short(amount), frame.x(amount), frame.height - 6, anchor=anchor)
    x = frame.x(mean)
    drawn += element("line", x1=x, x2=x, y1=frame.top, y2=frame.floor, class_="cap")
    drawn += label(f"mean {short(mean)}", x + 4, frame.floor - 6)
    places = [(frame.x(amount), frame.y(share)) for share, amount in quantiles]
    drawn += element("path", d="M" + "L".join(f"{number(x)} {number(y)}" for x, y in places), class_="line")
    for (x, y), (share, amount) in zip(places, quantiles, strict=True):
        drawn += element("circle", titled(f"{percent(share)}: {short(amount)}"), cx=x, cy=y, r=3.5, class_="dot")
    return picture(title, frame.width, frame.height, drawn)
