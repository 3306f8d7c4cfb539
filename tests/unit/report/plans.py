"""A small plan with something in every section, and the same with hostile text wherever text may stand."""

from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import msgspec

from awase.model.calendar import Quarter
from awase.model.plan import (
    Action,
    Binding,
    Budget,
    Cable,
    CatalogueItem,
    Crew,
    Equipment,
    Estate,
    Figure,
    Landing,
    Limits,
    Link,
    Market,
    Operator,
    PlannedTest,
    PlanResult,
    Power,
    Price,
    Range,
    RuleOutcome,
    Site,
    Supplier,
)
from awase.model.rules import After, ConcentrationCap, Removal, RuleSet, Scope

HOSTILE = "</script><script>alert('x')</script><img src=x onerror=\"alert(1)\">&amp;--><!--{{ 7*7 }}"

PRICE = Price(low=10, mid=20, high=40, currency="EUR", year=2025, source="a list of prices", mark="K")


def piece(supplier: str, kind: str = "radio", **more: Any) -> Equipment:
    return Equipment(id=kind, kind=kind, supplier=supplier, **more)


def site(name: str, region: str, supplier: str, **more: Any) -> Site:
    equipment = (piece(supplier, layers=("5g",)), piece(supplier, "baseband", layers=("5g",)))
    return Site(**({"id": name, "operator": "one", "region": region, "people": 100, "equipment": equipment} | more))


ESTATE = Estate(
    name="small",
    title="A small estate",
    as_of="2025Q4",
    currency="EUR",
    operators=(Operator(name="one", country="JP", customers=5000, source="its annual report", mark="V"),),
    suppliers=(Supplier(name="Red", country="CN", source="its seat", mark="K"), Supplier(name="Blue", country="SE")),
    sites=(
        site("a", "north", "Red", latitude_deg=35.0, longitude_deg=139.0, traffic_gbps=1.0),
        site("b", "north", "Red", latitude_deg=36.0, longitude_deg=140.0, synthetic=True, roles=("macro", "emergency")),
        site("c", "south", "Blue", latitude_deg=34.0, longitude_deg=135.0),
        site("hub", "south", "Blue", latitude_deg=35.5, longitude_deg=138.0, roles=("core",)),
        site("nowhere", "south", "Blue"),
    ),
    links=(Link(id="l1", a="a", b="hub", capacity_gbps=10.0), Link(id="l2", a="nowhere", b="hub")),
    cables=(
        Cable(
            id="sea",
            name="Sea Cable",
            landings=(
                Landing(place="Here", country="JP", latitude_deg=34.3, longitude_deg=136.9),
                Landing(place="There", country="US", latitude_deg=45.2, longitude_deg=-123.9),
            ),
            source="its owner's page",
            mark="V",
        ),
    ),
    figures=(Figure(id="count", text="How many sites", value=5, unit="sites", source="counted", mark="D"),),
)
RULES = RuleSet(
    rules=(
        Removal(
            id="out",
            title="Red is out",
            source="a law",
            mark="V",
            suppliers=("Red",),
            by=After(months=24, after="decree"),
        ),
        ConcentrationCap(id="mix", title="A mix", source="a letter", mark="K", cap=0.6, by="2027-06-30"),
        Removal(id="later", title="Nobody judged it", source="", mark="declared", suppliers=("Red",), by="2030-12-31"),
        ConcentrationCap(
            id="core-mix",
            title="Core",
            source="",
            mark="declared",
            cap=0.4,
            by="2031-12-31",
            scope=Scope(kinds=("core",)),
        ),
    ),
    events={"decree": "2025-12-31"},
)
LIMITS = Limits(
    start="2026Q1",
    end="2028Q4",
    crews=(Crew(name="hands", visits_per_quarter=4, people=6),),
    budgets=(
        Budget(year=2026, amount=100, currency="EUR"),
        Budget(year=2026, amount=50, currency="EUR", operator="one"),
    ),
)
WATT = Range(100.0, 150.0, 200.0)
MARKET = Market(
    catalogue=(
        CatalogueItem(
            id="chain",
            kinds=("radio", "baseband"),
            supplier="Blue",
            price=PRICE,
            crew_visits=2,
            power=Power(idle_w=WATT, full_w=WATT, source="a data sheet", mark="V"),
        ),
        CatalogueItem(id="unused", kinds=("core",), supplier="Blue", price=PRICE),
    )
)


def swap(name: str, kind: str, quarter: str, **more: Any) -> Action:
    return Action(
        **(
            {
                "site": name,
                "kind": kind,
                "from_supplier": "Red",
                "to_supplier": "Blue",
                "quarter": quarter,
                "crew": "hands",
                "cost_low": 5,
                "cost_mid": 10,
                "cost_high": 20,
                "equipment": kind,
                "item": "chain",
            }
            | more
        )
    )


ACTIONS = (
    swap("a", "radio", "2026Q1"),
    swap("a", "baseband", "2026Q1"),
    swap("b", "radio", "2027Q2"),
    swap("b", "baseband", "2027Q2"),
)
RESULT = PlanResult(
    name="small",
    status="optimal",
    gap=0.004,
    cost=Range(23, 46, 92),
    currency="EUR",
    objective="cost",
    seed=7,
    versions={"awase": "0.1.0"},
    rules=(
        RuleOutcome(id="mix", met=False, slack=-0.1, unit="index", from_date="2027-06-30", sites=3, text="too few"),
        RuleOutcome(id="out", met=True, slack=2.0, unit="quarters", text="Red is out by 2027Q2"),
    ),
    hhi={"radio": {"2025Q4": 0.52, "2026Q1": 0.5, "2027Q2": 1.0}, "core": {"2025Q4": 1.0, "2027Q2": 1.0}},
    spent_per_year={"2026": Range(10, 20, 40), "2027": Range(10, 20, 40)},
    power_kw={"2026Q4": Range(1.0, 1.5, 2.0)},
    binding=tuple(
        Binding(name=f"limit {n}", text=f"one more saves {n}", price=float(n), unit="EUR per visit") for n in range(12)
    ),
    figures=ESTATE.figures,
    actions=ACTIONS,
    tests=(PlannedTest(a="x", b="y", interface="OFH", cost=Range(3, 6, 12), quarters=2),),
    subsidy={"grant": 12.0},
    late_risk={"out": 0.25},
    notes=("something was assumed",),
)
NOTHING = PlanResult(
    name="small", status="infeasible", gap=None, cost=None, currency="EUR", objective="cost", seed=0, versions={}
)


DUE = Quarter("2027Q4")


@dataclass(frozen=True)
class Goal:
    rule: str = "out"
    group: str = "one"
    probability: float = 0.75
    late_mean: float = 1.5
    late_95: float = 6.0
    by: Quarter = DUE
    by_quarter: dict[Quarter, float] = field(
        default_factory=lambda: {Quarter("2027Q2"): 0.0, Quarter("2027Q3"): 0.5, Quarter("2027Q4"): 0.75}
    )


@dataclass(frozen=True)
class Outlook:
    draws: int = 1000
    seed: int = 7
    cost_mean: float = 50.0
    cost: dict[str, float] = field(default_factory=lambda: {"0.05": 30.0, "0.5": 48.0, "0.95": 80.0})
    goals: tuple[Goal, ...] = (Goal(),)
    all_met: float = 0.7
    sources: tuple[str, ...] = ("progress elsewhere",)
    notes: tuple[str, ...] = ("a note of the draws",)


@dataclass(frozen=True)
class Regret:
    plan: str = "cheap"
    mean: float = 5.0
    q95: float = 9.0
    best_in: float = 0.6


@dataclass(frozen=True)
class Outcome:
    failures: tuple[str, ...] = ("Sea Cable",)
    lost_gbps: float = 1.25
    rerouted_gbps: float = 3.0
    excess_gbps: float = 0.5
    overloaded_links: int = 1
    mean_added_delay_ms: float = 2.0
    repair_days: float = 21.0
    carried_gbps: float | None = 4.5


@dataclass(frozen=True)
class Unmet:
    text: str = "government traffic passes over Red"
    rules: tuple[str, ...] = ("route",)


@dataclass(frozen=True)
class Study:
    name: str = "small backbone"
    sites: int = 2
    links: int = 1
    traffic_gbps: float = 5.0
    cut_off_gbps: float = 0.0
    cuts: tuple[Outcome, ...] = (Outcome(),)
    groups: tuple[Outcome, ...] = ()
    pairs: tuple[Outcome, ...] = ()
    pairs_tried: int = 0
    pairs_lost: int = 0
    pairs_overloaded: int = 0
    single_points: tuple[str, ...] = ("Sea Cable",)
    unmet: tuple[Unmet, ...] = (Unmet(),)
    assumptions: tuple[str, ...] = ("light is fast",)
    figures: tuple[Figure, ...] = ()


_KEPT = (
    "kind", "kinds", "quarter", "as_of", "roles", "layers", "mark", "medium", "rule", "by", "after", "complete_by",
    "status", "bought", "start", "end", "from_date", "measure", "per", "leans_on", "events", "quarters",
    "slips",
)  # fmt: skip


def spoilt(value: Any, kind: Any) -> Any:
    """The same struct, every text of it made hostile that is not one of a few words, a quarter or a date."""
    return msgspec.convert(_walk(msgspec.to_builtins(value), _spoil), kind)


def _spoil(text: str) -> str:
    return f"{text}{HOSTILE}"


def _walk(value: Any, spoil: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return spoil(value)
    if isinstance(value, list | tuple):
        return [_walk(one, spoil) for one in value]
    if isinstance(value, dict):
        return {name: one if name in _KEPT else _walk(one, spoil) for name, one in value.items()}
    return value


class Page(HTMLParser):
    """What a page holds: start tags with attributes, text by the id of its section, rows of tables."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.sections: dict[str, str] = {}
        self.scripts: list[str] = []
        self.rows: list[list[str]] = []
        self.open: list[str] = []
        self.section = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        self.tags.append((tag, said))
        if tag == "section":
            self.section = str(said["id"])
            self.sections[self.section] = ""
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        if tag == "script":
            self.scripts.append("")
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass
        if tag == "section":
            self.section = ""

    def handle_data(self, data: str) -> None:
        if "script" in self.open:
            self.scripts[-1] += data
            return
        if self.section:
            self.sections[self.section] += data
        if self.rows and ("td" in self.open or "th" in self.open):
            self.rows[-1][-1] += data

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [said for name, said in self.tags if name == tag]

    def row(self, first: str) -> list[str]:
        """The cells of the first row that starts so, without outer blanks."""
        rows = [[cell.strip() for cell in row] for row in self.rows if row]
        return next(row for row in rows if row[0] == first)
