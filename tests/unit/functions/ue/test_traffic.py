"""Traffic of the UE's own, measured in virtual time."""

from awase.protocols.ip import icmp, ipv4, measurement, udp
from unit.functions.ue.rig import Network

INTERNET = {"dnn": "internet", "slice": {"sst": 1}}
GATEWAY = bytes((10, 45, 0, 1))
ADDRESS = bytes((10, 45, 0, 2))


def test_pings_are_answered_and_counted() -> None:
    network = Network(sessions=[INTERNET], traffic=[{"ping": {"count": 5, "interval_ms": 100}}]).run(3)
    event = network.event("PingFinished")
    assert (event.fields["sent"], event.fields["received"], event.level) == (5, 5, "info")
    first = ipv4.decode(network.user_packets[0])
    assert (first.source, first.destination, len(network.user_packets[0])) == (ADDRESS, GATEWAY, 84)


def test_pings_without_answers_are_told_after_their_timeout() -> None:
    traffic = [{"ping": {"count": 2, "interval_ms": 100, "destination": "192.0.2.1"}}]
    network = Network(sessions=[INTERNET], traffic=traffic)
    network._user = lambda data: None  # type: ignore[method-assign]
    network.run(5)
    event = network.event("PingFinished")
    assert (event.fields["sent"], event.fields["received"], event.level) == (2, 0, "warning")


def test_an_uplink_flow_has_the_rate_and_size_asked_for() -> None:
    flow = {"rate_mbps": 1, "duration_s": 0.5, "size_bytes": 500}
    network = Network(sessions=[INTERNET], traffic=[{"udp": flow}]).run(2)
    assert len(network.user_packets) == 125
    assert {len(packet) for packet in network.user_packets} == {500}
    data = [measurement.decode(udp.decode(ipv4.decode(p)).payload) for p in network.user_packets]
    assert isinstance(data[0], measurement.Data)
    assert isinstance(data[1], measurement.Data)
    assert [d.sequence_number for d in data if isinstance(d, measurement.Data)] == list(range(125))
    assert data[1].send_time_ns - data[0].send_time_ns == 4_000_000
    assert network.event("FlowFinished").fields["sent"] == 125


def test_what_goes_beyond_the_session_ambr_is_dropped() -> None:
    flow = {"rate_mbps": 4, "duration_s": 1, "size_bytes": 1250}
    network = Network(sessions=[INTERNET], traffic=[{"udp": flow, "after_s": 1}]).run(1)
    network.ue.context.sessions[1].uplink_bps = 1_000_000
    network.run(2)
    # One second at the rate, and the burst of 100 ms.
    assert 108 <= len(network.user_packets) <= 112


def test_a_downlink_flow_is_asked_for_and_measured() -> None:
    flow = {"rate_mbps": 1, "duration_s": 0.1, "size_bytes": 1250, "direction": "downlink"}
    network = Network(sessions=[INTERNET], traffic=[{"udp": flow}]).run(1)
    request = measurement.decode(udp.decode(ipv4.decode(network.user_packets[0])).payload)
    assert isinstance(request, measurement.Request)
    source = measurement.FlowSource(request)
    while not source.finished:
        payload = source.next_payload(network.now_ns - 5_000_000)
        if source.sent == 2:
            continue
        packet = udp.encode_packet(udp.Udp(measurement.PORT, measurement.PORT, payload), GATEWAY, ADDRESS)
        network.link.send_data(network.sti, 1, packet)
        network.deliver()
        network.run(0.01)
    network.run(5)
    fields = network.event("FlowFinished").fields
    assert (fields["expected"], fields["received"], fields["lost"]) == (10, 9, 1)
    assert fields["delay_min_ns"] == 5_000_000


def test_a_request_for_a_downlink_flow_is_repeated_and_given_up() -> None:
    traffic = [{"udp": {"direction": "downlink"}}]
    network = Network(sessions=[INTERNET], traffic=traffic).run(10)
    assert len(network.user_packets) == 10
    assert network.event("FlowFinished").fields["received"] == 0


def test_an_echo_request_of_the_network_is_answered() -> None:
    network = Network(sessions=[INTERNET]).run(2)
    request = icmp.encode_packet(icmp.Echo(icmp.ECHO_REQUEST, 9, 1, b"abc"), GATEWAY, ADDRESS)
    network.link.send_data(network.sti, 1, request)
    network.link.send_data(network.sti, 1, b"\x45")
    network.link.send_data(network.sti, 9, request)
    network.deliver()
    (reply,) = network.user_packets
    assert icmp.decode(ipv4.decode(reply)).type == icmp.ECHO_REPLY


def test_traffic_ends_with_its_session() -> None:
    network = Network(
        sessions=[INTERNET],
        traffic=[{"ping": {"count": 100}}],
        actions=[{"at_s": 2, "do": "release_session"}],
    ).run(4)
    assert network.event("PingFinished").fields["sent"] == 10


def test_a_ue_is_small() -> None:
    import gc
    import tracemalloc

    network = Network(sessions=[INTERNET], traffic=[{"ping": {"count": 1}}]).run(3)
    gc.collect()
    tracemalloc.start()
    ues = [Network(sessions=[INTERNET], traffic=[{"ping": {"count": 1}}]).run(3).ue for _ in range(20)]
    gc.collect()
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert network.ue is not ues[0]
    assert size / len(ues) < 20_000
