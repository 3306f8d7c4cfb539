"""The example of another supplier's UPF does what an SMF, a base station and a data network need of it."""

import importlib
import random
import sys
from pathlib import Path

import pytest

from awase.model.part import Part
from awase.protocols.gtpu import messages as g
from awase.protocols.gtpu.codec import encode as encode_gtpu
from awase.protocols.gtpu.codec import encode_g_pdu
from awase.protocols.pfcp import messages as m
from awase.protocols.pfcp.codec import decode, encode
from awase.protocols.pfcp.elements import Cause, GateStatus, NodeId, UpFunctionFeature, has_feature
from unit.functions.upf.bench import (
    CP_SEID,
    GNB_PORT,
    GNB_TEID,
    SERVER,
    SMF,
    SMF_PORT,
    UE,
    UPF,
    Bench,
    down_and_up,
    establishment,
    gtpu,
    n6,
    ping,
    to_gnb,
)

HOME = Path(__file__).parents[2] / "examples" / "acme_upf"


@pytest.fixture
def bench(monkeypatch):
    monkeypatch.syspath_prepend(str(HOME / "src"))
    part_type = importlib.import_module("acme_upf.part").PART_TYPE
    yield Bench(part_type)
    for name in [name for name in sys.modules if name.partition(".")[0] == "acme_upf"]:
        del sys.modules[name]


def test_it_is_a_part_and_imports_nothing_of_ours(bench):
    assert isinstance(bench.upf, Part)
    for path in HOME.rglob("*.py"):
        for line in path.read_text().splitlines():
            assert not line.lstrip().startswith(("import awase", "from awase"))


def test_its_entry_point_is_where_the_lab_looks():
    text = (HOME / "pyproject.toml").read_text()
    assert '[project.entry-points."awase.parts"]\n"acme.upf" = "acme_upf.part:PART_TYPE"' in text


def test_associations_and_heartbeats(bench):
    response = bench.associate()
    assert response.cause == Cause.REQUEST_ACCEPTED
    assert response.node_id == NodeId(ipv4_address=UPF)
    assert has_feature(response.up_function_features, UpFunctionFeature.FTUP)
    heartbeat = bench.ask(m.HeartbeatRequest(recovery_time_stamp=1))
    assert heartbeat.recovery_time_stamp == response.recovery_time_stamp


def test_user_data_goes_both_ways(bench):
    seid, teid = bench.establish()
    assert seid
    assert n6(bench.give("n3", encode_g_pdu(teid, ping(), 1, uplink=True), GNB_PORT)) == [ping()]
    ((peer, message),) = gtpu(bench.give("n6", ping(SERVER, UE)))
    assert (peer, message.teid, message.payload) == (GNB_PORT, GNB_TEID, ping(SERVER, UE))
    assert message.container == g.DlPduSessionInformation(qfi=1)


def test_what_comes_before_the_tunnel_waits(bench):
    bench.associate()
    seid = bench.ask(establishment()).up_f_seid.seid
    assert bench.give("n6", ping(SERVER, UE)) == []
    octets = encode(to_gnb(), sequence_number=99, seid=seid)
    packets = bench.give("n4", octets, SMF_PORT)
    assert [message.payload for _, message in gtpu(packets)] == [ping(SERVER, UE)]
    answers = [decode(packet.payload)[1] for packet in packets if packet.port == "n4"]
    assert [answer.cause for answer in answers] == [Cause.REQUEST_ACCEPTED]


def test_batches_are_taken(bench):
    _, teid = bench.establish()
    octets = encode_g_pdu(teid, ping(), 1, uplink=True)
    assert len(n6(bench.give("n3", [octets, octets], GNB_PORT))) == 2


def test_sessions_end(bench):
    seid, teid = bench.establish()
    assert bench.ask(m.SessionDeletionRequest(), seid).cause == Cause.REQUEST_ACCEPTED
    assert bench.header.seid == CP_SEID
    assert bench.ask(m.SessionDeletionRequest(), seid).cause == Cause.SESSION_CONTEXT_NOT_FOUND
    ((peer, message),) = gtpu(bench.give("n3", encode_g_pdu(teid, ping(), 1, uplink=True), GNB_PORT))
    assert peer == GNB_PORT
    assert (message.tunnel_endpoint_identifier_data_i, message.gtp_u_peer_address) == (teid, UPF)


def test_rules_can_be_changed_and_removed(bench):
    seid, teid = bench.establish()
    close = m.SessionModificationRequest(update_qer=(m.UpdateQer(qer_id=1, gate_status=GateStatus(ul_gate=1)),))
    assert bench.ask(close, seid).cause == Cause.REQUEST_ACCEPTED
    assert bench.give("n3", encode_g_pdu(teid, ping(), 1, uplink=True), GNB_PORT) == []
    remove = m.SessionModificationRequest(remove_pdr=(m.RemovePdr(pdr_id=1),))
    assert bench.ask(remove, seid).cause == Cause.REQUEST_ACCEPTED
    assert bench.ask(remove, seid).cause == Cause.RULE_CREATION_MODIFICATION_FAILURE


def test_refusals_have_their_causes(bench):
    assert bench.ask(establishment()).cause == Cause.NO_ESTABLISHED_PFCP_ASSOCIATION
    bench.establish()
    assert bench.ask(establishment()).cause == Cause.RULE_CREATION_MODIFICATION_FAILURE
    octets = bytes.fromhex("2132000c") + bytes(8) + bytes.fromhex("00001100")
    (packet,) = bench.give("n4", octets, SMF_PORT)
    _, response = decode(packet.payload)
    assert (response.cause, response.offending_ie) == (Cause.MANDATORY_IE_MISSING, 60)


def test_a_repeated_request_gets_the_same_answer(bench):
    bench.associate()
    first = bench.ask(establishment(), number=50)
    assert bench.ask(establishment(), number=50) == first


def test_an_smf_that_restarts_loses_its_sessions(bench):
    seid, _ = bench.establish()
    bench.ask(m.HeartbeatRequest(recovery_time_stamp=2))
    assert bench.ask(m.SessionDeletionRequest(), seid).cause == Cause.SESSION_CONTEXT_NOT_FOUND
    assert bench.ask(establishment()).cause == Cause.NO_ESTABLISHED_PFCP_ASSOCIATION


def test_a_released_association_takes_its_sessions_along(bench):
    seid, _ = bench.establish()
    response = bench.ask(m.AssociationReleaseRequest(node_id=NodeId(ipv4_address=SMF)))
    assert response.cause == Cause.REQUEST_ACCEPTED
    assert bench.ask(m.SessionDeletionRequest(), seid).cause == Cause.SESSION_CONTEXT_NOT_FOUND


def test_echoes_are_answered(bench):
    ((peer, message),) = gtpu(bench.give("n3", encode_gtpu(g.EchoRequest(sequence_number=7)), "10.1.1.1:999"))
    assert (peer, message) == ("10.1.1.1:999", g.EchoResponse(sequence_number=7))


def test_other_sources_than_the_ue_are_dropped(bench):
    _, teid = bench.establish()
    spoofed = ping(bytes((10, 45, 0, 9)), SERVER)
    assert bench.give("n3", encode_g_pdu(teid, spoofed, 1, uplink=True), GNB_PORT) == []


def test_any_octets_are_taken_without_an_exception(bench):
    rng = random.Random(4)
    _, teid = bench.establish()
    seeds = down_and_up(teid)
    for _ in range(8000):
        port, peer, octets = rng.choice(seeds)
        mutated = bytearray(octets)
        for _ in range(rng.randint(1, 4)):
            mutated[rng.randrange(len(mutated))] = rng.choice((0, 0xFF, rng.randrange(256)))
        if rng.random() < 0.3:
            del mutated[rng.randrange(len(mutated)) :]
        bench.give(port, bytes(mutated), peer)
        bench.give(port, rng.randbytes(rng.randint(0, 40)), peer)
