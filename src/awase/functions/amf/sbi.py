"""The AMF's own services: Namf_Communication and the callbacks that it gave out (TS 29.518)."""

from __future__ import annotations

from functools import partial
from hmac import compare_digest

from awase.functions.amf.core import Amf
from awase.functions.amf.procedures import (
    data_restoration,
    deregistration,
    n1_n2_message_transfer,
    sm_context,
    subscription_data_change,
)
from awase.functions.amf.states import State
from awase.model.ids import Supi
from awase.model.part import Packet
from awase.protocols.nas.causes import FiveGMMCause
from awase.protocols.sbi import codec
from awase.protocols.sbi.entity import Call
from awase.protocols.sbi.messages import JSON, MULTIPART, Response
from awase.protocols.sbi.namf_communication import (
    DATA_RESTORATION,
    DEREG_NOTIFY,
    N1_N2_MESSAGES,
    SDM_NOTIFY,
    SM_CONTEXT_STATUS,
    N1N2MessageTransferReqData,
)
from awase.protocols.sbi.nsmf_pdu_session import SmContextStatusNotification
from awase.protocols.sbi.nudm_sdm import ModificationNotification
from awase.protocols.sbi.nudm_uecm import UE_INITIAL_REGISTRATION, DataRestorationNotification, DeregistrationData

_SUBSCRIPTION_WITHDRAWN = "SUBSCRIPTION_WITHDRAWN"
_REREGISTRATION_REQUIRED = "REREGISTRATION_REQUIRED"
_UE_REGISTRATION_AREA_CHANGE = "UE_REGISTRATION_AREA_CHANGE"
"""DeregistrationReason (TS 29.503 table 6.2.6.3.3-1)."""


def serve(amf: Amf) -> None:
    """Register the routes."""
    server = amf.server
    server.body_route(
        "POST",
        N1_N2_MESSAGES,
        N1N2MessageTransferReqData,
        partial(n1_n2_message_transfer.requested, amf),
        types=(JSON, MULTIPART),
    )
    server.body_route("POST", SM_CONTEXT_STATUS, SmContextStatusNotification, partial(_sm_context_status, amf))
    server.body_route("POST", DEREG_NOTIFY, DeregistrationData, partial(_dereg_notify, amf))
    server.body_route("POST", SDM_NOTIFY, ModificationNotification, partial(_sdm_notify, amf))
    server.body_route("POST", DATA_RESTORATION, DataRestorationNotification, partial(data_restoration.notified, amf))


def handle(amf: Amf, packet: Packet) -> None:
    """One packet of the sbi port."""
    if not amf.client.handle(packet):
        amf.server.handle(packet)


def _sm_context_status(amf: Amf, call: Call, body: SmContextStatusNotification) -> Response:
    """The SMF has released a session by itself (TS 29.502 clause 5.2.2.5)."""
    ue = amf.by_supi.get(Supi(call.params["supi"]))
    text = call.params["pduSessionId"]
    session = ue.sessions.get(int(text)) if ue is not None and text.isdecimal() and len(text) < 4 else None
    token = call.params["contextToken"].encode()
    if ue is None or session is None or not session.sm_context or not compare_digest(session.token.encode(), token):
        # Of a context that is none of ours, or of the one before it: the UE asked again at once (5GSM cause 39).
        return codec.problem(404, "CONTEXT_NOT_FOUND")
    if body.status_info.resource_status == "RELEASED":
        # It is gone there: nothing is to be released.
        session.sm_context = ""
        sm_context.release(amf, ue, session)
    return codec.json_response(204)


def _dereg_notify(amf: Amf, call: Call, body: DeregistrationData) -> Response:
    """The UDM says that the UE is no longer ours (TS 29.503 clause 5.3.2.3)."""
    ue = amf.by_supi.get(Supi(call.params["supi"]))
    if ue is None or ue.state is State.DEREGISTERED:
        return codec.problem(404, "CONTEXT_NOT_FOUND")
    reason = body.dereg_reason
    amf.report(
        "DeregisteredByUdm", f"the UDM deregisters {ue.name()}: {reason[:60]}", level="warning", subject=ue.subject
    )
    if reason in (UE_INITIAL_REGISTRATION, _UE_REGISTRATION_AREA_CHANGE):
        # Another AMF has registered: nothing of ours is to be purged there.
        ue.registered_at_udm = False
        deregistration.silently(amf, ue)
        return codec.json_response(204)
    withdrawn = reason == _SUBSCRIPTION_WITHDRAWN
    deregistration.by_network(
        amf,
        ue,
        re_registration_required=reason == _REREGISTRATION_REQUIRED,
        cause=FiveGMMCause.five_gs_services_not_allowed if withdrawn else None,
    )
    return codec.json_response(204)


def _sdm_notify(amf: Amf, call: Call, _body: ModificationNotification) -> Response:
    """The UDM says that the subscription has changed (TS 29.503 clause 5.2.2.5)."""
    ue = amf.by_supi.get(Supi(call.params["supi"]))
    if ue is None or ue.state is State.DEREGISTERED:
        return codec.problem(404, "CONTEXT_NOT_FOUND")
    subscription_data_change.notified(amf, ue)
    return codec.json_response(204)


__all__ = ["handle", "serve"]
