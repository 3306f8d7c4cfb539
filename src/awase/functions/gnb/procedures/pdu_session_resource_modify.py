"""PDU session resource modify (TS 38.413 clause 8.2.3): QoS flows, session AMBR, uplink tunnel."""

from __future__ import annotations

from awase.functions.gnb.context import PduSession, UeContext
from awase.functions.gnb.core import Gnb
from awase.functions.gnb.procedures.pdu_session_resource_setup import (
    INVALID_QOS,
    MULTIPLE_SESSIONS,
    NO_TUNNEL,
    NOT_SUPPORTED_5QI,
    five_qi_refused,
    is_ipv4,
    repeated_ids,
)
from awase.functions.gnb.qos import NO_RADIO_RESOURCES, admits, guaranteed, set_ue_ambr
from awase.protocols.ngap import codec as ngap
from awase.protocols.ngap.elements import (
    Cause,
    GTPTunnel,
    PDUSessionResourceFailedToModifyItemModRes,
    PDUSessionResourceModifyItemModRes,
    QosFlowAddOrModifyResponseItem,
    QosFlowWithCauseItem,
)
from awase.protocols.ngap.messages import (
    PDUSessionResourceModifyRequest,
    PDUSessionResourceModifyResponse,
)
from awase.protocols.ngap.transfers import (
    PDUSessionResourceModifyRequestTransfer,
    PDUSessionResourceModifyResponseTransfer,
    PDUSessionResourceModifyUnsuccessfulTransfer,
)
from awase.wire.errors import DecodeError


def pdu_session_resource_modify(gnb: Gnb, ue: UeContext, message: PDUSessionResourceModifyRequest) -> None:
    """PDU SESSION RESOURCE MODIFY REQUEST: each session is modified, or fails with a cause."""
    items = message.pdu_session_resource_modify_list_mod_req
    repeated = repeated_ids([item.pdu_session_id for item in items])
    done, failed = [], []
    for item in items:
        number = item.pdu_session_id
        session = ue.sessions.get(number)
        answer: bytes | Cause
        if number in repeated:
            answer = MULTIPLE_SESSIONS
        elif session is None:
            answer = Cause("radioNetwork", "unknown-PDU-session-ID")
        else:
            answer = _modify(gnb, session, item.pdu_session_resource_modify_request_transfer)
        if isinstance(answer, Cause):
            transfer = ngap.encode_transfer(PDUSessionResourceModifyUnsuccessfulTransfer(cause=answer))
            failed.append(
                PDUSessionResourceFailedToModifyItemModRes(
                    pdu_session_id=number, pdu_session_resource_modify_unsuccessful_transfer=transfer
                )
            )
            continue
        done.append(
            PDUSessionResourceModifyItemModRes(
                pdu_session_id=number, pdu_session_resource_modify_response_transfer=answer
            )
        )
        if item.nas_pdu is not None:
            gnb.send_nas(ue, item.nas_pdu)
    gnb.send_ue_n2(
        ue,
        PDUSessionResourceModifyResponse(
            amf_ue_ngap_id=ue.amf_ue_ngap_id,
            ran_ue_ngap_id=ue.ran_ue_ngap_id,
            pdu_session_resource_modify_list_mod_res=tuple(done),
            pdu_session_resource_failed_to_modify_list_mod_res=tuple(failed),
            user_location_information=gnb.user_location_information,
        ),
    )


def _modify(gnb: Gnb, session: PduSession, octets: bytes) -> bytes | Cause:
    try:
        transfer = ngap.decode_transfer(PDUSessionResourceModifyRequestTransfer, octets)
    except DecodeError:
        return Cause("protocol", "transfer-syntax-error")
    tunnel = None
    if transfer.ul_ngu_up_tnl_modify_list:
        item = transfer.ul_ngu_up_tnl_modify_list[0]
        tunnel = item.ul_ngu_up_tnl_information
        several = len(transfer.ul_ngu_up_tnl_modify_list) > 1
        if several or not isinstance(tunnel, GTPTunnel) or not is_ipv4(tunnel.transport_layer_address):
            return NO_TUNNEL
    qfis = list(session.qfis)
    gone = [flow.qos_flow_identifier for flow in transfer.qos_flow_to_release_list]
    kept = {qfi: gbr for qfi, gbr in session.gbr.items() if qfi not in gone}
    before, session.gbr = session.gbr, kept
    modified, refused = _flows(gnb, transfer, qfis, session)
    if refused and not modified and not gone:
        session.gbr = before
        return refused[0].cause
    left = tuple(qfi for qfi in qfis if qfi not in gone)
    if not left:
        session.gbr = before
        return INVALID_QOS
    session.qfis = left
    session.ambr = transfer.pdu_session_aggregate_maximum_bit_rate or session.ambr
    if isinstance(tunnel, GTPTunnel):
        session.uplink_address = f"{tunnel.transport_layer_address}:2152"
        session.uplink_teid = tunnel.gtp_teid
    set_ue_ambr(gnb, session.ue)
    return ngap.encode_transfer(
        PDUSessionResourceModifyResponseTransfer(
            qos_flow_add_or_modify_response_list=tuple(modified),
            qos_flow_failed_to_add_or_modify_list=tuple(refused),
        )
    )


def _flows(
    gnb: Gnb, transfer: PDUSessionResourceModifyRequestTransfer, qfis: list[int], session: PduSession
) -> tuple[list[QosFlowAddOrModifyResponseItem], list[QosFlowWithCauseItem]]:
    """The flows added or modified, and those refused; `qfis` takes in the new ones."""
    modified: list[QosFlowAddOrModifyResponseItem] = []
    refused: list[QosFlowWithCauseItem] = []
    for flow in transfer.qos_flow_add_or_modify_request_list:
        qfi, parameters = flow.qos_flow_identifier, flow.qos_flow_level_qos_parameters
        if qfi not in qfis and parameters is None:
            # Clause 9.3.4.3: a flow that is to be added needs its parameters.
            refused.append(QosFlowWithCauseItem(qos_flow_identifier=qfi, cause=INVALID_QOS))
        elif parameters is not None and five_qi_refused(gnb, parameters.qos_characteristics):
            refused.append(QosFlowWithCauseItem(qos_flow_identifier=qfi, cause=NOT_SUPPORTED_5QI))
        elif not admits(gnb, guaranteed(parameters), session.gbr.get(qfi)):
            refused.append(QosFlowWithCauseItem(qos_flow_identifier=qfi, cause=NO_RADIO_RESOURCES))
        else:
            if parameters is not None:
                session.gbr.pop(qfi, None)
                if parameters.gbr_qos_information is not None:
                    session.gbr[qfi] = parameters.gbr_qos_information
            modified.append(QosFlowAddOrModifyResponseItem(qos_flow_identifier=qfi))
            if qfi not in qfis:
                qfis.append(qfi)
    return modified, refused
