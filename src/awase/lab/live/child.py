"""A process of a network that is up: hosts its parts on real sockets, shows the supervisor what passes their ports.

It is forked from the supervisor, so that nothing is imported twice, and ends when the supervisor does.
"""

import asyncio
import gc
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, NoReturn

from awase.lab.contract import BATCH_PORTS, events_of, packets_of
from awase.lab.live.feed import is_user_data
from awase.lab.live.messages import (
    Answer,
    Frames,
    LeftOut,
    Logged,
    Refused,
    Report,
    Request,
    Said,
    Seen,
    Serving,
    Warm,
    plain_event,
    read_request,
    report_frame,
)
from awase.model.part import Event
from awase.transports.host import Host, HostedPart, HostSettings, TapRecord, TransportError
from awase.transports.services import RealServices
from awase.transports.store import MemoryStore

MAX_WAITING = 32 << 20
"""Octets that wait for the supervisor to read; beyond, packets are counted and not shown."""
BETWEEN_WRITES_S = 0.005
"""How long users' packets wait for more, where something has just been written: less than the supervisor waits to put
those of all processes in order."""
CONTAINERS_BETWEEN_COLLECTIONS = 50_000
EXIT_REFUSED = 3
YIELDING = 5
"""How much nicer (nice(2)) a process is that leaves the processors to others."""


def run_child(
    parts: Sequence[HostedPart],
    hosts: frozenset[str],
    channel: socket.socket,
    log: int,
    *,
    held: bool = False,
    yields: bool = False,
) -> NoReturn:
    """The whole life of a process, from just after the fork; never returns. `hosts`: those of parts of ours.

    `held`: it makes itself ready, and opens no port before it is told to go. `yields`: others go before it.
    """
    status = 1
    try:
        if yields:
            os.nice(YIELDING)
        os.dup2(log, 1)
        os.dup2(log, 2)
        for number in (signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.set_wakeup_fd(-1)
        _close_all_but(channel.fileno())
        gc.set_threshold(CONTAINERS_BETWEEN_COLLECTIONS, 20, 20)
        status = asyncio.run(_Child(parts, hosts, channel, held=held).main())
    except SystemExit as error:
        status = int(error.code or 0)
    except BaseException as error:
        # The supervisor repeats the last lines of this file.
        sys.excepthook(type(error), error, error.__traceback__)
    finally:
        with suppress(OSError, ValueError):
            sys.stderr.flush()
        os._exit(status)


def _close_all_but(kept: int) -> None:
    """What the supervisor has open is not the child's: its sockets would outlive it."""
    os.closerange(3, kept)
    os.closerange(kept + 1, 4096)


class _Child:
    """The watcher of a host, and whoever does what the supervisor asks."""

    def __init__(
        self, parts: Sequence[HostedPart], hosts: frozenset[str], channel: socket.socket, *, held: bool
    ) -> None:
        self._parts = parts
        self._hosts = hosts
        self._host: Host
        self._channel = channel
        self._waiting = bytearray()
        self._left_out = 0
        self._tapped = True
        self._stopping: asyncio.Event
        self._writing = False
        self._wrote_s = 0.0
        self._later: asyncio.TimerHandle | None = None
        """Writes what can wait."""
        self._held = held
        self._gone: asyncio.Event
        """Whether it has been told to go."""

    # The watcher.

    def packet(self, record: TapRecord) -> None:
        """A packet passed a port."""
        if not self._tapped:
            return
        of_server = record.exchange is not None and record.outgoing is (record.kind != "request")
        if of_server and record.peer.rpartition(":")[0] in self._hosts:
            # An exchange is shown by its client, where that is ours.
            return
        if len(self._waiting) > MAX_WAITING:
            self._left_out += 1
            return
        self._report(Seen(record))

    def event(self, time_ns: int, part: str, event: Event) -> None:
        """A part raised an event."""
        self._report(Said(time_ns, part, plain_event(event)))

    def key(self, time_ns: int, part: str, record: Mapping[str, str | int]) -> None:
        """A part logged a key."""
        self._report(Logged(time_ns, part, dict(record)))

    # The life.

    async def main(self) -> int:
        """Host the parts until told to stop."""
        loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        self._host = Host(self, HostSettings(check_packets=packets_of, check_events=events_of))
        self._channel.setblocking(False)
        loop.add_signal_handler(signal.SIGTERM, self._stopping.set)
        self._gone = asyncio.Event()
        reader = loop.create_task(self._read())
        if self._held and not await self._hold():
            await self._flush()
            return EXIT_REFUSED
        for part in self._parts:
            try:
                await self._host.add(part)
            except (TransportError, ValueError) as error:
                text = error.strerror if isinstance(error, TransportError) and error.strerror else str(error)
                self._report(Refused(part.name, text))
                await self._flush()
                return EXIT_REFUSED
        self._report(Serving(self._host.now_ns(), dict(self._host.carriers())))
        await self._stopping.wait()
        await self._host.stop()
        reader.cancel()
        await self._flush()
        return 0

    async def _hold(self) -> bool:
        """See whether the parts can be made, say so, and wait; False if they cannot, or are not wanted."""
        for part in self._parts:
            try:
                part.build(RealServices(MemoryStore(), lambda record: None))
            except ValueError as error:
                self._report(Refused(part.name, str(error)))
                return False
        self._report(Warm(os.getpid()))
        waits = [asyncio.ensure_future(event.wait()) for event in (self._gone, self._stopping)]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        return not self._stopping.is_set()

    async def _read(self) -> None:
        """Do what the supervisor asks, until it is gone."""
        loop = asyncio.get_running_loop()
        frames = Frames()
        try:
            while octets := await loop.sock_recv(self._channel, 65536):
                for body in frames.feed(octets):
                    await self._do(read_request(body))
        except (OSError, ValueError):
            pass
        self._stopping.set()

    async def _do(self, request: Request) -> None:
        result: Any = None
        try:
            if request.do == "stop":
                self._stopping.set()
            elif request.do == "go":
                self._gone.set()
            elif request.do == "kill_part":
                self._host.kill(request.part)
            elif request.do == "remove_part":
                await self._host.remove(request.part)
            elif request.do == "tap":
                self._tapped = request.value
            elif request.do == "books":
                result = self._books()
            else:
                result = {name: _plain(figures) for name, figures in self._host.figures().items()}
        except (KeyError, TransportError) as error:
            result = {"error": str(error)}
        self._report(Answer(request.number, result))

    def _books(self) -> dict[str, list[tuple[str, str, str]]]:
        """The books of the parts that show them (model/books.py)."""
        found = {}
        for name in self._host.names():
            books = getattr(self._host.part(name), "books", None)
            shown = None if books is None else books()
            if shown is not None:
                found[name] = [(entry.book, entry.key, entry.value) for entry in shown]
        return found

    # Towards the supervisor.

    def _report(self, report: Report) -> None:
        if self._left_out and not isinstance(report, Seen):
            left_out, self._left_out = self._left_out, 0
            self._waiting += report_frame(LeftOut(left_out))
        self._waiting += report_frame(report)
        if self._writing:
            return
        loop = asyncio.get_running_loop()
        at_s = self._wrote_s + BETWEEN_WRITES_S
        if loop.time() < at_s and type(report) is Seen and _can_wait(report.record):
            if self._later is None:
                self._later = loop.call_at(at_s, self._write)
            return
        # Signalling is on its way to the supervisor before it is to its receiver, and so are the keys that open it.
        self._writing = True
        loop.call_soon(self._write)

    def _write(self) -> None:
        """Write what fits; the rest when there is room."""
        waiting = self._waiting
        loop = asyncio.get_running_loop()
        self._wrote_s = loop.time()
        if self._later is not None:
            self._later.cancel()
            self._later = None
        try:
            while waiting:
                sent = self._channel.send(memoryview(waiting)[: 1 << 18])
                del waiting[:sent]
        except BlockingIOError:
            self._writing = True
            loop.add_writer(self._channel, self._write_more)
            return
        except OSError:
            waiting.clear()
            self._stopping.set()
        self._writing = False

    def _write_more(self) -> None:
        asyncio.get_running_loop().remove_writer(self._channel)
        self._write()

    async def _flush(self) -> None:
        loop = asyncio.get_running_loop()
        if self._writing:
            loop.remove_writer(self._channel)
        octets, self._waiting = bytes(self._waiting), bytearray()
        with suppress(OSError):
            await asyncio.wait_for(loop.sock_sendall(self._channel, octets), 1.0)


def _can_wait(record: TapRecord) -> bool:
    return record.port in BATCH_PORTS or (record.port == "uu" and is_user_data(record.payload))


def _plain(figures: Any) -> dict[str, int]:
    return {name: int(getattr(figures, name)) for name in figures.__struct_fields__}
