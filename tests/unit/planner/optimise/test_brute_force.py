"""On small instances the programme finds what trying everything finds, judged by the independent checker."""

import itertools
from collections.abc import Iterator

import pytest

from awase.model.calendar import between
from awase.model.plan import Action, PlanResult, Quarter, Site
from awase.model.rules import Case
from awase.planner.checker import check
from awase.planner.optimise.plan import Wishes, solve
from unit.planner.small_cases import random_case

EXACT = Wishes(gap=0.0, explain=False)


def choices(case: Case, site: Site, quarters: tuple[Quarter, ...]) -> Iterator[tuple[Action, ...]]:
    """All that may be done at a site: nothing, or one item in one quarter with one crew."""
    yield ()
    crews = [crew.name for crew in case.limits.crews] or [""]
    for item, quarter, crew in itertools.product(case.market.catalogue, quarters, crews):
        costs = ((item.price.low, item.price.mid, item.price.high), (0, 0, 0))
        yield tuple(
            Action(
                site=site.id,
                kind=piece.kind,
                from_supplier=piece.supplier,
                to_supplier=item.supplier,
                quarter=quarter,
                crew=crew,
                cost_low=cost[0],
                cost_mid=cost[1],
                cost_high=cost[2],
                equipment=piece.id,
                item=item.id,
            )
            for piece, cost in zip(site.equipment, costs, strict=True)
        )


def by_trying(case: Case) -> int | None:
    """The least cost of all plans that the checker lets pass; penalties included."""
    quarters = between(Quarter("2025Q1"), Quarter("2025Q3"))
    options = [list(choices(case, site, quarters)) for site in case.estate.sites]
    tried = sorted(
        (tuple(itertools.chain(*plan)) for plan in itertools.product(*options)),
        key=lambda actions: sum(action.cost_mid for action in actions),
    )
    return next(
        (sum(one.cost_mid for one in actions) for actions in tried if not check(case, actions).violations), None
    )


def mid_cost(result: PlanResult) -> int | None:
    return None if result.cost is None else round(result.cost.mid)


def test_the_least_cost_is_that_of_trying_everything() -> None:
    found: list[int | None] = []
    for seed in range(60):
        case = random_case(seed)
        if any(rule.penalty is not None for rule in case.rules.rules):
            continue
        result = solve(case, EXACT)
        assert mid_cost(result) == by_trying(case), seed
        found.append(mid_cost(result))
    assert sum(cost is None for cost in found) >= 5, "some of them cannot be solved"
    assert sum(cost is not None and cost > 0 for cost in found) >= 15, "and some ask for work"


@pytest.mark.parametrize("seed", range(60, 100))
def test_what_is_planned_passes_the_checker(seed: int) -> None:
    case = random_case(seed)
    result = solve(case, EXACT)
    if result.cost is not None:
        assert check(case, result.actions, result.tests).violations == ()
        assert result.violations == ()
