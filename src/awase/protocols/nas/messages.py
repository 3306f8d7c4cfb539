"""The messages of 5GMM and 5GSM (TS 24.501 clauses 8.2 and 8.3): each class is its table of clause 8.

An element is typed; random bits, and what another protocol's codec opens, are their octets after IEI and length.
Elements that a message's table does not know come in `unknown_ies` and are sent again. To add a message of
clause 8, write its class here, with its `message_type`.
"""

from typing import Annotated, ClassVar

import msgspec

from awase.model.ids import Plmn, Tai
from awase.protocols.nas.causes import FiveGMMCause, FiveGSMCause
from awase.protocols.nas.containers import CiotSmallDataContainer, DnSpecificIdentity, SorTransparentContainer
from awase.protocols.nas.elements import (
    AccessType,
    Additional5GSecurityInformation,
    ConfigurationUpdateIndication,
    DeregistrationType,
    FiveGMMCapability,
    FiveGSMobileIdentity,
    FiveGSNetworkFeatureSupport,
    FiveGSRegistrationResult,
    FiveGSRegistrationType,
    GprsTimer2,
    GprsTimer3,
    IdentityType,
    Nssai,
    PayloadContainerType,
    PduSessionIds,
    RejectedNssai,
    RequestType,
    SelectedNasSecurityAlgorithms,
    ServiceType,
    SNssaiElement,
    TaiList,
    UeSecurityCapability,
)
from awase.protocols.nas.eps_capabilities import (
    MobileStationClassmark2,
    S1UeNetworkCapability,
    S1UeSecurityCapability,
    SupportedCodecList,
)
from awase.protocols.nas.half_octets import (
    AdditionalConfigurationIndication,
    AllowedSscMode,
    AlwaysOnPduSessionIndication,
    AlwaysOnPduSessionRequested,
    ControlPlaneOnlyIndication,
    ControlPlaneServiceType,
    ImeisvRequest,
    MaPduSessionInformation,
    MaximumNumberOfSupportedPacketFilters,
    MicoIndication,
    N5gcIndication,
    NetworkSlicingIndication,
    NonThreeGppNwProvidedPolicies,
    NssaiInclusionMode,
    PriorityIndicator,
    ReleaseAssistanceIndication,
    SmsIndication,
    UeRadioCapabilityIdDeletionIndication,
)
from awase.protocols.nas.indications import (
    AdditionalInformationRequested,
    CongestionReAttemptIndicator,
    FiveGSMNetworkFeatureSupport,
    OnePlmn,
    PagingRestriction,
    PagingRestrictionDecision,
    PduSessionPairId,
    ReAttemptIndicator,
    Rsn,
    ServingPlmnRateControl,
    UeRadioCapabilityId,
)
from awase.protocols.nas.layout import HALF, LV, LVE, TLV, TLVE, TV, TV1, V
from awase.protocols.nas.multicast import ReceivedMbsContainer, RequestedMbsContainer
from awase.protocols.nas.network_elements import (
    DaylightSavingTime,
    DrxParameters,
    EpsBearerContextStatus,
    EpsNasSecurityAlgorithms,
    ExtendedDrxParameters,
    NetworkName,
    ReactivationErrors,
    RequestTypeOfUe,
    TimeZone,
    TruncatedFiveGSTmsiConfiguration,
    UeStatus,
    UesUsageSetting,
    UniversalTimeAndLocalTimeZone,
    UpdateType,
    WaitRange,
)
from awase.protocols.nas.network_lists import (
    CagInformationList,
    EmergencyNumberList,
    ExtendedCagInformationList,
    ExtendedEmergencyNumberList,
    ExtendedRejectedNssai,
    LadnIndication,
    LadnInformation,
    MappedNssai,
    ServiceAreaList,
)
from awase.protocols.nas.network_policies import (
    CipheringKeyData,
    NsagInformation,
    NssrgInformation,
    OperatorDefinedAccessCategories,
    PeipsAssistance,
    WusAssistance,
)
from awase.protocols.nas.other_systems import (
    EthernetHeaderCompression,
    EthernetPortMacAddress,
    IpHeaderCompression,
    MappedEpsBearerContexts,
    Nid,
    ResidenceTime,
)
from awase.protocols.nas.proximity import RelayKeyRequestParameters, RelayKeyResponseParameters, RemoteUeContextList
from awase.protocols.nas.service_level_aa import ServiceLevelAaContainer
from awase.protocols.nas.session_elements import (
    ExtendedProtocolConfigurationOptions,
    FiveGSMCapability,
    IntegrityProtectionMaximumDataRate,
    PduAddress,
    PduSessionType,
    QosFlowDescriptions,
    QosRules,
    SessionAmbr,
    SscMode,
)

Dnn = Annotated[str, "DNN"]
"""A DNN as text: labels joined by dots."""


class UnknownIe(msgspec.Struct, frozen=True, gc=False):
    """An element that the message's table does not know, or that is not what it should be: IEI and octets."""

    iei: int
    octets: bytes


class FiveGMMMessage(msgspec.Struct, frozen=True, kw_only=True, gc=False, repr_omit_defaults=True):
    """A plain 5GMM message (TS 24.501 clause 8.2)."""

    message_type: ClassVar[int]
    unknown_ies: tuple[UnknownIe, ...] = ()


class FiveGSMMessage(msgspec.Struct, frozen=True, kw_only=True, gc=False, repr_omit_defaults=True):
    """A 5GSM message (TS 24.501 clause 8.3). `pti` 0: no procedure transaction identity assigned."""

    message_type: ClassVar[int]
    pdu_session_id: int
    pti: int
    unknown_ies: tuple[UnknownIe, ...] = ()


Message = FiveGMMMessage | FiveGSMMessage


class AuthenticationRequest(FiveGMMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.2.1."""

    message_type = 0x56
    ngksi: Annotated[int, HALF()]
    abba: Annotated[bytes, LV(3)]
    authentication_parameter_rand: Annotated[bytes | None, TV(0x21, 17)] = None
    authentication_parameter_autn: Annotated[bytes | None, TLV(0x20, 18, 18)] = None
    eap_message: Annotated[bytes | None, TLVE(0x78, 7, 1503)] = None


class AuthenticationResponse(FiveGMMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.2.2."""

    message_type = 0x57
    authentication_response_parameter: Annotated[bytes | None, TLV(0x2D, 18, 18)] = None
    eap_message: Annotated[bytes | None, TLVE(0x78, 7, 1503)] = None


class AuthenticationResult(FiveGMMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.2.3."""

    message_type = 0x5A
    ngksi: Annotated[int, HALF()]
    eap_message: Annotated[bytes, LVE(6, 1502)]
    abba: Annotated[bytes | None, TLV(0x38, 4)] = None


class AuthenticationFailure(FiveGMMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.2.4."""

    message_type = 0x59
    five_gmm_cause: Annotated[FiveGMMCause, V(1)]
    authentication_failure_parameter: Annotated[bytes | None, TLV(0x30, 16, 16)] = None


class AuthenticationReject(FiveGMMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.2.5."""

    message_type = 0x58
    eap_message: Annotated[bytes | None, TLVE(0x78, 7, 1503)] = None


class RegistrationRequest(FiveGMMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.2.6."""

    message_type = 0x41
    five_gs_registration_type: Annotated[FiveGSRegistrationType, HALF()]
    ngksi: Annotated[int, HALF()]
    five_gs_mobile_identity: Annotated[FiveGSMobileIdentity, LVE(6)]
    non_current_native_nas_key_set_identifier: Annotated[int | None, TV1(0xC)] = None
    five_gmm_capability: Annotated[FiveGMMCapability | None, TLV(0x10, 3, 15)] = None
    ue_security_capability: Annotated[UeSecurityCapability | None, TLV(0x2E, 4, 10)] = None
    requested_nssai: Annotated[Nssai | None, TLV(0x2F, 4, 74)] = None
    last_visited_registered_tai: Annotated[Tai | None, TV(0x52, 7)] = None
    s1_ue_network_capability: Annotated[S1UeNetworkCapability | None, TLV(0x17, 4, 15)] = None
    uplink_data_status: Annotated[PduSessionIds | None, TLV(0x40, 4, 34)] = None
    pdu_session_status: Annotated[PduSessionIds | None, TLV(0x50, 4, 34)] = None
    mico_indication: Annotated[MicoIndication | None, TV1(0xB)] = None
    ue_status: Annotated[UeStatus | None, TLV(0x2B, 3, 3)] = None
    additional_guti: Annotated[FiveGSMobileIdentity | None, TLVE(0x77, 14, 14)] = None
    allowed_pdu_session_status: Annotated[PduSessionIds | None, TLV(0x25, 4, 34)] = None
    ues_usage_setting: Annotated[UesUsageSetting | None, TLV(0x18, 3, 3)] = None
    requested_drx_parameters: Annotated[DrxParameters | None, TLV(0x51, 3, 3)] = None
    eps_nas_message_container: Annotated[bytes | None, TLVE(0x70, 4)] = None
    ladn_indication: Annotated[LadnIndication | None, TLVE(0x74, 3, 811)] = None
    payload_container_type: Annotated[PayloadContainerType | None, TV1(0x8)] = None
    payload_container: Annotated[bytes | None, TLVE(0x7B, 4)] = None
    network_slicing_indication: Annotated[NetworkSlicingIndication | None, TV1(0x9)] = None
    five_gs_update_type: Annotated[UpdateType | None, TLV(0x53, 3, 3)] = None
    mobile_station_classmark_2: Annotated[MobileStationClassmark2 | None, TLV(0x41, 5, 5)] = None
    supported_codecs: Annotated[SupportedCodecList | None, TLV(0x42, 5)] = None
    nas_message_container: Annotated[bytes | None, TLVE(0x71, 4)] = None
    eps_bearer_context_status: Annotated[EpsBearerContextStatus | None, TLV(0x60, 4, 4)] = None
    requested_extended_drx_parameters: Annotated[ExtendedDrxParameters | None, TLV(0x6E, 3, 4)] = None
    t3324_value: Annotated[GprsTimer3 | None, TLV(0x6A, 3, 3)] = None
    ue_radio_capability_id: Annotated[UeRadioCapabilityId | None, TLV(0x67, 3)] = None
    requested_mapped_nssai: Annotated[MappedNssai | None, TLV(0x35, 3, 42)] = None
    additional_information_requested: Annotated[AdditionalInformationRequested | None, TLV(0x48, 3, 3)] = None
    requested_wus_assistance_information: Annotated[WusAssistance | None, TLV(0x1A, 3)] = None
    n5gc_indication: Annotated[N5gcIndication | None, TV1(0xA)] = None
    requested_nb_n1_mode_drx_parameters: Annotated[DrxParameters | None, TLV(0x30, 3, 3)] = None
    ue_request_type: Annotated[RequestTypeOfUe | None, TLV(0x29, 3, 3)] = None
    paging_restriction: Annotated[PagingRestriction | None, TLV(0x28, 3, 35)] = None
    service_level_aa_container: Annotated[ServiceLevelAaContainer | None, TLVE(0x72, 4, 65538)] = None
    nid: Annotated[Nid | None, TLV(0x32, 8, 8)] = None
    ms_determined_plmn_with_disaster_condition: Annotated[OnePlmn | None, TLV(0x16, 5, 5)] = None
    requested_peips_assistance_information: Annotated[PeipsAssistance | None, TLV(0x2A, 3)] = None
    requested_t3512_value: Annotated[GprsTimer3 | None, TLV(0x3B, 3, 3)] = None


class RegistrationAccept(FiveGMMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.2.7."""

    message_type = 0x42
    five_gs_registration_result: Annotated[FiveGSRegistrationResult, LV(2, 2)]
    five_g_guti: Annotated[FiveGSMobileIdentity | None, TLVE(0x77, 14, 14)] = None
    equivalent_plmns: Annotated[tuple[Plmn, ...] | None, TLV(0x4A, 5, 47)] = None
    tai_list: Annotated[TaiList | None, TLV(0x54, 9, 114)] = None
    allowed_nssai: Annotated[Nssai | None, TLV(0x15, 4, 74)] = None
    rejected_nssai: Annotated[RejectedNssai | None, TLV(0x11, 4, 42)] = None
    configured_nssai: Annotated[Nssai | None, TLV(0x31, 4, 146)] = None
    five_gs_network_feature_support: Annotated[FiveGSNetworkFeatureSupport | None, TLV(0x21, 3, 5)] = None
    pdu_session_status: Annotated[PduSessionIds | None, TLV(0x50, 4, 34)] = None
    pdu_session_reactivation_result: Annotated[PduSessionIds | None, TLV(0x26, 4, 34)] = None
    pdu_session_reactivation_result_error_cause: Annotated[ReactivationErrors | None, TLVE(0x72, 5, 515)] = None
    ladn_information: Annotated[LadnInformation | None, TLVE(0x79, 13, 1715)] = None
    mico_indication: Annotated[MicoIndication | None, TV1(0xB)] = None
    network_slicing_indication: Annotated[NetworkSlicingIndication | None, TV1(0x9)] = None
    service_area_list: Annotated[ServiceAreaList | None, TLV(0x27, 6, 114)] = None
    t3512_value: Annotated[GprsTimer3 | None, TLV(0x5E, 3, 3)] = None
    non_3gpp_de_registration_timer_value: Annotated[GprsTimer2 | None, TLV(0x5D, 3, 3)] = None
    t3502_value: Annotated[GprsTimer2 | None, TLV(0x16, 3, 3)] = None
    emergency_number_list: Annotated[EmergencyNumberList | None, TLV(0x34, 5, 50)] = None
    extended_emergency_number_list: Annotated[ExtendedEmergencyNumberList | None, TLVE(0x7A, 7, 65538)] = None
    sor_transparent_container: Annotated[SorTransparentContainer | None, TLVE(0x73, 20)] = None
    eap_message: Annotated[bytes | None, TLVE(0x78, 7, 1503)] = None
    nssai_inclusion_mode: Annotated[NssaiInclusionMode | None, TV1(0xA)] = None
    operator_defined_access_category_definitions: Annotated[
        OperatorDefinedAccessCategories | None, TLVE(0x76, 3, 8323)
    ] = None
    negotiated_drx_parameters: Annotated[DrxParameters | None, TLV(0x51, 3, 3)] = None
    non_3gpp_nw_policies: Annotated[NonThreeGppNwProvidedPolicies | None, TV1(0xD)] = None
    eps_bearer_context_status: Annotated[EpsBearerContextStatus | None, TLV(0x60, 4, 4)] = None
    negotiated_extended_drx_parameters: Annotated[ExtendedDrxParameters | None, TLV(0x6E, 3, 4)] = None
    t3447_value: Annotated[GprsTimer3 | None, TLV(0x6C, 3, 3)] = None
    t3448_value: Annotated[GprsTimer2 | None, TLV(0x6B, 3, 3)] = None
    t3324_value: Annotated[GprsTimer3 | None, TLV(0x6A, 3, 3)] = None
    ue_radio_capability_id: Annotated[UeRadioCapabilityId | None, TLV(0x67, 3)] = None
    ue_radio_capability_id_deletion_indication: Annotated[UeRadioCapabilityIdDeletionIndication | None, TV1(0xE)] = None
    pending_nssai: Annotated[Nssai | None, TLV(0x39, 4, 146)] = None
    ciphering_key_data: Annotated[CipheringKeyData | None, TLVE(0x74, 34)] = None
    cag_information_list: Annotated[CagInformationList | None, TLVE(0x75, 3)] = None
    truncated_5g_s_tmsi_configuration: Annotated[TruncatedFiveGSTmsiConfiguration | None, TLV(0x1B, 3, 3)] = None
    negotiated_wus_assistance_information: Annotated[WusAssistance | None, TLV(0x1C, 3)] = None
    negotiated_nb_n1_mode_drx_parameters: Annotated[DrxParameters | None, TLV(0x29, 3, 3)] = None
    extended_rejected_nssai: Annotated[ExtendedRejectedNssai | None, TLV(0x68, 5, 90)] = None
    service_level_aa_container: Annotated[ServiceLevelAaContainer | None, TLVE(0x7B, 4, 65538)] = None
    negotiated_peips_assistance_information: Annotated[PeipsAssistance | None, TLV(0x33, 3)] = None
    five_gs_additional_request_result: Annotated[PagingRestrictionDecision | None, TLV(0x35, 3, 3)] = None
    nssrg_information: Annotated[NssrgInformation | None, TLVE(0x70, 7, 4099)] = None
    disaster_roaming_wait_range: Annotated[WaitRange | None, TLV(0x14, 4, 4)] = None
    disaster_return_wait_range: Annotated[WaitRange | None, TLV(0x2C, 4, 4)] = None
    list_of_plmns_to_be_used_in_disaster_condition: Annotated[tuple[Plmn, ...] | None, TLV(0x13, 2)] = None
    forbidden_tai_list_for_roaming: Annotated[TaiList | None, TLV(0x1D, 9, 114)] = None
    forbidden_tai_list_for_regional_provision_of_service: Annotated[TaiList | None, TLV(0x1E, 9, 114)] = None
    extended_cag_information_list: Annotated[ExtendedCagInformationList | None, TLVE(0x71, 3)] = None
    nsag_information: Annotated[NsagInformation | None, TLVE(0x7C, 9, 3143)] = None


class RegistrationComplete(FiveGMMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.2.8."""

    message_type = 0x43
    sor_transparent_container: Annotated[SorTransparentContainer | None, TLVE(0x73, 20)] = None


class RegistrationReject(FiveGMMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.2.9."""

    message_type = 0x44
    five_gmm_cause: Annotated[FiveGMMCause, V(1)]
    t3346_value: Annotated[GprsTimer2 | None, TLV(0x5F, 3, 3)] = None
    t3502_value: Annotated[GprsTimer2 | None, TLV(0x16, 3, 3)] = None
    eap_message: Annotated[bytes | None, TLVE(0x78, 7, 1503)] = None
    rejected_nssai: Annotated[RejectedNssai | None, TLV(0x69, 4, 42)] = None
    cag_information_list: Annotated[CagInformationList | None, TLVE(0x75, 3)] = None
    extended_rejected_nssai: Annotated[ExtendedRejectedNssai | None, TLV(0x68, 5, 90)] = None
    disaster_return_wait_range: Annotated[WaitRange | None, TLV(0x2C, 4, 4)] = None
    extended_cag_information_list: Annotated[ExtendedCagInformationList | None, TLVE(0x71, 3)] = None
    lower_bound_timer_value: Annotated[GprsTimer3 | None, TLV(0x3A, 3, 3)] = None
    forbidden_tai_list_for_roaming: Annotated[TaiList | None, TLV(0x1D, 9, 114)] = None
    forbidden_tai_list_for_regional_provision_of_service: Annotated[TaiList | None, TLV(0x1E, 9, 114)] = None


class ULNASTransport(FiveGMMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.2.10."""

    message_type = 0x67
    payload_container_type: Annotated[PayloadContainerType, HALF()]
    payload_container: Annotated[bytes, LVE(3)]
    pdu_session_id: Annotated[int | None, TV(0x12, 2)] = None
    old_pdu_session_id: Annotated[int | None, TV(0x59, 2)] = None
    request_type: Annotated[RequestType | None, TV1(0x8)] = None
    s_nssai: Annotated[SNssaiElement | None, TLV(0x22, 3, 10)] = None
    dnn: Annotated[Dnn | None, TLV(0x25, 3, 102)] = None
    additional_information: Annotated[bytes | None, TLV(0x24, 3)] = None
    ma_pdu_session_information: Annotated[MaPduSessionInformation | None, TV1(0xA)] = None
    release_assistance_indication: Annotated[ReleaseAssistanceIndication | None, TV1(0xF)] = None


class DLNASTransport(FiveGMMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.2.11."""

    message_type = 0x68
    payload_container_type: Annotated[PayloadContainerType, HALF()]
    payload_container: Annotated[bytes, LVE(3)]
    pdu_session_id: Annotated[int | None, TV(0x12, 2)] = None
    additional_information: Annotated[bytes | None, TLV(0x24, 3)] = None
    five_gmm_cause: Annotated[FiveGMMCause | None, TV(0x58, 2)] = None
    back_off_timer_value: Annotated[GprsTimer3 | None, TLV(0x37, 3, 3)] = None
    lower_bound_timer_value: Annotated[GprsTimer3 | None, TLV(0x3A, 3, 3)] = None


class DeregistrationRequestUEOriginating(FiveGMMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.2.12."""

    message_type = 0x45
    de_registration_type: Annotated[DeregistrationType, HALF()]
    ngksi: Annotated[int, HALF()]
    five_gs_mobile_identity: Annotated[FiveGSMobileIdentity, LVE(6)]


class DeregistrationAcceptUEOriginating(FiveGMMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.2.13: the network's answer."""

    message_type = 0x46


class DeregistrationRequestUETerminated(FiveGMMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.2.14."""

    message_type = 0x47
    de_registration_type: Annotated[DeregistrationType, HALF()]
    five_gmm_cause: Annotated[FiveGMMCause | None, TV(0x58, 2)] = None
    t3346_value: Annotated[GprsTimer2 | None, TLV(0x5F, 3, 3)] = None
    rejected_nssai: Annotated[RejectedNssai | None, TLV(0x6D, 4, 42)] = None
    cag_information_list: Annotated[CagInformationList | None, TLVE(0x75, 3)] = None
    extended_rejected_nssai: Annotated[ExtendedRejectedNssai | None, TLV(0x68, 5, 90)] = None
    disaster_return_wait_range: Annotated[WaitRange | None, TLV(0x2C, 4, 4)] = None
    extended_cag_information_list: Annotated[ExtendedCagInformationList | None, TLVE(0x71, 3)] = None
    lower_bound_timer_value: Annotated[GprsTimer3 | None, TLV(0x3A, 3, 3)] = None
    forbidden_tai_list_for_roaming: Annotated[TaiList | None, TLV(0x1D, 9, 114)] = None
    forbidden_tai_list_for_regional_provision_of_service: Annotated[TaiList | None, TLV(0x1E, 9, 114)] = None


class DeregistrationAcceptUETerminated(FiveGMMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.2.15: the UE's answer."""

    message_type = 0x48


class ServiceRequest(FiveGMMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.2.16."""

    message_type = 0x4C
    ngksi: Annotated[int, HALF()]
    service_type: Annotated[ServiceType, HALF()]
    five_g_s_tmsi: Annotated[FiveGSMobileIdentity, LVE(9, 9)]
    uplink_data_status: Annotated[PduSessionIds | None, TLV(0x40, 4, 34)] = None
    pdu_session_status: Annotated[PduSessionIds | None, TLV(0x50, 4, 34)] = None
    allowed_pdu_session_status: Annotated[PduSessionIds | None, TLV(0x25, 4, 34)] = None
    nas_message_container: Annotated[bytes | None, TLVE(0x71, 4)] = None
    ue_request_type: Annotated[RequestTypeOfUe | None, TLV(0x29, 3, 3)] = None
    paging_restriction: Annotated[PagingRestriction | None, TLV(0x28, 3, 35)] = None


class ServiceAccept(FiveGMMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.2.17."""

    message_type = 0x4E
    pdu_session_status: Annotated[PduSessionIds | None, TLV(0x50, 4, 34)] = None
    pdu_session_reactivation_result: Annotated[PduSessionIds | None, TLV(0x26, 4, 34)] = None
    pdu_session_reactivation_result_error_cause: Annotated[ReactivationErrors | None, TLVE(0x72, 5, 515)] = None
    eap_message: Annotated[bytes | None, TLVE(0x78, 7, 1503)] = None
    t3448_value: Annotated[GprsTimer2 | None, TLV(0x6B, 3, 3)] = None
    five_gs_additional_request_result: Annotated[PagingRestrictionDecision | None, TLV(0x34, 3, 3)] = None
    forbidden_tai_list_for_roaming: Annotated[TaiList | None, TLV(0x1D, 9, 114)] = None
    forbidden_tai_list_for_regional_provision_of_service: Annotated[TaiList | None, TLV(0x1E, 9, 114)] = None


class ServiceReject(FiveGMMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.2.18."""

    message_type = 0x4D
    five_gmm_cause: Annotated[FiveGMMCause, V(1)]
    pdu_session_status: Annotated[PduSessionIds | None, TLV(0x50, 4, 34)] = None
    t3346_value: Annotated[GprsTimer2 | None, TLV(0x5F, 3, 3)] = None
    eap_message: Annotated[bytes | None, TLVE(0x78, 7, 1503)] = None
    t3448_value: Annotated[GprsTimer2 | None, TLV(0x6B, 3, 3)] = None
    cag_information_list: Annotated[CagInformationList | None, TLVE(0x75, 3)] = None
    disaster_return_wait_range: Annotated[WaitRange | None, TLV(0x2C, 4, 4)] = None
    extended_cag_information_list: Annotated[ExtendedCagInformationList | None, TLVE(0x71, 3)] = None
    lower_bound_timer_value: Annotated[GprsTimer3 | None, TLV(0x3A, 3, 3)] = None
    forbidden_tai_list_for_roaming: Annotated[TaiList | None, TLV(0x1D, 9, 114)] = None
    forbidden_tai_list_for_regional_provision_of_service: Annotated[TaiList | None, TLV(0x1E, 9, 114)] = None


class ConfigurationUpdateCommand(FiveGMMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.2.19."""

    message_type = 0x54
    configuration_update_indication: Annotated[ConfigurationUpdateIndication | None, TV1(0xD)] = None
    five_g_guti: Annotated[FiveGSMobileIdentity | None, TLVE(0x77, 14, 14)] = None
    tai_list: Annotated[TaiList | None, TLV(0x54, 9, 114)] = None
    allowed_nssai: Annotated[Nssai | None, TLV(0x15, 4, 74)] = None
    service_area_list: Annotated[ServiceAreaList | None, TLV(0x27, 6, 114)] = None
    full_name_for_network: Annotated[NetworkName | None, TLV(0x43, 3)] = None
    short_name_for_network: Annotated[NetworkName | None, TLV(0x45, 3)] = None
    local_time_zone: Annotated[TimeZone | None, TV(0x46, 2)] = None
    universal_time_and_local_time_zone: Annotated[UniversalTimeAndLocalTimeZone | None, TV(0x47, 8)] = None
    network_daylight_saving_time: Annotated[DaylightSavingTime | None, TLV(0x49, 3, 3)] = None
    ladn_information: Annotated[LadnInformation | None, TLVE(0x79, 3, 1715)] = None
    mico_indication: Annotated[MicoIndication | None, TV1(0xB)] = None
    network_slicing_indication: Annotated[NetworkSlicingIndication | None, TV1(0x9)] = None
    configured_nssai: Annotated[Nssai | None, TLV(0x31, 4, 146)] = None
    rejected_nssai: Annotated[RejectedNssai | None, TLV(0x11, 4, 42)] = None
    operator_defined_access_category_definitions: Annotated[
        OperatorDefinedAccessCategories | None, TLVE(0x76, 3, 8323)
    ] = None
    sms_indication: Annotated[SmsIndication | None, TV1(0xF)] = None
    t3447_value: Annotated[GprsTimer3 | None, TLV(0x6C, 3, 3)] = None
    cag_information_list: Annotated[CagInformationList | None, TLVE(0x75, 3)] = None
    ue_radio_capability_id: Annotated[UeRadioCapabilityId | None, TLV(0x67, 3)] = None
    ue_radio_capability_id_deletion_indication: Annotated[UeRadioCapabilityIdDeletionIndication | None, TV1(0xA)] = None
    five_gs_registration_result: Annotated[FiveGSRegistrationResult | None, TLV(0x44, 3, 3)] = None
    truncated_5g_s_tmsi_configuration: Annotated[TruncatedFiveGSTmsiConfiguration | None, TLV(0x1B, 3, 3)] = None
    additional_configuration_indication: Annotated[AdditionalConfigurationIndication | None, TV1(0xC)] = None
    extended_rejected_nssai: Annotated[ExtendedRejectedNssai | None, TLV(0x68, 5, 90)] = None
    service_level_aa_container: Annotated[ServiceLevelAaContainer | None, TLVE(0x72, 4, 65538)] = None
    nssrg_information: Annotated[NssrgInformation | None, TLVE(0x70, 7, 4099)] = None
    disaster_roaming_wait_range: Annotated[WaitRange | None, TLV(0x14, 4, 4)] = None
    disaster_return_wait_range: Annotated[WaitRange | None, TLV(0x2C, 4, 4)] = None
    list_of_plmns_to_be_used_in_disaster_condition: Annotated[tuple[Plmn, ...] | None, TLV(0x13, 2)] = None
    extended_cag_information_list: Annotated[ExtendedCagInformationList | None, TLVE(0x71, 3)] = None
    updated_peips_assistance_information: Annotated[PeipsAssistance | None, TLV(0x1F, 3)] = None
    nsag_information: Annotated[NsagInformation | None, TLVE(0x73, 9, 3143)] = None
    priority_indicator: Annotated[PriorityIndicator | None, TV1(0xE)] = None


class ConfigurationUpdateComplete(FiveGMMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.2.20."""

    message_type = 0x55


class IdentityRequest(FiveGMMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.2.21."""

    message_type = 0x5B
    identity_type: Annotated[IdentityType, HALF()]


class IdentityResponse(FiveGMMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.2.22."""

    message_type = 0x5C
    mobile_identity: Annotated[FiveGSMobileIdentity, LVE(3)]


class Notification(FiveGMMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.2.23."""

    message_type = 0x65
    access_type: Annotated[AccessType, HALF()]


class NotificationResponse(FiveGMMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.2.24."""

    message_type = 0x66
    pdu_session_status: Annotated[PduSessionIds | None, TLV(0x50, 4, 34)] = None


class SecurityModeCommand(FiveGMMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.2.25."""

    message_type = 0x5D
    selected_nas_security_algorithms: Annotated[SelectedNasSecurityAlgorithms, V(1)]
    ngksi: Annotated[int, HALF()]
    replayed_ue_security_capabilities: Annotated[UeSecurityCapability, LV(3, 9)]
    imeisv_request: Annotated[ImeisvRequest | None, TV1(0xE)] = None
    selected_eps_nas_security_algorithms: Annotated[EpsNasSecurityAlgorithms | None, TV(0x57, 2)] = None
    additional_5g_security_information: Annotated[Additional5GSecurityInformation | None, TLV(0x36, 3, 3)] = None
    eap_message: Annotated[bytes | None, TLVE(0x78, 7, 1503)] = None
    abba: Annotated[bytes | None, TLV(0x38, 4)] = None
    replayed_s1_ue_security_capabilities: Annotated[S1UeSecurityCapability | None, TLV(0x19, 4, 7)] = None


class SecurityModeComplete(FiveGMMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.2.26."""

    message_type = 0x5E
    imeisv: Annotated[FiveGSMobileIdentity | None, TLVE(0x77, 12, 12)] = None
    nas_message_container: Annotated[bytes | None, TLVE(0x71, 4)] = None
    non_imeisv_pei: Annotated[FiveGSMobileIdentity | None, TLVE(0x78, 7)] = None


class SecurityModeReject(FiveGMMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.2.27."""

    message_type = 0x5F
    five_gmm_cause: Annotated[FiveGMMCause, V(1)]


class FiveGMMStatus(FiveGMMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.2.29."""

    message_type = 0x64
    five_gmm_cause: Annotated[FiveGMMCause, V(1)]


class ControlPlaneServiceRequest(FiveGMMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.2.30."""

    message_type = 0x4F
    control_plane_service_type: Annotated[ControlPlaneServiceType, HALF()]
    ngksi: Annotated[int, HALF()]
    ciot_small_data_container: Annotated[CiotSmallDataContainer | None, TLV(0x6F, 4, 257)] = None
    payload_container_type: Annotated[PayloadContainerType | None, TV1(0x8)] = None
    payload_container: Annotated[bytes | None, TLVE(0x7B, 4)] = None
    pdu_session_id: Annotated[int | None, TV(0x12, 2)] = None
    pdu_session_status: Annotated[PduSessionIds | None, TLV(0x50, 4, 34)] = None
    release_assistance_indication: Annotated[ReleaseAssistanceIndication | None, TV1(0xF)] = None
    uplink_data_status: Annotated[PduSessionIds | None, TLV(0x40, 4, 34)] = None
    nas_message_container: Annotated[bytes | None, TLVE(0x71, 4)] = None
    additional_information: Annotated[bytes | None, TLV(0x24, 3)] = None
    allowed_pdu_session_status: Annotated[PduSessionIds | None, TLV(0x25, 4, 34)] = None
    ue_request_type: Annotated[RequestTypeOfUe | None, TLV(0x29, 3, 3)] = None
    paging_restriction: Annotated[PagingRestriction | None, TLV(0x28, 3, 35)] = None


class NetworkSliceSpecificAuthenticationCommand(FiveGMMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.2.31."""

    message_type = 0x50
    s_nssai: Annotated[SNssaiElement, LV(2, 5)]
    eap_message: Annotated[bytes, LVE(6, 1502)]


class NetworkSliceSpecificAuthenticationComplete(FiveGMMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.2.32."""

    message_type = 0x51
    s_nssai: Annotated[SNssaiElement, LV(2, 5)]
    eap_message: Annotated[bytes, LVE(6, 1502)]


class NetworkSliceSpecificAuthenticationResult(FiveGMMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.2.33."""

    message_type = 0x52
    s_nssai: Annotated[SNssaiElement, LV(2, 5)]
    eap_message: Annotated[bytes, LVE(6, 1502)]


class RelayKeyRequest(FiveGMMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.2.34."""

    message_type = 0x69
    prose_relay_transaction_identity: Annotated[int, V(1)]
    relay_key_request_parameters: Annotated[RelayKeyRequestParameters, LVE(22, 65537)]


class RelayKeyAccept(FiveGMMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.2.35."""

    message_type = 0x6A
    prose_relay_transaction_identity: Annotated[int, V(1)]
    relay_key_response_parameters: Annotated[RelayKeyResponseParameters, LVE(51, 65537)]
    eap_message: Annotated[bytes | None, TLVE(0x78, 7, 1503)] = None


class RelayKeyReject(FiveGMMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.2.36."""

    message_type = 0x6B
    prose_relay_transaction_identity: Annotated[int, V(1)]
    eap_message: Annotated[bytes | None, TLVE(0x78, 7, 1503)] = None


class RelayAuthenticationRequest(FiveGMMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.2.37."""

    message_type = 0x6C
    prose_relay_transaction_identity: Annotated[int, V(1)]
    eap_message: Annotated[bytes, LVE(6, 1502)]


class RelayAuthenticationResponse(FiveGMMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.2.38."""

    message_type = 0x6D
    prose_relay_transaction_identity: Annotated[int, V(1)]
    eap_message: Annotated[bytes, LVE(6, 1502)]


class PDUSessionEstablishmentRequest(FiveGSMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.3.1."""

    message_type = 0xC1
    integrity_protection_maximum_data_rate: Annotated[IntegrityProtectionMaximumDataRate, V(2)]
    pdu_session_type: Annotated[PduSessionType | None, TV1(0x9)] = None
    ssc_mode: Annotated[SscMode | None, TV1(0xA)] = None
    five_gsm_capability: Annotated[FiveGSMCapability | None, TLV(0x28, 3, 15)] = None
    maximum_number_of_supported_packet_filters: Annotated[MaximumNumberOfSupportedPacketFilters | None, TV(0x55, 3)] = (
        None
    )
    always_on_pdu_session_requested: Annotated[AlwaysOnPduSessionRequested | None, TV1(0xB)] = None
    sm_pdu_dn_request_container: Annotated[DnSpecificIdentity | None, TLV(0x39, 3, 255)] = None
    extended_protocol_configuration_options: Annotated[
        ExtendedProtocolConfigurationOptions | None, TLVE(0x7B, 4, 65538)
    ] = None
    ip_header_compression_configuration: Annotated[IpHeaderCompression | None, TLV(0x66, 5, 257)] = None
    ds_tt_ethernet_port_mac_address: Annotated[EthernetPortMacAddress | None, TLV(0x6E, 8, 8)] = None
    ue_ds_tt_residence_time: Annotated[ResidenceTime | None, TLV(0x6F, 10, 10)] = None
    port_management_information_container: Annotated[bytes | None, TLVE(0x74, 8, 65538)] = None
    ethernet_header_compression_configuration: Annotated[EthernetHeaderCompression | None, TLV(0x1F, 3, 3)] = None
    suggested_interface_identifier: Annotated[PduAddress | None, TLV(0x29, 11, 11)] = None
    service_level_aa_container: Annotated[ServiceLevelAaContainer | None, TLVE(0x72, 4, 65538)] = None
    requested_mbs_container: Annotated[RequestedMbsContainer | None, TLVE(0x70, 8, 65538)] = None
    pdu_session_pair_id: Annotated[PduSessionPairId | None, TLV(0x34, 3, 3)] = None
    rsn: Annotated[Rsn | None, TLV(0x35, 3, 3)] = None


class PDUSessionEstablishmentAccept(FiveGSMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.3.2."""

    message_type = 0xC2
    selected_pdu_session_type: Annotated[PduSessionType, HALF()]
    selected_ssc_mode: Annotated[SscMode, HALF()]
    authorized_qos_rules: Annotated[QosRules, LVE(6, 65538)]
    session_ambr: Annotated[SessionAmbr, LV(7, 7)]
    five_gsm_cause: Annotated[FiveGSMCause | None, TV(0x59, 2)] = None
    pdu_address: Annotated[PduAddress | None, TLV(0x29, 7, 31)] = None
    rq_timer_value: Annotated[GprsTimer2 | None, TV(0x56, 2)] = None
    s_nssai: Annotated[SNssaiElement | None, TLV(0x22, 3, 10)] = None
    always_on_pdu_session_indication: Annotated[AlwaysOnPduSessionIndication | None, TV1(0x8)] = None
    mapped_eps_bearer_contexts: Annotated[MappedEpsBearerContexts | None, TLVE(0x75, 7, 65538)] = None
    eap_message: Annotated[bytes | None, TLVE(0x78, 7, 1503)] = None
    authorized_qos_flow_descriptions: Annotated[QosFlowDescriptions | None, TLVE(0x79, 6, 65538)] = None
    extended_protocol_configuration_options: Annotated[
        ExtendedProtocolConfigurationOptions | None, TLVE(0x7B, 4, 65538)
    ] = None
    dnn: Annotated[Dnn | None, TLV(0x25, 3, 102)] = None
    five_gsm_network_feature_support: Annotated[FiveGSMNetworkFeatureSupport | None, TLV(0x17, 3, 15)] = None
    serving_plmn_rate_control: Annotated[ServingPlmnRateControl | None, TLV(0x18, 4, 4)] = None
    atsss_container: Annotated[bytes | None, TLVE(0x77, 3, 65538)] = None
    control_plane_only_indication: Annotated[ControlPlaneOnlyIndication | None, TV1(0xC)] = None
    ip_header_compression_configuration: Annotated[IpHeaderCompression | None, TLV(0x66, 5, 257)] = None
    ethernet_header_compression_configuration: Annotated[EthernetHeaderCompression | None, TLV(0x1F, 3, 3)] = None
    service_level_aa_container: Annotated[ServiceLevelAaContainer | None, TLVE(0x72, 4, 65538)] = None
    received_mbs_container: Annotated[ReceivedMbsContainer | None, TLVE(0x71, 9, 65538)] = None


class PDUSessionEstablishmentReject(FiveGSMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.3.3."""

    message_type = 0xC3
    five_gsm_cause: Annotated[FiveGSMCause, V(1)]
    back_off_timer_value: Annotated[GprsTimer3 | None, TLV(0x37, 3, 3)] = None
    allowed_ssc_mode: Annotated[AllowedSscMode | None, TV1(0xF)] = None
    eap_message: Annotated[bytes | None, TLVE(0x78, 7, 1503)] = None
    five_gsm_congestion_re_attempt_indicator: Annotated[CongestionReAttemptIndicator | None, TLV(0x61, 3, 3)] = None
    extended_protocol_configuration_options: Annotated[
        ExtendedProtocolConfigurationOptions | None, TLVE(0x7B, 4, 65538)
    ] = None
    re_attempt_indicator: Annotated[ReAttemptIndicator | None, TLV(0x1D, 3, 3)] = None
    service_level_aa_container: Annotated[ServiceLevelAaContainer | None, TLVE(0x72, 4, 65538)] = None


class PDUSessionAuthenticationCommand(FiveGSMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.3.4."""

    message_type = 0xC5
    eap_message: Annotated[bytes, LVE(6, 1502)]
    extended_protocol_configuration_options: Annotated[
        ExtendedProtocolConfigurationOptions | None, TLVE(0x7B, 4, 65538)
    ] = None


class PDUSessionAuthenticationComplete(FiveGSMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.3.5."""

    message_type = 0xC6
    eap_message: Annotated[bytes, LVE(6, 1502)]
    extended_protocol_configuration_options: Annotated[
        ExtendedProtocolConfigurationOptions | None, TLVE(0x7B, 4, 65538)
    ] = None


class PDUSessionAuthenticationResult(FiveGSMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.3.6."""

    message_type = 0xC7
    eap_message: Annotated[bytes | None, TLVE(0x78, 7, 1503)] = None
    extended_protocol_configuration_options: Annotated[
        ExtendedProtocolConfigurationOptions | None, TLVE(0x7B, 4, 65538)
    ] = None


class PDUSessionModificationRequest(FiveGSMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.3.7."""

    message_type = 0xC9
    five_gsm_capability: Annotated[FiveGSMCapability | None, TLV(0x28, 3, 15)] = None
    five_gsm_cause: Annotated[FiveGSMCause | None, TV(0x59, 2)] = None
    maximum_number_of_supported_packet_filters: Annotated[MaximumNumberOfSupportedPacketFilters | None, TV(0x55, 3)] = (
        None
    )
    always_on_pdu_session_requested: Annotated[AlwaysOnPduSessionRequested | None, TV1(0xB)] = None
    integrity_protection_maximum_data_rate: Annotated[IntegrityProtectionMaximumDataRate | None, TV(0x13, 3)] = None
    requested_qos_rules: Annotated[QosRules | None, TLVE(0x7A, 7, 65538)] = None
    requested_qos_flow_descriptions: Annotated[QosFlowDescriptions | None, TLVE(0x79, 6, 65538)] = None
    mapped_eps_bearer_contexts: Annotated[MappedEpsBearerContexts | None, TLVE(0x75, 7, 65538)] = None
    extended_protocol_configuration_options: Annotated[
        ExtendedProtocolConfigurationOptions | None, TLVE(0x7B, 4, 65538)
    ] = None
    port_management_information_container: Annotated[bytes | None, TLVE(0x74, 4, 65538)] = None
    ip_header_compression_configuration: Annotated[IpHeaderCompression | None, TLV(0x66, 5, 257)] = None
    ethernet_header_compression_configuration: Annotated[EthernetHeaderCompression | None, TLV(0x1F, 3, 3)] = None
    requested_mbs_container: Annotated[RequestedMbsContainer | None, TLVE(0x70, 8, 65538)] = None
    service_level_aa_container: Annotated[ServiceLevelAaContainer | None, TLVE(0x72, 4, 65538)] = None


class PDUSessionModificationReject(FiveGSMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.3.8."""

    message_type = 0xCA
    five_gsm_cause: Annotated[FiveGSMCause, V(1)]
    back_off_timer_value: Annotated[GprsTimer3 | None, TLV(0x37, 3, 3)] = None
    five_gsm_congestion_re_attempt_indicator: Annotated[CongestionReAttemptIndicator | None, TLV(0x61, 3, 3)] = None
    extended_protocol_configuration_options: Annotated[
        ExtendedProtocolConfigurationOptions | None, TLVE(0x7B, 4, 65538)
    ] = None
    re_attempt_indicator: Annotated[ReAttemptIndicator | None, TLV(0x1D, 3, 3)] = None


class PDUSessionModificationCommand(FiveGSMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.3.9."""

    message_type = 0xCB
    five_gsm_cause: Annotated[FiveGSMCause | None, TV(0x59, 2)] = None
    session_ambr: Annotated[SessionAmbr | None, TLV(0x2A, 8, 8)] = None
    rq_timer_value: Annotated[GprsTimer2 | None, TV(0x56, 2)] = None
    always_on_pdu_session_indication: Annotated[AlwaysOnPduSessionIndication | None, TV1(0x8)] = None
    authorized_qos_rules: Annotated[QosRules | None, TLVE(0x7A, 7, 65538)] = None
    mapped_eps_bearer_contexts: Annotated[MappedEpsBearerContexts | None, TLVE(0x75, 7, 65538)] = None
    authorized_qos_flow_descriptions: Annotated[QosFlowDescriptions | None, TLVE(0x79, 6, 65538)] = None
    extended_protocol_configuration_options: Annotated[
        ExtendedProtocolConfigurationOptions | None, TLVE(0x7B, 4, 65538)
    ] = None
    atsss_container: Annotated[bytes | None, TLVE(0x77, 3, 65538)] = None
    ip_header_compression_configuration: Annotated[IpHeaderCompression | None, TLV(0x66, 5, 257)] = None
    port_management_information_container: Annotated[bytes | None, TLVE(0x74, 4, 65538)] = None
    serving_plmn_rate_control: Annotated[ServingPlmnRateControl | None, TLV(0x1E, 4, 4)] = None
    ethernet_header_compression_configuration: Annotated[EthernetHeaderCompression | None, TLV(0x1F, 3, 3)] = None
    received_mbs_container: Annotated[ReceivedMbsContainer | None, TLVE(0x71, 9, 65538)] = None
    service_level_aa_container: Annotated[ServiceLevelAaContainer | None, TLVE(0x72, 4, 65538)] = None


class PDUSessionModificationComplete(FiveGSMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.3.10."""

    message_type = 0xCC
    extended_protocol_configuration_options: Annotated[
        ExtendedProtocolConfigurationOptions | None, TLVE(0x7B, 4, 65538)
    ] = None
    port_management_information_container: Annotated[bytes | None, TLVE(0x74, 4, 65538)] = None


class PDUSessionModificationCommandReject(FiveGSMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.3.11."""

    message_type = 0xCD
    five_gsm_cause: Annotated[FiveGSMCause, V(1)]
    extended_protocol_configuration_options: Annotated[
        ExtendedProtocolConfigurationOptions | None, TLVE(0x7B, 4, 65538)
    ] = None


class PDUSessionReleaseRequest(FiveGSMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.3.12."""

    message_type = 0xD1
    five_gsm_cause: Annotated[FiveGSMCause | None, TV(0x59, 2)] = None
    extended_protocol_configuration_options: Annotated[
        ExtendedProtocolConfigurationOptions | None, TLVE(0x7B, 4, 65538)
    ] = None


class PDUSessionReleaseReject(FiveGSMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.3.13."""

    message_type = 0xD2
    five_gsm_cause: Annotated[FiveGSMCause, V(1)]
    extended_protocol_configuration_options: Annotated[
        ExtendedProtocolConfigurationOptions | None, TLVE(0x7B, 4, 65538)
    ] = None


class PDUSessionReleaseCommand(FiveGSMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.3.14."""

    message_type = 0xD3
    five_gsm_cause: Annotated[FiveGSMCause, V(1)]
    back_off_timer_value: Annotated[GprsTimer3 | None, TLV(0x37, 3, 3)] = None
    eap_message: Annotated[bytes | None, TLVE(0x78, 7, 1503)] = None
    five_gsm_congestion_re_attempt_indicator: Annotated[CongestionReAttemptIndicator | None, TLV(0x61, 3, 3)] = None
    extended_protocol_configuration_options: Annotated[
        ExtendedProtocolConfigurationOptions | None, TLVE(0x7B, 4, 65538)
    ] = None
    access_type: Annotated[AccessType | None, TV1(0xD)] = None
    service_level_aa_container: Annotated[ServiceLevelAaContainer | None, TLVE(0x72, 4, 65538)] = None


class PDUSessionReleaseComplete(FiveGSMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.3.15."""

    message_type = 0xD4
    five_gsm_cause: Annotated[FiveGSMCause | None, TV(0x59, 2)] = None
    extended_protocol_configuration_options: Annotated[
        ExtendedProtocolConfigurationOptions | None, TLVE(0x7B, 4, 65538)
    ] = None


class FiveGSMStatus(FiveGSMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.3.16."""

    message_type = 0xD6
    five_gsm_cause: Annotated[FiveGSMCause, V(1)]


class ServiceLevelAuthenticationCommand(FiveGSMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.3.17."""

    message_type = 0xD8
    service_level_aa_container: Annotated[ServiceLevelAaContainer, LVE(5, 65537)]


class ServiceLevelAuthenticationComplete(FiveGSMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.3.18."""

    message_type = 0xD9
    service_level_aa_container: Annotated[ServiceLevelAaContainer, LVE(5, 65537)]


class RemoteUEReport(FiveGSMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.3.19."""

    message_type = 0xDA
    remote_ue_context_connected: Annotated[RemoteUeContextList | None, TLVE(0x76, 16, 65538)] = None
    remote_ue_context_disconnected: Annotated[RemoteUeContextList | None, TLVE(0x70, 16, 65538)] = None


class RemoteUEReportResponse(FiveGSMMessage, frozen=True, kw_only=True, gc=False):
    """TS 24.501 clause 8.3.20."""

    message_type = 0xDB


FIVE_GMM_MESSAGES: dict[int, type[FiveGMMMessage]] = {c.message_type: c for c in FiveGMMMessage.__subclasses__()}
"""By message type (TS 24.501 table 9.7.1)."""

FIVE_GSM_MESSAGES: dict[int, type[FiveGSMMessage]] = {c.message_type: c for c in FiveGSMMessage.__subclasses__()}
"""By message type (TS 24.501 table 9.7.2)."""
