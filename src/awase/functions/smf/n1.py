"""The 5GSM messages that an SMF sends (TS 24.501 clause 8.3), and what it reads from the UE's options."""

from functools import lru_cache

from awase.functions.smf.context import QFI, Qos, SmContext
from awase.model.settings import Dnn, FlowRate, QosFlow
from awase.protocols.nas import codec
from awase.protocols.nas.causes import FiveGSMCause
from awase.protocols.nas.elements import GprsTimer2, GprsTimer3, SNssaiElement
from awase.protocols.nas.half_octets import AllowedSscMode, AlwaysOnPduSessionIndication
from awase.protocols.nas.messages import (
    FiveGSMStatus,
    PDUSessionEstablishmentAccept,
    PDUSessionEstablishmentReject,
    PDUSessionEstablishmentRequest,
    PDUSessionModificationCommand,
    PDUSessionModificationReject,
    PDUSessionReleaseCommand,
)
from awase.protocols.nas.packet_filters import packet_filter
from awase.protocols.nas.session_elements import (
    ExtendedProtocolConfigurationOptions,
    FlowOperation,
    FlowParameter,
    PduAddress,
    PduSessionType,
    QosFlowDescription,
    QosFlowDescriptions,
    QosRule,
    QosRules,
    RuleOperation,
    SessionAmbr,
    SscMode,
    default_qos_rule,
)
from awase.wire.addresses import ipv4_octets, ipv6_octets

_DNS_SERVER_IPV6_ADDRESS = 0x0003
_DNS_SERVER_IPV4_ADDRESS = 0x000D
_IPV4_LINK_MTU = 0x0010
"""Containers of TS 24.008 table 10.5.154, in both directions."""


_DEFAULT_RULES = (default_qos_rule(QFI),)


_GFBR_UPLINK, _GFBR_DOWNLINK, _MFBR_UPLINK, _MFBR_DOWNLINK, _AVERAGING_WINDOW = range(2, 7)
"""Parameters of TS 24.501 table 9.11.4.12.1."""


@lru_cache(maxsize=256)
def session_ambr(qos: Qos) -> SessionAmbr:
    """Few QoS serve many sessions."""
    return SessionAmbr.of_bps(downlink_bps=qos.downlink_bps, uplink_bps=qos.uplink_bps)


@lru_cache(maxsize=256)
def descriptions(five_qi: int, flows: tuple[QosFlow, ...]) -> QosFlowDescriptions:
    """The default flow's description and those of the dedicated ones."""
    return (QosFlowDescription.create(QFI, five_qi), *(description(flow) for flow in flows))


def description(
    flow: QosFlow, operation: FlowOperation = FlowOperation.create_new_qos_flow_description
) -> QosFlowDescription:
    """The description of a flow. Raises EncodeError."""
    parameters = [FlowParameter(identifier=1, contents=bytes((flow.five_qi,)))]
    if flow.gbr is not None:
        parameters += _rates(flow.gbr, _GFBR_UPLINK, _GFBR_DOWNLINK)
        parameters += _rates(flow.mbr or flow.gbr, _MFBR_UPLINK, _MFBR_DOWNLINK)
    if flow.averaging_window_ms is not None:
        contents = flow.averaging_window_ms.to_bytes(2, "big")
        parameters.append(FlowParameter(identifier=_AVERAGING_WINDOW, contents=contents))
    return QosFlowDescription(qfi=flow.qfi, operation=operation, e=True, parameters=tuple(parameters))


def _rates(rate: FlowRate, uplink: int, downlink: int) -> list[FlowParameter]:
    # Unit and value are those of a session-AMBR (table 9.11.4.12.1).
    octets = SessionAmbr.of_bps(
        downlink_bps=round(rate.downlink_mbps * 1e6), uplink_bps=round(rate.uplink_mbps * 1e6)
    ).encode()
    return [
        FlowParameter(identifier=uplink, contents=octets[3:6]),
        FlowParameter(identifier=downlink, contents=octets[:3]),
    ]


@lru_cache(maxsize=256)
def rules(flows: tuple[QosFlow, ...], reflective: bool) -> QosRules:
    """The default rule, and one for each flow whose rule the UE does not derive itself."""
    return (*_DEFAULT_RULES, *(rule(flow) for flow in flows if not (flow.reflective and reflective)))


def rule(flow: QosFlow, operation: RuleOperation = RuleOperation.create_new_qos_rule) -> QosRule:
    """The QoS rule of a flow, whose identifier is the QFI. Raises EncodeError."""
    return QosRule(
        identifier=flow.qfi,
        operation=operation,
        packet_filters=tuple(packet_filter(n, text) for n, text in enumerate(flow.packet_filters, 1)),
        precedence=flow.precedence or flow.qfi,
        qfi=flow.qfi,
    )


def options(
    asked: ExtendedProtocolConfigurationOptions | None, dnn: Dnn
) -> ExtendedProtocolConfigurationOptions | None:
    """The answer to the UE's options: what it asked for and we know (TS 24.008 clause 10.5.6.3)."""
    if asked is None:
        return None
    wanted = [identifier for identifier, _ in asked.containers(from_network=False)]
    found = []
    if _DNS_SERVER_IPV4_ADDRESS in wanted:
        found += [(_DNS_SERVER_IPV4_ADDRESS, ipv4_octets(server)) for server in dnn.dns if ":" not in server]
    if _DNS_SERVER_IPV6_ADDRESS in wanted:
        found += [(_DNS_SERVER_IPV6_ADDRESS, ipv6_octets(server)) for server in dnn.dns if ":" in server]
    if _IPV4_LINK_MTU in wanted:
        found.append((_IPV4_LINK_MTU, dnn.mtu_bytes.to_bytes(2)))
    return ExtendedProtocolConfigurationOptions.of(tuple(found)) if found else None


def establishment_accept(
    context: SmContext, request: PDUSessionEstablishmentRequest, dnn: Dnn, ssc_mode: int, rq_timer_s: int
) -> bytes:
    """PDU SESSION ESTABLISHMENT ACCEPT (TS 24.501 clause 6.4.1.3)."""
    qos = context.qos
    assert qos is not None
    kind = PduSessionType[context.kind]
    reflected = context.reflective and any(flow.reflective for flow in context.flows)
    return codec.encode(
        PDUSessionEstablishmentAccept(
            pdu_session_id=context.pdu_session_id,
            pti=context.pti,
            selected_pdu_session_type=kind,
            selected_ssc_mode=SscMode(ssc_mode),
            authorized_qos_rules=rules(context.flows, context.reflective),
            session_ambr=session_ambr(qos),
            five_gsm_cause=type_cause(request.pdu_session_type, kind),
            pdu_address=PduAddress(
                ipv4=context.address or None,
                interface_identifier=context.interface_identifier if context.prefix else None,
            ),
            rq_timer_value=GprsTimer2.of_seconds(rq_timer_s) if reflected else None,
            s_nssai=SNssaiElement(s_nssai=context.s_nssai),
            always_on_pdu_session_indication=_always_on(context, request.always_on_pdu_session_requested),
            authorized_qos_flow_descriptions=descriptions(qos.five_qi, context.flows),
            extended_protocol_configuration_options=options(request.extended_protocol_configuration_options, dnn),
            dnn=context.dnn,
        )
    )


def _always_on(context: SmContext, asked: int | None) -> AlwaysOnPduSessionIndication | None:
    # Where it was asked for the answer is due, "not allowed" too (clause 9.11.4.3).
    if context.always_on:
        return AlwaysOnPduSessionIndication.always_on_pdu_session_required
    return None if asked is None else AlwaysOnPduSessionIndication.always_on_pdu_session_not_allowed


def type_cause(asked: int | None, selected: PduSessionType) -> FiveGSMCause | None:
    """Why a UE that asked for both versions of IP gets one (clause 6.4.1.3)."""
    if asked != PduSessionType.ipv4v6:
        return None
    return {
        PduSessionType.ipv4: FiveGSMCause.pdu_session_type_ipv4_only_allowed,
        PduSessionType.ipv6: FiveGSMCause.pdu_session_type_ipv6_only_allowed,
    }.get(selected)


def establishment_reject(
    pdu_session_id: int, pti: int, cause: int, ssc_modes: tuple[int, ...] = (), back_off_s: int | None = None
) -> bytes:
    """PDU SESSION ESTABLISHMENT REJECT (TS 24.501 clause 6.4.1.4); the modes go with cause 68 only."""
    modes = AllowedSscMode(sum(1 << (mode - 1) for mode in ssc_modes))
    return codec.encode(
        PDUSessionEstablishmentReject(
            pdu_session_id=pdu_session_id,
            pti=pti,
            five_gsm_cause=FiveGSMCause(cause),
            back_off_timer_value=None if back_off_s is None else GprsTimer3.of_seconds(back_off_s),
            allowed_ssc_mode=modes if cause == FiveGSMCause.not_supported_ssc_mode else None,
        )
    )


def modification_command(context: SmContext, pti: int, old: tuple[Qos, tuple[QosFlow, ...]], rq_timer_s: int) -> bytes:
    """PDU SESSION MODIFICATION COMMAND: what the context has, and had not before (TS 24.501 clause 6.3.2.2)."""
    qos, (old_qos, old_flows) = context.qos, old
    assert qos is not None
    before = {flow.qfi: flow for flow in old_flows}
    after = {flow.qfi: flow for flow in context.flows}
    changed_rules: list[QosRule] = []
    changed_flows: list[QosFlowDescription] = []
    if qos.five_qi != old_qos.five_qi:
        changed_flows.append(
            QosFlowDescription(
                qfi=QFI,
                operation=FlowOperation.modify_existing_qos_flow_description,
                e=True,
                parameters=(FlowParameter(identifier=1, contents=bytes((qos.five_qi,))),),
            )
        )
    for qfi, flow in before.items():
        if qfi not in after:
            changed_rules += _deleted_rule(context, flow)
            deleted = FlowOperation.delete_existing_qos_flow_description
            changed_flows.append(QosFlowDescription(qfi=qfi, operation=deleted))
    for qfi, flow in after.items():
        former = before.get(qfi)
        if former == flow:
            continue
        if former is not None:
            modified = FlowOperation.modify_existing_qos_flow_description
            changed_flows.append(description(flow, modified))
            changed_rules += _changed_rule(context, former, flow)
        else:
            changed_flows.append(description(flow))
            if not (flow.reflective and context.reflective):
                changed_rules.append(rule(flow))
    reflected = context.reflective and any(flow.reflective and flow.qfi not in before for flow in context.flows)
    return codec.encode(
        PDUSessionModificationCommand(
            pdu_session_id=context.pdu_session_id,
            pti=pti,
            session_ambr=None if session_ambr(qos) == session_ambr(old_qos) else session_ambr(qos),
            rq_timer_value=GprsTimer2.of_seconds(rq_timer_s) if reflected else None,
            authorized_qos_rules=tuple(changed_rules) or None,
            authorized_qos_flow_descriptions=tuple(changed_flows) or None,
        )
    )


def _deleted_rule(context: SmContext, flow: QosFlow) -> list[QosRule]:
    if flow.reflective and context.reflective:
        return []
    return [QosRule(identifier=flow.qfi, operation=RuleOperation.delete_existing_qos_rule)]


def _changed_rule(context: SmContext, former: QosFlow, flow: QosFlow) -> list[QosRule]:
    if (former.packet_filters, former.precedence) == (flow.packet_filters, flow.precedence):
        return []
    if flow.reflective and context.reflective:
        return []
    replace = RuleOperation.modify_existing_qos_rule_and_replace_all_packet_filters
    return [rule(flow, replace)]


def release_command(context: SmContext, pti: int, cause: int) -> bytes:
    """PDU SESSION RELEASE COMMAND (TS 24.501 clause 6.3.3.2)."""
    return codec.encode(
        PDUSessionReleaseCommand(pdu_session_id=context.pdu_session_id, pti=pti, five_gsm_cause=FiveGSMCause(cause))
    )


def modification_reject(pdu_session_id: int, pti: int, cause: int, back_off_s: int | None = None) -> bytes:
    """PDU SESSION MODIFICATION REJECT (TS 24.501 clause 6.4.2.4)."""
    return codec.encode(
        PDUSessionModificationReject(
            pdu_session_id=pdu_session_id,
            pti=pti,
            five_gsm_cause=FiveGSMCause(cause),
            back_off_timer_value=None if back_off_s is None else GprsTimer3.of_seconds(back_off_s),
        )
    )


def status(pdu_session_id: int, pti: int, cause: int) -> bytes:
    """5GSM STATUS (TS 24.501 clause 6.5)."""
    return codec.encode(FiveGSMStatus(pdu_session_id=pdu_session_id, pti=pti, five_gsm_cause=FiveGSMCause(cause)))
