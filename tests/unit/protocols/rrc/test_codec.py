"""Typed RRC messages: round trips, known octets, what is kept, what is refused."""

import pytest

from awase.model.ids import Plmn, SNssai
from awase.protocols.rrc import codec
from awase.protocols.rrc.messages import (
    MIB,
    SIB1,
    DLInformationTransfer,
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

PLMN = Plmn("001", "01")

EXAMPLES = [
    ("BCCH_BCH", MIB(system_frame_number=5, cell_barred="barred")),
    (
        "BCCH_DL_SCH",
        SIB1(
            plmn_identity_info_list=(
                PLMNIdentityInfo(
                    plmn_identity_list=(PLMN, Plmn("310", "410")), tracking_area_code=7, cell_identity=16
                ),
                PLMNIdentityInfo(
                    plmn_identity_list=(PLMN,), ranac=3, cell_identity=17, cell_reserved_for_operator_use="reserved"
                ),
            ),
            rest={
                "cellSelectionInfo": {"q-RxLevMin": -60},
                "cellAccessRelatedInfo": {"cellReservedForOtherUse": "true"},
            },
        ),
    ),
    ("DL_CCCH", RRCSetup(rrc_transaction_identifier=3)),
    ("DL_CCCH", RRCReject(wait_time=16)),
    ("DL_DCCH", RRCRelease(rrc_transaction_identifier=1, rest={"deprioritisationReq": {
        "deprioritisationType": "nr", "deprioritisationTimer": "min5"}})),
    ("DL_DCCH", DLInformationTransfer(rrc_transaction_identifier=0, dedicated_nas_message=bytes(range(200)))),
    ("DL_DCCH", DLInformationTransfer(rrc_transaction_identifier=2)),
    ("PCCH", Paging(paging_record_list=(PagingRecord(ng_five_g_s_tmsi=(1 << 48) - 1),
                                        PagingRecord(full_i_rnti=5, access_type="non3GPP")))),
    ("UL_CCCH", RRCSetupRequest(random_value=(1 << 39) - 1, establishment_cause="mo-Signalling")),
    ("UL_CCCH", RRCSetupRequest(ng_five_g_s_tmsi_part1=1, establishment_cause="emergency")),
    (
        "UL_DCCH",
        RRCSetupComplete(
            rrc_transaction_identifier=0,
            registered_amf=RegisteredAMF(plmn_identity=PLMN, amf_identifier=0x020040),
            guami_type="native",
            s_nssai_list=(SNssai(1), SNssai(2, "00abcd")),
            dedicated_nas_message=b"\x7e\x00\x41",
            ng_five_g_s_tmsi=0x0040_0000_0001,
            rest={"nonCriticalExtension": {"idleMeasAvailable-r16": "true"}},
        ),
    ),
    ("UL_DCCH", RRCSetupComplete(rrc_transaction_identifier=1, dedicated_nas_message=b"", ng_five_g_s_tmsi_part2=5)),
    ("UL_DCCH", ULInformationTransfer(dedicated_nas_message=bytes(16384))),
]  # fmt: skip


@pytest.mark.parametrize(("channel", "message"), EXAMPLES, ids=lambda value: type(value).__name__)
def test_a_message_survives_encoding_and_decoding(channel, message):
    assert codec.decode(channel, codec.encode(channel, message)) == message


def test_a_setup_request_takes_six_octets():
    octets = codec.encode("UL_CCCH", RRCSetupRequest(random_value=0, establishment_cause="mo-Signalling"))
    assert octets.hex() == "100000000006"


def test_a_message_without_a_type_is_kept_as_it_came():
    octets = bytes.fromhex("20010203")
    message = codec.decode("DL_DCCH", octets)
    assert message == OtherMessage(name="securityModeCommand", octets=octets)
    assert codec.encode("DL_DCCH", message) == octets


def test_a_later_kind_of_message_is_kept_as_it_came():
    octets = codec.generic().encode(
        "DL-DCCH-Message",
        {
            "message": (
                "c1",
                (
                    "rrcRelease",
                    {"rrc-TransactionIdentifier": 0, "criticalExtensions": ("criticalExtensionsFuture", {})},
                ),
            )
        },
    )
    assert codec.decode("DL_DCCH", octets) == OtherMessage(name="rrcRelease", octets=octets)


@pytest.mark.parametrize("channel", codec.CHANNELS)
def test_nothing_is_no_message(channel):
    with pytest.raises(DecodeError):
        codec.decode(channel, b"")


def test_octets_after_the_message_are_refused():
    octets = codec.encode("UL_CCCH", RRCSetupRequest(random_value=0, establishment_cause="mo-Data"))
    with pytest.raises(DecodeError, match="too many"):
        codec.decode("UL_CCCH", octets + b"\0")


def test_a_sib1_whose_first_plmn_has_no_mcc_is_refused():
    value = {
        "message": (
            "c1",
            (
                "systemInformationBlockType1",
                {
                    "cellAccessRelatedInfo": {
                        "plmn-IdentityInfoList": [
                            {
                                "plmn-IdentityList": [{"mnc": [0, 1]}],
                                "cellIdentity": (1, 36),
                                "cellReservedForOperatorUse": "notReserved",
                            }
                        ]
                    }
                },
            ),
        )
    }
    with pytest.raises(DecodeError, match="no MCC"):
        codec.decode("BCCH_DL_SCH", codec.generic().encode("BCCH-DL-SCH-Message", value))


@pytest.mark.parametrize(
    ("channel", "message"),
    [
        ("UL_CCCH", RRCSetupRequest(establishment_cause="mo-Data")),
        ("UL_CCCH", RRCSetupRequest(random_value=1 << 39, establishment_cause="mo-Data")),
        ("UL_CCCH", RRCSetupRequest(random_value=1, establishment_cause="boredom")),
        ("UL_DCCH", RRCSetupRequest(random_value=1, establishment_cause="mo-Data")),
        ("DL_CCCH", RRCReject(wait_time=17)),
        ("XL_CCCH", RRCReject(wait_time=1)),
    ],
)
def test_what_cannot_be_carried_is_our_own_mistake(channel, message):
    with pytest.raises(EncodeError):
        codec.encode(channel, message)


def test_an_unknown_channel_is_refused():
    with pytest.raises(DecodeError):
        codec.decode("XL_CCCH", b"\0")


@pytest.mark.parametrize(("channel", "message"), EXAMPLES)
def test_who_looks_at_a_message_on_its_way_sees_what_its_receiver_gets(channel, message):
    octets = codec.encode(channel, message)
    assert codec.glance(channel, octets) == message == codec.glance(channel, octets)
    assert [codec.decode(channel, octets) for _ in range(3)] == [message] * 3
    with pytest.raises(DecodeError):
        codec.glance(channel, b"")
