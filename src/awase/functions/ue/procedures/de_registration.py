"""De-registration by the UE and by the network (TS 24.501 clause 5.5.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awase.functions.ue import identity
from awase.functions.ue.procedures.rrc_connection_establishment import rrc_connection_establishment
from awase.functions.ue.states import RmState
from awase.functions.ue.timers import MAX_DEREGISTRATION_TRIES, T3521_S
from awase.model.machine import Procedure, Wait
from awase.model.part import NS_PER_S
from awase.protocols.nas.elements import NO_KEY, DeregistrationType
from awase.protocols.nas.messages import (
    DeregistrationAcceptUEOriginating,
    DeregistrationAcceptUETerminated,
    DeregistrationRequestUEOriginating,
    DeregistrationRequestUETerminated,
)

if TYPE_CHECKING:
    from awase.functions.ue.core import Ue

_NO_SUPI = frozenset({3, 6, 7})


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
    ue.sm.forget_all()
    context.state = RmState.DEREGISTERED
    how = "is deregistered" if answered or switch_off else "deregistered without an answer of the network"
    ue.report(
        "Deregistered",
        f"{context.supi} {how}",
        level="info" if answered or switch_off else "warning",
        subject=context.supi,
    )
    ue.n1.start_t3540()
    if switch_off:
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
    connected = yield from rrc_connection_establishment(ue, octets, "mo-Signalling")
    return connected


def network_initiated(ue: Ue, message: DeregistrationRequestUETerminated, protected: bool) -> None:
    """The network de-registers the UE (clause 5.5.2.3)."""
    context, cause = ue.context, message.five_gmm_cause
    if not protected or context.state is RmState.REGISTERED_INITIATED:
        return
    ue.n1.send(DeregistrationAcceptUETerminated())
    again = message.de_registration_type.re_registration_required
    number = None if cause is None else int(cause)
    why = "" if cause is None else f" with cause #{number} ({cause.text})"
    ue.report(
        "DeregisteredByNetwork",
        f"the network deregistered {context.supi}{why}" + (", and asks it to register again" if again else ""),
        level="info" if again else "warning",
        subject=context.supi,
        cause=-1 if number is None else number,
    )
    ue.traffic.stop()
    ue.n1.abandon()
    context.state = RmState.DEREGISTERED
    if number in _NO_SUPI:
        context.forget_registration()
        context.state = RmState.DEREGISTERED_NO_SUPI
    elif again:
        ue.n1.register_after_release()
    ue.n1.start_t3540()
