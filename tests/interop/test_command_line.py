"""`awase run` as a person meets it: a process, its exit status, what it prints and leaves."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def awase(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "awase", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "160", **environment},
    )


def test_the_demo_passes_and_shows_the_figures_behind_each_verdict(tmp_path: Path) -> None:
    done = awase("run", "--out", str(tmp_path / "run"))
    assert done.returncode == 0, done.stdout + done.stderr
    for words in ("registered 2", "established 2", "replies 10", "RTT mean", "throughput Mbit/s", "│ N2", "octets"):
        assert words in done.stdout
    assert f"Run folder: {tmp_path / 'run'}" in done.stdout
    names = sorted(path.name for path in (tmp_path / "run").iterdir())
    assert names == ["capture.pcapng", "junit.xml", "keys.json", "ladder.txt", "provenance.json", "run.json"]
    shown = awase("show", str(tmp_path / "run"))
    assert shown.returncode == 0
    assert "RegistrationAccept" in shown.stdout


def test_a_quirk_ends_red_and_names_message_element_clause_and_report(tmp_path: Path) -> None:
    done = awase("run", "--cast", "amf=awase+ng-setup-slice-as-unknown-plmn", "--out", str(tmp_path / "run"))
    assert done.returncode == 1
    for words in (
        "unknown-PLMN-or-SNPN",
        "message: NGSetupFailure",
        "element: Cause",
        "clause: TS 38.413 clause 9.3.1.2",
        "https://github.com/open5gs/open5gs/issues/1064",
    ):
        assert words in done.stdout
    verdicts = json.loads((tmp_path / "run" / "run.json").read_text(encoding="utf-8"))["verdicts"]
    assert [verdict["id"] for verdict in verdicts if verdict["status"] == "fail"] == ["ng-setup"]


def test_a_json_result_is_all_that_is_printed(tmp_path: Path) -> None:
    done = awase("run", "--json", "--ues", "3", "--seed", "5", "--out", str(tmp_path / "run"))
    assert done.returncode == 0
    assert json.loads(done.stdout)["seed"] == 5


def test_a_stranger_s_upf_is_missed_then_installed_then_plays(tmp_path: Path) -> None:
    missing = awase("run", "--cast", "upf=acme", "--out", str(tmp_path / "missing"))
    assert missing.returncode == 2
    assert "pip install ./examples/acme_upf" in missing.stderr
    assert not (tmp_path / "missing").exists()
    site = tmp_path / "site"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*pip, "--target", str(site), str(ROOT / "examples" / "acme_upf")], check=True, capture_output=True)
    done = awase("run", "--cast", "upf=acme", "--out", str(tmp_path / "run"), PYTHONPATH=str(site))
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads((tmp_path / "run" / "run.json").read_text(encoding="utf-8"))["cast"]["upf"] == "acme"


@pytest.mark.parametrize("count", ["1", "5"])
def test_networks_scale_from_the_command_line(count: str, tmp_path: Path) -> None:
    done = awase("run", "--ues", count, "--gnbs", "2", "--out", str(tmp_path / "run"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"registered {count}" in done.stdout
