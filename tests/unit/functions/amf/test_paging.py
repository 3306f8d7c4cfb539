"""Paging and the network triggered service request (TS 23.502 clause 4.2.3.3, TS 24.501 clause 5.6.2)."""

import json
from typing import Any

import pytest

from awase.protocols.nas import messages as nas
from awase.protocols.nas.elements import PduSessionIds, RegistrationType, ServiceType
from awase.protocols.nas.network_elements import DrxParameters, DrxValue
from awase.protocols.ngap import messages as ngap
from awase.protocols.ngap.elements import UERadioCapabilityForPaging
from awase.protocols.sbi import codec
from unit.functions.amf.bench import SMF, Bench, Gnb, Ue, json_part
from unit.functions.amf.sessions import FAILURE_PATH, N1, N2, activating, ask, n1_alone, n2_alone, with_session


def sleeping(bench: Bench) -> Ue:
    """A UE in CM-IDLE with one session."""
    ue = with_session(bench).idle(1)
    ue.gnb.take()
    return ue


def pages(gnb: Gnb) -> list[ngap.Paging]:
    return [message for message in gnb.take() if isinstance(message, ngap.Paging)]


def notifications(bench: Bench) -> list[Any]:
    return bench.core.bodies(SMF, "POST", FAILURE_PATH)


def answer_page(ue: Ue, **fields: Any) -> None:
    ue.begin(ue.service(service_type=ServiceType.mobile_terminated_services, **fields), five_g_s_tmsi=ue.s_tmsi())


def test_a_transfer_for_an_idle_ue_is_accepted_and_the_ue_paged_by_its_tmsi_in_its_registration_area() -> None:
    """Osmocom net_triggered_service_req."""
    bench = Bench(tais=[{"plmn": "001-01", "tacs": [1, 2]}])
    ue = sleeping(bench)
    other, elsewhere = bench.gnb(tac=2), bench.gnb(set_up=False)
    answer = n2_alone(bench, ue.supi)
    assert answer.status == 202
    assert json.loads(answer.body) == {"cause": "ATTEMPTING_TO_REACH_UE"}
    assert answer.header("location").startswith("http://10.0.0.1:8080/namf-comm/v1/ue-contexts/")
    (page,) = pages(ue.gnb)
    assert page.ue_paging_identity == ue.s_tmsi()
    assert sorted(tai.tac for tai in page.tai_list_for_paging) == [1, 2]
    assert len(pages(other)) == 1
    assert not pages(elsewhere)


def test_the_answer_to_a_page_brings_the_user_plane_back_in_the_initial_context_setup() -> None:
    bench = Bench()
    ue = sleeping(bench)
    n2_alone(bench, ue.supi)
    assert len(pages(ue.gnb)) == 1
    bench.core.update_answers.append(activating(b"fresh"))
    answer_page(ue)
    assert json.loads(json_part(bench.core.requests[-1][1])[0])["upCnxState"] == "ACTIVATING"
    request = next(m for m in reversed(ue.messages) if isinstance(m, ngap.InitialContextSetupRequest))
    (item,) = request.pdu_session_resource_setup_list_cxt_req
    assert (item.pdu_session_id, item.pdu_session_resource_setup_request_transfer) == (1, b"fresh")
    assert any(isinstance(message, nas.ServiceAccept) for message in ue.received)
    ue.set_up_context(1)
    body, parts = json_part(bench.core.requests[-1][1])
    assert (json.loads(body)["n2SmInfoType"], list(parts.values())) == ("PDU_RES_SETUP_RSP", [b"ok"])
    bench.wait(60)
    assert not pages(ue.gnb)
    assert not notifications(bench)


def test_what_the_smf_sent_at_first_is_used_where_it_has_nothing_newer() -> None:
    bench = Bench()
    ue = sleeping(bench)
    n2_alone(bench, ue.supi)
    answer_page(ue)
    request = next(m for m in reversed(ue.messages) if isinstance(m, ngap.InitialContextSetupRequest))
    (item,) = request.pdu_session_resource_setup_list_cxt_req
    assert item.pdu_session_resource_setup_request_transfer == N2


def test_after_a_page_the_ue_gets_another_guti() -> None:
    """TS 33.501 clause 6.12.3."""
    bench = Bench()
    ue = sleeping(bench)
    n2_alone(bench, ue.supi)
    answer_page(ue)
    command = ue.last()
    assert isinstance(command, nas.ConfigurationUpdateCommand)
    assert command.configuration_update_indication is not None
    assert command.configuration_update_indication.acknowledgement_requested
    assert command.five_g_guti not in (None, ue.guti)
    ue.uplink(nas.ConfigurationUpdateComplete())
    ue.guti = command.five_g_guti  # type: ignore[assignment]
    assert list(bench.amf.by_tmsi) == [ue.s_tmsi().five_g_tmsi]  # type: ignore[attr-defined]
    ue.idle().begin(ue.service())
    assert isinstance(ue.last(), nas.ServiceAccept)


def test_a_ue_that_does_not_answer_is_paged_four_times_and_the_smf_is_told() -> None:
    bench = Bench(t3513_s=2)
    ue = sleeping(bench)
    location = n2_alone(bench, ue.supi).header("location")
    bench.wait(7.9)
    assert len(pages(ue.gnb)) == 4
    assert not notifications(bench)
    bench.wait(0.1)
    assert notifications(bench) == [{"cause": "UE_NOT_RESPONDING", "n1n2MsgDataUri": location}]
    assert bench.event("UeNotReached").subject == ue.supi
    assert n2_alone(bench, ue.supi).status == 202
    assert len(pages(ue.gnb)) == 1


def test_the_number_of_tries_and_the_time_between_them_are_the_operators() -> None:
    bench = Bench(t3513_s=1, paging_tries=2)
    ue = sleeping(bench)
    n2_alone(bench, ue.supi)
    bench.wait(10)
    assert len(pages(ue.gnb)) == 2
    assert len(notifications(bench)) == 1


def test_a_service_request_of_the_ues_own_that_crosses_the_page_serves_both() -> None:
    """Paging collision (TS 24.501 clause 5.6.2.2.1): T3513 stops, and what waited goes along."""
    bench = Bench()
    ue = sleeping(bench)
    ask_again = bench.core.update_answers
    n2_alone(bench, ue.supi)
    ask_again.append(activating())
    ue.begin(ue.service(uplink_data_status=PduSessionIds((1,))))
    assert len(bench.core.bodies(SMF, "POST", "/modify")) == 2
    request = next(m for m in reversed(ue.messages) if isinstance(m, ngap.InitialContextSetupRequest))
    assert len(request.pdu_session_resource_setup_list_cxt_req) == 1
    bench.wait(60)
    assert not [m for m in ue.gnb.take() if isinstance(m, ngap.Paging)][1:]
    assert not notifications(bench)


def test_a_5gsm_message_for_an_idle_ue_follows_its_service_request() -> None:
    bench = Bench()
    ue = sleeping(bench)
    assert n1_alone(bench, ue.supi).status == 202
    answer_page(ue)
    carried = [m for m in ue.received if isinstance(m, nas.DLNASTransport)]
    assert [message.payload_container for message in carried] == [N1]
    assert not [m for m in ue.messages if isinstance(m, ngap.PDUSessionResourceSetupRequest)]


def test_a_5gsm_message_for_a_ue_that_registers_after_the_page_follows_its_registration() -> None:
    bench = Bench()
    ue = sleeping(bench)
    n1_alone(bench, ue.supi)
    ue.begin(ue.request(RegistrationType.mobility_registration_updating))
    ue.set_up_context()
    ue.complete_registration()
    assert ue.last().payload_container == N1


def test_a_transfer_while_a_service_request_is_served_waits_for_its_accept() -> None:
    bench = Bench()
    ue = sleeping(bench)
    held: list[Any] = []
    bench.core.smf = held.append  # type: ignore[assignment]
    ue.begin(ue.service(uplink_data_status=PduSessionIds((1,))))
    assert held
    answer = n1_alone(bench, ue.supi)
    assert json.loads(answer.body) == {"cause": "N1_N2_TRANSFER_INITIATED"}
    ue.take()
    assert not isinstance(ue.last(), nas.DLNASTransport)
    bench.wait(5)
    ue.take()
    kinds = [type(message).__name__ for message in ue.received[-2:]]
    assert kinds == ["ServiceAccept", "DLNASTransport"]


def test_a_ue_that_is_lost_before_its_accept_is_paged_again_and_not_for_ever() -> None:
    bench = Bench(t3513_s=1)
    ue = sleeping(bench)
    n2_alone(bench, ue.supi)
    bench.core.smf = lambda request: None
    for _ in range(3):
        answer_page(ue)
        ue.amf_id = max(bench.amf.connections)  # type: ignore[attr-defined]
        ue.release_requested(None)
        ue.released()
    assert len(pages(ue.gnb)) == 4
    bench.core.smf = bench.core._smf
    bench.wait(2)
    assert len(notifications(bench)) == 1


def test_after_the_mobile_reachable_timer_a_ue_is_not_reachable() -> None:
    """TS 24.501 clause 5.3.7: the paging proceed flag."""
    bench = Bench(t3512_s=60, mobile_reachable_s=20, implicit_deregistration_s=100)
    ue = sleeping(bench)
    bench.wait(81)
    answer = n2_alone(bench, ue.supi)
    assert (answer.status, json.loads(answer.body)["error"]["cause"]) == (504, "UE_NOT_REACHABLE")
    assert not pages(ue.gnb)
    ue.begin(ue.service())
    ue.idle()
    assert n2_alone(bench, ue.supi).status == 202


def test_the_radio_capability_for_paging_the_drx_cycle_and_the_priority_go_with_the_page() -> None:
    bench = Bench()
    ue = Ue(bench.gnb(), requested_drx_parameters=DrxParameters(value=DrxValue.t64)).register()
    accept = next(m for m in ue.received if isinstance(m, nas.RegistrationAccept))
    assert accept.negotiated_drx_parameters == DrxParameters(value=DrxValue.t64)
    ask(ue)
    capability = UERadioCapabilityForPaging(ue_radio_capability_for_paging_of_nr=b"nr")
    ue.gnb.send(
        ngap.UERadioCapabilityInfoIndication(
            amf_ue_ngap_id=ue.amf_id or 0,
            ran_ue_ngap_id=ue.ran_id,
            ue_radio_capability=b"capability",
            ue_radio_capability_for_paging=capability,
        )
    )
    ue.idle(1).gnb.take()
    arp = {"priorityLevel": 3, "preemptCap": "NOT_PREEMPT", "preemptVuln": "PREEMPTABLE"}
    n2_alone(bench, ue.supi, arp=arp)
    (page,) = pages(ue.gnb)
    assert (page.paging_drx, page.paging_priority) == ("v64", "priolevel3")
    assert page.ue_radio_capability_for_paging == capability


def test_more_urgent_data_page_at_once_and_less_urgent_data_wait() -> None:
    bench = Bench()
    ue = sleeping(bench)
    arp = {"priorityLevel": 9, "preemptCap": "NOT_PREEMPT", "preemptVuln": "PREEMPTABLE"}
    n2_alone(bench, ue.supi, arp=arp)
    n1_alone(bench, ue.supi)
    assert len(pages(ue.gnb)) == 1
    n1_alone(bench, ue.supi, arp={**arp, "priorityLevel": 2})
    (page,) = pages(ue.gnb)
    assert page.paging_priority == "priolevel2"


def test_of_two_gutis_the_older_is_paged_first() -> None:
    """TS 24.501 clause 5.5.1.2.8 c: the accept may not have arrived."""
    bench = Bench(t3513_s=1)
    ue = Ue(bench.gnb()).register()
    ask(ue)
    ue.idle(1)
    ue.begin(ue.request(RegistrationType.mobility_registration_updating))
    newer = ue.last().five_g_guti
    ue.gnb.send(ngap.UEContextReleaseRequest(amf_ue_ngap_id=ue.amf_id or 0, ran_ue_ngap_id=ue.ran_id))
    ue.gnb.take()
    assert n2_alone(bench, ue.supi).status == 202
    bench.wait(3.5)
    tmsis = [page.ue_paging_identity.five_g_tmsi for page in pages(ue.gnb)]  # type: ignore[union-attr]
    assert ue.guti is not None
    assert tmsis == [ue.guti.five_g_tmsi] * 2 + [newer.five_g_tmsi] * 2


def test_too_much_that_waits_for_one_ue_is_refused() -> None:
    bench = Bench(limits={"waiting_transfers_per_ue": 2})
    ue = sleeping(bench)
    assert [n1_alone(bench, ue.supi).status for _ in range(3)] == [202, 202, 403]


@pytest.mark.parametrize("kind", ["PDU_RES_REL_CMD", "PDU_RES_MOD_REQ"])
def test_resources_that_an_idle_ue_does_not_have_are_not_changed(kind: str) -> None:
    bench = Bench()
    ue = sleeping(bench)
    answer = n2_alone(bench, ue.supi, kind=kind)
    assert (answer.status, json.loads(answer.body)["error"]["cause"]) == (409, "UE_IN_CM_IDLE_STATE")


@pytest.mark.parametrize("uri", ["", "x", "http://", "http://a b/c", "http://user@host/path", "http://10.0.0.4:8080"])
def test_a_failure_uri_of_no_use_is_let_be(uri: str) -> None:
    bench = Bench(t3513_s=1, paging_tries=1)
    ue = sleeping(bench)
    before = len(bench.core.requests)
    n2_alone(bench, ue.supi, n1n2FailureTxfNotifURI=uri)
    bench.wait(5)
    assert len(bench.core.requests) == before


def test_a_refused_notification_is_an_event() -> None:
    bench = Bench(t3513_s=1, paging_tries=1)
    ue = sleeping(bench)
    bench.core.smf = lambda request: codec.problem(500, "SYSTEM_FAILURE")
    n2_alone(bench, ue.supi)
    bench.wait(5)
    assert "NotificationFailed" in bench.names()
