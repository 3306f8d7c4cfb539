"""The virtual clock: carries packets between parts over links, and lets time pass only when nothing is left to do.

Simultaneous events run in the order in which they were scheduled. Nothing here depends on the host.
"""

import heapq
import traceback
from collections import deque
from collections.abc import Callable
from typing import Protocol

from awase.lab.assembly import Assembly, PlacedLink, PlacedPart
from awase.lab.contract import ContractError, events_of, packets_of, wake_of
from awase.lab.outages import Outages
from awase.lab.seats import Path, Seat
from awase.lab.services import KeyRecord, VirtualServices
from awase.model.part import NS_PER_S, Event, Packet, Stoppable

LEARNED_ROUTES = 65536
"""How many source addresses an N6 port remembers."""

STOP_NS = 10 * NS_PER_S
"""How long a part that was asked to stop may take, before it is gone all the same."""


class Tap(Protocol):
    """Who is shown what passes the ports."""

    def packet(self, sent_ns: int, path: Path, packet: Packet, arrivals_ns: tuple[int, ...]) -> None:
        """A packet left a port; it arrives at these times (none: it is lost)."""
        ...

    def event(self, time_ns: int, part: PlacedPart, event: Event) -> None:
        """A part raised an event."""
        ...

    def key(self, record: KeyRecord) -> None:
        """A part logged a key."""
        ...

    def fault(self, time_ns: int, part: str, name: str, text: str) -> None:
        """A fault of the network file begins or ends; `part` where it befalls one."""
        ...


class Clockwork:
    """Runs the parts of an assembly in virtual time."""

    def __init__(self, assembly: Assembly, tap: Tap) -> None:
        seed = assembly.seed
        self.now_ns = assembly.epoch_ns
        self.tap = tap
        self._times: list[int] = []
        """A heap of the times at which something is due."""
        self._due: dict[int, deque[tuple[Callable[..., None], tuple[object, ...]]]] = {}
        """What is due at each of them, in the order in which it was scheduled."""
        self.associations: dict[int, Path] = {}
        self._association_count = 0
        self._connections: dict[Path, int] = {}
        self.exchanges: set[tuple[int, bool, int]] = set()
        self._learned: dict[tuple[str, str, bytes], Path] = {}
        self.seats: dict[str, Seat] = {}
        self.paths: list[tuple[Path, Path]] = []
        """Of each link the way to the server and the way back."""
        for placed in assembly.parts:
            self.seats[placed.name] = Seat(placed, VirtualServices(seed, placed.name, self._key))
        for index, link in enumerate(assembly.links):
            self._lay(index, link, seed)
        self.outages = Outages(self)
        self._begun = False

    def run(self, until_ns: int, done: Callable[[], bool]) -> None:
        """Let time pass until then, or until `done` says so after an event, or nothing is left to happen.

        It can be called again, to go on.
        """
        if not self._begun:
            self._begun = True
            for seat in self.seats.values():
                self._wake_first(seat)
        times = self._times
        while times and times[0] <= until_ns and not done():
            self.now_ns = at_ns = times[0]
            due = self._due[at_ns]
            action, arguments = due.popleft()
            action(*arguments)
            # What was done may have added to it.
            while due and not done():
                action, arguments = due.popleft()
                action(*arguments)
            if not due:
                del self._due[heapq.heappop(times)]

    def schedule(self, at_ns: int, action: Callable[..., None], arguments: tuple[object, ...] = ()) -> None:
        """Do that then, after whatever is to be done then already."""
        due = self._due.get(at_ns)
        if due is None:
            due = self._due[at_ns] = deque()
            heapq.heappush(self._times, at_ns)
        due.append((action, arguments))

    def _key(self, record: KeyRecord) -> None:
        self.tap.key(record)

    def _lay(self, index: int, link: PlacedLink, seed: int) -> None:
        paths = (Path(link, index, seed, True), Path(link, index, seed, False))
        for path, (name, port), (far_name, far_port) in zip(paths, link.ends, reversed(link.ends), strict=True):
            path.source = self.seats[name].placed.addresses.get(port, "")
            path.target = self.seats[far_name].placed.addresses.get(far_port, "")
            path.shown = path.source or name
            # An end without an address goes by its part's name.
            self.seats[name].routes[(port, path.target or far_name)] = path
            if not path.target:
                self.seats[name].unaddressed.setdefault(port, []).append(path)
        paths[0].reverse, paths[1].reverse = paths[1], paths[0]
        self.paths.append(paths)

    def _wake_first(self, seat: Seat) -> None:
        seat.wake_ns = self.now_ns
        self.schedule(self.now_ns, self._wake, (seat, self.now_ns))

    def _wake(self, seat: Seat, asked_ns: int) -> None:
        if seat.wake_ns != asked_ns:
            return
        seat.wake_ns = None
        self._call(seat, seat.part.wake, self.now_ns + seat.skew_ns)

    def deliver(self, seat: Seat, packet: Packet) -> None:
        """A packet has arrived."""
        self._call(seat, seat.part.receive, packet, self.now_ns + seat.skew_ns)

    def _call(self, seat: Seat, method: Callable[..., None], *arguments: object) -> None:
        if seat.gone:
            return
        part = seat.part
        try:
            method(*arguments)
            packets = packets_of(part.take_packets(), seat.ports)
            events = events_of(part.take_events())
            wake_ns = wake_of(part.wake_at_ns())
            if wake_ns is not None:
                wake_ns -= seat.skew_ns
                if wake_ns <= self.now_ns:
                    seat.count_idle(self.now_ns)
        except (Exception, SystemExit) as error:
            # A stranger's part may raise anything; the others go on.
            self._fail(seat, error)
            return
        for event in events:
            self.tap.event(self.now_ns, seat.placed, event)
        for packet in packets:
            self._send(seat, packet)
        if wake_ns is not None and (seat.wake_ns is None or wake_ns != seat.wake_ns):
            seat.wake_ns = max(wake_ns, self.now_ns)
            self.schedule(seat.wake_ns, self._wake, (seat, seat.wake_ns))
        elif wake_ns is None:
            seat.wake_ns = None
            if seat.on_gone is not None:
                self._stopped(seat)

    def _fail(self, seat: Seat, error: BaseException) -> None:
        if isinstance(error, ContractError):
            why = f"it breaks the contract of a part: {error}"
        else:
            frame = traceback.extract_tb(error.__traceback__)[-1]
            why = f"{type(error).__name__}: {_words(error)} (in {frame.name}, line {frame.lineno})"
        text = f"{seat.placed.name} stopped: {why}; it takes no further part in this run"
        self.tap.event(self.now_ns, seat.placed, Event(name="PartFailed", text=text, level="error"))
        self._leave(seat)

    # The life of a part.

    def kill(self, name: str) -> None:
        """A part is gone, without a word; its peers learn of it as its operating system's do."""
        if not self.seats[name].gone:
            self._leave(self.seats[name])

    def stop(self, name: str, on_gone: Callable[[], None]) -> None:
        """Ask a part to leave in order; it is gone when it wants no more time, or has had STOP_NS."""
        seat = self.seats[name]
        if seat.gone:
            on_gone()
        elif not isinstance(seat.part, Stoppable):
            self._leave(seat)
            on_gone()
        elif seat.on_gone is None:
            seat.on_gone = on_gone
            self.schedule(self.now_ns + STOP_NS, self._stopped, (seat,))
            self._call(seat, seat.part.stop, self.now_ns + seat.skew_ns)

    def start(self, name: str) -> None:
        """Start a part that is gone, anew."""
        before = self.seats[name]
        if not before.gone:
            return
        try:
            seat = Seat(before.placed, before.services, before)
        except ValueError as error:
            self._fail(before, error)
            return
        self.seats[name] = seat
        self._wake_first(seat)

    def skew(self, name: str, by_ns: int) -> None:
        """Let a part's clock be wrong by so much more."""
        seat = self.seats[name]
        seat.skew_ns += by_ns
        if seat.wake_ns is not None:
            seat.wake_ns = max(self.now_ns, seat.wake_ns - by_ns)
            self.schedule(seat.wake_ns, self._wake, (seat, seat.wake_ns))

    def _stopped(self, seat: Seat) -> None:
        on_gone, seat.on_gone = seat.on_gone, None
        if on_gone is not None:
            if not seat.gone:
                self._leave(seat)
            on_gone()

    def _leave(self, seat: Seat) -> None:
        """A part is gone: its associations are aborted, its connections reset, what it did not commit is lost."""
        seat.gone = True
        seat.services.store.roll_back()
        name = seat.placed.name
        for pair in self.paths:
            for path in pair:
                if path.sender == name and path.outage is not None:
                    path.outage.held.clear()
        for number, path in list(self.associations.items()):
            way = path if path.sender == name else path.reverse
            if way.sender == name:
                del self.associations[number]
                self.transmit(way, Packet(way.receiver_port, way.target, kind="abort", association=number))
        for opened in sorted(self.exchanges):
            asked = self.paths[opened[0]][0 if opened[1] else 1]
            if name in (asked.sender, asked.receiver):
                self.exchanges.discard(opened)
                if asked.receiver == name:
                    self.transmit(asked.reverse, self._reset(asked, opened[2]))
        for path in [path for path in self._connections if name in (path.sender, path.receiver)]:
            del self._connections[path]

    def _reset(self, asked: Path, exchange: int) -> Packet:
        """What the client of an exchange hears when there is nobody any more to answer."""
        return Packet(asked.receiver_port, asked.source, kind="abort", exchange=exchange)

    # Where a packet goes.

    def _send(self, seat: Seat, packet: Packet) -> None:
        kind = packet.kind
        if packet.association is not None:
            self._send_associated(seat, packet)
            return
        peer = packet.peer
        named = peer and packet.port not in seat.unaddressed
        path = seat.routes.get((packet.port, peer)) if named else self._route_ip(seat, packet)
        if kind == "data":
            if path is not None:
                self.transmit(path, packet)
            return
        if kind == "connect":
            self.connect(seat, packet, path)
        elif kind == "request":
            self._request(seat, packet, path)
        elif kind in ("response", "abort") and path is not None:
            self._answer(path, packet)

    def transmit(self, path: Path, packet: Packet) -> None:
        """A packet leaves a port."""
        if path.outage is not None:
            self.outages.hold(path, path.outage, packet)
            return
        payload = packet.payload
        octets = len(payload) if isinstance(payload, bytes) else sum(map(len, payload))
        arrivals = path.channel.arrivals(self.now_ns, octets)
        self.tap.packet(self.now_ns, path, packet, arrivals)
        if arrivals:
            seat = self.seats[path.receiver]
            exchange = packet.exchange
            if exchange is not None and seat.first_exchange and packet.kind != "request":
                exchange -= seat.first_exchange
            received = Packet(
                path.receiver_port,
                path.shown,
                payload,
                packet.kind,
                packet.association,
                packet.stream,
                packet.ppid,
                exchange,
            )
            for arrival_ns in arrivals:
                self.schedule(arrival_ns, self.deliver, (seat, received))

    def _route_ip(self, seat: Seat, packet: Packet) -> Path | None:
        """An N6 port has no addresses: like a bridge, it learns which IP address is behind which link.

        A part that knows its far ends by their names may name one.
        """
        paths = seat.unaddressed.get(packet.port)
        if not paths:
            return None
        payload = packet.payload if isinstance(packet.payload, bytes) else b""
        source, destination = payload[12:16], payload[16:20]
        if payload[:1] >= b"\x60":
            # The prefix of 64 bits is a UE's own (TS 23.501 clause 5.8.2.2).
            source, destination = payload[8:16], payload[24:32]
        path = seat.routes.get((packet.port, packet.peer)) if packet.peer else paths[0]
        if path is None:
            return None
        if len(paths) > 1 and not packet.peer:
            path = self._learned.get((seat.placed.name, packet.port, destination), path)
        if len(self._learned) < LEARNED_ROUTES:
            self._learned[(path.receiver, path.receiver_port, source)] = path.reverse
        return path

    # SCTP associations.

    def connect(self, seat: Seat, packet: Packet, path: Path | None) -> None:
        """A part asks for an association."""
        if path is not None and path.outage is not None:
            self.outages.hold(path, path.outage, packet)
            return
        if path is None or self.seats[path.receiver].gone:
            # Nobody listens: INIT is answered by ABORT.
            refused = Packet(packet.port, packet.peer, kind="down")
            refused_ns = self.now_ns if path is None else self._passages(path, 2)[1]
            self.schedule(refused_ns, self.deliver, (seat, refused))
            return
        self._association_count += 1
        association = self._association_count
        self.associations[association] = path
        # INIT, INIT ACK, COOKIE ECHO reach the server after three passages, COOKIE ACK the client after four.
        passages = self._passages(path, 4)
        up = Packet(path.receiver_port, path.source, kind="up", association=association)
        self.tap.packet(self.now_ns, path, up, passages)
        self.schedule(passages[2], self._up, (self.seats[path.receiver], up, None))
        up_here = Packet(packet.port, packet.peer, kind="up", association=association)
        self.schedule(passages[3], self._up, (seat, up_here, Packet(packet.port, packet.peer, kind="down")))

    def _up(self, seat: Seat, up: Packet, otherwise: Packet | None) -> None:
        """The end of a handshake, unless a fault came in between."""
        if up.association in self.associations:
            self.deliver(seat, up)
        elif otherwise is not None:
            self.deliver(seat, otherwise)

    def _passages(self, path: Path, count: int) -> tuple[int, ...]:
        """When the messages of a handshake arrive, each sent when the one before has come."""
        at_ns = self.now_ns
        times = []
        for _ in range(count):
            at_ns = path.channel.arrivals(at_ns, 0)[0]
            times.append(at_ns)
            path = path.reverse
        return tuple(times)

    def _send_associated(self, seat: Seat, packet: Packet) -> None:
        association = packet.association
        path = self.associations.get(association) if association is not None else None
        if path is None:
            return
        if path.sender != seat.placed.name:
            path = path.reverse
            if path.sender != seat.placed.name:
                return
        if packet.kind in ("down", "abort") and association is not None:
            del self.associations[association]
        self.transmit(path, packet)

    # HTTP exchanges.

    def _request(self, seat: Seat, packet: Packet, path: Path | None) -> None:
        if path is None:
            reset = Packet(packet.port, packet.peer, kind="abort", exchange=packet.exchange or 0)
            self.schedule(self.now_ns, self.deliver, (seat, reset))
            return
        if seat.first_exchange:
            exchange = (packet.exchange or 0) + seat.first_exchange
            packet = Packet(packet.port, packet.peer, packet.payload, packet.kind, exchange=exchange)
        self.exchanges.add((path.link_index, path.to_server, packet.exchange or 0))
        self.ask(path, packet)

    def ask(self, path: Path, packet: Packet) -> None:
        """A request goes out, over the connection that there is or a new one."""
        if path.outage is not None:
            self.outages.hold(path, path.outage, packet)
            return
        if self.seats[path.receiver].gone:
            # Nobody listens: SYN is answered by RST.
            self.exchanges.discard((path.link_index, path.to_server, packet.exchange or 0))
            seat = self.seats[path.sender]
            exchange = (packet.exchange or 0) - seat.first_exchange
            refused = Packet(packet.port, packet.peer, kind="abort", exchange=exchange)
            self.schedule(self._passages(path, 2)[1], self.deliver, (seat, refused))
            return
        connected_ns = self._connections.get(path)
        if connected_ns is None:
            # A request waits for the TCP connection: SYN and SYN ACK.
            passages = self._passages(path, 2)
            connected_ns = self._connections[path] = passages[1]
            up = Packet(path.receiver_port, path.source, kind="up")
            self.tap.packet(self.now_ns, path, up, passages)
        if connected_ns > self.now_ns:
            self.schedule(connected_ns, self.transmit, (path, packet))
        else:
            self.transmit(path, packet)

    def _answer(self, path: Path, packet: Packet) -> None:
        opened = (path.link_index, not path.to_server, packet.exchange or 0)
        if opened in self.exchanges:
            self.exchanges.discard(opened)
            self.transmit(path, packet)


def _words(error: BaseException) -> str:
    """What an exception says, in one line and not too many words; a stranger's may not even say that."""
    try:
        return " ".join(str(error).split())[:300]
    except Exception:
        return "without words"
