"""What an SMF can be told in the network file."""

from typing import Annotated, Literal

import msgspec

from awase.model.settings import Ambr, Arp, Dnn, Peer, QosFlow, Slice

SscMode = Literal[1, 2, 3]
Seconds = Annotated[float, msgspec.Meta(gt=0)]
Count = Annotated[int, msgspec.Meta(ge=1)]


class SliceDnns(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The DNNs of one slice: `{sst: 1, sd: "000001", dnns: [internet]}`."""

    sst: int
    sd: str | None = None
    dnns: tuple[str, ...]


class Action(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the operator does, `at_s` after the start.

    `{at_s: 5, do: release_session, supi: imsi-..., pdu_session_id: 1, cause: 36}`; the cause is a 5GSM
    cause (TS 24.501 table 9.11.4.2.1). `modify_session` adds or changes `flow`, removes the one that
    `remove` names, sets `session_ambr`. `congest` has a DNN (and slice; none: all) refused with `cause` 26, 67
    or 69 and `back_off_s`; `relieve` ends that.
    """

    at_s: Annotated[float, msgspec.Meta(ge=0)]
    do: Literal["release_session", "modify_session", "congest", "relieve"]
    supi: str = ""
    pdu_session_id: Annotated[int, msgspec.Meta(ge=1, le=15)] = 1
    cause: Annotated[int, msgspec.Meta(ge=0, le=255)] | None = None
    flow: QosFlow | None = None
    remove: Annotated[int, msgspec.Meta(ge=2, le=63)] | None = None
    session_ambr: Ambr | None = None
    dnn: str | None = None
    slice: Slice | None = None
    back_off_s: Annotated[int, msgspec.Meta(ge=0, le=9_920_000)] | None = None


class Congestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which new sessions are refused (TS 23.501 clause 5.19.7): of a DNN (26), both (67), a slice (69).

    `back_off_s` is T3396, T3584 or T3585 (TS 24.501 clauses 6.2.7 and 6.2.8); None: the UE is told none.
    """

    dnn: str | None = None
    slice: Slice | None = None
    cause: Literal[26, 67, 69] = 26
    back_off_s: Annotated[int, msgspec.Meta(ge=0, le=9_920_000)] | None = 60


class Selection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which UPFs serve a DNN, a slice, or both (TS 23.501 clause 6.3.3): parts' names, the first choice first."""

    dnn: str | None = None
    slice: Slice | None = None
    upfs: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]


class Chain(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Two UPFs that serve a DNN together over N9: the intermediate one, then the PDU session anchor."""

    dnn: str
    upfs: tuple[str, str]


class UeFlows(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a UE may have by asking (TS 24.501 clause 6.4.2): 5QIs, GBR flows' sum, flows of one session."""

    five_qis: tuple[Annotated[int, msgspec.Meta(ge=1, le=255)], ...] = (1, 2, 3, 4, 5, 6, 7, 8, 9)
    gbr_mbps: Annotated[float, msgspec.Meta(ge=0)] = 10
    flows: Annotated[int, msgspec.Meta(ge=0, le=62)] = 8


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Bounds of every table that a peer can make grow."""

    sessions: Count = 100_000
    sessions_per_ue: Annotated[int, msgspec.Meta(ge=1, le=15)] = 15
    buffered_packets: Count = 10_000


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The SMF's section of the network file, completed with network-wide values.

    Every DNN is offered in every slice, unless `slice_dnns` says which. `five_qi`, `arp` and `session_ambr`
    apply where the subscription does not say. `n3_addresses` (UPF's part name or N4 address -> IPv4
    address) is needed for a UPF that leaves the allocation of F-TEIDs to the SMF (no FTUP).
    `buffering` "smf" has UPFs with BUCP send downlink packets of idle UEs here. `authenticated_dnns` want
    secondary authentication, which nobody passes here. `ladn_dnns` are served in their area only.
    `persist` keeps the sessions in the store, for a restart.
    """

    addresses: dict[str, str] = {}
    sbi_scheme: Literal["http", "https"] = "http"
    """Of the URIs that peers are given: https where the SBI speaks TLS, which the lab sees to."""
    peers: dict[str, list[Peer]] = {}
    plmn: str = "001-01"
    slices: tuple[Slice, ...] = ()
    dnns: tuple[Dnn, ...] = ()
    slice_dnns: tuple[SliceDnns, ...] = ()
    five_qi: Annotated[int, msgspec.Meta(ge=1, le=255)] = 9
    arp: Arp = Arp()
    session_ambr: Ambr = Ambr()
    ssc_modes: tuple[SscMode, ...] = (1,)
    n3_addresses: dict[str, str] = {}
    actions: tuple[Action, ...] = ()
    congestion: tuple[Congestion, ...] = ()
    selection: tuple[Selection, ...] = ()
    chains: tuple[Chain, ...] = ()
    ue_flows: UeFlows = UeFlows()
    authenticated_dnns: tuple[str, ...] = ()
    ladn_dnns: tuple[str, ...] = ()
    buffering: Literal["upf", "smf"] = "upf"
    buffered_packets: Annotated[int, msgspec.Meta(ge=1, le=255)] = 64
    rq_timer_s: Annotated[int, msgspec.Meta(ge=0, le=11_160)] = 60
    persist: bool = False
    t3591_s: Seconds = 16
    t3591_expiries: Count = 5
    t3592_s: Seconds = 16
    t3592_expiries: Count = 5
    n4_t1_s: Seconds = 1
    n4_n1: Count = 4
    association_retry_s: Seconds = 5
    association_wait_s: Seconds = 10
    heartbeat_s: Seconds = 30
    sbi_s: Seconds = 3.5
    """Less than an AMF waits for us, so that it is told why."""
    restoration_wait_s: Seconds = 30
    limits: Limits = Limits()
