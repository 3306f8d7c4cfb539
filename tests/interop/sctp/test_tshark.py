"""What our endpoints say to each other, in stock tshark: read whole, nothing to complain of."""

import subprocess

import pytest

from awase.lab.capture.framing import IP_SCTP, Flow
from awase.lab.capture.pcapng import PcapngWriter
from awase.protocols.sctp import messages as m
from awase.protocols.sctp.codec import encode
from awase.protocols.sctp.config import Config
from awase.protocols.sctp.entity import Endpoint
from awase.protocols.sctp.events import AssociationRestarted, AssociationUp
from unit.protocols.sctp.link import MS, PORT, A, B, Pair, randomness

PLAIN = 5000
"""A port for which tshark has no dissector: NGAP is known by its PPID."""
NG_SETUP_FAILURE = bytes.fromhex("40150009000001000f400200c0")


def life(pair):
    """An association from INIT to SHUTDOWN COMPLETE with loss, a restart, an abort, chunks that nobody knows."""
    pair.b.listen(PLAIN)
    pair.up(PLAIN)
    for i in range(30):
        pair.a.send(pair.at_a, i % 16, 0, bytes(10 * i * i + 1), i % 5 == 0)
        pair.b.send(pair.at_b, 0, 60, NG_SETUP_FAILURE)
    assert pair.run(100, lambda: len(pair.messages(B)) == 30 and len(pair.messages(A)) == 30)
    pair.run(70)
    a = pair.tcb(A)
    unknown = m.Packet(
        source_port=a.local_port,
        destination_port=PLAIN,
        verification_tag=a.peer_tag,
        chunks=(m.UnknownChunk(type=0xFE, value=b"?"),),
    )
    pair.inject(A, B, encode(unknown))
    pair.run(1)
    pair.hosts[A] = pair.a = Endpoint(randomness("again"), Config())
    pair.at_a = pair.a.connect(B, PLAIN, local_port=a.local_port)
    assert pair.run(100, lambda: pair.of(B, AssociationRestarted) and len(pair.of(A, AssociationUp)) == 2)
    pair.a.shutdown(pair.at_a)
    pair.run(100)
    pair.at_a = pair.a.connect(B, PLAIN)
    assert pair.run(100, lambda: len(pair.of(A, AssociationUp)) == 3)
    pair.a.abort(pair.at_a, "enough")
    pair.run(1)
    pair.a.connect(B, 9)
    pair.run(5)


@pytest.fixture(scope="module")
def capture(tmp_path_factory):
    pair = Pair(3, loss=0.1, double=0.05, jitter_ns=20 * MS)
    life(pair)
    path = tmp_path_factory.mktemp("sctp") / "sctp.pcapng"
    flows = {(s, d): Flow.between(f"{s}:{PORT}", f"{d}:{PORT}") for s, d in ((A, B), (B, A))}
    with path.open("wb") as file:
        writer = PcapngWriter(file, "test")
        interface = writer.add_interface("N2", "two endpoints")
        for at_ns, source, destination, octets in pair.log:
            writer.write(interface, at_ns, flows[source, destination].ip(IP_SCTP, octets))
    return path, pair


def tshark(path, *arguments):
    command = ["tshark", "-r", str(path), "-o", "sctp.checksum:CRC 32c", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_tshark_finds_nothing_malformed_and_every_checksum_right(capture):
    path, pair = capture
    assert len(tshark(path)) == len(pair.log)
    assert tshark(path, "-Y", "_ws.malformed || sctp.checksum.status == 0 || !sctp") == []
    assert len(tshark(path, "-Y", "sctp.checksum.status == 1")) == len(pair.log)


def test_tshark_complains_of_retransmissions_only(capture):
    path, _ = capture
    complaints = tshark(path, "-Y", "_ws.expert.severity >= 0x00600000", "-T", "fields", "-e", "_ws.expert.message")
    assert {each for line in complaints for each in line.split(",")} <= {
        "Unknown chunk type",
        "This TSN is a retransmission of one in frame",
    }, complaints


def test_tshark_sees_every_kind_of_chunk_and_the_ngap_inside(capture):
    path, _ = capture
    kinds = {
        int(kind) for line in tshark(path, "-T", "fields", "-e", "sctp.chunk_type") for kind in line.split(",") if kind
    }
    assert kinds >= {int(kind) for kind in m.ChunkType}
    assert tshark(path, "-Y", "ngap.procedureCode == 21")
