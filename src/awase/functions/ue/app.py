"""The programs behind the UE: its PDU sessions as network devices (model/ip_session.py; TS 23.501 clause 5.6.1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from awase.functions.ue.context import PduSession
from awase.functions.ue.states import SessionState
from awase.model import ip_session
from awase.model.ip_session import IpSession
from awase.model.part import Packet
from awase.protocols.ip import codec as ip
from awase.protocols.ip import icmpv6, ipv6
from awase.wire.addresses import ipv4_text, ipv6_text
from awase.wire.errors import DecodeError

if TYPE_CHECKING:
    from awase.functions.ue.core import Ue

DEFAULT_MTU_BYTES = 1400
"""Where the network names none: what fits GTP-U over a transport network of 1,500 (TS 23.060 annex C)."""
IPV6_MIN_MTU_BYTES = 1280
"""RFC 8200 clause 5."""
_HEADERS = {4: 20, 6: 40}
"""The octets of a header without options, by version."""
_FLOWING = (SessionState.ACTIVE, SessionState.MODIFICATION_PENDING)


class App:
    """Port app of a UE that has one."""

    __slots__ = ("_asked", "_up", "ue")

    def __init__(self, ue: Ue) -> None:
        self.ue = ue
        # By PDU session identity: what was offered.
        self._asked: dict[int, bytes] = {}
        # The sessions for which there are programs.
        self._up: set[int] = set()

    # Sessions.

    def session_usable(self, session: PduSession) -> None:
        """Offer a session, or the addresses that it has got."""
        addresses = []
        if session.address:
            addresses.append(f"{ipv4_text(session.address)}/32")
        if session.prefix:
            addresses.append(f"{ipv6_text(session.address6)}/64")
        if not addresses:
            return
        mtu_bytes = session.mtu_bytes or DEFAULT_MTU_BYTES
        if session.prefix:
            mtu_bytes = max(mtu_bytes, IPV6_MIN_MTU_BYTES)
        offer = ip_session.encode(IpSession(addresses=tuple(addresses), mtu_bytes=mtu_bytes))
        if self._asked.get(session.pdu_session_id) != offer:
            self._asked[session.pdu_session_id] = offer
            self.ue.send(Packet(ip_session.PORT, str(session.pdu_session_id), offer, "up"))

    def session_gone(self, session: PduSession) -> None:
        """Take it back."""
        if self._asked.pop(session.pdu_session_id, None) is not None:
            self._up.discard(session.pdu_session_id)
            self.ue.send(Packet(ip_session.PORT, str(session.pdu_session_id), kind="down"))

    # What the programs send.

    def receive(self, packet: Packet) -> None:
        """A packet came from port app."""
        peer = packet.peer
        number = int(peer) if len(peer) <= 3 and peer.isascii() and peer.isdecimal() else 0
        session = self.ue.context.sessions.get(number)
        if session is None or number not in self._asked:
            return
        if packet.kind == "up":
            self._up.add(number)
        elif packet.kind == "down":
            self._up.discard(number)
        elif packet.kind == "data" and session.state in _FLOWING:
            payload: Sequence[bytes] = (packet.payload,) if isinstance(packet.payload, bytes) else packet.payload
            for octets in payload:
                self._uplink(session, octets)

    def _uplink(self, session: PduSession, octets: bytes) -> None:
        """What is not from the session's own addresses would be dropped by the UPF (TS 23.501 clause 5.8.2.4)."""
        version = octets[0] >> 4 if octets else 0
        own = session.prefix if version == 6 else session.address
        whole = _is_whole(octets)
        if own and whole and own == (octets[8:16] if version == 6 else octets[12:16]):
            self.ue.user_plane.send(session, octets)
        elif version == 4:
            source = ipv4_text(octets[12:16]) if whole else "no address"
            self.ue.report(
                "SourceNotOfSession",
                f"a program sends from {source} into PDU session {session.pdu_session_id} of {self.ue.context.supi},"
                " whose address is another: left out; bind it to the session's address or device",
                level="warning",
                subject=self.ue.context.supi,
                at_most_per_s=1,
                pdu_session_id=session.pdu_session_id,
            )

    # What the network sends.

    def takes(self, session: PduSession, octets: bytes) -> bool:
        """Whether a downlink packet is for the programs; then they have it."""
        if session.pdu_session_id not in self._up or not _is_whole(octets):
            return False
        if self.ue.traffic.awaits(session, octets) or _is_of_routers(octets):
            return False
        self.ue.send(Packet(ip_session.PORT, str(session.pdu_session_id), octets))
        return True


def _is_whole(octets: bytes) -> bool:
    least = _HEADERS.get(octets[0] >> 4) if octets else None
    return least is not None and len(octets) >= least


def _is_of_routers(octets: bytes) -> bool:
    """A router's advertisement: the UE itself forms its address (RFC 4861 clause 4.2)."""
    if octets[0] >> 4 != 6 or octets[6] != ipv6.ICMPV6:
        return False
    try:
        return isinstance(ip.echo(ip.decode(octets)), icmpv6.RouterAdvertisement)
    except DecodeError:
        return False
