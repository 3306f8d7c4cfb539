import json

from awase.model.plan import Crew, Limits, Market
from awase.report import work
from unit.report.plans import ACTIONS, ESTATE, HOSTILE, LIMITS, MARKET, swap

SITES = {site.id: site for site in ESTATE.sites}


def test_sites_are_counted_once_per_region_and_year():
    assert work.sites_by_region_and_year(ACTIONS, SITES) == {"north": {2026: 1, 2027: 1}}
    assert work.sites_by_region_and_year([swap("unknown", "radio", "2026Q1")], SITES) == {"": {2026: 1}}


def test_a_site_is_finished_with_its_last_action():
    actions = [swap("a", "radio", "2026Q1"), swap("a", "baseband", "2026Q3"), swap("b", "radio", "2026Q2")]
    assert work.finished(actions) == {"2026Q2": 1.0, "2026Q3": 2.0}


def test_what_one_item_stands_in_for_is_one_package():
    packages, unit = work.packages(ACTIONS, SITES)
    assert unit == "quarter"
    assert [(one.when, one.region, list(one.kinds), len(one.sites), one.mid) for one in packages] == [
        ("2026Q1", "north", ["radio", "baseband"], 1, 20),
        ("2027Q2", "north", ["radio", "baseband"], 1, 20),
    ]


def test_packages_are_by_year_where_there_are_too_many_by_quarter():
    actions = [
        swap("a", "radio", f"20{year}Q{quarter}", item=f"item-{n}")
        for year in (26, 27)
        for quarter in (1, 2, 3, 4)
        for n in range(200)
    ]
    packages, unit = work.packages(actions, SITES)
    assert (unit, len(packages)) == ("year", 400)
    assert sum(one.mid for one in packages) == work.sums(actions).mid


def test_a_chain_takes_one_set_of_visits_and_single_pieces_one_each():
    actions = (*ACTIONS, swap("a", "radio", "2026Q2", item="single"), swap("a", "baseband", "2026Q2", item="other"))
    (use,) = work.crew_use(actions, SITES, LIMITS, MARKET)
    # Two chains of two visits, and two items that the catalogue does not know, of one visit each.
    assert use.visits == {2026: 4.0, 2027: 2.0}
    assert (use.fullest, use.fullest_in) == (0.5, "2026Q1")


def test_a_kit_takes_the_visits_of_its_parts():
    (use,) = work.crew_use([swap("a", "baseband", "2026Q1", item="chain+unused")], SITES, LIMITS, MARKET)
    assert use.visits == {2026: 3.0}


def test_a_crew_without_work_is_told_and_so_is_one_that_no_limit_names():
    limits = Limits(crews=(Crew(name="idle", visits_per_quarter=1),))
    idle, strange = work.crew_use([swap("a", "radio", "2026Q1", crew="strangers")], SITES, limits, Market())
    assert (idle.name, idle.visits, idle.fullest) == ("idle", {}, 0.0)
    assert (strange.name, strange.people, strange.fullest) == ("strangers", 0, 0.0)


def test_the_data_of_the_table_give_every_action_back():
    data = json.loads(work.action_data(ACTIONS, ESTATE))
    words, rows = data["words"], data["rows"]
    found = []
    for at in range(0, len(rows), 3):
        site, quarter, what = rows[at : at + 3]
        kind, old, new, crew, item, *costs = data["what"][what]
        name, region, synthetic = data["sites"][3 * site : 3 * site + 3]
        said = [words[one] for one in (region, kind, old, new, quarter, crew, item)]
        found.append([name, *said, *costs, synthetic])
    assert found == [
        ["a", "north", "radio", "Red", "Blue", "2026Q1", "hands", "chain", 5, 10, 20, 0],
        ["a", "north", "baseband", "Red", "Blue", "2026Q1", "hands", "chain", 5, 10, 20, 0],
        ["b", "north", "radio", "Red", "Blue", "2027Q2", "hands", "chain", 5, 10, 20, 1],
        ["b", "north", "baseband", "Red", "Blue", "2027Q2", "hands", "chain", 5, 10, 20, 1],
    ]


def test_no_text_ends_the_element_that_holds_the_data():
    text = work.action_data([swap(HOSTILE, "radio", "2026Q1")], ESTATE)
    assert not any(sign in text for sign in "<>&")
    assert json.loads(text)["sites"][0] == HOSTILE
