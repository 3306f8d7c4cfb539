"""`awase swap`: another supplier's part takes the place of one in a network that is up; what was lost is measured.

The new one is forked, built and held ready while the old one still serves; then the old one leaves in order and the
new one opens the same addresses. What cannot be made never costs the old one anything; what dies before traffic is
back makes way for the old one again.
"""

import asyncio
import signal
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from awase.lab.assembly import Assembly, PlacedPart
from awase.lab.catalogue import forget_installed
from awase.lab.completion import takes
from awase.lab.live.holdings import look, still_lost
from awase.lab.live.placement import is_foreign
from awase.lab.live.process import PartProcess
from awase.lab.live.supervisor import Supervisor
from awase.model.part import NS_PER_S, Event, Level

FUNCTIONS = ("upf", "gnb")
SETTLE_S = 12.0
"""How long traffic may take to come back before it is held for lost."""
WARM_S = 20.0
"""How long the new one may take to be ready to start."""
LEAVE_S = 2.5
"""How long the old one may take to leave before it is ended."""
COMPANY = ("data_network",)
"""Functions without a memory, which may come anew beside the part that is swapped."""
ON_ARRIVAL: Mapping[str, Mapping[str, Any]] = {"upf": {"initiates_association": True, "restoration_s": 3.0}}
"""By function, what a part that takes another's place is told, where its configuration has the key."""

Recast = Callable[[str], Assembly]
"""The network with one more option of a cast ("upf=acme"). Raises NetworkFileError, which is a ValueError."""


class Swapped(msgspec.Struct, frozen=True, kw_only=True):
    """What a swap came to. `ues`: those that had traffic at the time, `ues_silent` those that got none back;
    `outage_s` is the longest silence of the others. `sessions` is None where no part of ours can tell.
    """

    part: str
    before: str
    after: str
    sessions: int | None
    sessions_lost: int | None
    ues: int
    ues_silent: int
    outage_s: float | None
    absent_s: float
    text: str


class _Died(Exception):
    """The new one did not come, or did not stay."""


async def swap(supervisor: Supervisor, recast: Recast, name: str, supplier: str) -> Swapped:
    """Let a part go in order and another come in its place, at the same addresses. Raises ValueError."""
    old = _swappable(supervisor, name)
    if supervisor.swapping:
        raise ValueError(f"{supervisor.swapping} is being swapped: one at a time")
    supervisor.swapping = name
    try:
        new = _coming(recast, name, supplier)
        if is_foreign(old) or is_foreign(new):
            raise ValueError(f"{name}: programs of others are swapped by taking the network down and up, cast anew")
        return await _swap(supervisor, old, new)
    finally:
        supervisor.swapping = ""


def _swappable(supervisor: Supervisor, name: str) -> PlacedPart:
    parts = supervisor.assembly.parts
    old = next((part for part in parts if part.name == name), None)
    if old is None:
        names = ", ".join(part.name for part in parts if part.function in FUNCTIONS)
        raise ValueError(f"the network has no part {name}; these can be swapped: {names}")
    if old.function not in FUNCTIONS:
        raise ValueError(f"{name} is of function {old.function}; {' and '.join(FUNCTIONS)} can be swapped")
    if supervisor.phase != "up":
        raise ValueError(f"the network is {supervisor.phase}: swap when it is up")
    company = [
        part.name
        for process in supervisor.processes.values()
        if any(part.name == name for part in process.parts)
        for part in process.parts
        if part.name != name and part.function not in COMPANY
    ]
    if company:
        raise ValueError(f"{name} shares a process with {', '.join(company)}, which would go with it: run.processes")
    return old


def _coming(recast: Recast, name: str, supplier: str) -> PlacedPart:
    """The part that is to come. Raises ValueError for a supplier that does not offer it."""
    # What has been installed since the network came up is to be found.
    forget_installed()
    return _arriving(next(part for part in recast(f"{name}={supplier}").parts if part.name == name))


def _arriving(part: PlacedPart) -> PlacedPart:
    """It with what it is told when it takes another's place."""
    known = {key: value for key, value in ON_ARRIVAL.get(part.function, {}).items() if key in takes(part.part_type)}
    return msgspec.structs.replace(part, config={**part.config, **known}) if known else part


async def _swap(supervisor: Supervisor, old: PlacedPart, new: PlacedPart) -> Swapped:
    leaving = next(
        process for process in supervisor.processes.values() if any(part.name == old.name for part in process.parts)
    )
    coming = supervisor.hold_ready(leaving, new)
    taken = False
    feed = supervisor.feed
    try:
        await _until_warm(supervisor, coming)
        held = await look(supervisor.processes, supervisor.assembly.parts, old.name)
        if supervisor.phase != "up" or not leaving.alive:
            raise ValueError(f"{old.name} went down before {new.cast} could take its place")
        with supervisor.leaving(leaving.name):
            left_ns = supervisor.clock.now_ns()
            active = feed.begin_watch(left_ns)
            await _leave(leaving)
            try:
                taken = True
                came_ns = await _come(supervisor, coming, new)
                await _settle(supervisor, coming, came_ns, len(active))
            except _Died as error:
                feed.end_watch(supervisor.clock.now_ns(), left_ns)
                await _back(supervisor, leaving, coming, old)
                raise ValueError(f"{new.cast} did not stay ({error}): {old.name} is {old.cast} again") from None
    finally:
        if not taken:
            supervisor.discard(coming)
    gaps = feed.end_watch(supervisor.clock.now_ns(), came_ns)
    lost = None
    if held is not None:
        waited_s = (supervisor.clock.now_ns() - came_ns) / NS_PER_S
        limit_s = max(0.0, SETTLE_S - waited_s)
        lost = await still_lost(held, supervisor.processes, supervisor.assembly.parts, old.name, limit_s)
    sessions = None if held is None or lost is None else (len(held.sessions), lost)
    return _report(supervisor, (old, new), gaps, sessions, (came_ns - left_ns) / NS_PER_S)


async def _until_warm(supervisor: Supervisor, process: PartProcess) -> None:
    """Raises ValueError, with what it said, if it cannot be made."""
    deadline_s = asyncio.get_running_loop().time() + WARM_S
    while not process.warm:
        if process.refusal or process.reap():
            supervisor.read_out(process)
            why = process.refusal or process.obituary()
            raise ValueError(f"it cannot be made, and the one before goes on: {why}")
        if asyncio.get_running_loop().time() > deadline_s:
            raise ValueError(f"it was not ready within {WARM_S:g} s, and the one before goes on; see {process.log}")
        await asyncio.sleep(0.002)


async def _leave(process: PartProcess) -> None:
    process.signal(signal.SIGTERM)
    deadline_s = asyncio.get_running_loop().time() + LEAVE_S
    while not process.reap():
        if asyncio.get_running_loop().time() > deadline_s:
            process.signal(signal.SIGKILL)
        await asyncio.sleep(0.001)


async def _come(supervisor: Supervisor, process: PartProcess, new: PlacedPart) -> int:
    """Let it open its ports; the time at which it serves. Raises _Died."""
    supervisor.take_in(process, new)
    process.ask("go")
    try:
        await supervisor.started(process)
    except ValueError as error:
        raise _Died(str(error)) from None
    return supervisor.clock.now_ns()


async def _settle(supervisor: Supervisor, process: PartProcess, came_ns: int, active: int) -> None:
    """Wait until the traffic of so many UEs is back, or held for lost. Raises _Died."""
    deadline_s = asyncio.get_running_loop().time() + (SETTLE_S if active else 0)
    while asyncio.get_running_loop().time() < deadline_s and supervisor.feed.back_since(came_ns) < active:
        if process.reap():
            raise _Died(f"{process.name} {process.obituary()}")
        await asyncio.sleep(0.02)


async def _back(supervisor: Supervisor, process: PartProcess, died: PartProcess, old: PlacedPart) -> None:
    """Start the old one again. Raises ValueError if even that fails."""
    died.signal(signal.SIGKILL)
    while not died.reap():
        await asyncio.sleep(0.001)
    hosted = [part.name for part in process.parts]
    returning = supervisor.hold_ready(process, _arriving(old))
    returning.ask("go")
    supervisor.take_in(returning, old)
    try:
        await supervisor.started(returning)
    except ValueError as error:
        text = f"{', '.join(hosted)} could not be started again: {error}"
        supervisor.event(supervisor.clock.now_ns(), old.name, Event(name="PartFailed", text=text, level="error"))
        raise ValueError(text) from None


def _report(
    supervisor: Supervisor,
    change: tuple[PlacedPart, PlacedPart],
    gaps: dict[str, float | None],
    sessions: tuple[int, int] | None,
    absent_s: float,
) -> Swapped:
    old, new = change
    silent = [ue for ue, gap in gaps.items() if gap is None]
    outage_s = max((gap for gap in gaps.values() if gap is not None), default=None)
    text = (
        f"{old.name} was {old.cast}, is {new.cast}: it was away for {absent_s:.3f} s; "
        f"{_sessions_in_words(sessions)}; {_traffic_in_words(len(gaps), len(silent), outage_s)}"
    )
    total, lost = (None, None) if sessions is None else sessions
    level: Level = "warning" if silent or lost else "info"
    supervisor.event(supervisor.clock.now_ns(), old.name, Event(name="Swapped", text=text, level=level))
    supervisor.figures[f"swap of {old.name}"] = text
    return Swapped(
        part=old.name,
        before=old.cast,
        after=new.cast,
        sessions=total,
        sessions_lost=lost,
        ues=len(gaps),
        ues_silent=len(silent),
        outage_s=outage_s,
        absent_s=absent_s,
        text=text,
    )


def _sessions_in_words(sessions: tuple[int, int] | None) -> str:
    if sessions is None:
        return "no part of ours can tell how many sessions were lost"
    total, lost = sessions
    return f"of {total} sessions {lost or 'none'} {'were' if lost > 1 else 'was'} lost"


def _traffic_in_words(ues: int, silent: int, outage_s: float | None) -> str:
    if not ues:
        return "no UE had traffic, so no outage could be measured"
    if outage_s is None:
        return f"{ues} UEs had traffic, and got none back within {SETTLE_S:g} s"
    if not silent:
        return f"the {ues} UEs with traffic were {outage_s:.3f} s without it at most"
    return (
        f"of {ues} UEs with traffic {silent} got none back within {SETTLE_S:g} s, "
        f"the others were {outage_s:.3f} s without it at most"
    )
