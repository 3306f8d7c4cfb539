"""What fits neither procedure nor state on N2: the specified answer, no more (TS 38.413 clauses 10.3 and 10.4)."""

from typing import Any

import pytest

from awase.protocols.ngap import codec
from awase.protocols.ngap import messages as ngap
from awase.protocols.ngap.elements import Cause, UENGAPIDPair, UserLocationInformation
from awase.wire.errors import DecodeError
from unit.functions.amf.bench import Bench, Gnb, Ue

WRONG_STATE = Cause("protocol", "message-not-compatible-with-receiver-state")
UNKNOWN = Cause("radioNetwork", "unknown-local-UE-NGAP-ID")
INCONSISTENT = Cause("radioNetwork", "inconsistent-remote-UE-NGAP-ID")
BY_CRITICALITY = {
    "reject": Cause("protocol", "abstract-syntax-error-reject"),
    "ignore": None,
    "notify": Cause("protocol", "abstract-syntax-error-ignore-and-notify"),
}
CHOICES = {"initiatingMessage": 0x00, "successfulOutcome": 0x20, "unsuccessfulOutcome": 0x40}
CRITICALITIES = {"reject": 0x00, "ignore": 0x40, "notify": 0x80}


def errors(gnb: Gnb) -> list[ngap.ErrorIndication]:
    return [message for message in gnb.take() if isinstance(message, ngap.ErrorIndication)]


def about_a_ue(gnb: Gnb, **ids: int) -> list[Any]:
    """A message of each UE-associated kind."""
    where: UserLocationInformation = gnb.location()
    return [
        ngap.UplinkNASTransport(nas_pdu=b"\x7e\x00\x41", user_location_information=where, **ids),
        ngap.InitialContextSetupResponse(**ids),
        ngap.InitialContextSetupFailure(cause=Cause("misc", "unspecified"), **ids),
        ngap.UEContextReleaseRequest(cause=Cause("misc", "unspecified"), **ids),
        ngap.UEContextReleaseComplete(**ids),
        ngap.UERadioCapabilityInfoIndication(ue_radio_capability=b"x", **ids),
        ngap.NASNonDeliveryIndication(nas_pdu=b"x", cause=Cause("misc", "unspecified"), **ids),
        ngap.PDUSessionResourceSetupResponse(**ids),
        ngap.PDUSessionResourceReleaseResponse(pdu_session_resource_released_list_rel_res=(), **ids),
        ngap.PDUSessionResourceModifyResponse(**ids),
    ]


@pytest.mark.parametrize("number", range(10))
def test_before_ng_setup_every_message_is_incompatible_with_the_state(number: int) -> None:
    bench = Bench()
    gnb = bench.gnb(set_up=False)
    gnb.send(about_a_ue(gnb, amf_ue_ngap_id=1, ran_ue_ngap_id=1)[number])
    (error,) = errors(gnb)
    assert error.cause == WRONG_STATE
    assert [event.name for event in bench.events] == ["MessageBeforeNgSetup"]
    assert not bench.amf.connections


@pytest.mark.parametrize("message", [
    ngap.NGReset(cause=Cause("misc", "unspecified"), reset_type="reset-all"),
    ngap.NGResetAcknowledge(),
    ngap.AMFConfigurationUpdateAcknowledge(),
], ids=lambda message: type(message).__name__)  # fmt: skip
def test_before_ng_setup_node_messages_are_incompatible_too(message: Any) -> None:
    bench = Bench()
    gnb = bench.gnb(set_up=False)
    gnb.send(message)
    (error,) = errors(gnb)
    assert error.cause == WRONG_STATE


@pytest.mark.parametrize("number", range(10))
def test_every_message_about_an_unknown_ue_gets_the_identifiers_that_it_gave(number: int) -> None:
    bench = Bench()
    gnb = bench.gnb()
    gnb.take()
    gnb.send(about_a_ue(gnb, amf_ue_ngap_id=77, ran_ue_ngap_id=78)[number])
    (error,) = errors(gnb)
    assert (error.cause, error.amf_ue_ngap_id, error.ran_ue_ngap_id) == (UNKNOWN, 77, 78)


@pytest.mark.parametrize("number", range(10))
def test_every_message_with_an_inconsistent_identifier_ends_the_connection(number: int) -> None:
    bench = Bench()
    gnb = bench.gnb()
    ue, other = Ue(gnb).register(), Ue(gnb, 2).register()
    gnb.take()
    gnb.send(about_a_ue(gnb, amf_ue_ngap_id=ue.amf_id or 0, ran_ue_ngap_id=9999)[number])
    (error,) = errors(gnb)
    assert (error.cause, error.ran_ue_ngap_id) == (INCONSISTENT, 9999)
    assert ue.amf_id not in bench.amf.connections
    assert other.amf_id in bench.amf.connections


@pytest.mark.parametrize("criticality", CRITICALITIES)
@pytest.mark.parametrize("code", [66, 100, 255, 10, 63])
def test_an_unknown_procedure_is_answered_by_its_criticality(code: int, criticality: str) -> None:
    bench = Bench()
    gnb = bench.gnb()
    ue = Ue(gnb).register()
    gnb.take()
    gnb.send_octets(bytes((0x00, code, CRITICALITIES[criticality], 3, 0, 0, 0)))
    found = errors(gnb)
    expected = BY_CRITICALITY[criticality]
    assert [error.cause for error in found] == ([] if expected is None else [expected])
    for error in found:
        diagnostics = error.criticality_diagnostics
        assert diagnostics is not None
        assert (diagnostics.procedure_code, diagnostics.triggering_message) == (code, "initiating-message")
        assert diagnostics.procedure_criticality == criticality
    assert ue.amf_id in bench.amf.connections


@pytest.mark.parametrize("criticality", CRITICALITIES)
@pytest.mark.parametrize("choice", ["successfulOutcome", "unsuccessfulOutcome"])
@pytest.mark.parametrize("code", range(70))
def test_an_outcome_that_nobody_asked_for_changes_nothing(code: int, choice: str, criticality: str) -> None:
    bench = Bench()
    gnb = bench.gnb()
    ue = Ue(gnb).register()
    gnb.take()
    octets = bytes((CHOICES[choice], code, CRITICALITIES[criticality], 3, 0, 0, 0))
    gnb.send_octets(octets)
    for error in errors(gnb):
        assert error.cause is not None
        assert error.cause == UNKNOWN or error.cause.group == "protocol"
    assert ue.amf_id in bench.amf.connections
    assert gnb.association in bench.amf.gnbs
    try:
        codec.decode(octets)
    except DecodeError:
        assert bench.event("MalformedPacket")


@pytest.mark.parametrize("message", [
    ngap.NGResetAcknowledge(),
    ngap.AMFConfigurationUpdateAcknowledge(),
], ids=lambda message: type(message).__name__)  # fmt: skip
def test_an_answer_of_the_node_to_nothing_is_incompatible_with_the_state(message: Any) -> None:
    bench = Bench()
    gnb = bench.gnb()
    gnb.take()
    gnb.send(message)
    (error,) = errors(gnb)
    assert error.cause == WRONG_STATE


def test_a_context_setup_response_to_nothing_is_incompatible_with_the_state() -> None:
    bench = Bench()
    gnb = bench.gnb()
    ue = Ue(gnb)
    ue.begin()
    gnb.take()
    gnb.send(ngap.InitialContextSetupResponse(amf_ue_ngap_id=ue.amf_id or 0, ran_ue_ngap_id=ue.ran_id))
    (error,) = errors(gnb)
    assert (error.cause, error.amf_ue_ngap_id, error.ran_ue_ngap_id) == (WRONG_STATE, ue.amf_id, ue.ran_id)
    assert ue.amf_id in bench.amf.connections


def test_a_message_that_only_an_amf_sends_is_a_semantic_error() -> None:
    bench = Bench()
    gnb = bench.gnb()
    gnb.take()
    pair = UENGAPIDPair(amf_ue_ngap_id=1, ran_ue_ngap_id=1)
    gnb.send(ngap.UEContextReleaseCommand(ue_ngap_ids=pair, cause=Cause("misc", "unspecified")))
    (error,) = errors(gnb)
    assert error.cause is not None
    assert error.cause.group == "protocol"


def test_an_error_indication_is_never_answered() -> None:
    bench = Bench()
    gnb = bench.gnb()
    gnb.take()
    gnb.send(ngap.ErrorIndication(cause=WRONG_STATE))
    gnb.send(ngap.ErrorIndication(amf_ue_ngap_id=7, ran_ue_ngap_id=8, cause=UNKNOWN))
    # One that lacks everything, or whose element is not comprehended.
    gnb.send_octets(bytes((0x00, 9, 0x40, 3, 0, 0, 0)))
    gnb.send_octets(bytes((0x00, 9, 0x40, 8, 0, 0, 1, 0x12, 0x67, 0x00, 1, 0)))
    assert errors(gnb) == []
