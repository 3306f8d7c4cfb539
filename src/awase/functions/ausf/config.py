"""The configuration of an AUSF."""

from typing import Annotated, Literal

import msgspec

from awase.model.ids import Plmn
from awase.model.settings import Peer


class Config(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """`serving_networks`: PLMNs that may authenticate our subscribers ("001-01"); none means `plmn` only.

    `authentication_timeout_s`: how long an authentication may wait for its RES*.
    """

    plmn: str = "001-01"
    serving_networks: list[str] = []
    authentication_timeout_s: Annotated[float, msgspec.Meta(gt=0, le=3600)] = 60.0
    max_authentications: Annotated[int, msgspec.Meta(ge=1)] = 100_000
    addresses: dict[str, str] = {}
    sbi_scheme: Literal["http", "https"] = "http"
    """Of the URIs that peers are given: https where the SBI speaks TLS, which the lab sees to."""
    peers: dict[str, list[Peer]] = {}

    def __post_init__(self) -> None:
        """Raises ValueError for what is no PLMN."""
        for plmn in (self.plmn, *self.serving_networks):
            Plmn.parse(plmn)
