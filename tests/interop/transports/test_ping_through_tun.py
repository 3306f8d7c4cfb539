"""A program of the host pings a UE: through the UPF's TUN device, N3, the base station, Uu, and back.

Where no TUN device can be made (no root), `awase up` says so and does not start.
"""

import re
import socket
import struct
import time

import pytest

from awase.lab.network_file import shipped_text
from awase.transports import probe
from live.up import Bench

UE = "10.207.0.2"


@pytest.fixture
def bench(tmp_path):
    made = Bench(tmp_path)
    yield made
    made.close()


def network(path):
    """The demo network without its own data network and traffic, its addresses where nobody else's are."""
    text = shipped_text("demo").replace("upf: {function: upf}", "upf: {function: upf, tun: true}")
    text = text.replace("  internet: {function: data_network}\n", "").replace("10.45.", "10.207.")
    text, found = re.subn(r"    traffic:\n(      - .*\n)+", "", text)
    assert found == 2
    (path / "network.yaml").write_text(text)
    return "network.yaml"


def checksum(octets):
    total = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def ping(program, number):
    """Whether an echo request is answered with its octets."""
    head = struct.pack("!BBHHH", 8, 0, 0, 77, number)
    said = struct.pack("!BBHHH", 8, 0, checksum(head + b"x" * 56), 77, number) + b"x" * 56
    program.sendto(said, (UE, 0))
    end = time.monotonic() + 1
    while time.monotonic() < end:
        try:
            octets, peer = program.recvfrom(2000)
        except TimeoutError:
            return False
        if peer[0] == UE and octets[20] == 0 and octets[24:28] == said[4:8]:
            return octets[28:] == said[8:]
    return False


def test_a_program_of_the_host_pings_a_ue(bench):
    file = network(bench.path)
    if not probe.tun().there:
        done = bench.awase("up", file, "--for", "1")
        assert done.returncode != 0
        assert "no TUN device" in done.stderr + done.stdout
        return
    started = bench.awase("up", file, "--detach", "--out", "run")
    assert started.returncode == 0, started.stderr
    try:
        bench.until(lambda state: state["sessions"] == 2)
        assert any(name.startswith("awase") for _, name in socket.if_nameindex())
        with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as program:
            program.settimeout(1)
            assert sum(ping(program, number) for number in range(1, 6)) >= 4
    finally:
        bench.awase("down")
