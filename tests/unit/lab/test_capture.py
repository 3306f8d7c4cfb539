"""What the capture writer writes is read by stock tshark, without a complaint."""

import subprocess
from pathlib import Path

from awase.lab.capture.writer import CaptureWriter
from awase.lab.clockwork import Clockwork
from awase.model.part import NS_PER_S, Packet
from awase.protocols.sbi.bhttp import encode_request, encode_response
from awase.protocols.sbi.messages import Request, Response
from unit.lab.toys import EPOCH_NS, Tape, Toy, ToyType, pair

NG_SETUP_REQUEST = bytes.fromhex(
    "00150041000004001b00090099f9075000000001005240170a00554552414e53494d2d676e622d3939392d37302d31"
    "0066000d00000000010099f907000000080015400140"
)
"""As UERANSIM 3.3.0 sends it (tests/vectors/ngap)."""
CHECKS = (
    "-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE",
    "-o", "sctp.checksum:CRC 32c",
)  # fmt: skip


class Writing(Tape):
    def __init__(self, capture: CaptureWriter) -> None:
        super().__init__()
        self.packet = capture.packet  # type: ignore[method-assign]


def record(path: Path, assembly) -> None:
    with path.open("wb") as file:
        capture = CaptureWriter(file, assembly, clear=True)
        clockwork = Clockwork(assembly, Writing(capture))
        clockwork.run(EPOCH_NS + 10 * NS_PER_S, lambda: False)
        capture.finish(EPOCH_NS + 10 * NS_PER_S)


def tshark(path: Path, *arguments: str) -> list[str]:
    command = ["tshark", "-r", str(path), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


def complaints(path: Path) -> list[str]:
    return tshark(path, *CHECKS, "-Y", "_ws.malformed or _ws.expert.severity >= 6291456 or tcp.analysis.flags")


def test_an_association_is_seen_from_init_to_shutdown_with_valid_checksums(tmp_path: Path) -> None:
    def connect(toy: Toy) -> None:
        toy.send(Packet("n2", "10.0.0.2:38412", kind="connect"))

    def client(toy: Toy, packet: Packet) -> None:
        if packet.kind == "up":
            for stream in (0, 1, 1):
                toy.send(Packet("n2", packet.peer, NG_SETUP_REQUEST, "data", packet.association, stream, 60))
            toy.send(Packet("n2", packet.peer, kind="down", association=packet.association))

    path = tmp_path / "n2.pcapng"
    record(path, pair("N2", ToyType("gnb", connect, client), ToyType("amf")))
    kinds = tshark(path, "-T", "fields", "-e", "sctp.chunk_type")
    assert kinds == ["1", "2", "10", "11", "0", "0", "0", "7", "8", "14"]
    assert tshark(path, *CHECKS, "-Y", "sctp.checksum.status == 1", "-T", "fields", "-e", "frame.number")[-1] == "10"
    assert complaints(path) == []


def test_an_unanswered_message_is_acknowledged_after_200_ms(tmp_path: Path) -> None:
    def connect(toy: Toy) -> None:
        toy.send(Packet("n2", "10.0.0.2:38412", kind="connect"))

    def client(toy: Toy, packet: Packet) -> None:
        if packet.kind == "up":
            toy.send(Packet("n2", packet.peer, NG_SETUP_REQUEST, "data", packet.association, 0, 60))

    path = tmp_path / "n2.pcapng"
    record(path, pair("N2", ToyType("gnb", connect, client), ToyType("amf")))
    rows = tshark(path, "-T", "fields", "-e", "sctp.chunk_type", "-e", "frame.time_delta")
    assert rows[-1] == "3\t0.201000000"


def test_exchanges_share_a_connection_that_starts_with_syn_preface_and_settings(tmp_path: Path) -> None:
    def ask(toy: Toy) -> None:
        for exchange in (7, 8):
            request = Request(
                "POST", "/nausf-auth/v1/ue-authentications", (("content-type", "application/json"),), b'{"a": 1}'
            )
            toy.send(Packet("sbi", "10.0.0.2:8080", encode_request(request), "request", exchange=exchange))

    def answer(toy: Toy, packet: Packet) -> None:
        response = Response(201, (("content-type", "application/json"),), b'{"b": 2}' * 3000)
        toy.send(Packet("sbi", packet.peer, encode_response(response), "response", exchange=packet.exchange))

    client = ToyType("amf", ask)
    path = tmp_path / "n12.pcapng"
    record(path, pair("N12", client, ToyType("ausf", None, answer)))
    assert client.toy is not None
    assert [packet.exchange for _, packet in client.toy.received] == [7, 8]
    assert tshark(path, "-Y", "tcp.flags.syn == 1", "-T", "fields", "-e", "tcp.flags") == ["0x0002", "0x0012"]
    assert tshark(path, "-Y", "http2.magic", "-T", "fields", "-e", "frame.number") == ["4"]
    requests = tshark(
        path, "-Y", "http2.headers.method", "-T", "fields", "-e", "http2.headers.path", "-e", "http2.streamid"
    )
    assert [row.split("\t")[0] for row in requests] == ["/nausf-auth/v1/ue-authentications"] * 2
    assert len(tshark(path, "-Y", "http2.headers.status == 201")) == 2
    assert complaints(path) == []


def test_datagrams_have_valid_checksums(tmp_path: Path) -> None:
    def send(toy: Toy) -> None:
        for size in (0, 1, 2, 1399):
            toy.send(Packet("n3", "10.0.0.2:2152", b"\x32\x01\0\x04\0\0\0\0\0\0\0\0" + bytes(size)))

    path = tmp_path / "n3.pcapng"
    record(path, pair("N3", ToyType("gnb", send), ToyType("upf")))
    good = tshark(path, *CHECKS, "-Y", "udp.checksum.status == 1 and ip.checksum.status == 1")
    assert len(good) == 4


def test_a_capture_is_readable_up_to_the_last_flush(tmp_path: Path) -> None:
    def send(toy: Toy) -> None:
        for _ in range(100):
            toy.send(Packet("n3", "10.0.0.2:2152", bytes(1000)))

    path = tmp_path / "n3.pcapng"
    assembly = pair("N3", ToyType("gnb", send), ToyType("upf"))
    with path.open("wb") as file:
        capture = CaptureWriter(file, assembly, clear=False)
        Clockwork(assembly, Writing(capture)).run(EPOCH_NS, lambda: False)
        capture.flush()
        assert len(tshark(path)) == 100
