"""What was lost at the other end of N4 and of a tunnel comes back (TS 23.527 clauses 4.3 and 5.3)."""

from awase.model.part import Packet
from awase.protocols.nas.causes import FiveGSMCause
from awase.protocols.nas.messages import PDUSessionReleaseCommand
from awase.protocols.ngap.codec import decode_transfer, encode_transfer
from awase.protocols.ngap.elements import Cause
from awase.protocols.ngap.transfers import (
    PDUSessionResourceNotifyReleasedTransfer,
    PDUSessionResourceReleaseCommandTransfer,
    PDUSessionResourceReleaseResponseTransfer,
)
from awase.protocols.pfcp import codec as pfcp
from awase.protocols.pfcp import messages as n4
from awase.protocols.pfcp.elements import ApplyAction, FTeid, PfcpSeReqFlags, PfcpSmReqFlags, ReportType
from unit.functions.smf.fakes import UPF, Bench, MemoryStore, Upf

TUNNEL_LOST = Cause("transport", "transport-resource-unavailable")


def released_by_ng_ran(bench: Bench, reference: str, cause: Cause = TUNNEL_LOST) -> None:
    transfer = encode_transfer(PDUSessionResourceNotifyReleasedTransfer(cause=cause))
    exchange = bench.modify(reference, n2=transfer, kind="PDU_RES_NTY_REL")
    assert bench.answers[exchange].status == 204


def of(bench: Bench, kind: type, upf: Upf | None = None) -> list:
    return [message for message in (upf or bench.upf).received if isinstance(message, kind)]


def test_ng_ran_that_does_not_know_a_tunnel_lets_go_of_the_session_and_packets_wait() -> None:
    """Clause 5.3.3.1, steps 4 and 5."""
    bench = Bench()
    reference = bench.establish()
    end = FTeid(teid=7, ipv4_address="10.0.0.9")
    bench.report(
        n4.SessionReportRequest(
            report_type=ReportType.ERIR, error_indication_report=n4.ErrorIndicationReport(f_teid=(end,))
        )
    )
    assert of(bench, n4.SessionModificationRequest)[-1].update_far[0].apply_action & ApplyAction.BUFF
    transfer = bench.amf.transfers[-1]
    assert (transfer.n1, transfer.n2_type) == (None, "PDU_RES_REL_CMD")
    assert decode_transfer(PDUSessionResourceReleaseCommandTransfer, transfer.n2 or b"").cause == TUNNEL_LOST
    answer = encode_transfer(PDUSessionResourceReleaseResponseTransfer())
    assert bench.answers[bench.modify(reference, n2=answer, kind="PDU_RES_REL_RSP")].status == 204
    assert len(bench.smf.sessions) == 1


def test_a_upf_that_restarted_is_found_out_by_the_first_tunnel_that_it_does_not_know() -> None:
    bench = Bench()
    reference = bench.establish()
    bench.upf.recovery += 100
    bench.upf.sessions.clear()
    released_by_ng_ran(bench, reference)
    assert "UpfRestarted" in bench.names()
    (session,) = bench.upf.sessions.values()
    assert session.pfcpse_req_flags == PfcpSeReqFlags.RESTI
    transfer = bench.amf.transfers[-1]
    assert (transfer.n1, transfer.n2_type) == (None, "PDU_RES_SETUP_REQ")
    assert bench.answers[bench.setup_response(reference, 9)].status == 204
    far = of(bench, n4.SessionModificationRequest)[-1].update_far[0]
    assert far.update_forwarding_parameters is not None
    assert far.update_forwarding_parameters.outer_header_creation is not None
    assert far.update_forwarding_parameters.outer_header_creation.teid == 9


def test_a_single_session_that_a_upf_lost_it_gets_again() -> None:
    bench = Bench()
    reference = bench.establish()
    bench.upf.sessions.clear()
    released_by_ng_ran(bench, reference)
    assert "UpfRestarted" not in bench.names()
    (session,) = bench.upf.sessions.values()
    assert session.pfcpse_req_flags == PfcpSeReqFlags.RESTI
    assert of(bench, n4.SessionModificationRequest)[-1].update_far[0].apply_action & ApplyAction.BUFF
    assert bench.amf.transfers[-1].n2_type == "PDU_RES_SETUP_REQ"


def test_a_session_that_is_missed_when_its_user_plane_comes_back_is_made_anew() -> None:
    bench = Bench()
    reference = bench.establish()
    bench.modify(reference, upCnxState="DEACTIVATED")
    bench.upf.sessions.clear()
    bench.modify(reference, upCnxState="ACTIVATING")
    assert bench.answers[bench.setup_response(reference, 9)].status == 204
    assert len(bench.upf.sessions) == 1
    assert of(bench, n4.SessionModificationRequest)[-1].update_far[0].apply_action == ApplyAction.FORW


def test_many_tunnels_lost_at_once_ask_for_one_sign_of_life() -> None:
    bench = Bench()
    references = [bench.establish(psi=psi) for psi in range(1, 6)]
    before = len(of(bench, n4.HeartbeatRequest))
    bench.drop = lambda packet: packet.port == "n4"
    for reference in references:
        released_by_ng_ran(bench, reference)
    bench.drop = lambda packet: False
    bench.upf.recovery += 100
    bench.upf.sessions.clear()
    bench.advance(2)
    assert len(of(bench, n4.HeartbeatRequest)) == before + 1
    assert len(bench.upf.sessions) == 5


def test_a_upf_that_does_not_answer_keeps_its_sessions_for_its_return() -> None:
    bench = Bench()
    reference = bench.establish()
    bench.upf.silent = True
    released_by_ng_ran(bench, reference)
    bench.advance(6)
    assert "UpfLost" in bench.names()
    assert len(bench.smf.sessions) == 1
    bench.upf.silent = False
    bench.upf.recovery += 100
    bench.upf.sessions.clear()
    bench.advance(10)
    assert len(bench.upf.sessions) == 1
    assert bench.amf.transfers[-1].n2_type == "PDU_RES_SETUP_REQ"


def test_an_anchor_that_lost_a_session_gets_it_again_and_ng_ran_is_left_alone() -> None:
    second = Upf("10.0.0.5")
    bench = Bench(upfs=(Upf(UPF), second), chains=[{"dnn": "internet", "upfs": ["upf1", "upf2"]}])
    bench.establish()
    (context,) = bench.smf.sessions.all()
    assert context.anchor is not None
    assert context.anchor.uplink is not None
    second.sessions.clear()
    end = FTeid(teid=context.anchor.uplink.teid, ipv4_address=context.anchor.uplink.address)
    before = len(bench.amf.transfers)
    bench.report(
        n4.SessionReportRequest(
            report_type=ReportType.ERIR, error_indication_report=n4.ErrorIndicationReport(f_teid=(end,))
        )
    )
    assert len(second.sessions) == 1
    assert len(bench.amf.transfers) == before


def test_a_session_whose_seid_a_upf_could_not_tell_is_deleted_once_it_can() -> None:
    """TS 29.244 clause 6.4: what is sent again with its sequence number is answered alike."""
    bench = Bench()
    answer, answered, mute = bench.upf.answer, {}, True

    def late(octets: bytes) -> bytes | None:
        if octets not in answered:
            answered[octets] = answer(octets)
        return None if mute else answered[octets]

    bench.upf.answer = late  # type: ignore[method-assign]
    bench.create()
    bench.advance(8)
    assert len(bench.smf.sessions) == 0
    assert len(bench.upf.sessions) == 1
    mute = False
    bench.advance(8)
    assert bench.upf.sessions == {}
    assert len(of(bench, n4.SessionDeletionRequest)) == 1


def test_an_amf_that_says_no_more_of_its_paging_is_asked_again_for_the_next_packet() -> None:
    bench = Bench()
    reference = bench.establish()
    bench.modify(reference, upCnxState="DEACTIVATED")
    bench.amf.cause = "ATTEMPTING_TO_REACH_UE"
    report = n4.SessionReportRequest(
        report_type=ReportType.DLDR, downlink_data_report=n4.DownlinkDataReport(pdr_id=(1,))
    )
    bench.report(report)
    before = len(bench.amf.transfers)
    bench.advance(100)
    bench.report(report)
    assert len(bench.amf.transfers) == before
    bench.advance(30)
    assert of(bench, n4.SessionModificationRequest)[-1].pfcpsm_req_flags == PfcpSmReqFlags.DROBU
    bench.report(report)
    assert len(bench.amf.transfers) == before + 1


def test_a_session_that_is_released_while_n4_is_silent_is_deleted_when_it_is_not() -> None:
    bench = Bench()
    reference = bench.establish()
    bench.upf.silent = True
    bench.release(reference)
    bench.advance(60)
    assert len(bench.smf.sessions) == 0
    assert len(bench.upf.sessions) == 1
    bench.upf.silent, bench.upf.flags = False, 1
    bench.advance(30)
    assert bench.upf.sessions == {}


def test_where_another_upf_can_have_them_the_sessions_of_one_that_is_lost_are_released_for_reactivation() -> None:
    second = Upf("10.0.0.5")
    bench = Bench(upfs=(Upf(UPF), second))
    bench.establish()
    bench.upf.silent = True
    bench.advance(80)
    command = bench.amf.transfers[-1].n1
    assert isinstance(command, PDUSessionReleaseCommand)
    assert command.five_gsm_cause == FiveGSMCause.reactivation_requested


def test_where_there_is_no_other_the_sessions_of_a_upf_that_is_lost_wait_for_it() -> None:
    bench = Bench()
    bench.establish()
    bench.upf.silent = True
    bench.advance(600)
    assert len(bench.smf.sessions) == 1


def test_a_user_plane_that_nobody_sets_up_is_none_and_the_next_packet_has_the_ue_reached() -> None:
    bench = Bench()
    reference = bench.establish()
    bench.modify(reference, upCnxState="DEACTIVATED")
    bench.modify(reference, upCnxState="ACTIVATING")
    report = n4.SessionReportRequest(
        report_type=ReportType.DLDR, downlink_data_report=n4.DownlinkDataReport(pdr_id=(1,))
    )
    before = len(bench.amf.transfers)
    bench.report(report)
    assert len(bench.amf.transfers) == before
    bench.advance(40)
    assert of(bench, n4.SessionModificationRequest)[-1].pfcpsm_req_flags == PfcpSmReqFlags.DROBU
    bench.report(report)
    assert len(bench.amf.transfers) == before + 1


def test_a_user_plane_that_is_set_up_in_time_is_left_alone() -> None:
    bench = Bench()
    reference = bench.establish()
    bench.modify(reference, upCnxState="DEACTIVATED")
    bench.modify(reference, upCnxState="ACTIVATING")
    bench.setup_response(reference, 9)
    before = len(bench.upf.received)
    bench.advance(29)
    bench.modify(reference, upCnxState="DEACTIVATED")
    bench.modify(reference, upCnxState="ACTIVATING")
    bench.setup_response(reference, 10)
    bench.advance(20)
    (context,) = bench.smf.sessions.all()
    assert context.user_plane.value == "ACTIVATED"
    assert not [m for m in bench.upf.received[before:] if getattr(m, "pfcpsm_req_flags", None)]


def owing(store: MemoryStore) -> Bench:
    """An SMF that has released a session while its UPF was silent."""
    bench = Bench(store=store, persist=True)
    reference = bench.establish()
    bench.establish(psi=2)
    bench.upf.silent = True
    bench.release(reference)
    bench.advance(6)
    assert len(bench.upf.sessions) == 2
    return bench


def after(bench: Bench, store: MemoryStore) -> Bench:
    """Another life of the SMF, beside the same UPF."""
    bench.upf.silent, bench.upf.flags = False, 1
    again = Bench(store=store, persist=True, upfs=(bench.upf,))
    again.advance(10)
    return again


def test_a_deletion_that_is_owed_is_sent_after_a_restart_and_then_forgotten() -> None:
    store = MemoryStore()
    bench = owing(store)
    assert len([key for key in store.kept if key.startswith("owed/")]) == 1
    again = after(bench, store)
    assert len(bench.upf.sessions) == 1
    assert len(again.smf.sessions) == 1
    assert not [key for key in store.kept if key.startswith("owed/")]


def test_what_is_owed_goes_with_all_else_where_the_upf_is_to_begin_with_nothing() -> None:
    """A number that it gives to another session afterwards is not deleted for it."""
    store = MemoryStore()
    bench = owing(store)
    store.kept["half made/77"] = b""
    received = len(bench.upf.received)
    after(bench, store)
    assert not [key for key in store.kept if key.startswith(("owed/", "half made/"))]
    assert not [m for m in bench.upf.received[received:] if isinstance(m, n4.SessionDeletionRequest)]


def test_a_session_whose_seid_the_upf_never_told_makes_it_begin_with_nothing_after_a_restart() -> None:
    store = MemoryStore()
    bench = Bench(store=store, persist=True)
    bench.upf.silent = True
    bench.create()
    bench.advance(6)
    assert [key for key in store.kept if key.startswith("half made/undo")]
    again = after(bench, store)
    setup = next(m for m in reversed(bench.upf.received) if isinstance(m, n4.AssociationSetupRequest))
    assert setup.session_retention_information is None
    assert not [key for key in store.kept if key.startswith("half made/")]
    assert len(again.smf.sessions) == 0


def test_what_is_owed_to_a_upf_is_forgotten_when_it_restarts_and_owed_anew_after() -> None:
    bench = Bench()
    first, second = bench.establish(), bench.establish(psi=2)
    bench.upf.silent = True
    bench.release(first)
    bench.advance(6)
    bench.upf.silent = False
    bench.upf.recovery += 100
    bench.upf.sessions.clear()
    bench.advance(1)
    released_by_ng_ran(bench, second)
    assert len(bench.upf.sessions) == 1
    bench.upf.silent = True
    bench.release(second)
    bench.advance(6)
    bench.upf.silent, bench.upf.flags = False, 1
    bench.advance(60)
    assert bench.upf.sessions == {}
    assert len(bench.smf.sessions) == 0


def _is_establishment(packet: Packet) -> bool:
    if packet.port != "n4" or not isinstance(packet.payload, bytes):
        return False
    return isinstance(pfcp.decode(packet.payload)[1], n4.SessionEstablishmentRequest)


def _restarted_with_forty_sessions() -> tuple[Bench, list[str]]:
    """All that the UPF is asked to make anew is lost at first."""
    bench = Bench(dnns=[{"name": "internet", "pool": "10.45.0.0/24"}])
    references = [bench.establish(supi=f"imsi-0010100000{number:05}") for number in range(1, 41)]
    bench.upf.recovery += 100
    bench.upf.sessions.clear()
    bench.drop = _is_establishment
    while "SessionsRestored" not in bench.names():
        bench.advance(0.1)
    return bench, references


def test_a_session_that_is_needed_before_its_turn_comes_is_made_anew_once() -> None:
    bench, references = _restarted_with_forty_sessions()
    exchange = bench.modify(references[-1], upCnxState="DEACTIVATED")
    bench.drop = lambda packet: False
    bench.advance(20)
    made = [session.cp_f_seid.seid for session in bench.upf.sessions.values()]
    assert sorted(made) == sorted(set(made))
    assert len(made) == 40 == len(bench.smf.sessions)
    assert bench.answers[exchange].status == 200
    assert "N4SessionModificationFailed" not in bench.names()


def test_what_is_asked_of_a_session_while_it_is_made_anew_waits() -> None:
    bench, references = _restarted_with_forty_sessions()
    exchange = bench.setup_response(references[0], 9)
    bench.drop = lambda packet: False
    bench.advance(20)
    assert bench.answers[exchange].status == 204
    assert len(bench.upf.sessions) == 40 == len(bench.smf.sessions)


def test_a_session_that_is_released_while_it_is_made_anew_leaves_nothing_behind() -> None:
    bench, references = _restarted_with_forty_sessions()
    for reference in (references[0], references[-1]):
        bench.release(reference)
    bench.drop = lambda packet: False
    bench.advance(20)
    assert len(bench.upf.sessions) == 38 == len(bench.smf.sessions)
