"""What a host offers: said as it is, and nothing is left behind."""

import os
import platform
import socket
import subprocess

import pytest

from awase.transports import probe

EVERY = (
    probe.loopback_range, probe.sctp_kernel, probe.sctp_raw, probe.udp, probe.udp_gso, probe.udp_gro, probe.tun,
    probe.tshark,
)  # fmt: skip


@pytest.mark.parametrize("look", EVERY, ids=lambda look: look.__name__)
def test_each_says_how_it_knows_and_leaves_nothing_open(look):
    before = os.listdir("/proc/self/fd")
    found = look()
    assert found.detail
    assert found == look()
    assert os.listdir("/proc/self/fd") == before


@pytest.mark.parametrize("look", [probe.loopback_range, probe.udp], ids=lambda look: look.__name__)
def test_what_every_linux_has_is_there(look):
    assert look().there


@pytest.mark.parametrize("look", EVERY[:-1], ids=lambda look: look.__name__)
def test_a_host_that_refuses_is_no_error(look, monkeypatch):
    def refuse(*_arguments):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(os, "open", refuse)
    found = look()
    assert not found.there
    assert "EPERM" in found.detail


def test_the_machine_is_this_one():
    machine = probe.machine()
    assert machine.python == platform.python_version()
    assert machine.cores == len(os.sched_getaffinity(0))
    assert machine.root is (os.geteuid() == 0)


def write_program(path, text):
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("echo 'UERANSIM v3.2.7'", "3.2.7"),
        ("echo 'Open5GS daemon v2.7.2-34-g7e7' >&2; exit 1", "2.7.2-34-g7e7"),
        ("echo 'curl 8.1 (x86_64).'", "8.1"),
        ("echo 'ping from iputils 20221126'; echo 'libcap: yes'", "20221126"),
        ("echo nothing", "unknown"),
        ("exec cat /dev/zero | head -c 100000", "unknown"),
    ],
)
def test_a_program_is_asked_for_its_version(tmp_path, monkeypatch, text, version):
    write_program(tmp_path / "stranger", text)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert probe.program("stranger", "--version") == (str(tmp_path / "stranger"), version)


def test_a_program_that_says_nothing_is_not_waited_for(tmp_path, monkeypatch):
    write_program(tmp_path / "stranger", "exec sleep 60")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(probe, "ASK_S", 0.1)
    assert probe.program("stranger", "--version") == (str(tmp_path / "stranger"), "unknown")
    assert probe.program("nobody-has-this", "--version") is None


def test_tshark_is_found_with_its_version_as_it_says_it(tmp_path, monkeypatch):
    said = subprocess.run(["tshark", "--version"], capture_output=True, text=True, check=True).stdout
    assert probe.tshark().there
    assert probe.tshark().detail.split(",")[0] in said
    monkeypatch.setenv("PATH", str(tmp_path))
    assert probe.tshark() == probe.Finding(False, "not on PATH")
