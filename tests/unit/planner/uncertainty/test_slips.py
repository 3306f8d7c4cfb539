"""Stretches say what the published progress says."""

import math

import pytest

from awase.planner.uncertainty.slips import STRETCHES, UK, US, Stretch


def test_the_american_stretch_goes_through_both_published_points() -> None:
    stretch = STRETCHES["us"]
    assert stretch.chance_of(4, 8) == pytest.approx(14 / 126)
    assert stretch.chance_of(4, 10) == pytest.approx(36 / 126)
    assert stretch.median == pytest.approx(3.03, abs=0.01)


def test_the_british_stretch_lies_between_the_two_milestones() -> None:
    stretch = STRETCHES["uk"]
    low, high = sorted(one.taken_months / one.planned_months for one in UK)
    assert low < stretch.median < high
    assert stretch.median == pytest.approx(math.sqrt(low * high))


def test_every_point_names_its_source_and_mark() -> None:
    assert all(one.source and one.text and one.mark == "D" for one in (*US, *UK))


def test_being_late_on_average_is_what_integration_says() -> None:
    stretch = Stretch("made", 1.2, 0.3)
    planned, allowed = 8.0, 9.0
    steps = 200_000
    total = 0.0
    for number in range(steps):
        z = -8 + 16 * (number + 0.5) / steps
        density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi) * 16 / steps
        total += max(0.0, planned * 1.2 * math.exp(0.3 * z) - allowed) * density
    assert stretch.expected_late(planned, allowed) == pytest.approx(total, rel=1e-6)


def test_what_is_planned_later_is_later() -> None:
    stretch = STRETCHES["uk"]
    late = [stretch.expected_late(planned, 12) for planned in range(16)]
    assert late == sorted(late)
    assert late[0] == 0.0


def test_without_slips_a_plan_is_late_only_if_it_says_so() -> None:
    none = STRETCHES["none"]
    assert none.expected_late(5, 5) == 0
    assert none.expected_late(6, 5) == 1
    assert none.chance_of(5, 5) == 1
    assert none.chance_of(6, 5) == 0
