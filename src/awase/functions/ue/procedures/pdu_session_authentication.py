"""PDU session authentication and authorization (TS 24.501 clause 6.3.1): a UE that has no method for it says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awase.functions.ue.context import PduSession
from awase.protocols.eap.codec import decode, encode
from awase.protocols.eap.messages import TYPE_NAK, AkaPrime, Code, OtherMethod
from awase.protocols.nas import messages as nas
from awase.wire.errors import DecodeError

if TYPE_CHECKING:
    from awase.functions.ue.core import Ue

_TYPE_IDENTITY = 1
_TYPE_NOTIFICATION = 2


def authentication_command(ue: Ue, session: PduSession, command: nas.PDUSessionAuthenticationCommand) -> None:
    """Answer an EAP request of the data network: an empty identity, then a Nak (RFC 3748 clauses 5.1 to 5.3)."""
    try:
        packet = decode(command.eap_message)
    except DecodeError as error:
        ue.malformed("the EAP message of a PDU SESSION AUTHENTICATION COMMAND", error)
        return
    if not isinstance(packet, OtherMethod | AkaPrime) or packet.code is not Code.request:
        return
    kind = packet.type if isinstance(packet, OtherMethod) else 0
    echoed = kind in (_TYPE_IDENTITY, _TYPE_NOTIFICATION)
    answer = OtherMethod(
        code=Code.response,
        identifier=packet.identifier,
        type=kind if echoed else TYPE_NAK,
        # RFC 3748 clause 5.3.1: no method is an alternative.
        data=b"" if echoed else b"\0",
    )
    if not echoed:
        ue.report(
            "SecondaryAuthenticationRefused",
            f"the data network {session.dnn or session.asked.dnn or ''} wants {ue.context.supi} to authenticate itself"
            f" in PDU session {session.pdu_session_id}, for which it has no method",
            level="warning",
            subject=ue.context.supi,
            pdu_session_id=session.pdu_session_id,
        )
    ue.sm.send(
        nas.PDUSessionAuthenticationComplete(
            pdu_session_id=command.pdu_session_id, pti=command.pti, eap_message=encode(answer)
        )
    )
