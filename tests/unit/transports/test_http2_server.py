"""Our HTTP/2 server beside peers that are odd, slow, or mean harm: it answers the others, and bounds what it holds."""

import asyncio
import gc
import resource
import socket
import struct
from collections import deque
from contextlib import suppress

import pytest
from h2 import events
from h2.errors import ErrorCodes
from hyperframe.frame import ContinuationFrame, DataFrame, HeadersFrame, PingFrame, SettingsFrame, WindowUpdateFrame

from awase.model.part import Packet
from awase.protocols.sbi.bhttp import decode_request, encode_request, encode_response
from awase.protocols.sbi.messages import Request, Response
from awase.transports import http2, http2_connection, http2_limits
from awase.transports.host import Host
from awase.transports.http2_library import DrainingH2
from unit.transports.http2_peer import GET, POST, Peer
from unit.transports.toys import NET, Notes, Toy, hosted, until

SERVER = f"{NET}.82.1:8080"
CLIENT = f"{NET}.82.2:8080"
LONG = 50_000
"""Frames of a flood: enough for any machine to see so many in a second."""
ANSWER = encode_response(Response(200, (("content-type", "text/plain"),), b"here"))


def answered(packet):
    if packet.kind != "request":
        return ()
    return [Packet("sbi", packet.peer, ANSWER, "response", exchange=packet.exchange)]


class Served:
    """A part that serves, and another host's part that asks it, to see that others are unaffected."""

    def __init__(self):
        self.toy, self.client, self.asked = Toy(answered), Toy(), 0
        self.notes = Notes()
        self.host, self.other = Host(self.notes), Host(Notes())

    async def __aenter__(self):
        await self.host.add(hosted("udm", "udm", "sbi", SERVER, self.toy))
        await self.other.add(hosted("amf", "amf", "sbi", CLIENT, self.client))
        await self.still_answers()
        return self

    async def __aexit__(self, *_):
        await self.other.stop(limit_s=0.5)
        await self.host.stop(limit_s=0.5)
        assert not self.host.names()

    def transport(self):
        return self.host._seats["udm"].transports["sbi"]

    def connections(self):
        return self.host.figures()["udm"].connections

    async def still_answers(self):
        self.asked += 1
        request = encode_request(Request("GET", "/b/v1", (), b"", SERVER))
        self.client.out.append(Packet("sbi", SERVER, request, "request", exchange=self.asked))
        self.other.poke("amf")
        await until(lambda: self.client.got and self.client.got[-1].exchange == self.asked, 20)
        assert self.client.got[-1].kind == "response"


def serving(act):
    async def run():
        async with Served() as served:
            await act(served)

    asyncio.run(run())


async def closed(peer, seconds=10):
    await until(lambda: peer.ended, seconds)


def test_a_request_is_mapped_and_its_trailers_are_dropped():
    async def act(served):
        peer = await Peer.connect(SERVER)
        peer.h2.send_headers(1, [*POST, ("content-type", "text/plain"), ("cookie", "a=b")])
        peer.h2.send_data(1, b"one")
        peer.h2.send_data(1, b"two")
        peer.h2.send_headers(1, [("x-trailer", "t")], end_stream=True)
        peer.write()
        await until(lambda: peer.of(events.StreamEnded))
        request = decode_request(served.toy.got[-1].payload)
        assert (request.method, request.path, request.authority, request.body) == ("POST", "/a/v1", "here", b"onetwo")
        assert request.headers == (("content-type", "text/plain"), ("cookie", "a=b"))
        assert dict(peer.of(events.ResponseReceived)[0].headers)[":status"] == "200"
        assert peer.body(1) == b"here"
        await peer.close()

    serving(act)


def test_a_part_that_aborts_resets_the_stream_and_one_whose_stream_is_reset_is_not_heard():
    async def act(served):
        served.toy.answer = lambda p: [Packet("sbi", p.peer, kind="abort", exchange=p.exchange)]
        peer = await Peer.connect(SERVER)
        peer.h2.send_headers(1, GET, end_stream=True)
        peer.write()
        await until(lambda: peer.of(events.StreamReset))
        held = []
        served.toy.answer = lambda p: held.append(p) or ()
        peer.h2.send_headers(3, GET, end_stream=True)
        peer.write()
        await until(lambda: held)
        peer.h2.reset_stream(3)
        peer.h2.ping(b"12345678")
        peer.write()
        await until(lambda: peer.of(events.PingAckReceived))
        served.toy.out += answered(held[0])
        host = served.host
        host.poke("udm")
        served.toy.answer = answered
        peer.h2.send_headers(5, GET, end_stream=True)
        peer.write()
        await until(lambda: peer.of(events.StreamEnded))
        assert [event.stream_id for event in peer.of(events.ResponseReceived)] == [5]
        await peer.close()

    serving(act)


def test_a_goaway_of_the_client_does_not_keep_it_from_its_answer():
    async def act(served):
        held = []
        served.toy.answer = lambda p: held.append(p) or ()
        peer = await Peer.connect(SERVER)
        peer.h2.send_headers(1, GET, end_stream=True)
        peer.write(struct.pack("!BHBBIII", 0, 8, 7, 0, 0, 0, 0) + PingFrame(0, b"12345678").serialize())
        await until(lambda: held and peer.of(events.PingAckReceived))
        served.toy.out += answered(held[0])
        served.host.poke("udm")
        await closed(peer)
        assert peer.body(1) == b"here"
        await peer.close()

    serving(act)


def test_an_orderly_stop_answers_what_was_asked_and_refuses_what_comes_late():
    async def act(served):
        held = []
        served.toy.answer = lambda p: held.append(p) or ()
        peer = await Peer.connect(SERVER)
        peer.h2.send_headers(1, GET, end_stream=True)
        peer.write()
        await until(lambda: held)
        frame = peer.h2.encoder.encode([(name.encode(), value.encode()) for name, value in GET])
        leaving = asyncio.ensure_future(served.host.remove("udm"))
        await until(lambda: b"\x00\x00\x08\x07\x00\x00\x00\x00\x00\x00\x00\x00\x01" in peer.raw)
        late = HeadersFrame(3, frame, flags=["END_HEADERS", "END_STREAM"])
        peer.writer.write(late.serialize())
        await until(lambda: b"\x00\x00\x04\x03\x00\x00\x00\x00\x03\x00\x00\x00\x07" in peer.raw)
        assert len(held) == 1
        served.toy.out += answered(held[0])
        served.host.poke("udm")
        await leaving
        assert b"here" in peer.raw
        await peer.close()

    serving(act)


def test_a_megabyte_goes_both_ways_past_narrow_windows():
    async def act(served):
        large = encode_response(Response(200, (), b"r" * 1_000_000))
        served.toy.answer = lambda p: [Packet("sbi", p.peer, large, "response", exchange=p.exchange)]
        peer = await Peer.connect(SERVER, INITIAL_WINDOW_SIZE=1000, MAX_FRAME_SIZE=16384)
        peer.h2.send_headers(1, POST)
        sent = 0
        while sent < 1_000_000:
            size = min(peer.h2.local_flow_control_window(1), 16_384, 1_000_000 - sent)
            if size:
                peer.h2.send_data(1, b"q" * size, end_stream=sent + size == 1_000_000)
                sent += size
                peer.write()
            await asyncio.sleep(0)
        await until(lambda: peer.of(events.StreamEnded), 30)
        assert decode_request(served.toy.got[-1].payload).body == b"q" * 1_000_000
        assert peer.body(1) == b"r" * 1_000_000
        await peer.close()

    serving(act)


def rapid_reset(peer):
    for stream in range(1, 2 * LONG, 2):
        peer.h2.send_headers(stream, GET, end_stream=True)
        peer.h2.reset_stream(stream)
        yield peer.h2.data_to_send()


def settings(_peer):
    for _ in range(LONG):
        yield SettingsFrame(0, {3: 100}).serialize()


def pings(_peer):
    for _ in range(LONG):
        yield PingFrame(0, b"12345678").serialize()


def empty_data(peer):
    peer.h2.send_headers(1, POST)
    yield peer.h2.data_to_send()
    for _ in range(LONG):
        yield DataFrame(1, b"").serialize()


def window_updates(_peer):
    for _ in range(4 * LONG):
        yield WindowUpdateFrame(0, 1).serialize()


def continuations(peer):
    block = peer.h2.encoder.encode([(n.encode(), v.encode()) for n, v in GET])
    yield HeadersFrame(1, block).serialize()
    for _ in range(LONG):
        yield ContinuationFrame(1, b"").serialize()


def large_fields(peer):
    block = peer.h2.encoder.encode([*((n.encode(), v.encode()) for n, v in GET), (b"x", b"y" * 100_000)])
    for at in range(0, len(block), 16_000):
        kind = HeadersFrame if at == 0 else ContinuationFrame
        yield kind(1, block[at : at + 16_000], flags=["END_HEADERS"] if at + 16_000 >= len(block) else []).serialize()


def field_bomb(peer):
    """One field of 4,000 octets, indexed again and again."""
    fields = [(n.encode(), v.encode()) for n, v in GET]
    block = peer.h2.encoder.encode([*fields, (b"x", b"y" * 4000)]) + b"\xbe" * 10_000
    yield HeadersFrame(1, block, flags=["END_HEADERS", "END_STREAM"]).serialize()


def rubbish(_peer):
    yield b"\x00\x00\x05\x01\x05\x00\x00\x00\x01\xff\xff\xff\xff\xff" + b"\xff" * 500


@pytest.mark.parametrize(
    "flood",
    [rapid_reset, settings, pings, empty_data, window_updates, continuations, large_fields, field_bomb, rubbish],
    ids=lambda flood: flood.__name__,
)
def test_a_flood_ends_its_own_connection_and_no_other(flood):
    async def act(served):
        peer = await Peer.connect(SERVER)
        before = len(served.toy.got)
        for number, octets in enumerate(flood(peer)):
            if peer.ended or peer.writer.is_closing():
                break
            peer.writer.write(octets)
            if number % 100 == 0:
                with suppress(ConnectionError):
                    await peer.writer.drain()
                await asyncio.sleep(0)
        await closed(peer)
        assert len(served.toy.got) - before < LONG // 2
        await served.still_answers()
        said = [event.text for _, event in served.notes.events if event.name == "PeerMisbehaved"]
        assert [text.startswith(f"udm: the connection of {NET[:3]}") for text in said] == [True]
        await peer.close()

    serving(act)


@pytest.mark.parametrize("octets", [b"\x16\x03\x01" + b"\0" * 100, b"\0" * 24, b"PRI * HTTP/1.9\r\n\r\nSM\r\n\r\n"])
def test_what_is_no_http_2_is_sent_away(octets):
    async def act(served):
        reader, writer = await asyncio.open_connection(*SERVER.split(":"))
        writer.write(octets)
        said = await asyncio.wait_for(reader.read(), 5)
        assert said.startswith(b"HTTP/1.1 505") or said == b""
        writer.close()
        await served.still_answers()

    serving(act)


def test_a_body_that_is_too_large_resets_its_stream_only(monkeypatch):
    monkeypatch.setattr(http2_connection, "MAX_BODY_BYTES", 100_000)

    async def act(served):
        peer = await Peer.connect(SERVER)
        await until(lambda: peer.of(events.RemoteSettingsChanged) and peer.of(events.WindowUpdated))
        peer.h2.send_headers(1, POST)
        for _ in range(7):
            peer.h2.send_data(1, bytes(16_000))
        peer.write()
        await until(lambda: peer.of(events.StreamReset))
        assert peer.of(events.StreamReset)[0].error_code == ErrorCodes.ENHANCE_YOUR_CALM
        peer.h2.send_headers(3, GET, end_stream=True)
        peer.write()
        await until(lambda: peer.body(3) == b"here")
        await peer.close()
        assert served.transport()._server.held == 0

    serving(act)


def test_all_half_requests_together_are_bounded(monkeypatch):
    monkeypatch.setattr(http2_connection, "MAX_PORT_BYTES", 200_000)

    async def act(served):
        peers = [await Peer.connect(SERVER) for _ in range(20)]
        for peer in peers:
            peer.h2.send_headers(1, POST)
            peer.h2.send_data(1, bytes(16_000))
            peer.write()
        await until(lambda: sum(bool(peer.of(events.StreamReset)) for peer in peers) >= 8)
        assert served.transport()._server.held <= 200_000
        await served.still_answers()
        for peer in peers:
            await peer.close()
        await until(lambda: served.transport()._server.held == 0)

    serving(act)


def test_a_reader_that_does_not_read_is_given_up_and_others_are_served(monkeypatch):
    monkeypatch.setattr(http2_connection, "STREAM_S", 1.0)

    async def act(served):
        large = encode_response(Response(200, (), b"r" * 1_000_000))
        served.toy.answer = lambda p: [Packet("sbi", p.peer, large, "response", exchange=p.exchange)]
        peer = await Peer.connect(SERVER, INITIAL_WINDOW_SIZE=0)
        for stream in range(1, 80, 2):
            peer.h2.send_headers(stream, GET, end_stream=True)
        peer.write()
        await until(lambda: peer.of(events.StreamReset))
        assert served.transport()._server.held <= http2_limits.MAX_HELD_BYTES + 1_000_000
        await until(lambda: len(peer.of(events.StreamReset)) == 40)
        assert served.transport()._server.held == 0
        await served.still_answers()
        await peer.close()

    serving(act)


def test_who_says_nothing_or_half_a_preface_is_closed(monkeypatch):
    monkeypatch.setattr(http2_connection, "PREFACE_S", 0.5)

    async def act(served):
        ends = [await asyncio.open_connection(*SERVER.split(":")) for _ in range(3)]
        ends[1][1].write(b"PRI * HT")

        async def drip():
            for octet in b"PRI * HTTP/2.0\r\n":
                ends[2][1].write(bytes((octet,)))
                await asyncio.sleep(0.3)

        dripping = asyncio.ensure_future(drip())
        for reader, writer in ends:
            assert await asyncio.wait_for(reader.read(), 5) == b""
            writer.close()
        dripping.cancel()
        await served.still_answers()

    serving(act)


def test_an_idle_connection_is_left_with_goaway(monkeypatch):
    monkeypatch.setattr(http2_connection, "IDLE_S", 0.5)

    async def act(served):
        peer = await Peer.connect(SERVER)
        await closed(peer)
        assert peer.of(events.ConnectionTerminated)[0].error_code == ErrorCodes.NO_ERROR
        await peer.close()

    serving(act)


def test_ten_thousand_connections_are_bounded_leave_nothing_behind_and_do_not_shut_out_others():
    async def act(served):
        loop, held = asyncio.get_running_loop(), deque()
        host, _, number = SERVER.partition(":")
        for at in range(10_000):
            end = socket.socket()
            # Reset at its end, from many addresses: else ephemeral ports run out, which wait a minute for each other.
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("=ii", 1, 0))
            end.bind((f"{NET}.83.{at % 16 + 1}", 0))
            end.setblocking(False)
            await loop.sock_connect(end, (host, int(number)))
            with suppress(ConnectionError):
                end.send(b"PRI * HTTP/2.0"[: at % 15])
            held.append(end)
            if len(held) > 1000:
                held.popleft().close()
            if at % 2000 == 1999:
                await served.still_answers()
                assert served.connections() <= http2.MAX_CONNECTIONS
        assert sum(isinstance(thing, DrainingH2) for thing in gc.get_objects()) <= http2.MAX_CONNECTIONS + 10
        refused = [event for _, event in served.notes.events if event.name == "ConnectionsRefused"]
        assert 0 < len(refused) < 1000
        assert all(NET in event.text for event in refused)
        assert any("more of these" in event.text for event in refused)
        for end in held:
            end.close()
        await until(lambda: served.connections() <= 1)

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    gc.disable()
    try:
        serving(act)
    finally:
        gc.enable()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_half_requests_make_room_for_whole_ones(monkeypatch):
    monkeypatch.setattr(http2, "MAX_CONNECTIONS", 10)

    async def act(served):
        peers = []
        for _ in range(30):
            peer = await Peer.connect(SERVER)
            peer.h2.send_headers(1, POST)
            peer.h2.send_data(1, b"half")
            peer.write()
            peers.append(peer)
        await until(lambda: sum(peer.ended for peer in peers) >= 20)
        await served.still_answers()
        assert served.connections() <= 10
        for peer in peers:
            await peer.close()

    serving(act)


async def answered_at(host, to=SERVER):
    """Ask once from a host of its own, and stay; the peer, or None where it was not answered."""
    peer = await connected(host, to)
    peer.h2.send_headers(1, GET, end_stream=True)
    peer.write()
    await until(lambda: peer.ended or peer.of(events.StreamEnded))
    return None if peer.ended else peer


async def connected(host, to=SERVER):
    name, _, port = to.partition(":")
    return Peer(*await asyncio.open_connection(name, int(port), local_addr=(host, 0)), True)


def test_one_host_cannot_take_all_connections_not_even_with_requests_that_wait(monkeypatch):
    monkeypatch.setattr(http2, "MAX_CONNECTIONS", 12)
    monkeypatch.setattr(http2, "MAX_CONNECTIONS_PER_HOST", 8)

    async def act(served):
        friend = await answered_at(f"{NET}.82.3")
        served.toy.answer = lambda packet: ()
        foes = []
        for _ in range(30):
            foe = await connected(f"{NET}.82.66")
            foe.h2.send_headers(1, GET, end_stream=True)
            foe.write()
            foes.append(foe)
            await asyncio.sleep(0.005)
        await until(lambda: sum(not foe.ended for foe in foes) <= 8)
        assert served.connections() <= 12
        assert not friend.ended
        served.toy.answer = answered
        # There is room for others, and for what is asked on a connection that was idle all the time.
        friend.h2.send_headers(3, GET, end_stream=True)
        friend.write()
        await until(lambda: len(friend.of(events.StreamEnded)) == 2)
        await served.still_answers()
        for peer in (friend, *foes):
            await peer.close()

    serving(act)


def test_hosts_with_many_connections_make_room_for_those_with_few(monkeypatch):
    monkeypatch.setattr(http2, "MAX_CONNECTIONS", 12)

    async def act(served):
        foes = []
        silent_to = (f"{NET}.82.66:", f"{NET}.82.67:")
        served.toy.answer = lambda packet: () if packet.peer.startswith(silent_to) else answered(packet)
        for n in range(24):
            foe = await connected(f"{NET}.82.{66 + n % 2}")
            foe.h2.send_headers(1, GET, end_stream=True)
            foe.write()
            foes.append(foe)
            await asyncio.sleep(0.005)
        friends = [await answered_at(f"{NET}.82.{n}") for n in range(3, 7)]
        assert None not in friends
        assert not any(friend.ended for friend in friends)
        assert served.connections() <= 12
        for peer in (*friends, *foes):
            await peer.close()

    serving(act)


def test_more_requests_than_the_part_may_have_are_refused(monkeypatch):
    monkeypatch.setattr(http2, "MAX_ASKED", 5)

    async def act(served):
        held = []
        served.toy.answer = lambda p: held.append(p) or ()
        peer = await Peer.connect(SERVER)
        for stream in range(1, 20, 2):
            peer.h2.send_headers(stream, GET, end_stream=True)
        peer.write()
        await until(lambda: len(peer.of(events.StreamReset)) == 5)
        assert {event.error_code for event in peer.of(events.StreamReset)} == {ErrorCodes.REFUSED_STREAM}
        served.toy.answer = answered
        for packet in held:
            served.toy.out += answered(packet)
        served.host.poke("udm")
        await until(lambda: len(peer.of(events.StreamEnded)) == 5)
        await served.still_answers()
        await peer.close()

    serving(act)
