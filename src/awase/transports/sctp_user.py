"""Our own SCTP (protocols/sctp) over raw IP (protocol 132) or over UDP (RFC 6951), at one own address."""

import os
import socket
import struct
from asyncio import TimerHandle
from collections import deque
from collections.abc import Iterable
from errno import EADDRINUSE, ECONNREFUSED, ENOPROTOOPT, EPROTONOSUPPORT
from typing import Literal, Protocol

from awase.model.part import Address
from awase.protocols.sctp.config import Config
from awase.protocols.sctp.entity import Endpoint, NoAssociationError, SendBufferFullError
from awase.protocols.sctp.events import (
    AssociationAborted,
    AssociationDown,
    AssociationLost,
    AssociationRestarted,
    AssociationUp,
    Event,
    Malformed,
    Message,
)
from awase.protocols.sctp.messages import CauseCode
from awase.transports.guard import READS_AT_ONCE, Shield
from awase.transports.hosting import SctpOptions
from awase.transports.ports import Context, HostPort, text_of
from awase.wire.errors import EncodeError

READ_AT_ONCE = 64
MAX_WAITING_BYTES = 8 << 20
"""Packets that wait for room in the socket; more are lost, as on any network."""
MAX_UNREAD_BYTES = 64 << 20
"""What all peers of a hub together have not acknowledged; beyond it the one that reads least is aborted."""
_WEIGHED_BYTES = 1 << 20
_NS = 1_000_000_000
_LOOPBACK_PACKET_BYTES = 32_768
"""Half of what would go: a socket's buffer without privileges holds few that are larger, and a loss costs more."""
_PACKET_BYTES = 1452
_SILENCES = 2
"""Time-outs in a row after which a doubtful ICMP message is believed."""
_WANTED = (0, CauseCode.USER_INITIATED_ABORT)
_NOBODY = (ECONNREFUSED, ENOPROTOOPT, EPROTONOSUPPORT)


def _is_ours(event: AssociationAborted | AssociationLost) -> bool:
    """Whether the part itself wanted it."""
    return isinstance(event, AssociationAborted) and not event.by_peer and event.cause in _WANTED


class Port(Protocol):
    """A part's port, as the hub sees it."""

    def familiar(self) -> Iterable[Address] | None:
        """Whom the part knows; None where it cannot tell."""
        ...

    def up(self, link: int, peer: HostPort) -> None:
        """An association is up."""
        ...

    def data(self, link: int, stream: int, ppid: int, octets: bytes) -> None:
        """A user message came."""
        ...

    def down(self, link: int, kind: Literal["down", "abort"]) -> None:
        """An association is no more."""
        ...

    def refused(self, peer: str) -> None:
        """What was asked for did not come about."""
        ...


class UserHub:
    """One endpoint, its socket and its timer."""

    carrier = "SCTP"

    def __init__(self, context: Context, options: SctpOptions, host: str) -> None:
        self.host = host
        self.options = options
        self._loop = context.loop
        self._now_ns = context.now_ns
        self._context = context
        loopback = host.startswith("127.")
        self.endpoint = Endpoint(
            lambda n, _: os.urandom(n),
            Config(
                outbound_streams=options.streams,
                inbound_streams=options.streams,
                # All peers of a loopback address are on this host, where the MTU is 64 KiB.
                max_packet_bytes=options.packet_bytes or (_LOOPBACK_PACKET_BYTES if loopback else _PACKET_BYTES),
                hb_interval_ns=_NS if loopback else 30 * _NS,
                rto_initial_ns=_NS // 5 if loopback else _NS,
                rto_min_ns=_NS // 5 if loopback else _NS,
                max_init_retransmits=6 if loopback else 4,
            ),
        )
        self._ports: dict[int, Port] = {}
        self._links: dict[int, Port] = {}
        self._peers: dict[int, Address] = {}
        self._asked: dict[int, tuple[Port, HostPort]] = {}
        self._outer: dict[int, int] = {}
        """What the part calls an association that was restarted, and so is another to it."""
        self._inner_of: dict[int, int] = {}
        self._restarts = 1 << 32
        self._alarm: TimerHandle | None = None
        self._alarm_ns = 0
        self._waiting: deque[tuple[bytes, HostPort]] = deque()
        self._waiting_bytes = 0
        self._unweighed_bytes = 0
        self._shield = Shield(context, self._familiar, self._filter)
        self.socket = self._open()
        self._loop.add_reader(self.socket, self._read)

    def _open(self) -> socket.socket:
        raise NotImplementedError

    def _take(self) -> tuple[bytes, HostPort]:
        """The next SCTP packet and its sender. Raises OSError."""
        raise NotImplementedError

    def _udp_port(self, host: str) -> int:
        return self.options.peer_udp_ports.get(host, self.options.udp_port)

    def _filter(self) -> None:
        """Tell the socket which ports are ours."""

    # What ports ask.

    def open(self, port: Port, number: int, serves: bool) -> None:
        """Use an SCTP port number. Raises OSError."""
        if number in self._ports:
            raise OSError(EADDRINUSE, f"SCTP port {number} of {self.host} is taken by another part of this process")
        self._ports[number] = port
        if serves:
            self.endpoint.listen(number)
        self._filter()

    def connect(self, port: Port, number: int, peer: HostPort) -> None:
        """Ask for an association. Raises OSError."""
        try:
            made = self.endpoint.connect(*peer, udp_port=self._udp_port(peer[0]), local_port=number)
        except EncodeError as error:
            raise OSError(str(error)) from error
        self._asked[made] = port, peer

    def send(self, link: int, stream: int, ppid: int, octets: bytes) -> str:
        """Queue a user message; "" or why it cannot be."""
        try:
            self.endpoint.send(self._inner(link), stream, ppid, octets)
        except NoAssociationError:
            return ""
        except SendBufferFullError as error:
            return f"it reads too slowly: {error}"
        except EncodeError as error:
            return str(error)
        self._unweighed_bytes += len(octets)
        if self._unweighed_bytes > _WEIGHED_BYTES:
            self._weigh()
        return ""

    def _weigh(self) -> None:
        """Each peer is bounded by its send buffer; all together must be too."""
        self._unweighed_bytes = 0
        unread = {a.id: a.outbound.queued_bytes for a in self.endpoint.associations.values()}
        if sum(unread.values()) > MAX_UNREAD_BYTES:
            slowest = max(unread, key=unread.__getitem__)
            words = f"it reads too slowly: {unread[slowest]} octets wait, {sum(unread.values())} of all peers"
            self._context.report("AssociationAborted", f"{self.endpoint.associations[slowest].primary.host}: {words}")
            self.endpoint.abort(slowest, "reads too slowly")

    def queued(self, link: int) -> int:
        """How many octets the peer has not acknowledged."""
        return self.endpoint.unacknowledged(self._inner(link))

    def shutdown(self, link: int) -> None:
        """Close in order."""
        self.endpoint.shutdown(self._inner(link))

    def abort(self, link: int, reason: str) -> None:
        """Close at once."""
        self._links.pop(link, None)
        self.endpoint.abort(self._inner(link), reason)

    def close(self, port: Port, number: int) -> bool:
        """A port is done; True where the hub closed with its last one."""
        if self._ports.get(number) is port:
            del self._ports[number]
            self.endpoint.stop_listening(number)
        for made, (asker, _) in list(self._asked.items()):
            if asker is port:
                del self._asked[made]
                self.endpoint.abort(made)
        self.flush()
        if self._ports:
            self._filter()
            return False
        if self._alarm is not None:
            self._alarm.cancel()
        self._shield.close()
        self._loop.remove_reader(self.socket)
        self._loop.remove_writer(self.socket)
        self.socket.close()
        return True

    def _inner(self, link: int) -> int:
        return self._inner_of.get(link, link)

    # The socket and the clock.

    def _familiar(self) -> Iterable[Address] | None:
        known = [port.familiar() for port in self._ports.values()]
        return None if None in known else [peer for peers in known for peer in peers or ()]

    def _read(self) -> None:
        receive, now_ns, take = self.endpoint.receive, self._now_ns(), self._take
        guard = self._shield.guard
        if guard.active and guard.begin(now_ns):
            self._read_guarded(now_ns)
            return
        for turn in range(READ_AT_ONCE):
            try:
                octets, address = take()
            except BlockingIOError:
                guard.emptied()
                if not turn:
                    # Woken for no packet: by an error whose number another call was given.
                    self._unreachable()
                break
            except OSError:
                self._unreachable()
                continue
            receive(octets, address, now_ns)
        else:
            guard.not_emptied(now_ns)
        self.flush()

    def _read_guarded(self, now_ns: int) -> None:
        guard, admitted = self._shield.guard, 0
        for _ in range(READS_AT_ONCE):
            try:
                octets, address = self._take()
            except BlockingIOError:
                break
            except OSError:
                self._unreachable()
                continue
            if guard.admits(address[0], now_ns):
                self.endpoint.receive(octets, address, now_ns)
                admitted += 1
                if admitted == READ_AT_ONCE:
                    guard.not_emptied(now_ns)
                    break
        self._shield.settle()
        self.flush()

    def _unreachable(self) -> None:
        """ICMP says that nobody is there: what the message quotes tells of whom (RFC 9260 clause 10)."""
        try:
            octets, ancillary, _, address = self.socket.recvmsg(2048, 512, socket.MSG_ERRQUEUE)
        except OSError:
            return
        number = struct.unpack_from("=I", ancillary[0][2])[0] if ancillary else 0
        if number not in _NOBODY or len(octets) < 8:
            return
        tag = int.from_bytes(octets[4:8], "big")
        for a in list(self.endpoint.associations.values()):
            # The tag proves that it was ours; 0 is that of an INIT.
            if address[0] not in a.paths or a.peer_tag != tag:
                continue
            # Linux 6.13 says "protocol unreachable" also where a raw socket's buffer is full: it must come again.
            if number == ECONNREFUSED or not tag or a.errors >= _SILENCES:
                a.lose(f"{address[0]} says that nobody is there")

    def _wake(self) -> None:
        self._alarm = None
        now_ns = self._now_ns()
        self.endpoint.wake(now_ns)
        self.flush()

    def flush(self) -> None:
        """Tell what happened, send what is to be sent, and set the timer."""
        endpoint = self.endpoint
        while events := endpoint.take_events():
            for event in events:
                self._tell(event)
        for host, port, octets in endpoint.take_datagrams(self._now_ns()):
            self._write(octets, (host, port))
        at_ns = endpoint.wake_at_ns()
        if at_ns is None:
            return
        if self._alarm is not None:
            if self._alarm_ns <= at_ns:
                return
            self._alarm.cancel()
        self._alarm_ns = at_ns
        self._alarm = self._loop.call_later(max(0, at_ns - self._now_ns()) / _NS, self._wake)

    def _write(self, octets: bytes, address: HostPort) -> None:
        if not self._waiting:
            try:
                self.socket.sendto(octets, address)
                return
            except BlockingIOError:
                self._loop.add_writer(self.socket, self._write_waiting)
            except OSError:
                # Lost, as on any network: SCTP sends it again.
                return
        if self._waiting_bytes + len(octets) <= MAX_WAITING_BYTES:
            self._waiting.append((octets, address))
            self._waiting_bytes += len(octets)

    def _write_waiting(self) -> None:
        while self._waiting:
            try:
                self.socket.sendto(*self._waiting[0])
            except BlockingIOError:
                return
            except OSError:
                pass
            self._waiting_bytes -= len(self._waiting.popleft()[0])
        self._loop.remove_writer(self.socket)

    # What the endpoint tells.

    def _tell(self, event: Event) -> None:
        if isinstance(event, Message):
            link = self._outer_of(event.association)
            port = self._links.get(link)
            if port is not None:
                port.data(link, event.stream, event.ppid, event.octets)
        elif isinstance(event, AssociationUp):
            self._up(event)
        elif isinstance(event, AssociationRestarted):
            self._restarted(event)
        elif isinstance(event, AssociationDown):
            self._ended(event.association, "down")
        elif isinstance(event, AssociationAborted | AssociationLost):
            if event.association not in self._asked and not _is_ours(event):
                self._say(event)
            self._ended(event.association, "abort")
        elif isinstance(event, Malformed):
            where = f"{event.host}: no SCTP packet: {event.what}"
            self._context.report("MalformedPacket", where, port=self._context.port, what=event.what)

    def _say(self, event: AssociationAborted | AssociationLost) -> None:
        who = "the peer" if isinstance(event, AssociationAborted) and event.by_peer else "us"
        verb = "lost" if isinstance(event, AssociationLost) else f"aborted by {who}"
        peer = self._peers.get(event.association, "")
        text = f"the SCTP association with {peer or self.host} was {verb}: {event.reason or 'without a reason'}"
        self._context.report("AssociationLost", text, peer=peer, unacknowledged=event.unacknowledged)

    def _up(self, event: AssociationUp) -> None:
        asked = self._asked.pop(event.association, None)
        port = asked[0] if asked is not None else self._ports.get(event.local_port)
        if port is None:
            self.endpoint.abort(event.association)
            return
        peer = asked[1] if asked is not None else (event.host, event.port)
        self._links[event.association] = port
        self._peers[event.association] = text_of(peer)
        port.up(event.association, peer)

    def _restarted(self, event: AssociationRestarted) -> None:
        """To the part the old association has gone and another come: nothing of the old one holds."""
        old = self._outer_of(event.association)
        port = self._links.pop(old, None)
        a = self.endpoint.associations.get(event.association)
        if port is None or a is None:
            return
        self._inner_of.pop(old, None)
        self._restarts += 1
        self._outer[event.association] = self._restarts
        self._inner_of[self._restarts] = event.association
        peer = text_of((a.primary.host, a.peer_port))
        self._context.report("AssociationRestarted", f"{peer} lost its state and came again", peer=peer)
        port.down(old, "abort")
        self._links[self._restarts] = port
        port.up(self._restarts, (a.primary.host, a.peer_port))

    def _ended(self, association: int, kind: Literal["down", "abort"]) -> None:
        self._peers.pop(association, None)
        asked = self._asked.pop(association, None)
        if asked is not None:
            asked[0].refused(text_of(asked[1]))
            return
        link = self._outer_of(association)
        if self._outer.pop(association, None) is not None:
            del self._inner_of[link]
        port = self._links.pop(link, None)
        if port is not None:
            port.down(link, kind)

    def _outer_of(self, association: int) -> int:
        return self._outer.get(association, association)
