"""`awase plan`: the way off a supplier; its commands, and `awase plan ESTATE` for the plan itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from typer.core import TyperGroup

from awase.cli.plan_backbone import backbone
from awase.cli.plan_compare import compare
from awase.cli.plan_make import make
from awase.cli.plan_what_if import what_if

MAKE = "make"
"""The command that `awase plan ESTATE` stands for."""

BROKEN = 1
BAD_INPUT = 2


class PlanGroup(TyperGroup):
    """Commands of which one may be left out: a first word that is no command is an estate."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        """Put the command in that was left out."""
        if args and MAKE in self.commands and args[0] not in self.commands and args[0] not in ("--help", "-h"):
            args = [MAKE, *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    name="plan",
    cls=PlanGroup,
    help="The way off a supplier: what breaks which rule, and a dated plan.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@contextmanager
def plain_input_errors() -> Iterator[None]:
    """Say what is wrong with an estate, on stderr, and end with status 2."""
    from awase.planner.problems import PlanInputError

    try:
        yield
    except PlanInputError as error:
        number = len(error.problems)
        typer.echo(f"awase: {number} problem{'s' * (number != 1)} in the input\n{error}", err=True)
        raise typer.Exit(BAD_INPUT) from None


@app.command()
def check(  # noqa: PLR0917 - one parameter per option.
    estate: Annotated[
        str, typer.Argument(metavar="ESTATE", help="A file, a folder, or the name of an example that ships.")
    ],
    rules: Annotated[
        str, typer.Option(metavar="SET,...", help="Rule sets that ship, besides those the estate names: uk, us, ...")
    ] = "",
    as_of: Annotated[
        str | None, typer.Option(metavar="QUARTER", help="The quarter at whose end the estate is so: 2026Q4.")
    ] = None,
    per: Annotated[
        str, typer.Option(metavar="PLACE", help="Shares over the estate, or per operator, region, operator_region.")
    ] = "estate",
    measure: Annotated[
        str, typer.Option(metavar="WHAT", help="Shares of equipment (pieces), traffic, people or sites.")
    ] = "equipment",
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON, and nothing else.")] = False,
) -> None:
    """What breaks which rule when, with nobody planning anything.

    The exit status is 0 if nothing is broken, 1 if something is, 2 for bad input.
    """
    from awase.cli.plan_summary import print_check, print_check_json
    from awase.cli.plan_words import one_of, say_if_shadowed
    from awase.model.plan import Measure, Per
    from awase.planner.judging.check import check as judged
    from awase.planner.loading.case import load_case

    sets = tuple(name.strip() for name in rules.split(",") if name.strip())
    with plain_input_errors():
        by: tuple[Per, Measure] = (one_of(per, Per, "--per"), one_of(measure, Measure, "--measure"))
        say_if_shadowed(estate)
        case = load_case(estate, as_of=as_of, sets=sets)
    result = judged(case)
    if json:
        print_check_json(case, result)
    else:
        print_check(case, result, by)
    raise typer.Exit(0 if result.passed else BROKEN)


@app.command()
def examples() -> None:
    """List the estates that ship."""
    from awase.planner.loading.case import examples as shipped

    titles = shipped()
    width = max(map(len, titles), default=0)
    for name, title in titles.items():
        print(f"{name:<{width}}  {title}".rstrip())


app.command(MAKE)(make)
app.command()(compare)
app.command("what-if")(what_if)
app.command()(backbone)
