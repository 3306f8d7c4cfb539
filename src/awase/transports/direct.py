"""What parts of one host hand to one another without a socket: HTTP exchanges as the same octets, and IP packets."""

from collections.abc import Callable, Sequence

from awase.model.part import Address, Packet
from awase.transports.ports import Context

MAX_EXCHANGES = 65_536
LEARNED_ROUTES = 65_536
"""How many source addresses a port of IP packets remembers."""


class Exchanges:
    """The HTTP exchanges between parts of this host."""

    def __init__(self) -> None:
        self._servers: dict[Address, Context] = {}
        self._open: dict[int, tuple[Context, Context, int | None]] = {}
        """By the server's number: client, server, the client's number."""
        self._count = 1 << 48

    def add(self, context: Context) -> None:
        """A part of this host serves here."""
        self._servers.setdefault(context.address, context)

    def remove(self, part: str) -> None:
        """It does no more: what it was asked is aborted, what it asked is forgotten."""
        for address, context in list(self._servers.items()):
            if context.part == part:
                del self._servers[address]
        for number, (client, server, exchange) in list(self._open.items()):
            if part in (client.part, server.part):
                del self._open[number]
                if client.part != part:
                    self._abort(client, server.address, exchange)

    def take(self, context: Context, packet: Packet) -> bool:
        """Carry a request to a part of this host, or an answer to such a request; False if it is neither."""
        if packet.kind == "request":
            server = self._servers.get(packet.peer)
            if server is None:
                return False
            if len(self._open) >= MAX_EXCHANGES:
                self._forget_oldest()
            self._count += 1
            self._open[self._count] = context, server, packet.exchange
            server.deliver(Packet(server.port, context.address, packet.payload, "request", exchange=self._count))
            return True
        known = self._open.get(packet.exchange or 0)
        if known is None or known[1] is not context:
            return False
        del self._open[packet.exchange or 0]
        client, server, exchange = known
        client.deliver(Packet(client.port, server.address, packet.payload, packet.kind, exchange=exchange))
        return True

    def _forget_oldest(self) -> None:
        number = next(iter(self._open))
        client, server, exchange = self._open.pop(number)
        self._abort(client, server.address, exchange)

    @staticmethod
    def _abort(client: Context, peer: Address, exchange: int | None) -> None:
        client.deliver(Packet(client.port, peer, kind="abort", exchange=exchange))


def each(payload: bytes | Sequence[bytes]) -> Sequence[bytes]:
    """The packets of a payload, be it one or a batch."""
    return (payload,) if isinstance(payload, bytes) else payload


class Bridge:
    """Like a bridge: remembers behind which way an IP address was last seen as a source."""

    def __init__(self) -> None:
        self._learned: dict[bytes, object] = {}

    def learn(self, octets: bytes, way: object) -> None:
        """A packet came this way."""
        source = octets[8:24] if octets[:1] >= b"\x60" else octets[12:16]
        if self._learned.get(source) is not way and (len(self._learned) < LEARNED_ROUTES or source in self._learned):
            self._learned[source] = way

    def way(self, octets: bytes) -> object | None:
        """The way to a packet's destination."""
        return self._learned.get(octets[24:40] if octets[:1] >= b"\x60" else octets[16:20])


class IpHub:
    """The ports of IP packets (n6) of parts of this host: those of functions that a reference point joins."""

    def __init__(self, joins: Callable[[Context, Context], bool]) -> None:
        self._joins = joins
        self._ports: list[tuple[Context, Bridge]] = []

    def add(self, context: Context) -> None:
        """A port opens."""
        self._ports.append((context, Bridge()))

    def remove(self, context: Context) -> None:
        """A port closes."""
        self._ports = [entry for entry in self._ports if entry[0] is not context]

    def take(self, context: Context, packet: Packet) -> None:
        """Carry a packet, or a batch, to the part that it names, to where its destination is, or to the first."""
        others = [entry for entry in self._ports if self._joins(context, entry[0])]
        named = next((entry for entry in others if entry[0].part == packet.peer), None) if packet.peer else None
        if named is not None or len(others) == 1:
            self._hand(context, named or others[0], packet.payload)
            return
        bridge = next((bridge for other, bridge in self._ports if other is context), None)
        if not others or bridge is None:
            return
        for octets in each(packet.payload):
            way = bridge.way(octets)
            self._hand(context, next((entry for entry in others if entry[0] is way), others[0]), octets)

    @staticmethod
    def _hand(context: Context, target: tuple[Context, Bridge], payload: bytes | Sequence[bytes]) -> None:
        other, bridge = target
        for octets in each(payload):
            bridge.learn(octets, context)
        other.deliver(Packet(other.port, context.part, payload))


class HandedOver:
    """The transport of a port whose packets are handed over within the host."""

    def __init__(self, context: Context, hub: IpHub) -> None:
        self.context = context
        self.carrier = "handed over within the process"
        self._hub = hub

    async def open(self) -> None:
        """Join the hub."""
        self._hub.add(self.context)

    def send(self, packet: Packet) -> None:
        """Hand it over."""
        self._hub.take(self.context, packet)

    def flush(self) -> None:
        """Nothing waits."""

    async def close(self, limit_s: float) -> None:
        """Leave the hub."""
        del limit_s
        self._hub.remove(self.context)

    def open_links(self) -> int:
        """There are none."""
        return 0
