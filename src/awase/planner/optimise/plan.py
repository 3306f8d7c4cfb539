"""From a case to a plan: build, solve stage by stage, take apart into sites, have it checked, say what it rests on."""

from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

import msgspec

from awase.model.plan import Action, Contradiction, PlannedTest, PlanResult, Range, RuleOutcome, Share, SiteId, Status
from awase.model.rules import Case, MustNotCarry
from awase.planner.backbone.judging import judged
from awase.planner.checker import check
from awase.planner.optimise.concentration import TOLERANCE, refine
from awase.planner.optimise.conflict import explain
from awase.planner.optimise.disaggregate import disaggregate
from awase.planner.optimise.figures import binding_of, hhi_of, late_risk_of, power_of, spent_of
from awase.planner.optimise.limits import add_limits
from awase.planner.optimise.model import Model
from awase.planner.optimise.objectives import Costs, Objective, costs_of, parse_objective
from awase.planner.optimise.operating import add_operating, operating_of
from awase.planner.optimise.programme import INFINITE, Answer, Effort, Row
from awase.planner.optimise.rule_rows import add_rules

MOST_VIOLATIONS = 100
MOST_ROUNDS = 25
"""Rounds of tangents; each leaves a smaller error."""


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of the solver. `nodes` bounds the search; `seconds` too, but then a run may not be repeatable."""

    objective: str = "cost"
    gap: Share = Share(0.01)
    seed: int = 0
    nodes: int = 5_000
    seconds: float = INFINITE
    explain: bool = True
    """Whether to look for the conflict where there is no plan; and for what binds where there is one."""


@dataclass(slots=True)
class _Reached:
    """A stage that is done: its costs, what it is bounded by, and the last answer."""

    costs: Costs
    bound: float


@dataclass(slots=True)
class _Search:
    """How far the search has come."""

    answer: Answer
    reached: list[_Reached] = field(default_factory=list)


def build(case: Case, objective: Objective) -> Model:
    """The programme of a case. Raises PlanInputError."""
    model = Model(case, diverse=objective.diverse)
    add_limits(model)
    add_operating(model)
    add_rules(model)
    return model


def solve(case: Case, wishes: Wishes | None = None) -> PlanResult:
    """The best plan found and how far it may be from the best there is. Raises PlanInputError."""
    wishes = wishes or Wishes()
    objective = parse_objective(wishes.objective)
    model = build(case, objective)
    effort = Effort(gap=wishes.gap, nodes=wishes.nodes, seed=wishes.seed, seconds=wishes.seconds)
    search = _search(model, objective, effort)
    if search.answer.status in ("infeasible", "stopped"):
        return _no_plan(model, wishes, search.answer.status, effort)
    return _plan(model, wishes, search, effort)


def _search(model: Model, objective: Objective, effort: Effort) -> _Search:
    search = _Search(Answer("stopped"))
    hint: list[float] = []
    for number, stage in enumerate(objective.stages):
        costs = costs_of(model, stage)
        answer = _minimise(model, costs, effort, hint)
        if answer.status in ("infeasible", "stopped"):
            return search if number else _Search(answer)
        search.answer = answer
        search.reached.append(_Reached(costs, answer.bound))
        hint = answer.values
        if number + 1 < len(objective.stages):
            room = max(1e-6, min(1e-3, effort.gap / 10) * abs(answer.objective))
            columns = sorted(costs.columns)
            coefficients = [costs.columns[column] for column in columns]
            model.programme.add(Row(columns, coefficients, -INFINITE, answer.objective + room))
    return search


def _minimise(model: Model, costs: Costs, effort: Effort, hint: list[float]) -> Answer:
    """Solve; where there are squares, until they are squares, or near enough for an objective's gap."""
    for _ in range(MOST_ROUNDS):
        answer = model.programme.minimise(costs.columns, effort, hint=hint)
        if answer.status in ("infeasible", "stopped"):
            break
        of_rules, of_objective = refine(model, answer.values)
        if of_rules <= 10 * TOLERANCE and of_objective <= max(10 * TOLERANCE, effort.gap / 4):
            break
        hint = []
    if answer.values:
        answer.objective = sum(cost * answer.values[column] for column, cost in costs.columns.items())
    return answer


def _versions() -> dict[str, str]:
    return {"awase": version("awase"), "highspy": version("highspy")}


def _no_plan(model: Model, wishes: Wishes, status: Status, effort: Effort) -> PlanResult:
    conflicts: tuple[Contradiction, ...] = ()
    notes: tuple[str, ...] = ()
    if status == "infeasible" and wishes.explain:
        conflicts = (explain(model, effort),)
    if status == "stopped":
        notes = (f"no plan was found within {wishes.nodes} nodes; none was proven impossible",)
    return PlanResult(
        name=model.case.estate.name,
        status=status,
        gap=None,
        cost=None,
        currency=model.case.estate.currency,
        objective=wishes.objective,
        seed=wishes.seed,
        versions=_versions(),
        conflicts=conflicts,
        notes=notes,
        figures=model.case.estate.figures,
    )


def _plan(model: Model, wishes: Wishes, search: _Search, effort: Effort) -> PlanResult:
    values = search.answer.values
    actions, alone = disaggregate(model, values)
    tests = planned_tests(model, values)
    verdict = check(model.case, actions, tests)
    gap = _gap(search, values)
    whole = search.answer.status == "optimal" or gap <= wishes.gap + 1e-9
    return PlanResult(
        name=model.case.estate.name,
        status="optimal" if whole and not verdict.violations else "feasible",
        gap=gap,
        cost=_cost(actions, tests),
        currency=model.case.estate.currency,
        objective=wishes.objective,
        seed=wishes.seed,
        versions=_versions(),
        rules=tuple(_priced(model, values, one) for one in judged(model.case, verdict.rules)),
        hhi=hhi_of(model, values),
        spent_per_year=spent_of(actions, tests, model.start),
        power_kw=power_of(model, values),
        binding=binding_of(model, effort) if wishes.explain else (),
        figures=model.case.estate.figures,
        actions=tuple(actions),
        tests=tests,
        operating_per_year=operating_of(model, values),
        subsidy={
            name: round(sum(values[column] for column in paid) * model.money_scale, 2)
            for name, paid in model.subsidies.items()
        },
        late_risk=late_risk_of(model, values),
        notes=_notes(model, alone),
        violations=tuple(str(one) for one in verdict.violations[:MOST_VIOLATIONS]),
    )


def _priced(model: Model, values: list[float], outcome: RuleOutcome) -> RuleOutcome:
    """An outcome with what it costs that its rule is not kept, where that has a price."""
    slacks = model.priced.get(outcome.id)
    if slacks is None:
        return outcome
    penalty = sum(price * max(0.0, values[column]) for column, price in slacks.items())
    return msgspec.structs.replace(outcome, priced=True, penalty=round(penalty, 2))


def _gap(search: _Search, values: list[float]) -> float:
    """How far the first objective may be from its best, with whatever the later ones have made of it."""
    first = search.reached[0]
    reached = sum(cost * values[column] for column, cost in first.costs.columns.items())
    missing = max(0.0, reached - first.bound)
    if missing <= 1e-6:
        return 0.0
    return round(missing / max(abs(reached + first.costs.constant), 1e-9), 9)


def _cost(actions: list[Action], tests: tuple[PlannedTest, ...]) -> Range:
    return Range(
        low=sum(action.cost_low for action in actions) + sum(test.cost.low for test in tests),
        mid=sum(action.cost_mid for action in actions) + sum(test.cost.mid for test in tests),
        high=sum(action.cost_high for action in actions) + sum(test.cost.high for test in tests),
    )


def planned_tests(model: Model, values: list[float]) -> tuple[PlannedTest, ...]:
    """The tests that the plan needs: of combinations that it uses."""
    used: dict[Any, None] = {}
    for move in model.moves:
        if move.step.tests and values[move.column] > 0.5:
            used.update(dict.fromkeys(move.step.tests))
    return tuple(
        PlannedTest(
            a=test.a,
            b=test.b,
            interface=test.interface,
            cost=Range(float(test.cost[0]), float(test.cost[1]), float(test.cost[2])),
            quarters=test.quarters,
        )
        for test in sorted(used)
    )


def _in_one_go(model: Model) -> bool:
    """Whether some unit could be changed in stages, and is not."""
    return any(
        any(len(one.placings) > 1 for one in options.configurations) and all(step.source == 0 for step in options.steps)
        for options in model.options
    )


def _notes(model: Model, alone: list[SiteId]) -> tuple[str, ...]:
    notes = []
    if alone:
        notes.append(f"{len(alone)} sites go down while no neighbour is up, among them {alone[0]}: spread the work")
    cut = sum(model.units[number].count for number, options in enumerate(model.options) if options.cut)
    if cut:
        notes.append(f"at {cut} sites there are more combinations than were tried: the gap does not cover those")
    if any(isinstance(rule, MustNotCarry) for rule in model.case.rules.rules):
        notes.append("what traffic must not pass is judged on the backbone as it is: no action here changes its routes")
    if _in_one_go(model):
        notes.append(
            "too large for changes in stages: what hangs together at a site is changed in one visit unless rules "
            "differ; the gap is among such plans"
        )
    if model.market.keep and any(not one.item for unit in model.units for one in unit.pieces):
        notes.append("what stands today and names no catalogue item has no costs of operation in these figures")
    if model.tests:
        notes.append("combinations without evidence are tested from the plan's first quarter on, and taken to pass")
    return tuple(notes)
