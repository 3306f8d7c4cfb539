"""Peers whose packets a test makes by hand: a client of a listening endpoint, and one side of an association."""

from awase.protocols.sctp import messages as m
from awase.protocols.sctp.codec import decode, encode
from awase.protocols.sctp.config import Config
from awase.protocols.sctp.entity import Endpoint
from awase.protocols.sctp.events import Message
from unit.protocols.sctp.link import PORT, A, B, Pair, S, randomness


def packet(*chunks, tag=0, source=2000, destination=PORT):
    return encode(
        m.Packet(source_port=source, destination_port=destination, verification_tag=tag, chunks=tuple(chunks))
    )


def init(**changes):
    fields = {
        "initiate_tag": 7,
        "advertised_receiver_window_credit": 65536,
        "number_of_outbound_streams": 4,
        "number_of_inbound_streams": 4,
        "initial_tsn": 1,
    } | changes
    return m.Init(**fields)


class Server:
    """A listening endpoint that a test talks to by hand."""

    def __init__(self, config=None):
        self.endpoint = Endpoint(randomness("server"), config or Config())
        self.endpoint.listen(PORT)
        self.now_ns = 1000 * S

    def ask(self, octets, host="10.9.9.9"):
        self.endpoint.receive(octets, (host, 9899), self.now_ns)
        return [decode(octets) for _, _, octets in self.endpoint.take_datagrams(self.now_ns)]

    def establish(self, **changes):
        offer = init(**changes)
        (answer,) = self.ask(packet(offer))
        (ack,) = answer.chunks
        cookie = next(p.value for p in ack.parameters if p.type == m.ParameterType.STATE_COOKIE)
        answers = self.ask(packet(m.CookieEcho(cookie=cookie), tag=ack.initiate_tag))
        return ack, cookie, answers


class ByHand(Pair):
    """The client's packets are made by the test, once it is up."""

    def up(self, port=PORT):
        super().up(port)
        a, b = self.tcb(A), self.tcb(B)
        self.tsn = a.local_initial_tsn
        self.ports = a.local_port, a.peer_port
        self.tag = b.local_tag
        self.a_tag = a.local_tag
        self.b_tsn = b.local_initial_tsn
        self.drop = lambda source, destination, octets: A in (source, destination)
        return self

    def give(self, *chunks):
        """Hand B a packet of A's making, and let it answer at once."""
        octets = encode(
            m.Packet(
                source_port=self.ports[0],
                destination_port=self.ports[1],
                verification_tag=self.tag,
                chunks=tuple(chunks),
            )
        )
        since = len(self.log)
        self.b.receive(octets, (A, 9899), self.now_ns)
        self.settle()
        return [c for p in self.packets(B, since) for c in p.chunks]

    def data(self, offset, octets=b"x", *, stream=0, number=None, flags=3, ppid=60):
        return m.Data(
            tsn=(self.tsn + offset) & 0xFFFFFFFF,
            stream_identifier=stream,
            stream_sequence_number=offset if number is None else number,
            payload_protocol_identifier=ppid,
            user_data=octets,
            flags=flags,
        )

    def sack(self, offset, window=1 << 20, gaps=(), duplicates=()):
        """What A says it has of B's, up to that many after the first."""
        return m.Sack(
            cumulative_tsn_ack=(self.b_tsn + offset) & 0xFFFFFFFF,
            advertised_receiver_window_credit=window,
            gap_ack_blocks=gaps,
            duplicate_tsns=duplicates,
        )

    def got(self):
        return [e.octets for e in self.of(B, Message)]
