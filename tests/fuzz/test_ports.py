"""Every port of every part, at twelve moments of a network's life, gets what nobody should send.

By hand, ten times as much: AWASE_FUZZ=10 pytest tests/fuzz/test_ports.py
"""

import os
import random
from collections.abc import Iterable
from functools import cache
from itertools import islice

import pytest

from awase.model.part import Event, Packet
from awase.protocols.ngap import codec as ngap
from awase.protocols.ngap.messages import ErrorIndication
from awase.protocols.pfcp import codec as pfcp
from awase.protocols.sbi import bhttp
from fuzz.ambush import (
    MOMENTS,
    PORTS,
    STRANGER,
    Ambush,
    Tape,
    hostile,
    moments,
    of_a_stranger,
    size,
    undecodable,
)

SHOTS = 84 * int(os.environ.get("AWASE_FUZZ", "1"))
"""At each moment: three tests, twelve moments, 3,000 packets a port."""
GROWTH = 3000
"""Entries that a part's tables may have more than without: what its limits let strangers have for a while."""

_SUPPORTED_EXTENSION_HEADERS_NOTIFICATION = 31
_VERSION_NOT_SUPPORTED_RESPONSE = 11


@cache
def undisturbed() -> Ambush:
    return Ambush().run()


def named(ports: tuple[tuple[str, str], ...]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("name", "port"), ports, ids=[f"{name}-{port}" for name, port in ports])


def ambush(name: str, port: str, arms, judge=None) -> Ambush:
    quiet = undisturbed()
    # Not `hash`: the same packets in every process.
    rng = random.Random(f"{name} {port}")
    all_that_comes = quiet.tape.received(name, port)

    def shots(run: Ambush) -> Iterable[Packet]:
        stock = all_that_comes
        if arms is of_a_stranger:
            # A stranger has only heard what was said so far.
            stock = run.tape.received(name, port, run.clockwork.now_ns) or [Packet(port, STRANGER)]
        return islice(arms(rng, stock), SHOTS)

    run = Ambush(name, shots, judge)
    run.run(moments(quiet.times_ns))
    assert run.shot == SHOTS * MOMENTS
    assert [event.text for _, event in run.tape.events if event.name == "PartFailed"] == []
    return run


def is_served(tape: Tape, ue: str) -> bool:
    return {"Registered", "SessionEstablished", "PingFinished"} <= set(tape.names(ue))


def is_error(answer: Packet) -> bool:
    """Whether it is what the standards have for octets that are no message."""
    assert isinstance(answer.payload, bytes)
    match answer.port:
        case "n2":
            message = ngap.decode(answer.payload)
            return isinstance(message, ErrorIndication) and str(message.cause) == "protocol/transfer-syntax-error"
        case "n3" | "n4u":
            return answer.payload[1] == _SUPPORTED_EXTENSION_HEADERS_NOTIFICATION
        case "n4":
            if answer.payload[1] == _VERSION_NOT_SUPPORTED_RESPONSE:
                return True
            _, message = pfcp.decode(answer.payload)
            return int(message.cause) > 1
        case "sbi":
            return answer.kind == "response" and bhttp.decode_response(answer.payload).status == 400
    return False


def test_the_network_works_when_nobody_shoots():
    tape = undisturbed().tape
    assert is_served(tape, "ue1")
    assert is_served(tape, "ue2")
    assert {port for _, port in PORTS} == {packet.port for *_, packet in tape.packets}


@named(PORTS)
def test_what_cannot_be_decoded_is_refused_and_changes_nothing(name: str, port: str):
    events: list[Event] = []

    def judge(packet: Packet, answers: list[Packet], reported: list[Event]) -> None:
        assert all(map(is_error, answers)), (packet, answers)
        assert {event.name for event in reported} <= {"MalformedPacket"}, (packet, reported)
        events.extend(reported)

    run = ambush(name, port, undecodable, judge)
    # All that the parts said to one another is as if nothing had been there: the octets, and when.
    assert run.tape.packets == undisturbed().tape.packets
    assert events
    assert len(events) <= 20 * MOMENTS


@named(PORTS)
def test_nothing_raises_and_no_table_grows(name: str, port: str):
    run = ambush(name, port, hostile)
    before, after = size(undisturbed().part(name).part), size(run.part(name).part)
    assert {path: count for path, count in after.items() if count > before.get(path, 0) + GROWTH} == {}


@named(tuple((name, port) for name, port in PORTS if port != "n6"))
def test_a_stranger_is_none_of_the_ues_business(name: str, port: str):
    run = ambush(name, port, of_a_stranger)
    assert is_served(run.tape, "ue1")
    assert is_served(run.tape, "ue2")
