"""What is left of a run that ends as no run should: by an interrupt, a full disk, or a part that is none."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from awase.lab.problems import NetworkFileError
from awase.lab.run import run_network
from awase.model.machine import Machine
from awase.model.part import Event, Packet, Services
from awase.model.run import RunResult
from unit.lab.toys import ToyType, pair

FILE_LIMIT = 150_000


_LIMITED = (
    "import resource, signal, sys; from awase.cli.main import main; "
    # A shell has its background jobs ignore SIGINT, and whatever they start, too.
    "signal.signal(signal.SIGINT, signal.default_int_handler); "
    "resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2); sys.argv[1:2] = []; main()"
)


def awase(*arguments: str, file_limit: int | None = None) -> subprocess.Popen[str]:
    """The command, as a process of its own; no file of it may be longer than `file_limit`."""
    how = ["-c", _LIMITED, str(resource.RLIM_INFINITY if file_limit is None else file_limit)]
    return subprocess.Popen(
        [sys.executable, *how, "run", "demo", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TERM": "dumb"},
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, list[str]]:
    """Exit status, and what was said on stderr after the line of the beginning."""
    _, errors = process.communicate(timeout=60)
    first, *others = errors.splitlines()
    assert first.startswith("demo: ")
    return process.returncode, [line for line in others if "of network time" not in line]


def is_whole(folder: Path) -> Mapping[str, Any]:
    """Every file of a Run folder can be read to its end; what run.json says."""
    tshark = subprocess.run(
        ["tshark", "-r", folder / "capture.pcapng", "-q", "-z", "io,phs"], capture_output=True, text=True, check=True
    )
    assert "cut short" not in tshark.stderr
    assert "ngap" in tshark.stdout
    ladder = (folder / "ladder.txt").read_text(encoding="utf-8")
    assert ladder.endswith("\n")
    assert "NGSetupRequest" in ladder
    assert not list(folder.glob("*.part"))
    record: Mapping[str, Any] = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    return record


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_leaves_a_run_folder_that_can_be_read(sent: signal.Signals, tmp_path: Path) -> None:
    out = tmp_path / "run"
    process = awase("--ues", "400", "--out", str(out))
    capture = out / "capture.pcapng"
    while not capture.exists() or capture.stat().st_size < 2 << 20:
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    process.send_signal(sent)
    assert ended(process) == (130, [f"awase: interrupted; what was written is in {out}"])
    record = is_whole(out)
    assert record["interrupted"] == "by the user"
    assert record["verdicts"][1]["status"] != "pass"
    assert record["events"]
    assert (out / "keys.json").stat().st_mode & 0o777 == 0o600


def test_a_full_disk_leaves_a_run_folder_that_can_be_read(tmp_path: Path) -> None:
    out = tmp_path / "run"
    status, said = ended(awase("--out", str(out), file_limit=FILE_LIMIT))
    assert status == 1
    assert said == [f"awase: {out}: File too large; what was written is in {out}"]
    record = is_whole(out)
    assert record["interrupted"].startswith("OSError: ")
    assert (out / "capture.pcapng").stat().st_size <= FILE_LIMIT


def test_a_disk_too_full_for_the_events_still_takes_the_verdicts(tmp_path: Path) -> None:
    out = tmp_path / "run"
    status, _ = ended(awase("--ues", "60", "--out", str(out), file_limit=20_000))
    assert status == 1
    record = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert record["events"] == []
    assert record["events_left_out"] > 50
    assert len(record["verdicts"]) > 3


def test_a_disk_that_is_full_at_the_very_end_is_said_as_such(tmp_path: Path) -> None:
    out = tmp_path / "run"
    status, said = ended(awase("--until", "0.001", "--out", str(out), file_limit=4_000))
    assert status == 1
    assert said == [f"awase: {out}: File too large; what was written is in {out}"]
    record = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert record["interrupted"].startswith("OSError: ")


def test_a_folder_that_exists_is_refused_and_untouched(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    process = subprocess.run(
        [sys.executable, "-m", "awase", "run", "demo", "--out", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 2
    assert "is there already" in process.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
    with pytest.raises(FileExistsError):
        run_network(pair("N4", ToyType("smf"), ToyType("upf")), tmp_path)


class Stranger(Machine):
    """Says hello, and at the first packet does what a test wants of it."""

    def __init__(self, name: str, services: Services, action: Callable[["Stranger"], Any]) -> None:
        super().__init__(name, services)
        self._action = action
        self.packets: Any = []
        self.events: Any = []
        self.at_ns: Any = None

    def handle(self, _packet: Packet) -> None:
        self._action(self)

    def take_packets(self) -> Any:
        taken, self.packets = self.packets, []
        return taken

    def take_events(self) -> Any:
        taken, self.events = self.events, []
        return taken

    def wake_at_ns(self) -> Any:
        return self.at_ns


class StrangersType(ToyType):
    """Offers strangers."""

    def __init__(self, function: str, action: Callable[[Stranger], Any]) -> None:
        super().__init__(function)
        self._do = action

    def build(self, name: str, _config: Mapping[str, Any], services: Services) -> Any:
        return Stranger(name, services, self._do)


def with_packets(packets: Any) -> Callable[[Stranger], None]:
    return lambda stranger: setattr(stranger, "packets", packets)


def with_events(events: Any) -> Callable[[Stranger], None]:
    return lambda stranger: setattr(stranger, "events", events)


def with_wake(at_ns: Any) -> Callable[[Stranger], None]:
    return lambda stranger: setattr(stranger, "at_ns", at_ns)


def raising(error: BaseException) -> Callable[[Stranger], None]:
    def action(_stranger: Stranger) -> None:
        raise error

    return action


class Wordless(Exception):
    """Cannot even say what it is."""

    def __str__(self) -> str:
        raise ValueError("no words")


SMF = "10.0.0.1:8805"
NONSENSE: dict[str, tuple[Callable[[Stranger], Any], str]] = {
    "raises": (raising(KeyError("seid")), "KeyError: 'seid' (in action, line"),
    "raises in two lines": (raising(ValueError("a\nb")), "ValueError: a b (in"),
    "raises what has no words": (raising(Wordless()), "Wordless: without words"),
    "exits": (raising(SystemExit(0)), "SystemExit: 0"),
    "no packets": (with_packets(None), "take_packets gave None, not a sequence"),
    "a generator": (with_packets(x for x in ()), "take_packets gave a generator, not a sequence"),
    "text for packets": (with_packets("abc"), "take_packets gave a str, not a sequence"),
    "a number among packets": (with_packets([7]), "take_packets gave a int among its packets"),
    "an unknown port": (with_packets([Packet("n77", SMF, b"x")]), "it sent a packet to port 'n77', and has"),
    "a port that is none": (with_packets([Packet([], SMF, b"x")]), "it sent a packet to port [], and has"),
    "text as payload": (with_packets([Packet("n4", SMF, "x")]), "to n4 whose payload is a str, not bytes"),
    "a batch": (with_packets([Packet("n4", SMF, [b"x"])]), "to n4 whose payload is a list, not bytes"),
    "a batch of text": (with_packets([Packet("n3", SMF, ["x"])]), "neither bytes nor a sequence of bytes"),
    "no payload": (with_packets([Packet("n4", SMF, None)]), "to n4 whose payload is None, not bytes"),
    "an unknown kind": (with_packets([Packet("n4", SMF, b"x", "hello")]), "a packet of kind 'hello' to n4"),
    "a kind of another port": (with_packets([Packet("n4", SMF, b"", "request")]), "of kind 'request' to n4"),
    "data on an HTTP port": (with_packets([Packet("sbi", SMF, b"", exchange=1)]), "of kind 'data' to sbi"),
    "data on no association": (with_packets([Packet("n2", SMF, b"x")]), "of kind data to n2 on no association"),
    "a kind that is none": (with_packets([Packet("n4", SMF, b"x", ["data"])]), "a packet of kind ['data']"),
    "no peer": (with_packets([Packet("n4", None, b"x")]), "whose peer is None, not text"),
    "a negative stream": (with_packets([Packet("n2", SMF, b"x", "data", 1, -1)]), "whose stream is -1"),
    "a ppid in words": (with_packets([Packet("n2", SMF, b"x", "data", 1, 1, "60")]), "whose ppid is '60'"),
    "a list as exchange": (with_packets([Packet("sbi", SMF, b"", "request", exchange=[])]), "whose exchange is []"),
    "no events": (with_events(None), "take_events gave None, not a sequence of events"),
    "a name for an event": (with_events(["Registered"]), "take_events gave a str among its events"),
    "an event without text": (with_events([Event("Odd", None)]), "its event 'Odd' has a name, text"),
    "an event of no level": (with_events([Event("Odd", "odd", "loud")]), "its event 'Odd' has a name, text, level"),
    "fields of octets": (with_events([Event("Odd", "odd", fields={"k": b"x"})]), "the fields of its event Odd are"),
    "half a character": (with_events([Event("Odd", "\ud800")]), "has text that is no Unicode"),
    "a wake time in seconds": (with_wake(1.5), "wake_at_ns gave a float, neither"),
    "a wake time in words": (with_wake("soon"), "wake_at_ns gave a str, neither"),
    "for ever now": (with_wake(0), "so that no time passes"),
    "a key of octets": (lambda stranger: stranger.services.key_log({"k": b"x"}), "key_log takes a mapping of names"),
}


def run_with(action: Callable[[Stranger], Any], out: Path) -> RunResult:
    def hello(toy: Any) -> None:
        toy.send(Packet("n4", "10.0.0.2:8805", b"hello"))

    assembly = pair("N4", ToyType("smf", hello), StrangersType("upf", action))
    return run_network(assembly, out, until_s=1)


@pytest.mark.parametrize("name", NONSENSE)
def test_a_part_that_hands_out_nonsense_stops_alone_and_is_named(name: str, tmp_path: Path) -> None:
    action, why = NONSENSE[name]
    result = run_with(action, tmp_path / "run")
    (event,) = result.events
    assert event.name == "PartFailed"
    assert event.part == "b"
    assert why in event.text
    assert event.text.startswith("b stopped: ")
    assert event.text.endswith("; it takes no further part in this run")
    assert "\n" not in event.text
    written = json.loads((tmp_path / "run" / "run.json").read_text())
    assert [event["name"] for event in written["events"]] == ["PartFailed"]
    assert {verdict.id: verdict.status for verdict in result.verdicts}["parts"] == "fail"


@pytest.mark.parametrize("made", [None, 7, object()], ids=["nothing", "a number", "an object"])
def test_what_is_no_part_is_refused_and_leaves_no_folder(made: object, tmp_path: Path) -> None:
    strange = ToyType("upf")
    strange.build = lambda *_: made  # type: ignore[assignment,return-value]
    with pytest.raises(NetworkFileError, match=rf"parts\.b.*toys's upf gave a {type(made).__name__}, which is no part"):
        run_network(pair("N4", ToyType("smf"), strange), tmp_path / "new" / "run")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("error", [RuntimeError("no licence"), TypeError("no licence"), SystemExit("no licence")])
def test_a_part_that_cannot_be_built_is_named_and_leaves_no_folder(error: BaseException, tmp_path: Path) -> None:
    def build(*_: Any) -> Any:
        raise error

    strange = ToyType("upf")
    strange.build = build  # type: ignore[method-assign]
    with pytest.raises(NetworkFileError, match=rf"parts\.b.*cannot be built: {type(error).__name__}: no licence"):
        run_network(pair("N4", ToyType("smf"), strange), tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_a_quirk_that_does_not_fit_is_named(tmp_path: Path) -> None:
    class Quirk:
        id = "odd"

        def wrap(self, part: Any) -> Any:
            return part.nothing

    assembly = pair("N4", ToyType("smf"), ToyType("upf"))
    parts = (assembly.parts[0], msgspec.structs.replace(assembly.parts[1], quirks=(Quirk(),)))
    with pytest.raises(NetworkFileError, match=r"parts\.b.*quirk odd does not fit"):
        run_network(msgspec.structs.replace(assembly, parts=parts), tmp_path / "run")
    assert list(tmp_path.iterdir()) == []
