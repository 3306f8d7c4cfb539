"""A part driven through its "sbi" port: requests in, responses out, its own requests answered."""

import hashlib

from awase.model.part import Packet
from awase.protocols.sbi import bhttp
from awase.protocols.sbi.messages import Request, Response

CLIENT = "10.0.0.99:8080"
NS = 1_000_000_000


class MemoryStore:
    """A store that knows what was committed."""

    def __init__(self):
        self.values = {}
        self.committed = {}
        self.full = False

    def get(self, key):
        return self.values.get(key)

    def keys(self, prefix=""):
        return sorted(key for key in self.values if key.startswith(prefix))

    def put(self, key, value):
        if self.full:
            raise OSError(28, "No space left on device")
        self.values[key] = value

    def delete(self, key):
        self.values.pop(key, None)

    def commit(self):
        if self.full:
            raise OSError(28, "No space left on device")
        self.committed = dict(self.values)


class LocalServices:
    """Repeatable random octets, `fixed` by label where given; a store in memory."""

    def __init__(self, **fixed):
        self.store = MemoryStore()
        self.keys = []
        self._fixed = fixed
        self._count = 0

    def random_bytes(self, n, label):
        if label in self._fixed:
            return self._fixed[label]
        self._count += 1
        return hashlib.shake_128(f"{label}/{self._count}".encode()).digest(n)

    def key_log(self, record):
        self.keys.append(record)


class Desk:
    """Sends requests to one part and answers those that it sends."""

    def __init__(self, part, now_ns=1_700_000_000 * NS):
        self.part = part
        self.now_ns = now_ns
        self.events = []
        self.responses = {}
        self.requests = []
        self._exchange = 0

    def send(self, request, peer=CLIENT):
        """Send a request (or octets); its exchange number."""
        octets = request if isinstance(request, bytes) else bhttp.encode_request(request)
        self._exchange += 1
        self.receive(Packet(port="sbi", peer=peer, payload=octets, kind="request", exchange=self._exchange))
        return self._exchange

    def receive(self, packet):
        self.part.receive(packet, self.now_ns)
        self.collect()

    def collect(self):
        for packet in self.part.take_packets():
            assert packet.port == "sbi"
            if packet.kind == "request":
                self.requests.append((packet, bhttp.decode_request(packet.payload)))
            else:
                assert packet.kind == "response"
                assert packet.exchange not in self.responses
                self.responses[packet.exchange] = bhttp.decode_response(packet.payload)
        self.events += self.part.take_events()

    def upstream(self):
        """The oldest request of the part that has no answer yet."""
        return self.requests[0][1]

    def answer(self, response):
        """Answer the oldest request of the part."""
        packet, _ = self.requests.pop(0)
        payload = response if isinstance(response, bytes) else bhttp.encode_response(response)
        self.receive(Packet(port="sbi", peer=packet.peer, payload=payload, kind="response", exchange=packet.exchange))

    def reset(self):
        """The oldest request of the part cannot be delivered."""
        packet, _ = self.requests.pop(0)
        self.receive(Packet(port="sbi", peer=packet.peer, kind="abort", exchange=packet.exchange))

    def pass_s(self, seconds):
        """Let time pass, waking the part when it asks."""
        end = self.now_ns + round(seconds * NS)
        while (at := self.part.wake_at_ns()) is not None and at <= end:
            self.now_ns = max(self.now_ns, at)
            self.part.wake(self.now_ns)
            self.collect()
        self.now_ns = end

    def ask(self, request, *answers):
        """The response to a request, while the part's own requests are answered one by one."""
        exchange = self.send(request)
        for response in answers:
            self.answer(response)
        assert not self.requests, self.requests[0][1]
        return self.responses.pop(exchange)

    def event(self, name):
        return next(event for event in self.events if event.name == name)


class Exchange:
    """Parts joined by their addresses: each request is carried to its server and each response back."""

    def __init__(self, desk, servers):
        self.desk = desk
        self.servers = servers

    def ask(self, request):
        exchange = self.desk.send(request)
        while self.desk.requests:
            packet, upstream = self.desk.requests[0]
            server = self.servers[packet.peer]
            self.desk.answer(server.ask(upstream))
        return self.desk.responses.pop(exchange)


def get(path):
    return Request("GET", path, (), b"", "10.0.0.1:8080")


__all__ = ["CLIENT", "Desk", "Exchange", "LocalServices", "MemoryStore", "Request", "Response", "get"]
