from awase.model.plan import RuleOutcome
from awase.model.rules import MustNotCarry, RuleSet, Subsidy
from awase.report.hanging import hanging
from awase.report.rule_calendar import draw, entries
from awase.report.words import slack
from unit.report.plans import ACTIONS, ESTATE, RESULT, RULES, Study, swap


def test_rules_are_told_by_their_day():
    rows = entries(RESULT.rules, RULES)
    assert [(one.id, one.day, one.verdict) for one in rows] == [
        ("mix", "2027-06-30", "broken"),
        ("out", "2027-12-31", "kept"),
        ("later", "2030-12-31", "not judged"),
        ("core-mix", "2031-12-31", "not judged"),
    ]
    assert rows[0].text == "too few (broken after 2027-06-30, at 3 sites)"
    assert (rows[1].days, rows[1].slack, rows[1].what) == ("by 2027-12-31", "2 quarters", "removal")
    assert (rows[1].source, rows[1].mark) == ("a law", "V")


def test_a_rule_that_hangs_on_an_event_nobody_dated_says_so():
    rows = entries(RESULT.rules, RuleSet(rules=RULES.rules))
    (out,) = (one for one in rows if one.id == "out")
    assert out.days == "by 24 months after decree"
    assert out.day == ""


def test_an_outcome_of_an_unknown_rule_is_told_too():
    (row,) = entries([RuleOutcome(id="strange", met=True)], RuleSet())
    assert (row.id, row.verdict, row.days) == ("strange", "kept", "")


def test_broken_outcomes_of_a_rule_come_first_and_are_the_ones_drawn():
    outcomes = [
        RuleOutcome(id="mix", met=True, slack=0.2, unit="index", group="north"),
        RuleOutcome(id="mix", met=False, slack=-0.2, unit="index", group="south"),
    ]
    rows = entries(outcomes, RULES)
    assert [one.group for one in rows if one.id == "mix"] == ["south", "north"]
    drawn = draw(rows, "2026Q1", "2028Q4")
    assert "mix, 2027-06-30: broken" in drawn
    assert "mix, 2027-06-30: kept" not in drawn


def test_what_may_pass_where_is_judged_by_the_backbone_and_money_by_nobody():
    rules = RuleSet(
        rules=(
            MustNotCarry(id="route", title="", source="", mark="V", traffic_class="government", by="2026-12-31"),
            MustNotCarry(id="other", title="", source="", mark="V", traffic_class="police", by="2026-12-31"),
            Subsidy(id="grant", title="", source="", mark="V"),
        )
    )
    outcomes = [RuleOutcome(id=name, met=True, text="elsewhere") for name in ("route", "other", "grant")]
    unstudied = {one.id: one.verdict for one in entries(outcomes, rules)}
    assert unstudied == {"route": "not judged", "other": "not judged", "grant": "money"}
    studied = {one.id: (one.verdict, one.text) for one in entries(outcomes, rules, Study())}
    assert studied["route"] == ("broken", "government traffic passes over Red")
    assert studied["other"][0] == "kept"


def test_slack_in_quarters_is_a_bar_before_the_day():
    assert draw(entries(RESULT.rules, RULES), "2026Q1", "2028Q4").count('class="room"') == 1
    assert draw([], "2026Q1", "2028Q4") == ""


def test_slack_is_told_in_its_unit():
    told = {
        (0.0, "quarters"): "0 quarters",
        (1.0, "quarters"): "1 quarter",
        (-0.05, "share"): "-5.0 percentage points",
        (0.1234, "index"): "+0.123",
        (None, ""): "",
    }
    for (amount, unit), text in told.items():
        assert slack(RuleOutcome(id="x", met=True, slack=amount, unit=unit)) == text


def test_what_hangs_on_a_supplier_is_told_before_and_after():
    found = {one.supplier: one for one in hanging(ESTATE, ACTIONS)}
    assert (found["Red"].now.sites, found["Red"].then.sites) == (2, 0)
    assert (found["Red"].now.people, found["Red"].now.traffic_gbps, found["Red"].now.critical) == (200, 1.0, 1)
    assert (found["Blue"].now.sites, found["Blue"].then.sites, found["Blue"].then.critical) == (3, 5, 2)


def test_a_site_hangs_on_a_supplier_until_its_last_piece_is_out():
    found = {one.supplier: one for one in hanging(ESTATE, [swap("a", "radio", "2026Q1")])}
    assert found["Red"].then.sites == 2
    assert found["Blue"].then.sites == 4
