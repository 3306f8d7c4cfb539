"""Evidence as it is exchanged (DESIGN section 6): conformance, pair and system records, in a file `evidence.json`.

Data only. Whoever tests writes it, Awase's suites or another laboratory; the planner reads who works with whom.
"""

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from awase.model.calendar import Date

FORMAT = "awase-evidence-1"
"""The first key of the file says what it is."""

Verdict = Literal["pass", "fail", "inconclusive", "not applicable"]


class PartTested(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was tested: a part (`amf`, `o_du`) of a supplier; `versions` of the specifications it says it speaks."""

    function: str
    supplier: str
    product: str = ""
    release: str = ""
    versions: Mapping[str, str] = {}


class CaseVerdict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What came of one test. `test`: a public identifier of `specification`; if that is empty, the tool's own name.

    A fail says in `text` which message, element and clause, and where it can, which line of the configuration.
    """

    test: str
    verdict: Verdict
    specification: str = ""
    text: str = ""


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all records have. `capture`: the file beside this one that proves it; `seed`: of the run, if it has one."""

    date: Date
    verdicts: tuple[CaseVerdict, ...]
    laboratory: str = ""
    tool: str = "awase"
    tool_version: str = ""
    specifications: Mapping[str, str] = {}
    seed: int | None = None
    profile: str = ""
    capture: str = ""


class ConformanceRecord(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One part at one interface, by itself."""

    part: PartTested
    interface: str


class PairTested(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Two parts over one interface (a reference point: "F1-C", "N2", "OFH")."""

    a: PartTested
    b: PartTested
    interface: str


class SystemRecord(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole cast; `links`: (part, part, reference point), as they were joined. A pass speaks for each of them."""

    parts: Mapping[str, PartTested]
    links: tuple[tuple[str, str, str], ...] = ()


class Evidence(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file: records of all three kinds."""

    format: Literal["awase-evidence-1"]
    conformance: tuple[ConformanceRecord, ...] = ()
    pairs: tuple[PairTested, ...] = ()
    systems: tuple[SystemRecord, ...] = ()


def overall(verdicts: Iterable[CaseVerdict]) -> Literal["pass", "fail", "inconclusive"]:
    """One verdict of many: a fail is a fail; without any pass, or with one that is inconclusive, it is inconclusive."""
    found = [one.verdict for one in verdicts if one.verdict != "not applicable"]
    if "fail" in found:
        return "fail"
    return "pass" if found and all(one == "pass" for one in found) else "inconclusive"
