"""Say a repair in plain words: 如“（二）部分公开”自然人列为0（现为6）、总计列为0（现为6），则全表勾稽成立."""

from __future__ import annotations

from collections.abc import Sequence

from audits.findings import Change
from rules.filing import Filing
from rules.kinds.equality import Address
from rules.labels import cell_label, column_label, row_label


def cell_in_words(filing: Filing, address: Address) -> str:
    return cell_label(filing.edition or "", *address)


def where_in_words(filing: Filing, sums: Sequence[Sequence[Address]]) -> str:
    """The columns and rows whose sums are broken: 自然人列、总计列、“（二）部分公开”行."""
    edition = filing.edition or ""
    names: dict[str, None] = {}
    for cells in sums:
        table, row, column = cells[0]
        in_one_column = len({cell[2] for cell in cells}) == 1
        name = f"{column_label(edition, table, column, row)}列" if in_one_column else f"“{row_label(edition, table, row)}”行"
        names[name] = None
    return "、".join(names)


def repair_in_words(filing: Filing, changes: Sequence[Change], after: str) -> str:
    edition = filing.edition or ""
    rows: dict[tuple[str, str], list[Change]] = {}
    for change in changes:
        rows.setdefault((change.table, change.row), []).append(change)
    parts = []
    for (table, row), theirs in rows.items():
        cells = "、".join(
            f"{column_label(edition, table, change.column, row)}列{_value(change)}（现为{change.raw.strip()}）"
            for change in theirs
        )
        parts.append(f"“{row_label(edition, table, row)}”{cells}")
    if any(change.value is None for change in changes):
        return f"如同时更正{'，'.join(parts)}，可使勾稽成立"
    return f"如{'，'.join(parts)}，{after}"


def _value(change: Change) -> str:
    return "" if change.value is None else f"为{change.value}"
