"""The radio link between a UE and a base station, over datagrams that get lost, doubled and reordered."""

import heapq
import random

import pytest

from awase.protocols.rls.codec import decode, encode
from awase.protocols.rls.entity import (
    CellFound,
    CellLost,
    DownlinkData,
    DownlinkRrc,
    GnbLink,
    Loss,
    UeFound,
    UeLink,
    UeLost,
    UplinkData,
    UplinkRrc,
)
from awase.protocols.rls.messages import (
    Heartbeat,
    HeartbeatAck,
    PduTransmission,
    PduTransmissionAck,
    PduType,
    RrcChannel,
)
from awase.protocols.rls.strangers import MOST

S = 1_000_000_000
MS = 1_000_000
DCCH_UP, DCCH_DOWN = RrcChannel.UL_DCCH, RrcChannel.DL_DCCH


class Air:
    """A UE, a base station and the datagrams between them."""

    def __init__(self, seed=1, loss=0.0, doubling=0.0, jitter_ms=0):
        self.ue = UeLink(1, ["gnb"], 0)
        self.gnb = GnbLink(2, 100)
        self.rng = random.Random(seed)
        self.loss, self.doubling, self.jitter_ms = loss, doubling, jitter_ms
        self.flying = []
        self.count = self.datagrams = 0
        self.now_ns = 0
        self.at_ue, self.at_gnb = [], []
        self.cut = self.cut_down = False

    def _take(self):
        for to_gnb, link in ((True, self.ue), (False, self.gnb)):
            for _, octets in link.take_datagrams():
                self.datagrams += 1
                copies = 2 if self.rng.random() < self.doubling else 1
                for _ in range(copies):
                    if self.cut or (self.cut_down and not to_gnb) or self.rng.random() < self.loss:
                        continue
                    self.count += 1
                    at_ns = self.now_ns + MS + self.rng.randint(0, self.jitter_ms) * MS
                    heapq.heappush(self.flying, (at_ns, self.count, to_gnb, octets))

    def run(self, until_ns):
        while True:
            self._take()
            wake_gnb = self.gnb.wake_at_ns()
            times = [self.ue.wake_at_ns()]
            times += [wake_gnb] if wake_gnb is not None else []
            times += [self.flying[0][0]] if self.flying else []
            if min(times) > until_ns:
                self.now_ns = until_ns
                return
            self.now_ns = now = max(min(times), self.now_ns)
            if self.flying and self.flying[0][0] <= now:
                _, _, to_gnb, octets = heapq.heappop(self.flying)
                if to_gnb:
                    self._at_gnb(self.gnb.receive("ue", octets, now))
                else:
                    self.at_ue += self.ue.receive("gnb", octets, now)
            if self.ue.wake_at_ns() <= now:
                self.at_ue += self.ue.wake(now)
            wake_gnb = self.gnb.wake_at_ns()
            if wake_gnb is not None and wake_gnb <= now:
                self._at_gnb(self.gnb.wake(now))

    def _at_gnb(self, indications):
        self.at_gnb += indications
        for indication in indications:
            if isinstance(indication, UeFound):
                self.gnb.send_broadcast(indication.sti, RrcChannel.BCCH_BCH, b"mib", self.now_ns)
                self.gnb.send_broadcast(indication.sti, RrcChannel.BCCH_DL_SCH, b"sib1", self.now_ns)

    def up(self, pdu):
        return self.ue.send_rrc("gnb", DCCH_UP, pdu, self.now_ns)

    def down(self, pdu):
        return self.gnb.send_rrc(1, DCCH_DOWN, pdu, self.now_ns)

    def rrc_at_gnb(self):
        return [i.pdu for i in self.at_gnb if isinstance(i, UplinkRrc)]

    def rrc_at_ue(self):
        return [i.pdu for i in self.at_ue if isinstance(i, DownlinkRrc) and i.channel == DCCH_DOWN]


def test_a_ue_finds_a_cell_and_hears_its_broadcast():
    air = Air()
    air.run(1 * S)
    assert air.at_gnb == [UeFound(1)]
    assert air.at_ue == [
        CellFound("gnb", -1),
        DownlinkRrc("gnb", RrcChannel.BCCH_BCH, b"mib"),
        DownlinkRrc("gnb", RrcChannel.BCCH_DL_SCH, b"sib1"),
    ]
    assert air.ue.cells == ["gnb"]


def test_an_idle_ue_costs_one_heartbeat_and_its_ack_a_second():
    air = Air()
    air.run(2 * S)
    before = air.datagrams
    air.run(12 * S)
    assert air.datagrams - before == 20


@pytest.mark.parametrize("seed", range(5))
def test_rrc_arrives_once_and_in_order_though_datagrams_are_lost_doubled_and_reordered(seed):
    air = Air(seed, loss=0.05, doubling=0.05, jitter_ms=20)
    air.run(3 * S)
    sent = [b"%d" % number for number in range(200)]
    for number, pdu in enumerate(sent):
        assert air.up(pdu)
        air.run(air.now_ns + (50 if number % 3 else 0) * MS)
        assert air.down(pdu)
    air.run(air.now_ns + 4 * S)
    assert air.rrc_at_gnb() == sent
    assert air.rrc_at_ue() == sent
    assert not [i for i in air.at_ue + air.at_gnb if isinstance(i, CellLost | UeLost)]
    assert [i for i in air.at_ue if isinstance(i, DownlinkRrc) and i.pdu == b"sib1"]


def test_a_cell_and_a_ue_are_lost_after_two_seconds_of_silence():
    air = Air()
    air.run(1500 * MS)
    air.cut = True
    air.run(5 * S)
    assert air.at_ue[-1] == CellLost("gnb", Loss.SILENT)
    assert air.at_gnb[-1] == UeLost(1, Loss.SILENT)
    assert air.ue.cells == []
    assert air.gnb.ues == []
    air.cut = False
    air.run(7 * S)
    assert air.ue.cells == ["gnb"]
    assert air.up(b"again")
    air.run(8 * S)
    assert air.rrc_at_gnb() == [b"again"]


def test_ends_that_are_told_to_be_patient_outlive_a_silence_and_deliver_what_was_sent_in_it():
    air = Air()
    air.ue = UeLink(1, ["gnb"], 0, 20 * S)
    air.gnb = GnbLink(2, 100, silence_ns=20 * S)
    air.run(1500 * MS)
    air.cut = True
    assert air.up(b"in the silence")
    air.run(19 * S)
    assert air.rrc_at_gnb() == []
    air.cut = False
    air.run(21 * S)
    assert not [i for i in air.at_ue + air.at_gnb if isinstance(i, CellLost | UeLost)]
    assert air.rrc_at_gnb() == [b"in the silence"]
    air.cut = True
    air.run(45 * S)
    assert air.at_ue[-1] == CellLost("gnb", Loss.SILENT)
    assert air.at_gnb[-1] == UeLost(1, Loss.SILENT)


def test_a_message_that_is_never_acked_gives_the_link_up_and_the_next_life_starts_afresh():
    air = Air()
    air.run(1 * S)
    air.up(b"1")
    air.run(2 * S)
    # The base station forgets the UE, and the UE does not know.
    air.gnb = GnbLink(2, 100)
    air.run(3 * S)
    air.up(b"2")
    air.run(10 * S)
    assert CellLost("gnb", Loss.NOT_DELIVERED) in air.at_ue
    air.up(b"3")
    air.run(11 * S)
    assert air.rrc_at_gnb() == [b"1", b"3"]


def test_when_a_ue_begins_anew_the_base_station_hears_of_it_before_the_message():
    air = Air()
    air.run(1 * S)
    air.up(b"1")
    air.cut_down = True
    air.run(5 * S)
    assert air.at_ue[-1] == CellLost("gnb", Loss.SILENT)
    air.cut_down = False
    air.run(7 * S)
    air.at_gnb.clear()
    air.up(b"new")
    air.run(8 * S)
    assert air.at_gnb == [UeLost(1, Loss.RESTARTED), UeFound(1), UplinkRrc(1, DCCH_UP, b"new")]


def test_a_cell_that_is_found_again_says_again_what_it_broadcast():
    air = Air()
    air.run(1 * S)
    air.cut_down = True
    air.run(5 * S)
    air.at_ue.clear()
    air.cut_down = False
    air.run(6 * S)
    assert air.at_ue == [
        CellFound("gnb", -1),
        DownlinkRrc("gnb", RrcChannel.BCCH_BCH, b"mib"),
        DownlinkRrc("gnb", RrcChannel.BCCH_DL_SCH, b"sib1"),
    ]
    assert not [i for i in air.at_gnb if isinstance(i, UeLost)]


def test_a_base_station_that_began_anew_is_another_cell():
    air = Air()
    air.run(1 * S)
    air.gnb = GnbLink(77, 100)
    air.at_ue.clear()
    air.run(2500 * MS)
    # What it broadcasts has the numbers of the cell before, and is heard all the same.
    assert air.at_ue == [
        CellLost("gnb", Loss.RESTARTED),
        CellFound("gnb", -1),
        DownlinkRrc("gnb", RrcChannel.BCCH_BCH, b"mib"),
        DownlinkRrc("gnb", RrcChannel.BCCH_DL_SCH, b"sib1"),
    ]
    assert air.ue.cells == ["gnb"]


def test_user_packets_pass_both_ways():
    air = Air()
    air.run(1 * S)
    assert air.ue.send_data("gnb", 1, b"up")
    assert air.gnb.send_data(1, 1, b"down")
    air.run(1100 * MS)
    assert air.at_gnb[-1] == UplinkData(1, 1, b"up")
    assert air.at_ue[-1] == DownlinkData("gnb", 1, b"down")


def test_between_ends_of_ours_user_packets_carry_qfi_and_rqi():
    air = Air()
    air.run(1 * S)
    assert air.ue.send_rrc("gnb", RrcChannel.UL_CCCH, b"request", air.now_ns)
    air.run(1100 * MS)
    assert air.ue.send_data("gnb", 15, b"up", qfi=63)
    assert air.gnb.send_data(1, 15, b"down", qfi=9, rqi=True)
    air.run(1200 * MS)
    assert air.at_gnb[-1] == UplinkData(1, 15, b"up", 63)
    assert air.at_ue[-1] == DownlinkData("gnb", 15, b"down", 9, True)


def test_towards_a_base_station_of_ueransim_nothing_is_repeated():
    ue = UeLink(1, ["gnb"], 0)
    ue.wake(0)
    ue.receive("gnb", encode(HeartbeatAck(sti=2)), 0)
    sib1 = PduTransmission(sti=2, pdu_type=PduType.RRC, payload=RrcChannel.BCCH_DL_SCH, pdu=b"sib1")
    ue.receive("gnb", encode(sib1), 0)
    ue.take_datagrams()
    ue.send_rrc("gnb", RrcChannel.UL_CCCH, b"request", 0)
    [(_, octets)] = ue.take_datagrams()
    assert decode(octets).pdu_id == 0
    assert ue.wake_at_ns() == 1 * S


def ueransim_ue(gnb: GnbLink, pdu_id: int) -> bytes:
    gnb.receive("ue", encode(Heartbeat(sti=9)), 0)
    gnb.take_datagrams()
    return encode(
        PduTransmission(sti=9, pdu_type=PduType.RRC, pdu_id=pdu_id, payload=RrcChannel.UL_CCCH, pdu=b"request")
    )


def test_a_ue_of_ueransim_is_acked_once_and_answered_without_pdu_id():
    gnb = GnbLink(2, 10)
    octets = ueransim_ue(gnb, 5)
    assert gnb.receive("ue", octets, 0) == [UplinkRrc(9, RrcChannel.UL_CCCH, b"request")]
    assert gnb.receive("ue", octets, 0) == []
    gnb.send_rrc(9, RrcChannel.DL_CCCH, b"setup", 0)
    [(_, setup)] = gnb.take_datagrams()
    assert decode(setup).pdu_id == 0
    gnb.wake(50 * MS)
    [(_, ack)] = gnb.take_datagrams()
    assert decode(ack) == PduTransmissionAck(sti=2, pdu_ids=(5, 5))


def test_a_message_without_a_heartbeat_before_it_is_ignored():
    gnb = GnbLink(2, 10)
    octets = encode(PduTransmission(sti=9, pdu_type=PduType.DATA, payload=1, pdu=b"x"))
    assert gnb.receive("ue", octets, 0) == []
    ue = UeLink(1, ["gnb"], 0)
    octets = encode(PduTransmission(sti=2, pdu_type=PduType.DATA, payload=1, pdu=b"x"))
    assert ue.receive("gnb", octets, 0) == []


def test_a_full_table_takes_a_new_ue_only_in_place_of_a_silent_one():
    gnb = GnbLink(2, 2)
    for sti, now_ns in ((1, 0), (2, 1 * S), (3, 1 * S)):
        gnb.receive("ue", encode(Heartbeat(sti=sti)), now_ns)
    assert gnb.ues == [1, 2]
    lost = gnb.receive("ue", encode(Heartbeat(sti=3)), 1300 * MS)
    assert lost == [UeLost(1, Loss.FULL), UeFound(3)]
    assert gnb.ues == [2, 3]


def come(gnb, sti, address, now_ns):
    """A UE is heard for the first time, and acks the first broadcast where it is told to."""
    found = gnb.receive(address, encode(Heartbeat(sti=sti)), now_ns)
    if UeFound(sti) in found:
        gnb.send_broadcast(sti, RrcChannel.BCCH_BCH, b"mib", now_ns)
    return found


def acks(gnb, sti, address, now_ns):
    """It acks what it was sent."""
    sent = [decode(octets) for to, octets in gnb.take_datagrams() if to == address]
    ids = tuple(pdu.pdu_id for pdu in sent if isinstance(pdu, PduTransmission) and pdu.pdu_id)
    assert ids
    gnb.receive(address, encode(PduTransmissionAck(sti=sti, pdu_ids=ids)), now_ns)


def test_strangers_in_any_number_push_out_no_ue_that_has_proven_to_be_one():
    gnb = GnbLink(2, 100_000)
    come(gnb, 1, "10.0.0.1:4997", 0)
    acks(gnb, 1, "10.0.0.1:4997", 0)
    assert gnb.familiar() == ["10.0.0.1:4997"]
    for sti in range(2, 50_000):
        now_ns = sti * 20_000
        lost = [loss for loss in come(gnb, sti, "10.0.0.66:4997", now_ns) if isinstance(loss, UeLost)]
        assert UeLost(1, Loss.FULL) not in lost
        gnb.take_datagrams()
        if sti % 25_000 == 0:
            # Its heartbeats have come as ever.
            gnb.receive("10.0.0.1:4997", encode(Heartbeat(sti=1)), now_ns)
    assert gnb.knows(1)
    assert len(gnb.ues) == MOST + 1
    assert gnb.familiar() == ["10.0.0.1:4997"]


def test_strangers_of_one_host_make_room_for_a_newcomer_of_another_and_not_for_more_of_their_own():
    gnb = GnbLink(2, 100_000)
    for sti in range(10, 10 + MOST):
        come(gnb, sti, "10.0.0.66:4997", 0)
    assert come(gnb, 9_000, "10.0.0.66:4998", 0) == []
    assert come(gnb, 1, "10.0.0.1:4997", 0) == [UeLost(10, Loss.FULL), UeFound(1)]
    assert come(gnb, 9_001, "10.0.0.66:4998", 0) == []
    assert gnb.knows(1)
    # Of so many hosts with one each none is greedier than the newcomer's, until they are stale.
    gnb = GnbLink(2, 100_000)
    for sti in range(10, 10 + MOST):
        come(gnb, sti, f"10.1.{sti >> 8}.{sti & 255}:4997", 0)
    assert come(gnb, 1, "10.0.0.1:4997", 0) == []
    assert come(gnb, 1, "10.0.0.1:4997", 1100 * MS) == [UeLost(10, Loss.FULL), UeFound(1)]


def test_a_ue_is_no_stranger_once_it_has_sent_an_rrc_message():
    gnb = GnbLink(2, 10)
    come(gnb, 1, "10.0.0.1:4997", 0)
    assert gnb.familiar() == []
    octets = encode(PduTransmission(sti=1, pdu_type=PduType.RRC, payload=RrcChannel.UL_CCCH, pdu=b"x"))
    gnb.receive("10.0.0.1:4997", octets, 0)
    assert gnb.familiar() == ["10.0.0.1:4997"]
    gnb.wake(10 * S)
    assert gnb.familiar() == []


def test_a_cell_out_of_range_is_lost():
    ue = UeLink(1, ["gnb"], 0)
    assert ue.receive("gnb", encode(HeartbeatAck(sti=2, dbm=-100)), 0) == [CellFound("gnb", -100)]
    assert ue.receive("gnb", encode(HeartbeatAck(sti=2, dbm=-121)), 0) == [CellLost("gnb", Loss.OUT_OF_RANGE)]
    assert ue.send_rrc("gnb", DCCH_UP, b"x", 0) is False


def test_an_answer_from_an_address_that_was_not_searched_is_no_cell():
    ue = UeLink(1, ["gnb"], 0)
    assert ue.receive("stranger", encode(HeartbeatAck(sti=2)), 0) == []
    assert ue.cells == []


def test_paging_is_repeated_to_an_end_of_ours_until_it_acks_and_arrives_once():
    air = Air()
    air.run(1 * S)
    # The first message tells the base station that the UE is one of ours.
    air.up(b"request")
    air.run(2 * S)
    del air.at_ue[:]
    air.cut_down = True
    air.gnb.send_paging([1, 77], b"page", air.now_ns)
    air.run(air.now_ns + 500 * MS)
    assert air.at_ue == []
    air.cut_down = False
    air.run(air.now_ns + 2 * S)
    assert air.at_ue == [DownlinkRrc("gnb", RrcChannel.PCCH, b"page")]


def test_paging_is_said_once_to_a_ue_of_ueransim():
    gnb = GnbLink(2, 10)
    ueransim_ue(gnb, 5)
    gnb.take_datagrams()
    gnb.send_paging([9], b"page", 0)
    gnb.wake(10 * S)
    [(_, page)] = gnb.take_datagrams()
    assert decode(page) == PduTransmission(sti=2, pdu_type=PduType.RRC, pdu_id=0, payload=4, pdu=b"page")
