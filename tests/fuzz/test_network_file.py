"""Any octets are a network or a NetworkFileError, never anything else."""

from random import Random

import pytest

from awase.lab.assemble import Options, assemble
from awase.lab.network_file import parse_network
from awase.lab.problems import NetworkFileError
from unit.lab.casting import NETWORK, catalogue

FULL = NETWORK + (
    "links: [{ends: [gnb1, amf], loss: 0.1, delay_us: 5}, {reference_point: N3, jitter_us: 5}]\n"
    "cast: {amf: awase+misleading-cause, upf: {supplier: awase, quirks: []}}\n"
    "run: {clock: virtual, seed: 7, until: all verdicts}\n"
    "expect: {ue2: {registration: rejected, cause: 62}, gnb: {ng_setup: refused}}\n"
)
WORDS = (
    "[]", "{}", "null", "1", "-1", "1.5", "true", '""', "x", "[1]", "{a: b}", "[[]]", "ue1", "gnb1", "&a 1", "*a",
    "00101", "9999999999999999", "imsi-1", "10.0.0.0/8", "!x 1", "5 ms", "\x00", "{function: ue}", "0", '"\\n"',
)  # fmt: skip


def mutated(text: str, rng: Random) -> str:
    for _ in range(rng.randint(1, 2)):
        at = rng.randrange(len(text))
        kind = rng.randrange(6)
        if kind == 0:
            text = text[:at] + chr(rng.choice((9, 10, 32, 34, 39, 42, 44, 58, 91, 93, 123, 125, 233))) + text[at + 1 :]
        elif kind == 1:
            text = text[:at] + text[at + rng.randint(1, 12) :]
        elif kind == 2:
            text = text[:at] + rng.choice(WORDS) + text[at:]
        else:
            # Another value under a key.
            start = text.find(": ", at) + 2
            ends = [end for end in (text.find(mark, start) for mark in ",}\n]") if end > start]
            if start > 1 and ends:
                text = text[:start] + rng.choice(WORDS) + text[min(ends) :]
    return text


@pytest.mark.parametrize("seed", range(4))
def test_any_text_is_a_network_or_is_refused_in_words(seed: int) -> None:
    rng = Random(seed)
    offers = catalogue()
    run = refused = 0
    for _ in range(500):
        octets = mutated(FULL, rng).encode()
        try:
            assemble(parse_network(octets, "f.yaml"), Options(ues=3), offers)
            run += 1
        except NetworkFileError as error:
            refused += bool(str(error).strip())
    assert run > 0
    assert refused == 500 - run
