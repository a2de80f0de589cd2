"""The integer program alone, asked for everything: what the direct search is held against."""

from __future__ import annotations

from collections.abc import Sequence

from audits.locate.problem import Budget, Parts, Problem
from audits.locate.program import Program


class Plain(Program):
    """A ``Solver`` that lists every smallest set where ``Program`` gives one, with a bound wide enough for all but freaks."""

    def __init__(self, problem: Problem, budget: Budget | None = None) -> None:
        super().__init__(problem, Budget(solves=300, steps=0))

    def smallest(self, gaps: Sequence[int], most: int = 1) -> list[frozenset[int]]:
        one = super().smallest(gaps)
        return self.all_smallest(gaps, sum(self.problem.weights[cell] for cell in one[0]), most) if one else []

    def coupled(self, gaps: Sequence[int], parts: Parts, weight: int, most: int = 1) -> list[frozenset[int]]:
        found: list[frozenset[int]] = []
        while len(found) < most and (other := self._coupled(gaps, parts, weight, found)) is not None:
            found.append(other)
        return found
