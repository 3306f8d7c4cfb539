"""What watches a run (capture, ladder, evidence) reads what parts send: octets, whatever they are."""

import json
import random
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from awase.lab.assemble import assemble
from awase.lab.network_file import load_network
from awase.lab.run import run_network
from awase.model.part import Packet, Part, Services
from fuzz.ambush import NETWORK, mutated

PARTS = ("ue1", "gnb1", "amf", "smf", "upf", "ausf", "udm", "udr", "internet")


class Mangling:
    """A part whose packets are changed on their way out, one in three."""

    def __init__(self, part: Part, rng: random.Random) -> None:
        self._part, self._rng = part, rng
        self.receive, self.wake, self.wake_at_ns = part.receive, part.wake, part.wake_at_ns
        self.take_events = part.take_events

    def take_packets(self) -> list[Packet]:
        return [self._mangled(packet) for packet in self._part.take_packets()]

    def _mangled(self, packet: Packet) -> Packet:
        rng = self._rng
        if rng.randrange(3):
            return packet
        assert isinstance(packet.payload, bytes)
        changes: dict[str, Any] = {"payload": mutated(rng, packet.payload)}
        if rng.randrange(4) == 0:
            changes["exchange"] = rng.choice((None, 0, 1, 2, 1 << 40))
        if packet.port == "n2" and rng.randrange(4) == 0:
            changes["kind"] = rng.choice(("connect", "down", "abort", "data"))
            changes["association"] = rng.choice((0, 1, 2, 1 << 40))
        if packet.port == "sbi" and rng.randrange(4) == 0:
            changes["kind"] = rng.choice(("request", "response", "abort"))
        if rng.randrange(4) == 0:
            changes["stream"] = rng.choice((None, 0, 65535))
        return msgspec.structs.replace(packet, **changes)


class ManglingType:
    """Offers a part of another type, mangling."""

    def __init__(self, part_type: Any, rng: random.Random) -> None:
        self._part_type, self._rng = part_type, rng
        self.function, self.ports, self.versions = part_type.function, part_type.ports, part_type.versions
        self.config_schema = part_type.config_schema

    def build(self, name: str, config: Mapping[str, Any], services: Services) -> Mangling:
        return Mangling(self._part_type.build(name, config, services), self._rng)


@pytest.mark.parametrize("name", PARTS)
def test_a_run_with_a_part_that_sends_anything_comes_to_its_end(name: str, tmp_path: Path) -> None:
    assembly = assemble(load_network(str(NETWORK)))
    rng = random.Random(name)
    parts = (
        msgspec.structs.replace(part, part_type=ManglingType(part.part_type, rng)) if part.name == name else part
        for part in assembly.parts
    )
    out = tmp_path / "run"
    result = run_network(msgspec.structs.replace(assembly, parts=tuple(parts)), out, until_s=60)
    assert [event.text for event in result.events if event.name == "PartFailed"] == []
    assert json.loads((out / "run.json").read_text())["network"] == "ambush"
    assert (out / "ladder.txt").read_text().endswith("\n")
    tshark = subprocess.run(["tshark", "-r", out / "capture.pcapng", "-q"], capture_output=True, text=True, check=True)
    assert "cut short" not in tshark.stderr
