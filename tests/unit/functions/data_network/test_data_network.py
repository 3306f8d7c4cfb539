import random

import pytest

from awase.functions.data_network.part import PART_TYPE
from awase.model.part import NS_PER_S, Packet
from awase.protocols.ip import codec, icmp, icmpv6, ipv4, ipv6, udp
from awase.protocols.ip import measurement as ms

UE, OTHER = bytes((10, 45, 0, 2)), bytes((10, 45, 0, 3))
GATEWAY = bytes((10, 45, 0, 1))
START = 1_700_000_000 * NS_PER_S


class Bench:
    def __init__(self, **config):
        dnns = [{"name": "internet", "pool": "10.45.0.0/16", "dns": ["10.99.0.53"]}]
        self.part = PART_TYPE.build("dn1", {"dnns": dnns, **config}, None)
        self.now = START
        self.events = []

    def give(self, payload):
        self.part.receive(Packet(port="n6", peer="", payload=payload), self.now)
        return self.take()

    def take(self):
        self.events += self.part.take_events()
        return [packet.payload for packet in self.part.take_packets()]

    def pass_s(self, seconds):
        out = []
        end = self.now + int(seconds * NS_PER_S)
        while (at := self.part.wake_at_ns()) is not None and at <= end:
            self.now = at
            self.part.wake(at)
            out += [(at, payload) for payload in self.take()]
        self.now = end
        return out

    def names(self):
        return [event.name for event in self.events]


def ping(destination, source=UE):
    return icmp.encode_packet(icmp.Echo(icmp.ECHO_REQUEST, 5, 1, b"abc"), source, destination)


def data(number, total, sent, flow_id=1, port=1000):
    payload = ms.encode_data(ms.Data(flow_id, number, total, sent), 200)
    return udp.encode_packet(udp.Udp(port, ms.PORT, payload), UE, GATEWAY)


def request(total=5, size=500, rate=400_000, flow_id=1):
    payload = ms.encode_request(ms.Request(flow_id, total, size, rate))
    return udp.encode_packet(udp.Udp(1000, ms.PORT, payload), UE, GATEWAY)


def test_the_gateway_and_the_name_server_answer_echo():
    bench = Bench()
    for address in (GATEWAY, bytes((10, 99, 0, 53))):
        (octets,) = bench.give(ping(address))
        reply = ipv4.decode(octets)
        assert (reply.source, reply.destination) == (address, UE)
        assert icmp.decode(reply) == icmp.Echo(icmp.ECHO_REPLY, 5, 1, b"abc")


def test_a_configured_gateway_replaces_the_first_host():
    bench = Bench(dnns=[{"name": "ims", "pool": "10.46.0.0/16", "gateway": "10.46.255.254"}])
    assert len(bench.give(ping(bytes((10, 46, 255, 254))))) == 1


def test_a_batch_is_taken():
    assert len(Bench().give([ping(GATEWAY), ping(GATEWAY)])) == 2


def test_ues_reach_one_another():
    (octets,) = Bench().give(ping(OTHER))
    packet = ipv4.decode(octets)
    assert (packet.destination, packet.ttl) == (OTHER, 63)


def test_a_packet_whose_time_is_over_is_not_sent_on():
    bench = Bench()
    assert bench.give(ipv4.encode(ipv4.Ipv4(UE, OTHER, 17, b"", ttl=1))) == []


def test_a_packet_for_nobody_is_an_event():
    bench = Bench()
    assert bench.give(ping(bytes((8, 8, 8, 8)))) == []
    assert bench.names() == ["NoRoute"]
    assert "8.8.8.8" in bench.events[0].text


def test_an_uplink_flow_is_measured():
    bench = Bench()
    for number in range(10):
        sent = bench.now
        bench.now += 20_000_000
        bench.give(data(number, 10, sent))
        bench.now += 80_000_000
    (event,) = bench.events
    assert event.name == "UplinkFlowMeasured"
    assert event.subject == "10.45.0.2"
    fields = event.fields
    assert (fields["received"], fields["lost"], fields["delay_mean_ns"], fields["jitter_ns"]) == (
        10,
        0,
        20_000_000,
        0,
    )
    assert fields["throughput_bps"] == 200 * 8 * 10


def test_an_uplink_flow_that_is_not_whole_ends_by_time_out():
    bench = Bench()
    for number in (0, 1, 3):
        bench.give(data(number, 5, bench.now))
        bench.pass_s(1)
    assert bench.events == []
    bench.pass_s(2)
    (event,) = bench.events
    assert (event.fields["received"], event.fields["lost"]) == (3, 2)
    bench.give(data(4, 5, bench.now))
    bench.pass_s(20)
    assert len(bench.events) == 1
    assert bench.part.context.sinks == {}
    assert bench.part.wake_at_ns() is None


def test_a_duplicate_of_a_whole_flow_is_no_new_flow():
    bench = Bench()
    bench.give(data(0, 1, bench.now))
    bench.give(data(0, 1, bench.now))
    assert bench.names() == ["UplinkFlowMeasured"]


def test_a_downlink_flow_comes_at_its_rate_on_request():
    bench = Bench()
    first = bench.give(request())
    rest = bench.pass_s(1)
    assert [at - START for at, _ in rest] == [10_000_000, 20_000_000, 30_000_000, 40_000_000]
    for number, octets in enumerate([*first, *(payload for _, payload in rest)]):
        assert len(octets) == 500
        packet = ipv4.decode(octets)
        assert (packet.source, packet.destination) == (GATEWAY, UE)
        datagram = udp.decode(packet)
        assert (datagram.source_port, datagram.destination_port) == (ms.PORT, 1000)
        assert ms.decode(datagram.payload).sequence_number == number
    assert bench.names() == ["DownlinkFlowSent"]


def test_a_downlink_flow_that_is_woken_late_makes_up_for_it_in_a_batch():
    bench = Bench()
    bench.give(request())
    bench.now += 35_000_000
    bench.part.wake(bench.now)
    (packet,) = bench.part.take_packets()
    assert [ms.decode(udp.decode(ipv4.decode(octets)).payload).sequence_number for octets in packet.payload] == [
        1,
        2,
        3,
    ]
    assert bench.part.wake_at_ns() == START + 40_000_000


def test_a_repeated_request_starts_one_flow():
    bench = Bench()
    bench.give(request())
    assert bench.give(request()) == []
    bench.pass_s(10)
    assert bench.part.context.sources == {}


def test_flows_are_bounded():
    bench = Bench(max_flows=2)
    for flow_id in range(4):
        bench.give(request(flow_id=flow_id))
        bench.give(data(0, 9, bench.now, flow_id=flow_id))
    assert (len(bench.part.context.sources), len(bench.part.context.sinks)) == (2, 2)
    # Once a second is enough.
    assert bench.names().count("FlowRefused") == 1
    assert bench.events[0].config == "max_flows"


def test_one_ue_cannot_have_all_flows():
    bench = Bench(max_flows_per_ue=3)
    for flow_id in range(9):
        bench.give(request(flow_id=flow_id))
    assert len(bench.part.context.sources) == 3
    assert bench.events[0].config == "max_flows_per_ue"
    bench.pass_s(20)
    assert bench.part.context.flows_of == {}


def test_malformed_octets_are_an_event_and_there_are_not_too_many():
    bench = Bench()
    rng = random.Random(1)
    for _ in range(2000):
        octets = bytearray(rng.choice((ping(GATEWAY), data(0, 2, 0), request(), ping(OTHER))))
        for _ in range(3):
            octets[rng.randrange(len(octets))] = rng.randrange(256)
        bench.give(bytes(octets[: rng.randrange(len(octets))]) if rng.random() < 0.3 else bytes(octets))
    assert bench.names().count("MalformedPacket") <= 20


# IPv6, and what the data network begins by itself.

UE6 = bytes.fromhex("20010db8004500020000000000000001")
GATEWAY6 = bytes.fromhex("20010db8004500000000000000000001")


def dual(**config):
    dnns = [{"name": "internet", "pool": "10.45.0.0/16", "pool6": "2001:db8:45::/48", "dns": ["2001:db8::53"]}]
    return Bench(dnns=dnns, **config)


def ping6(destination, source=UE6):
    return icmpv6.encode_packet(icmpv6.Echo(icmpv6.ECHO_REQUEST, 5, 1, b"abc"), source, destination)


def test_the_ipv6_gateway_and_name_server_answer_echo():
    bench = dual()
    for address in (GATEWAY6, bytes.fromhex("20010db8000000000000000000000053")):
        (octets,) = bench.give(ping6(address))
        reply = ipv6.decode(octets)
        assert (reply.source, reply.destination) == (address, UE6)
        assert icmpv6.decode(reply).type == icmpv6.ECHO_REPLY


def test_ipv6_goes_from_ue_to_ue_one_hop_older():
    bench = dual()
    other = bytes.fromhex("20010db8004500030000000000000001")
    (octets,) = bench.give(ping6(other))
    assert (ipv6.decode(octets).hop_limit, octets[8:]) == (63, ping6(other)[8:])
    last = ping6(other)[:7] + b"\1" + ping6(other)[8:]
    assert bench.give(last) == []


def test_a_flow_over_ipv6_is_measured_both_ways():
    bench = dual()
    for number in range(3):
        payload = ms.encode_data(ms.Data(1, number, 3, bench.now), 200, ms.OVERHEAD_V6_BYTES)
        bench.give(udp.encode_packet(udp.Udp(1000, ms.PORT, payload), UE6, GATEWAY6))
    assert bench.names() == ["UplinkFlowMeasured"]
    wanted = ms.encode_request(ms.Request(2, 2, 500, 400_000))
    (first,) = bench.give(udp.encode_packet(udp.Udp(1000, ms.PORT, wanted), UE6, GATEWAY6))
    assert (len(first), ipv6.decode(first).destination) == (500, UE6)


@pytest.mark.parametrize(("ue", "own"), [("10.45.0.2", GATEWAY), ("2001:db8:45:2::1", GATEWAY6)])
def test_a_ue_is_pinged_at_the_operators_time(ue, own):
    bench = dual(actions=[{"at_s": 10, "ue": ue, "count": 2, "interval_s": 3, "dscp": 46}])
    bench.part.wake(bench.now)
    sent = bench.pass_s(20)
    assert [(at - START) // NS_PER_S for at, _ in sent] == [10, 13]
    request_ = codec.decode(sent[0][1])
    assert request_.source == own
    assert (request_.tos >> 2 if len(own) == 4 else request_.traffic_class >> 2) == 46
    assert bench.give(codec.reply_to(sent[0][1])) == []
    assert bench.names() == ["PingAnswered"]
    assert bench.give(codec.reply_to(sent[0][1])) == []
    assert bench.names()[-1] == "MalformedPacket"


def test_a_ue_is_sent_a_measured_flow_at_the_operators_time():
    flow_ = {"at_s": 1, "do": "udp", "ue": "10.45.0.2", "count": 3, "interval_s": 0.5, "size_bytes": 100}
    bench = dual(actions=[flow_])
    bench.part.wake(bench.now)
    sent = bench.pass_s(5)
    assert [at - START for at, _ in sent] == [NS_PER_S, 3 * NS_PER_S // 2, 2 * NS_PER_S]
    flow = [ms.decode(udp.decode(ipv4.decode(octets)).payload) for _, octets in sent]
    assert [(data.sequence_number, data.total) for data in flow] == [(0, 3), (1, 3), (2, 3)]


def test_an_address_that_is_no_ues_is_said():
    bench = dual(actions=[{"at_s": 1, "ue": "192.0.2.1"}])
    bench.part.wake(bench.now)
    assert bench.pass_s(2) == []
    assert bench.events[-1].config == "actions[0].ue"


def test_a_data_network_may_be_of_some_dnns_only():
    dnns = [{"name": name, "pool": pool} for name, pool in (("internet", "10.45.0.0/16"), ("ims", "10.46.0.0/16"))]
    bench = Bench(dnns=dnns, only=["ims"])
    assert bench.give(ping(bytes((10, 45, 0, 1)))) == []
    assert len(bench.give(ping(bytes((10, 46, 0, 1))))) == 1
    with pytest.raises(ValueError, match="mms"):
        Bench(dnns=dnns, only=["mms"])
