"""Hosts parts in one process: real time, real sockets, one asyncio loop.

    host = Host(watcher, HostSettings())
    await host.add(HostedPart(...))         # opens its ports and wakes it; raises TransportError
    ...
    await host.remove("amf1")               # in order: the part's goodbye, SHUTDOWN, GOAWAY
    await host.stop()                       # all of them, within settings.stop_limit_s

A part that raises has failed: an event `PartFailed` says why, its associations are aborted, its ports and its store
closed; the others go on. `figures` still counts it until it is removed or another of its name is added. HTTP
exchanges between parts of one host are handed over as the same octets, without a socket.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Final

from awase.model.part import NS_PER_S, Event, Packet, Part
from awase.transports.clock import Clock
from awase.transports.direct import Exchanges, IpHub
from awase.transports.hosting import (
    HostedPart,
    HostSettings,
    IpOverUdp,
    PartFigures,
    SctpOptions,
    SessionTuns,
    TapRecord,
    TlsOptions,
    TransportError,
    TunOptions,
    Watcher,
)
from awase.transports.opening import Shared, is_joined, open_transport
from awase.transports.ports import Context, Transport
from awase.transports.seat import Seat
from awase.transports.services import RealServices
from awase.transports.store import FileStore, MemoryStore

__all__ = [
    "Host",
    "HostSettings",
    "HostedPart",
    "IpOverUdp",
    "PartFigures",
    "SctpOptions",
    "SessionTuns",
    "TapRecord",
    "TlsOptions",
    "TransportError",
    "TunOptions",
    "Watcher",
]

SETTLED_AT_ONCE = 256
"""How many parts are settled before sockets have their turn."""
_DEFAULT: Final = HostSettings()


class Host:
    """Parts in real time. All methods are to be called in the loop's thread."""

    def __init__(self, watcher: Watcher, settings: HostSettings = _DEFAULT) -> None:
        self._watcher = watcher
        self._settings = settings
        self._clock = Clock()
        self.now_ns = self._clock.now_ns
        """The hosts' clock: nanoseconds since the Unix epoch, never backward."""
        self._loop = asyncio.get_running_loop()
        self._seats: dict[str, Seat] = {}
        self._dirty: list[Seat] = []
        self._to_flush: list[Transport] = []
        self._turn_comes = False
        self._alarms: dict[Seat, tuple[int, asyncio.TimerHandle]] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._exchanges = Exchanges()
        self._shared = Shared(loop=self._loop, ip=IpHub(is_joined))

    async def add(self, part: HostedPart) -> None:
        """Build a part, open its ports, wake it. Raises TransportError, and what `build` raises."""
        earlier = self._seats.get(part.name)
        if earlier is not None and not earlier.failed:
            raise ValueError(f"{part.name} is hosted already")
        if self._closing:
            # The addresses may be those of a part that has just failed.
            await asyncio.wait(self._closing)
        store = _store_of(part)
        seat = Seat(part, self, self._watcher, self._settings, store)
        opened: list[Transport] = []
        try:
            seat.part = part.build(RealServices(store, partial(self._key, part.name)))
            for port in part.ports:
                transport = open_transport(part, self._context(seat, port), self._shared)
                seat.transports[port] = transport
                opened.append(transport)
                await transport.open()
        except BaseException:
            seat.failed = True
            for transport in opened:
                await transport.close(0)
            self._leave(seat)
            store.close()
            raise
        seat.when_failed(self._failed)
        self._seats[part.name] = seat
        seat.start()

    async def remove(self, name: str, *, limit_s: float | None = None) -> None:
        """Stop a part in order: its `stop(now_ns)` where it has one, then SHUTDOWN, GOAWAY; then close its ports."""
        seat = self._seats[name]
        limit_s = self._settings.stop_limit_s if limit_s is None else limit_s
        end = self._loop.time() + limit_s
        if not seat.failed:
            seat.stop()
            # A part without a goodbye may have timers for ever: it is given no time.
            while self._has_goodbyes(seat) and self._loop.time() < end - limit_s / 2:
                await asyncio.sleep(0.005)
        self._turn()
        self._disarm(seat)
        self._leave(seat)
        transports = list(seat.transports.values())
        await asyncio.gather(*(t.close(max(0.0, end - self._loop.time())) for t in transports))
        self._forget(seat)

    def kill(self, name: str) -> None:
        """Take a part away without a word: its peers see aborts."""
        seat = self._seats[name]
        seat.failed = True
        self._failed(seat)
        self._forget(seat)

    async def stop(self, *, limit_s: float | None = None) -> None:
        """Stop all parts in order, side by side; what is not done in time is cut off."""
        names = [name for name, seat in self._seats.items() if not seat.failed]
        await asyncio.gather(*(self.remove(name, limit_s=limit_s) for name in names))
        if self._closing:
            await asyncio.wait(self._closing)

    def part(self, name: str) -> Part:
        """The part itself, to look at (`books()`, `figures()`). After a call that makes it act, `poke`. KeyError."""
        return self._seats[name].part

    def poke(self, name: str) -> None:
        """Take what a part hands out, soon."""
        self.touch(self._seats[name])

    def names(self) -> Sequence[str]:
        """The parts that are hosted and have not failed."""
        return [name for name, seat in self._seats.items() if not seat.failed]

    def figures(self) -> Mapping[str, PartFigures]:
        """What each part has done so far."""
        return {name: seat.figures() for name, seat in self._seats.items()}

    def carriers(self) -> Mapping[str, str]:
        """What carries each open port: "amf1.n2" -> "SCTP over UDP, 127.0.1.2:9899"."""
        return {
            f"{name}.{port}": transport.carrier
            for name, seat in self._seats.items()
            for port, transport in seat.transports.items()
        }

    # The turn: what parts hand out goes to their transports, once for all that came at once.

    def touch(self, seat: Seat) -> None:
        """A part was called: take soon what it hands out."""
        if not seat.dirty:
            seat.dirty = True
            self._dirty.append(seat)
            self._turn_soon()

    def _turn_soon(self) -> None:
        if not self._turn_comes:
            self._turn_comes = True
            self._loop.call_soon(self._turn)

    def _turn(self) -> None:
        # Whoever is called in a turn needs not ask for one.
        self._turn_comes = True
        try:
            self._settle_all()
            while self._to_flush:
                flushing, self._to_flush = self._to_flush, []
                for transport in flushing:
                    transport.flush()
        finally:
            self._turn_comes = False
            if self._dirty or self._to_flush:
                self._turn_soon()

    def _settle_all(self) -> None:
        settled = 0
        while self._dirty and settled < SETTLED_AT_ONCE:
            dirty, self._dirty = self._dirty, []
            settled += len(dirty)
            for seat in dirty:
                seat.dirty = False
                for packet in seat.settle():
                    self._send(seat, packet)
                self._arm(seat)

    def _send(self, seat: Seat, packet: Packet) -> None:
        transport = seat.transports[packet.port]
        try:
            transport.send(packet)
        except Exception as error:
            # What a part hands out that cannot even be sent is the part's fault, and no other's.
            seat.fail(error)

    def _flush_soon(self, transport: Transport) -> None:
        self._to_flush.append(transport)
        self._turn_soon()

    def _arm(self, seat: Seat) -> None:
        wake_ns = seat.wake_ns
        if wake_ns is None or seat.failed:
            return
        armed = self._alarms.get(seat)
        if armed is not None:
            if armed[0] <= wake_ns:
                # It rings early, and is set anew then: cheaper than to set it at each packet.
                return
            armed[1].cancel()
        after_ns = wake_ns - self.now_ns()
        seat.count_idle(after_ns <= 0)
        if not seat.failed:
            at_s = self._loop.time() + max(0, after_ns) / NS_PER_S
            self._alarms[seat] = wake_ns, self._loop.call_at(at_s, self._ring, seat)

    def _ring(self, seat: Seat) -> None:
        self._alarms.pop(seat, None)
        wake_ns = seat.wake_ns
        if wake_ns is None or seat.failed:
            return
        if wake_ns <= self.now_ns():
            seat.wake()
        else:
            self._arm(seat)

    def _disarm(self, seat: Seat) -> None:
        armed = self._alarms.pop(seat, None)
        if armed is not None:
            armed[1].cancel()

    # Ports.

    def _context(self, seat: Seat, port: str) -> Context:
        hosted = seat.hosted
        return Context(
            part=hosted.name,
            function=hosted.function,
            port=port,
            address=hosted.addresses.get(port, ""),
            loop=self._loop,
            now_ns=self.now_ns,
            deliver=seat.arrived,
            report_event=partial(self._report, hosted.name),
            flush_soon=self._flush_soon,
            exchanges=self._exchanges,
            familiar=partial(seat.familiar, port),
        )

    def _report(self, name: str, event: Event) -> None:
        self._watcher.event(self.now_ns(), name, event)

    def _key(self, name: str, record: Mapping[str, str | int]) -> None:
        self._watcher.key(self.now_ns(), name, record)

    # The end of a part.

    @staticmethod
    def _has_goodbyes(seat: Seat) -> bool:
        return not seat.failed and hasattr(seat.part, "stop") and (seat.dirty or seat.wake_ns is not None)

    def _leave(self, seat: Seat) -> None:
        self._exchanges.remove(seat.hosted.name)

    def _failed(self, seat: Seat) -> None:
        """Its peers are to know at once, and its store is free for who comes after it."""
        self._disarm(seat)
        self._leave(seat)
        self._close_soon(seat.transports.values())
        seat.store.close()

    def _close_soon(self, transports: Iterable[Transport]) -> None:
        for transport in transports:
            task = self._loop.create_task(transport.close(0))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    def _forget(self, seat: Seat) -> None:
        if self._seats.get(seat.hosted.name) is seat:
            del self._seats[seat.hosted.name]
        seat.failed = True
        self._disarm(seat)
        seat.store.close()


def _store_of(part: HostedPart) -> FileStore | MemoryStore:
    """Its store, open. Raises TransportError."""
    if part.store is None:
        return MemoryStore()
    try:
        return FileStore(part.store)
    except OSError as error:
        raise TransportError(error.errno or 0, f"{part.name}: {error.strerror or error}") from error
