"""An SMF that is gone for a moment, as a UE comes back (TS 23.502 clause 4.2.3, TS 29.500 clause 6.10.9)."""

from collections.abc import Callable

from awase.protocols.nas import messages as nas
from awase.protocols.nas.causes import FiveGMMCause
from awase.protocols.nas.elements import PduSessionIds, ServiceType
from awase.protocols.ngap import messages as ngap
from awase.protocols.sbi import codec
from awase.protocols.sbi.messages import Request
from unit.functions.amf.bench import SMF, Bench, Ue
from unit.functions.amf.sessions import N2, activating, ask, n2_alone, with_session


def resets(bench: Bench, times: int) -> list[Request]:
    """The SMF is not reached so often; the requests that it did not get."""
    missed: list[Request] = []

    def reset(peer: str, request: Request) -> bool:
        if peer != SMF or len(missed) >= times:
            return False
        missed.append(request)
        return True

    found: Callable[[str, Request], bool] = reset
    bench.resets.append(found)
    return missed


def items(ue: Ue) -> list[tuple[int, bytes]]:
    """PDU sessions that the node was asked to set up."""
    ue.take()
    found = []
    for message in ue.messages:
        if isinstance(message, ngap.InitialContextSetupRequest):
            for item in message.pdu_session_resource_setup_list_cxt_req:
                found.append((item.pdu_session_id, item.pdu_session_resource_setup_request_transfer))
        elif isinstance(message, ngap.PDUSessionResourceSetupRequest):
            for each in message.pdu_session_resource_setup_list_su_req:
                found.append((each.pdu_session_id, each.pdu_session_resource_setup_request_transfer))
    return found


def come_back(ue: Ue) -> None:
    ue.begin(ue.service(service_type=ServiceType.data, uplink_data_status=PduSessionIds((1,))))


def test_a_user_plane_comes_back_though_the_smf_was_away_when_it_was_asked_for() -> None:
    bench = Bench()
    ue = with_session(bench).idle(1)
    before = len(items(ue))
    missed = resets(bench, 2)
    bench.core.update_answers.append(activating())
    come_back(ue)
    assert items(ue)[before:] == []
    bench.wait(2)
    assert len(missed) == 2
    assert items(ue)[before:] == [(1, N2)]


def test_an_smf_that_stays_away_is_given_up_before_the_ue_gives_up() -> None:
    bench = Bench()
    ue = with_session(bench).idle(1)
    missed = resets(bench, 99)
    come_back(ue)
    bench.wait(5)
    assert len(missed) == 4
    ue.take()
    accept = ue.last()
    assert isinstance(accept, nas.ServiceAccept)
    assert accept.pdu_session_reactivation_result == PduSessionIds((1,))
    assert bench.event("SmfSilent").level == "error"


def test_a_message_of_the_ue_goes_to_the_smf_once() -> None:
    bench = Bench()
    ue = with_session(bench)
    missed = resets(bench, 1)
    ask(ue, request_type=None)
    assert len(missed) == 1
    assert ue.last().five_gmm_cause == FiveGMMCause.payload_was_not_forwarded


def test_a_user_plane_that_the_smf_refuses_is_not_set_up_for_what_the_ue_was_paged_for() -> None:
    bench = Bench()
    ue = with_session(bench).idle(1)
    n2_alone(bench, ue.supi or "")
    before = len(items(ue))
    bench.core.update_answers.append(codec.problem(403, "N2_SM_ERROR"))
    ue.begin(ue.service(service_type=ServiceType.mobile_terminated_services), five_g_s_tmsi=ue.s_tmsi())
    ue.set_up_context()
    assert isinstance(ue.last(), nas.ServiceAccept | nas.ConfigurationUpdateCommand)
    assert items(ue)[before:] == []


def test_a_session_that_another_takes_the_place_of_is_released_in_the_node_first() -> None:
    """TS 38.413 clause 8.2.1.4: the node would refuse resources for a session that it has."""
    bench = Bench()
    ue = with_session(bench)
    ue.set_up_context(1)
    before = len(ue.messages)
    ask(ue)
    ue.take()
    (command,) = ue.messages[before:]
    assert isinstance(command, ngap.PDUSessionResourceReleaseCommand)
    assert [item.pdu_session_id for item in command.pdu_session_resource_to_release_list_rel_cmd] == [1]
    assert len(bench.core.bodies(SMF, "POST", "/sm-contexts")) == 2
