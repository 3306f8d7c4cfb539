"""The virtual clock carries packets as the links allow, in order, the same each time."""

import pytest

from awase.lab.clockwork import Clockwork
from awase.model.part import NS_PER_MS, NS_PER_S, Packet
from unit.lab.toys import EPOCH_NS, Tape, Toy, ToyType, pair, star


def run(assembly, tape: Tape | None = None, seconds: float = 10) -> Tape:
    tape = tape or Tape()
    Clockwork(assembly, tape).run(EPOCH_NS + round(seconds * NS_PER_S), lambda: False)
    return tape


def numbered(count: int):
    def send(toy: Toy) -> None:
        def one(number: int) -> None:
            toy.send(Packet("n3", "10.0.0.2:2152", number.to_bytes(2, "big")))
            if number + 1 < count:
                toy.start_timer(NS_PER_MS, lambda: one(number + 1))

        one(0)

    return send


def arrived(server: ToyType) -> list[int]:
    assert server.toy is not None
    return [int.from_bytes(packet.payload, "big") for _, packet in server.toy.received]


def test_a_datagram_arrives_after_the_link_s_delay_from_the_sender_s_address() -> None:
    server = ToyType("upf")
    run(pair("N3", ToyType("gnb", numbered(1)), server, delay_us=250))
    assert server.toy is not None
    assert server.toy.received == [(EPOCH_NS + 250_000, Packet("n3", "10.0.0.1:2152", b"\0\0"))]


def test_a_datagram_to_nobody_is_lost() -> None:
    server = ToyType("upf")

    def send(toy: Toy) -> None:
        toy.send(Packet("n3", "10.9.9.9:2152", b"x"))

    tape = run(pair("N3", ToyType("gnb", send), server))
    assert server.toy is not None
    assert server.toy.received == []
    assert tape.packets == []


@pytest.mark.parametrize(("fault", "least", "most"), [("loss", 850, 950), ("duplication", 1050, 1150)])
def test_losses_and_doubles_come_as_often_as_the_link_says(fault: str, least: int, most: int) -> None:
    server = ToyType("upf")
    run(pair("N3", ToyType("gnb", numbered(1000)), server, **{fault: 0.1}))
    assert least < len(arrived(server)) < most


def test_reordered_datagrams_all_arrive_but_not_in_order() -> None:
    server = ToyType("upf")
    run(pair("N3", ToyType("gnb", numbered(200)), server, reordering=0.2))
    assert arrived(server) != list(range(200))
    assert sorted(arrived(server)) == list(range(200))


def test_the_same_seed_gives_the_same_faults_and_another_seed_others() -> None:
    runs = []
    for seed in (1, 1, 2):
        server = ToyType("upf")
        run(pair("N3", ToyType("gnb", numbered(200)), server, seed=seed, loss=0.3, jitter_us=5000))
        runs.append(arrived(server))
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]


def test_a_rate_spaces_packets_and_a_full_queue_drops() -> None:
    server = ToyType("upf")

    def send(toy: Toy) -> None:
        for _ in range(10):
            toy.send(Packet("n3", "10.0.0.2:2152", bytes(1250)))

    run(pair("N3", ToyType("gnb", send), server, rate_mbps=0.2, delay_us=0))
    assert server.toy is not None
    times_ms = [(at_ns - EPOCH_NS) // NS_PER_MS for at_ns, _ in server.toy.received]
    assert times_ms == [50, 100, 150, 200, 250]


def test_loss_on_an_association_is_delay_and_order_is_kept() -> None:
    def connect(toy: Toy) -> None:
        toy.send(Packet("n2", "10.0.0.2:38412", kind="connect"))

    def client(toy: Toy, packet: Packet) -> None:
        if packet.kind == "up":
            for number in range(100):
                octets = number.to_bytes(2, "big")
                toy.send(Packet("n2", packet.peer, octets, "data", packet.association, 1, 60))

    server = ToyType("amf")
    run(pair("N2", ToyType("gnb", connect, client), server, loss=0.2), seconds=100)
    assert server.toy is not None
    data = [packet for _, packet in server.toy.received if packet.kind == "data"]
    assert [int.from_bytes(packet.payload, "big") for packet in data] == list(range(100))
    assert server.toy.received[-1][0] - EPOCH_NS > NS_PER_S


def test_connecting_to_nobody_is_refused() -> None:
    def connect(toy: Toy) -> None:
        toy.send(Packet("n2", "10.9.9.9:38412", kind="connect"))

    client = ToyType("gnb", connect)
    run(pair("N2", client, ToyType("amf")))
    assert client.toy is not None
    assert [packet.kind for _, packet in client.toy.received] == ["down"]
    assert client.toy.received[0][1].association is None


def test_a_closed_association_carries_nothing_more() -> None:
    def connect(toy: Toy) -> None:
        toy.send(Packet("n2", "10.0.0.2:38412", kind="connect"))

    def client(toy: Toy, packet: Packet) -> None:
        if packet.kind == "up":
            toy.send(Packet("n2", packet.peer, kind="abort", association=packet.association))
            toy.send(Packet("n2", packet.peer, b"late", "data", packet.association, 0, 60))

    server = ToyType("amf")
    run(pair("N2", ToyType("gnb", connect, client), server))
    assert server.toy is not None
    assert [packet.kind for _, packet in server.toy.received] == ["up", "abort"]


def test_a_request_to_nobody_is_reset_and_an_exchange_is_answered_once() -> None:
    def ask(toy: Toy) -> None:
        toy.send(Packet("sbi", "10.9.9.9:8080", b"", "request", exchange=1))
        toy.send(Packet("sbi", "10.0.0.2:8080", b"", "request", exchange=2))

    def answer(toy: Toy, packet: Packet) -> None:
        for _ in range(2):
            toy.send(Packet("sbi", packet.peer, b"", "response", exchange=packet.exchange))

    client = ToyType("amf", ask)
    run(pair("N12", client, ToyType("ausf", None, answer)))
    assert client.toy is not None
    assert [(packet.kind, packet.exchange) for _, packet in client.toy.received] == [("abort", 1), ("response", 2)]


def test_a_part_that_raises_stops_alone_and_says_where() -> None:
    def fail(_toy: Toy, _packet: Packet) -> None:
        raise ZeroDivisionError("by the stranger")

    server = ToyType("upf", None, fail)
    tape = run(pair("N3", ToyType("gnb", numbered(3)), server))
    assert [event.name for _, _, event in tape.events] == ["PartFailed"]
    assert "ZeroDivisionError: by the stranger (in fail, line" in tape.events[0][2].text
    assert len(tape.packets) == 3


def test_another_part_or_label_shifts_no_randomness() -> None:
    drawn: list[list[bytes]] = []

    def draw(extra: bool):
        def script(toy: Toy) -> None:
            if extra:
                toy.services.random_bytes(4, "other")
            drawn.append([toy.services.random_bytes(4, "label") for _ in range(2)])

        return script

    for extra in (False, True):
        run(pair("N3", ToyType("gnb", draw(extra)), ToyType("upf")))
    assert drawn[0] == drawn[1]
    assert drawn[0][0] != drawn[0][1]


def test_a_bridge_learns_which_address_is_behind_which_n6_link() -> None:
    def upf(source: int):
        def send(toy: Toy) -> None:
            toy.send(Packet("n6", "", bytes(12) + bytes((10, 0, 0, source)) + bytes((10, 0, 0, 9))))

        return send

    def reply(toy: Toy, packet: Packet) -> None:
        toy.send(Packet("n6", "", bytes(12) + packet.payload[16:20] + packet.payload[12:16]))

    upfs = [ToyType("upf", upf(1)), ToyType("upf", upf(2))]
    run(star(upfs, ToyType("data_network", None, reply)))
    for number, part_type in enumerate(upfs, 1):
        assert part_type.toy is not None
        assert [packet.payload[19] for _, packet in part_type.toy.received] == [number]
