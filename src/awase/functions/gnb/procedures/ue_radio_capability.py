"""UE radio capability: what the AMF is told, and asked of this gNB (TS 38.413 clauses 8.14.1 and 8.14.2)."""

from __future__ import annotations

from awase.functions.gnb.context import UeContext
from awase.functions.gnb.core import Gnb
from awase.protocols.ngap.messages import (
    UERadioCapabilityCheckRequest,
    UERadioCapabilityCheckResponse,
    UERadioCapabilityInfoIndication,
)


def info_indication(gnb: Gnb, ue: UeContext) -> None:
    """UE RADIO CAPABILITY INFO INDICATION, once for a UE of which the AMF knows none.

    RLS's UEs answer no enquiry: what is told is what the gNB is configured to tell, if anything.
    """
    capability = gnb.config.ue_radio_capability
    if capability is None or ue.capability_known or ue.amf_ue_ngap_id is None:
        return
    ue.capability_known = True
    gnb.send_ue_n2(
        ue,
        UERadioCapabilityInfoIndication(
            amf_ue_ngap_id=ue.amf_ue_ngap_id,
            ran_ue_ngap_id=ue.ran_ue_ngap_id,
            ue_radio_capability=bytes.fromhex(capability),
        ),
    )


def check(gnb: Gnb, ue: UeContext, message: UERadioCapabilityCheckRequest) -> None:
    """UE RADIO CAPABILITY CHECK REQUEST: there is no voice over a radio without bearers."""
    del message
    gnb.send_ue_n2(
        ue,
        UERadioCapabilityCheckResponse(
            amf_ue_ngap_id=ue.amf_ue_ngap_id,
            ran_ue_ngap_id=ue.ran_ue_ngap_id,
            ims_voice_support_indicator="not-supported",
        ),
    )
