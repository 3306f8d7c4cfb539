"""What the planner speaks of: estate, rules, market, limits and the plan (DESIGN sections 1 and 3).

Data only. An identifier is text; a share lies between 0 and 1; money is in whole units of its currency; a quarter is
text, "2027Q4", so that it compares as time does. What is known from outside says its source and its mark.
"""

from collections.abc import Mapping
from typing import Literal, NewType

import msgspec

from awase.model.calendar import Date, Quarter

Currency = NewType("Currency", str)
"""A code of ISO 4217: "GBP"."""
Country = NewType("Country", str)
"""A code of ISO 3166-1 alpha-2: "JP"; empty where it is not known."""
SiteId = NewType("SiteId", str)
SupplierName = NewType("SupplierName", str)
OperatorName = NewType("OperatorName", str)
Region = NewType("Region", str)
RuleId = NewType("RuleId", str)
Share = NewType("Share", float)
"""Between 0 and 1."""
Km = NewType("Km", float)
Gbps = NewType("Gbps", float)
Watt = NewType("Watt", float)
Ms = NewType("Ms", float)

Kind = Literal["o_ru", "radio", "baseband", "o_du", "o_cu", "core", "transport", "optical", "submarine"]
"""A kind of equipment; `radio` is antenna-integrated or bound to its supplier's baseband, `o_ru` is not."""
Layer = Literal["2g", "3g", "4g", "5g"]
Role = Literal[
    "macro", "small_cell", "core", "aggregation", "landing_station", "national_security", "emergency", "air_traffic"
]
Mark = Literal["V", "D", "K", "synthetic", "declared"]
"""V: seen in the source; D: derived from such figures; K: general knowledge, unchecked; declared: by the user."""
Measure = Literal["sites", "equipment", "traffic", "people"]
"""What a share is a share of: sites that have it, pieces, traffic through it, people served."""
Slips = Literal["uk", "us", "none"]
"""Whose programmes' published progress says how far work slips."""
Per = Literal["estate", "operator", "region", "operator_region"]
"""Over what a share or a number is counted, each by itself."""


class Range(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A figure that is not known exactly: never one number."""

    low: float
    mid: float
    high: float


class Money(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An amount in whole units of a currency."""

    amount: int
    currency: Currency


class Price(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one piece costs, in the prices of `year`, and who says so."""

    low: int
    mid: int
    high: int
    currency: Currency
    year: int
    source: str
    mark: Mark


class Figure(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A figure that an example or a plan rests on, with its source and mark, for the page's list of sources."""

    id: str
    text: str
    value: float | str
    unit: str = ""
    source: str
    mark: Mark


class ExchangeRate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One unit of `currency` is worth `rate` units of `into`."""

    currency: Currency
    into: Currency
    rate: float
    year: int
    source: str
    mark: Mark


class Supplier(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A supplier: where it comes from, who is behind it, when it leaves.

    `components` names whose chip, software or hardware is inside what it sells, unless the equipment says
    otherwise: {"chip": "..."}; `leaves` is the first quarter in which nothing new can be had of it.
    """

    name: SupplierName
    country: Country = Country("")
    components: Mapping[str, SupplierName] = {}
    aliases: tuple[str, ...] = ()
    leaves: Quarter | None = None
    support_ends: Quarter | None = None
    source: str = ""
    mark: Mark = "declared"


class Operator(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who runs sites. `customers` decides whether some programmes are open to it."""

    name: OperatorName
    country: Country = Country("")
    customers: int | None = None
    source: str = ""
    mark: Mark = "declared"


class Equipment(msgspec.Struct, frozen=True, gc=False, kw_only=True, forbid_unknown_fields=True):
    """What stands at a site. `id` is unique at its site (made up where a file names none).

    Equal sites of a class share the very same tuple of equipment objects. `share_of_traffic` is the share of
    its site's traffic that passes through it. `leans_on`: the layers whose
    equipment at this site must be of the same supplier (a non-standalone 5G layer on its 4G layer).
    `bought` and `end_of_support`: the quarters; without support means at the end of `end_of_support`.
    """

    id: str = ""
    kind: Kind
    supplier: SupplierName
    product: str = ""
    release: str = ""
    layers: tuple[Layer, ...] = ()
    count: int = 1
    share_of_traffic: Share = Share(1.0)
    bought: Quarter | None = None
    end_of_support: Quarter | None = None
    leans_on: tuple[Layer, ...] = ()
    components: Mapping[str, SupplierName] = {}
    item: str = ""
    """The catalogue item it is, where the estate says so: for its power and its interfaces."""


class Site(msgspec.Struct, frozen=True, gc=False, kw_only=True, forbid_unknown_fields=True):
    """A place with equipment. `served_by`: sites through which it reaches the core; any one of them will do.

    `site_class` names the class that a synthetic site was made from. `neighbours`: sites of which one must stay up
    while this one is down.
    """

    id: SiteId
    operator: OperatorName = OperatorName("")
    region: Region = Region("")
    country: Country = Country("")
    latitude_deg: float | None = None
    longitude_deg: float | None = None
    roles: tuple[Role, ...] = ("macro",)
    people: int = 0
    traffic_gbps: Gbps = Gbps(0.0)
    served_by: tuple[SiteId, ...] = ()
    neighbours: tuple[SiteId, ...] = ()
    equipment: tuple[Equipment, ...] = ()
    site_class: str = ""
    synthetic: bool = False

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The technology layers on air, in order."""
        names: tuple[Layer, ...] = ("2g", "3g", "4g", "5g")
        return tuple(name for name in names if any(name in one.layers for one in self.equipment))


class Link(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A link between two sites. `risk_groups`: what fails together with it (a duct, a station, a strait)."""

    id: str
    a: SiteId
    b: SiteId
    medium: Literal["fibre", "microwave", "copper", "satellite", "submarine"] = "fibre"
    owner: str = ""
    supplier: SupplierName = SupplierName("")
    capacity_gbps: Gbps = Gbps(0.0)
    length_km: Km | None = None
    delay_ms: Ms | None = None
    cable: str = ""
    encrypted: bool = False
    risk_groups: tuple[str, ...] = ()
    repair_days: float | None = None


class Landing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where an undersea cable comes ashore. `site`: the estate's landing station, if it has one there."""

    place: str
    country: Country
    latitude_deg: float | None = None
    longitude_deg: float | None = None
    site: SiteId = SiteId("")


class Cable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An undersea cable; it may carry several links."""

    id: str
    name: str
    landings: tuple[Landing, ...]
    owners: tuple[str, ...] = ()
    supplier: SupplierName = SupplierName("")
    ready_for_service: str = ""
    capacity_gbps: Gbps | None = None
    length_km: Km | None = None
    risk_groups: tuple[str, ...] = ()
    repair_days: float | None = None
    source: str = ""
    mark: Mark = "declared"


class Demand(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Traffic that must get from one site to another. `traffic_class` is what "must not carry" rules speak of."""

    a: SiteId
    b: SiteId
    traffic_gbps: Gbps
    traffic_class: str = ""


class Estate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands where, from whom, at the end of the quarter `as_of`."""

    name: str
    title: str = ""
    as_of: Quarter
    currency: Currency
    operators: tuple[Operator, ...] = ()
    suppliers: tuple[Supplier, ...] = ()
    sites: tuple[Site, ...] = ()
    links: tuple[Link, ...] = ()
    cables: tuple[Cable, ...] = ()
    demands: tuple[Demand, ...] = ()
    figures: tuple[Figure, ...] = ()


class Joint(msgspec.Struct, frozen=True):
    """Two kinds that must work together at one place, over an interface; if it is not open, of one supplier."""

    a: Kind
    b: Kind
    interface: str
    is_open: bool


JOINTS = (
    Joint("radio", "baseband", "CPRI", is_open=False),
    Joint("o_ru", "o_du", "OFH", is_open=True),
    Joint("o_du", "o_cu", "F1", is_open=True),
    Joint("o_cu", "core", "N2/N3", is_open=True),
    Joint("baseband", "core", "N2/N3", is_open=True),
    Joint("optical", "submarine", "open cable", is_open=True),
)
"""What leans on what. CPRI leaves its contents to each supplier: a radio goes with its baseband."""


class Power(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a piece draws idle and fully loaded: power is not proportional to load, and known as ranges only."""

    idle_w: Range
    full_w: Range
    source: str
    mark: Mark


class CatalogueItem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be bought. `kinds`: what it stands in for.

    An item of two kinds or more swaps a site's whole chain at once: all pieces of these kinds, for one price. The price
    of an item of one kind is that of one piece. `layers`: what it serves (none: whatever it takes the place of).

    `install` is the work at the site, `crew_visits` how many crew visits it takes; `operate_per_year` what it costs
    to keep. `available_from` and `available_until` bound deliveries; orders come `lead_time_quarters` before.
    """

    id: str
    kinds: tuple[Kind, ...]
    supplier: SupplierName
    product: str = ""
    release: str = ""
    layers: tuple[Layer, ...] = ()
    bands: tuple[str, ...] = ()
    interfaces: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    price: Price
    install: Price | None = None
    operate_per_year: Price | None = None
    power: Power | None = None
    crew_visits: float = 1.0
    skill: str = ""
    lead_time_quarters: int = 0
    supply_per_quarter: int | None = None
    available_from: Quarter | None = None
    available_until: Quarter | None = None
    end_of_support: Quarter | None = None
    components: Mapping[str, SupplierName] = {}


class Product(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One side of a pair record; an empty product or release stands for any."""

    kind: Kind
    supplier: SupplierName
    product: str = ""
    release: str = ""


class PairRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Evidence that two products work together over an interface, of a laboratory or of Awase (DESIGN section 6).

    `declared` is no evidence: somebody says so, and proving it costs `test_cost` and `test_quarters`.
    """

    a: Product
    b: Product
    interface: str
    profile: str = ""
    verdict: Literal["pass", "fail", "inconclusive", "declared"]
    date: Date | None = None
    laboratory: str = ""
    test_cost: Price | None = None
    test_quarters: int = 0
    source: str = ""


class Market(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who can replace what, at which cost, with what evidence that it works with its neighbours."""

    catalogue: tuple[CatalogueItem, ...] = ()
    evidence: tuple[PairRecord, ...] = ()
    exchange: tuple[ExchangeRate, ...] = ()
    untested_cost: Price | None = None
    """What a combination without any record costs to test; none: such a combination is not allowed."""
    untested_quarters: int = 2


class Crew(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """People who swap sites: visits a quarter, in these regions (none: all), with these skills (none: all)."""

    name: str
    visits_per_quarter: float
    regions: tuple[Region, ...] = ()
    operators: tuple[OperatorName, ...] = ()
    skills: tuple[str, ...] = ()
    people: int = 0
    start: Quarter | None = None
    end: Quarter | None = None


class Budget(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an operator (none: all together) may spend in a calendar year."""

    year: int
    amount: int
    currency: Currency
    operator: OperatorName = OperatorName("")


class Freeze(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Quarters in which nothing may be taken down in these regions (none: anywhere)."""

    quarters: tuple[Quarter, ...]
    regions: tuple[Region, ...] = ()
    reason: str = ""


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the operator can do: until when it plans, with whom, with how much money."""

    start: Quarter | None = None
    """The first quarter with actions; none: the one after the estate's."""
    end: Quarter | None = None
    """The last quarter; none: that of the last rule."""
    crews: tuple[Crew, ...] = ()
    budgets: tuple[Budget, ...] = ()
    freezes: tuple[Freeze, ...] = ()
    discount_per_year: float = 0.0
    energy_per_mwh: Price | None = None
    """What electricity costs, where it is to count: by the power that the catalogue gives."""
    late_per_site_quarter: Price | None = None
    """What a site that is late by a quarter costs, where rules are priced."""
    down_share_of_region: Share = Share(1.0)
    """How much of a region's sites may be worked on in one quarter, so that neighbours stay up."""
    slips: Slips = "uk"
    """As whose published progress work slips, where the risk of being late counts and where chance is drawn."""


Status = Literal["optimal", "feasible", "infeasible", "stopped"]


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """One row of plan.csv: a site's equipment of a kind goes from one supplier to another in a quarter."""

    site: SiteId
    kind: Kind
    from_supplier: SupplierName
    to_supplier: SupplierName
    quarter: Quarter
    crew: str
    cost_low: int
    cost_mid: int
    cost_high: int
    equipment: str = ""
    item: str = ""


PLAN_COLUMNS = Action.__struct_fields__
"""The header of plan.csv; the last two say which piece at the site, and which catalogue item takes its place."""


class RuleOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a rule is met. `slack` in `unit`: how much room is left (negative: how much is missing).

    `from_date` is the day after which it is broken, `group` where (an operator, a region), `text` one sentence.
    """

    id: RuleId
    met: bool
    slack: float | None = None
    unit: str = ""
    group: str = ""
    from_date: Date | None = None
    sites: int = 0
    pieces: int = 0
    people: int = 0
    traffic_gbps: float = 0.0
    priced: bool = False
    penalty: float = 0.0
    """Whether the rule may be broken at a price, and what the plan pays for that."""
    text: str = ""


class Contradiction(msgspec.Struct, frozen=True, kw_only=True):
    """Rules (and limits) that cannot all be kept, and why, in words; `relaxation` the cheapest way out."""

    rules: tuple[str, ...]
    text: str
    relaxation: str = ""


class Binding(msgspec.Struct, frozen=True, kw_only=True):
    """A constraint that holds the plan back, and what one unit more of it would save."""

    name: str
    text: str
    price: float
    unit: str = ""


class PlannedTest(msgspec.Struct, frozen=True, kw_only=True):
    """A combination without evidence that the plan uses, so that it is tested first: what that costs and takes."""

    a: str
    b: str
    interface: str
    cost: Range
    quarters: int


class PlanResult(msgspec.Struct, frozen=True, kw_only=True):
    """plan.json: what came of planning. Nothing of host, date, path or CPU time; `hhi` per kind and quarter."""

    name: str
    status: Status
    gap: float | None
    cost: Range | None
    currency: Currency
    objective: str
    seed: int
    versions: Mapping[str, str]
    rules: tuple[RuleOutcome, ...] = ()
    hhi: Mapping[str, Mapping[str, float]] = {}
    spent_per_year: Mapping[str, Range] = {}
    operating_per_year: Mapping[str, Range] = {}
    """What it costs to keep what stands, as far as the catalogue says; part of the objective, not of `cost`."""
    power_kw: Mapping[str, Range] = {}
    binding: tuple[Binding, ...] = ()
    conflicts: tuple[Contradiction, ...] = ()
    figures: tuple[Figure, ...] = ()
    actions: tuple[Action, ...] = ()
    tests: tuple[PlannedTest, ...] = ()
    subsidy: Mapping[str, float] = {}
    """What each subsidy pays; `cost` is before it."""
    late_risk: Mapping[str, float] = {}
    """Site-quarters expected to be late per dated rule, if work slips as it has elsewhere."""
    notes: tuple[str, ...] = ()
    """What was assumed or left out, a sentence each."""
    violations: tuple[str, ...] = ()
    """What the independent checker objects to; a plan that holds has none."""
