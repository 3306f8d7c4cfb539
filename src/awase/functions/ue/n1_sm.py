"""N1: 5GSM towards the SMF (TS 24.501 clauses 6 and 7.3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from awase.functions.ue.back_off import FOR_EVER, BackOff, held_back
from awase.functions.ue.config import Flow
from awase.functions.ue.context import PduSession
from awase.functions.ue.procedures import (
    pdu_session_authentication,
    pdu_session_establishment,
    pdu_session_modification,
    pdu_session_release,
)
from awase.functions.ue.states import SM_TABLE, Action, SessionState
from awase.model.machine import Running
from awase.protocols.nas import messages as nas
from awase.protocols.nas.causes import FiveGSMCause
from awase.protocols.nas.codec import NasDecodeError, decode, encode
from awase.protocols.nas.elements import PayloadContainerType
from awase.protocols.nas.session_elements import PduSessionType

if TYPE_CHECKING:
    from awase.functions.ue.core import Ue

_MAX_PTI = 254
_RESERVED_PTI = 255
_MAX_SESSIONS = 15
_PENDING = SessionState.ACTIVE_PENDING

_ANSWERS_TO_US = (
    nas.PDUSessionEstablishmentAccept,
    nas.PDUSessionEstablishmentReject,
    nas.PDUSessionModificationReject,
    nas.PDUSessionReleaseReject,
)


class N1Sm:
    """The UE's PDU sessions."""

    __slots__ = ("_last_pti", "_let_go", "_running", "back_off", "no_room", "ue")

    def __init__(self, ue: Ue) -> None:
        self.ue = ue
        self._last_pti = 0
        # Bit i: the session with index i was released from here, and an update of the registration brings it not back.
        self._let_go = 0
        # By PTI, while it is in use.
        self._running: dict[int, Running | None] = {}
        self.back_off: BackOff | None = None
        # The AMF's maximum is reached, until a session is released (5GMM cause #65).
        self.no_room = False

    # What is there.

    def established(self) -> tuple[int, ...]:
        """The sessions that are not inactive, as the PDU session status has them (TS 24.501 clause 9.11.3.44)."""
        sessions = self.ue.context.sessions.values()
        held = (s.pdu_session_id for s in sessions if s.state not in (SessionState.INACTIVE, _PENDING))
        return tuple(sorted(held))

    @property
    def busy(self) -> bool:
        """Whether a procedure of 5GSM runs."""
        return bool(self._running)

    def more_to_ask(self, update: bool) -> bool:
        """Whether signalling follows a registration at once (follow-on request, TS 24.501 clause 5.5.1.2.2)."""
        if update:
            return self.busy or any(self._wanted(i) for i, _ in enumerate(self.ue.config.sessions))
        return any(s.requested for s in self.ue.config.sessions)

    def _wanted(self, index: int) -> bool:
        asked = self.ue.config.sessions[index]
        return asked.requested and not self._let_go >> index & 1 and not self._has(index) and not self.no_room

    def _has(self, index: int) -> bool:
        return any(s.config_index == index for s in self.ue.context.sessions.values())

    # What is asked for.

    def establish_all(self, *, anew: bool) -> None:
        """Establish the sessions that are wanted and not there; `anew`: also those that were let go before."""
        if anew:
            self._let_go = 0
        for index in range(len(self.ue.config.sessions)):
            if self._wanted(index):
                self.establish(index)

    def establish(self, index: int, *, kind: PduSessionType | None = None) -> None:
        """Establish the session with this index in the configuration, unless it is there; `kind`: of this type."""
        sessions = self.ue.config.sessions
        self._let_go &= ~(1 << index)
        if index >= len(sessions) or self._has(index):
            return
        until_ns = 0 if kind is not None else held_back(self.ue, sessions[index])
        if until_ns:
            self._held_back(index, until_ns)
            return
        self._establish(index, kind)

    def _establish(self, index: int, kind: PduSessionType | None = None) -> None:
        context = self.ue.context
        free = [i for i in range(1, _MAX_SESSIONS + 1) if i not in context.sessions]
        if free:
            pdu_session_id = index + 1 if index + 1 in free else free[0]
            session = PduSession(pdu_session_id, index, self.ue.config.sessions[index])
            if kind is not None:
                session.type = kind
            context.sessions[pdu_session_id] = session
            session.pti = self._new_pti()
            procedure = pdu_session_establishment.pdu_session_establishment(self.ue, session)
            self._run(session.pti, self.ue.run(procedure))

    def establish_beside(self, session: PduSession) -> None:
        """Establish another one like it, which takes over (SSC mode 3)."""
        self._establish(session.config_index)

    def _held_back(self, index: int, until_ns: int) -> None:
        how_long = "until it is switched off" if until_ns == FOR_EVER else "for a while"
        self.ue.report(
            "SessionHeldBack",
            f"{self.ue.context.supi} does not ask for its session {index + 1} {how_long}: the network refused it",
            subject=self.ue.context.supi,
            config=f"sessions[{index}]",
        )

    def retry_at(self, index: int, at_ns: int) -> None:
        """Ask again once a back-off timer has expired, if the session is still wanted."""
        self.ue.start_timer(max(0, at_ns - self.ue.now_ns), lambda: self._retry(index))

    def _retry(self, index: int) -> None:
        if self.ue.context.registered and self._wanted(index):
            self.establish(index)

    def release(self, index: int, cause: FiveGSMCause = FiveGSMCause.regular_deactivation) -> None:
        """Release the session with this index in the configuration, if it is there."""
        self._let_go |= 1 << index
        for session in list(self.ue.context.sessions.values()):
            if session.config_index != index:
                continue
            if session.state is SessionState.MODIFICATION_PENDING:
                self._end_procedure(session)
            if session.state is SessionState.ACTIVE:
                session.pti = self._new_pti()
                self._run(session.pti, self.ue.run(pdu_session_release.ue_requested(self.ue, session, cause)))

    def modify(self, index: int, flow: Flow | None) -> None:
        """Modify the session with this index in the configuration: a QoS flow more or less, or always-on."""
        for session in list(self.ue.context.sessions.values()):
            if session.config_index == index and session.state is SessionState.ACTIVE:
                session.pti = self._new_pti()
                self._run(session.pti, self.ue.run(pdu_session_modification.ue_requested(self.ue, session, flow)))

    def _end_procedure(self, session: PduSession) -> None:
        running = self._running.pop(session.pti, None)
        session.state = SessionState.ACTIVE
        if running is not None:
            self.ue.cancel(running)

    def _new_pti(self) -> int:
        """A procedure transaction identity that is not in use (TS 24.007 clause 11.2.3.1a)."""
        pti = self._last_pti % _MAX_PTI + 1
        while pti in self._running:
            pti = pti % _MAX_PTI + 1
        self._last_pti = pti
        self._running[pti] = None
        return pti

    def _run(self, pti: int, running: Running) -> None:
        if running.alive and pti in self._running:
            self._running[pti] = running

    def free_pti(self, pti: int) -> None:
        """The procedure is over."""
        self._running.pop(pti, None)

    def remove(self, session: PduSession) -> None:
        """The session is no more."""
        was_there, session.state = session.state, SessionState.INACTIVE
        if self.ue.context.sessions.get(session.pdu_session_id) is session:
            del self.ue.context.sessions[session.pdu_session_id]
        self.ue.user_plane.session_gone(session)
        self.ue.session_gone(session)
        if was_there is not _PENDING:
            self.no_room = False

    def keep_only(self, ids: Sequence[int]) -> None:
        """Release locally what the network does not have (TS 24.501 clause 5.5.1.3.4)."""
        for session in list(self.ue.context.sessions.values()):
            if session.pdu_session_id in ids or session.state is _PENDING:
                continue
            if session.state is SessionState.MODIFICATION_PENDING:
                self._end_procedure(session)
            if session.state is SessionState.ACTIVE:
                self.ue.report(
                    "SessionReleasedLocally",
                    f"the network has no PDU session {session.pdu_session_id} of {self.ue.context.supi} any more",
                    level="warning",
                    subject=self.ue.context.supi,
                    pdu_session_id=session.pdu_session_id,
                )
                self.remove(session)

    def forget_all(self) -> None:
        """End every procedure and session locally."""
        running = [r for r in self._running.values() if r is not None]
        self._running.clear()
        for procedure in running:
            self.ue.cancel(procedure)
        for session in list(self.ue.context.sessions.values()):
            self.remove(session)
        self.no_room = False

    # What is sent.

    def send(self, message: nas.FiveGSMMessage) -> bool:
        """Send a 5GSM message in UL NAS TRANSPORT; False without a connection."""
        return self.ue.n1.send(
            nas.ULNASTransport(
                payload_container_type=PayloadContainerType.n1_sm_information,
                payload_container=encode(message),
                pdu_session_id=message.pdu_session_id,
            )
        )

    def send_status(self, pdu_session_id: int, pti: int, cause: int) -> None:
        """5GSM STATUS (TS 24.501 clause 6.5)."""
        status = nas.FiveGSMStatus(pdu_session_id=pdu_session_id, pti=pti, five_gsm_cause=FiveGSMCause(cause))
        self.send(status)

    # What is received.

    def receive(self, transport: nas.DLNASTransport) -> None:
        """A 5GSM message came, or one of ours came back."""
        try:
            message = decode(transport.payload_container)
        except NasDecodeError as error:
            self.ue.malformed("a 5GSM message", error)
            if error.cause is not None and error.pdu_session_id is not None:
                self.send_status(error.pdu_session_id, error.pti or 0, error.cause)
            return
        if not isinstance(message, nas.FiveGSMMessage):
            self.ue.malformed("a 5GSM message", NasDecodeError(f"a {type(message).__name__} in a payload"))
        elif transport.five_gmm_cause is not None:
            # TS 24.501 clause 5.4.5.3.3: the AMF could not forward it.
            self.ue.resume(("pti", message.pti), transport)
        else:
            self._act(message)

    def _act(self, message: nas.FiveGSMMessage) -> None:
        session = self.ue.context.sessions.get(message.pdu_session_id)
        state = SessionState.INACTIVE if session is None else session.state
        action = SM_TABLE.get((state, type(message)))
        cause = self._fault(message, action)
        if cause is not None:
            self.ue.report(
                "SessionMessageRefused",
                f"{type(message).__name__} for PDU session {message.pdu_session_id} in {state.value} is answered"
                f" by 5GSM STATUS with cause #{int(cause)} ({cause.text})",
                level="warning",
                subject=self.ue.context.supi,
                cause=int(cause),
            )
            self.send_status(message.pdu_session_id, message.pti, cause)
        elif action is Action.NOTE:
            self._note(message)
        elif action is Action.END_MODIFICATION and session is not None:
            self._end_modification(session, message)
        elif action in (Action.END_ESTABLISHMENT, Action.END_RELEASE):
            self._end(session, message)
        elif action is Action.ANSWER and session is not None:
            self._answer(session, message)

    def _fault(self, message: nas.FiveGSMMessage, action: Action | None) -> FiveGSMCause | None:
        """What is wrong with a message's type, PTI or PDU session identity (clauses 7.3 and 7.4)."""
        if action is None:
            return FiveGSMCause.message_type_non_existent_or_not_implemented
        if action in (Action.NOTE, Action.IGNORE):
            return None
        if message.pti == _RESERVED_PTI:
            return FiveGSMCause.invalid_pti_value
        ours = message.pti in self._running
        if not ours and (message.pti or isinstance(message, _ANSWERS_TO_US)):
            return FiveGSMCause.pti_mismatch
        if action is Action.WRONG_SESSION:
            return FiveGSMCause.invalid_pdu_session_identity
        if action is Action.WRONG_STATE:
            return FiveGSMCause.message_type_not_compatible_with_the_protocol_state
        return None

    def _end(self, session: PduSession | None, message: nas.FiveGSMMessage) -> None:
        # A release by the network (PTI 0) that meets ours ends both (clause 6.4.3.6).
        pti = message.pti or (session.pti if session is not None else 0)
        self.ue.resume(("pti", pti), message)

    def _end_modification(self, session: PduSession, message: nas.FiveGSMMessage) -> None:
        if message.pti:
            self.ue.resume(("pti", message.pti), message)
        elif isinstance(message, nas.PDUSessionModificationCommand):
            # Clause 6.4.2.6: the network's own goes first, ours ends.
            self._end_procedure(session)
            pdu_session_modification.network_requested(self.ue, session, message)

    def _answer(self, session: PduSession, message: nas.FiveGSMMessage) -> None:
        if isinstance(message, nas.PDUSessionReleaseCommand):
            pdu_session_release.network_requested(self.ue, session, message)
        elif isinstance(message, nas.PDUSessionModificationCommand):
            pdu_session_modification.network_requested(self.ue, session, message)
        elif isinstance(message, nas.PDUSessionAuthenticationCommand):
            pdu_session_authentication.authentication_command(self.ue, session, message)

    def _note(self, message: nas.FiveGSMMessage) -> None:
        if not isinstance(message, nas.FiveGSMStatus):
            return
        cause = message.five_gsm_cause
        self.ue.report(
            "FiveGSMStatus",
            f"the network sent 5GSM STATUS for PDU session {message.pdu_session_id} with cause #{int(cause)}"
            f" ({cause.text})",
            level="warning",
            subject=self.ue.context.supi,
            cause=int(cause),
        )
        if message.pti in self._running:
            self.ue.resume(("pti", message.pti), message)
