"""Messages of RRC that our functions act on (TS 38.331 clause 6.2.2), in the standard's names.

`rest` holds the elements of a message that have no field, by their ASN.1 names and in the shapes of `wire.per`, so
that they survive decoding and encoding.
"""

from collections.abc import Mapping

from msgspec import Struct, field

from awase.model.ids import Plmn, SNssai

SRB1_ONLY: Mapping[str, object] = {"srb-ToAddModList": [{"srb-Identity": 1}]}
"""The RadioBearerConfig of an RRCSetup: SRB1 with its default configuration (TS 38.331 clause 9.2.1)."""

EMPTY_CELL_GROUP = bytes.fromhex("0000")
"""A CellGroupConfig with cellGroupId 0 and nothing else (TS 38.331 clause 6.3.2)."""


def _nothing() -> dict[str, object]:
    return {}


class MIB(Struct, frozen=True, kw_only=True):
    """MIB (TS 38.331 clause 6.2.2)."""

    system_frame_number: int = 0
    """The 6 most significant bits."""
    sub_carrier_spacing_common: str = "scs30or120"
    ssb_subcarrier_offset: int = 0
    dmrs_type_a_position: str = "pos2"
    control_resource_set_zero: int = 0
    search_space_zero: int = 0
    cell_barred: str = "notBarred"
    intra_freq_reselection: str = "allowed"


class PLMNIdentityInfo(Struct, frozen=True, kw_only=True):
    """PLMN-IdentityInfo (TS 38.331 clause 6.3.2)."""

    plmn_identity_list: tuple[Plmn, ...]
    tracking_area_code: int | None = None
    ranac: int | None = None
    cell_identity: int
    """36 bits."""
    cell_reserved_for_operator_use: str = "notReserved"
    rest: Mapping[str, object] = field(default_factory=_nothing)


class SIB1(Struct, frozen=True, kw_only=True):
    """SIB1 (TS 38.331 clause 6.2.2)."""

    plmn_identity_info_list: tuple[PLMNIdentityInfo, ...]
    rest: Mapping[str, object] = field(default_factory=_nothing)


class RRCSetupRequest(Struct, frozen=True, kw_only=True):
    """RRCSetupRequest (TS 38.331 clause 6.2.2): one of the two identities is set."""

    ng_five_g_s_tmsi_part1: int | None = None
    """39 bits."""
    random_value: int | None = None
    """39 bits."""
    establishment_cause: str


class RRCSetup(Struct, frozen=True, kw_only=True):
    """RRCSetup (TS 38.331 clause 6.2.2)."""

    rrc_transaction_identifier: int
    radio_bearer_config: Mapping[str, object] = field(default_factory=lambda: SRB1_ONLY)
    master_cell_group: bytes = EMPTY_CELL_GROUP
    rest: Mapping[str, object] = field(default_factory=_nothing)


class RegisteredAMF(Struct, frozen=True, kw_only=True):
    """RegisteredAMF (TS 38.331 clause 6.2.2)."""

    plmn_identity: Plmn | None = None
    amf_identifier: int
    """24 bits: region, set, pointer."""


class RRCSetupComplete(Struct, frozen=True, kw_only=True):
    """RRCSetupComplete (TS 38.331 clause 6.2.2): at most one of the two parts of the 5G-S-TMSI is set."""

    rrc_transaction_identifier: int
    selected_plmn_identity: int = 1
    registered_amf: RegisteredAMF | None = None
    guami_type: str | None = None
    s_nssai_list: tuple[SNssai, ...] = ()
    dedicated_nas_message: bytes
    ng_five_g_s_tmsi: int | None = None
    """48 bits."""
    ng_five_g_s_tmsi_part2: int | None = None
    """9 bits."""
    rest: Mapping[str, object] = field(default_factory=_nothing)


class RRCReject(Struct, frozen=True, kw_only=True):
    """RRCReject (TS 38.331 clause 6.2.2)."""

    wait_time: int | None = None
    """1 to 16 seconds."""
    rest: Mapping[str, object] = field(default_factory=_nothing)


class RRCRelease(Struct, frozen=True, kw_only=True):
    """RRCRelease (TS 38.331 clause 6.2.2)."""

    rrc_transaction_identifier: int
    rest: Mapping[str, object] = field(default_factory=_nothing)


class DLInformationTransfer(Struct, frozen=True, kw_only=True):
    """DLInformationTransfer (TS 38.331 clause 6.2.2)."""

    rrc_transaction_identifier: int
    dedicated_nas_message: bytes | None = None
    rest: Mapping[str, object] = field(default_factory=_nothing)


class ULInformationTransfer(Struct, frozen=True, kw_only=True):
    """ULInformationTransfer (TS 38.331 clause 6.2.2)."""

    dedicated_nas_message: bytes | None = None
    rest: Mapping[str, object] = field(default_factory=_nothing)


class PagingRecord(Struct, frozen=True, kw_only=True):
    """PagingRecord (TS 38.331 clause 6.2.2): one of the two identities is set."""

    ng_five_g_s_tmsi: int | None = None
    """48 bits."""
    full_i_rnti: int | None = None
    """40 bits."""
    access_type: str | None = None


class Paging(Struct, frozen=True, kw_only=True):
    """Paging (TS 38.331 clause 6.2.2)."""

    paging_record_list: tuple[PagingRecord, ...] = ()
    rest: Mapping[str, object] = field(default_factory=_nothing)


class OtherMessage(Struct, frozen=True, kw_only=True):
    """A message that has no type here: its ASN.1 name, and the whole PDU as it came."""

    name: str
    octets: bytes


Message = (
    MIB
    | SIB1
    | RRCSetupRequest
    | RRCSetup
    | RRCSetupComplete
    | RRCReject
    | RRCRelease
    | DLInformationTransfer
    | ULInformationTransfer
    | Paging
    | OtherMessage
)
