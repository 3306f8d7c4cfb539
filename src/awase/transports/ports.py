"""What a port's transport has to do with its host, and addresses as sockets take them."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Protocol

import msgspec

from awase.model.part import Address, Event, Level, Packet
from awase.transports.hosting import TransportError

BATCH_PORTS = frozenset(("n3", "n9", "f1u", "n6", "app"))
"""Where a payload may be a sequence of octet strings (DESIGN section 2)."""

SAID_PER_S = 5

HostPort = tuple[str, int]
_KNOWN = 65_536
_parsed: dict[Address, HostPort] = {}
_texts: dict[HostPort, Address] = {}


def host_port(address: Address) -> HostPort:
    """The IPv4 host and the port of "host:port". Raises ValueError."""
    found = _parsed.get(address)
    if found is None:
        host, _, port = address.rpartition(":")
        found = host, int(port)
        if not host or not 0 <= found[1] < 0x10000:
            raise ValueError(f"{address!r:.80} is no address")
        if len(_parsed) >= _KNOWN:
            _parsed.clear()
        _parsed[address] = found
    return found


def text_of(address: HostPort) -> Address:
    """The "host:port" of what a socket says."""
    text = _texts.get(address)
    if text is None:
        if len(_texts) >= _KNOWN:
            _texts.clear()
        text = _texts[address] = f"{address[0]}:{address[1]}"
    return text


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """A port as its transport sees it: whose it is, and whom to tell.

    `deliver` hands a packet to the part; `flush_soon` asks for a call of `flush` after all that the part has to send
    in this turn; `exchanges` are HTTP's between the parts of the host; `familiar` asks the part whom it knows at this
    port, None where it cannot tell.
    """

    part: str
    function: str
    port: str
    address: Address
    loop: asyncio.AbstractEventLoop
    now_ns: Callable[[], int]
    deliver: Callable[[Packet], None]
    report_event: Callable[[Event], None]
    flush_soon: Callable[["Transport"], None]
    exchanges: "ExchangeTable"
    familiar: Callable[[], Iterable[Address] | None] = lambda: None
    said: dict[str, list[int]] = {}
    """Of each event: the second, how often in it, how many were left unsaid since."""

    def report(self, name: str, text: str, *, level: Level = "warning", **fields: str | int | bool) -> None:
        """Raise an event on the part's behalf, at most SAID_PER_S of a name: strangers can cause any number."""
        second = self.now_ns() // 1_000_000_000
        known = self.said.setdefault(name, [second, 0, 0])
        if known[0] != second:
            known[0], known[1] = second, 0
        known[1] += 1
        if known[1] > SAID_PER_S:
            known[2] += 1
            return
        unsaid, known[2] = known[2], 0
        if unsaid:
            text += f" ({unsaid} more of these since the last report)"
        self.report_event(Event(name=name, text=f"{self.part}: {text}", level=level, fields=fields))

    def unusable(self, what: str, error: OSError, hint: str) -> TransportError:
        """The exception for a port that cannot be opened."""
        where = f"{self.part}, port {self.port}, {self.address}" if self.address else f"{self.part}, port {self.port}"
        return TransportError(error.errno or 0, f"{where}: {what}: {error.strerror or error}; {hint}")


class ExchangeTable(Protocol):
    """HTTP exchanges that need no socket."""

    def add(self, context: Context) -> None:
        """A part of this host serves here."""
        ...

    def take(self, context: Context, packet: Packet) -> bool:
        """Carry a packet between parts of this host; False if it is none for them."""
        ...


class Transport(Protocol):
    """What carries a port."""

    carrier: str
    """In words, for a person."""

    async def open(self) -> None:
        """Open sockets. Raises TransportError."""
        ...

    def send(self, packet: Packet) -> None:
        """Take a packet of the part."""
        ...

    def flush(self) -> None:
        """Send what was taken."""
        ...

    async def close(self, limit_s: float) -> None:
        """Say goodbye to the peers, for so long at most (0: abort), and close the sockets."""
        ...

    def open_links(self) -> int:
        """How many associations or connections are up."""
        ...
