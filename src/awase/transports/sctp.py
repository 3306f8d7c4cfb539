"""A port on SCTP: n2, xn, f1c, e1, e2. Chooses a carrier, and turns associations into packets of the contract."""

import asyncio
import socket
from collections.abc import Iterable
from errno import EACCES, EADDRINUSE, EADDRNOTAVAIL, EMFILE
from functools import cache
from typing import Literal, Protocol

from awase.model.part import Address, Packet
from awase.transports.hosting import SctpOptions, TransportError
from awase.transports.ports import Context, HostPort, host_port, text_of
from awase.transports.sctp_carriers import RawHub, UdpHub
from awase.transports.sctp_kernel import KernelHub
from awase.transports.sctp_user import UserHub

IPPROTO_SCTP = 132
_HINTS = {
    EADDRINUSE: "stop the other program, or give the part another address in `addresses`",
    EADDRNOTAVAIL: "this host has no such address: give it one (ip address add), or the part another in `addresses`",
    EACCES: "raw sockets need root: take the carrier udp",
    EMFILE: "the process has too many files open: raise ulimit -n",
}
Carrier = Literal["kernel", "raw", "udp"]


@cache
def kernel_has_sctp() -> bool:
    """Whether the kernel makes SCTP sockets."""
    try:
        socket.socket(socket.AF_INET, socket.SOCK_SEQPACKET, IPPROTO_SCTP).close()
    except OSError:
        return False
    return True


@cache
def raw_sockets() -> bool:
    """Whether this process may open raw IP sockets."""
    try:
        socket.socket(socket.AF_INET, socket.SOCK_RAW, IPPROTO_SCTP).close()
    except OSError:
        return False
    return True


def choose(options: SctpOptions) -> Carrier:
    """The carrier: as asked, or the kernel's, raw IP as root, UDP. Raises OSError for what cannot be."""
    asked = options.carrier
    if asked == "auto":
        return "kernel" if kernel_has_sctp() else "raw" if raw_sockets() else "udp"
    if asked == "kernel" and not kernel_has_sctp():
        raise OSError("this kernel has no SCTP: modprobe sctp, or take the carrier raw or udp")
    if asked == "raw" and kernel_has_sctp():
        raise OSError("the kernel has SCTP, and would abort what we do over raw IP: take the carrier kernel or udp")
    if asked == "raw" and not raw_sockets():
        raise OSError("raw IP sockets need root: take the carrier udp")
    return asked


class Hub(Protocol):
    """SCTP at one own host address; ports of one or more parts use it."""

    carrier: str

    def open(self, port: "SctpTransport", number: int, serves: bool) -> None:
        """Use an SCTP port number. Raises OSError."""
        ...

    def connect(self, port: "SctpTransport", number: int, peer: HostPort) -> None:
        """Ask for an association."""
        ...

    def send(self, link: int, stream: int, ppid: int, octets: bytes) -> str:
        """Queue a user message; "" or why it cannot be."""
        ...

    def queued(self, link: int) -> int:
        """How many octets are on their way."""
        ...

    def shutdown(self, link: int) -> None:
        """Close in order."""
        ...

    def abort(self, link: int, reason: str) -> None:
        """Close at once."""
        ...

    def flush(self) -> None:
        """Send what is queued."""
        ...

    def close(self, port: "SctpTransport", number: int) -> bool:
        """A port is done; True where the hub closed with its last one."""
        ...


class Hubs:
    """The hubs of a host process, by carrier and own address."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._hubs: dict[tuple[Carrier, str], Hub] = {}

    def get(self, context: Context, options: SctpOptions, host: str) -> Hub:
        """The hub for an own address. Raises OSError."""
        carrier = choose(options)
        hub = self._hubs.get((carrier, host))
        if hub is None:
            made: Hub
            if carrier == "kernel":
                made = KernelHub(context, options, host)
            else:
                kind: type[UserHub] = RawHub if carrier == "raw" else UdpHub
                made = kind(context, options, host)
            hub = self._hubs[carrier, host] = made
        return hub

    def drop(self, hub: Hub) -> None:
        """A hub has closed."""
        self._hubs = {key: other for key, other in self._hubs.items() if other is not hub}


class SctpTransport:
    """One port of a part on SCTP. `links` are the associations that are up, by number."""

    def __init__(self, context: Context, options: SctpOptions, hubs: Hubs, serves: bool) -> None:
        self.context = context
        self.carrier = "SCTP"
        self.links: dict[int, Address] = {}
        self._leaving: dict[int, None] = {}
        """Those that the part has done with, and that are not yet shut down."""
        self._options = options
        self._hubs = hubs
        self._serves = serves
        self._hub: Hub | None = None
        self._number = 0
        self._gone = asyncio.Event()

    async def open(self) -> None:
        """Open the port. Raises TransportError."""
        context = self.context
        try:
            host, self._number = host_port(context.address)
            self._hub = self._hubs.get(context, self._options, host)
            self._hub.open(self, self._number, self._serves)
        except (OSError, ValueError) as error:
            if isinstance(error, TransportError):
                raise
            hub, self._hub = self._hub, None
            if hub is not None and hub.close(self, self._number):
                self._hubs.drop(hub)
            fault = error if isinstance(error, OSError) else OSError(str(error))
            hint = _HINTS.get(fault.errno or 0, "see awase doctor")
            raise context.unusable("SCTP cannot be opened", fault, hint) from error
        self.carrier = self._hub.carrier

    def send(self, packet: Packet) -> None:
        """Take a packet of the part."""
        hub = self._hub
        if hub is None:
            return
        number = packet.association
        if packet.kind == "connect":
            try:
                hub.connect(self, self._number, host_port(packet.peer))
            except (OSError, ValueError) as error:
                self.context.report("ConnectFailed", f"{packet.peer}: {error}")
                self.refused(packet.peer)
        elif number is None or number not in self.links:
            return
        elif packet.kind == "data" and isinstance(packet.payload, bytes):
            why = hub.send(number, packet.stream or 0, packet.ppid or 0, packet.payload)
            if why:
                peer = self.links.get(number, "")
                self.context.report("AssociationAborted", f"{peer} was aborted: {why}", peer=peer)
                hub.abort(number, why)
                self.down(number, "abort")
        elif packet.kind in ("down", "abort"):
            del self.links[number]
            if packet.kind == "down":
                self._leaving[number] = None
                hub.shutdown(number)
            else:
                hub.abort(number, "the part aborts")
        self.context.flush_soon(self)

    def flush(self) -> None:
        """Send what was taken."""
        if self._hub is not None:
            self._hub.flush()

    # What the hub tells and asks.

    def familiar(self) -> Iterable[Address] | None:
        """Whom the part knows; None where it cannot tell."""
        return self.context.familiar()

    def up(self, link: int, peer: HostPort) -> None:
        """An association is up."""
        address = self.links[link] = text_of(peer)
        self.context.deliver(Packet(self.context.port, address, kind="up", association=link))

    def data(self, link: int, stream: int, ppid: int, octets: bytes) -> None:
        """A user message came."""
        peer = self.links.get(link)
        if peer is not None:
            self.context.deliver(Packet(self.context.port, peer, octets, "data", link, stream, ppid))

    def down(self, link: int, kind: Literal["down", "abort"]) -> None:
        """An association is no more."""
        peer = self.links.pop(link, None)
        self._leaving.pop(link, None)
        if peer is not None:
            self.context.deliver(Packet(self.context.port, peer, kind=kind, association=link))
        self._gone.set()

    def refused(self, peer: Address) -> None:
        """What was asked for did not come about."""
        self.context.deliver(Packet(self.context.port, peer, kind="down"))

    async def close(self, limit_s: float) -> None:
        """SHUTDOWN what is up, or abort it where there is no time."""
        hub, self._hub = self._hub, None
        if hub is None:
            return
        for link in self.links:
            if limit_s > 0:
                hub.shutdown(link)
            else:
                hub.abort(link, "the host closes")
        hub.flush()
        end = self.context.loop.time() + limit_s
        while limit_s > 0 and (self.links or self._leaving) and (left := end - self.context.loop.time()) > 0:
            self._gone.clear()
            try:
                await asyncio.wait_for(self._gone.wait(), left)
            except TimeoutError:
                break
        for link in (*self.links, *self._leaving):
            hub.abort(link, "the host closes")
        hub.flush()
        self.links.clear()
        self._leaving.clear()
        if hub.close(self, self._number):
            self._hubs.drop(hub)

    def open_links(self) -> int:
        """How many associations are up."""
        return len(self.links)
