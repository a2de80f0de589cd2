"""Ruling lines -> grids: collinear pieces merged, connected, and cells joined where no rule parts them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from reports_in.geometry.page import Grid, Rule
from reports_in.limits import LIMITS

SNAP = 3.5  # rules nearer than this are one rule: double lines, borders that neighbouring cells draw each for itself
BRIDGE = 3.0  # a gap in a rule that the eye does not see
NARROW = 4.0  # no text fits between two rules nearer than this
REACH = 3.0  # a rule ending this near to another one touches it
STICKS_OUT = 8.0  # rules that pass the outermost crossing rule by more than this show a table open at that side
PAIRS = 2_000_000  # crossings tried on one page; a page with more is a drawing, no table


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
    return set_apart(xs), set_apart(ys)


def set_apart(places: list[float]) -> list[float]:
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
