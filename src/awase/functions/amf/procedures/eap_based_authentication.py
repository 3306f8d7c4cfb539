"""EAP based primary authentication (TS 24.501 clause 5.4.1.2, TS 33.501 clause 6.1.3.1): EAP between UE and AUSF."""

from __future__ import annotations

from awase.functions.amf.context import Ue
from awase.functions.amf.core import Amf, uri_path
from awase.functions.amf.procedures.challenge import (
    Outcome,
    authenticated,
    challenge,
    no_answer,
    post,
    refuse,
)
from awase.model.machine import Procedure
from awase.protocols.nas.causes import FiveGMMCause
from awase.protocols.nas.messages import AuthenticationFailure
from awase.protocols.sbi import codec
from awase.protocols.sbi import nausf_ue_authentication as nausf
from awase.protocols.sbi.entity import Failure
from awase.wire.errors import DecodeError

_ROUNDS = 4
"""The challenge, a second one after a synchronisation failure, and notifications."""
_LEAST_OCTETS = 4


def eap_based_authentication(amf: Amf, ue: Ue, context: nausf.UEAuthenticationCtx) -> Procedure[Outcome]:
    """Carry EAP packets between UE and AUSF without looking into them, until the AUSF says how it ended."""
    link, payload = context.links.eap_session, str(context.five_g_auth_data)
    for _ in range(_ROUNDS):
        request = nausf.base64_octets(payload)
        if link is None or len(request) < _LEAST_OCTETS:
            amf.explain(ue, "MalformedPacket", "the AUSF's answer lacks an EAP packet or a link", port="sbi")
            return FiveGMMCause.congestion
        answer = yield from challenge(amf, ue, eap_message=request)
        if answer is None:
            return no_answer(amf, ue)
        if isinstance(answer, AuthenticationFailure):
            why = f"it refused the EAP request with cause {int(answer.five_gmm_cause)} ({answer.five_gmm_cause.text})"
            return refuse(amf, ue, why)
        session = yield from _session(amf, ue, link.href, answer.eap_message or b"")
        if session is None:
            return FiveGMMCause.congestion
        if session.auth_result != nausf.ONGOING:
            return _ended(amf, ue, session)
        link, payload = (session.links and session.links.eap_session) or link, session.eap_payload or ""
    return refuse(amf, ue, f"its authentication takes more than {_ROUNDS} rounds")


def _session(amf: Amf, ue: Ue, href: str, response: bytes) -> Procedure[nausf.EapSession | None]:
    body = nausf.EapSession(eap_payload=nausf.base64_text(response))
    answer = yield from post(amf, codec.json_request("POST", uri_path(href), body))
    if isinstance(answer, Failure) or answer.status != 200:
        why = answer.value if isinstance(answer, Failure) else f"{answer.status}"
        amf.explain(
            ue,
            "AusfSilent",
            f"the AUSF does not go on with the authentication of {ue.name()}: {why}",
            config="peers.N12",
        )
        return None
    try:
        return codec.decode(nausf.EapSession, answer.body)
    except DecodeError:
        # The text of the error could show the key.
        amf.explain(ue, "MalformedPacket", "the AUSF's EAP session cannot be read", port="sbi")
        return None


def _ended(amf: Amf, ue: Ue, session: nausf.EapSession) -> Outcome:
    """EAP-Success goes with the security mode command, EAP-Failure with the reject (clause 5.4.1.2.1)."""
    last = nausf.base64_octets(session.eap_payload or "")
    if session.auth_result != nausf.SUCCESS:
        ue.eap_failure = last if len(last) >= _LEAST_OCTETS else None
        return refuse(amf, ue, "the AUSF says that its answer to the EAP challenge is wrong")
    try:
        k_seaf = bytes.fromhex(session.k_seaf or "")
    except ValueError:
        k_seaf = b""
    proven = authenticated(ue, session.supi or "", k_seaf, last if len(last) >= _LEAST_OCTETS else None)
    if proven is None:
        amf.explain(ue, "MalformedPacket", "the AUSF's EAP session lacks SUPI or K_SEAF", port="sbi")
        return FiveGMMCause.congestion
    return proven
