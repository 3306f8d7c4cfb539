"""The hubs of transports/ with the SCTP of a Linux kernel (6.1): a program for test_kernel.py, which boots one.

    PYTHONPATH=src:tests python -m interop.sctp.hubs_with_kernel 1000 [RECORD.json]

Kernel with kernel, kernel with our own over UDP, both roles; then what becomes of associations. RECORD.json gets what
the kernel's sockets said, for the unit tests.
"""

import asyncio
import contextlib
import ctypes
import fcntl
import json
import socket
import struct
import subprocess
import sys
from pathlib import Path

from awase.transports import sctp, sctp_kernel
from awase.transports.sctp_branch import KernelSockets
from awase.transports.sctp_kernel import KernelHub
from interop.sctp.hubs import Side, carried_by, context_of, exchange

SYSCTL = Path("/proc/sys/net/sctp")
KERNEL, OTHER = "127.0.81.1", "127.0.81.2"
RAW, FAR = "10.81.0.1", "10.81.0.2"
LIBC = ctypes.CDLL(None)
PORT = 38412
SECONDS = 240
KERNEL_CARRIED = carried_by("kernel")


async def kernel_with_kernel(count):
    server = Side(KERNEL, PORT, side=1, serves=True, options=KERNEL_CARRIED, count=count)
    client = Side(OTHER, PORT, side=0, serves=False, options=KERNEL_CARRIED, count=count)
    client.connect(KERNEL, PORT)
    await exchange(server, client, seconds=SECONDS)


async def with_our_own(count, carrier, kernel_serves):
    own_host, kernel_host = (RAW, FAR) if carrier == "raw" else (OTHER, KERNEL)
    own = carried_by("udp", udp_port=9900, peer_udp_ports={kernel_host: 9899})
    if carrier == "raw":
        # Which the hubs refuse beside a kernel that has SCTP; here it is kept from answering.
        sctp.choose = lambda options: options.carrier
        sctp_kernel.KernelSockets = FarSockets
        own = carried_by("raw")
    with inside() if carrier == "raw" else contextlib.nullcontext():
        theirs = Side(
            kernel_host, PORT, side=int(kernel_serves), serves=kernel_serves, options=KERNEL_CARRIED, count=count
        )
    ours = Side(own_host, PORT, side=int(not kernel_serves), serves=not kernel_serves, options=own, count=count)
    if kernel_serves:
        ours.connect(kernel_host, PORT)
        await exchange(theirs, ours, seconds=SECONDS)
    else:
        theirs.connect(own_host, PORT)
        await exchange(ours, theirs, seconds=SECONDS)


async def refused():
    client = Side(OTHER, PORT, side=0, serves=False, options=KERNEL_CARRIED)
    client.connect(KERNEL, PORT)
    await client.until(lambda: client.told, 10)
    assert client.told == [("refused", f"{KERNEL}:{PORT}")], client.told
    client.close()


async def aborted():
    server = Side(KERNEL, PORT, side=1, serves=True, options=KERNEL_CARRIED)
    client = Side(OTHER, PORT, side=0, serves=False, options=KERNEL_CARRIED)
    client.connect(KERNEL, PORT)
    await client.until(lambda: client.links and server.links)
    client.hub.abort(next(iter(client.links)), "enough of it")
    await server.until(lambda: not server.links, 10)
    assert server.told[-1][0] == "abort"
    assert "enough of it" in server.events[-1].text, server.events
    server.close()
    client.close()


async def restarted(count):
    """Our own stack forgets its association and comes again, from the same UDP port, which the kernel keeps."""
    options = carried_by("udp", udp_port=9900, peer_udp_ports={KERNEL: 9899})
    server = Side(KERNEL, PORT, side=1, serves=True, options=KERNEL_CARRIED, count=count)
    first = Side(OTHER, PORT, side=0, serves=True, options=options)
    first.connect(KERNEL, PORT)
    await server.until(lambda: server.links and first.links)
    first.hub.endpoint.associations.clear()
    first.close()
    second = Side(OTHER, PORT, side=0, serves=True, options=options, count=count)
    second.connect(KERNEL, PORT)
    await server.until(lambda: len(server.told) == 3)
    assert [kind for kind, _ in server.told] == ["up", "abort", "up"], server.told
    await asyncio.gather(server.send_all(SECONDS), second.send_all(SECONDS))
    second.shutdown()
    await server.until(lambda: not server.links)
    assert server.told[-1][0] == "down"
    server.close()
    second.close()


async def many(number):
    """Associations by the hundred, then the client's process is gone."""
    server = Side(KERNEL, PORT, side=1, serves=True, options=KERNEL_CARRIED)
    clients = []
    for i in range(number):
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 132)
        sock.setblocking(False)
        sock.bind((OTHER, 40_000 + i))
        with contextlib.suppress(BlockingIOError):
            sock.connect((KERNEL, PORT))
        clients.append(sock)
        if i % 16 == 15:
            await asyncio.sleep(0.01)
    await server.until(lambda: len(server.told) == number, SECONDS)
    for sock in clients:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        sock.close()
    await server.until(lambda: not server.links, SECONDS)
    assert [kind for kind, _ in server.told[number:]] == ["abort"] * number
    server.close()


async def slow_reader(count):
    """Who does not read is aborted by whoever sends; the others have what is theirs meanwhile."""
    server = Side(KERNEL, PORT, side=1, serves=True, options=KERNEL_CARRIED, count=count)
    lazy = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 132)
    lazy.connect((KERNEL, PORT))
    await server.until(lambda: server.links)
    (slow,) = server.links
    why, octets = "", 0
    for _ in range(1000):
        why = server.hub.send(slow, 0, 60, bytes(20_000))
        if why:
            break
        octets += 20_000
    assert "too slowly" in why, why
    assert octets < 8 << 20
    peer = server.links.pop(slow)
    client = Side(OTHER, PORT, side=0, serves=False, options=KERNEL_CARRIED, count=count)
    client.connect(KERNEL, PORT)
    await asyncio.gather(server.send_all(SECONDS), client.send_all(SECONDS))
    server.links[slow] = peer
    server.hub.abort(slow, why)
    client.close()
    server.close()
    lazy.close()


class Recorder(KernelSockets):
    """Notes all that the sockets say."""

    def __init__(self):
        self.said, self.names = [], 0

    def open(self, address, streams):
        return self.note(super().open(address, streams))

    def branch(self, sock, association):
        self.said.append({"socket": sock.name, "branch": association})
        return self.note(super().branch(sock, association))

    def note(self, sock):
        recorder, self.names = self, self.names + 1

        class Noting:
            name = self.names

            def __getattr__(self, wanted):
                return getattr(sock, wanted)

            def sendmsg(self, buffers, ancillary, flags):
                said = [[level, kind, value.hex()] for level, kind, value in ancillary]
                recorder.said.append({"socket": self.name, "sent": len(buffers[0]), "ancillary": said})
                return sock.sendmsg(buffers, ancillary, flags)

            def recvmsg_into(self, buffers, size):
                n, ancillary, flags, address = sock.recvmsg_into(buffers, size)
                said = [[level, kind, value.hex()] for level, kind, value in ancillary]
                row = {"socket": self.name, "octets": bytes(buffers[0][:n]).hex(), "ancillary": said, "flags": flags}
                recorder.said.append({**row, "address": address})
                return n, ancillary, flags, address

        return Noting()


async def record(path):
    """A server's and a client's life: refused, up, short and long messages both ways, abort, again, restart, down."""
    loop, events = asyncio.get_running_loop(), []
    recorder = Recorder()
    server = Side(KERNEL, PORT, side=1, serves=True, options=KERNEL_CARRIED, count=2)
    server.close()
    client = Side(OTHER, PORT, side=0, serves=False, options=KERNEL_CARRIED, count=2)
    client.close()
    client.hub = KernelHub(context_of(loop, events), KERNEL_CARRIED, OTHER, recorder)
    client.hub.open(client, PORT, False)
    client.connect(KERNEL, PORT)
    await client.until(lambda: client.told)
    server.hub = KernelHub(context_of(loop, events), KERNEL_CARRIED, KERNEL, recorder)
    server.hub.open(server, PORT, True)
    client.connect(KERNEL, PORT)
    await client.until(lambda: client.links and server.links)
    await asyncio.gather(server.send_all(), client.send_all())
    (first,) = server.links
    server.hub.abort(first, "enough of it")
    del server.links[first]
    await client.until(lambda: not client.links)
    client.connect(KERNEL, PORT)
    await client.until(lambda: client.links)
    client.shutdown()
    await client.until(lambda: not client.links)
    client.close()
    options = carried_by("udp", udp_port=9900, peer_udp_ports={KERNEL: 9899})
    own = Side(OTHER, PORT, side=0, serves=True, options=options)
    own.connect(KERNEL, PORT)
    await own.until(lambda: own.links)
    own.hub.endpoint.associations.clear()
    own.close()
    again = Side(OTHER, PORT, side=0, serves=True, options=options)
    again.connect(KERNEL, PORT)
    await again.until(lambda: again.links and server.told[-1][0] == "up" and len(server.told) == 6, 20)
    again.shutdown()
    await again.until(lambda: not again.links and not server.links)
    again.close()
    server.close()
    Path(path).write_text("\n".join(json.dumps(row) for row in recorder.said) + "\n")


def make_namespace():
    """A pair of interfaces, the far one in a namespace: there is the kernel's SCTP, here our own over raw IP.

    The kernel has SCTP here as well: what it would say to our packets, an ABORT, is dropped. Neither end may leave the
    CRC32c to the device, as the kernel does on virtual ones: a raw socket would see none.
    """
    for command in (
        "ip netns add far",
        "ip link add near0 type veth peer name far0 netns far",
        f"ip address add {RAW}/24 dev near0",
        f"ip -n far address add {FAR}/24 dev far0",
        "ip link set near0 up",
        "ip -n far link set far0 up",
        "ip -n far link set lo up",
        "tc qdisc add dev near0 clsact",
        "tc filter add dev near0 egress protocol ip u32 match ip protocol 132 0xff match u8 6 0xff at 32 action drop",
    ):
        subprocess.run(command.split(), check=True)
    checksums_by_hand("near0")
    with inside():
        checksums_by_hand("far0")


class FarSockets(KernelSockets):
    """An association is branched off by who is in its socket's namespace only."""

    def branch(self, sock, association):
        with inside():
            return super().branch(sock, association)


def checksums_by_hand(device):
    """ETHTOOL_STXCSUM, 0."""
    argument = ctypes.create_string_buffer(struct.pack("=II", 0x17, 0), 8)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        fcntl.ioctl(sock, 0x8946, struct.pack("=16sQ", device.encode(), ctypes.addressof(argument)).ljust(40, b"\0"))


@contextlib.contextmanager
def inside():
    """Sockets made here are of the namespace."""
    with open("/proc/self/ns/net") as near, open("/run/netns/far") as far:
        LIBC.setns(far.fileno(), 0)
        try:
            yield
        finally:
            LIBC.setns(near.fileno(), 0)


def step(name, made):
    print(f"{name}: {asyncio.run(made) or 'ok'}", flush=True)


if __name__ == "__main__":
    count = int(sys.argv[1])
    (SYSCTL / "udp_port").write_text("9899")
    (SYSCTL / "encap_port").write_text("0")
    step("refused", refused())
    step("aborted", aborted())
    step("kernel with kernel", kernel_with_kernel(count))
    step("slow reader", slow_reader(count // 10))
    step("many", many(300))
    step("our own over UDP comes to the kernel", with_our_own(count, "udp", True))
    step("restarted", restarted(count // 10))
    if len(sys.argv) > 2:
        step("recorded", record(sys.argv[2]))
    (SYSCTL / "encap_port").write_text("9900")
    step("the kernel comes to our own over UDP", with_our_own(count, "udp", False))
    (SYSCTL / "encap_port").write_text("0")
    (SYSCTL / "udp_port").write_text("0")
    make_namespace()
    step("our own over raw IP comes to the kernel", with_our_own(count, "raw", True))
    step("the kernel comes to our own over raw IP", with_our_own(count, "raw", False))
