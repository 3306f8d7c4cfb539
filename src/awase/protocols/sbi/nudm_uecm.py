"""Nudm_UEContextManagement: registrations, paths and errors (TS 29.503 clause 6.2)."""

from awase.protocols.sbi.data_types import Data, Guami, Name, PduSessionIdentity, PlmnId, Snssai, Text

AMF_3GPP_ACCESS = "/nudm-uecm/v1/{ueId}/registrations/amf-3gpp-access"
SMF_REGISTRATIONS = "/nudm-uecm/v1/{ueId}/registrations/smf-registrations"
SMF_REGISTRATION = "/nudm-uecm/v1/{ueId}/registrations/smf-registrations/{pduSessionId}"

# Application errors of Table 6.2.7.3-1: status by cause.
ERRORS = {
    "UNKNOWN_5GS_SUBSCRIPTION": 403,
    "NO_PS_SUBSCRIPTION": 403,
    "ROAMING_NOT_ALLOWED": 403,
    "ACCESS_NOT_ALLOWED": 403,
    "RAT_NOT_ALLOWED": 403,
    "REAUTHENTICATION_REQUIRED": 403,
    "INVALID_GUAMI": 403,
    "USER_NOT_FOUND": 404,
    "CONTEXT_NOT_FOUND": 404,
    "DATA_NOT_FOUND": 404,
    "UNPROCESSABLE_REQUEST": 422,
}

UE_INITIAL_REGISTRATION = "UE_INITIAL_REGISTRATION"
"""DeregistrationReason of Table 6.2.6.3.3-1: another AMF serves the UE now."""


class Amf3GppAccessRegistration(Data, frozen=True):
    """Amf3GppAccessRegistration (clause 6.2.6.2.2)."""

    amf_instance_id: Text
    dereg_callback_uri: Text
    guami: Guami
    rat_type: Text
    initial_registration_ind: bool = False
    pei: Text | None = None
    purge_flag: bool = False
    supported_features: Text | None = None
    data_restoration_callback_uri: Text | None = None


class Amf3GppAccessRegistrationModification(Data, frozen=True):
    """Amf3GppAccessRegistrationModification (clause 6.2.6.2.7): purgeFlag on deregistration."""

    guami: Guami
    purge_flag: bool | None = None
    pei: Text | None = None


class SmfRegistration(Data, frozen=True):
    """SmfRegistration (clause 6.2.6.2.4)."""

    smf_instance_id: Text
    pdu_session_id: PduSessionIdentity
    single_nssai: Snssai
    plmn_id: PlmnId
    dnn: Name | None = None
    emergency_services: bool = False
    pgw_fqdn: Text | None = None
    data_restoration_callback_uri: Text | None = None


class SmfRegistrationInfo(Data, frozen=True):
    """SmfRegistrationInfo (clause 6.2.6.2.13)."""

    smf_registration_list: tuple[SmfRegistration, ...]


class DeregistrationData(Data, frozen=True):
    """DeregistrationData (clause 6.2.6.2.5), posted to the deregCallbackUri of the former AMF."""

    dereg_reason: Text
    access_type: Text | None = None
    pdu_session_id: PduSessionIdentity | None = None


class DataRestorationNotification(Data, frozen=True):
    """DataRestorationNotification (clause 6.2.6.2.26): what was written between the two times may be lost."""

    last_replication_time: Text | None = None
    recovery_time: Text | None = None
