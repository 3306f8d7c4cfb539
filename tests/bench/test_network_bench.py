"""What a network costs: CPU and memory for each UE, all parts together, capture included; CPU for each user packet."""

import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

HERE = Path(__file__).parent
MOST_CPU_MS, MOST_KB = 8, 64
"""For each UE that registers, gets a session and pings once."""
MOST_KB_OF_MANY = 96
"""The same for one that lives on for 90 s: the run's tables of bounded size fill up in between, too."""
MOST_TIMES = 1.5
"""By how much the CPU for each UE may grow where there are ten times as many."""

RUN = """
import sys
from pathlib import Path
from time import process_time
from awase.lab.assemble import Options, assemble
from awase.lab.network_file import load_network
from awase.lab.run import run_network

assembly = assemble(load_network(sys.argv[1]), Options(ues=int(sys.argv[2]), gnbs=int(sys.argv[3])))
start_s = process_time()
result = run_network(assembly, Path(sys.argv[4]))
spent_s = process_time() - start_s
# Not ru_maxrss: that begins with what the parent process had.
status = dict(line.split(":") for line in Path("/proc/self/status").read_text().splitlines())
print(spent_s, status["VmHWM"].split()[0], result.interfaces["N6"].messages, result.passed)
"""


class Cost(NamedTuple):
    """What a run took: its CPU, its process's peak resident memory, how many packets went over N6."""

    cpu_s: float
    peak_kb: int
    packets: int


def measure(name: str, folder: Path, *, ues: int, gnbs: int) -> Cost:
    """Run a network of this folder, or one that ships, in a process of its own; every verdict must be pass."""
    own = HERE / f"{name}.yaml"
    source = str(own) if own.exists() else name
    command = [sys.executable, "-c", RUN, source, str(ues), str(gnbs), str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    cpu_s, peak_kb, packets, passed = done.stdout.split()
    assert passed == "True"
    return Cost(float(cpu_s), int(peak_kb), int(packets))


def test_a_thousand_ues_on_four_gnbs_register_get_a_session_and_ping(benchmark, tmp_path: Path) -> None:
    few = measure("load", tmp_path / "few", ues=100, gnbs=4)
    costs: list[Cost] = []

    def turn() -> None:
        costs.append(measure("load", tmp_path / str(len(costs)), ues=1000, gnbs=4))

    benchmark.pedantic(turn, rounds=5, iterations=1)
    cpu_ms = min(cost.cpu_s for cost in costs)
    kb = (costs[0].peak_kb - few.peak_kb) / 900
    benchmark.extra_info.update(cpu_ms_per_ue=round(cpu_ms, 2), kb_per_ue=round(kb, 1))
    assert kb <= MOST_KB
    # Where nobody measures, other tests may keep the machine busy.
    assert benchmark.disabled or cpu_ms <= MOST_CPU_MS


def test_ten_times_as_many_ues_that_come_fall_idle_are_paged_and_leave_cost_little_more_each(
    benchmark, tmp_path: Path
) -> None:
    # Registration, session establishment, AN release, paging and service request, AN release, deregistration.
    counts = (100, 1000) if benchmark.disabled else (1000, 10_000)
    costs: list[Cost] = []

    def turn() -> None:
        costs.extend(measure("many", tmp_path / str(ues), ues=ues, gnbs=10) for ues in counts)

    benchmark.pedantic(turn, rounds=1, iterations=1)
    few, many = (cost.cpu_s / ues for cost, ues in zip(costs, counts, strict=True))
    kb = (costs[1].peak_kb - costs[0].peak_kb) / (counts[1] - counts[0])
    benchmark.extra_info.update(
        cpu_ms_per_ue_few=round(few * 1000, 2), cpu_ms_per_ue=round(many * 1000, 2), kb_per_ue=round(kb, 1)
    )
    assert many <= MOST_TIMES * few
    assert kb <= MOST_KB_OF_MANY


def test_a_user_packet_from_the_ue_to_the_data_network(benchmark, tmp_path: Path) -> None:
    costs: list[Cost] = []

    def turn() -> None:
        costs.append(measure("flow", tmp_path / str(len(costs)), ues=1, gnbs=1))

    benchmark.pedantic(turn, rounds=5, iterations=1)
    assert costs[0].packets >= 10_000
    benchmark.extra_info["cpu_us_per_packet"] = round(min(cost.cpu_s / cost.packets for cost in costs) * 1e6, 1)


@pytest.mark.parametrize(
    ("arguments", "most_cpu_s"),
    [(("--version",), 0.3), (("run", "demo"), 1.5)],
    ids=["version", "demo"],
)
def test_a_command_starts(benchmark, tmp_path: Path, arguments: tuple[str, ...], most_cpu_s: float) -> None:
    # The second start: what the first one compiled is kept.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    spent = []

    def command() -> None:
        out = ("--out", str(tmp_path / f"run{len(spent)}")) if arguments[0] == "run" else ()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        whole = [sys.executable, "-m", "awase", *arguments, *out]
        subprocess.run(whole, check=True, capture_output=True, env=environment)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)

    command()
    benchmark.pedantic(command, rounds=3, iterations=1)
    cpu_s = min(spent[1:])
    benchmark.extra_info["cpu_s"] = round(cpu_s, 3)
    assert benchmark.disabled or cpu_s < most_cpu_s
