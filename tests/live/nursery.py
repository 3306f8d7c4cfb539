"""Keeps several networks up at once: each `awase up` is forked from one process that has imported everything.

A network on real sockets mostly waits, and half of what a short one costs is its imports. Jobs come as JSON on
standard input, one a line: {"name": ..., "arguments": [...]}; a line without a name ends the list. A job's directory
is its name below the one that this program is given; once it is over, `over.json` there says how. The end of standard
input before all are over takes down what is up.
"""

import json
import os
import select
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

AT_ONCE = 15
"""Of the 20 that a host has addresses for: others may be about."""
BETWEEN_STARTS_S, NEXT_START_S = 0.3, 3.0
"""A network that starts takes a core for half a second; one that is up takes next to nothing. The next one begins when
half a core has nothing to do, and after the longer time whatever there is."""
IDLE_ENOUGH = 0.5
WAIT_S = 0.05


def preload() -> None:
    """Import what a network that is up imports, so that no child has to."""
    import gc
    from importlib.metadata import entry_points

    import awase.cli.live_table
    import awase.cli.main
    import awase.cli.summary
    import awase.cli.up
    import awase.lab.assemble
    import awase.lab.live.service
    from awase.lab.network_file import load_network

    for entry in entry_points(group="awase.parts"):
        entry.load()
    awase.lab.assemble.assemble(load_network("demo"), awase.lab.assemble.Options(loopback=0))
    awase.cli.main._app()
    gc.collect()
    gc.freeze()


def live(directory: Path, arguments: list[str]) -> NoReturn:
    """The life of a job, from just after the fork."""
    from awase.cli.main import main

    status = 1
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    try:
        os.setsid()
        os.chdir(directory)
        for descriptor, name in ((1, "result.json"), (2, "errors.txt")):
            file = os.open(directory / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            os.dup2(file, descriptor)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        sys.argv = ["awase", *arguments]
        main()
        status = 0
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else 1
    except BaseException as error:
        sys.excepthook(type(error), error, error.__traceback__)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


class Idleness:
    """How many of this machine's cores had nothing to do since the last look."""

    def __init__(self) -> None:
        self._before = self._now()

    @staticmethod
    def _now() -> tuple[float, float]:
        """The time, and how long all cores together have been idle."""
        ticks = Path("/proc/stat").read_text().split(maxsplit=6)[4:6]
        return time.monotonic(), sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")

    def cores(self) -> float:
        """Nothing if the last look was a moment ago."""
        before, now = self._before, self._now()
        if now[0] - before[0] < BETWEEN_STARTS_S / 2:
            return 0.0
        self._before = now
        return (now[1] - before[1]) / (now[0] - before[0])


class Nursery:
    """The jobs that wait, and those that are up."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._waiting: list[Mapping[str, Any]] = []
        self._up: dict[int, str] = {}
        self._complete = False
        self._stopped = False
        self._started_s = 0.0
        self._idleness = Idleness()
        self._octets = b""

    def stop(self, *_: object) -> None:
        """Take down what is up, and end."""
        self._stopped = True

    def run(self) -> None:
        """Until all are over."""
        while not self._stopped and (self._waiting or self._up or not self._complete):
            self._listen()
            if self._waiting and len(self._up) < AT_ONCE and self._may_start():
                self._start(self._waiting.pop(0))
            self._bury()
        self._take_down()

    def _may_start(self) -> bool:
        since_s = time.monotonic() - self._started_s
        if since_s < BETWEEN_STARTS_S:
            return False
        return since_s > NEXT_START_S or self._idleness.cores() > IDLE_ENOUGH

    def _listen(self) -> None:
        """Hear of jobs, or of the end of whoever has them."""
        if not select.select([0], [], [], WAIT_S)[0]:
            return
        octets = os.read(0, 1 << 16)
        self._stopped = not octets
        *lines, self._octets = (self._octets + octets).split(b"\n")
        for line in lines:
            job = json.loads(line)
            if job.get("name"):
                self._waiting.append(job)
            else:
                self._complete = True

    def _start(self, job: Mapping[str, Any]) -> None:
        directory = self._directory / str(job["name"])
        directory.mkdir()
        self._started_s = time.monotonic()
        pid = os.fork()
        if pid == 0:
            live(directory, list(job["arguments"]))
        self._up[pid] = str(job["name"])

    def _bury(self) -> None:
        while self._up:
            pid, status, used = os.wait4(-1, os.WNOHANG)
            if not pid:
                return
            self._over(self._up.pop(pid), status, used.ru_utime + used.ru_stime)

    def _over(self, name: str, status: int, cpu_s: float) -> None:
        record = {"status": os.waitstatus_to_exitcode(status), "cpu_s": round(cpu_s, 3)}
        partial = self._directory / name / "over.part"
        partial.write_text(json.dumps(record))
        partial.replace(self._directory / name / "over.json")

    def _take_down(self) -> None:
        for pid in self._up:
            os.kill(pid, signal.SIGTERM)
        for pid, name in self._up.items():
            _, status, used = os.wait4(pid, 0)
            self._over(name, status, used.ru_utime + used.ru_stime)


if __name__ == "__main__":
    preload()
    nursery = Nursery(Path(sys.argv[1]))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, nursery.stop)
    try:
        nursery.run()
    finally:
        (Path(sys.argv[1]) / "ended").touch()
