"""What is solved: sums that do not come out, and the cells that may be changed. And what a set of cells must become, in exact numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

PLAIN = frozenset((1, -1))  # factors

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


class Net:
    """Which cell stands in which sum: all of a problem but its numbers. Sets of sums, and of cells, are the bits of a whole number.

    factors   for each sum, by cell; is_plain says that all are 1 or -1.
    cells_of  of each sum; near: for each sum the sums that it shares a cell with, itself too.
    rows_of   the sums of each cell; terms_of: the same with the cell's factor in each.
    lone      the sums of one cell.
    """

    __slots__ = ("cells_of", "factors", "is_plain", "lone", "near", "rows_of", "terms_of")

    def __init__(self, factors: Sequence[Mapping[int, int]], cells: int) -> None:
        self.factors = factors
        self.is_plain = all(PLAIN.issuperset(row.values()) for row in factors)
        self.cells_of = [bits_of(row) for row in factors]
        self.terms_of: list[list[tuple[int, int]]] = [[] for _ in range(cells)]
        for number, row in enumerate(factors):
            for cell, factor in row.items():
                self.terms_of[cell].append((number, factor))
        self.rows_of = [bits_of(number for number, _ in terms) for terms in self.terms_of]
        self.near = [_union(self.rows_of[cell] for cell in row) for row in factors]
        self.lone = bits_of(number for number, row in enumerate(factors) if len(row) == 1)

    def groups(self, broken: int, among: int) -> list[int]:
        """The sums among these that hang together with a broken one, over any number of cells: one group for each that is apart.

        In the order of their last sums, which is the order of the numbers that stand for them.
        """
        groups = []
        while broken:
            group, fresh = 0, broken & -broken
            while fresh:
                group |= fresh
                fresh = _union(self.near[row] for row in places_in(fresh)) & among & ~group
            groups.append(group)
            broken &= ~group
        return sorted(groups)


@dataclass(frozen=True, slots=True)
class Problem:
    """gaps: what each sum comes to now (0 if it holds); weights and lowest change by cell."""

    net: Net
    gaps: Sequence[int]
    weights: Sequence[int]
    lowest: Sequence[int]  # at most so much can be taken off a cell: no count goes below zero


def changes_of(net: Net, gaps: Sequence[int], cells: Sequence[int]) -> list[int] | None:
    """By how much each cell must change so that every sum holds; None if the sums leave a choice (or allow no whole numbers)."""
    wanted: list[list[int | Fraction]] = [
        [*(net.factors[row].get(cell, 0) for cell in cells), -gaps[row]]
        for row in places_in(_union(net.rows_of[cell] for cell in cells))
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


def bits_of(places: Iterable[int]) -> int:
    bits = 0
    for place in places:
        bits |= 1 << place
    return bits


def places_in(bits: int) -> Iterator[int]:
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def _union(sets: Iterable[int]) -> int:
    union = 0
    for bits in sets:
        union |= bits
    return union
