"""5G AKA (TS 24.501 clause 5.4.1.3): the ETSI test purposes for the AMF, and core functions that do not help."""

import json

import pytest

from awase.protocols.nas import messages as nas
from awase.protocols.nas.causes import FiveGMMCause
from awase.protocols.nas.elements import Suci
from awase.protocols.ngap import messages as ngap
from awase.protocols.ngap.elements import Cause
from awase.protocols.sbi import codec
from unit.functions.amf.bench import AUSF, PLMN, Bench, Ue, res_star


def failure(cause: FiveGMMCause, auts: bytes | None = None) -> nas.AuthenticationFailure:
    return nas.AuthenticationFailure(five_gmm_cause=cause, authentication_failure_parameter=auts)


def begun(bench: Bench, number: int = 1) -> Ue:
    ue = Ue(bench.gnb(), number)
    ue.begin()
    assert isinstance(ue.last(), nas.AuthenticationRequest)
    return ue


def test_a_wrong_res_is_answered_with_authentication_reject() -> None:
    """TP_5GNAS_AMF_AUT_REQ_02; TS 33.512 4.2.2.1.2."""
    bench = Bench()
    ue = begun(bench)
    ue.uplink(nas.AuthenticationResponse(authentication_response_parameter=bytes(16)))
    assert isinstance(ue.last(), nas.AuthenticationReject)
    assert ue.released().cause == Cause("nas", "authentication-failure")
    # The AUSF learns of it, too.
    assert bench.core.bodies(AUSF, "PUT") == [{"resStar": "00" * 16}]
    assert "RES* is wrong" in bench.event("AuthenticationFailed").text


def test_a_response_without_res_is_a_wrong_one() -> None:
    bench = Bench()
    ue = begun(bench)
    ue.uplink(nas.AuthenticationResponse())
    assert isinstance(ue.last(), nas.AuthenticationReject)
    assert bench.core.bodies(AUSF, "PUT") == [{"resStar": None}]


def test_the_request_is_sent_five_times_then_the_ue_is_released() -> None:
    """TP_5GNAS_AMF_AUT_REQ_03."""
    bench = Bench()
    ue = begun(bench)
    bench.wait(29)
    ue.take()
    assert [type(message) for message in ue.received] == [nas.AuthenticationRequest] * 5
    assert len(set(ue.received)) == 1
    bench.wait(2)
    ue.take()
    assert isinstance(ue.messages[-1], ngap.UEContextReleaseCommand)
    assert bench.event("AuthenticationFailed").config == "t3560_s"


def test_mac_failure_leads_to_an_identity_request_then_to_authentication_reject() -> None:
    """TP_5GNAS_AMF_AUT_REQ_04, AUT_ABN_03: the identity was right."""
    bench = Bench()
    ue = begun(bench)
    ue.uplink(failure(FiveGMMCause.mac_failure))
    assert isinstance(ue.last(), nas.IdentityRequest)
    ue.uplink(nas.IdentityResponse(mobile_identity=ue.suci))
    assert isinstance(ue.last(), nas.AuthenticationReject)
    assert "K, OP or OPc" in bench.event("AuthenticationFailed").text
    assert bench.event("AuthenticationFailed").subject == ue.supi


@pytest.mark.parametrize("cause", [FiveGMMCause.mac_failure, FiveGMMCause.non_5g_authentication_unacceptable])
def test_a_guti_that_was_anothers_leads_to_a_challenge_for_the_right_one(cause: FiveGMMCause) -> None:
    """TP_5GNAS_AMF_AUT_ABN_01, AUT_ABN_02: the mapping was wrong."""
    bench = Bench()
    gnb = bench.gnb()
    other = Ue(gnb, 2).register()
    ue = Ue(gnb)
    ue.guti = other.guti
    ue.begin()
    assert isinstance(ue.last(), nas.AuthenticationRequest)
    ue.uplink(failure(cause))
    assert isinstance(ue.last(), nas.IdentityRequest)
    ue.uplink(nas.IdentityResponse(mobile_identity=ue.suci))
    assert isinstance(ue.last(), nas.AuthenticationRequest)
    ue.authenticate()
    ue.complete_security()
    ue.set_up_context()
    ue.complete_registration()
    # The other keeps its connection and its context.
    assert other.amf_id in bench.amf.connections
    assert len(bench.amf.by_supi) == 2


def test_a_guti_that_was_right_leads_to_authentication_reject() -> None:
    """TP_5GNAS_AMF_AUT_ABN_03."""
    bench = Bench()
    ue = Ue(bench.gnb()).register()
    ue.security = None
    ue.begin()
    ue.uplink(failure(FiveGMMCause.mac_failure))
    ue.uplink(nas.IdentityResponse(mobile_identity=ue.suci))
    assert isinstance(ue.last(), nas.AuthenticationReject)
    assert ue.supi in bench.amf.by_supi


def test_ngksi_in_use_leads_to_the_same_challenge_under_a_new_ngksi() -> None:
    """TP_5GNAS_AMF_AUT_REQ_05."""
    bench = Bench()
    ue = begun(bench)
    ue.uplink(failure(FiveGMMCause.ngksi_already_in_use))
    first, second = (m for m in ue.received if isinstance(m, nas.AuthenticationRequest))
    assert first.ngksi != second.ngksi
    assert first.authentication_parameter_rand == second.authentication_parameter_rand
    assert len(bench.core.bodies(AUSF, "POST")) == 1
    ue.authenticate()
    assert isinstance(ue.last(), nas.SecurityModeCommand)


def test_each_authentication_has_an_ngksi_of_its_own() -> None:
    bench = Bench()
    ue = Ue(bench.gnb()).register()
    first = ue.security.ngksi if ue.security else None
    ue.security = None
    ue.begin()
    assert ue.last().ngksi != first


def test_synchronisation_failure_is_resolved_once_with_auts() -> None:
    """TS 33.512 4.2.2.1.1 TC_SYNC_FAIL_SEAF_AMF."""
    bench = Bench()
    ue = begun(bench)
    rand = ue.last().authentication_parameter_rand
    ue.uplink(failure(FiveGMMCause.synch_failure, b"\x11" * 14))
    body = bench.core.bodies(AUSF, "POST")[-1]
    assert body["resynchronizationInfo"] == {"rand": rand.hex(), "auts": "11" * 14}
    assert ue.last().authentication_parameter_rand != rand
    ue.uplink(failure(FiveGMMCause.synch_failure, b"\x11" * 14))
    assert isinstance(ue.last(), nas.AuthenticationReject)
    assert "second synchronisation failure" in bench.event("AuthenticationFailed").text


def test_synchronisation_failure_then_a_good_answer_goes_on() -> None:
    bench = Bench()
    ue = begun(bench)
    ue.uplink(failure(FiveGMMCause.synch_failure, bytes(14)))
    ue.authenticate()
    assert isinstance(ue.last(), nas.SecurityModeCommand)


@pytest.mark.parametrize("answer", ["silent", "error", "garbage", "eap"])
def test_an_ausf_that_gives_no_vector_leads_to_congestion(answer: str) -> None:
    """Without T3346, which nobody vouches for: the UE is back after T3511 (TS 24.501 clause 5.5.1.2.7 d)."""
    bench = Bench()
    answers = {
        "silent": None,
        "error": codec.problem(500, "SYSTEM_FAILURE"),
        "garbage": codec.json_response(201, {"authType": 5}),
        "eap": codec.json_response(
            201,
            {
                "authType": "EAP_AKA_PRIME",
                "5gAuthData": {"rand": "00" * 16, "autn": "00" * 16, "hxresStar": "00" * 16},
                "_links": {"5g-aka": {"href": "/x"}},
            },
        ),
    }
    bench.core.authenticate = lambda request: answers[answer]
    ue = Ue(bench.gnb())
    ue.begin()
    bench.wait(5)
    ue.take()
    assert ue.last().five_gmm_cause == FiveGMMCause.congestion
    assert ue.last().t3346_value is None
    assert isinstance(ue.messages[-1], ngap.UEContextReleaseCommand)


@pytest.mark.parametrize(
    ("status", "cause", "expected"),
    [
        (404, "USER_NOT_FOUND", FiveGMMCause.illegal_ue),
        (403, "SERVING_NETWORK_NOT_AUTHORIZED", FiveGMMCause.serving_network_not_authorized),
    ],
)
def test_an_unknown_subscriber_is_named_in_words(status: int, cause: str, expected: FiveGMMCause) -> None:
    bench = Bench()
    bench.core.authenticate = lambda request: codec.problem(status, cause, "no such subscriber")
    ue = Ue(bench.gnb())
    ue.begin()
    assert ue.last().five_gmm_cause == expected
    assert "no such subscriber" in bench.event("AuthenticationRefused").text


def test_a_silent_ausf_at_confirmation_leads_to_congestion() -> None:
    bench = Bench()
    bench.core.confirm = lambda request: None
    ue = begun(bench)
    ue.authenticate()
    bench.wait(9)
    ue.take()
    assert ue.last().five_gmm_cause == FiveGMMCause.congestion
    assert bench.event("AusfSilent").config == "peers.N12"


def test_a_confirmation_without_key_is_not_believed() -> None:
    bench = Bench()
    bench.core.confirm = lambda request: codec.json_response(
        200, {"authResult": "AUTHENTICATION_SUCCESS", "supi": "imsi-001010000000001", "kseaf": "zz" * 32}
    )
    ue = begun(bench)
    ue.authenticate()
    assert ue.last().five_gmm_cause == FiveGMMCause.congestion
    assert not bench.amf.by_supi


def test_without_an_ausf_nobody_registers() -> None:
    bench = Bench(peers={})
    ue = Ue(bench.gnb())
    ue.begin()
    bench.wait(4)
    ue.take()
    assert ue.last().five_gmm_cause == FiveGMMCause.congestion


def test_a_concealed_suci_goes_to_the_ausf_as_it_came() -> None:
    bench = Bench()
    ue = Ue(bench.gnb())
    ue.suci = Suci(
        plmn=PLMN,
        routing_indicator="12",
        protection_scheme_id=1,
        home_network_public_key_identifier=3,
        scheme_output=b"\xab" * 45,
    )
    ue.begin()
    assert bench.core.bodies(AUSF, "POST")[0]["supiOrSuci"] == "suci-0-001-01-12-1-3-" + "ab" * 45
    ue.uplink(nas.AuthenticationResponse())
    text = bench.event("AuthenticationFailed").text
    assert "a subscriber of 001-01 (SUCI under home network key 3)" in text
    assert "abab" not in text


def test_the_guard_timer_ends_a_ue_that_never_stops_asking() -> None:
    bench = Bench(t3560_s=20, authentication_s=30)
    ue = begun(bench)
    bench.wait(31)
    ue.take()
    assert isinstance(ue.messages[-1], ngap.UEContextReleaseCommand)
    assert bench.event("NotAuthenticatedInTime").config == "authentication_s"


def test_no_key_shows_in_an_event() -> None:
    bench = Bench()
    ue = Ue(bench.gnb()).register()
    text = json.dumps([[event.text, dict(event.fields)] for event in bench.events])
    assert res_star(ue.rand).hex() not in text
    assert ue.security is not None
    assert ue.security.k_amf.hex() not in text
