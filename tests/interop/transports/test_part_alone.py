"""`awase part`: each function alone, as in a container; and configuration that is no good."""

import json
import os
import signal
import socket
import subprocess
import time

import pytest

from awase.lab.assemble import Options, assemble
from awase.lab.network_file import load_network
from awase.transports import probe
from awase.transports.certificates import LabAuthority
from live.up import Bench

DEMO = assemble(load_network("demo"), Options())
NET = f"127.{150 + os.getpid() % 60}.{os.getpid() // 60 % 250}"
HOSTS = {part.host: f"{NET}.{number}" for number, part in enumerate(DEMO.parts, 1)}
PARTS = {part.function: part for part in DEMO.parts}
AMF = """plmn: "001-01"
tac: 1
slices: [{sst: 1}]
addresses: {n2: "HOST:38412", sbi: "HOST:8080"}
peers:
  N12: [{part: ausf, function: ausf, address: "HOST:8081"}]
""".replace("HOST", f"{NET}.90")


@pytest.fixture
def bench(tmp_path):
    made = Bench(tmp_path)
    made.started = []
    yield made
    for process in made.started:
        process.kill()
        process.communicate()
    made.close()


def section(bench, function, **more):
    """What the lab tells the part of the demo network, on loopback addresses of this test."""
    part = PARTS[function]
    text = json.dumps({**part.config, "addresses": dict(part.addresses), **more})
    for before, after in HOSTS.items():
        text = text.replace(f'"{before}:', f'"{after}:')
    (bench.path / "part.yaml").write_text(text)
    return "part.yaml"


def ready(bench, *arguments):
    """The process, once it says `ready`, and its first lines on stdout."""
    command = [*bench.command, "part", *arguments]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, cwd=bench.path, env=bench.environment, stdout=pipe, stderr=pipe, text=True)
    bench.started.append(process)
    line = process.stdout.readline()
    assert line == "ready\n", process.communicate()
    return process


def ended(process):
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=20)
    return process.returncode, out, err


@pytest.mark.parametrize("function", list(PARTS))
def test_each_function_serves_alone_and_leaves_with_0_at_sigterm(bench, function):
    process = ready(bench, function, "--config", section(bench, function))
    time.sleep(0.2)
    code, out, err = ended(process)
    assert (code, out) == (0, "")
    assert "PartFailed" not in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("tac: 1", "tca: 1", ["amf.yaml:2: tca: unknown key tca", "did you mean tac?"]),
        (f'n2: "{NET}.90:38412", ', "", ["amf.yaml:1: addresses: no address for n2"]),
        ("n2:", "n3:", ["no address for n2", "amf.yaml:4: addresses.n3: no port n3"]),
        ("sst: 1", "sst: 900", ["amf.yaml:3: slices[0].sst: 900 is above 255"]),
        ("ausf, address", "7, address", ["amf.yaml:6: peers.N12[0].function: 7 is not text"]),
        ("tac: 1", "tac: 1\ntun: 7", ["amf.yaml:3: tun: 7 is not true or false"]),
        ("tac: 1", "tac: 1\ntls: {certificate: a}", ["amf.yaml:3: tls: key is missing"]),
        ("tac: 1", "tac: [", ["amf.yaml:"]),
    ],
    # Not from the values: workers of pytest-xdist have addresses of their own.
    ids=["unknown-key", "no-address", "no-such-port", "out-of-range", "not-text", "tun", "tls", "not-yaml"],
)
def test_bad_configuration_is_told_with_its_line(bench, before, after, words):
    assert before in AMF
    (bench.path / "amf.yaml").write_text(AMF.replace(before, after))
    done = bench.awase("part", "amf", "--config", "amf.yaml")
    assert (done.returncode, done.stdout) == (2, "")
    for text in words:
        assert text in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("amf", "--config", "nowhere.yaml"), "nowhere.yaml: No such file or directory"),
        (("afm", "--config", "amf.yaml"), "did you mean amf?"),
        (("amf", "--config", "amf.yaml", "--sctp", "carrier-pigeon"), "known: auto, kernel, raw, udp"),
        (("amf", "--config", "amf.yaml", "--supplier", "nobody"), "nobody"),
    ],
)
def test_bad_options_are_told(bench, arguments, words):
    (bench.path / "amf.yaml").write_text(AMF)
    done = bench.awase("part", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr


@pytest.mark.parametrize(
    ("after", "words"),
    [
        ("192.0.2.1:8080", "amf, port sbi, 192.0.2.1:8080: HTTP cannot be served"),
        (f"{NET}.91:8080", f"amf, port sbi, {NET}.91:8080: HTTP cannot be served: "),
    ],
    ids=["an address of nobody's", "a port that is in use"],
)
def test_a_port_that_cannot_be_opened_is_told_in_one_line(bench, after, words):
    with socket.socket() as other:
        other.bind((f"{NET}.91", 8080))
        other.listen()
        (bench.path / "amf.yaml").write_text(AMF.replace(f"{NET}.90:8080", after))
        done = bench.awase("part", "amf", "--config", "amf.yaml")
    assert (done.returncode, done.stdout) == (1, "")
    last = done.stderr.splitlines()[-1]
    assert last.startswith(f"awase: {words}")
    assert "is another program there" in last


def test_an_address_for_all_ports_is_enough(bench):
    text = "\n".join(line for line in AMF.splitlines() if not line.startswith("addresses"))
    (bench.path / "amf.yaml").write_text(f"{text}\naddress: {NET}.92\nrestart: always\nfunction: amf\n")
    process = ready(bench, "amf", "--config", "amf.yaml")
    code, _, err = ended(process)
    assert code == 0
    assert f"amf.sbi: HTTP/2, {NET}.92:8080" in err


def test_a_part_alone_speaks_tls_with_the_certificate_of_its_file(bench):
    files = LabAuthority.make(time.time_ns()).write(bench.path, "udm", (f"{NET}.1",), time.time_ns())
    tls = {"certificate": files.certificate, "key": files.key, "authority": files.authorities}
    process = ready(bench, "udm", "--config", section(bench, "udm", tls=tls, addresses={"sbi": f"{NET}.1:8080"}))
    command = ["curl", "-sS", "--http2", "--cacert", files.authorities, "-w", "%{http_version} %{http_code}", "-o", "x"]
    said = subprocess.run(
        [*command, f"https://{NET}.1:8080/"], capture_output=True, text=True, check=False, cwd=bench.path
    )
    assert said.stdout == "2 400", said.stderr
    assert ended(process)[0] == 0


def test_a_ue_alone_says_whether_it_has_tun_devices(bench):
    process = ready(bench, "ue", "--config", section(bench, "ue", tun="awalone"))
    code, _, err = ended(process)
    assert code == 0
    assert "ue.app: a TUN device awalone-N for each PDU session N" in err


def test_a_upf_alone_has_a_tun_device_or_says_that_it_takes_root(bench):
    file = section(bench, "upf", tun=f"aw{os.getpid()}u")
    if not probe.tun().there:
        done = bench.awase("part", "upf", "--config", file)
        assert done.returncode == 1
        assert "run as root with /dev/net/tun" in done.stderr
        return
    process = ready(bench, "upf", "--config", file)
    assert f"aw{os.getpid()}u" in dict(map(reversed, socket.if_nameindex()))
    assert ended(process)[0] == 0
    assert f"aw{os.getpid()}u" not in dict(map(reversed, socket.if_nameindex()))
