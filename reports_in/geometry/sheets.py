"""One page: its ruled tables with their text, and its other lines."""

from __future__ import annotations

from collections import defaultdict

from reports_in.builder import Builder
from reports_in.geometry.lines import by_top, cell_text, lines_of, runs_of
from reports_in.geometry.page import Grid, Item, Line, Page, Part, PartCell, Run, Sheet
from reports_in.geometry.ruled import grids

LOW_FRAME = 80.0  # a higher frame with one cell is no row of a table


def sheet_of(page: Page, builder: Builder) -> Sheet:
    """The page's tables with their text and its other lines, from top to bottom."""
    found, single, complete = grids(page.horizontal, page.vertical)
    if not complete:
        builder.note("RULES_TOO_MANY", f"第{page.number}页的线条过多过密，未按表格识别，其文字仍按行读出")
    frames = [grid for grid in found if len(grid.spans) == 1]
    found = [grid for grid in found if len(grid.spans) > 1]
    runs = runs_of(page, found)
    by_cell: dict[int, list[Run]] = defaultdict(list)
    for run in runs:
        by_cell[run.cell].append(run)
    items: list[Item] = _framed(lines_of(by_cell.pop(-1, []), page.number), frames, page.number)
    base = 0
    for grid in found:
        cells: list[PartCell] = []
        for index, (row, column, row_span, column_span) in enumerate(grid.spans):
            box = grid.xs[column], grid.ys[row], grid.xs[column + column_span], grid.ys[row + row_span]
            held = by_cell.get(base + index)
            text = cell_text(held, page.number) if held else ""
            cells.append(PartCell(row, column, row_span, column_span, text, page.number, box))
        base += len(grid.spans)
        items.append(Part(page.number, page.number, list(grid.xs), len(grid.ys) - 1, cells, grid.box))
    items.sort(key=by_top)
    return Sheet(page.number, page.width, page.height, items, single)


def _framed(lines: list[Line], frames: list[Grid], page: int) -> list[Item]:
    """Lines inside a low frame as one part; lines inside a higher one, or in none, as they are."""
    items: list[Item] = list(lines)
    for grid in frames:
        left, top, right, bottom = grid.box
        if bottom - top > LOW_FRAME:
            continue
        inside = [
            line for line in lines if top < (line.top + line.bottom) / 2 < bottom and left < line.left and line.right < right
        ]
        if inside and all(any(item is line for item in items) for line in inside):
            items = [item for item in items if not any(item is line for line in inside)]
            cell = PartCell(0, 0, 1, 1, "\n".join([line.text for line in inside]), page, grid.box)
            items.append(Part(page, page, [left, right], 1, [cell], grid.box, framed=inside))
    return items
