"""The cells of a table without upright rules, by the places of its figures and heads."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import pairwise

from reports_in.document import Trust
from reports_in.geometry.lines import lines_of
from reports_in.geometry.page import Columns, Line, Part, PartCell, Run, by_left
from reports_in.geometry.words import has_ordinal, is_figure

LABEL_PITCH = 0.6  # type sizes between two lines of one label, at most


def is_row_of_figures(fields: list[Run]) -> bool:
    return len(fields) > 1 and any(is_figure(field.text) for field in fields)


def rows_of(lines: list[Line], fields: list[list[Run]]) -> list[int | None]:
    """For every line its row's line of figures, by index; None for heads and for what belongs to no row.

    A piece of a label belongs to the line that it stands closer to. Where rows stand no further apart than the lines of a
    label, it goes on from the line above, unless it begins with an ordinal.
    """
    row_of: list[int | None] = [index if is_row_of_figures(pieces) else None for index, pieces in enumerate(fields)]
    figures = [[piece for piece in pieces if is_figure(piece.text)] for pieces in fields]
    labelled = all(not is_figure(fields[index][0].text) for index, row in enumerate(row_of) if row is not None)

    def joins(index: int, row: int | None) -> bool:
        return row is not None and fields[index][0].right <= figures[row][0].left

    down: list[int] = []
    for index, line in enumerate(lines):
        if row_of[index] is not None or len(fields[index]) > 1:
            continue
        above = line.top - lines[index - 1].bottom if index else float("inf")
        below = lines[index + 1].top - line.bottom if index + 1 < len(lines) else float("inf")
        slack = 0.25 * line.size
        if above < below - slack or (abs(above - below) <= slack and labelled and not has_ordinal(line.text)):
            if index and above < LABEL_PITCH * line.size and joins(index, row_of[index - 1]):
                row_of[index] = row_of[index - 1]
        elif below < LABEL_PITCH * line.size:
            down.append(index)
    for index in reversed(down):
        if index + 1 < len(lines) and joins(index, row_of[index + 1]):
            row_of[index] = row_of[index + 1]
    return row_of


def head_rows(fields: list[Run]) -> list[list[Run]]:
    """Column heads put together from their lines: pieces close above each other with the same middle are one head."""
    heads: list[list[Run]] = []
    for piece in sorted(fields, key=lambda piece: piece.top):
        middle = (piece.left + piece.right) / 2
        for head in heads:
            last = head[-1]
            near = -0.3 * piece.size < piece.top - last.bottom < 0.6 * piece.size
            flush = abs(last.left - piece.left) < 0.3 * piece.size
            if near and (abs((last.left + last.right) / 2 - middle) < 0.6 * piece.size or flush):
                head.append(piece)
                break
        else:
            heads.append([piece])
    whole = [_stacked(head) for head in heads]
    return [gathered(list(line.runs)) for line in lines_of(whole, 0)]


def part_of(rows: list[list[Run]], page: int, known: Columns | None, ruled: bool) -> Part:
    """A table of these cells.

    A grid if every figure stands under one head, so that it is known where one is missing; else ragged. ``known`` holds the
    columns of a table that may go on here without heads. ruled says that a rule parts every two rows: then a label alone
    is a row with nothing in it, and not a piece of another label.
    """
    box = (
        min([cell.left for cells in rows for cell in cells]),
        min([cell.top for cells in rows for cell in cells]),
        max([cell.right for cells in rows for cell in cells]),
        max([cell.bottom for cells in rows for cell in cells]),
    )
    sections = _sections(rows, known)
    columns: list[Columns] = []
    for heads, body in sections:
        found = _under_heads(heads, body) if heads else known
        if found is None:
            break
        columns.append(found)
        known = found
    cells: list[PartCell] | None = None
    if len(columns) == len(sections):
        labels = max(
            [len(_labels(row, under)) for under, (_, body) in zip(columns, sections, strict=True) for row in body], default=0
        )
        cells = []
        row = 0
        for under, (heads, body) in zip(columns, sections, strict=True):
            placed = _placed(under, heads, body, labels, row, page, ruled)
            row += len(heads) + len(body)
            if placed is None:
                cells = None
                break
            cells.extend(placed)
    if cells is not None:
        return Part(page, page, [box[0], box[2]], len(rows), cells, box, Trust.GRID, ruled=False, columns=known)
    cells = [
        PartCell(row, column, 1, 1, cell.text, page, (cell.left, cell.top, cell.right, cell.bottom))
        for row, line in enumerate(rows)
        for column, cell in enumerate(line)
    ]
    return Part(page, page, [box[0], box[2]], len(rows), cells, box, Trust.RAGGED, ruled=False)


def _sections(rows: list[list[Run]], known: Columns | None) -> list[tuple[list[list[Run]], list[list[Run]]]]:
    """Heads and the rows under them, over and over. What stands wholly left of the columns is a label, not a head."""
    sections: list[tuple[list[list[Run]], list[list[Run]]]] = [([], [])]
    for index, row in enumerate(rows):
        after = rows[index + 1] if index + 1 < len(rows) else None
        is_head = not has_figure(row) and (len(row) > 1 or (after is not None and len(after) > 1 and not has_figure(after)))
        heads, body = sections[-1]
        if is_head and (body or not heads):
            columns = _under_heads(heads, body) if heads else known
            is_head = columns is None or len(_labels(row, columns)) < len(row)
        if not is_head:
            body.append(row)
        elif body:
            sections.append(([row], []))
        else:
            heads.append(row)
    return sections


def has_figure(cells: list[Run]) -> bool:
    return any(is_figure(cell.text) for cell in cells)


def _under_heads(heads: list[list[Run]], rows: list[list[Run]]) -> Columns | None:
    """The columns right of the labels: one under every lowest head. None if two such heads stand over each other."""
    every = [cell for cells in heads for cell in cells]
    lowest = [
        head
        for head in every
        if not any(other.top >= head.bottom - 1 and other.left < head.right and head.left < other.right for other in every)
    ]
    lowest.sort(key=by_left)
    if any(after.left < before.right for before, after in pairwise(lowest)):
        return None
    labels = [row[0] for row in rows if not is_figure(row[0].text)]
    named = [head for head in lowest if any(label.left < head.right and head.left < label.right for label in labels)]
    right = max([cell.right for cell in (*named, *labels)], default=-1.0)
    return [(head.left, head.right) for head in lowest if head.left >= right] or None


def _labels(row: list[Run], columns: Columns) -> list[Run]:
    return [cell for cell in row if cell.right <= columns[0][0] + 0.5 * cell.size and not is_figure(cell.text)]


def _placed(
    columns: Columns, heads: list[list[Run]], rows: list[list[Run]], labels: int, start: int, page: int, ruled: bool
) -> list[PartCell] | None:
    """The cells in these columns, after so many of labels, and blanks where none stands. None if one fits no column or two do."""
    borders = [(before[1] + after[0]) / 2 for before, after in pairwise(columns)]
    cells: list[PartCell] = []
    for row, line in enumerate([*heads, *rows], start):
        is_head = row - start < len(heads)
        named = _labels(line, columns)
        if len(named) > max(labels, 1):
            return None
        for index, cell in enumerate(named):
            span = max(labels, 1) - index if index == len(named) - 1 else 1
            cells.append(PartCell(row, index, 1, span, cell.text, page, (cell.left, cell.top, cell.right, cell.bottom)))
        if len(named) == len(line) and (is_head or not ruled):
            continue
        taken: set[int] = set()
        others = [cell for cell in line if not any(cell is label for label in named)]
        reach = _reach(others, columns, borders, taller=row < start + len(heads) - 1) if is_head else {}
        for cell in others:
            if is_head:
                first, last = reach[id(cell)]
            else:
                first = last = bisect_right(borders, (cell.left + cell.right) / 2)
                if cell.right <= columns[first][0] or cell.left >= columns[first][1]:
                    return None
            if not taken.isdisjoint(range(first, last + 1)):
                return None
            taken.update(range(first, last + 1))
            box = cell.left, cell.top, cell.right, cell.bottom
            cells.append(PartCell(row, labels + first, 1, last - first + 1, cell.text, page, box))
        if not is_head:
            top, bottom = min([cell.top for cell in line]), max([cell.bottom for cell in line])
            for column, (left, right) in enumerate(columns):
                if column not in taken:
                    cells.append(PartCell(row, labels + column, 1, 1, "", page, (left, top, right, bottom)))
    return cells


def _reach(heads: list[Run], columns: Columns, borders: list[float], taller: bool) -> dict[int, tuple[int, int]]:
    """First and last column of every head of a row, by the head's id.

    A head above others (taller) is printed in the middle of its columns: it grows to both sides until another one or the
    table's edge stops it.
    """
    reach = {id(head): (bisect_right(borders, head.left), bisect_left(borders, head.right)) for head in heads}
    growing = list(heads) if taller else []
    while growing:
        still = []
        for head in growing:
            first, last = reach[id(head)][0] - 1, reach[id(head)][1] + 1
            others = [span for key, span in reach.items() if key != id(head)]
            if first < 0 or last >= len(columns) or any(a <= last and first <= b for a, b in others):
                continue
            centre = (head.left + head.right) / 2
            if abs((columns[first][0] + columns[last][1]) / 2 - centre) > head.size:
                continue
            reach[id(head)] = first, last
            still.append(head)
        growing = still
    return reach


def gathered(fields: list[Run]) -> list[Run]:
    """The cells of a row from left to right: pieces that stand above each other are lines of one cell."""
    columns: list[list[Run]] = []
    for piece in sorted(fields, key=by_left):
        if columns and piece.left < max([other.right for other in columns[-1]]):
            columns[-1].append(piece)
        else:
            columns.append([piece])
    return [_stacked(sorted(pieces, key=lambda piece: piece.top)) for pieces in columns]


def _stacked(pieces: list[Run]) -> Run:
    """The lines of one cell, from top to bottom, as one piece of text."""
    return Run(
        min([piece.left for piece in pieces]),
        pieces[0].top,
        max([piece.right for piece in pieces]),
        max([piece.bottom for piece in pieces]),
        "\n".join([piece.text for piece in pieces]),
        pieces[0].size,
    )
