"""N3 and N6: what the rules do to packets."""

import pytest

from awase.functions.upf.rule import TokenBucket
from awase.protocols.gtpu import messages as g
from awase.protocols.gtpu.codec import encode as encode_gtpu
from awase.protocols.gtpu.codec import encode_g_pdu
from awase.protocols.ip import udp
from awase.protocols.pfcp import messages as m
from awase.protocols.pfcp.codec import encode
from awase.protocols.pfcp.elements import (
    ApplyAction,
    BitRates,
    Cause,
    GateStatus,
    ReportType,
    SdfFilter,
    Volume,
)
from unit.functions.upf.bench import (
    CP_SEID,
    GNB,
    GNB_PORT,
    GNB_TEID,
    SERVER,
    SMF_PORT,
    UE,
    UPF,
    Bench,
    establishment,
    gtpu,
    n6,
    ping,
    requests,
    to_gnb,
)

STRANGER = bytes((10, 45, 0, 9))


def up(teid, payload=None, qfi=1):
    return encode_g_pdu(teid, ping() if payload is None else payload, qfi, uplink=True)


def down(number=1):
    return ping(SERVER, UE, number)


def test_uplink_goes_to_n6():
    bench = Bench()
    _, teid = bench.establish()
    (packet,) = bench.give("n3", up(teid), GNB_PORT)
    assert (packet.port, packet.peer, packet.payload) == ("n6", "", ping())


def test_downlink_goes_to_the_base_station_with_its_qfi():
    bench = Bench()
    bench.establish()
    ((peer, message),) = gtpu(bench.give("n6", down()))
    assert peer == GNB_PORT
    assert (message.teid, message.payload) == (GNB_TEID, down())
    assert message.container == g.DlPduSessionInformation(qfi=1)


def test_reflective_qos_is_indicated():
    bench = Bench()
    bench.establish(qer=m.CreateQer(qer_id=1, gate_status=GateStatus(), qfi=5, rqi=1))
    ((_, message),) = gtpu(bench.give("n6", down()))
    assert message.container == g.DlPduSessionInformation(qfi=5, rqi=True)


def test_batches_are_taken_on_both_sides():
    bench = Bench()
    _, teid = bench.establish()
    assert len(n6(bench.give("n3", [up(teid)] * 3, GNB_PORT))) == 3
    assert len(gtpu(bench.give("n6", (down(), down())))) == 2


def test_an_unknown_teid_is_answered_by_an_error_indication():
    bench = Bench()
    bench.establish()
    ((peer, message),) = gtpu(bench.give("n3", up(0xDEAD), "10.101.0.4:9999"))
    assert peer == GNB_PORT
    assert message.tunnel_endpoint_identifier_data_i == 0xDEAD
    assert message.gtp_u_peer_address == UPF
    assert message.extension_headers == (g.ExtensionHeader(0x40, (9999).to_bytes(2, "big")),)
    assert "UnknownTeid" in bench.names()


def test_a_flood_of_unknown_teids_gets_few_answers_and_events():
    bench = Bench()
    packets = bench.give("n3", [up(n) for n in range(1, 5000)], GNB_PORT)
    assert len(packets) == 100
    assert len(bench.events) == 20
    bench.now += 1_000_000_000
    assert len(bench.give("n3", up(1), GNB_PORT)) == 1


@pytest.mark.parametrize(
    "payload", [ping(STRANGER, SERVER), b"", b"E" * 10, b"\x60" + bytes(60)], ids=["spoofed", "", "short", "ipv6"]
)
def test_what_is_not_the_ues_goes_nowhere(payload):
    bench = Bench()
    _, teid = bench.establish()
    assert bench.give("n3", up(teid, payload), GNB_PORT) == []
    assert bench.events[-1].name in ("NoMatchingRule", "MalformedPacket")


def test_another_source_address_goes_nowhere_even_if_the_pdi_does_not_say_so():
    bench = Bench()
    request = establishment()
    first, second = request.create_pdr
    fields = {name: getattr(first, name) for name in first.__struct_fields__}
    loose = m.Pdi(source_interface=0, f_teid=first.pdi.f_teid)
    _, teid = bench.establish(pdrs=(m.CreatePdr(**{**fields, "pdi": loose}), second))
    assert bench.give("n3", up(teid, ping(STRANGER, SERVER)), GNB_PORT) == []
    assert n6(bench.give("n3", up(teid), GNB_PORT)) == [ping()]


def test_another_qfi_goes_nowhere():
    bench = Bench()
    _, teid = bench.establish()
    assert bench.give("n3", up(teid, qfi=2), GNB_PORT) == []
    assert "QFI 2" in bench.events[-1].text
    plain = encode_gtpu(g.GPdu(teid=teid, payload=ping()))
    assert bench.give("n3", plain, GNB_PORT) == []


def test_a_packet_for_nobody_goes_nowhere():
    bench = Bench()
    bench.establish()
    assert bench.give("n6", ping(SERVER, STRANGER)) == []
    assert bench.give("n6", b"\x60" + bytes(60)) == []
    assert bench.give("n6", b"\x60\0\0\0\0\xff" + bytes(60)) == []
    assert bench.names()[-3:] == ["UnknownUeAddress", "UnknownUeAddress", "MalformedPacket"]


def with_filter(first_qfi, text):
    """Two pairs of rules: for a filter (QER 2), and for the rest (QER 1)."""
    request = establishment()
    pdrs = []
    for pdr in request.create_pdr:
        fields = {name: getattr(pdr, name) for name in pdr.__struct_fields__}
        pdi = {name: getattr(pdr.pdi, name) for name in pdr.pdi.__struct_fields__}
        if pdr.pdi.qfi:
            pdi["qfi"] = (first_qfi,)
        special = m.Pdi(**{**pdi, "sdf_filter": (SdfFilter(flow_description=text),)})
        pdrs += [
            pdr,
            m.CreatePdr(**{**fields, "pdr_id": pdr.pdr_id + 10, "precedence": 10, "pdi": special, "qer_id": (2,)}),
        ]
    return tuple(pdrs)


def test_the_rule_with_the_lower_precedence_value_is_tried_first():
    bench = Bench()
    bench.associate()
    pdrs = with_filter(1, "permit out 17 from 10.45.0.1 5000-5010 to assigned")
    request = establishment(pdrs=pdrs)
    qers = (*request.create_qer, m.CreateQer(qer_id=2, gate_status=GateStatus(), qfi=2))
    request = m.SessionEstablishmentRequest(
        **{name: getattr(request, name) for name in request.__struct_fields__ if name != "create_qer"},
        create_qer=qers,
    )
    seid = bench.ask(request).up_f_seid.seid
    bench.ask(to_gnb(), seid)
    chosen = []
    for port in (5000, 5010, 5011):
        packet = udp.encode_packet(udp.Udp(port, 1, b"x"), SERVER, UE)
        chosen += [message.container.qfi for _, message in gtpu(bench.give("n6", packet))]
    assert chosen == [2, 2, 1]


@pytest.mark.parametrize(
    ("gates", "uplink", "downlink"), [(GateStatus(ul_gate=1), 0, 1), (GateStatus(dl_gate=1), 1, 0)]
)
def test_a_closed_gate_lets_nothing_through(gates, uplink, downlink):
    bench = Bench()
    _, teid = bench.establish(qer=m.CreateQer(qer_id=1, gate_status=gates, qfi=1))
    assert len(bench.give("n3", up(teid), GNB_PORT)) == uplink
    assert len(bench.give("n6", down())) == downlink
    assert "GateClosed" in bench.names()


def test_the_maximum_bit_rate_is_enforced():
    bench = Bench()
    qer = m.CreateQer(qer_id=1, gate_status=GateStatus(), qfi=1, mbr=BitRates(ul_kbps=10_000, dl_kbps=10_000))
    bench.establish(qer=qer)
    packet = udp.encode_packet(udp.Udp(1, 1, bytes(1222)), SERVER, UE)
    passed = 0
    # 20 Mbit/s for 4 s: 8,000 packets of 10,000 bits.
    for _ in range(8000):
        passed += len(bench.give("n6", packet))
        bench.now += 500_000
    # 40 Mbit, and the burst of 100 ms.
    assert passed == pytest.approx(4000 + 100, abs=2)
    assert "RateExceeded" in bench.names()


def test_the_maximum_bit_rate_is_enforced_on_a_ue_that_does_not_keep_to_it():
    """TS 23.501 clause 5.7.1.8: the session AMBR of the uplink is the UPF's to enforce, too."""
    bench = Bench()
    qer = m.CreateQer(qer_id=1, gate_status=GateStatus(), qfi=1, mbr=BitRates(ul_kbps=1_000, dl_kbps=100_000))
    _, teid = bench.establish(qer=qer)
    packet = up(teid, udp.encode_packet(udp.Udp(1, 1, bytes(1222)), UE, SERVER))
    passed = 0
    # 2 Mbit/s for 10 s: 2,000 packets of 10,000 bits.
    for _ in range(2000):
        passed += len(n6(bench.give("n3", packet, GNB_PORT)))
        bench.now += 5_000_000
    assert passed == pytest.approx(1000 + 12, abs=8)
    assert len(bench.give("n6", udp.encode_packet(udp.Udp(1, 1, bytes(1222)), SERVER, UE))) == 1


def test_downlink_waits_until_there_is_a_tunnel_and_the_smf_is_told_once():
    bench = Bench()
    bench.associate()
    seid = bench.ask(establishment()).up_f_seid.seid
    packets = bench.give("n6", [down(1), down(2)])
    ((header, report),) = requests(packets)
    assert header.seid == CP_SEID
    assert report.report_type == ReportType.DLDR
    assert report.downlink_data_report.pdr_id == (2,)
    answer = m.SessionReportResponse(cause=Cause.REQUEST_ACCEPTED)
    bench.give("n4", encode(answer, sequence_number=header.sequence_number, seid=seid), SMF_PORT)
    bench.ask(to_gnb(), seid)
    assert [message.payload for _, message in gtpu(bench.others)] == [down(1), down(2)]
    assert bench.upf.context.buffered == 0


def test_what_waits_is_bounded():
    bench = Bench(max_buffered_packets=10)
    bench.associate()
    bench.ask(establishment())
    bench.give("n6", [down(n) for n in range(50)])
    assert bench.upf.context.buffered == 10
    assert "BufferFull" in bench.names()


def test_what_waits_is_dropped_with_its_session_or_when_the_smf_says():
    bench = Bench()
    bench.associate()
    seid = bench.ask(establishment()).up_f_seid.seid
    bench.give("n6", [down(1)])
    assert bench.ask(m.SessionModificationRequest(pfcpsm_req_flags=1), seid).cause == 1
    assert bench.upf.context.buffered == 0
    bench.give("n6", [down(1)])
    bench.ask(m.SessionDeletionRequest(), seid)
    assert bench.upf.context.buffered == 0


def test_an_smf_that_does_not_know_the_session_ends_it():
    bench = Bench()
    bench.associate()
    seid = bench.ask(establishment()).up_f_seid.seid
    ((header, _),) = requests(bench.give("n6", down()))
    answer = m.SessionReportResponse(cause=Cause.SESSION_CONTEXT_NOT_FOUND)
    bench.give("n4", encode(answer, sequence_number=header.sequence_number, seid=seid), SMF_PORT)
    assert bench.upf.context.sessions == {}
    assert "SessionForgotten" in bench.names()


def test_a_report_is_repeated_n1_times():
    bench = Bench(t1_s=1, n1=4)
    bench.associate()
    bench.ask(establishment())
    first = bench.give("n6", down())
    assert len(requests(first + bench.pass_s(10))) == 4
    assert "ReportUnanswered" in bench.names()


def test_a_dropping_rule_drops():
    bench = Bench()
    seid, teid = bench.establish()
    drop = m.SessionModificationRequest(update_far=(m.UpdateFar(far_id=1, apply_action=ApplyAction.DROP),))
    assert bench.ask(drop, seid).cause == 1
    assert bench.give("n3", up(teid), GNB_PORT) == []


def test_a_new_tunnel_takes_over_and_the_old_one_gets_an_end_marker():
    bench = Bench()
    seid, _ = bench.establish()
    bench.ask(to_gnb(teid=0x2002, address="10.101.0.5", flags=2), seid)
    ((peer, marker),) = gtpu(bench.others)
    assert (peer, marker) == (GNB_PORT, g.EndMarker(teid=GNB_TEID))
    ((peer, message),) = gtpu(bench.give("n6", down()))
    assert (peer, message.teid) == ("10.101.0.5:2152", 0x2002)


def test_an_error_indication_is_told_to_the_smf():
    bench = Bench()
    bench.establish()
    octets = encode_gtpu(
        g.ErrorIndication(sequence_number=0, tunnel_endpoint_identifier_data_i=GNB_TEID, gtp_u_peer_address=GNB)
    )
    ((_, report),) = requests(bench.give("n3", octets, GNB_PORT))
    assert report.report_type == ReportType.ERIR
    (f_teid,) = report.error_indication_report.f_teid
    assert (f_teid.teid, f_teid.ipv4_address) == (GNB_TEID, GNB)
    assert requests(bench.give("n3", octets, "10.9.9.9:2152")) == []


def test_an_echo_is_answered():
    bench = Bench()
    ((peer, message),) = gtpu(bench.give("n3", encode_gtpu(g.EchoRequest(sequence_number=3)), "10.1.1.1:999"))
    assert (peer, message) == ("10.1.1.1:999", g.EchoResponse(sequence_number=3))


def test_a_silent_base_station_is_told_to_the_smf():
    bench = Bench(echo_interval_s=10, heartbeat_interval_s=0)
    bench.establish()
    packets = bench.pass_s(20)
    assert len(gtpu(packets)) == 3
    (_, report) = requests(packets)[0]
    assert isinstance(report, m.NodeReportRequest)
    assert report.user_plane_path_failure_report.remote_gtp_u_peer[0].ipv4_address == GNB
    assert "PathFailure" in bench.names()


def test_no_echoes_go_to_a_base_station_without_sessions():
    bench = Bench(echo_interval_s=10, heartbeat_interval_s=0)
    seid, _ = bench.establish()
    bench.ask(m.SessionDeletionRequest(), seid)
    assert bench.pass_s(100) == []


def test_a_volume_threshold_is_reported():
    bench = Bench()
    bench.associate()
    request = establishment()
    urr = m.CreateUrr(urr_id=1, measurement_method=2, reporting_triggers=2, volume_threshold=Volume(total_bytes=100))
    pdrs = tuple(
        m.CreatePdr(**{**{name: getattr(pdr, name) for name in pdr.__struct_fields__}, "urr_id": (1,)})
        for pdr in request.create_pdr
    )
    response = bench.ask(establishment(pdrs=pdrs, create_urr=(urr,)))
    teid = response.created_pdr[0].f_teid[0].teid
    packets = bench.give("n3", [up(teid)] * 3, GNB_PORT)
    ((_, report),) = requests(packets)
    assert report.report_type == ReportType.USAR
    assert report.usage_report[0].volume_measurement.total_bytes == 120


def test_an_extension_header_that_must_be_understood_is_answered_with_ours():
    bench = Bench()
    octets = bytes.fromhex("34ff000800000001" + "000000c5" + "01000000")
    ((_, message),) = gtpu(bench.give("n3", octets, GNB_PORT))
    assert message.extension_header_types == (0x40, 0x85)
    assert bench.names() == ["MalformedPacket"]


def test_other_kinds_of_packets_are_ignored():
    bench = Bench()
    assert bench.give("n3", b"", GNB_PORT, kind="up") == []


def test_a_clock_that_is_set_back_takes_no_tokens_away():
    hour_ns = 3600 * 10**9
    bucket = TokenBucket(1_000_000, 0)
    assert bucket.take(100, hour_ns)
    assert bucket.take(100, 5)
    assert bucket.take(100, 10)


def test_it_knows_the_peers_of_its_associations_and_the_ends_of_its_tunnels_and_no_strangers():
    bench = Bench()
    assert list(bench.upf.familiar("n3")) == list(bench.upf.familiar("n4")) == []
    bench.associate()
    bench.give("n3", b"rubbish", "10.66.0.1:2152")
    bench.give("n4", b"rubbish", "10.66.0.1:8805")
    assert bench.upf.familiar("n4") == [SMF_PORT]
    assert bench.upf.familiar("n3") == []
    bench.establish()
    assert bench.upf.familiar("n3") == [GNB_PORT]
