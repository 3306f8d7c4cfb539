"""How each kind is shared out by place, measure and level, before and after the plan; and the levels behind brands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from awase.model.calendar import Quarter
from awase.report import charts, words
from awase.report.inputs import StandingShown

MOST_ROWS = 400
MOST_SHARES = 4
MOST_CHARTS = 12
BRAND = "brand"

Key = tuple[str, str, str, str, str]


@dataclass(frozen=True, slots=True)
class Shared:
    """A row of the table; `first` or `last` is None where there is nothing of it then."""

    kind: str
    level: str
    measure: str
    place: str
    first: StandingShown | None
    last: StandingShown | None


def rows(steps: Mapping[Quarter, Sequence[StandingShown]]) -> list[Shared]:
    """The whole estate at every level; operators and regions by brands: all of it is in diversity.csv."""
    if not steps:
        return []
    every = list(steps.values())
    first, last = ({_key(one): one for one in found if _is_shown(one)} for found in (every[0], every[-1]))
    return [
        Shared(words.kind(kind), level, words.MEASURES.get(measure, measure), place, first.get(key), last.get(key))
        for key in dict.fromkeys([*first, *last])
        for kind, level, measure, _, place in [key]
    ]


def shares(one: StandingShown) -> str:
    """The largest shares in words."""
    largest = list(one.shares.items())
    said = [f"{name or 'unknown'} {words.percent(share)}" for name, share in largest[:MOST_SHARES]]
    return ", ".join(said + (["…"] if len(largest) > MOST_SHARES else []))


def behind_brands(steps: Mapping[Quarter, Sequence[StandingShown]]) -> list[dict[str, str]]:
    """A chart for each kind and component of which something is said: one chip may be behind several brands."""
    series: dict[tuple[str, str], dict[Quarter, float]] = {}
    for quarter, found in steps.items():
        for one in found:
            if one.per == "estate" and one.measure == "equipment" and one.level not in (BRAND, "country"):
                series.setdefault((one.kind, one.level), {})[quarter] = one.hhi
    return [
        {
            "name": f"{words.kind(kind)}, by {level}",
            "chart": charts.concentration(f"Concentration of {words.kind(kind)} by {level}: index, number", values),
        }
        for (kind, level), values in list(series.items())[:MOST_CHARTS]
    ]


def _key(one: StandingShown) -> Key:
    return one.kind, one.level, one.measure, one.per, one.place


def _is_shown(one: StandingShown) -> bool:
    return one.per == "estate" or (one.level == BRAND and one.per in ("operator", "region"))
