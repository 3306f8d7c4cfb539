"""What our UPF, an SMF and a base station say on N4 and N3, refusals and reports included, in stock tshark."""

import struct
import subprocess

import pytest

from awase.protocols.gtpu import messages as g
from awase.protocols.gtpu.codec import encode as encode_gtpu
from awase.protocols.gtpu.codec import encode_g_pdu
from awase.protocols.ip import udp
from awase.protocols.pfcp import messages as m
from awase.protocols.pfcp.codec import decode, encode
from awase.protocols.pfcp.elements import (
    GateStatus,
    NodeId,
    OuterHeaderCreation,
    ReportingTrigger,
    SdfFilter,
    UeIpAddress,
    Volume,
    timer_octet,
)
from unit.functions.upf.bench import GNB_PORT, SERVER, SMF, SMF_PORT, UE, Bench, establishment, ping, to_gnb

HERE, THERE = bytes((10, 101, 0, 3)), bytes((10, 101, 0, 4))


class Tapped(Bench):
    """Keeps every datagram of N3 and N4 in both directions."""

    def __init__(self, **config):
        self.frames = []
        super().__init__(**config)

    def _keep(self, port, payload):
        if port != "n6":
            number = {"n3": 2152, "n4": 8805}[port]
            self.frames.append(udp.encode_packet(udp.Udp(number, number, payload), HERE, THERE))

    def give(self, port, payload, peer="", kind="data"):
        self._keep(port, payload)
        return super().give(port, payload, peer, kind)

    def take(self):
        packets = super().take()
        for packet in packets:
            self._keep(packet.port, packet.payload)
        return packets


def network_life(bench):
    bench.ask(establishment())
    seid, teid = bench.establish(create_urr=(m.CreateUrr(urr_id=1, measurement_method=2, reporting_triggers=2),))
    bench.ask(establishment())
    bench.give("n3", encode_g_pdu(teid, ping(), 1, uplink=True), GNB_PORT)
    bench.give("n6", ping(SERVER, UE))
    bench.give("n3", encode_g_pdu(teid + 1, ping(), 1, uplink=True), GNB_PORT)
    bench.give("n3", encode_gtpu(g.EchoRequest(sequence_number=3)), GNB_PORT)
    bench.give("n3", bytes.fromhex("34ff000800000001" + "000000c5" + "01000000"), GNB_PORT)
    bench.ask(to_gnb(teid=0x2002, flags=2), seid)
    bench.ask(m.SessionModificationRequest(query_urr=(m.QueryUrr(urr_id=1),)), seid)
    bench.ask(m.SessionModificationRequest(remove_pdr=(m.RemovePdr(pdr_id=9),)), seid)
    bench.ask(m.SessionDeletionRequest(), seid)
    bench.ask(m.SessionDeletionRequest(), seid)
    waiting = bench.ask(establishment()).up_f_seid.seid
    bench.give("n6", ping(SERVER, UE))
    bench.ask(to_gnb(), waiting)
    error = g.ErrorIndication(
        sequence_number=0, tunnel_endpoint_identifier_data_i=0x1001, gtp_u_peer_address="10.101.0.4"
    )
    bench.give("n3", encode_gtpu(error), GNB_PORT)
    idle_and_measured(bench)
    bench.pass_s(200)
    bench.ask(m.AssociationReleaseRequest(node_id=NodeId(ipv4_address=SMF)), peer=SMF_PORT)


def idle_and_measured(bench):
    """Buffering by a BAR and what the SMF answers to it; usage rules of every kind; an IPv6 rule."""
    rule = m.CreateUrr(
        urr_id=4,
        measurement_method=3,
        reporting_triggers=int(ReportingTrigger.VOLTH | ReportingTrigger.PERIO | ReportingTrigger.QUHTI),
        volume_threshold=Volume(total_bytes=10),
        volume_quota=Volume(uplink_bytes=10**6, downlink_bytes=10**6),
        time_threshold=50,
        time_quota=60,
        measurement_period=70,
        quota_holding_time=30,
        quota_validity_time=40,
        inactivity_detection_time=5,
        measurement_information=8,
        linked_urr_id=(4,),
    )
    pdr = m.CreatePdr(
        pdr_id=7,
        precedence=1,
        pdi=m.Pdi(
            source_interface=1,
            ue_ip_address=(UeIpAddress(ipv4_address="10.45.0.3", ipv6_address="2001:db8::", destination=True),),
            sdf_filter=(SdfFilter(tos_traffic_class=b"\0\0", flow_description="permit out ip from any to assigned"),),
        ),
        far_id=7,
        urr_id=(4,),
        qer_id=(7,),
    )
    change = m.SessionModificationRequest(
        create_pdr=(pdr,),
        create_far=(m.CreateFar(far_id=7, apply_action=0x0C, bar_id=3),),
        create_qer=(
            m.CreateQer(qer_id=7, qer_correlation_id=9, gate_status=GateStatus(), qfi=7, paging_policy_indicator=3),
        ),
        create_urr=(rule,),
        create_bar=m.CreateBar(bar_id=3, downlink_data_notification_delay=1, suggested_buffering_packets_count=4),
    )
    seid = next(iter(bench.upf.context.sessions))
    assert bench.ask(change, seid).cause == 1
    bench.give("n6", ping(SERVER, bytes((10, 45, 0, 3))))
    for packet in bench.pass_s(0.1):
        header, report = decode(packet.payload)
        if isinstance(report, m.SessionReportRequest):
            update = m.UpdateBar(
                bar_id=3, dl_buffering_duration=timer_octet(30), dl_buffering_suggested_packet_count=300
            )
            answer = m.SessionReportResponse(cause=1, update_bar_report=update, pfcpsr_rsp_flags=1)
            bench.give("n4", encode(answer, sequence_number=header.sequence_number, seid=seid), SMF_PORT)
    forward = m.UpdateFar(
        far_id=7,
        apply_action=2,
        update_forwarding_parameters=m.UpdateForwardingParameters(
            destination_interface=0,
            outer_header_creation=OuterHeaderCreation(description=0x0100, teid=9, ipv4_address="10.101.0.4"),
        ),
    )
    assert bench.ask(m.SessionModificationRequest(update_far=(forward,)), seid).cause == 1
    bench.give("n6", ping(SERVER, bytes((10, 45, 0, 3))))
    bench.pass_s(100)


@pytest.fixture(scope="module")
def capture(tmp_path_factory):
    bench = Tapped()
    network_life(bench)
    path = tmp_path_factory.mktemp("n4") / "n4.pcap"
    with path.open("wb") as file:
        file.write(struct.pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))
        for frame in bench.frames:
            file.write(struct.pack("<IIII", 0, 0, len(frame), len(frame)) + frame)
    return path


def tshark(path, *arguments):
    done = subprocess.run(["tshark", "-r", str(path), *arguments], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_every_message_is_there(capture):
    types = tshark(capture, "-Y", "pfcp", "-T", "fields", "-e", "pfcp.msg_type")
    assert {int(number) for number in types} >= {1, 5, 6, 9, 10, 12, 50, 51, 52, 53, 54, 55, 56}
    types = tshark(capture, "-Y", "gtp", "-T", "fields", "-e", "gtp.message")
    assert {int(number, 0) for number in types} >= {0x01, 0x02, 0x1A, 0x1F, 0xFE, 0xFF}


def test_nothing_of_ours_is_malformed(capture):
    assert tshark(capture, "-Y", "pfcp and (_ws.malformed or _ws.expert.severity >= 8388608)") == []
    assert tshark(capture, "-Y", "gtp and _ws.malformed") == []
