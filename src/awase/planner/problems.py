"""What is wrong with a planner's input: the vocabulary's problems, under the planner's own error."""

from awase.model.problems import InputError, Place, Problem, choose
from awase.model.problems import Problems as AnyProblems

__all__ = ["Place", "PlanInputError", "Problem", "Problems", "choose"]


class PlanInputError(InputError):
    """Input that cannot be planned with; `problems` says why, one by one."""


class Problems(AnyProblems):
    """Collects problems, so that they are shown together."""

    error = PlanInputError
