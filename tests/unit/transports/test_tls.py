"""A port's TLS: what clients do wrong is told once, and holds nobody up."""

import asyncio
import socket
import ssl
import time
from contextlib import suppress

import pytest

from awase.transports import tls as tls_module
from awase.transports.certificates import LabAuthority
from awase.transports.host import Host, TransportError
from awase.transports.tls import words
from unit.transports.toys import NET, Notes, Toy, hosted, until

HOST, PORT = f"{NET}.87.1", 8087


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificates")
    return LabAuthority.make(time.time_ns()).write(folder, "udm", (HOST,), time.time_ns())


def served(options, act):
    async def run():
        notes = Notes()
        host = Host(notes)
        await host.add(hosted("udm", "udm", "sbi", f"{HOST}:{PORT}", Toy(lambda packet: []), tls=options))
        try:
            await act(notes)
        finally:
            await host.stop()

    asyncio.run(run())


async def say(octets):
    """What a client of TCP gets for its octets, to the end."""
    reader, writer = await asyncio.open_connection(HOST, PORT)
    writer.write(octets)
    try:
        return await asyncio.wait_for(reader.read(), 5)
    finally:
        writer.close()


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", "it speaks HTTP without TLS"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "no TLS with"),
        (b"\x16\x03\x01\x00\x05rubbi", "no TLS with"),
        (bytes(100), "it does not speak TLS"),
    ],
)
def test_what_is_no_tls_is_refused_and_told_once(files, octets, text):
    async def act(notes):
        for _ in range(3):
            with suppress(ConnectionError):
                await say(octets)
        await until(lambda: notes.events)
        await asyncio.sleep(0.05)
        assert [event.name for _, event in notes.events] == ["TlsFailed"]
        assert text in notes.events[0][1].text

    served(files, act)


def test_a_client_that_says_nothing_is_not_waited_for_and_others_are_served(files, monkeypatch):
    monkeypatch.setattr(tls_module, "HANDSHAKE_S", 0.3)

    async def act(notes):
        _, silent = await asyncio.open_connection(HOST, PORT)
        context = ssl.create_default_context(cafile=files.authorities)
        context.load_cert_chain(files.certificate, files.key)
        context.set_alpn_protocols(["h2"])
        reader, writer = await asyncio.open_connection(HOST, PORT, ssl=context)
        # In one piece with the end of the handshake: nothing of it may be lost.
        writer.write(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0")
        assert len(await asyncio.wait_for(reader.read(9), 5)) == 9
        writer.close()
        await until(lambda: notes.events)
        assert [event.name for _, event in notes.events] == ["TlsFailed"]
        silent.close()

    served(files, act)


@pytest.mark.parametrize("bound", ["MAX_HANDSHAKES", "MAX_HANDSHAKES_PER_HOST"])
def test_handshakes_that_wait_are_bounded(files, monkeypatch, bound):
    monkeypatch.setattr(tls_module, bound, 5)

    async def act(_notes):
        clients = [await asyncio.open_connection(HOST, PORT) for _ in range(5)]
        await asyncio.sleep(0.1)
        with socket.create_connection((HOST, PORT)) as late:
            late.setblocking(False)
            loop = asyncio.get_running_loop()
            try:
                assert await asyncio.wait_for(loop.sock_recv(late, 10), 5) == b""
            except ConnectionResetError:
                assert len(clients) == 5
        for _, writer in clients:
            writer.close()

    served(files, act)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"certificate": "/nowhere.pem"}, "the certificate /nowhere.pem cannot be read"),
        ({"key": "/nowhere.pem"}, "the key /nowhere.pem cannot be read"),
        ({"authorities": "/nowhere.pem"}, "the authority /nowhere.pem cannot be read"),
        ({"certificate": __file__}, "are no certificate and its key in PEM"),
        ({"authorities": __file__}, "holds no certificate in PEM"),
    ],
)
def test_files_that_are_none_are_named(files, change, text):
    import msgspec

    async def act(_notes):
        raise AssertionError("it serves")

    with pytest.raises(TransportError, match=text):
        served(msgspec.structs.replace(files, **change), act)


def test_words_that_are_not_known_are_openssls_own():
    assert words("[SSL: SOMETHING_ELSE] whatever") == "[SSL: SOMETHING_ELSE] whatever"
    assert words(TimeoutError()) == "it did not finish the handshake in time"
    assert words(ConnectionResetError()) == "it hung up"
