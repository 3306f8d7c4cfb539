"""PDU session resource release (TS 38.413 clause 8.2.2)."""

from __future__ import annotations

from awase.functions.gnb.context import UeContext
from awase.functions.gnb.core import Gnb
from awase.functions.gnb.qos import set_ue_ambr
from awase.protocols.ngap import codec as ngap
from awase.protocols.ngap.elements import PDUSessionResourceReleasedItemRelRes
from awase.protocols.ngap.messages import (
    PDUSessionResourceReleaseCommand,
    PDUSessionResourceReleaseResponse,
)
from awase.protocols.ngap.transfers import PDUSessionResourceReleaseResponseTransfer


def pdu_session_resource_release(gnb: Gnb, ue: UeContext, message: PDUSessionResourceReleaseCommand) -> None:
    """PDU SESSION RESOURCE RELEASE COMMAND: a session that is not there counts as released."""
    items = message.pdu_session_resource_to_release_list_rel_cmd
    if message.nas_pdu is not None:
        gnb.send_nas(ue, message.nas_pdu)
    now_ns = gnb.now_ns if message.nas_pdu is None else None
    for item in items:
        session = ue.lose(item.pdu_session_id, now_ns)
        if session is not None:
            gnb.tunnels.pop(session.downlink_teid, None)
    set_ue_ambr(gnb, ue)
    transfer = ngap.encode_transfer(PDUSessionResourceReleaseResponseTransfer())
    numbers = dict.fromkeys(item.pdu_session_id for item in items)
    gnb.send_ue_n2(
        ue,
        PDUSessionResourceReleaseResponse(
            amf_ue_ngap_id=ue.amf_ue_ngap_id,
            ran_ue_ngap_id=ue.ran_ue_ngap_id,
            pdu_session_resource_released_list_rel_res=tuple(
                PDUSessionResourceReleasedItemRelRes(
                    pdu_session_id=number, pdu_session_resource_release_response_transfer=transfer
                )
                for number in numbers
            ),
            user_location_information=gnb.user_location_information,
        ),
    )
