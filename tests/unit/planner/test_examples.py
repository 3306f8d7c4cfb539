from collections import Counter

import pytest

from awase.model.plan import RuleOutcome
from awase.model.rules import Case
from awase.planner.diversity.comparing import diversity_by_level
from awase.planner.diversity.exposure import losses, takes_down
from awase.planner.judging.check import Check, check
from awase.planner.loading.case import examples, load_case
from awase.planner.loading.rule_sets import read_rule_set, rule_set_names
from awase.planner.rulebook import horizon
from awase.planner.synthesis import apportion

NAMES = ("island", "japan-challenger", "uk-2020", "us-rip-and-replace")


@pytest.fixture(scope="module")
def cases() -> dict[str, Case]:
    return {name: load_case(name) for name in NAMES}


@pytest.fixture(scope="module")
def checks(cases: dict[str, Case]) -> dict[str, Check]:
    return {name: check(case) for name, case in cases.items()}


def outcome(checked: Check, rule: str, group: str = "") -> RuleOutcome:
    (found,) = [one for one in checked.outcomes if one.id == rule and one.group == group]
    return found


def test_four_examples_ship_with_a_title_each() -> None:
    assert tuple(examples()) == NAMES
    assert all(examples().values())


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_of_an_example_has_a_source_and_a_mark(name: str, cases: dict[str, Case]) -> None:
    case = cases[name]
    assert case.estate.figures
    assert all(figure.source and figure.mark for figure in case.estate.figures)
    assert all(rule.source and rule.mark for rule in case.rules.rules)
    assert all(item.price.source and item.price.mark for item in case.market.catalogue)
    assert all(site.synthetic for site in case.estate.sites)


@pytest.mark.parametrize("name", NAMES)
def test_no_example_contradicts_itself(name: str, checks: dict[str, Check]) -> None:
    assert checks[name].contradictions == ()


def test_an_example_is_the_same_each_time(cases: dict[str, Case]) -> None:
    assert load_case("us-rip-and-replace") == cases["us-rip-and-replace"]
    first = cases["uk-2020"].estate.sites[0]
    assert (first.id, first.latitude_deg, first.longitude_deg) == ("bt-huawei-00001", 56.3139, -5.068)


def test_uk_has_the_published_mixes(cases: dict[str, Case]) -> None:
    sites = [site for site in cases["uk-2020"].estate.sites if "macro" in site.roles]
    found = Counter((site.operator, site.equipment[0].supplier) for site in sites)
    assert found == {
        ("BT", "Huawei"): 12000,
        ("BT", "Nokia"): 6000,
        ("Vodafone", "Huawei"): 4667,
        ("Vodafone", "Ericsson"): 9333,
    }


def test_uk_breaks_its_rules_on_the_published_days(checks: dict[str, Check]) -> None:
    checked = checks["uk-2020"]
    assert [(one.id, one.from_date, one.group) for one in checked.broken] == [
        ("uk-national-security-sites", "2023-01-28", ""),
        ("uk-cap-access", "2023-10-31", "BT"),
        ("uk-cap-access-traffic", "2023-10-31", "BT"),
        ("uk-core", "2023-12-31", ""),
        ("uk-core-transmission", "2025-12-31", ""),
        ("uk-all-5g", "2027-12-31", ""),
    ]
    assert outcome(checked, "uk-cap-access", "BT").slack == pytest.approx(0.35 - 2 / 3)
    assert outcome(checked, "uk-cap-access", "Vodafone").slack == pytest.approx(0.35 - 4667 / 14000)
    # 12 000 and 4 667 radio sites, and eight of a core.
    assert outcome(checked, "uk-all-5g").sites == 16675
    assert outcome(checked, "uk-all-5g").slack == 28
    assert outcome(checked, "uk-national-security-sites").slack == 8


def test_uk_radio_is_concentrated_as_its_mix_says(cases: dict[str, Case]) -> None:
    shares = {"Huawei": 16667 / 32000, "Ericsson": 9333 / 32000, "Nokia": 6000 / 32000}
    mix = diversity_by_level(cases["uk-2020"].estate, "baseband")["brand"]
    assert mix.shares == {name: pytest.approx(share) for name, share in shares.items()}
    assert mix.hhi == pytest.approx(sum(share * share for share in shares.values()))


def test_us_has_the_published_numbers(cases: dict[str, Case], checks: dict[str, Check]) -> None:
    estate = cases["us-rip-and-replace"].estate
    assert len(estate.sites) == 8400
    assert sum(one.count for site in estate.sites for one in site.equipment) == 24000
    assert len(dict.fromkeys(site.operator for site in estate.sites)) == 126
    price = cases["us-rip-and-replace"].market.catalogue[0].price
    assert (price.low, price.mid, price.high) == (round(4.6e9 / 8400), round(4.98e9 / 8400), round(5.6e9 / 8400))
    due = outcome(checks["us-rip-and-replace"], "us-removal")
    assert (due.from_date, due.pieces, due.slack) == ("2023-07-15", 24000, 4)


def test_japan_loses_a_home_supplier_half_way(cases: dict[str, Case]) -> None:
    estate = cases["japan-challenger"].estate
    assert [(one.quarter, one.supplier, one.what) for one in losses(estate, horizon(cases["japan-challenger"]))] == [
        ("2026Q1", "NEC", "leaves the market"),
        ("2028Q4", "NEC", "support ends"),
    ]
    levels = diversity_by_level(estate, "o_ru")
    assert levels["brand"].effective == pytest.approx(2.46, abs=0.01)
    assert levels["chip"].effective == 1


def test_the_island_hangs_on_its_hubs(cases: dict[str, Case]) -> None:
    estate = cases["island"].estate
    huawei = takes_down(estate, estate.suppliers[0].name)
    assert huawei.supplier == "Huawei"
    assert huawei.cut_off == 40


def test_sets_of_rules_ship_for_five_places() -> None:
    assert rule_set_names() == ("eu-proposal", "germany", "japan", "uk", "us")
    for name in rule_set_names():
        rules, _ = read_rule_set(name)
        assert rules.rules
        assert all(rule.source and rule.title for rule in rules.rules)


def test_sites_are_shared_out_to_the_last_one() -> None:
    assert apportion(10, [1, 1, 1]) == [4, 3, 3]
    assert apportion(0, [1, 2]) == [0, 0]
    assert sum(apportion(9333, [5.5, 2.7, 7.4, 0.0, 9.0])) == 9333
    with pytest.raises(ValueError, match="no weight is above 0"):
        apportion(3, [0.0])
