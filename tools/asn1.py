"""Writes the grammar files of `awase.wire.per` from pycrate's parsed ASN.1 modules: types, constraints, object tables.

`python tools/asn1.py` writes them all; `--check` fails if one differs. pycrate (LGPL) is a development dependency; only
the facts of the 3GPP modules are carried over, none of its code. See `awase.wire.per` for the format.
"""

import importlib
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent / "src" / "awase" / "protocols"

Node = list[Any]


@dataclass(frozen=True)
class Protocol:
    """What to extract: pycrate's module, the roots of the closure, the types to leave as octets."""

    folder: str
    module: str
    source: str
    roots: tuple[tuple[str, str], ...]
    constants: tuple[str, ...] = ()
    opaque: tuple[str, ...] = ()
    """Types that are left as they come, to the end of the PDU."""


NGAP_TRANSFERS = (
    "HandoverCommandTransfer",
    "HandoverPreparationUnsuccessfulTransfer",
    "HandoverRequestAcknowledgeTransfer",
    "HandoverRequiredTransfer",
    "HandoverResourceAllocationUnsuccessfulTransfer",
    "PathSwitchRequestAcknowledgeTransfer",
    "PathSwitchRequestSetupFailedTransfer",
    "PathSwitchRequestTransfer",
    "PathSwitchRequestUnsuccessfulTransfer",
    "PDUSessionResourceModifyConfirmTransfer",
    "PDUSessionResourceModifyIndicationTransfer",
    "PDUSessionResourceModifyIndicationUnsuccessfulTransfer",
    "PDUSessionResourceModifyRequestTransfer",
    "PDUSessionResourceModifyResponseTransfer",
    "PDUSessionResourceModifyUnsuccessfulTransfer",
    "PDUSessionResourceNotifyReleasedTransfer",
    "PDUSessionResourceNotifyTransfer",
    "PDUSessionResourceReleaseCommandTransfer",
    "PDUSessionResourceReleaseResponseTransfer",
    "PDUSessionResourceSetupRequestTransfer",
    "PDUSessionResourceSetupResponseTransfer",
    "PDUSessionResourceSetupUnsuccessfulTransfer",
    "SecondaryRATDataUsageReportTransfer",
    "UEContextResumeRequestTransfer",
    "UEContextResumeResponseTransfer",
    "UEContextSuspendRequestTransfer",
)

RRC_MESSAGES = (
    "BCCH-BCH-Message",
    "BCCH-DL-SCH-Message",
    "DL-CCCH-Message",
    "DL-DCCH-Message",
    "PCCH-Message",
    "UL-CCCH-Message",
    "UL-CCCH1-Message",
    "UL-DCCH-Message",
)

RRC_OPAQUE = (
    "SystemInformation",
    "RRCReconfiguration",
    "RRCResume",
    "RRCReestablishment",
    "SecurityModeCommand",
    "UECapabilityEnquiry",
    "CounterCheck",
    "MobilityFromNRCommand",
    "DLDedicatedMessageSegment-r16",
    "UEInformationRequest-r16",
    "DLInformationTransferMRDC-r16",
    "LoggedMeasurementConfiguration-r16",
    "MeasurementReport",
    "RRCReconfigurationComplete",
    "RRCReestablishmentComplete",
    "RRCResumeComplete",
    "SecurityModeComplete",
    "SecurityModeFailure",
    "UECapabilityInformation",
    "CounterCheckResponse",
    "UEAssistanceInformation",
    "FailureInformation",
    "ULInformationTransferMRDC",
    "SCGFailureInformation",
    "SCGFailureInformationEUTRA",
    "ULDedicatedMessageSegment-r16",
    "DedicatedSIBRequest-r16",
    "MCGFailureInformation-r16",
    "UEInformationResponse-r16",
    "SidelinkUEInformationNR-r16",
    "ULInformationTransferIRAT-r16",
    "IABOtherInformation-r16",
    "MBSInterestIndication-r17",
    "UEPositioningAssistanceInfo-r17",
    "MeasurementReportAppLayer-r17",
    "IndirectPathFailureInformation-r18",
)

PROTOCOLS = (
    Protocol(
        folder="ngap",
        module="NGAP",
        source="TS 38.413 clause 9.4 (Release 18), by way of pycrate's NGAP module",
        roots=(("NGAP-PDU-Descriptions", "NGAP-PDU"), *(("NGAP-IEs", name) for name in NGAP_TRANSFERS)),
        constants=("NGAP-Constants",),
    ),
    Protocol(
        folder="rrc",
        module="RRCNR",
        source="TS 38.331 clause 6 (Release 18), by way of pycrate's RRCNR module, cut to the messages used",
        roots=tuple(("NR-RRC-Definitions", name) for name in RRC_MESSAGES),
        opaque=RRC_OPAQUE,
    ),
)


def bounds(constraint: Any) -> Node:
    """Lower bound, upper bound, 1 if extensible; of a pycrate constraint."""
    if constraint is None:
        return [None, None, 0]
    return [constraint.lb, constraint.ub, int(constraint.ext is not None)]


def default(kind: str, value: Any) -> Any:
    """A DEFAULT value as JSON holds it: BIT STRING [value, bits], octets as hexadecimal text."""
    if kind == "o":
        return value.hex()
    return list(value) if isinstance(value, tuple) else value


@dataclass
class Extractor:
    """Walks pycrate's objects from the roots and collects types and tables in the order met."""

    protocol: Protocol
    modules: dict[str, Any]
    types: dict[str, Node] = field(default_factory=dict)
    tables: dict[str, list[Node]] = field(default_factory=dict)
    named: dict[str, str] = field(default_factory=dict)

    def root(self, module: str, name: str) -> None:
        """Adds a root type and what it needs."""
        self.reference(module, name)

    def reference(self, module: str, name: str) -> Node:
        """A named type; its definition is collected the first time."""
        if name in self.protocol.opaque:
            return ["X"]
        if self.named.setdefault(name, module) != module:
            raise SystemExit(f"two types are named {name}")
        if name not in self.types:
            self.types[name] = []
            self.types[name] = self.definition(self.modules[module][name])
        return ["R", name]

    def node(self, obj: Any) -> Node:
        """A type where it is used: a reference if it adds nothing to the named type."""
        ref = obj._typeref
        called = getattr(ref, "called", None)
        if called is not None and len(called) == 2 and type(ref).__name__ == "ASN1RefType":
            target = self.modules[called[0]][called[1]]
            if not target._param and self.same(obj, target):
                return self.reference(*called)
        return self.definition(obj)

    @staticmethod
    def same(obj: Any, target: Any) -> bool:
        """True if the use of a type has the constraints and content of its definition."""
        for attribute in ("_const_val", "_const_sz", "_const_alpha", "_const_tab"):
            own, its = getattr(obj, attribute, None), getattr(target, attribute, None)
            if own is not its and str(own) != str(its):
                return False
        return bool(obj.TYPE == target.TYPE)

    def definition(self, obj: Any) -> Node:
        """The node of a type, written out."""
        make = getattr(self, "of_" + obj.TYPE.replace(" ", "_").lower(), None)
        if make is None:
            raise SystemExit(f"{obj.fullname()}: {obj.TYPE} is not provided for")
        node: Node = make(obj)
        return node

    def of_integer(self, obj: Any) -> Node:
        """["I", lower, upper, extensible]."""
        return ["I", *bounds(obj._const_val)]

    def of_boolean(self, obj: Any) -> Node:
        """["B"]."""
        return ["B"]

    def of_null(self, obj: Any) -> Node:
        """["N"]."""
        return ["N"]

    def of_object_identifier(self, obj: Any) -> Node:
        """["D"]."""
        return ["D"]

    def of_enumerated(self, obj: Any) -> Node:
        """["E", names of the root, names of the additions or null]."""
        return ["E", list(obj._root), None if obj._ext is None else list(obj._ext)]

    def of_bit_string(self, obj: Any) -> Node:
        """["b", lower, upper, extensible]: size in bits."""
        return ["b", *bounds(obj._const_sz)]

    def of_octet_string(self, obj: Any) -> Node:
        """["o", lower, upper, extensible]: size in octets; what is CONTAINED stays octets."""
        return ["o", *bounds(obj._const_sz)]

    def of_string(self, obj: Any) -> Node:
        """["c", kind, lower, upper, extensible]: size in characters."""
        if getattr(obj, "_const_alpha", None) is not None:
            raise SystemExit(f"{obj.fullname()}: a permitted alphabet is not provided for")
        return ["c", obj.TYPE, *bounds(obj._const_sz)]

    of_printablestring = of_visiblestring = of_utf8string = of_string

    def component(self, obj: Any, name: str) -> Node:
        """[name, type, 0 mandatory | 1 OPTIONAL | 2 DEFAULT, default]."""
        node = self.node(obj)
        if obj._def is not None:
            kind = self.types[node[1]] if node[0] == "R" else node
            return [name, node, 2, default(kind[0], obj._def)]
        return [name, node, 1 if obj._opt else 0]

    def of_sequence(self, obj: Any) -> Node:
        """["S", components, additions or null]: an addition is a component, or ["", components] for a group."""
        root = [self.component(obj._cont[name], name) for name in obj._root]
        if obj._ext is None:
            return ["S", root, None]
        additions: list[Node] = []
        for item in obj._ext_nest:
            if isinstance(item, list):
                additions.append(["", [self.component(obj._cont[name], name) for name in item]])
            else:
                additions.append(self.component(obj._cont[item], item))
        return ["S", root, additions]

    def of_choice(self, obj: Any) -> Node:
        """["C", alternatives, additions or null]: an alternative is [name, type], in the order of the tags."""
        root = [[name, self.node(obj._cont[name])] for name in obj._root]
        if obj._ext is None:
            return ["C", root, None]
        return ["C", root, [[name, self.node(obj._cont[name])] for name in obj._ext]]

    def of_sequence_of(self, obj: Any) -> Node:
        """["L", type, lower, upper, extensible]: size in items."""
        return ["L", self.node(obj._cont), *bounds(obj._const_sz)]

    def of_open_type(self, obj: Any) -> Node:
        """["T", table, sibling whose value is the key]."""
        key = obj._const_tab_at[-1]
        return ["T", self.table(obj._const_tab, key, obj._const_tab_id), key]

    def table(self, objects: Any, key: str, column: str) -> str:
        """The name of a table of rows [key, criticality, type, presence], from an information object set."""
        found = objects._val.root if objects is not None and objects._val is not None else []
        rows = [
            [row[key], row["criticality"], self.node(row[column]), row.get("presence")]
            for row in found
            if column in row
        ]
        if not rows:
            return ""
        for name, known in self.tables.items():
            if known == rows:
                return name
        name = f"t{len(self.tables)}"
        self.tables[name] = rows
        return name


def extract(protocol: Protocol) -> str:
    """The grammar file of a protocol, as text."""
    source = importlib.import_module("pycrate_asn1dir." + protocol.module)
    modules = {
        value._name_: {obj._name: obj for obj in value._all_} | objects(value)
        for value in vars(source).values()
        if hasattr(value, "_name_") and hasattr(value, "_all_")
    }
    extractor = Extractor(protocol, modules)
    for module, name in protocol.roots:
        extractor.root(module, name)
    named: dict[str, dict[str, int]] = {}
    for module in protocol.constants:
        cls = next(v for v in vars(source).values() if getattr(v, "_name_", "") == module)
        for obj in cls._all_:
            kind = obj._typeref.called[1] if obj._typeref is not None else "INTEGER"
            named.setdefault(kind, {})[obj._name] = obj._val
    return render(protocol, extractor, named)


def objects(module: Any) -> dict[str, Any]:
    """The types of a module, by their ASN.1 names."""
    return {name: getattr(module, name.replace("-", "_")) for name in module._type_}


def render(protocol: Protocol, extractor: Extractor, named: dict[str, dict[str, int]]) -> str:
    """One line a type, a table, a set of constants, so that a difference reads."""

    def block(items: dict[str, Any]) -> str:
        lines = (f"{json.dumps(key)}:{json.dumps(value, separators=(',', ':'))}" for key, value in items.items())
        return "{\n" + ",\n".join(lines) + "\n}"

    return (
        f'{{"origin":{json.dumps(protocol.source)},\n"types":{block(extractor.types)},\n'
        f'"tables":{block(extractor.tables)},\n"constants":{block(named)}}}\n'
    )


def main(arguments: list[str]) -> int:
    """Writes or checks the files; the exit status."""
    status = 0
    for protocol in PROTOCOLS:
        path = ROOT / protocol.folder / "grammar.json"
        text = extract(protocol)
        if "--check" not in arguments:
            path.write_text(text)
            print(f"{path}: {len(text)} octets")
        elif not path.exists() or path.read_text() != text:
            print(f"{path} differs from what tools/asn1.py makes of {protocol.source}")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
