"""Tables of a page: which are data and which only lay the page out, and where each cell stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from reports_in.builder import Builder, Placed, too_much
from reports_in.limits import LIMITS
from reports_in.pages import SENTENCE, Attachment, Grid, Image, Item, Line

LONG_CELL = 200  # characters; the longest label of the official tables has 40
PAGE_LEVEL = 2  # <h1> and <h2> head pages; deeper ones are also used to make the text of a cell bold


@dataclass(slots=True)
class RawTable:
    """A table as marked up. groups are the indexes of the rows at which a tbody, thead or tfoot starts."""

    rows: list[list[Cell]] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)

    def add(self, cell: Cell) -> None:
        if not self.rows:
            self.rows.append([])
        self.rows[-1].append(cell)


class Cell(NamedTuple):
    """A cell as marked up, with what it holds: its flow or, where that would be one plain line, the ``text`` of it.

    A row_span of 0 reaches to the end of the row group.
    """

    column_span: int
    row_span: int
    flow: Flow
    text: str = ""

    def held(self) -> Flow:
        return [Line(self.text)] if self.text else self.flow


Flow = list["Line | Image | Attachment | RawTable"]


def settle(flow: Flow, builder: Builder, depth: int = 0) -> list[Item]:
    """The flow with data tables as grids, and tables that only lay out the page opened into what they hold."""
    if depth > LIMITS.nested_tables:
        raise too_much(builder.name, "表格嵌套", LIMITS.nested_tables, "层")
    items: list[Item] = []
    for piece in flow:
        if not isinstance(piece, RawTable):
            items.append(piece)
            continue
        if _lays_out(piece):
            for row in piece.rows:
                for cell in row:
                    items.extend(settle(cell.held(), builder, depth + 1))
        else:
            items.extend(_grids(piece, builder))
    return items


def _lays_out(table: RawTable) -> bool:
    """Whether a table only arranges the page.

    A table of one cell per row tells nothing that reading order does not. Beyond that a table lays out if
    tables inside it hold most of the text, if one long cell does, or if a cell holds prose beside a table. A small one
    (under three rows or columns) does so as soon as any cell has a heading, a table or a long text.
    """
    most = max((len(row) for row in table.rows), default=0)
    if most <= 1:
        return True
    total = inner = largest = 0
    headed = False
    for row in table.rows:
        for cell in row:
            own = len(cell.text)
            nested = 0
            prose = False
            for piece in cell.flow:
                if isinstance(piece, Line):
                    own += len(piece.text)
                    if piece.level is not None:
                        headed = headed or piece.level <= PAGE_LEVEL
                    if len(piece.text) >= SENTENCE:  # asked here too, for the sake of the many short ones
                        prose = prose or piece.is_sentence
                elif isinstance(piece, RawTable):
                    nested += _extent(piece)
            if nested:
                if prose:
                    return True
                inner += nested
                own += nested
            total += own
            if own > largest:
                largest = own
    thin = len(table.rows) < 3 or most < 3
    if thin and (headed or inner or largest > LONG_CELL):
        return True
    return inner * 2 > total or (largest > 2 * LONG_CELL and largest * 2 > total)


def _extent(table: RawTable) -> int:
    """How many characters a table holds, tables inside it included."""
    total = 0
    tables = [table]
    while tables:
        for row in tables.pop().rows:
            for cell in row:
                total += len(cell.text)
                for piece in cell.flow:
                    if isinstance(piece, Line):
                        total += len(piece.text)
                    elif isinstance(piece, RawTable):
                        tables.append(piece)
    return total


def _grids(table: RawTable, builder: Builder) -> list[Item]:
    """The table as one grid; a row that is nothing but one long text over all columns is read as text between two grids."""
    items: list[Item] = []
    begin = 0
    for index, row in enumerate(table.rows):
        filled = [cell for cell in row if cell.text or cell.flow]
        if len(filled) == 1 and len(_text(filled[0])) > LONG_CELL:
            _append_grid(items, table, begin, index, builder)
            items.extend(piece for piece in filled[0].held() if not isinstance(piece, RawTable))
            begin = index + 1
    _append_grid(items, table, begin, len(table.rows), builder)
    return items


def _append_grid(items: list[Item], table: RawTable, begin: int, end: int, builder: Builder) -> None:
    if begin >= end:
        return
    groups = [group - begin for group in table.groups if begin < group < end]
    cells, columns = place(table.rows[begin:end], groups, builder)
    if any(cell.text for cell in cells):
        items.append(Grid(cells, end - begin, columns))
        return
    held = (piece for row in table.rows[begin:end] for cell in row for piece in cell.flow)
    items.extend(piece for piece in held if isinstance(piece, Image | Attachment))


def place(rows: list[list[Cell]], groups: list[int], builder: Builder) -> tuple[list[Placed], int]:
    """The cells at their places, and the number of columns, as browsers count them.

    A row span ends with its row group, a column span before a place already taken. A column span beyond LIMITS.columns
    reaches as far as the widest other row. Raises LimitExceeded for a row that needs more than LIMITS.columns.
    """
    placed: list[Placed] = []
    taken: list[int] = []  # per column: the first row that is free again
    columns = widest = 0
    ends = [*groups, len(rows)]
    group = 0
    most = LIMITS.columns
    new = tuple.__new__  # what Placed(...) comes to, in half the time
    for index, row in enumerate(rows):
        while ends[group] <= index:
            group += 1
        end = ends[group]
        column = 0
        for cell in row:
            while column < len(taken) and taken[column] > index:
                column += 1
            if cell.column_span == 1 and cell.row_span == 1 and column < most:  # as nearly all are
                if column < len(taken):
                    taken[column] = index + 1
                else:
                    taken.append(index + 1)
                placed.append(new(Placed, (cell.text or _text(cell), index, column, 1, 1)))
                column += 1
                continue
            width = cell.column_span or 1
            if width > most:
                widest = widest or _width(rows)
                width = max(1, widest - column)
                builder.note("SPAN_CLAMPED", f"表格单元格声明合并 {cell.column_span} 列，按 {width} 列读取")
            if column + width > most:
                raise too_much(builder.name, "表格的列", LIMITS.columns, "列")
            height = cell.row_span
            if height != 1 and not 0 < height <= end - index:
                height = end - index
            if len(taken) < column + width:
                taken.extend([0] * (column + width - len(taken)))
            reach = column
            while reach < column + width and taken[reach] <= index:
                taken[reach] = index + height
                reach += 1
            text = cell.text or _text(cell)
            placed.append(new(Placed, (text, index, column, height, reach - column)))
            column = reach
        if column > columns:
            columns = column
    return placed, columns


def _width(rows: list[list[Cell]]) -> int:
    """The columns of the widest row by its own spans, impossible ones counted as one."""
    return max(sum(cell.column_span if 0 < cell.column_span <= LIMITS.columns else 1 for cell in row) for row in rows)


def _text(cell: Cell) -> str:
    """The text of a cell, its lines joined by line ends; those of a table inside it follow in reading order."""
    flow = cell.flow
    if not flow:
        return cell.text
    if len(flow) == 1 and isinstance(flow[0], Line):
        return flow[0].text
    lines: list[str] = []
    pending: list[Line | Image | Attachment | RawTable] = list(reversed(flow))
    while pending:
        piece = pending.pop()
        if isinstance(piece, Line):
            lines.append(piece.text)
        elif isinstance(piece, RawTable):
            pending.extend(inner for row in reversed(piece.rows) for cell in reversed(row) for inner in reversed(cell.held()))
    return "\n".join(lines)
