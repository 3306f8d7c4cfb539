"""The documentation names what is there: every path exists, every command line parses."""

import re
import shlex
import sys
from pathlib import Path

import pytest

from awase.cli.main import main

ROOT = Path(__file__).parents[2]
PAGES = ["README.md", "CONTRIBUTING.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]
ROOMS = (ROOT, ROOT / "src" / "awase", ROOT / "tests")
"""Where a path may begin: CONTRIBUTING and coverage leave `src/awase` and `tests` out."""
SUFFIXES = (".py", ".md", ".json", ".yaml", ".toml", ".txt")
OF_A_RUN = {
    *("run.json", "keys.json", "ladder.txt", "junit.xml", "provenance.json"),
    *("plan.json", "risk.json", "hanging.json", "evidence.json"),
}
"""What a run and a plan leave, and what a user brings."""

_CODE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\((?!https?:)([^)#]+)\)")
_COMMAND = re.compile(r"^(?:\$ )?(?:\.venv/bin/)?awase (.*)$", re.MULTILINE)


def paths(text: str) -> list[str]:
    """What reads like a path: a link, or code that has a suffix of ours or ends with a slash."""
    words = [code for code in _CODE.findall(text) if " " not in code and "://" not in code]
    named = [word for word in words if word.endswith((*SUFFIXES, "/"))]
    return [*_LINK.findall(text), *(word for word in named if word not in OF_A_RUN)]


def exists(path: str, page: Path) -> bool:
    """Whether a path of a page leads anywhere; `<nf>` stands for any name, a bare name for a file wherever it is."""
    pattern = re.sub(r"<[^>]+>", "*", path).rstrip("/")
    if "/" not in pattern and any(any(room.rglob(pattern)) for room in ROOMS[1:]):
        return True
    return any(any(room.glob(pattern)) for room in (*ROOMS, page.parent))


@pytest.mark.parametrize("name", PAGES)
def test_every_path_that_a_page_names_exists(name: str) -> None:
    page = ROOT / name
    missing = [path for path in paths(page.read_text(encoding="utf-8")) if not exists(path, page)]
    assert missing == []


def test_a_path_that_does_not_exist_is_noticed() -> None:
    text = "See `wire/per*.py`, `functions/<nf>/config.py`, `wire/nothing.py`, [speed](docs/nothing.md) and `run.json`."
    missing = [path for path in paths(text) if not exists(path, ROOT / "README.md")]
    assert missing == ["docs/nothing.md", "wire/nothing.py"]


def commands() -> list[str]:
    """The command lines of every page, without comments and redirections."""
    lines = [line for name in PAGES for line in _COMMAND.findall((ROOT / name).read_text(encoding="utf-8"))]
    return [line.partition(" #")[0].partition(" >")[0].strip() for line in lines]


def awase(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> int:
    """The exit status of the command line."""
    monkeypatch.setattr(sys, "argv", ["awase", *arguments])
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


@pytest.mark.parametrize("line", commands())
def test_every_command_line_that_a_page_shows_parses(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # The help comes once every option of the line is known.
    assert awase([*shlex.split(line), "--help"], monkeypatch) == 0


def test_a_command_line_that_does_not_parse_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert awase(["run", "--nothing", "--help"], monkeypatch) == 2
    assert awase(["walk", "--help"], monkeypatch) == 2


@pytest.mark.parametrize("line", ["networks", "schema", "init demo", "--version"])
def test_what_is_quick_runs(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert awase(shlex.split(line), monkeypatch) == 0
