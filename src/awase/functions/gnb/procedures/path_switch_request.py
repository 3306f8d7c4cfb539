"""Path switch (TS 38.413 clause 8.4.4): a UE has come by Xn, and its downlink is to come here.

There is no Xn here: a UE that this gNB has is taken for one that has just been handed over from another of its cells.
"""

from __future__ import annotations

from awase.functions.gnb.context import UeContext
from awase.functions.gnb.core import Gnb
from awase.functions.gnb.procedures import ue_context_release
from awase.functions.gnb.procedures.pdu_session_resource_setup import is_ipv4
from awase.functions.gnb.qos import set_ue_ambr
from awase.functions.gnb.states import UeState
from awase.model.machine import Procedure, Wait
from awase.model.part import NS_PER_S
from awase.protocols.ngap import codec as ngap
from awase.protocols.ngap.elements import (
    Cause,
    GTPTunnel,
    PDUSessionResourceToBeSwitchedDLItem,
    QosFlowAcceptedItem,
)
from awase.protocols.ngap.messages import (
    PathSwitchRequest,
    PathSwitchRequestAcknowledge,
)
from awase.protocols.ngap.transfers import PathSwitchRequestAcknowledgeTransfer, PathSwitchRequestTransfer
from awase.wire.errors import DecodeError

_ANSWER_NS = 5 * NS_PER_S
_CANCELLED = Cause("radioNetwork", "ho-failure-in-target-5GC-ngran-node-or-target-system")


def key(ran_ue_ngap_id: int) -> tuple[str, int]:
    """What the procedure waits for."""
    return ("path-switch", ran_ue_ngap_id)


def path_switch_request(gnb: Gnb, ue: UeContext) -> Procedure[None]:
    """PATH SWITCH REQUEST, and what becomes of each session."""
    if ue.amf is None or ue.amf_ue_ngap_id is None or ue.state is not UeState.CONTEXT or not ue.sessions:
        return
    old_id = ue.ran_ue_ngap_id
    gnb.renumber(ue)
    old_teids = [session.downlink_teid for session in ue.sessions.values()]
    for session in ue.sessions.values():
        session.downlink_teid = gnb.new_teid(session)
    gnb.send_ue_n2(ue, _request(gnb, ue, ue.amf_ue_ngap_id))
    answer = yield Wait(key(ue.ran_ue_ngap_id), _ANSWER_NS)
    # What is still on its way in the old tunnels arrives, too (the source gNB would forward it).
    for teid in old_teids:
        gnb.drop_tunnel_later(teid)
    if gnb.ues.get(ue.ran_ue_ngap_id) is not ue:
        return
    if not isinstance(answer, PathSwitchRequestAcknowledge):
        gnb.report_rarely("PathSwitchFailed", f"{ue.amf.name} switched no path of UE {ue.number} (it was {old_id})")
        ue_context_release.request(gnb, ue, _CANCELLED)
        return
    if answer.amf_ue_ngap_id is not None and answer.amf_ue_ngap_id != ue.amf_ue_ngap_id:
        ue.amf.ues.pop(ue.amf_ue_ngap_id, None)
        ue.amf_ue_ngap_id = answer.amf_ue_ngap_id
        ue.amf.ues[answer.amf_ue_ngap_id] = ue
    _switched(gnb, ue, answer)


def _request(gnb: Gnb, ue: UeContext, amf_ue_ngap_id: int) -> PathSwitchRequest:
    return PathSwitchRequest(
        ran_ue_ngap_id=ue.ran_ue_ngap_id,
        source_amf_ue_ngap_id=amf_ue_ngap_id,
        user_location_information=gnb.user_location_information,
        ue_security_capabilities=ue.security_capabilities,
        pdu_session_resource_to_be_switched_dl_list=tuple(
            PDUSessionResourceToBeSwitchedDLItem(
                pdu_session_id=session.id,
                path_switch_request_transfer=ngap.encode_transfer(
                    PathSwitchRequestTransfer(
                        dl_ngu_up_tnl_information=GTPTunnel(
                            transport_layer_address=gnb.n3_address, gtp_teid=session.downlink_teid
                        ),
                        qos_flow_accepted_list=tuple(
                            QosFlowAcceptedItem(qos_flow_identifier=qfi) for qfi in session.qfis
                        ),
                    )
                ),
            )
            for session in ue.sessions.values()
        ),
    )


def _switched(gnb: Gnb, ue: UeContext, answer: PathSwitchRequestAcknowledge) -> None:
    """Sessions that the AMF released, or says nothing of, are gone (clause 8.4.4.2)."""
    kept = {item.pdu_session_id: item for item in answer.pdu_session_resource_switched_list}
    for number in [number for number in ue.sessions if number not in kept]:
        lost = ue.lose(number, gnb.now_ns)
        if lost is not None:
            gnb.tunnels.pop(lost.downlink_teid, None)
    for number, session in ue.sessions.items():
        try:
            transfer = ngap.decode_transfer(
                PathSwitchRequestAcknowledgeTransfer, kept[number].path_switch_request_acknowledge_transfer
            )
        except DecodeError:
            continue
        uplink = transfer.ul_ngu_up_tnl_information
        if isinstance(uplink, GTPTunnel) and is_ipv4(uplink.transport_layer_address):
            session.uplink_address = f"{uplink.transport_layer_address}:2152"
            session.uplink_teid = uplink.gtp_teid
    set_ue_ambr(gnb, ue)
    gnb.report("PathSwitched", f"the path of UE {ue.number} leads to its new cell", subject=gnb.name)
