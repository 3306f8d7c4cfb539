"""N1: 5GMM towards the AMF (TS 24.501 clauses 4.4 and 5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from awase.functions.ue import identity
from awase.functions.ue.n1_requests import Requests
from awase.functions.ue.procedures import (
    authentication,
    configuration_update,
    de_registration,
    identification,
    registration,
    security_mode_control,
    service_request,
)
from awase.functions.ue.states import NOT_IMPLEMENTED, TABLE, Action
from awase.protocols.nas import entity
from awase.protocols.nas import messages as nas
from awase.protocols.nas.causes import FiveGMMCause
from awase.protocols.nas.codec import NasDecodeError, decode, encode
from awase.protocols.nas.elements import PayloadContainerType, RegistrationType
from awase.protocols.nas.entity import SecurityHeaderType
from awase.wire.errors import EncodeError

if TYPE_CHECKING:
    from awase.functions.ue.core import Ue


class N1(Requests):
    """The UE's side of N1."""

    __slots__ = ()

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
        if isinstance(message, NOT_IMPLEMENTED):
            self._discarded(f"{type(message).__name__} is for what this UE cannot do")
            self.send_status(FiveGMMCause.message_type_non_existent_or_not_implemented)
            return
        action = TABLE.get((self.ue.context.state, type(message)), Action.NOT_COMPATIBLE)
        _BY_ACTION[action](self, message, protected)

    def _answer(self, message: nas.FiveGMMMessage, protected: bool) -> None:
        _ANSWERS[type(message)](self.ue, message, protected)

    def _end(self, message: nas.FiveGMMMessage, protected: bool) -> None:
        self.ue.resume(_WAITING[type(message)], (message, protected))

    def _transport(self, message: nas.FiveGMMMessage, _protected: bool) -> None:
        if isinstance(message, nas.DLNASTransport):
            if self.t3540 is not None:
                self.t3540.stop()
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
