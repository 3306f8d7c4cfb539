"""PDU session release by the UE (TS 24.501 clause 6.4.3) and by the network (clause 6.3.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awase.functions.ue import back_off
from awase.functions.ue.context import PduSession
from awase.functions.ue.states import SessionState
from awase.functions.ue.timers import MAX_SESSION_TRIES, T3582_S
from awase.model.machine import Procedure, Wait
from awase.model.part import NS_PER_S
from awase.protocols.nas import messages as nas
from awase.protocols.nas.causes import FiveGSMCause
from awase.protocols.nas.elements import RegistrationType

if TYPE_CHECKING:
    from awase.functions.ue.core import Ue

_BACK_OFF = (
    FiveGSMCause.insufficient_resources,
    FiveGSMCause.insufficient_resources_for_specific_slice_and_dnn,
    FiveGSMCause.insufficient_resources_for_specific_slice,
)
"""TS 24.501 clause 6.3.3.3."""


def start(ue: Ue, session: PduSession, cause: FiveGSMCause) -> None:
    """Release a session that cannot be used."""
    ue.sm.release(session.config_index, cause)


def ue_requested(ue: Ue, session: PduSession, cause: FiveGSMCause) -> Procedure[bool]:
    """PDU SESSION RELEASE REQUEST, and again at T3582's expiry; whether the network released the session."""
    session.state = SessionState.INACTIVE_PENDING
    ue.session_gone(session)
    pti = session.pti
    answer: object = None
    connected = False
    for _ in range(MAX_SESSION_TRIES):
        connected = yield from ue.n1.connection(("release", pti))
        if not connected:
            break
        ue.sm.send(
            nas.PDUSessionReleaseRequest(
                pdu_session_id=session.pdu_session_id,
                pti=pti,
                five_gsm_cause=cause,
            )
        )
        answer = yield Wait(("pti", pti), T3582_S * NS_PER_S)
        if answer is not None:
            break
    ue.sm.free_pti(pti)
    if isinstance(answer, nas.PDUSessionReleaseReject):
        return _rejected(ue, session, answer)
    if isinstance(answer, nas.PDUSessionReleaseCommand):
        _complete(ue, answer)
    # Without an answer, or with a STATUS, the session is released locally (clause 6.4.3.5 a).
    ue.sm.remove(session)
    ue.report(
        "SessionReleased",
        f"PDU session {session.pdu_session_id} of {ue.context.supi} is released"
        + ("" if isinstance(answer, nas.PDUSessionReleaseCommand) else " without the network's consent"),
        subject=ue.context.supi,
        pdu_session_id=session.pdu_session_id,
    )
    if connected and answer is None:
        # The network learns by the PDU session status of an update (clause 6.4.3.5 a).
        ue.n1.register(RegistrationType.mobility_registration_updating)
    return True


def _rejected(ue: Ue, session: PduSession, reject: nas.PDUSessionReleaseReject) -> bool:
    cause = reject.five_gsm_cause
    ue.report(
        "SessionReleaseRejected",
        f"the network does not release PDU session {session.pdu_session_id} of {ue.context.supi},"
        f" cause #{int(cause)} ({cause.text})",
        level="warning",
        subject=ue.context.supi,
        cause=int(cause),
    )
    if cause == FiveGSMCause.invalid_pdu_session_identity:
        ue.sm.remove(session)
        return True
    session.state = SessionState.ACTIVE
    return False


def _complete(ue: Ue, command: nas.PDUSessionReleaseCommand) -> None:
    ue.sm.send(nas.PDUSessionReleaseComplete(pdu_session_id=command.pdu_session_id, pti=command.pti))


def network_requested(ue: Ue, session: PduSession, command: nas.PDUSessionReleaseCommand) -> None:
    """Consent, and establish the session anew if the network asks for it (cause #39)."""
    cause = command.five_gsm_cause
    pending = session.state is SessionState.ACTIVE_PENDING
    _complete(ue, command)
    ue.report(
        "SessionReleasedByNetwork",
        f"the network released PDU session {session.pdu_session_id} of {ue.context.supi},"
        f" cause #{int(cause)} ({cause.text})",
        level="info" if cause in (36, 39) else "warning",
        subject=ue.context.supi,
        cause=int(cause),
        pdu_session_id=session.pdu_session_id,
    )
    if pending:
        ue.resume(("pti", session.pti), command)
        return
    if session.state is SessionState.MODIFICATION_PENDING:
        # Clause 6.4.2.6: the release goes on, the modification ends.
        session.state = SessionState.ACTIVE
        ue.resume(("pti", session.pti), command)
    ue.sm.remove(session)
    if cause == FiveGSMCause.reactivation_requested:
        ue.sm.establish(session.config_index)
    elif cause in _BACK_OFF:
        until_ns = back_off.refused(ue, session.asked, int(cause), command.back_off_timer_value)
        if until_ns and until_ns != back_off.FOR_EVER:
            ue.sm.retry_at(session.config_index, until_ns)
    elif ue.sm.back_off is not None:
        ue.sm.back_off.stop(session.asked)
