"""AN release that the NG-RAN node asks for (TS 23.502 clause 4.2.6, TS 38.413 clause 8.3.2)."""

from __future__ import annotations

from awase.functions.amf.context import NgConnection
from awase.functions.amf.core import Amf
from awase.functions.amf.procedures import sm_context, ue_context_release
from awase.functions.amf.states import State
from awase.model.machine import Procedure
from awase.protocols.ngap.elements import Cause
from awase.protocols.ngap.messages import UEContextReleaseRequest


def request(amf: Amf, connection: NgConnection, message: UEContextReleaseRequest) -> None:
    """UE CONTEXT RELEASE REQUEST of the node: granted, with the cause that it gave.

    The user planes that it lists are deactivated first (TS 23.502 clause 4.2.6 step 1b).
    """
    cause, ue = message.cause or ue_context_release.UNSPECIFIED, connection.ue
    if connection.holding and ue.procedure is None:
        # It asks again while its first wish is being granted.
        return
    listed = [item.pdu_session_id for item in message.pdu_session_resource_list_cxt_rel_req]
    active = [psi for psi in dict.fromkeys(listed) if psi in ue.sessions and ue.sessions[psi].active]
    if ue.state is State.REGISTERED and ue.connection is connection and active:
        amf.stop_procedure(ue)
        connection.holding = True
        amf.run(_release_after(amf, connection, active, cause))
    else:
        ue_context_release.release(amf, connection, cause)


def _release_after(amf: Amf, connection: NgConnection, active: list[int], cause: Cause) -> Procedure[None]:
    ue = connection.ue
    for psi in active:
        ue.sessions[psi].active = False
    change = sm_context.Update(up_cnx_state="DEACTIVATED", cause=cause)
    yield from sm_context.update_each(amf, ue, dict.fromkeys(active, change))
    if amf.connections.get(connection.amf_ue_ngap_id) is connection:
        ue_context_release.release(amf, connection, cause)
