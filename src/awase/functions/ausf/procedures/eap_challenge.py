"""EAP-Request/AKA'-Challenge (TS 33.501 clause 6.1.3.1 steps 2 and 3, RFC 5448 clause 3)."""

from typing import TYPE_CHECKING

from awase.functions.ausf.context import EapAuthentication
from awase.protocols.eap.codec import protect
from awase.protocols.eap.messages import (
    KDF_DEFAULT,
    AkaPrime,
    AtAutn,
    AtKdf,
    AtKdfInput,
    AtRand,
    Code,
    Subtype,
)
from awase.protocols.sbi import codec
from awase.protocols.sbi.data_types import LinksValue
from awase.protocols.sbi.entity import Call
from awase.protocols.sbi.messages import HAL_JSON, Response
from awase.protocols.sbi.nausf_ue_authentication import (
    EAP_SESSION,
    UE_AUTHENTICATIONS,
    AuthenticationLinks,
    UEAuthenticationCtx,
    base64_text,
)
from awase.protocols.sbi.nudm_ue_authentication import AvEapAkaPrime
from awase.security import kdf

if TYPE_CHECKING:
    from awase.functions.ausf.part import Ausf

HAL_HEADERS = (("content-type", HAL_JSON),)


def eap_challenge(
    ausf: "Ausf", call: Call, supi_or_suci: str, name: str, result: tuple[str, AvEapAkaPrime]
) -> Response:
    """Keep what the answer must be, and hand out the EAP request."""
    context_id = ausf.services.random_bytes(8, "authCtxId").hex()
    identifier = ausf.services.random_bytes(1, "EAP identifier")[0]
    authentication, request = begin(ausf, supi_or_suci, name, result, identifier)
    ausf.authentications.add(context_id, authentication, ausf.now_ns)
    return codec.json_response(
        201,
        UEAuthenticationCtx(
            auth_type="EAP_AKA_PRIME",
            five_g_auth_data=base64_text(request),
            links=session_links(call, context_id),
        ),
        location=call.location(f"{UE_AUTHENTICATIONS}/{context_id}"),
        content_type=HAL_HEADERS,
    )


def session_links(call: Call, context_id: str) -> AuthenticationLinks:
    """Where the next EAP packet of the UE goes."""
    path = EAP_SESSION.replace("{authCtxId}", context_id)
    return AuthenticationLinks(eap_session=LinksValue(href=call.location(path)))


def begin(
    ausf: "Ausf", supi_or_suci: str, name: str, result: tuple[str, AvEapAkaPrime], identifier: int
) -> tuple[EapAuthentication, bytes]:
    """The context of a challenge and its request. The identity that enters the keys is the SUPI (annex F.3)."""
    supi, vector = result
    identity = supi.removeprefix("imsi-").removeprefix("nai-")
    keys = kdf.eap_aka_prime_keys(bytes.fromhex(vector.ck_prime), bytes.fromhex(vector.ik_prime), identity)
    request = AkaPrime(
        code=Code.request,
        identifier=identifier,
        subtype=Subtype.challenge,
        attributes=(
            AtRand(rand=bytes.fromhex(vector.rand)),
            AtAutn(autn=bytes.fromhex(vector.autn)),
            AtKdf(key_derivation_function=KDF_DEFAULT),
            AtKdfInput(network_name=name.encode()),
        ),
    )
    authentication = EapAuthentication(
        supi=supi,
        supi_or_suci=supi_or_suci,
        serving_network_name=name,
        identifier=identifier,
        rand=vector.rand,
        xres=bytes.fromhex(vector.xres),
        k_aut=keys.k_aut,
        k_seaf=kdf.k_seaf(keys.k_ausf, name),
        resynchronised=False,
        deadline_ns=ausf.authentications.deadline_ns(ausf.now_ns),
    )
    return authentication, protect(request, keys.k_aut)
