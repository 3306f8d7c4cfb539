"""Associations, restarts and reports on N4 (TS 29.244 clause 6.2), and the address pool."""

import random

import pytest

from awase.functions.smf.address_pools import AddressPool
from awase.model.part import Packet
from awase.model.settings import Dnn
from awase.protocols.nas.messages import PDUSessionReleaseCommand
from awase.protocols.pfcp import codec as pfcp
from awase.protocols.pfcp import messages as n4
from awase.protocols.pfcp.elements import ApplyAction, FTeid, NodeId, PfcpSeReqFlags, ReportType
from unit.functions.smf.fakes import SUPI, UPF, Bench, setup_response


def from_upf(bench: Bench, message: n4.Message, number: int = 1, seid: int | None = None) -> list[n4.Message]:
    """Hand the SMF a request of the UPF; what it answers."""
    sent: list[n4.Message] = []

    def watch(packet: Packet) -> bool:
        if packet.port == "n4":
            assert isinstance(packet.payload, bytes)
            sent.append(pfcp.decode(packet.payload)[1])
        return False

    bench.drop = watch
    bench.receive(Packet("n4", f"{UPF}:8805", pfcp.encode(message, sequence_number=number, seid=seid)))
    bench.pump()
    bench.drop = lambda packet: False
    return sent


def test_an_association_is_tried_until_the_upf_answers() -> None:
    bench = Bench(start=False)
    bench.upf.silent = True
    bench.smf.wake(bench.now_ns)
    bench.advance(30)
    assert bench.names().count("UpfNotAssociated") == 1
    bench.upf.silent = False
    bench.advance(10)
    assert bench.event("UpfAssociated").subject == "upf1"


def test_a_upf_that_restarted_gets_its_sessions_again_as_they_were() -> None:
    """TS 23.527 clause 4.3.2."""
    bench = Bench()
    bench.establish()
    (before,) = bench.upf.sessions.values()
    bench.upf.recovery += 100
    bench.upf.sessions.clear()
    bench.advance(31)
    assert "UpfRestarted" in bench.names()
    (after,) = bench.upf.sessions.values()
    assert after.pfcpse_req_flags == PfcpSeReqFlags.RESTI
    assert after.cp_f_seid == before.cp_f_seid
    assert after.create_pdr[0].pdi.ue_ip_address == before.create_pdr[0].pdi.ue_ip_address
    assert after.create_pdr[1].pdi.f_teid == FTeid(teid=0x1065, ipv4_address=UPF)
    far = after.create_far[0]
    assert far.apply_action == ApplyAction.FORW
    assert far.forwarding_parameters is not None
    assert far.forwarding_parameters.outer_header_creation is not None
    assert far.forwarding_parameters.outer_header_creation.teid == 7
    assert bench.amf.transfers[-1].n2_type == "PDU_RES_SETUP_REQ"


def test_a_upf_that_does_not_take_its_sessions_again_has_them_made_anew_by_the_ues() -> None:
    bench = Bench()
    reference = bench.establish()
    bench.upf.recovery += 100
    bench.upf.sessions.clear()
    bench.upf.cause = 75
    bench.advance(31)
    command = bench.amf.transfers[-1].n1
    assert isinstance(command, PDUSessionReleaseCommand)
    assert command.five_gsm_cause == 39
    bench.upf.cause = 1
    bench.complete(reference, pti=0)
    assert len(bench.smf.sessions) == 0


def test_a_upf_that_released_its_association_and_does_not_come_back_has_its_sessions_released() -> None:
    bench = Bench()
    bench.establish()
    from_upf(bench, n4.AssociationReleaseRequest(node_id=NodeId(ipv4_address=UPF)), number=9)
    bench.upf.silent = True
    bench.upf.sessions.clear()
    bench.smf.n4.upfs[0].associated = False
    bench.advance(31)
    command = bench.amf.transfers[-1].n1
    assert isinstance(command, PDUSessionReleaseCommand)
    assert command.five_gsm_cause == 39


def test_a_upf_that_is_lost_keeps_its_sessions_and_comes_back() -> None:
    bench = Bench()
    bench.establish()
    bench.upf.silent = True
    bench.advance(40)
    assert bench.event("UpfLost").level == "error"
    bench.upf.silent = False
    bench.advance(10)
    assert bench.names().count("UpfAssociated") == 2
    assert len(bench.smf.sessions) == 1


def test_an_association_by_the_upf_is_taken_from_peers_only() -> None:
    bench = Bench()
    setup = n4.AssociationSetupRequest(node_id=NodeId(ipv4_address=UPF), recovery_time_stamp=1000)
    (answer,) = from_upf(bench, setup)
    assert isinstance(answer, n4.AssociationSetupResponse)
    assert answer.cause == 1
    octets = pfcp.encode(setup, sequence_number=2)
    bench.upfs["10.6.6.6"] = bench.upf
    bench.receive(Packet("n4", "10.6.6.6:8805", octets))
    bench.pump()
    assert bench.event("UpfUnknown").config == "peers"


def test_a_report_of_an_unknown_session_is_refused() -> None:
    bench = Bench()
    report = n4.SessionReportRequest(report_type=ReportType.DLDR)
    (answer,) = from_upf(bench, report, seid=99)
    assert isinstance(answer, n4.SessionReportResponse)
    assert answer.cause == 65


def test_an_error_indication_stops_the_downlink() -> None:
    bench = Bench()
    bench.establish()
    report = n4.SessionReportRequest(
        report_type=ReportType.ERIR,
        error_indication_report=n4.ErrorIndicationReport(f_teid=(FTeid(teid=7, ipv4_address="10.0.0.9"),)),
    )
    answer, modification = from_upf(bench, report, seid=1)
    assert isinstance(answer, n4.SessionReportResponse)
    assert answer.cause == 1
    assert isinstance(modification, n4.SessionModificationRequest)
    assert modification.update_far[0].apply_action == ApplyAction.BUFF | ApplyAction.NOCP
    assert bench.event("GtpErrorIndication").subject == SUPI


def test_an_association_that_the_upf_releases_is_set_up_again() -> None:
    bench = Bench()
    answers = from_upf(bench, n4.AssociationReleaseRequest(node_id=NodeId(ipv4_address=UPF)))
    assert isinstance(answers[0], n4.AssociationReleaseResponse)
    bench.advance(1)
    assert bench.names().count("UpfAssociated") == 2


@pytest.mark.parametrize("loss", range(3))
def test_a_lost_datagram_is_sent_again(loss: int) -> None:
    bench = Bench()
    seen = 0

    def drop(packet: Packet) -> bool:
        nonlocal seen
        seen += packet.port == "n4"
        return packet.port == "n4" and seen == loss + 1

    bench.drop = drop
    bench.create()
    bench.advance(2)
    exchange = bench.setup_response("1")
    bench.advance(2)
    assert bench.answers[exchange].status == 204
    assert len(bench.upf.sessions) == 1


def test_random_and_mutated_octets_on_any_port_raise_nothing_and_change_nothing() -> None:
    bench = Bench()
    bench.establish()
    rng = random.Random(5)
    valid: list[Packet] = []
    bench.drop = lambda packet: bool(valid.append(packet))
    bench.setup_response("1")
    bench.drop = lambda packet: False
    sample = pfcp.encode(n4.SessionReportRequest(report_type=1), sequence_number=9, seid=1)
    for turn in range(600):
        base = bytearray(sample if turn % 2 else rng.randbytes(rng.randrange(60)))
        if base:
            base[rng.randrange(len(base))] = rng.randrange(256)
        port = "n4" if turn % 3 else "sbi"
        kind = "data" if port == "n4" else rng.choice(("request", "response", "abort"))
        bench.receive(Packet(port, f"{UPF}:8805", bytes(base), kind=kind, exchange=turn))  # type: ignore[arg-type]
        bench.smf.take_packets()
        bench.smf.take_events()
    assert len(bench.smf.sessions) == 1
    assert bench.smf.sessions.by_reference("1").address == "10.45.0.2"  # type: ignore[union-attr]


@pytest.mark.parametrize("seed", range(3))
def test_mutated_n1_and_n2_containers_are_answered(seed: int) -> None:
    bench = Bench()
    reference = bench.establish()
    rng = random.Random(seed)
    good = setup_response()
    for _ in range(200):
        n2 = bytearray(good)
        n2[rng.randrange(len(n2))] ^= 1 << rng.randrange(8)
        exchange = bench.modify(reference, n2=bytes(n2[: rng.randrange(len(n2) + 1)]), kind="PDU_RES_SETUP_RSP")
        assert bench.answers[exchange].status in (200, 204, 403)
        n1 = bytes.fromhex("2e01") + rng.randbytes(rng.randrange(12))
        exchange = bench.modify(reference, n1)
        assert bench.answers[exchange].status in (200, 204, 403)
        if not len(bench.smf.sessions):
            reference = bench.establish()


def test_a_pool_gives_the_address_that_was_free_for_longest_and_never_its_gateway() -> None:
    pool = AddressPool(Dnn(name="a", pool="10.0.0.0/29", gateway="10.0.0.3"), "dnns[0]")
    assert [pool.allocate() for _ in range(6)] == ["10.0.0.1", "10.0.0.2", "10.0.0.4", "10.0.0.5", "10.0.0.6", None]
    pool.release("10.0.0.4")
    pool.release("10.0.0.2")
    pool.release("10.0.0.2")
    assert [pool.allocate() for _ in range(3)] == ["10.0.0.4", "10.0.0.2", None]


@pytest.mark.parametrize(
    ("pool", "gateway"), [("10.0.0.0/31", None), ("10.0.0.1/24", None), ("x", None), ("10.0.0.0/24", "y")]
)
def test_a_pool_that_is_none_is_named(pool: str, gateway: str | None) -> None:
    with pytest.raises(ValueError, match=r"dnns\[0\]"):
        AddressPool(Dnn(name="a", pool=pool, gateway=gateway), "dnns[0]")


@pytest.mark.parametrize("wrong", [{"dns": ["a.b"]}, {"mtu_bytes": 70_000}])
def test_a_dnn_whose_options_cannot_be_sent_is_named(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"dnns\[0\]"):
        Bench(dnns=[{"name": "a", "pool": "10.0.0.0/24", **wrong}])


def test_a_dnn_in_a_slice_that_is_not_configured_is_named() -> None:
    with pytest.raises(ValueError, match=r"slice_dnns\[0\].dnns: 'x'"):
        Bench(slice_dnns=[{"sst": 1, "dnns": ["x"]}])


def test_the_same_input_gives_the_same_octets() -> None:
    def octets() -> list[bytes]:
        bench = Bench()
        seen: list[bytes] = []
        bench.drop = lambda packet: bool(seen.append(bytes(packet.payload)))  # type: ignore[arg-type]
        bench.create()
        return seen

    assert octets() == octets()


def test_an_smf_knows_its_upfs() -> None:
    bench = Bench()
    bench.smf.receive(Packet("n4", "10.66.0.1:8805", b"rubbish"), bench.now_ns)
    assert bench.smf.familiar("n4") == bench.smf.familiar("n4u") == [f"{UPF}:8805"]
    assert bench.smf.familiar("sbi") == []
