"""Downlink packets for an idle UE: held, told of, sent on, dropped; and those that the SMF holds itself."""

import pytest

from awase.protocols.gtpu import messages as g
from awase.protocols.gtpu.codec import encode as encode_gtpu
from awase.protocols.pfcp import messages as m
from awase.protocols.pfcp.codec import decode, encode
from awase.protocols.pfcp.elements import (
    ApplyAction,
    DownlinkDataServiceInformation,
    FTeid,
    GateStatus,
    Interface,
    OuterHeaderCreation,
    OuterHeaderRemoval,
    PfcpSmReqFlags,
    PfcpSrRspFlags,
    ReportType,
    UeIpAddress,
    timer_octet,
    timer_s,
)
from unit.functions.upf.bench import SERVER, SMF, SMF_PORT, UE, Bench, establishment, gtpu, ping, to_gnb

BUFFER = ApplyAction.BUFF | ApplyAction.NOCP


def down(number=1):
    return ping(SERVER, UE, number)


def idle(bench, bar=None, **changes):
    """A session whose downlink waits by a BAR; its UP SEID."""
    bench.associate()
    fars = (establishment().create_far[0], m.CreateFar(far_id=2, apply_action=BUFFER, bar_id=bar and bar.bar_id))
    return bench.ask(establishment(fars=fars, create_bar=bar, **changes)).up_f_seid.seid


def reports(packets):
    return [message for _, message in map(decode, (p.payload for p in packets if p.port == "n4"))]


def answer(bench, packets, **elements):
    """The SMF's answer to the report among packets."""
    header, _ = decode(next(p.payload for p in packets if p.port == "n4"))
    response = m.SessionReportResponse(cause=elements.pop("cause", 1), **elements)
    seid = next(iter(bench.upf.context.sessions), 0)
    return bench.give("n4", encode(response, sequence_number=header.sequence_number, seid=seid), SMF_PORT)


def test_the_first_packet_is_told_with_its_class_and_flow_and_all_go_out_in_order():
    bench = Bench()
    seid = idle(bench)
    marked = bytearray(down())
    marked[1] = 46 << 2
    first = bench.give("n6", bytes(marked))
    (report,) = reports(first)
    assert report.report_type == ReportType.DLDR
    assert report.downlink_data_report.pdr_id == (2,)
    assert report.downlink_data_report.downlink_data_service_information == (
        DownlinkDataServiceInformation(paging_policy_indication=46, qfi=1),
    )
    answer(bench, first)
    assert [bench.give("n6", down(n)) for n in (2, 3)] == [[], []]
    bench.ask(to_gnb(), seid)
    assert [message.payload[26:28] for _, message in gtpu(bench.others)] == [b"\0\1", b"\0\2", b"\0\3"]
    assert bench.upf.context.buffered == 0


def test_a_bar_says_how_many_packets_wait():
    bench = Bench()
    seid = idle(bench, m.CreateBar(bar_id=1, suggested_buffering_packets_count=2))
    for number in range(5):
        bench.give("n6", down(number))
    bench.ask(to_gnb(), seid)
    assert len(gtpu(bench.others)) == 2
    assert "BufferFull" in bench.names()


def test_the_smf_is_told_after_the_notification_delay():
    bench = Bench()
    idle(bench, m.CreateBar(bar_id=1, downlink_data_notification_delay=4))
    assert bench.give("n6", down()) == []
    assert bench.pass_s(0.19) == []
    assert [r.report_type for r in reports(bench.pass_s(0.02))] == [ReportType.DLDR]


def test_a_ue_that_comes_back_within_the_delay_is_not_paged():
    bench = Bench()
    seid = idle(bench, m.CreateBar(bar_id=1, downlink_data_notification_delay=4))
    bench.give("n6", down())
    bench.ask(to_gnb(), seid)
    assert len(gtpu(bench.others)) == 1
    assert bench.pass_s(1) == []


def test_the_smf_answers_how_long_and_how_much_to_buffer():
    bench = Bench()
    idle(bench, m.CreateBar(bar_id=1))
    first = bench.give("n6", down())
    update = m.UpdateBar(bar_id=1, dl_buffering_duration=timer_octet(10), dl_buffering_suggested_packet_count=1)
    answer(bench, first, update_bar_report=update)
    assert bench.give("n6", down(2)) == []
    bench.pass_s(9)
    assert bench.upf.context.buffered == 1
    bench.pass_s(2)
    assert bench.upf.context.buffered == 0
    assert "BufferExpired" in bench.names()
    assert len(reports(bench.give("n6", down(3)))) == 1


def test_the_smf_has_what_waits_dropped_in_its_answer():
    bench = Bench()
    idle(bench)
    first = bench.give("n6", down())
    answer(bench, first, pfcpsr_rsp_flags=int(PfcpSrRspFlags.DROBU))
    assert bench.upf.context.buffered == 0


def test_the_smf_has_what_waits_dropped_by_a_modification():
    bench = Bench()
    seid = idle(bench)
    bench.give("n6", down())
    bench.ask(m.SessionModificationRequest(pfcpsm_req_flags=int(PfcpSmReqFlags.DROBU)), seid)
    bench.ask(to_gnb(), seid)
    assert gtpu(bench.others) == []


def test_each_qos_flow_is_told_of_by_itself():
    bench = Bench()
    request = establishment()
    second = m.CreatePdr(
        pdr_id=3,
        precedence=1,
        pdi=m.Pdi(
            source_interface=Interface.CORE,
            ue_ip_address=(UeIpAddress(ipv4_address="10.45.0.2", destination=True),),
            sdf_filter=(m.SdfFilter(tos_traffic_class=b"\xb8\xfc"),),
        ),
        far_id=2,
        qer_id=(2,),
    )
    bench.associate()
    fields = {name: getattr(request, name) for name in request.__struct_fields__}
    fields["create_pdr"] += (second,)
    fields["create_qer"] += (m.CreateQer(qer_id=2, gate_status=GateStatus(), qfi=5),)
    assert bench.ask(m.SessionEstablishmentRequest(**fields)).cause == 1
    marked = bytearray(down())
    marked[1] = 0xB8
    assert [r.downlink_data_report.pdr_id for r in reports(bench.give("n6", down()))] == [(2,)]
    assert [r.downlink_data_report.pdr_id for r in reports(bench.give("n6", bytes(marked)))] == [(3,)]
    assert reports(bench.give("n6", bytes(marked))) == []


def test_an_unknown_bar_is_refused():
    bench = Bench()
    bench.associate()
    fars = (establishment().create_far[0], m.CreateFar(far_id=2, apply_action=BUFFER, bar_id=9))
    response = bench.ask(establishment(fars=fars))
    assert (response.cause, response.failed_rule_id.rule_id) == (73, 2)


@pytest.mark.parametrize("seconds", [0, 1, 62, 63, 1860, 18600, 111600, 1116000])
def test_a_timer_is_never_shorter_than_asked(seconds):
    assert timer_s(timer_octet(seconds)) >= seconds


def test_a_timer_beyond_all_units_is_infinite():
    assert timer_s(timer_octet(10_000_000)) is None


# Buffering in the SMF (TS 29.244 clause 5.3.3): packets to it by GTP-U, and back from it to the UE.

SMF_TEID = 0x7001


def to_smf():
    return m.SessionModificationRequest(
        update_far=(
            m.UpdateFar(
                far_id=2,
                apply_action=ApplyAction.FORW,
                update_forwarding_parameters=m.UpdateForwardingParameters(
                    destination_interface=Interface.CP_FUNCTION,
                    outer_header_creation=OuterHeaderCreation(description=0x0100, teid=SMF_TEID, ipv4_address=SMF),
                ),
            ),
        ),
        create_pdr=(
            m.CreatePdr(
                pdr_id=4,
                precedence=100,
                pdi=m.Pdi(source_interface=Interface.CP_FUNCTION, f_teid=FTeid(choose_ipv4=True)),
                outer_header_removal=OuterHeaderRemoval(description=0),
                far_id=4,
                qer_id=(1,),
            ),
        ),
        create_far=(
            m.CreateFar(
                far_id=4,
                apply_action=ApplyAction.FORW,
                forwarding_parameters=m.ForwardingParameters(
                    destination_interface=Interface.ACCESS,
                    outer_header_creation=OuterHeaderCreation(
                        description=0x0100, teid=0x2002, ipv4_address="10.101.0.9"
                    ),
                ),
            ),
        ),
    )


def test_packets_go_to_an_smf_that_buffers_and_come_back_from_it():
    bench = Bench()
    seid, _ = bench.establish()
    response = bench.ask(to_smf(), seid)
    assert response.cause == 1
    ((peer, message),) = gtpu(bench.give("n6", down()))
    assert (peer, message.teid, message.payload) == (f"{SMF}:2152", SMF_TEID, down())
    assert message.container == g.DlPduSessionInformation(qfi=1)
    back = bench.give(
        "n3",
        encode_gtpu(g.GPdu(teid=response.created_pdr[0].f_teid[0].teid, payload=down())),
        f"{SMF}:2152",
    )
    ((peer, message),) = gtpu(back)
    assert (peer, message.teid, message.payload) == ("10.101.0.9:2152", 0x2002, down())
