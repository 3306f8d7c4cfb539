"""A verdict holds each UE to its own expectation."""

import pytest

from awase.lab.evidence import verdicts
from awase.lab.evidence.subscribers import Subscriber
from awase.lab.evidence.traffic import Flows
from awase.model.network import Expectation
from awase.protocols.ip.measurement import Data, FlowSink

GATEWAY = bytes((10, 45, 0, 1))
ONE, TWO = bytes((10, 45, 0, 2)), bytes((10, 45, 0, 3))


def subscriber(name: str, **expected: object) -> Subscriber:
    return Subscriber(name, f"imsi-{name}", Expectation(**expected), 1)


def flow(total: int, received: int) -> FlowSink:
    sink = FlowSink(total)
    for number in range(received):
        sink.add(Data(1, number, total, 0), 1250, 1000 * (number + 1))
    return sink


def judge(owners: dict[bytes, Subscriber], *sinks: tuple[bytes, bytes, FlowSink]) -> tuple[str, str]:
    seen = Flows()
    seen.sinks = {(source, destination, 1): sink for source, destination, sink in sinks}
    verdict = verdicts.flows(seen, len(sinks), owners, lambda _: "")
    return verdict.status, verdict.text


def test_what_one_ue_may_lose_excuses_no_other() -> None:
    owners = {ONE: subscriber("ue1", traffic="some", loss_at_most=0.5), TWO: subscriber("ue2")}
    tolerated, lossy, whole = flow(10, 6), flow(10, 9), flow(10, 10)
    assert judge(owners, (ONE, GATEWAY, tolerated), (TWO, GATEWAY, whole))[0] == "pass"
    status, text = judge(owners, (ONE, GATEWAY, tolerated), (TWO, GATEWAY, lossy))
    assert status == "fail"
    assert text.startswith("ue2: ")
    assert "9 of 10 arrived" in text


@pytest.mark.parametrize("downlink", [False, True])
def test_a_flow_is_its_ue_s_in_either_direction(downlink: bool) -> None:
    ends = (GATEWAY, ONE) if downlink else (ONE, GATEWAY)
    assert judge({ONE: subscriber("ue1")}, (*ends, flow(10, 9)))[1].startswith("ue1: ")


def test_a_flow_that_should_not_arrive_fails_when_it_does() -> None:
    assert judge({ONE: subscriber("ue1", traffic="none")}, (ONE, GATEWAY, flow(10, 1)))[0] == "fail"


def test_a_flow_of_an_address_that_no_session_was_given_must_be_whole() -> None:
    assert judge({}, (ONE, GATEWAY, flow(10, 9)))[1].startswith("10.45.0.2: ")


def test_a_flow_that_was_not_seen_fails() -> None:
    verdict = verdicts.flows(Flows(), 1, {}, lambda _: "")
    assert verdict.status == "fail"
