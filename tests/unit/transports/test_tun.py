"""A port of IP packets on a TUN device: a program's datagrams reach the part, its answers reach the program.

Where no TUN device can be made (no root), the same calls say so.
"""

import asyncio
import os
import socket
import struct
from contextlib import suppress
from ipaddress import ip_interface, ip_network
from pathlib import Path

import pytest

from awase.model.part import Packet
from awase.transports import netlink, probe
from awase.transports.host import Host, TransportError, TunOptions
from unit.transports.toys import WORKER, Notes, Toy, hosted, until

BASE = 101 + 2 * WORKER
"""Prefixes that no other process of the test run takes."""
NAME = f"awt{os.getpid() % 10**9}"
OPTIONS = TunOptions(name=NAME, addresses=(f"10.{BASE}.0.1/24",), mtu_bytes=1300, routes=(f"10.{BASE + 1}.0.0/24",))
OPTIONS_6 = TunOptions(name=NAME, addresses=(f"fd00:{BASE}::1/64",), mtu_bytes=1300, routes=(f"fd00:{BASE + 1}::/64",))
SWITCH_6 = Path("/proc/sys/net/ipv6/conf/default/disable_ipv6")
HAS_IPV6 = SWITCH_6.exists() and SWITCH_6.read_text().strip() == "0"


def packets(packet):
    return [packet.payload] if isinstance(packet.payload, bytes) else packet.payload


def turned(octets):
    """The UDP datagram sent back: addresses and ports exchanged, which leaves the checksums right."""
    if octets[0] >> 4 == 6:
        ends, head = octets[24:40] + octets[8:24], 40
        return octets[:8] + ends + octets[head + 2 : head + 4] + octets[head : head + 2] + octets[head + 4 :]
    ends, ports = octets[16:20] + octets[12:16], octets[22:24] + octets[20:22]
    return octets[:12] + ends + ports + octets[24:]


def mirror(packet):
    back = [turned(octets) for octets in packets(packet) if octets[6 if octets[0] >> 4 == 6 else 9] == 17]
    return [Packet("n6", "", back[0] if len(back) == 1 else back)] if back else []


def with_tun(act, toy, options=OPTIONS):
    """Run `act` with the device; where there can be none, see that the refusal helps."""

    async def run():
        host = Host(Notes())
        part = hosted("upf1", "upf", "n6", "", toy, tuns={"n6": options})
        if not probe.tun().there or (options is OPTIONS_6 and not HAS_IPV6):
            with pytest.raises(TransportError, match=r"upf1, port n6: no TUN device .*run as root with /dev/net/tun"):
                await host.add(part)
            return
        await host.add(part)
        try:
            await act(host)
        finally:
            await host.stop()
        assert options.name not in dict(map(reversed, socket.if_nameindex()))

    asyncio.run(run())


@pytest.mark.parametrize(
    ("family", "target"),
    [
        (socket.AF_INET, f"10.{BASE}.0.7"),
        (socket.AF_INET, f"10.{BASE + 1}.0.7"),
        (socket.AF_INET6, f"fd00:{BASE}::7"),
        (socket.AF_INET6, f"fd00:{BASE + 1}::7"),
    ],
    ids=["own prefix", "route", "own prefix, IPv6", "route, IPv6"],
)
def test_a_programs_datagrams_reach_the_part_and_its_answers_the_program(family, target):
    toy = Toy(mirror)

    async def act(host):
        loop = asyncio.get_running_loop()
        with socket.socket(family, socket.SOCK_DGRAM) as program:
            program.setblocking(False)
            for size in (1, 1200):
                sent = os.urandom(size)
                got = peer = None
                for _ in range(25):
                    # The kernel enters an IPv6 address's own route a little later: what comes before that is lost.
                    program.sendto(sent, (target, 5000))
                    with suppress(TimeoutError):
                        got, peer = await asyncio.wait_for(loop.sock_recvfrom(program, 2000), 0.3)
                        break
                assert (got, peer[:2]) == (sent, (target, 5000))
        assert host.carriers()["upf1.n6"] == f"TUN device {OPTIONS.name}"
        assert Path(f"/sys/class/net/{OPTIONS.name}/mtu").read_text().strip() == "1300"

    with_tun(act, toy, OPTIONS if family == socket.AF_INET else OPTIONS_6)


def test_a_burst_comes_in_order_and_what_is_no_ip_packet_is_lost():
    toy = Toy(lambda packet: [])

    async def act(host):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as program:
            for number in range(200):
                program.sendto(b"%03d" % number, (f"10.{BASE}.0.9", 5000))

        def got():
            return [octets[28:] for p in toy.got for octets in packets(p) if octets[0] == 0x45 and octets[9] == 17]

        await until(lambda: len(got()) == 200)
        assert got() == [b"%03d" % number for number in range(200)]
        toy.out += [Packet("n6", "", b""), Packet("n6", "", b"\x00rubbish"), Packet("n6", "", [bytes(9000)])]
        host.poke("upf1")
        await asyncio.sleep(0.02)
        assert host.names() == ["upf1"]

    with_tun(act, toy)


def test_a_device_that_somebody_removes_is_an_event_and_no_endless_loop():
    notes = Notes()

    async def act(host):
        host._watcher = host._seats["upf1"]._watcher
        host._watcher.event = notes.event
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as link:
            # RTM_DELLINK, as `ip link delete` asks for it.
            link.sendto(struct.pack("=IHHIIBxHiII", 32, 17, 1, 1, 0, 0, 0, socket.if_nametoindex(NAME), 0, 0), (0, 0))
        await until(lambda: notes.events)
        await asyncio.sleep(0.05)
        assert [event.name for _, event in notes.events] == ["TunLost"]

    with_tun(act, Toy(lambda packet: []))


def test_a_name_that_is_taken_is_refused():
    async def act(_host):
        other = Host(Notes())
        with pytest.raises(TransportError, match=f"upf2, port n6: no TUN device {OPTIONS.name}: .*busy"):
            await other.add(hosted("upf2", "upf", "n6", "", Toy(), tuns={"n6": OPTIONS}))

    with_tun(act, Toy(lambda packet: []))


def test_what_the_kernel_refuses_is_an_error_with_its_words_and_leaves_no_device():
    async def run():
        options = TunOptions(name="awtwrong", mtu_bytes=10)
        why = "Invalid argument" if probe.tun().there else "run as root"
        with pytest.raises(TransportError, match=rf"upf1, port n6: no TUN device awtwrong: .*{why}"):
            await Host(Notes()).add(hosted("upf1", "upf", "n6", "", Toy(), tuns={"n6": options}))
        assert "awtwrong" not in dict(map(reversed, socket.if_nameindex()))

    asyncio.run(run())


@pytest.mark.parametrize("options", [TunOptions(addresses=("10.0.0.1/33",)), TunOptions(routes=("10.0.0.1/8",))])
def test_what_is_no_address_is_an_error_that_names_it(options):
    async def run():
        with pytest.raises(TransportError, match=r"upf1, port n6: .*10\.0\.0\.1/"):
            await Host(Notes()).add(hosted("upf1", "upf", "n6", "", Toy(), tuns={"n6": options}))

    asyncio.run(run())


def test_without_the_right_to_it_the_error_says_what_to_do(monkeypatch):
    def refuse(*_arguments):
        raise PermissionError(1, "Operation not permitted")

    async def run():
        monkeypatch.setattr(os, "open", refuse)
        hint = "Operation not permitted; run as root with /dev/net/tun, or leave the TUN device out"
        with pytest.raises(TransportError, match=hint):
            await Host(Notes()).add(hosted("upf1", "upf", "n6", "", Toy(), tuns={"n6": OPTIONS}))

    asyncio.run(run())


def test_a_device_that_is_not_there_is_an_error():
    for ask in (
        lambda: netlink.set_up("nosuchdevice", 1400),
        lambda: netlink.add_route("nosuchdevice", ip_network("10.204.0.0/24")),
        lambda: netlink.add_address("nosuchdevice", ip_interface("10.204.0.1/24")),
    ):
        with pytest.raises(OSError, match="no interface"):
            ask()
