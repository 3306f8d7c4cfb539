"""The data network takes any octets from N6: no exception, and nothing that grows without bound."""

import random

from awase.functions.data_network.part import PART_TYPE
from awase.model.part import NS_PER_S, Packet
from awase.protocols.ip import icmp, icmpv6, udp
from awase.protocols.ip import measurement as ms

UE, GATEWAY = bytes((10, 45, 0, 2)), bytes((10, 45, 0, 1))
UE6, GATEWAY6 = (bytes.fromhex(f"20010db80045000{n}0000000000000001") for n in (2, 0))


def seeds():
    for ue, own in ((UE, GATEWAY), (UE6, GATEWAY6)):
        data = ms.encode_data(ms.Data(1, 0, 3, 5), 200, ms.overhead_bytes(ue))
        wanted = ms.encode_request(ms.Request(1, 2, 500, 400_000))
        yield udp.encode_packet(udp.Udp(1000, ms.PORT, data), ue, own)
        yield udp.encode_packet(udp.Udp(1000, ms.PORT, wanted), ue, own)
    yield icmp.encode_packet(icmp.Echo(icmp.ECHO_REPLY, 0x8000, 1, b"x"), UE, GATEWAY)
    yield icmpv6.encode_packet(icmpv6.Echo(icmpv6.ECHO_REQUEST, 1, 1, b"x"), UE6, GATEWAY6)


def test_mutated_packets():
    rng = random.Random(11)
    dnns = [{"name": "internet", "pool": "10.45.0.0/16", "pool6": "2001:db8:45::/48"}]
    part = PART_TYPE.build("dn1", {"dnns": dnns, "actions": [{"at_s": 1, "ue": "10.45.0.2", "count": 9}]}, None)
    now = 1_700_000_000 * NS_PER_S
    known = list(seeds())
    for _ in range(20_000):
        mutated = bytearray(rng.choice(known))
        for _ in range(rng.randint(0, 4)):
            mutated[rng.randrange(len(mutated))] = rng.randrange(256)
        if rng.random() < 0.3:
            del mutated[rng.randrange(len(mutated)) :]
        now += 10_000_000
        at = part.wake_at_ns()
        if at is not None and at <= now:
            part.wake(now)
        part.receive(Packet(port="n6", peer="", payload=bytes(mutated)), now)
        for packet in part.take_packets():
            assert packet.port == "n6"
        part.take_events()
    assert len(part.context.flows_of) <= 20_000
