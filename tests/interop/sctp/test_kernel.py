"""The SCTP of a Linux kernel, both roles: as our carrier, and as the peer of our own over UDP and raw IP.

This host's kernel may have none: the programs run in user-mode Linux, an ordinary process without root (rig/boot).
1,000 messages of 20 to 20,000 octets each way, checked for content, order and PPID.
"""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
TESTS = HERE.parents[1]
LIMIT_S = 300


def in_guest(*arguments):
    """What a program said in a kernel with SCTP, line by line."""
    with tempfile.TemporaryDirectory(prefix="awase-guest-") as run:
        program = f"PYTHONDONTWRITEBYTECODE=1 PYTHONPATH={TESTS.parent / 'src'}:{TESTS} {sys.executable} -m "
        command = [HERE / "rig" / "boot", run, program + " ".join(arguments)]
        booted = subprocess.Popen(command, start_new_session=True)
        try:
            came_to_its_end = booted.wait(LIMIT_S) == 0
        finally:
            if booted.poll() is None:
                os.killpg(booted.pid, signal.SIGKILL)
                booted.wait()
        said = {
            name: (Path(run) / name).read_text() for name in ("out", "err", "console") if (Path(run) / name).exists()
        }
        assert came_to_its_end, said
        assert (Path(run) / "status").read_text() == "0\n", said
        return said["out"].splitlines()


def test_our_hubs_on_the_kernels_sctp_and_beside_it():
    assert in_guest("interop.sctp.hubs_with_kernel", "1000") == [
        "refused: ok",
        "aborted: ok",
        "kernel with kernel: ok",
        "slow reader: ok",
        "many: ok",
        "our own over UDP comes to the kernel: ok",
        "restarted: ok",
        "the kernel comes to our own over UDP: ok",
        "our own over raw IP comes to the kernel: ok",
        "the kernel comes to our own over raw IP: ok",
    ]


def test_our_endpoint_beside_the_kernels_with_loss_too():
    assert in_guest("interop.sctp.against_kernel", "1000", "250") == [
        "we connect all received",
        "we connect with loss all received",
        "the kernel connects all received",
        "the kernel connects with loss all received",
    ]
