"""Networks on real sockets, with real processes and signals: nothing here is simulated, so everything waits for what it
expects, and only for that."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from live.up import Bench, failing

LONG_PINGS = {
    "pings": ("{ping: {count: 5}}", "{ping: {count: 2000, interval_ms: 50}}"),
    "flows": ("      - {udp: {rate_mbps: 1, duration_s: 1}}\n", ""),
}


@pytest.mark.parametrize("processes", ["core", "separate"])
@pytest.mark.parametrize("sctp", ["auto", "udp"])
def test_a_network_comes_up_is_judged_and_leaves_a_run_folder(bench: Bench, processes: str, sctp: str) -> None:
    done = bench.awase(
        "up", "demo", "--until-settled", "--out", "run", "--json", "--processes", processes, "--sctp", sctp
    )
    assert failing(done) == []
    assert done.returncode == 0
    folder = bench.path / "run"
    written = {path.name for path in folder.iterdir()}
    assert written >= {"run.json", "capture.pcapng", "ladder.txt", "junit.xml", "keys.json", "logs", "provenance.json"}
    assert (folder / "keys.json").stat().st_mode & 0o777 == 0o600
    record = json.loads((folder / "run.json").read_text())
    assert record["clock"] == "real"
    assert ("UDP" in record["carriers"]["amf.n2"]) or sctp == "auto"
    assert "ICMP echo reply" in (folder / "ladder.txt").read_text()


def test_the_capture_is_what_stock_tshark_reads(bench: Bench) -> None:
    bench.awase("up", "demo", "--until-settled", "--out", "run")
    capture = str(bench.path / "run" / "capture.pcapng")
    read = ["tshark", "-r", capture, "-T", "fields", "-e", "_ws.col.Protocol"]
    protocols = subprocess.run(read, capture_output=True, text=True, check=True).stdout
    assert {"NGAP/NAS-5GS", "PFCP", "SCTP"} <= set(protocols.split("\n"))
    bad = ["tshark", "-r", capture, "-Y", "_ws.malformed or _ws.expert.severity == error"]
    assert subprocess.run(bad, capture_output=True, text=True, check=True).stdout == ""


def test_a_network_that_is_left_up_can_be_looked_at_and_taken_down(bench: Bench) -> None:
    up = bench.awase("up", bench.network(**LONG_PINGS), "--detach", "--out", "run")
    assert up.returncode == 0, up.stderr
    state = bench.until(lambda state: state["sessions"] == 2)
    assert state["phase"] == "up"
    assert sorted(state["processes"]) == ["core", "gnb1", "ues", "upf"]
    down = bench.awase("down")
    assert "demo is down" in down.stdout
    assert bench.awase("status").returncode == 1
    assert (bench.path / "run" / "run.json").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_takes_all_down_in_order_within_five_seconds(bench: Bench, number: signal.Signals) -> None:
    running = bench.start("up", bench.network(**LONG_PINGS), "--out", "run")
    state = bench.until(lambda state: state["sessions"] == 2)
    pids = [process["pid"] for process in state["processes"].values()]
    asked_s = time.monotonic()
    running.send_signal(number)
    running.communicate(timeout=20)
    assert time.monotonic() - asked_s < 6
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
    ladder = (bench.path / "run" / "ladder.txt").read_text()
    assert "DeregistrationRequest" in ladder


def test_a_process_that_dies_is_reported_and_started_again_where_the_file_says_so(bench: Bench) -> None:
    gnb = {"restart": ("gnb1: {function: gnb}", "gnb1: {function: gnb, restart: always}")}
    up = bench.awase("up", bench.network(**LONG_PINGS, **gnb), "--detach", "--out", "run")
    assert up.returncode == 0, up.stderr
    before = bench.until(lambda state: state["sessions"] == 2)["processes"]["gnb1"]["pid"]
    os.kill(before, signal.SIGKILL)
    state = bench.until(lambda state: state["processes"]["gnb1"]["starts"] == 2 and state["associations"] == 1)
    assert state["processes"]["gnb1"]["pid"] != before
    bench.awase("down")
    events = json.loads((bench.path / "run" / "run.json").read_text())["events"]
    died = [event["text"] for event in events if event["name"] == "ProcessDied"]
    assert died == ["the process of gnb1 was killed by SIGKILL without a word; it is started again"]


def test_a_process_that_dies_and_stays_so_fails_the_run(bench: Bench) -> None:
    up = bench.awase("up", bench.network(**LONG_PINGS), "--detach", "--out", "run")
    assert up.returncode == 0, up.stderr
    state = bench.until(lambda state: state["sessions"] == 2)
    os.kill(state["processes"]["gnb1"]["pid"], signal.SIGKILL)
    bench.until(lambda state: not state["processes"]["gnb1"]["alive"])
    bench.awase("down")
    record = json.loads((bench.path / "run" / "run.json").read_text())
    verdict = next(verdict for verdict in record["verdicts"] if verdict["id"] == "parts")
    assert verdict["status"] == "fail"
    assert "`restart: always`" in next(event["text"] for event in record["events"] if event["name"] == "PartFailed")


def test_many_ues_register_and_none_is_lost(bench: Bench) -> None:
    done = bench.awase("up", "demo", "--ues", "60", "--until-settled", "--out", "run", "--json")
    assert failing(done) == []


def test_an_address_that_is_not_ours_is_named_with_part_and_port(bench: Bench) -> None:
    network = bench.network(amf=("amf: {function: amf}", "amf: {function: amf, addresses: {n2: '203.0.113.9:38412'}}"))
    done = bench.awase("up", network, "--until-settled", "--out", "run")
    assert done.returncode == 1
    assert "203.0.113.9" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_supplier_whose_program_is_not_there_is_named_and_nothing_stays_up(bench: Bench) -> None:
    done = bench.awase("up", "demo", "--cast", "gnb=ueransim", "--out", "run")
    assert done.returncode == 1
    assert "nr-gnb is not on PATH" in done.stderr
    assert bench.awase("status").returncode == 1


def test_write_config_writes_files_and_starts_nothing(bench: Bench) -> None:
    done = bench.awase("up", "demo", "--cast", "core=open5gs,gnb1=ueransim,ue=ueransim", "--write-config", "files")
    assert done.returncode == 0
    written = {str(path.relative_to(bench.path / "files")) for path in (bench.path / "files").rglob("*.*")}
    assert {"open5gs/amf.yaml", "open5gs/subscribers.js", "ueransim/gnb1.yaml", "ueransim/ue2.yaml"} <= written
    assert "start: open5gs-amfd -c " in done.stdout
    assert not (bench.path / "runs").exists()


def test_swapping_names_what_can_be_swapped(bench: Bench) -> None:
    bench.awase("up", bench.network(**LONG_PINGS), "--detach", "--out", "run")
    bench.until(lambda state: state["sessions"] == 2)
    refused = bench.awase("swap", "amf=awase")
    bench.awase("down")
    assert refused.returncode == 1
    assert "upf and gnb can be swapped" in refused.stderr


def test_doctor_says_which_sctp_is_taken(bench: Bench) -> None:
    done = bench.awase("doctor", "--json")
    found = json.loads(done.stdout)
    assert done.returncode == (0 if found["healthy"] else 1)
    assert found["sctp"] in ("kernel", "raw IP", "UDP")
    assert {fact["name"] for fact in found["facts"]} >= {"SCTP kernel", "SCTP raw IP", "TUN", "loopback range"}


def test_one_part_alone_says_ready_and_leaves_when_told(bench: Bench) -> None:
    (bench.path / "amf.yaml").write_text(
        'plmn: "001-01"\ntac: 1\nslices: [{sst: 1}]\naddresses: {n2: "127.250.0.1:38412", sbi: "127.250.0.1:8080"}\n'
    )
    running = bench.start("part", "amf", "--config", "amf.yaml", "--sctp", "udp")
    assert running.stdout is not None
    lines = []
    while "ready\n" not in lines:
        line = running.stdout.readline()
        assert line, lines
        lines.append(line)
    running.send_signal(signal.SIGTERM)
    running.communicate(timeout=10)
    assert running.returncode == 0


def test_one_part_alone_names_what_its_file_lacks(bench: Bench) -> None:
    (bench.path / "amf.yaml").write_text("tak: 1\n")
    done = bench.awase("part", "amf", "--config", "amf.yaml")
    assert done.returncode == 2
    assert "tak" in done.stderr
    assert "no address for" in done.stderr
