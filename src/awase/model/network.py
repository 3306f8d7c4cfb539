"""A network as data: its parts, how they are joined, who plays them, how it is run, what is expected.

These records are what a network file says (DESIGN section 5), after strict decoding; the lab completes them.
"""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from awase.model.settings import Dnn, HomeNetworkKey, Slice, Subscriber


class TunEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A UPF's TUN device, or one for each PDU session of a UE: `tun: true`, `tun: NAME`, `tun: {name: a, netns: b}`.

    Without a name the host chooses a UPF's, and a UE's are awase-PART-1, ...; with one they are NAME and NAME-1, ...
    `netns` is a network namespace that there is (`ip netns add NAME`), which gets the device.
    """

    name: str = ""
    netns: str = ""


class TlsEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A part's own certificate and key, and the authority that it trusts: PEM files (TS 33.310 clause 6.1.3c).

    `mutual`: clients must show a certificate too. `key_log`: a file for the secrets of connections (SSLKEYLOGFILE).
    """

    certificate: str
    key: str
    authority: str
    mutual: bool = False
    key_log: str | None = None


class SbiSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The service based interface on real sockets: `{tls: true}` has the run make an authority and certificates.

    `mutual`: clients must show a certificate too (TS 33.501 clause 13.1). `authority`: a PEM file of authorities that
    are trusted besides, for parts of others.
    """

    tls: bool = False
    mutual: bool = False
    authority: str | None = None


class PartEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A part: the function it plays, and its section as plain data (without what is read here).

    `address` is the IPv4 address of all its ports, `addresses` sets single ports ("ip:port"). On real sockets
    `restart: always` has it started again when its process dies, `tun` gives it a TUN device (needs
    root), and `tls` is the certificate of its HTTP ports.
    """

    name: str
    function: str
    address: str | None = None
    addresses: Mapping[str, str] = {}
    restart: Literal["never", "always"] = "never"
    tun: TunEntry | None = None
    tls: TlsEntry | None = None
    section: Mapping[str, Any] = {}

    def __repr__(self) -> str:
        return f"PartEntry({self.name}, {self.function})"


class LinkEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A link between two parts, or, without `ends`, what holds for all links of a reference point.

    `loss`, `duplication` and `reordering` are probabilities; `jitter_us` is the largest extra delay. What is
    not set is that of the reference point's entry without ends, then the default.
    """

    reference_point: str | None = None
    ends: tuple[str, str] | None = None
    delay_us: float | None = None
    jitter_us: float | None = None
    loss: float | None = None
    duplication: float | None = None
    reordering: float | None = None
    rate_mbps: float | None = None


class CastEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who plays a part: a supplier, and the quirks its part is given.

    `address`: where an external box is; `options`: those of the supplier's adapter (docs/suppliers.md).
    """

    supplier: str = "awase"
    quirks: tuple[str, ...] = ()
    address: str | None = None
    options: Mapping[str, Any] = {}

    def __str__(self) -> str:
        return "+".join((self.supplier, *self.quirks))


class FaultEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What goes wrong at a time of the run, and, with `for_s`, until when: `{at_s: 10, kill: smf}`.

    Exactly one of `kill` ... `skew_clock` says what. A part is named by its name or, for all of them, its
    function; a link by its two ends or, for all of them, its reference point. `kill`: the part is gone
    without a word; `stop`: it leaves in order; either is started again `restart_after_s` later, with its
    store as it is or, `store: lost`, without. `restart`: both at once, or the start of what is gone.
    `cut`: nothing passes; `slow`: the link is what the other keys say; `partition`: nothing passes between
    parts of different groups. `fill_store`: no room for more; `skew_clock`: it is `by_s` later for the part.

    `recovers` names UEs that have user traffic again after the fault, `within_s` of its end (else until the run's):
    that is a verdict of its own, which names `clause`, where the specification says what is to happen.
    """

    at_s: float
    for_s: float | None = None
    kill: str | None = None
    stop: str | None = None
    restart: str | None = None
    restart_after_s: float | None = None
    store: Literal["kept", "lost"] = "kept"
    cut: str | tuple[str, str] | None = None
    slow: str | tuple[str, str] | None = None
    delay_us: float | None = None
    jitter_us: float | None = None
    loss: float | None = None
    duplication: float | None = None
    reordering: float | None = None
    rate_mbps: float | None = None
    partition: tuple[tuple[str, ...], ...] | None = None
    fill_store: str | None = None
    skew_clock: str | None = None
    by_s: float | None = None
    clause: str = ""
    recovers: tuple[str, ...] = ()
    within_s: float | None = None

    @property
    def end_s(self) -> float:
        """When it ends, or its part is there again."""
        return self.at_s + (self.for_s or self.restart_after_s or 0.0)


FAULTS: Mapping[str, tuple[str, ...]] = {
    "kill": ("restart_after_s", "store"),
    "stop": ("restart_after_s", "store"),
    "restart": ("store",),
    "cut": ("for_s",),
    "slow": ("for_s", "delay_us", "jitter_us", "loss", "duplication", "reordering", "rate_mbps"),
    "partition": ("for_s",),
    "fill_store": ("for_s",),
    "skew_clock": ("for_s", "by_s"),
}
"""What there is, and the keys that go with each."""


class RunSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How the network is run.

    `until` is "all verdicts" or a time in seconds; `limit_s` bounds the first. `epoch` is the virtual clock's
    start, RFC 3339 in UTC. `clock: real` is a network for `awase up` only. `processes`, there: "core" puts the
    core's control plane into one process, "separate" gives each part its own, a list names groups of parts.
    `ues` and `gnbs`: how many, by cloning the last one, unless the command line says so. `books_at_s`: when the
    parts' books are compared in the middle of the run, too, where all of them should agree at that moment.
    """

    clock: Literal["virtual", "real"] = "virtual"
    processes: Literal["core", "separate"] | tuple[tuple[str, ...], ...] = "core"
    seed: int = 1
    until: Literal["all verdicts"] | float = "all verdicts"
    limit_s: float = 300
    epoch: str = "2026-01-01T00:00:00Z"
    ues: int | None = None
    gnbs: int | None = None
    books_at_s: tuple[float, ...] = ()


class Bounds(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a count or a figure may be: `{at_least: 1, at_most: 3}`."""

    at_least: float | None = None
    at_most: float | None = None


PROCEDURES = (
    "initial_registration",
    "mobility_registration_update",
    "periodic_registration_update",
    "emergency_registration",
    "ue_initiated_deregistration",
    "network_initiated_deregistration",
    "service_request",
    "generic_ue_configuration_update",
    "identification",
    "authentication",
    "security_mode_control",
    "pdu_session_establishment",
    "pdu_session_modification",
    "pdu_session_release",
    "rrc_release",
    "paging",
)
"""What can be counted of a UE: the procedures of TS 24.501 clauses 5.4 to 5.6 and 6.3 to 6.4 by their names there,
and those of TS 38.331 clauses 5.3.2 and 5.3.8."""


class Expectation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a part is to go through, where it is not the default: all is accepted and all traffic arrives.

    For a UE: `registration`, `sessions`, `traffic` ("some": at most `loss_at_most` of it may be lost).
    For a gNB: `ng_setup`. `cause` is the one that the refusal must carry: a number of TS 24.501 (5GMM or
    5GSM) or the name of a cause of TS 38.413, as in the standard.

    More of a UE: `procedures`, how often it went through each: `{service_request: 2, paging: {at_least: 1}}`;
    `flow_mbps`, what each of its measured flows came to; `recovered`, that an echo request which left it after
    the last fault was answered. Of any part: `sends` and `receives`, how often a message was seen, by its name
    in ladder.txt; `books: left out`, that what it holds need not agree with what others do, after the run.
    """

    registration: Literal["accepted", "rejected", "unanswered"] = "accepted"
    sessions: Literal["accepted", "rejected", "unanswered"] = "accepted"
    traffic: Literal["arrives", "some", "none"] = "arrives"
    loss_at_most: float = 0.0
    ng_setup: Literal["accepted", "refused", "unanswered"] = "accepted"
    cause: int | str | None = None
    procedures: Mapping[str, int | Bounds] = {}
    flow_mbps: Bounds | None = None
    recovered: bool = False
    sends: Mapping[str, int | Bounds] = {}
    receives: Mapping[str, int | Bounds] = {}
    books: Literal["agree", "left out"] = "agree"


EXPECTATIONS = ("sends", "receives", "books")
UE_EXPECTATIONS = (
    "registration", "sessions", "traffic", "loss_at_most", "cause", "procedures", "flow_mbps", "recovered",
    *EXPECTATIONS,
)  # fmt: skip
GNB_EXPECTATIONS = ("ng_setup", "cause", *EXPECTATIONS)
"""Which of these hold for any part, for a UE and for a gNB."""


class Network(msgspec.Struct, frozen=True, kw_only=True):
    """A network file. The keys of `cast` and `expect` are parts, functions, or (cast) "default"."""

    name: str
    title: str = ""
    plmn: str = "001-01"
    tac: int = 1
    slices: tuple[Slice, ...] = ()
    dnns: tuple[Dnn, ...] = ()
    subscribers: tuple[Subscriber, ...] = ()
    home_network_keys: tuple[HomeNetworkKey, ...] = ()
    parts: Mapping[str, PartEntry]
    links: tuple[LinkEntry, ...] = ()
    faults: tuple[FaultEntry, ...] = ()
    cast: Mapping[str, CastEntry] = {}
    run: RunSettings = RunSettings()
    sbi: SbiSettings = SbiSettings()
    expect: Mapping[str, Expectation] = {}
