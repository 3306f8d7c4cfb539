"""The configuration of a UDM."""

from typing import Literal

import msgspec

from awase.model.ids import Plmn
from awase.model.settings import HomeNetworkKey, Peer
from awase.security.suci import SCHEMES


class Config(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """`null_scheme`: whether SUCIs that hide nothing are taken. `serving_networks`: PLMNs whose subscribers'
    authentication may be asked for ("001-01"); none means all.
    """

    plmn: str = "001-01"
    home_network_keys: list[HomeNetworkKey] = []
    null_scheme: bool = True
    serving_networks: list[str] = []
    addresses: dict[str, str] = {}
    sbi_scheme: Literal["http", "https"] = "http"
    """Of the URIs that peers are given: https where the SBI speaks TLS, which the lab sees to."""
    peers: dict[str, list[Peer]] = {}

    def __post_init__(self) -> None:
        """Raises ValueError for a key that cannot open a SUCI. Shows no key."""
        for plmn in (self.plmn, *self.serving_networks):
            Plmn.parse(plmn)
        seen: set[int] = set()
        for index, key in enumerate(self.home_network_keys):
            where = f"home_network_keys[{index}]"
            if key.scheme not in SCHEMES:
                raise ValueError(f"{where}.scheme: {key.scheme!r} is unknown; known: {', '.join(SCHEMES)}")
            if not 1 <= key.id <= 255 or key.id in seen:
                raise ValueError(f"{where}.id: {key.id} is no key identifier (1 to 255, each once)")
            seen.add(key.id)
            if key.private_key is None:
                raise ValueError(f"{where}.private_key: the UDM needs it, 64 hexadecimal digits")
            if len(_octets(key.private_key)) != 32:
                raise ValueError(f"{where}.private_key: 64 hexadecimal digits are wanted")


def _octets(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""
