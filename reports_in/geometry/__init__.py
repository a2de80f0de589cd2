"""From what a page shows (glyph boxes and ruling lines) to what it says: tables with spans, paragraphs, reading order.

Pure: it knows no file format. A reader fills one Page for every page and calls ``lay_out``.
All lengths are points, the origin is the page's top left corner, y grows downwards.

rules -> merged collinear pieces -> connected tables -> grid of elementary cells, joined where no rule parts them
glyphs -> runs -> cells or lines; lines -> running heads dropped -> tables without rules -> paragraphs
parts of one table on following pages -> one table
"""

from __future__ import annotations

from collections.abc import Iterable

from reports_in.builder import Builder
from reports_in.geometry.page import Columns, Floats, Grid, Line, Page, Rule
from reports_in.geometry.ruled import grids
from reports_in.geometry.running_lines import drop_running_lines
from reports_in.geometry.seams import join_over_pages
from reports_in.geometry.sheets import sheet_of
from reports_in.geometry.unruled import find_unruled
from reports_in.geometry.writing import margins_of, write_paragraphs, write_table

__all__ = ["Floats", "Grid", "Page", "Rule", "grids", "lay_out"]


def lay_out(pages: Iterable[Page], builder: Builder) -> None:
    """Write what all pages together say: paragraphs and tables in reading order, and notes of what was left out or mended."""
    sheets = [sheet_of(page, builder) for page in pages]
    drop_running_lines(sheets, builder)
    known: Columns | None = None
    for sheet in sheets:
        known = find_unruled(sheet, known)
    margins = margins_of(sheets)
    lines: list[Line] = []
    for item in join_over_pages(sheets, builder):
        if isinstance(item, Line):
            lines.append(item)
        else:
            write_paragraphs(lines, margins, builder)
            lines = []
            write_table(item, builder)
    write_paragraphs(lines, margins, builder)
