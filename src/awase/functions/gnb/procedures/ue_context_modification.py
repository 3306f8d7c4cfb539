"""UE context modification (TS 38.413 clause 8.3.4)."""

from __future__ import annotations

from awase.functions.gnb.context import UeContext
from awase.functions.gnb.core import Gnb
from awase.functions.gnb.qos import set_ue_ambr
from awase.protocols.ngap.elements import Cause
from awase.protocols.ngap.messages import (
    UEContextModificationFailure,
    UEContextModificationRequest,
    UEContextModificationResponse,
)


def ue_context_modification(gnb: Gnb, ue: UeContext, message: UEContextModificationRequest) -> None:
    """UE CONTEXT MODIFICATION REQUEST: AMBR, capabilities, another AMF UE NGAP ID."""
    old, new = ue.amf_ue_ngap_id, message.new_amf_ue_ngap_id
    if new is not None and new != old and ue.amf is not None and new in ue.amf.ues:
        gnb.send_ue_n2(
            ue,
            UEContextModificationFailure(
                amf_ue_ngap_id=old,
                ran_ue_ngap_id=ue.ran_ue_ngap_id,
                cause=Cause("radioNetwork", "inconsistent-remote-UE-NGAP-ID"),
            ),
        )
        return
    ue.ambr = message.ue_aggregate_maximum_bit_rate or ue.ambr
    set_ue_ambr(gnb, ue)
    ue.security_capabilities = message.ue_security_capabilities or ue.security_capabilities
    # Clause 8.3.4.2: the response still goes with the old identifier.
    gnb.send_ue_n2(ue, UEContextModificationResponse(amf_ue_ngap_id=old, ran_ue_ngap_id=ue.ran_ue_ngap_id))
    if new is not None and ue.amf is not None and old is not None:
        del ue.amf.ues[old]
        ue.amf.ues[new] = ue
        ue.amf_ue_ngap_id = new
