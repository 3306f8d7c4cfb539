"""What a plan takes into account: evidence, parts and wholes, what leans on what, money that comes back, neighbours."""

import msgspec
import pytest

from awase.model.calendar import Date, Quarter
from awase.model.plan import (
    Budget,
    Country,
    Crew,
    Equipment,
    Money,
    OperatorName,
    PairRecord,
    Product,
    Region,
    Share,
    SiteId,
)
from awase.model.rules import ConcentrationCap, EvidenceRequired, Scope, Subsidy
from awase.planner.checker import check
from awase.planner.optimise.model import Model
from awase.planner.optimise.objectives import parse_objective
from awase.planner.optimise.plan import Wishes, solve
from awase.planner.problems import PlanInputError
from unit.planner.small_cases import BLUE, GBP, OLD, RED, case_of, item, price, removal, rule_words, site

EXACT = Wishes(gap=0.0)


def open_items() -> tuple[object, ...]:
    return (
        item("whole", RED, 100),
        item("ru", BLUE, 20, kinds=("o_ru",), interfaces=("OFH",)),
        item("du", RED, 10, kinds=("o_du",), interfaces=("OFH", "F1")),
        item("cu", RED, 5, kinds=("o_cu",), interfaces=("F1",)),
    )


def fronthaul(verdict: str, **more: object) -> PairRecord:
    return PairRecord(
        a=Product(kind="o_ru", supplier=BLUE),
        b=Product(kind="o_du", supplier=RED),
        interface="OFH",
        verdict=verdict,  # type: ignore[arg-type]
        **more,  # type: ignore[arg-type]
    )


def test_parts_of_several_suppliers_are_taken_where_a_record_says_that_they_fit() -> None:
    record = fronthaul("pass", date=Date("2024-01-01"))
    case = case_of((site("s"),), (removal(),), open_items(), evidence=(record,))  # type: ignore[arg-type]
    result = solve(case, EXACT)
    assert [(one.kind, one.item, one.cost_mid) for one in result.actions] == [
        ("radio", "ru", 20),
        ("baseband", "du+cu", 15),
    ]
    assert check(case, result.actions).violations == ()


@pytest.mark.parametrize("record", [(), (fronthaul("fail", date=Date("2024-01-01")),), (fronthaul("pass"),)])
def test_the_whole_site_is_swapped_where_no_dated_record_passes(record: tuple[PairRecord, ...]) -> None:
    case = case_of((site("s"),), (removal(),), open_items(), evidence=record)  # type: ignore[arg-type]
    assert {one.item for one in solve(case, EXACT).actions} == {"whole"}


def test_a_combination_without_evidence_is_tested_once_if_that_pays() -> None:
    record = fronthaul("declared", test_cost=price(100), test_quarters=2)
    one, three = (tuple(site(f"s{number}") for number in range(count)) for count in (1, 3))
    dear = solve(case_of(one, (removal(),), open_items(), evidence=(record,)), EXACT)  # type: ignore[arg-type]
    assert dear.tests == ()
    case = case_of(three, (removal(),), open_items(), evidence=(record,))  # type: ignore[arg-type]
    result = solve(case, EXACT)
    assert [(test.interface, test.cost.mid, test.quarters) for test in result.tests] == [("OFH", 100.0, 2)]
    assert result.cost is not None
    assert result.cost.mid == 3 * 35 + 100
    assert min(action.quarter for action in result.actions) == "2025Q3", "after two quarters of tests"
    assert check(case, result.actions, result.tests).violations == ()
    assert check(case, result.actions).violations != (), "without its test it is no plan"


def test_evidence_that_a_rule_asks_for_must_not_be_too_old() -> None:
    rule = EvidenceRequired(**rule_words("proof"), by=Date("2025-12-31"), max_age_months=6)
    record = fronthaul("pass", date=Date("2024-01-01"))
    case = case_of((site("s"),), (removal(), rule), open_items(), evidence=(record,))  # type: ignore[arg-type]
    assert {one.item for one in solve(case, EXACT).actions} == {"whole"}


def leaning_site() -> object:
    equipment = (
        Equipment(id="r4", kind="radio", supplier=OLD, layers=("4g",)),
        Equipment(id="b4", kind="baseband", supplier=OLD, layers=("4g",)),
        Equipment(id="r5", kind="radio", supplier=OLD, layers=("5g",), leans_on=("4g",)),
        Equipment(id="b5", kind="baseband", supplier=OLD, layers=("5g",), leans_on=("4g",)),
    )
    return site("s", equipment=equipment)


def test_a_5g_layer_takes_the_4g_layer_along_on_which_it_leans() -> None:
    rule = removal(scope=Scope(layers=("5g",)))
    items = (item("red-5g", RED, 10, layers=("5g",)), item("red-all", RED, 30, layers=("4g", "5g")))
    case = case_of((leaning_site(),), (rule,), items)  # type: ignore[arg-type]
    result = solve(case, EXACT)
    assert {one.item for one in result.actions} == {"red-all"}
    assert len(result.actions) == 4


def test_a_subsidy_pays_for_what_meets_its_conditions_up_to_its_amount() -> None:
    subsidy = Subsidy(
        **rule_words("fund"), share=Share(0.5), buys_from=(Country("JP"),), amount=Money(amount=12, currency=GBP)
    )
    sites = tuple(site(f"s{number}") for number in range(3))
    items = (item("red", RED, 10), item("blue", BLUE, 14))
    case = case_of(sites, (removal(), subsidy), items)
    result = solve(case, EXACT)
    # Two of blue at 14 pay 6 or 7 of the 12 each, and are 8 or 7 then; the third would have nothing left.
    assert sorted(one.item for one in result.actions if one.kind == "radio") in (
        ["blue", "red", "red"],
        ["blue", "blue", "red"],
    )
    assert result.subsidy["fund"] <= 12
    assert result.cost is not None
    assert result.cost.mid - result.subsidy["fund"] == min(7 + 10 + 10, 2 * 14 - 12 + 10)


def test_of_two_neighbours_one_stays_up() -> None:
    sites = tuple(site(f"s{number}", neighbours=(SiteId(f"s{number ^ 1}"),)) for number in range(8))
    crews = (Crew(name="crew", visits_per_quarter=4),)
    case = case_of(sites, (removal("2025-06-30"),), (item("red", RED, 10),), crews=crews)
    result = solve(case, EXACT)
    assert check(case, result.actions).violations == ()
    assert result.status == "optimal"


def test_equal_sites_are_one_class_and_others_are_not() -> None:
    sites = (*(site(f"n{number}") for number in range(50)), *(site(f"s{number}", "South") for number in range(50)))
    model = Model(case_of(sites, (removal(),), (item("red", RED, 10),)))
    assert [unit.count for unit in model.units] == [100], "no rule and no limit tells the regions apart"
    crews = (Crew(name="north", visits_per_quarter=9, regions=(Region("North"),)),)
    model = Model(case_of(sites, (removal(),), (item("red", RED, 10),), crews=crews))
    assert [unit.count for unit in model.units] == [50, 50]
    diverse = Model(case_of((*sites, site("b", operator="B")), (removal(),), (item("red", RED, 10),)), diverse=True)
    assert [unit.count for unit in diverse.units] == [100, 1]


def test_concentration_stays_below_its_cap_at_the_least_cost() -> None:
    sites = tuple(site(f"s{number}") for number in range(10))
    cap = ConcentrationCap(**rule_words("hhi"), cap=Share(0.6), by=Date("2025-12-31"))
    case = case_of(sites, (removal(), cap), (item("red", RED, 10), item("blue", BLUE, 20)))
    result = solve(case, EXACT)
    reds = sum(one.item == "red" for one in result.actions if one.kind == "radio")
    assert reds == 7, "0.7 and 0.3 give 0.58, 0.8 and 0.2 give 0.68"
    outcome = next(one for one in result.rules if one.id == "hhi")
    assert outcome.met
    assert outcome.slack == pytest.approx(0.02)


def test_diversity_splits_evenly_and_then_saves() -> None:
    sites = tuple(site(f"s{number}") for number in range(6))
    case = case_of(sites, (removal(),), (item("red", RED, 10), item("blue", BLUE, 20)))
    result = solve(case, Wishes(objective="diversity", gap=0.0))
    assert result.hhi["radio"]["2025Q4"] == 0.5
    assert result.hhi["radio"]["2024Q4"] == 1.0
    assert result.cost is not None
    assert result.cost.mid == 3 * 10 + 3 * 20


def test_risk_comes_early_and_cost_comes_late_only_where_money_loses_value() -> None:
    sites = tuple(site(f"s{number}") for number in range(2))
    late = case_of(
        sites, (removal("2028-12-31"),), (item("red", RED, 10),), end=Quarter("2028Q4"), discount_per_year=0.1
    )
    assert {one.quarter[:4] for one in solve(late, EXACT).actions} == {"2028"}
    early = solve(late, Wishes(objective="risk", gap=0.0))
    assert {one.quarter[:4] for one in early.actions} == {"2025"}
    assert early.late_risk["out"] < 0.01


def test_a_budget_that_binds_has_a_price() -> None:
    sites = tuple(site(f"s{number}") for number in range(4))
    cheap_but_few = item("blue", BLUE, 10, supply_per_quarter=1, available_until=Quarter("2025Q2"))
    case = case_of(sites, (removal(),), (item("red", RED, 16), cheap_but_few))
    result = solve(case, EXACT)
    assert result.cost is not None
    assert result.cost.mid == 2 * 10 + 2 * 16
    binding = {one.name: one.price for one in result.binding}
    assert binding["supply of blue in 2025Q1"] == 6
    assert binding["out at the end of 2025Q4"] == 16


def test_prices_in_another_currency_need_a_rate() -> None:
    dollars = item("red", RED, 10)
    dollars = msgspec.structs.replace(dollars, price=msgspec.structs.replace(dollars.price, currency="USD"))
    with pytest.raises(PlanInputError, match="no exchange rate from USD into GBP"):
        solve(case_of((site("s"),), (removal(),), (dollars,)), EXACT)


@pytest.mark.parametrize("text", ["", "speed", "cost,cost", "cost=1,risk", "cost=-1", "cost=x", "cost=nan"])
def test_an_objective_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(PlanInputError, match="is no objective"):
        parse_objective(text)


def test_objectives_follow_one_another_or_are_weighed() -> None:
    assert [list(stage) for stage in parse_objective("risk,diversity,cost").stages] == [
        ["risk"],
        ["diversity"],
        ["cost"],
    ]
    assert parse_objective("cost=1,diversity=2.5").stages == ({"cost": 1.0, "diversity": 2.5},)
    assert [list(stage) for stage in parse_objective("diversity").stages] == [["diversity"], ["cost"]]


def test_two_crews_with_skills_share_the_work() -> None:
    sites = tuple(site(f"s{number}") for number in range(6))
    crews = (
        Crew(name="learnt", visits_per_quarter=1, skills=("tower",)),
        Crew(name="all", visits_per_quarter=1, regions=(Region("North"),), operators=(OperatorName("A"),)),
        Crew(name="other", visits_per_quarter=9, skills=("core",)),
    )
    items = (item("red", RED, 10, skill="tower"),)
    case = case_of(sites, (removal("2025-09-30"),), items, crews=crews, end=Quarter("2025Q3"))
    result = solve(case, EXACT)
    assert sorted(one.crew for one in result.actions if one.kind == "radio") == ["all"] * 3 + ["learnt"] * 3
    assert check(case, result.actions).violations == ()


def test_each_operator_keeps_its_own_budget() -> None:
    sites = (site("a1"), site("a2"), site("b1", operator="B"))
    budgets = tuple(
        Budget(year=2025, amount=amount, currency=GBP, operator=OperatorName(name))
        for name, amount in (("A", 20), ("B", 20))
    )
    case = case_of(sites, (removal(),), (item("red", RED, 10),), budgets=budgets)
    assert solve(case, EXACT).status == "optimal"
    poor = msgspec.structs.replace(
        case,
        limits=msgspec.structs.replace(
            case.limits, budgets=(budgets[1], msgspec.structs.replace(budgets[0], amount=19))
        ),
    )
    assert solve(poor, EXACT).conflicts[0].rules == ("budget 2025 of A", "rule out")
