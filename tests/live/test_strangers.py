"""Other suppliers' programs in the cast, played by stand-ins that know nothing but the files written for them."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from live.stand_ins import put_on_path
from live.up import Bench, failing

CASTS = (
    "gnb=ueransim,ue=ueransim",
    "ue=ueransim",
    "ue1=ueransim",
    "gnb=ueransim",
    "core=open5gs",
    "core=open5gs,upf=awase",
    "upf=open5gs",
    "core=open5gs,gnb=ueransim",
    "upf=open5gs,gnb=ueransim,ue=ueransim",
)


@pytest.fixture
def strangers(bench: Bench) -> Bench:
    bench.environment["PATH"] = put_on_path(bench.path / "bin")
    return bench


def verdicts(bench: Bench) -> dict[str, str]:
    record = json.loads((bench.path / "run" / "run.json").read_text())
    return {verdict["id"]: verdict["status"] for verdict in record["verdicts"]}


def running(bench: Bench) -> list[str]:
    """Programs of the bench that still run."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(bench.path) in line:
            found.append(line)
    return found


def gone(bench: Bench) -> bool:
    end_s = time.monotonic() + 15
    while left := running(bench):
        if time.monotonic() > end_s:
            raise AssertionError(left)
        time.sleep(0.1)
    return True


@pytest.mark.parametrize("cast", CASTS)
def test_what_the_files_say_is_enough_for_a_network_that_passes(strangers: Bench, cast: str) -> None:
    done = strangers.awase("up", "demo", "--cast", cast, "--until-settled", "--for", "30", "--out", "run", "--json")
    assert failing(done) == []
    # Of N2 between two programs of others nothing is seen, and nothing said.
    hidden = {"ng-setup"} if cast == "core=open5gs,gnb=ueransim" else set()
    assert {"ng-setup", "registration", "pdu-session", "parts"} - hidden <= set(verdicts(strangers))
    assert gone(strangers)


def test_a_network_of_others_alone_shows_what_their_logs_say(strangers: Bench) -> None:
    cast = "core=open5gs,gnb=ueransim,ue=ueransim"
    done = strangers.awase("up", "demo", "--cast", cast, "--for", "1", "--out", "run", timeout_s=120)
    assert done.returncode == 0, done.stderr
    events = json.loads((strangers.path / "run" / "run.json").read_text())["events"]
    assert sorted(event["part"] for event in events if event["name"] == "Registered") == ["ue1", "ue2"]
    assert gone(strangers)


@pytest.mark.parametrize("scheme", ["profile-a", "profile-b"])
def test_the_home_networks_key_in_pem_opens_what_our_ue_conceals(strangers: Bench, scheme: str) -> None:
    network = strangers.network(
        ue=("suci_scheme: profile-a  ", f"suci_scheme: {scheme}  "), key=("scheme: profile-a,", f"scheme: {scheme},")
    )
    done = strangers.awase(
        "up", network, "--cast", "core=open5gs", "--until-settled", "--for", "30", "--out", "run", "--json"
    )
    assert failing(done) == []


@pytest.mark.parametrize(
    ("fault", "cast", "said"),
    [
        ("nr-gnb:crash", "gnb=ueransim", ("gnb1 was killed by SIGABRT", "assertion failed: ran_ue")),
        ("nr-ue:crash", "ue1=ueransim", ("ue1 was killed by SIGABRT", "assertion failed: ran_ue")),
        ("open5gs-smfd:crash", "core=open5gs", ("open5gs-smfd was killed by SIGABRT", "assertion failed: ran_ue")),
        ("open5gs-upfd:crash", "upf=open5gs", ("open5gs-upfd was killed by SIGABRT", "assertion failed: ran_ue")),
    ],
)
def test_a_program_that_crashes_at_its_start_is_named_with_its_last_words(
    strangers: Bench, fault: str, cast: str, said: tuple[str, ...]
) -> None:
    strangers.environment["AWASE_FAULT"] = fault
    done = strangers.awase("up", "demo", "--cast", cast, "--for", "20", "--out", "run")
    assert done.returncode == 1
    assert all(words in done.stderr for words in said), done.stderr
    assert "Traceback" not in done.stderr
    assert gone(strangers)


def test_a_program_that_never_gets_ready_is_given_up(strangers: Bench) -> None:
    strangers.environment["AWASE_FAULT"] = "nr-gnb:silent"
    network = strangers.network(cast=("  default: awase", "  gnb1: {supplier: ueransim, options: {ready_s: 2}}"))
    done = strangers.awase("up", network, "--for", "20", "--out", "run")
    assert done.returncode == 1
    assert "gnb1 was not ready in 2 s" in done.stderr
    assert gone(strangers)


def test_a_file_that_the_program_refuses_is_told_in_its_words(strangers: Bench) -> None:
    network = strangers.network(tac=("tac: 1\n", "tac: 1\n"))
    file = Path(network)
    file.write_text(
        file.read_text().replace("gnb1: {function: gnb}", "gnb1: {function: gnb, gnb_id_length: 22, gnb_id: 1}")
    )
    written = strangers.awase("up", network, "--cast", "gnb=ueransim", "--write-config", "files")
    assert written.returncode == 0, written.stderr
    path = strangers.path / "files" / "ueransim" / "gnb1.yaml"
    assert not (strangers.path / "run").exists()
    path.write_text(path.read_text().replace("tac: 1", "tac: 16777216\ntacs: 2"))
    done = subprocess.run(
        [strangers.path / "bin" / "nr-gnb", "-c", path], capture_output=True, text=True, check=False, timeout=30
    )
    assert (done.returncode, done.stderr.strip()) == (1, "ERROR: Field tac has an invalid value: 16777216")


def test_a_port_that_is_taken_is_told_in_the_programs_words(strangers: Bench) -> None:
    import socket

    network = strangers.network(
        gnb=("gnb1: {function: gnb}", "gnb1: {function: gnb, addresses: {n3: '127.99.0.1:2152'}}")
    )
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.99.0.1", 2152))
        done = strangers.awase("up", network, "--cast", "gnb=ueransim", "--for", "20", "--out", "run")
    assert done.returncode == 1
    assert "Socket bind failed" in done.stderr
    assert "127.99.0.1:2152" in done.stderr
    assert gone(strangers)


def test_a_program_that_dies_while_the_network_is_up_fails_it_with_its_last_words(strangers: Bench) -> None:
    strangers.environment["AWASE_FAULT"] = "nr-gnb:crash-later"
    done = strangers.awase("up", "demo", "--cast", "gnb=ueransim,ue=ueransim", "--for", "8", "--out", "run", "--json")
    text = next(text for verdict, text in failing(done) if verdict == "parts")
    assert "gnb1 was killed by SIGABRT" in text
    assert "terminate called after throwing" in text
    assert gone(strangers)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_program_is_left_behind(strangers: Bench, number: signal.Signals) -> None:
    up = strangers.start("up", "demo", "--cast", "upf=open5gs,gnb=ueransim,ue=ueransim", "--out", "run")
    strangers.until(lambda state: state["sessions"] == 2)
    assert len(running(strangers)) >= 4
    os.kill(up.pid, number)
    up.communicate(timeout=30)
    assert gone(strangers)
