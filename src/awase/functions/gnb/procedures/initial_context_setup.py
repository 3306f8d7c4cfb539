"""Initial context setup (TS 38.413 clause 8.3.1).

RLS has no AS security, and its UEs answer no SecurityModeCommand, UECapabilityEnquiry or RRCReconfiguration: the
context is set up without them, and the security key is not kept.
"""

from __future__ import annotations

from awase.functions.gnb.context import UeContext
from awase.functions.gnb.core import RADIO_CONNECTION_LOST, Gnb
from awase.functions.gnb.procedures import ue_radio_capability
from awase.functions.gnb.procedures.pdu_session_resource_setup import (
    Wanted,
    establish_each,
    unsuccessful,
)
from awase.functions.gnb.states import UeState
from awase.protocols.ngap.elements import (
    PDUSessionResourceFailedToSetupItemCxtFail,
    PDUSessionResourceFailedToSetupItemCxtRes,
    PDUSessionResourceSetupItemCxtRes,
)
from awase.protocols.ngap.messages import (
    InitialContextSetupFailure,
    InitialContextSetupRequest,
    InitialContextSetupResponse,
)


def initial_context_setup(gnb: Gnb, ue: UeContext, message: InitialContextSetupRequest) -> None:
    """INITIAL CONTEXT SETUP REQUEST: context, sessions, NAS to the UE."""
    if ue.state is UeState.RELEASING:
        _fail(gnb, ue, message)
        return
    ue.state = UeState.CONTEXT
    ue.ambr = message.ue_aggregate_maximum_bit_rate or ue.ambr
    ue.security_capabilities = message.ue_security_capabilities
    if message.nas_pdu is not None:
        gnb.send_nas(ue, message.nas_pdu)
    done, failed = establish_each(
        gnb,
        ue,
        [
            Wanted(i.pdu_session_id, i.s_nssai, i.pdu_session_resource_setup_request_transfer, i.nas_pdu)
            for i in message.pdu_session_resource_setup_list_cxt_req
        ],
    )
    gnb.send_ue_n2(
        ue,
        InitialContextSetupResponse(
            amf_ue_ngap_id=ue.amf_ue_ngap_id,
            ran_ue_ngap_id=ue.ran_ue_ngap_id,
            pdu_session_resource_setup_list_cxt_res=tuple(
                PDUSessionResourceSetupItemCxtRes(
                    pdu_session_id=number, pdu_session_resource_setup_response_transfer=transfer
                )
                for number, transfer in done
            ),
            pdu_session_resource_failed_to_setup_list_cxt_res=tuple(
                PDUSessionResourceFailedToSetupItemCxtRes(
                    pdu_session_id=number, pdu_session_resource_setup_unsuccessful_transfer=transfer
                )
                for number, transfer in failed
            ),
        ),
    )
    ue.capability_known = ue.capability_known or message.ue_radio_capability is not None
    ue_radio_capability.info_indication(gnb, ue)


def _fail(gnb: Gnb, ue: UeContext, message: InitialContextSetupRequest) -> None:
    numbers = dict.fromkeys(i.pdu_session_id for i in message.pdu_session_resource_setup_list_cxt_req)
    transfer = unsuccessful(RADIO_CONNECTION_LOST)
    gnb.send_ue_n2(
        ue,
        InitialContextSetupFailure(
            amf_ue_ngap_id=ue.amf_ue_ngap_id,
            ran_ue_ngap_id=ue.ran_ue_ngap_id,
            pdu_session_resource_failed_to_setup_list_cxt_fail=tuple(
                PDUSessionResourceFailedToSetupItemCxtFail(
                    pdu_session_id=number, pdu_session_resource_setup_unsuccessful_transfer=transfer
                )
                for number in numbers
            ),
            cause=RADIO_CONNECTION_LOST,
        ),
    )
