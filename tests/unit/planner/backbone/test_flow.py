"""The flow programme: equal to the textbook's formulation, and sane when equipment goes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from awase.planner.backbone.commodities import commodities
from awase.planner.backbone.failures import groups
from awase.planner.backbone.flow import FlowProgramme
from awase.planner.backbone.network import Backbone
from awase.planner.backbone.outcomes import Reckoner
from awase.planner.backbone.routing import Graph
from unit.planner.backbone.small import backbone, most_carried, random_backbone

quick = settings(derandomize=True, max_examples=25, deadline=None)


def most(network: Backbone, dead=()):
    graph = Graph(network)
    return FlowProgramme(graph, commodities(graph)).most(dead)


@quick
@given(seed=st.integers(0, 10_000), nodes=st.integers(3, 6))
def test_it_carries_as_much_as_the_textbook_formulation(seed: int, nodes: int) -> None:
    network = random_backbone(seed, nodes=nodes, density=0.6)
    for dead in ((), (0,), (0, len(network.links) - 1)):
        names = {network.links[link].id for link in dead}
        assert most(network, dead).carried_gbps == pytest.approx(most_carried(network, names), abs=1e-4)


@quick
@given(seed=st.integers(0, 10_000))
def test_removing_a_supplier_never_adds_capacity(seed: int) -> None:
    network = random_backbone(seed, nodes=7)
    whole = most(network).carried_gbps
    for one in groups(network):
        if one.kind == "supplier":
            assert most(network, one.links).carried_gbps <= whole + 1e-5


@quick
@given(seed=st.integers(0, 10_000))
def test_it_carries_at_least_what_fits_the_shortest_paths(seed: int) -> None:
    network = random_backbone(seed, nodes=6)
    graph = Graph(network)
    reckoner = Reckoner(graph, commodities(graph))
    if not reckoner.overload(reckoner.load).links:
        assert most(network).lost_gbps * 1e6 == pytest.approx(reckoner.cut_off)


def test_traffic_is_split_over_two_ways_where_one_is_too_small() -> None:
    links = [("direct", "a", "b", 1.0, 10.0), ("ac", "a", "c", 1.0, 6.0), ("cb", "c", "b", 1.0, 6.0)]
    flow = most(backbone(links, [("a", "b", 15.0)]))
    assert (flow.carried_gbps, flow.lost_gbps) == (15.0, 0.0)
    assert most(backbone(links, [("a", "b", 20.0)])).carried_gbps == 16.0


def test_a_demand_whose_own_way_is_free_makes_room_for_another() -> None:
    # "b to c" alone is content with its link; "a to c" fits only if it leaves it.
    links = [
        ("ab", "a", "b", 1.0, 10.0),
        ("bc", "b", "c", 1.0, 10.0),
        ("bd", "b", "d", 5.0, 10.0),
        ("dc", "d", "c", 5.0, 10.0),
    ]
    assert most(backbone(links, [("a", "c", 10.0), ("b", "c", 10.0)])).lost_gbps == 0.0


def test_what_is_cut_off_is_lost_besides() -> None:
    flow = most(backbone([("ab", "a", "b", 1.0, 1.0), ("cd", "c", "d")], [("a", "b", 3.0), ("a", "c", 5.0)]))
    assert (flow.carried_gbps, flow.lost_gbps, flow.cut_off_gbps) == (1.0, 7.0, 5.0)


def test_prices_tell_what_more_capacity_would_save() -> None:
    flow = most(backbone([("ab", "a", "b", 1.0, 1.0)], [("a", "b", 3.0)]))
    assert flow.prices == (1.0, 0.0)
