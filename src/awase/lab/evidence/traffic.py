"""User traffic as it crossed the ends of the network: echoes on the radio link, measured flows where they arrive."""

from struct import Struct

from awase.protocols.ip import codec, measurement, udp
from awase.protocols.ip.measurement import FlowSink
from awase.wire.errors import DecodeError

_PORTS = Struct("!HH")
_ICMP = (b"\x01", b"\x3a")
"""ICMP and ICMPv6."""

MAX_OUTSTANDING = 4096
MAX_FLOWS = 65536


class Window:
    """A span of time in which an echo request has to leave a UE that is answered."""

    __slots__ = ("begin_ns", "end_ns", "met")

    def __init__(self, begin_ns: int, end_ns: int | None) -> None:
        self.begin_ns = begin_ns
        self.end_ns = end_ns
        self.met = False

    def holds(self, time_ns: int) -> bool:
        """Whether a time is in it."""
        return time_ns >= self.begin_ns and (self.end_ns is None or time_ns <= self.end_ns)


class Pings:
    """ICMP echoes of one UE: requests that left it, replies that reached it."""

    __slots__ = (
        "_outstanding",
        "answered_ns",
        "replies",
        "requests",
        "rtt_max_ns",
        "rtt_min_ns",
        "rtt_sum_ns",
        "windows",
    )

    def __init__(self) -> None:
        self._outstanding: dict[tuple[int, int], int] = {}
        self.requests = self.replies = 0
        self.answered_ns = -1
        """When the latest request left that was answered."""
        self.rtt_min_ns = self.rtt_max_ns = self.rtt_sum_ns = 0
        self.windows: list[Window] = []

    def seen(self, octets: bytes, uplink: bool, sent_ns: int, arrivals_ns: tuple[int, ...]) -> bool:
        """An IP packet on the radio link; whether a reply arrived."""
        if (octets[9:10] if octets[:1] < b"\x60" else octets[6:7]) not in _ICMP:
            return False
        try:
            echo = codec.echo(codec.decode(octets))
        except DecodeError:
            return False
        if not isinstance(echo, codec.EchoSeen):
            return False
        key = (echo.identifier, echo.sequence_number)
        if uplink and echo.is_request:
            self.requests += 1
            if len(self._outstanding) < MAX_OUTSTANDING:
                self._outstanding[key] = sent_ns
            return False
        if uplink or echo.is_request or not arrivals_ns:
            return False
        left_ns = self._outstanding.pop(key, None)
        if left_ns is None:
            return False
        self.answered_ns = max(self.answered_ns, left_ns)
        for window in self.windows:
            window.met = window.met or window.holds(left_ns)
        rtt_ns = arrivals_ns[0] - left_ns
        self.rtt_min_ns = min(self.rtt_min_ns, rtt_ns) if self.replies else rtt_ns
        self.rtt_max_ns = max(self.rtt_max_ns, rtt_ns)
        self.rtt_sum_ns += rtt_ns
        self.replies += 1
        return True


class Flows:
    """Measured UDP flows, read where they arrive: on N6 towards the data network, on the radio link towards a UE."""

    def __init__(self) -> None:
        self.sinks: dict[tuple[bytes, bytes, int], FlowSink] = {}

    def seen(self, octets: bytes, arrivals_ns: tuple[int, ...]) -> bool:
        """An IP packet where it arrives; whether it completes a flow."""
        protocol, at = (octets[9:10], 20) if octets[:1] < b"\x60" else (octets[6:7], 40)
        if protocol != b"\x11" or len(octets) < at + 8 or not arrivals_ns:
            return False
        if measurement.PORT not in _PORTS.unpack_from(octets, at):
            return False
        try:
            packet = codec.decode(octets)
            data = measurement.decode(udp.decode(packet).payload)
        except DecodeError:
            return False
        if not isinstance(data, measurement.Data):
            return False
        key = (packet.source, packet.destination, data.flow_id)
        sink = self.sinks.get(key)
        if sink is None:
            if len(self.sinks) >= MAX_FLOWS:
                return False
            sink = self.sinks[key] = FlowSink(data.total)
        for arrival_ns in arrivals_ns:
            sink.add(data, len(octets), arrival_ns)
        return sink.complete
