"""What the AMF holds together with others, for the books of a run (model/books.py)."""

from __future__ import annotations

from collections.abc import Iterator

from awase.functions.amf.context import Ue
from awase.functions.amf.core import Amf
from awase.functions.amf.states import State
from awase.model.books import BookEntry
from awase.model.ids import FiveGGuti, Guami

_NO_CHANGE = (State.REGISTERED, State.COMMON_PROCEDURE_INITIATED)


def books(amf: Amf) -> list[BookEntry]:
    """Registrations, N2 contexts, SM contexts, registrations at the UDM."""
    entries = [entry for ue in amf.by_supi.values() for entry in _of_ue(amf, ue)]
    own = amf.config.addresses.get("n2", "")
    for connection in amf.connections.values():
        ends = f"{connection.gnb.peer}/{own}"
        key = f"{ends}/{connection.ran_ue_ngap_id}/{connection.amf_ue_ngap_id}"
        entries.append(BookEntry("n2 contexts", key))
    return entries


def _of_ue(amf: Amf, ue: Ue) -> Iterator[BookEntry]:
    supi = ue.supi or ""
    if ue.state in _NO_CHANGE and ue.guti is not None:
        yield BookEntry("registrations", supi, guti_octets(ue.guti).hex())
        if ue.t3512_s:
            yield BookEntry("periodic registration", supi, str(ue.t3512_s))
    if ue.registered_at_udm:
        yield BookEntry("amf registrations", supi, f"{amf_id(amf.served.guami):06x}")
    for session in ue.sessions.values():
        if session.sm_context:
            yield BookEntry("sm contexts", f"{supi}/{session.pdu_session_id}", session.sm_context.rpartition("/")[2])


def amf_id(guami: Guami) -> int:
    """The AMF Identifier (TS 23.003 clause 2.10.1): region, set, pointer."""
    return guami.amf_region_id << 16 | guami.amf_set_id << 6 | guami.amf_pointer


def guti_octets(guti: FiveGGuti) -> bytes:
    """PLMN, AMF Identifier, 5G-TMSI, as NAS has them (TS 24.501 figure 9.11.3.4.1)."""
    return guti.guami.plmn.octets() + amf_id(guti.guami).to_bytes(3) + guti.five_g_tmsi.to_bytes(4)
