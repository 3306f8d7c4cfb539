"""The books of a network that is up: asked of all its processes, and compared (model/books.py)."""

import asyncio
from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from awase.lab.assembly import Assembly
from awase.lab.books import Audit, compare
from awase.lab.live.process import PartProcess
from awase.model.books import BookEntry

ANSWER_S = 1.0
"""How long a process may take to show its books; one that is busy with hundreds of UEs takes some tenths."""
AGAIN_S = (0.05, 0.25, 0.7)
"""How long before each look: what is on its way is not missing."""

Kept = Mapping[str, tuple[BookEntry, ...]]
"""The entries of each part that shows its books."""


async def books_of(processes: Collection[PartProcess], limit_s: float = ANSWER_S) -> Kept | None:
    """What every part holds; None while a process is gone, or does not answer."""
    kept: dict[str, tuple[BookEntry, ...]] = {}
    waiting: set[str] = set()
    for process in processes:
        if not process.alive:
            return None

        def take(result: Any, name: str = process.name) -> None:
            waiting.discard(name)
            for part, entries in result.items():
                kept[part] = tuple(BookEntry(*entry) for entry in entries)

        waiting.add(process.name)
        process.ask("books", then=take)
    loop = asyncio.get_running_loop()
    deadline_s = loop.time() + limit_s
    while waiting and loop.time() < deadline_s:
        await asyncio.sleep(0.005)
    return None if waiting else kept


async def audit(assembly: Assembly, processes: Collection[PartProcess]) -> Audit | None:
    """What only one end of a book holds each time it is looked at; None where that cannot be known."""
    left_out = [name for name, expected in assembly.expectations.items() if expected.books == "left out"]
    found: Audit | None = None
    for wait_s in AGAIN_S:
        await asyncio.sleep(wait_s)
        kept = await books_of(processes)
        if kept is None:
            return found
        seen = compare(assembly.parts, {name: held for name, held in kept.items() if name not in left_out})
        if found is not None:
            lasting = tuple(each for each in found.disagreements if each in seen.disagreements)
            seen = msgspec.structs.replace(seen, disagreements=lasting)
        found = seen
        if not found.disagreements:
            break
    return found


def entries_by_book(kept: Kept) -> dict[str, int]:
    """How many different entries each book has, whoever holds them."""
    different = {entry for entries in kept.values() for entry in entries}
    return dict(sorted(Counter(entry.book for entry in different).items()))
