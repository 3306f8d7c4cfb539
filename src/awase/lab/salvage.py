"""What is left of a Run folder when its disk is full: capture and ladder that end in whole records."""

import os
from contextlib import suppress
from pathlib import Path

from awase.lab.capture.pcapng import whole_blocks

SPARE = 1 << 20
"""Octets that the capture gives up where the disk has no room to say how the run ended."""


def salvage(capture: Path, ladder: Path, spare: int = 0) -> None:
    """Cut off what is not whole; `spare`: so many octets more of the capture, at most half, to make room."""
    with suppress(OSError):
        with capture.open("rb") as file:
            size = capture.stat().st_size
            end = whole_blocks(file, size - min(spare, size // 2))
        os.truncate(capture, end)
        text = ladder.read_bytes()
        os.truncate(ladder, text.rfind(b"\n") + 1)
