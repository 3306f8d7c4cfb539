"""Causes of 5GMM and 5GSM (TS 24.501 tables 9.11.3.2.1 and 9.11.4.2.1), in the standard's words."""

from awase.protocols.nas.layout import OpenEnum

_CAPITALS = (
    *("ue", "pei", "me", "plmn", "mac", "5g", "n1", "epc", "iab", "ladn", "pdu", "dnn", "3gpp"),
    *("5gcn", "snpn", "cag", "uas", "ie", "ssc", "tft", "5qi", "eps", "pti"),
)
_SPELLING = {
    **{word: word.upper() for word in _CAPITALS},
    "ngksi": "ngKSI",
    "qos": "QoS",
    "ipv4": "IPv4",
    "ipv6": "IPv6",
    "ipv4v6": "IPv4v6",
    "ethernet": "Ethernet",
}


class Cause(OpenEnum):
    """A cause; `text` gives the standard's words."""

    @property
    def text(self) -> str:
        """In words."""
        words = self.name.replace("five_gs", "5GS").split("_")
        return " ".join(_SPELLING.get(word, word) for word in words)


class FiveGMMCause(Cause):
    """5GMM cause (TS 24.501 table 9.11.3.2.1)."""

    illegal_ue = 3
    pei_not_accepted = 5
    illegal_me = 6
    five_gs_services_not_allowed = 7
    ue_identity_cannot_be_derived_by_the_network = 9
    implicitly_de_registered = 10
    plmn_not_allowed = 11
    tracking_area_not_allowed = 12
    roaming_not_allowed_in_this_tracking_area = 13
    no_suitable_cells_in_tracking_area = 15
    mac_failure = 20
    synch_failure = 21
    congestion = 22
    ue_security_capabilities_mismatch = 23
    security_mode_rejected_unspecified = 24
    non_5g_authentication_unacceptable = 26
    n1_mode_not_allowed = 27
    restricted_service_area = 28
    redirection_to_epc_required = 31
    iab_node_operation_not_authorized = 36
    ladn_not_available = 43
    no_network_slices_available = 62
    maximum_number_of_pdu_sessions_reached = 65
    insufficient_resources_for_specific_slice_and_dnn = 67
    insufficient_resources_for_specific_slice = 69
    ngksi_already_in_use = 71
    non_3gpp_access_to_5gcn_not_allowed = 72
    serving_network_not_authorized = 73
    temporarily_not_authorized_for_this_snpn = 74
    permanently_not_authorized_for_this_snpn = 75
    not_authorized_for_this_cag_or_authorized_for_cag_cells_only = 76
    wireline_access_area_not_allowed = 77
    plmn_not_allowed_to_operate_at_the_present_ue_location = 78
    uas_services_not_allowed = 79
    disaster_roaming_for_the_determined_plmn_with_disaster_condition_not_allowed = 80
    payload_was_not_forwarded = 90
    dnn_not_supported_or_not_subscribed_in_the_slice = 91
    insufficient_user_plane_resources_for_the_pdu_session = 92
    onboarding_services_terminated = 93
    semantically_incorrect_message = 95
    invalid_mandatory_information = 96
    message_type_non_existent_or_not_implemented = 97
    message_type_not_compatible_with_the_protocol_state = 98
    information_element_non_existent_or_not_implemented = 99
    conditional_ie_error = 100
    message_not_compatible_with_the_protocol_state = 101
    protocol_error_unspecified = 111


class FiveGSMCause(Cause):
    """5GSM cause (TS 24.501 table 9.11.4.2.1)."""

    operator_determined_barring = 8
    insufficient_resources = 26
    missing_or_unknown_dnn = 27
    unknown_pdu_session_type = 28
    user_authentication_or_authorization_failed = 29
    request_rejected_unspecified = 31
    service_option_not_supported = 32
    requested_service_option_not_subscribed = 33
    pti_already_in_use = 35
    regular_deactivation = 36
    five_gs_qos_not_accepted = 37
    network_failure = 38
    reactivation_requested = 39
    semantic_error_in_the_tft_operation = 41
    syntactical_error_in_the_tft_operation = 42
    invalid_pdu_session_identity = 43
    semantic_errors_in_packet_filters = 44
    syntactical_error_in_packet_filters = 45
    out_of_ladn_service_area = 46
    pti_mismatch = 47
    pdu_session_type_ipv4_only_allowed = 50
    pdu_session_type_ipv6_only_allowed = 51
    pdu_session_does_not_exist = 54
    pdu_session_type_ipv4v6_only_allowed = 57
    pdu_session_type_unstructured_only_allowed = 58
    unsupported_5qi_value = 59
    pdu_session_type_ethernet_only_allowed = 61
    insufficient_resources_for_specific_slice_and_dnn = 67
    not_supported_ssc_mode = 68
    insufficient_resources_for_specific_slice = 69
    missing_or_unknown_dnn_in_a_slice = 70
    invalid_pti_value = 81
    maximum_data_rate_per_ue_for_user_plane_integrity_protection_is_too_low = 82
    semantic_error_in_the_qos_operation = 83
    syntactical_error_in_the_qos_operation = 84
    invalid_mapped_eps_bearer_identity = 85
    uas_services_not_allowed = 86
    semantically_incorrect_message = 95
    invalid_mandatory_information = 96
    message_type_non_existent_or_not_implemented = 97
    message_type_not_compatible_with_the_protocol_state = 98
    information_element_non_existent_or_not_implemented = 99
    conditional_ie_error = 100
    message_not_compatible_with_the_protocol_state = 101
    protocol_error_unspecified = 111
