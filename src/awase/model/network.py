"""A network as data: its parts, how they are joined, who plays them, how it is run, what is expected.

These records are what a network file says (DESIGN section 5), after strict decoding; the lab completes them.
"""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from awase.model.settings import Dnn, HomeNetworkKey, Slice, Subscriber


class PartEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A part: the function it plays, and its section as plain data (without what is read here).

    `address` is the IPv4 address of all its ports, `addresses` sets single ports ("ip:port").
    """

    name: str
    function: str
    address: str | None = None
    addresses: Mapping[str, str] = {}
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
    """Who plays a part: a supplier, and the quirks its part is given."""

    supplier: str = "awase"
    quirks: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "+".join((self.supplier, *self.quirks))


class RunSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How the network is run.

    `until` is "all verdicts" or a time in seconds; `limit_s` bounds the first. `epoch` is the virtual clock's
    start, RFC 3339 in UTC.
    """

    clock: Literal["virtual"] = "virtual"
    seed: int = 1
    until: Literal["all verdicts"] | float = "all verdicts"
    limit_s: float = 300
    epoch: str = "2026-01-01T00:00:00Z"


class Expectation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a part is to go through, where it is not the default: all is accepted and all traffic arrives.

    For a UE: `registration`, `sessions`, `traffic` ("some": at most `loss_at_most` of it may be lost).
    For a gNB: `ng_setup`. `cause` is the one that the refusal must carry: a number of TS 24.501 (5GMM or
    5GSM) or the name of a cause of TS 38.413, as in the standard.
    """

    registration: Literal["accepted", "rejected", "unanswered"] = "accepted"
    sessions: Literal["accepted", "rejected", "unanswered"] = "accepted"
    traffic: Literal["arrives", "some", "none"] = "arrives"
    loss_at_most: float = 0.0
    ng_setup: Literal["accepted", "refused", "unanswered"] = "accepted"
    cause: int | str | None = None


UE_EXPECTATIONS = ("registration", "sessions", "traffic", "loss_at_most")
GNB_EXPECTATIONS = ("ng_setup",)


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
    cast: Mapping[str, CastEntry] = {}
    run: RunSettings = RunSettings()
    expect: Mapping[str, Expectation] = {}
