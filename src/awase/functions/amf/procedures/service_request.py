"""Service request, the AMF's side (TS 24.501 clause 5.6.1, TS 23.502 clauses 4.2.3.2 and 4.2.3.3)."""

from __future__ import annotations

from awase.functions.amf.context import NgConnection, Ue
from awase.functions.amf.core import Amf
from awase.functions.amf.procedures import (
    configuration_update,
    congestion,
    n1_n2_message_transfer,
    paging,
    sm_context,
    ue_context_release,
    user_plane_activation,
)
from awase.functions.amf.states import State
from awase.model.machine import Procedure
from awase.protocols.nas.causes import FiveGMMCause
from awase.protocols.nas.elements import PduSessionIds
from awase.protocols.nas.messages import ServiceAccept, ServiceReject, ServiceRequest


def serve(amf: Amf, ue: Ue, connection: NgConnection, request: ServiceRequest) -> None:
    """A service request whose integrity is verified."""
    if ue.state is not State.REGISTERED:
        # It kept a context that we have let lapse (clause 5.6.1.5, cause 10).
        reject(amf, connection, ue, FiveGMMCause.implicitly_de_registered)
        return
    if congestion.holds_off_service(amf, ue, connection, request):
        reject(amf, connection, ue, FiveGMMCause.congestion)
        return
    if connection.holding:
        if request == ue.service:
            # The same again while it is served: one answer does for both (clause 5.6.1.8 c).
            return
        amf.stop_procedure(ue)
    status = request.pdu_session_status
    if status is not None:
        for session in list(ue.sessions.values()):
            if session.pdu_session_id not in status.ids:
                sm_context.release(amf, ue, session)
    ue.service = request
    amf.run_for(ue, _serve(amf, ue, connection, request))


def _serve(amf: Amf, ue: Ue, connection: NgConnection, request: ServiceRequest) -> Procedure[None]:
    connection.holding = True
    paged = ue.paging is not None
    uplink = request.uplink_data_status
    psis = user_plane_activation.wanted(ue, uplink)
    activated = yield from user_plane_activation.activate(amf, ue, psis, uplink)
    ue.procedure = ue.service = None
    connection.holding = False
    given = request.pdu_session_status is not None or uplink is not None
    asked = uplink is not None or request.allowed_pdu_session_status is not None
    accept = ServiceAccept(
        pdu_session_status=PduSessionIds(tuple(sorted(ue.sessions))) if given else None,
        pdu_session_reactivation_result=_result(ue, uplink, activated) if asked else None,
        pdu_session_reactivation_result_error_cause=activated.causes() if asked else None,
    )
    nas_pdu = amf.protect(ue, accept)
    context = connection.context_requested
    user_plane_activation.connect(amf, ue, connection, nas_pdu, activated.messages, context=context)
    amf.report("ServiceAccepted", f"{ue.supi} is connected again through {connection.gnb.name}", subject=ue.subject)
    n1_n2_message_transfer.follow(amf, ue, paging.take(ue), psis)
    if paged and ue.update is None and ue.state is State.REGISTERED and ue.connection is connection:
        # TS 33.501 clause 6.12.3: a UE that answered a page gets another 5G-GUTI before it is let go.
        configuration_update.start(amf, ue, configuration_update.Change(guti=True))


def _result(ue: Ue, uplink: PduSessionIds | None, activated: user_plane_activation.Activated) -> PduSessionIds:
    """Which sessions do not come back: those that failed, and those that there are none of."""
    missing = [psi for psi in (uplink.ids if uplink is not None else ()) if psi not in ue.sessions]
    return PduSessionIds(tuple(sorted({*missing, *activated.result().ids})))


def reject(amf: Amf, connection: NgConnection, ue: Ue | None, cause: FiveGMMCause) -> None:
    """SERVICE REJECT, then the connection ends (clause 5.6.1.5); without a context it goes unprotected."""
    message = ServiceReject(
        five_gmm_cause=cause,
        t3346_value=congestion.t3346(amf) if cause == FiveGMMCause.congestion else None,
    )
    amf.send_nas(connection, amf.protect(ue or connection.ue, message))
    amf.report(
        "ServiceRejected",
        f"service request of {connection.ue.name()} through {connection.gnb.name} rejected: "
        f"cause {int(cause)} ({cause.text})",
        level="warning",
        subject=connection.ue.subject,
        cause=int(cause),
    )
    ue_context_release.release(amf, connection)
