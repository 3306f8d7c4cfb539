"""Processes of a network that is up are killed, and what becomes of it is watched until all is as before."""

import os
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from awase.lab.live.control import NoNetwork, ask
from live.up import Bench

LIMIT_S = 150.0
"""How long a recovery may take before it is held to have failed: long, since the machine may be busy."""
BOOKS = (
    "amf registrations", "n2 contexts", "n4 sessions", "registrations", "rrc connections", "sessions", "sm contexts",
    "smf registrations", "ue addresses",
)  # fmt: skip
"""What every UE with a session and traffic has one entry of."""


class Watched:
    """A network that is up, asked by its control socket; every UE is to have a session with traffic."""

    def __init__(self, bench: Bench, ues: int) -> None:
        self.bench = bench
        self.ues = ues
        self._path: Path | None = None

    def ask(self, verb: str) -> Any:
        """What it answers."""
        if self._path is None:
            (self._path,) = Path(self.bench.environment["XDG_RUNTIME_DIR"]).glob("awase/*.sock")
        return ask(self._path, {"do": verb})

    def silent_since(self, time_ns: int) -> list[str]:
        """The UEs that have heard nothing of their sessions since then."""
        heard = self.ask("traffic")["heard_ns"]
        names = [f"ue{number}" for number in range(1, self.ues + 1)]
        return [name for name in names if heard.get(name, 0) <= time_ns]

    def now_ns(self) -> int:
        """The network's time."""
        return int(self.ask("traffic")["now_ns"])

    def kill(self, process: str) -> int:
        """End a process without a word; the time just before."""
        before_ns = self.now_ns()
        pid = self.ask("status")["processes"][process]["pid"]
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        return before_ns

    def wrong(self, since_ns: int) -> str:
        """What is not as it should be; "" where all serve, every UE has heard something since, and the books agree."""
        state = self.ask("status")
        away = [name for name, process in state["processes"].items() if not (process["alive"] and process["serving"])]
        if away:
            return f"do not serve: {', '.join(away)}"
        silent = self.silent_since(since_ns)
        if silent:
            return f"{len(silent)} UEs hear nothing: {', '.join(silent[:8])}"
        books = self.ask("books")
        if books is None:
            return "a process did not show its books"
        held = {book: books["entries"].get(book, 0) for book in BOOKS}
        missing = [f"{book}: {entries} of {self.ues}" for book, entries in held.items() if entries < self.ues]
        odd = books["disagreements"]
        more = [f"and {len(odd) - 5} more"] if len(odd) > 5 else []
        return "; ".join([*missing, *odd[:5], *more])

    def until_well(self, since_ns: int, limit_s: float = LIMIT_S) -> float:
        """Wait until nothing is wrong; how many seconds that took."""
        began_s = time.monotonic()
        while wrong := self.wrong(since_ns):
            assert time.monotonic() - began_s < limit_s, wrong
            time.sleep(0.2)
        return time.monotonic() - began_s

    def hold_down(self, process: str, until_heard: Sequence[str]) -> int:
        """Kill a process, and each in its place, until these UEs have heard something; the time it is back."""
        before_ns = self.kill(process)
        end_s = time.monotonic() + LIMIT_S
        while waiting := set(until_heard).intersection(self.silent_since(before_ns)):
            assert time.monotonic() < end_s, f"while {process} was down, {len(waiting)} UEs heard nothing"
            if self.ask("status")["processes"][process]["alive"]:
                self.kill(process)
            time.sleep(0.02)
        starts = self.ask("status")["processes"][process]["starts"]
        # One that is down is yet to be started.
        return self.came_back(process, starts)

    def came_back(self, process: str, starts: int) -> int:
        """Wait until a process serves that has been started so often; the time then."""
        end_s = time.monotonic() + LIMIT_S
        while True:
            found = self.ask("status")["processes"][process]
            if found["alive"] and found["serving"] and found["starts"] >= starts:
                return self.now_ns()
            assert time.monotonic() < end_s, found
            time.sleep(0.02)


def gone(watched: Watched) -> bool:
    """Whether nobody answers."""
    try:
        watched.ask("status")
    except (NoNetwork, ValueError):
        return True
    return False
