"""EAP based primary authentication by EAP-AKA' (TS 24.501 5.4.1.2, TS 33.501 6.1.3.1, RFC 5448, RFC 9048)."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from awase.functions.ue.procedures.challenge import (
    SEPARATION_BIT,
    await_better,
    challenge_taken,
    explain,
    ngksi_in_use,
)
from awase.model.ids import snn
from awase.protocols.eap.codec import decode, encode, protect, verify
from awase.protocols.eap.messages import (
    KDF_DEFAULT,
    PHASE_BIT,
    TYPE_AKA_PRIME,
    TYPE_NAK,
    UNABLE_TO_PROCESS_PACKET,
    AkaPrime,
    AtAutn,
    AtAuts,
    AtClientErrorCode,
    AtKdf,
    AtKdfInput,
    AtNotification,
    AtRand,
    AtRes,
    Attribute,
    Code,
    OtherMethod,
    Packet,
    Subtype,
)
from awase.protocols.nas.causes import FiveGMMCause
from awase.protocols.nas.messages import AuthenticationRequest, AuthenticationResponse
from awase.security import kdf
from awase.wire.errors import DecodeError

if TYPE_CHECKING:
    from awase.functions.ue.core import Ue

_IDENTIFIER = 1
"""Where an EAP packet has its identifier (RFC 3748 clause 4)."""


def eap_request(ue: Ue, message: AuthenticationRequest, octets: bytes) -> None:
    """Answer an EAP request in an AUTHENTICATION RESPONSE."""
    context = ue.context
    answered = context.eap_answer
    if answered is not None and context.partial is not None and hmac.compare_digest(answered[0], octets):
        # The network repeats its request: so is the answer (clause 5.4.1.2.2).
        context.partial = (message.ngksi, context.partial[1])
        _respond(ue, answered[1])
        return
    if ngksi_in_use(ue, message):
        return
    try:
        packet = decode(octets)
    except DecodeError as error:
        _report_malformed(ue, str(error))
        _respond(ue, encode(_client_error(octets[_IDENTIFIER])))
        return
    if isinstance(packet, AkaPrime) and packet.code is Code.request:
        _aka_prime(ue, message, packet, octets)
    elif isinstance(packet, OtherMethod) and packet.code is Code.request:
        # RFC 3748 clause 5.3.1: the method that we want instead.
        nak = OtherMethod(
            code=Code.response, identifier=packet.identifier, type=TYPE_NAK, data=bytes((TYPE_AKA_PRIME,))
        )
        _respond(ue, encode(nak))
    else:
        _report_malformed(ue, f"an EAP {type(packet).__name__} is no request")


def _aka_prime(ue: Ue, message: AuthenticationRequest, packet: AkaPrime, octets: bytes) -> None:
    if packet.subtype is Subtype.challenge:
        _challenge(ue, message, packet, octets)
        return
    notification = packet.find(AtNotification)
    early = notification is not None and notification.notification_code & PHASE_BIT
    if packet.subtype is Subtype.notification and early:
        # Before the challenge's round it is acknowledged without attributes (RFC 4187 clause 6.1).
        _respond(ue, encode(_response(packet.identifier, Subtype.notification)))
    else:
        _respond(ue, encode(_client_error(packet.identifier)))


def _challenge(ue: Ue, message: AuthenticationRequest, packet: AkaPrime, octets: bytes) -> None:
    """RFC 4187 clause 9.3, RFC 5448 clause 3."""
    rand, autn, name = packet.find(AtRand), packet.find(AtAutn), packet.find(AtKdfInput)
    if rand is None or autn is None or name is None or not packet.kdfs or packet.has_unknown:
        _report_malformed(ue, "an AKA'-Challenge lacks an attribute, or holds one that is unknown")
        _respond(ue, encode(_client_error(packet.identifier)))
        return
    own_name = snn(ue.uu.plmn)
    if packet.kdfs[0] != KDF_DEFAULT:
        _other_kdf(ue, packet)
        return
    if not hmac.compare_digest(name.network_name, own_name.encode()):
        # RFC 5448 clause 3.1: as if AUTN were incorrect.
        _refuse(ue, FiveGMMCause.serving_network_not_authorized, _reject(packet))
        return
    functions = ue.context.usim.functions
    out = functions.f2345(rand.rand)
    verified = functions.verify_autn(rand.rand, autn.autn, out.ak)
    if verified is None:
        _refuse(ue, FiveGMMCause.mac_failure, _reject(packet))
        return
    sqn, management_field = verified
    if not management_field[0] & SEPARATION_BIT:
        # RFC 9048 clause 3.3 with TS 33.501 annex F.
        _refuse(ue, FiveGMMCause.non_5g_authentication_unacceptable, _reject(packet))
        return
    ck_prime, ik_prime = kdf.ck_prime_ik_prime(out.ck, out.ik, own_name, autn.autn[:6])
    keys = kdf.eap_aka_prime_keys(ck_prime, ik_prime, ue.context.supi.removeprefix("imsi-"))
    if not verify(octets, keys.k_aut):
        _report_malformed(ue, "the AT_MAC of an AKA'-Challenge is wrong")
        _respond(ue, encode(_client_error(packet.identifier)))
        return
    if not ue.context.usim.accept(sqn):
        auts = functions.build_auts(rand.rand, ue.context.usim.sqn_ms)
        failure = _response(packet.identifier, Subtype.synchronization_failure, AtAuts(auts=auts), *_kdfs(packet))
        _refuse(ue, FiveGMMCause.synch_failure, failure)
        return
    answer = protect(_response(packet.identifier, Subtype.challenge, AtRes(res=out.res)), keys.k_aut)
    k_amf = kdf.k_amf(kdf.k_seaf(keys.k_ausf, own_name), ue.context.supi, message.abba)
    ue.context.partial = (message.ngksi, k_amf)
    ue.context.eap_answer = (octets, answer)
    challenge_taken(ue)
    _respond(ue, answer)


def _other_kdf(ue: Ue, packet: AkaPrime) -> None:
    """Ask for the function that both have, or refuse (RFC 5448 clause 3.2)."""
    if KDF_DEFAULT in packet.kdfs:
        wanted = AtKdf(key_derivation_function=KDF_DEFAULT)
        _respond(ue, encode(_response(packet.identifier, Subtype.challenge, wanted)))
    else:
        _refuse(ue, FiveGMMCause.protocol_error_unspecified, _reject(packet))


def _kdfs(packet: AkaPrime) -> tuple[Attribute, ...]:
    # RFC 5448 clause 3.2: a synchronisation failure repeats them.
    return tuple(AtKdf(key_derivation_function=number) for number in packet.kdfs)


def _response(identifier: int, subtype: Subtype, *attributes: Attribute) -> AkaPrime:
    return AkaPrime(code=Code.response, identifier=identifier, subtype=subtype, attributes=attributes)


def _reject(packet: AkaPrime) -> AkaPrime:
    return _response(packet.identifier, Subtype.authentication_reject)


def _client_error(identifier: int) -> AkaPrime:
    code = AtClientErrorCode(client_error_code=UNABLE_TO_PROCESS_PACKET)
    return _response(identifier, Subtype.client_error, code)


def _refuse(ue: Ue, cause: FiveGMMCause, answer: Packet) -> None:
    explain(ue, cause)
    _respond(ue, encode(answer))
    await_better(ue, cause)


def _respond(ue: Ue, octets: bytes) -> None:
    ue.n1.send(AuthenticationResponse(eap_message=octets))


def _report_malformed(ue: Ue, what: str) -> None:
    ue.report("MalformedPacket", f"the EAP message of an authentication request: {what}", level="warning", port="uu")
