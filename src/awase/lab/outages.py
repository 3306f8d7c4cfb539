"""Links over which nothing passes: datagrams are lost; SCTP and TCP send again, and give up in the end.

A message that was not acknowledged is sent again when its retransmission time-out expires, which is one second and
doubles, up to a minute (RFC 9260 clauses 6.3.3 and 16, RFC 6298 clause 5.5). So a link that heals carries it at the
next of these times, and whatever was sent behind it, in order. What never arrives ends

* an association 63 s after the first message: the sixth time-out exceeds Path.Max.Retrans, five, which for a peer with
  one address is all there is (RFC 9260 clauses 8.1, 8.2 and 16);
* an association on which nothing is sent 243 s after the link was cut: six heartbeats, HB.interval and a time-out
  apart (clause 8.3); likewise an INIT that nobody answers, after Max.Init.Retransmits, eight (clause 16);
* an HTTP exchange 127 s after the request: six time-outs, the first in which R2 is at least 100 s (RFC 9293 clause
  3.8.3). Its client's own time-out comes long before.
"""

from typing import TYPE_CHECKING

from awase.model.part import NS_PER_S, Packet

if TYPE_CHECKING:
    from awase.lab.clockwork import Clockwork
    from awase.lab.seats import Path

RTO_MAX_S = 60
DATA_NS = 63 * NS_PER_S
IDLE_NS = 243 * NS_PER_S
INIT_NS = 243 * NS_PER_S
REQUEST_NS = 127 * NS_PER_S


class Outage:
    """One direction of a link while nothing passes: what waits to be sent again."""

    __slots__ = ("cuts", "held", "since_ns")

    def __init__(self) -> None:
        self.cuts = 0
        """How many faults cut the link; at 0 it waits for the next retransmission only."""
        self.held: list[Packet] = []
        self.since_ns = 0
        """When the first of those was sent."""

    def hold(self, packet: Packet, now_ns: int) -> bool:
        """Keep a message for later; whether it is the first."""
        self.held.append(packet)
        if len(self.held) == 1:
            self.since_ns = now_ns
        return len(self.held) == 1

    def again_ns(self, now_ns: int) -> int:
        """When what waits is sent again, at the earliest now."""
        at_ns, timeout_s = self.since_ns, 1
        while at_ns < now_ns:
            at_ns += timeout_s * NS_PER_S
            timeout_s = min(2 * timeout_s, RTO_MAX_S)
        return at_ns


class Outages:
    """All of them."""

    def __init__(self, clockwork: "Clockwork") -> None:
        self._clockwork = clockwork

    def cut(self, link: int) -> None:
        """Let nothing pass a link, until it is healed as often as it was cut."""
        for path in self._clockwork.paths[link]:
            if path.outage is None:
                path.outage = Outage()
            path.outage.cuts += 1
        path, back = self._clockwork.paths[link]
        if path.transport == "sctp" and path.outage is not None and path.outage.cuts == 1:
            self._clockwork.schedule(self._clockwork.now_ns + IDLE_NS, self._idle, (path, path.outage))
            self._clockwork.schedule(self._clockwork.now_ns + IDLE_NS, self._idle, (back, back.outage))

    def heal(self, link: int) -> None:
        """Let a link be what it was; what waits is sent again when its time-out next expires."""
        for path in self._clockwork.paths[link]:
            outage = path.outage
            if outage is None or not outage.cuts:
                continue
            outage.cuts -= 1
            if not outage.cuts:
                at_ns = outage.again_ns(self._clockwork.now_ns) if outage.held else self._clockwork.now_ns
                self._clockwork.schedule(at_ns, self._send_again, (path, outage))

    def _send_again(self, path: "Path", outage: Outage) -> None:
        if path.outage is not outage or outage.cuts:
            return
        path.outage = None
        for packet in outage.held:
            if packet.kind == "connect":
                self._clockwork.connect(self._clockwork.seats[path.sender], packet, path)
            elif packet.kind == "request":
                self._clockwork.ask(path, packet)
            else:
                self._clockwork.transmit(path, packet)

    def hold(self, path: "Path", outage: Outage, packet: Packet) -> None:
        """A packet leaves over a link over which nothing passes."""
        if packet.kind != "connect":
            self._clockwork.tap.packet(self._clockwork.now_ns, path, packet, ())
        if not path.reliable:
            return
        first = outage.hold(packet, self._clockwork.now_ns)
        if packet.kind == "connect":
            self._clockwork.schedule(self._clockwork.now_ns + INIT_NS, self._unanswered, (path, outage, packet))
        elif packet.kind == "request":
            self._clockwork.schedule(self._clockwork.now_ns + REQUEST_NS, self._unanswered, (path, outage, packet))
        elif first and path.transport == "sctp":
            self._clockwork.schedule(
                self._clockwork.now_ns + DATA_NS, self._give_up, (path, outage, self._clockwork.now_ns)
            )

    def _unanswered(self, path: "Path", outage: Outage, packet: Packet) -> None:
        """Whoever waits for an answer to what never arrived is told that none will come."""
        if path.outage is not outage or not any(held is packet for held in outage.held):
            return
        outage.held = [held for held in outage.held if held is not packet]
        seat = self._clockwork.seats[path.sender]
        if packet.kind == "connect":
            self._clockwork.deliver(seat, Packet(packet.port, packet.peer, kind="down"))
        else:
            exchange = packet.exchange or 0
            self._clockwork.exchanges.discard((path.link_index, path.to_server, exchange))
            reset = Packet(packet.port, packet.peer, kind="abort", exchange=exchange - seat.first_exchange)
            self._clockwork.deliver(seat, reset)

    def _give_up(self, path: "Path", outage: Outage, since_ns: int) -> None:
        """The associations of a link are lost to this end of it; the far one learns that when it hears of it."""
        if path.outage is not outage or outage.since_ns != since_ns or not outage.held:
            return
        waiting = [packet for packet in outage.held if packet.kind in ("connect", "abort")]
        lost = [n for n, at in self._clockwork.associations.items() if at.link_index == path.link_index]
        outage.held = [Packet(path.receiver_port, path.target, kind="abort", association=n) for n in lost] + waiting
        for number in lost:
            del self._clockwork.associations[number]
        port = path.reverse.receiver_port
        for number in lost:
            self._clockwork.deliver(
                self._clockwork.seats[path.sender], Packet(port, path.target, kind="abort", association=number)
            )

    def _idle(self, path: "Path", outage: Outage) -> None:
        """No heartbeat came over this way for long: its receiver takes its associations for lost."""
        if path.outage is not outage or not outage.cuts:
            return
        told = {packet.association for packet in outage.held if packet.kind == "abort"}
        told.update(n for n, at in self._clockwork.associations.items() if at.link_index == path.link_index)
        outage.held = [packet for packet in outage.held if packet.kind == "connect"]
        back = path.reverse.outage
        for number in sorted(n for n in told if n is not None):
            lost = Packet(path.receiver_port, path.source, kind="abort", association=number)
            self._clockwork.deliver(self._clockwork.seats[path.receiver], lost)
            if self._clockwork.associations.pop(number, None) is not None and back is not None:
                back.held.append(Packet(path.reverse.receiver_port, path.source, kind="abort", association=number))
