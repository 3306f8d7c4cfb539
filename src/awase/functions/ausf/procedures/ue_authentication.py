"""Nausf_UEAuthentication_Authenticate: the challenge (TS 33.501 clauses 6.1.3.1 and 6.1.3.2.0, steps 1 to 5)."""

from typing import TYPE_CHECKING
from urllib.parse import quote

from awase.functions.ausf.context import Authentication
from awase.functions.ausf.procedures.eap_challenge import eap_challenge
from awase.model.machine import Procedure
from awase.protocols.sbi import codec, nudm_ue_authentication
from awase.protocols.sbi.data_types import LinksValue
from awase.protocols.sbi.entity import Call, Failure, upstream_problem
from awase.protocols.sbi.messages import HAL_JSON, Response
from awase.protocols.sbi.nausf_ue_authentication import (
    ERRORS,
    FIVE_G_AKA_CONFIRMATION,
    UE_AUTHENTICATIONS,
    AuthenticationInfo,
    AuthenticationLinks,
    Av5gAka,
    UEAuthenticationCtx,
)
from awase.protocols.sbi.nudm_ue_authentication import (
    AuthenticationInfoRequest,
    AuthenticationInfoResult,
    Av5GHeAka,
    AvEapAkaPrime,
    ResynchronizationInfo,
)
from awase.security import kdf
from awase.wire.errors import DecodeError

if TYPE_CHECKING:
    from awase.functions.ausf.part import Ausf

_HAL_HEADERS = (("content-type", HAL_JSON),)


def ue_authentication(ausf: "Ausf", call: Call, body: AuthenticationInfo) -> Procedure[Response]:
    """Get a vector from the UDM, keep what the answer must be and K_SEAF, hand out the challenge."""
    name = body.serving_network_name
    if name not in ausf.serving_networks:
        ausf.report(
            "ServingNetworkNotAuthorized",
            f"{name[:80]!r} may not authenticate our subscribers; allowed: {', '.join(ausf.serving_networks)}",
            level="warning",
            config="serving_networks",
        )
        return codec.problem(403, "SERVING_NETWORK_NOT_AUTHORIZED", f"{name[:80]} is not allowed")
    result = yield from generate_auth_data(ausf, body.supi_or_suci, name, body.resynchronization_info)
    if isinstance(result, Response):
        return result
    vector, supi = result.authentication_vector, result.supi or ""
    if isinstance(vector, AvEapAkaPrime):
        return eap_challenge(ausf, call, body.supi_or_suci, name, (supi, vector))
    if isinstance(vector, Av5GHeAka):
        return _challenge(ausf, call, name, supi, vector)
    return _no_vector(ausf, "the UDM gave no vector")


def generate_auth_data(
    ausf: "Ausf", supi_or_suci: str, name: str, resync: ResynchronizationInfo | None
) -> Procedure[AuthenticationInfoResult | Response]:
    """A vector of either method with whose it is, or what to answer instead (TS 33.501 clause 6.1.2)."""
    path = nudm_ue_authentication.GENERATE_AUTH_DATA.replace("{supiOrSuci}", quote(supi_or_suci, safe="-"))
    request = AuthenticationInfoRequest(
        serving_network_name=name,
        ausf_instance_id=ausf.instance_id,
        resynchronization_info=resync,
    )
    answer = yield from ausf.ask_udm(codec.json_request("POST", path, request))
    if isinstance(answer, Failure) or not answer.ok:
        return _refused(ausf, answer)
    try:
        result = codec.decode(AuthenticationInfoResult, answer.body)
    except DecodeError as error:
        return _no_vector(ausf, f"the UDM's answer cannot be read: {error}")
    vector = result.authentication_vector
    wanted = {"5G_AKA": Av5GHeAka, "EAP_AKA_PRIME": AvEapAkaPrime}.get(result.auth_type)
    if result.supi is None or wanted is None or not isinstance(vector, wanted):
        return _no_vector(ausf, f"the UDM gave no vector for {result.auth_type[:40]} and a SUPI")
    return result


def _challenge(ausf: "Ausf", call: Call, name: str, supi: str, vector: Av5GHeAka) -> Response:
    rand, xres_star = bytes.fromhex(vector.rand), bytes.fromhex(vector.xres_star)
    context_id = ausf.services.random_bytes(8, "authCtxId").hex()
    authentication = Authentication(
        supi=supi,
        serving_network_name=name,
        xres_star=xres_star,
        k_seaf=kdf.k_seaf(bytes.fromhex(vector.kausf), name),
        deadline_ns=ausf.authentications.deadline_ns(ausf.now_ns),
    )
    ausf.authentications.add(context_id, authentication, ausf.now_ns)
    confirmation = FIVE_G_AKA_CONFIRMATION.replace("{authCtxId}", context_id)
    return codec.json_response(
        201,
        UEAuthenticationCtx(
            auth_type="5G_AKA",
            five_g_auth_data=Av5gAka(
                rand=vector.rand, autn=vector.autn, hxres_star=kdf.hres_star(rand, xres_star).hex()
            ),
            links=AuthenticationLinks(five_g_aka=LinksValue(href=call.location(confirmation))),
        ),
        location=call.location(f"{UE_AUTHENTICATIONS}/{context_id}"),
        content_type=_HAL_HEADERS,
    )


def _refused(ausf: "Ausf", answer: Response | Failure) -> Response:
    if isinstance(answer, Failure):
        return upstream_problem(answer, "UDM")
    details = codec.problem_details(answer)
    status = ERRORS.get(details.cause or "")
    if status is None:
        return _no_vector(ausf, f"the UDM answered {answer.status} {(details.cause or '')[:60]}".rstrip())
    return codec.problem(status, details.cause, details.detail)


def _no_vector(ausf: "Ausf", text: str) -> Response:
    ausf.report("ProducerFailed", text, level="error", config="peers.N13")
    return codec.problem(500, "AV_GENERATION_PROBLEM", text[:200])
