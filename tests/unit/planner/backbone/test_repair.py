"""Repair: the best order for the ships there are."""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from awase.planner.backbone import repair as repairing
from awase.planner.backbone.commodities import commodities
from awase.planner.backbone.failures import cuts
from awase.planner.backbone.outcomes import Reckoner
from awase.planner.backbone.repair import best_repair
from awase.planner.backbone.routing import Graph
from awase.planner.backbone.study import cable_cut
from unit.planner.backbone.small import backbone, brute, random_backbone

LINKS = [("ab", "a", "b"), ("cd", "c", "d")]


def reckoner_of(network):
    graph = Graph(network)
    return Reckoner(graph, commodities(graph))


def test_the_failure_that_loses_more_is_mended_first() -> None:
    network = backbone(LINKS, [("a", "b", 1.0), ("c", "d", 9.0)])
    found = best_repair(reckoner_of(network), cuts(network))
    assert found.order == ("link:cd", "link:ab")
    assert [(one.day, one.mended, one.lost_gbps) for one in found.steps] == [
        (0.0, "", 10.0),
        (1.0, "link:cd", 1.0),
        (2.0, "link:ab", 0.0),
    ]
    assert (found.days, found.lost_gbps_days, found.proven_best) == (2.0, 11.0, True)


def test_two_ships_mend_side_by_side() -> None:
    network = backbone(LINKS, [("a", "b", 1.0), ("c", "d", 9.0)])
    found = best_repair(reckoner_of(network), cuts(network), ships=2)
    assert (found.days, found.lost_gbps_days) == (1.0, 10.0)
    assert cable_cut(network, ["ab", "cd"], ships=2).outcome.lost_gbps_days == 10.0


@settings(derandomize=True, max_examples=15, deadline=None)
@given(seed=st.integers(0, 5_000))
def test_no_order_loses_less(seed: int) -> None:
    network = random_backbone(seed, nodes=5)
    units = cuts(network)[:3]
    found = best_repair(reckoner_of(network), units)
    for order in permutations(units):
        total = 0.0
        for place in range(len(order)):
            dead = {network.links[link].id for one in order[place:] for link in one.links}
            total += brute(network, dead)[0] / 1e6 * order[place].repair_days
        assert found.lost_gbps_days <= total + 1e-6


def test_very_many_failures_are_mended_greedily_and_not_called_proven(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repairing, "MOST_TRIED", 1)
    network = backbone(LINKS, [("a", "b", 1.0), ("c", "d", 9.0)])
    found = best_repair(reckoner_of(network), cuts(network))
    assert (found.order[0], found.proven_best) == ("link:cd", False)


def test_nothing_to_mend_or_nobody_to_do_it_is_the_callers_mistake() -> None:
    network = backbone(LINKS, [("a", "b", 1.0)])
    for failures, ships in ((cuts(network), 0), ([], 1)):
        with pytest.raises(ValueError, match="a repair needs a ship and a failure"):
            best_repair(reckoner_of(network), failures, ships=ships)
