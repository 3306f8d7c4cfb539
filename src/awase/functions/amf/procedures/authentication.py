"""Primary authentication and key agreement (TS 24.501 clause 5.4.1, TS 33.501 clause 6.1), 5G AKA first of all."""

from __future__ import annotations

import hmac
from enum import Enum

from awase.functions.amf.context import Ue
from awase.functions.amf.core import Amf, uri_path
from awase.functions.amf.procedures.challenge import (
    Outcome,
    Rejection,
    authenticated,
    challenge,
    no_answer,
    post,
    refuse,
)
from awase.functions.amf.procedures.eap_based_authentication import eap_based_authentication
from awase.functions.amf.procedures.identification import identification
from awase.model.ids import snn
from awase.model.machine import Procedure, Wait
from awase.model.part import NS_PER_S
from awase.protocols.nas.causes import FiveGMMCause
from awase.protocols.nas.elements import Suci
from awase.protocols.nas.messages import AuthenticationReject, AuthenticationResponse
from awase.protocols.sbi import codec
from awase.protocols.sbi import nausf_ue_authentication as nausf
from awase.protocols.sbi.entity import Failure
from awase.protocols.sbi.messages import Response
from awase.protocols.sbi.nudm_ue_authentication import ResynchronizationInfo
from awase.security import kdf
from awase.wire.errors import DecodeError

_MAC_FAILURES = (FiveGMMCause.mac_failure, FiveGMMCause.non_5g_authentication_unacceptable)

_CAUSES = {
    "SERVING_NETWORK_NOT_AUTHORIZED": FiveGMMCause.serving_network_not_authorized,
    "AUTHENTICATION_REJECTED": FiveGMMCause.illegal_ue,
    "INVALID_HN_PUBLIC_KEY_IDENTIFIER": FiveGMMCause.illegal_ue,
    "INVALID_SCHEME_OUTPUT": FiveGMMCause.illegal_ue,
    "USER_NOT_FOUND": FiveGMMCause.illegal_ue,
    "UNSUPPORTED_PROTECTION_SCHEME": FiveGMMCause.illegal_ue,
}
"""What the AUSF says, as a 5GMM cause (TS 29.524 clause 4); congestion for all that may pass."""


_AGAIN_S = (1, 2)
"""How long to wait before a UE is authenticated anew, where AUSF, UDM or UDR were away: one that restarts is soon back.
Together less than its T3510 (TS 24.501 table 10.2.1)."""


class _Away(Enum):
    """AUSF, UDM or UDR cannot be reached, or have restarted in the middle."""

    AWAY = "away"


def suci_text(suci: Suci) -> str:
    """A SUCI as the SBI writes it (TS 23.003 clause 2.2B, TS 29.571 clause 5.3.2)."""
    scheme = suci.protection_scheme_id
    output = suci.msin if scheme == 0 else suci.scheme_output.hex()
    return (
        f"suci-0-{suci.plmn.mcc}-{suci.plmn.mnc}-{suci.routing_indicator}-{scheme}"
        f"-{suci.home_network_public_key_identifier}-{output}"
    )


def authentication(amf: Amf, ue: Ue) -> Procedure[Outcome]:
    """Authenticate whom `ue.identity`, or the SUPI behind its 5G-GUTI, names."""
    by_guti = ue.supi is not None
    identified_again = False
    pauses_s = iter(_AGAIN_S)
    while True:
        outcome = yield from _attempt(amf, ue)
        if outcome is _Away.AWAY:
            pause_s = next(pauses_s, None)
            if pause_s is None:
                return FiveGMMCause.congestion
            yield Wait(("authentication", amf.next_wait()), pause_s * NS_PER_S)
            continue
        if isinstance(outcome, str):
            why = outcome
            if identified_again:
                return refuse(amf, ue, why)
        elif outcome is Rejection.AUTHENTICATION_REJECT and by_guti:
            # The SUPI came from a 5G-GUTI, which may have been another's (clause 5.4.1.3.5).
            why = "its answer to the challenge is wrong"
        else:
            return outcome
        rejected = yield from _identify_again(amf, ue, by_guti, why)
        if rejected is not None:
            return rejected
        identified_again, by_guti = True, False


def _attempt(amf: Amf, ue: Ue) -> Procedure[Outcome | _Away | str]:
    """By the method that the home network chooses; why, where the UE does not take the network for authentic."""
    resync: ResynchronizationInfo | None = None
    for _ in range(2):
        context = yield from _vector(amf, ue, resync)
        if not isinstance(context, nausf.UEAuthenticationCtx):
            return context
        vector = context.five_g_auth_data
        if isinstance(vector, str):
            return (yield from eap_based_authentication(amf, ue, context))
        answer = yield from challenge(amf, ue, rand=bytes.fromhex(vector.rand), autn=bytes.fromhex(vector.autn))
        if answer is None:
            return no_answer(amf, ue)
        if isinstance(answer, AuthenticationResponse):
            return (yield from _confirm(amf, ue, (vector, context), answer.authentication_response_parameter or b""))
        cause, auts = answer.five_gmm_cause, answer.authentication_failure_parameter
        if cause in _MAC_FAILURES:
            return _refusal(cause)
        if cause != FiveGMMCause.synch_failure:
            return refuse(amf, ue, _refusal(cause))
        if auts is None:
            break
        resync = ResynchronizationInfo(rand=vector.rand, auts=auts.hex())
    return refuse(amf, ue, "a second synchronisation failure: its SQN and the UDM's do not meet")


def _identify_again(amf: Amf, ue: Ue, by_guti: bool, why: str) -> Procedure[Rejection | None]:
    """Whether the identity was wrong: None to try with the one that the UE gives now (clause 5.4.1.3.7 c, d)."""
    suci = yield from identification(amf, ue)
    if suci is None:
        return Rejection.SILENT
    if not by_guti or _is_supi(ue.supi, suci):
        return refuse(amf, ue, why)
    ue.supi = None
    return None


def reject(amf: Amf, ue: Ue) -> None:
    """AUTHENTICATION REJECT (clause 5.4.1.3.5)."""
    amf.send_to_ue(ue, AuthenticationReject(eap_message=ue.eap_failure))
    ue.eap_failure = None


def _refusal(cause: FiveGMMCause) -> str:
    if cause == FiveGMMCause.mac_failure:
        return "MAC failure: K, OP or OPc of the UE and of the subscription differ"
    if cause == FiveGMMCause.non_5g_authentication_unacceptable:
        return f"{cause.text}: the AMF field of the subscription lacks the separation bit (8000)"
    return f"it refused the challenge with cause {int(cause)} ({cause.text})"


def _is_supi(supi: str | None, suci: Suci) -> bool:
    """Whether a SUCI is a SUPI's; of a concealed one that cannot be said."""
    if suci.protection_scheme_id != 0:
        return False
    try:
        return supi == f"imsi-{suci.plmn.mcc}{suci.plmn.mnc}{suci.msin}"
    except DecodeError:
        return False


def _vector(
    amf: Amf, ue: Ue, resync: ResynchronizationInfo | None
) -> Procedure[nausf.UEAuthenticationCtx | Rejection | FiveGMMCause | _Away]:
    """An authentication vector from the AUSF (TS 33.501 clause 6.1.2)."""
    identity = ue.identity
    if ue.supi is None and not isinstance(identity, Suci):
        return Rejection.SILENT
    try:
        name = ue.supi if ue.supi is not None or not isinstance(identity, Suci) else suci_text(identity)
    except DecodeError as error:
        amf.explain(ue, "MalformedPacket", f"a SUCI of the null scheme: {error}", port="n2")
        return FiveGMMCause.illegal_ue
    body = nausf.AuthenticationInfo(
        supi_or_suci=name or "",
        serving_network_name=_snn(amf, ue),
        resynchronization_info=resync,
    )
    answer = yield from post(amf, codec.json_request("POST", nausf.UE_AUTHENTICATIONS, body))
    if isinstance(answer, Failure):
        amf.explain(
            ue,
            "AusfSilent",
            f"{ue.name()} cannot be authenticated, the AUSF gave {answer.value}",
            config="peers.N12",
        )
        return _Away.AWAY if answer is Failure.RESET else FiveGMMCause.congestion
    if answer.status != 201:
        return _refused(amf, ue, answer)
    try:
        context = codec.decode(nausf.UEAuthenticationCtx, answer.body)
    except DecodeError as error:
        amf.explain(ue, "MalformedPacket", f"the AUSF's answer: {error}", port="sbi")
        return FiveGMMCause.congestion
    data = {"5G_AKA": nausf.Av5gAka, "EAP_AKA_PRIME": str}.get(context.auth_type)
    if data is None or not isinstance(context.five_g_auth_data, data):
        amf.explain(
            ue,
            "AuthenticationRefused",
            f"{ue.name()} is to be authenticated by {context.auth_type[:40]}, only 5G_AKA and EAP_AKA_PRIME are known",
        )
        return FiveGMMCause.congestion
    return context


def _refused(amf: Amf, ue: Ue, answer: Response) -> FiveGMMCause | _Away:
    problem = codec.problem_details(answer)
    words = " ".join(text for text in (problem.cause, problem.detail) if text)
    amf.explain(
        ue,
        "AuthenticationRefused",
        f"the AUSF refuses to authenticate {ue.name()}: {answer.status} {words}".rstrip(),
        status=answer.status,
    )
    if _upstream_is_away(answer):
        return _Away.AWAY
    return _CAUSES.get(problem.cause or "", FiveGMMCause.congestion)


def _confirm(
    amf: Amf, ue: Ue, given: tuple[nausf.Av5gAka, nausf.UEAuthenticationCtx], res_star: bytes
) -> Procedure[Outcome | _Away]:
    """Check RES* here, as the SEAF, and at the AUSF, which must learn of a wrong one too (33.501 6.1.3.2.0)."""
    vector, context = given
    right = hmac.compare_digest(kdf.hres_star(bytes.fromhex(vector.rand), res_star), bytes.fromhex(vector.hxres_star))
    link = context.links.five_g_aka
    path = "" if link is None else uri_path(link.href)
    body = nausf.ConfirmationData(res_star=res_star.hex() if len(res_star) == 16 else None)
    answer = yield from post(amf, codec.json_request("PUT", path, body))
    if not right:
        return refuse(amf, ue, "RES* is wrong")
    if isinstance(answer, Failure) or answer.status != 200:
        why = answer.value if isinstance(answer, Failure) else f"{answer.status}"
        amf.explain(
            ue,
            "AusfSilent",
            f"the AUSF does not confirm the authentication of {ue.name()}: {why}",
            config="peers.N12",
        )
        if answer is Failure.RESET or (isinstance(answer, Response) and _began_anew(answer)):
            return _Away.AWAY
        return FiveGMMCause.congestion
    return _keys(amf, ue, answer)


def _upstream_is_away(answer: Response) -> bool:
    """Whether the AUSF could not reach whom it asks (TS 29.509 table 6.1.7.3-1)."""
    return answer.status == 504 and codec.problem_details(answer).cause == "NETWORK_FAILURE"


def _began_anew(answer: Response) -> bool:
    """Whether the AUSF does not know what it began, so that another challenge is needed."""
    return answer.status == 404 or _upstream_is_away(answer)


def _keys(amf: Amf, ue: Ue, answer: Response) -> Outcome:
    try:
        result = codec.decode(nausf.ConfirmationDataResponse, answer.body)
        k_seaf = bytes.fromhex(result.kseaf or "")
    except (DecodeError, ValueError):
        # The text of the error would show the key.
        amf.explain(ue, "MalformedPacket", "the AUSF's confirmation cannot be read", port="sbi")
        return FiveGMMCause.congestion
    if result.auth_result != nausf.SUCCESS:
        return refuse(amf, ue, "the AUSF says that RES* is wrong")
    proven = authenticated(ue, result.supi or "", k_seaf)
    if proven is None:
        amf.explain(ue, "MalformedPacket", "the AUSF's confirmation lacks SUPI or K_SEAF", port="sbi")
        return FiveGMMCause.congestion
    return proven


def _snn(amf: Amf, ue: Ue) -> str:
    return snn(ue.connection.tai.plmn if ue.connection is not None else amf.served.home)
