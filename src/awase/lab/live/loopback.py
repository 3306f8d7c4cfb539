"""Which loopback addresses a network that is up takes: several may be up on one host, each with its own."""

import errno
import socket

from awase.lab.addressing import FUNCTION_NUMBERS, LOOPBACKS, loopback_prefix
from awase.model.reference_points import HTTP_PORT, REFERENCE_POINTS
from awase.transports.probe import loopback_range

_PORTS = (
    ("upf", REFERENCE_POINTS["N3"].port_number, socket.SOCK_DGRAM),
    ("upf", REFERENCE_POINTS["N4"].port_number, socket.SOCK_DGRAM),
    ("gnb", REFERENCE_POINTS["N3"].port_number, socket.SOCK_DGRAM),
    *((function, HTTP_PORT, socket.SOCK_STREAM) for function in ("amf", "smf", "ausf", "udm", "udr")),
)
"""Where a network of this block would listen: function, port, kind of socket."""


class LoopbackMissing(Exception):
    """This host has no loopback address but 127.0.0.1."""


def take_loopback() -> tuple[int, socket.socket]:
    """The first number that no other network on this host has, and what holds it until it is closed.

    Raises LoopbackMissing.
    """
    if not loopback_range().there:
        raise LoopbackMissing(
            "this host's loopback is 127.0.0.1 alone (macOS): each part needs an address of its own. "
            "Virtual time is what works here: awase run"
        )
    for number in range(LOOPBACKS):
        lock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            # An abstract name: gone with its owner, however that ends.
            lock.bind(f"\0awase-loopback-{number}")
        except OSError:
            lock.close()
            continue
        if _is_taken(number):
            # A killed network's program, or anybody's: the next block is as good.
            lock.close()
            continue
        return number, lock
    raise LoopbackMissing(f"{LOOPBACKS} networks are up on this host already: awase status lists yours")


def _is_taken(number: int) -> bool:
    """Whether somebody listens where the first UPF, gNB, AMF, ... of this block would: they may be leaving still."""
    return any(
        _listens(f"{loopback_prefix(FUNCTION_NUMBERS[function], number)}.0.1", port, kind)
        for function, port, kind in _PORTS
    )


def _listens(host: str, port: int, kind: socket.SocketKind) -> bool:
    with socket.socket(socket.AF_INET, kind) as trial:
        if kind is socket.SOCK_STREAM:
            # A connection that has just ended is nobody's.
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as error:
            return error.errno == errno.EADDRINUSE
    return False
