"""PDU Session Resource Modify Indication: the node changes tunnels (TS 38.413 clause 8.2.5)."""

from __future__ import annotations

from awase.functions.amf.context import NgConnection
from awase.functions.amf.core import Amf
from awase.functions.amf.procedures import sm_context
from awase.functions.amf.procedures.pdu_session_resource import MODIFY_CONFIRM
from awase.functions.amf.procedures.sm_context import Update
from awase.model.machine import Procedure
from awase.protocols.ngap import codec
from awase.protocols.ngap.elements import (
    Cause,
    PDUSessionResourceFailedToModifyItemModCfm,
    PDUSessionResourceModifyItemModCfm,
)
from awase.protocols.ngap.messages import PDUSessionResourceModifyConfirm, PDUSessionResourceModifyIndication
from awase.protocols.ngap.transfers import PDUSessionResourceModifyIndicationUnsuccessfulTransfer

_FAILED = Cause("misc", "unspecified")


def indication(amf: Amf, connection: NgConnection, message: PDUSessionResourceModifyIndication) -> None:
    """Each session's part to its SMF; the confirmation holds what all of them say."""
    amf.run(_confirm(amf, connection, message))


def _confirm(amf: Amf, connection: NgConnection, message: PDUSessionResourceModifyIndication) -> Procedure[None]:
    asked = {
        item.pdu_session_id: Update(n2=item.pdu_session_resource_modify_indication_transfer, n2_type="PDU_RES_MOD_IND")
        for item in message.pdu_session_resource_modify_list_mod_ind
    }
    answers = yield from sm_context.update_each(amf, connection.ue, asked)
    if amf.connections.get(connection.amf_ue_ngap_id) is not connection:
        return
    done = {psi: one.n2 for psi, one in answers.items() if one.n2 and one.n2_type == MODIFY_CONFIRM}
    failed = codec.encode_transfer(PDUSessionResourceModifyIndicationUnsuccessfulTransfer(cause=_FAILED))
    amf.send_to_ran(
        connection,
        PDUSessionResourceModifyConfirm(
            amf_ue_ngap_id=connection.amf_ue_ngap_id,
            ran_ue_ngap_id=connection.ran_ue_ngap_id,
            pdu_session_resource_modify_list_mod_cfm=tuple(
                PDUSessionResourceModifyItemModCfm(
                    pdu_session_id=psi, pdu_session_resource_modify_confirm_transfer=octets
                )
                for psi, octets in done.items()
            ),
            pdu_session_resource_failed_to_modify_list_mod_cfm=tuple(
                PDUSessionResourceFailedToModifyItemModCfm(
                    pdu_session_id=psi,
                    pdu_session_resource_modify_indication_unsuccessful_transfer=answers[psi].n2
                    if answers[psi].n2_type == "PDU_RES_MOD_IND_FAIL"
                    else failed,
                )
                for psi in asked
                if psi not in done
            ),
        ),
    )
