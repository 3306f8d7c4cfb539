"""Our HTTP/2 server and two programs of others: nghttp2's h2load, and curl. Over TLS as well."""

import asyncio
import json
import re
import time

import pytest

from awase.model.part import Packet
from awase.protocols.sbi.bhttp import decode_request, encode_response
from awase.protocols.sbi.messages import Response
from awase.transports.certificates import LabAuthority
from awase.transports.host import Host
from unit.transports.toys import NET, Notes, Toy, hosted

HOST = f"{NET}.81.1"


def echo(packet):
    """Answers with what came: path, fields, size; and as much as was asked for by ?N."""
    if packet.kind != "request":
        return ()
    request = decode_request(packet.payload)
    size = int(request.path.partition("?")[2] or 0)
    said = {"path": request.path, "method": request.method, "headers": dict(request.headers), "got": len(request.body)}
    body = json.dumps(said).encode() if not size else b"z" * size
    answer = encode_response(Response(200, (("content-type", "application/json"),), body))
    return [Packet("sbi", packet.peer, answer, "response", exchange=packet.exchange)]


async def call(*command):
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await asyncio.wait_for(process.communicate(), 120)
    return process.returncode, out, err


def served(port, tls, act):
    """Run `act` while a part serves."""

    async def run():
        host, notes = Host(Notes()), Notes()
        toy = Toy(echo)
        await host.add(hosted("udm", "udm", "sbi", f"{HOST}:{port}", toy, tls=tls))
        try:
            return await act(toy)
        finally:
            await host.stop()
            assert notes.events == []

    return asyncio.run(run())


@pytest.fixture(scope="module")
def tls(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificates")
    return LabAuthority.make(time.time_ns()).write(folder, "udm", (HOST,), time.time_ns())


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_h2load_has_all_of_10000_requests_answered(scheme, tls):
    options = None if scheme == "http" else tls
    if options is not None:
        # h2load shows no certificate.
        options = type(options)(
            certificate=options.certificate, key=options.key, authorities=options.authorities, mutual=False
        )

    async def act(toy):
        toy.receive = lambda packet, now_ns: toy.out.extend(echo(packet))
        return await call("h2load", "-n", "10000", "-c", "10", "-m", "100", f"{scheme}://{HOST}:8081/a/v1/b")

    code, out, _ = served(8081, options, act)
    print(out.decode())
    assert code == 0
    assert re.search(rb"10000 succeeded, 0 failed, 0 errored, 0 timeout", out)
    assert re.search(rb"10000 2xx", out)


def test_h2load_that_posts_a_body_on_many_connections_is_answered(tmp_path):
    (tmp_path / "body").write_bytes(b"{}" * 20_000)

    async def act(toy):
        body = str(tmp_path / "body")
        return await call(
            "h2load", "-n", "600", "-c", "60", "-m", "10", "-d", body, f"http://{HOST}:8082/a/v1/b?100000"
        )

    code, out, _ = served(8082, None, act)
    assert code == 0
    assert re.search(rb"600 succeeded, 0 failed", out)


def test_curl_gets_what_it_asks_for(tmp_path):
    (tmp_path / "body").write_bytes(b"q" * 1_000_000)

    async def act(toy):
        url = f"http://{HOST}:8083/nudm-sdm/v2/x"
        small = await call("curl", "-sS", "--http2-prior-knowledge", "-H", "3gpp-Sbi-Message-Priority: 5", url)
        large = await call(
            "curl", "-sS", "--http2-prior-knowledge", "--data-binary", f"@{tmp_path / 'body'}", f"{url}?1000000"
        )
        return small, large, toy

    small, large, toy = served(8083, None, act)
    assert small[0] == large[0] == 0
    said = json.loads(small[1])
    assert (said["method"], said["path"]) == ("GET", "/nudm-sdm/v2/x")
    assert said["headers"]["3gpp-sbi-message-priority"] == "5"
    assert large[1] == b"z" * 1_000_000
    assert len(decode_request(toy.got[-1].payload).body) == 1_000_000


def test_curl_with_a_certificate_is_let_in_and_without_one_is_not(tls):
    async def act(toy):
        url = f"https://{HOST}:8084/a/v1"
        shown = ("--cert", tls.certificate, "--key", tls.key)
        versions = []
        for version in (("--tls-max", "1.2"), ("--tlsv1.3",)):
            versions.append(await call("curl", "-sS", "--http2", "--cacert", tls.authorities, *shown, *version, url))
        old = await call("curl", "-sS", "--cacert", tls.authorities, *shown, "--tls-max", "1.1", url)
        nobody = await call("curl", "-sS", "--http2", "--cacert", tls.authorities, url)
        http1 = await call("curl", "-sS", "-i", "--http1.1", "--cacert", tls.authorities, *shown, url)
        return versions, old, nobody, http1

    versions, old, nobody, http1 = served(8084, tls, act)
    for code, out, _ in versions:
        assert code == 0
        assert json.loads(out)["path"] == "/a/v1"
    assert old[0] != 0
    assert nobody[0] != 0
    assert http1[1].startswith(b"HTTP/1.1 505 ")


def test_curl_with_http_1_is_told_that_this_is_http_2():
    async def act(toy):
        return await call("curl", "-sS", "-i", "--http1.1", f"http://{HOST}:8085/a/v1"), toy.got

    (code, out, _), got = served(8085, None, act)
    assert code == 0
    assert out.startswith(b"HTTP/1.1 505 ")
    assert b"prior knowledge" in out
    assert got == []
