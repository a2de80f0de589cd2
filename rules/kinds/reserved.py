"""reserved: rows that only some bodies may fill with figures, by what the agency's name tells of its body and rank."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from rules.agencies import Body, Level
from rules.filing import Cell, Filing
from rules.kinds.gaps import in_words, without_figures
from rules.kinds.keys import check_rows, check_table
from rules.labels import column_label, row_label
from rules.numbers import is_placeholder
from rules.verdict import Evidence, Place, Severity, State, Verdict


@dataclass(frozen=True, slots=True)
class Reserved:
    """Figures above 0 in the row are for these bodies of these ranks only.

    milder  bodies for which the finding is a warning, because they may have filled it for the government they serve.
    Facts: row, value (of the first such column), column, agency.
    """

    table: str
    row: str
    bodies: tuple[Body, ...]
    levels: tuple[Level, ...]
    milder: tuple[Body, ...] = ()
    gives: ClassVar[frozenset[str]] = frozenset({"row", "value", "column", "agency"})

    def __post_init__(self) -> None:
        check_table(("table",), self.table)
        check_rows(("row",), self.table, (self.row,))

    def check(self, filing: Filing) -> Iterator[Verdict]:
        nothing = without_figures(filing, self.table)
        yield nothing if nothing is not None else self._answer(filing)

    def _answer(self, filing: Filing) -> Verdict:
        edition = filing.edition or ""
        cells = filing.tables[self.table].rows[self.row].cells
        place = Place(self.table, self.table, self.row)
        over = {column: cell for column, cell in cells.items() if cell.value is not None and cell.value > 0}
        if not over:
            gaps = [
                (column_label(edition, self.table, column, self.row), cell) for column, cell in cells.items() if _unknown(cell)
            ]
            if gaps:
                return Verdict(State.UNDETERMINED, place, reason=in_words(gaps))
            return Verdict(State.HOLDS, place)
        kind = filing.agency_kind
        if kind.body in self.bodies and kind.level in self.levels:
            return Verdict(State.HOLDS, place)
        if kind.level is None and kind.body not in (Body.STREET_OFFICE, Body.INSTITUTION):
            return Verdict(State.UNDETERMINED, place, reason=f"未能从机关名称“{filing.agency.value or ''}”判定其层级")
        column, cell = next(iter(over.items()))
        facts = {
            "row": row_label(edition, self.table, self.row),
            "column": column_label(edition, self.table, column, self.row),
            "value": cell.value,
            "agency": filing.agency.value or "",
        }
        return Verdict(
            State.BROKEN,
            place,
            tuple(Evidence(f"{facts['row']} {found.raw}", found.at) for found in over.values()),
            facts,
            doubt=next((found.doubt for found in over.values() if found.doubt), None),
            severity=Severity.WARNING if kind.body in self.milder else None,
            expected="0",
            actual=str(cell.value),
        )


def _unknown(cell: Cell) -> bool:
    """“/” in a reserved row says that there is nothing to fill in."""
    return cell.value is None and not is_placeholder(cell.raw)
