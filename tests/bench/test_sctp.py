"""CPU of SCTP per user message, of the sending and of the receiving endpoint, and beside usrsctp in C.

A prototype needed 85 us per message of 10 kB and 6 us per small one: we are not to be slower.
"""

import asyncio
import resource
import struct
import time

import pytest

from awase.protocols.sctp.config import Config
from awase.protocols.sctp.entity import Endpoint
from awase.protocols.sctp.events import AssociationUp, Message
from interop.sctp.exchange import COUNT, Exchange, alone, build
from interop.sctp.test_hubs_with_usrsctp import CARRIERS
from interop.sctp.test_hubs_with_usrsctp import run as hub_exchange
from unit.protocols.sctp.link import randomness

PORT = 38412
LONG_US, SMALL_US = 85, 6
QUIET_S = 0.017
"""CPU of `slowness`'s work on a quiet machine of the kind that the prototype was measured on."""
MS = 1_000_000


class Two:
    """Two endpoints, each called and timed on its own; what one sends the other gets at once."""

    def __init__(self, config=None):
        self.names = ("A", "B")
        self.endpoints = [Endpoint(randomness(name), config or Config()) for name in self.names]
        self.cpu_ns = [0, 0]
        self.now_ns = 10**18
        self.endpoints[1].listen(PORT)
        self.got = []
        self.association = self.endpoints[0].connect("B", PORT)
        self.pump()
        assert any(isinstance(e, AssociationUp) for e in self.got)

    def timed(self, side, call, *arguments):
        start = time.process_time_ns()
        result = call(*arguments)
        self.cpu_ns[side] += time.process_time_ns() - start
        return result

    def pump(self):
        """Carry packets until there are none, as a carrier does that reads up to four at a time."""
        quiet = 0
        side = 0
        while quiet < 2:
            endpoint, other = self.endpoints[side], self.endpoints[1 - side]
            datagrams = self.timed(side, endpoint.take_datagrams, self.now_ns)
            self.got += self.timed(side, endpoint.take_events)
            quiet = 0 if datagrams else quiet + 1
            for at in range(0, len(datagrams), 4):
                self.timed(1 - side, self._receive, other, datagrams[at : at + 4], self.names[side])
            side = 1 - side
        self.now_ns += MS

    def _receive(self, endpoint, datagrams, name):
        for _, port, octets in datagrams:
            endpoint.receive(octets, (name, port), self.now_ns)

    def messages(self, size, at_once, rounds):
        """Send so many at once, and so often; microseconds per message of sender and receiver."""
        payload = bytes(size)
        self.cpu_ns, self.got = [0, 0], []
        send = self.endpoints[0].send

        def burst():
            for i in range(at_once):
                send(self.association, i % 16, 60, payload)

        for _ in range(rounds):
            self.timed(0, burst)
            self.pump()
            self.now_ns += 250 * MS
            for endpoint in self.endpoints:
                endpoint.wake(self.now_ns)
            self.pump()
        assert sum(isinstance(e, Message) for e in self.got) == at_once * rounds
        return [ns / 1000 / (at_once * rounds) for ns in self.cpu_ns]


def best(size, at_once, rounds, config=None):
    two = Two(config)
    return [min(each) for each in zip(*(two.messages(size, at_once, rounds) for _ in range(5)), strict=True)]


def slowness():
    """How much slower than a quiet machine of the prototype's kind this one is just now; 1 at least."""

    def work():
        start = time.process_time()
        found = {}
        for i in range(100_000):
            found[i & 255] = (i, struct.pack("!HI", i & 0xFFFF, i))
        return time.process_time() - start

    return max(1.0, min(work() for _ in range(5)) / QUIET_S)


@pytest.mark.parametrize(
    ("size", "at_once", "limit_us"),
    [(10_000, 20, LONG_US), (80, 200, SMALL_US)],
    ids=["10 kB", "80 octets, bundled"],
)
def test_a_message_costs_no_more_than_the_prototype(size, at_once, limit_us):
    for _ in range(4):
        slower = slowness()
        sender, receiver = best(size, at_once, 40)
        print(
            f"{size} octets: {sender:.1f} us to send, {receiver:.1f} us to receive, machine {slower:.2f} times slower"
        )
        if max(sender, receiver) < limit_us * slower:
            return
    pytest.fail(f"{max(sender, receiver):.1f} us, more than {limit_us * slower:.1f} us, four times in a row")


def test_an_answered_small_message_costs_little():
    """One at a time, as on N2: nothing to bundle with."""
    sender, receiver = best(80, 1, 500)
    print(f"80 octets alone: {sender:.1f} us to send, {receiver:.1f} us to receive")
    assert sender + receiver < 100


def beside_usrsctp(program, carrier, packet_bytes, mtu):
    """CPU of both in one exchange of 1,000 messages of 10 kB on average each way, in us a message of one side."""
    before = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    with alone():
        said = asyncio.run(hub_exchange(program, carrier, "listen", 0, 0, mtu, packet_bytes))
    ours = sum(resource.getrusage(resource.RUSAGE_SELF)[:2]) - before
    theirs = next(float(line.split()[1]) for line in said if line.startswith("closed"))
    return ours / (2 * COUNT) * 1e6, theirs / (2 * COUNT) * 1e6


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize(("packet_bytes", "mtu"), [(0, "32768"), (1452, "1500")], ids=["32 kB packets", "1,452 octets"])
def test_the_port_of_a_part_beside_usrsctp_in_the_same_exchange(tmp_path, carrier, packet_bytes, mtu):
    """As between parts on loopback, sockets and all included: the best of five, of a machine that others use."""
    program = build(tmp_path)
    for _ in range(4):
        slower = slowness()
        runs = [beside_usrsctp(program, carrier, packet_bytes, mtu) for _ in range(5)]
        ours, theirs = min(runs)
        ratio = sorted(o / t for o, t in runs)[2]
        print(
            f"10 kB at a port over {carrier}, packets of {packet_bytes or 'half the MTU'}: ours {ours:.0f} us, "
            f"usrsctp {theirs:.0f} us, {ratio:.2f} times as much, machine {slower:.2f} times slower"
        )
        if ours < LONG_US * slower:
            return
    pytest.fail(f"{ours:.0f} us, more than {LONG_US * slower:.0f} us, four times in a row")


@pytest.mark.parametrize(("packet_bytes", "mtu"), [(1452, 1500), (32_768, 0)])
def test_beside_usrsctp_in_the_same_exchange(tmp_path, packet_bytes, mtu):
    """1,000 messages of 10 kB on average each way over UDP, system calls of both sides included.

    Without a word on it usrsctp fills the loopback's MTU of 65,536 octets.
    """
    exchange = Exchange(build(tmp_path), "listen", Config(max_packet_bytes=packet_bytes), mtu=mtu)
    before = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    try:
        _, said = exchange.run()
    finally:
        exchange.close()
    ours = (sum(resource.getrusage(resource.RUSAGE_SELF)[:2]) - before) / (2 * COUNT) * 1e6
    theirs = float(said.split("closed ")[1]) / (2 * COUNT) * 1e6
    print(f"10 kB in packets of {packet_bytes}: ours {ours:.0f} us, usrsctp {theirs:.0f} us, {ours / theirs:.1f} times")
    assert ours < 10 * theirs


def test_a_10_kb_message(benchmark):
    two = Two()
    benchmark(lambda: two.messages(10_000, 1, 1))


def test_200_small_messages(benchmark):
    two = Two()
    benchmark(lambda: two.messages(80, 200, 1))
