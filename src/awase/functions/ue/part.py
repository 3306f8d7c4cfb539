"""The UE as a part: its port, its clock, its actions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from awase.functions.ue.books import books
from awase.functions.ue.config import Action, Config
from awase.functions.ue.core import Ue
from awase.functions.ue.states import RmState
from awase.model import ip_session
from awase.model.books import BookEntry
from awase.model.part import NS_PER_MS, NS_PER_S, Address, Packet
from awase.model.part_type import StructPartType
from awase.protocols.nas.elements import ServiceType

_SERVICES = {
    "signalling": ServiceType.signalling,
    "data": ServiceType.data,
    "emergency": ServiceType.emergency_services,
    "high_priority": ServiceType.high_priority_access,
}
_DEREGISTERED = (
    RmState.DEREGISTERED,
    RmState.DEREGISTERED_PLMN_SEARCH,
    RmState.DEREGISTERED_ATTEMPTING,
    RmState.DEREGISTERED_NO_SUPI,
)


class UePart(Ue):
    """Ports uu (RLS) and, where there are programs, app."""

    def start(self) -> None:
        """Be switched on at the configured time."""
        self.start_ns = self.now_ns
        self.start_timer(int(self.config.start_at_ms * NS_PER_MS), self.switch_on)
        for action in self.config.actions:
            self._schedule(action, action.at_s, action.at_s)
        self.traffic.schedule()

    def stop(self, now_ns: int) -> None:
        """Say goodbye: de-register for good."""
        self.now_ns = now_ns
        self.leaving = True
        if self.on:
            self.n1.deregister(switch_off=True)

    def books(self) -> Sequence[BookEntry]:
        """What it keeps together with AMF, gNB and SMF."""
        return books(self)

    def familiar(self, port: str) -> Sequence[Address]:
        """Where cells may answer."""
        return self.uu.link.search_list if port == "uu" else ()

    def handle(self, packet: Packet) -> None:
        """Act on one packet."""
        if not self.on:
            return
        if packet.port == "uu" and packet.kind == "data":
            self.uu.receive(packet)
        elif packet.port == ip_session.PORT and self.app is not None:
            self.app.receive(packet)

    def wake(self, now_ns: int) -> None:
        """Let timers expire, the radio link's too."""
        super().wake(now_ns)
        if self.on and self.uu.link.wake_at_ns() <= now_ns:
            self.uu.wake()

    def wake_at_ns(self) -> int | None:
        """When the next timer expires, the radio link's too."""
        if self.leaving and not self.on:
            return None
        own_ns = super().wake_at_ns()
        if not self.on:
            return own_ns
        link_ns = self.uu.link.wake_at_ns()
        return link_ns if own_ns is None or link_ns < own_ns else own_ns

    def take_packets(self) -> Sequence[Packet]:
        """The packets to send, the radio link's too."""
        self.send_radio()
        return super().take_packets()

    def _schedule(self, action: Action, at_s: float, after_s: float) -> None:
        self.start_timer(int(after_s * NS_PER_S), lambda: self._occasion(action, at_s))

    def _occasion(self, action: Action, at_s: float) -> None:
        if action.every_s is not None:
            next_s = at_s + action.every_s
            if action.until_s is None or next_s <= action.until_s:
                self._schedule(action, next_s, action.every_s)
        _DO[action.do](self, action)

    def _register(self, _action: Action) -> None:
        if not self.on:
            self.switch_on()
        elif self.context.state in _DEREGISTERED:
            self.n1.register()

    def _deregister(self, action: Action) -> None:
        if self.on:
            self.n1.deregister(switch_off=action.do == "switch_off")

    def _release_session(self, action: Action) -> None:
        self.sm.release(action.session - 1)

    def _establish_session(self, action: Action) -> None:
        if self.context.registered:
            self.sm.establish(action.session - 1)

    def _modify_session(self, action: Action) -> None:
        self.sm.modify(action.session - 1, action.flow)

    def _service_request(self, action: Action) -> None:
        self.n1.request_service(_SERVICES[action.service])

    def _update_registration(self, _action: Action) -> None:
        self.n1.update()

    def _move(self, action: Action) -> None:
        peers = self.config.peers.get("Uu", ())
        found = next((i for i, peer in enumerate(peers) if peer.part == action.gnb), None)
        if found is None:
            known = ", ".join(peer.part for peer in peers) or "none"
            self.report(
                "UnknownCell",
                f"{self.context.supi} cannot move to {action.gnb}: it knows the gNBs {known}",
                level="error",
                subject=self.context.supi,
                config="actions",
            )
        else:
            self.uu.move(peers[found].address)

    def _radio_loss(self, action: Action) -> None:
        self.uu.lose_radio(self.now_ns + int(action.for_s * NS_PER_S))


_DO: dict[str, Callable[[UePart, Action], None]] = {
    "register": UePart._register,
    "deregister": UePart._deregister,
    "switch_off": UePart._deregister,
    "release_session": UePart._release_session,
    "establish_session": UePart._establish_session,
    "modify_session": UePart._modify_session,
    "service_request": UePart._service_request,
    "update_registration": UePart._update_registration,
    "move": UePart._move,
    "radio_loss": UePart._radio_loss,
}

PART_TYPE = StructPartType(
    function="ue",
    ports=("uu", ip_session.PORT),
    config=Config,
    make=UePart,
    versions={"RLS": "3.3.0", "TS 24.501": "17", "TS 33.501": "17", "TS 38.331": "17"},
)
