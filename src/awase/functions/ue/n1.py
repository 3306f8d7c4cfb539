"""N1: 5GMM towards the AMF (TS 24.501 clauses 4.4 and 5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from awase.functions.ue import identity
from awase.functions.ue.procedures import (
    authentication,
    configuration_update,
    de_registration,
    identification,
    registration,
    security_mode_control,
    service_request,
)
from awase.functions.ue.states import TABLE, Action, RmState
from awase.functions.ue.timers import MAX_SERVICE_ATTEMPTS, T3512_S, T3525_S, T3540_S
from awase.model.machine import Procedure, Running, Timer, Wait
from awase.model.part import NS_PER_S
from awase.protocols.nas import entity
from awase.protocols.nas import messages as nas
from awase.protocols.nas.causes import FiveGMMCause
from awase.protocols.nas.codec import NasDecodeError, decode, encode
from awase.protocols.nas.elements import PayloadContainerType, RegistrationType, ServiceType
from awase.protocols.nas.entity import SecurityHeaderType
from awase.wire.errors import EncodeError

if TYPE_CHECKING:
    from awase.functions.ue.core import Ue

LOST = "lower layer failure"
"""What a procedure is resumed with when its connection is gone (TS 24.501 clause 5.5.1.2.7 b and the like)."""

_IDLE_POLL_NS = NS_PER_S


class N1:
    """The UE's side of N1."""

    __slots__ = (
        "_de_registration",
        "_registration",
        "_service_request",
        "recover",
        "register_pending",
        "service_attempts",
        "t3512",
        "t3520",
        "t3525",
        "t3540",
        "ue",
        "update_pending",
    )

    def __init__(self, ue: Ue) -> None:
        self.ue = ue
        self._registration: Running | None = None
        self._service_request: Running | None = None
        self._de_registration: Running | None = None
        self.t3512: Timer | None = None
        self.t3520: Timer | None = None
        self.t3525: Timer | None = None
        self.t3540: Timer | None = None
        self.service_attempts = 0
        self.recover = False
        self.register_pending = False
        self.update_pending = False

    # What is asked for.

    def register(self, kind: RegistrationType | None = None) -> None:
        """Start the registration procedure, unless it runs."""
        if self._registration is not None and self._registration.alive:
            return
        if kind is None:
            emergency = self.ue.config.emergency
            kind = RegistrationType.emergency_registration if emergency else RegistrationType.initial_registration
        self._registration = self.ue.run(registration.registration(self.ue, kind))

    def register_after_release(self) -> None:
        """Register anew once the connection is released."""
        if self.ue.uu.connected:
            self.register_pending = True
        else:
            self.register()

    def deregister(self, *, switch_off: bool) -> None:
        """Start the UE-initiated de-registration procedure."""
        if self._de_registration is not None and self._de_registration.alive:
            return
        if self.ue.context.state in (RmState.REGISTERED, RmState.SERVICE_REQUEST_INITIATED):
            # TS 24.501 clause 5.6.1.7 e: the de-registration goes first.
            if self._service_request is not None:
                self.ue.cancel(self._service_request)
            self.ue.uu.give_up()
            self._de_registration = self.ue.run(de_registration.ue_initiated(self.ue, switch_off=switch_off))
        elif switch_off:
            self.abandon()
            self.ue.switch_off()

    def paged(self) -> None:
        """The network looks for the UE (TS 24.501 clause 5.6.2.2.1)."""
        self.request_service(ServiceType.mobile_terminated_services)

    def request_service(self, service: ServiceType) -> None:
        """Start the service request procedure, where it may run.

        While T3525 or T3346 runs, only a page is answered (clauses 5.6.1.5 and 5.6.1.7).
        """
        if self.t3525 is not None and self.t3525.running and service != ServiceType.mobile_terminated_services:
            return
        if self.ue.context.state is RmState.REGISTERED and not self.ue.uu.connected:
            self._service_request = self.ue.run(service_request.service_request(self.ue, service))

    def request_service_for_data(self) -> None:
        """User data waits: ask for a connection."""
        self.request_service(ServiceType.data)

    def service_failed(self) -> bool:
        """A service request failed; whether it was one too many in a row: T3525 starts (clause 5.6.1.7)."""
        self.service_attempts += 1
        if self.service_attempts < MAX_SERVICE_ATTEMPTS:
            return False
        self.hold_service_requests(T3525_S)
        return True

    def hold_service_requests(self, seconds: int) -> None:
        """Ask for no service for so long: T3525, or T3346 (clause 5.6.1.5, cause 22)."""
        if self.t3525 is not None:
            self.t3525.stop()
        self.t3525 = self.ue.start_timer(seconds * NS_PER_S, _nothing)

    def services_work(self) -> None:
        """A service request or a registration has succeeded (clause 5.6.1.1)."""
        self.service_attempts = 0
        if self.t3525 is not None:
            self.t3525.stop()
            self.t3525 = None

    def connection(self, key: object) -> Procedure[bool]:
        """Be connected: at once, or after a service request. `key` is the caller's own."""
        for _ in range(60):
            if self.ue.uu.connected and self.ue.context.state is RmState.REGISTERED:
                return True
            if self.ue.context.state is RmState.REGISTERED:
                self.request_service(ServiceType.signalling)
            elif self.ue.context.state is not RmState.SERVICE_REQUEST_INITIATED:
                return False
            if not (self.ue.uu.connected and self.ue.context.state is RmState.REGISTERED):
                yield Wait(("connection", key), _IDLE_POLL_NS)
        return False

    def abandon(self) -> None:
        """End every procedure of 5GMM and 5GSM where it stands."""
        for running in (self._registration, self._service_request, self._de_registration):
            if running is not None:
                self.ue.cancel(running)
        for timer in (self.t3512, self.t3520, self.t3525, self.t3540):
            if timer is not None:
                timer.stop()
        self.ue.sm.forget_all()

    # What is sent.

    def send(self, message: nas.FiveGMMMessage) -> bool:
        """Send a 5GMM message, protected if there is a security context in use; False without a connection."""
        octets = encode(message)
        context = self.ue.context
        if context.context is not None and context.secured:
            if context.context.exhausted:
                # TS 24.501 clause 4.4.3.5: rather than let a NAS COUNT wrap, leave, and begin with a new context.
                context.context = None
                self.ue.uu.release()
                return False
            octets = context.context.protect(octets)
        return self.ue.uu.send_nas(octets)

    def send_status(self, cause: int) -> None:
        """5GMM STATUS (TS 24.501 clause 5.4.6)."""
        self.send(nas.FiveGMMStatus(five_gmm_cause=FiveGMMCause(cause)))

    # What is received.

    def receive(self, octets: bytes) -> None:
        """A NAS message came on the RRC connection."""
        header = entity.security_header_type(octets)
        try:
            if header == SecurityHeaderType.plain:
                message, protected = decode(octets), False
            elif header == SecurityHeaderType.integrity_protected_with_new_context:
                security_mode_control.security_mode_command(self.ue, octets)
                return
            elif header in (1, 2):
                plain = self._unprotect(octets)
                if plain is None:
                    return
                message, protected = decode(plain), True
            else:
                raise NasDecodeError("a security header type that is not sent to a UE", offset=1)
        except NasDecodeError as error:
            self._undecodable(error)
            return
        if isinstance(message, nas.FiveGSMMessage):
            self._undecodable(NasDecodeError("a 5GSM message outside a NAS transport message"))
        elif protected or entity.ue_accepts_unprotected(message, secured=self.ue.context.secured):
            self.act(message, protected=protected)
        else:
            self._refuse_unprotected(message)

    def _unprotect(self, octets: bytes) -> bytes | None:
        context = self.ue.context
        if context.context is None:
            self._discarded("no security context is there to check a protected message with")
            return None
        try:
            opened = context.context.unprotect(octets)
        except entity.NasSecurityError as error:
            self._discarded(f"a protected message was discarded: {error.refusal.value}")
            return None
        context.secured = True
        return opened.plain

    def _discarded(self, text: str) -> None:
        self.ue.report("NasMessageDiscarded", text, level="warning", subject=self.ue.context.supi)

    def _refuse_unprotected(self, message: nas.FiveGMMMessage) -> None:
        name = type(message).__name__
        self._discarded(f"{name} was discarded: it is not integrity protected (TS 24.501 clause 4.4.4.2)")

    def _undecodable(self, error: NasDecodeError) -> None:
        self.ue.malformed("a NAS message", error)
        if error.cause is not None and self.ue.context.secured:
            self.send_status(error.cause)

    def act(self, message: nas.FiveGMMMessage, *, protected: bool) -> None:
        """Do what the state table says of a 5GMM message."""
        action = TABLE.get((self.ue.context.state, type(message)), Action.NOT_COMPATIBLE)
        _BY_ACTION[action](self, message, protected)

    def _answer(self, message: nas.FiveGMMMessage, protected: bool) -> None:
        _ANSWERS[type(message)](self.ue, message, protected)

    def _end(self, message: nas.FiveGMMMessage, protected: bool) -> None:
        self.ue.resume(_WAITING[type(message)], (message, protected))

    def _transport(self, message: nas.FiveGMMMessage, _protected: bool) -> None:
        if isinstance(message, nas.DLNASTransport):
            if message.payload_container_type == PayloadContainerType.n1_sm_information:
                self.ue.sm.receive(message)
            else:
                self._discarded(f"a payload of type {message.payload_container_type.name} is not used here")

    def _note(self, message: nas.FiveGMMMessage, _protected: bool) -> None:
        if isinstance(message, nas.FiveGMMStatus):
            cause = message.five_gmm_cause
            self.ue.report(
                "FiveGMMStatus",
                f"the network sent 5GMM STATUS with cause #{int(cause)} ({cause.text})",
                level="warning",
                subject=self.ue.context.supi,
                cause=int(cause),
            )

    def _ignore(self, _message: nas.FiveGMMMessage, _protected: bool) -> None:
        return

    def _not_compatible(self, message: nas.FiveGMMMessage, protected: bool) -> None:
        self._discarded(f"{type(message).__name__} is not compatible with {self.ue.context.state.value}")
        if protected:
            self.send_status(FiveGMMCause.message_type_not_compatible_with_the_protocol_state)

    # What happens to the connection.

    def connection_lost(self, *, orderly: bool) -> None:
        """The N1 signalling connection is gone."""
        context = self.ue.context
        context.secured = False
        self.recover = not orderly
        if self.t3540 is not None:
            self.t3540.stop()
        for key in ("registration", "service-request", "de-registration"):
            self.ue.resume(key, LOST)
        if self.register_pending:
            self.register_pending = False
            self.register()
        elif context.state is RmState.REGISTERED:
            if self.update_pending:
                self.update_pending = False
                self.register(RegistrationType.mobility_registration_updating)
            elif orderly:
                self._start_t3512()

    def cell_selected(self) -> None:
        """Register in a new tracking area; recover a connection that was lost (TS 24.501 clause 5.3.1.4)."""
        context = self.ue.context
        if context.state is not RmState.REGISTERED or self.ue.uu.connected:
            return
        tai, recover = self.ue.uu.tai, self.recover
        self.recover = False
        if tai is not None and tai not in context.tais:
            self.register(RegistrationType.mobility_registration_updating)
        elif recover and context.sessions:
            self.request_service(ServiceType.data)

    def start_t3540(self) -> None:
        """Leave the connection if the network does not release it (TS 24.501 clause 5.3.1.3)."""
        if self.t3540 is not None:
            self.t3540.stop()
        if self.ue.uu.connected:
            self.t3540 = self.ue.start_timer(T3540_S * NS_PER_S, self.ue.uu.release)

    def _start_t3512(self) -> None:
        seconds = T3512_S if self.ue.context.t3512_s is None else self.ue.context.t3512_s
        if self.t3512 is not None:
            self.t3512.stop()
        if seconds:
            self.t3512 = self.ue.start_timer(seconds * NS_PER_S, self._t3512_expired)

    def _t3512_expired(self) -> None:
        if self.ue.context.state is RmState.REGISTERED and not self.ue.uu.connected:
            self.register(RegistrationType.periodic_registration_updating)

    def initial_message(self, message: entity.InitialMessage) -> bytes | None:
        """An initial NAS message as it goes out; None where its NAS COUNT is used up."""
        context = self.ue.context
        try:
            return entity.protect_initial(message, context.context)
        except EncodeError:
            context.context = None
            return None

    def registration_request(self, kind: RegistrationType) -> nas.RegistrationRequest:
        """A REGISTRATION REQUEST with all its elements."""
        request = identity.registration_request(self.ue, kind)
        self.ue.context.last_request = request
        return request


def _nothing() -> None:
    """What was held back is asked for when it is needed next."""


_WAITING: dict[type[nas.FiveGMMMessage], str] = {
    nas.RegistrationAccept: "registration",
    nas.RegistrationReject: "registration",
    nas.ServiceAccept: "service-request",
    nas.ServiceReject: "service-request",
    nas.DeregistrationAcceptUEOriginating: "de-registration",
}

_ANSWERS: dict[type[nas.FiveGMMMessage], Callable[[Ue, Any, bool], None]] = {
    nas.AuthenticationRequest: authentication.authentication_request,
    nas.AuthenticationReject: authentication.authentication_reject,
    nas.IdentityRequest: identification.identity_request,
    nas.SecurityModeCommand: security_mode_control.unexpected,
    nas.ConfigurationUpdateCommand: configuration_update.configuration_update_command,
    nas.DeregistrationRequestUETerminated: de_registration.network_initiated,
    nas.Notification: service_request.notification,
    nas.RegistrationAccept: registration.accept_again,
}

_BY_ACTION: dict[Action, Callable[[N1, nas.FiveGMMMessage, bool], None]] = {
    Action.ANSWER: N1._answer,
    Action.END_REGISTRATION: N1._end,
    Action.END_SERVICE_REQUEST: N1._end,
    Action.END_DEREGISTRATION: N1._end,
    Action.TRANSPORT: N1._transport,
    Action.NOTE: N1._note,
    Action.IGNORE: N1._ignore,
    Action.NOT_COMPATIBLE: N1._not_compatible,
}
