"""What a host is told of its parts, and what it tells of them: the records that pass between host and supervisor."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol

import msgspec

from awase.model.part import Address, Event, Packet, PacketKind, Part, Services

SctpCarrier = Literal["auto", "kernel", "raw", "udp"]
"""What carries SCTP: "auto" is the kernel's where it has it, else raw IP as root, else UDP (RFC 6951)."""


class TransportError(OSError):
    """A port cannot be opened. The text names part, port, address, and what to do."""


class SctpOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How SCTP is carried.

    `udp_port`: where we listen for encapsulated SCTP on each own address, and where peers are sought (9899 by
    RFC 6951); `peer_udp_ports`: host -> another port of a peer. A host that only connects takes any free port where
    its own is taken: the server learns it from the first packet. `packet_bytes`: the longest SCTP packet over raw IP
    and UDP; 0 is what Ethernet leaves, and half of the loopback's MTU on this host.
    """

    carrier: SctpCarrier = "auto"
    streams: int = 32
    udp_port: int = 9899
    peer_udp_ports: Mapping[str, int] = {}
    packet_bytes: int = 0


class TlsOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Certificates of an HTTP port in PEM files: its own with its key, and the authorities it trusts.

    `mutual`: clients must show a certificate too (TS 33.501 clause 13.1). `key_log`: the file to which the secrets of
    connections are added, in the format that Wireshark reads (SSLKEYLOGFILE); it is there, and for this user alone.
    """

    certificate: str
    key: str
    authorities: str
    mutual: bool = True
    key_log: str = ""


class TunOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A TUN device for a port of IP packets (n6): made when the port opens, gone when it closes. Needs root.

    `addresses` are the host's own with their prefix lengths ("10.45.0.1/16"); `routes` are destinations that lead to
    the device besides ("10.46.0.0/16").
    """

    name: str = ""
    """"" lets the kernel choose awase0, awase1, ..."""
    addresses: tuple[str, ...] = ()
    mtu_bytes: int = 1400
    routes: tuple[str, ...] = ()
    namespace: str = ""
    """The network namespace of the device (`ip netns add NAME`); "" is that of the process."""


class SessionTuns(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A TUN device for each PDU session of a UE's port app: NAME-1, NAME-2, ... ("": awase-PART-1, ...). Needs root."""

    name: str = ""
    namespace: str = ""


class IpOverUdp(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Carries a port of IP packets (n6) between two processes of ours, one IP packet a datagram, without root.

    `own` and `peers` are "host:port"; `names` are the parts at the peers' ports, in the same order. A packet goes to
    the part that it names; for one that names none it learns which IP address is behind which peer, like a bridge.
    """

    own: Address
    peers: tuple[Address, ...] = ()
    names: tuple[str, ...] = ()


class HostedPart(msgspec.Struct, frozen=True, kw_only=True):
    """A part to host.

    `addresses`: port -> "host:port" where it opens. `build` makes the part of the services that the host gives it.
    `store`: the SQLite file behind services.store; None keeps it in memory, for as long as the part is hosted.
    `tls`: of its HTTP ports; None is clear text with prior knowledge. `tuns` and `ip_over_udp`: by port; a port of IP
    packets that is in neither is handed over directly to the parts of this host that have such a port.
    `untapped`: port -> hosts of peers whose links the watcher is not shown here, because their own end shows them.
    """

    name: str
    function: str
    ports: tuple[str, ...]
    addresses: Mapping[str, Address]
    build: Callable[[Services], Part]
    store: Path | None = None
    sctp: SctpOptions = SctpOptions()
    tls: TlsOptions | None = None
    tuns: Mapping[str, TunOptions | SessionTuns] = {}
    ip_over_udp: Mapping[str, IpOverUdp] = {}
    untapped: Mapping[str, frozenset[str]] = {}


class TapRecord(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A packet that passed a port of a hosted part; msgspec turns it into octets for another process.

    `outgoing`: the part sent it. `peer` is the far end as the part knows it, `local` the port's configured address.
    `association` and `exchange` are this end's numbers, and equal in both directions: record a link at one end (the
    client's, where it is hosted) and all fits. On HTTP a server's `peer` is the client's host with an ephemeral port.
    `kind` "up" is shown once, when the association is up: outgoing where this end asked for it.
    """

    time_ns: int
    part: str
    port: str
    outgoing: bool
    local: Address
    peer: Address
    kind: PacketKind
    payload: bytes | tuple[bytes, ...]
    association: int | None = None
    stream: int | None = None
    ppid: int | None = None
    exchange: int | None = None


class Watcher(Protocol):
    """Who is told what happens. Called in the host's loop: take it and return at once."""

    def packet(self, record: TapRecord) -> None:
        """A packet passed a port; not called where `HostSettings.tap` is False."""
        ...

    def event(self, time_ns: int, part: str, event: Event) -> None:
        """A part, or the host on its behalf, raised an event."""
        ...

    def key(self, time_ns: int, part: str, record: Mapping[str, str | int]) -> None:
        """A part logged a key."""
        ...


class HostSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How a host behaves.

    `check_packets` and `check_events` may look at what a stranger's part hands out, and raise: then the part has
    failed (the lab gives its contract checks here). `stop_limit_s`: how long an orderly stop may take.
    """

    tap: bool = True
    stop_limit_s: float = 4.0
    check_packets: Callable[[Any, Sequence[str]], Sequence[Packet]] | None = None
    check_events: Callable[[Any], Sequence[Event]] | None = None


class PartFigures(msgspec.Struct, frozen=True):
    """What a part has done so far, for a live table."""

    packets_in: int
    packets_out: int
    octets_in: int
    octets_out: int
    associations: int
    connections: int
    failed: bool
