"""QoS rules at the UE (TS 24.501 clauses 6.2.5, 6.3.2, 6.4.1.3 and 6.4.2)."""

from typing import Any

import pytest

from awase.functions.ue.qos import RQ_TIMER_S, QosError, SessionQos, facts_of, matches
from awase.model.part import NS_PER_S
from awase.protocols.ip import codec as ip
from awase.protocols.ip import ipv4, ipv6, udp
from awase.protocols.nas import messages as nas
from awase.protocols.nas.causes import FiveGSMCause
from awase.protocols.nas.elements import GprsTimer2, GprsTimer3, RequestType
from awase.protocols.nas.session_elements import (
    FlowOperation,
    FlowParameter,
    PacketFilter,
    PacketFilterComponent,
    PacketFilterDirection,
    QosFlowDescription,
    QosRule,
    RuleOperation,
    SessionAmbr,
    default_qos_rule,
)
from unit.functions.ue.rig import Network

INTERNET = {"dnn": "internet", "slice": {"sst": 1}}
UE, FAR = bytes((10, 45, 0, 2)), bytes((192, 0, 2, 1))
UE6, FAR6 = bytes.fromhex("20010db8") + bytes(11) + b"\x02", bytes.fromhex("20010db8") + bytes(11) + b"\x01"
FLOW = QosFlowDescription.create(2, 8)


def component(kind: int, value: str = "") -> PacketFilterComponent:
    return PacketFilterComponent(type=kind, value=bytes.fromhex(value))


def packet_filter(*components: PacketFilterComponent, number: int = 1, direction: int = 3) -> PacketFilter:
    return PacketFilter(identifier=number, direction=PacketFilterDirection(direction), components=components)


def rule(
    number: int = 2, *filters: PacketFilter, precedence: int | None = 10, qfi: int | None = 2, **more: Any
) -> QosRule:
    return QosRule(
        identifier=number,
        packet_filters=filters or (packet_filter(component(48, "11")),),
        precedence=precedence,
        qfi=qfi,
        **more,
    )


def qos(*rules: QosRule, flows: tuple[QosFlowDescription, ...] = (FLOW,)) -> SessionQos:
    made = SessionQos()
    made.take((default_qos_rule(1), *rules), flows)
    return made


def datagram(source_port: int = 5000, destination_port: int = 6000, source: bytes = UE, far: bytes = FAR) -> bytes:
    return udp.encode_packet(udp.Udp(source_port, destination_port, b"x"), source, far)


ECHO = ip.echo_request(UE, FAR, 1, 1, 84)


@pytest.mark.parametrize(
    ("components", "packet", "fits"),
    [
        ((component(1),), datagram(), True),
        ((component(16, "c0000201ffffffff"),), datagram(), True),
        ((component(16, "c0000200ffffff00"),), datagram(), True),
        ((component(16, "c0000301ffffffff"),), datagram(), False),
        ((component(17, "0a2d0002ffffffff"),), datagram(), True),
        ((component(33, FAR6.hex() + "80"),), datagram(source=UE6, far=FAR6), True),
        ((component(33, "20010db9" + "00" * 12 + "20"),), datagram(source=UE6, far=FAR6), False),
        ((component(35, "20010db8" + "00" * 12 + "20"),), datagram(source=UE6, far=FAR6), True),
        ((component(33, FAR6.hex() + "80"),), datagram(), False),
        ((component(16, "c0000201ffffffff"),), datagram(source=UE6, far=FAR6), False),
        ((component(48, "11"),), datagram(), True),
        ((component(48, "11"),), ECHO, False),
        ((component(64, "1388"),), datagram(), True),
        ((component(64, "1389"),), datagram(), False),
        ((component(65, "13001400"),), datagram(), True),
        ((component(80, "1770"),), datagram(), True),
        ((component(81, "17711772"),), datagram(), False),
        ((component(80, "1770"),), ECHO, False),
        ((component(96, "01020304"),), ipv4.encode(ipv4.Ipv4(UE, FAR, 50, b"\1\2\3\4")), True),
        ((component(96, "01020304"),), datagram(), False),
        ((component(112, "b8fc"),), ipv4.encode(ipv4.Ipv4(UE, FAR, 17, b"", tos=0xBB)), True),
        ((component(112, "b8fc"),), datagram(), False),
        ((component(128, "0abcde"),), ipv6.encode(ipv6.Ipv6(UE6, FAR6, 17, b"", flow_label=0xABCDE)), True),
        ((component(128, "0abcde"),), datagram(), False),
        ((component(135, "0800"),), datagram(), False),
        ((component(48, "11"), component(80, "1770")), datagram(), True),
        ((component(48, "06"), component(80, "1770")), datagram(), False),
    ],
)
def test_a_packet_filter_matches_what_table_9_11_4_13_1_says(
    components: tuple[PacketFilterComponent, ...], packet: bytes, fits: bool
) -> None:
    facts = facts_of(packet)
    assert facts is not None
    assert matches(packet_filter(*components), facts) == fits


def test_the_rule_of_the_lowest_precedence_value_that_matches_counts() -> None:
    session = qos(
        rule(2, packet_filter(component(48, "11")), precedence=20, qfi=2),
        rule(3, packet_filter(component(80, "1770")), precedence=10, qfi=3),
        flows=(FLOW, QosFlowDescription.create(3, 7)),
    )
    assert session.qfi_of(datagram(), 0) == 3
    assert session.qfi_of(datagram(5000, 6001), 0) == 2
    assert session.qfi_of(ECHO, 0) == 1
    assert session.qfi_of(b"no packet", 0) == 1


def test_a_filter_for_downlink_only_is_not_for_uplink() -> None:
    session = qos(rule(2, packet_filter(component(1), direction=1)))
    assert session.qfi_of(datagram(), 0) == 1


def test_with_nothing_but_the_default_rule_no_packet_is_looked_into() -> None:
    assert qos().qfi_of(b"", 0) == 0


@pytest.mark.parametrize(
    ("rules", "flows", "cause"),
    [
        # Semantic errors in QoS operations.
        ((default_qos_rule(1, 9),), (), 83),
        ((rule(1, operation=RuleOperation.delete_existing_qos_rule),), (), 84),
        ((QosRule(identifier=1, operation=RuleOperation.delete_existing_qos_rule),), (), 83),
        ((rule(2, precedence=255),), (FLOW,), 83),
        ((rule(7, operation=RuleOperation.modify_existing_qos_rule_and_add_packet_filters),), (), 83),
        (
            (QosRule(identifier=1, operation=RuleOperation(6), precedence=255, qfi=5),),
            (),
            83,
        ),
        # Syntactical ones.
        ((QosRule(identifier=2, precedence=1, qfi=2),), (FLOW,), 84),
        ((rule(0),), (FLOW,), 84),
        ((rule(2, operation=RuleOperation(7)),), (FLOW,), 84),
        ((rule(2, precedence=None, qfi=None),), (FLOW,), 84),
        ((), (QosFlowDescription(qfi=2, e=True),), 84),
        ((), (QosFlowDescription(qfi=2, operation=FlowOperation(3)),), 83),
        ((), (QosFlowDescription(qfi=0, e=True, parameters=FLOW.parameters),), 84),
        ((), (QosFlowDescription(qfi=2, operation=FlowOperation(2), parameters=FLOW.parameters),), 84),
        ((), (QosFlowDescription(qfi=2, operation=FlowOperation(5), parameters=FLOW.parameters),), 84),
        ((), (QosFlowDescription.create(2, 1),), 84),
        # Packet filters.
        ((rule(2, packet_filter(component(48, "11")), packet_filter(component(48, "06"))),), (FLOW,), 45),
        ((rule(2, packet_filter()),), (FLOW,), 45),
        ((rule(2, packet_filter(component(48, "11"), component(48, "11"))),), (FLOW,), 45),
        ((rule(2, packet_filter(component(200, "11"))),), (FLOW,), 45),
        ((rule(2, packet_filter(component(33, "00" * 16 + "81"))),), (FLOW,), 45),
        ((rule(2, packet_filter(component(80, "1770"), component(81, "00010002"))),), (FLOW,), 44),
        ((rule(2, packet_filter(component(1), component(48, "11"))),), (FLOW,), 44),
        ((rule(2, packet_filter(component(16, "00" * 8), component(33, "00" * 17))),), (FLOW,), 44),
    ],
)
def test_what_clause_6_3_2_4_calls_an_error_is_refused_as_a_whole(
    rules: tuple[QosRule, ...], flows: tuple[QosFlowDescription, ...], cause: int
) -> None:
    session = qos(flows=())
    before = session.rules, session.flows
    with pytest.raises(QosError) as caught:
        session.take(rules, flows)
    assert caught.value.cause == cause
    assert (session.rules, session.flows) == before


def test_rules_are_created_anew_modified_and_deleted() -> None:
    session = qos(rule(2))
    add = rule(2, packet_filter(component(80, "1770"), number=2), operation=RuleOperation(3), precedence=None, qfi=None)
    session.take((add,), None)
    changed = session.rule(2)
    assert changed is not None
    assert ([f.identifier for f in changed.packet_filters], changed.precedence, changed.qfi) == ([1, 2], 10, 2)
    deleted = PacketFilter(identifier=1, direction=None)
    session.take((QosRule(identifier=2, operation=RuleOperation(5), packet_filters=(deleted,)),), None)
    session.take((QosRule(identifier=2, operation=RuleOperation(6), precedence=30, qfi=2),), None)
    changed = session.rule(2)
    assert changed is not None
    assert ([f.identifier for f in changed.packet_filters], changed.precedence) == ([2], 30)
    session.take((rule(2, operation=RuleOperation(4)),), None)
    assert session.rule(2) is not None
    with pytest.raises(QosError):
        session.take((QosRule(identifier=2, operation=RuleOperation(5), packet_filters=(deleted,)),), None)
    session.take(
        (QosRule(identifier=2, operation=RuleOperation(2)), QosRule(identifier=9, operation=RuleOperation(2))), None
    )
    assert session.rule(2) is None


def test_flow_descriptions_are_modified_and_deleted() -> None:
    session = qos()
    rate = FlowParameter(identifier=4, contents=b"\1\0\x40")
    session.take(None, (QosFlowDescription(qfi=2, operation=FlowOperation(3), parameters=(rate,)),))
    flow = session.flow(2)
    assert flow is not None
    assert [p.identifier for p in flow.parameters] == [1, 4]
    session.take(None, (QosFlowDescription(qfi=2, operation=FlowOperation(3), e=True, parameters=FLOW.parameters),))
    assert session.flow(2) == FLOW
    session.take(None, (QosFlowDescription(qfi=2, operation=FlowOperation(2)),))
    assert session.flow(2) is None


def test_a_packet_with_rqi_derives_the_rule_of_its_answer_until_the_rq_timer_expires() -> None:
    session = qos()
    down = datagram(6000, 5000, FAR, UE)
    session.reflect(down, 5, 0)
    assert session.qfi_of(datagram(), NS_PER_S) == 5
    assert session.qfi_of(datagram(5001), NS_PER_S) == 1
    session.reflect(down, 6, 50 * NS_PER_S)
    assert session.qfi_of(datagram(), (50 + RQ_TIMER_S) * NS_PER_S - 1) == 6
    assert session.qfi_of(datagram(), (50 + RQ_TIMER_S) * NS_PER_S) == 1
    session.reflect(b"no packet", 5, 0)


def test_a_derived_rule_has_precedence_80_and_a_deactivated_rq_timer_never_expires() -> None:
    session = qos(
        rule(2, packet_filter(component(80, "1770")), precedence=79, qfi=2),
        rule(3, packet_filter(component(48, "11")), precedence=81, qfi=3),
        flows=(FLOW, QosFlowDescription.create(3, 7)),
    )
    session.rq_timer_s = None
    session.reflect(datagram(6000, 5000, FAR, UE), 5, 0)
    session.reflect(datagram(6001, 5000, FAR, UE), 5, 0)
    assert session.qfi_of(datagram(), 10**18) == 2
    assert session.qfi_of(datagram(5000, 6001), 10**18) == 5


def test_derived_rules_are_bounded() -> None:
    session = qos()
    for port in range(1, 1000):
        session.reflect(datagram(6000, port, FAR, UE), 5, 0)
    assert session.qfi_of(datagram(1, 6000), 1) == 1
    assert session.qfi_of(datagram(999, 6000), 1) == 5


# With the network.


def modify(network: Network, **elements: Any) -> None:
    network.send_session(nas.PDUSessionModificationCommand(pdu_session_id=1, pti=0, **elements))
    network.deliver()


def test_the_networks_modification_changes_rules_ambr_and_timer_and_uplink_goes_by_them() -> None:
    traffic = [
        {"udp": {"rate_mbps": 0.02, "size_bytes": 250, "port": 5000}, "at_s": 3},
        {"ping": {"count": 1}, "at_s": 3},
    ]
    network = Network(sessions=[INTERNET], traffic=traffic)
    network.marked = True
    network.run(2)
    modify(
        network,
        authorized_qos_rules=(rule(2, packet_filter(component(64, "1388"))),),
        authorized_qos_flow_descriptions=(FLOW,),
        session_ambr=SessionAmbr.of_bps(downlink_bps=10**6, uplink_bps=10**6),
        rq_timer_value=GprsTimer2(0, 5),
    )
    assert len(network.all(nas.PDUSessionModificationComplete)) == 1
    assert network.event("SessionModified").fields["rules"] == 2
    network.run(4)
    assert network.qfis.count(2) == 10
    assert network.qfis.count(1) == 1
    session = network.ue.context.sessions[1]
    assert (session.uplink_bps, session.qos.rq_timer_s) == (10**6, 10)


def test_a_modification_that_is_wrong_is_rejected_and_changes_nothing() -> None:
    network = Network(sessions=[INTERNET]).run(2)
    modify(
        network,
        authorized_qos_rules=(rule(2, precedence=255),),
        session_ambr=SessionAmbr.of_bps(downlink_bps=10**6, uplink_bps=10**6),
    )
    (reject,) = network.all(nas.PDUSessionModificationCommandReject)
    assert (reject.five_gsm_cause, reject.pti) == (83, 0)
    assert network.ue.context.sessions[1].uplink_bps == 10**9
    assert "same precedence" in network.event("SessionModificationRefused").text


def test_a_session_whose_rules_are_wrong_is_released_with_their_cause() -> None:
    network = Network(sessions=[INTERNET])
    network.session_extra["authorized_qos_rules"] = (default_qos_rule(1), default_qos_rule(1, 2, 9))
    network.run(2)
    (request,) = network.all(nas.PDUSessionReleaseRequest)
    assert request.five_gsm_cause == 83
    assert network.ue.context.sessions == {}


def test_rqi_on_the_air_derives_a_rule() -> None:
    network = Network(sessions=[INTERNET]).run(2)
    assert network.all(nas.PDUSessionEstablishmentRequest)[0].five_gsm_capability.reflective_qos
    # The gNB marks only after the UE has, from which it knows one of ours.
    network.marked = True
    network.broadcast()
    network.run(1)
    network.serve()
    network.release()
    network.page()
    network.run(1)
    network.link.send_data(network.sti, 1, datagram(6000, 5000, FAR, UE), qfi=9, rqi=True)
    network.run(1)
    session = network.ue.context.sessions[1]
    assert session.qos.qfi_of(datagram(), network.now_ns) == 9


ACTION = {"at_s": 3, "do": "modify_session", "flow": {"five_qi": 1, "gfbr_uplink_kbps": 64, "gfbr_downlink_kbps": 64}}


def test_the_ue_asks_for_a_flow_and_gets_it() -> None:
    action = {**ACTION, "flow": {**ACTION["flow"], "destination": "192.0.2.1", "protocol": 17, "port": 6000}}  # type: ignore[dict-item]
    network = Network(sessions=[INTERNET], actions=[action])
    network.answers[nas.PDUSessionModificationRequest] = lambda m: network.send_session(
        nas.PDUSessionModificationCommand(
            pdu_session_id=1,
            pti=m.pti,
            authorized_qos_rules=(rule(2, *m.requested_qos_rules[0].packet_filters),),
            authorized_qos_flow_descriptions=(FLOW,),
        )
    )
    network.run(4)
    (request,) = network.all(nas.PDUSessionModificationRequest)
    (asked,) = request.requested_qos_rules
    assert (asked.identifier, asked.qfi) == (0, 0)
    assert [c.type for c in asked.packet_filters[0].components] == [16, 48, 80]
    assert [p.identifier for p in request.requested_qos_flow_descriptions[0].parameters] == [1, 2, 3, 4, 5]
    assert network.all(nas.ULNASTransport)[1].request_type == RequestType.modification_request
    (complete,) = network.all(nas.PDUSessionModificationComplete)
    assert complete.pti == request.pti
    assert network.ue.context.sessions[1].qos.qfi_of(datagram(), 0) == 2


def test_when_a_modification_is_not_answered_then_t3581_repeats_it_five_times_and_nothing_changes() -> None:
    network = Network(sessions=[INTERNET], actions=[ACTION]).run(90)
    assert len(network.all(nas.PDUSessionModificationRequest)) == 5
    assert "got no answer" in network.event("SessionModificationRejected").text
    assert network.ue.context.sessions[1].state.value == "PDU SESSION ACTIVE"


def test_a_rejected_modification_is_told_and_43_ends_the_session() -> None:
    for cause, sessions in ((59, 1), (43, 0)):
        network = Network(sessions=[INTERNET], actions=[ACTION])
        network.answers[nas.PDUSessionModificationRequest] = lambda m, n=network, c=cause: n.send_session(
            nas.PDUSessionModificationReject(pdu_session_id=1, pti=m.pti, five_gsm_cause=FiveGSMCause(c))
        )
        network.run(4)
        assert network.event("SessionModificationRejected").fields["cause"] == cause
        assert len(network.ue.context.sessions) == sessions


def test_the_networks_own_modification_goes_before_the_ues() -> None:
    network = Network(sessions=[INTERNET], actions=[ACTION]).run(4)
    modify(network, authorized_qos_rules=(rule(2),), authorized_qos_flow_descriptions=(FLOW,))
    assert len(network.all(nas.PDUSessionModificationComplete)) == 1
    network.run(60)
    assert len(network.all(nas.PDUSessionModificationRequest)) == 1


def test_a_release_by_the_network_goes_before_the_ues_modification() -> None:
    network = Network(sessions=[INTERNET], actions=[ACTION]).run(4)
    network.send_session(
        nas.PDUSessionReleaseCommand(pdu_session_id=1, pti=0, five_gsm_cause=FiveGSMCause.regular_deactivation)
    )
    network.run(60)
    assert len(network.all(nas.PDUSessionReleaseComplete)) == 1
    assert len(network.all(nas.PDUSessionModificationRequest)) == 1
    assert network.ue.context.sessions == {}


def test_reactivation_of_a_session_of_ssc_mode_3_brings_another_beside_it() -> None:
    network = Network(sessions=[{**INTERNET, "ssc_mode": 3}]).run(2)
    assert network.all(nas.PDUSessionEstablishmentRequest)[0].ssc_mode == 3
    modify(network, five_gsm_cause=FiveGSMCause.reactivation_requested)
    network.run(1)
    assert sorted(network.ue.context.sessions) == [1, 2]


# Back-off.


def refuse(network: Network, cause: int, **elements: Any) -> None:
    network.answers[nas.PDUSessionEstablishmentRequest] = lambda m: network.send_session(
        nas.PDUSessionEstablishmentReject(
            pdu_session_id=m.pdu_session_id, pti=m.pti, five_gsm_cause=FiveGSMCause(cause), **elements
        )
    )


@pytest.mark.parametrize(
    ("cause", "timer", "again_s"),
    [
        (26, GprsTimer3(3, 10), 20),
        (67, GprsTimer3(3, 10), 20),
        (69, GprsTimer3(3, 10), 20),
        (27, GprsTimer3(3, 10), 20),
        (27, None, 720),
        (8, None, 720),
        (29, None, 720),
        (33, None, 720),
        (32, GprsTimer3(4, 2), 60),
    ],
)
def test_a_refused_session_is_asked_for_again_after_its_back_off_timer(
    cause: int, timer: GprsTimer3 | None, again_s: int
) -> None:
    network = Network(sessions=[INTERNET])
    refuse(network, cause, back_off_timer_value=timer)
    network.run(again_s - 1)
    assert len(network.all(nas.PDUSessionEstablishmentRequest)) == 1
    network.answers[nas.PDUSessionEstablishmentRequest] = network.accept_session
    network.run(3)
    assert list(network.ue.context.sessions) == [1]


@pytest.mark.parametrize("cause", [26, 28, 46, 54, 68])
def test_a_deactivated_timer_or_a_cause_for_good_keeps_the_ue_away(cause: int) -> None:
    again = {"at_s": 5000, "do": "establish_session"}
    network = Network(sessions=[INTERNET], actions=[again])
    refuse(network, cause, back_off_timer_value=GprsTimer3(7, 0) if cause == 26 else None)
    network.run(6000)
    assert len(network.all(nas.PDUSessionEstablishmentRequest)) == 1
    assert "until it is switched off" in network.event("SessionHeldBack").text


@pytest.mark.parametrize(("cause", "held"), [(26, {1, 3}), (67, {1}), (69, {1, 2})])
def test_t3396_is_for_a_dnn_t3584_for_a_dnn_in_a_slice_t3585_for_a_slice(cause: int, held: set[int]) -> None:
    sessions = [INTERNET, {"dnn": "ims", "slice": {"sst": 1}}, {"dnn": "internet", "slice": {"sst": 2}}]
    actions = [{"at_s": 3, "do": "establish_session", "session": i} for i in (1, 2, 3)]
    network = Network(sessions=[{**s, "requested": i == 0} for i, s in enumerate(sessions)], actions=actions)
    refuse(network, cause, back_off_timer_value=GprsTimer3(5, 10))
    network.run(2)
    network.answers[nas.PDUSessionEstablishmentRequest] = network.accept_session
    network.run(2)
    assert set(network.ue.context.sessions) == {1, 2, 3} - held


def test_zero_allows_another_try_at_once() -> None:
    network = Network(sessions=[INTERNET], actions=[{"at_s": 3, "do": "establish_session"}])
    refuse(network, 26, back_off_timer_value=GprsTimer3(3, 0))
    network.run(2)
    network.answers[nas.PDUSessionEstablishmentRequest] = network.accept_session
    network.run(2)
    assert list(network.ue.context.sessions) == [1]


def test_a_release_by_the_network_for_another_reason_ends_t3396() -> None:
    sessions = [INTERNET, {**INTERNET, "requested": False}]
    actions = [
        {"at_s": 3, "do": "establish_session", "session": 2},
        {"at_s": 5, "do": "establish_session", "session": 2},
    ]
    network = Network(sessions=sessions, actions=actions).run(2)
    refuse(network, 26, back_off_timer_value=GprsTimer3(5, 10))
    network.run(2)
    network.send_session(
        nas.PDUSessionReleaseCommand(pdu_session_id=1, pti=0, five_gsm_cause=FiveGSMCause.regular_deactivation)
    )
    network.answers[nas.PDUSessionEstablishmentRequest] = network.accept_session
    network.run(2)
    assert list(network.ue.context.sessions) == [2]


@pytest.mark.parametrize(("cause", "again_s"), [(22, 20), (67, 20), (69, 20), (91, 720)])
def test_a_request_that_the_amf_does_not_forward_backs_off_likewise(cause: int, again_s: int) -> None:
    from awase.protocols.nas.causes import FiveGMMCause

    timer = None if cause == 91 else GprsTimer3(3, 10)
    network = Network(sessions=[INTERNET])
    network.answers[nas.PDUSessionEstablishmentRequest] = lambda m: network.send_session(
        m, five_gmm_cause=FiveGMMCause(cause), back_off_timer_value=timer
    )
    network.run(again_s - 1)
    assert len(network.all(nas.PDUSessionEstablishmentRequest)) == 1
    network.run(3)
    assert len(network.all(nas.PDUSessionEstablishmentRequest)) == 2


def test_the_maximum_number_of_sessions_holds_until_one_is_released() -> None:
    from awase.protocols.nas.causes import FiveGMMCause

    actions = [
        {"at_s": 3, "do": "establish_session", "session": 2},
        {"at_s": 4, "do": "update_registration"},
        {"at_s": 6, "do": "release_session", "session": 1},
        {"at_s": 8, "do": "update_registration"},
    ]
    network = Network(sessions=[INTERNET, {**INTERNET, "dnn": "ims"}], actions=actions)
    full = lambda m: network.send_session(m, five_gmm_cause=FiveGMMCause(65))  # noqa: E731
    network.answers[nas.PDUSessionEstablishmentRequest] = lambda m: (
        network.accept_session(m) if m.pdu_session_id == 1 else full(m)
    )
    network.run(2)
    network.answers[nas.RegistrationRequest] = network.accept_registration
    assert len(network.all(nas.PDUSessionEstablishmentRequest)) == 2
    network.run(3)
    assert len(network.all(nas.PDUSessionEstablishmentRequest)) == 3
    network.answers[nas.PDUSessionEstablishmentRequest] = network.accept_session
    network.run(6)
    assert list(network.ue.context.sessions) == [2]


@pytest.mark.parametrize(("asked", "cause", "then"), [("ipv4v6", 50, 1), ("ipv4v6", 51, 2), ("ipv6", 50, 1)])
def test_where_one_version_alone_is_allowed_it_is_asked_for(asked: str, cause: int, then: int) -> None:
    network = Network(sessions=[{**INTERNET, "type": asked}])
    refuse(network, cause)
    network.run(2)
    types = [int(m.pdu_session_type) for m in network.all(nas.PDUSessionEstablishmentRequest)]
    assert types[1] == then
    assert len(types) == 2


def test_a_data_network_that_wants_authentication_is_refused_by_a_nak() -> None:
    network = Network(sessions=[INTERNET])
    network.answers[nas.PDUSessionEstablishmentRequest] = lambda m: network.send_session(
        nas.PDUSessionAuthenticationCommand(
            pdu_session_id=m.pdu_session_id, pti=0, eap_message=bytes.fromhex("0105000604aa")
        )
    )
    network.run(2)
    (complete,) = network.all(nas.PDUSessionAuthenticationComplete)
    assert complete.eap_message.hex() == "020500060300"
    assert "wants" in network.event("SecondaryAuthenticationRefused").text
    network.send_session(
        nas.PDUSessionEstablishmentReject(
            pdu_session_id=1, pti=1, five_gsm_cause=FiveGSMCause(29), eap_message=bytes.fromhex("04050004")
        )
    )
    network.run(1)
    assert network.event("SessionRejected").fields["cause"] == 29
