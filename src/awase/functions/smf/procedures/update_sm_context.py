"""Nsmf_PDUSession_UpdateSMContext (TS 29.502 clause 5.2.2.3): what UE, NG-RAN and AMF say of a session."""

from collections.abc import Callable

from awase.functions.smf import n1, n2
from awase.functions.smf.context import SmContext
from awase.functions.smf.procedures.pdu_session_establishment import (
    resource_setup_response,
    resource_setup_unsuccessful,
)
from awase.functions.smf.procedures.pdu_session_modification import (
    modification_command_reject,
    modification_complete,
    modification_request,
    resource_modify_response,
    resource_modify_unsuccessful,
    taken_too_late,
)
from awase.functions.smf.procedures.pdu_session_release import (
    REGULAR_DEACTIVATION,
    discard,
    release_by_network,
    release_complete,
    release_request,
    released,
)
from awase.functions.smf.procedures.restoration import resource_notify_released
from awase.functions.smf.procedures.user_plane import (
    activate,
    deactivate,
    is_up,
    modify_indication,
    path_switch,
    path_switch_setup_failed,
    resource_notify,
)
from awase.functions.smf.sbi import N1_REFERENCE
from awase.functions.smf.smf import Smf
from awase.functions.smf.states import Input, State
from awase.model.machine import Procedure
from awase.protocols.nas import codec as nas
from awase.protocols.nas.causes import FiveGSMCause
from awase.protocols.nas.messages import (
    FiveGSMMessage,
    FiveGSMStatus,
    PDUSessionModificationCommandReject,
    PDUSessionModificationComplete,
    PDUSessionModificationRequest,
    PDUSessionReleaseComplete,
    PDUSessionReleaseRequest,
)
from awase.protocols.sbi import codec, multipart
from awase.protocols.sbi.entity import Call
from awase.protocols.sbi.messages import Response
from awase.protocols.sbi.nsmf_pdu_session import SmContextUpdateData, SmContextUpdatedData
from awase.wire.errors import DecodeError

Outcome = Response | Procedure[Response]


def update_sm_context(smf: Smf, call: Call, body: SmContextUpdateData) -> Outcome:
    """Find what the body asks for: an N2 or N1 message, the user plane's state, a release."""
    context = smf.sessions.by_reference(call.params["smContextRef"])
    if context is None:
        return codec.problem(404, "CONTEXT_NOT_FOUND", "there is no such SM context")
    from_n1, from_n2 = call.part(body.n1_sm_msg), call.part(body.n2_sm_info)
    if (body.n1_sm_msg is not None and from_n1 is None) or (body.n2_sm_info is not None and from_n2 is None):
        return codec.problem(400, "MANDATORY_IE_MISSING", "a body part that is referred to is missing")
    if from_n2 is not None:
        outcome = _from_n2(smf, context, from_n2, body.n2_sm_info_type or "")
        return outcome if from_n1 is None else _both(smf, context, outcome, from_n1)
    if from_n1 is not None:
        return _from_n1(smf, context, from_n1)
    if body.up_cnx_state is not None:
        return _user_plane(smf, context, body)
    if body.release:
        why = f"as the AMF asks ({body.cause or 'no cause'})"
        smf.defer(release_by_network(smf, context, REGULAR_DEACTIVATION, why))
    return Response(204)


def _both(smf: Smf, context: SmContext, outcome: Outcome, message: bytes) -> Procedure[Response]:
    response = outcome if isinstance(outcome, Response) else (yield from outcome)
    if not response.ok or context.is_in(State.INACTIVE):
        return response
    following = _from_n1(smf, context, message)
    return following if isinstance(following, Response) else (yield from following)


def _from_n2(smf: Smf, context: SmContext, octets: bytes, kind: str) -> Outcome:
    row = _N2.get(kind)
    if row is None:
        return codec.problem(403, "N2_SM_ERROR", f"n2SmInfoType {kind[:60]!r} is not handled")
    what, handler = row
    if not context.may(what):
        text = f"{what.value} in state {context.state.value}"
        smf.report("ProtocolError", f"{context}: {text}", level="warning", subject=context.supi)
        return codec.problem(403, "N2_SM_ERROR", text)
    return handler(smf, context, octets)


def _resource_release_response(_smf: Smf, _context: SmContext, octets: bytes) -> Response:
    try:
        n2.release_response(octets)
    except DecodeError as error:
        return codec.problem(403, "N2_SM_ERROR", f"the release response transfer: {error}")
    return Response(204)


_N2: dict[str, tuple[Input, Callable[[Smf, SmContext, bytes], Outcome]]] = {
    n2.SETUP_RESPONSE: (Input.RESOURCE_SETUP_RESPONSE, resource_setup_response),
    n2.SETUP_UNSUCCESSFUL: (Input.RESOURCE_SETUP_UNSUCCESSFUL, resource_setup_unsuccessful),
    n2.RELEASE_RESPONSE: (Input.RESOURCE_RELEASE_RESPONSE, _resource_release_response),
    n2.MODIFY_RESPONSE: (Input.RESOURCE_MODIFY_RESPONSE, resource_modify_response),
    n2.MODIFY_UNSUCCESSFUL: (Input.RESOURCE_MODIFY_UNSUCCESSFUL, resource_modify_unsuccessful),
    n2.MODIFY_INDICATION: (Input.RESOURCE_MODIFY_INDICATION, modify_indication),
    n2.NOTIFY: (Input.RESOURCE_NOTIFY, resource_notify),
    n2.NOTIFY_RELEASED: (Input.RESOURCE_NOTIFY_RELEASED, resource_notify_released),
    n2.PATH_SWITCH_REQUEST: (Input.PATH_SWITCH, path_switch),
    n2.PATH_SWITCH_SETUP_FAILED: (Input.PATH_SWITCH_SETUP_FAILED, path_switch_setup_failed),
}


def _from_n1(smf: Smf, context: SmContext, octets: bytes) -> Outcome:
    try:
        message = nas.decode(octets)
    except DecodeError as error:
        smf.report(
            "MalformedPacket",
            f"5GSM message of {context.supi} from the AMF: {error}",
            level="warning",
            subject=context.supi,
            port="sbi",
            what=str(error),
            offset=error.offset or 0,
        )
        cause = error.cause if isinstance(error, nas.NasDecodeError) else None
        if cause is None:
            return codec.problem(403, "N1_SM_ERROR", f"the N1 message cannot be read: {error}")
        return _status(context, getattr(error, "pti", 0) or 0, cause)
    if not isinstance(message, FiveGSMMessage):
        return codec.problem(403, "N1_SM_ERROR", "no 5GSM message")
    if isinstance(message, PDUSessionModificationComplete) and context.is_in(State.ACTIVE):
        return taken_too_late(smf, context)
    row = _N1.get(type(message))
    if row is None or not context.may(row[0]):
        text = f"{type(message).__name__} in state {context.state.value}"
        smf.report("ProtocolError", f"{context}: {text}", level="warning", subject=context.supi)
        return _status(context, message.pti, 98)
    if message.pdu_session_id != context.pdu_session_id:
        return _status(context, message.pti, 43)
    return row[1](smf, context, message)


def _release_request(smf: Smf, context: SmContext, message: FiveGSMMessage) -> Outcome:
    assert isinstance(message, PDUSessionReleaseRequest)
    if message.pti in (0, 255):
        # TS 24.501 clause 7.3.1 c): a request needs a procedure transaction identity.
        return _status(context, message.pti, 81)
    return release_request(smf, context, message)


def _release_complete(smf: Smf, context: SmContext, message: FiveGSMMessage) -> Outcome:
    if message.pti != context.pti:
        # TS 24.501 clause 7.3.1 a): it matches no procedure of ours.
        return _status(context, message.pti, 47)
    return release_complete(smf, context)


def _modification_request(smf: Smf, context: SmContext, message: FiveGSMMessage) -> Outcome:
    assert isinstance(message, PDUSessionModificationRequest)
    if message.pti in (0, 255):
        return _status(context, message.pti, 81)
    return modification_request(smf, context, message)


def _modification_complete(smf: Smf, context: SmContext, message: FiveGSMMessage) -> Outcome:
    if not _answers(context, message):
        return _status(context, message.pti, 47)
    return modification_complete(smf, context)


def _modification_command_reject(smf: Smf, context: SmContext, message: FiveGSMMessage) -> Outcome:
    assert isinstance(message, PDUSessionModificationCommandReject)
    if not _answers(context, message):
        return _status(context, message.pti, 47)
    if message.five_gsm_cause == FiveGSMCause.invalid_pdu_session_identity:
        # TS 24.501 clause 6.3.2.4: the UE has no such session, so there is none.
        context.take(Input.RELEASE_OF_CONTEXT)
        smf.defer(_release_locally(smf, context))
        return Response(204)
    return modification_command_reject(smf, context, message)


def _answers(context: SmContext, message: FiveGSMMessage) -> bool:
    """Whether a message has the identity of the modification under way, or its procedure is over (7.3.1 a)."""
    return context.change is None or context.change.pti == message.pti


def _take_status(smf: Smf, context: SmContext, message: FiveGSMMessage) -> Outcome:
    """5GSM STATUS (TS 24.501 clause 6.5.3): what is under way is over; cause 43 says that the UE has no session."""
    assert isinstance(message, FiveGSMStatus)
    cause = FiveGSMCause(message.five_gsm_cause)
    smf.report(
        "FiveGsmStatus",
        f"{context}: the UE answers with 5GSM STATUS, cause {int(cause)} ({cause.text})",
        level="warning",
        subject=context.supi,
        cause=int(cause),
    )
    if context.is_in(State.INACTIVE_PENDING):
        return release_complete(smf, context)
    if is_up(context) and cause == FiveGSMCause.invalid_pdu_session_identity:
        context.take(Input.RELEASE_OF_CONTEXT)
        smf.defer(_release_locally(smf, context))
    elif context.change is not None:
        # The command was not understood: its procedure is over (clause 6.5.3).
        context.change.complete = True
        context.change.refused = int(cause)
        context.change.awaits_n2 = False
        smf.resume_later(("modification", context.reference))
    return Response(204)


def _release_locally(smf: Smf, context: SmContext) -> Procedure[None]:
    yield from discard(smf, context)
    yield from released(smf, context, "locally: the UE does not know it")


_N1: dict[type[FiveGSMMessage], tuple[Input, Callable[[Smf, SmContext, FiveGSMMessage], Outcome]]] = {
    PDUSessionReleaseRequest: (Input.RELEASE_REQUEST, _release_request),
    PDUSessionReleaseComplete: (Input.RELEASE_COMPLETE, _release_complete),
    PDUSessionModificationRequest: (Input.MODIFICATION_REQUEST, _modification_request),
    PDUSessionModificationComplete: (Input.MODIFICATION_COMPLETE, _modification_complete),
    PDUSessionModificationCommandReject: (Input.MODIFICATION_COMMAND_REJECT, _modification_command_reject),
    FiveGSMStatus: (Input.STATUS, _take_status),
}


def _user_plane(smf: Smf, context: SmContext, body: SmContextUpdateData) -> Outcome:
    wanted = body.up_cnx_state or ""
    row = _UP_CNX_STATES.get(wanted)
    if row is None:
        return codec.problem(403, "N2_SM_ERROR", f"upCnxState {wanted[:60]!r} cannot be asked for")
    if not context.may(row[0]):
        return codec.problem(403, "N2_SM_ERROR", f"{row[0].value} in state {context.state.value}")
    return row[1](smf, context)


_UP_CNX_STATES: dict[str, tuple[Input, Callable[[Smf, SmContext], Outcome]]] = {
    "ACTIVATING": (Input.ACTIVATE, activate),
    "DEACTIVATED": (Input.DEACTIVATE, deactivate),
}


def _status(context: SmContext, pti: int, cause: int) -> Response:
    return _n1_answer(n1.status(context.pdu_session_id, pti, cause))


def _n1_answer(message: bytes) -> Response:
    body = SmContextUpdatedData(n1_sm_msg=N1_REFERENCE)
    return codec.json_response(200, body, parts=[multipart.n1_part(message)])
