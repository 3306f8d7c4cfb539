"""Our core alone against our gNB and UE alone, on two hosts: network namespaces joined by a cable (as root)."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from live.up import AWASE, Bench, failing

NAMES = {"core": "10.53.1.1/24", "ran": "10.53.1.2/24"}


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


@pytest.fixture
def hosts() -> Iterator[dict[str, str]]:
    """Two network namespaces, each with its end of the cable; nothing else of this host is touched."""
    own = {role: f"aw{role}{os.getpid()}" for role in NAMES}
    cable = {role: f"av{role}{os.getpid() % 10_000}" for role in NAMES}
    for name in own.values():
        ip("netns", "add", name)
    try:
        ip(
            "link",
            "add",
            cable["core"],
            "netns",
            own["core"],
            "type",
            "veth",
            "peer",
            "name",
            cable["ran"],
            "netns",
            own["ran"],
        )
        for role, name in own.items():
            ip("-n", name, "address", "add", NAMES[role], "dev", cable[role])
            for device in ("lo", cable[role]):
                ip("-n", name, "link", "set", device, "up")
        yield own
    finally:
        for name in own.values():
            subprocess.run(["ip", "netns", "delete", name], check=False, capture_output=True)


def within(host: str, bench: Bench, *arguments: str) -> "subprocess.Popen[str]":
    command = ["ip", "netns", "exec", host, *AWASE, *arguments]
    return subprocess.Popen(
        command, cwd=bench.path, env=bench.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def events(folder: Path) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads((folder / "run.json").read_text())["events"]
    return found


def test_the_two_golden_networks_serve_each_other(hosts: dict[str, str], bench: Bench) -> None:
    core = within(hosts["core"], bench, "up", "golden-core", "--detach", "--out", "core")
    said = core.communicate(timeout=60)
    assert core.returncode == 0, said
    ran = within(hosts["ran"], bench, "up", "golden-ran", "--until-settled", "--for", "90", "--out", "ran", "--json")
    out, err = ran.communicate(timeout=150)
    bench.awase("down")
    done = subprocess.CompletedProcess([], ran.returncode, out, err)
    assert failing(done) == []
    verdicts = {verdict["id"] for verdict in json.loads(out)["verdicts"]}
    assert verdicts >= {"ng-setup", "registration", "pdu-session", "ping", "parts"}
    seen = {event["name"] for event in events(bench.path / "core")}
    assert seen >= {"NgSetup", "Registered", "PduSessionEstablished"}


def test_a_core_that_comes_late_finds_the_ran_waiting(hosts: dict[str, str], bench: Bench) -> None:
    ran = within(hosts["ran"], bench, "up", "golden-ran", "--until-settled", "--for", "120", "--out", "ran", "--json")
    bench.until(lambda state: state["network"] == "golden-ran" and state["phase"] == "up")
    core = within(hosts["core"], bench, "up", "golden-core", "--detach", "--out", "core")
    said = core.communicate(timeout=60)
    assert core.returncode == 0, said
    out, err = ran.communicate(timeout=180)
    bench.awase("down")
    assert failing(subprocess.CompletedProcess([], ran.returncode, out, err)) == []
