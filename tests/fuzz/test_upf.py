"""The UPF takes any octets on any port: no exception, no changed session."""

import random

from awase.functions.upf.sdf import matches, rule_of
from awase.protocols.pfcp.elements import SdfFilter
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


FILTERS = (
    SdfFilter(flow_description="permit out 17 from any 53 to assigned 1-9"),
    SdfFilter(flow_description="permit out 58 from 2001:db8::/32 to assigned"),
    SdfFilter(tos_traffic_class=b"\xb8\xfc"),
    SdfFilter(security_parameter_index=b"\0\0\0\1"),
    SdfFilter(flow_label=b"\0\0\1"),
)


def test_any_packet_meets_any_filter():
    rng = random.Random(5)
    rules = [rule_of(element) for element in FILTERS]
    heads = (b"\x45", b"\x46", b"\x4f", b"\x60")
    nexts = (0, 6, 17, 43, 44, 50, 51, 58, 60)
    for _ in range(20_000):
        packet = bytearray(rng.choice(heads) + rng.randbytes(rng.randint(39, 120)))
        packet[6] = packet[9] = rng.choice(nexts)
        packet[40:41] = bytes((rng.choice(nexts),))
        for rule in rules:
            assert matches(rule, bytes(packet), rng.random() < 0.5) in (True, False)


def test_any_flow_description_is_a_rule_or_said_to_be_none():
    rng = random.Random(7)
    words = [
        "permit",
        "deny",
        "out",
        "in",
        "ip",
        "17",
        "58",
        "256",
        "from",
        "to",
        "any",
        "assigned",
        "10.0.0.1",
        "10.0.0.0/8",
        "::1",
        "2001:db8::/32",
        "/0",
        "1-2,3",
        "-1",
        "!",
        "1.2.3",
    ]
    for _ in range(20_000):
        text = " ".join(rng.choice(words) for _ in range(rng.randint(0, 9)))
        if rng.random() < 0.5:
            text = "permit out ip from " + text + " to assigned"
        try:
            rule_of(SdfFilter(flow_description=text))
        except ValueError:
            continue
