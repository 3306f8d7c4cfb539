"""The containers that an SMF exchanges with NG-RAN through the AMF (TS 38.413 clause 9.3.4)."""

from functools import lru_cache

from awase.functions.smf.context import QFI, Qos, SmContext, Tunnel
from awase.model.settings import Arp, QosFlow
from awase.protocols.ngap.codec import decode_transfer, encode_transfer
from awase.protocols.ngap.elements import (
    AllocationAndRetentionPriority,
    Cause,
    GBRQosInformation,
    GTPTunnel,
    NonDynamic5QIDescriptor,
    PDUSessionAggregateMaximumBitRate,
    QosFlowAddOrModifyRequestItem,
    QosFlowLevelQosParameters,
    QosFlowModifyConfirmItem,
    QosFlowPerTNLInformation,
    QosFlowSetupRequestItem,
    QosFlowWithCauseItem,
    UPTransportLayerInformation,
)
from awase.protocols.ngap.transfers import (
    PathSwitchRequestAcknowledgeTransfer,
    PathSwitchRequestTransfer,
    PathSwitchRequestUnsuccessfulTransfer,
    PDUSessionResourceModifyConfirmTransfer,
    PDUSessionResourceModifyIndicationTransfer,
    PDUSessionResourceModifyRequestTransfer,
    PDUSessionResourceModifyResponseTransfer,
    PDUSessionResourceModifyUnsuccessfulTransfer,
    PDUSessionResourceNotifyReleasedTransfer,
    PDUSessionResourceNotifyTransfer,
    PDUSessionResourceReleaseCommandTransfer,
    PDUSessionResourceReleaseResponseTransfer,
    PDUSessionResourceSetupRequestTransfer,
    PDUSessionResourceSetupResponseTransfer,
    PDUSessionResourceSetupUnsuccessfulTransfer,
)
from awase.wire.errors import DecodeError

# N2SmInfoType, TS 29.502 clause 6.1.6.3.
SETUP_REQUEST = "PDU_RES_SETUP_REQ"
SETUP_RESPONSE = "PDU_RES_SETUP_RSP"
SETUP_UNSUCCESSFUL = "PDU_RES_SETUP_FAIL"
RELEASE_COMMAND = "PDU_RES_REL_CMD"
RELEASE_RESPONSE = "PDU_RES_REL_RSP"
MODIFY_REQUEST = "PDU_RES_MOD_REQ"
MODIFY_RESPONSE = "PDU_RES_MOD_RSP"
MODIFY_UNSUCCESSFUL = "PDU_RES_MOD_FAIL"
NOTIFY = "PDU_RES_NTY"
NOTIFY_RELEASED = "PDU_RES_NTY_REL"
MODIFY_INDICATION = "PDU_RES_MOD_IND"
MODIFY_CONFIRM = "PDU_RES_MOD_CFM"
PATH_SWITCH_REQUEST = "PATH_SWITCH_REQ"
PATH_SWITCH_SETUP_FAILED = "PATH_SWITCH_SETUP_FAIL"
PATH_SWITCH_ACKNOWLEDGE = "PATH_SWITCH_REQ_ACK"
PATH_SWITCH_UNSUCCESSFUL = "PATH_SWITCH_REQ_FAIL"

HELD_ALREADY = Cause("radioNetwork", "multiple-PDU-session-ID-instances")
"""What NG-RAN says where it has resources of the session (TS 38.413 clause 8.2.1.4)."""
NORMAL_RELEASE = Cause("nas", "normal-release")

_RESOURCES = (
    "radio-resources-not-available",
    "slice-not-supported",
    "not-supported-5QI-value",
    "up-integrity-protection-not-possible",
    "up-confidentiality-protection-not-possible",
    "cell-not-available",
    "resources-not-available-for-the-slice",
    "invalid-qos-combination",
)
"""Causes of TS 38.413 clause 9.3.1.2 for which a UE is told "insufficient resources"."""


_PDU_TYPES = {"ipv4": "ipv4", "ipv6": "ipv6", "ipv4v6": "ipv4v6"}


def setup_request(context: SmContext) -> bytes:
    """PDU Session Resource Setup Request Transfer (TS 38.413 clause 9.3.4.1)."""
    qos, uplink = context.qos, context.uplink
    assert qos is not None
    assert uplink is not None
    return encode_transfer(
        PDUSessionResourceSetupRequestTransfer(
            pdu_session_aggregate_maximum_bit_rate=_ambr(qos),
            ul_ngu_up_tnl_information=GTPTunnel(transport_layer_address=uplink.address, gtp_teid=uplink.teid),
            pdu_session_type=_PDU_TYPES[context.kind],
            qos_flow_setup_request_list=_flows(qos, context.flows, context.reflective),
        )
    )


def modify_request(
    context: SmContext, old_qos: Qos, old_flows: tuple[QosFlow, ...], cause: Cause | None = None
) -> bytes | None:
    """PDU Session Resource Modify Request Transfer: what differs (clause 9.3.4.3); None where nothing does."""
    qos = context.qos
    assert qos is not None
    before = {flow.qfi: flow for flow in old_flows}
    after = {flow.qfi for flow in context.flows}
    default = (QosFlowAddOrModifyRequestItem(qos_flow_identifier=QFI, qos_flow_level_qos_parameters=_default(qos)),)
    changed = tuple(
        QosFlowAddOrModifyRequestItem(
            qos_flow_identifier=flow.qfi, qos_flow_level_qos_parameters=_parameters(qos, flow, context.reflective)
        )
        for flow in context.flows
        if before.get(flow.qfi) != flow
    )
    gone = tuple(
        QosFlowWithCauseItem(qos_flow_identifier=qfi, cause=cause or NORMAL_RELEASE)
        for qfi in before
        if qfi not in after
    )
    if (qos.five_qi, qos.arp) != (old_qos.five_qi, old_qos.arp):
        changed = default + changed
    ambr = None if _ambr(qos) == _ambr(old_qos) else _ambr(qos)
    if not changed and not gone and ambr is None:
        return None
    return encode_transfer(
        PDUSessionResourceModifyRequestTransfer(
            pdu_session_aggregate_maximum_bit_rate=ambr,
            qos_flow_add_or_modify_request_list=changed,
            qos_flow_to_release_list=gone,
        )
    )


@lru_cache(maxsize=256)
def _ambr(qos: Qos) -> PDUSessionAggregateMaximumBitRate:
    return PDUSessionAggregateMaximumBitRate(
        pdu_session_aggregate_maximum_bit_rate_dl=qos.downlink_bps,
        pdu_session_aggregate_maximum_bit_rate_ul=qos.uplink_bps,
    )


@lru_cache(maxsize=256)
def _flows(qos: Qos, flows: tuple[QosFlow, ...], reflective: bool) -> tuple[QosFlowSetupRequestItem, ...]:
    """Few QoS serve many sessions."""
    default = QosFlowSetupRequestItem(qos_flow_identifier=QFI, qos_flow_level_qos_parameters=_default(qos))
    dedicated = (
        QosFlowSetupRequestItem(
            qos_flow_identifier=flow.qfi, qos_flow_level_qos_parameters=_parameters(qos, flow, reflective)
        )
        for flow in flows
    )
    return (default, *dedicated)


def _default(qos: Qos) -> QosFlowLevelQosParameters:
    return QosFlowLevelQosParameters(
        qos_characteristics=NonDynamic5QIDescriptor(five_qi=qos.five_qi),
        allocation_and_retention_priority=_priority(qos.arp),
    )


def _parameters(qos: Qos, flow: QosFlow, reflective: bool) -> QosFlowLevelQosParameters:
    gbr, mbr = flow.gbr, flow.mbr or flow.gbr
    information = None
    if gbr is not None and mbr is not None:
        information = GBRQosInformation(
            maximum_flow_bit_rate_dl=round(mbr.downlink_mbps * 1e6),
            maximum_flow_bit_rate_ul=round(mbr.uplink_mbps * 1e6),
            guaranteed_flow_bit_rate_dl=round(gbr.downlink_mbps * 1e6),
            guaranteed_flow_bit_rate_ul=round(gbr.uplink_mbps * 1e6),
            notification_control="notification-requested" if flow.notify else None,
        )
    return QosFlowLevelQosParameters(
        qos_characteristics=NonDynamic5QIDescriptor(five_qi=flow.five_qi, averaging_window=flow.averaging_window_ms),
        allocation_and_retention_priority=_priority(flow.arp or qos.arp),
        gbr_qos_information=information,
        reflective_qos_attribute="subject-to" if flow.reflective and reflective and gbr is None else None,
    )


def _priority(arp: Arp) -> AllocationAndRetentionPriority:
    return AllocationAndRetentionPriority(
        priority_level_arp=arp.priority_level,
        pre_emption_capability="may-trigger-pre-emption" if arp.may_pre_empt else "shall-not-trigger-pre-emption",
        pre_emption_vulnerability="pre-emptable" if arp.pre_emptable else "not-pre-emptable",
    )


def release_command(cause: Cause = NORMAL_RELEASE) -> bytes:
    """PDU Session Resource Release Command Transfer (TS 38.413 clause 9.3.4.12)."""
    return encode_transfer(PDUSessionResourceReleaseCommandTransfer(cause=cause))


def release_response(octets: bytes) -> None:
    """Release Response Transfer (clause 9.3.4.21): nothing in it that we need. Raises DecodeError."""
    decode_transfer(PDUSessionResourceReleaseResponseTransfer, octets)


def downlink_tunnel(octets: bytes) -> tuple[Tunnel, tuple[int, ...]]:
    """NG-RAN's end of the tunnel, and the flows that it did not set up (clause 9.3.4.2). Raises DecodeError."""
    transfer = decode_transfer(PDUSessionResourceSetupResponseTransfer, octets)
    information = transfer.dl_qos_flow_per_tnl_information
    tunnel = _tunnel(information.up_transport_layer_information)
    _has_default(information)
    failed = tuple(flow.qos_flow_identifier for flow in transfer.qos_flow_failed_to_setup_list)
    return tunnel, failed


def _has_default(information: QosFlowPerTNLInformation) -> None:
    if not any(flow.qos_flow_identifier == QFI for flow in information.associated_qos_flow_list):
        raise DecodeError(f"QoS flow {QFI} was not set up", path="associatedQosFlowList")


def _tunnel(information: UPTransportLayerInformation) -> Tunnel:
    if not isinstance(information, GTPTunnel):
        raise DecodeError("no GTP tunnel", path="uPTransportLayerInformation")
    if information.gtp_teid == 0 or "." not in information.transport_layer_address:
        raise DecodeError("not an IPv4 tunnel with a TEID above 0", path="uPTransportLayerInformation")
    return Tunnel(information.transport_layer_address, information.gtp_teid)


def modify_response(octets: bytes) -> tuple[Tunnel | None, tuple[int, ...]]:
    """NG-RAN's new end of the tunnel, if there is one, and the flows that failed (9.3.4.4). Raises DecodeError."""
    transfer = decode_transfer(PDUSessionResourceModifyResponseTransfer, octets)
    information = transfer.dl_ngu_up_tnl_information
    failed = tuple(flow.qos_flow_identifier for flow in transfer.qos_flow_failed_to_add_or_modify_list)
    return None if information is None else _tunnel(information), failed


def modify_unsuccessful_cause(octets: bytes) -> Cause:
    """The cause of a Modify Unsuccessful Transfer (clause 9.3.4.17). Raises DecodeError."""
    return decode_transfer(PDUSessionResourceModifyUnsuccessfulTransfer, octets).cause


def path_switch_request(octets: bytes) -> tuple[Tunnel, tuple[int, ...]]:
    """The target's end of the tunnel, and the flows that it accepted (clause 9.3.4.8). Raises DecodeError."""
    transfer = decode_transfer(PathSwitchRequestTransfer, octets)
    accepted = tuple(flow.qos_flow_identifier for flow in transfer.qos_flow_accepted_list)
    return _tunnel(transfer.dl_ngu_up_tnl_information), accepted


def modify_indication(octets: bytes) -> tuple[Tunnel, tuple[int, ...]]:
    """NG-RAN's other end of the tunnel, and the flows in it (clause 9.3.4.6). Raises DecodeError."""
    transfer = decode_transfer(PDUSessionResourceModifyIndicationTransfer, octets)
    information = transfer.dl_qos_flow_per_tnl_information
    _has_default(information)
    flows = tuple(flow.qos_flow_identifier for flow in information.associated_qos_flow_list)
    return _tunnel(information.up_transport_layer_information), flows


def modify_confirm(uplink: Tunnel, flows: tuple[int, ...]) -> bytes:
    """PDU Session Resource Modify Confirm Transfer (clause 9.3.4.7): the uplink tunnel is as it was."""
    return encode_transfer(
        PDUSessionResourceModifyConfirmTransfer(
            qos_flow_modify_confirm_list=tuple(QosFlowModifyConfirmItem(qos_flow_identifier=qfi) for qfi in flows),
            ulngu_up_tnl_information=GTPTunnel(transport_layer_address=uplink.address, gtp_teid=uplink.teid),
        )
    )


def path_switch_acknowledge() -> bytes:
    """Path Switch Request Acknowledge Transfer (clause 9.3.4.9): the uplink tunnel is as it was."""
    return encode_transfer(PathSwitchRequestAcknowledgeTransfer())


def path_switch_unsuccessful(cause: Cause) -> bytes:
    """Path Switch Request Unsuccessful Transfer (clause 9.3.4.20)."""
    return encode_transfer(PathSwitchRequestUnsuccessfulTransfer(cause=cause))


def notify(octets: bytes) -> tuple[tuple[tuple[int, bool], ...], tuple[int, ...]]:
    """Flows that are fulfilled again or no longer, and flows that were released (9.3.4.5). Raises DecodeError."""
    transfer = decode_transfer(PDUSessionResourceNotifyTransfer, octets)
    told = tuple(
        (item.qos_flow_identifier, item.notification_cause == "fulfilled") for item in transfer.qos_flow_notify_list
    )
    return told, tuple(item.qos_flow_identifier for item in transfer.qos_flow_released_list)


def released_cause(octets: bytes) -> Cause:
    """The cause of a Notify Released Transfer (clause 9.3.4.13). Raises DecodeError."""
    return decode_transfer(PDUSessionResourceNotifyReleasedTransfer, octets).cause


def unsuccessful_cause(octets: bytes) -> Cause:
    """The cause of a Setup Unsuccessful Transfer (clause 9.3.4.16). Raises DecodeError."""
    return decode_transfer(PDUSessionResourceSetupUnsuccessfulTransfer, octets).cause


def five_gsm_cause(cause: Cause) -> int:
    """What the UE is told of a resource failure in NG-RAN: 26 insufficient resources, or 38 network failure."""
    return 26 if cause.name in _RESOURCES else 38
