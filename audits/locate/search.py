"""The smallest sets by direct search, in whole numbers: what the integer program finds, without asking it.

A broken sum in which no cell is changed needs one, and a sum that holds in which only one is changed needs another. Changes follow
from the sums one after the other; where they clash, one of the sums that led to the clash needs another cell. The search takes
what is in need, tries its cells in turn, and turns back when so much is in need that the weight left cannot meet it. Every set is
so met once, or left out for a reason that holds for it.

What takes more steps than allowed is given up: some five errors in one table, of which the integer program (``program.py``) would list
what there is in seconds. What has factors other than 1 and -1, or leaves large figures open, is left to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import gcd

from audits.locate.problem import GaveUp, OutOfSteps, Parts, Problem, bits_of, places_in

EVERY = -1  # as bits: every sum
MOST_VALUES = 40  # tried for a change that nothing decides

Line = tuple[int, list[tuple[int, int]]]  # a sum, and the changed cells in it with their factors


class Search:
    """A ``Solver``. Sets of cells, and of sums, are the bits of a whole number here."""

    def __init__(self, problem: Problem, steps: int) -> None:
        self._shape = _Shape(problem)
        self._steps = steps if self._shape.is_plain else 0
        self._known: dict[tuple[int, ...], list[frozenset[int]]] = {}  # all smallest sets, by gaps

    def smallest(self, gaps: Sequence[int], most: int) -> list[frozenset[int]]:
        question = _Question(self._shape, gaps, most, self._steps)
        if question.is_hopeless():
            return []
        weight = question.least()
        while not question.found:
            question.ask(weight)
            weight += self._shape.step
        found = _sets(question.found)
        if len(found) < most:
            self._known[tuple(gaps)] = found
        return found

    def all_smallest(self, gaps: Sequence[int], weight: int, most: int) -> list[frozenset[int]]:
        known = self._known.get(tuple(gaps))
        if known is not None:
            return known[:most]
        question = _Question(self._shape, gaps, most, self._steps)
        question.ask(weight)
        return _sets(question.found)

    def coupled(self, gaps: Sequence[int], parts: Parts, weight: int, most: int) -> list[frozenset[int]]:
        """They lack every set of one of the parts: that part's sums first, so that the others are not tried in every combination."""
        found: dict[int, None] = {}
        for rows, sets in parts.items():
            question = _Question(self._shape, gaps, most, self._steps, bits_of(rows), [bits_of(cells) for cells in sets])
            question.ask(weight)
            found |= dict.fromkeys(question.found)
        return _sets(found)[:most]


class _Shape:
    """What is the same for every question about a problem."""

    def __init__(self, problem: Problem) -> None:
        net = problem.net
        self.is_plain = net.is_plain
        self.factors = net.factors
        self.cells_of = net.cells_of
        self.rows_of = net.rows_of
        self.lone = net.lone
        self.weights = problem.weights
        self.highest = sum(abs(gap) for gap in problem.gaps)
        self._lowest = problem.lowest
        kinds = sorted(set(problem.weights))
        self.lightest = kinds[0]
        self.step = gcd(*kinds)
        lighter = 0
        self._tiers: list[tuple[int, int]] = []  # lightest first
        for weight in kinds[:-1]:
            members = bits_of(cell for cell, found in enumerate(problem.weights) if found == weight)
            self._tiers.append((weight, members))
            lighter |= members
        self._tiers.append((kinds[-1], ~lighter))

    def lowest(self, cell: int) -> int:
        """The lowest change: nothing goes below zero, nor changes by more than all gaps together."""
        return -min(self._lowest[cell], self.highest)

    def cells_in(self, rows: int) -> int:
        cells = 0
        for row in places_in(rows):
            cells |= self.cells_of[row]
        return cells

    def packed(self, groups: Iterable[int]) -> tuple[int, int]:
        """The weight that a cell of each group takes at least, and the groups that say so: those that share no cell, as they come."""
        least = cells = 0
        for group in groups:
            if not group & cells:
                cells |= group
                for weight, members in self._tiers:
                    if members & group:
                        least += weight
                        break
        return least, cells


class _Question:
    """Which sets of some weight close the gaps? ``found`` grows until there are ``most``.

    first    sums whose need is met before that of other broken ones.
    without  no set that contains one of these.
    """

    def __init__(
        self, shape: _Shape, gaps: Sequence[int], most: int, steps: int, first: int = EVERY, without: Sequence[int] = ()
    ) -> None:
        self.found: list[int] = []
        self._shape = shape
        self._gaps = gaps
        self._most = most
        self._steps = steps
        self._broken = bits_of(row for row, gap in enumerate(gaps) if gap)
        self._first = first | ~self._broken
        self._without = without
        self._fixed = self._cells_fixed()

    def is_hopeless(self) -> bool:
        """Whether the sums of which every cell is fixed or must be changed cannot hold, as when last year's do not add up."""
        shape = self._shape
        if not shape.lone:
            return False
        free = [(row, cells & ~self._fixed) for row, cells in enumerate(shape.cells_of)]
        forced = bits_of({cells.bit_length() - 1 for row, cells in free if cells.bit_count() == 1 and self._broken >> row & 1})
        settled = bits_of(row for row, cells in free if not cells & ~forced)
        return bool(_clash(shape, self._gaps, tuple(places_in(forced)), settled, whole=False))

    def least(self) -> int:
        """No set is lighter."""
        return self._shape.packed(self._shape.cells_of[row] for row in places_in(self._broken))[0]

    def ask(self, weight: int) -> None:
        self._extend((), 0, self._fixed, 0, 0, weight)

    def _cells_fixed(self) -> int:
        """Cells that cannot be changed: in a sum that holds, the one that is left when the others are fixed."""
        if not self._shape.lone:  # it takes one to begin with, and there is none without last year's report
            return 0
        whole = [cells for row, cells in enumerate(self._shape.cells_of) if not self._broken >> row & 1]
        fixed = before = 0
        while True:
            for cells in whole:
                free = cells & ~fixed
                if free and not free & (free - 1):
                    fixed |= free
            if fixed == before:
                return fixed
            before = fixed

    def _extend(self, chosen: tuple[int, ...], taken: int, barred: int, once: int, twice: int, left: int) -> None:
        """Add cells of that weight to those chosen, in every way that takes none of the barred.

        taken        the chosen cells, as bits.
        once, twice  the sums in which at least so many are chosen.
        """
        self._steps -= 1
        if self._steps < 0:
            raise OutOfSteps if self._shape.is_plain else GaveUp
        if self._without and any(taken & cells == cells for cells in self._without):
            return
        shape = self._shape
        need = (self._broken & ~once) | (once & ~twice & ~self._broken)
        clash = _clash(shape, self._gaps, chosen, once & ~need, whole=not need)
        if not need and not clash:
            self.found.append(taken)
            return
        for cell in places_in(self._candidates(need, clash, ~(taken | barred), left)):
            bit, weight = 1 << cell, shape.weights[cell]
            if weight <= left:
                rows = shape.rows_of[cell]
                self._extend((*chosen, cell), taken | bit, barred, once | rows, twice | (once & rows), left - weight)
                if len(self.found) >= self._most:
                    return
            barred |= bit

    def _candidates(self, need: int, clash: int, free: int, left: int) -> int:
        """Cells of which one must be added: those of the sum in need that has fewest. None if the weight left is too small."""
        shape = self._shape
        groups = [shape.cells_of[row] & free for row in places_in(need)]
        if clash:
            groups.append(shape.cells_in(clash) & free)
        for order in (1, -1)[: len(groups)]:  # the other way round, other groups may be the ones packed
            if not all(groups):
                return 0
            least, cells = shape.packed(groups[::order])
            if least > left:
                return 0
            if least + shape.lightest > left:  # no weight is left for a cell beside those that the packed groups need
                groups = [group & cells for group in groups]
        if self._first != EVERY:
            urgent = [group for row, group in zip(places_in(need), groups, strict=False) if self._first >> row & 1]
            groups = (urgent + groups[-1:] if clash else urgent) or groups
        return min(groups, key=int.bit_count)


def _clash(shape: _Shape, gaps: Sequence[int], chosen: Sequence[int], rows: int, *, whole: bool) -> int:
    """Sums among these that cannot hold together if no cell but the chosen is changed, and each of those is; 0 if there are none.

    whole  the rows are all in which a cell is chosen. Then 0 says that there are such changes.
    """
    waiting: list[Line] = []
    for row in places_in(rows):
        factors = shape.factors[row]
        waiting.append((row, [(cell, factors[cell]) for cell in chosen if cell in factors]))
    changes: dict[int, int] = {}
    why: dict[int, int] = {}  # the sums that a change follows from
    while waiting:
        still = []
        for row, terms in waiting:
            total, reasons = gaps[row], 1 << row
            unknown = []
            for cell, factor in terms:
                if cell in changes:
                    total += factor * changes[cell]
                    reasons |= why[cell]
                else:
                    unknown.append((cell, factor))
            if len(unknown) > 1:
                still.append((row, terms))
            elif unknown:
                cell, factor = unknown[0]
                change = -total * factor
                if not change or not shape.lowest(cell) <= change <= shape.highest:
                    return reasons
                changes[cell], why[cell] = change, reasons
            elif total:
                return reasons
        if len(still) == len(waiting):
            return rows if whole and not _is_possible(shape, gaps, changes, still) else 0
        waiting = still
    return 0


def _is_possible(shape: _Shape, gaps: Sequence[int], known: Mapping[int, int], waiting: list[Line]) -> bool:
    """Whether the sums that leave changes open can hold: with one of them taken for x, each other is some a + b * x."""
    asked = waiting
    first = next(cell for _, terms in waiting for cell, _ in terms if cell not in known)
    changes = {cell: (change, 0) for cell, change in known.items()} | {first: (0, 1)}
    low, high = -shape.highest, shape.highest  # of x
    while waiting:
        still = []
        for row, terms in waiting:
            unknown = [term for term in terms if term[0] not in changes]
            if len(unknown) > 1:
                still.append((row, terms))
                continue
            a = gaps[row] + sum(factor * changes[cell][0] for cell, factor in terms if cell in changes)
            b = sum(factor * changes[cell][1] for cell, factor in terms if cell in changes)
            if unknown:
                cell, factor = unknown[0]
                changes[cell] = (-a * factor, -b * factor)
            elif b and a % b == 0:
                low, high = max(low, -a // b), min(high, -a // b)
            elif a:
                return False
        if len(still) == len(waiting):  # x does not decide them all: try its values
            if shape.highest - shape.lowest(first) > MOST_VALUES:
                raise GaveUp
            values = range(shape.lowest(first), shape.highest + 1)
            return any(_is_possible(shape, gaps, {**known, first: value}, asked) for value in values if value)
        waiting = still
    never = set()  # values of x that leave some cell as it is
    for cell, (a, b) in changes.items():
        least, most = shape.lowest(cell), shape.highest
        if b < 0:
            a, b, least, most = -a, -b, -most, -least
        if b:
            low, high = max(low, -((a - least) // b)), min(high, (most - a) // b)
            if a % b == 0:
                never.add(-a // b)
    return any(x not in never for x in range(low, min(high, low + len(never)) + 1))


def _sets(found: Iterable[int]) -> list[frozenset[int]]:
    return [frozenset(places_in(cells)) for cells in found]
