from pathlib import Path
from typing import Annotated, Any

import pytest
import typer
from typer.testing import CliRunner

from awase.cli.plain_line import plain_line
from awase.cli.run import run
from awase.cli.up import up

PLAIN = [
    "",
    "mine.yaml",
    "mine.yaml --ues 3 --rate 2.5 --json",
    "--cast a=b --cast c=d,e=f mine.yaml",
    "--out a/b --ues=4",
    "--for 3 --rate=1",
    "--no-clear",
]
LEFT = [
    "--help",
    "mine.yaml other.yaml",
    "--ues three",
    "--ues 0",
    "--ues 1_0",
    "--ues",
    "--ues -3",
    "--ues 1 --ues 2",
    "--rate 1e3",
    "--rate nan",
    "--json=yes",
    "--jso",
    "-x",
    "--",
    "--out=",
    "--unknown",
]


def sample(
    network: Annotated[str, typer.Argument(metavar="NETWORK")] = "demo",
    cast: Annotated[list[str] | None, typer.Option()] = None,
    ues: Annotated[int | None, typer.Option(min=1)] = None,
    rate: Annotated[float | None, typer.Option(min=0.5, max=9)] = None,
    for_s: Annotated[float | None, typer.Option("--for")] = None,
    out: Annotated[Path | None, typer.Option()] = None,
    json: Annotated[bool, typer.Option("--json")] = False,
    no_clear: Annotated[bool, typer.Option("--no-clear")] = False,
) -> None:
    SEEN.append(dict(locals()))


SEEN: list[dict[str, Any]] = []


def by_typer(words: list[str]) -> dict[str, Any]:
    SEEN.clear()
    app = typer.Typer(add_completion=False)
    app.command()(sample)
    assert CliRunner().invoke(app, words).exit_code == 0
    return SEEN[0]


@pytest.mark.parametrize("line", PLAIN)
def test_a_plain_line_means_what_it_means_to_typer(line: str) -> None:
    found = plain_line(sample, line.split())
    assert found is not None
    SEEN.clear()
    sample(**found)
    # Typer gives an empty list where a list is not given.
    assert [{**SEEN[0], "cast": SEEN[0]["cast"] or None}] == [
        {**seen, "cast": seen["cast"] or None} for seen in (by_typer(line.split()),)
    ]


@pytest.mark.parametrize("line", LEFT)
def test_what_is_not_plain_is_left_to_typer(line: str) -> None:
    assert plain_line(sample, line.split()) is None


def test_up_and_run_are_read_without_typer() -> None:
    line = "demo --ues 2 --gnbs 1 --cast gnb=ueransim --out somewhere --json --no-clear"
    wanted = {
        "network": "demo",
        "ues": 2,
        "gnbs": 1,
        "cast": ["gnb=ueransim"],
        "out": Path("somewhere"),
        "json": True,
        "no_clear": True,
    }
    assert plain_line(run, line.split()) == wanted
    more = [*line.split(), "--for", "5", "--until-settled", "--processes", "separate", "--sctp", "udp"]
    assert plain_line(up, more) == {
        **wanted,
        "for_s": 5.0,
        "until_settled": True,
        "processes": "separate",
        "sctp": "udp",
    }


def test_a_command_whose_parameters_it_does_not_know_is_left_to_typer() -> None:
    def twin(loud: Annotated[bool, typer.Option()] = False) -> None: ...
    def needed(file: Annotated[Path, typer.Option("--file")]) -> None: ...
    def complex_(number: Annotated[complex, typer.Option()] = 1j) -> None: ...

    assert plain_line(twin, ["--loud"]) is None
    assert plain_line(needed, []) is None
    assert plain_line(needed, ["--file", "a"]) == {"file": Path("a")}
    assert plain_line(complex_, []) is None
