"""The integer program: the smallest sets of cells whose change makes every sum hold again, all of them.

One whole number for each cell's change and one 0-1 variable that says whether it is changed at all; the sum of the weights of the
changed cells is made as small as it can be (Fellegi and Holt's principle). A set once found is forbidden by a cut, until
nothing as small is left. HiGHS solves it, with one thread and a fixed seed. What it may cost is bounded in solves and nodes, never in
time: a busy machine must give the answer of an idle one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import inf

import highspy
import numpy as np

from audits.locate.problem import Budget, GaveUp, Parts, Problem

MOST_NODES = 100  # in one solve; what real tables ask for is settled at the first

Cut = tuple[np.ndarray, np.ndarray, float, float]


class Program:
    """A ``Solver``. The program of one problem stays in HiGHS: gaps and cuts are changed between solves, nothing is built again."""

    def __init__(self, problem: Problem, budget: Budget) -> None:
        self.problem = problem
        self._budget = budget
        self._cells = len(problem.weights)
        self._largest = sum(abs(gap) for gap in problem.gaps)
        self._solver = _solver()
        self._build()

    def smallest(self, gaps: Sequence[int], most: int = 1) -> list[frozenset[int]]:
        """One of them, or none."""
        found = self._smallest(gaps, (), None)
        return [] if found is None else [found]

    def all_smallest(self, gaps: Sequence[int], weight: int, most: int) -> list[frozenset[int]]:
        found: list[frozenset[int]] = []
        while len(found) < most and (cells := self._smallest(gaps, found, weight)) is not None:
            found.append(cells)
        return found

    def coupled(self, gaps: Sequence[int], parts: Parts, weight: int, most: int = 1) -> list[frozenset[int]]:
        """One of them, or none."""
        found = self._coupled(gaps, parts, weight, ())
        return [] if found is None else [found]

    def _coupled(self, gaps: Sequence[int], parts: Parts, weight: int, cuts: Iterable[frozenset[int]]) -> frozenset[int] | None:
        solver = self._solver
        first = solver.getNumCol()
        solver.addVars(len(parts), np.zeros(len(parts)), np.ones(len(parts)))
        for index in range(len(parts)):
            solver.changeColIntegrality(first + index, highspy.HighsVarType.kInteger)
        rows = [(np.arange(first, first + len(parts), dtype=np.int32), np.ones(len(parts)), -inf, len(parts) - 1.0)]
        for index, sets in enumerate(parts.values()):
            for cells in sets:  # the part's variable is 1 where one of its sets is contained
                columns = np.array([*(cell + self._cells for cell in sorted(cells)), first + index], dtype=np.int32)
                rows.append((columns, np.array([*([1.0] * len(cells)), -1.0]), -inf, len(cells) - 1.0))
        try:
            return self._solve(gaps, [*rows, *self._without(cuts)], weight)
        finally:
            solver.deleteCols(len(parts), np.arange(first, first + len(parts), dtype=np.int32))

    def _smallest(self, gaps: Sequence[int], cuts: Iterable[frozenset[int]], at_most: int | None) -> frozenset[int] | None:
        """The cells of a smallest change that closes the gaps and contains none of the cuts; None if there is none so small."""
        return self._solve(gaps, self._without(cuts), at_most)

    def _without(self, cuts: Iterable[frozenset[int]]) -> list[Cut]:
        return [(np.array(sorted(cut), dtype=np.int32) + self._cells, np.ones(len(cut)), -inf, len(cut) - 1.0) for cut in cuts]

    def _build(self) -> None:
        problem, count, largest = self.problem, self._cells, float(self._largest)
        lowest = np.array([-min(low, self._largest) for low in problem.lowest], dtype=float)
        solver = self._solver
        solver.addVars(
            2 * count, np.concatenate([lowest, np.zeros(count)]), np.concatenate([np.full(count, largest), np.ones(count)])
        )
        columns = np.arange(2 * count, dtype=np.int32)
        solver.changeColsIntegrality(2 * count, columns, np.full(2 * count, int(highspy.HighsVarType.kInteger), dtype=np.uint8))
        solver.changeColsCost(2 * count, columns, np.concatenate([np.zeros(count), np.array(problem.weights, dtype=float)]))
        for factors in problem.net.factors:
            solver.addRow(
                0.0, 0.0, len(factors), np.array(list(factors), dtype=np.int32), np.array(list(factors.values()), dtype=float)
            )
        for cell in range(count):
            pair = np.array([cell, count + cell], dtype=np.int32)
            solver.addRow(-inf, 0.0, 2, pair, np.array([1.0, -largest]))
            solver.addRow(0.0, inf, 2, pair, np.array([1.0, -lowest[cell]]))
        self._rows = solver.getNumRow()

    def _solve(self, gaps: Sequence[int], cuts: Sequence[Cut], at_most: int | None) -> frozenset[int] | None:
        """Solve with these gaps, these rows for the time being (columns, factors, low, high) and at most that weight in all."""
        solver = self._solver
        for row, gap in enumerate(gaps):
            solver.changeRowBounds(row, -float(gap), -float(gap))
        if at_most is not None:
            switches = np.arange(self._cells, 2 * self._cells, dtype=np.int32)
            cuts = [*cuts, (switches, np.array(self.problem.weights, dtype=float), -inf, float(at_most))]
        for index, factors, low, high in cuts:
            solver.addRow(low, high, len(index), index, factors)
        if self._budget.solves <= 0:
            raise GaveUp
        self._budget.solves -= 1
        solver.run()
        status = solver.getModelStatus()
        values = np.array(solver.getSolution().col_value) if status == highspy.HighsModelStatus.kOptimal else None
        if cuts:
            solver.deleteRows(len(cuts), np.arange(self._rows, self._rows + len(cuts), dtype=np.int32))
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        if values is None:
            raise GaveUp
        changes = np.rint(values[: self._cells]).astype(int)
        for factors_of, gap in zip(self.problem.net.factors, gaps, strict=True):
            if sum(int(changes[cell]) * factor for cell, factor in factors_of.items()) != -gap:
                raise GaveUp  # rounding: the exact sums do not hold
        return frozenset(np.flatnonzero(changes).tolist())


def _solver() -> highspy.Highs:
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    for name, value in (
        ("output_flag", False),
        ("threads", 1),
        ("parallel", "off"),
        ("random_seed", 0),
        ("mip_rel_gap", 0.0),
        ("mip_abs_gap", 0.5),  # weights are whole
        ("mip_max_nodes", MOST_NODES),
    ):
        solver.setOptionValue(name, value)
    return solver
