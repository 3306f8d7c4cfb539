"""What still hangs on whom at each step of a plan, how it is shared out, and whether the end is any more diverse."""

from collections.abc import Iterable, Mapping

import msgspec

from awase.model.calendar import Quarter, between, index
from awase.model.plan import Action
from awase.model.rules import Case
from awase.planner.diversity.comparing import Comparison, compare
from awase.planner.diversity.exposure import Exposure, exposures
from awase.planner.diversity.standings import Standing, standings
from awase.planner.stepping import estate_after


class Hanging(msgspec.Struct, frozen=True, kw_only=True):
    """hanging.json. `hanging`: what would go down without each supplier, worst first, at the end of each step."""

    diversity: Comparison
    hanging: Mapping[Quarter, list[Exposure]]


class Steps(Hanging, frozen=True, kw_only=True):
    """With the standings at the end of each step, which are a file of their own: diversity.csv."""

    standings: Mapping[Quarter, list[Standing]]


def quarters_of(case: Case, actions: Iterable[Action]) -> list[Quarter]:
    """The steps of a plan: the estate's own quarter, the end of each year with work, and that of the last action."""
    start = case.estate.as_of
    last = max((action.quarter for action in actions), default=start)
    years = [quarter for quarter in between(start, last) if quarter.endswith("Q4")]
    return sorted({start, *years, last}, key=index)


def steps_of(case: Case, actions: tuple[Action, ...]) -> Steps:
    """What the estate is like at each step."""
    estates = {quarter: estate_after(case, actions, quarter) for quarter in quarters_of(case, actions)}
    return Steps(
        diversity=compare(case.estate, list(estates.values())[-1]),
        hanging={quarter: exposures(estate) for quarter, estate in estates.items()},
        standings={quarter: standings(estate) for quarter, estate in estates.items()},
    )
