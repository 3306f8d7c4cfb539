"""`awase show`: an old Run's summary and ladder."""

from pathlib import Path
from typing import Annotated, Any

import typer


def show(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A Run folder.")],
    ladder: Annotated[bool, typer.Option(help="With the message chart.")] = True,
) -> None:
    """Show the verdicts and the message chart of a Run."""
    import msgspec

    from awase.cli.summary import print_verdicts
    from awase.model.run import InterfaceFigures, Verdict

    record = _record(directory)
    try:
        verdicts = msgspec.convert(record["verdicts"], list[Verdict])
        interfaces = msgspec.convert(record.get("interfaces", {}), dict[str, InterfaceFigures])
        title = f"{record['network']}, seed {record['seed']}, {record['end_s']:.3f} s of network time"
    except (KeyError, TypeError, ValueError) as error:
        raise _unreadable(directory, f"run.json is not one of a Run: {error}") from None
    print_verdicts(title, verdicts, {}, interfaces)
    if record.get("interrupted"):
        print(f"The run was interrupted: {record['interrupted']}")
    chart = directory / "ladder.txt"
    if ladder and chart.is_file():
        with chart.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                print(line, end="")


def _record(directory: Path) -> dict[str, Any]:
    import msgspec

    try:
        record = msgspec.json.decode((directory / "run.json").read_bytes())
    except OSError as error:
        raise _unreadable(directory, f"no run.json can be read there: {error.strerror}") from None
    except ValueError as error:
        raise _unreadable(directory, f"run.json is not JSON: {error}") from None
    if not isinstance(record, dict):
        raise _unreadable(directory, "run.json is not one of a Run")
    return record


def _unreadable(directory: Path, what: str) -> Exception:
    from awase.lab.problems import NetworkFileError, Problem

    return NetworkFileError([Problem(str(directory), "", what, "name a folder that `awase run` wrote")])
