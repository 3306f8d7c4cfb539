"""Where there is no plan, the smallest set of rules and limits to blame is named, in words, with a way out."""

from awase.model.calendar import Date, Quarter
from awase.model.plan import Budget, Crew, Freeze, PlanResult, Region, Share
from awase.model.rules import Case, MinimumSuppliers, PurchaseBan, ShareCap
from awase.planner.optimise.plan import Wishes, solve
from unit.planner.small_cases import BLUE, GBP, OLD, RED, case_of, item, removal, rule_words, site

SITES = tuple(site(f"s{number}") for number in range(10))
ITEMS = (item("red", RED, 10), item("blue", BLUE, 12))
AMPLE = Budget(year=2025, amount=10_000, currency=GBP)


def refused(case: Case) -> PlanResult:
    result = solve(case, Wishes(gap=0.0))
    assert result.status == "infeasible"
    assert result.cost is None
    assert len(result.conflicts) == 1
    return result


def test_a_crew_that_is_too_small_is_blamed_with_the_rule_it_cannot_meet() -> None:
    crews = (Crew(name="one", visits_per_quarter=2),)
    [conflict] = refused(case_of(SITES, (removal(),), ITEMS, crews=crews, budgets=(AMPLE,))).conflicts
    assert conflict.rules == ("crew one", "rule out")
    assert "cannot all be kept" in conflict.text
    assert "the rule out" in conflict.text
    assert "2 visits more" in conflict.relaxation
    assert "2 sites" in conflict.relaxation


def test_a_budget_that_is_too_small_says_how_much_is_missing() -> None:
    budgets = (Budget(year=2025, amount=85, currency=GBP),)
    crews = (Crew(name="one", visits_per_quarter=20),)
    [conflict] = refused(case_of(SITES, (removal(),), ITEMS, crews=crews, budgets=budgets)).conflicts
    assert conflict.rules == ("budget 2025", "rule out")
    assert "budget 2025 with 15 GBP more" in conflict.relaxation


def test_rules_that_contradict_one_another_are_blamed_without_any_limit() -> None:
    ban = PurchaseBan(**rule_words("ban"), suppliers=(BLUE,), after=Date("2024-12-31"))
    cap = ShareCap(**rule_words("cap"), suppliers=(RED,), cap=Share(0.5), measure="equipment", by=Date("2025-12-31"))
    crews = (Crew(name="one", visits_per_quarter=20),)
    rules = (removal(), ban, cap)
    [conflict] = refused(case_of(SITES, rules, ITEMS, crews=crews, budgets=(AMPLE,))).conflicts
    assert conflict.rules == ("rule out", "rule ban", "rule cap")
    assert "out at the end of 2025Q4 broken at 5 sites" in conflict.relaxation


def test_a_market_that_has_nothing_is_named() -> None:
    items = (item("red-core", RED, 10, kinds=("core",)),)
    [conflict] = refused(case_of(SITES, (removal(),), items, budgets=(AMPLE,))).conflicts
    assert conflict.rules == ("rule out",)
    assert "Nothing in the catalogue can take the place of radio of Old, baseband of Old at 10 sites" in conflict.text


def test_a_freeze_and_a_deadline_in_it_cannot_both_be_kept() -> None:
    freeze = Freeze(quarters=(Quarter("2025Q1"),), regions=(Region("North"),), reason="elections")
    case = case_of(SITES, (removal("2025-03-31"),), ITEMS, freezes=(freeze,), end=Quarter("2025Q4"))
    [conflict] = refused(case).conflicts
    assert conflict.rules == ("freeze elections", "rule out")


def test_what_only_whole_sites_cannot_do_is_explained_as_well() -> None:
    rule = MinimumSuppliers(**rule_words("four"), number=4, by=Date("2025-12-31"))
    [conflict] = refused(case_of(SITES, (rule,), ITEMS)).conflicts
    assert conflict.rules == ("rule four",)
    cap = ShareCap(**rule_words("third"), cap=Share(0.4), measure="sites", by=Date("2025-12-31"), suppliers=(RED,))
    least = ShareCap(**rule_words("two"), cap=Share(0.4), measure="sites", by=Date("2025-12-31"), suppliers=(BLUE,))
    two = (site("s0"), site("s1"))
    [conflict] = refused(case_of(two, (removal(), cap, least), ITEMS)).conflicts
    assert set(conflict.rules) == {"rule out", "rule third", "rule two"}


def test_a_deadline_that_has_passed_says_where_it_is_missed() -> None:
    [conflict] = refused(
        case_of(SITES, (removal("2024-06-30"),), (item("red", RED, 10, lead_time_quarters=1),))
    ).conflicts
    assert conflict.rules == ("rule out",)
    assert "broken at 10 sites" in conflict.relaxation


def test_no_rules_ask_for_nothing() -> None:
    result = solve(case_of(SITES, (), ITEMS), Wishes())
    assert result.actions == ()
    assert result.status == "optimal"
    assert result.cost is not None
    assert result.cost.mid == 0
    assert OLD in {piece.supplier for one in SITES for piece in one.equipment}
