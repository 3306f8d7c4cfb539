"""The Run's capture, taken at the ports, says what AF_PACKET sees on loopback, message for message (root).

Without root AF_PACKET sees nothing; that the capture is whole and well-formed is seen all the same.
"""

import socket
import struct
import subprocess
import sys
from collections import Counter

import pytest

from interop.transports.wire_messages import Messages, frames_of_pcapng
from live.up import Bench, failing


def may_sniff():
    try:
        socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800)).close()
    except OSError:
        return False
    return True


ROOT = may_sniff()
SNIFFER = """
import socket, struct, sys
link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
link.setsockopt(socket.SOL_SOCKET, 33, 256 << 20)
link.bind(("lo", 0x0800))
print("ready", flush=True)
with open(sys.argv[1], "wb") as file:
    while True:
        octets = link.recv(70000)
        # A socket of one protocol is shown what comes, and not again what leaves.
        file.write(struct.pack("!I", len(octets)) + octets)
        file.flush()
"""


@pytest.fixture
def bench(tmp_path):
    made = Bench(tmp_path)
    yield made
    made.close()


def seen_on_wire(file, hosts):
    octets, at, messages = file.read_bytes(), 0, Messages(hosts)
    while at + 4 <= len(octets):
        (length,) = struct.unpack_from("!I", octets, at)
        messages.frame(octets[at + 4 : at + 4 + length])
        at += 4 + length
    return messages.finish()


def captured(bench):
    messages = Messages()
    for frame in frames_of_pcapng((bench.path / "run" / "capture.pcapng").read_bytes()):
        messages.frame(frame)
    return messages.finish()


def tshark(bench, words):
    command = ["tshark", "-r", str(bench.path / "run" / "capture.pcapng"), "-Y", words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def without_refused(ours, wire):
    """Without what a port was given and nobody took: the UDR's first words may find no UDM that listens yet."""
    kept = {}
    for key, messages in ours.items():
        spare = Counter(messages) - Counter(wire.get(key, []))
        left = []
        for item in messages:
            if key[0] == "request" and b"recoveryTime" in item[1] and spare[item] > 0:
                spare[item] -= 1
            else:
                left.append(item)
        if left:
            kept[key] = left
    return kept


def differences(ours, wire):
    """In words: what only one has, and where the order is another."""
    found = []
    for key in sorted({*ours, *wire}):
        a, b = ours.get(key, []), wire.get(key, [])
        if Counter(a) != Counter(b):
            only_ours, only_wire = Counter(a) - Counter(b), Counter(b) - Counter(a)
            found.append((key, "only captured", list(only_ours)[:3], "only on the wire", list(only_wire)[:3]))
        elif a != b:
            first = next(i for i, (x, y) in enumerate(zip(a, b, strict=True)) if x != y)
            found.append((key, "another order from", first, len(a)))
    return found


@pytest.mark.parametrize("sctp", ["udp", "raw"] if ROOT else ["udp"])
def test_the_capture_has_the_messages_that_are_on_the_wire(bench, sctp):
    sniffer = None
    if ROOT:
        command = [sys.executable, "-c", SNIFFER, str(bench.path / "wire")]
        sniffer = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert sniffer.stdout.readline() == "ready\n"
    try:
        options = ("--processes", "separate", "--sctp", sctp, "--until-settled", "--out", "run", "--json")
        done = bench.awase("up", "demo", *options)
    finally:
        if sniffer is not None:
            sniffer.terminate()
            sniffer.communicate()
    assert failing(done) == []
    ours = captured(bench)
    protocols = {key[0] for key in ours}
    assert protocols == {"SCTP", "PFCP", "GTP-U", "RLS", "request", "response"}
    assert tshark(bench, "_ws.malformed || _ws.expert.severity == error") == ""
    assert sum(map(len, ours.values())) > 500
    if ROOT:
        own = {host for key in ours for host in key[1:]}
        wire = seen_on_wire(bench.path / "wire", own)
        assert differences(without_refused(ours, wire), wire) == []
