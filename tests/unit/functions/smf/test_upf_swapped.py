"""A UPF that leaves, and another in its place that sets up the association (TS 29.244 clauses 6.2.6.3, 6.2.7)."""

from awase.model.part import Packet
from awase.protocols.pfcp import codec as pfcp
from awase.protocols.pfcp import messages as n4
from awase.protocols.pfcp.elements import NodeId, UpFunctionFeature, features
from unit.functions.smf.fakes import UPF, Bench


def leave(bench: Bench) -> None:
    update = n4.AssociationUpdateRequest(node_id=NodeId(ipv4_address=UPF), association_release_request=1)
    bench.receive(Packet("n4", f"{UPF}:8805", pfcp.encode(update, sequence_number=77)))
    asked = [pfcp.decode(packet.payload) for packet in bench.smf.take_packets()]  # type: ignore[arg-type]
    number = next(header.sequence_number for header, each in asked if isinstance(each, n4.AssociationReleaseRequest))
    released = n4.AssociationReleaseResponse(node_id=NodeId(ipv4_address=UPF), cause=1)
    bench.receive(Packet("n4", f"{UPF}:8805", pfcp.encode(released, sequence_number=number)))
    bench.pump()


def come(bench: Bench, number: int = 5) -> None:
    bench.upf.sessions.clear()
    bench.upf.silent = False
    bench.upf.recovery += 10
    setup = n4.AssociationSetupRequest(
        node_id=NodeId(ipv4_address=UPF),
        recovery_time_stamp=bench.upf.recovery,
        up_function_features=features(UpFunctionFeature.FTUP),
    )
    bench.receive(Packet("n4", f"{UPF}:8805", pfcp.encode(setup, sequence_number=number)))
    bench.pump()


def setups(bench: Bench) -> int:
    return sum(isinstance(message, n4.AssociationSetupRequest) for message in bench.upf.received)


def test_one_that_leaves_is_asked_again_only_a_little_later() -> None:
    bench = Bench()
    bench.establish()
    before = setups(bench)
    leave(bench)
    assert setups(bench) == before
    bench.advance(1.5)
    assert setups(bench) == before + 1
    assert bench.names().count("SessionsRestored") == 1


def test_one_that_comes_by_itself_has_all_sessions_at_once_and_is_asked_for_nothing() -> None:
    bench = Bench()
    bench.establish()
    before = setups(bench)
    leave(bench)
    come(bench)
    assert len(bench.upf.sessions) == 1
    bench.advance(20)
    assert setups(bench) == before
    assert len(bench.upf.sessions) == 1


def test_a_setup_of_ours_that_it_overtakes_is_not_sent_again() -> None:
    bench = Bench()
    bench.establish()
    leave(bench)
    bench.upf.silent = True
    bench.advance(1.2)
    before = setups(bench)
    come(bench)
    bench.advance(10)
    assert setups(bench) == before
    assert len(bench.upf.sessions) == 1


def test_one_that_comes_without_a_goodbye_of_the_one_before_has_all_sessions_too() -> None:
    bench = Bench()
    bench.establish()
    before = setups(bench)
    come(bench)
    bench.advance(10)
    assert len(bench.upf.sessions) == 1
    assert setups(bench) == before


def test_one_that_sets_up_again_with_what_it_had_starts_anew() -> None:
    bench = Bench()
    bench.establish()
    bench.upf.recovery -= 10
    come(bench)
    assert len(bench.upf.sessions) == 1
    assert "SessionsRestored" in bench.names()
