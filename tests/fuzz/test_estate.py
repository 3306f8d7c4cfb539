"""Any octets are an estate or a PlanInputError that says why, never anything else."""

from random import Random

import pytest

from awase.model.rules import Case
from awase.planner.judging.check import check
from awase.planner.loading.case import read_case
from awase.planner.problems import PlanInputError
from unit.planner.estates import HEAD, SITES

MARKET = """
catalogue:
  - {id: i, kinds: [radio, baseband], supplier: Green, price: {low: 1, mid: 2, high: 3, currency: EUR, year: 2024,
     source: s, mark: K}, available_from: 2025Q1, power: {idle_w: {low: 1, mid: 2, high: 3},
     full_w: {low: 1, mid: 2, high: 3}, source: s, mark: K}}
evidence:
  - {a: {kind: o_ru, supplier: Red}, b: {kind: o_du, supplier: Blue}, interface: OFH, verdict: pass, date: 2024-01-01}
limits: {end: 2027Q4, crews: [{name: c, visits_per_quarter: 4}], budgets: [{year: 2025, amount: 5, currency: EUR}]}
sets: [uk, eu-proposal]
rules:
  - {rule: removal, id: r, title: t, source: s, mark: K, suppliers: [Red], by: {months: 12, after: e}}
  - {rule: share_cap, id: c, title: t, source: s, mark: K, cap: 0.5, measure: traffic, by: 2026-12-31, per: region}
  - {rule: support, id: s, title: t, source: s, mark: K, by: 2025-12-31}
  - {rule: evidence_required, id: p, title: t, source: s, mark: K, by: 2025-12-31, max_age_months: 24}
events: {e: 2025-01-01}
regions: [{name: north, latitude_deg: 1, longitude_deg: 2, radius_km: 3}]
classes: [{name: k, count: 3, source: s, served_by: [a], equipment: [{kind: core, supplier: Blue}]}]
links: [{id: l, a: a, b: b, capacity_gbps: 1 Tbps, cable: q}]
cables: [{id: q, name: Q, landings: [{place: P, country: JP, site: a}]}]
demands: [{a: a, b: b, traffic_gbps: 1}]
"""
YAML = HEAD + SITES + MARKET
CSV = (
    "site,operator,region,lat,lon,kind,supplier,layers,bought,count,share_of_traffic,end_of_support,roles,people\n"
    + "".join(
        f"s{number},one,north,1,2,radio,Red,4g/5g,2020Q1,2,50 %,2030Q4,macro;emergency,5\n" for number in range(8)
    )
)
GEOJSON = (
    '{"features": [{"geometry": {"type": "Point", "coordinates": [1, 2]}, "properties": {"id": "g", "people": 3}}]}'
)
WORDS = (
    "[]", "{}", "null", "-1", "1e9", "0", "9" * 30, '""', "x", "&a 1", "*a", "!x 1", "2027Q9", "2027-02-30", "35 %",
    "GBP", "£", "\x00", "\ud7ff", ";", "\t", '"', "'", "\n", "a=b", "<<", "list:none", "ﬁ", "1 furlong", "{months: 5}",
)  # fmt: skip


def mutated(text: str, rng: Random) -> bytes:
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        at = rng.randrange(len(text)) if text else 0
        kind = rng.randrange(5)
        if kind == 0:
            text = (
                text[:at] + chr(rng.choice((9, 10, 32, 34, 39, 42, 44, 58, 59, 91, 93, 123, 125, 233))) + text[at + 1 :]
            )
        elif kind == 1:
            text = text[:at] + text[at + rng.randint(1, 12) :]
        elif kind == 2:
            text = text[:at] + rng.choice(WORDS) + text[at:]
        else:
            start = max(text.find(mark, at) for mark in (": ", ",")) + 2
            ends = [end for end in (text.find(mark, start) for mark in ",}\n]") if end > start]
            if start > 1 and ends:
                text = text[:start] + rng.choice(WORDS) + text[min(ends) :]
    octets = bytearray(text.encode())
    if octets and rng.random() < 0.05:
        octets[rng.randrange(len(octets))] = 0xFF
    return bytes(octets)


def read(files: dict[str, bytes]) -> Case | None:
    try:
        return read_case(files)
    except PlanInputError as error:
        problems = error.problems
    assert problems
    assert all(one.what and one.place.file for one in problems)
    return None


@pytest.mark.parametrize("seed", range(2))
def test_any_yaml_is_an_estate_or_is_refused_in_words(seed: int) -> None:
    rng = Random(seed)
    found = [read({"estate.yaml": mutated(YAML, rng)}) for _ in range(250)]
    whole = [one for one in found if one is not None]
    assert 10 < len(whole) < 240
    for one in whole:
        check(one)


def test_any_table_is_an_estate_or_is_refused_in_words() -> None:
    rng = Random(7)
    head = HEAD.encode()
    found = [read({"estate.yaml": head, "inventory.csv": mutated(CSV, rng)}) for _ in range(3000)]
    assert any(found)
    assert not all(found)


def test_any_geojson_is_an_estate_or_is_refused_in_words() -> None:
    rng = Random(7)
    head = HEAD.encode()
    found = [read({"estate.yaml": head, "sites.geojson": mutated(GEOJSON, rng)}) for _ in range(3000)]
    assert any(found)
    assert not all(found)


def test_deep_and_wide_files_are_refused_and_not_followed() -> None:
    assert read({"estate.yaml": b"[" * 100_000}) is None
    assert read({"estate.yaml": b"sites: " + b"{a: " * 500 + b"1" + b"}" * 500}) is None
    laughs = "a: &a [x, x]\n" + "".join(f"b{n}: &b{n} [*{'a' if not n else f'b{n - 1}'}, *a]\n" for n in range(40))
    assert read({"estate.yaml": laughs.encode()}) is None


EVIDENCE = (
    '{"format": "awase-evidence-1", "pairs": [{"date": "2025-01-02", "verdicts": [{"test": "1", "verdict": "pass"}],'
    ' "a": {"function": "o_ru", "supplier": "Red"}, "b": {"function": "o_du", "supplier": "Blue"},'
    ' "interface": "OFH"}],'
    ' "systems": [{"date": "2025-01-02", "verdicts": [], "parts": {"x": {"function": "amf", "supplier": "Red"}},'
    ' "links": [["x", "x", "N2"]]}]}'
)
JUNIT = (
    '<testsuite name="f" timestamp="2025-03-04T10:00:00"><properties><property name="a.kind" value="o_ru"/>'
    '<property name="a.supplier" value="Red"/><property name="b.kind" value="o_du"/><property name="b.supplier"'
    ' value="Blue"/><property name="interface" value="OFH"/></properties><testcase name="one"/></testsuite>'
)


@pytest.mark.parametrize(("name", "text"), [("evidence.json", EVIDENCE), ("results.xml", JUNIT)])
def test_any_evidence_is_read_or_is_refused_in_words(name: str, text: str) -> None:
    rng = Random(7)
    head = HEAD.encode()
    found = [read({"estate.yaml": head, name: mutated(text, rng)}) for _ in range(3000)]
    assert any(found)
    assert not all(found)
