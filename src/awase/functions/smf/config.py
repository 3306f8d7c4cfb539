"""What an SMF can be told in the network file."""

from typing import Annotated, Literal

import msgspec

from awase.model.settings import Ambr, Dnn, Peer, Slice

SscMode = Literal[1, 2, 3]
Seconds = Annotated[float, msgspec.Meta(gt=0)]
Count = Annotated[int, msgspec.Meta(ge=1)]


class SliceDnns(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The DNNs of one slice: `{sst: 1, sd: "000001", dnns: [internet]}`."""

    sst: int
    sd: str | None = None
    dnns: tuple[str, ...]


class Arp(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Allocation and retention priority (TS 23.501 clause 5.7.2.2)."""

    priority_level: Annotated[int, msgspec.Meta(ge=1, le=15)] = 8
    may_pre_empt: bool = False
    pre_emptable: bool = True


class Action(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the operator does, `at_s` after the start.

    `{at_s: 5, do: release_session, supi: imsi-..., pdu_session_id: 1, cause: 36}`; the cause is a 5GSM
    cause (TS 24.501 table 9.11.4.2.1).
    """

    at_s: Annotated[float, msgspec.Meta(ge=0)]
    do: Literal["release_session"]
    supi: str
    pdu_session_id: Annotated[int, msgspec.Meta(ge=1, le=15)]
    cause: Annotated[int, msgspec.Meta(ge=0, le=255)] = 36


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Bounds of every table that a peer can make grow."""

    sessions: Count = 100_000
    sessions_per_ue: Annotated[int, msgspec.Meta(ge=1, le=15)] = 15


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The SMF's section of the network file, completed with network-wide values.

    Every DNN is offered in every slice, unless `slice_dnns` says which. `five_qi`, `arp` and `session_ambr`
    apply where the subscription does not say. `n3_addresses` (UPF's part name or N4 address -> IPv4
    address) is needed for a UPF that leaves the allocation of F-TEIDs to the SMF (no FTUP).
    """

    addresses: dict[str, str] = {}
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
    t3592_s: Seconds = 16
    t3592_expiries: Count = 5
    n4_t1_s: Seconds = 1
    n4_n1: Count = 4
    association_retry_s: Seconds = 5
    association_wait_s: Seconds = 10
    heartbeat_s: Seconds = 30
    sbi_s: Seconds = 4
    limits: Limits = Limits()
