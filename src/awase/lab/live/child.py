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

from awase.lab.contract import events_of, packets_of
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
    plain_event,
    read_request,
    report_frame,
)
from awase.model.part import Event
from awase.transports.host import Host, HostedPart, HostSettings, TapRecord, TransportError

MAX_WAITING = 32 << 20
"""Octets that wait for the supervisor to read; beyond, packets are counted and not shown."""
CONTAINERS_BETWEEN_COLLECTIONS = 50_000
EXIT_REFUSED = 3


def run_child(parts: Sequence[HostedPart], hosts: frozenset[str], channel: socket.socket, log: int) -> NoReturn:
    """The whole life of a process, from just after the fork; never returns. `hosts`: those of parts of ours."""
    status = 1
    try:
        os.dup2(log, 1)
        os.dup2(log, 2)
        for number in (signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.set_wakeup_fd(-1)
        _close_all_but(channel.fileno())
        gc.set_threshold(CONTAINERS_BETWEEN_COLLECTIONS, 20, 20)
        status = asyncio.run(_Child(parts, hosts, channel).main())
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

    def __init__(self, parts: Sequence[HostedPart], hosts: frozenset[str], channel: socket.socket) -> None:
        self._parts = parts
        self._hosts = hosts
        self._host: Host
        self._channel = channel
        self._waiting = bytearray()
        self._left_out = 0
        self._tapped = True
        self._stopping: asyncio.Event
        self._writing = False

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

    def key(self, _time_ns: int, part: str, record: Mapping[str, str | int]) -> None:
        """A part logged a key."""
        self._report(Logged(part, dict(record)))

    # The life.

    async def main(self) -> int:
        """Host the parts until told to stop."""
        loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        self._host = Host(self, HostSettings(check_packets=packets_of, check_events=events_of))
        self._channel.setblocking(False)
        loop.add_signal_handler(signal.SIGTERM, self._stopping.set)
        for part in self._parts:
            try:
                await self._host.add(part)
            except (TransportError, ValueError) as error:
                self._report(Refused(part.name, str(error)))
                await self._flush()
                return EXIT_REFUSED
        self._report(Serving(self._host.now_ns(), dict(self._host.carriers())))
        reader = loop.create_task(self._read())
        await self._stopping.wait()
        await self._host.stop()
        reader.cancel()
        await self._flush()
        return 0

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
        if not self._writing:
            self._writing = True
            asyncio.get_running_loop().call_soon(self._write)

    def _write(self) -> None:
        """Write what fits; the rest when there is room."""
        waiting = self._waiting
        loop = asyncio.get_running_loop()
        try:
            while waiting:
                sent = self._channel.send(memoryview(waiting)[: 1 << 18])
                del waiting[:sent]
        except BlockingIOError:
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


def _plain(figures: Any) -> dict[str, int]:
    return {name: int(getattr(figures, name)) for name in figures.__struct_fields__}
