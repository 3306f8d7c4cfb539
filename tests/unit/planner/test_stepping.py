import msgspec
import pytest

from awase.model.calendar import Quarter
from awase.model.plan import Action, SiteId, SupplierName
from awase.planner.diversity.shares import hhi_per_kind
from awase.planner.judging.check import check
from awase.planner.stepping import estate_after
from awase.planner.steps import steps_of
from unit.planner.estates import ruled

CATALOGUE = """
catalogue:
  - id: green-site
    kinds: [radio, baseband]
    supplier: Green
    product: G1
    release: "18"
    components: {chip: Grey}
    end_of_support: 2035Q4
    price: {low: 1, mid: 2, high: 3, currency: EUR, year: 2024, source: s, mark: K}
"""
CASE = ruled("- rule: removal\n  id: r\n  suppliers: [Red]\n  by: 2025-12-31\n", CATALOGUE)


def action(kind: str, quarter: str, **more: str) -> Action:
    return msgspec.convert(
        {
            "site": "a", "kind": kind, "from_supplier": "Red", "to_supplier": "Green", "quarter": quarter,
            "crew": "c", "cost_low": 1, "cost_mid": 2, "cost_high": 3, **more,
        },
        Action,
    )  # fmt: skip


PLAN = [
    action("radio", "2025Q2", equipment="radio", item="green-site"),
    action("baseband", "2025Q3", equipment="baseband", item="green-site"),
]


def test_actions_are_done_in_their_quarters() -> None:
    before = estate_after(CASE, PLAN, Quarter("2025Q1"))
    assert before.sites == CASE.estate.sites
    half = estate_after(CASE, PLAN, Quarter("2025Q2"))
    assert [one.supplier for one in half.sites[0].equipment] == ["Green", "Red"]
    done = estate_after(CASE, PLAN, Quarter("2025Q4"))
    radio, baseband = done.sites[0].equipment
    assert (radio.supplier, radio.product, radio.release, radio.bought) == ("Green", "G1", "18", "2025Q2")
    assert (baseband.bought, baseband.end_of_support, baseband.components) == ("2025Q3", "2035Q4", {"chip": "Grey"})
    assert done.as_of == "2025Q4"


def test_a_plan_that_is_carried_out_keeps_the_rule() -> None:
    assert not check(CASE).passed
    done = msgspec.structs.replace(CASE, estate=estate_after(CASE, PLAN, Quarter("2025Q3")))
    assert check(done).passed
    assert hhi_per_kind(done.estate)["radio"] < hhi_per_kind(CASE.estate)["radio"] + 1e-9


def test_an_action_without_a_piece_means_all_of_its_kind() -> None:
    done = estate_after(CASE, [action("radio", "2025Q2")], Quarter("2025Q2"))
    assert [one.supplier for one in done.sites[0].equipment] == ["Green", "Red"]
    with pytest.raises(KeyError, match="no core of Red"):
        estate_after(CASE, [action("core", "2025Q2")], Quarter("2025Q2"))
    with pytest.raises(KeyError, match="z"):
        estate_after(CASE, [action("radio", "2025Q2", site="z")], Quarter("2025Q2"))


def test_what_hangs_on_a_supplier_is_told_for_each_step() -> None:
    found = steps_of(CASE, tuple(PLAN)).hanging
    assert list(found) == ["2024Q4", "2025Q3"], "the estate's own quarter, and that of the last action"
    assert [(one.supplier, one.down) for one in found[Quarter("2024Q4")]] == [("Blue", 2), ("Red", 1)]
    assert [(one.supplier, one.down) for one in found[Quarter("2025Q3")]] == [("Blue", 2), ("Green", 1)]


def test_shares_are_told_for_each_step_by_place_measure_and_level() -> None:
    steps = steps_of(CASE, tuple(PLAN)).standings
    found = {
        (quarter, one.per, one.place, one.kind, one.level, one.measure): dict(one.shares)
        for quarter, ones in steps.items()
        for one in ones
    }
    for quarter, supplier in (("2024Q4", "Red"), ("2025Q3", "Green")):
        assert found[quarter, "estate", "", "radio", "brand", "equipment"] == pytest.approx(
            {"Blue": 0.8, supplier: 0.2}
        )
        assert found[quarter, "region", "north", "radio", "brand", "traffic"] == {"Blue": 0.75, supplier: 0.25}
        assert found[quarter, "operator", "two", "radio", "brand", "people"] == {"Blue": 1.0}
        assert found[quarter, "estate", "", "radio", "chip", "equipment"] == {"Grey": 1.0}, "two brands, one chip"
    assert all(one.hhi >= 1 / len(one.shares) - 1e-5 for ones in steps.values() for one in ones)


def test_equal_sites_with_equal_actions_share_their_equipment() -> None:
    estate = CASE.estate
    twin = msgspec.structs.replace(estate.sites[0], id=SiteId("twin"))
    case = msgspec.structs.replace(CASE, estate=msgspec.structs.replace(estate, sites=(*estate.sites, twin)))
    plan = [*PLAN, *(msgspec.structs.replace(one, site=SiteId("twin")) for one in PLAN)]
    done = estate_after(case, plan, Quarter("2025Q4"))
    assert done.sites[0].equipment is done.sites[-1].equipment
    assert done.sites[0].equipment[0].supplier == SupplierName("Green")
