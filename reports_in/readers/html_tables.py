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
    """A table as marked up. groups are the indexes of the rows at which a tbody, thead or tfoot starts.

    A cell that spans nothing and holds one plain line, or nothing, is that line: nearly all are.
    """

    rows: list[list[Cell | str]] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)

    def add(self, cell: Cell | str) -> None:
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
                    items.extend(settle(_held(cell), builder, depth + 1))
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
            if isinstance(cell, str):
                own = len(cell)
                total += own
                if own > largest:
                    largest = own
                continue
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
                total += len(cell if isinstance(cell, str) else cell.text)
                for piece in () if isinstance(cell, str) else cell.flow:
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
        sole = _sole(row)
        if sole is not None and len(_text(sole)) > LONG_CELL:
            _append_grid(items, table, begin, index, builder)
            items.extend(piece for piece in _held(sole) if not isinstance(piece, RawTable))
            begin = index + 1
    _append_grid(items, table, begin, len(table.rows), builder)
    return items


def _sole(row: list[Cell | str]) -> Cell | str | None:
    """The only cell of a row that holds anything; None if there are several, or none."""
    sole = None
    for cell in row:
        if cell if isinstance(cell, str) else cell.text or cell.flow:
            if sole is not None:
                return None
            sole = cell
    return sole


def _held(cell: Cell | str) -> Flow:
    if isinstance(cell, str):
        return [Line(cell)] if cell else []
    return [Line(cell.text)] if cell.text else cell.flow


def _append_grid(items: list[Item], table: RawTable, begin: int, end: int, builder: Builder) -> None:
    if begin >= end:
        return
    groups = [group - begin for group in table.groups if begin < group < end]
    cells, columns = place(table.rows[begin:end], groups, builder)
    if any(text for text, *_ in cells):
        items.append(Grid(cells, end - begin, columns))
        return
    held = (piece for row in table.rows[begin:end] for cell in row if not isinstance(cell, str) for piece in cell.flow)
    items.extend(piece for piece in held if isinstance(piece, Image | Attachment))


def place(rows: list[list[Cell | str]], groups: list[int], builder: Builder) -> tuple[list[Placed], int]:
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
    for index, row in enumerate(rows):
        while ends[group] <= index:
            group += 1
        end = ends[group]
        column = 0
        for cell in row:
            while column < len(taken) and taken[column] > index:
                column += 1
            if isinstance(cell, str) and column < most:
                if column < len(taken):
                    taken[column] = index + 1
                else:
                    taken.append(index + 1)
                placed.append((cell, index, column, 1, 1))
                column += 1
                continue
            stated_width, height = (1, 1) if isinstance(cell, str) else cell[:2]
            width = stated_width or 1
            if width > most:
                widest = widest or _width(rows)
                width = max(1, widest - column)
                builder.note("SPAN_CLAMPED", f"表格单元格声明合并 {stated_width} 列，按 {width} 列读取")
            if column + width > most:
                raise too_much(builder.name, "表格的列", LIMITS.columns, "列")
            if height != 1 and not 0 < height <= end - index:
                height = end - index
            if len(taken) < column + width:
                taken.extend([0] * (column + width - len(taken)))
            reach = column
            while reach < column + width and taken[reach] <= index:
                taken[reach] = index + height
                reach += 1
            placed.append((_text(cell), index, column, height, reach - column))
            column = reach
        if column > columns:
            columns = column
    return placed, columns


def _width(rows: list[list[Cell | str]]) -> int:
    """The columns of the widest row by its own spans, impossible ones counted as one."""
    spans = [[1 if isinstance(cell, str) else cell.column_span for cell in row] for row in rows]
    return max(sum(span if 0 < span <= LIMITS.columns else 1 for span in row) for row in spans)


def _text(cell: Cell | str) -> str:
    """The text of a cell, its lines joined by line ends; those of a table inside it follow in reading order."""
    if isinstance(cell, str):
        return cell
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
            pending.extend(inner for row in reversed(piece.rows) for cell in reversed(row) for inner in reversed(_held(cell)))
    return "\n".join(lines)
