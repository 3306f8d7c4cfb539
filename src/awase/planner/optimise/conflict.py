"""Why there is no plan: the smallest set of rules and limits that cannot all be kept, and the cheapest way out.

QuickXplain (Junker, AAAI 2004) finds a set of which no member may be left out, with few programmes solved; each
member is then made elastic by itself to see how far it would have to give.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from awase.model.plan import Contradiction
from awase.planner.optimise.model import Model
from awase.planner.optimise.programme import Answer, Effort, Row


def explain(model: Model, effort: Effort) -> Contradiction:
    """The conflict in words."""
    groups = conflict_of(model, effort)
    texts = [describe(model, group) for group in groups]
    stuck = _stuck(model, groups)
    text = "cannot be kept" if len(groups) == 1 else "cannot all be kept"
    text = f"{'; '.join(texts)}: {text}" if texts else "the limits leave no plan at all"
    if stuck:
        text = f"{text}. {stuck}"
    return Contradiction(rules=tuple(groups), text=text, relaxation=relaxation_of(model, groups, effort))


def conflict_of(model: Model, effort: Effort) -> list[str]:
    """Groups that are infeasible together, and feasible if any of them is left out."""
    programme = model.programme
    every = programme.groups()
    integer = programme.minimise({}, effort, integer=False).status != "infeasible"
    quick = Effort(gap=1.0, nodes=effort.nodes, seed=effort.seed, seconds=effort.seconds)

    def fails(kept: Sequence[str]) -> bool:
        left_out = [group for group in every if group not in kept]
        return programme.minimise({}, quick, integer=integer, without=left_out).status == "infeasible"

    def shrink(background: list[str], added: bool, candidates: list[str]) -> list[str]:
        if added and fails(background):
            return []
        if len(candidates) == 1:
            return candidates
        middle = len(candidates) // 2
        first, second = candidates[:middle], candidates[middle:]
        needed_of_second = shrink(background + first, bool(first), second)
        needed_of_first = shrink(background + needed_of_second, bool(needed_of_second), first)
        return needed_of_first + needed_of_second

    if not every or not fails(every):
        return []
    # Rules come last, so that a limit is blamed only where no set of rules alone is to blame.
    ordered = sorted(every, key=lambda group: group.startswith("rule "), reverse=True)
    return sorted(shrink([], False, ordered), key=every.index)


def describe(model: Model, group: str) -> str:
    """A group in words."""
    titles = {f"rule {rule.id}": rule.title for rule in model.case.rules.rules}
    return f"{group} ({titles[group]})" if group in titles else group


def _stuck(model: Model, groups: list[str]) -> str:
    """What the market has nothing for, if a rule fails because of that alone."""
    for dated in model.dated:
        if f"rule {dated.rule.id}" not in groups:
            continue
        for number, unit in enumerate(model.units):
            bad = {s for one, s in dated.bad if one == number}
            options = model.options[number]
            reachable = {0, *(step.target for step in options.steps)}
            if 0 in bad and reachable <= bad:
                names = ", ".join(f"{piece.kind} of {piece.supplier}" for piece in unit.pieces)
                where = model.case.estate.sites[unit.members[0][0]].id
                return (
                    f"Nothing in the catalogue can take the place of {names} at {unit.count} sites ({where}, ...): "
                    "no item fits, can be had in time, and goes with what stands there"
                )
    return ""


@dataclass(slots=True)
class Give:
    """How far one group would have to give: as a share of itself, and in words."""

    share: float
    text: str


def relaxation_of(model: Model, groups: list[str], effort: Effort) -> str:
    """The cheapest way out: of the groups, that which gives least of itself; all together if none is enough alone."""
    gives = [give for group in groups if (give := _give(model, [group], effort)) is not None]
    if not gives and len(groups) > 1:
        together = _give(model, groups, effort)
        return "" if together is None else f"none of them is enough alone; together: {together.text}"
    if not gives:
        everything = _give(model, model.programme.groups(), effort)
        return "" if everything is None else f"more has to give than these: {everything.text}"
    gives.sort(key=lambda give: give.share)
    others = [give.text for give in gives[1:]]
    return gives[0].text + (f"; or: {'; or: '.join(others)}" if others else "")


def _give(model: Model, groups: list[str], effort: Effort) -> Give | None:
    answer = model.programme.minimise({}, effort, integer=False, elastic=groups)
    if answer.status not in ("optimal", "feasible"):
        return None
    short = [
        (row, missing) for row in model.programme.rows if row.group in groups and (missing := _missing(row, answer))
    ]
    share = math.fsum(missing / max(row.size, 1e-9) for row, missing in short)
    short.sort(key=lambda one: -one[1] / max(one[0].size, 1e-9))
    by_group: dict[str, list[tuple[Row, float]]] = {}
    for row, missing in short:
        by_group.setdefault(row.group, []).append((row, missing))
    return Give(share, ", ".join(_words(model, rows) for rows in by_group.values()))


def _missing(row: Row, answer: Answer) -> float:
    total = math.fsum(
        coefficient * answer.values[column] for column, coefficient in zip(row.columns, row.coefficients, strict=True)
    )
    missing = max(total - row.upper, row.lower - total)
    return missing if missing > 1e-6 else 0.0


def _words(model: Model, short: list[tuple[Row, float]]) -> str:
    """How far the rows of one group would have to give: the worst of them, and from when to when."""
    row, missing = short[0]
    scale = model.money_scale if row.group.startswith("budget") else 1.0
    whole = math.ceil(missing * scale - 1e-6)
    amount = f"{whole:,} {row.unit.removesuffix('s') if whole == 1 else row.unit}"
    whens = sorted(one.name.rpartition(" ")[2] for one, _ in short)
    span = f" ({whens[0]} to {whens[-1]}, at most so many in a quarter)" if len(short) > 1 else ""
    what = row.name if len(short) == 1 else row.group
    if row.group.startswith("rule ") and row.unit in ("suppliers", "of the HHI", "people", "traffic"):
        return f"{what} missed by {missing:.4g} {row.unit}{span}"
    if row.group.startswith("rule "):
        return f"{what} broken at {amount}{span}"
    return f"{what} with {amount} more{span}"
