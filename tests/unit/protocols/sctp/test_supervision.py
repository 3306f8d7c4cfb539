"""Whether peer and paths live (RFC 9260 clause 8), several addresses of a peer, UDP ports (RFC 6951)."""

from itertools import pairwise

import pytest

from awase.protocols.sctp import messages as m
from awase.protocols.sctp.codec import decode, encode
from awase.protocols.sctp.config import Config
from awase.protocols.sctp.events import (
    AssociationAborted,
    AssociationDown,
    AssociationLost,
    AssociationUp,
    PathFailed,
    PathRestored,
)
from unit.protocols.sctp.by_hand import ByHand
from unit.protocols.sctp.link import MS, PORT, A, B, Pair, S

A2 = "10.0.1.1"


def test_8_3_an_idle_path_is_probed_about_every_hb_interval():
    pair = Pair().up()
    since, start = len(pair.log), pair.now_ns
    pair.run(320)
    beats = pair.chunks(m.Heartbeat, A, since)
    assert 9 <= len(beats) <= 11
    assert len(pair.chunks(m.HeartbeatAck, B, since)) == len(beats)
    times = [at for at, s, _, o in pair.log[since:] if s == A and o[12] == m.ChunkType.HEARTBEAT]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert len(set(gaps)) > 1
    assert all(30 * S <= gap <= 32 * S for gap in gaps)
    assert pair.now_ns - start == 320 * S
    assert pair.tcb(A).errors == 0


def test_8_3_a_busy_path_needs_no_heartbeat():
    pair = Pair(b=Config(hb_interval_ns=1000 * S)).up()
    since = len(pair.log)
    for _ in range(100):
        pair.a.send(pair.at_a, 0, 60, b"x")
        pair.run(1)
    assert pair.chunks(m.Heartbeat, A, since) == []


def test_8_3_a_heartbeat_comes_back_as_it_went():
    pair = ByHand().up()
    information = b"\0\1\0\x0bwhateve\0" + b"\x80\1\0\4"
    (answer,) = pair.give(m.Heartbeat(heartbeat_information=information))
    assert answer == m.HeartbeatAck(heartbeat_information=information)


def test_8_3_a_heartbeat_ack_that_nobody_asked_for_changes_nothing():
    pair = ByHand().up()
    path = pair.tcb(B).primary
    path.errors = 3
    for information in (b"\0\1\0\4", b"\0\1\0\x14" + bytes(16), b""):
        assert pair.give(m.HeartbeatAck(heartbeat_information=information)) == []
    assert path.errors == 3


def test_8_1_a_silent_peer_is_lost_after_association_max_retrans():
    pair = Pair(a=Config(association_max_retrans=4, path_max_retrans=2)).up()
    pair.run(1)
    pair.drop = lambda source, destination, octets: True
    pair.a.send(pair.at_a, 0, 60, b"x")
    assert pair.run(100, lambda: pair.of(A, AssociationLost))
    (lost,) = pair.of(A, AssociationLost)
    assert lost.unacknowledged == 1
    assert lost.reason == f"{B} has been silent 5 times"
    assert [e.host for e in pair.of(A, PathFailed)] == [B]
    assert pair.a.wake_at_ns() is None or not pair.a.associations


def test_8_1_a_silent_peer_is_noticed_without_any_data():
    pair = Pair().up()
    pair.drop = lambda source, destination, octets: True
    assert pair.run(3600, lambda: pair.of(A, AssociationLost) and pair.of(B, AssociationLost))


def test_8_1_errors_are_forgotten_when_the_peer_answers():
    pair = Pair(a=Config(association_max_retrans=4, path_max_retrans=2)).up()
    for _ in range(5):
        pair.drop = lambda source, destination, octets: True
        pair.a.send(pair.at_a, 0, 60, b"x")
        pair.run(8)
        pair.drop = lambda source, destination, octets: False
        pair.run(40)
    assert not pair.of(A, AssociationLost)
    assert len(pair.messages(B)) == 5
    assert len(pair.of(A, PathFailed)) == len(pair.of(A, PathRestored))


class TwoAddresses(Pair):
    """The client's INIT names a second address, which leads to it too."""

    def __init__(self, **arguments):
        super().__init__(**arguments)
        self.hosts[A2] = self.a
        self.dead = ""
        self.drop = self._add_address

    def _add_address(self, source, destination, octets):
        if self.dead and self.dead in (source, destination):
            return True
        first = decode(octets)
        if isinstance(first.chunks[0], m.Init) and len(first.chunks[0].parameters) == 1:
            init = first.chunks[0]
            fields = {f: getattr(init, f) for f in init.__struct_fields__}
            second = m.Parameter(type=m.ParameterType.IPV4_ADDRESS, value=bytes(map(int, A2.split("."))))
            fields["parameters"] = (*init.parameters, second)
            packet = m.Packet(
                source_port=first.source_port,
                destination_port=first.destination_port,
                verification_tag=0,
                chunks=(m.Init(**fields),),
            )
            self.inject(source, destination, encode(packet), 5 * MS)
            return True
        return False


def test_5_4_a_further_address_gets_heartbeats_only_until_it_is_confirmed():
    pair = TwoAddresses()
    pair.dead = A2
    pair.up()
    for _ in range(20):
        pair.b.send(pair.at_b, 0, 60, bytes(1000))
    pair.run(200)
    to_second = [decode(o).chunks for _, s, d, o in pair.log if s == B and d == A2]
    assert to_second
    assert all(isinstance(c, m.Heartbeat) for chunks in to_second for c in chunks)
    assert not pair.of(B, PathFailed)
    assert not pair.of(B, AssociationLost)
    pair.dead = ""
    pair.run(200)
    assert pair.tcb(B).paths[A2].confirmed


def test_6_4_1_and_8_2_data_moves_to_the_other_address_when_one_fails():
    pair = TwoAddresses(b=Config(path_max_retrans=2)).up()
    pair.run(5)
    assert pair.tcb(B).paths[A2].confirmed
    pair.drop = lambda source, destination, octets: destination == A
    for i in range(30):
        pair.b.send(pair.at_b, 0, 60, b"%d" % i * 300)
    assert pair.run(100, lambda: len(pair.messages(A)) == 30)
    for i in range(5):
        pair.b.send(pair.at_b, 1, 60, b"%d" % i)
        pair.run(5)
    assert [o for s, _, o, _ in pair.messages(A) if s == 1] == [b"%d" % i for i in range(5)]
    assert [e.host for e in pair.of(B, PathFailed)] == [A]
    assert not pair.of(B, AssociationLost)
    pair.drop = lambda source, destination, octets: False
    assert pair.run(300, lambda: pair.of(B, PathRestored))
    assert pair.tcb(B).data_path().host == A
    pair.b.shutdown(pair.at_b)
    assert pair.run(10, lambda: pair.of(A, AssociationDown))


def test_an_init_may_name_a_few_addresses_only_and_none_that_is_no_hosts():
    pair = Pair(b=Config(max_paths=3))
    wanted = [bytes((10, 0, 9, n)) for n in range(20)]
    bad = [bytes(4), b"\xff\xff\xff\xff", bytes((224, 0, 0, 1)), bytes((10, 0, 0, 1))]

    def drop(source, destination, octets):
        first = decode(octets)
        if isinstance(first.chunks[0], m.Init) and len(first.chunks[0].parameters) == 1:
            fields = {f: getattr(first.chunks[0], f) for f in first.chunks[0].__struct_fields__}
            fields["parameters"] = tuple(m.Parameter(type=5, value=v) for v in bad + wanted)
            changed = {f: getattr(first, f) for f in first.__struct_fields__} | {"chunks": (m.Init(**fields),)}
            pair.inject(source, destination, encode(m.Packet(**changed)))
            return True
        return False

    pair.drop = drop
    pair.up()
    assert list(pair.tcb(B).paths) == [A, "10.0.9.0", "10.0.9.1"]


def test_rfc_6951_5_4_the_udp_port_of_a_peer_is_where_its_last_packet_came_from():
    pair = Pair().up()
    assert pair.a.connect("10.0.0.9", PORT, udp_port=1234)
    assert (pair.a.take_datagrams(pair.now_ns)[0][:2]) == ("10.0.0.9", 1234)
    beat = encode(
        m.Packet(
            source_port=pair.tcb(A).local_port,
            destination_port=PORT,
            verification_tag=pair.tcb(B).local_tag,
            chunks=(m.Heartbeat(heartbeat_information=b"\0\1\0\4"),),
        )
    )
    pair.b.receive(beat, (A, 4444), pair.now_ns)
    assert pair.b.take_datagrams(pair.now_ns)[0][:2] == (A, 4444)
    pair.b.send(pair.at_b, 0, 60, b"x")
    assert pair.b.take_datagrams(pair.now_ns)[0][:2] == (A, 4444)
    forged = encode(
        m.Packet(
            source_port=pair.tcb(A).local_port,
            destination_port=PORT,
            verification_tag=pair.tcb(B).local_tag ^ 1,
            chunks=(m.Heartbeat(heartbeat_information=b"\0\1\0\4"),),
        )
    )
    pair.b.receive(forged, (A, 5555), pair.now_ns)
    pair.b.send(pair.at_b, 0, 60, b"x")
    assert pair.b.take_datagrams(pair.now_ns)[0][:2] == (A, 4444)


def test_a_thousand_associations_at_one_listener_cost_nothing_while_idle():
    pair = Pair(b=Config(hb_interval_ns=10_000 * S))
    pair.hosts[A].config = pair.a.config
    for _ in range(1000):
        pair.a.connect(B, PORT)
    pair.keep_log = False
    assert pair.run(5, lambda: len(pair.of(B, AssociationUp)) == 1000)
    pair.run(1)
    assert not pair.of(A, AssociationAborted)
    assert len(pair.b.timers) <= 2000
    for event in pair.of(B, AssociationUp):
        pair.b.abort(event.association)
    pair.run(1)
    assert not pair.a.associations
    assert not pair.b.associations


@pytest.mark.parametrize("seed", range(3))
def test_an_association_survives_an_hour_of_a_bad_link(seed):
    pair = Pair(seed, loss=0.2, double=0.1, jitter_ns=500 * MS).up()
    pair.keep_log = False
    for i in range(60):
        pair.a.send(pair.at_a, i % 16, 60, bytes(500))
        pair.run(60)
    assert pair.run(600, lambda: len(pair.messages(B)) == 60)
    assert not pair.of(A, AssociationLost)
