"""A port on HTTP/2 (TS 29.500 clause 5.2): serves at its address, asks others over connections that it reuses."""

import asyncio
import socket
import ssl
from collections import deque
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

from h2.errors import ErrorCodes
from h2.exceptions import H2Error

from awase.model.part import Address, Packet
from awase.protocols.sbi.bhttp import decode_request, decode_response, encode_request, encode_response
from awase.protocols.sbi.messages import Request, Response
from awase.transports.hosting import TlsOptions
from awase.transports.http2_connection import Connection, Fields
from awase.transports.http2_limits import FAULTS, MAX_BODY_BYTES
from awase.transports.ports import Context, host_port, text_of
from awase.transports.tls import Gate, Told, client_tls, server_tls
from awase.wire.errors import DecodeError, EncodeError

MAX_CONNECTIONS = 512
"""Of clients; beyond it goes one of the host that has most, the one that has asked nothing for longest."""
MAX_CONNECTIONS_PER_HOST = 384
ACCEPTED_AT_ONCE = 32
"""Connections that are taken before others have their turn."""
BACKLOG = 512
MAX_PEERS = 1024
MAX_ASKED = 10_000
"""Requests that wait for the part's answers; beyond them clients are refused, and may ask again."""
MAX_QUEUED = 10_000
CONNECTIONS_PER_PEER = 4
CONNECT_S = 5.0
TRIES = 3
_HOP_BY_HOP = frozenset(("connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "host"))


class HttpTransport:
    """Server and client of one port."""

    def __init__(self, context: Context, tls: TlsOptions | None) -> None:
        self.context = context
        self.carrier = f"HTTP/2{' with TLS' if tls else ''}, {context.address}"
        self._tls = tls
        self._server = _Server(context)
        self._listener: asyncio.Server | None = None
        self._gate: Gate | None = None
        self._pools: dict[Address, _Pool] = {}
        self._client_tls: ssl.SSLContext | None = None
        self.scheme = "https" if tls else "http"

    async def open(self) -> None:
        """Listen. Raises TransportError."""
        context = self.context
        try:
            host, port = host_port(context.address)
            accept = self._accepting()
            listening = socket.create_server((host, port), backlog=BACKLOG)
            self._listener = await context.loop.create_server(accept, sock=listening, backlog=ACCEPTED_AT_ONCE)
            # asyncio has given the kernel the smaller number.
            listening.listen(BACKLOG)
        except (OSError, ValueError) as error:
            fault = error if isinstance(error, OSError) else OSError(str(error))
            hint = "is another program there, or the address not this host's, or its certificate unusable?"
            raise context.unusable("HTTP cannot be served", fault, hint) from error
        context.exchanges.add(context)

    def _accepting(self) -> Callable[[], asyncio.Protocol]:
        """Who takes connections. Raises OSError for certificates that cannot be used."""
        if self._tls is None:
            return self._server.accept
        self._client_tls = client_tls(self._tls)
        self._gate = Gate(self.context, server_tls(self._tls), self._server.accept)
        return self._gate.make

    def send(self, packet: Packet) -> None:
        """Take a request, or the answer to one."""
        if self.context.exchanges.take(self.context, packet):
            return
        if packet.kind != "request":
            self._server.answer(packet)
            return
        pool = self._pool(packet.peer)
        if pool is None:
            aborted = Packet(packet.port, packet.peer, kind="abort", exchange=packet.exchange)
            self.context.deliver(aborted)
        else:
            pool.ask(packet)

    def _pool(self, peer: Address) -> "_Pool | None":
        """The connections to a peer; None where there are too many peers, or no more are to be asked."""
        pool = self._pools.get(peer)
        if pool is None and not self._server.closed:
            if len(self._pools) >= MAX_PEERS:
                unused = next((name for name, pool in self._pools.items() if pool.is_unused), None)
                if unused is None:
                    return None
                del self._pools[unused]
            pool = self._pools[peer] = _Pool(self.context, peer, self._client_tls, self.scheme)
        return pool

    def flush(self) -> None:
        """Connections write at the end of the turn by themselves."""

    async def close(self, limit_s: float) -> None:
        """GOAWAY to all, wait for what is being answered, close."""
        self._server.closed = True
        if self._listener is not None:
            self._listener.close()
        if self._gate is not None:
            self._gate.close()
        connections = [*self._server.connections, *(c for pool in self._pools.values() for c in pool.connections)]
        for connection in connections:
            if limit_s > 0:
                connection.goodbye()
            else:
                connection.abort()
        end = self.context.loop.time() + limit_s
        while limit_s > 0 and any(c.streams for c in connections) and self.context.loop.time() < end:
            await asyncio.sleep(0.01)
        for connection in connections:
            connection.close("the host closes")
        for pool in self._pools.values():
            pool.close()
        await asyncio.sleep(0)
        for connection in connections:
            connection.abort()
        # asyncio closes the sockets in its next turns.
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    def open_links(self) -> int:
        """How many connections are open."""
        return len(self._server.connections) + sum(len(pool.connections) for pool in self._pools.values())


class _Server:
    """Connections of clients."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.held = 0
        self.closed = False
        self.connections: dict[Connection, None] = {}
        self._hosts: dict[str, int] = {}
        self._open: dict[int, tuple[Connection, int]] = {}
        self._numbers: dict[tuple[Connection, int], int] = {}
        self._count = 0

    def accept(self) -> Connection:
        """Who takes a connection that comes."""
        return Connection(self, self._context.loop, client=False)

    def connected(self, connection: Connection) -> None:
        """A client has come."""
        if self.closed:
            connection.abort()
            return
        host = connection.peer[0]
        if len(self.connections) >= MAX_CONNECTIONS or self._hosts.get(host, 0) >= MAX_CONNECTIONS_PER_HOST:
            goes = self._makes_room(host)
            (goes or connection).abort()
            self._context.report(
                "ConnectionsRefused",
                f"{len(self.connections)} connections of clients are open, {self._hosts.get(host, 0)} of {host}: "
                f"closed the one of {text_of((goes or connection).peer)}",
                peer=text_of(connection.peer),
            )
            if goes is None:
                return
            self._gone(goes)
        self.connections[connection] = None
        self._hosts[host] = self._hosts.get(host, 0) + 1

    def _makes_room(self, host: str) -> Connection | None:
        """Who goes for a newcomer; None: the newcomer. Half a request is none: whoever is slow with it is idle."""
        greediest = max(self._hosts, key=self._hosts.__getitem__)
        own = self._hosts.get(host, 0)
        if self._hosts[greediest] > own + 1 and own < MAX_CONNECTIONS_PER_HOST:
            its = [c for c in self.connections if c.peer[0] == greediest]
            return next((c for c in its if not c.answering), its[0])
        return next((c for c in self.connections if not c.answering and (not own or c.peer[0] == host)), None)

    def _gone(self, connection: Connection) -> None:
        if self.connections.pop(connection, 0) is None:
            host = connection.peer[0]
            left = self._hosts.pop(host) - 1
            if left:
                self._hosts[host] = left

    def message(self, connection: Connection, stream: int, fields: Fields, body: bytes) -> None:
        """A request."""
        if len(self._open) >= MAX_ASKED:
            connection.reset_stream(stream, ErrorCodes.REFUSED_STREAM)
            return
        try:
            payload = encode_request(_request(fields, body))
        except (EncodeError, UnicodeDecodeError):
            connection.respond(stream, [(b":status", b"400")], b"")
            return
        self._count += 1
        self._open[self._count] = connection, stream
        self._numbers[connection, stream] = self._count
        # The one that was used last is closed last.
        if self.connections.pop(connection, 0) is None:
            self.connections[connection] = None
        peer = text_of(connection.peer)
        self._context.deliver(Packet(self._context.port, peer, payload, "request", exchange=self._count))

    def answer(self, packet: Packet) -> None:
        """The part answers, or aborts."""
        known = self._open.pop(packet.exchange or 0, None)
        if known is None:
            return
        connection, stream = known
        self._numbers.pop(known, None)
        if packet.kind == "abort" or not isinstance(packet.payload, bytes):
            connection.reset_stream(stream)
            return
        try:
            response = decode_response(packet.payload)
            fields = [(b":status", b"%d" % response.status), *_fields(response.headers)]
        except (DecodeError, EncodeError) as error:
            self._context.report("MalformedPacket", f"its own response cannot be sent: {error}", level="error")
            connection.reset_stream(stream)
            return
        connection.respond(stream, fields, response.body)
        connection.write_soon()

    def reset(self, connection: Connection, stream: int, unprocessed: bool) -> None:
        """The client wants no answer any more."""
        del unprocessed
        number = self._numbers.pop((connection, stream), None)
        if number is not None:
            del self._open[number]

    def room(self, connection: Connection) -> None:
        """A server opens no streams."""

    def lost(self, connection: Connection, why: str) -> None:
        """A client has gone."""
        if why.startswith(FAULTS):
            peer = text_of(connection.peer)
            self._context.report("PeerMisbehaved", f"the connection of {peer} was closed: {why}", peer=peer)
        self._gone(connection)


class _Asked:
    """A request under way."""

    __slots__ = ("body", "exchange", "fields", "tries")

    def __init__(self, exchange: int | None, fields: Fields, body: bytes) -> None:
        self.exchange = exchange
        self.fields = fields
        self.body = body
        self.tries = 0


class _Pool:
    """Connections to one peer, and what waits for one."""

    def __init__(self, context: Context, peer: Address, tls: ssl.SSLContext | None, scheme: str) -> None:
        self._context = context
        self._peer = peer
        self._tls = tls
        self._scheme = scheme.encode()
        self.held = 0
        self._told = Told(context)
        self._closed = False
        self.connections: list[Connection] = []
        self._queue: deque[_Asked] = deque()
        self._open: dict[tuple[Connection, int], _Asked] = {}
        self._connecting: asyncio.Task[None] | None = None

    @property
    def is_unused(self) -> bool:
        """Whether it could be forgotten."""
        return not (self.connections or self._queue or self._open or self._connecting)

    def ask(self, packet: Packet) -> None:
        """Send a request as soon as may be."""
        assert isinstance(packet.payload, bytes)
        try:
            request = decode_request(packet.payload)
            fields = [
                (b":method", request.method.encode()),
                (b":scheme", self._scheme),
                (b":authority", (request.authority or self._peer).encode()),
                (b":path", request.path.encode()),
                *_fields(request.headers),
            ]
        except (DecodeError, EncodeError) as error:
            self._context.report("MalformedPacket", f"its own request cannot be sent: {error}", level="error")
            self._fail(packet.exchange)
            return
        if len(self._queue) >= MAX_QUEUED or len(request.body) > MAX_BODY_BYTES or self._closed:
            self._fail(packet.exchange)
            return
        self._queue.append(_Asked(packet.exchange, fields, request.body))
        self._serve()

    def _serve(self) -> None:
        queue = self._queue
        for connection in self.connections:
            while queue and connection.can_open():
                asked = queue.popleft()
                asked.tries += 1
                try:
                    self._open[connection, connection.request(asked.fields, asked.body)] = asked
                except H2Error:
                    self._again(asked)
                    break
                connection.write_soon()
        if not queue or self._connecting is not None or any(not (c.ready or c.draining) for c in self.connections):
            return
        if len(self.connections) < CONNECTIONS_PER_PEER:
            self._connecting = self._context.loop.create_task(self._connect())

    async def _connect(self) -> None:
        context = self._context
        own = host_port(context.address)[0]
        try:
            host, port = host_port(self._peer)
            make = partial(Connection, self, context.loop, client=True)
            local = None if own == "0.0.0.0" else (own, 0)  # noqa: S104
            opening = context.loop.create_connection(make, host, port, ssl=self._tls, local_addr=local)
            await asyncio.wait_for(opening, CONNECT_S)
        except (OSError, ValueError, TimeoutError) as error:
            self._not_connected(error)
            return
        finally:
            self._connecting = None
        self._serve()

    def _not_connected(self, error: Exception) -> None:
        if self.connections:
            # What waits goes on these, as they have room.
            return
        if isinstance(error, ssl.SSLError):
            self._told.failed(self._peer, error)
        waiting, self._queue = self._queue, deque()
        for asked in waiting:
            self._fail(asked.exchange)

    def _fail(self, exchange: int | None) -> None:
        self._context.deliver(Packet(self._context.port, self._peer, kind="abort", exchange=exchange))

    def _again(self, asked: _Asked) -> None:
        """The peer has not looked at it: on another connection, but not for ever."""
        if asked.tries < TRIES:
            self._queue.append(asked)
        else:
            self._fail(asked.exchange)

    # What connections tell.

    def connected(self, connection: Connection) -> None:
        """TCP is up; streams follow the peer's SETTINGS."""
        self.connections.append(connection)

    def message(self, connection: Connection, stream: int, fields: Fields, body: bytes) -> None:
        """A response."""
        asked = self._open.pop((connection, stream), None)
        if asked is None:
            return
        try:
            payload = encode_response(_response(fields, body))
        except (EncodeError, ValueError):
            self._fail(asked.exchange)
            return
        port = self._context.port
        self._context.deliver(Packet(port, self._peer, payload, "response", exchange=asked.exchange))

    def reset(self, connection: Connection, stream: int, unprocessed: bool) -> None:
        """No answer will come on this stream."""
        asked = self._open.pop((connection, stream), None)
        if asked is None:
            return
        if unprocessed:
            self._again(asked)
            self._serve()
        else:
            self._fail(asked.exchange)

    def room(self, connection: Connection) -> None:
        """Streams may be opened again."""
        del connection
        if self._queue:
            self._serve()

    def lost(self, connection: Connection, why: str) -> None:
        """A connection is no more."""
        if self._tls is not None and "SSL" in why:
            # Of what the server thinks of our certificate TLS 1.3 tells after the handshake (RFC 8446 clause 4.4.2.4).
            self._told.failed(self._peer, why)
        if connection in self.connections:
            self.connections.remove(connection)
        if not connection.ready and self._queue and not self.connections:
            # It never came so far as to take a request: one more that does so is no use.
            first = self._queue[0]
            first.tries += 1
            if first.tries >= TRIES:
                waiting, self._queue = self._queue, deque()
                for asked in waiting:
                    self._fail(asked.exchange)
        if self._queue:
            self._serve()

    def close(self) -> None:
        """Forget what waits."""
        self._closed = True
        self._queue.clear()
        if self._connecting is not None:
            self._connecting.cancel()


@lru_cache(maxsize=1024)
def _fields(headers: Any) -> tuple[tuple[bytes, bytes], ...]:
    """Field lines in octets, without those that belong to HTTP/1.1 (RFC 9113 clause 8.2.2)."""
    return tuple(
        (name.lower().encode("latin-1"), value.encode("latin-1"))
        for name, value in headers
        if name.lower() not in _HOP_BY_HOP
    )


def _request(fields: Fields, body: bytes) -> Request:
    pseudo = {bytes(name): value.decode("ascii") for name, value in fields if name[:1] == b":"}
    headers = tuple((n.decode("latin-1"), v.decode("latin-1")) for n, v in fields if n[:1] != b":")
    return Request(
        pseudo.get(b":method", ""),
        pseudo.get(b":path", ""),
        headers,
        body,
        pseudo.get(b":authority") or dict(headers).get("host", ""),
        pseudo.get(b":scheme", "http"),
    )


def _response(fields: Fields, body: bytes) -> Response:
    status = next((int(value) for name, value in fields if name == b":status"), 0)
    headers = tuple((n.decode("latin-1"), v.decode("latin-1")) for n, v in fields if n[:1] != b":")
    return Response(status, headers, body)
