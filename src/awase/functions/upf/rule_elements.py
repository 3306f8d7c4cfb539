"""What of a rule's elements this UPF can do, and how it refuses the rest (TS 29.244 clause 8.2)."""

from collections.abc import MutableMapping

from awase.functions.upf.context import Refusal
from awase.functions.upf.rule import Bar, Far, Pdr, Qer, TokenBucket
from awase.functions.upf.usage import SUPPORTED_TRIGGERS
from awase.model.part import NS_PER_MS
from awase.protocols.gtpu.messages import PORT as GTP_U_PORT
from awase.protocols.pfcp.elements import (
    ApplyAction,
    Cause,
    FailedRuleId,
    MeasurementMethod,
    OuterHeaderCreation,
    OuterHeaderCreationDescription,
    OuterHeaderRemoval,
    OuterHeaderRemovalDescription,
    ReportingTrigger,
    RuleIdType,
)
from awase.protocols.pfcp.messages import CreateBar, CreateQer, CreateUrr, Pdi, UpdateBar, UpdateQer, UpdateUrr

Correlated = MutableMapping[tuple[str, int, str], TokenBucket]
"""The buckets that QERs share: by node, QER Correlation ID and direction."""

# Element types that refusals name (table 8.1.2-1).
F_TEID, UE_IP_ADDRESS, TRAFFIC_ENDPOINT, SDF_FILTER = 21, 93, 127, 23
REPORTING_TRIGGERS, MEASUREMENT_METHOD, MONITORING_TIME, AGGREGATED_URRS = 37, 62, 33, 118
FORWARDING_PARAMETERS, OUTER_HEADER_CREATION, NETWORK_INSTANCE = 4, 84, 22

_REMOVALS = (OuterHeaderRemovalDescription.GTP_U_UDP_IPV4, OuterHeaderRemovalDescription.GTP_U_UDP_IP)
_OWN_ACTIONS = int(ApplyAction.DROP | ApplyAction.FORW | ApplyAction.BUFF | ApplyAction.NOCP)
_ONE_OF = int(ApplyAction.DROP | ApplyAction.FORW | ApplyAction.BUFF)
APPLY_ACTION, OUTER_HEADER_REMOVAL = 44, 95


def set_bar(bar: Bar, element: CreateBar | UpdateBar) -> None:
    """Set what Create or Update BAR says; a delay counts 50 ms (clause 8.2.28)."""
    if element.suggested_buffering_packets_count is not None:
        bar.packets = element.suggested_buffering_packets_count
    if element.downlink_data_notification_delay is not None:
        bar.delay_ns = element.downlink_data_notification_delay * 50 * NS_PER_MS


def set_qer(qer: Qer, element: CreateQer | UpdateQer, correlated: Correlated, node: str, now_ns: int) -> None:
    """Set what Create or Update QER says. QERs of one correlation share their rates (clause 5.4.3)."""
    gates = element.gate_status
    if gates is not None:
        qer.ul_open, qer.dl_open = not gates.ul_gate, not gates.dl_gate
    if element.qer_correlation_id is not None:
        qer.correlation_id = element.qer_correlation_id
    if element.mbr is not None and element.mbr != qer.mbr:
        qer.mbr = element.mbr
        uplink, downlink = element.mbr.ul_kbps * 1000, element.mbr.dl_kbps * 1000
        if qer.correlation_id is None:
            qer.ul_bucket, qer.dl_bucket = TokenBucket(uplink, now_ns), TokenBucket(downlink, now_ns)
        else:
            key = (node, qer.correlation_id)
            qer.ul_bucket = _shared(correlated, (*key, "uplink"), uplink, now_ns)
            qer.dl_bucket = _shared(correlated, (*key, "downlink"), downlink, now_ns)
    qer.gbr = element.gbr or qer.gbr
    if element.qfi is not None:
        qer.qfi = element.qfi
    if element.rqi is not None:
        qer.rqi = bool(element.rqi)
    if element.paging_policy_indicator is not None:
        qer.ppi = element.paging_policy_indicator


def _shared(correlated: Correlated, key: tuple[str, int, str], rate_bps: int, now_ns: int) -> TokenBucket:
    bucket = correlated.get(key)
    if bucket is None or bucket.rate_bps != rate_bps:
        bucket = correlated[key] = TokenBucket(rate_bps, now_ns)
    return bucket


_NAMED_TRIGGERS = sum(ReportingTrigger)


def check_urr(element: CreateUrr | UpdateUrr) -> None:
    """Refuse what is not measured here: events, splits by monitoring time, pooled credit. Raises Refusal.

    An SMF that counts on a report must not wait for it in vain. Bits without a name are spare, and a receiver ignores
    them (TS 29.244 clause 8.2.19).
    """
    triggers = (element.reporting_triggers or 0) & _NAMED_TRIGGERS & ~SUPPORTED_TRIGGERS
    what = None
    if triggers:
        what, number = f"Reporting Triggers {triggers:#x}", REPORTING_TRIGGERS
    elif (element.measurement_method or 0) & MeasurementMethod.EVENT:
        what, number = "measurement of events", MEASUREMENT_METHOD
    elif element.monitoring_time is not None:
        what, number = "a Monitoring Time", MONITORING_TIME
    elif element.aggregated_urrs:
        what, number = "Aggregated URRs", AGGREGATED_URRS
    if what is not None:
        raise Refusal(
            Cause.SERVICE_NOT_SUPPORTED,
            f"URR {element.urr_id} asks for {what}, which is not supported",
            offending_ie=number,
            failed_rule_id=FailedRuleId(rule_id_type=RuleIdType.URR, rule_id=element.urr_id),
        )


def check_pdi(pdr: Pdr, pdi: Pdi) -> None:
    """Refuse what is not detected here. Raises Refusal."""
    what = None
    if pdi.traffic_endpoint_id:
        what, number = "traffic endpoints are not supported (PDIU is not among the UP function features)", 131
    elif pdi.framed_route or pdi.framed_ipv6_route or pdi.framed_routing is not None:
        what, number = "framed routing is not supported (FRRT is not among the UP function features)", 153
    elif pdi.ethernet_packet_filter or pdi.ethernet_pdu_session_information is not None:
        what, number = "Ethernet sessions are not supported (ETHE is not among the UP function features)", 132
    elif pdi.ip_multicast_addressing_info:
        what, number = "multicast is not supported (IPTV is not among the UP function features)", 188
    failed = FailedRuleId(rule_id_type=RuleIdType.PDR, rule_id=pdr.pdr_id)
    if what is not None:
        raise Refusal(
            Cause.SERVICE_NOT_SUPPORTED, f"PDR {pdr.pdr_id}: {what}", offending_ie=number, failed_rule_id=failed
        )
    if pdi.application_id is not None:
        raise Refusal(
            Cause.UNKNOWN_APPLICATION_ID,
            "there are no application detection filters here",
            offending_ie=24,
            failed_rule_id=failed,
        )


def removes(element: OuterHeaderRemoval | None) -> bool:
    """Whether GTP-U is to be removed. Raises Refusal for other headers."""
    if element is None:
        return False
    if element.description not in _REMOVALS:
        raise Refusal(
            Cause.SERVICE_NOT_SUPPORTED,
            f"Outer Header Removal Description {element.description} is not supported, only GTP-U/UDP/IPv4",
            offending_ie=OUTER_HEADER_REMOVAL,
        )
    return True


def actions_of(far_id: int, actions: int) -> int:
    """Exactly one of DROP, FORW and BUFF; NOCP only with BUFF (clause 8.2.26). Raises Refusal."""
    one = actions & _ONE_OF
    if one not in (ApplyAction.DROP, ApplyAction.FORW, ApplyAction.BUFF):
        raise Refusal(
            Cause.MANDATORY_IE_INCORRECT,
            f"Apply Action {actions:#x} of FAR {far_id} is not one of DROP, FORW and BUFF",
            offending_ie=APPLY_ACTION,
            failed_rule_id=FailedRuleId(rule_id_type=RuleIdType.FAR, rule_id=far_id),
        )
    if actions & ~_OWN_ACTIONS:
        raise Refusal(
            Cause.SERVICE_NOT_SUPPORTED,
            f"Apply Action {actions:#x} of FAR {far_id} asks for what is not supported",
            offending_ie=APPLY_ACTION,
            failed_rule_id=FailedRuleId(rule_id_type=RuleIdType.FAR, rule_id=far_id),
        )
    return actions


def set_outer_header(far: Far, element: OuterHeaderCreation) -> None:
    """Set the tunnel that a FAR leads to. Raises Refusal for others than GTP-U/UDP/IPv4."""
    if not element.description & OuterHeaderCreationDescription.GTP_U_UDP_IPV4 or element.teid is None:
        raise Refusal(
            Cause.INVALID_FORWARDING_POLICY,
            f"FAR {far.far_id} asks for an outer header other than GTP-U/UDP/IPv4",
            offending_ie=OUTER_HEADER_CREATION,
            failed_rule_id=FailedRuleId(rule_id_type=RuleIdType.FAR, rule_id=far.far_id),
        )
    far.teid = element.teid
    far.peer = f"{element.ipv4_address}:{GTP_U_PORT}"
