"""What a scan leaves in doubt and what may be said of it. Nothing is ever corrected: a doubt is lifted or it stays.

A figure that OCR was not sure of is confirmed where its row's sum and its column's sum both hold with what was read: one misread
digit breaks both. A finding keeps a doubt unless it rests on figures alone, and on figures that are sure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from audits.align.values import OCR_DOUBT
from audits.findings import Finding
from reports_in.document import Document, Source
from rules.filing import Cell, Filing, FilingTable, Number, Row

BALANCED = ("new", "carried_in", "total", "carried_out")
PLAIN_FIGURE = re.compile(r"\d+")
SCANNED = "所依据的文字由扫描件识别（OCR）得出，请对照原件"


def confirmed(filing: Filing) -> Filing:
    """The filing with the doubts of OCR lifted where both sums through a cell hold."""
    table = filing.tables.get("applications")
    if table is None:
        return filing
    doubted = [cell for row in table.rows.values() for cell in row.cells.values() if cell.doubt is not None]
    if not any(map(_is_unsure, doubted)):
        return filing
    rows = {key: _lifted(row, table) for key, row in table.rows.items()}
    return replace(filing, tables={**filing.tables, "applications": replace(table, rows=rows)})


def _is_unsure(cell: Cell) -> bool:
    """A plain figure in doubt. A sum bears out a value, not the marks that stand around it."""
    return cell.doubt is not None and cell.doubt.startswith(OCR_DOUBT) and PLAIN_FIGURE.fullmatch(cell.raw) is not None


def _lifted(row: Row, table: FilingTable) -> Row:
    if not any(_is_unsure(cell) for cell in row.cells.values()) or not _row_holds(row):
        return row
    cells = {
        column: cell._replace(doubt=None) if _is_unsure(cell) and _column_holds(row.key, column, table) else cell
        for column, cell in row.cells.items()
    }
    return row._replace(cells=cells)


def _row_holds(row: Row) -> bool:
    values = _values([row.cells], [column for column in row.cells if column != "total"])
    total = row.cells["total"].value if "total" in row.cells else None
    return values is not None and total is not None and len(values) > 1 and sum(values) == total


def _column_holds(key: str, column: str, table: FilingTable) -> bool:
    """Every sum of the column that the cell has a part in."""
    rows = table.rows
    if any(name not in rows for name in BALANCED):
        return False
    holds = []
    if key in BALANCED:
        at = [rows[name].cells.get(column) for name in BALANCED]
        figures = [cell.value for cell in at if cell is not None and cell.value is not None]
        holds.append(len(figures) == 4 and figures[0] + figures[1] == figures[2] + figures[3])
    if key not in BALANCED or key == "total":
        parts = _values([row.cells for name, row in rows.items() if name not in BALANCED], [column])
        total = rows["total"].cells.get(column)
        holds.append(parts is not None and total is not None and total.value is not None and sum(parts) == total.value)
    return all(holds)


def _values(rows: Sequence[Mapping[str, Cell]], columns: Sequence[str]) -> list[Number] | None:
    """The figures at those columns of every row; None unless each is one."""
    found = [row[column].value for row in rows for column in columns if column in row]
    figures = [value for value in found if value is not None]
    return figures if len(figures) == len(found) == len(rows) * len(columns) else None


def with_scan_doubts(findings: Sequence[Finding], filing: Filing, document: Document) -> list[Finding]:
    """Findings that rest on what OCR read say so, unless every piece of their evidence is a figure that is sure."""
    if not document.recognised:
        return list(findings)
    sure = {
        cell.at.chars
        for table in filing.tables.values()
        for row in table.rows.values()
        for cell in row.cells.values()
        if cell.at is not None and cell.doubt is None
    }
    return [
        replace(finding, doubt=SCANNED)
        if finding.doubt is None and not _is_sure([piece.at for piece in finding.evidence], sure, document)
        else finding
        for finding in findings
    ]


def _is_sure(places: Sequence[Source | None], sure: set[tuple[int, int]], document: Document) -> bool:
    return bool(places) and all(at is not None and (at.page not in document.recognised or at.chars in sure) for at in places)
