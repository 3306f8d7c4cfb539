"""The containers that an SMF exchanges with NG-RAN through the AMF (TS 38.413 clause 9.3.4)."""

from functools import lru_cache

from awase.functions.smf.context import QFI, Qos, SmContext, Tunnel
from awase.protocols.ngap.codec import decode_transfer, encode_transfer
from awase.protocols.ngap.elements import (
    AllocationAndRetentionPriority,
    Cause,
    GTPTunnel,
    NonDynamic5QIDescriptor,
    PDUSessionAggregateMaximumBitRate,
    QosFlowLevelQosParameters,
    QosFlowSetupRequestItem,
)
from awase.protocols.ngap.transfers import (
    PDUSessionResourceReleaseCommandTransfer,
    PDUSessionResourceSetupRequestTransfer,
    PDUSessionResourceSetupResponseTransfer,
    PDUSessionResourceSetupUnsuccessfulTransfer,
)
from awase.wire.errors import DecodeError

# N2SmInfoType, TS 29.502 table 6.1.6.3.4-1.
SETUP_REQUEST = "PDU_RES_SETUP_REQ"
SETUP_RESPONSE = "PDU_RES_SETUP_RSP"
SETUP_UNSUCCESSFUL = "PDU_RES_SETUP_FAIL"
RELEASE_COMMAND = "PDU_RES_REL_CMD"
RELEASE_RESPONSE = "PDU_RES_REL_RSP"

NORMAL_RELEASE = Cause("nas", "normal-release")

_RESOURCES = (
    "radio-resources-not-available",
    "slice-not-supported",
    "not-supported-5QI-value",
    "up-integrity-protection-not-possible",
    "up-confidentiality-protection-not-possible",
    "cell-not-available",
    "unable-to-provide-default-QoS-flow",
)
"""Causes of TS 38.413 clause 9.3.1.2 for which a UE is told "insufficient resources"."""


def setup_request(context: SmContext) -> bytes:
    """PDU Session Resource Setup Request Transfer (TS 38.413 clause 9.3.4.1)."""
    qos, uplink = context.qos, context.uplink
    assert qos is not None
    assert uplink is not None
    ambr, flow = _of_qos(qos)
    return encode_transfer(
        PDUSessionResourceSetupRequestTransfer(
            pdu_session_aggregate_maximum_bit_rate=ambr,
            ul_ngu_up_tnl_information=GTPTunnel(transport_layer_address=uplink.address, gtp_teid=uplink.teid),
            pdu_session_type="ipv4",
            qos_flow_setup_request_list=(flow,),
        )
    )


@lru_cache(maxsize=256)
def _of_qos(qos: Qos) -> tuple[PDUSessionAggregateMaximumBitRate, QosFlowSetupRequestItem]:
    """Few QoS serve many sessions."""
    flow = QosFlowSetupRequestItem(
        qos_flow_identifier=QFI,
        qos_flow_level_qos_parameters=QosFlowLevelQosParameters(
            qos_characteristics=NonDynamic5QIDescriptor(five_qi=qos.five_qi),
            allocation_and_retention_priority=AllocationAndRetentionPriority(
                priority_level_arp=qos.priority_level,
                pre_emption_capability=(
                    "may-trigger-pre-emption" if qos.may_pre_empt else "shall-not-trigger-pre-emption"
                ),
                pre_emption_vulnerability="pre-emptable" if qos.pre_emptable else "not-pre-emptable",
            ),
        ),
    )
    ambr = PDUSessionAggregateMaximumBitRate(
        pdu_session_aggregate_maximum_bit_rate_dl=qos.downlink_bps,
        pdu_session_aggregate_maximum_bit_rate_ul=qos.uplink_bps,
    )
    return ambr, flow


def release_command(cause: Cause = NORMAL_RELEASE) -> bytes:
    """PDU Session Resource Release Command Transfer (TS 38.413 clause 9.3.4.12)."""
    return encode_transfer(PDUSessionResourceReleaseCommandTransfer(cause=cause))


def downlink_tunnel(octets: bytes) -> Tunnel:
    """NG-RAN's end of the tunnel, from its Setup Response Transfer (clause 9.3.4.2). Raises DecodeError."""
    transfer = decode_transfer(PDUSessionResourceSetupResponseTransfer, octets)
    information = transfer.dl_qos_flow_per_tnl_information
    tunnel = information.up_transport_layer_information
    if not isinstance(tunnel, GTPTunnel):
        raise DecodeError("no GTP tunnel", path="dLQosFlowPerTNLInformation")
    if not any(flow.qos_flow_identifier == QFI for flow in information.associated_qos_flow_list):
        raise DecodeError(f"QoS flow {QFI} was not set up", path="associatedQosFlowList")
    if tunnel.gtp_teid == 0 or "." not in tunnel.transport_layer_address:
        raise DecodeError("not an IPv4 tunnel with a TEID above 0", path="uPTransportLayerInformation")
    return Tunnel(tunnel.transport_layer_address, tunnel.gtp_teid)


def unsuccessful_cause(octets: bytes) -> Cause:
    """The cause of a Setup Unsuccessful Transfer (clause 9.3.4.16). Raises DecodeError."""
    return decode_transfer(PDUSessionResourceSetupUnsuccessfulTransfer, octets).cause


def five_gsm_cause(cause: Cause) -> int:
    """What the UE is told of a resource failure in NG-RAN: 26 insufficient resources, or 38 network failure."""
    return 26 if cause.name in _RESOURCES else 38
