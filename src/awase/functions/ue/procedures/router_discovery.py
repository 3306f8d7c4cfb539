"""Router discovery and stateless address autoconfiguration (RFC 4861, RFC 4862; TS 23.501 clause 5.8.2.2.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awase.functions.ue.context import PduSession
from awase.functions.ue.states import SessionState
from awase.model.machine import Procedure, Wait
from awase.model.part import NS_PER_S
from awase.protocols.ip import icmpv6, ipv6
from awase.wire.addresses import ipv6_text

if TYPE_CHECKING:
    from awase.functions.ue.core import Ue

_RTR_SOLICITATION_INTERVAL_NS = 4 * NS_PER_S
_MAX_RTR_SOLICITATIONS = 3
"""RFC 4861 clause 10."""


def router_solicitation(ue: Ue, session: PduSession) -> Procedure[None]:
    """Solicit until a prefix is advertised, three times."""
    source = ipv6.link_local(session.interface_identifier)
    packet = icmpv6.encode_packet(icmpv6.RouterSolicitation(), source, ipv6.ALL_ROUTERS)
    for _ in range(_MAX_RTR_SOLICITATIONS):
        if session.prefix or session.state is SessionState.INACTIVE:
            return
        ue.user_plane.send(session, packet)
        yield Wait(("router", session.pdu_session_id, session.pti), _RTR_SOLICITATION_INTERVAL_NS)
    if not session.prefix and session.state is not SessionState.INACTIVE:
        ue.report(
            "NoRouterAdvertisement",
            f"nobody answers the router solicitations of {ue.context.supi} in PDU session {session.pdu_session_id}:"
            " it has no IPv6 prefix",
            level="error",
            subject=ue.context.supi,
            pdu_session_id=session.pdu_session_id,
        )


def router_advertisement(ue: Ue, session: PduSession, message: icmpv6.RouterAdvertisement) -> None:
    """Form an address of the /64 that is advertised, or give up one whose lifetime is over (RFC 4862 clause 5.5.3)."""
    if not session.interface_identifier:
        return
    if message.dns and not session.dns6:
        session.dns6 = message.dns[0]
    for prefix in message.prefixes:
        if not prefix.autonomous or prefix.prefix_length != 64 or ipv6.is_link_local(prefix.prefix):
            continue
        known = session.prefix == prefix.prefix[:8]
        if not prefix.valid_lifetime_s:
            if known:
                session.prefix = b""
        elif not session.prefix:
            _take(ue, session, prefix.prefix[:8])


def _take(ue: Ue, session: PduSession, prefix: bytes) -> None:
    session.prefix = prefix
    text = ipv6_text(session.address6)
    ue.report(
        "AddressConfigured",
        f"PDU session {session.pdu_session_id} of {ue.context.supi} has the IPv6 address {text}",
        subject=ue.context.supi,
        pdu_session_id=session.pdu_session_id,
        address=text,
    )
    ue.resume(("router", session.pdu_session_id, session.pti), True)
    ue.session_usable(session)
