"""Tables: each procedure, its N4 request refused, unanswered or answered with rubbish; each SBI body mutated."""

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from awase.functions.smf.states import State
from awase.model.part import Packet
from awase.protocols.nas.messages import PDUSessionModificationComplete, PDUSessionReleaseRequest
from awase.protocols.pfcp.elements import Cause, ReportType
from awase.protocols.pfcp.messages import SessionReportRequest
from awase.protocols.sbi import bhttp
from awase.protocols.sbi.messages import Request
from unit.functions.smf.fakes import AMF, SMF, SUPI, Bench
from unit.functions.smf.test_modification import VOICE, action, n2_response
from unit.functions.smf.test_user_plane import path_switch_transfer

IDLE = {"upCnxState": "DEACTIVATED"}


def release_by_ue(bench: Bench) -> None:
    bench.modify("1", PDUSessionReleaseRequest(pdu_session_id=1, pti=5))


def downlink_data(bench: Bench) -> None:
    bench.amf.status, bench.amf.cause = 504, "UE_NOT_REACHABLE"
    bench.report(SessionReportRequest(report_type=ReportType.DLDR))


def modification(bench: Bench) -> None:
    bench.advance(60)
    bench.modify("1", n2=n2_response(), kind="PDU_RES_MOD_RSP")
    bench.modify("1", PDUSessionModificationComplete(pdu_session_id=1, pti=0))


Step = Callable[[Bench], object]
PROCEDURES: dict[str, tuple[bool, Step, Step]] = {
    "establishment": (False, lambda bench: None, lambda bench: bench.create()),
    "setup response": (False, lambda bench: bench.create(), lambda bench: bench.setup_response("1")),
    "AN release": (True, lambda bench: None, lambda bench: bench.modify("1", **IDLE)),
    "activation": (True, lambda bench: bench.modify("1", **IDLE), lambda bench: bench.setup_response("1", 9)),
    "not reached": (True, lambda bench: bench.modify("1", **IDLE), downlink_data),
    "path switch": (
        True,
        lambda bench: None,
        lambda bench: bench.modify("1", n2=path_switch_transfer(1), kind="PATH_SWITCH_REQ"),
    ),
    "modification": (True, lambda bench: None, modification),
    "release by the UE": (True, lambda bench: None, release_by_ue),
    "release by the AMF": (True, lambda bench: None, lambda bench: bench.release("1")),
}
FAULTS = ["silent", "rubbish", *(int(cause) for cause in Cause if cause >= 64)]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", PROCEDURES)
def test_whatever_the_upf_does_each_procedure_ends_and_nothing_leaks(name: str, fault: str | int) -> None:
    established, before, procedure = PROCEDURES[name]
    bench = Bench(actions=action(at_s=50, flow=VOICE))
    if established:
        bench.establish()
    before(bench)
    if fault == "silent":
        bench.upf.silent = True
    elif fault == "rubbish":
        answer = bench.upf.answer
        bench.upf.answer = lambda octets: answer(octets) and b"\x20\x33\0\1"  # type: ignore[method-assign]
    else:
        bench.upf.cause = int(fault)
    procedure(bench)
    bench.advance(300)
    assert bench.smf.server.open_exchanges == 0
    for context in bench.smf.sessions.all():
        assert context.state is State.ACTIVE
        assert context.change is None
        assert context.flows == () or name != "modification"
    assert bench.smf.pools["internet"].in_use == len(bench.smf.sessions)
    bench.amf.status = 200
    for context in bench.smf.sessions.all():
        bench.release(context.reference)
    bench.advance(300)
    assert len(bench.smf.sessions) == 0
    assert bench.smf.pools["internet"].in_use == 0
    assert bench.smf.books() == []


DEEP: Any = None
for _ in range(200):
    DEEP = [DEEP]
ODD: list[Any] = [None, True, -1, 1e300, "", "x" * 1_000_000, [], {}, DEEP, {"contentId": 7}, "\ud83d\ude00"]
BODIES: dict[str, dict[str, Any]] = {
    "/nsmf-pdusession/v1/sm-contexts": {
        "supi": SUPI,
        "pduSessionId": 2,
        "dnn": "internet",
        "sNssai": {"sst": 1},
        "servingNfId": "amf1",
        "servingNetwork": {"mcc": "001", "mnc": "01"},
        "anType": "3GPP_ACCESS",
        "smContextStatusUri": "http://x/y",
        "n1SmMsg": {"contentId": "missing"},
    },
    "/nsmf-pdusession/v1/sm-contexts/1/modify": {"n2SmInfo": {"contentId": "missing"}, "n2SmInfoType": "PDU_RES_NTY"},
    "/nsmf-callback/v1/sm-contexts/1/n1-n2-failure": {"cause": "UE_NOT_RESPONDING", "n1n2MsgDataUri": "x"},
}


def mutated(body: dict[str, Any]) -> list[bytes]:
    found = [json.dumps({**body, name: odd}).encode() for name in body for odd in ODD]
    found += [json.dumps({k: v for k, v in body.items() if k != name}).encode() for name in body]
    whole = json.dumps(body).encode()
    found += [b"", b"[]", b"null", b"{", b"\xff\xfe", b"[" * 100_000, whole[:-1], whole + b"}", whole * 2]
    # Each member twice.
    found.append(whole[:-1] + b"," + whole[1:])
    return found


@pytest.mark.parametrize("path", BODIES)
def test_a_mutated_body_is_a_problem_and_changes_nothing(path: str) -> None:
    bench = Bench()
    bench.establish()
    books = bench.smf.books()
    for n, octets in enumerate(mutated(BODIES[path])):
        request = Request("POST", path, (("content-type", "application/json"),), octets, f"{SMF}:8080")
        packet = Packet("sbi", f"{AMF}:8080", bhttp.encode_request(request), kind="request", exchange=10_000 + n)
        bench.receive(packet)
        bench.pump()
        answer = bench.answers[10_000 + n]
        if answer.status >= 300:
            assert 400 <= answer.status < 500, (octets[:80], answer)
            assert msgspec.json.decode(answer.body)["status"] == answer.status
        assert bench.smf.books() == books, octets[:80]
