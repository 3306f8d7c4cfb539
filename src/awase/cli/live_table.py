"""What a network that is up looks like: a live table on a terminal, a line for each event elsewhere; on stderr."""

from collections import deque
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
        from rich.console import Console

        self._console = Console(stderr=True, highlight=False)
        self._quiet = quiet
        self._events: deque[tuple[float, str, Event]] = deque(maxlen=EVENTS)
        self._epoch_ns: int | None = None
        self._said_s = 0.0
        self._live: Any = None

    def __enter__(self) -> "LiveTable":
        if self._console.is_terminal and not self._quiet:
            from rich.live import Live

            # Refreshed by the supervisor's tick: a thread of its own would not go with forks.
            self._live = Live(console=self._console, auto_refresh=False, transient=True)
            self._live.start()
        return self

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
            self._console.print(f"{since_s:9.3f}  {event.level:<7} {part}: {event.text}", markup=False, soft_wrap=True)

    def show(self, supervisor: "Supervisor") -> None:
        """Called now and then."""
        if self._quiet:
            return
        state = supervisor.state(0)
        if self._live is not None:
            self._live.update(self._table(state), refresh=True)
        elif state.up_s - self._said_s >= PLAIN_EVERY_S:
            self._said_s = state.up_s
            self._console.print(f"{state.up_s:9.3f}  {_summary(state)}", markup=False)

    def up(self, supervisor: "Supervisor") -> None:
        """The network has come up."""
        if self._quiet:
            return
        state = supervisor.state(0)
        carriers = sorted({how.partition(",")[0] for port, how in state.carriers.items() if port.endswith(".n2")})
        over = f"; N2 over {', '.join(carriers)}" if carriers else ""
        processes = len(state.processes)
        text = f"{state.network} is up: {processes} processes{over}; Run folder {state.directory}; Ctrl-C takes it down"
        self._console.print(text, markup=False, soft_wrap=True)

    def _table(self, state: "State") -> Any:
        from rich.console import Group
        from rich.table import Table
        from rich.text import Text

        parts = Table("process", "state", "parts", title=Text(f"{state.network}  {_summary(state)}"), expand=True)
        for name, process in state.processes.items():
            condition = Text("runs", "green") if process["alive"] else Text("gone", "bold red")
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
        f"{state.phase}, {state.registered} of {state.ues} UEs registered, {state.sessions} sessions, "
        f"{state.associations} associations"
    )
