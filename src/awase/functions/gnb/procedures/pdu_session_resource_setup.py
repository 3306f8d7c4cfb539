"""PDU session resource setup (TS 38.413 clause 8.2.1), also as part of initial context setup."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from awase.functions.gnb.context import PduSession, UeContext
from awase.functions.gnb.core import RADIO_CONNECTION_LOST, Gnb
from awase.functions.gnb.qos import NO_RADIO_RESOURCES, admits, set_ue_ambr
from awase.model.ids import SNssai
from awase.protocols.ngap import codec as ngap
from awase.protocols.ngap.elements import (
    AssociatedQosFlowItem,
    Cause,
    GTPTunnel,
    NonDynamic5QIDescriptor,
    PDUSessionResourceFailedToSetupItemSURes,
    PDUSessionResourceSetupItemSURes,
    QosFlowPerTNLInformation,
    QosFlowSetupRequestItem,
    QosFlowWithCauseItem,
    SecurityIndication,
    SecurityResult,
)
from awase.protocols.ngap.messages import (
    PDUSessionResourceSetupRequest,
    PDUSessionResourceSetupResponse,
)
from awase.protocols.ngap.transfers import (
    PDUSessionResourceSetupRequestTransfer,
    PDUSessionResourceSetupResponseTransfer,
    PDUSessionResourceSetupUnsuccessfulTransfer,
)
from awase.wire.errors import DecodeError

MULTIPLE_SESSIONS = Cause("radioNetwork", "multiple-PDU-session-ID-instances")
MULTIPLE_FLOWS = Cause("radioNetwork", "multiple-qos-flow-ID-instances")
NOT_SUPPORTED_5QI = Cause("radioNetwork", "not-supported-5QI-value")
INVALID_QOS = Cause("radioNetwork", "invalid-qos-combination")
NO_TUNNEL = Cause("transport", "transport-resource-unavailable")

_IP_TYPES = ("ipv4", "ipv6", "ipv4v6")


def pdu_session_resource_setup(gnb: Gnb, ue: UeContext, message: PDUSessionResourceSetupRequest) -> None:
    """PDU SESSION RESOURCE SETUP REQUEST: tunnels, NAS to the UE, and what became of each session."""
    if message.ue_aggregate_maximum_bit_rate is not None:
        ue.ambr = message.ue_aggregate_maximum_bit_rate
    if message.nas_pdu is not None:
        gnb.send_nas(ue, message.nas_pdu)
    done, failed = establish_each(
        gnb,
        ue,
        [
            Wanted(i.pdu_session_id, i.s_nssai, i.pdu_session_resource_setup_request_transfer, i.pdu_session_nas_pdu)
            for i in message.pdu_session_resource_setup_list_su_req
        ],
    )
    gnb.send_ue_n2(
        ue,
        PDUSessionResourceSetupResponse(
            amf_ue_ngap_id=ue.amf_ue_ngap_id,
            ran_ue_ngap_id=ue.ran_ue_ngap_id,
            pdu_session_resource_setup_list_su_res=tuple(
                PDUSessionResourceSetupItemSURes(
                    pdu_session_id=number, pdu_session_resource_setup_response_transfer=transfer
                )
                for number, transfer in done
            ),
            pdu_session_resource_failed_to_setup_list_su_res=tuple(
                PDUSessionResourceFailedToSetupItemSURes(
                    pdu_session_id=number, pdu_session_resource_setup_unsuccessful_transfer=transfer
                )
                for number, transfer in failed
            ),
        ),
    )


class Wanted(NamedTuple):
    """A session to be set up, and the NAS message that goes to the UE if it is."""

    number: int
    s_nssai: SNssai
    transfer: bytes
    nas_pdu: bytes | None


Answers = list[tuple[int, bytes]]
"""PDU session ids, each with its transfer."""


def establish_each(gnb: Gnb, ue: UeContext, sessions: Sequence[Wanted]) -> tuple[Answers, Answers]:
    """Set up what can be: the response transfers of those that are, the unsuccessful transfers of the others."""
    done: Answers = []
    failed: Answers = []
    repeated = repeated_ids([wanted.number for wanted in sessions])
    for number, s_nssai, transfer, nas_pdu in sessions:
        answer = MULTIPLE_SESSIONS if number in repeated else establish(gnb, ue, number, s_nssai, transfer)
        if isinstance(answer, Cause):
            gnb.report_rarely("PduSessionRefused", f"PDU session {number} of a UE was not set up: {answer}")
            failed.append((number, unsuccessful(answer)))
            continue
        done.append((number, answer))
        if nas_pdu is not None:
            gnb.send_nas(ue, nas_pdu)
    return done, failed


def repeated_ids(numbers: Sequence[int]) -> frozenset[int]:
    """The PDU session ids that come more than once in a list: each of them fails (clause 8.2.1.4)."""
    return frozenset(number for number in numbers if numbers.count(number) > 1)


def unsuccessful(cause: Cause) -> bytes:
    """PDU Session Resource Setup Unsuccessful Transfer."""
    return ngap.encode_transfer(PDUSessionResourceSetupUnsuccessfulTransfer(cause=cause))


def establish(gnb: Gnb, ue: UeContext, number: int, s_nssai: SNssai, octets: bytes) -> bytes | Cause:
    """Set up one session's tunnel: the response transfer, or the cause why not."""
    if gnb.ue_of_sti.get(ue.sti) is not ue:
        return RADIO_CONNECTION_LOST
    if number in ue.sessions:
        return MULTIPLE_SESSIONS
    if s_nssai not in gnb.slices:
        return Cause("radioNetwork", "slice-not-supported")
    try:
        transfer = ngap.decode_transfer(PDUSessionResourceSetupRequestTransfer, octets)
    except ngap.AbstractSyntaxError:
        return Cause("protocol", "abstract-syntax-error-reject")
    except DecodeError:
        return Cause("protocol", "transfer-syntax-error")
    tunnel = transfer.ul_ngu_up_tnl_information
    if not isinstance(tunnel, GTPTunnel) or not is_ipv4(tunnel.transport_layer_address):
        return NO_TUNNEL
    if transfer.pdu_session_type not in _IP_TYPES:
        return Cause("radioNetwork", "unspecified")
    result = security_result(transfer.security_indication)
    if isinstance(result, Cause):
        return result
    session = PduSession(number, ue, s_nssai)
    flows, refused = _flows(gnb, transfer.qos_flow_setup_request_list, session)
    if not flows:
        return refused[0].cause
    session.qfis = tuple(flows)
    session.ambr = transfer.pdu_session_aggregate_maximum_bit_rate
    session.uplink_address = f"{tunnel.transport_layer_address}:2152"
    session.uplink_teid = tunnel.gtp_teid
    session.downlink_teid = gnb.new_teid(session)
    ue.sessions[number] = session
    set_ue_ambr(gnb, ue)
    return ngap.encode_transfer(
        PDUSessionResourceSetupResponseTransfer(
            dl_qos_flow_per_tnl_information=QosFlowPerTNLInformation(
                up_transport_layer_information=GTPTunnel(
                    transport_layer_address=gnb.n3_address, gtp_teid=session.downlink_teid
                ),
                associated_qos_flow_list=tuple(AssociatedQosFlowItem(qos_flow_identifier=qfi) for qfi in flows),
            ),
            security_result=result,
            qos_flow_failed_to_setup_list=tuple(refused),
        )
    )


def security_result(indication: SecurityIndication | None) -> SecurityResult | Cause | None:
    """RLS protects nothing: what is required fails, what is preferred is said not to be performed."""
    if indication is None:
        return None
    if indication.integrity_protection_indication == "required":
        return Cause("radioNetwork", "up-integrity-protection-not-possible")
    if indication.confidentiality_protection_indication == "required":
        return Cause("radioNetwork", "up-confidentiality-protection-not-possible")
    if "preferred" not in (
        indication.integrity_protection_indication,
        indication.confidentiality_protection_indication,
    ):
        return None
    return SecurityResult(
        integrity_protection_result="not-performed", confidentiality_protection_result="not-performed"
    )


def five_qi_refused(gnb: Gnb, characteristics: object) -> bool:
    """Whether a flow's 5QI is none that this gNB serves."""
    five_qis = gnb.config.five_qis
    if five_qis is None or not isinstance(characteristics, NonDynamic5QIDescriptor):
        return False
    return characteristics.five_qi not in five_qis


def _flows(
    gnb: Gnb, items: Sequence[QosFlowSetupRequestItem], session: PduSession
) -> tuple[list[int], list[QosFlowWithCauseItem]]:
    """The QFIs that can be served, and the others with their causes (clause 8.2.1.2)."""
    # Counted among the cell's sessions while its own flows are admitted one after the other.
    gnb.tunnels[0] = session
    try:
        return _admitted(gnb, items, session)
    finally:
        del gnb.tunnels[0]


def _admitted(
    gnb: Gnb, items: Sequence[QosFlowSetupRequestItem], session: PduSession
) -> tuple[list[int], list[QosFlowWithCauseItem]]:
    numbers = [item.qos_flow_identifier for item in items]
    flows: list[int] = []
    refused: dict[int, QosFlowWithCauseItem] = {}
    for item in items:
        qfi, parameters = item.qos_flow_identifier, item.qos_flow_level_qos_parameters
        cause = None
        if numbers.count(qfi) > 1:
            cause = MULTIPLE_FLOWS
        elif five_qi_refused(gnb, parameters.qos_characteristics):
            cause = NOT_SUPPORTED_5QI
        elif not admits(gnb, parameters.gbr_qos_information):
            cause = NO_RADIO_RESOURCES
        if cause is None:
            flows.append(qfi)
            if parameters.gbr_qos_information is not None:
                session.gbr[qfi] = parameters.gbr_qos_information
        else:
            refused[qfi] = QosFlowWithCauseItem(qos_flow_identifier=qfi, cause=cause)
    return flows, list(refused.values())


def is_ipv4(address: str) -> bool:
    """Whether our N3, which is IPv4, reaches a tunnel's end."""
    fields = address.split(".")
    return len(fields) == 4 and all(f.isdigit() for f in fields)
