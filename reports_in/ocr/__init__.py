"""OCR on this machine: the picture of a page in, what a printed page would have given (glyphs, rules) out.

engine.py runs the networks, sheet.py makes a page fit to be read and finds its rules, crops.py cuts cells into lines. Here they are
put together: rules -> grid -> every ruled cell cut out and recognised, twice; text outside the tables found by the detector.
The geometry is reports_in.geometry's, the same as for PDF and OFD.

How sure: a cell is sure only if two different looks at it say the same, each without hesitation. What is said by one look only, or
was mended (the letter O among figures), is not; nor is an empty cell with a mark in it. Sums confirm later, in audits.confirm.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from reports_in.builder import Builder, too_much
from reports_in.confinement import allow_ocr
from reports_in.document import Block, Source, Table, TableCell
from reports_in.errors import NeedsOcr
from reports_in.geometry import Page, grids
from reports_in.jail import ask_for_time
from reports_in.limits import LIMITS
from reports_in.ocr.crops import Inside, Strip, cut_out, inside, marks_apart, type_size
from reports_in.ocr.engine import Box, Gray, Reading, find_lines, is_installed, is_ready, read_lines, require
from reports_in.ocr.sheet import DPI, POINTS, Sheet, even_light, sheet_of, skew, turned
from reports_in.printed import page_list

__all__ = ["DPI", "Scans", "is_installed", "is_ready", "left_for_later", "require"]

SURE = 0.9  # from here on the alignment takes a cell without doubt
MENDED = 0.97  # of how sure a figure is that was printed like a letter
ONE_LOOK = 0.6  # at most, where two looks differ
FIGURE_WIDTH = 5.0  # type sizes; a shorter line may be a figure, and is looked at twice more
DASH = 0.92  # of a lone dash as long as a character
MARKED = 0.5  # of an empty cell that is not clean
BLANK = 0.98  # of a clean one
UNREAD = "\ufffd"  # stands where there is ink that says nothing
LEGIBLE = 0.5  # of a line outside the tables, on average; below it a picture or a seal was taken for text

FIGURE = re.compile(r"[-−－—+]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?%?")
WORDS = re.compile(r"[\u4e00-\u9fff].*[\u4e00-\u9fff]|无|[/／]", re.S)  # two Han characters, or what stands for no figure


TURNED = "OCR_TURNED"  # code of the note that pages were turned by a quarter or a half
Edges = tuple[float, float, float, float]  # left, top, right, bottom in points


def _end_threads() -> None:
    """Before this process forks. A child has none of OpenCV's threads, and would wait for them for ever."""
    cv2 = sys.modules.get("cv2")
    if cv2 is not None and hasattr(cv2, "getNumThreads") and cv2.getNumThreads() != 1:
        cv2.setNumThreads(1)


os.register_at_fork(before=_end_threads)

_LATER: ContextVar[bool] = ContextVar("left_for_later", default=False)


@contextmanager
def left_for_later() -> Iterator[None]:
    """Inside, a page that would have to be recognised raises NeedsOcr: a queue of reports must not wait for scans."""
    token = _LATER.set(True)
    try:
        yield
    finally:
        _LATER.reset(token)


@dataclass(frozen=True, slots=True)
class _Read:
    """A line of text at its place on the sheet, in pixels, with its characters' middles."""

    text: str
    box: Box
    middles: tuple[float, ...]
    size: int
    stacked: tuple[Box, ...] = ()


@dataclass(slots=True)
class Scans:
    """Reads page after page, and knows afterwards how sure every cell is."""

    name: str
    _sure: dict[int, list[tuple[Edges, float, bool]]] = field(default_factory=dict)
    _pages: list[int] = field(default_factory=list)
    _scale: dict[int, float] = field(default_factory=dict)
    _turned: list[int] = field(default_factory=list)

    def page(self, picture: Gray, number: int, dots_per_inch: float, points_wide: float | None = None) -> Page:
        """What the picture shows, as a page of that number.

        points_wide  how wide the file says that its page is, if that is not what the dots per inch make it.
        """
        if _LATER.get():
            raise NeedsOcr(self.name, "是扫描件或图片，需要文字识别（OCR）", "请等待扫描件队列核查")
        import cv2

        if not self._pages:
            allow_ocr()
            ask_for_time(LIMITS.ocr_seconds)
        if len(self._pages) >= LIMITS.scan_pages:
            raise too_much(self.name, "扫描页", LIMITS.scan_pages, "页")
        if cv2.getNumThreads() != 1:  # setting it again in a forked child waits for the parent's threads, for ever
            cv2.setNumThreads(1)
        if points_wide is not None:
            scale = points_wide / (picture.shape[1] * 72 / dots_per_inch)
            self._scale[number] = 1.0 if abs(scale - 1) < 0.01 else scale
        gray = _at_reading_size(picture, dots_per_inch)
        gray, found, is_turned = _upright(even_light(gray))
        sheet = sheet_of(gray)
        height, width = gray.shape
        cells, tables = _cells(sheet)
        size = type_size(sheet, cells)
        read: list[_Read] = []
        sure = self._sure.setdefault(number, [])
        for box, how, lines in _read_cells(sheet, cells, size):
            left, top, right, bottom = (edge * POINTS for edge in box)
            sure.append(((left, top, right, bottom), how, bool(lines)))
            read += lines
        read += _read_outside(sheet, found, tables, size)
        self._pages.append(number)
        if is_turned:
            self._turned.append(number)
        return _as_page(read, number, width, height, sheet)

    def forget(self, number: int) -> None:
        """The page was not of use."""
        self._pages.remove(number)
        self._turned = [page for page in self._turned if page != number]
        self._sure.pop(number, None)

    def mark(self, blocks: Iterable[Block]) -> list[Block]:
        """The blocks with every cell of a scanned page saying how sure it is, and with the places that the file's page has."""
        return [self._marked(block) for block in blocks]

    def conclude(self, builder: Builder) -> None:
        """Note which pages were read by OCR, and set the cells' confidence in what was built."""
        if not self._pages:
            return
        builder.blocks = self.mark(builder.blocks)
        builder.recognised = frozenset(self._pages)
        builder.note("OCR", f"第{page_list(self._pages)}页为图像，文字由本机识别（OCR）得出，可能有误，相关结论以原件为准")
        if self._turned:
            builder.note(TURNED, f"第{page_list(self._turned)}页扫描时横放或倒放，转正后识别")

    def _marked(self, block: Block) -> Block:
        if isinstance(block, Table):
            cells = tuple(self._marked_cell(cell) for cell in block.cells)
            return replace(block, cells=cells, source=self._placed(block.source))
        return block._replace(source=self._placed(block.source))

    def _marked_cell(self, cell: TableCell) -> TableCell:
        source = cell.source
        if source.page not in self._sure or source.box is None:
            return cell
        return cell._replace(confidence=round(self._sure_of(source, bool(cell.text)), 3), source=self._placed(source))

    def _placed(self, source: Source) -> Source:
        scale = self._scale.get(source.page or 0, 1.0)
        if scale == 1.0 or source.box is None:
            return source
        left, top, right, bottom = source.box
        return source._replace(box=(left * scale, top * scale, right * scale, bottom * scale))

    def _sure_of(self, source: Source, has_text: bool) -> float:
        """The least sure of the cells whose middle lies in the box; one that is none of those looked at, or whose text was lost on
        the way, is not sure."""
        assert source.page is not None
        assert source.box is not None
        left, top, right, bottom = source.box
        inside_it = [
            how if has_text or not had_text else MARKED
            for (a, b, c, d), how, had_text in self._sure[source.page]
            if left < (a + c) / 2 < right and top < (b + d) / 2 < bottom
        ]
        return min(inside_it, default=ONE_LOOK)


def _at_reading_size(picture: Gray, dots_per_inch: float) -> Gray:
    import cv2

    scale = DPI / dots_per_inch
    if 0.97 < scale < 1.03:
        return picture
    height, width = picture.shape
    size = max(1, round(width * scale)), max(1, round(height * scale))
    scaled: Gray = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    return scaled


def _upright(gray: Gray) -> tuple[Gray, list[Box], bool]:
    """The page turned so that its lines are level and its text stands on its feet, where lines of text are, and whether it lay on
    its side or stood on its head: places are then those of the page as it was turned."""
    is_turned = False
    gray = turned(gray, skew(gray))
    found = _detected(gray)
    tall = sum(box.bottom - box.top > 2 * (box.right - box.left) for box in found)
    wide = sum(box.right - box.left > 2 * (box.bottom - box.top) for box in found)
    if tall > max(4, 1.5 * wide):  # single figures are neither
        is_turned = True
        gray = np.ascontiguousarray(np.rot90(gray))
        found = _detected(gray)
    longest = sorted(found, key=lambda box: (box.left - box.right, box.top))[:6]
    pieces = [gray[box.top : box.bottom, box.left : box.right] for box in longest]
    readings = read_lines([*pieces, *(np.ascontiguousarray(np.rot90(piece, 2)) for piece in pieces)])
    half = len(pieces)
    if sum(reading.mean for reading in readings[half:]) > sum(reading.mean for reading in readings[:half]) + 0.1 * half:
        is_turned = True
        gray = np.ascontiguousarray(np.rot90(gray, 2))
        found = _detected(gray)
    return gray, found, is_turned


def _detected(gray: Gray) -> list[Box]:
    """Lines of text, found at half the size, which is enough for type of 9 points."""
    import cv2

    height, width = gray.shape
    half = cv2.resize(gray, (max(1, width // 2), max(1, height // 2)), interpolation=cv2.INTER_AREA)
    return [Box(*(2 * edge for edge in box)) for box in find_lines(half)]


def _cells(sheet: Sheet) -> tuple[list[Box], list[Box]]:
    """Every ruled cell in pixels, and the tables' own boxes."""
    cells: list[Box] = []
    tables: list[Box] = []
    for grid in grids(sheet.horizontal, sheet.vertical)[0]:
        if len(grid.spans) < 2:
            continue  # a frame around prose
        tables.append(_pixels(grid.xs[0], grid.ys[0], grid.xs[-1], grid.ys[-1]))
        for row, column, rows, columns in grid.spans:
            cells.append(_pixels(grid.xs[column], grid.ys[row], grid.xs[column + columns], grid.ys[row + rows]))
    return cells, tables


def _pixels(left: float, top: float, right: float, bottom: float) -> Box:
    return Box(round(left / POINTS), round(top / POINTS), round(right / POINTS), round(bottom / POINTS))


def _read_cells(sheet: Sheet, cells: list[Box], size: int) -> list[tuple[Box, float, list[_Read]]]:
    """Every cell with how sure it is and the lines in it."""
    held: list[Inside] = [inside(sheet, cell, size) for cell in cells]
    strips = [strip for content in held for strip in content.strips]
    crops = [cut_out(sheet, strip, size) for strip in strips]
    short = [index for index, strip in enumerate(strips) if strip.ink.right - strip.ink.left <= FIGURE_WIDTH * size]
    softened = read_lines([_softened(crops[index]) for index in short])
    narrowed = read_lines([_narrowed(crops[index]) for index in short])
    looks = {index: list(pair) for index, *pair in zip(short, softened, narrowed, strict=True)}
    plain = [
        index for index in range(len(strips)) if index not in looks or _told(looks[index][0])[0] != _told(looks[index][1])[0]
    ]
    for index, reading in zip(plain, read_lines([crops[index] for index in plain]), strict=True):
        looks.setdefault(index, []).append(reading)
    result: list[tuple[Box, float, list[_Read]]] = []
    at = 0
    for cell, content in zip(cells, held, strict=True):
        if not content.strips:
            result.append((cell, MARKED if content.marked else BLANK, []))
            continue
        lines: list[_Read] = []
        sure = 1.0
        for strip in content.strips:
            text, how, reading = _decided(looks[at], marks_apart(sheet, strip), strip, size)
            sure = min(sure, how)
            lines.append(_line(text, reading, strip, size))
            at += 1
        result.append((cell, sure, lines))
    return result


def _softened(line: Gray) -> Gray:
    """Without the scanner's grain: on figures the recogniser errs a quarter as often as on the line as it is."""
    import cv2

    soft: Gray = cv2.GaussianBlur(line, (0, 0), 1.0)
    return soft


def _narrowed(line: Gray) -> Gray:
    """The same ink seen differently: narrower letters."""
    import cv2

    narrow: Gray = cv2.resize(line, None, fx=0.85, fy=1.0, interpolation=cv2.INTER_CUBIC)
    return narrow


def _decided(looks: list[Reading], marks: int, strip: Strip, size: int) -> tuple[str, float, Reading]:
    """What a line says, how sure that is, and the look that says it. ``marks`` are the pieces of ink that stand apart in it.

    looks  one, at a long line; two that agree; or two that do not, and the line as it is.
    """
    dash = _dash(strip, marks, size)
    if dash:
        return dash, DASH if dash == "—" else ONE_LOOK, Reading(dash, (DASH,), (0.5,))
    if len(looks) == 1:
        plain = looks[0]
        return plain.text.strip() or UNREAD, plain.least, plain
    told = [(*_told(look), look) for look in looks]
    text, sure, first = told[0]
    sure = min(sure, told[1][1])
    if len(told) == 2 and text:
        fits = _fits(text, marks, strip, size) if FIGURE.fullmatch(text) else WORDS.search(text) is not None
        return text, sure if fits else min(ONE_LOOK, sure), first
    best = max(told, key=lambda look: (FIGURE.fullmatch(look[0]) is not None, look[1]))
    return best[0] or UNREAD, min(ONE_LOOK, sure), best[2]


def _dash(strip: Strip, marks: int, size: int) -> str:
    """A lone level stroke, which the recogniser cannot tell from nothing: it is told by its shape. A short one may be dirt."""
    width, height = strip.ink.right - strip.ink.left, strip.ink.bottom - strip.ink.top
    if marks != 1 or strip.stacked or height > 0.25 * size or width < 2 * height or width > 2.2 * size:
        return ""
    return "—" if width > 0.7 * size else "-"


def _fits(figure: str, marks: int, strip: Strip, size: int) -> bool:
    """Whether there is as much ink as the figure needs: no piece of it unread (a sign, a point), no digit that is not there."""
    if marks > len(figure):
        return False
    digits = sum(char.isdigit() for char in figure)
    return marks == len(figure) or strip.ink.right - strip.ink.left >= (0.42 * digits - 0.17) * size


def _told(reading: Reading) -> tuple[str, float]:
    """The line's words; its figures, if with letters counted as the digits that they resemble there is nothing else in it."""
    text = reading.text.strip()
    figures = reading.figures
    if figures is not None and FIGURE.fullmatch(figures.text.strip()):
        told = figures.text.strip()
        return told, figures.least if told == text else MENDED * figures.least
    return text, reading.least


def _line(text: str, reading: Reading, strip: Strip, size: int) -> _Read:
    middles = reading.middles if len(reading.middles) == len(text) else tuple((k + 0.5) / len(text) for k in range(len(text)))
    return _Read(text, strip.ink, middles, size, strip.stacked if len(strip.stacked) == len(text) else ())


def _read_outside(sheet: Sheet, found: list[Box], tables: list[Box], size: int) -> list[_Read]:
    """The lines of text that stand in no ruled table."""
    boxes = [fitted for box in found if (fitted := _fitted(sheet, box, tables)) is not None]
    read = []
    for box, reading in zip(boxes, read_lines([_margin(sheet, box) for box in boxes]), strict=True):
        text = reading.text
        if text.strip() and reading.mean >= LEGIBLE:
            read.append(_Read(text, box, reading.middles, box.bottom - box.top))
    return read


def _fitted(sheet: Sheet, box: Box, tables: list[Box]) -> Box | None:
    """The line's box drawn tight around its ink; None if it stands in a table or holds no ink."""
    x, y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    if any(table.left < x < table.right and table.top < y < table.bottom for table in tables):
        return None
    reach = round(0.6 * (box.bottom - box.top))
    left, right = max(0, box.left - reach), min(sheet.ink.shape[1], box.right + reach)
    ink = sheet.ink[box.top : box.bottom, left:right]
    rows, columns = np.flatnonzero(ink.sum(axis=1) > 255), np.flatnonzero(ink.sum(axis=0) > 255)
    if not len(rows) or not len(columns):
        return None
    inner = columns[(columns >= box.left - left) & (columns < box.right - left)]
    if not len(inner):
        return None
    first, last = int(inner[0]), int(inner[-1])
    gap = max(3, reach // 4)  # ink beyond the detector's edge belongs to the line if it all but touches it
    for column in reversed(columns[columns < first].tolist()):
        if first - column > gap:
            break
        first = column
    for column in columns[columns > last].tolist():
        if column - last > gap:
            break
        last = column
    return Box(left + first, box.top + int(rows[0]), left + last + 1, box.top + int(rows[-1]) + 1)


def _margin(sheet: Sheet, box: Box) -> Gray:
    pad = max(2, (box.bottom - box.top) // 8)
    height, width = sheet.gray.shape
    left, right = max(0, box.left - pad), min(width, box.right + pad)
    return sheet.gray[max(0, box.top - pad) : min(height, box.bottom + pad), left:right]


def _as_page(read: list[_Read], number: int, width: int, height: int, sheet: Sheet) -> Page:
    """The characters as glyphs with boxes in points."""
    text: list[str] = []
    boxes: list[tuple[float, float, float, float]] = []
    for line in read:
        text.append(line.text)
        boxes += line.stacked or _glyphs(line)
    array = np.asarray(boxes, np.float32).reshape(-1, 4) * np.float32(POINTS)
    return Page(number, width * POINTS, height * POINTS, "".join(text), array, sheet.horizontal, sheet.vertical)


def _glyphs(line: _Read) -> list[tuple[float, float, float, float]]:
    """A box for every character between its neighbours' middles, no wider than the type is high."""
    left, top, right, bottom = line.box
    size = max(bottom - top, line.size if bottom - top < 0.8 * line.size else 0)
    if size > bottom - top:
        top, bottom = (top + bottom - size) // 2, (top + bottom + size) // 2
    width = right - left
    middles = [left + share * width for share in line.middles]
    borders = [float(left), *((a + b) / 2 for a, b in pairwise(middles)), float(right)]
    return [
        (max(a, middle - 0.58 * size), float(top), max(min(b, middle + 0.58 * size), a + 1.0), float(bottom))
        for middle, (a, b) in zip(middles, pairwise(borders), strict=True)
    ]
