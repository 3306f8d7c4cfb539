"""N6: IP packets from the UPF: for us, for another UE, or for nobody."""

from awase.functions.data_network.context import Context, ip_text
from awase.functions.data_network.flows import Flows
from awase.functions.data_network.originated import Originated
from awase.model.machine import Machine
from awase.model.part import Packet
from awase.protocols.ip import codec, ipv4
from awase.protocols.ip.codec import EchoSeen, IpPacket
from awase.protocols.ip.measurement import PORT
from awase.wire.errors import DecodeError

EVENTS_PER_S = 20


class N6:
    """The N6 port."""

    def __init__(self, machine: Machine, context: Context, flows: Flows, originated: Originated) -> None:
        self._machine = machine
        self._context = context
        self._flows = flows
        self._originated = originated

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
            packet = codec.decode(octets)
            if packet.destination in self._context.own:
                self._for_us(packet, octets)
            elif self._context.is_ue(packet.destination):
                # From UE to UE: back to the UPF, one hop older so that no loop lives for ever.
                self._send_back(octets)
            else:
                self._complain(
                    "NoRoute",
                    f"{ip_text(packet.source)} sent a packet to {ip_text(packet.destination)}, "
                    "which is neither this data network's nor a UE's",
                    config="dnns",
                )
        except DecodeError as error:
            self._complain("MalformedPacket", f"N6 brought what is no packet for us: {error}")

    def _for_us(self, packet: IpPacket, octets: bytes) -> None:
        if isinstance(packet, ipv4.Ipv4) and packet.flags_and_offset & 0x3FFF:
            raise DecodeError("a fragment, and nothing here reassembles", offset=6)
        if packet.protocol == ipv4.UDP and packet.payload[2:4] == PORT.to_bytes(2, "big"):
            self._flows.receive(packet, len(octets))
            return
        echo = codec.echo(packet)
        if not isinstance(echo, EchoSeen):
            raise DecodeError(f"nothing listens to protocol {packet.protocol}", offset=9)
        if echo.is_request:
            self._machine.send(Packet(port="n6", peer="", payload=codec.reply_to(octets)))
        elif not self._originated.reply(packet.source, echo.identifier, echo.sequence_number):
            raise DecodeError("an echo reply that was not asked for", offset=20)

    def _send_back(self, octets: bytes) -> None:
        """Back to the UPF, all but the hop count as it came."""
        at = 8 if octets[0] >> 4 == 4 else 7
        if octets[at] <= 1:
            raise DecodeError("its time to live is over", offset=at)
        if at == 8:
            packet = ipv4.decode(octets)
            octets = ipv4.encode(packet._replace(ttl=packet.ttl - 1))
        else:
            octets = octets[:7] + bytes((octets[7] - 1,)) + octets[8:]
        self._machine.send(Packet(port="n6", peer="", payload=octets))

    def _complain(self, name: str, text: str, config: str = "") -> None:
        self._machine.report(name, text, level="warning", config=config, at_most_per_s=EVENTS_PER_S, port="n6")
