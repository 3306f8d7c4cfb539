"""PDU session release (TS 23.502 clause 4.3.4.2, TS 24.501 clauses 6.3.3 and 6.4.3)."""

from awase.functions.smf import n1, n2
from awase.functions.smf.context import SmContext
from awase.functions.smf.sbi import N1_REFERENCE, N2_REFERENCE, words
from awase.functions.smf.smf import Smf
from awase.functions.smf.states import Input, N4State, State, UserPlane
from awase.model.machine import Procedure, Wait
from awase.model.part import NS_PER_S
from awase.protocols.nas.causes import FiveGSMCause
from awase.protocols.nas.messages import PDUSessionReleaseRequest
from awase.protocols.sbi import codec, multipart
from awase.protocols.sbi.entity import Failure
from awase.protocols.sbi.messages import Response
from awase.protocols.sbi.nsmf_pdu_session import SmContextUpdatedData

REGULAR_DEACTIVATION = 36
REACTIVATION_REQUESTED = 39


def release_request(smf: Smf, context: SmContext, request: PDUSessionReleaseRequest) -> Procedure[Response]:
    """By the UE: the N4 session goes, the command is the answer (steps 1a to 3)."""
    if context.is_in(State.INACTIVE_PENDING):
        # TS 24.501 clause 6.4.3.5 a): T3582 expired at the UE, which gets the command again; or our own
        # command crossed the request, which then has nothing left to ask (clause 6.3.3.6).
        if request.pti == context.pti and context.release_command:
            return _command(context.release_command, None)
        return Response(204)
    cause = request.five_gsm_cause or REGULAR_DEACTIVATION
    context.pti = request.pti
    context.take(Input.RELEASE_REQUEST)
    context.change = None
    context.release_command = n1.release_command(context, request.pti, REGULAR_DEACTIVATION)
    yield from delete_n4_session(smf, context)
    if not context.is_in(State.INACTIVE_PENDING):
        return Response(204)
    smf.defer(_await_complete(smf, context, f"by the UE, cause {int(cause)} ({FiveGSMCause(cause).text})"))
    return _command(context.release_command, n2.release_command())


def release_by_network(smf: Smf, context: SmContext, cause: int, why: str) -> Procedure[None]:
    """By the SMF: the command goes by N1N2MessageTransfer (steps 1e, 2, 3b)."""
    if not context.may(Input.RELEASE_BY_NETWORK):
        return
    context.take(Input.RELEASE_BY_NETWORK)
    context.change = None
    idle = context.user_plane is UserPlane.DEACTIVATED
    # TS 24.501 clause 6.3.3.2: no procedure transaction identity assigned.
    context.pti = 0
    context.release_command = n1.release_command(context, 0, cause)
    yield from delete_n4_session(smf, context)
    if not context.is_in(State.INACTIVE_PENDING):
        return
    # NG-RAN has nothing to release of a session without user plane (TS 23.502 clause 4.3.4.2, step 3b).
    transfer = None if idle else (n2.release_command(), n2.RELEASE_COMMAND)
    problem = (yield from smf.consumer.transfer(context, context.release_command, transfer)).problem
    if problem is not None and context.is_in(State.INACTIVE_PENDING):
        smf.report(
            "N1N2MessageTransferFailed",
            f"{context}: the AMF did not pass on the release command: {problem}; it is released locally",
            level="warning",
            subject=context.supi,
        )
        context.take(Input.RELEASE_UNANSWERED)
    if context.is_in(State.INACTIVE_PENDING):
        yield from _await_complete(smf, context, f"by the network, {why}")
    else:
        yield from released(smf, context, f"by the network, {why}")


def _await_complete(smf: Smf, context: SmContext, why: str) -> Procedure[None]:
    """T3592 until PDU SESSION RELEASE COMPLETE; at the fifth expiry it is released (TS 24.501 clause 6.3.3.5)."""
    timer_ns = round(smf.config.t3592_s * NS_PER_S)
    for expiry in range(1, smf.config.t3592_expiries + 1):
        if not context.is_in(State.INACTIVE_PENDING):
            break
        if (yield Wait(("release", context.reference), timer_ns)) is not None:
            break
        if expiry < smf.config.t3592_expiries:
            yield from smf.consumer.transfer(context, context.release_command)
    if context.is_in(State.INACTIVE_PENDING):
        context.take(Input.RELEASE_UNANSWERED)
        smf.report(
            "T3592Expired",
            f"{context}: no PDU SESSION RELEASE COMPLETE after {smf.config.t3592_expiries} expiries of T3592",
            level="warning",
            subject=context.supi,
        )
    yield from released(smf, context, why)


def release_complete(smf: Smf, context: SmContext) -> Response:
    """The UE has let go."""
    context.take(Input.RELEASE_COMPLETE)
    smf.resume_later(("release", context.reference))
    return Response(204)


def release_sm_context(smf: Smf, context: SmContext) -> Procedure[Response]:
    """By the AMF: Nsmf_PDUSession_ReleaseSMContext (TS 29.502 clause 5.2.2.4)."""
    smf.end(context, Input.RELEASE_OF_CONTEXT)
    # The AMF has forgotten the session: its identity is free at once.
    smf.sessions.remove(context)
    if not context.ended:
        context.ended = True
        report_released(smf, context, "by the AMF")
        smf.defer(deregistration(smf, context))
    smf.resume(("release", context.reference), True)
    yield from discard(smf, context)
    return Response(204)


def release_locally(smf: Smf, context: SmContext, why: str) -> Procedure[None]:
    """Without a word to the UE, which has gone or does not know the session."""
    if context.is_in(State.INACTIVE):
        return
    context.take(Input.RELEASE_OF_CONTEXT)
    smf.resume(("release", context.reference), True)
    yield from discard(smf, context)
    yield from released(smf, context, f"locally: {why}")


def delete_n4_session(smf: Smf, context: SmContext) -> Procedure[None]:
    """Delete the N4 session; the address stays with the context until that ends."""
    problem = yield from smf.n4.delete(context)
    if problem is not None:
        smf.report(
            "N4SessionDeletionFailed",
            f"{context}: {problem}; its N4 session counts as deleted",
            level="warning",
            subject=context.supi,
        )


def discard(smf: Smf, context: SmContext) -> Procedure[None]:
    """Delete what a context that is INACTIVE still holds.

    While its N4 session is being established, that procedure does it when the UPF has answered.
    """
    if context.n4 is N4State.PENDING:
        return
    yield from delete_n4_session(smf, context)
    smf.forget(context)


def status_notify(smf: Smf, context: SmContext) -> Procedure[None]:
    """Tell the AMF that the context is gone."""
    if not context.status_uri:
        return
    answer = yield from smf.consumer.notify_released(context)
    if isinstance(answer, Failure) or not (answer.ok or answer.status == 404):
        smf.report(
            "StatusNotifyFailed",
            f"{context}: the AMF did not take its release: {words(answer)}",
            level="warning",
            subject=context.supi,
        )


def released(smf: Smf, context: SmContext, why: str) -> Procedure[None]:
    """Steps 11 to 15: AMF and UDM learn of it, unless the AMF released the context meanwhile."""
    smf.forget(context)
    if context.ended:
        return
    context.ended = True
    report_released(smf, context, why)
    yield from status_notify(smf, context)
    yield from deregistration(smf, context)


def deregistration(smf: Smf, context: SmContext) -> Procedure[None]:
    """The UDM learns that nobody serves the session."""
    if not context.registered or smf.sessions.find(context.supi, context.pdu_session_id) is not None:
        return
    context.registered = False
    answer = yield from smf.consumer.deregister(context)
    if isinstance(answer, Failure) or not (answer.ok or answer.status == 404):
        smf.report(
            "UdmRegistrationFailed",
            f"{context}: the UDM did not take the deregistration: {words(answer)}",
            level="warning",
            subject=context.supi,
        )


def report_released(smf: Smf, context: SmContext, why: str) -> None:
    """Say that a session is over, and why."""
    smf.report(
        "PduSessionReleased",
        f"{context}: released {why}",
        subject=context.supi,
        pdu_session_id=context.pdu_session_id,
    )


def _command(message: bytes, transfer: bytes | None) -> Response:
    body = SmContextUpdatedData(
        n1_sm_msg=N1_REFERENCE,
        n2_sm_info=None if transfer is None else N2_REFERENCE,
        n2_sm_info_type=None if transfer is None else n2.RELEASE_COMMAND,
    )
    parts = [multipart.n1_part(message)]
    if transfer is not None:
        parts.append(multipart.n2_part(transfer))
    return codec.json_response(200, body, parts=parts)
