"""User data on its way up: the session-AMBR, the QoS flow, and what waits for user-plane resources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awase.functions.ue.context import PduSession
from awase.functions.ue.states import SessionState
from awase.model.part import NS_PER_MS, NS_PER_S
from awase.protocols.nas.elements import PduSessionIds, ServiceType

if TYPE_CHECKING:
    from awase.functions.ue.core import Ue

_AMBR_BURST_NS = 100 * NS_PER_MS
"""How much time of the session-AMBR may be used at once."""

_MAX_WAITING = 64
"""How many packets wait for user-plane resources; what comes beyond is lost, the oldest first."""


class UserPlane:
    """The UE's uplink."""

    __slots__ = ("_keeps_session_ambr", "_waiting", "ue")

    def __init__(self, ue: Ue) -> None:
        self.ue = ue
        self._keeps_session_ambr = ue.config.keeps_session_ambr
        self._waiting: list[tuple[PduSession, bytes]] | None = None

    def send(self, session: PduSession, packet: bytes) -> None:
        """Send a packet in its QoS flow; without user-plane resources they are asked for, and it waits.

        What goes beyond the uplink session-AMBR is dropped (TS 23.501 clause 5.7.2.6).
        """
        if session.uplink_bps and self._keeps_session_ambr:
            now_ns = self.ue.now_ns
            due_ns = max(session.uplink_due_ns, now_ns)
            if due_ns - now_ns > _AMBR_BURST_NS:
                return
            session.uplink_due_ns = due_ns + len(packet) * 8 * NS_PER_S // session.uplink_bps
        if not session.user_plane or not self._send(session, packet):
            self._wait(session, packet)

    def _send(self, session: PduSession, packet: bytes) -> bool:
        if not packet:
            # Nothing but the wish for user-plane resources.
            return True
        qfi = 0 if session.qos is None else session.qos.qfi_of(packet, self.ue.now_ns)
        return self.ue.uu.send_data(session.pdu_session_id, packet, qfi)

    def _wait(self, session: PduSession, packet: bytes) -> None:
        if self._waiting is None:
            self._waiting = []
        self._waiting.append((session, packet))
        if len(self._waiting) > _MAX_WAITING:
            del self._waiting[0]
        self.ue.n1.request_service(ServiceType.data)

    def waiting(self) -> tuple[int, ...]:
        """The sessions that need user-plane resources: data waits, or they are always-on (clause 5.6.1.2.1)."""
        ids = {session.pdu_session_id for session, _ in self._waiting or ()}
        sessions = self.ue.context.sessions.values()
        ids.update(s.pdu_session_id for s in sessions if s.always_on and not s.user_plane)
        active = self.ue.sm.established()
        return tuple(i for i in active if i in ids)

    @property
    def data_waits(self) -> bool:
        """Whether data waits: an always-on session alone ends no idle mode (TS 23.501 clause 5.6.13)."""
        return bool(self._waiting)

    @property
    def idle(self) -> bool:
        """Whether there are no user-plane resources, and nothing waits for any."""
        return not self._waiting and not any(s.user_plane for s in self.ue.context.sessions.values())

    def ready(self, asked: PduSessionIds | None, failed: PduSessionIds | None) -> None:
        """The network established what was asked for, but for what it says (TS 24.501 clause 9.11.3.42)."""
        refused = failed.ids if failed is not None else ()
        for pdu_session_id in asked.ids if asked is not None else ():
            session = self.ue.context.sessions.get(pdu_session_id)
            if session is None:
                continue
            if pdu_session_id in refused:
                self._drop(session)
                self.ue.report(
                    "UserPlaneNotEstablished",
                    f"the network established no user-plane resources for PDU session {pdu_session_id} of"
                    f" {self.ue.context.supi}",
                    level="warning",
                    subject=self.ue.context.supi,
                    pdu_session_id=pdu_session_id,
                )
            else:
                session.user_plane = True
        self.resend()

    def resend(self) -> None:
        """Send what waited and need wait no more."""
        waiting, self._waiting = self._waiting, None
        rest = [(s, packet) for s, packet in waiting or () if not (s.user_plane and self._send(s, packet))]
        if rest:
            self._waiting = rest

    def active(self, session: PduSession) -> None:
        """The session has user-plane resources: data came."""
        if not session.user_plane:
            session.user_plane = True
            self.resend()

    def lost(self) -> tuple[PduSession, ...]:
        """The connection is gone: the sessions that had user-plane resources."""
        had = tuple(s for s in self.ue.context.sessions.values() if s.user_plane)
        for session in had:
            session.user_plane = False
        return had

    def recover(self, sessions: tuple[PduSession, ...]) -> None:
        """Want what a lost connection had (TS 24.501 clause 5.6.1.1)."""
        there = [s for s in sessions if self.ue.context.sessions.get(s.pdu_session_id) is s]
        if there:
            self._waiting = (self._waiting or []) + [(s, b"") for s in there if s.state is SessionState.ACTIVE]

    def _drop(self, session: PduSession) -> None:
        self._waiting = [w for w in self._waiting or () if w[0] is not session] or None

    def session_gone(self, session: PduSession) -> None:
        """Forget what waited for a session."""
        if self._waiting is not None:
            self._drop(session)

    def forget(self) -> None:
        """Forget all that waited."""
        self._waiting = None
