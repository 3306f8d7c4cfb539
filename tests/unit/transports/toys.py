"""Parts and a watcher for tests of hosts."""

import asyncio
import os

from awase.transports.host import HostedPart

WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
NET = f"127.{251 + WORKER}"
"""Loopback addresses that no other process of the test run takes."""


class Toy:
    """Answers what comes by `answer`; keeps all."""

    def __init__(self, answer=lambda packet: ()):
        self.answer, self.got, self.out = answer, [], []

    def receive(self, packet, now_ns):
        self.got.append(packet)
        self.out += self.answer(packet)

    def wake(self, now_ns):
        pass

    def wake_at_ns(self):
        return None

    def take_packets(self):
        taken, self.out = self.out, []
        return taken

    def take_events(self):
        return ()


class Notes:
    def __init__(self):
        self.events, self.packets = [], []

    def packet(self, record):
        self.packets.append(record)

    def event(self, time_ns, part, event):
        self.events.append((part, event))

    def key(self, time_ns, part, record):
        pass


async def until(done, seconds=10):
    for _ in range(int(seconds * 200)):
        if done():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("not in time")


def hosted(name, function, port, address, toy, **more):
    return HostedPart(
        name=name, function=function, ports=(port,), addresses={port: address}, build=lambda services: toy, **more
    )
