"""Compares the books of the parts after a run: what only one end still holds has leaked (model/books.py).

What is on its way when the run ends is no leak. So the network lives on, unseen, until its books agree, or for
SETTLING_S: an entry fails only if it disagrees each time they are looked at. For this time the faults of links, stores
and clocks end; a part that is gone stays so.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from awase.lab.assembly import Assembly, PlacedPart
from awase.lab.clockwork import Clockwork
from awase.lab.faults import Faults
from awase.model.books import KEPT_BY, BookEntry
from awase.model.part import NS_PER_S

SETTLING_S = (0.0, 0.25, 1.0, 3.0, 7.0, 15.0, 31.0, 63.0, 127.0)
"""How long after the run's end its books are looked at, until they agree."""

LOOKS_AGAIN_S = (0.0, 0.25, 1.0, 3.0, 7.0)
"""The same for a moment in the middle of the run: in a network that is busy something is always on its way."""


class Disagreement(msgspec.Struct, frozen=True, order=True):
    """An entry of one part that no other part has."""

    book: str
    key: str
    value: str
    part: str
    function: str
    """The function whose parts do not have it."""

    def __str__(self) -> str:
        said = f" ({self.value})" if self.value else ""
        return f"{self.part} holds {self.key}{said} in {self.book!r}, and no {self.function} does"


class Audit(msgspec.Struct, frozen=True):
    """What came of a comparison: how many entries there were, which only one end has, how many parts showed any.

    `during`: the same, of each moment in the middle of the run, by its time in seconds.
    """

    entries: int
    disagreements: tuple[Disagreement, ...]
    parts: int = 0
    during: tuple[tuple[float, "Audit"], ...] = ()


Kept = Mapping[str, Sequence[BookEntry]]
"""The entries of each part that shows its books."""


def compare(parts: Iterable[PlacedPart], kept: Kept) -> Audit:
    """Hold the books of both ends of each book against one another.

    An entry that only a part without books could confirm is left out.
    """
    places = _Places(parts, kept)
    entries = sum(map(len, kept.values()))
    found: list[Disagreement] = []
    for book, functions in KEPT_BY.items():
        held = [places.entries(book, function) for function in functions]
        for mine, others, function in ((held[0], held[1], functions[1]), (held[1], held[0], functions[0])):
            for entry, owner in mine.items():
                if entry not in others and not places.excused(entry, function):
                    found.append(Disagreement(book, entry.key, entry.value, owner, function))
    return Audit(entries, tuple(sorted(found)), len(kept))


class _Places:
    """Who keeps what."""

    def __init__(self, parts: Iterable[PlacedPart], kept: Kept) -> None:
        self._by_function: dict[str, list[PlacedPart]] = {}
        self._hosts: dict[str, str] = {}
        self._supis: dict[str, list[str]] = {}
        for part in parts:
            self._by_function.setdefault(part.function, []).append(part)
            for address in part.addresses.values():
                self._hosts[address.rpartition(":")[0]] = part.name
            if part.function == "ue":
                self._supis.setdefault(str(part.config.get("subscriber")), []).append(part.name)
        self._silent = {
            function: [part.name for part in members if part.name not in kept]
            for function, members in self._by_function.items()
        }
        """By function, the parts without books."""
        self._entries: dict[tuple[str, str], dict[BookEntry, str]] = {}
        for function, members in self._by_function.items():
            for part in members:
                for entry in kept.get(part.name, ()):
                    self._entries.setdefault((entry.book, function), {})[entry] = part.name

    def entries(self, book: str, function: str) -> Mapping[BookEntry, str]:
        """The entries of all parts of a function, and whose they are."""
        return self._entries.get((book, function), {})

    def excused(self, entry: BookEntry, function: str) -> bool:
        """Whether a part of the function that shows no books may have the entry."""
        members = self._by_function.get(function, ())
        silent = self._silent.get(function, ())
        if not members:
            return True
        if not silent:
            return False
        words = entry.key.split("/")
        named = [self._hosts.get(word) or self._hosts.get(word.rpartition(":")[0]) for word in words]
        whose = [name for name in named if name is not None and any(part.name == name for part in members)]
        if function == "ue":
            whose += self._supis.get(words[0], ())
        return any(name in silent for name in whose) if whose else True


def books_of(clockwork: Clockwork) -> Kept:
    """The books of the parts that are there and show them."""
    kept: dict[str, Sequence[BookEntry]] = {}
    for name, seat in clockwork.seats.items():
        books: Callable[[], Any] | None = getattr(seat.part, "books", None)
        if books is None or seat.gone:
            continue
        shown = books()
        if shown is not None:
            kept[name] = tuple(shown)
    return kept


def look(assembly: Assembly, clockwork: Clockwork) -> Audit:
    """Compare the books as they are now."""
    left_out = [name for name, expected in assembly.expectations.items() if expected.books == "left out"]
    kept = {name: held for name, held in books_of(clockwork).items() if name not in left_out}
    return compare(assembly.parts, kept)


class During:
    """The comparisons in the middle of a run, at the times of `run.books_at_s`: nothing is held up for them."""

    def __init__(self, assembly: Assembly, clockwork: Clockwork) -> None:
        self._assembly = assembly
        self._clockwork = clockwork
        self._seen: dict[float, Audit] = {}
        for at_s in assembly.network.run.books_at_s:
            for again_s in LOOKS_AGAIN_S:
                at_ns = assembly.epoch_ns + round((at_s + again_s) * NS_PER_S)
                clockwork.schedule(at_ns, self._look, (at_s,))

    def _look(self, at_s: float) -> None:
        before = self._seen.get(at_s)
        if before is None:
            self._seen[at_s] = look(self._assembly, self._clockwork)
        elif before.disagreements:
            now = look(self._assembly, self._clockwork).disagreements
            lasting = tuple(entry for entry in before.disagreements if entry in now)
            self._seen[at_s] = msgspec.structs.replace(before, disagreements=lasting)

    def audits(self) -> tuple[tuple[float, Audit], ...]:
        """What came of each, by its time."""
        return tuple(self._seen.items())


def audit(assembly: Assembly, clockwork: Clockwork, faults: Faults, during: During | None = None) -> Audit:
    """Let the network settle, and compare its books."""
    in_the_run = () if during is None else during.audits()
    end_ns = clockwork.now_ns
    entries = 0
    lasting: tuple[Disagreement, ...] | None = None
    for wait_s in SETTLING_S:
        if wait_s:
            faults.end_all()
            clockwork.run(end_ns + round(wait_s * NS_PER_S), lambda: False)
        seen = look(assembly, clockwork)
        entries = entries or seen.entries
        lasting = seen.disagreements if lasting is None else tuple(d for d in lasting if d in seen.disagreements)
        if not lasting:
            break
    return Audit(entries, lasting or (), seen.parts, in_the_run)
