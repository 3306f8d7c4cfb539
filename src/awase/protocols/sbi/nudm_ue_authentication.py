"""Nudm_UEAuthentication: bodies, paths and errors (TS 29.503 clause 6.3)."""

from typing import Annotated

import msgspec

from awase.protocols.sbi.data_types import Data, Hex32, Name, Text

GENERATE_AUTH_DATA = "/nudm-ueau/v1/{supiOrSuci}/security-information/generate-auth-data"
AUTH_EVENTS = "/nudm-ueau/v1/{supi}/auth-events"
AUTH_EVENT = "/nudm-ueau/v1/{supi}/auth-events/{authEventId}"

# Application errors of Table 6.3.7.3-1: status by cause.
ERRORS = {
    "AUTHENTICATION_REJECTED": 403,
    "SERVING_NETWORK_NOT_AUTHORIZED": 403,
    "INVALID_HN_PUBLIC_KEY_IDENTIFIER": 403,
    "INVALID_SCHEME_OUTPUT": 403,
    "USER_NOT_FOUND": 404,
    "DATA_NOT_FOUND": 404,
    "UNSUPPORTED_PROTECTION_SCHEME": 501,
}


class ResynchronizationInfo(Data, frozen=True):
    """ResynchronizationInfo (clause 6.3.6.2.5)."""

    rand: Hex32
    auts: Annotated[str, msgspec.Meta(pattern=r"^[A-Fa-f0-9]{28}\Z")]

    def __repr__(self) -> str:
        return "ResynchronizationInfo()"


class AuthenticationInfoRequest(Data, frozen=True):
    """AuthenticationInfoRequest (clause 6.3.6.2.2)."""

    serving_network_name: Text
    ausf_instance_id: Text
    resynchronization_info: ResynchronizationInfo | None = None


class Av5GHeAka(Data, frozen=True, tag_field="avType", tag="5G_HE_AKA"):
    """Av5GHeAka (clause 6.3.6.2.4): the 5G home environment authentication vector; K_AUSF has 64 digits."""

    rand: Hex32
    autn: Hex32
    xres_star: Hex32
    kausf: Annotated[str, msgspec.Meta(pattern=r"^[A-Fa-f0-9]{64}\Z")]

    def __repr__(self) -> str:
        return "Av5GHeAka()"


class AvEapAkaPrime(Data, frozen=True, tag_field="avType", tag="EAP_AKA_PRIME"):
    """AvEapAkaPrime (clause 6.3.6.2): the transformed vector; XRES has 8 to 32 digits."""

    rand: Hex32
    xres: Annotated[str, msgspec.Meta(pattern=r"^([A-Fa-f0-9]{2}){4,16}\Z")]
    autn: Hex32
    ck_prime: Hex32
    ik_prime: Hex32

    def __repr__(self) -> str:
        return "AvEapAkaPrime()"


class AuthenticationInfoResult(Data, frozen=True):
    """AuthenticationInfoResult (clause 6.3.6.2.3)."""

    auth_type: Text
    authentication_vector: Av5GHeAka | AvEapAkaPrime | None = None
    supi: Name | None = None


class AuthEvent(Data, frozen=True):
    """AuthEvent (clause 6.3.6.2.7)."""

    nf_instance_id: Text
    success: bool
    time_stamp: Text
    auth_type: Text
    serving_network_name: Text
    auth_removal_ind: bool = False
