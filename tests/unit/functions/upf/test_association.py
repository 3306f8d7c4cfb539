"""Associations that the UPF sets up itself, and what one does that comes in the place of another."""

from awase.protocols.gtpu.codec import encode_g_pdu
from awase.protocols.pfcp import messages as m
from awase.protocols.pfcp.codec import decode, encode
from awase.protocols.pfcp.elements import FTeid, NodeId
from unit.functions.upf.bench import GNB_PORT, SMF, SMF_PORT, UPF, Bench, establishment, gtpu, n6, ping

PEERS = {"N4": [{"part": "smf", "function": "smf", "address": SMF_PORT}]}


def initiating(**config):
    bench = Bench(peers=PEERS, initiates_association=True, **config)
    return bench, bench.pass_s(0.0) or wake(bench)


def wake(bench):
    bench.upf.wake(bench.now)
    return bench.take()


def answered(bench, packet, cause=1):
    header, _ = decode(packet.payload)
    response = m.AssociationSetupResponse(node_id=NodeId(ipv4_address=SMF), cause=cause, recovery_time_stamp=7)
    return bench.give("n4", encode(response, sequence_number=header.sequence_number), SMF_PORT)


def test_it_asks_each_smf_for_an_association_and_takes_sessions_then():
    bench, (packet,) = initiating()
    _, request = decode(packet.payload)
    assert packet.peer == SMF_PORT
    assert (type(request), request.node_id) == (m.AssociationSetupRequest, NodeId(ipv4_address=UPF))
    assert request.up_function_features is not None
    answered(bench, packet)
    assert bench.ask(establishment()).cause == 1
    assert "AssociationSetUp" in bench.names()


def test_an_smf_that_is_silent_is_asked_again_and_again():
    bench, _ = initiating()
    asked = [decode(packet.payload)[1] for packet in bench.pass_s(30)]
    assert len([request for request in asked if isinstance(request, m.AssociationSetupRequest)]) > 20


def test_an_smf_that_refuses_is_asked_again_later():
    bench, (packet,) = initiating()
    assert answered(bench, packet, cause=64) == []
    assert bench.event("AssociationRefused").config == "peers.N4"
    assert bench.pass_s(4) == []
    assert type(decode(bench.pass_s(2)[0].payload)[1]) is m.AssociationSetupRequest


def test_where_the_smf_was_faster_its_association_holds():
    bench, (packet,) = initiating()
    assert bench.associate().cause == 1
    assert bench.ask(establishment()).cause == 1
    answered(bench, packet)
    assert bench.ask(m.SessionDeletionRequest(), 0).cause != 1
    assert len(bench.upf.books()) > 0


def test_for_a_while_unknown_tunnels_are_met_with_silence():
    bench = Bench(restoration_s=3.0)
    wake(bench)
    stray = encode_g_pdu(99, ping(), 1, uplink=True)
    assert bench.give("n3", stray, GNB_PORT) == []
    bench.associate()
    assert bench.ask(establishment(f_teid=FTeid(teid=99, ipv4_address=UPF))).cause == 1
    assert n6(bench.give("n3", stray, GNB_PORT)) == [ping()]
    bench.pass_s(3.1)
    ((_, message),) = gtpu(bench.give("n3", encode_g_pdu(98, ping(), 1, uplink=True), GNB_PORT))
    assert message.tunnel_endpoint_identifier_data_i == 98


def test_one_that_leaves_takes_up_nothing_new_and_breaks_no_tunnel():
    bench = Bench()
    _, teid = bench.establish()
    bench.upf.stop(bench.now)
    (packet,) = bench.take()
    answer = m.AssociationUpdateResponse(node_id=NodeId(ipv4_address=SMF), cause=1)
    bench.give("n4", encode(answer, sequence_number=decode(packet.payload)[0].sequence_number), SMF_PORT)
    assert bench.upf.wake_at_ns() is not None
    assert bench.ask(m.AssociationReleaseRequest(node_id=NodeId(ipv4_address=SMF))).cause == 1
    assert bench.upf.wake_at_ns() is None
    setup = m.AssociationSetupRequest(node_id=NodeId(ipv4_address=SMF), recovery_time_stamp=1)
    assert bench.give("n4", encode(setup, sequence_number=900), SMF_PORT) == []
    assert bench.give("n3", encode_g_pdu(teid, ping(), 1, uplink=True), GNB_PORT) == []


def test_an_smf_that_never_releases_does_not_keep_it():
    bench = Bench()
    bench.establish()
    bench.upf.stop(bench.now)
    bench.take()
    bench.pass_s(20)
    assert bench.upf.wake_at_ns() is None
