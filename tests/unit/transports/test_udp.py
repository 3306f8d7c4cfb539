"""Ports on UDP: each datagram arrives as it was sent, batches stay in order, and what cannot be sent harms nobody."""

import asyncio
import os
import socket
from pathlib import Path

import pytest

from awase.model.part import Packet
from awase.transports import udp
from awase.transports.host import Host, IpOverUdp, TransportError
from unit.transports.toys import NET, Notes, Toy, hosted, until


def datagrams(toy):
    """What came, a datagram each, with who sent it."""
    return [
        (packet.peer, octets)
        for packet in toy.got
        for octets in ([packet.payload] if isinstance(packet.payload, bytes) else packet.payload)
    ]


def two(act, port="n3", functions=("gnb", "upf")):
    async def run():
        host, far, near = Host(Notes()), Toy(), Toy()
        await host.add(hosted("near", functions[0], port, f"{NET}.84.1:2152", near))
        await host.add(hosted("far", functions[1], port, f"{NET}.84.2:2152", far))
        await act(host, near, far)
        await host.stop()

    asyncio.run(run())


@pytest.mark.parametrize(("port", "functions"), [("n3", ("gnb", "upf")), ("n4", ("smf", "upf")), ("uu", ("ue", "gnb"))])
@pytest.mark.parametrize("size", [0, 1, 1400, 9000, 65_507])
def test_a_datagram_arrives_as_it_was_sent(port, functions, size):
    async def act(host, near, far):
        near.out.append(Packet(port, f"{NET}.84.2:2152", os.urandom(size)))
        sent = near.out[0].payload
        host.poke("near")
        await until(lambda: far.got)
        assert far.got == [Packet(port, f"{NET}.84.1:2152", sent)]

    two(act, port, functions)


def test_many_arrive_in_order_and_come_in_batches_where_the_port_takes_them():
    async def act(host, near, far):
        sent = [number.to_bytes(4, "big") * 300 for number in range(1500)]
        near.out.append(Packet("n3", f"{NET}.84.2:2152", sent))
        host.poke("near")
        await until(lambda: len(datagrams(far)) == 1500)
        assert datagrams(far) == [(f"{NET}.84.1:2152", octets) for octets in sent]
        assert len(far.got) < 200
        assert all(len(packet.payload) < udp.READ_AT_ONCE + udp.MOST_SEGMENTS for packet in far.got)
        assert host.figures()["far"].packets_in == 1500

    two(act)


@pytest.mark.parametrize("size", [1, 100, 1350, 8000, 40_000])
def test_a_batch_of_datagrams_of_equal_lengths_arrives_as_it_was_sent(size):
    async def act(host, near, far):
        # Runs of equal lengths, as the kernel cuts them, between others and empty ones.
        lengths = [size] * 100 + [size - 1] * 3 + [0] * 10 + [size] * 9 + [7, 8, 9]
        sent = [bytes((number % 256,)) * length for number, length in enumerate(lengths)]
        near.out.append(Packet("n3", f"{NET}.84.2:2152", sent))
        host.poke("near")
        await until(lambda: len(datagrams(far)) == len(sent))
        assert [octets for _, octets in datagrams(far)] == sent

    two(act)


def test_a_peer_that_knows_nothing_of_batches_gets_one_datagram_after_the_other():
    async def run():
        host, near = Host(Notes()), Toy()
        await host.add(hosted("near", "gnb", "n3", f"{NET}.84.1:2152", near))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
            peer.bind((f"{NET}.84.3", 2152))
            sent = [bytes((number,)) * 1350 for number in range(40)]
            near.out.append(Packet("n3", f"{NET}.84.3:2152", sent))
            host.poke("near")
            await asyncio.sleep(0.05)
            peer.setblocking(False)
            assert [peer.recv(65_535) for _ in sent] == sent
            with pytest.raises(BlockingIOError):
                peer.recv(65_535)
        await host.stop()

    asyncio.run(run())


def test_a_port_without_batches_gets_one_at_a_time():
    async def act(host, near, far):
        near.out += [Packet("n4", f"{NET}.84.2:2152", bytes((number,))) for number in range(100)]
        host.poke("near")
        await until(lambda: len(far.got) == 100)
        assert [packet.payload for packet in far.got] == [bytes((number,)) for number in range(100)]

    two(act, "n4", ("smf", "upf"))


def test_those_of_several_peers_are_not_mixed():
    async def act(host, near, far):
        others = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(3)]
        for number, other in enumerate(others):
            other.bind((f"{NET}.84.{10 + number}", 2152))
        for at in range(30):
            others[at % 7 % 3].sendto(bytes((at,)), (f"{NET}.84.2", 2152))
        await until(lambda: len(datagrams(far)) == 30)
        assert datagrams(far) == [(f"{NET}.84.{10 + at % 7 % 3}:2152", bytes((at,))) for at in range(30)]
        for other in others:
            other.close()

    two(act)


@pytest.mark.parametrize(
    ("peer", "payload"),
    [
        ("NET.84.77:9", b"nobody is there: ICMP port unreachable"),
        ("255.255.255.255:9", b"needs a right that we have not"),
        ("NET.84.2:2152", bytes(65_508)),
        ("no address", b"x"),
        ("NET.84.2:70000", b"x"),
        ("", b"x"),
    ],
)
def test_what_cannot_be_sent_is_lost_and_the_next_arrives(peer, payload):
    async def act(host, near, far):
        for _ in range(3):
            near.out.append(Packet("n4", peer.replace("NET", NET), payload))
        host.poke("near")
        await asyncio.sleep(0.02)
        near.out.append(Packet("n4", f"{NET}.84.2:2152", b"next"))
        host.poke("near")
        await until(lambda: far.got)
        assert [packet.payload for packet in far.got] == [b"next"]
        assert len(host.names()) == 2

    two(act, "n4", ("smf", "upf"))


def test_buffers_hold_a_burst():
    made = udp.open_udp((f"{NET}.84.5", 0))
    least = min(udp.BUFFER_BYTES, int(Path("/proc/sys/net/core/rmem_max").read_text()))
    for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
        assert made.getsockopt(socket.SOL_SOCKET, option) >= least
    if os.geteuid() == 0:
        assert made.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) >= udp.BUFFER_BYTES
    made.close()


@pytest.mark.parametrize("address", ["192.0.2.1:2152", "NET.84.6:2152", "nonsense", "NET.84.1:99999", ":1"])
def test_a_port_that_cannot_be_opened_says_which_and_why(address):
    async def run():
        taken = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        taken.bind((f"{NET}.84.6", 2152))
        host = Host(Notes())
        with pytest.raises(TransportError, match=r"upf1, port n3, .*: UDP cannot be opened: .*; is another program"):
            await host.add(hosted("upf1", "upf", "n3", address.replace("NET", NET), Toy()))
        taken.close()
        assert host.names() == []

    asyncio.run(run())


def test_without_an_address_there_is_no_port():
    async def run():
        with pytest.raises(TransportError, match="upf1, port n3: it has no address; give it one in `addresses`"):
            await Host(Notes()).add(hosted("upf1", "upf", "n3", "", Toy()))

    asyncio.run(run())


def test_ip_packets_of_strangers_are_not_heard():
    async def run():
        host, toy = Host(Notes()), Toy()
        way = IpOverUdp(own=f"{NET}.84.7:2153", peers=(f"{NET}.84.8:2153",), names=("upf",))
        await host.add(hosted("dn", "data_network", "n6", "", toy, ip_over_udp={"n6": way}))
        ends = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
        for number, end in enumerate(ends):
            end.bind((f"{NET}.84.{9 - number}", 2153))
            end.sendto(b"E%d" % number, (f"{NET}.84.7", 2153))
        await until(lambda: toy.got)
        assert [(packet.peer, packet.payload) for packet in toy.got] == [("upf", b"E1")]
        for end in ends:
            end.close()
        await host.stop()

    asyncio.run(run())
