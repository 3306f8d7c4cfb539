"""SCTP over UDP (RFC 6951) on loopback, for tests: one socket, one endpoint, faults by a seed."""

import random
import select
import socket
import time

from awase.protocols.sctp.entity import Endpoint


class UdpCarrier:
    """Carries an endpoint's packets in real time; loses and reorders a part of them, both ways."""

    def __init__(self, endpoint: Endpoint, *, loss=0.0, reorder=0.0, seed=1):
        self.endpoint = endpoint
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            self.socket.setsockopt(socket.SOL_SOCKET, option, 4 << 20)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.port = self.socket.getsockname()[1]
        self.events = []
        self.loss, self.reorder, self.random = loss, reorder, random.Random(seed)
        self._held = {}

    def _impaired(self, way, item):
        """What passes now: nothing where it is lost; later than the next where it is held back."""
        if self.random.random() < self.loss:
            return []
        if way not in self._held and self.random.random() < self.reorder:
            self._held[way] = item
            return []
        held = self._held.pop(way, None)
        return [item] if held is None else [item, held]

    def turn(self, most_s=0.05):
        """Wait for a packet or a timer, do what is to be done; the events go to `events`."""
        endpoint, now = self.endpoint, time.monotonic_ns
        self._flush()
        at = endpoint.wake_at_ns()
        wait = most_s if at is None else min(most_s, max(0, at - now()) / 1e9)
        if select.select([self.socket], [], [], wait)[0]:
            for _ in range(16):
                try:
                    octets, address = self.socket.recvfrom(65536)
                except BlockingIOError:
                    break
                for item in self._impaired("in", (octets, address)):
                    endpoint.receive(*item, now())
        if (at := endpoint.wake_at_ns()) is not None and at <= now():
            endpoint.wake(now())
        self._flush()

    def _flush(self):
        self.events += self.endpoint.take_events()
        for host, port, octets in self.endpoint.take_datagrams(time.monotonic_ns()):
            for item in self._impaired("out", (octets, (host, port))):
                self.socket.sendto(*item)

    def until(self, done, seconds=60):
        """Go on until it is done, or fail after so many seconds."""
        end = time.monotonic() + seconds
        while not done(self.events):
            assert time.monotonic() < end, f"not done in {seconds} s: {self.events[-3:]}"
            self.turn()

    def close(self):
        self.socket.close()
