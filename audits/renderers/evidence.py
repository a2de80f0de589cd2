"""Pieces of the source's pages around what a finding quotes, as grey pictures, with the places to be boxed.

Only for PDF and pictures, where a place has a page and a box. A place is shown only if the page's own text there is what is quoted, or the
page has none, as scans have; those are straightened as they were to be read, and not shown at all if one had to be turned by a quarter
or more: a wrong picture would be worse than none.
"""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from reports_in.document import Box, ReadingNote
from reports_in.ocr import TURNED
from reports_in.sniff import BMP, GIF, JPEG, PNG, TIFF, WEBP, sniff
from rules.verdict import Evidence

PICTURES = (PNG, JPEG, TIFF, GIF, BMP, WEBP)
READ_DPI = 200  # at which OCR reads: the lean of a page is found at the same size
PIXELS_WIDE = 960  # of a whole page: 120 dots an inch on A4, legible in print at 15 kB a piece
MARGIN = 16.0  # points of the page shown above and below what is quoted
HIGHEST = 190.0  # points of one piece; what is quoted further down is not shown
TALLEST_PAGE = 4.0  # times its width: beyond it, a page is no sheet
MOST_PIECES = 2  # of one finding
INK = 160  # of 255: what is darker is printed
FOUND = 0.6  # of the quoted characters that must stand in the box


class Piece(NamedTuple):
    """Part of a page: 8-bit grey pixels, its size and the boxes in points from its top left corner."""

    page: int
    pixels: NDArray[np.uint8]
    width: float
    height: float
    boxes: tuple[Box, ...]


class Sheet(NamedTuple):
    """A page as it is shown: its size in points, its pixels, and what tells places on it from places in the file."""

    width: float
    height: float
    pixels: NDArray[np.uint8]
    text: Any  # None: a picture, or a page that is one
    shown: Box  # left, bottom, right, top of the page's visible part
    quarters: int
    lean: float = 0.0  # degrees by which a scan was turned to stand upright


@dataclass(slots=True)
class Pages:
    """The pages of one source, drawn when they are asked for. has_scans: whether pages without text are shown."""

    source: Any
    has_scans: bool = True
    drawn: dict[int, Sheet | None] = field(default_factory=dict)

    def pieces(self, evidence: Sequence[Evidence]) -> list[Piece]:
        """What to show of a finding: quotes close to each other on one piece."""
        found = []
        for page, boxes in self._boxes(evidence).items():
            sheet = self._sheet(page)
            assert sheet is not None
            found += [_cut(sheet, page, group) for group in _groups(boxes)]
        return found[:MOST_PIECES]

    def places(self, evidence: Sequence[Evidence]) -> dict[int, list[Box]]:
        """Where a finding's quotes stand in the file: by page boxes (left, bottom, right, top) as the file counts, upwards."""
        found = {}
        for page, boxes in self._boxes(evidence).items():
            sheet = self._sheet(page)
            assert sheet is not None
            found[page] = [_in_file(sheet, box) for box in boxes]
        return found

    def page(self, number: int) -> Sheet | None:
        """The page as it is drawn; None if there is none, or it cannot be shown."""
        return self._sheet(number)

    def boxes(self, evidence: Sequence[Evidence]) -> dict[int, list[Box]]:
        """Where a finding's quotes stand on the pages as they are drawn, in points from their top left corner."""
        return self._boxes(evidence)

    def _boxes(self, evidence: Sequence[Evidence]) -> dict[int, list[Box]]:
        """By page the boxes in which the quotes are found, from top to bottom."""
        places: dict[int, set[Box]] = {}
        for item in evidence:
            if item.at is not None and item.at.page is not None and item.at.box is not None:
                sheet = self._sheet(item.at.page)
                if sheet is not None and _stands_there(sheet, item.at.box, item.quote):
                    places.setdefault(item.at.page, set()).add(item.at.box)
        return {page: sorted(boxes, key=lambda box: (box[1], box[0])) for page, boxes in places.items()}

    def _sheet(self, number: int) -> Sheet | None:
        if number not in self.drawn:
            sheet = _draw_picture(self.source, number) if isinstance(self.source, bytes) else _draw(self.source, number)
            self.drawn[number] = sheet if sheet is None or sheet.text is not None or self.has_scans else None
        return self.drawn[number]


def pages_of(source: bytes | None, notes: Sequence[ReadingNote] = ()) -> Pages | None:
    """None unless the source is a PDF or a picture that opens. notes: of its reading."""
    if source is None:
        return None
    has_scans = all(note.code != TURNED for note in notes)
    if sniff(source, "") in PICTURES:
        return Pages(source, has_scans)
    if b"%PDF-" not in source[:1024]:
        return None
    import pypdfium2  # here, as most batches show no pages

    try:
        return Pages(pypdfium2.PdfDocument(source), has_scans)
    except pypdfium2.PdfiumError:
        return None


def _draw(source: Any, number: int) -> Sheet | None:
    import pypdfium2

    if not 0 < number <= len(source):
        return None
    page = source[number - 1]
    width, height = page.get_size()
    if width < 1 or height > TALLEST_PAGE * width:
        return None
    try:
        text = page.get_textpage()
        is_scan = not text.count_chars()
        bitmap = page.render(scale=READ_DPI / 72 if is_scan else PIXELS_WIDE / width, grayscale=True)
        pixels = np.array(bitmap.to_numpy(), np.uint8).reshape(bitmap.height, bitmap.width)
        if is_scan:
            return _straightened(Sheet(width, height, pixels, None, page.get_bbox(), page.get_rotation() // 90 % 4))
        return Sheet(width, height, pixels, text, page.get_bbox(), page.get_rotation() // 90 % 4)
    except pypdfium2.PdfiumError:
        return None


def _draw_picture(source: bytes, number: int) -> Sheet | None:
    from reports_in.readers.image import page_of

    found = page_of(source, number)
    if found is None:
        return None
    pixels, dots = found
    width, height = pixels.shape[1] * 72 / dots, pixels.shape[0] * 72 / dots
    if height > TALLEST_PAGE * width:
        return None
    return _straightened(Sheet(width, height, _resized(pixels, READ_DPI / dots), None, (0.0, 0.0, width, height), 0))


def _straightened(sheet: Sheet) -> Sheet | None:
    """The scan turned as it was to be read, and as large as it is shown. None where nothing is installed to turn it."""
    try:
        from reports_in.ocr.sheet import even_light, skew, turned

        lean = skew(even_light(sheet.pixels))
    except ImportError:
        return None
    upright = turned(sheet.pixels, lean)
    return sheet._replace(pixels=_resized(upright, PIXELS_WIDE / upright.shape[1]), lean=lean)


def _resized(pixels: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
    from PIL import Image

    size = max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale))
    return np.array(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS if scale < 1 else Image.Resampling.BICUBIC))


def _stands_there(sheet: Sheet, box: Box, quote: str) -> bool:
    wanted = Counter(_folded(quote))
    if not wanted:
        return sheet.quarters == 0
    if sheet.text is None:
        return _has_ink(sheet, box)
    left, bottom, right, top = _in_file(sheet, box)
    there = _folded(sheet.text.get_text_bounded(left - 1, bottom - 1, right + 1, top + 1))
    if there and there in _folded(quote):
        return True  # a cell quoted with its name before it
    return (wanted & Counter(there)).total() >= FOUND * wanted.total()


def _has_ink(sheet: Sheet, box: Box) -> bool:
    """Whether the box lies on the scan and anything is printed in it."""
    scale = sheet.pixels.shape[0] / sheet.height
    left, top, right, bottom = (int(edge * scale) for edge in box)
    inside_it = sheet.pixels[max(top, 0) : bottom + 1, max(left, 0) : right + 1]
    return min(left, top) >= -2 and inside_it.size > 0 and int(inside_it.min()) < INK


def _in_file(sheet: Sheet, box: Box) -> Box:
    """The box upwards from the bottom of the page before it is turned for display."""
    box = _leaning(sheet, box) if sheet.lean else box
    (left, top, right, bottom), (x, y, x_end, y_end) = box, sheet.shown
    if sheet.quarters == 1:
        return x + top, y + left, x + bottom, y + right
    if sheet.quarters == 2:
        return x_end - right, y + top, x_end - left, y + bottom
    if sheet.quarters == 3:
        return x_end - bottom, y_end - right, x_end - top, y_end - left
    return x + left, y_end - bottom, x + right, y_end - top


def _leaning(sheet: Sheet, box: Box) -> Box:
    """Where the box lies on the page before it was straightened: the upright box around it."""
    angle = math.radians(sheet.lean)  # counted against the clock, on a page whose y runs downwards
    x0, y0 = sheet.width / 2, sheet.height / 2
    corners = [(x - x0, y - y0) for x in (box[0], box[2]) for y in (box[1], box[3])]
    across = [x0 + x * math.cos(angle) - y * math.sin(angle) for x, y in corners]
    down = [y0 + x * math.sin(angle) + y * math.cos(angle) for x, y in corners]
    return min(across), min(down), max(across), max(down)


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _groups(boxes: Sequence[Box]) -> list[list[Box]]:
    """Boxes from top to bottom, those together that fit on one piece."""
    groups: list[list[Box]] = []
    for box in boxes:
        if groups and box[3] - groups[-1][0][1] + 2 * MARGIN <= HIGHEST:
            groups[-1].append(box)
        else:
            groups.append([box])
    return groups


def _cut(sheet: Sheet, page: int, boxes: Sequence[Box]) -> Piece:
    top = max(0.0, boxes[0][1] - MARGIN)
    bottom = min(sheet.height, max(box[3] for box in boxes) + MARGIN, top + HIGHEST)
    scale = sheet.pixels.shape[0] / sheet.height
    rows = sheet.pixels[int(top * scale) : max(int(bottom * scale), int(top * scale) + 1)]
    shown = tuple((left, upper - top, right, min(lower, bottom) - top) for left, upper, right, lower in boxes)
    return Piece(page, rows, sheet.width, rows.shape[0] / scale, shown)
