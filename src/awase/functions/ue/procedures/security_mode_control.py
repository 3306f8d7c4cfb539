"""Security mode control (TS 24.501 clause 5.4.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awase.functions.ue import identity
from awase.functions.ue.states import TABLE, Action
from awase.protocols.nas import entity
from awase.protocols.nas.causes import FiveGMMCause
from awase.protocols.nas.codec import NasDecodeError, decode, encode
from awase.protocols.nas.elements import IdentityType, Imei
from awase.protocols.nas.entity import SecurityContext, SecurityHeaderType
from awase.protocols.nas.messages import (
    SecurityModeCommand,
    SecurityModeComplete,
    SecurityModeReject,
)

if TYPE_CHECKING:
    from awase.functions.ue.core import Ue


def security_mode_command(ue: Ue, octets: bytes) -> None:
    """A message under a new security context: a SECURITY MODE COMMAND, or nothing."""
    context = ue.context
    command = decode(entity.parse_secured(octets).payload)
    if not isinstance(command, SecurityModeCommand):
        raise NasDecodeError(f"{type(command).__name__} under a new security context")
    if TABLE[context.state, SecurityModeCommand] is not Action.ANSWER:
        return
    refusal = _refusal(ue, command)
    if refusal is not None:
        _reject(ue, *refusal)
        return
    candidate = _candidate(ue, command)
    if candidate is None:
        _reject(ue, FiveGMMCause.security_mode_rejected_unspecified, "its ngKSI names no key that is known")
        return
    try:
        candidate.unprotect(octets)
    except entity.NasSecurityError as error:
        _reject(ue, FiveGMMCause.security_mode_rejected_unspecified, error.refusal.value)
        return
    _take(ue, command, candidate)


def unexpected(ue: Ue, _command: SecurityModeCommand, _protected: bool) -> None:
    """A SECURITY MODE COMMAND that is not sent under a new context is not one (clause 5.4.2.2)."""
    _reject(
        ue,
        FiveGMMCause.security_mode_rejected_unspecified,
        "it is not integrity protected with the new security context",
    )


def _refusal(ue: Ue, command: SecurityModeCommand) -> tuple[FiveGMMCause, str] | None:
    """Why the command is not acceptable (clauses 5.4.2.3 and 5.4.2.5), or None."""
    chosen, own = command.selected_nas_security_algorithms, identity.security_capability(ue)
    if command.replayed_ue_security_capabilities.octets.rstrip(b"\0") != own.octets.rstrip(b"\0"):
        return (
            FiveGMMCause.ue_security_capabilities_mismatch,
            "the security capabilities that it replays are not those that the UE sent",
        )
    unspecified = FiveGMMCause.security_mode_rejected_unspecified
    if chosen.nia == 0 and not ue.config.emergency:
        return unspecified, "NIA0 is chosen, which is for emergency only (TS 33.501 clause 6.7.2)"
    supported = chosen.nea in ue.config.ciphering and (chosen.nia in ue.config.integrity or chosen.nia == 0)
    if not supported:
        return unspecified, f"NEA{chosen.nea} or NIA{chosen.nia} is not supported"
    return None


def _candidate(ue: Ue, command: SecurityModeCommand) -> SecurityContext | None:
    """The context that the command brings into use: that of the last authentication, or the one in use."""
    context, chosen = ue.context, command.selected_nas_security_algorithms
    if context.partial is not None and context.partial[0] == command.ngksi:
        k_amf = context.partial[1]
        return SecurityContext("ue", ngksi=command.ngksi, k_amf=k_amf, nea=chosen.nea, nia=chosen.nia)
    current = context.context
    if current is None or current.ngksi != command.ngksi:
        return None
    if (current.nea, current.nia) == (chosen.nea, chosen.nia):
        return current
    fresh = SecurityContext("ue", ngksi=current.ngksi, k_amf=current.k_amf, nea=chosen.nea, nia=chosen.nia)
    fresh.uplink_count, fresh.downlink_count = current.uplink_count, current.downlink_count
    return fresh


def _take(ue: Ue, command: SecurityModeCommand, candidate: SecurityContext) -> None:
    context = ue.context
    if candidate is not context.context:
        ue.services.key_log(
            {
                "kind": "nas",
                "supi": context.supi,
                "ngksi": candidate.ngksi,
                "nea": candidate.nea,
                "nia": candidate.nia,
                **candidate.keys(),
            }
        )
    context.context = candidate
    context.partial = None
    context.rand = context.res_star = b""
    context.eap_answer = None
    context.secured = True
    more = command.additional_5g_security_information
    asked_again = more is not None and more.retransmission_of_initial_nas_message_requested
    container = None
    if (asked_again or context.sent_without_context) and context.last_request is not None:
        container = encode(context.last_request)
    complete = SecurityModeComplete(
        imeisv=Imei(digits=ue.config.imeisv, type_of_identity=IdentityType.imeisv) if command.imeisv_request else None,
        nas_message_container=container,
    )
    ue.uu.send_nas(
        candidate.protect(encode(complete), SecurityHeaderType.integrity_protected_and_ciphered_with_new_context)
    )


def _reject(ue: Ue, cause: FiveGMMCause, why: str) -> None:
    """SECURITY MODE REJECT, protected as messages were before (clause 5.4.2.5)."""
    ue.report(
        "SecurityModeRejected",
        f"{ue.context.supi} rejects the security mode command, cause #{int(cause)} ({cause.text}): {why}",
        level="error",
        subject=ue.context.supi,
        cause=int(cause),
    )
    ue.n1.send(SecurityModeReject(five_gmm_cause=cause))
