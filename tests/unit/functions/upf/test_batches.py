"""A batch is to the UPF what its packets are one after the other, in whatever mixture they come."""

import random

import msgspec
import pytest

from awase.functions.upf.rule import TokenBucket
from awase.model.part import Packet
from awase.protocols.gtpu.codec import encode_g_pdu
from awase.protocols.ip import udp
from awase.protocols.pfcp import messages as m
from awase.protocols.pfcp.elements import BitRates, GateStatus, SdfFilter
from unit.functions.upf.bench import GNB_PORT, SERVER, UE, Bench, establishment, ping


def datagram(source, destination, port=5000, size=100):
    return udp.encode_packet(udp.Udp(port, 9, bytes(size)), source, destination)


def sent(packets):
    """Each packet of what was handed out, with where it goes."""
    return [
        (packet.port, packet.peer, octets)
        for packet in packets
        for octets in ((packet.payload,) if isinstance(packet.payload, bytes) else packet.payload)
    ]


def both(port, peer, batch, **changes):
    """What comes of the packets one by one, and of the batch."""
    found = []
    for together in (False, True):
        bench = Bench()
        _, teid = bench.establish(**changes)
        octets = [item(teid) if callable(item) else item for item in batch]
        packets = []
        for payload in [octets] if together else octets:
            bench.upf.receive(Packet(port, peer, payload), bench.now)
            packets += bench.upf.take_packets()
        found.append((sent(packets), bench.upf.take_events()))
    return found


def uplink(packet, qfi=1, teid=None):
    return lambda own: encode_g_pdu(own if teid is None else teid, packet, qfi, uplink=True)


def changed(packet, at, value):
    """A packet with another octet somewhere."""
    return packet[:at] + bytes((value,)) + packet[at + 1 :]


def broken(packet, at, value):
    """A G-PDU with another octet somewhere."""
    return lambda own: changed(encode_g_pdu(own, packet, 1, uplink=True), at, value)


PLAIN = datagram(UE, SERVER)
KINDS_UP = [
    uplink(PLAIN),
    uplink(PLAIN),
    uplink(PLAIN),
    uplink(datagram(UE, SERVER, size=1200)),
    uplink(datagram(UE, SERVER, port=6000)),
    uplink(datagram(bytes((10, 45, 0, 9)), SERVER)),
    uplink(ping()),
    uplink(PLAIN, qfi=2),
    uplink(PLAIN, teid=0xDEAD),
    uplink(PLAIN[:-1]),
    uplink(PLAIN + b"padding"),
    uplink(b""),
    uplink(changed(PLAIN, 1, 0xB8)),
    uplink(changed(PLAIN, 6, 0x20)),
    broken(PLAIN, 3, 1),
    broken(PLAIN, 0, 0x30),
    broken(PLAIN, 1, 26),
    broken(PLAIN, 14, 0x81),
    broken(PLAIN, 15, 0x85),
    bytes(3),
]
DOWN = datagram(SERVER, UE)
KINDS_DOWN = [
    DOWN,
    DOWN,
    DOWN,
    datagram(SERVER, UE, size=1200),
    datagram(SERVER, UE, port=6000),
    datagram(SERVER, bytes((10, 45, 0, 5))),
    ping(SERVER, UE),
    DOWN[:-1],
    DOWN + b"padding",
    changed(DOWN, 1, 0xB8),
    b"",
    bytes(3),
]
OPEN = m.CreateQer(qer_id=1, gate_status=GateStatus(), mbr=BitRates(ul_kbps=100_000, dl_kbps=100_000), qfi=1)
NARROW = m.CreateQer(qer_id=1, gate_status=GateStatus(), mbr=BitRates(ul_kbps=16, dl_kbps=16), qfi=1)
SHUT = m.CreateQer(qer_id=1, gate_status=GateStatus(ul_gate=1, dl_gate=1), qfi=1)


@pytest.mark.parametrize("qer", [OPEN, NARROW, SHUT], ids=["open", "narrow", "shut"])
@pytest.mark.parametrize(
    ("port", "peer", "kinds"), [("n3", GNB_PORT, KINDS_UP), ("n6", "", KINDS_DOWN)], ids=["uplink", "downlink"]
)
def test_a_batch_does_what_its_packets_do_one_by_one(port, peer, kinds, qer):
    chosen = random.Random(port + str(qer))
    for length in (*range(2, 12), 40, 200):
        # Long runs of one kind, and others in between.
        batch = []
        while len(batch) < length:
            batch += [chosen.choice(kinds)] * chosen.choice((1, 1, 2, 30))
        one_by_one, together = both(port, peer, batch, qer=qer)
        assert together == one_by_one


@pytest.mark.parametrize(("port", "peer"), [("n3", GNB_PORT), ("n6", "")], ids=["uplink", "downlink"])
def test_a_later_fragment_between_datagrams_has_no_ports_that_a_filter_could_match(port, peer):
    flow = SdfFilter(flow_description="permit out 17 from any 9 to assigned 5000")
    if port == "n6":
        flow = SdfFilter(flow_description="permit out 17 from any 5000 to assigned 9")
    pdrs = tuple(
        msgspec.structs.replace(pdr, pdi=msgspec.structs.replace(pdr.pdi, sdf_filter=(flow,)))
        for pdr in establishment().create_pdr
    )
    packet = PLAIN if port == "n3" else DOWN
    batch = [packet, packet, changed(packet, 7, 3), packet, changed(packet, 9, 6), packet]
    batch = [uplink(octets) for octets in batch] if port == "n3" else batch
    one_by_one, together = both(port, peer, batch, pdrs=pdrs)
    assert together == one_by_one
    assert len(together[0]) == 4


def test_packets_of_one_flow_go_on_together():
    bench = Bench()
    _, teid = bench.establish()
    bench.upf.receive(Packet("n3", GNB_PORT, [encode_g_pdu(teid, PLAIN, 1, uplink=True)] * 30), bench.now)
    assert [(packet.port, list(packet.payload)) for packet in bench.upf.take_packets()] == [("n6", [PLAIN] * 30)]
    bench.upf.receive(Packet("n6", "", [DOWN] * 30), bench.now)
    (packet,) = bench.upf.take_packets()
    assert (packet.port, packet.peer, len(packet.payload)) == ("n3", GNB_PORT, 30)
    assert len(set(packet.payload)) == 1


def test_a_bucket_that_is_asked_what_it_holds_keeps_it():
    bucket = TokenBucket(120_000, 0)
    assert bucket.holds(15_000, 0)
    assert not bucket.holds(15_001, 0)
    assert bucket.take(15_000, 0)
    assert not bucket.holds(1, 0)
