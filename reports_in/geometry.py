"""From what a page shows (glyph boxes and ruling lines) to what it says: tables with spans, paragraphs, reading order.

Pure: it knows no file format. A reader fills one Page for every page and calls ``lay_out``.
All lengths are points, the origin is the page's top left corner, y grows downwards.

rules -> merged collinear pieces -> connected tables -> grid of elementary cells, joined where no rule parts them
glyphs -> runs -> cells or lines; lines -> running heads dropped -> tables without rules -> paragraphs
parts of one table on following pages -> one table
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reports_in.builder import Builder
from reports_in.document import Box, Source, Table, TableCell, Trust
from reports_in.limits import LIMITS

Floats = NDArray[np.float32]
Columns = list[tuple[float, float]]  # left and right of what stands in each, from left to right
Rule = tuple[float, float, float]  # place across, start, end along: (y, x0, x1) or (x, y0, y1)

SNAP = 3.5  # rules nearer than this are one rule: double lines, borders that neighbouring cells draw each for itself
BRIDGE = 3.0  # a gap in a rule that the eye does not see
NARROW = 4.0  # no text fits between two rules nearer than this
REACH = 3.0  # a rule ending this near to another one touches it
STICKS_OUT = 8.0  # rules that pass the outermost crossing rule by more than this show a table open at that side
LABEL_PITCH = 0.6  # type sizes between two lines of one label, at most
LOW_FRAME = 80.0  # a higher frame with one cell is no row of a table
PAIRS = 2_000_000  # crossings tried on one page; a page with more is a drawing, no table

NUMBER = re.compile(r"[+＋\-－−—–/／.．,，%％\d０-９]+")
ORDINAL = re.compile(
    r"\s*(?:[（(][一二三四五六七八九十百\d０-９]{1,3}[)）]|[一二三四五六七八九十百]{1,3}\s*[、.．]|[\d０-９]{1,2}\s*[、.．)）](?!\d)|第[一二三四五六七八九十百]{1,4}[条章节项])"
)
PAGE_NUMBER = re.compile(
    r"(?:[-—–－―~·•]+\s*\d{1,4}\s*[-—–－―~·•]+|第\s*[\d一二三四五六七八九十]{1,4}\s*页(?:\s*[,，/]?\s*共\s*\d{1,4}\s*页)?|\d{1,4}\s*/\s*\d{1,4}|(?:[Pp]age\s*)?\d{1,4}(?:\s*of\s*\d{1,4})?)"
)
SENTENCE_END = frozenset("。；：！？!?;:”）》")
CLOSERS = "，。、；：！？”’）》】〉」』,.;:!?)]}%％…"
WORD = re.compile(rf"[A-Za-z0-9@#&_./:\\+\-％%]+[{re.escape(CLOSERS)}]*|.[{re.escape(CLOSERS)}]*", re.S)


@dataclass(frozen=True, slots=True)
class Page:
    """What one page shows, turned upright.

    text   one code point per glyph, in the file's own order.
    boxes  one row per glyph: left, top, right, bottom of its advance width and font height (not of its ink).
    """

    number: int
    width: float
    height: float
    text: str
    boxes: Floats
    horizontal: Sequence[Rule] = ()
    vertical: Sequence[Rule] = ()


@dataclass(frozen=True, slots=True)
class Grid:
    """A ruled table without its text. ``spans`` holds row, column, row span, column span; ``owner`` their index by place."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    spans: tuple[tuple[int, int, int, int], ...]
    owner: NDArray[np.int32]

    @property
    def box(self) -> Box:
        return self.xs[0], self.ys[0], self.xs[-1], self.ys[-1]


@dataclass(slots=True)
class Run:
    """Glyphs that stand side by side in one line of one cell.

    size  the height of its smallest glyph: figures in a line of Han characters often come from a taller font.
    cell  -1 outside all tables.
    """

    left: float
    top: float
    right: float
    bottom: float
    text: str
    size: float
    cell: int = -1


@dataclass(slots=True)
class Line:
    page: int
    left: float
    top: float
    right: float
    bottom: float
    runs: list[Run]
    text: str

    @property
    def size(self) -> float:
        """The height of its type."""
        return max(self.runs, key=_length).size

    @property
    def box(self) -> Box:
        return self.left, self.top, self.right, self.bottom


@dataclass(slots=True)
class PartCell:
    row: int
    column: int
    row_span: int
    column_span: int
    text: str
    page: int
    box: Box


@dataclass(slots=True)
class Part:
    """A table, or the part of one that stands on one page.

    ruled   upright rules part its columns, whose edges are ``xs``; else ``xs`` holds only its own edges, and ``columns``
            where its figures stand, if that is known.
    framed  the lines inside a frame of one cell: a row of one cell if a table goes on from it over the page, else prose.
    """

    page: int
    last_page: int
    xs: list[float]
    rows: int
    cells: list[PartCell]
    box: Box
    trust: Trust = Trust.GRID
    ruled: bool = True
    columns: Columns | None = None
    framed: list[Line] = field(default_factory=list)

    @property
    def top(self) -> float:
        return self.box[1]

    @property
    def bottom(self) -> float:
        return self.box[3]


Item = Line | Part


@dataclass(slots=True)
class Sheet:
    """A page as far as it has been understood."""

    number: int
    width: float
    height: float
    items: list[Item]
    open_rules: list[Rule] = field(default_factory=list)


def lay_out(pages: Iterable[Page], builder: Builder) -> None:
    """Write what all pages together say: paragraphs and tables in reading order, and notes of what was left out or mended."""
    sheets = [_sheet(page, builder) for page in pages]
    _drop_running_lines(sheets, builder)
    known: Columns | None = None
    for sheet in sheets:
        known = _find_unruled(sheet, known)
    margins = _margins(sheets)
    lines: list[Line] = []
    for item in _join_over_pages(sheets, builder):
        if isinstance(item, Line):
            lines.append(item)
        else:
            _write_paragraphs(lines, margins, builder)
            lines = []
            _write_table(item, builder)
    _write_paragraphs(lines, margins, builder)


def grids(horizontal: Sequence[Rule], vertical: Sequence[Rule]) -> tuple[list[Grid], list[Rule], bool]:
    """The ruled tables, the horizontal rules that cross no vertical one, and whether all rules could be looked at.

    A frame around a single cell is a grid of one span.
    """
    across = _merged(horizontal)
    down = _merged(vertical)
    if len(across) * len(down) > PAIRS:
        return [], [], False
    parent = list(range(len(across) + len(down)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    places = [x for x, _, _ in down]
    for index, (y, x0, x1) in enumerate(across):
        own = root(index)
        for other in range(bisect_left(places, x0 - REACH), bisect_right(places, x1 + REACH)):
            _, y0, y1 = down[other]
            if y0 - REACH <= y <= y1 + REACH:
                parent[root(len(across) + other)] = own
    groups: dict[int, tuple[list[Rule], list[Rule]]] = defaultdict(lambda: ([], []))
    for index, rule in enumerate(across):
        groups[root(index)][0].append(rule)
    for index, rule in enumerate(down):
        groups[root(len(across) + index)][1].append(rule)
    found: list[Grid] = []
    single: list[Rule] = []
    complete = True
    for rows, columns in _with_open_rows(list(groups.values())):
        if not columns:
            single.extend(rows)
        elif rows:
            xs, ys = _edges(rows, columns)
            count = (len(xs) - 1) * (len(ys) - 1)
            if len(xs) - 1 > LIMITS.columns or count > LIMITS.cells:
                complete = False
            elif count:
                found.append(_grid(xs, ys, rows, columns))
    found.sort(key=lambda grid: (grid.ys[0], grid.xs[0]))
    return found, single, complete


def _with_open_rows(groups: list[tuple[list[Rule], list[Rule]]]) -> list[tuple[list[Rule], list[Rule]]]:
    """Put the pieces of a table without outer upright rules together, which a row of one cell parts.

    Such a row touches no upright rule. It belongs to the table if it is no higher than the rows beside it; a heading between
    two tables stands in more room.
    """
    joined: list[tuple[list[Rule], list[Rule]]] = []
    for rows, columns in sorted(groups, key=lambda group: min([y for y, _, _ in group[0]], default=0.0)):
        if not rows or not _is_open(rows, columns):
            joined.append((rows, columns))
            continue
        left, right = min([a for _, a, _ in rows]), max([b for _, _, b in rows])
        ys = sorted({y for y, _, _ in rows})
        for above, above_columns in reversed(joined):
            if not above or not _is_open(above, above_columns) or not (columns or above_columns):
                continue
            if abs(min([a for _, a, _ in above]) - left) > 4 or abs(max([b for _, _, b in above]) - right) > 4:
                continue
            above_ys = sorted({y for y, _, _ in above})
            beside = [b - a for a, b in (*pairwise(above_ys[-2:]), *pairwise(ys[:2]))]
            if 0 < ys[0] - above_ys[-1] <= min(1.4 * max(beside, default=0.0), 30.0):
                above.extend(rows)
                above_columns.extend(columns)
                break
        else:
            joined.append((rows, columns))
    return joined


def _is_open(rows: list[Rule], columns: list[Rule]) -> bool:
    if not columns:
        return True
    left, right = min([a for _, a, _ in rows]), max([b for _, _, b in rows])
    return min([x for x, _, _ in columns]) - left > STICKS_OUT or right - max([x for x, _, _ in columns]) > STICKS_OUT


def _merged(rules: Sequence[Rule]) -> list[Rule]:
    """Collinear pieces joined, double rules made one, specks dropped; sorted by place."""
    merged: list[Rule] = []
    pending = sorted(rules)
    start = 0
    while start < len(pending):
        end = start + 1
        while (
            end < len(pending) and pending[end][0] - pending[end - 1][0] <= SNAP and pending[end][0] - pending[start][0] <= SNAP
        ):
            end += 1
        place = pending[start][0]
        weight = moment = 0.0
        pieces: list[tuple[float, float]] = []
        for p, a, b in pending[start:end]:
            pieces.append((a, b))
            weight += b - a
            moment += p * (b - a)
        if weight > 0:
            place = moment / weight
        pieces.sort()
        low, high = pieces[0]
        last = high - low  # how long the latest piece is: short ones are dashes
        for a, b in pieces[1:]:
            if a - high <= (8.0 if last < 8.0 and b - a < 8.0 else BRIDGE):
                if b > high:
                    high = b
            else:
                merged.append((place, low, high))
                low, high = a, b
            last = b - a
        merged.append((place, low, high))
        start = end
    return [rule for rule in merged if rule[2] - rule[1] >= NARROW + 1]


def _edges(rows: list[Rule], columns: list[Rule]) -> tuple[list[float], list[float]]:
    """Where columns and rows begin and end, the open sides of the table closed."""
    xs = sorted({x for x, _, _ in columns})
    ys = sorted({y for y, _, _ in rows})
    left, right = min(a for _, a, _ in rows), max(b for _, _, b in rows)
    top, bottom = min(a for _, a, _ in columns), max(b for _, _, b in columns)
    xs = [left] * (xs[0] - left > STICKS_OUT) + xs + [right] * (right - xs[-1] > STICKS_OUT)
    ys = [top] * (ys[0] - top > STICKS_OUT) + ys + [bottom] * (bottom - ys[-1] > STICKS_OUT)
    return _apart(xs), _apart(ys)


def _apart(places: list[float]) -> list[float]:
    """Sorted places, those too near to their forerunner dropped."""
    kept = places[:1]
    for place in places[1:]:
        if place - kept[-1] >= NARROW:
            kept.append(place)
    return kept


def _grid(xs: list[float], ys: list[float], rows: list[Rule], columns: list[Rule]) -> Grid:
    """Elementary cells joined where no rule parts them, always to rectangles: first along the row, then downwards."""
    height, width = len(ys) - 1, len(xs) - 1
    walls = _covered(xs, ys, columns)  # walls[k][i]: a rule at xs[k] along row i
    floors = _covered(ys, xs, rows)  # floors[k][j]: a rule at ys[k] along column j
    spans: list[tuple[int, int, int, int]] = []
    owner = np.zeros((height, width), dtype=np.int32)
    above: dict[tuple[int, int], int] = {}  # column range of the row above -> index in spans
    for row in range(height):
        current: dict[tuple[int, int], int] = {}
        start = 0
        for column in range(1, width + 1):
            if column < width and not walls[column][row]:
                continue
            index = above.get((start, column))
            if index is not None and not any(floors[row][start:column]):
                first, _, count, span = spans[index]
                spans[index] = (first, start, count + 1, span)
            else:
                index = len(spans)
                spans.append((row, start, 1, column - start))
            current[start, column] = index
            owner[row, start:column] = index
            start = column
        above = current
    return Grid(tuple(xs), tuple(ys), tuple(spans), owner)


def _covered(places: list[float], along: list[float], rules: list[Rule]) -> list[list[bool]]:
    """For every place, which of the intervals between two following ``along`` a rule at that place covers."""
    middles = [(a + b) / 2 for a, b in pairwise(along)]
    covered = [[False] * len(middles) for _ in places]
    for place, start, end in rules:
        index = bisect_left(places, place)
        if index == len(places) or (index and place - places[index - 1] <= places[index] - place):
            index -= 1
        for interval in range(bisect_left(middles, start), bisect_right(middles, end)):
            covered[index][interval] = True
    return covered


def _sheet(page: Page, builder: Builder) -> Sheet:
    """The page's tables with their text and its other lines, from top to bottom."""
    found, single, complete = grids(page.horizontal, page.vertical)
    if not complete:
        builder.note("RULES_TOO_MANY", f"第{page.number}页的线条过多过密，未按表格识别，其文字仍按行读出")
    frames = [grid for grid in found if len(grid.spans) == 1]
    found = [grid for grid in found if len(grid.spans) > 1]
    runs = _runs(page, found)
    by_cell: dict[int, list[Run]] = defaultdict(list)
    for run in runs:
        by_cell[run.cell].append(run)
    items: list[Item] = _framed(_lines(by_cell.pop(-1, []), page.number), frames, page.number)
    base = 0
    for grid in found:
        cells: list[PartCell] = []
        for index, (row, column, row_span, column_span) in enumerate(grid.spans):
            box = grid.xs[column], grid.ys[row], grid.xs[column + column_span], grid.ys[row + row_span]
            held = by_cell.get(base + index)
            text = _cell_text(held, page.number) if held else ""
            cells.append(PartCell(row, column, row_span, column_span, text, page.number, box))
        base += len(grid.spans)
        items.append(Part(page.number, page.number, list(grid.xs), len(grid.ys) - 1, cells, grid.box))
    items.sort(key=_top)
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


def _top(item: Item) -> float:
    return item.top


def _runs(page: Page, found: list[Grid]) -> list[Run]:
    """The glyphs as runs: cut at every new line, gap, step back and cell border."""
    if not page.text:
        return []
    text, boxes = _without_overprint(page.text, page.boxes)
    left, top, right, bottom = boxes[:, 0], boxes[:, 1], boxes[:, 2], boxes[:, 3]
    size = np.maximum(bottom - top, 1.0)
    middle = (top + bottom) / 2
    least = np.minimum(size[1:], size[:-1])
    gap = left[1:] - right[:-1]
    line_break = (np.abs(middle[1:] - middle[:-1]) > 0.5 * least) | (left[1:] < left[:-1] - 0.3 * least)
    cell = _cell_of_each((left + right) / 2, middle, found)
    if found:
        _keep_words_whole(cell, line_break | (gap > 0.12 * least), right - left)
    cuts = np.nonzero(line_break | (gap > 0.2 * least) | (cell[1:] != cell[:-1]))[0] + 1
    starts = np.concatenate(([0], cuts))
    ends = np.concatenate((cuts, [len(text)]))
    lefts = np.minimum.reduceat(left, starts).tolist()
    tops = np.minimum.reduceat(top, starts).tolist()
    rights = np.maximum.reduceat(right, starts).tolist()
    bottoms = np.maximum.reduceat(bottom, starts).tolist()
    sizes = np.minimum.reduceat(size, starts).tolist()
    cells = cell[starts].tolist()
    pieces = [text[a:b] for a, b in zip(starts.tolist(), ends.tolist(), strict=True)]
    return [
        Run(*values)
        for values in zip(lefts, tops, rights, bottoms, pieces, sizes, cells, strict=True)
        if values[4] and not values[4].isspace()
    ]


def _cell_of_each(x: NDArray[np.floating[Any]], y: NDArray[np.floating[Any]], found: list[Grid]) -> NDArray[np.int64]:
    """For every point the cell that it lies in, counted over all grids; -1 outside."""
    cell = np.full(len(x), -1, dtype=np.int64)
    starts = list(accumulate((len(grid.spans) for grid in found), initial=0))
    # a table inside a cell of another one comes later and wins
    for index in sorted(range(len(found)), key=lambda index: -_area(found[index].box)):
        grid = found[index]
        x0, y0, x1, y1 = grid.box
        inside = np.nonzero((x > x0) & (x < x1) & (y > y0) & (y < y1))[0]
        if len(inside):
            rows = np.searchsorted(np.asarray(grid.ys), y[inside]) - 1
            columns = np.searchsorted(np.asarray(grid.xs), x[inside]) - 1
            cell[inside] = grid.owner[rows, columns] + starts[index]
    return cell


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _without_overprint(text: str, boxes: Floats) -> tuple[str, Floats]:
    """Every glyph once: imitated bold prints the same character again, a fraction of a point aside."""
    codes = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
    height = boxes[:, 3] - boxes[:, 1]
    feet = np.round(boxes[:, 3] / 3.0)
    keys = np.sort((codes.astype(np.int64) << 36) + (feet.astype(np.int64) << 20) + (boxes[:, 0] * 16).astype(np.int64))
    if not (keys[1:] - keys[:-1] < 16 * 0.15 * height.max() + 1).any():
        return text, boxes  # as nearly always, told by one cheap sort
    order = np.lexsort((boxes[:, 0], feet, codes))
    one, two = order[:-1], order[1:]
    near = 0.15 * np.maximum(height[two], 1.0)
    same = (
        (codes[one] == codes[two])
        & (np.abs(boxes[two, 0] - boxes[one, 0]) < near)
        & (np.abs(boxes[two, 3] - boxes[one, 3]) < near)
        & (np.abs(height[two] - height[one]) < near)
    )
    if not same.any():
        return text, boxes
    keep = np.ones(len(text), dtype=bool)
    keep[np.maximum(one[same], two[same])] = False
    kept = np.nonzero(keep)[0]
    return "".join([text[index] for index in kept.tolist()]), boxes[kept]


def _keep_words_whole(cell: NDArray[np.int64], apart: NDArray[np.bool_], widths: Floats) -> None:
    """A word that runs over a cell border (a long number in a narrow column) belongs, whole, where most of it stands."""
    crossing = np.nonzero((cell[1:] != cell[:-1]) & ~apart)[0]
    if not len(crossing):
        return
    cuts = np.nonzero(apart)[0]
    for index in crossing.tolist():
        if cell[index] == cell[index + 1]:
            continue  # mended together with an earlier crossing of the same word
        place = int(np.searchsorted(cuts, index))
        start = int(cuts[place - 1]) + 1 if place else 0
        end = int(cuts[place]) + 1 if place < len(cuts) else len(cell)
        share: dict[int, float] = defaultdict(float)
        for glyph in range(start, end):
            share[int(cell[glyph])] += float(widths[glyph])
        cell[start:end] = max(share, key=lambda key: (share[key], -key))


def _lines(runs: list[Run], page: int) -> list[Line]:
    """Runs that stand on one line put together, from top to bottom."""
    if not runs:
        return []
    grouped: list[list[Run]] = []
    # The file's order is nearly always the reading order: extend the latest line first, look for older ones only if it fails.
    ordered = sorted(runs, key=lambda run: (run.top + run.bottom) / 2)
    top = bottom = 0.0
    for run in ordered:
        if grouped:
            overlap = min(run.bottom, bottom) - max(run.top, top)
            if overlap > 0.55 * min(run.bottom - run.top, bottom - top):
                grouped[-1].append(run)
                if run.bottom - run.top > bottom - top:
                    top, bottom = run.top, run.bottom
                continue
        grouped.append([run])
        top, bottom = run.top, run.bottom
    return [_line(group, page) for group in grouped]


def _line(runs: list[Run], page: int) -> Line:
    if len(runs) == 1:
        run = runs[0]
        return Line(page, run.left, run.top, run.right, run.bottom, runs, run.text.strip())
    runs.sort(key=_left)
    pieces = [runs[0].text]
    for before, run in pairwise(runs):
        pieces.append(_space(before, run))
        pieces.append(run.text)
    return Line(
        page,
        runs[0].left,
        min([run.top for run in runs]),
        max([run.right for run in runs]),
        max([run.bottom for run in runs]),
        runs,
        "".join(pieces).strip(),
    )


def _left(run: Run) -> float:
    return run.left


def _length(run: Run) -> int:
    return len(run.text)


def _space(before: Run, after: Run) -> str:
    """What a gap inside a line stands for: a blank between Latin words and numbers, and where columns of prose stand apart."""
    a, b = before.text[-1], after.text[0]
    if a.isspace() or b.isspace():
        return ""
    if a.isascii() and b.isascii():
        return " " if after.left - before.right > 0.2 * (after.bottom - after.top) else ""
    if len(before.text) == 1 and len(after.text) == 1:
        return ""  # letterspaced or justified Han characters
    return " " if after.left - before.right > 1.6 * (after.bottom - after.top) else ""


def _cell_text(runs: list[Run], page: int) -> str:
    if len(runs) == 1:
        return runs[0].text.strip()
    return "\n".join([line.text for line in _lines(runs, page) if line.text])


def _drop_running_lines(sheets: list[Sheet], builder: Builder) -> None:
    """Take page numbers and running heads and feet away: at the page's edge, in the same place over the pages."""
    dropped: dict[int, set[int]] = defaultdict(set)
    quoted: list[str] = []
    for end in (0, -1):
        numbered: list[tuple[Sheet, Line, int | None]] = []
        for sheet in sheets:
            line = _outermost(sheet, end, dropped[id(sheet)])
            if line is not None and _at_edge(sheet, line) and PAGE_NUMBER.fullmatch(line.text):
                numbered.append((sheet, line, _bare_number(line.text)))
        offsets: dict[int, int] = defaultdict(int)
        for sheet, _, number in numbered:
            if number is not None:
                offsets[number - sheet.number] += 1
        for sheet, line, number in numbered:
            # a lone figure is a page number only if it counts with the pages
            if number is None or offsets[number - sheet.number] >= 2 or (number == sheet.number and len(sheets) == 1):
                dropped[id(sheet)].add(id(line))
                quoted.append(line.text)
    for end in (0, -1):
        for _ in range(3):  # up to three lines of head, three of foot
            seen: dict[tuple[str, int], list[tuple[Sheet, Line]]] = defaultdict(list)
            for sheet in sheets:
                line = _outermost(sheet, end, dropped[id(sheet)])
                if line is not None and not _is_figure(line.text) and _in_margin(sheet, line, end, dropped[id(sheet)]):
                    seen[re.sub(r"\d+", "0", line.text), round(line.top / 4)].append((sheet, line))
            repeated = [
                found
                for found in seen.values()
                if len(found) >= max(2, (len(sheets) + 2) // 3) and len({s.number for s, _ in found}) >= 2
            ]
            if not repeated:
                break
            for found in repeated:
                quoted.append(found[0][1].text)
                for sheet, line in found:
                    dropped[id(sheet)].add(id(line))
    for sheet in sheets:
        gone = dropped[id(sheet)]
        if gone:
            sheet.items = [item for item in sheet.items if id(item) not in gone]
    if quoted:
        shown = "、".join(f"“{text[:30]}”" for text in dict.fromkeys(quoted[:6]))
        builder.note("PAGE_FURNITURE", f"略去页眉、页脚和页码{sum(map(len, dropped.values()))}行，如{shown}")


def _outermost(sheet: Sheet, end: int, gone: set[int]) -> Line | None:
    """The first (end 0) or last (end -1) thing on the page, if it is a line."""
    for item in sheet.items if end == 0 else reversed(sheet.items):
        if id(item) not in gone:
            return item if isinstance(item, Line) else None
    return None


def _at_edge(sheet: Sheet, line: Line) -> bool:
    return line.bottom < 0.15 * sheet.height or line.top > 0.85 * sheet.height


def _bare_number(text: str) -> int | None:
    return int(text) if text.isdecimal() else None


def _in_margin(sheet: Sheet, line: Line, end: int, gone: set[int]) -> bool:
    """The line stands in the outer margin, apart from what follows, and is no row of a table."""
    if (line.bottom > 0.12 * sheet.height) if end == 0 else (line.top < 0.88 * sheet.height):
        return False
    if len(_fields(line)) > 2:
        return False
    rest = [item for item in sheet.items if id(item) not in gone and item is not line]
    if not rest:
        return True
    neighbour = rest[0] if end == 0 else rest[-1]
    gap = neighbour.top - line.bottom if end == 0 else line.top - neighbour.bottom
    return gap > 0.9 * line.size


def _fields(line: Line) -> list[Run]:
    """The line's text in pieces that stand more than a character's width apart; figures in less."""
    fields: list[Run] = []
    for run in line.runs:
        if fields and not _apart_from(fields[-1], run):
            last = fields[-1]
            text = last.text + _space(last, run) + run.text
            size = min(last.size, run.size)
            fields[-1] = Run(
                last.left, min(last.top, run.top), max(last.right, run.right), max(last.bottom, run.bottom), text, size
            )
        else:
            fields.append(Run(run.left, run.top, run.right, run.bottom, run.text.strip(), run.size))
    return fields


def _apart_from(before: Run, after: Run) -> bool:
    gap = after.left - before.right
    if gap > 1.15 * after.size:
        letterspaced = len(before.text) == len(after.text) == 1 and not _is_figure(before.text) and not _is_figure(after.text)
        return not letterspaced or gap > 2 * after.size
    return gap > 0.3 * after.size and _is_figure(before.text) and _is_figure(after.text)


def _find_unruled(sheet: Sheet, known: Columns | None) -> Columns | None:
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
        ys = _apart([y for y, _, _ in group])
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
        sheet.items.sort(key=_top)


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
        if all(len(_fields(line)) == 1 for line in band) and space > 2 * usual[len(usual) // 2] + 4:
            tables.append([])
        else:
            tables[-1].append(band)
    return tables


def _level_table(rows: list[list[Line]], page: int, known: Columns | None) -> Part | None:
    """The bands between level rules as rows; None if they are prose, or rows of figures that no rule parts."""
    tabular = [band for band in rows if max(len(_fields(line)) for line in band) > 1]
    figures = [sum(_is_row_of_figures(_fields(line)) for line in band) for band in rows]
    if len(tabular) < 2 or len(tabular) < 0.5 * len(rows) or max(figures) > 1:
        return None
    cells: list[list[Run]] = []
    heads: list[list[Run]] = []  # bands without figures: a head may run over the rule between two of them
    for band in [*rows, None]:
        pieces = [piece for line in band or () for piece in _fields(line)]
        if band is not None and not _has_figure(pieces):
            heads.append(pieces)
            continue
        if any(len(row) > 1 for row in heads):
            cells.extend(_head_rows([piece for row in heads for piece in row]))
        else:
            cells.extend(_gathered(row) for row in heads)
        heads = []
        if band is not None:
            cells.append(_gathered(pieces))
    return _part(cells, page, known, ruled=True)


def _is_row_of_figures(fields: list[Run]) -> bool:
    return len(fields) > 1 and any(_is_figure(field.text) for field in fields)


def _unruled_tables(lines: list[Line], known: Columns | None) -> list[Item]:
    """Neighbouring lines of several columns as tables, the other lines as they are.

    A piece of a label may part a table; what stands close below it goes on in the same columns.
    """
    items: list[Item] = []
    columns = [len(_fields(line)) for line in lines]
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
    fields = [_fields(line) for line in lines]
    row_of = _rows_of(lines, fields)
    page = lines[0].page
    items: list[Item] = []
    pending: list[list[Run]] = []
    index = 0
    while index < len(lines):
        end = index + 1
        if row_of[index] is not None:
            while end < len(lines) and row_of[end] == row_of[index]:
                end += 1
            pending.append(_gathered([piece for at in range(index, end) for piece in fields[at]]))
        else:
            while end < len(lines) and row_of[end] is None:
                end += 1
            if any(len(fields[at]) > 1 for at in range(index, end)):
                pending.extend(_head_rows([piece for at in range(index, end) for piece in fields[at]]))
            else:
                if pending:
                    part = _part(pending, page, known, ruled=False)
                    known = part.columns
                    items.append(part)
                    pending = []
                items.extend(lines[index:end])
        index = end
    if pending:
        items.append(_part(pending, page, known, ruled=False))
    return items


def _rows_of(lines: list[Line], fields: list[list[Run]]) -> list[int | None]:
    """For every line its row's line of figures, by index; None for heads and for what belongs to no row.

    A piece of a label belongs to the line that it stands closer to. Where rows stand no further apart than the lines of a
    label, it goes on from the line above, unless it begins with an ordinal.
    """
    row_of: list[int | None] = [index if _is_row_of_figures(pieces) else None for index, pieces in enumerate(fields)]
    figures = [[piece for piece in pieces if _is_figure(piece.text)] for pieces in fields]
    labelled = all(not _is_figure(fields[index][0].text) for index, row in enumerate(row_of) if row is not None)

    def joins(index: int, row: int | None) -> bool:
        return row is not None and fields[index][0].right <= figures[row][0].left

    down: list[int] = []
    for index, line in enumerate(lines):
        if row_of[index] is not None or len(fields[index]) > 1:
            continue
        above = line.top - lines[index - 1].bottom if index else float("inf")
        below = lines[index + 1].top - line.bottom if index + 1 < len(lines) else float("inf")
        slack = 0.25 * line.size
        if above < below - slack or (abs(above - below) <= slack and labelled and not _has_ordinal(line.text)):
            if index and above < LABEL_PITCH * line.size and joins(index, row_of[index - 1]):
                row_of[index] = row_of[index - 1]
        elif below < LABEL_PITCH * line.size:
            down.append(index)
    for index in reversed(down):
        if index + 1 < len(lines) and joins(index, row_of[index + 1]):
            row_of[index] = row_of[index + 1]
    return row_of


def _head_rows(fields: list[Run]) -> list[list[Run]]:
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
    return [_gathered(list(line.runs)) for line in _lines(whole, 0)]


def _part(rows: list[list[Run]], page: int, known: Columns | None, ruled: bool) -> Part:
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
        is_head = not _has_figure(row) and (len(row) > 1 or (after is not None and len(after) > 1 and not _has_figure(after)))
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


def _has_figure(cells: list[Run]) -> bool:
    return any(_is_figure(cell.text) for cell in cells)


def _under_heads(heads: list[list[Run]], rows: list[list[Run]]) -> Columns | None:
    """The columns right of the labels: one under every lowest head. None if two such heads stand over each other."""
    every = [cell for cells in heads for cell in cells]
    lowest = [
        head
        for head in every
        if not any(other.top >= head.bottom - 1 and other.left < head.right and head.left < other.right for other in every)
    ]
    lowest.sort(key=_left)
    if any(after.left < before.right for before, after in pairwise(lowest)):
        return None
    labels = [row[0] for row in rows if not _is_figure(row[0].text)]
    named = [head for head in lowest if any(label.left < head.right and head.left < label.right for label in labels)]
    right = max([cell.right for cell in (*named, *labels)], default=-1.0)
    return [(head.left, head.right) for head in lowest if head.left >= right] or None


def _labels(row: list[Run], columns: Columns) -> list[Run]:
    return [cell for cell in row if cell.right <= columns[0][0] + 0.5 * cell.size and not _is_figure(cell.text)]


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


def _gathered(fields: list[Run]) -> list[Run]:
    """The cells of a row from left to right: pieces that stand above each other are lines of one cell."""
    columns: list[list[Run]] = []
    for piece in sorted(fields, key=_left):
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


def _join_over_pages(sheets: list[Sheet], builder: Builder) -> list[Item]:
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
    xs = _apart(sorted([*table.xs, *part.xs]))
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
        elif _is_figure(a.text) or _is_figure(b.text) or not (a.text or b.text):
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
    if any(_is_figure(c.text) for c in (*upper, *lower)):
        return False
    return any(
        sum(a.column <= b.column and b.column + b.column_span <= a.column + a.column_span for b in lower) > 1
        for a in upper
        if a.text
    )


def _goes_on(upper: PartCell, lower: PartCell) -> bool:
    """The lower text is the rest of the upper one: a numbered label goes on without number, an open bracket is closed."""
    if _is_figure(upper.text) or _is_figure(lower.text) or _has_ordinal(lower.text):
        return False
    return _has_ordinal(upper.text) or _open_brackets(upper.text) > 0 > _open_brackets(lower.text)


def _has_ordinal(text: str) -> bool:
    return ORDINAL.match("".join(text.split())) is not None


def _open_brackets(text: str) -> int:
    return sum(text.count(bracket) for bracket in "（(《“") - sum(text.count(bracket) for bracket in "）)》”")


def _is_figure(text: str) -> bool:
    return NUMBER.fullmatch(text.replace("\n", "").strip()) is not None


Margins = dict[int, tuple[float, float]]


def _margins(sheets: list[Sheet]) -> Margins:
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


def _write_paragraphs(lines: list[Line], margins: Margins, builder: Builder) -> None:
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
        text = _wrapped(text, line.text)
    page = lines[0].page
    first = [line for line in lines if line.page == page]
    box = (
        min([line.left for line in first]),
        first[0].top,
        max([line.right for line in first]),
        first[-1].bottom,
    )
    builder.paragraph(text, page=page, box=box)


def _write_table(part: Part, builder: Builder) -> None:
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
    if len(before.runs) > 1 and len(_fields(before)) > 1:
        return False
    if before.right + needed < margins[before.page][1] - 1.2 * size:
        return False
    return not (ORDINAL.match(line.text) and before.text[-1] in SENTENCE_END)


def _wrapped(text: str, more: str) -> str:
    """Two lines of a paragraph as one: a blank between Latin words, none between Han characters."""
    a, b = text[-1], more[0]
    if a.isascii() and b.isascii() and a.isalpha() and b.isalpha():
        return f"{text} {more}"
    if a == "-" and len(text) > 1 and text[-2].isalpha() and text[-2].isascii() and b.isascii() and b.islower():
        return text[:-1] + more
    return text + more
