"""PDU sessions at the UE (TS 24.501 clauses 6.3, 6.4 and 7.3)."""

from collections.abc import Callable
from typing import Any

import pytest

from awase.functions.ue.states import RmState, SessionState
from awase.model.ids import SNssai
from awase.protocols.nas import messages as nas
from awase.protocols.nas.causes import FiveGMMCause, FiveGSMCause
from awase.protocols.nas.codec import encode
from awase.protocols.nas.elements import (
    AccessType,
    DeregistrationType,
    GprsTimer2,
    PayloadContainerType,
    PduSessionIds,
    RegistrationType,
    RequestType,
    ServiceType,
)
from awase.protocols.nas.session_elements import PduSessionType, SessionAmbr
from awase.protocols.rls.messages import RrcChannel
from awase.protocols.rrc.messages import Paging, PagingRecord, RRCSetupRequest
from unit.functions.ue.rig import Network

INTERNET = {"dnn": "internet", "slice": {"sst": 1, "sd": "000001"}}
IMS = {"dnn": "ims", "slice": {"sst": 2}}


def test_each_session_is_asked_for_with_its_dnn_and_slice() -> None:
    network = Network(sessions=[INTERNET, IMS]).run(2)
    first, second = network.all(nas.ULNASTransport)
    assert (first.pdu_session_id, first.dnn, first.s_nssai.s_nssai) == (1, "internet", SNssai(1, "000001"))
    assert (second.pdu_session_id, second.dnn, second.s_nssai.s_nssai) == (2, "ims", SNssai(2))
    assert first.request_type == RequestType.initial_request
    requests = network.all(nas.PDUSessionEstablishmentRequest)
    assert [r.pti for r in requests] == [1, 2]
    assert requests[0].pdu_session_type == PduSessionType.ipv4
    assert network.names().count("SessionEstablished") == 2
    assert network.ue.context.sessions[2].address == bytes((10, 45, 0, 3))


def test_the_slices_of_the_sessions_are_requested() -> None:
    network = Network(sessions=[INTERNET, IMS, INTERNET]).run(2)
    whole = network.all(nas.RegistrationRequest)[1]
    assert [str(s.s_nssai) for s in whole.requested_nssai] == ["1-000001", "2"]
    assert whole.five_gs_registration_type.follow_on_request


def test_when_the_network_is_silent_then_t3580_repeats_the_request_five_times() -> None:
    network = Network(sessions=[INTERNET])
    network.answers[nas.PDUSessionEstablishmentRequest] = lambda _: None
    network.run(90)
    requests = network.all(nas.PDUSessionEstablishmentRequest)
    assert len(requests) == 5
    assert len(set(map(repr, requests))) == 1
    event = network.event("SessionRejected")
    assert "got no answer" in event.text
    assert network.ue.context.sessions == {}


@pytest.mark.parametrize(("cause", "path"), [(27, "sessions[0].dnn"), (70, "sessions[0].slice")])
def test_a_rejection_is_told_in_words(cause: int, path: str) -> None:
    network = Network(sessions=[INTERNET])
    network.answers[nas.PDUSessionEstablishmentRequest] = lambda m: network.send_session(
        nas.PDUSessionEstablishmentReject(
            pdu_session_id=m.pdu_session_id, pti=m.pti, five_gsm_cause=FiveGSMCause(cause)
        )
    )
    network.run(2)
    event = network.event("SessionRejected")
    assert (event.fields["cause"], event.config) == (cause, path)
    assert "1-000001" in event.text
    assert network.ue.context.sessions == {}


def test_a_request_that_the_amf_could_not_forward_is_told() -> None:
    network = Network(sessions=[INTERNET])
    network.answers[nas.PDUSessionEstablishmentRequest] = lambda m: network.send_session(
        m, five_gmm_cause=FiveGMMCause.payload_was_not_forwarded
    )
    network.run(2)
    event = network.event("SessionRejected")
    assert event.fields["cause"] == 90
    assert "not forwarded" in event.text


PASSING: dict[str, Callable[[Network, Any], None]] = {
    "not forwarded": lambda n, m: n.send_session(m, five_gmm_cause=FiveGMMCause.payload_was_not_forwarded),
    "network failure": lambda n, m: n.send_session(
        nas.PDUSessionEstablishmentReject(
            pdu_session_id=m.pdu_session_id, pti=m.pti, five_gsm_cause=FiveGSMCause.network_failure
        )
    ),
    "silence": lambda n, m: None,
}


@pytest.mark.parametrize("what", PASSING)
def test_a_session_that_something_passing_kept_away_is_asked_for_again(what: str) -> None:
    network = Network(sessions=[INTERNET])
    sound = network.answers[nas.PDUSessionEstablishmentRequest]
    network.answers[nas.PDUSessionEstablishmentRequest] = lambda m: PASSING[what](network, m)
    network.run(3 if what != "silence" else 82)
    assert network.ue.context.sessions == {}
    network.answers[nas.PDUSessionEstablishmentRequest] = sound
    network.run(16)
    assert network.ue.context.sessions[1].address == bytes((10, 45, 0, 2))


def test_a_session_without_an_address_is_released_again() -> None:
    network = Network(sessions=[INTERNET])

    def accept(message: Any) -> None:
        plain = network.send_session
        network.send_session = lambda m: plain(  # type: ignore[method-assign]
            nas.PDUSessionEstablishmentAccept(
                pdu_session_id=m.pdu_session_id,
                pti=m.pti,
                selected_pdu_session_type=m.selected_pdu_session_type,
                selected_ssc_mode=m.selected_ssc_mode,
                authorized_qos_rules=m.authorized_qos_rules,
                session_ambr=m.session_ambr,
            )
        )
        network.accept_session(message)
        network.send_session = plain  # type: ignore[method-assign]

    network.answers[nas.PDUSessionEstablishmentRequest] = accept
    network.run(2)
    assert "no IPv4 address" in network.event("SessionUnusable").text
    assert len(network.all(nas.PDUSessionReleaseRequest)) == 1


def test_the_user_releases_a_session_and_establishes_it_anew() -> None:
    actions = [
        {"at_s": 2, "do": "release_session", "session": 1},
        {"at_s": 3, "do": "establish_session", "session": 1},
    ]
    network = Network(sessions=[INTERNET], actions=actions).run(2.5)
    assert network.ue.context.sessions == {}
    assert len(network.all(nas.PDUSessionReleaseComplete)) == 1
    assert "SessionReleased" in network.names()
    network.run(1)
    assert network.ue.context.sessions[1].state is SessionState.ACTIVE
    assert network.all(nas.PDUSessionEstablishmentRequest)[-1].pti == 3


def test_when_a_release_is_not_answered_then_t3582_repeats_it_and_it_ends_locally() -> None:
    network = Network(sessions=[INTERNET], actions=[{"at_s": 2, "do": "release_session"}])
    network.answers[nas.PDUSessionReleaseRequest] = lambda _: None
    network.run(90)
    assert len(network.all(nas.PDUSessionReleaseRequest)) == 5
    assert "without the network's consent" in network.event("SessionReleased").text


def test_the_network_learns_of_a_local_release_by_an_update_which_brings_no_session_back() -> None:
    network = Network(sessions=[INTERNET, IMS], actions=[{"at_s": 2, "do": "release_session"}])
    network.answers[nas.PDUSessionReleaseRequest] = lambda _: None
    network.run(80)
    network.answers[nas.RegistrationRequest] = network.accept_registration
    network.run(5)
    update = network.all(nas.RegistrationRequest)[-1]
    assert update.five_gs_registration_type.value == RegistrationType.mobility_registration_updating
    assert update.pdu_session_status == PduSessionIds((2,))
    assert network.ue.context.state is RmState.REGISTERED
    assert list(network.ue.context.sessions) == [2]
    assert len(network.all(nas.PDUSessionEstablishmentRequest)) == 2


def test_a_rejected_release_leaves_the_session() -> None:
    network = Network(sessions=[INTERNET], actions=[{"at_s": 2, "do": "release_session"}])
    network.answers[nas.PDUSessionReleaseRequest] = lambda m: network.send_session(
        nas.PDUSessionReleaseReject(pdu_session_id=1, pti=m.pti, five_gsm_cause=FiveGSMCause(111))
    )
    network.run(3)
    assert network.ue.context.sessions[1].state is SessionState.ACTIVE


def release_command(cause: int, pti: int = 0, session: int = 1) -> nas.PDUSessionReleaseCommand:
    return nas.PDUSessionReleaseCommand(pdu_session_id=session, pti=pti, five_gsm_cause=FiveGSMCause(cause))


def test_the_network_releases_a_session() -> None:
    network = Network(sessions=[INTERNET]).run(2)
    network.send_session(release_command(36))
    network.deliver()
    assert [m.pti for m in network.all(nas.PDUSessionReleaseComplete)] == [0]
    assert network.ue.context.sessions == {}


def test_a_release_with_cause_39_brings_a_new_session() -> None:
    network = Network(sessions=[INTERNET]).run(2)
    network.send_session(release_command(39))
    network.deliver()
    assert len(network.all(nas.PDUSessionEstablishmentRequest)) == 2
    assert network.ue.context.sessions[1].state is SessionState.ACTIVE


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        (release_command(36, session=9), 43),
        (release_command(36, pti=200), 47),
        (release_command(36, pti=255), 81),
        (
            nas.PDUSessionEstablishmentReject(pdu_session_id=1, pti=77, five_gsm_cause=FiveGSMCause(26)),
            47,
        ),
    ],
)
def test_a_wrong_identity_or_pti_is_answered_by_status(message: Any, cause: int) -> None:
    network = Network(sessions=[INTERNET]).run(2)
    network.send_session(message)
    network.deliver()
    assert [int(m.five_gsm_cause) for m in network.all(nas.FiveGSMStatus)] == [cause]
    assert network.ue.context.sessions[1].state is SessionState.ACTIVE


def test_a_5gsm_message_type_that_does_not_exist_is_97() -> None:
    network = Network(sessions=[INTERNET]).run(2)
    network.send(
        nas.DLNASTransport(
            payload_container_type=PayloadContainerType.n1_sm_information,
            payload_container=bytes.fromhex("2e0100ff"),
            pdu_session_id=1,
        )
    )
    network.deliver()
    assert [int(m.five_gsm_cause) for m in network.all(nas.FiveGSMStatus)] == [97]


def test_a_modification_is_completed() -> None:
    network = Network(sessions=[INTERNET]).run(2)
    ambr = SessionAmbr.of_bps(downlink_bps=10**6, uplink_bps=10**6)
    network.send_session(nas.PDUSessionModificationCommand(pdu_session_id=1, pti=0, session_ambr=ambr))
    network.deliver()
    assert len(network.all(nas.PDUSessionModificationComplete)) == 1
    assert network.ue.context.sessions[1].uplink_bps == 10**6


def test_deregistration_ends_the_sessions() -> None:
    network = Network(sessions=[INTERNET], actions=[{"at_s": 2, "do": "deregister"}]).run(3)
    (request,) = network.all(nas.DeregistrationRequestUEOriginating)
    assert request.five_gs_mobile_identity == network.guti
    assert network.ue.context.sessions == {}
    assert network.ue.context.state is RmState.DEREGISTERED
    assert network.event("Deregistered").level == "info"


def test_when_a_deregistration_is_not_answered_then_t3521_repeats_it() -> None:
    network = Network(actions=[{"at_s": 2, "do": "deregister"}])
    network.answers[nas.DeregistrationRequestUEOriginating] = lambda _: None
    network.run(90)
    assert len(network.all(nas.DeregistrationRequestUEOriginating)) == 5
    assert network.ue.context.state is RmState.DEREGISTERED


def test_a_ue_that_is_switched_off_falls_silent() -> None:
    network = Network(actions=[{"at_s": 2, "do": "switch_off"}]).run(3)
    (request,) = network.all(nas.DeregistrationRequestUEOriginating)
    assert request.de_registration_type.switch_off
    assert network.ue.context.state is RmState.NULL
    assert network.ue.wake_at_ns() is None or network.ue.wake_at_ns() > network.now_ns


def test_a_ue_that_is_switched_on_again_registers_under_another_name_of_its_link() -> None:
    actions = [{"at_s": 2, "do": "switch_off"}, {"at_s": 2.5, "do": "register"}]
    network = Network(actions=actions).run(2.4)
    before = network.sti
    network.context = None
    network.run(2)
    assert network.sti != before
    assert network.ue.context.state is RmState.REGISTERED


def test_the_network_deregisters_and_asks_for_another_registration() -> None:
    network = Network(sessions=[INTERNET]).run(2)
    network.send(
        nas.DeregistrationRequestUETerminated(de_registration_type=DeregistrationType(re_registration_required=True))
    )
    network.deliver()
    assert len(network.all(nas.DeregistrationAcceptUETerminated)) == 1
    assert network.ue.context.sessions == {}
    network.answers[nas.RegistrationRequest] = network.accept_registration
    network.release()
    network.run(1)
    assert network.ue.context.state is RmState.REGISTERED
    assert network.ue.context.sessions[1].state is SessionState.ACTIVE


def serve(network: Network) -> None:
    network.answers[nas.ServiceRequest] = lambda m: network.send(
        nas.ServiceAccept(pdu_session_status=m.pdu_session_status)
    )


def test_a_page_is_answered_by_a_service_request() -> None:
    network = Network(sessions=[INTERNET]).run(2)
    serve(network)
    network.release()
    assert not network.ue.uu.connected
    record = PagingRecord(ng_five_g_s_tmsi=1 << 38 | 0xC0000001)
    network.send_rrc(RrcChannel.PCCH, Paging(paging_record_list=(record,)))
    network.run(1)
    (request,) = network.all(nas.ServiceRequest)
    assert request.service_type == ServiceType.mobile_terminated_services
    assert request.pdu_session_status == PduSessionIds((1,))
    assert network.all(RRCSetupRequest)[-1].establishment_cause == "mt-Access"
    assert network.ue.context.state is RmState.REGISTERED


def test_a_session_is_released_from_idle_after_a_service_request() -> None:
    network = Network(sessions=[INTERNET], actions=[{"at_s": 3, "do": "release_session"}]).run(2)
    serve(network)
    network.release()
    network.run(3)
    assert len(network.all(nas.ServiceRequest)) == 1
    assert len(network.all(nas.PDUSessionReleaseComplete)) == 1


def test_a_service_reject_with_cause_9_brings_a_new_registration() -> None:
    network = Network(sessions=[INTERNET], actions=[{"at_s": 3, "do": "release_session"}]).run(2)
    network.answers[nas.ServiceRequest] = lambda _: network.send(nas.ServiceReject(five_gmm_cause=FiveGMMCause(9)))
    network.release()
    network.run(2)
    network.context = None
    network.release()
    network.run(2)
    assert network.ue.context.state is RmState.REGISTERED
    assert network.all(nas.RegistrationRequest)[-1].ngksi == 7


def test_a_service_request_is_given_up_at_t3517_and_after_five_only_a_page_is_answered_while_t3525_runs() -> None:
    network = Network(sessions=[INTERNET]).run(2)
    network.release()
    for attempt in range(1, 6):
        network.ue.n1.request_service(ServiceType.data)
        network.run(14)
        assert network.ue.context.state is RmState.SERVICE_REQUEST_INITIATED
        network.run(2)
        assert network.ue.context.state is RmState.REGISTERED
        assert not network.ue.uu.connected
        assert len(network.all(nas.ServiceRequest)) == attempt
    assert "60 s" in network.event("ServiceRequestFailed").text
    network.ue.n1.request_service(ServiceType.data)
    network.run(10)
    assert len(network.all(nas.ServiceRequest)) == 5
    network.ue.n1.paged()
    network.run(20)
    assert len(network.all(nas.ServiceRequest)) == 6
    # The page went unanswered too, and T3525 runs anew.
    network.run(61)
    serve(network)
    network.ue.n1.request_service(ServiceType.data)
    network.run(1)
    assert len(network.all(nas.ServiceRequest)) == 7
    assert network.ue.uu.connected
    assert network.ue.n1.service_attempts == 0


def test_a_notification_is_answered_with_the_sessions_there_are() -> None:
    network = Network(sessions=[INTERNET]).run(2)
    network.send(nas.Notification(access_type=AccessType(1)))
    network.run(1)
    (response,) = network.all(nas.NotificationResponse)
    assert response.pdu_session_status == PduSessionIds((1,))


def test_a_service_reject_for_congestion_keeps_the_ue_away_for_t3346() -> None:
    network = Network(sessions=[INTERNET]).run(2)
    congested = nas.ServiceReject(five_gmm_cause=FiveGMMCause(22), t3346_value=GprsTimer2(0, 10))
    network.answers[nas.ServiceRequest] = lambda _: network.send(congested)
    network.release()
    network.ue.n1.request_service(ServiceType.data)
    network.run(1)
    network.release()
    serve(network)
    network.ue.n1.request_service(ServiceType.data)
    network.run(18)
    assert len(network.all(nas.ServiceRequest)) == 1
    network.run(2)
    network.ue.n1.request_service(ServiceType.data)
    network.run(1)
    assert network.ue.uu.connected


def test_a_service_reject_that_bars_the_subscription_ends_everything() -> None:
    network = Network(sessions=[INTERNET]).run(2)
    network.answers[nas.ServiceRequest] = lambda _: network.send(nas.ServiceReject(five_gmm_cause=FiveGMMCause(3)))
    network.release()
    network.ue.n1.request_service(ServiceType.data)
    network.run(30)
    assert network.ue.context.state is RmState.DEREGISTERED_NO_SUPI
    assert not network.ue.context.sessions
    assert not network.ue.uu.connected


def test_sessions_that_the_network_does_not_have_are_released_locally() -> None:
    network = Network(sessions=[INTERNET, IMS]).run(2)
    network.answers[nas.ServiceRequest] = lambda _: network.send(
        nas.ServiceAccept(pdu_session_status=PduSessionIds((2,)))
    )
    network.release()
    network.ue.n1.paged()
    network.run(1)
    assert list(network.ue.context.sessions) == [2]


def test_after_t3512_the_registration_is_renewed() -> None:
    network = Network().run(2)
    network.answers[nas.RegistrationRequest] = network.accept_registration
    network.release()
    network.run(3245)
    assert network.all(nas.RegistrationRequest)[-1].five_gs_registration_type.value == 3


def test_a_lost_connection_is_recovered_by_a_service_request_once_a_cell_is_found() -> None:
    network = Network(sessions=[INTERNET]).run(2)
    serve(network)
    network.silent = True
    network.run(3)
    assert not network.ue.uu.connected
    network.silent = False
    network.run(3)
    (request,) = network.all(nas.ServiceRequest)
    assert request.service_type == ServiceType.data
    assert request.uplink_data_status == PduSessionIds((1,))
    assert network.ue.uu.connected


def test_an_idle_ue_that_finds_its_cell_again_asks_for_nothing() -> None:
    network = Network(sessions=[INTERNET]).run(2)
    serve(network)
    network.release()
    network.silent = True
    network.run(3)
    network.silent = False
    network.run(3)
    assert network.all(nas.ServiceRequest) == []


def test_a_new_tracking_area_brings_a_registration_update() -> None:
    network = Network(sessions=[INTERNET]).run(2)
    network.answers[nas.RegistrationRequest] = network.accept_registration
    network.release()
    network.silent = True
    network.run(3)
    network.silent = False
    network.tac = 2
    network.run(3)
    update = network.all(nas.RegistrationRequest)[-1]
    assert update.five_gs_registration_type.value == 2
    assert update.pdu_session_status == PduSessionIds((1,))


def test_octets_that_are_no_message_change_nothing() -> None:
    network = Network(sessions=[INTERNET]).run(2)
    assert network.context is not None
    for plain in (b"", b"\x7e", encode(nas.RegistrationComplete())[:2], bytes(50), bytes.fromhex("7e0042")):
        network.send_octets(network.context.protect(plain))
        network.send_octets(plain or b"\0")
    network.deliver()
    network.run(2)
    assert network.ue.context.state is RmState.REGISTERED
    assert "MalformedPacket" in network.names()


def test_a_ue_knows_where_its_cells_are() -> None:
    network = Network(sessions=[INTERNET]).run(2)
    assert tuple(network.ue.familiar("uu")) == tuple(network.ue.uu.link.search_list) != ()
    assert network.ue.familiar("app") == ()
