"""The containers that SMF and NG-RAN exchange inside NGAP messages (TS 38.413 clause 9.3.4)."""

from msgspec import Struct

from awase.protocols.ngap.elements import (
    Cause,
    CriticalityDiagnostics,
    PDUSessionAggregateMaximumBitRate,
    QosFlowAcceptedItem,
    QosFlowAddOrModifyRequestItem,
    QosFlowAddOrModifyResponseItem,
    QosFlowModifyConfirmItem,
    QosFlowNotifyItem,
    QosFlowPerTNLInformation,
    QosFlowPerTNLInformationItem,
    QosFlowSetupRequestItem,
    QosFlowWithCauseItem,
    RawIE,
    SecurityIndication,
    SecurityResult,
    ULNGUUPTNLModifyItem,
    UPTransportLayerInformation,
    UPTransportLayerInformationItem,
    UPTransportLayerInformationPairItem,
    UserPlaneSecurityInformation,
)


class PDUSessionResourceSetupRequestTransfer(Struct, frozen=True, kw_only=True):
    """In a PDU session item, as octets (TS 38.413 clause 9.3.4.1)."""

    pdu_session_aggregate_maximum_bit_rate: PDUSessionAggregateMaximumBitRate | None = None
    ul_ngu_up_tnl_information: UPTransportLayerInformation
    additional_ul_ngu_up_tnl_information: tuple[UPTransportLayerInformationItem, ...] = ()
    data_forwarding_not_possible: str | None = None
    pdu_session_type: str
    security_indication: SecurityIndication | None = None
    network_instance: int | None = None
    qos_flow_setup_request_list: tuple[QosFlowSetupRequestItem, ...]
    common_network_instance: bytes | None = None
    unknown: tuple[RawIE, ...] = ()


class PDUSessionResourceModifyRequestTransfer(Struct, frozen=True, kw_only=True):
    """In a PDU session item, as octets (TS 38.413 clause 9.3.4.3)."""

    pdu_session_aggregate_maximum_bit_rate: PDUSessionAggregateMaximumBitRate | None = None
    ul_ngu_up_tnl_modify_list: tuple[ULNGUUPTNLModifyItem, ...] = ()
    network_instance: int | None = None
    qos_flow_add_or_modify_request_list: tuple[QosFlowAddOrModifyRequestItem, ...] = ()
    qos_flow_to_release_list: tuple[QosFlowWithCauseItem, ...] = ()
    common_network_instance: bytes | None = None
    security_indication: SecurityIndication | None = None
    unknown: tuple[RawIE, ...] = ()


class PDUSessionResourceSetupResponseTransfer(Struct, frozen=True, kw_only=True):
    """In a PDU session item, as octets (TS 38.413 clause 9.3.4.2)."""

    dl_qos_flow_per_tnl_information: QosFlowPerTNLInformation
    additional_dl_qos_flow_per_tnl_information: tuple[QosFlowPerTNLInformationItem, ...] = ()
    security_result: SecurityResult | None = None
    qos_flow_failed_to_setup_list: tuple[QosFlowWithCauseItem, ...] = ()
    ie_extensions: tuple[RawIE, ...] = ()


class PDUSessionResourceSetupUnsuccessfulTransfer(Struct, frozen=True, kw_only=True):
    """In a PDU session item, as octets (TS 38.413 clause 9.3.4.16)."""

    cause: Cause
    criticality_diagnostics: CriticalityDiagnostics | None = None
    ie_extensions: tuple[RawIE, ...] = ()


class PDUSessionResourceReleaseCommandTransfer(Struct, frozen=True, kw_only=True):
    """In a PDU session item, as octets (TS 38.413 clause 9.3.4.12)."""

    cause: Cause
    ie_extensions: tuple[RawIE, ...] = ()


class PDUSessionResourceReleaseResponseTransfer(Struct, frozen=True, kw_only=True):
    """In a PDU session item, as octets (TS 38.413 clause 9.3.4.21)."""

    ie_extensions: tuple[RawIE, ...] = ()


class PDUSessionResourceModifyResponseTransfer(Struct, frozen=True, kw_only=True):
    """In a PDU session item, as octets (TS 38.413 clause 9.3.4.4)."""

    dl_ngu_up_tnl_information: UPTransportLayerInformation | None = None
    ul_ngu_up_tnl_information: UPTransportLayerInformation | None = None
    qos_flow_add_or_modify_response_list: tuple[QosFlowAddOrModifyResponseItem, ...] = ()
    additional_dl_qos_flow_per_tnl_information: tuple[QosFlowPerTNLInformationItem, ...] = ()
    qos_flow_failed_to_add_or_modify_list: tuple[QosFlowWithCauseItem, ...] = ()
    ie_extensions: tuple[RawIE, ...] = ()


class PDUSessionResourceModifyUnsuccessfulTransfer(Struct, frozen=True, kw_only=True):
    """In a PDU session item, as octets (TS 38.413 clause 9.3.4.17)."""

    cause: Cause
    criticality_diagnostics: CriticalityDiagnostics | None = None
    ie_extensions: tuple[RawIE, ...] = ()


class PDUSessionResourceNotifyTransfer(Struct, frozen=True, kw_only=True):
    """In a PDU session item, as octets (TS 38.413 clause 9.3.4.5)."""

    qos_flow_notify_list: tuple[QosFlowNotifyItem, ...] = ()
    qos_flow_released_list: tuple[QosFlowWithCauseItem, ...] = ()
    ie_extensions: tuple[RawIE, ...] = ()


class PDUSessionResourceNotifyReleasedTransfer(Struct, frozen=True, kw_only=True):
    """In a PDU session item, as octets (TS 38.413 clause 9.3.4.13)."""

    cause: Cause
    ie_extensions: tuple[RawIE, ...] = ()


class PDUSessionResourceModifyIndicationTransfer(Struct, frozen=True, kw_only=True):
    """In a PDU session item, as octets (TS 38.413 clause 9.3.4.6)."""

    dl_qos_flow_per_tnl_information: QosFlowPerTNLInformation
    additional_dl_qos_flow_per_tnl_information: tuple[QosFlowPerTNLInformationItem, ...] = ()
    ie_extensions: tuple[RawIE, ...] = ()


class PDUSessionResourceModifyConfirmTransfer(Struct, frozen=True, kw_only=True):
    """In a PDU session item, as octets (TS 38.413 clause 9.3.4.7)."""

    qos_flow_modify_confirm_list: tuple[QosFlowModifyConfirmItem, ...]
    ulngu_up_tnl_information: UPTransportLayerInformation
    additional_ng_uuptnl_information: tuple[UPTransportLayerInformationPairItem, ...] = ()
    qos_flow_failed_to_modify_list: tuple[QosFlowWithCauseItem, ...] = ()
    ie_extensions: tuple[RawIE, ...] = ()


class PDUSessionResourceModifyIndicationUnsuccessfulTransfer(Struct, frozen=True, kw_only=True):
    """In a PDU session item, as octets (TS 38.413 clause 9.3.4.22)."""

    cause: Cause
    ie_extensions: tuple[RawIE, ...] = ()


class PathSwitchRequestTransfer(Struct, frozen=True, kw_only=True):
    """In a PDU session item, as octets (TS 38.413 clause 9.3.4.8)."""

    dl_ngu_up_tnl_information: UPTransportLayerInformation
    dl_ngu_tnl_information_reused: str | None = None
    user_plane_security_information: UserPlaneSecurityInformation | None = None
    qos_flow_accepted_list: tuple[QosFlowAcceptedItem, ...]
    ie_extensions: tuple[RawIE, ...] = ()


class PathSwitchRequestAcknowledgeTransfer(Struct, frozen=True, kw_only=True):
    """In a PDU session item, as octets (TS 38.413 clause 9.3.4.9)."""

    ul_ngu_up_tnl_information: UPTransportLayerInformation | None = None
    security_indication: SecurityIndication | None = None
    ie_extensions: tuple[RawIE, ...] = ()


class PathSwitchRequestSetupFailedTransfer(Struct, frozen=True, kw_only=True):
    """In a PDU session item, as octets (TS 38.413 clause 9.3.4.15)."""

    cause: Cause
    ie_extensions: tuple[RawIE, ...] = ()


class PathSwitchRequestUnsuccessfulTransfer(Struct, frozen=True, kw_only=True):
    """In a PDU session item, as octets (TS 38.413 clause 9.3.4.20)."""

    cause: Cause
    ie_extensions: tuple[RawIE, ...] = ()


class UEContextSuspendRequestTransfer(Struct, frozen=True, kw_only=True):
    """In a PDU session item, as octets (TS 38.413 clause 9.3.4.26)."""

    suspend_indicator: str | None = None
    ie_extensions: tuple[RawIE, ...] = ()


class UEContextResumeRequestTransfer(Struct, frozen=True, kw_only=True):
    """In a PDU session item, as octets (TS 38.413 clause 9.3.4.24)."""

    qos_flow_failed_to_resume_list: tuple[QosFlowWithCauseItem, ...] = ()
    ie_extensions: tuple[RawIE, ...] = ()


class UEContextResumeResponseTransfer(Struct, frozen=True, kw_only=True):
    """In a PDU session item, as octets (TS 38.413 clause 9.3.4.25)."""

    qos_flow_failed_to_resume_list: tuple[QosFlowWithCauseItem, ...] = ()
    ie_extensions: tuple[RawIE, ...] = ()
