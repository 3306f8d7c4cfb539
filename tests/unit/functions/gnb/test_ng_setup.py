"""The way of a gNB to its AMFs."""

import pytest

from awase.model.ids import Guami, Plmn, SNssai
from awase.protocols.ngap import messages as m
from awase.protocols.ngap.elements import (
    BitString,
    Cause,
    PLMNSupportItem,
    ServedGUAMIItem,
)
from awase.protocols.rrc.messages import RRCReject, RRCSetup
from unit.functions.gnb.rig import GUAMI, PLMN, SLICE, Rig, S, ng_setup_response


def test_a_gnb_associates_and_says_what_it_is():
    rig = Rig(
        setup=False,
        tac=7,
        slices=[{"sst": 1, "sd": "000001"}],
        name="north_1",
        gnb_id=0x1234,
        gnb_id_length=24,
    )
    [(_, stream, request)] = rig.inbox
    assert stream == 0
    assert request.global_ran_node_id.plmn_identity == PLMN
    assert request.global_ran_node_id.gnb_id == BitString(0x1234, 24)
    assert request.ran_node_name == "north-1"
    [ta] = request.supported_ta_list
    assert ta.tac == 7
    [plmn] = ta.broadcast_plmn_list
    assert (plmn.plmn_identity, plmn.tai_slice_support_list) == (PLMN, (SNssai(1, "000001"),))
    assert request.default_paging_drx == "v128"


def test_when_the_amf_accepts_then_the_gnb_says_so():
    rig = Rig()
    assert rig.event("NgSetupComplete").subject == "amf1"
    rig.advance(100)
    assert len(rig.all(m.NGSetupRequest)) == 1


def test_when_the_amf_refuses_then_the_event_names_cause_and_what_was_asked_and_the_gnb_waits_as_told():
    rig = Rig(setup=False, tac=9)
    rig.amf_send(m.NGSetupFailure(cause=Cause("misc", "unknown-PLMN-or-SNPN"), time_to_wait="v10s"), stream=0)
    event = rig.event("NgSetupRefused")
    assert event.level == "error"
    assert event.config == "plmn"
    for word in ("amf1", "misc/unknown-PLMN-or-SNPN", "001-01", "TAC 9", "slices 1"):
        assert word in event.text
    rig.advance(9)
    assert len(rig.all(m.NGSetupRequest)) == 1
    rig.advance(2)
    assert len(rig.all(m.NGSetupRequest)) == 2
    rig.amf_send(ng_setup_response(), stream=0)
    assert rig.event("NgSetupComplete")


def test_when_slices_are_refused_then_the_event_points_at_them():
    rig = Rig(setup=False)
    rig.amf_send(m.NGSetupFailure(cause=Cause("radioNetwork", "slice-not-supported")), stream=0)
    assert rig.event("NgSetupRefused").config == "slices"


def test_when_the_amf_is_silent_then_ng_setup_is_repeated():
    rig = Rig(setup=False)
    rig.advance(11)
    assert len(rig.all(m.NGSetupRequest)) == 3
    assert rig.event("NgSetupUnanswered")


def test_when_no_association_is_accepted_then_the_gnb_tries_ever_more_seldom():
    rig = Rig(setup=False)
    rig.accepting = False
    rig.amf_packet(kind="down")
    rig.advance(120)
    waits = [(b - a) // S for a, b in zip(rig.connects[1:], rig.connects[2:], strict=False)]
    assert waits == sorted(waits)
    assert 3 <= len(rig.connects) <= 10
    assert rig.event("AmfUnreachable").config == "peers.N2[0].address"


@pytest.mark.parametrize("kind", ["down", "abort"])
def test_when_the_association_is_lost_then_ues_are_released_and_the_gnb_comes_back(kind):
    rig = Rig()
    ue = rig.ue_with_session()
    rig.amf_packet(kind=kind)
    assert rig.event("AmfLost")
    assert type(ue.inbox[-1]).__name__ == "RRCRelease"
    rig.advance(5)
    assert len(rig.all(m.NGSetupRequest)) == 2
    rig.amf_send(ng_setup_response(), stream=0)
    ue.request(random_value=9)
    assert isinstance(ue.inbox[-1], RRCSetup)


def test_when_no_amf_serves_then_a_ue_is_rejected():
    rig = Rig(setup=False)
    ue = rig.new_ue()
    ue.request()
    assert isinstance(ue.inbox[-1], RRCReject)
    assert "no AMF" in rig.event("RrcReject").text


def test_ue_messages_before_ng_setup_are_answered_with_an_error_indication():
    rig = Rig(setup=False)
    rig.amf_send(m.DownlinkNASTransport(amf_ue_ngap_id=1, ran_ue_ngap_id=1, nas_pdu=b"x"))
    error = rig.last(m.ErrorIndication)
    assert error.cause == Cause("radioNetwork", "unknown-local-UE-NGAP-ID")
    assert (error.amf_ue_ngap_id, error.ran_ue_ngap_id) == (1, 1)
    rig.amf_send(m.OverloadStop(), stream=0)
    assert rig.last(m.ErrorIndication).cause.name == "message-not-compatible-with-receiver-state"


def test_a_second_ng_setup_response_does_not_fit_the_state():
    rig = Rig()
    rig.amf_send(ng_setup_response("impostor"), stream=0)
    assert rig.last(m.ErrorIndication).cause.name == "message-not-compatible-with-receiver-state"


def test_when_the_amf_accepts_but_serves_another_plmn_or_other_slices_then_an_event_says_so():
    rig = Rig(setup=False)
    rig.amf_send(ng_setup_response(plmn=Plmn("999", "70")), stream=0)
    assert rig.event("PlmnNotServed").config == "plmn"
    rig = Rig(setup=False)
    rig.amf_send(ng_setup_response(slices=(SNssai(2, "000001"),)), stream=0)
    assert rig.event("SlicesNotServed").config == "slices"


def two_amfs(capacity=(255, 255)):
    rig = Rig(amfs=2, setup=False)
    rig.amf_send(ng_setup_response("a", GUAMI, capacity[0]), stream=0, amf=0)
    rig.amf_send(ng_setup_response("b", Guami(PLMN, 2, 3, 5), capacity[1]), stream=0, amf=1)
    return rig


def chosen(rig):
    return next(number for number, _, message in reversed(rig.inbox) if type(message) is m.InitialUEMessage)


def test_a_ue_with_a_5g_s_tmsi_goes_to_the_amf_that_gave_it():
    rig = two_amfs()
    for set_id, pointer, amf in ((1, 0, 0), (3, 5, 1), (3, 9, 1)):
        tmsi = set_id << 38 | pointer << 32 | 0xDEADBEEF
        initial = rig.new_ue().attach(ng_five_g_s_tmsi=tmsi)
        assert chosen(rig) == amf
        assert initial.five_g_s_tmsi.five_g_tmsi == 0xDEADBEEF
        assert (initial.five_g_s_tmsi.amf_set_id, initial.five_g_s_tmsi.amf_pointer) == (set_id, pointer)


def test_other_ues_are_spread_by_relative_capacity():
    rig = two_amfs((0, 255))
    for _ in range(5):
        rig.new_ue().attach()
        assert chosen(rig) == 1
    rig = two_amfs((100, 100))
    seen = []
    for _ in range(30):
        rig.new_ue().attach()
        seen.append(chosen(rig))
    assert 5 < sum(seen) < 25


def test_when_one_of_two_amfs_is_lost_then_the_other_serves():
    rig = two_amfs()
    rig.amf_packet(kind="abort", amf=1)
    for _ in range(5):
        rig.new_ue().attach()
        assert chosen(rig) == 0


def test_an_amf_configuration_update_is_taken_over_and_acknowledged():
    rig = two_amfs()
    rig.amf_send(
        m.AMFConfigurationUpdate(
            amf_name="b2",
            served_guami_list=(ServedGUAMIItem(guami=Guami(PLMN, 2, 8, 1)),),
            relative_amf_capacity=0,
            plmn_support_list=(PLMNSupportItem(plmn_identity=PLMN, slice_support_list=(SLICE,)),),
        ),
        stream=0,
        amf=1,
    )
    assert rig.inbox[-1][0] == 1
    assert isinstance(rig.inbox[-1][2], m.AMFConfigurationUpdateAcknowledge)
    rig.new_ue().attach(ng_five_g_s_tmsi=8 << 38 | 1 << 32 | 5)
    assert chosen(rig) == 1


def test_an_overloaded_amf_keeps_the_connections_that_it_named_away_until_it_stops():
    rig = Rig()
    rig.amf_send(m.OverloadStart(amf_overload_response="reject-rrc-cr-signalling"), stream=0)
    ue = rig.new_ue()
    ue.request()
    assert isinstance(ue.inbox[-1], RRCReject)
    ue.request(cause="emergency")
    assert isinstance(ue.inbox[-1], RRCSetup)
    rig.amf_send(m.OverloadStop(), stream=0)
    other = rig.new_ue()
    other.request()
    assert isinstance(other.inbox[-1], RRCSetup)


def test_of_a_partial_overload_only_the_named_share_is_rejected():
    rig = Rig()
    rig.amf_send(
        m.OverloadStart(
            amf_overload_response="permit-high-priority-sessions-and-mobile-terminated-services-only",
            amf_traffic_load_reduction_indication=25,
        ),
        stream=0,
    )
    answers = []
    for _ in range(20):
        ue = rig.new_ue()
        ue.request()
        answers.append(type(ue.inbox[-1]))
    assert answers.count(RRCReject) == 5


def test_the_answers_of_an_association_that_is_gone_count_for_nothing():
    rig = Rig(setup=False)
    old = rig.associations[0]
    rig.amf_packet(kind="down")
    rig.associations[0] = old
    rig.amf_send(ng_setup_response(), stream=0)
    assert rig.event("NgSetupComplete") is None
