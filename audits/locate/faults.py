"""Split the broken sums into faults that have nothing to do with each other, and list every smallest way to mend each.

Two faults with three explanations each are two short lists, not nine pairs. That the split is right is not assumed: the program is
asked for a change of the same weight that is no choice of one set from each list; if there is one, the faults it joins are one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from audits.locate.problem import Problem
from audits.locate.program import Budget, GaveUp, Program

MOST_CELLS = 4  # in one explanation: with more, nobody could say that it is the likely one
MOST_SETS = 30  # for one fault: with more, they explain nothing
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


def faults_of(problem: Problem, budget: Budget) -> list[Fault]:
    """Every fault, in the order of the sums."""
    broken = frozenset(row for row, gap in enumerate(problem.gaps) if gap)
    if sum(abs(gap) for gap in problem.gaps) > LARGEST_GAP:
        return [Fault(broken, reason=TOO_LARGE)]
    try:
        found = _split(problem, Program(problem, budget))
    except GaveUp:
        found = [Fault(broken, reason=TOO_LONG)]
    return sorted(found, key=lambda fault: min(fault.rows))


def _split(problem: Problem, program: Program) -> list[Fault]:
    first = program.smallest(problem.gaps)
    if first is None:
        return [Fault(frozenset(row for row, gap in enumerate(problem.gaps) if gap), reason=NO_WAY)]
    pieces = dict(_pieces(problem, first))
    beyond = [Fault(rows, reason=TOO_MANY_CELLS) for rows, cells in pieces.items() if len(cells) > MOST_CELLS]
    weights = {rows: program.weigh(cells) for rows, cells in pieces.items() if len(cells) <= MOST_CELLS}
    listed: dict[frozenset[int], list[frozenset[int]]] = {}
    while weights:
        for rows, weight in weights.items():
            if rows not in listed:
                listed[rows] = program.all_smallest(_gaps_in(problem, rows), weight, MOST_SETS + 1)
        known = {rows: listed[rows] for rows in weights}
        gaps = _gaps_in(problem, frozenset().union(*weights))
        other = program.coupled(gaps, known, sum(weights.values())) if len(weights) > 1 else None
        if other is None:
            return beyond + [_fault(rows, sets) for rows, sets in known.items()]
        weights = _joined(weights, [rows for rows, _ in _pieces(problem, other)])
    return beyond


def _fault(rows: frozenset[int], sets: list[frozenset[int]]) -> Fault:
    if len(sets) > MOST_SETS:
        return Fault(rows, reason=TOO_MANY_SETS)
    if any(len(cells) > MOST_CELLS for cells in sets):
        return Fault(rows, reason=TOO_MANY_CELLS)
    return Fault(rows, tuple(sets))


def _gaps_in(problem: Problem, rows: frozenset[int]) -> list[int]:
    """The gaps of these sums alone, as if all others held."""
    return [gap if row in rows else 0 for row, gap in enumerate(problem.gaps)]


def _pieces(problem: Problem, cells: frozenset[int]) -> list[tuple[frozenset[int], frozenset[int]]]:
    """The cells in groups that share no sum, each with the broken sums that it mends."""
    pieces: list[tuple[set[int], set[int]]] = []
    for cell in sorted(cells):
        rows, members = {row for row, factors in enumerate(problem.rows) if cell in factors}, {cell}
        apart = []
        for others, theirs in pieces:
            if rows.isdisjoint(others):
                apart.append((others, theirs))
            else:
                rows |= others
                members |= theirs
        pieces = [*apart, (rows, members)]
    return [(frozenset(row for row in rows if problem.gaps[row]), frozenset(members)) for rows, members in pieces]


def _joined(weights: dict[frozenset[int], int], others: Iterable[frozenset[int]]) -> dict[frozenset[int], int]:
    """The parts, those joined that one of the others reaches into."""
    for other in others:
        touched = [rows for rows in weights if not rows.isdisjoint(other)]
        together = sum(weights.pop(rows) for rows in touched)
        weights[frozenset().union(*touched)] = together
    return weights
