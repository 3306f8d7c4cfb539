"""A UE's connection through a gNB: RRC, NAS, context, release."""

import msgspec
import pytest

from awase.model.ids import Guami, Tai
from awase.model.part import Packet
from awase.protocols.nas import codec as nas_codec
from awase.protocols.ngap import codec as ngap
from awase.protocols.ngap import messages as m
from awase.protocols.ngap.elements import (
    Cause,
    FiveGSTMSI,
    RawIE,
    UEAggregateMaximumBitRate,
    UEAssociatedLogicalNGConnectionItem,
    UENGAPIDPair,
)
from awase.protocols.rls import codec as rls_codec
from awase.protocols.rls.messages import Heartbeat, HeartbeatAck, PduTransmission, PduType, RrcChannel
from awase.protocols.rrc import codec as rrc
from awase.protocols.rrc.messages import (
    MIB,
    SIB1,
    DLInformationTransfer,
    Paging,
    RRCReject,
    RRCRelease,
    RRCSetup,
    RRCSetupComplete,
    RRCSetupRequest,
)
from unit.functions.gnb.rig import (
    GNB_UU,
    NAS,
    PLMN,
    Rig,
    S,
    initial_context_setup_request,
    ng_setup_response,
    session_setup_request,
    setup_transfer,
)

LOST = Cause("radioNetwork", "radio-connection-with-ue-lost")


NORMAL_RELEASE = Cause("nas", "normal-release")


def release_command(ue, cause=NORMAL_RELEASE):
    return m.UEContextReleaseCommand(ue_ngap_ids=UENGAPIDPair(**ue.ids), cause=cause)


def test_a_ue_that_is_heard_gets_mib_and_sib1_and_again_every_ten_seconds():
    rig = Rig(tac=5, gnb_id=3, gnb_id_length=28, cell_id=17)
    ue = rig.new_ue()
    mib, sib1 = ue.inbox
    assert isinstance(mib, MIB)
    assert mib.cell_barred == "notBarred"
    [cell] = sib1.plmn_identity_info_list
    assert (cell.plmn_identity_list, cell.tracking_area_code) == ((PLMN,), 5)
    assert cell.cell_identity == 3 << 8 | 17
    ue.inbox.clear()
    rig.advance(30)
    assert [type(message) for message in ue.inbox] == [MIB, SIB1] * 3


def test_the_first_nas_message_goes_to_the_amf_with_all_that_it_needs():
    rig = Rig(tac=5)
    ue = rig.new_ue()
    initial = ue.attach(cause="mo-Data")
    assert isinstance(ue.last(), RRCSetup)
    number, stream, _ = rig.inbox[-1]
    assert (number, stream > 0) == (0, True)
    assert initial.nas_pdu == NAS
    assert initial.rrc_establishment_cause == "mo-Data"
    assert initial.ue_context_request == "requested"
    assert initial.five_g_s_tmsi is None
    location = initial.user_location_information
    assert location.tai == Tai(PLMN, 5)
    assert location.nr_cgi.plmn_identity == PLMN


def test_a_5g_s_tmsi_in_two_parts_is_put_together():
    rig = Rig()
    ue = rig.new_ue()
    tmsi = 0x2AB << 38 | 0x15 << 32 | 0xC0FFEE01
    ue.request(ng_five_g_s_tmsi_part1=tmsi & (1 << 39) - 1)
    ue.complete(ng_five_g_s_tmsi_part2=tmsi >> 39)
    assert rig.last(m.InitialUEMessage).five_g_s_tmsi == FiveGSTMSI(
        amf_set_id=0x2AB, amf_pointer=0x15, five_g_tmsi=0xC0FFEE01
    )


def test_nas_passes_both_ways_on_the_ues_own_stream():
    rig = Rig()
    ues = [rig.connected_ue() for _ in range(3)]
    for ue in ues:
        assert ue.last(DLInformationTransfer).dedicated_nas_message == b"\x7e\x00\x56"
        ue.nas(b"\x7e\x00\x57")
        uplink = rig.last(m.UplinkNASTransport)
        assert (uplink.amf_ue_ngap_id, uplink.ran_ue_ngap_id) == tuple(ue.ids.values())
        assert uplink.nas_pdu == b"\x7e\x00\x57"
        assert uplink.user_location_information.tai.tac == 1
    streams = {}
    for _, stream, message in rig.inbox:
        if isinstance(message, m.InitialUEMessage | m.UplinkNASTransport):
            assert streams.setdefault(message.ran_ue_ngap_id, stream) == stream
            assert stream >= 1
    assert len(set(streams.values())) == 3


def test_a_ue_that_says_nothing_after_rrc_setup_is_forgotten():
    rig = Rig(max_ues=2)
    for _ in range(2):
        rig.new_ue().request()
    third = rig.new_ue()
    third.request()
    assert isinstance(third.last(), RRCReject)
    assert rig.event("RrcReject").config == "max_ues"
    rig.advance(6)
    third.request(random_value=8)
    assert isinstance(third.last(), RRCSetup)
    assert rig.event("RrcSetupIncomplete")


def test_thousands_of_requests_that_never_complete_stay_bounded_and_do_not_keep_others_out():
    rig = Rig(max_ues=50)
    for _ in range(150):
        rig.new_ue().request()
    assert len(rig.events) < 10
    rig.advance(6)
    ue = rig.new_ue()
    assert ue.attach().ran_ue_ngap_id


def test_a_repeated_setup_request_is_answered_again_and_a_repeated_complete_is_ignored():
    rig = Rig()
    ue = rig.new_ue()
    ue.request()
    ue.request()
    assert [type(message) for message in ue.inbox] == [MIB, SIB1, RRCSetup, RRCSetup]
    ue.complete()
    ue.complete()
    ue.request()
    assert len(rig.all(m.InitialUEMessage)) == 1
    assert rig.event("UnexpectedRrcMessage")


def test_rrc_messages_of_no_connection_are_ignored_with_an_event():
    rig = Rig()
    ue = rig.new_ue()
    ue.complete()
    ue.nas(b"x")
    assert rig.event("UnexpectedRrcMessage")
    assert rig.inbox[-1][2].__class__ is m.NGSetupRequest


def test_when_the_amf_does_not_answer_the_first_message_then_the_ue_is_released():
    rig = Rig()
    ue = rig.new_ue()
    ue.attach()
    rig.advance(31)
    assert isinstance(ue.last(RRCRelease), RRCRelease)
    assert rig.event("InitialUeMessageUnanswered")


def test_initial_context_setup_without_sessions():
    rig = Rig()
    ue = rig.connected_ue()
    rig.amf_send(initial_context_setup_request(ue.ids))
    response = rig.last(m.InitialContextSetupResponse)
    assert (response.amf_ue_ngap_id, response.ran_ue_ngap_id) == tuple(ue.ids.values())
    assert response.pdu_session_resource_setup_list_cxt_res == ()
    assert ue.last(DLInformationTransfer).dedicated_nas_message == b"\x7e\x00\x42"


def test_the_release_command_is_completed_and_the_ue_released():
    rig = Rig()
    ue = rig.ue_with_session(5)
    rig.amf_send(release_command(ue))
    complete = rig.last(m.UEContextReleaseComplete)
    assert complete.ran_ue_ngap_id == ue.ids["ran_ue_ngap_id"]
    assert [i.pdu_session_id for i in complete.pdu_session_resource_list_cxt_rel_cpl] == [5]
    assert complete.user_location_information is not None
    assert isinstance(ue.last(), RRCRelease)
    rig.amf_send(release_command(ue))
    assert rig.last(m.ErrorIndication).cause.name == "unknown-local-UE-NGAP-ID"


def test_a_release_command_may_name_the_amf_ue_ngap_id_alone():
    rig = Rig()
    ue = rig.connected_ue()
    command = m.UEContextReleaseCommand(ue_ngap_ids=ue.ids["amf_ue_ngap_id"], cause=LOST)
    rig.amf_send(command)
    assert isinstance(ue.last(), RRCRelease)
    rig.amf_send(command)
    assert rig.last(m.ErrorIndication).amf_ue_ngap_id == ue.ids["amf_ue_ngap_id"]


def test_when_the_radio_link_is_lost_then_the_gnb_asks_for_release():
    rig = Rig()
    ue = rig.ue_with_session(5)
    ue.silent = True
    rig.advance(3)
    request = rig.last(m.UEContextReleaseRequest)
    assert request.cause == LOST
    assert [i.pdu_session_id for i in request.pdu_session_resource_list_cxt_rel_req] == [5]
    rig.amf_send(release_command(ue, LOST))
    assert rig.last(m.UEContextReleaseComplete)
    rig.advance(20)
    assert len(rig.all(m.UEContextReleaseRequest)) == 1
    assert rig.event("UeContextReleaseUnanswered") is None


def test_a_lost_ue_that_goes_on_sending_is_told_that_it_has_no_connection():
    rig = Rig()
    ue = rig.ue_with_session(5)
    ue.silent = True
    rig.advance(3)
    ue.silent = False
    rig.advance(1)
    assert ue.last(RRCRelease) is None
    assert ue.link.send_data(GNB_UU, 5, b"\x45" + bytes(19))
    rig.pump()
    assert isinstance(ue.last(), RRCRelease)
    ue.attach()
    ue.inbox.clear()
    assert ue.link.send_data(GNB_UU, 5, b"\x45" + bytes(19))
    rig.pump()
    assert ue.inbox == []


def test_nas_for_a_lost_ue_is_not_delivered():
    rig = Rig()
    ue = rig.ue_with_context()
    ue.silent = True
    rig.advance(3)
    rig.amf_send(m.DownlinkNASTransport(nas_pdu=b"late", **ue.ids))
    indication = rig.last(m.NASNonDeliveryIndication)
    assert (indication.nas_pdu, indication.cause) == (b"late", LOST)


def test_initial_context_setup_for_a_lost_ue_fails():
    rig = Rig()
    ue = rig.connected_ue()
    ue.silent = True
    rig.advance(3)
    rig.amf_send(initial_context_setup_request(ue.ids, [(1, setup_transfer())]))
    failure = rig.last(m.InitialContextSetupFailure)
    assert failure.cause == LOST
    assert len(failure.pdu_session_resource_failed_to_setup_list_cxt_fail) == 1


def test_when_the_amf_does_not_answer_a_release_request_then_the_gnb_releases_alone():
    rig = Rig()
    ue = rig.ue_with_context()
    ue.silent = True
    rig.advance(10)
    assert rig.event("UeContextReleaseUnanswered")
    rig.amf_send(m.DownlinkNASTransport(nas_pdu=b"late", **ue.ids))
    assert rig.last(m.ErrorIndication).cause.name == "unknown-local-UE-NGAP-ID"


def test_a_ue_that_asks_anew_leaves_its_old_connection():
    rig = Rig()
    ue = rig.ue_with_context()
    rig.advance(2)
    ue.request(random_value=99)
    assert rig.last(m.UEContextReleaseRequest).cause == LOST
    ue.complete()
    assert len(rig.all(m.InitialUEMessage)) == 2
    rig.amf_send(release_command(ue, LOST))
    assert not ue.last(RRCRelease)
    new_id = rig.last(m.InitialUEMessage).ran_ue_ngap_id
    rig.amf_send(m.DownlinkNASTransport(amf_ue_ngap_id=7, ran_ue_ngap_id=new_id, nas_pdu=b"new"))
    assert ue.last(DLInformationTransfer).dedicated_nas_message == b"new"


def test_an_inactive_ue_is_released_on_the_gnbs_request():
    rig = Rig(inactivity_s=20)
    ue = rig.ue_with_context()
    for _ in range(3):
        rig.advance(15)
        ue.nas(b"x")
    assert rig.last(m.UEContextReleaseRequest) is None
    rig.advance(21)
    assert rig.last(m.UEContextReleaseRequest).cause == Cause("radioNetwork", "user-inactivity")


def test_actions_release_a_ue_and_reset():
    actions = [{"at_s": 10, "do": "release_ue", "ue": 2}, {"at_s": 20, "do": "reset"}]
    rig = Rig(actions=actions)
    ues = [rig.ue_with_context() for _ in range(3)]
    rig.advance(11)
    [request] = rig.all(m.UEContextReleaseRequest)
    assert request.ran_ue_ngap_id == ues[1].ids["ran_ue_ngap_id"]
    rig.amf_send(release_command(ues[1]))
    rig.advance(10)
    reset = rig.last(m.NGReset)
    assert reset.reset_type == "reset-all"
    assert all(isinstance(ue.last(RRCRelease), RRCRelease) for ue in ues)
    rig.amf_send(m.NGResetAcknowledge(), stream=0)
    rig.advance(30)
    assert len(rig.all(m.NGReset)) == 1


def test_an_unacknowledged_reset_is_repeated_then_reported():
    rig = Rig(actions=[{"at_s": 1, "do": "reset"}])
    rig.advance(30)
    assert len(rig.all(m.NGReset)) == 3
    assert rig.event("NgResetUnanswered")


def test_a_reset_of_some_releases_those_and_lists_all_that_were_named():
    rig = Rig()
    first, second = rig.ue_with_context(), rig.ue_with_context()
    named = (
        UEAssociatedLogicalNGConnectionItem(**first.ids),
        UEAssociatedLogicalNGConnectionItem(amf_ue_ngap_id=4711),
    )
    rig.amf_send(m.NGReset(cause=LOST, reset_type=named), stream=0)
    assert rig.last(m.NGResetAcknowledge).ue_associated_logical_ng_connection_list == named
    assert first.last(RRCRelease)
    assert not second.last(RRCRelease)


def test_a_reset_of_all_releases_all():
    rig = Rig()
    ues = [rig.ue_with_context() for _ in range(3)]
    rig.amf_send(m.NGReset(cause=LOST, reset_type="reset-all"), stream=0)
    assert rig.last(m.NGResetAcknowledge).ue_associated_logical_ng_connection_list == ()
    assert all(ue.last(RRCRelease) for ue in ues)


def test_an_error_indication_about_an_unknown_id_ends_the_context():
    rig = Rig()
    ue = rig.ue_with_context()
    rig.amf_send(m.ErrorIndication(cause=Cause("protocol", "semantic-error"), **ue.ids))
    assert "semantic-error" in rig.event("ErrorIndication").text
    assert not ue.last(RRCRelease)
    rig.amf_send(m.ErrorIndication(cause=Cause("radioNetwork", "unknown-local-UE-NGAP-ID"), **ue.ids))
    assert ue.last(RRCRelease)


def test_a_message_with_another_amf_ue_ngap_id_than_before_ends_the_connection():
    rig = Rig()
    ue, other = rig.ue_with_context(), rig.ue_with_context()
    ids = {**ue.ids, "amf_ue_ngap_id": 5}
    rig.amf_send(m.DownlinkNASTransport(nas_pdu=b"x", **ids))
    error = rig.last(m.ErrorIndication)
    assert error.cause.name == "inconsistent-remote-UE-NGAP-ID"
    assert error.amf_ue_ngap_id == 5
    assert ue.last(RRCRelease)
    assert not other.last(RRCRelease)


def test_a_message_that_does_not_fit_the_state_is_an_error():
    rig = Rig()
    ue = rig.connected_ue()
    rig.amf_send(session_setup_request(ue.ids, (1, setup_transfer())))
    assert rig.last(m.ErrorIndication).cause.name == "message-not-compatible-with-receiver-state"
    assert rig.last(m.PDUSessionResourceSetupResponse) is None
    rig.amf_send(initial_context_setup_request(ue.ids))
    count = len(rig.all(m.ErrorIndication))
    rig.amf_send(initial_context_setup_request(ue.ids))
    assert len(rig.all(m.ErrorIndication)) == count + 1


def test_a_context_is_modified_and_may_change_its_amf_ue_ngap_id():
    rig = Rig()
    ue = rig.ue_with_context()
    ambr = UEAggregateMaximumBitRate(ue_aggregate_maximum_bit_rate_dl=1, ue_aggregate_maximum_bit_rate_ul=2)
    rig.amf_send(m.UEContextModificationRequest(ue_aggregate_maximum_bit_rate=ambr, new_amf_ue_ngap_id=77, **ue.ids))
    response = rig.last(m.UEContextModificationResponse)
    assert response.amf_ue_ngap_id == ue.ids["amf_ue_ngap_id"]
    ue.nas(b"y")
    assert rig.last(m.UplinkNASTransport).amf_ue_ngap_id == 77


def test_paging_reaches_the_ue_in_idle_where_it_was_last():
    rig = Rig()
    tmsi = 1 << 38 | 0xCAFE
    ue, other = rig.new_ue(), rig.new_ue()
    ran_id = ue.attach(ng_five_g_s_tmsi=tmsi).ran_ue_ngap_id
    ue.ids = {"amf_ue_ngap_id": 1, "ran_ue_ngap_id": ran_id}
    rig.amf_send(m.DownlinkNASTransport(nas_pdu=b"x", **ue.ids))
    page = m.Paging(
        ue_paging_identity=FiveGSTMSI(amf_set_id=1, amf_pointer=0, five_g_tmsi=0xCAFE),
        tai_list_for_paging=(Tai(PLMN, 1),),
    )
    rig.amf_send(page, stream=0)
    assert not ue.last(Paging)
    rig.amf_send(release_command(ue))
    rig.amf_send(page, stream=0)
    assert ue.last(Paging).paging_record_list[0].ng_five_g_s_tmsi == tmsi
    assert not other.last(Paging)


def test_paging_of_a_stranger_reaches_all_in_idle_and_that_of_another_area_none():
    rig = Rig()
    ues = [rig.new_ue() for _ in range(3)]
    connected = rig.connected_ue()
    identity = FiveGSTMSI(amf_set_id=1, amf_pointer=0, five_g_tmsi=5)
    rig.amf_send(m.Paging(ue_paging_identity=identity, tai_list_for_paging=(Tai(PLMN, 2),)), stream=0)
    assert not any(ue.last(Paging) for ue in ues)
    rig.amf_send(m.Paging(ue_paging_identity=identity, tai_list_for_paging=(Tai(PLMN, 1),)), stream=0)
    assert all(ue.last(Paging) for ue in ues)
    assert not connected.last(Paging)


def test_ues_that_are_paged_between_two_paging_occasions_share_a_message():
    rig = Rig()
    ue = rig.new_ue()

    def page(first: int, count: int) -> None:
        for tmsi in range(first, first + count):
            identity = FiveGSTMSI(amf_set_id=0, amf_pointer=0, five_g_tmsi=tmsi)
            rig.amf_send(m.Paging(ue_paging_identity=identity, tai_list_for_paging=(Tai(PLMN, 1),)), stream=0)

    def paged() -> list[list[int | None]]:
        messages = [message for message in ue.inbox if isinstance(message, Paging)]
        return [[record.ng_five_g_s_tmsi for record in message.paging_record_list] for message in messages]

    page(1, 40)
    assert paged() == [[1]]
    rig.advance(1.2)
    assert paged() == [[1]]
    # The default paging cycle of 128 radio frames.
    rig.advance(0.1)
    assert paged() == [[1], list(range(2, 34)), list(range(34, 41))]
    page(41, 1)
    assert len(paged()) == 3
    rig.advance(2.6)
    assert paged()[3:] == [[41]]
    page(42, 1)
    assert paged()[4:] == [[42]]


def test_no_amf_makes_the_gnb_page_without_end():
    rig = Rig()
    ue = rig.new_ue()
    for tmsi in range(5000):
        identity = FiveGSTMSI(amf_set_id=0, amf_pointer=0, five_g_tmsi=tmsi)
        rig.amf_send(m.Paging(ue_paging_identity=identity, tai_list_for_paging=(Tai(PLMN, 1),)), stream=0)
    rig.advance(1.3)
    pages = [message for message in ue.inbox if isinstance(message, Paging)]
    assert sum(len(page.paging_record_list) for page in pages) == 4097
    assert rig.event("PagingIgnored")


def test_a_rerouted_ue_goes_to_the_other_amf_set():
    rig = Rig(amfs=2, setup=False)
    rig.amf_send(ng_setup_response("a", capacity=255), stream=0, amf=0)
    rig.amf_send(ng_setup_response("b", Guami(PLMN, 2, 9, 0), 0), stream=0, amf=1)
    ue = rig.new_ue()
    initial = ue.attach()
    rig.amf_send(
        m.RerouteNASRequest(
            ran_ue_ngap_id=initial.ran_ue_ngap_id,
            amf_ue_ngap_id=5,
            ngap_message=ngap.encode(initial),
            amf_set_id=9,
        )
    )
    number, _, again = rig.inbox[-1]
    assert number == 1
    assert (again.nas_pdu, again.amf_set_id) == (NAS, 9)
    rig.amf_send(
        m.DownlinkNASTransport(amf_ue_ngap_id=1, ran_ue_ngap_id=initial.ran_ue_ngap_id, nas_pdu=b"welcome"),
        amf=1,
    )
    assert ue.last(DLInformationTransfer).dedicated_nas_message == b"welcome"


def test_the_requested_nssai_is_stripped_only_where_configured():
    plain = bytes.fromhex("7e004179000d0100f1100000000000000000102e04e0e0e0e02f020101")
    for strip, expected in ((False, True), (True, False)):
        initial = Rig(strip_requested_nssai=strip).new_ue().attach(plain)
        request = nas_codec.decode(initial.nas_pdu)
        assert (request.requested_nssai is not None) is expected
        assert request.ue_security_capability is not None
    protected = b"\x7e\x01" + plain
    assert Rig(strip_requested_nssai=True).new_ue().attach(protected).nas_pdu == protected


def test_what_the_gnb_does_not_have_is_answered_by_its_criticality():
    rig = Rig()
    handover = m.RawMessage(pdu="initiatingMessage", procedure_code=13, criticality="reject")
    rig.amf_send(handover)
    error = rig.last(m.ErrorIndication)
    assert error.cause == Cause("protocol", "abstract-syntax-error-reject")
    assert error.criticality_diagnostics.procedure_code == 13
    count = len(rig.all(m.ErrorIndication))
    rig.amf_send(m.RawMessage(pdu="initiatingMessage", procedure_code=39, criticality="ignore"))
    assert len(rig.all(m.ErrorIndication)) == count
    assert rig.event("NgapMessageUnsupported")


def test_an_element_not_comprehended_is_answered_by_its_criticality():
    rig = Rig()
    ue = rig.connected_ue()

    def send(criticality):
        unknown = (RawIE(id=40_000, criticality=criticality, octets=b"\0"),)
        rig.inbox.clear()
        rig.amf_send(m.DownlinkNASTransport(nas_pdu=criticality.encode(), unknown=unknown, **ue.ids))
        return rig.last(m.ErrorIndication)

    assert send("ignore") is None
    error = send("notify")
    assert error.cause.name == "abstract-syntax-error-ignore-and-notify"
    [item] = error.criticality_diagnostics.ies_criticality_diagnostics
    assert (item.ie_id, item.type_of_error) == (40_000, "not-understood")
    assert error.ran_ue_ngap_id == ue.ids["ran_ue_ngap_id"]
    assert send("reject").cause.name == "abstract-syntax-error-reject"
    assert [i.dedicated_nas_message for i in ue.inbox[-2:]] == [b"ignore", b"notify"]


def test_an_initial_context_setup_that_cannot_be_comprehended_fails_with_its_own_message():
    rig = Rig()
    ue = rig.connected_ue()
    octets = ngap.encode(
        msgspec.structs.replace(
            initial_context_setup_request(ue.ids),
            unknown=(RawIE(id=40_000, criticality="reject", octets=b"\0"),),
        )
    )
    rig.amf_packet(octets, stream=1)
    failure = rig.last(m.InitialContextSetupFailure)
    assert failure.cause == Cause("protocol", "abstract-syntax-error-reject")
    assert failure.ran_ue_ngap_id == ue.ids["ran_ue_ngap_id"]
    assert failure.criticality_diagnostics.ies_criticality_diagnostics[0].ie_id == 40_000
    assert rig.last(m.ErrorIndication) is None


def test_a_message_of_the_wrong_direction_is_an_error():
    rig = Rig()
    rig.amf_send(m.UplinkNASTransport(amf_ue_ngap_id=1, ran_ue_ngap_id=1, nas_pdu=b"x"))
    assert rig.last(m.ErrorIndication).cause.name == "message-not-compatible-with-receiver-state"


def test_octets_that_are_no_ngap_are_an_error_and_change_nothing():
    rig = Rig()
    ue = rig.ue_with_context()
    rig.amf_packet(b"\xff\x00", stream=1)
    assert rig.last(m.ErrorIndication).cause == Cause("protocol", "transfer-syntax-error")
    event = rig.event("MalformedPacket")
    assert event.fields["port"] == "n2"
    ue.nas(b"still there")
    assert rig.last(m.UplinkNASTransport).nas_pdu == b"still there"


def test_nas_that_rls_cannot_carry_is_not_delivered():
    rig = Rig()
    ue = rig.ue_with_context()
    rig.amf_send(m.DownlinkNASTransport(nas_pdu=bytes(20_000), **ue.ids))
    assert rig.last(m.NASNonDeliveryIndication).cause == Cause("radioNetwork", "unspecified")


@pytest.mark.parametrize("octets", [b"", b"\xff" * 8, bytes(40)])
def test_octets_that_are_no_rrc_are_an_event(octets):
    rig = Rig()
    ue = rig.new_ue()
    ue.send_octets(RrcChannel.UL_CCCH1, octets)
    assert rig.event("MalformedPacket") or rig.event("UnexpectedRrcMessage")
    assert isinstance(ue.attach(), m.InitialUEMessage)


def test_the_part_is_deterministic():
    def run():
        rig = Rig()
        for _ in range(3):
            rig.ue_with_session()
        return rig.inbox

    assert run() == run()


def test_a_ue_of_ueransim_is_served_without_pdu_ids_and_acked():
    rig = Rig()

    def from_ue(message):
        rig.gnb.receive(Packet("uu", "10.5.5.5:5", rls_codec.encode(message)), rig.now_ns)
        sent = [packet for packet in rig.gnb.take_packets() if packet.port == "uu"]
        assert all(packet.peer == "10.5.5.5:5" for packet in sent)
        return [rls_codec.decode(packet.payload) for packet in sent]

    def rrc_pdu(channel, message, pdu_id=0):
        pdu = rrc.encode(channel.name, message)
        return PduTransmission(sti=5, pdu_type=PduType.RRC, pdu_id=pdu_id, payload=channel, pdu=pdu)

    ack, mib, sib1 = from_ue(Heartbeat(sti=5))
    assert isinstance(ack, HeartbeatAck)
    assert (mib.payload, sib1.payload) == (RrcChannel.BCCH_BCH, RrcChannel.BCCH_DL_SCH)
    request = RRCSetupRequest(random_value=1, establishment_cause="mo-Signalling")
    [setup] = from_ue(rrc_pdu(RrcChannel.UL_CCCH, request, pdu_id=4))
    assert setup.pdu_id == 0
    assert setup.payload == RrcChannel.DL_CCCH
    complete = RRCSetupComplete(rrc_transaction_identifier=0, dedicated_nas_message=NAS)
    rig.gnb.receive(Packet("uu", "10.5.5.5:5", rls_codec.encode(rrc_pdu(RrcChannel.UL_DCCH, complete))), rig.now_ns)
    rig.pump()
    assert rig.last(m.InitialUEMessage).nas_pdu == NAS
    rig.gnb.wake(rig.now_ns + S // 10)
    [acks] = rig.gnb.take_packets()
    assert rls_codec.decode(acks.payload).pdu_ids == (4,)


@pytest.mark.parametrize(
    ("config", "what"),
    [
        ({"slices": []}, "at least one slice"),
        ({"slices": [{"sst": 1, "sd": "1"}]}, "six hexadecimal digits"),
        ({"slices": [{"sst": 300}]}, "0 to 255"),
        ({"plmn": "00101"}, "no PLMN"),
        ({"gnb_id_length": 21}, "gnb_id_length"),
        ({"gnb_id": 1 << 22, "gnb_id_length": 22}, "22 bit"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_configuration_that_cannot_be_is_refused_in_words(config, what):
    with pytest.raises(ValueError, match=what):
        Rig(**config)


def test_a_ue_lost_during_setup_leaves_nothing():
    rig = Rig(max_ues=1)
    ue = rig.new_ue()
    ue.request()
    ue.silent = True
    rig.advance(3)
    other = rig.new_ue()
    other.request()
    assert isinstance(other.last(), RRCSetup)
    other.send(RrcChannel.UL_DCCH, RRCSetupComplete(rrc_transaction_identifier=0, dedicated_nas_message=NAS))
    assert len(rig.all(m.InitialUEMessage)) == 1
    assert rig.now_ns % S == 0
