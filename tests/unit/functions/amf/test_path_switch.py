"""Xn based handover within one AMF (TS 38.413 clause 8.4.4, TS 23.502 clause 4.9.1.2)."""

import json
from typing import Any

import pytest

from awase.protocols.nas import messages as nas
from awase.protocols.ngap import codec as ngap_codec
from awase.protocols.ngap import messages as ngap
from awase.protocols.ngap.elements import (
    PDUSessionResourceFailedToSetupItemPSReq,
    PDUSessionResourceToBeSwitchedDLItem,
    UESecurityCapabilities,
)
from awase.protocols.ngap.transfers import PathSwitchRequestUnsuccessfulTransfer
from awase.protocols.sbi import codec, multipart
from awase.protocols.sbi.messages import Response
from awase.security import kdf
from unit.functions.amf.bench import SMF, Bench, Gnb, Ue, json_part
from unit.functions.amf.sessions import ask, n2_alone, with_session

CAPABILITIES = UESecurityCapabilities(
    nr_encryption_algorithms=0xE000,
    nr_integrity_protection_algorithms=0xE000,
    eutra_encryption_algorithms=0xE000,
    eutra_integrity_protection_algorithms=0xE000,
)


def switched(octets: bytes = b"new") -> Response:
    answer = {"n2SmInfo": {"contentId": "b"}, "n2SmInfoType": "PATH_SWITCH_REQ_ACK"}
    return codec.json_response(200, answer, parts=(multipart.n2_part(octets, "b"),))


def switch(ue: Ue, target: Gnb, *sessions: int, source: int | None = None, **fields: Any) -> Any:
    """PATH SWITCH REQUEST of the target node; its answer."""
    ran_id = next(target.ran_ids)
    items = tuple(
        PDUSessionResourceToBeSwitchedDLItem(pdu_session_id=psi, path_switch_request_transfer=b"dl%d" % psi)
        for psi in sessions
    )
    target.take()
    target.send(
        ngap.PathSwitchRequest(
            **{
                "ran_ue_ngap_id": ran_id,
                "source_amf_ue_ngap_id": (ue.amf_id or 0) if source is None else source,
                "user_location_information": target.location(),
                "ue_security_capabilities": CAPABILITIES,
                "pdu_session_resource_to_be_switched_dl_list": items,
                **fields,
            }
        ),
        1,
    )
    ue.gnb, ue.ran_id = target, ran_id
    return target.last() if target.inbox else None


def test_sessions_are_switched_and_the_next_hop_is_handed_over() -> None:
    """Osmocom handover_inter_ngran_xn; TS 33.501 clause 6.9.2.3.2."""
    bench = Bench()
    ue = with_session(bench)
    source, target = ue.gnb, bench.gnb()
    count = 0
    bench.core.update_answers.append(switched())
    answer = switch(ue, target, 1)
    assert isinstance(answer, ngap.PathSwitchRequestAcknowledge)
    (item,) = answer.pdu_session_resource_switched_list
    assert item.path_switch_request_acknowledge_transfer == b"new"
    body, parts = json_part(next(r for a, r in reversed(bench.core.requests) if a == SMF))
    data = json.loads(body)
    assert (data["n2SmInfoType"], data["toBeSwitched"], list(parts.values())) == ("PATH_SWITCH_REQ", True, [b"dl1"])
    assert ue.security is not None
    key = ue.security.k_amf
    second = kdf.nh(key, kdf.nh(key, kdf.k_gnb(key, count)))
    assert answer.security_context.next_hop_chaining_count == 2
    assert answer.security_context.next_hop_nh == second
    assert answer.ue_security_capabilities is None
    assert list(answer.allowed_nssai) == list(bench.amf.by_supi[ue.supi].allowed)  # type: ignore[attr-defined]
    source.end()
    ue.uplink(nas.FiveGMMStatus(five_gmm_cause=nas.FiveGMMCause(111)))
    assert "FiveGMMStatus" in bench.names()


def test_every_switch_has_the_next_hop_of_its_own() -> None:
    bench = Bench()
    ue = with_session(bench)
    nodes = [ue.gnb, bench.gnb()]
    counters = []
    for i in range(8):
        bench.core.update_answers.append(switched())
        answer = switch(ue, nodes[(i + 1) % 2], 1)
        counters.append(answer.security_context.next_hop_chaining_count)
    assert counters == [2, 3, 4, 5, 6, 7, 0, 1]


def test_capabilities_that_were_bid_down_are_put_right() -> None:
    """TS 33.512 clause 4.2.2.4.1, TS 33.501 clause 6.7.3.1."""
    bench = Bench()
    ue = with_session(bench)
    bench.core.update_answers.append(switched())
    weaker = UESecurityCapabilities(
        nr_encryption_algorithms=0,
        nr_integrity_protection_algorithms=0x8000,
        eutra_encryption_algorithms=0,
        eutra_integrity_protection_algorithms=0,
    )
    answer = switch(ue, bench.gnb(), 1, ue_security_capabilities=weaker)
    assert answer.ue_security_capabilities == CAPABILITIES
    assert "UeSecurityCapabilitiesMismatch" in bench.names()


def test_a_session_that_cannot_be_switched_is_released_in_the_node_and_the_others_go_on() -> None:
    bench = Bench()
    ue = with_session(bench)
    ask(ue, 2)
    ask(ue, 3)
    bench.core.update_answers += [switched(), codec.problem(504, "UPF_NOT_RESPONDING"), codec.json_response(204)]
    failed = PDUSessionResourceFailedToSetupItemPSReq(
        pdu_session_id=3, path_switch_request_setup_failed_transfer=b"failed"
    )
    answer = switch(ue, bench.gnb(), 1, 2, pdu_session_resource_failed_to_setup_list_ps_req=(failed,))
    assert [item.pdu_session_id for item in answer.pdu_session_resource_switched_list] == [1]
    (released,) = answer.pdu_session_resource_released_list_ps_ack
    transfer = ngap_codec.decode_transfer(
        PathSwitchRequestUnsuccessfulTransfer, released.path_switch_request_unsuccessful_transfer
    )
    assert released.pdu_session_id == 2
    assert transfer.cause.group == "radioNetwork"
    last = bench.core.bodies(SMF, "POST", "/modify")[-1]
    assert (last["n2SmInfoType"], last["failedToBeSwitched"]) == ("PATH_SWITCH_SETUP_FAIL", True)


def test_a_session_that_the_node_does_not_name_loses_its_user_plane() -> None:
    bench = Bench()
    ue = with_session(bench)
    ask(ue, 2)
    bench.core.update_answers.append(switched())
    switch(ue, bench.gnb(), 1)
    assert bench.core.bodies(SMF, "POST", "/modify")[-1]["upCnxState"] == "DEACTIVATED"


@pytest.mark.parametrize("silent", [True, False])
def test_where_no_session_is_switched_the_request_fails_and_the_ue_is_idle(silent: bool) -> None:
    bench = Bench()
    ue = with_session(bench)
    target = bench.gnb()
    if silent:
        bench.core.smf = lambda request: None
    else:
        bench.core.update_answers.append(codec.problem(403, "UNSPECIFIED"))
    switch(ue, target, 1)
    bench.wait(5)
    failure = next(m for _, m in target.inbox if isinstance(m, ngap.PathSwitchRequestFailure))
    assert [item.pdu_session_id for item in failure.pdu_session_resource_released_list_ps_fail] == [1]
    assert not bench.amf.connections  # type: ignore[attr-defined]
    bench.core.smf = bench.core._smf
    assert n2_alone(bench, ue.supi).status == 202


def test_a_ue_that_nobody_knows_is_refused() -> None:
    bench = Bench()
    ue = with_session(bench)
    before = len(bench.core.requests)
    answer = switch(ue, bench.gnb(), 1, source=99)
    assert isinstance(answer, ngap.PathSwitchRequestFailure)
    assert answer.amf_ue_ngap_id == 99
    assert len(bench.core.requests) == before


def test_a_ue_that_is_about_to_be_released_is_refused() -> None:
    bench = Bench()
    ue = with_session(bench)
    bench.core.smf = lambda request: None
    ue.release_requested(None, 1)
    assert isinstance(switch(ue, bench.gnb(), 1), ngap.PathSwitchRequestFailure)
