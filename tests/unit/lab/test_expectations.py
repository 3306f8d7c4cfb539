"""What a network file may expect of its parts is counted on the wire, and a wrong count fails its verdict."""

from pathlib import Path

import pytest

from awase.lab.assemble import Options, assemble
from awase.lab.evidence.procedures import Counts, Procedures, within, words
from awase.lab.network_file import parse_network, shipped_text
from awase.lab.problems import NetworkFileError
from awase.lab.run import run_network
from awase.model.network import Bounds, Expectation
from awase.protocols.nas import messages as nas
from unit.lab.casting import NETWORK


@pytest.mark.parametrize(
    ("bounds", "right", "wrong", "text"),
    [
        (2, (2,), (1, 3), "2 times"),
        (0, (0,), (1,), "never"),
        (Bounds(at_least=1), (1, 9), (0,), "at least 1"),
        (Bounds(at_most=2.5), (0, 2.5), (3,), "at most 2.5"),
        (Bounds(at_least=1, at_most=2), (1, 2), (0, 3), "at least 1 and at most 2"),
    ],
)
def test_a_count_is_exact_or_within_its_bounds(
    bounds: int | Bounds, right: tuple[float, ...], wrong: tuple[float, ...], text: str
) -> None:
    assert all(within(value, bounds) for value in right)
    assert not any(within(value, bounds) for value in wrong)
    assert words(bounds) == text


def test_what_is_not_yet_seen_often_enough_is_unmet() -> None:
    counts = Counts({"paging": 2, "rrc_release": Bounds(at_most=1)})
    assert counts.unmet == 1
    for name in ("paging", "other", "paging", "rrc_release", "rrc_release"):
        counts.add(name)
    assert counts.unmet == 0
    assert counts.faults() == [("rrc_release", "rrc_release was seen 2 times, expected at most 1")]


def test_a_registration_counts_as_what_its_request_said() -> None:
    expected = ("initial_registration", "mobility_registration_update", "periodic_registration_update")
    seen = Procedures(Expectation(procedures=dict.fromkeys(expected, 1)))
    request = bytes((0x7E, 0, nas.RegistrationRequest.message_type))
    accept = bytes((0x7E, 0, nas.RegistrationAccept.message_type, 1))
    for kind in (1, 2, 3, 3):
        assert not seen.message(request + bytes((0x70 | kind,)), True)
        assert seen.message(accept, False)
    assert seen.counts.seen == dict(zip(expected, (1, 1, 2), strict=True))


def test_a_session_procedure_counts_when_its_last_message_arrives_in_the_right_direction() -> None:
    names = ("pdu_session_modification", "ue_initiated_deregistration")
    seen = Procedures(Expectation(procedures=dict.fromkeys(names, 1)))
    complete = bytes((0x2E, 1, 0, nas.PDUSessionModificationComplete.message_type))
    transport = bytes((0x7E, 0, nas.ULNASTransport.message_type, 1, 0, len(complete))) + complete
    assert not seen.message(transport, False)
    assert seen.message(transport, True)
    switch_off = bytes((0x7E, 0, nas.DeregistrationRequestUEOriginating.message_type))
    assert not seen.message(switch_off + b"\x01", True)
    assert seen.message(switch_off + b"\x09", True)
    assert not seen.message(b"\x7e", True)
    assert seen.counts.seen == dict.fromkeys(names, 1)


def verdicts(expect: str, tmp_path: Path) -> dict[str, tuple[str, str]]:
    text = shipped_text("demo").replace("expect: {}", f"expect: {{{expect}}}")
    file = parse_network(text.encode(), "demo.yaml")
    result = run_network(assemble(file, Options(ues=1)), tmp_path / "run", until_s=5)
    return {verdict.id: (verdict.status, verdict.text) for verdict in result.verdicts}


def test_expectations_that_hold_pass(tmp_path: Path) -> None:
    expect = (
        "ue1: {procedures: {initial_registration: 1, pdu_session_establishment: 1, paging: 0}, "
        "flow_mbps: {at_least: 0.9}}, "
        "amf: {receives: {InitialUEMessage: 1, RegistrationRequest: {at_least: 1}}, sends: {RegistrationAccept: 1}}"
    )
    found = verdicts(expect, tmp_path)
    assert {status for status, _ in found.values()} == {"pass"}
    assert {"procedures", "messages", "flow"} <= set(found)


def test_expectations_that_do_not_hold_fail_and_say_what_was_seen(tmp_path: Path) -> None:
    expect = (
        "ue1: {procedures: {authentication: 2}, flow_mbps: {at_most: 0.5}}, gnb1: {sends: {NGReset: {at_least: 1}}}"
    )
    found = verdicts(expect, tmp_path)
    assert found["procedures"] == ("fail", "ue1: authentication was seen once, expected 2 times")
    assert found["messages"] == ("fail", "gnb1: sends: NGReset was seen never, expected at least 1")
    status, text = found["flow"]
    assert status == "fail"
    assert "Mbit/s, expected at most 0.5" in text


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("expect: {ue1: {procedures: {pagin: 1}}}", "no procedure pagin\n  did you mean paging?"),
        ("expect: {amf: {procedures: {paging: 1}}}", "procedures is nothing that an amf goes through"),
        ("expect: {ue1: {procedures: {paging: {most: 1}}}}", "expect.ue1.procedures.paging"),
    ],
)
def test_an_expectation_that_is_none_is_refused(line: str, words: str) -> None:
    with pytest.raises(NetworkFileError) as refused:
        parse_network((NETWORK + line).encode(), "f.yaml")
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("within", "status", "words"),
    [
        ("", "pass", ""),
        (", within_s: 4", "pass", ""),
        (", within_s: 0.5", "fail", "ue1: no echo request that left it within 0.5 s after the fault was answered"),
    ],
)
def test_a_fault_says_who_is_to_recover_and_by_which_clause(
    within: str, status: str, words: str, tmp_path: Path
) -> None:
    fault = f"{{at_s: 2.5, kill: upf, restart_after_s: 1, clause: TS 23.527 clause 4.3.2, recovers: [ue1]{within}}}"
    text = shipped_text("demo").replace("expect: {}", "expect: {ue1: {traffic: some, loss_at_most: 1}}")
    text = text.replace("\nfaults: []", f"\nfaults: [{fault}]", 1)
    text = text.replace("traffic:", "traffic:\n      - {ping: {count: 1}, at_s: 2, every_s: 2.2, until_s: 9}", 1)
    result = run_network(
        assemble(parse_network(text.encode(), "demo.yaml"), Options(ues=1)), tmp_path / "run", until_s=9
    )
    verdict = {verdict.id: verdict for verdict in result.verdicts}["restoration-1"]
    assert (verdict.status, verdict.clause) == (status, "TS 23.527 clause 4.3.2")
    assert verdict.text.startswith(words)
    assert verdict.title.endswith("after: kill upf at 2.5 s (TS 23.527 clause 4.3.2)")


def test_what_the_radio_link_repeats_is_one_message() -> None:
    seen = Procedures(Expectation())
    assert [seen.again(True, 1, number) for number in (1, 2, 1, 2)] == [False, False, True, True]
    assert not seen.again(False, 1, 1)
    assert not seen.again(True, 2, 1)
    assert [seen.again(True, 1, 0) for _ in range(2)] == [False, False]
    assert not any(seen.again(True, 1, 100 + number) for number in range(20))
    assert not seen.again(True, 1, 1)
