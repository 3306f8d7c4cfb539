"""Who may come in at a port that does not keep up: the known as ever, strangers by a share each."""

import asyncio
import socket
from contextlib import suppress

import pytest

from awase.model.part import Packet
from awase.transports import guard
from awase.transports.guard import FLOOD, GUARDED_NS, LEAST, MOST_HOSTS, PRESSED_TURNS, STRANGERS, WINDOW_NS, Guard
from awase.transports.host import Host
from awase.transports.udp import READ_AT_ONCE
from unit.transports.toys import NET, Notes, Toy, hosted, until

FRIEND, FOE, GUEST = "10.0.0.1", "10.0.0.66", "10.0.0.7"


def pressed(familiar=lambda: [f"{FRIEND}:2152"], now_ns=0):
    made = Guard(familiar)
    for _ in range(PRESSED_TURNS):
        made.not_emptied(now_ns)
    assert made.active
    return made


def test_a_port_that_empties_its_socket_now_and_then_is_not_guarded():
    made = Guard(lambda: [])
    for _ in range(10 * PRESSED_TURNS):
        for _ in range(PRESSED_TURNS - 1):
            made.not_emptied(0)
        made.emptied()
    assert not made.active


def test_the_known_come_in_without_end_and_a_stranger_has_its_share():
    made = pressed()
    assert made.begin(0)
    assert all(made.admits(FRIEND, 0) for _ in range(100 * STRANGERS))
    assert sum(made.admits(FOE, 0) for _ in range(100 * STRANGERS)) == STRANGERS
    assert made.admits(FRIEND, 0)


def test_another_stranger_has_a_share_beside_a_flood_and_in_the_next_window_half_each():
    made = pressed()
    now_ns = 0
    for window in range(4):
        assert made.begin(now_ns)
        foe = sum(made.admits(FOE, now_ns) for _ in range(10_000))
        guest = sum(made.admits(GUEST, now_ns) for _ in range(10_000))
        # Who comes first has more, once.
        assert (foe, guest) == (STRANGERS if window == 0 else STRANGERS // 2, STRANGERS // 2)
        now_ns += WINDOW_NS


def test_of_any_number_of_hosts_each_has_a_little_and_what_is_kept_is_bounded():
    made = pressed()
    for window in range(3):
        assert made.begin(window * WINDOW_NS)
        hosts = [f"11.{n >> 8}.{n & 255}.1" for n in range(60_000)]
        assert sum(made.admits(host, window * WINDOW_NS) for host in hosts) == MOST_HOSTS
        assert sum(made.admits(host, window * WINDOW_NS) for host in 100 * hosts[:300]) < STRANGERS + LEAST * 300 + 3000
        assert made.admits(FRIEND, window * WINDOW_NS)
    assert made.begin(3 * WINDOW_NS)
    assert sum(made.admits(GUEST, 3 * WINDOW_NS) for _ in range(100)) == LEAST


def test_who_was_a_stranger_is_known_from_the_next_window_on():
    known = []
    made = pressed(lambda: known)
    assert made.begin(0)
    assert sum(made.admits(GUEST, 0) for _ in range(2 * STRANGERS)) == STRANGERS
    known.append(f"{GUEST}:4997")
    assert made.begin(WINDOW_NS)
    assert all(made.admits(GUEST, WINDOW_NS) for _ in range(10 * STRANGERS))


def test_a_flood_is_named_once_a_window_and_nobody_else_is():
    made = pressed()
    assert made.begin(0)
    for _ in range(STRANGERS + FLOOD + 1000):
        made.admits(FOE, 0)
    for _ in range(STRANGERS // 2 + FLOOD - 1):
        made.admits(GUEST, 0)
        made.admits(FRIEND, 0)
    assert made.floods() == [FOE]
    assert made.floods() == []


def test_it_ends_when_nothing_was_refused_for_a_while():
    made = pressed()
    assert made.begin(GUARDED_NS - 1)
    assert not made.begin(GUARDED_NS)
    assert not made.active


def test_a_part_that_cannot_tell_its_peers_from_strangers_has_no_guard():
    made = pressed(lambda: None)
    assert not made.begin(0)
    assert not made.active


class Acquainted(Toy):
    """A toy that knows some peers."""

    def __init__(self, *known):
        super().__init__()
        self.known = known

    def familiar(self, port):
        return self.known


def stranger(host):
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind((host, 0))
    return made


@pytest.mark.parametrize(("port", "function"), [("n4", "upf"), ("n3", "upf"), ("uu", "gnb")])
def test_the_known_lose_nothing_while_strangers_flood_a_socket(port, function):
    async def run():
        friend, foe, guest = (f"{NET}.85.{n}" for n in (2, 3, 4))
        notes, toy = Notes(), Acquainted(f"{friend}:1")
        host = Host(notes)
        to = (f"{NET}.85.1", 2152)
        await host.add(hosted("it", function, port, f"{to[0]}:{to[1]}", toy))
        ends = {name: stranger(name) for name in (friend, foe, guest)}
        sent = 0

        async def throw():
            # So much at first that the turns never empty the socket, and no more than the smallest buffer holds.
            nonlocal sent
            for count in (300, *(READ_AT_ONCE,) * 2 * PRESSED_TURNS):
                for _ in range(count):
                    ends[foe].sendto(b"x", to)
                sent += count
                await asyncio.sleep(0)

        for number in range(40):
            await throw()
            ends[friend].sendto(number.to_bytes(2, "big"), to)
            if number % 10 == 9:
                ends[guest].sendto(b"guest", to)
            await until(lambda n=number: came(toy, friend)[-1:] == [n.to_bytes(2, "big")])
        await until(lambda: len(came(toy, guest)) == 4)
        assert came(toy, friend) == [number.to_bytes(2, "big") for number in range(40)]
        assert len(came(toy, foe)) < sent / 4
        named = [event for _, event in notes.events if event.name == "FloodDropped"]
        assert named
        assert {event.fields["peer"] for event in named} == {foe}
        for end in ends.values():
            end.close()
        await host.stop()

    asyncio.run(run())


def came(toy, host):
    """What came from a host."""
    return [
        octets
        for packet in toy.got
        if packet.peer.rpartition(":")[0] == host
        for octets in ([packet.payload] if isinstance(packet.payload, bytes) else packet.payload)
    ]


def test_the_kernel_drops_what_a_filter_names_and_lets_all_else_pass():
    hosts = [f"{NET}.85.{n}" for n in range(10, 16)]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((f"{NET}.85.1", 0))
        server.settimeout(5)
        for blocked in (hosts[:1], hosts[:3], hosts[:5], []):
            guard.attach_dropping(server, blocked)
            for name in hosts:
                with stranger(name) as end:
                    end.sendto(name.encode(), server.getsockname())
            expected = [name.encode() for name in hosts if name not in blocked]
            assert [server.recv(100) for _ in expected] == expected
            server.setblocking(False)
            with suppress(BlockingIOError):
                raise AssertionError(server.recv(100))
            server.settimeout(5)


def test_a_host_that_was_dropped_is_heard_again_after_a_while():
    async def run():
        foe = f"{NET}.85.3"
        toy = Acquainted()
        host = Host(Notes())
        to = (f"{NET}.85.1", 2152)
        await host.add(hosted("it", "upf", "n4", f"{to[0]}:{to[1]}", toy))
        with stranger(foe) as end:
            for count in (300, *(READ_AT_ONCE,) * 4 * PRESSED_TURNS):
                for _ in range(count):
                    end.sendto(b"x", to)
                await asyncio.sleep(0)
            end.sendto(b"drop me", to)
            await asyncio.sleep(0.1)
            assert b"drop me" not in came(toy, foe)
            for _ in range(100):
                end.sendto(b"again", to)
                await asyncio.sleep(0.05)
                if b"again" in came(toy, foe):
                    break
            assert toy.got[-1] == Packet("n4", toy.got[-1].peer, b"again")
        await host.stop()

    asyncio.run(run())
