"""Hundreds of UEs with traffic in a network that is up, and processes that are killed at random moments, by a seed.

    python -m live.soak --ues 500 --minutes 10 --kills 50      (in tests/; make soak)

Prints how long all took to register and get a session, each kill with what was lost and how long until all was as
before, and the memory and CPU of each process. Stops at the first recovery that fails, with exit status 1; --out then
has books, traffic and status of that moment besides the Run folder.
"""

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from live.killing import LIMIT_S, Watched
from live.up import Bench

GROUP = 100
"""UEs of a process."""
EVERY_S = 2
"""A UE sends an echo request so often."""
PAGE_KB = os.sysconf("SC_PAGE_SIZE") // 1024
TICKS = os.sysconf("SC_CLK_TCK")
CORE = ("amf", "smf", "upf", "ausf", "udm", "udr", "internet")
MEMORY_EVERY_S = 30.0
KEEP = ("amf", "smf", "upf")
"""Those that keep their contexts in their stores; the UDR always does."""


def network(ues: int, gnbs: int) -> dict[str, Any]:
    """A network in which each part has a process, UEs a hundred to one, and each that ends is started again."""
    numbers = range(1, ues + 1)
    supis = [f"imsi-001010{number:09}" for number in numbers]
    names = [f"ue{number}" for number in numbers]
    keys = [f"{number:032x}" for number in numbers]
    parts: dict[str, Any] = {
        name: {
            "function": "ue",
            "subscriber": supi,
            "restart": "always",
            "sessions": [{"dnn": "internet"}],
            "traffic": [{"ping": {"count": 1}, "every_s": EVERY_S}],
        }
        for name, supi in zip(names, supis, strict=True)
    }
    for number in range(1, gnbs + 1):
        parts[f"gnb{number}"] = {"function": "gnb", "restart": "always"}
    for name in CORE:
        keeps = {"persist": True} if name in KEEP else {}
        parts[name] = {"function": "data_network" if name == "internet" else name, "restart": "always", **keeps}
    return {
        "name": "killed",
        "title": f"{ues} UEs with traffic, and parts that are killed",
        "plmn": "001-01",
        "slices": [{"sst": 1}],
        "dnns": [{"name": "internet", "pool": "172.16.0.0/12", "dns": ["172.16.0.1"]}],
        "subscribers": [{"supi": supi, "k": key, "opc": key} for supi, key in zip(supis, keys, strict=True)],
        "parts": parts,
        "run": {"seed": 1, "processes": [names[first : first + GROUP] for first in range(0, ues, GROUP)]},
        "expect": {"ue": {"traffic": "some", "loss_at_most": 1.0}},
    }


class Kill(msgspec.Struct):
    """One process that was killed, and what became of it."""

    process: str
    at_s: float
    since_ns: int
    starts: int
    served_s: float | None = None
    heard: dict[str, int] = {}
    """When each UE had last heard something of its sessions."""
    longest_s: float = 0.0
    silent: int = 0
    well_s: float | None = None
    wrong: str = ""


class Usage(msgspec.Struct):
    """What a process has used."""

    pid: int
    rss_kb: int
    cpu_s: float


def usage(pid: int) -> Usage | None:
    """As /proc says."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return Usage(pid, int(words[21]) * PAGE_KB, (int(words[11]) + int(words[12])) / TICKS)


class Soak:
    """One run of it."""

    def __init__(self, watched: Watched, seed: int) -> None:
        self.watched = watched
        self.random = random.Random(seed)
        self.kills: list[Kill] = []
        self.began_s = time.monotonic()
        self.first: dict[str, Usage] = {}
        self.last: dict[str, Usage] = {}
        self.cpu_of_dead_s = 0.0
        self.next_memory_s = 0.0

    def measure(self) -> dict[str, Usage]:
        """Memory and CPU of each process and of the supervisor."""
        pids = {name: process["pid"] for name, process in self.watched.ask("status")["processes"].items()}
        pids["supervisor"] = self.watched.ask("pid")
        found = {name: usage(pid) for name, pid in pids.items()}
        return {name: each for name, each in found.items() if each is not None}

    def run(self, seconds: float, kills: int) -> None:
        """Kill at random moments, and watch until all is well after the last."""
        begin_s = time.monotonic()
        moments = sorted(self.random.uniform(0, seconds) for _ in range(kills))
        names = sorted(self.watched.ask("status")["processes"])
        # Each of them as often as any other, in no order.
        turns = [names[index % len(names)] for index in range(kills)]
        self.random.shuffle(turns)
        while moments or self.open() or time.monotonic() - begin_s < seconds:
            at_s = time.monotonic() - begin_s
            if self.failed():
                # What is held where shows best before anything else is killed.
                break
            self.remember(at_s)
            if moments and at_s >= moments[0]:
                moments.pop(0)
                self.kill(turns.pop(), at_s)
            self.look(begin_s)
            wait_s = min(0.2, moments[0] - at_s) if moments else 0.2
            time.sleep(max(0.02, wait_s))

    def remember(self, at_s: float) -> None:
        """Print the memory of each process now and then."""
        if at_s < self.next_memory_s:
            return
        self.next_memory_s = at_s + MEMORY_EVERY_S
        held = ", ".join(f"{name} {each.rss_kb / 1024:.0f}" for name, each in sorted(self.measure().items()))
        capture = sum(file.stat().st_size for file in (self.watched.bench.path / "run").glob("capture*")) / 1e6
        print(f"{at_s:7.1f}  MB: {held}; capture {capture:.0f}", flush=True)

    def open(self) -> list[Kill]:
        """Those after which not all is well."""
        return [kill for kill in self.kills if kill.well_s is None and not kill.wrong]

    def kill(self, process: str, at_s: float) -> None:
        """Kill one, unless it is being started."""
        heard = self.watched.ask("traffic")["heard_ns"]
        found = self.watched.ask("status")["processes"][process]
        dead = usage(found["pid"]) if found["alive"] else None
        self.cpu_of_dead_s += dead.cpu_s if dead else 0.0
        if not found["alive"]:
            print(f"{at_s:7.1f}  {process} is down already", flush=True)
            return
        since_ns = self.watched.kill(process)
        self.kills.append(Kill(process, at_s, since_ns, found["starts"] + 1, heard=heard))

    def look(self, begin_s: float) -> None:
        """See whether all is well after the kills so far."""
        kills = self.open()
        if not kills:
            return
        now_s = time.monotonic() - begin_s
        processes = self.watched.ask("status")["processes"]
        heard = self.watched.ask("traffic")["heard_ns"]
        for kill in kills:
            found = processes[kill.process]
            if kill.served_s is None and found["starts"] >= kill.starts and found["serving"]:
                kill.served_s = now_s - kill.at_s
                kill.since_ns = self.watched.now_ns()
            for ue, at_ns in heard.items():
                before_ns = kill.heard.get(ue, at_ns)
                if at_ns > before_ns:
                    kill.longest_s = max(kill.longest_s, (at_ns - before_ns) / 1e9)
                    kill.silent += (at_ns - before_ns) / 1e9 > 1.8 * EVERY_S
                    kill.heard[ue] = at_ns
        away = [kill.process for kill in kills if kill.served_s is None]
        wrong = f"does not serve: {away[0]}" if away else self.watched.wrong(max(kill.since_ns for kill in kills))
        for kill in kills:
            if not wrong:
                kill.well_s = time.monotonic() - begin_s - kill.at_s
            elif now_s - kill.at_s > LIMIT_S:
                kill.wrong = wrong
                self.keep()
            if not wrong or kill.wrong:
                print(_line(kill), flush=True)

    def keep(self) -> None:
        """Write down what the control socket tells, for who looks into a failure."""
        for verb in ("books", "traffic", "status"):
            (self.watched.bench.path / f"{verb}.json").write_text(json.dumps(self.watched.ask(verb), indent=1))

    def failed(self) -> list[Kill]:
        """Those after which the network did not recover."""
        return [kill for kill in self.kills if kill.wrong]


def _line(kill: Kill) -> str:
    end = f"all as before after {kill.well_s:6.1f} s" if kill.well_s is not None else f"NOT RECOVERED: {kill.wrong}"
    served = f"{kill.served_s:5.2f}" if kill.served_s is not None else "never"
    return (
        f"{kill.at_s:7.1f}  {kill.process:<9} serves after {served} s; {kill.silent:4} UEs missed echoes, "
        f"longest silence {kill.longest_s:5.1f} s; {end}"
    )


def _memory(first: Mapping[str, Usage], last: Mapping[str, Usage]) -> Iterator[str]:
    for name in sorted(last):
        before, after = first.get(name), last[name]
        same = before is not None and before.pid == after.pid
        start = f"{before.rss_kb / 1024:6.1f} MB at the start" if before else ""
        again = "" if same else " (another process)"
        yield f"{name:<10} {start}, {after.rss_kb / 1024:6.1f} MB at the end, {after.cpu_s:7.1f} s of CPU{again}"


def _total_cpu_s(found: Mapping[str, Usage]) -> float:
    return sum(each.cpu_s for each in found.values())


def soak(bench: Bench, ues: int, minutes: float, kills: int, seed: int, gnbs: int = 4) -> Soak:
    """All of it, in a bench's directory; the network is left up."""
    file = bench.path / "killed.yaml"
    # JSON is YAML.
    file.write_text(json.dumps(network(ues, gnbs)))
    began_s = time.monotonic()
    up = bench.awase("up", str(file), "--detach", "--out", "run")
    if up.returncode:
        raise SystemExit(up.stderr)
    watched = Watched(bench, ues)
    found = Soak(watched, seed)
    while True:
        state = watched.ask("status")
        if state["sessions"] == ues:
            break
        if time.monotonic() - began_s > LIMIT_S:
            raise SystemExit(f"{state['registered']} of {ues} UEs registered, {state['sessions']} sessions")
        time.sleep(0.1)
    ready_s = time.monotonic() - began_s
    found.first = found.measure()
    cpu_s = _total_cpu_s(found.first)
    print(
        f"{ues} UEs registered with a session after {ready_s:.1f} s wall, {cpu_s:.1f} s of CPU, start included",
        flush=True,
    )
    watched.until_well(watched.now_ns())
    found.run(minutes * 60, kills)
    found.last = found.measure()
    return found


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ues", type=int, default=500)
    parser.add_argument("--gnbs", type=int, default=4)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="a directory for the Run folder, kept")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="awase-soak-") as temporary:
        path = given.out or Path(temporary)
        path.mkdir(parents=True, exist_ok=True)
        bench = Bench(path)
        try:
            found = soak(bench, given.ues, given.minutes, given.kills, given.seed, given.gnbs)
            for line in _memory(found.first, found.last):
                print(line)
            total_s = _total_cpu_s(found.last) + found.cpu_of_dead_s
            print(f"{total_s:.0f} s of CPU in all; {len(found.kills)} kills, {len(found.failed())} without recovery")
        finally:
            bench.awase("down")
            bench.close()
        record = json.loads((path / "run" / "run.json").read_text())
        for verdict in record["verdicts"]:
            print(f"{verdict['id']:<14} {verdict['status']:<6} {verdict['text'][:120]} {verdict['figures']}")
        return 1 if found.failed() else 0


if __name__ == "__main__":
    sys.exit(main())
