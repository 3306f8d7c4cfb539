"""One leg of the radio link: reliable delivery of RRC in order, between two ends that are ours.

RLS names a PDU by `pdu_id` and acks it, no more: UERANSIM 3.3.0 neither repeats nor orders nor drops
duplicates, and acks in batches, every 2.25 s. A real radio has RLC AM and PDCP for that. So our ends put a meaning into
the pdu_id that UERANSIM does not see (it acks any that is not 0):

* 0xA5 | epoch (8 bit) | SN (16 bit): delivered in order, once, repeated until acked. The UE chooses the
  epoch, a new one whenever it gives the link up; the base station answers in the epoch that it heard last.
* 0xB5 | number (24 bit): broadcast and paging, delivered at once, once, repeated a few times until acked.

Which end is ours is known by a mark received; before that, and to others, all goes with pdu_id 0 (broadcast
is marked even then, since repeating it harms nobody). Acks are sent for any pdu_id that is not 0.
"""

from heapq import heappop, heappush

from awase.protocols.rls.codec import encode_ack, encode_pdu
from awase.protocols.rls.messages import PduType

ACK_DELAY_NS = 50_000_000
REPEAT_NS = 300_000_000
ORDERED_TRIES = 12
BROADCAST_TRIES = 8

ORDERED, BROADCAST = 0xA5, 0xB5
_WINDOW = 64
_RECENT = 32
_MAX_UNACKED = 256
_ACKS_AT_ONCE = 64

Arrived = list[tuple[int, bytes]]
"""RRC messages to hand up: channel and octets."""


class Leg:
    """What an end keeps of the other."""

    __slots__ = (
        "acks",
        "address",
        "alive",
        "broadcast",
        "epoch",
        "expected_sn",
        "heard_ns",
        "held",
        "latest_ack",
        "next_sn",
        "ours",
        "recent",
        "sti",
        "unacked",
    )

    def __init__(self, address: str, sti: int) -> None:
        self.address = address
        self.sti = sti
        self.heard_ns = 0
        self.alive = True
        self.ours = False
        self.epoch = -1
        # The last heartbeat ack, and the last MIB and SIB1, by channel (UE only).
        self.latest_ack = b""
        self.broadcast: dict[int, bytes] = {}
        self.next_sn = 1
        self.expected_sn = 1
        self.unacked: dict[int, tuple[bytes, int]] = {}
        self.held: dict[int, tuple[int, bytes]] = {}
        self.acks: list[int] = []
        self.recent: list[int] = []

    def restart(self, epoch: int) -> None:
        """Forget what was under way: a new life of the link."""
        self.epoch = epoch & 0xFF
        self.next_sn = self.expected_sn = 1
        self.unacked.clear()
        self.held.clear()
        self.acks.clear()

    def in_order(self, pdu_id: int, channel: int, pdu: bytes) -> tuple[Arrived, list[int]]:
        """What an ordered PDU lets us hand up, and the ids to ack."""
        sn = pdu_id & 0xFFFF
        ahead = (sn - self.expected_sn) & 0xFFFF
        if ahead >= 0x8000:
            return [], [pdu_id]
        if ahead:
            if ahead < _WINDOW:
                self.held[sn] = (channel, pdu)
            return [], []
        arrived, acks = [(channel, pdu)], [pdu_id]
        self.expected_sn = (sn + 1) & 0xFFFF
        while self.held and (held := self.held.pop(self.expected_sn, None)) is not None:
            arrived.append(held)
            acks.append(pdu_id & 0xFFFF0000 | self.expected_sn)
            self.expected_sn = (self.expected_sn + 1) & 0xFFFF
        return arrived, acks

    def is_repeated(self, pdu_id: int) -> bool:
        """Whether an unordered PDU came before (among the last 32)."""
        if pdu_id in self.recent:
            return True
        self.recent.append(pdu_id)
        if len(self.recent) > _RECENT:
            del self.recent[0]
        return False


class Link:
    """What the two sides share: what is to be sent, repeated and acked. Owns no clock and no socket."""

    __slots__ = ("_acks_due", "_count", "_ordered_tries", "_out", "_repeats", "_silence_ns", "sti")

    def __init__(self, sti: int, silence_ns: int) -> None:
        self.sti = sti
        self._silence_ns = silence_ns
        # A far end that is waited for longer is told more often.
        self._ordered_tries = max(ORDERED_TRIES, silence_ns // REPEAT_NS)
        self._out: list[tuple[str, bytes]] = []
        # Heaps by deadline and, within one, in order: an empty deque would take ten times the room.
        self._repeats: list[tuple[int, int, Leg, int]] = []
        self._acks_due: list[tuple[int, int, Leg]] = []
        self._count = 0

    def take_datagrams(self) -> list[tuple[str, bytes]]:
        """What is to be sent: address and octets."""
        out = self._out
        if out:
            self._out = []
        return out

    def close(self) -> None:
        """Ack at once what came: the link is left."""
        while self._acks_due:
            self._flush_acks(heappop(self._acks_due)[2])

    def _next_timer_ns(self) -> int | None:
        repeats, acks = self._repeats, self._acks_due
        while repeats and repeats[0][3] not in repeats[0][2].unacked:
            heappop(repeats)
        while acks and not acks[0][2].acks:
            heappop(acks)
        if repeats and acks:
            return min(repeats[0][0], acks[0][0])
        if repeats:
            return repeats[0][0]
        return acks[0][0] if acks else None

    def _run_timers(self, now_ns: int) -> list[Leg]:
        """Send the acks and repetitions that are due; the legs that are to be given up."""
        failed = []
        while self._acks_due and self._acks_due[0][0] <= now_ns:
            self._flush_acks(heappop(self._acks_due)[2])
        while self._repeats and self._repeats[0][0] <= now_ns:
            _, _, leg, pdu_id = heappop(self._repeats)
            if pdu_id not in leg.unacked:
                continue
            octets, tries = leg.unacked[pdu_id]
            ordered = pdu_id >> 24 == ORDERED
            if tries > 1:
                leg.unacked[pdu_id] = (octets, tries - 1)
                self._out.append((leg.address, octets))
                self._repeat_later(leg, pdu_id, now_ns)
            elif ordered:
                failed.append(leg)
                leg.unacked.clear()
            else:
                del leg.unacked[pdu_id]
        return failed

    def _send_ordered(self, leg: Leg, channel: int, pdu: bytes, now_ns: int) -> bool:
        """Send an RRC message for certain; False if too many are unacked: the link is to be given up."""
        if len(leg.unacked) >= _MAX_UNACKED:
            return False
        pdu_id = ORDERED << 24 | leg.epoch << 16 | leg.next_sn
        leg.next_sn = (leg.next_sn + 1) & 0xFFFF
        self._send_marked(leg, pdu_id, channel, pdu, now_ns)
        return True

    def _send_marked(self, leg: Leg, pdu_id: int, channel: int, pdu: bytes, now_ns: int) -> None:
        self._send_repeated(leg, pdu_id, encode_pdu(self.sti, PduType.RRC, pdu_id, channel, pdu), now_ns)

    def _send_repeated(self, leg: Leg, pdu_id: int, octets: bytes, now_ns: int) -> None:
        tries = self._ordered_tries if pdu_id >> 24 == ORDERED else BROADCAST_TRIES
        leg.unacked[pdu_id] = (octets, tries)
        self._out.append((leg.address, octets))
        self._repeat_later(leg, pdu_id, now_ns)

    def _repeat_later(self, leg: Leg, pdu_id: int, now_ns: int) -> None:
        self._count += 1
        heappush(self._repeats, (now_ns + REPEAT_NS, self._count, leg, pdu_id))

    def _ack(self, leg: Leg, pdu_ids: list[int], now_ns: int) -> None:
        if not leg.acks:
            self._count += 1
            heappush(self._acks_due, (now_ns + ACK_DELAY_NS, self._count, leg))
        leg.acks += pdu_ids
        if len(leg.acks) >= _ACKS_AT_ONCE:
            self._flush_acks(leg)

    def _flush_acks(self, leg: Leg) -> None:
        if leg.acks:
            self._out.append((leg.address, encode_ack(self.sti, leg.acks)))
            leg.acks = []
