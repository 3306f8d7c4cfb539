"""The same exchange with the SCTP of a Linux kernel (5.11 or later), over its UDP encapsulation, both roles.

A program for such a kernel, which test_kernel.py boots: so many messages undisturbed, so many with loss.
    PYTHONPATH=src:tests python -m interop.sctp.against_kernel 1000 250
"""

import os
import socket
import struct
import sys
import threading
from pathlib import Path

from awase.protocols.sctp.config import Config
from awase.protocols.sctp.entity import Endpoint, SendBufferFullError
from awase.protocols.sctp.events import AssociationDown, AssociationUp, Message, Writable
from interop.sctp.carrier import UdpCarrier
from interop.sctp.exchange import QUICK, octets_of

SCTP, INITMSG, EVENTS, SNDRCV = 132, 2, 11, 1
STREAMS, UDP, PORT = 10, 9899, 5000
SYSCTL = Path("/proc/sys/net/sctp")


def kernel_socket():
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM, SCTP)
    made.setsockopt(SCTP, INITMSG, struct.pack("HHHH", STREAMS, STREAMS, 0, 0))
    return made


def receive_one(association):
    """A whole message with its stream and PPID (sctp_sndrcvinfo)."""
    whole, flags = b"", 0
    while not flags & socket.MSG_EOR:
        octets, ancillary, flags, _ = association.recvmsg(65536, 256)
        if not octets:
            raise EOFError
        whole += octets
    stream, _, _, _, ppid = struct.unpack_from("=HHHHI", ancillary[0][2])
    return whole, stream, socket.ntohl(ppid)


def kernel_side(association, side, count, outcome):
    association.setsockopt(SCTP, EVENTS, struct.pack("10B", 1, *[0] * 9))

    def receive_all():
        following = list(range(STREAMS))
        for _ in range(count):
            whole, stream, ppid = receive_one(association)
            assert whole == octets_of(ppid - 1, 1 - side)
            assert ppid - 1 == following[stream]
            following[stream] += STREAMS
        outcome.append("all received")

    reader = threading.Thread(target=receive_all)
    reader.start()
    for i in range(count):
        info = struct.pack("=HHHHIIIIIi", i % STREAMS, 0, 0, 0, socket.htonl(i + 1), 0, 0, 0, 0, 0)
        association.sendmsg([octets_of(i, side)], [(SCTP, SNDRCV, info)])
    reader.join()
    if side == 0:
        association.shutdown(socket.SHUT_WR)


def send_all(carrier, association, side, count):
    for i in range(count):
        while True:
            try:
                carrier.endpoint.send(association, i % STREAMS, i + 1, octets_of(i, side))
                break
            except SendBufferFullError:
                full = sum(isinstance(e, Writable) for e in carrier.events)
                carrier.until(lambda es, n=full: sum(isinstance(e, Writable) for e in es) > n, 200)


def exchange(we_connect, count, config, **faults):
    """All messages both ways; what the kernel's side says of them."""
    (SYSCTL / "udp_port").write_text(str(UDP))
    carrier = UdpCarrier(Endpoint(lambda n, _: os.urandom(n), config), **faults)
    (SYSCTL / "encap_port").write_text(str(carrier.port))
    outcome, side = [], 0 if we_connect else 1
    theirs = kernel_socket()
    if we_connect:
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        theirs.bind(("127.0.0.1", PORT))
        theirs.listen(1)
        carrier.endpoint.connect("127.0.0.1", PORT, udp_port=UDP)

        def work():
            kernel_side(theirs.accept()[0], 1, count, outcome)
    else:
        carrier.endpoint.listen(PORT + 1)

        def work():
            theirs.connect(("127.0.0.1", PORT + 1))
            kernel_side(theirs, 0, count, outcome)

    threading.Thread(target=work, daemon=True).start()
    carrier.until(lambda events: any(isinstance(e, AssociationUp) for e in events), 100)
    association = next(e.association for e in carrier.events if isinstance(e, AssociationUp))
    send_all(carrier, association, side, count)
    carrier.until(lambda events: sum(isinstance(e, Message) for e in events) == count and bool(outcome), 300)
    if we_connect:
        carrier.endpoint.shutdown(association)
    carrier.until(lambda events: any(isinstance(e, AssociationDown) for e in events), 100)
    messages = [e for e in carrier.events if isinstance(e, Message)]
    assert all(e.octets == octets_of(e.ppid - 1, 1 - side) for e in messages)
    for stream in range(STREAMS):
        assert [e.ppid - 1 for e in messages if e.stream == stream] == list(range(stream, count, STREAMS))
    theirs.close()
    carrier.close()
    return outcome


if __name__ == "__main__":
    for we_connect in (True, False):
        role = "we connect" if we_connect else "the kernel connects"
        print(role, exchange(we_connect, int(sys.argv[1]), Config())[0], flush=True)
        lossy = exchange(we_connect, int(sys.argv[2]), QUICK, loss=0.05, reorder=0.05)
        print(role, "with loss", lossy[0], flush=True)
