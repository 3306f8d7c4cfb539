import json
import re
from xml.etree import ElementTree

import msgspec
import pytest

from awase.model.plan import Contradiction, Estate, Limits, Market, PlanResult
from awase.model.rules import RuleSet
from awase.report.plan_page import Beside, plan_page
from unit.report.plans import (
    ACTIONS,
    ESTATE,
    HOSTILE,
    LIMITS,
    MARKET,
    NOTHING,
    RESULT,
    RULES,
    Goal,
    Outcome,
    Outlook,
    Page,
    Regret,
    Study,
    Unmet,
    spoilt,
    swap,
)

SECTIONS = (
    "map", "timeline", "diversity", "money", "people", "power", "rules", "binding", "risk", "backbone", "work",
    "sources", "notes",
)  # fmt: skip
FULL = Beside(rules=RULES, limits=LIMITS, market=MARKET, outlook=Outlook(), regrets=(Regret(),), backbone=Study())


@pytest.fixture(scope="module")
def full() -> Page:
    return Page(plan_page(RESULT, ESTATE, FULL))


@pytest.fixture(scope="module")
def text() -> str:
    return plan_page(RESULT, ESTATE, FULL)


def drawings(text: str) -> list[ElementTree.Element]:
    return [ElementTree.fromstring(one) for one in re.findall(r"<svg .*?</svg>", text, re.DOTALL)]


def test_the_same_input_gives_the_same_octets(text):
    assert plan_page(RESULT, ESTATE, FULL) == text


def test_every_section_is_there_in_order(full):
    assert tuple(full.sections) == SECTIONS
    targets = [said["href"] for said in full.named("a")]
    assert targets == [f"#{name}" for name in SECTIONS if name != "notes"]


def test_a_page_without_a_plan_has_every_section_and_says_what_is_missing():
    page = Page(plan_page(NOTHING, msgspec.structs.replace(ESTATE, sites=(), links=(), cables=(), figures=())))
    assert tuple(page.sections) == SECTIONS
    for name, words in {
        "map": "nothing to draw",
        "timeline": "no action",
        "diversity": "no index",
        "money": "Nothing is spent",
        "people": "no crews",
        "power": "says nothing of the power",
        "rules": "No rule is given",
        "binding": "no constraint has a price",
        "risk": "No draws were made",
        "backbone": "no links and no cables",
        "work": "no action",
        "notes": "Nothing is noted",
    }.items():
        assert words in page.sections[name], name
    assert not page.named("svg")


def test_nothing_is_fetched_from_anywhere(text, full):
    for tag, said in full.tags:
        assert tag not in ("link", "iframe", "object", "embed", "base", "form", "img")
        assert not any(name in ("src", "srcset", "action", "xlink:href") for name in said)
    style = text[text.index("<style>") : text.index("</style>")]
    assert "url(" not in style
    assert "@import" not in style
    assert "default-src 'none'" in text


def test_hostile_text_in_every_field_stays_text():
    outlook = Outlook(goals=(Goal(rule=HOSTILE, group=HOSTILE),), sources=(HOSTILE,), notes=(HOSTILE,))
    outcome = Outcome(failures=(HOSTILE, HOSTILE))
    study = Study(
        name=HOSTILE,
        cuts=(outcome,),
        groups=(outcome,),
        pairs=(outcome,),
        pairs_tried=1,
        single_points=(HOSTILE,),
        unmet=(Unmet(HOSTILE),),
        assumptions=(HOSTILE,),
    )
    beside = Beside(
        rules=spoilt(RULES, RuleSet),
        limits=spoilt(LIMITS, Limits),
        market=spoilt(MARKET, Market),
        outlook=outlook,
        regrets=(Regret(plan=HOSTILE),),
        backbone=study,
    )
    conflict = Contradiction(rules=(HOSTILE,), text=HOSTILE, relaxation=f"{HOSTILE}; or: {HOSTILE}")
    result = msgspec.structs.replace(
        spoilt(RESULT, PlanResult),
        conflicts=(conflict,),
        hhi={HOSTILE: {"2025Q4": 0.5}},
        spent_per_year=dict.fromkeys([HOSTILE], RESULT.cost),
        power_kw=dict.fromkeys([HOSTILE], RESULT.cost),
        subsidy={HOSTILE: 1.0},
        late_risk={HOSTILE: 1.0},
        versions={HOSTILE: HOSTILE},
    )
    text = plan_page(result, spoilt(ESTATE, Estate), beside)
    page = Page(text)
    assert len(page.named("script")) == 2
    assert not page.named("img")
    assert "<img" not in text
    assert not any(name.startswith("on") for _, said in page.tags for name in said)
    assert tuple(page.sections) == ("conflicts", *SECTIONS)
    for name in SECTIONS:
        assert "<script>alert('x')</script>" in page.sections[name], name
    assert "49" not in page.sections["conflicts"]
    data = json.loads(page.scripts[0])
    assert data["sites"][0] == f"a{HOSTILE}"
    assert drawings(text)


def test_every_drawing_is_well_formed_and_named(text):
    found = drawings(text)
    charts = [one for one in found if one.get("class") in ("chart", "map")]
    # The map, the timeline, two kinds, money, power, the calendar, the costs and the one dated rule.
    assert len(charts) == 9
    assert "out, one: probability of being done by the end of each quarter" in text
    assert all(one.get("role") == "img" and one.get("aria-label") for one in charts)
    assert "nan" not in "".join(ElementTree.tostring(one, encoding="unicode") for one in charts).lower()


def test_the_head_says_what_came_of_planning(text):
    assert "A plan, proven within the gap" in text
    assert "1 of 2 judged rule outcomes is broken" in text
    assert "EUR 46" in text
    assert "0.4 %" in text


def test_synthetic_sites_are_labelled(text, full):
    assert "1 of 5 sites, made up" in text
    assert full.row("b")[1] == "synthetic"
    assert full.row("a")[1] == ""


def test_money_shows_low_mid_high_and_the_budget_of_all_operators(full):
    assert full.row("2026") == ["2026", "10", "20", "40", "150"]
    assert full.row("2027") == ["2027", "10", "20", "40", "–"]
    assert full.row("actions")[1:4] == ["20", "40", "80"]
    assert full.row("with tests")[1:4] == ["23", "46", "92"]


def test_concentration_is_told_with_the_effective_number(full):
    assert full.row("radio")[1:] == ["0.520", "1.000", "1.000", "1.92", "1.00", "1.00"]


def test_crews_are_told_by_visits_as_the_limits_reckon_them(full):
    # A chain of two kinds is one set of two visits.
    assert full.row("hands")[:5] == ["hands", "6", "2", "2", "2026Q1"]
    assert "50 %" in full.row("hands")[5]


def test_ten_constraints_are_priced(full):
    priced = [row[0].strip() for row in full.rows if row and row[0].strip().startswith("limit ")]
    assert priced == [f"limit {n}" for n in range(10)]


def test_the_risk_section_tells_probabilities_and_costs(full):
    risk = full.sections["risk"]
    assert "met in 70 % of them" in risk
    assert full.row("out")[2] == "75 %"
    assert full.row("95 %") == ["95 %", "80"]
    assert "progress elsewhere" in risk


def test_the_backbone_section_tells_what_loses_traffic(full):
    assert "Single failures that lose traffic: 1 (Sea Cable)" in full.sections["backbone"]
    assert full.row("Sea Cable")[1:] == ["1.25", "3", "0.5", "4.5", "2", "21"]
    assert "Pairs of cuts were not tried." in full.sections["backbone"]
    assert "government traffic passes over Red" in full.sections["backbone"]


def test_every_source_and_mark_is_shown(full):
    told = full.sections["sources"]
    for words in (
        "counted",
        "a law",
        "a letter",
        "a list of prices",
        "a data sheet",
        "its annual report",
        "its owner's",
    ):
        assert words in told, words
    assert full.row("figure") == ["figure", "How many sites", "5 sites", "counted", "D"]
    # What the plan does not use is not in the list.
    assert "unused" not in told


def test_all_actions_of_a_small_plan_are_in_the_markup(full):
    rows = [row for row in full.rows if len(row) == 12 and row[6].startswith("20")]
    assert [cell.strip() for cell in rows[0]] == [
        "a", "", "north", "radio", "Red", "Blue", "2026Q1", "hands", "5", "10", "20", "chain",
    ]  # fmt: skip
    assert len(rows) == len(ACTIONS)


def test_of_a_large_plan_the_markup_has_the_first_and_the_data_all():
    actions = tuple(swap(f"site-{n:04}", "radio", "2026Q1") for n in range(1500))
    text = plan_page(msgspec.structs.replace(RESULT, actions=actions), ESTATE)
    page = Page(text)
    assert "The first 100 of 1,500 actions" in page.sections["work"]
    assert len(json.loads(page.scripts[0])["rows"]) == 3 * 1500


def test_a_conflict_is_told_with_its_ways_out():
    conflict = Contradiction(rules=("x", "y"), text="x and y cannot both be kept", relaxation="x later; or: y dearer")
    page = Page(plan_page(msgspec.structs.replace(NOTHING, conflicts=(conflict,)), ESTATE))
    assert "x and y cannot both be kept" in page.sections["conflicts"]
    assert len(page.named("li")) >= 2
    assert "y dearer" in page.sections["conflicts"]
