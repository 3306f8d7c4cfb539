"""What an AMF can be told in the network file."""

from typing import Annotated, Literal

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
    waiting_transfers_per_ue: int = 16


class Congestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An AMF that turns requests away: of all UEs, or for some data networks and slices only (TS 24.501 5.3.9).

    `overload_action` and `traffic_load_reduction_percent` go to NG-RAN nodes in OVERLOAD START.
    """

    t3346_s: int | None = None
    back_off_s: int = 60
    dnns: tuple[str, ...] = ()
    slices: tuple[Slice, ...] = ()
    overload_action: (
        Literal[
            "reject-non-emergency-mo-dt",
            "reject-rrc-cr-signalling",
            "permit-emergency-sessions-and-mobile-terminated-services-only",
            "permit-high-priority-sessions-and-mobile-terminated-services-only",
        ]
        | None
    ) = None
    traffic_load_reduction_percent: Annotated[int, msgspec.Meta(ge=1, le=99)] | None = None


class Action(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the operator does, `at_s` after the part's start: `{at_s: 5, do: deregister, supi: imsi-...}`.

    deregister: `supi`, `cause` (5GMM), `reregistration_required`. update_configuration: `supi`, and of `guti`,
    `network_name`, `time_zone_minutes` (NITZ), `slices` (allowed), `configured_slices`, `registration_requested` what
    is to change. congest: `congestion` for `for_s`. update_amf: `relative_amf_capacity`. reset: the node named `gnb`,
    or only the UEs `supis` of it. status: unavailable from now on, to every node. check_radio_capability,
    reauthenticate: `supi`.
    """

    at_s: Annotated[float, msgspec.Meta(ge=0)]
    do: Literal[
        "deregister",
        "update_configuration",
        "congest",
        "update_amf",
        "reset",
        "status",
        "check_radio_capability",
        "reauthenticate",
    ]
    supi: str = ""
    supis: tuple[str, ...] = ()
    gnb: str = ""
    cause: Annotated[int, msgspec.Meta(ge=0, le=255)] | None = None
    reregistration_required: bool = False
    guti: bool = False
    network_name: str = ""
    time_zone_minutes: Annotated[int, msgspec.Meta(ge=-720, le=840)] | None = None
    slices: tuple[Slice, ...] = ()
    configured_slices: tuple[Slice, ...] = ()
    registration_requested: bool = False
    congestion: Congestion = Congestion()
    for_s: Annotated[float, msgspec.Meta(gt=0)] | None = None
    relative_amf_capacity: Annotated[int, msgspec.Meta(ge=0, le=255)] | None = None


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The AMF's section of the network file, completed with network-wide values.

    `plmn`, `tac` and `slices` are the network's; `plmn_support` and `tais` say more where one PLMN or one
    tracking area is not enough; a registration area has at most `registration_area_tais` of them. Algorithms are
    listed in order of preference (TS 33.501 clause 6.7.1.1). `omit_elements` are optional elements of NAS messages that
    are left out for UEs that cannot read them: "RegistrationReject.rejected_nssai".
    """

    addresses: dict[str, str] = {}
    sbi_scheme: Literal["http", "https"] = "http"
    """Of the URIs that peers are given: https where the SBI speaks TLS, which the lab sees to."""
    peers: dict[str, list[Peer]] = {}
    plmn: str = "001-01"
    tac: int = 1
    slices: tuple[Slice, ...] = ()
    plmn_support: tuple[PlmnSupport, ...] = ()
    tais: tuple[ServedTai, ...] = ()
    registration_area_tais: Annotated[int, msgspec.Meta(ge=1, le=16)] = 16
    amf_name: str = ""
    amf_region_id: int = 2
    amf_set_id: int = 1
    amf_pointer: int = 0
    relative_amf_capacity: int = 255
    ciphering: tuple[Ciphering, ...] = ("NEA2", "NEA0")
    integrity: tuple[Integrity, ...] = ("NIA2",)
    imeisv_request: bool = True
    omit_elements: tuple[str, ...] = ()
    ims_voice: bool = False
    time_to_wait_s: Literal[1, 2, 5, 10, 20, 60] | None = 10
    n2_streams: int = 10
    t3502_s: int = 720
    t3512_s: int = 3240
    t3513_s: float = 4
    paging_tries: int = 4
    t3522_s: float = 6
    t3550_s: float = 6
    t3555_s: float = 6
    t3560_s: float = 6
    t3570_s: float = 6
    t3346_s: int = 30
    mobile_reachable_s: int = 240
    implicit_deregistration_s: int = 240
    authentication_s: float = 60
    ng_response_s: float = 5
    sbi_s: float = 4
    congestion: Congestion | None = None
    persist: bool = False
    actions: Annotated[tuple[Action, ...], msgspec.Meta(max_length=1000)] = ()
    limits: Limits = Limits()
