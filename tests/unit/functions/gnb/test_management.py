"""What a gNB and its AMFs tell each other of themselves: configuration, status, load, resets, farewell."""

import pytest

from awase.model.ids import Guami, SNssai, Tai
from awase.protocols.ngap import messages as m
from awase.protocols.ngap.elements import (
    Cause,
    OverloadStartNSSAIItem,
    SliceOverloadItem,
    UEAssociatedLogicalNGConnectionItem,
    UENGAPIDPair,
    UnavailableGUAMIItem,
)
from awase.protocols.rrc.messages import SIB1, RRCReject, RRCRelease
from unit.functions.gnb.rig import GUAMI, PLMN, SLICE, Rig

CHANGE = {
    "at_s": 5,
    "do": "update_configuration",
    "name": "renamed",
    "tac": 7,
    "slices": [{"sst": 1}, {"sst": 2}],
    "paging_drx": "v32",
}


def test_a_new_configuration_is_told_to_amf_and_ues():
    """TS 38.413 clause 8.7.2.2."""
    rig = Rig(actions=[CHANGE])
    ue = rig.new_ue()
    rig.advance(5.1)
    update = rig.last(m.RANConfigurationUpdate)
    assert (update.ran_node_name, update.default_paging_drx) == ("renamed", "v32")
    (area,) = update.supported_ta_list
    assert (area.tac, area.broadcast_plmn_list[0].tai_slice_support_list) == (7, (SNssai(1), SNssai(2)))
    assert ue.last(SIB1).plmn_identity_info_list[0].tracking_area_code == 7
    rig.amf_send(m.RANConfigurationUpdateAcknowledge(), stream=0)
    assert rig.event("RanConfigurationUpdated") is not None
    assert ue.attach().user_location_information.tai == Tai(PLMN, 7)


def test_a_refused_configuration_is_told_again_after_the_time_to_wait():
    rig = Rig(actions=[CHANGE])
    rig.advance(5.1)
    rig.amf_send(m.RANConfigurationUpdateFailure(cause=Cause("misc", "unspecified"), time_to_wait="v2s"), stream=0)
    rig.advance(1.9)
    assert len(rig.all(m.RANConfigurationUpdate)) == 1
    rig.advance(0.2)
    assert len(rig.all(m.RANConfigurationUpdate)) == 2
    rig.amf_send(m.RANConfigurationUpdateFailure(cause=Cause("misc", "unspecified")), stream=0)
    rig.advance(60)
    assert len(rig.all(m.RANConfigurationUpdate)) == 2
    assert rig.event("RanConfigurationUpdateRefused").level == "error"


def test_a_change_during_the_time_to_wait_is_told_after_it():
    """TS 38.413 clause 8.7.2.3."""
    rig = Rig(actions=[CHANGE, CHANGE | {"at_s": 6, "name": "again"}])
    rig.advance(5.1)
    rig.amf_send(m.RANConfigurationUpdateFailure(cause=Cause("misc", "unspecified"), time_to_wait="v2s"), stream=0)
    rig.advance(1.8)
    assert len(rig.all(m.RANConfigurationUpdate)) == 1
    rig.advance(0.3)
    assert [update.ran_node_name for update in rig.all(m.RANConfigurationUpdate)] == ["renamed", "again"]
    rig.amf_send(m.RANConfigurationUpdateAcknowledge(), stream=0)
    rig.advance(60)
    assert len(rig.all(m.RANConfigurationUpdate)) == 2


def test_a_change_while_another_is_not_acknowledged_follows_it():
    rig = Rig(actions=[CHANGE, CHANGE | {"at_s": 5.05, "name": "again"}])
    rig.advance(5.1)
    assert len(rig.all(m.RANConfigurationUpdate)) == 1
    rig.amf_send(m.RANConfigurationUpdateAcknowledge(), stream=0)
    assert [update.ran_node_name for update in rig.all(m.RANConfigurationUpdate)] == ["renamed", "again"]


def test_an_unanswered_configuration_is_given_up():
    rig = Rig(actions=[CHANGE])
    rig.advance(30)
    assert len(rig.all(m.RANConfigurationUpdate)) == 3
    assert rig.event("RanConfigurationUpdateUnanswered") is not None


def test_an_amf_that_is_unavailable_gets_no_new_ue():
    rig = Rig(amfs=2)
    rig.amf_send(m.AMFStatusIndication(unavailable_guami_list=(UnavailableGUAMIItem(guami=GUAMI),)), stream=0)
    for _ in range(5):
        rig.new_ue().attach()
    assert {number for number, _, message in rig.inbox if isinstance(message, m.InitialUEMessage)} == {1}
    assert rig.event("AmfUnavailable") is not None


def test_an_amf_without_any_guami_left_is_none():
    rig = Rig()
    gone = UnavailableGUAMIItem(guami=GUAMI, timer_approach_for_guami_removal="apply-timer")
    rig.amf_send(m.AMFStatusIndication(unavailable_guami_list=(gone,)), stream=0)
    ue = rig.new_ue()
    ue.request()
    ue.complete()
    assert isinstance(ue.last(RRCRelease), RRCRelease)
    other = Guami(PLMN, 2, 1, 5)
    rig.amf_send(m.AMFConfigurationUpdate(served_guami_list=(m.ServedGUAMIItem(guami=other),)), stream=0)
    ue.attach()


def overload(slices, **elements):
    return m.OverloadStart(
        overload_start_nssai_list=(
            OverloadStartNSSAIItem(slice_overload_list=tuple(SliceOverloadItem(s_nssai=s) for s in slices), **elements),
        )
    )


@pytest.mark.parametrize(
    ("wanted", "cause", "taken"),
    [
        ((SLICE,), "mo-Data", False),
        ((SLICE,), "mo-Signalling", False),
        ((SLICE,), "emergency", True),
        ((SLICE, SNssai(2)), "mo-Data", True),
        ((), "mo-Data", True),
    ],
)
def test_connections_for_overloaded_slices_only_are_released(wanted, cause, taken):
    rig = Rig(slices=[{"sst": 1}, {"sst": 2}])
    rig.amf_send(overload([SLICE], slice_overload_response="reject-rrc-cr-signalling"), stream=0)
    ue = rig.new_ue()
    ue.request(cause=cause)
    ue.complete(s_nssai_list=wanted)
    assert (rig.last(m.InitialUEMessage) is not None) is taken
    assert (ue.last(RRCRelease) is None) is taken
    rig.amf_send(m.OverloadStop(), stream=0)
    again = rig.new_ue()
    again.request(cause=cause)
    again.complete(s_nssai_list=wanted)
    assert len(rig.all(m.InitialUEMessage)) == (2 if taken else 1)


def test_one_ue_is_reset_and_the_others_stay():
    rig = Rig(actions=[{"at_s": 3, "do": "reset", "ue": 1}])
    first, second = rig.ue_with_session(), rig.ue_with_session(teid=0x2002)
    rig.advance(3.1)
    reset = rig.last(m.NGReset)
    assert reset.reset_type == (
        UEAssociatedLogicalNGConnectionItem(
            amf_ue_ngap_id=first.ids["amf_ue_ngap_id"], ran_ue_ngap_id=first.ids["ran_ue_ngap_id"]
        ),
    )
    assert first.last(RRCRelease) is not None
    assert second.last(RRCRelease) is None
    assert {entry.key for entry in rig.gnb.books() if entry.book == "rrc connections"} == {f"{2:016x}"}


def test_a_gnb_that_stops_has_its_ues_released_and_leaves():
    rig = Rig()
    ue = rig.ue_with_session()
    rig.gnb.stop(rig.now_ns)
    rig.pump()
    request = rig.last(m.UEContextReleaseRequest)
    assert request.cause == Cause("misc", "om-intervention")
    assert [item.pdu_session_id for item in request.pdu_session_resource_list_cxt_rel_req] == [1]
    late = rig.new_ue()
    late.request()
    assert isinstance(late.last(), RRCReject)
    rig.amf_send(m.UEContextReleaseCommand(ue_ngap_ids=UENGAPIDPair(**ue.ids), cause=Cause("misc", "om-intervention")))
    assert ue.last(RRCRelease) is not None
    rig.advance(2)
    assert [packet.kind for packet in rig.aborted] == ["down"]
    assert (rig.gnb.wake_at_ns(), rig.gnb.books()) == (None, [])


def test_a_gnb_without_ues_leaves_at_once():
    rig = Rig()
    rig.gnb.stop(rig.now_ns)
    rig.pump()
    assert [packet.kind for packet in rig.aborted] == ["down"]
    assert rig.gnb.wake_at_ns() is None


def test_a_gnb_leaves_though_its_amf_is_silent():
    rig = Rig()
    rig.ue_with_session()
    rig.gnb.stop(rig.now_ns)
    rig.advance(10)
    assert (rig.gnb.wake_at_ns(), rig.gnb.books()) == (None, [])


def test_the_cell_says_whom_it_bars():
    rig = Rig(uac={"factor": 50, "time_s": 8, "categories": [3, 7], "identities": [1, 15]})
    ue = rig.new_ue()
    assert ue.last(SIB1).rest["uac-BarringInfo"] == {
        "uac-BarringForCommon": [
            {"accessCategory": 3, "uac-barringInfoSetIndex": 1},
            {"accessCategory": 7, "uac-barringInfoSetIndex": 1},
        ],
        "uac-BarringInfoSetList": [
            {
                "uac-BarringFactor": "p50",
                "uac-BarringTime": "s8",
                "uac-BarringForAccessIdentity": (0b1000001, 7),
            }
        ],
    }


def test_the_ues_capability_is_told_to_an_amf_that_does_not_know_it():
    rig = Rig(ue_radio_capability="000800")
    rig.ue_with_context()
    assert rig.last(m.UERadioCapabilityInfoIndication).ue_radio_capability == bytes.fromhex("000800")


def test_nothing_is_told_of_a_capability_that_nobody_knows():
    rig = Rig()
    rig.ue_with_context()
    assert rig.last(m.UERadioCapabilityInfoIndication) is None


def test_a_capability_check_is_answered():
    rig = Rig()
    ue = rig.ue_with_context()
    rig.amf_send(m.UERadioCapabilityCheckRequest(**ue.ids))
    assert rig.last(m.UERadioCapabilityCheckResponse).ims_voice_support_indicator == "not-supported"


def test_answers_to_what_was_not_asked_are_errors():
    rig = Rig()
    ue = rig.ue_with_session()
    for answer in (
        m.RANConfigurationUpdateAcknowledge(),
        m.PDUSessionResourceModifyConfirm(**ue.ids),
        m.PathSwitchRequestFailure(**ue.ids),
    ):
        before = len(rig.all(m.ErrorIndication))
        rig.amf_send(answer)
        assert len(rig.all(m.ErrorIndication)) == before + 1
    assert len(rig.gnb.books()) == 4


def test_a_ue_that_moves_to_another_cell_leaves_nothing_behind():
    rig = Rig()
    ue = rig.ue_with_session()
    ue.silent = True
    rig.advance(3)
    assert rig.last(m.UEContextReleaseRequest).cause == Cause("radioNetwork", "radio-connection-with-ue-lost")
    rig.amf_send(m.UEContextReleaseCommand(ue_ngap_ids=UENGAPIDPair(**ue.ids), cause=Cause("misc", "unspecified")))
    assert rig.gnb.books() == []
