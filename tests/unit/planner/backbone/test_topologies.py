"""Topologies of topohub as backbones."""

import pytest

from awase.planner.backbone.sources import load_backbone
from awase.planner.backbone.study import study
from awase.planner.backbone.topologies import COUNTRIES, load_topology
from awase.planner.problems import PlanInputError
from unit.planner.backbone.small import joined


def test_sndlib_brings_its_demands() -> None:
    network = load_topology("sndlib/germany50")
    assert (len(network.sites), len(network.links), len(network.demands)) == (50, 88, 662)
    assert sum(one.traffic_gbps for one in network.demands) == 2365
    assert network.assumptions[0].startswith("demands are those of the topology")


def test_janet_hangs_northern_ireland_on_one_link() -> None:
    found = study(load_topology("topozoo/Janetbackbone"), pairs=True)
    assert (found.sites, found.links, found.traffic_gbps) == (28, 43, 756)
    assert found.single_points == ("link:Glasgow - NIRAN",)
    assert (found.pairs_tried, found.pairs_lost) == (903, 69)
    assert found.pairs[0].failures == ("link:FaTMAN - Leeds", "link:Glasgow - UHIMI")
    assert found.pairs[0].lost_gbps == 150


def test_sinet_of_japan_hangs_on_each_of_its_bridges_and_germany_on_nothing() -> None:
    japan, germany = study(load_topology("topozoo/Sinet")), study(load_topology("sndlib/germany50"))
    links = load_topology("topozoo/Sinet").links
    bridges = [one.id for one in links if not joined([two for two in links if two is not one], one.a, one.b)]
    assert (japan.sites, japan.links, len(bridges)) == (47, 49, 35)
    assert sorted(japan.single_points) == sorted(f"link:{one}" for one in bridges)
    assert germany.single_points == ()


@pytest.mark.parametrize("key", sorted(COUNTRIES))
def test_topologies_of_japan_and_the_uk_say_so(key: str) -> None:
    network, rules = load_backbone(key)
    assert {one.country for one in network.sites} == {COUNTRIES[key]}
    assert rules == ()
    assert network.figures[0].source


def test_sites_of_one_name_are_told_apart() -> None:
    names = [one.id for one in load_topology("topozoo/Iij").sites]
    assert len(set(names)) == len(names)


def test_capacities_and_uniform_demands_are_as_told() -> None:
    network = load_topology("topozoo/WideJpn", uniform_gbps=2.0, capacity_gbps=40.0)
    assert {one.capacity_gbps for one in network.links} == {40.0}
    assert {one.traffic_gbps for one in network.demands} == {2.0}
    assert len(network.demands) == 19 * 18


def test_very_large_topologies_get_no_demands_made_up() -> None:
    network = load_topology("gabriel/225/0")
    assert network.demands == ()
    assert "there are no demands" in network.assumptions[0]


@pytest.mark.parametrize("key", ["topozoo/Nowhere", "sndlib/../../x", "zoo/Janet", "topozoo", "topozoo/"])
def test_a_topology_that_is_not_there_is_refused_in_words(key: str) -> None:
    with pytest.raises(PlanInputError, match="is no topology of topohub"):
        load_topology(key)
