"""How fast NGAP messages are, and how much faster than pycrate, in one run."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from awase.protocols.ngap import codec
from awase.protocols.ngap.messages import InitialUEMessage
from unit.protocols.ngap import pycrate_oracle

VECTORS = Path(__file__).parent.parent / "vectors" / "ngap"
PDUS = [bytes.fromhex(line) for path in sorted(VECTORS.glob("*/pdus.txt")) for line in path.read_text().split()]
INITIAL = next(octets for octets in PDUS if isinstance(codec.decode(octets), InitialUEMessage))
RATIO = 15
"""Encoding and decoding are to be at least so many times faster than pycrate's."""


def seconds(work: Callable[[], object], turns: int) -> float:
    """The CPU seconds of one turn, at its best of five."""
    best = float("inf")
    for _ in range(5):
        start = time.process_time()
        for _ in range(turns):
            work()
        best = min(best, (time.process_time() - start) / turns)
    return best


def test_initial_ue_message_is_decoded_15_times_faster_than_by_pycrate():
    ours = seconds(lambda: codec.decode(INITIAL), 1000)
    theirs = seconds(lambda: pycrate_oracle.decode(INITIAL), 50)
    print(f"decode: {ours * 1e6:.1f} us, pycrate {theirs * 1e6:.0f} us, ratio {theirs / ours:.0f}")
    assert theirs / ours > RATIO


def test_initial_ue_message_is_encoded_15_times_faster_than_by_pycrate():
    message, value = codec.decode(INITIAL), pycrate_oracle.decode(INITIAL)
    ours = seconds(lambda: codec.encode(message), 1000)
    theirs = seconds(lambda: pycrate_oracle.encode(value), 50)
    print(f"encode: {ours * 1e6:.1f} us, pycrate {theirs * 1e6:.0f} us, ratio {theirs / ours:.0f}")
    assert theirs / ours > RATIO


@pytest.mark.parametrize("way", ["decode", "encode"])
def test_initial_ue_message(benchmark, way):
    message = codec.decode(INITIAL)
    benchmark(codec.decode, INITIAL) if way == "decode" else benchmark(codec.encode, message)


FIRST_USE = """
import json, sys, time
start = time.process_time()
from awase.protocols.ngap import codec
imported = time.process_time()
messages = [codec.decode(bytes.fromhex(line)) for line in sys.stdin.read().split()]
for message in messages:
    codec.encode(message)
print(json.dumps([imported - start, time.process_time() - imported, len({type(m) for m in messages})]))
"""


def test_first_use_of_the_messages_of_a_session_takes_less_than_a_quarter_of_a_second():
    source = Path(codec.__file__).parents[3]
    lines = "\n".join(octets.hex() for octets in PDUS)
    best = min(
        json.loads(
            subprocess.run(
                [sys.executable, "-c", FIRST_USE],
                input=lines,
                env={"PYTHONPATH": str(source)},
                capture_output=True,
                text=True,
                check=True,
            ).stdout
        )
        for _ in range(3)
    )
    print(f"import {best[0] * 1e3:.0f} ms, first use of {best[2]} types {best[1] * 1e3:.0f} ms")
    assert best[1] < 0.25
