import pytest

from awase.model.run import RunResult, Status, Verdict


def result(*statuses: Status) -> RunResult:
    verdicts = tuple(Verdict(id="v", title="t", status=status) for status in statuses)
    return RunResult(name="x", seed=1, verdicts=verdicts)


@pytest.mark.parametrize(
    ("statuses", "passed"),
    [
        (("pass", "pass"), True),
        (("pass", "fail"), False),
        (("inconclusive",), False),
        (("not applicable",), False),
        ((), False),
    ],
)
def test_a_run_passes_only_if_there_are_verdicts_and_each_is_pass(statuses: tuple[Status, ...], passed: bool) -> None:
    assert result(*statuses).passed is passed
