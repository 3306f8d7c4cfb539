"""Network-requested PDU session modification (TS 24.501 clause 6.3.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awase.functions.ue.context import PduSession
from awase.protocols.nas.messages import PDUSessionModificationCommand, PDUSessionModificationComplete

if TYPE_CHECKING:
    from awase.functions.ue.core import Ue


def network_requested(ue: Ue, session: PduSession, command: PDUSessionModificationCommand) -> None:
    """Take over the new session-AMBR and complete; all packets follow the default rule, so rules change nothing."""
    if command.session_ambr is not None:
        session.uplink_bps = command.session_ambr.uplink_bps
    ue.sm.send(PDUSessionModificationComplete(pdu_session_id=command.pdu_session_id, pti=command.pti))
    ue.report(
        "SessionModified",
        f"the network modified PDU session {session.pdu_session_id} of {ue.context.supi}",
        subject=ue.context.supi,
        pdu_session_id=session.pdu_session_id,
    )
