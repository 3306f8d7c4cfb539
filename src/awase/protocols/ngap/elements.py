"""Information elements of NGAP that the typed messages hold (TS 38.413 clause 9.3)."""

from msgspec import Struct

from awase.model.ids import Guami, Plmn, SNssai, Tai
from awase.wire.bits import BitString as BitString  # noqa: PLC0414 (part of this module)
from awase.wire.criticality import CriticalityDiagnosticsIEItem as CriticalityDiagnosticsIEItem  # noqa: PLC0414 (part of this module)
from awase.wire.per_typed import RawIE as RawIE  # noqa: PLC0414 (part of this module)


class Cause(Struct, frozen=True):
    """Cause (TS 38.413 clause 9.3.1.2): Cause("radioNetwork", "slice-not-supported")."""

    group: str
    name: str

    def __str__(self) -> str:
        return f"{self.group}/{self.name}"


class SecurityKey(bytes):
    """Security Key (TS 38.413 clause 9.3.1.87): 32 octets of K_gNB, K_N3IWF or K_WAGF, never shown."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "SecurityKey(...)"

    __str__ = __repr__


class PDUSessionResourceSetupItemSUReq(Struct, frozen=True, kw_only=True):
    """PDUSessionResourceSetupItemSUReq (TS 38.413 clause 9.2.1.1)."""

    pdu_session_id: int
    pdu_session_nas_pdu: bytes | None = None
    s_nssai: SNssai
    pdu_session_resource_setup_request_transfer: bytes
    ie_extensions: tuple[RawIE, ...] = ()


class UEAggregateMaximumBitRate(Struct, frozen=True, kw_only=True):
    """UEAggregateMaximumBitRate (TS 38.413 clause 9.3.1.58)."""

    ue_aggregate_maximum_bit_rate_dl: int
    ue_aggregate_maximum_bit_rate_ul: int
    ie_extensions: tuple[RawIE, ...] = ()


class PDUSessionResourceSetupItemSURes(Struct, frozen=True, kw_only=True):
    """PDUSessionResourceSetupItemSURes (TS 38.413 clause 9.2.1.2)."""

    pdu_session_id: int
    pdu_session_resource_setup_response_transfer: bytes
    ie_extensions: tuple[RawIE, ...] = ()


class PDUSessionResourceFailedToSetupItemSURes(Struct, frozen=True, kw_only=True):
    """PDUSessionResourceFailedToSetupItemSURes (TS 38.413 clause 9.2.1.2)."""

    pdu_session_id: int
    pdu_session_resource_setup_unsuccessful_transfer: bytes
    ie_extensions: tuple[RawIE, ...] = ()


OverloadResponse = str | RawIE


CPTransportLayerInformation = str | RawIE


class CriticalityDiagnostics(Struct, frozen=True, kw_only=True):
    """CriticalityDiagnostics (TS 38.413 clause 9.3.1.3)."""

    procedure_code: int | None = None
    triggering_message: str | None = None
    procedure_criticality: str | None = None
    ies_criticality_diagnostics: tuple[CriticalityDiagnosticsIEItem, ...] = ()
    ie_extensions: tuple[RawIE, ...] = ()


class EUTRACGI(Struct, frozen=True, kw_only=True):
    """EUTRA-CGI (TS 38.413 clause 9.3.1.9)."""

    plmn_identity: Plmn
    eutra_cell_identity: int
    ie_extensions: tuple[RawIE, ...] = ()


class UserLocationInformationEUTRA(Struct, frozen=True, kw_only=True):
    """UserLocationInformationEUTRA (TS 38.413 clause 9.3.1.16)."""

    eutra_cgi: EUTRACGI
    tai: Tai
    time_stamp: int | None = None
    ie_extensions: tuple[RawIE, ...] = ()


class NRCGI(Struct, frozen=True, kw_only=True):
    """NR-CGI (TS 38.413 clause 9.3.1.7)."""

    plmn_identity: Plmn
    nr_cell_identity: int
    ie_extensions: tuple[RawIE, ...] = ()


class UserLocationInformationNR(Struct, frozen=True, kw_only=True):
    """UserLocationInformationNR (TS 38.413 clause 9.3.1.16)."""

    nr_cgi: NRCGI
    tai: Tai
    time_stamp: int | None = None
    ie_extensions: tuple[RawIE, ...] = ()


class UserLocationInformationN3IWFWithPortNumber(Struct, frozen=True, kw_only=True):
    """UserLocationInformationN3IWF-with-PortNumber (TS 38.413 clause 9.3.1.16)."""

    ip_address: str
    port_number: int
    ie_extensions: tuple[RawIE, ...] = ()


UserLocationInformation = (
    UserLocationInformationEUTRA | UserLocationInformationNR | UserLocationInformationN3IWFWithPortNumber | RawIE
)


class PDUSessionResourceToReleaseItemRelCmd(Struct, frozen=True, kw_only=True):
    """PDUSessionResourceToReleaseItemRelCmd (TS 38.413 clause 9.2.1.3)."""

    pdu_session_id: int
    pdu_session_resource_release_command_transfer: bytes
    ie_extensions: tuple[RawIE, ...] = ()


class PDUSessionResourceReleasedItemRelRes(Struct, frozen=True, kw_only=True):
    """PDUSessionResourceReleasedItemRelRes (TS 38.413 clause 9.2.1.4)."""

    pdu_session_id: int
    pdu_session_resource_release_response_transfer: bytes
    ie_extensions: tuple[RawIE, ...] = ()


class PDUSessionResourceModifyItemModReq(Struct, frozen=True, kw_only=True):
    """PDUSessionResourceModifyItemModReq (TS 38.413 clause 9.2.1.5)."""

    pdu_session_id: int
    nas_pdu: bytes | None = None
    pdu_session_resource_modify_request_transfer: bytes
    ie_extensions: tuple[RawIE, ...] = ()


class PDUSessionResourceModifyItemModRes(Struct, frozen=True, kw_only=True):
    """PDUSessionResourceModifyItemModRes (TS 38.413 clause 9.2.1.6)."""

    pdu_session_id: int
    pdu_session_resource_modify_response_transfer: bytes
    ie_extensions: tuple[RawIE, ...] = ()


class PDUSessionResourceFailedToModifyItemModRes(Struct, frozen=True, kw_only=True):
    """PDUSessionResourceFailedToModifyItemModRes (TS 38.413 clause 9.2.1.6)."""

    pdu_session_id: int
    pdu_session_resource_modify_unsuccessful_transfer: bytes
    ie_extensions: tuple[RawIE, ...] = ()


class PDUSessionResourceSetupItemCxtReq(Struct, frozen=True, kw_only=True):
    """PDUSessionResourceSetupItemCxtReq (TS 38.413 clause 9.2.2.1)."""

    pdu_session_id: int
    nas_pdu: bytes | None = None
    s_nssai: SNssai
    pdu_session_resource_setup_request_transfer: bytes
    ie_extensions: tuple[RawIE, ...] = ()


class UESecurityCapabilities(Struct, frozen=True, kw_only=True):
    """UESecurityCapabilities (TS 38.413 clause 9.3.1.86)."""

    nr_encryption_algorithms: int
    """16 bits, algorithm 1 first: NEA1 is 0x8000; so are the three others."""
    nr_integrity_protection_algorithms: int
    eutra_encryption_algorithms: int
    eutra_integrity_protection_algorithms: int
    ie_extensions: tuple[RawIE, ...] = ()


class PDUSessionResourceSetupItemCxtRes(Struct, frozen=True, kw_only=True):
    """PDUSessionResourceSetupItemCxtRes (TS 38.413 clause 9.2.2.2)."""

    pdu_session_id: int
    pdu_session_resource_setup_response_transfer: bytes
    ie_extensions: tuple[RawIE, ...] = ()


class PDUSessionResourceFailedToSetupItemCxtRes(Struct, frozen=True, kw_only=True):
    """PDUSessionResourceFailedToSetupItemCxtRes (TS 38.413 clause 9.2.2.2)."""

    pdu_session_id: int
    pdu_session_resource_setup_unsuccessful_transfer: bytes
    ie_extensions: tuple[RawIE, ...] = ()


class PDUSessionResourceFailedToSetupItemCxtFail(Struct, frozen=True, kw_only=True):
    """PDUSessionResourceFailedToSetupItemCxtFail (TS 38.413 clause 9.2.2.3)."""

    pdu_session_id: int
    pdu_session_resource_setup_unsuccessful_transfer: bytes
    ie_extensions: tuple[RawIE, ...] = ()


class PDUSessionResourceItemCxtRelReq(Struct, frozen=True, kw_only=True):
    """PDUSessionResourceItemCxtRelReq (TS 38.413 clause 9.2.2.4)."""

    pdu_session_id: int
    ie_extensions: tuple[RawIE, ...] = ()


class UENGAPIDPair(Struct, frozen=True, kw_only=True):
    """UE-NGAP-ID-pair (TS 38.413 clause 9.2.2.5)."""

    amf_ue_ngap_id: int
    ran_ue_ngap_id: int
    ie_extensions: tuple[RawIE, ...] = ()


UENGAPIDs = UENGAPIDPair | int | RawIE


class PDUSessionResourceItemCxtRelCpl(Struct, frozen=True, kw_only=True):
    """PDUSessionResourceItemCxtRelCpl (TS 38.413 clause 9.2.2.6)."""

    pdu_session_id: int
    ie_extensions: tuple[RawIE, ...] = ()


class FiveGSTMSI(Struct, frozen=True, kw_only=True):
    """FiveG-S-TMSI (TS 38.413 clause 9.3.3.20)."""

    amf_set_id: int
    amf_pointer: int
    five_g_tmsi: int
    ie_extensions: tuple[RawIE, ...] = ()


UEPagingIdentity = FiveGSTMSI | RawIE


class UERadioCapabilityForPaging(Struct, frozen=True, kw_only=True):
    """UERadioCapabilityForPaging (TS 38.413 clause 9.3.1.68)."""

    ue_radio_capability_for_paging_of_nr: bytes | None = None
    ue_radio_capability_for_paging_of_eutra: bytes | None = None
    ie_extensions: tuple[RawIE, ...] = ()


class GlobalGNBID(Struct, frozen=True, kw_only=True):
    """GlobalGNB-ID (TS 38.413 clause 9.3.1.6)."""

    plmn_identity: Plmn
    gnb_id: BitString | RawIE
    ie_extensions: tuple[RawIE, ...] = ()


class GlobalNgENBID(Struct, frozen=True, kw_only=True):
    """GlobalNgENB-ID (TS 38.413 clause 9.3.1.8)."""

    plmn_identity: Plmn
    ng_enb_id: BitString | RawIE
    ie_extensions: tuple[RawIE, ...] = ()


class GlobalN3IWFID(Struct, frozen=True, kw_only=True):
    """GlobalN3IWF-ID (TS 38.413 clause 9.3.1.57)."""

    plmn_identity: Plmn
    n3iwf_id: BitString | RawIE
    ie_extensions: tuple[RawIE, ...] = ()


GlobalRANNodeID = GlobalGNBID | GlobalNgENBID | GlobalN3IWFID | RawIE


class BroadcastPLMNItem(Struct, frozen=True, kw_only=True):
    """BroadcastPLMNItem (TS 38.413 clause 9.2.6.1)."""

    plmn_identity: Plmn
    tai_slice_support_list: tuple[SNssai, ...]
    ie_extensions: tuple[RawIE, ...] = ()


class SupportedTAItem(Struct, frozen=True, kw_only=True):
    """SupportedTAItem (TS 38.413 clause 9.2.6.1)."""

    tac: int
    broadcast_plmn_list: tuple[BroadcastPLMNItem, ...]
    ie_extensions: tuple[RawIE, ...] = ()


class ExtendedRANNodeName(Struct, frozen=True, kw_only=True):
    """Extended-RANNodeName (TS 38.413 clause 9.3)."""

    ran_node_name_visible_string: str | None = None
    ran_node_name_utf8_string: str | None = None
    ie_extensions: tuple[RawIE, ...] = ()


class ServedGUAMIItem(Struct, frozen=True, kw_only=True):
    """ServedGUAMIItem (TS 38.413 clause 9.2.6.2)."""

    guami: Guami
    backup_amf_name: str | None = None
    ie_extensions: tuple[RawIE, ...] = ()


class PLMNSupportItem(Struct, frozen=True, kw_only=True):
    """PLMNSupportItem (TS 38.413 clause 9.2.6.2)."""

    plmn_identity: Plmn
    slice_support_list: tuple[SNssai, ...]
    ie_extensions: tuple[RawIE, ...] = ()


class ExtendedAMFName(Struct, frozen=True, kw_only=True):
    """Extended-AMFName (TS 38.413 clause 9.3)."""

    amf_name_visible_string: str | None = None
    amf_name_utf8_string: str | None = None
    ie_extensions: tuple[RawIE, ...] = ()


class AMFTNLAssociationSetupItem(Struct, frozen=True, kw_only=True):
    """AMF-TNLAssociationSetupItem (TS 38.413 clause 9.2.6.8)."""

    amf_tnl_association_address: CPTransportLayerInformation
    ie_extensions: tuple[RawIE, ...] = ()


class UEAssociatedLogicalNGConnectionItem(Struct, frozen=True, kw_only=True):
    """UE-associatedLogicalNG-connectionItem (TS 38.413 clause 9.2.6.11)."""

    amf_ue_ngap_id: int | None = None
    ran_ue_ngap_id: int | None = None
    ie_extensions: tuple[RawIE, ...] = ()


ResetType = str | tuple[UEAssociatedLogicalNGConnectionItem, ...] | RawIE


class SliceOverloadItem(Struct, frozen=True, kw_only=True):
    """SliceOverloadItem (TS 38.413 clause 9.2.6.14)."""

    s_nssai: SNssai
    ie_extensions: tuple[RawIE, ...] = ()


class OverloadStartNSSAIItem(Struct, frozen=True, kw_only=True):
    """OverloadStartNSSAIItem (TS 38.413 clause 9.2.6.14)."""

    slice_overload_list: tuple[SliceOverloadItem, ...]
    slice_overload_response: OverloadResponse | None = None
    slice_traffic_load_reduction_indication: int | None = None
    ie_extensions: tuple[RawIE, ...] = ()


class PDUSessionAggregateMaximumBitRate(Struct, frozen=True, kw_only=True):
    """PDUSessionAggregateMaximumBitRate (TS 38.413 clause 9.3.1.102)."""

    pdu_session_aggregate_maximum_bit_rate_dl: int
    pdu_session_aggregate_maximum_bit_rate_ul: int
    ie_extensions: tuple[RawIE, ...] = ()


class GTPTunnel(Struct, frozen=True, kw_only=True):
    """GTPTunnel (TS 38.413 clause 9.3.2.2)."""

    transport_layer_address: str
    gtp_teid: int
    ie_extensions: tuple[RawIE, ...] = ()


UPTransportLayerInformation = GTPTunnel | RawIE


class UPTransportLayerInformationItem(Struct, frozen=True, kw_only=True):
    """UPTransportLayerInformationItem (TS 38.413 clause 9.3)."""

    ngu_up_tnl_information: UPTransportLayerInformation
    ie_extensions: tuple[RawIE, ...] = ()


class SecurityIndication(Struct, frozen=True, kw_only=True):
    """SecurityIndication (TS 38.413 clause 9.3.1.27)."""

    integrity_protection_indication: str
    confidentiality_protection_indication: str
    maximum_integrity_protected_data_rate_ul: str | None = None
    ie_extensions: tuple[RawIE, ...] = ()


class NonDynamic5QIDescriptor(Struct, frozen=True, kw_only=True):
    """NonDynamic5QIDescriptor (TS 38.413 clause 9.3.1.28)."""

    five_qi: int
    priority_level_qos: int | None = None
    averaging_window: int | None = None
    maximum_data_burst_volume: int | None = None
    ie_extensions: tuple[RawIE, ...] = ()


class PacketErrorRate(Struct, frozen=True, kw_only=True):
    """PacketErrorRate (TS 38.413 clause 9.3.1.81)."""

    per_scalar: int
    per_exponent: int
    ie_extensions: tuple[RawIE, ...] = ()


class Dynamic5QIDescriptor(Struct, frozen=True, kw_only=True):
    """Dynamic5QIDescriptor (TS 38.413 clause 9.3.1.18)."""

    priority_level_qos: int
    packet_delay_budget: int
    packet_error_rate: PacketErrorRate
    five_qi: int | None = None
    delay_critical: str | None = None
    averaging_window: int | None = None
    maximum_data_burst_volume: int | None = None
    ie_extensions: tuple[RawIE, ...] = ()


QosCharacteristics = NonDynamic5QIDescriptor | Dynamic5QIDescriptor | RawIE


class AllocationAndRetentionPriority(Struct, frozen=True, kw_only=True):
    """AllocationAndRetentionPriority (TS 38.413 clause 9.3.1.19)."""

    priority_level_arp: int
    pre_emption_capability: str
    pre_emption_vulnerability: str
    ie_extensions: tuple[RawIE, ...] = ()


class GBRQosInformation(Struct, frozen=True, kw_only=True):
    """GBR-QosInformation (TS 38.413 clause 9.3.1.10)."""

    maximum_flow_bit_rate_dl: int
    maximum_flow_bit_rate_ul: int
    guaranteed_flow_bit_rate_dl: int
    guaranteed_flow_bit_rate_ul: int
    notification_control: str | None = None
    maximum_packet_loss_rate_dl: int | None = None
    maximum_packet_loss_rate_ul: int | None = None
    ie_extensions: tuple[RawIE, ...] = ()


class QosFlowLevelQosParameters(Struct, frozen=True, kw_only=True):
    """QosFlowLevelQosParameters (TS 38.413 clause 9.3.1.12)."""

    qos_characteristics: QosCharacteristics
    allocation_and_retention_priority: AllocationAndRetentionPriority
    gbr_qos_information: GBRQosInformation | None = None
    reflective_qos_attribute: str | None = None
    additional_qos_flow_information: str | None = None
    ie_extensions: tuple[RawIE, ...] = ()


class QosFlowSetupRequestItem(Struct, frozen=True, kw_only=True):
    """QosFlowSetupRequestItem (TS 38.413 clause 9.3.4.1)."""

    qos_flow_identifier: int
    qos_flow_level_qos_parameters: QosFlowLevelQosParameters
    e_rab_id: int | None = None
    ie_extensions: tuple[RawIE, ...] = ()


class ULNGUUPTNLModifyItem(Struct, frozen=True, kw_only=True):
    """UL-NGU-UP-TNLModifyItem (TS 38.413 clause 9.3.4.3)."""

    ul_ngu_up_tnl_information: UPTransportLayerInformation
    dl_ngu_up_tnl_information: UPTransportLayerInformation
    ie_extensions: tuple[RawIE, ...] = ()


class QosFlowAddOrModifyRequestItem(Struct, frozen=True, kw_only=True):
    """QosFlowAddOrModifyRequestItem (TS 38.413 clause 9.3.4.3)."""

    qos_flow_identifier: int
    qos_flow_level_qos_parameters: QosFlowLevelQosParameters | None = None
    e_rab_id: int | None = None
    ie_extensions: tuple[RawIE, ...] = ()


class QosFlowWithCauseItem(Struct, frozen=True, kw_only=True):
    """QosFlowWithCauseItem (TS 38.413 clause 9.3.1.13)."""

    qos_flow_identifier: int
    cause: Cause
    ie_extensions: tuple[RawIE, ...] = ()


class AssociatedQosFlowItem(Struct, frozen=True, kw_only=True):
    """AssociatedQosFlowItem (TS 38.413 clause 9.3.1.99)."""

    qos_flow_identifier: int
    qos_flow_mapping_indication: str | None = None
    ie_extensions: tuple[RawIE, ...] = ()


class QosFlowPerTNLInformation(Struct, frozen=True, kw_only=True):
    """QosFlowPerTNLInformation (TS 38.413 clause 9.3.2.8)."""

    up_transport_layer_information: UPTransportLayerInformation
    associated_qos_flow_list: tuple[AssociatedQosFlowItem, ...]
    ie_extensions: tuple[RawIE, ...] = ()


class QosFlowPerTNLInformationItem(Struct, frozen=True, kw_only=True):
    """QosFlowPerTNLInformationItem (TS 38.413 clause 9.3)."""

    qos_flow_per_tnl_information: QosFlowPerTNLInformation
    ie_extensions: tuple[RawIE, ...] = ()


class SecurityResult(Struct, frozen=True, kw_only=True):
    """SecurityResult (TS 38.413 clause 9.3.1.59)."""

    integrity_protection_result: str
    confidentiality_protection_result: str
    ie_extensions: tuple[RawIE, ...] = ()


class QosFlowAddOrModifyResponseItem(Struct, frozen=True, kw_only=True):
    """QosFlowAddOrModifyResponseItem (TS 38.413 clause 9.3.4.4)."""

    qos_flow_identifier: int
    ie_extensions: tuple[RawIE, ...] = ()


class UnavailableGUAMIItem(Struct, frozen=True, kw_only=True):
    """UnavailableGUAMIItem (TS 38.413 clause 9.2.6.10)."""

    guami: Guami
    timer_approach_for_guami_removal: str | None = None
    backup_amf_name: str | None = None
    ie_extensions: tuple[RawIE, ...] = ()


class PDUSessionResourceNotifyItem(Struct, frozen=True, kw_only=True):
    """PDUSessionResourceNotifyItem (TS 38.413 clause 9.2.1.7)."""

    pdu_session_id: int
    pdu_session_resource_notify_transfer: bytes
    ie_extensions: tuple[RawIE, ...] = ()


class PDUSessionResourceReleasedItemNot(Struct, frozen=True, kw_only=True):
    """PDUSessionResourceReleasedItemNot (TS 38.413 clause 9.2.1.7)."""

    pdu_session_id: int
    pdu_session_resource_notify_released_transfer: bytes
    ie_extensions: tuple[RawIE, ...] = ()


class PDUSessionResourceModifyItemModInd(Struct, frozen=True, kw_only=True):
    """PDUSessionResourceModifyItemModInd (TS 38.413 clause 9.2.1.8)."""

    pdu_session_id: int
    pdu_session_resource_modify_indication_transfer: bytes
    ie_extensions: tuple[RawIE, ...] = ()


class PDUSessionResourceModifyItemModCfm(Struct, frozen=True, kw_only=True):
    """PDUSessionResourceModifyItemModCfm (TS 38.413 clause 9.2.1.9)."""

    pdu_session_id: int
    pdu_session_resource_modify_confirm_transfer: bytes
    ie_extensions: tuple[RawIE, ...] = ()


class PDUSessionResourceFailedToModifyItemModCfm(Struct, frozen=True, kw_only=True):
    """PDUSessionResourceFailedToModifyItemModCfm (TS 38.413 clause 9.2.1.9)."""

    pdu_session_id: int
    pdu_session_resource_modify_indication_unsuccessful_transfer: bytes
    ie_extensions: tuple[RawIE, ...] = ()


class PDUSessionResourceToBeSwitchedDLItem(Struct, frozen=True, kw_only=True):
    """PDUSessionResourceToBeSwitchedDLItem (TS 38.413 clause 9.2.3.8)."""

    pdu_session_id: int
    path_switch_request_transfer: bytes
    ie_extensions: tuple[RawIE, ...] = ()


class PDUSessionResourceFailedToSetupItemPSReq(Struct, frozen=True, kw_only=True):
    """PDUSessionResourceFailedToSetupItemPSReq (TS 38.413 clause 9.2.3.8)."""

    pdu_session_id: int
    path_switch_request_setup_failed_transfer: bytes
    ie_extensions: tuple[RawIE, ...] = ()


class SecurityContext(Struct, frozen=True, kw_only=True):
    """SecurityContext (TS 38.413 clause 9.3.1.88)."""

    next_hop_chaining_count: int
    next_hop_nh: SecurityKey
    ie_extensions: tuple[RawIE, ...] = ()


class PDUSessionResourceSwitchedItem(Struct, frozen=True, kw_only=True):
    """PDUSessionResourceSwitchedItem (TS 38.413 clause 9.2.3.9)."""

    pdu_session_id: int
    path_switch_request_acknowledge_transfer: bytes
    ie_extensions: tuple[RawIE, ...] = ()


class PDUSessionResourceReleasedItemPSAck(Struct, frozen=True, kw_only=True):
    """PDUSessionResourceReleasedItemPSAck (TS 38.413 clause 9.2.3.9)."""

    pdu_session_id: int
    path_switch_request_unsuccessful_transfer: bytes
    ie_extensions: tuple[RawIE, ...] = ()


class PDUSessionResourceReleasedItemPSFail(Struct, frozen=True, kw_only=True):
    """PDUSessionResourceReleasedItemPSFail (TS 38.413 clause 9.2.3.10)."""

    pdu_session_id: int
    path_switch_request_unsuccessful_transfer: bytes
    ie_extensions: tuple[RawIE, ...] = ()


class PDUSessionResourceSuspendItemSUSReq(Struct, frozen=True, kw_only=True):
    """PDUSessionResourceSuspendItemSUSReq (TS 38.413 clause 9.2.2.16)."""

    pdu_session_id: int
    ue_context_suspend_request_transfer: bytes
    ie_extensions: tuple[RawIE, ...] = ()


class PDUSessionResourceResumeItemRESReq(Struct, frozen=True, kw_only=True):
    """PDUSessionResourceResumeItemRESReq (TS 38.413 clause 9.2.2.19)."""

    pdu_session_id: int
    ue_context_resume_request_transfer: bytes
    ie_extensions: tuple[RawIE, ...] = ()


class PDUSessionResourceFailedToResumeItemRESReq(Struct, frozen=True, kw_only=True):
    """PDUSessionResourceFailedToResumeItemRESReq (TS 38.413 clause 9.2.2.19)."""

    pdu_session_id: int
    cause: Cause
    ie_extensions: tuple[RawIE, ...] = ()


class PDUSessionResourceResumeItemRESRes(Struct, frozen=True, kw_only=True):
    """PDUSessionResourceResumeItemRESRes (TS 38.413 clause 9.2.2.20)."""

    pdu_session_id: int
    ue_context_resume_response_transfer: bytes
    ie_extensions: tuple[RawIE, ...] = ()


class PDUSessionResourceFailedToResumeItemRESRes(Struct, frozen=True, kw_only=True):
    """PDUSessionResourceFailedToResumeItemRESRes (TS 38.413 clause 9.2.2.20)."""

    pdu_session_id: int
    cause: Cause
    ie_extensions: tuple[RawIE, ...] = ()


class QosFlowNotifyItem(Struct, frozen=True, kw_only=True):
    """QosFlowNotifyItem (TS 38.413 clause 9.3.4.5)."""

    qos_flow_identifier: int
    notification_cause: str
    ie_extensions: tuple[RawIE, ...] = ()


class QosFlowModifyConfirmItem(Struct, frozen=True, kw_only=True):
    """QosFlowModifyConfirmItem (TS 38.413 clause 9.3.4.7)."""

    qos_flow_identifier: int
    ie_extensions: tuple[RawIE, ...] = ()


class UPTransportLayerInformationPairItem(Struct, frozen=True, kw_only=True):
    """UPTransportLayerInformationPairItem (TS 38.413 clause 9.3.2.11)."""

    ul_ngu_up_tnl_information: UPTransportLayerInformation
    dl_ngu_up_tnl_information: UPTransportLayerInformation
    ie_extensions: tuple[RawIE, ...] = ()


class UserPlaneSecurityInformation(Struct, frozen=True, kw_only=True):
    """UserPlaneSecurityInformation (TS 38.413 clause 9.3.1.60)."""

    security_result: SecurityResult
    security_indication: SecurityIndication
    ie_extensions: tuple[RawIE, ...] = ()


class QosFlowAcceptedItem(Struct, frozen=True, kw_only=True):
    """QosFlowAcceptedItem (TS 38.413 clause 9.3.4.8)."""

    qos_flow_identifier: int
    ie_extensions: tuple[RawIE, ...] = ()
