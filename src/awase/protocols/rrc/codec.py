"""RRC messages to octets and back (TS 38.331 clause 8, unaligned PER of ITU-T X.691)."""

from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, cast

from awase.model.ids import Plmn, SNssai
from awase.protocols.rrc.messages import (
    MIB,
    SIB1,
    DLInformationTransfer,
    Message,
    OtherMessage,
    Paging,
    PagingRecord,
    PLMNIdentityInfo,
    RegisteredAMF,
    RRCReject,
    RRCRelease,
    RRCSetup,
    RRCSetupComplete,
    RRCSetupRequest,
    ULInformationTransfer,
)
from awase.wire.errors import DecodeError, EncodeError
from awase.wire.per import Codec, Grammar

CHANNELS = (
    "BCCH_BCH",
    "BCCH_DL_SCH",
    "DL_CCCH",
    "DL_DCCH",
    "PCCH",
    "UL_CCCH",
    "UL_CCCH1",
    "UL_DCCH",
)
"""The logical channels, in the order in which RLS numbers them."""

_TYPES = {channel: f"{channel.replace('_', '-')}-Message" for channel in CHANNELS}
_TO_ALL = ("BCCH_BCH", "BCCH_DL_SCH", "PCCH")
"""Where many UEs are told the same: it is decoded once."""
_KEPT_OCTETS = 512
_GLANCED_ENTRIES = 4096
_glanced: dict[tuple[str, bytes], Message] = {}
"""What was read on its way, until it is read where it arrives: so it is decoded once."""

Value = Mapping[str, object]
Bits = tuple[int, int]


@cache
def generic() -> Codec:
    """The types of RRC that these messages need, by ASN.1 name, in the shapes of `wire.per`."""
    grammar = Grammar.load(files(__package__).joinpath("grammar.json").read_bytes())
    return Codec(grammar, aligned=False)


def encode(channel: str, message: Message) -> bytes:
    """The octets of a message on a channel. Raises EncodeError."""
    if channel not in CHANNELS:
        raise EncodeError(f"{channel!r} is no channel")
    if isinstance(message, OtherMessage):
        return message.octets
    home, name, writer = WRITERS.get(type(message), ("", "", None))
    if home != channel or writer is None:
        raise EncodeError(f"{type(message).__name__} is not sent on {channel}")
    try:
        body = writer(message)
    except (AttributeError, TypeError, ValueError) as error:
        raise EncodeError(f"{name}: {error}") from error
    content = (name, body) if channel == "BCCH_BCH" else ("c1", (name, body))
    return generic().encode(_TYPES[channel], {"message": content})


def decode(channel: str, octets: bytes) -> Message:
    """The message in the octets that came on a channel. Raises DecodeError."""
    if channel in _TO_ALL and len(octets) <= _KEPT_OCTETS:
        return _decode_once(channel, octets)
    return _glanced.pop((channel, octets), None) or _decode(channel, octets)


def glance(channel: str, octets: bytes) -> Message:
    """What decode gives, to who reads a message before its receiver does."""
    if channel in _TO_ALL:
        return decode(channel, octets)
    message = _glanced.get((channel, octets))
    if message is None:
        message = _decode(channel, octets)
        if len(_glanced) >= _GLANCED_ENTRIES:
            _glanced.clear()
        _glanced[channel, octets] = message
    return message


def _decode(channel: str, octets: bytes) -> Message:
    type_name = _TYPES.get(channel)
    if type_name is None:
        raise DecodeError(f"{channel!r} is no channel")
    value: Any = generic().decode(type_name, octets)
    name, body = value["message"]
    if name == "c1":
        name, body = body
    reader = READERS.get((channel, name))
    if reader is None or not isinstance(body, dict):
        return OtherMessage(name=name, octets=octets)
    try:
        message = reader(body)
    except ValueError as error:
        raise DecodeError(str(error), path=name) from None
    return OtherMessage(name=name, octets=octets) if message is None else message


_decode_once = lru_cache(maxsize=64)(_decode)

# What each message is in the shapes of `wire.per`; a reader gives None for a critical extension.


def rest_of(value: Value, *known: str) -> dict[str, object]:
    """The elements that have no field."""
    return {name: item for name, item in value.items() if name not in known}


def number(value: object) -> int:
    """A BIT STRING as a number."""
    return cast(Bits, value)[0]


def critical(value: Value, name: str) -> Value | None:
    """The IEs under criticalExtensions, None if they are of a later kind."""
    chosen, ies = cast(tuple[str, Value], value["criticalExtensions"])
    return ies if chosen == name else None


def plmn_of(value: object, before: str = "") -> Plmn:
    """A PLMN-Identity; without MCC it has that of the one `before` (TS 38.331 clause 6.3.2)."""
    item = cast(Mapping[str, list[int]], value)
    mcc = "".join(map(str, item["mcc"])) if "mcc" in item else before
    if not mcc:
        raise ValueError("the first PLMN-Identity has no MCC")
    return Plmn(mcc, "".join(map(str, item["mnc"])))


def plmn_value(plmn: Plmn) -> Value:
    """A PLMN-Identity."""
    return {"mcc": [int(digit) for digit in plmn.mcc], "mnc": [int(digit) for digit in plmn.mnc]}


def read_mib(value: Value) -> Message:
    """MIB."""
    pdcch = cast(Mapping[str, int], value["pdcch-ConfigSIB1"])
    return MIB(
        system_frame_number=number(value["systemFrameNumber"]),
        sub_carrier_spacing_common=cast(str, value["subCarrierSpacingCommon"]),
        ssb_subcarrier_offset=cast(int, value["ssb-SubcarrierOffset"]),
        dmrs_type_a_position=cast(str, value["dmrs-TypeA-Position"]),
        control_resource_set_zero=pdcch["controlResourceSetZero"],
        search_space_zero=pdcch["searchSpaceZero"],
        cell_barred=cast(str, value["cellBarred"]),
        intra_freq_reselection=cast(str, value["intraFreqReselection"]),
    )


def mib_value(message: MIB) -> Value:
    """MIB."""
    return {
        "systemFrameNumber": (message.system_frame_number, 6),
        "subCarrierSpacingCommon": message.sub_carrier_spacing_common,
        "ssb-SubcarrierOffset": message.ssb_subcarrier_offset,
        "dmrs-TypeA-Position": message.dmrs_type_a_position,
        "pdcch-ConfigSIB1": {
            "controlResourceSetZero": message.control_resource_set_zero,
            "searchSpaceZero": message.search_space_zero,
        },
        "cellBarred": message.cell_barred,
        "intraFreqReselection": message.intra_freq_reselection,
        "spare": (0, 1),
    }


def read_plmn_info(value: Value) -> PLMNIdentityInfo:
    """PLMN-IdentityInfo."""
    plmns: list[Plmn] = []
    for item in cast(list[object], value["plmn-IdentityList"]):
        plmns.append(plmn_of(item, plmns[-1].mcc if plmns else ""))
    code = value.get("trackingAreaCode")
    return PLMNIdentityInfo(
        plmn_identity_list=tuple(plmns),
        tracking_area_code=None if code is None else number(code),
        ranac=cast("int | None", value.get("ranac")),
        cell_identity=number(value["cellIdentity"]),
        cell_reserved_for_operator_use=cast(str, value["cellReservedForOperatorUse"]),
        rest=rest_of(
            value, "plmn-IdentityList", "trackingAreaCode", "ranac", "cellIdentity", "cellReservedForOperatorUse"
        ),
    )


def plmn_info_value(info: PLMNIdentityInfo) -> Value:
    """PLMN-IdentityInfo."""
    value: dict[str, object] = {
        "plmn-IdentityList": [plmn_value(plmn) for plmn in info.plmn_identity_list],
        "cellIdentity": (info.cell_identity, 36),
        "cellReservedForOperatorUse": info.cell_reserved_for_operator_use,
    }
    if info.tracking_area_code is not None:
        value["trackingAreaCode"] = (info.tracking_area_code, 24)
    if info.ranac is not None:
        value["ranac"] = info.ranac
    return {**info.rest, **value}


def read_sib1(value: Value) -> Message:
    """SIB1; what else cellAccessRelatedInfo holds is in `rest` under its name."""
    access = cast(Value, value["cellAccessRelatedInfo"])
    rest = rest_of(value, "cellAccessRelatedInfo")
    more = rest_of(access, "plmn-IdentityInfoList")
    if more:
        rest["cellAccessRelatedInfo"] = more
    infos = cast(list[Value], access["plmn-IdentityInfoList"])
    return SIB1(plmn_identity_info_list=tuple(map(read_plmn_info, infos)), rest=rest)


def sib1_value(message: SIB1) -> Value:
    """SIB1."""
    infos = [plmn_info_value(info) for info in message.plmn_identity_info_list]
    more = cast(Value, message.rest.get("cellAccessRelatedInfo", {}))
    return {**message.rest, "cellAccessRelatedInfo": {**more, "plmn-IdentityInfoList": infos}}


def read_setup_request(value: Value) -> Message:
    """RRCSetupRequest."""
    ies = cast(Value, value["rrcSetupRequest"])
    kind, identity = cast(tuple[str, Bits], ies["ue-Identity"])
    return RRCSetupRequest(
        ng_five_g_s_tmsi_part1=identity[0] if kind == "ng-5G-S-TMSI-Part1" else None,
        random_value=identity[0] if kind == "randomValue" else None,
        establishment_cause=cast(str, ies["establishmentCause"]),
    )


def setup_request_value(message: RRCSetupRequest) -> Value:
    """RRCSetupRequest."""
    identity = either(
        ("ng-5G-S-TMSI-Part1", message.ng_five_g_s_tmsi_part1, 39), ("randomValue", message.random_value, 39)
    )
    ies = {"ue-Identity": identity, "establishmentCause": message.establishment_cause, "spare": (0, 1)}
    return {"rrcSetupRequest": ies}


def either(*choices: tuple[str, int | None, int]) -> tuple[str, Bits]:
    """The one of some BIT STRINGs that is set."""
    found = [(name, (value, size)) for name, value, size in choices if value is not None]
    if len(found) != 1:
        raise ValueError(f"one of {', '.join(name for name, _, _ in choices)} is to be set")
    return found[0]


def read_setup(value: Value) -> Message | None:
    """RRCSetup."""
    ies = critical(value, "rrcSetup")
    return ies and RRCSetup(  # type: ignore[return-value]
        rrc_transaction_identifier=cast(int, value["rrc-TransactionIdentifier"]),
        radio_bearer_config=cast(Value, ies["radioBearerConfig"]),
        master_cell_group=cast(bytes, ies["masterCellGroup"]),
        rest=rest_of(ies, "radioBearerConfig", "masterCellGroup"),
    )


def setup_value(message: RRCSetup) -> Value:
    """RRCSetup."""
    ies = {
        **message.rest,
        "radioBearerConfig": message.radio_bearer_config,
        "masterCellGroup": message.master_cell_group,
    }
    return transaction(message.rrc_transaction_identifier, "rrcSetup", ies)


def transaction(identifier: int, name: str, ies: Value) -> Value:
    """A message with a transaction identifier."""
    return {"rrc-TransactionIdentifier": identifier, "criticalExtensions": (name, ies)}


def read_registered_amf(value: object) -> RegisteredAMF | None:
    """RegisteredAMF."""
    if value is None:
        return None
    item = cast(Value, value)
    plmn = item.get("plmn-Identity")
    return RegisteredAMF(
        plmn_identity=None if plmn is None else plmn_of(plmn), amf_identifier=number(item["amf-Identifier"])
    )


def read_s_nssai(value: object) -> SNssai:
    """S-NSSAI of RRC: SST, or SST and SD, as bits."""
    kind, bits = cast(tuple[str, Bits], value)
    return SNssai(bits[0]) if kind == "sst" else SNssai(bits[0] >> 24, f"{bits[0] & 0xFFFFFF:06x}")


def s_nssai_value(slice_: SNssai) -> tuple[str, Bits]:
    """S-NSSAI of RRC."""
    if slice_.sd is None:
        return "sst", (slice_.sst, 8)
    return "sst-SD", (slice_.sst << 24 | int(slice_.sd, 16), 32)


SETUP_COMPLETE_FIELDS = (
    "selectedPLMN-Identity",
    "registeredAMF",
    "guami-Type",
    "s-NSSAI-List",
    "dedicatedNAS-Message",
    "ng-5G-S-TMSI-Value",
)


def read_setup_complete(value: Value) -> Message | None:
    """RRCSetupComplete."""
    ies = critical(value, "rrcSetupComplete")
    if ies is None:
        return None
    kind, identity = cast(tuple[str, Bits], ies.get("ng-5G-S-TMSI-Value", ("", (0, 0))))
    return RRCSetupComplete(
        rrc_transaction_identifier=cast(int, value["rrc-TransactionIdentifier"]),
        selected_plmn_identity=cast(int, ies["selectedPLMN-Identity"]),
        registered_amf=read_registered_amf(ies.get("registeredAMF")),
        guami_type=cast("str | None", ies.get("guami-Type")),
        s_nssai_list=tuple(map(read_s_nssai, cast(list[object], ies.get("s-NSSAI-List", [])))),
        dedicated_nas_message=cast(bytes, ies["dedicatedNAS-Message"]),
        ng_five_g_s_tmsi=identity[0] if kind == "ng-5G-S-TMSI" else None,
        ng_five_g_s_tmsi_part2=identity[0] if kind == "ng-5G-S-TMSI-Part2" else None,
        rest=rest_of(ies, *SETUP_COMPLETE_FIELDS),
    )


def setup_complete_value(message: RRCSetupComplete) -> Value:
    """RRCSetupComplete."""
    ies: dict[str, object] = {
        **message.rest,
        "selectedPLMN-Identity": message.selected_plmn_identity,
        "dedicatedNAS-Message": message.dedicated_nas_message,
    }
    amf = message.registered_amf
    if amf is not None:
        plmn = {} if amf.plmn_identity is None else {"plmn-Identity": plmn_value(amf.plmn_identity)}
        ies["registeredAMF"] = {**plmn, "amf-Identifier": (amf.amf_identifier, 24)}
    if message.guami_type is not None:
        ies["guami-Type"] = message.guami_type
    if message.s_nssai_list:
        ies["s-NSSAI-List"] = list(map(s_nssai_value, message.s_nssai_list))
    if message.ng_five_g_s_tmsi is not None or message.ng_five_g_s_tmsi_part2 is not None:
        ies["ng-5G-S-TMSI-Value"] = either(
            ("ng-5G-S-TMSI", message.ng_five_g_s_tmsi, 48), ("ng-5G-S-TMSI-Part2", message.ng_five_g_s_tmsi_part2, 9)
        )
    return transaction(message.rrc_transaction_identifier, "rrcSetupComplete", ies)


def read_reject(value: Value) -> Message | None:
    """RRCReject."""
    ies = critical(value, "rrcReject")
    if ies is None:
        return None
    return RRCReject(wait_time=cast("int | None", ies.get("waitTime")), rest=rest_of(ies, "waitTime"))


def reject_value(message: RRCReject) -> Value:
    """RRCReject."""
    wait = {} if message.wait_time is None else {"waitTime": message.wait_time}
    return {"criticalExtensions": ("rrcReject", {**message.rest, **wait})}


def read_release(value: Value) -> Message | None:
    """RRCRelease."""
    ies = critical(value, "rrcRelease")
    if ies is None:
        return None
    return RRCRelease(rrc_transaction_identifier=cast(int, value["rrc-TransactionIdentifier"]), rest=rest_of(ies))


def release_value(message: RRCRelease) -> Value:
    """RRCRelease."""
    return transaction(message.rrc_transaction_identifier, "rrcRelease", message.rest)


NAS = "dedicatedNAS-Message"


def nas_value(message: DLInformationTransfer | ULInformationTransfer) -> Value:
    """The IEs of a message that carries NAS."""
    nas = message.dedicated_nas_message
    return message.rest if nas is None else {**message.rest, NAS: nas}


def read_dl_information_transfer(value: Value) -> Message | None:
    """DLInformationTransfer."""
    ies = critical(value, "dlInformationTransfer")
    if ies is None:
        return None
    return DLInformationTransfer(
        rrc_transaction_identifier=cast(int, value["rrc-TransactionIdentifier"]),
        dedicated_nas_message=cast("bytes | None", ies.get(NAS)),
        rest=rest_of(ies, NAS),
    )


def dl_information_transfer_value(message: DLInformationTransfer) -> Value:
    """DLInformationTransfer."""
    return transaction(message.rrc_transaction_identifier, "dlInformationTransfer", nas_value(message))


def read_ul_information_transfer(value: Value) -> Message | None:
    """ULInformationTransfer."""
    ies = critical(value, "ulInformationTransfer")
    if ies is None:
        return None
    return ULInformationTransfer(dedicated_nas_message=cast("bytes | None", ies.get(NAS)), rest=rest_of(ies, NAS))


def ul_information_transfer_value(message: ULInformationTransfer) -> Value:
    """ULInformationTransfer."""
    return {"criticalExtensions": ("ulInformationTransfer", nas_value(message))}


def read_paging(value: Value) -> Message | None:
    """Paging; a record of a later kind of identity makes it a message that is not understood."""
    records: list[PagingRecord] = []
    for item in cast(list[Value], value.get("pagingRecordList", [])):
        kind, identity = cast(tuple[str, Bits], item["ue-Identity"])
        if kind not in ("ng-5G-S-TMSI", "fullI-RNTI") or rest_of(item, "ue-Identity", "accessType"):
            return None
        records.append(
            PagingRecord(
                ng_five_g_s_tmsi=identity[0] if kind == "ng-5G-S-TMSI" else None,
                full_i_rnti=identity[0] if kind == "fullI-RNTI" else None,
                access_type=cast("str | None", item.get("accessType")),
            )
        )
    return Paging(paging_record_list=tuple(records), rest=rest_of(value, "pagingRecordList"))


def paging_value(message: Paging) -> Value:
    """Paging."""
    records: list[Value] = []
    for record in message.paging_record_list:
        identity = either(("ng-5G-S-TMSI", record.ng_five_g_s_tmsi, 48), ("fullI-RNTI", record.full_i_rnti, 40))
        access = {} if record.access_type is None else {"accessType": record.access_type}
        records.append({"ue-Identity": identity, **access})
    return {**message.rest, **({"pagingRecordList": records} if records else {})}


Reader = Callable[[Value], "Message | None"]

READERS: dict[tuple[str, str], Reader] = {
    ("BCCH_BCH", "mib"): read_mib,
    ("BCCH_DL_SCH", "systemInformationBlockType1"): read_sib1,
    ("DL_CCCH", "rrcSetup"): read_setup,
    ("DL_CCCH", "rrcReject"): read_reject,
    ("DL_DCCH", "rrcRelease"): read_release,
    ("DL_DCCH", "dlInformationTransfer"): read_dl_information_transfer,
    ("PCCH", "paging"): read_paging,
    ("UL_CCCH", "rrcSetupRequest"): read_setup_request,
    ("UL_DCCH", "rrcSetupComplete"): read_setup_complete,
    ("UL_DCCH", "ulInformationTransfer"): read_ul_information_transfer,
}

WRITERS: dict[type, tuple[str, str, Callable[..., Value]]] = {
    MIB: ("BCCH_BCH", "mib", mib_value),
    SIB1: ("BCCH_DL_SCH", "systemInformationBlockType1", sib1_value),
    RRCSetup: ("DL_CCCH", "rrcSetup", setup_value),
    RRCReject: ("DL_CCCH", "rrcReject", reject_value),
    RRCRelease: ("DL_DCCH", "rrcRelease", release_value),
    DLInformationTransfer: ("DL_DCCH", "dlInformationTransfer", dl_information_transfer_value),
    Paging: ("PCCH", "paging", paging_value),
    RRCSetupRequest: ("UL_CCCH", "rrcSetupRequest", setup_request_value),
    RRCSetupComplete: ("UL_DCCH", "rrcSetupComplete", setup_complete_value),
    ULInformationTransfer: ("UL_DCCH", "ulInformationTransfer", ul_information_transfer_value),
}
