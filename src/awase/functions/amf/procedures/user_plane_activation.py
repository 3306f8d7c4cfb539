"""User planes that come back with a connection (TS 23.502 clause 4.2.3.2 steps 4 to 12, TS 24.501 clause 5.6.1.4)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from awase.functions.amf.context import AccessContext, NgConnection, SmMessage, Ue
from awase.functions.amf.core import Amf
from awase.functions.amf.procedures import initial_context_setup, pdu_session_resource, sm_context
from awase.functions.amf.procedures.pdu_session_resource import SETUP_REQUEST
from awase.functions.amf.procedures.sm_context import Update, Updated
from awase.model.machine import Procedure
from awase.protocols.nas.causes import FiveGMMCause
from awase.protocols.nas.elements import PduSessionIds
from awase.protocols.nas.network_elements import ReactivationError, ReactivationErrors

_CAUSES = {
    "OUT_OF_LADN_SERVICE_AREA": FiveGMMCause.ladn_not_available,
    "INSUFFICIENT_RESOURCES_SLICE_DNN": FiveGMMCause.insufficient_resources_for_specific_slice_and_dnn,
    "INSUFFICIENT_RESOURCES_SLICE": FiveGMMCause.insufficient_resources_for_specific_slice,
}
"""5GMM causes by what the SMF says; 92 otherwise (clause 5.6.1.4.1)."""


class Activated(NamedTuple):
    """What the node is to set up, and why the rest is not."""

    messages: tuple[SmMessage, ...] = ()
    failed: tuple[tuple[int, FiveGMMCause], ...] = ()

    def result(self) -> PduSessionIds:
        """PDU session reactivation result (TS 24.501 clause 9.11.3.42): a bit says that it failed."""
        return PduSessionIds(tuple(sorted(psi for psi, _ in self.failed)))

    def causes(self) -> ReactivationErrors | None:
        """PDU session reactivation result error cause (TS 24.501 clause 9.11.3.43)."""
        errors = tuple(ReactivationError(psi, int(cause)) for psi, cause in sorted(self.failed))
        return ReactivationErrors(errors) if errors else None


def wanted(ue: Ue, uplink_data_status: PduSessionIds | None) -> tuple[int, ...]:
    """The sessions whose user plane the UE wants back, or the network: it is paged for them."""
    asked = uplink_data_status.ids if uplink_data_status is not None else ()
    psis = dict.fromkeys(psi for psi in asked if psi in ue.sessions)
    psis.update(dict.fromkeys(psi for psi in _held(ue) if psi in ue.sessions))
    return tuple(psis)


def _held(ue: Ue) -> dict[int, SmMessage]:
    """N2 SM information that waits for the UE, by PDU session."""
    messages = [one.message for one in ue.paging.pending] if ue.paging is not None else []
    return {m.pdu_session_id: m for m in messages if m is not None and m.n2_type == SETUP_REQUEST}


def activate(
    amf: Amf, ue: Ue, psis: Sequence[int], uplink_data_status: PduSessionIds | None = None
) -> Procedure[Activated]:
    """Ask each session's SMF for its user plane; what it has already sent is taken where it says no more."""
    answers: dict[int, Updated] = {}
    if psis:
        answers = yield from sm_context.update_each(amf, ue, {psi: Update(up_cnx_state="ACTIVATING") for psi in psis})
    held = _held(ue)
    messages: list[SmMessage] = []
    asked = uplink_data_status.ids if uplink_data_status is not None else ()
    failed: dict[int, FiveGMMCause] = {}
    for psi in psis:
        answer, session = answers[psi], ue.sessions.get(psi)
        known = held.get(psi)
        if session is not None and answer.n2 and answer.n2_type == SETUP_REQUEST:
            n1 = known.n1 if known is not None else answer.n1
            messages.append(SmMessage(psi, session.s_nssai, n1, answer.n2, answer.n2_type))
        elif session is not None and known is not None and not answer.refusal:
            messages.append(known)
        elif psi in asked and (answer.refusal or session is None):
            cause = _CAUSES.get(answer.refusal, FiveGMMCause.insufficient_user_plane_resources_for_the_pdu_session)
            failed[psi] = cause
    return Activated(tuple(messages), tuple(failed.items()))


def connect(
    amf: Amf, ue: Ue, connection: NgConnection, nas_pdu: bytes, messages: tuple[SmMessage, ...], *, context: bool
) -> None:
    """Send the accept, with the user planes in one message where the node can take it so (TS 23.502 step 12)."""
    if connection.access_context is AccessContext.NONE and (context or messages):
        initial_context_setup.start(amf, ue, connection, nas_pdu, messages)
    elif connection.access_context is AccessContext.SET_UP and messages:
        pdu_session_resource.set_up(amf, ue, connection, messages, nas_pdu)
    else:
        amf.send_nas(connection, nas_pdu)
        if messages:
            connection.waiting.append(partial(pdu_session_resource.set_up, amf, ue, connection, messages))
