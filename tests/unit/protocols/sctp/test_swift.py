"""The short way of usual packets and the long way come to the same, octet for octet (RFC 9260 clause 6)."""

import random

import pytest

from awase.protocols.sctp import swift
from awase.protocols.sctp.config import Config
from unit.protocols.sctp.link import MS, A, B, Pair


def life(seed):
    """All that was sent and told in a life with long and short messages, some of it over a bad link."""
    draw = random.Random(seed)
    pair = Pair(
        seed,
        a=Config(receive_buffer_bytes=draw.choice((300_000, 1 << 20))),
        b=Config(sack_frequency=draw.choice((1, 2, 3)), max_packet_bytes=draw.choice((512, 1452))),
        loss=draw.choice((0, 0, 0.05)),
        double=draw.choice((0, 0.05)),
        jitter_ns=draw.choice((1, 1, 30 * MS)),
    ).up()
    for _ in range(30):
        for endpoint, association in ((pair.a, pair.at_a), (pair.b, pair.at_b)):
            size = draw.choice((1, 2, 3, 80, 1424, 1425, 9000, 60_000))
            endpoint.send(association, draw.randrange(16), draw.randrange(9), draw.randbytes(size), draw.random() < 0.2)
        pair.reading[B] = draw.random() < 0.8
        pair.run(draw.random() * 0.05)
    pair.reading[B] = True
    pair.run(200)
    pair.a.shutdown(pair.at_a)
    pair.run(100)
    return pair.log, pair.events[A], pair.events[B]


@pytest.mark.parametrize("seed", range(24))
def test_6_the_short_way_and_the_long_way_come_to_the_same(seed, monkeypatch):
    taken = []
    take = swift.take
    monkeypatch.setattr(swift, "take", lambda *arguments: taken.append(take(*arguments)) or taken[-1])
    short = life(seed)
    monkeypatch.setattr(swift, "take", lambda *arguments: False)
    long = life(seed)
    assert sum(taken) > 20
    assert short[0] == long[0]
    assert short[1:] == long[1:]
