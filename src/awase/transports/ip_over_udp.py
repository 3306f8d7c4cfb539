"""A port of IP packets (n6) over UDP, between two processes of ours, without root."""

import msgspec

from awase.model.part import Address, Packet
from awase.transports.direct import Bridge, each
from awase.transports.hosting import IpOverUdp
from awase.transports.ports import Context
from awase.transports.udp import UdpTransport


class IpOverUdpTransport:
    """One IP packet a datagram; only the named peers are heard."""

    def __init__(self, context: Context, options: IpOverUdp) -> None:
        self.carrier = f"IP packets over UDP, {options.own}"
        self._port = context.port
        self._peers = options.peers
        self._names = dict(zip(options.peers, options.names, strict=False))
        self._addresses = dict(zip(options.names, options.peers, strict=False))
        self._bridge = Bridge()
        self._deliver = context.deliver
        self._udp = UdpTransport(msgspec.structs.replace(context, address=options.own, deliver=self._come))

    async def open(self) -> None:
        """Bind the socket. Raises TransportError."""
        await self._udp.open()

    def send(self, packet: Packet) -> None:
        """To the part that it names, to where its destination was last seen, or else to the first peer."""
        peers = self._peers
        if not peers:
            return
        named = self._addresses.get(packet.peer)
        if named is not None or len(peers) == 1:
            self._udp.send(Packet(self._port, named or peers[0], packet.payload))
            return
        for octets in each(packet.payload):
            way = self._bridge.way(octets)
            self._udp.send(Packet(self._port, way if isinstance(way, str) else peers[0], octets))

    def _come(self, packet: Packet) -> None:
        peer: Address = packet.peer
        if peer not in self._peers:
            return
        if len(self._peers) > 1:
            for octets in each(packet.payload):
                self._bridge.learn(octets, peer)
        self._deliver(Packet(self._port, self._names.get(peer, ""), packet.payload))

    def flush(self) -> None:
        """Nothing waits."""

    async def close(self, limit_s: float) -> None:
        """Close the socket."""
        await self._udp.close(limit_s)

    def open_links(self) -> int:
        """There are none."""
        return 0
