"""How associations end, packets of nobody's, chunks of no known type (RFC 9260 clauses 3.2, 8.4, 8.5 and 9)."""

import pytest

from awase.protocols.sctp import messages as m
from awase.protocols.sctp.codec import decode, encode
from awase.protocols.sctp.config import Config
from awase.protocols.sctp.entity import NoAssociationError
from awase.protocols.sctp.events import (
    AssociationAborted,
    AssociationDown,
    AssociationLost,
    Malformed,
    Message,
    PeerError,
)
from awase.protocols.sctp.states import State
from unit.protocols.sctp.by_hand import ByHand, Server, init
from unit.protocols.sctp.by_hand import packet as stray
from unit.protocols.sctp.link import MS, PORT, A, B, Pair, S

DATA = m.Data(tsn=1, stream_identifier=0, stream_sequence_number=0, payload_protocol_identifier=0, user_data=b"x")


def test_9_2_shutdown_delivers_everything_first():
    pair = Pair(4, loss=0.1, jitter_ns=20 * MS).up()
    for i in range(100):
        pair.a.send(pair.at_a, i % 4, 60, bytes(3000))
    pair.a.shutdown(pair.at_a)
    with pytest.raises(NoAssociationError):
        pair.a.send(pair.at_a, 0, 60, b"too late")
    assert pair.run(500, lambda: pair.of(A, AssociationDown) and pair.of(B, AssociationDown))
    assert len(pair.messages(B)) == 100


def test_9_2_the_side_that_is_asked_delivers_what_it_has_too():
    pair = Pair().up()
    for _ in range(50):
        pair.b.send(pair.at_b, 0, 60, bytes(3000))
    pair.a.shutdown(pair.at_a)
    assert pair.run(50, lambda: pair.of(A, AssociationDown) and pair.of(B, AssociationDown))
    assert len(pair.messages(A)) == 50
    kinds = [type(p.chunks[-1]) for p in pair.packets()]
    assert kinds[-2:] == [m.ShutdownAck, m.ShutdownComplete]


def test_9_2_both_shut_down_at_once():
    pair = Pair().up()
    pair.a.shutdown(pair.at_a)
    pair.b.shutdown(pair.at_b)
    assert pair.run(5, lambda: pair.of(A, AssociationDown) and pair.of(B, AssociationDown))


@pytest.mark.parametrize("lost", [m.Shutdown, m.ShutdownAck, m.ShutdownComplete])
def test_9_2_each_packet_of_the_shutdown_may_be_lost(lost):
    pair = Pair().up()
    left = [2]

    def drop(_source, _destination, octets):
        hit = isinstance(decode(octets).chunks[-1], lost) and left[0] > 0
        left[0] -= hit
        return hit

    pair.drop = drop
    pair.a.shutdown(pair.at_a)
    assert pair.run(30, lambda: pair.of(A, AssociationDown) and pair.of(B, AssociationDown))


def test_9_2_data_after_our_shutdown_is_taken_and_answered_with_shutdown_again():
    pair = ByHand().up()
    pair.b.shutdown(pair.at_b)
    pair.settle()
    assert pair.tcb(B).state is State.SHUTDOWN_SENT
    (shutdown,) = pair.give(pair.data(0, b"late"))
    assert shutdown.cumulative_tsn_ack == pair.tsn
    sack, shutdown = pair.give(pair.data(2))
    assert sack.gap_ack_blocks == ((2, 2),)
    assert pair.got() == [b"late"]
    assert [type(c) for c in pair.give(m.ShutdownAck())] == [m.ShutdownComplete]
    assert pair.of(B, AssociationDown)


def test_9_2_after_its_shutdown_the_peers_data_is_discarded():
    pair = ByHand().up()
    for _ in range(9):
        pair.b.send(pair.at_b, 0, 60, bytes(1400))
    pair.settle()
    pair.give(m.Shutdown(cumulative_tsn_ack=(pair.b_tsn - 1) & 0xFFFFFFFF))
    assert pair.tcb(B).state is State.SHUTDOWN_RECEIVED
    pair.give(pair.data(0))
    assert pair.got() == []
    pair.give(pair.sack(3))
    answers = pair.give(m.Shutdown(cumulative_tsn_ack=(pair.b_tsn + 8) & 0xFFFFFFFF))
    assert [type(c) for c in answers] == [m.ShutdownAck]
    assert [type(c) for c in pair.give(m.Shutdown(cumulative_tsn_ack=(pair.b_tsn + 8) & 0xFFFFFFFF))] == [m.ShutdownAck]
    pair.give(m.ShutdownComplete())
    assert pair.of(B, AssociationDown)


def test_9_2_a_shutdown_that_nobody_answers_ends_in_loss():
    pair = Pair(a=Config(association_max_retrans=3, hb_interval_ns=1000 * S)).up()
    pair.drop = lambda source, destination, octets: True
    pair.a.shutdown(pair.at_a)
    assert pair.run(100, lambda: pair.of(A, AssociationLost))
    assert "shutdown" in pair.of(A, AssociationLost)[0].reason


def test_9_2_t5_ends_a_shutdown_that_the_peer_draws_out():
    pair = ByHand(b=Config(rto_max_ns=2 * S)).up()
    pair.b.shutdown(pair.at_b)
    for i in range(100):
        if pair.of(B, AssociationAborted):
            break
        pair.give(pair.data(i))
        pair.run(0.5)
    assert pair.of(B, AssociationAborted)[0].reason == "the peer did not shut down in time"


def test_a_shutdown_while_opening_ends_the_attempt_or_waits_for_it():
    pair = Pair()
    early = pair.a.connect(B, PORT)
    pair.a.shutdown(early)
    pair.run(1)
    assert pair.of(A, AssociationDown)
    assert pair.log == []
    pair = Pair()
    association = pair.a.connect(B, PORT)
    pair.run(0.012)
    assert pair.a.associations[association].state is State.COOKIE_ECHOED
    pair.a.shutdown(association)
    assert pair.run(5, lambda: pair.of(A, AssociationDown) and pair.of(B, AssociationDown))


def test_9_1_abort_ends_both_sides_at_once_and_says_why():
    pair = Pair().up()
    for _ in range(5):
        pair.a.send(pair.at_a, 0, 60, bytes(5000))
    pair.a.abort(pair.at_a, "maintenance")
    pair.run(0.1)
    (ours,) = pair.of(A, AssociationAborted)
    assert (ours.by_peer, ours.cause, ours.unacknowledged) == (False, m.CauseCode.USER_INITIATED_ABORT, 20)
    (theirs,) = pair.of(B, AssociationAborted)
    assert theirs.by_peer
    assert theirs.reason == "user initiated abort: maintenance"
    assert not pair.of(B, Message)


def test_9_1_abort_while_connecting_sends_nothing_to_a_peer_without_a_tag():
    pair = Pair()
    association = pair.a.connect(B, PORT)
    pair.settle()
    pair.a.abort(association)
    assert pair.a.take_datagrams(pair.now_ns) == []
    pair.settle()
    assert pair.of(A, AssociationAborted)
    assert not pair.a.associations


def by_a(pair, *chunks, tag):
    octets = encode(
        m.Packet(source_port=pair.ports[0], destination_port=pair.ports[1], verification_tag=tag, chunks=tuple(chunks))
    )
    since = len(pair.log)
    pair.b.receive(octets, (A, 9899), pair.now_ns)
    pair.settle()
    return pair.packets(B, since)


def test_8_5_packets_with_another_tag_are_discarded():
    pair = ByHand().up()
    for chunk in (
        DATA,
        m.Abort(),
        m.Shutdown(cumulative_tsn_ack=0),
        m.ShutdownAck(),
        m.ShutdownComplete(),
        m.CookieAck(),
        m.Heartbeat(heartbeat_information=b"\0\1\0\4"),
        pair.sack(-1),
    ):
        for tag in (pair.tag ^ 1, pair.a_tag, 0):
            assert by_a(pair, chunk, tag=tag) == []
    assert pair.tcb(B).state is State.ESTABLISHED


def test_8_5_1_b_an_abort_may_have_the_senders_own_tag_if_it_says_so():
    pair = ByHand().up()
    by_a(pair, m.Abort(tag_reflected=True), tag=pair.tag)
    by_a(pair, m.Abort(tag_reflected=True), tag=pair.a_tag ^ 1)
    assert not pair.of(B, AssociationAborted)
    by_a(pair, m.Abort(tag_reflected=True), tag=pair.a_tag)
    assert pair.of(B, AssociationAborted)


def test_8_5_1_c_a_shutdown_complete_may_have_the_senders_own_tag_if_it_says_so():
    pair = ByHand().up()
    pair.give(m.Shutdown(cumulative_tsn_ack=(pair.b_tsn - 1) & 0xFFFFFFFF))
    assert pair.tcb(B).state is State.SHUTDOWN_ACK_SENT
    by_a(pair, m.ShutdownComplete(tag_reflected=True), tag=pair.tag)
    assert not pair.of(B, AssociationDown)
    by_a(pair, m.ShutdownComplete(tag_reflected=True), tag=pair.a_tag)
    assert pair.of(B, AssociationDown)


def test_8_5_1_e_a_shutdown_ack_while_opening_is_completed_and_the_opening_goes_on():
    for delay in (0.001, 0.012):
        pair = Pair()
        association = pair.a.connect(B, PORT)
        pair.run(delay)
        a = pair.a.associations[association]
        since = len(pair.log)
        for tag in (5, a.local_tag):
            octets = stray(m.ShutdownAck(), tag=tag, source=PORT, destination=a.local_port)
            pair.a.receive(octets, (B, 9899), pair.now_ns)
        pair.settle()
        answers = pair.packets(A, since)
        assert [(p.verification_tag, p.chunks) for p in answers] == [
            (5, (m.ShutdownComplete(tag_reflected=True),)),
            (a.local_tag, (m.ShutdownComplete(tag_reflected=True),)),
        ]
        pair.run(1)
        assert a.state is State.ESTABLISHED


@pytest.mark.parametrize(
    ("chunks", "answer"),
    [
        ((DATA,), m.Abort(tag_reflected=True)),
        ((m.Heartbeat(heartbeat_information=b"\0\1\0\4"),), m.Abort(tag_reflected=True)),
        ((m.UnknownChunk(type=200),), m.Abort(tag_reflected=True)),
        ((m.Shutdown(cumulative_tsn_ack=3),), m.Abort(tag_reflected=True)),
        ((m.ShutdownAck(),), m.ShutdownComplete(tag_reflected=True)),
        ((m.Abort(),), None),
        ((DATA, m.Abort()), None),
        ((m.ShutdownComplete(),), None),
        ((m.CookieAck(),), None),
        ((m.CookieEcho(cookie=b"?"),), None),
        ((m.Error(causes=(m.Cause(code=3, information=bytes(4)),)),), None),
        ((m.Error(causes=(m.Cause(code=6, information=bytes(4)),)),), m.Abort(tag_reflected=True)),
    ],
)
def test_8_4_out_of_the_blue(chunks, answer):
    answers = Server().ask(stray(*chunks, tag=0x1234))
    assert [p.chunks for p in answers] == ([(answer,)] if answer else [])
    assert all(p.verification_tag == 0x1234 for p in answers)


def test_5_1_an_init_to_a_port_without_listener_is_refused_with_its_tag():
    (answer,) = Server().ask(stray(init(), destination=1))
    assert answer.chunks == (m.Abort(),)
    assert answer.verification_tag == 7


def test_answers_to_strangers_are_bounded():
    server = Server(Config(max_waiting_datagrams=10))
    for tag in range(1, 100):
        server.endpoint.receive(stray(DATA, tag=tag), ("10.1.1.1", 9), server.now_ns)
        server.endpoint.receive(stray(init(initiate_tag=tag)), ("10.1.1.1", 9), server.now_ns)
    assert len(server.endpoint.take_datagrams(server.now_ns)) == 10


@pytest.mark.parametrize(
    ("kind", "reported", "goes_on"),
    [(0x3F, False, False), (0x7F, True, False), (0xBF, False, True), (0xC0, True, True)],
)
def test_3_2_an_unknown_chunk_is_treated_as_its_high_bits_say(kind, reported, goes_on):
    pair = ByHand().up()
    answers = pair.give(m.UnknownChunk(type=kind, flags=9, value=b"abc"), pair.data(0, flags=11))
    errors = [c for c in answers if isinstance(c, m.Error)]
    whole = bytes((kind, 9, 0, 7)) + b"abc"
    assert [e.causes for e in errors] == (
        [(m.Cause(code=m.CauseCode.UNRECOGNIZED_CHUNK_TYPE, information=whole),)] if reported else []
    )
    assert (pair.got() == [b"x"]) is goes_on


def test_3_3_10_an_error_of_the_peer_is_told_and_ends_nothing():
    pair = ByHand().up()
    pair.give(m.Error(causes=(m.Cause(code=1, information=bytes(4)), m.Cause(code=99))))
    assert [(e.cause, e.reason) for e in pair.of(B, PeerError)] == [
        (1, "invalid stream identifier"),
        (99, "cause 99"),
    ]
    assert pair.tcb(B).state is State.ESTABLISHED


def test_an_abort_whose_causes_cannot_be_read_or_shown_is_an_abort():
    pair = ByHand().up()
    pair.give(m.Abort(causes=(m.Cause(code=12, information=b"\x1b[2J\xff"),)))
    assert pair.of(B, AssociationAborted)[0].reason == "user initiated abort"
    pair = ByHand().up()
    pair.give(m.UnknownChunk(type=6, value=b"\0\1\0\0"))
    assert pair.of(B, AssociationAborted)[0].reason == "no cause given"


def test_6_8_octets_that_are_no_packet_are_told_a_few_times_a_second():
    server = Server()
    good = stray(DATA, tag=3)
    for at in range(len(good)):
        assert server.ask(good[:at]) == []
        assert server.ask(good[:at] + bytes((good[at] ^ 4,)) + good[at + 1 :]) == []
    events = server.endpoint.take_events()
    assert len(events) == 20
    assert all(isinstance(e, Malformed) for e in events)
    server.now_ns += S
    server.ask(b"")
    assert server.endpoint.take_events() == [
        Malformed(host="10.9.9.9", port=9899, what="0 octets are no SCTP packet", offset=0)
    ]


def test_a_chunk_that_cannot_be_read_stops_its_packet_only():
    pair = ByHand().up()
    pair.give(pair.data(0, b"good"), m.UnknownChunk(type=3, value=b"\0"), pair.data(1, b"not read"))
    assert pair.got() == [b"good"]
    assert pair.of(B, Malformed)
    pair.give(pair.data(1, b"next"))
    assert pair.got() == [b"good", b"next"]
