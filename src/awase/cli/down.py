"""`awase down`: take a network down that `awase up --detach` left up."""

import time
from pathlib import Path
from typing import Annotated

import typer

DOWN_S = 15.0


def down(
    network: Annotated[str | None, typer.Argument(metavar="[NETWORK]", help="Its name, where several are up.")] = None,
) -> None:
    """Take a network down, in order. The exit status is that of its verdicts: 0 if all pass."""
    from awase.lab.live.control import NoNetwork, ask, choose_network

    try:
        path = choose_network(network)
        answer = ask(path, {"do": "down"}, timeout_s=10)
    except NoNetwork as error:
        typer.echo(f"awase: {error}", err=True)
        raise typer.Exit(1) from None
    deadline_s = time.monotonic() + DOWN_S
    while path.exists() and time.monotonic() < deadline_s:
        time.sleep(0.05)
    if path.exists():
        typer.echo(f"awase: {answer['network']} is still up; its process is {answer['pid']}", err=True)
        raise typer.Exit(1)
    print(f"{answer['network']} is down; Run folder: {answer['directory']}")
    failed = _failed(Path(answer["directory"]))
    for verdict in failed:
        print(f"  {verdict}")
    raise typer.Exit(1 if failed else 0)


def _failed(directory: Path) -> list[str]:
    """The verdicts that are not pass, each in a line."""
    import msgspec

    try:
        record = msgspec.json.decode((directory / "run.json").read_bytes())
    except (OSError, msgspec.DecodeError) as error:
        return [f"run.json cannot be read: {error}"]
    return [
        f"{each['status']}: {each['title']}: {each['text']}" for each in record["verdicts"] if each["status"] != "pass"
    ]
