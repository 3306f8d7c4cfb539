"""The cheapest additions: equal to trying all choices, and surviving what they claim by another's judgement."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from awase.model.plan import Link, Range
from awase.model.rules import MustNotCarry
from awase.planner.backbone.additions import Candidate, UnitCost, candidates, cheapest
from awase.planner.backbone.network import Backbone, Parts, make
from unit.planner.backbone.small import backbone, joined, most_carried, random_backbone, site

quick = settings(derandomize=True, max_examples=10, deadline=None)


def offer(name: str, a: str, b: str, cost: float, *, capacity: float = 0.0, **more) -> Candidate:
    link = Link(id=name, a=a, b=b, delay_ms=1.0, capacity_gbps=capacity, **more)
    return Candidate(link=link, cost=Range(cost / 2, cost, cost * 2), currency="EUR")


def with_links(network: Backbone, more) -> Backbone:
    return make(
        Parts(
            name="more",
            sites=network.sites,
            links=[*network.links, *more],
            cables=network.cables,
            demands=network.demands,
        )
    )


def units(network: Backbone):
    found: dict[str, set[str]] = {}
    for link in network.links:
        found.setdefault(f"cable {link.cable}" if link.cable else link.id, set()).add(link.id)
    return list(found.values())


def survives(network: Backbone, chosen, many: int, keep: str = "connected") -> bool:
    """By walking the graph, or by the textbook's flows, after every set of cuts."""
    whole = with_links(network, [one.link for one in chosen])
    cuts = units(whole)
    for failed in combinations(cuts, min(many, len(cuts))):
        dead = set().union(*failed)
        alive = [link for link in whole.links if link.id not in dead]
        wanted = [one for one in network.demands if joined(network.links, one.a, one.b)]
        if not all(joined(alive, one.a, one.b) for one in wanted):
            return False
        if keep == "carried" and most_carried(whole, dead) < sum(one.traffic_gbps for one in wanted) - 1e-4:
            return False
    return True


def best(network: Backbone, offers, many: int, keep: str = "connected") -> float | None:
    costs = [
        sum(one.cost.mid for one in chosen)
        for size in range(len(offers) + 1)
        for chosen in combinations(offers, size)
        if survives(network, chosen, many, keep)
    ]
    return min(costs, default=None)


def offers_for(network: Backbone, seed: int, *, capacity: float = 0.0) -> list[Candidate]:
    names = [one.id for one in network.sites]
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    return [
        offer(
            f"new{number}",
            *pairs[(seed + 3 * number) % len(pairs)],
            float(10 + (seed * 7 + number * 13) % 23),
            capacity=capacity,
        )
        for number in range(6)
    ]


@quick
@given(seed=st.integers(0, 5_000), many=st.sampled_from([1, 2]), cables=st.booleans())
def test_they_cost_what_the_cheapest_of_all_choices_costs(seed: int, many: int, cables: bool) -> None:
    network = random_backbone(seed, nodes=5, density=0.6, cables=cables)
    offers = offers_for(network, seed)
    found, least = cheapest(network, offers, survives=many), best(network, offers, many)
    assert found.possible == (least is not None)
    if found.possible and found.cost is not None:
        assert found.cost.mid == pytest.approx(least)
        assert survives(network, found.links, many)
    else:
        assert "no choice" in found.text


@settings(derandomize=True, max_examples=4, deadline=None)
@given(seed=st.integers(0, 5_000))
def test_where_capacities_count_they_are_the_cheapest_too(seed: int) -> None:
    network = random_backbone(seed, nodes=4, density=0.8)
    offers = offers_for(network, seed, capacity=20.0)[:4]
    found, least = cheapest(network, offers, survives=1, keep="carried"), best(network, offers, 1, "carried")
    assert found.possible == (least is not None)
    if found.cost is not None:
        assert found.cost.mid == pytest.approx(least)


RING = [("ab", "a", "b"), ("bc", "b", "c"), ("cd", "c", "d"), ("da", "d", "a")]


def test_a_ring_survives_one_cut_and_needs_more_for_two() -> None:
    network = backbone(RING, [("a", "c", 1.0), ("b", "d", 1.0)])
    assert cheapest(network, [], survives=1).links == ()
    assert "nothing to add" in cheapest(network, [], survives=1).text
    offers = [offer("ac", "a", "c", 10.0), offer("bd", "b", "d", 12.0), offer("ab2", "a", "b", 1.0)]
    found = cheapest(network, offers, survives=2)
    assert [one.link.id for one in found.links] == ["ac", "bd"]
    assert found.cost == Range(11.0, 22.0, 44.0)


def test_where_no_candidate_helps_it_says_who_stays_cut_off_and_by_what() -> None:
    network = backbone([("ab", "a", "b"), ("bc", "b", "c")], [("a", "c", 1.0)])
    found = cheapest(network, [offer("bc2", "b", "c", 1.0)], survives=1)
    assert not found.possible
    assert found.text == (
        "no choice of the 1 candidates is enough: without ab, a are cut off from the rest, and no candidate helps"
    )


def test_a_candidate_in_a_cable_fails_with_it() -> None:
    network = backbone([Link(id="one", a="a", b="b", delay_ms=1.0, cable="sea")], [("a", "b", 1.0)])
    offers = [offer("same", "a", "b", 1.0, cable="sea"), offer("other", "a", "b", 9.0)]
    assert [one.link.id for one in cheapest(network, offers, survives=1).links] == ["other"]


def test_a_class_that_may_not_use_a_link_gets_another() -> None:
    rule = MustNotCarry(
        id="r", title="r", source="t", mark="declared", traffic_class="gov", by="2026-12-31", owners=("X",)
    )
    network = backbone([("ab", "a", "b"), ("bc", "b", "c"), ("ca", "c", "a")], [("a", "b", 1.0, "gov")])
    barred, trusted = offer("x", "a", "b", 1.0, owner="X"), offer("y", "a", "b", 5.0)
    assert [one.link.id for one in cheapest(network, [barred, trusted], survives=2, rules=[rule]).links] == ["y"]
    assert [one.link.id for one in cheapest(network, [barred, trusted], survives=2).links] == ["x"]


def test_candidates_are_the_nearest_sites_without_a_link_and_cost_by_length() -> None:
    places = [
        site("a", latitude_deg=0.0, longitude_deg=0.0),
        site("b", latitude_deg=0.0, longitude_deg=1.0),
        site("c", latitude_deg=0.0, longitude_deg=3.0),
    ]
    network = backbone([("ab", "a", "b")], [], sites=places)
    cost = UnitCost(ends=Range(1.0, 2.0, 4.0), per_km=Range(1.0, 10.0, 100.0), currency="EUR", detour=1.0)
    found = candidates(network, cost, nearest=1)
    assert [(one.link.a, one.link.b) for one in found] == [("a", "c"), ("b", "c")]
    assert found[1].cost == Range(223.0, 2226.0, 22243.0)
    assert candidates(backbone([("ab", "a", "b")]), cost) == [], "without positions there is no length"


def test_a_published_backbone_survives_any_two_cuts_with_what_it_is_told_to_add() -> None:
    from awase.planner.backbone.topologies import load_topology

    network = load_topology("topozoo/HiberniaUk")
    cost = UnitCost(ends=Range(1.0, 2.0, 4.0), per_km=Range(1.0, 2.0, 4.0), currency="GBP")
    found = cheapest(network, candidates(network, cost, nearest=4), survives=2)
    assert found.possible
    assert survives(network, found.links, 2)
    for left_out in found.links:
        assert not survives(network, [one for one in found.links if one is not left_out], 2)
