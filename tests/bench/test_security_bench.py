"""How fast SNOW 3G and ZUC are in plain Python: on long data, and on a NAS message of 60 octets."""

import time

import pytest

from awase.security.nea import nea
from awase.security.nia import nia

KEY = bytes(range(16))
LONG, SHORT = bytes(range(250)) * 400, bytes(60)
CASES = [(work, algorithm) for algorithm in (1, 3) for work in (nea, nia)]


def seconds(work, algorithm, data, turns):
    """The CPU seconds of one turn, at its best of five."""
    best = float("inf")
    for _ in range(5):
        start = time.process_time()
        for _ in range(turns):
            work(algorithm, KEY, 1, 1, 0, data)
        best = min(best, (time.process_time() - start) / turns)
    return best


@pytest.mark.parametrize(("work", "algorithm"), CASES, ids=[f"{w.__name__}{a}" for w, a in CASES])
def test_snow_3g_and_zuc(benchmark, work, algorithm):
    rate = len(LONG) / seconds(work, algorithm, LONG, 1) / 1e6
    message = seconds(work, algorithm, SHORT, 100) * 1e6
    benchmark.extra_info.update(mb_per_s=rate, us_per_nas_message=message)
    print(f"{work.__name__}{algorithm}: {rate:.1f} MB/s, {message:.0f} us for 60 octets")
    benchmark(work, algorithm, KEY, 1, 1, 0, SHORT)
