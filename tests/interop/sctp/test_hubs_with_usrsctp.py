"""1,000 messages each way between the hubs of transports/ and usrsctp, over UDP and raw IP, both roles, with faults."""

import asyncio
import os

import pytest

from awase.transports.sctp import kernel_has_sctp
from interop.sctp.exchange import COUNT, alone, build, free_port
from interop.sctp.hubs import Faults, Side, carried_by

THEIRS, PORT = "127.0.0.1", 5100 + os.getpid() % 40_000
OURS = {"udp": "127.0.0.1", "raw": f"127.{1 + os.getpid() % 250}.82.1"}
"""With two stacks over raw IP at one address each would hear the other's packets; tests run side by side."""

# Raw IP wants root, and a kernel that does not answer in our place (transports/sctp.py, choose).
CARRIERS = ["udp", "raw"] if os.geteuid() == 0 and not kernel_has_sctp() else ["udp"]


@pytest.fixture(scope="module")
def peer(tmp_path_factory):
    return build(tmp_path_factory.mktemp("usrsctp"))


class Peer:
    """The C program; what it says, line by line."""

    def __init__(self, process):
        self.process, self.said = process, []

    @classmethod
    async def start(cls, program, *arguments):
        pipe = asyncio.subprocess.PIPE
        return cls(await asyncio.create_subprocess_exec(program, *map(str, arguments), stdin=pipe, stdout=pipe))

    async def says(self, word, seconds=100):
        while not any(line.startswith(word) for line in self.said):
            line = await asyncio.wait_for(self.process.stdout.readline(), seconds)
            assert line, f"no {word!r}: {self.said}"
            self.said.append(line.decode().rstrip())

    async def end(self):
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()


async def run(program, carrier, role, loss, reorder, mtu="32768", packet_bytes=0):
    """What the peer said."""
    udp = free_port() if carrier == "udp" else 0
    own_udp = free_port() if carrier == "udp" else 0
    options = carried_by(carrier, udp_port=own_udp or 9899, peer_udp_ports={THEIRS: udp}, packet_bytes=packet_bytes)
    serves = role == "listen"
    side = Side(OURS[carrier], PORT, side=int(serves), serves=serves, options=options)
    if loss:
        Faults(side.hub, loss, reorder)
    # The loopback's 65,536 octets are more than an IP packet can have; over raw IP usrsctp must be told.
    timing = ("100", "20", "1500") if loss else ("1000", "200", mtu)
    theirs = "connect" if serves else "listen"
    peer = await Peer.start(program, theirs, udp, own_udp, PORT, COUNT, *timing, OURS[carrier])
    try:
        if not serves:
            await peer.says("ready")
            side.connect(THEIRS, PORT)
        await side.send_all(100)
        await peer.says("received")
        if not serves:
            side.shutdown()
        await side.until(lambda: not side.links)
        await peer.says("closed")
        assert side.told[-1][0] == "down"
        assert f"received {COUNT}" in peer.said
        assert not any("failed" in line for line in peer.said)
        return peer.said
    finally:
        await peer.end()
        side.close()


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize("role", ["connect", "listen"])
@pytest.mark.parametrize(("loss", "reorder"), [(0.0, 0.0), (0.05, 0.05)], ids=["undisturbed", "5 % lost, 5 % late"])
def test_all_messages_arrive_whole_in_order_with_their_ppid(peer, carrier, role, loss, reorder):
    with alone():
        asyncio.run(run(peer, carrier, role, loss, reorder))
