"""What the data network knows: its addresses, its routes, and the flows under way."""

from ipaddress import ip_network
from typing import NamedTuple

from awase.model.machine import Timer
from awase.model.settings import Dnn
from awase.protocols.ip.measurement import FlowSink, FlowSource
from awase.wire.addresses import ipv4_octets, ipv4_text, ipv6_octets, ipv6_text

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


class Subnet(NamedTuple):
    """UE addresses of a data network: network and mask as numbers of `width` octets, our own address in it."""

    dnn: str
    width: int
    network: int
    mask: int
    gateway: bytes


class Context:
    """The tables."""

    def __init__(self, dnns: list[Dnn]) -> None:
        self.own: dict[bytes, str] = {}
        """Our addresses, each with its data network's name."""
        self.subnets: list[Subnet] = []
        for dnn in dnns:
            self._add(dnn.name, dnn.pool, dnn.gateway)
            if dnn.pool6:
                self._add(dnn.name, dnn.pool6, dnn.gateway6)
            for server in dnn.dns:
                self.own.setdefault(ip_octets(server), dnn.name)
        self.sinks: dict[FlowKey, Sink] = {}
        self.sources: dict[FlowKey, Source] = {}
        self.flows_of: dict[bytes, int] = {}
        """How many flows each UE has."""

    def _add(self, name: str, pool: str, gateway: str | None) -> None:
        network = ip_network(pool, strict=False)
        own = ip_octets(gateway) if gateway else network[1].packed
        self.own[own] = name
        self.subnets.append(Subnet(name, len(own), int(network.network_address), int(network.netmask), own))

    def _subnet(self, address: bytes, dnn: str | None = None) -> Subnet | None:
        number, width = int.from_bytes(address, "big"), len(address)
        for subnet in self.subnets:
            if subnet.width == width and number & subnet.mask == subnet.network and dnn in (None, subnet.dnn):
                return subnet
        return None

    def is_ue(self, address: bytes) -> bool:
        """Whether an address is in a pool of UE addresses."""
        return self._subnet(address) is not None

    def gateway(self, address: bytes, dnn: str | None) -> bytes | None:
        """Our own address in the pool of a UE's address; None where it is in none."""
        subnet = self._subnet(address, dnn)
        return None if subnet is None or subnet.gateway == address else subnet.gateway

    def count(self, ue: bytes, change: int) -> None:
        """One flow of a UE more, or less."""
        flows = self.flows_of.get(ue, 0) + change
        if flows:
            self.flows_of[ue] = flows
        else:
            self.flows_of.pop(ue, None)


def ip_octets(text: str) -> bytes:
    """The octets of an address of either version."""
    return ipv6_octets(text) if ":" in text else ipv4_octets(text)


def ip_text(octets: bytes) -> str:
    """An address of either version as text."""
    return ipv4_text(octets) if len(octets) == 4 else ipv6_text(octets)
