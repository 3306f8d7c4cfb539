"""The decoders of the service based interfaces give a message or DecodeError, whatever the octets."""

import json
import random
from pathlib import Path

from awase.functions.ausf.part import PART_TYPE as AUSF
from awase.functions.udm.part import PART_TYPE as UDM
from awase.functions.udr.part import PART_TYPE as UDR
from awase.model.part import Packet
from awase.protocols.sbi import bhttp, codec, multipart
from awase.protocols.sbi import namf_communication as namf
from awase.protocols.sbi import nausf_ue_authentication as nausf
from awase.protocols.sbi import nsmf_pdu_session as nsmf
from awase.protocols.sbi import nudm_sdm as sdm
from awase.protocols.sbi import nudm_ue_authentication as ueau
from awase.protocols.sbi import nudm_uecm as uecm
from awase.protocols.sbi import nudr_dr as nudr
from awase.protocols.sbi.data_types import PatchItem
from awase.protocols.sbi.messages import MULTIPART, Request, Response
from awase.wire.errors import DecodeError
from unit.protocols.sbi.exchanges import Desk, LocalServices

VECTORS = Path(__file__).parents[1] / "vectors" / "sbi" / "open5gs-2.8-ueransim-3.3"
CAPTURED = json.loads((VECTORS / "nea0-kernel-sctp.json").read_text())
# Open5GS serves the older version of this one.
REQUESTS = [
    Request(
        entry["method"],
        entry["path"].replace("/nudr-dr/v1/", "/nudr-dr/v2/"),
        tuple((name, value) for name, value in entry["headers"]),
        entry["body"].encode("latin-1"),
        entry["authority"],
    )
    for entry in CAPTURED
]
RESPONSES = [
    Response(
        entry["response"]["status"],
        tuple((name, value) for name, value in entry["response"]["headers"]),
        entry["response"]["body"].encode("latin-1"),
    )
    for entry in CAPTURED
]
KINDS = (
    nausf.AuthenticationInfo,
    nausf.UEAuthenticationCtx,
    nausf.ConfirmationData,
    nausf.EapSession,
    ueau.AuthenticationInfoResult,
    ueau.AuthEvent,
    nudr.AuthenticationSubscription,
    uecm.Amf3GppAccessRegistration,
    uecm.SmfRegistration,
    sdm.SubscriptionDataSets,
    sdm.SdmSubscription,
    tuple[sdm.SessionManagementSubscriptionData, ...],
    nsmf.SmContextCreateData,
    nsmf.SmContextUpdateData,
    namf.N1N2MessageTransferReqData,
    tuple[PatchItem, ...],
)
MULTIPARTS = [
    (message.header("content-type"), message.body)
    for message in [*REQUESTS, *RESPONSES]
    if (message.header("content-type") or "").startswith(MULTIPART)
]
JSON_BODIES = [message.body for message in [*REQUESTS, *RESPONSES] if message.body[:1] in (b"{", b"[")]
JSON_BODIES += [multipart.decode(*message)[0].content for message in MULTIPARTS]
TOKENS = (
    b"{",
    b"}",
    b"[",
    b'"',
    b":",
    b",",
    b"null",
    b"1e999",
    b"-",
    b"\\u0000",
    b"\xff",
    b"[" * 3000,
    b'"imsi-1"',
    b"9" * 5000,
)


def mutated(rng, octets):
    octets = bytearray(octets)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(octets) + 1)
        match rng.randrange(5):
            case 0 if at < len(octets):
                octets[at] = rng.choice((0, 1, 0x0D, 0x22, 0x2D, 0x7F, 0x80, 0xFF, rng.randrange(256)))
            case 1:
                del octets[at:]
            case 2:
                octets[at:at] = rng.randbytes(rng.randint(1, 4))
            case 3:
                octets[at:at] = rng.choice(TOKENS)
            case _:
                del octets[at : at + rng.randint(1, 8)]
    return bytes(octets)


def test_mutated_binary_http_is_a_message_or_a_decode_error():
    rng = random.Random(1)
    requests = [bhttp.encode_request(request) for request in REQUESTS]
    responses = [bhttp.encode_response(response) for response in RESPONSES]
    read = 0
    for _ in range(20_000):
        try:
            if rng.random() < 0.5:
                request = bhttp.decode_request(mutated(rng, rng.choice(requests)))
                assert bhttp.decode_request(bhttp.encode_request(request)) == request
            else:
                response = bhttp.decode_response(mutated(rng, rng.choice(responses)))
                assert bhttp.decode_response(bhttp.encode_response(response)) == response
        except DecodeError:
            continue
        read += 1
    assert read > 500


def test_mutated_multipart_bodies_are_parts_or_decode_errors():
    rng = random.Random(2)
    read = 0
    for _ in range(20_000):
        content_type, body = rng.choice(MULTIPARTS)
        if rng.random() < 0.2:
            content_type = mutated(rng, content_type.encode()).decode("latin-1")
        try:
            root, *parts = multipart.decode(content_type, mutated(rng, body))
        except DecodeError:
            continue
        assert isinstance(root.content, bytes)
        assert len(parts) < 32
        read += 1
    assert read > 500


def test_mutated_json_bodies_are_values_or_decode_errors():
    rng = random.Random(3)
    read = 0
    for _ in range(20_000):
        kind = rng.choice(KINDS)
        try:
            value = codec.decode(kind, mutated(rng, rng.choice(JSON_BODIES)))
        except DecodeError:
            continue
        assert codec.decode(kind, codec.encode(value)) == value
        read += 1
    assert read > 300


def parts():
    supi = "imsi-999700000000001"
    subscriber = {"supi": supi, "k": "465b5ce8b199b49faa5f0a2ee238a6bc", "opc": "e8ed289deba952e4283b54e88e6183ca"}
    peer = [{"part": "next", "function": "next", "address": "10.0.0.7:8080"}]
    return [
        Desk(UDR.build("udr", {"subscribers": [subscriber]}, LocalServices())),
        Desk(UDM.build("udm", {"peers": {"N35": peer}}, LocalServices())),
        Desk(AUSF.build("ausf", {"peers": {"N13": peer}, "plmn": "999-70"}, LocalServices())),
    ]


def mutated_request(rng):
    request = rng.choice(REQUESTS)
    if rng.random() < 0.3:
        return mutated(rng, bhttp.encode_request(request))
    path = request.path
    if rng.random() < 0.3:
        path = path.replace(
            rng.choice(("imsi", "0", "1", "/", "%7B", "-")), rng.choice(("", "%00", "%FF", "x", "//")), 1
        )
    body = mutated(rng, request.body) if rng.random() < 0.6 else request.body
    return bhttp.encode_request(Request(request.method, path, request.headers, body, request.authority))


def test_functions_answer_whatever_they_are_sent():
    """Each request has one answer; each request of theirs is answered by mutated octets, a reset or silence."""
    rng = random.Random(4)
    desks = parts()
    sent = [0] * len(desks)
    for _ in range(6_000):
        index = rng.randrange(len(desks))
        desk = desks[index]
        desk.send(mutated_request(rng))
        sent[index] += 1
        while desk.requests:
            match rng.randrange(4):
                case 0:
                    desk.reset()
                case 1:
                    desk.requests.pop(0)
                    desk.pass_s(20)
                case 2:
                    desk.answer(mutated(rng, bhttp.encode_response(rng.choice(RESPONSES))))
                case _:
                    desk.answer(rng.choice(RESPONSES))
        desk.events.clear()
    for desk, count in zip(desks, sent, strict=True):
        desk.pass_s(100)
        assert len(desk.responses) == count
        assert desk.part.wake_at_ns() is None


def test_stray_packets_are_dropped():
    rng = random.Random(5)
    for desk in parts():
        for kind in ("response", "abort", "data", "up", "down", "connect"):
            for exchange in (None, 0, 1, 2**70):
                desk.receive(
                    Packet(port="sbi", peer="10.0.0.7:8080", payload=rng.randbytes(9), kind=kind, exchange=exchange)
                )
                desk.receive(Packet(port="n2", peer="", payload=rng.randbytes(9), kind=kind, exchange=exchange))
        assert not desk.responses
