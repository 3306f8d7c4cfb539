"""The hubs of transports/ as exchanges with strangers use them: messages by the rule of exchange.py, all checked."""

import asyncio
import random
import time

from awase.transports.hosting import SctpOptions
from awase.transports.ports import Context
from awase.transports.sctp import Hubs
from interop.sctp.exchange import COUNT, STREAMS, octets_of

WAITING_BYTES = 1 << 20
"""What a side lets wait before it hands over more."""


def context_of(loop, events, name="part", now_ns=time.monotonic_ns):
    return Context(
        part=name,
        function="amf",
        port="n2",
        address="",
        loop=loop,
        now_ns=now_ns,
        deliver=lambda packet: None,
        report_event=events.append,
        flush_soon=lambda transport: None,
        exchanges=None,
    )


class Side:
    """A port: one own SCTP port number at a hub. Sends `count` messages on its first association, checks what comes."""

    def __init__(self, host, number, *, side, serves, options, count=COUNT, streams=STREAMS):
        self.loop = asyncio.get_running_loop()
        self.events, self.links, self.told, self.got = [], {}, [], {}
        self.side, self.count, self.streams, self.number = side, count, streams, number
        self.following = list(range(streams))
        self.received = self.sent = 0
        self.hub = Hubs(self.loop).get(context_of(self.loop, self.events), options, host)
        self.hub.open(self, number, serves)

    def familiar(self):
        """Like a part that cannot tell its peers from strangers."""

    def up(self, link, peer):
        self.links[link] = peer
        self.told.append(("up", link))

    def data(self, link, stream, ppid, octets):
        i = ppid - 1
        assert octets == octets_of(i, 1 - self.side), f"message {i}: {len(octets)} octets"
        assert stream == i % self.streams
        assert i == self.following[stream], f"order on stream {stream}: {i}, not {self.following[stream]}"
        self.following[stream] += self.streams
        self.received += 1

    def down(self, link, kind):
        self.links.pop(link, None)
        self.told.append((kind, link))

    def refused(self, peer):
        self.told.append(("refused", peer))

    def connect(self, host, number):
        self.hub.connect(self, self.number, (host, number))
        self.hub.flush()

    async def until(self, done, seconds=60):
        end = self.loop.time() + seconds
        while not done():
            assert self.loop.time() < end, f"not in {seconds} s: {self.told} {self.received} {self.events[-3:]}"
            await asyncio.sleep(0.002)

    async def send_all(self, seconds=60):
        await self.until(lambda: self.links, seconds)
        link = next(iter(self.links))
        for i in range(self.count):
            why = self.hub.send(link, i % self.streams, i + 1, octets_of(i, self.side))
            assert not why, why
            self.sent += 1
            if self.hub.queued(link) > WAITING_BYTES or i % 16 == 15:
                self.hub.flush()
                await self.until(lambda: self.hub.queued(link) < WAITING_BYTES or link not in self.links, seconds)
        self.hub.flush()
        await self.until(lambda: self.received == self.count or link not in self.links, seconds)
        assert self.received == self.count, f"{self.received} came: {self.told} {self.events[-3:]}"

    def shutdown(self):
        self.hub.shutdown(next(iter(self.links)))
        self.hub.flush()

    def close(self):
        self.hub.close(self, self.number)


async def exchange(server, client, *, seconds=60):
    """All messages both ways between two of our sides, then down in order."""
    await asyncio.gather(server.send_all(seconds), client.send_all(seconds))
    client.shutdown()
    await server.until(lambda: not server.links and not client.links, seconds)
    assert server.told[-1][0] == client.told[-1][0] == "down"
    server.close()
    client.close()


class Faults:
    """Loses and reorders what a user-space hub's socket reads and writes."""

    def __init__(self, hub, loss, reorder, seed=1):
        self.socket, self.random = hub.socket, random.Random(seed)
        self.loss, self.reorder, self.held = loss, reorder, None
        hub.socket = self

    def __getattr__(self, name):
        return getattr(self.socket, name)

    def recvfrom_into(self, buffer):
        while True:
            found = self.socket.recvfrom_into(buffer)
            if self.random.random() >= self.loss:
                return found

    def sendto(self, octets, address):
        if self.random.random() < self.loss:
            return
        if self.held is None and self.random.random() < self.reorder:
            self.held = octets, address
            return
        held, self.held = self.held, None
        self.socket.sendto(octets, address)
        if held is not None:
            self.socket.sendto(*held)


def carried_by(carrier, **more):
    return SctpOptions(carrier=carrier, streams=STREAMS, **more)
