"""PDU session modification by the network (TS 24.501 clause 6.3.2) and by the UE (clause 6.4.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awase.functions.ue import back_off
from awase.functions.ue.config import Flow
from awase.functions.ue.context import PduSession
from awase.functions.ue.procedures import pdu_session_establishment
from awase.functions.ue.qos import QosError, SessionQos
from awase.functions.ue.states import SessionState
from awase.functions.ue.timers import MAX_SESSION_TRIES, T3581_S
from awase.model.machine import Procedure, Wait
from awase.model.part import NS_PER_S
from awase.protocols.nas import messages as nas
from awase.protocols.nas.causes import FiveGSMCause
from awase.protocols.nas.codec import encode
from awase.protocols.nas.elements import PayloadContainerType, RequestType
from awase.protocols.nas.half_octets import AlwaysOnPduSessionRequested
from awase.protocols.nas.session_elements import (
    FlowParameter,
    PacketFilter,
    PacketFilterComponent,
    QosFlowDescription,
    QosFlowDescriptions,
    QosRule,
    QosRules,
    RuleOperation,
)
from awase.wire.addresses import ipv4_octets, ipv6_octets

if TYPE_CHECKING:
    from awase.functions.ue.core import Ue

_ALWAYS_ON = AlwaysOnPduSessionRequested.always_on_pdu_session_requested
_KBPS = 1
"""The unit of 1 kbps (TS 24.501 table 9.11.4.12.1)."""


def network_requested(ue: Ue, session: PduSession, command: nas.PDUSessionModificationCommand) -> bool:
    """Take over what is new and complete, or reject it as a whole (clauses 6.3.2.3 and 6.3.2.4)."""
    if session.qos is None:
        session.qos = SessionQos()
    try:
        session.qos.take(command.authorized_qos_rules, command.authorized_qos_flow_descriptions)
    except QosError as error:
        _reject(ue, session, command, error)
        return False
    if command.session_ambr is not None:
        session.uplink_bps = command.session_ambr.uplink_bps
    if command.rq_timer_value is not None:
        session.qos.rq_timer_s = command.rq_timer_value.seconds
    if command.always_on_pdu_session_indication is not None:
        session.always_on = command.always_on_pdu_session_indication == 1
    pdu_session_establishment.take_options(session, command.extended_protocol_configuration_options)
    if ue.sm.back_off is not None and command.five_gsm_cause != FiveGSMCause.insufficient_resources:
        ue.sm.back_off.stop(session.asked)
    ue.sm.send(nas.PDUSessionModificationComplete(pdu_session_id=command.pdu_session_id, pti=command.pti))
    rules = len(session.qos.rules)
    ue.report(
        "SessionModified",
        f"PDU session {session.pdu_session_id} of {ue.context.supi} is modified: it has {rules} QoS"
        f" rule{'s' if rules != 1 else ''}",
        subject=ue.context.supi,
        pdu_session_id=session.pdu_session_id,
        rules=rules,
    )
    if command.five_gsm_cause == FiveGSMCause.reactivation_requested:
        # SSC mode 3: another session takes over, and the network releases this one (clause 6.3.2.3).
        ue.sm.establish_beside(session)
    return True


def _reject(ue: Ue, session: PduSession, command: nas.PDUSessionModificationCommand, error: QosError) -> None:
    ue.report(
        "SessionModificationRefused",
        f"{ue.context.supi} refuses the modification of PDU session {session.pdu_session_id}, cause"
        f" #{int(error.cause)} ({error.cause.text}): {error}",
        level="warning",
        subject=ue.context.supi,
        cause=int(error.cause),
        pdu_session_id=session.pdu_session_id,
    )
    ue.sm.send(
        nas.PDUSessionModificationCommandReject(
            pdu_session_id=command.pdu_session_id, pti=command.pti, five_gsm_cause=error.cause
        )
    )


def ue_requested(ue: Ue, session: PduSession, flow: Flow | None) -> Procedure[bool]:
    """PDU SESSION MODIFICATION REQUEST, and again at T3581's expiry; whether the session was modified."""
    session.state = SessionState.MODIFICATION_PENDING
    pti = session.pti
    rules, flows = _wanted(session, flow)
    request = nas.PDUSessionModificationRequest(
        pdu_session_id=session.pdu_session_id,
        pti=pti,
        always_on_pdu_session_requested=_ALWAYS_ON if flow is None else None,
        requested_qos_rules=rules,
        requested_qos_flow_descriptions=flows,
    )
    transport = nas.ULNASTransport(
        payload_container_type=PayloadContainerType.n1_sm_information,
        payload_container=encode(request),
        pdu_session_id=session.pdu_session_id,
        request_type=RequestType.modification_request,
    )
    answer: object = None
    for _ in range(MAX_SESSION_TRIES):
        connected = yield from ue.n1.connection(("modification", pti))
        if not connected or session.state is not SessionState.MODIFICATION_PENDING:
            break
        ue.n1.send(transport)
        answer = yield Wait(("pti", pti), T3581_S * NS_PER_S)
        if answer is not None:
            break
    ue.sm.free_pti(pti)
    if session.state is SessionState.MODIFICATION_PENDING:
        session.state = SessionState.ACTIVE
    if isinstance(answer, nas.PDUSessionModificationCommand):
        return network_requested(ue, session, answer)
    _refused(ue, session, answer)
    return False


def _wanted(session: PduSession, flow: Flow | None) -> tuple[QosRules | None, QosFlowDescriptions | None]:
    """A rule and a flow that the network numbers (clause 6.4.2.2: identifiers 0), or a rule to delete."""
    if flow is None:
        return None, None
    if flow.remove is not None:
        return (QosRule(identifier=flow.remove, operation=RuleOperation.delete_existing_qos_rule),), None
    rule = QosRule(
        identifier=0,
        packet_filters=(PacketFilter(identifier=1, components=_components(session, flow)),),
        precedence=flow.precedence,
        qfi=0,
    )
    parameters = [FlowParameter(identifier=1, contents=bytes((flow.five_qi,)))]
    rates = (flow.gfbr_uplink_kbps, flow.gfbr_downlink_kbps, flow.gfbr_uplink_kbps, flow.gfbr_downlink_kbps)
    for identifier, kbps in zip((2, 3, 4, 5), rates, strict=True):
        if kbps is not None:
            parameters.append(FlowParameter(identifier=identifier, contents=bytes((_KBPS,)) + kbps.to_bytes(2, "big")))
    return (rule,), (QosFlowDescription(qfi=0, e=True, parameters=tuple(parameters)),)


def _components(session: PduSession, flow: Flow) -> tuple[PacketFilterComponent, ...]:
    found = []
    if flow.destination is not None and ":" in flow.destination:
        found.append(PacketFilterComponent(type=33, value=ipv6_octets(flow.destination) + b"\x80"))
    elif flow.destination is not None:
        found.append(PacketFilterComponent(type=16, value=ipv4_octets(flow.destination) + b"\xff\xff\xff\xff"))
    if flow.protocol is not None:
        found.append(PacketFilterComponent(type=48, value=bytes((flow.protocol,))))
    if flow.port is not None:
        found.append(PacketFilterComponent(type=80, value=flow.port.to_bytes(2, "big")))
    return tuple(found) or (PacketFilterComponent(type=1),)


def _refused(ue: Ue, session: PduSession, answer: object) -> None:
    """Clause 6.4.2.4; without an answer nothing has changed (clause 6.4.2.5 a)."""
    cause, words = 0, "got no answer"
    if isinstance(answer, nas.PDUSessionModificationReject | nas.FiveGSMStatus):
        cause = int(answer.five_gsm_cause)
        words = f"was rejected with cause #{cause} ({answer.five_gsm_cause.text})"
    elif isinstance(answer, nas.DLNASTransport) and answer.five_gmm_cause is not None:
        cause = int(answer.five_gmm_cause)
        words = f"was not forwarded by the AMF, cause #{cause} ({answer.five_gmm_cause.text})"
    elif answer is not None:
        words = "was overtaken by the network's own"
    ue.report(
        "SessionModificationRejected",
        f"the request of {ue.context.supi} to modify PDU session {session.pdu_session_id} {words}",
        level="warning",
        subject=ue.context.supi,
        cause=cause,
        pdu_session_id=session.pdu_session_id,
    )
    if isinstance(answer, nas.PDUSessionModificationReject):
        if cause == FiveGSMCause.invalid_pdu_session_identity:
            ue.sm.remove(session)
        elif cause in (26, 67, 69):
            back_off.refused(ue, session.asked, cause, answer.back_off_timer_value)
    elif isinstance(answer, nas.DLNASTransport) and cause in (22, 67, 69):
        back_off.refused(ue, session.asked, cause, answer.back_off_timer_value, by_amf=True)
