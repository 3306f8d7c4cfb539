"""Service request (TS 24.501 clause 5.6.1, TS 23.502 clause 4.2.3.2)."""

import json
from typing import Any

import pytest

from awase.protocols.nas import messages as nas
from awase.protocols.nas.causes import FiveGMMCause
from awase.protocols.nas.elements import PduSessionIds, RegistrationType
from awase.protocols.ngap import messages as ngap
from awase.protocols.sbi import codec
from awase.security import kdf
from unit.functions.amf.bench import SMF, Bench, Ue
from unit.functions.amf.sessions import activating, ask, with_session


def asleep(bench: Bench, *sessions: int) -> Ue:
    ue = Ue(bench.gnb()).register()
    for psi in sessions:
        ask(ue, psi)
    return ue.idle(*sessions)


def test_two_sessions_come_back_in_one_message_with_the_accept() -> None:
    """Osmocom ue_service_request_cm_idle_ul_data."""
    bench = Bench()
    ue = asleep(bench, 1, 2)
    bench.core.update_answers += [activating(b"one"), activating(b"two")]
    ue.begin(ue.service(uplink_data_status=PduSessionIds((1, 2)), pdu_session_status=PduSessionIds((1, 2))))
    request = ue.messages[-1]
    assert isinstance(request, ngap.InitialContextSetupRequest)
    items = request.pdu_session_resource_setup_list_cxt_req
    assert [i.pdu_session_resource_setup_request_transfer for i in items] == [b"one", b"two"]
    assert ue.last().pdu_session_reactivation_result == PduSessionIds(())
    assert ue.last().pdu_session_reactivation_result_error_cause is None


@pytest.mark.parametrize(
    ("status", "problem", "cause"),
    [
        (500, "INSUFFICIENT_RESOURCES_SLICE", 69),
        (500, "INSUFFICIENT_RESOURCES_SLICE_DNN", 67),
        (403, "OUT_OF_LADN_SERVICE_AREA", 43),
        (504, "UPF_NOT_RESPONDING", 92),
        (400, None, 92),
    ],
)
def test_a_session_that_does_not_come_back_is_named_with_its_cause(status: int, problem: str, cause: int) -> None:
    """TS 24.501 clause 5.6.1.4.1."""
    bench = Bench()
    ue = asleep(bench, 1, 2)
    error = {"error": {"status": status, "cause": problem}} if problem else {}
    bench.core.update_answers += [activating(), codec.json_response(status, error)]
    ue.begin(ue.service(uplink_data_status=PduSessionIds((1, 2))))
    accept = ue.last()
    assert accept.pdu_session_reactivation_result == PduSessionIds((2,))
    (one,) = accept.pdu_session_reactivation_result_error_cause.errors
    assert (one.pdu_session_id, one.cause) == (2, cause)
    assert len(ue.messages[-1].pdu_session_resource_setup_list_cxt_req) == 1


def test_a_silent_smf_holds_the_accept_no_longer_than_its_time() -> None:
    bench = Bench()
    ue = asleep(bench, 1)
    bench.core.smf = lambda request: None
    ue.begin(ue.service(uplink_data_status=PduSessionIds((1,))))
    bench.wait(4.1)
    ue.take()
    accept = ue.last()
    assert isinstance(accept, nas.ServiceAccept)
    assert accept.pdu_session_reactivation_result == PduSessionIds((1,))
    assert accept.pdu_session_reactivation_result_error_cause.errors[0].cause == 92


def test_a_session_that_only_the_ue_has_is_reported_and_one_that_only_the_network_has_released() -> None:
    """Osmocom ue_service_request_cm_idle_unknown_sess_active and ue_service_request_cm_idle_inact_sess."""
    bench = Bench()
    ue = asleep(bench, 1)
    ue.begin(ue.service(uplink_data_status=PduSessionIds((5,)), pdu_session_status=PduSessionIds((5,))))
    accept = ue.last()
    assert accept.pdu_session_reactivation_result == PduSessionIds((5,))
    assert accept.pdu_session_status == PduSessionIds(())
    assert len(bench.core.bodies(SMF, "POST", "/release")) == 1


def test_a_request_in_cm_connected_brings_the_user_plane_without_another_context() -> None:
    """Osmocom ue_service_request_cm_connected."""
    bench = Bench()
    ue = asleep(bench, 1)
    ue.begin(ue.service())
    ue.set_up_context()
    bench.core.update_answers.append(activating(b"again"))
    ue.uplink(ue.service(uplink_data_status=PduSessionIds((1,))))
    setup = ue.messages[-1]
    assert isinstance(setup, ngap.PDUSessionResourceSetupRequest)
    assert setup.nas_pdu is not None
    assert isinstance(ue.last(), nas.ServiceAccept)
    (item,) = setup.pdu_session_resource_setup_list_su_req
    assert item.pdu_session_resource_setup_request_transfer == b"again"


def test_k_gnb_is_derived_from_the_count_of_the_service_request() -> None:
    """TS 33.501 clause 6.8.1.2.2."""
    bench = Bench()
    ue = asleep(bench)
    assert ue.security is not None
    count = ue.security.uplink_count
    ue.begin(ue.service())
    request = ue.messages[-1]
    assert count > 0
    assert request.security_key == kdf.k_gnb(ue.security.k_amf, count)


def test_the_same_request_twice_is_answered_once() -> None:
    """TS 24.501 clause 5.6.1.8 c."""
    bench = Bench()
    ue = asleep(bench, 1)
    ue.begin(ue.service())
    ue.set_up_context()
    held: list[Any] = []
    bench.core.smf = held.append  # type: ignore[assignment]
    request = ue.service(uplink_data_status=PduSessionIds((1,)))
    ue.uplink(request)
    ue.uplink(request)
    bench.wait(5)
    ue.take()
    assert len(held) == 1
    assert [type(m) for m in ue.received].count(nas.ServiceAccept) == 2


def test_another_request_takes_the_place_of_the_first() -> None:
    """TS 24.501 clause 5.6.1.8 c."""
    bench = Bench()
    ue = asleep(bench, 1, 2)
    ue.begin(ue.service())
    ue.set_up_context()
    bench.core.smf = lambda request: None
    ue.uplink(ue.service(uplink_data_status=PduSessionIds((1,))))
    ue.uplink(ue.service())
    assert isinstance(ue.last(), nas.ServiceAccept)
    bench.wait(10)
    ue.take()
    assert [type(m) for m in ue.received].count(nas.ServiceAccept) == 2


def test_a_request_that_says_allowed_sessions_gets_a_result() -> None:
    """No session of ours is on non-3GPP access, so that none comes over (TS 24.501 clause 5.6.1.4.1)."""
    bench = Bench()
    ue = asleep(bench, 1)
    ue.begin(ue.service(allowed_pdu_session_status=PduSessionIds((1,))))
    assert ue.last().pdu_session_reactivation_result == PduSessionIds(())


def test_a_ue_that_is_lost_while_it_is_served_leaves_nothing_behind() -> None:
    """Lower layer failure (TS 24.501 clause 5.6.1.8 a)."""
    bench = Bench()
    ue = asleep(bench, 1)
    bench.core.smf = lambda request: None
    ue.begin(ue.service(uplink_data_status=PduSessionIds((1,))))
    ue.gnb.end("abort")
    bench.wait(30)
    assert not bench.amf.connections  # type: ignore[attr-defined]
    context = bench.amf.by_supi[ue.supi]  # type: ignore[attr-defined]
    assert (context.procedure, context.service) == (None, None)
    assert not [key for key in bench.amf._waiting if key[0] == "updates"]  # type: ignore[attr-defined]


def test_after_a_restart_without_state_a_service_request_is_rejected_with_cause_9() -> None:
    """TS 24.501 clause 5.6.1.5."""
    bench, other = Bench(), Bench()
    ue = asleep(bench, 1)
    ue.gnb = other.gnb()
    ue.begin(ue.service())
    assert ue.last().five_gmm_cause == FiveGMMCause.ue_identity_cannot_be_derived_by_the_network


def test_an_update_tells_the_smf_why_the_user_plane_sleeps() -> None:
    bench = Bench()
    asleep(bench, 1)
    body = json.loads(next(r for a, r in reversed(bench.core.requests) if a == SMF).body)
    assert (body["upCnxState"], body["ngApCause"]["group"]) == ("DEACTIVATED", 0)


def test_sessions_of_a_context_that_was_replaced_follow_the_ue() -> None:
    """A mobility registration without keys: the UE proves who it is, and keeps its sessions."""
    bench = Bench()
    ue = with_session(bench).idle(1)
    ue.security = None
    kind = RegistrationType.mobility_registration_updating
    ue.begin(ue.request(kind, pdu_session_status=PduSessionIds((1,))))
    ue.authenticate()
    ue.complete_security(kind=kind, pdu_session_status=PduSessionIds((1,)))
    ue.set_up_context()
    ue.complete_registration()
    assert not bench.core.bodies(SMF, "POST", "/release")
    refusal = codec.problem(500, "SYSTEM_FAILURE")
    bench.core.update_answers.append(refusal)
    ask(ue, request_type=None)
    assert ue.last().five_gmm_cause == FiveGMMCause.payload_was_not_forwarded
