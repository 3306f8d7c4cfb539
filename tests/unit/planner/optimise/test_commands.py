"""`awase plan ESTATE`, `awase plan compare` and `awase plan what-if` as a person meets them."""

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from awase.cli.plan import app
from awase.planner.loading.case import load_case

ESTATE = """
estate:
  name: village
  as_of: 2024Q4
  currency: GBP
suppliers:
  - {name: Old, country: CN}
  - {name: Red, country: SE}
  - {name: Blue, country: JP}
operators:
  - {name: A}
classes:
  - name: mast
    operator: A
    count: 40
    regions: {North: 1, South: 1}
    people: 100
    traffic_gbps: 1.0
    source: "a test"
    equipment:
      - {id: radio, kind: radio, supplier: Old, layers: [5g]}
      - {id: baseband, kind: baseband, supplier: Old, layers: [5g]}
regions:
  - {name: North, latitude_deg: 54, longitude_deg: -2, radius_km: 20, source: "a test", mark: synthetic}
  - {name: South, latitude_deg: 51, longitude_deg: -1, radius_km: 20, source: "a test", mark: synthetic}
rules:
  - {rule: removal, id: out, title: Old goes, suppliers: [Old], by: 2026-12-31, source: "a test", mark: synthetic}
catalogue:
  - id: red
    kinds: [radio, baseband]
    supplier: Red
    price: {low: 1000, mid: 2000, high: 4000, currency: GBP, year: 2024, source: "a test", mark: synthetic}
  - id: blue
    kinds: [radio, baseband]
    supplier: Blue
    price: {low: 1000, mid: 3000, high: 4000, currency: GBP, year: 2024, source: "a test", mark: synthetic}
limits:
  crews: [{name: crew, visits_per_quarter: VISITS}]
"""


@pytest.fixture
def estate(tmp_path: Path) -> Path:
    path = tmp_path / "village.yaml"
    path.write_text(ESTATE.replace("VISITS", "6"))
    return path


def run(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def test_a_plan_is_written_checked_and_summed_up(estate: Path, tmp_path: Path) -> None:
    out = tmp_path / "plan"
    status, text = run(estate, "--out", out, "--draws", 50)
    assert status == 0, text
    assert "optimal" in text
    assert "out" in text
    plan = json.loads((out / "plan.json").read_text())
    assert plan["status"] == "optimal"
    assert plan["gap"] <= 0.01
    assert plan["cost"] == {"low": 40_000.0, "mid": 80_000.0, "high": 160_000.0}
    assert plan["rules"][0]["id"] == "out"
    assert plan["rules"][0]["met"]
    assert plan["hhi"]["radio"]["2024Q4"] == 1.0
    assert plan["seed"] == 0
    assert set(plan["versions"]) == {"awase", "highspy"}
    rows = list(csv.reader((out / "plan.csv").read_text(encoding="utf-8").splitlines()))
    header = "site,kind,from_supplier,to_supplier,quarter,crew,cost_low,cost_mid,cost_high"
    assert ",".join(rows[0]).startswith(header)
    assert len(rows) == 1 + 2 * 40
    risk = json.loads((out / "risk.json").read_text())
    assert risk["draws"] == 50
    assert risk["sources"]


def test_the_same_seed_gives_the_same_plan_to_the_byte(estate: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        run(estate, "--out", tmp_path / name, "--draws", 20)
    for file in ("plan.csv", "plan.json", "risk.json"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_a_folder_that_is_there_is_refused(estate: Path, tmp_path: Path) -> None:
    status, text = run(estate, "--out", tmp_path)
    assert status == 2
    assert "is there already" in text


def test_without_a_plan_the_status_is_1_and_the_reason_is_told(estate: Path, tmp_path: Path) -> None:
    estate.write_text(ESTATE.replace("VISITS", "4"))
    status, text = run(estate, "--out", tmp_path / "plan")
    assert status == 1
    assert "crew crew; rule out (Old goes): cannot all be kept" in text
    assert "visits more" in text
    assert json.loads((tmp_path / "plan" / "plan.json").read_text())["status"] == "infeasible"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--objective", "speed"], "is no objective"),
        (["--budget", "lots"], "is no amount"),
        (["--budget", "B:2025=1m"], "B is no operator"),
        (["--budget", "soon=1m"], "is no year"),
        (["--stretch", "mars"], "is none of its words"),
    ],
)
def test_words_that_mean_nothing_are_refused(estate: Path, tmp_path: Path, words: list[str], message: str) -> None:
    status, text = run(estate, "--out", tmp_path / "plan", *words)
    assert status == 2
    assert message in text
    assert not (tmp_path / "plan").exists()


def test_a_budget_on_the_command_line_binds(estate: Path, tmp_path: Path) -> None:
    status, text = run(estate, "--out", tmp_path / "a", "--budget", "39k", "--draws", 0)
    assert status == 1
    assert "budget 2025" in text
    assert "2,000 GBP more" in text
    status, text = run(estate, "--out", tmp_path / "b", "--budget", "40k", "--draws", 0)
    assert status == 0, text


def test_plans_are_compared_with_the_regret_of_each(estate: Path, tmp_path: Path) -> None:
    for name, objective in (("cheap", "cost"), ("mixed", "diversity")):
        run(estate, "--out", tmp_path / name, "--objective", objective, "--draws", 0, "--gap", 0)
    status, text = run("compare", tmp_path / "cheap", tmp_path / "mixed", "--estate", estate, "--draws", 40, "--json")
    assert status == 0, text
    found = json.loads(text)
    assert found["plans"][1]["HHI of radio at the end"] == "0.500"
    assert found["regret"][0]["mean"] <= found["regret"][1]["mean"]
    status, text = run("compare", tmp_path / "cheap", tmp_path)
    assert status == 2
    assert "is not there" in text


def test_what_if_shows_what_an_exit_and_a_price_change(estate: Path, tmp_path: Path) -> None:
    status, text = run("what-if", estate, "--supplier-exit", "Red@2025-06", "--price", "Blue=+10%", "--json")
    assert status == 0, text
    before, after = json.loads(text)["plans"]
    assert before["cost low, mid, high"].split(" / ")[1] == "80,000"
    # Six a quarter: of Red in the first quarter only, all others of Blue at 3,300.
    assert after["cost low, mid, high"].split(" / ")[1] == f"{6 * 2000 + 34 * 3300:,}"
    status, text = run("what-if", estate)
    assert status == 2
    assert "nothing has happened" in text
    for words in (["--supplier-exit", "Green@2025-06"], ["--supplier-exit", "Red@soon"], ["--price", "20"]):
        status, text = run("what-if", estate, *words)
        assert status == 2


def test_what_if_a_cable_is_cut_asks_the_backbone() -> None:
    case = load_case("island")
    status, text = run("what-if", "island", "--cable-cut", case.estate.cables[0].name)
    assert status == 0, text
    assert text.strip()
    status, text = run("what-if", "island", "--cable-cut", "no such cable")
    assert status == 2


def test_a_folder_with_anything_in_it_is_no_plan(tmp_path: Path) -> None:
    for number, (plan, rows) in enumerate([("{", ""), ("[]", "a,b\n1,2\n"), ("{}", "\x00"), ("\udcff", "")]):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "plan.json").write_bytes(plan.encode("utf-8", "surrogateescape"))
        (folder / "plan.csv").write_text(rows)
        status, text = run("compare", folder, folder)
        assert status == 2, text
        assert "Plan folder" in text


def test_an_example_is_not_hidden_by_a_folder_of_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, estate: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "island").mkdir()
    (tmp_path / "island" / "estate.yaml").write_text(estate.read_text())
    _, said = run("check", "island")
    assert "for the one in this folder write ./island" in said
    assert "island: " in said or "island" in said.splitlines()[1]
    assert "village" not in said
    _, own = run("check", "./island")
    assert own.startswith("village")


def test_a_rule_with_a_price_may_be_broken_and_the_plan_says_what_it_pays(estate: Path, tmp_path: Path) -> None:
    priced = estate.read_text().replace("by: 2026-12-31,", "by: 2025-03-31, penalty: {amount: 10, currency: GBP},")
    estate.write_text(priced)
    status, said = run(estate, "--out", tmp_path / "plan", "--draws", 0)
    assert status == 0
    assert "broken, paid for" in said
    outcome = json.loads((tmp_path / "plan" / "plan.json").read_text())["rules"][0]
    assert (outcome["met"], outcome["priced"]) == (False, True)
    assert outcome["penalty"] > 0
    assert "broken, and paid for" in (tmp_path / "plan" / "plan.html").read_text()


def test_what_traffic_must_not_pass_is_judged_on_the_backbone(tmp_path: Path) -> None:
    village = """
estate: {name: two, as_of: 2024Q4, currency: GBP}
sites: [{id: a}, {id: b}]
links: [{id: only, a: a, b: b, supplier: Old, capacity_gbps: 10}]
demands: [{a: a, b: b, traffic_gbps: 1, traffic_class: gov}]
rules:
  - {rule: must_not_carry, id: off, title: T, source: s, mark: V, traffic_class: gov, suppliers: [Old], by: 2025-12-31}
"""
    path = tmp_path / "two.yaml"
    path.write_text(village)
    status, said = run(path, "--out", tmp_path / "plan", "--draws", 0)
    assert status == 1
    assert "cannot avoid it" in said
    path.write_text(village.replace("supplier: Old", "supplier: Red"))
    assert run(path, "--out", tmp_path / "better", "--draws", 0)[0] == 0


def test_a_day_of_the_backbone_that_is_none_is_refused() -> None:
    status, said = run("backbone", "island", "--on", "31.12.2026")
    assert status == 2
    assert "31.12.2026" in said


def test_the_plan_says_what_hangs_on_whom_at_each_step_and_whether_it_is_more_diverse(
    estate: Path, tmp_path: Path
) -> None:
    status, said = run(estate, "--out", tmp_path / "plan", "--draws", 0)
    assert status == 0
    assert "This mix is no more diverse" in said, "all of Old becomes all of Red"
    found = json.loads((tmp_path / "plan" / "hanging.json").read_text())
    assert found["diversity"]["answer"] == "no more diverse"
    steps = {quarter: {one["supplier"]: one["down"] for one in ones} for quarter, ones in found["hanging"].items()}
    assert steps["2024Q4"]["Old"] == 40
    last = max(steps)
    assert steps[last].get("Old", 0) == 0
    assert steps[last]["Red"] == 40
    page = (tmp_path / "plan" / "plan.html").read_text()
    assert "This mix is no more diverse" in page
    assert "What would go down without each supplier, at each step" in page
    assert "By operator, region, traffic and people, before and after the plan" in page
    rows = list(csv.DictReader((tmp_path / "plan" / "diversity.csv").read_text().splitlines()))
    assert {row["per"] for row in rows} == {"estate", "operator", "region", "operator_region"}
    assert {row["measure"] for row in rows} == {"equipment", "traffic", "people"}
    at_the_end = [row for row in rows if row["quarter"] == last and row["per"] == "estate"]
    assert all((row["supplier"], row["share"]) == ("Red", "1.0") for row in at_the_end if row["level"] == "brand")
