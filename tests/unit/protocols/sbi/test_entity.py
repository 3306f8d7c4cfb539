"""Client and Server over a Machine's port: outcomes, routes, and the errors of TS 29.500."""

import pytest

from awase.model.machine import Machine
from awase.model.part import Packet
from awase.protocols.sbi import bhttp, codec, multipart
from awase.protocols.sbi.data_types import Data, RefToBinaryData, Text
from awase.protocols.sbi.entity import Client, Failure, Server, upstream_problem
from awase.protocols.sbi.messages import JSON, MULTIPART
from unit.protocols.sbi.exchanges import CLIENT, Desk, LocalServices, Request, Response, get

SERVER = "10.0.0.1:8080"


class Body(Data, frozen=True):
    """A body with a mandatory member, an optional one, and a reference."""

    name: Text
    number: int = 0
    message: RefToBinaryData | None = None


class Function(Machine):
    """Serves a few resources, asks another function for one."""

    def __init__(self):
        super().__init__("function", LocalServices())
        self.client = Client(self, "TEST")
        self.server = Server(self, max_body_octets=1000, max_open=2)
        self.outcomes = []
        self.server.route("GET", "/nx/v1/things/{id}", self.thing)
        self.server.route("DELETE", "/nx/v1/things/{id}", lambda call: Response(204))
        self.server.body_route("POST", "/nx/v1/things", Body, self.make)
        self.server.body_route("PUT", "/nx/v1/things/{id}/parts", Body, self.parts, types=(JSON, MULTIPART))
        self.server.route("GET", "/nx/v1/slow", self.slow)

    def handle(self, packet):
        assert self.server.handle(packet) or self.client.handle(packet)

    def thing(self, call):
        return codec.json_response(200, {"id": call.params["id"], "query": call.query(), "peer": call.peer})

    def make(self, call, body):
        return codec.json_response(201, body, location=call.location("/nx/v1/things/1"))

    def parts(self, call, body):
        part = call.part(body.message)
        return codec.json_response(200, {"part": None if part is None else part.decode()})

    def slow(self, call):
        answer = yield from self.client.exchange(SERVER, get("/ny/v1/x"), 2_000_000_000)
        self.outcomes.append(answer)
        return answer if isinstance(answer, Response) else upstream_problem(answer, "the other")


@pytest.fixture
def desk():
    return Desk(Function())


def problem(response):
    assert response.header("content-type") == "application/problem+json"
    details = codec.problem_details(response)
    assert details.status == response.status
    return response.status, details.cause


def post(path, body, content_type=JSON, method="POST"):
    return Request(method, path, (("content-type", content_type),), body, SERVER)


def test_a_route_gets_parameters_and_query_decoded(desk):
    response = desk.ask(get("/nx/v1/things/a%2Fb?x=%7B%221%22%7D&x=2&y="))
    assert codec.decode(dict, response.body) == {"id": "a/b", "query": {"x": '{"1"}', "y": ""}, "peer": CLIENT}


def test_a_body_is_decoded_and_the_location_is_absolute(desk):
    response = desk.ask(post("/nx/v1/things", b'{"name":"n","unknown":1}'))
    assert (response.status, response.body) == (201, b'{"name":"n"}')
    assert response.header("location") == "http://10.0.0.1:8080/nx/v1/things/1"


def test_a_multipart_body_gives_the_part_that_json_refers_to(desk):
    request = codec.json_request(
        "PUT",
        "/nx/v1/things/1/parts",
        Body(name="n", message=RefToBinaryData(content_id="5gnas-sm")),
        [multipart.n1_part(b"NAS")],
    )
    assert desk.ask(request).body == b'{"part":"NAS"}'
    dangling = Body(name="n", message=RefToBinaryData(content_id="other"))
    assert desk.ask(codec.json_request("PUT", "/nx/v1/things/1/parts", dangling)).body == b'{"part":null}'


@pytest.mark.parametrize(
    ("request_", "status", "cause"),
    [
        (get("/nx/v1/other"), 404, "RESOURCE_URI_STRUCTURE_NOT_FOUND"),
        (get("/nx/v1/things"), 405, None),
        (get("/nx/v1/things/"), 404, "RESOURCE_URI_STRUCTURE_NOT_FOUND"),
        (get("/nx/v1/things/1/2/3/4"), 404, "RESOURCE_URI_STRUCTURE_NOT_FOUND"),
        (get("/nx/v2/things/1"), 400, "INVALID_API"),
        (get("/nz/v1/things/1"), 400, "INVALID_API"),
        (get(""), 400, "INVALID_API"),
        (post("/nx/v1/things/1", b"{}", method="PATCH"), 405, None),
        (post("/nx/v1/things", b'{"name":"n"}', "text/html"), 415, None),
        (post("/nx/v1/things", b'{"name":"n"}', MULTIPART), 415, None),
        (post("/nx/v1/things", b"x" * 1001), 413, None),
        (post("/nx/v1/things", b"{"), 400, "INVALID_MSG_FORMAT"),
        (post("/nx/v1/things", b"{}"), 400, "MANDATORY_IE_MISSING"),
        (post("/nx/v1/things", b'{"name":1}'), 400, "MANDATORY_IE_INCORRECT"),
        (post("/nx/v1/things", b'{"name":"a","name":"b"}'), 400, "INVALID_MSG_FORMAT"),
        (post("/nx/v1/things/1/parts", b"--x", 'multipart/related; boundary="x"', "PUT"), 400, "INVALID_MSG_FORMAT"),
        (
            post("/nx/v1/things/1/parts", b"--x\r\n\r\n{}\r\n--x--", "multipart/related; boundary=x", "PUT"),
            400,
            "INVALID_MSG_FORMAT",
        ),
    ],
)
def test_what_is_wrong_with_a_request_is_said_in_problem_details(desk, request_, status, cause):
    assert problem(desk.ask(request_)) == (status, cause)


def test_a_wrong_member_is_named_in_invalid_params_and_in_an_event(desk):
    response = desk.ask(post("/nx/v1/things", b'{"name":"n","number":"x"}'))
    assert codec.problem_details(response).invalid_params[0].param == "/number"
    assert "POST /nx/v1/things" in desk.event("MalformedPacket").text


def test_405_names_the_methods_that_are_allowed(desk):
    assert desk.ask(post("/nx/v1/things/1", b"", method="PUT")).header("allow") == "GET, DELETE"


def test_octets_that_are_no_request_are_answered_with_400_and_an_event(desk):
    exchange = desk.send(b"\x07nonsense")
    assert problem(desk.responses[exchange]) == (400, "INVALID_MSG_FORMAT")
    assert desk.event("MalformedPacket").fields["port"] == "sbi"


def test_a_procedure_answers_when_its_own_answer_comes(desk):
    response = desk.ask(get("/nx/v1/slow"), Response(200, (), b"late"))
    assert response.body == b"late"
    assert desk.part.server.open_exchanges == 0


def test_a_request_names_its_sender_and_how_long_it_waits(desk):
    desk.send(get("/nx/v1/slow"))
    request = desk.upstream()
    assert request.header("user-agent") == "TEST"
    assert request.header("3gpp-sbi-max-rsp-time") == "2000"
    assert request.header("accept") == "application/json,application/problem+json"
    assert (request.authority, request.scheme) == ("10.0.0.1:8080", "http")


def test_silence_is_a_time_out_and_a_later_answer_is_dropped(desk):
    exchange = desk.send(get("/nx/v1/slow"))
    desk.pass_s(3)
    assert desk.part.outcomes == [Failure.TIME_OUT]
    assert problem(desk.responses[exchange]) == (504, "UPSTREAM_SERVER_ERROR")
    desk.answer(Response(200))
    assert desk.part.outcomes == [Failure.TIME_OUT]


def test_a_reset_is_not_a_time_out(desk):
    exchange = desk.send(get("/nx/v1/slow"))
    desk.reset()
    assert desk.part.outcomes == [Failure.RESET]
    assert problem(desk.responses[exchange]) == (504, "NETWORK_FAILURE")


def test_an_answer_that_is_none_is_an_event_and_a_failure(desk):
    desk.send(get("/nx/v1/slow"))
    desk.answer(b"\x09")
    assert desk.part.outcomes == [Failure.MALFORMED]
    assert desk.event("MalformedPacket")


def test_an_answer_from_somebody_else_is_dropped(desk):
    desk.send(get("/nx/v1/slow"))
    packet, _ = desk.requests[0]
    desk.receive(
        Packet(port="sbi", peer="10.9.9.9:8080", payload=b"\x01\x40\xc8", kind="response", exchange=packet.exchange)
    )
    assert desk.part.outcomes == []


def test_too_many_open_exchanges_are_refused(desk):
    first = [desk.send(get("/nx/v1/slow")) for _ in range(3)]
    assert problem(desk.responses[first[2]]) == (503, "NF_CONGESTION")
    assert desk.responses[first[2]].header("retry-after") == "1"
    assert desk.part.server.open_exchanges == 2


def test_who_is_told_when_to_come_again_comes_again_once(desk):
    """TS 29.500 clause 6.4.2.2, RFC 9110 clause 10.2.3."""
    busy = Response(503, (("retry-after", "2"),))
    desk.send(get("/nx/v1/slow"))
    desk.answer(busy)
    desk.pass_s(1.9)
    assert not desk.requests
    desk.pass_s(0.2)
    desk.answer(busy)
    assert desk.part.outcomes == [busy]
    desk.send(get("/nx/v1/slow"))
    desk.answer(busy)
    desk.pass_s(2)
    desk.answer(Response(200))
    assert desk.part.outcomes == [busy, Response(200)]


@pytest.mark.parametrize("value", ["3", "1000000", "-1", "", "\u00b9", "Fri, 31 Dec 1999 23:59:59 GMT"])
def test_who_is_told_to_wait_too_long_or_nothing_clear_does_not_wait(desk, value):
    desk.send(get("/nx/v1/slow"))
    desk.answer(Response(503, (("retry-after", value),)))
    assert [answer.status for answer in desk.part.outcomes] == [503]


def test_an_exchange_that_is_open_already_is_refused(desk):
    desk.send(get("/nx/v1/slow"))
    again = bhttp.encode_request(get("/nx/v1/slow"))
    desk.receive(Packet(port="sbi", peer=CLIENT, payload=again, kind="request", exchange=1))
    assert problem(desk.responses.pop(1)) == (503, "NF_CONGESTION")
    desk.answer(Response(200))
    assert desk.responses[1].status == 200


def test_a_batch_is_no_request(desk):
    desk.receive(Packet(port="sbi", peer=CLIENT, payload=(b"a", b"b"), kind="request", exchange=77))
    assert problem(desk.responses[77]) == (400, "INVALID_MSG_FORMAT")
