"""The planner's figures: the United Kingdom whole, a thousand draws, and a straight formulation for comparison.

Run with `pytest tests/bench/test_planner.py -s` to see them.
"""

import time

import pytest

from awase.model.calendar import Date, Quarter, index
from awase.model.plan import Budget, Crew, PlanResult, Region, Share
from awase.model.rules import Case, ShareCap
from awase.planner.checker import check
from awase.planner.loading.case import load_case
from awase.planner.optimise.plan import Wishes, solve
from awase.planner.uncertainty.draws import Chances, draw_all
from awase.planner.uncertainty.exposure import exposure_of
from unit.planner.small_cases import BLUE, GBP, OLD, RED, case_of, item, removal, rule_words, site

REGIONS = ("North", "South", "East", "West")
QUARTERS = 12


def instance(sites: int) -> Case:
    """Sites in four regions, two thirds of them Old's; a cap after half of the time; crews and budgets that bind."""
    every = tuple(site(f"s{number}", REGIONS[number % 4], OLD if number % 3 else RED) for number in range(sites))
    crews = tuple(
        Crew(name=region, visits_per_quarter=-(-sites // 60), regions=(Region(region),)) for region in REGIONS
    )
    items = (
        item("red", RED, 42_000, lead_time_quarters=1),
        item("blue", BLUE, 38_000, lead_time_quarters=2, supply_per_quarter=-(-sites // 60)),
    )
    budgets = tuple(Budget(year=year, amount=sites * 12_000, currency=GBP) for year in (2025, 2026, 2027))
    cap = ShareCap(**rule_words("cap"), suppliers=(OLD,), cap=Share(0.4), measure="sites", by=Date("2026-12-31"))
    rules = (removal("2027-12-31"), cap)
    limits = {"crews": crews, "budgets": budgets, "end": Quarter("2027Q4"), "discount_per_year": 0.035}
    return case_of(every, rules, items, **limits)


def in_pulp(case: Case, gap: float) -> float:
    """The same in PuLP with CBC, a binary for each site, item and quarter; its discounted cost."""
    import pulp

    old = [one for one in case.estate.sites if one.equipment[0].supplier == OLD]
    first = {"red": 1, "blue": 2}
    worth = [1.035 ** -(t // 4) for t in range(QUARTERS)]
    problem = pulp.LpProblem("sites", pulp.LpMinimize)
    keys = [
        (s, offer.id, t)
        for s in range(len(old))
        for offer in case.market.catalogue
        for t in range(first[offer.id], QUARTERS)
    ]
    x = pulp.LpVariable.dicts("x", keys, cat="Binary")
    cost = {offer.id: offer.price.mid for offer in case.market.catalogue}
    problem += pulp.lpSum(cost[key[1]] * worth[key[2]] * x[key] for key in keys)
    by_site: dict[int, list[tuple[int, str, int]]] = {}
    for key in keys:
        by_site.setdefault(key[0], []).append(key)
    for mine in by_site.values():
        problem += pulp.lpSum(x[key] for key in mine) == 1
    for crew in case.limits.crews:
        for t in range(QUARTERS):
            here = [x[key] for key in keys if key[2] == t and old[key[0]].region in crew.regions]
            problem += pulp.lpSum(here) <= crew.visits_per_quarter
    for budget in case.limits.budgets:
        year = [cost[key[1]] * x[key] for key in keys if 2025 + key[2] // 4 == budget.year]
        problem += pulp.lpSum(year) <= budget.amount
    supply = case.market.catalogue[1].supply_per_quarter
    for t in range(QUARTERS):
        problem += pulp.lpSum(x[key] for key in keys if key[1] == "blue" and key[2] == t) <= supply
    in_time = pulp.lpSum(x[key] for key in keys if key[2] <= 7)
    problem += in_time >= len(old) - 0.4 * len(case.estate.sites)
    problem.solve(pulp.PULP_CBC_CMD(msg=False, threads=1, gapRel=gap))
    assert problem.status == pulp.LpStatusOptimal
    return float(pulp.value(problem.objective))


def discounted(result: PlanResult) -> float:
    start = index(Quarter("2025Q1"))
    return sum(one.cost_mid * 1.035 ** -((index(one.quarter) - start) // 4) for one in result.actions)


@pytest.fixture(scope="module")
def united_kingdom() -> tuple[Case, PlanResult, float]:
    """Two operators with 18,000 and 14,000 synthetic sites, their plan, and the CPU seconds that it took."""
    case = load_case("uk-2020")
    began = time.process_time()
    result = solve(case)
    return case, result, time.process_time() - began


def test_the_united_kingdom_is_solved_to_one_percent_in_a_minute(
    united_kingdom: tuple[Case, PlanResult, float],
) -> None:
    case, result, seconds = united_kingdom
    print(f"uk-2020: {seconds:.1f} s of CPU, gap {result.gap:.3%}, {len(result.actions):,} actions")
    assert len(case.estate.sites) >= 32_000
    assert result.status == "optimal"
    assert result.gap is not None
    assert result.gap <= 0.01
    assert all(one.met for one in result.rules)
    assert check(case, result.actions, result.tests).violations == ()
    assert seconds < 60


def test_a_thousand_draws_take_less_than_a_minute(united_kingdom: tuple[Case, PlanResult, float]) -> None:
    case, result, _ = united_kingdom
    began = time.process_time()
    exposure = exposure_of(case, result.name, result.actions, result.tests, index(Quarter("2021Q1")))
    assert len(draw_all(exposure, Chances(), 1000, 0).cost) == 1000
    seconds = time.process_time() - began
    print(f"1,000 draws: {seconds:.1f} s of CPU in one process")
    assert seconds < 60


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("sites", [200, 2000])
def test_classes_are_solved_faster_than_a_straight_formulation(sites: int) -> None:
    case = instance(sites)
    began = time.perf_counter()
    result = solve(case, Wishes(gap=0.001, explain=False))
    ours = time.perf_counter() - began
    began = time.perf_counter()
    straight = in_pulp(case, 0.001)
    theirs = time.perf_counter() - began
    ratio = f"{ours:.2f} s, CBC {theirs:.2f} s: {theirs / ours:.0f} times"
    print(f"{sites} sites: {ratio}; cost {discounted(result):,.0f} against {straight:,.0f}")
    assert check(case, result.actions).violations == ()
    assert discounted(result) <= straight * 1.002
    assert straight <= discounted(result) * 1.002
    assert ours < theirs
