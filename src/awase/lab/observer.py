"""Watches a run: feeds capture, ladder and evidence, and knows when every verdict has been reached."""

from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from awase.lab.assembly import Assembly, PlacedPart
from awase.lab.books import Audit
from awase.lab.capture.framing import host_port
from awase.lab.capture.writer import CaptureWriter
from awase.lab.decipher import DOWNLINK, UPLINK, KeyRing
from awase.lab.dissection import Dissector, Sight, nas_pdus
from awase.lab.evidence import verdicts
from awase.lab.evidence.base_stations import BaseStation, observe_ng_setup
from awase.lab.evidence.core_side import CoreSide, Sightlines
from awase.lab.evidence.procedures import Counts
from awase.lab.evidence.subscribers import Subscriber, SubscriberObserver
from awase.lab.evidence.traffic import Flows
from awase.lab.foreign import ForeignPartType
from awase.lab.ladder import Ladder
from awase.lab.seats import Path
from awase.lab.services import KeyRecord
from awase.model.part import NS_PER_S, Event, Packet
from awase.model.run import InterfaceFigures, RunEvent, Verdict
from awase.protocols.ngap import codec as ngap
from awase.protocols.rls.codec import PDU_TRANSMISSION, USER_DATA_OFFSET
from awase.wire.errors import DecodeError

MAX_EVENTS = 10_000
RARE_EVENTS = 200
"""Beyond MAX_EVENTS, so many events of each name are kept still: what is rare is not to be lost among pings."""
LATEST_EVENTS = 50
IN_FLIGHT_NS = 2 * NS_PER_S
"""How long after a UE has ended its traffic the rest of it may still arrive."""

_CARRIES_NAS = frozenset((4, 14, 15, 29, 46))
"""Procedure codes of DownlinkNASTransport, InitialContextSetup, InitialUEMessage, PDUSessionResourceSetup and
UplinkNASTransport (TS 38.413 clause 9.4.7)."""

_MESSAGES = frozenset(("data", "request", "response"))
_PDU_TRANSMISSION = bytes((PDU_TRANSMISSION,))

_CIPHERED, _CIPHERED_NEW_CONTEXT = b"\x7e\x02", b"\x7e\x04"
"""How a NAS message begins that is ciphered (TS 24.501 clauses 9.2 and 9.3)."""


class Observer:
    """The tap of a run."""

    def __init__(self, assembly: Assembly, capture: CaptureWriter, ladder: Ladder) -> None:
        self.keys = KeyRing(keep=capture.clear)
        self.events: list[RunEvent] = []
        self.events_left_out = 0
        self.latest: deque[RunEvent] = deque(maxlen=LATEST_EVENTS)
        self._rare: Counter[str] = Counter()
        self.capture = capture
        self.ladder = ladder
        self._assembly = assembly
        self._counts: dict[str, list[int]] = {}
        self._explanations: dict[str, tuple[str, str]] = {}
        self._failed: list[RunEvent] = []
        self._malformed: list[RunEvent] = []
        self.audit = Audit(0, ())
        self.muted = False
        """Whether the run is over, and the network only settles: nothing but the failure of a part is noted."""
        sight = Sightlines.of(assembly)
        ues = [part for part in assembly.parts if part.function == "ue"]
        supis = {part.name: str(part.config.get("subscriber", "")) for part in ues}
        self._subscribers = {
            part.name: Subscriber(
                part.name,
                supis[part.name],
                assembly.expectations[part.name],
                len(part.config.get("sessions", ())),
            )
            for part in ues
        }
        self._stations = {
            part.name: BaseStation(part.name, assembly.expectations[part.name])
            for part in assembly.parts
            if part.function == "gnb" and part.name not in sight.hidden
        }
        self._await_traffic(ues, sight)
        self._counted = {
            name: (Counts(expected.sends), Counts(expected.receives))
            for name, expected in assembly.expectations.items()
            if expected.sends or expected.receives
        }
        self._restorations = [
            verdicts.Restoration(fault, assembly.epoch_ns, self._subscribers)
            for fault in assembly.faults
            if fault.entry.recovers
        ]
        self._radio = SubscriberObserver(self.keys, self._subscribers)
        self._core_side = self._of_others(sight)
        self._dissector = Dissector(self.keys, supis)
        self._judged = [each for each in self._subscribers.values() if each.name not in sight.hidden]
        self._pending = len(self._judged) + len(self._stations)

    def _await_traffic(self, ues: Sequence[PlacedPart], sight: Sightlines) -> None:
        # What a UE of others sends is its user's affair: the file's traffic is for ours.
        own = {part.name: not isinstance(part.part_type, ForeignPartType) for part in ues}
        self._wanted_pings = {part.name: _wanted_pings(part.config) if own[part.name] else 0 for part in ues}
        self._flows_of = {
            part.name: _wanted_flows(part.config) if own[part.name] and sight.flows else 0 for part in ues
        }
        self._wanted_flows = sum(
            count for name, count in self._flows_of.items() if self._expects_traffic(self._subscribers[name])
        )
        self._entries = {part.name: len(part.config.get("traffic", ())) for part in ues}
        self._finished_traffic: dict[str, int] = {}
        self._last_arrivals: deque[tuple[int, str]] = deque()
        self._traffic_over: set[str] = set()
        self._owners: dict[bytes, Subscriber] = {}
        self._complete_flows: dict[str, int] = {}
        self._flows = Flows()

    # The tap.

    def packet(self, sent_ns: int, path: Path, packet: Packet, arrivals_ns: tuple[int, ...]) -> None:
        """A packet left a port."""
        if self.muted:
            return
        if self._last_arrivals and self._last_arrivals[0][0] <= sent_ns:
            self._end_traffic()
        point = path.link.reference_point
        payload = packet.payload
        count = self._counts.get(point)
        if count is None:
            count = self._counts[point] = [0, 0]
        if packet.kind in _MESSAGES:
            batch = (payload,) if isinstance(payload, bytes) else payload
            count[0] += len(batch)
            count[1] += sum(map(len, batch))
        self.capture.packet(sent_ns, path, packet, arrivals_ns)
        if point == "Uu":
            if _keep_alive(payload):
                return
            self._uu(sent_ns, path, packet, arrivals_ns)
        elif point == "N2":
            self._n2(sent_ns, path, packet, arrivals_ns)
        elif point == "N6" or self._core_side is not None:
            self._user_plane(sent_ns, path, packet, arrivals_ns)
        if self._counted or not self.ladder.full:
            self._show(sent_ns, path, packet, arrivals_ns)

    def event(self, time_ns: int, part: PlacedPart, event: Event) -> None:
        """A part raised an event."""
        if self.muted and event.name != "PartFailed":
            return
        place = part.where(event.config) if event.config else ""
        text = f"{event.text}, {place}" if place else event.text
        record = RunEvent(
            time_ns=time_ns - self._assembly.epoch_ns,
            part=part.name,
            name=event.name,
            level=event.level,
            text=text,
            subject=event.subject,
            fields=event.fields,
        )
        self._keep(record)
        if event.level != "info":
            self._explain(part, event, text)
            if not self.ladder.full and not self.muted:
                self.ladder.event(time_ns, part.name, text)
        if event.name == "PartFailed":
            self._failed.append(record)
        elif event.name == "MalformedPacket":
            self._malformed.append(record)
        elif event.name in ("PingFinished", "FlowFinished") and part.function == "ue":
            finished = self._finished_traffic[part.name] = self._finished_traffic.get(part.name, 0) + 1
            if finished >= self._entries[part.name]:
                self._last_arrivals.append((time_ns + IN_FLIGHT_NS, part.name))

    def fault(self, time_ns: int, part: str, name: str, text: str) -> None:
        """A fault of the network file begins or ends."""
        if self.muted:
            return
        since_ns = time_ns - self._assembly.epoch_ns
        record = RunEvent(time_ns=since_ns, part=part, name=name, level="info", text=text)
        self._keep(record)
        self.capture.comment(text)
        if not self.ladder.full:
            self.ladder.fault(time_ns, part, text)

    def _keep(self, record: RunEvent) -> None:
        self.latest.append(record)
        if len(self.events) >= MAX_EVENTS:
            rare = self._rare[record.name] < RARE_EVENTS and len(self.events) < 2 * MAX_EVENTS
            if not rare:
                self.events_left_out += 1
                return
            self._rare[record.name] += 1
        self.events.append(record)

    def key(self, record: KeyRecord) -> None:
        """A part logged a key."""
        if not self.muted:
            self.keys.add(record)

    # What is drawn from it.

    @property
    def all_settled(self) -> bool:
        """Whether every verdict has been reached."""
        return not self._pending and not any(sent.unmet or got.unmet for sent, got in self._counted.values())

    def progress(self) -> tuple[int, int, int]:
        """How many UEs have registered, how many sessions there are, how many UEs and gNBs are still awaited."""
        registered = sum(subscriber.registered for subscriber in self._subscribers.values())
        sessions = sum(len(subscriber.sessions) for subscriber in self._subscribers.values())
        return registered, sessions, self._pending

    def interfaces(self) -> Mapping[str, InterfaceFigures]:
        """Messages and octets by reference point."""
        return {
            point: InterfaceFigures(messages=count[0], octets=count[1]) for point, count in sorted(self._counts.items())
        }

    def verdicts(self) -> tuple[Verdict, ...]:
        """The verdicts of the run so far."""
        subscribers = self._judged
        explain = self._explanation
        drawn = [
            verdicts.ng_setup(self._stations.values(), explain),
            verdicts.registration(subscribers, explain),
            verdicts.sessions(subscribers, explain),
            verdicts.pings(subscribers, self._wanted_pings, explain),
            verdicts.recovery(subscribers, self._assembly.faults_end_ns, explain),
            *(verdicts.restoration(scene, i, explain) for i, scene in enumerate(self._restorations, 1)),
            verdicts.procedures(subscribers, explain),
            verdicts.messages(self._counted, explain),
            verdicts.flows(self._flows, self._wanted_flows, self._owners, explain),
            verdicts.parts(len(self._assembly.parts), self._failed, self._malformed),
            verdicts.books(self.audit),
        ]
        quirks = [quirk for part in self._assembly.parts for quirk in part.quirks]
        return verdicts.with_reports([v for v in drawn if v.status != "not applicable"], quirks)

    def _end_traffic(self) -> None:
        name = self._last_arrivals.popleft()[1]
        self._traffic_over.add(name)
        self._settle(self._subscribers[name])

    def _show(self, sent_ns: int, path: Path, packet: Packet, arrivals_ns: tuple[int, ...]) -> None:
        """Set a message into the ladder, and count it where that is expected."""
        counted = path.sender in self._counted or path.receiver in self._counted
        if counted or not self.ladder.full:
            if not isinstance(packet.payload, bytes) and len(packet.payload) > 1:
                for octets in packet.payload:
                    self._show(sent_ns, path, msgspec.structs.replace(packet, payload=octets), arrivals_ns)
                return
            sights = self._dissector.sights(path, packet)
            if counted:
                self._count(path, sights, bool(arrivals_ns))
            if not self.ladder.full:
                point = path.link.reference_point
                self.ladder.message(sent_ns, path.sender, path.receiver, point, sights, not arrivals_ns)

    def _count(self, path: Path, sights: Iterable[Sight], arrives: bool) -> None:
        sender, receiver = self._counted.get(path.sender), self._counted.get(path.receiver)
        for sight in sights:
            if sender is not None:
                sender[0].add(sight.name)
            if receiver is not None and arrives:
                receiver[1].add(sight.name)

    def _n2(self, sent_ns: int, path: Path, packet: Packet, arrivals_ns: tuple[int, ...]) -> None:
        payload = packet.payload
        if packet.kind != "data" or not isinstance(payload, bytes) or len(payload) < 2:
            return
        if not path.to_server:
            station = observe_ng_setup(self._stations, path, packet, arrivals_ns)
            if station is not None and station.unsettled:
                station.unsettled = False
                self._pending -= 1
        if self._core_side is not None:
            station_name = path.sender if path.to_server else path.receiver
            self._settle_of(self._core_side.signalling(station_name, payload, path.to_server, bool(arrivals_ns)))
        # NAS is octet aligned in NGAP: without such octets there is none, and decoding can be spared.
        if payload[1] in _CARRIES_NAS and (_CIPHERED in payload or _CIPHERED_NEW_CONTEXT in payload):
            self._decipher(sent_ns, path, payload)

    def _decipher(self, sent_ns: int, path: Path, payload: bytes) -> None:
        try:
            message: Any = ngap.decode(payload)
        except DecodeError:
            return
        direction = UPLINK if path.to_server else DOWNLINK
        amf_id = getattr(message, "amf_ue_ngap_id", None)
        for pdu in nas_pdus(message):
            plain, ciphered = self.keys.plain(pdu, direction, amf_ue_ngap_id=amf_id)
            if ciphered and plain is not None:
                source, destination = host_port(path.source)[0], host_port(path.target)[0]
                self.capture.deciphered(sent_ns, source, destination, plain)

    def _uu(self, sent_ns: int, path: Path, packet: Packet, arrivals_ns: tuple[int, ...]) -> None:
        payload = packet.payload
        if self._radio.packet(sent_ns, path, packet, arrivals_ns):
            subscriber = self._subscribers[path.sender if path.to_server else path.receiver]
            for address in subscriber.sessions.values():
                self._owners[address] = subscriber
            self._settle(subscriber)
        elif not path.to_server and self._wanted_flows:
            self._user_packets(payload[USER_DATA_OFFSET:], arrivals_ns)

    def _user_packets(self, payload: Any, arrivals_ns: tuple[int, ...]) -> None:
        for octets in (payload,) if isinstance(payload, bytes) else payload:
            if self._flows.seen(octets, arrivals_ns):
                owner = self._owners.get(octets[12:16]) or self._owners.get(octets[16:20])
                if owner is not None:
                    self._complete_flows[owner.name] = self._complete_flows.get(owner.name, 0) + 1
                    self._settle(owner)

    def _user_plane(self, sent_ns: int, path: Path, packet: Packet, arrivals_ns: tuple[int, ...]) -> None:
        point = path.link.reference_point
        if point == "N6" and path.to_server:
            self._user_packets(packet.payload, arrivals_ns)
        elif point == "N3" and self._core_side is not None and packet.kind == "data":
            self._settle_of(self._core_side.user_plane(packet, path.to_server, sent_ns, arrivals_ns))

    def _of_others(self, sight: Sightlines) -> CoreSide | None:
        if not sight.foreign_ues:
            return None
        ues = [self._subscribers[name] for name in sight.foreign_ues]
        return CoreSide(self.keys, ues, [ue for ue in ues if ue.name in sight.off_air])

    def _settle_of(self, subscriber: Subscriber | None) -> None:
        if subscriber is not None:
            self._settle(subscriber)

    def _settle(self, subscriber: Subscriber) -> None:
        if not subscriber.unsettled or not self._is_settled(subscriber):
            return
        subscriber.unsettled = False
        self._pending -= 1

    def _is_settled(self, subscriber: Subscriber) -> bool:
        if not (subscriber.registration_settled() and subscriber.sessions_settled()):
            return False
        expected = subscriber.expected
        if subscriber.procedures is not None and subscriber.procedures.counts.unmet:
            return False
        if expected.recovered and subscriber.pings.answered_ns < self._assembly.faults_end_ns:
            return False
        if not all(window.met for window in subscriber.pings.windows):
            return False
        if "unanswered" in (expected.registration, expected.sessions) or expected.traffic == "none":
            return False
        if subscriber.rejection is not None and not subscriber.registered:
            return True
        if subscriber.refused_sessions or expected.sessions != "accepted":
            return True
        name = subscriber.name
        arrived = subscriber.pings.replies >= self._wanted_pings[name]
        return name in self._traffic_over or (arrived and self._complete_flows.get(name, 0) >= self._flows_of[name])

    @staticmethod
    def _expects_traffic(subscriber: Subscriber) -> bool:
        expected = subscriber.expected
        return (expected.registration, expected.sessions) == (
            "accepted",
            "accepted",
        ) and expected.traffic != "none"

    def _explain(self, part: PlacedPart, event: Event, text: str) -> None:
        """The first event of the gravest level explains best: later ones are its consequences."""
        for key in (event.subject, part.name):
            known = self._explanations.get(key)
            if key and (known is None or (known[0], event.level) == ("warning", "error")):
                self._explanations[key] = (event.level, text)

    def _explanation(self, name: str) -> str:
        subscriber = self._subscribers.get(name)
        supi = "" if subscriber is None else subscriber.supi
        return self._explanations.get(supi, self._explanations.get(name, ("", "")))[1]


def _keep_alive(payload: object) -> bool:
    """Whether it is one of RLS's own messages (heartbeats, acks): a PDU transmission is not."""
    return isinstance(payload, bytes) and payload[4:5] != _PDU_TRANSMISSION


def _entries_of(config: Mapping[str, Any], kind: str) -> Iterable[Mapping[str, Any]]:
    return (entry[kind] for entry in config.get("traffic", ()) if kind in entry)


def _wanted_pings(config: Mapping[str, Any]) -> int:
    return sum(int(entry.get("count", 5)) for entry in _entries_of(config, "ping"))


def _wanted_flows(config: Mapping[str, Any]) -> int:
    return sum(1 for _ in _entries_of(config, "udp"))
