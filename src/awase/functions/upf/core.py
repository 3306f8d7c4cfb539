"""What the UPF's reference points share: tables, entities, events that cannot flood."""

from awase.functions.upf.config import Config
from awase.functions.upf.context import Context, Session
from awase.model.machine import Machine
from awase.model.part import NS_PER_S, Address, Level, Services
from awase.protocols.gtpu import entity as gtpu
from awase.protocols.pfcp import entity as pfcp
from awase.protocols.pfcp.elements import NodeId

EVENTS_PER_S = 20
"""How often one kind of event that a peer's packets provoke is reported in a second."""


def host(address: Address) -> str:
    """The host of "host:port"."""
    return address.rpartition(":")[0]


class Core(Machine):
    """The UPF without its reference points' handlers."""

    def __init__(self, name: str, config: Config, services: Services) -> None:
        super().__init__(name, services)
        self.config = config
        self.context = Context(services, config.dnns, config.max_sessions)
        self.n3_address = host(config.addresses["n3"])
        self.node_id = NodeId(ipv4_address=host(config.addresses["n4"]))
        self.pfcp = pfcp.Entity(
            self,
            "n4",
            self.node_id,
            peer_seid=self._peer_seid,
            restarted=self.peer_restarted,
            lost=self.peer_lost,
            config=pfcp.Config(
                t1_ns=int(config.t1_s * NS_PER_S),
                n1=config.n1,
                heartbeat_interval_ns=_interval_ns(config.heartbeat_interval_s),
            ),
        )
        self.gtpu = gtpu.Entity(
            self,
            "n3",
            lost=self.path_lost,
            config=gtpu.Config(echo_interval_ns=_interval_ns(config.echo_interval_s)),
        )

    def _peer_seid(self, seid: int) -> int | None:
        session = self.context.sessions.get(seid)
        return None if session is None else session.cp_seid

    def peer_restarted(self, peer: Address) -> None:
        """A control plane function has restarted; N4's to handle."""
        raise NotImplementedError

    def peer_lost(self, peer: Address) -> None:
        """A control plane function answers no heartbeat; N4's to handle."""
        raise NotImplementedError

    def path_lost(self, peer: Address) -> None:
        """A GTP-U peer answers no echo; N3's to handle."""
        raise NotImplementedError

    def report_packet(
        self, name: str, text: str, *, level: Level = "warning", subject: str = "", config: str = ""
    ) -> None:
        """Raise an event about a packet, at most EVENTS_PER_S of its name."""
        self.report(name, text, level=level, subject=subject, config=config, at_most_per_s=EVENTS_PER_S)

    def forget(self, session: Session) -> None:
        """Delete a session."""
        peers = {far.peer: 1 for far in session.fars.values() if far.teid is not None}
        self.context.remove(session)
        for peer in peers:
            if peer not in self.context.remote_peers:
                self.gtpu.unwatch(peer)


def _interval_ns(seconds: float) -> int | None:
    return int(seconds * NS_PER_S) if seconds > 0 else None
