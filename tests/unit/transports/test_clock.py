"""The clock of parts in real time: led towards wall time, never backward."""

from itertools import pairwise

import pytest

from awase.transports.clock import Clock

S = 10**9


class Sources:
    """Monotonic and wall time as a test sets them."""

    def __init__(self):
        self.monotonic_ns, self.ahead_ns = 5 * S, 1_000 * S
        self.clock = Clock(lambda: self.monotonic_ns, lambda: self.monotonic_ns + self.ahead_ns)

    def after(self, ns, step_ns=S // 100):
        """The readings while so much time passes."""
        readings = []
        for _ in range(ns // step_ns):
            self.monotonic_ns += step_ns
            readings.append(self.clock.now_ns())
        return readings

    def error_ns(self):
        return self.clock.now_ns() - self.monotonic_ns - self.ahead_ns


def test_it_says_wall_time():
    sources = Sources()
    sources.after(3 * S)
    assert sources.error_ns() == 0


@pytest.mark.parametrize("change_ns", [-S // 5, S // 5, -3 * S])
def test_a_changed_wall_clock_is_followed_at_a_tenth_of_the_pace_of_time(change_ns):
    sources = Sources()
    before = sources.clock.now_ns()
    sources.ahead_ns += change_ns
    readings = [before, *sources.after(10 * abs(change_ns) + S)]
    steps = [later - earlier for earlier, later in pairwise(readings)]
    # A hundredth of a second each, more or less by a tenth; a nanosecond for what is cut off.
    assert min(steps) >= S // 100 * 9 // 10 - 1
    assert max(steps) <= S // 100 * 11 // 10 + 1
    assert sources.error_ns() == 0


def test_a_host_that_has_slept_is_caught_up_with_at_once():
    sources = Sources()
    sources.ahead_ns += 3600 * S
    sources.after(S)
    assert sources.error_ns() == 0


def test_a_wall_clock_that_jumps_to_and_fro_never_takes_it_backward():
    sources = Sources()
    readings = [sources.clock.now_ns()]
    for change_ns in (S // 3, -2 * S, 5 * S, -4 * S, S // 2, -S // 7):
        sources.ahead_ns += change_ns
        readings += sources.after(2 * S)
    assert readings == sorted(set(readings))
