"""The SCTP endpoint of a host: listens, associates, knows whose packet a packet is (RFC 9260 clauses 5, 8.4, 8.5).

It owns no socket and no clock. A carrier (raw IP, UDP of RFC 6951, a link of the lab) hands in what came, and after
each call takes datagrams and events:

    endpoint.receive(octets, (host, port), now_ns)    # port: of UDP, 0 where there is none
    endpoint.wake(now_ns)                             # when wake_at_ns() has come
    for host, port, octets in endpoint.take_datagrams(now_ns): ...
    for event in endpoint.take_events(): ...

`connect`, `send`, `shutdown` take effect with the next `take_datagrams`, so that small messages share packets.
"""

from collections.abc import Sequence
from heapq import heappop
from typing import Final

import msgspec

from awase.protocols.sctp import closing, opening, supervision, swift
from awase.protocols.sctp.association import Arrival, Association, Datagram
from awase.protocols.sctp.codec import HEAD, Frame, chunk, chunks_of, seal, verify
from awase.protocols.sctp.config import Config
from awase.protocols.sctp.cookie import CookieJar, RandomBytes, StateCookie
from awase.protocols.sctp.dispatch import after, process
from awase.protocols.sctp.events import AssociationRestarted, Event, Malformed
from awase.protocols.sctp.listening import OPENING, Verdict, bake, init_ack, judge, new_addresses, refusal, stale
from awase.protocols.sctp.messages import TAG_REFLECTED, UDP_PORT, Cause, CauseCode, ChunkType
from awase.protocols.sctp.outbound import LEAST_CHUNK_BYTES
from awase.protocols.sctp.path import NEVER, Path
from awase.protocols.sctp.states import State
from awase.wire.errors import DecodeError, EncodeError

DEFAULT_CONFIG: Final = Config()
EPHEMERAL = 49_152
"""The first of the dynamic ports (RFC 6335 clause 6)."""
_NS_PER_S = 1_000_000_000
_SPENT = 4096
_NEVER_ANSWERED = (ChunkType.ABORT, ChunkType.SHUTDOWN_COMPLETE, ChunkType.COOKIE_ACK)

Key = tuple[int, int, str]
"""Own port, peer's port, peer's host."""


class NoAssociationError(EncodeError):
    """The association is not up (any more)."""


class SendBufferFullError(EncodeError):
    """The peer does not take what it was sent; `Writable` tells when it does."""


class Endpoint:
    """All associations of one carrier."""

    def __init__(self, random_bytes: RandomBytes, config: Config = DEFAULT_CONFIG) -> None:
        if not 128 <= config.max_packet_bytes <= 65_507:
            raise EncodeError(f"packets of {config.max_packet_bytes} octets")
        if config.receive_buffer_bytes < config.max_message_bytes:
            raise EncodeError(f"a receive buffer of {config.receive_buffer_bytes} octets holds no longest message")
        self.config = config
        self.random_bytes = random_bytes
        self.events: list[Event] = []
        self.datagrams: list[Datagram] = []
        self.timers: list[tuple[int, int, Association]] = []
        self.timer_count = 0
        self.held = 0
        """What cannot be delivered yet, in octets, of all associations."""
        self._jar = CookieJar(random_bytes, 2 * config.valid_cookie_life_ns)
        self._listening: dict[int, bool] = {}
        self.associations: dict[int, Association] = {}
        """All that are, by number; to look at."""
        self._by_tag: dict[int, Association] = {}
        self._by_key: dict[Key, Association] = {}
        self._hosts: dict[str, int] = {}
        self._spent: dict[int, bool] = {}
        """Tags of cookies whose associations have ended in order: one that comes late is no wish for another."""
        self._count = 0
        self.dirty: list[Association] = []
        self.readers: list[Association] = []
        self._second = 0
        self._malformed = 0

    # What the user asks.

    def listen(self, port: int) -> None:
        """Accept associations on an SCTP port."""
        self._listening[port] = True

    def stop_listening(self, port: int) -> None:
        """Accept no further associations on a port; those that are up stay."""
        self._listening.pop(port, None)

    def connect(self, host: str, port: int, *, udp_port: int = UDP_PORT, local_port: int = 0) -> int:
        """Ask a peer for an association; its number, at once. Up, lost or aborted follows as an event.

        Raises EncodeError where there is one between these ports already, or too many.
        """
        local_port = local_port or self._free_port(host, port)
        if (local_port, port, host) in self._by_key:
            raise EncodeError(f"there is an association from port {local_port} to {host}:{port} already")
        if not self._has_room(host):
            raise EncodeError("too many associations")
        tag, tsn = self._draw()
        a = self._make((local_port, port), tag, tsn)
        a.connected = True
        a.add_path(host, udp_port, confirmed=True)
        self._register(a)
        self._touch(a)
        return a.id

    def send(self, association: int, stream: int, ppid: int, octets: bytes, unordered: bool = False) -> None:
        """Queue a user message of 1 to max_message_bytes octets.

        Raises NoAssociationError where it is not up, SendBufferFullError, EncodeError for what cannot be sent.
        """
        a = self.associations.get(association)
        if a is None or a.state is not State.ESTABLISHED:
            raise NoAssociationError(f"association {association} is not up")
        out = a.outbound
        if not 0 <= stream < out.streams:
            raise EncodeError(f"stream {stream} of {out.streams}")
        size = len(octets)
        if not 0 < size <= self.config.max_message_bytes:
            raise EncodeError(f"a user message of {size} octets")
        most = self.config.send_buffer_bytes
        if out.queued_bytes + size > most or out.unacknowledged >= most // LEAST_CHUNK_BYTES:
            a.told_full = True
            raise SendBufferFullError(f"association {association} holds {out.queued_bytes} octets unacknowledged")
        out.put(stream, ppid, octets, unordered, a.room - 16)
        self._touch(a)

    def shutdown(self, association: int) -> None:
        """Close in order, after all that was sent is delivered."""
        a = self.associations.get(association)
        if a is not None:
            closing.ask(a)
            self._touch(a)

    def abort(self, association: int, reason: str = "") -> None:
        """Close at once."""
        a = self.associations.get(association)
        if a is not None:
            a.abort(CauseCode.USER_INITIATED_ABORT, reason, reason.encode())

    def unacknowledged(self, association: int) -> int:
        """How many octets are queued or sent and not acknowledged."""
        a = self.associations.get(association)
        return 0 if a is None else a.outbound.queued_bytes

    # What the carrier brings and takes.

    def receive(self, octets: bytes, address: tuple[str, int], now_ns: int) -> None:
        """Take an SCTP packet. Never raises, whatever the octets."""
        if swift.take(self, self._by_tag, octets, address, now_ns):
            return
        try:
            verify(octets)
            source, destination, tag = HEAD.unpack_from(octets)
            frames = chunks_of(octets)
            a = self._by_tag.get(tag)
            if a is not None and a.peer_port == source and a.local_port == destination:
                path = a.paths.get(address[0])
                if path is not None:
                    self._belongs(a, Arrival(octets, path, now_ns), frames, address[1])
                    return
            self._stray(octets, address, now_ns, frames)
        except DecodeError as fault:
            self._report(fault, address, now_ns)

    def _belongs(self, a: Association, arrival: Arrival, frames: Sequence[Frame], udp_port: int) -> None:
        if a.sack_due:
            # Its turn came with the packet before, which the carrier handed in together with this one.
            a.emit_sack()
        # The peer's UDP port is where its last valid packet came from (RFC 6951 clause 5.4).
        arrival.path.port = udp_port
        read = a.inbound.undelivered
        try:
            process(a, arrival, frames)
        finally:
            a.count_held()
            if self.held > self.config.max_held_bytes:
                self.shed()
            if not read and a.inbound.undelivered:
                self.readers.append(a)
            self._touch(a)

    def shed(self) -> None:
        """All together hold too much: give up the association that holds most."""
        greediest = max(self.associations.values(), key=lambda a: a.counted)
        greediest.abort(CauseCode.OUT_OF_RESOURCE, f"{greediest.counted} octets cannot be delivered yet")

    def wake_at_ns(self) -> int | None:
        """When to wake; 0: at once."""
        if self.dirty:
            return 0
        timers = self.timers
        while timers and timers[0][2].wake_ns != timers[0][0]:
            heappop(timers)
        return timers[0][0] if timers else None

    def wake(self, now_ns: int) -> None:
        """Do what is due."""
        timers = self.timers
        while timers and timers[0][0] <= now_ns:
            at_ns, _, a = heappop(timers)
            if a.wake_ns != at_ns:
                continue
            a.wake_ns = NEVER
            if a.state is not State.CLOSED:
                supervision.expire(a, now_ns)
            if a.state is not State.CLOSED:
                after(a, now_ns)
            if a.state is not State.CLOSED and (earliest := a.earliest_ns()) < NEVER:
                a.arm(earliest)

    def take_datagrams(self, now_ns: int) -> Sequence[Datagram]:
        """What is to be sent now, in order; each is handed out once."""
        dirty, self.dirty = self.dirty, []
        for a in dirty:
            a.dirty = False
            if a.state is not State.CLOSED:
                after(a, now_ns)
            elif a.connected and a.id in self.associations:
                opening.start(a, now_ns)
        taken, self.datagrams = self.datagrams, []
        return taken

    def take_events(self) -> Sequence[Event]:
        """What happened, in order; each is handed out once. What is taken no longer fills the receive window."""
        taken = self.events[:]
        self.events.clear()
        for a in self.readers:
            inbound = a.inbound
            before = inbound.window
            inbound.undelivered = 0
            # A window that was closed is opened by word (clause 6.2).
            if before < a.room <= inbound.window and a.state is not State.CLOSED:
                a.sack_due = True
                self._touch(a)
        self.readers.clear()
        return taken

    # The table of associations.

    def _draw(self) -> tuple[int, int]:
        """A verification tag that nobody has, and an initial TSN (clause 5.3.1)."""
        while True:
            draw = self.random_bytes(8, "sctp tag and tsn")
            tag = int.from_bytes(draw[:4], "big")
            if tag and tag not in self._by_tag:
                return tag, int.from_bytes(draw[4:], "big")

    def _free_port(self, host: str, port: int) -> int:
        span = 0x10000 - EPHEMERAL
        first = int.from_bytes(self.random_bytes(2, "sctp port"), "big") % span
        for step in range(span):
            local_port = EPHEMERAL + (first + step) % span
            if (local_port, port, host) not in self._by_key:
                return local_port
        raise EncodeError(f"no port is free towards {host}:{port}")

    def _has_room(self, host: str) -> bool:
        config = self.config
        few = self._hosts.get(host, 0) < config.max_associations_per_host
        return few and len(self.associations) < config.max_associations

    def _make(self, ports: tuple[int, int], tag: int, tsn: int) -> Association:
        self._count += 1
        return Association(self, self._count, ports, tag, tsn)

    def _register(self, a: Association) -> None:
        host = a.primary.host
        self.associations[a.id] = self._by_tag[a.local_tag] = self._by_key[a.local_port, a.peer_port, host] = a
        self._hosts[host] = self._hosts.get(host, 0) + 1

    def _touch(self, a: Association) -> None:
        if not a.dirty:
            a.dirty = True
            self.dirty.append(a)

    def confirmed(self, association: Association, path: Path) -> None:
        """A further address is proven to be the peer's."""
        self._by_key.setdefault((association.local_port, association.peer_port, path.host), association)

    def closed(self, association: Association, in_order: bool) -> None:
        """The association is no more."""
        a = association
        if self.associations.pop(a.id, None) is None:
            return
        if in_order and not a.connected:
            self._spent[a.local_tag] = True
            if len(self._spent) > _SPENT:
                del self._spent[next(iter(self._spent))]
        self._by_tag.pop(a.local_tag, None)
        for host in a.paths:
            if self._by_key.get((a.local_port, a.peer_port, host)) is a:
                del self._by_key[a.local_port, a.peer_port, host]
        first = next(iter(a.paths))
        self._hosts[first] -= 1
        if not self._hosts[first]:
            del self._hosts[first]

    # Packets whose verification tag is of no association.

    def _reply(self, address: tuple[str, int], octets: bytes) -> None:
        if len(self.datagrams) < self.config.max_waiting_datagrams:
            self.datagrams.append((address[0], address[1], octets))

    def _stray(self, octets: bytes, address: tuple[str, int], now_ns: int, frames: Sequence[Frame]) -> None:
        source, destination, tag = HEAD.unpack_from(octets)
        a = self._by_key.get((destination, source, address[0]))
        kind = frames[0][0]
        if any(frame[0] == ChunkType.INIT for frame in frames):
            # INIT is alone in its packet, and its packet has tag 0 (clauses 6.10 and 8.5.1, A).
            if len(frames) == 1 and tag == 0:
                self._init(octets, address, now_ns, frames[0])
        elif kind == ChunkType.COOKIE_ECHO:
            self._cookie(octets, address, now_ns, frames)
        elif a is not None:
            self._wrong_tag(a, octets, address, frames[0])
        else:
            self._out_of_the_blue(octets, address, frames)

    def _wrong_tag(self, a: Association, octets: bytes, address: tuple[str, int], frame: Frame) -> None:
        """The tag is not ours: right only where it is the peer's own and the T bit says so (clause 8.5.1, B, C, E)."""
        tag = HEAD.unpack_from(octets)[2]
        if a.peer_tag and tag == a.peer_tag and frame[1] & TAG_REFLECTED:
            if frame[0] in (ChunkType.ABORT, ChunkType.SHUTDOWN_COMPLETE) and a.state is State.SHUTDOWN_ACK_SENT:
                # A peer that knows us no longer, from here on, has closed in order: a late packet of ours met nobody.
                closing.shut_down(a)
            elif frame[0] == ChunkType.ABORT:
                closing.aborted_by_peer(a, octets, frame)
        elif frame[0] == ChunkType.SHUTDOWN_ACK and a.state in OPENING:
            self._shutdown_complete(octets, address)

    def _out_of_the_blue(self, octets: bytes, address: tuple[str, int], frames: Sequence[Frame]) -> None:
        """Clause 8.4."""
        source, destination, tag = HEAD.unpack_from(octets)
        if any(frame[0] in _NEVER_ANSWERED for frame in frames):
            return
        kind, _, first, _ = frames[0]
        if kind == ChunkType.SHUTDOWN_ACK:
            self._shutdown_complete(octets, address)
        elif kind != ChunkType.ERROR or octets[first : first + 2] != b"\0\3":
            # An ERROR "stale cookie" is thrown away; all else is refused.
            self._reply(address, refusal((destination, source), tag, reflected=True))

    def _shutdown_complete(self, octets: bytes, address: tuple[str, int]) -> None:
        source, destination, tag = HEAD.unpack_from(octets)
        complete = chunk(ChunkType.SHUTDOWN_COMPLETE, TAG_REFLECTED, b"")
        self._reply(address, seal(HEAD.pack(destination, source, tag), complete))

    def _init(self, octets: bytes, address: tuple[str, int], now_ns: int, frame: Frame) -> None:
        """INIT: answer with all that we would have to remember (clauses 5.1, 5.2.1 and 5.2.2). Raises DecodeError."""
        source, destination, _ = HEAD.unpack_from(octets)
        ports = destination, source
        offer = opening.read_offer(octets, frame, address[0], self.config.max_paths)
        if offer.tag == 0:
            return
        a = self._by_key.get((destination, source, address[0]))
        cause = None
        if offer.faulty:
            cause = Cause(code=CauseCode.INVALID_MANDATORY_PARAMETER)
        elif offer.host_name:
            cause = Cause(code=CauseCode.UNRESOLVABLE_ADDRESS)
        elif a is not None and a.state is not State.COOKIE_WAIT:
            cause = new_addresses(a, offer)
        if cause is not None:
            self._reply(address, refusal(ports, offer.tag, (cause,)))
        elif a is not None and a.state is State.SHUTDOWN_ACK_SENT:
            # The peer never got it (clause 9.2).
            a.emit(a.data_path(), chunk(ChunkType.SHUTDOWN_ACK, 0, b""))
        elif a is None and destination not in self._listening:
            self._reply(address, refusal(ports, offer.tag))
        else:
            opens = a is not None and a.state in OPENING
            own = (a.local_tag, a.local_initial_tsn) if a is not None and opens else self._draw()
            cookie = bake(offer, ports, own, a, self.config)
            cookie = msgspec.structs.replace(cookie, made_ns=now_ns)
            self._reply(address, init_ack(cookie, self._jar.seal(cookie, now_ns), offer.unrecognized, self.config))

    def _cookie(self, octets: bytes, address: tuple[str, int], now_ns: int, frames: Sequence[Frame]) -> None:
        """COOKIE ECHO, with whatever is bundled behind it (clauses 5.1, D and 5.2.4). Raises DecodeError."""
        source, destination, tag = HEAD.unpack_from(octets)
        cookie = self._jar.open(octets[frames[0][2] : frames[0][3]])
        if cookie is None or cookie.local_tag != tag or address[0] not in cookie.hosts or tag in self._spent:
            return
        if (cookie.local_port, cookie.peer_port) != (destination, source):
            return
        a = self._by_key.get((destination, source, cookie.hosts[0]))
        if a is not None:
            path = a.paths.get(address[0])
            if path is not None:
                arrival = Arrival(octets, path, now_ns)
                self._existing(a, cookie, arrival)
                if a.local_tag == tag and a.state is not State.CLOSED:
                    self._belongs(a, arrival, frames[1:], address[1])
            return
        if now_ns - cookie.made_ns > cookie.life_ns:
            self._reply(address, stale(cookie, now_ns))
        elif not self._has_room(cookie.hosts[0]):
            cause = Cause(code=CauseCode.OUT_OF_RESOURCE)
            self._reply(address, refusal((destination, source), cookie.peer_tag, (cause,)))
        elif destination in self._listening:
            a = self._accept(cookie, address, now_ns)
            self._belongs(a, Arrival(octets, a.paths[address[0]], now_ns), frames[1:], address[1])

    def _accept(self, cookie: StateCookie, address: tuple[str, int], now_ns: int) -> Association:
        """Make the association that a cookie stands for."""
        a = self._make((cookie.local_port, cookie.peer_port), cookie.local_tag, cookie.local_initial_tsn)
        for number, host in enumerate(cookie.hosts):
            a.add_path(host, address[1], confirmed=number == 0 or host == address[0])
        self._register(a)
        self._adopt(a, cookie)
        opening.establish(a, now_ns)
        return a

    def _adopt(self, a: Association, cookie: StateCookie) -> None:
        """Take tags, sequence numbers and streams from a cookie, and acknowledge it."""
        if a.local_tag != cookie.local_tag:
            self._by_tag.pop(a.local_tag, None)
            a.local_tag = cookie.local_tag
            self._by_tag[a.local_tag] = a
        a.address(cookie.peer_tag)
        streams = cookie.outbound_streams, cookie.inbound_streams
        a.begin_transfer(cookie.local_initial_tsn, cookie.peer_initial_tsn, streams, cookie.peer_window)
        a.control.append(chunk(ChunkType.COOKIE_ACK, 0, b""))

    def cookie_echoed(self, association: Association, cookie: bytes, arrival: Arrival) -> None:
        """A COOKIE ECHO came on an association that exists (clause 5.2.4)."""
        opened = self._jar.open(cookie)
        if opened is not None and opened.local_tag == association.local_tag:
            self._existing(association, opened, arrival)

    def _existing(self, a: Association, cookie: StateCookie, arrival: Arrival) -> None:
        """Actions A to D of clause 5.2.4."""
        now_ns = arrival.now_ns
        verdict = judge(a, cookie)
        if verdict is not Verdict.AGAIN and now_ns - cookie.made_ns > cookie.life_ns:
            self._reply((arrival.path.host, arrival.path.port), stale(cookie, now_ns))
        elif verdict is Verdict.AGAIN:
            if a.state in OPENING:
                self._adopt(a, cookie)
                opening.establish(a, now_ns)
            else:
                a.control.append(chunk(ChunkType.COOKIE_ACK, 0, b""))
        elif verdict is Verdict.COLLISION:
            self._collision(a, cookie, now_ns)
        elif verdict is Verdict.RESTART:
            self._restart(a, cookie, arrival)
        self._touch(a)

    def _collision(self, a: Association, cookie: StateCookie, now_ns: int) -> None:
        """Action B: both sides began at about the same time."""
        if a.state in OPENING:
            self._adopt(a, cookie)
            opening.establish(a, now_ns)
        else:
            a.address(cookie.peer_tag)
            a.control.append(chunk(ChunkType.COOKIE_ACK, 0, b""))

    def _restart(self, a: Association, cookie: StateCookie, arrival: Arrival) -> None:
        """Action A: the peer has forgotten us and begins anew."""
        if a.state is State.SHUTDOWN_ACK_SENT:
            a.say_error(((CauseCode.COOKIE_RECEIVED_WHILE_SHUTTING_DOWN, b""),))
            a.control.insert(0, chunk(ChunkType.SHUTDOWN_ACK, 0, b""))
            return
        unacknowledged = a.outbound.unacknowledged
        self._adopt(a, cookie)
        for path in a.paths.values():
            path.reset()
        a.state = State.ESTABLISHED
        a.t1_ns = a.t2_ns = a.t5_ns = NEVER
        a.errors = 0
        a.primary = a.reply_path = arrival.path
        opening.begin_heartbeats(a, arrival.now_ns)
        self.events.append(
            AssociationRestarted(
                association=a.id,
                outbound_streams=a.outbound.streams,
                inbound_streams=a.inbound.streams,
                unacknowledged=unacknowledged,
            )
        )

    def _report(self, fault: DecodeError, address: tuple[str, int], now_ns: int) -> None:
        second = now_ns // _NS_PER_S
        if second != self._second:
            self._second, self._malformed = second, 0
        self._malformed += 1
        if self._malformed <= self.config.malformed_per_s:
            offset = -1 if fault.offset is None else fault.offset
            self.events.append(Malformed(host=address[0], port=address[1], what=fault.what, offset=offset))
