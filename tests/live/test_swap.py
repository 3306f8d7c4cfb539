"""Another part in the place of one while traffic flows: what was lost is what the report says, and no more."""

import json
import os
import shutil
import subprocess
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from live.up import Bench

ACME = Path(__file__).parents[2] / "examples" / "acme_upf"
PINGS = {
    "pings": ("{ping: {count: 5}}", "{ping: {count: 4000, interval_ms: 20}}"),
    "flows": ("      - {udp: {rate_mbps: 1, duration_s: 1}}\n", ""),
}
UNMADE = """
class PartType:
    function, ports, versions = "upf", ("n3", "n4", "n6"), {}
    config_schema = {"type": "object", "properties": {"addresses": {"type": "object"}}}
    def build(self, name, config, services):
        raise ValueError("no licence was found for this UPF")
PART_TYPE = PartType()
"""
DYING = """
import os, signal
class Part:
    def receive(self, packet, now_ns):
        os.kill(os.getpid(), signal.SIGKILL)
    def wake(self, now_ns): pass
    def wake_at_ns(self): return None
    def take_packets(self): return ()
    def take_events(self): return ()
class PartType:
    function, ports, versions = "upf", ("n3", "n4", "n6"), {}
    config_schema = {"type": "object", "properties": {"addresses": {"type": "object"}}}
    def build(self, name, config, services):
        return Part()
PART_TYPE = PartType()
"""


def install(bench: Bench, supplier: str, module: str, source: str | None = None) -> None:
    """Make a supplier's package known to the commands of a bench, as pip would."""
    site = bench.path / "site"
    info = site / f"{supplier}_upf-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {supplier}-upf\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[awase.parts]\n{supplier}.upf = {module}:PART_TYPE\n")
    if source is None:
        shutil.copytree(ACME / "src" / "acme_upf", site / "acme_upf")
    else:
        (site / f"{module}.py").write_text(source)
    bench.environment["PYTHONPATH"] = f"{site}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"


def come_up(bench: Bench) -> None:
    up = bench.awase("up", bench.network(**PINGS), "--detach", "--out", "run")
    assert up.returncode == 0, up.stderr
    bench.until(lambda state: state["sessions"] == 2 and state["interfaces"]["N6"]["messages"] > 10)


def swapped(bench: Bench, change: str) -> dict[str, Any]:
    done = bench.awase("swap", change, "--json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def fields(bench: Bench, what: str, *names: str) -> list[list[str]]:
    """Fields of the packets of the capture that a filter of tshark's picks out."""
    read = ["tshark", "-r", str(bench.path / "run" / "capture.pcapng"), "-Y", what, "-T", "fields"]
    for name in names:
        read += ["-e", name]
    lines = subprocess.run(read, capture_output=True, text=True, check=True).stdout.splitlines()
    return [line.split("\t") for line in lines]


def events(bench: Bench, name: str) -> list[dict[str, Any]]:
    record = json.loads((bench.path / "run" / "run.json").read_text())
    return [event for event in record["events"] if event["name"] == name]


def registrations(bench: Bench) -> int:
    return sum(event["part"] == "amf" for event in events(bench, "Registered"))


def flows_again(bench: Bench) -> None:
    before = bench.status()["interfaces"]["N6"]["messages"]
    bench.until(lambda state: state["interfaces"]["N6"]["messages"] > before + 20)


def test_pings_go_on_across_a_swap_of_the_upf_and_the_capture_has_the_outage_of_the_report(bench: Bench) -> None:
    come_up(bench)
    report = swapped(bench, "upf=awase")
    flows_again(bench)
    bench.awase("down")
    assert (report["sessions"], report["sessions_lost"]) == (2, 0)
    heard = defaultdict(list)
    for time_s, addresses in fields(bench, "gtp && icmp.type == 0", "frame.time_epoch", "ip.dst"):
        heard[addresses.rpartition(",")[2]].append(float(time_s))
    assert len(heard) == 2
    gaps = [max(after - before for before, after in pairwise(times)) for times in heard.values()]
    assert abs(max(gaps) - report["outage_s"]) < 0.5
    assert report["absent_s"] < report["outage_s"]


def test_the_new_upf_takes_over_address_and_f_teids_and_nobody_registers_anew(bench: Bench) -> None:
    come_up(bench)
    swapped(bench, "upf=awase")
    flows_again(bench)
    bench.awase("down")
    tunnels = {tuple(row) for row in fields(bench, "gtp && icmp.type == 8", "gtp.teid", "ip.dst")}
    assert len(tunnels) == 2
    assert registrations(bench) == 2
    assert events(bench, "GtpErrorIndication") == []


def test_a_third_partys_upf_comes_and_ours_comes_back(bench: Bench) -> None:
    install(bench, "acme", "acme_upf.part")
    come_up(bench)
    there = swapped(bench, "upf=acme")
    flows_again(bench)
    back = swapped(bench, "upf=awase")
    flows_again(bench)
    bench.awase("down")
    assert [(report["before"], report["after"], report["sessions_lost"]) for report in (there, back)] == [
        ("awase", "acme", 0),
        ("acme", "awase", 0),
    ]
    assert registrations(bench) == 2


def test_a_supplier_that_is_installed_while_the_network_is_up_is_found(bench: Bench) -> None:
    (bench.path / "site").mkdir()
    bench.environment["PYTHONPATH"] = str(bench.path / "site")
    come_up(bench)
    refused = bench.awase("swap", "upf=acme")
    shutil.rmtree(bench.path / "site")
    install(bench, "acme", "acme_upf.part")
    assert swapped(bench, "upf=acme")["after"] == "acme"
    assert "supplier acme of upf is not installed" in refused.stderr


def test_ues_come_back_by_themselves_when_their_gnb_is_swapped(bench: Bench) -> None:
    come_up(bench)
    report = swapped(bench, "gnb1=awase")
    assert (report["sessions"], report["sessions_lost"]) == (2, 0)
    state = bench.until(lambda state: state["sessions"] == 2)
    assert state["registered"] == 2
    bench.awase("down")
    assert registrations(bench) == 2


def test_a_upf_that_cannot_be_made_costs_nothing(bench: Bench) -> None:
    install(bench, "unmade", "unmade", UNMADE)
    come_up(bench)
    before = bench.status()["processes"]["upf"]["pid"]
    refused = bench.awase("swap", "upf=unmade")
    assert refused.returncode == 1
    assert "no licence was found for this UPF" in refused.stderr
    assert "the one before goes on" in refused.stderr
    assert bench.status()["processes"]["upf"]["pid"] == before
    flows_again(bench)


def test_a_upf_that_is_killed_during_its_swap_makes_way_for_the_one_before(bench: Bench) -> None:
    install(bench, "dying", "dying", DYING)
    come_up(bench)
    refused = bench.awase("swap", "upf=dying")
    assert refused.returncode == 1
    assert "was killed by SIGKILL" in refused.stderr
    assert "upf is awase again" in refused.stderr
    flows_again(bench)
    assert swapped(bench, "upf=awase")["sessions_lost"] == 0
    bench.awase("down")
    assert events(bench, "PartFailed") == []
    assert registrations(bench) == 2


def test_what_cannot_be_swapped_is_named(bench: Bench) -> None:
    come_up(bench)
    said = {
        change: bench.awase("swap", change).stderr
        for change in ("uppf=awase", "upf=nobody", "amf=awase", "gnb1=ueransim")
    }
    assert "no part uppf; these can be swapped: gnb1, upf" in said["uppf=awase"]
    assert "supplier nobody of upf is not installed" in said["upf=nobody"]
    assert "upf and gnb can be swapped" in said["amf=awase"]
    assert "programs of others are swapped by taking the network down" in said["gnb1=ueransim"]
    flows_again(bench)


def test_of_two_swaps_at_once_the_second_is_refused(bench: Bench) -> None:
    come_up(bench)
    swaps = [bench.start("swap", "gnb1=awase") for _ in range(2)]
    said = sorted((swap.wait(timeout=60), swap.communicate()[0]) for swap in swaps)
    assert [code for code, _ in said] == [0, 1]
    assert "gnb1 is being swapped: one at a time" in said[1][1]
    flows_again(bench)


@pytest.mark.parametrize("part", ["upf", "gnb1"])
def test_ues_that_register_during_a_swap_are_all_served(bench: Bench, part: str) -> None:
    network = bench.network(**PINGS)
    up = bench.awase("up", network, "--ues", "30", "--detach", "--out", "run")
    assert up.returncode == 0, up.stderr
    swapped(bench, f"{part}=awase")
    state = bench.until(lambda state: state["sessions"] == 30, limit_s=60)
    assert state["registered"] == 30
