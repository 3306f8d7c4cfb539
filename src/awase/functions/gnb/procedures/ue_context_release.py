"""UE context release, asked for by either side (TS 38.413 clauses 8.3.2 and 8.3.3)."""

from __future__ import annotations

from awase.functions.gnb.context import UeContext
from awase.functions.gnb.core import Gnb
from awase.functions.gnb.states import UeState
from awase.model.machine import Procedure, Wait
from awase.model.part import NS_PER_S
from awase.protocols.ngap.elements import (
    Cause,
    PDUSessionResourceItemCxtRelCpl,
    PDUSessionResourceItemCxtRelReq,
)
from awase.protocols.ngap.messages import (
    UEContextReleaseCommand,
    UEContextReleaseComplete,
    UEContextReleaseRequest,
)

USER_INACTIVITY = Cause("radioNetwork", "user-inactivity")


def request(gnb: Gnb, ue: UeContext, cause: Cause) -> None:
    """Have the AMF release a UE; where it does not know the UE yet, release it here."""
    if ue.state is UeState.RELEASING:
        return
    if ue.amf_ue_ngap_id is None or ue.amf is None:
        leave(gnb, ue)
        return
    if ue.running is not None:
        gnb.cancel(ue.running)
    ue.state = UeState.RELEASING
    ue.running = gnb.run(ue_context_release_request(gnb, ue, ue.amf_ue_ngap_id, cause))


def ue_context_release_request(gnb: Gnb, ue: UeContext, amf_ue_ngap_id: int, cause: Cause) -> Procedure[None]:
    """UE CONTEXT RELEASE REQUEST; the command that answers ends this procedure with the context."""
    gnb.send_ue_n2(
        ue,
        UEContextReleaseRequest(
            amf_ue_ngap_id=amf_ue_ngap_id,
            ran_ue_ngap_id=ue.ran_ue_ngap_id,
            pdu_session_resource_list_cxt_rel_req=tuple(
                PDUSessionResourceItemCxtRelReq(pdu_session_id=number) for number in ue.sessions
            ),
            cause=cause,
        ),
    )
    yield Wait(("release", ue.ran_ue_ngap_id), int(gnb.config.ue_context_release_s * NS_PER_S))
    # Only the timer ends this wait.
    ue.running = None
    name = ue.amf.name if ue.amf is not None else "the AMF"
    gnb.report_rarely(
        "UeContextReleaseUnanswered", f"{name} did not release a UE as asked ({cause}); released without it"
    )
    leave(gnb, ue)


def ue_context_release_command(gnb: Gnb, ue: UeContext, message: UEContextReleaseCommand) -> None:
    """UE CONTEXT RELEASE COMMAND: RRCRelease, UE CONTEXT RELEASE COMPLETE."""
    del message
    complete = UEContextReleaseComplete(
        amf_ue_ngap_id=ue.amf_ue_ngap_id,
        ran_ue_ngap_id=ue.ran_ue_ngap_id,
        user_location_information=gnb.user_location_information,
        pdu_session_resource_list_cxt_rel_cpl=tuple(
            PDUSessionResourceItemCxtRelCpl(pdu_session_id=number) for number in ue.sessions
        ),
    )
    gnb.send_ue_n2(ue, complete)
    leave(gnb, ue)


def leave(gnb: Gnb, ue: UeContext) -> None:
    """Release the connection of a UE, unless it has another by now."""
    if gnb.ue_of_sti.get(ue.sti) is ue:
        gnb.release_rrc(ue)
    else:
        gnb.forget(ue)


def watch_inactivity(gnb: Gnb, ue: UeContext) -> None:
    """Ask for the release of a UE that has sent and received nothing for as long as configured."""
    if gnb.config.inactivity_s is None:
        return
    limit_ns = int(gnb.config.inactivity_s * NS_PER_S)

    def check() -> None:
        left_ns = ue.active_ns + limit_ns - gnb.now_ns
        if left_ns > 0:
            ue.timer = gnb.start_timer(left_ns, check)
        else:
            ue.timer = None
            request(gnb, ue, USER_INACTIVITY)

    ue.timer = gnb.start_timer(limit_ns, check)
