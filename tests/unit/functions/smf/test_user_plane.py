"""Idle and back (TS 23.502 clauses 4.2.3.3, 4.2.6), path switch, and what NG-RAN notifies."""

import pytest

from awase.model.part import Packet
from awase.protocols.gtpu import codec as gtpu
from awase.protocols.gtpu.messages import EchoRequest, EchoResponse, ErrorIndication, GPdu
from awase.protocols.nas.messages import PDUSessionModificationCommand, PDUSessionReleaseCommand
from awase.protocols.ngap.codec import decode_transfer, encode_transfer
from awase.protocols.ngap.elements import (
    AssociatedQosFlowItem,
    Cause,
    GTPTunnel,
    QosFlowAcceptedItem,
    QosFlowNotifyItem,
    QosFlowPerTNLInformation,
    QosFlowWithCauseItem,
)
from awase.protocols.ngap.transfers import (
    PathSwitchRequestTransfer,
    PathSwitchRequestUnsuccessfulTransfer,
    PDUSessionResourceModifyConfirmTransfer,
    PDUSessionResourceModifyIndicationTransfer,
    PDUSessionResourceNotifyReleasedTransfer,
    PDUSessionResourceNotifyTransfer,
)
from awase.protocols.pfcp import codec as pfcp
from awase.protocols.pfcp import messages as n4
from awase.protocols.pfcp.elements import ApplyAction, Interface, NodeId, PfcpSmReqFlags, ReportType, UpFunctionFeature
from unit.functions.smf.fakes import SUPI, UPF, Bench, Upf, setup_unsuccessful, unpack

FLOW = {
    "qfi": 2,
    "five_qi": 1,
    "gbr": {"downlink_mbps": 1, "uplink_mbps": 0.5},
    "packet_filters": ["permit out 17 from 10.45.0.1 5000 to assigned"],
}
DNNS = [{"name": "internet", "pool": "10.45.0.0/29", "flows": [FLOW]}]


def idle(bench: Bench, reference: str) -> None:
    exchange = bench.modify(reference, upCnxState="DEACTIVATED")
    assert unpack(bench.answers[exchange])[0] == {"upCnxState": "DEACTIVATED"}


def downlink_data(bench: Bench) -> None:
    report = n4.DownlinkDataReport(pdr_id=(1,))
    bench.report(n4.SessionReportRequest(report_type=ReportType.DLDR, downlink_data_report=report))


def last_modification(bench: Bench) -> n4.SessionModificationRequest:
    found = [message for message in bench.upf.received if isinstance(message, n4.SessionModificationRequest)]
    return found[-1]


def test_after_an_release_the_upf_buffers_and_tells_of_what_waits() -> None:
    bench = Bench(buffered_packets=9)
    reference = bench.establish()
    idle(bench, reference)
    request = last_modification(bench)
    assert request.update_far[0].apply_action == ApplyAction.BUFF | ApplyAction.NOCP
    assert request.create_bar == n4.CreateBar(bar_id=1, suggested_buffering_packets_count=9)
    bench.modify(reference, upCnxState="ACTIVATING")
    bench.setup_response(reference, 8)
    idle(bench, reference)
    assert last_modification(bench).create_bar is None


def test_downlink_data_has_the_amf_reach_the_ue_once() -> None:
    bench = Bench()
    reference = bench.establish()
    idle(bench, reference)
    before = len(bench.amf.transfers)
    bench.amf.cause = "ATTEMPTING_TO_REACH_UE"
    downlink_data(bench)
    downlink_data(bench)
    (transfer,) = bench.amf.transfers[before:]
    assert transfer.n1 is None
    assert transfer.n2_type == "PDU_RES_SETUP_REQ"
    assert transfer.body["5qi"] == 7
    assert transfer.body["arp"] == {"priorityLevel": 3, "preemptCap": "NOT_PREEMPT", "preemptVuln": "PREEMPTABLE"}
    assert transfer.body["n1n2FailureTxfNotifURI"].endswith(f"/sm-contexts/{reference}/n1-n2-failure")
    bench.modify(reference, upCnxState="ACTIVATING")
    assert bench.answers[bench.setup_response(reference, 9)].status == 204
    far = last_modification(bench).update_far[0]
    assert far.apply_action == ApplyAction.FORW
    assert far.update_forwarding_parameters is not None
    assert far.update_forwarding_parameters.outer_header_creation is not None
    assert far.update_forwarding_parameters.outer_header_creation.teid == 9
    idle(bench, reference)
    downlink_data(bench)
    assert len(bench.amf.transfers) == before + 2


def test_resources_that_ng_ran_holds_and_we_do_not_know_of_are_released() -> None:
    bench = Bench()
    reference = bench.establish()
    idle(bench, reference)
    bench.modify(reference, upCnxState="ACTIVATING")
    failure = setup_unsuccessful("radioNetwork", "multiple-PDU-session-ID-instances")
    assert bench.answers[bench.modify(reference, n2=failure, kind="PDU_RES_SETUP_FAIL")].status == 204
    assert bench.amf.transfers[-1].n2_type == "PDU_RES_REL_CMD"
    downlink_data(bench)
    assert bench.amf.transfers[-1].n2_type == "PDU_RES_SETUP_REQ"


def test_resources_that_were_asked_for_twice_stay() -> None:
    bench = Bench()
    reference = bench.establish()
    idle(bench, reference)
    bench.modify(reference, upCnxState="ACTIVATING")
    bench.setup_response(reference, 8)
    before = len(bench.amf.transfers), len(bench.upf.received)
    failure = setup_unsuccessful("radioNetwork", "multiple-PDU-session-ID-instances")
    assert bench.answers[bench.modify(reference, n2=failure, kind="PDU_RES_SETUP_FAIL")].status == 204
    assert (len(bench.amf.transfers), len(bench.upf.received)) == before


def test_when_the_ue_is_not_reached_what_waits_is_dropped_and_the_next_packet_is_told_of() -> None:
    bench = Bench()
    reference = bench.establish()
    idle(bench, reference)
    bench.amf.cause = "ATTEMPTING_TO_REACH_UE"
    downlink_data(bench)
    path = bench.amf.transfers[-1].body["n1n2FailureTxfNotifURI"].partition("://")[2].partition("/")[2]
    body = {"cause": "UE_NOT_RESPONDING", "n1n2MsgDataUri": "http://10.0.0.3:8080/x"}
    assert bench.answers[bench.ask("POST", "/" + path, body)].status == 204
    request = last_modification(bench)
    assert request.pfcpsm_req_flags == PfcpSmReqFlags.DROBU
    assert request.update_far[0].apply_action == ApplyAction.BUFF | ApplyAction.NOCP
    assert bench.event("UeNotReached").subject == SUPI
    before = len(bench.amf.transfers)
    downlink_data(bench)
    assert len(bench.amf.transfers) == before + 1


def test_a_failure_notification_about_nothing_is_not_found() -> None:
    bench = Bench()
    body = {"cause": "UE_NOT_RESPONDING", "n1n2MsgDataUri": "x"}
    exchange = bench.ask("POST", "/nsmf-callback/v1/sm-contexts/99/n1-n2-failure", body)
    assert bench.answers[exchange].status == 404


@pytest.mark.parametrize(("status", "cause"), [(504, "UE_NOT_REACHABLE"), (403, "UE_IN_NON_ALLOWED_AREA")])
def test_when_the_amf_cannot_reach_the_ue_what_waits_is_dropped(status: int, cause: str) -> None:
    bench = Bench()
    idle(bench, bench.establish())
    bench.amf.status, bench.amf.cause = status, cause
    downlink_data(bench)
    assert last_modification(bench).pfcpsm_req_flags == PfcpSmReqFlags.DROBU
    assert len(bench.smf.sessions) == 1


def test_while_the_amf_is_busy_with_the_ue_it_is_asked_again() -> None:
    bench = Bench()
    idle(bench, bench.establish())
    before = len(bench.amf.transfers)
    bench.amf.status, bench.amf.cause = 409, "TEMPORARY_REJECT_REGISTRATION_ONGOING"
    downlink_data(bench)
    bench.amf.status, bench.amf.cause = 200, "ATTEMPTING_TO_REACH_UE"
    bench.advance(3)
    assert len(bench.amf.transfers) == before + 2
    assert "UeNotReached" not in bench.names()


def test_a_ue_that_the_amf_has_lost_loses_its_session() -> None:
    bench = Bench()
    idle(bench, bench.establish())
    bench.amf.status, bench.amf.cause = 404, "CONTEXT_NOT_FOUND"
    downlink_data(bench)
    assert len(bench.smf.sessions) == 0
    assert not bench.upf.sessions
    assert not bench.udm.registered


def test_where_the_smf_buffers_packets_wait_here_and_go_out_in_order() -> None:
    """TS 23.501 clause 5.8.3."""
    upf = Upf(UPF)
    upf.features = (UpFunctionFeature.FTUP, UpFunctionFeature.BUCP)
    bench = Bench(upfs=(upf,), buffering="smf", buffered_packets=3)
    reference = bench.establish()
    idle(bench, reference)
    far = last_modification(bench).update_far[0]
    assert far.apply_action == ApplyAction.FORW
    parameters = far.update_forwarding_parameters
    assert parameters is not None
    assert parameters.destination_interface == Interface.CP_FUNCTION
    assert parameters.outer_header_creation is not None
    teid = parameters.outer_header_creation.teid
    assert teid is not None
    before = len(bench.amf.transfers)
    bench.amf.cause = "ATTEMPTING_TO_REACH_UE"
    for n in range(5):
        bench.receive(Packet("n4u", f"{UPF}:2152", gtpu.encode(GPdu(teid=teid, payload=bytes((n,))))))
        bench.pump()
    assert len(bench.amf.transfers) == before + 1
    assert bench.names().count("BufferFull") == 2
    bench.modify(reference, upCnxState="ACTIVATING")
    bench.setup_response(reference, 9)
    sent = [gtpu.decode(packet.payload) for packet in bench.user_packets]  # type: ignore[arg-type]
    assert [message.payload for message in sent if isinstance(message, GPdu)] == [b"\0", b"\1", b"\2"]
    assert {message.teid for message in sent} == {0x3065}
    assert bench.user_packets[0].peer == f"{UPF}:2152"


def test_n4_u_answers_echo_and_refuses_what_it_does_not_know() -> None:
    bench = Bench()
    for octets in (
        gtpu.encode(EchoRequest(sequence_number=5)),
        gtpu.encode(GPdu(teid=77, payload=b"x")),
        b"rubbish",
    ):
        bench.receive(Packet("n4u", f"{UPF}:2152", octets))
    bench.pump()
    first, second = (gtpu.decode(packet.payload) for packet in bench.user_packets)  # type: ignore[arg-type]
    assert isinstance(first, EchoResponse)
    assert isinstance(second, ErrorIndication)
    assert bench.event("MalformedPacket").level == "warning"


# Path switch (TS 23.502 clause 4.9.1.2.2).


def path_switch_transfer(*qfis: int) -> bytes:
    return encode_transfer(
        PathSwitchRequestTransfer(
            dl_ngu_up_tnl_information=GTPTunnel(transport_layer_address="10.0.0.10", gtp_teid=44),
            qos_flow_accepted_list=tuple(QosFlowAcceptedItem(qos_flow_identifier=qfi) for qfi in qfis),
        )
    )


def test_a_path_switch_ends_the_old_path_with_an_end_marker() -> None:
    bench = Bench()
    reference = bench.establish()
    exchange = bench.modify(reference, n2=path_switch_transfer(1), kind="PATH_SWITCH_REQ", toBeSwitched=True)
    body, _, octets = unpack(bench.answers[exchange])
    assert body["n2SmInfoType"] == "PATH_SWITCH_REQ_ACK"
    assert octets is not None
    parameters = last_modification(bench).update_far[0].update_forwarding_parameters
    assert parameters is not None
    assert parameters.pfcpsm_req_flags == PfcpSmReqFlags.SNDEM
    assert parameters.outer_header_creation is not None
    assert (parameters.outer_header_creation.teid, parameters.outer_header_creation.ipv4_address) == (44, "10.0.0.10")


def test_a_target_that_does_not_take_the_default_flow_is_refused_and_nothing_changes() -> None:
    bench = Bench()
    reference = bench.establish()
    before = len(bench.upf.received)
    exchange = bench.modify(reference, n2=path_switch_transfer(5), kind="PATH_SWITCH_REQ")
    assert bench.answers[exchange].status == 403
    body, _, octets = unpack(bench.answers[exchange])
    assert body["n2SmInfoType"] == "PATH_SWITCH_REQ_FAIL"
    assert octets is not None
    cause = decode_transfer(PathSwitchRequestUnsuccessfulTransfer, octets).cause
    assert cause == Cause("radioNetwork", "invalid-qos-combination")
    assert len(bench.upf.received) == before


def test_a_path_switch_that_the_upf_refuses_is_refused() -> None:
    bench = Bench()
    reference = bench.establish()
    bench.upf.cause = 64
    exchange = bench.modify(reference, n2=path_switch_transfer(1), kind="PATH_SWITCH_REQ")
    assert unpack(bench.answers[exchange])[0]["n2SmInfoType"] == "PATH_SWITCH_REQ_FAIL"


def test_flows_that_the_target_does_not_accept_go() -> None:
    bench = Bench(dnns=DNNS)
    reference = bench.establish()
    bench.modify(reference, n2=path_switch_transfer(1), kind="PATH_SWITCH_REQ")
    command = bench.amf.transfers[-1].n1
    assert isinstance(command, PDUSessionModificationCommand)
    assert command.authorized_qos_flow_descriptions is not None
    assert [flow.qfi for flow in command.authorized_qos_flow_descriptions] == [2]


def test_a_modify_indication_moves_the_tunnel_and_is_confirmed() -> None:
    bench = Bench()
    reference = bench.establish()
    information = QosFlowPerTNLInformation(
        up_transport_layer_information=GTPTunnel(transport_layer_address="10.0.0.10", gtp_teid=45),
        associated_qos_flow_list=(AssociatedQosFlowItem(qos_flow_identifier=1),),
    )
    transfer = encode_transfer(PDUSessionResourceModifyIndicationTransfer(dl_qos_flow_per_tnl_information=information))
    body, _, octets = unpack(bench.answers[bench.modify(reference, n2=transfer, kind="PDU_RES_MOD_IND")])
    assert body["n2SmInfoType"] == "PDU_RES_MOD_CFM"
    assert octets is not None
    confirm = decode_transfer(PDUSessionResourceModifyConfirmTransfer, octets)
    assert [item.qos_flow_identifier for item in confirm.qos_flow_modify_confirm_list] == [1]
    parameters = last_modification(bench).update_far[0].update_forwarding_parameters
    assert parameters is not None
    assert parameters.outer_header_creation is not None
    assert parameters.outer_header_creation.teid == 45


def test_a_upf_that_wants_to_leave_is_let_go() -> None:
    """TS 29.244 clause 6.2.7.3.2."""
    bench = Bench()
    update = n4.AssociationUpdateRequest(node_id=NodeId(ipv4_address=UPF), association_release_request=1)
    octets = pfcp.encode(update, sequence_number=77)
    bench.receive(Packet("n4", f"{UPF}:8805", octets))
    bench.pump()
    assert any(isinstance(message, n4.AssociationReleaseRequest) for message in bench.upf.received)


def test_a_handover_refused_leaves_the_session_without_user_plane() -> None:
    bench = Bench()
    reference = bench.establish()
    exchange = bench.modify(reference, n2=b"\0", kind="PATH_SWITCH_SETUP_FAIL")
    assert bench.answers[exchange].status == 200
    assert last_modification(bench).update_far[0].apply_action == ApplyAction.BUFF | ApplyAction.NOCP


# NOTIFY (TS 38.413 clause 8.2.4).


def test_ng_ran_notifies_of_a_flow_and_again() -> None:
    bench = Bench(dnns=DNNS)
    reference = bench.establish()
    for cause in ("not-fulfilled", "fulfilled"):
        item = QosFlowNotifyItem(qos_flow_identifier=2, notification_cause=cause)
        transfer = encode_transfer(PDUSessionResourceNotifyTransfer(qos_flow_notify_list=(item,)))
        assert bench.answers[bench.modify(reference, n2=transfer, kind="PDU_RES_NTY")].status == 204
    assert bench.event("QosFlowNotFulfilled").fields["qfi"] == 2
    assert bench.event("QosFlowFulfilled").subject == SUPI


def test_a_flow_that_ng_ran_releases_goes_at_the_ue_too() -> None:
    bench = Bench(dnns=DNNS)
    reference = bench.establish()
    gone = QosFlowWithCauseItem(qos_flow_identifier=2, cause=Cause("radioNetwork", "radio-resources-not-available"))
    transfer = encode_transfer(PDUSessionResourceNotifyTransfer(qos_flow_released_list=(gone,)))
    bench.modify(reference, n2=transfer, kind="PDU_RES_NTY")
    assert isinstance(bench.amf.transfers[-1].n1, PDUSessionModificationCommand)
    assert bench.amf.transfers[-1].n2 is None


def test_a_session_that_ng_ran_releases_is_released() -> None:
    bench = Bench()
    reference = bench.establish()
    cause = Cause("radioNetwork", "radio-resources-not-available")
    transfer = encode_transfer(PDUSessionResourceNotifyReleasedTransfer(cause=cause))
    bench.modify(reference, n2=transfer, kind="PDU_RES_NTY_REL")
    command = bench.amf.transfers[-1].n1
    assert isinstance(command, PDUSessionReleaseCommand)
    assert command.five_gsm_cause == 26


@pytest.mark.parametrize(
    "kind",
    [
        "PDU_RES_SETUP_RSP",
        "PDU_RES_SETUP_FAIL",
        "PDU_RES_MOD_RSP",
        "PDU_RES_MOD_FAIL",
        "PDU_RES_NTY",
        "PDU_RES_NTY_REL",
        "PATH_SWITCH_REQ",
        "HANDOVER_REQUIRED",
        "nonsense",
    ],
)
def test_a_transfer_that_cannot_be_read_is_n2_sm_error_and_changes_nothing(kind: str) -> None:
    bench = Bench()
    reference = bench.establish()
    before = len(bench.upf.received)
    exchange = bench.modify(reference, n2=b"\xff\xff", kind=kind)
    assert bench.answers[exchange].status == 403
    assert b"N2_SM_ERROR" in bench.answers[exchange].body
    assert len(bench.upf.received) == before
