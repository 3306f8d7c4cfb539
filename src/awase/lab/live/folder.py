"""The Run folder of a network that is up: as that of a run in virtual time, and what each process said."""

import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import process_time
from typing import Any

import msgspec

from awase.lab.assembly import Assembly
from awase.lab.capture.writer import CaptureWriter
from awase.lab.junit import junit
from awase.lab.ladder import Ladder
from awase.lab.observer import Observer
from awase.lab.record import header
from awase.model.run import RunResult, Verdict


class RunFolder:
    """Open from the start of a run to its end; what was written stays readable whatever happens."""

    def __init__(self, directory: Path, assembly: Assembly, *, clear: bool) -> None:
        """Make the folder. Raises FileExistsError where there is one."""
        directory.mkdir(parents=True)
        self.directory = directory
        self.logs = directory / "logs"
        self.stores = directory / "stores"
        for path in (self.logs, self.stores):
            path.mkdir(mode=0o700)
        self._clear = clear
        self._assembly = assembly
        self._started_s = process_time()
        self._capture_file = (directory / "capture.pcapng").open("wb", buffering=1 << 18)
        self._ladder_file = (directory / "ladder.txt").open("w", encoding="utf-8", buffering=1 << 16)
        self._capture = CaptureWriter(self._capture_file, assembly, clear=clear)
        self._ladder = Ladder(self._ladder_file, assembly.epoch_ns, [part.name for part in assembly.parts])
        self._ladder.head(f"{assembly.network.name}, on real sockets")
        self.observer = Observer(assembly, self._capture, self._ladder)

    def flush(self) -> None:
        """Let a reader see what there is so far."""
        self._capture.flush()
        self._ladder_file.flush()

    def finish(
        self, now_ns: int, verdicts: Sequence[Verdict], figures: Mapping[str, Any], record: Mapping[str, Any]
    ) -> RunResult:
        """Write the end of the run; `record` is what run.json says besides."""
        self._capture.finish(now_ns)
        self._ladder.finish()
        self._capture_file.close()
        self._ladder_file.close()
        result = RunResult(
            name=self._assembly.network.name,
            seed=self._assembly.seed,
            verdicts=tuple(verdicts),
            figures=dict(figures),
            interfaces=self.observer.interfaces(),
            events=tuple(self.observer.events),
            directory=str(self.directory),
            end_ns=now_ns - self._assembly.epoch_ns,
        )
        _write_json(self.directory / "run.json", self._record(result, record))
        self._write_rest(result)
        return result

    def _record(self, result: RunResult, record: Mapping[str, Any]) -> dict[str, Any]:
        return {
            **header(self._assembly, result, "real"),
            **record,
            "verdicts": result.verdicts,
            "figures": result.figures,
            "interfaces": result.interfaces,
            "events": result.events,
            "events_left_out": self.observer.events_left_out,
        }

    def _write_rest(self, result: RunResult) -> None:
        provenance = {
            "written": datetime.now(UTC).isoformat(timespec="seconds"),
            "host": platform.platform(),
            "python": platform.python_version(),
            "supervisor_cpu_s": round(process_time() - self._started_s, 3),
            "directory": os.fsencode(self.directory.resolve()).decode("utf-8", "backslashreplace"),
        }
        _write_json(self.directory / "provenance.json", provenance)
        (self.directory / "junit.xml").write_text(junit(result), encoding="utf-8")
        if self._clear:
            descriptor = os.open(self.directory / "keys.json", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(msgspec.json.format(msgspec.json.encode(self.observer.keys.records), indent=1))


def _write_json(path: Path, record: Mapping[str, Any]) -> None:
    # Under another name until it is whole: what is there can be read.
    partial = path.with_name(path.name + ".part")
    partial.write_bytes(msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n")
    partial.replace(path)
