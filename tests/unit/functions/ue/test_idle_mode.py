"""Idle mode: paging, service requests, what user data needs, and updates (TS 24.501 clauses 5.3.1, 5.5.1.3, 5.6)."""

from typing import Any

import pytest

from awase.functions.ue.back_off import BackOff
from awase.functions.ue.config import Session
from awase.functions.ue.states import RmState
from awase.model.ids import FiveGGuti, Guami, Tai
from awase.protocols.ip import codec as ip
from awase.protocols.nas import messages as nas
from awase.protocols.nas.causes import FiveGMMCause
from awase.protocols.nas.elements import (
    ConfigurationUpdateIndication,
    DeregistrationType,
    GprsTimer2,
    GprsTimer3,
    PduSessionIds,
    RegistrationType,
    ServiceType,
    TaiList,
)
from awase.protocols.nas.network_elements import NetworkName, TimeZone, UniversalTimeAndLocalTimeZone
from awase.protocols.rrc.messages import RRCSetupRequest
from unit.functions.ue.rig import PLMN, Network

INTERNET = {"dnn": "internet", "slice": {"sst": 1, "sd": "000001"}}
PING = {"ping": {"count": 1}, "at_s": 5}


def idle(**more: Any) -> Network:
    """Registered with a session, released."""
    network = Network(sessions=[INTERNET], **more).run(2)
    network.serve()
    network.release()
    return network


def types_of_registration(network: Network) -> list[int]:
    return [m.five_gs_registration_type.value for m in network.all(nas.RegistrationRequest)]


def test_user_data_waits_for_a_service_request_that_names_its_session() -> None:
    network = idle(traffic=[PING]).run(5)
    (request,) = network.all(nas.ServiceRequest)
    assert request.service_type == ServiceType.data
    assert request.uplink_data_status == PduSessionIds((1,))
    assert request.pdu_session_status == PduSessionIds((1,))
    assert network.all(RRCSetupRequest)[-1].establishment_cause == "mo-Data"
    assert network.event("PingFinished").fields["received"] == 1


def test_user_data_of_a_session_whose_user_plane_failed_is_dropped() -> None:
    network = idle(traffic=[PING])
    network.serve(pdu_session_reactivation_result=PduSessionIds((1,)))
    network.run(5)
    assert network.user_packets == []
    assert "no user-plane resources" in network.event("UserPlaneNotEstablished").text
    assert network.event("PingFinished").fields["received"] == 0


def test_after_signalling_alone_user_data_asks_for_its_user_plane_within_the_connection() -> None:
    actions = [{"at_s": 3, "do": "service_request"}]
    network = idle(actions=actions, traffic=[PING]).run(5)
    first, second = network.all(nas.ServiceRequest)
    assert (first.service_type, first.uplink_data_status) == (ServiceType.signalling, None)
    assert second.uplink_data_status == PduSessionIds((1,))
    assert len(network.all(RRCSetupRequest)) == 2
    assert network.event("PingFinished").fields["received"] == 1


def test_downlink_data_after_a_page_shows_that_the_user_plane_is_there() -> None:
    network = idle()
    network.page()
    network.run(1)
    network.down(ip.echo_request(bytes((10, 45, 0, 1)), bytes((10, 45, 0, 2)), 1, 1, 84))
    network.run(1)
    assert len(network.user_packets) == 1
    assert len(network.all(nas.ServiceRequest)) == 1


def test_only_its_own_page_is_answered() -> None:
    network = idle()
    own, network.guti = network.guti, FiveGGuti(Guami(PLMN, 2, 1, 0), 0xC0000002)
    network.page()
    network.run(2)
    assert network.all(nas.ServiceRequest) == []
    network.guti = own
    network.page()
    network.run(2)
    assert len(network.all(nas.ServiceRequest)) == 1


def test_a_page_for_non_3gpp_access_is_answered_with_the_allowed_sessions_which_are_none() -> None:
    network = idle()
    network.page("non3GPP")
    network.run(1)
    assert network.all(nas.ServiceRequest)[0].allowed_pdu_session_status == PduSessionIds()


def test_an_always_on_session_has_its_user_plane_with_every_service_request() -> None:
    network = Network(sessions=[{**INTERNET, "always_on": True}])
    network.session_extra["always_on_pdu_session_indication"] = 1
    network.run(2)
    assert network.all(nas.PDUSessionEstablishmentRequest)[0].always_on_pdu_session_requested == 1
    network.serve()
    network.release()
    network.page()
    network.run(1)
    (request,) = network.all(nas.ServiceRequest)
    assert request.uplink_data_status == PduSessionIds((1,))


@pytest.mark.parametrize(
    ("cause", "state", "sessions"),
    [
        (3, RmState.DEREGISTERED_NO_SUPI, 0),
        (6, RmState.DEREGISTERED_NO_SUPI, 0),
        (7, RmState.DEREGISTERED_NO_SUPI, 0),
        (11, RmState.DEREGISTERED_PLMN_SEARCH, 0),
        (73, RmState.DEREGISTERED_PLMN_SEARCH, 0),
        (27, RmState.DEREGISTERED_PLMN_SEARCH, 0),
        (12, RmState.DEREGISTERED_PLMN_SEARCH, 0),
        (13, RmState.REGISTERED_LIMITED, 1),
        (15, RmState.REGISTERED_LIMITED, 1),
        (22, RmState.REGISTERED, 1),
        (28, RmState.REGISTERED, 1),
        (72, RmState.REGISTERED, 1),
        (111, RmState.REGISTERED, 1),
    ],
)
def test_each_cause_of_a_service_reject_leads_where_clause_5_6_1_5_says(
    cause: int, state: RmState, sessions: int
) -> None:
    network = idle()
    network.refuse_service(cause)
    network.ue.n1.request_service(ServiceType.signalling)
    network.run(3)
    assert network.ue.context.state is state
    assert len(network.ue.context.sessions) == sessions
    assert network.event("ServiceRejected").fields["cause"] == cause
    network.run(12)
    # After cause #28 the UE is back already, to update its registration.
    assert network.ue.uu.connected == (cause == 28)


@pytest.mark.parametrize("cause", [9, 10])
def test_causes_9_and_10_bring_a_new_registration_with_its_sessions(cause: int) -> None:
    network = idle()
    network.refuse_service(cause)
    network.tolerant = True
    network.ue.n1.request_service(ServiceType.signalling)
    network.run(1)
    network.release()
    network.run(3)
    assert network.ue.context.state is RmState.REGISTERED
    assert types_of_registration(network)[-1] == RegistrationType.initial_registration
    assert list(network.ue.context.sessions) == [1]
    suci_again = network.all(nas.RegistrationRequest)[-1].five_gs_mobile_identity != network.guti
    assert suci_again == (cause == 9)


def test_in_a_restricted_area_the_ue_tells_where_it_is_after_the_release() -> None:
    network = idle()
    network.refuse_service(28)
    network.ue.n1.request_service(ServiceType.signalling)
    network.run(1)
    network.answers[nas.RegistrationRequest] = network.accept_registration
    network.release()
    network.run(1)
    assert types_of_registration(network)[-1] == RegistrationType.mobility_registration_updating


def test_while_t3346_runs_only_a_page_is_answered_and_what_waited_follows() -> None:
    network = idle()
    network.refuse_service(22, t3346_value=GprsTimer2(0, 30))
    network.ue.n1.request_service(ServiceType.signalling)
    network.run(1)
    network.release()
    assert network.event("BackOff").fields["seconds"] == 60
    network.serve()
    network.ue.n1.request_service(ServiceType.signalling)
    network.run(50)
    assert len(network.all(nas.ServiceRequest)) == 1
    network.run(15)
    assert len(network.all(nas.ServiceRequest)) == 2


def test_a_page_ends_t3346() -> None:
    network = idle()
    network.refuse_service(22, t3346_value=GprsTimer2(0, 30))
    network.ue.n1.request_service(ServiceType.signalling)
    network.run(1)
    network.release()
    network.serve()
    network.page()
    network.run(1)
    assert network.all(nas.ServiceRequest)[-1].service_type == ServiceType.mobile_terminated_services
    network.release()
    network.ue.n1.request_service(ServiceType.signalling)
    network.run(1)
    assert len(network.all(nas.ServiceRequest)) == 3


def test_a_session_status_in_a_reject_releases_locally_what_the_network_lost() -> None:
    network = idle()
    network.refuse_service(22, t3346_value=GprsTimer2(0, 5), pdu_session_status=PduSessionIds())
    network.ue.n1.request_service(ServiceType.signalling)
    network.run(1)
    assert not network.ue.context.sessions
    assert "no PDU session 1" in network.event("SessionReleasedLocally").text


def test_a_periodic_update_that_leaves_nothing_to_do_ends_with_t3540_if_not_with_a_release() -> None:
    network = idle()
    network.answers[nas.RegistrationRequest] = network.accept_registration
    network.run(3245)
    request = network.all(nas.RegistrationRequest)[-1]
    assert request.five_gs_registration_type.value == RegistrationType.periodic_registration_updating
    assert not request.five_gs_registration_type.follow_on_request
    assert request.uplink_data_status is None
    assert network.ue.uu.connected
    network.run(10)
    assert not network.ue.uu.connected
    network.run(3245)
    assert types_of_registration(network)[-2:] == [3, 3]


def test_who_leaves_a_connection_by_itself_is_missed_on_the_radio() -> None:
    """TS 24.501 clause 5.3.1.3: the base station, which is not told, hears no more of it."""
    network = idle()
    network.answers[nas.RegistrationRequest] = network.accept_registration
    network.run(3245)
    assert network.ue.uu.connected
    before = network.ue.uu.link.sti
    network.run(11)
    assert not network.ue.uu.connected
    assert network.ue.uu.link.sti != before
    assert network.ue.uu.serving


def test_t3512_of_the_network_is_kept_and_zero_ends_periodic_updates() -> None:
    for timer, updates in ((GprsTimer3(5, 2), 1), (GprsTimer3(7, 0), 0)):
        network = Network()
        accept = network.registration_accept()
        network.registration_accept = lambda a=accept, t=timer: nas.RegistrationAccept(  # type: ignore[misc, method-assign]
            five_gs_registration_result=a.five_gs_registration_result,
            five_g_guti=a.five_g_guti,
            tai_list=a.tai_list,
            t3512_value=t,
        )
        network.run(2)
        network.answers[nas.RegistrationRequest] = network.accept_registration
        network.release()
        network.run(125)
        assert types_of_registration(network).count(3) == updates


def test_a_new_guti_in_an_update_is_completed_and_used() -> None:
    network = idle(actions=[{"at_s": 5, "do": "update_registration"}])
    network.guti = FiveGGuti(Guami(PLMN, 2, 1, 0), 0xC0000077)
    network.answers[nas.RegistrationRequest] = network.accept_registration
    network.run(5)
    assert types_of_registration(network)[-1] == RegistrationType.mobility_registration_updating
    assert len(network.all(nas.RegistrationComplete)) == 2
    network.release()
    network.page()
    network.run(1)
    assert network.all(nas.ServiceRequest)[-1].five_g_s_tmsi.five_g_tmsi == 0xC0000077


def test_an_update_without_answer_keeps_the_registration_and_the_sessions() -> None:
    network = idle(actions=[{"at_s": 5, "do": "update_registration"}])
    network.answers[nas.RegistrationRequest] = lambda _: None
    network.run(20)
    assert network.ue.context.state is RmState.REGISTERED_ATTEMPTING
    assert list(network.ue.context.sessions) == [1]
    network.answers[nas.RegistrationRequest] = network.accept_registration
    network.page()
    network.run(1)
    assert network.ue.context.state is RmState.REGISTERED
    assert network.all(nas.ServiceRequest) == []
    assert network.ue.context.guti == network.guti


@pytest.mark.parametrize(
    ("cause", "state"),
    [
        (3, RmState.DEREGISTERED_NO_SUPI),
        (11, RmState.DEREGISTERED_PLMN_SEARCH),
        (12, RmState.DEREGISTERED_PLMN_SEARCH),
        (13, RmState.REGISTERED_LIMITED),
        (22, RmState.REGISTERED_ATTEMPTING),
        (111, RmState.REGISTERED_ATTEMPTING),
        (90, RmState.REGISTERED_ATTEMPTING),
    ],
)
def test_each_cause_of_a_rejected_update_leads_where_clause_5_5_1_3_5_says(cause: int, state: RmState) -> None:
    network = idle(actions=[{"at_s": 5, "do": "update_registration"}])
    reject = nas.RegistrationReject(five_gmm_cause=FiveGMMCause(cause))
    network.answers[nas.RegistrationRequest] = lambda _: network.send(reject)
    network.run(5)
    assert network.ue.context.state is state
    assert bool(network.ue.context.sessions) == (state in (RmState.REGISTERED_LIMITED, RmState.REGISTERED_ATTEMPTING))


def test_a_deregistration_that_is_asked_for_during_a_registration_follows_it() -> None:
    network = Network(sessions=[INTERNET], actions=[{"at_s": 0.01, "do": "deregister"}])
    slow: list[Any] = []
    network.answers[nas.SecurityModeComplete] = slow.append
    network.run(2)
    assert network.all(nas.DeregistrationRequestUEOriginating) == []
    network.accept_registration(slow[0])
    network.run(2)
    assert len(network.all(nas.DeregistrationRequestUEOriginating)) == 1
    assert network.all(nas.PDUSessionEstablishmentRequest) == []
    assert network.ue.context.state is RmState.DEREGISTERED


def test_a_deregistration_during_attempts_to_register_ends_them() -> None:
    network = Network(actions=[{"at_s": 20, "do": "deregister"}])
    network.answers[nas.RegistrationRequest] = lambda _: None
    network.run(100)
    assert len(network.all(nas.RegistrationRequest)) == 1
    assert network.ue.context.state is RmState.DEREGISTERED


def test_a_stopped_ue_says_goodbye() -> None:
    network = Network(sessions=[INTERNET]).run(2)
    network.ue.stop(network.now_ns)
    network.deliver()
    (request,) = network.all(nas.DeregistrationRequestUEOriginating)
    assert request.de_registration_type.switch_off
    network.run(1)
    assert network.ue.books() == []
    # Whoever waits for its goodbye need not wait for timers that nobody awaits any more.
    assert network.ue.wake_at_ns() is None


def test_a_ue_that_is_stopped_before_it_is_switched_on_stays_off() -> None:
    network = Network(start_at_ms=5000)
    network.ue.stop(network.now_ns)
    assert network.ue.wake_at_ns() is None


@pytest.mark.parametrize(
    ("cause", "again", "state"),
    [
        (None, False, RmState.DEREGISTERED_ATTEMPTING),
        (None, True, RmState.REGISTERED),
        (3, False, RmState.DEREGISTERED_NO_SUPI),
        (7, True, RmState.DEREGISTERED_NO_SUPI),
        (11, False, RmState.DEREGISTERED_PLMN_SEARCH),
        (12, False, RmState.DEREGISTERED_PLMN_SEARCH),
        (13, False, RmState.DEREGISTERED_PLMN_SEARCH),
        (15, True, RmState.DEREGISTERED_PLMN_SEARCH),
        (22, False, RmState.DEREGISTERED_ATTEMPTING),
        (62, False, RmState.DEREGISTERED),
        (72, False, RmState.DEREGISTERED_ATTEMPTING),
        (111, True, RmState.REGISTERED),
    ],
)
def test_each_cause_of_a_deregistration_leads_where_clause_5_5_2_3_says(
    cause: int | None, again: bool, state: RmState
) -> None:
    network = Network(sessions=[INTERNET]).run(2)
    network.tolerant = True
    network.send(
        nas.DeregistrationRequestUETerminated(
            de_registration_type=DeregistrationType(re_registration_required=again),
            five_gmm_cause=None if cause is None else FiveGMMCause(cause),
        )
    )
    network.deliver()
    network.release()
    network.run(4)
    assert len(network.all(nas.DeregistrationAcceptUETerminated)) == 1
    assert network.ue.context.state is state
    assert bool(network.ue.context.sessions) == (state is RmState.REGISTERED)


@pytest.mark.parametrize("leaves", [False, True])
def test_a_ue_that_the_network_lets_go_without_a_word_comes_back_after_t3502_unless_its_user_leaves(
    leaves: bool,
) -> None:
    """TS 24.501 clause 5.5.2.3.4."""
    network = Network().run(2)
    network.tolerant = True
    network.send(nas.DeregistrationRequestUETerminated(de_registration_type=DeregistrationType()))
    network.release()
    network.run(700)
    assert network.ue.context.state is RmState.DEREGISTERED_ATTEMPTING
    assert network.ue.context.guti is None
    if leaves:
        network.ue.n1.deregister(switch_off=False)
    network.run(25)
    assert network.ue.context.state is (RmState.DEREGISTERED if leaves else RmState.REGISTERED)


def test_a_periodic_update_that_falls_due_while_a_connection_is_asked_for_follows_it() -> None:
    network = Network(sessions=[INTERNET]).run(2)
    network.release()
    network.run(3237)
    network.deaf_to_rrc = True
    network.ue.user_plane.send(network.ue.context.sessions[1], b"")
    network.run(6)
    network.deaf_to_rrc = False
    network.run(20)
    kinds = [m.five_gs_registration_type.value for m in network.all(nas.RegistrationRequest)]
    assert kinds[-1] == RegistrationType.periodic_registration_updating


def test_a_deregistration_for_congestion_is_followed_by_a_registration_after_t3346() -> None:
    network = Network().run(2)
    network.tolerant = True
    network.send(
        nas.DeregistrationRequestUETerminated(
            de_registration_type=DeregistrationType(),
            five_gmm_cause=FiveGMMCause.congestion,
            t3346_value=GprsTimer2(0, 15),
        )
    )
    network.release()
    network.run(29)
    assert network.ue.context.state is RmState.DEREGISTERED
    network.run(3)
    assert network.ue.context.state is RmState.REGISTERED


def test_a_configuration_update_with_slices_and_a_registration_waits_for_the_release() -> None:
    network = Network().run(2)
    asked = ConfigurationUpdateIndication(acknowledgement_requested=True, registration_requested=True)
    zone = TimeZone.of_minutes(-150)
    network.send(
        nas.ConfigurationUpdateCommand(
            configuration_update_indication=asked,
            network_slicing_indication=1,
            full_name_for_network=NetworkName.of("Awase"),
            universal_time_and_local_time_zone=UniversalTimeAndLocalTimeZone.of((2026, 1, 2, 3, 4, 5), zone),
            tai_list=TaiList.of((Tai(PLMN, 1), Tai(PLMN, 2))),
        )
    )
    network.answers[nas.RegistrationRequest] = network.accept_registration
    network.run(1)
    assert len(network.all(nas.ConfigurationUpdateComplete)) == 1
    assert types_of_registration(network)[1:] == [1]
    text = network.event("ConfigurationUpdated").text
    assert "2026-01-02 03:04:05 UTC, UTC-02:30" in text
    assert "a new TAI list" in text
    network.run(11)
    assert types_of_registration(network)[-1] == RegistrationType.mobility_registration_updating


def test_a_configuration_update_that_only_asks_for_a_registration_gets_it_in_the_same_connection() -> None:
    network = Network().run(2)
    asked = ConfigurationUpdateIndication(registration_requested=True)
    network.answers[nas.RegistrationRequest] = network.accept_registration
    network.send(nas.ConfigurationUpdateCommand(configuration_update_indication=asked))
    network.run(1)
    assert types_of_registration(network)[-1] == RegistrationType.mobility_registration_updating
    assert len(network.all(RRCSetupRequest)) == 1


def test_the_books_tell_what_the_ue_holds() -> None:
    network = Network(sessions=[INTERNET]).run(2)
    books = {entry.book: (entry.key, entry.value) for entry in network.ue.books()}
    supi = network.ue.context.supi
    assert books == {
        "registrations": (supi, "00f110020040c0000001"),
        "periodic registration": (supi, "3240"),
        "rrc connections": (f"{network.sti:016x}", ""),
        "ue addresses": (f"{supi}/1", "10.45.0.2"),
        "sessions": (f"{supi}/1", "internet 1-000001 ipv4"),
    }
    network.release()
    assert "rrc connections" not in {entry.book for entry in network.ue.books()}


def test_a_radio_loss_ends_the_connection_and_a_service_request_brings_the_user_plane_back() -> None:
    network = Network(sessions=[INTERNET], actions=[{"at_s": 3, "do": "radio_loss", "for_s": 4}]).run(2)
    network.serve()
    network.run(8)
    assert "RadioLinkFailure" in network.names()
    (request,) = network.all(nas.ServiceRequest)
    assert request.uplink_data_status == PduSessionIds((1,))
    assert network.ue.uu.connected


def test_a_move_to_an_unknown_gnb_is_told() -> None:
    network = Network(actions=[{"at_s": 3, "do": "move", "gnb": "gnb9"}]).run(4)
    assert "gnb1" in network.event("UnknownCell").text


def test_a_rejection_that_bars_the_tracking_area_is_followed_by_a_search_once_the_network_has_let_go() -> None:
    """TS 24.501 clauses 5.5.1.3.5 and 5.3.1.3."""
    network = idle()
    network.answers[nas.RegistrationRequest] = lambda _: network.send(
        nas.RegistrationReject(five_gmm_cause=FiveGMMCause.no_suitable_cells_in_tracking_area)
    )
    network.ue.n1.update()
    network.run(1)
    assert network.ue.uu.connected
    assert network.ue.context.state is RmState.REGISTERED_LIMITED
    network.release()
    network.run(1)
    assert not network.ue.uu.serving
    assert network.ue.context.registered


def test_what_was_out_of_its_service_area_is_asked_for_again_after_a_move() -> None:
    """TS 24.501 clause 6.4.1.4.3, cause #46; other refusals for ever are as before."""
    asked, other = Session(dnn="local"), Session(dnn="internet")
    held = BackOff()
    held.start(46, asked, None, 0)
    held.start(51, other, None, 0)
    assert held.until_ns(asked, 1)
    held.moved()
    assert not held.until_ns(asked, 1)
    assert held.until_ns(other, 1)
