"""Find tables that have no upright rules: by rows of figures, and by rules that only part the rows."""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise

from reports_in.geometry.lines import by_top, fields_of
from reports_in.geometry.page import Columns, Item, Line, Part, Rule, Run, Sheet
from reports_in.geometry.placing import gathered, has_figure, head_rows, is_row_of_figures, part_of, rows_of
from reports_in.geometry.ruled import set_apart


def find_unruled(sheet: Sheet, known: Columns | None) -> Columns | None:
    """Put tables without upright rules in the place of their lines; the columns of the one that ends the page, if any.

    known holds those of the page before: a table may go on without heads, if only with one row.
    """
    _level_tables(sheet, known)
    items: list[Item] = []
    lines: list[Line] = []
    for item in [*sheet.items, None]:
        if isinstance(item, Line):
            lines.append(item)
            continue
        items.extend(_unruled_tables(lines, None if items else known))
        lines = []
        if item is not None:
            items.append(item)
    sheet.items = items
    return items[-1].columns if items and isinstance(items[-1], Part) else None


def _level_tables(sheet: Sheet, known: Columns | None) -> None:
    """Tables whose only rules are level ones of the same right end; the text between two of them is a row."""
    if len(sheet.open_rules) < 3:
        return
    rules = sorted(sheet.open_rules)
    groups: list[list[Rule]] = []
    for rule in rules:
        for group in groups:
            if abs(group[0][2] - rule[2]) < 5 and rule[1] > group[0][1] - 5:
                group.append(rule)
                break
        else:
            groups.append([rule])
    for group in groups:
        if len(group) < 3:
            continue
        ys = set_apart([y for y, _, _ in group])
        bands: list[list[Line]] = [[] for _ in ys[1:]]
        for item in sheet.items:
            if isinstance(item, Line):
                index = bisect_right(ys, (item.top + item.bottom) / 2) - 1
                if 0 <= index < len(bands) and item.left > group[0][1] - 5 and item.right < group[0][2] + 5:
                    bands[index].append(item)
        for rows in _without_headings(bands, ys):
            first = rows and any(sheet.items[0] is line for line in rows[0])
            part = _level_table(rows, sheet.number, known if first else None)
            if part is not None:
                taken = {id(line) for band in rows for line in band}
                sheet.items = [item for item in sheet.items if id(item) not in taken]
                sheet.items.append(part)
        sheet.items.sort(key=by_top)


def _without_headings(bands: list[list[Line]], ys: list[float]) -> list[list[list[Line]]]:
    """The bands that hold lines, parted where one line stands in more room than rows have: a heading between two tables."""
    room = [
        bottom - top - (max([line.bottom for line in band]) - min([line.top for line in band])) if band else 0.0
        for band, (top, bottom) in zip(bands, pairwise(ys), strict=True)
    ]
    usual = sorted(space for space, band in zip(room, bands, strict=True) if band)
    tables: list[list[list[Line]]] = [[]]
    for space, band in zip(room, bands, strict=True):
        if not band:
            continue
        if all(len(fields_of(line)) == 1 for line in band) and space > 2 * usual[len(usual) // 2] + 4:
            tables.append([])
        else:
            tables[-1].append(band)
    return tables


def _level_table(rows: list[list[Line]], page: int, known: Columns | None) -> Part | None:
    """The bands between level rules as rows; None if they are prose, or rows of figures that no rule parts."""
    tabular = [band for band in rows if max(len(fields_of(line)) for line in band) > 1]
    figures = [sum(is_row_of_figures(fields_of(line)) for line in band) for band in rows]
    if len(tabular) < 2 or len(tabular) < 0.5 * len(rows) or max(figures) > 1:
        return None
    cells: list[list[Run]] = []
    heads: list[list[Run]] = []  # bands without figures: a head may run over the rule between two of them
    for band in [*rows, None]:
        pieces = [piece for line in band or () for piece in fields_of(line)]
        if band is not None and not has_figure(pieces):
            heads.append(pieces)
            continue
        if any(len(row) > 1 for row in heads):
            cells.extend(head_rows([piece for row in heads for piece in row]))
        else:
            cells.extend(gathered(row) for row in heads)
        heads = []
        if band is not None:
            cells.append(gathered(pieces))
    return part_of(cells, page, known, ruled=True)


def _unruled_tables(lines: list[Line], known: Columns | None) -> list[Item]:
    """Neighbouring lines of several columns as tables, the other lines as they are.

    A piece of a label may part a table; what stands close below it goes on in the same columns.
    """
    items: list[Item] = []
    columns = [len(fields_of(line)) for line in lines]
    start = 0
    for index in range(len(lines) + 1):
        if index < len(lines) and (columns[index] > 1 or (start < index < len(lines) - 2 and _is_piece(lines, columns, index))):
            continue
        counts = columns[start:index]
        if start and start < len(lines) and lines[start].top - lines[start - 1].bottom > 1.2 * lines[start].size:
            known = None
        if counts and max(counts) >= 3 and (known is not None or sum(count > 1 for count in counts) >= 2):
            made = _block(lines[start:index], known)
            items.extend(made)
            known = next((item.columns for item in reversed(made) if isinstance(item, Part)), None)
        else:
            items.extend(lines[start:index])
        if index < len(lines):
            items.append(lines[index])
            if index and lines[index].top - lines[index - 1].bottom > 1.2 * lines[index].size:
                known = None
        start = index + 1
    return items


def _is_piece(lines: list[Line], columns: list[int], index: int) -> bool:
    """A line of one column with rows of the table close above and below it."""
    near = 1.2 * lines[index].size
    below = next((other for other in range(index + 1, min(index + 4, len(lines))) if columns[other] > 1), None)
    return (
        below is not None
        and columns[index - 1] >= 1
        and lines[index].top - lines[index - 1].bottom < near
        and all(lines[other].top - lines[other - 1].bottom < near for other in range(index + 1, below + 1))
    )


def _block(lines: list[Line], known: Columns | None) -> list[Item]:
    """The lines of a table without rules as rows, each row's line of figures gathering the pieces of its label."""
    fields = [fields_of(line) for line in lines]
    row_of = rows_of(lines, fields)
    page = lines[0].page
    items: list[Item] = []
    pending: list[list[Run]] = []
    index = 0
    while index < len(lines):
        end = index + 1
        if row_of[index] is not None:
            while end < len(lines) and row_of[end] == row_of[index]:
                end += 1
            pending.append(gathered([piece for at in range(index, end) for piece in fields[at]]))
        else:
            while end < len(lines) and row_of[end] is None:
                end += 1
            if any(len(fields[at]) > 1 for at in range(index, end)):
                pending.extend(head_rows([piece for at in range(index, end) for piece in fields[at]]))
            else:
                if pending:
                    part = part_of(pending, page, known, ruled=False)
                    known = part.columns
                    items.append(part)
                    pending = []
                items.extend(lines[index:end])
        index = end
    if pending:
        items.append(part_of(pending, page, known, ruled=False))
    return items
