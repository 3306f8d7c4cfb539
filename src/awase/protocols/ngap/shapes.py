"""Which classes stand for which ASN.1 types of NGAP, and what the standard's octets are as values of ours."""

import types
from collections.abc import Callable

from msgspec import Struct

from awase.model.ids import Guami, Plmn, SNssai, Tai
from awase.protocols.ngap import elements, messages, transfers
from awase.protocols.ngap.elements import BitString, Cause, RawIE, SecurityKey
from awase.wire.addresses import ipv4_octets, ipv4_text, ipv6_octets, ipv6_text
from awase.wire.per_typed import CRITICALITIES, Shapes

MOST_PLMNS = 4096

_plmns: dict[bytes, Plmn] = {}
_plmn_octets: dict[Plmn, bytes] = {}


def plmn_from_octets(octets: bytes) -> Plmn:
    """A PLMN Identity (TS 38.413 clause 9.3.3.5). Raises ValueError."""
    plmn = _plmns.get(octets)
    if plmn is None:
        plmn = Plmn.from_octets(octets)
        if len(_plmns) < MOST_PLMNS:
            _plmns[octets] = plmn
    return plmn


def plmn_octets(plmn: Plmn) -> bytes:
    """The three octets of a PLMN Identity."""
    octets = _plmn_octets.get(plmn)
    if octets is None:
        octets = plmn.octets()
        if len(_plmn_octets) < MOST_PLMNS:
            _plmn_octets[plmn] = octets
    return octets


def address_text(bits: BitString) -> str:
    """A Transport Layer Address (TS 38.414 clause 5.1): "192.0.2.1", "2001:db8::1", or both with a space between.

    Other sizes are hexadecimal digits, "/" and the number of bits.
    """
    octets = bits.value.to_bytes((bits.length + 7) >> 3)
    if bits.length == 32:
        return ipv4_text(octets)
    if bits.length == 128:
        return ipv6_text(octets)
    if bits.length == 160:
        return f"{ipv4_text(octets[:4])} {ipv6_text(octets[4:])}"
    return f"{bits.value:x}/{bits.length}"


def address_bits(text: str) -> BitString:
    """A Transport Layer Address from its text. Raises ValueError."""
    if "/" in text:
        digits, _, size = text.partition("/")
        return BitString(int(digits, 16), int(size))
    octets = b"".join(ipv6_octets(part) if ":" in part else ipv4_octets(part) for part in text.split())
    return BitString(int.from_bytes(octets), 8 * len(octets))


_causes: dict[tuple[str, str], Cause] = {}


def cause_from_choice(choice: tuple[str, str | RawIE]) -> Cause:
    """A Cause; of an extension, identifier, criticality and octets as text."""
    group, name = choice
    if isinstance(name, RawIE):
        return Cause(group, f"{name.id}:{name.criticality}:{name.octets.hex()}")
    cause = _causes.get((group, name))
    if cause is None:
        cause = Cause(group, name)
        if not name.startswith("_ext_"):
            _causes[group, name] = cause
    return cause


def cause_to_choice(cause: Cause) -> tuple[str, str | RawIE]:
    """The CHOICE of a Cause."""
    if cause.group != "choice-Extensions":
        return cause.group, cause.name
    number, criticality, octets = cause.name.split(":")
    if criticality not in CRITICALITIES:
        raise ValueError(f"{criticality!r} is no criticality")
    return cause.group, RawIE(id=int(number), criticality=criticality, octets=bytes.fromhex(octets))


NG_ENB_ID_SIZES = {"macroNgENB-ID": 20, "shortMacroNgENB-ID": 18, "longMacroNgENB-ID": 21}

ALGORITHMS = (
    "NRencryptionAlgorithms",
    "NRintegrityProtectionAlgorithms",
    "EUTRAencryptionAlgorithms",
    "EUTRAintegrityProtectionAlgorithms",
)


def first_sixteen(bits: BitString) -> int:
    """Algorithms of UE Security Capabilities: algorithm 1 is 0x8000; bits of later releases are dropped."""
    return bits.value >> (bits.length - 16) if bits.length > 16 else bits.value << (16 - bits.length)


def sixteen_bits(value: int) -> BitString:
    """Algorithms of UE Security Capabilities, to be encoded."""
    return BitString(value, 16)


Choice = tuple[str, int | RawIE]


def sized_choice(sizes: dict[str, int]) -> tuple[Callable[[Choice], BitString | RawIE], Callable[[object], Choice]]:
    """For a CHOICE of BIT STRINGs of different sizes: from and to it."""

    def read(choice: Choice) -> BitString | RawIE:
        name, value = choice
        return value if isinstance(value, RawIE) else BitString(value, sizes[name])

    def write(value: object) -> Choice:
        if isinstance(value, RawIE):
            return "choice-Extensions", value
        if not isinstance(value, BitString) or value.length not in sizes.values():
            raise ValueError(f"{value} is none of {sizes}")
        return next(name for name, size in sizes.items() if size == value.length), value.value

    return read, write


def classes_of(module: types.ModuleType) -> dict[str, type]:
    """The records that a module defines, by name."""
    return {
        name: value
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, Struct) and value.__module__ == module.__name__
    }


MESSAGES: dict[str, type] = classes_of(messages)
CONTAINERS: dict[str, type] = {
    name: cls
    for name, cls in classes_of(transfers).items()
    if "unknown" in cls.__struct_fields__  # type: ignore[attr-defined]
}
TRANSFERS: dict[type, str] = {
    cls: name
    for name, cls in classes_of(transfers).items()
    if "unknown" not in cls.__struct_fields__  # type: ignore[attr-defined]
}


def _records(names: list[str]) -> dict[str, type]:
    """ASN.1 names to classes: a class has the name without hyphens, its parts capitalised."""
    classes = classes_of(elements) | classes_of(transfers)
    classes["CriticalityDiagnosticsIEItem"] = elements.CriticalityDiagnosticsIEItem
    found: dict[str, type] = {"TAI": Tai, "GUAMI": Guami, "S-NSSAI": SNssai}
    for name in names:
        own = "".join(part[:1].upper() + part[1:] for part in name.split("-"))
        if own in classes and name not in found:
            found[name] = classes[own]
    del found["Cause"]
    return found


def shapes(names: list[str]) -> Shapes:
    """The shapes of NGAP, for the types that its grammar names."""
    return Shapes(
        records=_records(names),
        fields={
            "Tai": {"pLMNIdentity": "plmn", "tAC": "tac"},
            "Guami": {"pLMNIdentity": "plmn"},
        },
        transparent=frozenset(("AllowedNSSAI-Item", "SliceSupportItem", "TAIListForPagingItem")),
        numbers=frozenset(("SST", "TAC", "GTP-TEID", "FiveG-TMSI", "PortNumber", "TimeStamp")),
        convert={
            "PLMNIdentity": (plmn_from_octets, plmn_octets, Plmn),
            "SD": (bytes.hex, bytes.fromhex, str),
            "TransportLayerAddress": (address_text, address_bits, str),
            "Cause": (cause_from_choice, cause_to_choice, Cause),
            "SecurityKey": (lambda value: SecurityKey(value.to_bytes(32)), int.from_bytes, SecurityKey),
            "MaskedIMEISV": (lambda value: value.to_bytes(8), int.from_bytes, bytes),
            "NgENB-ID": (*sized_choice(NG_ENB_ID_SIZES), BitString),
            "N3IWF-ID": (*sized_choice({"n3IWF-ID": 16}), BitString),
            **dict.fromkeys(ALGORITHMS, (first_sixteen, sixteen_bits, int)),
        },
        tagged=frozenset(("Cause", "NgENB-ID", "N3IWF-ID")),
        renamed=RENAMED,
    )


RENAMED = {
    "UE-NGAP-IDs": "ue_ngap_ids",
    "rANNodeNameUTF8String": "ran_node_name_utf8_string",
    "aMFNameUTF8String": "amf_name_utf8_string",
    "n3IWF-ID": "n3iwf_id",
    "nRencryptionAlgorithms": "nr_encryption_algorithms",
    "nRintegrityProtectionAlgorithms": "nr_integrity_protection_algorithms",
    "eUTRAencryptionAlgorithms": "eutra_encryption_algorithms",
    "eUTRAintegrityProtectionAlgorithms": "eutra_integrity_protection_algorithms",
    "iE-Extensions": "ie_extensions",
    "iEsCriticalityDiagnostics": "ies_criticality_diagnostics",
    "iECriticality": "ie_criticality",
    "iE-ID": "ie_id",
}
