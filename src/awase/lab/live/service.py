"""A network that is up, with its control socket: what `awase up` runs and `status` and `down` speak to."""

import os
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Protocol

import msgspec

from awase.lab.books import compare
from awase.lab.live.bookkeeping import books_of, entries_by_book
from awase.lab.live.control import ControlServer
from awase.lab.live.records import CannotStart, LiveOptions
from awase.lab.live.supervisor import Supervisor
from awase.lab.live.swap import Recast, swap
from awase.model.part import Event
from awase.model.run import RunResult


class Shown(Protocol):
    """Who shows a network that is up."""

    def event(self, time_ns: int, part: str, event: Event) -> None:
        """A part raised an event."""
        ...

    def show(self, supervisor: Supervisor) -> None:
        """Some time has passed."""
        ...

    def up(self, supervisor: Supervisor) -> None:
        """It has come up."""
        ...


async def serve(recast: Recast, options: LiveOptions, shown: Shown, ready: int | None = None) -> RunResult:
    """Keep a network up until it is told to end; `recast("")` is it. `ready`: a pipe to write to when it is up.

    Raises CannotStart.
    """
    assembly = recast("")

    def is_up(supervisor: Supervisor) -> None:
        shown.up(supervisor)
        if ready is not None:
            _tell(ready, f"up in {supervisor.folder.directory}")

    supervisor = Supervisor(assembly, options, on_event=shown.event, on_show=shown.show, on_up=is_up)

    async def handle(request: Mapping[str, Any]) -> Any:
        return await _do(supervisor, recast, request)

    control = ControlServer(assembly.network.name, handle)
    await control.start()
    try:
        return await supervisor.run()
    except CannotStart as error:
        if ready is not None:
            _tell(ready, f"awase: {error}")
        raise
    finally:
        await control.stop()


def _tell(pipe: int, text: str) -> None:
    with suppress(OSError):
        os.write(pipe, text.encode())
        os.close(pipe)


async def _books(supervisor: Supervisor) -> Any:
    """How many entries each book has, and what only one end holds; nothing while a process is gone."""
    kept = await books_of(supervisor.processes.values())
    if kept is None:
        return None
    disagreements = compare(supervisor.assembly.parts, kept).disagreements
    return {"entries": entries_by_book(kept), "disagreements": [str(each) for each in disagreements]}


async def _do(supervisor: Supervisor, recast: Recast, request: Mapping[str, Any]) -> Any:
    """What `awase status`, `down` and `swap`, and tests ask for. Raises ValueError."""
    verb = request.get("do")
    if verb == "status":
        return msgspec.to_builtins(supervisor.state())
    if verb == "down":
        supervisor.stop()
        return {
            "network": supervisor.network.name,
            "directory": str(supervisor.folder.directory.absolute()),
            "pid": os.getpid(),
        }
    if verb == "pid":
        return os.getpid()
    if verb == "traffic":
        return {"now_ns": supervisor.clock.now_ns(), "heard_ns": supervisor.feed.heard()}
    if verb == "books":
        return await _books(supervisor)
    if verb == "swap":
        return msgspec.to_builtins(await swap(supervisor, recast, str(request["part"]), str(request["supplier"])))
    raise ValueError(f"{verb} is nothing that a network that is up can do")
