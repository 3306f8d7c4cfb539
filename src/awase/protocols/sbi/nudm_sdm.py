"""Nudm_SDM: subscription data, paths and errors (TS 29.503 clause 6.1)."""

import msgspec

from awase.protocols.sbi.data_types import (
    Ambr,
    Data,
    Name,
    NotifyItem,
    PlmnId,
    Snssai,
    SubscribedDefaultQos,
    Text,
)

DATA_SETS = "/nudm-sdm/v2/{supi}"
NSSAI = "/nudm-sdm/v2/{supi}/nssai"
AM_DATA = "/nudm-sdm/v2/{supi}/am-data"
SMF_SELECT_DATA = "/nudm-sdm/v2/{supi}/smf-select-data"
SM_DATA = "/nudm-sdm/v2/{supi}/sm-data"
UE_CONTEXT_IN_SMF_DATA = "/nudm-sdm/v2/{supi}/ue-context-in-smf-data"
SDM_SUBSCRIPTIONS = "/nudm-sdm/v2/{ueId}/sdm-subscriptions"
SDM_SUBSCRIPTION = "/nudm-sdm/v2/{ueId}/sdm-subscriptions/{subscriptionId}"

# Application errors of Table 6.1.7.3-1: status by cause.
ERRORS = {
    "USER_NOT_FOUND": 404,
    "DATA_NOT_FOUND": 404,
    "CONTEXT_NOT_FOUND": 404,
    "SUBSCRIPTION_NOT_FOUND": 404,
    "UNSUPPORTED_RESOURCE_URI": 501,
}


class Nssai(Data, frozen=True):
    """Nssai (clause 6.1.6.2.2)."""

    default_single_nssais: tuple[Snssai, ...]
    single_nssais: tuple[Snssai, ...] = ()


class AccessAndMobilitySubscriptionData(Data, frozen=True):
    """AccessAndMobilitySubscriptionData (clause 6.1.6.2.4)."""

    gpsis: tuple[Text, ...] = ()
    subscribed_ue_ambr: Ambr | None = None
    nssai: Nssai | None = None


class DnnInfo(Data, frozen=True):
    """DnnInfo (clause 6.1.6.2.6)."""

    dnn: Name
    default_dnn_indicator: bool = False


class SnssaiInfo(Data, frozen=True):
    """SnssaiInfo (clause 6.1.6.2.7)."""

    dnn_infos: tuple[DnnInfo, ...]


class SmfSelectionSubscriptionData(Data, frozen=True):
    """SmfSelectionSubscriptionData (clause 6.1.6.2.5): by S-NSSAI, "1" or "1-000001"."""

    subscribed_snssai_infos: dict[str, SnssaiInfo] | None = None


class PduSessionTypes(Data, frozen=True):
    """PduSessionTypes (clause 6.1.6.2.11)."""

    default_session_type: Text | None = None
    allowed_session_types: tuple[Text, ...] = ()


class SscModes(Data, frozen=True):
    """SscModes (clause 6.1.6.2.12)."""

    default_ssc_mode: Text
    allowed_ssc_modes: tuple[Text, ...] = ()


class IpAddress(Data, frozen=True):
    """IpAddress (clause 6.1.6.2.22): one of the three."""

    ipv4_addr: Text | None = None
    ipv6_addr: Text | None = None
    ipv6_prefix: Text | None = None


class DnnConfiguration(Data, frozen=True):
    """DnnConfiguration (clause 6.1.6.2.9)."""

    pdu_session_types: PduSessionTypes
    ssc_modes: SscModes
    five_g_qos_profile: SubscribedDefaultQos | None = msgspec.field(default=None, name="5gQosProfile")
    session_ambr: Ambr | None = None
    static_ip_address: tuple[IpAddress, ...] | None = None


class SessionManagementSubscriptionData(Data, frozen=True):
    """SessionManagementSubscriptionData (clause 6.1.6.2.8)."""

    single_nssai: Snssai
    dnn_configurations: dict[str, DnnConfiguration] | None = None


class PduSession(Data, frozen=True):
    """PduSession (clause 6.1.6.2.17): who serves a PDU session."""

    dnn: Name
    smf_instance_id: Text
    plmn_id: PlmnId
    single_nssai: Snssai | None = None


class UeContextInSmfData(Data, frozen=True):
    """UeContextInSmfData (clause 6.1.6.2.16): by PDU session identity."""

    pdu_sessions: dict[str, PduSession] | None = None


class SubscriptionDataSets(Data, frozen=True):
    """SubscriptionDataSets (clause 6.1.6.2.15): what `dataset-names` asked for."""

    am_data: AccessAndMobilitySubscriptionData | None = None
    smf_sel_data: SmfSelectionSubscriptionData | None = None
    uec_smf_data: UeContextInSmfData | None = None
    sm_data: tuple[SessionManagementSubscriptionData, ...] | None = None


IMMEDIATE_REPORT = "2"
"""SupportedFeatures with the feature ImmediateReport (Table 6.1.8-1)."""


class SdmSubscription(Data, frozen=True):
    """SdmSubscription (clause 6.1.6.2.3). `report` answers `immediate_report`: a SubscriptionDataSets."""

    nf_instance_id: Text
    callback_reference: Text
    monitored_resource_uris: tuple[Text, ...]
    implicit_unsubscribe: bool = False
    single_nssai: Snssai | None = None
    dnn: Name | None = None
    plmn_id: PlmnId | None = None
    subscription_id: Text | None = None
    immediate_report: bool = False
    report: msgspec.Raw = msgspec.Raw()
    supported_features: Text | None = None
    unique_subscription: bool = False


class ModificationNotification(Data, frozen=True):
    """ModificationNotification (clause 6.1.6.2.21), posted to the callbackReference of a subscription."""

    notify_items: tuple[NotifyItem, ...]
