"""How long a backbone's study takes: all single and pair cuts of 100 sites, and the flow programme for the worst."""

from time import process_time

import msgspec
import pytest

from awase.planner.backbone.commodities import commodities
from awase.planner.backbone.failures import cuts
from awase.planner.backbone.flow import FlowProgramme
from awase.planner.backbone.network import KBPS, Backbone
from awase.planner.backbone.outcomes import Reckoner
from awase.planner.backbone.routing import Graph
from awase.planner.backbone.sweep import Sweep
from awase.planner.backbone.topologies import load_topology

MOST_PAIRS_CPU_S = 10.0
MOST_FLOW_CPU_S = 60.0
WORST = 50
HEADROOM = 1.4
"""Each link has this much more than the intact backbone asks of it: pairs of cuts then overload some."""


@pytest.fixture(scope="module")
def network() -> Backbone:
    """100 sites, 186 links, a demand each way for every pair: topohub's gabriel/100/0."""
    bare = load_topology("gabriel/100/0")
    graph = Graph(bare)
    load = Reckoner(graph, commodities(graph)).load
    links = [
        msgspec.structs.replace(link, capacity_gbps=HEADROOM * max(load[2 * number : 2 * number + 2]) / KBPS + 1)
        for number, link in enumerate(bare.links)
    ]
    return msgspec.structs.replace(bare, links=tuple(links))


def test_all_pairs_of_cuts_of_100_sites_and_the_worst_by_the_flow_programme(network: Backbone, capsys) -> None:
    start_s = process_time()
    graph = Graph(network)
    parts = commodities(graph)
    reckoner = Reckoner(graph, parts)
    units = [one.links for one in cuts(network)]
    pairs = [(effect.lost + over.excess, e, f) for e, f, effect, over in Sweep(reckoner, units).pairs()]
    swept_s = process_time() - start_s
    assert (len(network.sites), len(units), len(pairs)) == (100, 186, 186 * 185 // 2)
    start_s = process_time()
    programme = FlowProgramme(graph, parts)
    worst = sorted(pairs, key=lambda one: (-one[0], one[1:]))[:WORST]
    flows = [programme.most((*units[e], *units[f])) for _, e, f in worst]
    flow_s = process_time() - start_s
    with capsys.disabled():
        print(f"\n{len(pairs)} pairs of cuts: {swept_s:.1f} s CPU; {WORST} flow programmes: {flow_s:.1f} s CPU")
    assert swept_s < MOST_PAIRS_CPU_S
    assert flow_s < MOST_FLOW_CPU_S
    assert all(one.carried_gbps + one.lost_gbps == pytest.approx(9900) for one in flows)
