"""Whole lives of associations over links that lose, double and reorder, by seed: each ends in order on both sides.

RFC 9260 clause 9.2. `python -m unit.protocols.sctp.test_bad_links 10000` (PYTHONPATH=src:tests) tries more of them.
"""

import random
import sys

import pytest

from awase.protocols.sctp.config import Config
from awase.protocols.sctp.events import AssociationAborted, AssociationDown, AssociationLost, Message
from unit.protocols.sctp.link import MS, A, B, Pair

PATIENT = {"max_init_retransmits": 20}
CONFIGS = (
    Config(**PATIENT),
    Config(rto_initial_ns=200 * MS, rto_min_ns=200 * MS, **PATIENT),
    Config(max_packet_bytes=256, **PATIENT),
)


def life(seed):
    """Who shut down, how it ended for each, and what of its messages each is still without."""
    draw = random.Random(seed)
    pair = Pair(
        seed,
        a=draw.choice(CONFIGS),
        b=draw.choice(CONFIGS),
        loss=draw.choice((0.02, 0.05, 0.1, 0.2)),
        double=draw.choice((0, 0.1)),
        jitter_ns=draw.choice((1, 20 * MS, 300 * MS)),
    )
    pair.keep_log = False
    pair.up()
    sent = {A: 0, B: 0}
    for _ in range(draw.randrange(12)):
        for address, endpoint, association in ((A, pair.a, pair.at_a), (B, pair.b, pair.at_b)):
            if draw.random() < 0.7:
                endpoint.send(association, draw.randrange(16), 60, bytes(draw.choice((1, 80, 1400, 5000, 20_000))))
                sent[address] += 1
        if draw.random() < 0.5:
            pair.run(draw.random() * draw.choice((0.01, 0.1, 1)))
    who = draw.choice(("A", "B", "AB", "BA"))
    for each in who:
        endpoint, association = (pair.a, pair.at_a) if each == "A" else (pair.b, pair.at_b)
        endpoint.shutdown(association)
        pair.run(draw.random() * draw.choice((0.005, 0.05, 0.5)))
    pair.run(3000, lambda: not pair.a.associations and not pair.b.associations)
    ends = [
        [
            event
            for event in pair.events[address]
            if isinstance(event, AssociationDown | AssociationAborted | AssociationLost)
        ]
        for address in (A, B)
    ]
    return who, ends, (sent[A] - len(pair.of(B, Message)), sent[B] - len(pair.of(A, Message)))


def is_in_order(seed):
    _, ends, missing = life(seed)
    return all(len(end) == 1 and isinstance(end[0], AssociationDown) for end in ends) and missing == (0, 0)


@pytest.mark.parametrize("first", range(0, 400, 50))
def test_9_2_whatever_is_lost_or_late_both_sides_have_all_and_close_in_order(first):
    assert [seed for seed in range(first, first + 50) if not is_in_order(seed)] == []


def test_5_1_5_a_cookie_that_comes_after_the_end_of_its_association_makes_no_other():
    assert is_in_order(4004)


if __name__ == "__main__":
    for number in range(int(sys.argv[1])):
        if not is_in_order(number):
            print(number, life(number))
