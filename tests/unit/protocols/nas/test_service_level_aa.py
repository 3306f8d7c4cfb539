"""The service-level-AA container: octets worked out from TS 24.501 clauses 9.11.2.10 to 9.11.2.18."""

import warnings

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from pycrate_mobile.TS24501_IE import ServiceLevelAAContainer as Oracle

from awase.protocols.nas import service_level_aa as aa
from awase.protocols.nas.codec import decode, encode
from awase.protocols.nas.messages import PDUSessionEstablishmentRequest, ServiceLevelAuthenticationCommand
from awase.protocols.nas.session_elements import IntegrityProtectionMaximumDataRate
from awase.wire.errors import EncodeError
from unit.protocols.nas.mutated import values

ONE_EACH: list[tuple[aa.ServiceLevelAaParameter, str]] = [
    (aa.ServiceLevelDeviceId("drone-é"), "10 08 64726f6e652dc3a9"),
    (aa.ServiceLevelAaServerAddress(ipv4="192.0.2.1"), "20 05 01 c0000201"),
    (aa.ServiceLevelAaServerAddress(ipv6="2001:db8::1"), "20 11 02 20010db8000000000000000000000001"),
    (
        aa.ServiceLevelAaServerAddress(ipv4="192.0.2.1", ipv6="2001:db8::1"),
        "20 15 03 c0000201 20010db8000000000000000000000001",
    ),
    (aa.ServiceLevelAaServerAddress(fqdn="uss.example"), "20 0d 04 03 757373 07 6578616d706c65"),
    (
        aa.ServiceLevelAaResponse(
            slar=aa.ServiceLevelResult.successful, c2ar=aa.ServiceLevelResult.not_successful_or_revoked
        ),
        "30 01 09",
    ),
    (aa.ServiceLevelAaPayloadType(aa.ServiceLevelPayloadType.c2_authorization_payload), "40 01 02"),
    (aa.ServiceLevelAaPayload(b"\x01\x02"), "70 0002 0102"),
    (aa.ServiceLevelAaPendingIndication(), "a1"),
    (aa.ServiceLevelAaServiceStatusIndication(uas=True), "50 01 01"),
]


@pytest.mark.parametrize(("parameter", "octets"), ONE_EACH, ids=lambda v: type(v).__name__)
def test_a_parameter_has_the_octets_of_its_clause(parameter: aa.ServiceLevelAaParameter, octets: str) -> None:
    container = aa.ServiceLevelAaContainer((parameter,))
    assert container.encode().hex(" ") == bytes.fromhex(octets).hex(" ")
    assert aa.ServiceLevelAaContainer.decode(bytes.fromhex(octets)) == container


def test_parameters_keep_their_order_as_a_payload_goes_with_the_type_before_it() -> None:
    octets = b"".join(bytes.fromhex(octets) for _, octets in reversed(ONE_EACH))
    container = aa.ServiceLevelAaContainer.decode(octets)
    assert container.parameters == tuple(parameter for parameter, _ in reversed(ONE_EACH))
    assert container.encode() == octets


def test_pycrate_writes_the_same_parameters() -> None:
    # pycrate 0.8.1 has IEI B- for the service status indication, which clause 9.11.2.10 has under 50.
    known = [octets for _, octets in ONE_EACH if not octets.startswith("50")]
    octets = bytes.fromhex("".join(known))
    oracle = Oracle()
    oracle.from_bytes(octets)
    assert oracle.to_bytes() == octets
    assert len(oracle.get_val()) == len(known)


@pytest.mark.parametrize("octets", ["60 01 aa", "7f 0001 aa", "c3", "10 01 ff", "20 02 01 c0", "30 00", "20 01 04"])
def test_a_parameter_that_is_unknown_or_wrong_is_kept_as_clauses_7_6_1_and_7_7_1_have_it(octets: str) -> None:
    raw = bytes.fromhex("40 01 01" + octets + "a1")
    container = aa.ServiceLevelAaContainer.decode(raw)
    assert isinstance(container.parameters[1], aa.OtherServiceLevelAaParameter)
    assert len(container.parameters) == 3
    assert container.encode() == raw


def test_a_pending_indication_alone_is_a_container_of_four_octets() -> None:
    message = PDUSessionEstablishmentRequest(
        pdu_session_id=5,
        pti=1,
        integrity_protection_maximum_data_rate=IntegrityProtectionMaximumDataRate(),
        service_level_aa_container=aa.ServiceLevelAaContainer((aa.ServiceLevelAaPendingIndication(),)),
    )
    assert encode(message).endswith(bytes.fromhex("720001a1"))
    assert decode(encode(message)) == message


def test_a_container_that_is_cut_off_is_no_mandatory_element() -> None:
    command = ServiceLevelAuthenticationCommand(
        pdu_session_id=5, pti=1, service_level_aa_container=aa.ServiceLevelAaContainer((ONE_EACH[0][0],))
    )
    octets = bytearray(encode(command))
    octets[7] = 9
    with pytest.raises(ValueError, match="service_level_aa_container"):
        decode(bytes(octets))


def test_whatever_the_octets_there_is_a_value_that_comes_back_or_an_error() -> None:
    octets = b"".join(bytes.fromhex(octets) for _, octets in ONE_EACH)
    assert values(aa.ServiceLevelAaContainer, octets) > 100


@pytest.mark.parametrize(
    "parameter",
    [
        aa.ServiceLevelAaServerAddress(),
        aa.ServiceLevelAaServerAddress(ipv4="192.0.2.1", fqdn="a"),
        aa.ServiceLevelAaServerAddress(fqdn="a..b"),
        aa.ServiceLevelDeviceId("x" * 256),
    ],
)
def test_a_value_that_does_not_fit_is_an_encode_error(parameter: aa.ServiceLevelAaParameter) -> None:
    with pytest.raises(EncodeError):
        aa.ServiceLevelAaContainer((parameter,)).encode()
