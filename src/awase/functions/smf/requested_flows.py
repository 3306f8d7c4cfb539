"""What a UE asks for in a PDU SESSION MODIFICATION REQUEST, as QoS flows (TS 24.501 clause 6.4.2)."""

import msgspec

from awase.functions.smf.config import UeFlows
from awase.functions.smf.context import QFI
from awase.model.five_qi import FIVE_QI, is_gbr
from awase.model.settings import FlowRate, QosFlow
from awase.protocols.nas.causes import FiveGSMCause
from awase.protocols.nas.packet_filters import text_of
from awase.protocols.nas.session_elements import (
    FlowOperation,
    PacketFilter,
    QosFlowDescription,
    QosRule,
    RuleOperation,
    SessionAmbr,
)
from awase.wire.errors import DecodeError

_FLOWS = range(2, 64)
_FIVE_QI, _GFBR_UPLINK, _GFBR_DOWNLINK, _MFBR_UPLINK, _MFBR_DOWNLINK, _AVERAGING_WINDOW = range(1, 7)

_SEMANTIC_IN_FILTERS = 44
_SYNTACTICAL_IN_FILTERS = 45
_UNSUPPORTED_5QI = 59
_SEMANTIC_IN_OPERATION = 83
_SYNTACTICAL_IN_OPERATION = 84
_INSUFFICIENT_RESOURCES = 26
_NOT_SUPPORTED = 32


class Refused(Exception):
    """Why the UE does not get what it asks for: a 5GSM cause and a sentence."""

    def __init__(self, cause: int, text: str) -> None:
        super().__init__(text)
        self.cause = FiveGSMCause(cause)
        self.text = text


def flows_after(
    flows: tuple[QosFlow, ...],
    rules: tuple[QosRule, ...],
    descriptions: tuple[QosFlowDescription, ...],
    bounds: UeFlows,
) -> tuple[QosFlow, ...]:
    """The flows as the UE wants them. A rule has the identity of its flow. Raises Refused."""
    if not bounds.five_qis or not (rules or descriptions):
        raise Refused(_NOT_SUPPORTED, "nothing that can be changed is asked for")
    wanted = {flow.qfi: flow for flow in flows}
    new = [d for d in descriptions if d.operation == FlowOperation.create_new_qos_flow_description]
    for rule in rules:
        if rule.operation == RuleOperation.create_new_qos_rule:
            _create(wanted, rule, new)
        else:
            _change(wanted, rule)
    if new:
        raise Refused(_SEMANTIC_IN_OPERATION, "a QoS flow without a QoS rule")
    for description in descriptions:
        if description.operation != FlowOperation.create_new_qos_flow_description:
            _redescribe(wanted, description)
    found = tuple(wanted[qfi] for qfi in sorted(wanted))
    _check(flows, found, bounds)
    return found


def _create(wanted: dict[int, QosFlow], rule: QosRule, new: list[QosFlowDescription]) -> None:
    if rule.identifier == QFI or rule.identifier in wanted:
        raise Refused(_SEMANTIC_IN_OPERATION, f"QoS rule {rule.identifier} is there already")
    if rule.default_qos_rule or not rule.packet_filters:
        raise Refused(_SEMANTIC_IN_OPERATION, "a new QoS rule needs packet filters and is no default one")
    if rule.precedence is None or rule.qfi is None:
        raise Refused(_SYNTACTICAL_IN_OPERATION, "a new QoS rule has a precedence and a QFI")
    at = next((i for i, description in enumerate(new) if description.qfi == rule.qfi), None)
    if at is None:
        raise Refused(_SEMANTIC_IN_OPERATION, f"no new QoS flow {rule.qfi} is described for the new rule")
    description = new.pop(at)
    qfi = next((number for number in _FLOWS if number not in wanted), None)
    if qfi is None:
        raise Refused(_INSUFFICIENT_RESOURCES, "all QoS flow identifiers are taken")
    parameters = {p.identifier: p.contents for p in description.parameters}
    five_qi = description.five_qi
    if five_qi is None:
        raise Refused(_SYNTACTICAL_IN_OPERATION, "a new QoS flow has a 5QI")
    gbr, mbr = _rate(parameters, _GFBR_UPLINK, _GFBR_DOWNLINK), _rate(parameters, _MFBR_UPLINK, _MFBR_DOWNLINK)
    wanted[qfi] = QosFlow(
        qfi=qfi,
        five_qi=max(1, five_qi),
        gbr=gbr,
        mbr=mbr if gbr is not None else None,
        averaging_window_ms=_window(parameters),
        packet_filters=_texts(rule.packet_filters),
        precedence=_precedence(rule),
    )


def _change(wanted: dict[int, QosFlow], rule: QosRule) -> None:
    flow = wanted.get(rule.identifier)
    if flow is None:
        what = "the default QoS rule cannot be changed" if rule.identifier == QFI else "there is no such QoS rule"
        raise Refused(_SEMANTIC_IN_OPERATION, f"QoS rule {rule.identifier}: {what}")
    if rule.operation == RuleOperation.delete_existing_qos_rule:
        del wanted[rule.identifier]
        return
    change = _CHANGES.get(rule.operation)
    if change is None:
        raise Refused(_SYNTACTICAL_IN_OPERATION, f"rule operation code {int(rule.operation)} is reserved")
    texts = change(flow, rule)
    if not texts:
        raise Refused(_SEMANTIC_IN_OPERATION, f"QoS rule {rule.identifier} would have no packet filter")
    if len(texts) > 15:
        raise Refused(_SEMANTIC_IN_OPERATION, f"QoS rule {rule.identifier} would have more than 15 packet filters")
    precedence = flow.precedence if rule.precedence is None else _precedence(rule)
    wanted[rule.identifier] = msgspec.structs.replace(flow, packet_filters=texts, precedence=precedence)


def _added(flow: QosFlow, rule: QosRule) -> tuple[str, ...]:
    if not rule.packet_filters:
        raise Refused(_SYNTACTICAL_IN_OPERATION, "packet filters are to be added, and there are none")
    return flow.packet_filters + _texts(rule.packet_filters)


def _replaced(_flow: QosFlow, rule: QosRule) -> tuple[str, ...]:
    if not rule.packet_filters:
        raise Refused(_SYNTACTICAL_IN_OPERATION, "packet filters are to be replaced, and there are none")
    return _texts(rule.packet_filters)


def _deleted(flow: QosFlow, rule: QosRule) -> tuple[str, ...]:
    gone = [filter_.identifier for filter_ in rule.packet_filters]
    if not gone or len(set(gone)) < len(gone) or any(not 1 <= n <= len(flow.packet_filters) for n in gone):
        raise Refused(_SEMANTIC_IN_OPERATION, "packet filters are to be deleted that are not there")
    return tuple(text for n, text in enumerate(flow.packet_filters, 1) if n not in gone)


def _kept(flow: QosFlow, _rule: QosRule) -> tuple[str, ...]:
    return flow.packet_filters


_CHANGES = {
    RuleOperation.modify_existing_qos_rule_and_add_packet_filters: _added,
    RuleOperation.modify_existing_qos_rule_and_replace_all_packet_filters: _replaced,
    RuleOperation.modify_existing_qos_rule_and_delete_packet_filters: _deleted,
    RuleOperation.modify_existing_qos_rule_without_modifying_packet_filters: _kept,
}


def _redescribe(wanted: dict[int, QosFlow], description: QosFlowDescription) -> None:
    flow = wanted.get(description.qfi)
    if description.operation == FlowOperation.delete_existing_qos_flow_description:
        # With its rule it may be gone already.
        wanted.pop(description.qfi, None)
        return
    if description.operation != FlowOperation.modify_existing_qos_flow_description:
        raise Refused(_SYNTACTICAL_IN_OPERATION, f"operation code {int(description.operation)} is reserved")
    if flow is None:
        raise Refused(_SEMANTIC_IN_OPERATION, f"there is no QoS flow {description.qfi} of the UE's to change")
    parameters = {p.identifier: p.contents for p in description.parameters}
    gbr = _rate(parameters, _GFBR_UPLINK, _GFBR_DOWNLINK) or flow.gbr
    mbr = _rate(parameters, _MFBR_UPLINK, _MFBR_DOWNLINK) or flow.mbr
    window = _window(parameters)
    wanted[flow.qfi] = msgspec.structs.replace(
        flow,
        five_qi=max(1, description.five_qi or flow.five_qi),
        gbr=gbr,
        mbr=mbr if gbr is not None else None,
        averaging_window_ms=flow.averaging_window_ms if window is None else window,
    )


def _check(old: tuple[QosFlow, ...], flows: tuple[QosFlow, ...], bounds: UeFlows) -> None:
    before = {flow.qfi: flow for flow in old}
    for flow in flows:
        if before.get(flow.qfi) == flow:
            continue
        if flow.five_qi not in bounds.five_qis or flow.five_qi not in FIVE_QI:
            raise Refused(_UNSUPPORTED_5QI, f"5QI {flow.five_qi} is not offered")
        if is_gbr(flow.five_qi) != (flow.gbr is not None):
            raise Refused(_SEMANTIC_IN_OPERATION, f"5QI {flow.five_qi} and its bit rates do not agree")
        if flow.gbr is not None and flow.mbr is not None and not _within(flow.gbr, flow.mbr):
            raise Refused(_SEMANTIC_IN_OPERATION, "the maximum flow bit rate is below the guaranteed one")
    most = bounds.gbr_mbps
    if len(flows) > max(bounds.flows, len(old)):
        raise Refused(_INSUFFICIENT_RESOURCES, f"at most {bounds.flows} QoS flows")
    if flows != old and (_sum(flows, "downlink_mbps") > most or _sum(flows, "uplink_mbps") > most):
        raise Refused(_INSUFFICIENT_RESOURCES, f"more than {most:g} Mbit/s would be guaranteed")


def _within(less: FlowRate, more: FlowRate) -> bool:
    return less.downlink_mbps <= more.downlink_mbps and less.uplink_mbps <= more.uplink_mbps


def _sum(flows: tuple[QosFlow, ...], direction: str) -> float:
    return sum((getattr(flow.gbr, direction) for flow in flows if flow.gbr is not None), 0.0)


def _texts(filters: tuple[PacketFilter, ...]) -> tuple[str, ...]:
    if len({filter_.identifier for filter_ in filters}) < len(filters) and any(f.identifier for f in filters):
        raise Refused(_SYNTACTICAL_IN_FILTERS, "two packet filters have one identifier")
    try:
        return tuple(text_of(filter_) for filter_ in filters)
    except DecodeError as error:
        raise Refused(_SEMANTIC_IN_FILTERS, str(error)) from None


def _precedence(rule: QosRule) -> int:
    value = rule.precedence or 0
    if not 1 <= value <= 254:
        raise Refused(_SEMANTIC_IN_OPERATION, f"precedence {value} is not for a rule like this")
    return value


def _rate(parameters: dict[int, bytes], uplink: int, downlink: int) -> FlowRate | None:
    up, down = parameters.get(uplink), parameters.get(downlink)
    if up is None and down is None:
        return None
    if up is None or down is None or len(up) != 3 or len(down) != 3:
        raise Refused(_SYNTACTICAL_IN_OPERATION, "bit rates come in pairs, three octets each")
    ambr = SessionAmbr.decode(down + up)
    most = 4_000_000
    return FlowRate(downlink_mbps=min(ambr.downlink_bps / 1e6, most), uplink_mbps=min(ambr.uplink_bps / 1e6, most))


def _window(parameters: dict[int, bytes]) -> int | None:
    contents = parameters.get(_AVERAGING_WINDOW)
    if contents is None:
        return None
    if len(contents) != 2:
        raise Refused(_SYNTACTICAL_IN_OPERATION, "an averaging window has two octets")
    return min(int.from_bytes(contents, "big"), 4095)
