"""Traffic that the data network begins by itself, at the operator's time: it finds idle UEs, too."""

from awase.functions.data_network.config import Action
from awase.functions.data_network.context import Context, ip_octets, ip_text
from awase.model.machine import Machine
from awase.model.part import NS_PER_S, Packet
from awase.protocols.ip import codec, ipv4, udp
from awase.protocols.ip.measurement import PORT, FlowSource, Request, overhead_bytes

MAX_PINGS = 4096
"""Echo requests whose reply is awaited."""


class Originated:
    """The actions under way. Replies are known by their UE, identifier and sequence number."""

    def __init__(self, machine: Machine, context: Context) -> None:
        self._machine = machine
        self._context = context
        self._awaited: dict[tuple[bytes, int, int], int] = {}
        """When the request was sent."""

    def schedule(self, number: int, action: Action) -> None:
        """Do it when its time has come; `number` tells the actions apart."""
        self._machine.start_timer(int(action.at_s * NS_PER_S), lambda: self._begin(number, action))

    def _begin(self, number: int, action: Action) -> None:
        ue = ip_octets(action.ue)
        own = self._context.gateway(ue, action.dnn)
        if own is None:
            self._machine.report(
                "NoRoute",
                f"{action.ue} is no UE's address of this data network",
                level="error",
                config=f"actions[{number}].ue",
            )
            return
        if action.do == "ping":
            self._ping(number, action, own, ue, 1)
            return
        rate_bps = max(1, round(action.size_bytes * 8 / action.interval_s))
        size = max(action.size_bytes, overhead_bytes(ue) + 28)
        flow = FlowSource(Request(number + 1, action.count, size, rate_bps), overhead_bytes(ue))
        self._datagram(action, own, ue, flow)

    # Echo.

    def _ping(self, number: int, action: Action, own: bytes, ue: bytes, sequence_number: int) -> None:
        machine = self._machine
        identifier = 0x8000 | number & 0x7FFF
        if len(self._awaited) >= MAX_PINGS:
            del self._awaited[next(iter(self._awaited))]
        self._awaited[ue, identifier, sequence_number & 0xFFFF] = machine.now_ns
        octets = codec.echo_request(own, ue, identifier, sequence_number & 0xFFFF, action.size_bytes)
        self._send(marked(octets, action.dscp))
        if sequence_number < action.count:
            machine.start_timer(
                int(action.interval_s * NS_PER_S), lambda: self._ping(number, action, own, ue, sequence_number + 1)
            )

    def reply(self, ue: bytes, identifier: int, sequence_number: int) -> bool:
        """A UE has answered; False where nothing was asked."""
        sent_ns = self._awaited.pop((ue, identifier, sequence_number), None)
        if sent_ns is None:
            return False
        delay_us = (self._machine.now_ns - sent_ns) // 1000
        self._machine.report(
            "PingAnswered",
            f"{ip_text(ue)} answered echo request {sequence_number} after {delay_us / 1000:g} ms",
            subject=ip_text(ue),
            at_most_per_s=20,
            delay_us=delay_us,
        )
        return True

    # Measured flows.

    def _datagram(self, action: Action, own: bytes, ue: bytes, flow: FlowSource) -> None:
        payload = flow.next_payload(self._machine.now_ns)
        octets = udp.encode_packet(udp.Udp(PORT, PORT, payload), own, ue)
        self._send(marked(octets, action.dscp))
        if not flow.finished:
            self._machine.start_timer(flow.interval_ns, lambda: self._datagram(action, own, ue, flow))

    def _send(self, octets: bytes) -> None:
        self._machine.send(Packet(port="n6", peer="", payload=octets))


def marked(octets: bytes, dscp: int) -> bytes:
    """A packet with a DSCP (RFC 2474); the header checksum of IPv4 is made anew."""
    if not dscp:
        return octets
    if octets[0] >> 4 == 6:
        first = int.from_bytes(octets[:2], "big") & 0xF03F | dscp << 6
        return first.to_bytes(2, "big") + octets[2:]
    return ipv4.encode(ipv4.decode(octets)._replace(tos=dscp << 2))
