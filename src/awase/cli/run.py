"""`awase run`: assemble a network, run it in virtual time, judge it, keep the evidence."""

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from awase.lab.assembly import Assembly
    from awase.model.run import RunResult

RUNS = Path("runs")
LONGEST_S = 1e9
"""Thirty years of network time."""


def run(  # noqa: PLR0917 - one parameter per option.
    network: Annotated[
        str, typer.Argument(metavar="NETWORK", help="A network file, or the name of one that ships.")
    ] = "demo",
    cast: Annotated[
        list[str] | None,
        typer.Option(metavar="PART=SUPPLIER[+QUIRK]", help="Who plays a part; may be repeated."),
    ] = None,
    ues: Annotated[int | None, typer.Option(help="How many UEs: the first ones, or clones of the last.")] = None,
    gnbs: Annotated[int | None, typer.Option(help="How many gNBs, likewise.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Another seed than the file's.")] = None,
    until: Annotated[
        float | None, typer.Option(metavar="SECONDS", min=0.001, max=LONGEST_S, help="When to end, in network time.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The Run folder; must not exist. Default: runs/<n>.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON, and nothing else.")] = False,
    no_clear: Annotated[bool, typer.Option("--no-clear", help="Keep no keys, and nothing deciphered.")] = False,
) -> None:
    """Run a network in virtual time and judge it.

    The exit status is 0 if every verdict is pass, 1 if one is not, 2 for bad input.
    """
    from awase.cli.summary import print_json, print_result
    from awase.lab.assemble import Options, assemble
    from awase.lab.network_file import load_network

    directory = new_directory(out)
    options = Options(cast=cast or (), ues=ues, gnbs=gnbs, seed=seed)
    assembly = assemble(load_network(network), options)
    result = _run(assembly, directory, clear=not no_clear, until_s=until, quiet=json, named=out is not None)
    if json:
        print_json(result)
    else:
        print_result(result)
    raise typer.Exit(0 if result.passed else 1)


def _run(
    assembly: "Assembly", directory: Path, *, clear: bool, until_s: float | None, quiet: bool, named: bool
) -> "RunResult":
    """Run with progress; an interrupt or a full disk ends in one line that says where the rest is."""
    from awase.cli.progress import Display
    from awase.lab.run import run_network

    display = Display(assembly, quiet=quiet)
    # Whoever ends it by `kill`, or by a time limit, keeps what was written, too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with display:
            return run_network(assembly, directory, clear=clear, until_s=until_s, on_progress=display.show)
    except KeyboardInterrupt:
        kept = f"; what was written is in {directory}" if directory.exists() else ""
        typer.echo(f"awase: interrupted{kept}", err=True)
        raise typer.Exit(130) from None
    except OSError as error:
        begun = os.path.exists(directory) and not isinstance(error, FileExistsError)
        kept = f"; what was written is in {directory}" if begun else "" if named else "; --out names another folder"
        typer.echo(f"awase: {error.filename or directory}: {error.strerror or error}{kept}", err=True)
        raise typer.Exit(1 if begun else 2) from None


def new_directory(out: Path | None) -> Path:
    """The Run folder, which must be new."""
    from awase.lab.problems import NetworkFileError, Problem

    if out is None:
        numbers = [int(path.name) for path in RUNS.glob("*") if path.name.isdecimal()]
        return RUNS / str(max(numbers, default=0) + 1)
    shown = os.fsencode(out).decode("utf-8", "backslashreplace")
    if shown != str(out):
        raise NetworkFileError([Problem(f"--out {shown}", "", "is not UTF-8", "name it in UTF-8")])
    if os.path.lexists(out):
        hint = "name one that does not exist yet; nothing was written"
        raise NetworkFileError([Problem(f"--out {out}", "", "is there already", hint)])
    return out
