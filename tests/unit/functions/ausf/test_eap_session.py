"""EAP-AKA' at the AUSF (TS 33.501 clause 6.1.3.1), beside a scripted UDM and a UE's answers made by hand."""

import json
from base64 import b64decode, b64encode

import pytest

from awase.functions.ausf.part import PART_TYPE
from awase.protocols.eap.codec import decode, encode, protect, verify
from awase.protocols.eap.messages import (
    AkaPrime,
    AtAutn,
    AtAuts,
    AtCheckcode,
    AtClientErrorCode,
    AtKdf,
    AtKdfInput,
    AtRand,
    AtRes,
    Code,
    Failure,
    OtherMethod,
    Subtype,
    Success,
)
from awase.protocols.sbi import codec
from awase.security import kdf
from unit.protocols.sbi.exchanges import Desk, LocalServices, Request, Response

UDM = "10.0.0.6:8080"
PATH = "/nausf-auth/v1/ue-authentications"
SNN = "5G:mnc001.mcc001.3gppnetwork.org"
SUPI = "imsi-001010000000001"
SUCI = "suci-0-001-01-0-0-0-0000000001"
JSON = (("content-type", "application/json"),)
CK_PRIME, IK_PRIME, XRES = bytes(range(16)), bytes(range(16, 32)), bytes(range(8))
KEYS = kdf.eap_aka_prime_keys(CK_PRIME, IK_PRIME, "001010000000001")
CREATED = codec.json_response(201, b"{}")


def vector(rand=bytes(16), autn=bytes(16)):
    av = {"avType": "EAP_AKA_PRIME", "rand": rand.hex(), "autn": autn.hex(), "xres": XRES.hex()}
    av |= {"ckPrime": CK_PRIME.hex(), "ikPrime": IK_PRIME.hex()}
    return codec.json_response(200, {"authType": "EAP_AKA_PRIME", "authenticationVector": av, "supi": SUPI})


def ausf(**config):
    peers = {"N13": [{"part": "udm", "function": "udm", "address": UDM}]}
    return Desk(PART_TYPE.build("ausf", {"peers": peers, "plmn": "001-01"} | config, LocalServices()))


def start(desk):
    """Start, and give the context's body, its link and the EAP request."""
    body = {"supiOrSuci": SUCI, "servingNetworkName": SNN}
    response = desk.ask(Request("POST", PATH, JSON, json.dumps(body).encode(), "10.0.0.5:8080"), vector())
    assert response.status == 201
    context = json.loads(response.body)
    href = context["_links"]["eap-session"]["href"]
    assert href == response.header("location") + "/eap-session"
    return context, href.removeprefix("http://10.0.0.5:8080"), b64decode(context["5gAuthData"])


def session(path, payload):
    text = None if payload is None else b64encode(payload).decode()
    return Request("POST", path, JSON, json.dumps({"eapPayload": text}).encode(), "10.0.0.5:8080")


def respond(request, subtype, *attributes, protected=True):
    packet = AkaPrime(code=Code.response, identifier=decode(request).identifier, subtype=subtype, attributes=attributes)
    return protect(packet, KEYS.k_aut) if protected else encode(packet)


def result(response):
    assert response.status == 200
    body = json.loads(response.body)
    return body, decode(b64decode(body["eapPayload"]))


def test_the_challenge_holds_the_vector_and_the_serving_network_name_under_a_mac():
    context, _, octets = start(ausf())
    assert context["authType"] == "EAP_AKA_PRIME"
    request = decode(octets)
    assert (request.code, request.subtype) == (Code.request, Subtype.challenge)
    assert request.find(AtRand).rand == bytes(16)
    assert request.find(AtAutn).autn == bytes(16)
    assert request.kdfs == (1,)
    assert request.find(AtKdfInput).network_name == SNN.encode()
    assert verify(octets, KEYS.k_aut)


def test_the_right_answer_brings_eap_success_supi_and_k_seaf():
    desk = ausf()
    _, path, request = start(desk)
    exchange = desk.send(session(path, respond(request, Subtype.challenge, AtRes(res=XRES))))
    event = json.loads(desk.upstream().body)
    assert (event["success"], event["authType"]) == (True, "EAP_AKA_PRIME")
    desk.answer(CREATED)
    body, packet = result(desk.responses[exchange])
    assert packet == Success(identifier=decode(request).identifier)
    assert (body["authResult"], body["supi"]) == ("AUTHENTICATION_SUCCESS", SUPI)
    assert body["kSeaf"] == kdf.k_seaf(KEYS.emsk[:32], SNN).hex()
    again = desk.ask(session(path, respond(request, Subtype.challenge, AtRes(res=XRES))))
    assert again.status == 404


def test_a_checkcode_of_no_identity_rounds_is_taken():
    desk = ausf()
    _, path, request = start(desk)
    answer = respond(request, Subtype.challenge, AtRes(res=XRES), AtCheckcode(checkcode=b""))
    assert result(desk.ask(session(path, answer), CREATED))[0]["authResult"] == "AUTHENTICATION_SUCCESS"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (lambda r: respond(r, Subtype.challenge, AtRes(res=bytes(8))), "RES is wrong"),
        (lambda r: respond(r, Subtype.challenge), "RES is wrong"),
        (lambda r: respond(r, Subtype.challenge, AtRes(res=XRES), protected=False), "AT_MAC is wrong"),
        (lambda r: respond(r, Subtype.challenge, AtRes(res=XRES))[:-1] + b"\0", "AT_MAC is wrong"),
        (lambda r: respond(r, Subtype.challenge, AtRes(res=XRES), AtKdf(key_derivation_function=1)), "not asked for"),
        (lambda r: respond(r, Subtype.challenge, AtRes(res=XRES), AtCheckcode(checkcode=bytes(32))), "not asked for"),
        (lambda r: respond(r, Subtype.authentication_reject, protected=False), "did not take the AUTN"),
        (lambda r: respond(r, Subtype.client_error, AtClientErrorCode(client_error_code=0)), "cannot process"),
        (lambda r: respond(r, Subtype.synchronization_failure, protected=False), "synchronization_failure"),
        (lambda r: respond(r, Subtype.identity), "identity"),
        (lambda r: r, "no response"),
        (lambda r: encode(OtherMethod(code=Code.response, identifier=r[1], type=3, data=b"\6")), "OtherMethod"),
        (lambda r: encode(Success(identifier=r[1])), "Success"),
        (lambda r: bytes((2, r[1] ^ 1)) + respond(r, Subtype.challenge, AtRes(res=XRES))[2:], "another request"),
        (lambda _: b"\2\0\0", "cannot be read"),
        (lambda _: None, "cannot be read"),
    ],
)
def test_any_other_answer_is_a_failure_and_the_udm_learns_of_it(answer, why):
    desk = ausf()
    _, path, request = start(desk)
    exchange = desk.send(session(path, answer(request)))
    assert json.loads(desk.upstream().body)["success"] is False
    desk.answer(CREATED)
    body, packet = result(desk.responses[exchange])
    assert packet == Failure(identifier=decode(request).identifier)
    assert body == {"eapPayload": body["eapPayload"], "authResult": "AUTHENTICATION_FAILURE"}
    assert why in desk.event("AuthenticationFailed").text
    assert desk.ask(session(path, respond(request, Subtype.challenge, AtRes(res=XRES)))).status == 404


def test_a_synchronisation_failure_brings_another_challenge_and_a_second_one_ends_it():
    desk = ausf()
    _, path, request = start(desk)
    auts = AtAuts(auts=b"\7" * 14)
    exchange = desk.send(session(path, respond(request, Subtype.synchronization_failure, auts, protected=False)))
    assert desk.upstream().path.endswith(f"{SUCI}/security-information/generate-auth-data")
    assert json.loads(desk.upstream().body)["resynchronizationInfo"] == {"rand": "00" * 16, "auts": "07" * 14}
    desk.answer(vector(rand=b"\1" * 16))
    body = json.loads(desk.responses[exchange].body)
    assert body["authResult"] == "AUTHENTICATION_ONGOING"
    assert body["_links"]["eap-session"]["href"].endswith(path)
    second = b64decode(body["eapPayload"])
    assert decode(second).find(AtRand).rand == b"\1" * 16
    assert decode(second).identifier == (decode(request).identifier + 1) % 256
    answer = respond(second, Subtype.synchronization_failure, auts, protected=False)
    body, _ = result(desk.ask(session(path, answer), CREATED))
    assert body["authResult"] == "AUTHENTICATION_FAILURE"
    assert "do not meet" in desk.event("AuthenticationFailed").text


def test_after_a_synchronisation_failure_the_right_answer_succeeds():
    desk = ausf()
    _, path, request = start(desk)
    failure = respond(request, Subtype.synchronization_failure, AtAuts(auts=bytes(14)), protected=False)
    second = b64decode(json.loads(desk.ask(session(path, failure), vector(rand=b"\1" * 16)).body)["eapPayload"])
    body, _ = result(desk.ask(session(path, respond(second, Subtype.challenge, AtRes(res=XRES))), CREATED))
    assert body["authResult"] == "AUTHENTICATION_SUCCESS"


def test_a_udm_that_refuses_the_auts_is_passed_on():
    desk = ausf()
    _, path, request = start(desk)
    failure = respond(request, Subtype.synchronization_failure, AtAuts(auts=bytes(14)), protected=False)
    response = desk.ask(session(path, failure), codec.problem(403, "AUTHENTICATION_REJECTED"))
    assert (response.status, codec.problem_details(response).cause) == (403, "AUTHENTICATION_REJECTED")


def test_a_confirmation_of_5g_aka_does_not_end_an_eap_session():
    desk = ausf()
    _, path, request = start(desk)
    other = path.replace("eap-session", "5g-aka-confirmation")
    assert desk.ask(Request("PUT", other, JSON, b'{"resStar":null}')).status == 404
    answer = respond(request, Subtype.challenge, AtRes(res=XRES))
    assert result(desk.ask(session(path, answer), CREATED))[0]["authResult"] == "AUTHENTICATION_SUCCESS"


def test_the_result_can_be_deleted():
    desk = ausf()
    _, path, request = start(desk)
    event = f"/nudm-ueau/v1/{SUPI}/auth-events/17"
    answer = session(path, respond(request, Subtype.challenge, AtRes(res=XRES)))
    desk.ask(answer, codec.json_response(201, b"{}", location=f"http://10.0.0.6:8080{event}"))
    exchange = desk.send(Request("DELETE", path))
    body = json.loads(desk.upstream().body)
    assert (desk.upstream().path, body["authRemovalInd"], body["authType"]) == (event, True, "EAP_AKA_PRIME")
    desk.answer(Response(204))
    assert desk.responses[exchange].status == 204


@pytest.mark.parametrize("body", [b"{}", b'{"eapPayload":7}', b'{"eapPayload":"?"}', b"[]", b'{"eapPayload":"AA="}'])
def test_a_malformed_session_is_refused_or_fails(body):
    desk = ausf()
    _, path, _ = start(desk)
    exchange = desk.send(Request("POST", path, JSON, body))
    if desk.requests and desk.responses.get(exchange) is None:
        desk.answer(CREATED)
        assert result(desk.responses[exchange])[0]["authResult"] == "AUTHENTICATION_FAILURE"
    else:
        assert desk.responses[exchange].status == 400


def test_no_secret_is_in_an_event_or_a_repr():
    desk = ausf()
    _, path, request = start(desk)
    shown = repr(vars(desk.part.authentications))
    desk.ask(session(path, respond(request, Subtype.challenge, AtRes(res=bytes(8)))), CREATED)
    shown += repr(desk.events)
    for secret in (XRES, KEYS.k_aut, kdf.k_seaf(KEYS.emsk[:32], SNN)):
        assert repr(secret) not in shown
        assert secret.hex() not in shown
