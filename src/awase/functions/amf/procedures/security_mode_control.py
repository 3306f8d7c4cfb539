"""Security mode control (TS 24.501 clause 5.4.2): a NAS security context is taken into use."""

from __future__ import annotations

from awase.functions.amf.context import Ue
from awase.functions.amf.core import Amf
from awase.functions.amf.procedures.challenge import ABBA, Authenticated
from awase.model.machine import Procedure, ask
from awase.model.part import NS_PER_S
from awase.protocols.nas.causes import FiveGMMCause
from awase.protocols.nas.codec import decode
from awase.protocols.nas.elements import (
    Additional5GSecurityInformation,
    Imei,
    SelectedNasSecurityAlgorithms,
    UeSecurityCapability,
)
from awase.protocols.nas.entity import SecurityContext, SecurityHeaderType
from awase.protocols.nas.half_octets import ImeisvRequest
from awase.protocols.nas.messages import (
    RegistrationRequest,
    SecurityModeCommand,
    SecurityModeComplete,
    SecurityModeReject,
)
from awase.wire.errors import DecodeError

TRIES = 5
"""Sent once and again at four expiries of T3560; the fifth ends it (clause 5.4.2.7 b)."""

_IMEISV_REQUESTED = ImeisvRequest.imeisv_requested


def select(amf: Amf, capability: UeSecurityCapability) -> tuple[int, int] | None:
    """The first of our algorithms, in the operator's order, that the UE has too (TS 33.501 clause 6.7.1.1)."""
    nea = next((n for n in amf.served.ciphering if capability.nea(n)), None)
    nia = next((n for n in amf.served.integrity if capability.nia(n)), None)
    return None if nea is None or nia is None else (nea, nia)


def security_mode_control(
    amf: Amf, ue: Ue, authenticated: Authenticated, request: RegistrationRequest
) -> Procedure[RegistrationRequest | FiveGMMCause | None]:
    """Take the keys of an authentication into use within a registration.

    The whole registration request that the UE repeats under protection; a cause where there is no common
    algorithm; None where the UE refuses or does not answer.
    """
    answer = yield from take_into_use(amf, ue, authenticated, repeat=True)
    return _whole_request(amf, ue, request, answer) if isinstance(answer, SecurityModeComplete) else answer


def take_into_use(
    amf: Amf, ue: Ue, authenticated: Authenticated, *, repeat: bool
) -> Procedure[SecurityModeComplete | FiveGMMCause | None]:
    """Take the keys of an authentication into use; `repeat`: the UE's initial message is to come again, protected."""
    capability = ue.security_capability
    chosen = select(amf, capability) if capability is not None else None
    if capability is None or chosen is None:
        return _no_common_algorithm(amf, ue)
    context = SecurityContext("amf", ngksi=authenticated.ngksi, k_amf=authenticated.k_amf, nea=chosen[0], nia=chosen[1])
    ue.security = context
    command = SecurityModeCommand(
        selected_nas_security_algorithms=SelectedNasSecurityAlgorithms(nea=chosen[0], nia=chosen[1]),
        ngksi=authenticated.ngksi,
        replayed_ue_security_capabilities=capability,
        imeisv_request=_IMEISV_REQUESTED if amf.config.imeisv_request else None,
        # What came without protection is asked for again (clause 4.4.6).
        additional_5g_security_information=Additional5GSecurityInformation(
            retransmission_of_initial_nas_message_requested=True
        )
        if repeat
        else None,
        eap_message=authenticated.eap_success,
        abba=None if authenticated.eap_success is None else ABBA,
    )
    ue.expects = (SecurityModeComplete, SecurityModeReject)
    answer = yield from ask(
        lambda: _send(amf, ue, command), ("n1", ue.number), int(amf.config.t3560_s * NS_PER_S), TRIES
    )
    ue.expects = ()
    if not isinstance(answer, SecurityModeComplete):
        _failed(amf, ue, answer)
        return None
    if ue.connection is not None:
        amf.secure(ue.connection)
    if isinstance(answer.imeisv, Imei):
        ue.pei = answer.imeisv
    return answer


def _failed(amf: Amf, ue: Ue, answer: SecurityModeReject | None) -> None:
    why = (
        f"did not answer {TRIES} security mode commands"
        if answer is None
        else f"refuses the security mode command: {answer.five_gmm_cause.text}"
    )
    amf.report(
        "SecurityModeFailed",
        f"{ue.name()} {why}",
        level="error",
        subject=ue.subject,
        config="t3560_s" if answer is None else "",
    )


def _send(amf: Amf, ue: Ue, command: SecurityModeCommand) -> None:
    if ue.connection is not None:
        header = SecurityHeaderType.integrity_protected_with_new_context
        amf.send_nas(ue.connection, amf.protect(ue, command, header))


def _no_common_algorithm(amf: Amf, ue: Ue) -> FiveGMMCause:
    capability = ue.security_capability
    theirs = "nothing"
    if capability is not None:
        nea = [f"NEA{n}" for n in range(8) if capability.nea(n)]
        nia = [f"NIA{n}" for n in range(8) if capability.nia(n)]
        theirs = ", ".join(nea + nia) or "nothing"
    amf.explain(
        ue,
        "NoCommonAlgorithm",
        f"{ue.name()} supports {theirs}: none of it is in ciphering "
        f"({', '.join(amf.config.ciphering)}) and integrity ({', '.join(amf.config.integrity)}) of {amf.amf_name}",
        config="integrity",
    )
    return FiveGMMCause.ue_security_capabilities_mismatch


def _whole_request(
    amf: Amf, ue: Ue, request: RegistrationRequest, complete: SecurityModeComplete
) -> RegistrationRequest:
    """The request in the NAS message container, or the first one where the UE adds nothing (clause 5.4.2.4)."""
    if complete.nas_message_container is None:
        return request
    try:
        whole = decode(complete.nas_message_container)
    except DecodeError as error:
        amf.report(
            "MalformedPacket",
            f"the NAS message container of {ue.name()}: {error}",
            level="warning",
            subject=ue.subject,
            port="n2",
        )
        return request
    return whole if isinstance(whole, RegistrationRequest) else request
