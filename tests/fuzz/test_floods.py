"""Far too much of what a peer may ask for: refused as specified, within bounds, with few events, and others served.

The AMF's flood is in tests/networks/floods, since what it costs shows in the whole network.
By hand, a hundred thousand of each: AWASE_FUZZ=5 pytest tests/fuzz/test_floods.py
"""

import os
from collections import Counter

from awase.model.part import NS_PER_S, Packet
from awase.protocols.pfcp.codec import encode
from awase.protocols.rls.codec import encode as encode_rls
from awase.protocols.rls.messages import Heartbeat, PduTransmission, PduType, RrcChannel
from awase.protocols.rrc import codec as rrc
from awase.protocols.rrc.messages import RRCSetupRequest
from awase.protocols.sbi import bhttp, codec
from unit.functions.ausf import test_ausf as ausf_bench
from unit.functions.gnb.rig import Rig
from unit.functions.smf.fakes import Bench as SmfBench
from unit.functions.upf.bench import SMF_PORT, UE, establishment
from unit.functions.upf.bench import Bench as UpfBench

REQUESTS = 20_000 * int(os.environ.get("AWASE_FUZZ", "1"))
PER_MS = 10
NO_RESOURCES_AVAILABLE = 75


def test_rrc_setup_requests_that_nobody_completes():
    rig = Rig(max_ues=1000)
    octets = rrc.encode("UL_CCCH", RRCSetupRequest(random_value=7, establishment_cause="mo-Signalling"))
    request = encode_rls(PduTransmission(sti=0, pdu_type=PduType.RRC, payload=RrcChannel.UL_CCCH, pdu=octets))
    heartbeat = encode_rls(Heartbeat(sti=0))
    gnb, most, events = rig.gnb, 0, []
    for number in range(REQUESTS):
        sti = (0xABCD << 32 | number).to_bytes(8, "big")
        rig.now_ns += NS_PER_S // 1000 // PER_MS
        peer = f"10.9.{number >> 8 & 0xFF}.{number & 0xFF}:4000"
        for datagram in (heartbeat, request):
            gnb.receive(Packet("uu", peer, datagram[:5] + sti + datagram[13:]), rig.now_ns)
        if number % 1000 == 999:
            gnb.wake(rig.now_ns)
            most = max(most, len(gnb.ues))
            events += gnb.take_events()
            gnb.take_packets()
    assert most == 1000
    assert len(gnb.link.ues) <= gnb.link.max_ues
    rejects = [event for event in events if event.name == "RrcReject"]
    assert rejects[0].config == "max_ues"
    assert len(events) < 20
    rig.advance(6)
    assert rig.new_ue().attach().ran_ue_ngap_id


def test_pfcp_session_establishments():
    bench = UpfBench(max_sessions=1000, dnns=[{"name": "internet", "pool": "10.45.0.0/16"}])
    seid, _ = bench.establish()
    octets = encode(establishment(ue="10.45.0.3"), sequence_number=0x7A7A7A, seid=0)
    before, after = octets.split(b"\x7a\x7a\x7a")
    address = bytes((10, 45, 0, 3))
    causes: Counter[int] = Counter()
    for number in range(REQUESTS):
        own = after.replace(address, bytes((10, 45, (number >> 8) + 1 & 0xFF, number & 0xFF)))
        bench.now += NS_PER_S // 1000 // PER_MS
        (answer,) = bench.give("n4", before + (number + 1000).to_bytes(3, "big") + own, SMF_PORT)
        causes[_cause(answer.payload)] += 1
    assert causes == {1: 999, NO_RESOURCES_AVAILABLE: REQUESTS - 999}
    context = bench.upf.context
    assert len(context.sessions) == 1000
    assert seid in context.sessions
    assert len(context.by_teid) <= 1000
    refused = [event for event in bench.events if event.name == "SessionEstablishmentRejected"]
    assert refused[0].config == "max_sessions"
    assert len(refused) <= 20 * (REQUESTS // PER_MS // 1000 + 1)
    assert any(UE in space for space in context.spaces.values())


def _cause(octets: bytes) -> int:
    at = octets.index(b"\x00\x13\x00\x01")
    return octets[at + 4]


def test_sm_contexts():
    bench = SmfBench(
        limits={"sessions": 1000},
        dnns=[{"name": "internet", "pool": "10.45.0.0/16"}, {"name": "ims", "pool": "10.46.0.0/24"}],
    )
    reference = bench.establish()
    sent: list[bytes] = []
    receive = bench.receive
    bench.receive = lambda packet: sent.append(packet.payload) or receive(packet)
    bench.create(supi="imsi-001017777777777")
    template = next(octets for octets in sent if b"imsi-001017777777777" in octets)
    bench.receive = receive
    for number in range(REQUESTS):
        bench.now_ns += NS_PER_S // 1000 // PER_MS
        octets = template.replace(b"001017777777777", b"0010155%08d" % number)
        bench.receive(Packet("sbi", "10.9.9.9:8080", octets, kind="request", exchange=1_000_000 + number))
        if len(bench.smf.sessions) < 1000 or number % 100 == 0:
            bench.pump()
        else:
            answers = [packet for packet in bench.smf.take_packets() if packet.kind == "response"]
            bench.events += bench.smf.take_events()
            assert all(bhttp.decode_response(packet.payload).status >= 400 for packet in answers)
    bench.pump()
    assert len(bench.smf.sessions) == 1000
    assert bench.answers[bench.release(reference)].ok
    refused = [event for event in bench.events if event.name == "PduSessionEstablishmentRejected"]
    assert refused[0].config == "limits"
    assert len(refused) <= 20 * (REQUESTS // PER_MS // 1000 + 1)


def test_authentications():
    desk = ausf_bench.ausf(max_authentications=1000)
    vector = codec.json_response(200, ausf_bench.VECTOR)
    request = bhttp.encode_request(ausf_bench.start(desk))
    answer = bhttp.encode_response(vector)
    part, statuses = desk.part, Counter()
    for number in range(REQUESTS):
        now_ns = NS_PER_S + number * NS_PER_S // 1000 // PER_MS
        part.receive(Packet("sbi", "10.9.9.9:8080", request, kind="request", exchange=number), now_ns)
        # Every second time the UDM says nothing.
        for packet in part.take_packets():
            if packet.kind == "request" and number % 2:
                part.receive(Packet("sbi", packet.peer, answer, kind="response", exchange=packet.exchange), now_ns)
            elif packet.kind == "response":
                statuses[bhttp.decode_response(packet.payload).status] += 1
        for packet in part.take_packets():
            statuses[bhttp.decode_response(packet.payload).status] += 1
        if number % 1000 == 0:
            part.wake(now_ns)
    assert len(part.authentications) == 1000
    assert statuses[201] >= REQUESTS // 4
    # What the UDM leaves open is bounded, too: then congestion is the answer (TS 29.500 clause 5.2.7.2).
    assert set(statuses) <= {201, 503, 504}
    assert sum(statuses.values()) >= REQUESTS // 2
