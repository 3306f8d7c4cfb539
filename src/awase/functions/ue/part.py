"""The UE as a part: its port, its clock, its actions."""

from __future__ import annotations

from collections.abc import Sequence

from awase.functions.ue.config import Action, Config
from awase.functions.ue.core import Ue
from awase.functions.ue.states import RmState
from awase.model.part import NS_PER_MS, NS_PER_S, Packet
from awase.model.part_type import StructPartType

_DEREGISTERED = (
    RmState.DEREGISTERED,
    RmState.DEREGISTERED_PLMN_SEARCH,
    RmState.DEREGISTERED_ATTEMPTING,
    RmState.DEREGISTERED_NO_SUPI,
)


class UePart(Ue):
    """Port uu (RLS)."""

    def start(self) -> None:
        """Be switched on at the configured time."""
        self.start_timer(int(self.config.start_at_ms * NS_PER_MS), self.switch_on)
        for action in self.config.actions:
            self._schedule(action)

    def handle(self, packet: Packet) -> None:
        """Act on one packet."""
        if self.on and packet.port == "uu" and packet.kind == "data":
            self.uu.receive(packet)

    def wake(self, now_ns: int) -> None:
        """Let timers expire, the radio link's too."""
        super().wake(now_ns)
        if self.on and self.uu.link.wake_at_ns() <= now_ns:
            self.uu.wake()

    def wake_at_ns(self) -> int | None:
        """When the next timer expires, the radio link's too."""
        own_ns = super().wake_at_ns()
        if not self.on:
            return own_ns
        link_ns = self.uu.link.wake_at_ns()
        return link_ns if own_ns is None or link_ns < own_ns else own_ns

    def take_packets(self) -> Sequence[Packet]:
        """The packets to send."""
        for address, octets in self.uu.link.take_datagrams():
            self.send(Packet("uu", address, octets))
        return super().take_packets()

    def _schedule(self, action: Action) -> None:
        self.start_timer(int(action.at_s * NS_PER_S), lambda: self._do(action))

    def _do(self, action: Action) -> None:
        if action.do == "register":
            if not self.on:
                self.switch_on()
            elif self.context.state in _DEREGISTERED:
                self.n1.register()
        elif action.do in ("deregister", "switch_off"):
            self.n1.deregister(switch_off=action.do == "switch_off")
        elif action.do == "release_session":
            self.sm.release(action.session - 1)
        else:
            self.sm.establish(action.session - 1)


PART_TYPE = StructPartType(
    function="ue",
    ports=("uu",),
    config=Config,
    make=UePart,
    versions={"RLS": "3.3.0", "TS 24.501": "17", "TS 33.501": "17", "TS 38.331": "17"},
)
