"""A network that is up while strangers throw all they have at its ports: nobody else is the worse for it."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from live.hostile import SlowReader, Strangers
from live.up import Bench

RUNS = {
    "pings": (
        "      - {ping: {count: 5}}\n      - {udp: {rate_mbps: 1, duration_s: 1}}\n  ue2:",
        "      - {ping: {count: 10, interval_ms: 50, timeout_ms: 500}, at_s: 2, every_s: 0.5}\n  ue2:",
    ),
    "flows": ("      - {ping: {count: 5}}\n      - {udp: {rate_mbps: 1, duration_s: 1}}\n", ""),
    "comes": (
        "subscriber: imsi-001010000000002\n    sessions:",
        "subscriber: imsi-001010000000002\n"
        "    actions: [{at_s: 4, do: deregister, every_s: 4}, {at_s: 6, do: register, every_s: 4}]\n    sessions:",
    ),
    "traffic": ("    traffic:\n  gnb1", "  gnb1"),
}
"""One UE stays and pings, ten at a time; the other leaves and comes again, so that there is a new one all the time."""
MOST_MORE_KB = 100_000
"""How much a process may grow: 1,000 associations, 512 connections, buffers, and garbage that is not yet collected."""
MOST_LOST = 0.2
"""Of the echo requests, while everything is thrown: the machine has few cores, and the strangers take theirs."""
COMPLETE = 5
"""Rows of ten echo requests, one after the other and each answered, after all was thrown."""


def resident_kb(state: dict[str, Any]) -> dict[str, int]:
    """The resident memory of each process."""
    found = {}
    for name, process in state["processes"].items():
        lines = Path(f"/proc/{process['pid']}/status").read_text().splitlines()
        found[name] = int(next(line for line in lines if line.startswith("VmRSS")).split()[1])
    return found


def address(state: dict[str, Any], port: str) -> tuple[str, int]:
    """Where a port is, of what its carrier says."""
    host, _, number = state["carriers"][port].split(", ")[1].partition(":")
    return host, int(number)


class Throw(threading.Thread):
    """Throws everything, in turn; a slow reader is there all the time."""

    def __init__(self, state: dict[str, Any]) -> None:
        super().__init__()
        self.state = state
        self.associations = 0
        self.took_s: dict[str, float] = {}
        self.slow = 0
        self.fault: Exception | None = None

    def run(self) -> None:
        try:
            self._run(Strangers())
        except Exception as error:
            self.fault = error

    def _run(self, strangers: Strangers) -> None:
        state = self.state
        amf = address(state, "amf.n2")[0]
        path = "/nudm-sdm/v2/imsi-001010000000001?dataset-names=AM,SMF_SEL,SM"
        reader = SlowReader(strangers.hosts[0], address(state, "udm.sbi"), path)
        held = [*strangers.half_requests(address(state, "smf.sbi")), strangers.half_a_message(amf)]
        acts: tuple[tuple[str, Callable[[], object]], ...] = (
            ("INITs", lambda: strangers.flood_of_inits(amf)),
            ("rubbish", lambda: strangers.rubbish_at_n2(amf)),
            ("associations", lambda: self._associate(strangers, amf)),
            ("deaf", lambda: strangers.deaf(amf)),
            ("connections", lambda: strangers.connections(address(state, "amf.sbi"), 4_000, b"PRI * HTTP")),
            ("TLS", lambda: strangers.connections(address(state, "udm.sbi"), 1_000, b"\x16\x03\x01")),
            ("frames", lambda: strangers.http_floods(address(state, "smf.sbi"))),
            *((port, partial(strangers.gtpu, address(state, port))) for port in ("upf.n3", "gnb1.n3", "smf.n4u")),
            *((port, partial(strangers.pfcp, address(state, port))) for port in ("upf.n4", "smf.n4")),
            *((port, partial(strangers.rls, address(state, port))) for port in ("gnb1.uu", "ue1.uu")),
        )
        for name, act in acts:
            begun_s = time.monotonic()
            act()
            for _ in range(100):
                reader.tick()
            self.took_s[name] = round(time.monotonic() - begun_s, 2)
        self.slow = reader.read
        for each in (*held, reader):
            each.close()

    def _associate(self, strangers: Strangers, amf: str) -> None:
        self.associations = strangers.associations(amf, 10_000, b"\x00\x15\x00\x7frubbish")


def pings(state: dict[str, Any]) -> int:
    return int(state["interfaces"]["N6"]["messages"])


def rows(record: dict[str, Any]) -> list[tuple[int, int]]:
    """Of each row of echo requests of the UE that stays: how many were sent, and how many answered."""
    found = [event["fields"] for event in record["events"] if event["name"] == "PingFinished"]
    # The last may have been cut short by the end.
    return [(fields["sent"], fields["received"]) for fields in found if fields["sent"] == 10]


def comings(record: dict[str, Any]) -> int:
    """How often the UE that leaves had its session again while a flood was going on."""
    names = [(event["part"], event["name"]) for event in record["events"]]
    floods = [at for at, (_, name) in enumerate(names) if name == "FloodDropped"]
    return names[floods[0] : floods[-1]].count(("ue2", "SessionEstablished"))


def test_strangers_harm_nobody_and_are_named(bench: Bench) -> None:
    up = bench.awase("up", bench.network(**RUNS), "--detach", "--sctp", "udp", "--out", "run")
    assert up.returncode == 0, up.stderr
    before = bench.until(lambda state: state["sessions"] == 2)
    most = resident = resident_kb(before)
    flood = Throw(before)
    flood.start()
    while flood.is_alive():
        flood.join(1)
        state = bench.status()
        most = {name: max(kb, most[name]) for name, kb in resident_kb(state).items()}
        assert state["registered"] >= 1
    assert flood.fault is None
    seen = pings(bench.status())
    after = bench.until(lambda state: pings(state) >= seen + 20 * (COMPLETE + 2) and state["sessions"] == 2)
    assert [p["starts"] for p in after["processes"].values()] == [1] * len(after["processes"])
    bench.awase("down")
    record = json.loads((bench.path / "run" / "run.json").read_text())
    print(flood.took_s, flood.associations, flood.slow, rows(record))
    warnings = Counter(event["name"] for event in record["events"] if event["level"] != "info")
    print({name: f"{resident[name] >> 10} to {most[name] >> 10} MB" for name in most}, dict(warnings))
    assert {name: kb - resident[name] for name, kb in most.items() if kb - resident[name] > MOST_MORE_KB} == {}
    assert rows(record)[-COMPLETE:] == [(10, 10)] * COMPLETE
    assert sum(got for _, got in rows(record)) >= (1 - MOST_LOST) * sum(sent for sent, _ in rows(record))
    assert comings(record) >= 2
    assert flood.associations > 500
    assert flood.slow > 0
    assert not {"PartFailed", "ProcessDied", "GnbDisconnected", "RadioLinkFailure", "RegistrationRejected"} & set(
        warnings
    )
    assert {"MalformedPacket", "FloodDropped", "ConnectionsRefused", "PeerMisbehaved"} <= set(warnings)
    assert max(warnings.values()) < 2_000, warnings
