"""Imports evidence into pair records: Awase's own `evidence.json`, and other laboratories' JUnit XML."""

from collections.abc import Iterable
from xml.etree import ElementTree

import msgspec

from awase.model.evidence import FORMAT, CaseVerdict, Evidence, PairTested, PartTested, SystemRecord, overall
from awase.model.plan import Kind, PairRecord, Product, SupplierName
from awase.planner.problems import Place, Problems

KINDS: dict[str, Kind] = {
    "o_ru": "o_ru",
    "o_du": "o_du",
    "o_cu": "o_cu",
    "o_cu_cp": "o_cu",
    "o_cu_up": "o_cu",
    "gnb": "baseband",
    "radio": "radio",
    "baseband": "baseband",
    "transport": "transport",
    "optical": "optical",
    "submarine": "submarine",
}
"""What an estate calls a function; a function of the core is `core`."""
CORE = ("core", "amf", "smf", "upf", "ausf", "udm", "udr", "nrf", "nssf", "pcf")
INTERFACES = {"F1-C": "F1", "F1-U": "F1", "N2": "N2/N3", "N3": "N2/N3"}
"""The joint that a reference point belongs to (see JOINTS); others have one name."""
PROPERTIES = ("a.kind", "a.supplier", "b.kind", "b.supplier", "interface")
"""What a test suite must say of itself, so that it is evidence of a pair."""


def is_evidence(octets: bytes) -> bool:
    """Whether a JSON file is one of evidence records."""
    return f'"{FORMAT}"'.encode() in octets[:4096]


def from_json(octets: bytes, file: str, problems: Problems) -> list[PairRecord]:
    """The pairs of an `evidence.json`; a system's links each count as one. What is wrong is noted."""
    try:
        evidence = msgspec.json.decode(octets, type=Evidence)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        problems.add(Place(file), f"is no evidence: {error}", "see docs/estates.md for what a record has")
        return []
    found = [_pair(one, file, problems) for one in evidence.pairs]
    found += [record for one in evidence.systems for record in _system(one, file, problems)]
    return [record for record in found if record is not None]


def _pair(one: PairTested, file: str, problems: Problems) -> PairRecord | None:
    a, b = _product(one.a, file, problems), _product(one.b, file, problems)
    if a is None or b is None:
        return None
    return PairRecord(
        a=a,
        b=b,
        interface=INTERFACES.get(one.interface, one.interface),
        profile=one.profile,
        verdict=overall(one.verdicts),
        date=one.date,
        laboratory=one.laboratory or one.tool,
        source=file,
    )


def _system(one: SystemRecord, file: str, problems: Problems) -> Iterable[PairRecord | None]:
    """A whole cast passes by all of its links; where it fails, nobody knows by which, and no pair is blamed."""
    verdict = overall(one.verdicts)
    for first, second, interface in one.links:
        missing = [name for name in (first, second) if name not in one.parts]
        if missing:
            problems.add(Place(file, column="links"), f"{missing[0]} is no part of its record", "name a key of parts")
            continue
        pair = PairTested(
            date=one.date,
            verdicts=(CaseVerdict(test="system", verdict="inconclusive" if verdict == "fail" else verdict),),
            laboratory=one.laboratory,
            tool=one.tool,
            profile=one.profile,
            a=one.parts[first],
            b=one.parts[second],
            interface=interface,
        )
        if _kind(pair.a.function) != _kind(pair.b.function):
            yield _pair(pair, file, problems)


def _kind(function: str) -> Kind | None:
    return "core" if function in CORE else KINDS.get(function)


def _product(part: PartTested, file: str, problems: Problems) -> Product | None:
    kind = _kind(part.function)
    if kind is None:
        known = ", ".join((*KINDS, *CORE))
        problems.add(Place(file, column="function"), f"{part.function!r} is no function known here", f"known: {known}")
        return None
    return Product(kind=kind, supplier=SupplierName(part.supplier), product=part.product, release=part.release)


def from_junit(octets: bytes, file: str, problems: Problems) -> list[PairRecord]:
    """The pairs of a JUnit file: one for each test suite, which says by its properties whom it is about."""
    if b"<!" in octets.replace(b"<!--", b"").replace(b"<![CDATA[", b""):
        problems.add(Place(file), "has a document type, which is not read", "write plain JUnit XML without <!DOCTYPE>")
        return []
    try:
        root = ElementTree.fromstring(octets)  # noqa: S314 - without a document type there are no entities.
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        problems.add(Place(file), f"is no XML: {error}", "write JUnit XML")
        return []
    suites = [one for one in root.iter("testsuite") if one.find("testcase") is not None]
    if not suites:
        problems.add(Place(file), "has no test suite with test cases", "write JUnit XML: testsuite, testcase")
    found = [_suite(suite, file, problems) for suite in suites]
    return [record for record in found if record is not None]


def _suite(suite: ElementTree.Element, file: str, problems: Problems) -> PairRecord | None:
    said = {one.get("name", ""): one.get("value") or one.text or "" for one in suite.iterfind("properties/property")}
    name, date = suite.get("name", ""), said.get("date") or suite.get("timestamp", "")[:10]
    missing = [one for one in PROPERTIES if not said.get(one)] + ([] if len(date) == 10 else ["date"])
    if missing:
        what = f"test suite {name!r} does not say {', '.join(missing)}"
        hint = "add properties a.kind, a.supplier, b.kind, b.supplier, interface, and a timestamp, to the suite"
        problems.add(Place(file, column=name), what, hint)
        return None
    sides = [
        PartTested(
            function=said[f"{side}.kind"],
            supplier=said[f"{side}.supplier"],
            product=said.get(f"{side}.product", ""),
            release=said.get(f"{side}.release", ""),
        )
        for side in ("a", "b")
    ]
    verdicts = tuple(_case(case) for case in suite.iter("testcase"))
    laboratory = said.get("laboratory", "") or suite.get("hostname", "") or name
    pair = PairTested(
        date=date,  # type: ignore[arg-type]
        verdicts=verdicts,
        laboratory=laboratory,
        profile=said.get("profile", ""),
        a=sides[0],
        b=sides[1],
        interface=said["interface"],
    )
    return _pair(pair, file, problems)


def _case(case: ElementTree.Element) -> CaseVerdict:
    name = case.get("name", "")
    if case.find("failure") is not None:
        return CaseVerdict(test=name, verdict="fail")
    if case.find("error") is not None:
        return CaseVerdict(test=name, verdict="inconclusive")
    return CaseVerdict(test=name, verdict="pass" if case.find("skipped") is None else "not applicable")
