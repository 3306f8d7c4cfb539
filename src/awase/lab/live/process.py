"""One process of a network that is up, as its supervisor sees it."""

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from awase.lab.live.child import run_child
from awase.lab.live.messages import Answer, Frames, Report, Request, read_report, request_frame
from awase.transports.host import HostedPart

LAST_WORDS_OCTETS = 2000
STEADY_S = 30.0
"""A process that lived so long is started again at once."""
SOCKET_BUFFER = 1 << 20


AT_ONCE = 10
"""How many processes of a stage are started together; those of a larger stage are a crowd."""


class PartProcess:
    """A forked process that hosts parts."""

    def __init__(self, name: str, parts: Sequence[HostedPart], hosts: frozenset[str], log: Path) -> None:
        self.name = name
        self.parts = tuple(parts)
        self.pid = 0
        self.serving = False
        self.status: int | None = None
        """The status of waitpid, once it has ended."""
        self.started_s = 0.0
        self.starts = 0
        self._early_ends = 0
        self.carriers: dict[str, str] = {}
        self.refusal = ""
        self.log = log
        self._hosts = hosts
        self.yields = False
        """Whether it is one of a crowd, which leaves the processors to others that want them."""
        self.warm = False
        """Whether its parts can be made; of one that is held."""
        self._channel: socket.socket | None = None
        self._frames = Frames()
        self._number = 0
        self._answers: dict[int, Callable[[Any], None]] = {}

    def start(self, *, held: bool = False) -> None:
        """Fork it; `held`: it opens no port before it is asked to go."""
        ours, theirs = socket.socketpair()
        for end in (ours, theirs):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_BUFFER)
            end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SOCKET_BUFFER)
        log = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        pid = os.fork()
        if pid == 0:
            # Never returns: what the supervisor is in the middle of is not the child's.
            run_child(self.parts, self._hosts, theirs, log, held=held, yields=self.yields)
        theirs.close()
        os.close(log)
        ours.setblocking(False)
        self._channel = ours
        self._frames = Frames()
        self._answers.clear()
        self.pid, self.status, self.serving, self.refusal = pid, None, False, ""
        self.started_s = time.monotonic()
        self.starts += 1

    def early_ends(self) -> int:
        """Told that it has ended: how often in a row it has done so, but for long lives: at least once."""
        early = time.monotonic() - self.started_s < STEADY_S
        self._early_ends = self._early_ends + 1 if early else 1
        return self._early_ends

    def successor(self, parts: Sequence[HostedPart]) -> "PartProcess":
        """One that may take its place, with other parts; not started."""
        return PartProcess(self.name, parts, self._hosts, self.log)

    @property
    def alive(self) -> bool:
        """Whether it has been started and not ended."""
        return self.pid != 0 and self.status is None

    def fileno(self) -> int:
        """The supervisor's end of the channel; -1 once it is closed."""
        return -1 if self._channel is None else self._channel.fileno()

    def read(self) -> list[Report]:
        """What it reports; an empty list and a closed channel when it is gone."""
        if self._channel is None:
            return []
        try:
            octets = self._channel.recv(1 << 18)
        except BlockingIOError:
            return []
        except OSError:
            octets = b""
        if not octets:
            self._channel.close()
            self._channel = None
            return []
        try:
            reports = [read_report(body) for body in self._frames.feed(octets)]
        except ValueError:
            # It writes what is no report: its memory is not to be trusted.
            self.signal(signal.SIGKILL)
            return []
        for report in reports:
            if isinstance(report, Answer):
                then = self._answers.pop(report.number, None)
                if then is not None:
                    then(report.result)
        return reports

    def ask(self, do: Any, part: str = "", then: Callable[[Any], None] | None = None) -> None:
        """Ask something of it; `then` is called with the answer, if it comes."""
        self._number += 1
        if then is not None:
            self._answers[self._number] = then
        if self._channel is not None:
            with suppress(OSError):
                self._channel.send(request_frame(Request(self._number, do, part)))

    def reap(self) -> bool:
        """Whether it has ended."""
        if not self.alive:
            return self.pid != 0
        with suppress(ChildProcessError):
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid == 0:
                return False
            self.status = status
            return True
        self.status = 0
        return True

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        if self.alive:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def obituary(self) -> str:
        """How it ended, and what it said last."""
        status = self.status
        if status is None:
            return "is running"
        if os.WIFSIGNALED(status):
            how = f"was killed by {signal.Signals(os.WTERMSIG(status)).name}"
        else:
            how = f"ended with exit status {os.waitstatus_to_exitcode(status)}"
        words = self.refusal or last_words(self.log)
        return f"{how}; its last words: {words}" if words else f"{how} without a word"

    def close(self) -> None:
        """Give up the channel."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None


def last_words(log: Path) -> str:
    """The last lines of a log, as one."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - LAST_WORDS_OCTETS))
            text = file.read().decode(errors="backslashreplace")
    except OSError:
        return ""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " | ".join(lines[-6:])


def waves(processes: Sequence[PartProcess]) -> Iterator[Sequence[PartProcess]]:
    """Those of a stage, as many at a time as are started together.

    A crowd of UEs that asks while the rest is still being forked would keep the core from the processors for longer
    than exchanges may take.
    """
    for process in processes:
        process.yields = len(processes) > AT_ONCE
    for first in range(0, len(processes), AT_ONCE):
        yield processes[first : first + AT_ONCE]
