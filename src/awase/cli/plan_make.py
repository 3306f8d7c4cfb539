"""`awase plan ESTATE`: the dated plan, its cost, what it rests on and how likely it holds."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from awase.model.plan import PlanResult
    from awase.model.rules import Case
    from awase.planner.uncertainty.draws import Drawn
    from awase.planner.uncertainty.exposure import Exposure
    from awase.planner.uncertainty.outlook import Outlook

BROKEN = 1

Estate = Annotated[
    str, typer.Argument(metavar="ESTATE", help="A file, a folder, or the name of an example that ships.")
]
Objective = Annotated[
    str,
    typer.Option(
        metavar="WHAT", help="cost, risk, diversity; risk,cost: first things first; cost=1,risk=5000: weighed."
    ),
]
Budgets = Annotated[
    list[str] | None,
    typer.Option("--budget", metavar="[OPERATOR:][YEAR=]AMOUNT", help="Money a year: 120m, 2025=80m; may be repeated."),
]
Jobs = Annotated[int, typer.Option(min=1, max=256, help="Processes for the draws.")]
Draws = Annotated[int, typer.Option(min=0, max=1_000_000, help="Draws of what may go wrong; 0: none.")]
Seed = Annotated[int, typer.Option(min=0, help="The same seed, the same plan.")]
Stretch = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="How work slips: as in the uk, in the us, or none. Default: what limits.slips says."
    ),
]


def make(  # noqa: PLR0913, PLR0917 - one parameter per option.
    estate: Estate,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The Plan folder; must not exist. Default: plans/<n>.")
    ] = None,
    objective: Objective = "cost",
    budget: Budgets = None,
    jobs: Jobs = 1,
    gap: Annotated[float, typer.Option(min=0.0, max=1.0, help="How far from the best is good enough.")] = 0.01,
    seed: Seed = 0,
    draws: Draws = 1000,
    stretch: Stretch = None,
    rules: Annotated[str, typer.Option(metavar="SET,...", help="Rule sets that ship, besides the estate's own.")] = "",
    as_of: Annotated[str | None, typer.Option(metavar="QUARTER", help="The quarter at whose end it is so.")] = None,
    nodes: Annotated[int, typer.Option(min=1, help="The most nodes of the search.")] = 5_000,
    json: Annotated[bool, typer.Option("--json", help="Print plan.json, and nothing else.")] = False,
) -> None:
    """Make a dated plan, with its cost and a proven gap.

    The exit status is 0 if a plan was found and every hard rule is met, 1 if not, 2 for bad input. A rule with a
    penalty is not hard: where breaking it is the cheaper way, or the only one, the plan says so and what it pays.
    """
    from awase.cli.plan import plain_input_errors
    from awase.cli.plan_folder import new_folder, write_folder
    from awase.cli.plan_words import say_if_shadowed, with_budgets, with_slips, words_of
    from awase.model.plan import Share
    from awase.planner.loading.case import load_case
    from awase.planner.optimise.plan import Wishes, solve
    from awase.planner.steps import steps_of

    wishes = Wishes(objective=objective, gap=Share(gap), seed=seed, nodes=nodes)
    with plain_input_errors():
        folder = new_folder(out)
        say_if_shadowed(estate)
        case = with_slips(with_budgets(load_case(estate, as_of=as_of, sets=words_of(rules)), budget or []), stretch)
        result = solve(case, wishes)
    outlook = look_out(case, result, (draws, seed, jobs)) if draws and result.cost is not None else None
    steps = steps_of(case, result.actions) if result.cost is not None else None
    write_folder(folder, case, result, outlook, steps)
    show(result, outlook, str(folder), json=json)
    if steps is not None and not json:
        print(steps.diversity.text)
    raise typer.Exit(0 if holds(case, result) else BROKEN)


def holds(case: "Case", result: "PlanResult") -> bool:
    """Whether there is a plan and every hard rule is met."""
    hard = {rule.id for rule in case.rules.rules if rule.penalty is None}
    met = all(one.met for one in result.rules if one.id in hard)
    return result.cost is not None and not result.violations and met


def show(result: "PlanResult", outlook: "Outlook | None", folder: str, *, json: bool) -> None:
    """The result, for a person or a program."""
    if json:
        import msgspec

        head = msgspec.structs.replace(result, actions=())
        print(msgspec.json.format(msgspec.json.encode(head), indent=1).decode())
    else:
        from awase.cli.plan_page_text import print_plan

        print_plan(result, outlook, folder)


def look_out(case: "Case", result: "PlanResult", how: tuple[int, int, int]) -> "Outlook":
    """What may go wrong with a plan; `how`: draws, seed, processes."""
    from awase.planner.uncertainty.draws import Chances
    from awase.planner.uncertainty.outlook import outlook_of

    exposure, drawn = draw(case, result, how)
    return outlook_of(exposure, drawn, Chances(stretch=case.limits.slips), how[1])


def draw(case: "Case", result: "PlanResult", how: tuple[int, int, int]) -> tuple["Exposure", "Drawn"]:
    """The exposure of a plan, and its draws."""
    from awase.planner.optimise.model import horizon
    from awase.planner.uncertainty.draws import Chances, draw_all
    from awase.planner.uncertainty.exposure import exposure_of

    draws, seed, jobs = how
    exposure = exposure_of(case, result.name, result.actions, result.tests, horizon(case)[0])
    with spread_over(jobs) as spread:
        return exposure, draw_all(exposure, Chances(stretch=case.limits.slips), draws, seed, spread)


@contextmanager
def spread_over(jobs: int) -> Iterator[Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]]:
    """`map` over processes."""
    if jobs == 1:
        yield map
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield pool.map
