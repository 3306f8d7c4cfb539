"""EAP based primary authentication at the AMF (TS 24.501 clause 5.4.1.2): it carries EAP, it does not read it."""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any

import pytest

from awase.protocols.nas import messages as nas
from awase.protocols.nas.causes import FiveGMMCause
from awase.protocols.ngap.elements import Cause
from awase.protocols.sbi import codec
from awase.protocols.sbi.messages import Request, Response
from unit.functions.amf.bench import AUSF, Bench, Ue, k_seaf

REQUEST, SECOND, RESPONSE = b"\1\7\0\6\x32\1", b"\1\x08\0\6\x32\1", b"\2\7\0\6\x32\1"
SUCCESS, FAILURE = b"\3\7\0\4", b"\4\7\0\4"
LINK = f"http://{AUSF}/nausf-auth/v1/ue-authentications/1/eap-session"
LINKS = {"eap-session": {"href": LINK}}


def text(octets: bytes) -> str:
    return b64encode(octets).decode()


def ended(result: str, payload: bytes, **more: Any) -> Response:
    return codec.json_response(200, {"eapPayload": text(payload), "authResult": result, **more})


def begun(*sessions: Response, first: dict[str, Any] | None = None) -> tuple[Bench, Ue]:
    """A UE whose AUSF begins EAP and gives these answers to its EAP responses."""
    bench = Bench()
    answers = list(sessions)
    context = {"authType": "EAP_AKA_PRIME", "5gAuthData": text(REQUEST), "_links": LINKS}

    def authenticate(request: Request) -> Response:
        if request.path.endswith("/ue-authentications"):
            return codec.json_response(201, context | (first or {}))
        return answers.pop(0)

    bench.core.authenticate = authenticate
    ue = Ue(bench.gnb())
    ue.begin()
    return bench, ue


def success(ue_supi: str, rand: bytes = b"") -> Response:
    return ended("AUTHENTICATION_SUCCESS", SUCCESS, supi=ue_supi, kSeaf=k_seaf(rand).hex())


def test_the_eap_request_goes_to_the_ue_and_its_answer_to_the_ausf() -> None:
    bench, ue = begun(ended("AUTHENTICATION_FAILURE", FAILURE))
    request = ue.last()
    assert isinstance(request, nas.AuthenticationRequest)
    assert (request.eap_message, request.abba, request.authentication_parameter_rand) == (REQUEST, b"\0\0", None)
    ue.uplink(nas.AuthenticationResponse(eap_message=RESPONSE))
    assert [b64decode(body["eapPayload"]) for body in bench.core.bodies(AUSF, "POST", "/eap-session")] == [RESPONSE]


def test_eap_failure_goes_with_authentication_reject() -> None:
    bench, ue = begun(ended("AUTHENTICATION_FAILURE", FAILURE))
    ue.uplink(nas.AuthenticationResponse(eap_message=RESPONSE))
    assert ue.last() == nas.AuthenticationReject(eap_message=FAILURE)
    assert ue.released().cause == Cause("nas", "authentication-failure")
    assert "EAP challenge" in bench.event("AuthenticationFailed").text


def test_eap_success_goes_with_the_security_mode_command_and_the_ue_registers() -> None:
    _, ue = begun(success("imsi-001010000000001"))
    # The bench's UE derives its key from the RAND that it saw; there is none here.
    ue.rand = b""
    ue.uplink(nas.AuthenticationResponse(eap_message=RESPONSE))
    command = ue.last()
    assert isinstance(command, nas.SecurityModeCommand)
    assert (command.eap_message, command.abba) == (SUCCESS, b"\0\0")
    ue.complete_security()
    ue.set_up_context()
    assert isinstance(ue.last(), nas.RegistrationAccept)


def test_as_long_as_the_ausf_goes_on_so_does_the_amf_under_new_ngksis() -> None:
    ongoing = codec.json_response(
        200, {"eapPayload": text(SECOND), "authResult": "AUTHENTICATION_ONGOING", "_links": LINKS}
    )
    _, ue = begun(ongoing, success("imsi-001010000000001"))
    first = ue.last()
    ue.uplink(nas.AuthenticationResponse(eap_message=RESPONSE))
    second = ue.last()
    assert isinstance(second, nas.AuthenticationRequest)
    assert second.eap_message == SECOND
    assert second.ngksi != first.ngksi
    ue.rand = b""
    ue.uplink(nas.AuthenticationResponse(eap_message=RESPONSE))
    assert isinstance(ue.last(), nas.SecurityModeCommand)


def test_an_ausf_that_never_ends_is_ended() -> None:
    ongoing = codec.json_response(200, {"eapPayload": text(SECOND), "authResult": "AUTHENTICATION_ONGOING"})
    bench, ue = begun(*[ongoing] * 9)
    for _ in range(4):
        ue.uplink(nas.AuthenticationResponse(eap_message=RESPONSE))
    assert isinstance(ue.last(), nas.AuthenticationReject)
    assert "4 rounds" in bench.event("AuthenticationFailed").text


def test_the_request_is_sent_five_times_then_the_ue_is_released() -> None:
    bench, ue = begun()
    bench.wait(29)
    ue.take()
    assert [type(message) for message in ue.received] == [nas.AuthenticationRequest] * 5
    bench.wait(2)
    ue.take()
    assert bench.event("AuthenticationFailed").config == "t3560_s"


def test_an_ngksi_in_use_brings_the_same_request_under_another() -> None:
    _, ue = begun()
    first = ue.last()
    ue.uplink(nas.AuthenticationFailure(five_gmm_cause=FiveGMMCause.ngksi_already_in_use))
    assert ue.last().eap_message == REQUEST
    assert ue.last().ngksi != first.ngksi


def test_an_authentication_failure_is_a_reject() -> None:
    _, ue = begun()
    ue.uplink(nas.AuthenticationFailure(five_gmm_cause=FiveGMMCause.mac_failure))
    assert ue.last() == nas.AuthenticationReject()


BROKEN: dict[str, Callable[[], tuple[Bench, Ue]]] = {
    "no link": lambda: begun(first={"_links": {}}),
    "no EAP packet": lambda: begun(first={"5gAuthData": ""}),
    "a vector of 5G AKA": lambda: begun(
        first={"5gAuthData": {"rand": "00" * 16, "autn": "00" * 16, "hxresStar": "00" * 16}}
    ),
    "an EAP packet under 5G AKA": lambda: begun(first={"authType": "5G_AKA"}),
    "another method": lambda: begun(first={"authType": "EAP_TLS"}),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_context_that_makes_no_sense_is_congestion(what: str) -> None:
    _, ue = BROKEN[what]()
    assert isinstance(ue.last(), nas.RegistrationReject)
    assert ue.last().five_gmm_cause == FiveGMMCause.congestion


@pytest.mark.parametrize(
    "answer",
    [
        codec.problem(404, "CONTEXT_NOT_FOUND"),
        codec.json_response(200, b"7"),
        ended("AUTHENTICATION_SUCCESS", SUCCESS),
        ended("AUTHENTICATION_SUCCESS", SUCCESS, supi="imsi-001010000000001", kSeaf="zz"),
        ended("AUTHENTICATION_SUCCESS", SUCCESS, supi="x", kSeaf="00" * 32),
        codec.json_response(200, {"eapPayload": None, "authResult": "AUTHENTICATION_ONGOING"}),
    ],
)
def test_a_session_that_makes_no_sense_is_congestion_and_shows_no_key(answer: Response) -> None:
    bench, ue = begun(answer)
    ue.uplink(nas.AuthenticationResponse(eap_message=RESPONSE))
    assert isinstance(ue.last(), nas.RegistrationReject)
    assert ue.last().five_gmm_cause == FiveGMMCause.congestion
    assert "00" * 32 not in repr(bench.events)


def test_an_answer_without_an_eap_message_is_told_to_the_ausf() -> None:
    bench, ue = begun(ended("AUTHENTICATION_FAILURE", FAILURE))
    ue.uplink(nas.AuthenticationResponse(authentication_response_parameter=bytes(16)))
    assert json.loads(bench.core.requests[-1][1].body) == {"eapPayload": ""}
    assert isinstance(ue.last(), nas.AuthenticationReject)
