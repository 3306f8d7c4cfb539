"""Namf_Communication, N1N2MessageTransfer: bodies, paths and errors (TS 29.518 clause 6.1)."""

from typing import Annotated

import msgspec

from awase.protocols.sbi.data_types import Arp, Data, PduSessionIdentity, RefToBinaryData, Snssai, Text
from awase.protocols.sbi.messages import ProblemDetails

N1_N2_MESSAGES = "/namf-comm/v1/ue-contexts/{ueContextId}/n1-n2-messages"
SM_CONTEXT_STATUS = "/namf-callback/v1/{supi}/sm-context-status/{pduSessionId}/{contextToken}"
DEREG_NOTIFY = "/namf-callback/v1/{supi}/dereg-notify"
SDM_NOTIFY = "/namf-callback/v1/{supi}/sdmsubscription-notify"
DATA_RESTORATION = "/namf-callback/v1/data-restoration"
"""Callback paths are the AMF's own choice; these are ours."""

# Application errors of Table 6.1.7.3-1: status by cause.
ERRORS = {
    "UE_IN_NON_ALLOWED_AREA": 403,
    "UNSPECIFIED": 403,
    "CONTEXT_NOT_FOUND": 404,
    "HIGHER_PRIORITY_REQUEST_ONGOING": 409,
    "TEMPORARY_REJECT_REGISTRATION_ONGOING": 409,
    "TEMPORARY_REJECT_HANDOVER_ONGOING": 409,
    "UE_IN_CM_IDLE_STATE": 409,
    "UE_NOT_REACHABLE": 504,
}

N1_N2_TRANSFER_INITIATED = "N1_N2_TRANSFER_INITIATED"
ATTEMPTING_TO_REACH_UE = "ATTEMPTING_TO_REACH_UE"
N1_MSG_NOT_TRANSFERRED = "N1_MSG_NOT_TRANSFERRED"
UE_NOT_RESPONDING = "UE_NOT_RESPONDING"
"""N1N2MessageTransferCause (Table 6.1.6.3.4-1)."""


class N1MessageContainer(Data, frozen=True):
    """N1MessageContainer (clause 6.1.6.2.17): `n1_message_class` SM, 5GMM, LPP, ..."""

    n1_message_class: Text
    n1_message_content: RefToBinaryData


class N2InfoContent(Data, frozen=True):
    """N2InfoContent (clause 6.1.6.2.27): `ngap_ie_type` names the transfer (PDU_RES_SETUP_REQ, ...)."""

    ngap_data: RefToBinaryData
    ngap_ie_type: Text | None = None
    ngap_message_type: Annotated[int, msgspec.Meta(ge=0)] | None = None


class N2SmInformation(Data, frozen=True):
    """N2SmInformation (clause 6.1.6.2.26)."""

    pdu_session_id: PduSessionIdentity
    n2_info_content: N2InfoContent | None = None
    s_nssai: Snssai | None = None


class N2InfoContainer(Data, frozen=True):
    """N2InfoContainer (clause 6.1.6.2.15)."""

    n2_information_class: Text
    sm_info: N2SmInformation | None = None


class N1N2MessageTransferReqData(Data, frozen=True):
    """N1N2MessageTransferReqData (clause 6.1.6.2.18)."""

    n1_message_container: N1MessageContainer | None = None
    n2_info_container: N2InfoContainer | None = None
    pdu_session_id: PduSessionIdentity | None = None
    skip_ind: bool = False
    last_msg_indication: bool = False
    ppi: Annotated[int, msgspec.Meta(ge=0, le=7)] | None = None
    arp: Arp | None = None
    five_qi: Annotated[int, msgspec.Meta(ge=0, le=255)] | None = msgspec.field(default=None, name="5qi")
    n1n2_failure_txf_notif_uri: Text | None = msgspec.field(default=None, name="n1n2FailureTxfNotifURI")


class N1N2MessageTransferRspData(Data, frozen=True):
    """N1N2MessageTransferRspData (clause 6.1.6.2.19)."""

    cause: Text
    supported_features: Text | None = None


class N1N2MsgTxfrFailureNotification(Data, frozen=True):
    """N1N2MsgTxfrFailureNotification (clause 6.1.6.2.28), posted to the n1n2FailureTxfNotifURI."""

    cause: Text
    n1n2_msg_data_uri: Text


class N1N2MsgTxfrErrDetail(Data, frozen=True):
    """N1N2MsgTxfrErrDetail (clause 6.1.6.2.31)."""

    retry_after: int | None = None
    highest_prio_arp: Arp | None = None


class N1N2MessageTransferError(Data, frozen=True):
    """N1N2MessageTransferError (clause 6.1.6.2.30)."""

    error: ProblemDetails
    err_info: N1N2MsgTxfrErrDetail | None = None
