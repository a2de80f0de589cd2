"""Scans: one page of the applications table, leaning, blurred and grainy, in every form; damage and bombs have their own end."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zlib
from functools import cache

import numpy as np
import pytest
from PIL import Image

from audits.align import align
from audits.confirm import confirmed
from bench.corpus.formats.scan import packed
from bench.layouts import compare
from bench.scans import SCANS, measure_scan, scan_case
from reports_in import ocr, read_bytes
from reports_in.document import Document, Table
from reports_in.errors import Damaged, EmptyFile, IntakeError, LimitExceeded, ToolMissing
from reports_in.limits import LIMITS
from reports_in.readers import image
from reports_in.readers.image import dots_per_inch


@cache
def scanned(name: str) -> Document:
    printed = scan_case(name, 3).printed
    return read_bytes(printed.data, printed.name)


@pytest.mark.parametrize("name", ["skew", "shadow"])  # an image PDF and a PNG
def test_nearly_every_cell_of_a_scan_is_right_and_none_that_is_sure_is_wrong(name: str) -> None:
    score = measure_scan(name, [3])
    assert score.cells > 150
    assert score.right >= 0.96 * score.cells
    assert score.sure >= 0.80 * score.cells
    assert score.wrong == 0, score.examples


def test_every_cell_of_a_scan_says_how_sure_it_is() -> None:
    (table,) = [block for block in scanned("skew").blocks if isinstance(block, Table)]
    assert all(cell.confidence is not None and 0 <= cell.confidence <= 1 for cell in table.cells)
    assert scanned("skew").recognised == {1}
    assert "OCR" in [note.code for note in scanned("skew").notes]


def test_a_page_on_its_head_is_read_upright() -> None:
    case = scan_case("upside-down", 3)
    document = read_bytes(case.printed.data, case.printed.name)
    readings = compare(case, confirmed(align(document)))
    same = [reading for reading in readings if reading.got.value is not None and reading.got.raw == reading.expected.raw]
    assert len(same) > 150
    assert "OCR_TURNED" in [note.code for note in document.notes]
    assert "OCR_TURNED" not in [note.code for note in scanned("skew").notes]


def test_the_same_picture_is_read_the_same_twice() -> None:
    printed = scan_case("skew", 3).printed
    assert read_bytes(printed.data, printed.name) == scanned("skew")


def picture(form: str, size: tuple[int, int] = (300, 200)) -> bytes:
    out = io.BytesIO()
    Image.new("L", size, 255).save(out, form)
    return out.getvalue()


@pytest.mark.parametrize("form", ["PNG", "JPEG", "TIFF", "BMP", "WEBP", "GIF"])
def test_a_blank_picture_of_any_form_holds_nothing(form: str) -> None:
    with pytest.raises(EmptyFile):
        read_bytes(picture(form), f"年报.{form.lower()}")


def claiming(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


def many_pages() -> bytes:
    return packed([np.full((50, 50), 255, np.uint8)] * (LIMITS.scan_pages + 1), SCANS["noise"])


REFUSED = {
    "a PNG of 900 megapixels": (claiming(30_000, 30_000), LimitExceeded, "像素"),
    "a PNG of one column": (claiming(1, 30_000), Damaged, "不是一页"),
    "a PNG cut short": (picture("PNG", (2_000, 2_000))[:-40], Damaged, "不完整"),
    "a JPEG cut short": (picture("JPEG")[:200], Damaged, "不完整"),
    "a TIFF of garbage": (b"II*\0" + bytes(range(200)), Damaged, "不完整"),
    "a TIFF of too many pages": (many_pages(), LimitExceeded, "页数"),
    "a WEBP of garbage": (b"RIFF\x40\0\0\0WEBPVP8 " + bytes(64), Damaged, "不完整"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_decoded_is_refused_with_its_reason(case: str) -> None:
    data, error, reason = REFUSED[case]
    with pytest.raises(error, match=reason) as caught:
        read_bytes(data, "年报.png")
    assert isinstance(caught.value, IntakeError)
    assert str(caught.value).startswith("年报.png：")


def test_without_the_extra_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr.engine, "is_installed", lambda: False)
    with pytest.raises(ToolMissing, match=r"hecha\[ocr\]") as caught:
        image.read(picture("PNG"), "年报.png")
    assert "Word" in str(caught.value)


def test_a_sheet_of_a4_is_known_by_its_shape() -> None:
    assert round(dots_per_inch((1_654, 2_339), (72, 72))) == 200
    assert dots_per_inch((3_000, 1_000), (300, 300)) == 300
    assert dots_per_inch((1_000, 400), None) == 110


FORKED = """
import os, signal, sys
import cv2, numpy
from reports_in.ocr import Scans

page = numpy.full((500, 400), 255, numpy.uint8)
cv2.setNumThreads(4)
for turn in range(3):
    cv2.GaussianBlur(numpy.full((3000, 2000, 3), 255, numpy.uint8), (9, 9), 0)  # in threads of this process
    child = os.fork()
    if child == 0:
        signal.alarm(200)
        Scans("scan.png").page(page, 1, 100)
        os._exit(0)
    if os.waitpid(child, 0)[1] != 0:
        sys.exit("the child was stopped")
    cv2.setNumThreads(4)
"""


def test_a_process_forked_from_one_that_used_threads_of_opencv_reads_a_scan() -> None:
    done = subprocess.run([sys.executable, "-c", FORKED], timeout=900, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
