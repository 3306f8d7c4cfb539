"""What must not be carried over whom: routes that keep to it, and words where none can."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from awase.model.calendar import Date
from awase.model.plan import Link, Operator, Supplier
from awase.model.rules import After, MustNotCarry
from awase.planner.backbone.carrying import barred, explain, in_force
from awase.planner.backbone.network import Backbone
from awase.planner.backbone.routing import Graph
from awase.planner.backbone.study import study
from unit.planner.backbone.small import backbone, cable, joined, random_backbone, site


def rule(**more) -> MustNotCarry:
    return MustNotCarry(
        **(
            {"id": "r1", "title": "t", "source": "s", "mark": "declared", "traffic_class": "gov", "by": "2026-12-31"}
            | more
        )
    )


def links(*rows) -> list[Link]:
    return [Link(id=name, a=a, b=b, delay_ms=delay, **more) for name, a, b, delay, more in rows]


def why(network: Backbone, **more) -> list[str]:
    return [one.why for ones in barred(network, [rule(**more)]).values() for one in ones]


def test_traffic_of_the_class_goes_round_and_other_traffic_does_not() -> None:
    network = backbone(
        links(("quick", "a", "b", 1.0, {"supplier": "Y"}), ("long", "a", "c", 5.0, {}), ("way", "c", "b", 5.0, {})),
        [("a", "b", 4.0, "gov"), ("a", "b", 3.0, "public")],
    )
    found = study(network, [rule(suppliers=("Y",))])
    lost = {one.failures[0]: (one.lost_gbps, one.rerouted_gbps) for one in found.cuts}
    assert lost == {"link:quick": (0.0, 3.0), "link:long": (4.0, 0.0), "link:way": (4.0, 0.0)}
    assert found.unmet == ()


def test_an_encrypted_link_may_carry_it_unless_the_rule_wants_it_off_anyway() -> None:
    network = backbone(links(("ab", "a", "b", 1.0, {"supplier": "Y", "encrypted": True})), [("a", "b", 1.0, "gov")])
    assert why(network, suppliers=("Y",)) == []
    assert why(network, suppliers=("Y",), unless_encrypted=False) == ["link ab has equipment of Y"]
    assert "Encryption would not help" in study(network, [rule(suppliers=("Y",), unless_encrypted=False)]).unmet[0].text


@pytest.mark.parametrize(
    ("link", "more", "reason"),
    [
        ({"supplier": "Y"}, {"suppliers": ("Y",)}, "link ab has equipment of Y"),
        ({"owner": "O"}, {"owners": ("O",)}, "link ab belongs to O"),
        ({"cable": "sea"}, {"suppliers": ("Laid",)}, "link ab has equipment of Laid"),
        ({"cable": "sea"}, {"owners": ("Partner",)}, "link ab belongs to Partner"),
        ({"cable": "sea"}, {"countries": ("XX",)}, "link ab runs through XX"),
        ({}, {"countries": ("FR",)}, "link ab runs through FR"),
        ({"supplier": "Y"}, {"countries": ("CN",)}, "link ab is of Y, which is of CN"),
        ({"owner": "Tel"}, {"countries": ("KP",)}, "link ab is of Tel, which is of KP"),
    ],
)
def test_a_link_is_barred_by_supplier_owner_or_country_of_it_or_its_cable(link, more, reason) -> None:
    network = backbone(
        links(("ab", "a", "b", 1.0, link)),
        sites=[site("a", country="JP"), site("b", country="FR")],
        cables=[cable("sea", supplier="Laid", owners=("Partner",))],
        suppliers=[Supplier(name="Y", country="CN")],
        operators=[Operator(name="Tel", country="KP")],
    )
    assert why(network, **more) == [reason]


def test_what_cannot_be_met_is_explained_with_the_links_to_encrypt() -> None:
    network = backbone(
        links(
            ("north", "a", "m", 1.0, {"supplier": "Y"}),
            ("south", "a", "m", 2.0, {"owner": "O"}),
            ("mb", "m", "b", 1.0, {}),
        ),
        [("a", "b", 2.5, "gov")],
    )
    (unmet,) = study(network, [rule(suppliers=("Y",), owners=("O",))]).unmet
    assert unmet.text == (
        "2.5 Gbit/s of gov from a to b cannot avoid it: link north has equipment of Y; link south belongs to O. "
        "Encrypting north would be enough (route a - m - b) (forbidden after 2026-12-31)"
    )
    assert (unmet.crossing, unmet.encrypt, unmet.rules) == (("north", "south"), ("north",), ("r1",))


def test_a_demand_without_any_way_is_not_the_rules_fault() -> None:
    network = backbone(links(("ab", "a", "b", 1.0, {"supplier": "Y"})), [("a", "c", 1.0, "gov")])
    assert study(network, [rule(suppliers=("Y",))]).unmet == ()


@settings(derandomize=True, max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_encryption_and_crossing_are_the_fewest_that_do(seed: int) -> None:
    network = random_backbone(seed, nodes=5)
    closed = {link.id for link in network.links if link.supplier in ("A", "B")}
    free = [link for link in network.links if link.id not in closed]
    found = {(one.a, one.b): one for one in explain(Graph(network), [rule(traffic_class="", suppliers=("A", "B"))])}
    for demand in network.demands:
        expected = joined(network.links, demand.a, demand.b) and not joined(free, demand.a, demand.b)
        assert ((demand.a, demand.b) in found) == expected
        if not expected:
            continue
        one = found[demand.a, demand.b]
        opens = [
            size
            for size in range(len(closed) + 1)
            for some in combinations(sorted(closed), size)
            if joined([link for link in network.links if link.id not in closed or link.id in some], demand.a, demand.b)
        ]
        cuts = [
            size
            for size in range(len(closed) + 1)
            for some in combinations(sorted(closed), size)
            if not joined([link for link in network.links if link.id not in some], demand.a, demand.b)
        ]
        assert (len(one.encrypt), len(one.crossing)) == (min(opens), min(cuts))
        assert joined([link for link in network.links if link.id in one.encrypt or link in free], demand.a, demand.b)
        assert not joined([link for link in network.links if link.id not in one.crossing], demand.a, demand.b)


def test_a_rule_binds_after_its_day_only() -> None:
    late, hanging = rule(), rule(id="r2", by=After(months=12, after="law"))
    assert [one.id for one in in_force([late, hanging], {}, None)[0]] == ["r1"]
    assert in_force([late], {}, Date("2026-12-31")) == ((), ("rule r1 binds after 2026-12-31: not yet on 2026-12-31",))
    kept, said = in_force([late, hanging], {"law": Date("2026-01-01")}, Date("2027-06-30"))
    assert [(one.id, one.by) for one in kept] == [("r1", "2026-12-31"), ("r2", "2027-01-01")]
    assert said[1] == "rule r2, which binds after 2027-01-01, is taken to be in force"


def test_what_cannot_be_avoided_says_after_which_day_it_must_be() -> None:
    network = backbone(links(("only", "a", "b", 1.0, {"supplier": "Y"})), [("a", "b", 4.0, "gov")])
    assert study(network, [rule(suppliers=("Y",))]).unmet[0].text.endswith("(forbidden after 2026-12-31)")
