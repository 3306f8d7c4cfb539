"""What the processes of a network saw, in one order of time."""

from io import BytesIO, StringIO

import msgspec

from awase.lab.assembly import Assembly
from awase.lab.capture.writer import CaptureWriter
from awase.lab.ladder import Ladder
from awase.lab.live.feed import Feed
from awase.lab.observer import MAX_EVENTS, RARE_EVENTS, Observer
from awase.model.part import NS_PER_MS, Event
from awase.protocols.gtpu import codec as gtpu
from awase.protocols.gtpu.messages import EchoRequest, EndMarker
from awase.transports.host import TapRecord
from unit.lab.test_assembly import assembled


def observed(assembly: Assembly) -> tuple[Feed, Observer]:
    ladder = Ladder(StringIO(), assembly.epoch_ns, [part.name for part in assembly.parts])
    observer = Observer(assembly, CaptureWriter(BytesIO(), assembly, clear=True), ladder)
    return Feed(assembly, observer), observer


def association(assembly: Assembly, gnb: str, time_ns: int) -> TapRecord:
    parts = {part.name: part for part in assembly.parts}
    local, peer = parts[gnb].addresses["n2"], parts["amf"].addresses["n2"]
    return TapRecord(time_ns, gnb, "n2", True, local, peer, "up", b"", 1)


def test_a_part_that_is_gone_takes_its_associations_with_it_and_no_others() -> None:
    assembly = assembled(gnbs=3)
    feed, _ = observed(assembly)
    for number in (1, 2, 3):
        feed.packet(association(assembly, f"gnb{number}", number))
    feed.advance(10, last=True)
    assert feed.associations == 3
    feed.forget("gnb2")
    assert feed.associations == 2
    feed.forget("gnb2")
    feed.forget("amf")
    assert feed.associations == 0


def test_what_is_rare_is_kept_though_the_run_has_had_its_fill_of_events() -> None:
    assembly = assembled()
    feed, observer = observed(assembly)
    for number in range(MAX_EVENTS + 1000):
        feed.event(number, "ue1", Event(name="PingFinished", text="a reply"))
    feed.event(MAX_EVENTS + 1000, "amf", Event(name="ProcessDied", text="it was killed", level="warning"))
    feed.advance(MAX_EVENTS + 1000, last=True)
    assert len(observer.events) == MAX_EVENTS + RARE_EVENTS + 1
    assert observer.events[-1].name == observer.latest[-1].name == "ProcessDied"
    assert observer.events_left_out == 1000 - RARE_EVENTS


def test_a_key_is_not_known_before_what_was_sent_before_it() -> None:
    assembly = assembled()
    feed, observer = observed(assembly)
    key = {"supi": "imsi-001010000000001", "kind": "knasenc", "key": "00" * 16}
    feed.key(100 * NS_PER_MS, key)
    feed.packet(association(assembly, "gnb1", 99 * NS_PER_MS))
    feed.advance(129 * NS_PER_MS)
    assert feed.associations == 1
    assert observer.keys.records == []
    feed.advance(130 * NS_PER_MS)
    assert [msgspec.json.decode(record) for record in observer.keys.records] == [key]


def test_each_packet_of_a_batch_has_its_line_in_the_ladder() -> None:
    assembly = assembled()
    file = StringIO()
    parts = {part.name: part for part in assembly.parts}
    ladder = Ladder(file, assembly.epoch_ns, list(parts))
    feed = Feed(assembly, Observer(assembly, CaptureWriter(BytesIO(), assembly, clear=True), ladder))
    batch = tuple(gtpu.encode(message) for message in (EndMarker(teid=7), EchoRequest(sequence_number=8)))
    ends = (parts["gnb1"].addresses["n3"], parts["upf"].addresses["n3"])
    feed.packet(TapRecord(1, "gnb1", "n3", True, *ends, "data", batch))
    feed.advance(1, last=True)
    lines = file.getvalue().splitlines()
    assert ["EndMarker" in line for line in lines].count(True) == 1
    assert ["EchoRequest" in line for line in lines].count(True) == 1
