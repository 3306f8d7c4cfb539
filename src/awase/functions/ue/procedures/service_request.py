"""Service request (TS 24.501 clause 5.6.1), and the network's notification (clause 5.6.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awase.functions.ue.procedures.registration import t3346_s
from awase.functions.ue.procedures.rrc_connection_establishment import EstablishmentCause, rrc_connection_establishment
from awase.functions.ue.states import RmState
from awase.functions.ue.timers import T3517_S, T3525_S
from awase.model.machine import Procedure, Wait
from awase.model.part import NS_PER_S
from awase.protocols.nas.causes import FiveGMMCause
from awase.protocols.nas.elements import NO_KEY, FiveGSTmsi, PduSessionIds, ServiceType
from awase.protocols.nas.messages import (
    Notification,
    NotificationResponse,
    ServiceAccept,
    ServiceReject,
    ServiceRequest,
)

if TYPE_CHECKING:
    from awase.functions.ue.core import Ue

_BEGIN_ANEW = frozenset({9, 10})
_NO_SUPI = frozenset({3, 6, 7})
"""The USIM is invalid until switched off (clause 5.6.1.5)."""
_CAUSES: dict[ServiceType, EstablishmentCause] = {
    ServiceType.data: "mo-Data",
    ServiceType.mobile_terminated_services: "mt-Access",
}


def service_request(ue: Ue, service: ServiceType) -> Procedure[bool]:
    """From idle to connected; whether the network accepted it."""
    context = ue.context
    if context.guti is None:
        return False
    context.state = RmState.SERVICE_REQUEST_INITIATED
    sessions = PduSessionIds(tuple(sorted(context.sessions)))
    message = ServiceRequest(
        ngksi=NO_KEY if context.context is None else context.context.ngksi,
        service_type=service,
        five_g_s_tmsi=FiveGSTmsi.of(context.guti),
        uplink_data_status=sessions if service == ServiceType.data and sessions.ids else None,
        pdu_session_status=sessions,
    )
    octets = ue.n1.initial_message(message)
    answer: object = None
    if octets is not None and ue.uu.serving:
        connected = yield from rrc_connection_establishment(ue, octets, _CAUSES.get(service, "mo-Signalling"))
        if connected:
            answer = yield Wait("service-request", T3517_S * NS_PER_S)
    context.state = RmState.REGISTERED
    outcome = answer[0] if isinstance(answer, tuple) else None
    if isinstance(outcome, ServiceAccept):
        ue.n1.services_work()
        if outcome.pdu_session_status is not None:
            ue.sm.keep_only(outcome.pdu_session_status.ids)
        return True
    if isinstance(outcome, ServiceReject):
        _rejected(ue, outcome)
        return False
    ue.uu.release()
    if ue.n1.service_failed():
        ue.report(
            "ServiceRequestFailed",
            f"the network did not answer {context.supi}'s service requests; the next one in {T3525_S} s at the soonest",
            level="warning",
            subject=context.supi,
        )
    return False


def _rejected(ue: Ue, reject: ServiceReject) -> None:
    context, cause = ue.context, reject.five_gmm_cause
    ue.report(
        "ServiceRejected",
        f"the network rejected the service request of {context.supi} with cause #{int(cause)} ({cause.text})",
        level="warning",
        subject=context.supi,
        cause=int(cause),
    )
    ue.n1.service_attempts = 0
    if cause == FiveGMMCause.congestion:
        ue.n1.hold_service_requests(t3346_s(ue, reject.t3346_value if context.secured else None))
    if cause in _NO_SUPI:
        _leave(ue)
        context.state = RmState.DEREGISTERED_NO_SUPI
    if cause in _BEGIN_ANEW:
        _leave(ue)
        context.state = RmState.DEREGISTERED
        ue.n1.register_after_release()
    ue.n1.start_t3540()


def _leave(ue: Ue) -> None:
    ue.traffic.stop()
    ue.sm.forget_all()
    ue.context.forget_registration()


def notification(ue: Ue, _message: Notification, _protected: bool) -> None:
    """There is no non-3GPP access here: the answer says which sessions there are (clause 5.6.3.3)."""
    ue.n1.send(NotificationResponse(pdu_session_status=PduSessionIds(tuple(sorted(ue.context.sessions)))))
