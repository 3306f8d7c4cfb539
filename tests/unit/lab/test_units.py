import pytest

from awase.lab.problems import NetworkFileError, Problem, Problems, a, choose
from awase.lab.units import base_of, converted, quantity, respelled, unit_of


@pytest.mark.parametrize(
    ("value", "unit", "wanted", "text"),
    [
        (5, "ms", "us", "5000"),
        (250, "us", "ms", "0.25"),
        (1, "gbps", "mbps", "1000"),
        (1.5, "MB", "bytes", "1500000"),
        (2, "ms", "mbps", None),
        (2, "parsecs", "us", None),
    ],
)
def test_units_of_one_dimension_are_converted(value: float, unit: str, wanted: str, text: str | None) -> None:
    assert converted(value, unit, wanted) == text


def test_the_unit_ends_the_name() -> None:
    assert (unit_of("delay_us"), base_of("delay_us")) == ("us", "delay")
    assert (unit_of("class"), base_of("class")) == ("", "class")
    assert unit_of("s") == ""


def test_what_to_write_for_a_quantity_in_words() -> None:
    assert quantity("5 ms", "delay_us") == "5000"
    assert quantity("5%", "loss") == "0.05"
    assert quantity("soon", "delay_us") is None
    assert quantity("5 ms", "loss") is None


def test_a_key_that_differs_in_the_unit_only_is_respelled() -> None:
    assert respelled("delay_ms", 5, "delay_us") == "5000"
    assert respelled("delay", 5, "delay_us") is None
    assert respelled("delay_ms", "5", "delay_us") is None
    assert respelled("delay_ms", True, "delay_us") is None
    assert respelled("jitter_ms", 5, "delay_us") is None


def test_the_nearest_known_word_comes_first() -> None:
    assert choose("subscribr", ["amf", "subscriber"]) == "did you mean subscriber? known: amf, subscriber"
    assert choose("x", ["b", "a"]) == "known: a, b"
    assert choose("x", []) == "there is none"


def test_functions_have_their_article() -> None:
    assert [a(name) for name in ("amf", "smf", "ue", "udm", "gnb", "o_du")] == [
        "an amf", "an smf", "a ue", "a udm", "a gnb", "an o_du",
    ]  # fmt: skip


def test_problems_are_shown_in_the_order_of_their_lines_and_bounded() -> None:
    problems = Problems()
    problems.check()
    for line in range(40, 0, -1):
        problems.add(f"f.yaml:{line}", "a.b", "is wrong", "mend it")
        problems.add(f"f.yaml:{line}", "a.b", "is wrong", "mend it")
    with pytest.raises(NetworkFileError) as refused:
        problems.check()
    assert len(refused.value.problems) == 40
    lines = str(refused.value).splitlines()
    assert lines[:2] == ["f.yaml:1: a.b: is wrong", "  mend it"]
    assert lines[-1] == "and 20 more"


def test_a_problem_without_a_place_is_shown_without_one() -> None:
    assert str(Problem("", "", "is wrong")) == "is wrong"
