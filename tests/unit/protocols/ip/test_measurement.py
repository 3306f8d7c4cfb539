import pytest

from awase.protocols.ip.measurement import (
    OVERHEAD_BYTES,
    Data,
    FlowSink,
    FlowSource,
    Request,
    decode,
    encode_data,
    encode_request,
)
from awase.wire.errors import DecodeError, EncodeError

MS = 1_000_000


def run(sink: FlowSink, arrivals: list[tuple[int, int]]) -> None:
    """Arrivals: sequence number, delay in ms; sent every 10 ms."""
    for number, delay in arrivals:
        sent = number * 10 * MS
        sink.add(Data(1, number, sink.total, sent), 1000, sent + delay * MS)


def test_data_survives_and_fills_the_packet():
    data = Data(7, 3, 10, 123456789)
    payload = encode_data(data, 200)
    assert len(payload) == 200 - OVERHEAD_BYTES
    assert decode(payload) == data


def test_a_request_survives():
    request = Request(7, 100, 1400, 8_000_000)
    assert decode(encode_request(request)) == request


@pytest.mark.parametrize(
    "request_", [Request(1, 0, 100, 1), Request(1, 1, 63, 1), Request(1, 1, 9001, 1), Request(1, 1, 100, 0)]
)
def test_a_request_that_nobody_would_serve_is_refused_at_both_ends(request_):
    with pytest.raises(EncodeError):
        encode_request(request_)
    with pytest.raises(EncodeError):
        FlowSource(request_)


@pytest.mark.parametrize("octets", [b"", b"AWM1", b"AWM1\x03", b"XXXX\x01" + bytes(40), b"AWM1\x01" + bytes(40)])
def test_other_octets_are_a_decode_error(octets):
    with pytest.raises(DecodeError):
        decode(octets)


def test_a_source_keeps_its_rate():
    source = FlowSource(Request(1, 3, 1000, 8_000_000))
    assert source.interval_ns == MS
    numbers = []
    while not source.finished:
        payload = source.next_payload(0)
        assert len(payload) == 1000 - OVERHEAD_BYTES
        numbers.append(decode(payload).sequence_number)
    assert numbers == [0, 1, 2]


def test_a_source_that_is_called_late_makes_up_for_it():
    source = FlowSource(Request(1, 1000, 1000, 8_000_000))
    now, sent_ns = 5 * MS, []
    for late in (0, 0, 3, 0, 0, 0, 0):
        now += late * MS
        source.next_payload(now)
        sent_ns.append(now)
        now += source.pause_ns(now)
    # One each millisecond, and three at once when it comes late.
    assert [at / MS for at in sent_ns] == [5, 6, 10, 10, 10, 10, 11]


@pytest.mark.parametrize(("jump_ms", "at_once"), [(10_000, 102), (-10_000, 1)])
def test_a_source_whose_clock_jumps_neither_floods_nor_falls_silent(jump_ms, at_once):
    source = FlowSource(Request(1, 1000, 1000, 8_000_000))
    now = 20_000 * MS
    source.next_payload(now)
    source.pause_ns(now)
    now += jump_ms * MS
    count, pause = 0, 0
    while not pause:
        source.next_payload(now)
        pause = source.pause_ns(now)
        count += 1
    assert count == at_once
    assert pause == MS


def test_a_perfect_flow_has_its_rate_and_no_jitter():
    sink = FlowSink(5)
    run(sink, [(n, 20) for n in range(5)])
    result = sink.result()
    assert sink.complete
    assert (result.received, result.lost, result.jitter_ns) == (5, 0, 0)
    assert result.throughput_bps == 800_000
    assert result.delay_min_ns == result.delay_mean_ns == result.delay_max_ns == 20 * MS


def test_loss_duplicates_and_reordering_are_counted():
    sink = FlowSink(6)
    run(sink, [(0, 1), (2, 1), (2, 2), (1, 30), (5, 1)])
    result = sink.result()
    assert (result.received, result.lost, result.duplicates, result.reordered) == (4, 2, 1, 1)
    assert result.loss_ppm == 333_333


def test_jitter_is_that_of_rfc_3550():
    sink = FlowSink(3)
    run(sink, [(0, 10), (1, 26), (2, 10)])
    # J1 = 16/16 = 1 ms; J2 = 1 + (16 - 1)/16 ms.
    assert sink.result().jitter_ns == MS + 15 * MS // 16


def test_a_sink_far_behind_takes_a_datagram_for_a_duplicate():
    sink = FlowSink(5000)
    run(sink, [(3000, 1), (1, 1), (2999, 1), (4999, 1)])
    assert (sink.received, sink.duplicates) == (3, 1)
