"""The whole study of a backbone: every cut, every pair of cuts, every group that fails together, what may not pass."""

from collections.abc import Iterable, Sequence

import msgspec

from awase.model.plan import Figure
from awase.model.rules import MustNotCarry
from awase.planner.backbone.carrying import Unmet, barred, explain
from awase.planner.backbone.commodities import commodities
from awase.planner.backbone.failures import Failure, cuts, find, groups, together
from awase.planner.backbone.flow import FlowProgramme
from awase.planner.backbone.network import KBPS, Backbone
from awase.planner.backbone.outcomes import Effect, Outcome, Reckoner, outcome, worst_first
from awase.planner.backbone.repair import Repair, best_repair
from awase.planner.backbone.routing import Graph
from awase.planner.backbone.sweep import Sweep

EXACT = 50
"""Of so many of the worst cuts and pairs the flow programme says what could still be carried."""

_ALONE = ("risk_group", "supplier", "owner")
"""Groups that should not take traffic down; a site or a country takes its own down whatever is built."""


class Study(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it. Outcomes are worst first; `single_points`: what alone loses traffic: cuts, risk
    groups, suppliers and owners (a site or a country loses its own anyhow).

    `pairs_lost` and `pairs_overloaded`: how many of `pairs_tried` lose traffic, or ask a link for more than it has.
    """

    name: str
    sites: int
    links: int
    demands: int
    traffic_gbps: float
    cut_off_gbps: float
    intact: Outcome
    cuts: tuple[Outcome, ...]
    groups: tuple[Outcome, ...]
    pairs: tuple[Outcome, ...] = ()
    pairs_tried: int = 0
    pairs_lost: int = 0
    pairs_overloaded: int = 0
    single_points: tuple[str, ...] = ()
    unmet: tuple[Unmet, ...] = ()
    assumptions: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()


class CableCut(msgspec.Struct, frozen=True, kw_only=True):
    """What these failures at once do, what could be carried at best, and how repair would go; `text` in words."""

    outcome: Outcome
    repair: Repair
    text: str


class _Work:
    """A backbone ready to be reckoned with, its rules in force."""

    def __init__(self, backbone: Backbone, rules: Sequence[MustNotCarry]) -> None:
        self.backbone = backbone
        self.graph = Graph(backbone)
        closed = {kind: [one.link for one in ones] for kind, ones in barred(backbone, rules).items()}
        self.parts = commodities(self.graph, closed)
        self.reckoner = Reckoner(self.graph, self.parts)
        self.flow = FlowProgramme(self.graph, self.parts)

    def reckon(self, failures: Sequence[Failure], effect: Effect | None = None) -> Outcome:
        """What failures at once do; those that follow from one another are mended side by side."""
        found = self.reckoner.effect(together(failures)) if effect is None else effect
        days = max((one.repair_days for one in failures), default=0.0)
        names = tuple(one.id for one in failures)
        return outcome(names, found, self.reckoner.overload(found.load), days)

    def exact(self, outcomes: Iterable[Outcome], links: dict[tuple[str, ...], tuple[int, ...]]) -> list[Outcome]:
        """The same outcomes with what could be carried."""
        return [
            msgspec.structs.replace(one, carried_gbps=self.flow.most(links[one.failures]).carried_gbps)
            for one in outcomes
        ]


def study(backbone: Backbone, rules: Sequence[MustNotCarry] = (), *, pairs: bool = False, exact: int = EXACT) -> Study:
    """All cuts and groups, and all pairs of cuts where asked; the `exact` worst of each by the flow programme too."""
    work = _Work(backbone, rules)
    units, joint = cuts(backbone), groups(backbone)
    sweep = Sweep(work.reckoner, [one.links for one in units])
    links: dict[tuple[str, ...], tuple[int, ...]] = {(one.id,): one.links for one in (*units, *joint)}
    singles = [work.reckon([one], effect) for one, effect in zip(units, sweep.singles(), strict=True)]
    grouped = [work.reckon([one]) for one in joint]
    doubles = _pairs(units, sweep, links) if pairs else []
    joined = [one for group, one in zip(joint, grouped, strict=True) if group.kind in _ALONE]
    alone = sorted((one for one in (*singles, *joined) if one.lost_gbps > 0), key=worst_first)
    return Study(
        name=backbone.name,
        sites=len(backbone.sites),
        links=len(backbone.links),
        demands=len(backbone.demands),
        traffic_gbps=work.reckoner.total / KBPS,
        cut_off_gbps=work.reckoner.cut_off / KBPS,
        intact=work.exact([work.reckon([])], {(): ()})[0],
        cuts=_worst(work, singles, links, exact),
        groups=_worst(work, grouped, links, exact),
        pairs=_worst(work, doubles, links, exact),
        pairs_tried=len(doubles),
        pairs_lost=sum(1 for one in doubles if one.lost_gbps > 0),
        pairs_overloaded=sum(1 for one in doubles if one.overloaded_links),
        single_points=tuple(one.failures[0] for one in alone),
        unmet=explain(work.graph, rules),
        assumptions=backbone.assumptions,
        figures=backbone.figures,
    )


def _pairs(units: Sequence[Failure], sweep: Sweep, links: dict[tuple[str, ...], tuple[int, ...]]) -> list[Outcome]:
    found = []
    for e, f, effect, overload in sweep.pairs():
        both = (units[e], units[f])
        names = (units[e].id, units[f].id)
        links[names] = together(both)
        found.append(outcome(names, effect, overload, max(one.repair_days for one in both)))
    return found


def _worst(
    work: _Work, outcomes: list[Outcome], links: dict[tuple[str, ...], tuple[int, ...]], exact: int
) -> tuple[Outcome, ...]:
    """Worst first, the first of them with what could be carried."""
    ordered = sorted(outcomes, key=worst_first)
    harmful = [one for one in ordered[:exact] if one.lost_gbps or one.overloaded_links]
    return (*work.exact(harmful, links), *(ordered[len(harmful) :]))


def cable_cut(
    backbone: Backbone, names: Sequence[str], rules: Sequence[MustNotCarry] = (), *, ships: int = 1
) -> CableCut:
    """What the failure of all these at once does: cables, links, sites, groups, suppliers, owners, countries.

    Raises PlanInputError where a name is none of these, ValueError without names or ships.
    """
    failures = list({one.id: one for one in (find(backbone, name) for name in names)}.values())
    work = _Work(backbone, rules)
    repair = best_repair(work.reckoner, failures, ships=ships)
    found = work.exact([work.reckon(failures)], {tuple(one.id for one in failures): together(failures)})[0]
    found = msgspec.structs.replace(found, repair_days=repair.days, lost_gbps_days=repair.lost_gbps_days)
    return CableCut(outcome=found, repair=repair, text=_in_words(found, repair, work.reckoner))


def _in_words(found: Outcome, repair: Repair, reckoner: Reckoner) -> str:
    total = reckoner.total / KBPS
    text = f"Without {', '.join(found.failures)}: {found.lost_gbps:g} of {total:g} Gbit/s have no way left"
    text += f", {found.rerouted_gbps:g} take another ({found.mean_added_delay_ms:.2f} ms longer on average"
    text += f", {found.worst_added_delay_ms:.2f} ms at worst)"
    if found.overloaded_links:
        text += f"; {found.overloaded_links} link directions are asked for {found.excess_gbps:g} Gbit/s more than they"
        text += f" have, and at best {found.carried_gbps:g} Gbit/s can be carried"
    text += f". All is mended after {repair.days:g} days with {repair.ships} ship{'s' * (repair.ships != 1)}"
    return text + f" ({repair.lost_gbps_days:g} Gbit/s-days lost on the way)."
