"""A part in its host: what comes to it, what it hands out, when it wants to be woken, and its failure."""

import traceback
from collections.abc import Callable, Sequence
from typing import Protocol

from awase.model.part import Acquainted, Address, Event, Packet, Part, Stoppable
from awase.transports.hosting import HostedPart, HostSettings, PartFigures, TapRecord, Watcher
from awase.transports.ports import Transport
from awase.transports.store import FileStore, MemoryStore

IDLE_WAKES = 100_000
"""How often in a row a part may ask for the time that has passed before it is held to be in a loop."""
MAX_EARLY = 10_000
"""Packets that wait for a part whose other ports are still being opened."""
_SHOWN = 65_536
_CARRIES = frozenset(("data", "request", "response"))


class Owner(Protocol):
    """The host, as its seats see it."""

    def now_ns(self) -> int:
        """The time."""
        ...

    def touch(self, seat: "Seat") -> None:
        """The part was called: take soon what it hands out."""
        ...


class Seat:
    """One hosted part."""

    __slots__ = (
        "_counts", "_early", "_idle_wakes", "_is_shown", "_on_failed", "_owner", "_settings", "_watcher", "dirty",
        "failed", "hosted", "part", "stopping", "store", "transports", "wake_ns",
    )  # fmt: skip

    def __init__(
        self, hosted: HostedPart, owner: Owner, watcher: Watcher, settings: HostSettings, store: FileStore | MemoryStore
    ) -> None:
        self.hosted = hosted
        self.part: Part
        self.store = store
        self.transports: dict[str, Transport] = {}
        self.failed = self.stopping = self.dirty = False
        self.wake_ns: int | None = None
        self._owner = owner
        self._watcher = watcher
        self._settings = settings
        self._counts = [0, 0, 0, 0]
        self._early: list[Packet] | None = []
        self._is_shown: dict[tuple[str, Address], bool] = {}
        self._idle_wakes = 0
        self._on_failed: Callable[[Seat], None] | None = None

    def when_failed(self, action: Callable[["Seat"], None]) -> None:
        """What is to be done when the part fails."""
        self._on_failed = action

    # What comes.

    def arrived(self, packet: Packet) -> None:
        """Hand the part a packet."""
        if self.failed:
            return
        if self._early is not None:
            # The first that a part is called with is `wake`.
            if len(self._early) < MAX_EARLY:
                self._early.append(packet)
            return
        self._count(0, packet)
        now_ns = self._owner.now_ns()
        if self._settings.tap:
            self._show(packet, False, now_ns)
        try:
            self.part.receive(packet, now_ns)
        except (Exception, SystemExit) as error:
            self.fail(error)
            return
        self._owner.touch(self)

    def familiar(self, port: str) -> Sequence[Address] | None:
        """Whom it knows at a port; None where it cannot tell."""
        part = self.part
        if self.failed or not isinstance(part, Acquainted):
            return None
        try:
            return [str(address) for address in part.familiar(port)]
        except (Exception, SystemExit) as error:
            self.fail(error)
            return None

    def start(self) -> None:
        """Wake it for the first time, and hand it what came while its ports were opened."""
        early, self._early = self._early, None
        self.wake()
        for packet in early or ():
            self.arrived(packet)

    def wake(self) -> None:
        """Its time has come."""
        self._call(self.part.wake)

    def stop(self) -> None:
        """Ask the part to say goodbye; a part that cannot has nothing to say."""
        self.stopping = True
        part = self.part
        if isinstance(part, Stoppable):
            self._call(part.stop)

    def _call(self, method: Callable[[int], None]) -> None:
        if self.failed:
            return
        try:
            method(self._owner.now_ns())
        except (Exception, SystemExit) as error:
            self.fail(error)
            return
        self._owner.touch(self)

    # What it hands out.

    def settle(self) -> Sequence[Packet]:
        """What it sends; its events are passed on, and `wake_ns` is set."""
        if self.failed:
            return ()
        settings = self._settings
        try:
            packets = self.part.take_packets()
            events = self.part.take_events()
            wake_ns = self.part.wake_at_ns()
            if settings.check_packets is not None:
                packets = settings.check_packets(packets, self.hosted.ports)
            if settings.check_events is not None:
                events = settings.check_events(events)
            if wake_ns is not None and type(wake_ns) is not int:
                raise TypeError(f"wake_at_ns gave a {type(wake_ns).__name__}, neither nanoseconds nor None")
            for packet in packets:
                self._account(packet)
        except (Exception, SystemExit) as error:
            self.fail(error)
            return ()
        self.wake_ns = wake_ns
        for event in events:
            self._watcher.event(self._owner.now_ns(), self.hosted.name, event)
        return packets

    def _account(self, packet: Packet) -> None:
        if packet.port not in self.transports:
            raise ValueError(f"it sent a packet to port {packet.port!r:.60}, which it has not")
        self._count(2, packet)
        if self._settings.tap and packet.kind != "connect":
            self._show(packet, True, self._owner.now_ns())

    def count_idle(self, late: bool) -> None:
        """Whether it asks for a time that has passed. A part that does so for ever has failed."""
        self._idle_wakes = self._idle_wakes + 1 if late else 0
        if self._idle_wakes > IDLE_WAKES:
            self.fail(ValueError("wake_at_ns asks again and again for a time that has passed"))

    def _count(self, first: int, packet: Packet) -> None:
        if packet.kind not in _CARRIES:
            return
        payload = packet.payload
        counts = self._counts
        if isinstance(payload, bytes):
            counts[first] += 1
            counts[first + 1] += len(payload)
        else:
            counts[first] += len(payload)
            counts[first + 1] += sum(map(len, payload))

    def _show(self, packet: Packet, outgoing: bool, now_ns: int) -> None:
        port, peer = packet.port, packet.peer
        shown = self._is_shown.get((port, peer))
        if shown is None:
            if len(self._is_shown) >= _SHOWN:
                self._is_shown.clear()
            hosts = self.hosted.untapped.get(port, frozenset())
            shown = self._is_shown[port, peer] = peer.rpartition(":")[0] not in hosts
        if not shown:
            return
        payload = packet.payload
        self._watcher.packet(
            TapRecord(
                now_ns,
                self.hosted.name,
                port,
                outgoing,
                self.hosted.addresses.get(port, ""),
                peer,
                packet.kind,
                payload if isinstance(payload, bytes) else tuple(payload),
                packet.association,
                packet.stream,
                packet.ppid,
                packet.exchange,
            )
        )

    def figures(self) -> PartFigures:
        """What it has done so far."""
        links = {port: transport.open_links() for port, transport in self.transports.items()}
        http = sum(count for port, count in links.items() if port == "sbi")
        return PartFigures(
            packets_in=self._counts[0],
            octets_in=self._counts[1],
            packets_out=self._counts[2],
            octets_out=self._counts[3],
            associations=sum(links.values()) - http,
            connections=http,
            failed=self.failed,
        )

    # Its failure.

    def fail(self, error: BaseException) -> None:
        """The part raised: it takes no further part, and the others go on."""
        if self.failed:
            return
        self.failed = True
        self.wake_ns = None
        frames = traceback.extract_tb(error.__traceback__)
        where = f" (in {frames[-1].name}, line {frames[-1].lineno})" if frames else ""
        text = f"{self.hosted.name} stopped: {type(error).__name__}: {_words(error)}{where}; its ports are closed"
        event = Event(name="PartFailed", text=text, level="error")
        self._watcher.event(self._owner.now_ns(), self.hosted.name, event)
        if self._on_failed is not None:
            self._on_failed(self)


def _words(error: BaseException) -> str:
    """What an exception says, in one line; a stranger's may not even say that."""
    try:
        return " ".join(str(error).split())[:300]
    except Exception:
        return "without words"
