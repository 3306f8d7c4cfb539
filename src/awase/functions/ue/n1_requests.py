"""What 5GMM is asked for: registration, de-registration, services; and what keeps it waiting (TS 24.501 clause 5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from awase.functions.ue import access
from awase.functions.ue.access import AccessCategory
from awase.functions.ue.context import PduSession
from awase.functions.ue.procedures import de_registration, registration, service_request
from awase.functions.ue.states import RmState
from awase.functions.ue.timers import MAX_SERVICE_ATTEMPTS, T3512_S, T3525_S, T3540_S
from awase.model.machine import Procedure, Running, Timer, Wait
from awase.model.part import NS_PER_S
from awase.protocols.nas.elements import RegistrationType, ServiceType

if TYPE_CHECKING:
    from awase.functions.ue.core import Ue

_IDLE_POLL_NS = NS_PER_S

_URGENT = frozenset(
    {
        ServiceType.mobile_terminated_services,
        ServiceType.emergency_services,
        ServiceType.emergency_services_fallback,
    }
)
"""What neither T3346 nor T3525 keeps back (clauses 5.6.1.5 and 5.6.1.7)."""


LOST = "lower layer failure"
"""What a procedure is resumed with when its connection is gone (TS 24.501 clause 5.5.1.2.7 b and the like)."""


def _alive(running: Running | None) -> bool:
    return running is not None and running.alive


def _runs(timer: Timer | None) -> bool:
    return timer is not None and timer.running


def _restarted(ue: Ue, timer: Timer | None, seconds: int, action: Callable[[], None]) -> Timer:
    if timer is not None:
        timer.stop()
    return ue.start_timer(seconds * NS_PER_S, action)


def _nothing() -> None:
    """What was held back is asked for when it is needed next."""


class Requests:
    """The procedures of 5GMM that the UE starts, and their timers."""

    __slots__ = (
        "_de_registration",
        "_deferred",
        "_registration",
        "_retry",
        "_service_request",
        "_waiting_for_connection",
        "recover",
        "register_pending",
        "service_attempts",
        "t3247",
        "t3346",
        "t3502",
        "t3512",
        "t3520",
        "t3525",
        "t3540",
        "ue",
        "update_pending",
        "wants_to_leave",
    )

    def __init__(self, ue: Ue) -> None:
        self.ue = ue
        self._registration: Running | None = None
        self._service_request: Running | None = None
        self._de_registration: Running | None = None
        self.t3247: Timer | None = None
        self.t3346: Timer | None = None
        self.t3502: Timer | None = None
        self.t3512: Timer | None = None
        self.t3520: Timer | None = None
        self.t3525: Timer | None = None
        self.t3540: Timer | None = None
        # What is to be asked for once T3346 has expired, or a cell bars no more.
        self._deferred: RegistrationType | ServiceType | None = None
        self._retry: Timer | None = None
        self._waiting_for_connection: tuple[object, ...] = ()
        self.service_attempts = 0
        # The sessions that had user-plane resources when the radio link failed.
        self.recover: tuple[PduSession, ...] = ()
        self.register_pending = False
        self.update_pending = False
        self.wants_to_leave = False

    # Registration.

    def register(self, kind: RegistrationType | None = None) -> None:
        """Start the registration procedure, unless it runs; while T3346 runs it waits (clause 5.5.1.2.2)."""
        if _alive(self._registration):
            return
        if self.t3502 is not None:
            self.t3502.stop()
        if kind is None:
            emergency = self.ue.config.emergency
            kind = RegistrationType.emergency_registration if emergency else RegistrationType.initial_registration
        if _runs(self.t3346) and kind != RegistrationType.emergency_registration:
            self._deferred = kind
            return
        if _alive(self._service_request):
            # Clause 5.6.1.7 f and g: the registration goes first.
            self.ue.cancel(self._service_request)  # type: ignore[arg-type]
            self.ue.uu.give_up()
        self._registration = self.ue.run(registration.registration(self.ue, kind), self._registration_ended)

    def _registration_ended(self, _succeeded: bool) -> None:
        if self.wants_to_leave:
            self.wants_to_leave = False
            self._registration = None
            self.deregister(switch_off=False)
        else:
            self.connection_there()

    def register_after_release(self) -> None:
        """Register anew once the connection is released; elsewhere, if this cell is suitable no more."""
        if self.ue.uu.connected:
            self.register_pending = True
        else:
            self.ue.uu.leave_cell()
            self.register()

    def update(self) -> None:
        """Update the registration, as if the UE's own capabilities had changed (clause 5.5.1.3.2)."""
        if self.ue.context.registered:
            self.register(RegistrationType.mobility_registration_updating)

    # De-registration.

    def deregister(self, *, switch_off: bool) -> None:
        """Start the UE-initiated de-registration procedure; during a registration it waits for its end."""
        ue, state = self.ue, self.ue.context.state
        if self.t3502 is not None:
            self.t3502.stop()
        if _alive(self._de_registration):
            if not switch_off:
                return
            ue.cancel(self._de_registration)  # type: ignore[arg-type]
        if state is RmState.REGISTERED_INITIATED and not switch_off:
            self.wants_to_leave = True
            return
        for running in (self._registration, self._service_request):
            # Clauses 5.5.1.2.7 g and 5.6.1.7 e: the de-registration goes first.
            if running is not None:
                ue.cancel(running)
        ue.uu.give_up()
        if ue.context.registered or (ue.uu.connected and state is RmState.REGISTERED_INITIATED):
            self._de_registration = ue.run(de_registration.ue_initiated(ue, switch_off=switch_off))
        elif switch_off:
            self.abandon()
            ue.switch_off()
        elif state is not RmState.NULL and state is not RmState.DEREGISTERED_NO_SUPI:
            ue.context.state = RmState.DEREGISTERED
            ue.report("Deregistered", f"{ue.context.supi} registers no more", subject=ue.context.supi)

    # Services.

    def paged(self, *, non_3gpp: bool = False) -> None:
        """The network looks for the UE (TS 24.501 clause 5.6.2.2.1): whatever keeps it from answering is over."""
        if self.t3346 is not None:
            self.t3346.stop()
        self.request_service(ServiceType.mobile_terminated_services, non_3gpp=non_3gpp)

    def request_service(self, service: ServiceType, *, non_3gpp: bool = False) -> None:
        """Start the service request procedure, where it may run.

        While T3525 or T3346 runs, only a page is answered (clauses 5.6.1.5 and 5.6.1.7); so is emergency.
        """
        ue = self.ue
        urgent = service in _URGENT
        if ue.context.state is RmState.REGISTERED_ATTEMPTING and (urgent or not _runs(self.t3346)):
            # Clause 5.2.3.2.3: in this state a registration takes its place.
            ue.resume("registration-retry", True)
            return
        if ue.context.state is not RmState.REGISTERED or (_runs(self.t3525) and not urgent):
            return
        if ue.uu.connected and (not ue.context.secured or not ue.user_plane.waiting()):
            return
        if _runs(self.t3346) and not urgent and ue.config.access_identity not in (1, 2):
            self._defer(service)
            return
        barred_ns = access.barred_ns(ue, service_request.CATEGORIES.get(service, AccessCategory.MO_SIG))
        if barred_ns and not ue.uu.connected:
            self._defer(service)
            if not _runs(self._retry):
                self._retry = ue.start_timer(barred_ns, self._do_deferred)
            return
        self._service_request = ue.run(service_request.service_request(ue, service, non_3gpp=non_3gpp))

    def _defer(self, service: ServiceType) -> None:
        if not isinstance(self._deferred, RegistrationType):
            self._deferred = service

    def _do_deferred(self) -> None:
        deferred, self._deferred = self._deferred, None
        if isinstance(deferred, RegistrationType):
            if self.ue.context.state is not RmState.NULL:
                self.register(deferred)
        elif deferred is not None:
            self.request_service(deferred)

    def service_failed(self) -> bool:
        """A service request failed; whether it was one too many in a row: T3525 starts (clause 5.6.1.7)."""
        self.service_attempts += 1
        if not _runs(self.t3512):
            # It expired while a connection was asked for.
            self._t3512_expired()
        if self.service_attempts < MAX_SERVICE_ATTEMPTS:
            return False
        self.ue.user_plane.forget()
        self.t3525 = _restarted(self.ue, self.t3525, T3525_S, _nothing)
        return True

    def start_t3346(self, seconds: int) -> None:
        """The network is congested: ask for nothing for so long, but answer pages (clause 5.6.1.5, cause 22)."""
        self.t3346 = _restarted(self.ue, self.t3346, seconds, self._do_deferred)
        self.ue.report(
            "BackOff",
            f"the network is congested: {self.ue.context.supi} asks for nothing for {seconds} s (T3346)",
            subject=self.ue.context.supi,
            seconds=seconds,
        )

    def start_t3502(self) -> None:
        """Register again after T3502: the network has let the UE go and said no more (clause 5.5.2.3.4)."""
        self.t3502 = _restarted(self.ue, self.t3502, self.ue.context.t3502_s, self.register)

    def services_work(self) -> None:
        """A service request or a registration has succeeded (clauses 5.5.1.2.4 and 5.6.1.4)."""
        self.service_attempts = 0
        for timer in (self.t3346, self.t3525):
            if timer is not None:
                timer.stop()

    def after_service(self) -> None:
        """A service request was accepted: go on with what waited for it."""
        self.connection_there()
        if self.ue.user_plane.waiting():
            self.request_service(ServiceType.data)

    def connection_there(self) -> None:
        """Wake those who wait for a connection."""
        keys, self._waiting_for_connection = self._waiting_for_connection, ()
        for key in keys:
            self.ue.resume(("connection", key), True)

    def connection(self, key: object) -> Procedure[bool]:
        """Be connected: at once, or after a service request. `key` is the caller's own."""
        ue = self.ue
        for _ in range(60):
            if ue.uu.connected and ue.context.state is RmState.REGISTERED:
                return True
            if ue.context.state is RmState.REGISTERED:
                self.request_service(ServiceType.signalling)
            elif not ue.context.registered:
                return False
            if not (ue.uu.connected and ue.context.state is RmState.REGISTERED):
                self._waiting_for_connection += (key,)
                yield Wait(("connection", key), _IDLE_POLL_NS)
        return False

    def abandon(self) -> None:
        """End every procedure of 5GMM and 5GSM where it stands."""
        for running in (self._registration, self._service_request, self._de_registration):
            if running is not None:
                self.ue.cancel(running)
        timers = (self.t3247, self.t3346, self.t3502, self.t3512, self.t3520, self.t3525, self.t3540, self._retry)
        for timer in timers:
            if timer is not None:
                timer.stop()
        self._deferred = None
        self._waiting_for_connection = ()
        self.register_pending = self.update_pending = self.wants_to_leave = False
        self.recover = ()
        self.ue.user_plane.forget()
        self.ue.sm.forget_all()

    # What happens to the connection.

    def connected(self) -> None:
        """There is a connection (TS 24.501 table 10.2.1: T3512 stops)."""
        if self.t3512 is not None:
            self.t3512.stop()

    def connection_lost(self, *, orderly: bool) -> None:
        """The N1 signalling connection is gone."""
        context = self.ue.context
        context.secured = False
        had = self.ue.user_plane.lost()
        self.recover = () if orderly else had
        if self.t3540 is not None:
            self.t3540.stop()
        for key in ("registration", "service-request", "de-registration"):
            self.ue.resume(key, LOST)
        if self.register_pending:
            self.register_pending = False
            self.ue.uu.leave_cell()
            self.register()
        elif context.registered:
            self._now_idle()

    def _now_idle(self) -> None:
        """Start T3512, and go on with what had to wait for the release (clause 5.3.1.3)."""
        self._start_t3512()
        if self.ue.context.state is not RmState.REGISTERED or self.ue.uu.connected:
            return
        if self.update_pending:
            self.update_pending = False
            self.register(RegistrationType.mobility_registration_updating)
        elif self.ue.user_plane.data_waits and self.ue.uu.serving:
            self.request_service(ServiceType.data)

    def cell_selected(self) -> None:
        """Register in a new tracking area; recover a connection that was lost (TS 24.501 clause 5.3.1.4)."""
        context = self.ue.context
        tai = self.ue.uu.tai
        if self.ue.uu.connected or tai is None:
            return
        attempting = context.state in (RmState.REGISTERED_ATTEMPTING, RmState.DEREGISTERED_ATTEMPTING)
        if attempting and tai != context.last_attempt_tai and not _runs(self.t3346):
            # Clause 5.2.3.2.3: a new tracking area is tried at once.
            self.ue.resume("registration-retry", True)
        if context.state is not RmState.REGISTERED:
            return
        sessions, self.recover = self.recover, ()
        # Clause 5.5.1.3.2: either procedure asks for what a lost connection had.
        self.ue.user_plane.recover(sessions)
        if tai not in context.tais:
            self.register(RegistrationType.mobility_registration_updating)
        elif self.ue.user_plane.waiting():
            self.request_service(ServiceType.data)

    def start_t3540(self) -> None:
        """Leave the connection if the network does not release it (TS 24.501 clause 5.3.1.3)."""
        if self.ue.uu.connected:
            self.t3540 = _restarted(self.ue, self.t3540, T3540_S, self.ue.uu.release)

    def start_t3540_if_idle(self) -> None:
        """The same after a registration that left nothing to be done (clause 5.3.1.3 b)."""
        if self.ue.user_plane.idle and not self.ue.sm.busy:
            self.start_t3540()

    @property
    def t3512_s(self) -> int:
        """T3512 in use; 0 where it is deactivated."""
        return T3512_S if self.ue.context.t3512_s is None else self.ue.context.t3512_s

    def _start_t3512(self) -> None:
        seconds = self.t3512_s
        if self.t3512 is not None:
            self.t3512.stop()
        if seconds:
            self.t3512 = self.ue.start_timer(seconds * NS_PER_S, self._t3512_expired)

    def _t3512_expired(self) -> None:
        if self.t3512_s and self.ue.context.state is RmState.REGISTERED and not self.ue.uu.connected:
            self.register(RegistrationType.periodic_registration_updating)
