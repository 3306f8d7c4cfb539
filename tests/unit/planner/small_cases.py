"""Small cases of plans for tests: a few sites with a radio and a baseband each, and a market of three items."""

import random
from typing import Any

from awase.model.calendar import Date, Quarter
from awase.model.plan import (
    Budget,
    CatalogueItem,
    Country,
    Crew,
    Currency,
    Equipment,
    Estate,
    Freeze,
    Limits,
    Market,
    Money,
    OperatorName,
    Price,
    Region,
    RuleId,
    Share,
    Site,
    SiteId,
    Supplier,
    SupplierName,
)
from awase.model.rules import (
    AnyRule,
    Case,
    ConcentrationCap,
    DomesticContent,
    MinimumSuppliers,
    PurchaseBan,
    Removal,
    RuleSet,
    Scope,
    ShareCap,
    Support,
    TrustedList,
)

GBP = Currency("GBP")
OLD, RED, BLUE = SupplierName("Old"), SupplierName("Red"), SupplierName("Blue")


def price(mid: int) -> Price:
    """A price of 2025, half and double of it."""
    return Price(low=mid // 2, mid=mid, high=mid * 2, currency=GBP, year=2025, source="a test", mark="synthetic")


def item(name: str, supplier: SupplierName, mid: int, **more: Any) -> CatalogueItem:
    """A whole site's chain."""
    kinds = more.pop("kinds", ("radio", "baseband"))
    return CatalogueItem(id=name, kinds=kinds, supplier=supplier, price=price(mid), **more)


def site(name: str, region: str = "North", supplier: SupplierName = OLD, **more: Any) -> Site:
    """A site with a radio and a baseband of 4G."""
    pieces = tuple(
        Equipment(id=kind, kind=kind, supplier=supplier, layers=("4g",), end_of_support=more.get("ends"))
        for kind in ("radio", "baseband")
    )
    return Site(
        id=SiteId(name),
        operator=OperatorName(more.get("operator", "A")),
        region=Region(region),
        people=more.get("people", 100),
        traffic_gbps=more.get("traffic", 1.0),
        equipment=more.get("equipment", pieces),
        neighbours=more.get("neighbours", ()),
    )


def rule_words(name: str) -> dict[str, Any]:
    """What every rule needs."""
    return {"id": RuleId(name), "title": f"the rule {name}", "source": "a test", "mark": "synthetic"}


def removal(by: str = "2025-12-31", **more: Any) -> Removal:
    """Old must go."""
    return Removal(**rule_words(more.pop("name", "out")), suppliers=(OLD,), by=Date(by), **more)


def case_of(
    sites: tuple[Site, ...], rules: tuple[AnyRule, ...], items: tuple[CatalogueItem, ...], **limits: Any
) -> Case:
    """A case that starts at the end of 2024 and may be planned until the end of 2025."""
    market = Market(catalogue=items, evidence=limits.pop("evidence", ()), **limits.pop("market", {}))
    suppliers = limits.pop(
        "suppliers",
        (
            Supplier(name=OLD, country=Country("CN")),
            Supplier(name=RED, country=Country("SE")),
            Supplier(name=BLUE, country=Country("JP")),
        ),
    )
    end = limits.pop("end", Quarter("2025Q4"))
    estate = Estate(name="small", as_of=Quarter("2024Q4"), currency=GBP, sites=sites, suppliers=suppliers)
    return Case(estate=estate, rules=RuleSet(rules=rules), market=market, limits=Limits(end=end, **limits))


def random_case(seed: int) -> Case:
    """A case of three sites with a few rules and limits of all sorts, some of which cannot be kept."""
    pick = random.Random(seed)
    ends = [None, Quarter("2025Q1"), Quarter("2025Q2")]
    sites = tuple(
        site(
            f"s{number}",
            pick.choice(["North", "South"]),
            pick.choice([OLD, OLD, RED]),
            traffic=pick.choice([1.0, 3.0]),
            people=pick.choice([100, 300]),
            ends=pick.choice(ends),
        )
        for number in range(3)
    )
    items = (
        item("red", RED, pick.choice([10, 14]), lead_time_quarters=pick.choice([0, 1])),
        item("blue", BLUE, pick.choice([9, 16]), supply_per_quarter=pick.choice([None, 1])),
    )
    crews = (Crew(name="north", visits_per_quarter=pick.choice([1, 2]), regions=(Region("North"),)),)
    crews += (Crew(name="all", visits_per_quarter=1),)
    amount = pick.choice([20, 28, 60])
    limits = {
        "end": Quarter("2025Q3"),
        "crews": pick.choice([(), crews]),
        "budgets": pick.choice([(), (Budget(year=2025, amount=amount, currency=GBP),)]),
        "freezes": pick.choice([(), (Freeze(quarters=(Quarter("2025Q2"),), regions=(Region("North"),)),)]),
        "down_share_of_region": Share(pick.choice([1.0, 0.5])),
    }
    return case_of(sites, random_rules(pick), items, **limits)


def random_rules(pick: random.Random) -> tuple[AnyRule, ...]:
    """Two or three rules."""
    measure: Any = pick.choice(["sites", "equipment", "traffic", "people"])
    cap, by = Share(pick.choice([0.4, 0.7])), Date(pick.choice(["2025-06-30", "2025-09-30"]))
    penalty = pick.choice([None, None, Money(5, GBP)])
    choices: list[AnyRule] = [
        removal(by, penalty=penalty),
        removal(by, name="north", scope=Scope(regions=(Region("North"),))),
        ShareCap(**rule_words("cap"), suppliers=(OLD,), cap=cap, measure=measure, by=by),
        ShareCap(**rule_words("each"), cap=cap, measure=measure, by=by, per="estate"),
        MinimumSuppliers(**rule_words("two"), number=2, by=by, per="estate", share=Share(pick.choice([0.0, 0.3]))),
        ConcentrationCap(**rule_words("hhi"), cap=Share(0.6), by=by, measure=measure),
        TrustedList(**rule_words("trusted"), countries=(Country("JP"),), by=by),
        TrustedList(**rule_words("buys"), suppliers=(RED,), after=Date("2025-03-31")),
        PurchaseBan(**rule_words("ban"), suppliers=(RED,), after=Date("2025-03-31")),
        DomesticContent(
            **rule_words("home"), countries=(Country("JP"),), share=Share(0.5), after=Date("2024-12-31"), by=by
        ),
        Support(**rule_words("support"), by=by),
    ]
    return tuple(pick.sample(choices, pick.choice([2, 3])))
