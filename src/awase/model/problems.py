"""What is wrong with a person's input, in words that help: file, row, column, reason, and what to write instead."""

from collections.abc import Iterable
from difflib import get_close_matches

import msgspec

SHOWN = 50
"""How many problems a message shows; all of them are in `problems`."""


class Place(msgspec.Struct, frozen=True, gc=False):
    """Where a cell stands: the row of a CSV (the header is row 1) or the line of a YAML file; its column or path."""

    file: str
    row: int = 0
    column: str = ""

    def __str__(self) -> str:
        is_table = self.file.endswith(".csv")
        row = f"{'row' if is_table else 'line'} {self.row}" if self.row else ""
        column = f"column {self.column}" if self.column and is_table else self.column
        return ": ".join(text for text in (self.file, ", ".join(text for text in (row, column) if text)) if text)


class Problem(msgspec.Struct, frozen=True):
    """One thing that is wrong, and what to do about it."""

    place: Place
    what: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.what}" + (f"\n  {self.hint}" if self.hint else "")


class InputError(ValueError):
    """Input that cannot be used; `problems` says why, one by one."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        shown = [str(problem) for problem in self.problems[:SHOWN]]
        if len(self.problems) > SHOWN:
            shown.append(f"and {len(self.problems) - SHOWN} more")
        super().__init__("\n".join(shown))


class Problems:
    """Collects problems, so that they are shown together: `error` is what is raised of them."""

    error: type[InputError] = InputError

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def add(self, place: Place, what: str, hint: str = "") -> None:
        """One more."""
        self.found.append(Problem(place, what, hint))

    def check(self) -> None:
        """Raise the error if there are any, by file and row, each once."""
        if self.found:
            unique = dict.fromkeys(self.found)
            raise self.error(sorted(unique, key=lambda problem: (problem.place.file, problem.place.row)))


def choose(word: str, known: Iterable[str]) -> str:
    """A hint: the nearest of the known words, and all of them if they are few."""
    names = sorted(known)
    near = get_close_matches(word.lower(), names, n=1, cutoff=0.6) or get_close_matches(word, names, n=1, cutoff=0.6)
    listed = f"known: {', '.join(names)}" if 0 < len(names) <= 24 else ""
    return "; ".join(text for text in (f"did you mean {near[0]}?" if near else "", listed) if text)
