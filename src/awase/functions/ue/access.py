"""Unified access control (TS 24.501 clause 4.5, TS 38.331 clause 5.3.14): may the UE ask for a connection at all."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Literal, cast

from awase.model.machine import Procedure, Wait
from awase.model.part import NS_PER_MS, NS_PER_S

if TYPE_CHECKING:
    from awase.functions.ue.core import Ue

EstablishmentCause = Literal[
    "emergency",
    "highPriorityAccess",
    "mt-Access",
    "mo-Signalling",
    "mo-Data",
    "mo-VoiceCall",
    "mo-VideoCall",
    "mo-SMS",
    "mps-PriorityAccess",
    "mcs-PriorityAccess",
]


class AccessCategory(IntEnum):
    """Access categories (TS 24.501 table 4.5.2.2, TS 22.261 table 6.22.2.3-1)."""

    MT_ACC = 0
    DELAY_TOLERANT = 1
    EMERGENCY = 2
    MO_SIG = 3
    MO_MMTEL_VOICE = 4
    MO_MMTEL_VIDEO = 5
    MO_SMS_AND_SMSOIP = 6
    MO_DATA = 7
    MO_RRC_SIGNALLING = 8
    MO_IMS_REGISTRATION = 9


_CAUSE_OF_CATEGORY: dict[AccessCategory, EstablishmentCause] = {
    AccessCategory.MT_ACC: "mt-Access",
    AccessCategory.DELAY_TOLERANT: "mo-Data",
    AccessCategory.EMERGENCY: "emergency",
    AccessCategory.MO_SIG: "mo-Signalling",
    AccessCategory.MO_MMTEL_VOICE: "mo-VoiceCall",
    AccessCategory.MO_MMTEL_VIDEO: "mo-VideoCall",
    AccessCategory.MO_SMS_AND_SMSOIP: "mo-SMS",
    AccessCategory.MO_DATA: "mo-Data",
    AccessCategory.MO_RRC_SIGNALLING: "mo-Signalling",
    AccessCategory.MO_IMS_REGISTRATION: "mo-Data",
}
"""For access identity 0 (TS 24.501 table 4.5.6.1)."""

_CAUSE_OF_IDENTITY: dict[int, EstablishmentCause] = {
    1: "mps-PriorityAccess",
    2: "mcs-PriorityAccess",
    **dict.fromkeys((11, 12, 13, 14, 15), "highPriorityAccess"),
}
"""For the others (TS 24.501 table 4.5.6.1)."""

_IDENTITY_BIT = {1: 6, 2: 5, 11: 4, 12: 3, 13: 2, 14: 1, 15: 0}
"""Of uac-BarringForAccessIdentity, seven bits (TS 38.331 clause 6.3.2, UAC-BarringInfoSetList)."""

_NEVER_BARRED = frozenset({AccessCategory.MT_ACC})
_NOT_BY_T302 = frozenset({AccessCategory.MT_ACC, AccessCategory.EMERGENCY})


def establishment_cause(ue: Ue, category: AccessCategory) -> EstablishmentCause:
    """What RRC is told (TS 24.501 clause 4.5.6)."""
    if category is AccessCategory.EMERGENCY:
        return "emergency"
    return _CAUSE_OF_IDENTITY.get(ue.config.access_identity) or _CAUSE_OF_CATEGORY[category]


def barred_ns(ue: Ue, category: AccessCategory) -> int:
    """For how long an access attempt of this category is barred; 0 where it is allowed."""
    if category in _NEVER_BARRED:
        return 0
    uu, now_ns = ue.uu, ue.now_ns
    if category not in _NOT_BY_T302 and uu.t302_until_ns > now_ns:
        return uu.t302_until_ns - now_ns
    if uu.t390_until_ns is not None and uu.t390_until_ns.get(category, 0) > now_ns:
        return uu.t390_until_ns[category] - now_ns
    cell = uu.cells.get(uu.serving)
    if cell is None or cell.uac is None:
        return 0
    info = _info_of(cell.uac, category, cell.plmn_index)
    if info is None or _allowed(ue, info):
        return 0
    return _bar(ue, category, info)


def _info_of(uac: Mapping[str, Any], category: int, plmn_index: int) -> Mapping[str, Any] | None:
    """The barring information set of a category: the PLMN's own, else the common one (TS 38.331 clause 5.3.14.2)."""
    sets = cast(list[Mapping[str, Any]], uac["uac-BarringInfoSetList"])
    index: int | None = None
    for entry in uac.get("uac-BarringPerPLMN-List", ()):
        kind, value = entry.get("uac-ACBarringListType", (None, None))
        if entry["plmn-IdentityIndex"] != plmn_index:
            continue
        if kind == "uac-ImplicitACBarringList":
            index = value[category - 1]
        elif kind == "uac-ExplicitACBarringList":
            index = _index_in(value, category)
        return sets[index - 1] if index is not None and 0 < index <= len(sets) else None
    index = _index_in(uac.get("uac-BarringForCommon", ()), category)
    return sets[index - 1] if index is not None and 0 < index <= len(sets) else None


def _index_in(entries: Any, category: int) -> int | None:
    return next((e["uac-barringInfoSetIndex"] for e in entries if e["accessCategory"] == category), None)


def _allowed(ue: Ue, info: Mapping[str, Any]) -> bool:
    """TS 38.331 clause 5.3.14.5."""
    bit = _IDENTITY_BIT.get(ue.config.access_identity)
    if bit is not None:
        return not info["uac-BarringForAccessIdentity"][0] >> bit & 1
    # p00 to p95: the chance in percent.
    return _draw(ue) < int(info["uac-BarringFactor"][1:]) * 100


def _draw(ue: Ue) -> int:
    """From 0 to 9999."""
    return int.from_bytes(ue.services.random_bytes(4, "uac"), "big") % 10_000


def _bar(ue: Ue, category: AccessCategory, info: Mapping[str, Any]) -> int:
    """Start T390: (0.7 + 0.6 rand) times the barring time."""
    time_ns = int(info["uac-BarringTime"][1:]) * NS_PER_S
    t390_ns = time_ns * (7000 + _draw(ue) * 6 // 10) // 10_000
    t390_ns += -t390_ns % NS_PER_MS
    if ue.uu.t390_until_ns is None:
        ue.uu.t390_until_ns = {}
    ue.uu.t390_until_ns[category] = ue.now_ns + t390_ns
    ue.report(
        "AccessBarred",
        f"the cell at {ue.uu.serving} bars {ue.context.supi} from access of category {int(category)}"
        f" ({category.name}) for {t390_ns / NS_PER_S:.1f} s (T390)",
        level="warning",
        subject=ue.context.supi,
        category=int(category),
    )
    return t390_ns


def permitted(ue: Ue, category: AccessCategory) -> Procedure[None]:
    """Wait until an access attempt is allowed."""
    while (wait_ns := barred_ns(ue, category)) > 0:
        yield Wait("t390", wait_ns)
