"""Paging (TS 38.413 clause 8.5.1, TS 38.331 clause 5.3.2)."""

from __future__ import annotations

from itertools import islice

from awase.functions.gnb.context import Amf
from awase.functions.gnb.core import Gnb
from awase.model.part import NS_PER_MS
from awase.protocols.ngap import messages as ngap
from awase.protocols.ngap.elements import FiveGSTMSI
from awase.protocols.rrc import codec as rrc
from awase.protocols.rrc.messages import Paging, PagingRecord

MAX_RECORDS = 32
"""maxNrofPageRec (TS 38.331 clause 6.4)."""
_MAX_WAITING = 4096
_FRAME_NS = 10 * NS_PER_MS


def paging(gnb: Gnb, amf: Amf, message: ngap.Paging) -> None:
    """PAGING: to the UE, if it is known where it is, else to every UE in idle that is heard.

    The cell pages all at most once a paging cycle (TS 38.304 clause 7.1); who comes in between shares a message.
    """
    identity = message.ue_paging_identity
    if not isinstance(identity, FiveGSTMSI):
        gnb.report_rarely("PagingIgnored", f"{amf.name} pages without a 5G-S-TMSI")
        return
    if message.tai_list_for_paging and gnb.tai not in message.tai_list_for_paging:
        gnb.report_rarely("PagingIgnored", f"{amf.name} pages outside tracking area {gnb.tai.tac}")
        return
    tmsi = identity.amf_set_id << 38 | identity.amf_pointer << 32 | identity.five_g_tmsi
    sti = gnb.sti_of_tmsi.get(tmsi)
    if sti is not None and gnb.link.knows(sti):
        if sti not in gnb.ue_of_sti:
            gnb.link.send_paging((sti,), _message((tmsi,)), gnb.now_ns)
        return
    if len(gnb.to_page) >= _MAX_WAITING:
        gnb.report_rarely("PagingIgnored", f"{amf.name} pages more than {_MAX_WAITING} UEs in a paging cycle")
        return
    if not gnb.to_page:
        if gnb.now_ns >= gnb.next_paging_ns:
            gnb.to_page[tmsi] = None
            _occasion(gnb)
            return
        gnb.start_timer(gnb.next_paging_ns - gnb.now_ns, lambda: _occasion(gnb))
    gnb.to_page[tmsi] = None


def _occasion(gnb: Gnb) -> None:
    """Page whoever waits, in as few messages as will do."""
    waiting, gnb.to_page = iter(gnb.to_page), {}
    gnb.next_paging_ns = gnb.now_ns + int(gnb.paging_drx[1:]) * _FRAME_NS
    stis = [sti for sti in gnb.link.ues if sti not in gnb.ue_of_sti]
    while tmsis := tuple(islice(waiting, MAX_RECORDS)):
        gnb.link.send_paging(stis, _message(tmsis), gnb.now_ns)


def _message(tmsis: tuple[int, ...]) -> bytes:
    records = tuple(PagingRecord(ng_five_g_s_tmsi=tmsi) for tmsi in tmsis)
    return rrc.encode("PCCH", Paging(paging_record_list=records))
