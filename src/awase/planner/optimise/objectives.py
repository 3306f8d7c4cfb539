"""What is to be small: cost, the risk of being late, concentration; one after the other, or weighed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from awase.planner.optimise.concentration import add_diversity, fixed_part
from awase.planner.optimise.model import Dated, Model
from awase.planner.problems import Place, PlanInputError, Problem
from awase.planner.uncertainty.slips import STRETCHES

Name = Literal["cost", "risk", "diversity"]
NEGLIGIBLE = 1e-6
"""Site-quarters: smaller coefficients only trouble the solver."""
NAMES: tuple[Name, ...] = ("cost", "risk", "diversity")
_THEN: dict[Name, tuple[Name, ...]] = {
    "cost": ("cost", "risk"),
    "risk": ("risk", "cost"),
    "diversity": ("diversity", "cost"),
}


@dataclass(frozen=True, slots=True)
class Objective:
    """Stages, each with the weights of what it makes small; a later stage keeps what the earlier ones reached."""

    text: str
    stages: tuple[dict[Name, float], ...]

    @property
    def diverse(self) -> bool:
        """Whether concentration counts."""
        return any("diversity" in stage for stage in self.stages)


def parse_objective(text: str) -> Objective:
    """`cost`, `risk,cost` (the first comes first) or `cost=1,risk=5000` (weighed). Raises PlanInputError."""
    parts = [part.strip() for part in text.split(",")]
    weighed = [part.partition("=") for part in parts]
    names = [name.strip() for name, _, _ in weighed]
    known = all(name in NAMES for name in names) and len(set(names)) == len(names)
    if known and not any(sign for _, sign, _ in weighed):
        chosen: list[Name] = [name for name in NAMES if name in names]
        chosen.sort(key=names.index)
        stages = _THEN[chosen[0]] if len(chosen) == 1 else tuple(chosen)
        return Objective(text, tuple({name: 1.0} for name in stages))
    weights: dict[Name, float] = {}
    for name in NAMES:
        for given, sign, value in weighed:
            if given.strip() == name and sign and _is_number(value):
                weights[name] = float(value)
    if not known or len(weights) != len(parts):
        hint = "write cost, risk or diversity; several with commas, the first first; or weights: cost=1,risk=5000"
        raise PlanInputError([Problem(Place("--objective"), f"{text!r} is no objective", hint)])
    return Objective(text, (weights,))


def _is_number(text: str) -> bool:
    try:
        return 0 <= float(text) < 1e15
    except ValueError:
        return False


@dataclass(slots=True)
class Costs:
    """A stage ready for the programme: costs by column, a constant, and what makes one of it one in person's units."""

    columns: dict[int, float]
    constant: float = 0.0
    scale: float = 1.0


def costs_of(model: Model, stage: dict[Name, float]) -> Costs:
    """The columns' costs of a stage. Money is in the model's scale, weights are in money."""
    if len(stage) == 1:
        return _single(model, next(iter(stage)))
    total = Costs({}, 0.0, model.money_scale)
    for name, weight in stage.items():
        one = _single(model, name)
        factor = weight * one.scale / model.money_scale
        total.constant += factor * one.constant
        for column, cost in one.columns.items():
            total.columns[column] = total.columns.get(column, 0.0) + factor * cost
    return total


def _single(model: Model, name: Name) -> Costs:
    if name == "cost":
        return Costs(dict(model.cost), 0.0, model.money_scale)
    if name == "risk":
        return risk_costs(model, model.dated)
    columns = add_diversity(model)
    return Costs(columns, fixed_part(model, columns))


def risk_costs(model: Model, rules: Sequence[Dated]) -> Costs:
    """Expected site-quarters of being late, over dated rules: what stands longer is later on average."""
    total, stretch = Costs({}), STRETCHES[model.case.limits.slips]
    for dated in rules:
        allowed = dated.deadline - model.start + 1
        bad_now = {number for number, s in dated.bad if s == 0}
        for number, s in dated.bad:
            if number not in bad_now or not model.stays[number]:
                continue
            for t in range(model.quarters):
                later = stretch.expected_late(t + 2, allowed) - stretch.expected_late(t + 1, allowed)
                if later > NEGLIGIBLE:
                    column = model.stays[number][s][t]
                    total.columns[column] = total.columns.get(column, 0.0) + later
        units = [model.units[number] for number in sorted(bad_now) if model.stays[number]]
        total.constant += stretch.expected_late(1, allowed) * sum(unit.count for unit in units)
    return total
