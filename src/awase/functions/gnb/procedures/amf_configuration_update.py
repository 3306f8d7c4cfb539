"""AMF Configuration Update (TS 38.413 clause 8.7.3)."""

from __future__ import annotations

from awase.functions.gnb.context import Amf
from awase.functions.gnb.core import Gnb
from awase.protocols.ngap.messages import AMFConfigurationUpdate, AMFConfigurationUpdateAcknowledge


def amf_configuration_update(gnb: Gnb, amf: Amf, message: AMFConfigurationUpdate) -> None:
    """Take over what the AMF says of itself; its TNL associations stay as they are."""
    amf.name = message.amf_name or amf.name
    if message.served_guami_list:
        amf.guamis = tuple(item.guami for item in message.served_guami_list)
        amf.unavailable = tuple(guami for guami in amf.unavailable if guami not in amf.guamis)
    if message.plmn_support_list:
        amf.plmn_slices = {item.plmn_identity: item.slice_support_list for item in message.plmn_support_list}
    if message.relative_amf_capacity is not None:
        amf.capacity = message.relative_amf_capacity
    gnb.send_n2(amf, AMFConfigurationUpdateAcknowledge())
    gnb.report("AmfConfigurationUpdate", f"{amf.name} changed its configuration", subject=amf.name)
