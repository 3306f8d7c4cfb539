"""The `awase` command: one file per subcommand; whatever is heavy is imported when a command runs."""

import io
import sys
from typing import TYPE_CHECKING, Annotated

from awase import __version__

if TYPE_CHECKING:
    import typer


def main() -> None:
    """Run the command line; never shows a traceback for what the user did."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        # Typer alone would take longer than the whole answer.
        print(f"awase {__version__}")
        return
    from awase.cli.plain_errors import plain_errors

    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal that has no box drawing still gets its ladder.
        sys.stdout.reconfigure(errors="backslashreplace")
    with plain_errors():
        if not _run_plainly(sys.argv[1:]):
            _app()(prog_name="awase")


def _run_plainly(words: list[str]) -> bool:
    """Run what is to start soon, if the words are plainly right; whether it was."""
    if words[:1] not in (["run"], ["up"]):
        return False
    import typer

    from awase.cli.plain_line import plain_line
    from awase.cli.run import run
    from awase.cli.up import up

    command = run if words[0] == "run" else up
    found = plain_line(command, words[1:])
    if found is None:
        return False
    try:
        command(**found)
    except typer.Exit as end:
        sys.exit(end.exit_code)
    return True


def _app() -> "typer.Typer":
    import typer

    from awase.cli.doctor import doctor
    from awase.cli.down import down
    from awase.cli.init import init
    from awase.cli.networks import networks
    from awase.cli.part import part
    from awase.cli.plan import app as plan
    from awase.cli.run import run
    from awase.cli.schema import schema
    from awase.cli.show import show
    from awase.cli.status import status
    from awase.cli.subscribers import app as subscribers
    from awase.cli.swap import swap
    from awase.cli.up import up

    app = typer.Typer(
        name="awase",
        help="Put a 5G network together from interchangeable parts, run it, judge it.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )

    @app.callback()
    def awase(
        version: Annotated[bool, typer.Option("--version", help="Show the version, and end.")] = False,
    ) -> None:
        if version:
            print(f"awase {__version__}")
            raise typer.Exit

    for command in (run, up, status, swap, down, part, doctor, networks, init, schema, show):
        app.command()(command)
    app.add_typer(plan)
    app.add_typer(subscribers)
    return app
