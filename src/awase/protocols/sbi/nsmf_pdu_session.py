"""Nsmf_PDUSession between AMF and SMF: bodies, paths and errors (TS 29.502 clause 6.1)."""

from typing import Annotated

import msgspec

from awase.protocols.sbi.data_types import (
    Data,
    Guami,
    Name,
    NgApCause,
    PduSessionIdentity,
    PlmnId,
    RefToBinaryData,
    Snssai,
    Text,
    UserLocation,
)
from awase.protocols.sbi.messages import InvalidParam

SM_CONTEXTS = "/nsmf-pdusession/v1/sm-contexts"
SM_CONTEXT_MODIFY = "/nsmf-pdusession/v1/sm-contexts/{smContextRef}/modify"
SM_CONTEXT_RELEASE = "/nsmf-pdusession/v1/sm-contexts/{smContextRef}/release"

# Application errors of Table 6.1.7.3-1: status by cause.
ERRORS = {
    "N1_SM_ERROR": 403,
    "N2_SM_ERROR": 403,
    "SNSSAI_DENIED": 403,
    "DNN_DENIED": 403,
    "PDUTYPE_DENIED": 403,
    "SSC_DENIED": 403,
    "SUBSCRIPTION_DENIED": 403,
    "DNN_NOT_SUPPORTED": 403,
    "PDUTYPE_NOT_SUPPORTED": 403,
    "SSC_NOT_SUPPORTED": 403,
    "OUT_OF_LADN_SERVICE_AREA": 403,
    "INTEGRITY_PROTECTED_MDR_NOT_ACCEPTABLE": 403,
    "CONTEXT_NOT_FOUND": 404,
    "INSUFFICIENT_RESOURCES_SLICE": 500,
    "INSUFFICIENT_RESOURCES_SLICE_DNN": 500,
    "PEER_NOT_RESPONDING": 504,
    "NETWORK_FAILURE": 504,
    "UPF_NOT_RESPONDING": 504,
}


class SmContextCreateData(Data, frozen=True):
    """SmContextCreateData (clause 6.1.6.2.2)."""

    serving_nf_id: Text
    serving_network: PlmnId
    an_type: Text
    sm_context_status_uri: Text
    supi: Name | None = None
    pei: Text | None = None
    gpsi: Text | None = None
    pdu_session_id: PduSessionIdentity | None = None
    dnn: Name | None = None
    s_nssai: Snssai | None = None
    guami: Guami | None = None
    request_type: Text | None = None
    n1_sm_msg: RefToBinaryData | None = None
    rat_type: Text | None = None
    ue_location: UserLocation | None = None
    ue_time_zone: Text | None = None
    old_pdu_session_id: PduSessionIdentity | None = None
    presence_in_ladn: Text | None = None


class SmContextCreatedData(Data, frozen=True):
    """SmContextCreatedData (clause 6.1.6.2.3)."""

    h_smf_uri: Text | None = None
    pdu_session_id: PduSessionIdentity | None = None
    s_nssai: Snssai | None = None
    up_cnx_state: Text | None = None
    n2_sm_info: RefToBinaryData | None = None
    n2_sm_info_type: Text | None = None


class ExtProblemDetails(Data, frozen=True):
    """ExtProblemDetails (clause 6.1.6.4.1): ProblemDetails, and the cause that a NAS or NGAP message gave."""

    title: Text | None = None
    status: int | None = None
    detail: Text | None = None
    cause: Text | None = None
    invalid_params: tuple[InvalidParam, ...] | None = None


class SmContextCreateError(Data, frozen=True):
    """SmContextCreateError (clause 6.1.6.2.10)."""

    error: ExtProblemDetails
    n1_sm_msg: RefToBinaryData | None = None
    n2_sm_info: RefToBinaryData | None = None
    n2_sm_info_type: Text | None = None


class SmContextUpdateData(Data, frozen=True):
    """SmContextUpdateData (clause 6.1.6.2.4)."""

    pei: Text | None = None
    serving_nf_id: Text | None = None
    an_type: Text | None = None
    rat_type: Text | None = None
    ue_location: UserLocation | None = None
    ue_time_zone: Text | None = None
    up_cnx_state: Text | None = None
    n1_sm_msg: RefToBinaryData | None = None
    n2_sm_info: RefToBinaryData | None = None
    n2_sm_info_type: Text | None = None
    to_be_switched: bool = False
    failed_to_be_switched: bool = False
    release: bool = False
    cause: Text | None = None
    ng_ap_cause: NgApCause | None = None
    five_g_mm_cause_value: Annotated[int, msgspec.Meta(ge=0, le=255)] | None = msgspec.field(
        default=None, name="5gMmCauseValue"
    )


class SmContextUpdatedData(Data, frozen=True):
    """SmContextUpdatedData (clause 6.1.6.2.5)."""

    up_cnx_state: Text | None = None
    n1_sm_msg: RefToBinaryData | None = None
    n2_sm_info: RefToBinaryData | None = None
    n2_sm_info_type: Text | None = None
    cause: Text | None = None


class SmContextUpdateError(Data, frozen=True):
    """SmContextUpdateError (clause 6.1.6.2.11)."""

    error: ExtProblemDetails
    n1_sm_msg: RefToBinaryData | None = None
    n2_sm_info: RefToBinaryData | None = None
    n2_sm_info_type: Text | None = None
    up_cnx_state: Text | None = None


class SmContextReleaseData(Data, frozen=True):
    """SmContextReleaseData (clause 6.1.6.2.6)."""

    cause: Text | None = None
    ng_ap_cause: NgApCause | None = None
    five_g_mm_cause_value: Annotated[int, msgspec.Meta(ge=0, le=255)] | None = msgspec.field(
        default=None, name="5gMmCauseValue"
    )
    ue_location: UserLocation | None = None
    ue_time_zone: Text | None = None
    n2_sm_info: RefToBinaryData | None = None
    n2_sm_info_type: Text | None = None


class StatusInfo(Data, frozen=True):
    """StatusInfo (clause 6.1.6.2.9)."""

    resource_status: Text
    cause: Text | None = None


class SmContextStatusNotification(Data, frozen=True):
    """SmContextStatusNotification (clause 6.1.6.2.8), posted to the smContextStatusUri."""

    status_info: StatusInfo
