"""The sessions that a network which is up holds: counted in its books, for a swap and for whoever looks at it."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from awase.lab.assembly import PlacedPart
from awase.lab.live.bookkeeping import Kept, books_of
from awase.lab.live.process import PartProcess

_LOOK_S = 0.25
_EACH = 4


class Holdings(msgspec.Struct, frozen=True):
    """What is held. `routed`: what the part that is looked at routes; None where it shows no books, as a stranger's."""

    sessions: frozenset[str]
    routed: frozenset[str] | None

    def lost(self, after: "Holdings") -> int:
        """How many sessions are there no more, or not in the part that was looked at."""
        gone = len(self.sessions - after.sessions)
        if self.routed is None or after.routed is None:
            return gone
        return max(gone, len(self.routed - after.routed))


async def look(processes: Mapping[str, PartProcess], parts: Iterable[PlacedPart], name: str) -> Holdings | None:
    """What is held now, with an eye on one part; None while a process is gone."""
    kept = await books_of(list(processes.values()))
    if kept is None:
        return None
    functions = {part.name: part.function for part in parts}
    of_smfs = _keys(kept, "sessions", [part for part in kept if functions.get(part) == "smf"])
    of_ues = _keys(kept, "sessions", [part for part in kept if functions.get(part) == "ue"])
    shows = functions.get(name) == "upf" and name in kept
    return Holdings(of_smfs or of_ues, _keys(kept, "routed addresses", [name]) if shows else None)


async def still_lost(
    before: Holdings, processes: Mapping[str, PartProcess], parts: Iterable[PlacedPart], name: str, limit_s: float
) -> int | None:
    """How many of the sessions are not there again within a time; None where nobody can tell."""
    parts = tuple(parts)
    loop = asyncio.get_running_loop()
    deadline_s = loop.time() + limit_s
    lost: int | None = None
    while True:
        after = await look(processes, parts, name)
        lost = lost if after is None else before.lost(after)
        if lost == 0 or loop.time() > deadline_s:
            return lost
        await asyncio.sleep(_LOOK_S)


def _keys(kept: Kept, book: str, parts: Iterable[str]) -> frozenset[str]:
    return frozenset(entry.key for part in parts for entry in kept[part] if entry.book == book)


class CoreCount:
    """How many UEs and sessions the AMFs and SMFs know, where no part of the network is a UE: asked now and then."""

    def __init__(self, parts: Iterable[PlacedPart]) -> None:
        functions = [part.function for part in parts]
        self._functions = {part.name: part.function for part in parts}
        self.counts = "ue" not in functions and "amf" in functions
        """Whether what is registered is to be asked of the core."""
        self._calls = 0
        self._registered: dict[str, int] = {}
        self._sessions: dict[str, int] = {}

    @property
    def registered(self) -> int:
        """UEs that the AMFs know as registered."""
        return sum(self._registered.values())

    @property
    def sessions(self) -> int:
        """Sessions that the SMFs know."""
        return sum(self._sessions.values())

    def ask(self, processes: Iterable[PartProcess]) -> None:
        """At each fourth call; the answers are there a little later."""
        self._calls += 1
        if self._calls % _EACH != 1:
            return
        for process in processes:
            asked = [part.name for part in process.parts if self._functions.get(part.name) in ("amf", "smf")]
            if self.counts and asked and process.serving and process.alive:
                process.ask("books", then=self._take)

    def forget(self, part: str) -> None:
        """A part is gone, and what it knew."""
        self._registered.pop(part, None)
        self._sessions.pop(part, None)

    def _take(self, result: Any) -> None:
        for part, entries in result.items():
            books = [entry[0] for entry in entries]
            if self._functions.get(part) == "amf":
                self._registered[part] = books.count("registrations")
            elif self._functions.get(part) == "smf":
                self._sessions[part] = books.count("sessions")
