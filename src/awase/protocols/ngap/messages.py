"""Messages of NGAP that our functions act on (TS 38.413 clause 9.2), in the standard's names."""

from msgspec import Struct

from awase.model.ids import Guami, Plmn, SNssai, Tai
from awase.protocols.ngap.elements import (
    AMFTNLAssociationSetupItem,
    Cause,
    CriticalityDiagnostics,
    ExtendedAMFName,
    ExtendedRANNodeName,
    FiveGSTMSI,
    GlobalRANNodeID,
    OverloadResponse,
    OverloadStartNSSAIItem,
    PDUSessionResourceFailedToModifyItemModCfm,
    PDUSessionResourceFailedToModifyItemModRes,
    PDUSessionResourceFailedToResumeItemRESReq,
    PDUSessionResourceFailedToResumeItemRESRes,
    PDUSessionResourceFailedToSetupItemCxtFail,
    PDUSessionResourceFailedToSetupItemCxtRes,
    PDUSessionResourceFailedToSetupItemPSReq,
    PDUSessionResourceFailedToSetupItemSURes,
    PDUSessionResourceItemCxtRelCpl,
    PDUSessionResourceItemCxtRelReq,
    PDUSessionResourceModifyItemModCfm,
    PDUSessionResourceModifyItemModInd,
    PDUSessionResourceModifyItemModReq,
    PDUSessionResourceModifyItemModRes,
    PDUSessionResourceNotifyItem,
    PDUSessionResourceReleasedItemNot,
    PDUSessionResourceReleasedItemPSAck,
    PDUSessionResourceReleasedItemPSFail,
    PDUSessionResourceReleasedItemRelRes,
    PDUSessionResourceResumeItemRESReq,
    PDUSessionResourceResumeItemRESRes,
    PDUSessionResourceSetupItemCxtReq,
    PDUSessionResourceSetupItemCxtRes,
    PDUSessionResourceSetupItemSUReq,
    PDUSessionResourceSetupItemSURes,
    PDUSessionResourceSuspendItemSUSReq,
    PDUSessionResourceSwitchedItem,
    PDUSessionResourceToBeSwitchedDLItem,
    PDUSessionResourceToReleaseItemRelCmd,
    PLMNSupportItem,
    RawIE,
    ResetType,
    SecurityContext,
    SecurityKey,
    ServedGUAMIItem,
    SupportedTAItem,
    UEAggregateMaximumBitRate,
    UEAssociatedLogicalNGConnectionItem,
    UENGAPIDs,
    UEPagingIdentity,
    UERadioCapabilityForPaging,
    UESecurityCapabilities,
    UnavailableGUAMIItem,
    UserLocationInformation,
)
from awase.wire.criticality import RawMessage as RawMessage  # noqa: PLC0414 (part of this module)


class PDUSessionResourceSetupRequest(Struct, frozen=True, kw_only=True):
    """PDU SESSION RESOURCE SETUP REQUEST (TS 38.413 clause 9.2.1.1)."""

    amf_ue_ngap_id: int
    ran_ue_ngap_id: int
    ran_paging_priority: int | None = None
    nas_pdu: bytes | None = None
    pdu_session_resource_setup_list_su_req: tuple[PDUSessionResourceSetupItemSUReq, ...]
    ue_aggregate_maximum_bit_rate: UEAggregateMaximumBitRate | None = None
    unknown: tuple[RawIE, ...] = ()


class PDUSessionResourceSetupResponse(Struct, frozen=True, kw_only=True):
    """PDU SESSION RESOURCE SETUP RESPONSE (TS 38.413 clause 9.2.1.2)."""

    amf_ue_ngap_id: int | None = None
    ran_ue_ngap_id: int | None = None
    pdu_session_resource_setup_list_su_res: tuple[PDUSessionResourceSetupItemSURes, ...] = ()
    pdu_session_resource_failed_to_setup_list_su_res: tuple[PDUSessionResourceFailedToSetupItemSURes, ...] = ()
    criticality_diagnostics: CriticalityDiagnostics | None = None
    user_location_information: UserLocationInformation | None = None
    unknown: tuple[RawIE, ...] = ()


class PDUSessionResourceReleaseCommand(Struct, frozen=True, kw_only=True):
    """PDU SESSION RESOURCE RELEASE COMMAND (TS 38.413 clause 9.2.1.3)."""

    amf_ue_ngap_id: int
    ran_ue_ngap_id: int
    ran_paging_priority: int | None = None
    nas_pdu: bytes | None = None
    pdu_session_resource_to_release_list_rel_cmd: tuple[PDUSessionResourceToReleaseItemRelCmd, ...]
    unknown: tuple[RawIE, ...] = ()


class PDUSessionResourceReleaseResponse(Struct, frozen=True, kw_only=True):
    """PDU SESSION RESOURCE RELEASE RESPONSE (TS 38.413 clause 9.2.1.4)."""

    amf_ue_ngap_id: int | None = None
    ran_ue_ngap_id: int | None = None
    pdu_session_resource_released_list_rel_res: tuple[PDUSessionResourceReleasedItemRelRes, ...] = ()
    user_location_information: UserLocationInformation | None = None
    criticality_diagnostics: CriticalityDiagnostics | None = None
    unknown: tuple[RawIE, ...] = ()


class PDUSessionResourceModifyRequest(Struct, frozen=True, kw_only=True):
    """PDU SESSION RESOURCE MODIFY REQUEST (TS 38.413 clause 9.2.1.5)."""

    amf_ue_ngap_id: int
    ran_ue_ngap_id: int
    ran_paging_priority: int | None = None
    pdu_session_resource_modify_list_mod_req: tuple[PDUSessionResourceModifyItemModReq, ...]
    unknown: tuple[RawIE, ...] = ()


class PDUSessionResourceModifyResponse(Struct, frozen=True, kw_only=True):
    """PDU SESSION RESOURCE MODIFY RESPONSE (TS 38.413 clause 9.2.1.6)."""

    amf_ue_ngap_id: int | None = None
    ran_ue_ngap_id: int | None = None
    pdu_session_resource_modify_list_mod_res: tuple[PDUSessionResourceModifyItemModRes, ...] = ()
    pdu_session_resource_failed_to_modify_list_mod_res: tuple[PDUSessionResourceFailedToModifyItemModRes, ...] = ()
    user_location_information: UserLocationInformation | None = None
    criticality_diagnostics: CriticalityDiagnostics | None = None
    unknown: tuple[RawIE, ...] = ()


class InitialContextSetupRequest(Struct, frozen=True, kw_only=True):
    """INITIAL CONTEXT SETUP REQUEST (TS 38.413 clause 9.2.2.1)."""

    amf_ue_ngap_id: int
    ran_ue_ngap_id: int
    old_amf: str | None = None
    ue_aggregate_maximum_bit_rate: UEAggregateMaximumBitRate | None = None
    guami: Guami
    pdu_session_resource_setup_list_cxt_req: tuple[PDUSessionResourceSetupItemCxtReq, ...] = ()
    allowed_nssai: tuple[SNssai, ...]
    ue_security_capabilities: UESecurityCapabilities
    security_key: SecurityKey
    ue_radio_capability: bytes | None = None
    index_to_rfsp: int | None = None
    masked_imeisv: bytes | None = None
    nas_pdu: bytes | None = None
    rrc_inactive_transition_report_request: str | None = None
    redirection_voice_fallback: str | None = None
    ue_radio_capability_id: bytes | None = None
    unknown: tuple[RawIE, ...] = ()


class InitialContextSetupResponse(Struct, frozen=True, kw_only=True):
    """INITIAL CONTEXT SETUP RESPONSE (TS 38.413 clause 9.2.2.2)."""

    amf_ue_ngap_id: int | None = None
    ran_ue_ngap_id: int | None = None
    pdu_session_resource_setup_list_cxt_res: tuple[PDUSessionResourceSetupItemCxtRes, ...] = ()
    pdu_session_resource_failed_to_setup_list_cxt_res: tuple[PDUSessionResourceFailedToSetupItemCxtRes, ...] = ()
    criticality_diagnostics: CriticalityDiagnostics | None = None
    unknown: tuple[RawIE, ...] = ()


class InitialContextSetupFailure(Struct, frozen=True, kw_only=True):
    """INITIAL CONTEXT SETUP FAILURE (TS 38.413 clause 9.2.2.3)."""

    amf_ue_ngap_id: int | None = None
    ran_ue_ngap_id: int | None = None
    pdu_session_resource_failed_to_setup_list_cxt_fail: tuple[PDUSessionResourceFailedToSetupItemCxtFail, ...] = ()
    cause: Cause | None = None
    criticality_diagnostics: CriticalityDiagnostics | None = None
    unknown: tuple[RawIE, ...] = ()


class UEContextReleaseRequest(Struct, frozen=True, kw_only=True):
    """UE CONTEXT RELEASE REQUEST (TS 38.413 clause 9.2.2.4)."""

    amf_ue_ngap_id: int
    ran_ue_ngap_id: int
    pdu_session_resource_list_cxt_rel_req: tuple[PDUSessionResourceItemCxtRelReq, ...] = ()
    cause: Cause | None = None
    unknown: tuple[RawIE, ...] = ()


class UEContextReleaseCommand(Struct, frozen=True, kw_only=True):
    """UE CONTEXT RELEASE COMMAND (TS 38.413 clause 9.2.2.5)."""

    ue_ngap_ids: UENGAPIDs
    cause: Cause | None = None
    unknown: tuple[RawIE, ...] = ()


class UEContextReleaseComplete(Struct, frozen=True, kw_only=True):
    """UE CONTEXT RELEASE COMPLETE (TS 38.413 clause 9.2.2.6)."""

    amf_ue_ngap_id: int | None = None
    ran_ue_ngap_id: int | None = None
    user_location_information: UserLocationInformation | None = None
    pdu_session_resource_list_cxt_rel_cpl: tuple[PDUSessionResourceItemCxtRelCpl, ...] = ()
    criticality_diagnostics: CriticalityDiagnostics | None = None
    unknown: tuple[RawIE, ...] = ()


class UEContextModificationRequest(Struct, frozen=True, kw_only=True):
    """UE CONTEXT MODIFICATION REQUEST (TS 38.413 clause 9.2.2.7)."""

    amf_ue_ngap_id: int
    ran_ue_ngap_id: int
    ran_paging_priority: int | None = None
    security_key: SecurityKey | None = None
    index_to_rfsp: int | None = None
    ue_aggregate_maximum_bit_rate: UEAggregateMaximumBitRate | None = None
    ue_security_capabilities: UESecurityCapabilities | None = None
    new_amf_ue_ngap_id: int | None = None
    rrc_inactive_transition_report_request: str | None = None
    new_guami: Guami | None = None
    srvcc_operation_possible: str | None = None
    ue_radio_capability_id: bytes | None = None
    unknown: tuple[RawIE, ...] = ()


class UEContextModificationResponse(Struct, frozen=True, kw_only=True):
    """UE CONTEXT MODIFICATION RESPONSE (TS 38.413 clause 9.2.2.8)."""

    amf_ue_ngap_id: int | None = None
    ran_ue_ngap_id: int | None = None
    rrc_state: str | None = None
    user_location_information: UserLocationInformation | None = None
    criticality_diagnostics: CriticalityDiagnostics | None = None
    unknown: tuple[RawIE, ...] = ()


class UEContextModificationFailure(Struct, frozen=True, kw_only=True):
    """UE CONTEXT MODIFICATION FAILURE (TS 38.413 clause 9.2.2.9)."""

    amf_ue_ngap_id: int | None = None
    ran_ue_ngap_id: int | None = None
    cause: Cause | None = None
    criticality_diagnostics: CriticalityDiagnostics | None = None
    unknown: tuple[RawIE, ...] = ()


class Paging(Struct, frozen=True, kw_only=True):
    """PAGING (TS 38.413 clause 9.2.4.1)."""

    ue_paging_identity: UEPagingIdentity | None = None
    paging_drx: str | None = None
    tai_list_for_paging: tuple[Tai, ...] = ()
    paging_priority: str | None = None
    ue_radio_capability_for_paging: UERadioCapabilityForPaging | None = None
    paging_origin: str | None = None
    paging_cause: str | None = None
    unknown: tuple[RawIE, ...] = ()


class InitialUEMessage(Struct, frozen=True, kw_only=True):
    """INITIAL UE MESSAGE (TS 38.413 clause 9.2.5.1)."""

    ran_ue_ngap_id: int
    nas_pdu: bytes
    user_location_information: UserLocationInformation
    rrc_establishment_cause: str | None = None
    five_g_s_tmsi: FiveGSTMSI | None = None
    amf_set_id: int | None = None
    ue_context_request: str | None = None
    allowed_nssai: tuple[SNssai, ...] = ()
    selected_plmn_identity: Plmn | None = None
    red_cap_indication: str | None = None
    unknown: tuple[RawIE, ...] = ()


class DownlinkNASTransport(Struct, frozen=True, kw_only=True):
    """DOWNLINK NAS TRANSPORT (TS 38.413 clause 9.2.5.2)."""

    amf_ue_ngap_id: int
    ran_ue_ngap_id: int
    old_amf: str | None = None
    ran_paging_priority: int | None = None
    nas_pdu: bytes
    index_to_rfsp: int | None = None
    ue_aggregate_maximum_bit_rate: UEAggregateMaximumBitRate | None = None
    allowed_nssai: tuple[SNssai, ...] = ()
    ue_radio_capability: bytes | None = None
    ue_capability_info_request: str | None = None
    end_indication: str | None = None
    masked_imeisv: bytes | None = None
    ue_radio_capability_id: bytes | None = None
    unknown: tuple[RawIE, ...] = ()


class UplinkNASTransport(Struct, frozen=True, kw_only=True):
    """UPLINK NAS TRANSPORT (TS 38.413 clause 9.2.5.3)."""

    amf_ue_ngap_id: int
    ran_ue_ngap_id: int
    nas_pdu: bytes
    user_location_information: UserLocationInformation | None = None
    unknown: tuple[RawIE, ...] = ()


class NASNonDeliveryIndication(Struct, frozen=True, kw_only=True):
    """NAS NON DELIVERY INDICATION (TS 38.413 clause 9.2.5.4)."""

    amf_ue_ngap_id: int
    ran_ue_ngap_id: int
    nas_pdu: bytes | None = None
    cause: Cause | None = None
    unknown: tuple[RawIE, ...] = ()


class RerouteNASRequest(Struct, frozen=True, kw_only=True):
    """REROUTE NAS REQUEST (TS 38.413 clause 9.2.5.5)."""

    ran_ue_ngap_id: int
    amf_ue_ngap_id: int | None = None
    ngap_message: bytes
    amf_set_id: int
    allowed_nssai: tuple[SNssai, ...] = ()
    unknown: tuple[RawIE, ...] = ()


class NGSetupRequest(Struct, frozen=True, kw_only=True):
    """NG SETUP REQUEST (TS 38.413 clause 9.2.6.1)."""

    global_ran_node_id: GlobalRANNodeID
    ran_node_name: str | None = None
    supported_ta_list: tuple[SupportedTAItem, ...]
    default_paging_drx: str | None = None
    ue_retention_information: str | None = None
    extended_ran_node_name: ExtendedRANNodeName | None = None
    unknown: tuple[RawIE, ...] = ()


class NGSetupResponse(Struct, frozen=True, kw_only=True):
    """NG SETUP RESPONSE (TS 38.413 clause 9.2.6.2)."""

    amf_name: str
    served_guami_list: tuple[ServedGUAMIItem, ...]
    relative_amf_capacity: int | None = None
    plmn_support_list: tuple[PLMNSupportItem, ...]
    criticality_diagnostics: CriticalityDiagnostics | None = None
    ue_retention_information: str | None = None
    extended_amf_name: ExtendedAMFName | None = None
    unknown: tuple[RawIE, ...] = ()


class NGSetupFailure(Struct, frozen=True, kw_only=True):
    """NG SETUP FAILURE (TS 38.413 clause 9.2.6.3)."""

    cause: Cause | None = None
    time_to_wait: str | None = None
    criticality_diagnostics: CriticalityDiagnostics | None = None
    unknown: tuple[RawIE, ...] = ()


class RANConfigurationUpdate(Struct, frozen=True, kw_only=True):
    """RAN CONFIGURATION UPDATE (TS 38.413 clause 9.2.6.4)."""

    ran_node_name: str | None = None
    supported_ta_list: tuple[SupportedTAItem, ...] = ()
    default_paging_drx: str | None = None
    global_ran_node_id: GlobalRANNodeID | None = None
    extended_ran_node_name: ExtendedRANNodeName | None = None
    unknown: tuple[RawIE, ...] = ()


class RANConfigurationUpdateAcknowledge(Struct, frozen=True, kw_only=True):
    """RAN CONFIGURATION UPDATE ACKNOWLEDGE (TS 38.413 clause 9.2.6.5)."""

    criticality_diagnostics: CriticalityDiagnostics | None = None
    unknown: tuple[RawIE, ...] = ()


class RANConfigurationUpdateFailure(Struct, frozen=True, kw_only=True):
    """RAN CONFIGURATION UPDATE FAILURE (TS 38.413 clause 9.2.6.6)."""

    cause: Cause | None = None
    time_to_wait: str | None = None
    criticality_diagnostics: CriticalityDiagnostics | None = None
    unknown: tuple[RawIE, ...] = ()


class AMFConfigurationUpdate(Struct, frozen=True, kw_only=True):
    """AMF CONFIGURATION UPDATE (TS 38.413 clause 9.2.6.7)."""

    amf_name: str | None = None
    served_guami_list: tuple[ServedGUAMIItem, ...] = ()
    relative_amf_capacity: int | None = None
    plmn_support_list: tuple[PLMNSupportItem, ...] = ()
    extended_amf_name: ExtendedAMFName | None = None
    unknown: tuple[RawIE, ...] = ()


class AMFConfigurationUpdateAcknowledge(Struct, frozen=True, kw_only=True):
    """AMF CONFIGURATION UPDATE ACKNOWLEDGE (TS 38.413 clause 9.2.6.8)."""

    amf_tnl_association_setup_list: tuple[AMFTNLAssociationSetupItem, ...] = ()
    criticality_diagnostics: CriticalityDiagnostics | None = None
    unknown: tuple[RawIE, ...] = ()


class AMFConfigurationUpdateFailure(Struct, frozen=True, kw_only=True):
    """AMF CONFIGURATION UPDATE FAILURE (TS 38.413 clause 9.2.6.9)."""

    cause: Cause | None = None
    time_to_wait: str | None = None
    criticality_diagnostics: CriticalityDiagnostics | None = None
    unknown: tuple[RawIE, ...] = ()


class NGReset(Struct, frozen=True, kw_only=True):
    """NG RESET (TS 38.413 clause 9.2.6.11)."""

    cause: Cause | None = None
    reset_type: ResetType
    unknown: tuple[RawIE, ...] = ()


class NGResetAcknowledge(Struct, frozen=True, kw_only=True):
    """NG RESET ACKNOWLEDGE (TS 38.413 clause 9.2.6.12)."""

    ue_associated_logical_ng_connection_list: tuple[UEAssociatedLogicalNGConnectionItem, ...] = ()
    criticality_diagnostics: CriticalityDiagnostics | None = None
    unknown: tuple[RawIE, ...] = ()


class ErrorIndication(Struct, frozen=True, kw_only=True):
    """ERROR INDICATION (TS 38.413 clause 9.2.6.13)."""

    amf_ue_ngap_id: int | None = None
    ran_ue_ngap_id: int | None = None
    cause: Cause | None = None
    criticality_diagnostics: CriticalityDiagnostics | None = None
    five_g_s_tmsi: FiveGSTMSI | None = None
    unknown: tuple[RawIE, ...] = ()


class OverloadStart(Struct, frozen=True, kw_only=True):
    """OVERLOAD START (TS 38.413 clause 9.2.6.14)."""

    amf_overload_response: OverloadResponse | None = None
    amf_traffic_load_reduction_indication: int | None = None
    overload_start_nssai_list: tuple[OverloadStartNSSAIItem, ...] = ()
    unknown: tuple[RawIE, ...] = ()


class OverloadStop(Struct, frozen=True, kw_only=True):
    """OVERLOAD STOP (TS 38.413 clause 9.2.6.15)."""

    unknown: tuple[RawIE, ...] = ()


class UERadioCapabilityInfoIndication(Struct, frozen=True, kw_only=True):
    """UE RADIO CAPABILITY INFO INDICATION (TS 38.413 clause 9.2.13.1)."""

    amf_ue_ngap_id: int
    ran_ue_ngap_id: int
    ue_radio_capability: bytes | None = None
    ue_radio_capability_for_paging: UERadioCapabilityForPaging | None = None
    unknown: tuple[RawIE, ...] = ()


class AMFStatusIndication(Struct, frozen=True, kw_only=True):
    """AMF STATUS INDICATION (TS 38.413 clause 9.2.6.10)."""

    unavailable_guami_list: tuple[UnavailableGUAMIItem, ...]
    unknown: tuple[RawIE, ...] = ()


class PDUSessionResourceNotify(Struct, frozen=True, kw_only=True):
    """PDU SESSION RESOURCE NOTIFY (TS 38.413 clause 9.2.1.7)."""

    amf_ue_ngap_id: int
    ran_ue_ngap_id: int
    pdu_session_resource_notify_list: tuple[PDUSessionResourceNotifyItem, ...] = ()
    pdu_session_resource_released_list_not: tuple[PDUSessionResourceReleasedItemNot, ...] = ()
    user_location_information: UserLocationInformation | None = None
    unknown: tuple[RawIE, ...] = ()


class PDUSessionResourceModifyIndication(Struct, frozen=True, kw_only=True):
    """PDU SESSION RESOURCE MODIFY INDICATION (TS 38.413 clause 9.2.1.8)."""

    amf_ue_ngap_id: int
    ran_ue_ngap_id: int
    pdu_session_resource_modify_list_mod_ind: tuple[PDUSessionResourceModifyItemModInd, ...]
    user_location_information: UserLocationInformation | None = None
    unknown: tuple[RawIE, ...] = ()


class PDUSessionResourceModifyConfirm(Struct, frozen=True, kw_only=True):
    """PDU SESSION RESOURCE MODIFY CONFIRM (TS 38.413 clause 9.2.1.9)."""

    amf_ue_ngap_id: int | None = None
    ran_ue_ngap_id: int | None = None
    pdu_session_resource_modify_list_mod_cfm: tuple[PDUSessionResourceModifyItemModCfm, ...] = ()
    pdu_session_resource_failed_to_modify_list_mod_cfm: tuple[PDUSessionResourceFailedToModifyItemModCfm, ...] = ()
    criticality_diagnostics: CriticalityDiagnostics | None = None
    unknown: tuple[RawIE, ...] = ()


class PathSwitchRequest(Struct, frozen=True, kw_only=True):
    """PATH SWITCH REQUEST (TS 38.413 clause 9.2.3.8)."""

    ran_ue_ngap_id: int
    source_amf_ue_ngap_id: int
    user_location_information: UserLocationInformation | None = None
    ue_security_capabilities: UESecurityCapabilities | None = None
    pdu_session_resource_to_be_switched_dl_list: tuple[PDUSessionResourceToBeSwitchedDLItem, ...]
    pdu_session_resource_failed_to_setup_list_ps_req: tuple[PDUSessionResourceFailedToSetupItemPSReq, ...] = ()
    rrc_resume_cause: str | None = None
    red_cap_indication: str | None = None
    unknown: tuple[RawIE, ...] = ()


class PathSwitchRequestAcknowledge(Struct, frozen=True, kw_only=True):
    """PATH SWITCH REQUEST ACKNOWLEDGE (TS 38.413 clause 9.2.3.9)."""

    amf_ue_ngap_id: int | None = None
    ran_ue_ngap_id: int | None = None
    ue_security_capabilities: UESecurityCapabilities | None = None
    security_context: SecurityContext
    new_security_context_ind: str | None = None
    pdu_session_resource_switched_list: tuple[PDUSessionResourceSwitchedItem, ...] = ()
    pdu_session_resource_released_list_ps_ack: tuple[PDUSessionResourceReleasedItemPSAck, ...] = ()
    allowed_nssai: tuple[SNssai, ...]
    rrc_inactive_transition_report_request: str | None = None
    criticality_diagnostics: CriticalityDiagnostics | None = None
    redirection_voice_fallback: str | None = None
    ue_radio_capability_id: bytes | None = None
    unknown: tuple[RawIE, ...] = ()


class PathSwitchRequestFailure(Struct, frozen=True, kw_only=True):
    """PATH SWITCH REQUEST FAILURE (TS 38.413 clause 9.2.3.10)."""

    amf_ue_ngap_id: int | None = None
    ran_ue_ngap_id: int | None = None
    pdu_session_resource_released_list_ps_fail: tuple[PDUSessionResourceReleasedItemPSFail, ...] = ()
    criticality_diagnostics: CriticalityDiagnostics | None = None
    unknown: tuple[RawIE, ...] = ()


class UEContextSuspendRequest(Struct, frozen=True, kw_only=True):
    """UE CONTEXT SUSPEND REQUEST (TS 38.413 clause 9.2.2.16)."""

    amf_ue_ngap_id: int
    ran_ue_ngap_id: int
    pdu_session_resource_suspend_list_sus_req: tuple[PDUSessionResourceSuspendItemSUSReq, ...] = ()
    user_location_information: UserLocationInformation | None = None
    unknown: tuple[RawIE, ...] = ()


class UEContextSuspendResponse(Struct, frozen=True, kw_only=True):
    """UE CONTEXT SUSPEND RESPONSE (TS 38.413 clause 9.2.2.17)."""

    amf_ue_ngap_id: int | None = None
    ran_ue_ngap_id: int | None = None
    security_context: SecurityContext | None = None
    criticality_diagnostics: CriticalityDiagnostics | None = None
    unknown: tuple[RawIE, ...] = ()


class UEContextSuspendFailure(Struct, frozen=True, kw_only=True):
    """UE CONTEXT SUSPEND FAILURE (TS 38.413 clause 9.2.2.18)."""

    amf_ue_ngap_id: int | None = None
    ran_ue_ngap_id: int | None = None
    cause: Cause | None = None
    criticality_diagnostics: CriticalityDiagnostics | None = None
    unknown: tuple[RawIE, ...] = ()


class UEContextResumeRequest(Struct, frozen=True, kw_only=True):
    """UE CONTEXT RESUME REQUEST (TS 38.413 clause 9.2.2.19)."""

    amf_ue_ngap_id: int
    ran_ue_ngap_id: int
    rrc_resume_cause: str | None = None
    pdu_session_resource_resume_list_res_req: tuple[PDUSessionResourceResumeItemRESReq, ...] = ()
    pdu_session_resource_failed_to_resume_list_res_req: tuple[PDUSessionResourceFailedToResumeItemRESReq, ...] = ()
    suspend_request_indication: str | None = None
    user_location_information: UserLocationInformation | None = None
    unknown: tuple[RawIE, ...] = ()


class UEContextResumeResponse(Struct, frozen=True, kw_only=True):
    """UE CONTEXT RESUME RESPONSE (TS 38.413 clause 9.2.2.20)."""

    amf_ue_ngap_id: int | None = None
    ran_ue_ngap_id: int | None = None
    pdu_session_resource_resume_list_res_res: tuple[PDUSessionResourceResumeItemRESRes, ...] = ()
    pdu_session_resource_failed_to_resume_list_res_res: tuple[PDUSessionResourceFailedToResumeItemRESRes, ...] = ()
    security_context: SecurityContext | None = None
    suspend_response_indication: str | None = None
    extended_connected_time: int | None = None
    criticality_diagnostics: CriticalityDiagnostics | None = None
    unknown: tuple[RawIE, ...] = ()


class UEContextResumeFailure(Struct, frozen=True, kw_only=True):
    """UE CONTEXT RESUME FAILURE (TS 38.413 clause 9.2.2.21)."""

    amf_ue_ngap_id: int | None = None
    ran_ue_ngap_id: int | None = None
    cause: Cause | None = None
    criticality_diagnostics: CriticalityDiagnostics | None = None
    unknown: tuple[RawIE, ...] = ()


class RRCInactiveTransitionReport(Struct, frozen=True, kw_only=True):
    """RRC INACTIVE TRANSITION REPORT (TS 38.413 clause 9.2.2.10)."""

    amf_ue_ngap_id: int
    ran_ue_ngap_id: int
    rrc_state: str | None = None
    user_location_information: UserLocationInformation | None = None
    unknown: tuple[RawIE, ...] = ()


class UERadioCapabilityCheckRequest(Struct, frozen=True, kw_only=True):
    """UE RADIO CAPABILITY CHECK REQUEST (TS 38.413 clause 9.2.13.2)."""

    amf_ue_ngap_id: int
    ran_ue_ngap_id: int
    ue_radio_capability: bytes | None = None
    ue_radio_capability_id: bytes | None = None
    unknown: tuple[RawIE, ...] = ()


class UERadioCapabilityCheckResponse(Struct, frozen=True, kw_only=True):
    """UE RADIO CAPABILITY CHECK RESPONSE (TS 38.413 clause 9.2.13.3)."""

    amf_ue_ngap_id: int | None = None
    ran_ue_ngap_id: int | None = None
    ims_voice_support_indicator: str
    criticality_diagnostics: CriticalityDiagnostics | None = None
    unknown: tuple[RawIE, ...] = ()


Message = (
    PDUSessionResourceSetupRequest
    | PDUSessionResourceSetupResponse
    | PDUSessionResourceReleaseCommand
    | PDUSessionResourceReleaseResponse
    | PDUSessionResourceModifyRequest
    | PDUSessionResourceModifyResponse
    | InitialContextSetupRequest
    | InitialContextSetupResponse
    | InitialContextSetupFailure
    | UEContextReleaseRequest
    | UEContextReleaseCommand
    | UEContextReleaseComplete
    | UEContextModificationRequest
    | UEContextModificationResponse
    | UEContextModificationFailure
    | Paging
    | InitialUEMessage
    | DownlinkNASTransport
    | UplinkNASTransport
    | NASNonDeliveryIndication
    | RerouteNASRequest
    | NGSetupRequest
    | NGSetupResponse
    | NGSetupFailure
    | RANConfigurationUpdate
    | RANConfigurationUpdateAcknowledge
    | RANConfigurationUpdateFailure
    | AMFConfigurationUpdate
    | AMFConfigurationUpdateAcknowledge
    | AMFConfigurationUpdateFailure
    | NGReset
    | NGResetAcknowledge
    | ErrorIndication
    | OverloadStart
    | OverloadStop
    | UERadioCapabilityInfoIndication
    | AMFStatusIndication
    | PDUSessionResourceNotify
    | PDUSessionResourceModifyIndication
    | PDUSessionResourceModifyConfirm
    | PathSwitchRequest
    | PathSwitchRequestAcknowledge
    | PathSwitchRequestFailure
    | UEContextSuspendRequest
    | UEContextSuspendResponse
    | UEContextSuspendFailure
    | UEContextResumeRequest
    | UEContextResumeResponse
    | UEContextResumeFailure
    | RRCInactiveTransitionReport
    | UERadioCapabilityCheckRequest
    | UERadioCapabilityCheckResponse
    | RawMessage
)
