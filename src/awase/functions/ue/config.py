"""What a UE can be told in the network file."""

from typing import Annotated, Literal

import msgspec

from awase.model.settings import HomeNetworkKey, Peer, Slice
from awase.security import authentication

Seconds = Annotated[float, msgspec.Meta(ge=0)]
Count = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
Algorithm = Literal[0, 1, 2, 3]
IP_ADDRESS = r"^([0-9]{1,3}(\.[0-9]{1,3}){3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)$"
Family = Literal["ipv4", "ipv6"]
ServiceName = Literal["signalling", "data", "emergency", "high_priority"]


class Session(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A PDU session to establish once registered: `{dnn: internet, slice: {sst: 1, sd: "000001"}}`.

    Without `dnn` or `slice` the network chooses. `requested` false: only when an action says so. `ssc_mode` as
    asked for; `always_on` asks for an always-on PDU session (TS 24.501 clause 6.4.1.2).
    """

    dnn: str | None = None
    slice: Slice | None = None
    type: Literal["ipv4", "ipv6", "ipv4v6", "unstructured", "ethernet"] = "ipv4"
    requested: bool = True
    ssc_mode: Literal[1, 2, 3] = 1
    always_on: bool = False


class Ping(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """ICMP echoes; `size_bytes` of an IP packet. Without `destination`: the session's DNS server (of `family`)."""

    count: Annotated[int, msgspec.Meta(ge=1, le=65536)] = 5
    interval_ms: Annotated[float, msgspec.Meta(gt=0)] = 200
    size_bytes: Annotated[int, msgspec.Meta(ge=28, le=9000)] = 84
    timeout_ms: Annotated[float, msgspec.Meta(gt=0)] = 2000
    destination: Annotated[str, msgspec.Meta(pattern=IP_ADDRESS)] | None = None
    family: Family | None = None


class UdpFlow(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A measured flow, of IP packets of `size_bytes`. Without `destination`: the session's DNS server.

    `port`: the UE's own (default: the same as the data network's), so that packet filters can tell flows apart.
    """

    rate_mbps: Annotated[float, msgspec.Meta(gt=0, le=100_000)] = 1
    duration_s: Annotated[float, msgspec.Meta(gt=0)] = 1
    size_bytes: Annotated[int, msgspec.Meta(ge=64, le=9000)] = 1250
    direction: Literal["uplink", "downlink"] = "uplink"
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] | None = None
    destination: Annotated[str, msgspec.Meta(pattern=IP_ADDRESS)] | None = None
    family: Family | None = None


class Traffic(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Traffic that starts `after_s` after its session (1: the first in `sessions`) is there, once.

    With `at_s` it starts at that time after the UE's start, if the session is there then; with `every_s` again and
    again, until `until_s`.
    """

    ping: Ping | None = None
    udp: UdpFlow | None = None
    session: Annotated[int, msgspec.Meta(ge=1, le=15)] = 1
    after_s: Seconds = 0
    at_s: Seconds | None = None
    every_s: Annotated[float, msgspec.Meta(gt=0)] | None = None
    until_s: Seconds | None = None

    def __post_init__(self) -> None:
        if (self.ping is None) == (self.udp is None):
            raise ValueError("traffic is either ping or udp: [{ping: {count: 5}}, {udp: {rate_mbps: 1}}]")
        if self.at_s is not None and self.after_s:
            raise ValueError("traffic starts after_s its session, or at_s a time, not both")


class Flow(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A QoS flow that a UE asks for: `{five_qi: 1, gfbr_uplink_kbps: 64, gfbr_downlink_kbps: 64, destination: ...}`.

    `destination`, `protocol` and `port` are its packet filter, of the remote end (TS 24.501 clause 6.4.2.2);
    `remove` names a QoS rule that is to be deleted instead.
    """

    five_qi: Annotated[int, msgspec.Meta(ge=1, le=255)] = 9
    gfbr_uplink_kbps: Annotated[int, msgspec.Meta(ge=1, le=65535)] | None = None
    gfbr_downlink_kbps: Annotated[int, msgspec.Meta(ge=1, le=65535)] | None = None
    destination: Annotated[str, msgspec.Meta(pattern=IP_ADDRESS)] | None = None
    protocol: Annotated[int, msgspec.Meta(ge=0, le=255)] | None = None
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)] | None = None
    precedence: Annotated[int, msgspec.Meta(ge=0, le=255)] = 128
    remove: Annotated[int, msgspec.Meta(ge=1, le=255)] | None = None


class Action(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the user does, `at_s` after the part's start: `{at_s: 10, do: release_session, session: 1}`.

    With `every_s` again and again, until `until_s`. `move` goes to the cell of `gnb`, `radio_loss` loses all radio
    `for_s`; `service_request` asks for `service`; `modify_session` asks for `flow`, or for an always-on session.
    """

    at_s: Seconds
    do: Literal[
        "establish_session",
        "release_session",
        "modify_session",
        "deregister",
        "switch_off",
        "register",
        "service_request",
        "update_registration",
        "move",
        "radio_loss",
    ]
    session: Annotated[int, msgspec.Meta(ge=1, le=15)] = 1
    every_s: Annotated[float, msgspec.Meta(gt=0)] | None = None
    until_s: Seconds | None = None
    gnb: str | None = None
    for_s: Annotated[float, msgspec.Meta(gt=0)] = 5
    service: ServiceName = "signalling"
    flow: Flow | None = None

    def __post_init__(self) -> None:
        if self.do == "move" and self.gnb is None:
            raise ValueError("move goes to the cell of a gnb: {at_s: 10, do: move, gnb: gnb2}")


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The UE's section of the network file, completed with its subscriber's record and network-wide values.

    `plmn` is the one to register with. Without `requested_nssai`, the slices of its sessions, else the
    subscriber's. `ciphering` and `integrity` are the algorithms that it supports. `access_identity`: TS 22.261 table
    6.22.2.2-1; it decides which cells bar the UE. `eps_algorithms`: its security capability names them as EEA and EIA
    too, as that of a UE does that knows EPS (TS 24.501 clause 9.11.3.54). `keeps_session_ambr: false` is one that
    sends more than it may, as the network has to expect. `app`: there are programs behind port app
    (model/ip_session.py).
    """

    subscriber: Annotated[str, msgspec.Meta(pattern=r"^imsi-[0-9]{6,15}$")]
    k: str
    opc: str | None = None
    op: str | None = None
    algorithm: Literal["milenage", "tuak"] = "milenage"
    topc: str | None = None
    top: str | None = None
    amf: str = "8000"
    sqn: str = "000000000000"
    addresses: dict[str, str] = {}
    peers: dict[str, list[Peer]] = {}
    plmn: str = "001-01"
    home_plmn: str | None = None
    slices: tuple[Slice, ...] = ()
    requested_nssai: tuple[Slice, ...] | None = None
    sessions: Annotated[tuple[Session, ...], msgspec.Meta(max_length=15)] = ()
    traffic: Annotated[tuple[Traffic, ...], msgspec.Meta(max_length=64)] = ()
    actions: Annotated[tuple[Action, ...], msgspec.Meta(max_length=1000)] = ()
    suci_scheme: Literal["null", "profile-a", "profile-b"] = "null"
    routing_indicator: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,4}$")] = "0"
    home_network_keys: tuple[HomeNetworkKey, ...] = ()
    ciphering: tuple[Algorithm, ...] = (0, 1, 2, 3)
    integrity: tuple[Algorithm, ...] = (1, 2, 3)
    eps_algorithms: bool = False
    emergency: bool = False
    access_identity: Literal[0, 1, 2, 11, 12, 13, 14, 15] = 0
    imei: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{15}$")] = "356938035643803"
    imeisv: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{16}$")] = "3569380356438091"
    start_at_ms: Seconds = 0
    t300_ms: Annotated[float, msgspec.Meta(gt=0)] = 1000
    rls_silence_s: Annotated[float, msgspec.Meta(ge=2, le=600)] = 2
    """How long a cell may be silent before it is held for lost: more on a slow host; UERANSIM's ends have 2 s."""
    keeps_session_ambr: bool = True
    app: bool = False

    def __post_init__(self) -> None:
        given = {name: getattr(self, name) for name in ("opc", "op", "topc", "top")}
        authentication.check(self.algorithm, self.k, given)
        if sum(text is not None for text in given.values()) != 1:
            raise ValueError("a subscriber has either opc or op, or with tuak either topc or top")
        _hexadecimal("amf", self.amf, 2)
        _hexadecimal("sqn", self.sqn, 6)
        schemes = ("null", *(key.scheme for key in self.home_network_keys if key.public_key is not None))
        if self.suci_scheme not in schemes:
            # TS 33.501 clause 6.12.2 would have it fall back to the null-scheme, which nobody would notice.
            raise ValueError(f"suci_scheme: no home network key is one of {self.suci_scheme}")

    def __repr__(self) -> str:
        return f"Config({self.subscriber})"


def _hexadecimal(name: str, text: str, octets: int) -> None:
    try:
        right = len(bytes.fromhex(text)) == octets
    except ValueError:
        right = False
    if not right:
        raise ValueError(f"{name} is {2 * octets} hexadecimal digits")
