"""What fails together, how it is called, how long it takes to mend."""

import pytest

from awase.model.plan import Equipment, Landing, Link, Supplier
from awase.planner.backbone.failures import cuts, find, groups
from awase.planner.backbone.network import Parts, delay_ns, great_circle_km, make, of_estate
from awase.planner.backbone.study import cable_cut, study
from awase.planner.problems import PlanInputError
from unit.planner.backbone.small import backbone, cable, site

SEA = cable("sea", supplier="NEC", owners=("O1", "O2"), risk_groups=("strait",), repair_days=30.0)


def network():
    links = [
        Link(id="s1", a="x", b="y", delay_ms=5.0, cable="sea", medium="submarine", capacity_gbps=10.0),
        Link(id="s2", a="x", b="y", delay_ms=5.0, cable="sea", medium="submarine", repair_days=40.0),
        Link(id="l1", a="y", b="z", delay_ms=1.0, supplier="Nokia", owner="Tel", risk_groups=("duct", "strait")),
        Link(id="air", a="x", b="z", delay_ms=9.0, medium="satellite", supplier="Sat"),
    ]
    places = [
        site("x", country="JP", equipment=(Equipment(kind="optical", supplier="Huawei"),)),
        site(
            "y",
            country="JP",
            equipment=(Equipment(kind="optical", supplier="Huawei"), Equipment(kind="optical", supplier="Ciena")),
        ),
        site("z", country="US"),
    ]
    return backbone(
        links, [("x", "z", 4.0)], cables=[SEA], sites=places, suppliers=[Supplier(name="Nokia", country="FI")]
    )


def test_a_cut_takes_a_cable_with_all_its_links_or_one_link() -> None:
    assert [(one.id, one.links) for one in cuts(network())] == [
        ("cable:sea", (2, 3)),
        ("link:air", (0,)),
        ("link:l1", (1,)),
    ]


def test_groups_are_sites_risk_groups_suppliers_owners_and_countries() -> None:
    assert {one.id: one.links for one in groups(network())} == {
        "country:FI": (1,),
        "country:JP": (0, 1, 2, 3),
        "country:US": (0, 1),
        "country:XX": (2, 3),
        "owner:O1": (2, 3),
        "owner:O2": (2, 3),
        "owner:Tel": (1,),
        "risk_group:duct": (1,),
        "risk_group:strait": (1, 2, 3),
        "site:x": (0, 2, 3),
        "site:y": (1, 2, 3),
        "site:z": (0, 1),
        "supplier:Huawei": (0, 2, 3),
        "supplier:NEC": (2, 3),
        "supplier:Nokia": (1,),
        "supplier:Sat": (0,),
    }


def test_days_of_repair_are_the_links_the_cables_or_the_mediums() -> None:
    days = {one.id: one.repair_days for one in cuts(network())}
    assert days == {"cable:sea": 40.0, "link:air": 0.5, "link:l1": 1.0}


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("cable:sea", "cable:sea"),
        ("SEA", "cable:sea"),
        ("s1", "link:s1"),
        ("strait", "risk_group:strait"),
        ("Nokia", "supplier:Nokia"),
        ("site:x", "site:x"),
        (" l1 ", "link:l1"),
    ],
)
def test_what_is_to_be_cut_is_found_by_id_or_name(words: str, found: str) -> None:
    assert find(network(), words).id == found


def test_what_is_not_there_to_cut_is_said_with_what_is() -> None:
    with pytest.raises(PlanInputError, match=r"nothing called 'straight' to cut\n.*did you mean strait"):
        cable_cut(network(), ["straight"])


def test_cutting_part_of_a_cable_and_the_whole_are_two_things() -> None:
    assert cable_cut(network(), ["s1"]).outcome.lost_gbps == 0
    found = cable_cut(network(), ["sea", "air", "sea"])
    assert (found.outcome.failures, found.outcome.lost_gbps) == (("cable:sea", "link:air"), 4.0)
    assert "4 of 4 Gbit/s have no way left" in found.text


def test_a_cable_that_no_link_names_joins_its_landing_stations_in_order() -> None:
    sea = cable("sea")
    landed = [Landing(place=name, country="JP", site=name) for name in ("a", "b", "c")]
    laid = type(sea)(id="sea", name="Sea", landings=tuple(landed), capacity_gbps=5.0, owners=("O",))
    found = make(Parts(name="n", sites=[site(one) for one in "abc"], links=[], cables=[laid]))
    assert [(one.id, one.a, one.b, one.capacity_gbps) for one in found.links] == [
        ("sea#1", "a", "b", 5.0),
        ("sea#2", "b", "c", 5.0),
    ]
    assert [one.id for one in groups(found) if one.kind == "owner"] == ["owner:O"]


def test_a_delay_is_given_or_follows_from_the_length_or_the_great_circle() -> None:
    tokyo, london = (
        site("t", latitude_deg=35.68, longitude_deg=139.77),
        site("l", latitude_deg=51.51, longitude_deg=-0.13),
    )
    km = great_circle_km(tokyo, london)
    assert km == pytest.approx(9560, abs=20)
    places = {"t": tokyo, "l": london, "n": site("n")}
    assert delay_ns(Link(id="1", a="t", b="l", delay_ms=2.0, length_km=9.0), places) == 2_000_000
    assert delay_ns(Link(id="1", a="t", b="l", length_km=100.0), places) == 489_700
    assert delay_ns(Link(id="1", a="t", b="l"), places) == round(km * 4_897)
    assert delay_ns(Link(id="1", a="t", b="n"), places) is None


def test_a_broken_backbone_is_refused_with_everything_that_is_wrong() -> None:
    links = [Link(id="1", a="a", b="q"), Link(id="1", a="a", b="a")]
    with pytest.raises(PlanInputError) as error:
        backbone(links, [("a", "w", 1.0)], sites=[site("a"), site("a")])
    assert [one.what for one in error.value.problems] == [
        "site a is there twice",
        "link 1 is there twice",
        "link 1 ends at q, which is no site",
        "link 1 joins a with itself",
        "demand a to w ends at w, which is no site",
    ]
    with pytest.raises(PlanInputError, match="there are no links"):
        make(Parts(name="none", sites=[site("a")], links=[]))


def test_an_estates_backbone_leaves_its_other_sites_out() -> None:
    from awase.planner.loading.case import load_case

    found = of_estate(load_case("island").estate)
    assert len(found.sites) == 12
    assert study(found).sites == 12
