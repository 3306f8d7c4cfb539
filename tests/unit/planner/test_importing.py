"""Evidence of laboratories becomes pair records; what is not evidence is refused in words."""

import msgspec
import pytest

from awase.model.calendar import Date
from awase.model.evidence import FORMAT, CaseVerdict, Evidence, PairTested, PartTested, SystemRecord, overall
from awase.planner.loading.case import read_case
from awase.planner.problems import PlanInputError

ESTATE = b"estate: {name: e, as_of: 2024Q4, currency: GBP}\n"
RU, DU, CU = (
    PartTested(function=name, supplier=who, product="p", release="2")
    for name, who in (("o_ru", "Blue"), ("o_du", "Red"), ("o_cu_cp", "Red"))
)
PASS, FAIL = CaseVerdict(test="1", verdict="pass"), CaseVerdict(test="2", verdict="fail", text="an element is missing")
SUITE = """<testsuites><testsuite name="fronthaul" timestamp="2025-03-04T10:00:00">
<properties><property name="a.kind" value="o_ru"/><property name="a.supplier" value="Blue"/>
<property name="b.kind" value="o_du"/><property name="b.supplier" value="Red"/>
<property name="interface" value="OFH"/><property name="laboratory" value="a lab"/></properties>
<testcase name="one"/><testcase name="two">{}</testcase></testsuite></testsuites>"""


def records(name: str, octets: bytes):
    return read_case({"estate.yaml": ESTATE, name: octets}).market.evidence


def encoded(**more) -> bytes:
    return msgspec.json.encode(Evidence(format=FORMAT, **more))


def test_a_pair_record_becomes_evidence_of_the_pair() -> None:
    pair = PairTested(date=Date("2025-01-02"), verdicts=(PASS,), laboratory="a lab", a=DU, b=CU, interface="F1-C")
    (found,) = records("evidence.json", encoded(pairs=(pair,)))
    assert (found.a.kind, found.b.kind, found.interface) == ("o_du", "o_cu", "F1")
    assert (found.a.supplier, found.a.product, found.a.release) == ("Red", "p", "2")
    assert (found.verdict, found.date, found.laboratory, found.source) == (
        "pass",
        "2025-01-02",
        "a lab",
        "evidence.json",
    )


@pytest.mark.parametrize(("verdicts", "expected"), [((PASS,), "pass"), ((PASS, FAIL), "inconclusive")])
def test_a_system_speaks_for_its_links_if_it_passes_and_blames_none_if_not(verdicts, expected: str) -> None:
    system = SystemRecord(
        date=Date("2025-01-02"),
        verdicts=verdicts,
        parts={"ru": RU, "du": DU, "cu": CU},
        links=(("ru", "du", "OFH"), ("du", "cu", "F1-U")),
    )
    found = records("lab-7.json", encoded(systems=(system,)))
    assert [(one.interface, one.verdict) for one in found] == [("OFH", expected), ("F1", expected)]


@pytest.mark.parametrize(
    ("inner", "verdict"), [("", "pass"), ("<failure/>", "fail"), ("<error/>", "inconclusive"), ("<skipped/>", "pass")]
)
def test_another_laboratorys_junit_is_evidence(inner: str, verdict: str) -> None:
    (found,) = records("results.xml", SUITE.format(inner).encode())
    assert (found.interface, found.verdict, found.date, found.laboratory) == ("OFH", verdict, "2025-03-04", "a lab")


@pytest.mark.parametrize(
    ("name", "octets", "said"),
    [
        ("evidence.json", b'{"format": "awase-evidence-1", "pears": []}', "unknown field"),
        ("results.xml", b"<testsuite", "is no XML"),
        ("results.xml", b"<testsuites/>", "no test suite"),
        ("results.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a/>', "document type"),
        ("results.xml", SUITE.format("").replace("a.supplier", "x").encode(), "does not say a.supplier"),
        ("results.xml", SUITE.format("").replace('"o_ru"', '"toaster"').encode(), "'toaster' is no function"),
        ("results.xml", SUITE.format("").replace("2025-03-04", "2025-13-04").encode(), "date"),
    ],
)
def test_what_is_no_evidence_is_refused_with_its_file(name: str, octets: bytes, said: str) -> None:
    with pytest.raises(PlanInputError) as caught:
        records(name, octets)
    assert said in str(caught.value)
    assert name in str(caught.value)


def test_of_many_verdicts_a_fail_counts_first() -> None:
    skipped = CaseVerdict(test="3", verdict="not applicable")
    assert overall((PASS, skipped)) == "pass"
    assert overall((PASS, FAIL, skipped)) == "fail"
    assert overall((skipped,)) == overall(()) == "inconclusive"
