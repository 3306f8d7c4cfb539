"""A session's rules as packets meet them (TS 29.244 clause 5.2): PDR, FAR, QER, BAR; URR is in `usage`."""

from typing import TYPE_CHECKING

from awase.functions.upf.sdf import Rule
from awase.functions.upf.usage import Urr
from awase.model.part import NS_PER_S, Address
from awase.protocols.pfcp.elements import ApplyAction, BitRates, Interface, SdfFilter

if TYPE_CHECKING:
    from awase.functions.upf.context import Session

DROP, FORW, BUFF, NOCP = (int(a) for a in (ApplyAction.DROP, ApplyAction.FORW, ApplyAction.BUFF, ApplyAction.NOCP))


class TokenBucket:
    """Polices a bit rate: as much as 100 ms of it, at least 15,000 octets, may come at once."""

    __slots__ = ("__weakref__", "_burst", "_last_ns", "_tokens", "rate_bps")

    def __init__(self, rate_bps: int, now_ns: int) -> None:
        self.rate_bps = rate_bps
        # Counted in bits times 10^9, so that no rate and no interval is rounded.
        self._burst = max(rate_bps // 10, 120_000) * NS_PER_S
        self._tokens = self._burst if rate_bps else 0
        self._last_ns = now_ns

    def holds(self, size_bytes: int, now_ns: int) -> bool:
        """Whether so much conforms; nothing is taken."""
        tokens = min(self._burst, self._tokens + max(0, now_ns - self._last_ns) * self.rate_bps)
        return tokens >= size_bytes * 8 * NS_PER_S

    def take(self, size_bytes: int, now_ns: int) -> bool:
        """Whether a packet conforms."""
        # A clock that is set back takes nothing away.
        tokens = min(self._burst, self._tokens + max(0, now_ns - self._last_ns) * self.rate_bps)
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

    __slots__ = (
        "correlation_id",
        "dl_bucket",
        "dl_open",
        "gbr",
        "mbr",
        "ppi",
        "qer_id",
        "qfi",
        "rqi",
        "ul_bucket",
        "ul_open",
    )

    def __init__(self, qer_id: int) -> None:
        self.qer_id = qer_id
        self.correlation_id: int | None = None
        self.ul_open = self.dl_open = True
        self.mbr: BitRates | None = None
        self.gbr: BitRates | None = None
        self.ul_bucket: TokenBucket | None = None
        self.dl_bucket: TokenBucket | None = None
        self.qfi: int | None = None
        self.rqi = False
        self.ppi: int | None = None
        """The Paging Policy Indicator that downlink packets are marked with (TS 38.415 clause 5.5.3.7)."""

    def copy(self) -> "Qer":
        """Another one alike, to change."""
        other = Qer(self.qer_id)
        for name in Qer.__slots__:
            setattr(other, name, getattr(self, name))
        return other


class Bar:
    """A buffering action rule."""

    __slots__ = ("bar_id", "delay_ns", "packets")

    def __init__(self, bar_id: int) -> None:
        self.bar_id = bar_id
        self.packets: int | None = None
        """How many packets are to be buffered at most."""
        self.delay_ns = 0
        """How long to wait before the SMF is told of the first one."""

    def copy(self) -> "Bar":
        """Another one alike, to change."""
        other = Bar(self.bar_id)
        other.packets, other.delay_ns = self.packets, self.delay_ns
        return other


class Pdr:
    """A packet detection rule, and the rules that it leads to (set when the session's rules are joined)."""

    __slots__ = (
        "address4",
        "address6",
        "addresses",
        "destination",
        "far",
        "far_id",
        "filters",
        "given_teid",
        "network_instance",
        "outer_header_removal",
        "pdr_id",
        "ppi",
        "precedence",
        "qer_ids",
        "qers",
        "qfi",
        "qfis",
        "rqi",
        "sdf_filters",
        "session",
        "source_interface",
        "teid",
        "to_cp",
        "uplink",
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
        self.given_teid = False
        self.address4: bytes | None = None
        """The UE's IPv4 address."""
        self.address6: bytes | None = None
        """The UE's IPv6 prefix of 64 bits."""
        self.destination = False
        """Whether the UE's address is that of a packet's destination."""
        self.qfis: tuple[int, ...] = ()
        self.filters: tuple[Rule, ...] = ()
        self.sdf_filters: tuple[SdfFilter, ...] = ()
        """What the filters were made of."""
        self.outer_header_removal = False
        self.far_id: int | None = None
        self.qer_ids: tuple[int, ...] = ()
        self.urr_ids: tuple[int, ...] = ()
        # What the other rules make of it, when they are joined.
        self.far: Far | None = None
        self.qers: tuple[Qer, ...] = ()
        self.urrs: tuple[Urr, ...] = ()
        self.qfi: int | None = None
        self.rqi = False
        self.ppi: int | None = None
        self.uplink = True
        self.to_cp = False
        self.addresses: tuple[bytes, ...] = ()
        """The session's own addresses, one of which an uplink packet must come from; none: any."""

    def copy(self) -> "Pdr":
        """Another one alike, to change."""
        other = Pdr(self.session, self.pdr_id)
        for name in Pdr.__slots__:
            setattr(other, name, getattr(self, name))
        return other

    def join(self, fars: dict[int, Far], qers: dict[int, Qer], urrs: dict[int, Urr]) -> None:
        """Set what the rules that it names make of it."""
        far = self.far = fars.get(self.far_id) if self.far_id is not None else None
        self.qers = tuple(qers[i] for i in self.qer_ids)
        self.urrs = tuple(urrs[i] for i in self.urr_ids)
        self.qfi = next((qer.qfi for qer in self.qers if qer.qfi is not None), None)
        self.ppi = next((qer.ppi for qer in self.qers if qer.ppi is not None), None)
        self.rqi = any(qer.rqi for qer in self.qers)
        self.uplink = self.source_interface == Interface.ACCESS
        self.to_cp = far is not None and far.destination_interface == Interface.CP_FUNCTION
