"""N1: NAS messages of UEs, checked for protection, then sent where the state table says (TS 24.501 clause 4.4)."""

from __future__ import annotations

from awase.functions.amf.context import NgConnection, Ue
from awase.functions.amf.core import Amf
from awase.functions.amf.procedures import (
    configuration_update,
    deregistration,
    nas_transport,
    overload,
    paging,
    re_authentication,
    registration,
    service_request,
    ue_context_release,
)
from awase.functions.amf.states import TABLE, Action, State
from awase.model.ids import FiveGGuti
from awase.protocols.nas import messages as nas
from awase.protocols.nas.causes import FiveGMMCause
from awase.protocols.nas.codec import NasDecodeError, decode
from awase.protocols.nas.elements import FiveGSMobileIdentity, FiveGSTmsi
from awase.protocols.nas.entity import (
    NasSecurityError,
    Opened,
    SecurityContext,
    SecurityHeaderType,
    amf_accepts_unprotected,
    open_container,
    security_header_type,
)
from awase.protocols.ngap.elements import FiveGSTMSI
from awase.wire.errors import DecodeError

_HEAD = 7
"""Octets of a security protected message before the message in it (TS 24.501 figure 9.1.1.2)."""
_CONTAINERS = (nas.RegistrationRequest, nas.ServiceRequest)
_INITIAL = (nas.RegistrationRequest, nas.ServiceRequest, nas.DeregistrationRequestUEOriginating)


def initial(amf: Amf, connection: NgConnection, nas_pdu: bytes, s_tmsi: FiveGSTMSI | None) -> None:
    """The first NAS message of a connection; `connection.ue` is a context that nobody knows yet."""
    header = security_header_type(nas_pdu)
    if header is None or header > SecurityHeaderType.integrity_protected_and_ciphered:
        _drop(amf, connection, "no 5GMM message that begins a connection")
        return
    known: Ue | None = None
    opened: Opened | None = None
    try:
        if header in (SecurityHeaderType.plain, SecurityHeaderType.integrity_protected):
            message = decode(nas_pdu[_HEAD:] if header else nas_pdu)
            known = _holder(amf, identity_of(message))
            if header and known is not None:
                opened = _check(known, nas_pdu, message)
        else:
            known = amf.by_tmsi.get(s_tmsi.five_g_tmsi) if s_tmsi is not None else None
            opened = _check(known, nas_pdu, None) if known is not None else None
            message = decode(opened.plain if opened is not None else nas_pdu[_HEAD:])
    except NasDecodeError as error:
        _undecodable(amf, connection, error)
        return
    if not isinstance(message, _INITIAL):
        _drop(amf, connection, f"{type(message).__name__} begins no NAS connection")
        return
    if opened is None or known is None:
        _begin_unverified(amf, connection, message, known)
        return
    attach(amf, known, connection)
    identity = identity_of(message)
    if isinstance(identity, FiveGGuti | FiveGSTmsi):
        amf.uses_guti(known, identity.five_g_tmsi)
    amf.secure(connection)
    known.uplink_count = opened.nas_count
    _dispatch(amf, connection, _whole(known, message, opened), verified=True)


def uplink(amf: Amf, connection: NgConnection, nas_pdu: bytes) -> None:
    """A NAS message on a connection that is there."""
    header = security_header_type(nas_pdu)
    if header is None or header > 4:
        _malformed(amf, connection, "no 5GMM message")
        return
    try:
        if header == SecurityHeaderType.plain:
            _unprotected(amf, connection, nas_pdu, "is not protected")
        else:
            _protected(amf, connection, nas_pdu)
    except NasDecodeError as error:
        _undecodable(amf, connection, error)


def attach(amf: Amf, ue: Ue, connection: NgConnection) -> None:
    """A UE that we know has come back over a new connection: an older one is released."""
    if ue.connection is not None:
        ue_context_release.release(amf, ue.connection)
    connection.ue = ue
    ue.connection = connection
    amf.authenticated(connection)
    paging.answered(ue)
    ue.reachable = True
    if ue.idle_timer is not None:
        ue.idle_timer.stop()
        ue.idle_timer = None


def identity_of(message: nas.Message) -> FiveGSMobileIdentity | None:
    """Who sends an initial NAS message, by its own word."""
    if isinstance(message, nas.RegistrationRequest | nas.DeregistrationRequestUEOriginating):
        return message.five_gs_mobile_identity
    return message.five_g_s_tmsi if isinstance(message, nas.ServiceRequest) else None


def _holder(amf: Amf, identity: FiveGSMobileIdentity | None) -> Ue | None:
    """The UE to which we gave this temporary identity."""
    if isinstance(identity, FiveGGuti):
        return amf.ue_of_guti(identity)
    if isinstance(identity, FiveGSTmsi):
        own = amf.served.guami
        if (identity.amf_set_id, identity.amf_pointer) == (own.amf_set_id, own.amf_pointer):
            return amf.by_tmsi.get(identity.five_g_tmsi)
    return None


def _check(ue: Ue, nas_pdu: bytes, message: nas.Message | None) -> Opened | None:
    """The message opened with the UE's context; None where its integrity cannot be verified."""
    security = ue.security
    if security is None or getattr(message, "ngksi", security.ngksi) != security.ngksi:
        return None
    try:
        return security.unprotect(nas_pdu)
    except NasSecurityError:
        return None


def _whole(ue: Ue, message: nas.Message, opened: Opened) -> nas.Message:
    """With the elements that came ciphered in a container (TS 24.501 clause 4.4.6)."""
    if ue.security is None or not isinstance(message, _CONTAINERS):
        return message
    try:
        return open_container(message, ue.security, opened.nas_count)
    except DecodeError:
        return message


def _begin_unverified(amf: Amf, connection: NgConnection, message: nas.Message, known: Ue | None) -> None:
    """Nothing proves who it is: a context of its own, which touches no other (clause 4.4.4.3)."""
    ue = connection.ue
    _claim(amf, ue, message)
    if isinstance(message, nas.ServiceRequest):
        cause = FiveGMMCause.ue_identity_cannot_be_derived_by_the_network
        service_request.reject(amf, connection, None, cause)
        return
    if isinstance(message, nas.RegistrationRequest) and overload.turns_away(amf, connection):
        return
    _dispatch(amf, connection, message, verified=False)


def _claim(amf: Amf, ue: Ue, message: nas.Message) -> None:
    identity = identity_of(message)
    known = _holder(amf, identity)
    ue.identity = identity
    ue.supi = known.supi if known is not None else None
    if known is not None:
        # The UE may still hold keys of ours: their ngKSI is not given out again.
        ue.used_ng_ksi = known.used_ng_ksi


def _protected(amf: Amf, connection: NgConnection, nas_pdu: bytes) -> None:
    ue = connection.ue
    security = ue.security
    if security is None:
        _unprotected(amf, connection, nas_pdu[_HEAD:], "is protected with keys that we do not have")
        return
    try:
        opened = security.unprotect(nas_pdu)
    except NasSecurityError as error:
        # Keys that are not yet in use protect nothing: an older context's message may still count.
        _unprotected(amf, connection, nas_pdu[_HEAD:], f"is refused: {error.refusal.value}")
        return
    message = decode(opened.plain)
    wrong = _wrong_header(connection, security, opened, message)
    if wrong:
        _odd(amf, connection, f"{type(message).__name__} {wrong}: discarded")
        return
    if not connection.secure and not isinstance(message, nas.SecurityModeComplete):
        _odd(amf, connection, f"{type(message).__name__} under keys that are not yet in use")
        return
    if isinstance(message, nas.SecurityModeComplete):
        ue.uplink_count = opened.nas_count
    _dispatch(amf, connection, _whole(ue, message, opened), verified=True)
    _refresh(amf, connection, security)


def _wrong_header(connection: NgConnection, security: SecurityContext, opened: Opened, message: nas.Message) -> str:
    """Why a message whose MAC is right is not taken all the same (TS 24.501 table 9.3.1, clause 4.4.5); "" if it is."""
    header = opened.security_header_type
    if header == SecurityHeaderType.integrity_protected_with_new_context:
        return "has a header for SECURITY MODE COMMAND only"
    complete = isinstance(message, nas.SecurityModeComplete)
    if header == SecurityHeaderType.integrity_protected_and_ciphered_with_new_context and not complete:
        return "has a header for SECURITY MODE COMPLETE only"
    ciphered = header != SecurityHeaderType.integrity_protected or not security.nea
    if connection.secure and not ciphered and not isinstance(message, _INITIAL):
        return "is not ciphered"
    return ""


def _refresh(amf: Amf, connection: NgConnection, security: SecurityContext) -> None:
    """New keys before a NAS COUNT wraps; where there can be none, the connection ends (TS 33.501 6.4.3.1)."""
    ue = connection.ue
    if not security.exhausted or ue.security is not security or ue.connection is not connection:
        return
    if ue.state is State.REGISTERED and ue.procedure is None and not re_authentication.start(amf, ue):
        ue_context_release.release(amf, connection, ue_context_release.UNSPECIFIED)


def _unprotected(amf: Amf, connection: NgConnection, plain: bytes, why: str) -> None:
    """What may be processed without integrity, and only before secure exchange (clause 4.4.4.3)."""
    if connection.secure:
        amf.report_rarely(
            "NasIntegrityFailure",
            f"a NAS message of {connection.ue.name()} through {connection.gnb.name} {why}: discarded",
            subject=connection.ue.subject,
        )
        return
    message = decode(plain)
    if not amf_accepts_unprotected(message, secured=False):
        _odd(amf, connection, f"{type(message).__name__} {why}")
        return
    if isinstance(message, _INITIAL):
        _claim(amf, connection.ue, message)
    _dispatch(amf, connection, message, verified=False)


def _dispatch(amf: Amf, connection: NgConnection, message: nas.Message, *, verified: bool) -> None:
    """By the table of `states`: state and message give the action."""
    ue = connection.ue
    if verified:
        amf.touch(ue)
    action = (
        TABLE.get((ue.state, type(message)), Action.NOT_COMPATIBLE)
        if isinstance(message, nas.FiveGMMMessage)
        else Action.NOT_COMPATIBLE
    )
    match action, message:
        case Action.RESUME, _ if isinstance(message, ue.expects):
            amf.resume(("n1", ue.number), message)
        case Action.REGISTER, nas.RegistrationRequest():
            registration.start(amf, ue, message, verified=verified)
        case Action.REGISTER_AGAIN, nas.RegistrationRequest():
            registration.again(amf, ue, message, verified=verified)
        case Action.TRANSPORT, nas.ULNASTransport():
            nas_transport.uplink(amf, ue, message)
        case Action.SERVE, nas.ServiceRequest():
            service_request.serve(amf, ue, connection, message)
        case Action.DEREGISTER, nas.DeregistrationRequestUEOriginating():
            if verified:
                deregistration.by_ue(amf, ue, connection, message)
            else:
                deregistration.unverified(amf, ue, connection, message)
        case ((Action.NOTE | Action.UPDATE | Action.IGNORE), _):
            _note(amf, ue, message)
        case _:
            _not_taken(amf, connection, message, implemented=action is not Action.NOT_IMPLEMENTED)


def _note(amf: Amf, ue: Ue, message: nas.Message) -> None:
    """A message that changes no state."""
    if isinstance(message, nas.ConfigurationUpdateComplete):
        configuration_update.on_complete(amf, ue, message)
    elif isinstance(message, nas.FiveGMMStatus):
        amf.report(
            "FiveGMMStatus",
            f"{ue.name()} reports 5GMM cause {int(message.five_gmm_cause)} ({message.five_gmm_cause.text})",
            level="warning",
            subject=ue.subject,
            cause=int(message.five_gmm_cause),
        )


def _not_taken(amf: Amf, connection: NgConnection, message: nas.Message, *, implemented: bool) -> None:
    """TS 24.501 clause 7.4: 5GMM STATUS, which only a UE with keys would take."""
    ue = connection.ue
    _odd(amf, connection, f"{type(message).__name__} in state {ue.state.value}")
    if connection.secure:
        cause = (
            FiveGMMCause.message_type_not_compatible_with_the_protocol_state
            if implemented
            else FiveGMMCause.message_type_non_existent_or_not_implemented
        )
        amf.send_to_ue(ue, nas.FiveGMMStatus(five_gmm_cause=cause))


def _undecodable(amf: Amf, connection: NgConnection, error: NasDecodeError) -> None:
    """TS 24.501 clauses 7.4 and 7.5: a cause goes back where the message was one, or would have been."""
    ue = connection.ue
    _malformed(amf, connection, str(error), error.offset or 0)
    if error.cause is None:
        if ue.state is State.DEREGISTERED and ue.procedure is None and not connection.secure:
            ue_context_release.release(amf, connection, ue_context_release.UNSPECIFIED)
        return
    cause = FiveGMMCause(error.cause)
    if connection.secure:
        amf.send_to_ue(ue, nas.FiveGMMStatus(five_gmm_cause=cause))
    elif ue.state is State.DEREGISTERED and ue.procedure is None:
        if error.message_type == nas.RegistrationRequest.message_type:
            registration.reject(amf, ue, cause)
        elif error.message_type == nas.ServiceRequest.message_type:
            service_request.reject(amf, connection, None, cause)
        else:
            ue_context_release.release(amf, connection, ue_context_release.UNSPECIFIED)


def _drop(amf: Amf, connection: NgConnection, what: str) -> None:
    _malformed(amf, connection, what)
    ue_context_release.release(amf, connection, ue_context_release.UNSPECIFIED)


def _malformed(amf: Amf, connection: NgConnection, what: str, offset: int = 0) -> None:
    _report(amf, connection, "MalformedPacket", what, port="n2", what=what[:200], offset=offset)


def _odd(amf: Amf, connection: NgConnection, what: str) -> None:
    _report(amf, connection, "ProtocolError", what)


def _report(amf: Amf, connection: NgConnection, name: str, text: str, **fields: str | int) -> None:
    ue = connection.ue
    sentence = f"NAS of {ue.name()} through {connection.gnb.name}: {text}"
    amf.report_rarely(name, sentence, config="", subject=ue.subject, **fields)
