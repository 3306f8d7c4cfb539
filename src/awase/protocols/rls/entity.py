"""The two sides of RLS (UERANSIM 3.3.0): a UE that looks for cells, a base station that knows UEs by their STI.

An entity is handed octets and the time, and hands out octets and indications; it owns no socket, no clock
and no timer. Its owner asks `wake_at_ns` after every call, and calls `wake` at that time: a part lets
its own `wake_at_ns` and `wake` include the link's.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from enum import Enum

import msgspec

from awase.protocols.rls.codec import HEARTBEAT, PREAMBLE, decode, encode, encode_pdu
from awase.protocols.rls.leg import BROADCAST, ORDERED, Leg, Link
from awase.protocols.rls.messages import (
    OUT_OF_RANGE_DBM,
    Heartbeat,
    HeartbeatAck,
    PduTransmission,
    PduTransmissionAck,
    PduType,
    RrcChannel,
)
from awase.protocols.rls.strangers import MOST, Strangers

HEARTBEAT_NS = 1_000_000_000
HEARTBEAT_REPEAT_NS = 250_000_000
"""How soon a UE repeats a heartbeat that a known cell has not answered: a lost datagram is no lost cell."""
SILENCE_NS = 2_000_000_000
"""After how much silence UERANSIM gives the far end up; ours may be more patient."""

_HEARTBEAT_START = PREAMBLE + bytes((HEARTBEAT,))
_HEARTBEAT_OCTETS = 25
_CHANNELS = tuple(RrcChannel)
_MAX_PSI, _QFI_SHIFT, _QFI_MASK, _RQI_SHIFT = 0xFF, 8, 0x3F, 14
"""RLS has no SDAP: between ends that are both ours its header lies above the PDU session id of user data."""


class Loss(Enum):
    """Why a link was lost."""

    SILENT = "nothing more was heard of it"
    OUT_OF_RANGE = "the signal is out of range"
    NOT_DELIVERED = "a message was not acknowledged"
    RESTARTED = "the far end began anew"
    FULL = "there is no room for it"


class CellFound(msgspec.Struct, frozen=True, gc=False):
    """A cell answers; where it is one that was lost before, its last MIB and SIB1 follow at once."""

    address: str
    dbm: int


class CellLost(msgspec.Struct, frozen=True, gc=False):
    """A cell is lost, or the link to it was given up (then CellFound follows when it answers again)."""

    address: str
    loss: Loss


class DownlinkRrc(msgspec.Struct, frozen=True, gc=False):
    """An RRC message from a cell."""

    address: str
    channel: RrcChannel
    pdu: bytes


class DownlinkData(msgspec.Struct, frozen=True, gc=False):
    """A user packet from a cell; `qfi` and `rqi` as in the SDAP header (TS 37.324), 0 where the cell says none."""

    address: str
    pdu_session_id: int
    packet: bytes
    qfi: int = 0
    rqi: bool = False


class UeFound(msgspec.Struct, frozen=True, gc=False):
    """A UE is heard for the first time, or begins anew: it needs MIB and SIB1."""

    sti: int


class UeLost(msgspec.Struct, frozen=True, gc=False):
    """A UE is not heard any more, or the link to it was given up."""

    sti: int
    loss: Loss


class UplinkRrc(msgspec.Struct, frozen=True, gc=False):
    """An RRC message from a UE."""

    sti: int
    channel: RrcChannel
    pdu: bytes


class UplinkData(msgspec.Struct, frozen=True, gc=False):
    """A user packet from a UE; `qfi` as in the SDAP header (TS 37.324), 0 where the UE says none."""

    sti: int
    pdu_session_id: int
    packet: bytes
    qfi: int = 0


UeIndication = CellFound | CellLost | DownlinkRrc | DownlinkData
GnbIndication = UeFound | UeLost | UplinkRrc | UplinkData


class UeLink(Link):
    """The UE's side. `sti`: 64 random bits; `search_list`: the addresses where cells may answer."""

    __slots__ = ("_cells", "_epoch", "_heartbeat", "_next_heartbeat_ns", "_next_repeat_ns", "search_list")

    def __init__(self, sti: int, search_list: Sequence[str], now_ns: int, silence_ns: int = SILENCE_NS) -> None:
        super().__init__(sti, silence_ns)
        self.search_list = tuple(search_list)
        self._heartbeat = encode(Heartbeat(sti=sti))
        self._cells: dict[str, Leg] = {}
        self._epoch = 0
        self._next_heartbeat_ns = now_ns
        self._next_repeat_ns = 0

    @property
    def cells(self) -> list[str]:
        """The cells that answer, in the order of the search list."""
        return [a for a in self.search_list if a in self._cells and self._cells[a].alive]

    def wake_at_ns(self) -> int:
        """When `wake` is to be called; asked again after every call."""
        at_ns = self._next_heartbeat_ns
        sent_ns = at_ns - HEARTBEAT_NS
        for leg in self._cells.values():
            if leg.alive and leg.heard_ns < sent_ns and self._next_repeat_ns < at_ns:
                at_ns = self._next_repeat_ns
        timer_ns = self._next_timer_ns()
        return at_ns if timer_ns is None or timer_ns > at_ns else timer_ns

    def wake(self, now_ns: int) -> list[UeIndication]:
        """Send heartbeats, repetitions and acks that are due; tell which cells were lost."""
        lost: list[UeIndication] = []
        for leg in self._cells.values():
            if leg.alive and now_ns - leg.heard_ns > self._silence_ns:
                lost.append(self._lose(leg, Loss.SILENT))
        if now_ns >= self._next_heartbeat_ns:
            self._next_heartbeat_ns = now_ns + HEARTBEAT_NS
            self._next_repeat_ns = now_ns + HEARTBEAT_REPEAT_NS
            for address in self.search_list:
                self._out.append((address, self._heartbeat))
        elif now_ns >= self._next_repeat_ns:
            self._next_repeat_ns = now_ns + HEARTBEAT_REPEAT_NS
            sent_ns = self._next_heartbeat_ns - HEARTBEAT_NS
            for leg in self._cells.values():
                if leg.alive and leg.heard_ns < sent_ns:
                    self._out.append((leg.address, self._heartbeat))
        for leg in self._run_timers(now_ns):
            lost.append(self._lose(leg, Loss.NOT_DELIVERED))
        return lost

    def receive(self, address: str, octets: bytes, now_ns: int) -> list[UeIndication]:
        """What a datagram brings. Raises DecodeError for octets that are no RLS message."""
        leg = self._cells.get(address)
        if leg is not None and leg.alive and octets == leg.latest_ack:
            # As a second ago: nothing to learn but that the cell is there.
            leg.heard_ns = now_ns
            return []
        message = decode(octets)
        if isinstance(message, HeartbeatAck):
            return self._heartbeat_ack(address, octets, message, now_ns)
        if leg is None or not leg.alive or leg.sti != message.sti:
            return []
        leg.heard_ns = now_ns
        if isinstance(message, PduTransmission):
            return self._pdu(leg, message, now_ns)
        if isinstance(message, PduTransmissionAck):
            for pdu_id in message.pdu_ids:
                leg.unacked.pop(pdu_id, None)
        return []

    def send_rrc(self, address: str, channel: RrcChannel, pdu: bytes, now_ns: int) -> bool:
        """Send an RRC message to a cell; False where there is none."""
        leg = self._cells.get(address)
        if leg is None or not leg.alive:
            return False
        if leg.ours:
            return self._send_ordered(leg, channel, pdu, now_ns)
        self._out.append((address, encode_pdu(self.sti, PduType.RRC, 0, channel, pdu)))
        return True

    def send_data(self, address: str, pdu_session_id: int, packet: bytes, qfi: int = 0) -> bool:
        """Send a user packet to a cell; False where there is none."""
        leg = self._cells.get(address)
        if leg is None or not leg.alive:
            return False
        payload = pdu_session_id | qfi << _QFI_SHIFT if leg.ours else pdu_session_id
        self._out.append((address, encode_pdu(self.sti, PduType.DATA, 0, payload, packet)))
        return True

    def _heartbeat_ack(self, address: str, octets: bytes, message: HeartbeatAck, now_ns: int) -> list[UeIndication]:
        leg = self._cells.get(address)
        if leg is None:
            if address not in self.search_list:
                return []
            leg = self._cells[address] = Leg(address, message.sti)
            leg.alive = False
        found: list[UeIndication] = []
        if leg.sti != message.sti:
            if leg.alive:
                found.append(self._lose(leg, Loss.RESTARTED))
            leg.sti, leg.ours = message.sti, False
            leg.broadcast.clear()
            # It numbers its PDUs anew.
            leg.recent.clear()
        if message.dbm < OUT_OF_RANGE_DBM:
            if leg.alive:
                found.append(self._lose(leg, Loss.OUT_OF_RANGE))
            return found
        leg.heard_ns = now_ns
        leg.latest_ack = octets
        if not leg.alive:
            self._epoch += 1
            leg.restart(self._epoch)
            leg.alive = True
            found.append(CellFound(address, message.dbm))
            # The same cell as before need not broadcast again at once: what it said is still valid.
            for channel, pdu in leg.broadcast.items():
                found.append(DownlinkRrc(address, _CHANNELS[channel], pdu))
        return found

    def _pdu(self, leg: Leg, message: PduTransmission, now_ns: int) -> list[UeIndication]:
        pdu_id = message.pdu_id
        if message.pdu_type is PduType.RRC and pdu_id >> 24 == ORDERED:
            leg.ours = True
            if pdu_id >> 16 & 0xFF != leg.epoch:
                return []
            arrived, acks = leg.in_order(pdu_id, message.payload, message.pdu)
            if acks:
                self._ack(leg, acks, now_ns)
            return [DownlinkRrc(leg.address, _CHANNELS[channel], pdu) for channel, pdu in arrived]
        if pdu_id:
            self._ack(leg, [pdu_id], now_ns)
            if leg.is_repeated(pdu_id):
                return []
            leg.ours = leg.ours or pdu_id >> 24 == BROADCAST
        if message.pdu_type is PduType.DATA:
            payload = message.payload
            if payload <= _MAX_PSI:
                return [DownlinkData(leg.address, payload, message.pdu)]
            qfi, rqi = payload >> _QFI_SHIFT & _QFI_MASK, payload >> _RQI_SHIFT & 1 != 0
            return [DownlinkData(leg.address, payload & _MAX_PSI, message.pdu, qfi, rqi)]
        if message.payload <= RrcChannel.BCCH_DL_SCH:
            leg.broadcast[message.payload] = message.pdu
        return [DownlinkRrc(leg.address, _CHANNELS[message.payload], message.pdu)]

    def _lose(self, leg: Leg, loss: Loss) -> CellLost:
        leg.alive = False
        leg.unacked.clear()
        leg.held.clear()
        leg.acks.clear()
        return CellLost(leg.address, loss)


class GnbLink(Link):
    """The base station's side: at most `max_ues` UEs, strangers (who neither ack nor send RRC messages) among them."""

    __slots__ = ("_broadcasts", "_heartbeat_ack", "_silence_check_ns", "_strangers", "_ues", "max_ues")

    def __init__(self, sti: int, max_ues: int, dbm: int = -1, silence_ns: int = SILENCE_NS) -> None:
        super().__init__(sti, silence_ns)
        self.max_ues = max_ues
        self._heartbeat_ack = encode(HeartbeatAck(sti=sti, dbm=dbm))
        # In the order in which they were heard last.
        self._ues: OrderedDict[int, Leg] = OrderedDict()
        self._strangers = Strangers(min(max_ues, MOST))
        # Never after the time at which the longest silent is lost, and seldom moved.
        self._silence_check_ns: int | None = None
        self._broadcasts = 0

    @property
    def ues(self) -> list[int]:
        """The STIs of the UEs that are heard, the longest silent first."""
        return list(self._ues)

    def familiar(self) -> list[str]:
        """The addresses of the UEs that are no strangers."""
        return [leg.address for sti, leg in self._ues.items() if sti not in self._strangers]

    def knows(self, sti: int) -> bool:
        """Whether a UE is heard."""
        return sti in self._ues

    def address_of(self, sti: int) -> str:
        """Where a UE answers; "" if it is not heard."""
        leg = self._ues.get(sti)
        return leg.address if leg is not None else ""

    def wake_at_ns(self) -> int | None:
        """When `wake` is to be called; asked again after every call."""
        at_ns, check_ns = self._next_timer_ns(), self._silence_check_ns
        if at_ns is None or (check_ns is not None and check_ns < at_ns):
            return check_ns
        return at_ns

    def wake(self, now_ns: int) -> list[GnbIndication]:
        """Send repetitions and acks that are due; tell which UEs were lost."""
        lost: list[GnbIndication] = []
        if self._silence_check_ns is not None and self._silence_check_ns <= now_ns:
            lost = self._check_silence(now_ns)
        for leg in self._run_timers(now_ns):
            # Deaf to this epoch from now on: so the UE learns of it, and begins anew.
            if leg.alive:
                leg.alive = False
                lost.append(UeLost(leg.sti, Loss.NOT_DELIVERED))
        return lost

    def receive(self, address: str, octets: bytes, now_ns: int) -> list[GnbIndication]:
        """What a datagram brings. Raises DecodeError for octets that are no RLS message."""
        if octets[:5] == _HEARTBEAT_START and len(octets) == _HEARTBEAT_OCTETS:
            return self._heartbeat(address, int.from_bytes(octets[5:13], "big"), now_ns)
        message = decode(octets)
        leg = self._ues.get(message.sti)
        if leg is None or isinstance(message, HeartbeatAck) or _is_taken(leg, address, now_ns):
            return []
        leg.heard_ns = now_ns
        leg.address = address
        self._ues.move_to_end(message.sti)
        if isinstance(message, PduTransmission):
            return self._pdu(leg, message, now_ns)
        if isinstance(message, PduTransmissionAck):
            for pdu_id in message.pdu_ids:
                if leg.unacked.pop(pdu_id, None) is not None:
                    self._strangers.leave(leg.sti)
        return []

    def send_rrc(self, sti: int, channel: RrcChannel, pdu: bytes, now_ns: int) -> bool:
        """Send an RRC message of its own to a UE; False where it is not heard or was given up."""
        leg = self._ues.get(sti)
        if leg is None or not leg.alive:
            return False
        if leg.ours:
            return self._send_ordered(leg, channel, pdu, now_ns)
        self._out.append((leg.address, encode_pdu(self.sti, PduType.RRC, 0, channel, pdu)))
        return True

    def send_once(self, sti: int, channel: RrcChannel, pdu: bytes) -> None:
        """Send an RRC message to a UE, even one that was given up; nobody acks it."""
        leg = self._ues.get(sti)
        if leg is not None:
            self._out.append((leg.address, encode_pdu(self.sti, PduType.RRC, 0, channel, pdu)))

    def send_broadcast(self, sti: int, channel: RrcChannel, pdu: bytes, now_ns: int) -> bool:
        """Send broadcast to one UE, and again until it acks; False where it is not heard."""
        leg = self._ues.get(sti)
        if leg is None:
            return False
        self._broadcasts = (self._broadcasts + 1) & 0xFFFFFF
        self._send_marked(leg, BROADCAST << 24 | self._broadcasts, channel, pdu, now_ns)
        return True

    def send_paging(self, stis: Iterable[int], pdu: bytes, now_ns: int) -> None:
        """Send paging to UEs, and again to each until it acks."""
        self._broadcasts = (self._broadcasts + 1) & 0xFFFFFF
        pdu_id = BROADCAST << 24 | self._broadcasts
        octets = encode_pdu(self.sti, PduType.RRC, pdu_id, RrcChannel.PCCH, pdu)
        # UERANSIM would act on each repetition.
        once = encode_pdu(self.sti, PduType.RRC, 0, RrcChannel.PCCH, pdu)
        for sti in stis:
            leg = self._ues.get(sti)
            if leg is None:
                continue
            if leg.ours:
                self._send_repeated(leg, pdu_id, octets, now_ns)
            else:
                self._out.append((leg.address, once))

    def broadcast(self, channel: RrcChannel, pdu: bytes) -> None:
        """Send broadcast to all UEs, once."""
        octets = encode_pdu(self.sti, PduType.RRC, 0, channel, pdu)
        self._out += [(leg.address, octets) for leg in self._ues.values()]

    def send_data(self, sti: int, pdu_session_id: int, packet: bytes, qfi: int = 0, *, rqi: bool = False) -> bool:
        """Send a user packet to a UE; False where it is not heard."""
        leg = self._ues.get(sti)
        if leg is None:
            return False
        payload = pdu_session_id | qfi << _QFI_SHIFT | rqi << _RQI_SHIFT if leg.ours else pdu_session_id
        self._out.append((leg.address, encode_pdu(self.sti, PduType.DATA, 0, payload, packet)))
        return True

    def _heartbeat(self, address: str, sti: int, now_ns: int) -> list[GnbIndication]:
        leg = self._ues.get(sti)
        if leg is not None:
            if _is_taken(leg, address, now_ns):
                return []
            leg.heard_ns = now_ns
            leg.address = address
            self._ues.move_to_end(sti)
            self._out.append((address, self._heartbeat_ack))
            return []
        indications: list[GnbIndication] = []
        host = address.rpartition(":")[0]
        if self._strangers.is_full() or len(self._ues) >= self.max_ues:
            goes = self._makes_room(host, now_ns)
            if goes is None:
                return []
            indications += self._drop(goes, Loss.FULL)
        self._strangers.enter(sti, host, now_ns)
        leg = self._ues[sti] = Leg(address, sti)
        leg.heard_ns = now_ns
        if self._silence_check_ns is None:
            self._silence_check_ns = now_ns + self._silence_ns + 1
        self._out.append((address, self._heartbeat_ack))
        indications.append(UeFound(sti))
        return indications

    def _makes_room(self, host: str, now_ns: int) -> Leg | None:
        """Who goes for a newcomer: a stranger, else whoever was silent for longest, and for 1 s."""
        sti = self._strangers.yields(host, now_ns)
        if sti is not None:
            return self._ues[sti]
        oldest = next(iter(self._ues.values()))
        silent = now_ns - oldest.heard_ns >= HEARTBEAT_NS + HEARTBEAT_REPEAT_NS
        return oldest if silent and len(self._ues) >= self.max_ues else None

    def _pdu(self, leg: Leg, message: PduTransmission, now_ns: int) -> list[GnbIndication]:
        pdu_id, sti = message.pdu_id, leg.sti
        if message.pdu_type is PduType.DATA:
            if pdu_id:
                self._ack(leg, [pdu_id], now_ns)
                if leg.is_repeated(pdu_id):
                    return []
            payload = message.payload
            if payload <= _MAX_PSI:
                return [UplinkData(sti, payload, message.pdu)]
            return [UplinkData(sti, payload & _MAX_PSI, message.pdu, payload >> _QFI_SHIFT & _QFI_MASK)]
        self._strangers.leave(sti)
        if pdu_id >> 24 == ORDERED:
            return self._ordered(leg, message, now_ns)
        if pdu_id:
            self._ack(leg, [pdu_id], now_ns)
            if leg.is_repeated(pdu_id):
                return []
        return [UplinkRrc(sti, _CHANNELS[message.payload], message.pdu)]

    def _ordered(self, leg: Leg, message: PduTransmission, now_ns: int) -> list[GnbIndication]:
        pdu_id = message.pdu_id
        epoch = pdu_id >> 16 & 0xFF
        indications: list[GnbIndication] = []
        if epoch != leg.epoch:
            if leg.epoch >= 0:
                if (epoch - leg.epoch) & 0xFF >= 0x80:
                    return []
                if leg.alive:
                    indications.append(UeLost(leg.sti, Loss.RESTARTED))
                indications.append(UeFound(leg.sti))
            leg.restart(epoch)
            leg.alive = leg.ours = True
        elif not leg.alive:
            return []
        arrived, acks = leg.in_order(pdu_id, message.payload, message.pdu)
        if acks:
            self._ack(leg, acks, now_ns)
        indications += [UplinkRrc(leg.sti, _CHANNELS[channel], pdu) for channel, pdu in arrived]
        return indications

    def _check_silence(self, now_ns: int) -> list[GnbIndication]:
        lost: list[GnbIndication] = []
        self._silence_check_ns = None
        while self._ues:
            leg = next(iter(self._ues.values()))
            if now_ns - leg.heard_ns <= self._silence_ns:
                self._silence_check_ns = leg.heard_ns + self._silence_ns + 1
                break
            lost += self._drop(leg, Loss.SILENT)
        return lost

    def _drop(self, leg: Leg, loss: Loss) -> list[GnbIndication]:
        del self._ues[leg.sti]
        self._strangers.leave(leg.sti)
        leg.unacked.clear()
        leg.acks.clear()
        alive, leg.alive = leg.alive, False
        return [UeLost(leg.sti, loss)] if alive else []


def _is_taken(leg: Leg, address: str, now_ns: int) -> bool:
    """Whether an STI is that of a UE which is heard from another address: whoever says it too is not believed."""
    return leg.address != address and now_ns - leg.heard_ns < HEARTBEAT_NS + HEARTBEAT_REPEAT_NS
