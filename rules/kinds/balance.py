"""balance (勾稽关系): two groups of cells must add up to the same number.

Asked once for every column of a table (cells keyed by row) or every row (cells keyed by column).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from rules.filing import Cell, CellState, Filing
from rules.verdict import Evidence, Place, State, Verdict

WHY = {CellState.ABSENT: "未填报", CellState.BLANK: "空白", CellState.UNREADABLE: "无法辨认", CellState.FILLED: "不是数字"}


@dataclass(frozen=True, slots=True)
class Balance:
    """over is ``<table>.columns`` or ``<table>.rows``; left and right name keys, ``denied_*`` stands for every such key."""

    over: str
    left: tuple[str, ...]
    right: tuple[str, ...]

    def check(self, filing: Filing) -> Iterator[Verdict]:
        table_key, _, axis = self.over.partition(".")
        table = filing.tables[table_key]
        by_column = axis == "columns"
        columns = next(iter(table.rows.values())).cells.keys()
        for key in columns if by_column else table.rows:
            place = Place(table.key, table_key, column=key) if by_column else Place(table.key, table_key, row=key)
            if by_column:
                cells = {row: table.cell(row, key) for row in table.rows}
            else:
                cells = dict(table.rows[key].cells)
            yield self.check_cells(cells, place)

    def check_cells(self, cells: Mapping[str, Cell], place: Place) -> Verdict:
        """Compare exact numbers. A blank cell is not a zero: it leaves the sum undetermined."""
        left, right = (_chosen(cells, names) for names in (self.left, self.right))
        asked = left | right
        missing = [(key, cell) for key, cell in asked.items() if cell.value is None]
        evidence = tuple(Evidence(cell.raw, cell.at) for cell in asked.values() if cell.at is not None)
        if missing:
            key, cell = missing[0]
            reason = f"{{{key}}}等{len(missing)}格{WHY[cell.state]}" if len(missing) > 1 else f"{{{key}}}{WHY[cell.state]}"
            return Verdict(State.UNDETERMINED, place, evidence, reason=reason)
        sums = [sum(cell.value for cell in side.values() if cell.value is not None) for side in (left, right)]
        facts = {"left": sums[0], "right": sums[1], "gap": abs(sums[0] - sums[1])}
        facts |= {key: cell.value for key, cell in asked.items()}
        state = State.HOLDS if sums[0] == sums[1] else State.BROKEN
        doubts = [cell.doubt for cell in asked.values() if cell.doubt]
        return Verdict(
            state,
            place,
            evidence,
            facts,
            doubt=doubts[0] if doubts and state is State.BROKEN else None,
            expected=str(sums[0]),
            actual=str(sums[1]),
        )


def _chosen(cells: Mapping[str, Cell], names: tuple[str, ...]) -> dict[str, Cell]:
    return {key: cell for name in names for key, cell in cells.items() if fnmatchcase(key, name)}
