"""How far a run has come: a live line on a terminal, plain lines elsewhere, on stderr."""

import time
from types import TracebackType

from awase.lab.assembly import Assembly
from awase.model.part import NS_PER_S
from awase.model.run import Progress

PLAIN_EVERY_S = 5.0


class Display:
    """Shows progress while a run is under way."""

    def __init__(self, assembly: Assembly, *, quiet: bool) -> None:
        from rich.console import Console

        self._console = Console(stderr=True, highlight=False)
        self._quiet = quiet
        self._live = self._console.is_terminal and not quiet
        self._status = self._console.status("") if self._live else None
        self._said_s = time.monotonic()
        self._ues = sum(part.function == "ue" for part in assembly.parts)
        if not quiet:
            quirks = [f"{part.name} is {part.cast}" for part in assembly.parts if part.cast != "awase"]
            cast = f"; {', '.join(quirks)}" if 0 < len(quirks) <= 8 else ""
            parts, links = len(assembly.parts), len(assembly.links)
            text = f"{assembly.network.name}: {parts} parts, {links} links, seed {assembly.seed}{cast}"
            self._console.print(text, markup=False)

    def __enter__(self) -> "Display":
        if self._status is not None:
            self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._status is not None:
            self._status.stop()

    def show(self, progress: Progress) -> None:
        """Called by the runner now and then."""
        if self._quiet:
            return
        text = (
            f"{progress.time_ns / NS_PER_S:.2f} s of network time: {progress.registered} of {self._ues} UEs "
            f"registered, {progress.sessions} sessions, {progress.awaited} awaited"
        )
        if self._status is not None:
            self._status.update(text)
        elif time.monotonic() - self._said_s > PLAIN_EVERY_S:
            self._said_s = time.monotonic()
            self._console.print(text, markup=False)
