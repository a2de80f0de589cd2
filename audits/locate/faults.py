"""Split the broken sums into faults that have nothing to do with each other, and list every smallest way to mend each.

Two faults with three explanations each are two short lists, not nine pairs. That the split is right is not assumed: the program is
asked for a change of the same weight that is no choice of one set from each list; if there is one, the faults it joins are one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from audits.locate.problem import GaveUp, Parts, Problem, places_in

MOST_CELLS = 4  # in one explanation: with more, nobody could say that it is the likely one
MOST_SETS = 30  # for one fault: with more, they explain nothing
SOME = 64  # sets of the whole, looked through for the one that falls into most pieces
LARGEST_GAP = 1_000_000  # beyond it, the solver's tolerances could hide a one
TOO_MANY_CELLS = f"须改动{MOST_CELLS}格以上才能使勾稽成立，请人工核对"
TOO_MANY_SETS = f"可能的原因超过{MOST_SETS}种，请人工核对"
TOO_LONG = "在限定的计算量内未能列全可能的原因，请人工核对"
TOO_LARGE = "相差过大，未作推算，请人工核对"
NO_WAY = "没有使勾稽成立的改法，请人工核对"


@dataclass(frozen=True, slots=True)
class Fault:
    """rows: the broken sums; sets: every smallest set of cells that mends them; empty with the reason if there is no saying."""

    rows: frozenset[int]
    sets: tuple[frozenset[int], ...] = ()
    reason: str = ""


class Solver(Protocol):
    """What can be asked about a problem. Raises GaveUp if it takes more work than allowed."""

    def smallest(self, gaps: Sequence[int], most: int) -> list[frozenset[int]]:
        """Sets of the least weight whose change closes the gaps: one at least, ``most`` at most; none if nothing closes them."""

    def all_smallest(self, gaps: Sequence[int], weight: int, most: int) -> list[frozenset[int]]:
        """Every set of that weight, the least, that closes the gaps; no more than ``most``."""

    def coupled(self, gaps: Sequence[int], parts: Parts, weight: int, most: int) -> list[frozenset[int]]:
        """Sets of that weight, the least, that close the gaps and are no choice of one set from every part; as for ``smallest``."""


def faults_of(problem: Problem, solver: Solver) -> list[Fault]:
    """Every fault, in the order of the sums."""
    broken = frozenset(row for row, gap in enumerate(problem.gaps) if gap)
    if sum(abs(gap) for gap in problem.gaps) > LARGEST_GAP:
        return [Fault(broken, reason=TOO_LARGE)]
    try:
        found = _split(problem, solver)
    except GaveUp:
        found = [Fault(broken, reason=TOO_LONG)]
    return sorted(found, key=lambda fault: min(fault.rows))


def _split(problem: Problem, solver: Solver) -> list[Fault]:
    some = solver.smallest(problem.gaps, SOME)
    if not some:
        return [Fault(frozenset(row for row, gap in enumerate(problem.gaps) if gap), reason=NO_WAY)]
    first = _finest(problem, some)
    settled = []
    weights: dict[frozenset[int], int] = {}
    for rows, cells in _pieces(problem, first):
        if len(cells) > MOST_CELLS:
            settled.append(Fault(rows, reason=TOO_MANY_CELLS))
        else:
            weights[rows] = sum(problem.weights[cell] for cell in cells)
    listed: dict[frozenset[int], list[frozenset[int]]] = {}
    while weights:
        for rows in [rows for rows in weights if rows not in listed]:
            listed[rows] = solver.all_smallest(_gaps_in(problem, rows), weights[rows], MOST_SETS + 1)
            if len(listed[rows]) > MOST_SETS:
                settled.append(Fault(rows, reason=TOO_MANY_SETS))
                del weights[rows]
        known = {rows: listed[rows] for rows in weights}
        gaps = _gaps_in(problem, frozenset().union(*weights))
        others = solver.coupled(gaps, known, sum(weights.values()), SOME) if len(weights) > 1 else []
        if not others:
            return settled + [_fault(rows, sets) for rows, sets in known.items()]
        weights = _joined(weights, [rows for rows, _ in _pieces(problem, _finest(problem, others))])
    return settled


def _fault(rows: frozenset[int], sets: list[frozenset[int]]) -> Fault:
    if any(len(cells) > MOST_CELLS for cells in sets):
        return Fault(rows, reason=TOO_MANY_CELLS)
    return Fault(rows, tuple(sets))


def _finest(problem: Problem, sets: Iterable[frozenset[int]]) -> frozenset[int]:
    """The one that falls into most pieces: so that what is told apart does not hang on which set is met first."""
    return min(sets, key=lambda cells: (-len(_pieces(problem, cells)), sorted(cells)))


def _gaps_in(problem: Problem, rows: frozenset[int]) -> list[int]:
    """The gaps of these sums alone, as if all others held."""
    return [gap if row in rows else 0 for row, gap in enumerate(problem.gaps)]


def _pieces(problem: Problem, cells: frozenset[int]) -> list[tuple[frozenset[int], frozenset[int]]]:
    """The cells in groups that share no sum, each with the broken sums that it mends."""
    pieces: list[tuple[int, set[int]]] = []
    for cell in sorted(cells):
        rows, members = problem.net.rows_of[cell], {cell}
        apart = []
        for others, theirs in pieces:
            if rows & others:
                rows |= others
                members |= theirs
            else:
                apart.append((others, theirs))
        pieces = [*apart, (rows, members)]
    return [(frozenset(row for row in places_in(rows) if problem.gaps[row]), frozenset(members)) for rows, members in pieces]


def _joined(weights: dict[frozenset[int], int], others: Iterable[frozenset[int]]) -> dict[frozenset[int], int]:
    """The parts, those joined that one of the others reaches into."""
    for other in others:
        touched = [rows for rows in weights if not rows.isdisjoint(other)]
        together = sum(weights.pop(rows) for rows in touched)
        weights[frozenset().union(*touched)] = together
    return weights
