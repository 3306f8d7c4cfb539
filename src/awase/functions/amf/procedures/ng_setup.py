"""NG Setup and RAN Configuration Update, the AMF's side (TS 38.413 clauses 8.7.1 and 8.7.2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from awase.functions.amf.context import Gnb
from awase.functions.amf.core import Amf
from awase.functions.amf.procedures import congestion, ue_context_release
from awase.model.ids import SNssai, Tai
from awase.model.part import Packet
from awase.protocols.ngap.elements import (
    BitString,
    Cause,
    CriticalityDiagnostics,
    GlobalGNBID,
    GlobalN3IWFID,
    GlobalNgENBID,
    GlobalRANNodeID,
    PLMNSupportItem,
    RawIE,
    ServedGUAMIItem,
    SupportedTAItem,
)
from awase.protocols.ngap.messages import (
    NGSetupFailure,
    NGSetupRequest,
    NGSetupResponse,
    RANConfigurationUpdate,
    RANConfigurationUpdateAcknowledge,
    RANConfigurationUpdateFailure,
)

UNKNOWN_PLMN = Cause("misc", "unknown-PLMN-or-SNPN")
SLICE_NOT_SUPPORTED = Cause("radioNetwork", "slice-not-supported")
OVERLOAD = Cause("misc", "control-processing-overload")
UNSPECIFIED = Cause("misc", "unspecified")

_AMF_NAME = 150
"""Longest AMFName (TS 38.413 clause 9.3.3.21)."""


class Refusal(NamedTuple):
    """Why a node is not served: the cause on the wire, the sentence, and the configuration behind it."""

    cause: Cause
    text: str
    config: str


def time_to_wait(amf: Amf) -> str | None:
    """Time to Wait (TS 38.413 clause 9.3.1.56), so that a refused node does not try again at once."""
    seconds = amf.config.time_to_wait_s
    return None if seconds is None else f"v{seconds}s"


def node_name(identity: GlobalRANNodeID) -> str:
    """A Global RAN Node ID in a sentence."""
    if isinstance(identity, GlobalGNBID):
        return f"gNB {identity.plmn_identity} {_number(identity.gnb_id)}"
    if isinstance(identity, GlobalNgENBID):
        return f"ng-eNB {identity.plmn_identity} {_number(identity.ng_enb_id)}"
    if isinstance(identity, GlobalN3IWFID):
        return f"N3IWF {identity.plmn_identity} {_number(identity.n3iwf_id)}"
    return f"RAN node of kind {identity.id}"


def _number(identity: BitString | RawIE) -> str:
    return f"{identity.value:#x}" if isinstance(identity, BitString) else identity.octets.hex()


def without_wildcard(item: SNssai) -> SNssai:
    """SD FFFFFF is "no SD" (TS 23.003 clause 28.4.2)."""
    return SNssai(item.sst) if item.sd == "ffffff" else item


def supported(tas: Sequence[SupportedTAItem]) -> dict[Tai, tuple[SNssai, ...]]:
    """The slices that a node supports, by TAI."""
    return {
        Tai(plmn.plmn_identity, ta.tac): tuple(map(without_wildcard, plmn.tai_slice_support_list))
        for ta in tas
        for plmn in ta.broadcast_plmn_list
    }


def refusal(amf: Amf, name: str, tais: dict[Tai, tuple[SNssai, ...]]) -> Refusal | None:
    """What does not match between a node and this AMF: PLMN, then tracking area, then slices."""
    served = amf.served
    plmns = tuple(dict.fromkeys(tai.plmn for tai in tais))
    known = [plmn for plmn in plmns if plmn in served.slices]
    if not known:
        theirs = ", ".join(map(str, plmns)) or "none"
        ours = ", ".join(map(str, served.slices))
        text = f"PLMN {theirs} of {name} is not one that {amf.amf_name} serves ({ours})"
        return Refusal(UNKNOWN_PLMN, text, served.plmn_path)
    common = [tai for tai in tais if tai in served.tais]
    if not common:
        theirs = ", ".join(f"{tai.tac} of {tai.plmn}" for tai in tais)
        ours = ", ".join(f"{tai.tac} of {tai.plmn}" for tai in served.tais)
        text = f"TAC {theirs}, broadcast by {name}, is not served by {amf.amf_name} ({ours})"
        # TS 38.413 has no cause for a TAC, and the PLMN is known: anything but "unspecified" would mislead.
        return Refusal(UNSPECIFIED, text, served.tac_path)
    if not any(item in served.slices[tai.plmn] for tai in common for item in tais[tai]):
        tai = common[0]
        theirs = ", ".join(map(str, tais[tai])) or "none"
        text = (
            f"no slice of {name} in TAC {tai.tac} of {tai.plmn} ({theirs}) is in the {served.slices_path} "
            f"of {amf.amf_name} ({served.words(tai.plmn)})"
        )
        return Refusal(SLICE_NOT_SUPPORTED, text, served.slices_path)
    return None


def ng_setup(amf: Amf, gnb: Gnb, request: NGSetupRequest, diagnostics: CriticalityDiagnostics | None = None) -> None:
    """TS 38.413 clause 8.7.1: erases what the node had before, as a reset would."""
    name = request.ran_node_name or node_name(request.global_ran_node_id)
    tais = supported(request.supported_ta_list)
    refused = refusal(amf, name, tais)
    others = sum(other.set_up for other in amf.gnbs.values() if other is not gnb)
    if refused is None and others >= amf.config.limits.gnbs:
        refused = Refusal(OVERLOAD, f"{name} is one node more than {amf.amf_name} may serve", "limits.gnbs")
    erase(amf, gnb)
    if refused is not None:
        gnb.set_up = False
        amf.send_to_gnb(
            gnb,
            NGSetupFailure(cause=refused.cause, time_to_wait=time_to_wait(amf), criticality_diagnostics=diagnostics),
        )
        amf.report(
            "NgSetupRejected",
            f"NG Setup of {name} rejected with {refused.cause}: {refused.text}",
            level="error",
            subject=name,
            config=refused.config,
            cause=str(refused.cause),
        )
        return
    _replace_former(amf, gnb, request.global_ran_node_id, name)
    gnb.name = name
    gnb.global_ran_node_id = request.global_ran_node_id
    gnb.tais = tais
    gnb.overloaded = False
    gnb.set_up = True
    amf.send_to_gnb(
        gnb,
        NGSetupResponse(
            amf_name=amf.amf_name[:_AMF_NAME],
            served_guami_list=tuple(ServedGUAMIItem(guami=guami) for guami in amf.served.guamis),
            relative_amf_capacity=amf.relative_capacity,
            plmn_support_list=tuple(
                PLMNSupportItem(plmn_identity=plmn, slice_support_list=slices)
                for plmn, slices in amf.served.slices.items()
            ),
            criticality_diagnostics=diagnostics,
        ),
    )
    congestion.tell(amf, gnb)
    amf.report("NgSetup", f"{name} is connected to {amf.amf_name}", subject=name, gnbs=len(amf.gnbs))


def ran_configuration_update(
    amf: Amf, gnb: Gnb, update: RANConfigurationUpdate, diagnostics: CriticalityDiagnostics | None = None
) -> None:
    """TS 38.413 clause 8.7.2: what is given replaces what was."""
    tais = supported(update.supported_ta_list) if update.supported_ta_list else gnb.tais
    refused = refusal(amf, gnb.name, tais)
    if refused is not None:
        amf.send_to_gnb(
            gnb,
            RANConfigurationUpdateFailure(
                cause=refused.cause, time_to_wait=time_to_wait(amf), criticality_diagnostics=diagnostics
            ),
        )
        amf.report(
            "RanConfigurationUpdateRejected",
            f"the new configuration of {gnb.name} is rejected with {refused.cause}: {refused.text}",
            level="error",
            subject=gnb.name,
            config=refused.config,
            cause=str(refused.cause),
        )
        return
    gnb.tais = tais
    if update.ran_node_name is not None:
        gnb.name = update.ran_node_name
    if update.global_ran_node_id is not None:
        gnb.global_ran_node_id = update.global_ran_node_id
    amf.send_to_gnb(gnb, RANConfigurationUpdateAcknowledge(criticality_diagnostics=diagnostics))


def erase(amf: Amf, gnb: Gnb) -> None:
    """Erase every UE-associated connection of a node, without a word to it."""
    for connection in list(gnb.connections.values()):
        ue_context_release.lose(amf, connection)
    gnb.released.clear()


def _replace_former(amf: Amf, gnb: Gnb, identity: GlobalRANNodeID, name: str) -> None:
    """A node that sets up NG anew over another association lost the former: that one ends."""
    for other in list(amf.gnbs.values()):
        if other is gnb or not other.set_up or other.global_ran_node_id != identity:
            continue
        amf.report(
            "DuplicateGnb",
            f"{name} ({gnb.peer}) has the identity of {other.name} ({other.peer}), {node_name(identity)}: "
            "its association is ended; if both are there, give them different identities",
            level="warning",
            subject=name,
        )
        erase(amf, other)
        del amf.gnbs[other.association]
        amf.send(Packet("n2", other.peer, kind="abort", association=other.association))
