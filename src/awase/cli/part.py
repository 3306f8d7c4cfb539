"""`awase part`: one part alone on real sockets, for a container or beside a foreign stack."""

from pathlib import Path
from typing import Annotated

import typer

CARRIERS = ("auto", "kernel", "raw", "udp")


def part(  # noqa: PLR0917 - one parameter per option.
    function: Annotated[str, typer.Argument(metavar="FUNCTION", help="What it plays: amf, upf, gnb, ue, ...")],
    config: Annotated[
        Path, typer.Option("--config", metavar="FILE", help="Its section of a network file, with addresses and peers.")
    ],
    name: Annotated[str | None, typer.Option(help="Its name; default: the function.")] = None,
    supplier: Annotated[str, typer.Option(help="Whose part it is.")] = "awase",
    store: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where its state is kept; default: nowhere.")
    ] = None,
    sctp: Annotated[str, typer.Option(metavar="auto|kernel|raw|udp", help="What carries SCTP.")] = "auto",
) -> None:
    """Run one part until SIGTERM or Ctrl-C: prints `ready` when it serves, events on stderr; exits with 0.

    FILE is YAML: what `awase run` would tell the part (its section, network-wide values, `addresses` by port,
    `peers` by reference point), and `tun: true` for a UPF with a TUN device, which needs root.
    """
    import asyncio

    from awase.lab.live.alone import read_config, run_alone
    from awase.lab.problems import NetworkFileError, Problem, choose
    from awase.transports.host import TransportError

    if sctp not in CARRIERS:
        raise NetworkFileError([Problem(f"--sctp {sctp}", "", "not understood", choose(sctp, CARRIERS))])
    hosted = read_config(function, config, name or function, supplier, store, sctp)
    try:
        asyncio.run(run_alone(hosted))
    except (TransportError, ValueError) as error:
        text = error.strerror if isinstance(error, TransportError) and error.strerror else str(error)
        typer.echo(f"awase: {text}" if text.startswith(hosted.name) else f"awase: {hosted.name}: {text}", err=True)
        raise typer.Exit(1) from None
