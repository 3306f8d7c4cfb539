"""5G AKA based primary authentication (TS 24.501 clause 5.4.1.3, TS 33.501 clause 6.1.3.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awase.functions.ue.procedures import eap_based_authentication, rejection
from awase.functions.ue.procedures.challenge import SEPARATION_BIT, challenge_taken, fail, ngksi_in_use
from awase.functions.ue.timers import T3516_S
from awase.model.ids import snn
from awase.model.part import NS_PER_S
from awase.protocols.nas.causes import FiveGMMCause
from awase.protocols.nas.messages import AuthenticationReject, AuthenticationRequest, AuthenticationResponse
from awase.security import kdf

if TYPE_CHECKING:
    from awase.functions.ue.core import Ue


def authentication_request(ue: Ue, message: AuthenticationRequest, _protected: bool) -> None:
    """Check the network's challenge and answer it."""
    context = ue.context
    if message.eap_message is not None:
        eap_based_authentication.eap_request(ue, message, message.eap_message)
        return
    rand, autn = message.authentication_parameter_rand, message.authentication_parameter_autn
    if rand is None or autn is None:
        fail(ue, FiveGMMCause.protocol_error_unspecified)
        return
    if context.rand == rand and context.res_star and context.partial is not None:
        # The network repeats its challenge: so is the answer (clause 5.4.1.3.2).
        _respond(ue)
        return
    if ngksi_in_use(ue, message):
        return
    functions = context.usim.functions
    out = functions.f2345(rand)
    verified = functions.verify_autn(rand, autn, out.ak)
    if verified is None:
        fail(ue, FiveGMMCause.mac_failure)
        return
    sqn, management_field = verified
    if not management_field[0] & SEPARATION_BIT:
        fail(ue, FiveGMMCause.non_5g_authentication_unacceptable)
        return
    if not context.usim.accept(sqn):
        fail(ue, FiveGMMCause.synch_failure, functions.build_auts(rand, context.usim.sqn_ms))
        return
    name = snn(ue.uu.plmn)
    k_seaf = kdf.k_seaf(kdf.k_ausf(out.ck, out.ik, name, autn[:6]), name)
    context.partial = (message.ngksi, kdf.k_amf(k_seaf, context.supi, message.abba))
    context.eap_answer = None
    context.rand, context.res_star = rand, kdf.res_star(out.ck, out.ik, name, rand, out.res)
    challenge_taken(ue)
    _respond(ue)
    ue.start_timer(T3516_S * NS_PER_S, lambda: _t3516_expired(ue, rand))


def _respond(ue: Ue) -> None:
    ue.n1.send(AuthenticationResponse(authentication_response_parameter=ue.context.res_star))


def _t3516_expired(ue: Ue, rand: bytes) -> None:
    if ue.context.rand == rand:
        ue.context.rand = ue.context.res_star = b""


def authentication_reject(ue: Ue, _message: AuthenticationReject, protected: bool) -> None:
    """The network refuses the subscription: it is invalid until switched off (clause 5.4.1.3.5).

    Without integrity protection that is doubted a few times (clause 5.3.20).
    """
    context = ue.context
    ue.report(
        "AuthenticationRejected",
        f"the network rejected the authentication of {context.supi}: its answer to the challenge is not the"
        " one expected, or the subscription is barred",
        level="error",
        subject=context.supi,
        config="subscriber",
    )
    ue.n1.abandon()
    outcome = rejection.take(ue, FiveGMMCause.illegal_ue, protected=protected)
    ue.n1.start_t3540()
    if outcome is rejection.Outcome.DOUBTED:
        ue.n1.register_after_release()
