"""What TS 24.501 clause 7 says of octets that are not quite a message."""

import pytest

from awase.model.ids import FiveGGuti, Guami, Plmn, SNssai, Tai
from awase.protocols.nas.causes import FiveGMMCause, FiveGSMCause
from awase.protocols.nas.codec import NasDecodeError, decode, encode
from awase.protocols.nas.elements import (
    FiveGSRegistrationResult,
    FiveGSRegistrationType,
    GprsTimer2,
    GprsTimer3,
    RegistrationType,
    Suci,
    TaiList,
    UeSecurityCapability,
    nssai,
)
from awase.protocols.nas.messages import (
    DeregistrationAcceptUEOriginating,
    FiveGMMStatus,
    FiveGSMStatus,
    PDUSessionEstablishmentReject,
    RegistrationAccept,
    RegistrationReject,
    RegistrationRequest,
    UnknownIe,
)
from awase.wire.errors import DecodeError, EncodeError

PLMN = Plmn("001", "01")
GUTI = FiveGGuti(Guami(PLMN, 2, 1, 0), 0xC000049A)


def failure(octets: str) -> NasDecodeError:
    with pytest.raises(NasDecodeError) as raised:
        decode(bytes.fromhex(octets))
    assert isinstance(raised.value, DecodeError)
    return raised.value


def test_an_unknown_message_type_is_97() -> None:
    assert failure("7e00ff").cause == 97
    error = failure("2e0507ff")
    assert (error.cause, error.pdu_session_id, error.pti, error.message_type) == (97, 5, 7, 255)


def test_a_message_that_is_too_short_to_have_a_type_is_ignored() -> None:
    for octets in ("", "7e", "7e00", "2e0101", "ff0000"):
        assert failure(octets).cause is None


def test_a_protected_message_is_not_a_plain_one() -> None:
    assert "protected" in str(failure("7e0211223344007e0043"))


def test_a_missing_mandatory_element_is_96_and_named() -> None:
    error = failure("7e0044")
    assert error.cause == FiveGMMCause.invalid_mandatory_information
    assert (error.path, error.message_type) == ("RegistrationReject", 0x44)
    assert "five_gmm_cause" in str(error)


def test_a_mandatory_element_that_runs_past_the_end_is_96() -> None:
    assert failure("7e004179000dff").cause == 96


def test_an_element_that_requires_comprehension_and_is_unknown_is_96() -> None:
    assert failure("7e00440b" + "0501aa").cause == 96


def test_an_unknown_element_is_kept_and_sent_again_in_order() -> None:
    octets = bytes.fromhex("7e00440b" + "3d02aabb" + "c5" + "7e0003010203" + "160103")
    message = decode(octets)
    assert isinstance(message, RegistrationReject)
    assert message.t3502_value == GprsTimer2(0, 3)
    assert message.unknown_ies == (
        UnknownIe(0x3D, b"\xaa\xbb"),
        UnknownIe(0xC5, b""),
        UnknownIe(0x7E, b"\x01\x02\x03"),
    )
    assert decode(encode(message)) == message


def test_of_a_repeated_element_the_first_counts() -> None:
    message = decode(bytes.fromhex("7e00440b" + "160103" + "160105"))
    assert isinstance(message, RegistrationReject)
    assert message.t3502_value == GprsTimer2(0, 3)


def test_an_optional_element_that_is_wrong_counts_as_not_present_and_is_kept() -> None:
    octets = bytes.fromhex("7e0042" + "0101" + "540320ffff" + "5e0192")
    message = decode(octets)
    assert isinstance(message, RegistrationAccept)
    assert message.tai_list is None
    assert message.t3512_value == GprsTimer3(4, 18)
    assert message.unknown_ies == (UnknownIe(0x54, b"\x20\xff\xff"),)


def test_an_optional_element_that_runs_past_the_end_counts_as_not_present() -> None:
    message = decode(bytes.fromhex("7e00440b" + "1605ff"))
    assert message == RegistrationReject(five_gmm_cause=FiveGMMCause.plmn_not_allowed)


def test_a_cause_without_a_name_is_kept() -> None:
    message = decode(bytes.fromhex("7e0064c8"))
    assert isinstance(message, FiveGMMStatus)
    assert (message.five_gmm_cause, message.five_gmm_cause.text) == (200, "unassigned 200")
    assert encode(message) == bytes.fromhex("7e0064c8")


def test_spare_half_octets_are_not_read() -> None:
    assert decode(bytes.fromhex("7ef046")) == DeregistrationAcceptUEOriginating()


def test_causes_have_the_standards_words() -> None:
    assert FiveGMMCause(62).text == "no network slices available"
    assert FiveGMMCause(7).text == "5GS services not allowed"
    assert FiveGMMCause(26).text == "non 5G authentication unacceptable"
    assert FiveGSMCause(27).text == "missing or unknown DNN"
    assert FiveGSMCause(50).text == "PDU session type IPv4 only allowed"


def test_a_registration_request_has_the_octets_of_the_standard() -> None:
    message = RegistrationRequest(
        five_gs_registration_type=FiveGSRegistrationType(
            value=RegistrationType.initial_registration, follow_on_request=True
        ),
        ngksi=7,
        five_gs_mobile_identity=Suci.null(Plmn("999", "70"), "0000000001"),
        ue_security_capability=UeSecurityCapability.of((0, 1, 2, 3), (0, 1, 2, 3), eps=True),
    )
    # The octets of the same message of a real UE, but for its routing indicator 0000.
    octets = encode(message)
    assert octets.hex() == "7e004179000d0199f907f0ff000000000000102e04f0f0f0f0"
    assert decode(octets) == message


def test_a_registration_accept_comes_back_equal() -> None:
    message = RegistrationAccept(
        five_gs_registration_result=FiveGSRegistrationResult(),
        five_g_guti=GUTI,
        equivalent_plmns=(PLMN, Plmn("310", "410")),
        tai_list=TaiList.of((Tai(PLMN, 1), Tai(Plmn("310", "410"), 2))),
        allowed_nssai=nssai((SNssai(1), SNssai(2, "0000ff"))),
        t3512_value=GprsTimer3.of_seconds(540),
        t3502_value=GprsTimer2.of_seconds(720),
    )
    assert decode(encode(message)) == message
    assert message.t3502_value is not None
    assert message.t3502_value.seconds == 720


@pytest.mark.parametrize(
    "message",
    [
        FiveGSMStatus(pdu_session_id=256, pti=0, five_gsm_cause=FiveGSMCause.network_failure),
        RegistrationRequest(
            five_gs_registration_type=FiveGSRegistrationType(value=RegistrationType(1)),
            ngksi=16,
            five_gs_mobile_identity=GUTI,
        ),
        PDUSessionEstablishmentReject(pdu_session_id=1, pti=1, five_gsm_cause=FiveGSMCause(26), allowed_ssc_mode=99),
        RegistrationRequest(
            five_gs_registration_type=FiveGSRegistrationType(value=RegistrationType(1)),
            ngksi=7,
            five_gs_mobile_identity=GUTI,
            eps_nas_message_container=bytes(70000),
        ),
    ],
)
def test_a_value_that_does_not_fit_is_the_callers_mistake(message: FiveGSMStatus | RegistrationRequest) -> None:
    with pytest.raises(EncodeError):
        encode(message)
