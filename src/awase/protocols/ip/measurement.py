"""Measured UDP flows: the payload that source and sink agree on, the source's pace, the sink's figures.

Ours, not a standard's. A source numbers and times its datagrams; a sink measures throughput, one-way delay,
jitter (RFC 3550 clause 6.4.1) and loss. A UE asks the data network for a downlink flow with a Request to its
gateway's PORT, and repeats it until the first datagram arrives, so that the data network needs no
configuration; a flow is known by the UE's address, port and flow id.
"""

from struct import Struct
from typing import NamedTuple

from awase.wire.errors import DecodeError, EncodeError

PORT = 47300
"""Where the data network listens for flows and requests."""

OVERHEAD_BYTES = 28
"""IPv4 and UDP header."""

OVERHEAD_V6_BYTES = 48
"""IPv6 and UDP header; so a datagram over IPv6 is a packet of 76 octets at least."""

MIN_SIZE_BYTES = 64
MAX_SIZE_BYTES = 9000
MAX_TOTAL = 1_000_000
MAX_RATE_BPS = 100_000_000_000

_MAGIC = b"AWM1"
_DATA = 1
_REQUEST = 2
_DATA_BODY = Struct("!4sB3xIIIQ")
_REQUEST_BODY = Struct("!4sB3xIIHQ")
_WINDOW = 1024
_WINDOW_MASK = (1 << _WINDOW) - 1


class Data(NamedTuple):
    """One datagram of a flow: `sequence_number` from 0 to `total` - 1, sent at `send_time_ns`."""

    flow_id: int
    sequence_number: int
    total: int
    send_time_ns: int


class Request(NamedTuple):
    """A request for `total` datagrams, each an IP packet of `size_bytes`, at `rate_bps` of IP packets."""

    flow_id: int
    total: int
    size_bytes: int
    rate_bps: int


def encode_data(data: Data, size_bytes: int, overhead_bytes: int = OVERHEAD_BYTES) -> bytes:
    """The UDP payload of an IP packet of `size_bytes`, of which `overhead_bytes` are headers."""
    body = _DATA_BODY.pack(_MAGIC, _DATA, *data)
    return body.ljust(size_bytes - overhead_bytes, b"\0")


def overhead_bytes(address: bytes) -> int:
    """The headers of a datagram to or from this address."""
    return OVERHEAD_V6_BYTES if len(address) == 16 else OVERHEAD_BYTES


def encode_request(request: Request) -> bytes:
    """The UDP payload of a request. Raises EncodeError for one that no data network would serve."""
    fault = _fault(request.total, request.size_bytes, request.rate_bps)
    if fault:
        raise EncodeError(fault)
    return _REQUEST_BODY.pack(_MAGIC, _REQUEST, *request)


def decode(payload: bytes) -> Data | Request:
    """What a UDP payload on PORT is. Raises DecodeError."""
    if payload[:4] != _MAGIC or len(payload) < 5:
        raise DecodeError("no measurement payload", offset=0)
    kind = payload[4]
    if kind == _DATA and len(payload) >= _DATA_BODY.size:
        _, _, flow_id, sequence_number, total, send_time_ns = _DATA_BODY.unpack_from(payload)
        if not sequence_number < total <= MAX_TOTAL:
            raise DecodeError(f"datagram {sequence_number} of {total}", offset=12)
        return Data(flow_id, sequence_number, total, send_time_ns)
    if kind == _REQUEST and len(payload) >= _REQUEST_BODY.size:
        _, _, flow_id, total, size_bytes, rate_bps = _REQUEST_BODY.unpack_from(payload)
        fault = _fault(total, size_bytes, rate_bps)
        if fault:
            raise DecodeError(fault, offset=12)
        return Request(flow_id, total, size_bytes, rate_bps)
    raise DecodeError(f"measurement payload of kind {kind} in {len(payload)} octets", offset=4)


def _fault(total: int, size_bytes: int, rate_bps: int) -> str:
    if not 1 <= total <= MAX_TOTAL:
        return f"a flow has 1 to {MAX_TOTAL} datagrams, not {total}"
    if not MIN_SIZE_BYTES <= size_bytes <= MAX_SIZE_BYTES:
        return f"an IP packet of a flow has {MIN_SIZE_BYTES} to {MAX_SIZE_BYTES} octets, not {size_bytes}"
    if not 1 <= rate_bps <= MAX_RATE_BPS:
        return f"a flow has 1 to {MAX_RATE_BPS} bit/s, not {rate_bps}"
    return ""


MOST_BEHIND_NS = 100_000_000
"""What a source makes up for at most, when it was called late."""


class FlowSource:
    """What paces a flow: call `next_payload` until `finished`, and after each wait for `pause_ns`."""

    __slots__ = ("_due_ns", "_overhead_bytes", "interval_ns", "request", "sent")

    def __init__(self, request: Request, overhead_bytes: int = OVERHEAD_BYTES) -> None:
        fault = _fault(request.total, request.size_bytes, request.rate_bps)
        if fault:
            raise EncodeError(fault)
        self.request = request
        self._overhead_bytes = overhead_bytes
        self.interval_ns = max(1, request.size_bytes * 8 * 1_000_000_000 // request.rate_bps)
        self.sent = 0
        self._due_ns = 0

    @property
    def finished(self) -> bool:
        """Whether every datagram has been sent."""
        return self.sent >= self.request.total

    def next_payload(self, now_ns: int) -> bytes:
        """The next datagram's UDP payload."""
        request = self.request
        if not self.sent:
            self._due_ns = now_ns
        data = Data(request.flow_id, self.sent, request.total, now_ns)
        self.sent += 1
        return encode_data(data, request.size_bytes, self._overhead_bytes)

    def pause_ns(self, now_ns: int) -> int:
        """How long to wait for the next one, that the rate be kept: not at all where this one was late."""
        due_ns = self._due_ns + self.interval_ns
        self._due_ns = min(max(due_ns, now_ns - MOST_BEHIND_NS), now_ns + self.interval_ns)
        return max(0, self._due_ns - now_ns)


class FlowResult(NamedTuple):
    """What a sink measured. Throughput is of IP packets, from the first to the last arrival."""

    expected: int
    received: int
    lost: int
    duplicates: int
    reordered: int
    bytes: int
    duration_ns: int
    throughput_bps: int
    delay_min_ns: int
    delay_mean_ns: int
    delay_max_ns: int
    jitter_ns: int

    @property
    def loss_ppm(self) -> int:
        """Lost datagrams in a million."""
        return self.lost * 1_000_000 // self.expected if self.expected else 0

    def sentence(self) -> str:
        """The figures for a person."""
        return (
            f"{self.received} of {self.expected} datagrams, {self.throughput_bps / 1e6:.3f} Mbit/s, "
            f"one-way delay {self.delay_mean_ns / 1e6:.3f} ms "
            f"({self.delay_min_ns / 1e6:.3f} to {self.delay_max_ns / 1e6:.3f}), "
            f"jitter {self.jitter_ns / 1e6:.3f} ms, {self.lost} lost"
        )


class FlowSink:
    """Measures one flow, in memory that does not grow with it.

    A datagram more than 1,024 behind the latest counts as a duplicate, since nothing tells it from one.
    """

    __slots__ = (
        "_delay_max_ns",
        "_delay_min_ns",
        "_delay_sum_ns",
        "_first_bytes",
        "_first_ns",
        "_highest",
        "_jitter_16ths_ns",
        "_last_transit_ns",
        "_seen",
        "bytes",
        "duplicates",
        "last_ns",
        "received",
        "reordered",
        "total",
    )

    def __init__(self, total: int) -> None:
        self.total = total
        self.received = self.duplicates = self.reordered = self.bytes = 0
        self.last_ns = 0
        self._highest = -1
        self._seen = 0
        self._first_ns = self._first_bytes = 0
        self._delay_sum_ns = self._delay_min_ns = self._delay_max_ns = 0
        self._last_transit_ns = self._jitter_16ths_ns = 0

    @property
    def complete(self) -> bool:
        """Whether every datagram has arrived."""
        return self.received >= self.total

    def add(self, data: Data, size_bytes: int, now_ns: int) -> None:
        """Count one datagram that came in an IP packet of `size_bytes`."""
        if not self._is_new(data.sequence_number):
            self.duplicates += 1
            return
        transit_ns = now_ns - data.send_time_ns
        if self.received:
            # J += (|D| - J) / 16, kept in sixteenths so that it stays an integer.
            self._jitter_16ths_ns += abs(transit_ns - self._last_transit_ns) - self._jitter_16ths_ns // 16
            self._delay_min_ns = min(self._delay_min_ns, transit_ns)
            self._delay_max_ns = max(self._delay_max_ns, transit_ns)
        else:
            self._first_ns, self._first_bytes = now_ns, size_bytes
            self._delay_min_ns = self._delay_max_ns = transit_ns
        self._last_transit_ns = transit_ns
        self._delay_sum_ns += transit_ns
        self.received += 1
        self.bytes += size_bytes
        self.last_ns = now_ns

    def _is_new(self, sequence_number: int) -> bool:
        ahead = sequence_number - self._highest
        if ahead > 0:
            self._seen = ((self._seen << ahead) if ahead < _WINDOW else 0) & _WINDOW_MASK | 1
            self._highest = sequence_number
            return True
        bit = 1 << -ahead
        if -ahead >= _WINDOW or self._seen & bit:
            return False
        self._seen |= bit
        self.reordered += 1
        return True

    def result(self) -> FlowResult:
        """The figures so far."""
        duration_ns = self.last_ns - self._first_ns
        # The first packet marks the start of the clock, so its octets are not in the rate.
        rate = (self.bytes - self._first_bytes) * 8 * 1_000_000_000 // duration_ns if duration_ns > 0 else 0
        return FlowResult(
            expected=self.total,
            received=self.received,
            lost=max(0, self.total - self.received),
            duplicates=self.duplicates,
            reordered=self.reordered,
            bytes=self.bytes,
            duration_ns=duration_ns,
            throughput_bps=rate,
            delay_min_ns=self._delay_min_ns,
            delay_mean_ns=self._delay_sum_ns // self.received if self.received else 0,
            delay_max_ns=self._delay_max_ns,
            jitter_ns=self._jitter_16ths_ns // 16,
        )
