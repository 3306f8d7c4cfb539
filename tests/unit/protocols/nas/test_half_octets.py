"""Elements of half an octet: which bit is which, and what has no name is kept."""

from typing import Any

import pytest

from awase.protocols.nas import half_octets as h
from awase.protocols.nas.codec import decode, encode
from awase.protocols.nas.messages import (
    ConfigurationUpdateCommand,
    ControlPlaneServiceRequest,
    PDUSessionEstablishmentReject,
    PDUSessionModificationRequest,
    RegistrationAccept,
    RegistrationRequest,
)
from awase.wire.errors import EncodeError

UPDATES = [
    (ConfigurationUpdateCommand(mico_indication=h.MicoIndication.raai | h.MicoIndication.sprti), "b3"),
    (ConfigurationUpdateCommand(network_slicing_indication=h.NetworkSlicingIndication.nssci), "91"),
    (ConfigurationUpdateCommand(sms_indication=h.SmsIndication.sai), "f1"),
    (
        ConfigurationUpdateCommand(
            ue_radio_capability_id_deletion_indication=(
                h.UeRadioCapabilityIdDeletionIndication.network_assigned_ids_deletion_requested
            )
        ),
        "a1",
    ),
    (ConfigurationUpdateCommand(additional_configuration_indication=h.AdditionalConfigurationIndication.scmr), "c1"),
    (ConfigurationUpdateCommand(priority_indicator=h.PriorityIndicator.mpsi), "e1"),
    (ConfigurationUpdateCommand(mico_indication=h.MicoIndication(0)), "b0"),
]


@pytest.mark.parametrize(("message", "octets"), UPDATES)
def test_a_bit_lies_where_its_clause_says(message: ConfigurationUpdateCommand, octets: str) -> None:
    assert encode(message).hex() == "7e0054" + octets
    assert decode(encode(message)) == message


def test_bits_and_numbers_of_later_releases_are_kept() -> None:
    message = decode(bytes.fromhex("7e0054 bf e8"))
    assert isinstance(message, ConfigurationUpdateCommand)
    assert (message.mico_indication, message.priority_indicator) == (15, 8)
    assert encode(message).hex() == "7e0054bfe8"
    accept = decode(bytes.fromhex("7e0042 0101 a9"))
    assert isinstance(accept, RegistrationAccept)
    assert accept.nssai_inclusion_mode == 9
    assert encode(accept).hex() == "7e00420101a9"


def test_ng_ksi_is_the_upper_half_of_a_control_plane_service_request_as_table_8_2_30_1_1_has_it_second() -> None:
    message = ControlPlaneServiceRequest(
        control_plane_service_type=h.ControlPlaneServiceType.mobile_terminating_request, ngksi=5
    )
    assert encode(message).hex() == "7e004f51"
    assert decode(encode(message)) == message


def test_a_number_of_packet_filters_has_the_upper_11_bits_as_figure_9_11_4_9_1_has_it() -> None:
    number = h.MaximumNumberOfSupportedPacketFilters
    for filters, octets in ((17, "0220"), (1024, "8000")):
        message = PDUSessionModificationRequest(
            pdu_session_id=5, pti=1, maximum_number_of_supported_packet_filters=number(filters)
        )
        assert encode(message).hex() == "2e0501c955" + octets
        assert decode(encode(message)) == message
    assert number.decode(b"\x02\x3f") == number(17)
    with pytest.raises(EncodeError):
        number(2048).encode()


@pytest.mark.parametrize(
    "message",
    [
        ConfigurationUpdateCommand(mico_indication=16),  # type: ignore[arg-type]
        PDUSessionEstablishmentReject(pdu_session_id=1, pti=1, five_gsm_cause=26, allowed_ssc_mode=-1),  # type: ignore[arg-type]
    ],
)
def test_what_does_not_fit_half_an_octet_is_an_encode_error(message: Any) -> None:
    with pytest.raises(EncodeError):
        encode(message)


def test_a_registration_request_of_an_n5gc_device_says_so() -> None:
    message = decode(bytes.fromhex("7e004179000d0100f110f0ff00000000000010" + "a1"))
    assert isinstance(message, RegistrationRequest)
    assert message.n5gc_indication is h.N5gcIndication.n5gcreg
