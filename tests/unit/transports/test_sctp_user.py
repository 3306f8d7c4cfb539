"""Our own SCTP on sockets beside the silent, the dead, the slow and the hostile."""

import asyncio
import os
import random
import socket
import time
import tracemalloc

import pytest

from awase.model.part import Packet
from awase.protocols.sctp.config import Config
from awase.protocols.sctp.entity import Endpoint
from awase.protocols.sctp.events import AssociationUp
from awase.transports.host import Host, SctpOptions, TransportError
from awase.transports.sctp import kernel_has_sctp
from awase.transports.sctp_carriers import UdpHub
from awase.transports.sctp_user import MAX_UNREAD_BYTES
from interop.sctp.hubs import Side, context_of, exchange
from unit.transports.test_host import Notes, Toy, hosted, until

# Raw IP wants root, and a kernel that does not answer in our place (transports/sctp.py, choose).
CARRIERS = ["udp", "raw"] if os.geteuid() == 0 and not kernel_has_sctp() else ["udp"]
PORT = 38412
NET = f"127.{1 + os.getpid() % 250}.84."
"""Addresses of this process, since tests run side by side."""


def random_bytes(n, _):
    return os.urandom(n)


def side(host, serves, carrier="udp", count=50):
    return Side(host, PORT, side=int(serves), serves=serves, options=SctpOptions(carrier=carrier), count=count)


def handshake(hub, endpoint, host, port=49_000, local_port=0):
    """Bring an endpoint in memory up at a hub as if it were at a host; its number there."""
    number = endpoint.connect(NET + "1", PORT, local_port=local_port)
    for _ in range(2):
        for _, _, octets in endpoint.take_datagrams(time.monotonic_ns()):
            hub.endpoint.receive(octets, (host, port), hub_now(hub))
        for _, _, octets in hub.endpoint.take_datagrams(hub_now(hub)):
            endpoint.receive(octets, (NET + "1", 9899), time.monotonic_ns())
    assert any(isinstance(event, AssociationUp) for event in endpoint.take_events())
    return number


def hub_now(hub):
    del hub
    return time.monotonic_ns()


@pytest.mark.parametrize("carrier", CARRIERS)
def test_the_hubs_of_two_addresses_exchange_messages(carrier):
    async def run():
        server, client = side(NET + "1", True, carrier, 300), side(NET + "2", False, carrier, 300)
        client.connect(NET + "1", PORT)
        await exchange(server, client)

    asyncio.run(run())


@pytest.mark.parametrize("carrier", CARRIERS)
def test_where_nobody_is_the_part_is_told_at_once(carrier):
    async def run():
        client = side(NET + "2", False, carrier)
        client.connect(NET + "3", PORT)
        await client.until(lambda: client.told, 5)
        assert client.told == [("refused", f"{NET}3:38412")]
        client.close()

    asyncio.run(run())


@pytest.mark.parametrize("carrier", CARRIERS)
def test_a_peer_whose_process_is_gone_is_lost_although_it_said_nothing(carrier):
    async def run():
        server, client = side(NET + "1", True, carrier), side(NET + "2", False, carrier)
        client.connect(NET + "1", PORT)
        await client.until(lambda: client.links and server.links)
        server.hub.endpoint.associations.clear()
        server.close()
        client.hub.send(next(iter(client.links)), 0, 60, b"are you there?")
        client.hub.flush()
        await client.until(lambda: not client.links, 20)
        assert client.told[-1][0] == "abort"
        assert "nobody is there" in client.events[-1].text
        client.close()

    asyncio.run(run())


@pytest.mark.parametrize("carrier", CARRIERS)
def test_a_peer_that_comes_again_without_having_gone_is_another_to_the_part(carrier):
    async def run():
        server, first = side(NET + "1", True, carrier), side(NET + "2", False, carrier)
        first.connect(NET + "1", PORT)
        await first.until(lambda: first.links and server.links)
        first.hub.endpoint.associations.clear()
        first.close()
        second = side(NET + "2", False, carrier)
        second.connect(NET + "1", PORT)
        await server.until(lambda: len(server.told) == 3)
        assert [kind for kind, _ in server.told] == ["up", "abort", "up"]
        await exchange(server, second)

    asyncio.run(run())


@pytest.mark.parametrize("carrier", CARRIERS)
def test_a_server_that_came_again_is_found_out_by_who_has_nothing_to_say_to_it(carrier):
    async def run():
        server, client = side(NET + "1", True, carrier), side(NET + "2", False, carrier)
        client.connect(NET + "1", PORT)
        await client.until(lambda: client.links and server.links)
        server.hub.endpoint.associations.clear()
        server.close()
        again = side(NET + "1", True, carrier)
        # Within a second or two: nobody's traffic tells of it, and its users wait.
        assert client.hub.endpoint.config.hb_interval_ns == 1_000_000_000
        await client.until(lambda: not client.links, 20)
        assert client.told[-1][0] == "abort"
        again.close()
        client.close()

    asyncio.run(run())


def test_a_server_may_come_after_a_client_at_the_same_address():
    async def run():
        client, server = (
            side(NET + "4", False),
            Side(NET + "4", 38422, side=1, serves=True, options=SctpOptions(carrier="udp"), count=50),
        )
        client.connect(NET + "4", 38422)
        await exchange(server, client)

    asyncio.run(run())


def test_rubbish_and_half_packets_are_reported_within_bounds_and_harm_nobody():
    async def run():
        server, client = side(NET + "1", True), side(NET + "2", False)
        client.connect(NET + "1", PORT)
        await client.until(lambda: client.links and server.links)
        sender, chance = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), random.Random(1)
        sender.bind((NET + "9", 0))
        caught = client.hub.endpoint
        whole = Endpoint(random_bytes)
        whole.connect(NET + "1", PORT)
        ((_, _, init),) = whole.take_datagrams(0)
        for i in range(3000):
            octets = chance.randbytes(i % 200) if i % 3 else init[: chance.randrange(len(init))]
            sender.sendto(octets, (NET + "1", 9899))
            if i % 100 == 99:
                await asyncio.sleep(0)
        await exchange(server, client)
        sender.close()
        seconds = 60
        assert 0 < sum(event.name == "MalformedPacket" for event in server.events) <= seconds * 20
        assert not caught.associations

    asyncio.run(run())


def test_a_flood_of_inits_is_answered_and_not_remembered():
    async def run():
        server = side(NET + "1", True)
        inits = []
        for _ in range(5_000):
            one = Endpoint(random_bytes)
            one.connect(NET + "1", PORT)
            inits.append(one.take_datagrams(0)[0][2])
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        answers = 0
        for i, octets in enumerate(inits):
            server.hub.endpoint.receive(octets, (f"10.1.{i >> 8}.{i & 255}", 9899), hub_now(server.hub))
            if i % 64 == 63:
                answers += len(server.hub.endpoint.take_datagrams(hub_now(server.hub)))
        kept = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
        assert answers > 4_900
        assert not server.hub.endpoint.associations
        assert kept < 100_000
        server.hub.endpoint.take_datagrams(hub_now(server.hub))
        server.close()

    asyncio.run(run())


def test_ten_thousand_associations_leave_the_others_well_and_more_than_a_host_may_have_are_refused():
    async def run():
        server, client = side(NET + "1", True), side(NET + "2", False)
        client.connect(NET + "1", PORT)
        await client.until(lambda: client.links and server.links)
        crowd = Endpoint(random_bytes, Config(max_associations=20_000, max_associations_per_host=20_000))
        for i in range(10_000):
            handshake(server.hub, crowd, f"10.2.0.{i % 4}", local_port=20_000 + i)
        assert len(server.hub.endpoint.associations) == 10_001
        # Those that the part was told of; the real one first.
        server.hub.endpoint.take_events()
        await exchange(server, client)

    asyncio.run(run())


def test_a_host_may_not_have_all_associations_to_itself():
    async def run():
        server = side(NET + "1", True)
        crowd = Endpoint(random_bytes, Config(max_associations=20_000, max_associations_per_host=20_000))
        most = server.hub.endpoint.config.max_associations_per_host
        for i in range(most):
            handshake(server.hub, crowd, "10.2.0.1", local_port=20_000 + i)
        with pytest.raises(AssertionError):
            handshake(server.hub, crowd, "10.2.0.1", local_port=19_999)
        handshake(server.hub, crowd, "10.2.0.2", local_port=19_998)
        server.hub.endpoint.take_events()
        server.hub.endpoint.associations.clear()
        server.close()

    asyncio.run(run())


def test_who_does_not_read_is_aborted_when_four_megabytes_wait():
    async def run():
        server, client = side(NET + "1", True), side(NET + "2", False)
        lazy = Endpoint(random_bytes)
        client.connect(NET + "1", PORT)
        await server.until(lambda: server.links and client.links)
        handshake(server.hub, lazy, "10.3.0.1")
        server.hub.flush()
        await server.until(lambda: len(server.links) == 2)
        slow = list(server.links)[1]
        why, octets = "", 0
        while not why:
            why = server.hub.send(slow, 0, 60, bytes(50_000))
            octets += 50_000
            assert octets <= server.hub.endpoint.config.send_buffer_bytes + 50_000
        assert "too slowly" in why
        assert server.hub.queued(slow) <= server.hub.endpoint.config.send_buffer_bytes
        del server.links[slow]
        server.hub.abort(slow, why)
        await exchange(server, client)

    asyncio.run(run())


def test_all_slow_readers_together_are_bounded_by_the_end_of_the_slowest():
    async def run():
        server = side(NET + "1", True)
        lazy = Endpoint(random_bytes)
        for i in range(20):
            handshake(server.hub, lazy, "10.3.0.1", local_port=20_000 + i)
        server.hub.flush()
        assert len(server.links) == 20
        for link in list(server.links):
            for _ in range(79):
                server.hub.send(link, 0, 60, bytes(50_000))
            server.hub.flush()
        assert sum(server.hub.queued(link) for link in server.links) <= MAX_UNREAD_BYTES + (2 << 20)
        assert 12 < len(server.links) < 20
        assert any("reads too slowly" in event.text for event in server.events)
        for link in list(server.links):
            server.hub.abort(link, "done")
        server.close()

    asyncio.run(run())


def test_messages_without_an_end_hold_no_more_than_the_longest_message():
    async def run():
        server = side(NET + "1", True)
        giant = Endpoint(random_bytes, Config(max_message_bytes=8 << 20, receive_buffer_bytes=8 << 20))
        number = handshake(server.hub, giant, "10.4.0.1")
        giant.send(number, 0, 60, bytes(4 << 20))
        now, most = hub_now(server.hub), 0
        for _ in range(2_000):
            sent = giant.take_datagrams(now)
            for _, _, octets in sent:
                server.hub.endpoint.receive(octets, ("10.4.0.1", 49_000), now)
                most = max(most, server.hub.endpoint.held)
            for _, _, octets in server.hub.endpoint.take_datagrams(now):
                giant.receive(octets, (NET + "1", 9899), now)
            now += 10_000_000
            if not server.hub.endpoint.associations:
                break
        assert not server.hub.endpoint.associations
        assert most <= server.hub.endpoint.config.max_message_bytes + 65_536
        server.close()

    asyncio.run(run())


def n2(name, address, **more):
    return hosted(name, "amf", "n2", address, Toy(), sctp=SctpOptions(carrier="udp", **more))


@pytest.mark.parametrize(
    ("address", "told"),
    [
        (f"{NET}5:38412", "taken: set another udp_port; stop the other program"),
        ("192.0.2.1:38412", "this host has no such address"),
        (f"{NET}6:x", "invalid literal"),
    ],
    ids=["taken", "of another host", "no number"],
)
def test_a_port_that_cannot_be_opened_says_what_to_do(address, told):
    async def run():
        first, second = Host(Notes()), Host(Notes())
        await first.add(n2("amf", f"{NET}5:38412"))
        with pytest.raises(TransportError) as caught:
            await second.add(n2("amf2", address))
        assert "amf2, port n2" in str(caught.value)
        assert told in str(caught.value)
        # Nothing stays open of what failed.
        await first.stop()
        await second.add(n2("amf3", f"{NET}5:38412"))
        await second.stop()

    asyncio.run(run())


def test_two_parts_of_one_process_may_not_share_an_address_and_port():
    async def run():
        host = Host(Notes())
        await host.add(n2("amf", f"{NET}5:38412"))
        with pytest.raises(TransportError, match="taken by another part of this process"):
            await host.add(n2("amf2", f"{NET}5:38412"))
        assert host.names() == ["amf"]
        await host.stop()

    asyncio.run(run())


@pytest.mark.parametrize("carrier", CARRIERS)
def test_the_parts_of_one_process_at_different_addresses_are_endpoints_of_their_own(carrier):
    async def run():
        host, options = Host(Notes()), SctpOptions(carrier=carrier)
        gnb, amfs = Toy(), [Toy(), Toy()]
        for i, amf in enumerate(amfs):
            await host.add(hosted(f"amf{i}", "amf", "n2", f"{NET}{5 + i}:38412", amf, sctp=options))
        await host.add(hosted("gnb", "gnb", "n2", f"{NET}7:38412", gnb, sctp=options))
        assert len(set(host.carriers().values())) == 3
        for i in range(2):
            gnb.out.append(Packet("n2", f"{NET}{5 + i}:38412", kind="connect"))
        host.poke("gnb")
        await until(lambda: len(gnb.got) == 2 and all(amf.got for amf in amfs))
        for packet in gnb.got:
            gnb.out.append(Packet("n2", packet.peer, packet.peer.encode(), "data", packet.association, 0, 60))
        host.poke("gnb")
        await until(lambda: all(len(amf.got) == 2 for amf in amfs))
        assert [amf.got[1].payload for amf in amfs] == [f"{NET}5:38412".encode(), f"{NET}6:38412".encode()]
        assert {amf.got[0].peer for amf in amfs} == {f"{NET}7:38412"}
        await host.stop()

    asyncio.run(run())


@pytest.mark.parametrize("carrier", CARRIERS)
def test_a_port_that_another_process_has_is_seen_to_be_taken(carrier):
    async def run():
        options, one, other = SctpOptions(carrier=carrier), Host(Notes()), Host(Notes())
        await one.add(hosted("amf", "amf", "n2", f"{NET}1:38412", Toy(), sctp=options))
        with pytest.raises(TransportError, match=f"port (38412|9899) of {NET}1 is taken"):
            await other.add(hosted("amf", "amf", "n2", f"{NET}1:38412", Toy(), sctp=options))
        await one.stop()
        await other.add(hosted("amf", "amf", "n2", f"{NET}1:38412", Toy(), sctp=options))
        await other.stop()

    asyncio.run(run())


def test_a_hub_whose_address_is_not_here_leaves_no_socket_open():
    async def run():
        with pytest.raises(OSError, match="assign"):
            UdpHub(context_of(asyncio.get_running_loop(), []), SctpOptions(carrier="udp"), "192.0.2.1")

    asyncio.run(run())


class Amf(Toy):
    """Knows one peer."""

    def familiar(self, port):
        return [f"{NET}2:{PORT}"]


def test_a_flood_of_inits_costs_a_known_peer_nothing_and_is_dropped_before_it_is_read():
    async def run():
        notes, amf, gnb = Notes(), Amf(), Toy()
        host, other = Host(notes), Host(Notes())
        options = SctpOptions(carrier="udp")
        await host.add(hosted("amf", "amf", "n2", f"{NET}1:{PORT}", amf, sctp=options))
        await other.add(hosted("gnb", "gnb", "n2", f"{NET}2:{PORT}", gnb, sctp=options))
        gnb.out.append(Packet("n2", f"{NET}1:{PORT}", kind="connect"))
        other.poke("gnb")
        await until(lambda: any(packet.kind == "up" for packet in gnb.got))
        link = next(packet.association for packet in gnb.got if packet.kind == "up")
        endpoint = Endpoint(random_bytes)
        endpoint.connect(NET + "1", PORT)
        ((_, _, init),) = endpoint.take_datagrams(0)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as foe:
            foe.bind((NET + "66", 0))
            for number in range(20):
                # As many as leave the socket full, turn after turn, and no more than the smallest buffer holds.
                for count in (200, *(64,) * 20):
                    for _ in range(count):
                        foe.sendto(init, (NET + "1", 9899))
                    await asyncio.sleep(0)
                gnb.out.append(Packet("n2", f"{NET}1:{PORT}", bytes((number,)), "data", link, 0, 60))
                other.poke("gnb")
                await until(lambda n=number: [p.payload for p in amf.got if p.kind == "data"][-1:] == [bytes((n,))])
        named = [event for _, event in notes.events if event.name == "FloodDropped"]
        assert {event.fields["peer"] for event in named} == {NET + "66"}
        assert [p.payload for p in amf.got if p.kind == "data"] == [bytes((n,)) for n in range(20)]
        assert not [event for _, event in notes.events if event.name == "AssociationLost"]
        await other.stop()
        await host.stop()

    asyncio.run(run())


def test_an_init_is_answered_without_keeping_anything():
    endpoint = Endpoint(random_bytes)
    endpoint.listen(PORT)
    stranger = Endpoint(random_bytes)
    stranger.connect(NET + "1", PORT)
    ((_, _, init),) = stranger.take_datagrams(0)
    endpoint.receive(init, (NET + "66", 1), 0)
    endpoint.take_datagrams(0)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        answers = 0
        for n in range(20_000):
            endpoint.receive(init, (f"10.{n >> 8}.{n & 255}.1", 1), n)
            answers += len(endpoint.take_datagrams(n))
        assert tracemalloc.get_traced_memory()[0] - before < 20_000
    finally:
        tracemalloc.stop()
    assert answers == 20_000
    assert not endpoint.associations
