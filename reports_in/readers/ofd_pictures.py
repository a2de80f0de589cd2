"""An OFD page that is a picture: its image objects put together as the page shows them, to be recognised by OCR.

Scanners and seal programs wrap one picture for each page, or several strips of it, into OFD.
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from lxml import etree

from reports_in.builder import too_much
from reports_in.limits import LIMITS
from reports_in.package import Package
from reports_in.readers.image import gray_of

if TYPE_CHECKING:
    from reports_in.ocr.engine import Gray

Placed = tuple[str, tuple[float, float, float, float]]  # id of the picture; left, top, width, height on the page in points
DPI = 100.0, 400.0  # what a picture is brought to if it has less or more
PAPER = 255


def media_in(package: Package, part: str, root: etree._Element) -> dict[str, str]:
    """The parts that hold the pictures of a resource file, by the id that pages call them by."""
    folder = root.get("BaseLoc", "")
    found = {}
    for entry in root.iter("{*}MultiMedia"):
        location = next((child.text or "" for child in entry if etree.QName(child).localname == "MediaFile"), "").strip()
        path = package.find(posixpath.join(folder, location), part) or package.find(location, part) if location else None
        if path is not None:
            found[entry.get("ID", "")] = path
    return found


def is_see_through(picture: bytes) -> bool:
    """Whether what lies under the picture may be seen: PNG and GIF can be transparent, the other forms cannot."""
    if picture.startswith(b"\x89PNG"):
        return picture[25:26] in (b"\x04", b"\x06") or b"tRNS" in picture[:4096]
    return picture.startswith(b"GIF")


def photographed(
    package: Package, media: dict[str, str], placed: Sequence[Placed], width: float, height: float
) -> tuple[Gray, float] | None:
    """The page in grey with its dots per inch; None if one of its pictures is missing or of a form that cannot be read.

    width, height  of the page in points. Raises Damaged or LimitExceeded for a picture that is broken or too large.
    """
    import cv2

    parts = [(media.get(key), box) for key, box in placed]
    read = [(gray_of(package.read(part), package.name) if part else None, box) for part, box in parts]
    dots = max((picture.shape[1] / (box[2] / 72) for picture, box in read if picture is not None and box[2] > 0), default=0.0)
    if not dots or any(picture is None for picture, _ in read):
        return None
    dots = min(max(dots, DPI[0]), DPI[1])
    across, down = round(width * dots / 72), round(height * dots / 72)
    if across * down > LIMITS.image_pixels:
        raise too_much(package.name, "页面图像的像素", LIMITS.image_pixels, "个")
    page = np.full((down, across), PAPER, np.uint8)
    for picture, (left, top, wide, high) in read:
        assert picture is not None
        x0, y0, x1, y1 = (round(edge * dots / 72) for edge in (left, top, left + wide, top + high))
        if x1 - x0 < 1 or y1 - y0 < 1 or (x1 - x0) * (y1 - y0) > LIMITS.image_pixels:
            continue
        fitted = picture
        if picture.shape != (y1 - y0, x1 - x0):
            fitted = cv2.resize(picture, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA)
        seen = page[max(y0, 0) : y1, max(x0, 0) : x1]
        part = fitted[max(-y0, 0) :, max(-x0, 0) :][: seen.shape[0], : seen.shape[1]]
        np.minimum(seen, part, out=seen)
    return page, dots
