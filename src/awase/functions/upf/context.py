"""What the UPF knows: associations, sessions with their rules (TS 29.244 clause 5.2), and their indexes."""

from collections import deque
from ipaddress import IPv4Network
from typing import Literal

from awase.functions.upf.sdf import Rule
from awase.model.part import NS_PER_S, Address, Services
from awase.model.settings import Dnn
from awase.protocols.pfcp.elements import ApplyAction, Cause, FailedRuleId, Volume
from awase.wire.addresses import ipv4_octets

MAX_ASSOCIATIONS = 64
FORW, BUFF, NOCP = int(ApplyAction.FORW), int(ApplyAction.BUFF), int(ApplyAction.NOCP)


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


class TokenBucket:
    """Polices a bit rate: as much as 100 ms of it, at least 15,000 octets, may come at once."""

    __slots__ = ("_burst", "_last_ns", "_tokens", "rate_bps")

    def __init__(self, rate_bps: int, now_ns: int) -> None:
        self.rate_bps = rate_bps
        # Counted in bits times 10^9, so that no rate and no interval is rounded.
        self._burst = max(rate_bps // 10, 120_000) * NS_PER_S
        self._tokens = self._burst
        self._last_ns = now_ns

    def take(self, size_bytes: int, now_ns: int) -> bool:
        """Whether a packet conforms."""
        tokens = min(self._burst, self._tokens + (now_ns - self._last_ns) * self.rate_bps)
        self._last_ns = now_ns
        cost = size_bytes * 8 * NS_PER_S
        if tokens < cost:
            self._tokens = tokens
            return False
        self._tokens = tokens - cost
        return True


class Far:
    """A forwarding action rule. `peer` "" and `teid` None: no outer header is created."""

    __slots__ = ("actions", "bar_id", "destination_interface", "far_id", "network_instance", "peer", "teid")

    def __init__(self, far_id: int, actions: int) -> None:
        self.far_id = far_id
        self.actions = actions
        self.destination_interface: int | None = None
        self.network_instance: str | None = None
        self.peer: Address = ""
        self.teid: int | None = None
        self.bar_id: int | None = None

    def copy(self) -> "Far":
        """Another one alike, to change."""
        other = Far(self.far_id, self.actions)
        other.destination_interface = self.destination_interface
        other.network_instance = self.network_instance
        other.peer, other.teid, other.bar_id = self.peer, self.teid, self.bar_id
        return other


class Qer:
    """A QoS enforcement rule: gates, MBR, and the QFI that downlink packets get."""

    __slots__ = ("dl_bucket", "dl_open", "qer_id", "qfi", "rqi", "ul_bucket", "ul_open")

    def __init__(self, qer_id: int) -> None:
        self.qer_id = qer_id
        self.ul_open = self.dl_open = True
        self.ul_bucket: TokenBucket | None = None
        self.dl_bucket: TokenBucket | None = None
        self.qfi: int | None = None
        self.rqi = False

    def copy(self) -> "Qer":
        """Another one alike, to change."""
        other = Qer(self.qer_id)
        other.ul_open, other.dl_open = self.ul_open, self.dl_open
        other.ul_bucket, other.dl_bucket = self.ul_bucket, self.dl_bucket
        other.qfi, other.rqi = self.qfi, self.rqi
        return other


class Urr:
    """A usage reporting rule: the volumes since its last report."""

    __slots__ = (
        "downlink_bytes",
        "downlink_packets",
        "method",
        "sequence_number",
        "start_ns",
        "threshold",
        "triggers",
        "uplink_bytes",
        "uplink_packets",
        "urr_id",
    )

    def __init__(self, urr_id: int, now_ns: int) -> None:
        self.urr_id = urr_id
        self.method = 0
        self.triggers = 0
        self.threshold: Volume | None = None
        self.sequence_number = 0
        self.start_ns = now_ns
        self.uplink_bytes = self.downlink_bytes = 0
        self.uplink_packets = self.downlink_packets = 0

    def copy(self) -> "Urr":
        """Another one alike, to change."""
        other = Urr(self.urr_id, self.start_ns)
        for name in Urr.__slots__:
            setattr(other, name, getattr(self, name))
        return other


class Pdr:
    """A packet detection rule, and the rules that it leads to (set when the session's rules are joined)."""

    __slots__ = (
        "address_at",
        "far",
        "far_id",
        "filters",
        "network_instance",
        "outer_header_removal",
        "pdr_id",
        "precedence",
        "qer_ids",
        "qers",
        "qfi",
        "qfis",
        "session",
        "source_interface",
        "teid",
        "ue_address",
        "urr_ids",
        "urrs",
    )

    def __init__(self, session: "Session", pdr_id: int) -> None:
        self.session = session
        self.pdr_id = pdr_id
        self.precedence = 0
        self.source_interface = 0
        self.network_instance: str | None = None
        self.teid: int | None = None
        self.ue_address: bytes | None = None
        self.address_at = 12
        """Where in a packet the UE's address stands: 12 as its source, 16 as its destination."""
        self.qfis: tuple[int, ...] = ()
        self.filters: tuple[Rule, ...] = ()
        self.outer_header_removal = False
        self.far_id: int | None = None
        self.qer_ids: tuple[int, ...] = ()
        self.urr_ids: tuple[int, ...] = ()
        self.far: Far | None = None
        self.qers: tuple[Qer, ...] = ()
        self.urrs: tuple[Urr, ...] = ()
        self.qfi: int | None = None

    def copy(self) -> "Pdr":
        """Another one alike, to change."""
        other = Pdr(self.session, self.pdr_id)
        for name in Pdr.__slots__:
            setattr(other, name, getattr(self, name))
        return other


class Session:
    """A PFCP session. `supi` and `dnn` are what its SMF said, for events."""

    __slots__ = (
        "bars",
        "buffer",
        "cp_peer",
        "cp_seid",
        "dnn",
        "fars",
        "node",
        "notified",
        "own_addresses",
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
        self.bars: dict[int, int] = {}
        """BAR ID to the number of packets that it suggests to buffer."""
        self.own_addresses: tuple[bytes, ...] = ()
        """UE addresses that we chose, to be given back."""
        self.buffer: deque[tuple[int, bytes]] | None = None
        """Downlink packets that wait, each with its PDR ID."""
        self.notified = False
        """Whether the SMF has been told of them."""

    @property
    def subject(self) -> str:
        """Whom an event about this session is about."""
        return self.supi or f"session {self.up_seid:#x}"


class Association:
    """An association with a control plane function, known by its Node ID."""

    __slots__ = ("node", "peer", "seids")

    def __init__(self, node: str, peer: Address) -> None:
        self.node = node
        self.peer = peer
        self.seids: dict[int, None] = {}


class Pool:
    """UE addresses of a data network that the UPF may choose."""

    def __init__(self, dnn: Dnn) -> None:
        self.network = IPv4Network(dnn.pool, strict=False)
        gateway = dnn.gateway
        first = int(self.network.network_address)
        self._gateway = int.from_bytes(ipv4_octets(gateway), "big") if gateway else first + 1
        self._first, self._last = first + 1, int(self.network.broadcast_address) - 1
        self._next = self._first

    def choose(self, taken: "Context") -> bytes | None:
        """A free address, or None; each is tried once."""
        for _ in range(min(self._last - self._first + 1, len(taken.by_ue) + len(taken.reserved) + 2)):
            candidate = self._next
            self._next = candidate + 1 if candidate < self._last else self._first
            octets = candidate.to_bytes(4, "big")
            if candidate != self._gateway and octets not in taken.by_ue and octets not in taken.reserved:
                return octets
        return None


class Context:
    """The tables. `by_teid` and `by_ue` hold PDRs with the highest precedence (the lowest value) first."""

    def __init__(self, services: Services, dnns: list[Dnn], max_sessions: int) -> None:
        self._services = services
        self.max_sessions = max_sessions
        self.associations: dict[str, Association] = {}
        self.sessions: dict[int, Session] = {}
        self.by_teid: dict[int, tuple[Pdr, ...]] = {}
        self.by_ue: dict[bytes, tuple[Pdr, ...]] = {}
        self.by_remote: dict[tuple[Address, int], Session] = {}
        """Our peers' F-TEIDs, for their Error Indications."""
        self.remote_peers: dict[Address, int] = {}
        """How many tunnels lead to each."""
        self.reserved: dict[bytes, None] = {}
        """Chosen UE addresses, from before their PDR is in `by_ue`."""
        self.pools = {dnn.name: Pool(dnn) for dnn in dnns}
        self.buffered = 0

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
        by_ue: dict[bytes, list[Pdr]] = {}
        for pdr in sorted(session.pdrs.values(), key=_precedence):
            if pdr.teid is not None:
                by_teid.setdefault(pdr.teid, []).append(pdr)
            elif pdr.ue_address is not None:
                by_ue.setdefault(pdr.ue_address, []).append(pdr)
        for teid, pdrs in by_teid.items():
            self.by_teid[teid] = tuple(pdrs)
        for address, pdrs in by_ue.items():
            self.by_ue[address] = tuple(pdrs)
        for far in session.fars.values():
            if far.teid is not None and (far.peer, far.teid) not in self.by_remote:
                self.by_remote[far.peer, far.teid] = session
                self.remote_peers[far.peer] = self.remote_peers.get(far.peer, 0) + 1

    def unindex(self, session: Session) -> None:
        """Take a session's rules out of the tables."""
        for pdr in session.pdrs.values():
            if pdr.teid is not None:
                self.by_teid.pop(pdr.teid, None)
            elif pdr.ue_address is not None:
                self.by_ue.pop(pdr.ue_address, None)
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
        for address in session.own_addresses:
            self.reserved.pop(address, None)
        self.drop_buffer(session)

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


Direction = Literal["uplink", "downlink"]
