"""NAS level congestion control and NGAP overload (TS 24.501 clause 5.3.9, TS 23.501 clause 5.19.5)."""

from __future__ import annotations

from awase.functions.amf.config import Congestion
from awase.functions.amf.context import Gnb, NgConnection, Ue
from awase.functions.amf.core import Amf
from awase.functions.amf.served import snssai
from awase.model.ids import SNssai
from awase.model.part import NS_PER_S
from awase.protocols.nas.causes import FiveGMMCause
from awase.protocols.nas.elements import GprsTimer2, GprsTimer3, RegistrationType, ServiceType
from awase.protocols.nas.messages import RegistrationRequest, ServiceRequest
from awase.protocols.ngap.elements import OverloadStartNSSAIItem, SliceOverloadItem
from awase.protocols.ngap.messages import OverloadStart, OverloadStop

_PRIORITY_CAUSES = ("emergency", "highPriorityAccess", "mps-PriorityAccess", "mcs-PriorityAccess")
"""RRC establishment causes that NAS level congestion control leaves alone (TS 24.501 clause 5.3.9)."""


def t3346(amf: Amf) -> GprsTimer2:
    """The back-off time to tell."""
    congested = amf.congested
    seconds = congested.t3346_s if congested is not None and congested.t3346_s is not None else amf.config.t3346_s
    return GprsTimer2.of_seconds(seconds)


def holds_off(amf: Amf, connection: NgConnection, request: RegistrationRequest) -> bool:
    """Whether a registration is to be rejected with cause 22 (clauses 5.5.1.2.5 and 5.5.1.3.5)."""
    if amf.congested is None or amf.congested.dnns or amf.congested.slices:
        return False
    emergency = request.five_gs_registration_type.value == RegistrationType.emergency_registration
    return not emergency and connection.rrc_establishment_cause not in _PRIORITY_CAUSES


def holds_off_service(amf: Amf, ue: Ue, connection: NgConnection, request: ServiceRequest) -> bool:
    """Whether a service request is to be rejected with cause 22 (clause 5.6.1.5): never the answer to a page."""
    if amf.congested is None or amf.congested.dnns or amf.congested.slices or ue.paging is not None:
        return False
    if request.service_type in (
        ServiceType.mobile_terminated_services,
        ServiceType.emergency_services,
        ServiceType.emergency_services_fallback,
        ServiceType.high_priority_access,
    ):
        return False
    return connection.rrc_establishment_cause not in _PRIORITY_CAUSES


def of_session(amf: Amf, s_nssai: SNssai, dnn: str) -> tuple[FiveGMMCause, GprsTimer3] | None:
    """Why a 5GSM message is not forwarded, and for how long (TS 24.501 clause 5.4.5.3.1 cases i to k)."""
    congested = amf.congested
    if congested is None:
        return None
    slices = [snssai(item, "congestion") for item in congested.slices]
    timer = GprsTimer3.of_seconds(congested.back_off_s)
    if slices and s_nssai not in slices:
        return None
    if congested.dnns and dnn not in congested.dnns:
        return None
    if slices and congested.dnns:
        return FiveGMMCause.insufficient_resources_for_specific_slice_and_dnn, timer
    if slices:
        return FiveGMMCause.insufficient_resources_for_specific_slice, timer
    return FiveGMMCause.congestion, timer


def begin(amf: Amf, congested: Congestion, for_s: float | None = None) -> None:
    """The AMF is congested from now on: nodes are told, UEs turned away."""
    amf.congested = congested
    for gnb in amf.gnbs.values():
        tell(amf, gnb)
    amf.report("Congested", f"{amf.amf_name} is congested and turns requests away", level="warning")
    if amf.congestion_timer is not None:
        amf.congestion_timer.stop()
        amf.congestion_timer = None
    if for_s is not None:
        amf.congestion_timer = amf.start_timer(round(for_s * NS_PER_S), lambda: end(amf))


def end(amf: Amf) -> None:
    """It is over."""
    if amf.congestion_timer is not None:
        amf.congestion_timer.stop()
        amf.congestion_timer = None
    if amf.congested is None:
        return
    amf.congested = None
    for gnb in amf.gnbs.values():
        if gnb.overloaded:
            gnb.overloaded = False
            amf.send_to_gnb(gnb, OverloadStop())
    amf.report("CongestionEnded", f"{amf.amf_name} is no more congested")


def tell(amf: Amf, gnb: Gnb) -> None:
    """OVERLOAD START to a node (TS 38.413 clause 8.7.7), where the congestion is one for nodes."""
    congested = amf.congested
    if congested is None or not gnb.set_up:
        return
    action, reduction = congested.overload_action, congested.traffic_load_reduction_percent
    slices = tuple(SliceOverloadItem(s_nssai=snssai(item, "congestion")) for item in congested.slices)
    if action is None and reduction is None:
        return
    gnb.overloaded = True
    if slices:
        item = OverloadStartNSSAIItem(
            slice_overload_list=slices,
            slice_overload_response=action,
            slice_traffic_load_reduction_indication=reduction,
        )
        amf.send_to_gnb(gnb, OverloadStart(overload_start_nssai_list=(item,)))
        return
    amf.send_to_gnb(gnb, OverloadStart(amf_overload_response=action, amf_traffic_load_reduction_indication=reduction))
