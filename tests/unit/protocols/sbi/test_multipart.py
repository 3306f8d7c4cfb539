"""multipart/related: our own, a real core's, and malformed ones."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from awase.protocols.sbi import multipart
from awase.protocols.sbi.messages import JSON, NAS_5GS, NGAP
from awase.protocols.sbi.multipart import BodyPart
from awase.wire.errors import DecodeError

VECTORS = Path(__file__).parents[3] / "vectors" / "sbi" / "open5gs-2.8-ueransim-3.3"
CAPTURED = json.loads((VECTORS / "nea0-kernel-sctp.json").read_text())
TYPE = 'multipart/related; boundary="x"'


def messages():
    for entry in CAPTURED:
        for message in (entry, entry["response"]):
            content_type = dict(map(tuple, message["headers"])).get("content-type", "")
            if content_type.startswith("multipart"):
                yield content_type, message["body"].encode("latin-1")


def test_a_real_cores_bodies_give_json_and_the_parts_that_it_names():
    count = 0
    for content_type, body in messages():
        root, *parts = multipart.decode(content_type, body)
        assert root.content_type == JSON
        named = set()

        def collect(value, named=named):
            if isinstance(value, dict):
                named |= {value["contentId"]} if "contentId" in value else set()
                for member in value.values():
                    collect(member)

        collect(json.loads(root.content))
        assert named == {part.content_id for part in parts}
        for part in parts:
            assert part.content_type == (NAS_5GS if part.content_id == "5gnas-sm" else NGAP)
            assert part.content_type != NAS_5GS or part.content[:1] == b"\x2e"
        again = multipart.decode(*multipart.encode(root.content, parts))
        assert again == (root, *parts)
        count += 1
    assert count >= 9


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.binary(max_size=100), st.lists(st.binary(max_size=300), max_size=5))
def test_parts_survive(root, contents):
    parts = tuple(BodyPart(NGAP, f"part-{index}", content) for index, content in enumerate(contents))
    content_type, body = multipart.encode(root, parts)
    assert multipart.decode(content_type, body) == (BodyPart(JSON, "", root), *parts)
    assert multipart.encode(root, parts) == (content_type, body)


def test_a_boundary_inside_a_part_makes_another_boundary():
    parts = (multipart.n1_part(b"\r\n--awase-boundary--\r\n"), multipart.n2_part(b"\r\n--awase-boundary-1\r\n"))
    content_type, body = multipart.encode(b"{}", parts)
    assert multipart.decode(content_type, body)[1:] == parts


def test_start_names_the_root():
    body = (
        b"--x\r\nContent-Id: <a>\r\nContent-Type: application/vnd.3gpp.5gnas\r\n\r\nN"
        b"\r\n--x\r\nContent-ID:b\r\nContent-Type: application/json; charset=utf-8\r\n\r\n{}\r\n--x--"
    )
    assert [part.content_id for part in multipart.decode(TYPE, body)] == ["a", "b"]
    root, other = multipart.decode('multipart/related; start="<b>"; boundary=x', body)
    assert root == BodyPart(JSON, "b", b"{}")
    assert other == BodyPart(NAS_5GS, "a", b"N")


def test_preamble_and_white_space_behind_a_boundary_are_ignored():
    body = b"preamble\r\n--x \t\r\nContent-Type: application/json\r\n\r\n{}\r\n--x--\r\nepilogue"
    assert multipart.decode(TYPE, body) == (BodyPart(JSON, "", b"{}"),)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/related", b"--x\r\n\r\n{}\r\n--x--"),
        ('multipart/related; boundary=""', b"----"),
        (TYPE, b""),
        (TYPE, b"--y\r\n\r\n{}\r\n--y--"),
        (TYPE, b"--x--"),
        (TYPE, b"--x\r\n\r\n{}"),
        (TYPE, b"--x\r\nContent-Type: application/json\r\n{}\r\n--x--"),
        (TYPE, b"--xy\r\n\r\n{}\r\n--x--"),
        (TYPE, b"--x\r\n--x--"),
        (TYPE, b"--x\r\nno colon\r\n\r\n{}\r\n--x--"),
        (TYPE, b"--x\r\nContent-Id: a\r\n\r\n1\r\n--x\r\nContent-Id: a\r\n\r\n2\r\n--x--"),
        ('multipart/related; boundary=x; start="<q>"', b"--x\r\n\r\n{}\r\n--x--"),
        (TYPE, b"--x\r\n\r\n1\r\n" * 40 + b"--x--"),
    ],
)
def test_malformed_bodies_are_decode_errors(content_type, body):
    with pytest.raises(DecodeError):
        multipart.decode(content_type, body)
