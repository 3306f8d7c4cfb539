"""Measured flows at the data network's end: it sinks uplink ones, and sources downlink ones on request."""

from awase.functions.data_network.config import Config
from awase.functions.data_network.context import Context, FlowKey, Sink, Source, ip_text
from awase.model.machine import Machine
from awase.model.part import NS_PER_S, Packet
from awase.protocols.ip import udp
from awase.protocols.ip.codec import IpPacket
from awase.protocols.ip.measurement import PORT, Data, FlowSink, FlowSource, Request, decode, overhead_bytes

LINGER_NS = 5 * NS_PER_S
"""How long a whole flow is remembered, so that its duplicates are not taken for another."""
AT_ONCE = 64
"""How many datagrams of a flow are made up for before anything else has its turn."""


class Flows:
    """The flows under way; all of them bounded, since any UE may start some."""

    def __init__(self, machine: Machine, context: Context, config: Config) -> None:
        self._machine = machine
        self._context = context
        self._config = config
        self._timeout_ns = int(config.flow_timeout_s * NS_PER_S)

    def receive(self, packet: IpPacket, size_bytes: int) -> None:
        """Take a packet for our measurement port. Raises DecodeError."""
        datagram = udp.decode(packet)
        message = decode(datagram.payload)
        key = (packet.source, datagram.source_port, message.flow_id)
        if isinstance(message, Data):
            self._sink(key, message, size_bytes)
        else:
            self._serve(key, message, packet.destination)

    # Uplink.

    def _sink(self, key: FlowKey, data: Data, size_bytes: int) -> None:
        sinks = self._context.sinks
        sink = sinks.get(key)
        if sink is None:
            if self._is_refused(key, "uplink", len(sinks)):
                return
            self._context.count(key[0], 1)
            sink = sinks[key] = Sink(FlowSink(data.total))
            sink.timer = self._machine.start_timer(self._timeout_ns, lambda: self._expire(key))
        flow = sink.flow
        if data.total != flow.total:
            return
        flow.add(data, size_bytes, self._machine.now_ns)
        if flow.complete and not sink.reported:
            self._report_sink(key, sink)

    def _expire(self, key: FlowKey) -> None:
        """The timer runs from the first datagram, and is set anew while others came since."""
        sink = self._context.sinks[key]
        patience_ns = LINGER_NS if sink.reported else self._timeout_ns
        left_ns = sink.flow.last_ns + patience_ns - self._machine.now_ns
        if left_ns > 0:
            sink.timer = self._machine.start_timer(left_ns, lambda: self._expire(key))
            return
        if not sink.reported:
            self._report_sink(key, sink)
            # What comes later still belongs to it.
            sink.timer = self._machine.start_timer(LINGER_NS, lambda: self._expire(key))
            return
        del self._context.sinks[key]
        self._context.count(key[0], -1)

    def _report_sink(self, key: FlowKey, sink: Sink) -> None:
        sink.reported = True
        result = sink.flow.result()
        ue = ip_text(key[0])
        self._machine.report(
            "UplinkFlowMeasured",
            f"flow {key[2]} from {ue}: {result.sentence()}",
            subject=ue,
            flow_id=key[2],
            **result._asdict(),
        )

    # Downlink.

    def _serve(self, key: FlowKey, request: Request, own_address: bytes) -> None:
        sources = self._context.sources
        if key in sources:
            # The UE repeats its request until the first datagram arrives.
            return
        if self._is_refused(key, "downlink", len(sources)):
            return
        self._context.count(key[0], 1)
        sources[key] = Source(FlowSource(request, overhead_bytes(key[0])), own_address, key[0], key[1])
        self._send(key)

    def _send(self, key: FlowKey) -> None:
        machine = self._machine
        source = self._context.sources[key]
        flow = source.flow
        if flow.finished:
            del self._context.sources[key]
            self._context.count(key[0], -1)
            return
        packets: list[bytes] = []
        pause_ns = 0
        while not pause_ns and not flow.finished and len(packets) < AT_ONCE:
            datagram = udp.Udp(PORT, source.port, flow.next_payload(machine.now_ns))
            packets.append(udp.encode_packet(datagram, source.source, source.destination))
            pause_ns = flow.pause_ns(machine.now_ns)
        machine.send(Packet(port="n6", peer="", payload=packets[0] if len(packets) == 1 else packets))
        if flow.finished:
            ue = ip_text(key[0])
            machine.report(
                "DownlinkFlowSent",
                f"flow {key[2]} to {ue}: {flow.sent} datagrams sent",
                subject=ue,
                flow_id=key[2],
                sent=flow.sent,
            )
        # Remembered a while after its last datagram, since a request may still be on its way.
        machine.start_timer(LINGER_NS if flow.finished else pause_ns, lambda: self._send(key))

    def _is_refused(self, key: FlowKey, direction: str, under_way: int) -> bool:
        config, ue = self._config, ip_text(key[0])
        if under_way >= config.max_flows:
            why, path = f"{under_way} are under way", "max_flows"
        elif self._context.flows_of.get(key[0], 0) >= config.max_flows_per_ue:
            why, path = f"this UE has {config.max_flows_per_ue} already", "max_flows_per_ue"
        else:
            return False
        self._machine.report(
            "FlowRefused",
            f"{direction} flow {key[2]} of {ue} refused: {why}",
            level="warning",
            subject=ue,
            config=path,
            at_most_per_s=1,
        )
        return True
