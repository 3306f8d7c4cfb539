"""What the UPF's reference points share: tables, entities, events that cannot flood."""

from collections.abc import Iterable

from awase.functions.upf.config import Config
from awase.functions.upf.context import Context, Session
from awase.functions.upf.rule import Far, Pdr
from awase.model.machine import Machine
from awase.model.part import NS_PER_S, Address, Level, Services
from awase.protocols.gtpu import entity as gtpu
from awase.protocols.pfcp import entity as pfcp
from awase.protocols.pfcp.elements import Interface, NodeId
from awase.protocols.pfcp.messages import UpdateBar

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
        n6_names = [peer.part for peer in config.peers.get("N6", [])]
        self.context = Context(services, config.dnns, config.max_sessions, n6_names)
        self.leaving = False
        self.quiet_until_ns = 0
        """Until when unknown tunnels are met with silence."""
        self.context.chooses_f_teids = "FTUP" in config.up_features
        self.n3_address = host(config.addresses["n3"])
        n9 = config.addresses.get("n9")
        self.own_addresses: dict[int, str] = {Interface.ACCESS: self.n3_address}
        """Where tunnels of ours end, by source interface; others: as the access."""
        if n9 is not None:
            self.own_addresses[Interface.CORE] = host(n9)
        self._core_port = "n3" if n9 is None else "n9"
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
        echo = gtpu.Config(echo_interval_ns=_interval_ns(config.echo_interval_s))
        self.gtpu = gtpu.Entity(self, "n3", lost=self.path_lost, config=echo)
        self.gtpu9 = self.gtpu if n9 is None else gtpu.Entity(self, "n9", lost=self.path_lost, config=echo)

    def tunnel_port(self, interface: int | None) -> str:
        """The port that leads to the tunnels of a destination interface."""
        return self._core_port if interface == Interface.CORE else "n3"

    def gtpu_of(self, interface: int | None) -> gtpu.Entity:
        """The GTP-U entity behind that port."""
        return self.gtpu9 if interface == Interface.CORE else self.gtpu

    def n6_peer(self, pdr: Pdr, far: Far) -> str:
        """Which end of N6 a packet goes to: the data network of the rule's name, "" where there is one for all."""
        spaces = self.context.spaces
        if len(spaces) == 1 and "" in spaces:
            return ""
        return self.context.space_of(far.network_instance or pdr.network_instance or pdr.session.dnn)

    def _peer_seid(self, seid: int) -> int | None:
        session = self.context.sessions.get(seid)
        return None if session is None else session.cp_seid

    def peer_restarted(self, peer: Address) -> None:
        """A control plane function has restarted; N4's to handle."""
        raise NotImplementedError

    def peer_lost(self, peer: Address) -> None:
        """A control plane function answers no heartbeat; N4's to handle."""
        raise NotImplementedError

    def told_of_downlink_data(self, session: Session, update: UpdateBar | None, drop: bool) -> None:
        """The SMF has answered a report of downlink data; buffering's to handle."""
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
        peers = tunnel_peers(session)
        self.context.remove(session)
        self.unwatch(peers)
        self.forgotten(session)

    def unwatch(self, peers: Iterable[Address]) -> None:
        """Send no more echoes to those of these peers that no tunnel leads to."""
        for peer in peers:
            if peer not in self.context.remote_peers:
                self.gtpu.unwatch(peer)
                self.gtpu9.unwatch(peer)

    def forgotten(self, session: Session) -> None:
        """A session is gone: persistence's to handle."""
        if self.config.persist:
            self.services.store.delete(session_key(session))
            self.services.store.commit()


def session_key(session: Session) -> str:
    """Under which a session is kept in the store."""
    return f"session/{session.up_seid:016x}"


def tunnel_peers(session: Session) -> tuple[Address, ...]:
    """The GTP-U peers of a session's FARs."""
    return tuple(dict.fromkeys(far.peer for far in session.fars.values() if far.teid is not None))


def _interval_ns(seconds: float) -> int | None:
    return int(seconds * NS_PER_S) if seconds > 0 else None
