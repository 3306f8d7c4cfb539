"""The demo's capture in stock tshark: nothing malformed, every expected message there, ciphered NAS readable."""

import subprocess
from pathlib import Path

import pytest

from awase.lab.assemble import assemble
from awase.lab.network_file import load_network
from awase.lab.run import run_network

CHECKS = (
    "-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE",
    "-o", "sctp.checksum:CRC 32c",
)  # fmt: skip
ERROR = "_ws.expert.severity >= 8388608"


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "run"
    result = run_network(assemble(load_network("demo")), folder)
    assert [verdict.status for verdict in result.verdicts] == ["pass"] * len(result.verdicts)
    return folder / "capture.pcapng"


def tshark(path: Path, *arguments: str) -> list[str]:
    done = subprocess.run(["tshark", "-r", str(path), *arguments], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_no_frame_is_malformed_or_in_error(capture: Path) -> None:
    assert tshark(capture, "-Y", f"_ws.malformed or {ERROR}") == []


def test_every_checksum_is_right(capture: Path) -> None:
    bad = "ip.checksum.status == 0 or udp.checksum.status == 0 or tcp.checksum.status == 0 or sctp.checksum.status == 0"
    assert tshark(capture, *CHECKS, "-Y", bad) == []
    assert len(tshark(capture, *CHECKS, "-Y", "sctp.checksum.status == 1")) > 20


EXPECTED = {
    "SCTP INIT": "sctp.chunk_type == 1",
    "SCTP COOKIE ACK": "sctp.chunk_type == 11",
    "TCP SYN": "tcp.flags.syn == 1 and tcp.flags.ack == 0",
    "HTTP/2 preface": "http2.magic",
    "HTTP/2 SETTINGS": "http2.type == 4",
    "NGSetupRequest": "ngap.NGSetupRequest_element",
    "NGSetupResponse": "ngap.NGSetupResponse_element",
    "InitialUEMessage": "ngap.InitialUEMessage_element",
    "DownlinkNASTransport": "ngap.DownlinkNASTransport_element",
    "UplinkNASTransport": "ngap.UplinkNASTransport_element",
    "InitialContextSetupRequest": "ngap.InitialContextSetupRequest_element",
    "InitialContextSetupResponse": "ngap.InitialContextSetupResponse_element",
    "PDUSessionResourceSetupRequest": "ngap.PDUSessionResourceSetupRequest_element",
    "PDUSessionResourceSetupResponse": "ngap.PDUSessionResourceSetupResponse_element",
    "Registration request": "nas_5gs.mm.message_type == 0x41",
    "Registration accept": "nas_5gs.mm.message_type == 0x42",
    "Registration complete": "nas_5gs.mm.message_type == 0x43",
    "Authentication request": "nas_5gs.mm.message_type == 0x56",
    "Authentication response": "nas_5gs.mm.message_type == 0x57",
    "Security mode command": "nas_5gs.mm.message_type == 0x5d",
    "Security mode complete": "nas_5gs.mm.message_type == 0x5e",
    "UL NAS transport": "nas_5gs.mm.message_type == 0x67",
    "DL NAS transport": "nas_5gs.mm.message_type == 0x68",
    "PDU session establishment request": "nas_5gs.sm.message_type == 0xc1",
    "PDU session establishment accept": "nas_5gs.sm.message_type == 0xc2",
    "PFCP association setup request": "pfcp.msg_type == 5",
    "PFCP association setup response": "pfcp.msg_type == 6",
    "PFCP session establishment request": "pfcp.msg_type == 50",
    "PFCP session establishment response": "pfcp.msg_type == 51",
    "PFCP session modification request": "pfcp.msg_type == 52",
    "GTP-U with QFI": "gtp.message == 0xff and gtp.ext_hdr.pdu_ses_con.qos_flow_id",
    "ICMP in GTP-U": "gtp and icmp.type == 8",
    "ICMP on N6": "icmp.type == 0 and not gtp",
    "Nausf_UEAuthentication": 'http2.headers.path contains "/nausf-auth/v1/ue-authentications"',
    "Nudm_UEAuthentication": 'http2.headers.path contains "/nudm-ueau/v1/"',
    "Nudm_SDM": 'http2.headers.path contains "/nudm-sdm/v2/"',
    "Nudm_UECM": 'http2.headers.path contains "/nudm-uecm/v1/"',
    "Nudr_DM": 'http2.headers.path contains "/nudr-dr/v"',
    "Nsmf_PDUSession": 'http2.headers.path contains "/nsmf-pdusession/v1/sm-contexts"',
    "Namf_Communication": 'http2.headers.path contains "/namf-comm/v1/ue-contexts/"',
}


@pytest.fixture(scope="module")
def seen(capture: Path) -> dict[str, int]:
    """How many frames each filter of EXPECTED matches: one pass over the capture counts them all."""
    rows = tshark(capture, "-q", "-z", ",".join(("io,stat,0", *EXPECTED.values())))
    figures = [row for row in rows if "<>" in row and "Interval" not in row]
    columns = [column.strip() for column in figures[0].strip(" |").split("|")[1:]]
    return dict(zip(EXPECTED, (int(column) for column in columns[::2]), strict=True))


@pytest.mark.parametrize("what", EXPECTED)
def test_stock_tshark_sees(what: str, seen: dict[str, int]) -> None:
    assert seen[what] > 0


def test_the_deciphered_interface_repeats_what_n2_carries_ciphered(capture: Path) -> None:
    clear = tshark(capture, "-Y", 'frame.interface_name == "deciphered NAS" and nas-5gs', "-T", "fields",
                   "-e", "nas_5gs.mm.message_type")  # fmt: skip
    ciphered = tshark(
        capture, "-Y", "ngap and (nas_5gs.security_header_type == 2 or nas_5gs.security_header_type == 4)",
        "-T", "fields", "-e", "nas_5gs.security_header_type",
    )  # fmt: skip
    count = sum(field in ("2", "4") for row in ciphered for field in row.split(","))
    assert len(clear) == count > 8


def test_without_clear_nothing_is_deciphered_and_no_key_is_left(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    run_network(assemble(load_network("demo")), folder, clear=False)
    assert not (folder / "keys.json").exists()
    assert tshark(folder / "capture.pcapng", "-Y", 'frame.interface_name == "deciphered NAS"') == []
