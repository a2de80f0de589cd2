"""Read PDF: every glyph and every ruling line through PDFium, laid out by reports_in.geometry.

Text only: scripts, attachments, links and forms are never run, opened or followed; a note says that they are there.
The calls that run once per glyph or drawing go to PDFium by address, with plain integers, driven by ``map``: three times
as fast as the wrappers.
"""

from __future__ import annotations

import ctypes
import math
import re
import threading
from collections import deque
from collections.abc import Callable, Iterator
from itertools import chain, pairwise, repeat
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
from reports_in.ocr import DPI, Scans, is_ready
from reports_in.printed import Tally, page_list, unreadable_share

MEDIA_TYPE = "application/pdf"
FONTS = Path(__file__).parent.parent / "fonts"
THIN = 2.5  # points; a filled rectangle no thicker is a rule, a thicker one is shading
THICK_STROKE = 6.0  # a stroked line may be this thick; PDFium's bounds add a point to its width
OBJECTS = 400_000  # drawings and glyph runs looked at on one page
ANNOTATIONS = 10_000  # looked at on one page
FORM_DEPTH = 20  # of drawings in drawings whose rules are looked for; their text PDFium finds at any depth
A4_LONG = 841.9  # points
PAGE_POINTS = 14_400.0  # the largest page side that the format's own limits allow (200 inches)

_exhaust = deque  # of maxlen 0: runs an iterator without keeping anything or entering Python
_LOCK = threading.Lock()  # PDFium is not safe for threads
_TYPED_ON = frozenset({pdfium.FPDF_ANNOT_FREETEXT, pdfium.FPDF_ANNOT_STAMP, pdfium.FPDF_ANNOT_WIDGET})
_TEXT, _PATH, _IMAGE, _FORM = 1, 2, 3, 5
_OBJECT = re.compile(rb"\d+ \d+ obj\b")
_HIDING = frozenset({3, 7})  # text render modes that put nothing on the page: invisible, clip only
_PASSWORD_ERROR, _SECURITY_ERROR = 4, 5

Matrix = tuple[float, float, float, float, float, float]
_IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_INWARD = (1, 1, -1, -1)  # from the left, bottom, right and top side of a box
_UPSIDE_DOWN = np.array((1, -1, 1, -1), np.float32)


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
    if _is_cut_off(data):
        raise Damaged(name, "PDF 不完整，文件尾部缺失", "请重新下载或导出后提交")
    with _LOCK:
        document = pdfium.FPDF_LoadMemDocument64(data, len(data), None)
        if not document:
            raise _cannot_open(name, pdfium.FPDF_GetLastError())
        try:
            return _read(document, data, name)
        finally:
            pdfium.FPDF_CloseDocument(document)


def _is_cut_off(data: bytes) -> bool:
    """Whether the end is missing: PDFium would open what is left of some files and show empty pages."""
    end = data.rfind(b"%%EOF")
    return end < 0 or _OBJECT.search(data, end) is not None


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
    _note_active_content(document, data, builder)
    reading = _Reading(document, builder)
    lay_out(reading.pages(pages), builder)
    reading.conclude(pages)
    return builder.document(data, MEDIA_TYPE, _meta(document))


def _note_active_content(document: Any, data: bytes, builder: Builder) -> None:
    if pdfium.FPDFDoc_GetJavaScriptActionCount(document) > 0 or b"/JavaScript" in data or b"/Launch" in data:
        builder.note("ACTIVE_CONTENT", "PDF 含脚本或启动程序的动作，只读取了文字，一概未执行")
    if pdfium.FPDF_GetFormType(document) == pdfium.FORMTYPE_XFA_FOREGROUND:
        builder.note("XFA_FORM", "PDF 带有 XFA 表单，只读取了页面上的文字")
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
        self.scans = Scans(builder.name)

    def pages(self, count: int) -> Iterator[Page]:
        for index in range(count):
            handle = pdfium.FPDF_LoadPage(self.document, index)
            if handle and self._has_typed_on(handle, index + 1):
                pdfium.FPDF_ClosePage(handle)
                handle = pdfium.FPDF_LoadPage(self.document, index)
            if not handle:
                self.failed.append(index + 1)
                continue
            try:
                page = self._page(handle, index + 1)
            finally:
                pdfium.FPDF_ClosePage(handle)
            yield self._recognised(page) if self._needs_ocr(page) and is_ready() else page

    def _has_typed_on(self, handle: Any, number: int) -> bool:
        """Whether text boxes, form fields or stamps lie on the page. They are made part of it, here in memory only."""
        for index in range(min(pdfium.FPDFPage_GetAnnotCount(handle), ANNOTATIONS)):
            annotation = pdfium.FPDFPage_GetAnnot(handle, index)
            kind = pdfium.FPDFAnnot_GetSubtype(annotation)
            pdfium.FPDFPage_CloseAnnot(annotation)
            if kind in _TYPED_ON:
                if pdfium.FPDFPage_Flatten(handle, pdfium.FLAT_NORMALDISPLAY) == pdfium.FLATTEN_SUCCESS:
                    self.builder.note("TYPED_ON", f"第{number}页有后加的文字框、表单域或图章，其中的文字已一并读出")
                    return True
                return False
        return False

    def conclude(self, pages: int) -> None:
        """Refuse what could not be read, note what was read in part."""
        if self.failed:
            shown = page_list(self.failed)
            raise Damaged(self.builder.name, f"PDF 已损坏：第{shown}页读不出来", "请用阅读器核对原文件，重新导出后提交")
        self.tally.conclude(self.builder, "PDF", pages)
        self.scans.conclude(self.builder)

    def _needs_ocr(self, page: Page) -> bool:
        """Whether the page is a picture, or what its font says of its text cannot be read."""
        return page.number in self.tally.pictures or (len(page.text) > 20 and unreadable_share(page.text) > 0.3)

    def _recognised(self, page: Page) -> Page:
        """The page as OCR reads it; as it was, if that finds nothing."""
        read = self.scans.page(*_photographed(self.document, page, self.builder.name))
        if not read.text.strip():
            self.scans.forget(page.number)
            return page
        self.tally.read_by_ocr(page.number, page.text, read.text)
        return read

    def _page(self, handle: Any, number: int) -> Page:
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
        every = list(map(_page_object, repeat(page), range(count)))
        objects = _by_kind(every)
        quarter = _quarter(pdfium.FPDFPage_GetRotation(handle), objects[_TEXT])
        if quarter:
            turn = _turn(quarter, left, bottom, right, top)
            for item in chain.from_iterable(objects.values()):
                pdfium.FPDFPageObj_Transform(ctypes.cast(item, pdfium.FPDF_PAGEOBJECT), *turn)
            if quarter != 2:
                width, height = height, width
            left, top = 0.0, height
        drawings = _Drawings(left, top)
        drawings.collect(objects)
        text_page = pdfium.FPDFText_LoadPage(handle)
        try:
            text, boxes = self._glyphs(text_page, drawings.texts)
        finally:
            pdfium.FPDFText_ClosePage(text_page)
        if len(boxes):
            boxes = boxes * _UPSIDE_DOWN + np.array((-left, top, -left, top), np.float32)
            text, boxes = self._on_page(text, boxes, width, height)
            if _is_covered(every, objects, width, height):
                self.tally.hidden += len(text)
                text, boxes = "", boxes[:0]
        text = self.tally.page(number, text, drawings.pictures, width * height)
        return Page(number, width, height, text, boxes, drawings.horizontal, drawings.vertical)

    def _glyphs(self, text_page: Any, texts: list[int]) -> tuple[str, Floats]:
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
        _exhaust(map(_loose_box, repeat(address), range(count), range(start, start + 16 * count, 16)), maxlen=0)
        keep = boxes[:, 0] < boxes[:, 2]
        if not keep.all():
            for index in np.nonzero(~keep)[0].tolist():
                keep[index] = not text[index].isspace()  # a glyph without width is still a glyph
        text, boxes, keep = self._visible(address, text, boxes, keep, texts)
        if not keep.all():
            kept = np.nonzero(keep)[0]
            text = "".join([text[index] for index in kept.tolist()])
            boxes = boxes[kept]
        return text, boxes

    def _visible(
        self, address: int | None, text: str, boxes: Floats, keep: NDArray[np.bool_], texts: list[int]
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
        if not _HIDING.isdisjoint(map(_text_mode, texts)):
            hidden = {item for item in texts if _text_mode(item) in _HIDING}
            for index in np.nonzero(keep)[0].tolist():
                if _text_object(address, index) in hidden:
                    keep[index] = False
                    self.tally.hidden += not text[index].isspace()
        self._leave_out_slanted(address, text, boxes, keep)
        return text, boxes, keep

    def _leave_out_slanted(self, address: int | None, text: str, boxes: Floats, keep: NDArray[np.bool_]) -> None:
        """Glyphs set at an angle are a watermark. PDFium is asked only where a glyph stands higher or lower than its neighbour."""
        kept = np.nonzero(keep)[0]
        if len(kept) < 2:
            return
        left, foot, right = boxes[kept, 0], boxes[kept, 3], boxes[kept, 2]
        size = np.maximum(boxes[kept, 1] - foot, 1.0)
        step = np.abs(foot[1:] - foot[:-1])
        beside = np.minimum(np.abs(left[1:] - right[:-1]), np.abs(left[:-1] - right[1:])) < 1.5 * size[1:]
        steps = np.nonzero((step > 0.2 * size[1:]) & (step < 2 * size[1:]) & beside)[0]
        asked = dict.fromkeys(chain.from_iterable((int(kept[at]), int(kept[at + 1])) for at in steps.tolist()))
        slanted = [index for index in asked if 0.05 < _angle(address, index) % (math.pi / 2) < math.pi / 2 - 0.05]
        if slanted:
            keep[slanted] = False
            self.tally.slanted.append("".join([text[index] for index in slanted]).strip())

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


def _photographed(document: Any, page: Page, name: str) -> tuple[NDArray[np.uint8], int, float, float]:
    """The page's picture in grey, its number, its dots per inch and its width in points, as Scans.page takes them.

    A page of the shape of A4 is taken for one whatever its own size: some scanners call every pixel a point.
    """
    handle = pdfium.FPDF_LoadPage(document, page.number - 1)
    try:
        across, down = pdfium.FPDF_GetPageWidthF(handle), pdfium.FPDF_GetPageHeightF(handle)
        short, long = sorted((across, down))
        scale = DPI / 72 * (A4_LONG / long if 1.35 < long / short < 1.48 else 1.0)
        width, height = max(1, round(across * scale)), max(1, round(down * scale))
        if width * height > LIMITS.image_pixels:
            raise too_much(name, f"第{page.number}页图像的像素", LIMITS.image_pixels, "个")
        bitmap = pdfium.FPDFBitmap_CreateEx(width, height, pdfium.FPDFBitmap_Gray, None, 0)
        try:
            pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, 0xFFFFFFFF)
            pdfium.FPDF_RenderPageBitmap(bitmap, handle, 0, 0, width, height, 0, pdfium.FPDF_ANNOT)
            stride = pdfium.FPDFBitmap_GetStride(bitmap)
            pixels = ctypes.string_at(pdfium.FPDFBitmap_GetBuffer(bitmap), stride * height)
        finally:
            pdfium.FPDFBitmap_Destroy(bitmap)
    finally:
        pdfium.FPDF_ClosePage(handle)
    picture = np.frombuffer(pixels, np.uint8).reshape(height, stride)[:, :width].copy()
    return picture, page.number, DPI, across


def _is_covered(every: list[int], objects: dict[int, list[int]], width: float, height: float) -> bool:
    """Whether a picture as large as the page is drawn over all its text: the page shows a scan, its text lies behind."""
    for item, (left, bottom, right, top) in zip(objects[_IMAGE], _boxes(objects[_IMAGE], _IDENTITY), strict=True):
        if (right - left) * (top - bottom) > 0.8 * width * height and objects[_TEXT]:
            see_through = pdfium.FPDFPageObj_HasTransparency(ctypes.cast(item, pdfium.FPDF_PAGEOBJECT))
            return not see_through and every.index(item) > every.index(objects[_TEXT][-1])
    return False


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
        self.pictures: list[tuple[float, float]] = []
        self.texts: list[int] = []
        self.objects = 0

    def collect(self, objects: dict[int, list[int]], within: Matrix = _IDENTITY, depth: int = 0) -> None:
        self.texts += objects[_TEXT]
        for left, bottom, right, top in _boxes(objects[_IMAGE], within):
            self.pictures.append((right - left, top - bottom))
        if objects[_PATH]:
            self._paths(objects[_PATH], within)
        for item in objects[_FORM] if depth < FORM_DEPTH else ():
            count = pdfium.FPDFFormObj_CountObjects(ctypes.cast(item, pdfium.FPDF_PAGEOBJECT))
            self.objects += max(count, 0)
            if self.objects < OBJECTS:
                inner = _by_kind(list(map(_form_object, repeat(item), range(count))))
                self.collect(inner, _times(_matrix(item), within), depth + 1)

    def _paths(self, paths: list[int], within: Matrix) -> None:
        fill, stroke = ctypes.c_int(), ctypes.c_int()
        fill_at, stroke_at = ctypes.addressof(fill), ctypes.addressof(stroke)
        for item, (left, bottom, right, top) in zip(paths, _boxes(paths, within), strict=True):
            _draw_mode(item, fill_at, stroke_at)
            segments = _segments(item)
            if not (fill.value or stroke.value) or segments < 2:
                continue
            if min(right - left, top - bottom) <= (THICK_STROKE if segments == 2 else THIN):
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
        boxes: list[tuple[float, float, float, float]] = []
        for index, points in enumerate(subpaths):
            if index in curved:
                continue
            if stroked:
                for (x0, y0), (x1, y1) in pairwise(points):
                    if abs(x1 - x0) < 1 or abs(y1 - y0) < 1:
                        self._rule(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
                continue
            xs, ys = [point[0] for point in points], [point[1] for point in points]
            box = min(xs), min(ys), max(xs), max(ys)
            if min(box[2] - box[0], box[3] - box[1]) <= THIN:
                self._rule(*box)
            elif boxes and all(
                0 <= (one - other) * side <= THIN for one, other, side in zip(box, boxes[-1], _INWARD, strict=True)
            ):
                self._ring(boxes.pop(), box)
            elif boxes and all(
                0 <= (other - one) * side <= THIN for one, other, side in zip(box, boxes[-1], _INWARD, strict=True)
            ):
                self._ring(box, boxes.pop())
            else:
                boxes.append(box)

    def _ring(self, outer: tuple[float, float, float, float], inner: tuple[float, float, float, float]) -> None:
        """A border filled between two rectangles, as browsers and print engines draw it."""
        left, bottom, right, top = ((a + b) / 2 for a, b in zip(outer, inner, strict=True))
        for y in (bottom, top):
            self._rule(left, y, right, y)
        for x in (left, right):
            self._rule(x, bottom, x, top)


def _by_kind(objects: list[int]) -> dict[int, list[int]]:
    kinds = list(map(_object_type, objects))
    found: dict[int, list[int]] = {_TEXT: [], _PATH: [], _IMAGE: [], _FORM: []}
    if kinds.count(_TEXT) == len(kinds):
        found[_TEXT] = objects
    else:
        for item, kind in zip(objects, kinds, strict=True):
            found.setdefault(kind, []).append(item)
    return found


def _boxes(objects: list[int], within: Matrix) -> list[list[float]]:
    """Left, bottom, right, top of every object."""
    count = len(objects)
    bounds = np.zeros((count, 4), np.float32)
    at = bounds.ctypes.data
    sides = [range(at + 4 * side, at + 16 * count + 4 * side, 16) for side in range(4)]
    _exhaust(map(_bounds, objects, *sides), maxlen=0)
    boxes: list[list[float]] = bounds.tolist()
    return boxes if within is _IDENTITY else [_moved(box, within) for box in boxes]


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


def _moved(box: list[float], by: Matrix) -> list[float]:
    left, bottom, right, top = box
    a, b, c, d, e, f = by
    xs = [a * x + c * y + e for x in (left, right) for y in (bottom, top)]
    ys = [b * x + d * y + f for x in (left, right) for y in (bottom, top)]
    return [min(xs), min(ys), max(xs), max(ys)]
