"""Runs an assembly in virtual time and leaves a Run folder (DESIGN section 10)."""

import gc
import os
import platform
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import process_time
from typing import IO, Any, BinaryIO, TextIO

import msgspec

from awase.lab.assembly import Assembly
from awase.lab.books import During, audit
from awase.lab.capture.writer import CaptureWriter
from awase.lab.clockwork import Clockwork
from awase.lab.faults import Faults
from awase.lab.junit import junit
from awase.lab.ladder import Ladder
from awase.lab.observer import Observer
from awase.lab.record import header
from awase.lab.salvage import SPARE, salvage
from awase.model.part import NS_PER_S
from awase.model.run import Progress, RunResult, Verdict

CAPTURE, LADDER = "capture.pcapng", "ladder.txt"
PROGRESS_EVERY = 2000
"""Steps of the clockwork between two reports of progress."""

CONTAINERS_BETWEEN_COLLECTIONS = 100_000


def run_network(
    assembly: Assembly,
    out_dir: Path,
    *,
    clear: bool = True,
    until_s: float | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> RunResult:
    """Run, judge, and write the Run folder, which must not exist yet (FileExistsError).

    On an interrupt or a full disk what was written stays readable: capture and ladder end in whole records,
    run.json says "interrupted" and why, and the exception goes on to the caller. Where nothing could be run
    (a part that cannot be built) no folder is left.
    """
    made = _make(out_dir)
    started_s = process_time()
    capture_path, ladder_path = out_dir / CAPTURE, out_dir / LADDER
    begun = False
    with ExitStack() as files:
        capture_file, ladder_file = _open(files, capture_path, ladder_path)
        try:
            capture, ladder = CaptureWriter(capture_file, assembly, clear=clear), _ladder(ladder_file, assembly)
            observer = Observer(assembly, capture, ladder)
            faults = Faults(assembly, clockwork := Clockwork(assembly, observer))
            during = During(assembly, clockwork)
            limit_ns, done = _until(assembly, observer, clockwork, until_s, on_progress)
            begun = True
            with _collecting_seldom():
                clockwork.run(limit_ns, done)
            capture.finish(clockwork.now_ns)
            for finish in (ladder.finish, capture_file.close, ladder_file.close):
                finish()
            end = _End(out_dir, assembly, observer, clockwork.now_ns, process_time() - started_s)
            observer.muted = True
            observer.audit = audit(assembly, clockwork, faults, during)
            return end.write(clear=clear)
        except BaseException as error:
            if not begun:
                files.close()
                _remove(made)
                raise
            with _without_interrupts():
                _finish(partial(capture.finish, clockwork.now_ns), ladder.finish, files.close)
                salvage(capture_path, ladder_path)
                end = _End(out_dir, assembly, observer, clockwork.now_ns, process_time() - started_s)
                end.write_interrupted(error, clear=clear)
            raise


def _ladder(file: TextIO, assembly: Assembly) -> Ladder:
    ladder = Ladder(file, assembly.epoch_ns, [part.name for part in assembly.parts])
    ladder.head(f"{assembly.network.name}, seed {assembly.seed}, virtual time")
    return ladder


def _make(out_dir: Path) -> list[Path]:
    """Make a directory; which had to be made. Raises FileExistsError."""
    made = [path for path in (out_dir, *out_dir.parents) if not path.exists()]
    out_dir.mkdir(parents=True)
    return made


def _open(files: ExitStack, capture: Path, ladder: Path) -> tuple[BinaryIO, TextIO]:
    # Closing tries again to write what a full disk did not take; what is in the way is the caller's to hear of.
    capture_file = files.enter_context(_closing(capture.open("wb", buffering=1 << 20)))
    return capture_file, files.enter_context(_closing(ladder.open("w", encoding="utf-8")))


@contextmanager
def _closing(file: IO[Any]) -> Iterator[Any]:
    """Close a file, even if what it still holds cannot be written."""
    try:
        yield file
    finally:
        with suppress(OSError):
            file.close()


def _finish(*finishers: Callable[[], object]) -> None:
    """Finish what can be, each on its own."""
    for finish in finishers:
        # ValueError is what a file says that was finished and closed before.
        with suppress(OSError, ValueError):
            finish()


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Let nobody break off the little that is still to be written."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    former = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, former)


def _remove(made: list[Path]) -> None:
    """Leave no folder of a run that never was."""
    with suppress(OSError):
        for name in (CAPTURE, LADDER):
            (made[0] / name).unlink(missing_ok=True)
        for path in made:
            path.rmdir()


@contextmanager
def _collecting_seldom() -> Iterator[None]:
    """Let Python look for cycles seldom: a run makes next to none, and each full look is at every object of it."""
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(CONTAINERS_BETWEEN_COLLECTIONS, *thresholds[1:])
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()


def _until(
    assembly: Assembly,
    observer: Observer,
    clockwork: Clockwork,
    until_s: float | None,
    on_progress: Callable[[Progress], None] | None,
) -> tuple[int, Callable[[], bool]]:
    """When the run ends at the latest, and what says that it is over."""
    settings = assembly.network.run
    fixed_s = until_s if until_s is not None else (None if settings.until == "all verdicts" else settings.until)
    limit_s = settings.limit_s if fixed_s is None else fixed_s
    faults_end_ns = assembly.faults_end_ns
    steps = 0

    def done() -> bool:
        nonlocal steps
        steps += 1
        if on_progress is not None and steps % PROGRESS_EVERY == 1:
            registered, sessions, awaited = observer.progress()
            time_ns = clockwork.now_ns - assembly.epoch_ns
            on_progress(Progress(time_ns=time_ns, registered=registered, sessions=sessions, awaited=awaited))
        return fixed_s is None and observer.all_settled and clockwork.now_ns >= faults_end_ns

    return assembly.epoch_ns + round(limit_s * NS_PER_S), done


class _End:
    """What is written when a run has ended."""

    def __init__(self, out_dir: Path, assembly: Assembly, observer: Observer, end_ns: int, cpu_s: float) -> None:
        self.out_dir = out_dir
        self.assembly = assembly
        self.observer = observer
        self.end_ns = end_ns - assembly.epoch_ns
        self.cpu_s = cpu_s

    def write(self, *, clear: bool) -> RunResult:
        """The end of a run as it should be."""
        result = self._result(self.observer.verdicts())
        self._write_record(self._record(result))
        self._write_rest(result, clear=clear)
        return result

    def write_interrupted(self, error: BaseException, *, clear: bool) -> None:
        """The end of a run that was broken off: as much as there is room for."""
        why = "by the user" if isinstance(error, KeyboardInterrupt) else f"{type(error).__name__}: {error}"
        result = self._result(tuple(map(_inconclusive, self.observer.verdicts())))
        record = {"interrupted": why, **self._record(result)}
        try:
            self._write_record(record)
        except OSError:
            # The events are what takes room; the capture gives up its tail for the rest.
            salvage(self.out_dir / CAPTURE, self.out_dir / LADDER, SPARE)
            record["events_left_out"] = self.observer.events_left_out + len(result.events)
            record["events"] = []
            with suppress(OSError):
                self._write_record(record)
        with suppress(OSError):
            self._write_rest(result, clear=clear)

    def _result(self, verdicts: tuple[Verdict, ...]) -> RunResult:
        observer = self.observer
        return RunResult(
            name=self.assembly.network.name,
            seed=self.assembly.seed,
            verdicts=verdicts,
            interfaces=observer.interfaces(),
            events=tuple(observer.events),
            directory=str(self.out_dir),
            end_ns=self.end_ns,
        )

    def _record(self, result: RunResult) -> dict[str, Any]:
        return {
            **header(self.assembly, result, "virtual"),
            "verdicts": result.verdicts,
            "interfaces": result.interfaces,
            "events": result.events,
            "events_left_out": self.observer.events_left_out,
        }

    def _write_record(self, record: dict[str, Any]) -> None:
        # Under another name until it is whole: a run.json that is there can be read.
        partial = self.out_dir / "run.json.part"
        try:
            _write_json(partial, record)
        except OSError:
            partial.unlink(missing_ok=True)
            raise
        partial.replace(self.out_dir / "run.json")

    def _write_rest(self, result: RunResult, *, clear: bool) -> None:
        provenance = {
            "written": datetime.now(UTC).isoformat(timespec="seconds"),
            "host": platform.platform(),
            "python": platform.python_version(),
            "cpu_s": round(self.cpu_s, 3),
            "directory": os.fsencode(self.out_dir.resolve()).decode("utf-8", "backslashreplace"),
        }
        _write_json(self.out_dir / "provenance.json", provenance)
        (self.out_dir / "junit.xml").write_text(junit(result), encoding="utf-8")
        if clear:
            descriptor = os.open(self.out_dir / "keys.json", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(msgspec.json.format(msgspec.json.encode(self.observer.keys.records), indent=1))


def _inconclusive(verdict: Verdict) -> Verdict:
    if verdict.status == "pass":
        return verdict
    return msgspec.structs.replace(verdict, status="inconclusive", text="the run was interrupted")


def _write_json(path: Path, record: dict[str, Any]) -> None:
    path.write_bytes(msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n")
