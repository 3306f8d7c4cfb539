"""`awase` as a user runs it: commands in processes of their own, in a directory of the test's."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from awase.lab.network_file import shipped_text

AWASE = (sys.executable, "-m", "awase")


class Bench:
    """A directory to work in, and a runtime directory for control sockets that no other test shares."""

    def __init__(self, path: Path) -> None:
        self.path = path
        # Not in the test's own directory: a Unix socket's path has 107 octets at most.
        self._runtime = tempfile.TemporaryDirectory(prefix="awase-")
        runtime = self._runtime.name
        self.command: tuple[str, ...] = AWASE
        self.environment = {**os.environ, "XDG_RUNTIME_DIR": str(runtime)}
        self._started: list[subprocess.Popen[str]] = []

    def close(self) -> None:
        """Clean up; what a test that failed has left running is ended, and its pipe closed."""
        for process in self._started:
            if process.poll() is None:
                process.terminate()
            if process.stdout is not None and not process.stdout.closed:
                process.communicate(timeout=30)
        self._runtime.cleanup()

    def awase(self, *arguments: str, timeout_s: float = 60) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            [*self.command, *arguments],
            cwd=self.path,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start a command."""
        process = subprocess.Popen(
            [*self.command, *arguments],
            cwd=self.path,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._started.append(process)
        return process

    def status(self) -> dict[str, Any]:
        """What `awase status --json` says; nothing while no network is up."""
        done = self.awase("status", "--json")
        return json.loads(done.stdout) if done.returncode == 0 else {}

    def until(self, holds: Any, limit_s: float = 30) -> dict[str, Any]:
        """The first status for which something holds."""
        end_s = time.monotonic() + limit_s
        while True:
            state = self.status()
            if state and holds(state):
                return state
            assert time.monotonic() < end_s, state
            time.sleep(0.2)

    def network(self, **changes: str) -> str:
        """The demo network with other words in it, in a file."""
        text = shipped_text("demo")
        for before, after in changes.values():  # type: ignore[misc]
            assert before in text
            text = text.replace(before, after)
        file = self.path / "network.yaml"
        file.write_text(text)
        return str(file)


def failing(done: subprocess.CompletedProcess[str]) -> list[tuple[str, str]]:
    """The verdicts of a result in JSON that are not pass."""
    assert done.stdout.startswith("{"), done.stderr
    return [(v["id"], v["text"]) for v in json.loads(done.stdout)["verdicts"] if v["status"] != "pass"]
