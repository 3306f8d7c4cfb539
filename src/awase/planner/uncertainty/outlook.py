"""What the draws say: how likely each date is met, what the plan may cost, and which of several plans is regretted."""

import msgspec
import numpy as np

from awase.model.calendar import Quarter, at
from awase.planner.uncertainty.draws import Chances, Drawn
from awase.planner.uncertainty.exposure import Exposure, Floats
from awase.planner.uncertainty.slips import STRETCHES

AFTER_QUARTERS = 12
"""How long after the last date, or the last planned work, the curves go on."""
MOST_QUARTERS = 100
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


class GoalOutlook(msgspec.Struct, frozen=True, kw_only=True):
    """How a rule fares: the probability that its date is met, and the site-quarters late on average and at 95 %."""

    rule: str
    group: str
    probability: float
    late_mean: float
    late_95: float
    by: Quarter = Quarter("")
    by_quarter: dict[Quarter, float] = {}
    """The probability that it is reached by the end of a quarter, if the plan is followed."""


class Outlook(msgspec.Struct, frozen=True, kw_only=True):
    """risk.json: the distribution over draws. `cost`: quantiles by their share."""

    draws: int
    seed: int
    chances: Chances
    stretch_median: float
    stretch_sigma: float
    sources: tuple[str, ...]
    cost_mean: float
    cost: dict[str, float]
    loss_mean: float
    goals: tuple[GoalOutlook, ...]
    all_met: float
    """The probability that all of them are met."""
    notes: tuple[str, ...] = ()


class Regret(msgspec.Struct, frozen=True, kw_only=True):
    """How much more a plan loses than the best of the plans would have, draw by draw."""

    plan: str
    mean: float
    q95: float
    worst: float
    best_in: float
    """The share of draws in which no other plan does better."""


def outlook_of(exposure: Exposure, drawn: Drawn, chances: Chances, seed: int) -> Outlook:
    """Sum up the draws of one plan."""
    stretch = STRETCHES[chances.stretch]
    goals = tuple(
        GoalOutlook(
            rule=goal.rule,
            group=goal.group,
            probability=_round(drawn.met[:, number].mean()),
            late_mean=_round(drawn.late[:, number].mean()),
            late_95=_round(np.quantile(drawn.late[:, number], 0.95)),
            by=at(exposure.start + int(goal.allowed) - 1),
            by_quarter=_by_quarter(exposure, drawn.done[:, number], goal.allowed),
        )
        for number, goal in enumerate(exposure.goals)
    )
    return Outlook(
        draws=len(drawn.cost),
        seed=seed,
        chances=chances,
        stretch_median=_round(stretch.median),
        stretch_sigma=_round(stretch.sigma),
        sources=tuple(f"{one.text} [{one.source}; {one.mark}]" for one in stretch.evidence),
        cost_mean=_round(drawn.cost.mean()),
        cost={f"{share:g}": _round(np.quantile(drawn.cost, share)) for share in QUANTILES},
        loss_mean=_round(drawn.loss.mean()),
        goals=goals,
        all_met=_round(drawn.met.all(axis=1).mean()) if goals else 1.0,
        notes=_notes(exposure),
    )


def _by_quarter(exposure: Exposure, done: Floats, allowed: float) -> dict[Quarter, float]:
    """The share of the draws in which a goal is reached by the end of each quarter. done: [draw]."""
    planned = float(exposure.work.planned.max(initial=0.0))
    last = min(MOST_QUARTERS, int(max(allowed, planned)) + AFTER_QUARTERS)
    return {at(exposure.start + t - 1): _round(float((done <= t + 1e-9).mean())) for t in range(last + 1)}


def _notes(exposure: Exposure) -> tuple[str, ...]:
    notes = ["chances of exits and of failing tests, and what they cost, are assumptions: set them as you know better"]
    if exposure.left_out:
        notes.append(f"not drawn: {', '.join(exposure.left_out)}")
    if not exposure.late_price:
        notes.append("limits.late_per_site_quarter is not set: being late costs nothing in these figures")
    return tuple(notes)


def regrets(names: list[str], drawn: list[Drawn]) -> tuple[Regret, ...]:
    """Compare plans of one case over the same draws."""
    losses: Floats = np.stack([one.loss for one in drawn])
    best = losses.min(axis=0)
    return tuple(
        Regret(
            plan=name,
            mean=_round((own - best).mean()),
            q95=_round(np.quantile(own - best, 0.95)),
            worst=_round((own - best).max()),
            best_in=_round((own <= best).mean()),
        )
        for name, own in zip(names, losses, strict=True)
    )


def _round(value: float) -> float:
    return round(float(value), 6)
