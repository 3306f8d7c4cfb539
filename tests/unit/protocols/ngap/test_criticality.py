"""What TS 38.413 clause 10 says of messages that are not as they should be."""

import pytest

from awase.protocols.ngap import codec
from awase.protocols.ngap.codec import AbstractSyntaxError
from awase.protocols.ngap.elements import Cause, CriticalityDiagnosticsIEItem, RawIE
from awase.protocols.ngap.messages import (
    DownlinkNASTransport,
    ErrorIndication,
    NGSetupResponse,
    RawMessage,
    UplinkNASTransport,
)
from awase.wire.errors import DecodeError, EncodeError
from unit.protocols.ngap.examples import EXAMPLES

NAS = DownlinkNASTransport(amf_ue_ngap_id=7, ran_ue_ngap_id=9, nas_pdu=b"\x7e\x00")
UNKNOWN = 60000


def ie(number, content, criticality=0):
    return number.to_bytes(2) + bytes((criticality << 6, len(content))) + content


def pdu(*ies, code=4, criticality=1, outcome=0, flags=0):
    content = bytes((flags,)) + len(ies).to_bytes(2) + b"".join(ies)
    return bytes((outcome << 5, code, criticality << 6, len(content))) + content


AMF, RAN, NAS_PDU = ie(10, b"\0\7"), ie(85, b"\0\x09"), ie(38, b"\x02\x7e\0")


def refused(octets):
    with pytest.raises(AbstractSyntaxError) as caught:
        codec.decode(octets)
    return caught.value


def test_the_example_is_what_it_should_be():
    assert codec.decode(pdu(AMF, RAN, NAS_PDU)) == NAS


def test_an_unknown_ie_to_be_ignored_is_kept_and_encoded_again():
    octets = pdu(AMF, RAN, NAS_PDU, ie(UNKNOWN, b"\1\2", 1))
    notify = []
    message = codec.decode(octets, notify)
    assert message.unknown == (RawIE(id=UNKNOWN, criticality="ignore", octets=b"\1\2"),)
    assert notify == []
    assert codec.encode(message) == octets


def test_an_unknown_ie_to_be_notified_is_kept_and_reported():
    notify = []
    message = codec.decode(pdu(AMF, RAN, NAS_PDU, ie(UNKNOWN, b"\1\2", 2)), notify)
    assert len(message.unknown) == 1
    assert notify == [
        CriticalityDiagnosticsIEItem(ie_criticality="notify", ie_id=UNKNOWN, type_of_error="not-understood")
    ]
    assert codec.decode(pdu(AMF, RAN, NAS_PDU, ie(UNKNOWN, b"\1\2", 2))) == message


def test_an_unknown_ie_to_be_rejected_rejects_the_procedure_and_names_the_ue():
    error = refused(pdu(AMF, RAN, NAS_PDU, ie(UNKNOWN, b"\1\2", 0), ie(UNKNOWN + 1, b"\0", 2)))
    assert error.reject
    assert error.cause == "abstract-syntax-error-reject"
    assert (error.procedure_code, error.triggering_message, error.procedure_criticality) == (
        4,
        "initiating-message",
        "ignore",
    )
    assert (error.amf_ue_ngap_id, error.ran_ue_ngap_id) == (7, 9)
    assert error.ies == (
        CriticalityDiagnosticsIEItem(ie_criticality="reject", ie_id=UNKNOWN, type_of_error="not-understood"),
        CriticalityDiagnosticsIEItem(ie_criticality="notify", ie_id=UNKNOWN + 1, type_of_error="not-understood"),
    )


def test_an_ie_of_the_standard_that_no_function_here_understands_is_judged_by_its_criticality():
    trace = ie(36, bytes(3), 1)
    message = codec.decode(pdu(AMF, RAN, NAS_PDU, trace))
    assert message.unknown[0].id == 36
    assert codec.encode(message) == pdu(AMF, RAN, NAS_PDU, trace)


def test_kept_ies_are_encoded_at_their_place_in_the_standard():
    octets = pdu(AMF, RAN, NAS_PDU, ie(36, bytes(3), 1), ie(31, b"\0\0", 1), ie(177, b"\0", 1), ie(UNKNOWN, b"\1", 1))
    assert codec.encode(codec.decode(octets)) == octets


def test_a_missing_mandatory_ie_rejects_the_procedure():
    error = refused(pdu(AMF, NAS_PDU))
    assert error.ies == (CriticalityDiagnosticsIEItem(ie_criticality="reject", ie_id=85, type_of_error="missing"),)
    assert (error.amf_ue_ngap_id, error.ran_ue_ngap_id) == (7, None)
    assert "id-RAN-UE-NGAP-ID is missing" in str(error)


def test_a_missing_mandatory_ie_that_may_be_ignored_is_none():
    message = codec.decode(pdu(AMF, RAN, NAS_PDU, code=46))
    assert isinstance(message, UplinkNASTransport)
    assert message.user_location_information is None


def test_a_missing_list_rejects_the_procedure():
    error = refused(pdu(ie(1, b"\0\0\x61"), code=21, outcome=1))
    assert error.triggering_message == "successful-outcome"
    assert [item.ie_id for item in error.ies] == [96, 80]


@pytest.mark.parametrize("ies", [(RAN, AMF, NAS_PDU), (AMF, AMF, RAN, NAS_PDU), (AMF, RAN, NAS_PDU, NAS_PDU)])
def test_ies_in_the_wrong_order_or_too_often_are_a_falsely_constructed_message(ies):
    error = refused(pdu(*ies))
    assert error.reject
    assert error.cause == "abstract-syntax-error-falsely-constructed-message"


def test_a_kept_ie_in_the_wrong_place_is_a_falsely_constructed_message():
    assert refused(pdu(AMF, RAN, ie(31, b"\0\0", 1), ie(36, bytes(3), 1), NAS_PDU)).reject


def test_an_unknown_procedure_to_be_rejected_or_notified_is_an_error():
    error = refused(pdu(AMF, RAN, code=200, criticality=0))
    assert error.reject
    assert (error.procedure_code, error.amf_ue_ngap_id, error.ran_ue_ngap_id) == (200, 7, 9)
    error = refused(pdu(AMF, code=200, criticality=2))
    assert not error.reject
    assert error.cause == "abstract-syntax-error-ignore-and-notify"


def test_an_unknown_procedure_to_be_ignored_is_kept():
    octets = pdu(AMF, code=200)
    message = codec.decode(octets)
    assert isinstance(message, RawMessage)
    assert codec.encode(message) == octets


def test_a_procedure_that_no_function_here_has_is_not_comprehended():
    error = refused(pdu(AMF, RAN, code=12, criticality=0))
    assert "HandoverPreparation" in str(error)


@pytest.mark.parametrize(
    "octets",
    [
        pdu(AMF, RAN, NAS_PDU)[:-1],
        pdu(AMF, RAN, NAS_PDU) + b"\0",
        pdu(AMF, RAN, ie(38, b"\x03\x7e\0")),
        pdu(AMF, RAN, ie(38, b"\x01\x7e\0")),
        pdu(ie(10, b"\xf0\1\2\3\4\5\6\7"), RAN, NAS_PDU),
        pdu(AMF, RAN, NAS_PDU, ie(UNKNOWN, b"\1", 3)),
        pdu(AMF, RAN, NAS_PDU, outcome=3),
        b"",
    ],
)
def test_what_cannot_be_decoded_is_a_transfer_syntax_error(octets):
    with pytest.raises(DecodeError) as caught:
        codec.decode(octets)
    assert not isinstance(caught.value, AbstractSyntaxError)


def test_a_transfer_syntax_error_names_message_and_element():
    with pytest.raises(DecodeError) as caught:
        codec.decode(pdu(AMF, RAN, ie(38, b"\x01\x7e\0")))
    assert "DownlinkNASTransport.NAS-PDU" in caught.value.path


def test_an_enumeration_value_of_a_later_release_is_kept():
    value = {"id": 15, "criticality": "ignore", "value": ("Cause", ("nas", "_ext_9"))}
    content = ("ErrorIndication", {"protocolIEs": [value]})
    octets = codec.generic().encode(
        "NGAP-PDU", ("initiatingMessage", {"procedureCode": 9, "criticality": "ignore", "value": content})
    )
    message = codec.decode(octets)
    assert message == ErrorIndication(cause=Cause("nas", "_ext_9"))
    assert codec.encode(message) == octets


def test_a_cause_of_a_later_release_is_kept():
    raw = Cause("choice-Extensions", "700:ignore:0102")
    octets = codec.encode(ErrorIndication(cause=raw))
    assert codec.decode(octets) == ErrorIndication(cause=raw)


def test_a_list_that_a_message_must_have_is_our_own_mistake():
    with pytest.raises(EncodeError, match="served_guami_list is missing"):
        codec.encode(NGSetupResponse(amf_name="amf", served_guami_list=(), plmn_support_list=()))


@pytest.mark.parametrize("identifier", [-1, 1 << 40, "1", None])
def test_an_identifier_out_of_range_is_our_own_mistake(identifier):
    with pytest.raises(EncodeError):
        codec.encode(DownlinkNASTransport(amf_ue_ngap_id=identifier, ran_ue_ngap_id=1, nas_pdu=b""))


def test_keys_are_not_shown():
    for message in EXAMPLES:
        if hasattr(message, "security_key") and message.security_key:
            assert bytes(message.security_key).hex() not in repr(message)
            assert repr(bytes(message.security_key)) not in repr(message)
