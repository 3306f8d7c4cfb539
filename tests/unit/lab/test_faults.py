"""Faults of the network file, played on toys: what each part and each link goes through, and when."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from awase.lab.assemble import assemble
from awase.lab.assembly import Assembly, PlacedFault
from awase.lab.clockwork import Clockwork
from awase.lab.fault_plan import place_faults
from awase.lab.faults import Faults
from awase.lab.network_file import parse_network
from awase.lab.problems import NetworkFileError
from awase.lab.run import run_network
from awase.model.network import FAULTS, FaultEntry, Network, PartEntry
from awase.model.part import NS_PER_MS, NS_PER_S, Packet
from unit.lab.toys import EPOCH_NS, Tape, Toy, ToyType, pair

AMF, AUSF, UPF = "10.0.0.2:38412", "10.0.0.2:8080", "10.0.0.2:2152"


def run(assembly: Assembly, *faults: dict[str, Any], seconds: float = 400) -> Tape:
    parts = {part.name: PartEntry(name=part.name, function=part.function) for part in assembly.parts}
    network = Network(name="toys", parts=parts, faults=tuple(msgspec.convert(fault, FaultEntry) for fault in faults))
    placed: tuple[PlacedFault, ...] = place_faults(network, assembly.links)
    assembly = msgspec.structs.replace(assembly, faults=placed)
    tape = Tape()
    clockwork = Clockwork(assembly, tape)
    Faults(assembly, clockwork)
    clockwork.run(EPOCH_NS + round(seconds * NS_PER_S), lambda: False)
    return tape


def heard(part_type: ToyType) -> list[tuple[float, str]]:
    """What a toy received: when, in seconds, and the payload or the kind."""
    assert part_type.toy is not None
    return [
        (round((at_ns - EPOCH_NS) / NS_PER_S, 3), packet.payload.decode() if packet.kind == "data" else packet.kind)
        for at_ns, packet in part_type.toy.received
    ]


def talking(*at_s: float):
    """A client that connects, and says when it is at these times."""

    def connect(toy: Toy) -> None:
        toy.send(Packet("n2", AMF, kind="connect"))

    def up(toy: Toy, packet: Packet) -> None:
        if packet.kind == "up":
            for second in at_s:
                said = Packet("n2", AMF, f"{second}".encode(), "data", packet.association, 0, 60)
                toy.start_timer(EPOCH_NS + round(second * NS_PER_S) - toy.now_ns, lambda said=said: toy.send(said))

    return connect, up


def asking(*at_s: float):
    """A client that asks at these times."""

    def script(toy: Toy) -> None:
        for number, second in enumerate(at_s, 1):
            request = Packet("sbi", AUSF, b"", "request", exchange=number)
            toy.start_timer(round(second * NS_PER_S), lambda request=request: toy.send(request))

    return script


def answering(toy: Toy, packet: Packet) -> None:
    toy.send(Packet("sbi", packet.peer, b"", "response", exchange=packet.exchange))


def test_a_killed_part_s_associations_are_aborted_and_its_peer_may_come_again_after_the_restart() -> None:
    def connect(toy: Toy) -> None:
        toy.send(Packet("n2", AMF, kind="connect"))

    def again(toy: Toy, packet: Packet) -> None:
        if packet.kind in ("down", "abort"):
            toy.start_timer(NS_PER_S, lambda: connect(toy))

    client, server = ToyType("gnb", connect, again), ToyType("amf")
    tape = run(pair("N2", client, server), {"at_s": 1, "kill": "amf", "restart_after_s": 2.5}, seconds=10)
    assert heard(client) == [(0.004, "up"), (1.001, "abort"), (2.003, "down"), (3.005, "down"), (4.009, "up")]
    assert heard(server) == [(4.008, "up")]
    assert [(name, text) for _, _, name, text in tape.faults] == [
        ("FaultBegins", "kill amf"),
        ("FaultEnds", "b starts again, its store kept"),
    ]


def test_what_a_killed_part_committed_is_there_again_and_what_it_only_put_is_not() -> None:
    found: list[tuple[bytes | None, bytes | None]] = []

    def write(toy: Toy) -> None:
        store = toy.services.store
        found.append((store.get("committed"), store.get("put")))
        store.put("committed", b"1")
        store.commit()
        store.put("put", b"2")

    kill = {"at_s": 1, "kill": "b", "restart_after_s": 1}
    run(pair("N3", ToyType("gnb"), ToyType("upf", write)), kill, seconds=5)
    assert found == [(None, None), (b"1", None)]
    found.clear()
    run(pair("N3", ToyType("gnb"), ToyType("upf", write)), {**kill, "store": "lost"}, seconds=5)
    assert found == [(None, None), (None, None)]


def test_a_restarted_part_draws_what_it_never_drew() -> None:
    drawn: list[bytes] = []

    def draw(toy: Toy) -> None:
        drawn.append(toy.services.random_bytes(8, "teid"))

    run(pair("N3", ToyType("gnb"), ToyType("upf", draw)), {"at_s": 1, "restart": "upf"}, seconds=2)
    assert len(set(drawn)) == 2


def test_requests_to_a_part_that_is_gone_are_refused_and_open_ones_reset() -> None:
    client, server = ToyType("amf", asking(0.5, 2, 4)), ToyType("ausf", None, lambda _toy, _packet: None)
    run(pair("N12", client, server), {"at_s": 1, "kill": "ausf", "restart_after_s": 2}, seconds=10)
    assert client.toy is not None
    aborted = [(at_ns - EPOCH_NS) / NS_PER_MS for at_ns, packet in client.toy.received if packet.kind == "abort"]
    assert aborted == [1001, 2002]
    assert heard(server) == [(4.003, "request")]


def test_an_answer_to_a_part_s_life_before_is_not_taken_for_one_to_its_life_after() -> None:
    late: list[Packet] = []

    def answer_in_turn(toy: Toy, packet: Packet) -> None:
        late.append(packet)
        if len(late) == 2:
            answering(toy, late[0])
            toy.start_timer(NS_PER_S, lambda: answering(toy, late[1]))

    client, server = ToyType("amf", asking(0.5)), ToyType("ausf", None, answer_in_turn)
    run(pair("N12", client, server), {"at_s": 1, "restart": "amf"}, seconds=10)
    assert client.toy is not None
    assert [(packet.kind, packet.exchange) for _, packet in client.toy.received] == [("response", 1)]
    assert heard(client)[0][0] > 2.5


def test_datagrams_over_a_cut_link_are_lost() -> None:
    def send(toy: Toy) -> None:
        for second in range(6):
            said = Packet("n3", UPF, b"%d" % second)
            toy.start_timer(second * NS_PER_S, lambda said=said: toy.send(said))

    server = ToyType("upf")
    run(pair("N3", ToyType("gnb", send), server), {"at_s": 1.5, "cut": "N3", "for_s": 2}, seconds=10)
    assert [text for _, text in heard(server)] == ["0", "1", "4", "5"]


def test_sctp_sends_again_when_its_time_out_expires_after_the_link_has_healed() -> None:
    client, server = ToyType("gnb", *talking(2, 2.5, 7, 10)), ToyType("amf")
    run(pair("N2", client, server), {"at_s": 1, "cut": ["a", "b"], "for_s": 5}, seconds=20)
    assert heard(server) == [(0.003, "up"), (9.001, "2"), (9.001, "2.5"), (9.001, "7"), (10.001, "10")]


def test_an_association_is_lost_63_s_after_what_was_sent_and_the_far_end_hears_of_it_when_the_link_heals() -> None:
    client, server = ToyType("gnb", *talking(2)), ToyType("amf")
    run(pair("N2", client, server), {"at_s": 1, "cut": "N2", "for_s": 100}, seconds=200)
    assert heard(client) == [(0.004, "up"), (65.0, "abort")]
    assert [text for _, text in heard(server)] == ["up", "abort"]
    assert 101 <= heard(server)[1][0] < 140


def test_an_association_on_which_nothing_is_sent_is_lost_after_six_heartbeats() -> None:
    client, server = ToyType("gnb", *talking()), ToyType("amf")
    run(pair("N2", client, server), {"at_s": 1, "cut": "N2"})
    assert heard(client)[1:] == heard(server)[1:] == [(244.0, "abort")]


def test_connecting_over_a_cut_link_succeeds_when_it_heals_and_fails_if_it_does_not() -> None:
    for lasts, expected in (({"for_s": 5}, (7.004, "up")), ({}, (243.0, "down"))):
        client = ToyType("gnb", talking()[0])
        run(pair("N2", client, ToyType("amf")), {"at_s": 0, "cut": "N2", **lasts})
        assert heard(client) == [expected]


def test_a_request_over_a_cut_link_arrives_late_or_is_reset_in_the_end() -> None:
    client, server = ToyType("amf", asking(2)), ToyType("ausf", None, answering)
    run(pair("N12", client, server), {"at_s": 1, "cut": "N12", "for_s": 6})
    assert heard(server) == [(9.003, "request")]
    client, server = ToyType("amf", asking(2)), ToyType("ausf", None, answering)
    run(pair("N12", client, server), {"at_s": 1, "cut": "N12"})
    assert heard(server) == []
    assert heard(client) == [(129.0, "abort")]


def test_a_partition_cuts_between_its_groups_only() -> None:
    client, server = ToyType("gnb", *talking(2)), ToyType("amf")
    run(pair("N2", client, server), {"at_s": 1, "partition": [["a"], ["b"]], "for_s": 2}, seconds=10)
    assert heard(server)[1] == (3.001, "2")
    client, server = ToyType("gnb", *talking(2)), ToyType("amf")
    run(pair("N2", client, server), {"at_s": 1, "partition": [["a", "b"], []], "for_s": 2}, seconds=10)
    assert heard(server)[1] == (2.001, "2")


def test_a_slow_link_is_slow_for_its_time_and_keeps_order() -> None:
    client, server = ToyType("gnb", *talking(0.5, 2.9, 3.1, 5)), ToyType("amf")
    run(pair("N2", client, server), {"at_s": 1, "slow": "N2", "delay_us": 500_000, "for_s": 2}, seconds=10)
    assert heard(server)[1:] == [(0.501, "0.5"), (3.4, "2.9"), (3.4, "3.1"), (5.001, "5")]


def test_a_part_whose_clock_is_skewed_sees_another_time_than_the_others() -> None:
    seen: dict[str, list[float]] = {"a": [], "b": []}

    def ticking(name: str):
        def tick(toy: Toy) -> None:
            seen[name].append((toy.now_ns - EPOCH_NS) / NS_PER_S)
            toy.start_timer(NS_PER_S, lambda: tick(toy))

        return tick

    assembly = pair("N3", ToyType("gnb", ticking("a")), ToyType("upf", ticking("b")))
    run(assembly, {"at_s": 1.5, "skew_clock": "upf", "by_s": 100, "for_s": 2}, seconds=5)
    assert seen["a"] == [0, 1, 2, 3, 4, 5]
    assert seen["b"][:4] == [0, 1, 101.5, 102.5]


def test_a_full_store_refuses_for_its_time() -> None:
    results: list[str] = []

    def write(toy: Toy) -> None:
        try:
            toy.services.store.put("key", b"")
            results.append("put")
        except OSError as error:
            results.append(str(error.strerror))
        toy.start_timer(NS_PER_S, lambda: write(toy))

    upf = ToyType("upf", write)
    run(pair("N3", ToyType("gnb"), upf), {"at_s": 0.5, "fill_store": "upf", "for_s": 1}, seconds=2)
    assert results == ["put", "No space left on device", "put"]


class Polite(ToyType):
    """Offers toys that say goodbye when they are stopped."""

    def __init__(self, function: str, farewell: Any) -> None:
        super().__init__(function, *talking())
        self.farewell = farewell

    def build(self, *arguments: Any) -> Toy:
        toy = super().build(*arguments)

        def stop(now_ns: int) -> None:
            toy.now_ns = now_ns
            self.farewell(toy)

        toy.stop = stop  # type: ignore[attr-defined]
        return toy


def test_a_part_that_is_stopped_says_goodbye_before_it_is_gone() -> None:
    def farewell(toy: Toy) -> None:
        said = Packet("n2", AMF, b"bye", "data", 1, 0, 60)
        toy.start_timer(NS_PER_S, lambda: toy.send(said))

    server = ToyType("amf")
    run(pair("N2", Polite("gnb", farewell), server), {"at_s": 1, "stop": "gnb", "restart_after_s": 5}, seconds=20)
    assert heard(server) == [(0.003, "up"), (2.001, "bye"), (2.001, "abort"), (6.003, "up")]


def test_a_part_that_does_not_end_is_gone_after_ten_seconds_and_one_that_cannot_leave_at_once() -> None:
    def forever(toy: Toy) -> None:
        toy.start_timer(NS_PER_S, lambda: forever(toy))

    for part_type, gone_s in ((Polite("gnb", forever), 11.001), (ToyType("gnb", *talking()), 1.001)):
        server = ToyType("amf")
        run(pair("N2", part_type, server), {"at_s": 1, "stop": "gnb"}, seconds=20)
        assert heard(server) == [(0.003, "up"), (gone_s, "abort")]


def test_a_part_that_raises_takes_its_associations_with_it() -> None:
    def fail(_toy: Toy, packet: Packet) -> None:
        if packet.kind == "data":
            raise ZeroDivisionError

    client = ToyType("gnb", *talking(1))
    run(pair("N2", client, ToyType("amf", None, fail)), seconds=5)
    assert heard(client) == [(0.004, "up"), (1.002, "abort")]


def refused(faults: str) -> str:
    text = f"""name: small
parts:
  ue1: {{function: ue}}
  gnb1: {{function: gnb}}
  amf: {{function: amf}}
faults:
{faults}
"""
    with pytest.raises(NetworkFileError) as caught:
        parse_network(text.encode(), "small.yaml")
    return str(caught.value)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("{at_s: 1, kill: anf}", "small.yaml:7: faults[0].kill: no part anf\n  did you mean amf?"),
        ("{at_s: 1, cut: [gnb1, upf]}", "faults[0].cut[1]: no part upf"),
        ("{at_s: 1, cut: N99}", "faults[0].cut: no reference point N99\n  write two parts, or one of Uu, N2"),
        ("{at_s: 1}", "faults[0]: no fault\n  each entry has one of kill, stop"),
        ("{at_s: 1, kill: amf, stop: amf}", "faults[0]: kill and stop at once"),
        ("{at_s: 1, kill: amf, for_s: 2}", "for_s does not go with kill\n  with it go restart_after_s, store"),
        ("{at_s: 1, slow: N2}", "slow says not how"),
        ("{at_s: 1, skew_clock: amf}", "skew_clock says not by how much"),
        ("{at_s: 1, partition: [[amf]]}", "one group only"),
        ("{at_s: 1, partition: [[amf], [amf]]}", "amf is in two groups"),
        ("{at_s: 1, kill: amf, recovers: [ue2]}", "faults[0].recovers[0]: no UE ue2"),
        ("{at_s: 1, kill: amf, recovers: [gnb1]}", "no UE gnb1"),
        ("{at_s: 1, kill: amf, within_s: 2}", "nobody is to recover within it"),
        ("{at_s: 1, kill: amf, recovers: [ue1], within_s: 0}", "faults[0].within_s"),
        ("{at_s: -1, kill: amf}", "faults[0].at_s"),
        ("{at_s: 1, kil: amf}", "did you mean kill?"),
        ("{at_s: 1, slow: N2, loss: 5}", "a share of all packets, 0 to 1"),
    ],
)
def test_a_fault_that_is_none_is_refused_with_its_line(fault: str, words: str) -> None:
    assert words in refused(f"  - {fault}")


def test_the_example_of_the_documentation_has_every_fault_with_every_key_and_runs(tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "concepts.md").read_text(encoding="utf-8")
    example = page.partition("```yaml\nfaults:")[2].partition("```")[0]
    for kind, keys in FAULTS.items():
        assert all(f"{key}:" in example for key in (kind, *keys))
    text = f"""name: small
plmn: "001-01"
run: {{until: 60}}
slices: [{{sst: 1}}]
dnns: [{{name: internet, pool: 10.45.0.0/16, dns: [10.45.0.1]}}]
subscribers: [{{supi: imsi-001010000000001, k: "{"46" * 16}", opc: "{"cd" * 16}"}}]
parts:
  ue1: {{function: ue, subscriber: imsi-001010000000001}}
  gnb1: {{function: gnb}}
  amf: {{function: amf}}
  smf: {{function: smf}}
  upf: {{function: upf}}
  ausf: {{function: ausf}}
  udm: {{function: udm}}
  udr: {{function: udr}}
  internet: {{function: data_network}}
faults:{example}"""
    result = run_network(assemble(parse_network(text.encode(), "small.yaml")), tmp_path / "run")
    assert [event.name for event in result.events].count("FaultBegins") == 9
    # The books cannot agree: an idle UE learns only at its next sign of life that the AMF has lost it.
    assert [verdict.text for verdict in result.verdicts if verdict.id == "parts" and verdict.status != "pass"] == []
