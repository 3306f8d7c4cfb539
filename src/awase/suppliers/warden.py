"""Ends programs of others when whoever started them is gone without a word: killed, or out of memory.

A small process of its own holds the reading end of a pipe. It is told which process groups there are; when the pipe's
other end closes, it ends those that are left.
"""

import os
import signal
import time
from contextlib import suppress

GRACE_S = 2.0
"""How long a program may take to leave when it is asked to."""


class Warden:
    """One for all programs of a network; forked with the first."""

    def __init__(self) -> None:
        self._pipe: int | None = None
        self._pid = 0

    def watch(self, group: int) -> None:
        """End this process group when we are gone."""
        if self._pipe is None:
            self._start()
        self._tell(f"+{group}\n")

    def forget(self, group: int) -> None:
        """This process group has ended: its number may come to mean another."""
        if self._pipe is not None:
            self._tell(f"-{group}\n")

    def close(self) -> None:
        """Send it home; what it still watches is ended."""
        if self._pipe is not None:
            os.close(self._pipe)
            self._pipe = None
            with suppress(ChildProcessError):
                os.waitpid(self._pid, 0)

    def _tell(self, line: str) -> None:
        assert self._pipe is not None
        with suppress(OSError):
            os.write(self._pipe, line.encode())

    def _start(self) -> None:
        reading, self._pipe = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            try:
                _keep_watch(reading)
            finally:
                os._exit(0)
        os.close(reading)


def _keep_watch(pipe: int) -> None:
    # Ctrl-C at the terminal is for whoever started us, and what that has open is not ours.
    os.setsid()
    os.closerange(0, pipe)
    os.closerange(pipe + 1, 4096)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.set_wakeup_fd(-1)
    groups: dict[int, None] = {}
    rest = b""
    while octets := os.read(pipe, 4096):
        *lines, rest = (rest + octets).split(b"\n")
        for line in lines:
            group = int(line[1:])
            if line[:1] == b"+":
                groups[group] = None
            else:
                groups.pop(group, None)
    _end(groups)


def _end(groups: dict[int, None]) -> None:
    deadline_s = time.monotonic() + GRACE_S
    for group in groups:
        _signal(group, signal.SIGTERM)
    while groups and time.monotonic() < deadline_s:
        for group in [group for group in groups if not _signal(group, 0)]:
            del groups[group]
        time.sleep(0.02)
    for group in groups:
        _signal(group, signal.SIGKILL)


def _signal(group: int, number: int) -> bool:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
