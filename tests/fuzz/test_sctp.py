"""Any octets give an SCTP packet or a DecodeError; an endpoint takes them in every state and goes on serving others."""

import random
from pathlib import Path

import pytest

from awase.protocols.sctp import messages as m
from awase.protocols.sctp.codec import checksum, decode, encode
from awase.protocols.sctp.config import Config
from awase.protocols.sctp.events import AssociationUp, Message
from awase.protocols.sctp.states import State
from awase.wire.errors import DecodeError
from unit.protocols.sctp.link import PORT, A, B, Pair, S

VECTORS = Path(__file__).parent.parent / "vectors" / "sctp"
CAPTURED = [
    bytes.fromhex(line.split()[2]) for path in sorted(VECTORS.glob("*/*.txt")) for line in path.read_text().splitlines()
]
MUTATIONS = 20_000
CONFIG = Config(receive_buffer_bytes=30_000, max_message_bytes=10_000, send_buffer_bytes=100_000)


def mutate(octets, draw):
    """Flip, set, cut, double, insert: one to four times."""
    octets = bytearray(octets)
    for _ in range(draw.choice((1, 1, 1, 2, 4))):
        at = draw.randrange(len(octets) + 1)
        kind = draw.randrange(5)
        if kind == 0 and at < len(octets):
            octets[at] ^= 1 << draw.randrange(8)
        elif kind == 1 and at < len(octets):
            octets[at] = draw.choice((0, 1, 2, 3, 4, 127, 128, 192, 255))
        elif kind == 2:
            del octets[at : at + draw.choice((1, 4, 16))]
        elif kind == 3:
            octets[at:at] = octets[at : at + draw.choice((4, 16, 64))]
        else:
            octets[at:at] = draw.randbytes(draw.choice((1, 4, 8)))
    return bytes(octets)


def sealed(octets):
    """With a right checksum, so that it is looked at."""
    if len(octets) < 12:
        return octets
    return octets[:8] + checksum(octets[:8] + bytes(4) + octets[12:]) + octets[12:]


def test_any_octets_are_a_packet_or_a_decode_error():
    draw = random.Random(1)
    outcomes = [0, 0]
    for _ in range(MUTATIONS):
        octets = sealed(mutate(draw.choice(CAPTURED), draw))
        try:
            packet = decode(octets)
        except DecodeError:
            outcomes[1] += 1
        else:
            outcomes[0] += 1
            assert decode(encode(packet)) == packet
    assert min(outcomes) > 1000


def test_random_octets_are_a_packet_or_a_decode_error():
    draw = random.Random(2)
    for _ in range(MUTATIONS):
        try:
            decode(sealed(draw.randbytes(draw.randrange(80))))
        except DecodeError:
            continue


class Ambush(Pair):
    """B is in the state that is wanted, and what comes from A is mutated."""

    def __init__(self, state, seed):
        super().__init__(seed, a=CONFIG, b=CONFIG)
        self.keep_log = False
        self.wanted = state
        self.heard = []
        getattr(self, state.name.lower())()
        self.drop = lambda source, destination, octets: True
        self.genuine = [o for s, o in self.heard if s == A] + [self.made(*c) for c in self.chunks_of_a()]

    def _send(self, source, destination, octets):
        self.heard.append((source, octets))
        super()._send(source, destination, octets)

    def reverse(self):
        """B is the client."""
        self.a.listen(PORT)
        self.at_b = self.b.connect(A, PORT)

    def closed(self):
        self.a.connect(B, PORT)
        self.drop = lambda source, destination, octets: octets[12] == m.ChunkType.COOKIE_ECHO
        self.run(0.1)

    def cookie_wait(self):
        self.reverse()
        self.drop = lambda source, destination, octets: source == A
        self.run(0.1)

    def cookie_echoed(self):
        self.reverse()
        self.run(0.012)
        self.drop = lambda source, destination, octets: True
        self.run(0.004)

    def established(self):
        self.up()
        self.drop = lambda source, destination, octets: destination == A
        for i in range(6):
            self.b.send(self.at_b, i % 3, 60, bytes(1400))
            self.a.send(self.at_a, i % 3, 60, bytes(3000), i == 2)
        self.run(0.1)

    def shutdown_pending(self):
        self.established()
        self.b.shutdown(self.at_b)
        self.settle()

    def shutdown_sent(self):
        self.up()
        self.a.send(self.at_a, 0, 60, bytes(3000))
        self.drop = lambda source, destination, octets: True
        self.b.shutdown(self.at_b)
        self.run(0.1)

    def shutdown_received(self):
        self.established()
        self.drop = lambda source, destination, octets: destination == A
        self.tcb(A).state = State.SHUTDOWN_SENT
        tsn = (self.tcb(B).local_initial_tsn - 1) & 0xFFFFFFFF
        self.b.receive(self.made(m.Shutdown(cumulative_tsn_ack=tsn)), (A, 9899), self.now_ns)
        self.settle()

    def shutdown_ack_sent(self):
        self.up()
        self.drop = lambda source, destination, octets: source == B
        self.a.shutdown(self.at_a)
        self.run(0.1)

    def made(self, *chunks):
        association = self.the_one
        ports = (association.peer_port, association.local_port) if association else (50000, PORT)
        return encode(
            m.Packet(
                source_port=ports[0],
                destination_port=ports[1],
                verification_tag=association.local_tag if association else 1,
                chunks=chunks,
            )
        )

    @property
    def the_one(self):
        return next(iter(self.b.associations.values()), None)

    def chunks_of_a(self):
        """What A could say, of every kind."""
        b = self.the_one
        their = b.inbound.cumulative if b else 5
        ours = b.outbound.acked if b else 5
        init = (77, 65536, 10, 10, 5)
        fields = dict(zip(m.Init.__struct_fields__, init, strict=False))
        cookie = m.Parameter(type=7, value=bytes(80))
        datas = [
            m.Data(
                tsn=their + n & 0xFFFFFFFF,
                stream_identifier=n % 3,
                stream_sequence_number=n // 3,
                payload_protocol_identifier=60,
                user_data=bytes(200),
                flags=flags,
            )
            for n, flags in ((1, 3), (2, 2), (3, 0), (4, 1), (6, 7), (9, 11), (12, 2))
        ]
        sack = {"cumulative_tsn_ack": ours + 1 & 0xFFFFFFFF, "advertised_receiver_window_credit": 5000}
        return [
            *((d,) for d in datas),
            tuple(datas),
            (m.Sack(**sack),),
            (m.Sack(**sack, gap_ack_blocks=((2, 2), (4, 4)), duplicate_tsns=(1, 2)), datas[0]),
            (m.Init(**fields, parameters=(m.Parameter(type=0xC000), m.Parameter(type=5, value=bytes(4)))),),
            (m.InitAck(**fields, parameters=(cookie, m.Parameter(type=0x8000))),),
            (m.CookieEcho(cookie=bytes(80)),),
            (m.CookieAck(), datas[0]),
            (m.Heartbeat(heartbeat_information=b"\0\1\0\x0cabcdefgh"),),
            (m.HeartbeatAck(heartbeat_information=b"\0\1\0\x14" + bytes(16)),),
            (m.Error(causes=tuple(m.Cause(code=c, information=bytes(4)) for c in range(1, 14))),),
            (m.Abort(causes=(m.Cause(code=12, information=b"why"),)),),
            (m.Shutdown(cumulative_tsn_ack=ours & 0xFFFFFFFF),),
            (m.ShutdownAck(),),
            (m.ShutdownComplete(tag_reflected=True),),
            (m.UnknownChunk(type=0xC1, value=b"abc"), m.UnknownChunk(type=0x81), m.UnknownChunk(type=0x41)),
        ]

    def consistent(self):
        b = self.the_one
        if b is None:
            return
        out, inbound = b.outbound, b.inbound
        assert out.flight == sum(r.size for r in out.sent.values() if r.state == 0)
        assert out.flight == sum(path.flight for path in b.paths.values())
        assert out.lost == sum(r.state == 1 for r in out.sent.values())
        assert out.acked + 1 + len(out.sent) == out.next_tsn
        assert 0 <= inbound.held <= 2 * CONFIG.receive_buffer_bytes + 10_000
        assert inbound.waiting * 512 <= 2 * CONFIG.receive_buffer_bytes
        assert len(b.paths) <= CONFIG.max_paths
        assert len(b.control) <= 16


@pytest.mark.parametrize("state", list(State), ids=lambda state: state.name)
def test_an_endpoint_takes_any_octets_in_every_state(state):
    draw = random.Random(int(state))
    ambush = Ambush(state, 0)
    reached = 0
    for number in range(MUTATIONS):
        there = ambush.the_one
        if (there.state if there else State.CLOSED) is not state or number % 400 == 399:
            ambush = Ambush(state, number)
        reached += (ambush.the_one.state if ambush.the_one else State.CLOSED) is state
        octets = mutate(draw.choice(ambush.genuine), draw)
        if draw.random() < 0.8 and ambush.the_one:
            octets = octets[:4] + ambush.the_one.local_tag.to_bytes(4, "big") + octets[8:]
        ambush.b.receive(sealed(octets), (A, 9899), ambush.now_ns)
        if number % 5 == 0:
            ambush.consistent()
        if number % 50 == 0:
            ambush.run(draw.choice((0.01, 0.3, 5)))
        ambush.settle()
        ambush.events.clear()
    assert reached == MUTATIONS
    serves_others(ambush)


def serves_others(ambush):
    ambush.drop = lambda source, destination, octets: False
    ambush.b.listen(PORT)
    other = ambush.host("10.0.0.33")
    association = other.connect(B, PORT)
    assert ambush.run(20, lambda: ambush.of("10.0.0.33", AssociationUp))
    other.send(association, 0, 60, b"others are unaffected")
    assert ambush.run(20, lambda: any(e.octets == b"others are unaffected" for e in ambush.of(B, Message)))


def test_an_init_flood_and_rubbish_cost_no_memory():
    pair = Pair(b=Config(max_waiting_datagrams=1000))
    pair.keep_log = False
    draw = random.Random(3)
    for number in range(MUTATIONS):
        init = m.Init(
            initiate_tag=number + 1,
            advertised_receiver_window_credit=65536,
            number_of_outbound_streams=10,
            number_of_inbound_streams=10,
            initial_tsn=number,
        )
        octets = encode(
            m.Packet(source_port=number & 0xFFFF, destination_port=PORT, verification_tag=0, chunks=(init,))
        )
        pair.b.receive(octets if number & 1 else draw.randbytes(40), (f"10.3.{number >> 8 & 255}.1", 7), pair.now_ns)
        pair.now_ns += S // 1000
    assert len(pair.b.datagrams) == 1000
    assert not pair.b.associations
    assert len(pair.b.events) <= 20 * (MUTATIONS // 1000 + 1)
    pair.b.take_datagrams(pair.now_ns)
    pair.up()
