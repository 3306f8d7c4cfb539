"""What must hold of any plan: more is never worse, less asked is never worse, the same is the same."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from awase.model.plan import Budget, Money, PlanResult
from awase.model.rules import Case
from awase.planner.checker import check
from awase.planner.optimise.plan import Wishes, solve
from unit.planner.small_cases import GBP, random_case

EXACT = Wishes(gap=0.0, explain=False)
INFEASIBLE = float("inf")

seeds = st.integers(min_value=1000, max_value=1_000_000)


def mid_cost(result: PlanResult) -> float:
    return INFEASIBLE if result.cost is None else result.cost.mid


def with_budget(case: Case, amount: int) -> Case:
    budgets = (Budget(year=2025, amount=amount, currency=GBP),)
    return msgspec.structs.replace(case, limits=msgspec.structs.replace(case.limits, budgets=budgets))


@settings(max_examples=40, derandomize=True, deadline=None)
@given(seeds, st.integers(min_value=0, max_value=60), st.integers(min_value=0, max_value=60))
def test_more_budget_never_costs_more(seed: int, amount: int, more: int) -> None:
    case = random_case(seed)
    rules = tuple(rule for rule in case.rules.rules if rule.penalty is None)
    case = msgspec.structs.replace(case, rules=msgspec.structs.replace(case.rules, rules=rules))
    tight, loose = (mid_cost(solve(with_budget(case, one), EXACT)) for one in (amount, amount + more))
    assert loose <= tight


@settings(max_examples=40, derandomize=True, deadline=None)
@given(seeds, st.integers(min_value=0, max_value=2), st.sampled_from(["cost", "diversity", "risk"]))
def test_dropping_a_rule_never_worsens_the_objective(seed: int, which: int, objective: str) -> None:
    case = random_case(seed)
    rules = tuple(msgspec.structs.replace(rule, penalty=None) for rule in case.rules.rules)
    fewer = (*rules[:which], *rules[which + 1 :])
    results = [
        solve(msgspec.structs.replace(case, rules=msgspec.structs.replace(case.rules, rules=one)), wishes(objective))
        for one in (rules, fewer)
    ]
    if objective == "cost":
        assert mid_cost(results[1]) <= mid_cost(results[0])
    elif objective == "diversity" and results[0].cost is not None:
        assert mean_hhi(results[1]) <= mean_hhi(results[0]) + 1e-4
    else:
        assert results[1].cost is not None or results[0].cost is None


def wishes(objective: str) -> Wishes:
    return msgspec.structs.replace(EXACT, objective=objective)


def mean_hhi(result: PlanResult) -> float:
    ends = [list(values.values())[-1] for values in result.hhi.values()]
    return sum(ends) / len(ends)


@settings(max_examples=30, derandomize=True, deadline=None)
@given(seeds, st.sampled_from(["cost", "risk", "diversity", "cost=1,risk=2,diversity=10"]))
def test_any_plan_passes_the_checker_and_is_the_same_again(seed: int, objective: str) -> None:
    case = random_case(seed)
    first, second = (solve(case, wishes(objective)) for _ in range(2))
    assert msgspec.json.encode(first) == msgspec.json.encode(second)
    assert check(case, first.actions, first.tests).violations == () or first.cost is None
    for values in first.hhi.values():
        suppliers = 3
        assert all(1 / suppliers - 1e-6 <= value <= 1 for value in values.values())


def test_a_priced_rule_is_broken_where_that_is_cheaper() -> None:
    case = random_case(1)
    cheap = tuple(msgspec.structs.replace(rule, penalty=Money(0, GBP)) for rule in case.rules.rules)
    result = solve(msgspec.structs.replace(case, rules=msgspec.structs.replace(case.rules, rules=cheap)), EXACT)
    assert mid_cost(result) == 0
    assert result.status == "optimal"
