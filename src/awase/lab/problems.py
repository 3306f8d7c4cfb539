"""Bad input, in words that help: what is wrong, in which file and line, at which path, and what to do."""

from collections.abc import Iterable
from difflib import get_close_matches

import msgspec

SHOWN = 20
"""How many problems are shown at once."""


class Problem(msgspec.Struct, frozen=True):
    """One thing that is wrong. `place` is "FILE:LINE", or "--option"; `path` where in the file."""

    place: str
    path: str
    what: str
    hint: str = ""

    def __str__(self) -> str:
        return ": ".join(text for text in (self.place, self.path, self.what) if text) + (
            f"\n  {self.hint}" if self.hint else ""
        )


class NetworkFileError(ValueError):
    """A network or a cast that cannot be run; `problems` says why, one by one."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        shown = [str(problem) for problem in self.problems[:SHOWN]]
        if len(self.problems) > SHOWN:
            shown.append(f"and {len(self.problems) - SHOWN} more")
        super().__init__("\n".join(shown))


class Problems:
    """Collects problems, so that they are shown together."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []

    def add(self, place: str, path: str, what: str, hint: str = "") -> None:
        """One more, unless it is there already."""
        problem = Problem(place, path, what, hint)
        if problem not in self._problems:
            self._problems.append(problem)

    def check(self) -> None:
        """Raise NetworkFileError if there are any, in the order of their lines."""
        if self._problems:
            raise NetworkFileError(sorted(self._problems, key=_line))


def _line(problem: Problem) -> int:
    line = problem.place.rpartition(":")[2]
    return int(line) if line.isdigit() else 0


def choose(word: str, known: Iterable[str]) -> str:
    """A hint: the nearest of the known words, and all of them."""
    names = sorted(known)
    if not names:
        return "there is none"
    near = get_close_matches(word, names, n=1, cutoff=0.6)
    listed = ", ".join(names)
    return f"did you mean {near[0]}? known: {listed}" if near else f"known: {listed}"


_WITH_AN = ("amf", "ausf", "sm", "nr", "ns", "o_")


def a(function: str) -> str:
    """A function's name with its article, as it is spoken: "an amf", "a ue"."""
    return f"an {function}" if function.startswith(_WITH_AN) else f"a {function}"
