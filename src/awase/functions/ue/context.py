"""What a UE remembers: its subscription, its place in the network, its security contexts, its PDU sessions."""

from awase.functions.ue.config import Config, Session
from awase.functions.ue.qos import SessionQos
from awase.functions.ue.states import RmState, SessionState
from awase.model.ids import FiveGGuti, Plmn, SNssai, Tai
from awase.protocols.nas.elements import Suci
from awase.protocols.nas.entity import SecurityContext
from awase.protocols.nas.messages import RegistrationRequest
from awase.protocols.nas.session_elements import PduSessionType
from awase.security.aka import AkaFunctions
from awase.security.authentication import ALGORITHMS

_IND_BITS = 5
_DELTA = 1 << 28
"""How far SQN may jump (TS 33.102 clause C.2.1, the limit of the example in C.3)."""


class Usim:
    """The secrets of the subscription, and the sequence numbers seen (TS 33.102 annex C)."""

    __slots__ = ("_algorithm", "_constant", "_first_seq", "_k", "_seq", "_sqn_ms")

    def __init__(self, config: Config) -> None:
        self._k = bytes.fromhex(config.k)
        self._algorithm = ALGORITHMS[config.algorithm]
        constant, operator = config.opc or config.topc, config.op or config.top
        self._constant = bytes.fromhex(constant or "") or self._algorithm.derived(
            self._k, bytes.fromhex(operator or "")
        )
        self._sqn_ms = int(config.sqn, 16)
        self._first_seq = self._sqn_ms >> _IND_BITS
        # The highest SEQ by IND, where one has come.
        self._seq: dict[int, int] = {}

    def __repr__(self) -> str:
        return "Usim(...)"

    @property
    def functions(self) -> AkaFunctions:
        """f1 to f5* under K and OPc or TOPc; made when needed, as thousands of UEs seldom need them."""
        return self._algorithm.functions(self._k, self._constant)

    @property
    def sqn_ms(self) -> bytes:
        """The highest SQN accepted."""
        return self._sqn_ms.to_bytes(6, "big")

    def accept(self, sqn: bytes) -> bool:
        """Whether an SQN is fresh; then it is noted (TS 33.102 clause C.2.2)."""
        value = int.from_bytes(sqn, "big")
        seq, ind = value >> _IND_BITS, value & (1 << _IND_BITS) - 1
        if not self._seq.get(ind, self._first_seq) < seq <= (self._sqn_ms >> _IND_BITS) + _DELTA:
            return False
        self._seq[ind] = seq
        self._sqn_ms = max(self._sqn_ms, value)
        return True


class PduSession:
    """A PDU session at the UE."""

    __slots__ = (
        "address",
        "always_on",
        "asked",
        "config_index",
        "dnn",
        "dns",
        "dns6",
        "interface_identifier",
        "mtu_bytes",
        "pdu_session_id",
        "prefix",
        "pti",
        "qos",
        "s_nssai",
        "state",
        "type",
        "uplink_bps",
        "uplink_due_ns",
        "user_plane",
    )

    def __init__(self, pdu_session_id: int, config_index: int, asked: Session) -> None:
        self.pdu_session_id = pdu_session_id
        self.config_index = config_index
        self.asked = asked
        self.state = SessionState.INACTIVE
        self.pti = 0
        self.type = PduSessionType[asked.type]
        self.address = b""
        self.interface_identifier = b""
        # The /64 that the network advertised, eight octets.
        self.prefix = b""
        self.dns = self.dns6 = b""
        # That of IPv4, where the network names one.
        self.mtu_bytes = 0
        self.always_on = False
        # Whether it has user-plane resources, as far as the UE can know.
        self.user_plane = False
        self.qos: SessionQos | None = None
        self.dnn = asked.dnn or ""
        self.s_nssai: SNssai | None = None
        self.uplink_bps = 0
        self.uplink_due_ns = 0

    @property
    def address6(self) -> bytes:
        """The IPv6 address that it formed (RFC 4862); empty before a prefix was advertised."""
        return self.prefix + self.interface_identifier if self.prefix else b""

    @property
    def usable(self) -> bool:
        """Whether user data can flow."""
        return bool(self.address or self.prefix)


class Context:
    """A UE's 5GMM context."""

    __slots__ = (
        "allowed_nssai",
        "attempts",
        "authentication_failures",
        "configured_nssai",
        "context",
        "eap_answer",
        "forbidden_plmns",
        "forbidden_tais",
        "guti",
        "last_attempt_tai",
        "last_request",
        "partial",
        "rand",
        "registered",
        "rejected_nssai",
        "res_star",
        "secured",
        "sent_without_context",
        "sessions",
        "state",
        "suci",
        "suci_until_ns",
        "supi",
        "t3502_s",
        "t3512_s",
        "tais",
        "unprotected_rejects",
        "usim",
    )

    def __init__(self, config: Config) -> None:
        self.supi = config.subscriber
        self.usim = Usim(config)
        self.state = RmState.NULL
        self.guti: FiveGGuti | None = None
        self.tais: tuple[Tai, ...] = ()
        self.allowed_nssai: tuple[SNssai, ...] = ()
        self.configured_nssai: tuple[SNssai, ...] = ()
        self.rejected_nssai: tuple[SNssai, ...] = ()
        # From the network's accept until either side de-registers, whatever procedure runs meanwhile.
        self.registered = False
        self.last_attempt_tai: Tai | None = None
        # How many rejections that nobody vouched for were not believed (TS 24.501 clause 5.3.20).
        self.unprotected_rejects = 0
        self.context: SecurityContext | None = None
        # The result of an authentication whose context is not yet in use: ngKSI and K_AMF.
        self.partial: tuple[int, bytes] | None = None
        self.rand = b""
        self.res_star = b""
        # An EAP request and the answer to it.
        self.eap_answer: tuple[bytes, bytes] | None = None
        self.secured = False
        self.attempts = 0
        self.authentication_failures = 0
        self.suci: Suci | None = None
        self.suci_until_ns = 0
        self.last_request: RegistrationRequest | None = None
        self.sent_without_context = False
        self.t3502_s = 720
        self.t3512_s: int | None = None
        self.forbidden_plmns: tuple[Plmn, ...] = ()
        self.forbidden_tais: tuple[Tai, ...] = ()
        self.sessions: dict[int, PduSession] = {}

    def __repr__(self) -> str:
        return f"Context({self.supi}, {self.state.value})"

    def forget_registration(self) -> None:
        """Delete 5G-GUTI, TAI list and security context (TS 24.501 clause 5.5.1.2.5)."""
        self.guti = None
        self.tais = ()
        self.allowed_nssai = self.rejected_nssai = ()
        self.registered = False
        self.context = None
        self.partial = None
        self.rand = self.res_star = b""
        self.eap_answer = None
