"""Workbooks for tests, written by openpyxl: what a clerk's Excel or WPS would hold."""

from __future__ import annotations

import io
from collections.abc import Sequence

import openpyxl
from openpyxl.styles import Border, Side
from openpyxl.worksheet.worksheet import Worksheet

from bench.corpus.page import Grid, Page

LINE = Border(*(Side(style="thin"),) * 4)
Value = str | int | float | None


def workbook(rows: Sequence[Sequence[Value]], merged: Sequence[str] = (), ruled: str = "") -> bytes:
    """One sheet with those values; ``ruled`` is the range with ruling lines."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(list(row))
    for place in merged:
        sheet.merge_cells(place)
    if ruled:
        for line in sheet[ruled]:
            for cell in line:
                cell.border = LINE
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def report(page: Page, ruled: bool, sheets: bool) -> bytes:
    """An invented report: its lines and tables one below the other, or every table on a sheet of its own."""
    book = openpyxl.Workbook()
    sheet = book.active
    at = 1
    for block in page:
        if isinstance(block, Grid):
            _table(sheet, block, at, ruled)
            at += len(block.lines)
            if sheets:
                sheet, at = book.create_sheet(), 1
        else:
            sheet.cell(at, 1, block.text)
            at += 1
    return saved(book)


def _table(sheet: Worksheet, grid: Grid, at: int, ruled: bool) -> None:
    for row, line in enumerate(grid.lines, at):
        for slot in line.slots:
            column = slot.column + 1
            sheet.cell(row, column, int(slot.text) if slot.text.isdigit() else slot.text)
            if slot.width > 1 or slot.height > 1:
                right, bottom = column + slot.width - 1, row + slot.height - 1
                sheet.merge_cells(start_row=row, start_column=column, end_row=bottom, end_column=right)
        for column in range(1, grid.columns + 1) if ruled else ():
            sheet.cell(row, column).border = LINE
