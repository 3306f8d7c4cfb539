"""Transfer of user messages (RFC 9260 clause 6) and congestion control (clause 7)."""

import random

import pytest

from awase.protocols.sctp import messages as m
from awase.protocols.sctp.codec import decode, encode
from awase.protocols.sctp.config import Config
from awase.protocols.sctp.entity import SendBufferFullError
from awase.protocols.sctp.events import AssociationAborted, AssociationUp, Message, PeerError, Writable
from unit.protocols.sctp.by_hand import ByHand
from unit.protocols.sctp.link import MS, PORT, A, B, Pair, S

ONE_MTU = 1440


def datas(pair, source=A, since=0):
    return pair.chunks(m.Data, source, since)


# Streams, order, fragments.


def test_6_6_messages_of_a_stream_keep_their_order_and_16_streams_go_each_way():
    pair = Pair(3, loss=0.05, double=0.05, jitter_ns=20 * MS).up()
    for i in range(400):
        pair.a.send(pair.at_a, i % 16, 60, b"a%d" % i)
        pair.b.send(pair.at_b, i % 16, 61, b"b%d" % i)
    assert pair.run(300, lambda: len(pair.messages(A)) == len(pair.messages(B)) == 400)
    for stream in range(16):
        numbers = range(stream, 400, 16)
        assert [o for s, _, o, _ in pair.messages(B) if s == stream] == [b"a%d" % i for i in numbers]
        assert [o for s, _, o, _ in pair.messages(A) if s == stream] == [b"b%d" % i for i in numbers]
    assert {ppid for _, ppid, _, _ in pair.messages(A)} == {61}


def drawn_pair(draw, seed):
    """Small packets and buffers, and a link that may be very bad."""
    both = {"association_max_retrans": 100, "max_init_retransmits": 20, "max_message_bytes": 20_000}
    buffers = (30_000, 300_000, 1 << 20)
    return Pair(
        seed,
        a=Config(
            **both, max_packet_bytes=draw.choice((256, 512, 1452, 9000)), receive_buffer_bytes=draw.choice(buffers)
        ),
        b=Config(**both, receive_buffer_bytes=draw.choice(buffers), sack_frequency=draw.choice((1, 2, 4))),
        loss=draw.choice((0, 0.01, 0.1, 0.3)),
        double=draw.choice((0, 0.1, 0.3)),
        jitter_ns=draw.choice((1, 30 * MS, 300 * MS, 2 * S)),
    )


@pytest.mark.parametrize("seed", [142, 243, *range(20)])
def test_6_every_message_arrives_once_whatever_the_link_does(seed):
    draw = random.Random(seed)
    pair = drawn_pair(draw, seed)
    pair.keep_log = False
    pair.up()
    sent = {A: [], B: []}
    for _ in range(40):
        for address, endpoint, association in ((A, pair.a, pair.at_a), (B, pair.b, pair.at_b)):
            octets = draw.randbytes(draw.choice((1, 7, 100, 1424, 1425, 5000, 20000)))
            message = (draw.randrange(16), draw.randrange(1 << 32), octets, draw.random() < 0.3)
            sent[address].append(message)
            endpoint.send(association, *message)
        if draw.random() < 0.2:
            pair.reading[B] = not pair.reading[B]
        pair.run(draw.random() * draw.choice((0.1, 3)))
    pair.reading[B] = True
    assert pair.run(20_000, lambda: len(pair.of(A, Message)) == len(pair.of(B, Message)) == 40)
    for here, there in ((A, B), (B, A)):
        assert sorted(pair.messages(there)) == sorted(sent[here])
        for stream in range(16):
            ordered = [x for x in sent[here] if x[0] == stream and not x[3]]
            assert [x for x in pair.messages(there) if x[0] == stream and not x[3]] == ordered
    assert pair.run(1000, lambda: not pair.tcb(A).outbound.busy and not pair.tcb(B).outbound.busy)
    for association in (pair.tcb(A), pair.tcb(B)):
        assert association.outbound.flight == association.primary.flight == association.outbound.queued_bytes == 0
        assert association.inbound.held == 0
    pair.a.shutdown(pair.at_a)
    assert pair.run(5000, lambda: not pair.a.associations and not pair.b.associations)


def test_6_9_a_message_of_256_kb_is_fragmented_and_put_together():
    pair = Pair(2, loss=0.02, jitter_ns=5 * MS).up()
    octets = random.Random(1).randbytes(256 * 1024)
    pair.a.send(pair.at_a, 5, 60, octets)
    assert pair.run(300, lambda: pair.messages(B))
    assert pair.messages(B) == [(5, 60, octets, False)]
    fragments = {c.tsn: c for c in datas(pair)}
    assert len({c.stream_sequence_number for c in fragments.values()}) == 1
    flags = [fragments[tsn].flags for tsn in sorted(fragments, key=lambda t: (t - min(fragments)) & 0xFFFFFFFF)]
    assert sorted(flags) == [0] * (len(flags) - 2) + [m.END, m.BEGINNING]


def test_6_9_fragments_of_a_long_message_are_put_together_in_any_order_while_a_hole_is_open():
    pair = ByHand().up()
    pieces = [
        pair.data(i, bytes([i]), stream=1, number=0, flags=2 if i == 1 else 1 if i == 5 else 0) for i in range(1, 6)
    ]
    for order in ([5, 1, 3, 2, 4],):
        for i in order:
            pair.give(pieces[i - 1])
    assert pair.got() == [b"\1\2\3\4\5"]
    pair.give(pair.data(0))
    assert pair.got() == [b"\1\2\3\4\5", b"x"]
    (sack,) = pair.give(pair.data(6, stream=1, number=1), pair.data(6, stream=1, number=1))
    assert sack.cumulative_tsn_ack == (pair.tsn + 6) & 0xFFFFFFFF


def test_6_6_a_stream_does_not_wait_for_another():
    pair = ByHand().up()
    pair.give(pair.data(1, b"second", stream=1, number=0))
    assert pair.got() == [b"second"]
    pair.give(pair.data(0, b"first", stream=0, number=0))
    assert pair.got() == [b"second", b"first"]


def test_6_6_unordered_messages_do_not_wait_and_ordered_ones_do():
    pair = ByHand().up()
    pair.give(pair.data(1, b"ordered", number=1), pair.data(2, b"unordered", number=0, flags=7))
    assert pair.got() == [b"unordered"]
    pair.give(pair.data(0, b"first", number=0))
    assert pair.got() == [b"unordered", b"first", b"ordered"]


def test_tsns_and_sequence_numbers_wrap():
    pair = Pair()
    draw = pair.a.random_bytes
    pair.a.random_bytes = lambda n, label: draw(n, label)[:4] + b"\xff" * 3 + b"\0" if n == 8 else draw(n, label)
    pair.up()
    pair.keep_log = False
    for i in range(65_600):
        pair.a.send(pair.at_a, 3, 60, b"%d" % i)
        if i % 500 == 499:
            pair.run(1)
    assert pair.run(60, lambda: len(pair.of(B, Message)) == 65_600)
    assert [o for _, _, o, _ in pair.messages(B)] == [b"%d" % i for i in range(65_600)]
    assert pair.tcb(A).outbound.next_tsn >> 32 == 2


def test_6_5_an_invalid_stream_is_acknowledged_reported_and_thrown_away():
    pair = ByHand().up()
    pair.drop = lambda source, destination, octets: False
    chunks = pair.give(pair.data(0, stream=32), pair.data(1, stream=0, number=0))
    error = next(c for c in chunks if isinstance(c, m.Error))
    assert error.causes == (m.Cause(code=m.CauseCode.INVALID_STREAM_IDENTIFIER, information=b"\0\x20\0\0"),)
    assert pair.got() == [b"x"]
    (sack,) = [c for c in pair.give(pair.data(0)) if isinstance(c, m.Sack)]
    assert sack.cumulative_tsn_ack == (pair.tsn + 1) & 0xFFFFFFFF
    pair.run(1)
    assert pair.of(A, PeerError)[0].cause == m.CauseCode.INVALID_STREAM_IDENTIFIER


def test_3_3_1_data_without_user_data_is_answered_with_abort():
    pair = ByHand().up()
    (abort,) = pair.give(pair.data(0, b""))
    assert abort.causes[0].code == m.CauseCode.NO_USER_DATA
    assert abort.causes[0].information == (pair.tsn & 0xFFFFFFFF).to_bytes(4, "big")


@pytest.mark.parametrize(
    "chunks",
    [
        lambda p: (p.data(0, flags=0),),
        lambda p: (p.data(0, flags=1),),
        lambda p: (p.data(0, flags=2), p.data(1, flags=2)),
        lambda p: (p.data(0, flags=2), p.data(1, flags=3)),
        lambda p: (p.data(0, flags=2, number=0), p.data(1, flags=1, number=1)),
        lambda p: (p.data(0, flags=2, number=0), p.data(1, flags=5, number=0)),
        lambda p: (p.data(0, flags=2, number=0), p.data(1, flags=1, stream=1, number=0)),
        lambda p: (p.data(1, flags=2, number=0), p.data(2, flags=1, stream=1, number=0)),
        lambda p: (p.data(0, number=0), p.data(1, number=0)),
        lambda p: (p.data(0, number=5), p.data(1, number=5)),
    ],
)
def test_fragments_and_numbers_that_cannot_be_end_the_association(chunks):
    pair = ByHand().up()
    answers = pair.give(*chunks(pair))
    (abort,) = [c for c in answers if isinstance(c, m.Abort)]
    assert abort.causes[0].code == m.CauseCode.PROTOCOL_VIOLATION
    (event,) = pair.of(B, AssociationAborted)
    assert not event.by_peer


def test_a_message_beyond_the_bound_ends_the_association():
    for ahead in (0, 1):
        pair = ByHand(b=Config(max_message_bytes=10_000)).up()
        for i in range(11):
            pair.give(pair.data(i + ahead, bytes(1000), number=0, flags=2 if i == 0 else 1 if i == 10 else 0))
        assert pair.of(B, AssociationAborted)[0].cause == m.CauseCode.OUT_OF_RESOURCE


# Bundling.


def test_6_10_small_messages_share_packets():
    pair = Pair().up()
    since = len(pair.log)
    for i in range(40):
        pair.a.send(pair.at_a, i % 4, 60, bytes(80))
    pair.run(0.1)
    packets = [p for p in pair.packets(A, since) if any(isinstance(c, m.Data) for c in p.chunks)]
    assert len(packets) == 3
    assert max(len(o) for _, _, _, o in pair.log) <= 1452


def test_6_10_an_acknowledgement_goes_with_data_that_goes_anyway():
    pair = Pair().up()
    pair.a.send(pair.at_a, 0, 60, b"question")
    pair.run(0.05)
    pair.b.send(pair.at_b, 0, 60, b"answer")
    pair.run(0.01)
    assert [type(c) for c in pair.packets(B)[-1].chunks] == [m.Sack, m.Data]


# SACK.


def test_6_2_every_second_packet_is_acknowledged_at_once_and_a_single_one_within_200_ms():
    pair = ByHand().up()
    assert pair.give(pair.data(0)) == []
    (sack,) = pair.give(pair.data(1))
    assert sack.cumulative_tsn_ack == (pair.tsn + 1) & 0xFFFFFFFF
    assert pair.give(pair.data(2)) == []
    start, since = pair.now_ns, len(pair.log)
    assert pair.run(1, lambda: len(pair.log) > since)
    assert pair.now_ns - start == 200 * MS
    assert pair.packets(B, since)[0].chunks[0].cumulative_tsn_ack == (pair.tsn + 2) & 0xFFFFFFFF


def test_6_2_packets_that_come_together_are_acknowledged_one_by_one():
    pair = ByHand().up()
    octets = [
        encode(
            m.Packet(
                source_port=pair.ports[0],
                destination_port=pair.ports[1],
                verification_tag=pair.tag,
                chunks=(pair.data(i, number=i),),
            )
        )
        for i in range(8)
    ]
    since = len(pair.log)
    for each in octets:
        pair.b.receive(each, (A, 9899), pair.now_ns)
    pair.settle()
    acked = [(c.cumulative_tsn_ack - pair.tsn) & 0xFFFFFFFF for c in pair.chunks(m.Sack, B, since)]
    assert acked == [1, 3, 5, 7]


def test_6_2_the_i_bit_asks_for_an_acknowledgement_at_once():
    pair = ByHand().up()
    (sack,) = pair.give(pair.data(0, flags=3 | m.IMMEDIATE))
    assert isinstance(sack, m.Sack)


def test_6_7_gaps_and_duplicates_are_reported_at_once():
    pair = ByHand().up()
    (sack,) = pair.give(pair.data(2, number=2))
    assert sack.gap_ack_blocks == ((3, 3),)
    (sack,) = pair.give(pair.data(3, number=3), pair.data(6, number=6))
    assert sack.gap_ack_blocks == ((3, 4), (7, 7))
    (sack,) = pair.give(pair.data(3, number=3))
    assert sack.duplicate_tsns == ((pair.tsn + 3) & 0xFFFFFFFF,)
    (sack,) = pair.give(pair.data(0, number=0), pair.data(1, number=1))
    assert sack.cumulative_tsn_ack == (pair.tsn + 3) & 0xFFFFFFFF
    assert sack.gap_ack_blocks == ((3, 3),)
    (sack,) = pair.give(pair.data(4, number=4), pair.data(5, number=5))
    assert sack.gap_ack_blocks == ()
    (sack,) = pair.give(pair.data(0, number=0))
    assert sack.duplicate_tsns == (pair.tsn & 0xFFFFFFFF,)


def test_6_2_1_an_acknowledgement_of_what_was_never_sent_ends_the_association():
    pair = ByHand().up()
    (abort,) = pair.give(pair.sack(5))
    assert abort.causes[0].code == m.CauseCode.PROTOCOL_VIOLATION


@pytest.mark.parametrize("gaps", [((0, 0),), ((2, 1),), ((1, 60000),), ((2, 2), (2, 3)), ((3, 3), (2, 2))])
def test_gap_blocks_that_cannot_be_are_not_believed(gaps):
    pair = ByHand().up()
    for _ in range(4):
        pair.b.send(pair.at_b, 0, 60, bytes(1000))
    pair.settle()
    pair.give(pair.sack(-1, gaps=gaps))
    out = pair.tcb(B).outbound
    assert out.flight == sum(r.size for r in out.sent.values() if r.state == 0)
    assert pair.run(3) is False


def test_6_2_1_an_old_sack_is_ignored():
    pair = ByHand().up()
    for _ in range(2):
        pair.b.send(pair.at_b, 0, 60, bytes(1000))
    pair.settle()
    pair.give(pair.sack(1))
    pair.give(pair.sack(0, window=0))
    assert pair.tcb(B).outbound.peer_window == 1 << 20


# Windows.


def test_6_2_a_reader_that_does_not_read_closes_its_window_and_opens_it_again():
    pair = Pair(b=Config(receive_buffer_bytes=20_000, max_message_bytes=10_000)).up()
    pair.reading[B] = False
    for i in range(60):
        pair.a.send(pair.at_a, 0, 60, bytes([i]) * 1000)
    pair.run(10)
    assert pair.tcb(B).inbound.window < 1000
    assert 19 <= len([e for e in pair.b.events if isinstance(e, Message)]) <= 21
    assert pair.tcb(A).outbound.unacknowledged >= 39
    pair.reading[B] = True
    assert pair.run(5, lambda: len(pair.messages(B)) == 60)
    assert [o[0] for _, _, o, _ in pair.messages(B)] == list(range(60))


def test_6_1_a_closed_window_is_probed_with_growing_pauses_and_is_no_failure():
    config = Config(rto_max_ns=4 * S, association_max_retrans=4, hb_interval_ns=1000 * S)
    pair = Pair(a=config, b=Config(receive_buffer_bytes=20_000, max_message_bytes=10_000, hb_interval_ns=1000 * S)).up()
    pair.reading[B] = False
    for i in range(60):
        pair.a.send(pair.at_a, 0, 60, bytes([i]) * 1000)
    pair.run(20)
    since = len(pair.log)
    pair.run(100)
    probes = [at for at, s, _, o in pair.log[since:] if s == A and isinstance(decode(o).chunks[0], m.Data)]
    assert 20 <= len(probes) <= 30
    assert pair.of(A, AssociationAborted) == []
    pair.reading[B] = True
    assert pair.run(10, lambda: len(pair.messages(B)) == 60)


def test_6_1_the_window_update_may_be_lost():
    pair = Pair(b=Config(receive_buffer_bytes=20_000, max_message_bytes=10_000)).up()
    pair.reading[B] = False
    for i in range(60):
        pair.a.send(pair.at_a, 0, 60, bytes([i]) * 1000)
    pair.run(10)
    pair.drop = lambda source, destination, octets: source == B
    pair.reading[B] = True
    pair.run(0.1)
    pair.drop = lambda source, destination, octets: False
    assert pair.run(100, lambda: len(pair.messages(B)) == 60)


def test_a_peer_that_ignores_our_window_finds_a_bounded_buffer():
    pair = ByHand(b=Config(receive_buffer_bytes=20_000, max_message_bytes=10_000)).up()
    for i in range(1, 300):
        pair.give(pair.data(i, bytes(1000), number=i))
    assert pair.tcb(B).inbound.waiting <= 20
    pair.reading[B] = False
    for _ in range(300):
        pair.give(pair.data(pair.tcb(B).inbound.cumulative + 1 - (1 << 32) - pair.tsn, bytes(1000)))
    assert sum(len(e.octets) for e in pair.b.events if isinstance(e, Message)) <= 42_000


def test_when_all_together_hold_too_much_then_the_greediest_goes():
    pair = ByHand(b=Config(max_held_bytes=300_000)).up()
    for i in range(1, 150):
        pair.give(pair.data(i, bytes(1400), number=i))
    assert 270_000 < pair.b.held < 300_000
    other = pair.host("10.0.0.3")
    association = other.connect(B, PORT)
    pair.run(1)
    other.send(association, 0, 60, random.Random(1).randbytes(200_000))
    assert pair.run(60, lambda: any(len(e.octets) == 200_000 for e in pair.of(B, Message)))
    (aborted,) = pair.of(B, AssociationAborted)
    assert (aborted.association, aborted.cause) == (pair.at_b, m.CauseCode.OUT_OF_RESOURCE)
    assert pair.b.held == 0


def test_the_send_buffer_is_bounded_and_says_when_it_has_room():
    pair = Pair(a=Config(send_buffer_bytes=50_000)).up()
    for _ in range(50):
        pair.a.send(pair.at_a, 0, 60, bytes(1000))
    with pytest.raises(SendBufferFullError):
        pair.a.send(pair.at_a, 0, 60, bytes(1000))
    assert pair.a.unacknowledged(pair.at_a) == 50_000
    assert pair.run(10, lambda: pair.of(A, Writable))
    assert pair.a.unacknowledged(pair.at_a) <= 25_000
    pair.run(10)
    assert len(pair.of(A, Writable)) == 1


def test_the_send_buffer_is_bounded_for_tiny_messages_too():
    pair = Pair(a=Config(send_buffer_bytes=25_600)).up()
    for _ in range(100):
        pair.a.send(pair.at_a, 0, 60, b"x")
    with pytest.raises(SendBufferFullError):
        pair.a.send(pair.at_a, 0, 60, b"x")
    assert pair.run(10, lambda: pair.of(A, Writable))


# Retransmission and congestion.


def test_6_3_1_the_rto_follows_the_round_trip_within_its_bounds():
    pair = Pair(a=Config(rto_min_ns=50 * MS), delay_ns=100 * MS).up()
    for _ in range(20):
        pair.a.send(pair.at_a, 0, 60, bytes(3000))
        pair.run(1)
    path = pair.tcb(A).primary
    assert abs(path.srtt_ns - 200 * MS) < 20 * MS
    assert 200 * MS <= path.rto_ns <= 320 * MS
    assert Pair().up().tcb(A).primary.rto_ns == S


def test_6_3_3_a_time_out_sends_again_with_twice_the_rto_and_a_window_of_one_packet():
    pair = Pair().up()
    pair.drop = lambda source, destination, octets: source == A
    for _ in range(3):
        pair.a.send(pair.at_a, 0, 60, bytes(1400))
    since = len(pair.log)
    pair.run(8)
    times = [(at - pair.log[since][0]) / S for at, _, _, _ in pair.log[since:]]
    assert times == [0, 0, 0, 1, 3, 7]
    assert pair.tcb(A).primary.cwnd == ONE_MTU
    pair.drop = lambda source, destination, octets: False
    assert pair.run(20, lambda: len(pair.messages(B)) == 3)
    assert pair.tcb(A).primary.errors == 0


def test_6_3_1_c5_a_chunk_sent_twice_times_nothing():
    pair = Pair(delay_ns=20 * MS).up()
    pair.a.send(pair.at_a, 0, 60, bytes(3000))
    pair.run(1)
    srtt = pair.tcb(A).primary.srtt_ns
    pair.drop = lambda source, destination, octets: source == A
    pair.a.send(pair.at_a, 0, 60, b"late")
    pair.run(0.5)
    pair.drop = lambda source, destination, octets: False
    assert pair.run(5, lambda: len(pair.messages(B)) == 2)
    pair.run(1)
    assert pair.tcb(A).primary.srtt_ns == srtt


def test_7_2_4_a_chunk_missed_three_times_is_sent_again_at_once_and_only_once():
    pair = ByHand().up()
    for i in range(6):
        pair.b.send(pair.at_b, 0, 60, bytes([i]) * 1400)
    pair.settle()
    before = pair.tcb(B).primary.cwnd

    def again(stop):
        return sum(c.tsn == pair.b_tsn for c in pair.give(pair.sack(-1, gaps=((2, stop),))) if isinstance(c, m.Data))

    assert [again(stop) for stop in (2, 3, 4)] == [0, 0, 1]
    path = pair.tcb(B).primary
    assert path.cwnd == path.ssthresh == max(before // 2, 4 * ONE_MTU)
    assert [again(stop) for stop in (5, 6, 6, 6)] == [0, 0, 0, 0]


def test_7_2_4_misses_count_only_below_what_is_newly_acknowledged():
    pair = ByHand().up()
    for i in range(4):
        pair.b.send(pair.at_b, 0, 60, bytes([i]) * 1400)
    pair.settle()
    for _ in range(6):
        chunks = pair.give(pair.sack(-1, gaps=((2, 2),)))
        assert not any(c.tsn == pair.b_tsn for c in chunks if isinstance(c, m.Data))


def test_7_2_1_slow_start_doubles_the_window_only_while_it_is_used():
    pair = Pair().up()
    path = pair.tcb(A).primary
    assert path.cwnd == min(4 * ONE_MTU, max(2 * ONE_MTU, 4404))
    for _ in range(20):
        pair.a.send(pair.at_a, 0, 60, b"small")
        pair.run(0.1)
    assert path.cwnd == 4404
    for _ in range(200):
        pair.a.send(pair.at_a, 0, 60, bytes(1400))
    pair.run(5)
    assert path.cwnd > 10 * ONE_MTU


def test_7_2_2_above_ssthresh_the_window_grows_by_one_packet_a_round_trip():
    pair = Pair(delay_ns=50 * MS).up()
    path = pair.tcb(A).primary
    path.cwnd, path.ssthresh = 8 * ONE_MTU + 1, 8 * ONE_MTU
    for _ in range(1000):
        pair.a.send(pair.at_a, 0, 60, bytes(1424))
    pair.run(2.05)
    grown = (path.cwnd - 8 * ONE_MTU) / ONE_MTU
    assert 10 <= grown <= 21


def test_7_2_1_an_idle_window_shrinks_to_four_packets_at_least():
    pair = Pair().up()
    path = pair.tcb(A).primary
    path.cwnd = 40 * ONE_MTU
    pair.a.send(pair.at_a, 0, 60, b"x")
    pair.run(10)
    assert path.cwnd == 20 * ONE_MTU
    for _ in range(5):
        pair.a.send(pair.at_a, 0, 60, b"x")
        pair.run(10)
    assert path.cwnd == 4 * ONE_MTU


def test_6_1_no_more_than_max_burst_packets_go_at_once():
    pair = Pair().up()
    pair.tcb(A).primary.cwnd = 100 * ONE_MTU
    for _ in range(100):
        pair.a.send(pair.at_a, 0, 60, bytes(1424))
    since = len(pair.log)
    pair.settle()
    # Bytes of user data are counted: 16 octets less a packet.
    assert len(pair.log) - since == 5


def test_6_2_1_what_the_peer_reneges_on_is_sent_again():
    pair = ByHand().up()
    for i in range(3):
        pair.b.send(pair.at_b, 0, 60, bytes([i]) * 1400)
    pair.settle()
    pair.give(pair.sack(-1, gaps=((2, 3),)))
    assert pair.tcb(B).outbound.flight == 1400
    pair.give(pair.sack(-1))
    assert pair.tcb(B).outbound.flight == 4200
    since = len(pair.log)
    assert pair.run(5, lambda: len({c.tsn for c in datas(pair, B, since)}) == 1)


def test_8_4_after_everything_nothing_is_left_behind():
    pair = Pair(7, loss=0.1, double=0.1, jitter_ns=50 * MS).up()
    for i in range(100):
        pair.a.send(pair.at_a, i % 16, 60, bytes(i * 30 + 1))
    pair.a.shutdown(pair.at_a)
    pair.run(400)
    assert len(pair.messages(B)) == 100
    for endpoint in (pair.a, pair.b):
        assert not endpoint.associations
    pair.run(200)
    assert pair.a.wake_at_ns() is pair.b.wake_at_ns() is None
    assert len(pair.of(B, AssociationUp)) == 1
