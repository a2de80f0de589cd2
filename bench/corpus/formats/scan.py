"""Scans: the sheets of bench.corpus.formats.pdf as a scanner or a copier makes pictures of them. Seeded."""

from __future__ import annotations

import ctypes
import io
from dataclasses import dataclass, field
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

import reports_in.readers.pdf  # noqa: F401  # starts PDFium as the reader wants it
from bench.corpus.formats import Printed
from bench.corpus.formats.pdf import Drawn, draw
from bench.corpus.formats.sheets import Paper, lay
from bench.corpus.page import Page

Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Scanned:
    """How a page becomes a picture.

    form     "pdf" (pictures only), "png", "jpeg", "tiff" (all pages), "bmp", "webp"; a form of one page takes the first.
    skew     degrees; blur  standard deviation in pixels; noise  of 255; quality  of JPEG on the way, 0 for none.
    shadow   how much darker the far corner is, 0..1; fade  how grey the ink is, 0..1; specks  black dots of dirt.
    turned   quarter turns to the left.
    """

    form: str = "pdf"
    dpi: int = 200
    skew: float = 0.6
    blur: float = 0.8
    noise: float = 6.0
    quality: int = 70
    shadow: float = 0.15
    fade: float = 0.1
    specks: int = 0
    turned: int = 0
    drawn: Drawn = field(default_factory=lambda: Drawn(Paper(first_page=60.0)))


def write(page: Page, random: Random, style: Scanned) -> Printed:
    sheets = lay(page, random, style.drawn.paper)
    rng = np.random.default_rng(random.randrange(1 << 32))
    pictures = [scanned(picture, rng, style) for picture in rendered(draw(sheets, random, style.drawn), style.dpi)]
    return Printed(packed(pictures, style), f"report.{style.form}")


def rendered(data: bytes, dpi: int) -> list[Picture]:
    """The pages of a PDF in grey."""
    import pypdfium2_raw as pdfium

    document: Any = pdfium.FPDF_LoadMemDocument64(data, len(data), None)
    pictures = []
    for index in range(pdfium.FPDF_GetPageCount(document)):
        page = pdfium.FPDF_LoadPage(document, index)
        width = round(pdfium.FPDF_GetPageWidthF(page) * dpi / 72)
        height = round(pdfium.FPDF_GetPageHeightF(page) * dpi / 72)
        bitmap = pdfium.FPDFBitmap_CreateEx(width, height, pdfium.FPDFBitmap_Gray, None, 0)
        pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, 0xFFFFFFFF)
        pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, 0)
        stride = pdfium.FPDFBitmap_GetStride(bitmap)
        pixels = ctypes.string_at(pdfium.FPDFBitmap_GetBuffer(bitmap), stride * height)
        pictures.append(np.frombuffer(pixels, np.uint8).reshape(height, stride)[:, :width].copy())
        pdfium.FPDFBitmap_Destroy(bitmap)
        pdfium.FPDF_ClosePage(page)
    pdfium.FPDF_CloseDocument(document)
    return pictures


def scanned(picture: Picture, rng: np.random.Generator, style: Scanned) -> Picture:
    import cv2

    cv2.setNumThreads(1)  # no pool of threads that a forked reader would wait for

    height, width = picture.shape
    angle = style.skew * float(rng.choice([-1.0, 1.0]))
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    leaning = cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=255)
    for _ in range(style.specks):
        at = int(rng.integers(0, width)), int(rng.integers(0, height))
        cv2.circle(leaning, at, int(rng.integers(0, 3)), 40, -1)
    light = 255 - (255 - leaning.astype(np.float32)) * (1 - style.fade)
    if style.blur:
        light = cv2.GaussianBlur(light, (0, 0), style.blur)
    down, across = np.mgrid[0:height, 0:width]
    light *= 1 - style.shadow * (across / width) * (down / height)
    light = light * 0.93 + rng.normal(0, style.noise, light.shape) if style.noise else light * 0.93
    result = np.clip(light, 0, 255).astype(np.uint8)
    if style.quality:
        result = cv2.imdecode(cv2.imencode(".jpg", result, [cv2.IMWRITE_JPEG_QUALITY, style.quality])[1], cv2.IMREAD_GRAYSCALE)
    return np.ascontiguousarray(np.rot90(result, style.turned))


def packed(pictures: list[Picture], style: Scanned) -> bytes:
    from PIL import Image

    images = [Image.fromarray(picture) for picture in pictures]
    out = io.BytesIO()
    if style.form in ("pdf", "tiff"):
        images[0].save(out, style.form.upper(), save_all=True, append_images=images[1:], resolution=float(style.dpi))
    else:
        images[0].save(out, style.form.upper())
    return _without_dates(out.getvalue()) if style.form == "pdf" else out.getvalue()


def _without_dates(pdf: bytes) -> bytes:
    """Pillow writes the hour into every PDF; the same length is put in its place."""
    import re

    return re.sub(rb"\(D:\d{14}Z?\)", lambda match: b"(D:20200101000000Z)"[: len(match[0]) - 1] + b")", pdf)
