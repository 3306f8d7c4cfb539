"""Draws are the same whoever takes them, and say what they should where the answer is known."""

from concurrent.futures import ThreadPoolExecutor

import msgspec
import numpy as np
import pytest

from awase.model.calendar import Date, Quarter, index
from awase.model.plan import PlanResult, Share
from awase.model.rules import Case, ShareCap
from awase.planner.optimise.plan import Wishes, solve
from awase.planner.uncertainty.draws import Chances, draw_all, triangular
from awase.planner.uncertainty.exposure import Exposure, exposure_of
from awase.planner.uncertainty.outlook import outlook_of, regrets
from awase.planner.uncertainty.slips import STRETCHES
from unit.planner.small_cases import BLUE, OLD, RED, case_of, item, price, removal, rule_words, site

CERTAIN = Chances(stretch="none", exit_per_year=0.0, fail=0.0)
START = index(Quarter("2025Q1"))


def planned(objective: str = "cost", **more: object) -> tuple[Case, PlanResult]:
    sites = tuple(site(f"s{number}", "North" if number % 2 else "South") for number in range(20))
    cap = ShareCap(**rule_words("cap"), suppliers=(OLD,), cap=Share(0.5), measure="sites", by=Date("2025-12-31"))
    rules = (removal("2026-12-31"), cap)
    items = (item("red", RED, 10), item("blue", BLUE, 12))
    case = case_of(sites, rules, items, end=Quarter("2026Q4"), **more)
    return case, solve(case, Wishes(objective=objective, gap=0.0, explain=False))


def exposed(case: Case, result: PlanResult) -> Exposure:
    return exposure_of(case, result.name, result.actions, result.tests, START)


def test_any_split_of_the_draws_gives_the_same_draws() -> None:
    exposure = exposed(*planned())
    one = draw_all(exposure, Chances(), 230, 7)
    with ThreadPoolExecutor(3) as pool:
        many = draw_all(exposure, Chances(), 230, 7, pool.map)
    for name in ("cost", "loss", "late", "met"):
        assert np.array_equal(getattr(one, name), getattr(many, name))
    assert len(one.cost) == 230
    fewer = draw_all(exposure, Chances(), 60, 7)
    assert np.array_equal(fewer.cost, one.cost[:60]), "more draws begin with the same ones"
    assert not np.array_equal(draw_all(exposure, Chances(), 60, 8).cost, fewer.cost)


def test_without_chances_every_date_is_met_and_only_prices_move() -> None:
    case, result = planned()
    drawn = draw_all(exposed(case, result), CERTAIN, 400, 1)
    assert drawn.met.all()
    assert not drawn.late.any()
    assert result.cost is not None
    assert result.cost.low < drawn.cost.min() < drawn.cost.max() < result.cost.high


def test_the_chance_of_a_date_is_that_of_the_stretch() -> None:
    case, result = planned(objective="risk")
    moved = tuple(msgspec.structs.replace(action, quarter=Quarter("2026Q3")) for action in result.actions)
    late = msgspec.structs.replace(result, actions=moved)
    chances = Chances(stretch="uk", together=1.0, exit_per_year=0.0)
    outlook = outlook_of(exposed(case, late), draw_all(exposed(case, late), chances, 4000, 3), chances, 3)
    goals = {goal.rule: goal for goal in outlook.goals}
    assert goals["out"].probability == pytest.approx(STRETCHES["uk"].chance_of(7, 8), abs=0.03)
    assert goals["out"].late_mean == pytest.approx(20 * STRETCHES["uk"].expected_late(7, 8), rel=0.1)
    assert goals["cap"].probability == pytest.approx(STRETCHES["uk"].chance_of(7, 4), abs=0.01)


def test_what_is_never_removed_is_never_met() -> None:
    case, result = planned()
    half = msgspec.structs.replace(result, actions=tuple(one for one in result.actions if one.site < "s15"))
    exposure = exposed(case, half)
    drawn = draw_all(exposure, CERTAIN, 10, 1)
    met = {goal.rule: drawn.met[:, number].all() for number, goal in enumerate(exposure.goals)}
    assert not met["out"]
    assert met["cap"] == (len({one.site for one in half.actions}) >= 10)


def test_suppliers_that_leave_make_a_plan_later_and_dearer() -> None:
    case, result = planned(objective="risk")
    calm, wild = (
        draw_all(exposed(case, result), msgspec.structs.replace(CERTAIN, exit_per_year=rate), 300, 5)
        for rate in (0.0, 4.0)
    )
    assert wild.cost.mean() > calm.cost.mean()
    assert wild.late.sum() >= calm.late.sum()


def test_the_regret_of_the_better_plan_is_nothing() -> None:
    limits = {"late_per_site_quarter": price(100)}
    case, early = planned(objective="risk", **limits)
    moved = tuple(msgspec.structs.replace(action, quarter=Quarter("2026Q4")) for action in early.actions)
    late = msgspec.structs.replace(early, actions=moved)
    chances = Chances(stretch="us", exit_per_year=0.0)
    drawn = [draw_all(exposed(case, one), chances, 200, 2) for one in (early, late)]
    good, bad = regrets(["early", "late"], drawn)
    assert good.mean == 0.0
    assert good.best_in == 1.0
    assert bad.mean > 1000
    assert bad.worst >= bad.q95 > 0


def test_prices_are_triangular() -> None:
    uniform = (np.arange(100_000) + 0.5) / 100_000
    low, mid, high = (np.full(len(uniform), value) for value in (10.0, 20.0, 60.0))
    paid = triangular(uniform, low, mid, high)
    assert paid.min() > 10
    assert paid.max() < 60
    assert paid.mean() == pytest.approx((10 + 20 + 60) / 3, rel=1e-4)
    exact = triangular(np.array([0.3]), np.array([5.0]), np.array([5.0]), np.array([5.0]))
    assert exact[0] == pytest.approx(5.0)


def test_rules_that_are_not_drawn_are_named() -> None:
    case, result = planned()
    each = ShareCap(**rule_words("each"), cap=Share(0.9), measure="sites", by=Date("2025-12-31"))
    rules = msgspec.structs.replace(case.rules, rules=(*case.rules.rules, each))
    exposure = exposed(msgspec.structs.replace(case, rules=rules), result)
    assert exposure.left_out == ("each",)
    notes = outlook_of(exposure, draw_all(exposure, CERTAIN, 5, 0), CERTAIN, 0).notes
    assert "not drawn: each" in notes


def test_the_chance_of_each_quarter_only_grows_and_is_that_of_the_date_when_it_is_due() -> None:
    case, result = planned(objective="risk")
    chances = Chances(stretch="uk", exit_per_year=0.0, fail=0.0)
    exposure = exposed(case, result)
    outlook = outlook_of(exposure, draw_all(exposure, chances, 500, 3), chances, 3)
    for goal in outlook.goals:
        curve = list(goal.by_quarter.values())
        assert curve == sorted(curve)
        assert goal.by_quarter[goal.by] == goal.probability
        assert next(iter(goal.by_quarter)) == "2024Q4"
    by_rule = {goal.rule: goal for goal in outlook.goals}
    assert (by_rule["out"].by, by_rule["cap"].by) == ("2026Q4", "2025Q4")


def test_what_is_never_done_has_no_chance_in_any_quarter() -> None:
    case, result = planned()
    exposure = exposed(case, msgspec.structs.replace(result, actions=result.actions[:-2]))
    outlook = outlook_of(exposure, draw_all(exposure, CERTAIN, 10, 1), CERTAIN, 1)
    out = next(goal for goal in outlook.goals if goal.rule == "out")
    assert set(out.by_quarter.values()) == {0.0}


def test_what_a_cap_spares_is_not_late() -> None:
    case, result = planned()
    late = tuple(
        msgspec.structs.replace(action, quarter=Quarter("2026Q1" if action.site < "s15" else "2026Q4"))
        for action in result.actions
    )
    exposure = exposed(case, msgspec.structs.replace(result, actions=late))
    drawn = draw_all(exposure, CERTAIN, 3, 1)
    cap = next(number for number, goal in enumerate(exposure.goals) if goal.rule == "cap")
    first = len({one.site for one in late if one.quarter == "2026Q1"})
    # Ten of twenty may stay; until the first go, a quarter late, ten are too many; then as many as are left above ten.
    assert drawn.late[:, cap] == pytest.approx(10 + 3 * max(0, 20 - first - 10))
    assert not drawn.met[:, cap].any()
