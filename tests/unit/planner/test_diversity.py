import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from awase.model.rules import Scope
from awase.planner.diversity.comparing import compare, diversity_by_level
from awase.planner.diversity.exposure import exposures, losses, takes_down
from awase.planner.diversity.shares import diversity, effective_number, hhi, hhi_per_kind, kinds_of, shares_of
from unit.planner.estates import SITES, case

WEIGHTS = st.lists(st.floats(1e-6, 1e9), min_size=1, max_size=30)
WHOLE = st.lists(st.integers(1, 10**6), min_size=1, max_size=30)


@settings(derandomize=True)
@given(WEIGHTS)
def test_the_index_of_n_suppliers_lies_between_1_over_n_and_1(weights: list[float]) -> None:
    assert 1 / len(weights) - 1e-12 <= hhi(weights) <= 1
    assert 1 - 1e-12 <= effective_number(weights) <= len(weights) + 1e-9


@settings(derandomize=True)
@given(WHOLE, st.floats(1e-6, 1e6))
def test_the_index_depends_on_neither_unit_nor_order(weights: list[int], unit: float) -> None:
    assert hhi([weight * unit for weight in weights]) == pytest.approx(hhi(weights), rel=1e-9)
    assert hhi(list(reversed(weights))) == pytest.approx(hhi(weights), rel=1e-12)


@settings(derandomize=True)
@given(WHOLE, st.integers(2, 5))
def test_copies_of_a_market_side_by_side_divide_its_index(weights: list[int], copies: int) -> None:
    assert hhi(weights * copies) == pytest.approx(hhi(weights) / copies, rel=1e-9)


@settings(derandomize=True)
@given(st.lists(st.integers(1, 10**6), min_size=2, max_size=30))
def test_a_merger_never_lowers_the_index(weights: list[int]) -> None:
    assert hhi([weights[0] + weights[1], *weights[2:]]) >= hhi(weights) - 1e-12


@settings(derandomize=True)
@given(WHOLE)
def test_who_has_nothing_changes_nothing(weights: list[int]) -> None:
    assert hhi([*weights, 0]) == hhi(weights)


@settings(derandomize=True)
@given(st.dictionaries(st.text(max_size=5), st.integers(1, 10**9), min_size=1))
def test_shares_add_up_to_one(weights: dict[str, int]) -> None:
    shares = shares_of(weights)
    assert math.fsum(shares.values()) == pytest.approx(1, abs=1e-12)
    assert list(shares.values()) == sorted(shares.values(), reverse=True)


@pytest.mark.parametrize("weights", [[], [0.0], [1.0, -1.0], [math.inf], [math.nan, 1.0]])
def test_no_shares_come_of_nothing_or_less(weights: list[float]) -> None:
    with pytest.raises(ValueError, match="weight"):
        hhi(weights)


def test_published_market_shares_give_the_published_index() -> None:
    # Dell'Oro, RAN 2020: Huawei 33, Ericsson 29, Nokia 19, ZTE 10, Samsung 6, the rest left out.
    shares = (33, 29, 19, 10, 6)
    assert sum(share * share for share in shares) == pytest.approx(2430, abs=5)
    assert hhi(shares) * 97 * 97 == pytest.approx(2427)


def test_diversity_is_counted_by_pieces_sites_traffic_and_people() -> None:
    estate = case(SITES).estate
    scope = Scope(kinds=("radio",))
    assert diversity(estate, scope)[""].shares == {"Blue": 0.8, "Red": 0.2}
    assert diversity(estate, scope, measure="sites")[""].shares == {
        "Blue": pytest.approx(2 / 3),
        "Red": pytest.approx(1 / 3),
    }
    assert diversity(estate, scope, measure="traffic")[""].shares["Red"] == pytest.approx(1 / 6)
    assert diversity(estate, scope, measure="people")[""].shares["Red"] == pytest.approx(1 / 6)


def test_diversity_is_counted_per_operator_and_region() -> None:
    estate = case(SITES).estate
    found = diversity(estate, Scope(kinds=("baseband",)), per="operator")
    assert {name: one.effective for name, one in found.items()} == {"one": 2, "two": 1}
    assert list(diversity(estate, Scope(), per="operator_region")) == ["one, north", "two, south"]
    assert found["one"].largest == "Blue"


MIXED = {"R": 0.25, "B": 0.75}


def test_a_site_of_two_suppliers_is_shared_out() -> None:
    halves = ", ".join(f"{{kind: radio, supplier: {name}, share_of_traffic: {share}}}" for name, share in MIXED.items())
    estate = case(f"sites: [{{id: a, traffic_gbps: 4, people: 8, equipment: [{halves}]}}]\n").estate
    assert diversity(estate, Scope(), measure="traffic")[""].shares == {"B": 0.75, "R": 0.25}
    assert diversity(estate, Scope(), measure="people")[""].hhi == 0.5


def test_behind_two_brands_may_stand_one_chip() -> None:
    levels = diversity_by_level(case(SITES).estate, "baseband")
    assert list(levels) == ["brand", "country", "chip"]
    assert levels["brand"].effective == pytest.approx(1.8)
    assert levels["country"].shares == {"SE": pytest.approx(2 / 3), "CN": pytest.approx(1 / 3)}
    assert (levels["chip"].effective, levels["chip"].known) == (1, 1)


def test_what_is_not_known_is_said() -> None:
    text = SITES.replace(", components: {chip: Grey}", "", 1).replace("{name: Blue, country: SE", "{name: Blue")
    levels = diversity_by_level(case(text).estate, "baseband")
    assert levels["chip"].known == pytest.approx(2 / 3)
    assert levels["chip"].shares == {"Grey": pytest.approx(2 / 3), "Red": pytest.approx(1 / 3)}
    assert levels["country"].shares[""] == pytest.approx(2 / 3)


def test_the_index_of_each_kind() -> None:
    estate = case(SITES).estate
    assert kinds_of(estate) == ("radio", "baseband")
    assert hhi_per_kind(estate) == {"radio": pytest.approx(0.68), "baseband": pytest.approx(5 / 9)}
    assert hhi_per_kind(estate, layers=("4g",)) == {"radio": 1, "baseband": 1}


WHITE_BOX = """
sites:
  - {id: a, equipment: [{kind: radio, supplier: Old}, {kind: baseband, supplier: Old}]}
  - {id: b, equipment: [{kind: radio, supplier: Other}, {kind: baseband, supplier: Other}]}
suppliers: [{name: Old}, {name: Other}, {name: N1%s}, {name: N2%s}, {name: N3%s}]
"""


def open_mix(chips: tuple[str, str, str]) -> tuple[str, str]:
    before = WHITE_BOX % tuple(f", components: {{chip: {chip}}}" for chip in chips)
    _, tail = before.split("suppliers:")
    sites = "".join(
        f"  - {{id: {name}, equipment: [{{kind: o_ru, supplier: {name}}}, {{kind: o_du, supplier: {name}}}]}}\n"
        for name in ("N1", "N2", "N3")
    )
    return before, f"sites:\n{sites}suppliers:{tail}"


def test_an_open_mix_on_one_chip_is_more_diverse_by_brand_only() -> None:
    before, after = open_mix(("Grey", "Grey", "Grey"))
    found = compare(case(before).estate, case(after).estate)
    assert found.answer == "more diverse by brand only"
    assert "goes from 2.00 to 3.00" in found.text
    assert "by chip of o_ru goes from 2.00 to 1.00; 100% hangs on Grey" in found.text


def test_an_open_mix_on_its_own_chips_is_more_diverse() -> None:
    before, after = open_mix(("C1", "C2", "C3"))
    assert compare(case(before).estate, case(after).estate).answer == "more diverse"


def test_what_is_gained_in_one_kind_does_not_hide_what_is_lost_in_another() -> None:
    sites = "sites:\n- {id: a, equipment: [{kind: o_ru, supplier: %s}, {kind: o_ru, supplier: %s}, "
    sites += "{kind: core, supplier: %s}, {kind: core, supplier: %s}]}\n"
    before, after = (case(sites % names).estate for names in (("R", "S", "T", "T"), ("R", "R", "T", "U")))
    found = compare(before, after)
    assert found.answer == "more diverse here, less there"
    assert "of core suppliers goes from 1.00 to 2.00" in found.text
    assert "less so elsewhere: the effective number of o_ru suppliers goes from 2.00 to 1.00" in found.text
    assert "less so here" in compare(after, case(sites % ("R", "R", "T", "T")).estate).text


def test_the_same_mix_is_no_more_diverse() -> None:
    before, after = open_mix(("C1", "C2", "C3"))
    assert compare(case(before).estate, case(before).estate).answer == "no more diverse"
    assert "no more diverse" in compare(case(after).estate, case(before).estate).text


HUBS = """
sites:
  - {id: hub1, roles: [core], equipment: [{kind: core, supplier: Red}]}
  - {id: hub2, roles: [core], equipment: [{kind: core, supplier: Blue}]}
  - {id: ring, served_by: [hub1, hub2, leaf2]}
  - id: leaf1
    people: 5
    traffic_gbps: 1
    roles: [macro, emergency]
    served_by: [hub1]
    equipment: [{kind: radio, supplier: Blue}]
  - id: leaf2
    people: 7
    traffic_gbps: 2
    served_by: [ring]
    equipment:
      - {kind: radio, supplier: Red, share_of_traffic: 0.5}
      - {kind: radio, supplier: Blue, share_of_traffic: 0.5}
"""


def test_what_hangs_on_a_hub_goes_down_with_it() -> None:
    estate = case(HUBS).estate
    red = takes_down(estate, next(one.supplier for one in estate.sites[0].equipment))
    assert (red.hit, red.down, red.cut_off, red.people, red.people_degraded) == (2, 2, 1, 5, 7)
    assert red.traffic_gbps == 2
    assert red.share_of_traffic == pytest.approx(2 / 3)
    assert red.critical == {"emergency": 1}
    assert red.kinds == ("core", "radio")


def test_a_second_hub_keeps_a_site_up_but_a_loop_does_not() -> None:
    estate = case(HUBS).estate
    blue = next(one for one in exposures(estate) if one.supplier == "Blue")
    assert (blue.down, blue.cut_off) == (2, 0)
    alone = case(HUBS.replace("[hub1, hub2, leaf2]", "[hub2, leaf2]")).estate
    blue = next(one for one in exposures(alone) if one.supplier == "Blue")
    assert (blue.down, blue.cut_off) == (4, 2)


def test_exposures_come_worst_first_and_behind_the_brand() -> None:
    estate = case(SITES).estate
    assert [(one.supplier, one.down) for one in exposures(estate)] == [("Blue", 2), ("Red", 1)]
    assert [(one.supplier, one.down) for one in exposures(estate, component="chip")] == [("Grey", 3)]


def test_losses_are_foreseen() -> None:
    text = SITES.replace("{name: Red,", "{name: Red, leaves: 2026Q1, support_ends: 2027Q4,")
    estate = case(text).estate
    found = losses(estate, estate.as_of.__class__("2027Q4"))
    assert [(one.quarter, one.supplier, one.what, one.pieces, one.sites) for one in found] == [
        ("2026Q1", "Red", "leaves the market", 2, 1),
        ("2027Q4", "Red", "support ends", 2, 1),
    ]
    assert losses(estate, estate.as_of) == []
