"""The cables of Japan and the United Kingdom that ship, and what they say a country hangs on."""

import pytest

from awase.planner.backbone.landings import load_cables, shipped_cables
from awase.planner.backbone.study import cable_cut, study
from awase.planner.problems import PlanInputError


def test_every_cable_says_where_it_is_known_from() -> None:
    cables = shipped_cables()
    assert len(cables) == 51
    assert len({one.id for one in cables}) == 51
    for one in cables:
        assert one.source
        assert one.mark in {"V", "D", "K"}
        assert one.owners
        assert one.ready_for_service.isdigit()
        assert {landing.country for landing in one.landings} & {"JP", "GB"}
        assert all(landing.latitude_deg is None for landing in one.landings), "facts only: no coordinates"
    marks = [one.mark for one in cables]
    assert (marks.count("V"), marks.count("D"), marks.count("K")) == (34, 1, 16)
    assert all(("not checked here" in one.source) == (one.mark == "K") for one in cables)


def test_cables_that_nobody_has_checked_are_named_with_the_result() -> None:
    said = load_cables("cables/JP").assumptions[-1]
    assert "general knowledge [K], unchecked: " in said
    assert "APCN-2" in said
    assert "FASTER" not in said


def test_japan_hangs_on_single_cables_for_some_countries_only() -> None:
    found = study(load_cables("cables/JP"))
    assert (found.sites, found.links, found.traffic_gbps) == (39, 151, 4200)
    assert found.cuts[0].failures == ("cable:flag-ea",)
    only = {"cable:flag-ea", "cable:sjc", "cable:topaz", "owner:FLAG", "owner:Google"}
    assert only <= set(found.single_points)


def test_the_uk_loses_more_with_bude_than_with_any_other_town() -> None:
    found = study(load_cables("cables/GB"))
    towns = {one.failures[0]: one.lost_gbps for one in found.groups if one.failures[0].startswith("site:")}
    home = {f"site:{one.id}" for one in load_cables("cables/GB").sites if one.roles == ("landing_station",)}
    lost = {name: value for name, value in towns.items() if name in home}
    assert max(lost, key=lost.__getitem__) == "site:Porthcurno"
    assert lost["site:Bude"] > lost["site:Southport"]


def test_towns_that_take_both_of_two_countries_cables_are_told_from_those_that_do_not() -> None:
    japan = load_cables("cables/JP")
    both = cable_cut(japan, ["Maruyama", "Shima", "Chikura"])
    assert both.outcome.lost_gbps > cable_cut(japan, ["Maruyama"]).outcome.lost_gbps


def test_russia_has_two_cables_from_japan() -> None:
    japan = load_cables("cables/JP")
    assert cable_cut(japan, ["Hokkaido-Sakhalin"]).outcome.lost_gbps == 0
    assert cable_cut(japan, ["rjcn", "hscs"]).outcome.lost_gbps == 200


@pytest.mark.parametrize("name", ["cables/FR", "cables/", "cables/UK"])
def test_other_countries_lists_do_not_ship(name: str) -> None:
    with pytest.raises(PlanInputError, match="no list of this country's cables ships"):
        load_cables(name)
