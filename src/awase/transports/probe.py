"""What this host offers to transports: each function tries one thing, leaves nothing behind, and says what it found."""

import errno
import os
import platform
import re
import selectors
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

import msgspec

from awase.transports.tun import DEVICE, open_tun

IPPROTO_SCTP = 132
UDP_SEGMENT, UDP_GRO = 103, 104
"""Socket options of Linux, for which the standard library has no names."""
ASK_S = 3.0
_MAX_SAID = 4096
_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_VERSION = re.compile(r"(?<![\w.])v?(\d+\.\d+(?:\.\d+)?[\w.+-]*)")
_DATED = re.compile(r"(?<![\w.])s?(20\d{6})(?![\w.])")
"""A version that is a date, as that of iputils."""


class Finding(msgspec.Struct, frozen=True):
    """Whether something is there, and how that is known: what works, or the error."""

    there: bool
    detail: str


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """The host and this interpreter. `cores`: those that this process may use."""

    system: str
    python: str
    cores: int
    root: bool


def machine() -> Machine:
    """The host and this interpreter."""
    # macOS has no affinity.
    may_use = getattr(os, "sched_getaffinity", None)
    return Machine(
        system=platform.platform(),
        python=platform.python_version(),
        cores=len(may_use(0)) if may_use else os.cpu_count() or 1,
        root=os.geteuid() == 0,
    )


def loopback_range() -> Finding:
    """Whether any address of 127.0.0.0/8 can be used, as on Linux."""
    found = _socket(socket.SOCK_DGRAM, 0, ("127.9.254.253", 0))
    return Finding(found.there, "127.0.0.0/8" if found.there else f"127.0.0.1 alone: {found.detail}")


def sctp_kernel() -> Finding:
    """Whether the kernel makes SCTP sockets."""
    found = _socket(socket.SOCK_STREAM, IPPROTO_SCTP)
    return Finding(found.there, "socket(132) works" if found.there else found.detail)


def sctp_raw() -> Finding:
    """Whether raw IP sockets of protocol 132 can be made."""
    found = _socket(socket.SOCK_RAW, IPPROTO_SCTP)
    return Finding(found.there, "protocol 132" if found.there else found.detail)


def udp() -> Finding:
    """Whether a UDP port can be opened on loopback."""
    found = _socket(socket.SOCK_DGRAM, 0, ("127.0.0.1", 0))
    return Finding(found.there, "UDP ports can be opened" if found.there else found.detail)


def udp_gso() -> Finding:
    """Whether the kernel cuts one large send into datagrams (UDP_SEGMENT)."""
    return _udp_option(UDP_SEGMENT, 1200)


def udp_gro() -> Finding:
    """Whether the kernel hands over several datagrams as one (UDP_GRO)."""
    return _udp_option(UDP_GRO, 1)


def tun() -> Finding:
    """Whether a TUN device can be made; it is gone again when this returns."""
    try:
        descriptor, _ = open_tun("")
    except OSError as error:
        return Finding(False, f"{DEVICE}: {_word(error)}")
    os.close(descriptor)
    return Finding(True, DEVICE)


def programs(questions: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Path and version ("unknown" where it says none) of those that are on PATH; each is asked its question.

    All are asked at once, and have ASK_S together; whoever says much or never ends is not waited for.
    """
    found: dict[str, tuple[str, str]] = {}
    asked: dict[str, tuple[str, subprocess.Popen[bytes]]] = {}
    for name, question in questions.items():
        path = shutil.which(name)
        if path is None:
            continue
        found[name] = path, "unknown"
        with suppress(OSError):
            asked[name] = (
                path,
                subprocess.Popen(  # noqa: S603 - a program on PATH, asked for its version.
                    [path, question],
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,
                ),
            )
    said = _heard({name: process for name, (_, process) in asked.items()})
    for name, (path, _) in asked.items():
        text = _COLOUR.sub("", said[name].decode("utf-8", "replace"))
        match = _VERSION.search(text) or _DATED.search(text)
        if match:
            found[name] = path, match[1].rstrip(".")
    return found


def _heard(processes: Mapping[str, subprocess.Popen[bytes]]) -> dict[str, bytes]:
    """The first that each says; none of them is left."""
    said = dict.fromkeys(processes, b"")
    end_s = time.monotonic() + ASK_S
    with selectors.DefaultSelector() as waiting:
        for name, process in processes.items():
            if process.stdout is not None:
                waiting.register(process.stdout, selectors.EVENT_READ, name)
        while waiting.get_map() and time.monotonic() < end_s:
            for key, _ in waiting.select(end_s - time.monotonic()):
                octets = os.read(key.fd, _MAX_SAID)
                said[key.data] += octets
                if not octets or len(said[key.data]) >= _MAX_SAID:
                    waiting.unregister(key.fileobj)
    for process in processes.values():
        with suppress(ProcessLookupError, PermissionError):
            # Its children too, which would hold on to the pipe.
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
    return said


def program(name: str, question: str) -> tuple[str, str] | None:
    """Path and version of one, or None."""
    return programs({name: question}).get(name)


def tshark() -> Finding:
    """Whether tshark is on PATH, and its version."""
    found = program("tshark", "--version")
    return Finding(False, "not on PATH") if found is None else Finding(True, f"{found[1]}, {found[0]}")


def _word(error: OSError) -> str:
    return errno.errorcode.get(error.errno or 0, str(error))


def _socket(kind: int, protocol: int, address: tuple[str, int] | None = None) -> Finding:
    def attempt() -> None:
        with socket.socket(socket.AF_INET, kind, protocol) as trial:
            if address is not None:
                trial.bind(address)

    return _tried(attempt)


def _udp_option(option: int, value: int) -> Finding:
    def attempt() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as trial:
            trial.setsockopt(socket.IPPROTO_UDP, option, value)

    found = _tried(attempt)
    return Finding(found.there, "setsockopt works" if found.there else found.detail)


def _tried(attempt: Callable[[], None]) -> Finding:
    try:
        attempt()
    except OSError as error:
        return Finding(False, _word(error))
    return Finding(True, "works")
