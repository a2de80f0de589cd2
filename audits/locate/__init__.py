"""Which cell is wrong, and what it should be: for the broken sums of a filing, every smallest change that makes all sums hold again.

``locate`` is what ``audits.audit`` calls. A newcomer reads ``sums.py`` (the equalities), ``faults.py`` (what is mended together),
``search.py`` and ``program.py`` (who finds the smallest sets: a direct search, and an integer program where that takes too long),
``likelihood.py`` (which explanation comes first). None is left out, none is chosen; what takes more than four cells, or more work
than the two are given, is left to a person, and said so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from audits.findings import Change, Explanation, Finding, Repair
from audits.locate.faults import faults_of
from audits.locate.likelihood import Evidence
from audits.locate.problem import Budget, Problem, changes_of
from audits.locate.solver import SearchThenProgram
from audits.locate.sums import Address, Sum, components, has_equalities, sums_of
from audits.locate.wording import cell_in_words, repair_in_words, where_in_words
from rules.compile import Pack
from rules.filing import Cell, Filing
from rules.verdict import Place

STEPS = 8000  # of the direct search, for one question, of some 8 µs each; nine in ten take fewer than 200. More would be over 300 ms
SOLVES = 40  # of the integer program, for one filing
SURE, DOUBTFUL = 2, 1  # weight of changing a cell: two that we may have misread are as likely as one that we have not
ALL_HOLD = "则全表勾稽成立"
ALL_KNOWN_HOLD = "则能够核验的勾稽全部成立"
OTHERS_STAY = "则上述勾稽成立，其余勾稽不受影响"
LAST_YEAR_IS_RIGHT = "以上年报告无误为前提，"

Ids = Mapping[tuple[str, Place], str]


def locate(filing: Filing, pack: Pack, findings: Iterable[Finding]) -> tuple[Explanation, ...]:
    """An explanation for every group of broken sums that belong together; empty if no sum is broken."""
    ids = {(finding.rule, finding.place): finding.id for finding in findings}
    if not any(has_equalities(pack.rules[rule].kind) for rule, _ in ids):
        return ()
    rules = tuple(pack.rules.values())
    evidence = Evidence.of(filing, rules)
    budget = Budget(SOLVES, STEPS)
    found = []
    every = sums_of(filing, rules)
    groups = components(every)
    for sums in groups:
        component = _Component(filing, sums, ids, evidence)
        problem = component.problem()
        faults = faults_of(problem, SearchThenProgram(problem, budget))
        alone = len(groups) == 1 and len(faults) == 1
        after = OTHERS_STAY if not alone else ALL_HOLD if all(asked.gap is not None for asked in every) else ALL_KNOWN_HOLD
        found += [component.explanation(fault.rows, fault.sets, fault.reason, after) for fault in faults]
    return tuple(found)


class _Component:
    """Sums that share cells, some of them broken."""

    def __init__(self, filing: Filing, sums: Sequence[Sum], ids: Ids, evidence: Evidence) -> None:
        self.filing = filing
        self.sums = sums
        self.ids = ids
        self.evidence = evidence
        asked_for = {address for asked in sums for address in asked.terms}
        asked = {address: cell for address, cell in _template_order(filing) if address in asked_for}
        self.cells: list[Address] = list(asked)
        self.printed: list[Cell] = list(asked.values())
        index = {address: number for number, address in enumerate(self.cells)}
        self.rows = [{index[address]: factor for address, factor in asked.terms.items()} for asked in sums]

    def problem(self) -> Problem:
        return Problem(
            self.rows,
            [asked.gap or 0 for asked in self.sums],
            [SURE if cell.doubt is None else DOUBTFUL for cell in self.printed],
            [max(0, int(cell.value or 0)) for cell in self.printed],
        )

    def explanation(self, rows: frozenset[int], sets: Iterable[frozenset[int]], reason: str, after: str) -> Explanation:
        """The likeliest repair first, then as they stand in the table. ``after`` says what holds once these sums do."""
        broken = [self.sums[row] for row in sorted(rows)]
        repairs = sorted((self._repair(sorted(cells), rows, after) for cells in sets), key=lambda found: found[:2])
        return Explanation(
            tuple(self.ids[asked.rule, asked.place] for asked in broken if (asked.rule, asked.place) in self.ids),
            where_in_words(self.filing, [tuple(asked.terms) for asked in broken]),
            tuple(repair for *_, repair in repairs),
            reason,
        )

    def _repair(self, cells: list[int], rows: frozenset[int], after: str) -> tuple[int, list[int], Repair]:
        found = changes_of(self.rows, [(asked.gap or 0) if row in rows else 0 for row, asked in enumerate(self.sums)], cells)
        changes = []
        price = 0
        support: dict[str, None] = {}
        for at, number in enumerate(cells):
            address, cell = self.cells[number], self.printed[number]
            value = None if found is None else int(cell.value or 0) + found[at]
            changes.append(Change(*address, cell_in_words(self.filing, address), cell.raw, value))
            costs, reasons = self.evidence.price(address, cell, value)
            price += costs
            support |= dict.fromkeys(reasons)
        condition = LAST_YEAR_IS_RIGHT if any(self.sums[row].earlier for row in rows) else ""
        words = condition + repair_in_words(self.filing, changes, after)
        return price, cells, Repair(tuple(changes), words, tuple(support))


def _template_order(filing: Filing) -> Iterator[tuple[Address, Cell]]:
    for table in filing.tables.values():
        for key, row in table.rows.items():
            for column, cell in row.cells.items():
                yield (table.key, key, column), cell
