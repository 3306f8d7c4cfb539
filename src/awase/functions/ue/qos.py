"""QoS rules and flow descriptions of a PDU session: taken over, checked, applied to uplink (TS 24.501 6.2.5)."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from awase.model.part import NS_PER_S
from awase.protocols.ip import codec as ip
from awase.protocols.ip import ipv4
from awase.protocols.nas.causes import FiveGSMCause
from awase.protocols.nas.session_elements import (
    FlowOperation,
    PacketFilter,
    PacketFilterDirection,
    QosFlowDescription,
    QosFlowDescriptions,
    QosRule,
    QosRules,
    RuleOperation,
)
from awase.wire.errors import DecodeError

DERIVED_PRECEDENCE = 80
"""Of derived QoS rules (TS 24.501 clause 6.2.5.1.4.2)."""

RQ_TIMER_S = 60
"""The RQ timer where the network gives no value (TS 24.501 table 10.3.1)."""

_MAX_DERIVED = 64
_FILTER_OPERATIONS = frozenset({1, 3, 4})
"""Rule operations that bring packet filters (TS 24.501 table 9.11.4.13.1)."""
_MODIFICATIONS = frozenset({3, 4, 5, 6})
_GBR_FIVE_QIS = frozenset({1, 2, 3, 4, 65, 66, 67, 71, 72, 73, 74, 75, 76, 82, 83, 84, 85, 86, 87, 88, 89, 90})
"""TS 23.501 table 5.7.4-1."""
_CONFLICTS = (
    frozenset({16, 33}),
    frozenset({17, 35}),
    frozenset({16, 35}),
    frozenset({17, 33}),
    frozenset({64, 65}),
    frozenset({80, 81}),
)
"""Components of which a packet filter has one at most (TS 24.501 table 9.11.4.13.1)."""
_KNOWN = frozenset({1, 16, 17, 33, 35, 48, 64, 65, 80, 81, 96, 112, 128, *range(129, 138)})


class QosError(Exception):
    """Rules or descriptions that cannot be taken over; `cause` says why."""

    def __init__(self, cause: FiveGSMCause, what: str, rule: int = 0) -> None:
        super().__init__(what)
        self.cause = cause
        self.rule = rule


_SEMANTIC = FiveGSMCause.semantic_error_in_the_qos_operation
_SYNTACTIC = FiveGSMCause.syntactical_error_in_the_qos_operation


class Facts(NamedTuple):
    """What packet filters look at in an uplink packet."""

    remote: bytes
    local: bytes
    protocol: int
    remote_port: int
    local_port: int
    tos: int
    flow_label: int
    spi: int


def facts_of(octets: bytes, *, uplink: bool = True) -> Facts | None:
    """Of a packet; None where it is no IP packet."""
    try:
        packet = ip.decode(octets)
    except DecodeError:
        return None
    source_port, destination_port = ip.ports(packet) or (-1, -1)
    spi = int.from_bytes(packet.payload[:4], "big") if packet.protocol == 50 and len(packet.payload) >= 4 else -1
    tos, label = (packet.tos, -1) if isinstance(packet, ipv4.Ipv4) else (packet.traffic_class, packet.flow_label)
    if uplink:
        return Facts(packet.destination, packet.source, packet.protocol, destination_port, source_port, tos, label, spi)
    return Facts(packet.source, packet.destination, packet.protocol, source_port, destination_port, tos, label, spi)


def matches(packet_filter: PacketFilter, facts: Facts) -> bool:
    """Whether every component of a packet filter holds."""
    return all(_component(c.type, c.value, facts) for c in packet_filter.components)


def _component(kind: int, value: bytes, facts: Facts) -> bool:
    if kind == 1:
        return True
    if kind in (16, 17):
        return _in_network(facts.remote if kind == 16 else facts.local, value[:4], value[4:])
    if kind in (33, 35):
        return _in_prefix(facts.remote if kind == 33 else facts.local, value[:16], value[16])
    if kind in (64, 80):
        return int.from_bytes(value, "big") == (facts.local_port if kind == 64 else facts.remote_port)
    if kind in (65, 81):
        port = facts.local_port if kind == 65 else facts.remote_port
        return int.from_bytes(value[:2], "big") <= port <= int.from_bytes(value[2:], "big")
    return _other_component(kind, value, facts)


def _other_component(kind: int, value: bytes, facts: Facts) -> bool:
    if kind == 48:
        return facts.protocol == value[0]
    if kind == 96:
        return facts.spi == int.from_bytes(value, "big")
    if kind == 112:
        return facts.tos & value[1] == value[0] & value[1]
    # The rest are of Ethernet frames, which an IP packet is not.
    return kind == 128 and facts.flow_label == int.from_bytes(value, "big")


def _in_network(address: bytes, network: bytes, mask: bytes) -> bool:
    if len(address) != 4:
        return False
    bits = int.from_bytes(mask, "big")
    return int.from_bytes(address, "big") & bits == int.from_bytes(network, "big") & bits


def _in_prefix(address: bytes, prefix: bytes, length: int) -> bool:
    if len(address) != 16:
        return False
    shift = 128 - length
    return int.from_bytes(address, "big") >> shift == int.from_bytes(prefix, "big") >> shift


@lru_cache(maxsize=256)
def _shared(rules: QosRules) -> QosRules:
    """Thousands of sessions have the same rules: they are kept once."""
    return rules


@lru_cache(maxsize=256)
def _shared_flows(flows: QosFlowDescriptions) -> QosFlowDescriptions:
    return flows


class SessionQos:
    """The QoS rules and flow descriptions of a session, and the rules derived from its downlink."""

    __slots__ = ("_derived", "flows", "rq_timer_s", "rules")

    def __init__(self) -> None:
        # In the order of their precedence.
        self.rules: QosRules = ()
        self.flows: QosFlowDescriptions = ()
        self.rq_timer_s: int | None = RQ_TIMER_S
        # The QFI and the end of each derived rule; None: no RQI came yet.
        self._derived: dict[Facts, tuple[int, int]] | None = None

    @property
    def default_rule(self) -> QosRule | None:
        """The default QoS rule."""
        return next((rule for rule in self.rules if rule.default_qos_rule), None)

    def rule(self, identifier: int) -> QosRule | None:
        """The rule with this identifier."""
        return next((rule for rule in self.rules if rule.identifier == identifier), None)

    def flow(self, qfi: int) -> QosFlowDescription | None:
        """The description of a QoS flow."""
        return next((flow for flow in self.flows if flow.qfi == qfi), None)

    # Control plane.

    def take(self, rules: QosRules | None, flows: QosFlowDescriptions | None) -> None:
        """Take over authorized rules and descriptions, all or none. Raises QosError (clauses 6.3.2.4, 6.4.1.3)."""
        new_flows = {flow.qfi: flow for flow in self.flows}
        for flow in flows or ():
            _take_flow(new_flows, flow)
        new_rules = {rule.identifier: rule for rule in self.rules}
        for rule in rules or ():
            _take_rule(new_rules, rule)
        _check_whole(new_rules)
        kept = tuple(new_flows.values())
        # A deleted flow takes its rules with it, if the network forgot them.
        ordered = sorted(new_rules.values(), key=lambda rule: rule.precedence or 0)
        self.rules, self.flows = _shared(tuple(ordered)), _shared_flows(kept)

    # User plane.

    def qfi_of(self, packet: bytes, now_ns: int) -> int:
        """The QFI of an uplink packet by the rules' precedence; 0 where the default flow is all there is."""
        if len(self.rules) <= 1 and self._derived is None:
            return 0
        facts = facts_of(packet)
        if facts is None:
            return self._default_qfi()
        derived = self._derived_qfi(facts, now_ns)
        for rule in self.rules:
            if derived and (rule.precedence or 0) > DERIVED_PRECEDENCE:
                return derived
            for packet_filter in rule.packet_filters:
                if packet_filter.direction != PacketFilterDirection.downlink_only and matches(packet_filter, facts):
                    return rule.qfi or 0
        return derived or self._default_qfi()

    def _default_qfi(self) -> int:
        rule = self.default_rule
        return rule.qfi or 0 if rule is not None else 0

    def _derived_qfi(self, facts: Facts, now_ns: int) -> int:
        if self._derived is None:
            return 0
        found = self._derived.get(_key(facts))
        if found is None:
            return 0
        if found[1] and found[1] <= now_ns:
            del self._derived[_key(facts)]
            return 0
        return found[0]

    def reflect(self, packet: bytes, qfi: int, now_ns: int) -> None:
        """A downlink packet with RQI: derive the rule for its answer, or keep it alive (clause 6.2.5.1.4.3)."""
        facts = facts_of(packet, uplink=False)
        if facts is None:
            return
        if self._derived is None:
            self._derived = {}
        end_ns = now_ns + self.rq_timer_s * NS_PER_S if self.rq_timer_s else 0
        key = _key(facts)
        self._derived.pop(key, None)
        self._derived[key] = (qfi, end_ns)
        if len(self._derived) > _MAX_DERIVED:
            del self._derived[next(iter(self._derived))]


def _key(facts: Facts) -> Facts:
    """The packet filter that a downlink packet gives: addresses, protocol, ports or SPI (clause 6.2.5.1.4.2)."""
    return facts._replace(tos=0, flow_label=0)


def _take_flow(flows: dict[int, QosFlowDescription], flow: QosFlowDescription) -> None:
    if not 1 <= flow.qfi <= 63:
        raise QosError(_SYNTACTIC, f"QFI {flow.qfi} is none")
    if flow.operation == FlowOperation.delete_existing_qos_flow_description:
        if flow.parameters:
            raise QosError(_SYNTACTIC, f"parameters of QoS flow {flow.qfi}, which is to be deleted")
        flows.pop(flow.qfi, None)
        return
    if flow.operation == FlowOperation.modify_existing_qos_flow_description:
        flows[flow.qfi] = _modified_flow(flows.get(flow.qfi), flow)
        return
    if flow.operation != FlowOperation.create_new_qos_flow_description:
        raise QosError(_SYNTACTIC, f"operation {int(flow.operation)} on QoS flow {flow.qfi}")
    if flow.five_qi is None:
        raise QosError(_SYNTACTIC, f"QoS flow {flow.qfi} has no 5QI")
    rates = {p.identifier for p in flow.parameters}
    if flow.five_qi in _GBR_FIVE_QIS and not {2, 3} <= rates:
        raise QosError(_SYNTACTIC, f"GBR QoS flow {flow.qfi} has no guaranteed flow bit rate")
    flows[flow.qfi] = flow


def _modified_flow(old: QosFlowDescription | None, flow: QosFlowDescription) -> QosFlowDescription:
    if old is None:
        raise QosError(_SEMANTIC, f"QoS flow {flow.qfi}, which is to be modified, does not exist")
    parameters = {} if flow.e else {p.identifier: p for p in old.parameters}
    parameters.update((p.identifier, p) for p in flow.parameters)
    return QosFlowDescription(qfi=flow.qfi, e=True, parameters=tuple(parameters.values()))


def _take_rule(rules: dict[int, QosRule], rule: QosRule) -> None:
    number, operation = rule.identifier, rule.operation
    if number == 0:
        raise QosError(_SYNTACTIC, "a QoS rule without identifier")
    if not 1 <= operation <= 6:
        raise QosError(_SYNTACTIC, f"operation {int(operation)} on QoS rule {number}", number)
    if bool(rule.packet_filters) != (operation in _FILTER_OPERATIONS or operation == 5):
        raise QosError(_SYNTACTIC, f"the packet filters of QoS rule {number} do not fit its operation", number)
    _check_filters(rule)
    old = rules.get(number)
    if operation == RuleOperation.delete_existing_qos_rule:
        if old is not None and old.default_qos_rule:
            raise QosError(_SEMANTIC, "the default QoS rule is to be deleted", number)
        rules.pop(number, None)
    elif operation == RuleOperation.create_new_qos_rule:
        if rule.precedence is None or not rule.qfi:
            raise QosError(_SYNTACTIC, f"QoS rule {number} has no precedence or no QFI", number)
        rules[number] = rule
    else:
        rules[number] = _modified_rule(old, rule)


def _modified_rule(old: QosRule | None, rule: QosRule) -> QosRule:
    number = rule.identifier
    if old is None:
        raise QosError(_SEMANTIC, f"QoS rule {number}, which is to be modified, does not exist", number)
    if old.default_qos_rule and rule.qfi is not None and rule.qfi != old.qfi:
        # TS 23.501 clause 5.7.1.1: the default rule stays in its flow.
        raise QosError(_SEMANTIC, "the default QoS rule is to change its QoS flow", number)
    filters = {f.identifier: f for f in old.packet_filters}
    if rule.operation == RuleOperation.modify_existing_qos_rule_and_replace_all_packet_filters:
        filters = {}
    if rule.operation == RuleOperation.modify_existing_qos_rule_and_delete_packet_filters:
        for packet_filter in rule.packet_filters:
            filters.pop(packet_filter.identifier, None)
        if not filters:
            raise QosError(_SEMANTIC, f"QoS rule {number} would have no packet filter left", number)
    else:
        filters.update((f.identifier, f) for f in rule.packet_filters)
    return QosRule(
        identifier=number,
        default_qos_rule=old.default_qos_rule,
        packet_filters=tuple(filters.values()),
        precedence=old.precedence if rule.precedence is None else rule.precedence,
        qfi=rule.qfi or old.qfi,
        segregation=rule.segregation,
    )


def _check_filters(rule: QosRule) -> None:
    seen: set[int] = set()
    for packet_filter in rule.packet_filters:
        number = packet_filter.identifier
        if number in seen and rule.operation in _FILTER_OPERATIONS:
            cause = FiveGSMCause.syntactical_error_in_packet_filters
            raise QosError(cause, f"packet filter {number} is there twice", rule.identifier)
        seen.add(number)
        if rule.operation in _FILTER_OPERATIONS:
            _check_components(packet_filter, rule.identifier)


def _check_components(packet_filter: PacketFilter, rule: int) -> None:
    kinds = [component.type for component in packet_filter.components]
    where = f"packet filter {packet_filter.identifier} of QoS rule {rule}"
    if not kinds or len(set(kinds)) != len(kinds) or not _KNOWN.issuperset(kinds):
        cause = FiveGSMCause.syntactical_error_in_packet_filters
        raise QosError(cause, f"{where} has no component, one twice, or one that is not known", rule)
    if any(conflict.issubset(kinds) for conflict in _CONFLICTS) or (1 in kinds and len(kinds) > 1):
        raise QosError(FiveGSMCause.semantic_errors_in_packet_filters, f"{where} contradicts itself", rule)
    for component in packet_filter.components:
        if component.type in (33, 35) and component.value[16] > 128:
            cause = FiveGSMCause.syntactical_error_in_packet_filters
            raise QosError(cause, f"{where} has a prefix of more than 128 bit", rule)


def _check_whole(rules: dict[int, QosRule]) -> None:
    """What holds for all rules together (clauses 6.3.2.4 and 6.4.1.3)."""
    defaults = [rule for rule in rules.values() if rule.default_qos_rule]
    if len(defaults) != 1:
        raise QosError(_SEMANTIC, f"there are {len(defaults)} default QoS rules, not one")
    seen: dict[int, int] = {}
    for rule in rules.values():
        other = seen.setdefault(rule.precedence or 0, rule.identifier)
        if other != rule.identifier:
            raise QosError(
                _SEMANTIC, f"QoS rules {other} and {rule.identifier} have the same precedence", rule.identifier
            )
