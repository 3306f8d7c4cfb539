"""The contract of a part: octets in, octets out, time handed in (DESIGN section 2)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, Protocol, runtime_checkable

import msgspec

Address = str
"""Where a port answers: "host:port" (IPv6 hosts in brackets). On ports without addresses (n6) it is the name of the
part at the other end, or "" for whichever there is."""

PacketKind = Literal["data", "connect", "up", "down", "abort", "request", "response"]
Level = Literal["info", "warning", "error"]

NS_PER_S = 1_000_000_000
NS_PER_MS = 1_000_000
NS_PER_US = 1_000


class Packet(msgspec.Struct, frozen=True, gc=False):
    """What passes a port.

    `peer` is the far end's address: the destination of what a part hands out, the source of what it
    receives. `association` names an SCTP association (chosen by the transport, constant while it is up);
    `exchange` joins an HTTP response to its request (chosen by whoever sends the request, unique per port
    and peer while it is open; on the server's side it is the transport's and is echoed in the response).
    `ppid` and `stream` are SCTP's. `payload` is a sequence of octet strings only on n3, n9, f1u and n6.

    Association ports: a client sends `connect` (peer = server); both ends get `up` with the association;
    either sends `down` (orderly) or `abort`; the other gets the same kind. A refused or unanswered
    `connect` comes back as `down` with association None.
    HTTP ports: `request` is answered by one `response`, or, when the peer cannot be reached or resets,
    by `abort` with the same exchange. A time-out is the client's own; an answer that comes later is dropped
    by the client, which no longer knows the exchange.
    """

    port: str
    peer: Address
    payload: bytes | Sequence[bytes] = b""
    kind: PacketKind = "data"
    association: int | None = None
    stream: int | None = None
    ppid: int | None = None
    exchange: int | None = None


class Event(msgspec.Struct, frozen=True):
    """What a part wants known, in words that help.

    `name` is CamelCase (`Registered`, `MalformedPacket`, `RegistrationRejected`); `text` one sentence for a
    person; `subject` whom it is about (a SUPI, a gNB's name); `config` the path of the element of the part's
    own configuration that explains it ("plmn_support[0].slices"), which the lab turns into file and line.
    """

    name: str
    text: str
    level: Level = "info"
    subject: str = ""
    config: str = ""
    fields: Mapping[str, str | int | bool] = {}


class Store(Protocol):
    """State that outlives a part: octets by key.

    What was put or deleted is seen at once and durable after commit; a kill before that undoes it. Where there is
    no room, `put` or `commit` raises OSError; what was durable stays so, and a later commit tries again.
    """

    def get(self, key: str) -> bytes | None:
        """The octets under a key, or None."""
        ...

    def keys(self, prefix: str = "") -> Sequence[str]:
        """The keys that begin so, sorted."""
        ...

    def put(self, key: str, value: bytes) -> None:
        """Set the octets under a key. Raises OSError."""
        ...

    def delete(self, key: str) -> None:
        """Forget a key; nothing if it is not there."""
        ...

    def commit(self) -> None:
        """Make durable what was put and deleted. Raises OSError."""
        ...


class Services(Protocol):
    """All that a part gets from outside."""

    @property
    def store(self) -> Store:
        """The part's own store."""
        ...

    def random_bytes(self, n: int, label: str) -> bytes:
        """`n` random octets; in virtual time a keyed hash of seed, part, label and counter."""
        ...

    def key_log(self, record: Mapping[str, str | int]) -> None:
        """Hand out a key for the Run's keys.json; silent unless the run writes it."""
        ...


@runtime_checkable
class Part(Protocol):
    """A network function. It owns no socket, no thread, no clock and no randomness of its own.

    The first call is `wake`, at the time at which the network starts. What a part may offer besides:
    `stop` (Stoppable), `familiar` (Acquainted) and `books` (model/books.py).
    """

    def receive(self, packet: Packet, now_ns: int) -> None:
        """Take one packet from a port. Never raises, whatever the octets."""
        ...

    def wake(self, now_ns: int) -> None:
        """The time asked for by wake_at_ns has come."""
        ...

    def wake_at_ns(self) -> int | None:
        """When this part next wants to be woken; asked again after every call."""
        ...

    def take_packets(self) -> Sequence[Packet]:
        """The packets to send, in order; each is handed out once."""
        ...

    def take_events(self) -> Sequence[Event]:
        """The events since the last call; each is handed out once."""
        ...


@runtime_checkable
class Stoppable(Protocol):
    """A part that leaves in order when it is asked to (SIGTERM)."""

    def stop(self, now_ns: int) -> None:
        """Say goodbye: hand out what peers should hear. It is called on as before until nothing is left to do.

        The part has stopped when `wake_at_ns` is None, or when the runner will wait no longer.
        """
        ...


@runtime_checkable
class Acquainted(Protocol):
    """A part that can tell its peers from strangers."""

    def familiar(self, port: str) -> Iterable[Address]:
        """The addresses of a port's peers that have proven to be such, or are configured.

        Asked seldom, and only while more comes than the port takes: others then share what little is left.
        """
        ...


class PartType(Protocol):
    """A supplier's offer: the object behind an entry point in `awase.parts`, named "SUPPLIER.FUNCTION".

    `config` as given to `build` is the part's section of the network file as plain data (what
    `config_schema` allows), completed by the lab: network-wide values that the schema names, `addresses`
    (port name -> own address) and `peers` (reference point -> list of {part, function, address}).
    """

    function: str
    ports: Sequence[str]
    config_schema: Mapping[str, Any]
    versions: Mapping[str, str]
    build: Callable[[str, Mapping[str, Any], Services], Part]
