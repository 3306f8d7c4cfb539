"""N1N2MessageTransfer: what the SMF has for a UE and its NG-RAN node (TS 23.502 clauses 4.2.3.3 and 4.3.2.2)."""

from __future__ import annotations

from collections.abc import Container, Sequence
from functools import partial

from awase.functions.amf.context import AccessContext, SmMessage, Ue
from awase.functions.amf.core import Amf
from awase.functions.amf.procedures import initial_context_setup, paging, pdu_session_resource
from awase.functions.amf.procedures.pdu_session_resource import N2_TYPES, RELEASE_COMMAND, SETUP_REQUEST
from awase.functions.amf.states import State
from awase.model.ids import Supi
from awase.protocols.nas.causes import FiveGMMCause
from awase.protocols.nas.elements import GprsTimer3
from awase.protocols.sbi import codec
from awase.protocols.sbi import namf_communication as namf
from awase.protocols.sbi.entity import Call
from awase.protocols.sbi.messages import ProblemDetails, Response

LONGEST = 7000
"""Octets of a NAS message or a transfer: nodes in the field take NGAP messages of 8192 octets."""


def requested(amf: Amf, call: Call, body: namf.N1N2MessageTransferReqData) -> Response:
    """N1N2MessageTransfer (TS 29.518 clause 5.2.2.3.1)."""
    ue = amf.by_supi.get(Supi(call.params["ueContextId"]))
    if ue is None or ue.state is State.DEREGISTERED:
        return _error(404, "CONTEXT_NOT_FOUND", f"{call.params['ueContextId'][:64]} is not registered here")
    if ue.state is State.COMMON_PROCEDURE_INITIATED:
        return _error(409, "TEMPORARY_REJECT_REGISTRATION_ONGOING", "a registration is under way")
    if ue.state is not State.REGISTERED:
        return _error(403, "UNSPECIFIED", "the UE is being deregistered")
    message = _message(ue, call, body)
    if isinstance(message, Response):
        return message
    connection = ue.connection
    if connection is None:
        return _idle(amf, ue, call, body, message)
    if connection.holding:
        if not paging.page(amf, ue, paging.Pending(message)):
            return _error(403, "UNSPECIFIED", "too much waits for this UE")
    else:
        deliver(amf, ue, message)
    return codec.json_response(200, namf.N1N2MessageTransferRspData(cause=namf.N1_N2_TRANSFER_INITIATED))


def _message(ue: Ue, call: Call, body: namf.N1N2MessageTransferReqData) -> SmMessage | Response:
    sm_info = body.n2_info_container.sm_info if body.n2_info_container is not None else None
    psi = body.pdu_session_id
    s_nssai = None
    n1 = n2 = b""
    n2_type = ""
    if body.n1_message_container is not None:
        n1 = call.part(body.n1_message_container.n1_message_content) or b""
    if sm_info is not None:
        psi = sm_info.pdu_session_id if psi is None else psi
        s_nssai = sm_info.s_nssai.s_nssai() if sm_info.s_nssai is not None else None
        if sm_info.n2_info_content is not None:
            n2 = call.part(sm_info.n2_info_content.ngap_data) or b""
            n2_type = sm_info.n2_info_content.ngap_ie_type or ""
    session = None if psi is None else ue.sessions.get(psi)
    if psi is None or session is None:
        return _error(403, "UNSPECIFIED", f"no PDU session {psi} of this UE is known here")
    if max(len(n1), len(n2)) > LONGEST:
        return _error(400, "MANDATORY_IE_INCORRECT", f"more than {LONGEST} octets")
    if (not n1 and not n2) or (n2 and n2_type not in N2_TYPES):
        return _error(400, "MANDATORY_IE_INCORRECT", f"nothing to transfer, or N2 information {n2_type[:40]!r}")
    return SmMessage(psi, s_nssai or session.s_nssai, n1, n2, n2_type)


def deliver(amf: Amf, ue: Ue, message: SmMessage) -> None:
    """Send it: N2 information only to a node that has the UE's context, which is set up first if need be."""
    connection = ue.connection
    if connection is None or len(message.n1) > LONGEST or len(message.n2) > LONGEST:
        return
    if not message.n2 or message.n2_type not in N2_TYPES:
        send_n1(amf, ue, message.pdu_session_id, message.n1)
        return
    if connection.access_context is AccessContext.SET_UP:
        pdu_session_resource.send(amf, ue, connection, message)
        return
    if message.n2_type == RELEASE_COMMAND and connection.access_context is AccessContext.NONE:
        # The node holds nothing to release; the UE is told all the same.
        if message.n1:
            send_n1(amf, ue, message.pdu_session_id, message.n1)
        return
    if len(connection.waiting) >= amf.config.limits.waiting_n2_messages_per_ue:
        amf.report_rarely("N2Congested", f"too much waits for the context of {ue.name()} in {connection.gnb.name}")
        return
    connection.waiting.append(partial(pdu_session_resource.send, amf, ue, connection, message))
    if connection.access_context is AccessContext.NONE:
        initial_context_setup.start(amf, ue, connection, None)


def send_n1(
    amf: Amf,
    ue: Ue,
    pdu_session_id: int,
    n1: bytes,
    cause: FiveGMMCause | None = None,
    *,
    back_off: GprsTimer3 | None = None,
) -> None:
    """DL NAS TRANSPORT with a 5GSM message; with a cause the UE's own comes back (24.501 5.4.5.3.2)."""
    connection = ue.connection
    if connection is None or not n1 or len(n1) > LONGEST:
        return
    message = pdu_session_resource.transport(pdu_session_id, n1, cause, back_off)
    amf.send_nas(connection, amf.protect(ue, message))


def follow(amf: Amf, ue: Ue, pending: Sequence[paging.Pending], done: Container[int]) -> None:
    """What waited for a UE goes, now that it is connected; the user planes in `done` are there, or refused."""
    for one in pending:
        message = one.message
        if message is not None and message.pdu_session_id in ue.sessions:
            if message.n2_type == SETUP_REQUEST and message.pdu_session_id in done:
                continue
            if message.n2_type != SETUP_REQUEST:
                # A session without user plane has nothing in the node to change or to release.
                message = message._replace(n2=b"", n2_type="")
            deliver(amf, ue, message)
        if one.reached is not None:
            one.reached()


def _idle(amf: Amf, ue: Ue, call: Call, body: namf.N1N2MessageTransferReqData, message: SmMessage) -> Response:
    """The UE is CM-IDLE (TS 29.518 clause 5.2.2.3.1.2): it is paged, unless that can be spared or is of no use."""
    if body.skip_ind:
        return codec.json_response(200, namf.N1N2MessageTransferRspData(cause=namf.N1_MSG_NOT_TRANSFERRED))
    if not message.n1 and message.n2_type != SETUP_REQUEST:
        return _error(409, "UE_IN_CM_IDLE_STATE", "the node holds no such resources")
    if not ue.reachable:
        amf.report_rarely("UeNotReachable", f"{ue.name()} has missed its periodic update", subject=ue.subject)
        return _error(504, "UE_NOT_REACHABLE", "the UE has missed its periodic update")
    path = f"{namf.N1_N2_MESSAGES.format(ueContextId=ue.supi)}/{amf.next_wait()}"
    location = f"{amf.sbi_root}{path}"
    pending = paging.Pending(
        message,
        failure_uri=body.n1n2_failure_txf_notif_uri or "",
        message_uri=location,
        priority=body.arp.priority_level if body.arp is not None else 15,
    )
    if not paging.page(amf, ue, pending):
        return _error(403, "UNSPECIFIED", "too much waits for this UE")
    answer = namf.N1N2MessageTransferRspData(cause=namf.ATTEMPTING_TO_REACH_UE)
    return codec.json_response(202, answer, location=location)


def _error(status: int, cause: str, detail: str) -> Response:
    error = namf.N1N2MessageTransferError(error=ProblemDetails(status=status, cause=cause, detail=detail))
    return codec.json_response(status, error)
