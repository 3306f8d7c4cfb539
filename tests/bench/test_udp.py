"""CPU of a datagram on a UDP port, sent and received in one process, system calls included."""

import asyncio
import time

import pytest

from awase.model.part import Packet
from awase.transports.host import Host, HostSettings
from unit.transports.toys import Notes, Toy, hosted

FAR = "127.0.92.2:2152"


def datagrams(count, at_once, size, port):
    """Microseconds of CPU for each of so many datagrams, and how many arrived."""

    async def run():
        near, far = Toy(), Toy()
        functions = {"n3": ("gnb", "upf"), "n4": ("smf", "upf")}[port]
        host = Host(Notes(), HostSettings(tap=False))
        await host.add(hosted("near", functions[0], port, "127.0.92.1:2152", near))
        await host.add(hosted("far", functions[1], port, FAR, far))
        payloads = [bytes(size)] * at_once
        batch = payloads if port == "n3" and at_once > 1 else None
        arrived = 0
        start = time.process_time()
        for _ in range(count // at_once):
            near.out += [Packet(port, FAR, batch)] if batch else [Packet(port, FAR, octets) for octets in payloads]
            host.poke("near")
            await asyncio.sleep(0)
            for _ in range(at_once // 32 + 3):
                await asyncio.sleep(0)
            arrived += sum(1 if isinstance(p.payload, bytes) else len(p.payload) for p in far.got)
            far.got.clear()
        spent = time.process_time() - start
        await host.stop()
        return spent / count * 1e6, arrived

    return asyncio.run(run())


@pytest.mark.parametrize(("port", "at_once"), [("n3", 64), ("n3", 1), ("n4", 1)])
def test_a_datagram(port, at_once):
    best, arrived = min(datagrams(12_800, at_once, 1350, port) for _ in range(3))
    print(f"{port}, {at_once} at once: {best:.1f} us a datagram of 1,350 octets, sent and received; {arrived} arrived")
    assert arrived > 12_000
    assert best < 5_000
