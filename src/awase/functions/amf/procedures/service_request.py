"""Service request, the AMF's side (TS 24.501 clause 5.6.1, TS 23.502 clause 4.2.3.2)."""

from __future__ import annotations

from awase.functions.amf.context import AccessContext, NgConnection, Ue
from awase.functions.amf.core import Amf
from awase.functions.amf.procedures import initial_context_setup, sm_context, ue_context_release
from awase.functions.amf.procedures.sm_context import Update
from awase.functions.amf.states import State
from awase.protocols.nas.causes import FiveGMMCause
from awase.protocols.nas.elements import PduSessionIds
from awase.protocols.nas.messages import ServiceAccept, ServiceReject, ServiceRequest


def serve(amf: Amf, ue: Ue, connection: NgConnection, request: ServiceRequest) -> None:
    """A service request whose integrity is verified."""
    if ue.state is not State.REGISTERED:
        # It kept a context that we have let lapse (clause 5.6.1.5, cause 10).
        reject(amf, connection, ue, FiveGMMCause.implicitly_de_registered)
        return
    status = request.pdu_session_status
    if status is not None:
        for session in list(ue.sessions.values()):
            if session.pdu_session_id not in status.ids:
                sm_context.release(amf, ue, session)
    reactivate = wanted(ue, request.uplink_data_status)
    given = status is not None or request.uplink_data_status is not None
    missing = tuple(psi for psi in (request.uplink_data_status or PduSessionIds()).ids if psi not in ue.sessions)
    accept = ServiceAccept(
        pdu_session_status=PduSessionIds(tuple(sorted(ue.sessions))) if given else None,
        pdu_session_reactivation_result=PduSessionIds(missing) if request.uplink_data_status else None,
    )
    nas_pdu = amf.protect(ue, accept)
    if connection.access_context is AccessContext.NONE and (connection.context_requested or reactivate):
        initial_context_setup.start(amf, ue, connection, nas_pdu)
    else:
        amf.send_nas(connection, nas_pdu)
    amf.report("ServiceAccepted", f"{ue.supi} is connected again through {connection.gnb.name}", subject=ue.subject)
    activate(amf, ue, reactivate)


def reject(amf: Amf, connection: NgConnection, ue: Ue | None, cause: FiveGMMCause) -> None:
    """SERVICE REJECT, then the connection ends (clause 5.6.1.5); without a context it goes unprotected."""
    message = ServiceReject(five_gmm_cause=cause)
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


def wanted(ue: Ue, uplink_data_status: PduSessionIds | None) -> tuple[int, ...]:
    """The sessions whose user plane the UE wants back."""
    if uplink_data_status is None:
        return ()
    return tuple(psi for psi in uplink_data_status.ids if psi in ue.sessions)


def activate(amf: Amf, ue: Ue, sessions: tuple[int, ...]) -> None:
    """Ask the SMF for each session's user plane (TS 23.502 clause 4.2.3.2 step 4)."""
    for psi in sessions:
        session = ue.sessions.get(psi)
        if session is not None:
            sm_context.update(amf, ue, session, Update(up_cnx_state="ACTIVATING"))
