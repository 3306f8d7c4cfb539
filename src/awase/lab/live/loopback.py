"""Which loopback addresses a network that is up takes: several may be up on one host, each with its own."""

import socket

from awase.lab.addressing import LOOPBACKS
from awase.transports.probe import loopback_range


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
        return number, lock
    raise LoopbackMissing(f"{LOOPBACKS} networks are up on this host already: awase status lists yours")
