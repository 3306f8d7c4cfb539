"""The engine of our own parts: timers."""

from awase.lab.services import VirtualServices
from awase.model.machine import Machine


def machine() -> Machine:
    return Machine("part", VirtualServices(1, "part", lambda record: None))


def test_a_timer_that_starts_itself_anew_without_time_to_run_hands_back_control_each_round() -> None:
    part, fired = machine(), []

    def again() -> None:
        fired.append(part.now_ns)
        part.start_timer(0, again)

    part.wake(5)
    again()
    for rounds in range(2, 5):
        part.wake(5)
        assert len(fired) == rounds
        assert part.wake_at_ns() == 5


def test_timers_expire_in_order_though_most_are_stopped_meanwhile() -> None:
    part, fired = machine(), []
    part.wake(0)
    others = [part.start_timer(10, lambda: fired.append("another")) for _ in range(200)]

    def first() -> None:
        fired.append("first")
        for timer in others:
            timer.stop()

    part.start_timer(1, first)
    part.start_timer(2, lambda: fired.append("second"))
    part.wake(3)
    assert fired == ["first", "second"]
    assert part.wake_at_ns() is None
