"""Pages as pictures, compared with approved ones in ``approved/``.

When a page is changed on purpose: ``HECHA_APPROVE=1 pytest tests/audits/renderers/test_pages.py`` writes them anew; look at every one
and commit them by themselves. A failed comparison leaves what it got beside the approved one, as ``<name>.got.png``.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from audits.findings import Audit
from audits.renderers import pdf, summary
from audits.renderers.terms import Terms
from rules.examples import filing_of
from tests.audits.renderers.batches import UNREADABLE, batch, named, report

APPROVED = Path(__file__).parent / "approved"
DOTS = 42  # an inch: enough to see what moved, small enough to keep
TOLERANCE = 60  # of 255: antialiasing differs between versions of PDFium
DIFFERENT = 0.004  # of the page's dots that may differ by more
Make = Callable[..., Audit]


def pages(data: bytes) -> Iterator[Image.Image]:
    for page in pypdfium2.PdfDocument(data):
        yield page.render(scale=DOTS / 72).to_pil().convert("RGB")


def sheet(data: bytes, most: int = 3) -> Image.Image:
    """The first pages side by side."""
    shown = list(pages(data))[:most]
    whole = Image.new("RGB", (sum(page.width for page in shown), shown[0].height), "white")
    x = 0
    for page in shown:
        whole.paste(page, (x, 0))
        x += page.width
    return whole


def with_faults(audit_of: Make, _: Audit) -> bytes:
    return pdf.render(named(audit_of(5), "青禾县教育局"), Terms(issued=date(2024, 3, 1)))


def clean(audit_of: Make, _: Audit) -> bytes:
    return pdf.render(replace(named(audit_of(0), "青禾县民政局"), filing=filing_of({"edition": "E2019"})))


def long_names(audit_of: Make, _: Audit) -> bytes:
    return pdf.render(named(audit_of(12), "青禾县人民政府办公室（青禾县外事办公室、青禾县大数据管理局）" * 3))


def outside_the_editions(_: Make, old_report: Audit) -> bytes:
    return pdf.render(old_report)


def whole_batch(audit_of: Make, old_report: Audit) -> bytes:
    agencies = ("霁川市青禾县教育局", "霁川市云渡县司法局", "霁川市澜汀区财政局", "霁川市青禾县水务局", "霁川市档案局")
    reports = [report(named(audit_of(3 * index), agency, 2022 + index % 2)) for index, agency in enumerate(agencies)]
    out = io.BytesIO()
    summary.render(batch(*reports, report(old_report), UNREADABLE, missing=["霁川市云渡县水务局"]), out)
    return out.getvalue()


@pytest.mark.parametrize(
    "make", [with_faults, clean, long_names, outside_the_editions, whole_batch], ids=lambda make: make.__name__
)
def test_pages_look_as_approved(make: Callable[[Make, Audit], bytes], audit_of: Make, old_report: Audit) -> None:
    got = sheet(make(audit_of, old_report))
    path = APPROVED / f"{make.__name__}.png"
    if os.environ.get("HECHA_APPROVE"):
        got.quantize(64).save(path, optimize=True)
    approved = Image.open(path).convert("RGB")
    assert got.size == approved.size
    distance = np.abs(np.asarray(got, np.int16) - np.asarray(approved, np.int16)).max(axis=2)
    different = float((distance > TOLERANCE).mean())
    if different > DIFFERENT:
        got.save(path.with_suffix(".got.png"))
    assert different <= DIFFERENT


def test_the_comparison_sees_a_line_that_moved(audit_of: Make, old_report: Audit) -> None:
    page = next(pages(with_faults(audit_of, old_report)))
    moved = Image.new("RGB", page.size, "white")
    moved.paste(page.crop((0, 0, page.width, page.height - 2)), (0, 2))
    distance = np.abs(np.asarray(page, np.int16) - np.asarray(moved, np.int16)).max(axis=2)

    assert float((distance > TOLERANCE).mean()) > 3 * DIFFERENT


def test_severities_are_told_apart_in_grey(audit_of: Make, old_report: Audit) -> None:
    """The tiles' tints and the bars' fills differ by lightness, sign or hatching: here the fills of bars."""
    from audits.renderers.pdf_charts import SURE

    def lightness(colour: str) -> float:
        red, green, blue = map(float, colour.split())
        return 0.299 * red + 0.587 * green + 0.114 * blue

    greys = [lightness(shade.fill) for shade in SURE.values()]
    assert [second - first > 0.12 for first, second in pairwise(greys)] == [True, True]
