"""PDU session resource modify indication (TS 38.413 clause 8.2.5): another downlink tunnel for sessions."""

from __future__ import annotations

from awase.functions.gnb.context import PduSession, UeContext
from awase.functions.gnb.core import Gnb
from awase.functions.gnb.procedures.pdu_session_resource_setup import is_ipv4
from awase.model.machine import Procedure, Wait
from awase.model.part import NS_PER_S
from awase.protocols.ngap import codec as ngap
from awase.protocols.ngap.elements import (
    AssociatedQosFlowItem,
    GTPTunnel,
    PDUSessionResourceModifyItemModInd,
    QosFlowPerTNLInformation,
)
from awase.protocols.ngap.messages import PDUSessionResourceModifyConfirm, PDUSessionResourceModifyIndication
from awase.protocols.ngap.transfers import (
    PDUSessionResourceModifyConfirmTransfer,
    PDUSessionResourceModifyIndicationTransfer,
)
from awase.wire.errors import DecodeError

_ANSWER_NS = 5 * NS_PER_S


def key(ue: UeContext) -> tuple[str, int]:
    """What the procedure waits for."""
    return ("modify-indication", ue.ran_ue_ngap_id)


def modify_indication(gnb: Gnb, ue: UeContext, sessions: list[PduSession]) -> Procedure[None]:
    """MODIFY INDICATION, MODIFY CONFIRM; what is confirmed uses its tunnel from then on, the rest keeps the old."""
    if ue.amf_ue_ngap_id is None or not sessions:
        return
    tunnels = {session.id: gnb.new_teid(session) for session in sessions}
    gnb.send_ue_n2(
        ue,
        PDUSessionResourceModifyIndication(
            amf_ue_ngap_id=ue.amf_ue_ngap_id,
            ran_ue_ngap_id=ue.ran_ue_ngap_id,
            pdu_session_resource_modify_list_mod_ind=tuple(
                PDUSessionResourceModifyItemModInd(
                    pdu_session_id=session.id,
                    pdu_session_resource_modify_indication_transfer=_transfer(gnb, session, tunnels[session.id]),
                )
                for session in sessions
            ),
            user_location_information=gnb.user_location_information,
        ),
    )
    confirm = yield Wait(key(ue), _ANSWER_NS)
    confirmed = _confirmed(confirm)
    for session in sessions:
        teid = tunnels[session.id]
        alive = ue.sessions.get(session.id) is session
        if alive and session.id in confirmed:
            old, session.downlink_teid = session.downlink_teid, teid
            gnb.drop_tunnel_later(old)
            uplink = confirmed[session.id].ulngu_up_tnl_information
            if isinstance(uplink, GTPTunnel) and is_ipv4(uplink.transport_layer_address):
                session.uplink_address = f"{uplink.transport_layer_address}:2152"
                session.uplink_teid = uplink.gtp_teid
        else:
            gnb.tunnels.pop(teid, None)
            gnb.report_rarely("ModifyIndicationRefused", f"PDU session {session.id} of a UE keeps its tunnel")


def _transfer(gnb: Gnb, session: PduSession, teid: int) -> bytes:
    return ngap.encode_transfer(
        PDUSessionResourceModifyIndicationTransfer(
            dl_qos_flow_per_tnl_information=QosFlowPerTNLInformation(
                up_transport_layer_information=GTPTunnel(transport_layer_address=gnb.n3_address, gtp_teid=teid),
                associated_qos_flow_list=tuple(AssociatedQosFlowItem(qos_flow_identifier=qfi) for qfi in session.qfis),
            )
        )
    )


def _confirmed(confirm: object) -> dict[int, PDUSessionResourceModifyConfirmTransfer]:
    found: dict[int, PDUSessionResourceModifyConfirmTransfer] = {}
    if isinstance(confirm, PDUSessionResourceModifyConfirm):
        for item in confirm.pdu_session_resource_modify_list_mod_cfm:
            octets = item.pdu_session_resource_modify_confirm_transfer
            try:
                found[item.pdu_session_id] = ngap.decode_transfer(PDUSessionResourceModifyConfirmTransfer, octets)
            except DecodeError:
                continue
    return found
