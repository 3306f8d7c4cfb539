"""A session's user plane connection: AN release and service request (TS 23.502 clauses 4.2.6 and 4.2.3.2)."""

from awase.functions.smf import n2
from awase.functions.smf.context import SmContext
from awase.functions.smf.sbi import N2_REFERENCE
from awase.functions.smf.smf import Smf
from awase.functions.smf.states import State, UserPlane
from awase.model.machine import Procedure
from awase.protocols.sbi import codec, multipart
from awase.protocols.sbi.messages import Response
from awase.protocols.sbi.nsmf_pdu_session import SmContextUpdatedData


def deactivate(smf: Smf, context: SmContext) -> Procedure[Response]:
    """AN release, steps 5 to 7: the UPF holds downlink packets back."""
    if context.user_plane is not UserPlane.DEACTIVATED and context.is_in(State.ACTIVE):
        context.user_plane = UserPlane.DEACTIVATED
        yield from _hold(smf, context)
    return codec.json_response(200, SmContextUpdatedData(up_cnx_state=UserPlane.DEACTIVATED.value))


def activate(_smf: Smf, context: SmContext) -> Response:
    """Service request, steps 4 to 11: NG-RAN is to set up its resources again."""
    if context.uplink is None:
        return codec.problem(403, "N2_SM_ERROR", "the session has no tunnel")
    context.user_plane = UserPlane.ACTIVATING
    body = SmContextUpdatedData(
        up_cnx_state=UserPlane.ACTIVATING.value,
        n2_sm_info=N2_REFERENCE,
        n2_sm_info_type=n2.SETUP_REQUEST,
    )
    return codec.json_response(200, body, parts=[multipart.n2_part(n2.setup_request(context))])


def error_indication(smf: Smf, context: SmContext) -> None:
    """NG-RAN does not know its end of the tunnel (TS 23.527 clause 5.3.2.1): no more packets into it."""
    smf.report(
        "GtpErrorIndication",
        f"{context}: NG-RAN answers its packets with GTP-U Error Indication; its user plane is deactivated",
        level="warning",
        subject=context.supi,
    )
    if context.is_in(State.ACTIVE) and context.user_plane is UserPlane.ACTIVATED:
        context.user_plane = UserPlane.DEACTIVATED
        smf.run(_hold(smf, context))


def _hold(smf: Smf, context: SmContext) -> Procedure[None]:
    problem = yield from smf.n4.hold(context)
    if problem is not None:
        smf.report(
            "N4SessionModificationFailed",
            f"{context}: downlink packets are not held back: {problem}",
            level="warning",
            subject=context.supi,
        )
