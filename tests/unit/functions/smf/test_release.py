"""PDU session release and the user plane's state, through the SMF's ports (TS 23.502 clause 4.3.4.2)."""

from typing import Any

import pytest

from awase.protocols.nas.causes import FiveGSMCause
from awase.protocols.nas.messages import (
    FiveGSMStatus,
    PDUSessionModificationReject,
    PDUSessionModificationRequest,
    PDUSessionReleaseCommand,
    PDUSessionReleaseComplete,
    PDUSessionReleaseRequest,
)
from awase.protocols.ngap.codec import decode_transfer
from awase.protocols.ngap.transfers import (
    PDUSessionResourceReleaseCommandTransfer,
    PDUSessionResourceSetupRequestTransfer,
)
from awase.protocols.pfcp.elements import ApplyAction
from unit.functions.smf.fakes import SUPI, Bench, unpack

RELEASE = PDUSessionReleaseRequest(pdu_session_id=1, pti=5)


def is_gone(bench: Bench) -> bool:
    return (
        not len(bench.smf.sessions)
        and not bench.upf.sessions
        and not bench.udm.registered
        and not bench.smf.pools["internet"].in_use
    )


def test_a_release_by_the_ue_goes_request_command_complete() -> None:
    bench = Bench()
    reference = bench.establish()
    answer = bench.answers[bench.modify(reference, RELEASE)]
    body, command, transfer = unpack(answer)
    assert answer.status == 200
    assert body["n2SmInfoType"] == "PDU_RES_REL_CMD"
    assert isinstance(command, PDUSessionReleaseCommand)
    assert (command.pti, command.five_gsm_cause) == (5, 36)
    cause = decode_transfer(PDUSessionResourceReleaseCommandTransfer, transfer or b"").cause
    assert str(cause) == "nas/normal-release"
    assert not bench.upf.sessions
    assert bench.answers[bench.complete(reference, pti=5)].status == 204
    assert is_gone(bench)
    assert bench.amf.notified[0][1] == {"statusInfo": {"resourceStatus": "RELEASED"}}
    assert "by the UE, cause 36 (regular deactivation)" in bench.event("PduSessionReleased").text


def test_the_address_is_free_only_when_the_ue_has_let_go() -> None:
    bench = Bench(dnns=[{"name": "internet", "pool": "10.45.0.0/29"}])
    reference = bench.establish()
    bench.modify(reference, RELEASE)
    for psi in (2, 3, 4, 5):
        bench.establish(psi=psi)
    assert bench.amf.transfers[-1].n1.pdu_address.ipv4 == "10.45.0.6"
    bench.complete(reference, pti=5)
    bench.establish(psi=6)
    assert bench.amf.transfers[-1].n1.pdu_address.ipv4 == "10.45.0.2"


def test_the_complete_is_answered_before_amf_and_udm_learn_of_the_release() -> None:
    bench = Bench()
    reference = bench.establish()
    bench.modify(reference, RELEASE)
    order: list[str] = []
    bench.drop = lambda packet: bool(order.append(packet.kind))
    bench.modify(reference, PDUSessionReleaseComplete(pdu_session_id=1, pti=5))
    # AMF and UDM learn of the release, and the UDM that the SMF watches the subscription no more.
    assert order == ["response", "request", "request", "request"]


def test_a_repeated_release_request_gets_the_command_again() -> None:
    bench = Bench()
    reference = bench.establish()
    bench.modify(reference, RELEASE)
    command = unpack(bench.answers[bench.modify(reference, RELEASE)])[1]
    assert isinstance(command, PDUSessionReleaseCommand)
    bench.complete(reference, pti=5)
    assert is_gone(bench)


def test_without_complete_the_command_is_sent_at_each_expiry_of_t3592_and_then_it_is_released() -> None:
    bench = Bench()
    reference = bench.establish()
    before = len(bench.amf.transfers)
    bench.modify(reference, RELEASE)
    bench.advance(79)
    repeated = bench.amf.transfers[before:]
    assert len(repeated) == 4
    assert all(isinstance(t.n1, PDUSessionReleaseCommand) and t.n2 is None for t in repeated)
    assert len(bench.smf.sessions) == 1
    bench.advance(2)
    assert is_gone(bench)
    assert bench.event("T3592Expired").level == "warning"
    assert bench.amf.notified


ACTION = {"at_s": 5, "do": "release_session", "supi": SUPI, "pdu_session_id": 1, "cause": 39}


def test_a_release_by_the_operator_reaches_ue_and_ng_ran() -> None:
    bench = Bench(actions=[ACTION])
    reference = bench.establish()
    bench.advance(6)
    sent = bench.amf.transfers[-1]
    assert isinstance(sent.n1, PDUSessionReleaseCommand)
    assert (sent.n1.pti, sent.n1.five_gsm_cause) == (0, FiveGSMCause.reactivation_requested)
    assert sent.n2_type == "PDU_RES_REL_CMD"
    assert not bench.upf.sessions
    bench.complete(reference, pti=0)
    assert is_gone(bench)
    assert "cause 39 (reactivation requested)" in bench.event("PduSessionReleased").text


def test_an_action_without_its_session_says_so() -> None:
    bench = Bench(actions=[ACTION])
    bench.advance(6)
    assert bench.event("ActionFailed").config == "actions[0]"


def test_a_release_by_the_network_that_the_amf_cannot_pass_on_is_local() -> None:
    bench = Bench(actions=[ACTION])
    bench.establish()
    bench.amf.status = 504
    bench.advance(6)
    assert "N1N2MessageTransferFailed" in bench.names()
    assert is_gone(bench)


def test_a_release_request_that_crosses_the_networks_command_changes_nothing() -> None:
    bench = Bench(actions=[ACTION])
    reference = bench.establish()
    bench.advance(6)
    assert bench.answers[bench.modify(reference, RELEASE)].status == 204
    bench.complete(reference, pti=0)
    assert is_gone(bench)


def test_a_release_by_the_amf_ends_everything_without_a_notification() -> None:
    bench = Bench()
    reference = bench.establish()
    assert bench.answers[bench.release(reference)].status == 204
    assert is_gone(bench)
    assert not bench.amf.notified
    assert "by the AMF" in bench.event("PduSessionReleased").text
    assert bench.answers[bench.release(reference)].status == 404


def test_a_release_by_the_amf_ends_a_release_by_the_ue() -> None:
    bench = Bench()
    reference = bench.establish()
    bench.modify(reference, RELEASE)
    assert bench.answers[bench.release(reference)].status == 204
    bench.advance(100)
    assert is_gone(bench)
    assert bench.names().count("PduSessionReleased") == 1
    assert bench.smf.wake_at_ns() is None or bench.smf.wake_at_ns() > bench.now_ns


def test_when_the_upf_is_silent_a_release_counts_all_the_same() -> None:
    bench = Bench()
    reference = bench.establish()
    bench.upf.silent = True
    exchange = bench.release(reference)
    bench.advance(5)
    assert bench.answers[exchange].status == 204
    assert bench.event("N4SessionDeletionFailed").level == "warning"
    assert not bench.smf.pools["internet"].in_use


def test_a_complete_with_another_pti_is_answered_with_status_47() -> None:
    bench = Bench()
    reference = bench.establish()
    bench.modify(reference, RELEASE)
    answer = bench.answers[bench.modify(reference, PDUSessionReleaseComplete(pdu_session_id=1, pti=9))]
    assert unpack(answer)[1].five_gsm_cause == 47
    assert len(bench.smf.sessions) == 1


WRONG: dict[str, tuple[Any, int]] = {
    "a complete without a command": (PDUSessionReleaseComplete(pdu_session_id=1, pti=1), 98),
    "a release request without a PTI": (PDUSessionReleaseRequest(pdu_session_id=1, pti=0), 81),
    "another session's identity": (PDUSessionReleaseRequest(pdu_session_id=2, pti=1), 43),
    "a message of the network": (
        PDUSessionReleaseCommand(pdu_session_id=1, pti=1, five_gsm_cause=FiveGSMCause(36)),
        98,
    ),
    "an unknown message": (bytes.fromhex("2e0101fe"), 97),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_message_is_answered_with_5gsm_status_and_changes_nothing(case: str) -> None:
    message, cause = WRONG[case]
    bench = Bench()
    reference = bench.establish()
    status = unpack(bench.answers[bench.modify(reference, message)])[1]
    assert isinstance(status, FiveGSMStatus)
    assert status.five_gsm_cause == cause
    assert len(bench.upf.sessions) == 1
    bench.modify(reference, RELEASE)
    bench.complete(reference, pti=5)
    assert is_gone(bench)


def test_status_43_of_the_ue_releases_the_session_locally() -> None:
    bench = Bench()
    reference = bench.establish()
    status = FiveGSMStatus(pdu_session_id=1, pti=0, five_gsm_cause=FiveGSMCause(43))
    assert bench.answers[bench.modify(reference, status)].status == 204
    assert is_gone(bench)
    assert bench.amf.notified
    assert "invalid PDU session identity" in bench.event("FiveGsmStatus").text


def test_a_status_in_answer_to_a_command_ends_the_release() -> None:
    bench = Bench()
    reference = bench.establish()
    bench.modify(reference, RELEASE)
    status = FiveGSMStatus(pdu_session_id=1, pti=5, five_gsm_cause=FiveGSMCause(81))
    bench.modify(reference, status)
    assert is_gone(bench)


def test_a_modification_by_the_ue_is_rejected_with_cause_32() -> None:
    bench = Bench()
    reference = bench.establish()
    answer = bench.answers[bench.modify(reference, PDUSessionModificationRequest(pdu_session_id=1, pti=4))]
    reject = unpack(answer)[1]
    assert isinstance(reject, PDUSessionModificationReject)
    assert (reject.pti, reject.five_gsm_cause) == (4, 32)


def test_the_user_plane_goes_down_and_up_again_with_a_new_tunnel() -> None:
    bench = Bench()
    reference = bench.establish()
    answer = bench.answers[bench.modify(reference, upCnxState="DEACTIVATED")]
    assert unpack(answer)[0] == {"upCnxState": "DEACTIVATED"}
    (far,) = bench.upf.fars.values()
    assert far.apply_action == ApplyAction.BUFF | ApplyAction.NOCP
    body, _, transfer = unpack(bench.answers[bench.modify(reference, upCnxState="ACTIVATING")])
    assert (body["upCnxState"], body["n2SmInfoType"]) == ("ACTIVATING", "PDU_RES_SETUP_REQ")
    assert decode_transfer(PDUSessionResourceSetupRequestTransfer, transfer or b"").pdu_session_type == "ipv4"
    assert bench.answers[bench.setup_response(reference, teid=99)].status == 204
    (far,) = bench.upf.fars.values()
    assert far.update_forwarding_parameters.outer_header_creation.teid == 99  # type: ignore[union-attr]


def test_requests_about_nothing_are_refused() -> None:
    bench = Bench()
    assert bench.answers[bench.modify("77", RELEASE)].status == 404
    reference = bench.establish()
    assert bench.answers[bench.modify(reference, upCnxState="SUSPENDED")].status == 403
    assert bench.answers[bench.modify(reference, n2=b"\0", kind="HANDOVER_REQUIRED")].status == 403
    assert bench.answers[bench.modify(reference, n2=b"\xff", kind="PDU_RES_REL_RSP")].status == 403
    assert bench.answers[bench.modify(reference, n1SmMsg={"contentId": "nowhere"})].status == 400
    assert len(bench.upf.sessions) == 1


def test_a_release_that_the_amf_asks_for_runs_as_the_networks() -> None:
    bench = Bench()
    reference = bench.establish()
    assert bench.answers[bench.modify(reference, release=True, cause="REL_DUE_TO_SLICE_NOT_AVAILABLE")].status == 204
    assert isinstance(bench.amf.transfers[-1].n1, PDUSessionReleaseCommand)
    bench.complete(reference, pti=0)
    assert is_gone(bench)
