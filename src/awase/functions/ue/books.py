"""The UE's books: what it keeps together with AMF, gNB and SMF (`model.books`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from awase.functions.ue.states import SessionState
from awase.model.books import BookEntry
from awase.protocols.nas.elements import encode_mobile_identity
from awase.wire.addresses import ipv4_text, ipv6_text

if TYPE_CHECKING:
    from awase.functions.ue.context import PduSession
    from awase.functions.ue.core import Ue

_HELD = (SessionState.ACTIVE, SessionState.MODIFICATION_PENDING, SessionState.INACTIVE_PENDING)


def books(ue: Ue) -> Sequence[BookEntry]:
    """All that the UE holds now."""
    context, entries = ue.context, []
    if context.registered and context.guti is not None:
        guti = encode_mobile_identity(context.guti)[1:].hex()
        entries.append(BookEntry("registrations", context.supi, guti))
        t3512_s = ue.n1.t3512_s
        if t3512_s:
            entries.append(BookEntry("periodic registration", context.supi, str(t3512_s)))
    if ue.on and ue.uu.connected:
        entries.append(BookEntry("rrc connections", f"{ue.uu.link.sti:016x}"))
    for session in context.sessions.values():
        if session.state in _HELD:
            entries += _session(context.supi, session)
    return entries


def _session(supi: str, session: PduSession) -> list[BookEntry]:
    key = f"{supi}/{session.pdu_session_id}"
    addresses = [ipv4_text(session.address)] if session.address else []
    if session.prefix:
        addresses.append(ipv6_text(session.prefix + bytes(8)) + "/64")
    s_nssai = session.s_nssai
    return [
        BookEntry("ue addresses", key, ",".join(addresses)),
        BookEntry("sessions", key, f"{session.dnn} {s_nssai if s_nssai is not None else ''} {session.type.name}"),
    ]
