"""The example `island`: its figures."""

import msgspec
import pytest

from awase.model.plan import Range
from awase.planner.backbone.additions import UnitCost, candidates, cheapest
from awase.planner.backbone.sources import load_backbone
from awase.planner.backbone.study import Study, cable_cut, study


@pytest.fixture(scope="module")
def found() -> Study:
    network, rules = load_backbone("island")
    return study(network, rules, pairs=True)


def test_its_size_and_its_traffic(found: Study) -> None:
    assert (found.sites, found.links, found.demands) == (12, 16, 7)
    assert (found.traffic_gbps, found.cut_off_gbps, found.unmet) == (159, 0, ())
    assert found.intact.overloaded_links == 0


def test_the_north_link_is_the_cable_that_hurts_most(found: Study) -> None:
    cables = [one for one in found.cuts if one.failures[0].startswith("cable:")]
    assert cables[0].failures == ("cable:north-link",)
    assert (cables[0].rerouted_gbps, cables[0].excess_gbps, cables[0].carried_gbps) == (62, 20, 159)
    assert cables[0].repair_days == 21


def test_the_shelf_that_two_cables_cross_is_worse_than_either(found: Study) -> None:
    shelf = next(one for one in found.groups if one.failures == ("risk_group:northern-shelf",))
    assert (shelf.lost_gbps, shelf.carried_gbps) == (0, 137)


def test_pairs(found: Study) -> None:
    assert (found.pairs_tried, found.pairs_lost, found.pairs_overloaded) == (105, 26, 69)


def test_suppliers_that_everything_hangs_on(found: Study) -> None:
    lost = {one.failures[0]: one.lost_gbps for one in found.groups if one.failures[0].startswith("supplier:")}
    assert lost["supplier:Nokia"] == 159
    assert lost["supplier:Huawei"] == 97
    assert "supplier:Nokia" in found.single_points


def test_two_cables_at_once_in_words() -> None:
    network, rules = load_backbone("island")
    answer = cable_cut(network, ["North Link", "East Link"], rules)
    assert (answer.outcome.lost_gbps, answer.outcome.carried_gbps, answer.repair.days) == (0, 137, 42)
    assert "at best 137 Gbit/s can be carried" in answer.text


def test_what_makes_it_survive_any_two_cuts() -> None:
    network, rules = load_backbone("island")
    cost = UnitCost(ends=Range(1, 2, 3), per_km=Range(1, 2, 3), currency="EUR")
    found = cheapest(network, candidates(network, cost), survives=2, rules=rules)
    assert found.possible
    assert len(found.links) >= 1


def test_the_same_to_the_octet(found: Study) -> None:
    network, rules = load_backbone("island")
    assert msgspec.json.encode(study(network, rules, pairs=True)) == msgspec.json.encode(found)
