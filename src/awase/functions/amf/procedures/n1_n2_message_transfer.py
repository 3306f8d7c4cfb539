"""N1N2MessageTransfer: what the SMF has for a UE and its NG-RAN node (TS 23.502 clauses 4.2.3.3 and 4.3.2.2)."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from awase.functions.amf.context import AccessContext, NgConnection, Ue
from awase.functions.amf.core import Amf
from awase.functions.amf.procedures import initial_context_setup
from awase.functions.amf.states import State
from awase.model.ids import SNssai, Supi
from awase.protocols.nas.causes import FiveGMMCause
from awase.protocols.nas.elements import PayloadContainerType
from awase.protocols.nas.messages import DLNASTransport
from awase.protocols.ngap.elements import (
    PDUSessionResourceModifyItemModReq,
    PDUSessionResourceSetupItemSUReq,
    PDUSessionResourceToReleaseItemRelCmd,
)
from awase.protocols.ngap.messages import (
    PDUSessionResourceModifyRequest,
    PDUSessionResourceReleaseCommand,
    PDUSessionResourceSetupRequest,
)
from awase.protocols.sbi import codec
from awase.protocols.sbi import namf_communication as namf
from awase.protocols.sbi.entity import Call
from awase.protocols.sbi.messages import ProblemDetails, Response

SETUP_REQUEST = "PDU_RES_SETUP_REQ"
RELEASE_COMMAND = "PDU_RES_REL_CMD"
MODIFY_REQUEST = "PDU_RES_MOD_REQ"
N2_TYPES = (SETUP_REQUEST, RELEASE_COMMAND, MODIFY_REQUEST)
"""N2SmInfoType towards NG-RAN (TS 29.502 table 6.1.6.3.7-1)."""


LONGEST = 7000
"""Octets of a NAS message or a transfer: nodes in the field take NGAP messages of 8192 octets."""


class SmMessage(NamedTuple):
    """5GSM message for the UE, and N2 SM information for its node, either may be empty."""

    pdu_session_id: int
    s_nssai: SNssai | None
    n1: bytes = b""
    n2: bytes = b""
    n2_type: str = ""


def requested(amf: Amf, call: Call, body: namf.N1N2MessageTransferReqData) -> Response:
    """N1N2MessageTransfer (TS 29.518 clause 5.2.2.3.1)."""
    ue = amf.by_supi.get(Supi(call.params["ueContextId"]))
    if ue is None or ue.state is State.DEREGISTERED:
        return _error(404, "CONTEXT_NOT_FOUND", f"{call.params['ueContextId'][:64]} is not registered here")
    if ue.connection is None:
        return _idle(amf, ue, body)
    if ue.state is not State.REGISTERED:
        return _error(409, "TEMPORARY_REJECT_REGISTRATION_ONGOING", "a registration is under way")
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
    deliver(amf, ue, SmMessage(psi, s_nssai or session.s_nssai, n1, n2, n2_type))
    return codec.json_response(200, namf.N1N2MessageTransferRspData(cause=namf.N1_N2_TRANSFER_INITIATED))


def deliver(amf: Amf, ue: Ue, message: SmMessage) -> None:
    """Send it: N2 information only to a node that has the UE's context, which is set up first if need be."""
    connection = ue.connection
    if connection is None or len(message.n1) > LONGEST or len(message.n2) > LONGEST:
        return
    if not message.n2 or message.n2_type not in N2_TYPES:
        send_n1(amf, ue, message.pdu_session_id, message.n1)
        return
    if connection.access_context is AccessContext.SET_UP:
        _send_n2(amf, ue, connection, message)
        return
    if message.n2_type == RELEASE_COMMAND and connection.access_context is AccessContext.NONE:
        # The node holds nothing to release; the UE is told all the same.
        if message.n1:
            send_n1(amf, ue, message.pdu_session_id, message.n1)
        return
    if len(connection.waiting) >= amf.config.limits.waiting_n2_messages_per_ue:
        amf.report_rarely("N2Congested", f"too much waits for the context of {ue.name()} in {connection.gnb.name}")
        return
    connection.waiting.append(partial(_send_n2, amf, ue, connection, message))
    if connection.access_context is AccessContext.NONE:
        initial_context_setup.start(amf, ue, connection, None)


def send_n1(amf: Amf, ue: Ue, pdu_session_id: int, n1: bytes, cause: FiveGMMCause | None = None) -> None:
    """DL NAS TRANSPORT with a 5GSM message; with a cause the UE's own comes back (24.501 5.4.5.3.2)."""
    connection = ue.connection
    if connection is None or not n1 or len(n1) > LONGEST:
        return
    amf.send_nas(connection, amf.protect(ue, _transport(pdu_session_id, n1, cause)))


def _transport(pdu_session_id: int, n1: bytes, cause: FiveGMMCause | None = None) -> DLNASTransport:
    return DLNASTransport(
        payload_container_type=PayloadContainerType.n1_sm_information,
        payload_container=n1,
        pdu_session_id=pdu_session_id,
        five_gmm_cause=cause,
    )


def _send_n2(amf: Amf, ue: Ue, connection: NgConnection, message: SmMessage) -> None:
    nas_pdu = amf.protect(ue, _transport(message.pdu_session_id, message.n1)) if message.n1 else None
    if message.n2_type == RELEASE_COMMAND:
        amf.send_to_ran(connection, _release(connection, message, nas_pdu))
    elif message.n2_type == MODIFY_REQUEST:
        amf.send_to_ran(connection, _modify(connection, message, nas_pdu))
    else:
        amf.send_to_ran(connection, _setup(ue, connection, message, nas_pdu))


def _release(connection: NgConnection, message: SmMessage, nas_pdu: bytes | None) -> PDUSessionResourceReleaseCommand:
    return PDUSessionResourceReleaseCommand(
        amf_ue_ngap_id=connection.amf_ue_ngap_id,
        ran_ue_ngap_id=connection.ran_ue_ngap_id,
        nas_pdu=nas_pdu,
        pdu_session_resource_to_release_list_rel_cmd=(
            PDUSessionResourceToReleaseItemRelCmd(
                pdu_session_id=message.pdu_session_id,
                pdu_session_resource_release_command_transfer=message.n2,
            ),
        ),
    )


def _modify(connection: NgConnection, message: SmMessage, nas_pdu: bytes | None) -> PDUSessionResourceModifyRequest:
    return PDUSessionResourceModifyRequest(
        amf_ue_ngap_id=connection.amf_ue_ngap_id,
        ran_ue_ngap_id=connection.ran_ue_ngap_id,
        pdu_session_resource_modify_list_mod_req=(
            PDUSessionResourceModifyItemModReq(
                pdu_session_id=message.pdu_session_id,
                nas_pdu=nas_pdu,
                pdu_session_resource_modify_request_transfer=message.n2,
            ),
        ),
    )


def _setup(
    ue: Ue, connection: NgConnection, message: SmMessage, nas_pdu: bytes | None
) -> PDUSessionResourceSetupRequest:
    return PDUSessionResourceSetupRequest(
        amf_ue_ngap_id=connection.amf_ue_ngap_id,
        ran_ue_ngap_id=connection.ran_ue_ngap_id,
        pdu_session_resource_setup_list_su_req=(
            PDUSessionResourceSetupItemSUReq(
                pdu_session_id=message.pdu_session_id,
                pdu_session_nas_pdu=nas_pdu,
                s_nssai=message.s_nssai or SNssai(1),
                pdu_session_resource_setup_request_transfer=message.n2,
            ),
        ),
        ue_aggregate_maximum_bit_rate=ue.ambr,
    )


def _idle(amf: Amf, ue: Ue, body: namf.N1N2MessageTransferReqData) -> Response:
    """The UE is CM-IDLE (TS 29.518 clause 5.2.2.3.1.2): we do not page yet, so it is not reachable."""
    if body.skip_ind:
        return codec.json_response(200, namf.N1N2MessageTransferRspData(cause=namf.N1_MSG_NOT_TRANSFERRED))
    amf.report_rarely("UeNotReachable", f"{ue.name()} is CM-IDLE and cannot be paged yet", subject=ue.subject)
    return _error(504, "UE_NOT_REACHABLE", "the UE is CM-IDLE")


def _error(status: int, cause: str, detail: str) -> Response:
    error = namf.N1N2MessageTransferError(error=ProblemDetails(status=status, cause=cause, detail=detail))
    return codec.json_response(status, error)
