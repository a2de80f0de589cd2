"""Sheets -> the blocks of the document: paragraphs out of lines, tables out of parts."""

from __future__ import annotations

from collections import Counter, defaultdict
from operator import attrgetter

from reports_in.builder import Builder
from reports_in.document import Source, Table, TableCell
from reports_in.geometry.lines import fields_of
from reports_in.geometry.page import Line, Part, Sheet
from reports_in.geometry.words import ORDINAL, SENTENCE_END, WORD, wrapped

Margins = dict[int, tuple[float, float]]


def margins_of(sheets: list[Sheet]) -> Margins:
    """Left and right edge of the prose for every page number, taken over all pages of the same size.

    Where no line comes near the paper's right margin none is full, and the paper's own edge counts.
    """
    by_size: dict[tuple[int, int], list[Line]] = defaultdict(list)
    for sheet in sheets:
        by_size[round(sheet.width), round(sheet.height)].extend([item for item in sheet.items if isinstance(item, Line)])
    edges: dict[tuple[int, int], tuple[float, float]] = {}
    for (width, height), lines in by_size.items():
        left = min([line.left for line in lines], default=0.0)
        right = _right_edge(lines) if lines else 0.0
        edges[width, height] = left, right if right > 0.75 * (width - left) else float(width)
    return {sheet.number: edges[round(sheet.width), round(sheet.height)] for sheet in sheets}


def _right_edge(lines: list[Line]) -> float:
    """Where full lines end. Some go further, with a mark that hangs over the edge: the most frequent end counts."""
    furthest = max([line.right for line in lines])
    near = [round(line.right / 3) for line in lines if line.right > furthest - 3 * line.size]
    count = Counter(near)
    return 3.0 * max(count, key=lambda place: (count[place], place))


def write_paragraphs(lines: list[Line], margins: Margins, builder: Builder) -> None:
    group: list[Line] = []
    for line in lines:
        if not line.text:
            continue
        if group and not _continues(group[-1], line, margins):
            _write_paragraph(group, builder)
            group = []
        group.append(line)
    if group:
        _write_paragraph(group, builder)


def _write_paragraph(lines: list[Line], builder: Builder) -> None:
    text = lines[0].text
    for line in lines[1:]:
        text = wrapped(text, line.text)
    page = lines[0].page
    first = [line for line in lines if line.page == page]
    box = (
        min([line.left for line in first]),
        first[0].top,
        max([line.right for line in first]),
        first[-1].bottom,
    )
    builder.paragraph(text, page=page, box=box)


def write_table(part: Part, builder: Builder) -> None:
    """As Builder.table, which places cell by cell, but with the text put together first."""
    part.cells.sort(key=_corner)
    start = at = builder.length
    pieces: list[str] = []
    cells: list[TableCell] = []
    row = part.cells[0].row
    columns = 0
    for cell in part.cells:
        if pieces:
            pieces.append("\t" if cell.row == row else "\n" * (cell.row - row))
            at += len(pieces[-1])
        row = cell.row
        end = at + len(cell.text)
        pieces.append(cell.text)
        source = Source(cell.page, None, cell.box, (at, end))
        cells.append(TableCell(cell.text, row, cell.column, source, cell.row_span, cell.column_span))
        columns = max(columns, cell.column + cell.column_span)
        at = end
    pieces.append("\n")
    builder.write("".join(pieces))
    builder.add(Table(tuple(cells), part.rows, columns, part.trust, Source(part.page, None, part.box, (start, at))))


_corner = attrgetter("row", "column")


def _continues(before: Line, line: Line, margins: Margins) -> bool:
    """The line goes on with the sentence of the line before: that one was full, this one is not indented."""
    size = before.size
    if abs(line.size - size) > 0.2 * size:
        return False
    if line.left - margins[line.page][0] > 1.2 * size:
        return False
    if line.page == before.page and line.top - before.bottom > 1.6 * size:
        return False
    match = WORD.match(line.text)
    needed = sum(0.55 if char.isascii() else 1.0 for char in match[0]) * size if match else size
    if len(before.runs) > 1 and len(fields_of(before)) > 1:
        return False
    if before.right + needed < margins[before.page][1] - 1.2 * size:
        return False
    return not (ORDINAL.match(line.text) and before.text[-1] in SENTENCE_END)
