"""The standard's octets as values of ours."""

import pytest

from awase.model.ids import Plmn, Tai
from awase.protocols.ngap import codec
from awase.protocols.ngap.elements import NRCGI, BitString, GTPTunnel, SecurityKey, UserLocationInformationNR
from awase.protocols.ngap.messages import UplinkNASTransport
from awase.protocols.ngap.shapes import (
    address_bits,
    address_text,
    first_sixteen,
    plmn_from_octets,
    plmn_octets,
    sized_choice,
)
from awase.protocols.ngap.transfers import PDUSessionResourceSetupRequestTransfer
from awase.wire.errors import DecodeError, EncodeError


@pytest.mark.parametrize("text", ["10.45.0.1", "2001:db8::1", "10.45.0.1 2001:db8::1", "5/7"])
def test_an_address_is_text(text):
    assert address_text(address_bits(text)) == text


@pytest.mark.parametrize("text", ["10.45.0", "10.45.0.256", "2001::db8::1", "x/7", "host"])
def test_what_is_no_address_is_our_own_mistake(text):
    tunnel = GTPTunnel(transport_layer_address=text, gtp_teid=1)
    with pytest.raises(EncodeError):
        codec.encode_transfer(
            PDUSessionResourceSetupRequestTransfer(
                ul_ngu_up_tnl_information=tunnel, pdu_session_type="ipv4", qos_flow_setup_request_list=()
            )
        )


def test_a_plmn_has_three_octets():
    for plmn in (Plmn("001", "01"), Plmn("310", "410")):
        assert plmn_from_octets(plmn_octets(plmn)) == plmn


def test_a_plmn_whose_digits_are_none_is_refused():
    plmn = Plmn("001", "01")
    location = UserLocationInformationNR(
        nr_cgi=NRCGI(plmn_identity=plmn, nr_cell_identity=16), tai=Tai(plmn=plmn, tac=1)
    )
    message = UplinkNASTransport(
        amf_ue_ngap_id=1, ran_ue_ngap_id=2, nas_pdu=b"\x7e", user_location_information=location
    )
    octets = codec.encode(message)
    assert codec.decode(octets) == message
    with pytest.raises(DecodeError, match="UserLocationInformation"):
        codec.decode(octets.replace(plmn_octets(plmn), b"\xff\xff\xff"))


def test_algorithms_are_sixteen_bits():
    assert first_sixteen(BitString(0xE000, 16)) == 0xE000
    assert first_sixteen(BitString(0xE00001, 24)) == 0xE000


def test_a_choice_by_size_goes_both_ways():
    read, write = sized_choice({"macro": 20, "short": 18})
    assert read(("short", 5)) == BitString(5, 18)
    assert write(BitString(5, 20)) == ("macro", 5)
    with pytest.raises(ValueError, match="none of"):
        write(BitString(5, 19))


def test_a_key_is_not_shown():
    key = SecurityKey(b"\x11" * 32)
    assert f"{key} {key!r}" == "SecurityKey(...) SecurityKey(...)"
    assert bytes(key) == b"\x11" * 32


def test_octets_may_come_in_a_bytearray():
    message = UplinkNASTransport(amf_ue_ngap_id=1, ran_ue_ngap_id=2, nas_pdu=b"\x7e")
    assert codec.decode(bytearray(codec.encode(message))) == message
    assert UserLocationInformationNR.__struct_fields__[:2] == ("nr_cgi", "tai")
