"""What our UPF, an SMF and a base station say on N4 and N3, refusals and reports included, in stock tshark."""

import struct
import subprocess

import pytest

from awase.protocols.gtpu import messages as g
from awase.protocols.gtpu.codec import encode as encode_gtpu
from awase.protocols.gtpu.codec import encode_g_pdu
from awase.protocols.ip import udp
from awase.protocols.pfcp import messages as m
from awase.protocols.pfcp.elements import NodeId
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
    bench.pass_s(200)
    bench.ask(m.AssociationReleaseRequest(node_id=NodeId(ipv4_address=SMF)), peer=SMF_PORT)


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
