"""PDU session resources in the NG-RAN node: what the SMF asks of it, and its answers (TS 38.413 clause 8.2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from awase.functions.amf.context import AccessContext, NgConnection, SmMessage, Ue
from awase.functions.amf.core import Amf
from awase.model.ids import SNssai
from awase.protocols.nas.causes import FiveGMMCause
from awase.protocols.nas.elements import GprsTimer3, PayloadContainerType
from awase.protocols.nas.messages import DLNASTransport
from awase.protocols.ngap import messages as ngap
from awase.protocols.ngap.codec import encode_transfer
from awase.protocols.ngap.elements import (
    Cause,
    PDUSessionResourceModifyItemModReq,
    PDUSessionResourceSetupItemCxtReq,
    PDUSessionResourceSetupItemSUReq,
    PDUSessionResourceToReleaseItemRelCmd,
)
from awase.protocols.ngap.transfers import PDUSessionResourceReleaseCommandTransfer

SETUP_REQUEST = "PDU_RES_SETUP_REQ"
RELEASE_COMMAND = "PDU_RES_REL_CMD"
MODIFY_REQUEST = "PDU_RES_MOD_REQ"
MODIFY_CONFIRM = "PDU_RES_MOD_CFM"
N2_TYPES = (SETUP_REQUEST, RELEASE_COMMAND, MODIFY_REQUEST)
"""N2SmInfoType towards NG-RAN (TS 29.502 clause 6.1.6.3)."""


_REPLACED = PDUSessionResourceReleaseCommandTransfer(cause=Cause("nas", "normal-release"))


def transport(
    pdu_session_id: int, n1: bytes, cause: FiveGMMCause | None = None, back_off: GprsTimer3 | None = None
) -> DLNASTransport:
    """DL NAS TRANSPORT with a 5GSM message (TS 24.501 clause 5.4.5.3.2)."""
    return DLNASTransport(
        payload_container_type=PayloadContainerType.n1_sm_information,
        payload_container=n1,
        pdu_session_id=pdu_session_id,
        five_gmm_cause=cause,
        back_off_timer_value=back_off,
    )


def send(amf: Amf, ue: Ue, connection: NgConnection, message: SmMessage) -> None:
    """N2 SM information to a node that has the UE's context, with the 5GSM message that goes along."""
    if message.n2_type == RELEASE_COMMAND:
        amf.send_to_ran(connection, _release(connection, message, _nas(amf, ue, message)))
    elif message.n2_type == MODIFY_REQUEST:
        amf.send_to_ran(connection, _modify(connection, message, _nas(amf, ue, message)))
    else:
        set_up(amf, ue, connection, (message,))


def replaced(amf: Amf, ue: Ue, pdu_session_id: int) -> None:
    """The node lets go of a session that another takes the place of, or it refuses that (clause 8.2.1.4)."""
    connection = ue.connection
    if connection is not None and connection.access_context is AccessContext.SET_UP:
        message = SmMessage(pdu_session_id, None, b"", encode_transfer(_REPLACED), RELEASE_COMMAND)
        send(amf, ue, connection, message)


def set_up(
    amf: Amf, ue: Ue, connection: NgConnection, messages: Sequence[SmMessage], nas_pdu: bytes | None = None
) -> None:
    """PDU SESSION RESOURCE SETUP REQUEST for one session or more (clause 8.2.1)."""
    amf.send_to_ran(
        connection,
        ngap.PDUSessionResourceSetupRequest(
            amf_ue_ngap_id=connection.amf_ue_ngap_id,
            ran_ue_ngap_id=connection.ran_ue_ngap_id,
            nas_pdu=nas_pdu,
            pdu_session_resource_setup_list_su_req=tuple(
                PDUSessionResourceSetupItemSUReq(
                    pdu_session_id=message.pdu_session_id,
                    pdu_session_nas_pdu=_nas(amf, ue, message),
                    s_nssai=message.s_nssai or SNssai(1),
                    pdu_session_resource_setup_request_transfer=message.n2,
                )
                for message in messages
            ),
            ue_aggregate_maximum_bit_rate=ue.ambr,
        ),
    )


def context_items(amf: Amf, ue: Ue, messages: Sequence[SmMessage]) -> tuple[PDUSessionResourceSetupItemCxtReq, ...]:
    """Sessions that are set up together with the UE's context (clause 8.3.1)."""
    return tuple(
        PDUSessionResourceSetupItemCxtReq(
            pdu_session_id=message.pdu_session_id,
            nas_pdu=_nas(amf, ue, message),
            s_nssai=message.s_nssai or SNssai(1),
            pdu_session_resource_setup_request_transfer=message.n2,
        )
        for message in messages
    )


def _nas(amf: Amf, ue: Ue, message: SmMessage) -> bytes | None:
    return amf.protect(ue, transport(message.pdu_session_id, message.n1)) if message.n1 else None


def _release(
    connection: NgConnection, message: SmMessage, nas_pdu: bytes | None
) -> ngap.PDUSessionResourceReleaseCommand:
    return ngap.PDUSessionResourceReleaseCommand(
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


def _modify(
    connection: NgConnection, message: SmMessage, nas_pdu: bytes | None
) -> ngap.PDUSessionResourceModifyRequest:
    return ngap.PDUSessionResourceModifyRequest(
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


class Outcome(NamedTuple):
    """What of a node's message goes to the SMF: its list, the transfer in each item, the N2 information's type."""

    items: str
    transfer: str
    n2_type: str


_SET_UP, _NOT_SET_UP = "PDU_RES_SETUP_RSP", "PDU_RES_SETUP_FAIL"
_RESPONSE_TRANSFER = "pdu_session_resource_setup_response_transfer"
_UNSUCCESSFUL_TRANSFER = "pdu_session_resource_setup_unsuccessful_transfer"

OUTCOMES: dict[type, tuple[Outcome, ...]] = {
    ngap.PDUSessionResourceSetupResponse: (
        Outcome("pdu_session_resource_setup_list_su_res", _RESPONSE_TRANSFER, _SET_UP),
        Outcome("pdu_session_resource_failed_to_setup_list_su_res", _UNSUCCESSFUL_TRANSFER, _NOT_SET_UP),
    ),
    ngap.InitialContextSetupResponse: (
        Outcome("pdu_session_resource_setup_list_cxt_res", _RESPONSE_TRANSFER, _SET_UP),
        Outcome("pdu_session_resource_failed_to_setup_list_cxt_res", _UNSUCCESSFUL_TRANSFER, _NOT_SET_UP),
    ),
    ngap.InitialContextSetupFailure: (
        Outcome("pdu_session_resource_failed_to_setup_list_cxt_fail", _UNSUCCESSFUL_TRANSFER, _NOT_SET_UP),
    ),
    ngap.PDUSessionResourceReleaseResponse: (
        Outcome(
            "pdu_session_resource_released_list_rel_res",
            "pdu_session_resource_release_response_transfer",
            "PDU_RES_REL_RSP",
        ),
    ),
    ngap.PDUSessionResourceModifyResponse: (
        Outcome(
            "pdu_session_resource_modify_list_mod_res",
            "pdu_session_resource_modify_response_transfer",
            "PDU_RES_MOD_RSP",
        ),
        Outcome(
            "pdu_session_resource_failed_to_modify_list_mod_res",
            "pdu_session_resource_modify_unsuccessful_transfer",
            "PDU_RES_MOD_FAIL",
        ),
    ),
    ngap.PDUSessionResourceNotify: (
        Outcome("pdu_session_resource_notify_list", "pdu_session_resource_notify_transfer", "PDU_RES_NTY"),
        Outcome(
            "pdu_session_resource_released_list_not",
            "pdu_session_resource_notify_released_transfer",
            "PDU_RES_NTY_REL",
        ),
    ),
}
"""TS 38.413 clauses 8.2.1 to 8.2.4 and 8.3.1; N2SmInfoType of TS 29.502 clause 6.1.6.3."""


def outcomes(message: Any) -> list[tuple[int, str, bytes]]:
    """PDU session, type and octets of each transfer in a node's message."""
    return [
        (item.pdu_session_id, outcome.n2_type, getattr(item, outcome.transfer))
        for outcome in OUTCOMES[type(message)]
        for item in getattr(message, outcome.items)
    ]
