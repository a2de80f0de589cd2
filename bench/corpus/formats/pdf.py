"""PDF: the report on paper, drawn in the ways that word processors, browsers and report tools draw it."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

import audits.renderers
from bench.corpus.formats import Printed
from bench.corpus.formats.sheets import Box, Paper, Sheet, Text, lay
from bench.corpus.page import Page

FONTS = Path(audits.renderers.__file__).parent / "fonts"


@dataclass(frozen=True, slots=True)
class Drawn:
    """How the sheets become drawing commands.

    font     "embedded", "named" (a standard Chinese font that the reader's machine must have), or the path of a TrueType font.
    lines    "strokes" (one line per cell edge), "boxes" (one stroked rectangle per cell), "fills" (thin filled rectangles),
             "double", "dashed", or "path" (all edges of a page in one path).
    glyphs   every character is placed for itself, as WPS does.
    order    "reading" or "shuffled": the order of the texts in the file.
    bold     bold is imitated: the text is printed twice, a fraction of a point aside.
    turned   the sheet lies on its side, and the page's /Rotate sets it upright.
    moved    the page's corner is not at the origin (a crop box).
    form     everything is drawn inside a form XObject.
    mark     a slanted watermark.
    """

    paper: Paper = field(default_factory=Paper)
    font: str = "embedded"
    lines: str = "strokes"
    glyphs: bool = False
    order: str = "reading"
    bold: bool = False
    turned: int = 0
    moved: bool = False
    form: bool = False
    mark: str = ""


def write(page: Page, random: Random, style: Drawn) -> Printed:
    sheets = lay(page, random, style.paper)
    return Printed(draw(sheets, random, style), "report.pdf")


def draw(sheets: list[Sheet], random: Random, style: Drawn) -> bytes:
    """The same bytes for the same sheets."""
    font = _font(style.font)
    out = io.BytesIO()
    canvas = Canvas(out, invariant=1, initialFontName=font)  # type: ignore[arg-type]  # the stubs are wrong
    for index, sheet in enumerate(sheets):
        _sheet(canvas, sheet, random, style, font, index)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


@cache
def _font(kind: str) -> str:
    if kind == "named":
        pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
        return "STSong-Light"
    if "/" in kind:
        pdfmetrics.registerFont(TTFont(kind, kind))
        return kind
    pdfmetrics.registerFont(TTFont("BenchSans", str(FONTS / "regular.ttf")))
    return "BenchSans"


def _sheet(canvas: Canvas, sheet: Sheet, random: Random, style: Drawn, font: str, index: int) -> None:
    width, height = sheet.width, sheet.height
    lying = style.turned in (90, 270)
    dx = dy = 0.0
    if style.moved:
        dx, dy = 30.0, 50.0
        canvas.setCropBox((dx, dy, dx + (height if lying else width), dy + (width if lying else height)))
    canvas.setPageSize((width + 2 * (dy if lying else dx), height + 2 * (dx if lying else dy)))
    canvas.setPageRotation(style.turned)
    canvas.saveState()
    canvas.translate(dx, dy)
    if style.turned == 90:
        canvas.translate(height, 0)
        canvas.rotate(90)
    elif style.turned == 180:
        canvas.translate(width, height)
        canvas.rotate(180)
    elif style.turned == 270:
        canvas.translate(0, width)
        canvas.rotate(-90)
    if style.form:
        canvas.beginForm(f"sheet{index}", 0, 0, width, height)
    canvas.setLineWidth(0.5)
    for box in sheet.boxes:
        if box.shade:
            canvas.setFillGray(0.9)
            canvas.rect(box.left, height - box.bottom, box.right - box.left, box.bottom - box.top, stroke=0, fill=1)
    canvas.setFillGray(0)
    _rules(canvas, sheet, style)
    texts = list(sheet.texts)
    if style.order == "shuffled":
        random.shuffle(texts)
    for text in texts:
        _text(canvas, text, height, style, font)
    if style.mark:
        canvas.saveState()
        canvas.translate(width / 3, height / 3)
        canvas.rotate(40)
        canvas.setFillGray(0.8)
        canvas.setFont(font, 40)
        canvas.drawString(0, 0, style.mark)
        canvas.restoreState()
    if style.form:
        canvas.endForm()
        canvas.doForm(f"sheet{index}")
    canvas.restoreState()


def _rules(canvas: Canvas, sheet: Sheet, style: Drawn) -> None:
    height = sheet.height
    if style.lines == "dashed":
        canvas.setDash(3, 2)
    path = canvas.beginPath()
    for box in sheet.boxes:
        if style.lines == "boxes" and box.edges == "ltrb":
            canvas.rect(box.left, height - box.bottom, box.right - box.left, box.bottom - box.top)
            continue
        for x0, y0, x1, y1 in _edges(box):
            if style.lines == "fills":
                canvas.rect(x0 - 0.25, height - y1 - 0.25, x1 - x0 + 0.5, y1 - y0 + 0.5, stroke=0, fill=1)
            elif style.lines == "path":
                path.moveTo(x0, height - y0)
                path.lineTo(x1, height - y1)
            elif style.lines == "double":
                aside = (0.0, 1.5) if x0 == x1 else (1.5, 0.0)
                canvas.line(x0, height - y0, x1, height - y1)
                canvas.line(x0 + aside[1], height - y0 - aside[0], x1 + aside[1], height - y1 - aside[0])
            else:
                canvas.line(x0, height - y0, x1, height - y1)
    if style.lines == "path":
        canvas.drawPath(path)
    canvas.setDash()


def _edges(box: Box) -> list[tuple[float, float, float, float]]:
    every = {
        "t": (box.left, box.top, box.right, box.top),
        "b": (box.left, box.bottom, box.right, box.bottom),
        "l": (box.left, box.top, box.left, box.bottom),
        "r": (box.right, box.top, box.right, box.bottom),
    }
    return [every[edge] for edge in box.edges]


def _text(canvas: Canvas, text: Text, height: float, style: Drawn, font: str) -> None:
    canvas.setFont(font, text.size)
    y = height - text.y
    if style.glyphs:
        x = text.x
        for char in text.text:
            canvas.drawString(x, y, char)
            x += pdfmetrics.stringWidth(char, font, text.size)
    else:
        canvas.drawString(text.x, y, text.text)
    if style.bold and text.bold:
        canvas.drawString(text.x + 0.3, y, text.text)
