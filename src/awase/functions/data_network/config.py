"""The data network's configuration."""

from ipaddress import ip_address
from typing import Annotated, Literal

import msgspec

from awase.model.settings import Dnn, Peer


class Action(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Traffic that the data network begins: `{at_s: 10, do: ping, ue: 10.45.0.2, count: 3}`.

    `ue` is a UE's address, IPv4 or IPv6; `dnn` names the data network that it is of, where there are several with
    the same addresses. `ping` sends `count` echo requests, one each `interval_s`; `udp` a measured flow of `count`
    packets of `size_bytes` at that pace. `dscp` marks them, so that the paging policy can tell them apart.
    """

    at_s: Annotated[float, msgspec.Meta(ge=0)]
    do: Literal["ping", "udp"] = "ping"
    ue: str
    dnn: str | None = None
    count: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 1
    interval_s: Annotated[float, msgspec.Meta(gt=0)] = 1.0
    size_bytes: Annotated[int, msgspec.Meta(ge=64, le=9000)] = 84
    dscp: Annotated[int, msgspec.Meta(ge=0, le=63)] = 0

    def __post_init__(self) -> None:
        ip_address(self.ue)


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a network file may say of a `data_network`: each of `dnns` gives it a gateway address.

    `only` names the DNNs that this one is (default: all): so several data networks may share a UPF, each a part of
    its DNN's name.
    """

    addresses: dict[str, str] = {}
    peers: dict[str, list[Peer]] = {}
    dnns: list[Dnn] = []
    only: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()
    max_flows: int = 10_000
    """Measured flows under way at a time, of each direction."""
    max_flows_per_ue: int = 16
    """Of these, those of one UE."""
    flow_timeout_s: float = 2.0
    """An uplink flow ends when it is whole, or when nothing has come for so long."""
