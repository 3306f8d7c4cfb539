"""Our HTTP/2 client beside servers that are odd, slow or gone: each request has one answer or one abort."""

import asyncio
import struct
import time

import pytest
from h2 import events
from h2.errors import ErrorCodes

from awase.model.part import Packet
from awase.protocols.sbi.bhttp import decode_response, encode_request
from awase.protocols.sbi.messages import Request
from awase.transports import http2, http2_connection
from awase.transports.certificates import LabAuthority
from awase.transports.host import Host
from unit.transports.http2_peer import Peer
from unit.transports.test_http2_server import answered
from unit.transports.toys import NET, Notes, Toy, hosted, until

HOST, PORT = f"{NET}.83.1", 8080
SERVER = f"{HOST}:{PORT}"
CLIENT = f"{NET}.83.2:8080"
OK = [(":status", "200"), ("content-type", "text/plain")]


class Stage:
    """A client part, and servers that do as `script` says with each connection."""

    def __init__(self, script, **settings):
        self.notes, self.toy, self.peers = Notes(), Toy(), []
        self.host = Host(self.notes)
        self._script, self._settings, self._server = script, settings, None
        self._tasks = []

    async def __aenter__(self):
        async def accept(reader, writer):
            peer = Peer(reader, writer, False, **self._settings)
            self.peers.append(peer)
            await self._script(peer, len(self.peers))

        self._server = await asyncio.start_server(accept, HOST, PORT)
        await self.host.add(hosted("amf", "amf", "sbi", CLIENT, self.toy))
        return self

    async def __aexit__(self, *_):
        await self.host.stop(limit_s=0.3)
        for peer in self.peers:
            await peer.close()
        self._server.close()

    def ask(self, *exchanges, body=b"", method="GET"):
        for exchange in exchanges:
            request = encode_request(Request(method, f"/a/v1/{exchange}", (), body, SERVER))
            self.toy.out.append(Packet("sbi", SERVER, request, "request", exchange=exchange))
        self.host.poke("amf")

    async def answers(self, count, seconds=10):
        """What came, by exchange: a body, or "abort"; once each."""
        await until(lambda: len(self.toy.got) >= count, seconds)
        exchanges = [packet.exchange for packet in self.toy.got]
        assert len(set(exchanges)) == len(exchanges) == count
        return {p.exchange: p.kind if p.kind == "abort" else decode_response(p.payload).body for p in self.toy.got}


def staged(script, act, **settings):
    async def run():
        async with Stage(script, **settings) as stage:
            await act(stage)

    asyncio.run(run())


def path(event):
    return dict(event.headers)[":path"].rpartition("/")[2].encode()


async def requests(peer):
    """The requests that have come whole, as they come."""
    done = 0
    while not peer.ended:
        whole = {event.stream_id for event in peer.of(events.StreamEnded)}
        for event in [e for e in peer.of(events.RequestReceived) if e.stream_id in whole][done:]:
            done += 1
            yield event
        await asyncio.sleep(0.002)


def reply(peer, event, body=None):
    peer.h2.send_headers(event.stream_id, OK)
    peer.h2.send_data(event.stream_id, path(event) if body is None else body, end_stream=True)
    peer.write()


async def answer_all(peer, _number):
    async for event in requests(peer):
        reply(peer, event)


def test_requests_share_a_connection():
    async def act(stage):
        for exchange in range(1, 30):
            stage.ask(exchange)
            await until(lambda exchange=exchange: len(stage.toy.got) == exchange)
        assert await stage.answers(29) == {n: str(n).encode() for n in range(1, 30)}
        assert len(stage.peers) == 1

    staged(answer_all, act)


def test_no_more_streams_are_open_than_the_server_allows_and_the_rest_wait():
    most = []

    async def script(peer, _number):
        async for event in requests(peer):
            most.append(peer.h2.open_inbound_streams)
            await asyncio.sleep(0.005)
            reply(peer, event)

    async def act(stage):
        stage.ask(*range(1, 41))
        assert len(await stage.answers(40)) == 40
        assert max(most) <= 3
        assert len(stage.peers) <= http2.CONNECTIONS_PER_PEER

    staged(script, act, MAX_CONCURRENT_STREAMS=3)


def test_interim_responses_and_trailers_are_left_out():
    async def script(peer, _number):
        async for event in requests(peer):
            peer.h2.send_headers(event.stream_id, [(":status", "103"), ("link", "x")])
            peer.h2.send_headers(event.stream_id, OK)
            peer.h2.send_data(event.stream_id, b"body")
            peer.h2.send_headers(event.stream_id, [("x-trailer", "t")], end_stream=True)
            peer.write()

    async def act(stage):
        stage.ask(1)
        await stage.answers(1)
        response = decode_response(stage.toy.got[0].payload)
        assert (response.status, response.headers, response.body) == (200, (("content-type", "text/plain"),), b"body")

    staged(script, act)


def goaway(last, code=0):
    return struct.pack("!BHBBIII", 0, 8, 7, 0, 0, last, code)


def test_after_goaway_what_was_seen_is_answered_and_the_rest_goes_elsewhere():
    async def script(peer, number):
        if number > 1:
            await answer_all(peer, number)
            return
        seen = []
        async for event in requests(peer):
            seen.append(event)
            if len(seen) == 10:
                break
        last = seen[3].stream_id
        peer.h2.send_headers(seen[0].stream_id, OK)
        peer.write(goaway(last))
        for event in seen[:4]:
            if event is seen[0]:
                peer.h2.send_data(event.stream_id, b"1 at first", end_stream=True)
            else:
                peer.h2.send_headers(event.stream_id, OK)
                peer.h2.send_data(event.stream_id, path(event) + b" at first", end_stream=True)
        peer.write()

    async def act(stage):
        stage.ask(*range(1, 11))
        found = await stage.answers(10)
        assert found == {n: f"{n} at first".encode() if n <= 4 else str(n).encode() for n in range(1, 11)}
        assert len(stage.peers) == 2
        await until(lambda: stage.peers[0].ended)

    staged(script, act)


def test_a_refused_stream_is_tried_again_but_not_for_ever():
    async def script(peer, _number):
        async for event in requests(peer):
            if path(event) == b"1":
                peer.h2.reset_stream(event.stream_id, ErrorCodes.REFUSED_STREAM)
            elif path(event) == b"2":
                peer.h2.reset_stream(event.stream_id, ErrorCodes.CANCEL)
            else:
                reply(peer, event)
            peer.write()

    async def act(stage):
        stage.ask(1, 2, 3)
        assert await stage.answers(3) == {1: "abort", 2: "abort", 3: b"3"}
        paths = [path(event) for peer in stage.peers for event in peer.of(events.RequestReceived)]
        assert sorted(paths) == [b"1"] * http2.TRIES + [b"2", b"3"]

    staged(script, act)


def test_a_server_that_dies_aborts_what_it_was_asked_and_the_next_is_asked_anew():
    async def script(peer, number):
        async for event in requests(peer):
            if number == 1:
                peer.writer.transport.abort()
                return
            reply(peer, event)

    async def act(stage):
        stage.ask(1, 2, 3)
        assert await stage.answers(3) == dict.fromkeys((1, 2, 3), "abort")
        stage.ask(4)
        assert (await stage.answers(4))[4] == b"4"

    staged(script, act)


def test_a_megabyte_waits_for_the_servers_windows():
    async def script(peer, _number):
        async for event in requests(peer):
            reply(peer, event, str(len(b"".join(e.data for e in peer.of(events.DataReceived)))).encode())

    async def act(stage):
        stage.ask(1, body=b"q" * 1_000_000, method="POST")
        assert await stage.answers(1, 30) == {1: b"1000000"}

    staged(script, act, INITIAL_WINDOW_SIZE=5000)


def test_a_body_beyond_all_bounds_is_aborted_at_once():
    async def act(stage):
        stage.ask(1, body=bytes(5_000_000), method="POST")
        stage.ask(2)
        assert await stage.answers(2) == {1: "abort", 2: b"2"}

    staged(answer_all, act)


def test_a_server_that_falls_silent_is_asked_by_ping_and_given_up(monkeypatch):
    monkeypatch.setattr(http2_connection, "PING_S", 0.5)

    async def script(peer, number):
        if number == 1:
            peer.task.cancel()
            return
        await answer_all(peer, number)

    async def act(stage):
        await asyncio.sleep(0)
        stage.ask(1)
        await until(lambda: stage.toy.got, 15)
        assert stage.toy.got[0].kind in ("abort", "response")
        stage.ask(2)
        assert (await stage.answers(2))[2] == b"2"

    staged(script, act)


def test_a_server_that_answers_pings_may_take_its_time(monkeypatch):
    monkeypatch.setattr(http2_connection, "PING_S", 0.2)

    async def script(peer, _number):
        async for event in requests(peer):
            await asyncio.sleep(2.5)
            reply(peer, event)

    async def act(stage):
        stage.ask(1)
        assert await stage.answers(1) == {1: b"1"}
        assert len(stage.peers) == 1

    staged(script, act)


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\0" * 100])
def test_what_is_no_http_2_server_aborts_after_some_tries(said, monkeypatch):
    monkeypatch.setattr(http2_connection, "PREFACE_S", 0.3)

    async def run():
        writers = []

        async def accept(_reader, writer):
            writers.append(writer)
            writer.write(said)

        server = await asyncio.start_server(accept, HOST, PORT)
        host, toy = Host(Notes()), Toy()
        await host.add(hosted("amf", "amf", "sbi", CLIENT, toy))
        request = encode_request(Request("GET", "/a", (), b"", SERVER))
        toy.out.append(Packet("sbi", SERVER, request, "request", exchange=1))
        host.poke("amf")
        await until(lambda: toy.got, 15)
        assert [(p.kind, p.exchange) for p in toy.got] == [("abort", 1)]
        await host.stop(limit_s=0.3)
        for writer in writers:
            writer.transport.abort()
        server.close()
        await asyncio.sleep(0)

    asyncio.run(run())


class Tls:
    """A server and a client part with certificates, in two hosts."""

    def __init__(self, server, client):
        self.options, self.toys = (server, client), (Toy(answered), Toy())

    async def ask(self):
        hosts = [Host(Notes()), Host(Notes())]
        notes = hosts[1]._watcher
        for host, name, function, address, toy, tls in zip(
            hosts, ("udm", "amf"), ("udm", "amf"), (SERVER, CLIENT), self.toys, self.options, strict=True
        ):
            await host.add(hosted(name, function, "sbi", address, toy, tls=tls))
        request = encode_request(Request("GET", "/a", (), b"", SERVER))
        self.toys[1].out.append(Packet("sbi", SERVER, request, "request", exchange=1))
        hosts[1].poke("amf")
        await until(lambda: self.toys[1].got)
        for host in hosts[::-1]:
            await host.stop(limit_s=0.3)
        return self.toys[1].got[0].kind, [event.name for _, event in notes.events]


def test_parts_of_one_authority_talk_over_tls_and_no_others(tmp_path):
    now_ns = time.time_ns()
    authority, stranger = LabAuthority.make(now_ns), LabAuthority.make(now_ns)
    server = authority.write(tmp_path / "a", "udm", (HOST, "udm.lab"), now_ns)
    client = authority.write(tmp_path / "a", "amf", (f"{NET}.83.2",), now_ns)
    wrong_address = authority.write(tmp_path / "a", "other", (f"{NET}.83.99",), now_ns)
    of_stranger = stranger.write(tmp_path / "b", "amf", (f"{NET}.83.2",), now_ns)
    expired = authority.write(tmp_path / "a", "old", (HOST,), now_ns - 40 * 86_400 * 10**9)
    assert asyncio.run(Tls(server, client).ask()) == ("response", [])
    assert asyncio.run(Tls(wrong_address, client).ask()) == ("abort", ["TlsFailed"])
    assert asyncio.run(Tls(expired, client).ask()) == ("abort", ["TlsFailed"])
    assert asyncio.run(Tls(server, of_stranger).ask()) == ("abort", ["TlsFailed"])


def test_keys_are_for_this_user_alone_and_one_that_was_there_is_replaced(tmp_path):
    (tmp_path / "udm.key.pem").write_text("theirs")
    (tmp_path / "udm.key.pem").chmod(0o666)
    options = LabAuthority.make(time.time_ns()).write(tmp_path, "udm", (HOST,), time.time_ns())
    assert {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {
        "udm.key.pem": 0o600, "udm.pem": 0o644, "authority.pem": 0o644,
    }  # fmt: skip
    with open(options.key, encoding="ascii") as file:
        assert file.read().startswith("-----BEGIN PRIVATE KEY-----")
