"""Association establishment, collision and restart (RFC 9260 clause 5)."""

import pytest

from awase.protocols.sctp import messages as m
from awase.protocols.sctp.codec import decode
from awase.protocols.sctp.config import Config
from awase.protocols.sctp.cookie import CookieJar, StateCookie
from awase.protocols.sctp.entity import Endpoint, NoAssociationError
from awase.protocols.sctp.events import (
    AssociationAborted,
    AssociationDown,
    AssociationLost,
    AssociationRestarted,
    AssociationUp,
    Message,
)
from awase.protocols.sctp.states import TABLE, State
from awase.wire.errors import EncodeError
from unit.protocols.sctp.by_hand import Server, init, packet
from unit.protocols.sctp.link import MS, PORT, A, B, Net, Pair, S, randomness


def test_5_1_four_packets_bring_an_association_up_on_both_sides():
    pair = Pair(a=Config(outbound_streams=16, inbound_streams=20), b=Config(outbound_streams=64, inbound_streams=18))
    pair.up()
    kinds = [type(chunk).__name__ for p in pair.packets() for chunk in p.chunks]
    assert kinds == ["Init", "InitAck", "CookieEcho", "CookieAck"]
    (up,) = pair.of(A, AssociationUp)
    assert (up.host, up.port, up.outbound_streams, up.inbound_streams, up.connected) == (B, PORT, 16, 20, True)
    (up,) = pair.of(B, AssociationUp)
    assert (up.host, up.local_port, up.outbound_streams, up.inbound_streams, up.connected) == (A, PORT, 20, 16, False)


def test_5_1_an_init_has_tag_0_and_is_alone_and_each_side_uses_the_tag_of_the_other():
    pair = Pair().up()
    offer, answer, echo, ack = pair.packets()
    assert offer.verification_tag == 0
    assert answer.verification_tag == offer.chunks[0].initiate_tag == ack.verification_tag
    assert echo.verification_tag == answer.chunks[0].initiate_tag


def test_5_1_3_an_init_costs_no_state():
    server = Server()
    before = len(server.endpoint.associations), server.endpoint.wake_at_ns()
    for number in range(1, 2001):
        (answer,) = server.ask(packet(init(initiate_tag=number), source=number))
        assert isinstance(answer.chunks[0], m.InitAck)
    assert (len(server.endpoint.associations), server.endpoint.wake_at_ns()) == before
    assert not server.endpoint.take_events()


def test_5_1_5_a_forged_cookie_is_discarded_in_silence():
    server = Server()
    (answer,) = server.ask(packet(init()))
    cookie = answer.chunks[0].parameters[0].value
    for at in range(len(cookie)):
        forged = cookie[:at] + bytes((cookie[at] ^ 1,)) + cookie[at + 1 :]
        assert server.ask(packet(m.CookieEcho(cookie=forged), tag=answer.chunks[0].initiate_tag)) == []
    assert server.ask(packet(m.CookieEcho(cookie=b""), tag=answer.chunks[0].initiate_tag)) == []
    assert server.ask(packet(m.CookieEcho(cookie=cookie), tag=99)) == []
    assert server.ask(packet(m.CookieEcho(cookie=cookie), tag=answer.chunks[0].initiate_tag, source=3)) == []
    assert not server.endpoint.take_events()


def test_5_1_5_a_cookie_of_another_host_is_discarded():
    server = Server()
    (answer,) = server.ask(packet(init()))
    ack = answer.chunks[0]
    echo = packet(m.CookieEcho(cookie=ack.parameters[0].value), tag=ack.initiate_tag)
    assert server.ask(echo, host="10.9.9.8") == []
    assert not server.endpoint.take_events()


def test_5_2_4_a_cookie_that_is_too_old_is_answered_with_stale_cookie():
    server = Server()
    (answer,) = server.ask(packet(init()))
    ack = answer.chunks[0]
    server.now_ns += 61 * S
    (answer,) = server.ask(packet(m.CookieEcho(cookie=ack.parameters[0].value), tag=ack.initiate_tag))
    (error,) = answer.chunks
    assert error.causes == (m.Cause(code=m.CauseCode.STALE_COOKIE, information=(1_000_000).to_bytes(4, "big")),)
    assert answer.verification_tag == 7


def test_5_2_6_a_stale_cookie_is_asked_for_again_with_a_cookie_preservative():
    pair = Pair(b=Config(valid_cookie_life_ns=100 * MS), delay_ns=60 * MS)
    pair.up()
    first, second = pair.chunks(m.Init)
    assert all(p.type != m.ParameterType.COOKIE_PRESERVATIVE for p in first.parameters)
    assert any(p.type == m.ParameterType.COOKIE_PRESERVATIVE for p in second.parameters)


def test_5_2_6_a_cookie_that_is_always_stale_ends_the_attempt():
    pair = Pair(b=Config(valid_cookie_life_ns=20 * MS), delay_ns=200 * MS)
    pair.a.connect(B, PORT)
    assert pair.run(60, lambda: pair.of(A, AssociationAborted))
    assert pair.of(A, AssociationAborted)[0].cause == m.CauseCode.STALE_COOKIE


def test_a_cookie_is_good_while_its_key_is_and_not_for_ever():
    jar = CookieJar(randomness("jar"), 10 * S)
    fields = dict.fromkeys(StateCookie.__struct_fields__, 1) | {"hosts": ("10.0.0.1",)}
    cookie = StateCookie(**fields)
    sealed = jar.seal(cookie, 100 * S)
    assert jar.open(sealed) == cookie
    jar.seal(cookie, 111 * S)
    assert jar.open(sealed) == cookie
    jar.seal(cookie, 122 * S)
    assert jar.open(sealed) is None


@pytest.mark.parametrize("lost", ["Init", "InitAck", "CookieEcho", "CookieAck"])
def test_5_1_each_packet_of_the_handshake_may_be_lost_three_times(lost):
    pair = Pair()
    left = [3]

    def drop(_source, _destination, octets):
        first = type(decode(octets).chunks[0]).__name__
        left[0] -= first == lost and left[0] > 0
        return first == lost and left[0] > 0

    left[0] = 4
    pair.drop = drop
    pair.up()
    pair.a.send(pair.at_a, 0, 60, b"hello")
    pair.run(5)
    assert pair.messages(B) == [(0, 60, b"hello", False)]
    assert len(pair.of(A, AssociationUp)) == len(pair.of(B, AssociationUp)) == 1


def test_4_a_connect_that_nobody_answers_is_lost_after_max_init_retransmits():
    net = Net()
    endpoint = net.host(A, Config(max_init_retransmits=3))
    endpoint.connect(B, PORT)
    assert net.run(100, lambda: net.of(A, AssociationLost))
    assert len(net.log) == 4
    waits = [(b[0] - a[0]) // S for a, b in zip(net.log, net.log[1:], strict=False)]
    assert waits == [1, 2, 4]
    assert "INIT" in net.of(A, AssociationLost)[0].reason
    assert endpoint.wake_at_ns() is None


def test_5_1_nobody_listens_then_the_connect_is_aborted():
    pair = Pair()
    pair.a.connect(B, 9)
    pair.run(1)
    (aborted,) = pair.of(A, AssociationAborted)
    assert aborted.by_peer


@pytest.mark.parametrize(
    "fault",
    [
        {"number_of_outbound_streams": 0},
        {"number_of_inbound_streams": 0},
        {"advertised_receiver_window_credit": 1499},
    ],
)
def test_3_3_2_an_init_with_a_field_that_cannot_be_is_refused(fault):
    (answer,) = Server().ask(packet(init(**fault)))
    (abort,) = answer.chunks
    assert isinstance(abort, m.Abort)
    assert abort.causes[0].code == m.CauseCode.INVALID_MANDATORY_PARAMETER
    assert answer.verification_tag == 7


def test_3_3_2_an_init_with_tag_0_or_in_company_is_discarded():
    server = Server()
    assert server.ask(packet(init(initiate_tag=0))) == []
    assert server.ask(packet(init(), m.CookieAck())) == []
    assert server.ask(packet(m.CookieAck(), init())) == []
    assert server.ask(packet(init(), tag=5)) == []


def test_3_3_2_1_a_host_name_address_is_refused():
    (answer,) = Server().ask(packet(init(parameters=(m.Parameter(type=11, value=b"a.example\0"),))))
    assert answer.chunks[0].causes[0].code == m.CauseCode.UNRESOLVABLE_ADDRESS


@pytest.mark.parametrize(
    ("kind", "reported", "goes_on"),
    [(0x0777, False, False), (0x4777, True, False), (0x8777, False, True), (0xC777, True, True)],
)
def test_3_2_1_an_unknown_parameter_is_treated_as_its_high_bits_say(kind, reported, goes_on):
    unknown, further = m.Parameter(type=kind, value=b"abcde"), m.Parameter(type=0xC001, value=b"xy")
    (answer,) = Server().ask(packet(init(parameters=(unknown, further))))
    found = [p.value for p in answer.chunks[0].parameters if p.type == m.ParameterType.UNRECOGNIZED_PARAMETER]
    expected = [kind.to_bytes(2, "big") + b"\0\x09abcde"] if reported else []
    if goes_on:
        expected.append(b"\xc0\x01\0\x06xy")
    assert found == expected


def test_3_2_2_an_unknown_parameter_of_an_init_ack_is_reported_beside_the_cookie():
    pair = Pair()
    pair.drop = lambda source, destination, octets: source == B
    pair.a.connect(B, PORT)
    pair.run(0.1)
    offer = pair.packets(A)[0]
    (answer,) = Server().ask(packet(init(initiate_tag=offer.chunks[0].initiate_tag)))
    ack = answer.chunks[0]
    ack = m.InitAck(
        **{f: getattr(ack, f) for f in ack.__struct_fields__}
        | {"parameters": (*ack.parameters, m.Parameter(type=0xC123, value=b"?"))}
    )
    tag = offer.chunks[0].initiate_tag
    pair.inject(B, A, packet(ack, tag=tag, source=PORT, destination=offer.source_port))
    pair.run(0.1)
    echo, error = pair.packets(A)[-1].chunks
    assert isinstance(echo, m.CookieEcho)
    assert error.causes == (m.Cause(code=m.CauseCode.UNRECOGNIZED_PARAMETERS, information=b"\xc1\x23\0\x05?"),)


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"parameters": ()}, m.CauseCode.MISSING_MANDATORY_PARAMETER),
        ({"number_of_inbound_streams": 0}, m.CauseCode.INVALID_MANDATORY_PARAMETER),
    ],
)
def test_3_3_3_an_init_ack_that_cannot_be_is_answered_with_abort(changes, cause):
    net = Net()
    net.host(A).connect(B, PORT)
    net.run(0.1)
    offer = net.packets(A)[0]
    fields = {f: getattr(init(), f) for f in init().__struct_fields__} | changes
    answer = packet(m.InitAck(**fields), tag=offer.chunks[0].initiate_tag, source=PORT, destination=offer.source_port)
    net.inject(B, A, answer)
    net.run(0.1)
    (abort,) = net.packets(A)[-1].chunks
    assert abort.causes[0].code == cause
    assert net.packets(A)[-1].verification_tag == 7
    assert net.of(A, AssociationAborted)[0].cause == cause


def test_5_2_1_both_sides_connect_at_once_and_get_one_association():
    for seed in range(20):
        net = Net(seed, jitter_ns=20 * MS)
        a, b = net.host(A), net.host(B)
        at_a, at_b = a.connect(B, PORT, local_port=PORT), b.connect(A, PORT, local_port=PORT)
        assert net.run(20, lambda net=net: net.of(A, AssociationUp) and net.of(B, AssociationUp))
        a.send(at_a, 1, 60, b"from a")
        b.send(at_b, 2, 60, b"from b")
        net.run(10)
        assert [e.octets for e in net.of(A, Message)] == [b"from b"]
        assert [e.octets for e in net.of(B, Message)] == [b"from a"]
        assert len(net.of(A, AssociationUp)) == len(net.of(B, AssociationUp)) == 1
        assert len(a.associations) == len(b.associations) == 1


def test_5_2_1_both_sides_connect_with_loss():
    for seed in range(20):
        net = Net(seed, loss=0.3, double=0.2, jitter_ns=300 * MS)
        a, b = net.host(A), net.host(B)
        at_a, at_b = a.connect(B, PORT, local_port=PORT), b.connect(A, PORT, local_port=PORT)
        assert net.run(200, lambda net=net: net.of(A, AssociationUp) and net.of(B, AssociationUp)), seed
        a.send(at_a, 1, 60, b"from a")
        b.send(at_b, 2, 60, b"from b")
        net.run(100)
        assert [e.octets for e in net.of(A, Message)] == [b"from b"], seed
        assert [e.octets for e in net.of(B, Message)] == [b"from a"], seed


def restarted(pair, seed=99):
    """The client comes again from its port, having forgotten everything."""
    port = pair.of(A, AssociationUp)[0].local_port
    pair.events[A].clear()
    pair.hosts[A] = pair.a = Endpoint(randomness(seed), Config())
    pair.at_a = pair.a.connect(B, PORT, local_port=port)
    return pair


def test_5_2_2_a_peer_that_restarts_keeps_the_association_and_begins_anew():
    pair = Pair().up()
    pair.b.send(pair.at_b, 3, 60, b"before")
    pair.run(1)
    pair.b.send(pair.at_b, 3, 60, b"never arrives")
    restarted(pair).run(3)
    assert pair.of(A, AssociationUp)
    (event,) = pair.of(B, AssociationRestarted)
    assert event.association == pair.at_b
    assert len(pair.of(B, AssociationUp)) == 1
    pair.a.send(pair.at_a, 1, 60, b"again")
    pair.b.send(pair.at_b, 3, 60, b"after")
    pair.run(2)
    assert pair.messages(B)[-1] == (1, 60, b"again", False)
    assert pair.messages(A)[-1] == (3, 60, b"after", False)


def test_5_2_2_a_restart_says_how_much_was_not_acknowledged():
    pair = Pair().up()
    pair.drop = lambda source, destination, octets: True
    for _ in range(3):
        pair.b.send(pair.at_b, 0, 60, b"lost")
    pair.run(0.1)
    pair.drop = lambda source, destination, octets: False
    restarted(pair).run(3)
    assert pair.of(B, AssociationRestarted)[0].unacknowledged == 3


def test_5_2_2_a_restart_from_further_addresses_is_refused_and_changes_nothing():
    pair = Pair().up()
    before = len(pair.log)
    port = pair.of(A, AssociationUp)[0].local_port
    new = m.Parameter(type=m.ParameterType.IPV4_ADDRESS, value=bytes((10, 0, 0, 77)))
    pair.inject(A, B, packet(init(parameters=(new,)), source=port))
    pair.run(0.01)
    (abort,) = pair.packets(B, before)[0].chunks
    assert abort.causes[0].code == m.CauseCode.RESTART_WITH_NEW_ADDRESSES
    assert abort.causes[0].information == b"\0\5\0\x08\x0a\0\0\x4d"
    pair.a.send(pair.at_a, 0, 60, b"still there")
    pair.run(1)
    assert pair.messages(B) == [(0, 60, b"still there", False)]


def test_5_2_2_an_init_alone_does_not_disturb_an_association():
    pair = Pair().up()
    port = pair.of(A, AssociationUp)[0].local_port
    for tag in range(1, 50):
        pair.inject(A, B, packet(init(initiate_tag=tag), source=port))
    pair.run(1)
    pair.a.send(pair.at_a, 0, 60, b"still there")
    pair.run(1)
    assert pair.messages(B) == [(0, 60, b"still there", False)]
    assert not pair.of(B, AssociationRestarted)


def test_5_2_3_and_5_2_5_old_init_acks_and_cookie_acks_are_discarded():
    pair = Pair().up()
    packets = [o for _, s, _, o in pair.log if s == B]
    count = len(pair.log)
    for octets in packets:
        pair.inject(B, A, octets)
    pair.run(1)
    assert len(pair.log) == count
    assert len(pair.of(A, AssociationUp)) == 1


def test_5_2_4_d_a_cookie_that_comes_again_is_acknowledged_again():
    pair = Pair().up()
    echo = next(o for _, s, _, o in pair.log if s == A and isinstance(decode(o).chunks[0], m.CookieEcho))
    count = len(pair.log)
    pair.run(100, lambda: False)
    pair.inject(A, B, echo)
    pair.run(0.1)
    assert any(isinstance(c, m.CookieAck) for p in pair.packets(B, count) for c in p.chunks)
    assert len(pair.of(B, AssociationUp)) == 1


def test_9_2_an_init_in_shutdown_ack_sent_is_answered_with_shutdown_ack():
    pair = Pair().up()
    pair.drop = lambda source, destination, octets: isinstance(decode(octets).chunks[0], m.ShutdownComplete)
    pair.a.shutdown(pair.at_a)
    pair.run(0.1)
    assert pair.of(A, AssociationDown)
    assert pair.tcb(B).state is State.SHUTDOWN_ACK_SENT
    count = len(pair.log)
    pair.drop = lambda source, destination, octets: False
    restarted(pair).run(5)
    assert any(isinstance(c, m.ShutdownAck) for p in pair.packets(B, count) for c in p.chunks)
    assert pair.of(B, AssociationDown)
    assert pair.of(A, AssociationUp)


def test_data_may_follow_the_cookie_in_its_packet():
    server = Server()
    (answer,) = server.ask(packet(init()))
    ack = answer.chunks[0]
    data = m.Data(
        tsn=1, stream_identifier=0, stream_sequence_number=0, payload_protocol_identifier=60, user_data=b"early"
    )
    answers = server.ask(packet(m.CookieEcho(cookie=ack.parameters[0].value), data, tag=ack.initiate_tag))
    assert isinstance(answers[0].chunks[0], m.CookieAck)
    up, message = server.endpoint.take_events()
    assert isinstance(up, AssociationUp)
    assert message.octets == b"early"


def test_the_users_mistakes_are_exceptions():
    pair = Pair().up()
    with pytest.raises(NoAssociationError):
        pair.a.send(99, 0, 60, b"x")
    with pytest.raises(EncodeError, match="stream 32 of 32"):
        pair.a.send(pair.at_a, 32, 60, b"x")
    for octets in (b"", bytes(256 * 1024 + 1)):
        with pytest.raises(EncodeError, match="a user message of"):
            pair.a.send(pair.at_a, 0, 60, octets)
    port = pair.of(A, AssociationUp)[0].local_port
    with pytest.raises(EncodeError, match="already"):
        pair.a.connect(B, PORT, local_port=port)
    with pytest.raises(EncodeError, match="packets of 10 octets"):
        Endpoint(randomness(1), Config(max_packet_bytes=10))
    with pytest.raises(EncodeError, match="longest message"):
        Endpoint(randomness(1), Config(receive_buffer_bytes=10_000))
    pair.a.shutdown(99)
    pair.a.abort(99)
    assert pair.a.unacknowledged(99) == 0


def test_an_association_is_refused_beyond_the_bound_of_a_host_and_of_all():
    server = Server(Config(max_associations=3, max_associations_per_host=2))
    for port in (1, 2):
        (answer,) = server.ask(packet(init(), source=port))
        ack = answer.chunks[0]
        server.ask(packet(m.CookieEcho(cookie=ack.parameters[0].value), tag=ack.initiate_tag, source=port))
    outcomes = []
    for host in ("10.9.9.9", "10.9.9.1", "10.9.9.2"):
        (answer,) = server.ask(packet(init(), source=3), host)
        ack = answer.chunks[0]
        echo = packet(m.CookieEcho(cookie=ack.parameters[0].value), tag=ack.initiate_tag, source=3)
        outcomes.append(server.ask(echo, host)[0].chunks[0])
    assert outcomes[0].causes[0].code == m.CauseCode.OUT_OF_RESOURCE
    assert isinstance(outcomes[1], m.CookieAck)
    assert outcomes[2].causes[0].code == m.CauseCode.OUT_OF_RESOURCE
    with pytest.raises(EncodeError, match="too many"):
        server.endpoint.connect("10.9.9.3", 1)


def test_every_state_says_what_every_chunk_does():
    for state in State:
        assert set(TABLE[state]) == set(m.ChunkType)


def test_the_same_seed_gives_the_same_octets():
    logs = []
    for _ in range(2):
        pair = Pair(5, loss=0.1, double=0.1, jitter_ns=20 * MS).up()
        for i in range(50):
            pair.a.send(pair.at_a, i % 16, 60, bytes(i * 100 + 1))
        pair.run(30)
        logs.append(pair.log)
    assert logs[0] == logs[1]
