"""PDU session modification by network and by UE (TS 23.502 clause 4.3.3.2, TS 24.501 clauses 6.3.2 and 6.4.2)."""

from awase.functions.smf import n1, n2
from awase.functions.smf.context import Change, Qos, SmContext, Tunnel
from awase.functions.smf.requested_flows import Refused, flows_after
from awase.functions.smf.rules import Rules
from awase.functions.smf.sbi import N1_REFERENCE, N2_REFERENCE
from awase.functions.smf.smf import Smf
from awase.functions.smf.states import Input, State, UserPlane
from awase.model.machine import Procedure, Wait
from awase.model.part import NS_PER_S
from awase.model.settings import QosFlow
from awase.protocols.nas.causes import FiveGSMCause
from awase.protocols.nas.messages import PDUSessionModificationCommandReject, PDUSessionModificationRequest
from awase.protocols.sbi import codec, multipart
from awase.protocols.sbi.messages import Response
from awase.protocols.sbi.nsmf_pdu_session import SmContextUpdatedData
from awase.wire.errors import DecodeError, EncodeError

_INSUFFICIENT_RESOURCES = 26

Wanted = tuple[tuple[QosFlow, ...], Qos | None]
"""The flows that there are to be, and the QoS of the session where that changes too."""


class _Stages:
    """The UPF's rules before, and while the UE and NG-RAN are asked: uplink first (TS 23.502 clause 4.3.3.2)."""

    __slots__ = ("before", "meanwhile")

    def __init__(self, before: Rules, after: Rules) -> None:
        self.before = before
        early = {number: pdr for number, pdr in after.pdrs.items() if number % 2 == 0 and number not in before.pdrs}
        self.meanwhile = before._replace(pdrs={**before.pdrs, **early}, qers={**after.qers, **before.qers})


def start_modification(
    smf: Smf, context: SmContext, wanted: Wanted, why: str, *, n2_too: bool = True
) -> Procedure[None]:
    """By the network; `n2_too` False: NG-RAN has done its part already."""
    if not context.may(Input.MODIFICATION_BY_NETWORK):
        return
    begun = yield from _begin(smf, context, wanted, 0)
    if isinstance(begun, str):
        _report_failed(smf, context, begun)
        return
    stages, transfer = begun
    change = context.change
    assert change is not None
    if not n2_too or transfer is None:
        transfer, change.awaits_n2 = None, False
    n2_part = None if transfer is None else (transfer, n2.MODIFY_REQUEST)
    answer = yield from smf.consumer.transfer(context, change.command, n2_part)
    if answer.problem is not None and context.is_in(State.MODIFICATION_PENDING):
        yield from _take_back(smf, context, stages, change)
        _report_failed(smf, context, f"the AMF did not pass on the command: {answer.problem}")
        return
    yield from _conclude(smf, context, change, stages, f"by the network, {why}")


def modification_request(
    smf: Smf, context: SmContext, request: PDUSessionModificationRequest
) -> Response | Procedure[Response]:
    """By the UE: the command is the answer, or a reject (TS 24.501 clauses 6.4.2.3 and 6.4.2.4)."""
    change = context.change
    if context.is_in(State.MODIFICATION_PENDING) and change is not None:
        # Sent again at T3581, it is answered again; the network's own modification goes before (6.3.2.6).
        again = change.pti == request.pti and change.command
        return _answer(change.command, None) if again else Response(204)
    congested = smf.congested(context)
    if congested is not None:
        return _reject(smf, context, request.pti, (congested.cause, congested.text, congested.back_off_s))
    if request.five_gsm_capability is not None:
        context.reflective = request.five_gsm_capability.reflective_qos
    try:
        flows = flows_after(
            context.flows,
            request.requested_qos_rules or (),
            request.requested_qos_flow_descriptions or (),
            smf.config.ue_flows,
        )
    except Refused as refused:
        return _reject(smf, context, request.pti, (refused.cause, refused.text, None))
    return _by_ue(smf, context, request.pti, flows)


def _by_ue(smf: Smf, context: SmContext, pti: int, flows: tuple[QosFlow, ...]) -> Procedure[Response]:
    begun = yield from _begin(smf, context, (flows, None), pti)
    if isinstance(begun, str):
        return _reject(smf, context, pti, (31, begun, None))
    stages, transfer = begun
    change = context.change
    assert change is not None
    smf.defer(_conclude(smf, context, change, stages, "by the UE"))
    return _answer(change.command, transfer)


def _reject(smf: Smf, context: SmContext, pti: int, why: tuple[int, str, int | None]) -> Response:
    cause, text, back_off_s = why
    words = FiveGSMCause(cause)
    smf.report(
        "PduSessionModificationRejected",
        f"{context}: modification by the UE is rejected, cause {int(words)} ({words.text}): {text}",
        level="warning",
        subject=context.supi,
        cause=int(words),
    )
    return _answer(n1.modification_reject(context.pdu_session_id, pti, cause, back_off_s), None)


def _answer(message: bytes, transfer: bytes | None) -> Response:
    body = SmContextUpdatedData(
        n1_sm_msg=N1_REFERENCE,
        n2_sm_info=None if transfer is None else N2_REFERENCE,
        n2_sm_info_type=None if transfer is None else n2.MODIFY_REQUEST,
    )
    parts = [multipart.n1_part(message)]
    if transfer is not None:
        parts.append(multipart.n2_part(transfer))
    return codec.json_response(200, body, parts=parts)


def _begin(smf: Smf, context: SmContext, wanted: Wanted, pti: int) -> Procedure[tuple[_Stages, bytes | None] | str]:
    """Change the context, and what the UPF lets come up; what went wrong, or how to go on."""
    qos = context.qos
    assert qos is not None
    change = Change(pti=pti, old_flows=context.flows, old_qos=qos, flows=wanted[0])
    before = smf.n4.rules_of_flows(context)
    context.take(Input.MODIFICATION_BY_NETWORK)
    context.change = change
    context.flows, context.qos = wanted[0], wanted[1] or qos
    try:
        change.command = n1.modification_command(
            context, pti, (change.old_qos, change.old_flows), smf.config.rq_timer_s
        )
        transfer = n2.modify_request(context, change.old_qos, change.old_flows)
    except EncodeError as error:
        _restore(context, change)
        return str(error)
    # A UE without user plane gets its flows when that is set up (clause 4.3.3.2, step 3b).
    change.awaits_n2 = transfer is not None and context.user_plane is UserPlane.ACTIVATED
    stages = _Stages(before, smf.n4.rules_of_flows(context))
    problem = yield from smf.n4.move(context, stages.before, stages.meanwhile)
    if not context.is_in(State.MODIFICATION_PENDING) or context.change is not change:
        return "the session is being released"
    if problem is not None:
        _restore(context, change)
        return problem
    return stages, transfer if change.awaits_n2 else None


def _restore(context: SmContext, change: Change) -> None:
    context.flows, context.qos, context.change = change.old_flows, change.old_qos, None
    if context.is_in(State.MODIFICATION_PENDING):
        context.take(Input.MODIFICATION_ENDED)


def _take_back(smf: Smf, context: SmContext, stages: _Stages, change: Change) -> Procedure[None]:
    """All is as it was."""
    _restore(context, change)
    problem = yield from smf.n4.move(context, stages.meanwhile, stages.before)
    if problem is not None:
        smf.report(
            "N4SessionModificationFailed",
            f"{context}: the rules of a modification that failed stay: {problem}",
            level="warning",
            subject=context.supi,
        )


def _conclude(smf: Smf, context: SmContext, change: Change, stages: _Stages, why: str) -> Procedure[None]:
    """T3591 until UE and NG-RAN have answered (TS 24.501 clauses 6.3.2.3 to 6.3.2.5)."""
    timer_ns = round(smf.config.t3591_s * NS_PER_S)
    for expiry in range(1, smf.config.t3591_expiries + 1):
        if not _is_under_way(context, change) or change.complete:
            break
        answered = yield Wait(("modification", context.reference), timer_ns)
        if answered is None and expiry < smf.config.t3591_expiries and _is_under_way(context, change):
            yield from smf.consumer.transfer(context, change.command)
    if change.complete and change.awaits_n2 and _is_under_way(context, change):
        yield Wait(("modification", context.reference), timer_ns)
    if not _is_under_way(context, change):
        return
    if not change.complete or change.refused or change.awaits_n2 or change.unserved:
        yield from _fail(smf, context, change, stages)
        return
    gone = [qfi for qfi in change.failed if any(flow.qfi == qfi for flow in context.flows)]
    asked = context.flows
    context.flows = tuple(flow for flow in context.flows if flow.qfi not in gone)
    problem = yield from smf.n4.move(context, stages.meanwhile, smf.n4.rules_of_flows(context))
    if not _is_under_way(context, change):
        return
    if problem is not None:
        context.flows = asked
        yield from _fail(smf, context, change, stages, problem)
        return
    context.change = None
    context.take(Input.MODIFICATION_ENDED)
    smf.keep(context)
    _report_modified(smf, context, why)
    if gone:
        # NG-RAN refused them, and the UE has their rules (clause 4.3.3.2, step 11).
        yield from _tell_ue_of_lost(smf, context, asked, gone)


def _is_under_way(context: SmContext, change: Change) -> bool:
    return context.change is change and context.is_in(State.MODIFICATION_PENDING)


def _tell_ue_of_lost(smf: Smf, context: SmContext, asked: tuple[QosFlow, ...], gone: list[int]) -> Procedure[None]:
    left = context.flows
    context.flows = asked
    text = f"without QoS flows {gone}: NG-RAN did not take them"
    smf.report("QosFlowsRefused", f"{context}: {text}", level="warning", subject=context.supi)
    yield from start_modification(smf, context, (left, None), text, n2_too=False)


def _fail(smf: Smf, context: SmContext, change: Change, stages: _Stages, problem: str | None = None) -> Procedure[None]:
    """The old configuration goes on (TS 24.501 clauses 6.3.2.4 and 6.3.2.5); NG-RAN drops what it has taken."""
    cause = FiveGSMCause(change.refused) if change.refused else None
    taken, took_qos = context.flows, context.qos
    if problem is None:
        problem = (
            f"the UE refused it, cause {int(cause)} ({cause.text})"
            if cause is not None
            else f"NG-RAN took nothing of it: {change.unserved}"
            if change.unserved
            else f"no answer after {smf.config.t3591_expiries} expiries of T3591"
            if not change.complete
            else "NG-RAN did not answer"
        )
    yield from _take_back(smf, context, stages, change)
    _report_failed(smf, context, problem, change.refused)
    if change.unserved:
        yield from _not_served(smf, context, change)
        return
    if context.user_plane is UserPlane.ACTIVATED and took_qos is not None and context.is_in(State.ACTIVE):
        transfer = n2.modify_request(context, took_qos, taken)
        if transfer is not None:
            yield from smf.consumer.transfer(context, None, (transfer, n2.MODIFY_REQUEST))


def _not_served(smf: Smf, context: SmContext, change: Change) -> Procedure[None]:
    """NG-RAN took nothing, and so passed no command on (TS 38.413 clause 8.2.3.2): a UE that asked is told."""
    if not context.is_in(State.ACTIVE):
        return
    change.over, context.change = True, change
    if change.pti:
        reject = n1.modification_reject(context.pdu_session_id, change.pti, _INSUFFICIENT_RESOURCES)
        yield from smf.consumer.transfer(context, reject)


def taken_too_late(smf: Smf, context: SmContext) -> Response:
    """A UE has taken what NG-RAN has not: it is told what there is."""
    change = context.change
    if change is not None and change.over:
        context.change = None
        smf.defer(_correct(smf, context, change.flows))
    # Else its command was sent again while the answer to the first was on its way.
    return Response(204)


def _correct(smf: Smf, context: SmContext, taken: tuple[QosFlow, ...]) -> Procedure[None]:
    if context.is_in(State.ACTIVE):
        left, context.flows = context.flows, taken
        yield from start_modification(smf, context, (left, None), "as NG-RAN did not take it", n2_too=False)


def _report_failed(smf: Smf, context: SmContext, why: str, cause: int = 0) -> None:
    smf.report(
        "PduSessionModificationFailed",
        f"{context}: the modification failed, the session stays as it was: {why}",
        level="warning",
        subject=context.supi,
        pdu_session_id=context.pdu_session_id,
        cause=cause,
    )


def _report_modified(smf: Smf, context: SmContext, why: str) -> None:
    flows = ", ".join(f"{flow.qfi} (5QI {flow.five_qi})" for flow in context.flows) or "none"
    smf.report(
        "PduSessionModified",
        f"{context}: modified {why}; dedicated QoS flows: {flows}",
        subject=context.supi,
        pdu_session_id=context.pdu_session_id,
    )


# What answers a command.


def modification_complete(smf: Smf, context: SmContext) -> Response:
    """The UE has taken it."""
    if context.change is not None:
        context.change.complete = True
        smf.resume_later(("modification", context.reference))
    return Response(204)


def modification_command_reject(smf: Smf, context: SmContext, message: PDUSessionModificationCommandReject) -> Response:
    """The UE has not taken it (TS 24.501 clause 6.3.2.4)."""
    if context.change is not None:
        context.change.complete = True
        context.change.refused = int(message.five_gsm_cause)
        context.change.awaits_n2 = False
        smf.resume_later(("modification", context.reference))
    return Response(204)


def resource_modify_response(smf: Smf, context: SmContext, octets: bytes) -> Response | Procedure[Response]:
    """NG-RAN has modified its resources, or some of them."""
    try:
        tunnel, failed = n2.modify_response(octets)
    except DecodeError as error:
        return codec.problem(403, "N2_SM_ERROR", f"the modify response transfer: {error}")
    _n2_answered(smf, context, failed)
    return Response(204) if tunnel is None else _moved(smf, context, tunnel)


def _moved(smf: Smf, context: SmContext, tunnel: Tunnel) -> Procedure[Response]:
    problem = yield from smf.n4.forward(context, tunnel)
    if problem is None:
        context.downlink = tunnel
    return Response(204)


def resource_modify_unsuccessful(smf: Smf, context: SmContext, octets: bytes) -> Response:
    """NG-RAN took nothing of it."""
    try:
        cause = n2.modify_unsuccessful_cause(octets)
    except DecodeError as error:
        return codec.problem(403, "N2_SM_ERROR", f"the modify unsuccessful transfer: {error}")
    change = context.change
    before = set() if change is None else {flow.qfi for flow in change.old_flows}
    smf.report("NgRanModificationFailed", f"{context}: {cause}", level="warning", subject=context.supi)
    if change is not None and change.awaits_n2 and not change.complete:
        change.unserved, change.awaits_n2, change.complete = str(cause), False, True
        smf.resume_later(("modification", context.reference))
        return Response(204)
    _n2_answered(smf, context, tuple(flow.qfi for flow in context.flows if flow.qfi not in before))
    return Response(204)


def _n2_answered(smf: Smf, context: SmContext, failed: tuple[int, ...]) -> None:
    change = context.change
    if change is None or not change.awaits_n2:
        return
    change.awaits_n2 = False
    change.failed = failed
    if change.complete:
        smf.resume_later(("modification", context.reference))
