"""De-registration by the UE and by the network (TS 24.501 clause 5.5.2, TS 23.502 clause 4.2.2.3)."""

from __future__ import annotations

from awase.functions.amf.context import NgConnection, Ue
from awase.functions.amf.core import Amf
from awase.functions.amf.procedures import (
    authentication,
    configuration_update,
    paging,
    registration,
    sm_context,
    subscription,
    ue_context_release,
)
from awase.functions.amf.procedures.challenge import Authenticated, Outcome, Rejection
from awase.functions.amf.states import State
from awase.model.machine import Procedure, ask
from awase.model.part import NS_PER_S
from awase.protocols.nas.causes import FiveGMMCause
from awase.protocols.nas.elements import DeregistrationType
from awase.protocols.nas.messages import (
    DeregistrationAcceptUEOriginating,
    DeregistrationAcceptUETerminated,
    DeregistrationRequestUEOriginating,
    DeregistrationRequestUETerminated,
)

TRIES = 5
"""Sent once and again at four expiries of T3522; the fifth ends it (clause 5.5.2.3.5 a)."""


def by_ue(amf: Amf, ue: Ue, connection: NgConnection, request: DeregistrationRequestUEOriginating) -> None:
    """A verified request: sessions are released, the UE told unless it switches off, the node released."""
    amf.stop_procedure(ue)
    forget(amf, ue)
    switch_off = request.de_registration_type.switch_off
    if not switch_off:
        amf.send_to_ue(ue, DeregistrationAcceptUEOriginating())
    amf.report(
        "Deregistered",
        f"{ue.name()} has deregistered{' and switched off' if switch_off else ''}",
        subject=ue.subject,
        switch_off=switch_off,
    )
    ue_context_release.release(amf, connection, ue_context_release.DEREGISTER)


def unverified(amf: Amf, ue: Ue, connection: NgConnection, request: DeregistrationRequestUEOriginating) -> None:
    """A request that nothing proves: ignored on switch-off, else the UE is authenticated first (4.4.4.3)."""
    if request.de_registration_type.switch_off:
        ue_context_release.release(amf, connection, ue_context_release.DEREGISTER)
        return
    amf.stop_procedure(ue)
    amf.run_for(ue, _prove(amf, ue))


def _prove(amf: Amf, ue: Ue) -> Procedure[None]:
    ue.state = State.COMMON_PROCEDURE_INITIATED
    outcome: Outcome | FiveGMMCause | None = yield from registration.identify(amf, ue)
    if outcome is None:
        outcome = yield from authentication.authentication(amf, ue)
    connection = ue.connection
    if not isinstance(outcome, Authenticated):
        registration.turn_away(amf, ue, Rejection.SILENT if isinstance(outcome, FiveGMMCause) else outcome)
        return
    if connection is None:
        return
    amf.authenticated(connection)
    ue.state = State.DEREGISTERED
    known = amf.by_supi.get(outcome.supi)
    if known is not None:
        forget(amf, known)
        if known.connection is not None:
            ue_context_release.release(amf, known.connection, ue_context_release.DEREGISTER)
    amf.send_to_ue(ue, DeregistrationAcceptUEOriginating())
    ue_context_release.release(amf, connection, ue_context_release.DEREGISTER)


def by_network(amf: Amf, ue: Ue, *, re_registration_required: bool, cause: FiveGMMCause | None = None) -> None:
    """De-registration that the network starts; a UE that is CM-IDLE is paged for it (TS 23.502 4.2.2.3.3)."""
    amf.stop_procedure(ue)
    configuration_update.stop(amf, ue)
    if ue.connection is not None:
        _begin(amf, ue, re_registration_required, cause)
        return
    pending = paging.Pending(
        lost=lambda: _unreached(amf, ue), reached=lambda: _begin(amf, ue, re_registration_required, cause)
    )
    if not ue.reachable or not paging.page(amf, ue, pending):
        _unreached(amf, ue)


def _begin(amf: Amf, ue: Ue, re_registration_required: bool, cause: FiveGMMCause | None) -> None:
    ue.state = State.DEREGISTERED_INITIATED
    amf.run_for(ue, _tell(amf, ue, re_registration_required, cause))


def _unreached(amf: Amf, ue: Ue) -> None:
    if ue.state is State.REGISTERED:
        _ended(amf, ue, "was not reached")
        forget(amf, ue)


def silently(amf: Amf, ue: Ue) -> None:
    """The UE is another AMF's now: it is forgotten, and a connection that is left is released (4.2.2.2.2 step 14d)."""
    connection = ue.connection
    amf.stop_procedure(ue)
    forget(amf, ue)
    if connection is not None:
        ue_context_release.release(amf, connection)


def _tell(amf: Amf, ue: Ue, re_registration_required: bool, cause: FiveGMMCause | None) -> Procedure[None]:
    request = DeregistrationRequestUETerminated(
        de_registration_type=DeregistrationType(re_registration_required=re_registration_required),
        five_gmm_cause=cause,
    )
    ue.expects = (DeregistrationAcceptUETerminated,)
    answer = yield from ask(
        lambda: amf.send_to_ue(ue, request),
        ("n1", ue.number),
        int(amf.config.t3522_s * NS_PER_S),
        TRIES,
    )
    ue.expects = ()
    _ended(amf, ue, "" if answer is not None else f"did not answer {TRIES} requests")
    forget(amf, ue)
    if ue.connection is not None:
        ue_context_release.release(amf, ue.connection, ue_context_release.DEREGISTER)


def _ended(amf: Amf, ue: Ue, why: str) -> None:
    amf.report(
        "DeregisteredByNetwork",
        f"{ue.name()} was deregistered by the network" + (f" and {why}" if why else ""),
        level="warning" if why else "info",
        subject=ue.subject,
    )


def forget(amf: Amf, ue: Ue) -> None:
    """The UE is 5GMM-DEREGISTERED; its 5G-GUTI and keys stay for its next registration."""
    ue.state = State.DEREGISTERED
    amf.touch(ue)
    configuration_update.stop(amf, ue)
    sm_context.release_all(amf, ue)
    subscription.purge(amf, ue)
    paging.fail(amf, ue)
    keep(amf, ue)


def keep(amf: Amf, ue: Ue) -> None:
    """Note a deregistered UE as one whose context may make room."""
    if ue.idle_timer is not None:
        ue.idle_timer.stop()
        ue.idle_timer = None
    if ue.supi is not None and amf.by_supi.get(ue.supi) is ue:
        amf.deregistered[ue.supi] = ue
        amf.deregistered.move_to_end(ue.supi)


def await_periodic_update(amf: Amf, ue: Ue) -> None:
    """The mobile reachable timer starts: T3512 and some minutes (TS 24.501 clause 5.3.7)."""
    if ue.idle_timer is not None:
        ue.idle_timer.stop()
        ue.idle_timer = None
    if ue.t3512_s == 0:
        return
    after_ns = (ue.t3512_s + amf.config.mobile_reachable_s) * NS_PER_S
    ue.idle_timer = amf.start_timer(after_ns, lambda: _unreachable(amf, ue))


def _unreachable(amf: Amf, ue: Ue) -> None:
    """The mobile reachable timer expired: no more paging, and the implicit de-registration timer starts."""
    ue.idle_timer = None
    if ue.connection is not None or ue.state is not State.REGISTERED:
        return
    ue.reachable = False
    after_ns = amf.config.implicit_deregistration_s * NS_PER_S
    ue.idle_timer = amf.start_timer(after_ns, lambda: _implicitly(amf, ue))


def _implicitly(amf: Amf, ue: Ue) -> None:
    ue.idle_timer = None
    if ue.connection is not None or ue.state is not State.REGISTERED:
        return
    forget(amf, ue)
    amf.report(
        "ImplicitlyDeregistered",
        f"{ue.name()} gave no sign within its periodic registration time and is deregistered",
        subject=ue.subject,
        config="t3512_s",
    )
