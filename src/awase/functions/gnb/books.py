"""The gNB's books: what it holds that another part holds too (see model.books)."""

from __future__ import annotations

from awase.functions.gnb.core import Gnb
from awase.functions.gnb.states import UeState
from awase.model.books import BookEntry


def books(gnb: Gnb) -> list[BookEntry]:
    """All entries."""
    found: list[BookEntry] = []
    own = gnb.config.addresses.get("n2", "")
    for sti, ue in gnb.ue_of_sti.items():
        if ue.state is not UeState.RRC_SETUP:
            found.append(BookEntry("rrc connections", f"{sti:016x}"))
    for ue in gnb.ues.values():
        if ue.amf is not None and ue.amf_ue_ngap_id is not None:
            ids = f"{ue.ran_ue_ngap_id}/{ue.amf_ue_ngap_id}"
            found.append(BookEntry("n2 contexts", f"{own}/{ue.amf.address}/{ids}"))
        for session in ue.sessions.values():
            host = session.uplink_address.rpartition(":")[0]
            found.append(BookEntry("n3 uplink tunnels", f"{host}/{session.uplink_teid:08x}"))
            found.append(BookEntry("n3 downlink tunnels", f"{gnb.n3_address}/{session.downlink_teid:08x}"))
    return found
