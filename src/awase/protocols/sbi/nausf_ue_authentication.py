"""Nausf_UEAuthentication: bodies, paths and errors (TS 29.509 clause 6.1)."""

from base64 import b64decode, b64encode
from typing import Annotated

import msgspec

from awase.protocols.sbi.data_types import Data, Hex32, LinksValue, Name, Text
from awase.protocols.sbi.nudm_ue_authentication import ResynchronizationInfo

UE_AUTHENTICATIONS = "/nausf-auth/v1/ue-authentications"
FIVE_G_AKA_CONFIRMATION = "/nausf-auth/v1/ue-authentications/{authCtxId}/5g-aka-confirmation"
EAP_SESSION = "/nausf-auth/v1/ue-authentications/{authCtxId}/eap-session"

# Application errors of Table 6.1.7.3-1: status by cause.
ERRORS = {
    "SERVING_NETWORK_NOT_AUTHORIZED": 403,
    "AUTHENTICATION_REJECTED": 403,
    "INVALID_HN_PUBLIC_KEY_IDENTIFIER": 403,
    "INVALID_SCHEME_OUTPUT": 403,
    "CONTEXT_NOT_FOUND": 404,
    "USER_NOT_FOUND": 404,
    "UPSTREAM_SERVER_ERROR": 504,
    "NETWORK_FAILURE": 504,
    "AV_GENERATION_PROBLEM": 500,
    "UNSUPPORTED_PROTECTION_SCHEME": 501,
}

SUCCESS = "AUTHENTICATION_SUCCESS"
FAILURE = "AUTHENTICATION_FAILURE"
ONGOING = "AUTHENTICATION_ONGOING"


class AuthenticationInfo(Data, frozen=True):
    """AuthenticationInfo (clause 6.1.6.2.2)."""

    supi_or_suci: Name
    serving_network_name: Text
    resynchronization_info: ResynchronizationInfo | None = None
    pei: Text | None = None


class Av5gAka(Data, frozen=True):
    """Av5gAka (clause 6.1.6.2.4): the 5G serving environment authentication vector."""

    rand: Hex32
    autn: Hex32
    hxres_star: Hex32

    def __repr__(self) -> str:
        return "Av5gAka()"


EapPayload = Annotated[str, msgspec.Meta(max_length=2000, pattern=r"^[A-Za-z0-9+/]*={0,2}\Z")]
"""EapPayload (clause 6.1.6.3.2): an EAP packet in Base64; as NAS carries it, at most 1,500 octets."""


class AuthenticationLinks(Data, frozen=True):
    """Where the UE's answer goes: "5g-aka" for a confirmation, "eap-session" for an EAP packet."""

    five_g_aka: LinksValue | None = msgspec.field(name="5g-aka", default=None)
    eap_session: LinksValue | None = msgspec.field(name="eap-session", default=None)


class UEAuthenticationCtx(Data, frozen=True):
    """UEAuthenticationCtx (clause 6.1.6.2.3)."""

    auth_type: Text
    five_g_auth_data: Av5gAka | EapPayload = msgspec.field(name="5gAuthData")
    links: AuthenticationLinks = msgspec.field(name="_links")
    serving_network_name: Text | None = None


class ConfirmationData(Data, frozen=True):
    """ConfirmationData (clause 6.1.6.2.5): null where the UE gave no RES*."""

    res_star: Hex32 | None

    def __repr__(self) -> str:
        return "ConfirmationData()"


class ConfirmationDataResponse(Data, frozen=True):
    """ConfirmationDataResponse (clause 6.1.6.2.6): K_SEAF as 64 hexadecimal digits."""

    auth_result: Text
    supi: Text | None = None
    kseaf: Text | None = None

    def __repr__(self) -> str:
        return f"ConfirmationDataResponse({self.auth_result}, {self.supi})"


class EapSession(Data, frozen=True):
    """EapSession (clause 6.1.6.2): an EAP packet, and at the end the result, SUPI and K_SEAF."""

    eap_payload: EapPayload | None
    k_seaf: Text | None = None
    links: AuthenticationLinks | None = msgspec.field(name="_links", default=None)
    auth_result: Text | None = None
    supi: Text | None = None

    def __repr__(self) -> str:
        return f"EapSession({self.auth_result}, {self.supi})"


def base64_text(octets: bytes) -> str:
    """An EAP packet as an EapPayload."""
    return b64encode(octets).decode()


def base64_octets(text: str) -> bytes:
    """An EapPayload's EAP packet; no octets where it is none."""
    try:
        return b64decode(text, validate=True)
    except ValueError:
        return b""
