"""Read PDF: every glyph and every ruling line through PDFium, laid out by reports_in.geometry.

Text only: scripts, attachments, links and forms are never run, opened or followed; a note says that they are there.
The calls that run once per glyph or drawing go to PDFium by address, with plain integers, driven by ``map``: three times
as fast as the wrappers.
"""

from __future__ import annotations

import ctypes
import math
import threading
from collections.abc import Callable, Iterator
from itertools import pairwise, repeat
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2_raw as pdfium
from numpy.typing import NDArray

from reports_in.builder import Builder, too_much
from reports_in.decoding import INVISIBLE
from reports_in.document import Document, PageMeta
from reports_in.errors import Damaged, EmptyFile, Encrypted, IntakeError, LimitExceeded, UnknownFormat
from reports_in.geometry import Floats, Page, Rule, lay_out
from reports_in.limits import LIMITS
from reports_in.printed import Tally, page_list

MEDIA_TYPE = "application/pdf"
FONTS = Path(__file__).parent.parent / "fonts"
THIN = 2.5  # points; a filled rectangle no thicker is a rule, a thicker one is shading
THICK_STROKE = 6.0  # a stroked line may be this thick; PDFium's bounds add a point to its width
OBJECTS = 400_000  # drawings and glyph runs looked at on one page
FORM_DEPTH = 8
PAGE_POINTS = 14_400.0  # the largest page side that the format's own limits allow (200 inches)

_LOCK = threading.Lock()  # PDFium is not safe for threads
_TEXT, _PATH, _IMAGE, _FORM = 1, 2, 3, 5
_HIDING = frozenset({3, 7})  # text render modes that put nothing on the page: invisible, clip only
_PASSWORD_ERROR, _SECURITY_ERROR = 4, 5

Matrix = tuple[float, float, float, float, float, float]
_IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def _call(function: Any, result: Any, *arguments: Any) -> Callable[..., int]:
    prototype = ctypes.PYFUNCTYPE(result, *arguments)
    made: Callable[..., int] = prototype(ctypes.cast(function, ctypes.c_void_p).value or 0)
    return made


_P, _I = ctypes.c_void_p, ctypes.c_int
_loose_box = _call(pdfium.FPDFText_GetLooseCharBox, _I, _P, _I, _P)
_get_text = _call(pdfium.FPDFText_GetText, _I, _P, _I, _I, _P)
_unicode = _call(pdfium.FPDFText_GetUnicode, ctypes.c_uint, _P, _I)
_angle = _call(pdfium.FPDFText_GetCharAngle, ctypes.c_float, _P, _I)
_unmapped = _call(pdfium.FPDFText_HasUnicodeMapError, _I, _P, _I)
_text_object = _call(pdfium.FPDFText_GetTextObject, _P, _P, _I)
_page_object = _call(pdfium.FPDFPage_GetObject, _P, _P, _I)
_form_object = _call(pdfium.FPDFFormObj_GetObject, _P, _P, ctypes.c_ulong)
_object_type = _call(pdfium.FPDFPageObj_GetType, _I, _P)
_bounds = _call(pdfium.FPDFPageObj_GetBounds, _I, _P, _P, _P, _P, _P)
_text_mode = _call(pdfium.FPDFTextObj_GetTextRenderMode, _I, _P)
_segments = _call(pdfium.FPDFPath_CountSegments, _I, _P)
_draw_mode = _call(pdfium.FPDFPath_GetDrawMode, _I, _P, _P, _P)


def _start() -> None:
    """Start PDFium with our blank font in the place of whatever the machine has (tools/build_reading_font.py says why)."""
    character = ctypes.POINTER(ctypes.c_char)
    paths = (character * 2)(ctypes.cast(ctypes.c_char_p(str(FONTS).encode()), character))  # the second one, null, ends the list
    pdfium.FPDF_DestroyLibrary()  # another package may have started it with the machine's fonts; without effect if not
    pdfium.FPDF_InitLibraryWithConfig(pdfium.FPDF_LIBRARY_CONFIG(version=2, m_pUserFontPaths=paths))
    _KEPT.append(paths)


_KEPT: list[Any] = []  # what PDFium holds a pointer to
_start()


def read(data: bytes, name: str) -> Document:
    """Raise Encrypted, Damaged, LimitExceeded, EmptyFile (no page, nothing on any page) or NeedsOcr (pictures only)."""
    with _LOCK:
        document = pdfium.FPDF_LoadMemDocument64(data, len(data), None)
        if not document:
            raise _cannot_open(name, pdfium.FPDF_GetLastError())
        try:
            return _read(document, data, name)
        finally:
            pdfium.FPDF_CloseDocument(document)


def _cannot_open(name: str, error: int) -> IntakeError:
    if error in (_PASSWORD_ERROR, _SECURITY_ERROR):
        return Encrypted(name, "PDF 设有打开密码", "请去掉密码后重新提交")
    return Damaged(name, "PDF 已损坏或不完整，打不开", "请用阅读器核对原文件，重新导出后提交")


def _read(document: Any, data: bytes, name: str) -> Document:
    pages = pdfium.FPDF_GetPageCount(document)
    if pages <= 0:
        raise EmptyFile(name, "PDF 里一页也没有", "请核对后重新提交")
    if pages > LIMITS.pages:
        raise LimitExceeded(name, f"PDF 有 {pages:,} 页，超过上限 {LIMITS.pages} 页", "请只提交年报本身，或拆分后重新提交")
    builder = Builder(name)
    if pdfium.FPDF_GetFormType(document) == pdfium.FORMTYPE_XFA_FULL:
        raise UnknownFormat(name, "是 XFA 动态表单，正文不在 PDF 页面里", "请打印为普通 PDF 后重新提交")
    _note_active_content(document, builder)
    reading = _Reading(document, builder)
    lay_out(reading.pages(pages), builder)
    reading.conclude(pages)
    return builder.document(data, MEDIA_TYPE, _meta(document))


def _note_active_content(document: Any, builder: Builder) -> None:
    if pdfium.FPDFDoc_GetJavaScriptActionCount(document) > 0:
        builder.note("ACTIVE_CONTENT", "PDF 含脚本，只读取了文字，脚本未执行")
    if pdfium.FPDFDoc_GetAttachmentCount(document) > 0:
        builder.note("ATTACHMENTS", "PDF 内嵌了附件，附件未打开、未审核")
    if pdfium.FPDF_GetSignatureCount(document) > 0:
        builder.note("SIGNED", "PDF 带有电子签名或签章，未核验其效力")


def _meta(document: Any) -> PageMeta:
    title = _meta_text(document, b"Title")
    return PageMeta(title=title or None)


def _meta_text(document: Any, tag: bytes) -> str:
    size = pdfium.FPDF_GetMetaText(document, tag, None, 0)
    if not 2 < size < 4_096:
        return ""
    buffer = ctypes.create_string_buffer(size)
    pdfium.FPDF_GetMetaText(document, tag, buffer, size)
    return INVISIBLE.sub("", buffer.raw[: size - 2].decode("utf-16-le", "replace")).strip()


class _Reading:
    """One pass over the pages, with what has to be said of all of them at the end."""

    def __init__(self, document: Any, builder: Builder) -> None:
        self.document = document
        self.builder = builder
        self.tally = Tally()
        self.failed: list[int] = []

    def pages(self, count: int) -> Iterator[Page]:
        for index in range(count):
            handle = pdfium.FPDF_LoadPage(self.document, index)
            if not handle:
                self.failed.append(index + 1)
                continue
            try:
                page = self._page(handle, index + 1)
            finally:
                pdfium.FPDF_ClosePage(handle)
            if page is not None:
                yield page

    def conclude(self, pages: int) -> None:
        """Refuse what could not be read, note what was read in part."""
        if self.failed:
            shown = page_list(self.failed)
            raise Damaged(self.builder.name, f"PDF 已损坏：第{shown}页读不出来", "请用阅读器核对原文件，重新导出后提交")
        self.tally.conclude(self.builder, "PDF", pages)

    def _page(self, handle: Any, number: int) -> Page | None:
        left, bottom, right, top = _page_box(handle)
        width, height = right - left, top - bottom
        if not (0 < width <= PAGE_POINTS and 0 < height <= PAGE_POINTS):
            raise LimitExceeded(
                self.builder.name, f"第{number}页的尺寸为 {width:.0f}×{height:.0f} 点，不是正常页面", "请按 A4 重新导出后提交"
            )
        page = ctypes.cast(handle, ctypes.c_void_p).value
        count = pdfium.FPDFPage_CountObjects(handle)
        if count > OBJECTS:
            raise too_much(self.builder.name, f"第{number}页的图文对象", OBJECTS, "个")
        objects = list(map(_page_object, repeat(page), range(count)))
        types = list(map(_object_type, objects))
        quarter = _quarter(
            pdfium.FPDFPage_GetRotation(handle), [item for item, kind in zip(objects, types, strict=True) if kind == _TEXT]
        )
        if quarter:
            turn = _turn(quarter, left, bottom, right, top)
            for item in objects:
                pdfium.FPDFPageObj_Transform(ctypes.cast(item, pdfium.FPDF_PAGEOBJECT), *turn)
            if quarter != 2:
                width, height = height, width
            left, top = 0.0, height
        text_page = pdfium.FPDFText_LoadPage(handle)
        try:
            text, boxes = self._glyphs(text_page, objects, types)
        finally:
            pdfium.FPDFText_ClosePage(text_page)
        drawings = _Drawings(left, top)
        drawings.collect(objects, types)
        if len(boxes):
            boxes = np.stack((boxes[:, 0] - left, top - boxes[:, 1], boxes[:, 2] - left, top - boxes[:, 3]), axis=1)
            text, boxes = self._on_page(text, boxes, width, height)
        text = self.tally.page(number, text, drawings.pictured / (width * height))
        return Page(number, width, height, text, boxes, drawings.horizontal, drawings.vertical)

    def _glyphs(self, text_page: Any, objects: list[int], types: list[int]) -> tuple[str, Floats]:
        """The page's characters with PDFium's loose boxes (left, top, right, bottom, upwards), blanks of its own making dropped."""
        count = pdfium.FPDFText_CountChars(text_page) if text_page else 0
        if count <= 0:
            return "", np.empty((0, 4), np.float32)
        if count > LIMITS.text_chars:
            raise too_much(self.builder.name, "文字", LIMITS.text_chars, "字")
        address = ctypes.cast(text_page, ctypes.c_void_p).value
        text = _characters(address, count)
        boxes = np.empty((count, 4), np.float32)
        start = boxes.ctypes.data
        any(map(_no, map(_loose_box, repeat(address), range(count), range(start, start + 16 * count, 16))))
        keep = boxes[:, 0] < boxes[:, 2]
        if not keep.all():
            for index in np.nonzero(~keep)[0].tolist():
                keep[index] = not text[index].isspace()  # a glyph without width is still a glyph
        text, boxes, keep = self._visible(address, text, boxes, keep, objects, types)
        if not keep.all():
            kept = np.nonzero(keep)[0]
            text = "".join([text[index] for index in kept.tolist()])
            boxes = boxes[kept]
        return text, boxes

    def _visible(
        self, address: int | None, text: str, boxes: Floats, keep: NDArray[np.bool_], objects: list[int], types: list[int]
    ) -> tuple[str, Floats, NDArray[np.bool_]]:
        """Unmapped glyphs marked, hidden and slanted ones left out."""
        count = len(text)
        if 1 in list(map(_unmapped, repeat(address), range(count))):
            text = "".join(
                "\ufffd" if kept and _unmapped(address, index) else char
                for index, (char, kept) in enumerate(zip(text, keep.tolist(), strict=True))
            )
        if INVISIBLE.search(text):
            for match in INVISIBLE.finditer(text):
                keep[match.start() : match.end()] = False
        texts = [item for item, kind in zip(objects, types, strict=True) if kind == _TEXT]
        if not _HIDING.isdisjoint(map(_text_mode, texts)):
            hidden = {item for item in texts if _text_mode(item) in _HIDING}
            for index in np.nonzero(keep)[0].tolist():
                if _text_object(address, index) in hidden:
                    keep[index] = False
                    self.tally.hidden += not text[index].isspace()
        self._leave_out_slanted(address, text, boxes, keep)
        return text, boxes, keep

    def _leave_out_slanted(self, address: int | None, text: str, boxes: Floats, keep: NDArray[np.bool_]) -> None:
        """Glyphs set at an angle are a watermark. Asked once per line: a slanted line has a new foot with every glyph."""
        kept = np.nonzero(keep)[0]
        if not len(kept):
            return
        foot = boxes[kept, 3]
        heads = np.concatenate(([0], np.nonzero(np.abs(foot[1:] - foot[:-1]) > 0.01)[0] + 1))
        slanted = [0.05 < _angle(address, int(kept[head])) % (math.pi / 2) < math.pi / 2 - 0.05 for head in heads.tolist()]
        if True not in slanted:
            return
        ends = [*heads[1:].tolist(), len(kept)]
        mark: list[str] = []
        for head, end, is_slanted in zip(heads.tolist(), ends, slanted, strict=True):
            if is_slanted:
                keep[kept[head:end]] = False
                mark.append("".join([text[index] for index in kept[head:end].tolist()]))
        self.tally.slanted.append("".join(mark).strip())

    def _on_page(self, text: str, boxes: Floats, width: float, height: float) -> tuple[str, Floats]:
        """The glyphs that the page shows; the printer cuts the others off."""
        x = (boxes[:, 0] + boxes[:, 2]) / 2
        y = (boxes[:, 1] + boxes[:, 3]) / 2
        shown = (x > 0) & (x < width) & (y > 0) & (y < height)
        if shown.all():
            return text, boxes
        kept = np.nonzero(shown)[0]
        self.tally.hidden += len(text) - len(kept)
        return "".join([text[index] for index in kept.tolist()]), boxes[kept]


def _no(_: object) -> bool:
    return False


def _characters(address: int | None, count: int) -> str:
    """One code point per glyph. A glyph without any is U+FFFD."""
    buffer = (ctypes.c_uint16 * (2 * count + 2))()
    written = _get_text(address, 0, count, ctypes.addressof(buffer))
    text = bytes(buffer)[: 2 * (written - 1)].decode("utf-16-le", "replace")
    if len(text) != count or "\ufffd" in text:
        codes = list(map(_unicode, repeat(address), range(count)))
        text = "".join(chr(code) if 0 < code < 0xD800 or 0xDFFF < code < 0x110000 else "\ufffd" for code in codes)
    return text.replace("\x02", "-").replace("\ufffe", "-")  # how PDFium marks a hyphen at a line's end


def _page_box(handle: Any) -> tuple[float, float, float, float]:
    """Left, bottom, right, top of the part of the page that is shown."""
    box = pdfium.FS_RECTF()
    if not pdfium.FPDF_GetPageBoundingBox(handle, box):
        return 0.0, 0.0, pdfium.FPDF_GetPageWidthF(handle), pdfium.FPDF_GetPageHeightF(handle)
    return box.left, box.bottom, box.right, box.top


def _quarter(rotation: int, texts: list[int]) -> int:
    """By how many quarter turns most of the text leans left; the page's own rotation if there is no text to ask."""
    turns = [0, 0, 0, 0]
    matrix = pdfium.FS_MATRIX()
    for item in texts[:: max(1, len(texts) // 20)]:
        if pdfium.FPDFPageObj_GetMatrix(ctypes.cast(item, pdfium.FPDF_PAGEOBJECT), matrix):
            upright = abs(matrix.a) >= abs(matrix.b)
            turns[(0 if matrix.a >= 0 else 2) if upright else (1 if matrix.b > 0 else 3)] += 1
    return turns.index(max(turns)) if any(turns) else rotation % 4


def _turn(quarter: int, left: float, bottom: float, right: float, top: float) -> Matrix:
    """The matrix that sets the page upright with its lower left corner at the origin."""
    if quarter == 1:
        return 0.0, -1.0, 1.0, 0.0, -bottom, right
    if quarter == 2:
        return -1.0, 0.0, 0.0, -1.0, right, top
    return 0.0, 1.0, -1.0, 0.0, top, -left


class _Drawings:
    """The rules of one page, and how much of it pictures cover. ``left`` and ``top`` are the corner of what is shown."""

    def __init__(self, left: float, top: float) -> None:
        self.left = left
        self.top = top
        self.horizontal: list[Rule] = []
        self.vertical: list[Rule] = []
        self.pictured = 0.0
        self.objects = 0

    def collect(self, objects: list[int], types: list[int], within: Matrix = _IDENTITY, depth: int = 0) -> None:
        drawn = [(item, kind) for item, kind in zip(objects, types, strict=True) if kind in (_PATH, _IMAGE)]
        if drawn:
            self._drawn(drawn, within)
        if _FORM in types and depth < FORM_DEPTH:
            for item, kind in zip(objects, types, strict=True):
                if kind == _FORM:
                    inner = form_objects(item)
                    self.objects += len(inner)
                    if self.objects < OBJECTS:
                        self.collect(inner, list(map(_object_type, inner)), _times(_matrix(item), within), depth + 1)

    def _drawn(self, drawn: list[tuple[int, int]], within: Matrix) -> None:
        count = len(drawn)
        bounds = np.zeros((count, 4), np.float32)
        at = bounds.ctypes.data
        sides = [range(at + 4 * side, at + 16 * count + 4 * side, 16) for side in range(4)]
        any(map(_no, map(_bounds, [item for item, _ in drawn], *sides)))
        fill, stroke = ctypes.c_int(), ctypes.c_int()
        fill_at, stroke_at = ctypes.addressof(fill), ctypes.addressof(stroke)
        for (item, kind), (left, bottom, right, top) in zip(drawn, bounds.tolist(), strict=True):
            if within is not _IDENTITY:
                left, bottom, right, top = _moved(left, bottom, right, top, within)
            width, height = right - left, top - bottom
            if kind == _IMAGE:
                self.pictured += width * height
                continue
            _draw_mode(item, fill_at, stroke_at)
            segments = _segments(item)
            if not (fill.value or stroke.value) or segments < 2:
                continue
            if min(width, height) <= (THICK_STROKE if segments == 2 else THIN):
                self._rule(left, bottom, right, top)
            elif stroke.value or segments > 5:
                self._outline(item, segments, bool(stroke.value), within)

    def _rule(self, left: float, bottom: float, right: float, top: float) -> None:
        """A thin box is a rule; one nearly as thick as long is a dot."""
        if right - left >= 2 * (top - bottom):
            self.horizontal.append((self.top - (bottom + top) / 2, left - self.left, right - self.left))
        elif top - bottom >= 2 * (right - left):
            self.vertical.append(((left + right) / 2 - self.left, self.top - top, self.top - bottom))

    def _outline(self, item: int, segments: int, stroked: bool, within: Matrix) -> None:
        """The upright and level edges of a stroked path, the thin rectangles of a filled one."""
        if segments > OBJECTS:
            return
        a, b, c, d, e, f = _times(_matrix(item), within)
        handle = ctypes.cast(item, pdfium.FPDF_PAGEOBJECT)
        x, y = ctypes.c_float(), ctypes.c_float()
        subpaths: list[list[tuple[float, float]]] = []
        curved: set[int] = set()
        for index in range(segments):
            segment = pdfium.FPDFPath_GetPathSegment(handle, index)
            kind = pdfium.FPDFPathSegment_GetType(segment)
            pdfium.FPDFPathSegment_GetPoint(segment, x, y)
            point = a * x.value + c * y.value + e, b * x.value + d * y.value + f
            if kind == pdfium.FPDF_SEGMENT_MOVETO or not subpaths:
                subpaths.append([point])
            else:
                subpaths[-1].append(point)
                if kind == pdfium.FPDF_SEGMENT_BEZIERTO:
                    curved.add(len(subpaths) - 1)
            if pdfium.FPDFPathSegment_GetClose(segment):
                subpaths[-1].append(subpaths[-1][0])
        for index, points in enumerate(subpaths):
            if index in curved:
                continue
            if stroked:
                for (x0, y0), (x1, y1) in pairwise(points):
                    if abs(x1 - x0) < 1 or abs(y1 - y0) < 1:
                        self._rule(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
            else:
                xs, ys = [point[0] for point in points], [point[1] for point in points]
                if min(max(xs) - min(xs), max(ys) - min(ys)) <= THIN:
                    self._rule(min(xs), min(ys), max(xs), max(ys))


def form_objects(item: int) -> list[int]:
    """What a form XObject (a drawing used as one object) is made of."""
    count = pdfium.FPDFFormObj_CountObjects(ctypes.cast(item, pdfium.FPDF_PAGEOBJECT))
    return list(map(_form_object, repeat(item), range(min(count, OBJECTS))))


def _matrix(item: int) -> Matrix:
    matrix = pdfium.FS_MATRIX()
    if not pdfium.FPDFPageObj_GetMatrix(ctypes.cast(item, pdfium.FPDF_PAGEOBJECT), matrix):
        return _IDENTITY
    return matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f


def _times(first: Matrix, then: Matrix) -> Matrix:
    """Apply one matrix, then the other."""
    a, b, c, d, e, f = first
    p, q, r, s, t, u = then
    return a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u


def _moved(left: float, bottom: float, right: float, top: float, by: Matrix) -> tuple[float, float, float, float]:
    a, b, c, d, e, f = by
    xs = [a * x + c * y + e for x in (left, right) for y in (bottom, top)]
    ys = [b * x + d * y + f for x in (left, right) for y in (bottom, top)]
    return min(xs), min(ys), max(xs), max(ys)
