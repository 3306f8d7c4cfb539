"""What an SMF remembers: SM contexts, UPFs, address pools. Small: there may be a hundred thousand sessions."""

from collections import deque
from ipaddress import IPv4Address, IPv4Network
from typing import NamedTuple

import msgspec

from awase.functions.smf.states import TRANSITIONS, Input, N4State, State, UserPlane
from awase.model.ids import SNssai
from awase.model.part import Address
from awase.model.settings import Dnn
from awase.wire.addresses import ipv4_octets, ipv4_text

QFI = 1
"""The QoS flow of the default QoS rule; there is no other yet."""


MAX_BIT_RATE_BPS = 4_000_000_000_000
"""The largest Bit Rate of NGAP (TS 38.413 clause 9.3.1.4)."""


class Tunnel(NamedTuple):
    """One end of a GTP-U tunnel."""

    address: str
    teid: int


class Qos(NamedTuple):
    """A session's default QoS flow and its session-AMBR."""

    five_qi: int
    priority_level: int
    may_pre_empt: bool
    pre_emptable: bool
    uplink_bps: int
    downlink_bps: int


class Upf:
    """A UPF peer and the PFCP association with it (TS 29.244 clause 6.2.6)."""

    __slots__ = ("address", "associated", "associating", "ftup", "name")

    def __init__(self, name: str, address: Address) -> None:
        self.name = name
        self.address = address
        self.associated = False
        self.associating = False
        self.ftup = False


class SmContext:
    """One PDU session (TS 23.501 clause 5.6). `reference` is its smContextRef."""

    __slots__ = (
        "address",
        "amf",
        "dnn",
        "ended",
        "n4",
        "pdu_session_id",
        "pti",
        "qos",
        "reference",
        "registered",
        "release_command",
        "s_nssai",
        "seid",
        "state",
        "status_uri",
        "supi",
        "upf",
        "upf_seid",
        "uplink",
        "user_plane",
    )

    def __init__(self, number: int, supi: str, pdu_session_id: int, amf: Address) -> None:
        self.reference = str(number)
        self.seid = number
        self.supi = supi
        self.pdu_session_id = pdu_session_id
        self.amf = amf
        self.pti = 0
        self.dnn = ""
        self.s_nssai = SNssai(0)
        self.status_uri = ""
        self.state = State.INACTIVE
        self.user_plane = UserPlane.ACTIVATING
        self.qos: Qos | None = None
        self.address = ""
        self.n4 = N4State.NONE
        self.upf: Upf | None = None
        self.upf_seid = 0
        self.uplink: Tunnel | None = None
        self.registered = False
        self.ended = False
        self.release_command = b""

    def may(self, what: Input) -> bool:
        """Whether the state has a row for an input."""
        return (self.state, what) in TRANSITIONS

    def is_in(self, state: State) -> bool:
        """Whether it is in a state, now: it may change while a procedure waits."""
        return self.state is state

    def take(self, what: Input) -> None:
        """Move on; the row must exist (KeyError)."""
        self.state = TRANSITIONS[self.state, what]

    def __str__(self) -> str:
        return f"PDU session {self.pdu_session_id} of {self.supi}"


class Sessions:
    """All SM contexts, by reference and by UE."""

    def __init__(self, limit: int, limit_per_ue: int) -> None:
        self._limit = limit
        self._limit_per_ue = limit_per_ue
        self._last = 0
        self._by_reference: dict[str, SmContext] = {}
        self._by_ue: dict[str, dict[int, SmContext]] = {}

    def __len__(self) -> int:
        return len(self._by_reference)

    def room(self, supi: str) -> bool:
        """Whether this UE may have one more."""
        return len(self) < self._limit and self.count(supi) < self._limit_per_ue

    def count(self, supi: str) -> int:
        """How many this UE has."""
        return len(self._by_ue.get(supi, ()))

    def add(self, supi: str, pdu_session_id: int, amf: Address) -> SmContext:
        """A new context, which takes the identity from any older one."""
        self._last += 1
        context = SmContext(self._last, supi, pdu_session_id, amf)
        self._by_reference[context.reference] = context
        self._by_ue.setdefault(supi, {})[pdu_session_id] = context
        return context

    def remove(self, context: SmContext) -> None:
        """Forget a context; idempotent."""
        self._by_reference.pop(context.reference, None)
        of_ue = self._by_ue.get(context.supi)
        if of_ue is not None and of_ue.get(context.pdu_session_id) is context:
            del of_ue[context.pdu_session_id]
            if not of_ue:
                del self._by_ue[context.supi]

    def by_reference(self, reference: str) -> SmContext | None:
        """The context with this smContextRef."""
        return self._by_reference.get(reference)

    def by_seid(self, seid: int) -> SmContext | None:
        """The context whose N4 session has this SEID at our end."""
        return self._by_reference.get(str(seid))

    def find(self, supi: str, pdu_session_id: int) -> SmContext | None:
        """The context of a UE's PDU session."""
        of_ue = self._by_ue.get(supi)
        return None if of_ue is None else of_ue.get(pdu_session_id)

    def on(self, upf: Upf) -> list[SmContext]:
        """The contexts whose N4 session is on a UPF."""
        return [context for context in self._by_reference.values() if context.upf is upf]


class AddressPool:
    """The UE addresses of a DNN (TS 23.501 clause 5.8.2.2); a used one comes back last.

    A UPF that was silent when a session ended may hold its address still.

    Never the network's, the broadcast or the gateway's address. Raises ValueError for a pool that is none.
    """

    __slots__ = ("_end", "_free", "_gateway", "_next", "_taken", "dnn", "path")

    def __init__(self, dnn: Dnn, path: str) -> None:
        self.dnn = dnn
        self.path = path
        try:
            network = IPv4Network(dnn.pool)
            first = int(network.network_address)
            self._gateway = int(IPv4Address(dnn.gateway)) if dnn.gateway else first + 1
            for server in dnn.dns:
                IPv4Address(server)
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from None
        if network.prefixlen > 30:
            raise ValueError(f"{path}.pool: {dnn.pool} has no room for a gateway and a UE; give a /30 or larger")
        if not 68 <= dnn.mtu_bytes <= 0xFFFF:
            raise ValueError(f"{path}.mtu_bytes: {dnn.mtu_bytes} is no MTU of IPv4 (68 to 65535)")
        self._next = first + 1
        self._end = int(network.broadcast_address)
        self._free: deque[int] = deque()
        self._taken: set[int] = set()

    def allocate(self) -> str | None:
        """An address that was never used, else the one that has been free for longest, or None."""
        if self._next == self._gateway:
            self._next += 1
        if self._next < self._end:
            number = self._next
            self._next += 1
        elif self._free:
            number = self._free.popleft()
        else:
            return None
        self._taken.add(number)
        return ipv4_text(number.to_bytes(4))

    def release(self, address: str) -> None:
        """Give an address back; idempotent."""
        number = int.from_bytes(ipv4_octets(address))
        if number in self._taken:
            self._taken.remove(number)
            self._free.append(number)

    @property
    def in_use(self) -> int:
        """How many addresses are allocated."""
        return len(self._taken)


class Rejection(msgspec.Struct, frozen=True):
    """Why a PDU session is not established: 5GSM cause, application error, a sentence, and what explains it."""

    cause: int
    error: str
    text: str
    config: str = ""
