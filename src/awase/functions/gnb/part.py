"""The gNB as a part: its ports, its clock, its actions."""

from __future__ import annotations

from collections.abc import Sequence

from awase.functions.gnb import actions, n2, n3, uu
from awase.functions.gnb.books import books
from awase.functions.gnb.config import Action, Config
from awase.functions.gnb.core import Gnb
from awase.functions.gnb.procedures import ue_context_release
from awase.model.books import BookEntry
from awase.model.machine import Timer
from awase.model.part import NS_PER_MS, NS_PER_S, Address, Packet, Services
from awase.model.part_type import StructPartType
from awase.protocols.ngap.elements import Cause

OM_INTERVENTION = Cause("misc", "om-intervention")
_LOOK_AGAIN_NS = 100 * NS_PER_MS
_LAST_RELEASES_NS = NS_PER_S
"""How long the radio link may repeat the last RRCRelease."""


class GnbPart(Gnb):
    """Ports uu (RLS), n2 (NGAP over SCTP), n3 (GTP-U)."""

    def __init__(self, name: str, config: Config, services: Services) -> None:
        super().__init__(name, config, services)
        self._broadcast = uu.Broadcast(self)
        self._scheduled: list[Timer] = []
        self._left = False
        self._releases = False
        """Whether UEs had to be released when it was told to stop."""

    def cell_changed(self) -> None:
        """What the cell broadcasts is another thing from now on."""
        self._broadcast.change()
        self._broadcast.now()

    def start(self) -> None:
        """Go to the AMFs, and broadcast."""
        n2.start(self)
        n3.start(self)
        self._broadcast.start()
        for action in self.config.actions:
            self._schedule(action)

    def handle(self, packet: Packet) -> None:
        """Act on one packet."""
        if self._left:
            return
        if packet.port == "uu":
            uu.receive(self, self._broadcast, packet)
        elif packet.port == "n3":
            n3.receive(self, packet)
        elif packet.port == "n2":
            n2.receive(self, packet)

    def wake(self, now_ns: int) -> None:
        """Let timers expire, the radio link's too."""
        super().wake(now_ns)
        link_ns = self.link.wake_at_ns()
        if link_ns is not None and link_ns <= now_ns:
            uu.act(self, self._broadcast, self.link.wake(now_ns))

    def wake_at_ns(self) -> int | None:
        """When the next timer expires, the radio link's too."""
        if self._left:
            return None
        own_ns, link_ns = super().wake_at_ns(), self.link.wake_at_ns()
        if own_ns is None or (link_ns is not None and link_ns < own_ns):
            return link_ns
        return own_ns

    def take_packets(self) -> Sequence[Packet]:
        """The packets to send, those of the radio first: nodes are told what the UEs have been told."""
        others = super().take_packets()
        return [*(Packet("uu", address, octets) for address, octets in self.link.take_datagrams()), *others]

    def books(self) -> Sequence[BookEntry]:
        """What this gNB holds for others."""
        return books(self)

    def familiar(self, port: str) -> Sequence[Address]:
        """AMFs, UPFs with tunnels of ours, UEs that have proven to be such."""
        if port == "uu":
            return self.link.familiar()
        if port == "n3":
            return list(dict.fromkeys(session.uplink_address for session in self.tunnels.values()))
        return [amf.address for amf in self.amfs]

    def stop(self, now_ns: int) -> None:
        """Ask for no more, have every UE released, then leave the AMFs."""
        self.now_ns = now_ns
        self._broadcast.stop()
        for timer in self._scheduled:
            timer.stop()
        self.stopping = True
        self._releases = bool(self.ues)
        for ue in list(self.ues.values()):
            ue_context_release.request(self, ue, OM_INTERVENTION)
        self._leave_when_empty()

    def _leave_when_empty(self) -> None:
        if self.ues:
            self.start_timer(_LOOK_AGAIN_NS, self._leave_when_empty)
            return
        for amf in self.amfs:
            if amf.association is not None:
                self.send(Packet("n2", amf.address, kind="down", association=amf.association))
                amf.association = None
            if amf.running is not None:
                self.cancel(amf.running)
        if self._releases:
            self.start_timer(_LAST_RELEASES_NS, self._leave)
        else:
            self._leave()

    def _leave(self) -> None:
        self._left = True

    def _schedule(self, action: Action) -> None:
        self._scheduled.append(self.start_timer(int(action.at_s * NS_PER_S), lambda: actions.do(self, action)))


PART_TYPE = StructPartType(
    function="gnb",
    ports=("uu", "n2", "n3"),
    config=Config,
    make=GnbPart,
    versions={
        "RLS": "3.3.0",
        "TS 29.281": "17",
        "TS 38.331": "17",
        "TS 38.412": "17",
        "TS 38.413": "17",
        "TS 38.415": "17",
    },
)
