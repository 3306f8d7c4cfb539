"""NAS level congestion control and NGAP overload (TS 24.501 clause 5.3.9, TS 38.413 clauses 8.7.7 and 8.7.8)."""

from typing import Any

import pytest

from awase.model.ids import SNssai
from awase.protocols.nas import messages as nas
from awase.protocols.nas.causes import FiveGMMCause
from awase.protocols.nas.elements import RegistrationType, ServiceType
from awase.protocols.ngap import messages as ngap
from unit.functions.amf.bench import Bench, Ue, ng_setup_request
from unit.functions.amf.sessions import ask, n2_alone, with_session

SOON = {"at_s": 10, "do": "congest"}


def test_a_registration_is_put_off_with_t3346() -> None:
    """TP_5GNAS_AMF_REG_REJ_01."""
    bench = Bench(congestion={"t3346_s": 60})
    ue = Ue(bench.gnb())
    ue.begin()
    reject = ue.last()
    assert isinstance(reject, nas.RegistrationReject)
    assert reject.five_gmm_cause == FiveGMMCause.congestion
    assert reject.t3346_value is not None
    assert reject.t3346_value.seconds == 60
    assert not bench.core.requests
    ue.released()


@pytest.mark.parametrize("cause", ["highPriorityAccess", "mps-PriorityAccess", "mcs-PriorityAccess", "emergency"])
def test_priority_access_is_served_all_the_same(cause: str) -> None:
    bench = Bench(congestion={})
    ue = Ue(bench.gnb())
    ue.begin(rrc_establishment_cause=cause)
    assert isinstance(ue.last(), nas.AuthenticationRequest)


def test_a_registered_ue_is_told_under_protection_and_stays_registered() -> None:
    """TS 24.501 clause 5.5.1.3.5."""
    bench = Bench(actions=[{**SOON, "congestion": {"t3346_s": 120}}])
    ue = with_session(bench).idle(1)
    bench.wait(11)
    ue.begin(ue.request(RegistrationType.periodic_registration_updating))
    reject = ue.last()
    assert ue.messages[-2].nas_pdu[1] == 2
    assert reject.five_gmm_cause == FiveGMMCause.congestion
    assert reject.t3346_value.seconds == 120
    ue.released()
    assert n2_alone(bench, ue.supi).status == 202


def test_a_service_request_is_put_off_but_the_answer_to_a_page_is_not() -> None:
    """TS 24.501 clause 5.6.1.5."""
    bench = Bench(actions=[SOON])
    ue = with_session(bench).idle(1)
    bench.wait(11)
    ue.begin(ue.service())
    reject = ue.last()
    assert isinstance(reject, nas.ServiceReject)
    assert reject.five_gmm_cause == FiveGMMCause.congestion
    assert reject.t3346_value is not None
    assert reject.t3346_value.seconds == 30
    n2_alone(bench, ue.supi)
    ue.begin(ue.service(service_type=ServiceType.mobile_terminated_services))
    assert any(isinstance(m, nas.ServiceAccept) for m in ue.received)


def test_congestion_ends_in_its_time() -> None:
    bench = Bench(actions=[{**SOON, "for_s": 5}])
    gnb = bench.gnb()
    bench.wait(11)
    Ue(gnb).begin()
    bench.wait(5)
    ue = Ue(gnb, 2)
    ue.begin()
    assert isinstance(ue.last(), nas.AuthenticationRequest)
    assert bench.names().count("CongestionEnded") == 1


@pytest.mark.parametrize(
    ("congestion", "cause"),
    [
        ({"dnns": ["internet"], "back_off_s": 120}, FiveGMMCause.congestion),
        ({"slices": [{"sst": 1}], "back_off_s": 120}, FiveGMMCause.insufficient_resources_for_specific_slice),
        (
            {"slices": [{"sst": 1}], "dnns": ["internet"], "back_off_s": 120},
            FiveGMMCause.insufficient_resources_for_specific_slice_and_dnn,
        ),
    ],
)
def test_a_congested_data_network_or_slice_returns_the_payload_with_a_back_off_time(
    congestion: dict[str, Any], cause: FiveGMMCause
) -> None:
    """TS 24.501 clause 5.4.5.3.1."""
    bench = Bench(congestion=congestion)
    ue = Ue(bench.gnb()).register()
    ask(ue)
    back = ue.last()
    assert (back.five_gmm_cause, back.back_off_timer_value.seconds) == (cause, 120)
    if "dnns" in congestion:
        ask(ue, 2, dnn="ims")
        assert ue.last() is back


def test_nodes_are_told_of_an_overload_and_of_its_end() -> None:
    action = "reject-non-emergency-mo-dt"
    given = {"overload_action": action, "traffic_load_reduction_percent": 50}
    bench = Bench(actions=[{**SOON, "congestion": given, "for_s": 5}])
    gnb = bench.gnb()
    gnb.take()
    bench.wait(11)
    late = bench.gnb()
    for node in (gnb, late):
        start = next(m for m in node.take() if isinstance(m, ngap.OverloadStart))
        assert (start.amf_overload_response, start.amf_traffic_load_reduction_indication) == (action, 50)
    bench.wait(5)
    for node in (gnb, late):
        assert [type(m) for m in node.take()] == [ngap.OverloadStop]


def test_an_overload_of_slices_names_them() -> None:
    given = {"slices": [{"sst": 1, "sd": "000001"}], "traffic_load_reduction_percent": 30}
    bench = Bench(congestion=given)
    gnb = bench.gnb(set_up=False)
    gnb.send(ng_setup_request())
    (start,) = [m for m in gnb.take() if isinstance(m, ngap.OverloadStart)]
    (item,) = start.overload_start_nssai_list
    assert [one.s_nssai for one in item.slice_overload_list] == [SNssai(1, "000001")]
    assert item.slice_traffic_load_reduction_indication == 30
    assert start.amf_overload_response is None
