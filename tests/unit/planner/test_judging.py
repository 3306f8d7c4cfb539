import pytest

from awase.model.plan import RuleOutcome
from awase.model.rules import Case
from awase.planner.judging.check import check
from unit.planner.estates import SITES, case, ruled


def outcomes(rules: str, more: str = "") -> list[RuleOutcome]:
    return list(check(ruled(rules, more)).outcomes)


def one(rules: str, more: str = "") -> RuleOutcome:
    (outcome,) = outcomes(rules, more)
    return outcome


def test_a_purchase_ban_is_broken_by_what_was_bought_after() -> None:
    rule = "- rule: purchase_ban\n  id: r\n  suppliers: [Blue]\n  after: {}\n"
    late = one(rule.format("2022-12-31"))
    assert (late.met, late.from_date, late.sites, late.pieces) == (False, "2022-12-31", 1, 2)
    assert "4 pieces without a date of purchase" in late.text
    assert one(rule.format("2023-03-31")).met
    # Bought within the quarter of the ban: nobody can show that it was before.
    assert not one(rule.format("2023-02-15")).met
    ahead = one(rule.format("2025-12-31"))
    assert (ahead.met, ahead.slack, ahead.unit) == (True, 4, "quarters")


def test_a_removal_is_broken_by_what_is_still_there_with_the_quarters_that_are_left() -> None:
    rule = "- rule: removal\n  id: r\n  suppliers: [Red]\n  by: {}\n"
    ahead = one(rule.format("2027-12-31"))
    assert (ahead.met, ahead.from_date, ahead.slack, ahead.unit) == (False, "2027-12-31", 12, "quarters")
    assert (ahead.sites, ahead.pieces, ahead.people, ahead.traffic_gbps) == (1, 2, 100, 1)
    over = one(rule.format("2023-01-28"))
    assert over.slack == -8
    assert "has been due since 2023-01-28" in over.text
    assert one("- rule: removal\n  id: r\n  suppliers: [Green]\n  by: 2027-12-31\n").met


@pytest.mark.parametrize(
    ("scope", "sites"),
    [
        ("{}", 2),
        ("{layers: [5g]}", 1),
        ("{layers: [2g]}", 0),
        ("{kinds: [core]}", 0),
        ("{kinds: [radio]}", 2),
        ("{roles: [emergency]}", 1),
        ("{regions: [south]}", 1),
        ("{operators: [two]}", 1),
        ("{operators: [two], layers: [5g]}", 0),
    ],
)
def test_a_rule_looks_at_its_scope_only(scope: str, sites: int) -> None:
    outcome = one(f"- rule: removal\n  id: r\n  suppliers: [Blue]\n  by: 2027-12-31\n  scope: {scope}\n")
    assert outcome.sites == sites
    assert outcome.met == (sites == 0)


def test_a_removal_of_a_component_looks_behind_the_brand() -> None:
    rule = "- rule: removal\n  id: r\n  suppliers: [{}]\n  component: {}\n  by: 2027-12-31\n"
    assert one(rule.format("Grey", "chip")).sites == 3
    # Of what nothing is said is the brand's own.
    assert one(rule.format("Red", "management")).sites == 1


@pytest.mark.parametrize(
    ("measure", "share"), [("sites", 0.5), ("equipment", 0.5), ("traffic", 0.25), ("people", 0.25)]
)
def test_a_cap_counts_what_it_says_for_each_operator(measure: str, share: float) -> None:
    rule = f"- rule: share_cap\n  id: r\n  suppliers: [Red]\n  cap: 0.2\n  measure: {measure}\n  by: 2025-06-30\n"
    mine, other = outcomes(rule)
    assert (mine.group, mine.met, mine.from_date) == ("one", False, "2025-06-30")
    assert mine.slack == pytest.approx(0.2 - share)
    assert (other.group, other.met, other.slack) == ("two", True, 0.2)


def test_a_share_that_is_just_the_cap_is_no_more_than_it() -> None:
    rows = [("Red", 0.1), ("Red", 0.1), ("Red", 0.1), ("Blue", 0.3), ("Blue", 0.3), ("Blue", 0.1)]
    sites = "".join(
        f"  - {{id: s{number}, traffic_gbps: {gbps}, equipment: [{{kind: radio, supplier: {supplier}}}]}}\n"
        for number, (supplier, gbps) in enumerate(rows)
    )
    rule = (
        "rules: [{rule: share_cap, id: r, title: t, source: s, mark: K, suppliers: [Red], cap: 0.3, measure: traffic,"
    )
    assert check(case(f"sites:\n{sites}{rule} by: 2025-12-31}}]\n")).passed


def test_a_cap_of_nobody_is_one_of_everybody() -> None:
    rule = "- rule: share_cap\n  id: r\n  cap: 0.6\n  measure: equipment\n  per: estate\n  by: 2025-06-30\n"
    found = {outcome.text.split(" ")[0]: outcome.slack for outcome in outcomes(rule)}
    assert found == {"Blue": pytest.approx(0.6 - 6 / 8), "Red": pytest.approx(0.6 - 2 / 8)}


def test_a_cap_on_several_together_adds_them_up() -> None:
    rule = (
        "- rule: share_cap\n  id: r\n  suppliers: [Red, Blue]\n  cap: 0.9\n  measure: traffic\n"
        "  per: {}\n  by: 2025-06-30\n"
    )
    whole = one(rule.format("estate"))
    assert (whole.met, whole.slack) == (False, pytest.approx(-0.1))
    assert [outcome.group for outcome in outcomes(rule.format("operator_region"))] == ["one, north", "two, south"]


def test_a_minimum_of_suppliers_holds_for_each_region_and_kind() -> None:
    rule = "- rule: minimum_suppliers\n  id: r\n  number: 2\n  by: 2025-12-31\n  scope: {kinds: [radio]}\n"
    broken, kept = outcomes(rule)
    assert (broken.group, broken.met, broken.slack, broken.sites) == ("south", False, -1, 1)
    assert (kept.group, kept.met, kept.slack) == ("north", True, 0)
    assert not any(outcome.met for outcome in outcomes(rule + "  share: 0.6\n"))


def test_a_cap_on_concentration_may_look_behind_the_brand() -> None:
    rule = (
        "- rule: concentration_cap\n  id: r\n  cap: 0.7\n  per: estate\n  by: 2025-12-31\n"
        "  scope: {kinds: [baseband]}\n"
    )
    brands = one(rule)
    assert (brands.met, brands.slack) == (True, pytest.approx(0.7 - 5 / 9))
    chips = one(rule + "  component: chip\n")
    assert (chips.met, chips.slack) == (False, pytest.approx(-0.3))


def test_a_trusted_list_shuts_out_everybody_else() -> None:
    rule = "- rule: trusted_list\n  id: r\n  {}\n  {}\n"
    assert one(rule.format("suppliers: [Blue]", "by: 2026-12-31")).sites == 1
    assert one(rule.format("countries: [SE, CN]", "by: 2026-12-31")).met
    assert one(rule.format("suppliers: [Red]", "after: 2022-12-31")).sites == 1
    assert one(rule.format("countries: [SE]", "after: 2022-12-31")).met
    assert "binds nobody" in one(rule.format("suppliers: []", "by: 2026-12-31")).text


def test_domestic_content_is_a_share_of_what_was_bought_since() -> None:
    rule = "- rule: domestic_content\n  id: r\n  countries: [SE]\n  share: {}\n  after: 2019-12-31\n  by: 2025-12-31\n"
    assert one(rule.format(0.5)).slack == 0
    missing = one(rule.format(0.75))
    assert (missing.met, missing.slack, missing.pieces) == (False, -0.25, 2)
    assert one(rule.format(0.75).replace("2019", "2023")).text.startswith("nothing bought")


def test_support_ends_for_a_piece_or_for_its_whole_brand() -> None:
    rule = "rules:\n  - {rule: support, id: r, title: t, source: s, mark: K, by: 2024-12-31}\nlimits: {end: 2028Q4}\n"
    text = SITES.replace("bought: 2023Q1, release", "bought: 2023Q1, end_of_support: 2026Q2, release")
    found = check(case(text + rule)).outcomes
    assert [(one.from_date, one.pieces, one.slack) for one in found] == [("2026-06-30", 1, 6)]
    text = text.replace("{name: Blue,", "{name: Blue, support_ends: 2027Q1,")
    found = check(case(text + rule)).outcomes
    assert [(one.from_date, one.pieces) for one in found] == [("2026-06-30", 1), ("2027-03-31", 5)]
    assert check(case(SITES + rule)).passed


def test_a_release_is_compared_number_by_number() -> None:
    rule = (
        "- rule: minimum_release\n  id: r\n  release: {}\n  by: 2025-12-31\n  scope: {{kinds: [radio], layers: [5g]}}\n"
    )
    assert one(rule.format('"15.2"')).met
    older = one(rule.format('"Rel-15.10"'))
    assert (older.met, older.sites) == (False, 1)
    silent = one(rule.format("16").replace("radio", "baseband"))
    assert "4 of them do not say" not in silent.text
    assert "2 of them do not say what they run" in silent.text
    assert one(rule.format("16") + "  suppliers: [Blue]\n").met


OPEN = """
sites:
  - id: a
    equipment: [{kind: o_ru, supplier: Red, product: R1}, {kind: o_du, supplier: Blue}, {kind: o_cu, supplier: Blue}]
"""
PROVEN = """
rules: [{rule: evidence_required, id: r, title: t, source: s, mark: K, by: 2024-12-31%s}]
limits: {end: 2026Q4}
"""
RECORD = """
evidence:
  - {a: {kind: o_du, supplier: Blue}, b: {kind: o_ru, supplier: Red%s}, interface: OFH, verdict: %s%s}
"""


def evidence(record: str, more: str = "") -> RuleOutcome:
    (outcome,) = check(case(OPEN + PROVEN % more + record)).outcomes
    return outcome


def test_two_suppliers_meet_only_with_a_record_of_a_pass() -> None:
    assert "Red R1 o_ru with Blue o_du over OFH: no record" in evidence("").text
    assert evidence(RECORD % ("", "pass", ", date: 2024-01-31")).met
    assert not evidence(RECORD % (", product: R2", "pass", ", date: 2024-01-31")).met
    assert not evidence(RECORD % ("", "fail", ", date: 2024-01-31")).met
    assert not evidence(RECORD % ("", "declared", ", date: 2024-01-31")).met
    assert not evidence(RECORD % ("", "pass", "")).met
    assert not evidence(RECORD % ("", "pass", ", date: 2025-01-31")).met


def test_a_record_grows_too_old() -> None:
    record = RECORD % ("", "pass", ", date: 2024-03-31")
    assert evidence(record, ", max_age_months: 36").met
    late = evidence(record, ", max_age_months: 18")
    assert (late.met, late.from_date) == (False, "2025-09-30")
    # It was too old before the rule began, which is when it counts.
    assert evidence(record, ", max_age_months: 2").from_date == "2024-12-31"


def test_one_supplier_with_itself_needs_a_record_only_where_the_rule_says_so() -> None:
    record = RECORD % ("", "pass", ", date: 2024-01-31")
    found = check(case(OPEN + PROVEN % ", same_supplier_too: true" + record)).outcomes
    assert [one.text for one in found] == ["Blue o_du with Blue o_cu over F1: no record; 1 site"]
    assert "no two suppliers meet" in evidence(record, ", interfaces: [F1]").text


def test_a_subsidy_says_who_cannot_have_it_and_what_comes_too_late() -> None:
    operators = "operators: [{name: one, customers: 20}, {name: two, customers: 5}]\n"
    rule = "- rule: subsidy\n  id: r\n  removes: [Red]\n  max_customers: 10\n"
    too_large = one(rule, operators)
    assert (too_large.group, too_large.met, too_large.slack, too_large.unit) == ("one", False, -10, "customers")
    late = one(rule + "  scope: {operators: [two]}\n  complete_by: 2025-12-31\n", operators)
    assert late.met
    late = one("- rule: subsidy\n  id: r\n  removes: [Red]\n  complete_by: 2025-12-31\n")
    assert (late.met, late.sites, late.slack) == (False, 1, 4)
    assert "1 site, 2 pieces would be paid for" in one("- rule: subsidy\n  id: r\n  removes: [Red]\n").text


LINKS = """
links:
  - {id: l1, a: a, b: b, supplier: Red}
  - {id: l2, a: b, b: c, cable: k}
demands: [{a: a, b: c, traffic_gbps: 2, traffic_class: state}, {a: a, b: b, traffic_gbps: 1}]
cables: [{id: k, name: K, owners: [Owner], landings: [{place: P, country: CN}, {place: Q, country: SE}]}]
"""


def test_traffic_must_have_a_way_around_what_it_must_not_use() -> None:
    rule = "- rule: must_not_carry\n  id: r\n  traffic_class: {}\n  {}\n  by: 2025-12-31\n"
    for words in ("suppliers: [Red]", "owners: [Owner]", "countries: [CN]"):
        stuck = one(rule.format("state", words), LINKS)
        assert (stuck.met, stuck.traffic_gbps, stuck.slack) == (False, 2, 4), words
    assert one(rule.format("public", "suppliers: [Red]"), LINKS).met
    assert one(rule.format("state", "suppliers: [Green]"), LINKS).met
    around = LINKS.replace("demands", "  - {id: l3, a: a, b: c}\ndemands")
    assert one(rule.format("state", "suppliers: [Red]"), around).met
    encrypted = LINKS.replace("supplier: Red", "supplier: Red, encrypted: true")
    assert one(rule.format("state", "suppliers: [Red]"), encrypted).met


def test_a_rule_that_hangs_on_an_event_waits_for_its_day() -> None:
    rule = "- rule: removal\n  id: r\n  suppliers: [Red]\n  by: {months: 36, after: listing}\n"
    waiting = check(ruled(rule))
    assert waiting.waiting == {"r": "waits for the day of listing: name it under `events:`"}
    assert waiting.passed
    assert one(rule, "events: {listing: 2025-01-20}\n").from_date == "2028-01-20"


def test_a_rule_on_an_empty_list_binds_nobody_until_it_is_filled() -> None:
    rule = '- rule: removal\n  id: r\n  suppliers: ["list:risky"]\n  by: 2027-12-31\n'
    assert "names nobody yet" in check(ruled(rule, "lists: {risky: []}\n")).waiting["r"]
    assert one(rule, "lists: {risky: [red]}\n").sites == 1


def test_outcomes_come_by_day_the_broken_ones_first() -> None:
    rules = """
- rule: removal
  id: late
  suppliers: [Red]
  by: 2029-12-31
- rule: removal
  id: none
  suppliers: [Green]
  by: 2025-12-31
- rule: removal
  id: early
  suppliers: [Blue]
  by: 2026-12-31
"""
    result = check(ruled(rules))
    assert [outcome.id for outcome in result.outcomes] == ["early", "late", "none"]
    assert [outcome.id for outcome in result.broken] == ["early", "late"]
    assert not result.passed


CATALOGUE = """
catalogue:
  - id: i
    kinds: [%s]
    supplier: %s
    available_from: %s
    price: {low: 1, mid: 1, high: 1, currency: EUR, year: 2024, source: s, mark: K}
"""


CONTRADICTIONS = {
    "trusted and banned": (
        "- rule: trusted_list\n  id: t\n  suppliers: [Red, Blue]\n  by: 2027-12-31\n"
        "- rule: removal\n  id: r\n  suppliers: [Red]\n  by: 2027-12-31\n",
        ("t", "r"),
        "Red is on the list of t (a title), and shut out by r (a title).",
    ),
    "too few suppliers left": (
        "- rule: minimum_suppliers\n  id: m\n  number: 2\n  by: 2026-12-31\n  scope: {kinds: [radio]}\n"
        "- rule: removal\n  id: r\n  suppliers: [Red]\n  by: 2027-12-31\n",
        ("m", "r"),
        "asks for 2 suppliers of radio, but only 1 can be there once r (a title) apply: Blue.",
    ),
    "caps that leave a gap": (
        "- rule: share_cap\n  id: x\n  suppliers: [Blue]\n  cap: 0.5\n  measure: equipment\n  by: 2026-12-31\n"
        "  scope: {kinds: [radio]}\n"
        "- rule: share_cap\n  id: y\n  suppliers: [Red]\n  cap: 0.3\n  measure: equipment\n  by: 2026-12-31\n"
        "  scope: {kinds: [radio]}\n",
        ("x", "y"),
        "The caps of x, y leave room for 80% of equipment only",
    ),
    "content that nobody makes": (
        "- rule: domestic_content\n  id: d\n  countries: [JP]\n  share: 0.6\n  after: 2024-12-31\n  by: 2026-12-31\n"
        "  scope: {kinds: [radio]}\n",
        ("d",),
        "asks for 60% of radio from JP: none is made there.",
    ),
    "more suppliers than pieces": (
        "- rule: minimum_suppliers\n  id: m\n  number: 2\n  by: 2026-12-31\n  scope: {kinds: [baseband]}\n",
        ("m",),
        "in south, which has 1 pieces",
    ),
}


@pytest.mark.parametrize("kind", CONTRADICTIONS)
def test_rules_that_contradict_each_other_are_explained(kind: str) -> None:
    rules, ids, text = CONTRADICTIONS[kind]
    catalogue = CATALOGUE % ("radio, baseband", "Blue", "2024Q1")
    found = [one for one in check(ruled(rules, catalogue)).contradictions if one.rules == ids]
    assert found
    assert any(text in one.text and one.relaxation for one in found), [one.text for one in found]


@pytest.mark.parametrize(
    ("item", "is_possible"),
    [
        (("radio, baseband", "Blue", "2025Q1"), True),
        (("o_ru, o_du, o_cu", "Green", "2025Q1"), True),
        (("radio, baseband", "Blue", "2028Q1"), False),
        (("radio, baseband", "Red", "2025Q1"), False),
        (("core", "Blue", "2025Q1"), False),
    ],
)
def test_what_must_go_must_have_something_to_take_its_place(item: tuple[str, str, str], is_possible: bool) -> None:
    rules = "- rule: removal\n  id: r\n  suppliers: [Red]\n  by: 2027-12-31\n"
    found = check(ruled(rules, CATALOGUE % item)).contradictions
    assert (not found) == is_possible
    assert all("the catalogue has nothing that may take its place by then" in one.text for one in found)


def test_rules_that_agree_are_no_contradiction() -> None:
    rules = """
- rule: removal
  id: r
  suppliers: [Red]
  by: 2027-12-31
- rule: share_cap
  id: c
  suppliers: [Red]
  cap: 0.35
  measure: sites
  by: 2026-12-31
- rule: trusted_list
  id: t
  suppliers: [Blue, Green]
  by: 2027-12-31
"""
    assert check(ruled(rules)).contradictions == ()


def test_where_nobody_says_who_could_come_in_nothing_is_impossible() -> None:
    rules, _, _ = CONTRADICTIONS["too few suppliers left"]
    assert check(ruled(rules)).contradictions == ()
    trusted = "- rule: trusted_list\n  id: t\n  suppliers: [{}]\n  by: 2026-12-31\n"
    (found,) = check(ruled(rules + trusted.format("Blue"))).contradictions
    assert found.rules == ("m", "r", "t")
    assert check(ruled(rules + trusted.format("Blue, Green"))).contradictions == ()


def test_caps_on_several_kinds_together_leave_room_for_one_supplier_of_each() -> None:
    scope = "  scope: {kinds: [radio, baseband]}\n"
    rules = "".join(
        f"- rule: share_cap\n  id: {name}\n  suppliers: [{name}]\n  cap: 0.5\n  measure: equipment\n"
        f"  by: 2026-12-31\n{scope}"
        for name in ("Red", "Blue")
    )
    assert check(ruled(rules, CATALOGUE % ("radio, baseband", "Blue", "2024Q1"))).contradictions == ()


def test_who_is_trusted_with_one_layer_may_be_banned_from_another() -> None:
    rules = """
- rule: trusted_list
  id: t
  suppliers: [Red, Blue]
  by: 2027-12-31
- rule: removal
  id: r
  suppliers: [Red]
  by: 2027-12-31
  scope: {layers: [5g]}
"""
    assert check(ruled(rules)).contradictions == ()


def test_an_estate_without_rules_breaks_none() -> None:
    plain: Case = case(SITES)
    assert check(plain).passed
