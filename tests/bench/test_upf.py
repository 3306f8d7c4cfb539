"""CPU of the UPF for user data: UDP packets of 1,350 octets through N3 and N6, each on a UDP socket, both ways.

The UPF is a process of its own, with the capture off; a scripted SMF, base station and data network are another. Where
the sender hands the kernel several datagrams at once (UDP_SEGMENT), as our own ports do with a batch, so does the UPF
take them (UDP_GRO).
"""

import asyncio
import multiprocessing
import os
import resource
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

import pytest

from awase.functions.upf.part import PART_TYPE
from awase.protocols.gtpu.codec import encode_g_pdu
from awase.protocols.ip import udp
from awase.protocols.pfcp import messages as m
from awase.protocols.pfcp.codec import decode, encode
from awase.protocols.pfcp.elements import BitRates, GateStatus, NodeId
from awase.transports.host import Host, HostedPart, HostSettings, IpOverUdp
from unit.functions.upf.bench import SERVER, SMF, UE, establishment, to_gnb
from unit.transports.toys import Notes

SIZE_BYTES, COUNT = 1350, 60_000
NEAR = "127.0.93.1"
GNB, DATA_NETWORK = "127.0.93.2", "127.0.93.3"
SMF_END = "127.0.93.4"
AT_ONCE, PAUSE_S = 32, 0.0004
UDP_SEGMENT = 103


class Taken(NamedTuple):
    """What the UPF has taken so far."""

    cpu_s: float
    packets: int


async def serve(channel: Connection) -> None:
    """The UPF's process: it says what it has taken whenever it is asked, and ends at the second word."""
    addresses = {"n3": f"{NEAR}:2152", "n4": f"{NEAR}:8805"}
    config = {"addresses": addresses, "dnns": [{"name": "internet", "pool": "10.45.0.0/29"}]}
    host = Host(Notes(), HostSettings(tap=False))
    await host.add(
        HostedPart(
            name="upf",
            function="upf",
            ports=("n3", "n4", "n6"),
            addresses=addresses,
            build=lambda services: PART_TYPE.build("upf", config, services),
            ip_over_udp={"n6": IpOverUdp(own=f"{NEAR}:2153", peers=(f"{DATA_NETWORK}:2153",), names=("internet",))},
        )
    )
    channel.send("ready")
    while True:
        while not channel.poll():
            await asyncio.sleep(0.02)
        if channel.recv() == "end":
            return
        usage = resource.getrusage(resource.RUSAGE_SELF)
        channel.send(Taken(usage.ru_utime + usage.ru_stime, host.figures()["upf"].packets_in))


def run(channel: Connection) -> None:
    """Never returns: what the test's process is in the middle of is not ours."""
    asyncio.run(serve(channel))
    os._exit(0)


@contextmanager
def upf() -> Iterator[Connection]:
    near, far = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=run, args=(far,))
    process.start()
    try:
        assert near.recv() == "ready"
        yield near
        near.send("end")
        process.join(5)
    finally:
        process.kill()
        process.join()


def port(host: str, number: int) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind((host, number))
    made.settimeout(3)
    return made


def session(n4: socket.socket) -> int:
    """Establish one whose rates hold nothing back; its uplink TEID."""
    numbers = iter(range(1, 100))

    def ask(message: Any, seid: int | None = None) -> Any:
        n4.sendto(encode(message, sequence_number=next(numbers), seid=seid), (NEAR, 8805))
        return decode(n4.recv(65_535))[1]

    rates = BitRates(ul_kbps=100_000_000, dl_kbps=100_000_000)
    qer = m.CreateQer(qer_id=1, gate_status=GateStatus(), mbr=rates, qfi=1)
    ask(m.AssociationSetupRequest(node_id=NodeId(ipv4_address=SMF), recovery_time_stamp=1))
    made = ask(establishment(qer=qer), 0)
    assert ask(to_gnb(address=GNB), made.up_f_seid.seid).cause == 1
    teid: int = made.created_pdr[0].f_teid[0].teid
    return teid


def send(sock: socket.socket, octets: bytes, to: tuple[str, int], *, segmented: bool) -> None:
    """Many of them, in bursts."""
    if segmented:
        sock.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, len(octets))
        together = 65_000 // len(octets)
        burst, calls = octets * together, 1
    else:
        together, burst, calls = 1, octets, AT_ONCE
    for _ in range(COUNT // (together * calls)):
        for _ in range(calls):
            sock.sendto(burst, to)
        time.sleep(PAUSE_S)


@pytest.mark.parametrize("segmented", [False, True], ids=["datagrams", "segments"])
@pytest.mark.parametrize("direction", ["uplink", "downlink"])
def test_user_data_through_the_upf(benchmark, direction: str, segmented: bool) -> None:
    found: list[tuple[float, int, float]] = []

    def turn() -> None:
        with upf() as channel, port(SMF_END, 8805) as n4, port(GNB, 2152) as n3, port(DATA_NETWORK, 2153) as n6:
            teid = session(n4)
            ends = (UE, SERVER) if direction == "uplink" else (SERVER, UE)
            packet = udp.encode_packet(udp.Udp(5000, 5000, bytes(SIZE_BYTES - 28)), *ends)
            channel.send("how much")
            before = channel.recv()
            start_s = time.monotonic()
            if direction == "uplink":
                send(n3, encode_g_pdu(teid, packet, 1, uplink=True), (NEAR, 2152), segmented=segmented)
            else:
                send(n6, packet, (NEAR, 2153), segmented=segmented)
            wall_s = time.monotonic() - start_s
            time.sleep(0.2)
            channel.send("how much")
            after = channel.recv()
            found.append((after.cpu_s - before.cpu_s, after.packets - before.packets, wall_s))

    benchmark.pedantic(turn, rounds=1 if benchmark.disabled else 5, iterations=1)
    assert all(packets > COUNT // 2 for _, packets, _ in found)
    cpu_s, packets, wall_s = min(found, key=lambda taken: taken[0] / taken[1])
    gigabytes = packets * SIZE_BYTES / 1e9
    benchmark.extra_info.update(
        cpu_s_per_gb=round(cpu_s / gigabytes, 2),
        cpu_us_per_packet=round(cpu_s / packets * 1e6, 2),
        mbps=round(gigabytes * 8000 / wall_s),
        mbps_of_a_core=round(gigabytes * 8000 / cpu_s),
    )
