"""What an SMF remembers: SM contexts and UPFs. Small: there may be a hundred thousand sessions."""

from typing import NamedTuple

import msgspec

from awase.functions.smf.states import TRANSITIONS, Input, N4State, State, UserPlane
from awase.model.ids import SNssai
from awase.model.part import Address
from awase.model.settings import Arp, PduSessionType, QosFlow

QFI = 1
"""The QoS flow of the default QoS rule; dedicated ones have 2 to 63."""

PduType = PduSessionType

ANCHOR_SEID = 1 << 40
"""What the SEID of an anchor's N4 session has besides that of the intermediate UPF's."""

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

    @property
    def arp(self) -> Arp:
        """Allocation and retention priority."""
        return Arp(priority_level=self.priority_level, may_pre_empt=self.may_pre_empt, pre_emptable=self.pre_emptable)


class Upf:
    """A UPF peer and the PFCP association with it (TS 29.244 clause 6.2.6)."""

    __slots__ = ("address", "associated", "associating", "bucp", "forgetful", "ftup", "name", "owed")

    def __init__(self, name: str, address: Address) -> None:
        self.name = name
        self.address = address
        self.associated = False
        self.associating = False
        self.ftup = False
        self.bucp = False
        # It has lost its sessions, which are made anew once it is associated again.
        self.forgetful = False
        # The SEIDs of sessions that it may still have, and is to delete.
        self.owed: dict[int, None] = {}


class Anchor:
    """The N4 session with the PDU session anchor, where an intermediate UPF has the other (TS 23.501 5.6.4)."""

    __slots__ = ("access", "n4", "seid", "upf", "upf_seid", "uplink")

    def __init__(self, upf: Upf, seid: int) -> None:
        self.upf: Upf | None = upf
        self.seid = seid
        self.upf_seid = 0
        self.n4 = N4State.NONE
        # Its own end of N9, and the intermediate UPF's.
        self.uplink: Tunnel | None = None
        self.access: Tunnel | None = None


class Change(msgspec.Struct):
    """A PDU session modification under way (TS 24.501 clause 6.3.2): what it was, and what it is to be."""

    pti: int
    old_flows: tuple[QosFlow, ...]
    old_qos: Qos
    command: bytes = b""
    awaits_n2: bool = False
    failed: tuple[int, ...] = ()
    refused: int = 0
    complete: bool = False
    unserved: str = ""
    """Why NG-RAN took nothing of it."""
    over: bool = False
    """It has failed, and its command may yet have reached the UE."""
    flows: tuple[QosFlow, ...] = ()
    """What the command says there are."""


class SmContext:
    """One PDU session (TS 23.501 clause 5.6). `reference` is its smContextRef."""

    __slots__ = (
        "address",
        "always_on",
        "amf",
        "anchor",
        "bar",
        "change",
        "dnn",
        "downlink",
        "ended",
        "flows",
        "held",
        "kind",
        "n4",
        "n4u",
        "notifying",
        "pdu_session_id",
        "prefix",
        "pti",
        "qos",
        "reference",
        "reflective",
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
        self.kind: PduType = "ipv4"
        self.prefix = ""
        self.always_on = False
        self.reflective = False
        self.flows: tuple[QosFlow, ...] = ()
        self.change: Change | None = None
        self.downlink: Tunnel | None = None
        self.anchor: Anchor | None = None
        self.n4u: Tunnel | None = None
        self.bar = False
        self.notifying = 0
        # Downlink packets that wait here, where the UPF leaves that to us (TS 23.501 clause 5.8.3).
        self.held: list[bytes] | None = None

    def may(self, what: Input) -> bool:
        """Whether the state has a row for an input."""
        return (self.state, what) in TRANSITIONS

    def is_in(self, state: State) -> bool:
        """Whether it is in a state, now: it may change while a procedure waits."""
        return self.state is state

    def take(self, what: Input) -> None:
        """Move on; the row must exist (KeyError)."""
        self.state = TRANSITIONS[self.state, what]

    @property
    def interface_identifier(self) -> bytes:
        """What the UE forms its link-local address of: one of a kind, and never a router's (fe80::1)."""
        return (0x100 + self.seid).to_bytes(8)

    @property
    def addresses(self) -> str:
        """IPv4 first, then the IPv6 prefix."""
        return ",".join(text for text in (self.address, self.prefix) if text)

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
        return self._keep(SmContext(self._last, supi, pdu_session_id, amf))

    def restore(self, number: int, supi: str, pdu_session_id: int, amf: Address) -> SmContext:
        """A context as it was before a restart."""
        self._last = max(self._last, number)
        return self._keep(SmContext(number, supi, pdu_session_id, amf))

    def start_after(self, number: int) -> None:
        """Give out no number up to this one: it was used before a restart."""
        self._last = max(self._last, number)

    def _keep(self, context: SmContext) -> SmContext:
        supi, pdu_session_id = context.supi, context.pdu_session_id
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
        """The context whose N4 session, or whose anchor's, has this SEID at our end."""
        return self._by_reference.get(str(seid & ~ANCHOR_SEID))

    def find(self, supi: str, pdu_session_id: int) -> SmContext | None:
        """The context of a UE's PDU session."""
        of_ue = self._by_ue.get(supi)
        return None if of_ue is None else of_ue.get(pdu_session_id)

    def of(self, supi: str) -> list[SmContext]:
        """The contexts of a UE."""
        return list(self._by_ue.get(supi, {}).values())

    def on(self, upf: Upf) -> list[SmContext]:
        """The contexts whose N4 session is on a UPF."""
        return [
            context
            for context in self._by_reference.values()
            if context.upf is upf or (context.anchor is not None and context.anchor.upf is upf)
        ]

    def all(self) -> list[SmContext]:
        """All contexts, oldest first."""
        return list(self._by_reference.values())


class Rejection(msgspec.Struct, frozen=True):
    """Why a PDU session is not established: 5GSM cause, application error, a sentence, and what explains it."""

    cause: int
    error: str
    text: str
    config: str = ""
    back_off_s: int | None = None
