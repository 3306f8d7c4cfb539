"""Traffic of the UE's own, without a TUN: ICMP echo, and measured UDP flows both ways."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from awase.functions.ue.config import Ping, Traffic, UdpFlow
from awase.functions.ue.context import PduSession
from awase.functions.ue.procedures import router_discovery
from awase.functions.ue.states import SessionState
from awase.model.machine import Timer
from awase.model.part import NS_PER_MS, NS_PER_S
from awase.protocols.ip import codec as ip
from awase.protocols.ip import icmpv6, ipv4, ipv6, measurement, udp
from awase.protocols.nas.session_elements import PduSessionType
from awase.wire.addresses import ipv4_octets, ipv4_text, ipv6_octets, ipv6_text
from awase.wire.errors import DecodeError

if TYPE_CHECKING:
    from awase.functions.ue.core import Ue

_REQUEST_REPEAT_NS = NS_PER_S // 2
_AT_ONCE = 64
"""How many datagrams of a flow are made up for before anything else has its turn."""
_REQUEST_TRIES = 10
_LAST_DATAGRAM_NS = 2 * NS_PER_S
"""How long a downlink flow waits for the rest after its last datagram was due."""


_FLOWING = (SessionState.ACTIVE, SessionState.MODIFICATION_PENDING)


class TrafficGenerator:
    """What the configured traffic has come to."""

    __slots__ = ("_generators", "_started", "ue")

    def __init__(self, ue: Ue) -> None:
        self.ue = ue
        self._started = 0
        self._generators: dict[int, Pinger | Flow] = {}

    def schedule(self) -> None:
        """Set off what has a time of its own; called once, at the UE's start."""
        for index, traffic in enumerate(self.ue.config.traffic):
            if traffic.at_s is not None:
                self.ue.start_timer(int(traffic.at_s * NS_PER_S), self._occasion(index, traffic, traffic.at_s))

    def session_established(self, session: PduSession) -> None:
        """Start what goes over a session, once, as soon as it has the address."""
        for index, traffic in enumerate(self.ue.config.traffic):
            if traffic.session - 1 != session.config_index or traffic.at_s is not None or self._started >> index & 1:
                continue
            if _source(traffic, session):
                self._started |= 1 << index
                after_ns = int(traffic.after_s * NS_PER_S)
                elapsed_s = (self.ue.now_ns + after_ns - self.ue.start_ns) / NS_PER_S
                self.ue.start_timer(after_ns, self._occasion(index, traffic, elapsed_s))

    def _occasion(self, index: int, traffic: Traffic, at_s: float) -> Callable[[], None]:
        return lambda: self._begin(index, traffic, at_s)

    def _begin(self, index: int, traffic: Traffic, at_s: float) -> None:
        """Start it where its session is there, and come back after `every_s`."""
        if traffic.every_s is not None:
            next_s = at_s + traffic.every_s
            if traffic.until_s is None or next_s <= traffic.until_s:
                self.ue.start_timer(int(traffic.every_s * NS_PER_S), self._occasion(index, traffic, next_s))
        if index in self._generators:
            return
        sessions = [s for s in self.ue.context.sessions.values() if s.config_index == traffic.session - 1]
        for session in sessions:
            if session.state in _FLOWING and _source(traffic, session):
                self._start(index, traffic, session)
                return

    def _start(self, index: int, traffic: Traffic, session: PduSession) -> None:
        source = _source(traffic, session)
        destination = _destination(traffic, session, source)
        if not destination:
            self.ue.report(
                "TrafficNotStarted",
                "the network named no DNS server as the destination of traffic: set its destination",
                level="error",
                subject=self.ue.context.supi,
                config=f"traffic[{index}]",
            )
            return
        generator: Pinger | Flow
        if traffic.ping is not None:
            generator = Pinger(self, index, traffic.ping, session, (source, destination))
        elif traffic.udp is not None:
            generator = Flow(self, index, traffic.udp, session, (source, destination))
        self._generators[index] = generator
        generator.start()

    def finished(self, index: int) -> None:
        """A generator has told its result."""
        self._generators.pop(index, None)

    def session_gone(self, session: PduSession) -> None:
        """End what goes over a session."""
        for generator in [g for g in self._generators.values() if g.session is session]:
            generator.finish()

    def stop(self) -> None:
        """End all traffic, with what was measured."""
        for generator in list(self._generators.values()):
            generator.finish()

    def awaits(self, session: PduSession, packet: bytes) -> bool:
        """Whether an IP packet belongs to traffic that runs over a session."""
        running = {i for i, generator in self._generators.items() if generator.session is session}
        if not running:
            return False
        try:
            decoded = ip.decode(packet)
            if decoded.protocol == ipv4.UDP:
                data = measurement.decode(udp.decode(decoded).payload)
                return isinstance(data, measurement.Data) and data.flow_id - 1 in running
            echo = ip.echo(decoded)
        except DecodeError:
            return False
        return isinstance(echo, ip.EchoSeen) and not echo.is_request and echo.identifier - 1 in running

    def receive(self, session: PduSession, packet: bytes) -> None:
        """An IP packet for the UE: what it measures, an echo request to answer, or a router's advertisement."""
        try:
            decoded = ip.decode(packet)
            if decoded.destination not in (session.address, session.address6):
                self._to_the_link(session, decoded)
                return
            if decoded.protocol in (ipv4.ICMP, ipv6.ICMPV6):
                self._echo(session, decoded, packet)
            elif decoded.protocol == ipv4.UDP:
                self._datagram(session, decoded, len(packet))
        except DecodeError as error:
            self.ue.malformed("an IP packet", error)

    def _to_the_link(self, session: PduSession, packet: ip.IpPacket) -> None:
        own = ipv6.link_local(session.interface_identifier)
        if len(packet.destination) != 16 or packet.destination not in (own, ipv6.ALL_NODES):
            return
        message = ip.echo(packet)
        if isinstance(message, icmpv6.RouterAdvertisement):
            router_discovery.router_advertisement(self.ue, session, message)

    def _echo(self, session: PduSession, packet: ip.IpPacket, octets: bytes) -> None:
        echo = ip.echo(packet)
        if not isinstance(echo, ip.EchoSeen):
            return
        if echo.is_request:
            self.send(session, ip.reply_to(octets))
            return
        generator = self._generators.get(echo.identifier - 1)
        if isinstance(generator, Pinger) and generator.session is session:
            generator.reply(echo.sequence_number)

    def _datagram(self, session: PduSession, packet: ip.IpPacket, size_bytes: int) -> None:
        datagram = udp.decode(packet)
        data = measurement.decode(datagram.payload)
        if isinstance(data, measurement.Data):
            generator = self._generators.get(data.flow_id - 1)
            if isinstance(generator, Flow) and generator.session is session:
                generator.arrived(data, size_bytes)

    def send(self, session: PduSession, packet: bytes) -> None:
        """Send an IP packet."""
        self.ue.user_plane.send(session, packet)


def _family(traffic: Traffic, session: PduSession) -> str:
    """As told, else as its destination is, else IPv4 where the session has it."""
    wanted = traffic.ping or traffic.udp
    if wanted is not None and wanted.family is not None:
        return wanted.family
    if wanted is not None and wanted.destination is not None:
        return "ipv6" if ":" in wanted.destination else "ipv4"
    return "ipv6" if session.type is PduSessionType.ipv6 else "ipv4"


def _source(traffic: Traffic, session: PduSession) -> bytes:
    """The UE's own address for it; empty before there is one."""
    return session.address6 if _family(traffic, session) == "ipv6" else session.address


def _destination(traffic: Traffic, session: PduSession, source: bytes) -> bytes:
    wanted = traffic.ping or traffic.udp
    if wanted is not None and wanted.destination is not None:
        text = wanted.destination
        return ipv6_octets(text) if ":" in text else ipv4_octets(text)
    return session.dns6 if len(source) == 16 else session.dns


def _text(address: bytes) -> str:
    return ipv4_text(address) if len(address) == 4 else ipv6_text(address)


class Pinger:
    """ICMP echoes; its identifier is the index of its traffic and one."""

    __slots__ = (
        "_addresses",
        "_generator",
        "_index",
        "_outstanding",
        "_ping",
        "_received",
        "_rtt_max_ns",
        "_rtt_min_ns",
        "_rtt_sum_ns",
        "_sent",
        "_timer",
        "session",
    )

    def __init__(
        self, generator: TrafficGenerator, index: int, ping: Ping, session: PduSession, addresses: tuple[bytes, bytes]
    ) -> None:
        self._generator = generator
        self._index = index
        self._ping = ping
        self.session = session
        # Our own, and the far end's.
        self._addresses = addresses
        self._outstanding: dict[int, int] = {}
        self._sent = self._received = 0
        self._rtt_sum_ns = self._rtt_min_ns = self._rtt_max_ns = 0
        self._timer: Timer | None = None

    def start(self) -> None:
        """Send the first one."""
        self._next()

    def _next(self) -> None:
        ue, ping = self._generator.ue, self._ping
        self._outstanding[self._sent] = ue.now_ns
        packet = ip.echo_request(*self._addresses, self._index + 1, self._sent, ping.size_bytes)
        self._sent += 1
        if self._sent < ping.count:
            self._timer = ue.start_timer(int(ping.interval_ms * NS_PER_MS), self._next)
        else:
            self._timer = ue.start_timer(int(ping.timeout_ms * NS_PER_MS), self.finish)
        self._forget_late()
        self._generator.send(self.session, packet)

    def _forget_late(self) -> None:
        limit_ns = self._generator.ue.now_ns - int(self._ping.timeout_ms * NS_PER_MS)
        while self._outstanding:
            number = next(iter(self._outstanding))
            if self._outstanding[number] >= limit_ns:
                break
            del self._outstanding[number]

    def reply(self, sequence_number: int) -> None:
        """An echo reply came."""
        sent_ns = self._outstanding.pop(sequence_number, None)
        if sent_ns is None:
            return
        rtt_ns = self._generator.ue.now_ns - sent_ns
        self._rtt_min_ns = min(self._rtt_min_ns, rtt_ns) if self._received else rtt_ns
        self._rtt_max_ns = max(self._rtt_max_ns, rtt_ns)
        self._rtt_sum_ns += rtt_ns
        self._received += 1
        if self._sent == self._ping.count and not self._outstanding:
            self.finish()

    def finish(self) -> None:
        """Tell the figures."""
        if self._timer is not None:
            self._timer.stop()
        ue = self._generator.ue
        mean_ns = self._rtt_sum_ns // self._received if self._received else 0
        ue.report(
            "PingFinished",
            f"{ue.context.supi} sent {self._sent} echo requests to {_text(self._addresses[1])} and got"
            f" {self._received} replies, round trip {mean_ns / 1e6:.3f} ms"
            f" ({self._rtt_min_ns / 1e6:.3f} to {self._rtt_max_ns / 1e6:.3f})",
            level="info" if self._received == self._sent else "warning",
            subject=ue.context.supi,
            traffic=self._index,
            pdu_session_id=self.session.pdu_session_id,
            sent=self._sent,
            received=self._received,
            rtt_min_ns=self._rtt_min_ns,
            rtt_mean_ns=mean_ns,
            rtt_max_ns=self._rtt_max_ns,
        )
        self._generator.finished(self._index)


class Flow:
    """A measured flow; its flow id is the index of its traffic and one."""

    __slots__ = (
        "_addresses",
        "_generator",
        "_index",
        "_request",
        "_requests",
        "_sink",
        "_source",
        "_timer",
        "_udp",
        "session",
    )

    def __init__(
        self,
        generator: TrafficGenerator,
        index: int,
        flow: UdpFlow,
        session: PduSession,
        addresses: tuple[bytes, bytes],
    ) -> None:
        self._generator = generator
        self._index = index
        self._udp = flow
        self.session = session
        # Our own, and the far end's.
        self._addresses = addresses
        rate_bps = int(flow.rate_mbps * 1e6)
        total = int(flow.duration_s * rate_bps) // (flow.size_bytes * 8)
        self._request = measurement.Request(
            flow_id=index + 1,
            total=min(max(total, 1), measurement.MAX_TOTAL),
            size_bytes=flow.size_bytes,
            rate_bps=rate_bps,
        )
        self._source = measurement.FlowSource(self._request, measurement.overhead_bytes(addresses[0]))
        self._sink = measurement.FlowSink(self._request.total)
        self._requests = 0
        self._timer: Timer | None = None

    def start(self) -> None:
        """Send the first datagram, or ask for it."""
        if self._udp.direction == "uplink":
            self._next()
        else:
            self._ask()

    def _send(self, payload: bytes) -> None:
        datagram = udp.Udp(self._udp.port or measurement.PORT, measurement.PORT, payload)
        packet = udp.encode_packet(datagram, *self._addresses)
        self._generator.send(self.session, packet)

    def _next(self) -> None:
        """Send what is due, and come back."""
        ue, source = self._generator.ue, self._source
        pause_ns = 0
        for _ in range(_AT_ONCE):
            self._send(source.next_payload(ue.now_ns))
            if source.finished:
                self._timer = None
                self.finish()
                return
            pause_ns = source.pause_ns(ue.now_ns)
            if pause_ns:
                break
        self._timer = ue.start_timer(pause_ns, self._next)

    def _ask(self) -> None:
        if self._requests >= _REQUEST_TRIES:
            self.finish()
            return
        self._requests += 1
        self._timer = self._generator.ue.start_timer(_REQUEST_REPEAT_NS, self._ask)
        self._send(measurement.encode_request(self._request))

    def arrived(self, data: measurement.Data, size_bytes: int) -> None:
        """A datagram of a downlink flow."""
        ue = self._generator.ue
        if self._udp.direction != "downlink" or data.total != self._request.total:
            return
        if not self._sink.received:
            if self._timer is not None:
                self._timer.stop()
            rest_ns = (data.total - data.sequence_number) * self._source.interval_ns
            self._timer = ue.start_timer(rest_ns + _LAST_DATAGRAM_NS, self.finish)
        self._sink.add(data, size_bytes, ue.now_ns)
        if self._sink.complete:
            self.finish()

    def finish(self) -> None:
        """Tell the figures: what was sent, or what was measured."""
        if self._timer is not None:
            self._timer.stop()
        ue, index = self._generator.ue, self._index
        if self._udp.direction == "uplink":
            ue.report(
                "FlowFinished",
                f"{ue.context.supi} sent {self._source.sent} datagrams at {self._request.rate_bps / 1e6:.3f} Mbit/s",
                subject=ue.context.supi,
                traffic=index,
                direction="uplink",
                pdu_session_id=self.session.pdu_session_id,
                sent=self._source.sent,
            )
        else:
            self._tell_measured(ue)
        self._generator.finished(index)

    def _tell_measured(self, ue: Ue) -> None:
        result = self._sink.result()
        ue.report(
            "FlowFinished",
            f"{ue.context.supi} measured its downlink flow: {result.sentence()}",
            level="info" if not result.lost else "warning",
            subject=ue.context.supi,
            traffic=self._index,
            direction="downlink",
            pdu_session_id=self.session.pdu_session_id,
            **{name: value for name, value in result._asdict().items() if name != "duration_ns"},
        )
