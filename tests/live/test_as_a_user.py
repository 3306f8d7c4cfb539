"""What a user meets beside the straight path: full disks, edited files, TLS, what a swap and a taking down come to."""

import json
import os
import subprocess
from pathlib import Path

from live.test_swap import PINGS, come_up
from live.up import AWASE, Bench

QUIET = {
    "pings": ("    traffic:\n      - {ping: {count: 5}}\n", ""),
    "flows": ("      - {udp: {rate_mbps: 1, duration_s: 1}}\n", ""),
}


def quiet(bench: Bench) -> str:
    """A network whose UEs have sessions and no traffic, up."""
    network = bench.network(**QUIET)
    up = bench.awase("up", network, "--detach", "--out", "run")
    assert up.returncode == 0, up.stderr
    bench.until(lambda state: state["sessions"] == 2)
    return network


def test_who_takes_a_network_down_is_told_what_did_not_pass(bench: Bench) -> None:
    come_up(bench)
    down = bench.awase("down")
    assert down.returncode == 1
    assert "demo is down; Run folder: " in down.stdout
    assert "fail: Echoes through the user plane: ue1: " in down.stdout


def test_a_network_that_passed_goes_down_with_status_0_and_names_its_folder_in_full(bench: Bench) -> None:
    quiet(bench)
    down = bench.awase("down")
    assert (down.returncode, down.stdout) == (0, f"demo is down; Run folder: {bench.path / 'run'}\n")


def test_a_swap_without_traffic_says_so_and_counts_sessions(bench: Bench) -> None:
    quiet(bench)
    for part in ("upf", "gnb1"):
        done = bench.awase("swap", f"{part}=awase", "--json")
        report = json.loads(done.stdout)
        assert done.returncode == 0
        assert (report["sessions"], report["sessions_lost"]) == (2, 0)
        assert (report["ues"], report["ues_silent"], report["outage_s"]) == (0, 0, None)
        assert "no UE had traffic" in report["text"]


def test_an_edit_of_the_file_is_not_for_the_network_that_is_up(bench: Bench) -> None:
    network = quiet(bench)
    Path(network).write_text("parts: {")
    swapped = bench.awase("swap", "upf=awase")
    assert swapped.returncode == 0, swapped.stderr
    assert bench.awase("down").returncode == 0


def test_where_nothing_more_can_be_kept_the_network_is_taken_down_and_what_was_kept_can_be_read(bench: Bench) -> None:
    command = ["sh", "-c", 'ulimit -f 150; exec "$@"', "sh", *AWASE, "up", bench.network(**PINGS), "--for", "60"]
    done = subprocess.run(
        [*command, "--out", "run"],
        cwd=bench.path,
        env=bench.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "awase: run: File too large: nothing more can be kept" in done.stderr
    assert "Traceback" not in done.stderr
    record = json.loads((bench.path / "run" / "run.json").read_text())
    assert "File too large" in record["interrupted"]
    read = ["tshark", "-r", str(bench.path / "run" / "capture.pcapng"), "-Y", "ngap"]
    assert subprocess.run(read, capture_output=True, text=True, check=True).stdout
    assert (bench.path / "run" / "ladder.txt").read_text().endswith("\n")


def test_with_tls_every_uri_that_a_part_gives_to_another_is_of_https(bench: Bench) -> None:
    network = bench.network(**QUIET, tls=("links: []", "sbi: {tls: true}\nlinks: []"))
    for processes in ("core", "separate"):
        out = f"run-{processes}"
        done = bench.awase("up", network, "--until-settled", "--for", "30", "--processes", processes, "--out", out)
        assert done.returncode == 0, done.stdout
        capture = (bench.path / out / "capture.pcapng").read_bytes()
        assert capture.count(b'"deregCallbackUri":"https://127.') >= 2
        assert capture.count(b"https://127.") > 20
        assert b"http://127." not in capture


def test_a_program_that_needs_the_kernels_sctp_is_named_where_it_has_none(bench: Bench) -> None:
    done = bench.awase("up", "demo", "--cast", "gnb=ueransim", "--write-config", "files")
    has = next(f for f in json.loads(bench.awase("doctor", "--json").stdout)["facts"] if f["name"] == "SCTP kernel")
    assert done.returncode == 0
    assert ("nr-gnb speaks SCTP by the kernel alone, and this kernel has none" in done.stdout) is not has["there"]


def test_all_programs_that_are_missing_are_named_at_once_before_any_is_started(bench: Bench) -> None:
    bench.environment["PATH"] = os.defpath
    done = bench.awase("up", "demo", "--cast", "core=open5gs", "--out", "run")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()[-1:]
    assert "open5gs-nrfd" in line
    assert "open5gs-amfd are not on PATH: install them" in line
    assert [path.name for path in (bench.path / "run" / "logs").iterdir()] == []


def test_a_whole_network_is_not_taken_for_the_section_of_a_part(bench: Bench) -> None:
    done = bench.awase("part", "amf", "--config", bench.network())
    assert done.returncode == 2
    assert "a whole network, and one part's section is wanted" in done.stderr
    assert len(done.stderr.splitlines()) == 2
