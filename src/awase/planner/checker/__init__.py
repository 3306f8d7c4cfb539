"""The independent checker: walks through a plan site by site and says what is wrong with it.

It shares no code with the programme that makes plans (`optimise`), only the vocabulary: what one gets wrong, the
other notices. A plan made by hand is checked in the same way.
"""

from collections.abc import Iterable, Sequence

import msgspec

from awase.model.plan import Action, PlannedTest, RuleOutcome
from awase.model.rules import Case
from awase.planner.checker.limits import limit_violations
from awase.planner.checker.rules import judge_rules
from awase.planner.checker.standing import Violation, walk

__all__ = ["Verdict", "Violation", "check"]


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """All that is wrong, and how each rule fares. A rule that is broken at a price is no violation."""

    violations: tuple[Violation, ...]
    rules: tuple[RuleOutcome, ...]


def check(case: Case, actions: Iterable[Action], tests: Sequence[PlannedTest] = ()) -> Verdict:
    """Judge the actions of a plan on a case; `tests` are the combinations that are tested before they are used."""
    walked = walk(case, list(actions), tests)
    outcomes = judge_rules(walked)
    broken = [
        Violation("rule", str(outcome.id), outcome.text)
        for outcome, rule in zip(outcomes, case.rules.rules, strict=True)
        if not outcome.met and rule.penalty is None
    ]
    return Verdict(violations=(*walked.violations, *limit_violations(walked), *broken), rules=tuple(outcomes))
