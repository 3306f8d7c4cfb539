"""Mobility and periodic registration updates, and the timers behind them (TS 24.501 clauses 5.5.1.3 and 5.3.7)."""

import pytest

from awase.protocols.nas import messages as nas
from awase.protocols.nas.causes import FiveGMMCause
from awase.protocols.nas.elements import FiveGSRegistrationType, PduSessionIds, RegistrationType
from awase.protocols.ngap import messages as ngap
from awase.protocols.sbi import codec
from awase.security import kdf
from unit.functions.amf.bench import SMF, UDM, Bench
from unit.functions.amf.sessions import activating, ask, with_session

MOBILITY = RegistrationType.mobility_registration_updating
PERIODIC = RegistrationType.periodic_registration_updating


def without_follow_on(kind: RegistrationType) -> dict[str, FiveGSRegistrationType]:
    return {"five_gs_registration_type": FiveGSRegistrationType(value=kind, follow_on_request=False)}


@pytest.mark.parametrize("kind", [MOBILITY, PERIODIC])
def test_an_update_costs_no_exchange_with_the_core_and_gives_another_guti(kind: RegistrationType) -> None:
    """Osmocom periodic_registration_updating."""
    bench = Bench()
    ue = with_session(bench).idle(1)
    requests = len(bench.core.requests)
    ue.begin(ue.request(kind))
    accept = ue.last()
    assert isinstance(accept, nas.RegistrationAccept)
    assert accept.five_g_guti not in (None, ue.guti)
    assert accept.t3512_value.seconds == 3600  # type: ignore[union-attr]
    ue.complete_registration()
    assert len(bench.core.requests) == requests
    assert len(bench.amf.by_tmsi) == 1  # type: ignore[attr-defined]


def test_uplink_data_bring_the_user_plane_back_with_the_accept() -> None:
    bench = Bench()
    ue = with_session(bench).idle(1)
    bench.core.update_answers.append(activating())
    ue.begin(ue.request(MOBILITY, uplink_data_status=PduSessionIds((1, 4)), pdu_session_status=PduSessionIds((1,))))
    accept = ue.last()
    assert accept.pdu_session_status == PduSessionIds((1,))
    assert accept.pdu_session_reactivation_result == PduSessionIds((4,))
    request = ue.messages[-1]
    assert isinstance(request, ngap.InitialContextSetupRequest)
    (item,) = request.pdu_session_resource_setup_list_cxt_req
    assert item.pdu_session_id == 1
    ue.set_up_context(1)
    assert bench.core.bodies(SMF, "POST", "/modify")[-1]["n2SmInfoType"] == "PDU_RES_SETUP_RSP"


def test_a_session_that_does_not_come_back_is_named_with_its_cause() -> None:
    bench = Bench()
    ue = with_session(bench).idle(1)
    bench.core.update_answers.append(codec.problem(504, "UPF_NOT_RESPONDING"))
    ue.begin(ue.request(MOBILITY, uplink_data_status=PduSessionIds((1,))))
    accept = ue.last()
    assert accept.pdu_session_reactivation_result == PduSessionIds((1,))
    assert accept.pdu_session_reactivation_result_error_cause.errors[0].cause == 92


def test_sessions_that_the_ue_no_longer_has_are_released() -> None:
    bench = Bench()
    ue = with_session(bench)
    ask(ue, 2)
    ue.idle(1, 2)
    ue.begin(ue.request(MOBILITY, pdu_session_status=PduSessionIds((2,))))
    assert ue.last().pdu_session_status == PduSessionIds((2,))
    assert len(bench.core.bodies(SMF, "POST", "/release")) == 1


def test_allowed_sessions_get_a_result() -> None:
    bench = Bench()
    ue = with_session(bench).idle(1)
    ue.begin(ue.request(MOBILITY, allowed_pdu_session_status=PduSessionIds((1,))))
    assert ue.last().pdu_session_reactivation_result == PduSessionIds(())


def test_k_gnb_is_derived_from_the_count_of_the_update() -> None:
    """TS 33.501 clause 6.8.1.2.2."""
    bench = Bench()
    ue = with_session(bench).idle(1)
    assert ue.security is not None
    count = ue.security.uplink_count
    ue.begin(ue.request(MOBILITY))
    assert ue.messages[-1].security_key == kdf.k_gnb(ue.security.k_amf, count)


def test_without_follow_on_and_without_context_the_node_is_let_go() -> None:
    bench = Bench()
    ue = with_session(bench).idle(1)
    ue.begin(ue.request(PERIODIC, **without_follow_on(PERIODIC)), ue_context_request=None)
    ue.complete_registration()
    ue.released()


def test_with_follow_on_the_connection_stays() -> None:
    bench = Bench()
    ue = with_session(bench).idle(1)
    ue.begin(ue.request(PERIODIC), ue_context_request=None)
    ue.complete_registration()
    assert ue.amf_id in bench.amf.connections  # type: ignore[attr-defined]


def test_the_loss_of_the_connection_leaves_the_ue_registered_with_both_gutis() -> None:
    """Lower layer failure (TS 24.501 clause 5.5.1.3.8 b)."""
    bench = Bench()
    ue = with_session(bench).idle(1)
    ue.begin(ue.request(MOBILITY))
    newer = ue.last().five_g_guti
    ue.gnb.end("abort")
    assert len(bench.amf.by_tmsi) == 2  # type: ignore[attr-defined]
    ue.gnb = bench.gnb()
    ue.guti = newer
    ue.begin(ue.service())
    assert isinstance(ue.last(), nas.ServiceAccept)
    assert list(bench.amf.by_tmsi) == [newer.five_g_tmsi]  # type: ignore[attr-defined]


def test_an_accept_that_never_arrives_costs_no_guti_that_the_ue_holds() -> None:
    bench = Bench()
    ue = with_session(bench).idle(1)
    for _ in range(3):
        ue.begin(ue.request(MOBILITY))
        assert isinstance(ue.last(), nas.RegistrationAccept)
        ue.idle()
    ue.begin(ue.service())
    assert isinstance(ue.last(), nas.ServiceAccept)
    assert len(bench.amf.by_tmsi) == 1  # type: ignore[attr-defined]


def test_a_ue_that_misses_its_update_is_first_not_paged_and_then_deregistered() -> None:
    bench = Bench(t3512_s=600, mobile_reachable_s=240, implicit_deregistration_s=120)
    ue = with_session(bench).idle(1)
    bench.wait(600 + 240 + 119)
    assert "ImplicitlyDeregistered" not in bench.names()
    bench.wait(2)
    assert bench.event("ImplicitlyDeregistered").config == "t3512_s"
    assert len(bench.core.bodies(SMF, "POST", "/release")) == 1
    assert bench.core.bodies(UDM, "PATCH")[-1]["purgeFlag"] is True
    assert bench.amf.wake_at_ns() is None
    ue.begin(ue.request(PERIODIC))
    ue.set_up_context()
    ue.complete_registration()
    assert len(bench.core.bodies(UDM, "PUT")) == 2


def test_an_update_in_time_starts_the_timers_anew() -> None:
    bench = Bench(t3512_s=600, mobile_reachable_s=240, implicit_deregistration_s=120)
    ue = with_session(bench).idle(1)
    for _ in range(5):
        bench.wait(600)
        ue.begin(ue.request(PERIODIC))
        ue.complete_registration()
        ue.idle()
    assert "ImplicitlyDeregistered" not in bench.names()


def test_without_t3512_nobody_is_deregistered() -> None:
    bench = Bench(t3512_s=0)
    with_session(bench).idle(1)
    bench.wait(10_000_000)
    assert "ImplicitlyDeregistered" not in bench.names()


def test_an_update_after_a_restart_without_state_begins_with_the_identity() -> None:
    """TS 23.527: a 5G-GUTI that nobody knows."""
    bench, other = Bench(), Bench()
    ue = with_session(bench).idle(1)
    ue.gnb = other.gnb()
    ue.begin(ue.request(PERIODIC))
    assert isinstance(ue.last(), nas.IdentityRequest)


def test_a_slice_that_is_no_longer_to_be_had_ends_the_registration() -> None:
    bench = Bench()
    ue = with_session(bench).idle(1)
    context = bench.amf.by_supi[ue.supi]  # type: ignore[attr-defined]
    context.subscribed = context.default_slices = ()
    ue.begin(ue.request(MOBILITY))
    assert ue.last().five_gmm_cause == FiveGMMCause.no_network_slices_available
    assert len(bench.core.bodies(SMF, "POST", "/release")) == 1
    assert bench.core.bodies(UDM, "PATCH")[-1]["purgeFlag"] is True
