"""A linear programme with names: columns, rows in groups, and HiGHS to solve it.

A group is what a person can speak of: a rule, a crew, a year's budget. Rows without a group are bookkeeping and are
never blamed. One thread and a fixed seed: the same programme has the same answer.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

INFINITE = float("inf")
ROUNDING = 1e-9


@dataclass(slots=True)
class Row:
    """lower <= sum(coefficients * columns) <= upper; `size` is what a relaxation is compared with."""

    columns: list[int]
    coefficients: list[float]
    lower: float
    upper: float
    group: str = ""
    name: str = ""
    unit: str = ""
    size: float = 1.0


@dataclass(slots=True)
class Answer:
    """What HiGHS found: `values` by column, the objective, its proven bound, and duals by row of a linear programme."""

    status: Literal["optimal", "feasible", "infeasible", "stopped"]
    values: list[float] = field(default_factory=list)
    objective: float = 0.0
    bound: float = -INFINITE
    duals: list[float] = field(default_factory=list)

    @property
    def gap(self) -> float:
        """How far the objective may be from the best one, as a share of it."""
        if self.objective <= self.bound:
            return 0.0
        return (self.objective - self.bound) / max(abs(self.objective), 1e-9)


@dataclass(slots=True)
class Effort:
    """How hard to try: a gap that is good enough, at most so many nodes, seconds only if a person wants them."""

    gap: float = 0.01
    nodes: int = 20_000
    seed: int = 0
    seconds: float = INFINITE


class Programme:
    """Columns and rows; costs are to be minimised."""

    def __init__(self) -> None:
        self.lower: list[float] = []
        self.upper: list[float] = []
        self.integer: list[bool] = []
        self.rows: list[Row] = []

    def column(self, lower: float = 0.0, upper: float = INFINITE, *, integer: bool = False) -> int:
        """A new column, by number."""
        self.lower.append(lower)
        self.upper.append(upper)
        self.integer.append(integer)
        return len(self.lower) - 1

    def add(self, row: Row) -> None:
        """A new row."""
        self.rows.append(row)

    def groups(self) -> list[str]:
        """The groups, in the order in which they came."""
        return list(dict.fromkeys(row.group for row in self.rows if row.group))

    def minimise(
        self,
        costs: dict[int, float],
        effort: Effort,
        *,
        integer: bool = True,
        without: Collection[str] = (),
        elastic: Collection[str] | None = None,
        hint: Sequence[float] = (),
    ) -> Answer:
        """The best answer. `without`: groups that do not count; `elastic`: groups that may be broken at a price."""
        import highspy

        if not self.lower and not elastic:
            return _empty(self, without)
        solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
        for name, value in _settings(effort).items():
            solver.setOptionValue(name, value)
        wanted = [row for row in self.rows if not row.group or row.group not in without]
        lp = _linear(self, wanted, costs, elastic or (), integer)
        solver.passModel(lp)
        if hint:
            start = highspy.HighsSolution()
            start.col_value = [*hint, *([0.0] * (lp.num_col_ - len(hint)))]
            solver.setSolution(start)
        solver.run()
        return _answer(solver, len(wanted), integer)


def _empty(programme: Programme, without: Collection[str]) -> Answer:
    """A programme without any column: its rows hold as they are, or do not."""
    rows = [row for row in programme.rows if not row.group or row.group not in without]
    if any(row.lower > ROUNDING or row.upper < -ROUNDING for row in rows):
        return Answer("infeasible")
    return Answer("optimal", bound=0.0, duals=[0.0] * len(rows))


def _settings(effort: Effort) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "output_flag": False,
        "threads": 1,
        "parallel": "off",
        "random_seed": effort.seed % 2**31,
        "mip_rel_gap": effort.gap,
        "mip_abs_gap": 1e-9,
        "mip_max_nodes": effort.nodes,
        "mip_feasibility_tolerance": 1e-7,
        "primal_feasibility_tolerance": 1e-8,
    }
    if effort.seconds < INFINITE:
        settings["time_limit"] = effort.seconds
    return settings


def _linear(
    programme: Programme, rows: list[Row], costs: dict[int, float], elastic: Collection[str], integer: bool
) -> Any:
    import highspy
    import numpy as np

    lower, upper, kinds = list(programme.lower), list(programme.upper), list(programme.integer)
    cost = [costs.get(column, 0.0) for column in range(len(lower))]
    starts, index, value = [0], list[int](), list[float]()
    for row in rows:
        index.extend(row.columns)
        value.extend(row.coefficients)
        for sign, bound in ((-1.0, row.upper), (1.0, row.lower)):
            if row.group in elastic and abs(bound) < INFINITE:
                index.append(len(lower))
                value.append(sign)
                lower.append(0.0)
                upper.append(INFINITE)
                kinds.append(False)
                cost.append(1.0 / max(row.size, 1e-9))
        starts.append(len(index))
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(lower), len(rows)
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = np.array(cost), np.array(lower), np.array(upper)
    lp.row_lower_ = np.array([row.lower for row in rows], dtype=float)
    lp.row_upper_ = np.array([row.upper for row in rows], dtype=float)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.array(starts, dtype=np.int32)
    lp.a_matrix_.index_ = np.array(index, dtype=np.int32)
    lp.a_matrix_.value_ = np.array(value, dtype=float)
    if integer and any(kinds):
        types = highspy.HighsVarType
        lp.integrality_ = [types.kInteger if one else types.kContinuous for one in kinds]
    return lp


def _answer(solver: Any, rows: int, integer: bool) -> Answer:
    import highspy

    status = solver.getModelStatus()
    info = solver.getInfo()
    names = highspy.HighsModelStatus
    if status in (names.kInfeasible, names.kUnboundedOrInfeasible):
        return Answer("infeasible")
    has_values = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    if not has_values:
        return Answer("stopped")
    solution = solver.getSolution()
    is_mip = integer and info.mip_node_count >= 0
    objective = float(info.objective_function_value)
    bound = float(info.mip_dual_bound) if is_mip else objective
    duals = [] if is_mip else [float(dual) for dual in solution.row_dual][:rows]
    done = "optimal" if status == names.kOptimal else "feasible"
    values = [float(value) for value in solution.col_value]
    return Answer(done, values, objective, bound, duals)  # type: ignore[arg-type]
