"""The lines of text inside one ruled cell, cut out to be read; and whether there is any ink in it at all."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from reports_in.ocr.engine import Box, Gray
from reports_in.ocr.sheet import Mask, Sheet

INSET = 3  # pixels inside a cell's rules that are not looked at
SPECK = 14  # pixels of ink; less is dirt
DUST = 5  # pixels of ink; less is the scanner's noise
FAINT = 0.93  # of the paper's brightness; a softened cell as dark as this in a few places, without ink, holds a faint mark
TYPE = 26  # pixels: 9 points, where nothing better is known


@dataclass(frozen=True, slots=True)
class Strip:
    """A line of text inside a cell. ``ink`` is its tight box on the page; ``stacked`` where its characters stand above each other."""

    ink: Box
    stacked: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Inside:
    """What a cell holds. marked: no text, and yet not clean."""

    strips: tuple[Strip, ...]
    marked: bool = False


def type_size(sheet: Sheet, cells: list[Box]) -> int:
    """The size of the type in the cells, in pixels: most characters are as high as wide."""
    import cv2

    sizes = []
    for cell in cells:
        ink = sheet.ink[cell.top + INSET : cell.bottom - INSET, cell.left + INSET : cell.right - INSET]
        if ink.size:
            _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
            sizes += [int(max(w, h)) for _, _, w, h, _ in stats[1:] if 10 <= max(w, h) <= 70]
    if len(sizes) < 10:
        return TYPE
    return round(min(max(float(np.percentile(sizes, 80)), 16), 60))


def inside(sheet: Sheet, cell: Box, size: int) -> Inside:
    """The lines of text in a cell. ``size`` is the type's."""
    ink, marked = _clean_ink(sheet, cell)
    if ink is None:
        return Inside((), marked)
    left, top = cell.left + INSET, cell.top + INSET
    strips: list[Strip] = []
    for start, end in _bands(ink, size):
        columns = np.nonzero(ink[start:end].any(axis=0))[0]
        strips.append(Strip(Box(left + int(columns[0]), top + start, left + int(columns[-1]) + 1, top + end)))
    if len(strips) > 1 and all(strip.ink.right - strip.ink.left <= 1.4 * size for strip in strips):
        boxes = [strip.ink for strip in strips]
        around = Box(min(b.left for b in boxes), boxes[0].top, max(b.right for b in boxes), boxes[-1].bottom)
        return Inside((Strip(around, tuple(boxes)),))
    return Inside(tuple(strips))


def _clean_ink(sheet: Sheet, cell: Box) -> tuple[Mask | None, bool]:
    """The cell's ink without dirt and without what is left of its rules, None if there is none; and whether there is a faint mark."""
    import cv2

    left, top, right, bottom = cell.left + INSET, cell.top + INSET, cell.right - INSET, cell.bottom - INSET
    if right - left < 6 or bottom - top < 6:
        return None, False
    ink = sheet.ink[top:bottom, left:right].copy()
    height, width = ink.shape
    # a thin stroke falls to pieces in a poor scan: pieces a pixel apart are one
    count, labels, stats, _ = cv2.connectedComponentsWithStats(cv2.dilate(ink, np.ones((3, 3), np.uint8)), connectivity=8)
    areas = np.bincount(labels[ink > 0], minlength=count).tolist()
    dirt = 0
    kept = False
    gone = [0]
    for index in range(1, count):
        area = areas[index]
        along_edge = _at_edge(stats[index], width, height) and int(min(stats[index][2:4])) <= 7
        if along_edge or area < SPECK:
            gone.append(index)
            dirt = max(dirt, 0 if along_edge else area)
        else:
            kept = True
    if kept:
        small = np.zeros(count, bool)
        for index in gone[1:]:  # dots that stand beside ink belong to it; those along the edge do not
            small[index] = areas[index] < DUST or _at_edge(stats[index], width, height)
        ink[small[labels]] = 0
        return ink, False
    soft = cv2.GaussianBlur(sheet.gray[top:bottom, left:right], (0, 0), 1.2)
    clear = cv2.dilate(sheet.lines[top:bottom, left:right], np.ones((7, 7), np.uint8)) == 0
    return None, dirt >= DUST or int((soft[clear] < 250 * FAINT).sum()) >= SPECK


def _at_edge(stat: Mask, width: int, height: int) -> bool:
    x, y, w, h, _ = (int(value) for value in stat)
    return x == 0 or y == 0 or x + w == width or y + h == height


def _bands(ink: Mask, size: int) -> list[tuple[int, int]]:
    """Rows of ink that make one line each: from, to."""
    filled = ink.any(axis=1)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], filled, [False])).astype(np.int8)))
    bands = [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]
    joined: list[tuple[int, int]] = []
    for start, end in bands:
        if joined and end - joined[-1][0] <= 1.2 * size and start - joined[-1][1] <= 0.45 * size:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    cut: list[tuple[int, int]] = []
    for start, end in joined:
        cut += _cut(ink, start, end, size)
    return [(a, b) for a, b in cut if ink[a:b].any()]


def _cut(ink: Mask, start: int, end: int, size: int) -> list[tuple[int, int]]:
    """A band higher than a line and a half is several lines that touch: parted where there is least ink."""
    lines = round((end - start) / (1.25 * size))
    if end - start <= 1.6 * size or lines < 2:
        return [(start, end)]
    rows = ink[start:end].sum(axis=1, dtype=np.int64)
    cuts = [start]
    for number in range(1, lines):
        about = round(number * (end - start) / lines)
        reach = max(2, round(0.35 * size))
        low = max(1, about - reach)
        cuts.append(start + low + int(np.argmin(rows[low : about + reach])))
    cuts.append(end)
    return [(a, b) for a, b in pairwise(cuts) if b > a]


def marks_apart(sheet: Sheet, strip: Strip) -> int:
    """How many pieces of ink stand side by side in a line with paper between them, dust left out."""
    box = strip.ink
    ink = sheet.ink[box.top : box.bottom, box.left : box.right] > 0
    filled = np.concatenate(([False], ink.any(axis=0), [False])).astype(np.int8)
    edges = np.flatnonzero(np.diff(filled)).reshape(-1, 2)
    return sum(int(ink[:, a:b].sum()) >= DUST for a, b in edges.tolist())


def cut_out(sheet: Sheet, strip: Strip, size: int) -> Gray:
    """The picture of one line, its rules wiped away."""
    if strip.stacked:
        parts = [_piece(sheet, box, size, 0.12, 0.12, 0.9) for box in strip.stacked]
        height = max(part.shape[0] for part in parts)
        gap = np.full((height, max(1, size // 10)), 250, np.uint8)
        row: list[Gray] = []
        for part in parts:
            whole = np.full((height, part.shape[1]), 250, np.uint8)
            upper = (height - part.shape[0]) // 2
            whole[upper : upper + part.shape[0]] = part
            row += [whole, gap]
        return np.hstack(row)
    return _piece(sheet, strip.ink, size, 0.5, 0.1, 0.9)


def _piece(sheet: Sheet, box: Box, size: int, beside: float, above: float, least: float) -> Gray:
    """The box with paper beside and above it, and ``least`` high; all in type sizes."""
    pad, aside = max(2, round(above * size)), max(2, round(beside * size))
    grow = max(0, round(least * size) - (box.bottom - box.top) - 2 * pad)
    top, bottom = box.top - pad - grow // 2, box.bottom + pad + (grow + 1) // 2
    left, right = box.left - aside, box.right + aside
    height, width = sheet.gray.shape
    piece = np.full((bottom - top, right - left), 250, np.uint8)
    y0, y1, x0, x1 = max(0, top), min(height, bottom), max(0, left), min(width, right)
    found = sheet.gray[y0:y1, x0:x1].copy()
    found[sheet.lines[y0:y1, x0:x1] > 0] = 250
    # of what lies around the line only the paper is wanted
    away = np.ones(found.shape, bool)
    away[max(0, box.top - 3 - y0) : box.bottom + 3 - y0, max(0, box.left - 3 - x0) : box.right + 3 - x0] = False
    found[away & (found < 200)] = 250
    piece[y0 - top : y1 - top, x0 - left : x1 - left] = found
    return piece
