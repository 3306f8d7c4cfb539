"""Puts what the processes saw into one order of time, and shows it to the run's observer as the lab would."""

import heapq

from awase.lab.assembly import Assembly
from awase.lab.evidence.core_side import Sightlines
from awase.lab.observer import Observer
from awase.lab.seats import Path
from awase.lab.services import KeyRecord
from awase.model.part import NS_PER_MS, NS_PER_S, Event, Packet
from awase.model.reference_points import REFERENCE_POINTS
from awase.protocols.rls.codec import PDU_TRANSMISSION
from awase.protocols.rls.messages import PduType
from awase.transports.host import TapRecord

PATIENCE_NS = 30 * NS_PER_MS
"""How long a record waits for older ones of other processes."""
MAX_WAITING = 200_000
MAX_RADIOS = 4096
ACTIVE_NS = 2 * NS_PER_S
"""A UE that heard something so long ago has traffic."""
RLS_PDU_TYPE = 13
"""Where the kind of PDU stands in a PDU transmission of RLS."""
_PDU, _DATA = bytes((PDU_TRANSMISSION,)), bytes((PduType.DATA,))


class Feed:
    """From tap records to packets on paths."""

    def __init__(self, assembly: Assembly, observer: Observer) -> None:
        self._observer = observer
        self._parts = {part.name: part for part in assembly.parts}
        self._ports: dict[tuple[str, str], list[Path]] = {}
        """By part and port, the paths that leave it."""
        self._of_part: dict[str, list[Path]] = {}
        self._by_peer: dict[tuple[str, str, str], list[Path]] = {}
        """By part, port and the far end's host."""
        self._waiting: list[tuple[int, int, TapRecord | tuple[str, Event] | KeyRecord]] = []
        self._count = 0
        self._associations: dict[int, tuple[int, set[str]]] = {}
        """By link: the number of its association in this run, and which ends have reported it."""
        self._association_count = 0
        self._connected: set[Path] = set()
        self._foreign_ues = frozenset(Sightlines.of(assembly).foreign_ues)
        self._radios: dict[str, Path] = {}
        """By its address, the path to a UE of others."""
        self._heard: dict[str, int] = {}
        """When each UE last heard something of its sessions."""
        self._before: dict[str, int] = {}
        self._gaps: dict[str, int] = {}
        self.left_out = 0
        self.strangers = 0
        """Packets of peers that the network does not know."""
        for index, link in enumerate(assembly.links):
            paths = [Path(link, index, assembly.seed, to_server) for to_server in (True, False)]
            paths[0].reverse, paths[1].reverse = paths[1], paths[0]
            for path, (name, port), (far, far_port) in zip(paths, link.ends, reversed(link.ends), strict=True):
                path.source = self._parts[name].addresses.get(port, "")
                path.target = self._parts[far].addresses.get(far_port, "")
                self._ports.setdefault((name, port), []).append(path)
                self._of_part.setdefault(name, []).append(path)
                # Ports without addresses name the part at the other end.
                host = path.target.rpartition(":")[0] or far
                self._by_peer.setdefault((name, port, host), []).append(path)

    @property
    def associations(self) -> int:
        """How many associations are up."""
        return len(self._associations)

    def packet(self, record: TapRecord) -> None:
        """A process saw a packet."""
        if len(self._waiting) >= MAX_WAITING:
            self.left_out += 1
            return
        self._count += 1
        heapq.heappush(self._waiting, (record.time_ns, self._count, record))

    def event(self, time_ns: int, part: str, event: Event) -> None:
        """A part, or whoever watches it, raised an event."""
        self._count += 1
        heapq.heappush(self._waiting, (time_ns, self._count, (part, event)))

    def key(self, time_ns: int, record: KeyRecord) -> None:
        """A part logged a key: what went before is deciphered with the one before."""
        self._count += 1
        heapq.heappush(self._waiting, (time_ns, self._count, record))

    def advance(self, now_ns: int, *, last: bool = False) -> None:
        """Show the observer what is old enough."""
        waiting = self._waiting
        until_ns = now_ns - PATIENCE_NS
        while waiting and (last or waiting[0][0] <= until_ns):
            time_ns, _, item = heapq.heappop(waiting)
            if isinstance(item, tuple):
                name, event = item
                self._observer.event(time_ns, self._parts[name], event)
            elif isinstance(item, TapRecord):
                self._show(item)
            else:
                self._observer.key(item)

    def forget(self, part: str) -> None:
        """A part is gone: its associations and connections are."""
        for path in self._of_part.get(part, ()):
            self._associations.pop(path.link_index, None)
            self._connected.difference_update((path, path.reverse))

    def heard(self) -> dict[str, int]:
        """When each UE last heard something of its sessions, in nanoseconds since the epoch."""
        return dict(self._heard)

    # The traffic of UEs across a swap.

    def begin_watch(self, now_ns: int) -> list[str]:
        """Note from now on when each UE hears something of its sessions; the UEs that did a short time ago."""
        self._before = {ue: at_ns for ue, at_ns in self._heard.items() if now_ns - at_ns < ACTIVE_NS}
        self._gaps = dict.fromkeys(self._before, 0)
        return list(self._before)

    def back_since(self, since_ns: int) -> int:
        """How many of the watched UEs have heard something since then."""
        return sum(self._heard[ue] > since_ns for ue in self._gaps)

    def end_watch(self, _now_ns: int, since_ns: int) -> dict[str, float | None]:
        """The longest silence of each watched UE in seconds; None for one that has heard nothing since then."""
        found = {ue: self._gaps[ue] / NS_PER_S if self._heard[ue] > since_ns else None for ue in self._gaps}
        self._gaps = {}
        return found

    def _hear(self, ue: str, time_ns: int) -> None:
        before_ns = self._heard.get(ue)
        self._heard[ue] = time_ns
        if ue in self._gaps and before_ns is not None:
            self._gaps[ue] = max(self._gaps[ue], time_ns - before_ns)

    def _show(self, record: TapRecord) -> None:
        path = self._path(record)
        if path is None:
            self.strangers += 1
            return
        transport = REFERENCE_POINTS[path.link.reference_point].transport
        if transport == "ip" and not path.to_server and record.outgoing:
            return
        if transport == "ip" and record.part != path.link.ends[0][0]:
            # The UPF shows both directions of N6.
            return
        way = path if record.outgoing else path.reverse
        if transport == "sctp":
            self._sctp(record, way)
        elif transport == "http":
            self._http(record, way)
        else:
            if transport == "rls" and not way.to_server and is_user_data(record.payload):
                self._hear(way.receiver, record.time_ns)
            self._pass(record, way, record.association)

    def _path(self, record: TapRecord) -> Path | None:
        """The path that leaves the part towards this peer."""
        host = record.peer.rpartition(":")[0] or record.peer
        found = self._by_peer.get((record.part, record.port, host))
        if found is None and record.port == "uu" and record.peer:
            return self._radio_of_other(record)
        if found is None:
            found = self._ports.get((record.part, record.port)) if not record.peer else None
        return found[0] if found else None

    def _radio_of_other(self, record: TapRecord) -> Path | None:
        """The path to a UE of others, which comes from whatever address its host gave it: they start in order."""
        known = self._radios.get(record.peer)
        if known is not None:
            return known
        ends = [path for path in self._ports.get((record.part, record.port), ()) if path.receiver in self._foreign_ues]
        free = [path for path in ends if path not in self._radios.values()] or (ends if len(ends) == 1 else [])
        if not free or len(self._radios) >= MAX_RADIOS:
            return None
        self._radios[record.peer] = free[0]
        return free[0]

    def _pass(self, record: TapRecord, way: Path, association: int | None) -> None:
        packet = Packet(
            way.reverse.receiver_port,
            way.target,
            record.payload,
            record.kind,
            association,
            record.stream,
            record.ppid,
            record.exchange,
        )
        self._observer.packet(record.time_ns, way, packet, (record.time_ns,))

    def _sctp(self, record: TapRecord, way: Path) -> None:
        kind, link = record.kind, way.link_index
        client = way if way.to_server else way.reverse
        known = self._associations.get(link)
        if kind == "up":
            if known is not None and record.part not in known[1]:
                known[1].add(record.part)
                return
            self._association_count += 1
            self._associations[link] = (self._association_count, {record.part})
            up = Packet(client.receiver_port, client.source, kind="up", association=self._association_count)
            self._observer.packet(record.time_ns, client, up, (record.time_ns,) * 4)
            return
        if known is None or kind == "connect":
            return
        if kind in ("down", "abort"):
            del self._associations[link]
        self._pass(record, way, known[0])

    def _http(self, record: TapRecord, way: Path) -> None:
        if record.kind == "request" and way not in self._connected:
            self._connected.add(way)
            up = Packet(way.receiver_port, way.source, kind="up")
            self._observer.packet(record.time_ns, way, up, (record.time_ns,) * 2)
        if record.kind != "abort":
            self._pass(record, way, None)


def is_user_data(payload: object) -> bool:
    """Whether a packet of RLS carries a user's."""
    return isinstance(payload, bytes) and payload[4:5] == _PDU and payload[RLS_PDU_TYPE : RLS_PDU_TYPE + 1] == _DATA
