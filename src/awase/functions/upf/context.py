"""What the UPF knows: associations, sessions with their rules (TS 29.244 clause 5.2), and their indexes."""

from collections import deque
from ipaddress import IPv4Network, IPv6Network
from weakref import WeakValueDictionary

from awase.functions.upf.rule import FORW, Bar, Far, Pdr, Qer, TokenBucket
from awase.functions.upf.usage import Urr
from awase.model.machine import Timer
from awase.model.part import Address, Services
from awase.model.settings import Dnn
from awase.protocols.pfcp.elements import Cause, FailedRuleId
from awase.wire.addresses import ipv4_octets, ipv6_octets

MAX_ASSOCIATIONS = 64

Space = dict[bytes, tuple[Pdr, ...]]
"""By UE address (4 octets) or prefix (8 octets): the PDRs, those with the highest precedence (lowest value) first."""


class Refusal(Exception):
    """Why a request of the SMF is refused: what its response and our event will say."""

    def __init__(
        self,
        cause: Cause,
        text: str,
        *,
        offending_ie: int | None = None,
        failed_rule_id: FailedRuleId | None = None,
        config: str = "",
    ) -> None:
        super().__init__(text)
        self.cause = cause
        self.text = text
        self.offending_ie = offending_ie
        self.failed_rule_id = failed_rule_id
        self.config = config


class Session:
    """A PFCP session. `supi` and `dnn` are what its SMF said, for events."""

    __slots__ = (
        "bars",
        "buffer",
        "cp_peer",
        "cp_seid",
        "delay",
        "dnn",
        "duration",
        "fars",
        "node",
        "notified",
        "own_addresses",
        "packets",
        "pdrs",
        "qers",
        "supi",
        "up_seid",
        "urrs",
    )

    def __init__(self, up_seid: int, cp_seid: int, cp_peer: Address, node: str) -> None:
        self.up_seid = up_seid
        self.cp_seid = cp_seid
        self.cp_peer = cp_peer
        self.node = node
        self.supi = ""
        self.dnn = ""
        self.pdrs: dict[int, Pdr] = {}
        self.fars: dict[int, Far] = {}
        self.qers: dict[int, Qer] = {}
        self.urrs: dict[int, Urr] = {}
        self.bars: dict[int, Bar] = {}
        self.own_addresses: tuple[tuple[str, bytes], ...] = ()
        """UE addresses that we chose, each with its space, to be given back."""
        self.buffer: deque[tuple[int, int | None, bytes]] | None = None
        """Downlink packets that wait, each with its PDR ID and the QFI that it came with."""
        self.notified: dict[int | None, None] = {}
        """The QFIs of which the SMF has been told that packets wait."""
        self.packets: int | None = None
        """How many packets may wait for now, where the SMF has answered a report so."""
        self.delay: Timer | None = None
        """Until the SMF is told of downlink data."""
        self.duration: Timer | None = None
        """How long packets wait where the SMF has said so."""

    @property
    def subject(self) -> str:
        """Whom an event about this session is about."""
        return self.supi or f"session {self.up_seid:#x}"

    def stop_timers(self) -> None:
        """Let nothing run for the session any more."""
        for timer in (self.delay, self.duration):
            if timer is not None:
                timer.stop()
        self.delay = self.duration = None
        for urr in self.urrs.values():
            urr.stop()


class Association:
    """An association with a control plane function, known by its Node ID."""

    __slots__ = ("node", "peer", "recovery_time_stamp", "seids")

    def __init__(self, node: str, peer: Address, recovery_time_stamp: int) -> None:
        self.node = node
        self.peer = peer
        self.recovery_time_stamp = recovery_time_stamp
        self.seids: dict[int, None] = {}


class Pool:
    """UE addresses or prefixes (/64) of a data network that the UPF may choose."""

    def __init__(self, first: int, last: int, width: int, kept: int, text: str) -> None:
        self._first, self._last, self._width, self._kept = first, last, width, kept
        self._next = first
        self.text = text

    @classmethod
    def of_addresses(cls, dnn: Dnn) -> "Pool":
        """The IPv4 hosts of a data network but its gateway."""
        network = IPv4Network(dnn.pool, strict=False)
        first = int(network.network_address) + 1
        gateway = int.from_bytes(ipv4_octets(dnn.gateway), "big") if dnn.gateway else first
        return cls(first, int(network.broadcast_address) - 1, 4, gateway, str(network))

    @classmethod
    def of_prefixes(cls, dnn: Dnn) -> "Pool | None":
        """The /64 prefixes of a data network but its own, the gateway's; None where it has no IPv6."""
        if not dnn.pool6:
            return None
        network = IPv6Network(dnn.pool6, strict=False)
        first = int(network.network_address) >> 64
        gateway = int.from_bytes(ipv6_octets(dnn.gateway6)[:8], "big") if dnn.gateway6 else first
        return cls(first, int(network.broadcast_address) >> 64, 8, gateway, str(network))

    def choose(self, space: Space, reserved: dict[tuple[str, bytes], None], name: str) -> bytes | None:
        """A free one, or None; each is tried once."""
        for _ in range(min(self._last - self._first + 1, len(space) + len(reserved) + 2)):
            candidate = self._next
            self._next = candidate + 1 if candidate < self._last else self._first
            octets = candidate.to_bytes(self._width, "big")
            if candidate != self._kept and octets not in space and (name, octets) not in reserved:
                return octets
        return None


class Context:
    """The tables. A space is the UE addresses behind one end of N6: data networks of their own may overlap."""

    def __init__(self, services: Services, dnns: list[Dnn], max_sessions: int, n6_names: list[str]) -> None:
        self._services = services
        self.max_sessions = max_sessions
        self.associations: dict[str, Association] = {}
        self.sessions: dict[int, Session] = {}
        self.by_teid: dict[int, tuple[Pdr, ...]] = {}
        self._n6_names = n6_names
        self.spaces: dict[str, Space] = {name: {} for name in n6_names if any(dnn.name == name for dnn in dnns)}
        if len(self.spaces) < max(len(n6_names), len(dnns), 1):
            self.spaces[""] = {}
        """By data network, "" for those that have no end of N6 of their own name."""
        self.by_remote: dict[tuple[Address, int], Session] = {}
        """Our peers' F-TEIDs, for their Error Indications."""
        self.remote_peers: dict[Address, int] = {}
        """How many tunnels lead to each."""
        self.reserved: dict[tuple[str, bytes], None] = {}
        """Chosen UE addresses by space, from before their PDR is in it."""
        self.pools = {dnn.name: Pool.of_addresses(dnn) for dnn in dnns}
        self.pools6 = {dnn.name: pool for dnn in dnns if (pool := Pool.of_prefixes(dnn)) is not None}
        self.correlated: WeakValueDictionary[tuple[str, int, str], TokenBucket] = WeakValueDictionary()
        """What QERs of one correlation share: by node, QER Correlation ID and direction."""
        self.buffered = 0
        self.chooses_f_teids = True
        """Whether the feature FTUP is offered."""

    def space_of(self, network_instance: str | None) -> str:
        """The name of the space of a network instance."""
        if network_instance in self.spaces:
            return network_instance or ""
        return "" if "" in self.spaces else next(iter(self.spaces))

    def new_seid(self) -> int:
        """An SEID that nobody has."""
        while True:
            seid = int.from_bytes(self._services.random_bytes(8, "seid"), "big")
            if seid and seid not in self.sessions:
                return seid

    def new_teid(self) -> int:
        """A TEID that nobody has. Raises Refusal."""
        if len(self.by_teid) >= 4 * self.max_sessions:
            raise Refusal(Cause.NO_RESOURCES_AVAILABLE, "no TEID is free", config="max_sessions")
        while True:
            teid = int.from_bytes(self._services.random_bytes(4, "teid"), "big")
            if teid and teid not in self.by_teid:
                return teid

    def index(self, session: Session) -> None:
        """Enter a session's rules into the tables."""
        by_teid: dict[int, list[Pdr]] = {}
        by_ue: dict[tuple[str, bytes], list[Pdr]] = {}
        for pdr in sorted(session.pdrs.values(), key=_precedence):
            if pdr.teid is not None:
                by_teid.setdefault(pdr.teid, []).append(pdr)
                continue
            space = self.space_of(pdr.network_instance or session.dnn)
            for address in (pdr.address4, pdr.address6):
                if address is not None:
                    by_ue.setdefault((space, address), []).append(pdr)
        for teid, pdrs in by_teid.items():
            self.by_teid[teid] = tuple(pdrs)
        for (space, address), pdrs in by_ue.items():
            self.spaces[space][address] = tuple(pdrs)
        own = tuple(dict.fromkeys(address for _, address in by_ue))
        for pdr in session.pdrs.values():
            pdr.addresses = own
        for far in session.fars.values():
            if far.teid is not None and far.actions & FORW and (far.peer, far.teid) not in self.by_remote:
                self.by_remote[far.peer, far.teid] = session
                self.remote_peers[far.peer] = self.remote_peers.get(far.peer, 0) + 1

    def unindex(self, session: Session) -> None:
        """Take a session's rules out of the tables."""
        for pdr in session.pdrs.values():
            if pdr.teid is not None:
                self.by_teid.pop(pdr.teid, None)
                continue
            space = self.spaces[self.space_of(pdr.network_instance or session.dnn)]
            for address in (pdr.address4, pdr.address6):
                if address is not None:
                    space.pop(address, None)
        for far in session.fars.values():
            if far.teid is not None and self.by_remote.get((far.peer, far.teid)) is session:
                del self.by_remote[far.peer, far.teid]
                left = self.remote_peers.pop(far.peer) - 1
                if left:
                    self.remote_peers[far.peer] = left

    def add(self, session: Session) -> None:
        """Enter a new session."""
        self.sessions[session.up_seid] = session
        association = self.associations.get(session.node)
        if association is not None:
            association.seids[session.up_seid] = None
        self.index(session)

    def remove(self, session: Session) -> None:
        """Forget a session and give back what it held."""
        self.unindex(session)
        self.sessions.pop(session.up_seid, None)
        association = self.associations.get(session.node)
        if association is not None:
            association.seids.pop(session.up_seid, None)
        for key in session.own_addresses:
            self.reserved.pop(key, None)
        self.drop_buffer(session)
        session.stop_timers()

    def drop_buffer(self, session: Session) -> int:
        """Throw away what waits for a session; how many packets."""
        if session.buffer is None:
            return 0
        dropped = len(session.buffer)
        self.buffered -= dropped
        session.buffer = None
        return dropped


def _precedence(pdr: Pdr) -> tuple[int, int]:
    return pdr.precedence, pdr.pdr_id
