import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from awase.model.calendar import (
    Date,
    Quarter,
    at,
    between,
    days_between,
    first_day,
    index,
    last_day,
    last_quarter_by,
    months_after,
    plus,
    quarter,
    quarter_of,
    year_of,
)

INDICES = st.integers(1000 * 4, 2999 * 4 + 3)


@settings(derandomize=True)
@given(INDICES, INDICES)
def test_quarters_compare_as_text_as_they_do_in_time(first: int, second: int) -> None:
    assert (at(first) < at(second)) == (first < second)
    assert index(at(first)) == first


@settings(derandomize=True)
@given(INDICES)
def test_a_quarter_holds_its_first_and_last_day(number: int) -> None:
    own = at(number)
    assert quarter_of(first_day(own)) == quarter_of(last_day(own)) == own
    assert 89 <= days_between(first_day(own), last_day(own)) <= 91
    assert last_quarter_by(last_day(own)) == own


def test_what_is_due_within_a_quarter_is_done_in_the_one_before() -> None:
    assert last_quarter_by(Date("2023-01-28")) == "2022Q4"
    assert last_quarter_by(Date("2023-10-31")) == "2023Q3"
    assert last_quarter_by(Date("2027-12-31")) == "2027Q4"


def test_quarters_are_counted_over_years() -> None:
    assert plus(Quarter("2020Q4"), 1) == "2021Q1"
    assert plus(Quarter("2021Q1"), -5) == "2019Q4"
    assert between(Quarter("2020Q3"), Quarter("2021Q2")) == ("2020Q3", "2020Q4", "2021Q1", "2021Q2")
    assert between(Quarter("2021Q1"), Quarter("2020Q4")) == ()
    assert year_of(Quarter("2027Q4")) == 2027


def test_months_end_where_a_shorter_month_does() -> None:
    assert months_after(Date("2023-01-31"), 1) == "2023-02-28"
    assert months_after(Date("2024-01-31"), 1) == "2024-02-29"
    assert months_after(Date("2026-01-20"), 36) == "2029-01-20"
    assert months_after(Date("2026-11-30"), 1) == "2026-12-30"


@pytest.mark.parametrize("text", ["2027", "2027Q5", "2027q4", "Q42027", "", "20270Q4"])
def test_what_is_no_quarter_has_no_index(text: str) -> None:
    with pytest.raises(ValueError, match="is no quarter: write 2027Q4"):
        index(Quarter(text))


def test_there_is_no_fifth_quarter() -> None:
    with pytest.raises(ValueError, match="2027Q5 is no quarter"):
        quarter(2027, 5)
