"""The gNB as a part: its ports, its clock, its actions."""

from __future__ import annotations

from collections.abc import Sequence

from awase.functions.gnb import n2, n3, uu
from awase.functions.gnb.config import Action, Config
from awase.functions.gnb.core import Gnb
from awase.functions.gnb.procedures import ue_context_release
from awase.functions.gnb.procedures.ng_reset import ng_reset
from awase.functions.gnb.states import AmfState
from awase.model.part import NS_PER_S, Packet, Services
from awase.model.part_type import StructPartType


class GnbPart(Gnb):
    """Ports uu (RLS), n2 (NGAP over SCTP), n3 (GTP-U)."""

    def __init__(self, name: str, config: Config, services: Services) -> None:
        super().__init__(name, config, services)
        self._broadcast = uu.Broadcast(self)

    def start(self) -> None:
        """Go to the AMFs, and broadcast."""
        n2.start(self)
        self._broadcast.start()
        for action in self.config.actions:
            self._schedule(action)

    def handle(self, packet: Packet) -> None:
        """Act on one packet."""
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
        own_ns, link_ns = super().wake_at_ns(), self.link.wake_at_ns()
        if own_ns is None or (link_ns is not None and link_ns < own_ns):
            return link_ns
        return own_ns

    def take_packets(self) -> Sequence[Packet]:
        """The packets to send; what the radio link has to send goes last."""
        for address, octets in self.link.take_datagrams():
            self.send(Packet("uu", address, octets))
        return super().take_packets()

    def _schedule(self, action: Action) -> None:
        self.start_timer(int(action.at_s * NS_PER_S), lambda: self._do(action))

    def _do(self, action: Action) -> None:
        if action.do == "reset":
            for amf in self.amfs:
                if amf.state is AmfState.SERVING and not self.waits_for(("ng-reset", amf.index)):
                    self.run(ng_reset(self, amf))
            return
        for ue in [ue for ue in self.ues.values() if action.ue in (None, ue.number)]:
            ue_context_release.request(self, ue, ue_context_release.USER_INACTIVITY)


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
