"""A program of someone else's that is running: started, watched by what it logs, stopped. No thread, no loop."""

import os
import re
import selectors
import shutil
import signal
import subprocess
import time
from collections import deque
from collections.abc import Mapping
from typing import BinaryIO, NamedTuple

from awase.model.part import Event
from awase.suppliers.adapter import Program
from awase.suppliers.warden import Warden

LAST_WORDS = 12
"""Lines of a log that are repeated when its program dies."""
MAX_LINE = 4096
MAX_LINES_A_POLL = 1000
_ANSI = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")
_SECRET = re.compile(r"(?i)\b(k|op|opc|key|k_?amf|k_?gnb|k_?seaf|k_?ausf)\b(\s*[=:\[]\s*)[0-9a-f]{32,64}\b")


class NotStarted(Exception):
    """A program that is not there or cannot be started, in words that say what to do."""


class Said(NamedTuple):
    """What a poll found."""

    lines: list[str]
    events: list[Event]


class RunningProgram:
    """One program. Call `poll` whenever its output may be read; it never blocks."""

    def __init__(
        self,
        program: Program,
        log: BinaryIO,
        environment: Mapping[str, str] | None = None,
        warden: Warden | None = None,
    ) -> None:
        self.program = program
        self._warden = warden
        self.ready = not program.ready
        """Whether it has said that it serves."""
        self.returncode: int | None = None
        self.started_s = time.monotonic()
        self._log = log
        self._rest = b""
        self._last: deque[str] = deque(maxlen=LAST_WORDS)
        self._ready = re.compile(program.ready) if program.ready else None
        self._asked_s: float | None = None
        self._process = self._start({**os.environ, **(environment or {})})
        assert self._process.stdout is not None
        os.set_blocking(self._process.stdout.fileno(), False)
        if warden is not None:
            warden.watch(self._process.pid)

    def _start(self, environment: dict[str, str]) -> subprocess.Popen[bytes]:
        name, *arguments = self.program.command
        found = shutil.which(name, path=environment.get("PATH"))
        if found is None:
            raise NotStarted(
                f"{name} is not on PATH: install it, or name its directory in the cast "
                f"(options: {{directory: /opt/...}}); awase doctor lists what is found"
            )
        try:
            # A group of its own: Ctrl-C at the terminal is ours to pass on, in order.
            return subprocess.Popen(  # noqa: S603 - the program that the cast names.
                [found, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=environment,
                process_group=0,
            )
        except OSError as error:
            raise NotStarted(f"{found}: {error.strerror or error}") from None

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def fileno(self) -> int:
        """What becomes readable when it says something, or ends."""
        assert self._process.stdout is not None
        return self._process.stdout.fileno()

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.returncode is None

    @property
    def last_words(self) -> str:
        """The last lines of its log."""
        return "\n".join(self._last)

    def poll(self) -> Said:
        """Read what it said, and see whether it has ended."""
        lines = self._lines()
        if self.returncode is None:
            self.returncode = self._process.poll()
            if self.returncode is not None:
                lines += self._lines(last=True)
                if self._warden is not None:
                    self._warden.forget(self._process.pid)
                assert self._process.stdout is not None
                self._process.stdout.close()
        events: list[Event] = []
        for line in lines:
            self._last.append(line)
            if self._ready is not None and not self.ready and self._ready.search(line):
                self.ready = True
            event = self._event(line)
            if event is not None:
                events.append(event)
        return Said(lines, events)

    def wait_ready(self, *, every_s: float = 0.02) -> Said:
        """Wait until it serves (or, without a ready line, has ended). Raises NotStarted if it does not in time."""
        lines: list[str] = []
        events: list[Event] = []
        deadline_s = self.started_s + self.program.ready_s
        with selectors.DefaultSelector() as selector:
            selector.register(self.fileno(), selectors.EVENT_READ)
            while True:
                said = self.poll()
                lines += said.lines
                events += said.events
                if (self.ready and self._ready is not None) or (self._ready is None and not self.alive):
                    return Said(lines, events)
                if not self.alive:
                    raise NotStarted(self.obituary())
                if time.monotonic() > deadline_s:
                    raise NotStarted(
                        f"{self.program.name} was not ready within {self.program.ready_s:g} s; it said last:\n"
                        f"{self.last_words}"
                    )
                selector.select(every_s)

    def obituary(self) -> str:
        """How it ended, with its last words."""
        code = self.returncode
        if code is None:
            return f"{self.program.name} is running"
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit status {code}"
        words = f"; it said last:\n{self.last_words}" if self._last else " without a word"
        return f"{self.program.name} {how}{words}"

    def stop(self) -> None:
        """Ask it to leave (SIGTERM); again is harmless."""
        if self.returncode is None and self._asked_s is None:
            self._asked_s = time.monotonic()
            self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        if self.returncode is None:
            self._signal(signal.SIGKILL)

    def close(self, grace_s: float = 2.0) -> None:
        """Stop it, wait so long, end it; returns when it is gone."""
        self.stop()
        deadline_s = time.monotonic() + grace_s
        while self.alive and time.monotonic() < deadline_s:
            self.poll()
            time.sleep(0.01)
        self.kill()
        while self.alive:
            self.poll()
            time.sleep(0.005)

    def _signal(self, number: signal.Signals) -> None:
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            return
        except PermissionError:
            self._process.send_signal(number)

    def _lines(self, *, last: bool = False) -> list[str]:
        assert self._process.stdout is not None
        if self._process.stdout.closed:
            return []
        found: list[str] = []
        while len(found) < MAX_LINES_A_POLL:
            try:
                octets = os.read(self._process.stdout.fileno(), 65536)
            except BlockingIOError:
                break
            if not octets:
                break
            pieces = (self._rest + octets).split(b"\n")
            self._rest = pieces.pop()[-MAX_LINE:]
            found += [self._text(piece) for piece in pieces]
        if last and self._rest:
            found.append(self._text(self._rest))
            self._rest = b""
        return found

    def _text(self, octets: bytes) -> str:
        """A line as it goes into the log: without colours, without keys."""
        line = _ANSI.sub(b"", octets[:MAX_LINE]).decode(errors="backslashreplace").rstrip()
        line = _SECRET.sub(r"\1\2(left out)", line)
        self._log.write(line.encode() + b"\n")
        return line

    def _event(self, line: str) -> Event | None:
        for sign in self.program.signs:
            text = sign.read(line)
            if text is not None:
                return Event(name=sign.name, text=f"{self.program.name}: {text}", level=sign.level)
        return None
