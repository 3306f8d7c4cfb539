"""The data network's configuration."""

import msgspec

from awase.model.settings import Dnn, Peer


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a network file may say of a `data_network`: each of `dnns` gives it a gateway address."""

    addresses: dict[str, str] = {}
    peers: dict[str, list[Peer]] = {}
    dnns: list[Dnn] = []
    max_flows: int = 10_000
    """Measured flows under way at a time, of each direction."""
    max_flows_per_ue: int = 16
    """Of these, those of one UE."""
    flow_timeout_s: float = 2.0
    """An uplink flow ends when it is whole, or when nothing has come for so long."""
