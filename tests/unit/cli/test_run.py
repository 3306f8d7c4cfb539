import errno
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

import awase.lab.assemble
import awase.lab.run
from awase.cli.main import main
from awase.lab.assembly import Assembly
from awase.model.run import InterfaceFigures, Progress, RunResult, Status, Verdict
from unit.lab.casting import NETWORK, catalogue


class Runner:
    """Stands in for the lab: notes what it is asked for, and gives what it is told to."""

    def __init__(self) -> None:
        self.status: Status = "pass"
        self.error: BaseException | None = None
        self.assembly: Assembly | None = None
        self.options: dict[str, Any] = {}
        self.directory = Path()

    def __call__(self, assembly: Assembly, out_dir: Path, *, on_progress: Any, **options: Any) -> RunResult:
        out_dir.mkdir(parents=True)
        self.assembly, self.directory, self.options = assembly, out_dir, options
        on_progress(Progress(time_ns=1, registered=1, sessions=1, awaited=1))
        if self.error is not None:
            raise self.error
        verdict = Verdict(
            id="registration",
            title="Registration [of each UE]",
            status=self.status,
            figures={"UEs": 2, "rtt_ms": 10.25},
            text="" if self.status == "pass" else "ue1: no answer",
            message="RegistrationReject",
            element="5GMM cause",
            clause="TS 24.501 clause 5.5.1.2.5",
            report="https://example.org/1",
        )
        return RunResult(
            name=assembly.network.name,
            seed=assembly.seed,
            verdicts=(verdict,),
            interfaces={"N2": InterfaceFigures(messages=1234, octets=99)},
            directory=str(out_dir),
            end_ns=1_500_000_000,
        )


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Runner:
    runner = Runner()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(awase.lab.run, "run_network", runner)
    monkeypatch.setattr(awase.lab.assemble, "installed", catalogue)
    (tmp_path / "mine.yaml").write_text(NETWORK)
    return runner


def awase_run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["awase", "run", "mine.yaml", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    code = ended.value.code
    return code if isinstance(code, int) else 0


def test_a_run_that_passes_ends_with_zero_and_says_where_it_is(
    runner: Runner, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert awase_run(monkeypatch) == 0
    out, error = capsys.readouterr()
    for text in ("small, seed 1, 1.500 s", "pass", "Registration [of each UE]", "UEs 2, rtt_ms 10.25", "1,234"):
        assert text in out
    assert out.endswith(f"Run folder: {Path('runs') / '1'}\n")
    assert "small: 10 parts, 12 links, seed 1" in error
    assert runner.options == {"clear": True, "until_s": None}


@pytest.mark.parametrize("status", ["fail", "inconclusive"])
def test_a_run_that_does_not_pass_ends_with_one_and_says_why(
    status: Status, runner: Runner, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    runner.status = status
    assert awase_run(monkeypatch) == 1
    out, _ = capsys.readouterr()
    for text in ("ue1: no answer", "message: RegistrationReject", "element: 5GMM cause", "clause: TS 24.501"):
        assert text in out
    assert "modelled on: https://example.org/1" in out


def test_runs_are_numbered(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in ("1", "2"):
        awase_run(monkeypatch)
        assert runner.directory == Path("runs") / number
    Path("runs/10").mkdir()
    Path("runs/notes").mkdir()
    awase_run(monkeypatch)
    assert runner.directory == Path("runs/11")


def test_options_reach_the_lab(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    awase_run(
        monkeypatch, "--ues", "3", "--gnbs", "2", "--seed", "9", "--until", "2.5", "--out", "a/b", "--no-clear",
        "--cast", "amf=awase+misleading-cause",
    )  # fmt: skip
    assert runner.assembly is not None
    names = [part.name for part in runner.assembly.parts]
    assert {"ue3", "gnb2", "gnb2-2"} <= set(names)
    assert runner.assembly.seed == 9
    assert runner.options == {"clear": False, "until_s": 2.5}
    assert runner.directory == Path("a/b")


def test_json_is_all_that_is_printed(
    runner: Runner, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert awase_run(monkeypatch, "--json") == 0
    out, error = capsys.readouterr()
    assert msgspec.json.decode(out)["verdicts"][0]["status"] == "pass"
    assert error == ""


def test_an_interrupt_says_where_the_rest_is(
    runner: Runner, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    runner.error = KeyboardInterrupt()
    assert awase_run(monkeypatch) == 130
    assert "awase: interrupted; what was written is in runs/1" in capsys.readouterr().err


def test_a_full_disk_says_where_the_rest_is(
    runner: Runner, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    runner.error = OSError(errno.ENOSPC, "No space left on device", "runs/1/capture.pcapng")
    assert awase_run(monkeypatch) == 1
    expected = "awase: runs/1/capture.pcapng: No space left on device; what was written is in runs/1"
    assert expected in capsys.readouterr().err


@pytest.mark.parametrize("where", ["file/run", "sealed/run", "n" * 300])
def test_a_folder_that_cannot_be_made_is_bad_input(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    (tmp_path / "sealed").symlink_to("/proc")
    monkeypatch.setattr(sys, "argv", ["awase", "run", "--out", where])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith(f"awase: {where}: ")
    assert "what was written" not in error


def test_a_folder_that_another_run_has_just_made_is_left_to_it(
    runner: Runner, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    runner.error = FileExistsError(errno.EEXIST, "File exists", "runs/1")
    assert awase_run(monkeypatch) == 2
    assert capsys.readouterr().err.endswith("awase: runs/1: File exists; --out names another folder\n")


def test_a_fault_of_ours_is_said_plainly(
    runner: Runner, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    runner.error = RuntimeError("oops")
    monkeypatch.delenv("AWASE_TRACEBACK", raising=False)
    assert awase_run(monkeypatch) == 70
    error = capsys.readouterr().err
    assert "awase: this is a fault of awase: RuntimeError: oops (test_run.py:" in error
    assert "Traceback" not in error


def test_an_out_folder_that_is_a_dangling_link_is_refused(
    runner: Runner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    assert awase_run(monkeypatch, "--out", "link") == 2
    assert runner.assembly is None
