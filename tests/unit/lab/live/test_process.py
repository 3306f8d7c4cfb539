"""A process of a network that is up, as its supervisor sees it."""

import time
from pathlib import Path

from awase.lab.live.process import STEADY_S, PartProcess


def test_only_ends_soon_after_a_start_count_and_a_long_life_forgives_them(tmp_path: Path) -> None:
    process = PartProcess("amf", (), frozenset(), tmp_path / "amf.log")
    counts = []
    for lived_s in (0, 0, 0, STEADY_S + 1, 0):
        process.started_s = time.monotonic() - lived_s
        counts.append(process.early_ends())
    assert counts == [1, 2, 3, 1, 2]
