"""`awase up`: a network on real sockets, kept up until told otherwise; judged and kept like any run."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from awase.cli.run import new_directory

if TYPE_CHECKING:
    from awase.lab.assembly import Assembly
    from awase.lab.live.records import LiveOptions
    from awase.lab.live.swap import Recast
    from awase.lab.network_file import NetworkFile
    from awase.model.run import RunResult

PROCESSES = ("core", "separate")


NetworkArgument = Annotated[
    str, typer.Argument(metavar="NETWORK", help="A network file, or the name of one that ships.")
]
CastOption = Annotated[
    list[str] | None,
    typer.Option(metavar="PART=SUPPLIER[+QUIRK]", help="Who plays a part; may be repeated, or joined by commas."),
]
UesOption = Annotated[int | None, typer.Option(help="How many UEs: the first ones, or clones of the last.")]
GnbsOption = Annotated[int | None, typer.Option(help="How many gNBs, likewise.")]
ProcessesOption = Annotated[
    str | None, typer.Option(metavar="core|separate", help="Which parts share a process; default: the file's.")
]
ForSOption = Annotated[
    float | None, typer.Option("--for", metavar="SECONDS", min=0.1, help="Take it down after so long.")
]
UntilSettledOption = Annotated[
    bool, typer.Option("--until-settled", help="Take it down when every verdict has been reached.")
]
DetachOption = Annotated[bool, typer.Option("--detach", help="Leave it up, and return; awase down ends it.")]
WriteConfigOption = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Write the suppliers' configuration files there, and start nothing."),
]
OutOption = Annotated[Path | None, typer.Option(metavar="DIR", help="The Run folder; must not exist.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON, and nothing else.")]
NoClearOption = Annotated[bool, typer.Option("--no-clear", help="Keep no keys, and nothing deciphered.")]
SctpOption = Annotated[
    str, typer.Option(metavar="auto|kernel|raw|udp", help="What carries SCTP; awase doctor says what there is.")
]


def up(  # noqa: PLR0913, PLR0917 - one parameter per option.
    network: NetworkArgument = "demo",
    cast: CastOption = None,
    ues: UesOption = None,
    gnbs: GnbsOption = None,
    processes: ProcessesOption = None,
    for_s: ForSOption = None,
    until_settled: UntilSettledOption = False,
    detach: DetachOption = False,
    write_config: WriteConfigOption = None,
    out: OutOption = None,
    json: JsonOption = False,
    no_clear: NoClearOption = False,
    sctp: SctpOption = "auto",
) -> None:
    """Bring a network up on real sockets: its parts as processes, beside other suppliers' programs.

    The exit status is 0 if every verdict is pass, 1 if one is not or it could not come up, 2 for bad input.
    """
    from awase.lab.live.loopback import LoopbackMissing, take_loopback

    _check(processes, sctp)
    try:
        loopback, _lock = take_loopback()
    except LoopbackMissing as error:
        typer.echo(f"awase: {error}", err=True)
        raise typer.Exit(1) from None

    from awase.lab.network_file import load_network

    # Read once: an edit of the file is for the next network, not for a swap in this one.
    loaded = load_network(network)

    def recast(word: str) -> "Assembly":
        return _assemble(loaded, [*(cast or ()), word], (ues, gnbs), loopback)

    assembly = recast("")
    if write_config is not None:
        _write(assembly, write_config)
        return
    options = _options(new_directory(out), processes, for_s, sctp)
    options = _replace(options, clear=not no_clear, until_settled=until_settled)
    if detach:
        _detach(assembly.network.name, recast, options)
    result = _keep_up(recast, options, quiet=json)
    _show(result, json=json)
    raise typer.Exit(0 if result.passed else 1)


def _show(result: "RunResult", *, json: bool) -> None:
    from awase.cli.summary import print_json, print_result

    if json:
        print_json(result)
    else:
        print_result(result)


def _check(processes: str | None, sctp: str) -> None:
    from awase.lab.problems import NetworkFileError, Problem, choose

    for option, value, known in (
        ("--processes", processes, PROCESSES),
        ("--sctp", sctp, ("auto", "kernel", "raw", "udp")),
    ):
        if value is not None and value not in known:
            raise NetworkFileError([Problem(f"{option} {value}", "", "not understood", choose(value, known))])


def _assemble(
    loaded: "NetworkFile", cast: list[str], counts: tuple[int | None, int | None], loopback: int
) -> "Assembly":
    """A word of the cast that comes later goes before one of the same part that came earlier."""
    from awase.lab.assemble import Options, assemble

    words = {word.partition("=")[0]: word for option in cast for word in option.split(",") if word}
    ues, gnbs = counts
    return assemble(loaded, Options(cast=[*words.values()], ues=ues, gnbs=gnbs, loopback=loopback))


def _options(directory: Path, processes: str | None, for_s: float | None, sctp: str) -> "LiveOptions":
    from awase.lab.live.records import LiveOptions
    from awase.transports.host import SctpOptions

    carrier = SctpOptions(carrier=sctp)  # type: ignore[arg-type]
    return LiveOptions(directory=directory, processes=processes, for_s=for_s, sctp=carrier)


def _replace(options: "LiveOptions", **changes: object) -> "LiveOptions":
    import msgspec

    return msgspec.structs.replace(options, **changes)


def _write(assembly: "Assembly", directory: Path) -> None:
    from awase.lab.live.casting import handicaps, plays_of, write_plays

    _, plays = plays_of(assembly, directory)
    if not plays:
        typer.echo("awase: every part is ours: there is nothing to write; cast a supplier, as in --cast gnb=ueransim")
        raise typer.Exit(2)
    for path in write_plays(plays):
        print(path)
    for play in plays:
        for program in play.plan.programs:
            print(f"start: {' '.join(program.command)}")
        for note in (*play.plan.notes, *handicaps(play)):
            print(f"note: {note}")


def _keep_up(recast: "Recast", options: "LiveOptions", *, quiet: bool, ready: int | None = None) -> "RunResult":
    """Until it is down again."""
    import asyncio

    from awase.cli.live_table import LiveTable
    from awase.lab.live.records import CannotStart
    from awase.lab.live.service import serve

    with LiveTable(quiet=quiet) as table:
        try:
            return asyncio.run(serve(recast, options, table, ready))
        except CannotStart as error:
            failure = str(error)
    typer.echo(f"awase: {failure}; what was written is in {options.directory}", err=True)
    raise typer.Exit(1)


def _detach(name: str, recast: "Recast", options: "LiveOptions") -> NoReturn:
    """Go on in the background; return when the network is up, or cannot be."""
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.close(reading)
        os.setsid()
        _background(recast, options, writing)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    if not said.startswith("up "):
        typer.echo(said.strip() or "awase: it did not come up", err=True)
        raise typer.Exit(1)
    print(f"{name} is {said.strip()}; awase status shows it, awase down ends it")
    raise typer.Exit(0)


def _background(recast: "Recast", options: "LiveOptions", writing: int) -> NoReturn:
    from awase.lab.live.records import CannotStart

    status = 1
    try:
        devnull = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(devnull, descriptor)
        result = _keep_up(recast, options, quiet=True, ready=writing)
        status = 0 if result.passed else 1
    except BaseException as error:
        text = "" if isinstance(error, typer.Exit | SystemExit) else f"awase: {CannotStart.of(error)}"
        try:
            os.write(writing, (text or f"awase: it did not come up; see {options.directory}").encode())
        except OSError:
            status = 1
    finally:
        sys.stdout.flush()
        os._exit(status)
