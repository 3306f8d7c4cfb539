"""A session's user plane connection: AN release, service request, paging, path switch (TS 23.502 clause 4.2).

Clauses 4.2.6, 4.2.3.2, 4.2.3.3 and 4.9.1.2.
"""

from collections.abc import Sequence

from awase.functions.smf import n2
from awase.functions.smf.context import QFI, SmContext, Tunnel
from awase.functions.smf.procedures.pdu_session_modification import start_modification
from awase.functions.smf.procedures.pdu_session_release import release_by_network, release_locally
from awase.functions.smf.sbi import N2_REFERENCE
from awase.functions.smf.smf import Smf
from awase.functions.smf.states import Input, State, UserPlane
from awase.model.machine import Procedure, Wait
from awase.model.part import NS_PER_S
from awase.model.settings import Arp
from awase.protocols.ngap.elements import Cause
from awase.protocols.pfcp.elements import UsageReportTrigger
from awase.protocols.pfcp.messages import SessionReportRequest, UsageReport
from awase.protocols.sbi import codec, multipart
from awase.protocols.sbi.entity import Call
from awase.protocols.sbi.messages import Response
from awase.protocols.sbi.namf_communication import ATTEMPTING_TO_REACH_UE, N1N2MsgTxfrFailureNotification
from awase.protocols.sbi.nsmf_pdu_session import SmContextUpdatedData
from awase.wire.errors import DecodeError

_GUARD_S = 2
_GUARDED_TRIES = 5
"""How long, and how often, to wait while the AMF is busy with the UE (TS 23.502 clause 4.2.3.3, step 3b)."""
_PAGING_S = 120
"""Longer than any AMF pages."""
_SETUP_S = 30
"""Longer than NG-RAN takes to set up a session's resources."""
_BUSY = ("TEMPORARY_REJECT_REGISTRATION_ONGOING", "TEMPORARY_REJECT_HANDOVER_ONGOING")
_INSUFFICIENT_RESOURCES = 26
_QUOTA = UsageReportTrigger.VOLQU | UsageReportTrigger.TIMQU


def deactivate(smf: Smf, context: SmContext) -> Procedure[Response]:
    """AN release, steps 5 to 7: the UPF holds downlink packets back."""
    if context.user_plane is not UserPlane.DEACTIVATED and is_up(context):
        context.user_plane = UserPlane.DEACTIVATED
        context.downlink = None
        context.notifying = 0
        yield from hold(smf, context)
        smf.keep(context)
    return codec.json_response(200, SmContextUpdatedData(up_cnx_state=UserPlane.DEACTIVATED.value))


def release_resources(smf: Smf, context: SmContext, cause: Cause) -> Procedure[None]:
    """NG-RAN lets go of what it may have of the session (TS 23.527 clause 5.3.2.1, step 5)."""
    answer = yield from smf.consumer.transfer(context, None, (n2.release_command(cause), n2.RELEASE_COMMAND))
    if answer.cause == "CONTEXT_NOT_FOUND" and is_up(context):
        yield from release_locally(smf, context, "the AMF does not know the UE")


def is_up(context: SmContext) -> bool:
    """Whether there is a session to speak of: ACTIVE, or being modified."""
    return context.state in (State.ACTIVE, State.MODIFICATION_PENDING)


def activate(smf: Smf, context: SmContext) -> Response:
    """Service request, steps 4 to 11: NG-RAN is to set up its resources again."""
    if context.uplink is None:
        return codec.problem(403, "N2_SM_ERROR", "the session has no tunnel")
    _activating(smf, context)
    body = SmContextUpdatedData(
        up_cnx_state=UserPlane.ACTIVATING.value,
        n2_sm_info=N2_REFERENCE,
        n2_sm_info_type=n2.SETUP_REQUEST,
    )
    return codec.json_response(200, body, parts=[multipart.n2_part(n2.setup_request(context))])


def _activating(smf: Smf, context: SmContext) -> None:
    context.user_plane = UserPlane.ACTIVATING
    context.notifying = since = smf.now_ns
    smf.start_timer(_SETUP_S * NS_PER_S, lambda: _not_set_up(smf, context, since))


def _not_set_up(smf: Smf, context: SmContext, since: int) -> None:
    """Nobody has said that NG-RAN's resources are there, or that they are not: the next packet asks anew."""
    if context.user_plane is UserPlane.ACTIVATING and context.notifying == since and is_up(context):
        context.user_plane = UserPlane.DEACTIVATED
        smf.run(not_reached(smf, context, "nobody said that its resources are set up"))


def hold(smf: Smf, context: SmContext) -> Procedure[None]:
    """Have the UPF hold downlink packets back."""
    problem = yield from smf.n4.hold(context)
    if problem is not None:
        smf.report(
            "N4SessionModificationFailed",
            f"{context}: downlink packets are not held back: {problem}",
            level="warning",
            subject=context.supi,
        )


# Network triggered service request (clause 4.2.3.3).


def downlink_data(smf: Smf, context: SmContext, report: SessionReportRequest | None = None) -> None:
    """Packets wait for a UE that has no user plane: the AMF is to reach it. Once for all that wait."""
    if context.notifying or not is_up(context) or context.user_plane is not UserPlane.DEACTIVATED:
        return
    context.notifying = smf.now_ns
    smf.report(
        "DownlinkDataWaits",
        f"{context}: downlink data waits, the AMF is asked to reach the UE",
        subject=context.supi,
        pdu_session_id=context.pdu_session_id,
    )
    smf.run(reach(smf, context, report))


def reach(smf: Smf, context: SmContext, report: SessionReportRequest | None = None) -> Procedure[None]:
    """Steps 3a and 3b."""
    five_qi, arp, ppi = _paging_policy(context, report)
    for _ in range(_GUARDED_TRIES):
        answer = yield from smf.consumer.transfer(
            context, None, (n2.setup_request(context), n2.SETUP_REQUEST), paging=(five_qi, arp, ppi)
        )
        if not is_up(context):
            return
        if answer.cause not in _BUSY:
            break
        yield Wait(("reach", context.reference), _GUARD_S * NS_PER_S)
        if not is_up(context) or context.user_plane is not UserPlane.DEACTIVATED:
            context.notifying = 0
            return
    if answer.cause == "CONTEXT_NOT_FOUND":
        # The AMF has lost the UE (TS 23.527 clause 4.2.2): so has the session its user.
        context.notifying = 0
        yield from release_locally(smf, context, "the AMF does not know the UE")
    elif answer.problem is not None:
        yield from not_reached(smf, context, answer.problem)
    elif answer.cause == ATTEMPTING_TO_REACH_UE:
        since = context.notifying
        smf.start_timer(_PAGING_S * NS_PER_S, lambda: _unheard_of(smf, context, since))
    elif context.user_plane is UserPlane.DEACTIVATED:
        _activating(smf, context)


def _unheard_of(smf: Smf, context: SmContext, since: int) -> None:
    """An AMF that has not said how its paging ended says it no more: it has restarted, or its word was lost."""
    if since and context.notifying == since and is_up(context):
        smf.run(not_reached(smf, context, "the AMF has not said how paging ended"))


def _paging_policy(context: SmContext, report: SessionReportRequest | None) -> tuple[int, Arp, int | None]:
    """5QI and ARP of the flow that the packet is of, and its paging policy indicator (TS 23.501 clause 5.4.3.2)."""
    qos = context.qos
    assert qos is not None
    five_qi, arp, ppi, qfi = qos.five_qi, qos.arp, None, QFI
    data = None if report is None else report.downlink_data_report
    if data is not None:
        for information in data.downlink_data_service_information:
            ppi = information.paging_policy_indication if ppi is None else ppi
            qfi = information.qfi or qfi
        if qfi == QFI and data.pdr_id:
            qfi = (data.pdr_id[0] + 1) // 2
    for flow in context.flows:
        if flow.qfi == qfi:
            five_qi, arp = flow.five_qi, flow.arp or arp
    return five_qi, arp, ppi if ppi is not None and ppi <= 7 else None


def not_reached(smf: Smf, context: SmContext, why: str) -> Procedure[None]:
    """Step 5: what waits is dropped; the next packet is told of again."""
    context.notifying = 0
    smf.drop_held(context)
    smf.report(
        "UeNotReached",
        f"{context}: downlink data is dropped, the UE is not reached: {why}",
        level="warning",
        subject=context.supi,
        pdu_session_id=context.pdu_session_id,
    )
    if context.user_plane is not UserPlane.DEACTIVATED or smf.n4.wishes(context).hold_here:
        return
    problem = yield from smf.n4.drop_buffered(context)
    if problem is not None:
        smf.report(
            "N4SessionModificationFailed",
            f"{context}: buffered packets are not dropped: {problem}",
            level="warning",
            subject=context.supi,
        )


def failure_notification(smf: Smf, call: Call, body: N1N2MsgTxfrFailureNotification) -> Response:
    """Namf_Communication_N1N2TransferFailureNotification (TS 29.518 clause 5.2.2.3.2)."""
    context = smf.sessions.by_reference(call.params["smContextRef"])
    if context is None:
        return codec.problem(404, "CONTEXT_NOT_FOUND", "there is no such SM context")
    if is_up(context) and context.notifying:
        smf.defer(not_reached(smf, context, body.cause[:60]))
    # A message that waits for its answer has its own timer.
    return Response(204)


# What NG-RAN says of a session.


def downlink_up(smf: Smf, context: SmContext, tunnel: Tunnel, *, end_marker: bool = False) -> Procedure[str | None]:
    """Send downlink packets into a tunnel, those first that waited; what went wrong, or None."""
    problem = yield from smf.n4.forward(context, tunnel, end_marker=end_marker)
    if problem is None:
        context.user_plane = UserPlane.ACTIVATED
        context.downlink = tunnel
        context.notifying = 0
        smf.flush(context)
        smf.keep(context)
    return problem


def path_switch(smf: Smf, context: SmContext, octets: bytes) -> Procedure[Response]:
    """Xn based handover, steps 3 to 6 (clause 4.9.1.2.2): the UPF ends the old path with an end marker."""
    try:
        tunnel, accepted = n2.path_switch_request(octets)
    except DecodeError as error:
        return codec.problem(403, "N2_SM_ERROR", f"the path switch request transfer: {error}")
    if QFI not in accepted:
        return _switch_failed(Cause("radioNetwork", "invalid-qos-combination"))
    problem = yield from downlink_up(smf, context, tunnel, end_marker=context.user_plane is UserPlane.ACTIVATED)
    if problem is not None:
        smf.report(
            "N4SessionModificationFailed",
            f"{context}: the path is not switched: {problem}",
            level="warning",
            subject=context.supi,
        )
        return _switch_failed(Cause("transport", "transport-resource-unavailable"))
    lost = tuple(flow for flow in context.flows if flow.qfi not in accepted)
    if lost:
        smf.defer(_drop_flows(smf, context, tuple(flow.qfi for flow in lost), "the target did not accept them"))
    body = SmContextUpdatedData(
        up_cnx_state=UserPlane.ACTIVATED.value,
        n2_sm_info=N2_REFERENCE,
        n2_sm_info_type=n2.PATH_SWITCH_ACKNOWLEDGE,
    )
    return codec.json_response(200, body, parts=[multipart.n2_part(n2.path_switch_acknowledge())])


def modify_indication(smf: Smf, context: SmContext, octets: bytes) -> Procedure[Response]:
    """NG-RAN has another end of the tunnel (TS 38.413 clause 8.2.5): the UPF sends there."""
    try:
        tunnel, flows = n2.modify_indication(octets)
    except DecodeError as error:
        return codec.problem(403, "N2_SM_ERROR", f"the modify indication transfer: {error}")
    if context.uplink is None:
        return codec.problem(403, "N2_SM_ERROR", "the session has no tunnel")
    problem = yield from downlink_up(smf, context, tunnel, end_marker=context.user_plane is UserPlane.ACTIVATED)
    if problem is not None:
        return codec.problem(403, "N2_SM_ERROR", problem[:200])
    body = SmContextUpdatedData(n2_sm_info=N2_REFERENCE, n2_sm_info_type=n2.MODIFY_CONFIRM)
    return codec.json_response(200, body, parts=[multipart.n2_part(n2.modify_confirm(context.uplink, flows))])


def _switch_failed(cause: Cause) -> Response:
    body = {
        "error": {"status": 403, "cause": "N2_SM_ERROR", "detail": str(cause)},
        "n2SmInfo": {"contentId": N2_REFERENCE.content_id},
        "n2SmInfoType": n2.PATH_SWITCH_UNSUCCESSFUL,
    }
    return codec.json_response(403, body, parts=[multipart.n2_part(n2.path_switch_unsuccessful(cause))])


def path_switch_setup_failed(smf: Smf, context: SmContext, _octets: bytes) -> Procedure[Response]:
    """The target did not take the session over: it stays, without user plane (clause 4.9.1.2.2, step 2)."""
    return (yield from deactivate(smf, context))


def resource_notify(smf: Smf, context: SmContext, octets: bytes) -> Response:
    """NG-RAN does no longer, or again, guarantee a flow's bit rate, or has released flows (clause 4.3.3.2, 1e)."""
    try:
        told, gone = n2.notify(octets)
    except DecodeError as error:
        return codec.problem(403, "N2_SM_ERROR", f"the notify transfer: {error}")
    for qfi, fulfilled in told:
        smf.report(
            "QosFlowFulfilled" if fulfilled else "QosFlowNotFulfilled",
            f"{context}: NG-RAN {'guarantees again' if fulfilled else 'does no longer guarantee'} QoS flow {qfi}",
            level="info" if fulfilled else "warning",
            subject=context.supi,
            pdu_session_id=context.pdu_session_id,
            qfi=qfi,
        )
    if QFI in gone:
        smf.defer(release_by_network(smf, context, _INSUFFICIENT_RESOURCES, "NG-RAN released its default QoS flow"))
    elif gone:
        smf.defer(_drop_flows(smf, context, gone, "NG-RAN released them"))
    return Response(204)


def _drop_flows(smf: Smf, context: SmContext, gone: Sequence[int], why: str) -> Procedure[None]:
    flows = tuple(flow for flow in context.flows if flow.qfi not in gone)
    if context.is_in(State.ACTIVE) and flows != context.flows:
        yield from start_modification(
            smf, context, (flows, None), f"without QoS flows {list(gone)}: {why}", n2_too=False
        )


# Usage (TS 29.244 clause 5.2.2).


def usage_reported(smf: Smf, context: SmContext, reports: Sequence[UsageReport], last: bool) -> None:
    """What a URR has counted; a quota that is used up may end the session."""
    for report in reports:
        volume = report.volume_measurement
        smf.report(
            "SessionUsage",
            f"{context}: {0 if volume is None else volume.total_bytes or 0} bytes"
            + (" in all" if last else " since the last report"),
            subject=context.supi,
            pdu_session_id=context.pdu_session_id,
            total_bytes=0 if volume is None else volume.total_bytes or 0,
            uplink_bytes=0 if volume is None else volume.uplink_bytes or 0,
            downlink_bytes=0 if volume is None else volume.downlink_bytes or 0,
            duration_s=report.duration_measurement or 0,
            trigger=str(UsageReportTrigger(report.usage_report_trigger).name or report.usage_report_trigger),
        )
        if report.usage_report_trigger & _QUOTA and not last:
            _exhausted(smf, context)


def _exhausted(smf: Smf, context: SmContext) -> None:
    dnn = smf.pools[context.dnn].dnn
    smf.report(
        "QuotaExhausted",
        f"{context}: its quota is used up; it is "
        + ("released" if dnn.on_exhaustion == "release" else "blocked, packets are dropped"),
        level="warning",
        subject=context.supi,
        config=f"{smf.pools[context.dnn].path}.quota_mb",
        pdu_session_id=context.pdu_session_id,
    )
    if dnn.on_exhaustion == "release" and context.may(Input.RELEASE_BY_NETWORK):
        smf.run(release_by_network(smf, context, _INSUFFICIENT_RESOURCES, "its quota is used up"))
