"""Sessions over restarts of UPF and SMF (TS 23.527 clause 4), and a UPF that leaves in order."""

from awase.lab.services import MemoryStore
from awase.protocols.gtpu.codec import encode_g_pdu
from awase.protocols.pfcp import messages as m
from awase.protocols.pfcp.codec import decode, encode
from awase.protocols.pfcp.elements import Cause, FTeid, NodeId, PfcpSeReqFlags
from unit.functions.upf import bench as b
from unit.functions.upf.bench import (
    GNB_PORT,
    SERVER,
    SMF,
    SMF_PORT,
    UE,
    UPF,
    Bench,
    establishment,
    gtpu,
    n6,
    ping,
    to_gnb,
)


class KeptServices(b.Services):
    """Services whose store outlives the part."""

    def __init__(self, store):
        super().__init__()
        self.store = store


def restarted(store, now=None, **config):
    bench = Bench(**config)
    config = {
        "addresses": {"n3": f"{UPF}:2152", "n4": f"{UPF}:8805"},
        "dnns": [{"name": "internet", "pool": "10.45.0.0/29"}],
        "persist": True,
        **config,
    }
    bench.upf = b.PART_TYPE.build("upf1", config, KeptServices(store))
    bench.now = now or b.START
    bench.upf.wake(bench.now)
    bench.take()
    return bench


def test_sessions_outlive_a_upf_that_keeps_them():
    store = MemoryStore()
    first = restarted(store)
    seid, teid = first.establish()
    second = restarted(store, first.now + 5 * 10**9)
    assert n6(second.give("n3", encode_g_pdu(teid, ping(), 1, uplink=True), GNB_PORT)) == [ping()]
    assert len(gtpu(second.give("n6", ping(SERVER, UE)))) == 1
    assert second.upf.books() == first.upf.books()
    heartbeat = encode(m.HeartbeatRequest(recovery_time_stamp=1), sequence_number=77)
    (before,) = first.give("n4", heartbeat, SMF_PORT)
    (after,) = second.give("n4", heartbeat, SMF_PORT)
    assert decode(before.payload) == decode(after.payload)
    assert second.ask(m.SessionDeletionRequest(), seid, number=500).cause == 1
    third = restarted(store, second.now + 5 * 10**9)
    assert third.upf.books() == []


def test_a_upf_that_keeps_nothing_starts_with_a_new_time_stamp_and_no_session():
    store = MemoryStore()
    first = restarted(store, persist=False)
    seid, _ = first.establish()
    assert store.keys() == []
    second = restarted(store, first.now + 5 * 10**9, persist=False)
    assert second.ask(m.SessionDeletionRequest(), seid).cause == Cause.SESSION_CONTEXT_NOT_FOUND
    assert second.associate().recovery_time_stamp > first.associate().recovery_time_stamp


def test_what_is_kept_and_is_no_session_is_said_and_left_out():
    store = MemoryStore()
    restarted(store).establish()
    for key in (*store.keys("session/"), *store.keys("association/")):
        store.put(key, b"\xc1garbage")
    second = restarted(store)
    assert "SessionNotRestored" in second.names()
    assert second.upf.books() == []


def test_a_store_without_room_is_said_and_the_session_stands():
    class Full(MemoryStore):
        def put(self, key, value):
            raise OSError("full")

    bench = restarted(Full())
    seid, _ = bench.establish()
    assert "StoreFailed" in bench.names()
    assert bench.ask(m.SessionDeletionRequest(), seid).cause == 1


def test_an_smf_with_another_time_stamp_has_lost_its_sessions():
    bench = Bench()
    bench.establish()
    bench.associate(recovery=2)
    assert bench.upf.books() == []


def test_an_smf_that_retains_its_sessions_finds_them():
    bench = Bench()
    seid, _ = bench.establish()
    response = bench.ask(
        m.AssociationSetupRequest(
            node_id=NodeId(ipv4_address=SMF), recovery_time_stamp=1, session_retention_information=b"\0"
        )
    )
    assert response.pfcpas_rsp_flags == 1
    assert bench.ask(to_gnb(), seid).cause == 1


def test_a_session_is_re_created_with_the_tunnel_that_it_had():
    bench = Bench()
    _, teid = bench.establish()
    bench.associate(recovery=2)
    given = establishment(f_teid=FTeid(teid=teid, ipv4_address=UPF), pfcpse_req_flags=int(PfcpSeReqFlags.RESTI))
    assert bench.ask(given).cause == 1
    assert n6(bench.give("n3", encode_g_pdu(teid, ping(), 1, uplink=True), GNB_PORT)) == [ping()]


def test_a_upf_without_ftup_leaves_tunnels_to_the_smf():
    bench = Bench(up_features=["EMPU"])
    response = bench.associate()
    assert response.up_function_features == b"\0\1\0"
    refused = bench.ask(establishment())
    assert refused.cause == Cause.INVALID_F_TEID_ALLOCATION_OPTION
    assert bench.ask(establishment(f_teid=FTeid(teid=5, ipv4_address=UPF))).cause == 1


def test_a_upf_that_is_stopped_asks_its_smfs_for_release():
    bench = Bench()
    bench.establish()
    bench.upf.stop(bench.now)
    (packet,) = bench.take()
    header, request = decode(packet.payload)
    assert (type(request), request.association_release_request) == (m.AssociationUpdateRequest, 1)
    answer = m.AssociationUpdateResponse(node_id=NodeId(ipv4_address=SMF), cause=1)
    bench.give("n4", encode(answer, sequence_number=header.sequence_number), SMF_PORT)
    assert bench.ask(m.AssociationReleaseRequest(node_id=NodeId(ipv4_address=SMF))).cause == 1
    assert (bench.upf.wake_at_ns(), bench.upf.books()) == (None, [])
