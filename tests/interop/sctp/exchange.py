"""Messages between our endpoint and usrsctp in C, by UDP on loopback: both make them by one rule and check them.

Needs a C compiler and Debian's libusrsctp-dev.
"""

import contextlib
import fcntl
import os
import socket
import subprocess
import tempfile
from pathlib import Path

from awase.protocols.sctp.config import Config
from awase.protocols.sctp.entity import Endpoint, SendBufferFullError
from awase.protocols.sctp.events import AssociationDown, AssociationUp, Message, Writable
from interop.sctp.carrier import UdpCarrier

COUNT, STREAMS, LONGEST = 1000, 16, 20_000
PATTERN = bytes((j * 7 + (j >> 8)) & 0xFF for j in range(LONGEST + 256))
MS = 1_000_000
QUICK = Config(rto_initial_ns=100 * MS, rto_min_ns=100 * MS, sack_period_ns=20 * MS)


def build(directory):
    """Compile the peer; its path."""
    program = directory / "peer"
    source = Path(__file__).parent / "peer.c"
    command = ["cc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", program, source, "-lusrsctp", "-lpthread"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"apt-get install gcc libusrsctp-dev\n{done.stderr}"
    return program


@contextlib.contextmanager
def alone():
    """One usrsctp at a time: as root it hears all SCTP over raw IP of this host, and at its start it answers it."""
    with open(Path(tempfile.gettempdir()) / f"awase-usrsctp-{os.getuid()}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def octets_of(i, side):
    length = 20 + (i * 7919 + side * 104729) % (LONGEST - 19)
    return PATTERN[i % 251 : i % 251 + length]


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Exchange:
    """Our side: sends its messages as the buffer takes them, until both sides have all."""

    def __init__(self, program, role, config, *, mtu=0, **faults):
        self.side = 1 if role == "listen" else 0
        theirs = "connect" if role == "listen" else "listen"
        self.carrier = UdpCarrier(Endpoint(lambda n, _: os.urandom(n), config), **faults)
        udp, self.sctp_port = free_port(), 5000
        if role == "listen":
            self.carrier.endpoint.listen(self.sctp_port)
        quick = ["100", "20"] if config is QUICK else ["1000", "200"]
        arguments = [program, theirs, udp, self.carrier.port, self.sctp_port, COUNT, *quick, mtu]
        self.process = subprocess.Popen(
            [*map(str, arguments)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        if role == "connect":
            assert self.process.stdout.readline() == "ready\n"
            self.carrier.endpoint.connect("127.0.0.1", self.sctp_port, udp_port=udp)

    def run(self):
        carrier = self.carrier
        carrier.until(lambda events: any(isinstance(e, AssociationUp) for e in events))
        association = next(e.association for e in carrier.events if isinstance(e, AssociationUp))
        self._send_all(association)
        carrier.until(lambda events: sum(isinstance(e, Message) for e in events) >= COUNT, 100)
        if self.side == 0:
            carrier.endpoint.shutdown(association)
        carrier.until(lambda events: any(isinstance(e, AssociationDown) for e in events))
        # Our last SHUTDOWN COMPLETE may be lost too: answer as long as it asks.
        self.process.stdin.close()
        carrier.until(lambda events: self.process.poll() is not None)
        return [e for e in carrier.events if isinstance(e, Message)], self.process.stdout.read()

    def _send_all(self, association):
        for i in range(COUNT):
            while True:
                try:
                    self.carrier.endpoint.send(association, i % STREAMS, i + 1, octets_of(i, self.side))
                    break
                except SendBufferFullError:
                    full = sum(isinstance(e, Writable) for e in self.carrier.events)
                    self.carrier.until(lambda es, n=full: sum(isinstance(e, Writable) for e in es) > n)

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        self.carrier.close()
