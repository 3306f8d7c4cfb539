"""What `awase up` costs, as a user runs it: CPU and memory of each process, the start, a ping, a flow.

CPU is user and system time of whole processes from their fork on, what they show the supervisor for the capture
included. Resident memory counts a page that several processes share in each (RSS) or in parts (PSS).
"""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from live.up import Bench

HERE = Path(__file__).parent
CORE = ("core", "upf")
"""The processes of AMF, SMF, AUSF, UDM and UDR, and of the UPF with its data network."""
MOST_CPU_MS, MOST_MB, MOST_START_S = 7.5, 120, 1.5
NS_PER_S = 1_000_000_000
_TICKS = os.sysconf("SC_CLK_TCK")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    # What the first start compiles is kept, as a user's is.
    bench.environment.pop("PYTHONDONTWRITEBYTECODE", None)
    yield bench
    bench.awase("down")
    bench.close()


class Cost(NamedTuple):
    """What a process has taken."""

    cpu_s: float
    rss_mb: float
    pss_mb: float


def cost(pid: int) -> Cost:
    """Of one process, so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    cpu_s = (int(fields[11]) + int(fields[12])) / _TICKS
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in rollup[1:]}
    return Cost(cpu_s, kilobytes["Rss"] / 1024, kilobytes["Pss"] / 1024)


def ended(bench: Bench, folder: str = "run") -> dict[str, Any]:
    """The run's record, once it is down."""
    record: dict[str, Any] = json.loads((bench.path / folder / "run.json").read_text())
    return record


def events(record: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return [event for event in record["events"] if event["name"] == name]


def seconds(record: dict[str, Any], first: str, last: str) -> float:
    """From the first event of a name to the last of another."""
    return (events(record, last)[-1]["time_ns"] - events(record, first)[0]["time_ns"]) / NS_PER_S


def test_the_core_registers_200_ues_with_a_session_each(benchmark, bench: Bench) -> None:
    ues = 20 if benchmark.disabled else 200
    costs: list[dict[str, Cost]] = []

    def turn() -> None:
        folder = f"run{len(costs)}"
        up = bench.start("up", str(HERE / "load.yaml"), "--ues", str(ues), "--out", folder)
        bench.until(lambda state: state["registered"] == state["sessions"] == ues, 90)
        # The last UE's ping is on its way.
        time.sleep(1)
        costs.append({name: cost(process["pid"]) for name, process in bench.status()["processes"].items()})
        bench.awase("down")
        up.communicate(timeout=30)
        assert up.returncode == 0

    benchmark.pedantic(turn, rounds=3, iterations=1)
    cpu_ms = [sum(found[name].cpu_s for name in CORE) / ues * 1000 for found in costs]
    best = costs[cpu_ms.index(min(cpu_ms))]
    wall_s = min(seconds(ended(bench, f"run{i}"), "CellSelected", "PduSessionEstablished") for i in range(len(costs)))
    rss_mb, pss_mb = (max(sum(found[n][i] for n in CORE) for found in costs) for i in (1, 2))
    benchmark.extra_info.update(
        cpu_ms_per_ue=round(min(cpu_ms), 2),
        cpu_ms_per_ue_by_process={name: round(found.cpu_s / ues * 1000, 2) for name, found in best.items()},
        registrations_per_s=round(ues / wall_s),
        rss_mb=round(rss_mb, 1),
        pss_mb=round(pss_mb, 1),
    )
    assert benchmark.disabled or min(cpu_ms) < MOST_CPU_MS
    assert benchmark.disabled or rss_mb < MOST_MB


def test_a_cold_start_to_the_first_ping_reply(benchmark, bench: Bench) -> None:
    starts: list[float] = []

    def turn() -> None:
        folder = f"run{len(starts)}"
        typed_s = time.time()
        done = bench.awase("up", str(HERE / "load.yaml"), "--until-settled", "--out", folder)
        assert done.returncode == 0, done.stderr
        starts.append(first_reply_s(bench.path / folder) - typed_s)

    turn()
    benchmark.pedantic(turn, rounds=5, iterations=1)
    benchmark.extra_info.update(start_s=round(min(starts[1:]), 2), start_most_s=round(max(starts[1:]), 2))
    assert benchmark.disabled or min(starts[1:]) < MOST_START_S


def first_reply_s(folder: Path) -> float:
    """When the first echo reply was seen last on its way, since the Unix epoch."""
    fields = ("-T", "fields", "-e", "frame.time_epoch")
    command = ("tshark", "-r", str(folder / "capture.pcapng"), "-Y", "icmp.type == 0 && icmp.seq == 0", *fields)
    seen = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(seen[-1])


def test_a_ping(benchmark, bench: Bench) -> None:
    found: list[dict[str, int]] = []

    def turn() -> None:
        folder = f"run{len(found)}"
        done = bench.awase("up", str(HERE / "ping.yaml"), "--until-settled", "--out", folder)
        assert done.returncode == 0, done.stderr
        found.append(events(ended(bench, folder), "PingFinished")[0]["fields"])

    benchmark.pedantic(turn, rounds=3, iterations=1)
    best = min(found, key=lambda fields: fields["rtt_mean_ns"])
    assert best["received"] == best["sent"] == 200
    benchmark.extra_info.update(
        rtt_ms={name: round(best[f"rtt_{name}_ns"] / 1e6, 2) for name in ("min", "mean", "max")}
    )


def test_a_flow_of_datagrams_of_1350_octets(benchmark, bench: Bench) -> None:
    # Every part in a process of its own, the capture on: UE, gNB, UPF and data network each take their share.
    rate_mbps, duration_s = (10, 1) if benchmark.disabled else (50, 5)
    text = (HERE / "flow.yaml").read_text()
    found = "{udp: {rate_mbps: 9.6, size_bytes: 1200, duration_s: 10}}"
    wanted = f"{{after_s: 2, udp: {{rate_mbps: {rate_mbps}, size_bytes: 1350, duration_s: {duration_s}}}}}"
    assert found in text
    (bench.path / "flow.yaml").write_text(text.replace(found, wanted))
    shares: list[dict[str, float]] = []
    measured: list[dict[str, Any]] = []

    def turn() -> None:
        folder = f"run{len(shares)}"
        up = bench.start("up", "flow.yaml", "--processes", "separate", "--out", folder)
        state = bench.until(lambda state: state["sessions"] == 1)
        pids = {name: process["pid"] for name, process in state["processes"].items()} | {"supervisor": up.pid}
        before = {name: cost(pid).cpu_s for name, pid in pids.items()}
        bench.until(lambda state: any(event["name"] == "UplinkFlowMeasured" for event in state["events"]), 60)
        spent = {name: cost(pid).cpu_s - before[name] for name, pid in pids.items()}
        bench.awase("down")
        up.communicate(timeout=30)
        assert up.returncode == 0
        measured.append(events(ended(bench, folder), "UplinkFlowMeasured")[0]["fields"])
        gigabytes = measured[-1]["bytes"] / 1e9
        shares.append({name: round(spent[name] / gigabytes, 1) for name in ("ue1", "gnb1", "upf", "internet")})
        shares[-1]["supervisor"] = round(spent["supervisor"] / gigabytes, 1)

    benchmark.pedantic(turn, rounds=1 if benchmark.disabled else 3, iterations=1)
    best = min(range(len(shares)), key=lambda i: shares[i]["upf"])
    assert measured[best]["received"] > measured[best]["expected"] // 2
    benchmark.extra_info.update(
        cpu_s_per_gb=shares[best],
        mbps=round(measured[best]["throughput_bps"] / 1e6, 1),
        lost=measured[best]["lost"],
    )
