"""`awase swap`: another supplier's part takes the place of one in a network that is up; what was lost is measured."""

import asyncio
import signal
from collections.abc import Callable

import msgspec

from awase.lab.assembly import Assembly, PlacedPart
from awase.lab.live.placement import is_foreign
from awase.lab.live.supervisor import Supervisor
from awase.model.part import NS_PER_S, Event, Level

FUNCTIONS = ("upf", "gnb")
SETTLE_S = 12.0
"""How long traffic may take to come back before it is held for lost."""
LEAVE_S = 1.5

Recast = Callable[[str], Assembly]
"""The network with one more option of a cast ("upf=acme"). Raises NetworkFileError, which is a ValueError."""


class Swapped(msgspec.Struct, frozen=True, kw_only=True):
    """What a swap came to. `outage_s` is the longest silence that a UE's traffic had across it."""

    part: str
    before: str
    after: str
    sessions: int
    sessions_lost: int
    outage_s: float | None
    absent_s: float
    text: str


async def swap(supervisor: Supervisor, recast: Recast, name: str, supplier: str) -> Swapped:
    """Let a part go in order and another come in its place, at the same addresses. Raises ValueError."""
    old = next((part for part in supervisor.assembly.parts if part.name == name), None)
    if old is None:
        names = ", ".join(part.name for part in supervisor.assembly.parts if part.function in FUNCTIONS)
        raise ValueError(f"the network has no part {name}; these can be swapped: {names}")
    if old.function not in FUNCTIONS:
        raise ValueError(f"{name} is of function {old.function}; {' and '.join(FUNCTIONS)} can be swapped")
    new = next(part for part in recast(f"{name}={supplier}").parts if part.name == name)
    if is_foreign(old) or is_foreign(new):
        raise ValueError(f"{name}: programs of others are swapped by taking the network down and up with another cast")
    feed = supervisor.feed
    active = feed.begin_watch()
    left_ns = supervisor.clock.now_ns()
    await _replace(supervisor, old, new)
    came_ns = supervisor.clock.now_ns()
    deadline_s = asyncio.get_running_loop().time() + (SETTLE_S if active else 0)
    while asyncio.get_running_loop().time() < deadline_s and feed.back_since(came_ns) < len(active):
        await asyncio.sleep(0.05)
    gaps = feed.end_watch(supervisor.clock.now_ns(), came_ns)
    return _report(supervisor, old, new, gaps, (came_ns - left_ns) / NS_PER_S)


async def _replace(supervisor: Supervisor, old: PlacedPart, new: PlacedPart) -> None:
    process = next(
        process for process in supervisor.processes.values() if any(p.name == old.name for p in process.parts)
    )
    with supervisor.leaving(process.name):
        process.signal(signal.SIGTERM)
        deadline_s = asyncio.get_running_loop().time() + LEAVE_S
        while not process.reap():
            if asyncio.get_running_loop().time() > deadline_s:
                process.signal(signal.SIGKILL)
            await asyncio.sleep(0.005)
        supervisor.take_in(process, new)
        await supervisor.started(process)


def _report(
    supervisor: Supervisor, old: PlacedPart, new: PlacedPart, gaps: dict[str, float | None], absent_s: float
) -> Swapped:
    lost = [ue for ue, gap in gaps.items() if gap is None]
    measured = [gap for gap in gaps.values() if gap is not None]
    outage_s = max(measured) if measured else None
    how = f"{outage_s:.3f} s without traffic" if outage_s is not None else "no traffic to measure an outage by"
    text = (
        f"{old.name} was {old.cast}, is {new.cast}: it was away for {absent_s:.3f} s; of {len(gaps)} UEs with traffic "
        f"{len(lost)} got none back; {how}"
    )
    level: Level = "warning" if lost else "info"
    supervisor.event(supervisor.clock.now_ns(), old.name, Event(name="Swapped", text=text, level=level))
    result = Swapped(
        part=old.name,
        before=old.cast,
        after=new.cast,
        sessions=len(gaps),
        sessions_lost=len(lost),
        outage_s=outage_s,
        absent_s=absent_s,
        text=text,
    )
    supervisor.figures[f"swap of {old.name}"] = text
    return result
