"""PDU session resource notify (TS 38.413 clause 8.2.4): guarantees not met or met again, sessions lost."""

from __future__ import annotations

from collections.abc import Sequence

from awase.functions.gnb.context import PduSession, UeContext
from awase.functions.gnb.core import Gnb
from awase.functions.gnb.qos import set_ue_ambr
from awase.protocols.ngap import codec as ngap
from awase.protocols.ngap.elements import (
    Cause,
    PDUSessionResourceNotifyItem,
    PDUSessionResourceReleasedItemNot,
    QosFlowNotifyItem,
)
from awase.protocols.ngap.messages import PDUSessionResourceNotify
from awase.protocols.ngap.transfers import (
    PDUSessionResourceNotifyReleasedTransfer,
    PDUSessionResourceNotifyTransfer,
)

REQUESTED = "notification-requested"


def notify(gnb: Gnb, ue: UeContext, session_id: int | None, qfis: Sequence[int] | None, *, fulfilled: bool) -> bool:
    """Tell of GBR flows whose notification is asked for; False where there is none."""
    items = []
    for session in ue.sessions.values():
        if session_id not in (None, session.id):
            continue
        flows = [
            qfi
            for qfi, gbr in session.gbr.items()
            if gbr.notification_control == REQUESTED and (qfis is None or qfi in qfis)
        ]
        if flows:
            transfer = PDUSessionResourceNotifyTransfer(
                qos_flow_notify_list=tuple(
                    QosFlowNotifyItem(
                        qos_flow_identifier=qfi, notification_cause="fulfilled" if fulfilled else "not-fulfilled"
                    )
                    for qfi in flows
                )
            )
            items.append(
                PDUSessionResourceNotifyItem(
                    pdu_session_id=session.id,
                    pdu_session_resource_notify_transfer=ngap.encode_transfer(transfer),
                )
            )
    if not items or ue.amf_ue_ngap_id is None:
        return False
    gnb.send_ue_n2(
        ue,
        PDUSessionResourceNotify(
            amf_ue_ngap_id=ue.amf_ue_ngap_id,
            ran_ue_ngap_id=ue.ran_ue_ngap_id,
            pdu_session_resource_notify_list=tuple(items),
            user_location_information=gnb.user_location_information,
        ),
    )
    return True


def released(gnb: Gnb, session: PduSession, cause: Cause) -> None:
    """A session's resources are gone here: forget it, and tell the AMF."""
    ue = session.ue
    ue.lose(session.id, gnb.now_ns)
    gnb.tunnels.pop(session.downlink_teid, None)
    set_ue_ambr(gnb, ue)
    if ue.amf_ue_ngap_id is None:
        return
    transfer = ngap.encode_transfer(PDUSessionResourceNotifyReleasedTransfer(cause=cause))
    gnb.send_ue_n2(
        ue,
        PDUSessionResourceNotify(
            amf_ue_ngap_id=ue.amf_ue_ngap_id,
            ran_ue_ngap_id=ue.ran_ue_ngap_id,
            pdu_session_resource_released_list_not=(
                PDUSessionResourceReleasedItemNot(
                    pdu_session_id=session.id, pdu_session_resource_notify_released_transfer=transfer
                ),
            ),
            user_location_information=gnb.user_location_information,
        ),
    )
