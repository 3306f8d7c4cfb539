"""SM contexts at the SMF: create, update, release, one exchange at a time a session (TS 29.502 clause 5.2.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import NamedTuple, TypeVar, cast

from awase.functions.amf.context import Session, SmMessage, Ue
from awase.functions.amf.core import Amf, uri_path
from awase.functions.amf.procedures import n1_n2_message_transfer as transfer
from awase.functions.amf.procedures import session_lost
from awase.model.machine import Procedure, Wait
from awase.model.part import NS_PER_S
from awase.protocols.nas.causes import FiveGMMCause
from awase.protocols.nas.elements import RequestType
from awase.protocols.ngap import codec as ngap
from awase.protocols.ngap.elements import Cause
from awase.protocols.sbi import codec, multipart
from awase.protocols.sbi import nsmf_pdu_session as nsmf
from awase.protocols.sbi.data_types import (
    Guami,
    Ncgi,
    NgApCause,
    NrLocation,
    PlmnId,
    RefToBinaryData,
    Snssai,
    Tai,
    UserLocation,
    snssai_key,
)
from awase.protocols.sbi.entity import Answer, Failure
from awase.protocols.sbi.messages import MULTIPART, PROBLEM_JSON, Request, Response
from awase.protocols.sbi.namf_communication import SM_CONTEXT_STATUS
from awase.wire.errors import DecodeError

T = TypeVar("T")

_WAITING = 8
"""Updates that one session may have waiting at the AMF."""

_TOKEN_OCTETS = 8
_AGAIN_S = (0.25, 1, 2)
"""How long to wait before a request goes again to an SMF that was not reached: one that restarts is back soon."""

_REQUEST_TYPES = {
    RequestType.initial_request: "INITIAL_REQUEST",
    RequestType.existing_pdu_session: "EXISTING_PDU_SESSION",
    RequestType.initial_emergency_request: "INITIAL_EMERGENCY_REQUEST",
    RequestType.existing_emergency_pdu_session: "EXISTING_EMERGENCY_PDU_SESSION",
}
"""TS 29.502 clause 6.1.6.3."""

_CAUSES = {
    "DNN_DENIED": FiveGMMCause.dnn_not_supported_or_not_subscribed_in_the_slice,
    "DNN_NOT_SUPPORTED": FiveGMMCause.dnn_not_supported_or_not_subscribed_in_the_slice,
    "INSUFFICIENT_RESOURCES_SLICE_DNN": FiveGMMCause.insufficient_resources_for_specific_slice_and_dnn,
    "INSUFFICIENT_RESOURCES_SLICE": FiveGMMCause.insufficient_resources_for_specific_slice,
}
"""What the UE is told where the SMF refuses without a 5GSM message; 90 otherwise (TS 24.501 5.4.5.2.5)."""


class Updated(NamedTuple):
    """What the SMF answered to an update: N1 and N2 messages of it, or why it refused ("" where it did not)."""

    refusal: str = ""
    n1: bytes = b""
    n2: bytes = b""
    n2_type: str = ""
    up_cnx_state: str | None = None


GONE = Updated(refusal="CONTEXT_NOT_FOUND")


class Update(NamedTuple):
    """What is to be told to the SMF about a session; `then` takes the answer that else goes to UE and node."""

    n1: bytes = b""
    n2: bytes = b""
    n2_type: str = ""
    up_cnx_state: str | None = None
    cause: Cause | None = None
    then: Callable[[Updated], None] | None = None
    to_be_switched: bool = False
    failed_to_be_switched: bool = False


_GROUPS = ("radioNetwork", "transport", "nas", "protocol", "misc")
_CAUSE_TYPES = ("CauseRadioNetwork", "CauseTransport", "CauseNas", "CauseProtocol", "CauseMisc")


@cache
def ng_ap_cause(cause: Cause) -> NgApCause | None:
    """An NGAP cause by numbers (TS 29.571 clause 5.4.4.12): its place in the ASN.1 enumeration."""
    if cause.group not in _GROUPS:
        return None
    group = _GROUPS.index(cause.group)
    enumeration = cast("list[list[str] | None]", ngap.grammar().types[_CAUSE_TYPES[group]])
    names = [*(enumeration[1] or ()), *(enumeration[2] or ())]
    return NgApCause(group=group, value=names.index(cause.name)) if cause.name in names else None


def user_location(ue: Ue) -> UserLocation | None:
    """Where the UE is, as N11 wants it (TS 29.571 clause 5.4.4.7)."""
    connection = ue.connection
    if connection is None or connection.nr_cgi is None:
        return None
    tai, cell = connection.tai, connection.nr_cgi
    return UserLocation(
        nr_location=NrLocation(
            tai=Tai(plmn_id=PlmnId.of(tai.plmn), tac=f"{tai.tac:06x}"),
            ncgi=Ncgi(plmn_id=PlmnId.of(cell.plmn_identity), nr_cell_id=f"{cell.nr_cell_identity:09x}"),
        )
    )


def guami(amf: Amf) -> Guami:
    """The AMF's own identity (TS 29.571 clause 5.9.4.1)."""
    own = amf.served.guami
    amf_id = own.amf_region_id << 16 | own.amf_set_id << 6 | own.amf_pointer
    return Guami(plmn_id=PlmnId.of(own.plmn), amf_id=f"{amf_id:06x}")


def create(amf: Amf, ue: Ue, session: Session, n1: bytes, request_type: RequestType) -> Procedure[None]:
    """Create SM Context (clause 5.2.2.2): the SMF's refusal reaches the UE as it gave it, or as a 5GMM cause."""
    session.busy = True
    supi = ue.supi or ""
    # Of this context alone (TS 29.502 clause 5.2.2.2.1): who had an earlier one, or guesses, names none that there is.
    session.token = amf.services.random_bytes(_TOKEN_OCTETS, "sm-context-status").hex()
    callback = SM_CONTEXT_STATUS.format(supi=supi, pduSessionId=session.pdu_session_id, contextToken=session.token)
    body = nsmf.SmContextCreateData(
        supi=supi,
        pei=pei(ue),
        pdu_session_id=session.pdu_session_id,
        dnn=session.dnn,
        s_nssai=Snssai.of(session.s_nssai),
        serving_nf_id=amf.nf_instance_id,
        guami=guami(amf),
        serving_network=PlmnId.of(ue.connection.tai.plmn if ue.connection is not None else amf.served.home),
        request_type=_REQUEST_TYPES.get(request_type, "INITIAL_REQUEST"),
        n1_sm_msg=RefToBinaryData(content_id=multipart.N1_CONTENT_ID),
        an_type="3GPP_ACCESS",
        rat_type="NR",
        ue_location=user_location(ue),
        sm_context_status_uri=f"{amf.sbi_root}{callback}",
    )
    request = codec.json_request("POST", nsmf.SM_CONTEXTS, body, (multipart.n1_part(n1),))
    # An SMF that did create one takes a second request in its place (TS 29.502 clause 5.2.2.2.1).
    answer = yield from _ask(amf, session, request, _AGAIN_S)
    session.busy = False
    ue = session.ue
    if ue.sessions.get(session.pdu_session_id) is not session:
        _abandon(amf, session, answer)
        return
    if isinstance(answer, Response) and answer.status == 201:
        path = uri_path(answer.header("location") or "")
        if path:
            session.sm_context = path
            session.active = True
            amf.touch(ue)
            _next(amf, ue, session)
            return
    del ue.sessions[session.pdu_session_id]
    _refused(amf, ue, session, n1, answer)


def update(amf: Amf, ue: Ue, session: Session, change: Update) -> None:
    """Update SM Context (clause 5.2.2.3), after what is under way."""
    if len(session.waiting) >= _WAITING:
        amf.report_rarely(
            "SmContextCongested",
            f"PDU session {session.pdu_session_id} of {ue.name()}: the SMF at {session.smf} does not keep up, "
            "a message for it is dropped",
            subject=ue.subject,
        )
        if change.then is not None:
            change.then(Updated(refusal="NF_CONGESTION"))
        return
    session.waiting.append(change)
    if not session.busy:
        _next(amf, ue, session)


def update_each(amf: Amf, ue: Ue, changes: Mapping[int, Update]) -> Procedure[dict[int, Updated]]:
    """Update SM contexts side by side, by PDU session identity, and wait for every answer."""
    answers: dict[int, Updated] = {}
    key = ("updates", amf.next_wait())

    def take(psi: int, answer: Updated) -> None:
        answers[psi] = answer
        if len(answers) == len(changes):
            amf.resume(key, answers)

    for psi, change in changes.items():
        session = ue.sessions.get(psi)
        if session is None or not session.sm_context:
            take(psi, GONE)
        else:
            update(amf, ue, session, change._replace(then=partial(take, psi)))
    if len(answers) < len(changes):
        # Each exchange has its own time-out; what waits before one of them may take as long again.
        yield Wait(key, amf.sbi_timeout_ns * (_WAITING + 1))
    return {psi: answers.get(psi, GONE) for psi in changes}


def release(amf: Amf, ue: Ue, session: Session, cause: Cause | None = None) -> None:
    """Release SM Context (clause 5.2.2.4), and forget the session."""
    amf.touch(ue)
    if ue.sessions.get(session.pdu_session_id) is session:
        del ue.sessions[session.pdu_session_id]
    if session.sm_context:
        amf.run(_release(amf, session, session.sm_context, cause))
        session.sm_context = ""
    _drop_waiting(session)


def release_all(amf: Amf, ue: Ue, cause: Cause | None = None) -> None:
    """Release every SM context of a UE."""
    for session in list(ue.sessions.values()):
        release(amf, ue, session, cause)


def deactivate_all(amf: Amf, ue: Ue, cause: Cause | None = None) -> None:
    """Deactivate the user plane of every session: the UE is CM-IDLE (TS 23.502 clause 4.2.6)."""
    for session in ue.sessions.values():
        if session.active and session.sm_context:
            session.active = False
            update(amf, ue, session, Update(up_cnx_state="DEACTIVATED", cause=cause))


def _drop_waiting(session: Session) -> None:
    waiting, session.waiting = session.waiting, []
    for change in waiting:
        if change.then is not None:
            change.then(GONE)


def pei(ue: Ue) -> str | None:
    """The PEI as the SBI writes it (TS 29.571 clause 5.3.2)."""
    device = ue.pei
    if device is None:
        return None
    return f"imeisv-{device.digits}" if len(device.digits) == 16 else f"imei-{device.digits}"


def _next(amf: Amf, ue: Ue, session: Session) -> None:
    if session.waiting and session.sm_context:
        amf.run(_serve(amf, ue, session))


def _serve(amf: Amf, ue: Ue, session: Session) -> Procedure[None]:
    session.busy = True
    while session.waiting and session.sm_context:
        change = session.waiting.pop(0)
        answer = yield from _tell(amf, session, change)
        if session.ue.sessions.get(session.pdu_session_id) is not session:
            if change.then is not None:
                change.then(GONE)
            return
        _updated(amf, session.ue, session, change, answer)
    session.busy = False


def _tell(amf: Amf, session: Session, change: Update) -> Procedure[Answer]:
    """Where the SMF is not reached, what does no harm a second time goes again (TS 29.500 clause 5.2.8)."""
    return (yield from _ask(amf, session, _update_request(session.ue, session, change), () if change.n1 else _AGAIN_S))


def _ask(amf: Amf, session: Session, request: Request, again_s: Sequence[float]) -> Procedure[Answer]:
    """An SMF that is not reached is asked again after so many seconds each, while the UE has the session."""
    answer = yield from amf.client.exchange(session.smf, request, amf.sbi_timeout_ns)
    for wait_s in again_s:
        if answer is not Failure.RESET or session.ue.sessions.get(session.pdu_session_id) is not session:
            break
        yield Wait(("ask again", amf.next_wait()), int(wait_s * NS_PER_S))
        answer = yield from amf.client.exchange(session.smf, request, amf.sbi_timeout_ns)
    return answer


def _update_request(ue: Ue, session: Session, change: Update) -> Request:
    parts = []
    if change.n1:
        parts.append(multipart.n1_part(change.n1))
    if change.n2:
        parts.append(multipart.n2_part(change.n2))
    body = nsmf.SmContextUpdateData(
        up_cnx_state=change.up_cnx_state,
        n1_sm_msg=RefToBinaryData(content_id=multipart.N1_CONTENT_ID) if change.n1 else None,
        n2_sm_info=RefToBinaryData(content_id=multipart.N2_CONTENT_ID) if change.n2 else None,
        n2_sm_info_type=change.n2_type or None,
        to_be_switched=change.to_be_switched,
        failed_to_be_switched=change.failed_to_be_switched,
        ng_ap_cause=None if change.cause is None else ng_ap_cause(change.cause),
        ue_location=user_location(ue),
    )
    return codec.json_request("POST", session.sm_context + "/modify", body, parts)


def _updated(amf: Amf, ue: Ue, session: Session, change: Update, answer: Answer) -> None:
    if isinstance(answer, Failure):
        amf.report(
            "SmfSilent",
            f"the SMF at {session.smf} gave {answer.value} about PDU session {session.pdu_session_id} of {ue.name()}",
            level="error",
            subject=ue.subject,
            config="peers.N11",
        )
        _hand_out(amf, ue, session, change, Updated(refusal=answer.name))
        return
    if answer.status == 204:
        _hand_out(amf, ue, session, change, Updated())
        return
    kind: type[nsmf.SmContextUpdatedData | nsmf.SmContextUpdateError]
    kind = nsmf.SmContextUpdatedData if answer.ok else nsmf.SmContextUpdateError
    body, parts = _open(amf, kind, answer)
    refusal = "" if answer.ok and body is not None else codec.problem_details(answer).cause or "UNSPECIFIED"
    updated = Updated(refusal=refusal)
    if body is not None:
        updated = Updated(
            (isinstance(body, nsmf.SmContextUpdateError) and body.error.cause) or refusal,
            _part(parts, body.n1_sm_msg),
            _part(parts, body.n2_sm_info),
            body.n2_sm_info_type or "",
            body.up_cnx_state,
        )
        if body.up_cnx_state is not None:
            session.active = body.up_cnx_state in ("ACTIVATED", "ACTIVATING")
    if not answer.ok and not (updated.n1 or updated.n2):
        _update_refused(amf, ue, session, answer)
    _hand_out(amf, ue, session, change, updated)
    if answer.status == 404 and change.then is None and not session.sm_context:
        session_lost.lost(amf, ue, session, change.n1, change.n2_type)


def _update_refused(amf: Amf, ue: Ue, session: Session, answer: Response) -> None:
    problem = codec.problem_details(answer)
    amf.report(
        "SmContextUpdateRefused",
        f"the SMF refused an update of PDU session {session.pdu_session_id} of {ue.name()}: "
        f"{answer.status} {problem.cause or ''}".rstrip(),
        level="warning",
        subject=ue.subject,
        status=answer.status,
    )
    if answer.status == 404:
        # The SMF knows no such context: the routing context is void (TS 29.502 clause 5.2.2.3.1).
        amf.touch(ue)
        session.sm_context = ""
        del ue.sessions[session.pdu_session_id]
        _drop_waiting(session)


def _hand_out(amf: Amf, ue: Ue, session: Session, change: Update, updated: Updated) -> None:
    """To whoever asked; else what the SMF has for UE and node goes there, and what it did not take goes back."""
    if change.then is not None:
        change.then(updated)
    elif updated.n1 or updated.n2:
        message = SmMessage(session.pdu_session_id, session.s_nssai, updated.n1, updated.n2, updated.n2_type)
        transfer.deliver(amf, ue, message)
    elif updated.refusal and change.n1:
        cause = FiveGMMCause.payload_was_not_forwarded
        transfer.send_n1(amf, ue, session.pdu_session_id, change.n1, cause)


def _release(amf: Amf, session: Session, sm_context: str, cause: Cause | None = None) -> Procedure[None]:
    body = nsmf.SmContextReleaseData(ng_ap_cause=None if cause is None else ng_ap_cause(cause))
    request = codec.json_request("POST", sm_context + "/release", body)
    answer = yield from amf.client.exchange(session.smf, request, amf.sbi_timeout_ns)
    if answer is Failure.RESET:
        # A connection that broke says nothing: to release twice does no harm (TS 29.500 clause 5.2.8).
        answer = yield from amf.client.exchange(session.smf, request, amf.sbi_timeout_ns)
    if isinstance(answer, Failure):
        amf.report_rarely(
            "SmfSilent",
            f"the SMF at {session.smf} gave {answer.value} on the release of a PDU session",
            config="peers.N11",
        )


def _abandon(amf: Amf, session: Session, answer: Answer) -> None:
    """The UE has gone while its session was created: what was created is released."""
    if isinstance(answer, Response) and answer.status == 201:
        path = uri_path(answer.header("location") or "")
        if path:
            amf.run(_release(amf, session, path))


def _refused(amf: Amf, ue: Ue, session: Session, n1: bytes, answer: Answer) -> None:
    what = f"PDU session {session.pdu_session_id} of {ue.name()} (DNN {session.dnn}, slice {session.s_nssai})"
    if isinstance(answer, Failure):
        text, cause = f"the SMF at {session.smf}: {answer.value}", FiveGMMCause.payload_was_not_forwarded
        refusal = b""
    else:
        body, parts = _open(amf, nsmf.SmContextCreateError, answer)
        refusal = _part(parts, body.n1_sm_msg) if body is not None else b""
        problem = body.error if body is not None else codec.problem_details(answer)
        text = f"the SMF refused with {answer.status} {problem.cause or ''} {problem.detail or ''}".rstrip()
        cause = _CAUSES.get(problem.cause or "", FiveGMMCause.payload_was_not_forwarded)
    amf.report(
        "PduSessionRefused",
        f"{what} is not set up: {text}",
        level="warning",
        subject=ue.subject,
        config="peers.N11" if isinstance(answer, Failure) else "",
        pdu_session_id=session.pdu_session_id,
        dnn=session.dnn,
        s_nssai=snssai_key(session.s_nssai),
    )
    if refusal:
        transfer.send_n1(amf, ue, session.pdu_session_id, refusal)
    else:
        transfer.send_n1(amf, ue, session.pdu_session_id, n1, cause)


def _open(amf: Amf, kind: type[T], answer: Response) -> tuple[T | None, dict[str, bytes]]:
    """The JSON body of an answer and its binary parts, by Content-Id; None where it cannot be read."""
    content_type = answer.header("content-type") or ""
    if multipart.media_type(content_type) == PROBLEM_JSON:
        # What any resource may answer (TS 29.501 clause 5.2.4): who asks reads it as that.
        return None, {}
    try:
        if multipart.media_type(content_type) != MULTIPART:
            return codec.decode(kind, answer.body), {}
        root, *others = multipart.decode(content_type, answer.body)
        return codec.decode(kind, root.content), {part.content_id: part.content for part in others}
    except DecodeError as error:
        amf.report("MalformedPacket", f"an answer of the SMF: {error}", level="warning", port="sbi")
        return None, {}


def _part(parts: dict[str, bytes], reference: RefToBinaryData | None) -> bytes:
    return b"" if reference is None else parts.get(reference.content_id, b"")
