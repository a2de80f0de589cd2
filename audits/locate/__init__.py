"""Which cell is wrong, and what it should be: for the broken sums of a filing, every smallest change that makes all sums hold again.

``locate`` is what ``audits.audit`` calls. A newcomer reads ``sums.py`` (the equalities), ``faults.py`` (what is mended together),
``search.py`` and ``program.py`` (who finds the smallest sets: a direct search, and an integer program where that takes too long),
``likelihood.py`` (which explanation comes first). None is left out, none is chosen; what takes more than four cells, or more work
than the two are given, is left to a person, and said so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from audits.findings import Change, Explanation, Finding, Repair
from audits.locate.faults import faults_of
from audits.locate.likelihood import Evidence
from audits.locate.problem import Budget, Problem, changes_of, places_in
from audits.locate.solver import SearchThenProgram
from audits.locate.sums import Sums, has_equalities, part_of, sums_of
from audits.locate.wording import cell_in_words, repair_in_words, where_in_words
from rules.compile import Pack
from rules.filing import Filing
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
    evidence = Evidence.of(filing, pack)
    budget = Budget(SOLVES, STEPS)
    found = []
    sums = sums_of(filing, pack)
    groups = sums.groups()
    for group in groups:
        component = _Component(filing, sums, group, ids, evidence)
        problem = component.problem()
        faults = faults_of(problem, SearchThenProgram(problem, budget))
        alone = len(groups) == 1 and len(faults) == 1
        after = OTHERS_STAY if not alone else ALL_HOLD if sums.is_whole else ALL_KNOWN_HOLD
        found += [component.explanation(fault.rows, fault.sets, fault.reason, after) for fault in faults]
    return tuple(found)


class _Component:
    """Sums that share cells, some of them broken: ``group``, as the bits of a number."""

    def __init__(self, filing: Filing, sums: Sums, group: int, ids: Ids, evidence: Evidence) -> None:
        self.filing = filing
        self.ids = ids
        self.evidence = evidence
        self.layout = part_of(sums.layout, group)
        self.gaps = [sums.gaps[row] for row in places_in(group)]
        self.printed = [sums.printed[at] for at in self.layout.at]

    def problem(self) -> Problem:
        return Problem(
            self.layout.net,
            self.gaps,
            [SURE if cell.doubt is None else DOUBTFUL for cell in self.printed],
            [value if type(value := cell.value) is int and value >= 0 else max(0, int(value or 0)) for cell in self.printed],
        )

    def explanation(self, rows: frozenset[int], sets: Iterable[frozenset[int]], reason: str, after: str) -> Explanation:
        """The likeliest repair first, then as they stand in the table. ``after`` says what holds once these sums do."""
        broken = [self.layout.sums[row] for row in sorted(rows)]
        gaps = [gap if row in rows else 0 for row, gap in enumerate(self.gaps)]
        condition = LAST_YEAR_IS_RIGHT if any(asked.before for _, asked in broken) else ""
        repairs = sorted((self._repair(sorted(cells), gaps, condition, after) for cells in sets), key=lambda found: found[:2])
        return Explanation(
            tuple(self.ids[rule, asked.place] for rule, asked in broken if (rule, asked.place) in self.ids),
            where_in_words(self.filing, [tuple(asked.terms) for _, asked in broken]),
            tuple(repair for *_, repair in repairs),
            reason,
        )

    def _repair(self, cells: list[int], gaps: Sequence[int], condition: str, after: str) -> tuple[int, list[int], Repair]:
        found = changes_of(self.layout.net, gaps, cells)
        changes = []
        price = 0
        support: dict[str, None] = {}
        for at, number in enumerate(cells):
            address, cell = self.layout.cells[number], self.printed[number]
            value = None if found is None else int(cell.value or 0) + found[at]
            changes.append(Change(*address, cell_in_words(self.filing, address), cell.raw, value))
            costs, reasons = self.evidence.price(address, cell, value)
            price += costs
            support |= dict.fromkeys(reasons)
        words = condition + repair_in_words(self.filing, changes, after)
        return price, cells, Repair(tuple(changes), words, tuple(support))
