"""Endpoints on one virtual network that loses, doubles, delays and reorders by a seed."""

import hashlib
import heapq
import random
from collections import defaultdict

from awase.protocols.sctp.codec import decode
from awase.protocols.sctp.config import Config
from awase.protocols.sctp.entity import Endpoint
from awase.protocols.sctp.events import AssociationUp, Message

MS = 1_000_000
S = 1_000_000_000
PORT = 38412


def randomness(seed):
    """Repeatable octets, another stream for each label."""
    counts = defaultdict(int)

    def random_bytes(n, label):
        counts[label] += 1
        return hashlib.shake_128(f"{seed} {label} {counts[label]}".encode()).digest(n)

    return random_bytes


class Net:
    """Hosts by address; what they send arrives `delay_ns` later, or as `loss`, `double`, `jitter_ns` have it."""

    def __init__(self, seed=1, *, loss=0.0, double=0.0, jitter_ns=0, delay_ns=5 * MS, start_ns=1000 * S):
        self.now_ns = start_ns
        self.random = random.Random(seed)
        self.seed = seed
        self.loss, self.double, self.jitter_ns, self.delay_ns = loss, double, jitter_ns, delay_ns
        self.hosts = {}
        self.events = defaultdict(list)
        self.log = []
        """(time, source, destination, packet) of every datagram that was sent."""
        self.keep_log = True
        self.drop = lambda source, destination, octets: False
        self.reading = defaultdict(lambda: True)
        self._on_the_way = []
        self._count = 0

    def host(self, address, config=None, *, listens=()):
        endpoint = Endpoint(randomness(f"{self.seed} {address}"), config or Config())
        for port in listens:
            endpoint.listen(port)
        self.hosts[address] = endpoint
        return endpoint

    def inject(self, source, destination, octets, after_ns=0):
        self._count += 1
        heapq.heappush(self._on_the_way, (self.now_ns + after_ns, self._count, source, destination, octets))

    def settle(self):
        """Take what the hosts have to say, now."""
        for address, endpoint in self.hosts.items():
            if self.reading[address]:
                self.events[address] += endpoint.take_events()
            for host, _, octets in endpoint.take_datagrams(self.now_ns):
                self._send(address, host, octets)

    def _send(self, source, destination, octets):
        if self.keep_log:
            self.log.append((self.now_ns, source, destination, octets))
        if self.drop(source, destination, octets) or self.random.random() < self.loss:
            return
        for _ in range(2 if self.random.random() < self.double else 1):
            extra = self.random.randrange(self.jitter_ns) if self.jitter_ns else 0
            self.inject(source, destination, octets, self.delay_ns + extra)

    def step(self, until_ns):
        """The next thing that happens, if it does by then."""
        self.settle()
        times = [self._on_the_way[0][0]] if self._on_the_way else []
        times += [at for e in self.hosts.values() if (at := e.wake_at_ns()) is not None]
        if not times or min(times) > until_ns:
            self.now_ns = until_ns
            return False
        self.now_ns = max(self.now_ns, min(times))
        for endpoint in self.hosts.values():
            at = endpoint.wake_at_ns()
            if at is not None and at <= self.now_ns:
                endpoint.wake(self.now_ns)
        self.settle()
        while self._on_the_way and self._on_the_way[0][0] <= self.now_ns:
            _, _, source, destination, octets = heapq.heappop(self._on_the_way)
            if destination in self.hosts:
                self.hosts[destination].receive(octets, (source, 9899), self.now_ns)
            self.settle()
        return True

    def run(self, seconds=1.0, until=None):
        """Let time pass; stop early when `until` says so. Whether it did."""
        end_ns = self.now_ns + int(seconds * S)
        while not (until and until()):
            if not self.step(end_ns):
                return bool(until and until())
        return True

    def of(self, address, kind):
        return [event for event in self.events[address] if isinstance(event, kind)]

    def packets(self, source=None, since=0):
        """What was sent, decoded."""
        return [decode(octets) for _, s, _, octets in self.log[since:] if source in (None, s)]

    def chunks(self, kind, source=None, since=0):
        return [c for p in self.packets(source, since) for c in p.chunks if isinstance(c, kind)]


A, B = "10.0.0.1", "10.0.0.2"


class Pair(Net):
    """A client at A and a server at B; `up` joins them."""

    def __init__(self, seed=1, *, a=None, b=None, **impairments):
        super().__init__(seed, **impairments)
        self.a = self.host(A, a)
        self.b = self.host(B, b, listens=[PORT])
        self.at_a = self.at_b = 0

    def up(self, port=PORT):
        self.at_a = self.a.connect(B, port)
        assert self.run(2000, lambda: self.of(A, AssociationUp) and self.of(B, AssociationUp))
        self.at_b = self.of(B, AssociationUp)[0].association
        return self

    def tcb(self, address):
        """The association as the endpoint at an address has it."""
        endpoint = self.hosts[address]
        return endpoint.associations[self.at_a if address == A else self.at_b]

    def messages(self, address):
        return [(m.stream, m.ppid, m.octets, m.unordered) for m in self.of(address, Message)]
