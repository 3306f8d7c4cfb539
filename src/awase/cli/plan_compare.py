"""`awase plan compare A B ...`: plans side by side, and which of them one would regret."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from awase.cli.plan_make import Draws, Jobs, Seed, Stretch

if TYPE_CHECKING:
    from awase.model.plan import PlanResult
    from awase.planner.uncertainty.outlook import Regret


def compare(  # noqa: PLR0917 - one parameter per option.
    plans: Annotated[list[Path], typer.Argument(metavar="A B ...", help="Plan folders of one estate.")],
    estate: Annotated[
        str, typer.Option(metavar="ESTATE", help="Their estate: then the same chances are drawn for all of them.")
    ] = "",
    draws: Draws = 1000,
    seed: Seed = 0,
    jobs: Jobs = 1,
    stretch: Stretch = None,
    json: Annotated[bool, typer.Option("--json", help="Print the comparison as JSON, and nothing else.")] = False,
) -> None:
    """Compare plans: cost, dates, concentration; with --estate also the regret of each.

    The exit status is 0 if all of them are plans of the same estate, 2 for bad input.
    """
    from awase.cli.plan import plain_input_errors
    from awase.cli.plan_folder import read_folder
    from awase.cli.plan_make import draw
    from awase.cli.plan_words import refuse, say_if_shadowed, with_slips
    from awase.planner.loading.case import load_case
    from awase.planner.uncertainty.outlook import regrets

    found: tuple[Regret, ...] = ()
    with plain_input_errors():
        if len(plans) < 2:
            raise refuse("compare", "needs two plans or more", "name two Plan folders")
        results = [read_folder(plan) for plan in plans]
        if len({result.name for result in results}) > 1:
            raise refuse("compare", "these are plans of different estates", "compare plans of one")
        if estate and draws:
            say_if_shadowed(estate)
            case = with_slips(load_case(estate), stretch)
            strangers = {action.site for result in results for action in result.actions}
            if not strangers <= {site.id for site in case.estate.sites}:
                raise refuse("--estate", f"the plans have sites that {estate} has not", "name the plans' own estate")
            drawn = [draw(case, result, (draws, seed, jobs))[1] for result in results]
            found = regrets([str(plan) for plan in plans], drawn)
    print_compared([str(plan) for plan in plans], results, found, json=json)


def print_compared(names: list[str], results: "list[PlanResult]", found: "tuple[Regret, ...]", *, json: bool) -> None:
    """The plans' figures in columns."""
    rows = [_row(name, result) for name, result in zip(names, results, strict=True)]
    if json:
        import msgspec

        print(msgspec.json.format(msgspec.json.encode({"plans": rows, "regret": found}), indent=1).decode())
        return
    from rich import box
    from rich.table import Table

    from awase.cli.plan_page_text import page

    console = page()
    table = Table(box=box.SIMPLE)
    table.add_column("")
    for name in names:
        table.add_column(name, justify="right", overflow="fold")
    for key in dict.fromkeys(key for row in rows for key in row):
        table.add_row(key, *(str(row.get(key, "")) for row in rows))
    for one in ("mean", "q95", "worst", "best_in"):
        if found:
            table.add_row(f"regret: {one}", *(f"{getattr(regret, one):,.2f}" for regret in found))
    console.print(table)


def _row(name: str, result: "PlanResult") -> dict[str, str]:
    from awase.cli.plan_page_text import slack, verdict

    row = {"status": str(result.status), "objective": result.objective}
    if result.cost is not None:
        costs = (result.cost.low, result.cost.mid, result.cost.high)
        row["cost low, mid, high"] = " / ".join(f"{value:,.0f}" for value in costs)
        row["gap"] = f"{result.gap or 0.0:.2%}"
        row["actions"] = f"{len(result.actions):,}"
        row["last quarter"] = max((action.quarter for action in result.actions), default="")
    for outcome in result.rules:
        room = slack(outcome)
        row[f"rule {outcome.id}"] = f"{verdict(outcome)} ({room})" if room else verdict(outcome)
    for rule, late in result.late_risk.items():
        row[f"expected late: {rule}"] = f"{late:,.1f}"
    for kind, values in result.hhi.items():
        row[f"HHI of {kind} at the end"] = f"{list(values.values())[-1]:.3f}"
    return row
