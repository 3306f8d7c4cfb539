"""What a gNB can be told in the network file."""

import re
from typing import Annotated, Literal

import msgspec

from awase.model.ids import Plmn
from awase.model.settings import Peer, Slice

_SD = re.compile("[0-9A-Fa-f]{6}")


class Action(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Something to do at a time: `{at_s: 20, do: release_ue, ue: 1}`.

    `release_ue` asks the AMF to release a UE's context for user inactivity, `reset` sends NG Reset to every
    AMF. `ue` is the number of the UE in the order in which they connected (None: all of them).
    """

    at_s: Annotated[float, msgspec.Meta(ge=0)]
    do: Literal["release_ue", "reset"]
    ue: int | None = None


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The gNB's section of the network file, completed with network-wide values.

    `gnb_id`: without it, the last two octets of the gNB's own N2 address. `strip_requested_nssai`: remove the
    requested NSSAI from a plain REGISTRATION REQUEST, as nr-gnb does; Open5GS rejects it in clear.
    `five_qis`: the 5QIs that this gNB can serve (None: all).
    """

    addresses: dict[str, str] = {}
    peers: dict[str, list[Peer]] = {}
    plmn: str = "001-01"
    tac: Annotated[int, msgspec.Meta(ge=0, le=0xFFFFFF)] = 1
    slices: tuple[Slice, ...] = (Slice(1),)
    name: str = ""
    gnb_id: Annotated[int, msgspec.Meta(ge=0, le=0xFFFFFFFF)] | None = None
    gnb_id_length: Annotated[int, msgspec.Meta(ge=22, le=32)] = 32
    cell_id: Annotated[int, msgspec.Meta(ge=0, le=0x3FFF)] = 1
    nr_cell_identity: Annotated[int, msgspec.Meta(ge=0, lt=1 << 36)] | None = None
    paging_drx: Literal["v32", "v64", "v128", "v256"] = "v128"
    max_ues: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 10_000
    inactivity_s: Annotated[float, msgspec.Meta(gt=0)] | None = None
    signal_dbm: Annotated[int, msgspec.Meta(ge=-120, le=-1)] = -1
    strip_requested_nssai: bool = False
    five_qis: tuple[int, ...] | None = None
    actions: tuple[Action, ...] = ()
    n2_streams: Annotated[int, msgspec.Meta(ge=2, le=65535)] = 10
    rrc_setup_s: Annotated[float, msgspec.Meta(gt=0)] = 5
    initial_answer_s: Annotated[float, msgspec.Meta(gt=0)] = 30
    ng_setup_s: Annotated[float, msgspec.Meta(gt=0)] = 5
    ng_retry_s: Annotated[float, msgspec.Meta(gt=0)] = 2
    ng_retry_max_s: Annotated[float, msgspec.Meta(gt=0)] = 60
    ue_context_release_s: Annotated[float, msgspec.Meta(gt=0)] = 5
    reject_wait_s: Annotated[int, msgspec.Meta(ge=1, le=16)] = 2

    def __post_init__(self) -> None:
        Plmn.parse(self.plmn)
        if not self.slices:
            raise ValueError("slices: a gNB has at least one slice (TS 38.413 clause 9.3.1.17)")
        for item in self.slices:
            if not 0 <= item.sst <= 255:
                raise ValueError(f"slices: SST {item.sst} is not 0 to 255")
            if item.sd is not None and not _SD.fullmatch(item.sd):
                raise ValueError(f"slices: SD {item.sd!r} is not six hexadecimal digits")
        if self.gnb_id is not None and self.gnb_id >> self.gnb_id_length:
            raise ValueError(f"gnb_id: {self.gnb_id} needs more than {self.gnb_id_length} bit")
