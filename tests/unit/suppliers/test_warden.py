"""Programs of others end with whoever started them, however that ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from awase.suppliers.warden import Warden

STARTER = """
import subprocess, sys, time
from awase.suppliers.warden import Warden
warden = Warden()
for source in sys.argv[1:]:
    child = subprocess.Popen([sys.executable, "-c", source], process_group=0)
    warden.watch(child.pid)
    print(child.pid, flush=True)
time.sleep(60)
"""
PLAIN = "import time; time.sleep(60)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"


def runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def until_gone(*pids: int) -> None:
    end_s = time.monotonic() + 20
    while any(runs(pid) for pid in pids):
        assert time.monotonic() < end_s
        time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_when_the_starter_is_killed_its_programs_are_ended_stubborn_ones_too(number: signal.Signals) -> None:
    command = [sys.executable, "-c", STARTER, PLAIN, STUBBORN]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        pids = [int(starter.stdout.readline()) for _ in range(2)]
        assert all(runs(pid) for pid in pids)
        os.kill(starter.pid, number)
        starter.wait()
        until_gone(*pids)


def test_what_has_ended_is_left_alone() -> None:
    warden = Warden()
    with subprocess.Popen([sys.executable, "-c", PLAIN], process_group=0) as program:
        warden.watch(program.pid)
        warden.forget(program.pid)
        warden.close()
        assert program.poll() is None
        program.kill()


def test_what_is_left_when_it_is_sent_home_is_ended() -> None:
    warden = Warden()
    with subprocess.Popen([sys.executable, "-c", PLAIN], process_group=0) as program:
        warden.watch(program.pid)
        warden.close()
        assert program.wait(timeout=20) == -signal.SIGTERM


def test_without_programs_there_is_nothing_to_watch() -> None:
    Warden().close()
