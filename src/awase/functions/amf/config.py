"""What an AMF can be told in the network file."""

from typing import Literal

import msgspec

from awase.model.settings import Peer, Slice

Ciphering = Literal["NEA0", "NEA1", "NEA2", "NEA3"]
Integrity = Literal["NIA0", "NIA1", "NIA2", "NIA3"]


class PlmnSupport(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A PLMN with its slices: `{plmn: "001-01", slices: [{sst: 1}]}` (TS 38.413 clause 9.2.6.2)."""

    plmn: str
    slices: tuple[Slice, ...]


class ServedTai(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Tracking areas that this AMF serves: `{plmn: "001-01", tacs: [1, 2]}`."""

    plmn: str
    tacs: tuple[int, ...]


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Bounds of every table that a peer can make grow."""

    gnbs: int = 1024
    ues: int = 100_000
    unauthenticated_ues: int = 8192
    unauthenticated_ues_per_gnb: int = 2048
    sessions_per_ue: int = 15
    waiting_n2_messages_per_ue: int = 16


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The AMF's section of the network file, completed with network-wide values.

    `plmn`, `tac` and `slices` are the network's; `plmn_support` and `tais` say more where one PLMN or one
    tracking area is not enough. Algorithms are listed in order of preference (TS 33.501 clause 6.7.1.1).
    """

    addresses: dict[str, str] = {}
    peers: dict[str, list[Peer]] = {}
    plmn: str = "001-01"
    tac: int = 1
    slices: tuple[Slice, ...] = ()
    plmn_support: tuple[PlmnSupport, ...] = ()
    tais: tuple[ServedTai, ...] = ()
    amf_name: str = ""
    amf_region_id: int = 2
    amf_set_id: int = 1
    amf_pointer: int = 0
    relative_amf_capacity: int = 255
    ciphering: tuple[Ciphering, ...] = ("NEA2", "NEA0")
    integrity: tuple[Integrity, ...] = ("NIA2",)
    imeisv_request: bool = True
    ims_voice: bool = False
    time_to_wait_s: Literal[1, 2, 5, 10, 20, 60] | None = 10
    n2_streams: int = 10
    t3502_s: int = 720
    t3512_s: int = 3240
    t3522_s: float = 6
    t3550_s: float = 6
    t3560_s: float = 6
    t3570_s: float = 6
    t3346_s: int = 30
    implicit_deregistration_s: int = 240
    authentication_s: float = 60
    ng_response_s: float = 5
    sbi_s: float = 4
    limits: Limits = Limits()
