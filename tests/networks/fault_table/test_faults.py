"""Faults times procedures: whatever goes wrong at whichever message, the users have their sessions and a ping again.

And no part keeps what another does not: the run's books agree. The suite takes a share of the table;
`make faults` (AWASE_FAULTS=all) takes all of it.
"""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from awase.lab.assemble import assemble
from awase.lab.assembly import Assembly
from awase.lab.clockwork import Clockwork
from awase.lab.fault_plan import place_faults
from awase.lab.network_file import load_network
from awase.lab.run import run_network
from awase.model.network import FaultEntry, Network
from awase.model.part import NS_PER_S, Packet

BASE = str(Path(__file__).parent / "base.yaml")
PROCEDURES = {
    "NG setup, registration by SUCI and session establishment": (0.0, 1.0),
    "registration with re-synchronisation of the SQN": (1.2, 2.0),
    "session modification by the UE": (2.2, 2.9),
    "session modification by the network": (2.9, 3.5),
    "AN release": (6.0, 9.0),
    "service request": (9.9, 10.5),
    "session release by the UE": (12.9, 13.9),
    "session establishment": (14.9, 15.9),
    "session release by the network": (16.9, 17.9),
    "paging with downlink data": (20.0, 20.9),
    "paging and configuration update": (22.9, 23.9),
    "deregistration by the network and registration": (25.9, 26.9),
    "deregistration by the UE": (29.9, 30.04),
    "registration by 5G-GUTI": (31.9, 32.9),
    "periodic registration update": (59.9, 60.9),
}
"""When each of them is under way in the base network, in seconds."""
PARTS = ("ue1", "gnb1", "amf", "smf", "upf", "ausf", "udm", "udr")
RADIO = ("ue1", "gnb1")
PERSISTENT = ("amf", "smf", "upf")
LINKS = ("Uu", "N2", "N3", "N4", "N8", "N10", "N11", "N12", "N13", "N35")
CORE = ("amf", "smf", "upf", "ausf", "udm", "udr")

Fault = tuple[bool, Sequence[Mapping[str, Any]]]
"""Whether AMF, SMF and UPF keep their contexts in their stores; what goes wrong."""


def every_fault() -> dict[str, Fault]:
    """The rows of the table, without their times."""
    again = {"restart_after_s": 1.0}
    rows: dict[str, Fault] = {}
    for part in PARTS:
        # RLS takes a peer for lost that was silent for two seconds, and what it had sent for new; no radio does.
        jump_s = 1 if part in RADIO else 3600
        rows[f"{part} is killed"] = (False, [{"kill": part, **again}])
        rows[f"{part} is stopped"] = (False, [{"stop": part, **again}])
        rows[f"{part} is started again at once"] = (False, [{"restart": part}])
        rows[f"{part}'s clock is fast"] = (False, [{"skew_clock": part, "by_s": jump_s, "for_s": 5}])
        rows[f"{part}'s clock is slow"] = (False, [{"skew_clock": part, "by_s": -jump_s, "for_s": 5}])
    for part in (*PERSISTENT, "udr"):
        rows[f"{part} is killed and loses its store"] = (True, [{"kill": part, "store": "lost", **again}])
        rows[f"{part}'s store is full"] = (True, [{"fill_store": part, "for_s": 5}])
        rows[f"{part}'s store is full and {part} is killed"] = (
            True,
            [{"fill_store": part, "for_s": 5}, {"kill": part, **again}],
        )
    for part in PERSISTENT:
        rows[f"{part} is killed and keeps its contexts"] = (True, [{"kill": part, **again}])
        rows[f"{part} is stopped and keeps its contexts"] = (True, [{"stop": part, **again}])
        rows[f"{part} is killed, contexts kept, for a while"] = (True, [{"kill": part, "restart_after_s": 40.0}])
        rows[f"{part} is killed for a while"] = (False, [{"kill": part, "restart_after_s": 40.0}])
    for link in LINKS:
        rows[f"{link} is cut"] = (False, [{"cut": link, "for_s": 3.0}])
    rows["N2 is cut until its association is lost"] = (False, [{"cut": "N2", "for_s": 90.0}])
    rows["N4 is cut until its peer is taken for dead"] = (False, [{"cut": "N4", "for_s": 90.0}])
    rows["N11 is cut for long"] = (True, [{"cut": "N11", "for_s": 90.0}])
    rows["N2 is slow"] = (False, [{"slow": "N2", "delay_us": 7e6, "for_s": 10.0}])
    rows["N11 is slow"] = (False, [{"slow": "N11", "delay_us": 3e6, "for_s": 10.0}])
    rows["N4 loses, doubles and reorders"] = (
        False,
        [{"slow": "N4", "loss": 0.5, "duplication": 0.5, "reordering": 0.5, "jitter_us": 2e6, "for_s": 10.0}],
    )
    rows["Uu loses and doubles"] = (False, [{"slow": "Uu", "loss": 0.5, "duplication": 0.5, "for_s": 10.0}])
    rows["the gNB is parted from the core"] = (False, [{"partition": [["gnb1"], CORE], "for_s": 8.0}])
    rows["the AMF is parted from the rest"] = (
        False,
        [{"partition": [["amf"], ["gnb1", "smf", "ausf", "udm"]], "for_s": 8.0}],
    )
    rows["AMF and SMF are killed"] = (False, [{"kill": "amf", **again}, {"kill": "smf", **again}])
    rows["SMF and UPF are killed"] = (False, [{"kill": "smf", **again}, {"kill": "upf", **again}])
    rows["AMF and gNB are killed"] = (False, [{"kill": "amf", **again}, {"kill": "gnb1", **again}])
    return rows


FAULTS = every_fault()


class Times:
    """A tap that keeps when each signalling message of the network left."""

    def __init__(self, epoch_ns: int) -> None:
        self.epoch_ns = epoch_ns
        self.sent: dict[int, None] = {}

    def packet(self, sent_ns: int, path: Any, packet: Packet, _arrivals: Sequence[int]) -> None:
        if path.link.reference_point not in ("Uu", "N3", "N6") and packet.kind != "up":
            self.sent[sent_ns - self.epoch_ns] = None

    def event(self, *_event: object) -> None:
        pass

    def key(self, _record: object) -> None:
        pass

    def fault(self, *_fault: object) -> None:
        pass


def messages() -> dict[str, list[float]]:
    """By procedure, the moments just after each of its messages has left."""
    assembly = assemble(load_network(BASE))
    tap = Times(assembly.epoch_ns)
    Clockwork(assembly, tap).run(assembly.epoch_ns + 61 * NS_PER_S, lambda: False)
    times = [at_ns / NS_PER_S for at_ns in tap.sent]
    return {
        name: [at_s + 2e-6 for at_s in times if begin_s <= at_s < end_s]
        for name, (begin_s, end_s) in PROCEDURES.items()
    }


WHEN = messages()


def disturbed(fault: Fault, at_s: float) -> Assembly:
    """The base network with a fault."""
    persist, entries = fault
    loaded = load_network(BASE)
    if persist:
        loaded = msgspec.structs.replace(loaded, network=_persistent(loaded.network))
    assembly = assemble(loaded)
    faults = tuple(msgspec.convert({"at_s": at_s, **entry}, FaultEntry) for entry in entries)
    network = msgspec.structs.replace(assembly.network, faults=faults)
    return msgspec.structs.replace(assembly, network=network, faults=place_faults(network, assembly.links))


def _persistent(network: Network) -> Network:
    parts = {
        name: msgspec.structs.replace(part, section={**part.section, "persist": True}) if name in PERSISTENT else part
        for name, part in network.parts.items()
    }
    return msgspec.structs.replace(network, parts=parts)


def wrong(fault: Fault, at_s: float, folder: Path) -> list[tuple[str, str]]:
    """What did not end as it should: the verdicts and what they say."""
    result = run_network(disturbed(fault, at_s), folder)
    named = [verdict for verdict in result.verdicts if verdict.id in ("recovery", "books", "parts")]
    assert len(named) == 3
    return [(verdict.id, verdict.text) for verdict in named if verdict.status != "pass"]


EVERY_MESSAGE = ("amf is killed", "smf is killed", "upf is killed")
"""What the whole table tries at every message of every procedure; anything else at one message of each."""
SHARE = 7
"""The suite tries one of so many pairs of a fault and a procedure."""
ALL = os.environ.get("AWASE_FAULTS") == "all"


def stages(fault: str, procedure: str) -> list[float]:
    """The moments of a procedure at which a fault is tried."""
    times = WHEN[procedure]
    if ALL and fault in EVERY_MESSAGE:
        return times
    # Every fault meets early and late messages, and every message meets some fault.
    return [times[(list(FAULTS).index(fault) + 5 * list(PROCEDURES).index(procedure)) % len(times)]]


PAIRS = [
    (fault, procedure)
    for row, fault in enumerate(FAULTS)
    for column, procedure in enumerate(PROCEDURES)
    if ALL or (row + column) % SHARE == 0
]


def test_every_procedure_of_the_table_is_there() -> None:
    assert {name: len(times) >= 5 for name, times in WHEN.items()} == dict.fromkeys(PROCEDURES, True)


def test_undisturbed_every_procedure_goes_through(tmp_path: Path) -> None:
    assert [verdict.id for verdict in run_network(assemble(load_network(BASE)), tmp_path / "run").verdicts
            if verdict.status != "pass"] == []  # fmt: skip


@pytest.mark.parametrize(("fault", "procedure"), PAIRS)
def test_after_the_fault_the_users_are_served_and_the_books_agree(fault: str, procedure: str, tmp_path: Path) -> None:
    found = {
        f"at {at_s:.6f} s": problems
        for number, at_s in enumerate(stages(fault, procedure))
        if (problems := wrong(FAULTS[fault], at_s, tmp_path / str(number)))
    }
    assert found == {}


def test_tshark_sees_a_killed_part_reset_its_connections_and_abort_its_associations(tmp_path: Path) -> None:
    asked_s = WHEN["registration with re-synchronisation of the SQN"][2]
    for fault, shown in (("udm is killed", "tcp.flags.reset==1"), ("amf is killed", "sctp.chunk_type==6")):
        run_network(disturbed(FAULTS[fault], asked_s), tmp_path / fault)
        capture = str(tmp_path / fault / "capture.pcapng")
        done = subprocess.run(["tshark", "-r", capture, "-Y", shown], capture_output=True, text=True, check=True)
        assert len(done.stdout.splitlines()) >= 1
