"""Nausf_UEAuthentication, EAP-AKA': the UE's answers (TS 33.501 clause 6.1.3.1 steps 6 to 11, RFC 5448)."""

import hmac
from typing import TYPE_CHECKING

import msgspec

from awase.functions.ausf.context import EapAuthentication
from awase.functions.ausf.procedures import auth_events
from awase.functions.ausf.procedures.eap_challenge import HAL_HEADERS, begin, session_links
from awase.functions.ausf.procedures.ue_authentication import generate_auth_data
from awase.model.machine import Procedure
from awase.protocols.eap.codec import decode, encode, verify
from awase.protocols.eap.messages import (
    AkaPrime,
    AtAuts,
    AtCheckcode,
    AtRes,
    Code,
    Failure,
    Subtype,
    Success,
)
from awase.protocols.sbi import codec
from awase.protocols.sbi.entity import Call
from awase.protocols.sbi.messages import Response
from awase.protocols.sbi.nausf_ue_authentication import (
    FAILURE,
    ONGOING,
    SUCCESS,
    EapSession,
    base64_octets,
    base64_text,
)
from awase.protocols.sbi.nudm_ue_authentication import AvEapAkaPrime, ResynchronizationInfo
from awase.wire.errors import DecodeError

if TYPE_CHECKING:
    from awase.functions.ausf.part import Ausf

_REFUSALS = {
    Subtype.authentication_reject: "it did not take the AUTN: its K or OPc is not the subscription's (an OP that was "
    "given as OPc?), its serving network name is another, or the separation bit is 0",
    Subtype.client_error: "it cannot process the challenge: the keys that it derived are others",
}


def eap_session(ausf: "Ausf", call: Call, body: EapSession) -> Procedure[Response]:
    """Check an EAP response: SUPI and K_SEAF to whom it succeeded, another challenge to whom it may help."""
    context_id = call.params["authCtxId"]
    authentication = ausf.authentications.take(context_id, ausf.now_ns, EapAuthentication)
    if authentication is None:
        return codec.problem(404, "CONTEXT_NOT_FOUND", "no such authentication, or it took too long")
    octets = base64_octets(body.eap_payload or "")
    packet = _response(octets, authentication)
    if isinstance(packet, str):
        return (yield from _failed(ausf, authentication, packet))
    auts = packet.find(AtAuts)
    if packet.subtype is Subtype.synchronization_failure and auts is not None:
        return (yield from _resynchronise(ausf, call, authentication, auts.auts))
    wrong = _wrong(octets, packet, authentication)
    if wrong is not None:
        return (yield from _failed(ausf, authentication, wrong))
    confirmed = yield from auth_events.tell(
        ausf, authentication.supi, authentication.serving_network_name, "EAP_AKA_PRIME", success=True
    )
    ausf.authentications.confirm(context_id, confirmed)
    return codec.json_response(
        200,
        EapSession(
            eap_payload=base64_text(encode(Success(identifier=authentication.identifier))),
            k_seaf=authentication.k_seaf.hex(),
            auth_result=SUCCESS,
            supi=authentication.supi,
        ),
    )


def _response(octets: bytes, authentication: EapAuthentication) -> AkaPrime | str:
    try:
        packet = decode(octets)
    except DecodeError as error:
        return f"its EAP packet cannot be read: {error}"
    if not isinstance(packet, AkaPrime) or packet.code is not Code.response:
        return f"its EAP packet is no response of EAP-AKA' but a {type(packet).__name__}"
    if packet.identifier != authentication.identifier:
        return "its EAP packet answers another request"
    return packet


def _wrong(octets: bytes, packet: AkaPrime, authentication: EapAuthentication) -> str | None:
    """Why the answer to a challenge is not the one expected (RFC 4187 clause 6.3, RFC 5448 clause 3)."""
    if packet.subtype is not Subtype.challenge:
        return _REFUSALS.get(packet.subtype, f"it answered the challenge with {packet.subtype.name}")
    if not verify(octets, authentication.k_aut):
        return "the AT_MAC is wrong: it derived other keys, or octets were changed on the way"
    res, checkcode = packet.find(AtRes), packet.find(AtCheckcode)
    if packet.has_unknown or packet.kdfs or (checkcode is not None and checkcode.checkcode):
        return "it answered with attributes that were not asked for"
    if res is None or not hmac.compare_digest(res.res, authentication.xres):
        return "RES is wrong though it took the AUTN"
    return None


def _failed(ausf: "Ausf", authentication: EapAuthentication, why: str) -> Procedure[Response]:
    supi = authentication.supi
    ausf.report("AuthenticationFailed", f"{supi} is not authenticated: {why}", level="warning", subject=supi)
    yield from auth_events.tell(ausf, supi, authentication.serving_network_name, "EAP_AKA_PRIME", success=False)
    payload = base64_text(encode(Failure(identifier=authentication.identifier)))
    return codec.json_response(200, EapSession(eap_payload=payload, auth_result=FAILURE))


def _resynchronise(ausf: "Ausf", call: Call, authentication: EapAuthentication, auts: bytes) -> Procedure[Response]:
    """A new challenge with a sequence number that follows the UE's, once (TS 33.102 clause 6.3.5)."""
    if authentication.resynchronised:
        why = "a second synchronisation failure: its SQN and the UDM's do not meet"
        return (yield from _failed(ausf, authentication, why))
    name = authentication.serving_network_name
    resync = ResynchronizationInfo(rand=authentication.rand, auts=auts.hex())
    result = yield from generate_auth_data(ausf, authentication.supi_or_suci, name, resync)
    if isinstance(result, Response):
        return result
    vector = result.authentication_vector
    if not isinstance(vector, AvEapAkaPrime) or result.supi != authentication.supi:
        return (yield from _failed(ausf, authentication, "its authentication method changed meanwhile"))
    identifier = (authentication.identifier + 1) % 256
    renewed, request = begin(ausf, authentication.supi_or_suci, name, (authentication.supi, vector), identifier)
    context_id = call.params["authCtxId"]
    renewed = msgspec.structs.replace(renewed, resynchronised=True)
    ausf.authentications.add(context_id, renewed, ausf.now_ns)
    return codec.json_response(
        200,
        EapSession(eap_payload=base64_text(request), auth_result=ONGOING, links=session_links(call, context_id)),
        content_type=HAL_HEADERS,
    )
