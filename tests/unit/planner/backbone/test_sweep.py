"""Cuts and pairs of cuts: the quick sweep against one-by-one reckoning, and both against trying all paths."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from awase.model.plan import Demand, Link
from awase.planner.backbone import sweep as sweeping
from awase.planner.backbone.commodities import commodities
from awase.planner.backbone.failures import cuts
from awase.planner.backbone.network import Backbone
from awase.planner.backbone.outcomes import Reckoner
from awase.planner.backbone.routing import Graph
from awase.planner.backbone.study import study
from awase.planner.backbone.sweep import Sweep
from awase.planner.backbone.topologies import load_topology
from unit.planner.backbone.small import backbone, brute, random_backbone

SEEDS = st.integers(0, 10_000)
quick = settings(derandomize=True, max_examples=40, deadline=None)


def reckoner_of(network: Backbone) -> Reckoner:
    graph = Graph(network)
    return Reckoner(graph, commodities(graph))


def sums(effect):
    return effect.lost, effect.rerouted, effect.later, effect.worst_ns, list(effect.load)


def loads_by_name(network: Backbone, load) -> dict:
    return {
        (link.id, end): load[2 * number + way]
        for number, link in enumerate(network.links)
        for way, end in enumerate((link.a, link.b))
        if load[2 * number + way]
    }


@quick
@given(seed=SEEDS, cables=st.booleans())
def test_every_pair_of_cuts_does_what_trying_all_paths_says(seed: int, cables: bool) -> None:
    network = random_backbone(seed, nodes=5, cables=cables)
    reckoner, units = reckoner_of(network), cuts(network)
    found = {(e, f): effect for e, f, effect, _ in Sweep(reckoner, [one.links for one in units]).pairs()}
    assert len(found) == len(units) * (len(units) - 1) // 2
    for (e, f), effect in found.items():
        dead = {network.links[link].id for link in (*units[e].links, *units[f].links)}
        lost, rerouted, later, worst, load = brute(network, dead)
        assert (effect.lost, effect.rerouted, effect.later, effect.worst_ns) == (lost, rerouted, later, worst)
        assert loads_by_name(network, effect.load) == load


@quick
@given(seed=SEEDS, cables=st.booleans(), nodes=st.integers(2, 12))
def test_the_sweep_equals_reckoning_one_by_one(seed: int, cables: bool, nodes: int) -> None:
    network = random_backbone(seed, nodes=nodes, density=0.35, cables=cables)
    reckoner, units = reckoner_of(network), cuts(network)
    sweep = Sweep(reckoner, [one.links for one in units])
    for one, effect in zip(units, sweep.singles(), strict=True):
        assert sums(effect) == sums(reckoner.effect(one.links))
    for e, f, effect, overload in sweep.pairs():
        slow = reckoner.effect((*units[e].links, *units[f].links))
        assert sums(effect) == sums(slow)
        assert overload == reckoner.overload(slow.load)


def test_pairs_in_small_blocks_of_memory_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    network = random_backbone(7, nodes=9, cables=True)
    links = [one.links for one in cuts(network)]
    whole = [(e, f, sums(effect)) for e, f, effect, _ in Sweep(reckoner_of(network), links).pairs()]
    monkeypatch.setattr(sweeping, "MEMORY_BYTES", 1)
    assert [(e, f, sums(effect)) for e, f, effect, _ in Sweep(reckoner_of(network), links).pairs()] == whole


def test_a_published_topology_sweeps_as_reckoned_one_by_one() -> None:
    network = load_topology("topozoo/Sinet", capacity_gbps=150.0)
    reckoner, units = reckoner_of(network), cuts(network)
    for e, f, effect, overload in Sweep(reckoner, [one.links for one in units]).pairs():
        if (e + f) % 11 == 0:
            slow = reckoner.effect((*units[e].links, *units[f].links))
            assert sums(effect) == sums(slow)
            assert overload == reckoner.overload(slow.load)


@quick
@given(seed=SEEDS)
def test_a_cut_never_shortens_delay_and_a_second_never_mends(seed: int) -> None:
    network = random_backbone(seed, nodes=7)
    reckoner, units = reckoner_of(network), cuts(network)
    sweep = Sweep(reckoner, [one.links for one in units])
    singles = sweep.singles()
    assert all(one.later >= 0 and one.worst_ns >= 0 for one in singles)
    for e, f, effect, _ in sweep.pairs():
        assert effect.lost >= max(singles[e].lost, singles[f].lost)
        assert effect.later >= 0


@quick
@given(seed=SEEDS)
def test_what_is_carried_lost_and_cut_off_is_all_there_is(seed: int) -> None:
    network = random_backbone(seed, nodes=6)
    reckoner = reckoner_of(network)
    total = sum(round(one.traffic_gbps * 1e6) for one in network.demands)
    assert reckoner.total == total
    for one in cuts(network):
        assert 0 <= reckoner.effect(one.links).lost <= total - reckoner.cut_off


def test_the_order_of_the_input_changes_nothing() -> None:
    network = random_backbone(3, nodes=8, cables=True)
    turned = backbone(
        network.links[::-1], network.demands[::-1], cables=network.cables[::-1], sites=network.sites[::-1]
    )
    one, two = (msgspec.json.encode(study(net, pairs=True)) for net in (network, turned))
    assert one == two


def test_routes_of_equal_delay_are_chosen_once_and_for_all() -> None:
    square = [("ab", "a", "b"), ("bc", "b", "c"), ("cd", "c", "d"), ("da", "d", "a")]
    network = backbone(square, [("a", "c", 1.0), ("c", "a", 1.0)])
    load = loads_by_name(network, reckoner_of(network).load)
    assert sorted(load.values()) == [1_000_000] * 4
    assert len({link for link, _ in load}) == 2, "there and back take the same route"


def test_parallel_links_share_nothing_and_the_shorter_carries() -> None:
    network = backbone([("slow", "a", "b", 5.0), ("quick", "a", "b", 1.0)], [("a", "b", 2.0)])
    reckoner = reckoner_of(network)
    assert loads_by_name(network, reckoner.load) == {("quick", "a"): 2_000_000}
    effect = reckoner.effect((0,))
    assert (effect.lost, effect.rerouted, effect.worst_ns) == (0, 2_000_000, 4_000_000)


def test_demands_that_had_no_way_before_are_not_lost_by_a_cut() -> None:
    network = backbone([("ab", "a", "b"), ("cd", "c", "d")], [("a", "b", 1.0), ("a", "c", 5.0)])
    found = study(network)
    assert found.cut_off_gbps == 5.0
    assert {one.failures: one.lost_gbps for one in found.cuts} == {("link:ab",): 1.0, ("link:cd",): 0.0}


def test_a_demand_with_both_ends_at_one_site_needs_no_backbone() -> None:
    network = backbone([("ab", "a", "b")], [Demand(a="a", b="a", traffic_gbps=9.0), ("a", "b", 1.0)])
    assert study(network).traffic_gbps == 1.0


def test_a_link_without_capacity_is_never_overloaded_and_this_is_said() -> None:
    network = backbone([("ab", "a", "b", 1.0, 0.0)], [("a", "b", 1000.0)])
    found = study(network)
    assert found.intact.overloaded_links == 0
    assert any("never overloaded" in text for text in found.assumptions)


def test_directions_of_a_link_are_full_each_by_itself() -> None:
    network = backbone([("ab", "a", "b", 1.0, 10.0)], [("a", "b", 9.0), ("b", "a", 12.0)])
    found = study(network)
    assert (found.intact.overloaded_links, found.intact.excess_gbps) == (1, 2.0)
    assert found.intact.utilisation == 1.2
    assert found.intact.carried_gbps == 19.0


def test_links_of_one_cable_are_cut_together() -> None:
    links = [Link(id=name, a="a", b="b", delay_ms=1.0, cable="sea") for name in ("one", "two")]
    found = study(backbone(links, [("a", "b", 3.0)]))
    assert [one.failures for one in found.cuts] == [("cable:sea",)]
    assert found.cuts[0].lost_gbps == 3.0
