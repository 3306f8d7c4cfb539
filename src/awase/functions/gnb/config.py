"""What a gNB can be told in the network file."""

import re
from typing import Annotated, Literal

import msgspec

from awase.model.ids import Plmn
from awase.model.settings import Peer, Slice

PagingDrx = Literal["v32", "v64", "v128", "v256"]

_SD = re.compile("[0-9A-Fa-f]{6}")


class Action(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Something to do at a time: `{at_s: 20, do: release_ue, ue: 1}`.

    `ue` is the number of the UE in the order in which they connected (None: all of them), `session` a PDU session
    (None: all of the UE's).

    `release_ue` asks the AMF to release a UE's context for user inactivity. `reset` sends NG Reset to every AMF, of a
    `ue` only where it is named. `update_configuration` changes `name`, `tac`, `slices` or `paging_drx` and tells
    every AMF (RAN Configuration Update). `change_capacity` sets `gbr_capacity_mbps`: the AMF is told of the flows
    whose guarantee is then not met, or met again, where it asked for that. `notify` tells that the flows in `qfis`
    (None: all with a guaranteed bit rate) are not, or with `fulfilled` again, given what is guaranteed.
    `modify_indication` gives sessions another downlink tunnel. `path_switch` does what a gNB does to which a UE was
    handed over by Xn: a new RAN UE NGAP ID and new downlink tunnels, and a PATH SWITCH REQUEST.
    """

    at_s: Annotated[float, msgspec.Meta(ge=0)]
    do: Literal[
        "release_ue",
        "reset",
        "update_configuration",
        "change_capacity",
        "notify",
        "modify_indication",
        "path_switch",
    ]
    ue: int | None = None
    session: int | None = None
    qfis: tuple[int, ...] | None = None
    fulfilled: bool = False
    gbr_capacity_mbps: Annotated[float, msgspec.Meta(ge=0)] | None = None
    name: str | None = None
    tac: Annotated[int, msgspec.Meta(ge=0, le=0xFFFFFF)] | None = None
    slices: tuple[Slice, ...] | None = None
    paging_drx: PagingDrx | None = None


class UacBarring(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Unified access control: how many of the access attempts are let through, how long others wait.

    `factor`: of a hundred attempts (TS 38.331 clause 6.3.2, UAC-BarringInfoSetList); `categories`: the access
    categories barred (none: all but 0); `identities`: the access identities (1, 2, 11 to 15) barred, too.
    """

    factor: Literal[0, 5, 10, 15, 20, 25, 30, 40, 50, 60, 70, 75, 80, 85, 90, 95] = 0
    time_s: Literal[4, 8, 16, 32, 64, 128, 256, 512] = 4
    categories: tuple[Annotated[int, msgspec.Meta(ge=1, le=63)], ...] = ()
    identities: tuple[Literal[1, 2, 11, 12, 13, 14, 15], ...] = ()


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The gNB's section of the network file, completed with network-wide values.

    `gnb_id`: without it, the last two octets of the gNB's own N2 address. `strip_requested_nssai`: remove the
    requested NSSAI from a plain REGISTRATION REQUEST, as nr-gnb does; Open5GS rejects it in clear.
    `five_qis`: the 5QIs that this gNB can serve (None: all). `gbr_capacity_mbps`: what the cell can guarantee to all
    GBR flows, in each direction (None: any). `ue_radio_capability`: what is told to the AMF of each UE whose radio
    capability it does not know, in hexadecimal digits, since RLS's UEs tell none (None: nothing is told). `uac`: the
    access attempts that UEs are to bar, in SIB1. `n3_echo_s`: how often each UPF is asked whether it is there, once
    a minute at most where it is another's (TS 29.281 clause 7.2.1); its sessions end with the path (None: never).
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
    paging_drx: PagingDrx = "v128"
    max_ues: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 10_000
    inactivity_s: Annotated[float, msgspec.Meta(gt=0)] | None = None
    signal_dbm: Annotated[int, msgspec.Meta(ge=-120, le=-1)] = -1
    strip_requested_nssai: bool = False
    five_qis: tuple[int, ...] | None = None
    gbr_capacity_mbps: Annotated[float, msgspec.Meta(ge=0)] | None = None
    ue_radio_capability: str | None = None
    uac: UacBarring | None = None
    actions: tuple[Action, ...] = ()
    n2_streams: Annotated[int, msgspec.Meta(ge=2, le=65535)] = 10
    rrc_setup_s: Annotated[float, msgspec.Meta(gt=0)] = 5
    initial_answer_s: Annotated[float, msgspec.Meta(gt=0)] = 30
    ng_setup_s: Annotated[float, msgspec.Meta(gt=0)] = 5
    ng_retry_s: Annotated[float, msgspec.Meta(gt=0)] = 2
    ng_retry_max_s: Annotated[float, msgspec.Meta(gt=0)] = 60
    ue_context_release_s: Annotated[float, msgspec.Meta(gt=0)] = 5
    n3_echo_s: Annotated[float, msgspec.Meta(gt=0)] | None = None
    reject_wait_s: Annotated[int, msgspec.Meta(ge=1, le=16)] = 2
    rls_silence_s: Annotated[float, msgspec.Meta(ge=2, le=600)] = 2
    """How long a UE may be silent before it is held for lost: more on a slow host; UERANSIM's ends have 2 s."""

    def __post_init__(self) -> None:
        Plmn.parse(self.plmn)
        if not self.slices:
            raise ValueError("slices: a gNB has at least one slice (TS 38.413 clause 9.3.1.17)")
        for item in self.slices:
            if not 0 <= item.sst <= 255:
                raise ValueError(f"slices: SST {item.sst} is not 0 to 255")
            if item.sd is not None and not _SD.fullmatch(item.sd):
                raise ValueError(f"slices: SD {item.sd!r} is not six hexadecimal digits")
        if self.ue_radio_capability is not None:
            bytes.fromhex(self.ue_radio_capability)
        if self.gnb_id is not None and self.gnb_id >> self.gnb_id_length:
            raise ValueError(f"gnb_id: {self.gnb_id} needs more than {self.gnb_id_length} bit")
