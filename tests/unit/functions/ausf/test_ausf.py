"""The AUSF through its port, beside a scripted UDM."""

import json
from pathlib import Path

import pytest

from awase.functions.ausf.part import PART_TYPE
from awase.protocols.sbi import codec
from unit.protocols.sbi.exchanges import Desk, LocalServices, Request, Response

VECTORS = Path(__file__).parents[3] / "vectors" / "sbi" / "open5gs-2.8-ueransim-3.3"
CAPTURED = json.loads((VECTORS / "nea0-kernel-sctp.json").read_text())

UDM = "10.0.0.6:8080"
PATH = "/nausf-auth/v1/ue-authentications"


def captured(end):
    return next(e for e in CAPTURED if e["path"].endswith(end))


def as_request(entry):
    fields = tuple((name, value) for name, value in entry["headers"])
    return Request(entry["method"], entry["path"], fields, entry["body"].encode(), entry["authority"])


VECTOR = json.loads(captured("generate-auth-data")["response"]["body"])
XRES_STAR = VECTOR["authenticationVector"]["xresStar"]
SUPI = VECTOR["supi"]
CREATED = codec.json_response(201, b"{}")


def ausf(**config):
    peers = {"N13": [{"part": "udm", "function": "udm", "address": UDM}]}
    return Desk(PART_TYPE.build("ausf", {"peers": peers, "plmn": "999-70"} | config, LocalServices()))


def start(desk, **more):
    request = as_request(captured("/ue-authentications"))
    value = json.loads(request.body) | more
    return Request("POST", PATH, request.headers, json.dumps(value).encode(), request.authority)


def challenged(desk):
    response = desk.ask(start(desk), codec.json_response(200, VECTOR))
    assert response.status == 201
    href = json.loads(response.body)["_links"]["5g-aka"]["href"]
    return href.removeprefix("http://127.0.0.11:7777")


def confirm(path, res_star, method="PUT"):
    headers = (("content-type", "application/json"),)
    return Request(method, path, headers, json.dumps({"resStar": res_star}).encode())


def cause(response):
    return response.status, codec.problem_details(response).cause


def test_challenge_and_keys_are_a_real_cores_to_the_octet():
    desk = ausf()
    entry = captured("/ue-authentications")
    response = desk.ask(as_request(entry), codec.json_response(200, VECTOR))
    expected = json.loads(entry["response"]["body"])
    answer = json.loads(response.body)
    assert answer["5gAuthData"] == expected["5gAuthData"]
    assert answer["authType"] == "5G_AKA"
    assert response.header("content-type") == "application/3gppHal+json"
    href = answer["_links"]["5g-aka"]["href"]
    assert href == response.header("location") + "/5g-aka-confirmation"

    entry = captured("/5g-aka-confirmation")
    exchange = desk.send(confirm(href.removeprefix("http://127.0.0.11:7777"), XRES_STAR))
    event = json.loads(desk.upstream().body)
    assert (event["success"], event["servingNetworkName"]) == (True, "5G:mnc070.mcc999.3gppnetwork.org")
    assert desk.upstream().path == f"/nudm-ueau/v1/{SUPI}/auth-events"
    desk.answer(CREATED)
    assert json.loads(desk.responses[exchange].body) == json.loads(entry["response"]["body"])


def test_the_udm_is_asked_for_the_serving_networks_vector():
    desk = ausf()
    desk.send(start(desk))
    packet, request = desk.requests[0]
    assert packet.peer == UDM
    assert request.path == captured("generate-auth-data")["path"]
    assert request.header("user-agent") == "AUSF"
    assert json.loads(request.body) == {
        "servingNetworkName": "5G:mnc070.mcc999.3gppnetwork.org",
        "ausfInstanceId": desk.part.instance_id,
    }


def test_resynchronisation_is_handed_on():
    desk = ausf()
    info = {"rand": "00" * 16, "auts": "11" * 14}
    desk.send(start(desk, resynchronizationInfo=info))
    assert json.loads(desk.upstream().body)["resynchronizationInfo"] == info


@pytest.mark.parametrize(
    ("res_star", "text"), [("00" * 16, "is wrong"), (None, "gave no RES\\*"), (XRES_STAR[:-1] + "f", "is wrong")]
)
def test_a_wrong_or_missing_res_star_is_a_failure_and_the_context_ends(res_star, text):
    desk = ausf()
    path = challenged(desk)
    exchange = desk.send(confirm(path, res_star))
    assert json.loads(desk.upstream().body)["success"] is False
    desk.answer(CREATED)
    assert json.loads(desk.responses[exchange].body) == {"authResult": "AUTHENTICATION_FAILURE"}
    event = desk.event("AuthenticationFailed")
    assert event.subject == SUPI
    assert text.replace("\\", "") in event.text
    assert cause(desk.ask(confirm(path, XRES_STAR))) == (404, "CONTEXT_NOT_FOUND")


def test_a_context_is_good_for_one_answer():
    desk = ausf()
    path = challenged(desk)
    assert desk.ask(confirm(path, XRES_STAR), CREATED).status == 200
    assert cause(desk.ask(confirm(path, XRES_STAR))) == (404, "CONTEXT_NOT_FOUND")


def test_success_stands_where_the_udm_does_not_take_the_event():
    desk = ausf()
    response = desk.ask(confirm(challenged(desk), XRES_STAR), codec.problem(500))
    assert json.loads(response.body)["authResult"] == "AUTHENTICATION_SUCCESS"


def test_a_context_expires():
    desk = ausf(authentication_timeout_s=10)
    path = challenged(desk)
    desk.pass_s(10)
    assert cause(desk.ask(confirm(path, XRES_STAR))) == (404, "CONTEXT_NOT_FOUND")


def test_the_oldest_context_makes_room():
    desk = ausf(max_authentications=2)
    first, second, third = (challenged(desk) for _ in range(3))
    assert len(desk.part.authentications) == 2
    assert cause(desk.ask(confirm(first, XRES_STAR))) == (404, "CONTEXT_NOT_FOUND")
    for path in (second, third):
        assert desk.ask(confirm(path, XRES_STAR), CREATED).status == 200


def test_the_result_can_be_deleted():
    desk = ausf()
    path = challenged(desk)
    event = f"/nudm-ueau/v1/{SUPI}/auth-events/17"
    desk.ask(confirm(path, XRES_STAR), codec.json_response(201, b"{}", location=f"http://10.0.0.6:8080{event}"))
    delete = Request("DELETE", path)
    exchange = desk.send(delete)
    assert desk.upstream().path == event
    assert json.loads(desk.upstream().body)["authRemovalInd"] is True
    desk.answer(Response(204))
    assert desk.responses[exchange].status == 204
    assert cause(desk.ask(delete)) == (404, "CONTEXT_NOT_FOUND")


def test_a_serving_network_that_is_not_allowed_is_refused():
    desk = ausf(plmn="001-01")
    assert cause(desk.ask(start(desk))) == (403, "SERVING_NETWORK_NOT_AUTHORIZED")
    assert desk.event("ServingNetworkNotAuthorized").config == "serving_networks"
    desk = ausf(plmn="001-01", serving_networks=["999-70"])
    assert desk.ask(start(desk), codec.json_response(200, VECTOR)).status == 201


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (codec.problem(404, "USER_NOT_FOUND", "x"), (404, "USER_NOT_FOUND")),
        (codec.problem(403, "AUTHENTICATION_REJECTED"), (403, "AUTHENTICATION_REJECTED")),
        (codec.problem(501, "UNSUPPORTED_PROTECTION_SCHEME"), (501, "UNSUPPORTED_PROTECTION_SCHEME")),
        (codec.problem(504, "UPSTREAM_SERVER_ERROR"), (504, "UPSTREAM_SERVER_ERROR")),
        (codec.problem(503, "NF_CONGESTION"), (500, "AV_GENERATION_PROBLEM")),
        (Response(500), (500, "AV_GENERATION_PROBLEM")),
        (codec.json_response(200, b"7"), (500, "AV_GENERATION_PROBLEM")),
        (codec.json_response(200, {"authType": "EAP_AKA_PRIME"}), (500, "AV_GENERATION_PROBLEM")),
        (codec.json_response(200, {"authType": "5G_AKA"}), (500, "AV_GENERATION_PROBLEM")),
    ],
)
def test_what_the_udm_refuses_the_amf_is_told(answer, expected):
    desk = ausf()
    assert cause(desk.ask(start(desk), answer)) == expected


def test_a_udm_that_cannot_be_reached_is_a_network_failure_and_a_silent_one_a_time_out():
    desk = ausf()
    exchange = desk.send(start(desk))
    desk.reset()
    assert cause(desk.responses[exchange]) == (504, "NETWORK_FAILURE")
    exchange = desk.send(start(desk))
    desk.pass_s(8)
    assert cause(desk.responses[exchange]) == (504, "UPSTREAM_SERVER_ERROR")
    assert desk.event("ProducerFailed").config == "peers.N13"


@pytest.mark.parametrize("value", [{}, {"resStar": 7}, {"resStar": "00"}, {"resStar": "x" * 32}, []])
def test_a_malformed_confirmation_does_not_end_the_context(value):
    desk = ausf()
    path = challenged(desk)
    request = confirm(path, "")
    bad = Request("PUT", path, request.headers, json.dumps(value).encode())
    assert desk.ask(bad).status == 400
    assert desk.ask(confirm(path, XRES_STAR), CREATED).status == 200


def test_no_secret_is_in_an_event_or_a_repr():
    desk = ausf()
    path = challenged(desk)
    desk.ask(confirm(path, "00" * 16), CREATED)
    assert XRES_STAR not in repr(desk.events)
    assert XRES_STAR not in repr(vars(desk.part.authentications))
