"""N6: IP packets from the UPF: for us, for another UE, or for nobody."""

from awase.functions.data_network.context import Context
from awase.functions.data_network.flows import Flows
from awase.model.machine import Machine
from awase.model.part import Packet
from awase.protocols.ip import icmp, ipv4
from awase.protocols.ip.measurement import PORT
from awase.wire.addresses import ipv4_text
from awase.wire.errors import DecodeError

EVENTS_PER_S = 20


class N6:
    """The N6 port."""

    def __init__(self, machine: Machine, context: Context, flows: Flows) -> None:
        self._machine = machine
        self._context = context
        self._flows = flows

    def receive(self, packet: Packet) -> None:
        """Take an IP packet, or a batch."""
        payload = packet.payload
        if isinstance(payload, bytes):
            self._packet(payload)
            return
        for octets in payload:
            self._packet(octets)

    def _packet(self, octets: bytes) -> None:
        try:
            packet = ipv4.decode(octets)
            if packet.destination in self._context.own:
                self._for_us(packet, octets)
            elif self._context.is_ue(packet.destination):
                # From UE to UE: back to the UPF, one hop older so that no loop lives for ever.
                self._send_back(packet)
            else:
                self._complain(
                    "NoRoute",
                    f"{ipv4_text(packet.source)} sent a packet to {ipv4_text(packet.destination)}, "
                    "which is neither this data network's nor a UE's",
                    config="dnns",
                )
        except DecodeError as error:
            self._complain("MalformedPacket", f"N6 brought what is no packet for us: {error}")

    def _for_us(self, packet: ipv4.Ipv4, octets: bytes) -> None:
        if packet.flags_and_offset & 0x3FFF:
            raise DecodeError("a fragment, and nothing here reassembles", offset=6)
        if packet.protocol == ipv4.ICMP:
            self._machine.send(Packet(port="n6", peer="", payload=icmp.reply_to(octets)))
        elif packet.protocol == ipv4.UDP and packet.payload[2:4] == PORT.to_bytes(2, "big"):
            self._flows.receive(packet, len(octets))
        else:
            raise DecodeError(f"nothing listens to protocol {packet.protocol}", offset=9)

    def _send_back(self, packet: ipv4.Ipv4) -> None:
        if packet.ttl <= 1:
            raise DecodeError("its time to live is over", offset=8)
        octets = ipv4.encode(packet._replace(ttl=packet.ttl - 1))
        self._machine.send(Packet(port="n6", peer="", payload=octets))

    def _complain(self, name: str, text: str, config: str = "") -> None:
        self._machine.report(name, text, level="warning", config=config, at_most_per_s=EVENTS_PER_S, port="n6")
