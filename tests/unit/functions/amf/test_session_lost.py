"""A session that the SMF has lost while its UE is connected (TS 23.527 clauses 4.4.2 and 5.3.3)."""

import pytest

from awase.protocols.nas import messages as nas
from awase.protocols.nas.codec import encode
from awase.protocols.nas.elements import FiveGSTmsi as NasFiveGSTmsi
from awase.protocols.nas.elements import PduSessionIds, ServiceType
from awase.protocols.ngap import messages as ngap
from awase.protocols.ngap.elements import PDUSessionResourceReleasedItemNot, PDUSessionResourceSetupItemSURes
from awase.protocols.sbi import codec
from unit.functions.amf.bench import Bench, Ue
from unit.functions.amf.sessions import ask, transfer, with_session

LOST = codec.problem(404, "CONTEXT_NOT_FOUND")


def notify(ue: Ue, psi: int = 1) -> None:
    """The node's tunnel is unknown at the UPF."""
    released = PDUSessionResourceReleasedItemNot(
        pdu_session_id=psi, pdu_session_resource_notify_released_transfer=b"\x00\x00"
    )
    ue.gnb.send(
        ngap.PDUSessionResourceNotify(
            amf_ue_ngap_id=ue.amf_id, ran_ue_ngap_id=ue.ran_id, pdu_session_resource_released_list_not=(released,)
        )
    )


def sent_since(ue: Ue, count: int) -> list[type]:
    ue.take()
    return [type(message) for message in ue.messages[count:]]


def test_who_has_no_other_session_is_let_go_and_learns_of_it_from_its_service_request() -> None:
    bench = Bench()
    ue = with_session(bench)
    bench.core.update_answers.append(LOST)
    notify(ue)
    ue.take()
    assert isinstance(ue.messages[-1], ngap.UEContextReleaseCommand)
    ue.released()
    assert ue.guti is not None
    assert ue.security is not None
    ue.begin(
        nas.ServiceRequest(
            ngksi=ue.security.ngksi,
            service_type=ServiceType.data,
            five_g_s_tmsi=NasFiveGSTmsi.of(ue.guti),
            uplink_data_status=PduSessionIds((1,)),
            pdu_session_status=PduSessionIds((1,)),
        )
    )
    accept = ue.last()
    assert isinstance(accept, nas.ServiceAccept)
    assert accept.pdu_session_status == PduSessionIds(())


def test_where_another_session_is_active_only_the_lost_one_is_released_in_the_node() -> None:
    bench = Bench()
    ue = with_session(bench)
    ask(ue, 2)
    transfer(bench, ue.supi)
    ue.take()
    count = len(ue.messages)
    bench.core.update_answers.append(LOST)
    ue.gnb.send(
        ngap.PDUSessionResourceSetupResponse(
            amf_ue_ngap_id=ue.amf_id,
            ran_ue_ngap_id=ue.ran_id,
            pdu_session_resource_setup_list_su_res=(
                PDUSessionResourceSetupItemSURes(pdu_session_id=1, pdu_session_resource_setup_response_transfer=b"ok"),
            ),
        )
    )
    assert sent_since(ue, count) == [ngap.PDUSessionResourceReleaseCommand]
    (item,) = ue.messages[-1].pdu_session_resource_to_release_list_rel_cmd
    assert item.pdu_session_id == 1
    assert ue.messages[-1].nas_pdu is None


def test_what_the_node_has_released_already_is_not_released_again() -> None:
    bench = Bench()
    ue = with_session(bench)
    ask(ue, 2)
    ue.take()
    count = len(ue.messages)
    bench.core.update_answers.append(LOST)
    notify(ue)
    assert sent_since(ue, count) == []
    assert list(bench.amf.by_supi[ue.supi].sessions) == [2]  # type: ignore[index]


@pytest.mark.parametrize("complete", [True, False])
def test_a_message_of_the_ues_that_the_smf_does_not_know_comes_back_unless_it_ends_a_release(complete: bool) -> None:
    bench = Bench()
    ue = with_session(bench)
    ue.take()
    count = len(ue.messages)
    bench.core.update_answers.append(LOST)
    message = nas.PDUSessionReleaseComplete(pdu_session_id=1, pti=0)
    if complete:
        ask(ue, 1, request_type=None, payload_container=encode(message))
        assert ngap.UEContextReleaseCommand not in sent_since(ue, count)
    else:
        ask(ue, 1, request_type=None)
        assert sent_since(ue, count) == [ngap.DownlinkNASTransport, ngap.UEContextReleaseCommand]
