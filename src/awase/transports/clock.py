"""The clock of parts in real time: it follows wall time and never goes backward (DESIGN section 2)."""

import time
from collections.abc import Callable

NS_PER_S = 1_000_000_000
SLEW = 10
"""An error of wall time is made good at a tenth of the pace of time."""
STEP_NS = NS_PER_S
"""Wall time that is ahead by more (the host slept) is caught up with at once: timers that are due are due."""
_LOOK_EVERY_NS = NS_PER_S // 2


class Clock:
    """Nanoseconds since the Unix epoch: monotonic time with an offset that is led towards wall time."""

    __slots__ = ("_anchor_ns", "_looked_ns", "_monotonic_ns", "_offset_ns", "_target_ns", "_wall_ns")

    def __init__(
        self, monotonic_ns: Callable[[], int] = time.monotonic_ns, wall_ns: Callable[[], int] = time.time_ns
    ) -> None:
        self._monotonic_ns = monotonic_ns
        self._wall_ns = wall_ns
        self._looked_ns = self._anchor_ns = monotonic_ns()
        self._offset_ns = self._target_ns = wall_ns() - self._looked_ns

    def now_ns(self) -> int:
        """The time."""
        now_ns = self._monotonic_ns()
        if now_ns - self._looked_ns >= _LOOK_EVERY_NS:
            self._look(now_ns)
        if self._offset_ns == self._target_ns:
            return now_ns + self._offset_ns
        return now_ns + self._led(now_ns)

    def _led(self, now_ns: int) -> int:
        """The offset on its way to where it should be."""
        most = (now_ns - self._anchor_ns) // SLEW
        away = self._target_ns - self._offset_ns
        return self._offset_ns + max(-most, min(most, away))

    def _look(self, now_ns: int) -> None:
        offset_ns = self._led(now_ns)
        self._looked_ns = self._anchor_ns = now_ns
        self._target_ns = self._wall_ns() - now_ns
        if self._target_ns - offset_ns > STEP_NS:
            offset_ns = self._target_ns
        self._offset_ns = offset_ns
