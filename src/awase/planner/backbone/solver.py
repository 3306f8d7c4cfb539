"""HiGHS, silent and always the same: one thread, a fixed seed."""

from typing import Any


def solver(**options: Any) -> Any:
    """A programme without rows and columns yet; it minimises."""
    import highspy

    make: Any = highspy.Highs
    highs = make()
    for option, value in ({"output_flag": False, "threads": 1, "random_seed": 0} | options).items():
        highs.setOptionValue(option, value)
    return highs


def integer() -> Any:
    """The kind of a column that takes whole numbers only."""
    import highspy

    return highspy.HighsVarType.kInteger


def programme(
    columns: tuple[list[int], list[int], list[float]],
    bounds: tuple[list[float], list[float]],
    rows: tuple[list[float], list[float]],
) -> Any:
    """A linear programme by columns (starts, rows, values), their costs and upper bounds, and the rows' bounds."""
    import highspy
    import numpy as np

    module: Any = highspy
    made = module.HighsLp()
    starts, places, values = columns
    costs, most = bounds
    made.num_col_, made.num_row_ = len(costs), len(rows[0])
    made.col_cost_, made.col_lower_, made.col_upper_ = np.array(costs), np.zeros(len(costs)), np.array(most)
    made.row_lower_, made.row_upper_ = np.array(rows[0]), np.array(rows[1])
    made.a_matrix_.format_ = module.MatrixFormat.kColwise
    made.a_matrix_.start_, made.a_matrix_.index_ = np.array(starts), np.array(places)
    made.a_matrix_.value_ = np.array(values)
    return made


def failed(highs: Any) -> bool:
    """Whether a run found no optimum."""
    import highspy

    module: Any = highspy
    return bool(highs.getModelStatus() != module.HighsModelStatus.kOptimal)
