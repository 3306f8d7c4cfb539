import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

AWASE = [sys.executable, "-m", "awase"]


def awase(*arguments: str, cwd: Path, status: int = 0) -> tuple[str, str]:
    environment = {**os.environ, "COLUMNS": "100", "TERM": "dumb"}
    done = subprocess.run(
        [*AWASE, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert "Traceback" not in done.stderr
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout, done.stderr


def mine(tmp_path: Path, old: str = "", new: str = "") -> Path:
    text, _ = awase("init", "demo", cwd=tmp_path)
    assert old in text
    path = tmp_path / "mine.yaml"
    path.write_text(text.replace(old, new) if old else text)
    return path


def test_the_version_is_said_at_once(tmp_path: Path) -> None:
    before = os.times()
    out, _ = awase("--version", cwd=tmp_path)
    after = os.times()
    assert out.startswith("awase 0.")
    used_s = after.children_user + after.children_system - before.children_user - before.children_system
    assert used_s < 0.3


def test_the_networks_that_ship_are_listed_one_a_line(tmp_path: Path) -> None:
    out, _ = awase("networks", cwd=tmp_path)
    assert any(line.startswith("demo  ") for line in out.splitlines())


def test_a_copy_of_a_network_is_commented_and_is_the_network(tmp_path: Path) -> None:
    text = mine(tmp_path).read_text()
    assert text.startswith("# ")
    assert "name: demo" in text


def test_a_network_that_does_not_ship_is_refused(tmp_path: Path) -> None:
    _, error = awase("init", "demoo", cwd=tmp_path, status=2)
    assert error == f"awase: no network demoo ships\n  {error.split(chr(10))[1].strip()}\n"
    assert "did you mean demo?" in error


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["run", "nowhere.yaml"], "awase: nowhere.yaml: No such file or directory"),
        (["run", "--cast", "upff=acme"], "the network has no part upff"),
        (["run", "--cast", "upf=acne"], "supplier acne of upf is not installed"),
        (["run", "--cast", "amf=awase+nonsense"], "no quirk nonsense"),
        (["run", "--ues", "0"], "--ues 0"),
        (["run", "--ues", "many"], "--ues"),
        (["run", "--until", "-1"], "--until"),
        (["run", "--until", "inf"], "--until"),
        (["run", "--until", "nan"], "--until"),
        (["run", "--out", "bad\udcff"], "is not UTF-8"),
        (["run", "--nonsense"], "--nonsense"),
        (["nonsense"], "nonsense"),
        (["show", "nowhere"], "awase: nowhere: no run.json can be read there"),
    ],
)
def test_bad_input_is_one_message_and_exit_status_two(tmp_path: Path, arguments: list[str], what: str) -> None:
    out, error = awase(*arguments, cwd=tmp_path, status=2)
    assert out == ""
    assert what in error
    assert not (tmp_path / "runs").exists()


def test_a_mistake_in_a_file_is_named_as_the_user_named_the_file(tmp_path: Path) -> None:
    path = mine(tmp_path, 'plmn: "001-01"', "plmn: 00101")
    line = path.read_text().splitlines().index("plmn: 00101") + 1
    _, error = awase("run", "mine.yaml", cwd=tmp_path, status=2)
    assert error == (
        f'awase: mine.yaml:{line}: plmn: 00101 is a number that YAML would change\n  write "00101", in quotes\n'
    )


def test_a_folder_that_exists_is_left_untouched(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "note").write_text("mine")
    _, error = awase("run", "--out", "kept", cwd=tmp_path, status=2)
    assert "awase: --out kept: is there already" in error
    assert [path.name for path in kept.iterdir()] == ["note"]


def test_a_broken_run_folder_is_named(tmp_path: Path) -> None:
    for text in ("{", "[]", "{}", '{"verdicts": [{"id": 1}], "network": "x", "seed": 1, "end_s": 1.0}'):
        (tmp_path / "run.json").write_text(text)
        _, error = awase("show", ".", cwd=tmp_path, status=2)
        assert error.startswith("awase: .: run.json is not ")


def test_an_old_run_is_shown_with_its_ladder(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(
        '{"network": "x", "seed": 1, "end_s": 1.5, "verdicts": [{"id": "a", "title": "All [is] well",'
        ' "status": "fail", "figures": {"UEs": 2}, "text": "no answer", "message": "NGSetupFailure",'
        ' "element": "Cause", "clause": "TS 38.413 clause 9.3.1.2", "report": "https://example.org/1"}],'
        ' "interfaces": {"N2": {"messages": 1234, "octets": 5}}}'
    )
    (tmp_path / "ladder.txt").write_text("0.000 gnb1 -> amf NGSetupRequest\n")
    out, _ = awase("show", ".", cwd=tmp_path)
    for text in ("All [is] well", "UEs 2", "no answer", "message: NGSetupFailure", "element: Cause", "1,234"):
        assert text in out
    assert "modelled on: https://example.org/1" in out
    assert "NGSetupRequest" in out


def test_an_interrupted_run_is_said_to_be_one_and_its_ladder_fits_any_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii:strict")
    record = '{"interrupted": "by the user", "network": "x", "seed": 1, "end_s": 1.5, "verdicts": [], "interfaces": {}}'
    (tmp_path / "run.json").write_text(record)
    (tmp_path / "ladder.txt").write_text(
        "0.000 gnb1 -> amf\n\N{BOX DRAWINGS LIGHT UP AND RIGHT} NAS\n", encoding="utf-8"
    )
    out, _ = awase("show", ".", cwd=tmp_path)
    assert "The run was interrupted: by the user" in out
    assert out.endswith("\\u2514 NAS\n")


def test_help_names_every_command(tmp_path: Path) -> None:
    out, _ = awase("--help", cwd=tmp_path)
    for command in ("run", "networks", "init", "schema", "show"):
        assert f" {command} " in out


def test_errors_do_not_wait_for_what_is_heavy(tmp_path: Path) -> None:
    started_s = time.monotonic()
    awase("run", "nowhere.yaml", cwd=tmp_path, status=2)
    assert time.monotonic() - started_s < 10
