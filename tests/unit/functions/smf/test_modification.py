"""PDU session modification by network and by UE (TS 24.501 clauses 6.3.2 and 6.4.2), and dedicated flows."""

from typing import Any

import pytest

from awase.protocols.nas.causes import FiveGSMCause
from awase.protocols.nas.messages import (
    FiveGSMStatus,
    PDUSessionEstablishmentAccept,
    PDUSessionModificationCommand,
    PDUSessionModificationCommandReject,
    PDUSessionModificationComplete,
    PDUSessionModificationReject,
    PDUSessionModificationRequest,
    PDUSessionReleaseRequest,
)
from awase.protocols.nas.packet_filters import packet_filter
from awase.protocols.nas.session_elements import (
    FiveGSMCapability,
    FlowOperation,
    FlowParameter,
    PacketFilter,
    PacketFilterComponent,
    QosFlowDescription,
    QosRule,
    RuleOperation,
    SessionAmbr,
)
from awase.protocols.ngap.codec import decode_transfer, encode_transfer
from awase.protocols.ngap.elements import Cause, QosFlowAddOrModifyResponseItem, QosFlowWithCauseItem
from awase.protocols.ngap.transfers import (
    PDUSessionResourceModifyRequestTransfer,
    PDUSessionResourceModifyResponseTransfer,
    PDUSessionResourceModifyUnsuccessfulTransfer,
    PDUSessionResourceSetupRequestTransfer,
)
from awase.protocols.pfcp import messages as n4
from unit.functions.smf.fakes import SUPI, Bench, setup_with_failures, unpack

FILTER = "permit out 17 from 10.45.0.1/32 5000 to assigned"
VOICE = {
    "qfi": 2,
    "five_qi": 1,
    "gbr": {"downlink_mbps": 1, "uplink_mbps": 0.5},
    "mbr": {"downlink_mbps": 2, "uplink_mbps": 1},
    "averaging_window_ms": 2000,
    "packet_filters": [FILTER],
    "notify": True,
}
VIDEO = {"qfi": 3, "five_qi": 7, "packet_filters": [FILTER], "reflective": True}


def dnns(*flows: Any) -> list[Any]:
    return [{"name": "internet", "pool": "10.45.0.0/29", "flows": list(flows)}]


def action(at_s: float = 5, **more: Any) -> list[Any]:
    return [{"at_s": at_s, "do": "modify_session", "supi": SUPI, **more}]


def modifications(bench: Bench) -> list[n4.SessionModificationRequest]:
    return [message for message in bench.upf.received if isinstance(message, n4.SessionModificationRequest)]


def n2_response(*failed: int, taken: tuple[int, ...] = (2,)) -> bytes:
    return encode_transfer(
        PDUSessionResourceModifyResponseTransfer(
            qos_flow_add_or_modify_response_list=tuple(
                QosFlowAddOrModifyResponseItem(qos_flow_identifier=qfi) for qfi in taken if qfi not in failed
            ),
            qos_flow_failed_to_add_or_modify_list=tuple(
                QosFlowWithCauseItem(
                    qos_flow_identifier=q, cause=Cause("radioNetwork", "radio-resources-not-available")
                )
                for q in failed
            ),
        )
    )


def complete(bench: Bench, reference: str, pti: int = 0) -> None:
    bench.modify(reference, PDUSessionModificationComplete(pdu_session_id=1, pti=pti))


def command(bench: Bench) -> PDUSessionModificationCommand:
    message = bench.amf.transfers[-1].n1
    assert isinstance(message, PDUSessionModificationCommand)
    return message


# Dedicated flows from the start.


def test_the_flows_of_a_dnn_are_there_from_the_start_at_ue_ng_ran_and_upf() -> None:
    bench = Bench(dnns=dnns(VOICE))
    bench.establish()
    transfer = bench.amf.transfers[0]
    accept = transfer.n1
    assert isinstance(accept, PDUSessionEstablishmentAccept)
    default, voice = accept.authorized_qos_rules
    assert default.default_qos_rule
    assert (voice.identifier, voice.qfi, voice.precedence) == (2, 2, 2)
    assert voice.packet_filters == (packet_filter(1, FILTER),)
    assert accept.authorized_qos_flow_descriptions is not None
    parameters = {p.identifier: p.contents for p in accept.authorized_qos_flow_descriptions[1].parameters}
    # 5QI 1; GFBR 500 and 1000 kbps, MFBR 1000 and 2000 kbps in units of 1 kbps; 2000 ms.
    assert parameters == {
        1: b"\x01",
        2: b"\x01\x01\xf4",
        3: b"\x01\x03\xe8",
        4: b"\x01\x03\xe8",
        5: b"\x01\x07\xd0",
        6: b"\x07\xd0",
    }
    assert transfer.n2 is not None
    request = decode_transfer(PDUSessionResourceSetupRequestTransfer, transfer.n2)
    information = request.qos_flow_setup_request_list[1].qos_flow_level_qos_parameters.gbr_qos_information
    assert information is not None
    assert information.guaranteed_flow_bit_rate_dl == 1_000_000
    assert information.notification_control == "notification-requested"
    (session,) = bench.upf.sessions.values()
    assert [pdr.pdr_id for pdr in session.create_pdr] == [1, 2, 3, 4]
    assert [pdr.precedence for pdr in session.create_pdr] == [255, 255, 2, 2]
    assert session.create_pdr[1].pdi.f_teid == session.create_pdr[3].pdi.f_teid
    assert session.create_pdr[3].pdi.sdf_filter[0].flow_description == FILTER
    assert session.create_qer[1].qfi == 2
    assert session.create_qer[1].gbr is not None
    assert session.create_qer[1].gbr.ul_kbps == 500


def test_all_non_gbr_flows_of_a_session_share_its_ambr() -> None:
    bench = Bench(dnns=dnns(VIDEO))
    bench.establish()
    (session,) = bench.upf.sessions.values()
    assert [qer.qer_id for qer in session.create_qer] == [1, 3, 64]
    assert session.create_qer[1].mbr is None
    assert [pdr.qer_id for pdr in session.create_pdr] == [(1, 64), (1, 64), (3, 64), (3, 64)]


def test_a_ue_with_reflective_qos_derives_the_rule_and_is_told_the_rq_timer() -> None:
    bench = Bench(dnns=dnns(VIDEO), rq_timer_s=60)
    bench.establish(request={"five_gsm_capability": FiveGSMCapability(octets=b"\x01")})
    accept = bench.amf.transfers[0].n1
    assert len(accept.authorized_qos_rules) == 1
    assert accept.rq_timer_value.seconds == 60
    (session,) = bench.upf.sessions.values()
    assert session.create_qer[1].rqi == 1


def test_a_ue_without_reflective_qos_gets_the_rule() -> None:
    bench = Bench(dnns=dnns(VIDEO))
    bench.establish()
    accept = bench.amf.transfers[0].n1
    assert len(accept.authorized_qos_rules) == 2
    assert accept.rq_timer_value is None
    (session,) = bench.upf.sessions.values()
    assert session.create_qer[1].rqi is None


def test_flows_that_ng_ran_does_not_set_up_go_at_upf_and_ue() -> None:
    """TS 23.502 clause 4.3.2.2.1, step 15."""
    bench = Bench(dnns=dnns(VOICE))
    response = bench.answers[bench.create()]
    reference = (response.header("location") or "").rpartition("/")[2]
    assert bench.answers[bench.modify(reference, n2=setup_with_failures(2), kind="PDU_RES_SETUP_RSP")].status == 204
    rules = command(bench).authorized_qos_rules
    assert rules is not None
    assert (rules[0].identifier, rules[0].operation) == (2, RuleOperation.delete_existing_qos_rule)
    assert bench.amf.transfers[-1].n2 is None
    complete(bench, reference)
    assert {row.pdr_id for row in modifications(bench)[-1].remove_pdr} == {3, 4}
    assert bench.event("QosFlowsRefused").subject == SUPI


@pytest.mark.parametrize(
    ("flow", "what"),
    [
        ({**VOICE, "gbr": None}, "needs gbr"),
        ({**VIDEO, "gbr": VOICE["gbr"]}, "non-GBR"),
        ({**VIDEO, "packet_filters": []}, "packet_filters"),
        ({**VIDEO, "packet_filters": ["deny all"]}, "permit out"),
        ({**VIDEO, "packet_filters": ["permit out 17 from 10.45.0.300 to assigned"]}, "no address"),
        ({**VOICE, "mbr": {"downlink_mbps": 0.1, "uplink_mbps": 0.1}}, "below gbr"),
        ({**VIDEO, "mbr": VOICE["gbr"]}, "goes with gbr"),
    ],
)
def test_a_flow_that_cannot_be_is_refused_at_the_start(flow: Any, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        Bench(dnns=dnns(flow), start=False)


# By the network.


def test_the_network_adds_a_flow_uplink_first() -> None:
    bench = Bench(actions=action(flow=VOICE))
    reference = bench.establish()
    bench.advance(6)
    (early,) = modifications(bench)[1:]
    assert [pdr.pdr_id for pdr in early.create_pdr] == [4]
    assert [qer.qer_id for qer in early.create_qer] == [2]
    assert early.create_pdr[0].pdi.f_teid is not None
    assert early.create_pdr[0].pdi.f_teid.teid == 0x1065
    transfer = bench.amf.transfers[-1]
    assert transfer.n2_type == "PDU_RES_MOD_REQ"
    assert transfer.n2 is not None
    request = decode_transfer(PDUSessionResourceModifyRequestTransfer, transfer.n2)
    assert [item.qos_flow_identifier for item in request.qos_flow_add_or_modify_request_list] == [2]
    assert command(bench).pti == 0
    complete(bench, reference)
    assert len(modifications(bench)) == 2
    bench.modify(reference, n2=n2_response(), kind="PDU_RES_MOD_RSP")
    assert [pdr.pdr_id for pdr in modifications(bench)[-1].create_pdr] == [3]
    assert "PduSessionModified" in bench.names()


def test_the_network_changes_the_session_ambr() -> None:
    bench = Bench(actions=action(session_ambr={"downlink_mbps": 10, "uplink_mbps": 5}))
    reference = bench.establish()
    bench.advance(6)
    ambr = command(bench).session_ambr
    assert ambr is not None
    assert (ambr.downlink_bps, ambr.uplink_bps) == (10_000_000, 5_000_000)
    bench.modify(reference, n2=n2_response(), kind="PDU_RES_MOD_RSP")
    complete(bench, reference)
    (update,) = modifications(bench)[-1].update_qer
    assert update.mbr is not None
    assert update.mbr.dl_kbps == 10_000


def test_the_network_removes_a_flow() -> None:
    bench = Bench(dnns=dnns(VOICE), actions=action(remove=2))
    reference = bench.establish()
    bench.advance(6)
    message = command(bench)
    assert message.authorized_qos_flow_descriptions is not None
    assert message.authorized_qos_flow_descriptions[0].operation == FlowOperation.delete_existing_qos_flow_description
    transfer = bench.amf.transfers[-1].n2
    assert transfer is not None
    request = decode_transfer(PDUSessionResourceModifyRequestTransfer, transfer)
    assert [item.qos_flow_identifier for item in request.qos_flow_to_release_list] == [2]
    bench.modify(reference, n2=n2_response(taken=()), kind="PDU_RES_MOD_RSP")
    complete(bench, reference)
    last = modifications(bench)[-1]
    assert {row.pdr_id for row in last.remove_pdr} == {3, 4}
    assert [row.qer_id for row in last.remove_qer] == [2]


def test_the_network_changes_a_flow() -> None:
    changed = {**VOICE, "packet_filters": ["permit out 17 from 10.45.0.1/32 6000 to assigned"]}
    bench = Bench(dnns=dnns(VOICE), actions=action(flow=changed))
    reference = bench.establish()
    bench.advance(6)
    rules = command(bench).authorized_qos_rules
    assert rules is not None
    assert rules[0].operation == RuleOperation.modify_existing_qos_rule_and_replace_all_packet_filters
    bench.modify(reference, n2=n2_response(), kind="PDU_RES_MOD_RSP")
    complete(bench, reference)
    assert {row.pdr_id for row in modifications(bench)[-1].update_pdr} == {3, 4}


def test_a_command_without_answer_is_sent_again_and_given_up_at_the_fifth_expiry() -> None:
    """TS 24.501 clause 6.3.2.5 a)."""
    bench = Bench(actions=action(flow=VOICE))
    reference = bench.establish()
    bench.advance(6)
    first = command(bench)
    bench.modify(reference, n2=n2_response(), kind="PDU_RES_MOD_RSP")
    bench.advance(16 * 4 + 1)
    sent = [transfer.n1 for transfer in bench.amf.transfers if transfer.n1 == first]
    assert len(sent) == 5
    bench.advance(16)
    assert "PduSessionModificationFailed" in bench.names()
    last = modifications(bench)[-1]
    assert [row.pdr_id for row in last.remove_pdr] == [4]
    assert [row.qer_id for row in last.remove_qer] == [2]
    transfer = bench.amf.transfers[-1]
    assert (transfer.n1, transfer.n2_type) == (None, "PDU_RES_MOD_REQ")
    assert len(bench.smf.sessions) == 1


@pytest.mark.parametrize("cause", [26, 44, 45, 83, 84])
def test_a_command_that_the_ue_rejects_is_taken_back(cause: int) -> None:
    bench = Bench(actions=action(flow=VOICE))
    reference = bench.establish()
    bench.advance(6)
    reject = PDUSessionModificationCommandReject(pdu_session_id=1, pti=0, five_gsm_cause=FiveGSMCause(cause))
    bench.modify(reference, reject)
    assert bench.event("PduSessionModificationFailed").fields["cause"] == cause
    assert [row.pdr_id for row in modifications(bench)[-1].remove_pdr] == [4]
    (context,) = bench.smf.sessions.all()
    assert context.flows == ()
    assert context.change is None


def test_a_ue_that_rejects_with_cause_43_has_no_session() -> None:
    bench = Bench(actions=action(flow=VOICE))
    reference = bench.establish()
    bench.advance(6)
    bench.modify(
        reference, PDUSessionModificationCommandReject(pdu_session_id=1, pti=0, five_gsm_cause=FiveGSMCause(43))
    )
    assert len(bench.smf.sessions) == 0
    assert not bench.upf.sessions


def test_a_flow_that_ng_ran_refuses_goes_at_the_ue() -> None:
    bench = Bench(actions=action(flow=VOICE))
    reference = bench.establish()
    bench.advance(6)
    bench.modify(reference, n2=n2_response(2), kind="PDU_RES_MOD_RSP")
    complete(bench, reference)
    rules = command(bench).authorized_qos_rules
    assert rules is not None
    assert rules[0].operation == RuleOperation.delete_existing_qos_rule
    complete(bench, reference)
    (context,) = bench.smf.sessions.all()
    assert context.flows == ()


def refuse(bench: Bench, reference: str) -> None:
    cause = Cause("radioNetwork", "radio-resources-not-available")
    transfer = encode_transfer(PDUSessionResourceModifyUnsuccessfulTransfer(cause=cause))
    bench.modify(reference, n2=transfer, kind="PDU_RES_MOD_FAIL")


def test_what_ng_ran_does_not_take_is_taken_back_at_once() -> None:
    bench = Bench(actions=action(flow=VOICE))
    reference = bench.establish()
    bench.advance(6)
    sent = len(bench.amf.transfers)
    refuse(bench, reference)
    assert "radio-resources-not-available" in bench.event("PduSessionModificationFailed").text
    assert [row.pdr_id for row in modifications(bench)[-1].remove_pdr] == [4]
    bench.advance(100)
    # The UE has seen nothing of it, and NG-RAN has nothing to give back.
    assert len(bench.amf.transfers) == sent
    (context,) = bench.smf.sessions.all()
    assert context.flows == ()


def test_a_ue_that_asked_is_told_that_ng_ran_does_not_take_it() -> None:
    bench = Bench()
    reference = bench.establish()
    bench.modify(reference, wish(five_qi=7))
    refuse(bench, reference)
    reject = bench.amf.transfers[-1].n1
    assert isinstance(reject, PDUSessionModificationReject)
    assert (reject.pti, reject.five_gsm_cause) == (9, FiveGSMCause.insufficient_resources)
    (context,) = bench.smf.sessions.all()
    assert context.flows == ()


def test_a_ue_that_takes_what_ng_ran_does_not_is_told_what_there_is() -> None:
    bench = Bench(actions=action(flow=VOICE))
    reference = bench.establish()
    bench.advance(6)
    refuse(bench, reference)
    complete(bench, reference)
    rules = command(bench).authorized_qos_rules
    assert rules is not None
    assert rules[0].operation == RuleOperation.delete_existing_qos_rule
    complete(bench, reference)
    (context,) = bench.smf.sessions.all()
    assert (context.flows, context.change) == ((), None)


def test_when_ng_ran_takes_nothing_after_the_ue_has_taken_it_the_ue_is_told() -> None:
    bench = Bench(actions=action(flow=VOICE))
    reference = bench.establish()
    bench.advance(6)
    complete(bench, reference)
    refuse(bench, reference)
    assert "QosFlowsRefused" in bench.names()
    complete(bench, reference)
    (context,) = bench.smf.sessions.all()
    assert (context.flows, context.change) == ((), None)


def test_a_5gsm_status_ends_a_modification() -> None:
    bench = Bench(actions=action(flow=VOICE))
    reference = bench.establish()
    bench.advance(6)
    bench.modify(reference, FiveGSMStatus(pdu_session_id=1, pti=0, five_gsm_cause=FiveGSMCause(97)))
    assert bench.event("PduSessionModificationFailed").fields["cause"] == 97


def test_a_release_goes_before_a_modification() -> None:
    bench = Bench(actions=action(flow=VOICE))
    reference = bench.establish()
    bench.advance(6)
    bench.modify(reference, PDUSessionReleaseRequest(pdu_session_id=1, pti=5))
    bench.complete(reference, pti=5)
    bench.advance(200)
    assert len(bench.smf.sessions) == 0
    assert "PduSessionModificationFailed" not in bench.names()


def test_an_idle_ue_gets_the_command_alone() -> None:
    bench = Bench(actions=action(flow=VOICE))
    reference = bench.establish()
    bench.modify(reference, upCnxState="DEACTIVATED")
    bench.amf.cause = "ATTEMPTING_TO_REACH_UE"
    bench.advance(6)
    assert bench.amf.transfers[-1].n2 is None
    complete(bench, reference)
    assert "PduSessionModified" in bench.names()


@pytest.mark.parametrize("cause", [64, 65, 73, 75, 77])
def test_when_the_upf_refuses_nobody_is_asked(cause: int) -> None:
    bench = Bench(actions=action(flow=VOICE))
    bench.establish()
    bench.upf.cause = cause
    before = len(bench.amf.transfers)
    bench.advance(6)
    assert len(bench.amf.transfers) == before
    assert bench.event("PduSessionModificationFailed").subject == SUPI
    (context,) = bench.smf.sessions.all()
    assert (context.flows, context.change) == ((), None)


def test_when_the_amf_does_not_pass_it_on_all_is_as_before() -> None:
    bench = Bench(actions=action(flow=VOICE))
    bench.establish()
    bench.amf.status = 504
    bench.advance(6)
    assert [row.pdr_id for row in modifications(bench)[-1].remove_pdr] == [4]
    (context,) = bench.smf.sessions.all()
    assert context.flows == ()


def test_an_action_without_its_session_is_reported() -> None:
    bench = Bench(actions=action(remove=7))
    bench.advance(6)
    assert bench.event("ActionFailed").config == "actions[0]"


# By the UE.


def wish(qfi: int = 0, five_qi: int = 7, **more: Any) -> PDUSessionModificationRequest:
    rule = QosRule(identifier=0, packet_filters=(packet_filter(1, FILTER),), precedence=20, qfi=qfi)
    fields: dict[str, Any] = {
        "requested_qos_rules": (rule,),
        "requested_qos_flow_descriptions": (QosFlowDescription.create(qfi, five_qi),),
        **more,
    }
    return PDUSessionModificationRequest(pdu_session_id=1, pti=9, **fields)


def test_a_ue_gets_the_flow_that_it_asks_for() -> None:
    bench = Bench()
    reference = bench.establish()
    exchange = bench.modify(reference, wish())
    body, message, transfer = unpack(bench.answers[exchange])
    assert isinstance(message, PDUSessionModificationCommand)
    assert message.pti == 9
    assert message.authorized_qos_rules is not None
    rule = message.authorized_qos_rules[0]
    assert (rule.identifier, rule.qfi, rule.precedence) == (2, 2, 20)
    assert rule.packet_filters == (packet_filter(1, FILTER),)
    assert body["n2SmInfoType"] == "PDU_RES_MOD_REQ"
    assert transfer is not None
    again = bench.modify(reference, wish())
    assert unpack(bench.answers[again])[1] == message
    bench.modify(reference, n2=n2_response(), kind="PDU_RES_MOD_RSP")
    complete(bench, reference, pti=9)
    assert "PduSessionModified" in bench.names()
    (context,) = bench.smf.sessions.all()
    assert context.flows[0].five_qi == 7


def test_a_ue_changes_and_deletes_its_flow() -> None:
    bench = Bench(dnns=dnns(VIDEO))
    reference = bench.establish()
    other = packet_filter(1, "permit out 6 from any 80 to assigned")
    add = RuleOperation.modify_existing_qos_rule_and_add_packet_filters
    rule = QosRule(identifier=3, operation=add, packet_filters=(other,), precedence=30, qfi=3)
    request = PDUSessionModificationRequest(pdu_session_id=1, pti=4, requested_qos_rules=(rule,))
    message = unpack(bench.answers[bench.modify(reference, request)])[1]
    assert len(message.authorized_qos_rules[0].packet_filters) == 2
    bench.modify(reference, n2=n2_response(taken=(3,)), kind="PDU_RES_MOD_RSP")
    complete(bench, reference, pti=4)
    rule = QosRule(identifier=3, operation=RuleOperation.delete_existing_qos_rule)
    request = PDUSessionModificationRequest(pdu_session_id=1, pti=5, requested_qos_rules=(rule,))
    message = unpack(bench.answers[bench.modify(reference, request)])[1]
    assert message.authorized_qos_flow_descriptions[0].qfi == 3
    bench.modify(reference, n2=n2_response(taken=()), kind="PDU_RES_MOD_RSP")
    complete(bench, reference, pti=5)
    (context,) = bench.smf.sessions.all()
    assert context.flows == ()


RATES = SessionAmbr.of_bps(downlink_bps=50_000_000, uplink_bps=50_000_000).encode()
GBR = tuple(FlowParameter(identifier=n, contents=RATES[:3]) for n in (2, 3, 4, 5))
BIG = QosFlowDescription(qfi=0, e=True, parameters=(FlowParameter(identifier=1, contents=b"\x01"), *GBR))
NO_RATES = QosFlowDescription.create(0, 1)


def a_rule(**changes: Any) -> tuple[QosRule, ...]:
    fields = {"identifier": 0, "packet_filters": (packet_filter(1, FILTER),), "precedence": 20, "qfi": 0, **changes}
    return (QosRule(**fields),)


ODD = PacketFilter(identifier=1, components=(PacketFilterComponent(type=129, value=bytes(6)),))


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"requested_qos_rules": None, "requested_qos_flow_descriptions": None}, 32),
        ({"five_qi": 200}, 59),
        ({"requested_qos_flow_descriptions": (BIG,)}, 26),
        ({"requested_qos_flow_descriptions": (NO_RATES,)}, 83),
        ({"requested_qos_flow_descriptions": None}, 83),
        ({"requested_qos_flow_descriptions": (QosFlowDescription(qfi=0, e=True),)}, 84),
        ({"requested_qos_rules": a_rule(packet_filters=())}, 83),
        ({"requested_qos_rules": a_rule(packet_filters=(ODD,))}, 44),
        ({"requested_qos_rules": a_rule(packet_filters=(packet_filter(1, FILTER),) * 2)}, 45),
        ({"requested_qos_rules": a_rule(precedence=255)}, 83),
        ({"requested_qos_rules": a_rule(identifier=1)}, 83),
        ({"requested_qos_rules": a_rule(default_qos_rule=True)}, 83),
        ({"requested_qos_rules": a_rule(operation=RuleOperation.delete_existing_qos_rule, identifier=9)}, 83),
        ({"requested_qos_rules": a_rule(operation=RuleOperation.delete_existing_qos_rule, identifier=1)}, 83),
    ],
)
def test_what_a_ue_cannot_have_is_rejected_with_its_cause(changes: dict[str, Any], cause: int) -> None:
    bench = Bench()
    reference = bench.establish()
    before = len(bench.upf.received)
    exchange = bench.modify(reference, wish(**changes))
    message = unpack(bench.answers[exchange])[1]
    assert isinstance(message, PDUSessionModificationReject)
    assert (message.pti, message.five_gsm_cause) == (9, cause)
    assert len(bench.upf.received) == before


def test_in_congestion_a_modification_is_rejected_with_back_off() -> None:
    bench = Bench(actions=[{"at_s": 1, "do": "congest", "dnn": "internet", "back_off_s": 120}])
    reference = bench.establish()
    bench.advance(2)
    message = unpack(bench.answers[bench.modify(reference, wish())])[1]
    assert isinstance(message, PDUSessionModificationReject)
    assert message.five_gsm_cause == 26
    assert message.back_off_timer_value is not None
    assert message.back_off_timer_value.seconds == 120


def test_a_modification_of_the_ues_that_meets_the_networks_is_ignored() -> None:
    bench = Bench(actions=action(flow=VOICE))
    reference = bench.establish()
    bench.advance(6)
    assert bench.answers[bench.modify(reference, wish())].status == 204


def test_a_complete_with_another_identity_matches_nothing() -> None:
    bench = Bench()
    reference = bench.establish()
    bench.modify(reference, wish())
    exchange = bench.modify(reference, PDUSessionModificationComplete(pdu_session_id=1, pti=77))
    message = unpack(bench.answers[exchange])[1]
    assert isinstance(message, FiveGSMStatus)
    assert message.five_gsm_cause == 47
