"""Paging (TS 38.413 clause 8.5.1, TS 38.331 clause 5.3.2)."""

from __future__ import annotations

from awase.functions.gnb.context import Amf
from awase.functions.gnb.core import Gnb
from awase.protocols.ngap import messages as ngap
from awase.protocols.ngap.elements import FiveGSTMSI
from awase.protocols.rls.messages import RrcChannel
from awase.protocols.rrc import codec as rrc
from awase.protocols.rrc.messages import Paging, PagingRecord


def paging(gnb: Gnb, amf: Amf, message: ngap.Paging) -> None:
    """PAGING: to the UE, if it is known where it is, else to every UE in idle that is heard."""
    identity = message.ue_paging_identity
    if not isinstance(identity, FiveGSTMSI):
        gnb.report_rarely("PagingIgnored", f"{amf.name} pages without a 5G-S-TMSI")
        return
    if message.tai_list_for_paging and gnb.tai not in message.tai_list_for_paging:
        gnb.report_rarely("PagingIgnored", f"{amf.name} pages outside tracking area {gnb.config.tac}")
        return
    tmsi = identity.amf_set_id << 38 | identity.amf_pointer << 32 | identity.five_g_tmsi
    octets = rrc.encode("PCCH", Paging(paging_record_list=(PagingRecord(ng_five_g_s_tmsi=tmsi),)))
    sti = gnb.sti_of_tmsi.get(tmsi)
    stis = [sti] if sti is not None and gnb.link.knows(sti) else gnb.link.ues
    for sti in stis:
        if sti not in gnb.ue_of_sti:
            gnb.link.send_broadcast(sti, RrcChannel.PCCH, octets, gnb.now_ns)
