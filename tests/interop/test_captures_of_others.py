"""Every NGAP, PFCP and GTP-U packet of the captures of other equipment decodes and re-encodes, octet for octet.

tshark finds the packets, so that none is left out; NAS is in tests/unit/protocols/nas/test_golden.py.
"""

import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from awase.protocols.gtpu import codec as gtpu
from awase.protocols.ngap import codec as ngap
from awase.protocols.pfcp import codec as pfcp

CAPTURES = sorted((Path(__file__).parents[1] / "vectors" / "captures").glob("*.pcapng"))


def tshark(path: Path, *arguments: str) -> str:
    command = ["tshark", "-r", str(path), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@cache
def ngap_pdus(path: Path) -> tuple[bytes, ...]:
    found: list[bytes] = []

    def search(node: Any) -> None:
        if isinstance(node, dict):
            for key, value in node.items():
                if key == "ngap_raw":
                    rows = value if isinstance(value[0], list) else [value]
                    found.extend(bytes.fromhex(row[0]) for row in rows)
                else:
                    search(value)
        elif isinstance(node, list):
            for item in node:
                search(item)

    search(json.loads(tshark(path, "-Y", "ngap", "-T", "json", "-x", "--no-duplicate-keys")))
    return tuple(found)


def datagrams(path: Path, protocol: str) -> list[bytes]:
    # The T-PDU of a G-PDU may be UDP itself: the first payload is the tunnel's.
    rows = tshark(path, "-Y", f"{protocol} and not icmp.type == 3", "-T", "fields", "-e", "udp.payload").split("\n")
    return [bytes.fromhex(row.split(",")[0]) for row in rows if row]


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.stem)
def test_every_ngap_pdu_comes_back_octet_for_octet(path: Path) -> None:
    pdus = ngap_pdus(path)
    assert len(pdus) >= int(tshark(path, "-Y", "ngap", "-T", "fields", "-e", "frame.number").count("\n"))
    for pdu in pdus:
        assert ngap.encode(ngap.decode(pdu)) == pdu, pdu.hex()


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.stem)
def test_every_pfcp_message_comes_back_octet_for_octet(path: Path) -> None:
    messages = datagrams(path, "pfcp")
    assert len(messages) > 10
    for octets in messages:
        header, message = pfcp.decode(octets)
        again = pfcp.encode(
            message,
            sequence_number=header.sequence_number,
            seid=header.seid,
            message_priority=header.message_priority,
        )
        assert again == octets, octets.hex()


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.stem)
def test_every_gtpu_message_comes_back_octet_for_octet(path: Path) -> None:
    messages = datagrams(path, "gtp")
    assert len(messages) > 5
    for octets in messages:
        assert gtpu.encode(gtpu.decode(octets)) == octets, octets.hex()
