"""CPU of an HTTP/2 exchange between two hosts in one process: both ends, sockets and Binary HTTP included."""

import asyncio
import time

import pytest

from awase.model.part import Packet
from awase.protocols.sbi.bhttp import encode_request, encode_response
from awase.protocols.sbi.messages import Request, Response
from awase.transports.host import Host, HostSettings
from unit.transports.toys import Notes, Toy, hosted, until

SERVER = "127.0.91.1:8080"
HEADERS = (("content-type", "application/json"), ("accept", "application/json,application/problem+json"))
ANSWER = encode_response(Response(201, (("content-type", "application/json"), ("location", "/x/1")), b"j" * 700))
ASKED = encode_request(Request("POST", "/nsmf-pdusession/v1/sm-contexts", HEADERS, b"j" * 900, SERVER))


def exchanges(count, at_once, together):
    """Microseconds of CPU for each of so many exchanges."""

    async def run():
        server = Toy(lambda p: [Packet("sbi", p.peer, ANSWER, "response", exchange=p.exchange)])
        client = Toy()
        hosts = [Host(Notes(), HostSettings(tap=False)) for _ in range(1 if together else 2)]
        await hosts[0].add(hosted("smf", "smf", "sbi", SERVER, server))
        await hosts[-1].add(hosted("amf", "amf", "sbi", "127.0.91.2:8080", client))

        async def ask(first, number):
            for exchange in range(first, first + number):
                client.out.append(Packet("sbi", SERVER, ASKED, "request", exchange=exchange))
            hosts[-1].poke("amf")
            while len(client.got) < first + number - 1:
                await asyncio.sleep(0)

        await ask(1, at_once)
        start = time.process_time()
        for first in range(at_once + 1, at_once + count, at_once):
            await ask(first, at_once)
        spent = time.process_time() - start
        assert all(packet.kind == "response" for packet in client.got)
        for host in hosts:
            await host.stop()
        return spent / count * 1e6

    return asyncio.run(run())


@pytest.mark.parametrize("at_once", [1, 50])
@pytest.mark.parametrize("together", [False, True], ids=["sockets", "handed over"])
def test_an_exchange(together, at_once):
    best = min(exchanges(1000, at_once, together) for _ in range(3))
    print(f"{at_once} at once, {'handed over' if together else 'HTTP/2'}: {best:.0f} us an exchange, both ends")
    assert best < 50_000


def test_a_million_octets_each_way():
    async def run():
        body = b"b" * 1_000_000
        answer = encode_response(Response(200, (), body))
        server, client = Toy(lambda p: [Packet("sbi", p.peer, answer, "response", exchange=p.exchange)]), Toy()
        hosts = [Host(Notes(), HostSettings(tap=False)) for _ in range(2)]
        await hosts[0].add(hosted("smf", "smf", "sbi", SERVER, server))
        await hosts[1].add(hosted("amf", "amf", "sbi", "127.0.91.2:8080", client))
        asked = encode_request(Request("POST", "/x", HEADERS, body, SERVER))
        start = time.process_time()
        for exchange in range(1, 11):
            client.out.append(Packet("sbi", SERVER, asked, "request", exchange=exchange))
            hosts[1].poke("amf")
            await until(lambda exchange=exchange: len(client.got) == exchange)
        spent = time.process_time() - start
        for host in hosts:
            await host.stop()
        return spent / 20 * 1e3

    best = min(asyncio.run(run()) for _ in range(3))
    print(f"{best:.1f} ms for 1 MB one way, both ends")
    assert best < 5_000
