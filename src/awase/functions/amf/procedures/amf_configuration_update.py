"""AMF Configuration Update and AMF Status Indication (TS 38.413 clauses 8.7.3 and 8.7.6)."""

from __future__ import annotations

from awase.functions.amf.context import Gnb
from awase.functions.amf.core import Amf
from awase.model.machine import Procedure, Wait
from awase.model.part import NS_PER_S
from awase.protocols.ngap.elements import PLMNSupportItem, ServedGUAMIItem, UnavailableGUAMIItem
from awase.protocols.ngap.messages import (
    AMFConfigurationUpdate,
    AMFConfigurationUpdateAcknowledge,
    AMFConfigurationUpdateFailure,
    AMFStatusIndication,
)

_TRIES = 3


def update(amf: Amf) -> None:
    """Tell every node what the AMF is and serves."""
    for gnb in amf.gnbs.values():
        if gnb.set_up and not amf.waits_for(_key(gnb)):
            amf.run(_update(amf, gnb))


def _key(gnb: Gnb) -> tuple[str, int]:
    return ("amf-configuration-update", gnb.association)


def _update(amf: Amf, gnb: Gnb) -> Procedure[None]:
    for _ in range(_TRIES):
        amf.send_to_gnb(gnb, message(amf))
        answer = yield Wait(_key(gnb), int(amf.config.ng_response_s * NS_PER_S))
        if isinstance(answer, AMFConfigurationUpdateAcknowledge):
            return
        why = "did not answer" if answer is None else f"refuses ({answer.cause})"
        amf.report(
            "AmfConfigurationUpdateFailed",
            f"{gnb.name} {why} the AMF CONFIGURATION UPDATE",
            level="warning",
            subject=gnb.name,
            config="ng_response_s" if answer is None else "",
        )
        if answer is None or answer.time_to_wait is None:
            return
        yield Wait(("time-to-wait", *_key(gnb)), int(answer.time_to_wait[1:-1]) * NS_PER_S)
        if amf.gnbs.get(gnb.association) is not gnb:
            return


def message(amf: Amf) -> AMFConfigurationUpdate:
    """All of it: what is given replaces what the node has (clause 8.7.3.2)."""
    return AMFConfigurationUpdate(
        amf_name=amf.amf_name,
        served_guami_list=tuple(ServedGUAMIItem(guami=guami) for guami in amf.served.guamis),
        relative_amf_capacity=amf.relative_capacity,
        plmn_support_list=tuple(
            PLMNSupportItem(plmn_identity=plmn, slice_support_list=slices) for plmn, slices in amf.served.slices.items()
        ),
    )


def answer(amf: Amf, gnb: Gnb, message: AMFConfigurationUpdateAcknowledge | AMFConfigurationUpdateFailure) -> bool:
    """The node's answer; False where none was awaited."""
    return amf.resume(_key(gnb), message)


def unavailable(amf: Amf) -> None:
    """AMF STATUS INDICATION: the AMF goes, its UEs are to be served by others (clause 8.7.6)."""
    items = tuple(UnavailableGUAMIItem(guami=guami) for guami in amf.served.guamis)
    for gnb in amf.gnbs.values():
        if gnb.set_up:
            amf.send_to_gnb(gnb, AMFStatusIndication(unavailable_guami_list=items))
