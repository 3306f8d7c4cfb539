"""Configuration that several functions share: the words of the network file (DESIGN section 5).

The lab hands a network-wide value to each part whose configuration names it, unless its section sets it.
"""

import msgspec

from awase.model.part import Address


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


class Dnn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A data network as SMF, UPF and data network know it: `{name: internet, pool: 10.45.0.0/16}`.

    `gateway` is the data network's own address in the pool (default: its first host), `dns` for UEs.
    """

    name: str
    pool: str
    gateway: str | None = None
    dns: tuple[str, ...] = ()
    mtu_bytes: int = 1400


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
