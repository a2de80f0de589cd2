"""same_figures (逐格相同): the tables repeat last year's figures cell by cell. Asked once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from rules.errors import FieldError
from rules.filing import Cell, Filing
from rules.kinds.doubts import year_doubt
from rules.kinds.gaps import NO_PREVIOUS
from rules.kinds.keys import check_table
from rules.labels import cell_label
from rules.verdict import Evidence, Place, State, Verdict

MOST_QUOTES = 6

Address = tuple[str, str, str]  # table, row, column


@dataclass(frozen=True, slots=True)
class SameFigures:
    """Broken if at least ``least`` cells of ``tables`` are not zero and every figure is what it was last year.

    Facts: count (of the cells that are not zero), previous (the year before).
    """

    tables: tuple[str, ...]
    least: int
    gives: ClassVar[frozenset[str]] = frozenset({"count", "previous"})

    def __post_init__(self) -> None:
        for index, table in enumerate(self.tables):
            check_table(("tables", index), table)
        if self.least < 1:
            raise FieldError("least", f"{self.least} 应不小于 1：全为零的表本来就相同")

    def check(self, filing: Filing) -> Iterator[Verdict]:
        earlier = filing.previous
        if earlier is None:
            yield Verdict(State.UNDETERMINED, reason=NO_PREVIOUS)
            return
        if earlier.edition != filing.edition:
            yield Verdict(State.NOT_APPLICABLE, reason="上年报告使用的格式不同，不逐格比对")
            return
        now, then = self._figures(filing), self._figures(earlier)
        filled = [address for address, cell in now.items() if cell.value]
        if len(filled) < self.least:
            yield Verdict(State.NOT_APPLICABLE, reason=f"非零格不足{self.least}个，不逐格比对")
            return
        if now.keys() != then.keys() or any(now[address].value != then[address].value for address in now):
            yield Verdict(State.HOLDS)
            return
        quoted = filled[:MOST_QUOTES]
        evidence = tuple(Evidence(f"{cell_label(filing.edition or '', *at)} {now[at].raw}", now[at].at) for at in quoted)
        facts = {"count": len(filled), "previous": earlier.year.value or "上"}
        yield Verdict(State.BROKEN, Place(), evidence, facts, doubt=year_doubt(filing) or year_doubt(earlier))

    def _figures(self, filing: Filing) -> dict[Address, Cell]:
        return {
            (table, row.key, column): cell
            for table in self.tables
            for row in filing.tables[table].rows.values()
            for column, cell in row.cells.items()
            if cell.value is not None
        }
