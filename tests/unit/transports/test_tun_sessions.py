"""A UE's port app on TUN devices: one for each session, with its addresses, its table and its rule.

Where no TUN device can be made (no root), the part is told so, and an event says it.
"""

import asyncio
import os
import socket
from contextlib import suppress
from ipaddress import ip_network
from pathlib import Path

import pytest

from awase.model import ip_session
from awase.model.ip_session import IpSession
from awase.model.part import Packet
from awase.transports import netlink, probe
from awase.transports.host import Host, SessionTuns
from awase.transports.netlink import SourceRule
from awase.transports.tun_sessions import FIRST_TABLE, device_name, sweep
from unit.transports.toys import WORKER, Notes, Toy, hosted, until

ROOT = probe.tun().there
BASE = 141 + 2 * WORKER
NAME = f"awu{os.getpid() % 10**7}"
ADDRESS, FAR = f"10.{BASE}.0.2", f"10.{BASE}.9.9"
OFFER = IpSession(addresses=(f"{ADDRESS}/32",), mtu_bytes=1280)


def up(session="1", offer=OFFER):
    return Packet("app", session, ip_session.encode(offer), "up")


def devices():
    return [name for _, name in socket.if_nameindex()]


def rules_of(address):
    return [rule for rule in netlink.our_rules() if str(rule.source.network_address) == address]


NAMED = SessionTuns(name=NAME)


def run(act, options=NAMED):
    """`act(host, toy, notes)` with a UE that has a port app."""

    async def whole():
        toy, notes = Toy(lambda packet: []), Notes()
        host = Host(notes)
        await host.add(hosted("ue1", "ue", "app", "", toy, tuns={"app": options}))
        try:
            await act(host, toy, notes)
        finally:
            await host.stop()

    asyncio.run(whole())


def hand_out(host, toy, *packets):
    toy.out += packets
    host.poke("ue1")


async def refused(host, toy, notes, why):
    hand_out(host, toy, up())
    await until(lambda: toy.got)
    assert [packet.kind for packet in toy.got] == ["down"]
    ((_, event),) = notes.events
    assert (event.name, event.level) == ("TunUnavailable", "warning")
    assert why in event.text
    assert "the built-in traffic serves" in event.text


def test_a_session_is_a_device_until_it_goes():
    async def act(host, toy, notes):
        if not ROOT:
            await refused(host, toy, notes, "it takes root")
            return
        loop = asyncio.get_running_loop()
        hand_out(host, toy, up())
        await until(lambda: toy.got)
        assert (toy.got[0].kind, toy.got[0].peer) == ("up", "1")
        assert Path(f"/sys/class/net/{NAME}-1/mtu").read_text().strip() == "1280"
        (rule,) = rules_of(ADDRESS)
        assert rule == SourceRule(ip_network(f"{ADDRESS}/32"), FIRST_TABLE + socket.if_nametoindex(f"{NAME}-1"))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as program:
            program.setblocking(False)
            program.bind((ADDRESS, 0))
            program.sendto(b"hello", (FAR, 5000))
            await until(lambda: len(toy.got) > 1)
            sent = toy.got[1].payload
            assert (sent[12:16], sent[16:20], sent[28:]) == (socket.inet_aton(ADDRESS), socket.inet_aton(FAR), b"hello")
            back = sent[:12] + sent[16:20] + sent[12:16] + sent[22:24] + sent[20:22] + sent[24:]
            hand_out(host, toy, Packet("app", "1", back), Packet("app", "7", back), Packet("app", "1", [b"", b"x"]))
            assert (await asyncio.wait_for(loop.sock_recvfrom(program, 100), 5))[0] == b"hello"
        hand_out(host, toy, Packet("app", "1", kind="down"))
        await until(lambda: f"{NAME}-1" not in devices())
        assert rules_of(ADDRESS) == []
        assert [event.name for _, event in notes.events] == ["TunUp"]

    run(act)
    assert f"{NAME}-1" not in devices()


def test_several_sessions_have_a_device_each_and_all_go_at_the_end():
    async def act(host, toy, notes):
        if not ROOT:
            await refused(host, toy, notes, "it takes root")
            return
        other = IpSession(addresses=(f"10.{BASE}.1.2/32",))
        hand_out(host, toy, up(), up("2", other), up("2", other))
        await until(lambda: len(toy.got) == 3)
        assert {f"{NAME}-1", f"{NAME}-2"} <= set(devices())
        assert [packet.kind for packet in toy.got] == ["up"] * 3

    run(act)
    assert not {f"{NAME}-1", f"{NAME}-2"} & set(devices())
    if ROOT:
        assert rules_of(ADDRESS) == []


def test_what_is_no_offer_is_refused_and_leaves_nothing():
    async def act(host, toy, _notes):
        bad = (b"", b"{}", b'{"addresses": ["x"]}', b'{"addresses": [7]}', b"\xff")
        hand_out(host, toy, *(Packet("app", str(n), octets, "up") for n, octets in enumerate(bad)))
        await until(lambda: len(toy.got) == len(bad))
        assert {packet.kind for packet in toy.got} == {"down"}
        assert not any(name.startswith(f"{NAME}-") for name in devices())

    run(act)


def test_a_namespace_that_is_not_there_is_told():
    async def act(host, toy, notes):
        await refused(host, toy, notes, "there is no network namespace nowhere (ip netns add nowhere)")

    run(act, SessionTuns(name=NAME, namespace="nowhere"))


def test_a_name_that_another_device_has_is_replaced_unless_the_file_gave_it():
    async def act(host, toy, notes):
        if not ROOT:
            await refused(host, toy, notes, "it takes root")
            return
        from awase.transports.tun import open_tun

        descriptor, _ = open_tun("awase-ue1-9")
        try:
            hand_out(host, toy, up("9"))
            await until(lambda: toy.got)
            assert toy.got[0].kind == "up"
            assert "is TUN device awase" in notes.events[0][1].text
            assert "awase-ue1-9" not in notes.events[0][1].text
        finally:
            os.close(descriptor)

    run(act, SessionTuns())


def test_rules_of_devices_that_are_gone_are_swept_and_others_are_not():
    if not ROOT:
        with suppress(OSError):
            sweep()
        return
    gone = SourceRule(ip_network(f"10.{BASE}.7.7/32"), FIRST_TABLE + 900_000_000)
    of_lo = SourceRule(ip_network(f"10.{BASE}.7.8/32"), FIRST_TABLE + socket.if_nametoindex("lo"))
    gone6 = SourceRule(ip_network(f"fd00:{BASE}::/64"), FIRST_TABLE + 900_000_000)
    for rule in (gone, of_lo, gone6, gone):
        netlink.add_rule(rule)
    try:
        assert {gone, of_lo, gone6} <= set(netlink.our_rules())
        sweep()
        assert set(netlink.our_rules()) & {gone, of_lo, gone6} == {of_lo}
    finally:
        for rule in (gone, of_lo, gone6):
            netlink.delete_rule(rule)


@pytest.mark.parametrize(
    ("options", "part", "name"),
    [
        (SessionTuns(), "ue1", "awase-ue1-1"),
        (SessionTuns(), "ue-number-12", "ue-number-12-1"),
        (SessionTuns(name="phone"), "ue1", "phone-1"),
    ],
)
def test_a_device_is_called_after_its_ue_and_session(options, part, name):
    assert device_name(options, part, "1") == name


def test_long_names_are_cut_and_stay_apart():
    names = {device_name(SessionTuns(), f"a-very-long-name-of-a-ue-{n}", str(s)) for n in range(50) for s in (1, 15)}
    assert len(names) == 100
    assert all(len(name.encode()) <= 15 for name in names)
