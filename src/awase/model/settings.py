"""Configuration that several functions share: the words of the network file (DESIGN section 5).

The lab hands a network-wide value to each part whose configuration names it, unless its section sets it.
"""

from typing import Annotated, Literal

import msgspec

from awase.model.part import Address

PduSessionType = Literal["ipv4", "ipv6", "ipv4v6"]
Rate = Annotated[float, msgspec.Meta(ge=0, le=4_000_000)]
"""Mbit/s, as far as a Bit Rate of NGAP goes (TS 38.413 clause 9.3.1.4)."""


class Peer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The part at the other end of a reference point."""

    part: str
    function: str
    address: Address


class Slice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A slice: `{sst: 1, sd: "000001"}`."""

    sst: int
    sd: str | None = None


class Ambr(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An aggregate maximum bit rate."""

    downlink_mbps: float = 1000
    uplink_mbps: float = 500


class Arp(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Allocation and retention priority (TS 23.501 clause 5.7.2.2)."""

    priority_level: Annotated[int, msgspec.Meta(ge=1, le=15)] = 8
    may_pre_empt: bool = False
    pre_emptable: bool = True


class FlowRate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A guaranteed or maximum flow bit rate (TS 23.501 clause 5.7.2.5)."""

    downlink_mbps: Rate
    uplink_mbps: Rate


class QosFlow(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A QoS flow beside the default one (QFI 1): `{qfi: 2, five_qi: 1, gbr: {...}, packet_filters: [...]}`.

    `gbr` makes it a GBR flow, `mbr` (default: `gbr`) bounds it; rates go with GBR flows only. `arp`: default
    that of the session. A packet filter is an IPFilterRule as TS 29.212 clause 5.4.2 has it, "permit out 17
    from 10.45.0.1 5000 to assigned" (17 is UDP): what goes out to the UE, and the same turned round for what comes from
    it; the word "uplink" or "downlink" before it keeps it to one direction. Of two rules that match the one
    with the lower `precedence` (1 to 254; default: the QFI) counts. `reflective`: the UE derives its uplink
    rules (TS 23.501 clause 5.7.5.3). `notify`: NG-RAN tells when the GBR is not met (clause 5.7.2.4).
    """

    qfi: Annotated[int, msgspec.Meta(ge=2, le=63)]
    five_qi: Annotated[int, msgspec.Meta(ge=1, le=255)]
    arp: Arp | None = None
    gbr: FlowRate | None = None
    mbr: FlowRate | None = None
    averaging_window_ms: Annotated[int, msgspec.Meta(ge=0, le=4095)] | None = None
    packet_filters: Annotated[tuple[str, ...], msgspec.Meta(max_length=15)] = ()
    precedence: Annotated[int, msgspec.Meta(ge=1, le=254)] | None = None
    reflective: bool = False
    notify: bool = False


class Dnn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A data network as SMF, UPF and data network know it: `{name: internet, pool: 10.45.0.0/16}`.

    `gateway` is the data network's own address in the pool (default: its first host), `dns` for UEs (IPv4 and
    IPv6). `pool6` gives each IPv6 session a /64 of its own ("2001:db8:45::/48"); the first /64 is the data
    network's, whose address is `gateway6` (default: its ::1). `types`: the PDU session types that are served
    (default: what there are pools for). `flows`: dedicated QoS flows that each session has from its start.
    `always_on`: whether always-on sessions are granted ("allowed": when asked for; TS 24.501 clause 6.3.2.2).
    A session is reported after each `volume_threshold_mb` and `time_threshold_s`; at `quota_mb` (up and down
    together) or `time_quota_s` it is `on_exhaustion` blocked or released.
    """

    name: str
    pool: str
    gateway: str | None = None
    dns: tuple[str, ...] = ()
    mtu_bytes: int = 1400
    pool6: str | None = None
    gateway6: str | None = None
    types: tuple[PduSessionType, ...] = ()
    flows: Annotated[tuple[QosFlow, ...], msgspec.Meta(max_length=15)] = ()
    always_on: Literal["never", "allowed", "required"] = "never"
    volume_threshold_mb: Annotated[float, msgspec.Meta(gt=0)] | None = None
    time_threshold_s: Annotated[int, msgspec.Meta(gt=0)] | None = None
    quota_mb: Annotated[float, msgspec.Meta(gt=0)] | None = None
    time_quota_s: Annotated[int, msgspec.Meta(gt=0)] | None = None
    on_exhaustion: Literal["block", "release"] = "block"


class SubscribedDnn(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a subscriber has in one DNN beside the common: `{dnn: internet, five_qi: 8, address: 10.45.0.99}`.

    `address` and `prefix` ("2001:db8:45:99::/64") are the static ones of each session in this DNN.
    """

    dnn: str
    session_ambr: Ambr | None = None
    five_qi: Annotated[int, msgspec.Meta(ge=1, le=255)] | None = None
    arp: Arp | None = None
    types: tuple[PduSessionType, ...] = ()
    ssc_modes: tuple[Annotated[int, msgspec.Meta(ge=1, le=3)], ...] = ()
    address: str | None = None
    prefix: str | None = None


class Subscriber(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A subscriber as the UDR keeps it; keys, `amf` and `sqn` are hexadecimal text.

    `algorithm` "milenage" takes `opc` or `op`; "tuak" takes `topc` or `top`, and a `k` of 32 or 64 digits.
    """

    supi: str
    k: str
    opc: str | None = None
    op: str | None = None
    algorithm: str = "milenage"
    topc: str | None = None
    top: str | None = None
    amf: str = "8000"
    sqn: str = "000000000000"
    authentication_method: str = "5G_AKA"
    slices: tuple[Slice, ...] = ()
    dnns: tuple[str, ...] = ()
    ambr: Ambr = Ambr()
    session_ambr: Ambr = Ambr()
    sessions: tuple[SubscribedDnn, ...] = ()

    def __repr__(self) -> str:
        return f"Subscriber({self.supi})"


class HomeNetworkKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A home network's key for SUCI: `scheme` "profile-a" or "profile-b"; private for the UDM, public for UEs."""

    id: int
    scheme: str = "profile-a"
    private_key: str | None = None
    public_key: str | None = None

    def __repr__(self) -> str:
        return f"HomeNetworkKey({self.id}, {self.scheme})"
