"""The messages and grouped elements of PFCP (TS 29.244 clauses 7.4 and 7.5), in the order of its tables.

Fields have the element's name; without a default they are mandatory; a tuple is an element that repeats.
`element_table` says for each name its type and coding. Elements of which we only keep the octets are bytes.
"""

import msgspec

from awase.model.ids import SNssai
from awase.protocols.pfcp.elements import (
    BitRates,
    DownlinkDataServiceInformation,
    FailedRuleId,
    FSeid,
    FTeid,
    GateStatus,
    NodeId,
    OuterHeaderCreation,
    OuterHeaderRemoval,
    RemoteGtpUPeer,
    SdfFilter,
    UeIpAddress,
    UnknownElement,
    UserId,
    Volume,
)

Octets = tuple[bytes, ...]
"""An element that repeats, of which we keep the octets."""


class Group(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A grouped element or a message: what it did not define is in `unknown`."""

    unknown: tuple[UnknownElement, ...] = ()


# Grouped elements.


class Pdi(Group, frozen=True, kw_only=True):
    """Table 7.5.2.2-2."""

    source_interface: int
    f_teid: FTeid | None = None
    network_instance: str | None = None
    redundant_transmission_detection_parameters: bytes | None = None
    ue_ip_address: tuple[UeIpAddress, ...] = ()
    traffic_endpoint_id: tuple[int, ...] = ()
    sdf_filter: tuple[SdfFilter, ...] = ()
    application_id: bytes | None = None
    ethernet_pdu_session_information: bytes | None = None
    ethernet_packet_filter: Octets = ()
    qfi: tuple[int, ...] = ()
    framed_route: Octets = ()
    framed_routing: bytes | None = None
    framed_ipv6_route: Octets = ()
    three_gpp_interface_type: int | None = None
    ip_multicast_addressing_info: Octets = ()


class CreatePdr(Group, frozen=True, kw_only=True):
    """Table 7.5.2.2-1."""

    pdr_id: int
    precedence: int
    pdi: Pdi
    outer_header_removal: OuterHeaderRemoval | None = None
    far_id: int | None = None
    urr_id: tuple[int, ...] = ()
    qer_id: tuple[int, ...] = ()
    activate_predefined_rules: Octets = ()
    activation_time: int | None = None
    deactivation_time: int | None = None
    mar_id: int | None = None
    packet_replication_and_detection_carry_on_information: bytes | None = None
    ip_multicast_addressing_info: Octets = ()
    ue_ip_address_pool_identity: Octets = ()
    mptcp_applicable_indication: bytes | None = None
    transport_delay_reporting: bytes | None = None


class UpdatePdr(Group, frozen=True, kw_only=True):
    """Table 7.5.4.2-1."""

    pdr_id: int
    outer_header_removal: OuterHeaderRemoval | None = None
    precedence: int | None = None
    pdi: Pdi | None = None
    far_id: int | None = None
    urr_id: tuple[int, ...] = ()
    qer_id: tuple[int, ...] = ()
    activate_predefined_rules: Octets = ()
    deactivate_predefined_rules: Octets = ()
    activation_time: int | None = None
    deactivation_time: int | None = None
    ip_multicast_addressing_info: Octets = ()
    transport_delay_reporting: bytes | None = None


class RemovePdr(Group, frozen=True, kw_only=True):
    """Table 7.5.4.6-1."""

    pdr_id: int


class CreatedPdr(Group, frozen=True, kw_only=True):
    """Table 7.5.3.2-1; the second F-TEID is that of redundant transmission."""

    pdr_id: int
    f_teid: tuple[FTeid, ...] = ()
    ue_ip_address: tuple[UeIpAddress, ...] = ()


class UpdatedPdr(Group, frozen=True, kw_only=True):
    """Table 7.5.5.5-1."""

    pdr_id: int
    f_teid: FTeid | None = None
    ue_ip_address: tuple[UeIpAddress, ...] = ()


class ForwardingParameters(Group, frozen=True, kw_only=True):
    """Table 7.5.2.3-2."""

    destination_interface: int
    network_instance: str | None = None
    redirect_information: bytes | None = None
    outer_header_creation: OuterHeaderCreation | None = None
    transport_level_marking: bytes | None = None
    forwarding_policy: bytes | None = None
    header_enrichment: bytes | None = None
    traffic_endpoint_id: int | None = None
    proxying: bytes | None = None
    three_gpp_interface_type: int | None = None
    data_network_access_identifier: bytes | None = None


class UpdateForwardingParameters(Group, frozen=True, kw_only=True):
    """Table 7.5.4.3-2."""

    destination_interface: int | None = None
    network_instance: str | None = None
    redirect_information: bytes | None = None
    outer_header_creation: OuterHeaderCreation | None = None
    transport_level_marking: bytes | None = None
    forwarding_policy: bytes | None = None
    header_enrichment: bytes | None = None
    pfcpsm_req_flags: int | None = None
    traffic_endpoint_id: int | None = None
    three_gpp_interface_type: int | None = None
    data_network_access_identifier: bytes | None = None


class DuplicatingParameters(Group, frozen=True, kw_only=True):
    """Table 7.5.2.3-3."""

    destination_interface: int
    outer_header_creation: OuterHeaderCreation | None = None
    transport_level_marking: bytes | None = None
    forwarding_policy: bytes | None = None


class UpdateDuplicatingParameters(Group, frozen=True, kw_only=True):
    """Table 7.5.4.3-3."""

    destination_interface: int | None = None
    outer_header_creation: OuterHeaderCreation | None = None
    transport_level_marking: bytes | None = None
    forwarding_policy: bytes | None = None


class CreateFar(Group, frozen=True, kw_only=True):
    """Table 7.5.2.3-1; `apply_action` as in elements.ApplyAction."""

    far_id: int
    apply_action: int
    forwarding_parameters: ForwardingParameters | None = None
    duplicating_parameters: tuple[DuplicatingParameters, ...] = ()
    bar_id: int | None = None
    redundant_transmission_forwarding_parameters: bytes | None = None


class UpdateFar(Group, frozen=True, kw_only=True):
    """Table 7.5.4.3-1."""

    far_id: int
    apply_action: int | None = None
    update_forwarding_parameters: UpdateForwardingParameters | None = None
    update_duplicating_parameters: tuple[UpdateDuplicatingParameters, ...] = ()
    redundant_transmission_forwarding_parameters: bytes | None = None
    bar_id: int | None = None


class RemoveFar(Group, frozen=True, kw_only=True):
    """Table 7.5.4.7-1."""

    far_id: int


class _UsageRule(Group, frozen=True, kw_only=True):
    """What Create URR and Update URR share, all of it conditional or optional."""

    measurement_period: int | None = None
    volume_threshold: Volume | None = None
    volume_quota: Volume | None = None
    event_threshold: int | None = None
    event_quota: int | None = None
    time_threshold: int | None = None
    time_quota: int | None = None
    quota_holding_time: int | None = None
    dropped_dl_traffic_threshold: bytes | None = None
    quota_validity_time: int | None = None
    monitoring_time: int | None = None
    subsequent_volume_threshold: Volume | None = None
    subsequent_time_threshold: int | None = None
    subsequent_volume_quota: Volume | None = None
    subsequent_time_quota: int | None = None
    subsequent_event_threshold: int | None = None
    subsequent_event_quota: int | None = None
    inactivity_detection_time: int | None = None
    linked_urr_id: tuple[int, ...] = ()
    measurement_information: int | None = None
    time_quota_mechanism: bytes | None = None
    aggregated_urrs: Octets = ()
    far_id: int | None = None
    ethernet_inactivity_timer: int | None = None
    additional_monitoring_time: Octets = ()
    number_of_reports: int | None = None
    sdf_filter: tuple[SdfFilter, ...] = ()
    application_id: Octets = ()


class CreateUrr(_UsageRule, frozen=True, kw_only=True):
    """Table 7.5.2.4-1."""

    urr_id: int
    measurement_method: int
    reporting_triggers: int


class UpdateUrr(_UsageRule, frozen=True, kw_only=True):
    """Table 7.5.4.4-1."""

    urr_id: int
    measurement_method: int | None = None
    reporting_triggers: int | None = None


class RemoveUrr(Group, frozen=True, kw_only=True):
    """Table 7.5.4.8-1."""

    urr_id: int


class QueryUrr(Group, frozen=True, kw_only=True):
    """Table 7.5.4.10-1."""

    urr_id: int


class CreateQer(Group, frozen=True, kw_only=True):
    """Table 7.5.2.5-1."""

    qer_id: int
    qer_correlation_id: int | None = None
    gate_status: GateStatus
    mbr: BitRates | None = None
    gbr: BitRates | None = None
    packet_rate: bytes | None = None
    packet_rate_status: bytes | None = None
    dl_flow_level_marking: bytes | None = None
    qfi: int | None = None
    rqi: int | None = None
    paging_policy_indicator: int | None = None
    averaging_window: int | None = None
    qer_control_indications: bytes | None = None


class UpdateQer(Group, frozen=True, kw_only=True):
    """Table 7.5.4.5-1."""

    qer_id: int
    qer_correlation_id: int | None = None
    gate_status: GateStatus | None = None
    mbr: BitRates | None = None
    gbr: BitRates | None = None
    packet_rate: bytes | None = None
    dl_flow_level_marking: bytes | None = None
    qfi: int | None = None
    rqi: int | None = None
    paging_policy_indicator: int | None = None
    averaging_window: int | None = None
    qer_control_indications: bytes | None = None


class RemoveQer(Group, frozen=True, kw_only=True):
    """Table 7.5.4.9-1."""

    qer_id: int


class CreateBar(Group, frozen=True, kw_only=True):
    """Table 7.5.2.6-1."""

    bar_id: int
    downlink_data_notification_delay: int | None = None
    suggested_buffering_packets_count: int | None = None
    mt_edt_control_information: bytes | None = None


class UpdateBar(Group, frozen=True, kw_only=True):
    """Tables 7.5.4.11-1 and 7.5.9.2-1."""

    bar_id: int
    downlink_data_notification_delay: int | None = None
    dl_buffering_duration: int | None = None
    dl_buffering_suggested_packet_count: int | None = None
    suggested_buffering_packets_count: int | None = None
    mt_edt_control_information: bytes | None = None


class RemoveBar(Group, frozen=True, kw_only=True):
    """Table 7.5.4.12-1."""

    bar_id: int


class CreateTrafficEndpoint(Group, frozen=True, kw_only=True):
    """Table 7.5.2.7-1."""

    traffic_endpoint_id: int
    f_teid: FTeid | None = None
    network_instance: str | None = None
    redundant_transmission_detection_parameters: bytes | None = None
    ue_ip_address: tuple[UeIpAddress, ...] = ()
    ethernet_pdu_session_information: bytes | None = None
    framed_route: Octets = ()
    framed_routing: bytes | None = None
    framed_ipv6_route: Octets = ()
    qfi: tuple[int, ...] = ()
    three_gpp_interface_type: int | None = None


class CreatedTrafficEndpoint(Group, frozen=True, kw_only=True):
    """Table 7.5.3.5-1."""

    traffic_endpoint_id: int
    f_teid: tuple[FTeid, ...] = ()
    ue_ip_address: tuple[UeIpAddress, ...] = ()


class UpdateTrafficEndpoint(Group, frozen=True, kw_only=True):
    """Table 7.5.4.13-1."""

    traffic_endpoint_id: int
    f_teid: FTeid | None = None
    network_instance: str | None = None
    redundant_transmission_detection_parameters: bytes | None = None
    ue_ip_address: tuple[UeIpAddress, ...] = ()
    framed_route: Octets = ()
    framed_routing: bytes | None = None
    framed_ipv6_route: Octets = ()
    qfi: tuple[int, ...] = ()
    three_gpp_interface_type: int | None = None


class RemoveTrafficEndpoint(Group, frozen=True, kw_only=True):
    """Table 7.5.4.14-1."""

    traffic_endpoint_id: int


class UsageReport(Group, frozen=True, kw_only=True):
    """Tables 7.5.5.2-1, 7.5.7.2-1 and 7.5.8.3-1."""

    urr_id: int
    ur_seqn: int
    usage_report_trigger: int
    start_time: int | None = None
    end_time: int | None = None
    volume_measurement: Volume | None = None
    duration_measurement: int | None = None
    application_detection_information: bytes | None = None
    ue_ip_address: tuple[UeIpAddress, ...] = ()
    network_instance: str | None = None
    time_of_first_packet: int | None = None
    time_of_last_packet: int | None = None
    usage_information: bytes | None = None
    query_urr_reference: int | None = None
    event_time_stamp: Octets = ()
    ethernet_traffic_information: bytes | None = None
    join_ip_multicast_information: Octets = ()
    leave_ip_multicast_information: Octets = ()


class DownlinkDataReport(Group, frozen=True, kw_only=True):
    """Table 7.5.8.2-1."""

    pdr_id: tuple[int, ...]
    downlink_data_service_information: tuple[DownlinkDataServiceInformation, ...] = ()
    dl_data_packets_size: bytes | None = None
    data_status: bytes | None = None


class ErrorIndicationReport(Group, frozen=True, kw_only=True):
    """Table 7.5.8.4-1: the F-TEIDs that a GTP-U peer does not know (Remote F-TEID)."""

    f_teid: tuple[FTeid, ...]


class UserPlanePathReport(Group, frozen=True, kw_only=True):
    """User Plane Path Failure and Recovery Report (tables 7.4.5.1.2-1 and 7.4.5.1.3-1)."""

    remote_gtp_u_peer: tuple[RemoteGtpUPeer, ...]


class LoadControlInformation(Group, frozen=True, kw_only=True):
    """Table 7.5.3.3-1."""

    load_sequence_number: int
    metric: int


class OverloadControlInformation(Group, frozen=True, kw_only=True):
    """Table 7.5.3.4-1."""

    load_sequence_number: int
    metric: int
    timer: int
    oci_flags: bytes | None = None


# Messages about nodes (clause 7.4): no SEID in their header.


class Message(Group, frozen=True, kw_only=True):
    """A message."""


class HeartbeatRequest(Message, frozen=True, kw_only=True):
    """Table 7.4.2.1-1; seconds since 1900."""

    recovery_time_stamp: int
    source_ip_address: bytes | None = None


class HeartbeatResponse(Message, frozen=True, kw_only=True):
    """Table 7.4.2.2-1."""

    recovery_time_stamp: int


class PfdManagementRequest(Message, frozen=True, kw_only=True):
    """Table 7.4.3.1-1."""

    application_ids_pfds: Octets = ()
    node_id: NodeId | None = None


class PfdManagementResponse(Message, frozen=True, kw_only=True):
    """Table 7.4.3.2-1."""

    cause: int
    offending_ie: int | None = None
    node_id: NodeId | None = None


class AssociationSetupRequest(Message, frozen=True, kw_only=True):
    """Table 7.4.4.1-1."""

    node_id: NodeId
    recovery_time_stamp: int
    up_function_features: bytes | None = None
    cp_function_features: bytes | None = None
    user_plane_ip_resource_information: Octets = ()
    alternative_smf_ip_address: Octets = ()
    smf_set_id: bytes | None = None
    session_retention_information: bytes | None = None
    ue_ip_address_pool_information: Octets = ()
    gtp_u_path_qos_control_information: Octets = ()
    clock_drift_control_information: Octets = ()
    nf_instance_id: bytes | None = None
    pfcpas_req_flags: int | None = None


class AssociationSetupResponse(Message, frozen=True, kw_only=True):
    """Table 7.4.4.2-1."""

    node_id: NodeId
    cause: int
    recovery_time_stamp: int
    up_function_features: bytes | None = None
    cp_function_features: bytes | None = None
    user_plane_ip_resource_information: Octets = ()
    alternative_smf_ip_address: Octets = ()
    smf_set_id: bytes | None = None
    pfcpas_rsp_flags: int | None = None
    clock_drift_control_information: Octets = ()
    ue_ip_address_pool_information: Octets = ()
    gtp_u_path_qos_control_information: Octets = ()
    nf_instance_id: bytes | None = None


class AssociationUpdateRequest(Message, frozen=True, kw_only=True):
    """Table 7.4.4.3-1."""

    node_id: NodeId
    up_function_features: bytes | None = None
    cp_function_features: bytes | None = None
    association_release_request: int | None = None
    graceful_release_period: int | None = None
    user_plane_ip_resource_information: Octets = ()
    pfcpau_req_flags: int | None = None
    alternative_smf_ip_address: Octets = ()
    smf_set_id: bytes | None = None
    clock_drift_control_information: Octets = ()
    ue_ip_address_pool_information: Octets = ()
    gtp_u_path_qos_control_information: Octets = ()
    ue_ip_address_usage_information: Octets = ()


class AssociationUpdateResponse(Message, frozen=True, kw_only=True):
    """Table 7.4.4.4-1."""

    node_id: NodeId
    cause: int
    up_function_features: bytes | None = None
    cp_function_features: bytes | None = None
    ue_ip_address_usage_information: Octets = ()


class AssociationReleaseRequest(Message, frozen=True, kw_only=True):
    """Table 7.4.4.5-1."""

    node_id: NodeId


class AssociationReleaseResponse(Message, frozen=True, kw_only=True):
    """Table 7.4.4.6-1."""

    node_id: NodeId
    cause: int


class VersionNotSupportedResponse(Message, frozen=True, kw_only=True):
    """Clause 7.4.4.7: the header alone."""


class NodeReportRequest(Message, frozen=True, kw_only=True):
    """Table 7.4.5.1.1-1."""

    node_id: NodeId
    node_report_type: int
    user_plane_path_failure_report: UserPlanePathReport | None = None
    user_plane_path_recovery_report: UserPlanePathReport | None = None
    clock_drift_report: Octets = ()
    gtp_u_path_qos_report: Octets = ()


class NodeReportResponse(Message, frozen=True, kw_only=True):
    """Table 7.4.5.2.1-1."""

    node_id: NodeId
    cause: int
    offending_ie: int | None = None


class SessionSetDeletionRequest(Message, frozen=True, kw_only=True):
    """Table 7.4.6.1-1."""

    node_id: NodeId
    fq_csid: Octets = ()


class SessionSetDeletionResponse(Message, frozen=True, kw_only=True):
    """Table 7.4.6.2-1."""

    node_id: NodeId
    cause: int
    offending_ie: int | None = None


# Messages about sessions (clause 7.5): the receiver's SEID in their header.


class SessionEstablishmentRequest(Message, frozen=True, kw_only=True):
    """Table 7.5.2.1-1."""

    node_id: NodeId
    cp_f_seid: FSeid
    create_pdr: tuple[CreatePdr, ...]
    create_far: tuple[CreateFar, ...]
    create_urr: tuple[CreateUrr, ...] = ()
    create_qer: tuple[CreateQer, ...] = ()
    create_bar: CreateBar | None = None
    create_traffic_endpoint: tuple[CreateTrafficEndpoint, ...] = ()
    pdn_type: int | None = None
    fq_csid: Octets = ()
    user_plane_inactivity_timer: int | None = None
    user_id: UserId | None = None
    trace_information: bytes | None = None
    apn_dnn: str | None = None
    create_mar: Octets = ()
    pfcpse_req_flags: int | None = None
    create_bridge_info_for_tsc: bytes | None = None
    create_srr: Octets = ()
    provide_atsss_control_information: bytes | None = None
    recovery_time_stamp: int | None = None
    s_nssai: SNssai | None = None
    provide_rds_configuration_information: bytes | None = None
    rat_type: int | None = None


class SessionEstablishmentResponse(Message, frozen=True, kw_only=True):
    """Table 7.5.3.1-1."""

    node_id: NodeId
    cause: int
    offending_ie: int | None = None
    up_f_seid: FSeid | None = None
    created_pdr: tuple[CreatedPdr, ...] = ()
    load_control_information: LoadControlInformation | None = None
    overload_control_information: OverloadControlInformation | None = None
    fq_csid: Octets = ()
    failed_rule_id: FailedRuleId | None = None
    created_traffic_endpoint: tuple[CreatedTrafficEndpoint, ...] = ()
    created_bridge_info_for_tsc: bytes | None = None
    atsss_control_parameters: bytes | None = None
    rds_configuration_information: bytes | None = None
    partial_failure_information: Octets = ()


class SessionModificationRequest(Message, frozen=True, kw_only=True):
    """Table 7.5.4.1-1."""

    cp_f_seid: FSeid | None = None
    remove_pdr: tuple[RemovePdr, ...] = ()
    remove_far: tuple[RemoveFar, ...] = ()
    remove_urr: tuple[RemoveUrr, ...] = ()
    remove_qer: tuple[RemoveQer, ...] = ()
    remove_bar: RemoveBar | None = None
    remove_traffic_endpoint: tuple[RemoveTrafficEndpoint, ...] = ()
    create_pdr: tuple[CreatePdr, ...] = ()
    create_far: tuple[CreateFar, ...] = ()
    create_urr: tuple[CreateUrr, ...] = ()
    create_qer: tuple[CreateQer, ...] = ()
    create_bar: CreateBar | None = None
    create_traffic_endpoint: tuple[CreateTrafficEndpoint, ...] = ()
    update_pdr: tuple[UpdatePdr, ...] = ()
    update_far: tuple[UpdateFar, ...] = ()
    update_urr: tuple[UpdateUrr, ...] = ()
    update_qer: tuple[UpdateQer, ...] = ()
    update_bar: UpdateBar | None = None
    update_traffic_endpoint: tuple[UpdateTrafficEndpoint, ...] = ()
    pfcpsm_req_flags: int | None = None
    query_urr: tuple[QueryUrr, ...] = ()
    fq_csid: Octets = ()
    user_plane_inactivity_timer: int | None = None
    query_urr_reference: int | None = None
    trace_information: bytes | None = None
    remove_mar: Octets = ()
    update_mar: Octets = ()
    create_mar: Octets = ()
    node_id: NodeId | None = None
    tsc_management_information_request: Octets = ()
    remove_srr: Octets = ()
    create_srr: Octets = ()
    update_srr: Octets = ()
    provide_atsss_control_information: bytes | None = None
    ethernet_context_information: bytes | None = None
    access_availability_information: Octets = ()
    query_packet_rate_status: Octets = ()
    s_nssai: SNssai | None = None
    rat_type: int | None = None


class SessionModificationResponse(Message, frozen=True, kw_only=True):
    """Table 7.5.5.1-1."""

    cause: int
    offending_ie: int | None = None
    created_pdr: tuple[CreatedPdr, ...] = ()
    load_control_information: LoadControlInformation | None = None
    overload_control_information: OverloadControlInformation | None = None
    usage_report_modification: tuple[UsageReport, ...] = ()
    failed_rule_id: FailedRuleId | None = None
    additional_usage_reports_information: bytes | None = None
    created_traffic_endpoint: tuple[CreatedTrafficEndpoint, ...] = ()
    tsc_management_information_response: Octets = ()
    atsss_control_parameters: bytes | None = None
    updated_pdr: tuple[UpdatedPdr, ...] = ()
    packet_rate_status_report_modification: Octets = ()
    partial_failure_information_modification: Octets = ()


class SessionDeletionRequest(Message, frozen=True, kw_only=True):
    """Clause 7.5.6: no elements."""


class SessionDeletionResponse(Message, frozen=True, kw_only=True):
    """Table 7.5.7.1-1."""

    cause: int
    offending_ie: int | None = None
    load_control_information: LoadControlInformation | None = None
    overload_control_information: OverloadControlInformation | None = None
    usage_report_deletion: tuple[UsageReport, ...] = ()
    additional_usage_reports_information: bytes | None = None
    packet_rate_status_report: Octets = ()
    session_report: Octets = ()


class SessionReportRequest(Message, frozen=True, kw_only=True):
    """Table 7.5.8.1-1; `report_type` as in elements.ReportType."""

    report_type: int
    downlink_data_report: DownlinkDataReport | None = None
    usage_report: tuple[UsageReport, ...] = ()
    error_indication_report: ErrorIndicationReport | None = None
    load_control_information: LoadControlInformation | None = None
    overload_control_information: OverloadControlInformation | None = None
    additional_usage_reports_information: bytes | None = None
    pfcpsr_req_flags: int | None = None
    cp_f_seid: FSeid | None = None
    packet_rate_status_report: Octets = ()
    tsc_management_information_report: Octets = ()
    session_report: Octets = ()


class SessionReportResponse(Message, frozen=True, kw_only=True):
    """Table 7.5.9.1-1."""

    cause: int
    offending_ie: int | None = None
    update_bar_report: UpdateBar | None = None
    pfcpsr_rsp_flags: int | None = None
    cp_f_seid: FSeid | None = None
    f_teid: FTeid | None = None
    alternative_smf_ip_address: Octets = ()


MESSAGE_TYPES: dict[int, type[Message]] = {
    1: HeartbeatRequest,
    2: HeartbeatResponse,
    3: PfdManagementRequest,
    4: PfdManagementResponse,
    5: AssociationSetupRequest,
    6: AssociationSetupResponse,
    7: AssociationUpdateRequest,
    8: AssociationUpdateResponse,
    9: AssociationReleaseRequest,
    10: AssociationReleaseResponse,
    11: VersionNotSupportedResponse,
    12: NodeReportRequest,
    13: NodeReportResponse,
    14: SessionSetDeletionRequest,
    15: SessionSetDeletionResponse,
    50: SessionEstablishmentRequest,
    51: SessionEstablishmentResponse,
    52: SessionModificationRequest,
    53: SessionModificationResponse,
    54: SessionDeletionRequest,
    55: SessionDeletionResponse,
    56: SessionReportRequest,
    57: SessionReportResponse,
}
"""Table 7.3-1."""

NUMBER_OF_MESSAGE: dict[type[Message], int] = {cls: number for number, cls in MESSAGE_TYPES.items()}


class Header(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The header (clause 7.2.2). `seid` None: S is 0; `message_priority` None: MP is 0."""

    message_type: int
    sequence_number: int
    seid: int | None = None
    message_priority: int | None = None
