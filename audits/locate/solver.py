"""Who is asked: the direct search, and the integer program where that is not made for the question."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TypeVar

from audits.locate.faults import Solver
from audits.locate.problem import Budget, GaveUp, OutOfSteps, Parts, Problem
from audits.locate.search import Search

Answer = TypeVar("Answer")


class SearchThenProgram:
    """A ``Solver``. HiGHS is loaded at the first question that is not for the search; what is too much for it is too much for both."""

    def __init__(self, problem: Problem, budget: Budget) -> None:
        self._problem = problem
        self._budget = budget
        self._search = Search(problem, budget.steps)

    def smallest(self, gaps: Sequence[int], most: int) -> list[frozenset[int]]:
        return self._ask(lambda solver: solver.smallest(gaps, most))

    def all_smallest(self, gaps: Sequence[int], weight: int, most: int) -> list[frozenset[int]]:
        return self._ask(lambda solver: solver.all_smallest(gaps, weight, most))

    def coupled(self, gaps: Sequence[int], parts: Parts, weight: int, most: int) -> list[frozenset[int]]:
        return self._ask(lambda solver: solver.coupled(gaps, parts, weight, most))

    def _ask(self, question: Callable[[Solver], Answer]) -> Answer:
        try:
            return question(self._search)
        except OutOfSteps:
            raise
        except GaveUp:
            return question(self._program)

    @cached_property
    def _program(self) -> Solver:
        from audits.locate.program import Program

        return Program(self._problem, self._budget)
