"""Binary HTTP against the examples of RFC 9292, and round trips."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from awase.protocols.sbi import bhttp
from awase.protocols.sbi.messages import Request, Response
from awase.wire.errors import DecodeError, EncodeError

VECTORS = Path(__file__).parents[3] / "vectors" / "sbi"
FIGURES = json.loads((VECTORS / "rfc9292" / "figures.json").read_text())
CAPTURED = json.loads((VECTORS / "open5gs-2.8-ueransim-3.3" / "nea0-kernel-sctp.json").read_text())

names = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=20)
values = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF), max_size=60)
headers = st.lists(st.tuples(names, values), max_size=6).map(tuple)
targets = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=200)


def test_known_length_request_is_the_one_of_figure_8():
    request = Request(
        "GET",
        "/hello.txt",
        (
            ("user-agent", "curl/7.16.3 libcurl/7.16.3 OpenSSL/0.9.7l zlib/1.2.3"),
            ("host", "www.example.com"),
            ("accept-language", "en, mi"),
        ),
        scheme="https",
    )
    octets = bytes.fromhex(FIGURES["figure_8"])
    assert bhttp.decode_request(octets) == request
    assert bhttp.encode_request(request) == octets


def test_known_length_response_with_a_trailer_is_the_one_of_figure_13():
    response = bhttp.decode_response(bytes.fromhex(FIGURES["figure_13"]))
    assert response == Response(200, (), b"This content contains CRLF.\r\n")


def test_empty_sections_at_the_end_may_be_left_out():
    assert bhttp.decode_response(bytes.fromhex("0140c8")) == Response(200)


def test_zero_padding_is_taken_and_other_octets_are_not():
    octets = bhttp.encode_response(Response(204))
    assert bhttp.decode_response(octets + bytes(20)) == Response(204)
    with pytest.raises(DecodeError, match="padding"):
        bhttp.decode_response(octets + b"\0\0\1")


def test_informational_responses_are_skipped():
    early = b"\x40\x67" + b"\x00"
    octets = b"\x01" + early + bhttp.encode_response(Response(204))[1:]
    assert bhttp.decode_response(octets) == Response(204)


@pytest.mark.parametrize(
    ("octets", "what"),
    [
        (b"", "framing"),
        (b"\x02", "framing"),
        (b"\x01\x10", "status"),
        (b"\x00\x03GE", "method"),
        (b"\x00\x03G T", "method"),
        (b"\x00\x03GET\x04http\x00\x02/\n", "path"),
        (b"\x01\x40\xc8\x04\x01A\x01b", "field name"),
        (b"\x01\x40\xc8\x05\x01a\x02b\n", "line end"),
        (b"\x01\x40\xc8\x00\x7f\xff\xff\xff", "announced"),
    ],
)
def test_malformed_messages_are_decode_errors(octets, what):
    decode = bhttp.decode_request if octets[:1] == b"\0" else bhttp.decode_response
    with pytest.raises(DecodeError, match=what):
        decode(octets)


def test_too_many_fields_are_refused():
    with pytest.raises(DecodeError, match="too many"):
        bhttp.decode_response(bhttp.encode_response(Response(200, (("a", "b"),) * 129)))


@pytest.mark.parametrize(
    "response",
    [
        Response(103),
        Response(200, (("A", "b"),)),
        Response(200, (("a", "b\r\nc: d"),)),
        Response(200, (("a", "\u4e00"),)),
    ],
)
def test_what_a_field_cannot_hold_is_not_encoded(response):
    with pytest.raises(EncodeError):
        bhttp.encode_response(response)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.sampled_from(["GET", "PUT", "POST", "DELETE", "PATCH"]), targets, headers, st.binary(max_size=20000), targets)
def test_requests_survive(method, path, fields, body, authority):
    request = Request(method, path, fields, body, authority)
    assert bhttp.decode_request(bhttp.encode_request(request)) == request


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.integers(200, 599), headers, st.binary(max_size=20000))
def test_responses_survive(status, fields, body):
    response = Response(status, fields, body)
    assert bhttp.decode_response(bhttp.encode_response(response)) == response


def test_every_captured_exchange_survives():
    for entry in CAPTURED:
        fields = tuple((name, value) for name, value in entry["headers"])
        request = Request(entry["method"], entry["path"], fields, entry["body"].encode("latin-1"), entry["authority"])
        assert bhttp.decode_request(bhttp.encode_request(request)) == request
        answer = entry["response"]
        fields = tuple((name, value) for name, value in answer["headers"])
        response = Response(answer["status"], fields, answer["body"].encode("latin-1"))
        assert bhttp.decode_response(bhttp.encode_response(response)) == response
    assert len(CAPTURED) > 40


def test_who_looks_at_a_message_on_its_way_sees_what_its_receiver_gets():
    request = Request("GET", "/a", (("accept", "text/plain"),), b"", "h", "http")
    response = Response(200, (), b"x" * 20)
    asked, answered = bhttp.encode_request(request), bhttp.encode_response(response)
    for _ in range(2):
        assert bhttp.glance(asked, is_request=True) == request == bhttp.glance(asked, is_request=True)
        assert bhttp.glance(answered, is_request=False) == response
        assert [bhttp.decode_request(asked) for _ in range(2)] == [request, request]
        assert [bhttp.decode_response(answered) for _ in range(2)] == [response, response]
    bhttp.glance(asked, is_request=True)
    for read in (bhttp.decode_response, lambda octets: bhttp.glance(octets, is_request=False)):
        with pytest.raises(DecodeError):
            read(asked)
    with pytest.raises(DecodeError):
        bhttp.glance(answered, is_request=True)


def test_messages_that_were_looked_at_and_never_arrive_take_no_room_without_end():
    for number in range(10_000):
        octets = bhttp.encode_response(Response(200, (), number.to_bytes(4, "big")))
        assert bhttp.glance(octets, is_request=False).body == number.to_bytes(4, "big")
    assert bhttp.decode_response(octets).body == (9_999).to_bytes(4, "big")
