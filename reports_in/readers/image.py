"""Read pictures of pages: PNG, JPEG, TIFF of many pages, BMP, WEBP, GIF; by OCR on this machine (the extra hecha[ocr])."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from reports_in import sniff
from reports_in.builder import Builder, too_much
from reports_in.document import Document
from reports_in.errors import Damaged, LimitExceeded
from reports_in.geometry import Page, lay_out
from reports_in.limits import LIMITS
from reports_in.ocr import Scans, require

if TYPE_CHECKING:
    from reports_in.ocr.engine import Gray

A4_INCHES = 8.27, 11.69
A4_SHAPE = 1.35, 1.48  # long side to short one
STATED_DPI = 100, 1_200  # what a file says outside these is a screen's or a camera's habit
SCREEN_DPI = 110.0  # of a picture that says nothing and is no sheet: text of 10 points is some 15 pixels high
SMALLEST = 40  # pixels; no page is smaller
FORMATS = {
    sniff.PNG: "PNG",
    sniff.JPEG: "JPEG",
    sniff.TIFF: "TIFF",
    sniff.GIF: "GIF",
    sniff.BMP: "BMP",
    sniff.WEBP: "WEBP",
}

BROKEN = (  # what Pillow raises for pictures that are none; UnidentifiedImageError is an OSError
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    struct.error,
    zlib.error,
    ZeroDivisionError,
    OverflowError,
)


def read(data: bytes, name: str) -> Document:
    """Raise ToolMissing without the extra; Damaged, LimitExceeded; EmptyFile if no character was recognised."""
    media_type = sniff.sniff(data, name)
    require(name, "是图片")
    builder = Builder(name)
    scans = Scans(name)
    lay_out(_pages(data, name, media_type, scans), builder)
    scans.conclude(builder)
    return builder.document(data, media_type)


def _pages(data: bytes, name: str, media_type: str, scans: Scans) -> Iterator[Page]:
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # our own limit is asked before anything is decoded
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of harmless tags
            with Image.open(io.BytesIO(data), formats=[FORMATS[media_type]]) as image:
                count = getattr(image, "n_frames", 1) if media_type == sniff.TIFF else 1
                if count > LIMITS.scan_pages:
                    raise too_much(name, "图片的页数", LIMITS.scan_pages, "页")
                for index in range(count):
                    if index:
                        image.seek(index)
                    _ask_limits(image, name)
                    dots = dots_per_inch(image.size, image.info.get("dpi"))
                    yield scans.page(_gray(image), index + 1, dots)
    except BROKEN as error:
        raise _damaged(name, error) from error


def _damaged(name: str, error: Exception) -> Damaged:
    return Damaged(name, f"图片已损坏或不完整（{type(error).__name__}）", "请用看图软件核对，重新扫描或导出后提交")


def page_of(data: bytes, number: int) -> tuple[Gray, float] | None:
    """That page of a picture file, counted from 1, and how many pixels of it an inch has; None if there is none that opens."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # our own limit is asked before anything is decoded
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of harmless tags
            with Image.open(io.BytesIO(data), formats=list(FORMATS.values())) as image:
                if not 0 < number <= (getattr(image, "n_frames", 1) if image.format == "TIFF" else 1):
                    return None
                image.seek(number - 1)
                _ask_limits(image, "")
                return _gray(image), dots_per_inch(image.size, image.info.get("dpi"))
    except (*BROKEN, LimitExceeded, Damaged):
        return None


def gray_of(data: bytes, name: str) -> Gray | None:
    """The picture in those bytes, its first page if it has several; None if it is no picture that can be read here.

    Raises LimitExceeded for one that is too large, Damaged for one that breaks off.
    """
    from PIL import Image, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = None  # our own limit is asked before anything is decoded
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of harmless tags
            with Image.open(io.BytesIO(data), formats=list(FORMATS.values())) as image:
                _ask_limits(image, name)
                return _gray(image)
    except UnidentifiedImageError:
        return None
    except BROKEN as error:
        raise _damaged(name, error) from error


def _ask_limits(image: Any, name: str) -> None:
    width, height = image.size
    if width * height > LIMITS.image_pixels:
        raise LimitExceeded(
            name, f"图片有 {width}×{height} 像素，超过上限 {LIMITS.image_pixels:,} 像素", "请按 A4、200～300 dpi 重新扫描后提交"
        )
    if min(width, height) < SMALLEST:
        raise Damaged(name, f"图片只有 {width}×{height} 像素，不是一页文档", "请按 A4、200～300 dpi 重新扫描后提交")


def dots_per_inch(size: tuple[int, int], stated: Any) -> float:
    """How many pixels an inch of paper has. A picture shaped like a sheet of A4 is taken for one."""
    short, long = sorted(size)
    if A4_SHAPE[0] < long / short < A4_SHAPE[1] and long > 1_000:
        return long / A4_INCHES[1]
    try:
        across = float(stated[0])
    except (TypeError, ValueError, IndexError, ZeroDivisionError):
        across = 0.0
    if STATED_DPI[0] <= across <= STATED_DPI[1]:
        return across
    return max(SCREEN_DPI, long / (2 * A4_INCHES[1]))


def _gray(image: Any) -> Gray:
    """The picture as it is meant to be seen, upright by its own word, on white, in grey."""
    import numpy as np
    from PIL import Image, ImageOps

    picture = image.copy()
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        rgba = picture.convert("RGBA")
        paper = Image.new("RGBA", rgba.size, (255, 255, 255, 255))
        picture = Image.alpha_composite(paper, rgba)
    if picture.mode.startswith(("I", "F")):  # 16 bits and more
        values = np.asarray(picture).astype(np.float64)
        low, high = float(values.min()), float(values.max())
        scaled = (values - low) * (255.0 / (high - low)) if high > low else np.full(values.shape, 255.0)
        picture = Image.fromarray(scaled.astype(np.uint8))
    picture = ImageOps.exif_transpose(picture)
    return np.array(picture.convert("L"))
