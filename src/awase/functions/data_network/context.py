"""What the data network knows: its addresses, its routes, and the flows under way."""

from ipaddress import IPv4Network

from awase.model.machine import Timer
from awase.model.settings import Dnn
from awase.protocols.ip.measurement import FlowSink, FlowSource
from awase.wire.addresses import ipv4_octets

FlowKey = tuple[bytes, int, int]
"""The UE's address and port, and the flow id that it chose."""


class Sink:
    """An uplink flow."""

    __slots__ = ("flow", "reported", "timer")

    def __init__(self, flow: FlowSink) -> None:
        self.flow = flow
        self.reported = False
        self.timer: Timer | None = None


class Source:
    """A downlink flow: where it comes from and goes to."""

    __slots__ = ("destination", "flow", "port", "source")

    def __init__(self, flow: FlowSource, source: bytes, destination: bytes, port: int) -> None:
        self.flow = flow
        self.source = source
        self.destination = destination
        self.port = port


class Context:
    """The tables."""

    def __init__(self, dnns: list[Dnn]) -> None:
        self.own: dict[bytes, str] = {}
        """Our addresses, each with its data network's name."""
        self.networks: list[tuple[int, int]] = []
        """The pools of UE addresses: network and mask."""
        for dnn in dnns:
            network = IPv4Network(dnn.pool, strict=False)
            first = (int(network.network_address) + 1).to_bytes(4, "big")
            self.own[ipv4_octets(dnn.gateway) if dnn.gateway else first] = dnn.name
            for server in dnn.dns:
                if ":" not in server:
                    self.own.setdefault(ipv4_octets(server), dnn.name)
            self.networks.append((int(network.network_address), int(network.netmask)))
        self.sinks: dict[FlowKey, Sink] = {}
        self.sources: dict[FlowKey, Source] = {}
        self.flows_of: dict[bytes, int] = {}
        """How many flows each UE has."""

    def is_ue(self, address: bytes) -> bool:
        """Whether an address is in a pool of UE addresses."""
        number = int.from_bytes(address, "big")
        return any(number & mask == network for network, mask in self.networks)

    def count(self, ue: bytes, change: int) -> None:
        """One flow of a UE more, or less."""
        flows = self.flows_of.get(ue, 0) + change
        if flows:
            self.flows_of[ue] = flows
        else:
            self.flows_of.pop(ue, None)
