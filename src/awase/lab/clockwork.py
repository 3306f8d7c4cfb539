"""The virtual clock: carries packets between parts over links, and lets time pass only when nothing is left to do.

Simultaneous events run in the order in which they were scheduled. Nothing here depends on the host.
"""

import heapq
import traceback
from collections import deque
from collections.abc import Callable
from typing import Protocol

from awase.lab.assembly import Assembly, PlacedLink, PlacedPart
from awase.lab.contract import IDLE_WAKES, ContractError, events_of, packets_of, wake_of
from awase.lab.links import Channel
from awase.lab.services import KeyRecord, VirtualServices
from awase.model.part import Address, Event, Packet, Part
from awase.model.reference_points import REFERENCE_POINTS

LEARNED_ROUTES = 65536
"""How many source addresses an N6 port remembers."""


class Tap(Protocol):
    """Who is shown what passes the ports."""

    def packet(self, sent_ns: int, path: "Path", packet: Packet, arrivals_ns: tuple[int, ...]) -> None:
        """A packet left a port; it arrives at these times (none: it is lost)."""
        ...

    def event(self, time_ns: int, part: PlacedPart, event: Event) -> None:
        """A part raised an event."""
        ...

    def key(self, record: KeyRecord) -> None:
        """A part logged a key."""
        ...


class Path:
    """One direction of a link: from whom, to whom."""

    __slots__ = (
        "channel", "link", "link_index", "receiver", "receiver_port", "reverse", "sender", "source",
        "target", "to_server",
    )  # fmt: skip

    def __init__(self, link: PlacedLink, link_index: int, channel: Channel, to_server: bool) -> None:
        self.link = link
        self.link_index = link_index
        self.channel = channel
        self.to_server = to_server
        self.sender, _ = link.ends[0 if to_server else 1]
        self.receiver, self.receiver_port = link.ends[1 if to_server else 0]
        self.source: Address = ""
        self.target: Address = ""
        self.reverse: Path = self


class Seat:
    """A part in the run: where its packets go, and when it is woken."""

    __slots__ = ("_idle_ns", "_idle_wakes", "failed", "part", "placed", "ports", "routes", "unaddressed", "wake_ns")

    def __init__(self, placed: PlacedPart, part: Part) -> None:
        self.placed = placed
        self.part = part
        self.routes: dict[tuple[str, Address], Path] = {}
        self.unaddressed: dict[str, list[Path]] = {}
        """The ways out of a port without addresses (n6)."""
        self.ports = tuple(placed.part_type.ports)
        self.wake_ns: int | None = None
        self.failed = False
        self._idle_ns = self._idle_wakes = 0

    def count_idle(self, now_ns: int) -> None:
        """It asks to be woken at once. Raises ContractError if it does so for ever."""
        if now_ns != self._idle_ns:
            self._idle_ns, self._idle_wakes = now_ns, 0
        self._idle_wakes += 1
        if self._idle_wakes > IDLE_WAKES:
            raise ContractError("wake_at_ns asks again and again for the time that it is, so that no time passes")


class Clockwork:
    """Runs the parts of an assembly in virtual time."""

    def __init__(self, assembly: Assembly, tap: Tap) -> None:
        seed = assembly.seed
        self.now_ns = assembly.epoch_ns
        self._tap = tap
        self._times: list[int] = []
        """A heap of the times at which something is due."""
        self._due: dict[int, deque[tuple[Callable[..., None], tuple[object, ...]]]] = {}
        """What is due at each of them, in the order in which it was scheduled."""
        self._associations: dict[int, Path] = {}
        self._association_count = 0
        self._connections: dict[Path, int] = {}
        self._exchanges: set[tuple[int, bool, int]] = set()
        self._learned: dict[tuple[str, str, bytes], Path] = {}
        self._seats: dict[str, Seat] = {}
        for placed in assembly.parts:
            services = VirtualServices(seed, placed.name, tap.key)
            self._seats[placed.name] = Seat(placed, placed.build(services))
        for index, link in enumerate(assembly.links):
            self._lay(index, link, seed)

    def run(self, until_ns: int, done: Callable[[], bool]) -> None:
        """Let time pass until then, or until `done` says so after an event, or nothing is left to happen."""
        for seat in self._seats.values():
            self._schedule(self.now_ns, self._wake, (seat, self.now_ns))
            seat.wake_ns = self.now_ns
        times = self._times
        while times and times[0] <= until_ns and not done():
            self.now_ns = at_ns = times[0]
            due = self._due[at_ns]
            action, arguments = due.popleft()
            if not due:
                del self._due[heapq.heappop(times)]
            action(*arguments)

    def _lay(self, index: int, link: PlacedLink, seed: int) -> None:
        reliable = REFERENCE_POINTS[link.reference_point].transport in ("sctp", "http")
        paths = [
            Path(
                link,
                index,
                Channel(
                    f"{link.name}/{direction}",
                    seed=seed,
                    reliable=reliable,
                    delay_us=link.delay_us,
                    jitter_us=link.jitter_us,
                    loss=link.loss,
                    duplication=link.duplication,
                    reordering=link.reordering,
                    rate_mbps=link.rate_mbps,
                ),
                direction == "up",
            )
            for direction in ("up", "down")
        ]
        for path, (name, port), (far_name, far_port) in zip(paths, link.ends, reversed(link.ends), strict=True):
            path.source = self._seats[name].placed.addresses.get(port, "")
            path.target = self._seats[far_name].placed.addresses.get(far_port, "")
            if path.target:
                self._seats[name].routes[(port, path.target)] = path
            else:
                self._seats[name].unaddressed.setdefault(port, []).append(path)
        paths[0].reverse, paths[1].reverse = paths[1], paths[0]

    def _schedule(self, at_ns: int, action: Callable[..., None], arguments: tuple[object, ...]) -> None:
        due = self._due.get(at_ns)
        if due is None:
            due = self._due[at_ns] = deque()
            heapq.heappush(self._times, at_ns)
        due.append((action, arguments))

    def _wake(self, seat: Seat, asked_ns: int) -> None:
        if seat.wake_ns != asked_ns:
            return
        seat.wake_ns = None
        self._call(seat, seat.part.wake, self.now_ns)

    def _deliver(self, seat: Seat, packet: Packet) -> None:
        self._call(seat, seat.part.receive, packet, self.now_ns)

    def _call(self, seat: Seat, method: Callable[..., None], *arguments: object) -> None:
        if seat.failed:
            return
        part = seat.part
        try:
            method(*arguments)
            packets = packets_of(part.take_packets(), seat.ports)
            events = events_of(part.take_events())
            wake_ns = wake_of(part.wake_at_ns())
            if wake_ns is not None and wake_ns <= self.now_ns:
                seat.count_idle(self.now_ns)
        except (Exception, SystemExit) as error:
            # A stranger's part may raise anything; the others go on.
            self._fail(seat, error)
            return
        for event in events:
            self._tap.event(self.now_ns, seat.placed, event)
        for packet in packets:
            self._send(seat, packet)
        if wake_ns is not None and (seat.wake_ns is None or wake_ns != seat.wake_ns):
            seat.wake_ns = max(wake_ns, self.now_ns)
            self._schedule(seat.wake_ns, self._wake, (seat, seat.wake_ns))
        elif wake_ns is None:
            seat.wake_ns = None

    def _fail(self, seat: Seat, error: BaseException) -> None:
        seat.failed = True
        if isinstance(error, ContractError):
            why = f"it breaks the contract of a part: {error}"
        else:
            frame = traceback.extract_tb(error.__traceback__)[-1]
            why = f"{type(error).__name__}: {_words(error)} (in {frame.name}, line {frame.lineno})"
        text = f"{seat.placed.name} stopped: {why}; it takes no further part in this run"
        self._tap.event(self.now_ns, seat.placed, Event(name="PartFailed", text=text, level="error"))

    # Where a packet goes.

    def _send(self, seat: Seat, packet: Packet) -> None:
        kind = packet.kind
        if packet.association is not None:
            self._send_associated(seat, packet)
            return
        peer = packet.peer
        path = seat.routes.get((packet.port, peer)) if peer else self._route_ip(seat, packet)
        if kind == "data":
            if path is not None:
                self._transmit(path, packet)
            return
        if kind == "connect":
            self._connect(seat, packet, path)
        elif kind == "request":
            self._request(seat, packet, path)
        elif kind in ("response", "abort") and path is not None:
            self._answer(path, packet)

    def _transmit(self, path: Path, packet: Packet) -> None:
        payload = packet.payload
        octets = len(payload) if isinstance(payload, bytes) else sum(map(len, payload))
        arrivals = path.channel.arrivals(self.now_ns, octets)
        self._tap.packet(self.now_ns, path, packet, arrivals)
        if arrivals:
            seat = self._seats[path.receiver]
            received = Packet(
                path.receiver_port,
                path.source,
                payload,
                packet.kind,
                packet.association,
                packet.stream,
                packet.ppid,
                packet.exchange,
            )
            for arrival_ns in arrivals:
                self._schedule(arrival_ns, self._deliver, (seat, received))

    def _route_ip(self, seat: Seat, packet: Packet) -> Path | None:
        """An N6 port has no addresses: like a bridge, it learns which IP address is behind which link."""
        paths = seat.unaddressed.get(packet.port)
        if not paths:
            return None
        payload = packet.payload if isinstance(packet.payload, bytes) else b""
        path = paths[0]
        if len(paths) > 1:
            path = self._learned.get((seat.placed.name, packet.port, payload[16:20]), path)
        reverse = path.reverse
        if len(self._learned) < LEARNED_ROUTES:
            self._learned[(path.receiver, path.receiver_port, payload[12:16])] = reverse
        return path

    # SCTP associations.

    def _connect(self, seat: Seat, packet: Packet, path: Path | None) -> None:
        if path is None or self._seats[path.receiver].failed:
            refused = Packet(packet.port, packet.peer, kind="down")
            self._schedule(self.now_ns, self._deliver, (seat, refused))
            return
        self._association_count += 1
        association = self._association_count
        self._associations[association] = path
        # INIT, INIT ACK, COOKIE ECHO reach the server after three passages, COOKIE ACK the client after four.
        passages = self._passages(path, 4)
        up = Packet(path.receiver_port, path.source, kind="up", association=association)
        self._tap.packet(self.now_ns, path, up, passages)
        self._schedule(passages[2], self._deliver, (self._seats[path.receiver], up))
        back_ns = passages[3]
        up_here = Packet(packet.port, packet.peer, kind="up", association=association)
        self._schedule(back_ns, self._deliver, (seat, up_here))

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
        path = self._associations.get(association) if association is not None else None
        if path is None:
            return
        if path.sender != seat.placed.name:
            path = path.reverse
            if path.sender != seat.placed.name:
                return
        if packet.kind in ("down", "abort") and association is not None:
            del self._associations[association]
        self._transmit(path, packet)

    # HTTP exchanges.

    def _request(self, seat: Seat, packet: Packet, path: Path | None) -> None:
        exchange = packet.exchange or 0
        if path is None or self._seats[path.receiver].failed:
            reset = Packet(packet.port, packet.peer, kind="abort", exchange=exchange)
            self._schedule(self.now_ns, self._deliver, (seat, reset))
            return
        self._exchanges.add((path.link_index, path.to_server, exchange))
        connected_ns = self._connections.get(path)
        if connected_ns is None:
            # A request waits for the TCP connection: SYN and SYN ACK.
            passages = self._passages(path, 2)
            connected_ns = self._connections[path] = passages[1]
            up = Packet(path.receiver_port, path.source, kind="up")
            self._tap.packet(self.now_ns, path, up, passages)
        if connected_ns > self.now_ns:
            self._schedule(connected_ns, self._transmit, (path, packet))
        else:
            self._transmit(path, packet)

    def _answer(self, path: Path, packet: Packet) -> None:
        opened = (path.link_index, not path.to_server, packet.exchange or 0)
        if opened in self._exchanges:
            self._exchanges.discard(opened)
            self._transmit(path, packet)


def _words(error: BaseException) -> str:
    """What an exception says, in one line and not too many words; a stranger's may not even say that."""
    try:
        return " ".join(str(error).split())[:300]
    except Exception:
        return "without words"
