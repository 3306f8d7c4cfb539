"""Elements that are not comprehended, by their criticality (TS 38.413 clause 10.3)."""

from typing import Any

import msgspec
import pytest

from awase.protocols.nas import messages as nas
from awase.protocols.nas.causes import FiveGMMCause
from awase.protocols.nas.codec import encode
from awase.protocols.ngap import messages as ngap
from awase.protocols.ngap.elements import Cause, RawIE
from unit.functions.amf.bench import Bench, Ue, ng_setup_request


def with_unknown(message: Any, criticality: str) -> Any:
    """The message with an element of a later release."""
    return msgspec.structs.replace(message, unknown=(RawIE(id=4711, criticality=criticality, octets=b"\x00"),))


@pytest.mark.parametrize("criticality", ["ignore", "notify"])
def test_ng_setup_with_an_element_that_may_be_ignored_is_accepted(criticality: str) -> None:
    """Elements of a later release; TP_NGAP_AMF_IMP_04."""
    gnb = Bench().gnb(set_up=False)
    gnb.send(with_unknown(ng_setup_request(), criticality))
    response = gnb.last()
    assert isinstance(response, ngap.NGSetupResponse)
    diagnostics = response.criticality_diagnostics
    if criticality == "notify":
        (item,) = diagnostics.ies_criticality_diagnostics
        assert (item.ie_id, item.ie_criticality, item.type_of_error) == (4711, "notify", "not-understood")
    else:
        assert diagnostics is None


def test_ng_setup_with_an_element_that_must_be_understood_fails_and_names_it() -> None:
    gnb = Bench().gnb(set_up=False)
    gnb.send(with_unknown(ng_setup_request(), "reject"))
    failure = gnb.last()
    assert isinstance(failure, ngap.NGSetupFailure)
    assert failure.cause == Cause("protocol", "abstract-syntax-error-reject")
    diagnostics = failure.criticality_diagnostics
    assert diagnostics is not None
    assert diagnostics.procedure_code == 21
    assert [item.ie_id for item in diagnostics.ies_criticality_diagnostics] == [4711]


def test_a_configuration_update_that_cannot_be_understood_fails() -> None:
    gnb = Bench().gnb()
    gnb.send(with_unknown(ngap.RANConfigurationUpdate(ran_node_name="x"), "reject"))
    assert isinstance(gnb.last(), ngap.RANConfigurationUpdateFailure)
    assert gnb.last().cause == Cause("protocol", "abstract-syntax-error-reject")


def status(ue: Ue) -> ngap.UplinkNASTransport:
    assert ue.security is not None
    message = nas.FiveGMMStatus(five_gmm_cause=FiveGMMCause.protocol_error_unspecified)
    return ngap.UplinkNASTransport(
        amf_ue_ngap_id=ue.amf_id or 0, ran_ue_ngap_id=ue.ran_id, nas_pdu=ue.security.protect(encode(message))
    )


def test_a_message_with_an_element_that_must_be_understood_is_not_processed() -> None:
    bench = Bench()
    ue = Ue(bench.gnb()).register()
    ue.gnb.send(with_unknown(status(ue), "reject"))
    error = ue.gnb.last()
    assert isinstance(error, ngap.ErrorIndication)
    assert (error.amf_ue_ngap_id, error.ran_ue_ngap_id) == (ue.amf_id, ue.ran_id)
    assert error.cause == Cause("protocol", "abstract-syntax-error-reject")
    assert "FiveGMMStatus" not in bench.names()
    assert bench.event("MalformedPacket").fields["port"] == "n2"


def test_a_message_with_an_element_to_be_notified_is_processed_and_reported() -> None:
    bench = Bench()
    ue = Ue(bench.gnb()).register()
    ue.gnb.send(with_unknown(status(ue), "notify"))
    assert "FiveGMMStatus" in bench.names()
    error = ue.gnb.last()
    assert error.cause == Cause("protocol", "abstract-syntax-error-ignore-and-notify")
    diagnostics = error.criticality_diagnostics
    assert (diagnostics.procedure_code, diagnostics.triggering_message, diagnostics.procedure_criticality) == (
        46,
        "initiating-message",
        "ignore",
    )


def test_an_answer_that_cannot_be_understood_ends_its_procedure_without_another() -> None:
    """Clause 10.3.4.2: local error handling."""
    bench = Bench()
    ue = Ue(bench.gnb())
    ue.begin()
    ue.authenticate()
    ue.complete_security()
    answer = ngap.InitialContextSetupResponse(amf_ue_ngap_id=ue.amf_id, ran_ue_ngap_id=ue.ran_id)
    ue.gnb.send(with_unknown(answer, "reject"))
    ue.take()
    assert isinstance(ue.messages[-1], ngap.UEContextReleaseCommand)
    assert not any(isinstance(message, ngap.ErrorIndication) for message in ue.messages)
