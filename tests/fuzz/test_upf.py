"""The UPF takes any octets on any port: no exception, no changed session."""

import random

from unit.functions.upf.bench import GNB_PORT, SMF_PORT, Bench, down_and_up


def test_mutated_packets_on_every_port():
    rng = random.Random(3)
    bench = Bench()
    seid, teid = bench.establish()
    session = bench.upf.context.sessions[seid]
    seeds = down_and_up(teid)
    for _ in range(6000):
        port, peer, octets = rng.choice(seeds)
        mutated = bytearray(octets)
        for _ in range(rng.randint(1, 4)):
            mutated[rng.randrange(len(mutated))] = rng.randrange(256)
        if rng.random() < 0.3:
            del mutated[rng.randrange(len(mutated)) :]
        bench.give(port, bytes(mutated), peer)
    for _ in range(2000):
        bench.give(rng.choice(("n3", "n4", "n6")), rng.randbytes(rng.randint(0, 80)), rng.choice((GNB_PORT, SMF_PORT)))
    assert bench.upf.context.sessions.get(seid) is session
    assert session.pdrs
    assert len(bench.upf.context.sessions) <= 6000
