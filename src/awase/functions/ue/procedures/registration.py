"""Registration: initial, periodic, after moving (TS 24.501 clause 5.5.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awase.functions.ue import access
from awase.functions.ue.access import AccessCategory
from awase.functions.ue.procedures import rejection
from awase.functions.ue.procedures.rejection import Outcome
from awase.functions.ue.procedures.rrc_connection_establishment import rrc_connection_establishment
from awase.functions.ue.states import RmState
from awase.functions.ue.timers import MAX_REGISTRATION_ATTEMPTS, T3510_S, T3511_S
from awase.model.ids import FiveGGuti
from awase.model.machine import Procedure, Wait
from awase.model.part import NS_PER_S
from awase.protocols.nas.elements import RegistrationType
from awase.protocols.nas.entity import non_cleartext_ies
from awase.protocols.nas.messages import RegistrationAccept, RegistrationComplete, RegistrationReject

if TYPE_CHECKING:
    from awase.functions.ue.core import Ue

UPDATES = (RegistrationType.mobility_registration_updating, RegistrationType.periodic_registration_updating)

_CONFIG = {62: "slices", 11: "plmn", 13: "plmn", 12: "plmn", 15: "plmn", 73: "plmn"}
"""Which part of the configuration explains a cause; else the subscriber."""

_TAI_CAUSES = frozenset({12, 13, 15})
_PLMN_CAUSES = frozenset({11, 27, 73})


def registration(ue: Ue, kind: RegistrationType) -> Procedure[bool]:
    """Register, as often as the causes and timers allow; whether it succeeded in the end."""
    context = ue.context
    context.attempts = 0
    category = AccessCategory.EMERGENCY if ue.config.emergency else AccessCategory.MO_SIG
    while True:
        yield from _camped(ue)
        yield from access.permitted(ue, category)
        kind = _kind(ue, kind)
        outcome = yield from _attempt(ue, kind, category)
        if isinstance(outcome, RegistrationAccept):
            _accepted(ue, outcome, kind)
            return True
        if isinstance(outcome, RegistrationReject):
            seconds = _rejected(ue, outcome, protected=context.secured)
        else:
            ue.uu.release()
            seconds = _failed(ue)
        if seconds is None or ue.n1.wants_to_leave:
            return False
        if seconds:
            yield Wait("registration-retry", seconds * NS_PER_S)
        elif ue.uu.connected:
            # The network releases the connection that it rejected, or T3540 does (clause 5.3.1.3).
            yield Wait("registration", None)
        ue.uu.leave_cell()


def _camped(ue: Ue) -> Procedure[None]:
    while not ue.uu.serving:
        if not ue.context.registered:
            ue.context.state = RmState.DEREGISTERED_PLMN_SEARCH
        ue.search_cell()
        yield Wait("cell", None)


def _kind(ue: Ue, kind: RegistrationType) -> RegistrationType:
    """What the registration is by now: the UE may have moved, or be registered no more."""
    context = ue.context
    if kind in UPDATES and (context.guti is None or not context.registered):
        return RegistrationType.initial_registration
    if kind == RegistrationType.periodic_registration_updating and ue.uu.tai not in context.tais:
        return RegistrationType.mobility_registration_updating
    return kind


def _attempt(
    ue: Ue, kind: RegistrationType, category: AccessCategory
) -> Procedure[RegistrationAccept | RegistrationReject | None]:
    """One REGISTRATION REQUEST and its outcome; None on T3510's expiry or a failure of lower layers."""
    context = ue.context
    context.state = RmState.REGISTERED_INITIATED
    context.last_attempt_tai = ue.uu.tai
    request = ue.n1.registration_request(kind)
    context.sent_without_context = context.context is None and non_cleartext_ies(request) != ()
    octets = ue.n1.initial_message(request)
    if octets is None:
        return None
    if ue.uu.connected:
        ue.uu.send_nas(octets)
    else:
        connected = yield from rrc_connection_establishment(ue, octets, category)
        if not connected:
            return None
    answer = yield Wait("registration", T3510_S * NS_PER_S)
    if isinstance(answer, tuple) and isinstance(answer[0], RegistrationAccept | RegistrationReject):
        return answer[0]
    return None


def _accepted(ue: Ue, accept: RegistrationAccept, kind: RegistrationType) -> None:
    context, n1 = ue.context, ue.n1
    context.state = RmState.REGISTERED
    context.registered = True
    context.attempts = context.unprotected_rejects = 0
    context.suci = None
    context.sent_without_context = False
    request, context.last_request = context.last_request, None
    n1.services_work()
    _take_over(ue, accept)
    if kind == RegistrationType.mobility_registration_updating and ue.sm.back_off is not None:
        ue.sm.back_off.moved()
    if accept.pdu_session_status is not None and kind in UPDATES:
        ue.sm.keep_only(accept.pdu_session_status.ids)
    _tell(ue, accept)
    if kind in UPDATES and request is not None:
        ue.user_plane.ready(request.uplink_data_status, accept.pdu_session_reactivation_result)
    if not n1.wants_to_leave:
        ue.sm.establish_all(anew=kind not in UPDATES)
    if kind in UPDATES and request is not None and not request.five_gs_registration_type.follow_on_request:
        n1.start_t3540_if_idle()
    ue.user_plane.resend()


def _tell(ue: Ue, accept: RegistrationAccept) -> None:
    context = ue.context
    rejected = ", ".join(str(r.s_nssai) for r in accept.rejected_nssai or ())
    if rejected:
        ue.report(
            "SlicesRejected",
            f"the network does not allow {context.supi} the slices {rejected}",
            level="warning",
            subject=context.supi,
            config="slices",
        )
    ue.report(
        "Registered",
        f"{context.supi} is registered, slices {', '.join(map(str, context.allowed_nssai)) or 'none'}",
        subject=context.supi,
    )


def accept_again(ue: Ue, accept: RegistrationAccept, protected: bool) -> None:
    """The network has not seen the REGISTRATION COMPLETE, and repeats its accept."""
    if protected:
        _take_over(ue, accept)


def _take_over(ue: Ue, accept: RegistrationAccept) -> None:
    """Clause 5.5.1.2.4; what needs it is acknowledged by REGISTRATION COMPLETE."""
    context = ue.context
    if accept.tai_list is not None:
        context.tais = accept.tai_list.tais
        # Clause 5.5.1.2.4: what is in the list now is forbidden no more.
        context.forbidden_tais = tuple(t for t in context.forbidden_tais if t not in context.tais)
    if accept.allowed_nssai is not None:
        context.allowed_nssai = tuple(s.s_nssai for s in accept.allowed_nssai)
    context.rejected_nssai = tuple(r.s_nssai for r in accept.rejected_nssai or ())
    if accept.configured_nssai is not None:
        context.configured_nssai = tuple(s.s_nssai for s in accept.configured_nssai)
    if accept.t3512_value is not None:
        context.t3512_s = accept.t3512_value.seconds or 0
    context.t3502_s = rejection.t3502_s(accept.t3502_value)
    acknowledged = accept.configured_nssai is not None or accept.sor_transparent_container is not None
    if isinstance(accept.five_g_guti, FiveGGuti):
        context.guti = accept.five_g_guti
        acknowledged = True
    if acknowledged or accept.network_slicing_indication is not None:
        ue.n1.send(RegistrationComplete())


def _attempting(ue: Ue) -> None:
    registered = ue.context.registered
    ue.context.state = RmState.REGISTERED_ATTEMPTING if registered else RmState.DEREGISTERED_ATTEMPTING


def _failed(ue: Ue) -> int:
    """Seconds until the next attempt after one without an answer (clauses 5.5.1.2.7 and 5.5.1.3.7)."""
    context = ue.context
    context.attempts += 1
    last = context.attempts >= MAX_REGISTRATION_ATTEMPTS
    seconds = context.t3502_s if last else T3511_S
    ue.report(
        "RegistrationAttemptFailed",
        f"attempt {context.attempts} of {context.supi} to register got no answer; the next one in {seconds} s",
        level="warning",
        subject=context.supi,
        attempts=context.attempts,
    )
    if last:
        _last_attempt(ue)
    _attempting(ue)
    return seconds


def _last_attempt(ue: Ue) -> None:
    """A UE that is registered keeps its 5G-GUTI; any other forgets all (clauses 5.5.1.2.7 and 5.5.1.3.7)."""
    context = ue.context
    context.attempts = 0
    if context.registered:
        context.tais = ()
    else:
        context.forget_registration()


def _rejected(ue: Ue, reject: RegistrationReject, *, protected: bool) -> int | None:
    """Seconds until the next attempt, or None for never (clauses 5.5.1.2.5 and 5.5.1.3.5)."""
    context, cause = ue.context, reject.five_gmm_cause
    number = int(cause)
    ue.report(
        "RegistrationRejected",
        f"the network rejected the registration of {context.supi} with cause #{number} ({cause.text})"
        + _which(ue, number),
        level="error",
        subject=context.supi,
        config=_CONFIG.get(number, "subscriber"),
        cause=number,
    )
    ue.n1.start_t3540()
    if reject.t3502_value is not None:
        context.t3502_s = rejection.t3502_s(reject.t3502_value)
    outcome = rejection.take(ue, number, protected=protected)
    if outcome is Outcome.NO_SUPI:
        return None
    if outcome is Outcome.NO_SLICES:
        rejection.deregister_locally(ue, forget=False)
        context.rejected_nssai = tuple(r.s_nssai for r in reject.rejected_nssai or ())
        return None
    if outcome is Outcome.CONGESTION:
        held_off_s = rejection.t3346_s(ue, reject.t3346_value, protected=protected)
        if held_off_s is None:
            return _count(ue, last=False)
        _attempting(ue)
        ue.n1.start_t3346(held_off_s)
        return held_off_s
    if outcome in (Outcome.BEGIN_ANEW, Outcome.IMPLICITLY_DEREGISTERED):
        context.attempts += 1
        context.state = RmState.DEREGISTERED_ATTEMPTING
        return 0 if context.attempts == 1 else T3511_S
    if outcome in (Outcome.PROTOCOL_ERROR, Outcome.OTHER, Outcome.RESTRICTED_AREA):
        return _count(ue, last=outcome is Outcome.PROTOCOL_ERROR)
    return 0


def _count(ue: Ue, *, last: bool) -> int:
    """Count an attempt; protocol errors count as the last one (clause 5.5.1.2.7 d)."""
    context = ue.context
    context.attempts += 1
    last = last or context.attempts >= MAX_REGISTRATION_ATTEMPTS
    if last:
        _last_attempt(ue)
    _attempting(ue)
    return context.t3502_s if last else T3511_S


def _which(ue: Ue, cause: int) -> str:
    """What of the UE's own the network cannot have liked."""
    request, tai = ue.context.last_request, ue.uu.tai
    if cause == 62 and request is not None:
        slices = ", ".join(str(s.s_nssai) for s in request.requested_nssai or ())
        return f"; it had asked for {slices or 'no slice'}"
    if cause in _TAI_CAUSES and tai is not None:
        return f"; it was in PLMN {tai.plmn}, TAC {tai.tac}"
    return f"; it was in PLMN {tai.plmn}" if cause in _PLMN_CAUSES and tai is not None else ""
