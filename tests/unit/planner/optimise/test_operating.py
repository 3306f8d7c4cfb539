"""Costs of operation, money that comes late and visits in stages are weighed as trying everything weighs them."""

import itertools
import random

import pytest

from awase.model.calendar import Date, Quarter, between
from awase.model.plan import (
    Budget,
    CatalogueItem,
    Country,
    Equipment,
    Money,
    PairRecord,
    PlanResult,
    Power,
    Price,
    Product,
    Range,
    Share,
)
from awase.model.rules import Case, Removal, Scope, Subsidy
from awase.planner.checker import check
from awase.planner.optimise.objectives import parse_objective
from awase.planner.optimise.plan import Wishes, build, solve
from unit.planner.small_cases import BLUE, GBP, OLD, RED, case_of, item, price, removal, rule_words, site

EXACT = Wishes(gap=0.0, explain=False)
QUARTERS = between(Quarter("2025Q1"), Quarter("2026Q4"))
RATE = 0.1


def worth(t: int) -> float:
    return float((1 + RATE) ** -(t // 4))


def random_case(seed: int) -> Case:
    """Two sites, two items that cost to keep, a date, and money that comes after a day."""
    pick = random.Random(seed)
    items = tuple(
        item(name, who, pick.choice([200, 260, 320]), operate_per_year=price(pick.choice([0, 40, 90])))
        for name, who in (("red", RED), ("blue", BLUE))
    )
    subsidy = Subsidy(
        **rule_words("money"),
        buys_from=(Country("JP"),),
        share=Share(pick.choice([0.3, 0.6])),
        amount=Money(pick.choice([120, 500]), GBP),
        after=Date(pick.choice(["2025-06-30", "2025-12-31", "2027-12-31"])),
        complete_by=Date("2026-06-30"),
    )
    sites = (site("s0"), site("s1"))
    rules = (removal(pick.choice(["2025-12-31", "2026-12-31"])), subsidy)
    return case_of(sites, rules, items, end=Quarter("2026Q4"), discount_per_year=RATE)


def kept_costs(one: CatalogueItem, t: int) -> float:
    yearly = one.operate_per_year.mid if one.operate_per_year else 0
    return sum(yearly / 4 * worth(later) for later in range(t, len(QUARTERS)))


def paid_back(case: Case, chosen: tuple[tuple[CatalogueItem, int], ...]) -> float:
    """As much as there is, as soon as it is there: money is worth less later."""
    subsidy = next(rule for rule in case.rules.rules if isinstance(rule, Subsidy))
    first = {"2025-06-30": 2, "2025-12-31": 4, "2027-12-31": 12}[str(subsidy.after)]
    left, total = float(subsidy.amount.amount if subsidy.amount else 0), 0.0
    claims = sorted((max(t, first), subsidy.share * one.price.mid) for one, t in chosen if one.id == "blue" and t <= 5)
    for when, claim in claims:
        if when < len(QUARTERS):
            total += worth(when) * min(left, claim)
            left -= min(left, claim)
    return total


def by_trying(case: Case) -> float:
    last = 3 if str(case.rules.rules[0].by) == "2025-12-31" else 7  # type: ignore[union-attr]
    ways = [(one, t) for one in case.market.catalogue for t in range(last + 1)]
    return min(
        sum(one.price.mid * worth(t) + kept_costs(one, t) for one, t in chosen) - paid_back(case, chosen)
        for chosen in itertools.product(ways, repeat=2)
    )


def objective_of(case: Case) -> float:
    model = build(case, parse_objective("cost=1"))
    from awase.planner.optimise.programme import Effort

    return model.programme.minimise(model.cost, Effort(gap=0.0)).objective * model.money_scale


@pytest.mark.parametrize("seed", range(12))
def test_operation_and_late_money_are_weighed_as_by_trying_everything(seed: int) -> None:
    case = random_case(seed)
    assert objective_of(case) == pytest.approx(by_trying(case), abs=1e-3)
    result = solve(case, EXACT)
    assert check(case, result.actions).violations == ()


def bought(*items: CatalogueItem, **more: object) -> PlanResult:
    result = solve(case_of((site("s"),), (removal(),), items, **more), EXACT)
    assert result.violations == ()
    return result


def test_the_dearer_item_is_bought_where_keeping_it_is_cheaper() -> None:
    cheap, dear = item("cheap", RED, 100, operate_per_year=price(80)), item("dear", BLUE, 130)
    assert {one.item for one in bought(cheap, dear, end=Quarter("2025Q4")).actions} == {"cheap"}
    long = bought(cheap, dear, end=Quarter("2028Q4"))
    assert {one.item for one in long.actions} == {"dear"}
    assert long.operating_per_year["2028"] == Range(0.0, 0.0, 0.0)


def test_electricity_counts_where_it_has_a_price() -> None:
    def watts(mid: float) -> Power:
        one = Range(mid - 100, mid, mid + 100)
        return Power(idle_w=one, full_w=one, source="a test", mark="synthetic")

    hungry, sparing = item("hungry", RED, 100, power=watts(2000)), item("sparing", BLUE, 130, power=watts(500))
    energy = Price(low=50, mid=100, high=200, currency=GBP, year=2025, source="a test", mark="synthetic")
    assert {one.item for one in bought(hungry, sparing).actions} == {"hungry"}
    result = bought(hungry, sparing, energy_per_mwh=energy, end=Quarter("2026Q4"))
    assert {one.item for one in result.actions} == {"sparing"}
    # 500 W for 8,766 hours are 4.383 MWh.
    assert result.operating_per_year["2026"].mid == 438


def open_site(baseband: str = OLD) -> object:
    pieces = (
        Equipment(id="ru", kind="o_ru", supplier=OLD, layers=("4g",)),
        Equipment(id="du", kind="o_du", supplier=baseband, layers=("4g",)),  # type: ignore[arg-type]
    )
    return site("s", equipment=pieces)


def proven() -> tuple[PairRecord, ...]:
    return tuple(
        PairRecord(
            a=Product(kind="o_ru", supplier=a),
            b=Product(kind="o_du", supplier=b),
            interface="OFH",
            verdict="pass",
            date=Date("2024-01-01"),
        )
        for a, b in ((BLUE, OLD), (OLD, RED), (BLUE, RED))
    )


PARTS = (
    item("ru", BLUE, 60, kinds=("o_ru",), interfaces=("OFH",)),
    item("du", RED, 60, kinds=("o_du",), interfaces=("OFH",)),
)


@pytest.mark.parametrize(("whole", "expected"), [(100, {"whole"}), (130, {"ru", "du"})])
def test_parts_or_the_whole_is_what_is_cheaper(whole: int, expected: set[str]) -> None:
    items = (*PARTS, item("whole", RED, whole, kinds=("o_ru", "o_du")))
    result = solve(case_of((open_site(),), (removal(),), items, evidence=proven()), EXACT)  # type: ignore[arg-type]
    assert {one.item for one in result.actions} == expected


def test_only_the_part_that_a_rule_is_about_is_swapped_if_that_is_cheaper_and_proven() -> None:
    rule = Removal(**rule_words("ru"), suppliers=(OLD,), by=Date("2025-12-31"), scope=Scope(kinds=("o_ru",)))
    items = (*PARTS, item("whole", RED, 100, kinds=("o_ru", "o_du")))
    case = case_of((open_site(),), (rule,), items, evidence=proven())  # type: ignore[arg-type]
    assert [one.item for one in solve(case, EXACT).actions] == ["ru"]
    without = case_of((open_site(),), (rule,), items, evidence=())  # type: ignore[arg-type]
    assert {one.item for one in solve(without, EXACT).actions} == {"whole"}


def test_parts_are_swapped_in_two_visits_where_no_year_has_money_for_both() -> None:
    budgets = tuple(Budget(year=year, amount=70, currency=GBP) for year in (2025, 2026))
    rules = (removal("2026-12-31"),)
    case = case_of((open_site(),), rules, PARTS, evidence=proven(), budgets=budgets, end=Quarter("2026Q4"))  # type: ignore[arg-type]
    result = solve(case, EXACT)
    assert result.status == "optimal"
    assert sorted(one.item for one in result.actions) == ["du", "ru"]
    assert len({one.quarter[:4] for one in result.actions}) == 2
    assert result.violations == ()


def leaning(leans: bool) -> object:
    pieces = (
        Equipment(id="four", kind="o_ru", supplier=OLD, layers=("4g",)),
        Equipment(id="five", kind="o_ru", supplier=OLD, layers=("5g",), leans_on=("4g",) if leans else ()),
    )
    return site("s", equipment=pieces)


@pytest.mark.parametrize(("leans", "moved"), [(True, {"four", "five"}), (False, {"five"})])
def test_a_5g_layer_moves_alone_only_if_it_leans_on_nothing(leans: bool, moved: set[str]) -> None:
    rule = Removal(**rule_words("5g"), suppliers=(OLD,), by=Date("2025-12-31"), scope=Scope(layers=("5g",)))
    items = (item("ru", RED, 60, kinds=("o_ru",)),)
    result = solve(case_of((leaning(leans),), (rule,), items), EXACT)  # type: ignore[arg-type]
    assert {one.equipment for one in result.actions} == moved
    assert len({one.quarter for one in result.actions}) == 1


def test_a_rule_with_a_price_says_what_breaking_it_costs() -> None:
    cheap = removal(penalty=Money(1, GBP))
    result = solve(case_of((site("s"),), (cheap,), (item("red", RED, 100),)), EXACT)
    assert result.actions == ()
    (outcome,) = result.rules
    assert (outcome.met, outcome.priced, outcome.penalty) == (False, True, 1.0)
