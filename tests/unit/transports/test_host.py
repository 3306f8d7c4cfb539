"""Parts on real sockets in one loop: what one sends the other gets, over each transport."""

import asyncio
import socket

import msgspec
import pytest

from awase.model.part import Packet
from awase.protocols.sbi.bhttp import encode_request, encode_response
from awase.protocols.sbi.messages import Request, Response
from awase.transports.host import Host, HostSettings, IpOverUdp, SctpOptions, TransportError
from unit.transports.toys import NET, Notes, Toy, hosted, until


@pytest.mark.parametrize("carrier", ["udp", "auto"])
def test_messages_cross_an_association_whole_and_it_goes_down_in_order(carrier):
    async def run():
        notes = Notes()
        host = Host(notes)
        echo = Toy(
            lambda p: (
                [Packet("n2", p.peer, p.payload, "data", p.association, p.stream, p.ppid)] if p.kind == "data" else ()
            )
        )
        client = Toy()
        options = SctpOptions(carrier=carrier)
        await host.add(hosted("amf", "amf", "n2", f"{NET}.71.1:38412", echo, sctp=options))
        await host.add(hosted("gnb", "gnb", "n2", f"{NET}.71.2:38412", client, sctp=options))
        client.out.append(Packet("n2", f"{NET}.71.1:38412", kind="connect"))
        host.poke("gnb")
        await until(lambda: client.got)
        up = client.got[0]
        assert (up.kind, up.peer) == ("up", f"{NET}.71.1:38412")
        sizes = [20, 1500, 20_000, 200_000]
        for stream, size in enumerate(sizes):
            client.out.append(Packet("n2", up.peer, bytes([stream]) * size, "data", up.association, stream, 60))
        host.poke("gnb")
        await until(lambda: len(client.got) == 5)
        back = sorted((p.stream, p.ppid, len(p.payload)) for p in client.got[1:])
        assert back == [(stream, 60, size) for stream, size in enumerate(sizes)]
        await host.remove("gnb")
        await until(lambda: echo.got[-1].kind == "down")
        await host.stop()
        assert notes.packets[-1].kind == "down"

    asyncio.run(run())


def test_datagrams_arrive_and_a_part_that_raises_leaves_the_others_alone():
    async def run():
        notes = Notes()
        host = Host(notes)
        smf, upf = Toy(), Toy(lambda p: 1 / 0 if p.payload == b"bad" else ())
        other = Toy()
        await host.add(hosted("smf", "smf", "n4", f"{NET}.72.1:8805", smf))
        await host.add(hosted("upf", "upf", "n4", f"{NET}.72.2:8805", upf))
        await host.add(hosted("upf2", "upf", "n4", f"{NET}.72.3:8805", other))
        for payload in (b"good", b"bad"):
            smf.out.append(Packet("n4", f"{NET}.72.2:8805", payload))
            smf.out.append(Packet("n4", f"{NET}.72.3:8805", payload))
        host.poke("smf")
        await until(lambda: len(other.got) == 2 and notes.events)
        assert [(part, event.name) for part, event in notes.events] == [("upf", "PartFailed")]
        assert host.names() == ["smf", "upf2"]
        await host.stop()

    asyncio.run(run())


@pytest.mark.parametrize("together", [True, False], ids=["handed over", "over HTTP/2"])
@pytest.mark.parametrize("size", [0, 100, 1_000_000])
def test_a_request_is_answered(together, size):
    async def run():
        answer = encode_response(Response(200, (("content-type", "application/json"),), b"x" * size))
        server = Toy(lambda p: [Packet("sbi", p.peer, answer, "response", exchange=p.exchange)])
        client = Toy()
        first = Host(Notes())
        second = first if together else Host(Notes())
        await first.add(hosted("udm", "udm", "sbi", f"{NET}.73.1:8080", server))
        await second.add(hosted("amf", "amf", "sbi", f"{NET}.73.2:8080", client))
        request = Request("POST", "/a/v1/b?c=d", (("accept", "*/*"),), b"y" * size, f"{NET}.73.1:8080")
        for exchange in range(1, 21):
            client.out.append(Packet("sbi", f"{NET}.73.1:8080", encode_request(request), "request", exchange=exchange))
        second.poke("amf")
        await until(lambda: len(client.got) == 20)
        assert sorted(p.exchange for p in client.got) == list(range(1, 21))
        assert {p.kind for p in client.got} == {"response"}
        assert len({p.payload for p in server.got}) == 1
        assert all(len(p.payload) >= size for p in client.got)
        await second.stop()
        await first.stop()

    asyncio.run(run())


def test_nobody_there_is_an_abort():
    async def run():
        client = Toy()
        host = Host(Notes())
        await host.add(hosted("amf", "amf", "sbi", f"{NET}.74.2:8080", client))
        request = encode_request(Request("GET", "/a/v1", (), b"", f"{NET}.74.1:8080"))
        client.out.append(Packet("sbi", f"{NET}.74.1:8080", request, "request", exchange=7))
        host.poke("amf")
        await until(lambda: client.got)
        assert (client.got[0].kind, client.got[0].exchange) == ("abort", 7)
        await host.stop()

    asyncio.run(run())


def test_a_part_that_has_failed_leaves_its_addresses_and_its_store_to_the_next(tmp_path):
    async def run():
        notes = Notes()
        host = Host(notes)
        udm = Toy()
        await host.add(hosted("udm", "udm", "sbi", f"{NET}.75.1:8080", udm))
        for life in range(3):
            udr = Toy(lambda p: 1 / 0)
            part = hosted("udr", "udr", "sbi", f"{NET}.75.2:8080", udr, store=tmp_path / "udr.sqlite")
            await host.add(part)
            request = encode_request(Request("GET", "/a/v1", (), b"", f"{NET}.75.2:8080"))
            udm.out.append(Packet("sbi", f"{NET}.75.2:8080", request, "request", exchange=life))
            host.poke("udm")
            await until(lambda life=life: len(udm.got) == life + 1)
            assert (udm.got[-1].kind, udm.got[-1].exchange) == ("abort", life)
            assert host.names() == ["udm"]
            assert host.figures()["udr"].failed
        assert [event.name for _, event in notes.events] == ["PartFailed"] * 3
        await host.remove("udr")
        assert list(host.figures()) == ["udm"]
        await host.stop()

    asyncio.run(run())


def test_a_part_that_is_killed_can_be_added_again_at_once():
    async def run():
        host = Host(Notes())
        for _ in range(3):
            await host.add(hosted("udr", "udr", "sbi", f"{NET}.75.3:8080", Toy()))
            host.kill("udr")
            assert host.names() == []
        await host.stop()

    asyncio.run(run())


def test_two_parts_of_one_name_and_two_at_one_address_are_refused(tmp_path):
    async def run():
        host = Host(Notes())
        await host.add(hosted("udr", "udr", "sbi", f"{NET}.75.4:8080", Toy(), store=tmp_path / "a.sqlite"))
        with pytest.raises(ValueError, match="udr is hosted already"):
            await host.add(hosted("udr", "udr", "sbi", f"{NET}.75.5:8080", Toy()))
        with pytest.raises(TransportError, match=r"udr2, port sbi, 127\.\d+\.75\.4:8080: HTTP cannot be served: .*"):
            await host.add(hosted("udr2", "udr", "sbi", f"{NET}.75.4:8080", Toy()))
        with pytest.raises(TransportError, match=r"udr3: the store .* another process has it open"):
            await host.add(hosted("udr3", "udr", "sbi", f"{NET}.75.6:8080", Toy(), store=tmp_path / "a.sqlite"))
        assert host.names() == ["udr"]
        await host.stop()

    asyncio.run(run())


class Leaving(Toy):
    """Says goodbye on its port, and has done so when the peer has answered."""

    def __init__(self, peer):
        super().__init__()
        self.peer, self.calls, self.wake_ns = peer, [], None

    def wake(self, now_ns):
        self.calls.append("wake")

    def receive(self, packet, now_ns):
        self.calls.append(packet.payload)
        self.wake_ns = None

    def stop(self, now_ns):
        self.calls.append("stop")
        self.wake_ns = now_ns + 10**12
        self.out.append(Packet("n4", self.peer, b"goodbye"))

    def wake_at_ns(self):
        return self.wake_ns


@pytest.mark.parametrize("answered", [True, False])
def test_a_part_says_goodbye_and_waits_for_the_answer_but_not_for_ever(answered):
    async def run():
        notes = Notes()
        host = Host(notes, HostSettings(stop_limit_s=0.4))
        upf = Toy(lambda p: [Packet("n4", p.peer, b"farewell")] if answered else ())
        smf = Leaving(f"{NET}.76.2:8805")
        await host.add(hosted("smf", "smf", "n4", f"{NET}.76.1:8805", smf))
        await host.add(hosted("upf", "upf", "n4", f"{NET}.76.2:8805", upf))
        begin = asyncio.get_running_loop().time()
        await host.remove("smf")
        assert asyncio.get_running_loop().time() - begin >= (0 if answered else 0.2)
        assert smf.calls == ["wake", "stop"] + ([b"farewell"] if answered else [])
        assert [p.payload for p in upf.got] == [b"goodbye"]
        await host.stop()

    asyncio.run(run())


def test_what_comes_while_ports_are_opened_follows_the_first_wake():
    async def run():
        host = Host(Notes())
        smf = Toy()
        calls = []
        smf.wake = lambda now_ns: calls.append("wake")
        smf.answer = lambda p: calls.append(p.payload) or ()
        addresses = {"n4": f"{NET}.76.3:8805", "sbi": f"{NET}.76.3:8080"}
        part = msgspec.structs.replace(hosted("smf", "smf", "n4", "", smf), ports=("n4", "sbi"), addresses=addresses)
        early = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        opening = asyncio.ensure_future(host.add(part))
        for _ in range(20):
            early.sendto(b"early", (f"{NET}.76.3", 8805))
            await asyncio.sleep(0)
        await opening
        await until(lambda: b"early" in calls)
        assert calls[0] == "wake"
        assert calls.count("wake") == 1
        early.close()
        await host.stop()

    asyncio.run(run())


def two_networks(notes, upf, networks, ip_over_udp):
    """A UPF and its data networks: in one host with the UPF, or each in another with IP packets over UDP."""
    names = list(networks)
    ports = {name: f"{NET}.77.{number}:2153" for number, name in enumerate(names, 2)}
    host = Host(notes)
    far = Host(notes) if ip_over_udp else host
    over = IpOverUdp(own=f"{NET}.77.1:2153", peers=tuple(ports.values()), names=tuple(names))
    parts = [(host, hosted("upf", "upf", "n6", "", upf, ip_over_udp={"n6": over} if ip_over_udp else {}))]
    for name, toy in networks.items():
        back = IpOverUdp(own=ports[name], peers=(over.own,), names=("upf",))
        parts.append(
            (far, hosted(name, "data_network", "n6", "", toy, ip_over_udp={"n6": back} if ip_over_udp else {}))
        )
    return host, far, parts


def ipv4(source, destination):
    return bytes((0x45, 0, 0, 20)) + bytes(8) + bytes((10, 0, 0, source, 10, 0, 0, destination))


@pytest.mark.parametrize("ip_over_udp", [False, True], ids=["handed over", "over UDP"])
def test_ip_packets_go_to_the_data_network_that_is_named_or_where_the_address_was_seen(ip_over_udp):
    async def run():
        notes = Notes()
        upf, networks = Toy(), {"dn1": Toy(), "dn2": Toy()}
        host, far, parts = two_networks(notes, upf, networks, ip_over_udp)
        for there, part in parts:
            await there.add(part)
        upf.out.append(Packet("n6", "dn2", ipv4(1, 2)))
        upf.out.append(Packet("n6", "dn1", [ipv4(1, 3), ipv4(1, 4)]))
        host.poke("upf")
        await until(lambda: networks["dn2"].got and sum(count(p) for p in networks["dn1"].got) == 2)
        assert networks["dn2"].got[0].payload == ipv4(1, 2)
        assert networks["dn2"].got[0].peer == "upf"
        networks["dn2"].out.append(Packet("n6", "", ipv4(9, 1)))
        far.poke("dn2")
        await until(lambda: upf.got)
        assert (upf.got[0].peer, upf.got[0].payload) == ("dn2", ipv4(9, 1))
        upf.out.append(Packet("n6", "", ipv4(1, 9)))
        host.poke("upf")
        await until(lambda: len(networks["dn2"].got) == 2)
        assert host.figures()["upf"].packets_out == 4
        assert host.figures()["upf"].octets_out == 80
        assert host.figures()["upf"].packets_in == 1
        await host.stop()
        await far.stop()

    asyncio.run(run())


def count(packet):
    return 1 if isinstance(packet.payload, bytes) else len(packet.payload)


def test_the_tap_shows_each_packet_once_at_each_end_and_none_of_those_left_out():
    async def run():
        notes = Notes()
        host = Host(notes)
        smf, upf = Toy(), Toy(lambda p: [Packet("n4", p.peer, b"answer")])
        await host.add(hosted("smf", "smf", "n4", f"{NET}.78.1:8805", smf))
        hidden = {"n4": frozenset((f"{NET}.78.1",))}
        await host.add(hosted("upf", "upf", "n4", f"{NET}.78.2:8805", upf, untapped=hidden))
        smf.out.append(Packet("n4", f"{NET}.78.2:8805", b"question"))
        host.poke("smf")
        await until(lambda: smf.got)
        seen = [(r.part, r.outgoing, r.local, r.peer, r.kind, r.payload) for r in notes.packets]
        assert seen == [
            ("smf", True, f"{NET}.78.1:8805", f"{NET}.78.2:8805", "data", b"question"),
            ("smf", False, f"{NET}.78.1:8805", f"{NET}.78.2:8805", "data", b"answer"),
        ]
        assert notes.packets[0].time_ns <= notes.packets[1].time_ns
        figures = host.figures()
        assert (figures["smf"].packets_out, figures["smf"].octets_out) == (1, 8)
        assert (figures["upf"].packets_in, figures["upf"].octets_out) == (1, 6)
        await host.stop()

    asyncio.run(run())


def test_a_part_that_asks_for_the_past_for_ever_has_failed_and_does_not_starve_the_others():
    async def run():
        notes = Notes()
        host = Host(notes)
        stuck = Toy()
        stuck.wake_at_ns = lambda: 1
        other = Toy()
        await host.add(hosted("smf", "smf", "n4", f"{NET}.78.3:8805", other))
        await host.add(hosted("upf", "upf", "n4", f"{NET}.78.4:8805", stuck))
        await until(lambda: notes.events, 60)
        assert "again and again for a time that has passed" in notes.events[0][1].text
        assert host.names() == ["smf"]
        await host.stop()

    asyncio.run(run())
