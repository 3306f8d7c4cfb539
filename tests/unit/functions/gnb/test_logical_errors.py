"""What fits neither procedure nor state on N2: the specified answer, no more (TS 38.413 clauses 10.3 and 10.4)."""

from typing import Any

import pytest

from awase.protocols.ngap import messages as m
from awase.protocols.ngap.elements import Cause, UENGAPIDPair
from unit.functions.gnb.rig import (
    Rig,
    initial_context_setup_request,
    ng_setup_response,
    session_setup_request,
    setup_transfer,
)

WRONG_STATE = Cause("protocol", "message-not-compatible-with-receiver-state")
UNKNOWN = Cause("radioNetwork", "unknown-local-UE-NGAP-ID")
INCONSISTENT = Cause("radioNetwork", "inconsistent-remote-UE-NGAP-ID")
UNSPECIFIED = Cause("misc", "unspecified")
BY_CRITICALITY = {
    "reject": Cause("protocol", "abstract-syntax-error-reject"),
    "ignore": None,
    "notify": Cause("protocol", "abstract-syntax-error-ignore-and-notify"),
}
CRITICALITIES = {"reject": 0x00, "ignore": 0x40, "notify": 0x80}


def about_a_ue(**ids: int) -> list[Any]:
    return [
        m.DownlinkNASTransport(nas_pdu=b"x", **ids),
        initial_context_setup_request(ids),
        session_setup_request(ids, (1, setup_transfer())),
        m.UEContextReleaseCommand(ue_ngap_ids=UENGAPIDPair(**ids), cause=UNSPECIFIED),
        m.UEContextModificationRequest(**ids),
    ]


def answers(rig: Rig, message: Any) -> list[m.ErrorIndication]:
    before = len(rig.all(m.ErrorIndication))
    rig.amf_send(message, stream=0)
    return rig.all(m.ErrorIndication)[before:]


@pytest.mark.parametrize("number", range(5))
def test_before_ng_setup_no_ue_is_known(number: int) -> None:
    rig = Rig(setup=False)
    (error,) = answers(rig, about_a_ue(amf_ue_ngap_id=7, ran_ue_ngap_id=8)[number])
    assert (error.cause, error.amf_ue_ngap_id, error.ran_ue_ngap_id) == (UNKNOWN, 7, 8)


@pytest.mark.parametrize("message", [
    m.OverloadStart(amf_overload_response="reject-rrc-cr-signalling"),
    m.OverloadStop(),
    m.NGReset(cause=UNSPECIFIED, reset_type="reset-all"),
    m.NGResetAcknowledge(),
], ids=lambda message: type(message).__name__)  # fmt: skip
def test_before_ng_setup_node_messages_are_incompatible_with_the_state(message: Any) -> None:
    rig = Rig(setup=False)
    (error,) = answers(rig, message)
    assert error.cause == WRONG_STATE


@pytest.mark.parametrize("number", range(5))
def test_an_unknown_ue_gets_the_identifiers_that_were_given(number: int) -> None:
    rig = Rig()
    ue = rig.ue_with_context()
    (error,) = answers(rig, about_a_ue(amf_ue_ngap_id=7007, ran_ue_ngap_id=8008)[number])
    assert (error.cause, error.amf_ue_ngap_id, error.ran_ue_ngap_id) == (UNKNOWN, 7007, 8008)
    assert ue.ids["ran_ue_ngap_id"] in rig.gnb.ues


@pytest.mark.parametrize("number", range(5))
def test_an_inconsistent_identifier_ends_that_ues_connection(number: int) -> None:
    rig = Rig()
    ue, other = rig.ue_with_context(), rig.ue_with_context()
    (error,) = answers(rig, about_a_ue(**{**ue.ids, "amf_ue_ngap_id": 7007})[number])
    assert (error.cause, error.amf_ue_ngap_id) == (INCONSISTENT, 7007)
    assert ue.ids["ran_ue_ngap_id"] not in rig.gnb.ues
    assert other.ids["ran_ue_ngap_id"] in rig.gnb.ues


@pytest.mark.parametrize("message", [
    ng_setup_response("impostor"),
    m.NGSetupFailure(cause=UNSPECIFIED),
    m.NGResetAcknowledge(),
    m.RANConfigurationUpdateAcknowledge(),
    m.RANConfigurationUpdateFailure(cause=UNSPECIFIED),
], ids=lambda message: type(message).__name__)  # fmt: skip
def test_an_answer_to_nothing_is_incompatible_with_the_state(message: Any) -> None:
    rig = Rig()
    ue = rig.ue_with_context()
    (error,) = answers(rig, message)
    assert error.cause == WRONG_STATE
    assert ue.ids["ran_ue_ngap_id"] in rig.gnb.ues


@pytest.mark.parametrize("criticality", CRITICALITIES)
@pytest.mark.parametrize("code", [66, 100, 255, 13, 63])
def test_an_unknown_procedure_is_answered_by_its_criticality(code: int, criticality: str) -> None:
    rig = Rig()
    ue = rig.ue_with_context()
    rig.amf_packet(bytes((0x00, code, CRITICALITIES[criticality], 3, 0, 0, 0)), stream=0)
    found = rig.all(m.ErrorIndication)
    expected = BY_CRITICALITY[criticality]
    assert [error.cause for error in found] == ([] if expected is None else [expected])
    for error in found:
        assert error.criticality_diagnostics.procedure_code == code
        assert error.criticality_diagnostics.procedure_criticality == criticality
    assert ue.ids["ran_ue_ngap_id"] in rig.gnb.ues


@pytest.mark.parametrize("choice", [0x20, 0x40], ids=["successful", "unsuccessful"])
@pytest.mark.parametrize("code", range(70))
def test_an_outcome_that_nobody_asked_for_changes_nothing(code: int, choice: int) -> None:
    rig = Rig()
    ue = rig.ue_with_context()
    rig.amf_packet(bytes((choice, code, 0x00, 3, 0, 0, 0)), stream=0)
    for error in rig.all(m.ErrorIndication):
        assert error.cause == UNKNOWN or error.cause.group == "protocol"
    assert ue.ids["ran_ue_ngap_id"] in rig.gnb.ues
    assert rig.gnb.amfs[0].state.name == "SERVING"


def test_an_error_indication_is_never_answered() -> None:
    rig = Rig()
    for octets in ((0x00, 9, 0x40, 3, 0, 0, 0), (0x00, 9, 0x40, 8, 0, 0, 1, 0x12, 0x67, 0x00, 1, 0)):
        rig.amf_packet(bytes(octets), stream=0)
    assert answers(rig, m.ErrorIndication(cause=WRONG_STATE)) == []
    assert rig.all(m.ErrorIndication) == []
