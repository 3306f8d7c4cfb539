"""Service request (TS 24.501 clause 5.6.1), and the network's notification (clause 5.6.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awase.functions.ue.access import AccessCategory
from awase.functions.ue.procedures import rejection
from awase.functions.ue.procedures.rejection import Outcome
from awase.functions.ue.procedures.rrc_connection_establishment import rrc_connection_establishment
from awase.functions.ue.states import RmState
from awase.functions.ue.timers import T3517_S, T3525_S
from awase.model.machine import Procedure, Wait
from awase.model.part import NS_PER_S
from awase.protocols.nas.elements import NO_KEY, FiveGSTmsi, PduSessionIds, RegistrationType, ServiceType
from awase.protocols.nas.messages import (
    Notification,
    NotificationResponse,
    ServiceAccept,
    ServiceReject,
    ServiceRequest,
)

if TYPE_CHECKING:
    from awase.functions.ue.core import Ue

CATEGORIES: dict[ServiceType, AccessCategory] = {
    ServiceType.data: AccessCategory.MO_DATA,
    ServiceType.mobile_terminated_services: AccessCategory.MT_ACC,
    ServiceType.emergency_services: AccessCategory.EMERGENCY,
}
"""Of the rest it is MO_SIG (TS 24.501 table 4.5.2.2)."""

_SEARCH_ELSEWHERE = (Outcome.PLMN_FORBIDDEN, Outcome.TAI_FORBIDDEN, Outcome.DOUBTED)


def service_request(ue: Ue, service: ServiceType, *, non_3gpp: bool = False) -> Procedure[bool]:
    """Be connected, with user-plane resources for what waits; whether the network accepted it.

    `non_3gpp`: the page was for non-3GPP access, of whose sessions there are none (clause 5.6.1.2.1).
    """
    context = ue.context
    if context.guti is None:
        return False
    context.state = RmState.SERVICE_REQUEST_INITIATED
    was_idle = not ue.uu.connected
    uplink = PduSessionIds(ue.user_plane.waiting())
    message = ServiceRequest(
        ngksi=NO_KEY if context.context is None else context.context.ngksi,
        service_type=service,
        five_g_s_tmsi=FiveGSTmsi.of(context.guti),
        uplink_data_status=uplink if uplink.ids else None,
        pdu_session_status=PduSessionIds(ue.sm.established()),
        allowed_pdu_session_status=PduSessionIds() if non_3gpp else None,
    )
    answer = yield from _ask(ue, message, service)
    context.state = RmState.REGISTERED
    outcome = answer[0] if isinstance(answer, tuple) else None
    if isinstance(outcome, ServiceAccept):
        _accepted(ue, outcome, uplink)
        return True
    if isinstance(outcome, ServiceReject):
        _rejected(ue, outcome, protected=context.secured)
        return False
    if was_idle:
        # Clause 5.6.1.7 c: in 5GMM-CONNECTED mode the connection stays.
        ue.uu.release()
    if ue.n1.service_failed():
        ue.report(
            "ServiceRequestFailed",
            f"the network did not answer {context.supi}'s service requests; the next one in {T3525_S} s at the soonest",
            level="warning",
            subject=context.supi,
        )
    return False


def _ask(ue: Ue, message: ServiceRequest, service: ServiceType) -> Procedure[object]:
    if ue.uu.connected and ue.context.secured:
        sent = ue.n1.send(message)
    else:
        octets = ue.n1.initial_message(message)
        sent = octets is not None and bool(ue.uu.serving)
        if octets is not None and sent:
            category = CATEGORIES.get(service, AccessCategory.MO_SIG)
            sent = yield from rrc_connection_establishment(ue, octets, category)
    if not sent:
        return None
    answer: object = yield Wait("service-request", T3517_S * NS_PER_S)
    return answer


def _accepted(ue: Ue, accept: ServiceAccept, uplink: PduSessionIds) -> None:
    n1 = ue.n1
    n1.services_work()
    if accept.pdu_session_status is not None:
        ue.sm.keep_only(accept.pdu_session_status.ids)
    ue.user_plane.ready(uplink, accept.pdu_session_reactivation_result)
    ue.report("ServiceAccepted", f"the network serves {ue.context.supi}", subject=ue.context.supi)
    n1.after_service()


def _rejected(ue: Ue, reject: ServiceReject, *, protected: bool) -> None:
    """Clause 5.6.1.5."""
    context, cause, n1 = ue.context, reject.five_gmm_cause, ue.n1
    ue.report(
        "ServiceRejected",
        f"the network rejected the service request of {context.supi} with cause #{int(cause)} ({cause.text})",
        level="warning",
        subject=context.supi,
        cause=int(cause),
    )
    n1.service_attempts = 0
    ue.user_plane.forget()
    if protected and reject.pdu_session_status is not None:
        ue.sm.keep_only(reject.pdu_session_status.ids)
    n1.start_t3540()
    outcome = rejection.take(ue, int(cause), protected=protected)
    if outcome is Outcome.CONGESTION:
        seconds = rejection.t3346_s(ue, reject.t3346_value, protected=protected)
        if seconds is not None:
            n1.start_t3346(seconds)
    elif outcome in (Outcome.BEGIN_ANEW, Outcome.IMPLICITLY_DEREGISTERED):
        n1.register_after_release()
    elif outcome is Outcome.RESTRICTED_AREA:
        # The network learns where the UE is once the connection is released.
        n1.update_pending = True
    elif outcome in _SEARCH_ELSEWHERE:
        n1.register_after_release()
    elif outcome is Outcome.TAI_FORBIDDEN_FOR_ROAMING:
        ue.uu.leave_cell()
        n1.register(RegistrationType.mobility_registration_updating)


def notification(ue: Ue, _message: Notification, _protected: bool) -> None:
    """There is no non-3GPP access here: the answer says which sessions there are (clause 5.6.3.3)."""
    ue.n1.send(NotificationResponse(pdu_session_status=PduSessionIds(ue.sm.established())))
