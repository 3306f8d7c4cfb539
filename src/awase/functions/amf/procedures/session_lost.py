"""A session that its SMF does not know any more, while its UE is connected (TS 23.527 clauses 4.4.2 and 5.3.3).

No message tells a UE at once: the SMF that would send it a release command knows nothing of it. It learns from the PDU
session status in the answer to its next SERVICE REQUEST or REGISTRATION REQUEST (TS 24.501 clauses 5.5.1.3.4 and
5.6.1.4), which it sends when it has data for a session without user plane, or for any once it is CM-IDLE.
"""

from __future__ import annotations

from awase.functions.amf.context import AccessContext, Session, SmMessage, Ue
from awase.functions.amf.core import Amf
from awase.functions.amf.procedures import pdu_session_resource, ue_context_release
from awase.functions.amf.states import State
from awase.protocols.nas.messages import PDUSessionReleaseComplete
from awase.protocols.ngap import codec as ngap
from awase.protocols.ngap.elements import Cause
from awase.protocols.ngap.transfers import PDUSessionResourceReleaseCommandTransfer

SM_CONTEXT_LOST = Cause("nas", "unspecified")
_COMMAND = PDUSessionResourceReleaseCommandTransfer(cause=SM_CONTEXT_LOST)
_RELEASED_ALREADY = ("PDU_RES_NTY_REL", "PDU_RES_REL_RSP", "PDU_RES_SETUP_FAIL")
"""What a node says of resources that it has let go (TS 29.502 clause 6.1.6.3)."""
_RELEASE_COMPLETE = bytes((PDUSessionReleaseComplete.message_type,))
_MESSAGE_TYPE = slice(3, 4)
"""Where a 5GSM message has its type (TS 24.501 figure 9.1.1-2)."""


def lost(amf: Amf, ue: Ue, session: Session, n1: bytes, n2_type: str) -> None:
    """The SMF answered with 404 to what a UE (`n1`) or its node (`n2_type`) had for a session: let the UE know.

    Where its other sessions have their user planes, only this one's resources are released in the node, whose RRC
    takes the radio bearers from the UE; else the whole connection is. The next packet comes with a service request.
    """
    connection = ue.connection
    if connection is None or connection.holding or ue.state is not State.REGISTERED:
        # What it asks for, or asks next, is answered with its PDU session status.
        return
    if n2_type == "PDU_RES_REL_RSP" or n1[_MESSAGE_TYPE] == _RELEASE_COMPLETE:
        # It was released in order, and this crossed the end of it.
        return
    amf.report(
        "SmContextLost",
        f"the SMF at {session.smf} has lost PDU session {session.pdu_session_id} of {ue.name()}, which is connected",
        level="warning",
        subject=ue.subject,
        pdu_session_id=session.pdu_session_id,
    )
    if not any(other.active for other in ue.sessions.values()):
        ue_context_release.release(amf, connection, SM_CONTEXT_LOST)
    elif connection.access_context is AccessContext.SET_UP and n2_type not in _RELEASED_ALREADY:
        transfer = ngap.encode_transfer(_COMMAND)
        message = SmMessage(session.pdu_session_id, None, b"", transfer, pdu_session_resource.RELEASE_COMMAND)
        pdu_session_resource.send(amf, ue, connection, message)
