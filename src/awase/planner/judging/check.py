"""`awase plan check`: an estate against its rules over time, with nobody planning anything."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from awase.model.calendar import Date, Quarter
from awase.model.plan import Contradiction, RuleId, RuleOutcome
from awase.model.rules import (
    AnyRule,
    Case,
    ConcentrationCap,
    DomesticContent,
    EvidenceRequired,
    MinimumRelease,
    MinimumSuppliers,
    MustNotCarry,
    PurchaseBan,
    Removal,
    ShareCap,
    Subsidy,
    Support,
    TrustedList,
)
from awase.planner.diversity.exposure import Loss, losses
from awase.planner.judging.contradictions import contradictions
from awase.planner.judging.court import Court
from awase.planner.judging.mixture import (
    judge_concentration_cap,
    judge_evidence_required,
    judge_minimum_suppliers,
    judge_must_not_carry,
    judge_share_cap,
    judge_subsidy,
)
from awase.planner.judging.presence import (
    judge_domestic_content,
    judge_minimum_release,
    judge_purchase_ban,
    judge_removal,
    judge_support,
    judge_trusted_list,
)
from awase.planner.rulebook import waits_for

JUDGES: Mapping[type, Callable[[Any, Court], list[RuleOutcome]]] = {
    PurchaseBan: judge_purchase_ban,
    Removal: judge_removal,
    TrustedList: judge_trusted_list,
    DomesticContent: judge_domestic_content,
    Support: judge_support,
    MinimumRelease: judge_minimum_release,
    ShareCap: judge_share_cap,
    MinimumSuppliers: judge_minimum_suppliers,
    ConcentrationCap: judge_concentration_cap,
    EvidenceRequired: judge_evidence_required,
    Subsidy: judge_subsidy,
    MustNotCarry: judge_must_not_carry,
}
"""Who judges which rule."""


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """What breaks which rule when: the broken ones by day, then those that are kept; `waiting` bind nobody yet."""

    name: str
    as_of: Quarter
    sites: int
    outcomes: tuple[RuleOutcome, ...]
    waiting: Mapping[RuleId, str] = {}
    contradictions: tuple[Contradiction, ...] = ()
    losses: tuple[Loss, ...] = ()

    @property
    def broken(self) -> tuple[RuleOutcome, ...]:
        """The outcomes that are not met."""
        return tuple(outcome for outcome in self.outcomes if not outcome.met)

    @property
    def passed(self) -> bool:
        """Whether nothing is broken, and nothing contradicts itself."""
        return not self.broken and not self.contradictions


def check(case: Case) -> Check:
    """Judge a case as it stands."""
    court = Court(case)
    outcomes: list[RuleOutcome] = []
    waiting: dict[RuleId, str] = {}
    for rule in case.rules.rules:
        why = waits_for(rule, case.rules)
        if why:
            waiting[rule.id] = why
        else:
            outcomes.extend(judge(rule, court))
    order = {rule.id: number for number, rule in enumerate(case.rules.rules)}
    outcomes.sort(key=lambda one: (one.met, one.from_date or Date(""), order[one.id], one.group))
    return Check(
        name=case.estate.name,
        as_of=case.estate.as_of,
        sites=len(case.estate.sites),
        outcomes=tuple(outcomes),
        waiting=waiting,
        contradictions=contradictions(case),
        losses=tuple(losses(case.estate, court.until)),
    )


def judge(rule: AnyRule, court: Court) -> list[RuleOutcome]:
    """The outcomes of one rule: one, or one for each group that it counts by itself."""
    return JUDGES[type(rule)](rule, court)
