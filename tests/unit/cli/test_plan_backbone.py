"""`awase plan backbone`: what a user sees of it."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from awase.cli.plan_backbone import backbone

app = typer.Typer()
app.command()(backbone)


def run(*words: str):
    return CliRunner().invoke(app, list(words))


def test_the_summary_names_the_worst_and_what_was_assumed() -> None:
    result = run("topozoo/Janetbackbone", "--pairs", "--exact", "2")
    assert result.exit_code == 1
    assert "topozoo/Janetbackbone: 28 sites, 43 links, 756 Gbit/s" in result.stdout
    assert "link:Glasgow - NIRAN" in result.stdout
    assert "Worst of 903 pairs of cuts (69 lose traffic" in result.stdout
    assert "Assumed: every pair of sites wants 1 Gbit/s each way (synthetic)" in result.stdout


def test_nothing_that_hangs_on_one_thing_ends_with_0() -> None:
    assert run("sndlib/germany50").exit_code == 0


def test_cuts_by_name_are_answered_in_words() -> None:
    result = run("cables/JP", "--cut", "rjcn", "--cut", "Hokkaido-Sakhalin", "--ships", "2")
    assert "Without cable:rjcn, cable:hscs: 200 of 4200 Gbit/s have no way left" in result.stdout
    assert "All is mended after 20 days with 2 ships" in result.stdout


def test_json_and_a_folder_hold_it_all(tmp_path: Path) -> None:
    result = run("island", "--pairs", "--json", "--out", str(tmp_path / "plan"))
    printed = json.loads(result.stdout)
    assert json.loads((tmp_path / "plan" / "backbone.json").read_text()) == printed
    assert printed["study"]["pairs_tried"] == 105
    rows = list(csv.DictReader((tmp_path / "plan" / "pairs.csv").read_text().splitlines()))
    assert len(rows) == 105
    assert {"failures", "lost_gbps", "worst_added_delay_ms", "carried_gbps"} <= set(rows[0])
    assert (tmp_path / "plan" / "cuts.csv").exists()


def test_additions_are_listed_with_their_cost() -> None:
    result = run("topozoo/HiberniaUk", "--survive", "1")
    assert "every demand stays joined after any one cut" in result.stdout
    assert "Assumed: a new link costs 150,000 to 600,000 EUR for its ends" in result.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["topozoo/Nowhere"], "is no topology of topohub"),
        (["iland"], "is neither a file, a folder nor an example that ships"),
        (["cables/JP", "--cut", "Unitee"], "did you mean"),
        (["cables/FR"], "no list of this country's cables ships"),
        ([".", "--telegeography", "JP", "--cut", "x"], "problem"),
    ],
)
def test_bad_input_ends_with_2_and_says_why(
    words: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*words)
    assert result.exit_code == 2
    assert said in result.stderr
    assert "Traceback" not in result.output


def test_the_same_input_gives_the_same_octets_under_any_hash_seed(tmp_path: Path) -> None:
    program = "import sys; from unit.cli.test_plan_backbone import app; app()"
    for seed in ("1", "2"):
        folder = str(tmp_path / seed)
        words = [sys.executable, "-c", program, "island", "--pairs", "--survive", "1", "--out", folder]
        paths = ":".join(one for one in sys.path if one)
        done = subprocess.run(
            words, env={"PYTHONHASHSEED": seed, "PYTHONPATH": paths}, capture_output=True, check=False
        )
        assert done.returncode == 1, done.stderr.decode()
    for name in ("backbone.json", "cuts.csv", "pairs.csv"):
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()
