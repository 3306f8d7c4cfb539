"""Network namespaces of Linux by their names, as `ip netns add` makes them (network_namespaces(7)). Needs root."""

import ctypes
import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

FOLDER = "/run/netns"
_CLONE_NEWNET = 0x40000000


@contextmanager
def inside(name: str) -> Iterator[None]:
    """What is done meanwhile, this thread does in the namespace of that name; "" is where it is. Raises OSError."""
    if not name:
        yield
        return
    own = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        _enter_named(name)
        try:
            yield
        finally:
            _enter(own)
    finally:
        os.close(own)


def _enter_named(name: str) -> None:
    if "/" in name:
        raise OSError(errno.EINVAL, f"{name!r:.40} is no network namespace's name")
    try:
        other = os.open(f"{FOLDER}/{name}", os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise OSError(error.errno, f"there is no network namespace {name} (ip netns add {name})") from None
    try:
        _enter(other)
    finally:
        os.close(other)


def _enter(descriptor: int) -> None:
    # The standard library of Python 3.11 has no setns.
    library = ctypes.CDLL(None, use_errno=True)
    if library.setns(descriptor, _CLONE_NEWNET):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
