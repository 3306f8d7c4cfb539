"""What a network that is up looks like: a live table on a terminal, a line for each event elsewhere; on stderr."""

import sys
from collections import deque
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any

from awase.model.part import NS_PER_S, Event

if TYPE_CHECKING:
    from awase.lab.live.records import State
    from awase.lab.live.supervisor import Supervisor

EVENTS = 8
PLAIN_EVERY_S = 10.0
_STYLES = {"info": "", "warning": "yellow", "error": "bold red"}


class LiveTable:
    """Shows a network that is up."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._console: Any = None
        self._quiet = quiet
        self._events: deque[tuple[float, str, Event]] = deque(maxlen=EVENTS)
        self._epoch_ns: int | None = None
        self._said_s = 0.0
        self._live: Any = None

    def __enter__(self) -> "LiveTable":
        return self

    def _go_live(self) -> None:
        from rich.console import Console
        from rich.live import Live

        self._console = Console(stderr=True, highlight=False)
        # Refreshed by the supervisor's tick: a thread of its own would not go with forks.
        self._live = Live(console=self._console, auto_refresh=False, transient=True)
        self._live.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def event(self, time_ns: int, part: str, event: Event) -> None:
        """Something happened; plain logs show warnings and errors, and what matters of the rest."""
        if self._epoch_ns is None:
            self._epoch_ns = time_ns
        since_s = (time_ns - self._epoch_ns) / NS_PER_S
        self._events.append((since_s, part, event))
        if self._live is None and not self._quiet and event.level != "info":
            self._say(f"{since_s:9.3f}  {event.level:<7} {part}: {event.text}")

    def show(self, supervisor: "Supervisor") -> None:
        """Called now and then."""
        if self._quiet:
            return
        state = supervisor.state(0)
        if self._live is not None:
            self._live.update(self._table(state), refresh=True)
        elif state.up_s - self._said_s >= PLAIN_EVERY_S:
            self._said_s = state.up_s
            self._say(f"{state.up_s:9.3f}  {_summary(state)}")

    def up(self, supervisor: "Supervisor") -> None:
        """The network has come up."""
        if self._quiet:
            return
        if sys.stderr.isatty():
            # Not before: what is imported here would be in the memory of every process that is forked.
            self._go_live()
        state = supervisor.state(0)
        carriers = sorted({how.partition(",")[0] for port, how in state.carriers.items() if port.endswith(".n2")})
        over = f"; N2 over {', '.join(carriers)}" if carriers else ""
        processes = len(state.processes)
        folder = supervisor.folder.directory
        self._say(f"{state.network} is up: {processes} processes{over}; Run folder {folder}; Ctrl-C takes it down")

    def _say(self, text: str) -> None:
        if self._console is not None:
            self._console.print(text, markup=False, soft_wrap=True)
        else:
            print(text, file=sys.stderr, flush=True)

    def _table(self, state: "State") -> Any:
        from rich.console import Group
        from rich.table import Table
        from rich.text import Text

        parts = Table("process", "state", "parts", title=Text(f"{state.network}  {_summary(state)}"), expand=True)
        for name, process in state.processes.items():
            condition = Text(*_CONDITIONS[condition_of(process)])
            names = process["parts"]
            parts.add_row(
                name, condition, Text(", ".join(names[:6]) + (f" and {len(names) - 6} more" * (len(names) > 6)))
            )
        traffic = Table("interface", "messages", "octets")
        for name, figures in state.interfaces.items():
            traffic.add_row(name, f"{figures['messages']:,}", f"{figures['octets']:,}")
        lines = [
            Text(f"{since_s:9.3f}  {part}: {event.text}", _STYLES[event.level], no_wrap=True, overflow="ellipsis")
            for since_s, part, event in self._events
        ]
        return Group(parts, traffic, *lines)


def _summary(state: "State") -> str:
    return (
        f"{state.phase}, {registered_in_words(state.registered, state.ues)}, {state.sessions} sessions, "
        f"{state.associations} associations"
    )


def condition_of(process: Mapping[str, Any]) -> str:
    """What a process does: waits, starts, runs, is gone."""
    if not process["starts"]:
        return "waits"
    if not process["alive"]:
        return "is gone"
    return "runs" if process["serving"] else "starts"


_CONDITIONS = {
    "waits": ("waits", ""),
    "starts": ("starts", "yellow"),
    "runs": ("runs", "green"),
    "is gone": ("gone", "bold red"),
}


def registered_in_words(registered: int, ues: int) -> str:
    """How many UEs have registered, of those in the network file; a core alone has none there, and counts."""
    return f"{registered} of {ues} UEs registered" if ues else f"{registered} UEs registered"
