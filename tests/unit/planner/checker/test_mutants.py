"""A plan with one thing wrong in it is no plan: each mutant is caught, and for its own reason."""

from collections.abc import Callable

import msgspec
import pytest

from awase.model.calendar import Date, Quarter, plus
from awase.model.plan import (
    Action,
    Budget,
    Country,
    Crew,
    Equipment,
    Freeze,
    OperatorName,
    PairRecord,
    Product,
    Region,
    Share,
    SiteId,
    Supplier,
)
from awase.model.rules import (
    Case,
    ConcentrationCap,
    DomesticContent,
    MinimumRelease,
    MinimumSuppliers,
    PurchaseBan,
    Scope,
    ShareCap,
    Support,
    TrustedList,
)
from awase.planner.checker import check
from awase.planner.optimise.plan import Wishes, solve
from unit.planner.small_cases import BLUE, GBP, OLD, RED, case_of, item, removal, rule_words, site

Actions = list[Action]
Mutant = Callable[[Actions], Actions]


def the_case() -> Case:
    by = Date("2025-12-31")
    sites = [site(f"n{number:02}") for number in range(20)]
    sites += [site(f"s{number:02}", "South", neighbours=(SiteId(f"s{number ^ 1:02}"),)) for number in range(8)]
    sites.append(site("kept", supplier=RED))
    crews = (
        Crew(name="north", visits_per_quarter=8, regions=(Region("North"),), skills=("tower",)),
        Crew(name="south", visits_per_quarter=4, regions=(Region("South"),), end=Quarter("2025Q3")),
        Crew(name="guests", visits_per_quarter=0, operators=(OperatorName("B"),)),
    )
    items = (
        item("red", RED, 10, skill="tower", lead_time_quarters=1, supply_per_quarter=7),
        item("blue", BLUE, 11, available_from=Quarter("2025Q2"), skill="tower"),
        item("red-ru", RED, 5, kinds=("o_ru",), interfaces=("OFH",)),
        item("blue-ru", BLUE, 50, kinds=("o_ru",), interfaces=("OFH",)),
        item("red-du", RED, 50, kinds=("o_du",), interfaces=("OFH",)),
        item("red-cu", RED, 50, kinds=("o_cu",)),
    )
    rules = (
        removal(),
        removal("2025-06-30", name="kept-out", scope=Scope(roles=("core",))),
        ShareCap(**rule_words("cap"), suppliers=(RED,), cap=Share(0.8), measure="sites", by=by),
        MinimumSuppliers(**rule_words("two"), number=2, by=by),
    )
    return case_of(
        tuple(sites),
        rules,
        items,
        crews=crews,
        budgets=(Budget(year=2025, amount=310, currency=GBP),),
        freezes=(Freeze(quarters=(Quarter("2025Q1"),), regions=(Region("South"),), reason="games"),),
        down_share_of_region=Share(0.5),
        suppliers=(Supplier(name=OLD), Supplier(name=RED), Supplier(name=BLUE, leaves=Quarter("2026Q1"))),
    )


CASE = the_case()
PLAN = list(solve(CASE, Wishes(gap=0.0)).actions)


def at_site(actions: Actions, name: str, **changes: object) -> Actions:
    """The same plan with all actions at a site changed."""
    return [msgspec.structs.replace(one, **changes) if one.site == name else one for one in actions]


def first(actions: Actions, **wanted: object) -> Action:
    return next(one for one in actions if all(getattr(one, key) == value for key, value in wanted.items()))


def moved(actions: Actions, quarter: str, names: list[str]) -> Actions:
    return [msgspec.structs.replace(one, quarter=Quarter(quarter)) if one.site in names else one for one in actions]


def sites_of(actions: Actions, crew: str) -> list[str]:
    return list(dict.fromkeys(one.site for one in actions if one.crew == crew))


def one_late(actions: Actions) -> Actions:
    return at_site(actions, actions[-1].site, quarter=Quarter("2026Q1"))


def too_early(actions: Actions) -> Actions:
    return at_site(actions, first(actions, item="red").site, quarter=Quarter("2025Q1"))


def blue_too_early(actions: Actions) -> Actions:
    return at_site(actions, first(actions, item="blue").site, quarter=Quarter("2025Q1"))


def wrong_supplier(actions: Actions) -> Actions:
    return at_site(actions, actions[0].site, to_supplier=OLD)


def wrong_from(actions: Actions) -> Actions:
    return at_site(actions, actions[0].site, from_supplier=BLUE)


def wrong_kind(actions: Actions) -> Actions:
    return [msgspec.structs.replace(actions[0], kind="core"), *actions[1:]]


def wrong_item(actions: Actions) -> Actions:
    return at_site(actions, actions[0].site, item="green")


def half_a_site(actions: Actions) -> Actions:
    return actions[1:]


def forgotten(actions: Actions) -> Actions:
    return [one for one in actions if one.site != actions[-1].site]


def twice(actions: Actions) -> Actions:
    return [*actions, actions[-1]]


def twice_later(actions: Actions) -> Actions:
    early = first(actions, quarter=min(one.quarter for one in actions))
    return [*actions, msgspec.structs.replace(early, quarter=plus(early.quarter, 1))]


def no_such_site(actions: Actions) -> Actions:
    return [*actions, msgspec.structs.replace(actions[0], site=SiteId("elsewhere"))]


def no_such_piece(actions: Actions) -> Actions:
    return [*actions, msgspec.structs.replace(actions[0], equipment="mast")]


def overbooked(actions: Actions) -> Actions:
    return moved(actions, "2025Q3", sites_of(actions, "north"))


def nobody(actions: Actions) -> Actions:
    return at_site(actions, actions[0].site, crew="")


def wrong_region(actions: Actions) -> Actions:
    return at_site(actions, first(actions, crew="north").site, crew="south")


def wrong_operator(actions: Actions) -> Actions:
    return at_site(actions, actions[0].site, crew="guests")


def crew_gone(actions: Actions) -> Actions:
    return moved(actions, "2025Q4", sites_of(actions, "south")[:1])


def too_many_of_an_item(actions: Actions) -> Actions:
    return moved(actions, "2025Q4", [one.site for one in actions if one.item == "red"])


def underpriced(actions: Actions) -> Actions:
    return [msgspec.structs.replace(actions[0], cost_mid=actions[0].cost_mid - 1), *actions[1:]]


def in_the_freeze(actions: Actions) -> Actions:
    return moved(actions, "2025Q1", sites_of(actions, "south")[:1])


def both_neighbours(actions: Actions) -> Actions:
    return moved(actions, "2025Q3", ["s00", "s01"])


def over_the_cap(actions: Actions) -> Actions:
    blues = [one.site for one in actions if one.item == "blue"]
    for name in blues:
        actions = at_site(actions, name, item="red", to_supplier=RED)
    return [
        msgspec.structs.replace(
            one, cost_low=one.cost_low and 5, cost_mid=one.cost_mid and 10, cost_high=one.cost_high and 20
        )
        for one in actions
    ]


def over_the_budget(actions: Actions) -> Actions:
    kits = {"radio": ("red-ru", 2, 5, 10), "baseband": ("red-du+red-cu", 50, 100, 200)}
    name = first(actions, item="red", crew="north").site

    def kit(one: Action) -> Action:
        item_id, low, mid, high = kits[one.kind]
        return msgspec.structs.replace(one, item=item_id, cost_low=low, cost_mid=mid, cost_high=high)

    return [kit(one) if one.site == name else one for one in actions]


def closed_interface(actions: Actions) -> Actions:
    name = first(actions, item="red").site
    return [
        msgspec.structs.replace(one, item="blue-ru", to_supplier=BLUE)
        if one.site == name and one.kind == "radio"
        else one
        for one in actions
    ]


MUTANTS: dict[Mutant, tuple[str, str]] = {
    one_late: ("action", "outside of the plan's quarters"),
    too_early: ("action", "takes 1 quarters to arrive"),
    blue_too_early: ("action", "is to be had from 2025Q2 on"),
    wrong_supplier: ("action", "not of Old"),
    wrong_from: ("action", "stands there as radio of Old"),
    wrong_kind: ("action", "stands there as radio of Old"),
    wrong_item: ("action", "green is not in the catalogue"),
    half_a_site: ("fit", "stands in for radio, baseband together"),
    forgotten: ("rule", "still at 1 sites"),
    twice: ("action", "is replaced twice"),
    twice_later: ("action", "stands there as radio of"),
    no_such_site: ("site", "is no site of the estate"),
    no_such_piece: ("action", "there is no such piece"),
    overbooked: ("crew", "visits of 8"),
    nobody: ("crew", "nobody is no crew"),
    wrong_region: ("crew", "south does not work in North"),
    wrong_operator: ("crew", "guests does not work for A"),
    crew_gone: ("crew", "south is not there then"),
    too_many_of_an_item: ("supply", "of 7"),
    underpriced: ("cost", "the plan says"),
    in_the_freeze: ("freeze", "games"),
    both_neighbours: ("coverage", "no neighbour is up"),
    over_the_cap: ("rule", "the cap is 0.8"),
    over_the_budget: ("budget", "of 310 GBP"),
    closed_interface: ("fit", "their interface is closed"),
}


def test_the_plan_itself_is_right() -> None:
    assert check(CASE, PLAN).violations == ()
    assert {one.item for one in PLAN} == {"red", "blue"}


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_a_mutant_is_caught(mutant: Mutant) -> None:
    what, text = MUTANTS[mutant]
    violations = check(CASE, mutant(list(PLAN))).violations
    assert [one for one in violations if one.what == what and text in one.text], violations


def test_too_many_sites_down_in_a_region_are_caught() -> None:
    limits = msgspec.structs.replace(CASE.limits, down_share_of_region=Share(0.01))
    violations = check(msgspec.structs.replace(CASE, limits=limits), PLAN).violations
    assert {one.what for one in violations} == {"coverage"}


BY = Date("2025-12-31")
RULES = {
    "purchase": PurchaseBan(**rule_words("r"), suppliers=(RED,), after=Date("2024-12-31")),
    "trusted": TrustedList(**rule_words("r"), suppliers=(BLUE,), by=BY),
    "trusted purchase": TrustedList(**rule_words("r"), countries=(Country("JP"),), after=Date("2024-12-31")),
    "share of traffic": ShareCap(**rule_words("r"), cap=Share(0.1), measure="traffic", by=BY),
    "index": ConcentrationCap(**rule_words("r"), cap=Share(0.2), by=BY),
    "suppliers": MinimumSuppliers(**rule_words("r"), number=4, by=BY),
    "content": DomesticContent(
        **rule_words("r"), countries=(Country("JP"),), share=Share(0.9), after=Date("2024-12-31"), by=BY
    ),
    "release": MinimumRelease(**rule_words("r"), release="2.0", by=BY),
}


@pytest.mark.parametrize("name", RULES)
def test_each_kind_of_rule_is_noticed_where_a_plan_breaks_it(name: str) -> None:
    rules = msgspec.structs.replace(CASE.rules, rules=(*CASE.rules.rules, RULES[name]))
    verdict = check(msgspec.structs.replace(CASE, rules=rules), PLAN)
    assert [one.where for one in verdict.violations] == ["r"]
    assert not verdict.rules[-1].met


def test_the_end_of_support_of_what_is_put_in_counts() -> None:
    items = (item("red", RED, 10, end_of_support=Quarter("2025Q3")),)
    case = case_of((site("s"),), (removal(),), items)
    plan = solve(case, Wishes(gap=0.0)).actions
    rules = msgspec.structs.replace(case.rules, rules=(*case.rules.rules, Support(**rule_words("r"), by=BY)))
    assert [one.where for one in check(msgspec.structs.replace(case, rules=rules), plan).violations] == ["r"]


def test_evidence_must_speak_of_what_is_put_together() -> None:
    equipment = tuple(
        Equipment(id=kind, kind=kind, supplier=OLD, layers=("5g",))  # type: ignore[arg-type]
        for kind in ("o_ru", "o_du")
    )
    record = PairRecord(
        a=Product(kind="o_ru", supplier=RED),
        b=Product(kind="o_du", supplier=OLD),
        interface="OFH",
        verdict="pass",
        date=Date("2024-06-30"),
    )
    case = case_of(
        (site("s", equipment=equipment),),
        (removal(scope=Scope(kinds=("o_ru",))),),
        (item("ru", RED, 10, kinds=("o_ru",)),),
        evidence=(record,),
    )
    plan = solve(case, Wishes(gap=0.0)).actions
    assert len(plan) == 1
    failed = msgspec.structs.replace(record, verdict="fail", date=Date("2024-12-31"))
    for evidence, text in ((), "no record"), ((record, failed), "do not work together"):
        market = msgspec.structs.replace(case.market, evidence=evidence)
        violations = check(msgspec.structs.replace(case, market=market), plan).violations
        assert [one.what for one in violations] == ["fit"]
        assert text in violations[0].text
