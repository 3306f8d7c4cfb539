"""Programs that stand in for someone else's: small scripts that read what they are given, and say what those would."""

import io
import sys
import time
from pathlib import Path

import pytest

from awase.suppliers.adapter import Program, Sign
from awase.suppliers.running import NotStarted, RunningProgram

GNB = """
import signal, sys, time, yaml
signal.signal(signal.SIGTERM, lambda *_: (print("leaving", flush=True), sys.exit(0)))
config = yaml.safe_load(open(sys.argv[2]))
print(f"\\x1b[32m[ngap] [info] talking to {config['amfConfigs'][0]['address']}\\x1b[0m", flush=True)
print("[ngap] [info] NG Setup procedure is successful", flush=True)
print("key = 465b5ce8b199b49faa5f0a2ee238a6bc", flush=True)
time.sleep(60)
"""
CRASHING = "print('one'); print('assertion failed: ran_ue', flush=True); import os; os.abort()"
SIGNS = (Sign(r"talking to (\S+)", "AssociationUp", "it talks to {0}"),)


def program(path: Path, source: str, **changes: object) -> Program:
    script = path / "fake-gnb"
    script.write_text(f"#!{sys.executable}\n{source}")
    script.chmod(0o755)
    config = path / "gnb.yaml"
    config.write_text("amfConfigs: [{address: 127.0.0.5}]\n")
    values = {"ready": "NG Setup procedure is successful", "ready_s": 20.0, "signs": SIGNS, **changes}
    return Program(name="gnb1", plays=("gnb1",), command=("fake-gnb", "-c", str(config)), **values)  # type: ignore[arg-type]


def environment(path: Path) -> dict[str, str]:
    return {"PATH": f"{path}:/usr/bin:/bin"}


def test_it_is_ready_when_its_log_says_so_and_its_log_becomes_events(tmp_path: Path) -> None:
    log = io.BytesIO()
    running = RunningProgram(program(tmp_path, GNB), log, environment(tmp_path))
    said = running.wait_ready()
    assert [event.text for event in said.events] == ["gnb1: it talks to 127.0.0.5"]
    running.close()
    assert running.returncode == 0


def test_its_log_is_kept_without_colours_and_without_keys(tmp_path: Path) -> None:
    log = io.BytesIO()
    running = RunningProgram(program(tmp_path, GNB), log, environment(tmp_path))
    running.wait_ready()
    running.close()
    kept = log.getvalue().decode()
    assert "[ngap] [info] talking to 127.0.0.5\n" in kept
    assert "465b5ce8" not in kept
    assert kept.endswith("leaving\n")


def test_one_that_dies_leaves_its_last_words(tmp_path: Path) -> None:
    running = RunningProgram(program(tmp_path, CRASHING), io.BytesIO(), environment(tmp_path))
    with pytest.raises(NotStarted, match=r"gnb1 was killed by SIGABRT; it said last:\none\nassertion failed: ran_ue"):
        running.wait_ready()


def test_one_that_never_gets_ready_is_given_up(tmp_path: Path) -> None:
    source = "import time; print('waiting for the AMF', flush=True); time.sleep(60)"
    running = RunningProgram(program(tmp_path, source, ready_s=0.5), io.BytesIO(), environment(tmp_path))
    with pytest.raises(NotStarted, match=r"not ready within 0.5 s; it said last:\nwaiting for the AMF"):
        running.wait_ready()
    running.close(grace_s=0.2)
    assert not running.alive


def test_one_that_ignores_sigterm_is_ended(tmp_path: Path) -> None:
    source = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        "print('NG Setup procedure is successful', flush=True); time.sleep(60)"
    )
    running = RunningProgram(program(tmp_path, source), io.BytesIO(), environment(tmp_path))
    running.wait_ready()
    started_s = time.monotonic()
    running.close(grace_s=0.2)
    assert running.returncode == -9
    assert time.monotonic() - started_s < 5


def test_one_that_is_not_there_is_named_with_what_to_do(tmp_path: Path) -> None:
    missing = Program(name="gnb1", plays=("gnb1",), command=("nr-gnb-of-nobody",))
    with pytest.raises(NotStarted, match="nr-gnb-of-nobody is not on PATH: install it, or name its directory"):
        RunningProgram(missing, io.BytesIO(), environment(tmp_path))


def test_lines_without_end_take_no_memory(tmp_path: Path) -> None:
    source = "import sys\nfor _ in range(200): sys.stdout.write('x' * 65536)\nsys.stdout.flush()"
    running = RunningProgram(program(tmp_path, source, ready=""), io.BytesIO(), environment(tmp_path))
    running.wait_ready()
    assert len(running.last_words) < 100_000
