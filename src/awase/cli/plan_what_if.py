"""`awase plan what-if ESTATE`: the plan again after something has happened, beside the plan without it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from awase.cli.plan_make import BROKEN, Budgets, Estate, Objective, Seed

if TYPE_CHECKING:
    from awase.model.plan import PlanResult
    from awase.model.rules import Case


def what_if(  # noqa: PLR0917 - one parameter per option.
    estate: Estate,
    supplier_exit: Annotated[
        list[str] | None, typer.Option(metavar="SUPPLIER@WHEN", help="Nothing new of it from then on: NEC@2025-12.")
    ] = None,
    price: Annotated[
        list[str] | None, typer.Option(metavar="[WHOSE=]CHANGE", help="+20% for all, or Nokia=-5%; repeat it.")
    ] = None,
    cable_cut: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="A cable, link, site or risk group of the backbone.")
    ] = None,
    budget: Budgets = None,
    objective: Objective = "cost",
    gap: Annotated[float, typer.Option(min=0.0, max=1.0, help="How far from the best is good enough.")] = 0.01,
    seed: Seed = 0,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write the new plan's folder; must not exist.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print both plans' figures as JSON, and nothing else.")] = False,
) -> None:
    """What a supplier's exit, other prices, another budget or a cut cable would change.

    The exit status is 0 if a plan is still found and every hard rule is met, 1 if not, 2 for bad input.
    """
    from awase.cli.plan import plain_input_errors
    from awase.cli.plan_folder import new_folder, write_folder
    from awase.cli.plan_make import holds
    from awase.cli.plan_words import refuse, say_if_shadowed, with_budgets, with_exits, with_prices
    from awase.model.plan import Share
    from awase.planner.loading.case import load_case
    from awase.planner.optimise.plan import Wishes, solve
    from awase.planner.steps import steps_of

    with plain_input_errors():
        if not (supplier_exit or price or budget or cable_cut):
            raise refuse("what-if", "nothing has happened", "give --supplier-exit, --price, --budget or --cable-cut")
        folder = None if out is None else new_folder(out)
        say_if_shadowed(estate)
        case = load_case(estate)
        changed = with_prices(with_exits(with_budgets(case, budget or []), supplier_exit or []), price or [])
        cut = _cut(case, cable_cut) if cable_cut else ""
        wishes = Wishes(objective=objective, gap=Share(gap), seed=seed)
        results = [solve(one, wishes) for one in ((case, changed) if changed is not case else ())]
    _show(cut, results, json=json)
    if not results:
        raise typer.Exit(0)
    if folder is not None:
        steps = steps_of(changed, results[1].actions) if results[1].cost is not None else None
        write_folder(folder, changed, results[1], None, steps)
    raise typer.Exit(0 if holds(changed, results[1]) else BROKEN)


def _show(cut: str, results: "list[PlanResult]", *, json: bool) -> None:
    """What the cut does, and both plans; as JSON only the plans, unless there are none."""
    from awase.cli.plan_compare import print_compared

    if cut and not (json and results):
        print(cut)
    if results:
        print_compared(["as it is", "then"], results, (), json=json)
        for conflict in results[1].conflicts if not json else ():
            print(f"No plan then: {conflict.text}.\nThe cheapest way out: {conflict.relaxation}.")


def _cut(case: "Case", names: list[str]) -> str:
    """What the cuts do to the backbone, all at once. Raises PlanInputError."""
    from awase.planner.backbone.sources import backbone_of
    from awase.planner.backbone.study import cable_cut

    network, rules = backbone_of(case)
    return cable_cut(network, names, rules).text
