"""NAS transport (TS 38.413 clause 8.6) and information transfer of RRC (TS 38.331 clauses 5.7.1, 5.7.2)."""

from __future__ import annotations

import msgspec

from awase.functions.gnb.context import UeContext
from awase.functions.gnb.core import Gnb
from awase.functions.gnb.procedures.amf_selection import by_capacity
from awase.functions.gnb.states import AmfState
from awase.protocols.ngap import codec as ngap
from awase.protocols.ngap.messages import (
    DownlinkNASTransport,
    InitialUEMessage,
    RerouteNASRequest,
    UplinkNASTransport,
)
from awase.wire.errors import DecodeError


def downlink_nas_transport(gnb: Gnb, ue: UeContext, message: DownlinkNASTransport) -> None:
    """DOWNLINK NAS TRANSPORT."""
    ue.ambr = message.ue_aggregate_maximum_bit_rate or ue.ambr
    gnb.send_nas(ue, message.nas_pdu)


def uplink_nas_transport(gnb: Gnb, ue: UeContext, nas_pdu: bytes) -> None:
    """UPLINK NAS TRANSPORT; before the AMF's first answer there is no identifier to send it under."""
    if ue.amf_ue_ngap_id is None:
        gnb.report_rarely("NasDropped", "a UE sent NAS before the AMF answered its first message")
        return
    gnb.send_ue_n2(
        ue,
        UplinkNASTransport(
            amf_ue_ngap_id=ue.amf_ue_ngap_id,
            ran_ue_ngap_id=ue.ran_ue_ngap_id,
            nas_pdu=nas_pdu,
            user_location_information=gnb.user_location_information,
        ),
    )


def reroute_nas_request(gnb: Gnb, ue: UeContext, message: RerouteNASRequest) -> None:
    """REROUTE NAS REQUEST: the initial UE message goes to another AMF set (clause 8.6.5)."""
    old = ue.amf
    amfs = [
        amf
        for amf in gnb.amfs
        if amf is not old
        and amf.state is AmfState.SERVING
        and any(guami.amf_set_id == message.amf_set_id for guami in amf.guamis)
    ]
    amf = by_capacity(gnb, amfs)
    try:
        initial = ngap.decode(message.ngap_message)
    except DecodeError:
        initial = None
    if amf is None or not isinstance(initial, InitialUEMessage):
        what = f"no AMF of set {message.amf_set_id} is there" if amf is None else "it holds no initial UE message"
        gnb.report_rarely("RerouteFailed", f"a REROUTE NAS REQUEST cannot be followed: {what}")
        gnb.release_rrc(ue)
        return
    if old is not None and ue.amf_ue_ngap_id is not None:
        old.ues.pop(ue.amf_ue_ngap_id, None)
    ue.amf, ue.amf_ue_ngap_id = amf, None
    gnb.send_ue_n2(
        ue,
        msgspec.structs.replace(
            initial,
            ran_ue_ngap_id=ue.ran_ue_ngap_id,
            amf_set_id=message.amf_set_id,
            allowed_nssai=message.allowed_nssai or initial.allowed_nssai,
        ),
    )
