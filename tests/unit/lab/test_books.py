"""After a run the books of the parts are compared: what one end alone still holds has leaked."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from awase.lab.assemble import Options, assemble
from awase.lab.assembly import Assembly
from awase.lab.books import During, audit, books_of, compare
from awase.lab.clockwork import Clockwork
from awase.lab.evidence.verdicts import books
from awase.lab.faults import Faults
from awase.lab.network_file import load_network
from awase.lab.run import run_network
from awase.model.books import KEPT_BY, BookEntry
from awase.model.part import NS_PER_S
from awase.model.run import Verdict
from unit.lab.toys import EPOCH_NS, Tape, Toy, ToyType, pair

SESSION = BookEntry("n4 sessions", "10.0.0.1/0000000000000001/10.0.0.2/0000000000000002")


class Keeper(ToyType):
    """Offers toys that show what a test has them hold."""

    def __init__(self, function: str, *held: BookEntry, script: Any = None) -> None:
        super().__init__(function, script)
        self.held = list(held)

    def build(self, *arguments: Any) -> Toy:
        toy = super().build(*arguments)
        toy.books = lambda: tuple(self.held)  # type: ignore[attr-defined]
        return toy


def n4(client: ToyType, server: ToyType) -> Assembly:
    return pair("N4", client, server)


def found(assembly: Assembly) -> Sequence[str]:
    tape = Tape()
    clockwork = Clockwork(assembly, tape)
    clockwork.run(EPOCH_NS + NS_PER_S, lambda: False)
    return [str(line) for line in audit(assembly, clockwork, Faults(assembly, clockwork)).disagreements]


def test_books_that_agree_are_no_finding() -> None:
    assembly = n4(Keeper("smf", SESSION), Keeper("upf", SESSION))
    clockwork = Clockwork(assembly, Tape())
    seen = compare(assembly.parts, books_of(clockwork))
    assert seen.entries == 2
    assert seen.disagreements == ()


def test_what_only_one_end_holds_is_said_in_words() -> None:
    assert found(n4(Keeper("smf", SESSION), Keeper("upf"))) == [
        "a holds 10.0.0.1/0000000000000001/10.0.0.2/0000000000000002 in 'n4 sessions', and no upf does"
    ]
    assert len(found(n4(Keeper("smf"), Keeper("upf", SESSION)))) == 1


def test_values_must_agree_as_keys_must() -> None:
    here, there = (BookEntry("routed addresses", "internet/10.45.0.2", value) for value in ("1", "2"))
    assert found(n4(Keeper("smf", here), Keeper("upf", there))) == [
        "a holds internet/10.45.0.2 (1) in 'routed addresses', and no upf does",
        "b holds internet/10.45.0.2 (2) in 'routed addresses', and no smf does",
    ]


def test_a_part_without_books_could_confirm_everything() -> None:
    assert found(n4(Keeper("smf", SESSION), ToyType("upf"))) == []


def test_a_book_whose_other_function_is_not_in_the_network_is_left_out() -> None:
    registration = BookEntry("smf registrations", "imsi-001010000000001/1", "internet")
    assert found(n4(Keeper("smf", registration), Keeper("upf"))) == []


def test_a_part_that_is_gone_is_left_out() -> None:
    assembly = n4(Keeper("smf", SESSION), Keeper("upf"))
    clockwork = Clockwork(assembly, Tape())
    clockwork.run(EPOCH_NS + NS_PER_S, lambda: False)
    clockwork.kill("b")
    assert audit(assembly, clockwork, Faults(assembly, clockwork)).disagreements == ()


def test_what_is_on_its_way_is_no_leak() -> None:
    upf = Keeper("upf", SESSION)

    def forget(toy: Toy) -> None:
        toy.start_timer(20 * NS_PER_S, upf.held.clear)

    upf = Keeper("upf", SESSION, script=forget)
    assert found(n4(Keeper("smf"), upf)) == []


def test_an_entry_that_comes_and_goes_is_no_leak_but_one_that_stays_is() -> None:
    smf = Keeper("smf")

    def replace(toy: Toy) -> None:
        smf.held[:] = [BookEntry("n4 sessions", str(toy.now_ns)), SESSION]
        toy.start_timer(NS_PER_S // 10, lambda: replace(toy))

    smf = Keeper("smf", script=replace)
    assert len(found(n4(smf, Keeper("upf")))) == 1


def in_the_run(assembly: Assembly, at_s: float, end_s: float) -> Verdict:
    """The verdict on books that were compared at a time in a run."""
    run = msgspec.structs.replace(assembly.network.run, books_at_s=(at_s,))
    network = msgspec.structs.replace(assembly.network, run=run)
    assembly = msgspec.structs.replace(assembly, network=network)
    clockwork = Clockwork(assembly, Tape())
    during, faults = During(assembly, clockwork), Faults(assembly, clockwork)
    clockwork.run(EPOCH_NS + round(end_s * NS_PER_S), lambda: False)
    return books(audit(assembly, clockwork, faults, during))


def test_what_only_one_end_holds_in_the_middle_of_the_run_fails_even_if_all_is_gone_at_its_end() -> None:
    smf = Keeper("smf", SESSION)
    smf = Keeper("smf", SESSION, script=lambda toy: toy.start_timer(20 * NS_PER_S, smf.held.clear))
    verdict = in_the_run(n4(smf, Keeper("upf")), 5, 30)
    assert verdict.status == "fail"
    assert verdict.text.startswith("at 5 s a holds 10.0.0.1/0000000000000001/")
    assert (verdict.figures["entries"], verdict.figures["entries at 5 s"]) == (0, 1)


def test_what_is_on_its_way_in_the_middle_of_the_run_is_no_leak() -> None:
    upf = Keeper("upf")
    upf = Keeper("upf", script=lambda toy: toy.start_timer(6 * NS_PER_S, lambda: upf.held.append(SESSION)))
    verdict = in_the_run(n4(Keeper("smf", SESSION), upf), 5, 30)
    assert verdict.status == "pass"
    assert (verdict.figures["entries"], verdict.figures["entries at 5 s"]) == (2, 1)


def test_the_books_of_many_are_full_when_they_are_compared(tmp_path: Path) -> None:
    """At the end all its UEs have gone, and there is nothing to compare."""
    result = run_network(assemble(load_network("many"), Options(ues=4, gnbs=2)), tmp_path / "run")
    verdict = next(verdict for verdict in result.verdicts if verdict.id == "books")
    assert (verdict.figures["entries"], verdict.figures["disagreements at 70 s"]) == (0, 0)
    # Of each UE its registration, its session at four ends, its N4 session, addresses and routes.
    assert int(verdict.figures["entries at 70 s"]) >= 4 * 12


@pytest.mark.parametrize(("book", "end"), [(book, end) for book in KEPT_BY for end in (0, 1)])
def test_a_leak_of_every_kind_at_either_end_is_named(book: str, end: int) -> None:
    functions = KEPT_BY[book]
    leaked = BookEntry(book, "a key", "a value")
    keepers = [Keeper(function, *((leaked,) if number == end else ())) for number, function in enumerate(functions)]
    assert found(n4(*keepers)) == [
        f"{'ab'[end]} holds a key (a value) in {book!r}, and no {functions[1 - end]} does",
    ]


def test_every_book_has_two_functions() -> None:
    assert all(len(set(functions)) == 2 for functions in KEPT_BY.values())
