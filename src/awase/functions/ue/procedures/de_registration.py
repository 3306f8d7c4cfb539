"""De-registration by the UE and by the network (TS 24.501 clause 5.5.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awase.functions.ue import access, identity
from awase.functions.ue.access import AccessCategory
from awase.functions.ue.procedures import rejection
from awase.functions.ue.procedures.rejection import Outcome
from awase.functions.ue.procedures.rrc_connection_establishment import rrc_connection_establishment
from awase.functions.ue.states import RmState
from awase.functions.ue.timers import MAX_DEREGISTRATION_TRIES, T3521_S
from awase.model.machine import Procedure, Wait
from awase.model.part import NS_PER_S
from awase.protocols.nas.elements import NO_KEY, AccessType, DeregistrationType
from awase.protocols.nas.messages import (
    DeregistrationAcceptUEOriginating,
    DeregistrationAcceptUETerminated,
    DeregistrationRequestUEOriginating,
    DeregistrationRequestUETerminated,
)

if TYPE_CHECKING:
    from awase.functions.ue.core import Ue

_ELSEWHERE = (Outcome.PLMN_FORBIDDEN, Outcome.TAI_FORBIDDEN, Outcome.TAI_FORBIDDEN_FOR_ROAMING)


def ue_initiated(ue: Ue, *, switch_off: bool) -> Procedure[None]:
    """DEREGISTRATION REQUEST, and again at T3521's expiry, until it is accepted (clause 5.5.2.2)."""
    context = ue.context
    context.state = RmState.DEREGISTERED_INITIATED
    ue.traffic.stop()
    answered = False
    for _ in range(1 if switch_off else MAX_DEREGISTRATION_TRIES):
        sent = yield from _send(ue, switch_off)
        if not sent or switch_off:
            break
        answer = yield Wait("de-registration", T3521_S * NS_PER_S)
        if isinstance(answer, tuple) and isinstance(answer[0], DeregistrationAcceptUEOriginating):
            answered = True
            break
    rejection.deregister_locally(ue, forget=False)
    how = "is deregistered" if answered or switch_off else "deregistered without an answer of the network"
    ue.report(
        "Deregistered",
        f"{context.supi} {how}",
        level="info" if answered or switch_off else "warning",
        subject=context.supi,
    )
    ue.n1.start_t3540()
    if switch_off:
        # The 5G-GUTI and the keys stay on the USIM (clause 5.5.2.2.1), which this UE does not write.
        context.forget_registration()
        ue.start_timer(NS_PER_S // 10, ue.switch_off)


def _send(ue: Ue, switch_off: bool) -> Procedure[bool]:
    context = ue.context
    message = DeregistrationRequestUEOriginating(
        de_registration_type=DeregistrationType(switch_off=switch_off),
        ngksi=NO_KEY if context.context is None else context.context.ngksi,
        five_gs_mobile_identity=context.guti or identity.suci(ue),
    )
    if ue.uu.connected and context.secured:
        return ue.n1.send(message)
    octets = ue.n1.initial_message(message)
    if octets is None or not ue.uu.serving:
        return False
    if message.de_registration_type.switch_off and access.barred_ns(ue, AccessCategory.MO_SIG):
        return False
    yield from access.permitted(ue, AccessCategory.MO_SIG)
    connected = yield from rrc_connection_establishment(ue, octets, AccessCategory.MO_SIG)
    return connected


def network_initiated(ue: Ue, message: DeregistrationRequestUETerminated, protected: bool) -> None:
    """The network de-registers the UE (clause 5.5.2.3)."""
    context, cause, kind = ue.context, message.five_gmm_cause, message.de_registration_type
    if not protected or context.state is RmState.REGISTERED_INITIATED:
        return
    ue.n1.send(DeregistrationAcceptUETerminated())
    if not kind.access_type & AccessType.three_gpp_access:
        # For non-3GPP access alone, on which the UE is not registered.
        return
    # Clause 5.5.2.2.6: a user who leaves does not come back because the network left, too.
    leaving = context.state is RmState.DEREGISTERED_INITIATED
    again = kind.re_registration_required and not leaving
    number = None if cause is None else int(cause)
    why = "" if cause is None else f" with cause #{number} ({cause.text})"
    ue.report(
        "DeregisteredByNetwork",
        f"the network deregistered {context.supi}{why}" + (", and asks it to register again" if again else ""),
        level="info" if again else "warning",
        subject=context.supi,
        cause=-1 if number is None else number,
    )
    ue.n1.abandon()
    outcome = Outcome.OTHER if number is None else rejection.take(ue, number, protected=True)
    if outcome is not Outcome.NO_SUPI:
        # Its state is the one that the cause left, but it is registered no more.
        state = context.state
        rejection.deregister_locally(ue, forget=outcome is Outcome.TAI_FORBIDDEN_FOR_ROAMING)
        context.state = state if state is RmState.DEREGISTERED_PLMN_SEARCH else RmState.DEREGISTERED
    if outcome is Outcome.NO_SLICES:
        context.rejected_nssai = tuple(r.s_nssai for r in message.rejected_nssai or ())
    _go_on(ue, message, outcome, again=again, leaving=leaving)
    ue.n1.start_t3540()


def _go_on(ue: Ue, message: DeregistrationRequestUETerminated, outcome: Outcome, *, again: bool, leaving: bool) -> None:
    """Clauses 5.5.2.3.2 and 5.5.2.3.4: register again at once, after T3346 or T3502, or elsewhere."""
    held_off_s = rejection.t3346_s(ue, message.t3346_value, protected=True)
    if outcome is Outcome.CONGESTION and held_off_s is not None:
        ue.n1.start_t3346(held_off_s)
        ue.n1.register()
    elif outcome in _ELSEWHERE or (again and outcome not in (Outcome.NO_SUPI, Outcome.NO_SLICES)):
        ue.n1.register_after_release()
    elif not leaving and outcome not in (Outcome.NO_SUPI, Outcome.NO_SLICES):
        ue.context.forget_registration()
        ue.context.state = RmState.DEREGISTERED_ATTEMPTING
        ue.n1.start_t3502()
