"""Ordinary programs use the sessions: ping, curl and iperf3 over the TUN devices of a UE and a UPF, N3 between them.

One side is in a network namespace of its own, so that the host cannot lead packets past the network. Without root
there are no devices: an event says so, and the built-in traffic arrives.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from awase.lab.assemble import Options, assemble
from awase.lab.network_file import load_network, shipped_text
from awase.transports import probe
from live.up import Bench, failing

ROOT = probe.tun().there
NETNS = f"awt{os.getpid()}"
UE, GATEWAY = "10.208.0.2", "10.208.0.1"
GATEWAY6 = "fd45:208::1"
BODY = bytes(range(256)) * 400
SERVER = """
import http.server, socket, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = bytes(range(256)) * 400
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass
class Server(http.server.HTTPServer):
    address_family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
Server((sys.argv[1], 8000), Answer).serve_forever()
"""


@pytest.fixture
def bench(tmp_path):
    made = Bench(tmp_path)
    yield made
    made.awase("down")
    made.close()


@pytest.fixture
def netns():
    if ROOT:
        subprocess.run(["ip", "netns", "add", NETNS], check=True)
    yield NETNS
    if ROOT:
        subprocess.run(["ip", "netns", "del", NETNS], check=True)


def network(path, *, ue, upf, more="", traffic=False):
    """The demo network with one UE, its addresses where nobody else's are."""
    text = shipped_text("demo").replace("upf: {function: upf}", f"upf: {{function: upf, tun: {upf}}}")
    text = text.replace("10.45.", "10.208.").replace(
        "    function: ue\n", f"    function: ue\n    tun: {ue}\n{more}", 1
    )
    if not traffic:
        text = text.replace("  internet: {function: data_network}\n", "")
        text, found = re.subn(r"    traffic:\n(      - .*\n)+", "", text)
        assert found == 2
    (path / "network.yaml").write_text(text)
    return "network.yaml"


@contextmanager
def up(bench, file, *options, sessions=1):
    started = bench.awase("up", file, "--detach", "--out", "run", "--ues", "1", *options)
    assert started.returncode == 0, started.stderr
    try:
        yield bench.until(lambda state: state["sessions"] == sessions and "TunUp" in names(state))
    finally:
        bench.awase("down")


def names(state):
    return [event["name"] for event in state["events"]]


def events(bench, name):
    return [e for e in json.loads((bench.path / "run" / "run.json").read_text())["events"] if e["name"] == name]


@contextmanager
def serving(address, *, inside=""):
    """A web server at an address, in a namespace."""
    command = (*(("ip", "netns", "exec", inside) if inside else ()), sys.executable, "-c", SERVER, address)
    with subprocess.Popen(command) as server:
        try:
            yield
        finally:
            server.terminate()


def curl(host, *options, inside=""):
    command = (*(("ip", "netns", "exec", inside) if inside else ()), "curl", "-sS", "--max-time", "10")
    command += ("--retry", "20", "--retry-delay", "1", "--retry-connrefused", *options, f"http://{host}:8000/")
    done = subprocess.run(command, capture_output=True, check=False)
    return done.stdout if not done.returncode else done.stderr


def ping(*arguments, inside=""):
    command = (*(("ip", "netns", "exec", inside) if inside else ()), "ping", "-q", "-i", "0.05", "-c", "20", "-W", "5")
    done = subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)
    return int(re.search(r"(\d+) received", done.stdout)[1]) if "received" in done.stdout else done.stderr


def over_n3(bench, words):
    """How many G-PDUs of the Run's capture hold what a filter of tshark says."""
    command = ["tshark", "-r", str(bench.path / "run" / "capture.pcapng"), "-Y", f"gtp && {words}", "-T", "fields"]
    done = subprocess.run([*command, "-e", "frame.number"], capture_output=True, text=True, check=True)
    return len(done.stdout.split())


def rules():
    return subprocess.run(["ip", "rule", "show"], capture_output=True, text=True, check=True).stdout


def without_devices(bench, file):
    """No root: an event for the UE, a note for the UPF, and all verdicts pass on built-in traffic."""
    done = bench.awase("up", file, "--ues", "1", "--until-settled", "--out", "run", "--json")
    assert failing(done) == []
    assert "it takes root" in events(bench, "TunUnavailable")[0]["text"]
    notes = json.loads((bench.path / "run" / "run.json").read_text())["notes"]
    assert any("the built-in data network serves" in note for note in notes)


def test_without_root_an_event_says_so_and_built_in_traffic_arrives(bench):
    if ROOT:
        # Root without the one right that counts.
        limited = ("setpriv", "--bounding-set=-net_admin", "--inh-caps=-net_admin", *bench.command)
        bench.command = limited
    without_devices(bench, network(bench.path, ue="true", upf="true", traffic=True))


def test_programs_bound_to_the_ues_device_reach_a_server_behind_the_upf_and_it_them(bench, netns):
    if not ROOT:
        return without_devices(bench, network(bench.path, ue="true", upf="true", traffic=True))
    device = f"aw{os.getpid()}"
    file = network(bench.path, ue=device, upf=f"{{netns: {netns}}}")
    with up(bench, file):
        assert f"{device}-1" in dict(map(reversed, socket.if_nameindex()))
        assert Path(f"/sys/class/net/{device}-1/mtu").read_text().strip() == "1400"
        assert f"from {UE} lookup" in rules()
        assert ping("-I", f"{device}-1", GATEWAY) == 20
        with serving(GATEWAY, inside=netns):
            assert curl(GATEWAY, "--interface", f"{device}-1") == BODY
            assert curl(GATEWAY, "--interface", UE) == BODY
        assert ping(UE, inside=netns) == 20
        with serving(UE):
            assert curl(UE, inside=netns) == BODY
    assert f"from {UE} lookup" not in rules()
    assert f"{device}-1" not in dict(map(reversed, socket.if_nameindex()))
    # 102,400 octets three times, in segments of at most 1,360.
    assert over_n3(bench, "tcp.srcport == 8000") >= 3 * 76
    assert over_n3(bench, f"icmp.type == 8 && ip.src == {UE}") >= 20
    assert over_n3(bench, f"icmp.type == 8 && ip.dst == {UE}") >= 20
    return None


def test_a_ue_in_a_namespace_uses_both_versions_of_ip_and_iperf3(bench, netns):
    if not ROOT:
        return without_devices(bench, network(bench.path, ue="true", upf="true", traffic=True))
    file = Path(bench.path / network(bench.path, ue=f"{{netns: {netns}}}", upf="true"))
    text = file.read_text().replace("dns: [10.208.0.1]", 'dns: [10.208.0.1], pool6: "fd45:208::/48", mtu_bytes: 1300')
    file.write_text(text.replace('- {dnn: internet, slice: {sst: 1, sd: "000001"}}', "- {dnn: internet, type: ipv4v6}"))
    with up(bench, file.name, "--processes", "separate"):
        state = bench.until(lambda state: names(state).count("TunUp") == 2)
        shown = " ".join(event["text"] for event in state["events"] if event["name"] == "TunUp")
        ue6 = re.search(r"(fd45:208:0:1:\S+)/64", shown)[1]
        shown = subprocess.run(["ip", "netns", "exec", netns, "ip", "link"], capture_output=True, text=True, check=True)
        assert "awase-ue1-1" in shown.stdout
        assert "mtu 1300" in shown.stdout
        assert ping(GATEWAY, inside=netns) == 20
        assert ping(GATEWAY6, inside=netns) == 20
        assert ping(ue6) == 20
        with serving(GATEWAY6):
            assert curl(f"[{GATEWAY6}]", inside=netns) == BODY
        for direction in ((), ("-R",)):
            with subprocess.Popen(["iperf3", "-s", "-1", "-B", GATEWAY], stdout=subprocess.DEVNULL):
                time.sleep(0.5)
                command = ["ip", "netns", "exec", netns, "iperf3", "-c", GATEWAY, "-t", "1", "-J", *direction]
                done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert json.loads(done.stdout)["end"]["sum_received"]["bytes"] > 100_000
    return None


def test_the_device_goes_with_the_session_and_comes_with_the_next(bench, netns):
    if not ROOT:
        return without_devices(bench, network(bench.path, ue="true", upf="true", traffic=True))
    device = f"aw{os.getpid()}"
    actions = "{at_s: 4, do: release_session}, {at_s: 6, do: establish_session}"
    file = network(bench.path, ue=device, upf=f"{{netns: {netns}}}", more=f"    actions: [{actions}]\n")
    with up(bench, file):
        there = []
        end_s = time.monotonic() + 15
        while time.monotonic() < end_s and there != [True, False, True]:
            now = f"{device}-1" in dict(map(reversed, socket.if_nameindex()))
            if there[-1:] != [now]:
                there.append(now)
            time.sleep(0.05)
        assert there == [True, False, True]
        assert ping("-I", f"{device}-1", GATEWAY) == 20
    return None


def test_what_a_killed_ue_leaves_the_next_start_takes_away(bench, netns):
    if not ROOT:
        return without_devices(bench, network(bench.path, ue="true", upf="true", traffic=True))
    device = f"aw{os.getpid()}"
    file = network(bench.path, ue=device, upf=f"{{netns: {netns}}}", more="    restart: always\n")
    with up(bench, file) as state:
        before = re.search(rf"from {UE} lookup (\d+)", rules())[1]
        (pid,) = (process["pid"] for process in state["processes"].values() if "ue1" in process["parts"])
        os.kill(pid, signal.SIGKILL)
        bench.until(lambda state: names(state).count("TunUp") >= 2)
        assert f"lookup {before} " not in rules()
        assert "from 10.208.0." in rules()
        assert ping("-I", f"{device}-1", GATEWAY) == 20
    return None


def test_a_ue_alone_beside_a_network_has_its_device(bench, netns):
    if not ROOT:
        return without_devices(bench, network(bench.path, ue="true", upf="true", traffic=True))
    device = f"aw{os.getpid()}"
    file = network(bench.path, ue="false", upf=f"{{netns: {netns}}}")
    started = bench.awase("up", file, "--detach", "--out", "run", "--ues", "1")
    assert started.returncode == 0, started.stderr
    gnb = re.search(r"[\d.]+:\d+$", bench.until(lambda state: state["sessions"] == 1)["carriers"]["gnb1.uu"])[0]
    made = assemble(load_network(str(bench.path / file)), Options())
    config = dict(next(part for part in made.parts if part.name == "ue2").config)
    config["addresses"] = {"uu": f"{gnb.rpartition(':')[0].rpartition('.')[0]}.77:4997"}
    config["peers"] = {"Uu": [{"part": "gnb1", "function": "gnb", "address": gnb}]}
    (bench.path / "ue.yaml").write_text(json.dumps({**config, "tun": device}))
    pipe = subprocess.PIPE
    command = [*bench.command, "part", "ue", "--config", "ue.yaml"]
    with subprocess.Popen(command, cwd=bench.path, env=bench.environment, stdout=pipe, stderr=pipe, text=True) as ue:
        assert ue.stdout.readline() == "ready\n"
        end_s = time.monotonic() + 15
        while f"{device}-1" not in dict(map(reversed, socket.if_nameindex())) and time.monotonic() < end_s:
            time.sleep(0.05)
        assert ping("-I", f"{device}-1", GATEWAY) == 20
        ue.terminate()
        said = ue.communicate(timeout=20)[1]
    assert ue.returncode == 0
    assert f"PDU session 1 is TUN device {device}-1" in said
    assert f"{device}-1" not in dict(map(reversed, socket.if_nameindex()))
    return None
