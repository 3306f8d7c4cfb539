"""The UPF as a part: ports n3 (GTP-U), n4 (PFCP), n6 (IP)."""

from collections.abc import Sequence

from awase.functions.upf import buffering, n3, n4, n6, persistence
from awase.functions.upf.books import books
from awase.functions.upf.config import Config
from awase.functions.upf.context import Session
from awase.functions.upf.core import Core
from awase.functions.upf.procedures import association
from awase.model.books import BookEntry
from awase.model.part import NS_PER_S, Address, Packet, Services
from awase.model.part_type import StructPartType
from awase.protocols.pfcp.messages import UpdateBar


class Upf(Core):
    """A UPF of IPv4, IPv6 and IPv4v6 sessions."""

    def start(self) -> None:
        """Take up what was kept."""
        self.quiet_until_ns = self.now_ns + round(self.config.restoration_s * NS_PER_S)
        if self.config.persist:
            persistence.restore(self)
        if self.config.initiates_association:
            for smf in self.config.peers.get("N4", []):
                self.run(association.initiate(self, smf.address))

    def stop(self, now_ns: int) -> None:
        """Have each SMF release its association; nothing else runs on."""
        self.now_ns = now_ns
        self.leaving = True
        for known in list(self.context.associations.values()):
            self.pfcp.unwatch(known.peer)
            self.run(association.ask_for_release(self, known))
        for peer in list(self.context.remote_peers):
            self.gtpu.unwatch(peer)
            self.gtpu9.unwatch(peer)
        for session in self.context.sessions.values():
            session.stop_timers()

    def wake_at_ns(self) -> int | None:
        """When the next timer expires; of a part that leaves only what still waits for an answer counts."""
        due_ns = super().wake_at_ns()
        return None if self.leaving and not self._waiting else due_ns

    def books(self) -> Sequence[BookEntry]:
        """What this UPF holds for others."""
        return books(self)

    def familiar(self, port: str) -> Sequence[Address]:
        """Where tunnels lead, and who has an association."""
        if port in ("n3", "n9"):
            return list(self.context.remote_peers)
        return [known.peer for known in self.context.associations.values()]

    def handle(self, packet: Packet) -> None:
        """Act on one packet."""
        if packet.kind != "data":
            return
        port = packet.port
        if port in ("n3", "n9"):
            n3.receive(self, packet)
        elif port == "n6":
            n6.receive(self, packet)
        elif port == "n4":
            n4.receive(self, packet)

    def peer_restarted(self, peer: Address) -> None:
        """See n4."""
        n4.peer_restarted(self, peer)

    def peer_lost(self, peer: Address) -> None:
        """See n4."""
        n4.peer_lost(self, peer)

    def told_of_downlink_data(self, session: Session, update: UpdateBar | None, drop: bool) -> None:
        """See buffering."""
        buffering.told(self, session, update, drop)

    def path_lost(self, peer: Address) -> None:
        """See n3."""
        n3.path_lost(self, peer)


def _make(name: str, config: Config, services: Services) -> Upf:
    return Upf(name, config, services)


PART_TYPE = StructPartType(
    function="upf",
    ports=("n3", "n4", "n6"),
    config=Config,
    make=_make,
    versions={"TS 29.244": "17", "TS 29.281": "17", "TS 38.415": "17"},
)
