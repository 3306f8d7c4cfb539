"""What a gNB keeps: of each AMF, of each UE, of each PDU session."""

from __future__ import annotations

from collections.abc import Hashable

from awase.functions.gnb.qos import TokenBucket
from awase.functions.gnb.states import AMF_TRANSITIONS, AmfState, UeState
from awase.model.ids import Guami, Plmn, SNssai
from awase.model.machine import Running, Timer
from awase.protocols.ngap.elements import (
    GBRQosInformation,
    PDUSessionAggregateMaximumBitRate,
    UEAggregateMaximumBitRate,
    UESecurityCapabilities,
)


class Amf:
    """An AMF of this gNB's set of peers."""

    __slots__ = (
        "address",
        "association",
        "capacity",
        "guamis",
        "index",
        "name",
        "overload_action",
        "overload_percent",
        "overloaded_requests",
        "overloaded_slices",
        "plmn_slices",
        "running",
        "state",
        "ues",
        "unavailable",
    )

    def __init__(self, index: int, name: str, address: str) -> None:
        self.index = index
        self.name = name
        self.address = address
        self.state = AmfState.DOWN
        self.association: int | None = None
        self.capacity = 255
        self.guamis: tuple[Guami, ...] = ()
        self.plmn_slices: dict[Plmn, tuple[SNssai, ...]] = {}
        self.overload_action: str | None = None
        self.overload_percent = 100
        self.overloaded_requests = 0
        self.overloaded_slices: dict[SNssai, tuple[str | None, int]] = {}
        """Overload action and traffic load reduction of single slices."""
        self.unavailable: tuple[Guami, ...] = ()
        """The GUAMIs that it said will not be served by it any more."""
        self.running: Running | None = None
        self.ues: dict[int, UeContext] = {}
        """By AMF UE NGAP ID."""

    @property
    def key(self) -> Hashable:
        """What its NG Setup procedure waits for."""
        return ("n2", self.index)

    def move(self, what: str) -> bool:
        """Take the transition for an input; False where the table has none."""
        state = AMF_TRANSITIONS.get((self.state, what))
        if state is None:
            return False
        self.state = state
        return True


class PduSession:
    """A PDU session's N3 tunnel: `uplink_teid` is the UPF's, `downlink_teid` ours."""

    __slots__ = (
        "ambr",
        "buckets",
        "downlink_teid",
        "gbr",
        "id",
        "qfis",
        "s_nssai",
        "ue",
        "uplink_address",
        "uplink_teid",
    )

    def __init__(self, session_id: int, ue: UeContext, s_nssai: SNssai) -> None:
        self.id = session_id
        self.ue = ue
        self.s_nssai = s_nssai
        self.ambr: PDUSessionAggregateMaximumBitRate | None = None
        self.uplink_address = ""
        self.uplink_teid = 0
        self.downlink_teid = 0
        self.qfis: tuple[int, ...] = ()
        self.gbr: dict[int, GBRQosInformation] = {}
        """What is guaranteed, by QFI."""
        self.buckets: dict[tuple[int, bool], TokenBucket] = {}
        """By QFI and direction (uplink: True)."""

    def flow_bucket(self, qfi: int, uplink: bool, gbr: GBRQosInformation, now_ns: int) -> TokenBucket:
        """What polices a GBR flow's maximum rate."""
        rate = gbr.maximum_flow_bit_rate_ul if uplink else gbr.maximum_flow_bit_rate_dl
        bucket = self.buckets.get((qfi, uplink))
        if bucket is None or bucket.rate_bps != rate:
            bucket = self.buckets[qfi, uplink] = TokenBucket(rate, now_ns)
        return bucket


class UeContext:
    """A UE with an RRC connection, and what the AMF told of it."""

    __slots__ = (
        "active_ns",
        "ambr",
        "amf",
        "amf_ue_ngap_id",
        "capability_known",
        "created_ns",
        "downlink_bucket",
        "five_g_s_tmsi",
        "number",
        "ran_ue_ngap_id",
        "rrc_transaction",
        "running",
        "security_capabilities",
        "sessions",
        "setup_request",
        "state",
        "sti",
        "stream",
        "timer",
        "untold_ns",
        "uplink_bucket",
    )

    def __init__(self, sti: int, ran_ue_ngap_id: int, now_ns: int) -> None:
        self.sti = sti
        self.ran_ue_ngap_id = ran_ue_ngap_id
        self.amf_ue_ngap_id: int | None = None
        self.amf: Amf | None = None
        self.number = 0
        self.stream = 1
        self.state = UeState.RRC_SETUP
        self.sessions: dict[int, PduSession] = {}
        self.ambr: UEAggregateMaximumBitRate | None = None
        self.downlink_bucket: TokenBucket | None = None
        """What polices its UE-AMBR, and in uplink."""
        self.uplink_bucket: TokenBucket | None = None
        self.capability_known = False
        """Whether the AMF has the UE's radio capability."""
        self.security_capabilities: UESecurityCapabilities | None = None
        self.five_g_s_tmsi: int | None = None
        self.created_ns = self.active_ns = now_ns
        self.rrc_transaction = 0
        self.setup_request = b""
        self.untold_ns: dict[int, int] | None = None
        """When each session lost its resources of which RRC should have told the UE."""
        self.running: Running | None = None
        self.timer: Timer | None = None

    def lose(self, pdu_session_id: int, now_ns: int | None) -> PduSession | None:
        """Forget a session's resources: NAS tells the UE of it (None), or nobody does from `now_ns` on."""
        session = self.sessions.pop(pdu_session_id, None)
        untold = self.untold_ns or {}
        untold.pop(pdu_session_id, None)
        if session is not None and now_ns is not None:
            untold[pdu_session_id] = now_ns
        self.untold_ns = untold or None
        return session

    def next_transaction(self) -> int:
        """The RRC transaction identifier of the next message, 0 to 3 (TS 38.331 clause 6.3.2)."""
        transaction = self.rrc_transaction
        self.rrc_transaction = (transaction + 1) & 3
        return transaction
