"""Registration: initial, periodic, after moving (TS 24.501 clause 5.5.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awase.functions.ue.procedures.rrc_connection_establishment import EstablishmentCause, rrc_connection_establishment
from awase.functions.ue.states import RmState
from awase.functions.ue.timers import (
    MAX_REGISTRATION_ATTEMPTS,
    T3346_DEFAULT_S,
    T3502_S,
    T3510_S,
    T3511_S,
)
from awase.model.ids import FiveGGuti
from awase.model.machine import Procedure, Wait
from awase.model.part import NS_PER_S
from awase.protocols.nas.causes import FiveGMMCause
from awase.protocols.nas.elements import GprsTimer2, RegistrationType
from awase.protocols.nas.entity import non_cleartext_ies
from awase.protocols.nas.messages import RegistrationAccept, RegistrationComplete, RegistrationReject

if TYPE_CHECKING:
    from awase.functions.ue.core import Ue

_UPDATES = (RegistrationType.mobility_registration_updating, RegistrationType.periodic_registration_updating)

_NO_SUPI = frozenset({3, 6, 7})
"""The USIM is invalid until switched off (clause 5.5.1.2.5)."""

_PLMN_FORBIDDEN = frozenset({11, 27, 73})
_TAI_FORBIDDEN = frozenset({12, 13, 15})
_BEGIN_ANEW = frozenset({9, 10})
_PROTOCOL_ERRORS = frozenset({95, 96, 97, 99, 111})
"""They count as the last attempt (clause 5.5.1.2.7 d)."""

_CONFIG = {62: "slices", 11: "plmn", 13: "plmn", 12: "plmn", 15: "plmn", 73: "plmn"}
"""Which part of the configuration explains a cause; else the subscriber."""


def registration(ue: Ue, kind: RegistrationType) -> Procedure[bool]:
    """Register, as often as the causes and timers allow; whether it succeeded in the end."""
    context = ue.context
    context.attempts = 0
    while True:
        if kind in _UPDATES and context.guti is None:
            kind = RegistrationType.initial_registration
        while not ue.uu.serving:
            if context.state is not RmState.REGISTERED:
                context.state = RmState.DEREGISTERED_PLMN_SEARCH
            ue.search_cell()
            yield Wait("cell", None)
        outcome = yield from _attempt(ue, kind)
        if isinstance(outcome, RegistrationAccept):
            _accepted(ue, outcome, kind)
            return True
        if isinstance(outcome, RegistrationReject):
            seconds = _rejected(ue, outcome, protected=context.secured)
        else:
            ue.uu.release()
            seconds = _failed(ue)
        if seconds is None:
            return False
        context.state = RmState.DEREGISTERED_ATTEMPTING
        if seconds:
            yield Wait("registration-retry", seconds * NS_PER_S)
        elif ue.uu.connected:
            # The network releases the connection that it rejected, or T3540 does (clause 5.3.1.3).
            yield Wait("registration", None)


def _attempt(ue: Ue, kind: RegistrationType) -> Procedure[RegistrationAccept | RegistrationReject | None]:
    """One REGISTRATION REQUEST and its outcome; None on T3510's expiry or a failure of lower layers."""
    context = ue.context
    context.state = RmState.REGISTERED_INITIATED
    request = ue.n1.registration_request(kind)
    context.sent_without_context = context.context is None and non_cleartext_ies(request) != ()
    octets = ue.n1.initial_message(request)
    if octets is None:
        return None
    if ue.uu.connected:
        ue.uu.send_nas(octets)
    else:
        cause: EstablishmentCause = "emergency" if ue.config.emergency else "mo-Signalling"
        connected = yield from rrc_connection_establishment(ue, octets, cause)
        if not connected:
            return None
    answer = yield Wait("registration", T3510_S * NS_PER_S)
    if isinstance(answer, tuple) and isinstance(answer[0], RegistrationAccept | RegistrationReject):
        return answer[0]
    return None


def _accepted(ue: Ue, accept: RegistrationAccept, kind: RegistrationType) -> None:
    context = ue.context
    context.state = RmState.REGISTERED
    context.attempts = 0
    context.suci = None
    context.sent_without_context = False
    ue.n1.services_work()
    _take_over(ue, accept)
    if accept.pdu_session_status is not None and kind in _UPDATES:
        ue.sm.keep_only(accept.pdu_session_status.ids)
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
    ue.sm.establish_all(anew=kind not in _UPDATES)


def accept_again(ue: Ue, accept: RegistrationAccept, protected: bool) -> None:
    """The network has not seen the REGISTRATION COMPLETE, and repeats its accept."""
    if protected:
        _take_over(ue, accept)


def _take_over(ue: Ue, accept: RegistrationAccept) -> None:
    """Clause 5.5.1.2.4; what needs it is acknowledged by REGISTRATION COMPLETE."""
    context = ue.context
    if accept.tai_list is not None:
        context.tais = accept.tai_list.tais
    if accept.allowed_nssai is not None:
        context.allowed_nssai = tuple(s.s_nssai for s in accept.allowed_nssai)
    if accept.t3512_value is not None:
        context.t3512_s = accept.t3512_value.seconds or 0
    context.t3502_s = T3502_S if accept.t3502_value is None else accept.t3502_value.seconds or 0
    acknowledged = accept.configured_nssai is not None or accept.sor_transparent_container is not None
    if isinstance(accept.five_g_guti, FiveGGuti):
        context.guti = accept.five_g_guti
        acknowledged = True
    if acknowledged or accept.network_slicing_indication is not None:
        ue.n1.send(RegistrationComplete())


def _failed(ue: Ue) -> int | None:
    """Seconds until the next attempt after one without an answer (clause 5.5.1.2.7)."""
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
        context.forget_registration()
        context.attempts = 0
    return seconds


def _rejected(ue: Ue, reject: RegistrationReject, *, protected: bool) -> int | None:
    """Seconds until the next attempt, or None for never (clause 5.5.1.2.5)."""
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
    context.state = RmState.DEREGISTERED
    if cause == FiveGMMCause.congestion:
        return t3346_s(ue, reject.t3346_value if protected else None)
    if number in _PROTOCOL_ERRORS:
        context.forget_registration()
        return context.t3502_s
    if number in _BEGIN_ANEW:
        context.forget_registration()
        context.attempts += 1
        return 0 if context.attempts == 1 else T3511_S
    return _rejected_for_good(ue, number)


def _rejected_for_good(ue: Ue, cause: int) -> int | None:
    context, tai = ue.context, ue.uu.tai
    if cause == FiveGMMCause.no_network_slices_available:
        return None
    if cause in _NO_SUPI:
        context.forget_registration()
        context.state = RmState.DEREGISTERED_NO_SUPI
        return None
    if cause in _PLMN_FORBIDDEN or cause in _TAI_FORBIDDEN:
        context.forget_registration()
        if cause in _PLMN_FORBIDDEN:
            context.forbidden_plmns = (*context.forbidden_plmns, ue.uu.plmn)
        elif tai is not None:
            context.forbidden_tais = (*context.forbidden_tais, tai)
        ue.uu.leave_cell()
        return 0
    context.attempts += 1
    if context.attempts >= MAX_REGISTRATION_ATTEMPTS:
        context.forget_registration()
        context.attempts = 0
        return context.t3502_s
    return T3511_S


def t3346_s(ue: Ue, value: GprsTimer2 | None) -> int:
    """How long T3346 runs; a value that is not protected is not believed."""
    if value is not None and value.seconds:
        return value.seconds
    low, high = T3346_DEFAULT_S
    return low + int.from_bytes(ue.services.random_bytes(4, "t3346"), "big") % (high - low)


def _which(ue: Ue, cause: int) -> str:
    """What of the UE's own the network cannot have liked."""
    request, tai = ue.context.last_request, ue.uu.tai
    if cause == FiveGMMCause.no_network_slices_available and request is not None:
        slices = ", ".join(str(s.s_nssai) for s in request.requested_nssai or ())
        return f"; it had asked for {slices or 'no slice'}"
    if cause in _TAI_FORBIDDEN and tai is not None:
        return f"; it was in PLMN {tai.plmn}, TAC {tai.tac}"
    return f"; it was in PLMN {tai.plmn}" if cause in _PLMN_FORBIDDEN and tai is not None else ""
