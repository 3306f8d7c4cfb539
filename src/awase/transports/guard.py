"""What strangers may take of a port that does not keep up: each host a share of little; the kernel drops the rest.

A port that keeps up has no guard. One whose socket was not empty for some turns asks its part whom it knows
(`Acquainted`): they are read as ever, and all others share STRANGERS a window, by host, before anything is decoded.
Who goes on regardless is dropped by a filter in the kernel, so that it does not fill the socket's buffer, which is
that of the known too.
"""

import socket
import struct
from asyncio import TimerHandle
from collections.abc import Callable, Iterable
from contextlib import suppress
from ctypes import addressof, create_string_buffer

from awase.model.part import Address
from awase.transports.ports import Context

PRESSED_TURNS = 8
"""So many turns in a row that did not empty the socket are more than a peer's burst."""
WINDOW_NS = 250_000_000
STRANGERS = 500
"""Datagrams of all strangers in a window."""
LEAST = 16
"""Of one host, however many there are."""
MOST_HOSTS = 256
FLOOD = 256
"""So many refused in a window are for the kernel to drop."""
GUARDED_NS = 1_000_000_000
READS_AT_ONCE = 512
"""Datagrams that a guarded turn looks at; to read one and drop it is cheap."""
_BLOCKED_S = 1.0
_BLOCKED_HOSTS = 100
_KNOWN = 1 << 62
_SO_ATTACH_FILTER, _SO_DETACH_FILTER = 26, 27
_LOAD, _IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_SOURCE_ADDRESS = 0xFFF00000 + 12
"""Where a classic BPF program finds it: 12 octets into the network header, wherever the packet begins for it."""

Instruction = tuple[int, int, int, int]


class Guard:
    """Who may come in. Owns no clock and no socket."""

    __slots__ = (
        "_familiar",
        "_left",
        "_refused",
        "_share",
        "_strangers",
        "_turns",
        "_until_ns",
        "_window_ns",
        "active",
    )

    def __init__(self, familiar: Callable[[], Iterable[Address] | None]) -> None:
        self._familiar = familiar
        self.active = False
        self._turns = 0
        self._until_ns = 0
        self._window_ns = -WINDOW_NS
        self._share = STRANGERS
        self._left: dict[str, int] = {}
        self._refused: dict[str, int] = {}
        self._strangers = 0

    def emptied(self) -> None:
        """A turn has read all that there was."""
        self._turns = 0

    def not_emptied(self, now_ns: int) -> None:
        """A turn has left something in the socket."""
        self._turns += 1
        if self._turns >= PRESSED_TURNS:
            self._until_ns = now_ns + GUARDED_NS
            self.active = True

    def begin(self, now_ns: int) -> bool:
        """Whether a turn is still guarded; at the begin of a window, ask whom the part knows."""
        if now_ns - self._window_ns >= WINDOW_NS and now_ns < self._until_ns:
            known = self._familiar()
            if known is None:
                # Who knows nobody from nobody can favour nobody.
                self._until_ns = 0
            else:
                self._window_ns = now_ns
                self._share = max(LEAST, STRANGERS // max(1, self._strangers))
                self._strangers = 0
                self._left = {peer.rpartition(":")[0]: _KNOWN for peer in known}
                self._refused.clear()
        self.active = now_ns < self._until_ns
        if not self.active:
            self._turns = 0
        return self.active

    def admits(self, host: str, now_ns: int) -> bool:
        """Whether a datagram of a host is let in."""
        left = self._left.get(host)
        if left is None:
            self._strangers += 1
            left = max(LEAST, min(self._share, STRANGERS // self._strangers)) if self._strangers <= MOST_HOSTS else 0
            if len(self._left) > 2 * MOST_HOSTS and not left:
                return False
        if left > 0:
            self._left[host] = left - 1
            return True
        self._left[host] = 0
        self._refused[host] = self._refused.get(host, 0) + 1
        self._until_ns = now_ns + GUARDED_NS
        return False

    def floods(self) -> list[str]:
        """The hosts that go on and on, each named once."""
        found = [host for host, count in self._refused.items() if count >= FLOOD]
        for host in found:
            self._refused[host] = -_KNOWN
        return found


class Shield:
    """A guard with its socket: what the kernel is told to drop, for a second each time, and who is told of it."""

    __slots__ = ("_alarm", "_attach", "_blocked", "_context", "guard")

    def __init__(
        self, context: Context, familiar: Callable[[], Iterable[Address] | None], attach: Callable[[], None]
    ) -> None:
        self.guard = Guard(familiar)
        self._context = context
        self._attach = attach
        self._blocked: dict[str, None] = {}
        self._alarm: TimerHandle | None = None

    @property
    def blocked(self) -> list[str]:
        """The hosts whose datagrams the kernel is to drop."""
        return list(self._blocked)

    def settle(self) -> None:
        """At the end of a guarded turn: have the kernel drop what is too much."""
        found = self.guard.floods()
        if not found:
            return
        for host in found:
            context = self._context
            context.report(
                "FloodDropped",
                f"{host} floods port {context.port}, which does not know it: all it sends is dropped for 1 s",
                peer=host,
            )
            if len(self._blocked) < _BLOCKED_HOSTS:
                self._blocked[host] = None
        self._attach()
        if self._alarm is None:
            self._alarm = self._context.loop.call_later(_BLOCKED_S, self._unblock)

    def _unblock(self) -> None:
        self._alarm = None
        self._blocked.clear()
        self._attach()

    def close(self) -> None:
        """The socket closes."""
        if self._alarm is not None:
            self._alarm.cancel()


def dropping(hosts: Iterable[str]) -> list[Instruction]:
    """The begin of a classic BPF program: drops what comes from some hosts, and goes on with the rest."""
    wanted = [int.from_bytes(socket.inet_aton(host), "big") for host in hosts]
    if not wanted:
        return []
    program = [(_LOAD, 0, 0, _SOURCE_ADDRESS)]
    for at, number in enumerate(wanted):
        program.append((_IF_EQUAL, len(wanted) - at - 1, int(at == len(wanted) - 1), number))
    return [*program, (_RETURN, 0, 0, 0)]


def attach(sock: socket.socket, program: list[Instruction]) -> None:
    """Give a socket a filter, or none. Raises OSError where the kernel has no such filters."""
    if not program:
        with suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, _SO_DETACH_FILTER, 0)
        return
    octets = b"".join(struct.pack("=HBBI", *line) for line in program)
    code = create_string_buffer(octets, len(octets))
    sock.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("@HxxxxxxQ", len(program), addressof(code)))


def attach_dropping(sock: socket.socket | None, hosts: list[str]) -> None:
    """Have the kernel drop what comes from some hosts, where it can."""
    if sock is not None:
        with suppress(OSError):
            attach(sock, [*dropping(hosts), (_RETURN, 0, 0, 0xFFFFFFFF)] if hosts else [])
