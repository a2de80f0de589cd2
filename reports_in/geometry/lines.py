"""Glyphs -> runs -> lines, and the text of a cell."""

from __future__ import annotations

from collections import defaultdict
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reports_in.document import Box
from reports_in.geometry.page import Floats, Grid, Item, Line, Page, Run, by_left
from reports_in.geometry.words import is_figure


def by_top(item: Item) -> float:
    return item.top


def runs_of(page: Page, found: list[Grid]) -> list[Run]:
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


def lines_of(runs: list[Run], page: int) -> list[Line]:
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
    runs.sort(key=by_left)
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


def cell_text(runs: list[Run], page: int) -> str:
    if len(runs) == 1:
        return runs[0].text.strip()
    return "\n".join([line.text for line in lines_of(runs, page) if line.text])


def fields_of(line: Line) -> list[Run]:
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
        letterspaced = len(before.text) == len(after.text) == 1 and not is_figure(before.text) and not is_figure(after.text)
        return not letterspaced or gap > 2 * after.size
    return gap > 0.3 * after.size and is_figure(before.text) and is_figure(after.text)
