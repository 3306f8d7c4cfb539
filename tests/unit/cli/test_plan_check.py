import json
from pathlib import Path

from unit.cli.test_cli import awase

KEPT = """
estate: {name: mine, as_of: 2026Q4, currency: EUR}
sites: [{id: a, equipment: [{kind: core, supplier: Nokia, layers: [5g]}]}]
"""


def test_an_example_that_breaks_its_rules_ends_with_1(tmp_path: Path) -> None:
    out, _ = awase("plan", "check", "island", cwd=tmp_path, status=1)
    assert "152 sites as of 2026Q4" in out
    assert "2029-12-31" in out
    assert "12 quarters" in out


def test_an_estate_that_keeps_its_rules_ends_with_0(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(KEPT)
    out, _ = awase("plan", "check", "mine.yaml", "--rules", "uk,germany", cwd=tmp_path)
    assert "nothing is broken" in out
    assert "uk-core" in out


def test_json_is_all_there_is_on_stdout(tmp_path: Path) -> None:
    out, _ = awase("plan", "check", "japan-challenger", "--json", cwd=tmp_path, status=1)
    record = json.loads(out)
    assert record["passed"] is False
    assert record["as_of"] == "2023Q4"
    assert {"id", "met", "slack", "from_date"} <= set(record["rules"][0])
    assert record["diversity"]["equipment"]["o_ru"]["chip"]["hhi"] == 1
    assert record["exposure"]["chip"][0]["supplier"] == "Intel"
    assert all(figure["source"] and figure["mark"] for figure in record["figures"])
    assert awase("plan", "check", "japan-challenger", "--json", cwd=tmp_path, status=1)[0] == out


def test_bad_input_ends_with_2_and_every_problem(tmp_path: Path) -> None:
    (tmp_path / "sites.csv").write_text("id,lat,lon\na,91,0\nb,0,181\n")
    out, err = awase("plan", "check", ".", cwd=tmp_path, status=2)
    assert out == ""
    assert "3 problems in the input" in err
    assert "sites.csv: row 2, column lat: 91 is no latitude" in err
    assert "give --as-of 2026Q4" in err
    _, err = awase("plan", "check", "nowhere", cwd=tmp_path, status=2)
    assert "nor an example that ships" in err
    _, err = awase("plan", "check", "island", "--rules", "mars", cwd=tmp_path, status=2)
    assert "--rules: there is no rule set mars" in err


def test_contradictory_rules_are_said_in_words(tmp_path: Path) -> None:
    rules = """
rules:
  - rule: minimum_suppliers
    id: two
    title: Two cores
    source: s
    mark: declared
    number: 2
    by: 2027-12-31
    scope: {kinds: [core]}
  - {rule: trusted_list, id: few, title: Few, source: s, mark: declared, suppliers: [Nokia], by: 2027-12-31}
"""
    (tmp_path / "mine.yaml").write_text(KEPT + rules)
    out, _ = awase("plan", "check", "mine.yaml", cwd=tmp_path, status=1)
    assert "contradiction: two (Two cores) asks for 2 suppliers of core, but only 1 can be there" in out
    assert "once few (Few) apply: Nokia." in out


def test_the_examples_are_listed_one_a_line(tmp_path: Path) -> None:
    out, _ = awase("plan", "examples", cwd=tmp_path)
    assert [line.split()[0] for line in out.splitlines()] == [
        "island", "japan-challenger", "uk-2020", "us-rip-and-replace",
    ]  # fmt: skip


def test_shares_may_be_asked_for_by_place_and_measure(tmp_path: Path) -> None:
    out, _ = awase(
        "plan", "check", "japan-challenger", "--per", "region", "--measure", "traffic", cwd=tmp_path, status=1
    )
    assert "Shares by kind (traffic)" in out
    assert "Tohoku" in out
    _, err = awase("plan", "check", "japan-challenger", "--per", "planet", cwd=tmp_path, status=2)
    assert "write one of: estate, operator, region, operator_region" in err
