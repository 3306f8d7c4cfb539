"""The Run folder of a network that is up: as that of a run in virtual time, and what each process said."""

import os
import platform
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import process_time
from typing import IO, Any, BinaryIO, TextIO, cast

import msgspec

from awase.lab.assembly import Assembly
from awase.lab.capture.writer import CaptureWriter
from awase.lab.junit import junit
from awase.lab.ladder import Ladder
from awase.lab.observer import Observer
from awase.lab.record import header
from awase.lab.salvage import SPARE, salvage
from awase.model.run import RunResult, Verdict

CAPTURE, LADDER = "capture.pcapng", "ladder.txt"


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
        self.fault = ""
        """Why nothing more can be kept; "" while all is."""
        capture_file = (directory / CAPTURE).open("wb", buffering=1 << 18)
        ladder_file = (directory / LADDER).open("w", encoding="utf-8", buffering=1 << 16)
        self._capture_file = cast("BinaryIO", _Kept(capture_file, self._full))
        self._ladder_file = cast("TextIO", _Kept(ladder_file, self._full))
        self._capture = CaptureWriter(self._capture_file, assembly, clear=clear)
        self._ladder = Ladder(self._ladder_file, assembly.epoch_ns, [part.name for part in assembly.parts])
        self._ladder.head(f"{assembly.network.name}, on real sockets")
        self.observer = Observer(assembly, self._capture, self._ladder)

    def _full(self, error: OSError) -> None:
        self.fault = self.fault or f"{self.directory}: {error.strerror or error}: nothing more can be kept"

    def flush(self) -> None:
        """Let a reader see what there is so far."""
        self._capture.flush()
        self._ladder_file.flush()

    def finish(
        self, now_ns: int, verdicts: Sequence[Verdict], figures: Mapping[str, Any], record: Mapping[str, Any]
    ) -> RunResult:
        """Write the end of the run, as much as there is room for; `record` is what run.json says besides."""
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
        try:
            _write_json(self.directory / "run.json", self._record(result, record))
            self._write_rest(result)
        except OSError as error:
            self._full(error)
        if self.fault:
            self._salvage(result, record)
        return result

    def _salvage(self, result: RunResult, record: Mapping[str, Any]) -> None:
        """Let capture and ladder end in whole records, and give up what it takes to keep the verdicts."""
        salvage(self.directory / CAPTURE, self.directory / LADDER)
        whole = {**self._record(result, record), "interrupted": self.fault}
        short = {**whole, "events": [], "events_left_out": self.observer.events_left_out + len(result.events)}
        for spare, kept in ((0, whole), (SPARE, short)):
            try:
                salvage(self.directory / CAPTURE, self.directory / LADDER, spare)
                _write_json(self.directory / "run.json", kept)
                break
            except OSError:
                continue

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


class _Kept:
    """A file that takes no more once its disk has not: who is told, and nothing is raised."""

    def __init__(self, file: IO[Any], full: Callable[[OSError], None]) -> None:
        self._file = file
        self._full = full
        self._takes = True

    def write(self, what: Any) -> None:
        self._try(partial(self._file.write, what))

    def flush(self) -> None:
        self._try(self._file.flush)

    def close(self) -> None:
        self._try(self._file.close)
        with suppress(OSError):
            self._file.close()

    def _try(self, action: Callable[[], object]) -> None:
        if not self._takes:
            return
        try:
            action()
        except OSError as error:
            self._takes = False
            self._full(error)


def _write_json(path: Path, record: Mapping[str, Any]) -> None:
    # Under another name until it is whole: what is there can be read.
    unfinished = path.with_name(path.name + ".part")
    try:
        unfinished.write_bytes(msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n")
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise
    unfinished.replace(path)
