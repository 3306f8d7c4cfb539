"""The real runs of the networks that a test session has chosen: started together, and each test waits for its own.

Under xdist the worker that comes first starts them, for all.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import awase

NURSERY = Path(__file__).parent / "nursery.py"
SOURCES = Path(awase.__file__).parents[1]
LIMIT_S = 400.0
"""How long all of them may take together."""


class RealRuns:
    """Where the runs are, and whether they are over."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def wait(self, name: str) -> tuple[Mapping[str, Any], Path]:
        """What `awase up --json` printed of a network, and its Run folder."""
        job = self._directory / name
        end_s = time.monotonic() + LIMIT_S
        while not (job / "over.json").exists():
            assert time.monotonic() < end_s, f"{name} is not over"
            assert not (self._directory / "ended").exists() or (job / "over.json").exists(), f"{name} was never up"
            time.sleep(0.1)
        printed = (job / "result.json").read_text(encoding="utf-8")
        assert printed.startswith("{"), (job / "errors.txt").read_text(encoding="utf-8")
        return json.loads(printed), job / "run"


def alone(directory: Path, arguments: Sequence[str]) -> tuple[Mapping[str, Any], Path]:
    """A real run with these arguments of `awase`, in a process of its own: what it printed, and its Run folder."""
    place = directory / "alone"
    place.mkdir()
    with tempfile.TemporaryDirectory(prefix="awase-") as runtime:
        path = os.pathsep.join((str(SOURCES), os.environ.get("PYTHONPATH", "")))
        done = subprocess.run(
            [sys.executable, "-m", "awase", *arguments],
            cwd=place,
            env={**os.environ, "XDG_RUNTIME_DIR": runtime, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
    assert done.stdout.startswith("{"), done.stderr
    return json.loads(done.stdout), place / "run"


@contextmanager
def started(directory: Path, jobs: Sequence[tuple[str, Sequence[str]]], *, shared: bool) -> Iterator[RealRuns]:
    """The runs of these jobs, names and arguments of `awase`; those that another worker started, if it did."""
    try:
        directory.mkdir()
    except FileExistsError:
        assert shared
        yield RealRuns(directory)
        return
    lines = [{"name": name, "arguments": list(arguments)} for name, arguments in jobs]
    with tempfile.TemporaryDirectory(prefix="awase-") as runtime:
        path = os.pathsep.join((str(SOURCES), os.environ.get("PYTHONPATH", "")))
        nursery = subprocess.Popen(
            [sys.executable, str(NURSERY), str(directory)],
            stdin=subprocess.PIPE,
            env={**os.environ, "XDG_RUNTIME_DIR": runtime, "PYTHONPATH": path},
        )
        assert nursery.stdin is not None
        with nursery, nursery.stdin:
            nursery.stdin.write(b"".join(json.dumps(line).encode() + b"\n" for line in [*lines, {}]))
            nursery.stdin.flush()
            yield RealRuns(directory)
            if shared:
                # Another worker may still wait for some.
                nursery.wait(LIMIT_S)
