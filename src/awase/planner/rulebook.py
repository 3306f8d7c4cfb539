"""Rules made definite: lists of suppliers filled in, and days that hang on events computed."""

from collections.abc import Mapping

from awase.model.calendar import Date, Quarter, last_quarter_by, months_after
from awase.model.plan import SupplierName
from awase.model.rules import After, AnyRule, Case, Deadline, RuleSet, Subsidy
from awase.planner.loading.rule_sets import LIST


def suppliers_of(rule: AnyRule, rules: RuleSet) -> tuple[SupplierName, ...]:
    """The suppliers that a rule names, those of its lists included, each once."""
    named = rule.removes if isinstance(rule, Subsidy) else getattr(rule, "suppliers", ())
    found: dict[SupplierName, bool] = {}
    for name in named:
        members = rules.lists.get(name[len(LIST) :], ()) if name.startswith(LIST) else (name,)
        found.update((member, True) for member in members)
    return tuple(found)


def day_of(deadline: Deadline | None, events: Mapping[str, Date]) -> Date | None:
    """The day of a deadline; None if there is none, or if its event has no day yet."""
    if not isinstance(deadline, After):
        return deadline
    start = events.get(deadline.after)
    return months_after(start, deadline.months) if start is not None else None


def waits_for(rule: AnyRule, rules: RuleSet) -> str:
    """Why a rule binds nobody yet, in words; "" if it does."""
    for name in ("by", "after", "complete_by"):
        deadline = getattr(rule, name, None)
        if isinstance(deadline, After) and deadline.after not in rules.events:
            return f"waits for the day of {deadline.after}: name it under `events:`"
    named = (*getattr(rule, "suppliers", ()), *getattr(rule, "removes", ()))
    if named and not suppliers_of(rule, rules):
        return f"{', '.join(named)} names nobody yet: fill it in under `lists:`"
    return ""


def days_of(rule: AnyRule, rules: RuleSet) -> tuple[Date, ...]:
    """All days that a rule speaks of."""
    days = (day_of(getattr(rule, name, None), rules.events) for name in ("after", "by", "complete_by"))
    return tuple(day for day in days if day is not None)


def horizon(case: Case) -> Quarter:
    """The last quarter of planning: the limits' own, else that of the last rule, and never before the estate's."""
    if case.limits.end is not None:
        return max(case.limits.end, case.estate.as_of)
    last = [last_quarter_by(day) for rule in case.rules.rules for day in days_of(rule, case.rules)]
    return max((*last, case.estate.as_of))
