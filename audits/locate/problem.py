"""The problem that the integer program solves, and what a set of cells must become, in exact numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

Parts = dict[frozenset[int], list[frozenset[int]]]  # broken sums, and the sets of cells that mend them


class GaveUp(Exception):
    """Not solved: not within the work allowed, or not by this way."""


class OutOfSteps(GaveUp):
    """The direct search took all its steps. The integer program would take seconds, so nobody else is asked."""


@dataclass(slots=True)
class Budget:
    """What may be spent, counted and not timed: a busy machine must give the answer of an idle one.

    solves  how many times the integer program may still be solved, for the whole filing.
    steps   of the direct search, for each question to it.
    """

    solves: int
    steps: int


@dataclass(frozen=True, slots=True)
class Problem:
    """rows: for each sum the factors by cell; gaps what each comes to now (0 if it holds); weights and lowest change by cell."""

    rows: Sequence[Mapping[int, int]]
    gaps: Sequence[int]
    weights: Sequence[int]
    lowest: Sequence[int]  # at most so much can be taken off a cell: no count goes below zero


def changes_of(rows: Sequence[Mapping[int, int]], gaps: Sequence[int], cells: Sequence[int]) -> list[int] | None:
    """By how much each cell must change so that every row holds; None if the rows leave a choice (or allow no whole numbers)."""
    wanted: list[list[int | Fraction]] = [
        [*(row.get(cell, 0) for cell in cells), -gap]
        for row, gap in zip(rows, gaps, strict=True)
        if not row.keys().isdisjoint(cells)
    ]
    for at in range(len(cells)):
        pivot = next((line for line in wanted[at:] if line[at]), None)
        if pivot is None:
            return None
        wanted.remove(pivot)
        by = pivot[at]  # one or minus one in nearly every sum: then no fractions are made
        pivot = [number * by if by * by == 1 else Fraction(number) / by for number in pivot]
        wanted = [
            [number - line[at] * other for number, other in zip(line, pivot, strict=True)] if line[at] else line
            for line in wanted
        ]
        wanted.insert(at, pivot)
    found = [line[-1] for line in wanted[: len(cells)]]
    return [int(number) for number in found] if all(number.denominator == 1 for number in found) else None
