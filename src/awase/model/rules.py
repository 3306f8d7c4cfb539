"""Rules of a plan as data: who must be out of what by when, how much of what may be whose, and who says so."""

from collections.abc import Mapping

import msgspec

from awase.model.calendar import Date
from awase.model.plan import (
    Country,
    Estate,
    Kind,
    Layer,
    Limits,
    Mark,
    Market,
    Measure,
    Money,
    OperatorName,
    Per,
    Region,
    Role,
    RuleId,
    Share,
    SupplierName,
)


class After(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A day that hangs on an event: `{months: 36, after: eu-list}`; `events` of the rules say when that was."""

    months: int
    after: str


Deadline = Date | After


class Scope(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """To what a rule applies: an empty list excludes nothing."""

    kinds: tuple[Kind, ...] = ()
    layers: tuple[Layer, ...] = ()
    roles: tuple[Role, ...] = ()
    regions: tuple[Region, ...] = ()
    operators: tuple[OperatorName, ...] = ()


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="rule"):
    """What all rules have. `penalty`: the rule may be broken at this price a site and quarter; none: it is hard."""

    id: RuleId
    title: str
    source: str
    mark: Mark
    scope: Scope = Scope()
    penalty: Money | None = None


class PurchaseBan(Rule, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="purchase_ban"):
    """Nothing of these suppliers may be bought after the day `after`."""

    suppliers: tuple[SupplierName, ...]
    after: Deadline


class Removal(Rule, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="removal"):
    """Nothing of these suppliers may be in place after the day `by`.

    `component`: nothing whose "management", "chip" or the like is theirs, whatever the brand.
    """

    suppliers: tuple[SupplierName, ...]
    by: Deadline
    component: str = ""


class ShareCap(Rule, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="share_cap"):
    """These suppliers together (`each`: each of them; no suppliers: each of all) have at most `cap` after `by`."""

    suppliers: tuple[SupplierName, ...] = ()
    cap: Share
    measure: Measure
    by: Deadline
    per: Per = "operator"
    each: bool = False


class MinimumSuppliers(Rule, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="minimum_suppliers"):
    """At least `number` suppliers per group and kind after `by`, each with at least `share` of the pieces."""

    number: int
    by: Deadline
    per: Per = "region"
    share: Share = Share(0.0)


class ConcentrationCap(Rule, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="concentration_cap"):
    """The Herfindahl-Hirschman index (0 to 1) per group and kind is at most `cap` after `by`."""

    cap: Share
    by: Deadline
    measure: Measure = "equipment"
    per: Per = "operator"
    component: str = ""
    """Whose index: of the brands, or of those behind them: "chip", "software"."""


class TrustedList(Rule, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="trusted_list"):
    """Only these suppliers, or suppliers of these countries: for purchases after `after`, in place after `by`."""

    suppliers: tuple[SupplierName, ...] = ()
    countries: tuple[Country, ...] = ()
    after: Deadline | None = None
    by: Deadline | None = None


class DomesticContent(Rule, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="domestic_content"):
    """At least `share` of the pieces bought after `after` come from these countries, counted after `by`."""

    countries: tuple[Country, ...]
    share: Share
    after: Deadline
    by: Deadline


class Support(Rule, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="support"):
    """Nothing is in place after the end of its supplier's support, from the day `by` on."""

    by: Deadline


class MinimumRelease(Rule, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="minimum_release"):
    """Equipment of these suppliers and products (none: all) runs at least this release after `by`."""

    release: str
    by: Deadline
    suppliers: tuple[SupplierName, ...] = ()
    product: str = ""


class EvidenceRequired(Rule, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="evidence_required"):
    """Two suppliers' equipment stands together only with a record of a pass, not older than `max_age_months`.

    `interfaces`: over which (none: all open ones, see JOINTS).
    """

    by: Deadline
    interfaces: tuple[str, ...] = ()
    max_age_months: int | None = None
    same_supplier_too: bool = False


class Subsidy(Rule, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="subsidy"):
    """Money with conditions: it pays `share` of the cost of what meets them, at most `amount` in all.

    `removes`: it pays for taking out these suppliers; `buys_from` and `interfaces`: what is put in must come from
    these countries and have these interfaces; `max_customers`: for operators not larger than that; `complete_by`:
    work that is done after is not paid. A condition that is not met costs the money; it breaks no law.
    """

    amount: Money | None = None
    share: Share = Share(1.0)
    removes: tuple[SupplierName, ...] = ()
    buys_from: tuple[Country, ...] = ()
    interfaces: tuple[str, ...] = ()
    max_customers: int | None = None
    after: Deadline | None = None
    """The money is there only after this day."""
    complete_by: Deadline | None = None


class MustNotCarry(Rule, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="must_not_carry"):
    """Traffic of a class stays off links and cables of these suppliers, owners and countries after `by`."""

    traffic_class: str
    by: Deadline
    suppliers: tuple[SupplierName, ...] = ()
    owners: tuple[str, ...] = ()
    countries: tuple[Country, ...] = ()
    unless_encrypted: bool = True


AnyRule = (
    PurchaseBan
    | Removal
    | ShareCap
    | MinimumSuppliers
    | ConcentrationCap
    | TrustedList
    | DomesticContent
    | Support
    | MinimumRelease
    | EvidenceRequired
    | Subsidy
    | MustNotCarry
)


class RuleSet(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rules, and what they leave open: `lists` of suppliers ("list:high-risk" in a rule) and days of `events`."""

    rules: tuple[AnyRule, ...] = ()
    lists: Mapping[str, tuple[SupplierName, ...]] = {}
    events: Mapping[str, Date] = {}
    sets: tuple[str, ...] = ()
    """The shipped sets that were taken in: "uk"."""


class Case(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that planning starts from: what an estate's folder holds."""

    estate: Estate
    rules: RuleSet = RuleSet()
    market: Market = Market()
    limits: Limits = Limits()
