"""UE context release: AN release and the loss of a connection (TS 23.502 clause 4.2.6, TS 38.413 clause 8.3.3)."""

from __future__ import annotations

from awase.functions.amf.context import Gnb, NgConnection
from awase.functions.amf.core import Amf
from awase.functions.amf.states import State
from awase.protocols.ngap.elements import Cause, UENGAPIDPair
from awase.protocols.ngap.messages import (
    UEContextReleaseCommand,
    UEContextReleaseComplete,
)

NORMAL = Cause("nas", "normal-release")
DEREGISTER = Cause("nas", "deregister")
AUTHENTICATION_FAILURE = Cause("nas", "authentication-failure")
OVERLOAD = Cause("misc", "control-processing-overload")
UNSPECIFIED = Cause("nas", "unspecified")


def release(amf: Amf, connection: NgConnection, cause: Cause = NORMAL) -> None:
    """End a connection by UE CONTEXT RELEASE COMMAND; its identifiers rest until they are confirmed."""
    amf.send_to_ran(
        connection,
        UEContextReleaseCommand(
            ue_ngap_ids=UENGAPIDPair(
                amf_ue_ngap_id=connection.amf_ue_ngap_id, ran_ue_ngap_id=connection.ran_ue_ngap_id
            ),
            cause=cause,
        ),
    )
    amf.released(connection)
    lose(amf, connection, cause)


def lose(amf: Amf, connection: NgConnection, cause: Cause | None = None) -> None:
    """A connection is no more: its UE is CM-IDLE (TS 23.501 clause 5.3.3.2.2)."""
    ue = connection.ue
    was_its_own = ue.connection is connection
    amf.disconnect(connection)
    if not was_its_own:
        return
    if ue.state is State.COMMON_PROCEDURE_INITIATED:
        # What was agreed before the procedure that broke off still holds (TS 24.501 clause 5.5.1.3.8).
        ue.state = State.REGISTERED if ue.registered_at_udm and ue.guti is not None else State.DEREGISTERED
    elif ue.state is State.DEREGISTERED_INITIATED:
        ue.state = State.DEREGISTERED
    if ue.supi is not None and amf.by_supi.get(ue.supi) is ue:
        amf.cm_idle(ue, cause)


def complete(gnb: Gnb, message: UEContextReleaseComplete) -> bool:
    """UE CONTEXT RELEASE COMPLETE; False where no release of this UE was under way."""
    if message.amf_ue_ngap_id is None:
        return False
    return gnb.released.pop(message.amf_ue_ngap_id, None) is not None
