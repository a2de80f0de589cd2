"""Workbooks (.xlsx), written by openpyxl: what a clerk's Excel or WPS would hold."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import openpyxl
from openpyxl.styles import Border, Side
from openpyxl.worksheet.worksheet import Worksheet

from bench.corpus.formats import Printed
from bench.corpus.page import Grid, Page

LINE = Border(*(Side(style="thin"),) * 4)
DATED = (2025, 1, 20, 9, 30, 0)  # every entry, so that the same report gives the same bytes
Value = str | int | float | None


@dataclass(frozen=True, slots=True)
class Book:
    """ruled: the tables have ruling lines. sheets: every table ends its sheet, what follows stands on the next one."""

    ruled: bool = True
    sheets: bool = False


def write(page: Page, random: Random, style: Book) -> Printed:
    return Printed(_dated(report(page, style.ruled, style.sheets)), "report.xlsx")


def _dated(data: bytes) -> bytes:
    """The same workbook with no trace of the time at which it was written."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as made, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as dated:
        for name in made.namelist():
            part = re.sub(rb"\d{4}-\d\d-\d\dT[\d:]+Z", b"2025-01-20T09:30:00Z", made.read(name))
            dated.writestr(zipfile.ZipInfo(name, DATED), part, zipfile.ZIP_DEFLATED)
    return out.getvalue()


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
            sheet.cell(row, column, _value(slot.text))
            if slot.width > 1 or slot.height > 1:
                right, bottom = column + slot.width - 1, row + slot.height - 1
                sheet.merge_cells(start_row=row, start_column=column, end_row=bottom, end_column=right)
        for column in range(1, grid.columns + 1) if ruled else ():
            sheet.cell(row, column).border = LINE


def _value(text: str) -> Value:
    """A number, if typing the text into a cell would make it one that prints the same; full-width figures stay text."""
    return int(text) if text.isascii() and text.isdigit() and str(int(text)) == text else text
