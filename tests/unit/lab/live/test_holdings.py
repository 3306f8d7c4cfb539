"""What a network that is up holds."""

from collections.abc import Callable
from typing import Any

import msgspec

from awase.lab.assembly import Assembly
from awase.lab.live.holdings import CoreCount, Holdings
from unit.lab.test_assembly import assembled


class Process:
    """One that answers at once."""

    def __init__(self, assembly: Assembly, books: dict[str, list[tuple[str, str, str]]]) -> None:
        self.parts = [part for part in assembly.parts if part.name in books]
        self.serving = self.alive = True
        self.asked = 0
        self._books = books

    def ask(self, _do: str, then: Callable[[Any], None]) -> None:
        self.asked += 1
        then(self._books)


def test_a_session_is_lost_that_the_smf_or_the_upf_that_was_swapped_has_no_more() -> None:
    before = Holdings(frozenset("abc"), frozenset("123"))
    assert before.lost(before) == 0
    assert before.lost(Holdings(frozenset("ab"), frozenset("123"))) == 1
    assert before.lost(Holdings(frozenset("abc"), frozenset("1"))) == 2
    assert before.lost(Holdings(frozenset("abcd"), None)) == 0


def test_a_core_without_ues_in_its_file_counts_those_that_amf_and_smf_know() -> None:
    whole = assembled()
    alone = msgspec.structs.replace(whole, parts=tuple(part for part in whole.parts if part.function != "ue"))
    books = {
        "amf": [("registrations", "imsi-1", ""), ("registrations", "imsi-2", ""), ("sm contexts", "imsi-1/1", "")],
        "smf": [("sessions", "imsi-1/1", "")],
        "udr": [("amf registrations", "imsi-1", "")],
    }
    count, process = CoreCount(alone.parts), Process(alone, books)
    for _ in range(8):
        count.ask([process])  # type: ignore[list-item]
    assert (count.registered, count.sessions, process.asked) == (2, 1, 2)
    count.forget("amf")
    assert (count.registered, count.sessions) == (0, 1)
    with_ues = CoreCount(whole.parts)
    with_ues.ask([process])  # type: ignore[list-item]
    assert not with_ues.counts
    assert with_ues.registered == 0
