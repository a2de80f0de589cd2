"""Parts of one table on following pages -> one table: repeated heads dropped, rows torn by the page mended."""

from __future__ import annotations

import re
from collections import defaultdict

from reports_in.builder import Builder
from reports_in.geometry.page import Item, Line, Part, PartCell, Sheet
from reports_in.geometry.ruled import set_apart
from reports_in.geometry.words import NUMBER, has_ordinal, is_figure


def join_over_pages(sheets: list[Sheet], builder: Builder) -> list[Item]:
    """All items in reading order, a table that goes on over the page made one."""
    flow: list[Item] = []
    for sheet in sheets:
        for index, item in enumerate(sheet.items):
            before = flow[-1] if flow else None
            if (
                index == 0
                and isinstance(item, Part)
                and isinstance(before, Part)
                and before.last_page == sheet.number - 1
                and before.ruled
                and item.ruled
                and not (before.framed and item.framed)
                and abs(before.xs[0] - item.xs[0]) < 6
                and abs(before.xs[-1] - item.xs[-1]) < 6
            ):
                _append(before, item, builder)
                before.framed = []
            else:
                flow.append(item)
    kept: list[Item] = []
    for item in flow:
        if isinstance(item, Line):
            kept.append(item)
        elif item.framed:
            kept.extend(item.framed)
        elif any(cell.text for cell in item.cells):  # else it is a drawing
            kept.append(item)
    return kept


def _append(table: Part, part: Part, builder: Builder) -> None:
    """Set the part under the table: one set of columns for both, a repeated head once, a row or label cut in two mended."""
    xs = set_apart(sorted([*table.xs, *part.xs]))
    for piece in (table, part):
        places = [_nearest(xs, x) for x in piece.xs]
        for cell in piece.cells:
            start = places[cell.column]
            cell.column_span = places[cell.column + cell.column_span] - start
            cell.column = start
    head = _repeated_head(table, part)
    if head:
        builder.note("REPEATED_HEAD", f"第{part.page}页续表重复的表头{head}行只计一次")
    seam = table.rows
    for cell in part.cells:
        if cell.row >= head:
            cell.row += seam - head
            table.cells.append(cell)
    table.xs = xs
    table.rows = seam + part.rows - head
    table.last_page = part.page
    _mend(table, seam, builder)


def _nearest(places: list[float], place: float) -> int:
    return min(range(len(places)), key=lambda index: abs(places[index] - place))


def _repeated_head(table: Part, part: Part) -> int:
    """How many rows at the part's top print the table's first rows again."""
    ours, theirs = _by_row(table), _by_row(part)
    rows = 0
    deepest = 0
    for row in range(min(table.rows, part.rows)):
        first = [(c.column, c.column_span, c.row_span, re.sub(r"\s", "", c.text)) for c in ours.get(row, ())]
        second = [(c.column, c.column_span, c.row_span, re.sub(r"\s", "", c.text)) for c in theirs.get(row, ())]
        if first != second or any(NUMBER.fullmatch(text) for *_, text in first) or not any(text for *_, text in first):
            break
        deepest = max([deepest, *(row + span for _, _, span, _ in first)])
        if deepest <= row + 1:
            rows = row + 1
    return rows if rows < min(table.rows, part.rows) else 0


def _by_row(part: Part) -> dict[int, list[PartCell]]:
    rows: dict[int, list[PartCell]] = defaultdict(list)
    for cell in part.cells:
        rows[cell.row].append(cell)
    return rows


def _mend(table: Part, seam: int, builder: Builder) -> None:
    """Put together what the page break between the rows seam - 1 and seam cut.

    Only where the text itself shows the cut: the upper piece begins with an ordinal, the lower one does not. What stays
    apart is not lost: it is a row of its own.
    """
    upper = {(c.column, c.column_span): c for c in table.cells if c.row + c.row_span == seam}
    lower = {(c.column, c.column_span): c for c in table.cells if c.row == seam}
    pairs = [(upper[key], lower[key]) for key in upper if key in lower]
    if not pairs:
        return
    row_is_cut = _is_cut(pairs, list(lower.values()), more=seam + 1 < table.rows)
    heads_are_cut = _parts_a_head(table, seam)
    glued: list[tuple[PartCell, PartCell]] = []
    for a, b in pairs:
        if row_is_cut:
            glued.append((a, b))
        elif is_figure(a.text) or is_figure(b.text) or not (a.text or b.text):
            continue
        elif heads_are_cut or ((a.row_span > 1 or b.row_span > 1) and _is_one(a, b)):
            glued.append((a, b))
    gone = set()
    for a, b in glued:
        a.text = "\n".join(filter(None, (a.text, b.text)))
        a.row_span += b.row_span
        gone.add(id(b))
    if not gone:
        return
    table.cells = [cell for cell in table.cells if id(cell) not in gone]
    if row_is_cut:
        for cell in table.cells:
            if cell.row > seam:
                cell.row -= 1
            elif cell.row + cell.row_span > seam:
                cell.row_span -= 1
        table.rows -= 1
    if any(b.text for _, b in glued):
        builder.note("CUT_BY_PAGE", f"第{table.last_page}页顶部的内容与上页末行是同一行，已合并")


def _is_cut(pairs: list[tuple[PartCell, PartCell]], lower: list[PartCell], more: bool) -> bool:
    """The last row above the page break and the first one below it are one: one label goes on, figures stand on one side only.

    Labels of several rows may go on beside it. On one side only an empty edge of the row may stand; below, if ``more`` rows
    follow, for the last row of a table may well be empty itself.
    """
    short = [(a, b) for a, b in pairs if a.row_span == b.row_span == 1]
    long = [(a, b) for a, b in pairs if not a.row_span == b.row_span == 1]
    if len(pairs) < len(lower) or not all(_is_one(a, b) for a, b in long):
        return False
    filled = any(a.text for a, _ in short), any(b.text for _, b in short)
    if filled == (False, True) or (filled == (True, False) and more):
        return True
    texts = [(a, b) for a, b in short if a.text and b.text]
    below = any(b.text for a, b in short if not a.text)
    above = any(a.text for a, b in short if not b.text)
    return len(texts) == 1 and _goes_on(*texts[0]) and not (above and below)


def _is_one(upper: PartCell, lower: PartCell) -> bool:
    return not upper.text or not lower.text or _goes_on(upper, lower)


def _parts_a_head(table: Part, seam: int) -> bool:
    """The page break runs through column heads: no figure beside it, and a head above it is divided below it."""
    upper = [c for c in table.cells if c.row + c.row_span == seam]
    lower = [c for c in table.cells if c.row == seam]
    if any(is_figure(c.text) for c in (*upper, *lower)):
        return False
    return any(
        sum(a.column <= b.column and b.column + b.column_span <= a.column + a.column_span for b in lower) > 1
        for a in upper
        if a.text
    )


def _goes_on(upper: PartCell, lower: PartCell) -> bool:
    """The lower text is the rest of the upper one: a numbered label goes on without number, an open bracket is closed."""
    if is_figure(upper.text) or is_figure(lower.text) or has_ordinal(lower.text):
        return False
    return has_ordinal(upper.text) or _open_brackets(upper.text) > 0 > _open_brackets(lower.text)


def _open_brackets(text: str) -> int:
    return sum(text.count(bracket) for bracket in "（(《“") - sum(text.count(bracket) for bracket in "）)》”")
